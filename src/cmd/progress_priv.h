/*
 * progress_priv - the picture that listeners write and painters read.
 */
#ifndef CMD_PROGRESS_PRIV_H
#define CMD_PROGRESS_PRIV_H

#include <pthread.h>

#include "cmd/progress.h"

/* One mailbox in the picture. */
struct progress_row {
    enum mailbox_state state;
    bool running, ended, changed;
    enum fleet_end end;
    uint64_t listed, copied, failed, verified, settings;
    uint64_t there; /* were at the destination before us */
    uint64_t followed, conflicts;
    uint64_t listed_bytes, copied_bytes;
    char *reason; /* of its state; or NULL */
    char *note;   /* the last thing worth a person's attention; or NULL */
};

struct progress {
    struct progress_config config;
    struct fleet_listener listener;
    pthread_t painter;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    bool stopping;
    struct progress_row *rows;
    size_t n_ended;
    int64_t begun_us;       /* monotonic */
    int64_t last_line_us;   /* PLAIN: of the last overall line */
    GPtrArray *groups;      /* see progress_groups.c; NULL: none yet */
    GHashTable *grouped;    /* mailbox and group */
    unsigned int painted;   /* TERMINAL: lines that the cursor stands below */
    int64_t quiet_until_us; /* as it was told; 0: told that it is over */
    struct forecast_span foreseen; /* where basis is not NULL */
    char *basis;
};

/* Sums over all rows. */
struct progress_totals {
    uint64_t listed, copied, there, failed, verified, copied_bytes;
    size_t running, ended;
    double items_per_s, bytes_per_s;
    int64_t left_us;        /* TIMESTAMP_NONE: no saying yet */
    double throttled_share; /* of all time spent on requests; 0..1 */
    int64_t quiet_until_us; /* wall clock; 0: it is not quiet */
};
void progress_totals(const struct progress *p, int64_t now_us,
                     struct progress_totals *ret);

const char *progress_name(const struct progress *p, size_t index);

/* All called with the lock held. */
void progress_terminal_paint(struct progress *p, int64_t now_us);
void progress_terminal_line(struct progress *p, const char *text);
/* "forecast: about ..."; NULL: no saying.  The caller frees. */
char *progress_forecast_text(const struct progress *p);
void progress_json_forecast(struct progress *p);
void progress_json_state(struct progress *p, size_t index);
void progress_json_changed(struct progress *p, int64_t now_us);
void progress_json_end(struct progress *p, size_t index, const struct err *why);
void progress_json_note(struct progress *p, size_t index, const char *what,
                        const struct engine_event *event);
void progress_json_trial(struct progress *p, size_t index,
                         const struct engine_event *event);

/* One more of what text says, n items of that mailbox. */
void progress_groups_add(struct progress *p, size_t index, const char *text,
                         uint64_t n, bool wants_a_person);
void progress_groups_print(struct progress *p);
void progress_groups_release(struct progress *p);

/* "1,234": for people.  The caller frees. */
char *progress_number(uint64_t n);

#endif
