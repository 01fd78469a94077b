#include "fleet/report_html.h"

#include <string.h>

#include "engine/reason.h"

/* A reader goes through so many; the rest stands in the file beside it. */
#define ROWS_SHOWN 200
/* Items named with one cause. */
#define EXAMPLES_SHOWN 10

/* ---- what verification found --------------------------------------------- */

static const char *verdict_meaning(enum verify_class c)
{
    static const char *const words[VERIFY_N] = {
        [VERIFY_NONE] = "not looked at yet, or not chosen for the sample",
        [VERIFY_VERIFIED] = "read at the destination, and equal",
        [VERIFY_PRESENT] = "there; its content was not read",
        [VERIFY_MISSING] = "copied, and not found at the destination any more",
        [VERIFY_DIFFERENT] = "there, with other content than the source's",
        [VERIFY_FAILED] = "known not to have been copied",
        [VERIFY_FILTERED] = "left out, by a filter or as hidden",
        [VERIFY_EXTRA] = "came to the destination from others meanwhile",
        [VERIFY_CONFLICT] = "changed on both sides; the destination's was left",
    };

    return words[c];
}

static const char *verdict_tone(enum verify_class c)
{
    return c == VERIFY_VERIFIED ? "good"
           : c == VERIFY_MISSING || c == VERIFY_DIFFERENT || c == VERIFY_FAILED
               ? "bad"
               : "";
}

static bool is_compared(const struct store_counts *c)
{
    return c->verify[VERIFY_VERIFIED] + c->verify[VERIFY_PRESENT] +
               c->verify[VERIFY_MISSING] + c->verify[VERIFY_DIFFERENT] >
           0;
}

/* What each class comes to; what was not looked at comes last. */
void html_verdicts(GString *out, const struct report *r)
{
    static const char *const names[] = { "Result", "#Items", "What it means",
                                         NULL };
    uint64_t n[VERIFY_N] = { 0 };
    size_t n_verified = 0;

    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);

        n_verified += is_compared(&m->counts);
        for (int k = 0; k < VERIFY_N; k++)
            n[k] += m->counts.verify[k];
        n[VERIFY_EXTRA] += report_foreign(m);
    }
    g_string_append_printf(out,
                           "<h2>Verification</h2>\n<p>%zu of %u mailboxes have "
                           "been compared.</p>\n",
                           n_verified, r->mailboxes->len);
    if (n_verified == 0)
        return;
    html_header(out, names);
    for (int k = VERIFY_NONE + 1; k <= VERIFY_N; k++) {
        enum verify_class c = (enum verify_class)(k % VERIFY_N);

        if (c == VERIFY_NONE && n[c] == 0)
            continue;
        g_string_append_printf(out, "<tr><td class=\"s %s\">%s</td>",
                               n[c] > 0 ? verdict_tone(c) : "",
                               verify_class_name(c));
        html_count(out, n[c]);
        html_cell(out, verdict_meaning(c));
        g_string_append(out, "</tr>\n");
    }
    html_end(out);
}

/* ---- items -------------------------------------------------------------- */

struct listing {
    GString *out;
    size_t n;
};

/* Items, or mailboxes, that need the same of a person. */
struct cause {
    char *cause, *remedy; /* "": nobody knows one */
    size_t n, mailboxes;
    const struct report_mailbox *last;
    GString *examples;
};

static void cause_free(void *p)
{
    struct cause *c = p;

    g_free(c->cause);
    g_free(c->remedy);
    g_string_free(c->examples, TRUE);
    g_free(c);
}

static struct cause *cause_of(GPtrArray *causes, const char *cause,
                              const char *remedy)
{
    struct cause *c;

    for (guint i = 0; i < causes->len; i++) {
        c = causes->pdata[i];
        if (strcmp(c->cause, cause) == 0 && strcmp(c->remedy, remedy) == 0)
            return c;
    }
    c = g_new0(struct cause, 1);
    c->cause = g_strdup(cause);
    c->remedy = g_strdup(remedy);
    c->examples = g_string_new(NULL);
    g_ptr_array_add(causes, c);
    return c;
}

static void put_example(GString *out, const struct report_mailbox *m,
                        const char *folder_path, const struct store_item *item)
{
    g_string_append(out, "<li>");
    html_text(out, m->mailbox->source_address);
    g_string_append(out, ", ");
    html_text(out, folder_path);
    g_string_append(out, ": ");
    /* Of one that was never read there is no subject. */
    html_text(out, item->subject != NULL      ? item->subject
                   : item->item_class != NULL ? item->item_class
                                              : "(no subject)");
    g_string_append(out, "</li>\n");
}

static int count_failure(void *data, const struct report_mailbox *m,
                         const char *folder_path, const struct store_item *item,
                         struct err *err)
{
    struct cause *c = cause_of(data, report_cause(item), report_remedy(item));

    (void)err;
    c->mailboxes += c->last != m;
    c->last = m;
    if (c->n++ < EXAMPLES_SHOWN)
        put_example(c->examples, m, folder_path, item);
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct cause *x = *(const struct cause *const *)a;
    const struct cause *y = *(const struct cause *const *)b;

