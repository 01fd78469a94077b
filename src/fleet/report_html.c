#include "fleet/report_html.h"
#include "base/timestamp.h"
#include "engine/hidden.h"
#include "fleet/report_priv.h"

/* A reader goes through so many; the rest stands in failures.csv. */
#define FAILURES_SHOWN 200

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
    "details{margin:.5rem 0 1.5rem}.wide{overflow-x:auto}\n"
    "</style>\n</head>\n<body>\n";

static void put_text(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append(out, escaped);
}

void report_html_cell(GString *out, const char *text)
{
    g_string_append(out, "<td>");
    put_text(out, text != NULL ? text : "");
    g_string_append(out, "</td>");
}

static void put_count(GString *out, uint64_t n)
{
    g_string_append_printf(out, "<td class=\"n\">%" G_GUINT64_FORMAT "</td>",
                           n);
}

static void put_megabytes(GString *out, uint64_t bytes)
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

    g_string_append_printf(out, "<td class=\"%s\">%s</td>", tone,
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

static void put_summary(GString *out, const struct report *r)
{
    struct report_kind sum = { 0 }, one;
    g_autofree char *made = timestamp_format(r->made_us);
    size_t verified = 0;
    uint64_t doubles = 0, adopted = 0;

    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = g_ptr_array_index(r->mailboxes, i);

        report_all_counts(&m->counts, &one);
        sum.copied += one.copied;
        sum.copied_bytes += one.copied_bytes;
        sum.failed += one.failed;
        sum.waiting += one.waiting;
        sum.already_there += one.already_there;
        adopted += m->adopted;
        doubles += m->doubles;
        verified += m->mailbox->state == MAILBOX_VERIFIED;
    }
    g_string_append(out, "<h1>Migration report</h1>\n<p>From <b>");
    put_text(out, r->migration.source_url != NULL ? r->migration.source_url
                                                  : "(not set)");
    g_string_append(out, "</b> to <b>");
    put_text(out, r->migration.destination_url != NULL
                      ? r->migration.destination_url
                      : "(not set)");
    g_string_append_printf(out, "</b>; made %s.</p>\n<ul class=\"facts\">\n",
                           made);
    put_fact(out, "mailboxes verified", "%zu of %u", verified,
             r->mailboxes->len);
    put_fact(out, "items copied", "%" G_GUINT64_FORMAT, sum.copied);
    put_fact(out, "MB copied", "%.1f", (double)sum.copied_bytes / 1e6);
    put_fact(out, "items already there", "%" G_GUINT64_FORMAT,
             sum.already_there);
    put_fact(out, "items adopted", "%" G_GUINT64_FORMAT, adopted);
    put_fact(out, "items failed", "%" G_GUINT64_FORMAT, sum.failed);
    put_fact(out, "items not copied yet", "%" G_GUINT64_FORMAT, sum.waiting);
    put_fact(out, "doubles found and removed", "%" G_GUINT64_FORMAT, doubles);
    g_string_append(out, "</ul>\n");
}

void report_html_header(GString *out, const char *const *names)
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

void report_html_end(GString *out)
{
    g_string_append(out, "</tbody></table></div>\n");
}

static void put_mailbox_row(GString *out, const struct report_mailbox *m)
{
    struct report_kind sum;
    const uint64_t *v = m->counts.verify;

    report_all_counts(&m->counts, &sum);
    g_string_append(out, "<tr>");
    report_html_cell(out, m->mailbox->source_address);
    report_html_cell(out, m->mailbox->destination_address);
    put_state(out, m->mailbox->state);
    put_count(out, sum.copied);
    put_megabytes(out, sum.copied_bytes);
    put_count(out, sum.failed);
    put_count(out, v[VERIFY_VERIFIED]);
    put_count(out, v[VERIFY_PRESENT]);
    put_count(out, v[VERIFY_MISSING] + v[VERIFY_DIFFERENT]);
    report_html_cell(out, m->mailbox->reason);
    g_string_append(out, "</tr>\n");
}

static void put_mailboxes(GString *out, const struct report *r)
{
    static const char *const names[] = {
        "Source",
        "Destination",
        "State",
        "#Copied",
        "#MB",
        "#Failed",
        "#Verified",
        "#Present, not read",
        "#Missing or different",
        "Reason",
        NULL,
    };

    g_string_append(out, "<h2>Mailboxes</h2>\n");
    report_html_header(out, names);
    for (guint i = 0; i < r->mailboxes->len; i++)
        put_mailbox_row(out, g_ptr_array_index(r->mailboxes, i));
    report_html_end(out);
}

