#include "engine/rows.h"
#include "engine/verify_priv.h"

/* ---- which are next ---------------------------------------------- */

/*
 * Reading goes through the ledger in order of id, side by side: `claiming`
 * keeps two from moving the mark at once, without the lock being held while
 * the store works.
 */
static int next_page(struct verify *v, GPtrArray **ret, struct err *err)
{
    const struct engine_job *job = v->pass.job;
    struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = (1u << ITEM_COPIED) | (1u << ITEM_ALREADY_THERE),
        .max = ROWS_PAGE,
    };
    int r;

    q.after_id = v->after_id;
    r = store_items(job->store, &q, ret, err);
    if (r == 0 && (*ret)->len > 0)
        v->after_id = ((struct store_item *)(*ret)->pdata[(*ret)->len - 1])->id;
    return r;
}

static void keep_unread(struct verify *v, GPtrArray *page)
{
    while (page->len > 0) {
        struct store_item *row = g_ptr_array_steal_index(page, 0);

        if (row->verify == VERIFY_NONE &&
            g_hash_table_contains(v->joined, &row->folder_id))
            g_queue_push_tail(&v->unread, row);
        else
            store_item_free(row);
    }
}

/* With the lock held, given up meanwhile. */
static int fill(struct verify *v, struct err *err)
{
    g_autoptr(GPtrArray) page = NULL;
    int r;

    v->claiming = true;
    pthread_mutex_unlock(&v->pass.lock);
    r = next_page(v, &page, err);
    pthread_mutex_lock(&v->pass.lock);
    v->claiming = false;
    pthread_cond_broadcast(&v->pass.changed);
    if (r < 0)
        return -1;
    v->exhausted = page->len == 0;
    keep_unread(v, page);
    return 0;
}

/* An empty array when all have been taken. */
static int claim(struct verify *v, GPtrArray *ret, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&v->pass.lock);
    while (r == 0 && g_queue_is_empty(&v->unread) && !v->exhausted &&
           !v->pass.stopped && !pass_is_cancelled(&v->pass)) {
        if (v->claiming)
            pass_watch(&v->pass, INT64_MAX);
        else
            r = fill(v, err);
    }
    while (r == 0 && ret->len < READER_ITEMS && !g_queue_is_empty(&v->unread))
        g_ptr_array_add(ret, g_queue_pop_head(&v->unread));
    pthread_mutex_unlock(&v->pass.lock);
    return r;
}

/* ---- reading ----------------------------------------------------- */

/* Those of the batch that stand at these places; to: one a place. */
static int read_rows(struct comparing *c, enum side side, const guint *at,
                     size_t n, struct reading *to, struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, n + 1);
    g_autofree struct reading *got = g_new0(struct reading, n + 1);
    const struct reader r = {
        .ep = c->hands->at[side],
        .side = side,
        .formats = formats,
        .may_lack_room = true,
        .listed = side == DESTINATION,
    };
    int end;

    for (size_t k = 0; k < n; k++) {
        const struct store_item *row = c->rows->pdata[at[k]];

        ids[k] = side == SOURCE ? row->source_id : row->destination_id;
        formats[k] = c->formats[at[k]];
    }
    end = reader_read(&c->v->pass, &r, ids, n, got, err);
    for (size_t k = 0; k < n; k++)
        to[at[k]] = got[k];
    return end;
}

static int read_there(struct comparing *c, struct err *err)
{
    g_autofree guint *at = g_new0(guint, c->rows->len + 1);

    for (guint i = 0; i < c->rows->len; i++)
        at[i] = i;
    return read_rows(c, DESTINATION, at, c->rows->len, c->there, err);
}

static int read_here(struct comparing *c, struct err *err)
{
    g_autofree guint *at = g_new0(guint, c->rows->len + 1);
    size_t n = 0;

    for (guint i = 0; i < c->rows->len; i++)
        if (!verify_is_recorded(c, i))
            at[n++] = i;
    return read_rows(c, SOURCE, at, n, c->here, err);
}

/*
 * What a side would not export, at both sides by its properties.  Where that
 * fails too, what was said first stands.
 */
