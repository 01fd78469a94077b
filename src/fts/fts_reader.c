#include "fts/fts_priv.h"

/* Property ids from here on are named ([MS-OXCDATA] 2.9). */
#define FIRST_NAMED 0x8000

/* Announced as a PtypInteger32, sent as binary ([MS-OXCFXICS] 2.2.1.1.1). */
#define META_IDSET_GIVEN 0x40170003

void fts_reader_init(struct fts_reader *r, const struct blob *base64)
{
    *r = (struct fts_reader){ 0 };
    fts_envelope_init(&r->envelope, base64);
}

void fts_reader_release(struct fts_reader *r)
{
    fts_envelope_release(&r->envelope);
}

/* The whole table: a property of a message may well be a PtypInteger32. */
static bool is_marker(uint32_t tag)
{
    static const uint32_t markers[] = {
        0x40000003, 0x40010003, 0x40020003, 0x40030003, 0x40040003, 0x40090003,
        0x400A0003, 0x400B0003, 0x400C0003, 0x400D0003, 0x400E0003, 0x40100003,
        0x40120003, 0x40130003, 0x40140003, 0x40150003, 0x40180003, 0x402F0003,
        0x403A0003, 0x403B0003, 0x4074000B, 0x4075000B, 0x407B0102, 0x407D0003,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(markers); i++)
        if (markers[i] == tag)
            return true;
    return false;
}

/* ---- bytes ----------------------------------------------------------- */

static int broken_in(struct fts_reader *r, struct err *err)
{
    g_autofree char *where = g_strdup_printf("property 0x%08X", r->token.tag);

    if (r->token.tag == 0)
        return fts_broken(&r->envelope, "a property's tag", err);
    return fts_broken(&r->envelope, where, err);
}

/* n bytes, in the middle of an element: there must be more. */
static int take(struct fts_reader *r, void *buf, size_t n, struct err *err)
{
    uint8_t *to = buf;

    while (n > 0) {
        const uint8_t *p;
        size_t k;
        int more = fts_envelope_run(&r->envelope, n, &p, &k, err);

        if (more <= 0)
            return more < 0 ? -1 : broken_in(r, err);
        memcpy(to, p, k);
        to += k;
        n -= k;
    }
    return 1;
}

static int take_u32(struct fts_reader *r, uint32_t *ret, struct err *err)
{
    uint8_t b[4] = { 0 };

    if (take(r, b, sizeof(b), err) < 0)
        return -1;
    *ret = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
    return 1;
}

/* Between two elements the stream may end, if its last buffer does. */
static int at_end(const struct fts_reader *r, struct err *err)
{
    if (r->envelope.left == 0)
        return 0;
    return fts_broken(&r->envelope, "a transfer buffer", err);
}

static int take_tag(struct fts_reader *r, struct err *err)
{
    uint8_t b[4];
    const uint8_t *p;
    size_t k;
    int more = fts_envelope_run(&r->envelope, 1, &p, &k, err);

    if (more <= 0)
        return more < 0 ? -1 : at_end(r, err);
    b[0] = *p;
    r->token.tag = 0;
    if (take(r, b + 1, 3, err) < 0)
        return -1;
    r->token.tag = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                   (uint32_t)b[3] << 24;
    return 1;
}

/* ---- values ---------------------------------------------------------- */

int fts_reader_run(struct fts_reader *r, size_t max, const uint8_t **ret,
                   size_t *ret_n, struct err *err)
{
    int more;

    if (r->value_left == 0)
        return 0;
    more = fts_envelope_run(&r->envelope, MIN(max, r->value_left), ret, ret_n,
                            err);
    if (more == 0)
        return broken_in(r, err);
    if (more > 0)
        r->value_left -= (uint32_t)*ret_n;
    return more;
}

int fts_reader_exact(struct fts_reader *r, void *buf, uint32_t n,
                     struct err *err)
{
    g_assert(n <= r->value_left);
    r->value_left -= n;
    return take(r, buf, n, err);
}

static int skip_value(struct fts_reader *r, struct err *err)
{
    const uint8_t *p;
    size_t n;
    int more;

    do
        more = fts_reader_run(r, G_MAXUINT32, &p, &n, err);
    while (more > 0);
    return more;
}

