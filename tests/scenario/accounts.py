#!/usr/bin/env python3
"""Accounts and their contacts, at the command line beside a running service
and over HTTP: who they are, how they get in, what they then see."""
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all


@case
def commands_work_while_the_service_runs():
    with Service() as service:
        command = service.command
        command("account", "add", "P-1001", "--name", "Contoso",
                "--domain", "contoso.example",
                "--verified-domain", "sure.example")
        command("contact", "add", "pat@contoso.example", "--account", "p-1001",
                "--role", "primary,technical", "--name", "Pat")
        command("operator", "add", "dora@example.com", "--password-file",
                service.password_file)
        # the service knows at once
        equal(service.sign_in("dora@example.com").status, 201, "sign in")
        equal(command("account", "list").out,
              "1\tP-1001\tContoso\tcontoso.example, sure.example (verified)\n",
              "accounts")
        equal(command("contact", "list", "--account", "P-1001").out,
              "1\taccount 1\tpat@contoso.example\tPat\tprimary,technical\n",
              "contacts")
        command("account", "change", "P-1001", "--verified-domain",
                "contoso.example", "--remove-domain", "sure.example",
                "--partner", "P-7")
        equal(command("account", "list", "P-7").out,
              "1\tP-7\tContoso\tcontoso.example (verified)\n", "changed")
        command("contact", "change", "pat@contoso.example", "--account", "P-7",
                "--disable", "--role", "billing")
        equal(command("contact", "list").out,
              "1\taccount 1\tpat@contoso.example\tPat\tbilling\tdisabled\n",
              "changed")
        trail = answer_json(service.ask(
            "GET", "/api/v1/audit", cookie=service.cookie()))["items"]
        equal([one["action"] for one in trail if one["actor"] == "command line"],
              ["operator.add", "operator.add", "account.add", "contact.add",
               "operator.add", "account.change", "contact.change"], "trail")
        contains(command("audit", "verify").out, "lines hold together")
        command("contact", "remove", "pat@contoso.example", "--account", "P-7")
        command("account", "remove", "P-7")
        equal(command("account", "list").out, "", "none left")


@case
def what_is_wrong_is_said():
    with Service(start=False) as service:
        service.command("account", "add", "P-1", "--name", "One")
        for words, says, status in (
                (["account", "add", "p-1", "--name", "x"],
                 'an account of Partner ID "p-1" already', 3),
                (["account", "add", "P-2"], "--name is missing", 64),
                (["account", "add", "P-2", "--name", "x", "--domain",
                  "localhost"], '"localhost" is not a mail domain', 3),
                (["account", "change", "P-9", "--name", "x"],
                 'no account of Partner ID "P-9"', 3),
                (["contact", "add", "pat", "--account", "P-1", "--role",
                  "primary"], '"pat" is not an email address', 3),
                (["contact", "add", "pat@a.example", "--account", "P-1"],
                 "a role is missing", 3),
                (["contact", "add", "pat@a.example"], "--account is missing",
                 64),
                (["contact", "change", "pat@a.example", "--account", "P-1",
                  "--enable"], 'has no contact "pat@a.example"', 3)):
            done = service.command(*words, status=status)
            contains(done.err, says, f"{words}")


# ---- from a table ------------------------------------------------------------

TABLE = """\
Partner ID,Account,Domains,Verified Domains,Email,Name,Roles
P-1,"Contoso, Ltd",old.example,contoso.example b.example,pat@contoso.example,Pat,Primary Billing
P-1,,,,tom@contoso.example,,technical
p-2,Fabrikam,fabrikam.example,,,,
"""
FAULTY = """\
Partner ID,Account,Email,Roles,Domains
P-1,One,pat,primary,
P-2,,ann@a.example,boss,
,Three,ann@a.example,primary,
P-4,Four,,technical,localhost
P-5,Five,"x
"""


def table(service, text, status=0):
    file = service.dir / "people.csv"
    file.write_text(text, newline="")
    return service.command("account", "import", file, status=status)


