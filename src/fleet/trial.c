#include "fleet/trial.h"

#include "endpoint/endpoint.h"

/* What came from outside, on one line of a terminal; takes text. */
static char *one_line(char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);

    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        g_string_append_unichar(out, g_unichar_isprint(c) ? c : ' ');
    }
    g_free(text);
    return g_string_free(out, FALSE);
}

char *fleet_trial_class(const struct store_trial *trial)
{
    return one_line(g_strdup_printf(
        "%s (%s)", item_kind_name(item_kind_of_class(trial->item_class)),
        trial->item_class));
}

char *fleet_trial_outcome(const struct store_trial *trial)
{
    const char *what = trial->what != NULL ? trial->what : "?";

    switch (trial->outcome) {
    case TRIAL_WHOLE:
        return g_strdup("comes back whole");
    case TRIAL_ALTERED:
        return one_line(g_strdup_printf("comes back altered: %s", what));
    case TRIAL_FAILED:
    case TRIAL_N:
        break;
    }
    return one_line(g_strdup_printf("did not come back: %s", what));
}

char *fleet_trial_edits(const struct store_trial *of,
                        const struct store_edits *edits)
{
    const char *why = edits != NULL && edits->why != NULL ? edits->why : "?";

    if (of->format != PAYLOAD_FTS)
        return g_strdup("by replacement, as always where items travel as MIME "
                        "and properties");
    if (edits == NULL || edits->way == EDITS_UNTRIED)
        return one_line(
            g_strdup_printf("in place, and each is read again: not tried, "
                            "since %s",
                            why));
    if (edits->way == EDITS_IN_PLACE)
        return g_strdup("in place");
    return one_line(g_strdup_printf("by replacement, since %s", why));
}

const struct store_edits *fleet_trial_find_edits(const GPtrArray *edits,
                                                 const struct store_trial *of)
{
    for (guint i = 0; i < edits->len; i++) {
        const struct store_edits *e = edits->pdata[i];

        if (strcmp(e->source, of->source) == 0 &&
            strcmp(e->destination, of->destination) == 0)
            return e;
    }
    return NULL;
}

/* The line begins another pair of servers than the one before it. */
static bool begins_pair(const GPtrArray *trials, guint i)
{
    const struct store_trial *is = trials->pdata[i];
    const struct store_trial *was = i > 0 ? trials->pdata[i - 1] : NULL;

    return was == NULL || strcmp(was->source, is->source) != 0 ||
           strcmp(was->destination, is->destination) != 0;
}

/* ---- for a terminal ------------------------------------------------------ */

/* Each tag of the pair's lines once, in their order. */
static void add_tags(GPtrArray *tags, const char *unknown)
{
    g_auto(GStrv) words = g_strsplit(unknown != NULL ? unknown : "", ", ", -1);

    for (char **w = words; *w != NULL; w++)
        if (**w != '\0' &&
            !g_ptr_array_find_with_equal_func(tags, *w, g_str_equal, NULL))
            g_ptr_array_add(tags, one_line(g_strdup(*w)));
}

/* Those that nobody knows; of those with a name their number will do. */
static void put_tags(GString *out, GPtrArray *tags)
{
    guint n_named = 0;

    g_string_append(out, "  tags unknown to the digest's table:");
    for (guint i = 0; i < tags->len; i++) {
        const char *tag = tags->pdata[i];

        if (strchr(tag, ' ') == NULL)
            g_string_append_printf(out, " %s", tag);
        else
            n_named++;
    }
    if (n_named == tags->len)
        g_string_append(out, " none");
    if (n_named > 0)
        g_string_append_printf(out,
                               " (and %u of which the report has the names; "
                               "they are compared as they are)",
                               n_named);
    g_string_append_c(out, '\n');
    g_ptr_array_set_size(tags, 0);
}

static void put_line(GString *out, const struct store_trial *line)
{
    g_autofree char *class = fleet_trial_class(line);
    g_autofree char *outcome = fleet_trial_outcome(line);

    g_string_append_printf(out, "  %s: %s\n", class, outcome);
}

static void put_end(GString *out, const struct store_trial *last,
                    const GPtrArray *edits, GPtrArray *tags)
{
    g_autofree char *how =
        fleet_trial_edits(last, fleet_trial_find_edits(edits, last));

    if (last->format == PAYLOAD_FTS)
        put_tags(out, tags);
    g_string_append_printf(out, "  edits: %s\n", how);
}

char *fleet_trials_text(const struct fleet_trials *t)
{
    const GPtrArray *all = t->lines;
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < all->len; i++) {
        const struct store_trial *line = all->pdata[i];

        if (begins_pair(all, i))
            g_string_append_printf(out, "trial from %s to %s:\n", line->source,
                                   line->destination);
        put_line(out, line);
        add_tags(tags, line->unknown);
        if (i + 1 == all->len || begins_pair(all, i + 1))
            put_end(out, line, t->edits, tags);
    }
    return g_string_free(out, FALSE);
}

/* ---- all of a migration -------------------------------------------------- */

int fleet_trials_read(struct store *s, struct fleet_trials *ret,
                      struct err *err)
{
    g_auto(fleet_trials) t = { 0 };

    if (store_trials(s, &t.lines, err) < 0 || store_edits(s, &t.edits, err) < 0)
        return -1;
    *ret = t;
    t = (struct fleet_trials){ 0 };
    return 0;
}

void fleet_trials_clear(struct fleet_trials *t)
{
    g_clear_pointer(&t->lines, g_ptr_array_unref);
    g_clear_pointer(&t->edits, g_ptr_array_unref);
}
