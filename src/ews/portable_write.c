#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/portable_field.h"
#include "ews/portable_item.h"
#include "ews/portable_member.h"
#include "ews/portable_recur.h"
#include "ews/portable_zone.h"

#define READ           0x1
#define TAG_FLAGS      0x0E07
#define TAG_MESSAGE_ID 0x1035

/* ---- values ----------------------------------------------------------------
 */

static void write_time(struct xml_writer *w, const char *element, int64_t us)
{
    g_autofree char *text = timestamp_format(us);

    xml_element(w, element, text);
}

static void write_number(struct xml_writer *w, const char *element, int64_t n)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, n);

    xml_element(w, element, text);
}

static void write_texts(struct xml_writer *w, const char *element,
                        const char *item, const char *const *texts)
{
    xml_open(w, element);
    for (size_t i = 0; texts[i] != NULL; i++)
        xml_element(w, item, texts[i]);
    xml_close(w);
}

static void write_binary(struct xml_writer *w, const char *element,
                         GBytes *binary)
{
    gsize n;
    const void *data = g_bytes_get_data(binary, &n);
    g_autofree char *text = g_base64_encode(data, n);

    xml_element(w, element, text);
}

/* [MS-OXWSTASK] PercentComplete is a double: with a point in every locale. */
static void write_real(struct xml_writer *w, const char *element, double real)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    xml_element(w, element, g_ascii_formatd(text, sizeof(text), "%.10g", real));
}

static void write_value(struct xml_writer *w, const char *element,
                        const struct portable_value *v)
{
    switch (v->type) {
    case PORTABLE_TEXT:
        xml_element(w, element, v->text);
        break;
    case PORTABLE_INTEGER:
        write_number(w, element, v->integer);
        break;
    case PORTABLE_BOOL:
        xml_element(w, element, v->boolean ? "true" : "false");
        break;
    case PORTABLE_TIME:
        write_time(w, element, v->integer);
        break;
    case PORTABLE_DOUBLE:
        write_real(w, element, v->real);
        break;
    case PORTABLE_BINARY:
        write_binary(w, element, v->binary);
        break;
    case PORTABLE_TEXTS:
        write_texts(w, element, "t:String", v->texts);
        break;
    }
}

static bool find(const struct portable *p, const char *key,
                 struct portable_value *ret)
{
    for (int type = PORTABLE_TEXT; type <= PORTABLE_DOUBLE; type++) {
        if (portable_get(p, key, (enum portable_type)type, ret))
            return true;
    }
    return false;
}

/* An empty list is not to be written: the schema wants one at least. */
static bool is_empty(const struct portable_value *v)
{
    return v->type == PORTABLE_TEXTS && v->texts[0] == NULL;
}

/* ---- entries --------------------------------------------------------------
 */

/* [MS-OXWSCONT] EmailAddressDictionaryEntryType: Name is new in 2010. */
static const char *entry_name(const struct portable *p, const struct field *f,
                              const char *index, enum ews_level level)
{
    static const char *const keys[] = { "Address/0x8080", "Address/0x8090",
                                        "Address/0x80A0" };

    if (level < EWS_2010 || strcmp(f->uri, "contacts:EmailAddress") != 0)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(f->indices[i], index) == 0)
            return portable_text(p, keys[i]);
    }
    return NULL;
}

static void write_entry(struct xml_writer *w, const struct portable *p,
                        const struct field *f, const char *index,
                        enum ews_level level)
{
    const char *const *lines = field_address_lines();
    g_autofree char *key = field_key(f, index, NULL);
    const char *text = portable_text(p, key);

    xml_open(w, "t:Entry");
    xml_attribute(w, "Key", index);
    xml_attribute(w, "Name", entry_name(p, f, index, level));
    if (f->type == FIELD_ENTRIES)
        xml_chars(w, text != NULL ? text : "");
    for (size_t i = 0; f->type == FIELD_ADDRESSES && lines[i] != NULL; i++) {
        g_autofree char *line = field_key(f, index, lines[i]);
        g_autofree char *element = g_strconcat("t:", lines[i], NULL);

        if (portable_text(p, line) != NULL)
            xml_element(w, element, portable_text(p, line));
    }
    xml_close(w);
}

static bool has_entry(const struct portable *p, const struct field *f,
                      const char *index)
{
    const char *const *lines = field_address_lines();
    g_autofree char *key = field_key(f, index, NULL);

    if (f->type == FIELD_ENTRIES)
        return portable_text(p, key) != NULL && portable_text(p, key)[0] != 0;
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *line = field_key(f, index, lines[i]);

        if (portable_text(p, line) != NULL)
            return true;
    }
    return false;
}

static void write_entries(struct xml_writer *w, const struct portable *p,
                          const struct field *f, enum ews_level level)
{
    bool open = false;

    for (size_t i = 0; f->indices != NULL && f->indices[i] != NULL; i++) {
        if (!has_entry(p, f, f->indices[i]))
            continue;
        if (!open)
            xml_open(w, f->element);
        open = true;
        write_entry(w, p, f, f->indices[i], level);
    }
    if (open)
        xml_close(w);
}

