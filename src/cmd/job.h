/*
 * job - what the commands that work on an import file share: the file, the
 * state beside it, both servers, and the run over all mailboxes.
 */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "cmd/opt_common.h"
#include "fleet/run.h"

/* Options of check, migrate and verify. */
struct job_options {
    const char *file;
    struct opt_sides sides;
    struct opt_access access;
    struct opt_state state;
    struct opt_rows rows;
    struct opt_telling output;
    struct opt_load load;
};

/* Groups for a command whose options begin with a struct job_options. */
#define JOB_GROUP_SERVERS                                                      \
    {                                                                          \
        "Servers", opt_servers_rows, offsetof(struct job_options, sides)       \
    }
#define JOB_GROUP_ACCOUNTS                                                     \
    {                                                                          \
        "Accounts", opt_sides_rows, offsetof(struct job_options, sides)        \
    }
#define JOB_GROUP_ACCESS                                                       \
    {                                                                          \
        "Access", opt_access_rows, offsetof(struct job_options, access)        \
    }
#define JOB_GROUP_STATE                                                        \
    {                                                                          \
        "State", opt_state_rows, offsetof(struct job_options, state)           \
    }
#define JOB_GROUP_ROWS                                                         \
    {                                                                          \
        "Import file", opt_rows_rows, offsetof(struct job_options, rows)       \
    }
#define JOB_GROUP_OUTPUT                                                       \
    {                                                                          \
        "Output", opt_telling_rows, offsetof(struct job_options, output)       \
    }
#define JOB_GROUP_LOAD                                                         \
    {                                                                          \
        "Load", opt_load_rows, offsetof(struct job_options, load)              \
    }

struct job {
    const struct cmd_context *ctx;
    const struct job_options *options;
    struct import *import;
    struct store *store;
    char *state_path;
    struct connect *connect;
    struct blob_pool *pool;
    struct fleet_mailbox *mailboxes; /* one a row of the import, in order */
    struct engine_person *people;    /* likewise: who is who */
    struct hours *quiet;             /* of the source; or NULL */
};

/*
 * The first half of job_open(): are both servers named, and is the import
 * file in order?
 */
enum cmd_status job_read(struct job *job, const struct cmd_context *ctx,
                         const struct cmd *cmd,
                         const struct job_options *options);

/*
 * Read the import file, open the state for writing, find both servers, and
 * put every row's mailbox on record.  On failure prints why and returns the
 * exit status to end with; the job is to be closed in either case.
 */
enum cmd_status job_open(struct job *job, const struct cmd_context *ctx,
                         const struct cmd *cmd,
                         const struct job_options *options);
void job_close(struct job *job);

/* The run over all mailboxes, but for what the caller sets beyond. */
struct fleet_run job_run(const struct job *job, enum fleet_task task);

/* Run with the progress display of the options' style. */
enum cmd_status job_perform(struct job *job, struct fleet_run *run,
                            struct fleet_summary *ret);

#endif
