/* Settling what is in doubt; doubt.c has the rules. */
#include "base/timestamp.h"
#include "engine/copy_priv.h"
#include "engine/forsaken.h"
#include "engine/look.h"
#include "engine/rows.h"
#include "engine/stamp.h"

/* Between two looks: a share of the wait, so that tests need not sleep. */
#define LOOK_SHARE  24
#define LOOK_MAX_US (5 * TIMESTAMP_SECOND)
/* Looks that do not agree before the folder is left for the next pass. */
#define LOOKS_MAX 20

/* ---- a folder being settled -------------------------------------- */

struct settling {
    struct copy *copy;
    struct folder *folder;
    GPtrArray *rows;               /* of struct store_item *: INTENDED */
    struct match_item *wanted;     /* one a row */
    char (*stamps)[STAMP_LEN + 1]; /* one a row: "" of one sent as FTS */
    char *token;                   /* kept, of the destination */
    char **verdict;                /* one a row: the id found, or NULL */
    bool unmoved; /* some were to be moved here, and have not been */
};

static void verdict_free(char **verdict, size_t n)
{
    for (size_t i = 0; verdict != NULL && i < n; i++)
        g_free(verdict[i]);
    g_free(verdict);
}

static void settling_release(struct settling *s)
{
    verdict_free(s->verdict, s->rows != NULL ? s->rows->len : 0);
    g_clear_pointer(&s->rows, g_ptr_array_unref);
    g_free(s->wanted);
    g_free(s->stamps);
    g_free(s->token);
}
typedef struct settling settling;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(settling, settling_release)

/* Nothing of the folder may be in anybody's hands while we look. */
static int quiesce(struct settling *s, struct err *err)
{
    struct pass *p = &s->copy->pass;
    bool over = false;

    pthread_mutex_lock(&p->lock);
    s->folder->settling = true;
    while (s->folder->in_flight > 0 && !over) {
        over = p->stopped || pass_is_cancelled(p);
        if (!over)
            pass_watch(p, INT64_MAX);
    }
    pthread_mutex_unlock(&p->lock);
    return over ? pass_interrupted(p, err) : 0;
}

static int keep_page(void *data, GPtrArray *page, struct err *err)
{
    GPtrArray *rows = data;

    (void)err; /* nothing to fail here */
    while (page->len > 0)
        g_ptr_array_add(rows, g_ptr_array_steal_index(page, 0));
    return 0;
}

static int load_rows(struct settling *s, struct err *err)
{
    const struct engine_job *job = s->copy->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .folder_id = s->folder->row->id,
        .states = 1u << ITEM_INTENDED,
    };

    s->rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);
    return rows_each(job->store, &q, keep_page, s->rows, err);
}

/* Where a digest was not taken in passing, the source is read again. */
static int read_sources(struct settling *s, struct err *err)
{
    size_t n = s->rows->len;
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree struct match_item *got = g_new0(struct match_item, n + 1);
    struct look_ids what = { .side = SOURCE, .ids = ids };
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (!s->wanted[i].readable && s->stamps[i][0] == '\0')
            ids[k++] = ((struct store_item *)s->rows->pdata[i])->source_id;
    what.n = k;
    if (look_read(s->copy, &what, got, err) < 0)
        return -1;
    k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->wanted[i].readable || s->stamps[i][0] != '\0')
            continue;
        s->wanted[i].readable = got[k].readable;
        s->wanted[i].digest = got[k++].digest;
    }
    return 0;
}

/* A moved item keeps the stamp of the row that it leaves. */
static int load_stamp(struct settling *s, guint i, struct err *err)
{
    const struct engine_job *job = s->copy->pass.job;
    const struct store_item *row = s->rows->pdata[i];
    g_autoptr(store_item) left = NULL;
    int found;

    if (row->format != PAYLOAD_PORTABLE)
        return 0;
    if (row->moved_from == 0) {
        stamp_make(row->source_id, s->stamps[i]);
        return 0;
    }
    found = store_item_find(job->store, job->lease.mailbox_id, row->moved_from,
                            &left, err);
    if (found > 0)
        stamp_make(left->source_id, s->stamps[i]);
    return MIN(found, 0);
}

static int load_wanted(struct settling *s, struct err *err)
{
    s->wanted = g_new0(struct match_item, s->rows->len + 1);
    s->stamps = g_malloc0_n(s->rows->len + 1, sizeof(*s->stamps));
    for (guint i = 0; i < s->rows->len; i++) {
        const struct store_item *row = s->rows->pdata[i];

        if (load_stamp(s, i, err) < 0)
            return -1;
        if (s->stamps[i][0] != '\0')
            continue; /* nothing else could be as sure */
        s->wanted[i].search_key = row->search_key;
        s->wanted[i].readable =
            digest_unpack(row->digest, row->digest_len, &s->wanted[i].digest);
    }
    return read_sources(s, err);
}

