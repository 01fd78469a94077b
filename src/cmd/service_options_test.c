/*
 * Three lists of one thing: the options of the command line's passes, those
 * that a migration of the service knows, and docs/openapi.yaml.
 */
#include <string.h>

#include "base/check.h"
#include "cmd/cmd.h"
#include "cmd/opt.h"
#include "fleet/options.h"

/*
 * Options that are none of a migration's: the member of the API that stands
 * for one, else why there is none.
 */
static const struct {
    const char *name;
    const char *schema, *member; /* of docs/openapi.yaml */
    const char *why;
} elsewhere[] = {
    /* clang-format off */
    { "source", "NewSide", "url", NULL },
    { "destination", "NewSide", "url", NULL },
    { "source-admin", "NewSide", "user", NULL },
    { "destination-admin", "NewSide", "user", NULL },
    { "source-password-file", "NewSide", "password", NULL },
    { "destination-password-file", "NewSide", "password", NULL },
    { "source-accounts", "NewSide", "accounts", NULL },
    { "destination-accounts", "NewSide", "accounts", NULL },
    { "source-oauth-client", "OAuth", "client", NULL },
    { "source-oauth-tenant", "OAuth", "tenant", NULL },
    { "source-oauth-token-url", "OAuth", "tokenUrl", NULL },
    { "source-oauth-scope", "OAuth", "scope", NULL },
    { "source-oauth-secret-file", "OAuth", "secret", NULL },
    { "destination-oauth-client", "OAuth", "client", NULL },
    { "destination-oauth-tenant", "OAuth", "tenant", NULL },
    { "destination-oauth-token-url", "OAuth", "tokenUrl", NULL },
    { "destination-oauth-scope", "OAuth", "scope", NULL },
    { "destination-oauth-secret-file", "OAuth", "secret", NULL },
    { "proxy", "Proxy", "url", NULL },
    { "proxy-password-file", "Proxy", "password", NULL },
    { "skip-bad-rows", "NewMigration", "skipBadRows", NULL },
    { "mailboxes", "MigrationChange", "most", NULL },
    { "quiet-hours", "HostLimit", "quiet", NULL },
    { "host-requests", NULL, NULL,
      "engine.host-requests: one bound for all migrations of a worker" },
    { "ca-file", NULL, NULL, "engine.ca-file: whom the machine trusts" },
    { "trace", NULL, NULL, "a file on the machine of whichever worker" },
    { "state", NULL, NULL, "the database" },
    { "json", NULL, NULL, "how a terminal is told" },
    { "verbose", NULL, NULL, "how a terminal is told" },
    { "server", NULL, NULL, "where the service is" },
    { "token-file", NULL, NULL, "where the service is" },
    { "server-ca-file", NULL, NULL, "where the service is" },
    { "folders", NULL, NULL, "how a terminal is told" },
    /* clang-format on */
};

/* What a job of the service may be, as a command. */
static const struct cmd *const passes[] = { &cmd_migrate, &cmd_check,
                                            &cmd_verify, &cmd_settings };

static bool is_elsewhere(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++)
        if (strcmp(elsewhere[i].name, name) == 0)
            return true;
    return false;
}

static bool is_option(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(passes); i++)
        if (opt_find(&passes[i]->spec, name) != NULL)
            return true;
    return false;
}

typedef void looker(const struct opt *row);

static void for_each_option(looker *look)
{
    for (size_t i = 0; i < G_N_ELEMENTS(passes); i++)
        for (const struct opt_group *g = passes[i]->spec.groups;
             g->title != NULL; g++)
            for (const struct opt *row = g->rows; row->long_name != NULL; row++)
                look(row);
}

static void is_in_one_place(const struct opt *row)
{
    CHECK_ROW(row->long_name, fleet_options_has(row->long_name) !=
                                  is_elsewhere(row->long_name));
}

/* Who adds an option says whether a migration has it, and if not, why. */
static void test_options(void)
{
    for_each_option(is_in_one_place);
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        CHECK_ROW(elsewhere[i].name, is_option(elsewhere[i].name));
        CHECK_ROW(elsewhere[i].name,
                  (elsewhere[i].why != NULL) != (elsewhere[i].member != NULL));
    }
}

