#include "engine/chase.h"

#include "engine/cargo.h"
#include "engine/chase_priv.h"
#include "engine/trees.h"

static void batch_release(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        reading_clear(&b->all[i].now);
        reading_clear(&b->all[i].there);
        g_free(b->all[i].subject);
    }
    g_free(b->all);
}

bool quarry_is_ours(const struct quarry *q)
{
    return q->item->state == ITEM_COPIED;
}

bool quarry_is_hidden(const struct batch_of *b, const struct quarry *q)
{
    const struct folder *f = copy_folder(b->chase->copy, q->item->folder_id);

    return f != NULL && f->hidden;
}

/* ---- ends ---------------------------------------------------------------- */

void quarry_settle(struct quarry *q, enum item_state state, unsigned int done)
{
    q->end = (struct store_follow){
        .item_id = q->item->id,
        .state = state,
        .done = done,
        .change_key = q->now.change_key,
    };
    q->settled = true;
}

void quarry_conflict(struct quarry *q, unsigned int done, const char *reason)
{
    quarry_settle(q, ITEM_CONFLICT, done);
    q->end.reason = reason;
}

bool quarry_is_copy(const struct quarry *q, const struct digest *digest)
{
    struct digest was;

    return digest_unpack(q->item->digest, q->item->digest_len, &was) &&
           digest_compare(&was, digest, NULL) == DIGEST_EQUAL;
}

/* ---- reading ------------------------------------------------------------- */

int chase_read(struct batch_of *b, enum side side, wanted_fn *wanted, bool keep,
               struct err *err)
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
        formats[k] = side == SOURCE && b->all[i].as_mime
                         ? PAYLOAD_PORTABLE
                         : (enum payload_format)item->format;
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

bool quarry_is_deleted(const struct batch_of *b, const struct quarry *q)
{
    return (q->item->pending & ITEM_PENDING_DELETE) != 0 && quarry_is_ours(q) &&
           may_delete(b, q);
}

/* A deletion that is not carried over leaves the rest of no interest. */
bool quarry_is_edited(const struct batch_of *b, const struct quarry *q)
{
    (void)b;
    return (q->item->pending & ITEM_PENDING_EDIT) != 0 &&
           (q->item->pending & ITEM_PENDING_DELETE) == 0;
}

/* ---- on record ------------------------------------------------------- */

/* What came of a batch, by its number, and the first cause of each kind. */
struct tally {
    struct engine_event followed, conflicts, failed;
};

static void count_one(struct engine_event *to, const char *text)
{
    if (to->n++ == 0)
        to->text = text;
}

static void count_end(struct store_pass *to, const struct quarry *q,
                      struct tally *tally)
{
    if (q->end.state == ITEM_CONFLICT) {
        to->conflicts++;
        count_one(&tally->conflicts, q->end.reason);
        return;
    }
    if (q->end.state == ITEM_FAILED) {
        to->items_failed++;
        count_one(&tally->failed, q->end.reason);
        return;
    }
    if (!quarry_is_ours(q))
        return;
    to->removed += q->end.state == ITEM_GONE;
    to->updated +=
        q->end.digest_len > 0 && (q->end.done & ITEM_PENDING_EDIT) != 0;
    to->marked += (q->end.done & ITEM_PENDING_READ) != 0;
    count_one(&tally->followed, NULL);
}

static void tell(struct batch_of *b)
{
    struct pass *p = &b->chase->copy->pass;
    struct tally tally = {
        .followed.kind = ENGINE_FOLLOWED,
        .conflicts.kind = ENGINE_CONFLICT,
        .failed.kind = ENGINE_FAILED,
    };

    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].settled)
            count_end(&p->record, &b->all[i], &tally);
    pthread_mutex_unlock(&p->lock);
    if (tally.followed.n > 0)
        pass_event(p, &tally.followed);
    if (tally.conflicts.n > 0)
        pass_event(p, &tally.conflicts);
    if (tally.failed.n > 0)
        pass_event(p, &tally.failed);
    pass_progress(p);
    cargo_check_failures(b->chase->copy);
}

/* A verdict of another time: true when there is one to be recorded. */
static bool judge_anew(const struct quarry *q, struct store_verdict *ret)
{
    *ret = (struct store_verdict){ q->item->id, VERIFY_NONE, NULL };
    if (!q->settled)
        return false;
    if (q->end.state == ITEM_CONFLICT || q->end.state == ITEM_FAILED) {
        ret->verify =
            q->end.state == ITEM_CONFLICT ? VERIFY_CONFLICT : VERIFY_FAILED;
        ret->note = q->end.reason;
        return true;
    }
    return q->item->verify == VERIFY_FAILED;
}

/*
 * What was verified before it was a conflict, or failed, is so no longer; and
 * what failed until now has not.
 */
static int record_verdicts(struct batch_of *b, struct err *err)
{
    const struct engine_job *job = b->chase->copy->pass.job;
    g_autofree struct store_verdict *verdicts =
        g_new0(struct store_verdict, b->n + 1);
    size_t k = 0;

    for (size_t i = 0; i < b->n; i++)
        if (judge_anew(&b->all[i], &verdicts[k]))
            k++;
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

    chase_describe(b);
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].settled)
            ends[n++] = b->all[i].end;
    if (n == 0)
        return 0;
    if (store_items_follow(job->store, &job->lease, ends, n, err) < 0 ||
        record_verdicts(b, err) < 0)
        return -1;
    tell(b);
    return 0;
}

static int chase(struct batch_of *b, struct err *err)
{
    if (chase_edits(b, err) < 0 || chase_deletions(b, err) < 0 ||
        chase_marks(b, true, err) < 0 || chase_marks(b, false, err) < 0)
        return -1;
    chase_drop_marks(b);
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
