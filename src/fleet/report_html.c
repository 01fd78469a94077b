#include "fleet/report_html.h"
#include "base/timestamp.h"
#include "fleet/outlook.h"

/* So many are listed each by itself. */
#define FEW_MAX 20

/* One file, no script, no request to anywhere: it may be mailed as it is. */
static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Migration report</title>\n<style>\n"
    ":root{color-scheme:light dark;--line:#8885;--good:#1a7f37;--bad:#b3261e}\n"
    "@media(prefers-color-scheme:dark){:root{--good:#57c878;--bad:#ff8a80}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;"
    "padding:0 1rem}\n"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}\n"
    "th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid "
    "var(--line);vertical-align:top}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\n"
    ".good{color:var(--good);font-weight:600}"
    ".bad{color:var(--bad);font-weight:600}\n"
    ".facts{display:flex;flex-wrap:wrap;gap:1rem 3rem;padding:0;"
    "list-style:none}\n.facts b{display:block;font-size:1.6rem}\n"
    "p{overflow-wrap:anywhere}td{overflow-wrap:break-word}td.n,td.s,td.a{white-"
    "space:nowrap}\n"
    "h2{margin-top:2.5rem}h3{margin:1.2rem 0 .2rem;font-size:1rem}\n"
    "summary{cursor:pointer;padding:.3rem 0}\n"
    "details{margin:.2rem 0}details[open]{margin-bottom:2rem}"
    ".wide{overflow-x:auto}\n"
    /* On paper all is open, and no row is cut in two. */
    "@media print{:root{color-scheme:light;--line:#999;--good:#000;--bad:#000}"
    "body{font-size:10pt;margin:0;max-width:none}.wide{overflow:visible}"
    "tr,summary,h2,h3{break-inside:avoid;break-after:avoid}"
    "tbody tr{break-after:auto}thead{display:table-header-group}"
    "details::details-content{content-visibility:visible;block-size:auto}}\n"
    "</style>\n</head>\n<body>\n";

void html_text(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append(out, escaped);
}

void html_cell(GString *out, const char *text)
{
    g_string_append(out, "<td>");
    html_text(out, text != NULL ? text : "");
    g_string_append(out, "</td>");
}

void html_count(GString *out, uint64_t n)
{
    g_string_append_printf(out, "<td class=\"n\">%" G_GUINT64_FORMAT "</td>",
                           n);
}

void html_megabytes(GString *out, uint64_t bytes)
{
    g_string_append_printf(out, "<td class=\"n\">%.1f</td>",
                           (double)bytes / 1e6);
}

static void put_state(GString *out, enum mailbox_state state)
{
    const char *tone =
        state == MAILBOX_VERIFIED ? "good"
        : state == MAILBOX_FAILED || state == MAILBOX_COMPLETED_WITH_FAILURES
            ? "bad"
            : "";

    g_string_append_printf(out, "<td class=\"s %s\">%s</td>", tone,
                           mailbox_state_name(state));
}

static void put_fact(GString *out, const char *label, const char *fmt, ...)
    PRINTF(3, 4);

static void put_fact(GString *out, const char *label, const char *fmt, ...)
{
    va_list ap;

    g_string_append(out, "<li><b>");
    va_start(ap, fmt);
    g_string_append_vprintf(out, fmt, ap);
    va_end(ap);
    g_string_append_printf(out, "</b>%s</li>\n", label);
}

/* What is not there is not worth a word. */
static void put_some(GString *out, const char *label, uint64_t n)
{
    if (n > 0)
        put_fact(out, label, "%" G_GUINT64_FORMAT, n);
}

/* When what is under way will be done. */
static void put_forecast(GString *out, const struct report *r)
{
    const struct store_forecast *f = r->forecast;
    g_autofree char *text = NULL, *p50 = NULL, *p90 = NULL, *at = NULL;

    if (f == NULL)
        return;
    text = outlook_text(&(struct forecast_span){ f->p50_us, f->p90_us },
                        f->basis, r->made_us);
    p50 = timestamp_format(f->p50_us);
    p90 = timestamp_format(f->p90_us);
    at = timestamp_format(f->at_us);
    g_string_append_printf(out, "<p>Forecast of %s: ", at);
    html_text(out, text);
    g_string_append_printf(out, "; that is %s, and %s.</p>\n", p50, p90);
}

