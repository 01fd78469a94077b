#include "cmd/status_print.h"

#include <string.h>

#include "base/hours.h"
#include "base/size.h"
#include "base/timestamp.h"
#include "cmd/help.h"
#include "cmd/progress_priv.h"
#include "engine/reason.h"

/* So many are listed each by itself. */
#define FEW_MAX 20
/* Of more, those that are not done; and names with one cause. */
#define OPEN_MAX   30
#define NAMES_MAX  10
#define NAME_CHARS 29

/* ---- the whole --------------------------------------------------------- */

static bool has_settings_left(const struct standing *at)
{
    struct tally sum;

    if (at->tallies == NULL)
        return false;
    sum = tally_sum(at->tallies);
    return tally_wants_a_person(&sum);
}

static bool needs_a_person(const struct status_line *one)
{
    return one->mailbox->reason != NULL ||
           one->mailbox->state == MAILBOX_FAILED ||
           one->at.failed + one->at.wrong > 0 || has_settings_left(&one->at);
}

struct status_sum status_sum(const struct status_lines *l)
{
    struct status_sum sum = { 0 };

    for (size_t i = 0; i < l->n; i++) {
        const struct status_line *one = &l->all[i];

        for (const struct standing_number *n = standing_numbers;
             n->name != NULL; n++)
            standing_add(&sum.counts, n, standing_get(&one->at, n));
        sum.by_state[one->mailbox->state]++;
        sum.n_need_a_person += needs_a_person(one);
    }
    return sum;
}

/* "100 mailboxes: 98 verified, 2 failed; 20,000 of 20,000 items copied" */
static void print_total(FILE *out, const struct status_lines *l)
{
    const struct status_sum all = status_sum(l);
    const struct standing *sum = &all.counts;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *copied = NULL, *known = NULL;
    const char *before = ": ";

    copied = progress_number(sum->copied);
    known = progress_number(sum->known);
    g_string_append_printf(text, "%zu mailboxes", l->n);
    for (int i = 0; i < MAILBOX_N_STATES; i++) {
        if (all.by_state[i] == 0)
            continue;
        g_string_append_printf(text, "%s%zu %s", before, all.by_state[i],
                               mailbox_state_name((enum mailbox_state)i));
        before = ", ";
    }
    g_string_append_printf(text, "; %s of %s items copied", copied, known);
    if (sum->failed > 0)
        g_string_append_printf(text, ", %" G_GUINT64_FORMAT " failed",
                               sum->failed);
    if (sum->wrong > 0)
        g_string_append_printf(
            text, ", %" G_GUINT64_FORMAT " missing or different", sum->wrong);
    help_wrap(out, text->str, 2, 0);
}

/* Whoever said it may have died since: what is past is not told. */
static void print_forecast(FILE *out, const struct store_forecast *f)
{
    int64_t now_us = timestamp_now();
    g_autofree char *text = NULL, *at = NULL, *line = NULL;

    if (f == NULL || f->p90_us <= now_us)
        return;
    text = outlook_text(&(struct forecast_span){ f->p50_us, f->p90_us },
                        f->basis, now_us);
    at = timestamp_format(f->at_us);
    line = g_strdup_printf("forecast: %s, of %s", text, at);
    help_wrap(out, line, 2, 0);
}

/* ---- causes ------------------------------------------------------------ */

/* What has failed item by item stands beside the mailbox, by its number. */
static bool has_cause(const struct store_mailbox *m)
{
    return reason_says_more(m->reason);
}

static bool same_cause(const struct store_mailbox *a,
                       const struct store_mailbox *b)
{
    return strcmp(a->reason, b->reason) == 0 &&
           g_strcmp0(a->remedy, b->remedy) == 0;
}

static size_t count_like(const struct status_lines *l, size_t i)
{
    size_t n = 0;

    for (size_t k = i; k < l->n; k++)
        n += has_cause(l->all[k].mailbox) &&
             same_cause(l->all[i].mailbox, l->all[k].mailbox);
    return n;
}

static void print_cause(FILE *out, const struct status_lines *l, size_t i,
                        bool *told)
{
    const struct store_mailbox *m = l->all[i].mailbox;
    size_t n = count_like(l, i), named = 0;
    size_t max = l->verbose ? l->n : NAMES_MAX;
    g_autofree char *heading =
        g_strdup_printf("%zu mailbox%s: %s", n, n == 1 ? "" : "es", m->reason);

    fputs("  ", out);
    help_wrap(out, heading, 4, 2);
    for (size_t k = i; k < l->n; k++) {
        if (!has_cause(l->all[k].mailbox) || !same_cause(m, l->all[k].mailbox))
            continue;
        told[k] = true;
        if (named++ < max)
            fprintf(out, "      %s\n", l->all[k].mailbox->source_address);
    }
    if (n > max)
        fprintf(out, "      and %zu more\n", n - max);
    if (m->remedy == NULL)
        return;
    fputs("    remedy: ", out);
    help_wrap(out, m->remedy, 12, 12);
}

