#include "lab/recurrence.h"

#include "lab/bytes.h"

/* Fixed by [MS-OXOCAL] 2.2.1.44.1 and 2.2.1.44.5. */
#define READER        0x3004
#define READER2       0x3006
#define WRITER2       0x3009
#define EXCEPTION_MIN 14 /* the bytes of an ExceptionInfo without overrides */

/* ---- reading --------------------------------------------------------- */

static bool nth_type(uint16_t type)
{
    return type == RECUR_MONTH_NTH || type == RECUR_HJ_MONTH_NTH;
}

static bool month_type(uint16_t type)
{
    return type == RECUR_MONTH || type == RECUR_MONTH_END ||
           type == RECUR_HJ_MONTH || type == RECUR_HJ_MONTH_END;
}

static void read_specific(struct bytes_in *in, struct recurrence *r)
{
    if (r->type == RECUR_WEEK) {
        r->days = bytes_u32(in);
    } else if (nth_type(r->type)) {
        r->days = bytes_u32(in);
        r->nth = bytes_u32(in);
    } else if (month_type(r->type)) {
        r->day = bytes_u32(in);
    } else if (r->type != RECUR_DAY_TYPE) {
        in->bad = true;
    }
}

/* The input bounds the count: each is four of its bytes. */
static void read_dates(struct bytes_in *in, GArray *dates)
{
    uint32_t n = bytes_u32(in);

    if (n > bytes_left(in) / 4)
        in->bad = true;
    for (uint32_t i = 0; !in->bad && i < n; i++) {
        uint32_t date = bytes_u32(in);

        g_array_append_val(dates, date);
    }
}

/* What could not be reckoned with; the rest is tolerated as Outlook does. */
static bool sane(const struct recurrence *r)
{
    if (r->period == 0 || r->start_date > RECUR_END_NEVER)
        return false;
    switch (r->type) {
    case RECUR_WEEK:
        return (r->days & 0x7F) != 0 && r->first_dow < 7;
    case RECUR_MONTH_NTH:
        return (r->days & 0x7F) != 0 && r->nth >= 1 && r->nth <= RECUR_NTH_LAST;
    case RECUR_MONTH:
        return r->day >= 1 && r->day <= 31;
    default:
        return true;
    }
}

static void read_pattern(struct bytes_in *in, struct recurrence *r)
{
    if (bytes_u16(in) != READER)
        in->bad = true;
    bytes_u16(in);
    r->frequency = bytes_u16(in);
    r->type = bytes_u16(in);
    r->calendar = bytes_u16(in);
    r->first = bytes_u32(in);
    r->period = bytes_u32(in);
    r->sliding = bytes_u32(in);
    read_specific(in, r);
    r->end_type = bytes_u32(in);
    /* [MS-OXOCAL] 2.2.1.44.1: another way to say "never" */
    if (r->end_type == 0xFFFFFFFF)
        r->end_type = RECUR_NEVER;
    r->count = bytes_u32(in);
    r->first_dow = bytes_u32(in);
    read_dates(in, r->deleted);
    read_dates(in, r->modified);
    r->start_date = bytes_u32(in);
    r->end_date = bytes_u32(in);
    if (!sane(r))
        in->bad = true;
}

/* SubjectLength, SubjectLength2 (the one that counts), text in 8 bits. */
static char *read_narrow(struct bytes_in *in)
{
    uint16_t n;
    const uint8_t *text;

    bytes_u16(in);
    n = bytes_u16(in);
    text = bytes_take(in, n);
    return text != NULL ? bytes_1252_to_utf8(text, n) : NULL;
}

static void read_flagged(struct bytes_in *in, const struct recur_exception *e,
                         uint16_t flag, uint32_t *ret)
{
    if ((e->overrides & flag) != 0)
        *ret = bytes_u32(in);
}

static void read_exception(struct bytes_in *in, struct recur_exception *e)
{
    e->start = bytes_u32(in);
    e->end = bytes_u32(in);
    e->original = bytes_u32(in);
    e->overrides = bytes_u16(in);
    if ((e->overrides & RECUR_SUBJECT) != 0)
        e->subject = read_narrow(in);
    read_flagged(in, e, RECUR_MEETING_TYPE, &e->meeting_type);
    read_flagged(in, e, RECUR_REMINDER_DELTA, &e->reminder_delta);
    read_flagged(in, e, RECUR_REMINDER, &e->reminder);
    if ((e->overrides & RECUR_LOCATION) != 0)
        e->location = read_narrow(in);
    read_flagged(in, e, RECUR_BUSY, &e->busy);
    read_flagged(in, e, RECUR_ATTACHMENT, &e->attachment);
    read_flagged(in, e, RECUR_ALL_DAY, &e->all_day);
    read_flagged(in, e, RECUR_COLOR, &e->color);
}

