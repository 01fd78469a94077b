/*
 * category_list - the master list of categories: an XML document in a
 * configuration item of the calendar, [MS-OXOCFG] 2.2.5.2.
 *
 * What is added is put into the document as it stands, so that nothing of it
 * is lost that a newer Outlook may know.
 */
#include <string.h>

#include "endpoint/options.h"
#include "ews/user_config.h"
#include "xml/reader.h"

/* Some hundred categories at 600 bytes are much; this is something else. */
#define LIST_MAX ((gsize)4 << 20)

static const struct user_config list_config = {
    .name = "CategoryList",
    .folder = "calendar",
    .part = "XmlData",
};

/* ---- the document ------------------------------------------------------ */

static struct xml_doc *parse(const char *text, size_t len, struct err *err)
{
    const struct xml_reader_config config = { .text_max_bytes = LIST_MAX };
    g_autoptr(xml_reader) r = xml_reader_new(&config);
    struct xml_doc *doc = NULL;

    if (xml_reader_feed(r, text, len, err) < 0 ||
        xml_reader_finish(r, &doc, err) < 0) {
        err_in(err, "the list of categories");
        return NULL;
    }
    return doc;
}

static int read_number(const char *text, int least, int most, int otherwise)
{
    gint64 n;

    if (text == NULL ||
        !g_ascii_string_to_signed(text, 10, least, most, &n, NULL))
        return otherwise;
    return (int)n;
}

static void read_categories(const struct xml_node *root,
                            struct endpoint_categories *ret)
{
    ret->quick = g_strdup(xml_attr(root, "default"));
    for (const struct xml_node *c = xml_child(root, "category"); c != NULL;
         c = xml_next_named(c, "category")) {
        const char *name = xml_attr(c, "name");

        if (name == NULL || name[0] == '\0')
            continue;
        endpoint_categories_add(
            ret, name,
            read_number(xml_attr(c, "color"), -1, 24, CATEGORY_NO_COLOR),
            (unsigned int)read_number(xml_attr(c, "keyboardShortcut"), 0, 11,
                                      0),
            xml_attr(c, "guid"));
    }
}

/* ---- as the server has it ---------------------------------------------- */

/* Returns 1 and the document's bytes, 0 when there is no such item, -1. */
static int load(struct mailbox *mb, char **ret, gsize *ret_len, struct err *err)
{
    g_auto(call_answer) a = { 0 };
    const struct xml_node *config = NULL;
    int found = user_config_get(mb, &list_config, &a, &config, err);
    const char *data;

    if (found <= 0)
        return found;
    data = xml_child_text(config, "XmlData");
    *ret = (char *)g_base64_decode(data != NULL ? data : "", ret_len);
    if (*ret_len == 0 && data != NULL && data[0] != '\0')
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the list of categories is not base64");
    /* Some clients begin it with a byte order mark. */
    if (*ret_len >= 3 && memcmp(*ret, "\xef\xbb\xbf", 3) == 0) {
        *ret_len -= 3;
        memmove(*ret, *ret + 3, *ret_len);
    }
    return 1;
}

int categories_get(struct endpoint *ep, struct endpoint_categories *ret,
                   struct err *err)
{
    g_autofree char *text = NULL;
    g_autoptr(xml_doc) doc = NULL;
    gsize len = 0;
    int found = load(mailbox_of(ep), &text, &len, err);

    if (found <= 0 || len == 0)
        return MIN(found, 0);
    doc = parse(text, len, err);
    if (doc == NULL)
        return -1;
    read_categories(xml_root(doc), ret);
    return 1;
}

/* ---- adding ------------------------------------------------------------ */

/* When nobody has used it yet: [MS-OXOCFG] 2.2.5.2.1. */
#define NEVER "1601-01-01T00:00:00.000"

static void append_attribute(GString *to, const char *name, const char *value)
{
    g_autofree char *escaped = g_markup_escape_text(value, -1);

    g_string_append_printf(to, " %s=\"%s\"", name, escaped);
}

