#!/usr/bin/env python3
"""docs/openapi.yaml: OpenAPI by a validator that others wrote, the route
table word by word, and what the service really answers."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import npm  # noqa: E402 pylint: disable=all
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all

HERE = pathlib.Path(__file__).resolve().parent / "openapi"
FOLDER = pathlib.Path(MAILFERRY).resolve().parent / "conformance" / "openapi"
PROBE = {"name": "dora@example.com", "role": "operator",
         "password": "another-long-password"}

FORM = multipart(("users.csv", b"Source Email,Destination Email\n"
                  b"u@other.example,u@other.example\nv,w\n"))
LOGIN = {"user": "admin", "password": "secret-1"}
MIGRATION = {
    "account": 1, "name": "Contoso",
    "import": "Source Email,Destination Email\nu@a.example,u@b.example\n",
    "source": {"url": "https://a.example/owa", **LOGIN, "accounts": [LOGIN],
               "proxy": {"url": "http://proxy.example:8080"}},
    "destination": {"url": "https://b.example/owa", "oauth": {
        "client": "c", "tenant": "b.example", "secret": "secret-2"}}}


SAMPLE = {
    "migration": 0, "host": "a.example:443", "span_us": 60_000_000,
    "at_us": 1_800_000_000_000_000, "items": 7, "bytes": 8, "failed": 1,
    "requests": 9, "busy": 2, "in_flight_us": 90_000_000,
    "throttled_us": 30_000_000, "mailboxes_us": 60_000_000,
    "places_us": 240_000_000}


def judge(answers, document=None):
    npm.install(HERE, FOLDER)
    shutil.copy(HERE / "check.mjs", FOLDER)
    document = document or (ROOT / "docs" / "openapi.yaml").read_text()
    done = run("node", FOLDER / "check.mjs", stdin=json.dumps(
        {"document": document, "answers": answers}))
    equal(done.status, 0, done.err)
    return json.loads(done.out)


@case
def the_document_is_openapi():
    equal(judge([])["faults"], [], "faults")
    broken = (ROOT / "docs" / "openapi.yaml").read_text().replace(
        "      responses:\n", "      answers:\n", 1)
    check(judge([], broken)["faults"], "the validator takes anything")


@case
def it_has_the_routes_and_no_others():
    told = {(r["method"], r["path"]): r for r in judge([])["routes"]}
    rows = [line.split("\t") for line in
            run(MAILFERRY, "serve", "--list-routes").out.splitlines()]
    equal(sorted(told), sorted((row[0], row[1]) for row in rows), "routes")
    for method, path, roles, scope, name, summary, query, match in rows:
        route = told[method, path]
        equal(sorted(route["query"]),
              sorted(query.split()) if query != "-" else [], f"{name}: query")
        equal("If-Match" in route["headers"], match != "-",
              f"{name}: If-Match")
        equal((route["operationId"], route["summary"]), (name, summary), path)
        equal(route["open"], roles == "anyone", f"{name}: security")
        if roles == "anyone":
            continue
        word = "Roles" if "," in roles else "Role"
        may = f"scope {scope}" if scope != "-" else "no token"
        contains(" ".join(route["description"].split()),
                 f"{word} {roles.replace(',', ', ')}; {may}.", name)


def gather(service):
    """An answer of each operation, and refusals of each kind."""
    cookie = service.cookie()
    asked = [
        ("healthz", "GET", "/healthz", None),
        ("readyz", "GET", "/readyz", None),
        ("metrics", "GET", "/metrics", None),
        ("signIn", "POST", "/api/v1/session",
         {"name": ADMIN, "password": PASSWORD}),
        ("signIn", "POST", "/api/v1/session", {"name": ADMIN}),
        ("requestLink", "POST", "/api/v1/links", {"address": "x@y.example"}),
        ("getLink", "GET", "/api/v1/links/none", None),
        ("useLink", "POST", "/api/v1/links/none", None),
        ("linkPage", "GET", "/sign-in/none", None),
        ("useLinkPage", "POST", "/sign-in/none", None),
        ("getSession", "GET", "/api/v1/session", None),
        ("listOperators", "GET", "/api/v1/operators?limit=1", None),
        ("listOperators", "GET", "/api/v1/operators?limit=x", None),
        ("addOperator", "POST", "/api/v1/operators", PROBE),
        ("addOperator", "POST", "/api/v1/operators", PROBE),
        ("changeOperator", "PATCH", "/api/v1/operators/3",
         {"disabled": True}),
        ("changeOperator", "PATCH", "/api/v1/operators/99", {}),
        ("addToken", "POST", "/api/v1/tokens",
         {"label": "x", "scopes": ["audit:read"]}),
        ("addToken", "POST", "/api/v1/tokens", {"label": "x"}),
        ("listTokens", "GET", "/api/v1/tokens", None),
        ("revokeToken", "DELETE", "/api/v1/tokens/1", None),
        ("getOperator", "GET", "/api/v1/operators/1", None),
        ("addAccount", "POST", "/api/v1/accounts", {
            "partner": "P-1", "name": "One",
            "domains": [{"name": "b.example", "verified": True}]}),
        ("importAccounts", "POST", "/api/v1/accounts/import",
         {"csv": "Partner ID,Domains\nP-1,c.example\n"}),
        ("importAccounts", "POST", "/api/v1/accounts/import",
         {"csv": "Partner ID,Email\nP-9,x\n"}),
        ("listAccounts", "GET", "/api/v1/accounts", None),
        ("getAccount", "GET", "/api/v1/accounts/1", None),
        ("changeAccount", "PATCH", "/api/v1/accounts/1", {"notes": "x"}),
        ("addContact", "POST", "/api/v1/contacts", {
            "account": 1, "address": "p@b.example", "roles": ["primary"]}),
        ("listContacts", "GET", "/api/v1/contacts", None),
        ("getContact", "GET", "/api/v1/contacts/1", None),
        ("changeContact", "PATCH", "/api/v1/contacts/1", {"name": "Pat"}),
        ("removeContact", "DELETE", "/api/v1/contacts/1", None),
        ("addMigration", "POST", "/api/v1/migrations", MIGRATION),
        ("addMigration", "POST", "/api/v1/migrations",
         {**MIGRATION, "import": "nothing"}),
        ("doMigration", "POST", "/api/v1/migrations/1/actions",
         {"action": "start", "pass": "full"}),
        ("doMigration", "POST", "/api/v1/migrations/1/actions",
         {"action": "pause", "mailboxes": [1, 99]}),
        ("doMigration", "POST", "/api/v1/migrations/1/actions",
         {"action": "purge", "mailboxes": [1]}),
        ("listMigrations", "GET", "/api/v1/migrations", None),
        ("getMigration", "GET", "/api/v1/migrations/1", None),
        ("changeMigration", "PATCH", "/api/v1/migrations/1",
         {"hours": {"from": 1, "to": 2}}),
        ("getMigration", "GET", "/api/v1/migrations/1", None),
        ("listMailboxes", "GET", "/api/v1/migrations/1/mailboxes", None),
        ("listFailures", "GET", "/api/v1/migrations/1/failures", None),
        ("listMigrationFailedItems", "GET",
         "/api/v1/migrations/1/failed-items?mailbox=1", None),
        ("listChecks", "GET", "/api/v1/migrations/1/checks", None),
        ("listTrials", "GET", "/api/v1/migrations/1/trials", None),
        ("getOutlook", "GET", "/api/v1/migrations/1/outlook", None),
        ("getCheck", "GET", "/api/v1/mailboxes/1/check", None),
        ("getMigrationHistory", "GET", "/api/v1/migrations/1/history", None),
        ("listReports", "GET", "/api/v1/migrations/1/reports", None),
        ("getReport", "GET",
         "/api/v1/migrations/1/reports/verification.json", None),
        ("getReport", "GET", "/api/v1/migrations/1/reports/none", None),
        ("getMailbox", "GET", "/api/v1/mailboxes/1", None),
        ("changeMailbox", "PATCH", "/api/v1/mailboxes/1",
         {"flags": "DoNotMigrateTask", "source": {"password": "secret-3"}}),
        ("doMailbox", "POST", "/api/v1/mailboxes/1/actions",
         {"action": "pause"}),
        ("listPasses", "GET", "/api/v1/mailboxes/1/passes", None),
        ("listMailboxFailures", "GET", "/api/v1/mailboxes/1/failures", None),
        ("listFailedItems", "GET", "/api/v1/mailboxes/1/failed-items", None),
        ("listFolders", "GET", "/api/v1/mailboxes/1/folders", None),
        ("listWorkers", "GET", "/api/v1/workers", None),
        ("doWorker", "POST", "/api/v1/workers/none/actions", {"drain": True}),
        ("limitHost", "PATCH", "/api/v1/hosts/a.example:443", {"most": 2}),
        ("listHosts", "GET", "/api/v1/hosts", None),
        ("getHost", "GET", "/api/v1/hosts/a.example:443", None),
        ("getHost", "GET", "/api/v1/hosts/none.example", None),
        ("getHostHistory", "GET", "/api/v1/hosts/a.example:443/history", None),
        ("removeMigration", "DELETE", "/api/v1/migrations/1", None),
        ("removeAccount", "DELETE", "/api/v1/accounts/1", None),
        ("listAudit", "GET", "/api/v1/audit", None),
        ("listAudit", "GET", "/api/v1/audit?from=yesterday", None),
        ("verifyAudit", "GET", "/api/v1/audit/verification", None),
        ("verifyAudit", "GET", "/api/v1/audit/verification?after=1", None),
        ("listSettings", "GET", "/api/v1/settings", None),
        ("getPriceList", "GET", "/api/v1/price-list", None),
        ("offerAuthenticator", "POST", "/api/v1/session/authenticator",
         {"password": PASSWORD}),
        ("offerAuthenticator", "POST", "/api/v1/session/authenticator",
         {"password": "x"}),
        ("useAuthenticator", "POST", "/api/v1/session/authenticator/use",
         {"offer": "x", "code": "000000"}),
        ("changePassword", "POST", "/api/v1/session/password",
         {"old": PASSWORD, "password": "short"}),
        ("signOut", "DELETE", "/api/v1/session", None),
        ("signOut", "DELETE", "/api/v1/session", None),
    ]
    yield from answers_of(service, cookie, asked)


def answers_of(service, cookie, asked):
    for operation, method, path, body in asked:
        body, headers = body if isinstance(body, tuple) else (body, None)
        got = service.ask(method, path, body, headers, cookie)
        kind = got.headers["Content-Type"]
        yield {"operation": operation, "status": str(got.status), "type": kind,
               "body": json.loads(got.text) if kind and "json" in kind
               else None}


def gather_requests(desk):
    """The same of requests, as the desk leaves them behind."""
    one = desk.request("quoted")
    two = desk.request(missing="owa-url\nimport-file")
    desk.mail("one@acme.example", one)
    desk.mail("tray@acme.example", place="tray")
    desk.command("request", "note", one, "called them")
    done = desk.request("completed")
    link = desk.link("approve", desk.request("quoted"))
    give = desk.link("supply", two)
    move = desk.link("cutover", desk.request("ready for cutover"))
    read = desk.link("certificate", done)
    six = one + 5  # the next one that is made
    desk.insert("samples", **SAMPLE)
    path = "/api/v1/requests"
    yield from answers_of(desk, desk.cookie(), [
        ("getHostHistory", "GET", "/api/v1/hosts/a.example:443/history", None),
        ("root", "GET", "/", None),
        ("app", "GET", "/app", None),
        ("appRoot", "GET", "/app/", None),
        ("appPage", "GET", "/app/requests", None),
        ("appPageOf", "GET", f"/app/requests/{one}", None),
        ("appPagePart", "GET", f"/app/requests/{one}/mails", None),
        ("getAsset", "GET", "/assets/pages.css", None),
        ("getAsset", "GET", "/assets/app.js", None),
        ("getAsset", "GET", "/assets/icon.svg", None),
        ("getAsset", "GET", "/assets/none", None),
        ("approvePage", "GET", f"/approve/{link}", None),
        ("useApprovePage", "POST", f"/approve/{link}", None),
        ("useApprovePage", "POST", f"/approve/{link}", None),
        ("approvePage", "GET", "/approve/none", None),
        ("cutoverPage", "GET", f"/cutover/{move}", None),
        ("useCutoverPage", "POST", f"/cutover/{move}", None),
        ("cutoverPage", "GET", "/cutover/none", None),
        ("certificatePage", "GET", f"/certificate/{read}", None),
        ("certificatePage", "GET", "/certificate/none", None),
        ("getCertificate", "GET", f"/certificate/{read}/certificate.json", None),
        ("getCertificate", "GET", "/certificate/none/certificate.html", None),
        ("listCertificateKeys", "GET", "/certificate-keys", None),
        ("supplyPage", "GET", f"/supply/{give}", None),
        ("useSupplyPage", "POST", f"/supply/{give}", None),
        ("useSupplyPage", "POST", "/supply/none", None),
        ("listRequests", "GET", f"{path}?sort=-changed&state=quoted", None),
        ("listRequests", "GET", f"{path}?state=open", None),
        ("getRequest", "GET", f"{path}/{one}", None),
        ("getRequest", "GET", f"{path}/{two}", None),
        ("getRequest", "GET", f"{path}/99", None),
        ("listRequestMails", "GET", f"{path}/{one}/mails", None),
        ("listConversation", "GET", f"{path}/{one}/conversation", None),
        ("getMailText", "GET", "/api/v1/mails/1/text", None),
        ("getMailText", "GET", "/api/v1/mails/99/text", None),
        ("listOutbox", "GET", "/api/v1/outbox?state=waiting,unsure", None),
        ("getOutboxMail", "GET", "/api/v1/outbox/99", None),
        ("listRequestFiles", "GET", f"{path}/{one}/files", None),
        ("listRequestTimeline", "GET", f"{path}/{one}/timeline", None),
        ("doRequest", "POST", f"{path}/{two}/actions", {"action": "cancel"}),
        ("listConversation", "GET", f"{path}/{two}/conversation", None),
        ("getOutboxMail", "GET", "/api/v1/outbox/1", None),
        ("doOutboxMail", "POST", "/api/v1/outbox/1/actions",
         {"action": "arrived"}),
        ("doRequest", "POST", f"{path}/{two}/actions", {"action": "cancel"}),
        ("doRequest", "POST", f"{path}/{two}/actions", {"action": "x"}),
        ("doRequest", "POST", f"{path}/{one}/actions", {"action": "refuse"}),
        ("getInvoice", "GET", f"{path}/{done}/invoice", None),
        ("getInvoice", "GET", f"{path}/{done}/invoice?form=csv", None),
        ("getInvoice", "GET", f"{path}/{one}/invoice", None),
        ("addRequest", "POST", path, {"account": 2, "domain": "other.example"}),
        ("addRequest", "POST", path, {"account": 2, "domain": "other.example"}),
        ("addRequest", "POST", path, {"account": 2, "domain": "x", "start": "x"}),
        ("changeRequest", "PATCH", f"{path}/{six}",
         {"owaUrl": "mail.other.example", "cutover": "2099-01-05"}),
        ("changeRequest", "PATCH", f"{path}/{done}", {"cutover": "2099-01-05"}),
        ("addRequestFile", "POST", f"{path}/{six}/files", FORM),
        ("addRequestFile", "POST", f"{path}/{six}/files", None),
        ("getRequestImport", "GET", f"{path}/{six}/import", None),
        ("getRequestImport", "GET", f"{path}/{six}/import?form=csv", None),
        ("getRequestImport", "GET", f"{path}/{done}/import", None),
        ("listRequestDays", "GET", f"{path}/{one}/days", None),
        ("listRequestDays", "GET", f"{path}/{one}/days?from=2099-01-05", None),
        ("listRequestDays", "GET", f"{path}/{one}/days?from=soon", None),
        ("tryCredentials", "POST", f"{path}/{six}/credentials",
         {"user": "u", "password": "p"}),
        ("tryCredentials", "POST", f"{path}/{done}/credentials",
         {"user": "u", "password": "p"}),
        ("getRequestCertificate", "GET", f"{path}/{one}/certificate", None),
        ("probe", "POST", "/api/v1/probes", {"url": "https://127.0.0.1/owa"}),
        ("probe", "POST", "/api/v1/probes", {"url": "x y"}),
        ("checkImport", "POST", "/api/v1/import-checks", FORM),
        ("checkImport", "POST", "/api/v1/import-checks", None),
        ("getImportTemplate", "GET", "/api/v1/import-template", None),
        ("getImportTemplate", "GET", "/api/v1/import-template?form=x", None),
        ("listTray", "GET", "/api/v1/tray", None),
        ("getMail", "GET", "/api/v1/mails/1", None),
        ("getMail", "GET", "/api/v1/mails/99", None),
        ("doMail", "POST", "/api/v1/mails/2/actions",
         {"action": "open", "contact": 1}),
        ("doMail", "POST", "/api/v1/mails/2/actions", {"action": "done"}),
        ("doMail", "POST", "/api/v1/mails/2/actions", {"action": "place"}),
    ])


@case
def what_is_answered_is_what_it_says():
    with Service("--at-once", 0) as service:
        answers = list(gather(service))
    with Desk("--at-once", 0) as desk:
        answers += list(gather_requests(desk))
    check(len({a["status"] for a in answers}) >= 7, "kinds of answers")
    equal(judge(answers)["faults"], [], "faults")
    answers[5]["body"]["more"] = 1
    check(judge(answers)["faults"], "anything would do")


if __name__ == "__main__":
    main()
