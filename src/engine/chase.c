#include "engine/chase.h"

#include "base/step.h"
#include "engine/hidden.h"
#include "engine/trees.h"

/* One row and what is found out about it. */
struct quarry {
    const struct store_item *item;
    struct reading now;   /* at the source */
    struct reading there; /* its copy */
    struct store_follow end;
    uint8_t digest[DIGEST_PACKED]; /* of end */
    bool settled;                  /* end is to be recorded */
    bool updated;                  /* in place, by this chase */
};

struct batch_of {
    struct chase *chase;
    struct quarry *all;
    size_t n;
};

static void batch_release(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        reading_clear(&b->all[i].now);
        reading_clear(&b->all[i].there);
    }
    g_free(b->all);
}

/* What was there before us is nothing that we change. */
static bool is_ours(const struct quarry *q)
{
    return q->item->state == ITEM_COPIED;
}

/* ---- ends ---------------------------------------------------------------- */

static void settle(struct quarry *q, enum item_state state, unsigned int done)
{
    q->end = (struct store_follow){
        .item_id = q->item->id,
        .state = state,
        .done = done,
        .change_key = q->now.change_key,
    };
    q->settled = true;
}

/* It is at the destination as it was read now. */
static void settle_edit(const struct batch_of *b, struct quarry *q)
{
    settle(q, q->item->state, ITEM_PENDING_EDIT);
    digest_pack(&q->now.digest, q->digest);
    q->end.digest = q->digest;
    q->end.digest_len = sizeof(q->digest);
    q->end.format = q->item->format;
    q->end.size_bytes = q->now.bytes;
    q->end.pass_id = is_ours(q) ? b->chase->copy->pass.record.id : 0;
}

static void conflict(struct quarry *q, unsigned int done, const char *reason)
{
    settle(q, ITEM_CONFLICT, done);
    q->end.reason = reason;
}

static bool is_copy(const struct quarry *q, const struct digest *digest)
{
    struct digest was;

    return digest_unpack(q->item->digest, q->item->digest_len, &was) &&
           digest_compare(&was, digest, NULL) == DIGEST_EQUAL;
}

/* ---- reading ------------------------------------------------------------- */

typedef bool wanted_fn(const struct batch_of *b, const struct quarry *q);

/* Read those that are wanted, at one side. */
static int read_side(struct batch_of *b, enum side side, wanted_fn *wanted,
                     bool keep, struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, b->n + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, b->n + 1);
    const struct reader r = {
        .ep = b->chase->at[side],
        .side = side,
        .keep = keep,
        .formats = formats,
        .may_lack_room = true,
    };
    g_autofree struct reading *got = g_new0(struct reading, b->n + 1);
    size_t k = 0;
    int end;

    for (size_t i = 0; i < b->n; i++) {
        const struct store_item *item = b->all[i].item;

        if (!wanted(b, &b->all[i]))
            continue;
        formats[k] = (enum payload_format)item->format;
        ids[k++] = side == SOURCE ? item->source_id : item->destination_id;
    }
    end = reader_read(&b->chase->copy->pass, &r, ids, k, got, err);
    k = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!wanted(b, q))
            continue;
        if (side == SOURCE)
            q->now = got[k++];
        else
            q->there = got[k++];
    }
    return end;
}

/*
 * What leaves the recoverable items leaves for good: that is left to the
 * destination's own retention.
 */
static bool may_delete(const struct batch_of *b, const struct quarry *q)
{
    const struct folder *f = copy_folder(b->chase->copy, q->item->folder_id);

    return b->chase->deletes && (f == NULL || !tree_is_recoverable(f->root));
}

static bool is_deleted(const struct batch_of *b, const struct quarry *q)
{
    return (q->item->pending & ITEM_PENDING_DELETE) != 0 && is_ours(q) &&
           may_delete(b, q);
}

/* A deletion that is not carried over leaves the rest of no interest. */
static bool is_edited(const struct batch_of *b, const struct quarry *q)
{
    (void)b;
    return (q->item->pending & ITEM_PENDING_EDIT) != 0 &&
           (q->item->pending & ITEM_PENDING_DELETE) == 0;
}

static bool at_source(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && q->now.end == READING_OPEN &&
           (is_edited(b, q) || is_deleted(b, q));
}

/* ---- edits --------------------------------------------------------------- */

