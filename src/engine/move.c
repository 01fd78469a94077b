/*
 * Items that were moved at the source.
 *
 * A move shows as a deletion in one folder and a new item in another, with
 * another id and the same search key.  Exactly one of each, and equal in
 * content: the copy at the destination is moved too.  Anything else is a
 * deletion and a copy.
 *
 *   old row   COPIED, gone from its folder        --+  both in the
 *                                                   |  transaction that
 *   new row   LISTED --intend--> INTENDED --COPIED--+  records the new id
 *
 * MoveItem gives the item another id and is not repeatable: a lost answer is
 * settled as a lost upload is (doubt.c), by what turns up in the folder.
 *
 * What was at the destination before us (ALREADY_THERE) stays where it is, and
 * nothing is copied beside it: it is the new row's from here on (stay.c).
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "engine/copy_priv.h"
#include "engine/reader.h"
#include "engine/rows.h"
#include "engine/stay.h"
#include "engine/trees.h"

/* A request's worth: moving is cheap, but a batch has its minute. */
#define MOVE_ITEMS 50
/* As put()'s, for small requests. */
#define MOVE_MOST_US (900 * TIMESTAMP_SECOND)

/* One search key that something left with. */
struct pair {
    struct store_item *left;    /* owned */
    struct store_item *arrived; /* owned; or NULL */
    bool ambiguous;             /* more than one left, or arrived */
    struct folder *to;
};

struct moving {
    struct copy *copy;
    GHashTable *pairs; /* search key (the left row's own) to struct pair */
};

static void pair_free(void *data)
{
    struct pair *p = data;

    store_item_free(p->left);
    store_item_free(p->arrived);
    g_free(p);
}

/* ---- who left, who arrived ---------------------------------------------- */

static int left_page(void *data, GPtrArray *page, struct err *err)
{
    struct moving *m = data;

    (void)err; /* nothing to fail here */
    while (page->len > 0) {
        struct store_item *item = g_ptr_array_steal_index_fast(page, 0);
        struct pair *known =
            item->search_key == NULL
                ? NULL
                : g_hash_table_lookup(m->pairs, item->search_key);

        if (item->search_key == NULL || known != NULL) {
            /* A folder that is gone names its rows twice. */
            if (known != NULL && known->left->id != item->id)
                known->ambiguous = true;
            store_item_free(item);
            continue;
        }
        known = g_new0(struct pair, 1);
        known->left = item;
        g_hash_table_insert(m->pairs, item->search_key, known);
    }
    return 0;
}

static int arrived_page(void *data, GPtrArray *page, struct err *err)
{
    struct moving *m = data;

    (void)err;
    for (guint i = 0; i < page->len; i++) {
        struct store_item *item = page->pdata[i];
        struct pair *p = item->search_key == NULL
                             ? NULL
                             : g_hash_table_lookup(m->pairs, item->search_key);

        if (p == NULL)
            continue;
        p->ambiguous = p->ambiguous || p->arrived != NULL;
        if (p->arrived != NULL)
            continue;
        p->arrived = item;
        page->pdata[i] = NULL;
    }
    return 0;
}

/* Of folders that are gone as a whole no deletion is ever listed. */
static int left_with_folders(struct moving *m, struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;

    for (size_t i = 0; i < m->copy->n_folders; i++) {
        const struct store_item_query q = {
            .mailbox_id = job->lease.mailbox_id,
            .folder_id = m->copy->folders[i].row->id,
            .states = 1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
        };

        if (m->copy->folders[i].row->gone &&
            rows_each(job->store, &q, left_page, m, err) < 0)
            return -1;
    }
    return 0;
}

static int find_pairs(struct moving *m, struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;
    const struct store_item_query left = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
        .pending = ITEM_PENDING_DELETE,
    };
    const struct store_item_query arrived = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_LISTED,
    };

    if (rows_each(job->store, &left, left_page, m, err) < 0 ||
        left_with_folders(m, err) < 0)
        return -1;
    if (g_hash_table_size(m->pairs) == 0)
        return 0;
    return rows_each(job->store, &arrived, arrived_page, m, err);
}

/* ---- which of them moved ------------------------------------------------- */

/*
 * What went to the recoverable items was deleted, which is carried over only
 * when asked for.
 */
static bool may_move(const struct copy *c, const struct folder *from,
                     const struct folder *to)
{
    if (from == NULL || from->hidden || to->hidden ||
        !tree_is_beside(from->root, to->root))
        return false;
    return c->pass.options.propagate_deletes ||
           tree_is_recoverable(from->root) || !tree_is_recoverable(to->root);
}

static bool stays(const struct pair *p)
{
    return p->left->state == ITEM_ALREADY_THERE;
}

/* What stays where it is may stay wherever the source's item has gone. */
static bool may_stay(const struct folder *from, const struct folder *to)
{
    return from != NULL && !from->hidden && !to->hidden;
}

