/*
 * left_out - what the flags of a mailbox's row leave behind of what is there.
 *
 * Each flag that has an effect is told, by check and by every run that copies,
 * and is a line in the store (STORE_LEFT_OUT) for the reports.
 */
#ifndef FLEET_LEFT_OUT_H
#define FLEET_LEFT_OUT_H

#include "fleet/run.h"

/* A flag each. */
#define LEFT_OUT_MAX 8

struct left_out {
    const char *flag; /* "DoNotMigrateTask"; static */
    char what[24];    /* one of those: "task item", "inbox rule" */
    bool counted;     /* else the server does not tell how many */
    uint64_t n, bytes;
};

/* All at once; as many as there are flags with an effect. */
struct left_outs {
    struct left_out all[LEFT_OUT_MAX];
    size_t n;
};

/*
 * By what a check has seen and the ledger has: what an earlier run copied is
 * not left behind.
 */
void left_out_of_check(const struct fleet_mailbox *m,
                       const struct engine_check *check,
                       const struct store_counts *counts,
                       struct left_outs *ret);

/*
 * By the ledger after a pass has listed everything.  The rules of the inbox,
 * where they are left out, are asked of the source (open, or they are not
 * counted).
 */
void left_out_of_ledger(const struct fleet_mailbox *m,
                        const struct store_counts *counts,
                        struct endpoint *source, struct left_outs *ret);

/* A warning for each. */
void left_out_find(const struct left_outs *l, struct engine_check *check);

/* In place of what an earlier pass said. */
int left_out_record(const struct left_outs *l, struct store *s,
                    const struct store_lease *lease, int64_t pass_id,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "DoNotMigrateTask leaves task items behind"; the caller frees. */
char *left_out_about(const struct left_out *one);
/* "DoNotMigrateTask leaves 12 task items behind, 40 KB"; the caller frees. */
char *left_out_text(const struct left_out *one);

#endif