static void judge_touch(const struct batch_of *b, struct quarry *q)
{
    if (is_edited(b, q) && q->now.end == READING_DONE &&
        is_copy(q, &q->now.digest))
        settle(q, q->item->state, ITEM_PENDING_EDIT);
}

static bool is_changed(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && q->there.end == READING_OPEN && is_edited(b, q) &&
           q->now.end == READING_DONE;
}

static void judge_edit(const struct batch_of *b, struct quarry *q)
{
    if (q->there.end == READING_GONE)
        conflict(q, ITEM_PENDING_EDIT,
                 "edited at the source, deleted at the destination");
    else if (q->there.end != READING_DONE)
        return;
    else if (digest_compare(&q->now.digest, &q->there.digest, NULL) ==
             DIGEST_EQUAL)
        settle_edit(b, q);
    else if (!is_ours(q))
        conflict(q, ITEM_PENDING_EDIT,
                 "edited at the source; what is at the destination was there "
                 "before the migration and is left as it is");
    else if (q->item->digest_len == 0)
        conflict(q, ITEM_PENDING_EDIT,
                 "edited at the source; whether it was edited at the "
                 "destination too cannot be told, since no digest was taken");
    else if (!is_copy(q, &q->there.digest))
        conflict(q, ITEM_PENDING_EDIT,
                 "edited at the source and at the destination");
}

static bool is_to_be_updated(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && is_ours(q) && is_edited(b, q) &&
           q->now.end == READING_DONE && q->there.end == READING_DONE;
}

/* In place is not possible: as a new item, and the old one removed after. */
static void replace(struct batch_of *b, struct quarry *q)
{
    if (b->chase->replace)
        settle(q, ITEM_LISTED, ITEM_PENDING_EDIT);
}

/*
 * ---- what an update has left ------------------------------------------------
 *
 * Between two servers of which nobody knows what an update does with what is
 * gone (edits.c), updated items are read again.  The first that still has
 * something of the old one ends it: it is replaced, and so is every edit after
 * it.  (Who dies between the update and the record of it finds a copy that is
 * neither as it was written nor as it is to be: a conflict, told and left.)
 */

static bool was_updated(const struct batch_of *b, const struct quarry *q)
{
    (void)b;
    return q->updated && q->there.end == READING_OPEN;
}

/*
 * As it is there now, so that the next pass knows it as our own work; the edit
 * is still to be carried over.
 */
static void settle_left(const struct batch_of *b, struct quarry *q)
{
    settle(q, ITEM_COPIED, 0);
    q->end.change_key = NULL;
    digest_pack(&q->there.digest, q->digest);
    q->end.digest = q->digest;
    q->end.digest_len = sizeof(q->digest);
    q->end.format = q->item->format;
    q->end.size_bytes = q->there.bytes;
    q->end.pass_id = b->chase->copy->pass.record.id;
}

static int judge_updated(struct batch_of *b, struct quarry *q, struct err *err)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autofree char *why = NULL;

    if (q->there.end != READING_DONE ||
        digest_compare(&q->now.digest, &q->there.digest, NULL) !=
            DIGEST_DIFFERENT)
        return 0;
    if (fts_diff(q->now.payload, q->there.payload, &lines, err) < 0)
        return -1;
    if (!fts_diff_adds(lines))
        return 0; /* what it did not keep a new item would lack as well */
    why =
        g_strdup_printf("an update left what is gone (%s: %s)",
                        q->item->item_class != NULL ? q->item->item_class : "?",
                        (const char *)lines->pdata[0]);
    if (edits_replace(b->chase->copy, why, err) < 0)
        return -1;
    q->settled = false;
    replace(b, q);
    if (!q->settled)
        settle_left(b, q);
    return 0;
}

static int look_at_updated(struct batch_of *b, struct err *err)
{
    bool any = false;

    if (edits_way(b->chase->copy) == EDITS_IN_PLACE)
        return 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!b->all[i].updated)
            continue;
        any = true;
        reading_clear(&b->all[i].there);
    }
    if (any && read_side(b, DESTINATION, was_updated, true, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].updated && judge_updated(b, &b->all[i], err) < 0)
            return -1;
    return 0;
}

static void judge_update(struct batch_of *b, struct quarry *q,
                         struct endpoint_done *done)
{
    q->updated = done->status == 0;
    if (q->updated)
        settle_edit(b, q);
    else if (policy_is_gone(&done->why))
        conflict(q, ITEM_PENDING_EDIT,
                 "edited at the source, deleted at the destination");
    else if (policy_of(&done->why) == POLICY_FAIL)
        replace(b, q);
}

