#include "fts/fts_build.h"

#include "fts/fts_write.h"

/*
 * What a server makes of an item.  The stream is taken apart here into
 * objects and properties by code of its own, which knows only what
 * fts_build.c writes; then it is put together in another way.
 */

struct object {
    uint32_t opens, closes; /* markers; 0 of the message itself */
    GPtrArray *properties;  /* of GByteArray *, whole */
    GPtrArray *children;    /* of struct object * */
};

static void bytes_free(void *p)
{
    g_byte_array_unref(p);
}

static void object_free(void *p)
{
    struct object *o = p;

    g_ptr_array_unref(o->properties);
    g_ptr_array_unref(o->children);
    g_free(o);
}

static struct object *object_new(uint32_t opens)
{
    struct object *o = g_new0(struct object, 1);

    o->opens = opens;
    o->properties = g_ptr_array_new_with_free_func(bytes_free);
    o->children = g_ptr_array_new_with_free_func(object_free);
    return o;
}

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static uint16_t id_of(const GByteArray *property)
{
    return (uint16_t)(property->data[2] | property->data[3] << 8);
}

static uint16_t type_of(const GByteArray *property)
{
    return (uint16_t)(property->data[0] | property->data[1] << 8);
}

/* ---- apart ----------------------------------------------------------- */

static GByteArray *stream_of(const char *payload, size_t len)
{
    g_autofree char *text = g_strndup(payload, len);
    gsize n;
    g_autofree guchar *bytes = g_base64_decode(text, &n);
    GByteArray *stream = g_byte_array_new();

    for (gsize at = 0; at + 8 <= n;) {
        uint32_t size = u32_at(bytes + at + 4);

        g_assert(size <= n - at - 8);
        if (u32_at(bytes + at) == 2)
            fts_write_bytes(stream, bytes + at + 8, size);
        at += 8 + size;
    }
    return stream;
}

static size_t value_len(uint16_t type, const uint8_t *p)
{
    size_t n;

    switch (type) {
    case 0x0003:
        return 4;
    case 0x000B:
        return 2;
    case 0x0014:
    case 0x0040:
        return 8;
    case 0x101F:
        n = 4;
        for (uint32_t i = u32_at(p); i > 0; i--)
            n += 4 + u32_at(p + n);
        return n;
    default: /* strings and binary */
        return 4 + u32_at(p);
    }
}

static size_t head_len(const uint8_t *p)
{
    size_t n = 4;

    if ((p[3] & 0x80) == 0)
        return n;
    n += 16;
    if (p[n++] == 0)
        return n + 4;
    while (p[n] != 0 || p[n + 1] != 0)
        n += 2;
    return n + 2;
}

static bool opens(uint32_t tag)
{
    return tag == 0x40030003 || tag == 0x40000003 || tag == 0x40010003;
}

static bool closes(uint32_t tag)
{
    return tag == 0x40040003 || tag == 0x400E0003 || tag == 0x40020003;
}

static struct object *take_apart(const GByteArray *stream, size_t *at,
                                 uint32_t opened_by)
{
    struct object *o = object_new(opened_by);

    while (*at < stream->len) {
        const uint8_t *p = stream->data + *at;
        uint32_t tag = u32_at(p);
        size_t head, n;

        if (closes(tag)) {
            o->closes = tag;
            *at += 4;
            return o;
        }
        if (opens(tag)) {
            *at += 4;
            g_ptr_array_add(o->children, take_apart(stream, at, tag));
            continue;
        }
        head = head_len(p);
        n = head + value_len((uint16_t)tag, p + head);
        /* Meta-properties have their places: they are written anew. */
        if (tag >> 16 != 0x4016 && tag >> 16 != 0x4008) {
            GByteArray *property = g_byte_array_new();

            fts_write_bytes(property, p, n);
            g_ptr_array_add(o->properties, property);
        }
        *at += n;
    }
    return o;
}

static struct object *parse(const char *payload, size_t len)
{
    g_autoptr(GByteArray) stream = stream_of(payload, len);
    size_t at = 0;

    return take_apart(stream, &at, 0);
}

/* ---- changed --------------------------------------------------------- */

static GByteArray *find(const struct object *o, uint16_t id)
{
    for (guint i = 0; i < o->properties->len; i++) {
        GByteArray *p = g_ptr_array_index(o->properties, i);

        if (id_of(p) == id)
            return p;
    }
    return NULL;
}

