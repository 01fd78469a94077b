#include "desk/letter.h"

#include <string.h>

#include <gio/gio.h>

#include "desk/desk_letters.h" /* made by the build */
#include "desk/letter_priv.h"
#include "desk/tag.h"

#define PREFIX  "/mailferry/desk/templates/"
#define SUBJECT "Subject: "
#define LAYOUT  "layout.html"

/* clang-format off */
static const char *const kinds[] = {
    "received",
    "missing",
    "unknown-sender",
    "technical-contact",
    "wrong-pair",
    "which-account",
    "no-such-request",
    "in-your-name",
    "quote",
    "approved",
    "scheduled",
    "started",
    "progress",
    "trouble",
    "ready-for-cutover",
    "done",
    "refused",
    "cancelled",
    "expired",
    "password-by-mail",
    "credentials-refused",
    "operator",
    "stalled",
    "nobody-works",
    "cannot-be-written",
    "over",
    "unreadable",
    "owner-password",
    "owner-reminder",
    "owner-anew",
    "owner-before",
    "owner-done",
    "owner-failed",
    "owners-silent",
    NULL,
};
/* clang-format on */

static const char *const names[] = {
    "account",   "approved-by", "contact", "cutover", "domain",
    "faults",    "forecast",    "lines",   "link",    "mailbox",
    "migration", "missing",     "number",  "partner", "progress",
    "reason",    "remedy",      "sender",  "side",    "start",
    "state",     "tax",         "total",   "until",   NULL,
};

const char *const *letters_kinds(void)
{
    return kinds;
}

const char *const *letter_names(void)
{
    return names;
}

/* ---- values -------------------------------------------------------------- */

struct letter_values {
    GHashTable *texts; /* of char *: char * */
    GHashTable *lists; /* of char *: GPtrArray of char * */
};

static void free_list(void *p)
{
    g_ptr_array_unref(p);
}

struct letter_values *letter_values_new(void)
{
    struct letter_values *v = g_new(struct letter_values, 1);

    v->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    v->lists =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
    return v;
}

void letter_values_free(struct letter_values *v)
{
    if (v == NULL)
        return;
    g_hash_table_unref(v->texts);
    g_hash_table_unref(v->lists);
    g_free(v);
}

/* One line, however it came: nothing in it makes another. */
static char *one_line(const char *text)
{
    g_autofree char *good = g_utf8_make_valid(text, -1);
    GString *s = g_string_new(NULL);

    for (const char *p = good; *p != '\0' && s->len < LETTER_VALUE_MAX;
         p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029)
            g_string_append_c(s, ' ');
        else
            g_string_append_unichar(s, c);
    }
    return g_strstrip(g_string_free(s, FALSE));
}

void letter_set(struct letter_values *v, const char *name, const char *text)
{
    g_assert(g_strv_contains(names, name));
    if (text != NULL)
        g_hash_table_replace(v->texts, g_strdup(name), one_line(text));
}

void letter_add(struct letter_values *v, const char *name, const char *text)
{
    GPtrArray *list = g_hash_table_lookup(v->lists, name);

    g_assert(g_strv_contains(names, name));
    if (list == NULL) {
        list = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(v->lists, g_strdup(name), list);
    }
    g_ptr_array_add(list, one_line(text));
}

const char *letter_value(const struct letter_values *v, const char *name)
{
    const char *text = g_hash_table_lookup(v->texts, name);

    return text != NULL && *text != '\0' ? text : NULL;
}

const GPtrArray *letter_list(const struct letter_values *v, const char *name)
{
    return g_hash_table_lookup(v->lists, name);
}

/* ---- templates ----------------------------------------------------------- */

struct letters {
    GHashTable *templates; /* of kind: struct letter_template * */
    char *layout;
};

static void free_template(void *p)
{
    struct letter_template *t = p;

    g_free(t->subject);
    g_strfreev(t->lines);
    g_free(t);
}

void letters_free(struct letters *l)
{
    if (l == NULL)
        return;
    g_hash_table_unref(l->templates);
    g_free(l->layout);
    g_free(l);
}

static int refuse(const char *file, size_t line, const char *remedy,
                  struct err *err, const char *text)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s:%zu: %s", file, line, text);
    return err_remedy(err, remedy);
}

/* Each mark of a line names a value that there is, in a way that it has. */
static int check_line(const char *file, size_t number, const char *line,
                      guint *n_marks, struct err *err)
{
    const char *at = line, *begin;
    struct letter_mark mark;
    guint n_lists = 0;

    while (letter_next_mark(at, &begin, &mark)) {
        g_autofree char *text =
            g_strdup_printf("there is no value \"%s\"", mark.name);

        if (!g_strv_contains(names, mark.name))
            return refuse(file, number,
                          "see the names in the built-in templates", err, text);
        n_lists += mark.sort == '*';
        (*n_marks)++;
        at = mark.end;
    }
    if (strstr(at, "{{") != NULL)
        return refuse(file, number, "write {{name}}", err,
                      "a {{ is not followed by a name and }}");
    if (n_lists > 1)
        return refuse(file, number, "put them on lines of their own", err,
                      "two lists stand on one line");
    if (*n_marks > LETTER_MARKS_MAX)
        return refuse(file, number, "say each thing once", err,
                      "it names more than 40 values");
    return 0;
}

