#include "portable/canon.h"

#include <string.h>

#include "base/timestamp.h"
#include "portable/fold.h"

/* A value longer than this is shown by its hash. */
#define VALUE_MAX 200u

void canon_init(struct canon *c)
{
    *c = (struct canon){ 0 };
    for (size_t i = 0; i < PORTABLE_N_PARTS; i++)
        c->lines[i] = g_ptr_array_new_with_free_func(g_free);
}

void canon_release(struct canon *c)
{
    for (size_t i = 0; i < PORTABLE_N_PARTS; i++)
        g_clear_pointer(&c->lines[i], g_ptr_array_unref);
}

/* One line, whatever is in it. */
static char *as_line(const char *name, const char *value)
{
    g_autofree char *sum = NULL;
    char *line;

    if (strlen(value) > VALUE_MAX) {
        sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, value, -1);
        line = g_strconcat(name, "\tsha256:", sum, NULL);
    } else {
        line = g_strconcat(name, "\t", value, NULL);
    }
    for (char *at = line; *at != '\0'; at++) {
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    }
    return line;
}

void canon_add(struct canon *c, enum portable_part part, const char *name,
               const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    if (c->lines[part]->len >= CANON_LINES_MAX)
        c->broken |= 1u << part;
    else
        g_ptr_array_add(c->lines[part], as_line(name, value));
}

void canon_add_once(struct canon *c, enum portable_part part, const char *name,
                    const char *value)
{
    g_autofree char *line = as_line(name, value != NULL ? value : "");

    if (!g_ptr_array_find_with_equal_func(c->lines[part], line, g_str_equal,
                                          NULL))
        canon_add(c, part, name, value);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void canon_sort(struct canon *c)
{
    for (size_t i = 0; i < PORTABLE_N_PARTS; i++)
        g_ptr_array_sort(c->lines[i], by_text);
}

static void hash_lines(GChecksum *sum, const GPtrArray *lines)
{
    for (guint i = 0; i < lines->len; i++) {
        const char *line = g_ptr_array_index(lines, i);

        g_checksum_update(sum, (const guchar *)line, (gssize)strlen(line) + 1);
    }
}

GBytes *canon_hash(const struct canon *c, enum portable_part part)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 bytes[32];
    gsize n = sizeof(bytes);

    hash_lines(sum, c->lines[part]);
    g_checksum_get_digest(sum, bytes, &n);
    return g_bytes_new(bytes, n);
}

char *canon_hash_all(const struct canon *c)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (size_t i = 0; i < PORTABLE_N_PARTS; i++) {
        hash_lines(sum, c->lines[i]);
        g_checksum_update(sum, (const guchar *)"\n", 1);
    }
    return g_strdup(g_checksum_get_string(sum));
}

/* ---- values -------------------------------------------------------------- */

static char *canon_time(int64_t us)
{
    return us == TIMESTAMP_NONE ? NULL : timestamp_format(us);
}

/* Line ends and blanks before them are the server's. */
static char *canon_text(const char *text)
{
    g_autoptr(GString) s = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_string_append(s, g_strchomp(lines[i]));
        g_string_append_c(s, '\n');
    }
    while (s->len > 0 && g_ascii_isspace(s->str[s->len - 1]))
        g_string_truncate(s, s->len - 1);
    return g_string_free(g_steal_pointer(&s), FALSE);
}

static char *canon_texts(const char *const *texts)
{
    g_autoptr(GPtrArray) a = g_ptr_array_new();
    g_autoptr(GString) s = g_string_new(NULL);

    for (size_t i = 0; texts[i] != NULL; i++)
        g_ptr_array_add(a, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(texts[i])));
    g_ptr_array_sort(a, by_text);
    for (guint i = 0; i < a->len; i++) {
        const char *one = g_ptr_array_index(a, i);

        if (i > 0 && strcmp(one, g_ptr_array_index(a, i - 1)) == 0)
            continue;
        g_string_append_printf(s, "%s\"%s\"", s->len > 0 ? ", " : "", one);
    }
    return g_string_free(g_steal_pointer(&s), FALSE);
}

static char *canon_binary(GBytes *binary)
{
    if (g_bytes_get_size(binary) == 0)
        return NULL;
    return g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, binary);
}

/* NULL: as good as not there. */
static char *canon_value(const struct portable_value *v)
{
    switch (v->type) {
    case PORTABLE_TEXT:
        return canon_text(v->text);
    case PORTABLE_INTEGER:
        return v->integer != 0
                   ? g_strdup_printf("%" G_GINT64_FORMAT, v->integer)
                   : NULL;
    case PORTABLE_BOOL:
        return v->boolean ? g_strdup("yes") : NULL;
    case PORTABLE_TIME:
        return canon_time(v->integer);
    case PORTABLE_TEXTS:
        return canon_texts(v->texts);
    case PORTABLE_BINARY:
        return canon_binary(v->binary);
    case PORTABLE_DOUBLE:
        return v->real != 0 ? g_strdup_printf("%.6g", v->real) : NULL;
    }
    g_assert_not_reached();
}

/* [MS-OXCMAIL] 2.1.1.2: "IMCEAEX-_O=ORG_OU=..." at any domain of one's own. */
char *canon_address(const char *address)
{
    char *low = g_utf8_validate(address, -1, NULL)
                    ? g_utf8_strdown(address, -1)
                    : g_ascii_strdown(address, -1);
    char *at = strrchr(low, '@');

    if (at != NULL && g_str_has_prefix(low, "imceaex-"))
        *at = '\0';
    return g_strstrip(low);
}

