#include "cmd/wave.h"

#include <string.h>

#include "base/timestamp.h"
#include "cmd/descriptors.h"
#include "cmd/foresee.h"
#include "cmd/import_print.h"
#include "fleet/flags.h"

/* What all payloads together may keep in memory; see ARCHITECTURE.md. */
#define PAYLOAD_MEMORY_MAX (128u * 1024 * 1024)

static enum import_admin admin_of(const struct opt_side *side)
{
    return opt_side_has_admin(side) ? IMPORT_ADMIN_GIVEN : IMPORT_ADMIN_NONE;
}

/*
 * Host and port of an address as people write it, which may lack the scheme;
 * NULL when it is none: finding the server will say so better.
 */
static char *server_of(const char *url)
{
    char *server = NULL;
    struct err ignored;

    return opt_server(url, &server, &ignored) < 0 ? NULL : server;
}

static enum cmd_status faulty(const struct wave *wave)
{
    struct err err;

    if (wave->import->rows->len == 0) {
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "import file \"%s\" has no row that can be used",
                wave->options->file);
        return cmd_give_up(wave->ctx, &err);
    }
    err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "import file \"%s\" has faulty rows; nothing was started",
            wave->options->file);
    err_remedy(&err, "mend the rows, or add --skip-bad-rows to go on with the "
                     "good ones");
    return cmd_give_up(wave->ctx, &err);
}

static enum cmd_status read_import(struct wave *wave)
{
    const struct wave_options *o = wave->options;
    g_autofree char *source = server_of(o->sides.source.url);
    g_autofree char *destination = server_of(o->sides.destination.url);
    struct import_context known = {
        .sides = {
            [IMPORT_SOURCE] = { source, admin_of(&o->sides.source) },
            [IMPORT_DESTINATION] = { destination,
                                     admin_of(&o->sides.destination) },
        },
    };
    struct err err;

    if (import_read_file(o->file, &known, &wave->import, &err) < 0)
        return cmd_give_up(wave->ctx, &err);
    import_print_faults(wave->ctx->err, o->file, wave->import);
    if (wave->import->rows->len == 0 ||
        (wave->import->n_errors > 0 && !o->rows.skip_bad))
        return faulty(wave);
    return CMD_OK;
}

static int set_migration(struct wave *wave, struct err *err)
{
    g_autofree char *source =
        g_strdup(connect_url(wave->connect, IMPORT_SOURCE));
    g_autofree char *destination =
        g_strdup(connect_url(wave->connect, IMPORT_DESTINATION));
    struct store_migration m = { .source_url = source,
                                 .destination_url = destination };

    return store_migration_set(wave->store, &m, err);
}

static int add_mailboxes(struct wave *wave, struct err *err)
{
    const GPtrArray *rows = wave->import->rows;

    wave->mailboxes = g_new0(struct fleet_mailbox, rows->len);
    wave->people = g_new0(struct engine_person, rows->len);
    for (guint i = 0; i < rows->len; i++) {
        const struct import_row *row = g_ptr_array_index(rows, i);
        struct fleet_mailbox *m = &wave->mailboxes[i];

        m->source_address = row->sides[IMPORT_SOURCE].address;
        m->destination_address = row->sides[IMPORT_DESTINATION].address;
        m->skip_kinds = flags_skip_kinds(row->flags);
        m->no_search = (row->flags & FLAG_NO_DESTINATION_SEARCH) != 0;
        m->keep_failed = (row->flags & FLAG_NO_RETRY) != 0;
        m->skip_settings =
            (row->flags & FLAG_NO_RULE) != 0 ? SETTINGS_RULES : 0;
        wave->people[i] =
            (struct engine_person){ m->source_address, m->destination_address };
        if (store_mailbox_add(wave->store, m->source_address,
                              m->destination_address, row->line, &m->id,
                              err) < 0)
            return -1;
    }
    return 0;
}

