#include "lab/mime_part.h"

#include <pthread.h>
#include <string.h>

#include "lab/mime_words.h"

/* What is common to the parts of one mail. */
struct split {
    size_t n_parts;
};

static void start_gmime(void)
{
    g_mime_init();
}

void mime_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, start_gmime);
}

/* ---- header ---------------------------------------------------------- */

/* The end of a line, behind its line feed. */
static const uint8_t *line_end(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));

    return lf != NULL ? lf + 1 : end;
}

static bool is_empty_line(const uint8_t *p, const uint8_t *next)
{
    return *p == '\n' || (next - p == 2 && p[0] == '\r' && p[1] == '\n') ||
           (next - p == 1 && p[0] == '\r');
}

/* Where the name of a field ends; NULL when the line is none. */
static const uint8_t *name_end(const uint8_t *p, const uint8_t *next)
{
    const uint8_t *c = p;

    while (c<next && * c> 0x20 && *c < 0x7F && *c != ':')
        c++;
    if (c == p)
        return NULL;
    /* blanks before the colon: obsolete, and seen */
    for (const uint8_t *colon = c; colon < next; colon++) {
        if (*colon == ':')
            return c;
        if (*colon != ' ' && *colon != '\t')
            return NULL;
    }
    return NULL;
}

static void add_field(struct mime_part *part, const uint8_t *p,
                      const uint8_t *name, const uint8_t *next)
{
    const uint8_t *colon = memchr(name, ':', (size_t)(next - name));
    struct mime_field *f;

    if (part->n_fields >= MIME_FIELDS_MAX)
        return;
    /* room grows by doubling */
    if ((part->n_fields & (part->n_fields - 1)) == 0)
        part->fields = g_renew(struct mime_field, part->fields,
                               MAX(1, part->n_fields * 2));
    f = &part->fields[part->n_fields++];
    *f = (struct mime_field){ .name = p,
                              .name_n = (size_t)(name - p),
                              .value = colon + 1,
                              .value_n = (size_t)(next - colon - 1) };
}

static void read_head(struct mime_part *part)
{
    const uint8_t *end = part->at + part->n, *p = part->at, *next;
    struct mime_field *last;

    for (; p < end; p = next) {
        const uint8_t *name;

        next = line_end(p, end);
        if (is_empty_line(p, next)) {
            p = next;
            break;
        }
        name = name_end(p, next);
        last = part->n_fields > 0 ? &part->fields[part->n_fields - 1] : NULL;
        if ((*p == ' ' || *p == '\t') && last != NULL &&
            part->n_fields < MIME_FIELDS_MAX)
            last->value_n = (size_t)(next - last->value);
        else if (name != NULL)
            add_field(part, p, name, next);
        else if (last == NULL && strncmp((const char *)p, "From ", 5) != 0 &&
                 *p != '>')
            break; /* no header at all: text from the first line on */
    }
    part->head_n = (size_t)(p - part->at);
    part->body = p;
    part->body_n = (size_t)(end - p);
}

bool mime_field_is(const struct mime_field *field, const char *name)
{
    return field->name_n == strlen(name) &&
           g_ascii_strncasecmp((const char *)field->name, name,
                               field->name_n) == 0;
}

char *mime_field_raw(const struct mime_field *field)
{
    size_t n = MIN(field->value_n, MIME_FIELD_BYTES_MAX);
    GString *s = g_string_sized_new(n + 1);

    for (size_t i = 0; i < n; i++) {
        char c = (char)field->value[i];

        if (c != '\r' && c != '\n' && c != '\0')
            g_string_append_c(s, c);
    }
    return g_strstrip(g_string_free(s, FALSE));
}

char *mime_part_raw(const struct mime_part *part, const char *name)
{
    for (size_t i = 0; i < part->n_fields; i++)
        if (mime_field_is(&part->fields[i], name))
            return mime_field_raw(&part->fields[i]);
    return NULL;
}

char *mime_part_text(const struct mime_part *part, const char *name)
{
    g_autofree char *raw = mime_part_raw(part, name);

    return raw != NULL ? mime_words_decode(raw) : NULL;
}

/* ---- what a part is -------------------------------------------------- */

static char *repaired(const struct mime_part *part, const char *name)
{
    g_autofree char *raw = mime_part_raw(part, name);

    return raw != NULL ? mime_words_repair(raw) : NULL;
}

