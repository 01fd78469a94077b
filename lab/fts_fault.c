#include "lab/fts_fault.h"

#include "lab/bytes.h"
#include "lab/fts_read.h"

/* Where the records of the envelope's head end. */
static size_t first_buffer(const uint8_t *data, size_t len)
{
    size_t at = 0;

    while (len - at >= 8 && bytes_u32_at(data + at) != LAB_FTS_BUFFER) {
        size_t n = bytes_u32_at(data + at + 4);

        if (n > len - at - 8)
            break;
        at += 8 + n;
    }
    return at;
}

GBytes *lab_fts_warn(const uint8_t *data, size_t len, bool error_info)
{
    /*
     * [MS-OXCFXICS] 2.2.4.1.4, 2.2.4.3.10: a buffer of its own, little-endian.
     * The warning's value is MAPI_W_ERRORS_RETURNED.
     */
    static const uint8_t warning[] = { 2,    0,    0,    0,    8,    0, 0, 0,
                                       0x03, 0x00, 0x0F, 0x40, 0x80, 3, 4, 0 };
    static const uint8_t info[] = { 2,    0,    0, 0, 12,   0, 0, 0, 0x03, 0x00,
                                    0x18, 0x40, 3, 0, 0x17, 0, 0, 0, 0,    0 };
    GByteArray *out = g_byte_array_sized_new((guint)(len + sizeof(info)));
    size_t front = first_buffer(data, len);

    g_byte_array_append(out, data, (guint)front);
    if (error_info)
        g_byte_array_append(out, info, sizeof(info));
    else
        g_byte_array_append(out, warning, sizeof(warning));
    g_byte_array_append(out, data + front, (guint)(len - front));
    return g_byte_array_free_to_bytes(out);
}

/* ---- one property less, or more ------------------------------------ */

int lab_fts_drop(const uint8_t *data, size_t len, uint16_t id,
                 const struct lab_profile *profile, GBytes **ret,
                 struct err *err)
{
    g_autoptr(mapi_item) item = NULL;

    if (lab_fts_read(data, len, &item, err) < 0)
        return -1;
    mapi_remove(&item->message.props, id);
    *ret = lab_fts_write(item, profile);
    return 0;
}

int lab_fts_add(const uint8_t *data, size_t len, uint16_t id,
                const struct lab_profile *profile, GBytes **ret,
                struct err *err)
{
    g_autoptr(mapi_item) item = NULL;

    if (lab_fts_read(data, len, &item, err) < 0)
        return -1;
    mapi_set_i32(item, &item->message.props, (uint32_t)id << 16 | PT_LONG, 1);
    *ret = lab_fts_write(item, profile);
    return 0;
}

/* ---- two items into one -------------------------------------------- */

static bool has(const struct mapi_props *props, const struct mapi_prop *p)
{
    return p->name != NULL ? mapi_find_name(props, p->name) != NULL
                           : mapi_find(props, PROP_ID(p->tag)) != NULL;
}

static void copy_prop(struct mapi_item *item, struct mapi_props *props,
                      const struct mapi_prop *p)
{
    uint32_t tag = p->tag;
    struct mapi_prop *copy;

    if (p->name != NULL)
        tag = mapi_named(item, p->name, PROP_TYPE(p->tag));
    if (tag == 0)
        return;
    copy = mapi_append(item, props, tag);
    copy->data = mapi_copy(item, p->data, p->size);
    copy->size = p->size;
    copy->count = p->count;
}

/* Those of from that to does not have. */
static void add_props(struct mapi_item *item, struct mapi_props *to,
                      const struct mapi_props *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!has(to, &from->v[i]))
            copy_prop(item, to, &from->v[i]);
}

/* Whether one of the lists has that text as property id. */
static bool text_in(const struct mapi_props *props, uint16_t id,
                    const char *text)
{
    g_autofree char *own = mapi_dup_text(mapi_find(props, id));

    return g_strcmp0(own, text) == 0;
}

static void add_recipients(struct mapi_item *item, const struct mapi_item *old)
{
    struct mapi_message *m = &item->message;

    for (size_t i = 0; i < old->message.n_recipients; i++) {
        const struct mapi_props *from = &old->message.recipients[i];
        g_autofree char *address = mapi_dup_text(mapi_find(from, 0x3003));
        bool there = false;

        for (size_t k = 0; k < m->n_recipients; k++)
            there = there || text_in(&m->recipients[k], 0x3003, address);
        if (!there)
            add_props(item, mapi_add_recipient(item, m), from);
    }
}

/* An embedded message of the old item is left out: its data is a tree. */
static void add_attachments(struct mapi_item *item, const struct mapi_item *old)
{
    struct mapi_message *m = &item->message;

    for (size_t i = 0; i < old->message.n_attachments; i++) {
        const struct mapi_attachment *from = &old->message.attachments[i];
        g_autofree char *name = mapi_dup_text(mapi_find(&from->props, 0x3707));
        bool there = from->embedded != NULL;

        for (size_t k = 0; k < m->n_attachments; k++)
            there = there || text_in(&m->attachments[k].props, 0x3707, name);
        if (!there)
            add_props(item, &mapi_add_attachment(item, m)->props, &from->props);
    }
}

int lab_fts_merge(const uint8_t *old, size_t old_len,
                  const struct lab_upload *upload,
                  const struct lab_profile *profile, GBytes **ret,
                  struct err *err)
{
    g_autoptr(mapi_item) before = NULL;
    g_autoptr(mapi_item) item = NULL;

    if (lab_fts_read(old, old_len, &before, err) < 0 ||
        lab_fts_read(upload->data, upload->len, &item, err) < 0)
        return -1;
    add_props(item, &item->message.props, &before->message.props);
    add_recipients(item, before);
    add_attachments(item, before);
    *ret = lab_fts_write(item, profile);
    return 0;
}