/* Of all mailboxes. */
struct totals {
    struct report_kind items;
    uint64_t doubles, adopted;
    size_t verified, failed;
};

static void add_up(const struct report *r, struct totals *ret)
{
    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);
        struct report_kind one;

        report_all_counts(&m->counts, &one);
        ret->items.copied += one.copied;
        ret->items.copied_bytes += one.copied_bytes;
        ret->items.failed += one.failed;
        ret->items.waiting += one.waiting;
        ret->items.already_there += one.already_there;
        ret->adopted += m->adopted;
        ret->doubles += m->doubles;
        ret->verified += m->mailbox->state == MAILBOX_VERIFIED;
        ret->failed += m->mailbox->state == MAILBOX_FAILED;
    }
}

static void put_url(GString *out, const char *url)
{
    g_string_append(out, "<b>");
    html_text(out, url != NULL ? url : "(not set)");
    g_string_append(out, "</b>");
}

static void put_summary(GString *out, const struct report *r)
{
    g_autofree char *made = timestamp_format(r->made_us);
    struct totals all = { 0 };

    add_up(r, &all);
    g_string_append(out, "<h1>Migration report</h1>\n<p>From ");
    put_url(out, r->migration.source_url);
    g_string_append(out, " to ");
    put_url(out, r->migration.destination_url);
    g_string_append_printf(out, "; made %s.</p>\n<ul class=\"facts\">\n", made);
    put_fact(out, "mailboxes verified", "%zu of %u", all.verified,
             r->mailboxes->len);
    put_some(out, all.failed == 1 ? "mailbox failed" : "mailboxes failed",
             all.failed);
    put_fact(out, "items copied", "%" G_GUINT64_FORMAT, all.items.copied);
    put_fact(out, "MB copied", "%.1f", (double)all.items.copied_bytes / 1e6);
    put_fact(out, "items failed", "%" G_GUINT64_FORMAT, all.items.failed);
    put_some(out, "items not copied yet", all.items.waiting);
    put_some(out, "items already there", all.items.already_there);
    put_some(out, "items adopted", all.adopted);
    put_some(out, "doubles found and removed", all.doubles);
    g_string_append(out, "</ul>\n");
    put_forecast(out, r);
}

void html_header(GString *out, const char *const *names)
{
    g_string_append(out, "<div class=\"wide\"><table><thead><tr>");
    /* A name that begins with "#" heads a column of numbers. */
    for (; *names != NULL; names++)
        if (**names == '#')
            g_string_append_printf(out, "<th class=\"n\" scope=\"col\">%s</th>",
                                   *names + 1);
        else
            g_string_append_printf(out, "<th scope=\"col\">%s</th>", *names);
    g_string_append(out, "</tr></thead><tbody>\n");
}

void html_end(GString *out)
{
    g_string_append(out, "</tbody></table></div>\n");
}

/* Most go to the same address. */
static void put_addresses(GString *out, const struct store_mailbox *m)
{
    g_string_append(out, "<td>");
    html_text(out, m->source_address);
    if (g_ascii_strcasecmp(m->source_address, m->destination_address) != 0) {
        g_string_append(out, "<br>&rarr; ");
        html_text(out, m->destination_address);
    }
    g_string_append(out, "</td>");
}

static void put_mailbox_row(GString *out, const struct report_mailbox *m)
{
    struct report_kind sum;
    const uint64_t *v = m->counts.verify;
    const uint64_t *hidden = m->counts.verify_hidden;

    report_all_counts(&m->counts, &sum);
    g_string_append(out, "<tr>");
    put_addresses(out, m->mailbox);
    put_state(out, m->mailbox->state);
    html_count(out, sum.copied);
    html_megabytes(out, sum.copied_bytes);
    html_count(out, sum.failed);
    html_count(out, v[VERIFY_VERIFIED] - hidden[VERIFY_VERIFIED]);
    html_count(out, v[VERIFY_PRESENT] - hidden[VERIFY_PRESENT]);
    html_count(out, v[VERIFY_MISSING] + v[VERIFY_DIFFERENT]);
    g_string_append(out, "</tr>\n");
}

/* What a reader comes for first: lower is more urgent. */
enum rank { RANK_FAILED, RANK_FAILURES, RANK_OPEN, RANK_DONE };

static enum rank rank_of(const struct report_mailbox *m)
{
    enum mailbox_state state = m->mailbox->state;
    const uint64_t *v = m->counts.verify;
    struct report_kind sum;

