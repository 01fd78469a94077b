#include <stdlib.h>
#include <string.h>

#include "lab/recurrence.h"

/*
 * Whatever is read can be written, and what was written reads to the same
 * bytes: writing settles after one turn.  Expansion ends, and gives nothing
 * outside what was asked for.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_expansion(const struct recurrence *r)
{
    uint32_t from = recur_date(2007, 1, 1), to = recur_date(2008, 1, 1);
    GArray *found = recurrence_expand(r, from, to, 1000);

    for (guint i = 0; i < found->len; i++) {
        const struct occurrence *o =
            &g_array_index(found, struct occurrence, i);

        if (o->start >= to || o->end < from)
            abort();
    }
    g_array_unref(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(recurrence) r = { 0 };
    g_auto(recurrence) again = { 0 };
    GByteArray *first, *second;

    if (recurrence_read(data, size, &r) < 0)
        return 0;
    first = recurrence_write(&r);
    if (recurrence_read(first->data, first->len, &again) < 0)
        abort();
    second = recurrence_write(&again);
    if (first->len != second->len ||
        memcmp(first->data, second->data, first->len) != 0)
        abort();
    check_expansion(&r);
    g_byte_array_unref(first);
    g_byte_array_unref(second);
    return 0;
}