static int load_token(struct settling *s, struct err *err)
{
    const struct engine_job *job = s->copy->pass.job;
    g_autoptr(GPtrArray) rows = NULL;
    const struct store_folder *row = NULL;

    if (rows_folder(job->store, job->lease.mailbox_id, s->folder->row->id,
                    &rows, &row, err) < 0)
        return -1;
    s->token =
        g_strdup(row->destination_token != NULL ? row->destination_token : "");
    return 0;
}

/* ---- the looks --------------------------------------------------- */

/* The id of the whole item that carries it; NULL. */
static const char *find_stamp(const struct look *seen, const char *stamp)
{
    for (guint i = 0; i < seen->found->len; i++) {
        const struct candidate *c = look_at(seen, i);

        if (!c->unfinished && g_strcmp0(c->stamp, stamp) == 0)
            return c->id;
    }
    return NULL;
}

/* Of what cannot be read there is the time at which it was received. */
static bool may_be(const struct candidate *c, const struct store_item *row)
{
    return c->received_us == TIMESTAMP_NONE ||
           row->received_us == TIMESTAMP_NONE ||
           c->received_us / TIMESTAMP_SECOND ==
               row->received_us / TIMESTAMP_SECOND;
}

static bool is_taken(const size_t *match, size_t n, guint k)
{
    for (size_t i = 0; i < n; i++)
        if (match[i] == k)
            return true;
    return false;
}

/* A row that has no match, and something unread that might be it. */
static bool is_blind(const struct settling *s, const struct look *seen,
                     const size_t *match)
{
    for (guint k = 0; k < seen->found->len; k++) {
        if (seen->items[k].readable || look_at(seen, k)->stamp != NULL ||
            is_taken(match, s->rows->len, k))
            continue;
        for (guint i = 0; i < s->rows->len; i++)
            if (match[i] == MATCH_NONE && s->stamps[i][0] == '\0' &&
                may_be(look_at(seen, k), s->rows->pdata[i]))
                return true;
    }
    return false;
}

static void refuse_blind(const struct settling *s, struct err *err)
{
    err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "destination folder \"%.200s\": an item that turned up there "
            "cannot be read, so that nobody can tell whether it is one of "
            "those in doubt",
            s->folder->row->path);
    err->name = "unread-arrival";
    err_remedy(err,
               "run it again; if it stays so, open the newest items of "
               "that folder in Outlook and delete the one that is damaged");
}

static int take_verdict(struct settling *s, char ***ret, struct err *err)
{
    size_t n = s->rows->len;
    g_autofree size_t *match = g_new0(size_t, n + 1);
    g_auto(look) seen = { 0 };
    char **verdict;

    if (look_take(s->copy, s->folder, s->token, &seen, err) < 0)
        return -1;
    match_multiset(&(struct match_set){ s->wanted, n },
                   &(struct match_set){ seen.items, seen.found->len }, match);
    if (is_blind(s, &seen, match)) {
        refuse_blind(s, err);
        return -1;
    }
    verdict = g_new0(char *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (s->stamps[i][0] != '\0')
            verdict[i] = g_strdup(find_stamp(&seen, s->stamps[i]));
        else if (match[i] != MATCH_NONE)
            verdict[i] = g_strdup(look_at(&seen, match[i])->id);
    *ret = verdict;
    return 0;
}

static bool agree(char *const *a, char *const *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (g_strcmp0(a[i], b[i]) != 0)
            return false;
    return true;
}

static int refuse_restless(struct settling *s, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "destination folder \"%.200s\": what arrived cannot be settled, "
            "each look shows something else",
            s->folder->row->path);
    err->name = "restless-folder";
    return err_remedy(err, "run again when the destination is quiet");
}

/* Look until two looks in a row agree. */
static int look_until_sure(struct settling *s, struct err *err)
{
    int64_t pause =
        MIN(s->copy->pass.options.doubt_wait_us / LOOK_SHARE, LOOK_MAX_US);
    size_t n = s->rows->len;

    if (take_verdict(s, &s->verdict, err) < 0)
        return -1;
    for (int looks = 1; looks < LOOKS_MAX; looks++) {
        char **next;
        bool sure;

        if (!pass_sleep(&s->copy->pass, pause))
            return pass_interrupted(&s->copy->pass, err);
        if (take_verdict(s, &next, err) < 0)
            return -1;
        sure = agree(s->verdict, next, n);
        verdict_free(s->verdict, n);
        s->verdict = next;
        if (sure)
            return 0;
    }
    return refuse_restless(s, err);
}

/* ---- and what follows -------------------------------------------- */

static const struct err *why_of(const struct settling *s, int64_t item_id)
{
    const GArray *doubts = s->folder->doubts;

    for (guint i = 0; i < doubts->len; i++)
        if (g_array_index(doubts, struct doubt, i).item_id == item_id)
            return &g_array_index(doubts, struct doubt, i).why;
    return NULL;
}

static void outcome_of(const struct settling *s, size_t i,
                       struct store_outcome *ret)
{
    const struct store_item *row = s->rows->pdata[i];
    const struct err *why = why_of(s, row->id);

