#include "web/service.h"

#include <string.h>

#include "base/timestamp.h"

#define OWN WEB_STAFF

/* clang-format off */
const struct web_route service_routes[] = {
    /* method, path, roles, scope, flags, handler, name, summary, query */
    { WEB_GET, "/healthz", WEB_ANYONE, WEB_SCOPE_NONE, WEB_TEXT, service_healthz,
      "healthz", "whether the process lives" },
    { WEB_GET, "/readyz", WEB_ANYONE, WEB_SCOPE_NONE, WEB_TEXT, service_readyz,
      "readyz", "whether it can do its work" },
    { WEB_GET, "/api/v1/health", WEB_STAFF, WEB_SCOPE_FLEET_READ, 0, service_health,
      "getHealth", "what keeps the service from doing its work" },
    { WEB_GET, "/metrics", WEB_STAFF, WEB_SCOPE_METRICS_READ, WEB_LOCAL, service_metrics,
      "metrics", "numbers for Prometheus; from this machine without signing in" },
    { WEB_POST, "/api/v1/session", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW, service_sign_in,
      "signIn", "sign in with name, password and authenticator" },
    { WEB_GET, "/api/v1/session", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_EVENTS_READ, 0, service_session,
      "getSession", "who is signed in" },
    { WEB_DELETE, "/api/v1/session", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_NONE, 0, service_sign_out,
      "signOut", "sign out" },
    { WEB_POST, "/api/v1/session/password", OWN, WEB_SCOPE_NONE, WEB_SLOW, service_own_password,
      "changePassword", "change one's own password" },
    { WEB_POST, "/api/v1/session/authenticator", OWN, WEB_SCOPE_NONE, WEB_SLOW, service_own_offer,
      "offerAuthenticator", "a secret for an authenticator of one's own, which is not in use yet" },
    { WEB_POST, "/api/v1/session/authenticator/use", OWN, WEB_SCOPE_NONE, 0, service_own_authenticator,
      "useAuthenticator", "use that secret from now on, by a code of it" },
    { WEB_POST, "/api/v1/links", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_link_request,
      "requestLink", "have a link to sign in sent to a contact's address" },
    { WEB_GET, "/api/v1/links/{token}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_link,
      "getLink", "whom a link would sign in; it stays good" },
    { WEB_POST, "/api/v1/links/{token}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_link_use,
      "useLink", "sign in by a link, which works once" },
    { WEB_GET, "/sign-in/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_PAGE, service_link_page,
      "linkPage", "the page behind a link: a button" },
    { WEB_POST, "/sign-in/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_PAGE, service_link_page_use,
      "useLinkPage", "the button of that page" },
    { WEB_GET, "/api/v1/events", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_EVENTS_READ, WEB_STREAM, service_events,
      "streamEvents", "what happens, as it happens" },
    { WEB_GET, "/api/v1/operators", WEB_STAFF, WEB_SCOPE_OPERATORS_READ, 0, service_operators,
      "listOperators", "all operators",
      "limit after sort" },
    { WEB_POST, "/api/v1/operators", WEB_MAY(WEB_ADMIN), WEB_SCOPE_OPERATORS_WRITE, WEB_SLOW, service_operator_add,
      "addOperator", "add an operator" },
    { WEB_PATCH, "/api/v1/operators/{id}", WEB_MAY(WEB_ADMIN), WEB_SCOPE_OPERATORS_WRITE, WEB_SLOW | WEB_VERSIONED, service_operator_change,
      "changeOperator",
      "change role or password, disable or enable, remove a lost authenticator" },
    { WEB_GET, "/api/v1/operators/{id}", WEB_STAFF, WEB_SCOPE_OPERATORS_READ, 0, service_operator,
      "getOperator", "one operator" },
    { WEB_GET, "/api/v1/tokens", OWN, WEB_SCOPE_NONE, 0, service_tokens,
      "listTokens", "one's own API tokens",
      "limit after" },
    { WEB_POST, "/api/v1/tokens", OWN, WEB_SCOPE_NONE, 0, service_token_add,
      "addToken", "make an API token, which is shown once" },
    { WEB_DELETE, "/api/v1/tokens/{id}", OWN, WEB_SCOPE_NONE, 0, service_token_revoke,
      "revokeToken", "revoke an API token" },
    { WEB_GET, "/api/v1/audit", WEB_STAFF, WEB_SCOPE_AUDIT_READ, WEB_SLOW, service_audit,
      "listAudit", "the trail of what was decided and changed",
      "limit after sort actor action subject from to" },
    { WEB_GET, "/api/v1/audit/verification", WEB_STAFF, WEB_SCOPE_AUDIT_READ, WEB_SLOW, service_audit_verify,
      "verifyAudit", "compute the hashes of the trail's lines anew",
      "after hash" },
    { WEB_GET, "/api/v1/settings", WEB_STAFF, WEB_SCOPE_SETTINGS_READ, 0, service_settings,
      "listSettings", "the configuration as it is in force, without secrets" },
    { WEB_GET, "/api/v1/price-list", WEB_STAFF, WEB_SCOPE_SETTINGS_READ, 0, service_prices,
      "getPriceList", "what migrations cost" },
    { WEB_GET, "/api/v1/accounts", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_ACCOUNTS_READ, 0, service_accounts,
      "listAccounts", "all accounts; of a contact, their own",
      "limit after sort partner domain text" },
    { WEB_POST, "/api/v1/accounts", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, 0, service_account_add,
      "addAccount", "add an account" },
    { WEB_POST, "/api/v1/accounts/import", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, WEB_SLOW, service_people_import,
      "importAccounts", "accounts and their contacts from a table" },
    { WEB_GET, "/api/v1/accounts/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_ACCOUNTS_READ, 0, service_account,
      "getAccount", "one account" },
    { WEB_PATCH, "/api/v1/accounts/{id}", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, WEB_VERSIONED, service_account_change,
      "changeAccount", "change an account or its domains" },
    { WEB_DELETE, "/api/v1/accounts/{id}", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, WEB_VERSIONED, service_account_remove,
      "removeAccount", "remove an account without migrations, and its contacts" },
    { WEB_GET, "/api/v1/contacts", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_ACCOUNTS_READ, 0, service_contacts,
      "listContacts", "all contacts; of a contact, their account's",
      "limit after sort account address text" },
    { WEB_POST, "/api/v1/contacts", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, 0, service_contact_add,
      "addContact", "add a contact to an account" },
    { WEB_GET, "/api/v1/contacts/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_ACCOUNTS_READ, 0, service_contact,
      "getContact", "one contact" },
    { WEB_PATCH, "/api/v1/contacts/{id}", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, WEB_VERSIONED, service_contact_change,
      "changeContact", "change a contact, disable or enable" },
    { WEB_DELETE, "/api/v1/contacts/{id}", WEB_STAFF, WEB_SCOPE_ACCOUNTS_WRITE, WEB_VERSIONED, service_contact_remove,
      "removeContact", "remove a contact" },
    { WEB_GET, "/api/v1/migrations", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_migrations,
      "listMigrations", "all migrations; of a contact, their account's",
      "limit after sort account state job text" },
    { WEB_POST, "/api/v1/migrations", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_SLOW, service_migration_add,
      "addMigration", "make a migration of an import file" },
    { WEB_GET, "/api/v1/migrations/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_migration,
      "getMigration", "one migration, with its numbers" },
    { WEB_PATCH, "/api/v1/migrations/{id}", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_VERSIONED, service_migration_change,
      "changeMigration", "change name, options, credentials, limits" },
    { WEB_DELETE, "/api/v1/migrations/{id}", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_SLOW | WEB_VERSIONED, service_migration_remove,
      "removeMigration", "remove a migration with its ledger and secrets" },
    { WEB_POST, "/api/v1/migrations/{id}/actions", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_SLOW, service_migration_do,
      "doMigration", "start, pause, resume, retry, repeat or cancel all of it" },
    { WEB_GET, "/api/v1/migrations/{id}/mailboxes", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_mailboxes,
      "listMailboxes", "mailboxes of a migration",
      "limit after sort state job text" },
    { WEB_POST, "/api/v1/migrations/{id}/mailboxes", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_SLOW, service_migration_extend,
      "extendMigration", "add the rows of an import file that it does not have" },
    { WEB_GET, "/api/v1/migrations/{id}/standing", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_standing,
      "listStanding", "where each mailbox of a migration stands by its ledger",
      "limit after sort state job text" },
    { WEB_GET, "/api/v1/migrations/{id}/checks", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_checks,
      "listChecks", "what the last check of each mailbox of a migration found",
      "limit after sort state job text" },
    { WEB_GET, "/api/v1/migrations/{id}/trials", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_trials,
      "listTrials", "what trial passes of a migration found out, by servers and class" },
    { WEB_GET, "/api/v1/migrations/{id}/outlook", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_migration_outlook,
      "getOutlook", "when a migration would be done, were it begun now" },
    { WEB_GET, "/api/v1/migrations/{id}/failures", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_migration_failures,
      "listFailures", "why items of a migration failed, by cause" },
    { WEB_GET, "/api/v1/migrations/{id}/failed-items", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_migration_failed,
      "listMigrationFailedItems", "items of a migration that failed",
      "limit after reason mailbox" },
    { WEB_GET, "/api/v1/migrations/{id}/history", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_migration_history,
      "getMigrationHistory", "what went on when, and the forecasts that were given",
      "since" },
    { WEB_GET, "/api/v1/migrations/{id}/reports", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_reports,
      "listReports", "files of the report on a migration" },
    { WEB_GET, "/api/v1/migrations/{id}/reports/{name}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_report,
      "getReport", "a file of the report, made of what is known now" },
    { WEB_GET, "/api/v1/mailboxes/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_mailbox,
      "getMailbox", "one mailbox" },
    { WEB_PATCH, "/api/v1/mailboxes/{id}", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, WEB_VERSIONED, service_mailbox_change,
      "changeMailbox", "change a mailbox's flags, options or its own credentials" },
    { WEB_POST, "/api/v1/mailboxes/{id}/actions", WEB_STAFF, WEB_SCOPE_MIGRATIONS_WRITE, 0, service_mailbox_do,
      "doMailbox", "start, pause, resume, retry, repeat or cancel a mailbox" },
    { WEB_GET, "/api/v1/mailboxes/{id}/passes", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_mailbox_passes,
      "listPasses", "passes over a mailbox, the oldest first" },
    { WEB_GET, "/api/v1/mailboxes/{id}/check", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, 0, service_mailbox_check,
      "getCheck", "what the last check of a mailbox found, with its folders" },
    { WEB_GET, "/api/v1/mailboxes/{id}/failures", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_mailbox_failures,
      "listMailboxFailures", "why items of a mailbox failed, by cause" },
    { WEB_GET, "/api/v1/mailboxes/{id}/failed-items", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_mailbox_failed,
      "listFailedItems", "items of a mailbox that failed",
      "limit after reason" },
    { WEB_GET, "/api/v1/mailboxes/{id}/folders", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_MIGRATIONS_READ, WEB_SLOW, service_mailbox_folders,
      "listFolders", "folders of a mailbox, with what is in them" },
    { WEB_GET, "/api/v1/stalls", WEB_STAFF, WEB_SCOPE_MIGRATIONS_READ, 0, service_stalls,
      "listStalls", "migrations that do not get on, and work that nobody takes" },
    { WEB_GET, "/api/v1/workers", WEB_STAFF, WEB_SCOPE_FLEET_READ, 0, service_workers,
      "listWorkers", "who works, and how much" },
    { WEB_POST, "/api/v1/workers/{name}/actions", WEB_STAFF, WEB_SCOPE_FLEET_WRITE, 0, service_worker_do,
      "doWorker", "drain a worker, or let it go on" },
    { WEB_GET, "/api/v1/hosts", WEB_STAFF, WEB_SCOPE_FLEET_READ, 0, service_hosts,
      "listHosts", "servers, what is said of them, and what workers find there" },
    { WEB_GET, "/api/v1/hosts/{host}", WEB_STAFF, WEB_SCOPE_FLEET_READ, 0, service_host,
      "getHost", "one server" },
    { WEB_PATCH, "/api/v1/hosts/{host}", WEB_STAFF, WEB_SCOPE_FLEET_WRITE, WEB_VERSIONED, service_host_limit,
      "limitHost", "how many mailboxes of a source host at once, and its quiet hours" },
    { WEB_GET, "/api/v1/hosts/{host}/history", WEB_STAFF, WEB_SCOPE_FLEET_READ, WEB_SLOW, service_host_history,
      "getHostHistory", "what went on with one server when",
      "since" },
    { WEB_GET, "/", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_root,
      "root", "leads to the pages" },
    { WEB_GET, "/app", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_app,
      "app", "the pages: an app for browsers, which asks who is signed in" },
    { WEB_GET, "/app/", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_root,
      "appRoot", "leads there, too" },
    { WEB_GET, "/app/{page}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_app,
      "appPage", "one of its pages" },
    { WEB_GET, "/app/{page}/{id}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_app,
      "appPageOf", "the page of one thing" },
    { WEB_GET, "/app/{page}/{id}/{part}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_app,
      "appPagePart", "a part of that page" },
    { WEB_GET, "/assets/{name}", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_asset,
      "getAsset", "what pages are made of: styles, the app, an icon",
      "v" },
    { WEB_GET, "/approve/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_PAGE, service_approve_page,
      "approvePage", "the page behind a link to approve: the quote, and a button" },
    { WEB_POST, "/approve/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_PAGE, service_approve_page_use,
      "useApprovePage", "the button of that page" },
    { WEB_GET, "/certificate/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_PAGE, service_certificate_page,
      "certificatePage", "the page behind the link of the last letter: what the verification found" },
    { WEB_GET, "/certificate/{token}/{file}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW, service_certificate_file,
      "getCertificate", "the certificate, for download" },
    { WEB_GET, "/certificate-keys", WEB_ANYONE, WEB_SCOPE_NONE, 0, service_certificate_keys,
      "listCertificateKeys", "the public keys that certificates are checked with" },
    { WEB_GET, "/supply/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_PAGE, service_supply_page,
      "supplyPage", "the page behind a link to supply: a form for what is missing" },
    { WEB_POST, "/supply/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_FORM | WEB_PAGE, service_supply_page_use,
      "useSupplyPage", "the form of that page" },
    { WEB_GET, "/owner/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_PAGE, service_owner_page,
      "ownerPage", "the page behind a link to a mailbox's owner: a field for the password" },
    { WEB_POST, "/owner/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_FORM | WEB_PAGE, service_owner_page_use,
      "useOwnerPage", "the password is tried, and sealed when it works" },
    { WEB_GET, "/cutover/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_PAGE, service_cutover_page,
      "cutoverPage", "the page behind a link of the cutover list: a button" },
    { WEB_POST, "/cutover/{token}", WEB_ANYONE, WEB_SCOPE_NONE, WEB_SLOW | WEB_PAGE, service_cutover_page_use,
      "useCutoverPage", "the button of that page" },
    { WEB_GET, "/api/v1/requests", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_requests,
      "listRequests", "all requests for migrations; of a contact, their account's",
      "limit after sort account state domain text" },
    { WEB_POST, "/api/v1/requests", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW, service_request_add,
      "addRequest", "ask for a migration: for one's own account, or as an operator for any" },
    { WEB_GET, "/api/v1/requests/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request,
      "getRequest", "one request: what is known and what is missing" },
    { WEB_PATCH, "/api/v1/requests/{id}", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW | WEB_VERSIONED, service_request_change,
      "changeRequest", "supply pieces of a request, or others in their place" },
    { WEB_POST, "/api/v1/requests/{id}/actions", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW | WEB_VERSIONED, service_request_do,
      "doRequest", "approve, refuse, cancel or schedule a request, or note something" },
    { WEB_GET, "/api/v1/requests/{id}/mails", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request_mails,
      "listRequestMails", "mails that came in about a request",
      "limit after" },
    { WEB_GET, "/api/v1/requests/{id}/conversation", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request_conversation,
      "listConversation", "mails about a request that came in and that go out, by time",
      "limit after sort" },
    { WEB_GET, "/api/v1/requests/{id}/files", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request_files,
      "listRequestFiles", "files that came with it",
      "limit after" },
    { WEB_POST, "/api/v1/requests/{id}/files", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW | WEB_FORM | WEB_VERSIONED, service_request_file_add,
      "addRequestFile", "supply a request's import file, or another in its place" },
    { WEB_GET, "/api/v1/requests/{id}/import", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, WEB_SLOW, service_request_import,
      "getRequestImport", "what is in the import file of a request, and what is wrong with it",
      "form" },
    { WEB_GET, "/api/v1/requests/{id}/days", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_READ, 0, service_request_days,
      "listRequestDays", "the next days on which a request may begin",
      "from" },
    { WEB_POST, "/api/v1/requests/{id}/credentials", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW | WEB_VERSIONED, service_request_credentials,
      "tryCredentials", "supply a request's administrative credentials, which are tried first" },
    { WEB_GET, "/api/v1/requests/{id}/owners", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request_owners,
      "listOwners", "owners of its mailboxes who have not given their password" },
    { WEB_POST, "/api/v1/requests/{id}/owners", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW, service_request_ask_owners,
      "askOwners", "a new link for owners whose own opens nothing any more" },
    { WEB_GET, "/api/v1/requests/{id}/certificate", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, WEB_SLOW, service_request_certificate,
      "getRequestCertificate", "what the verification found, signed",
      "form" },
    { WEB_POST, "/api/v1/probes", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW, service_probe,
      "probe", "whether an Exchange answers behind an OWA URL" },
    { WEB_POST, "/api/v1/import-checks", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, WEB_SLOW | WEB_FORM, service_import_check,
      "checkImport", "what is wrong with an import file; nothing of it is kept" },
    { WEB_GET, "/api/v1/import-template", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_import_template,
      "getImportTemplate", "an import file to be filled in",
      "form" },
    { WEB_GET, "/api/v1/requests/{id}/timeline", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_request_timeline,
      "listRequestTimeline", "what was decided about a request, the oldest first",
      "limit after" },
    { WEB_GET, "/api/v1/requests/{id}/invoice", WEB_STAFF | WEB_PAYERS, WEB_SCOPE_REQUESTS_READ, 0, service_request_invoice,
      "getInvoice", "the lines of its approved quote",
      "form" },
    { WEB_GET, "/api/v1/tray", WEB_STAFF, WEB_SCOPE_REQUESTS_READ, 0, service_tray,
      "listTray", "mails that could not be placed",
      "limit after sort" },
    { WEB_GET, "/api/v1/mails/{id}", WEB_STAFF, WEB_SCOPE_REQUESTS_READ, 0, service_mail,
      "getMail", "a mail as it came in" },
    { WEB_GET, "/api/v1/mails/{id}/text", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, WEB_SLOW, service_mail_text,
      "getMailText", "what a mail that came in says" },
    { WEB_POST, "/api/v1/mails/{id}/actions", WEB_STAFF, WEB_SCOPE_REQUESTS_WRITE, WEB_SLOW, service_mail_do,
      "doMail", "place a mail of the tray, open a request with it, or say that it is done" },
    { WEB_GET, "/api/v1/outbox", WEB_STAFF, WEB_SCOPE_REQUESTS_READ, 0, service_outbox,
      "listOutbox", "mails that go out, and how far each is",
      "limit after sort state" },
    { WEB_GET, "/api/v1/outbox/{id}", WEB_STAFF | WEB_CONTACTS, WEB_SCOPE_REQUESTS_READ, 0, service_outbox_mail,
      "getOutboxMail", "what a mail that goes out says, without its links" },
    { WEB_POST, "/api/v1/outbox/{id}/actions", WEB_STAFF, WEB_SCOPE_REQUESTS_WRITE, 0, service_outbox_do,
      "doOutboxMail", "send again what failed or is unsure, say that it arrived, or drop it" },
    { .path = NULL },
};
/* clang-format on */

