#include "ews/portable_item_priv.h"

#include <string.h>

#include "ews/portable_member.h"

#define READ           0x1
#define TAG_FLAGS      0x0E07
#define TAG_MESSAGE_ID 0x1035

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

/* "/o=Old/..." of the mailbox's own meeting: the new server knows its owner. */
static bool is_old_owner(const struct portable *p, const struct extra *x)
{
    static const uint32_t ids[] = { 0x0042, 0x0064, 0x0065,
                                    0x0C1A, 0x0C1E, 0x0C1F };
    bool about_sender = false;

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        about_sender = about_sender || (x->set == NULL && x->id == ids[i]);
    return about_sender && !people_invited(p) &&
           g_strcmp0(portable_text(p, "0x0064"), "EX") == 0;
}

bool extra_is_flags(const struct extra *x)
{
    return x->set == NULL && x->id == TAG_FLAGS;
}

bool extra_value(const struct portable *p, const struct extra *x,
                 struct portable_value *ret)
{
    g_autofree char *key = extra_key(x);

    if (extra_is_flags(x))
        return flags_value(p, ret);
    if (is_old_owner(p, x))
        return false;
    if (sender_value(p, x, ret))
        return true;
    if (value_find(p, key, ret))
        return !value_is_empty(ret);
    return x->set == NULL && x->id == TAG_MESSAGE_ID && no_id_value(p, ret);
}

void extra_write(struct xml_writer *w, const struct extra *x,
                 const struct portable_value *v)
{
    xml_open(w, "t:ExtendedProperty");
    extra_write_path(w, x);
    if (v->type == PORTABLE_TEXTS)
        value_write_texts(w, "t:Values", "t:Value", v->texts);
    else
        value_write(w, "t:Value", v);
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

void stamp_write(struct xml_writer *w, const struct item_writing *how)
{
    g_autofree char *text =
        g_strconcat(how->unfinished ? STAMP_UNFINISHED : "", how->stamp, NULL);

    xml_open(w, "t:ExtendedProperty");
    stamp_write_path(w);
    xml_element(w, "t:Value", text);
    xml_close(w);
}

void extras_write(struct xml_writer *w, const struct portable *p,
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
            extra_write(w, &extras[i], &v);
    }
    if (how->stamp != NULL)
        stamp_write(w, how);
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
        value_read_texts(r, &label, xml_child(node, "Values"));
    else if (strcmp(x->type, "Binary") == 0)
        value_read_binary(r, &label, xml_text(xml_child(node, "Value")));
    else
        value_read(r, &label, type_of(x), xml_child_text(node, "Value"));
}

void extra_read(const struct xml_node *node, struct item_reading *r)
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
