/*
 * The store in memory: the ledger.
 */
#include "base/timestamp.h"
#include "store/ledger.h"
#include "store/mem_priv.h"

struct store_item *mstore_item(struct mstore *s, int64_t mailbox_id, int64_t id,
                               struct err *err)
{
    int64_t folder_id = item_id_folder(id), number = id & ITEM_NUMBER_MAX;
    const struct mstore_folder *f = NULL;

    if (folder_id >= 1 && folder_id <= (int64_t)s->folders->len)
        f = s->folders->pdata[folder_id - 1];
    if (f != NULL && f->mailbox_id == mailbox_id && number >= 1 &&
        number <= (int64_t)f->items->len)
        return f->items->pdata[number - 1];
    store_refuse_missing(err, "item", id);
    return NULL;
}

static struct ledger_item ledger_of(const struct store_item *item)
{
    return (struct ledger_item){ item->state, item->pending, item->tries };
}

/* What was said before it failed is true again. */
static void clear_reason(struct store_item *item)
{
    g_free(item->reason);
    item->reason = g_steal_pointer(&item->reason_there);
    mstore_set(&item->remedy, NULL);
    mstore_set(&item->error_name, NULL);
    if (item->lost == NULL) /* that has to be found still */
        mstore_set(&item->subject, NULL);
}

void mstore_become(struct store_item *item, const struct ledger_item *next)
{
    unsigned int facts = ledger_facts(next);

    if (item->state == ITEM_FAILED && next->state == ITEM_ALREADY_THERE)
        clear_reason(item);
    item->state = next->state;
    item->pending = next->pending;
    item->tries = next->tries;
    if ((facts & LEDGER_DIGEST) == 0)
        item->digest_len = 0;
    if ((facts & LEDGER_DEADLINE) == 0)
        item->deadline_us = 0;
    if ((facts & LEDGER_MOVED) == 0)
        item->moved_from = 0;
    if ((facts & LEDGER_WAIT) == 0)
        item->not_before_us = 0;
    if ((facts & LEDGER_REASON) == 0)
        clear_reason(item);
}

/* ---- listing -------------------------------------------------------- */

static void take_listing(struct store_item *item, const struct store_change *c)
{
    if (c->change_key != NULL)
        mstore_set(&item->change_key, c->change_key);
    if (c->item_class != NULL)
        mstore_set(&item->item_class, c->item_class);
    if (c->search_key != NULL)
        mstore_set(&item->search_key, c->search_key);
    if (c->received_us != TIMESTAMP_NONE)
        item->received_us = c->received_us;
    if (c->size_bytes != 0)
        item->size_bytes = store_size(c->size_bytes);
}

static bool list_new(struct mstore_folder *f, const struct store_change *c)
{
    struct ledger_item row;
    struct store_item *item;

    if (!ledger_list_new(&row, c))
        return false;
    item = g_new0(struct store_item, 1);
    g_ptr_array_add(f->items, item);
    item->id = item_id_make(f->f->id, f->items->len);
    item->folder_id = f->f->id;
    item->source_id = g_strdup(c->source_id);
    item->state = row.state;
    item->received_us = TIMESTAMP_NONE;
    item->read = c->read;
    take_listing(item, c);
    g_hash_table_insert(f->by_source, item->source_id, item);
    return true;
}

static void list_known(struct store_item *item, const struct store_change *c)
{
    struct ledger_item next = ledger_of(item);
    bool same_key = g_strcmp0(c->change_key, item->change_key) == 0;

    if (ledger_list(&next, c, same_key, c->read == item->read))
        take_listing(item, c);
    if (c->kind != STORE_DELETED)
        item->read = c->read;
    mstore_become(item, &next);
}

int mstore_items_list(struct store *base, const struct store_lease *lease,
                      int64_t folder_id, const struct store_change *changes,
                      size_t n, const char *token, size_t *ret_listed,
                      struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_folder *f = mstore_leased_folder(s, lease, folder_id, err);
    size_t listed = 0;

    if (f == NULL)
        return mstore_unlock(s, -1);
    if (f->items->len + n > ITEM_NUMBER_MAX)
        return mstore_unlock(s, store_refuse_full(err, folder_id));
    for (size_t i = 0; i < n; i++) {
        const struct store_change *c = &changes[i];
        struct store_item *item =
            g_hash_table_lookup(f->by_source, c->source_id);

        if (item != NULL)
            list_known(item, c);
        else if (list_new(f, c))
            listed++;
    }
    if (token != NULL)
        mstore_set(&f->f->source_token, token);
    *ret_listed = listed;
    return mstore_unlock(s, 0);
}

