#include <unistd.h>

#include <jansson.h>

#include "base/hours.h"
#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "cmd/progress.h"
#include "cmd/remote_look.h"
#include "cmd/state_find.h"
#include "cmd/status_print.h"
#include "fleet/tally.h"
#include "store/store.h"

/* Often enough to follow, seldom enough not to disturb the writer. */
#define WATCH_EVERY_US (2 * TIMESTAMP_SECOND)

struct status_options {
    const char *file;
    bool watch, verbose;
    struct opt_state state;
    struct opt_output output;
    struct opt_remote remote;
    unsigned int migration;
};

#define O(field) offsetof(struct status_options, field)
static const struct opt rows[] = {
    { .long_name = "watch",
      .type = OPT_FLAG,
      .offset = O(watch),
      .help = "go on showing it until Ctrl-C" },
    { .long_name = "verbose",
      .type = OPT_FLAG,
      .offset = O(verbose),
      .help = "list every mailbox; else, of more than 20, those that are not "
              "done" },
    REMOTE_MIGRATION_ROW(O(migration)),
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    { "Showing", rows, 0 },
    { "Output", opt_output_rows, O(output) },
    { "State", opt_state_rows, O(state) },
    { "Through a service", opt_remote_rows, O(remote) },
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(file), false,
      "the import file of the migration (default: the only state file of "
      "this folder)",
      NULL },
    { NULL },
};
#undef O

struct line {
    struct status_line counts;
    GPtrArray *settings; /* of struct store_setting *, owned */
    GArray *tallies;     /* of struct tally */
};

static void sum_up(const struct store_counts *c, struct status_line *ret)
{
    struct status_line l = { 0 };

    for (int kind = 0; kind < KIND_N; kind++) {
        /* Nobody looks for what is hidden. */
        for (int state = 0; kind != KIND_HIDDEN && state < ITEM_N_STATES;
             state++)
            l.known += c->by[kind][state].items;
        if (kind != KIND_HIDDEN)
            l.copied += c->by[kind][ITEM_COPIED].items;
        l.there += c->by[kind][ITEM_ALREADY_THERE].items;
        l.bytes += c->by[kind][ITEM_COPIED].bytes;
        l.failed += c->by[kind][ITEM_FAILED].items;
        l.waiting +=
            c->by[kind][ITEM_LISTED].items + c->by[kind][ITEM_INTENDED].items;
    }
    l.verified = c->verify[VERIFY_VERIFIED] - c->verify_hidden[VERIFY_VERIFIED];
    l.wrong = c->verify[VERIFY_MISSING] + c->verify[VERIFY_DIFFERENT];
    *ret = l;
}

/*
 * "settings: permissions 12 set, 1 failed; rules 3 set"; where nothing is left
 * to a person the report is soon enough.
 */
static char *settings_text(const struct line *l)
{
    const struct tally sum = tally_sum(l->tallies);
    GString *all;

    if (!tally_wants_a_person(&sum))
        return NULL;
    all = g_string_new("settings: ");
    for (guint i = 0; i < l->tallies->len; i++) {
        const struct tally *t = &g_array_index(l->tallies, struct tally, i);
        g_autofree char *text = tally_text(t->by_outcome);

        g_string_append_printf(all, "%s%s %s", i == 0 ? "" : "; ", t->part,
                               text);
    }
    g_string_append(all, " (see settings.csv of the report)");
    return g_string_free(all, FALSE);
}

static int look_at(struct store *s, const struct store_mailbox *m,
                   struct line *ret, struct err *err)
{
    struct store_counts counts;

    if (store_counts(s, m->id, &counts, err) < 0)
        return -1;
    sum_up(&counts, &ret->counts);
    ret->counts.mailbox = m;
    if (store_settings(s, m->id, &ret->settings, err) < 0)
        return -1;
    ret->tallies = tally_of(ret->settings);
    return 0;
}

static void line_release(struct line *l)
{
    g_array_unref(l->tallies);
    g_ptr_array_unref(l->settings);
}

static json_t *settings_json(const struct line *l)
{
    json_t *all = json_object();

    for (guint i = 0; i < l->tallies->len; i++) {
        const struct tally *t = &g_array_index(l->tallies, struct tally, i);
        json_t *o = json_object();

        for (int k = 0; k < SETTING_N; k++)
            if (t->by_outcome[k] > 0)
                json_object_set_new(
                    o, setting_outcome_name((enum setting_outcome)k),
                    json_integer((json_int_t)t->by_outcome[k]));
        json_object_set_new(all, t->part, o);
    }
    return all;
}

static json_t *counts_json(const struct status_line *c)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "known",
        (json_int_t)c->known, "copied", (json_int_t)c->copied, "already_there",
        (json_int_t)c->there, "bytes", (json_int_t)c->bytes, "failed",
        (json_int_t)c->failed, "waiting", (json_int_t)c->waiting, "verified",
        (json_int_t)c->verified, "missing_or_different", (json_int_t)c->wrong);
}

static void print_json(FILE *out, const struct line *l)
{
    const struct store_mailbox *m = l->counts.mailbox;
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:s?, s:s?}", "mailbox", m->source_address,
        "destination", m->destination_address, "state",
        mailbox_state_name(m->state), "reason", m->reason, "remedy", m->remedy);

    json_object_update_new(o, counts_json(&l->counts));
    json_object_set_new(o, "settings", settings_json(l));
    json_dumpf(o, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(o);
}

