#!/usr/bin/env python3
"""A request that its contacts make and complete over HTTP, or operators for
them: whose, with what checks, and what each turn leaves behind."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

API = "/api/v1/requests"
HEADER = (b"Source Email,Source UserName,Source Password,Destination Email,"
          b"Destination UserName,Destination Password,Flags\n")
GOOD = HEADER + b"u@acme.example,,,u@acme.example,,,0\n"
OWN = HEADER + b"u@acme.example,u,planted-s3cret,u@acme.example,,,0\n"
FAULTY = GOOD + b"v@acme.example,,,nobody,,,0\n"


def desk(**more):
    """A case with a desk at which nobody works but us."""
    def made(function):
        def wrapped():
            with Desk("--at-once", 0, "--limit-sign-in", 100, **more) as one:
                function(one)
        wrapped.__name__ = function.__name__
        return case(wrapped)
    return made


def said(got, status, slug):
    equal(got.status, status, got.text)
    told = answer_json(got)
    equal(told["type"].rsplit(":", 1)[1], slug, got.text)
    return told


def pieces(got):
    return [piece["piece"] for piece in got["missing"]]


def letters(one):
    """Of requests, with their subjects as they go out."""
    return [row[4].split("] ", 1)[1] for row in one.outbox()
            if "[MF-" in row[4]]


@desk()
def a_request_grows_piece_by_piece(one):
    anna = one.contact("anna@acme.example")
    got = one.ask("POST", API, {"domain": "Acme.EXAMPLE"}, cookie=anna)
    equal(got.status, 201, got.text)
    made = answer_json(got)
    number = made["id"]
    equal(got.headers["Location"], f"{API}/{number}", "where")
    equal((made["state"], made["openedBy"], made["partner"], made["domain"]),
          ("awaiting information", "anna@acme.example", "P-1001",
           "acme.example"), "what is known")
    equal(pieces(made), ["owa-url", "import-file", "credentials"], "missing")
    equal(letters(one), ["What is missing for your managed migration"],
          "the link to go on by")
    def change(status, version=None, **body):
        got = one.ask("PATCH", f"{API}/{number}", body,
                      {"If-Match": version} if version else None, anna)
        equal(got.status, status, got.text)
        return got
    got = change(200, got.headers["ETag"], owaUrl="mail.acme.example/owa",
                 start="2099-01-05", cutover="2099-01-12")
    told = answer_json(got)
    equal((told["owaUrl"], told["start"], told["cutover"], pieces(told)),
          ("https://mail.acme.example/owa", "2099-01-05", "2099-01-12",
           ["import-file", "credentials"]), "taken over")
    change(412, '"v1"', owaUrl="https://other.example/owa")
    got = one.upload(f"{API}/{number}/files", anna, FAULTY)
    equal(got.status, 200, got.text)
    told = answer_json(got)
    equal((told["rows"], told["mailboxes"], told["errors"],
           told["needsAdmin"]), (2, 1, 1, True), "file")
    equal([(f["kind"], f["line"], f["column"]) for f in told["faults"]],
          [("bad-address", 3, 4)], "faults stand on their rows")
    equal(answer_json(one.ask("GET", f"{API}/{number}/import",
                              cookie=anna)), told, "seen again")
    one.upload(f"{API}/{number}/files", anna, OWN)
    got = one.ask("GET", f"{API}/{number}/import?form=csv", cookie=anna)
    equal(got.text.encode(), HEADER + b"u@acme.example,u,,u@acme.example,,,0\n",
          "the file without its passwords")
    contains(got.headers["Content-Disposition"], "mailboxes.csv")
    equal(one.ask("GET", f"{API}/{number}/import?form=xls",
                  cookie=anna).status, 400, "form")
    told = answer_json(one.ask("GET", f"{API}/{number}", cookie=anna))
    equal((told["state"], pieces(told)), ("awaiting information", []),
          "with the mailboxes' own passwords no others are needed")
    equal(letters(one)[1:], ["We have your managed migration request"],
          "and the rest went without mails")
    equal([action for _, action, _ in one.trail(number)],
          ["request.open"] + ["request.supply"] * 3, "trail")
    for _, _, detail in one.trail(number):
        check("planted" not in (detail or ""), detail)
    for row in (one.data / "mailferry.db", one.log):
        check(b"planted-s3cret" not in row.read_bytes(), f"{row} has it")


@desk()
def what_is_wrong_is_said_piece_by_piece(one):
    anna = one.contact("anna@acme.example")
    told = said(one.ask("POST", API, {
        "domain": "other.example", "owaUrl": "ftp://x", "start": "soon"},
        cookie=anna), 422, "wrong-pieces")
    equal([piece["field"] for piece in told["wrong"]],
          ["domain", "owaUrl", "start"], "each")
    contains(told["wrong"][0]["text"], "not on file for your account")
    equal(answer_json(one.ask("GET", API, cookie=anna))["items"], [],
          "nothing was opened")
    number = answer_json(one.ask("POST", API, {}, cookie=anna))["id"]
    told = said(one.ask("PATCH", f"{API}/{number}", {
        "domain": "acme.example", "cutover": "2099-02-30"}, cookie=anna),
        422, "wrong-pieces")
    equal([piece["field"] for piece in told["wrong"]], ["cutover"], "wrong")
    equal(one.row(number)["domain"], "acme.example", "the rest is taken over")
    for body in ({"owaUrl": 7}, {"domain": "x" * 300}, {"state": "approved"},
                 {"domain": "a\0b"}, {"account": 2}, [], "x"):
        for method, path in (("POST", API), ("PATCH", f"{API}/{number}")):
            got = one.ask(method, path, json.dumps(body), JSON, anna)
            check(got.status in (400, 422), f"{body}: {got.text}")
    for content, name, words in (
            (b"PK\x03\x04" + b"\0" * 60, "users.zip", "archive"),
            (b"\xff\xd8\xff\xe0 a picture", "users.csv", "no import file"),
            (b"", "users.csv", "missing")):
        told = said(one.upload(f"{API}/{number}/files", anna, content, name),
                    422, "invalid")
        contains(told["detail"], words)
    equal(one.row(number)["file"], None, "nothing of these is kept")


@desk()
def a_file_is_looked_at_and_not_kept(one):
    tom = one.contact("tom@acme.example")
    path = "/api/v1/import-checks"
    got = one.upload(path, tom, FAULTY.decode().encode("utf-16"),
                 domain="acme.example")
    equal(got.status, 200, got.text)
    equal([(f["kind"], f["line"]) for f in answer_json(got)["faults"]],
          [("bad-address", 3)], "in another encoding")
    got = one.upload(path, tom, GOOD, domain="other.example")
    equal({f["kind"] for f in answer_json(got)["faults"]}, {"other-domain"},
          "held to the domain")
    got = one.upload(path, tom, OWN)
    equal(answer_json(got)["needsAdmin"], False, "passwords")
    check("planted" not in got.text, "a password comes back")
    got = one.upload(path, tom, b"%PDF-1.4 nothing", "users.pdf")
    said(got, 422, "invalid")
    with one.database() as db:
        equal(db.execute("SELECT count(*) FROM request_files").fetchone(),
              (0,), "kept")
    for form, words in (("admin", "user1@domain.com,,,"),
                        ("passwords", "<password>")):
        got = one.ask("GET", f"/api/v1/import-template?form={form}",
                      cookie=tom)
        equal(got.headers["Content-Type"], "text/csv; charset=utf-8", "type")
        contains(got.headers["Content-Disposition"], "attachment")
        contains(got.text, words)
    equal(one.ask("GET", "/api/v1/import-template?form=x",
                  cookie=tom).status, 400, "no such form")


@desk()
def who_may_ask(one):
    tom, bill, olga = (one.contact(a) for a in (
        "tom@acme.example", "bill@acme.example", "olga@other.example"))
    told = said(one.ask("POST", API, {"domain": "acme.example"}, cookie=tom),
                403, "technical")
    contains(told["detail"], "billable")
    contains(told["remedy"], "Primary")
    number = answer_json(one.ask("POST", API, {"domain": "acme.example"},
                                 cookie=bill))["id"]
    for cookie, status in ((tom, 403), (olga, 404)):
        equal(one.ask("PATCH", f"{API}/{number}", {"start": "2099-01-05"},
                      cookie=cookie).status, status, "another's")
        equal(one.upload(f"{API}/{number}/files", cookie, GOOD).status,
              status, "another's file")
    for form in ("json", "csv"):
        equal(one.ask("GET", f"{API}/{number}/import?form={form}",
                      cookie=olga).status, 404, "another's file")
    said(one.ask("POST", API, {"domain": "acme.example"}, cookie=bill), 409,
         "taken")
    equal(len(one.trail(number)), 1, "nothing was done by these")
    # an operator asks for somebody, who has to approve it
    alice = one.cookie(OPERATOR)
    for body, field in (({}, "account"), ({"account": 99}, "account"),
                        ({"account": 2, "contact": "anna@acme.example"},
                         "contact"),
                        ({"account": 1, "contact": "tom@acme.example"},
                         "contact")):
        told = said(one.ask("POST", API, body, cookie=alice), 422, "invalid")
        equal(told["field"], field, f"{body}")
    got = one.ask("POST", API, {"account": 2, "domain": "other.example"},
                  cookie=alice)
    equal(answer_json(got)["openedBy"], "olga@other.example", "for whom")
    equal(one.outbox()[-1][3], "olga@other.example", "the letter")
    actor, action, _ = one.trail(answer_json(got)["id"])[0]
    equal((actor, action), (f"operator {OPERATOR}", "request.open"), "trail")


@desk()
def an_answer_that_was_lost_is_asked_for_again(one):
    anna = one.contact("anna@acme.example")
    def ask(body, key="k1"):
        return one.ask("POST", API, body, {"Idempotency-Key": key}, anna)
    first, again = (ask({"domain": "acme.example"}) for _ in range(2))
    equal((first.status, again.status), (201, 201), again.text)
    equal(answer_json(first)["id"], answer_json(again)["id"], "the same one")
    equal(again.headers["Location"], first.headers["Location"], "where")
    said(ask({}), 422, "key-reused")
    equal(len(letters(one)), 1, "letters")


@desk()
def what_was_quoted_can_be_changed_and_is_quoted_anew(one):
    anna = one.contact("anna@acme.example")
    number = one.request("quoted", owa_url="https://a.example/owa")
    def change(**body):
        got = one.ask("PATCH", f"{API}/{number}", body, cookie=anna)
        equal(got.status, 200, got.text)
        return answer_json(got)
    check(change(start="2099-01-05")["quote"], "a date leaves the quote")
    check(change(owaUrl="https://a.example/owa", domain="acme.example")
          ["quote"], "so does what it knew")
    equal(one.state(number), "quoted", "state")
    equal(one.upload(f"{API}/{number}/files", anna, OWN).status, 200, "file")
    told = answer_json(one.ask("GET", f"{API}/{number}", cookie=anna))
    equal((told["state"], told["quote"], pieces(told)), ("quoted", None, []),
          "another file")
    told = change(domain="acme.example", owaUrl="https://b.example/owa")
    equal((told["state"], told["quote"]), ("quoted", None), "another server")
    for state in ("approved", "running", "cancelled"):
        late = one.request(state, domain=f"{state}.example")
        said(one.ask("PATCH", f"{API}/{late}", {"start": "2099-01-05"},
                     cookie=anna), 409, "wrong-state")


@desk()
def users_have_moved_and_a_quote_is_wanted_again(one):
    anna, tom = (one.contact(a) for a in
                 ("anna@acme.example", "tom@acme.example"))
    def do(number, status, action, cookie=anna, **body):
        got = one.ask("POST", f"{API}/{number}/actions",
                      {"action": action, **body}, cookie=cookie)
        equal(got.status, status, got.text)
    ready = one.request("ready for cutover")
    do(ready, 403, "cut-over", tom)
    do(ready, 204, "cut-over")
    do(ready, 409, "cut-over")
    equal(one.state(ready), "cut over", "state")
    expired = one.request("expired")
    do(expired, 403, "quote-again", tom)
    do(expired, 204, "quote-again")
    equal(one.state(expired), "received", "state")
    do(one.request("running"), 409, "quote-again")


# ---- servers ----------------------------------------------------------------

def at_labs(function):
    """A case with two labs, and a desk that may reach them."""
    def wrapped():
        with Pair(2, 3) as pair, Desk("--at-once", 0, env={
                "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
                "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8"}) as one:
            one.command("account", "change", "P-1001", "--verified-domain",
                        "contoso.example")
            function(one, pair)
    wrapped.__name__ = function.__name__
    return case(wrapped)


@at_labs
def an_owa_url_is_looked_at(one, pair):
    tom = one.contact("tom@acme.example")
    def probe(url, status=200):
        got = one.ask("POST", "/api/v1/probes", {"url": url}, cookie=tom)
        equal(got.status, status, got.text)
        return answer_json(got)
    told = probe(pair.env["SOURCE_URL"])
    equal((told["reachable"], told["host"], told["remedy"]),
          (True, pair.env["SOURCE_URL"].split("/")[2], None), "there")
    check(told["version"].startswith("15."), f"version: {told}")
    check(told["schemes"], "ways of signing in")
    for url, words in (("https://nowhere.invalid/owa", "nowhere.invalid"),
                       ("https://127.0.0.1:1/owa", "127.0.0.1:1")):
        told = probe(url)
        equal((told["reachable"], told["host"]), (False, None), url)
        contains(told["detail"], words)
    for url in ("", "ftp://x.example", "https://a b", "javascript:alert(1)",
                "https://ann:secret@x.example", 7):
        probe(url, 422)


@case
def private_networks_are_not_looked_at():
    with Pair(1, 1) as pair, Desk("--at-once", 0, env={
            "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"]}) as one:
        anna = one.contact("anna@acme.example")
        for url in (pair.env["SOURCE_URL"], "https://127.0.0.1/owa",
                    "https://[::1]/owa", "https://169.254.169.254/owa",
                    "https://10.0.0.1/owa"):
            told = answer_json(one.ask("POST", "/api/v1/probes", {"url": url},
                                       cookie=anna))
            equal(told["reachable"], False, url)
            contains(told["detail"], "Internet", url)
            check("127.0.0.1" not in told["detail"], told["detail"])
        equal(pair.counters("source")["requests"], 0, "what was asked there")
        # and not too often
        answers = [one.ask("POST", "/api/v1/probes", {"url": "127.0.0.1"},
                           cookie=anna) for _ in range(26)]
        said(answers[-1], 429, "too-often")
        check(int(answers[-1].headers["Retry-After"]) > 0, "when again")


@at_labs
def credentials_are_tried_before_they_are_kept(one, pair):
    anna, tom = (one.contact(a) for a in
                 ("anna@acme.example", "tom@acme.example"))
    number = answer_json(one.ask("POST", API, {"domain": "contoso.example"},
                                 cookie=anna))["id"]
    secret = pathlib.Path(pair.env["SOURCE_PASSWORD_FILE"]).read_text().strip()
    def give(password, cookie=anna, user=pair.env["SOURCE_ADMIN"]):
        return one.ask("POST", f"{API}/{number}/credentials",
                       {"user": user, "password": password}, cookie=cookie)
    said(give(secret), 409, "wrong-state")
    equal(one.ask("PATCH", f"{API}/{number}",
                  {"owaUrl": pair.env["SOURCE_URL"]}, cookie=anna).status,
          200, "URL")
    one.upload(f"{API}/{number}/files", anna, pair.admin_csv.read_bytes())
    equal(give(secret, tom).status, 403, "who may not")
    told = said(give("Wr0ng-and-planted"), 422, "credentials-refused")
    contains(told["remedy"], "password")
    equal(one.row(number)["admin"], None, "nothing is kept")
    got = give(secret)
    equal((got.status, answer_json(got)), (200, {"tried": True,
                                                 "detail": None}), got.text)
    told = answer_json(one.ask("GET", f"{API}/{number}", cookie=anna))
    equal((told["admin"], told["hasPassword"], pieces(told)),
          (pair.env["SOURCE_ADMIN"], True, []), "kept")
    for _ in range(3):
        last = give("Wr0ng-and-planted")
    said(last, 422, "credentials-refused")
    said(give(secret), 429, "too-often")
    equal(answer_json(one.ask("GET", f"{API}/{number}",
                              cookie=anna))["hasPassword"], True,
          "those that work stay")
    for written in ((one.data / "mailferry.db").read_bytes(),
                    one.text().encode(), got.text.encode(),
                    last.text.encode()):
        for word in (secret, "Wr0ng-and-planted"):
            check(word.encode() not in written, "a password was written")


@at_labs
def credentials_that_cannot_be_tried_now_are_kept(one, pair):
    anna = one.contact("anna@acme.example")
    number = answer_json(one.ask("POST", API, {
        "domain": "contoso.example", "owaUrl": "https://127.0.0.1:1/owa"},
        cookie=anna))["id"]
    one.upload(f"{API}/{number}/files", anna, pair.admin_csv.read_bytes())
    got = one.ask("POST", f"{API}/{number}/credentials",
                  {"user": "x", "password": "planted-s3cret"}, cookie=anna)
    equal(got.status, 200, got.text)
    equal(answer_json(got)["tried"], False, "not tried")
    equal(answer_json(one.ask("GET", f"{API}/{number}",
                              cookie=anna))["hasPassword"], True, "kept")


@desk()
def a_certificate_is_of_what_is_completed(one):
    anna, tom, olga = (one.contact(a) for a in (
        "anna@acme.example", "tom@acme.example", "olga@other.example"))
    number = one.request("running")
    path = f"{API}/{number}/certificate"
    said(one.ask("GET", path, cookie=anna), 409, "wrong-state")
    equal(one.ask("GET", path, cookie=olga).status, 404, "another's")
    equal(one.ask("GET", f"{path}?form=pdf", cookie=tom).status, 400, "form")


if __name__ == "__main__":
    main()