/* ---- what to do next ------------------------------------------------ */

struct store_item *mstore_item_dup(const struct store_item *item)
{
    struct store_item *copy = g_new(struct store_item, 1);

    *copy = *item;
    copy->source_id = g_strdup(item->source_id);
    copy->change_key = g_strdup(item->change_key);
    copy->item_class = g_strdup(item->item_class);
    copy->search_key = g_strdup(item->search_key);
    copy->destination_id = g_strdup(item->destination_id);
    copy->old_destination_id = g_strdup(item->old_destination_id);
    copy->why_format = g_strdup(item->why_format);
    copy->lost = g_strdup(item->lost);
    copy->reason = g_strdup(item->reason);
    copy->reason_there = g_strdup(item->reason_there);
    copy->remedy = g_strdup(item->remedy);
    copy->error_name = g_strdup(item->error_name);
    copy->subject = g_strdup(item->subject);
    copy->verify_note = g_strdup(item->verify_note);
    return copy;
}

GPtrArray *mstore_item_array(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);
}

static int newest_first(const void *a, const void *b)
{
    const struct store_item *const *x = a, *const *y = b;

    if ((*x)->received_us != (*y)->received_us)
        return (*x)->received_us > (*y)->received_us ? -1 : 1;
    return (*x)->id < (*y)->id ? -1 : 1;
}

static bool among(int64_t id, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

int mstore_items_next(struct store *base, int64_t folder_id, int64_t now_us,
                      const int64_t *busy, size_t n_busy, size_t max,
                      GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_folder *f = mstore_folder(s, folder_id, err);
    g_autoptr(GPtrArray) ready = g_ptr_array_new();
    GPtrArray *found;

    if (f == NULL)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < f->items->len; i++) {
        struct store_item *item = f->items->pdata[i];

        if (item->state == ITEM_LISTED && item->not_before_us <= now_us &&
            !among(item->id, busy, n_busy))
            g_ptr_array_add(ready, item);
    }
    g_ptr_array_sort(ready, newest_first);
    found = mstore_item_array();
    for (guint i = 0; i < ready->len && i < max; i++)
        g_ptr_array_add(found, mstore_item_dup(ready->pdata[i]));
    *ret = found;
    return mstore_unlock(s, 0);
}

static struct store_waiting waiting_in(const struct mstore_folder *f,
                                       int64_t now_us)
{
    struct store_waiting w = { f->f->id, 0, 0, TIMESTAMP_NONE };

    for (guint i = 0; i < f->items->len; i++) {
        const struct store_item *item = f->items->pdata[i];

        if (item->state != ITEM_LISTED)
            continue;
        if (item->not_before_us <= now_us) {
            w.n_ready++;
            continue;
        }
        if (w.n_later++ == 0 || item->not_before_us < w.earliest_us)
            w.earliest_us = item->not_before_us;
    }
    return w;
}

int mstore_items_waiting(struct store *base, int64_t mailbox_id, int64_t now_us,
                         GArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct store_waiting));

    (void)err; /* memory always answers */
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];
        struct store_waiting w;

        if (f->mailbox_id != mailbox_id)
            continue;
        w = waiting_in(f, now_us);
        if (w.n_ready + w.n_later > 0)
            g_array_append_val(found, w);
    }
    *ret = found;
    return mstore_unlock(s, 0);
}

/* ---- intents and outcomes ------------------------------------------- */

/*
 * What the rows of one call are to become: the whole call is judged before the
 * first row changes.
 */
struct draft {
    struct store_item *item;
    enum item_state was;
    struct ledger_item next;
    const struct store_outcome *outcome; /* NULL: left behind by a move */
    int64_t moved_from;
};

static GArray *draft_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct draft));
}

/* An item named before in this call is judged on what that made of it. */
static struct draft *draft_add(GArray *drafts, struct store_item *item)
{
    struct draft d = {
        .item = item,
        .was = item->state,
        .next = ledger_of(item),
        .moved_from = item->moved_from,
    };

    for (guint i = 0; i < drafts->len; i++) {
        const struct draft *earlier = &g_array_index(drafts, struct draft, i);

        if (earlier->item != item)
            continue;
        d.next = earlier->next;
        d.was = earlier->next.state;
        d.moved_from = earlier->moved_from;
    }
    g_array_append_val(drafts, d);
    return &g_array_index(drafts, struct draft, drafts->len - 1);
}

