#include <string.h>

#include "lab/generate_priv.h"
#include "lab/mapi_tags.h"

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)

/* [MS-OXCDATA] 2.2.5.1 and 2.2.5.2: one-off and Exchange entry ids. */
static const uint8_t provider_one_off[16] = {
    0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
    0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02,
};
static const uint8_t provider_exchange[16] = {
    0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A,
    0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82,
};

const struct lab_person *lab_someone(struct lab_sketch *s)
{
    /* A few write most of the mail. */
    uint32_t i = lab_random_below(&s->random, LAB_N_PEOPLE);

    return &s->scene
                ->people[MIN(i, lab_random_below(&s->random, LAB_N_PEOPLE))];
}

/* ---- people ---------------------------------------------------------- */

static void add_utf16(GByteArray *to, const char *utf8)
{
    for (const char *p = utf8; *p != '\0'; p += g_utf8_skip[(guchar)*p]) {
        uint16_t unit = GUINT16_TO_LE((uint16_t)g_utf8_get_char(p));

        g_byte_array_append(to, (const guint8 *)&unit, 2);
    }
    g_byte_array_append(to, (const guint8 *)"\0", 2);
}

GByteArray *lab_part_entry_id(const struct lab_person *p)
{
    GByteArray *id = g_byte_array_new();

    g_byte_array_append(id, (const guint8 *)"\0\0\0", 4);
    if (p->dn != NULL) {
        g_byte_array_append(id, provider_exchange, 16);
        g_byte_array_append(id, (const guint8 *)"\1\0\0\0\0\0\0", 8);
        g_byte_array_append(id, (const guint8 *)p->dn,
                            (guint)strlen(p->dn) + 1);
        return id;
    }
    g_byte_array_append(id, provider_one_off, 16);
    g_byte_array_append(id, (const guint8 *)"\0\0\1\x90", 4);
    add_utf16(id, p->name);
    add_utf16(id, "SMTP");
    add_utf16(id, p->address);
    return id;
}

static const char *kind_of(const struct lab_person *p)
{
    return p->dn != NULL ? "EX" : "SMTP";
}

static const char *address_of(const struct lab_person *p)
{
    return p->dn != NULL ? p->dn : p->address;
}

static void set_entry_id(struct lab_sketch *s, struct mapi_props *props,
                         uint32_t tag, const struct lab_person *p)
{
    GByteArray *id = lab_part_entry_id(p);

    mapi_set(s->item, props, tag, id->data, id->len);
    g_byte_array_unref(id);
}

/* "EX:/O=..." or "SMTP:A@B", in capitals, with its end. */
static void set_person_key(struct lab_sketch *s, struct mapi_props *props,
                           uint32_t tag, const struct lab_person *p)
{
    g_autofree char *plain =
        g_strdup_printf("%s:%s", kind_of(p), address_of(p));
    g_autofree char *key = g_ascii_strup(plain, -1);

    mapi_set(s->item, props, tag, key, strlen(key) + 1);
}

struct person_tags {
    uint32_t name, kind, address, entry_id, key, smtp, flags;
};

static void set_person(struct lab_sketch *s, const struct lab_person *p,
                       const struct person_tags *t)
{
    mapi_set_text(s->item, s->props, t->name, p->name);
    mapi_set_text(s->item, s->props, t->kind, kind_of(p));
    mapi_set_text(s->item, s->props, t->address, address_of(p));
    set_entry_id(s, s->props, t->entry_id, p);
    if (t->key != 0)
        set_person_key(s, s->props, t->key, p);
    if (t->smtp != 0)
        mapi_set_text(s->item, s->props, t->smtp, p->address);
    if (t->flags != 0)
        mapi_set_i32(s->item, s->props, t->flags, 0);
}

