#include "lab/specimen.h"

#include "lab/hash.h"
#include "lab/mapi_tags.h"

/* 2021-03-04T05:06:07Z */
#define RECEIVED INT64_C(1614834367000000)

/* Larger than one transfer buffer, so that a value is cut. */
#define LARGE_BYTES 100000u

static void set_large(struct mapi_item *item, struct mapi_props *props,
                      uint32_t tag)
{
    g_autofree uint8_t *bytes = g_malloc(LARGE_BYTES);

    lab_hash_fill(7, bytes, LARGE_BYTES);
    mapi_set(item, props, tag, bytes, LARGE_BYTES);
}

static void set_multi(struct mapi_item *item, struct mapi_props *props,
                      uint32_t tag, const void *values, uint32_t count)
{
    size_t size = (size_t)mapi_type_size(PROP_TYPE(tag));

    mapi_set(item, props, tag, values, count * size);
    mapi_find(props, PROP_ID(tag))->count = count;
}

static void fixed_types(struct mapi_item *item, struct mapi_props *props)
{
    static const uint8_t guid[16] = "0123456789abcde";
    static const uint8_t pair[2] = { 0x34, 0x12 };
    static const uint8_t four[4] = { 1, 2, 3, 4 };
    static const uint8_t eight[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    static const int32_t many[3] = { 1, -2, 3 };

    mapi_set_i32(item, props, PR_IMPORTANCE, 1);
    mapi_set_bool(item, props, PR_READ_RECEIPT_REQUESTED, false);
    mapi_set_bool(item, props, PR_REPLY_REQUESTED, true);
    mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME, RECEIVED);
    mapi_set_i32(item, props, PR_MESSAGE_FLAGS,
                 MSGFLAG_READ | MSGFLAG_UNMODIFIED | MSGFLAG_INTERNET);
    mapi_set(item, props, PROP_TAG(0x6801, PT_I2), pair, sizeof(pair));
    mapi_set(item, props, PROP_TAG(0x6802, PT_R4), four, sizeof(four));
    mapi_set(item, props, PROP_TAG(0x6803, PT_CURRENCY), eight, 8);
    mapi_set(item, props, PROP_TAG(0x6804, PT_APPTIME), eight, 8);
    mapi_set(item, props, PROP_TAG(0x6805, PT_ERROR), four, sizeof(four));
    mapi_set(item, props, PROP_TAG(0x6806, PT_CLSID), guid, sizeof(guid));
    mapi_set(item, props, PROP_TAG(0x6807, PT_SVREID), four, 3);
    mapi_set_i64(item, props, PROP_TAG(0x6808, PT_I8), INT64_C(-5000000000));
    mapi_set_double(item, props, PROP_TAG(0x6809, PT_DOUBLE), 0.25);
    set_multi(item, props, PROP_TAG(0x680A, MV_FLAG | PT_LONG), many, 3);
    set_multi(item, props, PROP_TAG(0x680B, MV_FLAG | PT_CLSID), guid, 1);
    /* an id in the range of the markers that is none */
    mapi_set_i32(item, props, PR_SENDER_FLAGS, 0);
}

