#include <string.h>

#include "base/secret.h"
#include "desk/mail_priv.h"
#include "desk/tag.h"
#include "fleet/address.h"

static const char *const proof_names[MAIL_N_PROOFS] = {
    [MAIL_UNPROVEN] = "unproven",
    [MAIL_PROVEN] = "proven",
    [MAIL_FORGED] = "forged",
};

const char *mail_proof_name(enum mail_proof proof)
{
    return proof_names[proof];
}

void mail_wipe(char *text)
{
    if (text != NULL)
        secret_wipe(text, strlen(text));
    g_free(text);
}

void mail_free(struct mail *m)
{
    if (m == NULL)
        return;
    g_free(m->message_id);
    g_clear_pointer(&m->references, g_ptr_array_unref);
    g_free(m->from);
    g_free(m->from_name);
    g_free(m->reply_to);
    g_free(m->return_path);
    g_free(m->subject);
    mail_wipe(m->text);
    mail_wipe(m->html_text);
    mail_wipe(m->forwarded);
    g_clear_pointer(&m->files, g_ptr_array_unref);
    g_free(m);
}

static void free_file(void *p)
{
    mail_file_free(p);
}

/* ---- header fields ------------------------------------------------------- */

/* Not longer than that, and no half a character at the end. */
static void cut(GString *s, size_t most)
{
    const char *end;

    if (s->len <= most)
        return;
    g_string_truncate(s, most);
    if (!g_utf8_validate_len(s->str, s->len, &end))
        g_string_truncate(s, (gsize)(end - s->str));
}

char *mail_line(const char *text)
{
    g_autofree char *good = g_utf8_make_valid(text, -1);
    GString *s = g_string_new(NULL);

    for (const char *p = good; *p != '\0' && s->len <= MAIL_LINE_MAX;
         p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (!g_unichar_isspace(c) && !g_unichar_iscntrl(c))
            g_string_append_unichar(s, c);
        else if (s->len > 0 && s->str[s->len - 1] != ' ')
            g_string_append_c(s, ' ');
    }
    cut(s, MAIL_LINE_MAX);
    return g_strchomp(g_string_free(s, FALSE));
}

const char *mail_field(GMimeMessage *message, const char *name)
{
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

static char *field_dup(GMimeMessage *message, const char *name)
{
    const char *value = mail_field(message, name);

    return value != NULL ? mail_line(value) : NULL;
}

/* RFC 5322, 3.6.4: what stands between < and >, without blanks. */
static char *next_id(const char **at)
{
    const char *open = strchr(*at, '<');
    const char *close = open != NULL ? strchr(open, '>') : NULL;
    g_autofree char *id = NULL;

    if (close == NULL)
        return NULL;
    *at = close + 1;
    id = g_strndup(open + 1, (gsize)(close - open - 1));
    for (const char *p = id; *p != '\0'; p++)
        if (!g_ascii_isgraph(*p) || p - id >= (ptrdiff_t)MAIL_LINE_MAX)
            return g_strdup("");
    return g_steal_pointer(&id);
}

static char *message_id_of(GMimeMessage *message)
{
    const char *value = mail_field(message, "Message-ID");
    g_autofree char *id = value != NULL ? next_id(&value) : NULL;

    return id != NULL && *id != '\0' ? g_steal_pointer(&id) : NULL;
}

static bool has(const GPtrArray *texts, const char *text)
{
    for (guint i = 0; i < texts->len; i++)
        if (strcmp(texts->pdata[i], text) == 0)
            return true;
    return false;
}

/* The ids of a field, the last one first: it is the nearest. */
static void add_references(GPtrArray *to, GMimeMessage *message,
                           const char *name)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    const char *at = mail_field(message, name);
    char *id;

    while (at != NULL && (id = next_id(&at)) != NULL)
        g_ptr_array_add(ids, id);
    for (guint i = ids->len; i > 0 && to->len < MAIL_REFERENCES_MAX; i--)
        if (*(char *)ids->pdata[i - 1] != '\0' && !has(to, ids->pdata[i - 1]))
            g_ptr_array_add(to, g_strdup(ids->pdata[i - 1]));
}

/* ---- who wrote it -------------------------------------------------------- */

guint mail_count_fields(GMimeMessage *message, const char *name)
{
    GMimeHeaderList *list =
        g_mime_object_get_header_list(GMIME_OBJECT(message));
    int n = MIN(g_mime_header_list_get_count(list), MAIL_FIELDS_MAX);
    guint found = 0;

    for (int i = 0; i < n; i++)
        found +=
            g_ascii_strcasecmp(g_mime_header_get_name(
                                   g_mime_header_list_get_header_at(list, i)),
                               name) == 0;
    return found;
}

