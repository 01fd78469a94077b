#include "ews/ews_code.h"

#include <string.h>

#include "base/check.h"
#include "ews/ews.h"
#include "ews/schema.h"

static void test_names_and_codes_agree(void)
{
    for (enum ews_code c = EWS_NO_ERROR + 1; c < EWS_N_CODES; c++) {
        const struct ews_code_row *row = ews_code_row(c);

        g_assert_nonnull(row->name);
        g_assert_cmpint(ews_code_parse(row->name), ==, c);
    }
    g_assert_cmpint(ews_code_parse("NoError"), ==, EWS_NO_ERROR);
}

static void test_unlisted(void)
{
    static const char *const names[] = { NULL,
                                         "",
                                         "ErrorCalendarViewRangeTooBig",
                                         "errorserverbusy",
                                         "ErrorServerBusyX",
                                         "UnlistedCode" };

    for (size_t i = 0; i + 1 < G_N_ELEMENTS(names); i++)
        g_assert_cmpint(ews_code_parse(names[i]), ==, EWS_OTHER);
}

/* The names are Exchange's own: its schema lists them all. */
static void test_names_are_in_the_schema(void)
{
    g_autofree char *dir = shared_dir("EWS_SCHEMA_DIR", "ews-schema");
    g_autofree char *file = NULL;
    g_autofree char *text = NULL;

    if (dir == NULL) {
        g_test_skip("no EWS schema");
        return;
    }
    file = g_build_filename(dir, "messages.xsd", NULL);
    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    for (enum ews_code c = EWS_NO_ERROR + 1; c < EWS_N_CODES; c++) {
        g_autofree char *line = g_strdup_printf("<xs:enumeration value=\"%s\"",
                                                ews_code_row(c)->name);

        CHECK_ROW(ews_code_row(c)->name, strstr(text, line) != NULL);
    }
}

/* Every row is one that a person can act on. */
static void test_rows_are_complete(void)
{
    for (enum ews_code c = EWS_OTHER; c < EWS_N_CODES; c++) {
        const struct ews_code_row *row;
        bool waits;

        if (c == EWS_NO_ERROR)
            continue;
        row = ews_code_row(c);
        waits = row->retry == ERR_RETRY_WAIT;
        CHECK_ROW(row->name, row->cause != NULL && row->cause[0] != '\0');
        CHECK_ROW(row->name, waits == (row->wait_ms > 0));
        /* What the governor is told is also what may be tried again. */
        CHECK_ROW(row->name, (row->traits & EWS_BUSY) == 0 || waits);
        CHECK_ROW(row->name, strchr(row->cause, '|') == NULL);
        CHECK_ROW(row->name, row->cause[strlen(row->cause) - 1] != '.');
    }
}