static GByteArray *fresh(struct object *o, uint16_t id)
{
    GByteArray *p = find(o, id);

    if (p == NULL) {
        p = g_byte_array_new();
        g_ptr_array_add(o->properties, p);
    }
    g_byte_array_set_size(p, 0);
    return p;
}

static void random_key(struct object *o, GRand *rand, uint16_t id, size_t len)
{
    uint8_t bytes[64];

    g_assert(len <= sizeof(bytes));
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)g_rand_int_range(rand, 0, 256);
    fts_write_binary(fresh(o, id), id, bytes, len);
}

static void shuffle(GPtrArray *array, GRand *rand)
{
    for (guint i = array->len; i > 1; i--) {
        guint k = (guint)g_rand_int_range(rand, 0, (gint32)i);
        gpointer swap = array->pdata[i - 1];

        array->pdata[i - 1] = array->pdata[k];
        array->pdata[k] = swap;
    }
}

/* A string property in another dress. */
static void reencode(GByteArray *property, GRand *rand)
{
    static const uint16_t types[] = { 0x001F, 0x84B0, 0x001F, 0x84B0, 0x84E4 };
    size_t head = head_len(property->data);
    uint32_t n = u32_at(property->data + head);
    gsize len;
    g_autofree char *utf8 =
        g_convert((const char *)property->data + head + 4, n, "UTF-8",
                  type_of(property) == 0x84E4 ? "WINDOWS-1252" : "UTF-16LE",
                  NULL, &len, NULL);
    uint16_t type = types[g_rand_int_range(rand, 0, G_N_ELEMENTS(types))];

    g_assert(utf8 != NULL);
    if (!g_str_is_ascii(utf8) && type == 0x84E4)
        type = 0x84B0;
    property->data[0] = (uint8_t)type;
    property->data[1] = (uint8_t)(type >> 8);
    g_byte_array_set_size(property, (guint)head);
    fts_write_value_string(property, type, utf8, g_rand_boolean(rand));
}

static bool is_string(const GByteArray *property)
{
    uint16_t type = type_of(property);

    return type == 0x001F || type == 0x84B0 || type == 0x84E4;
}

static void change_stamps(struct object *o, GRand *rand)
{
    int64_t now = INT64_C(1780000000000000) + g_rand_int(rand);

    fts_write_time(fresh(o, 0x3007), 0x3007, now);
    fts_write_time(fresh(o, 0x3008), 0x3008, now + 1);
    random_key(o, rand, 0x0FF9, 16);
    fts_write_i4(fresh(o, 0x0FF7), 0x0FF7, 0);
    fts_write_i4(fresh(o, 0x0FFE), 0x0FFE, 5);
}

static void compute_message(struct object *o, GRand *rand)
{
    GByteArray *flags = find(o, 0x0E07);

    change_stamps(o, rand);
    random_key(o, rand, 0x65E0, 22);
    random_key(o, rand, 0x65E2, 22);
    random_key(o, rand, 0x65E3, 23);
    random_key(o, rand, 0x3013, 16);
    fts_write_string(fresh(o, 0x3FF8), 0x3FF8, 0x001F, "New Server", true);
    fts_write_string(fresh(o, 0x3FFA), 0x3FFA, 0x001F, "New Server", true);
    fts_write_string(fresh(o, 0x0E04), 0x0E04, 0x84B0, "a; b; c", true);
    fts_write_string(fresh(o, 0x0E1D), 0x0E1D, 0x84B0, "normal", false);
    fts_write_i4(fresh(o, 0x0E08), 0x0E08, g_rand_int(rand));
    fts_write_i4(fresh(o, 0x0E23), 0x0E23, g_rand_int(rand));
    fts_write_boolean(fresh(o, 0x0E1B), 0x0E1B, o->children->len > 0);
    /* The original is the HTML: a plain text is made of it. */
    if (find(o, 0x1013) != NULL) {
        fts_write_string(fresh(o, 0x1000), 0x1000, 0x84B0, "derived", true);
        fts_write_i4(fresh(o, 0x1016), 0x1016, 3);
    }
    if (flags != NULL) /* unmodified, has attachments, internet */
        flags->data[4] ^= 0x32, flags->data[5] ^= 0x20;
}