static int check_lines(const char *file, char **lines, struct err *err)
{
    guint n_marks = 0;

    for (size_t i = 0; lines[i] != NULL; i++)
        if (check_line(file, i + 1, lines[i], &n_marks, err) < 0)
            return -1;
    if (lines[0] == NULL || !g_str_has_prefix(lines[0], SUBJECT) ||
        lines[1] == NULL || *lines[1] != '\0')
        return refuse(file, 1, "begin with \"Subject: ...\" and an empty line",
                      err, "there is no subject");
    return 0;
}

static int parse(const char *file, const char *text,
                 struct letter_template **ret, struct err *err)
{
    g_auto(GStrv) lines = NULL;
    struct letter_template *t;

    if (strlen(text) > LETTER_TEMPLATE_MAX ||
        !g_utf8_validate(text, -1, NULL) || strchr(text, '\r') != NULL)
        return refuse(file, 1, "write it in UTF-8, with line ends of Unix", err,
                      "it is too long, not UTF-8, or has other line ends");
    lines = g_strsplit(text, "\n", -1);
    if (check_lines(file, lines, err) < 0)
        return -1;
    t = g_new0(struct letter_template, 1);
    t->subject = g_strdup(lines[0] + strlen(SUBJECT));
    t->lines = g_strdupv(lines + 2);
    *ret = t;
    return 0;
}

/* The folder's, else the one built in. */
static int read_text(const char *folder, const char *name, char **ret_file,
                     char **ret_text, struct err *err)
{
    g_autofree char *path =
        folder != NULL ? g_build_filename(folder, name, NULL) : NULL;
    g_autofree char *inside = g_strconcat(PREFIX, name, NULL);
    g_autoptr(GBytes) bytes = NULL;
    GError *error = NULL;

    if (path != NULL && g_file_test(path, G_FILE_TEST_EXISTS)) {
        if (!g_file_get_contents(path, ret_text, NULL, &error)) {
            err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
            g_error_free(error);
            return -1;
        }
        *ret_file = g_steal_pointer(&path);
        return 0;
    }
    bytes = g_resource_lookup_data(desk_letters_get_resource(), inside,
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_assert(bytes != NULL);
    *ret_text =
        g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    *ret_file = g_steal_pointer(&inside);
    return 0;
}

static int load_kind(struct letters *l, const char *folder, const char *kind,
                     struct err *err)
{
    g_autofree char *name = g_strconcat(kind, ".txt", NULL);
    g_autofree char *file = NULL, *text = NULL;
    struct letter_template *t = NULL;

    if (read_text(folder, name, &file, &text, err) < 0 ||
        parse(file, text, &t, err) < 0)
        return -1;
    g_hash_table_insert(l->templates, g_strdup(kind), t);
    return 0;
}

static int load_layout(struct letters *l, const char *folder, struct err *err)
{
    g_autofree char *file = NULL;

    if (read_text(folder, LAYOUT, &file, &l->layout, err) < 0)
        return -1;
    if (strlen(l->layout) > LETTER_TEMPLATE_MAX)
        return refuse(file, 1, "have images elsewhere", err,
                      "it is longer than 64 KiB");
    if (strstr(l->layout, "{{content}}") == NULL)
        return refuse(file, 1, "write {{content}} where the mail is to stand",
                      err, "it has no place for the mail");
    return 0;
}

int letters_load(const char *folder, struct letters **ret, struct err *err)
{
    g_autoptr(letters) l = g_new0(struct letters, 1);

    l->templates =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_template);
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (load_kind(l, folder, kinds[i], err) < 0)
            return -1;
    if (load_layout(l, folder, err) < 0)
        return -1;
    *ret = g_steal_pointer(&l);
    return 0;
}

/* ---- a letter ------------------------------------------------------------ */

void letter_clear(struct letter *l)
{
    g_clear_pointer(&l->subject, g_free);
    g_clear_pointer(&l->text, g_free);
    g_clear_pointer(&l->html, g_free);
}

/* Both places in one pass: what is put in is not looked through again. */
static char *in_layout(const char *layout, const char *subject,
                       const char *content)
{
    g_autofree char *title = g_markup_escape_text(subject, -1);
    const char *at = strstr(layout, "{{content}}");
    GString *out = g_string_new(NULL);

    g_string_append_len(out, layout, at - layout);
    g_string_replace(out, "{{subject}}", title, 0);
    g_string_append(out, content);
    g_string_append(out, at + strlen("{{content}}"));
    return g_string_free(out, FALSE);
}

void letter_make(const struct letters *l, const char *kind, int64_t request,
                 const struct letter_values *v, struct letter *ret)
{
    const struct letter_template *t = g_hash_table_lookup(l->templates, kind);
    g_autofree char *subject = NULL, *text = NULL, *html = NULL, *body = NULL;

    g_assert(t != NULL);
    subject = letter_render_subject(t, v);
    text = letter_render(t, v, LETTER_TEXT);
    html = letter_render(t, v, LETTER_HTML);
    if (request > 0) {
        ret->subject = tag_put(request, subject);
        ret->text = g_strconcat(TAG_REPLY_LINE "\n\n", text, NULL);
        body = g_strconcat("<p>" TAG_REPLY_LINE "</p>\n", html, NULL);
    } else {
        ret->subject = g_steal_pointer(&subject);
        ret->text = g_steal_pointer(&text);
        body = g_steal_pointer(&html);
    }
    ret->html = in_layout(l->layout, ret->subject, body);
}