    return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->cause, y->cause);
}

/* file: where the rest of them stands. */
static void put_cause(GString *out, const struct cause *c, const char *file)
{
    g_string_append(out, "<td>");
    html_text(out, c->cause);
    g_string_append_printf(out, "<details><summary>%s</summary><ul>\n%s",
                           c->n == 1 ? "which one" : "which ones",
                           c->examples->str);
    if (c->n > EXAMPLES_SHOWN)
        g_string_append_printf(out,
                               "<li>and %zu more: see "
                               "<a href=\"%s\">%s</a></li>\n",
                               c->n - EXAMPLES_SHOWN, file, file);
    g_string_append(out, "</ul></details></td>");
    html_cell(out, c->remedy);
    g_string_append(out, "</tr>\n");
}

static void put_causes(GString *out, GPtrArray *causes, bool of_items,
                       const char *file)
{
    g_ptr_array_sort(causes, by_number);
    for (guint i = 0; i < MIN(causes->len, ROWS_SHOWN); i++) {
        const struct cause *c = causes->pdata[i];

        g_string_append(out, "<tr>");
        if (of_items)
            html_count(out, c->n);
        html_count(out, c->mailboxes);
        put_cause(out, c, file);
    }
    html_end(out);
    if (causes->len > ROWS_SHOWN)
        g_string_append_printf(
            out, "<p>And %u more causes: see <a href=\"%s\">%s</a>.</p>\n",
            causes->len - ROWS_SHOWN, file, file);
}

static int put_loss(void *data, const struct report_mailbox *m,
                    const char *folder_path, const struct store_item *item,
                    struct err *err)
{
    struct listing *list = data;

    (void)err;
    if (list->n++ >= ROWS_SHOWN)
        return 0;
    g_string_append(list->out, "<tr>");
    html_cell(list->out, m->mailbox->source_address);
    html_cell(list->out, folder_path);
    html_cell(list->out, item->subject);
    html_cell(list->out, item->lost);
    html_cell(list->out, item->why_format);
    g_string_append(list->out, "</tr>\n");
    return 0;
}

static void put_rows(GString *out, const char *heading,
                     const char *const *names, const struct listing *list,
                     const char *file)
{
    if (list->n == 0)
        return;
    g_string_append_printf(out, "<h2>%s</h2>\n", heading);
    html_header(out, names);
    g_string_append(out, list->out->str);
    html_end(out);
    if (list->n > ROWS_SHOWN)
        g_string_append_printf(
            out, "<p>And %zu more: see <a href=\"%s\">%s</a>.</p>\n",
            list->n - ROWS_SHOWN, file, file);
}

int html_failures(GString *out, const struct report *r, struct err *err)
{
    static const char *const names[] = { "#Items", "#Mailboxes", "Cause",
                                         "Remedy", NULL };
    g_autoptr(GPtrArray) causes = g_ptr_array_new_with_free_func(cause_free);

    for (guint i = 0; i < r->mailboxes->len; i++)
        if (report_failures(r, g_ptr_array_index(r->mailboxes, i),
                            count_failure, causes, err) < 0)
            return -1;
    if (causes->len == 0)
        return 0;
    g_string_append(out, "<h2>Items that need a person</h2>\n");
    html_header(out, names);
    put_causes(out, causes, true, "failures.csv");
    return 0;
}

/* How many items have failed stands beside the mailbox already. */
static bool is_in_the_way(const struct store_mailbox *m)
{
    return reason_says_more(m->reason);
}

void html_in_the_way(GString *out, const struct report *r)
{
    static const char *const names[] = { "#Mailboxes", "Cause", "Remedy",
                                         NULL };
    g_autoptr(GPtrArray) causes = g_ptr_array_new_with_free_func(cause_free);

    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);
        const struct store_mailbox *row = m->mailbox;
        struct cause *c;

        if (!is_in_the_way(row))
            continue;
        c = cause_of(causes, row->reason,
                     row->remedy != NULL ? row->remedy : "");
        c->n++;
        if (c->mailboxes++ >= EXAMPLES_SHOWN)
            continue;
        g_string_append(c->examples, "<li>");
        html_text(c->examples, row->source_address);
        g_string_append(c->examples, "</li>\n");
    }
    if (causes->len == 0)
        return;
    g_string_append(out, "<h2>What is in the way</h2>\n");
    html_header(out, names);
    put_causes(out, causes, false, "statistics.csv");
}

int html_losses(GString *out, const struct report *r, struct err *err)
{
    static const char *const names[] = {
        "Mailbox", "Folder", "Subject", "Not kept", "Why not as it is", NULL,
    };
    g_autoptr(GString) rows = g_string_new(NULL);
    struct listing list = { .out = rows };

    for (guint i = 0; i < r->mailboxes->len; i++)
        if (report_losses(r, g_ptr_array_index(r->mailboxes, i), put_loss,
                          &list, err) < 0)
            return -1;
    put_rows(out, "Items of which not all was kept", names, &list,
             "losses.csv");
    return 0;
}

