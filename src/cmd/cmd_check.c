#include <pthread.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "cmd/check_result.h"
#include "cmd/cmd.h"
#include "cmd/connect.h"
#include "cmd/remote_check.h"
#include "cmd/remote_run.h"
#include "cmd/wave.h"

struct check_options {
    struct wave_options wave; /* first: the shared groups are relative to it */
    bool folders, by_item;
    struct opt_trees trees;
    struct opt_remote remote;
};

#define O(field) offsetof(struct check_options, field)
static const struct opt rows[] = {
    { .long_name = "by-item",
      .type = OPT_FLAG,
      .offset = O(by_item),
      .help = "count each item by its own class, not by its folder's: takes a "
              "request more for each 512 items" },
    { .long_name = "folders",
      .type = OPT_FLAG,
      .offset = O(folders),
      .help = "list every folder with its items and size, and every item that "
              "is too large" },
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    WAVE_GROUP_SERVERS,
    WAVE_GROUP_ACCOUNTS,
    WAVE_GROUP_ACCESS,
    WAVE_GROUP_ROWS,
    WAVE_GROUP_LOAD,
    WAVE_GROUP_STATE,
    WAVE_GROUP_OUTPUT,
    { "Looking", rows, 0 },
    { "Beside the mailbox", opt_trees_rows, O(trees) },
    { "Through a service", opt_remote_rows, O(remote) },
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(wave.file), true,
      "the import file: see \"mailferry template\"", NULL },
    { NULL },
};
#undef O

/* What the listener collects. */
struct collector {
    const struct wave *wave;
    struct check_results *results;
    pthread_mutex_t lock; /* guards n_ended, and what is printed */
    size_t n_ended;
};

static void show_progress(FILE *err, size_t n_ended, size_t n)
{
    if (isatty(fileno(err)) == 0)
        return;
    fprintf(err, "\r%zu of %zu mailboxes checked\033[K", n_ended, n);
    if (n_ended == n)
        fputs("\r\033[K", err);
    fflush(err);
}

static void ended(void *data, size_t index, enum fleet_end end,
                  struct engine_check *check, const struct err *why)
{
    struct collector *c = data;
    struct check_result *one = &c->results->all[index];

    one->end = end;
    if (check != NULL) {
        one->check = *check;
        *check = (struct engine_check){ 0 };
    }
    if (why != NULL)
        one->why = *why;
    pthread_mutex_lock(&c->lock);
    c->n_ended++;
    if (c->wave->options->output.json && end != FLEET_INTERRUPTED) {
        check_print_json(c->wave->ctx->out, one);
        fflush(c->wave->ctx->out);
    }
    if (!c->wave->options->output.json)
        show_progress(c->wave->ctx->err, c->n_ended, c->results->n);
    pthread_mutex_unlock(&c->lock);
    /* Thousands of mailboxes have millions of folders. */
    if (!c->results->folders && one->check.folders != NULL)
        g_ptr_array_set_size(one->check.folders, 0);
}

static void results_init(struct check_results *r, const struct wave *wave,
                         const struct check_options *o)
{
    *r = (struct check_results){
        .n = wave->import->rows->len,
        .at_once = o->wave.load.mailboxes,
        .folders = o->folders,
        .verbose = o->wave.output.verbose,
    };
    r->all = g_new0(struct check_result, r->n + 1);
    for (size_t i = 0; i < r->n; i++)
        r->all[i].mailbox = &wave->mailboxes[i];
}

static void results_clear(struct check_results *r)
{
    for (size_t i = 0; i < r->n; i++)
        engine_check_clear(&r->all[i].check);
    outlook_clear(&r->outlook);
    g_free(r->all);
}

static enum cmd_status look(struct wave *wave, const struct check_options *o,
                            struct check_results *results)
{
    struct collector c = {
        .wave = wave,
        .results = results,
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    struct fleet_listener listener = { .data = &c, .ended = ended };
    struct fleet_run run = wave_run(wave, FLEET_CHECK);
    struct fleet_summary sum = { 0 };
    int64_t began;
    struct err err;

