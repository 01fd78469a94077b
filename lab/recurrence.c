#include "lab/recurrence.h"

#include <string.h>

/* Of a series that never ends, [MS-OXOCAL] 2.2.1.44.1. */
#define COUNT_NO_END 10

static void drop_bytes(GByteArray **bytes)
{
    g_clear_pointer(bytes, g_byte_array_unref);
}

static void exception_clear(void *data)
{
    struct recur_exception *e = data;

    g_clear_pointer(&e->subject, g_free);
    g_clear_pointer(&e->location, g_free);
    drop_bytes(&e->highlight_more);
    drop_bytes(&e->reserved1);
    drop_bytes(&e->reserved2);
}

void recurrence_init(struct recurrence *r)
{
    *r = (struct recurrence){
        .deleted = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .modified = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .exceptions = g_array_new(FALSE, TRUE, sizeof(struct recur_exception)),
        .end_type = RECUR_NEVER,
        .end_date = RECUR_END_NEVER,
        .count = COUNT_NO_END,
        .writer = 0x3009,
    };
    g_array_set_clear_func(r->exceptions, exception_clear);
}

void recurrence_clear(struct recurrence *r)
{
    g_clear_pointer(&r->deleted, g_array_unref);
    g_clear_pointer(&r->modified, g_array_unref);
    g_clear_pointer(&r->exceptions, g_array_unref);
    drop_bytes(&r->reserved1);
    drop_bytes(&r->reserved2);
}

int recurrence_by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

int recurrence_by_original(const void *a, const void *b)
{
    const struct recur_exception *x = a, *y = b;

    return (x->original > y->original) - (x->original < y->original);
}

/* ---- exceptions ------------------------------------------------------ */

static uint32_t date_of(uint32_t minutes)
{
    return minutes - minutes % RECUR_DAY;
}

/* The first that is not before; both arrays are in order. */
static guint lower_exception(const struct recurrence *r, uint32_t date)
{
    guint low = 0, high = r->exceptions->len;

    while (low < high) {
        guint mid = low + (high - low) / 2;

        if (g_array_index(r->exceptions, struct recur_exception, mid).original <
            date)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static guint find_exception(const struct recurrence *r, uint32_t date)
{
    guint i = lower_exception(r, date);

    if (i < r->exceptions->len &&
        date_of(
            g_array_index(r->exceptions, struct recur_exception, i).original) ==
            date)
        return i;
    return r->exceptions->len;
}

struct recur_exception *recurrence_exception(const struct recurrence *r,
                                             uint32_t date)
{
    guint i = find_exception(r, date);

    return i < r->exceptions->len
               ? &g_array_index(r->exceptions, struct recur_exception, i)
               : NULL;
}

bool recurrence_is_deleted(const struct recurrence *r, uint32_t date)
{
    guint low = 0, high = r->deleted->len;

    while (low < high) {
        guint mid = low + (high - low) / 2;

        if (g_array_index(r->deleted, uint32_t, mid) < date)
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->deleted->len &&
           date_of(g_array_index(r->deleted, uint32_t, low)) == date;
}

static void take_out(struct recurrence *r, uint32_t date)
{
    if (recurrence_is_deleted(r, date))
        return;
    g_array_append_val(r->deleted, date);
    g_array_sort(r->deleted, recurrence_by_number);
}

/* ModifiedInstanceDates: where they are now, in order, 2.2.1.44.1. */
void recurrence_settle(struct recurrence *r)
{
    g_array_sort(r->exceptions, recurrence_by_original);
    g_array_set_size(r->modified, 0);
    for (guint i = 0; i < r->exceptions->len; i++) {
        uint32_t date = date_of(
            g_array_index(r->exceptions, struct recur_exception, i).start);

        g_array_append_val(r->modified, date);
    }
    g_array_sort(r->modified, recurrence_by_number);
}

void recurrence_delete(struct recurrence *r, uint32_t date)
{
    guint i = find_exception(r, date);

    take_out(r, date);
    if (i < r->exceptions->len)
        g_array_remove_index(r->exceptions, i);
    recurrence_settle(r);
}

struct recur_exception *recurrence_change(struct recurrence *r, uint32_t date)
{
    struct recur_exception *e = recurrence_exception(r, date);

    if (e != NULL)
        return e;
    take_out(r, date);
    g_array_append_vals(
        r->exceptions,
        &(struct recur_exception){ .start = date + r->start_offset,
                                   .end = date + r->end_offset,
                                   .original = date + r->start_offset },
        1);
    recurrence_settle(r);
    return recurrence_exception(r, date);
}
