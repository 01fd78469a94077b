/* What trials have found out, as JSON, and back. */
#include "base/word.h"
#include "endpoint/endpoint.h"
#include "fleet/trial.h"

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

json_t *fleet_trials_json(const struct fleet_trials *t)
{
    json_t *all = json_array();

    for (guint i = 0; i < t->lines->len; i++)
        json_array_append_new(all, line_of(t->edits, t->lines->pdata[i]));
    return all;
}

/* ---- back ---------------------------------------------------------------- */

static const char *format_word(int i)
{
    return payload_format_name((enum payload_format)i);
}

static const char *outcome_word(int i)
{
    return trial_outcome_name((enum trial_outcome)i);
}

static const char *way_word(int i)
{
    return edits_way_name((enum edits_way)i);
}

static const char *string_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static bool read_line(const json_t *json, GPtrArray *to)
{
    struct store_trial *line = g_new0(struct store_trial, 1);
    int format =
        word_find(string_of(json, "format"), format_word, PAYLOAD_PORTABLE + 1);
    int outcome = word_find(string_of(json, "outcome"), outcome_word, TRIAL_N);

    g_ptr_array_add(to, line);
    line->source = g_strdup(string_of(json, "source_version"));
    line->destination = g_strdup(string_of(json, "destination_version"));
    line->item_class = g_strdup(string_of(json, "class"));
    line->format = (unsigned int)MAX(format, 0);
    line->outcome = (enum trial_outcome)MAX(outcome, 0);
    line->what = g_strdup(string_of(json, "what"));
    line->unknown = g_strdup(string_of(json, "unknown_tags"));
    return format >= 0 && outcome >= 0 && line->source != NULL &&
           line->destination != NULL && line->item_class != NULL;
}

/* Each line of a pair of servers says the same. */
static bool read_edits(const json_t *json, GPtrArray *to)
{
    const char *word = string_of(json, "edits");
    int way = word_find(word, way_word, EDITS_N);
    struct store_edits *e;

    if (word == NULL)
        return true;
    e = g_new0(struct store_edits, 1);
    g_ptr_array_add(to, e);
    e->source = g_strdup(string_of(json, "source_version"));
    e->destination = g_strdup(string_of(json, "destination_version"));
    e->way = (enum edits_way)MAX(way, 0);
    e->why = g_strdup(string_of(json, "edits_why"));
    return way >= 0;
}

int fleet_trials_parse(const json_t *json, struct fleet_trials *ret,
                       struct err *err)
{
    size_t i;
    json_t *one;

    ret->lines =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_trial_free);
    ret->edits =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_edits_free);
    json_array_foreach(json, i, one)
    {
        if (!read_line(one, ret->lines) || !read_edits(one, ret->edits))
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "what a trial found out is told in words that this "
                           "program does not know");
    }
    return 0;
}
