/*
 * The oracle is what real servers sent: exchange-traces, found through
 * EXCHANGE_TRACES_DIR, else beside the source tree.
 */
#include "lab/reply.h"

#include "base/check.h"

static char *traces_dir(void)
{
    const char *named = g_getenv("EXCHANGE_TRACES_DIR");

    if (named != NULL)
        return g_strdup(named);
    return g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "shared",
                            "exchange-traces", NULL);
}

/* The bodies of a trace's answers that hold `wanted`; the first of them. */
static char *recorded(const char *version, const char *name, const char *wanted)
{
    g_autofree char *dir = traces_dir();
    g_autofree char *file = g_strconcat(name, ".trace", NULL);
    g_autofree char *path = g_build_filename(dir, version, file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GString *body = g_string_new(NULL);

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_string_free(body, TRUE);
        return NULL;
    }
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *line = g_strchomp(lines[i]);

        if (!g_str_has_prefix(line, "< <") && body->len == 0)
            continue;
        if (g_str_has_prefix(line, "< <?xml"))
            g_string_truncate(body, 0);
        if (g_str_has_prefix(line, "< <"))
            g_string_append_printf(body, "%s%s", body->len > 0 ? "\n" : "",
                                   line + 2);
        else if (strstr(body->str, wanted) != NULL)
            break;
    }
    return g_string_free(body, strstr(body->str, wanted) == NULL);
}

static char *failed_message(const struct version *v, const char *operation,
                            const struct problem *p, const char *inside)
{
    GString *out = g_string_new(NULL);
    struct reply r;

    reply_init(&r, out, v, operation);
    reply_begin(&r);
    reply_message_begin(&r, p);
    if (inside != NULL)
        xml_empty(&r.x, inside);
    reply_message_end(&r);
    reply_end(&r);
    return g_string_free(out, FALSE);
}

static const struct {
    const char *trace, *operation, *code, *inside;
} refusals[] = {
    { "create_existing_folder", "CreateFolder", "ErrorFolderExists",
      "m:Folders" },
    { "create_folder_with_malformed_parent_id", "CreateFolder",
      "ErrorInvalidIdMalformed", "m:Folders" },
    { "hard_delete_root_subfolder", "DeleteFolder",
      "ErrorDeleteDistinguishedFolder", NULL },
    { "hard_delete_distinguished_folder_subfolder", "GetFolder",
      "ErrorItemNotFound", "m:Folders" },
    { "move_folder_to_folder_that_has_subfolder_with_the_same_name",
      "MoveFolder", "ErrorMoveCopyFailed", "m:Folders" },
};

/* Byte by byte what Exchange 2007 SP1 and 2010 SP2 answered. */
static void test_refusals_as_recorded(void)
{
    static const enum release releases[] = { EXCHANGE2007_SP1,
                                             EXCHANGE2010_SP2 };

    for (size_t v = 0; v < G_N_ELEMENTS(releases); v++)
        for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
            const struct version *version = version_of(releases[v]);
            g_autofree char *want =
                recorded(version->name, refusals[i].trace, refusals[i].code);
            g_autofree char *got = NULL;
            struct problem p;

            if (want == NULL) {
                g_test_skip("no exchange-traces: set EXCHANGE_TRACES_DIR");
                return;
            }
            problem_set(&p, refusals[i].code);
            got = failed_message(version, refusals[i].operation, &p,
                                 refusals[i].inside);
            g_assert_cmpstr(got, ==, want);
        }
}

static void test_unknown_mailbox_as_recorded(void)
{
    const struct version *v = version_of(EXCHANGE2007_SP1);
    g_autofree char *want =
        recorded(v->name,
                 "create_folder_with_invalid_non_distinguished_"
                 "parent_id",
                 "ErrorNonExistentMailbox");
    g_autofree char *got = NULL;
    struct problem p;

    if (want == NULL) {
        g_test_skip("no exchange-traces: set EXCHANGE_TRACES_DIR");
        return;
    }
    problem_set(&p, "ErrorNonExistentMailbox");
    problem_value(&p, "MailboxGuid", "42c5ebe4-ca55-43dc-8df1-99e99df86be3");
    p.text = "No mailbox with such guid.";
    got = failed_message(v, "CreateFolder", &p, "m:Folders");
    g_assert_cmpstr(got, ==, want);
}

