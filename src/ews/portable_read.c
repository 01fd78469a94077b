#include "ews/portable_item_priv.h"

#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/portable_recur.h"
#include "ews/portable_zone.h"

static void read_plain(const struct field *f, const struct xml_node *node,
                       struct item_reading *r)
{
    static const enum portable_type types[FIELD_N_TYPES] = {
        [FIELD_TEXT] = PORTABLE_TEXT,     [FIELD_INTEGER] = PORTABLE_INTEGER,
        [FIELD_BOOL] = PORTABLE_BOOL,     [FIELD_TIME] = PORTABLE_TIME,
        [FIELD_DOUBLE] = PORTABLE_DOUBLE,
    };
    const struct portable_label label = { f->uri, f->part, f->out };

    value_read(r, &label, types[f->type], xml_text(node));
}

static void read_strings(const struct field *f, const struct xml_node *node,
                         struct item_reading *r)
{
    const struct portable_label label = { f->uri, f->part, f->out };

    value_read_texts(r, &label, node);
}

static void read_body(const struct field *f, const struct xml_node *node,
                      struct item_reading *r)
{
    const char *type = xml_attr(node, "BodyType");
    const char *text = xml_text(node);

    (void)f;
    if (text[0] != '\0')
        portable_set_body(r->p, text, g_strcmp0(type, "HTML") == 0);
}

static void read_zone(const struct field *f, const struct xml_node *node,
                      struct item_reading *r)
{
    struct zone zone;

    if (zone_read_element(node, &zone))
        portable_set_zone(r->p, f->more != 0, &zone.z);
}

static void read_recurrence(const struct field *f, const struct xml_node *node,
                            struct item_reading *r)
{
    struct portable_recurrence recurrence;

    (void)f;
    if (recur_read(node, &recurrence))
        portable_set_recurrence(r->p, &recurrence);
}

static void read_attachments(const struct field *f, const struct xml_node *node,
                             struct item_reading *r)
{
    (void)f;
    pieces_read_attachments(node, r);
}

static void read_occurrences(const struct field *f, const struct xml_node *node,
                             struct item_reading *r)
{
    if (f->more != 0)
        pieces_read_deleted(node, r);
    else
        pieces_read_modified(node, r);
}

static void read_original(const struct field *f, const struct xml_node *node,
                          struct item_reading *r)
{
    (void)f;
    (void)xml_parse_time(xml_text(node), &r->original_us);
}

typedef void field_reader(const struct field *f, const struct xml_node *node,
                          struct item_reading *r);

/* NULL: what it says is read otherwise. */
static field_reader *const readers[FIELD_N_TYPES] = {
    [FIELD_TEXT] = read_plain,
    [FIELD_INTEGER] = read_plain,
    [FIELD_BOOL] = read_plain,
    [FIELD_TIME] = read_plain,
    [FIELD_DOUBLE] = read_plain,
    [FIELD_STRINGS] = read_strings,
    [FIELD_ENTRIES] = entries_read,
    [FIELD_ADDRESSES] = entries_read,
    [FIELD_BODY] = read_body,
    [FIELD_PEOPLE] = people_read,
    [FIELD_RECURRENCE] = read_recurrence,
    [FIELD_ZONE] = read_zone,
    [FIELD_ATTACHMENTS] = read_attachments,
    [FIELD_OCCURRENCES] = read_occurrences,
    [FIELD_ORIGINAL] = read_original,
};

static void read_field(const struct field *f, const struct xml_node *node,
                       struct item_reading *r)
{
    if (readers[f->type] != NULL)
        readers[f->type](f, node, r);
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

void item_reading_clear(struct item_reading *r)
{
    g_clear_pointer(&r->p, portable_unref);
    g_clear_pointer(&r->id, g_free);
    g_clear_pointer(&r->change_key, g_free);
    g_clear_pointer(&r->attachments, g_ptr_array_unref);
    g_clear_pointer(&r->occurrences, g_ptr_array_unref);
}

enum portable_kind item_read_kind(const struct xml_node *node)
{
    return portable_kind_of(xml_child_text(node, "ItemClass"));
}

/* A server is done with what it makes within that time; a person is not. */
#define MAKING_US (2 * TIMESTAMP_SECOND)

static bool is_untouched(const struct xml_node *node)
{
    int64_t created_us, modified_us;

    return xml_parse_time(call_read_property(node, TAG_CREATED_NUMBER),
                          &created_us) &&
           xml_parse_time(call_read_property(node, TAG_MODIFIED_NUMBER),
                          &modified_us) &&
           modified_us - created_us <= MAKING_US;
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
        .untouched = is_untouched(node),
        .original_us = TIMESTAMP_NONE,
        .attachments = g_ptr_array_new_with_free_func(piece_free),
        .occurrences = g_ptr_array_new_with_free_func(piece_free),
    };
    for (; child != NULL; child = xml_next(child)) {
        const struct field *f = field_of_node(child, portable_kind(ret->p));

        if (f != NULL)
            read_field(f, child, ret);
        else if (xml_is(child, "ExtendedProperty"))
            extra_read(child, ret);
    }
    mime = xml_take_payload(doc, xml_child(node, "MimeContent"));
    if (mime != NULL)
        portable_take_mime(ret->p, mime);
    item_settle(ret);
}