int fts_reader_value(struct fts_reader *r, uint32_t *ret_len, struct err *err)
{
    if (skip_value(r, err) < 0)
        return -1;
    if (r->values_left == 0)
        return 0;
    r->value_left = r->value_size;
    if (r->value_size == 0 && take_u32(r, &r->value_left, err) < 0)
        return -1;
    r->values_left--;
    *ret_len = r->value_left;
    return 1;
}

static int skip_values(struct fts_reader *r, struct err *err)
{
    uint32_t len;
    int more;

    do
        more = fts_reader_value(r, &len, err);
    while (more > 0);
    return more;
}

/* ---- properties ------------------------------------------------------ */

/* UTF-16 up to a NUL, without a length before it. */
static int take_name(struct fts_reader *r, struct err *err)
{
    gunichar2 utf16[FTS_NAME_MAX / 2];
    g_autofree char *utf8 = NULL;
    size_t n = 0;
    uint8_t b[2];

    do {
        /* Longer than any server allows: whatever this is, it is no name. */
        if (n == G_N_ELEMENTS(utf16)) {
            r->token.kind = FTS_STRANGE;
            return 1;
        }
        if (take(r, b, sizeof(b), err) < 0)
            return -1;
        utf16[n++] = (gunichar2)(b[0] | b[1] << 8);
    } while (utf16[n - 1] != 0);
    utf8 = g_utf16_to_utf8(utf16, -1, NULL, NULL, NULL);
    if (utf8 == NULL) {
        r->token.kind = FTS_STRANGE;
        return 1;
    }
    g_strlcpy(r->name, utf8, sizeof(r->name));
    r->token.key.name = r->name;
    return 1;
}

static int take_named(struct fts_reader *r, struct err *err)
{
    struct fts_key *key = &r->token.key;

    key->named = true;
    key->id = 0;
    if (take(r, key->set, sizeof(key->set), err) < 0 ||
        take(r, &key->kind, 1, err) < 0)
        return -1;
    if (key->kind == FTS_KIND_ID)
        return take_u32(r, &key->lid, err);
    if (key->kind == FTS_KIND_NAME)
        return take_name(r, err);
    r->token.kind = FTS_STRANGE;
    return 1;
}

static int take_property(struct fts_reader *r, struct err *err)
{
    struct fts_key *key = &r->token.key;
    struct fts_type *type = &r->token.type;
    bool found;

    *key = (struct fts_key){ .id = (uint16_t)(r->token.tag >> 16),
                             .type = (uint16_t)r->token.tag };
    r->token.kind = FTS_PROPERTY;
    found = fts_type_find(
        r->token.tag == META_IDSET_GIVEN ? FTS_TYPE_BINARY : key->type, type);
    if (!found) {
        r->token.kind = FTS_STRANGE;
        return 1;
    }
    if (key->id >= FIRST_NAMED && take_named(r, err) < 0)
        return -1;
    if (r->token.kind == FTS_STRANGE)
        return 1;
    r->values_left = 1;
    r->value_size = type->size;
    return type->multi ? take_u32(r, &r->values_left, err) : 1;
}

/* Nothing can be understood any more; whether it is all there can be seen. */
static int drain(struct fts_reader *r, struct err *err)
{
    const uint8_t *p;
    size_t n;
    int more;

    do
        more = fts_envelope_run(&r->envelope, G_MAXUINT32, &p, &n, err);
    while (more > 0);
    return more < 0 ? -1 : at_end(r, err);
}

int fts_reader_next(struct fts_reader *r, const struct fts_token **ret,
                    struct err *err)
{
    int more;

    if (r->strange)
        return drain(r, err);
    if (skip_values(r, err) < 0)
        return -1;
    more = take_tag(r, err);
    if (more <= 0)
        return more;
    if (is_marker(r->token.tag))
        r->token.kind = FTS_MARKER;
    else if (take_property(r, err) < 0)
        return -1;
    r->strange = r->token.kind == FTS_STRANGE;
    *ret = &r->token;
    return 1;
}
