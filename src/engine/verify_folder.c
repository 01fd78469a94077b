#include "base/timestamp.h"
#include "engine/change.h"
#include "engine/drain.h"
#include "engine/filter.h"
#include "engine/hidden.h"
#include "engine/idset.h"
#include "engine/rows.h"
#include "engine/sample.h"
#include "engine/verify_priv.h"

/* Marks on a source id that the ledger knows. */
enum mark {
    MARK_SEEN = 1 << 0,   /* it is at the source */
    MARK_EDITED = 1 << 1, /* with another change key than the copied one */
    MARK_READ = 1 << 2,   /* somebody has read it */
};

static const char edited_note[] = "edited at the source since it was copied";
static const char deleted_note[] = "deleted at the source since it was copied";

/* An item that is there and whose content might be read. */
struct present {
    uint64_t rank;
    int64_t item_id;
    const char *note; /* static; or NULL */
};

struct joining {
    struct verify *v;
    const struct store_folder *row;
    struct hands *hands;
    struct idset *source;      /* of the ledger, marked by the source's list */
    struct idset *destination; /* of the destination's list */
    GArray *present;           /* of struct present */
    GArray *verdicts;          /* of struct store_verdict, not recorded yet */
    uint64_t n_extra;
    uint64_t n_marks; /* read at one side only */
    uint64_t n_stray; /* in another folder than their rows: to be read */
};

/* ---- the ledger's source ids ------------------------------------- */

static uint32_t tag_of(const char *change_key)
{
    return change_key == NULL ? 0 : g_str_hash(change_key);
}

static int add_known(void *data, GPtrArray *page, struct err *err)
{
    struct joining *j = data;

    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++) {
        const struct store_item *row = page->pdata[i];

        /* Listed all the same, it goes into the ledger once more. */
        if (row->state != ITEM_GONE)
            idset_add(j->source, row->source_id, tag_of(row->change_key));
    }
    return 0;
}

static int each_row(struct joining *j, rows_page *page, struct err *err)
{
    const struct engine_job *job = j->v->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .folder_id = j->row->id,
    };

    return rows_each(job->store, &q, page, j, err);
}

/* ---- the source -------------------------------------------------- */

static void mark_seen(struct joining *j, const struct endpoint_change *c)
{
    bool edited = tag_of(c->change_key) != idset_tag(j->source, c->id);

    idset_mark(j->source, c->id,
               MARK_SEEN | (edited ? (unsigned int)MARK_EDITED : 0) |
                   (c->read ? (unsigned int)MARK_READ : 0));
}

/*
 * What the ledger has never heard of goes into it, so that it gets a class
 * like everything else.  The folder's token stays: the next pass will see
 * these items again, and know them.
 */
static int source_page(void *data, const struct endpoint_page *page,
                       const char *token, bool last, struct err *err)
{
    struct joining *j = data;
    const struct engine_job *job = j->v->pass.job;
    g_autofree struct store_change *unknown =
        g_new0(struct store_change, page->n + 1);
    size_t n = 0;

    (void)token;
    (void)last;
    for (size_t i = 0; i < page->n; i++) {
        const struct endpoint_change *c = &page->changes[i];

        if (idset_has(j->source, c->id))
            mark_seen(j, c);
        else if (c->kind != ENDPOINT_DELETED)
            change_for_ledger(c, &j->v->pass.options.filter,
                              filter_skips_folder(&j->v->pass.options.filter,
                                                  j->row->path, j->v->names),
                              hidden_is(j->row->source_id), &unknown[n++]);
    }
    if (n == 0 || j->v->only_pass_id != 0)
        return 0;
    return store_items_list(job->store, &job->lease, j->row->id, unknown, n,
                            j->row->source_token, NULL, err);
}

/* A folder that is gone holds nothing: each item says so for itself. */
static int drain_all(struct joining *j, const struct drain *d, struct err *err)
{
    if (drain_run(&j->v->pass, d, "", err) < 0 && !policy_is_gone(err))
        return -1;
    return 0;
}

static int list_source(struct joining *j, struct err *err)
{
    const struct drain d = {
        .ep = j->hands->at[SOURCE],
        .side = SOURCE,
        .folder_id = j->row->source_id,
        .page = source_page,
        .data = j,
    };

    if (j->row->gone)
        return 0;
    return drain_all(j, &d, err);
}

/* ---- the destination --------------------------------------------- */