/* A counted block, of which `known` bytes have been read; NULL: empty. */
static GByteArray *read_block(struct bytes_in *in, uint32_t size)
{
    const uint8_t *data = bytes_take(in, size);

    if (data == NULL || size == 0)
        return NULL;
    return g_byte_array_append(g_byte_array_new(), data, size);
}

static void read_wide(struct bytes_in *in, char **text)
{
    uint16_t n = bytes_u16(in);
    const uint8_t *units = bytes_take(in, (size_t)n * 2);

    if (units == NULL)
        return;
    g_free(*text);
    *text = bytes_utf16_to_utf8(units, (size_t)n * 2);
}

/* [MS-OXOCAL] 2.2.1.44.4 */
static void read_extended(struct bytes_in *in, const struct recurrence *r,
                          struct recur_exception *e)
{
    if (r->writer >= WRITER2) {
        uint32_t size = bytes_u32(in);

        if (size >= 4) {
            e->change_highlight = bytes_u32(in);
            e->highlight_more = read_block(in, size - 4);
        }
    }
    e->reserved1 = read_block(in, bytes_u32(in));
    if ((e->overrides & (RECUR_SUBJECT | RECUR_LOCATION)) == 0)
        return;
    /* the times once more */
    (void)bytes_take(in, 12);
    if ((e->overrides & RECUR_SUBJECT) != 0)
        read_wide(in, &e->subject);
    if ((e->overrides & RECUR_LOCATION) != 0)
        read_wide(in, &e->location);
    e->reserved2 = read_block(in, bytes_u32(in));
}

static void read_appointment(struct bytes_in *in, struct recurrence *r)
{
    uint16_t n;

    r->appointment = true;
    bytes_u32(in);
    r->writer = bytes_u32(in);
    r->start_offset = bytes_u32(in);
    r->end_offset = bytes_u32(in);
    n = bytes_u16(in);
    if (n > bytes_left(in) / EXCEPTION_MIN)
        in->bad = true;
    if (in->bad)
        return;
    g_array_set_size(r->exceptions, n);
    for (uint16_t i = 0; i < n; i++)
        read_exception(
            in, &g_array_index(r->exceptions, struct recur_exception, i));
    r->reserved1 = read_block(in, bytes_u32(in));
    for (uint16_t i = 0; i < n; i++)
        read_extended(in, r,
                      &g_array_index(r->exceptions, struct recur_exception, i));
    r->reserved2 = read_block(in, bytes_u32(in));
}

int recurrence_read(const void *data, size_t size, struct recurrence *ret)
{
    struct bytes_in in = { data, (const uint8_t *)data + size, false };
    g_auto(recurrence) r;

    recurrence_init(&r);
    read_pattern(&in, &r);
    if (bytes_left(&in) > 0)
        read_appointment(&in, &r);
    if (in.bad)
        return -1;
    /* They should be in order, and are searched as if they were. */
    g_array_sort(r.deleted, recurrence_by_number);
    g_array_sort(r.exceptions, recurrence_by_original);
    *ret = r;
    r = (struct recurrence){ 0 };
    return 0;
}

/* ---- writing --------------------------------------------------------- */

static void put_specific(GByteArray *b, const struct recurrence *r)
{
    if (r->type == RECUR_WEEK || nth_type(r->type))
        bytes_put32(b, r->days);
    if (nth_type(r->type))
        bytes_put32(b, r->nth);
    if (month_type(r->type))
        bytes_put32(b, r->day);
}

static void put_dates(GByteArray *b, const GArray *dates)
{
    bytes_put32(b, dates->len);
    for (guint i = 0; i < dates->len; i++)
        bytes_put32(b, g_array_index(dates, uint32_t, i));
}

static void put_pattern(GByteArray *b, const struct recurrence *r)
{
    bytes_put16(b, READER);
    bytes_put16(b, READER);
    bytes_put16(b, r->frequency);
    bytes_put16(b, r->type);
    bytes_put16(b, r->calendar);
    bytes_put32(b, r->first);
    bytes_put32(b, r->period);
    bytes_put32(b, r->sliding);
    put_specific(b, r);
    bytes_put32(b, r->end_type);
    bytes_put32(b, r->count);
    bytes_put32(b, r->first_dow);
    put_dates(b, r->deleted);
    put_dates(b, r->modified);
    bytes_put32(b, r->start_date);
    bytes_put32(b, r->end_date);
}

