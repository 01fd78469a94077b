#!/usr/bin/env python3
"""Requests for managed migrations over HTTP: who sees what, who may do what,
and what each turn of theirs leaves behind."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

API = "/api/v1/requests"


def items(got):
    equal(got.status, 200, got.text)
    return answer_json(got)["items"]


# ---- whose -----------------------------------------------------------------

@case
def contacts_see_their_own_requests():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        ours = desk.request("completed")
        theirs = desk.request(account=2, opened_by="olga@other.example",
                              partner="P-2002", domain="other.example")
        desk.mail("a@x", ours)
        desk.mail("b@x", theirs)
        desk.command("request", "note", ours, "they pay late")
        for name in ("anna", "bill", "tom"):
            cookie = desk.contact(f"{name}@acme.example")
            def get(path):
                return desk.ask("GET", path, cookie=cookie)
            equal([one["id"] for one in items(get(API))], [ours], name)
            equal(items(get(f"{API}?account=2"))[0]["id"], ours,
                  "a filter opens nothing")
            equal([one["messageId"] for one in
                   items(get(f"{API}/{ours}/mails"))], ["a@x"], name)
            equal([(one["action"], one["detail"]) for one in
                   items(get(f"{API}/{ours}/timeline"))],
                  [("request.note", None)], "notes are the operators'")
            for part in ("", "/mails", "/files", "/timeline"):
                equal(get(f"{API}/{theirs}{part}").status, 404,
                      f"{name}: {part}")
            equal(get(f"{API}/{ours}/invoice").status,
                  403 if name == "tom" else 200, f"{name}: invoice")
            for path in ("/api/v1/tray", "/api/v1/mails/1"):
                equal(get(path).status, 403, f"{name}: {path}")
        cookie = desk.cookie(OPERATOR)
        equal([one["id"] for one in items(desk.ask("GET", API,
                                                   cookie=cookie))],
              [ours, theirs], "an operator sees all")
        equal([one["detail"] for one in items(desk.ask(
            "GET", f"{API}/{ours}/timeline", cookie=cookie))],
              ["they pay late"], "and what was noted")


@case
def lists_have_filters_orders_and_pages():
    with Desk("--at-once", 0) as desk:
        cookie = desk.cookie()
        for n, state in enumerate(["received", "quoted", "running",
                                   "quoted", "refused"]):
            desk.request(state, domain=f"{'cabde'[n]}.example")
        def domains(query):
            return "".join(one["domain"][0] for one in
                           items(desk.ask("GET", f"{API}?{query}",
                                          cookie=cookie)))
        for query, want in (("", "cabde"), ("sort=domain", "abcde"),
                            ("sort=-domain", "edcba"),
                            ("sort=-id&limit=2", "ed"),
                            ("state=quoted", "ad"),
                            ("state=quoted,running&sort=-domain", "dba"),
                            ("state=ready%20for%20cutover", ""),
                            ("domain=B.example", "b"),
                            ("text=D.EX", "d")):
            equal(domains(query), want, query)
        got, seen = "", None
        while seen is None or seen["next"]:
            after = f"&after={seen['next']}" if seen else ""
            seen = answer_json(desk.ask(
                "GET", f"{API}?sort=state&limit=2{after}", cookie=cookie))
            got += "".join(one["domain"][0] for one in seen["items"])
        equal(got, "cadbe", "pages in the order of the states")
        equal(desk.ask("GET", f"{API}?stat=quoted", cookie=cookie).status,
              400, "a filter that is none")


@case
def a_mail_of_the_tray_is_placed_once():
    with Desk("--at-once", 0) as desk:
        cookie = desk.cookie(OPERATOR)
        number = desk.request()
        raw = b"From: <script>\r\n\r\n\xff<b>hello</b>\r\n"
        mail = desk.mail("t@x", place="tray", raw=raw)
        got = desk.ask("GET", f"/api/v1/mails/{mail + 9}", cookie=cookie)
        equal(got.status, 404, got.text)
        with contextlib.closing(desk.connection()) as c:
            c.request("GET", f"/api/v1/mails/{mail}",
                      headers={"Cookie": cookie})
            got = c.getresponse()
            equal(got.read(), raw, "byte for byte")
            contains(got.headers["Content-Disposition"], "attachment")
            equal(got.headers["Content-Type"], "message/rfc822", "type")
        def do(status, body, key=None):
            got = desk.ask("POST", f"/api/v1/mails/{mail}/actions", body,
                           {"Idempotency-Key": key} if key else None, cookie)
            equal(got.status, status, got.text)
        do(422, {"action": "place"})
        do(422, {"action": "done", "request": number})
        do(404, {"action": "place", "request": 99})
        place = {"action": "place", "request": number, "reason": "theirs"}
        do(204, place, "one")
        do(204, place, "one")  # the answer was lost
        do(409, {"action": "done"})
        equal([one["detail"] for one in items(desk.ask(
            "GET", f"{API}/{number}/timeline", cookie=cookie))],
              [f"mail {mail}: theirs"], "trail")
        equal(items(desk.ask("GET", "/api/v1/tray", cookie=cookie)), [],
              "tray")


# ---- decisions --------------------------------------------------------------

@case
def who_may_decide_what():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        anna, tom, olga = (desk.contact(a) for a in (
            "anna@acme.example", "tom@acme.example", "olga@other.example"))
        alice = desk.cookie()
        def do(cookie, number, status, key=None, version=None, **body):
            headers = {}
            if key:
                headers["Idempotency-Key"] = key
            if version:
                headers["If-Match"] = version
            got = desk.ask("POST", f"{API}/{number}/actions", body, headers,
                           cookie)
            equal(got.status, status, f"{body}: {got.text}")
            return got
        number = desk.request("quoted")
        do(tom, number, 403, action="approve")
        do(olga, number, 404, action="approve")
        for body in ({"action": "refuse", "reason": "x"},
                     {"action": "note", "reason": "x"}):
            do(anna, number, 403, **body)
        do(alice, number, 422, action="approve")  # by hand: why?
        do(alice, number, 412, version='"v9"', action="cancel")
        equal((desk.state(number), desk.trail(number)), ("quoted", []),
              "nothing was done")
        # the contact approves what was quoted, once
        do(anna, number, 204, "k1", version='"v1"', action="approve")
        do(anna, number, 204, "k1", version='"v1"', action="approve")
        do(anna, number, 409, "k2", action="approve")
        equal([(actor, action) for actor, action, _ in desk.trail(number)],
              [("primary anna@acme.example", "request.approve")], "trail")
        # whose first days are ours to choose, and then theirs to change
        do(anna, number, 409, action="schedule", start="2099-01-05")
        do(alice, number, 204, action="schedule", start="2099-01-05")
        do(anna, number, 204, action="schedule", start="2099-01-06")
        do(anna, number, 422, action="schedule", start="2099-02-30")
        equal(desk.row(number)["start_day"], "2099-01-06", "day")
        do(alice, number, 204, "k3", action="note", reason="they called")
        do(alice, number, 204, "k3", action="note", reason="they called")
        do(alice, number, 422, "k3", action="note", reason="other")
        do(anna, number, 204, action="cancel", reason="sold")
        equal(desk.state(number), "cancelled", "state")
        equal([action for _, action, _ in desk.trail(number)], [
            "request.approve", "request.schedule", "request.reschedule",
            "request.note", "request.cancel"], "trail")
        late = desk.request("quoted", quote_until_us=now_us() - 1)
        do(anna, late, 409, action="approve")
        equal(desk.state(late), "quoted", "a quote that has run out")
        do(alice, late, 204, action="refuse", reason="no such domain")
        contains(desk.command("outbox", "show", desk.outbox()[-1][0]).out,
                 "no such domain")


@case
def what_is_over_goes_when_its_time_is():
    with Desk("--at-once", 0, "--desk-kept", "30d", start=False) as desk:
        desk.people()
        desk.peopled = True
        old = now_us() - 31 * DAY
        gone = [desk.request(state, changed_us=old) for state in
                ("completed", "refused", "cancelled", "expired")]
        stay = [desk.request("completed", changed_us=old + 2 * DAY),
                desk.request("awaiting information", changed_us=old),
                desk.request("quoted", changed_us=old)]
        for number in (gone[0], stay[0]):
            desk.mail(f"{number}@x", number)
            desk.link("approve", number, used_us=1)
            desk.insert("request_files", request=number, ref=f"f{number}",
                        name="a.csv", digest="00", bytes=1,
                        created_us=old)
        desk.start()
        cookie = desk.cookie()
        def numbers():
            return [one["id"] for one in items(desk.ask("GET", API,
                                                        cookie=cookie))]
        until("they are gone", lambda: numbers() == stay)
        with desk.database() as db:
            for table in ("request_mails", "request_files", "request_links"):
                equal(db.execute(f"SELECT request FROM {table}").fetchall(),
                      [(stay[0],)], table)
        for number in gone:
            equal([row[:2] for row in desk.trail(number)],
                  [("retention", "request.forget")], "trail")
        contains(desk.command("audit", "verify").out, "lines hold together")


if __name__ == "__main__":
    main()
