/*
 * progress - what a running migration looks like while it runs.
 *
 * On a terminal: an overall bar with rate, time left and throttled share, and
 * a line a running mailbox, repainted in place.  Elsewhere: a plain line when
 * a mailbox ends, and one now and then.  Notes and failures of items are told
 * together at the end, by their causes.  With --json: one object a line, for
 * each of them too.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hours.h"
#include "fleet/outlook.h"
#include "fleet/run.h"

enum progress_style {
    PROGRESS_TERMINAL,
    PROGRESS_PLAIN,
    PROGRESS_JSON,
    PROGRESS_NONE,
};

/* TERMINAL when out is one that can move its cursor, else PLAIN. */
enum progress_style progress_style_for(FILE *out, bool json);

/* Sums over all requests so far; and the source's quiet hours. */
struct progress_load {
    int64_t working_us, throttled_us;
    int64_t quiet_us;       /* so far */
    int64_t quiet_until_us; /* wall clock; 0: it is not quiet */
};

struct progress_config {
    enum progress_style style;
    FILE *out;                             /* borrowed */
    const struct fleet_mailbox *mailboxes; /* borrowed */
    size_t n;
    enum fleet_task task;
    bool verbose; /* tell each note as it comes; else together at the end */
    void (*load)(void *data, struct progress_load *ret); /* or NULL */
    void *load_data;
    const struct hours *quiet; /* of the source; or NULL */
};

/*
 * "quiet hours until Mon 18:00:00 CET: nothing is begun there before": what is
 * said of the source in them.  The caller frees.
 */
char *progress_quiet_text(const struct hours *quiet,
                          int64_t until_us) G_GNUC_MALLOC;
/* The same as a JSON object; until_us 0: they are over. */
void progress_quiet_json(FILE *out, const struct hours *quiet,
                         int64_t until_us);

struct progress;

/* Starts the painter's thread. */
struct progress *progress_new(const struct progress_config *config);

/* To be handed to fleet_run(); valid until progress_free(). */
const struct fleet_listener *progress_listener(struct progress *p);

/* How the mailboxes stand; ret: room for each of them. */
void progress_stand(struct progress *p, struct outlook_mailbox *ret);
/* When they will be done, to be shown; basis NULL: no saying. */
void progress_foresee(struct progress *p, const struct forecast_span *span,
                      const char *basis);

/* Paint a last time, tell what was kept for the end, stop the painter, free. */
void progress_free(struct progress *p);

#endif
