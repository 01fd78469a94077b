/* What trials have found out, as JSON, and back. */
#include "base/word.h"
#include "endpoint/endpoint.h"
#include "fleet/member.h"
#include "fleet/trial.h"

static json_t *line_of(const GPtrArray *edits, const struct store_trial *line)
{
    const struct store_edits *e = fleet_trial_find_edits(edits, line);
    json_t *o = json_object();

    member_set_text(o, "source_version", line->source);
    member_set_text(o, "destination_version", line->destination);
    member_set_text(o, "class", line->item_class);
    member_set_text(o, "format",
                    payload_format_name((enum payload_format)line->format));
    member_set_text(o, "outcome", trial_outcome_name(line->outcome));
    member_set_text(o, "what", line->what);
    member_set_text(o, "unknown_tags", line->unknown);
    member_set_text(o, "edits", e != NULL ? edits_way_name(e->way) : NULL);
    member_set_text(o, "edits_why", e != NULL ? e->why : NULL);
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

static bool read_line(const json_t *json, GPtrArray *to)
{
    struct store_trial *line = g_new0(struct store_trial, 1);
    int format = word_find(member_text(json, "format"), format_word,
                           PAYLOAD_PORTABLE + 1);
    int outcome =
        word_find(member_text(json, "outcome"), outcome_word, TRIAL_N);

    g_ptr_array_add(to, line);
    line->source = g_strdup(member_text(json, "source_version"));
    line->destination = g_strdup(member_text(json, "destination_version"));
    line->item_class = g_strdup(member_text(json, "class"));
    line->format = (unsigned int)MAX(format, 0);
    line->outcome = (enum trial_outcome)MAX(outcome, 0);
    line->what = g_strdup(member_text(json, "what"));
    line->unknown = g_strdup(member_text(json, "unknown_tags"));
    return format >= 0 && outcome >= 0 && line->source != NULL &&
           line->destination != NULL && line->item_class != NULL;
}

/* Each line of a pair of servers says the same. */
static bool read_edits(const json_t *json, GPtrArray *to)
{
    const char *word = member_text(json, "edits");
    int way = word_find(word, way_word, EDITS_N);
    struct store_edits *e;

    if (word == NULL)
        return true;
    e = g_new0(struct store_edits, 1);
    g_ptr_array_add(to, e);
    e->source = g_strdup(member_text(json, "source_version"));
    e->destination = g_strdup(member_text(json, "destination_version"));
    e->way = (enum edits_way)MAX(way, 0);
    e->why = g_strdup(member_text(json, "edits_why"));
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