/* The row that an item leaves by a move. */
static int check_moved(struct mstore *s, int64_t mailbox_id,
                       const struct store_intent *intent, GArray *drafts,
                       struct err *err)
{
    struct store_item *from;
    enum item_state is;

    if (intent->moved_from == 0)
        return 0;
    from = mstore_item(s, mailbox_id, intent->moved_from, err);
    if (from == NULL)
        return -1;
    is = draft_add(drafts, from)->next.state;
    g_array_set_size(drafts, drafts->len - 1);
    if (is != ITEM_COPIED)
        return store_refuse_state(err, from->id, is, ITEM_GONE);
    return 0;
}

static int draft_intents(struct mstore *s, int64_t mailbox_id,
                         const struct store_intent *intents, size_t n,
                         GArray *drafts, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        int64_t id = intents[i].item_id;
        struct store_item *item = mstore_item(s, mailbox_id, id, err);

        if (item == NULL ||
            ledger_intend(&draft_add(drafts, item)->next, id, err) < 0 ||
            check_moved(s, mailbox_id, &intents[i], drafts, err) < 0)
            return -1;
    }
    return 0;
}

static void intend(const struct draft *d, const struct store_intent *intent)
{
    struct store_item *item = d->item;

    mstore_become(item, &d->next);
    if (intent->change_key != NULL)
        mstore_set(&item->change_key, intent->change_key);
    item->size_bytes = store_size(intent->size_bytes);
    if (intent->digest_len > 0)
        memcpy(item->digest, intent->digest, intent->digest_len);
    item->digest_len = intent->digest_len;
    if (item->format != 0 || intent->why_format != NULL) {
        g_free(item->why_format);
        item->why_format = store_text_dup(intent->why_format);
        mstore_set(&item->lost, NULL);
        mstore_set(&item->subject, NULL);
    }
    item->format = intent->format;
    item->moved_from = intent->moved_from;
}

int mstore_items_intend(struct store *base, const struct store_lease *lease,
                        int64_t pass_id, const struct store_intent *intents,
                        size_t n, int64_t deadline_us, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    g_autoptr(GArray) drafts = draft_new();

    if (mstore_leased(s, lease, err) == NULL ||
        draft_intents(s, lease->mailbox_id, intents, n, drafts, err) < 0)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < drafts->len; i++) {
        const struct draft *d = &g_array_index(drafts, struct draft, i);
        struct mstore_folder *f = s->folders->pdata[d->item->folder_id - 1];

        intend(d, &intents[i]);
        mstore_names_add(s, intents[i].names, intents[i].n_names);
        d->item->pass_id = pass_id;
        d->item->deadline_us = deadline_us;
        f->f->dirty = true;
    }
    return mstore_unlock(s, 0);
}

/* The row that the item has left by this move, while it says so still. */
static int draft_left(struct mstore *s, int64_t mailbox_id, int64_t from,
                      GArray *drafts, struct err *err)
{
    struct store_item *item = mstore_item(s, mailbox_id, from, err);
    struct draft *d;

    if (item == NULL)
        return -1;
    d = draft_add(drafts, item);
    if (!ledger_moved_away(&d->next))
        g_array_set_size(drafts, drafts->len - 1);
    return 0;
}

static int draft_outcomes(struct mstore *s, int64_t mailbox_id,
                          const struct store_outcome *outcomes, size_t n,
                          GArray *drafts, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct store_item *item =
            mstore_item(s, mailbox_id, outcomes[i].item_id, err);
        struct draft *d;
        int64_t from;

        if (item == NULL)
            return -1;
        d = draft_add(drafts, item);
        d->outcome = &outcomes[i];
        if (ledger_record(&d->next, &outcomes[i], err) < 0)
            return -1;
        from = d->moved_from;
        d->moved_from = 0;
        if (d->next.state == ITEM_COPIED && d->was == ITEM_INTENDED &&
            from != 0 && draft_left(s, mailbox_id, from, drafts, err) < 0)
            return -1;
    }
    return 0;
}

static void own(struct mstore_mailbox *m, const char *id, int by)
{
    int n = GPOINTER_TO_INT(g_hash_table_lookup(m->owned, id)) + by;

    if (n > 0)
        g_hash_table_insert(m->owned, g_strdup(id), GINT_TO_POINTER(n));
    else
        g_hash_table_remove(m->owned, id);
}

/* It is at the destination no more. */
static void empty_row(struct mstore_mailbox *m, struct store_item *item)
{
    if (item->destination_id != NULL)
        own(m, item->destination_id, -1);
    mstore_set(&item->destination_id, NULL);
}

