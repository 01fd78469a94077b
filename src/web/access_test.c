/*
 * Each role on each route, by session and by token of each scope.  What they
 * may is written down here a second time, by hand: a change of the table that
 * was not meant shows.
 */
#include "web/access.h"

#include <string.h>

#include "base/check.h"
#include "web/service.h"

/* Letters: a admin, o operator, p primary, b billing, t technical, * anyone */
static const struct {
    const char *name, *session, *token, *scope;
} rows[] = {
    { "healthz", "*", "*", "" },
    { "readyz", "*", "*", "" },
    { "metrics", "ao", "ao", "metrics:read" },
    { "signIn", "*", "*", "" },
    { "requestLink", "*", "*", "" },
    { "getLink", "*", "*", "" },
    { "useLink", "*", "*", "" },
    { "linkPage", "*", "*", "" },
    { "useLinkPage", "*", "*", "" },
    { "getSession", "aopbt", "aopbt", "events:read" },
    { "signOut", "aopbt", "", "" },
    { "streamEvents", "aopbt", "aopbt", "events:read" },
    { "listOperators", "ao", "ao", "operators:read" },
    { "addOperator", "a", "a", "operators:write" },
    { "changeOperator", "a", "a", "operators:write" },
    { "listTokens", "ao", "", "" },
    { "addToken", "ao", "", "" },
    { "revokeToken", "ao", "", "" },
    { "listAudit", "ao", "ao", "audit:read" },
    { "getOperator", "ao", "ao", "operators:read" },
    { "listAccounts", "aopbt", "aopbt", "accounts:read" },
    { "addAccount", "ao", "ao", "accounts:write" },
    { "importAccounts", "ao", "ao", "accounts:write" },
    { "getAccount", "aopbt", "aopbt", "accounts:read" },
    { "changeAccount", "ao", "ao", "accounts:write" },
    { "removeAccount", "ao", "ao", "accounts:write" },
    { "listContacts", "aopbt", "aopbt", "accounts:read" },
    { "addContact", "ao", "ao", "accounts:write" },
    { "getContact", "aopbt", "aopbt", "accounts:read" },
    { "changeContact", "ao", "ao", "accounts:write" },
    { "removeContact", "ao", "ao", "accounts:write" },
    { "listMigrations", "aopbt", "aopbt", "migrations:read" },
    { "addMigration", "ao", "ao", "migrations:write" },
    { "getMigration", "aopbt", "aopbt", "migrations:read" },
    { "changeMigration", "ao", "ao", "migrations:write" },
    { "removeMigration", "ao", "ao", "migrations:write" },
    { "doMigration", "ao", "ao", "migrations:write" },
    { "listMailboxes", "aopbt", "aopbt", "migrations:read" },
    { "listFailures", "aopbt", "aopbt", "migrations:read" },
    { "listMigrationFailedItems", "aopbt", "aopbt", "migrations:read" },
    { "listChecks", "aopbt", "aopbt", "migrations:read" },
    { "listTrials", "aopbt", "aopbt", "migrations:read" },
    { "getOutlook", "aopbt", "aopbt", "migrations:read" },
    { "getMigrationHistory", "aopbt", "aopbt", "migrations:read" },
    { "listReports", "aopbt", "aopbt", "migrations:read" },
    { "getReport", "aopbt", "aopbt", "migrations:read" },
    { "getMailbox", "aopbt", "aopbt", "migrations:read" },
    { "changeMailbox", "ao", "ao", "migrations:write" },
    { "doMailbox", "ao", "ao", "migrations:write" },
    { "listPasses", "aopbt", "aopbt", "migrations:read" },
    { "listMailboxFailures", "aopbt", "aopbt", "migrations:read" },
    { "listFailedItems", "aopbt", "aopbt", "migrations:read" },
    { "getCheck", "aopbt", "aopbt", "migrations:read" },
    { "listFolders", "aopbt", "aopbt", "migrations:read" },
    { "getHealth", "ao", "ao", "fleet:read" },
    { "listWorkers", "ao", "ao", "fleet:read" },
    { "doWorker", "ao", "ao", "fleet:write" },
    { "listHosts", "ao", "ao", "fleet:read" },
    { "getHost", "ao", "ao", "fleet:read" },
    { "getHostHistory", "ao", "ao", "fleet:read" },
    { "listStanding", "aopbt", "aopbt", "migrations:read" },
    { "listStalls", "ao", "ao", "migrations:read" },
    { "extendMigration", "ao", "ao", "migrations:write" },
    { "limitHost", "ao", "ao", "fleet:write" },
    { "listRequests", "aopbt", "aopbt", "requests:read" },
    { "getRequest", "aopbt", "aopbt", "requests:read" },
    { "listRequestDays", "aopb", "aopb", "requests:read" },
    { "listOwners", "aopbt", "aopbt", "requests:read" },
    { "askOwners", "aopb", "aopb", "requests:write" },
    { "listRequestMails", "aopbt", "aopbt", "requests:read" },
    { "listRequestFiles", "aopbt", "aopbt", "requests:read" },
    { "listRequestTimeline", "aopbt", "aopbt", "requests:read" },
    { "ownerPage", "*", "*", "" },
    { "useOwnerPage", "*", "*", "" },
    { "doRequest", "aopb", "aopb", "requests:write" },
    { "getInvoice", "aopb", "aopb", "requests:read" },
    { "approvePage", "*", "*", "" },
    { "useApprovePage", "*", "*", "" },
    { "certificatePage", "*", "*", "" },
    { "getCertificate", "*", "*", "" },
    { "listCertificateKeys", "*", "*", "" },
    { "supplyPage", "*", "*", "" },
    { "useSupplyPage", "*", "*", "" },
    { "cutoverPage", "*", "*", "" },
    { "useCutoverPage", "*", "*", "" },
    { "listTray", "ao", "ao", "requests:read" },
    { "getMail", "ao", "ao", "requests:read" },
    { "doMail", "ao", "ao", "requests:write" },
    { "changePassword", "ao", "", "" },
    { "offerAuthenticator", "ao", "", "" },
    { "useAuthenticator", "ao", "", "" },
    { "verifyAudit", "ao", "ao", "audit:read" },
    { "listSettings", "ao", "ao", "settings:read" },
    { "getPriceList", "ao", "ao", "settings:read" },
    { "root", "*", "*", "" },
    { "app", "*", "*", "" },
    { "appRoot", "*", "*", "" },
    { "appPage", "*", "*", "" },
    { "appPageOf", "*", "*", "" },
    { "appPagePart", "*", "*", "" },
    { "getAsset", "*", "*", "" },
    { "addRequest", "aopb", "aopb", "requests:write" },
    { "changeRequest", "aopb", "aopb", "requests:write" },
    { "listConversation", "aopbt", "aopbt", "requests:read" },
    { "addRequestFile", "aopb", "aopb", "requests:write" },
    { "getRequestImport", "aopbt", "aopbt", "requests:read" },
    { "tryCredentials", "aopb", "aopb", "requests:write" },
    { "getRequestCertificate", "aopbt", "aopbt", "requests:read" },
    { "probe", "aopbt", "aopbt", "requests:write" },
    { "checkImport", "aopbt", "aopbt", "requests:read" },
    { "getImportTemplate", "aopbt", "aopbt", "requests:read" },
    { "getMailText", "aopbt", "aopbt", "requests:read" },
    { "listOutbox", "ao", "ao", "requests:read" },
    { "getOutboxMail", "aopbt", "aopbt", "requests:read" },
    { "doOutboxMail", "ao", "ao", "requests:write" },
};

