#include "lab/restriction.h"

#include <string.h>

#include "base/check.h"

/*
 * Objects are lines of "name=value" words; a FieldURI is the name; names that
 * begin with n are numbers, with t texts, with f flags; "e" is one of an
 * enumeration.
 */
static const char *const colours[] = { "Red", "Green", "Blue", NULL };

static int read_path(void *context, const xmlNode *node,
                     struct restriction_path *ret, struct problem *p)
{
    char *name = soap_attr_dup(node, "FieldURI");

    (void)context;
    if (name == NULL || strchr("ntfe", name[0]) == NULL) {
        g_free(name);
        return problem_fault(p, "ErrorUnsupportedPathForQuery");
    }
    *ret = (struct restriction_path){
        .kind = name[0] == 't' ? VALUE_TEXT : VALUE_NUMBER,
        .flag = name[0] == 'f',
        .values = name[0] == 'e' ? colours : NULL,
        .data = name,
    };
    return 0;
}

static const struct restriction_paths paths = { read_path, g_free, NULL };

static void value_at(void *object, const struct restriction_path *path,
                     struct value *ret)
{
    g_auto(GStrv) words = g_strsplit(object, " ", -1);
    g_autofree char *start = g_strconcat(path->data, "=", NULL);

    for (char **w = words; *w != NULL; w++)
        if (g_str_has_prefix(*w, start))
            (void)!value_parse(path->kind, *w + strlen(start), ret);
}

static struct restriction *read_one(const char *inner, struct problem *p)
{
    g_autofree char *text = g_strdup_printf(
        "<m:Restriction xmlns:m='%s' xmlns:t='%s'>%s</m:Restriction>",
        soap_namespace(NS_MESSAGES), soap_namespace(NS_TYPES), inner);
    xmlDoc *doc = soap_parse_document(text, strlen(text), p);
    struct restriction *r;

    g_assert_nonnull(doc);
    r = restriction_read(xmlDocGetRootElement(doc), &paths, p);
    xmlFreeDoc(doc);
    return r;
}

#define URI(name)   "<t:FieldURI FieldURI='" name "'/>"
#define CONST(text) "<t:Constant Value='" text "'/>"
#define OP(op, name, text)                                                     \
    "<t:" op ">" URI(name) "<t:FieldURIOrConstant>" CONST(                     \
        text) "</t:FieldURIOrConstant></t:" op ">"
#define HAS(name, text, mode, how)                                             \
    "<t:Contains ContainmentMode='" mode "' ContainmentComparison='" how       \
    "'>" URI(name) CONST(text) "</t:Contains>"