/* The destination folder that the item's copy is in; NULL: not known. */
static const char *folder_of(const struct copy *c, const struct quarry *q)
{
    const struct folder *f = copy_folder(c, q->item->folder_id);

    return f != NULL ? hidden_base(f->row->destination_id) : NULL;
}

static bool is_hidden(const struct copy *c, const struct quarry *q)
{
    const struct folder *f = copy_folder(c, q->item->folder_id);

    return f != NULL && f->hidden;
}

/* 1: the server would not have it now, *ret_why tells; 0; -1. */
static int put_updates(struct batch_of *b, struct quarry **set, size_t n,
                       struct err *ret_why)
{
    g_autofree struct endpoint_put *puts = g_new0(struct endpoint_put, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    bool maybe;

    for (size_t i = 0; i < n; i++)
        puts[i] = (struct endpoint_put){
            .folder_id = folder_of(b->chase->copy, set[i]),
            .replace_id = set[i]->item->destination_id,
            .associated = is_hidden(b->chase->copy, set[i]),
            .format = PAYLOAD_FTS,
            .payload = set[i]->now.payload,
        };
    /* Whether an update without an answer was made does not matter. */
    if (endpoint_put(b->chase->at[DESTINATION], puts, n, done, &maybe,
                     ret_why) < 0)
        return 1;
    step("update");
    for (size_t i = 0; i < n; i++)
        judge_update(b, set[i], &done[i]);
    endpoint_done_free(done, n);
    return 0;
}

/* A request that fails whole is split down to the item at fault. */
static int update_set(struct batch_of *b, struct quarry **set, size_t n,
                      struct err *err)
{
    struct pass *p = &b->chase->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (put_updates(b, set, n, &why) > 0) {
        bool of_items =
            policy_of(&why) == POLICY_LATER || policy_of(&why) == POLICY_FAIL;

        if (of_items && n > 1)
            return update_set(b, set, n / 2, err) < 0
                       ? -1
                       : update_set(b, set + n / 2, n - n / 2, err);
        if (of_items && policy_of(&why) == POLICY_FAIL) {
            replace(b, set[0]);
            return 0;
        }
        if (pass_endure(p, DESTINATION, &failures, &why) &&
            failures < p->options.item_tries)
            continue;
        if (policy_is_too_large(&why) && !pass_is_over(p)) {
            replace(b, set[0]); /* or it is told that it cannot be */
            return 0;
        }
        if (policy_of(&why) != POLICY_STOP && !pass_is_over(p))
            return 0; /* it stays pending */
        *err = why;
        return -1;
    }
    return 0;
}

static int update(struct batch_of *b, struct err *err)
{
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    struct copy *c = b->chase->copy;
    bool can = (b->chase->at[DESTINATION]->caps & ENDPOINT_CAP_UPDATE) != 0 &&
               edits_way(c) != EDITS_REPLACE;
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_to_be_updated(b, q) || !batch_fits(&c->batch, q->now.bytes) ||
            folder_of(c, q) == NULL)
            continue;
        if (can && q->now.payload != NULL)
            set[n++] = q;
        else
            replace(b, q);
    }
    if (n == 0)
        return 0;
    return update_set(b, set, n, err) < 0 ? -1 : look_at_updated(b, err);
}