/* ---- people ----------------------------------------------------------------
 */

static void write_mailbox(struct xml_writer *w,
                          const struct portable_person *one)
{
    xml_open(w, "t:Mailbox");
    if (one->name != NULL)
        xml_element(w, "t:Name", one->name);
    if (one->address != NULL)
        xml_element(w, "t:EmailAddress", one->address);
    if (one->address != NULL && one->routing != NULL)
        xml_element(w, "t:RoutingType", one->routing);
    /*
     * Whoever the member was in the old directory, in the new one it may not
     * be found: written as an address of its own it cannot be refused.
     */
    if (one->role == PORTABLE_MEMBER)
        xml_element(w, "t:MailboxType", "OneOff");
    xml_close(w);
}

static void write_person(struct xml_writer *w,
                         const struct portable_person *one)
{
    if (one->role == PORTABLE_BCC) {
        write_mailbox(w, one);
        return;
    }
    xml_open(w, one->role == PORTABLE_MEMBER ? "t:Member" : "t:Attendee");
    write_mailbox(w, one);
    if (one->role != PORTABLE_MEMBER && one->response != NULL)
        xml_element(w, "t:ResponseType", one->response);
    xml_close(w);
}

static void write_people(struct xml_writer *w, const struct portable *p,
                         const struct field *f)
{
    enum portable_role role = (enum portable_role)f->more;

    if (portable_count(p, role) == 0)
        return;
    xml_open(w, f->element);
    for (size_t i = 0; i < portable_n_people(p); i++) {
        if (portable_person_at(p, i)->role == role)
            write_person(w, portable_person_at(p, i));
    }
    xml_close(w);
}

/* ---- MAPI properties -------------------------------------------------------
 */

/*
 * What is created as a message is a draft unless its flags say otherwise, and
 * only its creation may say so ([MS-OXCMSG] 2.2.1.6 mfUnsent).
 */
static bool flags_value(const struct portable *p, struct portable_value *ret)
{
    bool read = portable_flag(p, "message:IsRead");

    if (portable_draft(p))
        return false;
    if (portable_kind(p) == PORTABLE_NOTE ||
        portable_kind(p) == PORTABLE_JOURNAL)
        read = true;
    *ret = (struct portable_value){ .type = PORTABLE_INTEGER,
                                    .integer = read ? READ : 0 };
    return true;
}

/*
 * What has no message id gets one when MIME is made of it, and it would stay:
 * an empty one says that there is none.
 */
static bool no_id_value(const struct portable *p, struct portable_value *ret)
{
    if (portable_mime(p) == NULL || portable_draft(p))
        return false;
    *ret = (struct portable_value){ .type = PORTABLE_TEXT, .text = "" };
    return true;
}

static const struct portable_person *organiser_of(const struct portable *p)
{
    for (size_t i = 0; i < portable_n_people(p); i++) {
        const struct portable_person *one = portable_person_at(p, i);

        if (one->role == PORTABLE_ORGANISER && one->address != NULL &&
            strchr(one->address, '@') != NULL)
            return one;
    }
    return NULL;
}

/*
 * Who sent the meeting stands in properties as the old directory knows him
 * ("/o=Old/ou=..."), which means nothing to a new one: his mail address does.
 */
static bool sender_value(const struct portable *p, const struct extra *x,
                         struct portable_value *ret)
{
    const struct portable_person *one = organiser_of(p);
    bool type = x->id == 0x0064 || x->id == 0x0C1E;
    bool address = x->id == 0x0065 || x->id == 0x0C1F;

    if (x->set != NULL || (!type && !address) || one == NULL)
        return false;
    *ret = (struct portable_value){ .type = PORTABLE_TEXT,
                                    .text = type ? "SMTP" : one->address };
    return true;
}

static bool extra_value(const struct portable *p, const struct extra *x,
                        struct portable_value *ret)
{
    g_autofree char *key = extra_key(x);

    if (x->set == NULL && x->id == TAG_FLAGS)
        return flags_value(p, ret);
    if (sender_value(p, x, ret))
        return true;
    if (find(p, key, ret))
        return !is_empty(ret);
    return x->set == NULL && x->id == TAG_MESSAGE_ID && no_id_value(p, ret);
}

static void write_extra(struct xml_writer *w, const struct extra *x,
                        const struct portable_value *v)
{
    xml_open(w, "t:ExtendedProperty");
    extra_write_path(w, x);
    if (v->type == PORTABLE_TEXTS)
        write_texts(w, "t:Values", "t:Value", v->texts);
    else
        write_value(w, "t:Value", v);
    xml_close(w);
}