/* An object of its own, after those of the mailboxes. */
static void print_json_summary(FILE *out, const struct status_lines *lines)
{
    const struct status_sum sum = status_sum(lines);
    json_t *states = json_object(), *o;

    for (int i = 0; i < MAILBOX_N_STATES; i++)
        if (sum.by_state[i] > 0)
            json_object_set_new(states,
                                mailbox_state_name((enum mailbox_state)i),
                                json_integer((json_int_t)sum.by_state[i]));
    o = counts_json(&sum.counts);
    json_object_set_new(o, "mailboxes", json_integer((json_int_t)lines->n));
    json_object_set_new(o, "states", states);
    json_object_set_new(o, "need_a_person",
                        json_integer((json_int_t)sum.n_need_a_person));
    o = json_pack("{s:o}", "summary", o);
    json_dumpf(o, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(o);
}

/* Also when the run that heeds them is over: the next one will. */
static int show_quiet(const struct cmd_context *ctx,
                      const struct status_options *o, struct store *s,
                      struct err *err)
{
    g_autofree char *text = NULL, *said = NULL;
    g_autoptr(hours) quiet = NULL;
    int64_t now_us = timestamp_now();

    if (store_migration_quiet(s, &text, err) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (hours_parse(text, &quiet, err) < 0)
        return err_in(err, "quiet hours of the source");
    if (!hours_hold(quiet, now_us))
        return 0;
    if (o->output.json) {
        progress_quiet_json(ctx->out, quiet, hours_change(quiet, now_us));
        return 0;
    }
    said = progress_quiet_text(quiet, hours_change(quiet, now_us));
    fprintf(ctx->out, "source: %s\n", said);
    return 0;
}

/* Its part of the answer. */
static int show_one(const struct cmd_context *ctx, bool json, struct store *s,
                    const struct store_mailbox *m, struct status_line *ret,
                    struct err *err)
{
    struct line l;

    if (look_at(s, m, &l, err) < 0)
        return -1;
    if (json)
        print_json(ctx->out, &l);
    *ret = l.counts;
    ret->settings = settings_text(&l);
    line_release(&l);
    return 0;
}

static int show(const struct cmd_context *ctx, const struct status_options *o,
                struct store *s, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    struct status_lines lines = { .verbose = o->verbose };
    int r = 0;

    if (show_quiet(ctx, o, s, err) < 0 ||
        store_mailboxes(s, &mailboxes, err) < 0)
        return -1;
    lines.all = g_new0(struct status_line, mailboxes->len + 1);
    for (guint i = 0; i < mailboxes->len && r == 0; i++) {
        r = show_one(ctx, o->output.json, s, mailboxes->pdata[i], &lines.all[i],
                     err);
        lines.n += r == 0;
    }
    if (r == 0 && o->output.json)
        print_json_summary(ctx->out, &lines);
    else if (r == 0)
        status_print(ctx->out, &lines);
    for (size_t i = 0; i < lines.n; i++)
        g_free(lines.all[i].settings);
    g_free(lines.all);
    fflush(ctx->out);
    return r;
}

static int watch(const struct cmd_context *ctx, const struct status_options *o,
                 struct store *s, struct err *err)
{
    bool paints = !o->output.json && isatty(fileno(ctx->out));

    do {
        if (paints)
            fputs("\033[H\033[J", ctx->out);
        if (show(ctx, o, s, err) < 0)
            return -1;
    } while (!cancel_sleep(ctx->cancel, WATCH_EVERY_US, CANCEL_DRAIN));
    return 0;
}

static int open_and_show(const struct cmd_context *ctx,
                         const struct status_options *o, struct err *err)
{
    g_autofree char *path = NULL;
    g_autoptr(store) s = NULL;

    if (state_find(&o->state, o->file, &path, err) < 0 ||
        store_open_sqlite(path, STORE_READ, &s, err) < 0)
        return -1;
    return o->watch ? watch(ctx, o, s, err) : show(ctx, o, s, err);
}

static int show_there(const struct cmd_context *ctx,
                      const struct status_options *o, struct err *err)
{
    const struct remote_view view = { .where = &o->remote,
                                      .migration = o->migration,
                                      .state = o->state.file,
                                      .file = o->file,
                                      .watch = o->watch,
                                      .verbose = o->verbose,
                                      .json = o->output.json };

    return remote_status(ctx, &view, err);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct status_options *o = options;
    struct err err;

    if (o->remote.url == NULL && o->migration != 0)
        return cmd_usage(ctx, &cmd_status, "--migration goes with --server");
    if ((o->remote.url != NULL ? show_there(ctx, o, &err)
                               : open_and_show(ctx, o, &err)) < 0)
        return cmd_fail(ctx, CMD_NOTHING_DONE, &err);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry status users.csv", "show where each mailbox stands" },
    { "mailferry status --watch",
      "and go on showing it, from another terminal" },
    { "mailferry status users.csv --server https://migrate.example --watch",
      "of a migration that a service carries out" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "shown, whatever the mailboxes' states" },
    { CMD_NOTHING_DONE, "there is no such state file, or it cannot be read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_status = {
    .name = "status",
    .summary = "show where each mailbox stands",
    .description =
        "Reads the state file; also while a migration writes it.  No server "
        "is asked, but the service with --server.",
    .spec = { groups, args },
    .options_size = sizeof(struct status_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