/* What a migration knows, somebody at a terminal can say. */
static void test_members(void)
{
    const char *name;

    for (size_t i = 0; (name = fleet_options_name(i, NULL)) != NULL; i++)
        CHECK_ROW(name, is_option(name));
}

/* ---- values ------------------------------------------------------------- */

static bool takes(const struct opt *row, const char *value)
{
    g_autofree char *literal = g_strdup_printf("\"%s\"", value);
    g_autofree char *said = row->type == OPT_UINT ? g_strdup(value)
                            : row->type == OPT_WORDS
                                ? g_strdup_printf("[%s]", literal)
                                : g_strdup(literal);
    g_autofree char *text =
        g_strdup_printf("{\"%s\":%s}", row->long_name, said);
    struct err err;

    return fleet_options_check(text, NULL, &err) == 0;
}

static void check_bound(const struct opt *row, uint64_t bound, int step)
{
    g_autofree char *in = g_strdup_printf("%" G_GUINT64_FORMAT, bound);
    g_autofree char *out =
        g_strdup_printf("%" G_GUINT64_FORMAT, step > 0 ? bound + 1 : bound - 1);

    CHECK_ROW(row->long_name, takes(row, in));
    CHECK_ROW(row->long_name, !takes(row, out));
}

static void takes_the_same(const struct opt *row)
{
    if (!fleet_options_has(row->long_name))
        return;
    for (const struct opt_word *w = row->words; w != NULL && w->word != NULL;
         w++)
        CHECK_ROW(row->long_name, takes(row, w->word));
    if (row->max != 0)
        check_bound(row, row->max, 1);
    if (row->min != 0)
        check_bound(row, row->min, -1);
}

/* The same words, and the same bounds. */
static void test_values(void)
{
    for_each_option(takes_the_same);
}

/* ---- the document ------------------------------------------------------- */

static char **document(void)
{
    const char *root = g_getenv("G_TEST_SRCDIR");
    g_autofree char *path = g_build_filename(root != NULL ? root : ".", "docs",
                                             "openapi.yaml", NULL);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return g_strsplit(text, "\n", -1);
}

/* "        name: ..." as "name"; NULL: no member stands in this line. */
static char *member_of(const char *line)
{
    const char *name = line + strspn(line, " "), *end = strchr(name, ':');

    return name - line == 8 && end != NULL
               ? g_strndup(name, (gsize)(end - name))
               : NULL;
}

/* Set of the properties of a schema, which stands four blanks deep. */
static GHashTable *properties(const char *schema)
{
    g_auto(GStrv) lines = document();
    g_autofree char *head = g_strdup_printf("    %s:", schema);
    GHashTable *all =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char **line = lines;
    bool listed = false;

    while (*line != NULL && strcmp(*line, head) != 0)
        line++;
    CHECK_ROW(schema, *line != NULL);
    while (*++line != NULL && strspn(*line, " ") > 4) {
        char *name = member_of(*line);

        listed = listed || strcmp(*line, "      properties:") == 0;
        if (listed && name != NULL)
            g_hash_table_add(all, name);
        else
            g_free(name);
    }
    return all;
}

static void test_document(void)
{
    g_autoptr(GHashTable) all = properties("Options");
    const char *name;

    for (size_t i = 0; (name = fleet_options_name(i, NULL)) != NULL; i++)
        CHECK_ROW(name, g_hash_table_remove(all, name));
    g_assert_cmpuint(g_hash_table_size(all), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        g_autoptr(GHashTable) of = NULL;

        if (elsewhere[i].schema == NULL)
            continue;
        of = properties(elsewhere[i].schema);
        CHECK_ROW(elsewhere[i].name,
                  g_hash_table_contains(of, elsewhere[i].member));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/service-options/options", test_options);
    g_test_add_func("/service-options/members", test_members);
    g_test_add_func("/service-options/values", test_values);
    g_test_add_func("/service-options/document", test_document);
    return g_test_run();
}
