/*
 * Requests against Microsoft's schema, found through EWS_SCHEMA_DIR, else
 * beside the source tree; skipped where there is none.
 */
#include "lab/schema.h"

#include <unistd.h>

#include <libxml/parser.h>

#include "base/check.h"
#include "lab/soap.h"

static struct schema *open_schema(void)
{
    const char *named = g_getenv("EWS_SCHEMA_DIR");
    g_autofree char *beside = g_build_filename(g_getenv("G_TEST_SRCDIR"), "..",
                                               "shared", "ews-schema", NULL);
    const char *folder = named != NULL ? named : beside;
    struct schema *s = NULL;
    struct err err;

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_test_skip("no EWS schema: set EWS_SCHEMA_DIR");
        return NULL;
    }
    CHECK_OK(schema_new(folder, &s, &err), &err);
    return s;
}

#define REQUEST(body)                                                          \
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' "         \
    "xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types' "     \
    "xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'>"  \
    "<e:Body>\n" body "</e:Body></e:Envelope>"
#define SHAPE "<m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"

static void test_requests(void)
{
    static const struct {
        const char *name, *text, *says; /* NULL: valid */
    } rows[] = {
        { "valid",
          REQUEST("<m:GetFolder>" SHAPE "<m:FolderIds>"
                  "<t:DistinguishedFolderId Id='inbox'/></m:FolderIds>"
                  "</m:GetFolder>"),
          NULL },
        { "wrong order",
          REQUEST("<m:GetFolder><m:FolderIds>"
                  "<t:DistinguishedFolderId Id='inbox'/></m:FolderIds>" SHAPE
                  "</m:GetFolder>"),
          "FolderIds" },
        { "an unknown folder",
          REQUEST("<m:GetFolder>" SHAPE "<m:FolderIds>"
                  "<t:DistinguishedFolderId Id='x'/></m:FolderIds>"
                  "</m:GetFolder>"),
          "DistinguishedFolderId" },
        { "a missing attribute", REQUEST("<m:DeleteItem/>"), "DeleteType" },
        { "the other namespace", REQUEST("<t:GetFolder/>"), "GetFolder" },
    };
    g_autoptr(schema) s = open_schema();

    for (size_t i = 0; s != NULL && i < G_N_ELEMENTS(rows); i++) {
        struct problem p = { 0 };
        xmlDoc *doc =
            soap_parse_document(rows[i].text, strlen(rows[i].text), &p);
        int status;

        g_assert_nonnull(doc);
        status = schema_check(s, doc, &p);
        xmlFreeDoc(doc);
        CHECK_ROW(rows[i].name, (status == 0) == (rows[i].says == NULL));
        if (status == 0)
            continue;
        CHECK_ROW(rows[i].name, problem_is(&p, "ErrorSchemaValidation"));
        CHECK_ROW(rows[i].name, p.fault && p.line >= 2);
        if (strstr(p.value, rows[i].says) == NULL)
            g_error("%s: %s", rows[i].name, p.value);
    }
}

static void test_no_schema(void)
{
    g_autofree char *folder = g_dir_make_tmp("mailferry-schema-XXXXXX", NULL);
    g_autoptr(schema) s = NULL;
    struct problem p;
    struct err err;

    g_assert_cmpint(schema_new(folder, &s, &err), <, 0);
    g_assert_nonnull(strstr(err.msg, folder));
    /* without one nothing is refused */
    g_assert_cmpint(schema_check(NULL, NULL, &p), ==, 0);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    xmlInitParser();
    g_test_add_func("/schema/requests", test_requests);
    g_test_add_func("/schema/no-schema", test_no_schema);
    return g_test_run();
}
