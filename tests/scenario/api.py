#!/usr/bin/env python3
"""What operators do through the API: accounts and contacts with versions,
migrations made of an import file, and what is done to them."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

ADMIN_SECRET, ROW_SECRET = "planted-admin-Secret1", "planted-row-Secret2"


def rows(n, domain="new.example"):
    lines = ["Source Email,Source Login Name,Source Password,"
             "Destination Email"]
    for i in range(1, n + 1):
        own = f"old\\u{i},{ROW_SECRET}" if i == 1 else ","
        lines.append(f"u{i}@old.example,{own},u{i}@{domain}")
    return "\n".join(lines) + "\n"


def wish(n=3, **more):
    side = {"user": "admin", "password": ADMIN_SECRET}
    return {"name": "Contoso", "import": rows(n),
            "source": {"url": "https://mail.old.example/owa", **side},
            "destination": {"url": "https://mail.new.example/owa", **side},
            **more}


class Desk:
    """A service, and an operator who asks it."""

    def __init__(self, service):
        self.service = service
        self.cookie = service.cookie(OPERATOR)

    def ask(self, status, method, path, body=None, headers=None):
        got = self.service.ask(method, f"/api/v1{path}", body, headers,
                               cookie=self.cookie)
        equal(got.status, status, f"{method} {path}: {got.text}")
        return got

    def get(self, path):
        return answer_json(self.ask(200, "GET", path))

    def items(self, path, limit=2):
        """Of all pages."""
        found, after = [], ""
        joint = "&" if "?" in path else "?"
        while after is not None:
            page = self.get(f"{path}{joint}limit={limit}{after}")
            check(len(page["items"]) <= limit, f"{path}: limit")
            found += page["items"]
            after = page["next"] and f"&after={page['next']}"
        return found


def kind(got):
    return answer_json(got)["type"].rsplit(":", 1)[1]


@case
def accounts_and_contacts_have_versions():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        where = desk.ask(201, "POST", "/accounts", {
            "partner": "P-1", "name": "One", "notes": "careful",
            "domains": [{"name": "New.example", "verified": True}],
        }).headers["Location"][len("/api/v1"):]
        got = desk.ask(200, "GET", where)
        tag = got.headers["ETag"]
        account = answer_json(got)
        equal((account["partner"], account["notes"]), ("P-1", "careful"), "it")
        equal([d["name"] for d in account["domains"]], ["new.example"],
              "domains")
        desk.ask(204, "PATCH", where, {"name": "Won"}, {"If-Match": tag})
        for stale in (tag, '"x"', "W/" + tag, tag + ', "v2"'):
            equal(kind(desk.ask(412, "PATCH", where, {"name": "Two"},
                                {"If-Match": stale})), "changed", stale)
        desk.ask(412, "DELETE", where, None, {"If-Match": tag})
        desk.ask(204, "PATCH", where, {"notes": ""}, {"If-Match": "*"})
        account = desk.get(where)
        equal((account["name"], account["notes"]), ("Won", None), "changed")
        for body, field in (({"partner": "P-2"}, None),
                            ({"partner": "P-2", "name": ""}, "name"),
                            ({"partner": "P-2", "name": "x", "domains": [1]},
                             "domains"),
                            ({"partner": "P-2", "name": "x", "king": 1},
                             "king")):
            told = answer_json(desk.ask(422, "POST", "/accounts", body))
            equal(told.get("field"), field, f"{body}")
        desk.ask(409, "POST", "/accounts", {"partner": "p-1", "name": "x"})
        desk.ask(201, "POST", "/accounts", {"partner": "P-2", "name": "Two"})
        equal([a["partner"] for a in desk.items("/accounts", 1)],
              ["P-1", "P-2"], "accounts")
        equal([a["id"] for a in desk.items("/accounts?partner=p-2")], [2],
              "by Partner ID")
        equal([a["id"] for a in desk.items("/accounts?domain=NEW.example")],
              [1], "by domain")
        who = {"account": 1, "address": "pat@new.example",
               "roles": ["primary", "technical"]}
        where = desk.ask(201, "POST", "/contacts", who).headers["Location"][7:]
        desk.ask(409, "POST", "/contacts", who)
        desk.ask(404, "POST", "/contacts", {**who, "account": 99})
        equal(answer_json(desk.ask(422, "POST", "/contacts", {
            **who, "roles": ["king"]}))["field"], "roles", "field")
        old = changes_tell_versions(service, desk.cookie, where)
        desk.ask(412, "DELETE", where, None, {"If-Match": old})
        equal(len(desk.items("/contacts?account=2")), 0, "of another account")
        equal(len(desk.items("/contacts?address=PAT@new.example")), 1, "by it")
        desk.ask(400, "GET", "/contacts?account=x")
        desk.ask(204, "DELETE", where)
        desk.ask(404, "GET", where)
        changes_tell_versions(service, service.cookie(), "/operators/2")


def changes_tell_versions(service, cookie, where):
    """Of who is disabled and enabled: a change tells the next version, by which
    it alone is taken back.  Gives the one before the last."""
    def tag_of(status, method, body=None, headers=None):
        got = service.ask(method, f"/api/v1{where}", body, headers,
                          cookie=cookie)
        equal(got.status, status, f"{where}: {got.text}")
        return got.headers["ETag"]

    def change(status, tag, disabled):
        return tag_of(status, "PATCH", {"disabled": disabled},
                      {"If-Match": tag})

    first = tag_of(200, "GET")
    second = change(204, first, True)
    equal(tag_of(200, "GET"), second, "as the change told")
    equal(change(412, first, False), None, "of what was not changed")
    check(answer_json(service.ask("GET", f"/api/v1{where}", cookie=cookie))[
        "disabled"], f"{where}: disabled")
    third = change(204, second, False)
    equal(len({first, second, third}), 3, "each another one")
    equal(tag_of(204, "PATCH", {"disabled": False}), None, "of nothing seen")
    return third


@case
def a_migration_of_an_import_file():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        got = desk.ask(201, "POST", "/migrations", wish(5, options={
            "verify": "full", "lanes": 2}))
        equal((answer_json(got)["mailboxes"], got.headers["Location"]),
              (5, "/api/v1/migrations/1"), "made")
        one = desk.get("/migrations/1")
        equal((one["name"], one["mailboxes"], one["states"], one["jobs"]),
              ("Contoso", 5, {"new": 5}, {}), "it")
        equal(one["source"], {"url": "https://mail.old.example/owa",
                              "user": "admin", "accounts": [], "oauth": None,
                              "proxy": None}, "source")
        equal(one["options"]["verify"], "full", "options")
        boxes = desk.items("/migrations/1/mailboxes")
        equal([b["source"] for b in boxes],
              [f"u{i}@old.example" for i in range(1, 6)], "mailboxes")
        equal([b["id"] for b in
               desk.items("/migrations/1/mailboxes?text=U3%40old")],
              [boxes[2]["id"]], "by text")
        act = "/migrations/1/actions"
        equal(answer_json(desk.ask(200, "POST", act, {
            "action": "start", "pass": "full"}))["jobs"], 5, "started")
        equal(desk.get("/migrations/1")["jobs"], {"queued": 5}, "jobs")
        box = f"/mailboxes/{boxes[1]['id']}"
        equal(answer_json(desk.ask(200, "POST", box + "/actions", {
            "action": "pause"}))["jobs"], 1, "paused")
        equal([b["id"] for b in
               desk.items("/migrations/1/mailboxes?job=paused")],
              [boxes[1]["id"]], "by job")
        equal(len(desk.items("/migrations/1/mailboxes?state=new,failed")), 5,
              "by state")
        desk.ask(400, "GET", "/migrations/1/mailboxes?state=old")
        equal(desk.get(box)["job"]["state"], "paused", "a mailbox")
        equal(answer_json(desk.ask(200, "POST", act, {
            "action": "resume"}))["jobs"], 1, "resumed")
        equal(answer_json(desk.ask(200, "POST", act, {
            "action": "cancel"}))["jobs"], 5, "cancelled")
        equal(answer_json(desk.ask(200, "POST", act, {
            "action": "again"}))["jobs"], 5, "again")
        desk.ask(200, "POST", box + "/actions", {"action": "priority",
                                                 "priority": 7})
        equal(desk.get(box)["job"]["priority"], 7, "priority")
        for body, field in (({"action": "fly"}, "action"),
                            ({"action": "start"}, "pass"),
                            ({"action": "start", "pass": "x"}, "pass"),
                            ({"action": "start", "pass": "full",
                              "options": {"x": 1}}, "options")):
            equal(answer_json(desk.ask(422, "POST", act, body))["field"],
                  field, f"{body}")
        tag = desk.ask(200, "GET", "/migrations/1").headers["ETag"]
        desk.ask(204, "PATCH", "/migrations/1", {"most": 2}, {"If-Match": tag})
        for method, body in (("PATCH", {"name": "Other"}), ("DELETE", None)):
            told = desk.ask(412, method, "/migrations/1", body,
                            {"If-Match": tag})
            equal((kind(told), answer_json(told)["remedy"]),
                  ("changed", "look at it again, then change it"), method)
        equal(kind(desk.ask(412, "POST", act, {"action": "pause"},
                            {"If-Match": tag})), "no-version", "an action")
        desk.ask(204, "PATCH", "/migrations/1", {
            "name": "Contoso 2", "most": 3, "hours": "Mon 00:00-05:00 UTC",
            "options": {"verify": "sample"},
            "source": {"user": "other", "password": "another-Secret3"}})
        one = desk.get("/migrations/1")
        equal((one["name"], one["most"], one["hours"], one["source"]["user"],
               one["options"]["verify"]),
              ("Contoso 2", 3, "Mon 00:00-05:00 UTC", "other", "sample"),
              "changed")
        equal(desk.get("/migrations/1/failures"), {"items": []}, "failures")
        equal(desk.get(box + "/failures"), {"items": []}, "failures")
        equal(desk.get(box + "/passes"), {"items": []}, "passes")
        check("workers" not in desk.get("/workers"), "workers")
        desk.ask(404, "GET", "/migrations/9")
        desk.ask(404, "GET", "/mailboxes/99")
        actions = [one["action"] for one in desk.items("/audit", 100)]
        for action in ("migration.add", "migration.change"):
            check(action in actions, f"{action}: {actions}")
        desk.ask(204, "DELETE", "/migrations/1")
        equal(desk.items("/migrations"), [], "none left")


@case
def some_mailboxes_of_a_migration():
    """What is done to some is done to no other, and once."""
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        for _ in range(2):
            desk.ask(201, "POST", "/migrations", wish(4))
        boxes = [b["id"] for b in desk.items("/migrations/1/mailboxes")]
        foreign = desk.items("/migrations/2/mailboxes")[0]["id"]
        act = "/migrations/1/actions"

        def done(action, some, key=None, **more):
            got = desk.ask(200, "POST", act, {
                "action": action, "mailboxes": some, **more},
                key and {"Idempotency-Key": key})
            return answer_json(got)["jobs"]

        def jobs(number=1):
            return [b["job"] and b["job"]["state"] for b in
                    desk.items(f"/migrations/{number}/mailboxes")]
        equal(done("start", [*boxes[:3], foreign, 9999], **{"pass": "full"}),
              3, "started")
        equal((jobs(), jobs(2)), (["queued"] * 3 + [None], [None] * 4), "who")
        for _ in range(2):
            equal(done("pause", boxes[1:], key="once-and-only-1"), 2, "paused")
        equal(jobs(), ["queued", "paused", "paused", None], "paused")
        equal(done("resume", [boxes[2]]), 1, "resumed")
        equal(done("cancel", boxes), 3, "cancelled")
        equal(done("again", [boxes[0]]), 1, "again")
        equal(jobs(), ["queued", "cancelled", "cancelled", None], "at last")
        for some in ([], [0], ["1"], [1.5], "1", {}, [-1], [True]):
            told = desk.ask(422, "POST", act, {"action": "pause",
                                               "mailboxes": some})
            equal(answer_json(told)["field"], "mailboxes", f"{some}")
        for action in ("purge", "priority"):
            desk.ask(422, "POST", act, {"action": action, "mailboxes": boxes})
        told = desk.ask(422, "POST", f"/mailboxes/{boxes[0]}/actions",
                        {"action": "pause", "mailboxes": boxes})
        equal(answer_json(told)["field"], "mailboxes", "of one mailbox")
        equal(jobs(), ["queued", "cancelled", "cancelled", None], "untouched")


@case
def a_mailbox_has_a_version():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        desk.ask(201, "POST", "/migrations", wish(1))
        box = "/mailboxes/1"
        tag = desk.ask(200, "GET", box).headers["ETag"]
        desk.ask(200, "POST", box + "/actions", {"action": "start",
                                                 "pass": "full"})
        equal(desk.ask(200, "GET", box).headers["ETag"], tag,
              "a job is no change")
        desk.ask(204, "PATCH", box, {"flags": 8}, {"If-Match": tag})
        equal(kind(desk.ask(412, "PATCH", box, {"flags": 0},
                            {"If-Match": tag})), "changed", "late")
        equal(desk.get(box)["flags"], 8, "flags")


@case
def what_is_said_of_a_host():
    """What a body leaves out stays as it is; null takes it back."""
    quiet = "Mon-Fri 08:00-18:00 Europe/Berlin"
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        where = "/hosts/mail.old.example:443"
        desk.ask(404, "GET", where)
        equal(desk.get("/hosts"), {"items": []}, "none is known")
        desk.ask(201, "POST", "/migrations", wish())
        host = {"host": "mail.old.example:443", "most": 0, "quiet": None,
                "migrations": 1, "running": 0, "workers": []}
        equal(desk.get("/hosts"), {"items": [host]}, "a source")
        for body, now in (({"most": 4, "quiet": quiet}, (4, quiet)),
                          ({"most": 5}, (5, quiet)),
                          ({"quiet": "00:00-01:00"}, (5, "00:00-01:00")),
                          ({}, (5, "00:00-01:00")),
                          ({"quiet": None}, (5, None)),
                          ({"quiet": quiet}, (5, quiet)),
                          ({"most": None}, (0, quiet))):
            desk.ask(204, "PATCH", where, body)
            one = desk.get(where)
            equal((one["most"], one["quiet"]), now, f"{body}")
        # who has seen other limits changes none
        tag = desk.ask(200, "GET", where).headers["ETag"]
        desk.ask(204, "PATCH", where, {"most": 3}, {"If-Match": tag})
        equal(kind(desk.ask(412, "PATCH", where, {"most": 9},
                            {"If-Match": tag})), "changed", "late")
        equal(desk.get(where)["most"], 3, "limits")
        # however it is written
        desk.ask(204, "PATCH", "/hosts/Mail.OLD.example", {"most": 7})
        equal(desk.get(where)["most"], 7, "the same host")
        for body, field in (({"most": -1}, "most"), ({"most": "4"}, "most"),
                            ({"quiet": "at night"}, "quiet"),
                            ({"quiet": 8}, "quiet"), ({"more": 1}, "more")):
            equal(answer_json(desk.ask(422, "PATCH", where, body))["field"],
                  field, f"{body}")
        equal(desk.get(where)["most"], 7, "after refusals")
        equal([line["detail"] for line in desk.items("/audit", 100)
               if line["action"] == "host.limit"][-1],
              f"7 at once, quiet {quiet}", "the trail")


ACCOUNTS = [{"user": f"OLD\\mover{i}", "password": f"planted-m{i}-Secret4"}
            for i in (1, 2)]
PROXY = {"url": "http://proxy.old.example:8080", "user": "ann",
         "password": "planted-proxy-Secret5"}
OAUTH = {"client": "8d2a4c06", "tenant": "old.example",
         "secret": "planted-oauth-Secret6"}


@case
def accounts_applications_and_proxies():
    """They can be told, changed and taken back, and none of their secrets
    comes out again."""
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        url = "https://mail.old.example/owa"
        desk.ask(201, "POST", "/migrations", wish(
            source={"url": url, "accounts": ACCOUNTS, "proxy": PROXY},
            destination={"url": "https://mail.new.example/owa",
                         "oauth": {**OAUTH, "scope": "all/.default"}}))
        one = desk.get("/migrations/1")
        equal(one["source"], {
            "url": url, "user": None, "oauth": None,
            "accounts": ["OLD\\mover1", "OLD\\mover2"],
            "proxy": {"url": PROXY["url"], "user": "ann"}}, "source")
        equal(one["destination"]["oauth"], {
            "client": "8d2a4c06", "scope": "all/.default", "tokenUrl":
            "https://login.microsoftonline.com/old.example/oauth2/v2.0/token"},
              "destination")

        def change(status, **side):
            got = desk.ask(status, "PATCH", "/migrations/1", {"source": side})
            return got, desk.get("/migrations/1")["source"]
        # an application and accounts exclude each other
        got, now = change(422, oauth=OAUTH)
        equal((kind(got), len(now["accounts"])), ("bad-access", 2), "both")
        _, now = change(204, oauth=OAUTH, accounts=None)
        equal((now["accounts"], now["oauth"]["client"], now["proxy"]["user"]),
              ([], "8d2a4c06", "ann"), "the one in place of the other")
        got, now = change(422, user="admin", password="another-Secret7")
        equal(kind(got), "bad-access", "an administrator beside it")
        _, now = change(204, user="admin", password="another-Secret7",
                        oauth=None, accounts=ACCOUNTS[:1], proxy=None)
        equal((now["user"], now["accounts"], now["oauth"], now["proxy"]),
              ("admin", ["OLD\\mover1"], None, None), "taken back")
        _, now = change(204, user=None)
        equal((now["user"], now["accounts"]), (None, ["OLD\\mover1"]), "alone")
        for side, field in (
                ({"accounts": {}}, "source.accounts"),
                ({"accounts": [{}] * 65}, "source.accounts"),
                ({"accounts": [{"user": "a"}]}, "source.accounts[0]"),
                ({"accounts": [*ACCOUNTS, "x"]}, "source.accounts[2]"),
                ({"oauth": {**OAUTH, "secret": ""}}, "source.oauth"),
                ({"oauth": {**OAUTH, "tokenUrl": "https://x"}},
                 "source.oauth"),
                ({"oauth": {**OAUTH, "more": 1}}, "source.oauth"),
                ({"oauth": {"client": "c", "secret": "s",
                            "tokenUrl": "http://x/token"}},
                 "source.oauth.tokenUrl"),
                ({"proxy": {"url": "ftp://x"}}, "source.proxy.url"),
                ({"proxy": {"url": "http://x/path"}}, "source.proxy.url"),
                ({"proxy": {"url": "http://u:p@x:1"}}, "source.proxy.url"),
                ({"proxy": {**PROXY, "password": None}}, "source.proxy"),
                ({"proxy": {}}, "source.proxy.url"),
                ({"url": url}, "source.url"),
                ({"acounts": []}, "source.acounts"),
                ({"user": "a"}, "source")):
            got, _ = change(422, **side)
            equal(answer_json(got)["field"], field, f"{side}")
            for secret in ("Secret", "u:p@"):
                check(secret not in got.text, f"it repeats what it was told: "
                      f"{got.text}")
        got, _ = change(422, accounts=[ACCOUNTS[0], {
            **ACCOUNTS[0], "user": "old\\MOVER1"}])
        equal(kind(got), "bad-access", "one account twice")
        told = [desk.ask(200, "GET", path).text for path in (
            "/migrations", "/migrations/1", "/audit?limit=500")]
        service.stop()
        told.append(service.text())
        told += [file.read_bytes().decode("latin-1")
                 for file in service.data.iterdir()]
        for text in told:
            check("planted-" not in text, f"a secret in {text[:200]}")


@case
def lists_have_filters_and_orders():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        ids = {}
        for number, name in enumerate(("beta", "Alpha", "delta:1", "Gamma")):
            ids[name] = answer_json(desk.ask(
                201, "POST", "/migrations", wish(number + 1, name=name)))["id"]

        def names(query):
            return [m["name"] for m in desk.items(f"/migrations?{query}")]
        ordered = ["Alpha", "beta", "delta:1", "Gamma"]
        equal(names("sort=name"), ordered, "by name")
        equal(names("sort=-name"), ordered[::-1], "the other way round")
        equal(names("sort=-mailboxes"), ["Gamma", "delta:1", "Alpha", "beta"],
              "by a number")
        equal(names("sort=created"), names("sort=id"), "by time")
        equal(names("sort=-id"), names("")[::-1], "the last first")
        desk.ask(200, "POST", f"/migrations/{ids['Alpha']}/actions",
                 {"action": "start", "pass": "full"})
        equal(names("job=queued,running"), ["Alpha"], "by job")
        equal(names("state=new&sort=name"), ordered, "by state")
        equal(names("state=failed"), [], "by a state of none")
        equal(names("text=ELTA"), ["delta:1"], "by text")
        # what comes, goes and changes moves nobody from page to page
        page = desk.get("/migrations?sort=name&limit=2")
        desk.ask(201, "POST", "/migrations", wish(1, name="Aleph"))
        desk.ask(204, "DELETE", f"/migrations/{ids['beta']}")
        equal([m["name"] for m in desk.get(
            f"/migrations?sort=name&after={page['next']}")["items"]],
            ordered[2:], "the next page")
        for query in (f"sort=-name&after={page['next']}",
                      f"after={page['next']}"):
            equal(kind(desk.ask(400, "GET", f"/migrations?{query}")), "page",
                  "a cursor of another order")
        theirs = f"/migrations/{ids['Gamma']}/mailboxes"
        boxes = desk.get(f"{theirs}?sort=-source")["items"]
        equal([b["source"] for b in boxes],
              [f"u{i}@old.example" for i in (4, 3, 2, 1)], "mailboxes")
        for column in ("line", "destination", "state", "job", "items",
                       "copied", "bytes", "failed"):
            equal(len(desk.items(f"{theirs}?sort={column}")), 4,
                  column)
        for path, told in (("/migrations?sort=size", "created"),
                           ("/migrations?owner=1", "account"),
                           ("/migrations?state=old", "verified"),
                           (f"{theirs}?sort=name", "destination"),
                           ("/accounts?sort=x", "partner"),
                           ("/contacts?roles=x", "address"),
                           ("/operators?role=x", "sort"),
                           ("/audit?sort=x", "id")):
            got = answer_json(desk.ask(400, "GET", path))
            contains(got["detail"], told, f"{path} tells what there is")
        equal([o["name"] for o in desk.items("/operators?sort=-name")],
              sorted((ADMIN, OPERATOR), reverse=True), "operators")
        for partner in ("P-2", "p-1"):
            desk.ask(201, "POST", "/accounts", {"partner": partner,
                                                "name": f"Of {partner}"})
        equal([a["partner"] for a in desk.items("/accounts?sort=partner", 1)],
              ["p-1", "P-2"], "accounts")
        equal([a["partner"] for a in desk.items("/accounts?text=of p-2"
                                                .replace(" ", "%20"))],
              ["P-2"], "accounts by text")
        for who in ("zoe", "Adam"):
            desk.ask(201, "POST", "/contacts", {
                "account": 1, "address": f"{who}@new.example",
                "roles": ["primary"]})
        equal([c["address"][0] for c in desk.items("/contacts?sort=address",
                                                   1)], ["A", "z"], "contacts")
        lines = desk.items("/audit?sort=-id", 5)
        equal([line["id"] for line in lines],
              sorted((line["id"] for line in lines), reverse=True), "trail")


def key(text):
    return {"Idempotency-Key": f'"{text}"'}


@case
def a_key_makes_a_request_happen_once():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        body = wish(3, skipBadRows=True)
        body["import"] += "u9@old.example,,,nobody\n"
        first = desk.ask(201, "POST", "/migrations", body, key("k1"))
        for same in (key("k1"), {"Idempotency-Key": "k1"}):
            again = desk.ask(201, "POST", "/migrations", body, same)
            equal((again.text, again.headers["Location"]),
                  (first.text, first.headers["Location"]), "the answer")
        equal(kind(desk.ask(422, "POST", "/migrations",
                            {**body, "name": "Other"}, key("k1"))),
              "key-reused", "another body")
        equal(kind(desk.ask(422, "POST", "/accounts", {
            "partner": "P-1", "name": "One"}, key("k1"))), "key-reused",
            "another route")
        equal(len(desk.items("/migrations")), 1, "migrations")
        # two people may think of one key
        other = service.ask("POST", "/api/v1/migrations", {
            **body, "name": "Other"}, key("k1"), cookie=service.cookie())
        equal(other.status, 201, other.text)
        # what was refused is mended and sent again
        desk.ask(422, "POST", "/accounts", {"partner": "P-1"}, key("k2"))
        account = {"partner": "P-1", "name": "One"}
        for _ in range(2):
            equal(answer_json(desk.ask(201, "POST", "/accounts", account,
                                       key("k2")))["id"], 1, "account")
        contact = {"account": 1, "address": "p@new.example",
                   "roles": ["primary"]}
        for _ in range(2):
            equal(answer_json(desk.ask(201, "POST", "/contacts", contact,
                                       key("k3")))["id"], 1, "contact")
        act = "/migrations/1/actions"
        start = {"action": "start", "pass": "full"}
        for _ in range(2):
            equal(answer_json(desk.ask(200, "POST", act, start, key("k4"))),
                  {"jobs": 3}, "started")
        desk.ask(422, "POST", "/migrations/2/actions", start, key("k4"))
        for bad in ("", '""', "x" * 256, "caf\u00e9", 'a"b'):
            equal(kind(desk.ask(400, "POST", act, start,
                                {"Idempotency-Key": bad})), "key", bad)
        told = [line["action"] for line in desk.items("/audit", 100)]
        for action, n in (("migration.add", 2), ("account.add", 1),
                          ("contact.add", 1), ("pass.start", 1)):
            equal(told.count(action), n, action)


@case
def a_lost_answer_makes_nothing_twice():
    """The service dies when the migration is in its database, and before it
    says so; whoever asked asks again."""
    with Service("--at-once", 0,
                 env={"MAILFERRY_DIE_AT": "migration"}) as service:
        cookie = service.cookie(OPERATOR)
        lost = False
        try:
            service.ask("POST", "/api/v1/migrations", wish(), key("k"),
                        cookie=cookie)
        except (OSError, http.client.HTTPException):
            lost = True
        check(lost, "there was an answer")
        check(service.process.wait(timeout=60) != 0, "it did not die")
        del service.env["MAILFERRY_DIE_AT"]
        service.start()
        desk = Desk(service)
        found = [one["id"] for one in desk.items("/migrations")]
        equal(len(found), 1, "what was made")
        for _ in range(2):
            got = desk.ask(201, "POST", "/migrations", wish(), key("k"))
            equal([answer_json(got)["id"]], found, "the same one")
        equal(len(desk.items("/migrations")), 1, "migrations")


@case
def what_cannot_be_moved_is_refused():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        bad = wish()
        bad["import"] += "u9@old.example,,,nobody\n"
        told = answer_json(desk.ask(422, "POST", "/migrations", bad))
        equal([(f["kind"], f["line"]) for f in told["faults"]],
              [("bad-address", 5)], "faults")
        made = answer_json(desk.ask(201, "POST", "/migrations",
                                    {**bad, "skipBadRows": True}))
        equal((made["mailboxes"], len(made["faults"])), (3, 1), "skipped")
        for more, field in (({"name": ""}, "name"), ({"import": 1}, "import"),
                            ({"source": {}}, "source"),
                            ({"destination": {"url": "https://x.example",
                                              "user": "a"}}, "destination"),
                            ({"options": {"verify": "no"}}, "options"),
                            ({"account": 7}, "account"), ({"x": 1}, "x")):
            told = answer_json(desk.ask(422, "POST", "/migrations",
                                        wish(**more)))
            equal(told["field"], field, f"{more}")
        equal(kind(desk.ask(422, "POST", "/migrations", wish(
            source={"url": "http://plain.example", "user": "a",
                    "password": "b"}))), "bad-url", "no TLS")
        # only into domains that are verified for the account
        desk.ask(201, "POST", "/accounts", {
            "partner": "P-1", "name": "One",
            "domains": [{"name": "new.example", "verified": False}]})
        told = answer_json(desk.ask(422, "POST", "/migrations",
                                    wish(account=1)))
        contains(told["detail"], "not in a domain that is verified")
        desk.ask(204, "PATCH", "/accounts/1", {
            "domains": [{"name": "new.example", "verified": True}]})
        desk.ask(201, "POST", "/migrations", wish(account=1))
        equal(len(desk.items("/migrations?account=1")), 1, "of the account")
        desk.ask(409, "DELETE", "/accounts/1")


@case
def more_rows_for_a_migration():
    with Service("--at-once", 0) as service:
        desk = Desk(service)
        desk.ask(201, "POST", "/accounts", {
            "partner": "P-1", "name": "One",
            "domains": [{"name": "new.example", "verified": True}]})
        made = answer_json(desk.ask(201, "POST", "/migrations",
                                    wish(2, account=1)))
        where = f"/migrations/{made['id']}"
        boxes = desk.items(where + "/mailboxes")
        desk.ask(200, "POST", where + "/actions",
                 {"action": "start", "pass": "full"})
        key = {"Idempotency-Key": '"more"'}
        for n, headers, want in ((4, key, 2), (4, key, 2), (4, None, 0)):
            got = answer_json(desk.ask(200, "POST", where + "/mailboxes",
                                       {"import": rows(n).upper()}, headers))
            equal((got["mailboxes"], got["faults"]), (want, []), f"{n} rows")
        now = desk.items(where + "/mailboxes")
        equal([(b["line"], b["source"].lower()) for b in now],
              [(i + 1, f"u{i}@old.example") for i in range(1, 5)], "mailboxes")
        equal([b["id"] for b in now[:2]], [b["id"] for b in boxes], "as before")
        equal([b["job"] is None for b in now], [False, False, True, True],
              "what is queued")
        equal(answer_json(desk.ask(200, "POST", where + "/actions", {
            "action": "start", "pass": "full"}))["jobs"], 2, "for the new ones")
        # it is held to what the whole file was held to
        for body, field in (({}, "import"), ({"import": rows(1), "x": 1}, "x"),
                            ({"import": rows(5, "elsewhere.example")},
                             "import"),
                            ({"import": rows(1), "skipBadRows": 1},
                             "skipBadRows")):
            told = answer_json(desk.ask(422, "POST", where + "/mailboxes",
                                        body))
            equal(told["field"], field, f"{body}")
        bad = {"import": rows(6) + "u9@old.example,,,nobody\n"}
        told = desk.ask(422, "POST", where + "/mailboxes", bad)
        equal(kind(told), "import-faults", "a faulty file")
        equal(len(desk.items(where + "/mailboxes")), 4, "all or nothing")
        got = answer_json(desk.ask(200, "POST", where + "/mailboxes",
                                   {**bad, "skipBadRows": True}))
        equal((got["mailboxes"], len(got["faults"])), (2, 1), "skipped")
        desk.ask(404, "POST", "/migrations/99/mailboxes", {"import": rows(1)})
        equal([line["detail"] for line in desk.items("/audit", 100)
               if line["action"] == "migration.extend"],
              ["2 mailboxes more", "0 mailboxes more", "2 mailboxes more"],
              "the trail")


@case
def credentials_only_go_in():
    """In no answer, no event, no log, and readable nowhere in the data."""
    with Service("--at-once", 0, "--log-level", "debug") as service:
        desk = Desk(service)
        desk.ask(201, "POST", "/migrations", wish())
        desk.ask(200, "POST", "/migrations/1/actions",
                 {"action": "start", "pass": "check"})
        told = [desk.ask(200, "GET", path).text for path in (
            "/migrations", "/migrations/1", "/migrations/1/mailboxes",
            "/mailboxes/1", "/audit")]
        told.append(desk.ask(422, "POST", "/migrations", wish(
            source={"url": "ftp://x", "user": "a",
                    "password": ADMIN_SECRET})).text)
        service.stop()
        told.append(service.text())
        told += [file.read_bytes().decode("latin-1")
                 for file in service.data.iterdir()]
        for secret in (ADMIN_SECRET, ROW_SECRET):
            for text in told:
                check(secret not in text, f"{secret} in {text[:200]}")


if __name__ == "__main__":
    main()
