#include "ews/schema.h"

#include <string.h>

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

struct schema {
    xmlSchema *schema;
};

char *shared_dir(const char *variable, const char *name)
{
    const char *given = g_getenv(variable);
    const char *source = g_getenv("G_TEST_SRCDIR");
    char *dir = given != NULL ? g_strdup(given)
                              : g_build_filename(source != NULL ? source : ".",
                                                 "..", "shared", name, NULL);

    if (g_file_test(dir, G_FILE_TEST_IS_DIR))
        return dir;
    g_test_message("no \"%s\": what needs it is not checked (%s)", dir,
                   variable);
    g_free(dir);
    return NULL;
}

struct schema *schema_new(void)
{
    g_autofree char *dir = shared_dir("EWS_SCHEMA_DIR", "ews-schema");
    g_autofree char *file = NULL;
    xmlSchemaParserCtxt *ctxt;
    struct schema *s;

    if (dir == NULL)
        return NULL;
    file = g_build_filename(dir, "envelope.xsd", NULL);
    ctxt = xmlSchemaNewParserCtxt(file);
    s = g_new0(struct schema, 1);
    s->schema = xmlSchemaParse(ctxt);
    xmlSchemaFreeParserCtxt(ctxt);
    g_assert_nonnull(s->schema);
    return s;
}

void schema_free(struct schema *s)
{
    if (s == NULL)
        return;
    xmlSchemaFree(s->schema);
    g_free(s);
}

static void keep_first(void *data, xmlError *error)
{
    char **first = data;

    if (*first == NULL)
        *first = g_strdup(error->message);
}

char *schema_check(const struct schema *s, const char *xml, size_t len)
{
    xmlDoc *doc = xmlReadMemory(xml, (int)len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_HUGE);
    xmlSchemaValidCtxt *ctxt;
    char *problem = NULL;

    if (doc == NULL)
        return g_strdup("it is not well-formed");
    ctxt = xmlSchemaNewValidCtxt(s->schema);
    xmlSchemaSetValidStructuredErrors(ctxt, keep_first, &problem);
    if (xmlSchemaValidateDoc(ctxt, doc) != 0 && problem == NULL)
        problem = g_strdup("it does not fit the schema");
    xmlSchemaFreeValidCtxt(ctxt);
    xmlFreeDoc(doc);
    return problem;
}
