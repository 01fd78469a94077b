#include "fts/fts_build.h"

#include "fts/fts_write.h"

#define NEW_ATTACH  0x40000003
#define START_EMBED 0x40010003
#define END_EMBED   0x40020003
#define START_RECIP 0x40030003
#define END_RECIP   0x40040003
#define END_ATTACH  0x400E0003

/* PS_PUBLIC_STRINGS and PSETID_Task */
static const uint8_t public_strings[16] = { 0x29, 0x03, 0x02, 0x00, 0x00, 0x00,
                                            0x00, 0x00, 0xC0, 0x00, 0x00, 0x00,
                                            0x00, 0x00, 0x00, 0x46 };
static const uint8_t task_set[16] = { 0x03, 0x20, 0x06, 0x00, 0x00, 0x00,
                                      0x00, 0x00, 0xC0, 0x00, 0x00, 0x00,
                                      0x00, 0x00, 0x00, 0x46 };

/* 2026-01-01: items are made after they were received. */
#define MADE_US INT64_C(1767225600000000)

static void string(GByteArray *to, uint16_t id, const char *text)
{
    if (text != NULL)
        fts_write_string(to, id, 0x001F, text, true);
}

/* n bytes that depend on text alone. */
static void key(GByteArray *to, uint16_t id, const char *what, const char *text,
                size_t n)
{
    g_autofree char *all = g_strdup_printf("%s/%s", what, text);
    g_autofree char *hex =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);

    fts_write_binary(to, id, hex, n);
}

static void write_sender(GByteArray *to, const struct fts_message *m)
{
    string(to, 0x0042, m->sender_name);
    string(to, 0x0C1A, m->sender_name);
    if (m->sender_address == NULL)
        return;
    string(to, 0x0064, "SMTP");
    string(to, 0x0065, m->sender_address);
    string(to, 0x0C1E, "SMTP");
    string(to, 0x0C1F, m->sender_address);
    string(to, 0x5D01, m->sender_address);
    key(to, 0x0C19, "entry id", m->sender_address, 40);
    key(to, 0x003B, "search key", m->sender_address, 20);
}

static void write_keys(GByteArray *to, const struct fts_message *m)
{
    const char *seed = m->subject != NULL ? m->subject : "";

    fts_write_time(to, 0x3007, MADE_US);
    fts_write_time(to, 0x3008, MADE_US + 5000000);
    string(to, 0x3FF8, "Old Server");
    string(to, 0x3FFA, "Old Server");
    key(to, 0x65E0, "source key", seed, 22);
    key(to, 0x65E2, "change key", seed, 22);
    key(to, 0x0FF9, "record key", seed, 16);
    if (m->search_key != NULL)
        key(to, 0x300B, "search key", m->search_key, 16);
}

static void write_named(GByteArray *to, const struct fts_message *m)
{
    if (m->category != NULL) {
        fts_write_named_name(to, 0x101F, public_strings, "Keywords");
        fts_write_u32(to, 2);
        fts_write_value_string(to, 0x001F, m->category, true);
        fts_write_value_string(to, 0x001F, "Über alles", true);
    }
    if (m->task_status != 0) {
        fts_write_named_id(to, 0x0003, task_set, 0x8101);
        fts_write_u32(to, m->task_status);
    }
}

static void write_properties(GByteArray *to, const struct fts_message *m)
{
    uint16_t html_type = 0x0102;

    fts_write_i4(to, 0x0017, m->importance != 0 ? m->importance : 1);
    string(to, 0x001A, m->item_class != NULL ? m->item_class : "IPM.Note");
    fts_write_i4(to, 0x0036, 0);
    string(to, 0x0037, m->subject);
    write_sender(to, m);
    /* read, and whatever else the server thinks of it */
    fts_write_i4(to, 0x0E07, m->read ? 0x21 : 0x20);
    if (m->received_us != 0) {
        fts_write_time(to, 0x0E06, m->received_us);
        fts_write_time(to, 0x0039, m->received_us - 1000000);
    }
    string(to, 0x1035, m->message_id);
    string(to, 0x1000, m->body);
    if (m->html != NULL) {
        fts_write_u16(to, html_type);
        fts_write_u16(to, 0x1013);
        fts_write_u32(to, (uint32_t)strlen(m->html));
        fts_write_bytes(to, m->html, strlen(m->html));
    }
    fts_write_i4(to, 0x3FDE, 65001);
    write_named(to, m);
    write_keys(to, m);
}