void lab_part_sender(struct lab_sketch *s, const struct lab_person *from)
{
    static const struct person_tags sender = {
        PR_SENDER_NAME,    PR_SENDER_ADDRTYPE,   PR_SENDER_EMAIL_ADDRESS,
        PR_SENDER_ENTRYID, PR_SENDER_SEARCH_KEY, PR_SENDER_SMTP_ADDRESS,
        PR_SENDER_FLAGS,
    };
    static const struct person_tags representing = {
        PR_SENT_REPRESENTING_NAME,       PR_SENT_REPRESENTING_ADDRTYPE,
        PR_SENT_REPRESENTING_EMAIL,      PR_SENT_REPRESENTING_ENTRYID,
        PR_SENT_REPRESENTING_SEARCH_KEY, PR_SENT_REPRESENTING_SMTP,
        PR_SENT_REPRESENTING_FLAGS,
    };
    static const struct person_tags received = {
        PR_RECEIVED_BY_NAME,
        PR_RECEIVED_BY_ADDRTYPE,
        PR_RECEIVED_BY_EMAIL,
        PR_RECEIVED_BY_ENTRYID,
        0,
        0,
        0,
    };

    set_person(s, from, &sender);
    set_person(s, from, &representing);
    if (!s->outgoing)
        set_person(s, &s->scene->owner, &received);
}

void lab_part_recipient(struct lab_sketch *s, struct mapi_message *m,
                        const struct lab_person *p, int type)
{
    int32_t row = (int32_t)m->n_recipients;
    struct mapi_props *r = mapi_add_recipient(s->item, m);
    const char *at = strchr(p->address, '@');
    g_autofree char *account = g_strndup(p->address, (gsize)(at - p->address));

    mapi_set_i32(s->item, r, PR_ROWID, row);
    mapi_set_i32(s->item, r, PR_RECIPIENT_TYPE, type);
    mapi_set_bool(s->item, r, PR_RESPONSIBILITY, true);
    mapi_set_text(s->item, r, PR_DISPLAY_NAME, p->name);
    mapi_set_text(s->item, r, PR_ADDRTYPE, kind_of(p));
    mapi_set_text(s->item, r, PR_EMAIL_ADDRESS, address_of(p));
    mapi_set_text(s->item, r, PR_SMTP_ADDRESS, p->address);
    set_entry_id(s, r, PR_ENTRYID, p);
    set_entry_id(s, r, PR_RECIPIENT_ENTRYID, p);
    set_person_key(s, r, PR_SEARCH_KEY, p);
    mapi_set_text(s->item, r, PR_RECIPIENT_DISPLAY_NAME, p->name);
    mapi_set_i32(s->item, r, PR_RECIPIENT_FLAGS, 1);
    mapi_set_i32(s->item, r, PR_RECIPIENT_TRACKSTATUS, 0);
    mapi_set_i32(s->item, r, PR_RECIPIENT_ORDER, row);
    mapi_set_i32(s->item, r, PR_DISPLAY_TYPE, 0);
    mapi_set_i32(s->item, r, PR_OBJECT_TYPE, 6);
    mapi_set_bool(s->item, r, PR_SEND_RICH_INFO, p->dn != NULL);
    /* Old address books left strings of eight bits in their rows. */
    if (p->dn != NULL) {
        mapi_set_text_1252(s->item, r, PROP_TAG(0x39FF, PT_CP_1252), p->name);
        mapi_set_text_1252(s->item, r, PROP_TAG(0x3A00, PT_CP_1252), account);
    }
}

/* ---- head ------------------------------------------------------------ */

/* "RE: " and the like; NULL when the subject has none. */
static const char *prefix_of(const char *subject)
{
    static const char *const prefixes[] = { "RE: ", "FW: ", "AW: ", "WG: " };

    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(subject, prefixes[i]))
            return prefixes[i];
    return NULL;
}

static void set_subject(struct lab_sketch *s, const char *subject)
{
    const char *prefix = prefix_of(subject);
    const char *topic = subject;

    mapi_set_text(s->item, s->props, PR_SUBJECT, subject);
    if (prefix != NULL)
        topic = subject + strlen(prefix);
    mapi_set_text(s->item, s->props, PR_SUBJECT_PREFIX,
                  prefix != NULL ? prefix : "");
    mapi_set_text(s->item, s->props, PR_CONVERSATION_TOPIC, topic);
}

