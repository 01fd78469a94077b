/*
 * mime - a message's lines, by GMime.
 *
 * MIME is made anew at each export: boundaries, encodings, charsets, line
 * ends, order of header fields and alternative bodies are the server's.  What
 * is compared is what a reader gets: decoded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/spool.h"
#include "portable/canon.h"
#include "portable/fold.h"
#include "portable/gmime_shared.h"
#include "portable/rule.h"

/* What is decoded in memory; more goes to a file without a name. */
#define MEMORY_MAX ((uint64_t)1 << 20)

/*
 * Parts inside parts, and parts of one message: no mail program makes a
 * fraction of it.  Beyond, the message is told apart by its bytes alone.
 */
#define NEST_MAX  32u
#define PARTS_MAX 5000u

#define CHUNK ((size_t)32768)

struct walk {
    struct canon *c;
    unsigned int parts;
};

/* ---- base64 out of a blob ------------------------------------------------ */

typedef int take_bytes(void *data, const guchar *bytes, gsize n,
                       struct err *err);

static int decode(const struct blob *base64, take_bytes *take, void *data,
                  struct err *err)
{
    g_autofree char *text = g_malloc(CHUNK);
    g_autofree guchar *bytes = g_malloc(CHUNK);
    uint64_t at = 0;
    gint state = 0;
    guint save = 0;

    for (;;) {
        ssize_t n = blob_read_at(base64, at, text, CHUNK, err);
        gsize got;

        if (n <= 0)
            return (int)n;
        got = g_base64_decode_step(text, (gsize)n, bytes, &state, &save);
        if (got > 0 && take(data, bytes, got, err) < 0)
            return -1;
        at += (uint64_t)n;
    }
}

static int take_hash(void *data, const guchar *bytes, gsize n, struct err *err)
{
    (void)err;
    g_checksum_update(data, bytes, (gssize)n);
    return 0;
}

int mime_hash(const struct blob *base64, char **ret, struct err *err)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    if (decode(base64, take_hash, sum, err) < 0)
        return -1;
    g_free(*ret);
    *ret = g_strdup(g_checksum_get_string(sum));
    return 0;
}

static int take_stream(void *data, const guchar *bytes, gsize n,
                       struct err *err)
{
    if (g_mime_stream_write(data, (const char *)bytes, n) == (ssize_t)n)
        return 0;
    return spool_failed(spool_dir(), errno, err);
}

static GMimeStream *file_stream(struct err *err)
{
    int fd = spool_open(spool_dir(), err);

    return fd >= 0 ? g_mime_stream_fs_new(fd) : NULL;
}

static GMimeStream *decoded_stream(const struct blob *base64, struct err *err)
{
    g_autoptr(GMimeStream) s = NULL;

    s = blob_size(base64) <= MEMORY_MAX ? g_mime_stream_mem_new()
                                        : file_stream(err);
    if (s == NULL || decode(base64, take_stream, s, err) < 0)
        return NULL;
    g_mime_stream_reset(s);
    return g_steal_pointer(&s);
}

/* ---- header fields ------------------------------------------------------- */

static void add_address(struct walk *w, const struct rule *rule,
                        InternetAddress *one, unsigned int depth);

static void add_list(struct walk *w, const struct rule *rule,
                     InternetAddressList *list, unsigned int depth)
{
    int n = list != NULL ? internet_address_list_length(list) : 0;

    for (int i = 0; i < n; i++)
        add_address(w, rule, internet_address_list_get_address(list, i), depth);
}