static void append_category(GString *to, const char *prefix,
                            const struct endpoint_category *c)
{
    static const char *const times[] = {
        "lastTimeUsedNotes", "lastTimeUsedJournal",  "lastTimeUsedContacts",
        "lastTimeUsedTasks", "lastTimeUsedCalendar", "lastTimeUsedMail",
        "lastTimeUsed",
    };

    g_string_append_printf(to, "<%scategory", prefix);
    append_attribute(to, "name", c->name);
    g_string_append_printf(to,
                           " color=\"%d\" keyboardShortcut=\"%u\" "
                           "usageCount=\"0\"",
                           c->color, c->shortcut);
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
        append_attribute(to, times[i], NEVER);
    g_string_append(to, " lastSessionUsed=\"0\"");
    if (c->guid != NULL)
        append_attribute(to, "guid", c->guid);
    g_string_append(to, " renameOnFirstUse=\"0\"/>");
}

static void append_categories(GString *to, const char *prefix,
                              const struct endpoint_categories *added)
{
    for (guint i = 0; i < added->categories->len; i++)
        append_category(to, prefix, added->categories->pdata[i]);
}

static GString *new_list(const struct endpoint_categories *added)
{
    GString *text = g_string_new("<?xml version=\"1.0\"?><categories");

    append_attribute(text, "default", added->quick != NULL ? added->quick : "");
    g_string_append(text, " lastSavedSession=\"0\" lastSavedTime=\"" NEVER
                          "\" xmlns=\"CategoryList.xsd\">");
    append_categories(text, "", added);
    return g_string_append(text, "</categories>");
}

/*
 * Before the end tag of the root, by its prefix; a document that is well
 * formed ends with it, but for comments.
 */
static GString *longer_list(const char *old, gsize len,
                            const struct endpoint_categories *added)
{
    static const char name[] = "categories";
    const char *end = g_strrstr_len(old, (gssize)len, "</");
    const char *local = end == NULL ? NULL : g_strrstr_len(end, -1, name);
    g_autofree char *prefix = NULL;
    GString *text;

    if (local == NULL || local == end)
        return new_list(added);
    prefix = g_strndup(end + 2, (gsize)(local - end - 2));
    text = g_string_new_len(old, end - old);
    append_categories(text, prefix, added);
    return g_string_append(text, end);
}

static void write_list(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const GString *text = data;
    g_autofree char *encoded =
        g_base64_encode((const guchar *)text->str, text->len);

    (void)core;
    xml_element(w, "t:XmlData", encoded);
}

static size_t count(const struct xml_doc *doc)
{
    size_t n = 0;

    for (const struct xml_node *c = xml_child(xml_root(doc), "category");
         c != NULL; c = xml_next_named(c, "category"))
        n++;
    return n;
}

/* It was text that was put together: read it as the server's clients will. */
static int check(const GString *text, size_t n, struct err *err)
{
    g_autoptr(xml_doc) doc = parse(text->str, text->len, err);

    if (doc == NULL)
        return -1;
    if (count(doc) != n)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the list of categories has a form that is not known");
    return 0;
}

/* The document with the new ones; NULL and why: it cannot be read. */
static GString *extend(const char *old, gsize len,
                       const struct endpoint_categories *added, struct err *err)
{
    g_autoptr(xml_doc) doc = NULL;
    g_autoptr(GString) text = NULL;
    size_t n = 0;

    if (len > 0) {
        doc = parse(old, len, err);
        if (doc == NULL)
            return NULL;
        n = count(doc);
    }
    text = n > 0 ? longer_list(old, len, added) : new_list(added);
    if (check(text, n + added->categories->len, err) < 0)
        return NULL;
    return g_steal_pointer(&text);
}

int categories_add(struct endpoint *ep, const struct endpoint_categories *added,
                   struct err *err)
{
    struct mailbox *mb = mailbox_of(ep);
    g_autofree char *old = NULL;
    g_autoptr(GString) text = NULL;
    gsize len = 0;
    int found = load(mb, &old, &len, err);

    if (found < 0)
        return -1;
    text = extend(old, len, added, err);
    if (text == NULL)
        return -1;
    return user_config_put(mb, &list_config, found > 0, write_list, text, err);
}