static int chase_edits(struct batch_of *b, struct err *err)
{
    if (read_side(b, SOURCE, at_source, true, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        judge_touch(b, &b->all[i]);
    if (read_side(b, DESTINATION, is_changed, false, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        if (!b->all[i].settled && is_edited(b, &b->all[i]))
            judge_edit(b, &b->all[i]);
    return update(b, err);
}

/* ---- removing ------------------------------------------------------------ */

/* What is gone already counts as deleted: repeating does no harm. */
static int remove_ids(struct chase *c, const struct endpoint_ref *refs,
                      size_t n, struct endpoint_done *done, struct err *err)
{
    struct pass *p = &c->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (n > 0 &&
           endpoint_remove(c->at[DESTINATION], refs, n, done, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return -1;
    }
    step("remove");
    return 0;
}

/* ---- deletions ------------------------------------------------------- */

static bool is_gone_for_certain(const struct batch_of *b,
                                const struct quarry *q)
{
    return !q->settled && q->there.end == READING_OPEN && is_deleted(b, q) &&
           q->now.end == READING_GONE;
}

static bool judge_deletion(struct quarry *q)
{
    if (q->there.end == READING_GONE) {
        settle(q, ITEM_GONE, ITEM_PENDING_DELETE);
        return false;
    }
    if (q->there.end != READING_DONE)
        return false;
    if (is_copy(q, &q->there.digest))
        return true;
    conflict(q, ITEM_PENDING_DELETE,
             "deleted at the source, edited at the destination");
    return false;
}

static int chase_deletions(struct batch_of *b, struct err *err)
{
    g_autofree struct endpoint_ref *refs =
        g_new0(struct endpoint_ref, b->n + 1);
    g_autofree struct endpoint_done *done =
        g_new0(struct endpoint_done, b->n + 1);
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;

    if (read_side(b, DESTINATION, is_gone_for_certain, false, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (q->settled || !is_deleted(b, q))
            continue;
        /* Listed as deleted, and there all the same. */
        if (q->now.end == READING_DONE) {
            settle(q, ITEM_COPIED, ITEM_PENDING_DELETE);
            q->end.change_key = NULL;
        } else if (q->now.end == READING_GONE && judge_deletion(q)) {
            refs[n].id = q->item->destination_id;
            set[n++] = q;
        }
    }
    if (n == 0)
        return 0;
    if (remove_ids(b->chase, refs, n, done, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (done[i].status == 0)
            settle(set[i], ITEM_GONE, ITEM_PENDING_DELETE);
    endpoint_done_free(done, n);
    return 0;
}

/* ---- read marks ------------------------------------------------------ */

static int mark(struct chase *c, const struct endpoint_ref *refs, size_t n,
                bool read, struct endpoint_done *done, struct err *err)
{
    struct pass *p = &c->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (endpoint_mark_read(c->at[DESTINATION], refs, n, read, done, &why) <
           0) {
        if (pass_endure(p, DESTINATION, &failures, &why) &&
            failures < p->options.item_tries)
            continue;
        if (policy_of(&why) != POLICY_STOP && !pass_is_over(p))
            return 0; /* they stay pending */
        *err = why;
        return -1;
    }
    step("mark");
    return 1;
}

static bool is_marked(const struct quarry *q, bool read)
{
    return is_ours(q) && (q->item->pending & ITEM_PENDING_READ) != 0 &&
           (q->item->pending & ITEM_PENDING_DELETE) == 0 &&
           q->item->read == read &&
           (!q->settled || q->end.state == ITEM_COPIED);
}

/* Beside whatever else has become of it. */
static void settle_mark(struct quarry *q)
{
    if (q->settled)
        q->end.done |= ITEM_PENDING_READ;
    else
        q->end = (struct store_follow){
            .item_id = q->item->id,
            .state = q->item->state,
            .done = ITEM_PENDING_READ,
        };
    q->settled = true;
}

/* Whether it is read there is none of our business, or not any more. */
static void drop_marks(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];
        bool theirs =
            !is_ours(q) || (q->settled && q->end.state == ITEM_CONFLICT);

        if (theirs && (q->item->pending & ITEM_PENDING_READ) != 0)
            settle_mark(q);
    }
}

static int chase_marks(struct batch_of *b, bool read, struct err *err)
{
    g_autofree struct endpoint_ref *refs =
        g_new0(struct endpoint_ref, b->n + 1);
    g_autofree struct endpoint_done *done =
        g_new0(struct endpoint_done, b->n + 1);
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;
    int r;

    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_marked(q, read))
            continue;
        refs[n].id = q->item->destination_id;
        refs[n].item_class = q->item->item_class;
        set[n++] = q;
    }
    if (n == 0)
        return 0;
    r = mark(b->chase, refs, n, read, done, err);
    for (size_t i = 0; i < n && r > 0; i++)
        if (done[i].status == 0 || policy_is_gone(&done[i].why))
            settle_mark(set[i]);
    endpoint_done_free(done, n);
    return r < 0 ? -1 : 0;
}

/* ---- on record ------------------------------------------------------- */

static void count_end(struct store_pass *to, const struct quarry *q,
                      uint64_t *followed, const char **first_conflict)
{
    if (q->end.state == ITEM_CONFLICT) {
        if (to->conflicts++ == 0 || *first_conflict == NULL)
            *first_conflict = q->end.reason;
        return;
    }
    if (!is_ours(q))
        return;
    to->removed += q->end.state == ITEM_GONE;
    to->updated +=
        q->end.digest_len > 0 && (q->end.done & ITEM_PENDING_EDIT) != 0;
    to->marked += (q->end.done & ITEM_PENDING_READ) != 0;
    ++*followed;
}

static void tell(struct batch_of *b)
{
    struct pass *p = &b->chase->copy->pass;
    const char *conflict_why = NULL;
    uint64_t followed = 0, conflicts;

    pthread_mutex_lock(&p->lock);
    conflicts = p->record.conflicts;
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].settled)
            count_end(&p->record, &b->all[i], &followed, &conflict_why);
    conflicts = p->record.conflicts - conflicts;
    pthread_mutex_unlock(&p->lock);
    if (followed > 0)
        pass_event(p, &(struct engine_event){ .kind = ENGINE_FOLLOWED,
                                              .n = followed });
    if (conflicts > 0)
        pass_event(p, &(struct engine_event){ .kind = ENGINE_CONFLICT,
                                              .n = conflicts,
                                              .text = conflict_why });
    pass_progress(p);
}

/* What was verified before it was a conflict is so no longer. */
static int record_conflicts(struct batch_of *b, const struct store_follow *ends,
                            size_t n, struct err *err)
{
    const struct engine_job *job = b->chase->copy->pass.job;
    g_autofree struct store_verdict *verdicts =
        g_new0(struct store_verdict, n + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (ends[i].state == ITEM_CONFLICT)
            verdicts[k++] =
                (struct store_verdict){ ends[i].item_id, VERIFY_CONFLICT,
                                        ends[i].reason };
    return k == 0
               ? 0
               : store_items_verify(job->store, &job->lease, verdicts, k, err);
}

/* Whom what was updated names. */
static int record_people(struct batch_of *b, struct err *err)
{
    const struct engine_job *job = b->chase->copy->pass.job;
    struct people *people = &b->chase->copy->people;
    g_autofree struct store_exchange_name *names = NULL;
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].updated && b->all[i].now.people != NULL)
            n += b->all[i].now.people->len;
    names = g_new0(struct store_exchange_name, n + 1);
    n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].updated)
            n += people_new(people, b->all[i].now.people, names + n);
    if (n == 0)
        return 0;
    if (store_exchange_names_add(job->store, &job->lease, names, n, err) < 0)
        return -1;
    people_recorded(people, names, n);
    return 0;
}