static void print_roles(unsigned roles, FILE *out)
{
    const char *before = "";

    if ((roles & WEB_ANYONE) != 0)
        fputs("anyone", out);
    for (int role = 0; role < WEB_ROLE_N; role++) {
        if ((roles & WEB_MAY(role)) == 0)
            continue;
        fprintf(out, "%s%s", before, web_role_name((enum web_role)role));
        before = ",";
    }
}

void service_print_routes(FILE *out)
{
    for (const struct web_route *r = service_routes; r->path != NULL; r++) {
        fprintf(out, "%s\t%s\t", web_method_name(r->method), r->path);
        print_roles(r->roles, out);
        fprintf(out, "\t%s\t%s\t%s\t%s\t%s\n",
                r->scope != WEB_SCOPE_NONE ? web_scope_name(r->scope) : "-",
                r->name, r->summary, r->query != NULL ? r->query : "-",
                (r->flags & WEB_VERSIONED) != 0 ? "If-Match" : "-");
    }
}

/* ---- who asks ------------------------------------------------------------ */

static void fill_contact(const struct holder *h, struct web_principal *ret)
{
    static const enum web_role roles[CONTACT_ROLE_N] = {
        [CONTACT_PRIMARY] = WEB_PRIMARY,
        [CONTACT_BILLING] = WEB_BILLING,
        [CONTACT_TECHNICAL] = WEB_TECHNICAL,
    };

    ret->id = h->contact_id;
    ret->account = h->account_id;
    for (int i = CONTACT_ROLE_N - 1; i >= 0; i--) {
        if ((h->contact_roles & (1u << i)) == 0)
            continue;
        ret->role = roles[i];
        ret->roles |= WEB_MAY(roles[i]);
    }
}

