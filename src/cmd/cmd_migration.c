#include <string.h>

#include "cmd/cmd.h"
#include "cmd/import_print.h"
#include "cmd/password.h"
#include "cmd/service_open.h"
#include "fleet/migration.h"
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

struct migration_options {
    int action; /* enum action */
    const char *target, *config, *name, *json, *pass;
    const char *source, *destination, *source_admin, *destination_admin;
    const char *source_password_file, *destination_password_file;
    unsigned int mailbox, priority;
    bool skip_bad;
};

/* What an action works with. */
struct work {
    const struct cmd_context *ctx;
    const struct migration_options *o;
    struct migrations *m;
    int64_t id; /* of the migration; 0: none is named */
};

static enum cmd_status fail(const struct work *w, const struct err *err)
{
    return cmd_fail(w->ctx, CMD_NOTHING_DONE, err);
}

/* ---- adding ------------------------------------------------------------ */

static int take_password(const struct work *w, enum migration_side side,
                         struct secret **ret, struct err *err)
{
    const struct migration_options *o = w->o;
    const struct password_request request = {
        .side =
            side == MIGRATION_SOURCE ? PASSWORD_SOURCE : PASSWORD_DESTINATION,
        .file = side == MIGRATION_SOURCE ? o->source_password_file
                                         : o->destination_password_file,
        .user =
            side == MIGRATION_SOURCE ? o->source_admin : o->destination_admin,
        .cancel = w->ctx->cancel,
    };

    return request.user == NULL ? 0 : password_get(&request, ret, err);
}

static int add_text(const struct work *w, const char *csv, size_t n,
                    struct secret *const *passwords, int64_t *ret_id,
                    struct err *err)
{
    const struct migration_options *o = w->o;
    const struct fleet_request request = {
        .name = o->name != NULL ? o->name : o->target,
        .csv = csv,
        .csv_bytes = n,
        .skip_bad_rows = o->skip_bad,
        .options = o->json,
        .sides = { { o->source, { o->source_admin, passwords[0] } },
                   { o->destination, { o->destination_admin, passwords[1] } } },
    };
    struct import *import = NULL;
    int result = fleet_migration_add(w->m, &service_actor_here, &request,
                                     &import, ret_id, err);

    if (import != NULL)
        import_print_faults(w->ctx->err, o->target, import);
    import_free(import);
    return result;
}

static int add_file(const struct work *w, int64_t *ret_id, struct err *err)
{
    g_autoptr(secret) source = NULL, destination = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *csv = NULL;
    gsize n;
    int result;

    if (!g_file_get_contents(w->o->target, &csv, &n, &why))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", why->message);
    result = take_password(w, MIGRATION_SOURCE, &source, err);
    if (result == 0)
        result = take_password(w, MIGRATION_DESTINATION, &destination, err);
    if (result == 0)
        result =
            add_text(w, csv, n, (struct secret *const[]){ source, destination },
                     ret_id, err);
    secret_wipe(csv, n);
    return result;
}

static enum cmd_status add(struct work *w)
{
    int64_t id = 0;
    struct err err;

    if (w->o->source == NULL || w->o->destination == NULL)
        return cmd_usage(w->ctx, &cmd_migration,
                         "--source and --destination are needed");
    if (add_file(w, &id, &err) < 0)
        return fail(w, &err);
    fprintf(w->ctx->out, "migration %" G_GINT64_FORMAT "\n", id);
    return CMD_OK;
}

/* ---- looking ------------------------------------------------------------- */

static void print_migration(const struct work *w, const struct migration *m)
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

