#include "base/check.h"
#include "engine/policy.h"

static void test_policy(void)
{
    static const struct {
        const char *name;
        enum err_scope scope;
        enum err_retry retry;
        enum policy want;
    } rows[] = {
        /* clang-format off */
        { "a bad item",        ERR_ITEM, ERR_RETRY_NEVER, POLICY_FAIL },
        { "a slow item",       ERR_ITEM, ERR_RETRY_WAIT, POLICY_LATER },
        { "an item, again",    ERR_ITEM, ERR_RETRY_NOW, POLICY_LATER },
        { "a folder is gone",  ERR_FOLDER, ERR_RETRY_NEVER, POLICY_FOLDER },
        { "a folder, again",   ERR_FOLDER, ERR_RETRY_NOW, POLICY_LATER },
        { "quota is full",     ERR_MAILBOX, ERR_RETRY_NEVER, POLICY_STOP },
        { "server busy",       ERR_MAILBOX, ERR_RETRY_WAIT, POLICY_PAUSE },
        { "line lost",         ERR_MAILBOX, ERR_RETRY_NOW, POLICY_PAUSE },
        { "password changed",  ERR_MAILBOX, ERR_RETRY_REAUTH, POLICY_STOP },
        { "disk is full",      ERR_RUN, ERR_RETRY_NEVER, POLICY_STOP },
        { "host is away",      ERR_RUN, ERR_RETRY_NOW, POLICY_PAUSE },
        /* whatever it was that was refused, all lanes use the credential */
        { "401 for an item",   ERR_ITEM, ERR_RETRY_REAUTH, POLICY_STOP },
        { "401 for a folder",  ERR_FOLDER, ERR_RETRY_REAUTH, POLICY_STOP },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        err_set(&err, rows[i].scope, rows[i].retry, 0, "x");
        CHECK_ROW(rows[i].name, policy_of(&err) == rows[i].want);
    }
}

static void test_names(void)
{
    struct err err;

    err_set(&err, ERR_FOLDER, ERR_RETRY_NOW, 0, "x");
    g_assert_false(policy_is_stale_token(&err));
    g_assert_false(policy_is_gone(&err));
    err.name = "ErrorInvalidSyncStateData";
    g_assert_true(policy_is_stale_token(&err));
    err.name = "ErrorItemNotFound";
    g_assert_true(policy_is_gone(&err));
    err.name = "ErrorFolderNotFound";
    g_assert_true(policy_is_gone(&err));
    err.name = "ErrorSyncFolderNotFound";
    g_assert_true(policy_is_gone(&err));
    g_assert_false(policy_is_wrong_state(&err));
    err.name = "wrong-state";
    g_assert_true(policy_is_wrong_state(&err));
}

static void test_narrow(void)
{
    static const struct {
        const char *name;
        enum err_scope scope;
        enum err_retry retry;
        enum err_scope want;
    } rows[] = {
        { "ErrorItemCorrupt", ERR_ITEM, ERR_RETRY_NEVER, ERR_ITEM },
        { "ErrorAccessDenied", ERR_FOLDER, ERR_RETRY_NEVER, ERR_ITEM },
        { "ErrorMailboxConfiguration", ERR_MAILBOX, ERR_RETRY_NEVER, ERR_ITEM },
        { "ErrorServerBusy", ERR_MAILBOX, ERR_RETRY_WAIT, ERR_MAILBOX },
        { "ErrorPasswordExpired", ERR_MAILBOX, ERR_RETRY_REAUTH, ERR_MAILBOX },
        { "ErrorQuotaExceeded", ERR_MAILBOX, ERR_RETRY_NEVER, ERR_MAILBOX },
        { "ErrorMessagePerFolderCountReceiveQuotaExceeded", ERR_FOLDER,
          ERR_RETRY_NEVER, ERR_FOLDER },
        { NULL, ERR_RUN, ERR_RETRY_NEVER, ERR_RUN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        err_set(&err, rows[i].scope, rows[i].retry, 0, "x");
        err.name = rows[i].name;
        policy_narrow(&err, 2, 5);
        g_assert_cmpint(err.scope, ==, rows[i].scope);
        policy_narrow(&err, 3, 5);
        g_assert_cmpint(err.scope, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/table", test_policy);
    g_test_add_func("/policy/names", test_names);
    g_test_add_func("/policy/narrow", test_narrow);
    return g_test_run();
}
