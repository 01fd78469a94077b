#include "fleet/standing.h"

#include <string.h>

#include "fleet/member.h"

/* clang-format off */
#define N(name, member, field)                                          \
    { name, member, offsetof(struct standing, field) }
const struct standing_number standing_numbers[] = {
    N("known", "known", known),
    N("copied", "copied", copied),
    N("already_there", "alreadyThere", there),
    N("bytes", "bytes", bytes),
    N("failed", "failed", failed),
    N("waiting", "waiting", waiting),
    N("verified", "verified", verified),
    N("missing_or_different", "missingOrDifferent", wrong),
    N("hidden", "hidden", hidden),
    { NULL, NULL, 0 },
};
const struct standing_number standing_passes[] = {
    N("copied", "copied", passes.items_copied),
    N("bytes", "bytes", passes.bytes_copied),
    N("failed", "failed", passes.items_failed),
    N("updated", "updated", passes.updated),
    N("marked", "marked", passes.marked),
    N("moved", "moved", passes.moved),
    N("removed", "removed", passes.removed),
    N("conflicts", "conflicts", passes.conflicts),
    N("adopted", "adopted", passes.adopted),
    N("already_there", "alreadyThere", passes.already_there),
    N("unlike", "unlike", passes.unlike),
    N("doubles", "doubles", passes.doubles),
    N("settled", "settled", passes.settled),
    { NULL, NULL, 0 },
};
#undef N
/* clang-format on */

uint64_t standing_get(const struct standing *s, const struct standing_number *n)
{
    return G_STRUCT_MEMBER(uint64_t, s, n->offset);
}

void standing_add(struct standing *s, const struct standing_number *n,
                  uint64_t value)
{
    G_STRUCT_MEMBER(uint64_t, s, n->offset) += value;
}

void standing_clear(struct standing *s)
{
    if (s->tallies != NULL)
        g_array_unref(s->tallies);
    if (s->parts != NULL)
        g_ptr_array_unref(s->parts);
    *s = (struct standing){ 0 };
}

struct tally *standing_add_part(struct standing *s, const char *name)
{
    struct tally fresh = { .part = g_strdup(name) };

    if (s->tallies == NULL) {
        s->tallies = g_array_new(FALSE, FALSE, sizeof(struct tally));
        s->parts = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(s->parts, (char *)(uintptr_t)fresh.part);
    g_array_append_val(s->tallies, fresh);
    return &g_array_index(s->tallies, struct tally, s->tallies->len - 1);
}

static void add_counts(struct standing *s, const struct store_counts *c)
{
    for (int kind = 0; kind < KIND_N; kind++) {
        if (kind == KIND_HIDDEN)
            continue;
        for (int state = 0; state < ITEM_N_STATES; state++)
            s->known += c->by[kind][state].items;
        s->copied += c->by[kind][ITEM_COPIED].items;
    }
    s->hidden = c->by[KIND_HIDDEN][ITEM_COPIED].items;
    for (int kind = 0; kind < KIND_N; kind++) {
        s->there += c->by[kind][ITEM_ALREADY_THERE].items;
        s->bytes += c->by[kind][ITEM_COPIED].bytes;
        s->failed += c->by[kind][ITEM_FAILED].items;
        s->waiting +=
            c->by[kind][ITEM_LISTED].items + c->by[kind][ITEM_INTENDED].items;
    }
    s->verified =
        c->verify[VERIFY_VERIFIED] - c->verify_hidden[VERIFY_VERIFIED];
    s->wrong = c->verify[VERIFY_MISSING] + c->verify[VERIFY_DIFFERENT];
    memcpy(s->verify, c->verify, sizeof(s->verify));
}

static int add_passes(struct store *s, int64_t mailbox_id, struct standing *to,
                      struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (store_passes(s, mailbox_id, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct standing one = {
            .passes = *(const struct store_pass *)all->pdata[i]
        };

        for (const struct standing_number *n = standing_passes; n->name != NULL;
             n++)
            standing_add(to, n, standing_get(&one, n));
    }
    return 0;
}

static int add_settings(struct store *s, int64_t mailbox_id,
                        struct standing *to, struct err *err)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GArray) tallies = NULL;