static enum cmd_status list(struct work *w)
{
    const struct migration_filter everything = { 0 };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (migrations_list(w->m, &everything, &page, &some, &err) < 0)
            return fail(w, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct migration *m = some->pdata[i];

            print_migration(w, m);
            page.after = m->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static void print_mailbox(const struct work *w,
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

static enum cmd_status mailboxes(struct work *w)
{
    const struct migration_filter filter = { .migration_id = w->id };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (migrations_mailboxes(w->m, &filter, &page, &some, &err) < 0)
            return fail(w, &err);
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

static enum cmd_status start(struct work *w)
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
        return fail(w, &err);
    fprintf(w->ctx->out, "%zu queued\n", n);
    return CMD_OK;
}

static enum cmd_status apply(struct work *w)
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
        return fail(w, &err);
    fprintf(w->ctx->out, "%zu %s\n", n, n == 1 ? "job" : "jobs");
    return CMD_OK;
}

static enum cmd_status change(struct work *w)
{
    g_autoptr(secret) source = NULL, destination = NULL;
    g_autofree char *options = NULL;
    struct migration_login logins[MIGRATION_N_SIDES];
    struct migration_change wish = { .name = w->o->name };
    struct err err;

    if ((w->o->json != NULL &&
         fleet_options_check(w->o->json, &options, &err) < 0) ||
        take_password(w, MIGRATION_SOURCE, &source, &err) < 0 ||
        take_password(w, MIGRATION_DESTINATION, &destination, &err) < 0)
        return fail(w, &err);
    wish.options = options;
    logins[0] = (struct migration_login){ w->o->source_admin, source };
    logins[1] =
        (struct migration_login){ w->o->destination_admin, destination };
    wish.admins[0] = source != NULL ? &logins[0] : NULL;
    wish.admins[1] = destination != NULL ? &logins[1] : NULL;
    if (migrations_change(w->m, &service_actor_here, w->id, &wish, &err) < 0)
        return fail(w, &err);
    return CMD_OK;
}

static enum cmd_status purge(struct work *w)
{
    struct err err;

    return migrations_purge(w->m, &service_actor_here, w->id, &err) < 0
               ? fail(w, &err)
               : CMD_OK;
}

static enum cmd_status remove_it(struct work *w)
{
    struct err err;

    return migrations_remove(w->m, &service_actor_here, w->id, 0, &err) < 0
               ? fail(w, &err)
               : CMD_OK;
}

/* ---- the command --------------------------------------------------------- */

static const struct {
    enum cmd_status (*run)(struct work *w);
    bool id; /* the second argument is a number */
} table[] = {
    [ACTION_ADD] = { add, false },
    [ACTION_LIST] = { list, false },
    [ACTION_MAILBOXES] = { mailboxes, true },
    [ACTION_START] = { start, true },
    [ACTION_PAUSE] = { apply, true },
    [ACTION_RESUME] = { apply, true },
    [ACTION_RETRY] = { apply, true },
    [ACTION_CANCEL] = { apply, true },
    [ACTION_CHANGE] = { change, true },
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
    struct work w = { .ctx = ctx, .o = o };
    struct service_data d;
    enum cmd_status status;

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
#define O(field) offsetof(struct migration_options, field)
static const struct opt rows[] = {
    { .long_name = "name", .type = OPT_STR, .offset = O(name), .arg = "TEXT",
      .help = "what people call it (default: the file's name)" },
    { .long_name = "options", .type = OPT_STR, .offset = O(json),
      .arg = "JSON",
      .help = "an object with options of \"mailferry migrate\": "
              "{\"verify\":\"full\"}; with start: for that pass alone" },
    { .long_name = "skip-bad-rows", .type = OPT_FLAG, .offset = O(skip_bad),
      .help = "go on with the good rows of an import file that has faulty "
              "ones" },
    { .long_name = "pass", .type = OPT_STR, .offset = O(pass), .arg = "KIND",
      .initial = "full",
      .help = "of start: full, delta, check, verify or settings" },
    { .long_name = "mailbox", .type = OPT_UINT, .offset = O(mailbox),
      .arg = "ID", .min = 1,
      .help = "this mailbox alone, and not all of the migration" },
    { .long_name = "priority", .type = OPT_UINT, .offset = O(priority),
      .arg = "N", .max = 1000, .help = "of start: higher ones come first" },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt servers[] = {
    { .long_name = "source", .type = OPT_STR, .offset = O(source),
      .arg = "URL", .env = "MAILFERRY_SOURCE",
      .help = "address of the source's OWA or EWS, or autodiscover:DOMAIN" },
    { .long_name = "destination", .type = OPT_STR, .offset = O(destination),
      .arg = "URL", .env = "MAILFERRY_DESTINATION",
      .help = "the same of the destination" },
    { .long_name = "source-admin", .type = OPT_STR, .offset = O(source_admin),
      .arg = "USER", .env = "MAILFERRY_SOURCE_ADMIN",
      .help = "administrative account of the source" },
    { .long_name = "destination-admin", .type = OPT_STR,
      .offset = O(destination_admin), .arg = "USER",
      .env = "MAILFERRY_DESTINATION_ADMIN",
      .help = "administrative account of the destination" },
    { .long_name = "source-password-file", .type = OPT_FILE,
      .offset = O(source_password_file), .arg = "FILE",
      .help = "read its password from the first line of FILE (else "
              "MAILFERRY_SOURCE_PASSWORD, the systemd credential "
              "source-password, or a question)" },
    { .long_name = "destination-password-file", .type = OPT_FILE,
      .offset = O(destination_password_file), .arg = "FILE",
      .help = "the same of the destination" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Migration", rows, 0 },
    { "Servers", servers, 0 },
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
    { "change", ACTION_CHANGE, "name, options or accounts" },
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