static void write_recipient(GByteArray *to, const struct fts_build_recipient *r,
                            uint32_t row)
{
    fts_write_tag(to, START_RECIP);
    fts_write_i4(to, 0x3000, row);
    fts_write_i4(to, 0x0C15, r->type != 0 ? r->type : 1);
    string(to, 0x3001, r->name);
    string(to, 0x3002, "SMTP");
    string(to, 0x3003, r->address);
    string(to, 0x39FE, r->address);
    key(to, 0x0FFF, "entry id", r->address, 40);
    key(to, 0x300B, "search key", r->address, 20);
    fts_write_tag(to, END_RECIP);
}

static void write_message(GByteArray *to, const struct fts_message *m);

static void write_attachment(GByteArray *to,
                             const struct fts_build_attachment *a,
                             uint32_t number)
{
    fts_write_tag(to, NEW_ATTACH);
    fts_write_i4(to, 0x0E21, number);
    fts_write_i4(to, 0x0E20, (uint32_t)a->len + 500);
    string(to, 0x3707, a->file_name);
    fts_write_i4(to, 0x3705, a->embedded != NULL ? 5 : 1);
    fts_write_i4(to, 0x370B, 0xFFFFFFFF);
    fts_write_time(to, 0x3007, MADE_US);
    fts_write_time(to, 0x3008, MADE_US);
    if (a->embedded != NULL) {
        fts_write_tag(to, START_EMBED);
        write_message(to, a->embedded);
        fts_write_tag(to, END_EMBED);
    } else {
        fts_write_binary(to, 0x3701, a->data, a->len);
    }
    fts_write_tag(to, END_ATTACH);
}

static void write_message(GByteArray *to, const struct fts_message *m)
{
    write_properties(to, m);
    fts_write_i4(to, 0x4016, 0x0E12000D);
    for (size_t i = 0; i < m->n_recipients; i++)
        write_recipient(to, &m->recipients[i], (uint32_t)i);
    fts_write_i4(to, 0x4016, 0x0E13000D);
    for (size_t i = 0; i < m->n_attachments; i++)
        write_attachment(to, &m->attachments[i], (uint32_t)i);
}

GByteArray *fts_build_stream(const struct fts_message *m)
{
    GByteArray *stream = g_byte_array_new();

    fts_write_string(stream, 0x4008, 0x84E4, "/O=OLD ORGANIZATION/OU=EXCHANGE",
                     true);
    write_message(stream, m);
    return stream;
}

char *fts_build_wrap(const GByteArray *stream, size_t buffer_bytes)
{
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, buffer_bytes);

    return g_base64_encode(payload->data, payload->len);
}

char *fts_build(const struct fts_message *m)
{
    g_autoptr(GByteArray) stream = fts_build_stream(m);

    return fts_build_wrap(stream, 0);
}

/* ---- the specimen ---------------------------------------------------- */

static const struct fts_build_recipient specimen_recipients[] = {
    { "Ann Öster", "ann@example.com", 1 },
    { "Bob", "bob@example.com", 2 },
};

static const struct fts_message specimen_inner = {
    .subject = "inner",
    .body = "inner body",
    .recipients = specimen_recipients,
    .n_recipients = 2,
};

static const struct fts_build_attachment specimen_attachments[] = {
    { .file_name = "a.bin", .data = "0123456789", .len = 10 },
    { .file_name = "inner.msg", .embedded = &specimen_inner },
};

const struct fts_message fts_build_specimen = {
    .subject = "Grüße",
    .body = "plain",
    .html = "<p>rich</p>",
    .sender_name = "Ann Öster",
    .sender_address = "ann@example.com",
    .search_key = "k1",
    .message_id = "<1@example.com>",
    .received_us = INT64_C(1700000000000000),
    .read = true,
    .category = "Rot",
    .task_status = 2,
    .recipients = specimen_recipients,
    .n_recipients = 2,
    .attachments = specimen_attachments,
    .n_attachments = 2,
};
