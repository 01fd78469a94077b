#include "fleet/import_testing.h"

#include <string.h>

#include "base/check.h"

const struct import_context import_testing_nothing = { 0 };

import_t *import_testing_read(const char *text, const struct import_context *c)
{
    return import_read(text, strlen(text), c);
}

/* "line:column word" of each fault, "?" before warnings; then kept lines. */
static char *shape(const struct import *m)
{
    GString *s = g_string_new(NULL);

    for (guint i = 0; i < m->faults->len; i++) {
        const struct import_fault *f = g_ptr_array_index(m->faults, i);

        g_string_append_printf(s, "%s%u:%u %s; ", f->warning ? "?" : "",
                               f->line, f->column, import_fault_word(f->kind));
        g_assert_nonnull(f->remedy);
        g_assert_true(g_utf8_validate(f->text, -1, NULL));
    }
    g_string_append(s, "kept");
    for (guint i = 0; i < m->rows->len; i++) {
        const struct import_row *row = g_ptr_array_index(m->rows, i);

        g_string_append_printf(s, " %u", row->line);
    }
    return g_string_free(s, FALSE);
}

void import_testing_shape(const char *name, const struct import *m,
                          const char *want)
{
    g_autofree char *got = shape(m);

    if (strcmp(got, want) != 0)
        g_error("row \"%s\":\n got  %s\n want %s", name, got, want);
}

char *import_testing_content(const struct import_row *row)
{
    GString *s = g_string_new(NULL);

    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        const struct import_mailbox *m = &row->sides[side];

        g_string_append_printf(
            s, "%s/%s/%s|", m->address, m->user != NULL ? m->user : "-",
            m->password != NULL ? secret_peek(m->password) : "-");
    }
    g_string_append_printf(s, "%u", row->flags);
    return g_string_free(s, FALSE);
}

void import_testing_row(const char *name, const struct import *m, guint i,
                        const char *want)
{
    g_autofree char *got = NULL;

    if (i >= m->rows->len) {
        g_autofree char *found = shape(m);

        g_error("row \"%s\": not kept: %s", name, found);
    }
    got = import_testing_content(g_ptr_array_index(m->rows, i));
    if (strcmp(got, want) != 0)
        g_error("row \"%s\":\n got  %s\n want %s", name, got, want);
}
