#include "lab/schema.h"

#include <pthread.h>

#include <libxml/xmlschemas.h>

struct schema {
    pthread_mutex_t lock; /* libxml2 does not promise more for a schema */
    xmlSchema *compiled;
};

static void stay_silent(void *data, xmlError *error)
{
    (void)data;
    (void)error;
}

int schema_new(const char *folder, struct schema **ret, struct err *err)
{
    g_autofree char *path = g_build_filename(folder, "envelope.xsd", NULL);
    xmlSchemaParserCtxt *parser = NULL;
    xmlSchema *compiled = NULL;
    struct schema *s;

    /* libxml2 says by itself, on standard error, that a file is missing */
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        parser = xmlSchemaNewParserCtxt(path);
    if (parser != NULL) {
        xmlSchemaSetParserStructuredErrors(parser, stay_silent, NULL);
        compiled = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    if (compiled == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "schema \"%s\": cannot be read", path);
    s = g_new0(struct schema, 1);
    pthread_mutex_init(&s->lock, NULL);
    s->compiled = compiled;
    *ret = s;
    return 0;
}

void schema_free(struct schema *s)
{
    if (s == NULL)
        return;
    xmlSchemaFree(s->compiled);
    pthread_mutex_destroy(&s->lock);
    g_free(s);
}

/* Keep the first violation: the others follow from it. */
static void note_violation(void *data, xmlError *error)
{
    struct problem *p = data;

    if (p->code != NULL)
        return;
    problem_schema(p, error->line, MAX(error->int2, 1), "%s",
                   error->message != NULL ? g_strchomp(error->message) : "");
}

int schema_check(struct schema *s, xmlDoc *doc, struct problem *p)
{
    struct problem first = { 0 };
    xmlSchemaValidCtxt *context;
    int status;

    if (s == NULL)
        return 0;
    pthread_mutex_lock(&s->lock);
    context = xmlSchemaNewValidCtxt(s->compiled);
    xmlSchemaSetValidStructuredErrors(context, note_violation, &first);
    status = xmlSchemaValidateDoc(context, doc);
    xmlSchemaFreeValidCtxt(context);
    pthread_mutex_unlock(&s->lock);
    if (status == 0)
        return 0;
    if (first.code == NULL)
        problem_schema(&first, 0, 0, "The request does not validate.");
    *p = first;
    return -1;
}
