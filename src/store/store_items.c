/*
 * The ledger's operations, as store.c has the others: checked, then done by
 * the implementation.
 */
#include "base/step.h"
#include "store/store_priv.h"

static int check_change(const struct store_change *c, struct err *err)
{
    if (store_check(err, "item id", c->source_id, STORE_ID_MAX) < 0 ||
        store_check_opt(err, "change key", c->change_key, STORE_ID_MAX) < 0 ||
        store_check_opt(err, "item class", c->item_class, STORE_NAME_MAX) < 0)
        return -1;
    return store_check_opt(err, "search key", c->search_key, STORE_ID_MAX);
}

int store_items_list(struct store *s, const struct store_lease *lease,
                     int64_t folder_id, const struct store_change *changes,
                     size_t n, const char *token, size_t *ret_listed,
                     struct err *err)
{
    size_t listed = 0;

    for (size_t i = 0; i < n; i++)
        if (check_change(&changes[i], err) < 0)
            return -1;
    if (store_check_token(err, token) < 0 ||
        s->ops->items_list(s, lease, folder_id, changes, n, token, &listed,
                           err) < 0)
        return -1;
    step("list");
    if (ret_listed != NULL)
        *ret_listed = listed;
    return 0;
}

int store_items_next(struct store *s, int64_t folder_id, int64_t now_us,
                     const int64_t *busy, size_t n_busy, size_t max,
                     GPtrArray **ret, struct err *err)
{
    return s->ops->items_next(s, folder_id, now_us, busy, n_busy, max, ret,
                              err);
}

int store_items_waiting(struct store *s, int64_t mailbox_id, int64_t now_us,
                        GArray **ret, struct err *err)
{
    return s->ops->items_waiting(s, mailbox_id, now_us, ret, err);
}

static int check_intent(const struct store_intent *intent, struct err *err)
{
    g_assert(intent->digest_len <= STORE_DIGEST_MAX);
    g_assert(intent->moved_from != intent->item_id);
    return store_check_opt(err, "change key", intent->change_key, STORE_ID_MAX);
}

int store_items_intend(struct store *s, const struct store_lease *lease,
                       int64_t pass_id, const struct store_intent *intents,
                       size_t n, int64_t deadline_us, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_intent(&intents[i], err) < 0)
            return -1;
    if (s->ops->items_intend(s, lease, pass_id, intents, n, deadline_us, err) <
        0)
        return -1;
    step("intend");
    return 0;
}

/* COPIED has a destination id; FAILED has a reason. */
static int check_outcome(const struct store_outcome *o, struct err *err)
{
    g_assert(o->state < ITEM_N_STATES);
    if ((o->state == ITEM_COPIED || o->state == ITEM_ALREADY_THERE) &&
        store_check(err, "destination id", o->destination_id, STORE_ID_MAX) < 0)
        return -1;
    if (o->state == ITEM_FAILED)
        return store_check(err, "reason of a failure", o->reason, SIZE_MAX - 1);
    return 0;
}

int store_items_record(struct store *s, const struct store_lease *lease,
                       const struct store_outcome *outcomes, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_outcome(&outcomes[i], err) < 0)
            return -1;
    if (s->ops->items_record(s, lease, outcomes, n, err) < 0)
        return -1;
    step("record");
    return 0;
}

static int check_adoption(const struct store_adoption *a, struct err *err)
{
    g_assert(a->state == ITEM_ALREADY_THERE || a->state == ITEM_COPIED);
    g_assert(a->reason == NULL || a->state == ITEM_ALREADY_THERE);
    g_assert(a->digest_len <= STORE_DIGEST_MAX && a->verify < VERIFY_N);
    g_assert((a->left == 0 && a->lies_with == 0) ||
             a->state == ITEM_ALREADY_THERE);
    g_assert(a->left != a->item_id);
    if (store_check(err, "destination id", a->destination_id, STORE_ID_MAX) < 0)
        return -1;
    return store_check_opt(err, "change key", a->change_key, STORE_ID_MAX);
}

int store_items_adopt(struct store *s, const struct store_lease *lease,
                      const struct store_adoption *adoptions, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_adoption(&adoptions[i], err) < 0)
            return -1;
    if (s->ops->items_adopt(s, lease, adoptions, n, err) < 0)
        return -1;
    step("adopt");
    return 0;
}

static int check_follow(const struct store_follow *f, struct err *err)
{
    g_assert(f->state < ITEM_N_STATES && f->digest_len <= STORE_DIGEST_MAX);
    if (f->state == ITEM_FAILED &&
        store_check(err, "reason of a failure", f->reason, SIZE_MAX - 1) < 0)
        return -1;
    return store_check_opt(err, "change key", f->change_key, STORE_ID_MAX);
}

int store_items_follow(struct store *s, const struct store_lease *lease,
                       const struct store_follow *follows, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_follow(&follows[i], err) < 0)
            return -1;
    if (s->ops->items_follow(s, lease, follows, n, err) < 0)
        return -1;
    step("follow");
    return 0;
}

int store_items_wake(struct store *s, const struct store_lease *lease,
                     struct err *err)
{
    return s->ops->items_wake(s, lease, err);
}

int store_items_retry_failed(struct store *s, const struct store_lease *lease,
                             size_t *ret_n, struct err *err)
{
    size_t n = 0;

    if (s->ops->items_retry_failed(s, lease, &n, err) < 0)
        return -1;
    step("retry");
    if (ret_n != NULL)
        *ret_n = n;
    return 0;
}

int store_items(struct store *s, const struct store_item_query *query,
                GPtrArray **ret, struct err *err)
{
    g_assert(query->pending == 0 || (query->pass_id == 0 && !query->replaced));
    return s->ops->items(s, query, ret, err);
}

int store_item_find(struct store *s, int64_t mailbox_id, int64_t item_id,
                    struct store_item **ret, struct err *err)
{
    const struct store_item_query query = { .mailbox_id = mailbox_id,
                                            .after_id = item_id - 1,
                                            .max = 1 };
    g_autoptr(GPtrArray) next = NULL;

    if (store_items(s, &query, &next, err) < 0)
        return -1;
    if (next->len == 0 ||
        ((const struct store_item *)next->pdata[0])->id != item_id)
        return 0;
    *ret = g_ptr_array_steal_index(next, 0);
    return 1;
}

int store_items_verify(struct store *s, const struct store_lease *lease,
                       const struct store_verdict *verdicts, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        g_assert(verdicts[i].verify < VERIFY_N);
    if (s->ops->items_verify(s, lease, verdicts, n, err) < 0)
        return -1;
    step("verify");
    return 0;
}

int store_items_verify_reset(struct store *s, const struct store_lease *lease,
                             struct err *err)
{
    if (s->ops->items_verify_reset(s, lease, err) < 0)
        return -1;
    step("verify");
    return 0;
}
