#include <string.h>

#include "lab/ews_priv.h"

/*
 * A server that misreads what it is sent: the request is changed before it is
 * carried out, so that whoever carries it out need not know.
 */

typedef void bend_fn(struct job *job, xmlNode *node,
                     const struct fault_hit *hit);

static const xmlChar *x(const char *text)
{
    return (const xmlChar *)text;
}

/* The number in text, lowered to most; text that is none stays. */
static char *lower(const char *text, uint32_t most)
{
    guint64 n = 0;

    if (text == NULL ||
        !g_ascii_string_to_unsigned(text, 10, 1, UINT32_MAX, &n, NULL))
        return NULL;
    return g_strdup_printf("%" G_GUINT64_FORMAT, MIN(n, MAX(most, 1)));
}

static void shorten_page(struct job *job, xmlNode *node,
                         const struct fault_hit *hit)
{
    static const char *const views[] = { "IndexedPageItemView",
                                         "IndexedPageFolderView",
                                         "FractionalPageItemView" };
    g_autofree char *max = soap_attr_dup(node, "MaxEntriesReturned");
    g_autofree char *text = NULL;
    g_autofree char *less = NULL;

    (void)job;
    for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
        if (soap_is(node, NS_MESSAGES, views[i]))
            less = lower(max != NULL ? max : "1000", hit->n);
    if (less != NULL) {
        xmlSetProp(node, x("MaxEntriesReturned"), x(less));
        return;
    }
    if (!soap_is(node, NS_MESSAGES, "MaxChangesReturned"))
        return;
    text = soap_text_dup(node);
    less = lower(text, hit->n);
    if (less != NULL)
        xmlNodeSetContent(node, x(less));
}

/* The change key becomes the one that the item has now. */
static void renew_key(struct job *job, xmlNode *node,
                      const struct fault_hit *hit)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    g_autofree char *key = soap_attr_dup(node, "ChangeKey");
    g_auto(lab_item) item = { 0 };
    int64_t mailbox = 0;
    struct err err;

    (void)hit;
    if (!soap_is(node, NS_TYPES, "ItemId") || id == NULL || key == NULL)
        return;
    if (lab_store_id_mailbox(job->lab->store, id, &mailbox, &err) > 0 &&
        lab_store_item(job->lab->store, mailbox, id, &item, &err) == 0)
        xmlSetProp(node, x("ChangeKey"), x(item.change_key));
}

/* PR_MESSAGE_FLAGS, however its tag is written. */
static bool is_message_flags(const xmlNode *field)
{
    g_autofree char *tag = soap_attr_dup(field, "PropertyTag");

    return tag != NULL && g_ascii_strtoull(tag, NULL, 0) == 0x0E07;
}

static void lose_unread(struct job *job, xmlNode *node,
                        const struct fault_hit *hit)
{
    const xmlNode *field = soap_child(node, NS_TYPES, "ExtendedFieldURI");
    const xmlNode *value = soap_child(node, NS_TYPES, "Value");
    g_autofree char *text = soap_text_dup(value);
    g_autofree char *changed = NULL;

    (void)job;
    (void)hit;
    if (!soap_is(node, NS_TYPES, "ExtendedProperty") || text == NULL ||
        !is_message_flags(field))
        return;
    /* [MS-OXCMSG] 2.2.1.6: mfRead is the lowest bit */
    changed = g_strdup_printf("%" G_GINT64_FORMAT,
                              (gint64)(g_ascii_strtoll(text, NULL, 10) | 1));
    xmlNodeSetContent((xmlNode *)(uintptr_t)value, x(changed));
}

static void drop_contact_mime(struct job *job, xmlNode *node,
                              const struct fault_hit *hit)
{
    const xmlNode *mime = soap_child(node, NS_TYPES, "MimeContent");

    (void)job;
    (void)hit;
    if (!soap_is(node, NS_TYPES, "Contact") || mime == NULL)
        return;
    xmlUnlinkNode((xmlNode *)(uintptr_t)mime);
    xmlFreeNode((xmlNode *)(uintptr_t)mime);
}

static const struct {
    enum fault_kind kind;
    bend_fn *bend;
} bends[] = {
    { FAULT_SHORT_PAGE, shorten_page },
    { FAULT_STALE_KEY_TAKEN, renew_key },
    { FAULT_UNREAD_LOST, lose_unread },
    { FAULT_CONTACT_MIME_DROPPED, drop_contact_mime },
};

/* What matters lies at most this deep: item changes, their fields, values. */
#define BEND_DEPTH 12

static void bend_tree(struct job *job, xmlNode *node, int depth, bend_fn *bend,
                      const struct fault_hit *hit)
{
    bend(job, node, hit);
    if (depth >= BEND_DEPTH)
        return;
    for (node = node->children; node != NULL; node = node->next)
        if (node->type == XML_ELEMENT_NODE)
            bend_tree(job, node, depth + 1, bend, hit);
}

void fault_bend_request(struct job *job)
{
    xmlNode *root = xmlDocGetRootElement(job->request.doc);
    struct fault_hit hit;

    for (size_t i = 0; i < G_N_ELEMENTS(bends); i++)
        if (inject_due(job, bends[i].kind, &hit))
            bend_tree(job, root, 0, bends[i].bend, &hit);
}
