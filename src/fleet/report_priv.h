/*
 * report_priv - the facts of a report, gathered once for all its files.
 */
#ifndef FLEET_REPORT_PRIV_H
#define FLEET_REPORT_PRIV_H

#include "fleet/report.h"
#include "fleet/tally.h"

/* One side of a mailbox, over all its passes. */
struct report_side {
    uint64_t requests, busy;
    int64_t working_us, throttled_us, waiting_us;
};

struct report_mailbox {
    struct store_mailbox *mailbox; /* owned */
    struct store_counts counts;
    struct report_side source, destination;
    int64_t begun_us, ended_us; /* first pass, last pass; 0: none */
    uint64_t bytes_copied;
    uint64_t doubles, settled, updated, marked, moved, removed;
    uint64_t adopted, unlike;
    char *verified_how; /* kind of the last whole verify pass; or NULL */
    int64_t verified_us;
    GPtrArray *folders;    /* of struct store_folder *, owned */
    GArray *folder_counts; /* of struct store_folder_counts */
    GArray *left_behind;   /* of struct report_hidden, by class */
    GPtrArray *settings;   /* of struct store_setting *, owned; notes too */
    GArray *tallies;       /* of struct tally */
};

/* Hidden items of one class that are not for copying. */
struct report_hidden {
    char *item_class; /* "": it had none */
    uint64_t n;
};
int report_gather_hidden(struct store *s, struct report_mailbox *m,
                         struct err *err);

struct report {
    struct store *store; /* borrowed */
    struct store_migration migration;
    int64_t made_us;
    GPtrArray *mailboxes;            /* of struct report_mailbox *, owned */
    struct store_forecast *forecast; /* of it all, owned; NULL: none holds */
};

int report_gather(struct store *s, struct report *ret, struct err *err);
void report_clear(struct report *r);

/*
 * Call each() for every item that needs a person: FAILED, CONFLICT, or with
 * a verdict of missing or different.
 */
typedef int report_each(void *data, const struct report_mailbox *m,
                        const char *folder_path, const struct store_item *item,
                        struct err *err);
int report_failures(const struct report *r, const struct report_mailbox *m,
                    report_each *each, void *data, struct err *err);

/* The same for every item of which the destination did not keep all. */
int report_losses(const struct report *r, const struct report_mailbox *m,
                  report_each *each, void *data, struct err *err);

/* Items of others in folders that we copied into, as the last look saw. */
uint64_t report_foreign(const struct report_mailbox *m);

/* A line that is no setting: what a copying pass had to say. */
bool report_is_note(const struct store_setting *line);
/* Another: what a flag of the import file leaves behind. */
bool report_is_left_out(const struct store_setting *line);

/* Cause and remedy of such an item in plain words; borrowed or static. */
const char *report_cause(const struct store_item *item);
const char *report_remedy(const struct store_item *item);

/* MB (10^6 bytes) an hour of working time; 0 where there was none. */
double report_mb_per_hour(uint64_t bytes, int64_t working_us);

/* Sums over the states that a reader tells apart. */
struct report_kind {
    uint64_t copied, copied_bytes, failed, failed_bytes, waiting, left_out,
        already_there;
};
void report_kind_counts(const struct store_counts *c, enum item_kind kind,
                        struct report_kind *ret);
void report_all_counts(const struct store_counts *c, struct report_kind *ret);

/* Each: text of one file, to be freed by the caller; NULL on error. */
char *report_statistics(const struct report *r);
char *report_failure_list(const struct report *r, struct err *err);
char *report_loss_list(const struct report *r, struct err *err);
/* x500.csv: the old organisation's names and whose they are now. */
char *report_x500(const struct report *r, struct err *err);
char *report_permissions(const struct report *r);
char *report_settings(const struct report *r);
char *report_verification(const struct report *r, struct err *err);
char *report_html(const struct report *r, struct err *err);
/* Of trials: a table of the page; the caller's reference, NULL on error. */
int report_trials_html(const struct report *r, GString *out, struct err *err);
struct json_t;
struct json_t *report_trials_json(const struct report *r, struct err *err);

#endif
