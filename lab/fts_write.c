#include "lab/fts_write.h"

#include <string.h>

#include "lab/bytes.h"
#include "lab/hash.h"
#include "lab/mapi_tags.h"

/* Record 1: MS-OXCFXICS interface, method "CopyTo" as Exchange writes it. */
static const uint8_t configure[8] = { 0, 0, 0, 0, 1, 0, 0, 0 };
/* Record 3: object type message, IID_IMessage, transfer flags. */
static const uint8_t interface[24] = {
    1,    0, 0, 0, 0x07, 0x03, 0x02, 0,    0, 0,    0, 0,
    0xC0, 0, 0, 0, 0,    0,    0,    0x46, 0, 0x24, 0, 0x80,
};

enum mark {
    MARK_NEW_ATTACH = 0x40000003,
    MARK_START_EMBED = 0x40010003,
    MARK_END_EMBED = 0x40020003,
    MARK_START_RECIP = 0x40030003,
    MARK_END_RECIP = 0x40040003,
    MARK_END_ATTACH = 0x400E0003,
    META_DEL_PROP = 0x40160003,
    META_DN_PREFIX = 0x400884E4,
};

struct writer {
    GByteArray *out;
    const struct lab_profile *profile;
    size_t record; /* where the open buffer's record begins; 0: none */
    uint16_t *ids; /* of named properties, by index in the item */
    const struct mapi_item *item;
};

/* ---- profile --------------------------------------------------------- */

/* Builds that were in the field: product, build with its high bit, minor. */
static const uint16_t builds[][3] = {
    { 0x0E01, 0x808B, 0x0000 }, { 0x0E02, 0x8157, 0x0000 },
    { 0x0E03, 0x807B, 0x0003 }, { 0x0F00, 0x84D6, 0x0007 },
    { 0x0F00, 0x859A, 0x0004 }, { 0x0F01, 0x86E5, 0x0008 },
};

void lab_profile_init(struct lab_profile *profile, uint64_t seed)
{
    uint64_t h = lab_hash_u64(seed, 0x70726F66);
    char group[8];

    *profile = (struct lab_profile){
        .seed = seed,
        .buffer_bytes = 0x7BC0 - (uint32_t)(h % 61) * 128,
        .codepage_text = (seed & 1) != 0,
        .keep_8bit = (seed & 2) == 0,
        .retention_stamps = (seed & 2) != 0,
    };
    memcpy(profile->version, builds[(h >> 8) % G_N_ELEMENTS(builds)],
           sizeof(profile->version));
    for (unsigned int i = 0; i < sizeof(group); i++)
        group[i] = (char)('A' + (h >> (i * 5)) % 26);
    g_snprintf(profile->dn_prefix, sizeof(profile->dn_prefix),
               "/O=FIRST ORGANIZATION/OU=EXCHANGE ADMINISTRATIVE GROUP "
               "(%.8sF23SPDLT)/CN=RECIPIENTS/CN=",
               group);
}

/* ---- envelope -------------------------------------------------------- */

static void put_le32(uint8_t *at, uint32_t v)
{
    v = GUINT32_TO_LE(v);
    memcpy(at, &v, sizeof(v));
}

static void put_record(struct writer *w, enum lab_fts_record opcode,
                       const void *data, uint32_t n)
{
    uint8_t head[8];

    put_le32(head, opcode);
    put_le32(head + 4, n);
    g_byte_array_append(w->out, head, sizeof(head));
    if (n > 0)
        g_byte_array_append(w->out, data, n);
}

static void close_buffer(struct writer *w)
{
    if (w->record == 0)
        return;
    put_le32(w->out->data + w->record + 4,
             (uint32_t)(w->out->len - w->record - 8));
    w->record = 0;
}

/* Bytes that still go into the open buffer. */
static size_t room(struct writer *w)
{
    if (w->record == 0) {
        w->record = w->out->len;
        put_record(w, LAB_FTS_BUFFER, NULL, 0);
    }
    return w->profile->buffer_bytes - (w->out->len - w->record - 8);
}

/* An atom: stays in one buffer ([MS-OXCFXICS] 2.2.4.1). */
static void put_atom(struct writer *w, const void *data, size_t n)
{
    if (room(w) < n) {
        close_buffer(w);
        (void)room(w);
    }
    g_byte_array_append(w->out, data, (guint)n);
}