/* Five bytes of time, then a GUID, [MS-OXOMSG] 2.2.1.3. */
static void set_conversation(struct lab_sketch *s)
{
    uint8_t index[22] = { 1 };
    int64_t filetime = mapi_filetime(s->at_us);

    for (int i = 0; i < 5; i++)
        index[1 + i] = (uint8_t)((uint64_t)filetime >> (56 - 8 * i));
    lab_hash_fill(lab_random_next(&s->random), index + 6, 16);
    mapi_set(s->item, s->props, PR_CONVERSATION_INDEX, index, sizeof(index));
}

static void set_stamps(struct lab_sketch *s)
{
    int64_t delivery =
        s->at_us + lab_random_below(&s->random, 20) * TIMESTAMP_SECOND;
    uint8_t key[16];

    if (!s->draft)
        mapi_set_time(s->item, s->props, PR_CLIENT_SUBMIT_TIME, s->at_us);
    mapi_set_time(s->item, s->props, PR_MESSAGE_DELIVERY_TIME, delivery);
    mapi_set_time(s->item, s->props, PR_CREATION_TIME, delivery);
    mapi_set_time(s->item, s->props, PR_LAST_MODIFICATION_TIME,
                  delivery + lab_random_below(&s->random, 600) * MINUTE);
    lab_hash_fill(lab_random_next(&s->random), key, sizeof(key));
    mapi_set(s->item, s->props, PR_SEARCH_KEY, key, sizeof(key));
}

static void set_flags(struct lab_sketch *s)
{
    /* Old mail is mostly read; the owner has read what the owner wrote. */
    bool read = s->outgoing || s->draft || lab_random_chance(&s->random, 78);
    int32_t flags = read ? MSGFLAG_READ : 0;

    if (s->outgoing)
        flags |= MSGFLAG_FROMME;
    if (s->draft)
        flags |= MSGFLAG_UNSENT;
    if (!s->outgoing && lab_random_chance(&s->random, 50))
        flags |= MSGFLAG_INTERNET;
    mapi_set_i32(s->item, s->props, PR_MESSAGE_FLAGS, flags);
}

static void set_categories(struct lab_sketch *s)
{
    const char *list[3] = { lab_text_category(&s->random), NULL, NULL };

    if (lab_random_chance(&s->random, 40))
        list[1] = lab_text_category(&s->random);
    mapi_set_texts(s->item, s->props,
                   mapi_named_text(s->item, PS_PUBLIC_STRINGS, "Keywords",
                                   MV_FLAG | PT_UNICODE),
                   list);
}

/* What Outlook puts on everything that it saves. */
static void set_common(struct lab_sketch *s)
{
    struct mapi_item *item = s->item;

    mapi_set_bool(item, s->props,
                  mapi_named_id(item, PSETID_COMMON, 0x8506, PT_BOOLEAN),
                  lab_random_chance(&s->random, 3));
    mapi_set_i32(item, s->props,
                 mapi_named_id(item, PSETID_COMMON, 0x8510, PT_LONG), 0);
    mapi_set_i32(item, s->props,
                 mapi_named_id(item, PSETID_COMMON, 0x8552, PT_LONG), 150000);
    mapi_set_text(item, s->props,
                  mapi_named_id(item, PSETID_COMMON, 0x8554, PT_UNICODE),
                  "15.0");
}

void lab_part_head(struct lab_sketch *s, const char *item_class,
                   const char *subject)
{
    struct mapi_item *item = s->item;

    mapi_set_text(item, s->props, PR_MESSAGE_CLASS, item_class);
    if (subject != NULL)
        set_subject(s, subject);
    set_stamps(s);
    set_conversation(s);
    set_flags(s);
    set_common(s);
    mapi_set_i32(item, s->props, PR_IMPORTANCE,
                 lab_random_chance(&s->random, 8) ? 2 : 1);
    mapi_set_i32(item, s->props, PR_PRIORITY, 0);
    mapi_set_i32(item, s->props, PR_SENSITIVITY,
                 lab_random_chance(&s->random, 4) ? 2 : 0);
    mapi_set_bool(item, s->props, PR_ORIGINATOR_DELIVERY_REPORT, false);
    mapi_set_bool(item, s->props, PR_READ_RECEIPT_REQUESTED,
                  lab_random_chance(&s->random, 4));
    mapi_set_i32(item, s->props, PR_ICON_INDEX, -1);
    mapi_set_i32(item, s->props, PR_INTERNET_CPID, 65001);
    mapi_set_i32(item, s->props, PR_MESSAGE_LOCALE_ID, 1033);
    if (lab_random_chance(&s->random, 12))
        set_categories(s);
}