static void add_address(struct walk *w, const struct rule *rule,
                        InternetAddress *one, unsigned int depth)
{
    enum portable_part part =
        rule->recipients ? PORTABLE_RECIPIENTS : PORTABLE_ENVELOPE;
    const char *text = internet_address_get_name(one);
    g_autofree char *who = NULL;
    g_autofree char *name = NULL;

    if (INTERNET_ADDRESS_IS_GROUP(one)) {
        if (depth < NEST_MAX)
            add_list(
                w, rule,
                internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)),
                depth + 1);
        return;
    }
    if (INTERNET_ADDRESS_IS_MAILBOX(one) &&
        internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))
        text = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
    who = canon_address(text != NULL ? text : "");
    name = g_strconcat(rule->name, " ", who, NULL);
    canon_add_once(w->c, part, name, "yes");
}

/* Runs of white space come from folding. */
static char *one_line(const char *text)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (!g_ascii_isspace(*text))
            g_string_append_c(s, *text);
        else if (s->len > 0 && s->str[s->len - 1] != ' ')
            g_string_append_c(s, ' ');
    }
    return g_strchomp(g_string_free(g_steal_pointer(&s), FALSE));
}

static void add_header(struct walk *w, GMimeHeader *h)
{
    const struct rule *rule = rule_find(g_mime_header_get_name(h));
    const char *value = g_mime_header_get_value(h);
    g_autofree char *line = NULL;

    if (rule == NULL || rule->out != NULL || value == NULL ||
        (rule->sent && w->c->draft))
        return;
    if (rule->kind == RULE_ADDRESSES) {
        g_autoptr(InternetAddressList) list =
            internet_address_list_parse(NULL, g_mime_header_get_raw_value(h));

        add_list(w, rule, list, 0);
        return;
    }
    line = one_line(value);
    canon_add(w->c, PORTABLE_ENVELOPE, rule->name, line);
}

static void add_headers(struct walk *w, GMimeMessage *m)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m));
    int n = MIN(g_mime_header_list_get_count(list), (int)PARTS_MAX);

    for (int i = 0; i < n; i++)
        add_header(w, g_mime_header_list_get_header_at(list, i));
}

/* ---- parts --------------------------------------------------------------- */

/* The part's bytes as a stream that decodes; charset NULL: as they are. */
static GMimeStream *content_stream(GMimePart *part, const char *charset)
{
    GMimeStream *s = gmime_decoded(part);
    g_autoptr(GMimeFilter) utf8 = NULL;

    if (s != NULL && charset != NULL)
        utf8 = g_mime_filter_charset_new(charset, "utf-8");
    if (utf8 != NULL)
        g_mime_stream_filter_add(GMIME_STREAM_FILTER(s), utf8);
    return s;
}

static bool is_utf8(GMimePart *part)
{
    g_autoptr(GMimeStream) s = content_stream(part, NULL);
    g_autofree char *bytes = g_malloc(CHUNK);
    size_t kept = 0; /* of a character that may go on in the next piece */
    ssize_t n;

    while (s != NULL &&
           (n = g_mime_stream_read(s, bytes + kept, CHUNK - kept)) > 0) {
        size_t len = kept + (size_t)n;
        const char *end;

        if (g_utf8_validate_len(bytes, len, &end)) {
            kept = 0;
            continue;
        }
        kept = len - (size_t)(end - bytes);
        if (kept > 3 || *end == '\0')
            return false;
        memmove(bytes, end, kept);
    }
    return kept == 0;
}

/*
 * How a text part is read.  What says that it is UTF-8 and is not is nearly
 * always Windows-1252, and so servers and mail programs take it.
 */
static const char *charset_of(GMimePart *part)
{
    const char *charset =
        g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");

    if (charset != NULL && g_ascii_strcasecmp(charset, "utf-8") == 0 &&
        !is_utf8(part))
        return "windows-1252";
    return charset;
}

/* A folded hash of a text part; an unknown charset is compared as it is. */
static char *text_hash(GMimePart *part, enum fold_kind kind)
{
    const char *charset = charset_of(part);
    g_autoptr(GMimeStream) s = content_stream(part, charset);
    g_autoptr(fold) f = fold_new(kind);
    g_autofree char *bytes = g_malloc(CHUNK);
    ssize_t n;

    while (s != NULL && (n = g_mime_stream_read(s, bytes, CHUNK)) > 0)
        fold_feed(f, bytes, (size_t)n);
    return fold_end(f);
}

