#include <string.h>

#include "lab/generate_priv.h"
#include "lab/mapi_tags.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * 1024)

/* ---- what mail has --------------------------------------------------- */

static const struct lab_person *writer(struct lab_sketch *s)
{
    return s->outgoing || s->draft ? &s->scene->owner : lab_someone(s);
}

static void add_recipients(struct lab_sketch *s)
{
    struct mapi_message *m = &s->item->message;
    uint32_t more = lab_random_below(&s->random, 4);

    if (lab_random_chance(&s->random, 2))
        more = 60; /* a circular */
    lab_part_recipient(s, m, s->outgoing ? lab_someone(s) : &s->scene->owner,
                       1);
    for (uint32_t i = 0; i < more; i++)
        lab_part_recipient(s, m, lab_someone(s),
                           lab_random_chance(&s->random, 60) ? 1 : 2);
    if (s->outgoing && lab_random_chance(&s->random, 5))
        lab_part_recipient(s, m, lab_someone(s), 3);
}

char *lab_mail_message_id(struct lab_random *r)
{
    return g_strdup_printf("<%016" G_GINT64_MODIFIER "x.%u@mx.example>",
                           lab_random_next(r), lab_random_below(r, 1000));
}

static void set_internet(struct lab_sketch *s, const struct lab_person *from,
                         const char *subject)
{
    g_autofree char *id = lab_mail_message_id(&s->random);
    g_autofree char *before = lab_mail_message_id(&s->random);
    g_autofree char *headers = NULL;
    struct mapi_item *item = s->item;

    mapi_set_text(item, s->props, PR_INTERNET_MESSAGE_ID, id);
    if (g_str_has_prefix(subject, "RE: ")) {
        mapi_set_text(item, s->props, PR_IN_REPLY_TO, before);
        mapi_set_text(item, s->props, PR_INTERNET_REFERENCES, before);
    }
    if (s->outgoing)
        return;
    headers = g_strdup_printf("Received: from mx.example (192.0.2.%u) by "
                              "mail.corp.example\r\nFrom: %s <%s>\r\n"
                              "Message-ID: %s\r\nMIME-Version: 1.0\r\n\r\n",
                              lab_random_below(&s->random, 250), from->name,
                              from->address, id);
    /* As the transport got them: eight bits, from before Unicode. */
    mapi_set_text_1252(item, s->props, PROP_TAG(0x007D, PT_CP_1252), headers);
    mapi_set_text(
        item, s->props,
        mapi_named_text(item, PS_INTERNET_HEADERS, "x-spam-score", PT_UNICODE),
        lab_random_chance(&s->random, 90) ? "0" : "5.1");
}

static void set_follow_up(struct lab_sketch *s)
{
    struct mapi_item *item = s->item;
    uint32_t roll = lab_random_below(&s->random, 100);

    if (roll < 6) { /* flagged */
        mapi_set_i32(item, s->props, PR_FLAG_STATUS, 2);
        mapi_set_i32(item, s->props, PR_FOLLOWUP_ICON, 6);
        mapi_set_text(item, s->props,
                      mapi_named_id(item, PSETID_COMMON, 0x8530, PT_UNICODE),
                      "Follow up");
        mapi_set_i32(item, s->props,
                     mapi_named_id(item, PSETID_TASK, 0x8101, PT_LONG), 0);
    } else if (roll < 9) { /* done */
        mapi_set_i32(item, s->props, PR_FLAG_STATUS, 1);
        mapi_set_time(item, s->props, PR_FLAG_COMPLETE_TIME, s->at_us);
    } else if (roll < 25) { /* answered or forwarded */
        mapi_set_i32(item, s->props, PR_LAST_VERB_EXECUTED,
                     roll < 20 ? 102 : 104);
        mapi_set_i32(item, s->props, PR_ICON_INDEX, roll < 20 ? 261 : 262);
        mapi_set_time(item, s->props, PR_LAST_VERB_TIME, s->at_us);
    }
}