/* ---- bodies ---------------------------------------------------------- */

void lab_part_body_plain(struct lab_sketch *s, const char *text)
{
    mapi_set_text(s->item, s->props, PR_BODY, text);
}

void lab_part_body_html(struct lab_sketch *s, const char *text, bool image)
{
    g_autofree char *subject =
        mapi_dup_text(mapi_find(s->props, PROP_ID(PR_SUBJECT)));
    g_autofree char *html =
        lab_text_html(text, subject != NULL ? subject : "", image);

    mapi_set(s->item, s->props, PR_HTML, html, strlen(html));
    mapi_set_i32(s->item, s->props, PR_NATIVE_BODY_INFO, 3);
}

void lab_part_body_rtf(struct lab_sketch *s, const char *text)
{
    GByteArray *rtf = lab_text_rtf(text, lab_random_chance(&s->random, 80));

    mapi_set(s->item, s->props, PR_RTF_COMPRESSED, rtf->data, rtf->len);
    mapi_set_bool(s->item, s->props, PR_RTF_IN_SYNC, true);
    mapi_set_i32(s->item, s->props, PR_NATIVE_BODY_INFO, 2);
    g_byte_array_unref(rtf);
}

/* ---- attachments ----------------------------------------------------- */

struct mapi_attachment *lab_part_attachment(struct lab_sketch *s,
                                            struct mapi_message *m, int method)
{
    struct mapi_attachment *a = mapi_add_attachment(s->item, m);

    mapi_set_i32(s->item, &a->props, PR_ATTACH_NUM,
                 (int32_t)m->n_attachments - 1);
    mapi_set_i32(s->item, &a->props, PR_ATTACH_METHOD, method);
    mapi_set_i32(s->item, &a->props, PR_RENDERING_POSITION, -1);
    mapi_set_i32(s->item, &a->props, PR_ATTACH_FLAGS, 0);
    mapi_set_i32(s->item, &a->props, PR_ATTACHMENT_LINKID, 0);
    mapi_set_i32(s->item, &a->props, PR_ATTACHMENT_FLAGS, 0);
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_HIDDEN, false);
    return a;
}

/* Bytes that no compression shrinks, eight at a time. */
void lab_part_binary(struct lab_sketch *s, struct mapi_props *props,
                     uint32_t tag, size_t bytes)
{
    g_autofree uint8_t *data = g_malloc(bytes + 8);
    struct lab_random r = { lab_random_next(&s->random) };

    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t v = GUINT64_TO_LE(lab_random_next(&r));

        memcpy(data + i, &v, sizeof(v));
    }
    mapi_set(s->item, props, tag, data, bytes);
}

void lab_part_file(struct lab_sketch *s, uint64_t bytes)
{
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);
    const char *mime;
    g_autofree char *name = lab_text_file_name(&s->random, &mime);
    const char *dot = strrchr(name, '.');

    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, name);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, name);
    mapi_set_text(s->item, &a->props, PR_ATTACH_FILENAME, name);
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, mime);
    if (dot != NULL)
        mapi_set_text(s->item, &a->props, PR_ATTACH_EXTENSION, dot);
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN,
                    MIN(bytes, s->scene->attachment_max));
}

void lab_part_binaries(struct lab_sketch *s, uint32_t tag, GByteArray **values,
                       uint32_t n)
{
    GByteArray *all = g_byte_array_new();

    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = GUINT32_TO_LE(values[i]->len);

        g_byte_array_append(all, (const guint8 *)&size, 4);
        g_byte_array_append(all, values[i]->data, values[i]->len);
    }
    mapi_set(s->item, s->props, tag, all->data, all->len);
    mapi_find(s->props, PROP_ID(tag))->count = n;
    g_byte_array_unref(all);
}