/* ---- what hangs on the item ---------------------------------------------- */

static void add_properties(const struct portable *p, struct canon *c)
{
    for (size_t i = 0; i < portable_n(p); i++) {
        struct portable_label label;
        struct portable_value value;
        g_autofree char *text = NULL;

        portable_at(p, i, &label, &value);
        if (label.out != NULL)
            continue;
        text = canon_value(&value);
        canon_add(c, label.part, label.key, text);
    }
}

/* Names come from each organisation's own directory: only for want of more. */
static void add_people(const struct portable *p, struct canon *c)
{
    for (size_t i = 0; i < portable_n_people(p); i++) {
        const struct portable_person *one = portable_person_at(p, i);
        const char *who = one->address != NULL ? one->address : one->name;
        g_autofree char *address = canon_address(who != NULL ? who : "");
        g_autofree char *name =
            g_strconcat(portable_role_name(one->role), " ", address, NULL);

        canon_add_once(c, PORTABLE_RECIPIENTS, name,
                       one->response != NULL ? one->response : "yes");
    }
}

static void add_body(const struct portable *p, struct canon *c)
{
    bool html = false;
    const char *body = portable_body(p, &html);
    g_autofree char *sum = NULL;

    if (body == NULL || c->outline)
        return;
    sum = fold_text(html ? FOLD_HTML : FOLD_PLAIN, body);
    canon_add(c, PORTABLE_BODY, html ? "HTML body" : "body", sum);
}

unsigned int portable_week_start(const struct portable_recurrence *r)
{
    unsigned int before = r->days & ((1u << r->first_day % 7) - 1);

    return r->pattern == PORTABLE_WEEKLY && r->interval > 1 && before != 0 &&
                   before != r->days
               ? r->first_day
               : 0;
}

static void add_recurrence(const struct portable *p, struct canon *c)
{
    const struct portable_recurrence *r = portable_recurrence(p);
    g_autofree char *value = NULL;

    if (r == NULL)
        return;
    value = g_strdup_printf("pattern %d interval %u days %02x week %u nth %u "
                            "day %u month %u from %u to %u count %u",
                            (int)r->pattern, r->interval, r->days,
                            portable_week_start(r), r->nth, r->day, r->month,
                            r->start, r->end, r->count);
    canon_add(c, PORTABLE_NAMED, "recurrence", value);
}

static int item_hash(const struct portable *item, unsigned int depth,
                     char **ret, struct err *err)
{
    struct canon c;
    int rc;

    canon_init(&c);
    c.depth = depth;
    rc = canon_take(item, &c, err);
    if (rc == 0)
        *ret = canon_hash_all(&c);
    canon_release(&c);
    return rc;
}

static int add_attachment(const struct portable_attachment *a, struct canon *c,
                          struct err *err)
{
    const char *name = a->name != NULL ? a->name : "";
    g_autofree char *label = g_strdup_printf("attachment \"%s\"", name);
    g_autofree char *sum = NULL;
    g_autofree char *value = NULL;

    if (c->outline) {
        canon_add(c, PORTABLE_ATTACHMENTS, a->photo ? "photo" : label, "yes");
        return 0;
    }
    if (a->item != NULL && item_hash(a->item, c->depth + 1, &sum, err) < 0)
        return -1;
    if (a->content != NULL && mime_hash(a->content, &sum, err) < 0)
        return -1;
    value = g_strdup_printf("%s%s%s%s", sum != NULL ? sum : "empty",
                            a->photo ? " photo" : "",
                            a->content_id != NULL ? " " : "",
                            a->content_id != NULL ? a->content_id : "");
    canon_add(c, PORTABLE_ATTACHMENTS, a->photo ? "photo" : label, value);
    return 0;
}

static int add_occurrences(const struct portable *p, struct canon *c,
                           struct err *err)
{
    for (size_t i = 0; i < portable_n_deletions(p); i++) {
        g_autofree char *when = timestamp_format(portable_deletion_at(p, i));
        g_autofree char *name = g_strconcat("deletion of ", when, NULL);

        canon_add(c, PORTABLE_NAMED, name, "yes");
    }
    for (size_t i = 0; i < portable_n_exceptions(p); i++) {
        int64_t us;
        const struct portable *item = portable_exception_at(p, i, &us);
        g_autofree char *when = timestamp_format(us);
        g_autofree char *name = g_strconcat("occurrence of ", when, NULL);
        g_autofree char *sum = NULL;

        if (!c->outline && item_hash(item, c->depth + 1, &sum, err) < 0)
            return -1;
        canon_add(c, PORTABLE_NAMED, name, sum != NULL ? sum : "yes");
    }
    return 0;
}

int canon_take(const struct portable *p, struct canon *c, struct err *err)
{
    if (c->depth > PORTABLE_DEPTH_MAX) {
        c->broken |= 1u << PORTABLE_ATTACHMENTS;
        return 0;
    }
    c->draft = portable_draft(p);
    canon_add(c, PORTABLE_ENVELOPE, "class", portable_class(p));
    add_properties(p, c);
    add_body(p, c);
    add_recurrence(p, c);
    if (portable_mime(p) != NULL && !c->outline &&
        mime_canon(portable_mime(p), c, err) < 0)
        return -1;
    add_people(p, c);
    /* What travels as MIME has them in there. */
    for (size_t i = 0;
         portable_mime(p) == NULL && i < portable_n_attachments(p); i++)
        if (add_attachment(portable_attachment_at(p, i), c, err) < 0)
            return -1;
    if (add_occurrences(p, c, err) < 0)
        return -1;
    canon_sort(c);
    return 0;
}
