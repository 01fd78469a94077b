/*
 * Before an item is sent to a folder that held something before us: is it
 * there already?
 *
 *   READ --known by something that lay there?--> no: it is sent
 *                |
 *                | equal in content, as FastTransfer or as MIME and
 *                | properties:            ALREADY_THERE; COPIED when it is
 *                |                        ours by its stamp or by consent
 *                | the same message, meeting or stamp, and not equal:
 *                |                        ALREADY_THERE with the reason, or
 *                |                        sent, as the options say
 *                +-- a hint that led to nothing: it is sent
 *
 *   1  Nothing at the destination is changed, but what a run of ours has left
 *      unfinished there: that is removed, softly, before its item is sent;
 *      and so is one that is not equal and that nobody has touched since we
 *      made it.
 *   2  Equal content is what counts; keys only say where to look.
 *   3  The ledger has the last word: a destination id has one row.
 */
#include "engine/adopt.h"
#include "engine/forsaken.h"
#include "engine/hidden.h"
#include "engine/hint.h"
#include "engine/keys.h"
#include "engine/stamp.h"

/* ---- where to look ------------------------------------------------------- */

static int learn_keys(struct adopting *a, char (*hints)[HINT_LEN + 1],
                      struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, a->n + 1);
    g_autofree struct endpoint_key *keys =
        g_new0(struct endpoint_key, a->n + 1);
    const struct keys_asking what = { a->lane->at[SOURCE], SOURCE, ids, a->n };
    int r;

    for (size_t i = 0; i < a->n; i++)
        ids[i] = a->all[i].cargo->item->source_id;
    r = keys_ask(&a->lane->copy->pass, &what, keys, err);
    for (size_t i = 0; i < a->n; i++) {
        const char *id = ids[i];
        char stamp[STAMP_LEN + 1];

        stamp_make(id, stamp);
        a->all[i].exact = keys[i].exact;
        hint_make(HINT_OF_STAMP, stamp, hints[i * HINT_N + HINT_OF_STAMP]);
        hint_make(HINT_OF_UNFINISHED, stamp,
                  hints[i * HINT_N + HINT_OF_UNFINISHED]);
        /* Known by nothing: a hint that nothing has. */
        hint_make(HINT_OF_KEY, keys[i].key != NULL ? keys[i].key : stamp,
                  hints[i * HINT_N + HINT_OF_KEY]);
    }
    endpoint_keys_clear(keys, a->n);
    return r;
}

