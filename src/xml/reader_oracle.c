#include "xml/reader_oracle.h"

#include <string.h>

#include <libxml/parser.h>

#include "xml/node_priv.h"

/* Text of a payload element: of the tree, or of the blob cut out of it. */
typedef char *payload_text(xmlNode *node, const void *data);

struct dump {
    GString *out;
    payload_text *payload;
    const void *data;
};

static void dump_attributes(struct dump *d, const xmlNode *node)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        xmlChar *value = xmlNodeGetContent((const xmlNode *)a);

        g_string_append_printf(d->out, " %s=%s", (const char *)a->name,
                               (const char *)value);
        xmlFree(value);
    }
}

static void dump_node(struct dump *d, xmlNode *node)
{
    g_autofree char *payload = NULL;

    g_string_append_printf(d->out, "<%s", (const char *)node->name);
    dump_attributes(d, node);
    g_string_append_c(d->out, '>');
    payload = d->payload(node, d->data);
    if (payload != NULL)
        g_string_append_printf(d->out, "[%s]", payload);
    for (xmlNode *c = node->children; c != NULL && payload == NULL;
         c = c->next) {
        if (c->type == XML_ELEMENT_NODE)
            dump_node(d, c);
        else if (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE)
            g_string_append(d->out, (const char *)c->content);
    }
    g_string_append(d->out, "</>");
}

static char *payload_of_tree(xmlNode *node, const void *data)
{
    const char *const *names = data;
    GString *text;
    xmlChar *content;

    while (names != NULL && *names != NULL &&
           strcmp(*names, (const char *)node->name) != 0)
        names++;
    if (names == NULL || *names == NULL)
        return NULL;
    content = xmlNodeGetContent(node);
    text = g_string_new(NULL);
    for (const xmlChar *p = content; *p != '\0'; p++) {
        if (!g_ascii_isspace((char)*p))
            g_string_append_c(text, (char)*p);
    }
    xmlFree(content);
    return g_string_free(text, FALSE);
}

static char *payload_of_doc(xmlNode *node, const void *data)
{
    const struct xml_doc *doc = data;
    const struct blob *b;
    struct err err;
    char *text;
    ssize_t n;

    if (node->_private == NULL)
        return NULL;
    b = g_ptr_array_index(doc->payloads, GPOINTER_TO_SIZE(node->_private) - 1);
    text = g_malloc0(blob_size(b) + 1);
    n = blob_read_at(b, 0, text, blob_size(b), &err);
    g_assert_cmpint(n, ==, (ssize_t)blob_size(b));
    return text;
}

char *oracle_dump_text(const char *bytes, size_t n, const char *const *payloads)
{
    struct dump d = { .payload = payload_of_tree, .data = payloads };
    xmlDoc *doc = xmlReadMemory(bytes, (int)n, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR |
                                    XML_PARSE_NOWARNING | XML_PARSE_HUGE |
                                    XML_PARSE_IGNORE_ENC);

    if (doc == NULL)
        return NULL;
    d.out = g_string_new(NULL);
    dump_node(&d, xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    return g_string_free(d.out, FALSE);
}

char *oracle_dump_doc(const struct xml_doc *doc)
{
    struct dump d = { .payload = payload_of_doc, .data = doc };

    d.out = g_string_new(NULL);
    dump_node(&d, xmlDocGetRootElement(doc->doc));
    return g_string_free(d.out, FALSE);
}
