#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/portable_field.h"
#include "ews/portable_item.h"
#include "ews/portable_member.h"
#include "ews/portable_recur.h"
#include "ews/portable_zone.h"

/*
 * What is read of one item at most: each is far beyond what Exchange itself
 * allows or a person makes.
 */
#define PEOPLE_MAX      5000u
#define ATTACHMENTS_MAX 1024u
#define OCCURRENCES_MAX 2000u
#define STRINGS_MAX     1000u

#define UNSENT 0x8
/* asfMeeting, asfReceived: [MS-OXOCAL] 2.2.1.10 */
#define RECEIVED_MEETING 0x3

#define WHEN_SENT "a draft gets it when it is sent"

/* ---- asking ---------------------------------------------------------------
 */

static void write_indexed(struct xml_writer *w, const char *uri,
                          const char *index)
{
    xml_open(w, "t:IndexedFieldURI");
    xml_attribute(w, "FieldURI", uri);
    xml_attribute(w, "FieldIndex", index);
    xml_close(w);
}

static void write_indices(struct xml_writer *w, const struct field *f)
{
    const char *const *lines = field_address_lines();

    for (size_t i = 0; f->indices[i] != NULL; i++) {
        if (f->type == FIELD_ENTRIES) {
            write_indexed(w, f->uri, f->indices[i]);
            continue;
        }
        for (size_t k = 0; lines[k] != NULL; k++) {
            g_autofree char *uri = g_strconcat(f->uri, ":", lines[k], NULL);

            write_indexed(w, uri, f->indices[i]);
        }
    }
}

static void write_extra_paths(struct xml_writer *w, enum portable_kind kind)
{
    size_t n;
    const struct extra *extras = extra_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (extra_fits(&extras[i], kind))
            extra_write_path(w, &extras[i]);
    }
}

static void write_fields(struct xml_writer *w, const struct item_shape *shape)
{
    size_t n;
    const struct field *fields = field_table(&n);

    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];

        if (!field_fits(f, shape->kind, shape->level))
            continue;
        if (f->type == FIELD_EXTRAS)
            write_extra_paths(w, shape->kind);
        else if (f->indices != NULL)
            write_indices(w, f);
        else if (f->uri != NULL && !(f->type == FIELD_BODY && shape->outline))
            call_field_uri(w, f->uri);
    }
}

static bool has_mime(enum portable_kind kind)
{
    return (KINDS_MIME & 1u << kind) != 0;
}

void item_write_shape(struct xml_writer *w, const char *element,
                      const struct item_shape *shape)
{
    bool mime = has_mime(shape->kind) && !shape->outline;

    xml_open(w, element);
    if (strcmp(element, "m:ItemShape") == 0)
        xml_element(w, "t:BaseShape", "IdOnly");
    xml_element(w, "t:IncludeMimeContent", mime ? "true" : "false");
    xml_element(w, "t:BodyType", "Best");
    xml_open(w, "t:AdditionalProperties");
    write_fields(w, shape);
    if (shape->stamp)
        stamp_write_path(w);
    xml_close(w);
    xml_close(w);
}

/* ---- pieces ----------------------------------------------------------------
 */

static void free_text(const char *text)
{
    g_free(GSIZE_TO_POINTER(GPOINTER_TO_SIZE(text)));
}

static void piece_free(void *data)
{
    struct item_piece *p = data;

    g_free(p->id);
    free_text(p->about.name);
    free_text(p->about.content_type);
    free_text(p->about.content_id);
    free_text(p->about.location);
    g_free(p);
}

void item_reading_clear(struct item_reading *r)
{
    g_clear_pointer(&r->p, portable_unref);
    g_clear_pointer(&r->id, g_free);
    g_clear_pointer(&r->change_key, g_free);
    g_clear_pointer(&r->attachments, g_ptr_array_unref);
    g_clear_pointer(&r->occurrences, g_ptr_array_unref);
}

/* Up to 2010 a photo is known by its name alone. */
static bool is_photo(const struct xml_node *node)
{
    bool photo = false;

    (void)xml_parse_bool(xml_child_text(node, "IsContactPhoto"), &photo);
    return photo ||
           g_strcmp0(xml_child_text(node, "Name"), "ContactPicture.jpg") == 0;
}