static void print_causes(FILE *out, const struct status_lines *l)
{
    g_autofree bool *told = g_new0(bool, l->n + 1);
    bool headed = false;

    for (size_t i = 0; i < l->n; i++) {
        if (told[i] || !has_cause(l->all[i].mailbox))
            continue;
        if (!headed)
            fputs("\nWhat is in the way\n", out);
        headed = true;
        print_cause(out, l, i, told);
    }
}

/* ---- each mailbox ------------------------------------------------------ */

/* Nothing is left to be done about it. */
static bool is_fine(const struct status_line *one)
{
    enum mailbox_state state = one->mailbox->state;

    return (state == MAILBOX_VERIFIED || state == MAILBOX_SYNCED) &&
           !needs_a_person(one);
}

static void add_count(GString *to, uint64_t n, const char *what)
{
    if (n > 0)
        g_string_append_printf(to, "%s%" G_GUINT64_FORMAT " %s",
                               to->len > 0 ? ", " : "", n, what);
}

/*
 * "settings: permissions 12 set, 1 failed; rules 3 set"; where nothing is left
 * to a person the report is soon enough.
 */
static void print_settings(FILE *out, const struct standing *at)
{
    g_autoptr(GString) all = g_string_new("settings: ");

    if (!has_settings_left(at))
        return;
    for (guint i = 0; i < at->tallies->len; i++) {
        const struct tally *t = &g_array_index(at->tallies, struct tally, i);
        g_autofree char *text = tally_text(t->by_outcome);

        g_string_append_printf(all, "%s%s %s", i == 0 ? "" : "; ", t->part,
                               text);
    }
    g_string_append(all, " (see settings.csv of the report)");
    fputs("    ", out);
    help_wrap(out, all->str, 6, 4);
}

/* What does not fit in the row. */
static void print_more(FILE *out, const struct standing *one)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_count(text, one->there, "already there");
    add_count(text, one->failed, "failed");
    add_count(text, one->wrong, "missing or different");
    if (text->len > 0)
        fprintf(out, "    %s\n", text->str);
    print_settings(out, one);
}

static void print_row(FILE *out, const struct status_line *one)
{
    g_autofree char *copied = progress_number(one->at.copied);
    g_autofree char *known = progress_number(one->at.known);
    g_autofree char *both = g_strconcat(copied, "/", known, NULL);
    g_autofree char *size = size_text(one->at.bytes);
    const char *address = one->mailbox->source_address;
    /* A long address gets a line of its own: it is to be copied from here. */
    bool is_long = g_utf8_strlen(address, -1) > NAME_CHARS;

    if (is_long)
        fprintf(out, "%s\n", address);
    fprintf(out, "%-*s %-23s %15s %9s\n", NAME_CHARS, is_long ? "" : address,
            mailbox_state_name(one->mailbox->state), both, size);
    print_more(out, &one->at);
}

static void print_rows(FILE *out, const struct status_lines *l)
{
    bool all = l->verbose || l->n <= FEW_MAX;
    size_t n_fine = 0, n_open = 0;

    for (size_t i = 0; i < l->n; i++) {
        bool fine = is_fine(&l->all[i]);

        n_fine += fine;
        n_open += !fine;
        if (!all && (fine || n_open > OPEN_MAX))
            continue;
        if (all ? i == 0 : n_open == 1)
            fprintf(out, "%s%-*s %-23s %15s %9s\n", l->n > 1 ? "\n" : "",
                    NAME_CHARS, "mailbox", "state", "copied/known", "size");
        print_row(out, &l->all[i]);
    }
    if (all)
        return;
    fputc('\n', out);
    if (n_open > OPEN_MAX)
        fprintf(out, "and %zu more that are not done\n", n_open - OPEN_MAX);
    fprintf(out, "%zu mailbox%s done and not listed; --verbose lists all\n",
            n_fine, n_fine == 1 ? " is" : "es are");
}

void status_print(FILE *out, const struct status_lines *l)
{
    if (l->n == 0)
        fputs("no mailbox yet: no run with this state file has begun one\n",
              out);
    if (l->n > 1)
        print_total(out, l);
    print_forecast(out, l->forecast);
    print_causes(out, l);
    print_rows(out, l);
}

int status_print_quiet(FILE *out, const char *text, bool json, struct err *err)
{
    g_autoptr(hours) quiet = NULL;
    g_autofree char *said = NULL;
    int64_t now_us = timestamp_now();

    if (text == NULL)
        return 0;
    if (hours_parse(text, &quiet, err) < 0)
        return err_in(err, "quiet hours of the source");
    if (!hours_hold(quiet, now_us))
        return 0;
    if (json) {
        progress_quiet_json(out, quiet, hours_change(quiet, now_us));
        return 0;
    }
    said = progress_quiet_text(quiet, hours_change(quiet, now_us));
    fprintf(out, "source: %s\n", said);
    return 0;
}

void status_lines_clear(struct status_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        standing_clear(&l->all[i].at);
    store_forecast_free(l->forecast);
    g_free(l->all);
    *l = (struct status_lines){ 0 };
}