/* The one mailbox of a field; NULL where there is none, or more than one. */
static InternetAddressMailbox *only_mailbox(InternetAddressList *list)
{
    InternetAddress *one;

    if (list == NULL || internet_address_list_length(list) != 1)
        return NULL;
    one = internet_address_list_get_address(list, 0);
    return INTERNET_ADDRESS_IS_MAILBOX(one) ? INTERNET_ADDRESS_MAILBOX(one)
                                            : NULL;
}

static char *address_of(InternetAddressMailbox *one)
{
    const char *text =
        one != NULL ? internet_address_mailbox_get_addr(one) : NULL;
    g_autofree char *line = text != NULL ? mail_line(text) : NULL;
    const char *why;

    return line != NULL ? address_parse(line, &why) : NULL;
}

static char *read_address(GMimeMessage *message, const char *field,
                          char **ret_name)
{
    const char *value = mail_field(message, field);
    g_autoptr(InternetAddressList) list =
        value != NULL ? internet_address_list_parse(NULL, value) : NULL;
    InternetAddressMailbox *one = only_mailbox(list);
    char *address = address_of(one);

    if (address != NULL && ret_name != NULL &&
        internet_address_get_name(INTERNET_ADDRESS(one)) != NULL)
        *ret_name = mail_line(internet_address_get_name(INTERNET_ADDRESS(one)));
    return address;
}

static void read_sender(struct mail *m, GMimeMessage *message)
{
    /* RFC 5322, 3.6: one field; programs differ in which of two they show. */
    if (mail_count_fields(message, "From") == 1)
        m->from = read_address(message, "From", &m->from_name);
    if (m->from == NULL)
        m->faults |= MAIL_NO_SENDER;
    m->reply_to = read_address(message, "Reply-To", NULL);
    m->return_path = field_dup(message, "Return-Path");
    if (m->return_path != NULL && m->return_path[0] == '<') {
        char *close = strrchr(m->return_path, '>');

        if (close != NULL)
            *close = '\0';
        memmove(m->return_path, m->return_path + 1, strlen(m->return_path));
    }
}

/* ---- the whole ----------------------------------------------------------- */

size_t mail_header_length(const char *bytes, size_t n)
{
    const char *end = bytes + n;

    for (const char *at = bytes; at < end; at++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at == NULL)
            break;
        if (at + 1 < end && at[1] == '\n')
            return (size_t)(at + 2 - bytes);
        if (at + 2 < end && at[1] == '\r' && at[2] == '\n')
            return (size_t)(at + 3 - bytes);
    }
    return n;
}

static GMimeMessage *parse(const char *bytes, size_t n)
{
    g_autoptr(GMimeStream) s = NULL;
    g_autoptr(GMimeParser) parser = NULL;
    GMimeMessage *message;

    gmime_once();
    s = g_mime_stream_mem_new_with_buffer(bytes, n);
    parser = g_mime_parser_new_with_stream(s);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    message = g_mime_parser_construct_message(parser, NULL);
    return message != NULL ? message : g_mime_message_new(FALSE);
}

/* An envelope's line before the header, as pipes and mboxes have it. */
static size_t skip_from_line(const char *bytes, size_t n)
{
    const char *end;

    if (n < 5 || memcmp(bytes, "From ", 5) != 0)
        return 0;
    end = memchr(bytes, '\n', n);
    return end != NULL ? (size_t)(end + 1 - bytes) : 0;
}

struct mail *mail_read(const void *data, size_t n,
                       const struct mail_context *context)
{
    struct mail *m = g_new0(struct mail, 1);
    size_t skipped = skip_from_line(data, n);
    const char *bytes = (const char *)data + skipped;
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, n);
    g_autoptr(GMimeMessage) message = NULL;

    g_strlcpy(m->sha256, sum, sizeof(m->sha256));
    n -= skipped;
    if (n > MAIL_BYTES_MAX) {
        m->faults |= MAIL_TOO_LARGE;
        n = mail_header_length(bytes, MAIL_BYTES_MAX);
    }
    message = parse(bytes, n);
    m->files = g_ptr_array_new_with_free_func(free_file);
    m->references = g_ptr_array_new_with_free_func(g_free);
    m->message_id = message_id_of(message);
    add_references(m->references, message, "In-Reply-To");
    add_references(m->references, message, "References");
    m->subject = field_dup(message, "Subject");
    if (m->subject == NULL)
        m->subject = g_strdup("");
    m->request = tag_find(m->subject);
    read_sender(m, message);
    mail_judge_nature(m, message, context->own_address);
    mail_judge_proof(m, message, context->authserv_id);
    mail_read_parts(m, message);
    return m;
}
