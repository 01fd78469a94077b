/*
 * Whatever comes in: every row is kept or has an error, never both; what is
 * kept, written and read again is the same; no text of a fault is broken.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/flags.h"
#include "fleet/import.h"

#define REQUIRE(condition)                                                     \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

static const struct import_context nothing_known = { 0 };

/* Faults of one row, which is then not kept. */
static bool is_of_row(const struct import_fault *f)
{
    return !f->warning && f->kind >= IMPORT_BROKEN_QUOTE;
}

static void check_faults(const struct import *m)
{
    g_autoptr(GHashTable) lines = g_hash_table_new(NULL, NULL);
    size_t n_errors = 0;
    uint32_t last = 0;

    for (guint i = 0; i < m->faults->len; i++) {
        const struct import_fault *f = g_ptr_array_index(m->faults, i);

        REQUIRE(f->line >= last);
        last = f->line;
        REQUIRE(g_utf8_validate(f->text, -1, NULL));
        REQUIRE(strpbrk(f->text, "\r\n\x1b") == NULL);
        REQUIRE(f->name == NULL || g_utf8_validate(f->name, -1, NULL));
        REQUIRE(f->name == NULL || strpbrk(f->name, "\r\n\x1b") == NULL);
        REQUIRE(f->remedy != NULL);
        n_errors += !f->warning;
        if (is_of_row(f))
            g_hash_table_add(lines, GUINT_TO_POINTER(f->line));
    }
    REQUIRE(n_errors == m->n_errors);
    REQUIRE(m->n_errors + m->n_warnings == m->faults->len);
    REQUIRE(m->n_rows == m->rows->len + g_hash_table_size(lines));
    for (guint i = 0; i < m->rows->len; i++) {
        const struct import_row *row = g_ptr_array_index(m->rows, i);

        REQUIRE(!g_hash_table_contains(lines, GUINT_TO_POINTER(row->line)));
        REQUIRE((row->flags & ~flags_known()) == 0);
    }
}

static const char *password_of(const struct import_mailbox *m)
{
    return m->password != NULL ? secret_peek(m->password) : NULL;
}

static void check_same(const struct import_row *a, const struct import_row *b)
{
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        const struct import_mailbox *x = &a->sides[side], *y = &b->sides[side];

        REQUIRE(strcmp(x->address, y->address) == 0);
        REQUIRE(g_strcmp0(x->user, y->user) == 0);
        REQUIRE(g_strcmp0(password_of(x), password_of(y)) == 0);
        REQUIRE((x->user == NULL) == (x->password == NULL));
    }
    REQUIRE(a->flags == b->flags);
}

static void check_round_trip(const struct import *m)
{
    g_autofree char *written = import_write(m);
    g_autoptr(import_t) again =
        import_read(written, strlen(written), &nothing_known);

    if (m->rows->len == 0)
        return;
    REQUIRE(again->n_errors == 0);
    REQUIRE(again->rows->len == m->rows->len);
    for (guint i = 0; i < m->rows->len; i++)
        check_same(g_ptr_array_index(m->rows, i),
                   g_ptr_array_index(again->rows, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct import_context contexts[] = {
        { .sides = { { "h", IMPORT_ADMIN_GIVEN },
                     { "h", IMPORT_ADMIN_NONE } } },
        { .domain = "domain.com" },
        { .sides = { { "a", IMPORT_ADMIN_NONE },
                     { "b", IMPORT_ADMIN_GIVEN } } },
    };
    const struct import_context *context =
        &contexts[size % G_N_ELEMENTS(contexts)];
    g_autoptr(import_t) m =
        import_read((const char *)data, size, &nothing_known);
    g_autoptr(import_t) strict = import_read((const char *)data, size, context);

    check_faults(m);
    check_round_trip(m);
    check_faults(strict);
    /* Knowing more can only find more. */
    REQUIRE(strict->rows->len <= m->rows->len);
    REQUIRE(strict->n_errors >= m->n_errors);
    return 0;
}