/* The bytes of a variable value: may be cut anywhere. */
static void put_stream(struct writer *w, const uint8_t *data, size_t n)
{
    while (n > 0) {
        size_t part = MIN(room(w), n);

        if (part == 0) {
            close_buffer(w);
            continue;
        }
        g_byte_array_append(w->out, data, (guint)part);
        data += part;
        n -= part;
    }
}

static void put_u32(struct writer *w, uint32_t v)
{
    uint8_t le[4];

    put_le32(le, v);
    put_atom(w, le, sizeof(le));
}

/* ---- properties ------------------------------------------------------ */

static uint64_t name_key(uint64_t seed, const struct mapi_name *name)
{
    uint64_t h = lab_hash_bytes(seed, name->set, sizeof(name->set));

    if (name->text != NULL)
        return lab_hash_bytes(h, name->text, name->text_bytes);
    return lab_hash_u64(h, name->id);
}

static int by_name(const void *a, const void *b)
{
    return mapi_name_compare(*(const struct mapi_name *const *)a,
                             *(const struct mapi_name *const *)b);
}

/*
 * A mailbox numbers the names that it meets.  Ours follow from the name, so
 * that one mailbox uses one id for a name in (nearly) all items; two names
 * that fall together in one item are told apart in the order of names.
 */
static void number_names(struct writer *w)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_copy(w->item->names, NULL, NULL);
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

    g_ptr_array_sort(sorted, by_name);
    for (guint i = 0; i < sorted->len; i++) {
        const struct mapi_name *name = g_ptr_array_index(sorted, i);
        gpointer id = g_hash_table_lookup(w->item->name_ids, name);
        unsigned int index = GPOINTER_TO_UINT(id) - PROP_ID_NAMED;
        uint64_t h = name_key(w->profile->seed, name);
        unsigned int mine = (unsigned int)(h % 0x7000);

        while (!g_hash_table_add(used, GUINT_TO_POINTER(mine + 1)))
            mine = (mine + 1) % 0x7000;
        w->ids[index] = (uint16_t)(PROP_ID_NAMED + mine);
    }
}

static void put_name(struct writer *w, const struct mapi_name *name)
{
    g_autofree uint8_t *atom = g_malloc(17 + 4 + name->text_bytes + 2);
    size_t n = 17;

    memcpy(atom, name->set, 16);
    atom[16] = name->text != NULL;
    if (name->text == NULL) {
        put_le32(atom + n, name->id);
        n += 4;
    } else {
        memcpy(atom + n, name->text, name->text_bytes);
        n += name->text_bytes;
        atom[n++] = 0;
        atom[n++] = 0;
    }
    put_atom(w, atom, n);
}

/* Values of a multi-valued variable type: each its length, then bytes. */
static void put_values(struct writer *w, const struct mapi_prop *p)
{
    const uint8_t *at = p->data;

    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t n = bytes_u32_at(at);

        put_u32(w, n);
        put_stream(w, at + 4, n);
        at += 4 + n;
    }
}

static void put_multi(struct writer *w, const struct mapi_prop *p, size_t size)
{
    put_u32(w, p->count);
    if (size == 0) {
        put_values(w, p);
        return;
    }
    for (uint32_t i = 0; i < p->count; i++)
        put_atom(w, p->data + i * size, size);
}

static void put_prop(struct writer *w, const struct mapi_prop *p)
{
    uint16_t type = PROP_TYPE(p->tag);
    size_t size = (size_t)mapi_type_size(type);

    if (p->name == NULL) {
        put_u32(w, p->tag);
    } else {
        put_u32(w, PROP_TAG(w->ids[PROP_ID(p->tag) - PROP_ID_NAMED], type));
        put_name(w, p->name);
    }
    if (mapi_type_is_multi(type)) {
        put_multi(w, p, size);
    } else if (size > 0) {
        put_atom(w, p->data, p->size);
    } else {
        put_u32(w, p->size);
        put_stream(w, p->data, p->size);
    }
}

struct ordered {
    uint64_t key;
    const struct mapi_prop *p;
};

static int by_key(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    /* A property that is there twice: the last one counts, so keep it last. */
    return x->p < y->p ? -1 : x->p > y->p;
}

/* These stand first in their object ([MS-OXCFXICS] 3.2.5.10, 2.2.4.3). */
static bool stands_first(uint32_t tag)
{
    return tag == PR_ROWID || tag == PR_ATTACH_NUM || tag == PR_MID;
}

