#include <string.h>

#include "base/timestamp.h"
#include "engine/hidden.h"
#include "fleet/report_html.h"

static void put_kinds(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Kind",     "#Copied",
                                         "#MB",      "#Already there",
                                         "#Failed",  "#Left out",
                                         "#Waiting", NULL };

    html_header(out, names);
    for (int i = 0; i < KIND_N; i++) {
        struct report_kind k;

        report_kind_counts(&m->counts, (enum item_kind)i, &k);
        if (k.copied + k.failed + k.waiting + k.left_out + k.already_there == 0)
            continue;
        g_string_append(out, "<tr>");
        html_cell(out, item_kind_name((enum item_kind)i));
        html_count(out, k.copied);
        html_megabytes(out, k.copied_bytes);
        html_count(out, k.already_there);
        html_count(out, k.failed);
        html_count(out, k.left_out);
        html_count(out, k.waiting);
        g_string_append(out, "</tr>\n");
    }
    html_end(out);
}

static void put_side(GString *out, const char *name,
                     const struct report_side *side, uint64_t bytes)
{
    g_autofree char *working = timestamp_duration(side->working_us);
    g_autofree char *throttled = timestamp_duration(side->throttled_us);
    g_autofree char *waiting = timestamp_duration(side->waiting_us);

    g_string_append(out, "<tr>");
    html_cell(out, name);
    html_count(out, side->requests);
    html_count(out, side->busy);
    html_cell(out, working);
    html_cell(out, throttled);
    html_cell(out, waiting);
    g_string_append_printf(out, "<td class=\"n\">%.0f</td></tr>\n",
                           report_mb_per_hour(bytes, side->working_us));
}

static void put_verdicts(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Verification", "#Items", NULL };

    html_header(out, names);
    for (int i = 0; i < VERIFY_N; i++) {
        if (m->counts.verify[i] == 0)
            continue;
        g_string_append(out, "<tr>");
        html_cell(out, verify_class_name((enum verify_class)i));
        html_count(out, m->counts.verify[i]);
        g_string_append(out, "</tr>\n");
    }
    html_end(out);
}

static void put_settings(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Settings",       "#Set",
                                         "#Already there", "#Taken back",
                                         "#Left out",      "#Not mapped",
                                         "#Failed",        NULL };

    if (m->tallies->len == 0)
        return;
    html_header(out, names);
    for (guint i = 0; i < m->tallies->len; i++) {
        const struct tally *t = &g_array_index(m->tallies, struct tally, i);

        g_string_append(out, "<tr>");
        html_cell(out, t->part);
        for (int k = 0; k < SETTING_N; k++)
            html_count(out, t->by_outcome[k]);
        g_string_append(out, "</tr>\n");
    }
    html_end(out);
}

static void put_lines(GString *out, const struct report_mailbox *m,
                      const char *heading,
                      bool is_meant(const struct store_setting *line))
{
    const char *const names[] = { heading, NULL };
    bool headed = false;

    for (guint i = 0; i < m->settings->len; i++) {
        const struct store_setting *line = g_ptr_array_index(m->settings, i);

        if (!is_meant(line))
            continue;
        if (!headed)
            html_header(out, names);
        headed = true;
        g_string_append(out, "<tr>");
        html_cell(out, line->cause);
        g_string_append(out, "</tr>\n");
    }
    if (headed)
        html_end(out);
}

static void put_left_behind(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = { "Hidden items left behind", "#Items",
                                         "Reason", NULL };

    if (m->left_behind->len == 0)
        return;
    html_header(out, names);
    for (guint i = 0; i < m->left_behind->len; i++) {
        const struct report_hidden *h =
            &g_array_index(m->left_behind, struct report_hidden, i);

        g_string_append(out, "<tr>");
        html_cell(out, h->item_class);
        html_count(out, h->n);
        html_cell(out, hidden_why_not(h->item_class));
        g_string_append(out, "</tr>\n");
    }
    html_end(out);
}

void html_details(GString *out, const struct report_mailbox *m)
{
    static const char *const names[] = {
        "Side",           "#Requests",    "#Busy answers", "Working time",
        "Throttled time", "Waiting time", "#MB/h",         NULL,
    };

    g_string_append(out, "<details><summary>");
    html_text(out, m->mailbox->source_address);
    if (strcmp(m->mailbox->source_address, m->mailbox->destination_address) !=
        0) {
        g_string_append(out, " &rarr; ");
        html_text(out, m->mailbox->destination_address);
    }
    g_string_append_printf(out, ": %s</summary>\n",
                           mailbox_state_name(m->mailbox->state));
    put_kinds(out, m);
    put_verdicts(out, m);
    put_settings(out, m);
    put_lines(out, m, "Left behind by flags", report_is_left_out);
    put_lines(out, m, "Notes", report_is_note);
    put_left_behind(out, m);
    html_header(out, names);
    put_side(out, "source", &m->source, m->bytes_copied);
    put_side(out, "destination", &m->destination, m->bytes_copied);
    html_end(out);
    g_string_append(out, "</details>\n");
}
