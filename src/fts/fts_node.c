#include "fts/fts_node.h"

#define TEXT_BODY 0x1000
#define RTF_BODY  0x1009
#define HTML_BODY 0x1013

/* What most have; room beyond it grows by itself. */
#define MESSAGE_ENTRIES 128
#define MESSAGE_BYTES   4096
#define CHILD_ENTRIES   16
#define CHILD_BYTES     512

/* Part of every hash: another canonical form must not compare equal. */
#define FORM 1

static void entry_clear(void *p)
{
    struct fts_entry *e = p;

    g_free(e->key.name);
}

static void node_free(void *p)
{
    fts_node_free(p);
}

struct fts_node *fts_node_new(enum fts_place place, bool keep)
{
    struct fts_node *node = g_new0(struct fts_node, 1);

    node->place = place;
    node->entries = g_array_sized_new(FALSE, FALSE, sizeof(struct fts_entry),
                                      place == FTS_IN_MESSAGE ? MESSAGE_ENTRIES
                                                              : CHILD_ENTRIES);
    g_array_set_clear_func(node->entries, entry_clear);
    /* Never without memory: an empty value is at an address too. */
    node->bytes = g_byte_array_sized_new(place == FTS_IN_MESSAGE ? MESSAGE_BYTES
                                                                 : CHILD_BYTES);
    for (int i = 0; place == FTS_IN_MESSAGE && i < FTS_N_CHILDREN; i++) {
        node->digests[i] = g_byte_array_new();
        if (keep)
            node->kept[i] = g_ptr_array_new_with_free_func(node_free);
    }
    return node;
}

void fts_node_free(struct fts_node *node)
{
    if (node == NULL)
        return;
    g_array_unref(node->entries);
    g_byte_array_unref(node->bytes);
    for (int i = 0; i < FTS_N_CHILDREN; i++) {
        g_clear_pointer(&node->digests[i], g_byte_array_unref);
        g_clear_pointer(&node->kept[i], g_ptr_array_unref);
    }
    fts_node_free(node->embedded);
    g_free(node);
}

void fts_node_add(struct fts_node *node, const struct fts_key *key, bool hashed,
                  const uint8_t *value, size_t len)
{
    struct fts_entry e = {
        .key = *key,
        .part = (uint8_t)fts_rule_part(key, node->place),
        .hashed = hashed,
        .at = node->bytes->len,
        .len = (uint32_t)len,
    };

    g_byte_array_append(node->bytes, value, (guint)len);
    g_array_append_val(node->entries, e);
}

/* ---- the canonical order --------------------------------------------- */

int fts_key_compare(const struct fts_key *a, const struct fts_key *b)
{
    int c;

    if (a->named != b->named)
        return a->named ? 1 : -1;
    if (!a->named && a->id != b->id)
        return a->id < b->id ? -1 : 1;
    c = memcmp(a->set, b->set, sizeof(a->set));
    if (c != 0)
        return c;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->lid != b->lid)
        return a->lid < b->lid ? -1 : 1;
    c = g_strcmp0(a->name, b->name);
    if (c != 0)
        return c;
    return (a->type > b->type) - (a->type < b->type);
}