static const char letters[WEB_ROLE_N] = "aopbt";

static enum web_verdict want_of(const char *may, char letter)
{
    if (strcmp(may, "*") == 0 || strchr(may, letter) != NULL)
        return WEB_YES;
    return WEB_FORBIDDEN;
}

static void check_route(const struct web_route *route, size_t row)
{
    struct web_principal p = { 0 };

    CHECK_ROW(
        route->name,
        web_access(&p, route->roles, route->scope) ==
            (strcmp(rows[row].session, "*") == 0 ? WEB_YES : WEB_SIGN_IN));
    p.known = true;
    for (int role = 0; role < WEB_ROLE_N; role++) {
        p.role = (enum web_role)role;
        p.roles = WEB_MAY(role);
        p.by_token = false;
        CHECK_ROW(route->name, web_access(&p, route->roles, route->scope) ==
                                   want_of(rows[row].session, letters[role]));
        p.by_token = true;
        for (int scope = 1; scope < WEB_SCOPE_N; scope++) {
            bool right = strcmp(web_scope_name((enum web_scope)scope),
                                rows[row].scope) == 0;
            enum web_verdict want = want_of(rows[row].token, letters[role]);

            if (!right && strcmp(rows[row].token, "*") != 0)
                want = WEB_FORBIDDEN;
            p.scopes = 1u << scope;
            CHECK_ROW(route->name,
                      web_access(&p, route->roles, route->scope) == want);
        }
    }
}

static void test_matrix(void)
{
    size_t n = 0;

    for (const struct web_route *r = service_routes; r->path != NULL; r++) {
        size_t row = 0;

        while (row < G_N_ELEMENTS(rows) && strcmp(rows[row].name, r->name) != 0)
            row++;
        if (row == G_N_ELEMENTS(rows))
            g_error("route %s is not in this test", r->name);
        check_route(r, row);
        n++;
    }
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(rows));
}

static void test_names(void)
{
    g_assert_cmpint(web_scope_parse(""), ==, WEB_SCOPE_N);
    g_assert_cmpint(web_scope_parse("audit:read"), ==, WEB_SCOPE_AUDIT_READ);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/access/matrix", test_matrix);
    g_test_add_func("/access/names", test_names);
    return g_test_run();
}
