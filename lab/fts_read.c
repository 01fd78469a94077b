#include "lab/fts_read.h"

#include <string.h>

#include "lab/bytes.h"
#include "lab/fts_write.h"

/* A named property's text: 254 characters in Exchange, room for strangers. */
#define NAME_BYTES_MAX 4096u

/* Markers and meta-properties, [MS-OXCFXICS] 2.2.4.1.4 and 2.2.4.1.5. */
enum mark {
    MARK_NEW_ATTACH = 0x40000003,
    MARK_START_EMBED = 0x40010003,
    MARK_END_EMBED = 0x40020003,
    MARK_START_RECIP = 0x40030003,
    MARK_END_RECIP = 0x40040003,
    MARK_END_ATTACH = 0x400E0003,
    META_EC_WARNING = 0x400F0003,
    META_DEL_PROP = 0x40160003,
    MARK_FX_ERROR_INFO = 0x40180003,
};

/*
 * Of folders, message lists and synchronisation: never in one message.  Other
 * ids from 0x4000 on are ordinary properties (0x40190003, sender flags).
 */
static const uint32_t foreign_marks[] = {
    0x40090003, 0x400A0003, 0x400B0003, 0x400C0003, 0x400D0003, 0x40100003,
    0x40120003, 0x40130003, 0x40140003, 0x40150003, 0x402F0003, 0x403A0003,
    0x403B0003, 0x4074000B, 0x40750003, 0x407B0102, 0x407D0003,
};

/* MetaTagDnPrefix, whatever the code page of its text. */
#define DN_PREFIX_ID 0x4008

struct reader {
    struct mapi_item *item;
    const uint8_t *data; /* the transfer buffers, one after another */
    size_t len, at;
    size_t good; /* just after the last whole atom that made sense */
    unsigned int objects, depth;
    struct err *err;
};

static int corrupt(struct err *err, const char *fmt, ...) PRINTF(2, 3);
static int corrupt(struct err *err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = "ErrorCorruptData";
    return -1;
}

static size_t left(const struct reader *r)
{
    return r->len - r->at;
}

static int need(struct reader *r, size_t n, const char *what)
{
    if (left(r) >= n)
        return 0;
    return corrupt(r->err,
                   "stream ends in the middle of %s at byte %zu: %zu more "
                   "bytes of %zu",
                   what, r->at, left(r), n);
}

static int take_u32(struct reader *r, const char *what, uint32_t *ret)
{
    if (need(r, 4, what) < 0)
        return -1;
    *ret = bytes_u32_at(r->data + r->at);
    r->at += 4;
    return 0;
}

static int count_object(struct reader *r)
{
    if (++r->objects <= LAB_FTS_OBJECTS_MAX)
        return 0;
    return corrupt(r->err, "more than %u properties and parts",
                   LAB_FTS_OBJECTS_MAX);
}

/* ---- properties ------------------------------------------------------ */

static int take_name(struct reader *r, struct mapi_name *ret)
{
    const uint8_t *text;
    size_t n = 0;
    uint8_t kind;

    if (need(r, 17, "a property's name") < 0)
        return -1;
    memcpy(ret->set, r->data + r->at, 16);
    kind = r->data[r->at + 16];
    r->at += 17;
    if (kind == 0)
        return take_u32(r, "a property's name", &ret->id);
    if (kind != 1)
        return corrupt(r->err, "name of kind %u at byte %zu", kind, r->at);

    text = r->data + r->at;
    while (n + 2 <= left(r) && n <= NAME_BYTES_MAX &&
           bytes_u16_at(text + n) != 0)
        n += 2;
    if (n > NAME_BYTES_MAX)
        return corrupt(r->err, "property name over %u bytes", NAME_BYTES_MAX);
    if (need(r, n + 2, "a property's name") < 0)
        return -1;
    ret->text = text;
    ret->text_bytes = (uint32_t)n;
    r->at += n + 2;
    return 0;
}

static int take_variable(struct reader *r, uint32_t tag)
{
    uint32_t n;

    if (take_u32(r, "a value's length", &n) < 0)
        return -1;
    if (left(r) < n)
        return corrupt(
            r->err, "property 0x%08X at byte %zu: %u bytes wanted, %zu there",
            tag, r->at, n, left(r));
    r->at += n;
    return 0;
}