static void test_asking(void)
{
    /* clang-format off */
    static const struct {
        const char *restriction, *object;
        bool want;
    } rows[] = {
        { OP("IsEqualTo", "n", "5"), "n=5", true },
        { OP("IsEqualTo", "n", "5"), "n=6", false },
        { OP("IsEqualTo", "n", "5"), "", false },
        { OP("IsEqualTo", "t", "ABC"), "t=abc", true },
        { OP("IsNotEqualTo", "n", "5"), "n=6", true },
        { OP("IsNotEqualTo", "n", "5"), "n=5", false },
        { OP("IsNotEqualTo", "n", "5"), "", true },
        { OP("IsGreaterThan", "n", "5"), "n=6", true },
        { OP("IsGreaterThan", "n", "5"), "n=5", false },
        { OP("IsGreaterThanOrEqualTo", "n", "5"), "n=5", true },
        { OP("IsGreaterThanOrEqualTo", "n", "5"), "", false },
        { OP("IsLessThan", "n", "5"), "n=-6", true },
        { OP("IsLessThan", "n", "5"), "", false },
        { OP("IsLessThanOrEqualTo", "n", "5"), "n=5", true },
        { OP("IsLessThanOrEqualTo", "n", "5"), "n=6", false },
        { OP("IsGreaterThan", "t", "bb"), "t=BC", true },
        { OP("IsEqualTo", "e", "Green"), "e=1", true },
        { OP("IsEqualTo", "e", "Green"), "e=2", false },
        { "<t:Exists>" URI("t") "</t:Exists>", "t=x", true },
        { "<t:Exists>" URI("t") "</t:Exists>", "n=1", false },
        { HAS("t", "bud", "Prefixed", "Exact"), "t=budget", true },
        { HAS("t", "Bud", "Prefixed", "Exact"), "t=budget", false },
        { HAS("t", "DGE", "Substring", "IgnoreCase"), "t=budget", true },
        { HAS("t", "cafe", "FullString", "IgnoreNonSpacingCharacters"),
          "t=café", true },
        { HAS("t", "CAFE", "FullString", "Loose"), "t=café", true },
        { HAS("t", "x", "Substring", "Exact"), "", false },
        { "<t:Contains>" URI("t") CONST("x") "</t:Contains>", "t=x", true },
        { "<t:Excludes>" URI("n") "<t:Bitmask Value='0x4'/></t:Excludes>",
          "n=3", true },
        { "<t:Excludes>" URI("n") "<t:Bitmask Value='6'/></t:Excludes>",
          "n=2", false },
        { "<t:IsLessThan>" URI("n1") "<t:FieldURIOrConstant>" URI("n2")
          "</t:FieldURIOrConstant></t:IsLessThan>", "n1=1 n2=2", true },
        { "<t:IsLessThan>" URI("n1") "<t:FieldURIOrConstant>" URI("n2")
          "</t:FieldURIOrConstant></t:IsLessThan>", "n1=2 n2=1", false },
        { "<t:IsLessThan>" URI("n1") "<t:FieldURIOrConstant>" URI("n2")
          "</t:FieldURIOrConstant></t:IsLessThan>", "n1=2", false },
        { "<t:And>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "t", "x")
          "</t:And>", "n=1 t=x", true },
        { "<t:And>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "t", "x")
          "</t:And>", "n=1 t=y", false },
        { "<t:Or>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "t", "x")
          "</t:Or>", "n=2 t=x", true },
        { "<t:Or>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "t", "x")
          "</t:Or>", "n=2 t=y", false },
        { "<t:Not><t:Or>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "t", "x")
          "</t:Or></t:Not>", "n=2", true },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct problem p = { .code = NULL };
        g_autoptr(restriction) r = read_one(rows[i].restriction, &p);

        CHECK_ROW(rows[i].restriction, r != NULL);
        CHECK_ROW(rows[i].restriction,
                  restriction_match(r, (void *)(uintptr_t)rows[i].object,
                                    value_at) == rows[i].want);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *restriction, *want;
    } rows[] = {
        { "", "ErrorSchemaValidation" },
        { "<t:Nonsense/>", "ErrorSchemaValidation" },
        { "<t:And/>", "ErrorSchemaValidation" },
        { "<t:Not>" OP("IsEqualTo", "n", "1") OP("IsEqualTo", "n", "2") "</t:"
                                                                        "Not>",
          "ErrorSchemaValidation" },
        { "<t:IsEqualTo>" URI("n") "</t:IsEqualTo>", "ErrorSchemaValidation" },
        { "<t:IsEqualTo/>", "ErrorSchemaValidation" },
        { OP("IsEqualTo", "x", "1"), "ErrorUnsupportedPathForQuery" },
        { OP("IsEqualTo", "n", "true"), "ErrorInvalidValueForProperty" },
        { OP("IsEqualTo", "e", "Purple"), "ErrorInvalidValueForProperty" },
        { "<t:Exists>" URI("f") "</t:Exists>",
          "ErrorInvalidPropertyForExists" },
        { "<t:Excludes>" URI("n") "<t:Bitmask Value='x'/></t:Excludes>",
          "ErrorInvalidExcludesRestriction" },
        { "<t:Excludes>" URI("n") "<t:Bitmask/></t:Excludes>",
          "ErrorInvalidExcludesRestriction" },
        { HAS("t", "x", "Sideways", "Exact"), "ErrorSchemaValidation" },
        { HAS("t", "x", "Prefixed", "Roughly"), "ErrorSchemaValidation" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct problem p = { .code = NULL };
        g_autoptr(restriction) r = read_one(rows[i].restriction, &p);

        CHECK_ROW(rows[i].restriction, r == NULL && p.fault);
        g_assert_cmpstr(p.code, ==, rows[i].want);
    }
}

/* 255 nodes are taken, one more is not; however deep. */
static void test_too_long(void)
{
    for (int deep = 0; deep < 2; deep++)
        for (int over = 0; over < 2; over++) {
            g_autoptr(GString) text = g_string_new(NULL);
            struct problem p = { .code = NULL };
            g_autoptr(restriction) r = NULL;
            int n = RESTRICTION_NODES_MAX - 1 + over;

            for (int i = 0; i < (deep ? n : 1); i++)
                g_string_append(text, deep ? "<t:Not>" : "<t:And>");
            for (int i = 0; i < (deep ? 1 : n); i++)
                g_string_append(text, OP("IsEqualTo", "n", "1"));
            for (int i = 0; i < (deep ? n : 1); i++)
                g_string_append(text, deep ? "</t:Not>" : "</t:And>");
            r = read_one(text->str, &p);
            g_assert_true((r == NULL) == (over == 1));
            if (over)
                g_assert_cmpstr(p.code, ==, "ErrorRestrictionTooLong");
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/restriction/asking", test_asking);
    g_test_add_func("/restriction/refusals", test_refusals);
    g_test_add_func("/restriction/too-long", test_too_long);
    return g_test_run();
}
