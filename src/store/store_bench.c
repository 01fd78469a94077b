/*
 * store_bench - what the ledger costs: rows a second, bytes a row, how long
 * the questions of a lane and of a screen take.
 *
 *   store_bench [ITEMS] [BATCH] [FOLDER|URL] [MAILBOXES]
 *
 * With MAILBOXES the items are spread over so many of them.  When half of each
 * has been copied, lanes take batches of any of these: how long does one wait
 * for its next?
 *
 * Writes a state file in FOLDER (default: the current one), which is removed
 * again, with full synchronisation, as a migration does.  URL: of a PostgreSQL
 * database that nothing is in yet, and that is whoever's made it to drop.
 */
#include <glib/gstdio.h>
#include <libpq-fe.h>

#include "base/timestamp.h"
#include "store/database.h"
#include "store/store_fill.h"

struct bench {
    struct database *database; /* NULL: a file of its own */
    struct store *s;
    struct store_fill f;
    uint64_t n_items;
    size_t batch;
    uint64_t n_mailboxes; /* 0: one, worked on from end to end */
    char *path;           /* or the URL */
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

/* ---- many mailboxes --------------------------------------------------- */

/* Enough that a hundred are beyond the 99th percentile. */
#define CLAIMS 10000

/* The largest page that store_fill_list() takes. */
#define FILL_PAGE 1000

static int fill_mailbox(struct bench *b, uint64_t number, uint64_t n_items,
                        struct store_fill *ret, struct err *err)
{
    g_autofree char *address =
        g_strdup_printf("user%" G_GUINT64_FORMAT "@bench.example.org", number);

    *ret = store_fill_begin(b->s, address);
    for (uint64_t n = 0; n < n_items; n += FILL_PAGE)
        if (store_fill_list(b->s, ret, n, MIN(FILL_PAGE, n_items - n), err) < 0)
            return -1;
    return 0;
}

/* Batches as large as they come, until that many of a mailbox are copied. */
static int copy_mailbox(struct bench *b, const struct store_fill *mailbox,
                        uint64_t n_items, struct spent *spent, struct err *err)
{
    uint64_t until = spent->n_items + n_items;
    size_t batch = b->batch, got = 1;
    int r = 0;

    b->f = *mailbox;
    while (r == 0 && got > 0 && spent->n_items < until) {
        b->batch = (size_t)MIN(FILL_PAGE, until - spent->n_items);
        r = copy_batch(b, spent, &got, err);
    }
    b->batch = batch;
    return r;
}

static int copy_all_over(struct bench *b, const struct store_fill *all,
                         uint64_t n_items, struct err *err)
{
    struct spent spent = { 0 };
    int64_t begin = timestamp_monotonic();

    for (uint64_t i = 0; i < b->n_mailboxes; i++)
        if (copy_mailbox(b, &all[i], n_items, &spent, err) < 0)
            return -1;
    report_rate("copied, batches of 1000", spent.n_items, seconds_since(begin));
    return 0;
}

/* Lanes of many mailboxes take turns; the same mailboxes each time. */
static int claim_all_over(struct bench *b, const struct store_fill *all,
                          GArray *waits_us, struct err *err)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (int i = 0; i < CLAIMS; i++) {
        struct spent spent = { 0 };
        int64_t wait_us;
        size_t got;

        b->f = all[g_rand_int_range(rand, 0, (gint32)b->n_mailboxes)];
        if (copy_batch(b, &spent, &got, err) < 0)
            return -1;
        wait_us = (int64_t)spent.next;
        g_array_append_val(waits_us, wait_us);
    }
    return 0;
}