static void compute_child(struct object *o, GRand *rand, uint32_t number)
{
    if (o->opens == 0x40030003) {
        fts_write_i4(fresh(o, 0x3000), 0x3000, number + 100);
        random_key(o, rand, 0x0FFF, 50);
        return;
    }
    change_stamps(o, rand);
    fts_write_i4(fresh(o, 0x0E21), 0x0E21, number + 7);
    fts_write_i4(fresh(o, 0x0E20), 0x0E20, g_rand_int(rand));
}

static void change(struct object *o, GRand *rand)
{
    for (guint i = 0; i < o->children->len; i++) {
        struct object *child = g_ptr_array_index(o->children, i);

        change(child, rand);
        if (child->opens != 0x40010003)
            compute_child(child, rand, i);
    }
    if (o->opens == 0 || o->opens == 0x40010003)
        compute_message(o, rand);
    for (guint i = 0; i < o->properties->len; i++) {
        GByteArray *p = g_ptr_array_index(o->properties, i);

        if (is_string(p))
            reencode(p, rand);
    }
    shuffle(o->properties, rand);
    shuffle(o->children, rand);
}

/* ---- together -------------------------------------------------------- */

static void put_together(GByteArray *to, const struct object *o);

static void put_children(GByteArray *to, const struct object *o, uint32_t kind)
{
    for (guint i = 0; i < o->children->len; i++) {
        const struct object *child = g_ptr_array_index(o->children, i);

        if (child->opens == kind)
            put_together(to, child);
    }
}

static void put_together(GByteArray *to, const struct object *o)
{
    if (o->opens != 0)
        fts_write_tag(to, o->opens);
    for (guint i = 0; i < o->properties->len; i++) {
        const GByteArray *p = g_ptr_array_index(o->properties, i);

        fts_write_bytes(to, p->data, p->len);
    }
    if (o->opens == 0 || o->opens == 0x40010003)
        fts_write_i4(to, 0x4016, 0x0E12000D);
    put_children(to, o, 0x40030003);
    if (o->opens == 0 || o->opens == 0x40010003)
        fts_write_i4(to, 0x4016, 0x0E13000D);
    put_children(to, o, 0x40000003);
    put_children(to, o, 0x40010003);
    if (o->closes != 0)
        fts_write_tag(to, o->closes);
}

char *fts_build_as_server(const char *payload, size_t len, uint32_t seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct object *item = parse(payload, len);

    change(item, rand);
    fts_write_string(stream, 0x4008, 0x84E4, "/O=NEW ORGANIZATION", true);
    put_together(stream, item);
    object_free(item);
    return fts_build_wrap(stream, (size_t)g_rand_int_range(rand, 1, 40000));
}

/* ---- columns --------------------------------------------------------- */

static char *string_of(const struct object *o, uint16_t id)
{
    const GByteArray *p = find(o, id);
    g_autofree char *utf8 = NULL;
    gsize len;

    if (p == NULL)
        return NULL;
    g_assert(is_string(p));
    utf8 = g_convert((const char *)p->data + 8, u32_at(p->data + 4), "UTF-8",
                     type_of(p) == 0x84E4 ? "WINDOWS-1252" : "UTF-16LE", NULL,
                     &len, NULL);
    return g_steal_pointer(&utf8);
}

void fts_build_columns(const char *payload, size_t len,
                       struct fts_build_columns *ret)
{
    struct object *item = parse(payload, len);
    const GByteArray *key = find(item, 0x300B), *flags = find(item, 0x0E07);
    const GByteArray *received = find(item, 0x0E06);

    *ret = (struct fts_build_columns){
        .item_class = string_of(item, 0x001A),
        .subject = string_of(item, 0x0037),
        .sender = string_of(item, 0x5D01),
    };
    if (key != NULL)
        ret->search_key = g_base64_encode(key->data + 8, key->len - 8);
    if (received != NULL)
        ret->received_us =
            (int64_t)(((uint64_t)u32_at(received->data + 8) << 32 |
                       u32_at(received->data + 4)) /
                      10) -
            INT64_C(11644473600000000);
    ret->read = flags != NULL && (flags->data[4] & 1) != 0;
    object_free(item);
}

void fts_build_columns_clear(struct fts_build_columns *c)
{
    g_free(c->item_class);
    g_free(c->subject);
    g_free(c->sender);
    g_free(c->search_key);
    *c = (struct fts_build_columns){ 0 };
}
