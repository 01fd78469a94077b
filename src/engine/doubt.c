/*
 * An item is in doubt when its request ended without an answer that counts:
 * it may have arrived, the server may still be at work on it, or nothing was
 * ever done.
 *
 *   lost answer, or a pass that died
 *        |
 *        v      the server's time is over
 *    INTENDED ------------------------------> look ---+
 *               (everything else goes on)      |  ^   | two do not agree
 *                                              |  +---+
 *                                              +--> found:      COPIED
 *                                              +--> not found:  LISTED
 *
 *   1  Nothing is concluded before the request's end plus doubt_wait: what
 *      has not arrived by then never will.
 *   2  While a folder is being looked at, nothing of it is in a lane's hands:
 *      what turns up is either somebody else's or an item in doubt.
 *   3  Items and what turned up are matched as multisets, by content.
 *   4  What is not found counts a try, so that an item which kills its
 *      request each time goes alone (batch.c) and then fails.
 *   5  What arrives after all that is a double: sweep.c.
 *   6  What turned up and cannot be read may be one of them: then nobody says
 *      of any that it did not arrive.
 */
#include "base/timestamp.h"
#include "engine/copy_priv.h"
#include "engine/rows.h"

/* ---- what is in doubt -------------------------------------------- */

static void tell(struct copy *c, size_t n, const char *text)
{
    pass_event(&c->pass, &(struct engine_event){
                             .kind = ENGINE_DOUBT, .n = n, .text = text });
}

void doubt_add(struct copy *c, struct folder *f, const int64_t *item_ids,
               size_t n, const struct err *why)
{
    int64_t due = timestamp_monotonic() + c->pass.options.doubt_wait_us;

    pthread_mutex_lock(&c->pass.lock);
    for (size_t i = 0; i < n; i++) {
        struct doubt d = { item_ids[i], *why };

        g_array_append_val(f->doubts, d);
    }
    f->doubt_due_us = MAX(f->doubt_due_us, due);
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    tell(c, n, why->msg);
}

/*
 * A writer that died: its request was over at its deadline, or, when nobody
 * else can be alive, before we began; but how long before, no clock that may
 * have been set since can tell.  A deadline further off than any can be comes
 * from a clock that was wrong.
 */
static int64_t due_of(const struct copy *c, int64_t deadline_us)
{
    const int64_t furthest = 6 * 3600 * TIMESTAMP_SECOND;
    int64_t left = deadline_us - c->pass.begun_us;

    if (c->pass.options.alone)
        left = MIN(left, 0);
    left = CLAMP(left, 0, furthest);
    return timestamp_monotonic() + left + c->pass.options.doubt_wait_us;
}

static void load_one(struct copy *c, const struct store_item *item)
{
    struct folder *f = copy_folder(c, item->folder_id);
    struct doubt d = { .item_id = item->id };

    if (f == NULL || f->row->destination_id == NULL)
        return;
    err_set(&d.why, ERR_ITEM, ERR_RETRY_NOW, 0,
            "the upload was cut short and did not arrive");
    d.why.name = "not-arrived";
    pthread_mutex_lock(&c->pass.lock);
    g_array_append_val(f->doubts, d);
    f->doubt_due_us = MAX(f->doubt_due_us, due_of(c, item->deadline_us));
    pthread_mutex_unlock(&c->pass.lock);
}

static int load_page(void *data, GPtrArray *page, struct err *err)
{
    struct copy *c = data;

    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++)
        load_one(c, page->pdata[i]);
    return 0;
}

static size_t count_doubts(const struct copy *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_folders; i++)
        n += c->folders[i].doubts->len;
    return n;
}

int doubt_load(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_INTENDED,
    };
    size_t n;

    if (rows_each(job->store, &q, load_page, c, err) < 0)
        return -1;
    n = count_doubts(c);
    if (n > 0)
        tell(c, n, "left over by a pass that was cut short");
    return 0;
}

int64_t doubt_next_us(struct copy *c)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < c->n_folders; i++)
        if (c->folders[i].doubts->len > 0)
            next = MIN(next, c->folders[i].doubt_due_us);
    return next;
}

struct folder *doubt_due(struct copy *c)
{
    int64_t now = timestamp_monotonic();

    for (size_t i = 0; i < c->n_folders; i++) {
        struct folder *f = &c->folders[i];

        if (f->doubts->len > 0 && f->doubt_due_us <= now)
            return f;
    }
    return NULL;
}
