/*
 * store_bench - what the ledger costs: rows a second, bytes a row, how long
 * the questions of a lane and of a screen take.
 *
 *   store_bench [ITEMS] [BATCH] [FOLDER]
 *
 * Writes a state file in FOLDER (default: the current one), which is removed
 * again, with full synchronisation, as a migration does.
 */
#include <glib/gstdio.h>

#include "base/timestamp.h"
#include "store/store_fill.h"

struct bench {
    struct store *s;
    struct store_fill f;
    uint64_t n_items;
    size_t batch;
    char *path;
};

static int fail(const struct err *err)
{
    fprintf(stderr, "store_bench: %s\n", err->msg);
    return 1;
}

static double seconds_since(int64_t begin)
{
    return (double)(timestamp_monotonic() - begin) / (double)TIMESTAMP_SECOND;
}

static void report_rate(const char *what, uint64_t n, double seconds)
{
    printf("%-34s %10.0f rows/s\n", what, (double)n / seconds);
}

static int bench_list(struct bench *b, struct err *err)
{
    int64_t begin = timestamp_monotonic();

    /* 512: what a SyncFolderItems answer holds at most. */
    for (uint64_t n = 0; n < b->n_items; n += 512)
        if (store_fill_list(b->s, &b->f, n, MIN(512, b->n_items - n), err) < 0)
            return -1;
    report_rate("list, pages of 512", b->n_items, seconds_since(begin));
    return 0;
}

/* Where the time of a copying pass goes. */
struct spent {
    double next, intend, record, next_worst;
    uint64_t n_items;
};

/* One batch of a lane; *ret_n how many were left to do. */
static int copy_batch(struct bench *b, struct spent *spent, size_t *ret_n,
                      struct err *err)
{
    g_autoptr(GPtrArray) items = NULL;
    int64_t t0 = timestamp_monotonic(), t1, t2, t3;

    if (store_items_next(b->s, b->f.folder_id, INT64_MAX, NULL, 0, b->batch,
                         &items, err) < 0)
        return -1;
    t1 = timestamp_monotonic();
    if (store_fill_intend_these(b->s, &b->f, items, err) < 0)
        return -1;
    t2 = timestamp_monotonic();
    if (store_fill_record(b->s, &b->f, items, err) < 0)
        return -1;
    t3 = timestamp_monotonic();
    spent->next += (double)(t1 - t0);
    spent->intend += (double)(t2 - t1);
    spent->record += (double)(t3 - t2);
    spent->next_worst = MAX(spent->next_worst, (double)(t1 - t0));
    spent->n_items += items->len;
    *ret_n = items->len;
    return 0;
}

static int bench_copy(struct bench *b, struct err *err)
{
    struct spent spent = { 0 };
    double n;
    size_t got = 1;

    while (got > 0)
        if (copy_batch(b, &spent, &got, err) < 0)
            return -1;
    n = (double)spent.n_items;
    printf("%-34s %10.0f rows/s\n", "intend + record",
           n / (spent.intend + spent.record) * 1e6);
    printf("%-34s %10.0f rows/s\n", "intend", n / spent.intend * 1e6);
    printf("%-34s %10.0f rows/s\n", "record", n / spent.record * 1e6);
    printf("%-34s %10.3f ms, worst %.3f ms\n", "next, a call",
           spent.next / n * (double)b->batch / 1e3, spent.next_worst / 1e3);
    return 0;
}

static void report_call(const char *what, int64_t begin)
{
    printf("%-34s %10.3f ms\n", what, seconds_since(begin) * 1e3);
}

static int bench_questions(struct bench *b, struct err *err)
{
    g_autoptr(GArray) waiting = NULL, by_folder = NULL;
    struct store_counts counts;
    int64_t begin = timestamp_monotonic();

    if (store_items_waiting(b->s, b->f.lease.mailbox_id, 1, &waiting, err) < 0)
        return -1;
    report_call("waiting", begin);
    begin = timestamp_monotonic();
    if (store_counts(b->s, b->f.lease.mailbox_id, &counts, err) < 0)
        return -1;
    report_call("counts", begin);
    begin = timestamp_monotonic();
    if (store_folder_counts(b->s, b->f.lease.mailbox_id, &by_folder, err) < 0)
        return -1;
    report_call("folder counts", begin);
    return 0;
}

static int bench_pages(struct bench *b, struct err *err)
{
    struct store_item_query q = { .mailbox_id = b->f.lease.mailbox_id,
                                  .max = 500 };
    int64_t begin = timestamp_monotonic();
    guint n;

    do {
        g_autoptr(GPtrArray) page = NULL;

        if (store_items(b->s, &q, &page, err) < 0)
            return -1;
        n = page->len;
        if (n > 0)
            q.after_id = ((const struct store_item *)page->pdata[n - 1])->id;
    } while (n > 0);
    report_rate("read by pages of 500", b->n_items, seconds_since(begin));
    return 0;
}

static int run(struct bench *b, struct err *err)
{
    if (store_open_sqlite(b->path, STORE_WRITE, &b->s, err) < 0)
        return -1;
    b->f = store_fill_begin(b->s, "bench@example.org");
    if (bench_list(b, err) < 0 || bench_questions(b, err) < 0 ||
        bench_copy(b, err) < 0 || bench_questions(b, err) < 0 ||
        bench_pages(b, err) < 0)
        return -1;
    return 0;
}

static void report_size(const struct bench *b)
{
    GStatBuf st;

    if (g_stat(b->path, &st) == 0)
        printf("%-34s %10.1f bytes\n", "a row, all indexes",
               (double)st.st_size / (double)b->n_items);
}

static uint64_t number(const char *text, uint64_t otherwise)
{
    guint64 n;

    if (text != NULL &&
        g_ascii_string_to_unsigned(text, 10, 1, 100000000, &n, NULL))
        return n;
    return otherwise;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 3 ? argv[3] : ".";
    struct bench b = { 0 };
    g_autofree char *lock = NULL;
    struct err err;
    int result;

    b.n_items = number(argc > 1 ? argv[1] : NULL, 100000);
    b.batch = number(argc > 2 ? argv[2] : NULL, 50);
    b.path = g_build_filename(folder, "store-bench.mailferry", NULL);
    lock = g_strconcat(b.path, "-lock", NULL);
    printf("%" G_GUINT64_FORMAT " items, batches of %zu\n", b.n_items, b.batch);
    result = run(&b, &err);
    store_free(b.s);
    if (result == 0)
        report_size(&b);
    g_remove(b.path);
    g_remove(lock);
    g_free(b.path);
    return result < 0 ? fail(&err) : 0;
}