    report_all_counts(&m->counts, &sum);
    if (state == MAILBOX_FAILED)
        return RANK_FAILED;
    if (state == MAILBOX_COMPLETED_WITH_FAILURES ||
        sum.failed + v[VERIFY_MISSING] + v[VERIFY_DIFFERENT] > 0)
        return RANK_FAILURES;
    return state == MAILBOX_VERIFIED || state == MAILBOX_SYNCED ? RANK_DONE
                                                                : RANK_OPEN;
}

static int by_rank(const void *a, const void *b)
{
    return (int)rank_of(*(const struct report_mailbox *const *)a) -
           (int)rank_of(*(const struct report_mailbox *const *)b);
}

static void put_table(GString *out, const GPtrArray *mailboxes, guint from,
                      guint to)
{
    static const char *const names[] = {
        "Mailbox",
        "State",
        "#Copied",
        "#MB",
        "#Failed",
        "#Verified",
        "#Present, not read",
        "#Missing or different",
        NULL,
    };

    html_header(out, names);
    for (guint i = from; i < to; i++)
        put_mailbox_row(out, g_ptr_array_index(mailboxes, i));
    html_end(out);
}

/* Those that are not done on top; of many the others folded. */
static void put_mailboxes(GString *out, const struct report *r)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_copy(r->mailboxes, NULL, NULL);
    guint n_open = 0;

    g_ptr_array_set_free_func(sorted, NULL);
    g_ptr_array_sort(sorted, by_rank);
    while (n_open < sorted->len &&
           rank_of(g_ptr_array_index(sorted, n_open)) != RANK_DONE)
        n_open++;
    g_string_append(out, "<h2>Mailboxes</h2>\n");
    if (sorted->len <= FEW_MAX) {
        put_table(out, sorted, 0, sorted->len);
        return;
    }
    if (n_open > 0)
        put_table(out, sorted, 0, n_open);
    if (n_open == sorted->len)
        return;
    g_string_append_printf(out,
                           "<details><summary>%u of %u mailboxes are done"
                           "</summary>\n",
                           sorted->len - n_open, sorted->len);
    put_table(out, sorted, n_open, sorted->len);
    g_string_append(out, "</details>\n");
}

static void put_each(GString *out, const struct report *r)
{
    bool folded = r->mailboxes->len > FEW_MAX;

    g_string_append(out, "<h2>Each mailbox</h2>\n");
    if (folded)
        g_string_append_printf(out,
                               "<details><summary>%u mailboxes, one by one"
                               "</summary>\n",
                               r->mailboxes->len);
    for (guint i = 0; i < r->mailboxes->len; i++)
        html_details(out, g_ptr_array_index(r->mailboxes, i));
    if (folded)
        g_string_append(out, "</details>\n");
}

/* The other files lie beside this one. */
static void put_files(GString *out)
{
    static const struct {
        const char *name, *what;
    } files[] = {
        { "statistics.csv",
          "a row a mailbox: items and bytes, time and rates" },
        { "failures.csv", "every item that needs a person" },
        { "losses.csv", "every item of which not all was kept" },
        { "settings.csv", "every setting, and what became of it" },
        { "permissions.csv",
          "who may use which folder, with the cmdlets for what is left" },
        { "x500.csv",
          "old names that replies to old mail go to, with cmdlets" },
        { "verification.json", "how each item was reconciled" },
    };

    g_string_append(out, "<h2>Files beside this one</h2>\n<ul>\n");
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_string_append_printf(out, "<li><a href=\"%s\">%s</a>: %s</li>\n",
                               files[i].name, files[i].name, files[i].what);
    g_string_append(out, "</ul>\n");
}

char *report_html(const struct report *r, struct err *err)
{
    GString *out = g_string_new(head);

    put_summary(out, r);
    html_in_the_way(out, r);
    put_mailboxes(out, r);
    html_left_out(out, r);
    html_verdicts(out, r);
    if (html_failures(out, r, err) < 0 || html_losses(out, r, err) < 0 ||
        report_trials_html(r, out, err) < 0) {
        g_string_free(out, TRUE);
        return NULL;
    }
    html_settings(out, r);
    put_files(out);
    put_each(out, r);
    g_string_append(out, "</body>\n</html>\n");
    return g_string_free(out, FALSE);
}