/* Lengths are sixteen bits wide, the first of them one larger. */
#define TEXT_MAX (UINT16_MAX - 1u)

static void put_narrow(GByteArray *b, const char *text)
{
    GByteArray *bytes = bytes_utf8_to_1252(text != NULL ? text : "");
    guint n = MIN(bytes->len, TEXT_MAX);

    bytes_put16(b, n + 1);
    bytes_put16(b, n);
    g_byte_array_append(b, bytes->data, n);
    g_byte_array_unref(bytes);
}

static void put_wide(GByteArray *b, const char *text)
{
    GByteArray *units = bytes_utf8_to_utf16(text != NULL ? text : "");
    guint n = MIN(units->len / 2, TEXT_MAX);

    bytes_put16(b, n);
    g_byte_array_append(b, units->data, n * 2);
    g_byte_array_unref(units);
}

static void put_flagged(GByteArray *b, const struct recur_exception *e,
                        uint16_t flag, uint32_t value)
{
    if ((e->overrides & flag) != 0)
        bytes_put32(b, value);
}

static void put_exception(GByteArray *b, const struct recur_exception *e)
{
    bytes_put32(b, e->start);
    bytes_put32(b, e->end);
    bytes_put32(b, e->original);
    bytes_put16(b, e->overrides);
    if ((e->overrides & RECUR_SUBJECT) != 0)
        put_narrow(b, e->subject);
    put_flagged(b, e, RECUR_MEETING_TYPE, e->meeting_type);
    put_flagged(b, e, RECUR_REMINDER_DELTA, e->reminder_delta);
    put_flagged(b, e, RECUR_REMINDER, e->reminder);
    if ((e->overrides & RECUR_LOCATION) != 0)
        put_narrow(b, e->location);
    put_flagged(b, e, RECUR_BUSY, e->busy);
    put_flagged(b, e, RECUR_ATTACHMENT, e->attachment);
    put_flagged(b, e, RECUR_ALL_DAY, e->all_day);
    put_flagged(b, e, RECUR_COLOR, e->color);
}

static void put_block(GByteArray *b, const GByteArray *block, uint32_t before)
{
    bytes_put32(b, before + (block != NULL ? block->len : 0));
}

static void put_rest(GByteArray *b, const GByteArray *block)
{
    if (block != NULL)
        g_byte_array_append(b, block->data, block->len);
}

static void put_extended(GByteArray *b, const struct recurrence *r,
                         const struct recur_exception *e)
{
    if (r->writer >= WRITER2) {
        put_block(b, e->highlight_more, 4);
        bytes_put32(b, e->change_highlight);
        put_rest(b, e->highlight_more);
    }
    put_block(b, e->reserved1, 0);
    put_rest(b, e->reserved1);
    if ((e->overrides & (RECUR_SUBJECT | RECUR_LOCATION)) == 0)
        return;
    bytes_put32(b, e->start);
    bytes_put32(b, e->end);
    bytes_put32(b, e->original);
    if ((e->overrides & RECUR_SUBJECT) != 0)
        put_wide(b, e->subject);
    if ((e->overrides & RECUR_LOCATION) != 0)
        put_wide(b, e->location);
    put_block(b, e->reserved2, 0);
    put_rest(b, e->reserved2);
}

GByteArray *recurrence_write(const struct recurrence *r)
{
    GByteArray *b = g_byte_array_new();

    put_pattern(b, r);
    if (!r->appointment)
        return b;
    bytes_put32(b, READER2);
    bytes_put32(b, r->writer);
    bytes_put32(b, r->start_offset);
    bytes_put32(b, r->end_offset);
    bytes_put16(b, r->exceptions->len);
    for (guint i = 0; i < r->exceptions->len; i++)
        put_exception(b,
                      &g_array_index(r->exceptions, struct recur_exception, i));
    put_block(b, r->reserved1, 0);
    put_rest(b, r->reserved1);
    for (guint i = 0; i < r->exceptions->len; i++)
        put_extended(b, r,
                     &g_array_index(r->exceptions, struct recur_exception, i));
    put_block(b, r->reserved2, 0);
    put_rest(b, r->reserved2);
    return b;
}
