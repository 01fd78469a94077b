/*
 * relay - what happens in any process that has the database open, for those
 * who watch at this one.
 *
 * What is posted goes to this process's sink at once, and to the sinks of the
 * others within half a second where the database is shared (store/news.h): of
 * what waits the latest of each kind and subject, so data says how things
 * stand and never what was added.  A database that is away is waited for;
 * what cannot be kept meanwhile is told the others as missed.
 *
 * Any thread.
 */
#ifndef WEB_RELAY_H
#define WEB_RELAY_H

#include "base/log.h"
#include "store/news.h"

/* Borrowed. */
struct relay_note {
    const char *kind; /* "job", "mailbox", "progress", "migration", "audit" */
    const char *subject;  /* which: "12" */
    int64_t migration_id; /* whose account may hear it; 0: operators alone */
    const char *data;     /* JSON */
};

/* Both from any thread. */
struct relay_sink {
    void (*post)(void *data, const struct relay_note *note); /* kind: static */
    void (*missed)(void *data); /* something may have been, elsewhere */
    void *data;
};

struct relay;

/* All borrowed.  sink NULL: nobody watches here. */
struct relay *relay_new(struct database *d, struct log *log,
                        const struct relay_sink *sink);
/* What still waits is sent, should the database take it at once. */
void relay_free(struct relay *r);

void relay_post(struct relay *r, const struct relay_note *note);

/*
 * The same in two: to this process's sink alone, and what the others are to
 * hear by struct jobs_end.news; NULL: there are none.  The caller frees.
 */
void relay_post_here(struct relay *r, const struct relay_note *note);
char *relay_text(const struct relay *r, const struct relay_note *note);

/* ---- as it travels, for tests ------------------------------------------- */

/*
 * Texts of up to NEWS_BYTES_MAX for notes in that order, from the process that
 * is called `from`; missed: begin with that.  NULL-terminated; of g_strfreev().
 */
char **relay_pack(const char *from, const struct relay_note *const *notes,
                  size_t n, bool missed);
/* One of them into the sink, unless it is from `self`. */
void relay_unpack(const char *self, const char *text,
                  const struct relay_sink *sink);

#endif