static int read_otherwise(struct comparing *c, struct err *err)
{
    guint n_rows = c->rows->len;
    g_autofree guint *at = g_new0(guint, n_rows + 1);
    struct reading *pairs[N_SIDES];
    size_t n = 0;
    int r = 0;

    for (guint i = 0; i < n_rows; i++) {
        const struct store_item *row = c->rows->pdata[i];

        if (c->formats[i] != PAYLOAD_FTS ||
            !(verify_is_refused(c->v, row, DESTINATION, &c->there[i]) ||
              verify_is_refused(c->v, row, SOURCE, &c->here[i])))
            continue;
        c->formats[i] = PAYLOAD_PORTABLE;
        at[n++] = i;
    }
    for (int side = 0; side < N_SIDES; side++) {
        pairs[side] = g_new0(struct reading, n_rows + 1);
        if (r == 0)
            r = read_rows(c, (enum side)side, at, n, pairs[side], err);
    }
    for (size_t k = 0; k < n; k++) {
        struct reading *here = &pairs[SOURCE][at[k]];
        struct reading *there = &pairs[DESTINATION][at[k]];

        if (here->end == READING_DONE && there->end == READING_DONE) {
            reading_move(&c->here[at[k]], here);
            reading_move(&c->there[at[k]], there);
        } else {
            c->formats[at[k]] = PAYLOAD_FTS;
        }
        reading_clear(here);
        reading_clear(there);
    }
    g_free(pairs[SOURCE]);
    g_free(pairs[DESTINATION]);
    return r;
}

/* ---- a batch ----------------------------------------------------- */

static void count_read(struct comparing *c)
{
    uint64_t bytes = 0, items = 0;

    for (guint i = 0; i < c->rows->len; i++) {
        items += c->there[i].end == READING_DONE;
        bytes += c->there[i].bytes;
    }
    pthread_mutex_lock(&c->v->pass.lock);
    c->v->read_items += items;
    c->v->read_bytes += bytes;
    pthread_mutex_unlock(&c->v->pass.lock);
}

static int compare(struct comparing *c, struct err *err)
{
    for (guint i = 0; i < c->rows->len; i++)
        c->formats[i] = verify_format(c->v, c->rows->pdata[i]);
    if (read_there(c, err) < 0 || read_here(c, err) < 0 ||
        read_otherwise(c, err) < 0)
        return -1;
    count_read(c);
    for (guint i = 0; i < c->rows->len; i++)
        if (verify_judge(c, i, err) < 0)
            return -1;
    return verify_record(
        c->v, (const struct store_verdict *)(const void *)c->verdicts->data,
        c->verdicts->len, err);
}

static int compare_batch(struct verify *v, struct hands *hands, GPtrArray *rows,
                         struct err *err)
{
    struct comparing c = {
        .v = v,
        .hands = hands,
        .rows = rows,
        .formats = g_new0(enum payload_format, rows->len + 1),
        .there = g_new0(struct reading, rows->len + 1),
        .here = g_new0(struct reading, rows->len + 1),
        .notes = g_ptr_array_new_with_free_func(g_free),
        .verdicts = g_array_new(FALSE, FALSE, sizeof(struct store_verdict)),
    };
    int r = compare(&c, err);

    for (guint i = 0; i < rows->len; i++) {
        reading_clear(&c.there[i]);
        reading_clear(&c.here[i]);
    }
    g_free(c.formats);
    g_free(c.there);
    g_free(c.here);
    g_ptr_array_unref(c.notes);
    g_array_unref(c.verdicts);
    return r;
}

void *verify_content_main(void *data)
{
    struct worker *w = data;
    struct verify *v = w->owner;
    bool more = true;
    struct err why;

    while (more && !pass_is_over(&v->pass)) {
        g_autoptr(GPtrArray) rows =
            g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);

        if (claim(v, rows, &why) < 0 ||
            (rows->len > 0 && compare_batch(v, &w->hands, rows, &why) < 0)) {
            pass_failed(&v->pass, &why);
            return NULL;
        }
        more = rows->len > 0;
    }
    return NULL;
}