static void test_schema_fault_as_recorded(void)
{
    static const enum release releases[] = { EXCHANGE2007_SP1,
                                             EXCHANGE2010_SP2 };

    for (size_t i = 0; i < G_N_ELEMENTS(releases); i++) {
        const struct version *v = version_of(releases[i]);
        g_autofree char *want =
            recorded(v->name,
                     "create_folder_with_invalid_distinguished_"
                     "parent_id",
                     "ErrorSchemaValidation");
        g_autoptr(GString) got = g_string_new(NULL);
        struct problem p;
        struct reply r;

        if (want == NULL) {
            g_test_skip("no exchange-traces: set EXCHANGE_TRACES_DIR");
            return;
        }
        problem_schema(&p, 2, 630,
                       "The 'Id' attribute is invalid - The value "
                       "'invalidparentid' is invalid according to its datatype "
                       "'http://schemas.microsoft.com/exchange/services/2006/"
                       "types:DistinguishedFolderIdNameType' - The Enumeration "
                       "constraint failed.");
        reply_init(&r, got, v, "");
        reply_fault(&r, &p);
        g_assert_cmpstr(got->str, ==, want);
    }
}

static char *fault_text(const struct problem *p, bool bare)
{
    GString *out = g_string_new(NULL);
    struct reply r;

    reply_init(&r, out, version_of(EXCHANGE2013), "");
    if (bare)
        reply_bare_fault(&r, p);
    else
        reply_fault(&r, p);
    return g_string_free(out, FALSE);
}

static void test_busy(void)
{
    g_autofree char *text = NULL;
    struct problem p;

    problem_fault(&p, "ErrorServerBusy");
    problem_value(&p, "BackOffMilliseconds", "1500");
    text = fault_text(&p, false);
    g_assert_nonnull(strstr(text, ">a:ErrorServerBusy</faultcode>"));
    g_assert_nonnull(
        strstr(text, "<t:Value Name=\"BackOffMilliseconds\">1500</t:Value>"
                     "</t:MessageXml></detail>"));
}

static void test_bare_fault(void)
{
    g_autofree char *text = NULL;
    struct problem p;

    problem_fault(&p, "ErrorImpersonateUserDenied");
    text = fault_text(&p, true);
    g_assert_nonnull(strstr(text, ">a:ErrorImpersonateUserDenied</faultcode>"));
    g_assert_null(strstr(text, "<detail"));
    g_assert_null(strstr(text, "ResponseCode"));
}

static void test_warning(void)
{
    g_autofree char *text = NULL;
    struct problem p;

    problem_set(&p, "ErrorBatchProcessingStopped");
    text = failed_message(version_of(EXCHANGE2016), "UploadItems", &p, NULL);
    g_assert_nonnull(strstr(text, "ResponseClass=\"Warning\""));
}

/* What comes in from outside goes out as text, not as markup. */
static void test_escaped(void)
{
    g_autofree char *text = NULL, *fault = NULL;
    struct problem p;

    problem_set(&p, "ErrorNonExistentMailbox");
    problem_value(&p, "SmtpAddress", "\"<b>&\"@x");
    text = failed_message(version_of(EXCHANGE2010), "GetFolder", &p, NULL);
    g_assert_nonnull(strstr(text, ">&quot;&lt;b&gt;&amp;&quot;@x</t:Value>"));
    fault = fault_text(&p, false);
    g_assert_nonnull(strstr(fault, ">&quot;&lt;b&gt;&amp;&quot;@x</t:Value>"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reply/refusals-as-recorded", test_refusals_as_recorded);
    g_test_add_func("/reply/unknown-mailbox-as-recorded",
                    test_unknown_mailbox_as_recorded);
    g_test_add_func("/reply/schema-fault-as-recorded",
                    test_schema_fault_as_recorded);
    g_test_add_func("/reply/busy", test_busy);
    g_test_add_func("/reply/bare-fault", test_bare_fault);
    g_test_add_func("/reply/warning", test_warning);
    g_test_add_func("/reply/escaped", test_escaped);
    return g_test_run();
}