static void fill_principal(const struct holder *h, struct web_principal *ret)
{
    static const enum web_role roles[ROSTER_ROLE_N] = {
        [ROSTER_ADMIN] = WEB_ADMIN,
        [ROSTER_OPERATOR] = WEB_OPERATOR,
    };

    ret->known = true;
    g_strlcpy(ret->name, h->name, sizeof(ret->name));
    if (h->operator_id == 0) {
        fill_contact(h, ret);
        return;
    }
    ret->id = h->operator_id;
    ret->role = roles[h->role];
    ret->roles = WEB_MAY(ret->role);
    ret->scopes = h->scopes;
}

/* A database that does not answer lets nobody in, and says so in the log. */
static bool decide(const struct service *s, const struct web_request *r,
                   int found, const struct err *err)
{
    if (found < 0)
        log_err(s->log, LOG_ERROR, r->id, err);
    return found > 0;
}

static bool authenticate(void *service, const struct web_request *r,
                         struct web_principal *ret)
{
    const struct service *s = service;
    const char *header = web_header(r, "Authorization");
    const char *cookie = web_cookie(r, service_cookie_name(r->secure));
    uint8_t hash[TOKEN_HASH_BYTES];
    struct holder h = { 0 };
    struct err err = { .msg = "" };
    bool valid;