static int record(struct batch_of *b, struct err *err)
{
    const struct engine_job *job = b->chase->copy->pass.job;
    g_autofree struct store_follow *ends =
        g_new0(struct store_follow, b->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].settled)
            ends[n++] = b->all[i].end;
    if (n == 0)
        return 0;
    if (store_items_follow(job->store, &job->lease, ends, n, err) < 0 ||
        record_conflicts(b, ends, n, err) < 0)
        return -1;
    tell(b);
    return 0;
}

static int chase(struct batch_of *b, struct err *err)
{
    if (chase_edits(b, err) < 0 || chase_deletions(b, err) < 0 ||
        chase_marks(b, true, err) < 0 || chase_marks(b, false, err) < 0)
        return -1;
    drop_marks(b);
    return record_people(b, err) < 0 ? -1 : record(b, err);
}

int chase_items(struct chase *c, const GPtrArray *rows, struct err *err)
{
    struct batch_of b = {
        .chase = c,
        .all = g_new0(struct quarry, rows->len + 1),
        .n = rows->len,
    };
    int r;

    for (guint i = 0; i < rows->len; i++)
        b.all[i].item = rows->pdata[i];
    r = chase(&b, err);
    batch_release(&b);
    return r;
}

int chase_old(struct chase *c, const GPtrArray *rows, struct err *err)
{
    const struct engine_job *job = c->copy->pass.job;
    guint n = rows->len;
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    g_autofree struct store_follow *ends = g_new0(struct store_follow, n + 1);
    size_t k = 0;

    for (guint i = 0; i < n; i++)
        refs[i].id =
            ((const struct store_item *)rows->pdata[i])->old_destination_id;
    if (remove_ids(c, refs, n, done, err) < 0)
        return -1;
    for (guint i = 0; i < n; i++) {
        const struct store_item *item = rows->pdata[i];

        if (done[i].status == 0)
            ends[k++] = (struct store_follow){
                .item_id = item->id,
                .state = item->state,
                .old_gone = true,
            };
    }
    endpoint_done_free(done, n);
    return k > 0 ? store_items_follow(job->store, &job->lease, ends, k, err)
                 : 0;
}
