#include <string.h>

#include "cmd/cmd.h"
#include "cmd/migration_work.h"
#include "cmd/service_open.h"
#include "fleet/options.h"

enum action {
    ACTION_ADD,
    ACTION_LIST,
    ACTION_MAILBOXES,
    ACTION_START,
    ACTION_PAUSE,
    ACTION_RESUME,
    ACTION_RETRY,
    ACTION_CANCEL,
    ACTION_CHANGE,
    ACTION_PURGE,
    ACTION_REMOVE,
};

/* ---- looking ------------------------------------------------------------- */

static void print_migration(const struct migration_work *w,
                            const struct migration *m)
{
    fprintf(w->ctx->out,
            "%" G_GINT64_FORMAT "\t%s\t%" G_GUINT64_FORMAT " mailboxes", m->id,
            m->name, m->n_mailboxes);
    for (int i = 0; i < JOB_N_STATES; i++)
        if (m->jobs[i] > 0)
            fprintf(w->ctx->out, "\t%" G_GUINT64_FORMAT " %s", m->jobs[i],
                    job_state_name((enum job_state)i));
    fputc('\n', w->ctx->out);
}

static enum cmd_status list(struct migration_work *w)
{
    const struct migration_filter everything = { 0 };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (migrations_list(w->m, &everything, &page, &some, &err) < 0)
            return migration_work_fail(w, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct migration *m = some->pdata[i];

            print_migration(w, m);
            page.after = m->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static void print_mailbox(const struct migration_work *w,
                          const struct migration_mailbox *m)
{
    const char *reason = m->reason != NULL ? m->reason : m->job_reason;

    fprintf(w->ctx->out,
            "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\t%" G_GUINT64_FORMAT
            " items%s%s\n",
            m->id, m->addresses[MIGRATION_SOURCE],
            m->addresses[MIGRATION_DESTINATION], mailbox_state_name(m->state),
            m->job_id != 0 ? job_state_name(m->job_state) : "-", m->copied,
            reason != NULL ? "\t" : "", reason != NULL ? reason : "");
}

static enum cmd_status mailboxes(struct migration_work *w)
{
    const struct migration_filter filter = { .migration_id = w->id };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (migrations_mailboxes(w->m, &filter, &page, &some, &err) < 0)
            return migration_work_fail(w, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct migration_mailbox *m = some->pdata[i];

            print_mailbox(w, m);
            page.after = m->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

/* ---- doing --------------------------------------------------------------- */

static enum cmd_status start(struct migration_work *w)
{
    const struct migration_start wish = {
        .migration_id = w->id,
        .mailbox_id = w->o->mailbox,
        .kind = w->o->pass,
        .options = w->o->json,
        .priority = (int)w->o->priority,
    };
    enum fleet_task task;
    size_t n;
    struct err err;

    if (fleet_pass_kind(wish.kind, &task, &err) < 0 ||
        (wish.options != NULL &&
         fleet_options_check(wish.options, NULL, &err) < 0) ||
        migrations_start(w->m, &service_actor_here, &wish, &n, &err) < 0)
        return migration_work_fail(w, &err);
    fprintf(w->ctx->out, "%zu queued\n", n);
    return CMD_OK;
}

static enum cmd_status apply(struct migration_work *w)
{
    static const enum jobs_verb verbs[] = {
        [ACTION_PAUSE] = JOBS_PAUSE,
        [ACTION_RESUME] = JOBS_RESUME,
        [ACTION_RETRY] = JOBS_RETRY,
        [ACTION_CANCEL] = JOBS_CANCEL,
    };
    const struct jobs_which which = { .migration_id = w->id,
                                      .mailbox_id = w->o->mailbox };
    size_t n;
    struct err err;

    if (migrations_do(w->m, &service_actor_here, verbs[w->o->action], &which,
                      &n, &err) < 0)
        return migration_work_fail(w, &err);
    fprintf(w->ctx->out, "%zu %s\n", n, n == 1 ? "job" : "jobs");
    return CMD_OK;
}

static enum cmd_status purge(struct migration_work *w)
{
    struct err err;

    return migrations_purge(w->m, &service_actor_here, w->id, &err) < 0
               ? migration_work_fail(w, &err)
               : CMD_OK;
}

static enum cmd_status remove_it(struct migration_work *w)
{
    struct err err;

    return migrations_remove(w->m, &service_actor_here, w->id, 0, &err) < 0
               ? migration_work_fail(w, &err)
               : CMD_OK;
}

/* ---- the command --------------------------------------------------------- */

static const struct {
    enum cmd_status (*run)(struct migration_work *w);
    bool id; /* the second argument is a number */
} table[] = {
    [ACTION_ADD] = { migration_work_add, false },
    [ACTION_LIST] = { list, false },
    [ACTION_MAILBOXES] = { mailboxes, true },
    [ACTION_START] = { start, true },
    [ACTION_PAUSE] = { apply, true },
    [ACTION_RESUME] = { apply, true },
    [ACTION_RETRY] = { apply, true },
    [ACTION_CANCEL] = { apply, true },
    [ACTION_CHANGE] = { migration_work_change, true },
    [ACTION_PURGE] = { purge, true },
    [ACTION_REMOVE] = { remove_it, true },
};

static bool read_id(const char *text, int64_t *ret)
{
    guint64 id;

    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &id, NULL))
        return false;
    *ret = (int64_t)id;
    return true;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct migration_options *o = options;
    struct migration_work w = { .ctx = ctx, .o = o };
    struct service_data d;
    const char *problem;
    enum cmd_status status;

    problem = opt_side_problem(&o->sides.source);
    if (problem == NULL)
        problem = opt_side_problem(&o->sides.destination);
    if (problem != NULL)
        return cmd_usage(ctx, &cmd_migration, "%s", problem);
    if (o->target == NULL && o->action != ACTION_LIST)
        return cmd_usage(ctx, &cmd_migration, "argument %s is missing",
                         table[o->action].id ? "ID" : "FILE");
    if (table[o->action].id && !read_id(o->target, &w.id))
        return cmd_usage(ctx, &cmd_migration,
                         "\"%s\" is not a migration's number: see \"mailferry "
                         "migration list\"",
                         o->target);
    status = service_data_open(
        &d, o->action == ACTION_ADD ? SERVICE_FIRST : SERVICE_BESIDE, ctx,
        o->config, NULL);
    if (status == CMD_OK) {
        w.m = d.migrations;
        status = table[o->action].run(&w);
    }
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct migration_options, field)
static const struct opt rows[] = {
    { .long_name = "name", .type = OPT_STR, .offset = O(name), .arg = "TEXT",
      .help = "what people call it (default: the file's name)",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "options", .type = OPT_STR, .offset = O(json),
      .arg = "JSON",
      .help = "an object with options of \"mailferry migrate\": "
              "{\"verify\":\"full\"}; with start: for that pass alone; with "
              "change and --mailbox: of that one, over the migration's",
      .with = WITH(ADD) | WITH(START) | WITH(CHANGE) },
    { .long_name = "skip-bad-rows", .type = OPT_FLAG, .offset = O(skip_bad),
      .help = "go on with the good rows of an import file that has faulty "
              "ones",
      .with = WITH(ADD) },
    { .long_name = "pass", .type = OPT_STR, .offset = O(pass), .arg = "KIND",
      .initial = "full",
      .help = "full, delta, check, verify or settings",
      .with = WITH(START) },
    { .long_name = "mailbox", .type = OPT_UINT, .offset = O(mailbox),
      .arg = "ID", .min = 1,
      .help = "this mailbox alone, and not all of the migration",
      .with = WITH(START) | WITH(PAUSE) | WITH(RESUME) | WITH(RETRY) |
              WITH(CANCEL) | WITH(CHANGE) },
    { .long_name = "priority", .type = OPT_UINT, .offset = O(priority),
      .arg = "N", .max = 1000, .help = "higher ones come first",
      .with = WITH(START) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt access_rows[] = {
    OPT_PASSWORD_FILE_ROWS(O(password_files[MIGRATION_SOURCE]),
                           O(password_files[MIGRATION_DESTINATION])),
    OPT_PROXY_ROWS(O(proxy)),
    { .long_name = NULL },
};
static const struct opt limit_rows[] = {
    { .long_name = "most", .type = OPT_UINT, .offset = O(most), .arg = "N",
      .max = 100000, .given = O(most_given),
      .help = "work on at most N of its mailboxes at once; 0: any "
              "number",
      .with = WITH(CHANGE) },
    { .long_name = "hours", .type = OPT_STR, .offset = O(hours),
      .arg = "HOURS",
      .help = "only in HOURS of the week, such as \"Sat,Sun "
              "00:00-24:00\" or \"20:00-06:00 Europe/Berlin\"; always: "
              "whenever there is work",
      .with = WITH(CHANGE) },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Migration", rows, 0 },
    { "Servers, with add", opt_servers_rows, O(sides), WITH(ADD) },
    { "Accounts, with add and change", opt_sides_rows, O(sides),
      WITH(ADD) | WITH(CHANGE) },
    { "Access, with add and change", access_rows, 0, WITH(ADD) | WITH(CHANGE) },
    { "Limits", limit_rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "add", ACTION_ADD, "make one of an import file; nothing starts yet" },
    { "list", ACTION_LIST, "print all, a line each" },
    { "mailboxes", ACTION_MAILBOXES, "print a migration's, a line each" },
    { "start", ACTION_START, "queue a pass over each mailbox" },
    { "pause", ACTION_PAUSE, "batches under way end, and all waits" },
    { "resume", ACTION_RESUME, "go on with what was paused" },
    { "retry", ACTION_RETRY, "queue again what has failed" },
    { "cancel", ACTION_CANCEL, "end what waits and what runs" },
    { "change", ACTION_CHANGE, "name, options, accounts, application, proxy or limits" },
    { "purge", ACTION_PURGE, "forget all its passwords" },
    { "remove", ACTION_REMOVE, "forget it, with the record of what was moved" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "TARGET", OPT_STR, O(target), false,
      "the import file (add), or the migration's number", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry migration add users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "asks for both passwords, and keeps them sealed" },
    { "mailferry migration start 1", "every mailbox, by whatever worker" },
    { "mailferry migration mailboxes 1", "how far each is" },
    { NULL },
};

const struct cmd cmd_migration = {
    .name = "migration",
    .summary = "make and steer the migrations of the service",
    .description =
        "Works on the service's database, also while the service runs.  "
        "Passwords, those of the import file too, are sealed with the "
        "service's key before they are written.  Workers (\"mailferry "
        "worker\", "
        "and the one in \"mailferry serve\") do what is queued.\n"
        "\n"
        "Options may change at any time: a mailbox under way ends its batches "
        "and goes on with the new ones.  Everything that is done here is in "
        "the audit trail.",
    .spec = { groups, args },
    .options_size = sizeof(struct migration_options),
    .examples = examples,
    .run = run,
};
