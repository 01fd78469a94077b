#include <unistd.h>

#include <jansson.h>

#include "base/hours.h"
#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "cmd/progress_priv.h"
#include "cmd/state_find.h"
#include "fleet/tally.h"
#include "store/store.h"

/* Often enough to follow, seldom enough not to disturb the writer. */
#define WATCH_EVERY_US (2 * TIMESTAMP_SECOND)

struct status_options {
    const char *file;
    bool watch;
    struct opt_state state;
    struct opt_output output;
};

#define O(field) offsetof(struct status_options, field)
static const struct opt rows[] = {
    { .long_name = "watch",
      .type = OPT_FLAG,
      .offset = O(watch),
      .help = "go on showing it until Ctrl-C" },
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    { "Showing", rows, 0 },
    { "Output", opt_output_rows, O(output) },
    { "State", opt_state_rows, O(state) },
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
    uint64_t known, copied, there, bytes, failed, waiting, verified, wrong;
    GPtrArray *settings; /* of struct store_setting *, owned */
    GArray *tallies;     /* of struct tally */
};

static void sum_up(const struct store_counts *c, struct line *ret)
{
    struct line l = { 0 };

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

static int look_at(struct store *s, int64_t mailbox_id, struct line *ret,
                   struct err *err)
{
    struct store_counts counts;

    if (store_counts(s, mailbox_id, &counts, err) < 0)
        return -1;
    sum_up(&counts, ret);
    if (store_settings(s, mailbox_id, &ret->settings, err) < 0)
        return -1;
    ret->tallies = tally_of(ret->settings);
    return 0;
}

static void line_release(struct line *l)
{
    g_array_unref(l->tallies);
    g_ptr_array_unref(l->settings);
}

/*
 * "settings: permissions 12 set, 1 failed; rules 3 set"; where nothing is left
 * to a person the report is soon enough.
 */
static void print_settings(FILE *out, const struct line *l)
{
    const struct tally sum = tally_sum(l->tallies);

    if (!tally_wants_a_person(&sum))
        return;
    for (guint i = 0; i < l->tallies->len; i++) {
        const struct tally *t = &g_array_index(l->tallies, struct tally, i);
        g_autofree char *text = tally_text(t->by_outcome);

        fprintf(out, "%s%s %s", i == 0 ? "    settings: " : "; ", t->part,
                text);
    }
    fputs(" (see settings.csv of the report)\n", out);
}

static void print_text(FILE *out, const struct store_mailbox *m,
                       const struct line *l)
{
    g_autofree char *copied = progress_number(l->copied);
    g_autofree char *known = progress_number(l->known);

    fprintf(out, "%-36s %-24s %10s/%-10s %9.1f MB", m->source_address,
            mailbox_state_name(m->state), copied, known,
            (double)l->bytes / 1e6);
    if (l->there > 0)
        fprintf(out, "  %" G_GUINT64_FORMAT " already there", l->there);
    if (l->failed > 0)
        fprintf(out, "  %" G_GUINT64_FORMAT " failed", l->failed);
    if (l->wrong > 0)
        fprintf(out, "  %" G_GUINT64_FORMAT " missing or different", l->wrong);
    fputc('\n', out);
    /* What has failed then stands above, by its number. */
    if (m->reason != NULL && m->state != MAILBOX_COMPLETED_WITH_FAILURES)
        fprintf(out, "    cause:  %s\n", m->reason);
    if (m->remedy != NULL)
        fprintf(out, "    remedy: %s\n", m->remedy);
    print_settings(out, l);
}

/* "100 mailboxes: 98 verified, 2 failed; 20,000 items copied, 3 failed" */
static void print_total(FILE *out, const struct line *sum,
                        const size_t by_state[MAILBOX_N_STATES], guint n)
{
    g_autofree char *copied = progress_number(sum->copied);
    g_autofree char *known = progress_number(sum->known);
    const char *before = ": ";

    fprintf(out, "%u mailboxes", n);
    for (int i = 0; i < MAILBOX_N_STATES; i++) {
        if (by_state[i] == 0)
            continue;
        fprintf(out, "%s%zu %s", before, by_state[i],
                mailbox_state_name((enum mailbox_state)i));
        before = ", ";
    }
    fprintf(out, "; %s of %s items copied", copied, known);
    if (sum->failed > 0)
        fprintf(out, ", %" G_GUINT64_FORMAT " failed", sum->failed);
    if (sum->wrong > 0)
        fprintf(out, ", %" G_GUINT64_FORMAT " missing or different",
                sum->wrong);
    fputc('\n', out);
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

static void print_json(FILE *out, const struct store_mailbox *m,
                       const struct line *l)
{
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:s?}",
        "mailbox", m->source_address, "destination", m->destination_address,
        "state", mailbox_state_name(m->state), "known", (json_int_t)l->known,
        "copied", (json_int_t)l->copied, "already_there", (json_int_t)l->there,
        "bytes", (json_int_t)l->bytes, "failed", (json_int_t)l->failed,
        "waiting", (json_int_t)l->waiting, "verified", (json_int_t)l->verified,
        "missing_or_different", (json_int_t)l->wrong, "reason", m->reason,
        "remedy", m->remedy);

    json_object_set_new(o, "settings", settings_json(l));
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

static int show(const struct cmd_context *ctx, const struct status_options *o,
                struct store *s, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    size_t by_state[MAILBOX_N_STATES] = { 0 };
    struct line sum = { 0 };

    if (show_quiet(ctx, o, s, err) < 0 ||
        store_mailboxes(s, &mailboxes, err) < 0)
        return -1;
    if (!o->output.json)
        fprintf(ctx->out, "%-36s %-24s %10s/%-10s\n", "mailbox", "state",
                "copied", "known");
    for (guint i = 0; i < mailboxes->len; i++) {
        const struct store_mailbox *m = g_ptr_array_index(mailboxes, i);
        struct line l;

        if (look_at(s, m->id, &l, err) < 0)
            return -1;
        if (o->output.json)
            print_json(ctx->out, m, &l);
        else
            print_text(ctx->out, m, &l);
        by_state[m->state]++;
        sum.known += l.known;
        sum.copied += l.copied;
        sum.failed += l.failed;
        sum.wrong += l.wrong;
        line_release(&l);
    }
    if (!o->output.json && mailboxes->len > 1)
        print_total(ctx->out, &sum, by_state, mailboxes->len);
    fflush(ctx->out);
    return 0;
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

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    struct err err;

    if (open_and_show(ctx, options, &err) < 0)
        return cmd_fail(ctx, CMD_NOTHING_DONE, &err);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry status users.csv", "show where each mailbox stands" },
    { "mailferry status --watch",
      "and go on showing it, from another terminal" },
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
        "is asked.",
    .spec = { groups, args },
    .options_size = sizeof(struct status_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