static void read_attachment(const struct xml_node *node, bool contact,
                            GPtrArray *ret)
{
    const char *id = xml_attr(xml_child(node, "AttachmentId"), "Id");
    struct item_piece *piece;

    if (id == NULL || ret->len >= ATTACHMENTS_MAX)
        return;
    piece = g_new0(struct item_piece, 1);
    piece->id = g_strdup(id);
    piece->is_item = xml_is(node, "ItemAttachment");
    piece->about.name = g_strdup(xml_child_text(node, "Name"));
    piece->about.content_type = g_strdup(xml_child_text(node, "ContentType"));
    piece->about.content_id = g_strdup(xml_child_text(node, "ContentId"));
    piece->about.location = g_strdup(xml_child_text(node, "ContentLocation"));
    (void)xml_parse_bool(xml_child_text(node, "IsInline"),
                         &piece->about.is_inline);
    piece->about.photo = contact && !piece->is_item && is_photo(node);
    g_ptr_array_add(ret, piece);
}

static void read_attachments(const struct xml_node *node,
                             struct item_reading *r)
{
    bool contact = portable_kind(r->p) == PORTABLE_CONTACT;
    const struct xml_node *a = xml_first(node);

    for (; a != NULL; a = xml_next(a))
        read_attachment(a, contact, r->attachments);
}

static void read_modified(const struct xml_node *node, struct item_reading *r)
{
    const struct xml_node *o = xml_first(node);

    for (; o != NULL && r->occurrences->len < OCCURRENCES_MAX;
         o = xml_next(o)) {
        const char *id = xml_attr(xml_child(o, "ItemId"), "Id");
        struct item_piece *piece;
        int64_t us;

        if (id == NULL ||
            !xml_parse_time(xml_child_text(o, "OriginalStart"), &us))
            continue;
        piece = g_new0(struct item_piece, 1);
        piece->id = g_strdup(id);
        piece->original_us = us;
        g_ptr_array_add(r->occurrences, piece);
    }
}

static void read_deleted(const struct xml_node *node, struct item_reading *r)
{
    const struct xml_node *o = xml_first(node);

    for (size_t i = 0; o != NULL && i < OCCURRENCES_MAX; i++, o = xml_next(o)) {
        int64_t us;

        if (xml_parse_time(xml_child_text(o, "Start"), &us))
            portable_add_deletion(r->p, us);
    }
}

/* ---- people -------------------------------------------------------------- */

static void read_person(const struct xml_node *node, enum portable_role role,
                        struct item_reading *r)
{
    const struct xml_node *mailbox =
        xml_is(node, "Mailbox") ? node : xml_child(node, "Mailbox");
    const struct portable_person one = {
        .role = role,
        .name = xml_child_text(mailbox, "Name"),
        .address = xml_child_text(mailbox, "EmailAddress"),
        .routing = xml_child_text(mailbox, "RoutingType"),
        .kind = xml_child_text(mailbox, "MailboxType"),
        .response = xml_child_text(node, "ResponseType"),
    };

    if (one.address != NULL || one.name != NULL)
        portable_add_person(r->p, &one);
}

/* Whose calendar it lies in organises everything else, under any address. */
static bool is_invitation(const struct portable *p)
{
    int64_t state;

    return portable_integer(p, "Appointment/0x8217", &state) &&
           (state & RECEIVED_MEETING) == RECEIVED_MEETING;
}

static void read_people(const struct field *f, const struct xml_node *node,
                        struct item_reading *r)
{
    enum portable_role role = (enum portable_role)f->more;
    const struct xml_node *one = xml_first(node);

    if (role == PORTABLE_ORGANISER && !is_invitation(r->p))
        return;
    for (size_t i = 0; one != NULL && i < PEOPLE_MAX; i++, one = xml_next(one))
        read_person(one, role, r);
}

/* ---- values ----------------------------------------------------------------
 */