static char *bytes_hash(GMimePart *part)
{
    g_autoptr(GMimeStream) s = content_stream(part, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *bytes = g_malloc(CHUNK);
    ssize_t n;

    while (s != NULL && (n = g_mime_stream_read(s, bytes, CHUNK)) > 0)
        g_checksum_update(sum, (const guchar *)bytes, n);
    return g_strdup(g_checksum_get_string(sum));
}

/* Exchange gives what has no name one of its own: "ATT00001.txt". */
static const char *name_of(GMimePart *part)
{
    const char *name = g_mime_part_get_filename(part);

    if (name != NULL && g_str_has_prefix(name, "ATT") &&
        strspn(name + 3, "0123456789") >= 5)
        return NULL;
    return name;
}

static void add_attachment(struct walk *w, GMimePart *part)
{
    const char *name = name_of(part);
    const char *id = g_mime_part_get_content_id(part);
    g_autofree char *label =
        g_strdup_printf("attachment \"%s\"", name != NULL ? name : "");
    g_autofree char *sum = gmime_is_type(GMIME_OBJECT(part), "text", "*")
                               ? text_hash(part, FOLD_LINES)
                               : bytes_hash(part);
    g_autofree char *value =
        g_strdup_printf("%s%s%s", sum != NULL ? sum : "empty",
                        id != NULL ? " " : "", id != NULL ? id : "");

    canon_add(w->c, PORTABLE_ATTACHMENTS, label, value);
}

static bool is_body(GMimePart *part)
{
    GMimeContentDisposition *d =
        g_mime_object_get_content_disposition(GMIME_OBJECT(part));

    if (d != NULL && g_mime_content_disposition_is_attachment(d))
        return false;
    return g_mime_part_get_filename(part) == NULL &&
           (gmime_is_type(GMIME_OBJECT(part), "text", "plain") ||
            gmime_is_type(GMIME_OBJECT(part), "text", "html"));
}

/* Parts that each server makes out of the item's properties. */
static bool is_remade(GMimeObject *part)
{
    return gmime_is_type(part, "text", "calendar") ||
           gmime_is_type(part, "message", "delivery-status") ||
           gmime_is_type(part, "message", "disposition-notification") ||
           gmime_is_type(part, "text", "rfc822-headers");
}

static void add_part(struct walk *w, GMimePart *part)
{
    bool html = gmime_is_type(GMIME_OBJECT(part), "text", "html");
    g_autofree char *sum = NULL;

    if (is_remade(GMIME_OBJECT(part)))
        return;
    if (!is_body(part)) {
        add_attachment(w, part);
        return;
    }
    sum = text_hash(part, html ? FOLD_HTML : FOLD_PLAIN);
    canon_add(w->c, PORTABLE_BODY, html ? "HTML body" : "body", sum);
}

static void walk_part(struct walk *w, GMimeObject *part, unsigned int depth);

static void add_message(struct walk *w, GMimeMessage *m);

/* A message inside is one line: the hash of its own. */
static void add_inner(struct walk *w, GMimeMessage *m)
{
    struct canon inner;
    struct walk in = { .c = &inner, .parts = w->parts };
    g_autofree char *sum = NULL;

    if (m == NULL || w->c->depth >= NEST_MAX) {
        w->c->broken |= 1u << PORTABLE_ATTACHMENTS;
        return;
    }
    canon_init(&inner);
    inner.depth = w->c->depth + 1;
    add_message(&in, m);
    canon_sort(&inner);
    w->parts = in.parts;
    w->c->broken |= inner.broken != 0 ? 1u << PORTABLE_ATTACHMENTS : 0;
    sum = canon_hash_all(&inner);
    canon_release(&inner);
    canon_add(w->c, PORTABLE_ATTACHMENTS, "attached message", sum);
}

/* How much a reader prefers it among alternatives. */
static unsigned int rank_of(GMimeObject *part)
{
    if (gmime_is_type(part, "text", "html"))
        return 3;
    if (GMIME_IS_MULTIPART(part))
        return 2; /* HTML with its pictures */
    return gmime_is_type(part, "text", "plain") ? 1 : 0;
}

/* The others are made of the best one. */
static void walk_alternative(struct walk *w, GMimeMultipart *m,
                             unsigned int depth)
{
    GMimeObject *best = NULL;
    int n = g_mime_multipart_get_count(m);

    for (int i = 0; i < n; i++) {
        GMimeObject *part = g_mime_multipart_get_part(m, i);

        if (best == NULL || rank_of(part) >= rank_of(best))
            best = part;
    }
    if (best != NULL)
        walk_part(w, best, depth);
}

/* A signature covers bytes: these must arrive as they are. */
static void add_signed(struct walk *w, GMimeMultipart *m)
{
    g_autoptr(GMimeStream) mem = g_mime_stream_mem_new();
    GMimeObject *part = g_mime_multipart_get_part(m, 0);
    g_autoptr(fold) f = fold_new(FOLD_LINES);
    g_autofree char *sum = NULL;
    GByteArray *bytes;

    if (part == NULL || g_mime_object_write_to_stream(part, NULL, mem) < 0)
        return;
    bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
    fold_feed(f, (const char *)bytes->data, bytes->len);
    sum = fold_end(f);
    canon_add(w->c, PORTABLE_BODY, "signed content", sum);
}

static void walk_multipart(struct walk *w, GMimeMultipart *m,
                           unsigned int depth)
{
    int n = g_mime_multipart_get_count(m);

    if (gmime_is_type(GMIME_OBJECT(m), "multipart", "alternative")) {
        walk_alternative(w, m, depth);
        return;
    }
    if (gmime_is_type(GMIME_OBJECT(m), "multipart", "signed"))
        add_signed(w, m);
    for (int i = 0; i < n; i++)
        walk_part(w, g_mime_multipart_get_part(m, i), depth);
}

static void walk_part(struct walk *w, GMimeObject *part, unsigned int depth)
{
    if (depth > NEST_MAX || ++w->parts > PARTS_MAX) {
        w->c->broken |= 1u << PORTABLE_BODY | 1u << PORTABLE_ATTACHMENTS;
        return;
    }
    if (GMIME_IS_MULTIPART(part))
        walk_multipart(w, GMIME_MULTIPART(part), depth + 1);
    else if (GMIME_IS_MESSAGE_PART(part))
        add_inner(w, g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)));
    else if (GMIME_IS_PART(part))
        add_part(w, GMIME_PART(part));
}

static void add_message(struct walk *w, GMimeMessage *m)
{
    GMimeObject *part = g_mime_message_get_mime_part(m);

    add_headers(w, m);
    if (part != NULL)
        walk_part(w, part, 0);
}

int mime_canon(const struct blob *base64, struct canon *c, struct err *err)
{
    struct walk w = { .c = c };
    g_autoptr(GMimeStream) s = NULL;
    g_autoptr(GMimeParser) parser = NULL;
    g_autoptr(GMimeMessage) m = NULL;

    gmime_once();
    s = decoded_stream(base64, err);
    if (s == NULL)
        return -1;
    parser = g_mime_parser_new_with_stream(s);
    g_mime_parser_set_persist_stream(parser, TRUE);
    m = g_mime_parser_construct_message(parser, NULL);
    if (m != NULL)
        add_message(&w, m);
    else
        c->broken |= 1u << PORTABLE_BODY | 1u << PORTABLE_ATTACHMENTS |
                     1u << PORTABLE_RECIPIENTS | 1u << PORTABLE_ENVELOPE;
    return 0;
}