    if (header != NULL) {
        valid = g_ascii_strncasecmp(header, "Bearer ", 7) == 0 &&
                token_hash(TOKEN_API, header + 7, hash) &&
                decide(s, r,
                       roster_token_find(s->roster, hash, timestamp_now(), &h,
                                         &err),
                       &err);
        ret->by_token = true;
    } else if (cookie != NULL) {
        valid = token_hash(TOKEN_SESSION, cookie, hash) &&
                decide(s, r,
                       roster_session_find(s->roster, hash, timestamp_now(), &h,
                                           &err),
                       &err);
        /* an old cookie must not keep anybody from signing in */
        if (!valid && (r->route->roles & WEB_ANYONE) != 0)
            return true;
    } else {
        return true;
    }
    if (valid)
        fill_principal(&h, ret);
    return valid;
}

const struct web_service_ops service_ops = { authenticate };

/* ---- what handlers share ------------------------------------------------- */

const char *service_cookie_name(bool secure)
{
    /* RFC 6265bis: a browser takes __Host- only by https, for this host */
    return secure ? "__Host-mailferry" : "mailferry";
}

struct roster_actor service_actor(const struct web_request *r, char *room,
                                  size_t size)
{
    if (r->who.known)
        g_snprintf(room, size, "%s %s", web_role_name(r->who.role),
                   r->who.name);
    else
        g_strlcpy(room, "nobody", size);
    return (struct roster_actor){ room, r->id, NULL };
}

