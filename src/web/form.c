#include "web/form.h"

#include <string.h>

#include <microhttpd.h>

#include "base/secret.h"

/* What the reader keeps of a part's header at a time. */
#define READER_BYTES 4096

struct field {
    char *name, *file; /* file NULL: a text */
    GString *value;
};

struct web_form {
    GPtrArray *fields; /* of struct field * */
    bool bad;          /* more than there may be, or no text */
};

static void wipe_string(GString *s)
{
    secret_wipe(s->str, s->allocated_len);
    g_string_free(s, TRUE);
}

static void free_field(void *p)
{
    struct field *f = p;

    g_free(f->name);
    g_free(f->file);
    wipe_string(f->value);
    g_free(f);
}

/* As a string grows it moves: what it leaves behind is wiped. */
static void append(GString **s, const char *bytes, size_t n)
{
    if ((*s)->len + n + 1 > (*s)->allocated_len) {
        GString *larger = g_string_sized_new(2 * ((*s)->len + n));

        g_string_append_len(larger, (*s)->str, (gssize)(*s)->len);
        wipe_string(*s);
        *s = larger;
    }
    g_string_append_len(*s, bytes, (gssize)n);
}

static struct field *add_field(struct web_form *form, const char *name,
                               const char *file)
{
    struct field *f = g_new(struct field, 1);

    *f = (struct field){ g_strdup(name),
                         g_utf8_make_valid(file != NULL ? file : "", -1),
                         g_string_new(NULL) };
    if (file == NULL)
        g_clear_pointer(&f->file, g_free);
    g_ptr_array_add(form->fields, f);
    return f;
}

/* A part comes in pieces; `at` is where in it this one stands. */
static enum MHD_Result take(void *data, enum MHD_ValueKind kind,
                            const char *name, const char *file,
                            const char *type, const char *encoding,
                            const char *bytes, uint64_t at, size_t n)
{
    struct web_form *form = data;
    struct field *f = NULL;

    (void)kind;
    (void)type;
    (void)encoding;
    if (at > 0 && form->fields->len > 0)
        f = form->fields->pdata[form->fields->len - 1];
    else if (form->fields->len < WEB_FORM_FIELDS_MAX && name != NULL)
        f = add_field(form, name, file);
    if (f == NULL ||
        (f->file == NULL && f->value->len + n > WEB_FORM_TEXT_MAX)) {
        form->bad = true;
        return MHD_NO;
    }
    append(&f->value, bytes, n);
    return MHD_YES;
}

static bool is_text(const struct field *f)
{
    return g_utf8_validate_len(f->value->str, f->value->len, NULL);
}

static void check(struct web_form *form)
{
    for (guint i = 0; i < form->fields->len; i++) {
        const struct field *f = form->fields->pdata[i];

        if (!g_utf8_validate(f->name, -1, NULL) ||
            (f->file == NULL && !is_text(f)))
            form->bad = true;
    }
}

struct web_form *web_form_read(struct MHD_Connection *mhd, const char *body,
                               size_t n)
{
    struct MHD_PostProcessor *reader;
    g_autoptr(web_form) form = g_new0(struct web_form, 1);

    form->fields = g_ptr_array_new_with_free_func(free_field);
    reader = MHD_create_post_processor(mhd, READER_BYTES, take, form);
    if (reader == NULL)
        return NULL;
    if (MHD_post_process(reader, body, n) != MHD_YES)
        form->bad = true;
    /* the last field of a urlencoded body comes out with its end */
    if (MHD_destroy_post_processor(reader) != MHD_YES)
        form->bad = true;
    check(form);
    return form->bad ? NULL : g_steal_pointer(&form);
}

void web_form_free(struct web_form *f)
{
    if (f == NULL)
        return;
    g_ptr_array_unref(f->fields);
    g_free(f);
}

static const struct field *find(const struct web_form *f, const char *name,
                                bool file)
{
    for (guint i = 0; f != NULL && i < f->fields->len; i++) {
        const struct field *one = f->fields->pdata[i];

        if (strcmp(one->name, name) == 0 && (one->file != NULL) == file)
            return one;
    }
    return NULL;
}

const char *web_form_text(const struct web_form *f, const char *name)
{
    const struct field *found = find(f, name, false);

    return found != NULL ? found->value->str : NULL;
}

const char *web_form_file(const struct web_form *f, const char *name, size_t *n,
                          const char **ret_name)
{
    const struct field *found = find(f, name, true);

    if (found == NULL)
        return NULL;
    *n = found->value->len;
    *ret_name = found->file;
    return found->value->str;
}