    if (store_settings(s, mailbox_id, &lines, err) < 0)
        return -1;
    tallies = tally_of(lines);
    for (guint i = 0; i < tallies->len; i++) {
        const struct tally *from = &g_array_index(tallies, struct tally, i);
        struct tally *t = standing_add_part(to, from->part);

        memcpy(t->by_outcome, from->by_outcome, sizeof(t->by_outcome));
    }
    return 0;
}

int standing_read(struct store *s, int64_t mailbox_id, struct standing *ret,
                  struct err *err)
{
    g_auto(standing) found = { 0 };
    struct store_counts counts;

    if (store_counts(s, mailbox_id, &counts, err) < 0)
        return -1;
    add_counts(&found, &counts);
    if (add_passes(s, mailbox_id, &found, err) < 0 ||
        add_settings(s, mailbox_id, &found, err) < 0)
        return -1;
    *ret = found;
    found = (struct standing){ 0 };
    return 0;
}

/* ---- as JSON ------------------------------------------------------------- */

json_t *standing_settings_json(const struct standing *s)
{
    json_t *all = json_object();

    for (guint i = 0; s->tallies != NULL && i < s->tallies->len; i++) {
        const struct tally *t = &g_array_index(s->tallies, struct tally, i);
        json_t *o = json_object();

        for (int k = 0; k < SETTING_N; k++)
            if (t->by_outcome[k] > 0)
                json_object_set_new(
                    o, setting_outcome_name((enum setting_outcome)k),
                    json_integer((json_int_t)t->by_outcome[k]));
        json_object_set_new(all, t->part, o);
    }
    return all;
}

static json_t *numbers_json(const struct standing *s,
                            const struct standing_number *n)
{
    json_t *all = json_object();

    for (; n->name != NULL; n++)
        json_object_set_new(all, n->member,
                            json_integer((json_int_t)standing_get(s, n)));
    return all;
}

/* Each there is one of. */
static json_t *verdicts_json(const struct standing *s)
{
    json_t *all = json_object();

    for (int i = VERIFY_NONE + 1; i < VERIFY_N; i++)
        if (s->verify[i] > 0)
            json_object_set_new(all, verify_class_name((enum verify_class)i),
                                json_integer((json_int_t)s->verify[i]));
    return all;
}

json_t *standing_json(const struct standing *s)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "items",
                     numbers_json(s, standing_numbers), "passes",
                     numbers_json(s, standing_passes), "verdicts",
                     verdicts_json(s), "settings", standing_settings_json(s));
}

static void parse_numbers(const json_t *json, const struct standing_number *n,
                          struct standing *ret)
{
    for (; n->name != NULL; n++)
        standing_add(ret, n, member_number(json, n->member));
}

void standing_parse(const json_t *json, struct standing *ret)
{
    const json_t *verdicts = json_object_get(json, "verdicts");
    const char *part;
    json_t *outcomes;

    *ret = (struct standing){ 0 };
    parse_numbers(json_object_get(json, "items"), standing_numbers, ret);
    parse_numbers(json_object_get(json, "passes"), standing_passes, ret);
    for (int i = VERIFY_NONE + 1; i < VERIFY_N; i++)
        ret->verify[i] =
            member_number(verdicts, verify_class_name((enum verify_class)i));
    json_object_foreach(json_object_get(json, "settings"), part, outcomes)
    {
        struct tally *t = standing_add_part(ret, part);

        for (int k = 0; k < SETTING_N; k++)
            t->by_outcome[k] = member_number(
                outcomes, setting_outcome_name((enum setting_outcome)k));
    }
}