@case
def a_table_makes_accounts_and_contacts():
    with Service(start=False) as service:
        done = table(service, "\ufeff" + TABLE.replace("\n", "\r\n"))
        equal(done.out, "accounts: 2 added, 0 changed; contacts: 2 added, "
              "0 changed\n", "first")
        accounts = service.command("account", "list").out
        equal(accounts, "1\tP-1\tContoso, Ltd\tb.example (verified), "
              "contoso.example (verified), old.example\n"
              "2\tp-2\tFabrikam\tfabrikam.example\n", "accounts")
        contacts = service.command("contact", "list").out
        equal(contacts, "1\taccount 1\tpat@contoso.example\tPat\tbilling\n"
              "2\taccount 1\ttom@contoso.example\t\ttechnical\n", "contacts")
        # once more, with other delimiters: nothing is different
        for text in (TABLE, TABLE.replace('"Contoso, Ltd"', "Contoso@ Ltd")
                     .replace(",", ";").replace("@ ", ", ")):
            equal(table(service, text).out, "accounts: 0 added, 0 changed; "
                  "contacts: 0 added, 0 changed\n", "again")
        done = table(service, "email\tROLES\tpartner id\tverified domains\n"
                     "TOM@contoso.example\tprimary|technical\tP-1\t"
                     "old.example\n")
        equal(done.out, "accounts: 0 added, 1 changed; contacts: 0 added, "
              "1 changed\n", "some of it")
        contains(service.command("account", "list", "P-1").out,
                 "contoso.example (verified), old.example (verified)")
        contains(service.command("contact", "list").out,
                 "tom@contoso.example\t\tprimary,technical\n")


@case
def a_faulty_table_writes_nothing_and_says_all():
    with Service(start=False) as service:
        done = table(service, FAULTY, 3)
        lines = [line.split(":", 1)[1] for line in done.err.splitlines()
                 if ".csv:" in line]
        equal([re.match(r"(\d+): ([A-Z]\w+( ID)?:)?", line).group(0)
               for line in lines],
              ["2: Email:", "3: Roles:", "3: Account:", "4: Partner ID:",
               "5: Domains:", "5: Email:", "6: "], done.err)
        contains(done.err, "nothing was written: 7 faults")
        equal(service.command("account", "list").out, "", "nothing")
        for text, says in (("", "there is nothing in it"),
                           ("Account\nx\n", "this column is missing"),
                           ("Partner ID,Partner ID\nx,x\n", "there twice"),
                           ("Partner ID,Phone\nx,1\n",
                            'no column "Phone"'),
                           ("Partner ID,Account\nP\x01,x\n",
                            "this is no text")):
            contains(table(service, text, 3).err, says, repr(text))
        contains(service.command("account", "import", "/nowhere.csv",
                                 status=3).err, "/nowhere.csv")


@case
def a_table_comes_by_the_api_too():
    with Service("--at-once", 0) as service:
        cookie = service.cookie(OPERATOR)
        def send(csv):
            return service.ask("POST", "/api/v1/accounts/import",
                               {"csv": csv}, cookie=cookie)
        got = send(TABLE)
        equal((got.status, answer_json(got)),
              (200, {"accountsAdded": 2, "accountsChanged": 0,
                     "contactsAdded": 2, "contactsChanged": 0}), "added")
        got = send(FAULTY)
        equal(got.status, 422, got.text)
        equal([fault["line"] for fault in answer_json(got)["faults"]],
              [2, 3, 4, 5, 5, 6], "faults")  # P-2 is there by now
        trail = answer_json(service.ask(
            "GET", "/api/v1/audit", cookie=cookie))["items"]
        equal([one["action"] for one in trail
               if one["actor"] == f"operator {OPERATOR}"
               and one["action"] != "session.begin"],
              ["account.add", "contact.add", "contact.add", "account.add"],
              "trail")


# ---- links -----------------------------------------------------------------

PAT = "pat@contoso.example"


def found(service, *accounts):
    """Accounts with a contact PAT each, of that role."""
    for partner, role in accounts:
        service.command("account", "add", partner, "--name", f"Firm {partner}")
        service.command("contact", "add", PAT, "--account", partner, "--role",
                        role)


def mails(service):
    return [line.split("\t") for line in
            service.command("outbox", "list").out.splitlines()]


