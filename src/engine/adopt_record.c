#include "engine/adopt.h"
#include "engine/hidden.h"

static bool counts_as_ours(const struct adopting *a, const struct search *s)
{
    return s->grade == GRADE_EQUAL &&
           (s->hit.stamped || a->lane->copy->pass.options.adopt);
}

static void tell(struct adopting *a, const struct search *s)
{
    struct store_pass *record = &a->lane->copy->pass.record;

    /* Hidden items are counted apart from those that people know of. */
    if (hidden_is(a->lane->folder->row->source_id))
        return;
    pthread_mutex_lock(&a->lane->copy->pass.lock);
    if (counts_as_ours(a, s))
        record->adopted++;
    else
        record->already_there++;
    record->unlike += s->grade == GRADE_SAME_KEY;
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    pass_event(&a->lane->copy->pass,
               &(struct engine_event){
                   .kind = ENGINE_ADOPTED, .n = 1, .bytes = s->bytes });
    pass_progress(&a->lane->copy->pass);
}

/* Who had it by its key alone is copied after all. */
static int take_away(struct adopting *a, const struct search *s,
                     struct err *err)
{
    struct lane *l = a->lane;
    const struct engine_job *job = l->copy->pass.job;
    const struct store_outcome o = { .item_id = s->taken_from,
                                     .state = ITEM_LISTED };
    const struct store_verdict v = { s->taken_from, VERIFY_NONE, NULL };
    struct err why;

    if (s->taken_from == 0)
        return 0;
    if (store_items_record(job->store, &job->lease, &o, 1, &why) < 0) {
        if (policy_is_wrong_state(&why))
            return 0; /* it went another way */
        *err = why;
        return -1;
    }
    feed_wake(l->copy, l->folder);
    return store_items_verify(job->store, &job->lease, &v, 1, err);
}

static struct store_adoption adoption_of(const struct adopting *a,
                                         const struct search *s,
                                         uint8_t digest[DIGEST_PACKED],
                                         const char *reason)
{
    static const enum verify_class classes[] = {
        [GRADE_EQUAL] = VERIFY_VERIFIED,
        [GRADE_LIKELY] = VERIFY_PRESENT,
        [GRADE_SAME_KEY] = VERIFY_DIFFERENT,
    };

    return (struct store_adoption){
        .item_id = s->cargo->item->id,
        .state = counts_as_ours(a, s) ? ITEM_COPIED : ITEM_ALREADY_THERE,
        .destination_id = s->hit.id,
        .change_key = s->cargo->change_key,
        .size_bytes = s->bytes,
        .digest = digest,
        /* Without one it stays known that nothing was proved. */
        .digest_len = s->readable && s->grade != GRADE_LIKELY
                          ? digest_pack(&s->digest, digest)
                          : 0,
        .format = s->format,
        .verify = classes[s->grade],
        .reason = reason,
    };
}

static void adopted(struct adopting *a, struct search *s)
{
    s->cargo->state = CARGO_RECORDED;
    s->cargo->to = ITEM_ALREADY_THERE;
    cargo_unload(s->cargo);
    tell(a, s);
}

/* One that its row, or the ledger, does not allow is dropped. */
static int refused(struct adopting *a, struct search *s, const struct err *why,
                   struct err *err)
{
    adopt_give_back(a, s);
    if (policy_is_taken(why))
        return 0; /* it is sent */
    if (!policy_is_wrong_state(why)) {
        *err = *why;
        return -1;
    }
    s->cargo->state = CARGO_RECORDED; /* deleted at the source meanwhile */
    return 0;
}

static int record(struct adopting *a, struct search *const *set,
                  const struct store_adoption *adoptions, size_t n,
                  struct err *err);

/* Who is to give it up has put it on record after we asked: once more. */
static int take_again(struct adopting *a, struct search *s,
                      const struct store_adoption *adoption, struct err *err)
{
    if (take_away(a, s, err) < 0)
        return -1;
    s->taken_from = 0;
    return record(a, &s, adoption, 1, err);
}

/* All or none is the store's rule; ours is that one holds up no other. */
static int record(struct adopting *a, struct search *const *set,
                  const struct store_adoption *adoptions, size_t n,
                  struct err *err)
{
    const struct engine_job *job = a->lane->copy->pass.job;
    size_t half = n / 2;
    struct err why;

    if (n == 0)
        return 0;
    if (store_items_adopt(job->store, &job->lease, adoptions, n, &why) == 0) {
        for (size_t i = 0; i < n; i++)
            adopted(a, set[i]);
        return 0;
    }
    if (n == 1 && policy_is_taken(&why) && set[0]->taken_from != 0)
        return take_again(a, set[0], adoptions, err);
    if (n == 1 || (!policy_is_taken(&why) && !policy_is_wrong_state(&why)))
        return refused(a, set[0], &why, err);
    if (record(a, set, adoptions, half, err) < 0)
        return -1;
    return record(a, set + half, adoptions + half, n - half, err);
}

int adopt_record(struct adopting *a, struct err *err)
{
    g_autofree struct search **set = g_new0(struct search *, a->n + 1);
    g_autofree struct store_adoption *adoptions =
        g_new0(struct store_adoption, a->n + 1);
    g_autofree uint8_t(*digests)[DIGEST_PACKED] =
        g_malloc0_n(a->n + 1, sizeof(*digests));
    g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++) {
        struct search *s = &a->all[i];
        char *reason;

        if (s->grade == GRADE_NONE)
            continue;
        if (take_away(a, s, err) < 0)
            return -1;
        reason = s->grade == GRADE_SAME_KEY ? adopt_reason(s) : NULL;
        g_ptr_array_add(reasons, reason);
        adoptions[n] = adoption_of(a, s, digests[n], reason);
        set[n++] = s;
    }
    return record(a, set, adoptions, n, err);
}
