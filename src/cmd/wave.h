/*
 * wave - the mailboxes that an import file names, worked on together: what the
 * commands that do so share.  The file, the state beside it, both servers, and
 * the run over all mailboxes.
 */
#ifndef CMD_WAVE_H
#define CMD_WAVE_H

#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "cmd/opt_common.h"
#include "fleet/run.h"

/* Options of check, migrate and verify. */
struct wave_options {
    const char *file;
    struct opt_sides sides;
    struct opt_access access;
    struct opt_state state;
    struct opt_rows rows;
    struct opt_telling output;
    struct opt_load load;
};

/* Groups for a command whose options begin with a struct wave_options. */
#define WAVE_GROUP_SERVERS                                                     \
    {                                                                          \
        "Servers", opt_servers_rows, offsetof(struct wave_options, sides)      \
    }
#define WAVE_GROUP_ACCOUNTS                                                    \
    {                                                                          \
        "Accounts", opt_sides_rows, offsetof(struct wave_options, sides)       \
    }
#define WAVE_GROUP_ACCESS                                                      \
    {                                                                          \
        "Access", opt_access_rows, offsetof(struct wave_options, access)       \
    }
#define WAVE_GROUP_STATE                                                       \
    {                                                                          \
        "State", opt_state_rows, offsetof(struct wave_options, state)          \
    }
#define WAVE_GROUP_ROWS                                                        \
    {                                                                          \
        "Import file", opt_rows_rows, offsetof(struct wave_options, rows)      \
    }
#define WAVE_GROUP_OUTPUT                                                      \
    {                                                                          \
        "Output", opt_telling_rows, offsetof(struct wave_options, output)      \
    }
#define WAVE_GROUP_LOAD                                                        \
    {                                                                          \
        "Load", opt_load_rows, offsetof(struct wave_options, load)             \
    }

struct wave {
    const struct cmd_context *ctx;
    const struct wave_options *options;
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
 * The first half of wave_open(): are both servers named, and is the import
 * file in order?
 */
enum cmd_status wave_read(struct wave *wave, const struct cmd_context *ctx,
                          const struct cmd *cmd,
                          const struct wave_options *options);

/*
 * Read the import file, open the state for writing, find both servers, and
 * put every row's mailbox on record.  On failure prints why and returns the
 * exit status to end with; the wave is to be closed in either case.
 */
enum cmd_status wave_open(struct wave *wave, const struct cmd_context *ctx,
                          const struct cmd *cmd,
                          const struct wave_options *options);
void wave_close(struct wave *wave);

/* The run over all mailboxes, but for what the caller sets beyond. */
struct fleet_run wave_run(const struct wave *wave, enum fleet_task task);

/* Run with the progress display of the options' style. */
enum cmd_status wave_perform(struct wave *wave, struct fleet_run *run,
                             struct fleet_summary *ret);

#endif