static int take_multi(struct reader *r, uint32_t tag, int size)
{
    uint32_t count;

    if (take_u32(r, "a count of values", &count) < 0)
        return -1;
    /* Each value takes at least its length's four bytes, or its two. */
    if (count > left(r) / (size > 0 ? (size_t)size : 4))
        return corrupt(r->err, "property 0x%08X: %u values, %zu bytes left",
                       tag, count, left(r));
    if (size > 0) {
        r->at += count * (size_t)size;
        return 0;
    }
    for (uint32_t i = 0; i < count; i++)
        if (take_variable(r, tag) < 0)
            return -1;
    return 0;
}

/* Reads past the value; *ret gets its bytes, count and size. */
static int take_value(struct reader *r, uint32_t tag, struct mapi_prop *ret)
{
    uint16_t type = PROP_TYPE(tag);
    int size = mapi_type_size(type);
    size_t from = r->at;

    if (size < 0)
        return corrupt(r->err, "property 0x%08X at byte %zu: no such type", tag,
                       r->at);
    ret->count = 1;
    if (mapi_type_is_multi(type)) {
        if (take_multi(r, tag, size) < 0)
            return -1;
        ret->count = bytes_u32_at(r->data + from);
        from += 4;
    } else if (size == 0) {
        if (take_variable(r, tag) < 0)
            return -1;
        from += 4;
    } else {
        if (need(r, (size_t)size, "a value") < 0)
            return -1;
        r->at += (size_t)size;
    }
    ret->data = r->data + from;
    ret->size = (uint32_t)(r->at - from);
    return 0;
}

static int read_dn_prefix(struct reader *r, uint32_t tag)
{
    struct mapi_prop p = { .tag = tag };
    g_autofree char *text = NULL;

    if (take_value(r, tag, &p) < 0)
        return -1;
    text = mapi_dup_text(&p);
    if (text == NULL)
        return corrupt(r->err, "the DN prefix is no text");
    r->item->dn_prefix = mapi_copy(r->item, text, strlen(text) + 1);
    return 0;
}

static int read_property(struct reader *r, uint32_t tag,
                         struct mapi_props *props)
{
    struct mapi_name name = { 0 };
    struct mapi_prop *p, value = { 0 };

    if (count_object(r) < 0)
        return -1;
    if (PROP_ID(tag) >= PROP_ID_NAMED && take_name(r, &name) < 0)
        return -1;
    if (take_value(r, tag, &value) < 0)
        return -1;
    if (PROP_ID(tag) >= PROP_ID_NAMED) {
        tag = mapi_named(r->item, &name, PROP_TYPE(tag));
        if (tag == 0)
            return corrupt(r->err, "more than %u named properties",
                           MAPI_NAMES_MAX);
    }
    p = mapi_append(r->item, props, tag);
    p->data = value.data;
    p->size = value.size;
    p->count = value.count;
    return 0;
}

/* ---- messages -------------------------------------------------------- */

static bool is_foreign(uint32_t tag)
{
    for (size_t i = 0; i < G_N_ELEMENTS(foreign_marks); i++)
        if (foreign_marks[i] == tag)
            return true;
    return false;
}

/*
 * What may stand wherever a property may.  Returns 1 when it was that, 0 when
 * tag is something else, -1.
 */
static int read_meta(struct reader *r, uint32_t tag)
{
    uint32_t ignored;

    if (PROP_ID(tag) == DN_PREFIX_ID)
        return read_dn_prefix(r, tag) < 0 ? -1 : 1;
    switch (tag) {
    case META_EC_WARNING:
        r->item->partial = true;
        return take_u32(r, "EcWarning", &ignored) < 0 ? -1 : 1;
    case META_DEL_PROP:
        return take_u32(r, "FXDelProp", &ignored) < 0 ? -1 : 1;
    case MARK_FX_ERROR_INFO:
        r->item->partial = true;
        return 1;
    default:
        return 0;
    }
}

/* Properties up to the first marker, which is left for the caller. */
static int read_properties(struct reader *r, struct mapi_props *props)
{
    while (left(r) > 0) {
        uint32_t tag;
        int meta;

        r->good = r->at;
        if (take_u32(r, "a property tag", &tag) < 0)
            return -1;
        meta = read_meta(r, tag);
        if (meta < 0)
            return -1;
        if (meta > 0)
            continue;
        if (is_foreign(tag))
            return corrupt(r->err, "marker 0x%08X has no place in a message",
                           tag);
        switch ((enum mark)tag) {
        case MARK_NEW_ATTACH:
        case MARK_START_EMBED:
        case MARK_END_EMBED:
        case MARK_START_RECIP:
        case MARK_END_RECIP:
        case MARK_END_ATTACH:
            r->at -= 4;
            return 0;
        case META_EC_WARNING:
        case META_DEL_PROP:
        case MARK_FX_ERROR_INFO:
        default:
            break;
        }
        if (read_property(r, tag, props) < 0)
            return -1;
    }
    r->good = r->at;
    return 0;
}