static char *mail_subject(struct lab_sketch *s)
{
    static const char *const prefixes[] = { "RE: ", "RE: ", "FW: ", "AW: " };
    g_autofree char *plain = lab_text_subject(&s->random);

    if (!lab_random_chance(&s->random, 40))
        return g_steal_pointer(&plain);
    return g_strconcat(prefixes[lab_random_below(&s->random, 4)], plain, NULL);
}

void lab_mail_start(struct lab_sketch *s, const char *item_class)
{
    const struct lab_person *from = writer(s);
    g_autofree char *subject = mail_subject(s);

    lab_part_head(s, item_class, subject);
    lab_part_sender(s, from);
    set_internet(s, from, subject);
    set_follow_up(s);
    add_recipients(s);
}

char *lab_mail_text(struct lab_sketch *s)
{
    /* Mostly a screen, sometimes a long thread. */
    size_t bytes = 100 + lab_random_below(&s->random, 2500);

    if (lab_random_chance(&s->random, 10))
        bytes *= 12;
    return lab_text_body(&s->random, bytes);
}

/* ---- kinds ----------------------------------------------------------- */

void lab_kind_plain(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
}

void lab_kind_html(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_html(s, text, false);
    if (lab_random_chance(&s->random, 50))
        lab_part_body_plain(s, text);
}

void lab_kind_rtf(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_rtf(s, text);
}

void lab_kind_all_bodies(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
    lab_part_body_html(s, text, false);
    lab_part_body_rtf(s, text);
}

/* Mostly 2 to 60 KB, some hundreds of KB, now and then a few MB. */
static uint64_t file_bytes(struct lab_sketch *s)
{
    uint32_t roll = lab_random_below(&s->random, 1000);
    uint64_t part = lab_random_below(&s->random, 1000000);

    if (roll < 880)
        return 2 * KIB + 58 * KIB * part / 1000000;
    if (roll < 980)
        return 60 * KIB + 440 * KIB * part / 1000000;
    if (roll < 999)
        return 500 * KIB + 4500 * KIB * part / 1000000;
    return 5 * MIB + 25 * MIB * part / 1000000;
}

static void inline_image(struct lab_sketch *s)
{
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);

    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, "image001.png");
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, "image/png");
    mapi_set_text(s->item, &a->props, PR_ATTACH_CONTENT_ID, "image001@lab");
    mapi_set_i32(s->item, &a->props, PR_ATTACH_FLAGS, 4);
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_HIDDEN, true);
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN,
                    1024 + lab_random_below(&s->random, 9000));
}

void lab_kind_files(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);
    bool image = lab_random_chance(&s->random, 30);
    uint32_t n = 1 + lab_random_below(&s->random, 3);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_html(s, text, image);
    if (image)
        inline_image(s);
    for (uint32_t i = 0; i < n; i++)
        lab_part_file(s, file_bytes(s));
}

void lab_kind_large(struct lab_sketch *s)
{
    uint64_t part = lab_random_below(&s->random, 1000);
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
    /* Squared: near 5 MB more often than near 30. */
    lab_part_file(s, 5 * MIB + 25 * MIB * part * part / 1000000);
}