/* Children's texts; free with g_free(): the texts are borrowed. */
static const char **strings_below(const struct xml_node *node)
{
    GPtrArray *a = g_ptr_array_new();
    const struct xml_node *s = xml_first(node);

    for (; s != NULL && a->len < STRINGS_MAX; s = xml_next(s))
        g_ptr_array_add(a, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(xml_text(s))));
    g_ptr_array_add(a, NULL);
    return (const char **)g_ptr_array_free(a, FALSE);
}

static bool parse_integer(const char *text, int64_t *ret)
{
    char *end = NULL;
    gint64 n;

    if (text == NULL || text[0] == '\0')
        return false;
    n = g_ascii_strtoll(text, &end, 10);
    if (*end != '\0')
        return false;
    *ret = n;
    return true;
}

/* The value of an element without children, by how it is to be taken. */
static bool parse_value(enum portable_type type, const char *text,
                        struct portable_value *ret)
{
    struct portable_value v = { .type = type };
    char *end = NULL;

    if (text == NULL)
        return false;
    switch (type) {
    case PORTABLE_TEXT:
        v.text = text;
        break;
    case PORTABLE_INTEGER:
        if (!parse_integer(text, &v.integer))
            return false;
        break;
    case PORTABLE_BOOL:
        if (!xml_parse_bool(text, &v.boolean))
            return false;
        break;
    case PORTABLE_TIME:
        if (!xml_parse_time(text, &v.integer))
            return false;
        break;
    case PORTABLE_DOUBLE:
        v.real = g_ascii_strtod(text, &end);
        if (end == text)
            return false;
        break;
    case PORTABLE_TEXTS:
    case PORTABLE_BINARY:
        return false;
    }
    *ret = v;
    return true;
}

static void set_value(struct item_reading *r,
                      const struct portable_label *label,
                      enum portable_type type, const char *text)
{
    struct portable_value v;

    if (parse_value(type, text, &v))
        portable_set(r->p, label, &v);
}

static void set_strings(struct item_reading *r,
                        const struct portable_label *label,
                        const struct xml_node *node)
{
    g_autofree const char **texts = strings_below(node);
    const struct portable_value v = { .type = PORTABLE_TEXTS, .texts = texts };

    portable_set(r->p, label, &v);
}

static void read_entry(const struct field *f, const struct xml_node *entry,
                       struct item_reading *r)
{
    const char *const *lines = field_address_lines();
    const char *index = xml_attr(entry, "Key");

    if (index == NULL || !g_strv_contains(f->indices, index))
        return;
    if (f->type == FIELD_ENTRIES) {
        g_autofree char *key = field_key(f, index, NULL);

        set_value(r, &(struct portable_label){ key, f->part, f->out },
                  PORTABLE_TEXT, xml_text(entry));
        return;
    }
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *key = field_key(f, index, lines[i]);

        set_value(r, &(struct portable_label){ key, f->part, f->out },
                  PORTABLE_TEXT, xml_child_text(entry, lines[i]));
    }
}

static void read_entries(const struct field *f, const struct xml_node *node,
                         struct item_reading *r)
{
    const struct xml_node *entry = xml_first(node);

    for (; entry != NULL; entry = xml_next(entry))
        read_entry(f, entry, r);
}

static void read_body(const struct xml_node *node, struct item_reading *r)
{
    const char *type = xml_attr(node, "BodyType");
    const char *text = xml_text(node);

    if (text[0] != '\0')
        portable_set_body(r->p, text, g_strcmp0(type, "HTML") == 0);
}

static void read_zone(const struct xml_node *node, bool end,
                      struct item_reading *r)
{
    struct zone zone;

    if (zone_read_element(node, &zone))
        portable_set_zone(r->p, end, &zone.z);
}

static void read_recurrence(const struct xml_node *node, struct item_reading *r)
{
    struct portable_recurrence recurrence;

    if (recur_read(node, &recurrence))
        portable_set_recurrence(r->p, &recurrence);
}

/* ---- one element --------------------------------------------------------- */

static void read_field(const struct field *f, const struct xml_node *node,
                       struct item_reading *r)
{
    const struct portable_label label = { f->uri, f->part, f->out };

