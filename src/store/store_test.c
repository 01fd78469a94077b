/*
 * The suite on every implementation: memory, and SQLite in a new folder; and
 * on PostgreSQL, run by tests/lib/postgres.py.
 */
#include "store/store.h"

#include <glib/gstdio.h>

#include "base/check.h"
#include "store/store_conformance.h"
#include "store/store_tmp.h"

static struct store *open_mem(void **ret_data)
{
    *ret_data = NULL;
    return store_open_mem();
}

static void close_mem(struct store *s, void *data)
{
    g_assert_null(data);
    store_free(s);
}

static struct store *open_sqlite(void **ret_data)
{
    struct store_tmp *tmp = store_tmp_new();

    *ret_data = tmp;
    return store_tmp_open(tmp, STORE_WRITE);
}

static struct store *open_postgres(void **ret_data)
{
    struct store_tmp *tmp = store_tmp_new_postgres();

    *ret_data = tmp;
    return store_tmp_open(tmp, STORE_WRITE);
}

static void close_tmp(struct store *s, void *data)
{
    store_free(s);
    store_tmp_free(data);
}

int main(int argc, char **argv)
{
    static const struct conformance_kind kinds[] = {
        { "mem", open_mem, close_mem },
        { "sqlite", open_sqlite, close_tmp },
    };

    static const struct conformance_kind postgres = { "postgres", open_postgres,
                                                      close_tmp };

    g_test_init(&argc, &argv, NULL);
    if (store_tmp_server() != NULL) {
        store_conformance_add(&postgres);
        return g_test_run();
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        store_conformance_add(&kinds[i]);
    return g_test_run();
}
