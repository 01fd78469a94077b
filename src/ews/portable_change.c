#include "ews/portable_item_priv.h"

#include <string.h>

#include "ews/call.h"

/* What an item of that class is in SetItemField. */
static const char *change_element(const struct portable *p)
{
    static const struct {
        const char *item_class, *element;
    } rows[] = {
        { "IPM.Schedule.Meeting.Request", "t:MeetingRequest" },
        { "IPM.Schedule.Meeting.Canceled", "t:MeetingCancellation" },
        { "IPM.Schedule.Meeting.Resp", "t:MeetingResponse" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_ascii_strncasecmp(portable_class(p), rows[i].item_class,
                                strlen(rows[i].item_class)) == 0)
            return rows[i].element;
    }
    return field_item_element(portable_kind(p));
}

static void begin_change(struct xml_writer *w)
{
    xml_open(w, "t:SetItemField");
}

/* "contacts:EmailAddress/EmailAddress1" is changed by index. */
static void write_indexed_path(struct xml_writer *w, const struct field *f,
                               const char *const *parts)
{
    g_autofree char *uri =
        g_strconcat(f->uri, parts[2] != NULL ? ":" : NULL, parts[2], NULL);

    xml_open(w, "t:IndexedFieldURI");
    xml_attribute(w, "FieldURI", uri);
    xml_attribute(w, "FieldIndex", parts[1]);
    xml_close(w);
}

static void write_indexed_value(struct xml_writer *w, const struct field *f,
                                const char *const *parts, const char *text)
{
    g_autofree char *line = g_strconcat("t:", parts[2], NULL);

    xml_open(w, f->element);
    xml_open(w, "t:Entry");
    xml_attribute(w, "Key", parts[1]);
    if (parts[2] != NULL)
        xml_element(w, line, text);
    else
        xml_chars(w, text);
    xml_close(w);
    xml_close(w);
}

static void write_indexed_change(struct xml_writer *w, const struct portable *p,
                                 const struct field *f, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(key, "/", 3);
    const char *const *borrowed = (const char *const *)parts;

    begin_change(w);
    write_indexed_path(w, f, borrowed);
    xml_open(w, change_element(p));
    write_indexed_value(w, f, borrowed, portable_text(p, key));
    xml_close(w);
    xml_close(w);
}

static bool is_one_value(enum field_type type)
{
    return type <= FIELD_STRINGS || type == FIELD_CLASS || type == FIELD_BODY ||
           type == FIELD_RECURRENCE || type == FIELD_PEOPLE;
}

static bool field_can_change(const struct portable *p, const struct field *f,
                             const char *key)
{
    struct portable_value v;

    if (f->element == NULL)
        return false;
    if (f->type == FIELD_PEOPLE)
        return portable_count(p, (enum portable_role)f->more) > 0;
    if (f->type == FIELD_RECURRENCE)
        return portable_recurrence(p) != NULL;
    if (f->type == FIELD_BODY)
        return portable_body(p, NULL) != NULL;
    if (f->type == FIELD_CLASS)
        return true;
    return value_find(p, key, &v) && !value_is_empty(&v) &&
           (is_one_value(f->type) || f->indices != NULL);
}

/* Only creation sets message flags. */
static bool extra_can_change(const struct portable *p, const struct extra *x)
{
    struct portable_value v;

    return !extra_is_flags(x) && extra_value(p, x, &v);
}

bool item_can_change(const struct portable *p, const char *key,
                     enum ews_level level)
{
    const struct field *f = field_of(key);
    const struct extra *x = extra_of(key);

    if (f != NULL)
        return field_fits(f, portable_kind(p), level) &&
               field_can_change(p, f, key);
    return x != NULL && extra_can_change(p, x);
}

static void write_extra_change(struct xml_writer *w, const struct portable *p,
                               const struct extra *x)
{
    struct portable_value v;

    if (!extra_value(p, x, &v))
        return;
    begin_change(w);
    extra_write_path(w, x);
    xml_open(w, change_element(p));
    extra_write(w, x, &v);
    xml_close(w);
    xml_close(w);
}

bool item_write_change(struct xml_writer *w, const struct portable *p,
                       const char *key, const struct item_writing *how)
{
    const struct field *f = field_of(key);

    if (!item_can_change(p, key, how->level))
        return false;
    if (f == NULL) {
        write_extra_change(w, p, extra_of(key));
        return true;
    }
    if (f->indices != NULL) {
        write_indexed_change(w, p, f, key);
        return true;
    }
    begin_change(w);
    call_field_uri(w, f->uri);
    xml_open(w, change_element(p));
    item_write_field(w, p, f, how);
    xml_close(w);
    xml_close(w);
    return true;
}

void item_write_stamp_change(struct xml_writer *w, const struct portable *p,
                             const struct item_writing *how)
{
    begin_change(w);
    stamp_write_path(w);
    xml_open(w, change_element(p));
    stamp_write(w, how);
    xml_close(w);
    xml_close(w);
}