static bool is_whole(struct moving *m, struct pair *p)
{
    const struct folder *from = copy_folder(m->copy, p->left->folder_id);

    if (p->ambiguous || p->arrived == NULL ||
        p->arrived->old_destination_id != NULL)
        return false;
    p->to = copy_folder(m->copy, p->arrived->folder_id);
    if (p->to == NULL)
        return false;
    if (stays(p))
        return may_stay(from, p->to);
    return p->to->row->destination_id != NULL &&
           may_move(m->copy, from, p->to) &&
           (p->to->gate == GATE_OPEN || p->to->gate == GATE_SHUT);
}

static int by_folder(const void *a, const void *b)
{
    const struct pair *const *x = a, *const *y = b;

    if ((*x)->to != (*y)->to)
        return (*x)->to < (*y)->to ? -1 : 1;
    if (stays(*x) != stays(*y))
        return stays(*x) ? 1 : -1;
    return (*x)->arrived->id < (*y)->arrived->id ? -1 : 1;
}

/* Borrowed, by folder. */
static GPtrArray *whole_pairs(struct moving *m)
{
    GPtrArray *whole = g_ptr_array_new();
    GHashTableIter iter;
    void *p;

    g_hash_table_iter_init(&iter, m->pairs);
    while (g_hash_table_iter_next(&iter, NULL, &p))
        if (is_whole(m, p))
            g_ptr_array_add(whole, p);
    g_ptr_array_sort(whole, by_folder);
    return whole;
}

static bool is_equal(const struct pair *p, const struct reading *r)
{
    struct digest was;

    if (r->end != READING_DONE)
        return false;
    /* What could not be compared has none: what was read has its size. */
    if (stays(p) && p->left->digest_len == 0)
        return r->bytes == p->left->size_bytes;
    return digest_unpack(p->left->digest, p->left->digest_len, &was) &&
           digest_compare(&was, &r->digest, NULL) == DIGEST_EQUAL;
}

/* Those of the n that hold what they held before, to the front: how many. */
static int keep_equal(struct moving *m, struct pair **set, size_t n,
                      size_t *ret, struct err *err)
{
    struct pass *pass = &m->copy->pass;
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, n + 1);
    const struct reader r = {
        .ep = pass_own_hands(pass).at[SOURCE],
        .side = SOURCE,
        .formats = formats,
    };
    g_autofree struct reading *got = g_new0(struct reading, n + 1);
    size_t k = 0;
    int end;

    for (size_t i = 0; i < n; i++) {
        ids[i] = set[i]->arrived->source_id;
        formats[i] = (enum payload_format)set[i]->left->format;
    }
    end = reader_read(pass, &r, ids, n, got, err);
    for (size_t i = 0; i < n; i++) {
        if (end == 0 && is_equal(set[i], &got[i])) {
            set[k] = set[i];
            g_free(set[k]->arrived->change_key);
            set[k++]->arrived->change_key = g_steal_pointer(&got[i].change_key);
        }
        reading_clear(&got[i]);
    }
    *ret = k;
    return end;
}

/* ---- the move ------------------------------------------------------------ */

static int intend(struct moving *m, struct pair *const *set, size_t n,
                  struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;
    g_autofree struct store_intent *intents = g_new0(struct store_intent, n);

    for (size_t i = 0; i < n; i++)
        intents[i] = (struct store_intent){
            .item_id = set[i]->arrived->id,
            .change_key = set[i]->arrived->change_key,
            .size_bytes = set[i]->left->size_bytes,
            .digest = set[i]->left->digest,
            .digest_len = set[i]->left->digest_len,
            .format = set[i]->left->format,
            .moved_from = set[i]->left->id,
        };
    return store_items_intend(job->store, &job->lease, m->copy->pass.record.id,
                              intents, n, timestamp_now() + MOVE_MOST_US, err);
}

static void tell_moved(struct copy *c, uint64_t n)
{
    pthread_mutex_lock(&c->pass.lock);
    c->pass.record.moved += n;
    pthread_mutex_unlock(&c->pass.lock);
    if (n > 0)
        pass_event(&c->pass,
                   &(struct engine_event){ .kind = ENGINE_FOLLOWED, .n = n });
    pass_progress(&c->pass);
}

/* What was not moved is copied like any other. */
static int record(struct moving *m, struct pair *const *set, size_t n,
                  const struct endpoint_done *done, struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;
    g_autofree struct store_outcome *outcomes = g_new0(struct store_outcome, n);
    uint64_t moved = 0;

    for (size_t i = 0; i < n; i++) {
        bool is_there = done != NULL && done[i].status == 0;

        outcomes[i] = (struct store_outcome){
            .item_id = set[i]->arrived->id,
            .state = is_there ? ITEM_COPIED : ITEM_LISTED,
            .destination_id = is_there ? done[i].id : NULL,
        };
        moved += is_there;
    }
    if (store_items_record(job->store, &job->lease, outcomes, n, err) < 0)
        return -1;
    tell_moved(m->copy, moved);
    return 0;
}