static void read_type(struct mime_part *part, bool in_digest)
{
    g_autofree char *raw = repaired(part, "Content-Type");

    /* RFC 2045 5.2: what is no type is text */
    if (raw != NULL && memchr(raw, '/', strcspn(raw, ";")) != NULL)
        part->type = g_mime_content_type_parse(NULL, raw);
    if (part->type == NULL && in_digest)
        part->type = g_mime_content_type_new("message", "rfc822");
    if (part->type == NULL)
        part->type = g_mime_content_type_new("text", "plain");
}

static void read_rest(struct mime_part *part)
{
    g_autofree char *disposition = repaired(part, "Content-Disposition");
    g_autofree char *encoding =
        mime_part_raw(part, "Content-Transfer-Encoding");

    if (disposition != NULL && *disposition != '\0')
        part->disposition = g_mime_content_disposition_parse(NULL, disposition);
    if (encoding != NULL)
        part->encoding = g_mime_content_encoding_from_string(encoding);
}

bool mime_part_is(const struct mime_part *part, const char *type,
                  const char *subtype)
{
    return g_mime_content_type_is_type(part->type, type, subtype);
}

char *mime_part_type(const struct mime_part *part)
{
    g_autofree char *type = g_mime_content_type_get_mime_type(part->type);

    return g_ascii_strdown(type, -1);
}

static char *valid(const char *text)
{
    return text != NULL && *text != '\0' ? g_utf8_make_valid(text, -1) : NULL;
}

char *mime_part_filename(const struct mime_part *part)
{
    const char *name = NULL;

    if (part->disposition != NULL)
        name = g_mime_content_disposition_get_parameter(part->disposition,
                                                        "filename");
    if (name == NULL)
        name = g_mime_content_type_get_parameter(part->type, "name");
    return valid(name);
}

char *mime_part_content_id(const struct mime_part *part)
{
    g_autofree char *raw = mime_part_raw(part, "Content-Id");
    g_autofree char *id =
        raw != NULL ? g_mime_utils_decode_message_id(raw) : NULL;

    return valid(id);
}

bool mime_part_is_attachment(const struct mime_part *part)
{
    return part->disposition != NULL &&
           g_ascii_strcasecmp(
               g_mime_content_disposition_get_disposition(part->disposition),
               "attachment") == 0;
}

/* ---- content --------------------------------------------------------- */

/*
 * Of base64 whose end is missing its padding, GMime drops the last bytes.
 * What to put behind it.
 */
static const char *missing_padding(const uint8_t *data, size_t n)
{
    static const char *const padding[4] = { "", "", "==", "=" };
    size_t characters = 0;

    for (size_t i = 0; i < n; i++) {
        if (data[i] == '=')
            return "";
        characters +=
            g_ascii_isalnum(data[i]) || data[i] == '+' || data[i] == '/';
    }
    return padding[characters % 4];
}

/* Behind the line "begin 644 name"; uuencoded text starts there. */
static void skip_begin(const uint8_t **data, size_t *n)
{
    const uint8_t *end = *data + *n, *p = *data;

    for (; p < end; p = line_end(p, end))
        if (end - p > 6 && memcmp(p, "begin ", 6) == 0) {
            *data = line_end(p, end);
            *n = (size_t)(end - *data);
            return;
        }
}

static GByteArray *decode(const uint8_t *data, size_t n,
                          GMimeContentEncoding encoding)
{
    GByteArray *out = g_byte_array_new();
    GMimeEncoding state;
    const char *padding = "";
    size_t had;

    if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
        encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE &&
        encoding != GMIME_CONTENT_ENCODING_UUENCODE)
        return g_byte_array_append(out, data, (guint)n);
    if (encoding == GMIME_CONTENT_ENCODING_UUENCODE)
        skip_begin(&data, &n);
    else if (encoding == GMIME_CONTENT_ENCODING_BASE64)
        padding = missing_padding(data, n);
    g_mime_encoding_init_decode(&state, encoding);
    g_byte_array_set_size(out, (guint)g_mime_encoding_outlen(&state, n) + 8);
    had =
        g_mime_encoding_step(&state, (const char *)data, n, (char *)out->data);
    had += g_mime_encoding_flush(&state, padding, strlen(padding),
                                 (char *)out->data + had);
    return g_byte_array_set_size(out, (guint)had);
}

GByteArray *mime_part_content(const struct mime_part *part)
{
    return decode(part->body, part->body_n, part->encoding);
}

/* ---- parts within parts ---------------------------------------------- */

static struct mime_part *read_part(struct split *s, const uint8_t *at, size_t n,
                                   unsigned int depth, bool in_digest);