static uint64_t order_key(const struct writer *w, const struct mapi_prop *p)
{
    if (stands_first(p->tag))
        return 0;
    if (p->name != NULL)
        return name_key(w->profile->seed, p->name) | 1;
    return lab_hash_u64(w->profile->seed, PROP_ID(p->tag)) | 1;
}

static void put_props(struct writer *w, const struct mapi_props *props)
{
    g_autofree struct ordered *order = g_new(struct ordered, props->n + 1);

    for (size_t i = 0; i < props->n; i++) {
        order[i].p = &props->v[i];
        order[i].key = order_key(w, order[i].p);
    }
    qsort(order, props->n, sizeof(*order), by_key);
    for (size_t i = 0; i < props->n; i++)
        put_prop(w, order[i].p);
}

/* ---- messages -------------------------------------------------------- */

static void put_message(struct writer *w, const struct mapi_message *m);

static void put_attachment(struct writer *w, const struct mapi_attachment *a)
{
    put_u32(w, MARK_NEW_ATTACH);
    put_props(w, &a->props);
    if (a->embedded != NULL) {
        put_u32(w, MARK_START_EMBED);
        put_message(w, a->embedded);
        put_u32(w, MARK_END_EMBED);
    }
    put_u32(w, MARK_END_ATTACH);
}

/*
 * The lists are announced with "delete what you have" before each, also when
 * they are empty: so an Update removes what is gone.
 */
static void put_message(struct writer *w, const struct mapi_message *m)
{
    put_props(w, &m->props);
    put_u32(w, META_DEL_PROP);
    put_u32(w, PR_MESSAGE_RECIPIENTS);
    for (size_t i = 0; i < m->n_recipients; i++) {
        put_u32(w, MARK_START_RECIP);
        put_props(w, &m->recipients[i]);
        put_u32(w, MARK_END_RECIP);
    }
    put_u32(w, META_DEL_PROP);
    put_u32(w, PR_MESSAGE_ATTACHMENTS);
    for (size_t i = 0; i < m->n_attachments; i++)
        put_attachment(w, &m->attachments[i]);
}

static void put_dn_prefix(struct writer *w)
{
    size_t n = strlen(w->profile->dn_prefix) + 1;

    put_u32(w, META_DN_PREFIX);
    put_u32(w, (uint32_t)n);
    put_stream(w, (const uint8_t *)w->profile->dn_prefix, n);
}

static void put_version(struct writer *w)
{
    uint8_t words[6];

    for (size_t i = 0; i < 3; i++) {
        words[i * 2] = (uint8_t)w->profile->version[i];
        words[i * 2 + 1] = (uint8_t)(w->profile->version[i] >> 8);
    }
    put_record(w, LAB_FTS_PARTNER_VERSION, words, sizeof(words));
}

static size_t props_bytes(const struct mapi_props *props)
{
    size_t n = 0;

    for (size_t i = 0; i < props->n; i++)
        n += props->v[i].size + 32u;
    return n;
}

/* About what it will take, so that a large item is not copied as it grows. */
static size_t estimate(const struct mapi_message *m)
{
    size_t n = props_bytes(&m->props) + 1024;

    for (size_t i = 0; i < m->n_recipients; i++)
        n += props_bytes(&m->recipients[i]);
    for (size_t i = 0; i < m->n_attachments; i++) {
        n += props_bytes(&m->attachments[i].props);
        if (m->attachments[i].embedded != NULL)
            n += estimate(m->attachments[i].embedded);
    }
    return n;
}

GBytes *lab_fts_write(const struct mapi_item *item,
                      const struct lab_profile *profile)
{
    size_t n = estimate(&item->message);
    struct writer w = { .profile = profile, .item = item };

    w.out = g_byte_array_sized_new((guint)(n + n / 1024));
    w.ids = g_new0(uint16_t, item->names->len + 1);
    number_names(&w);
    put_record(&w, LAB_FTS_CONFIGURE, configure, sizeof(configure));
    put_record(&w, LAB_FTS_INTERFACE, interface, sizeof(interface));
    put_version(&w);
    put_dn_prefix(&w);
    put_message(&w, &item->message);
    close_buffer(&w);
    g_free(w.ids);
    return g_byte_array_free_to_bytes(w.out);
}