static void set_in_doubt(struct moving *m, struct pair *const *set, size_t n,
                         const struct err *why)
{
    g_autofree int64_t *ids = g_new(int64_t, n);

    for (size_t i = 0; i < n; i++)
        ids[i] = set[i]->arrived->id;
    doubt_add(m->copy, set[0]->to, ids, n, why);
}

/* A mark that was set before the move is not listed with it. */
static void mark_moved(struct moving *m, struct pair *const *set, size_t n,
                       bool read)
{
    struct endpoint *ep = pass_own_hands(&m->copy->pass).at[DESTINATION];
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    struct err ignored;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (set[i]->left->read != set[i]->arrived->read &&
            set[i]->arrived->read == read)
            refs[k++] = (struct endpoint_ref){
                .id = set[i]->left->destination_id,
                .item_class = set[i]->arrived->item_class,
            };
    /* A mark is not worth holding up the move: verify tells of it. */
    if (k > 0 && endpoint_mark_read(ep, refs, k, read, done, &ignored) == 0)
        endpoint_done_free(done, k);
}

/* 1: surely nothing has happened, *ret_why tells; 0: settled, or in doubt. */
static int put_there(struct moving *m, struct pair *const *set, size_t n,
                     struct err *ret_why, struct err *err)
{
    struct endpoint *ep = pass_own_hands(&m->copy->pass).at[DESTINATION];
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    bool maybe = false;
    int r;

    if (intend(m, set, n, err) < 0) /* or a lane sends it: well and good */
        return policy_is_wrong_state(err) ? 0 : -1;
    for (size_t i = 0; i < n; i++)
        refs[i].id = set[i]->left->destination_id;
    r = endpoint_move(ep, refs, n, set[0]->to->row->destination_id, done,
                      &maybe, ret_why);
    step("move");
    if (r < 0 && maybe) {
        set_in_doubt(m, set, n, ret_why);
        return 0;
    }
    if (record(m, set, n, r == 0 ? done : NULL, err) < 0)
        r = -1;
    else
        r = r < 0 ? 1 : 0;
    endpoint_done_free(done, n);
    return r;
}

static int put_patiently(struct moving *m, struct pair *const *set, size_t n,
                         struct err *err)
{
    struct pass *p = &m->copy->pass;
    unsigned int failures = 0;
    struct err why;
    int r;

    while ((r = put_there(m, set, n, &why, err)) > 0)
        if (!pass_endure(p, DESTINATION, &failures, &why))
            break;
    if (r <= 0)
        return r;
    if (policy_of(&why) != POLICY_STOP && !pass_is_over(p))
        return 0; /* they are copied, then */
    *err = why;
    return -1;
}

/* ---- what was there before us -------------------------------------------- */

static int let_stay(struct moving *m, struct pair *const *set, size_t n,
                    struct err *err)
{
    g_autofree struct stay *stays = g_new0(struct stay, n);

    for (size_t i = 0; i < n; i++)
        stays[i] = (struct stay){ set[i]->left, set[i]->arrived };
    return stay_all(m->copy, stays, n, err);
}

/* At most MOVE_ITEMS into one folder. */
static int move_set(struct moving *m, struct pair **set, size_t n,
                    struct err *err)
{
    struct folder *to = set[0]->to;
    struct hands h = pass_own_hands(&m->copy->pass);

    if (pass_is_over(&m->copy->pass))
        return pass_interrupted(&m->copy->pass, err);
    if (keep_equal(m, set, n, &n, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    if (stays(set[0]))
        return let_stay(m, set, n, err);
    if (to->gate == GATE_SHUT) {
        if (baseline_take(m->copy, h.at[DESTINATION], to, err) < 0)
            return -1;
        feed_set_gate(m->copy, to, GATE_OPEN);
    }
    mark_moved(m, set, n, true);
    mark_moved(m, set, n, false);
    return put_patiently(m, set, n, err);
}

static int move_pairs(struct moving *m, GPtrArray *pairs, struct err *err)
{
    struct pair **all = (struct pair **)pairs->pdata;

    for (size_t at = 0; at < pairs->len;) {
        size_t n = 1;

        while (at + n < pairs->len && n < MOVE_ITEMS &&
               all[at + n]->to == all[at]->to &&
               stays(all[at + n]) == stays(all[at]))
            n++;
        if (move_set(m, all + at, n, err) < 0)
            return -1;
        at += n;
    }
    return 0;
}

int move_all(struct copy *c, struct err *err)
{
    g_autoptr(GHashTable) pairs =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, pair_free);
    struct moving m = { c, pairs };
    g_autoptr(GPtrArray) whole = NULL;

    if (find_pairs(&m, err) < 0)
        return -1;
    whole = whole_pairs(&m);
    return move_pairs(&m, whole, err);
}