/*
 * The next line that is a boundary, from p; NULL when there is none.
 * *ret_next: behind it.  *ret_last: it closes.
 */
static const uint8_t *find_boundary(const uint8_t *p, const uint8_t *end,
                                    const char *boundary,
                                    const uint8_t **ret_next, bool *ret_last)
{
    size_t n = strlen(boundary);

    for (const uint8_t *next; p < end; p = next) {
        const uint8_t *c;

        next = line_end(p, end);
        if ((size_t)(next - p) < n + 2 || p[0] != '-' || p[1] != '-' ||
            memcmp(p + 2, boundary, n) != 0)
            continue;
        c = p + 2 + n;
        *ret_last = next - c >= 2 && c[0] == '-' && c[1] == '-';
        c += *ret_last ? 2 : 0;
        while (c < next &&
               (*c == ' ' || *c == '\t' || *c == '\r' || *c == '\n'))
            c++;
        if (c < next)
            continue; /* longer: the boundary of a part inside */
        *ret_next = next;
        return p;
    }
    return NULL;
}

/* The line end before a boundary belongs to it (RFC 2046 5.1.1). */
static size_t without_line_end(const uint8_t *from, const uint8_t *to)
{
    if (to > from && to[-1] == '\n')
        to--;
    if (to > from && to[-1] == '\r')
        to--;
    return (size_t)(to - from);
}

static void split_multipart(struct split *s, struct mime_part *part,
                            unsigned int depth)
{
    const char *boundary =
        g_mime_content_type_get_parameter(part->type, "boundary");
    const uint8_t *end = part->body + part->body_n, *next = NULL, *from, *at;
    bool digest = mime_part_is(part, "multipart", "digest"), last = false;

    if (boundary == NULL || *boundary == '\0' ||
        find_boundary(part->body, end, boundary, &next, &last) == NULL)
        return;
    part->children =
        g_ptr_array_new_with_free_func((GDestroyNotify)mime_part_free);
    while (!last && next < end) {
        from = next;
        at = s->n_parts < MIME_PARTS_MAX
                 ? find_boundary(from, end, boundary, &next, &last)
                 : NULL;
        if (at == NULL) {
            at = end; /* never closed: cut short on its way */
            last = true;
        }
        g_ptr_array_add(part->children,
                        read_part(s, from,
                                  at == end ? (size_t)(at - from)
                                            : without_line_end(from, at),
                                  depth, digest));
    }
    if (part->children->len == 0)
        g_clear_pointer(&part->children, g_ptr_array_unref);
}

static void open_message(struct split *s, struct mime_part *part,
                         unsigned int depth)
{
    const uint8_t *data = part->body;
    size_t n = part->body_n;

    /* RFC 2046 5.2.1 forbids it; some do it all the same */
    if (part->encoding == GMIME_CONTENT_ENCODING_BASE64 ||
        part->encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
        part->decoded = mime_part_content(part);
        data = part->decoded->data;
        n = part->decoded->len;
    }
    if (n == 0)
        return;
    part->children =
        g_ptr_array_new_with_free_func((GDestroyNotify)mime_part_free);
    g_ptr_array_add(part->children, read_part(s, data, n, depth, false));
}

static struct mime_part *read_part(struct split *s, const uint8_t *at, size_t n,
                                   unsigned int depth, bool in_digest)
{
    struct mime_part *part = g_new0(struct mime_part, 1);

    s->n_parts++;
    part->at = at;
    part->n = n;
    read_head(part);
    read_type(part, in_digest);
    read_rest(part);
    if (depth >= MIME_DEPTH_MAX || s->n_parts >= MIME_PARTS_MAX)
        return part;
    if (mime_part_is(part, "multipart", "*"))
        split_multipart(s, part, depth + 1);
    else if (mime_part_is(part, "message", "rfc822") ||
             mime_part_is(part, "message", "global"))
        open_message(s, part, depth + 1);
    return part;
}

struct mime_part *mime_part_new(const uint8_t *data, size_t len)
{
    struct split s = { 0 };

    mime_start();
    return read_part(&s, data, len, 0, false);
}

void mime_part_free(struct mime_part *part)
{
    if (part == NULL)
        return;
    g_clear_pointer(&part->children, g_ptr_array_unref);
    g_clear_pointer(&part->decoded, g_byte_array_unref);
    g_clear_object(&part->type);
    g_clear_object(&part->disposition);
    g_free(part->fields);
    g_free(part);
}