/* A compound file as [MS-CFB] begins one; what follows is opaque. */
void lab_kind_ole(struct lab_sketch *s)
{
    static const uint8_t head[8] = { 0xD0, 0xCF, 0x11, 0xE0,
                                     0xA1, 0xB1, 0x1A, 0xE1 };
    /* OID of an OLE attachment's form, [MS-OXCMSG] 2.2.2.15. */
    static const uint8_t ole1[] = { 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                    0x14, 0x03, 0x0A, 0x01 };
    g_autofree char *text = lab_mail_text(s);
    struct mapi_attachment *a;
    struct mapi_prop *p;
    uint8_t *data;

    lab_mail_start(s, "IPM.Note");
    lab_part_body_rtf(s, text);
    a = lab_part_attachment(s, &s->item->message, ATTACH_OLE);
    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, "Picture (Bitmap)");
    mapi_set(s->item, &a->props, PR_ATTACH_TAG, ole1, sizeof(ole1));
    lab_part_binary(s, &a->props, PR_ATTACH_RENDERING, 512);
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_OBJ,
                    2048 + lab_random_below(&s->random, 4096));
    p = mapi_find(&a->props, PROP_ID(PR_ATTACH_DATA_OBJ));
    data = mapi_copy(s->item, p->data, p->size);
    memcpy(data, head, sizeof(head));
    p->data = data;
}

struct mapi_message *lab_mail_forward(struct lab_sketch *s,
                                      struct mapi_message *m, uint32_t depth)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text = lab_text_body(&s->random, 400);
    struct mapi_attachment *a = lab_part_attachment(s, m, ATTACH_EMBEDDED_MSG);
    struct mapi_message *inner;

    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, subject);
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, "message/rfc822");
    inner = mapi_embed(s->item, a);
    mapi_set_text(s->item, &inner->props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(s->item, &inner->props, PR_SUBJECT, subject);
    mapi_set_text(s->item, &inner->props, PR_CONVERSATION_TOPIC, subject);
    mapi_set_text(s->item, &inner->props, PR_BODY, text);
    mapi_set_time(s->item, &inner->props, PR_MESSAGE_DELIVERY_TIME,
                  s->at_us - 3600 * TIMESTAMP_SECOND);
    mapi_set_i32(s->item, &inner->props, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    lab_part_recipient(s, inner, lab_someone(s), 1);
    return depth > 0 ? lab_mail_forward(s, inner, depth - 1) : inner;
}

void lab_kind_forwarded(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
    lab_mail_forward(s, &s->item->message, lab_random_below(&s->random, 3));
    if (lab_random_chance(&s->random, 30))
        lab_mail_forward(s, &s->item->message, 0);
}

/* A form of the company's own, and a property set that nobody knows. */
void lab_kind_custom(struct lab_sketch *s)
{
    static const uint8_t set[16] = { 0x4C, 0x61, 0x62, 0x20, 0x66, 0x6F,
                                     0x72, 0x6D, 0x20, 0x73, 0x65, 0x74,
                                     0x20, 0x31, 0x32, 0x33 };
    g_autofree char *text = lab_mail_text(s);

    lab_mail_start(s, "IPM.Note.Invoice");
    lab_part_body_plain(s, text);
    mapi_set_double(s->item, s->props,
                    mapi_named_text(s->item, set, "Betrag in €", PT_DOUBLE),
                    lab_random_below(&s->random, 1000000) / 100.0);
    mapi_set_i64(s->item, s->props, mapi_named_id(s->item, set, 0x9001, PT_I8),
                 (int64_t)(lab_random_next(&s->random) >> 1));
    lab_part_binary(s, s->props,
                    mapi_named_text(s->item, set, "blob", PT_BINARY), 40000);
}

/* No subject at all, or an empty one. */
void lab_kind_no_subject(struct lab_sketch *s)
{
    g_autofree char *text = lab_text_body(&s->random, 60);
    const struct lab_person *from = writer(s);

    lab_part_head(s, "IPM.Note", lab_random_chance(&s->random, 50) ? "" : NULL);
    lab_part_sender(s, from);
    set_internet(s, from, "");
    add_recipients(s);
    lab_part_body_plain(s, text);
}

void lab_kind_draft(struct lab_sketch *s)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text = lab_text_body(&s->random, 300);

    lab_part_head(s, "IPM.Note", subject);
    lab_part_body_html(s, text, false);
    if (lab_random_chance(&s->random, 70))
        lab_part_recipient(s, &s->item->message, lab_someone(s), 1);
}