static int expect(struct reader *r, enum mark mark, const char *what)
{
    uint32_t tag;

    r->good = r->at;
    if (take_u32(r, what, &tag) < 0)
        return -1;
    if (tag != (uint32_t)mark)
        return corrupt(r->err, "marker 0x%08X at byte %zu where %s should be",
                       tag, r->at - 4, what);
    r->good = r->at;
    return 0;
}

static uint32_t peek(const struct reader *r)
{
    return left(r) >= 4 ? bytes_u32_at(r->data + r->at) : 0;
}

static int read_recipient(struct reader *r, struct mapi_message *m)
{
    struct mapi_props *props = mapi_add_recipient(r->item, m);

    if (count_object(r) < 0)
        return -1;
    if (expect(r, MARK_START_RECIP, "a recipient's start") < 0 ||
        read_properties(r, props) < 0)
        return -1;
    return expect(r, MARK_END_RECIP, "a recipient's end");
}

static int read_message(struct reader *r, struct mapi_message *m);

static int read_embedded(struct reader *r, struct mapi_attachment *a)
{
    if (r->depth >= LAB_FTS_DEPTH_MAX)
        return corrupt(r->err, "messages nested over %u deep",
                       LAB_FTS_DEPTH_MAX);
    if (expect(r, MARK_START_EMBED, "an embedded message's start") < 0)
        return -1;
    r->depth++;
    if (read_message(r, mapi_embed(r->item, a)) < 0)
        return -1;
    r->depth--;
    return expect(r, MARK_END_EMBED, "an embedded message's end");
}

static int read_attachment(struct reader *r, struct mapi_message *m)
{
    struct mapi_attachment *a = mapi_add_attachment(r->item, m);

    if (count_object(r) < 0)
        return -1;
    if (expect(r, MARK_NEW_ATTACH, "an attachment's start") < 0 ||
        read_properties(r, &a->props) < 0)
        return -1;
    if (peek(r) == MARK_START_EMBED && read_embedded(r, a) < 0)
        return -1;
    return expect(r, MARK_END_ATTACH, "an attachment's end");
}

/* Between the parts only meta-properties may stand, not properties. */
static int read_between(struct reader *r)
{
    struct mapi_props none = { 0 };

    if (read_properties(r, &none) < 0)
        return -1;
    if (none.n > 0)
        return corrupt(r->err,
                       "property 0x%08X stands behind a recipient or "
                       "an attachment",
                       none.v[0].tag);
    return 0;
}

/*
 * messageContent = propList messageChildren: properties, then recipients,
 * then attachments ([MS-OXCFXICS] 2.2.4.2).
 */
static int read_message(struct reader *r, struct mapi_message *m)
{
    if (read_properties(r, &m->props) < 0)
        return -1;
    while (peek(r) == MARK_START_RECIP)
        if (read_recipient(r, m) < 0 || read_between(r) < 0)
            return -1;
    while (peek(r) == MARK_NEW_ATTACH)
        if (read_attachment(r, m) < 0 || read_between(r) < 0)
            return -1;
    return 0;
}

static int read_stream(struct reader *r)
{
    if (read_message(r, &r->item->message) < 0)
        return -1;
    if (left(r) > 0)
        return corrupt(r->err, "marker 0x%08X at byte %zu is out of place",
                       peek(r), r->at);
    return 0;
}

/* ---- envelope -------------------------------------------------------- */

/* Where each transfer buffer's bytes were, to tell offsets in the payload. */
struct piece {
    size_t stream, payload, n;
};

struct envelope {
    const uint8_t *data;
    size_t len, at;
    GArray *pieces; /* of struct piece */
    size_t stream;  /* bytes in the pieces */
    bool fragment;  /* a last buffer that is cut off counts */
    struct err *err;
};

static int open_buffer(struct envelope *e, size_t n)
{
    struct piece piece = { e->stream, e->at + 8, n };

    g_array_append_val(e->pieces, piece);
    e->stream += n;
    e->at += 8 + n;
    return 0;
}