    switch (f->type) {
    case FIELD_TEXT:
        set_value(r, &label, PORTABLE_TEXT, xml_text(node));
        break;
    case FIELD_INTEGER:
        set_value(r, &label, PORTABLE_INTEGER, xml_text(node));
        break;
    case FIELD_BOOL:
        set_value(r, &label, PORTABLE_BOOL, xml_text(node));
        break;
    case FIELD_TIME:
        set_value(r, &label, PORTABLE_TIME, xml_text(node));
        break;
    case FIELD_DOUBLE:
        set_value(r, &label, PORTABLE_DOUBLE, xml_text(node));
        break;
    case FIELD_STRINGS:
        set_strings(r, &label, node);
        break;
    case FIELD_ENTRIES:
    case FIELD_ADDRESSES:
        read_entries(f, node, r);
        break;
    case FIELD_BODY:
        read_body(node, r);
        break;
    case FIELD_PEOPLE:
        read_people(f, node, r);
        break;
    case FIELD_RECURRENCE:
        read_recurrence(node, r);
        break;
    case FIELD_ZONE:
        read_zone(node, f->more != 0, r);
        break;
    case FIELD_ATTACHMENTS:
        read_attachments(node, r);
        break;
    case FIELD_OCCURRENCES:
        f->more != 0 ? read_deleted(node, r) : read_modified(node, r);
        break;
    case FIELD_ORIGINAL:
        (void)xml_parse_time(xml_text(node), &r->original_us);
        break;
    case FIELD_CLASS:
    case FIELD_EXTRAS:
    case FIELD_OLD_ZONE:
        break;
    }
}

/* Elements carry the name behind "t:"; those never written, of their URI. */
static bool is_element(const struct field *f, const struct xml_node *node)
{
    if (f->element != NULL)
        return xml_is(node, f->element + strlen("t:"));
    return f->uri != NULL && xml_is(node, strchr(f->uri, ':') + 1);
}

static const struct field *field_of_node(const struct xml_node *node,
                                         enum portable_kind kind)
{
    size_t n;
    const struct field *fields = field_table(&n);

    for (size_t i = 0; i < n; i++) {
        if ((fields[i].kinds & 1u << kind) != 0 && is_element(&fields[i], node))
            return &fields[i];
    }
    return NULL;
}

/* ---- MAPI properties -------------------------------------------------------
 */

static void set_binary(struct item_reading *r,
                       const struct portable_label *label, const char *text)
{
    gsize n;
    guchar *bytes = g_base64_decode(text, &n);
    g_autoptr(GBytes) binary = g_bytes_new_take(bytes, n);
    const struct portable_value v = { .type = PORTABLE_BINARY,
                                      .binary = binary };

    if (n > 0)
        portable_set(r->p, label, &v);
}

static enum portable_type type_of(const struct extra *x)
{
    if (strcmp(x->type, "Boolean") == 0)
        return PORTABLE_BOOL;
    if (strcmp(x->type, "SystemTime") == 0)
        return PORTABLE_TIME;
    if (strcmp(x->type, "String") == 0)
        return PORTABLE_TEXT;
    if (strcmp(x->type, "Double") == 0)
        return PORTABLE_DOUBLE;
    return PORTABLE_INTEGER;
}

static void set_extra(const struct extra *x, const struct xml_node *node,
                      struct item_reading *r)
{
    g_autofree char *key = extra_key(x);
    const struct portable_label label = { key, x->part, x->out };

    if (extra_is_array(x))
        set_strings(r, &label, xml_child(node, "Values"));
    else if (strcmp(x->type, "Binary") == 0)
        set_binary(r, &label, xml_text(xml_child(node, "Value")));
    else
        set_value(r, &label, type_of(x), xml_child_text(node, "Value"));
}

static void read_extra(const struct xml_node *node, struct item_reading *r)
{
    const struct xml_node *path = xml_child(node, "ExtendedFieldURI");
    size_t n;
    const struct extra *extras = extra_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (extra_fits(&extras[i], portable_kind(r->p)) &&
            extra_is(&extras[i], path)) {
            set_extra(&extras[i], node, r);
            return;
        }
    }
}

