/*
 * migration_work - what the actions of "mailferry migration" share, and those
 * that make a migration or change it.
 */
#ifndef CMD_MIGRATION_WORK_H
#define CMD_MIGRATION_WORK_H

#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "store/migrations.h"

struct migration_options {
    int action; /* enum action */
    const char *target, *config, *name, *json, *pass;
    struct opt_sides sides;
    const char *password_files[MIGRATION_N_SIDES];
    struct opt_proxy proxy;
    const char *hours;
    unsigned int mailbox, priority, most;
    bool most_given;
    bool skip_bad;
};

/* What an action works with. */
struct migration_work {
    const struct cmd_context *ctx;
    const struct migration_options *o;
    struct migrations *m;
    int64_t id; /* of the migration; 0: none is named */
};

/* Prints why; the status to end with. */
enum cmd_status migration_work_fail(const struct migration_work *w,
                                    const struct err *err);

enum cmd_status migration_work_add(struct migration_work *w);
enum cmd_status migration_work_change(struct migration_work *w);

#endif
