#include "ews/portable_item_priv.h"

#include <string.h>

#include "ews/portable_recur.h"
#include "ews/portable_zone.h"

static void write_body(struct xml_writer *w, const struct portable *p,
                       const struct field *f, const struct item_writing *how)
{
    bool html = false;
    const char *body = portable_body(p, &html);

    (void)f;
    (void)how;
    if (body == NULL)
        return;
    xml_open(w, "t:Body");
    xml_attribute(w, "BodyType", html ? "HTML" : "Text");
    xml_chars(w, body);
    xml_close(w);
}

static void write_zone(struct xml_writer *w, const struct portable *p,
                       const struct field *f, const struct item_writing *how)
{
    const struct portable_zone *z = portable_zone(p, f->more != 0);

    if (z == NULL)
        z = portable_zone(p, false);
    if (z == NULL || (z->id == NULL && !z->has_rule))
        return;
    if (f->type == FIELD_OLD_ZONE)
        zone_write_old(w, z);
    else
        zone_write(w, f->element, z, how->zones_by_rule || z->id == NULL);
}

/* MIME brings its own. */
static void write_attachments(struct xml_writer *w, const struct portable *p,
                              const struct field *f,
                              const struct item_writing *how)
{
    (void)f;
    if (!how->nested || portable_mime(p) != NULL ||
        portable_n_attachments(p) == 0)
        return;
    xml_open(w, "t:Attachments");
    for (size_t i = 0; i < portable_n_attachments(p); i++)
        item_write_attachment(w, portable_attachment_at(p, i), how);
    xml_close(w);
}

/* [MS-OXWSCDATA] LegacyFreeBusyType: this one is new in 2013. */
static const char *known_text(const struct field *f, const char *text,
                              enum ews_level level)
{
    if (strcmp(f->uri, "calendar:LegacyFreeBusyStatus") == 0 &&
        strcmp(text, "WorkingElsewhere") == 0 && level < EWS_2013)
        return "Busy";
    return text;
}

/* EWS refuses a longer one, which MAPI stores. */
#define SUBJECT_MAX 255

static char *short_subject(const struct field *f,
                           const struct portable_value *v)
{
    if (strcmp(f->uri, "item:Subject") != 0 || v->type != PORTABLE_TEXT ||
        g_utf8_strlen(v->text, -1) <= SUBJECT_MAX)
        return NULL;
    return g_utf8_substring(v->text, 0, SUBJECT_MAX);
}

static void write_plain(struct xml_writer *w, const struct portable *p,
                        const struct field *f, const struct item_writing *how)
{
    struct portable_value v;
    g_autofree char *cut = NULL;

    if (f->element == NULL || !value_find(p, f->uri, &v) || value_is_empty(&v))
        return;
    cut = short_subject(f, &v);
    if (cut != NULL)
        v.text = cut;
    if (v.type == PORTABLE_TEXT)
        v.text = known_text(f, v.text, how->level);
    value_write(w, f->element, &v);
}

static void write_entries(struct xml_writer *w, const struct portable *p,
                          const struct field *f, const struct item_writing *how)
{
    entries_write(w, p, f, how->level);
}

static void write_class(struct xml_writer *w, const struct portable *p,
                        const struct field *f, const struct item_writing *how)
{
    (void)how;
    xml_element(w, f->element, portable_class(p));
}

static void write_extras(struct xml_writer *w, const struct portable *p,
                         const struct field *f, const struct item_writing *how)
{
    (void)f;
    extras_write(w, p, how);
}

static void write_people(struct xml_writer *w, const struct portable *p,
                         const struct field *f, const struct item_writing *how)
{
    (void)how;
    if (f->element != NULL)
        people_write(w, p, f);
}

static void write_recurrence(struct xml_writer *w, const struct portable *p,
                             const struct field *f,
                             const struct item_writing *how)
{
    (void)f;
    if (portable_recurrence(p) != NULL)
        recur_write(w, portable_recurrence(p), how->level);
}

typedef void field_writer(struct xml_writer *w, const struct portable *p,
                          const struct field *f,
                          const struct item_writing *how);

/* NULL: it is never written with the item. */
static field_writer *const writers[FIELD_N_TYPES] = {
    [FIELD_TEXT] = write_plain,
    [FIELD_INTEGER] = write_plain,
    [FIELD_BOOL] = write_plain,
    [FIELD_TIME] = write_plain,
    [FIELD_DOUBLE] = write_plain,
    [FIELD_STRINGS] = write_plain,
    [FIELD_ENTRIES] = write_entries,
    [FIELD_ADDRESSES] = write_entries,
    [FIELD_CLASS] = write_class,
    [FIELD_BODY] = write_body,
    [FIELD_EXTRAS] = write_extras,
    [FIELD_PEOPLE] = write_people,
    [FIELD_RECURRENCE] = write_recurrence,
    [FIELD_ZONE] = write_zone,
    [FIELD_OLD_ZONE] = write_zone,
    [FIELD_ATTACHMENTS] = write_attachments,
};

void item_write_field(struct xml_writer *w, const struct portable *p,
                      const struct field *f, const struct item_writing *how)
{
    if (writers[f->type] != NULL)
        writers[f->type](w, p, f, how);
}

void item_write(struct xml_writer *w, const struct portable *p,
                const struct item_writing *how)
{
    enum portable_kind kind = portable_kind(p);
    size_t n;
    const struct field *fields = field_table(&n);

    xml_open(w, field_item_element(kind));
    if (portable_mime(p) != NULL) {
        xml_open(w, "t:MimeContent");
        xml_attribute(w, "CharacterSet", "UTF-8");
        xml_blob(w, portable_mime(p));
        xml_close(w);
    }
    for (size_t i = 0; i < n; i++) {
        if (field_fits(&fields[i], kind, how->level))
            item_write_field(w, p, &fields[i], how);
    }
    xml_close(w);
}

static void write_inner(struct xml_writer *w, const struct portable *p,
                        const struct item_writing *how)
{
    struct item_writing inner = *how;

    inner.stamp = NULL;
    inner.nested = true;
    item_write(w, p, &inner);
}

void item_write_attachment(struct xml_writer *w,
                           const struct portable_attachment *a,
                           const struct item_writing *how)
{
    xml_open(w, a->item != NULL ? "t:ItemAttachment" : "t:FileAttachment");
    xml_element(w, "t:Name", a->name != NULL ? a->name : "");
    if (a->content_type != NULL)
        xml_element(w, "t:ContentType", a->content_type);
    if (a->content_id != NULL)
        xml_element(w, "t:ContentId", a->content_id);
    if (a->location != NULL)
        xml_element(w, "t:ContentLocation", a->location);
    if (a->is_inline && how->level >= EWS_2010)
        xml_element(w, "t:IsInline", "true");
    if (a->photo && how->level >= EWS_2010)
        xml_element(w, "t:IsContactPhoto", "true");
    if (a->item != NULL)
        write_inner(w, a->item, how);
    else {
        xml_open(w, "t:Content");
        if (a->content != NULL)
            xml_blob(w, a->content);
        xml_close(w);
    }
    xml_close(w);
}