/* ---- what follows from several --------------------------------------------
 */

static void leave_out(struct item_reading *r, const char *key, const char *why)
{
    const struct extra *x = extra_of(key);
    const struct portable_label label = { key, x->part, why };
    struct portable_value v;
    g_autofree char *text = NULL;

    if (portable_get(r->p, key, PORTABLE_TIME, &v)) {
        portable_set(r->p, &label, &v);
        return;
    }
    if (!portable_get(r->p, key, PORTABLE_TEXT, &v))
        return;
    text = g_strdup(v.text); /* which setting it would free */
    v.text = text;
    portable_set(r->p, &label, &v);
}

static void settle_draft(struct item_reading *r)
{
    int64_t flags = 0;
    bool draft = portable_flag(r->p, "item:IsDraft");

    if (portable_integer(r->p, "0x0E07", &flags))
        draft = draft || (flags & UNSENT) != 0;
    if (!draft || !has_mime(portable_kind(r->p)))
        return;
    portable_set_draft(r->p);
    leave_out(r, "0x1035", WHEN_SENT);
    leave_out(r, "0x0039", WHEN_SENT);
}

typedef bool zone_reader(GBytes *bytes, struct zone *ret);

static void zone_of(struct item_reading *r, bool end, const char *key,
                    zone_reader *read)
{
    struct portable_value v;
    struct zone zone;

    if (portable_zone(r->p, end) != NULL && portable_zone(r->p, end)->has_rule)
        return;
    if (portable_get(r->p, key, PORTABLE_BINARY, &v) && read(v.binary, &zone))
        portable_set_zone(r->p, end, &zone.z);
}

/* What EWS does not tell of a zone, MAPI's properties do. */
static void settle_zones(struct item_reading *r)
{
    zone_of(r, false, "Appointment/0x825E", zone_read_definition);
    zone_of(r, false, "Appointment/0x8260", zone_read_definition);
    zone_of(r, false, "Appointment/0x8233", zone_read_struct);
    zone_of(r, true, "Appointment/0x825F", zone_read_definition);
}

/* Up to 2007 EWS tells no members; MAPI's properties do. */
static void settle_members(struct item_reading *r)
{
    struct portable_value v;

    if (portable_count(r->p, PORTABLE_MEMBER) > 0 ||
        !portable_get(r->p, MEMBER_ONE_OFFS, PORTABLE_TEXTS, &v))
        return;
    for (size_t i = 0; i < PEOPLE_MAX && v.texts[i] != NULL; i++) {
        struct portable_person one;

        if (!member_read(v.texts[i], &one))
            continue;
        portable_add_person(r->p, &one);
        member_clear(&one);
    }
}

enum portable_kind item_read_kind(const struct xml_node *node)
{
    return portable_kind_of(xml_child_text(node, "ItemClass"));
}

void item_read(struct xml_doc *doc, const struct xml_node *node,
               struct item_reading *ret)
{
    const struct xml_node *id = xml_child(node, "ItemId");
    const struct xml_node *child = xml_first(node);
    struct blob *mime;

    *ret = (struct item_reading){
        .p = portable_new(item_read_kind(node),
                          xml_child_text(node, "ItemClass")),
        .id = g_strdup(xml_attr(id, "Id")),
        .change_key = g_strdup(xml_attr(id, "ChangeKey")),
        .original_us = TIMESTAMP_NONE,
        .attachments = g_ptr_array_new_with_free_func(piece_free),
        .occurrences = g_ptr_array_new_with_free_func(piece_free),
    };
    for (; child != NULL; child = xml_next(child)) {
        const struct field *f = field_of_node(child, portable_kind(ret->p));

        if (f != NULL)
            read_field(f, child, ret);
        else if (xml_is(child, "ExtendedProperty"))
            read_extra(child, ret);
    }
    mime = xml_take_payload(doc, xml_child(node, "MimeContent"));
    if (mime != NULL)
        portable_take_mime(ret->p, mime);
    settle_draft(ret);
    settle_zones(ret);
    settle_members(ret);
}
