#include <pthread.h>

#include "store/store_conformance_priv.h"
#include "store/store_fill.h"

#define THREADS 4
#define ROUNDS  12
#define PAGE    10

struct worker {
    pthread_t thread;
    struct store *s;
    struct store_fill f;
};

/* A lane: lists, sends, and looks how far it has come. */
static void *work(void *data)
{
    struct worker *w = data;
    struct store_counts counts;
    struct err err;

    for (uint64_t n = 0; n < ROUNDS; n++) {
        g_autoptr(GPtrArray) items = NULL;

        CHECK_OK(store_fill_list(w->s, &w->f, n * PAGE, PAGE, &err), &err);
        CHECK_OK(store_fill_intend(w->s, &w->f, PAGE, &items, &err), &err);
        CHECK_OK(store_fill_record(w->s, &w->f, items, &err), &err);
        CHECK_OK(store_counts(w->s, w->f.lease.mailbox_id, &counts, &err),
                 &err);
        /* What has returned is seen, whichever connection is asked. */
        g_assert_cmpuint(counts.by[KIND_MAIL][ITEM_COPIED].items, ==,
                         (n + 1) * PAGE);
    }
    return NULL;
}

static void test_threads(struct conform *t)
{
    struct worker w[THREADS];

    for (int i = 0; i < THREADS; i++) {
        g_autofree char *address = g_strdup_printf("%d@x", i);

        w[i] =
            (struct worker){ .s = t->s, .f = store_fill_begin(t->s, address) };
    }
    for (int i = 0; i < THREADS; i++)
        g_assert_cmpint(pthread_create(&w[i].thread, NULL, work, &w[i]), ==, 0);
    for (int i = 0; i < THREADS; i++)
        g_assert_cmpint(pthread_join(w[i].thread, NULL), ==, 0);
}

const struct conform_test conform_threads[] = {
    { "threads", test_threads },
    { 0 },
};