    run.listener = &listener;
    run.check_by_item = o->by_item;
    opt_trees_set(&o->trees, &run.options.filter);
    began = timestamp_monotonic();
    if (fleet_run(&run, &sum, &err) < 0)
        return cmd_give_up(wave->ctx, &err);
    results->took_us = timestamp_monotonic() - began;
    if (check_foresee(results, wave->store, wave->quiet, &err) < 0)
        return cmd_give_up(wave->ctx, &err);
    if (o->wave.output.json)
        check_print_json_summary(wave->ctx->out, results);
    else
        check_print(wave->ctx->out, results);
    return (enum cmd_status)fleet_exit_status(&sum);
}

/* ---- through a service --------------------------------------------------- */

struct there {
    const struct cmd_context *ctx;
    bool json;
    struct remote_checks checks;
};

static void ended_there(void *data, size_t n_ended, size_t n)
{
    const struct there *t = data;

    if (!t->json)
        show_progress(t->ctx->err, n_ended, n);
}

static int read_there(void *data, struct remote *r, int64_t migration_id,
                      struct err *err)
{
    struct there *t = data;

    return remote_checks_read(r, migration_id, &t->checks, err);
}

static void print_there(const struct there *t)
{
    const struct check_results *r = &t->checks.results;

    if (!t->json) {
        check_print(t->ctx->out, r);
        return;
    }
    for (size_t i = 0; i < r->n; i++)
        if (r->all[i].end != FLEET_NOT_STARTED)
            check_print_json(t->ctx->out, &r->all[i]);
    check_print_json_summary(t->ctx->out, r);
}

static enum cmd_status run_there(const struct cmd_context *ctx,
                                 const struct check_options *o)
{
    struct there t = { .ctx = ctx,
                       .json = o->wave.output.json,
                       .checks.results = { .folders = o->folders,
                                           .verbose =
                                               o->wave.output.verbose } };
    const struct remote_watch watch = { &t, ended_there, read_there };
    const struct remote_wish wish = { .cmd = &cmd_check,
                                      .wave = &o->wave,
                                      .where = &o->remote,
                                      .task = FLEET_CHECK,
                                      .watch = &watch };
    int64_t began = timestamp_monotonic();
    struct remote_outcome outcome;
    enum cmd_status status = remote_run_once(ctx, &wish, o, NULL, &outcome);

    t.checks.results.took_us = timestamp_monotonic() - began;
    if (t.checks.results.at_once > 0)
        print_there(&t);
    if (outcome.id != 0 && !t.json)
        remote_print_where(ctx, &wish, &outcome, status);
    remote_checks_clear(&t.checks);
    return status;
}

static void tell_ways(struct check_results *r, const struct connect *c)
{
    r->ways_known = true;
    r->source_proxy = connect_proxy(c, IMPORT_SOURCE);
    r->destination_proxy = connect_proxy(c, IMPORT_DESTINATION);
    r->passes_http_proxy = connect_passes_http_proxy(c);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct check_options *o = options;
    struct wave wave;
    enum cmd_status status;

    if (o->remote.url != NULL)
        return run_there(ctx, o);
    status = wave_open(&wave, ctx, &cmd_check, &o->wave);
    if (status == CMD_OK) {
        struct check_results results;

        results_init(&results, &wave, o);
        tell_ways(&results, wave.connect);
        status = look(&wave, o, &results);
        results_clear(&results);
    }
    wave_close(&wave);
    return status;
}

static const struct cmd_example examples[] = {
    { "mailferry check users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "see whether every mailbox can be reached on both sides, and by whose "
      "rights" },
    { "mailferry check users.csv --source mail.old.example --destination "
      "mail.new.example --server https://migrate.example --token-file token",
      "have a service look, which keeps what it finds and can migrate them "
      "afterwards" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "every mailbox can be migrated" },
    { CMD_MAILBOXES_FAILED, "some mailboxes cannot be migrated" },
    { CMD_NOTHING_DONE, "none can be" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted" },
    { 0, NULL },
};

const struct cmd cmd_check = {
    .name = "check",
    .summary = "see whether mailboxes can be migrated, and write nothing",
    .description =
        "Signs in to both sides for every row of the import file and finds "
        "out whose rights open the mailbox (its own password, impersonation, "
        "full access), the servers' versions, what there is to copy by kind, "
        "which items are too large for the destination, whether there is room "
        "for them, what will not be copied, who has rights and nobody to give "
        "them to, how long it will take, and what an administrator has to see "
        "to first, with the cmdlets.  Nothing is written to either server.\n"
        "\n"
        "With --server the service looks: the file becomes a migration there, "
        "as with \"mailferry migrate\", of which nothing is moved yet.\n"
        "\n"
        "Warnings do not change the exit status: the mailbox can be migrated, "
        "and something will be missing as things stand.",
    .spec = { groups, args },
    .options_size = sizeof(struct check_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