static int find_hints(struct adopting *a, GPtrArray **ret, struct err *err)
{
    size_t n = a->n * HINT_N;
    g_autofree char(*hints)[HINT_LEN + 1] = g_malloc0_n(n + 1, sizeof(*hints));
    g_autofree const char **names = g_new0(const char *, n + 1);
    const struct lane *l = a->lane;

    if (learn_keys(a, hints, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        names[i] = hints[i];
    return store_dest_find(l->copy->pass.job->store, l->folder->row->id, names,
                           n, ret, err);
}

/* The row that has it: does it have it for want of anything better? */
static int is_held_loosely(struct adopting *a, int64_t owner, bool *ret,
                           struct err *err)
{
    const struct engine_job *job = a->lane->copy->pass.job;
    const struct store_item_query q = { .mailbox_id = job->lease.mailbox_id,
                                        .folder_id = a->lane->folder->row->id,
                                        .after_id = owner - 1,
                                        .max = 1 };
    g_autoptr(GPtrArray) rows = NULL;
    const struct store_item *row;

    if (store_items(job->store, &q, &rows, err) < 0)
        return -1;
    row = rows->len > 0 ? rows->pdata[0] : NULL;
    *ret = row != NULL && row->id == owner &&
           row->state == ITEM_ALREADY_THERE && row->reason != NULL;
    return 0;
}

static struct there *there_of(struct adopting *a, const char *id, int64_t owner,
                              bool loosely)
{
    struct lane *l = a->lane;
    struct there *t;

    pthread_mutex_lock(&l->copy->pass.lock);
    t = g_hash_table_lookup(l->folder->there, id);
    if (t == NULL) {
        t = g_new0(struct there, 1);
        t->holder = owner;
        t->loosely = loosely;
        g_hash_table_insert(l->folder->there, g_strdup(id), t);
    }
    pthread_mutex_unlock(&l->copy->pass.lock);
    return t;
}

static bool find_lead(const struct search *s, const char *id, guint *ret)
{
    for (guint i = 0; i < s->leads->len; i++) {
        if (strcmp(g_array_index(s->leads, struct lead, i).id, id) != 0)
            continue;
        *ret = i;
        return true;
    }
    return false;
}

static int new_lead(struct adopting *a, const struct store_dest_found *f,
                    struct lead *ret, struct err *err)
{
    bool loosely = false;

    if (f->owner != 0 && is_held_loosely(a, f->owner, &loosely, err) < 0)
        return -1;
    *ret = (struct lead){
        .id = g_strdup(f->id),
        .there = there_of(a, f->id, f->owner, loosely),
    };
    return 0;
}

/* It may be found by its stamp and by its key. */
static int add_lead(struct adopting *a, const struct store_dest_found *f,
                    struct err *err)
{
    struct search *s = &a->all[f->hint / HINT_N];
    bool stamped = f->hint % HINT_N == HINT_OF_STAMP;
    struct lead lead;
    guint at;

    if (find_lead(s, f->id, &at)) {
        if (!stamped)
            return 0;
        lead = g_array_index(s->leads, struct lead, at);
        g_array_remove_index(s->leads, at);
    } else if (new_lead(a, f, &lead, err) < 0) {
        return -1;
    }
    lead.stamped = stamped;
    if (stamped)
        g_array_prepend_val(s->leads, lead);
    else
        g_array_append_val(s->leads, lead);
    return 0;
}

/* ---- what was left unfinished -------------------------------------------- */

static int remove_ruins(struct adopting *a, const struct endpoint_ref *refs,
                        size_t n, struct err *err)
{
    if (forsaken_remove(&a->lane->copy->pass, a->lane->at[DESTINATION], refs, n,
                        err) == 0)
        return 0;
    return err_in(err, "unfinished item in destination folder \"%.200s\"",
                  a->lane->folder->row->path);
}

static int take_found(struct adopting *a, const GPtrArray *found,
                      struct err *err)
{
    g_autofree struct endpoint_ref *ruins =
        g_new0(struct endpoint_ref, found->len + 1);
    size_t n = 0;

    for (guint i = 0; i < found->len; i++) {
        const struct store_dest_found *f = found->pdata[i];

        if (f->hint % HINT_N != HINT_OF_UNFINISHED) {
            if (add_lead(a, f, err) < 0)
                return -1;
        } else if (f->owner == 0) {
            ruins[n++].id = f->id;
        }
    }
    return remove_ruins(a, ruins, n, err);
}

static int search(struct adopting *a, struct err *err)
{
    g_autoptr(GPtrArray) found = NULL;

    if (find_hints(a, &found, err) < 0)
        return -1;
    return take_found(a, found, err);
}

/* ---- what is there ------------------------------------------------------- */

/* A stamped one has travelled as MIME and properties. */
static bool is_to_be_read(const struct adopting *a, const struct search *s,
                          const struct lead *l)
{
    if (s->grade != GRADE_NONE || !s->readable ||
        l->there->as[s->format].end != READING_OPEN)
        return false;
    return !l->stamped || s->format == PAYLOAD_PORTABLE ||
           !a->lane->copy->may_fall_back;
}

/* Of all leads those that nobody has read yet. */
static GPtrArray *unread(struct adopting *a, GArray *formats)
{
    GPtrArray *ids = g_ptr_array_new();

    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        const struct search *s = &a->all[i];

        for (guint k = 0; k < s->leads->len; k++) {
            const struct lead *l = &g_array_index(s->leads, struct lead, k);

            if (!is_to_be_read(a, s, l) ||
                g_ptr_array_find_with_equal_func(ids, l->id, g_str_equal, NULL))
                continue;
            g_ptr_array_add(ids, l->id);
            g_array_append_val(formats, s->format);
        }
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    return ids;
}

static int read_leads(struct adopting *a, struct err *err)
{
    struct lane *l = a->lane;
    g_autoptr(GArray) formats =
        g_array_new(FALSE, FALSE, sizeof(enum payload_format));
    g_autoptr(GPtrArray) ids = unread(a, formats);
    const struct reader r = {
        .ep = l->at[DESTINATION],
        .side = DESTINATION,
        .formats = (const enum payload_format *)(const void *)formats->data,
    };
    g_autofree struct reading *got = g_new0(struct reading, ids->len + 1);
    int end = reader_read(&l->copy->pass, &r, (const char *const *)ids->pdata,
                          ids->len, got, err);

    pthread_mutex_lock(&l->copy->pass.lock);
    for (guint i = 0; i < ids->len; i++) {
        struct there *t = g_hash_table_lookup(l->folder->there, ids->pdata[i]);
        enum payload_format as = g_array_index(formats, enum payload_format, i);

        t->as[as].end = got[i].end;
        t->as[as].digest = got[i].digest;
        t->as[as].untouched = got[i].untouched;
        reading_clear(&got[i]);
    }
    pthread_mutex_unlock(&l->copy->pass.lock);
    return end;
}

/* ---- the other form ------------------------------------------------------ */

/*
 * A copy that an earlier tool made from MIME is never equal as FastTransfer.
 * What a reader gets may be.
 */
static size_t to_compare_as_portable(struct adopting *a, struct search **ret)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        if (a->all[i].grade == GRADE_NONE && a->all[i].format == PAYLOAD_FTS &&
            adopt_is_open(a, &a->all[i]))
            ret[n++] = &a->all[i];
    return n;
}

static int read_as_portable(struct adopting *a, struct err *err)
{
    g_autofree struct search **set = g_new0(struct search *, a->n + 1);
    g_autofree const char **ids = g_new0(const char *, a->n + 1);
    g_autofree struct reading *got = g_new0(struct reading, a->n + 1);
    const struct reader r = { .ep = a->lane->at[SOURCE],
                              .side = SOURCE,
                              .format = PAYLOAD_PORTABLE };
    size_t n = to_compare_as_portable(a, set);
    int end;

    for (size_t i = 0; i < n; i++)
        ids[i] = set[i]->cargo->item->source_id;
    end = reader_read(&a->lane->copy->pass, &r, ids, n, got, err);
    for (size_t i = 0; i < n; i++) {
        if (got[i].end == READING_DONE) {
            set[i]->format = PAYLOAD_PORTABLE;
            set[i]->digest = got[i].digest;
            set[i]->bytes = got[i].bytes;
        }
        reading_clear(&got[i]);
    }
    return end;
}

static int compare(struct adopting *a, struct err *err)
{
    if (read_leads(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_EQUAL);
    /* What makes a view is nothing that MIME and properties would carry. */
    if (!a->lane->copy->may_fall_back || a->lane->folder->hidden)
        return 0;
    if (read_as_portable(a, err) < 0 || read_leads(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_EQUAL);
    return 0;
}

/* ---- on record ----------------------------------------------------------- */

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

static int record_hits(struct adopting *a, struct err *err)
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

/*
 * A copy that we have made, that is not its item and that nobody has changed
 * since: a run died before it had set right what the server did not keep, or
 * the item was edited at the source.  Either way nothing of anybody's is in
 * it, and the item is sent anew.
 */
static int ruin_untouched(struct adopting *a, struct err *err)
{
    g_autofree struct endpoint_ref *ruins =
        g_new0(struct endpoint_ref, a->n + 1);
    size_t n = 0;

    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        const struct lead *l = adopt_forsaken(&a->all[i]);

        if (l == NULL)
            continue;
        ruins[n++].id = l->id;
        for (int as = 0; as < N_FORMATS; as++)
            l->there->as[as].end = READING_GONE;
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    return remove_ruins(a, ruins, n, err);
}

/* They are told, and the source's items go beside them. */
static void pass_over_unlike(struct adopting *a)
{
    if (a->lane->copy->pass.options.unlike != ENGINE_UNLIKE_COPY)
        return;
    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        if (a->all[i].grade != GRADE_SAME_KEY)
            continue;
        a->lane->copy->pass.record.unlike++;
        a->all[i].grade = GRADE_NONE;
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
}

static int adopt(struct adopting *a, struct err *err)
{
    if (search(a, err) < 0 || compare(a, err) < 0)
        return -1;
    if (ruin_untouched(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_LIKELY);
    adopt_choose(a, GRADE_SAME_KEY);
    pass_over_unlike(a);
    return record_hits(a, err);
}

/* ---- a batch ------------------------------------------------------------- */

static void search_init(struct search *s, struct cargo *c)
{
    *s = (struct search){
        .cargo = c,
        .leads = g_array_new(FALSE, FALSE, sizeof(struct lead)),
        .format = c->format,
        .bytes = c->bytes,
    };
    s->readable = digest_unpack(c->digest, c->digest_len, &s->digest);
}

static void search_release(struct search *s)
{
    for (guint i = 0; i < s->leads->len; i++)
        g_free(g_array_index(s->leads, struct lead, i).id);
    g_array_unref(s->leads);
}

int lane_adopt(struct lane *l, struct cargo *const *set, size_t n,
               struct err *err)
{
    struct adopting a = { .lane = l };
    int r = 0;

    if (!l->folder->searched || pass_is_halted(&l->copy->pass))
        return 0;
    a.all = g_new0(struct search, n + 1);
    /* What is to replace a copy of ours was not there before us. */
    for (size_t i = 0; i < n; i++)
        if (set[i]->item->old_destination_id == NULL)
            search_init(&a.all[a.n++], set[i]);
    if (a.n > 0)
        r = adopt(&a, err);
    for (size_t i = 0; i < a.n; i++)
        search_release(&a.all[i]);
    g_free(a.all);
    return r;
}