/* exchange.md, "Under the throttle" and "Getting in". */
static void test_what_the_engine_relies_on(void)
{
    static const struct {
        enum ews_code code;
        enum err_scope scope;
        enum err_retry retry;
        unsigned int traits;
    } rows[] = {
        { EWS_ErrorServerBusy, ERR_MAILBOX, ERR_RETRY_WAIT,
          EWS_BUSY | EWS_UNDONE },
        { EWS_ErrorExceededConnectionCount, ERR_MAILBOX, ERR_RETRY_WAIT,
          EWS_BUSY | EWS_UNDONE },
        { EWS_ErrorTimeoutExpired, ERR_MAILBOX, ERR_RETRY_WAIT, EWS_BUSY },
        { EWS_ErrorInternalServerTransientError, ERR_MAILBOX, ERR_RETRY_WAIT,
          EWS_BUSY },
        { EWS_ErrorTooManyObjectsOpened, ERR_MAILBOX, ERR_RETRY_WAIT,
          EWS_BUSY },
        { EWS_ErrorInsufficientResources, ERR_MAILBOX, ERR_RETRY_WAIT,
          EWS_BUSY },
        { EWS_ErrorMailboxStoreUnavailable, ERR_MAILBOX, ERR_RETRY_WAIT, 0 },
        { EWS_ErrorMailboxMoveInProgress, ERR_MAILBOX, ERR_RETRY_WAIT, 0 },
        { EWS_ErrorInvalidSyncStateData, ERR_FOLDER, ERR_RETRY_NOW, 0 },
        { EWS_ErrorQuotaExceeded, ERR_MAILBOX, ERR_RETRY_NEVER, 0 },
        { EWS_ErrorItemNotFound, ERR_ITEM, ERR_RETRY_NEVER, 0 },
        { EWS_ErrorCorruptData, ERR_ITEM, ERR_RETRY_NEVER, 0 },
        { EWS_ErrorInternalServerError, ERR_ITEM, ERR_RETRY_WAIT, 0 },
        { EWS_ErrorImpersonateUserDenied, ERR_MAILBOX, ERR_RETRY_NEVER,
          EWS_UNDONE },
        { EWS_ErrorNonExistentMailbox, ERR_MAILBOX, ERR_RETRY_NEVER,
          EWS_UNDONE },
        { EWS_ErrorPasswordExpired, ERR_MAILBOX, ERR_RETRY_REAUTH, EWS_UNDONE },
        { EWS_OTHER, ERR_ITEM, ERR_RETRY_NEVER, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct ews_code_row *row = ews_code_row(rows[i].code);

        CHECK_ROW(row->name, row->scope == rows[i].scope);
        CHECK_ROW(row->name, row->retry == rows[i].retry);
        CHECK_ROW(row->name, row->traits == rows[i].traits);
    }
}

static void test_error(void)
{
    struct err err;

    g_assert_cmpint(ews_code_err(&err, EWS_ErrorServerBusy, "ErrorServerBusy",
                                 "The server is busy.", 7000),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorServerBusy");
    g_assert_cmpint(err.code, ==, EWS_ErrorServerBusy);
    g_assert_cmpuint(err.wait_ms, ==, 7000);
    g_assert_nonnull(err.remedy);
    g_assert_cmpstr(err.msg, ==,
                    "ErrorServerBusy: the server is busy, or the account is "
                    "over its throttling budget (the server says \"The server "
                    "is busy.\")");

    /* No word from the server: the table's own wait. */
    ews_code_err(&err, EWS_ErrorServerBusy, NULL, NULL, 0);
    g_assert_cmpuint(err.wait_ms, >, 0);
    g_assert_true(g_str_has_prefix(err.msg, "ErrorServerBusy: "));

    /* An unlisted code is told by the server's name for it. */
    ews_code_err(&err, EWS_OTHER, "ErrorFoo", "", 7000);
    g_assert_cmpstr(err.name, ==, "UnlistedCode");
    g_assert_true(g_str_has_prefix(err.msg, "ErrorFoo: "));
    g_assert_null(strstr(err.msg, "the server says"));
    g_assert_cmpuint(err.wait_ms, ==, 0);
}

/* docs/errors.md: a line a code, four bars in each. */
static void test_markdown(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    g_auto(GStrv) lines = NULL;

    ews_code_markdown(out);
    fclose(out);
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, EWS_N_CODES - 1 + 2 + 1);
    for (guint i = 0; lines[i][0] != '\0'; i++) {
        size_t bars = 0;

        for (const char *p = lines[i]; *p != '\0'; p++)
            bars += *p == '|' ? 1 : 0;
        CHECK_ROW(lines[i], bars == 6);
    }
    g_assert_nonnull(strstr(text, "| `ErrorServerBusy` |"));
    free(text);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ews_code/names", test_names_and_codes_agree);
    g_test_add_func("/ews_code/unlisted", test_unlisted);
    g_test_add_func("/ews_code/schema", test_names_are_in_the_schema);
    g_test_add_func("/ews_code/complete", test_rows_are_complete);
    g_test_add_func("/ews_code/relied-on", test_what_the_engine_relies_on);
    g_test_add_func("/ews_code/error", test_error);
    g_test_add_func("/ews_code/markdown", test_markdown);
    return g_test_run();
}
