#include "engine/trial_priv.h"

#include "base/step.h"

/* What a fresh copy has otherwise as well is none of the update's doing. */
static GPtrArray *without(const GPtrArray *lines, GPtrArray *known)
{
    GPtrArray *rest = g_ptr_array_new();

    for (guint i = 0; i < lines->len; i++)
        if (!g_ptr_array_find_with_equal_func(known, lines->pdata[i],
                                              g_str_equal, NULL))
            g_ptr_array_add(rest, lines->pdata[i]);
    return rest;
}

static void count_against(struct trial_edits *e, const char *item_class,
                          const char *how, const char *what)
{
    if (e->against == NULL)
        e->against = g_strdup_printf("%s (%s: %s)", how, item_class, what);
}

/* What went is what the rich one had and the poor one lacks. */
static void count_for(struct trial_edits *e, const struct trial_pair *pair)
{
    const struct fts_makeup *rich = &pair->rich->makeup;
    const struct fts_makeup *poor = &pair->poor->makeup;

    e->attachments |= rich->n_attachments > poor->n_attachments;
    e->properties |= rich->n_properties > poor->n_properties;
}

static int judge(struct trial *t, const struct trial_class *class,
                 const struct trial_pair *pair, const struct reading *back,
                 const struct reading *after, struct err *err)
{
    const struct blob *rich = pair->rich->now.payload;
    const struct blob *poor = pair->poor->now.payload;
    g_autoptr(GPtrArray) usual = NULL, lines = NULL, left = NULL;
    g_autofree char *text = NULL;

    if (after->end != READING_DONE) {
        count_against(&t->edits, class->item_class,
                      "an updated item could not be read again",
                      after->why.msg);
        return 0;
    }
    if (fts_diff(rich, back->payload, &usual, err) < 0 ||
        fts_diff(poor, after->payload, &lines, err) < 0)
        return -1;
    left = without(lines, usual);
    if (left->len == 0) {
        count_for(&t->edits, pair);
        return 0;
    }
    text = trial_text(left);
    count_against(&t->edits, class->item_class, "an update left what is gone",
                  text);
    return 0;
}

int trial_edit(struct trial *t, const struct trial_class *class,
               const struct trial_pair *pair, const char *folder_id,
               const char *copy_id, const struct reading *back, struct err *err)
{
    const struct endpoint_put put = {
        .folder_id = folder_id,
        .replace_id = copy_id,
        .format = PAYLOAD_FTS,
        .payload = pair->poor->now.payload,
    };
    struct reading after = { 0 };
    g_autofree char *id = NULL;
    struct err why;
    int r = trial_put(t, &put, &id, &why);

    if (r < 0) {
        *err = why;
        return -1;
    }
    step("scratch-updated");
    if (r == 0 && policy_of(&why) != POLICY_FAIL)
        return 0; /* busy all the time: nothing was tried */
    if (r == 0) {
        count_against(&t->edits, class->item_class, "an update was refused",
                      why.msg);
        return 0;
    }
    r = trial_read(t, copy_id, PAYLOAD_FTS, &after, err);
    if (r == 0)
        r = judge(t, class, pair, back, &after, err);
    reading_clear(&after);
    return r;
}