void service_tell(const struct service *s, const struct web_request *r,
                  const char *action, const char *subject)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s?, s:s}", "action", action, "subject", subject,
                  "actor", r->who.known ? r->who.name : NULL, "request", r->id);
    char *text = json_dumps(json, JSON_COMPACT);
    g_autofree char *about = g_strconcat(action, " ", subject, NULL);

    relay_post(s->relay, &(struct relay_note){ "audit", about, 0, text });
    free(text);
    json_decref(json);
}

void service_tell_migration(const struct service *s, int64_t migration_id,
                            const char *action)
{
    g_autofree char *subject =
        g_strdup_printf("migration %" G_GINT64_FORMAT, migration_id);
    g_autofree char *data = g_strdup_printf("{\"migration\":%" G_GINT64_FORMAT
                                            ",\"action\":\"%s\"}",
                                            migration_id, action);

    relay_post(s->relay, &(struct relay_note){ "migration", subject,
                                               migration_id, data });
}

void service_fail(const struct service *s, const struct web_request *r,
                  struct web_reply *reply, const struct err *err)
{
    web_problem_err(reply, err);
    if (reply->status >= 500)
        log_err(s->log, LOG_ERROR, r->id, err);
}

const char *service_text(const struct web_request *r, const char *name,
                         size_t most, struct web_reply *reply)
{
    const json_t *member = json_object_get(r->json, name);

    if (member == NULL) {
        web_problem_field(reply, name, "\"%s\" is missing", name);
        return NULL;
    }
    if (!json_is_string(member) || json_string_length(member) == 0 ||
        json_string_length(member) > most ||
        strlen(json_string_value(member)) != json_string_length(member)) {
        web_problem_field(reply, name, "\"%s\" is a text of up to %zu bytes",
                          name, most);
        return NULL;
    }
    return json_string_value(member);
}

int service_only(const struct web_request *r, const char *const *names,
                 struct web_reply *reply)
{
    const char *name;
    json_t *value;

    if (!json_is_object(r->json)) {
        web_problem(reply, 400, "json", "the body must be a JSON object");
        return -1;
    }
    json_object_foreach(r->json, name, value)
    {
        if (g_strv_contains(names, name))
            continue;
        web_problem_field(reply, name, "there is no \"%.100s\" here", name);
        return -1;
    }
    return 0;
}