static int destination_page(void *data, const struct endpoint_page *page,
                            const char *token, bool last, struct err *err)
{
    struct joining *j = data;
    g_autofree const char **ids = g_new0(const char *, page->n + 1);
    g_autofree enum dest_kind *kinds = g_new0(enum dest_kind, page->n + 1);
    g_autofree bool *read = g_new0(bool, page->n + 1);
    size_t n = 0;

    (void)token;
    (void)last;
    for (size_t i = 0; i < page->n; i++) {
        if (page->changes[i].kind != ENDPOINT_CREATED)
            continue;
        read[n] = page->changes[i].read;
        ids[n++] = page->changes[i].id;
    }
    if (store_dest_lookup(j->v->pass.job->store, j->row->id, ids, n, kinds,
                          err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (kinds[i] == DEST_OURS)
            idset_add(j->destination, ids[i], read[i]); /* the tag */
        else if (!hidden_is(j->row->source_id))
            j->n_extra++; /* every mailbox has hidden items of its own */
    }
    return 0;
}

static int list_destination(struct joining *j, struct err *err)
{
    const struct drain d = {
        .ep = j->hands->at[DESTINATION],
        .side = DESTINATION,
        .folder_id = j->row->destination_id,
        .page = destination_page,
        .data = j,
    };

    if (j->row->destination_id == NULL)
        return 0;
    return drain_all(j, &d, err);
}

/* ---- the join ---------------------------------------------------- */

static void add_verdict(struct joining *j, int64_t item_id,
                        enum verify_class class, const char *note)
{
    struct store_verdict v = { item_id, class, note };

    g_array_append_val(j->verdicts, v);
}

static int flush_verdicts(struct joining *j, struct err *err)
{
    int r = verify_record(
        j->v, (const struct store_verdict *)(const void *)j->verdicts->data,
        j->verdicts->len, err);

    g_array_set_size(j->verdicts, 0);
    return r;
}

static const char *source_note(const struct joining *j,
                               const struct store_item *row)
{
    unsigned int marks = idset_marks(j->source, row->source_id);

    if (j->row->gone || (marks & MARK_SEEN) == 0)
        return deleted_note;
    if ((marks & MARK_EDITED) != 0)
        return edited_note;
    return NULL;
}

/*
 * The mark is no part of the digest: who opens a mail does not edit it.  Of
 * what is not ours it is nobody's business.
 */
static bool is_marked_otherwise(const struct joining *j,
                                const struct store_item *row)
{
    unsigned int marks = idset_marks(j->source, row->source_id);
    bool here = (marks & MARK_READ) != 0;
    bool there = idset_tag(j->destination, row->destination_id) != 0;

    return row->state == ITEM_COPIED && !hidden_is(j->row->source_id) &&
           (marks & MARK_SEEN) != 0 &&
           idset_has(j->destination, row->destination_id) && here != there;
}

static void join_arrived(struct joining *j, const struct store_item *row)
{
    struct present p = { sample_rank(row->id, j->v->pass.record.id), row->id,
                         source_note(j, row) };

    if (!idset_has(j->destination, row->destination_id))
        add_verdict(j, row->id, VERIFY_MISSING,
                    "no longer in its folder at the destination");
    else if (!verify_is_new(j->v, row))
        add_verdict(j, row->id, VERIFY_PRESENT, p.note);
    else
        g_array_append_val(j->present, p);
}

/* It was compared when it was found, and is no part of what was copied. */
static bool keeps_verdict(const struct joining *j, const struct store_item *row)
{
    return j->v->only_pass_id != 0 && row->pass_id == 0 &&
           row->verify == VERIFY_VERIFIED && source_note(j, row) == NULL;
}

/*
 * What lies in another folder, and is said to, is asked for itself: that
 * folder may be no part of this verification.
 */
static void join_stray(struct joining *j, const struct store_item *row)
{
    if (!verify_is_new(j->v, row))
        return;
    add_verdict(j, row->id, VERIFY_NONE, row->reason);
    j->n_stray++;
}

/* Of what differs from the source's item by its own right nothing is read. */
static void join_found(struct joining *j, const struct store_item *row)
{
    bool there = idset_has(j->destination, row->destination_id);

    j->n_marks += is_marked_otherwise(j, row);
    if (row->state == ITEM_ALREADY_THERE && row->moved_from != 0) {
        join_stray(j, row);
        return;
    }
    if (there && keeps_verdict(j, row))
        return;
    if (there && row->state == ITEM_ALREADY_THERE && row->reason != NULL)
        add_verdict(j, row->id, VERIFY_DIFFERENT, row->reason);
    else
        join_arrived(j, row);
}

static void join_row(struct joining *j, const struct store_item *row)
{
    switch (row->state) {
    case ITEM_COPIED:
    case ITEM_ALREADY_THERE:
        join_found(j, row);
        break;
    case ITEM_LISTED:
        /* A trial leaves most of them for later, and means to. */
        if (j->v->pass.options.pass != ENGINE_PASS_TRIAL)
            add_verdict(j, row->id, VERIFY_MISSING, "not copied yet");
        break;
    case ITEM_INTENDED:
        add_verdict(j, row->id, VERIFY_MISSING,
                    "in doubt: the next pass finds out whether it arrived");
        break;
    case ITEM_FAILED:
        add_verdict(j, row->id, VERIFY_FAILED, NULL);
        break;
    case ITEM_FILTERED:
        add_verdict(j, row->id, VERIFY_FILTERED, NULL);
        break;
    case ITEM_CONFLICT:
        add_verdict(j, row->id, VERIFY_CONFLICT, NULL);
        break;
    case ITEM_GONE:
    case ITEM_N_STATES:
        break; /* it was deleted before it could be copied: nothing to say */
    }
}

static int join_page(void *data, GPtrArray *page, struct err *err)
{
    struct joining *j = data;

    for (guint i = 0; i < page->len; i++)
        join_row(j, page->pdata[i]);
    return flush_verdicts(j, err);
}

/* ---- whose content is read --------------------------------------- */

static int by_rank(const void *a, const void *b)
{
    const struct present *x = a, *y = b;

    return (x->rank > y->rank) - (x->rank < y->rank);
}

static size_t how_many(const struct joining *j)
{
    switch (j->v->mode) {
    case VERIFY_MODE_FULL:
        return j->present->len;
    case VERIFY_MODE_SAMPLE:
        return sample_size(j->present->len);
    case VERIFY_MODE_COUNTS:
    case VERIFY_MODE_NOTHING:
        break;
    }
    return 0;
}

static int choose(struct joining *j, struct err *err)
{
    size_t n = how_many(j);

    g_array_sort(j->present, by_rank);
    for (guint i = 0; i < j->present->len; i++) {
        const struct present *p = &g_array_index(j->present, struct present, i);

        add_verdict(j, p->item_id, i < n ? VERIFY_NONE : VERIFY_PRESENT,
                    p->note);
        if (j->verdicts->len >= ROWS_PAGE && flush_verdicts(j, err) < 0)
            return -1;
    }
    pthread_mutex_lock(&j->v->pass.lock);
    j->v->n_to_read += n + j->n_stray;
    j->v->n_extra += j->n_extra;
    j->v->n_marks += j->n_marks;
    pthread_mutex_unlock(&j->v->pass.lock);
    return flush_verdicts(j, err);
}

static int join(struct joining *j, struct err *err)
{
    if (each_row(j, add_known, err) < 0)
        return -1;
    idset_seal(j->source);
    if (list_source(j, err) < 0 || list_destination(j, err) < 0)
        return -1;
    idset_seal(j->destination);
    if (each_row(j, join_page, err) < 0 || choose(j, err) < 0)
        return -1;
    pthread_mutex_lock(&j->v->pass.lock);
    g_hash_table_add(j->v->joined, (gpointer)(uintptr_t)&j->row->id);
    pthread_mutex_unlock(&j->v->pass.lock);
    return 0;
}

static int join_folder(struct verify *v, struct hands *hands,
                       const struct store_folder *row, struct err *err)
{
    struct joining j = {
        .v = v,
        .row = row,
        .hands = hands,
        .source = idset_new(),
        .destination = idset_new(),
        .present = g_array_new(FALSE, FALSE, sizeof(struct present)),
        .verdicts = g_array_new(FALSE, FALSE, sizeof(struct store_verdict)),
    };
    int r = join(&j, err);

    idset_free(j.source);
    idset_free(j.destination);
    g_array_unref(j.present);
    g_array_unref(j.verdicts);
    return r < 0 ? err_in(err, "folder \"%.200s\"", row->path) : 0;
}

static const struct store_folder *next_row(struct verify *v)
{
    const struct store_folder *row = NULL;

    pthread_mutex_lock(&v->pass.lock);
    while (row == NULL && v->next_row < v->rows->len) {
        guint i = v->next_row++;

        if (v->touched[i])
            row = v->rows->pdata[i];
    }
    pthread_mutex_unlock(&v->pass.lock);
    return row;
}

static void failed(struct verify *v, const struct err *why)
{
    if (pass_is_over(&v->pass))
        return;
    if (why->scope >= ERR_MAILBOX) {
        pass_stop(&v->pass, why);
        return;
    }
    pass_unlisted(&v->pass, why);
}

void *verify_folders_main(void *data)
{
    struct worker *w = data;
    struct verify *v = w->owner;
    const struct store_folder *row;
    struct err why;

    while (!pass_is_over(&v->pass) && (row = next_row(v)) != NULL)
        if (join_folder(v, &w->hands, row, &why) < 0)
            failed(v, &why);
    return NULL;
}