static int read_version(struct mapi_item *item, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < 3 && i * 2 + 2 <= n; i++)
        item->version[i] = bytes_u16_at(p + i * 2);
    return 0;
}

static int check_record(const struct envelope *e, uint32_t opcode, size_t n)
{
    static const size_t lengths[] = {
        [LAB_FTS_CONFIGURE] = 8,
        [LAB_FTS_INTERFACE] = 24,
        [LAB_FTS_PARTNER_VERSION] = 6,
    };

    if (opcode < LAB_FTS_CONFIGURE || opcode > LAB_FTS_PARTNER_VERSION)
        return corrupt(e->err, "record of kind %u at byte %zu", opcode, e->at);
    if (opcode != LAB_FTS_BUFFER && n != lengths[opcode])
        return corrupt(e->err, "record of kind %u has %zu bytes, not %zu",
                       opcode, n, lengths[opcode]);
    return 0;
}

static int read_record(struct envelope *e, struct mapi_item *item)
{
    size_t there = e->len - e->at, n;
    uint32_t opcode;

    if (there < 8)
        return corrupt(e->err, "payload ends in a record's head at byte %zu",
                       e->at);
    opcode = bytes_u32_at(e->data + e->at);
    n = bytes_u32_at(e->data + e->at + 4);
    if (check_record(e, opcode, n) < 0)
        return -1;
    if (n > there - 8) {
        if (e->fragment && opcode == LAB_FTS_BUFFER)
            open_buffer(e, there - 8);
        return corrupt(e->err,
                       "record of kind %u at byte %zu: %zu bytes wanted, %zu "
                       "there",
                       opcode, e->at, n, there - 8);
    }
    if (opcode == LAB_FTS_BUFFER)
        return open_buffer(e, n);
    if (opcode == LAB_FTS_PARTNER_VERSION)
        read_version(item, e->data + e->at + 8, n);
    e->at += 8 + n;
    return 0;
}

static int read_envelope(struct envelope *e, struct mapi_item *item)
{
    if (e->len > LAB_FTS_BYTES_MAX)
        return corrupt(e->err, "payload of %zu bytes is over the limit of %u",
                       e->len, LAB_FTS_BYTES_MAX);
    while (e->at < e->len)
        if (read_record(e, item) < 0)
            return -1;
    if (e->pieces->len == 0)
        return corrupt(e->err, "payload has no transfer buffer");
    return 0;
}

static uint8_t *joined(const struct envelope *e, struct mapi_item *item)
{
    uint8_t *all = mapi_alloc(item, e->stream);

    for (guint i = 0; i < e->pieces->len; i++) {
        struct piece *p = &g_array_index(e->pieces, struct piece, i);

        if (p->n > 0)
            memcpy(all + p->stream, e->data + p->payload, p->n);
    }
    return all;
}

/* An offset in the stream as one in the payload. */
static size_t payload_offset(const struct envelope *e, size_t at)
{
    for (guint i = 0; i < e->pieces->len; i++) {
        struct piece *p = &g_array_index(e->pieces, struct piece, i);

        if (at - p->stream < p->n)
            return p->payload + (at - p->stream);
    }
    return e->at;
}

static void reader_init(struct reader *r, const struct envelope *e,
                        struct mapi_item *item)
{
    *r = (struct reader){
        .item = item,
        .data = joined(e, item),
        .len = e->stream,
        .err = e->err,
    };
}

int lab_fts_read(const uint8_t *data, size_t len, struct mapi_item **ret,
                 struct err *err)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
    struct envelope e = { .data = data, .len = len, .pieces = pieces };
    struct reader r;

    e.err = err;
    if (read_envelope(&e, item) < 0)
        return -1;
    reader_init(&r, &e, item);
    if (read_stream(&r) < 0)
        return -1;
    *ret = g_steal_pointer(&item);
    return 0;
}

struct mapi_item *lab_fts_read_fragment(const uint8_t *data, size_t len,
                                        size_t *ret_offset, struct err *why)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
    struct mapi_item *item = mapi_item_new();
    struct envelope e = { .data = data, .len = len, .pieces = pieces };
    struct err inner;
    struct reader r;

    e.fragment = true;
    e.err = why;
    if (read_envelope(&e, item) == 0)
        e.at = len;
    reader_init(&r, &e, item);
    r.err = &inner;
    if (read_stream(&r) < 0) {
        *why = inner;
        *ret_offset = payload_offset(&e, r.good);
        return item;
    }
    *ret_offset = e.at;
    return item;
}