/* ---- flags ------------------------------------------------------------- */

/* One flag, over all mailboxes. */
struct left_out_sum {
    const char *flag, *what, *remedy; /* borrowed from the lines */
    size_t n_mailboxes;
    uint64_t n;
    bool counted;
    GString *mailboxes; /* those, as a list */
};

static void left_out_sum_free(void *p)
{
    struct left_out_sum *sum = p;

    g_string_free(sum->mailboxes, TRUE);
    g_free(sum);
}

static struct left_out_sum *sum_of(GPtrArray *sums,
                                   const struct store_setting *line)
{
    struct left_out_sum *sum;

    for (guint i = 0; i < sums->len; i++) {
        sum = sums->pdata[i];
        if (strcmp(sum->flag, line->key) == 0)
            return sum;
    }
    sum = g_new0(struct left_out_sum, 1);
    sum->flag = line->key;
    sum->what = line->subject;
    sum->remedy = line->remedy;
    sum->counted = true;
    sum->mailboxes = g_string_new(NULL);
    g_ptr_array_add(sums, sum);
    return sum;
}

static void add_left_out(GPtrArray *sums, const struct report_mailbox *m,
                         const struct store_setting *line)
{
    struct left_out_sum *sum = sum_of(sums, line);

    sum->counted = sum->counted && line->value != NULL;
    if (line->value != NULL)
        sum->n += g_ascii_strtoull(line->value, NULL, 10);
    if (sum->n_mailboxes++ >= ROWS_SHOWN)
        return;
    g_string_append(sum->mailboxes, "<li>");
    html_text(sum->mailboxes, m->mailbox->source_address);
    if (line->value != NULL)
        g_string_append_printf(sum->mailboxes, ": %s", line->value);
    g_string_append(sum->mailboxes, "</li>\n");
}

static void put_left_out(GString *out, const struct left_out_sum *sum)
{
    g_string_append(out, "<tr>");
    html_cell(out, sum->flag);
    html_count(out, sum->n_mailboxes);
    if (sum->counted)
        html_count(out, sum->n);
    else
        html_cell(out, "not counted");
    g_string_append(out, "<td>");
    html_text(out, sum->what);
    g_string_append_printf(
        out, "<details><summary>which mailboxes</summary><ul>\n%s",
        sum->mailboxes->str);
    if (sum->n_mailboxes > ROWS_SHOWN)
        g_string_append_printf(out,
                               "<li>and %zu more: see <a href=\"statistics.csv"
                               "\">statistics.csv</a></li>\n",
                               sum->n_mailboxes - ROWS_SHOWN);
    g_string_append(out, "</ul></details></td>");
    html_cell(out, sum->remedy);
    g_string_append(out, "</tr>\n");
}

void html_left_out(GString *out, const struct report *r)
{
    static const char *const names[] = { "Flag",      "#Mailboxes",
                                         "#How many", "What is left behind",
                                         "Remedy",    NULL };
    g_autoptr(GPtrArray) sums =
        g_ptr_array_new_with_free_func(left_out_sum_free);

    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);

        for (guint k = 0; k < m->settings->len; k++)
            if (report_is_left_out(m->settings->pdata[k]))
                add_left_out(sums, m, m->settings->pdata[k]);
    }
    if (sums->len == 0)
        return;
    g_string_append(out, "<h2>Left behind by flags of the import file</h2>\n");
    html_header(out, names);
    for (guint i = 0; i < sums->len; i++)
        put_left_out(out, sums->pdata[i]);
    html_end(out);
}

/* ---- settings ------------------------------------------------------------ */

static void put_setting(struct listing *list, const struct report_mailbox *m,
                        const struct store_setting *line)
{
    if (list->n++ >= ROWS_SHOWN)
        return;
    g_string_append(list->out, "<tr>");
    html_cell(list->out, m->mailbox->source_address);
    html_cell(list->out, line->part);
    html_cell(list->out, line->place);
    html_cell(list->out, line->subject != NULL ? line->subject : "(all of it)");
    html_cell(list->out, setting_outcome_name(line->outcome));
    html_cell(list->out, line->cause);
    html_cell(list->out, line->remedy);
    g_string_append(list->out, "</tr>\n");
}

/* Those of which something is left to do; all of them are in the file. */
void html_settings(GString *out, const struct report *r)
{
    static const char *const names[] = { "Mailbox", "Part",  "Folder", "What",
                                         "State",   "Cause", "Remedy", NULL };
    g_autoptr(GString) rows = g_string_new(NULL);
    struct listing list = { .out = rows };

    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);

        for (guint k = 0; k < m->settings->len; k++) {
            const struct store_setting *line =
                g_ptr_array_index(m->settings, k);

            if (store_setting_is_one(line) &&
                (line->outcome == SETTING_FAILED ||
                 line->outcome == SETTING_UNMAPPED))
                put_setting(&list, m, line);
        }
    }
    put_rows(out, "Settings that need a person", names, &list, "settings.csv");
}