def links(service, address=PAT):
    """Paths of the links in the mail that somebody asked for."""
    before = len(mails(service))
    got = service.ask("POST", "/api/v1/links", {"address": address})
    equal((got.status, got.text), (202, "{}\n"), "the answer")
    while len(mails(service)) == before:
        time.sleep(0.02)
    text = service.command("outbox", "show", mails(service)[-1][0]).out
    return re.findall(r"http://[^/]+(/sign-in/\S+)", text)


def sign_in(service, path):
    got = service.ask("POST", path, None,
                      {"Origin": f"http://127.0.0.1:{service.port}"})
    equal(got.status, 200, got.text)
    return got.headers["Set-Cookie"].split(";")[0]


@case
def a_link_signs_in_once():
    with Service("--at-once", 0, "--limit-sign-in", 100) as service:
        found(service, ("P-1", "primary"))
        [path] = links(service, PAT.upper())
        equal([mails(service)[0][1], mails(service)[0][3]], ["waiting", PAT],
              "the mail goes to the address on file")
        token = path.rsplit("/", 1)[1]
        api = f"/api/v1/links/{token}"
        for _ in range(3):  # as scanners of mail do
            got = service.ask("GET", path)
            contains(got.text, "<button>Sign in</button>")
            contains(got.headers["Content-Security-Policy"],
                     "form-action 'self'")
            equal(got.headers["Referrer-Policy"], "same-origin", "referrer")
            equal(answer_json(service.ask("GET", api))["account"], "Firm P-1",
                  "account")
        equal(service.ask("POST", path, None, {
            "Sec-Fetch-Site": "cross-site"}).status, 403, "another site")
        cookie = sign_in(service, path)
        for method, where in (("GET", path), ("POST", path), ("GET", api),
                              ("POST", api)):
            equal(service.ask(method, where).status, 404, "used")
        me = answer_json(service.ask("GET", "/api/v1/session", cookie=cookie))
        equal((me["name"], me["role"]), (PAT, "primary"), "who")
        [path] = links(service)
        got = service.ask("POST", "/api/v1/links/" + path.rsplit("/", 1)[1])
        equal(got.status, 201, got.text)
        check(token not in service.text(), "a token in the log")
        for file in service.data.iterdir():
            check(token.encode() not in file.read_bytes(), file.name)
        # whoever is disabled is out, and so are links under way
        [path] = links(service)
        service.command("contact", "change", PAT, "--account", "P-1",
                        "--disable")
        equal(service.ask("GET", "/api/v1/session", cookie=cookie).status, 401,
              "session")
        equal(service.ask("POST", path).status, 404, "link")


@case
def nobody_learns_who_is_on_file():
    with Service("--limit-sign-in", 4) as service:
        found(service, ("P-1", "primary"))
        known = service.ask("POST", "/api/v1/links", {"address": PAT})
        other = service.ask("POST", "/api/v1/links",
                            {"address": "nobody@contoso.example"})
        equal((known.status, known.text), (other.status, other.text), "answer")
        equal(service.ask("POST", "/api/v1/links", {"address": "x"}).status,
              422, "no address")
        for _ in range(2):
            service.ask("POST", "/api/v1/links", {"address": PAT})
        equal(service.ask("POST", "/api/v1/links", {"address": PAT}).status,
              429, "too often")
        service.stop()
        equal({mail[3] for mail in mails(service)}, {PAT}, "mails")