static void take_reason(struct store_item *item, const struct store_outcome *o)
{
    clear_reason(item);
    item->reason = store_text_dup(o->reason);
    item->remedy = store_text_dup(o->remedy);
    item->error_name = store_text_dup(o->error_name);
    if (o->subject == NULL)
        return;
    g_free(item->subject);
    item->subject = store_text_dup(o->subject);
}

static void record(struct mstore_mailbox *m, const struct draft *d)
{
    const struct store_outcome *o = d->outcome;
    struct store_item *item = d->item;

    if (d->was == ITEM_ALREADY_THERE)
        clear_reason(item);
    mstore_become(item, &d->next);
    if (o == NULL || (ledger_facts(&d->next) & LEDGER_DESTINATION) == 0)
        empty_row(m, item);
    if (o == NULL)
        return;
    if (d->next.state != o->state)
        return; /* overtaken by what came from the source */
    if (o->state == ITEM_LISTED)
        item->not_before_us = o->not_before_us;
    if (o->state == ITEM_FAILED)
        take_reason(item, o);
    if (o->state == ITEM_COPIED || o->state == ITEM_ALREADY_THERE) {
        empty_row(m, item);
        mstore_set(&item->destination_id, o->destination_id);
        own(m, o->destination_id, 1);
    }
    if (o->state == ITEM_COPIED && o->lost != NULL) {
        g_free(item->lost);
        item->lost = store_text_dup(o->lost);
        g_free(item->subject);
        item->subject = store_text_dup(o->subject);
    }
}

int mstore_items_record(struct store *base, const struct store_lease *lease,
                        const struct store_outcome *outcomes, size_t n,
                        struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);
    g_autoptr(GArray) drafts = draft_new();

    if (m == NULL ||
        draft_outcomes(s, lease->mailbox_id, outcomes, n, drafts, err) < 0)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < drafts->len; i++)
        record(m, &g_array_index(drafts, struct draft, i));
    return mstore_unlock(s, 0);
}

/* ---- what was there already -------------------------------------------- */

/*
 * The destination id that a row will have when the i-th adoption's turn comes
 */
static const char *will_have(const struct store_adoption *adoptions, size_t i,
                             const struct store_item *item)
{
    const char *id = item->destination_id;

    for (size_t k = 0; k < i; k++)
        if (adoptions[k].item_id == item->id)
            id = adoptions[k].destination_id;
    return id;
}

static int check_free(const struct mstore_mailbox *m,
                      const struct store_adoption *adoptions, size_t i,
                      struct store_item *const *left, struct err *err)
{
    const char *id = adoptions[i].destination_id;
    int owners = GPOINTER_TO_INT(g_hash_table_lookup(m->owned, id));

    for (size_t k = 0; k < i; k++)
        owners += strcmp(adoptions[k].destination_id, id) == 0;
    for (size_t k = 0; k <= i; k++)
        owners -= left[k] != NULL &&
                  g_strcmp0(will_have(adoptions, k, left[k]), id) == 0;
    return owners > 0 ? store_refuse_taken(err, adoptions[i].item_id, id) : 0;
}

static int draft_given_up(struct mstore *s, const struct mstore_mailbox *m,
                          int64_t left, GArray *drafts, struct store_item **ret,
                          struct err *err)
{
    if (left == 0)
        return 0;
    *ret = mstore_item(s, m->m->id, left, err);
    if (*ret == NULL)
        return -1;
    return ledger_give_up(&draft_add(drafts, *ret)->next, left, err);
}

/* One a row, before it that of the row which gives its item up. */
static int draft_adoptions(struct mstore *s, const struct mstore_mailbox *m,
                           const struct store_adoption *adoptions, size_t n,
                           GArray *drafts, struct err *err)
{
    g_autofree struct store_item **left = g_new0(struct store_item *, n + 1);

    for (size_t i = 0; i < n; i++) {
        int64_t id = adoptions[i].item_id;
        struct store_item *item;

        if (draft_given_up(s, m, adoptions[i].left, drafts, &left[i], err) < 0)
            return -1;
        item = mstore_item(s, m->m->id, id, err);
        if (item == NULL ||
            ledger_adopt(&draft_add(drafts, item)->next, id, adoptions[i].state,
                         err) < 0 ||
            check_free(m, adoptions, i, left, err) < 0)
            return -1;
    }
    return 0;
}

