/* What trials have found out, in the report. */
#include "fleet/report_html.h"
#include "fleet/report_priv.h"
#include "fleet/trial.h"

static void put_line(GString *out, const GPtrArray *edits,
                     const struct store_trial *line)
{
    g_autofree char *class = fleet_trial_class(line);
    g_autofree char *outcome = fleet_trial_outcome(line);
    g_autofree char *how =
        fleet_trial_edits(line, fleet_trial_find_edits(edits, line));

    g_string_append(out, "<tr>");
    html_cell(out, line->source);
    html_cell(out, line->destination);
    html_cell(out, class);
    html_cell(out, outcome);
    html_cell(out, line->unknown);
    html_cell(out, how);
    g_string_append(out, "</tr>\n");
}

int report_trials_html(const struct report *r, GString *out, struct err *err)
{
    static const char *const names[] = {
        "From",  "To", "Class", "Outcome", "Tags unknown to the digest's table",
        "Edits", NULL,
    };
    g_auto(fleet_trials) t = { 0 };

    if (fleet_trials_read(r->store, &t, err) < 0)
        return -1;
    if (t.lines->len == 0)
        return 0;
    g_string_append(out, "<h2>Trial: an item of each class there and back"
                         "</h2>\n");
    html_header(out, names);
    for (guint i = 0; i < t.lines->len; i++)
        put_line(out, t.edits, t.lines->pdata[i]);
    html_end(out);
    return 0;
}

json_t *report_trials_json(const struct report *r, struct err *err)
{
    g_auto(fleet_trials) t = { 0 };

    return fleet_trials_read(r->store, &t, err) < 0 ? NULL
                                                    : fleet_trials_json(&t);
}