static void texts(struct mapi_item *item, struct mapi_props *props)
{
    static const char *const words[] = { "one", "", "drüben", NULL };

    mapi_set_text(item, props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(item, props, PR_SUBJECT, "Grüße 😀 日本");
    mapi_set_text(item, props, PR_CONVERSATION_TOPIC, "topic");
    mapi_set_text(item, props, PROP_TAG(0x1000, PT_CP_UNICODE), "body");
    mapi_set_text_1252(item, props, PROP_TAG(0x007D, PT_CP_1252),
                       "X-Note: café €\r\n");
    mapi_set_text_1252(item, props, PROP_TAG(0x6810, PT_STRING8), "old");
    mapi_set_text(item, props, PR_SUBJECT_PREFIX, "");
    mapi_set_texts(item, props, PROP_TAG(0x6811, MV_FLAG | PT_UNICODE), words);
}

static void named(struct mapi_item *item, struct mapi_props *props)
{
    static const char *const categories[] = { "Red", "Blue", NULL };

    mapi_set_i32(item, props,
                 mapi_named_id(item, PSETID_COMMON, 0x8501, PT_LONG), 15);
    mapi_set_text(item, props,
                  mapi_named_id(item, PSETID_APPOINTMENT, 0x8208, PT_UNICODE),
                  "Room 1");
    mapi_set_text(
        item, props,
        mapi_named_text(item, PS_INTERNET_HEADERS, "x-note", PT_UNICODE),
        "café");
    mapi_set_texts(item, props,
                   mapi_named_text(item, PS_PUBLIC_STRINGS, "Keywords",
                                   MV_FLAG | PT_UNICODE),
                   categories);
}

static void add_recipient(struct mapi_item *item, int32_t row, int32_t type,
                          const char *name)
{
    struct mapi_props *r = mapi_add_recipient(item, &item->message);
    g_autofree char *address = g_strdup_printf("%s@example.test", name);

    mapi_set_i32(item, r, PR_ROWID, row);
    mapi_set_i32(item, r, PR_RECIPIENT_TYPE, type);
    mapi_set_text(item, r, PR_DISPLAY_NAME, name);
    mapi_set_text(item, r, PR_ADDRTYPE, "SMTP");
    mapi_set_text(item, r, PR_EMAIL_ADDRESS, address);
    mapi_set_i32(item, r, PR_OBJECT_TYPE, 6);
}

static struct mapi_attachment *add_attachment(struct mapi_item *item,
                                              struct mapi_message *m,
                                              enum attach_method method)
{
    struct mapi_attachment *a = mapi_add_attachment(item, m);

    mapi_set_i32(item, &a->props, PR_ATTACH_NUM, (int32_t)m->n_attachments - 1);
    mapi_set_i32(item, &a->props, PR_ATTACH_METHOD, (int32_t)method);
    mapi_set_i32(item, &a->props, PR_RENDERING_POSITION, -1);
    return a;
}

static struct mapi_message *nest(struct mapi_item *item, struct mapi_message *m,
                                 const char *subject)
{
    struct mapi_attachment *a = add_attachment(item, m, ATTACH_EMBEDDED_MSG);
    struct mapi_message *inner = mapi_embed(item, a);

    mapi_set_text(item, &inner->props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(item, &inner->props, PR_SUBJECT, subject);
    mapi_set_text(item, &inner->props,
                  mapi_named_text(item, PS_PUBLIC_STRINGS, "inner", PT_UNICODE),
                  subject);
    return inner;
}

struct mapi_item *specimen_new(void)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_attachment *a;

    fixed_types(item, &item->message.props);
    texts(item, &item->message.props);
    named(item, &item->message.props);
    set_large(item, &item->message.props, PR_HTML);
    add_recipient(item, 0, 1, "ann");
    add_recipient(item, 1, 2, "ben");
    add_recipient(item, 2, 3, "cleo");
    a = add_attachment(item, &item->message, ATTACH_BY_VALUE);
    mapi_set_text(item, &a->props, PR_ATTACH_LONG_FILENAME, "large.bin");
    set_large(item, &a->props, PR_ATTACH_DATA_BIN);
    a = add_attachment(item, &item->message, ATTACH_OLE);
    mapi_set(item, &a->props, PR_ATTACH_DATA_OBJ, "\xD0\xCF\x11\xE0", 4);
    nest(item, nest(item, &item->message, "outer"), "inner");
    return item;
}

struct mapi_message *specimen_inner(struct mapi_item *item)
{
    struct mapi_message *m = &item->message;

    while (m->n_attachments > 0 &&
           m->attachments[m->n_attachments - 1].embedded != NULL)
        m = m->attachments[m->n_attachments - 1].embedded;
    return m;
}

struct mapi_item *specimen_plain(const char *item_class, const char *subject,
                                 const char *body)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    mapi_set_text(item, props, PR_MESSAGE_CLASS, item_class);
    mapi_set_text(item, props, PR_SUBJECT, subject);
    mapi_set_text(item, props, PR_BODY, body);
    mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME, RECEIVED);
    mapi_set(item, props, PR_SEARCH_KEY, "0123456789abcdef", 16);
    return item;
}