static enum cmd_status check_access(const struct wave *wave,
                                    const struct cmd *cmd)
{
    const struct opt_sides *sides = &wave->options->sides;
    const struct opt_side *each[] = { &sides->source, &sides->destination };

    for (size_t i = 0; i < G_N_ELEMENTS(each); i++) {
        const char *problem = opt_side_problem(each[i]);

        if (problem != NULL)
            return cmd_usage(wave->ctx, cmd, "%s: %s",
                             import_side_name((enum import_side)i), problem);
    }
    return CMD_OK;
}

static enum cmd_status check_sides(const struct wave *wave,
                                   const struct cmd *cmd)
{
    if (wave->options->sides.source.url == NULL)
        return cmd_usage(wave->ctx, cmd,
                         "--source is needed: the OWA address "
                         "of the provider to move from");
    if (wave->options->sides.destination.url == NULL)
        return cmd_usage(wave->ctx, cmd,
                         "--destination is needed: the OWA "
                         "address of the provider to move to");
    return check_access(wave, cmd);
}

/* Whoever set the wall clock is heard of so soon. */
#define QUIET_LOOK_US (10 * TIMESTAMP_SECOND)

static void tell_quiet(const struct wave *wave, int64_t until_us)
{
    const struct cmd_context *ctx = wave->ctx;
    g_autofree char *text = NULL;

    if (wave->options->output.json) {
        progress_quiet_json(ctx->out, wave->quiet, until_us);
        return;
    }
    text = until_us != 0 ? progress_quiet_text(wave->quiet, until_us)
                         : g_strdup("quiet hours are over");
    fprintf(ctx->err, "source: %s\n", text);
}

/* Even what finds the server is a request to it. */
static int wait_for_quiet(const struct wave *wave, struct err *err)
{
    int64_t told_us = 0, now_us = timestamp_now();

    while (hours_hold(wave->quiet, now_us)) {
        int64_t until_us = hours_change(wave->quiet, now_us);

        if (until_us != told_us)
            tell_quiet(wave, until_us);
        told_us = until_us;
        if (cancel_sleep(wave->ctx->cancel,
                         MIN(until_us - now_us, QUIET_LOOK_US), CANCEL_DRAIN)) {
            err_set(err, ERR_RUN, ERR_RETRY_NOW, 0,
                    "stopped in the source's quiet hours");
            return -1;
        }
        now_us = timestamp_now();
    }
    if (told_us != 0)
        tell_quiet(wave, 0);
    return 0;
}