    *ret = (struct store_outcome){ .item_id = row->id };
    if (s->verdict[i] != NULL) {
        ret->state = ITEM_COPIED;
        ret->destination_id = s->verdict[i];
    } else if (row->tries + 1 >= s->copy->pass.options.item_tries &&
               row->tries >= BATCH_ALONE_TRIES) {
        ret->state = ITEM_FAILED;
        ret->reason = why != NULL ? why->msg : "it did not arrive";
        ret->remedy = "each upload of this item ended without an answer; if "
                      "it is large, a limit on requests may be why: raise "
                      "it at the destination and in what stands before it "
                      "(maxAllowedContentLength, maxRequestLength), or move "
                      "the item by hand, or run again";
        ret->error_name = why != NULL ? why->name : NULL;
    } else {
        ret->state = ITEM_LISTED;
        ret->count_try = true;
    }
}

static void tell_settled(struct settling *s, size_t n_found)
{
    g_autofree char *text =
        g_strdup_printf("%zu of %u had arrived in folder \"%s\"", n_found,
                        s->rows->len, s->folder->row->path);

    pthread_mutex_lock(&s->copy->pass.lock);
    s->copy->pass.record.settled += n_found;
    pthread_mutex_unlock(&s->copy->pass.lock);
    pass_event(&s->copy->pass,
               &(struct engine_event){ .kind = ENGINE_DOUBT, .text = text });
}

static int record_verdict(struct settling *s, struct err *err)
{
    size_t n = s->rows->len, n_found = 0;
    g_autofree struct store_outcome *outcomes =
        g_new0(struct store_outcome, n + 1);
    g_autofree uint64_t *bytes = g_new0(uint64_t, n + 1);

    for (size_t i = 0; i < n; i++) {
        outcome_of(s, i, &outcomes[i]);
        bytes[i] = ((struct store_item *)s->rows->pdata[i])->size_bytes;
        n_found += s->verdict[i] != NULL;
        s->unmoved =
            s->unmoved ||
            (outcomes[i].state == ITEM_LISTED &&
             ((struct store_item *)s->rows->pdata[i])->moved_from != 0);
    }
    if (record_outcomes(s->copy, s->folder, outcomes, bytes, n, err) < 0)
        return -1;
    tell_settled(s, n_found);
    return 0;
}

/*
 * Where the folder's destination is another one than that to which the items
 * were sent, what lies there was there before us.
 */
static int open_first(struct settling *s, struct err *err)
{
    struct hands h = pass_own_hands(&s->copy->pass);

    if (s->folder->gate != GATE_SHUT)
        return 0;
    if (baseline_take(s->copy, h.at[DESTINATION], s->folder, err) < 0)
        return -1;
    feed_set_gate(s->copy, s->folder, GATE_OPEN);
    return 0;
}

/*
 * A copy is known by its stamp, and may have been left before what its server
 * did not keep was set right: that one has not arrived.
 */
static int drop_forsaken(struct settling *s, struct err *err)
{
    struct pass *p = &s->copy->pass;
    size_t n = s->rows->len, k = 0, n_refs = 0;
    g_autofree const struct store_item **rows =
        g_new0(const struct store_item *, n + 1);
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree size_t *at = g_new0(size_t, n + 1);
    g_autofree bool *forsaken = g_new0(bool, n + 1);
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);

    for (size_t i = 0; i < n; i++) {
        const struct store_item *row = s->rows->pdata[i];

        if (s->verdict[i] == NULL || s->stamps[i][0] == '\0' ||
            row->moved_from != 0)
            continue;
        rows[k] = row;
        ids[k] = s->verdict[i];
        at[k++] = i;
    }
    if (forsaken_find(p, rows, ids, k, forsaken, err) < 0)
        return -1;
    for (size_t i = 0; i < k; i++)
        if (forsaken[i])
            refs[n_refs++].id = ids[i];
    if (forsaken_remove(p, pass_own_hands(p).at[DESTINATION], refs, n_refs,
                        err) < 0)
        return -1;
    for (size_t i = 0; i < k; i++)
        if (forsaken[i])
            g_clear_pointer(&s->verdict[at[i]], g_free);
    return 0;
}

static int settle(struct settling *s, struct err *err)
{
    if (quiesce(s, err) < 0 || open_first(s, err) < 0 || load_rows(s, err) < 0)
        return -1;
    if (s->rows->len > 0 &&
        (load_wanted(s, err) < 0 || load_token(s, err) < 0 ||
         look_until_sure(s, err) < 0 || drop_forsaken(s, err) < 0 ||
         record_verdict(s, err) < 0))
        return -1;
    return 0;
}

int doubt_settle(struct copy *c, struct folder *f, struct err *err)
{
    g_auto(settling) s = { .copy = c, .folder = f };
    int r = settle(&s, err);

    pthread_mutex_lock(&c->pass.lock);
    if (r == 0) {
        g_array_set_size(f->doubts, 0);
        f->doubt_due_us = 0;
    }
    pthread_mutex_unlock(&c->pass.lock);
    /* Before a lane sends what need only be moved. */
    if (r == 0 && s.unmoved)
        r = move_all(c, err);
    pthread_mutex_lock(&c->pass.lock);
    f->settling = false;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    return r;
}