static void adopt(struct mstore_mailbox *m, const struct draft *d,
                  const struct store_adoption *a)
{
    struct store_item *item = d->item;

    if (a->change_key != NULL)
        mstore_set(&item->change_key, a->change_key);
    item->size_bytes = store_size(a->size_bytes);
    if (a->digest_len > 0)
        memcpy(item->digest, a->digest, a->digest_len);
    item->digest_len = a->digest_len;
    item->format = a->format;
    item->pass_id = 0;
    item->verify = a->verify;
    clear_reason(item);
    mstore_become(item, &d->next);
    mstore_set(&item->destination_id, a->destination_id);
    own(m, a->destination_id, 1);
    g_free(item->verify_note);
    item->verify_note = store_text_dup(a->reason);
    item->reason = store_text_dup(a->reason);
    item->moved_from = a->lies_with;
}

static void give_up(struct mstore_mailbox *m, const struct draft *d)
{
    clear_reason(d->item);
    mstore_become(d->item, &d->next);
    empty_row(m, d->item);
}

int mstore_items_adopt(struct store *base, const struct store_lease *lease,
                       const struct store_adoption *adoptions, size_t n,
                       struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);
    g_autoptr(GArray) drafts = draft_new();

    if (m == NULL || draft_adoptions(s, m, adoptions, n, drafts, err) < 0)
        return mstore_unlock(s, -1);
    for (guint i = 0, k = 0; i < n; i++) {
        if (adoptions[i].left != 0)
            give_up(m, &g_array_index(drafts, struct draft, k++));
        adopt(m, &g_array_index(drafts, struct draft, k++), &adoptions[i]);
    }
    return mstore_unlock(s, 0);
}

/* ---- what follows ------------------------------------------------------ */

/* As it will be, for rows that one call names twice. */
static bool will_have_old(const struct store_follow *follows, size_t i,
                          const struct store_item *item)
{
    bool has = item->old_destination_id != NULL;

    for (size_t k = 0; k < i; k++)
        if (follows[k].item_id == item->id)
            has = follows[k].state == ITEM_LISTED ||
                  (has && !follows[k].old_gone);
    return has;
}

static int draft_follows(struct mstore *s, int64_t mailbox_id,
                         const struct store_follow *follows, size_t n,
                         GArray *drafts, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct store_item *item =
            mstore_item(s, mailbox_id, follows[i].item_id, err);

        if (item == NULL ||
            ledger_follow(&draft_add(drafts, item)->next, &follows[i],
                          will_have_old(follows, i, item), err) < 0)
            return -1;
    }
    return 0;
}

static void drop_old(struct mstore_mailbox *m, struct store_item *item)
{
    if (item->old_destination_id != NULL)
        own(m, item->old_destination_id, -1);
    mstore_set(&item->old_destination_id, NULL);
}

static void take_digest(struct store_item *item, const struct store_follow *f)
{
    if (f->digest_len == 0)
        return;
    memcpy(item->digest, f->digest, f->digest_len);
    item->digest_len = f->digest_len;
    item->format = f->format;
    item->pass_id = f->pass_id;
    item->size_bytes = store_size(f->size_bytes);
}

static void follow(struct mstore_mailbox *m, const struct draft *d,
                   const struct store_follow *f)
{
    const struct store_outcome why = {
        .reason = f->reason,
        .remedy = f->remedy,
        .error_name = f->error_name,
        .subject = f->subject,
    };
    struct store_item *item = d->item;
    g_autofree char *reason_there = NULL;

    take_digest(item, f);
    if (f->state == ITEM_FAILED && item->state == ITEM_ALREADY_THERE)
        reason_there = g_strdup(item->reason);
    mstore_become(item, &d->next);
    if (f->change_key != NULL)
        mstore_set(&item->change_key, f->change_key);
    if (f->old_gone)
        drop_old(m, item);
    if (f->state == ITEM_LISTED)
        item->old_destination_id = g_steal_pointer(&item->destination_id);
    else if (f->state == ITEM_GONE)
        empty_row(m, item);
    else if ((f->state == ITEM_CONFLICT || f->state == ITEM_FAILED) &&
             f->reason != NULL)
        take_reason(item, &why);
    if (reason_there != NULL)
        mstore_set(&item->reason_there, reason_there);
}

int mstore_items_follow(struct store *base, const struct store_lease *lease,
                        const struct store_follow *follows, size_t n,
                        struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);
    g_autoptr(GArray) drafts = draft_new();

    if (m == NULL ||
        draft_follows(s, lease->mailbox_id, follows, n, drafts, err) < 0)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < drafts->len; i++)
        follow(m, &g_array_index(drafts, struct draft, i), &follows[i]);
    return mstore_unlock(s, 0);
}