/* On record for who asks from another terminal; none takes an old one away. */
static int heed_quiet_hours(struct wave *wave, struct err *err)
{
    const char *text = wave->options->load.quiet_hours;
    g_autofree char *before = NULL;

    if (store_migration_quiet(wave->store, &before, err) < 0)
        return -1;
    if (g_strcmp0(before, text) != 0 &&
        store_migration_set_quiet(wave->store, text, err) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (hours_parse(text, &wave->quiet, err) < 0)
        return -1;
    return wait_for_quiet(wave, err);
}

static int open_rest(struct wave *wave, struct err *err)
{
    const struct wave_options *o = wave->options;
    struct connect_config connect = {
        .sides = &o->sides,
        .access = &o->access,
        .load = &o->load,
        .import = wave->import,
        .cancel = wave->ctx->cancel,
    };

    if (descriptors_raise(MIN(o->load.mailboxes, wave->import->rows->len),
                          o->load.lanes, err) < 0)
        return -1;
    /* Then the lock: a second run must not even ask the servers. */
    if (store_open_sqlite(wave->state_path, STORE_WRITE, &wave->store, err) <
            0 ||
        heed_quiet_hours(wave, err) < 0)
        return -1;
    connect.quiet = wave->quiet;
    if (connect_open(&connect, &wave->connect, err) < 0 ||
        set_migration(wave, err) < 0)
        return -1;
    wave->pool = blob_pool_new(PAYLOAD_MEMORY_MAX, NULL);
    return add_mailboxes(wave, err);
}

enum cmd_status wave_read(struct wave *wave, const struct cmd_context *ctx,
                          const struct cmd *cmd,
                          const struct wave_options *options)
{
    enum cmd_status status;

    *wave = (struct wave){ .ctx = ctx, .options = options };
    status = check_sides(wave, cmd);
    return status != CMD_OK ? status : read_import(wave);
}

enum cmd_status wave_open(struct wave *wave, const struct cmd_context *ctx,
                          const struct cmd *cmd,
                          const struct wave_options *options)
{
    enum cmd_status status = wave_read(wave, ctx, cmd, options);
    struct err err;

    if (status != CMD_OK)
        return status;
    wave->state_path = opt_state_path(&options->state, options->file);
    if (open_rest(wave, &err) < 0)
        return cmd_fail(ctx,
                        cancel_level(ctx->cancel) != CANCEL_NONE
                            ? CMD_INTERRUPTED
                            : CMD_NOTHING_DONE,
                        &err);
    return CMD_OK;
}

void wave_close(struct wave *wave)
{
    connect_free(wave->connect);
    blob_pool_free(wave->pool);
    store_free(wave->store);
    g_free(wave->mailboxes);
    g_free(wave->people);
    g_free(wave->state_path);
    import_free(wave->import);
    hours_free(wave->quiet);
}

struct fleet_run wave_run(const struct wave *wave, enum fleet_task task)
{
    return (struct fleet_run){
        .store = wave->store,
        .pool = wave->pool,
        .cancel = wave->ctx->cancel,
        .mailboxes = wave->mailboxes,
        .n = wave->import->rows->len,
        .at_once = wave->options->load.mailboxes,
        .task = task,
        .settings = { .people = wave->people,
                      .n_people = wave->import->rows->len },
        /* The state file's lock says that no other writer is alive. */
        .options = { .lanes = wave->options->load.lanes,
                     .request_max_bytes = wave->options->load.request_max_bytes,
                     .alone = true },
        .opener = connect_mailbox,
        .another = connect_another,
        .opener_data = wave->connect,
    };
}

/* A trial or a dry run tells nothing of when the mailboxes will be moved. */
static bool foresees(const struct fleet_run *run)
{
    return run->task == FLEET_MIGRATE && !run->options.dry_run &&
           run->options.pass == ENGINE_PASS_FULL;
}

static bool is_whole(const struct fleet_summary *sum)
{
    return sum->ends[FLEET_INTERRUPTED] + sum->ends[FLEET_NOT_STARTED] == 0;
}

enum cmd_status wave_perform(struct wave *wave, struct fleet_run *run,
                             struct fleet_summary *ret)
{
    /* Objects go where results go; a picture goes where a person looks. */
    FILE *out = wave->options->output.json ? wave->ctx->out : wave->ctx->err;
    struct progress_config config = {
        .style = progress_style_for(out, wave->options->output.json),
        .out = out,
        .mailboxes = wave->mailboxes,
        .n = run->n,
        .task = run->task,
        .verbose = wave->options->output.verbose,
        .load = connect_load,
        .load_data = wave->connect,
        .quiet = wave->quiet,
    };
    struct progress *progress = progress_new(&config);
    struct foresee *foresee = NULL;
    struct err err;
    int status;

    run->listener = progress_listener(progress);
    if (foresees(run))
        foresee = foresee_start(&(struct foresee_config){
            .store = wave->store,
            .progress = progress,
            .n = run->n,
            .at_once = run->at_once,
            .quiet = wave->quiet,
        });
    status = fleet_run(run, ret, &err);
    foresee_stop(foresee, status == 0 && is_whole(ret));
    progress_free(progress);
    if (status < 0)
        return cmd_give_up(wave->ctx, &err);
    return (enum cmd_status)fleet_exit_status(ret);
}
