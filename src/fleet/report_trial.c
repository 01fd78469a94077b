/* What trials have found out, in the report. */
#include <jansson.h>

#include "endpoint/endpoint.h"
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
    g_autoptr(GPtrArray) trials = NULL, edits = NULL;

    if (store_trials(r->store, &trials, err) < 0 ||
        store_edits(r->store, &edits, err) < 0)
        return -1;
    if (trials->len == 0)
        return 0;
    g_string_append(out, "<h2>Trial: an item of each class there and back"
                         "</h2>\n");
    html_header(out, names);
    for (guint i = 0; i < trials->len; i++)
        put_line(out, edits, trials->pdata[i]);
    html_end(out);
    return 0;
}

static void set_text(json_t *o, const char *name, const char *text)
{
    json_object_set_new(o, name,
                        text != NULL ? json_string(text) : json_null());
}

static json_t *line_of(const GPtrArray *edits, const struct store_trial *line)
{
    const struct store_edits *e = fleet_trial_find_edits(edits, line);
    json_t *o = json_object();

    set_text(o, "source_version", line->source);
    set_text(o, "destination_version", line->destination);
    set_text(o, "class", line->item_class);
    set_text(o, "format",
             payload_format_name((enum payload_format)line->format));
    set_text(o, "outcome", trial_outcome_name(line->outcome));
    set_text(o, "what", line->what);
    set_text(o, "unknown_tags", line->unknown);
    set_text(o, "edits", e != NULL ? edits_way_name(e->way) : NULL);
    set_text(o, "edits_why", e != NULL ? e->why : NULL);
    return o;
}

json_t *report_trials_json(const struct report *r, struct err *err)
{
    g_autoptr(GPtrArray) trials = NULL, edits = NULL;
    json_t *all;

    if (store_trials(r->store, &trials, err) < 0 ||
        store_edits(r->store, &edits, err) < 0)
        return NULL;
    all = json_array();
    for (guint i = 0; i < trials->len; i++)
        json_array_append_new(all, line_of(edits, trials->pdata[i]));
    return all;
}