static void put_kinds(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Kind",     "#Copied",
                                         "#MB",      "#Already there",
                                         "#Failed",  "#Left out",
                                         "#Waiting", NULL };

    report_html_header(out, names);
    for (int i = 0; i < KIND_N; i++) {
        struct report_kind k;

        report_kind_counts(&m->counts, (enum item_kind)i, &k);
        if (k.copied + k.failed + k.waiting + k.left_out + k.already_there == 0)
            continue;
        g_string_append(out, "<tr>");
        report_html_cell(out, item_kind_name((enum item_kind)i));
        put_count(out, k.copied);
        put_megabytes(out, k.copied_bytes);
        put_count(out, k.already_there);
        put_count(out, k.failed);
        put_count(out, k.left_out);
        put_count(out, k.waiting);
        g_string_append(out, "</tr>\n");
    }
    report_html_end(out);
}

static void put_side(GString *out, const char *name,
                     const struct report_side *side, uint64_t bytes)
{
    g_autofree char *working = timestamp_duration(side->working_us);
    g_autofree char *throttled = timestamp_duration(side->throttled_us);
    g_autofree char *waiting = timestamp_duration(side->waiting_us);

    g_string_append(out, "<tr>");
    report_html_cell(out, name);
    put_count(out, side->requests);
    put_count(out, side->busy);
    report_html_cell(out, working);
    report_html_cell(out, throttled);
    report_html_cell(out, waiting);
    g_string_append_printf(out, "<td class=\"n\">%.0f</td></tr>\n",
                           report_mb_per_hour(bytes, side->working_us));
}

static void put_left_behind(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Hidden items left behind", "#Items",
                                         "Reason", NULL };

    if (m->left_behind->len == 0)
        return;
    report_html_header(out, names);
    for (guint i = 0; i < m->left_behind->len; i++) {
        const struct report_hidden *h =
            &g_array_index(m->left_behind, struct report_hidden, i);

        g_string_append(out, "<tr>");
        report_html_cell(out, h->item_class);
        put_count(out, h->n);
        report_html_cell(out, hidden_why_not(h->item_class));
        g_string_append(out, "</tr>\n");
    }
    report_html_end(out);
}

static void put_details(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = {
        "Side",           "#Requests",    "#Busy answers", "Working time",
        "Throttled time", "Waiting time", "#MB/h",         NULL,
    };

    g_string_append(out, "<details><summary>");
    put_text(out, m->mailbox->source_address);
    g_string_append(out, "</summary>\n");
    put_kinds(out, m);
    put_left_behind(out, m);
    report_html_header(out, names);
    put_side(out, "source", &m->source, m->bytes_copied);
    put_side(out, "destination", &m->destination, m->bytes_copied);
    report_html_end(out);
    g_string_append(out, "</details>\n");
}

struct listing {
    GString *out;
    size_t n;
};

static int put_failure(void *data, const struct report_mailbox *m,
                       const char *folder_path, const struct store_item *item,
                       struct err *err)
{
    struct listing *list = data;

    (void)err;
    if (list->n++ >= FAILURES_SHOWN)
        return 0;
    g_string_append(list->out, "<tr>");
    report_html_cell(list->out, m->mailbox->source_address);
    report_html_cell(list->out, folder_path);
    report_html_cell(list->out, item->subject);
    report_html_cell(list->out, report_cause(item));
    report_html_cell(list->out, report_remedy(item));
    g_string_append(list->out, "</tr>\n");
    return 0;
}

static int put_failures(GString *out, const struct report *r, struct err *err)
{
    static const char *const names[] = { "Mailbox", "Folder", "Subject",
                                         "Cause",   "Remedy", NULL };
    struct listing list = { .out = g_string_new(NULL) };

    for (guint i = 0; i < r->mailboxes->len; i++)
        if (report_failures(r, g_ptr_array_index(r->mailboxes, i), put_failure,
                            &list, err) < 0) {
            g_string_free(list.out, TRUE);
            return -1;
        }
    if (list.n > 0) {
        g_string_append(out, "<h2>What needs a person</h2>\n");
        report_html_header(out, names);
        g_string_append(out, list.out->str);
        report_html_end(out);
    }
    if (list.n > FAILURES_SHOWN)
        g_string_append_printf(out, "<p>And %zu more: see failures.csv.</p>\n",
                               list.n - FAILURES_SHOWN);
    g_string_free(list.out, TRUE);
    return 0;
}

char *report_html(const struct report *r, struct err *err)
{
    GString *out = g_string_new(head);

    put_summary(out, r);
    put_mailboxes(out, r);
    if (put_failures(out, r, err) < 0) {
        g_string_free(out, TRUE);
        return NULL;
    }
    if (report_trials_html(r, out, err) < 0) {
        g_string_free(out, TRUE);
        return NULL;
    }
    g_string_append(out, "<h2>Each mailbox</h2>\n");
    for (guint i = 0; i < r->mailboxes->len; i++)
        put_details(out, g_ptr_array_index(r->mailboxes, i));
    g_string_append(out, "</body>\n</html>\n");
    return g_string_free(out, FALSE);
}