static bool is_members(const struct extra *x)
{
    g_autofree char *key = extra_key(x);

    return strcmp(key, MEMBER_ONE_OFFS) == 0 || strcmp(key, MEMBER_IDS) == 0;
}

/*
 * Both properties hold a member each, in the same order.  From 2010 on there
 * is an element, and what the properties say of another directory is no use.
 */
static void write_members(struct xml_writer *w, const struct portable *p,
                          const struct extra *x, const struct item_writing *how)
{
    if (how->level >= EWS_2010 || portable_count(p, PORTABLE_MEMBER) == 0)
        return;
    xml_open(w, "t:ExtendedProperty");
    extra_write_path(w, x);
    xml_open(w, "t:Values");
    for (size_t i = 0; i < portable_n_people(p); i++) {
        g_autofree char *entry = member_write(portable_person_at(p, i));

        if (portable_person_at(p, i)->role == PORTABLE_MEMBER)
            xml_element(w, "t:Value", entry);
    }
    xml_close(w);
    xml_close(w);
}

/* Without them the item is not what it was: dates and flags, ids, its owner. */
static bool is_needed(const struct extra *x)
{
    return x->set == NULL || strcmp(x->set, "Meeting") == 0;
}

static void write_stamp(struct xml_writer *w, const struct item_writing *how)
{
    g_autofree char *text =
        g_strconcat(how->unfinished ? STAMP_UNFINISHED : "", how->stamp, NULL);

    xml_open(w, "t:ExtendedProperty");
    stamp_write_path(w);
    xml_element(w, "t:Value", text);
    xml_close(w);
}

static void write_extras(struct xml_writer *w, const struct portable *p,
                         const struct item_writing *how)
{
    size_t n;
    const struct extra *extras = extra_table(&n);

    for (size_t i = 0; i < n; i++) {
        struct portable_value v;

        if (is_members(&extras[i]) && extra_fits(&extras[i], portable_kind(p)))
            write_members(w, p, &extras[i], how);
        else if (extra_fits(&extras[i], portable_kind(p)) &&
                 (!how->bare || is_needed(&extras[i])) &&
                 extra_value(p, &extras[i], &v))
            write_extra(w, &extras[i], &v);
    }
    if (how->stamp != NULL)
        write_stamp(w, how);
}

/* ---- the item ---------------------------------------------------------------
 */

static void write_body(struct xml_writer *w, const struct portable *p)
{
    bool html = false;
    const char *body = portable_body(p, &html);

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

static void write_attachments(struct xml_writer *w, const struct portable *p,
                              const struct item_writing *how)
{
    if (!how->nested || portable_n_attachments(p) == 0)
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

    if (!find(p, f->uri, &v) || is_empty(&v))
        return;
    cut = short_subject(f, &v);
    if (cut != NULL)
        v.text = cut;
    if (v.type == PORTABLE_TEXT)
        v.text = known_text(f, v.text, how->level);
    write_value(w, f->element, &v);
}

static void write_field(struct xml_writer *w, const struct portable *p,
                        const struct field *f, const struct item_writing *how)
{
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_INTEGER:
    case FIELD_BOOL:
    case FIELD_TIME:
    case FIELD_DOUBLE:
    case FIELD_STRINGS:
        if (f->element != NULL)
            write_plain(w, p, f, how);
        break;
    case FIELD_ENTRIES:
    case FIELD_ADDRESSES:
        write_entries(w, p, f, how->level);
        break;
    case FIELD_CLASS:
        xml_element(w, f->element, portable_class(p));
        break;
    case FIELD_BODY:
        write_body(w, p);
        break;
    case FIELD_EXTRAS:
        write_extras(w, p, how);
        break;
    case FIELD_PEOPLE:
        if (f->element != NULL)
            write_people(w, p, f);
        break;
    case FIELD_RECURRENCE:
        if (portable_recurrence(p) != NULL)
            recur_write(w, portable_recurrence(p), how->level);
        break;
    case FIELD_ZONE:
    case FIELD_OLD_ZONE:
        write_zone(w, p, f, how);
        break;
    case FIELD_ATTACHMENTS:
        write_attachments(w, p, how);
        break;
    case FIELD_OCCURRENCES:
    case FIELD_ORIGINAL:
        break;
    }
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
            write_field(w, p, &fields[i], how);
    }
    xml_close(w);
}

/* ---- attachments -----------------------------------------------------------
 */

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

/* ---- changes ----------------------------------------------------------------
 */

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
    return find(p, key, &v) && !is_empty(&v) &&
           (is_one_value(f->type) || f->indices != NULL);
}

/* Only creation sets message flags. */
static bool extra_can_change(const struct portable *p, const struct extra *x)
{
    struct portable_value v;

    return (x->set != NULL || x->id != TAG_FLAGS) && extra_value(p, x, &v);
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
    write_extra(w, x, &v);
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
    write_field(w, p, f, how);
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
    write_stamp(w, how);
    xml_close(w);
    xml_close(w);
}