@case
def contacts_see_their_own_account():
    """By id, by list and by filter; what is another's is not there."""
    with Service("--at-once", 0, "--limit-sign-in", 100) as service:
        found(service, ("P-1", "primary"), ("P-2", "technical"))
        first, second = links(service)
        ours, theirs = sign_in(service, first), sign_in(service, second)
        side = {"url": "https://a.example", "user": "a", "password": "b"}
        service.command("account", "change", "P-2", "--verified-domain",
                        "b.example", "--notes", "pays late")
        got = service.ask("POST", "/api/v1/migrations", {
            "account": 2, "name": "m", "source": side, "destination": side,
            "import": "Source Email,Destination Email\nu@a.example,u@b.example",
        }, cookie=service.cookie())
        equal(got.status, 201, got.text)
        one = answer_json(got)["id"]

        def ask(path, cookie, method="GET"):
            return service.ask(method, "/api/v1" + path,
                               {} if method == "POST" else None, cookie=cookie)
        for path in ("/accounts/2", "/contacts/2", f"/migrations/{one}",
                     f"/migrations/{one}/mailboxes",
                     f"/migrations/{one}/failures",
                     f"/migrations/{one}/failed-items",
                     f"/migrations/{one}/checks", f"/migrations/{one}/trials",
                     f"/migrations/{one}/outlook", "/mailboxes/1/check",
                     "/mailboxes/1",
                     "/mailboxes/1/passes", "/mailboxes/1/failures",
                     "/mailboxes/1/failed-items", "/mailboxes/1/folders"):
            equal(ask(path, theirs).status, 200, path)
            equal(ask(path, ours).status, 404, f"{path}: another's")
        for path in ("/accounts", "/contacts", "/contacts?account=2",
                     "/migrations", "/migrations?account=2"):
            seen = answer_json(ask(path, ours))["items"]
            check(all(row.get("account", row["id"]) == 1 for row in seen),
                  f"{path}: {seen}")
            equal(len(answer_json(ask(path, theirs))["items"]), 1, path)
        check("notes" not in ask("/accounts/2", theirs).text, "notes")
        for path in (f"/migrations/{one}/actions", "/mailboxes/1/actions",
                     "/accounts", "/tokens"):
            equal(ask(path, theirs, "POST").status, 403, path)


@case
def contacts_hear_of_their_own_account():
    """What a worker does, as it does it; nobody else's contact hears it."""
    with Service("--limit-sign-in", 100) as service:
        found(service, ("P-1", "primary"), ("P-2", "technical"))
        first, second = links(service)
        ours, theirs = sign_in(service, first), sign_in(service, second)
        side = {"url": "https://127.0.0.1:9", "user": "a", "password": "b"}
        service.command("account", "change", "P-2", "--verified-domain",
                        "b.example")
        admin = service.cookie()
        streams = [Stream(service, cookie) for cookie in (ours, theirs)]
        got = service.ask("POST", "/api/v1/migrations", {
            "account": 2, "name": "m", "source": side, "destination":
            {**side, "url": "https://127.0.0.1:10"},
            "import": "Source Email,Destination Email\nu@a.example,u@b.example",
        }, cookie=admin)
        equal(got.status, 201, got.text)
        one = answer_json(got)["id"]
        service.ask("POST", f"/api/v1/migrations/{one}/actions",
                    {"action": "start", "pass": "check"}, cookie=admin)
        heard = streams[1].until('"state":')
        contains("\n".join(heard), f'"migration":{one}', "theirs")
        service.process.send_signal(signal.SIGTERM)
        heard = "\n".join(streams[0].until(None))
        check("event:" not in heard, f"another account's: {heard}")
        service.process.wait(timeout=60)
        for stream in streams:
            stream.close()


@case
def each_role_of_a_contact_on_each_route():
    rows = [line.split("\t") for line in
            run(MAILFERRY, "serve", "--list-routes").out.splitlines()]
    with Service("--limit-sign-in", 1000, "--limit-principal", 100000,
                 "--limit-address", 100000) as service:
        roles = ("primary", "billing", "technical", "billing,technical")
        found(service, *((f"P-{i}", role) for i, role in enumerate(roles)))
        cookies = [sign_in(service, path) for path in links(service)]
        tried = 0
        for method, path, may, _, name, *_ in rows:
            if name in ("signOut", "streamEvents", "metrics"):
                continue  # ends the session; goes on; this machine may
            path = re.sub(r"\{\w+\}", "999999", path)
            for role, cookie in zip(roles, cookies):
                got = service.ask(method, path, {} if method != "GET" else None,
                                  cookie=cookie)
                allowed = may == "anyone" or set(role.split(",")) & set(
                    may.split(","))
                check((got.status == 403) != bool(allowed),
                      f"{name}, {role}: {got.status} {got.text}")
                tried += 1
        check(tried > 150, f"only {tried} tried")


if __name__ == "__main__":
    main()
