/*
 * keys - what items are known by among their copies: GetItem.
 *
 * A mail by its message id and the second in which it was sent: MIME keeps no
 * more of a time, so that a copy which an earlier tool made from MIME has the
 * same key.  An appointment by its clean meeting id, which all copies of a
 * meeting share ([MS-OXOCAL] 2.2.1.28), and its start, which parts the
 * occurrences that were invited to one by one.  A view by its name, of which
 * a folder's menu has one ([MS-OXOCFG] 2.2.6.2).  Anything else by its class
 * and the beginning of its subject, which is no more than a hint.
 */
#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/portable_field.h"

#define MESSAGE_ID "0x1035"
#define SENT       "0x0039"
#define MEETING_ID "Meeting/0x0023"
#define START      "Appointment/0x820D"

/* Rows of portable_mapi.c. */
static const char *const paths[] = { MESSAGE_ID, SENT, MEETING_ID, START };

/* PidTagViewDescriptorName, of no item that people see. */
#define VIEW_NAME        "0x7006"
#define VIEW_NAME_NUMBER 0x7006
#define VIEW_CLASS       "IPM.Microsoft.FolderDesign.NamedView"

/* item:Subject is at most that long ([MS-OXWSCORE]); copies may be cut. */
#define SUBJECT_CHARS 200

/* Items a request: a few properties each. */
#define KEYS_MAX 100

struct asking {
    const char *const *ids;
    size_t n;
};

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    const struct asking *asking = data;

    (void)core;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    call_field_uri(w, "item:ItemClass");
    call_field_uri(w, "item:Subject");
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        extra_write_path(w, extra_of(paths[i]));
    call_property_tag(w, VIEW_NAME, "String");
    xml_close(w);
    xml_close(w);
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < asking->n; i++)
        call_item_id(w, asking->ids[i]);
    xml_close(w);
}

/* ---- the answer ---------------------------------------------------------- */

/* NULL when the item does not have it. */
static const char *property(const struct xml_node *item, const char *path)
{
    const struct extra *x = extra_of(path);

    for (const struct xml_node *p = xml_first(item); p != NULL; p = xml_next(p))
        if (xml_is(p, "ExtendedProperty") &&
            extra_is(x, xml_child(p, "ExtendedFieldURI")))
            return xml_child_text(p, "Value");
    return NULL;
}

static bool seconds_of(const struct xml_node *item, const char *path,
                       int64_t *ret)
{
    int64_t us;

    if (!xml_parse_time(property(item, path), &us))
        return false;
    *ret = us / TIMESTAMP_SECOND;
    return true;
}

static bool is_text(const char *text)
{
    return text != NULL && text[strspn(text, " \t\r\n")] != '\0';
}

static char *by_message_id(const struct xml_node *item)
{
    const char *id = property(item, MESSAGE_ID);
    g_autofree char *bare = g_strdup(id);
    int64_t sent;

    if (!is_text(id) || !seconds_of(item, SENT, &sent))
        return NULL;
    return g_strdup_printf("mail %" G_GINT64_FORMAT " %s", sent,
                           g_strstrip(bare));
}

static char *by_meeting_id(const struct xml_node *item)
{
    const char *id = property(item, MEETING_ID);
    int64_t start;

    if (!is_text(id) || !seconds_of(item, START, &start))
        return NULL;
    return g_strdup_printf("meeting %" G_GINT64_FORMAT " %s", start, id);
}

static char *by_view_name(const struct xml_node *item)
{
    const char *name = call_read_property(item, VIEW_NAME_NUMBER);

    return is_text(name) ? g_strdup_printf("view %s", name) : NULL;
}

static bool is_view(const char *item_class)
{
    size_t n = strlen(VIEW_CLASS);

    return item_class != NULL &&
           g_ascii_strncasecmp(item_class, VIEW_CLASS, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

/* White space and its amount are not the same on all servers. */
static char *by_subject(const struct xml_node *item, enum portable_kind kind)
{
    const char *subject = xml_child_text(item, "Subject");
    g_autofree char *valid =
        g_utf8_make_valid(subject != NULL ? subject : "", -1);
    g_autofree char *some = g_utf8_substring(
        valid, 0, MIN(g_utf8_strlen(valid, -1), SUBJECT_CHARS));
    g_auto(GStrv) words = g_strsplit_set(some, " \t\r\n", -1);
    GString *key = g_string_new(portable_kind_name(kind));

    for (size_t i = 0; words[i] != NULL; i++)
        if (words[i][0] != '\0')
            g_string_append_printf(key, " %s", words[i]);
    return g_string_free(key, FALSE);
}

static void read_key(const struct xml_node *item, struct endpoint_key *ret)
{
    const char *item_class = xml_child_text(item, "ItemClass");
    enum portable_kind kind = portable_kind_of(item_class);
    char *key = NULL;

    if (is_view(item_class))
        key = by_view_name(item);
    else if (kind == PORTABLE_APPOINTMENT)
        key = by_meeting_id(item);
    else if ((KINDS_MIME & (1u << kind)) != 0)
        key = by_message_id(item);
    *ret = (struct endpoint_key){
        .key = key != NULL ? key : by_subject(item, kind),
        .exact = key != NULL,
    };
}

/*
 * An item that cannot be read has no key; one that cannot be now is waited for.
 */
static int read_message(const struct xml_node *message,
                        struct endpoint_key *ret, struct err *err)
{
    struct err why;

    if (soap_message_status(message, &why) == 0) {
        read_key(xml_first(xml_child(message, "Items")), ret);
        return 0;
    }
    if (why.scope == ERR_ITEM && why.retry == ERR_RETRY_NEVER)
        return 0;
    *err = why;
    return -1;
}

static int ask(struct mailbox *mb, const struct asking *asking,
               struct endpoint_key *ret, struct err *err)
{
    const struct call call = {
        .element = "m:GetItem",
        .write = write_get,
        .data = asking,
        .n = asking->n,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < asking->n; i++)
        if (read_message(a.messages[i], &ret[i], err) < 0)
            return -1;
    return 0;
}

int keys_get(struct endpoint *ep, const char *const *ids, size_t n,
             struct endpoint_key *ret, struct err *err)
{
    for (size_t at = 0; at < n; at += KEYS_MAX) {
        const struct asking asking = { ids + at, MIN(n - at, KEYS_MAX) };

        if (ask(mailbox_of(ep), &asking, ret + at, err) < 0) {
            endpoint_keys_clear(ret, n);
            return -1;
        }
    }
    return 0;
}