static int compare_waits(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double percentile_ms(const GArray *sorted, unsigned int percent)
{
    guint at = (guint)((guint64)(sorted->len - 1) * percent / 100);

    return (double)g_array_index(sorted, int64_t, at) / 1e3;
}

static int bench_many(struct bench *b, struct err *err)
{
    g_autofree struct store_fill *all =
        g_new0(struct store_fill, b->n_mailboxes);
    g_autoptr(GArray) waits_us = g_array_new(FALSE, FALSE, sizeof(int64_t));
    uint64_t each = b->n_items / b->n_mailboxes;
    int64_t begin = timestamp_monotonic();

    for (uint64_t i = 0; i < b->n_mailboxes; i++)
        if (fill_mailbox(b, i, each, &all[i], err) < 0)
            return -1;
    report_rate("list, pages of 1000", b->n_items, seconds_since(begin));
    if (copy_all_over(b, all, each / 2, err) < 0 ||
        claim_all_over(b, all, waits_us, err) < 0)
        return -1;
    g_array_sort(waits_us, compare_waits);
    printf("%-34s %10.3f ms, median %.3f ms, worst %.3f ms\n", "next, p99",
           percentile_ms(waits_us, 99), percentile_ms(waits_us, 50),
           percentile_ms(waits_us, 100));
    return bench_questions(b, err);
}

static int open_store(struct bench *b, struct err *err)
{
    int64_t migration_id;

    if (!database_is_url(b->path))
        return store_open_sqlite(b->path, STORE_WRITE, &b->s, err);
    if (database_open(b->path, STORE_WRITE, &b->database, err) < 0 ||
        database_migration_add(b->database, 0, &migration_id, err) < 0)
        return -1;
    b->s = database_store(b->database, migration_id);
    return 0;
}

static int run(struct bench *b, struct err *err)
{
    if (open_store(b, err) < 0)
        return -1;
    if (b->n_mailboxes > 0)
        return bench_many(b, err);
    b->f = store_fill_begin(b->s, "bench@example.org");
    if (bench_list(b, err) < 0 || bench_questions(b, err) < 0 ||
        bench_copy(b, err) < 0 || bench_questions(b, err) < 0 ||
        bench_pages(b, err) < 0)
        return -1;
    return 0;
}

static double file_bytes(const char *path)
{
    GStatBuf st;

    return g_stat(path, &st) == 0 ? (double)st.st_size : 0;
}

/*
 * Tables with their indexes.  An update leaves the row that was: what a vacuum
 * makes room for is counted, as it lies there after a migration.
 */
static double database_bytes(const char *url)
{
    PGconn *pg = PQconnectdb(url);
    PGresult *result =
        PQexec(pg, "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                   " WHERE relkind = 'r' AND relnamespace ="
                   " current_schema()::regnamespace");
    double bytes = PQresultStatus(result) == PGRES_TUPLES_OK
                       ? g_ascii_strtod(PQgetvalue(result, 0, 0), NULL)
                       : 0;

    PQclear(result);
    PQfinish(pg);
    return bytes;
}

static void report_size(const struct bench *b)
{
    double bytes =
        b->database != NULL ? database_bytes(b->path) : file_bytes(b->path);

    printf("%-34s %10.1f bytes\n", "a row, all indexes",
           bytes / (double)b->n_items);
}

static void remove_files(const struct bench *b)
{
    g_autofree char *lock = g_strconcat(b->path, "-lock", NULL);

    if (database_is_url(b->path))
        return;
    g_remove(b->path);
    g_remove(lock);
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
    const char *where = argc > 3 ? argv[3] : ".";
    struct bench b = { 0 };
    struct err err;
    int result;

    b.n_items = number(argc > 1 ? argv[1] : NULL, 100000);
    b.batch = number(argc > 2 ? argv[2] : NULL, 50);
    b.n_mailboxes = number(argc > 4 ? argv[4] : NULL, 0);
    b.path = database_is_url(where)
                 ? g_strdup(where)
                 : g_build_filename(where, "store-bench.mailferry", NULL);
    printf("%" G_GUINT64_FORMAT " items, batches of %zu\n", b.n_items, b.batch);
    result = run(&b, &err);
    store_free(b.s);
    if (result == 0)
        report_size(&b);
    remove_files(&b);
    database_close(b.database);
    g_free(b.path);
    return result < 0 ? fail(&err) : 0;
}
