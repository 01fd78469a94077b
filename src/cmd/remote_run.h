/*
 * remote_run - an import file handed to a service, which works on its
 * mailboxes; and this process, which looks on.
 */
#ifndef CMD_REMOTE_RUN_H
#define CMD_REMOTE_RUN_H

#include "cmd/remote_follow.h"
#include "cmd/wave.h"

/* Of who wants to know more than what every pass tells; each may be NULL. */
struct remote_watch {
    void *data;
    /* In place of the display of progress: so many mailboxes have ended. */
    void (*ended)(void *data, size_t n_ended, size_t n);
    /* All have, and nobody has interrupted: more may be asked for. */
    int (*read)(void *data, struct remote *r, int64_t migration_id,
                struct err *err);
};

/* All borrowed. */
struct remote_wish {
    const struct cmd *cmd;
    const struct wave_options *wave;
    const struct opt_remote *where;
    enum fleet_task task;
    /*
     * One of the two, the other NULL: of the migration from now on, or of this
     * pass alone.
     */
    const json_t *options, *pass_options;
    bool settings; /* the pass carries settings over */
    int64_t patience_us;
    const struct remote_watch *watch; /* or NULL */
};

struct remote_outcome {
    int64_t id;               /* of the migration; 0: there is none */
    struct fleet_summary sum; /* as of a run here */
    uint64_t verdicts[VERIFY_N];
};

/*
 * Make a migration of the file, or take the one on record; start a pass over
 * it, and follow that to its end.  Prints what went wrong, and returns the
 * exit status; *ret is always filled.
 */
enum cmd_status remote_run(const struct cmd_context *ctx,
                           const struct remote_wish *wish,
                           struct remote_outcome *ret);

/* ---- a pass with options of its own (remote_once.c) ---------------------- */

/*
 * remote_run() with the options of this command line (`line`, of the wish's
 * command) for this pass alone, and with those of `more` (taken; or NULL),
 * whatever the migration's own passes do.  The wish leaves open the options
 * and how long a service is waited for.
 */
enum cmd_status remote_run_once(const struct cmd_context *ctx,
                                const struct remote_wish *wish,
                                const void *line, json_t *more,
                                struct remote_outcome *ret);

/*
 * Options of a struct wave_options that are told apart, or are for this side:
 * see opt_json().
 */
extern const char *const remote_not_told[];

/* ---- what is said of it -------------------------------------------------- */

/* "migration 3 of the service; reports: ..." */
void remote_print_where(const struct cmd_context *ctx,
                        const struct remote_wish *wish,
                        const struct remote_outcome *outcome,
                        enum cmd_status status);

/* ---- looking on (remote_show.c) ------------------------------------------ */

/* remote_follow(), shown as the wish has it; the pass is all but a listener. */
int remote_show(const struct cmd_context *ctx, const struct remote_wish *wish,
                const struct remote_pass *pass, struct fleet_summary *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- how a side is reached (remote_side.c) ------------------------------- */

/*
 * Of a body of POST /migrations; asks for passwords.  What is not given is not
 * in it; *ret is the caller's, also after -1.
 */
int remote_side_read(const struct cmd_context *ctx,
                     const struct wave_options *wave, enum import_side side,
                     json_t **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