/* A key should be there once; if it is not, the values order it. */
static int entry_compare(const void *pa, const void *pb, void *data)
{
    const struct fts_entry *a = pa, *b = pb;
    const uint8_t *bytes = data;
    int c = fts_key_compare(&a->key, &b->key);

    if (c != 0)
        return c;
    c = memcmp(bytes + a->at, bytes + b->at, MIN(a->len, b->len));
    return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

static int digest_compare(const void *a, const void *b)
{
    return memcmp(a, b, FTS_PART_BYTES);
}

static void sort_digests(GByteArray *digests)
{
    if (digests->len > 0)
        qsort(digests->data, digests->len / FTS_PART_BYTES, FTS_PART_BYTES,
              digest_compare);
}

/* ---- the hash -------------------------------------------------------- */

static void put(GByteArray *to, const void *data, size_t n)
{
    g_byte_array_append(to, data, (guint)n);
}

static void put_u16(GByteArray *to, size_t n)
{
    uint8_t b[2] = { (uint8_t)n, (uint8_t)(n >> 8) };

    put(to, b, sizeof(b));
}

static void put_byte(GByteArray *to, unsigned int n)
{
    uint8_t b = (uint8_t)n;

    put(to, &b, 1);
}

static void put_key(GByteArray *to, const struct fts_key *key)
{
    size_t len = key->name != NULL ? strlen(key->name) : 0;

    put_byte(to, key->named);
    put_u16(to, key->type);
    put_u16(to, key->id);
    if (!key->named)
        return;
    put(to, key->set, sizeof(key->set));
    put_byte(to, key->kind);
    put_u16(to, key->lid & 0xffff);
    put_u16(to, key->lid >> 16);
    put_u16(to, len);
    put(to, key->name, len);
}

static void put_entries(GByteArray *to, const struct fts_node *node,
                        enum fts_part part)
{
    for (guint i = 0; i < node->entries->len; i++) {
        const struct fts_entry *e =
            &g_array_index(node->entries, struct fts_entry, i);

        if (e->part != part)
            continue;
        put_key(to, &e->key);
        put_byte(to, e->hashed);
        put_u16(to, e->len);
        put(to, node->bytes->data + e->at, e->len);
    }
}

static void finish(struct fts_value *hasher, const GByteArray *all,
                   uint8_t ret[FTS_PART_BYTES])
{
    uint8_t whole[EVP_MAX_MD_SIZE];

    fts_hash(hasher, all->data, all->len, whole);
    memcpy(ret, whole, FTS_PART_BYTES);
}

static void sort_entries(struct fts_node *node)
{
    g_array_sort_with_data(node->entries, entry_compare, node->bytes->data);
}

void fts_node_close(struct fts_node *node, struct fts_value *hasher)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    g_assert(node->place != FTS_IN_MESSAGE);
    sort_entries(node);
    put_byte(all, FORM);
    put_byte(all, node->place);
    put_entries(all, node,
                node->place == FTS_IN_RECIPIENT ? FTS_RECIPIENTS
                                                : FTS_ATTACHMENTS);
    put_byte(all, node->has_embedded);
    if (node->has_embedded)
        put(all, node->embedded_digest, FTS_PART_BYTES);
    finish(hasher, all, node->digest);
}

/* ---- bodies ---------------------------------------------------------- */

static bool has(const struct fts_node *node, uint16_t id)
{
    for (guint i = 0; i < node->entries->len; i++) {
        const struct fts_entry *e =
            &g_array_index(node->entries, struct fts_entry, i);

        if (!e->key.named && e->key.id == id)
            return true;
    }
    return false;
}

/* [MS-OXBBODY] 2.1.3.1: which of the bodies is the one that was written. */
static uint16_t original_body(const struct fts_node *node)
{
    static const uint16_t native[] = { 0, TEXT_BODY, RTF_BODY, HTML_BODY };
    bool html = has(node, HTML_BODY), rtf = has(node, RTF_BODY);

    if (node->native_body > 0 && node->native_body < G_N_ELEMENTS(native) &&
        has(node, native[node->native_body]))
        return native[node->native_body];
    if (html)
        return rtf && node->rtf_in_sync ? RTF_BODY : HTML_BODY;
    if (rtf && (node->rtf_in_sync || !has(node, TEXT_BODY)))
        return RTF_BODY;
    return TEXT_BODY;
}

/* A server makes the others anew from the original when asked for them. */
static void drop_derived_bodies(struct fts_node *node)
{
    uint16_t keep = original_body(node);

    for (guint i = node->entries->len; i-- > 0;) {
        const struct fts_key *key =
            &g_array_index(node->entries, struct fts_entry, i).key;

        if (!key->named && key->id != keep &&
            (key->id == TEXT_BODY || key->id == RTF_BODY ||
             key->id == HTML_BODY))
            g_array_remove_index_fast(node->entries, i);
    }
}

static void put_children(GByteArray *to, GByteArray *digests)
{
    sort_digests(digests);
    put(to, digests->data, digests->len);
}

void fts_node_close_message(struct fts_node *node, struct fts_value *hasher,
                            struct fts_digest *ret)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    g_assert(node->place == FTS_IN_MESSAGE);
    drop_derived_bodies(node);
    sort_entries(node);
    *ret = (struct fts_digest){ 0 };
    for (unsigned int part = 0; part < FTS_N_PARTS; part++) {
        if ((node->lost & 1u << part) != 0)
            continue;
        g_byte_array_set_size(all, 0);
        put_byte(all, FORM);
        put_byte(all, part);
        put_entries(all, node, part);
        if (part == FTS_RECIPIENTS)
            put_children(all, node->digests[FTS_CHILD_RECIPIENT]);
        if (part == FTS_ATTACHMENTS)
            put_children(all, node->digests[FTS_CHILD_ATTACHMENT]);
        finish(hasher, all, ret->part[part]);
        ret->available |= (uint8_t)(1u << part);
    }
}
