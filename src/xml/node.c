#include "xml/node.h"

#include <string.h>

#include "base/timestamp.h"
#include "xml/node_priv.h"

/* Longest path of xml_find(), ours and static. */
#define STEP_MAX 64

static xmlNode *element_from(xmlNode *node)
{
    while (node != NULL && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

xmlNode *node_after(xmlNode *node, const xmlNode *top, bool down)
{
    xmlNode *next = down ? element_from(node->children) : NULL;

    while (next == NULL && node != top) {
        next = element_from(node->next);
        node = node->parent;
    }
    return next;
}

/* struct xml_node is libxml2's own under another name. */
static xmlNode *raw(const struct xml_node *node)
{
    return (xmlNode *)GSIZE_TO_POINTER(GPOINTER_TO_SIZE(node));
}

static const struct xml_node *cooked(const xmlNode *node)
{
    return (const struct xml_node *)node;
}

void xml_doc_free(struct xml_doc *doc)
{
    if (doc == NULL)
        return;
    xmlFreeDoc(doc->doc);
    g_ptr_array_unref(doc->payloads);
    g_free(doc);
}

const struct xml_node *xml_root(const struct xml_doc *doc)
{
    return cooked(xmlDocGetRootElement(doc->doc));
}

const char *xml_name(const struct xml_node *node)
{
    return (const char *)raw(node)->name;
}

bool xml_is(const struct xml_node *node, const char *name)
{
    return node != NULL && strcmp(xml_name(node), name) == 0;
}

const struct xml_node *xml_first(const struct xml_node *node)
{
    return node != NULL ? cooked(element_from(raw(node)->children)) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    return node != NULL ? cooked(element_from(raw(node)->next)) : NULL;
}

/* node itself or the first after it that has the name. */
static const struct xml_node *named_from(const struct xml_node *node,
                                         const char *name)
{
    while (node != NULL && !xml_is(node, name))
        node = xml_next(node);
    return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    return named_from(xml_first(node), name);
}

const struct xml_node *xml_next_named(const struct xml_node *node,
                                      const char *name)
{
    return named_from(xml_next(node), name);
}

const struct xml_node *xml_find(const struct xml_node *node, const char *path)
{
    while (node != NULL && *path != '\0') {
        const char *end = strchrnul(path, '/');
        char step[STEP_MAX];

        g_assert((size_t)(end - path) < sizeof(step));
        memcpy(step, path, (size_t)(end - path));
        step[end - path] = '\0';
        node = xml_child(node, step);
        path = *end == '/' ? end + 1 : end;
    }
    return node;
}

const struct xml_node *xml_below(const struct xml_node *node, const char *name)
{
    const xmlNode *top = raw(node);
    xmlNode *at = raw(node);

    if (node == NULL)
        return NULL;
    while ((at = node_after(at, top, true)) != NULL) {
        if (strcmp((const char *)at->name, name) == 0)
            return cooked(at);
    }
    return NULL;
}

size_t xml_count(const struct xml_node *node)
{
    size_t n = 0;

    for (node = xml_first(node); node != NULL; node = xml_next(node))
        n++;
    return n;
}

static const char *first_text(const xmlNode *node)
{
    while (node != NULL && node->type != XML_TEXT_NODE)
        node = node->next;
    return node != NULL && node->content != NULL ? (const char *)node->content
                                                 : "";
}

const char *xml_attr(const struct xml_node *node, const char *name)
{
    const xmlAttr *attr = node != NULL ? raw(node)->properties : NULL;

    while (attr != NULL && strcmp((const char *)attr->name, name) != 0)
        attr = attr->next;
    return attr != NULL ? first_text(attr->children) : NULL;
}

const char *xml_text(const struct xml_node *node)
{
    return node != NULL ? first_text(raw(node)->children) : "";
}

const char *xml_child_text(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_child(node, name);

    return child != NULL ? xml_text(child) : NULL;
}

/* Without the white space around; NULL stays NULL.  The caller frees. */
static char *trimmed(const char *text)
{
    char *copy = g_strdup(text);

    return copy != NULL ? g_strstrip(copy) : NULL;
}

bool xml_parse_uint(const char *text, uint64_t max, uint64_t *ret)
{
    g_autofree char *t = trimmed(text);
    guint64 value;

    if (t == NULL || !g_ascii_string_to_unsigned(t, 10, 0, max, &value, NULL))
        return false;
    *ret = value;
    return true;
}

bool xml_parse_bool(const char *text, bool *ret)
{
    g_autofree char *t = trimmed(text);

    if (t == NULL)
        return false;
    if (strcmp(t, "true") == 0 || strcmp(t, "1") == 0)
        *ret = true;
    else if (strcmp(t, "false") == 0 || strcmp(t, "0") == 0)
        *ret = false;
    else
        return false;
    return true;
}

bool xml_parse_time(const char *text, int64_t *ret_us)
{
    g_autofree char *t = trimmed(text);

    return t != NULL && timestamp_parse(t, ret_us);
}

struct blob *xml_take_payload(struct xml_doc *doc, const struct xml_node *node)
{
    size_t n = node != NULL ? GPOINTER_TO_SIZE(raw(node)->_private) : 0;

    if (n == 0)
        return NULL;
    return g_steal_pointer(&g_ptr_array_index(doc->payloads, n - 1));
}
