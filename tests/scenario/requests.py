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


@case
def one_says_what_it_waits_for_and_what_can_be_done():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        alice = desk.cookie()
        since = now_us() - 2 * DAY
        number = desk.request(
            "awaiting information", missing="owa-url-unreachable\ncredentials",
            owa_url="https://a.example/owa", file=None, state_us=since,
            pieces_us=since, changed_us=since)
        quoted = desk.request("quoted", state_us=since,
                              quote_until_us=now_us() - 1)
        set_on = desk.request("scheduled", start_day="2099-01-05",
                              state_us=since)
        def get(number, cookie=alice):
            got = desk.ask("GET", f"{API}/{number}", cookie=cookie)
            equal(got.status, 200, got.text)
            return answer_json(got)
        one = get(number)
        equal([(row["piece"], row["state"]) for row in one["checklist"]],
              [("partner-id", "there"), ("domain", "there"),
               ("owa-url", "faulty"), ("import-file", "not needed"),
               ("credentials", "missing"), ("dates", "not needed")], "list")
        equal((one["waits"]["for"], one["waits"]["text"],
               one["waits"]["late"]), ("contact", "what is missing", False),
              "waits")
        equal(one["contact"]["address"], "anna@acme.example", "contact")
        equal({a["action"]: a["becomes"] for a in one["actions"]},
              {"refuse": "refused", "cancel": "cancelled"}, "actions")
        cancel = one["actions"][1]
        equal(cancel["mails"], ["that it is cancelled"], "mails")
        contains(" ".join(cancel["does"]), "destroyed")
        listed = {r["id"]: r["waits"] for r in items(
            desk.ask("GET", API, cookie=alice))}
        equal((listed[quoted]["text"], listed[quoted]["late"]),
              ("approval of the quote", True), "a quote that has run out")
        check(not listed[set_on]["late"], "its day is to come")
        # nobody but an operator can have it checked
        number = desk.request(domain="new.example")
        waits = get(number)["waits"]
        equal((waits["for"], waits["remedy"]), (
            "operator",
            "set desk.destination, and start the service again"), "waits")
        contains(desk.command("request", "show", number).out,
                 "(operator: set desk.destination")
        def actions(number, who):
            cookie = desk.contact(f"{who}@acme.example")
            return [a["action"] for a in get(number, cookie)["actions"]]
        for who, at, want in (("anna", quoted, ["approve", "cancel"]),
                              ("bill", set_on, ["cancel", "schedule"]),
                              ("tom", quoted, [])):
            equal(actions(at, who), want, who)


@case
def whoever_may_see_it_hears_of_it():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        number = desk.request("quoted")
        theirs = desk.request("quoted", account=2, domain="other.example",
                              opened_by="olga@other.example")
        olga, alice = (Stream(desk, cookie) for cookie in (
            desk.contact("olga@other.example"), desk.cookie()))
        # at an operator's terminal, which is another process
        desk.command("request", "note", number, "they called")
        desk.command("request", "cancel", theirs)
        heard = olga.until(f'"request":{theirs},"action":"request.cancel"')
        check(not any(f'"request":{number}' in line for line in heard),
              "another account's request")
        heard = alice.until(f'"request":{theirs},"action":"request.cancel"')
        check(f'data: {{"request":{number},"action":"request.note"}}' in heard,
              heard)
        # and a mail that is about none
        mail = desk.mail("a@x", place="tray")
        desk.command("request", "done", mail)
        check(alice.until(f'"mail":{mail},"action":"mail.done"'), "a mail")
        for stream in (olga, alice):
            stream.close()


TRAY_MAIL = (b"From: Eve <eve@elsewhere.example>\r\n"
             b"Subject: our move\r\nMIME-Version: 1.0\r\n"
             b"Content-Type: text/plain\r\n\r\n"
             b"OWA URL: https://mail.acme.example/owa\r\n"
             b"Domain: %s\r\n<script>alert(1)</script>\r\n")


@case
def a_mail_that_is_placed_is_read():
    with Desk("--at-once", 0) as desk:
        cookie = desk.cookie(OPERATOR)
        number = desk.request("awaiting information",
                              missing="owa-url\nimport-file\ncredentials")
        def do(mail, status, **body):
            got = desk.ask("POST", f"/api/v1/mails/{mail}/actions", body,
                           cookie=cookie)
            equal(got.status, status, got.text)
            return got
        mail = desk.mail("a@x", place="tray",
                         raw=TRAY_MAIL % b"acme.example")
        got = answer_json(desk.ask("GET", f"/api/v1/mails/{mail}/text",
                                   cookie=cookie))
        equal((got["fromName"], got["nature"], got["place"]),
              ("Eve", "personal", "tray"), "what it is")
        contains(got["text"], "<script>alert(1)</script>")
        do(mail, 204, action="place", request=number, reason="their nephew")
        row = desk.row(number)
        equal((row["owa_url"], row["missing"]),
              ("https://mail.acme.example/owa", "import-file\ncredentials"),
              "what it said is known, and what it did not is asked for")
        equal(desk.trail(number), [(
            f"operator {OPERATOR}", "mail.place",
            "missing: import-file credentials; mail 1: their nephew; from"
            " eve@elsewhere.example: OWA URL")], "trail")
        equal([line[3] for line in desk.outbox()], ["anna@acme.example"],
              "who is asked is the contact on file, not who wrote")
        # a new one, and of another account's domain nothing
        other = desk.mail("b@x", place="tray",
                          raw=TRAY_MAIL % b"other.example")
        do(other, 422, action="open", contact=3)  # Tom is a technical one
        do(other, 404, action="open", contact=99)
        do(other, 422, action="open", request=number)
        made = answer_json(do(other, 201, action="open", contact=2))["id"]
        row = desk.row(made)
        equal((row["opened_by"], row["domain"], row["partner"]),
              ("bill@acme.example", None, "P-1001"), "opened")
        equal(items(desk.ask("GET", f"{API}/{made}/mails",
                             cookie=cookie))[0]["id"], other, "its mail")
        # of one that had passwords the mark in their place is none
        redacted = desk.mail(
            "c@x", place="tray", redacted=1,
            raw=b"From: anna@acme.example\r\n\r\n"
                b"Username: admin\r\nPassword: [removed]\r\n")
        do(redacted, 204, action="place", request=number)
        row = desk.row(number)
        equal((row["admin"], row["missing"]),
              ("admin", "import-file\ncredentials"), "no password")
        # what a program sent is placed and says nothing
        bounce = desk.mail(
            "d@x", place="tray", sender="",
            raw=b"From: MAILER-DAEMON@x.example\r\nReturn-Path: <>\r\n\r\n"
                b"OWA URL: https://evil.example/owa\r\n")
        do(bounce, 204, action="place", request=number)
        equal(desk.row(number)["owa_url"], "https://mail.acme.example/owa",
              "a bounce")


@case
def a_conversation_goes_both_ways():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        cookie = desk.cookie(OPERATOR)
        number = desk.request("quoted")
        theirs = desk.request(account=2, opened_by="olga@other.example",
                              domain="other.example")
        hour = 3_600_000_000
        desk.mail("a@x", number, received_us=now_us() - hour)
        got = desk.ask("POST", f"{API}/{number}/actions", {
            "action": "refuse", "reason": "no such domain"}, cookie=cookie)
        equal(got.status, 204, got.text)
        desk.mail("b@x", number, received_us=now_us() + hour)
        desk.insert("outbox", ref="alert", recipient="ops@provider.example",
                    subject="alert", body=b"x", state=0, request=number,
                    created_us=now_us() - 2 * hour, since_us=0)
        def talk(cookie, query=""):
            return [(one["direction"], one["person"], one["state"]) for one
                    in items(desk.ask(
                        "GET", f"{API}/{number}/conversation{query}",
                        cookie=cookie))]
        anna = [("in", "anna@acme.example", "placed"),
                ("out", "anna@acme.example", "waiting"),
                ("in", "anna@acme.example", "placed")]
        equal(talk(cookie), [("out", "ops@provider.example", "waiting"),
                             *anna], "by time")
        equal(talk(cookie, "?sort=-id&limit=1"), anna[2:], "the last first")
        got, seen = [], None
        while seen is None or seen["next"]:
            after = f"&after={seen['next']}" if seen else ""
            seen = answer_json(desk.ask(
                "GET", f"{API}/{number}/conversation?limit=1{after}",
                cookie=cookie))
            got += [one["direction"] for one in seen["items"]]
        equal(got, ["out", "in", "out", "in"], "in pages")
        tom, olga = (desk.contact(a) for a in ("tom@acme.example",
                                               "olga@other.example"))
        equal(talk(tom), anna, "alerts are the operators'")
        equal(desk.ask("GET", f"{API}/{number}/conversation",
                       cookie=olga).status, 404, "another account's")
        ids = {line[3]: line[0] for line in desk.outbox()}
        for who, status in ((cookie, 200), (tom, 200), (olga, 404)):
            equal(desk.ask("GET", f"/api/v1/outbox/{ids['anna@acme.example']}",
                           cookie=who).status, status, "a letter")
            equal(desk.ask("GET", "/api/v1/mails/1/text",
                           cookie=who).status, status, "a mail")
        equal(desk.ask("GET",
                       f"/api/v1/outbox/{ids['ops@provider.example']}",
                       cookie=tom).status, 404, "an alert")
        equal(desk.ask("GET", "/api/v1/outbox", cookie=tom).status, 403,
              "the outbox")


@case
def a_letter_is_read_without_its_link():
    with Desk("--at-once", 0, "--limit-sign-in", 100) as desk:
        cookie = desk.cookie(OPERATOR)
        number = desk.request("awaiting information", missing="owa-url")
        mail = desk.mail("a@x", place="tray",
                         raw=b"From: anna@acme.example\r\n\r\n"
                             b"Start date: 2099-01-05\r\n")
        desk.ask("POST", f"/api/v1/mails/{mail}/actions",
                 {"action": "place", "request": number}, cookie=cookie)
        letter = desk.outbox()[-1][0]
        full = desk.command("outbox", "show", letter).out
        token = re.search(r"/supply/(mfl_\S{43})", full).group(1)
        for who in (cookie, desk.contact("tom@acme.example")):
            got = desk.ask("GET", f"/api/v1/outbox/{letter}", cookie=who)
            equal(got.status, 200, got.text)
            check(token not in got.text, "the link opens")
            contains(answer_json(got)["text"], "/supply/***")


@case
def what_is_unsure_waits_for_a_word():
    with Desk("--at-once", 0) as desk:
        cookie = desk.cookie(OPERATOR)
        number = desk.request()
        states = ["waiting", "sent", "failed", "unsure"]
        ids = {word: desk.insert(
            "outbox", ref=word, recipient="anna@acme.example", subject=word,
            body=b"x", state={"unsure": 5}.get(word, states.index(word)),
            request=number, created_us=now_us(), since_us=0, due_us=2**60)
            for word in states}
        def listed(query=""):
            return [one["state"] for one in items(desk.ask(
                "GET", f"/api/v1/outbox{query}", cookie=cookie))]
        def do(word, action, status, key=None):
            got = desk.ask("POST", f"/api/v1/outbox/{ids[word]}/actions",
                           {"action": action},
                           {"Idempotency-Key": key} if key else None, cookie)
            equal(got.status, status, got.text)
        equal(listed("?state=failed,unsure"), ["failed", "unsure"], "filter")
        equal(listed("?sort=-id&limit=1"), ["unsure"], "order")
        do("waiting", "arrived", 409)
        do("failed", "arrived", 409)
        do("sent", "send-again", 409)
        do("unsure", "lost", 422)
        do("unsure", "arrived", 204, "k")
        do("unsure", "arrived", 204, "k")  # the answer was lost
        do("unsure", "arrived", 409)
        do("unsure", "drop", 409)  # it is sent
        for word in ("waiting", "failed"):
            do(word, "drop", 204, f"drop {word}")
        do("waiting", "send-again", 204)
        equal(listed(), ["waiting", "sent", "dropped", "sent"], "states")
        do("waiting", "drop", 204)
        do("failed", "send-again", 204)
        equal(listed(), ["dropped", "sent", "waiting", "sent"], "states")
        equal([line[1] for line in desk.trail(number)],
              ["mail.arrived", "mail.drop", "mail.drop", "mail.send-again",
               "mail.drop", "mail.send-again"], "trail")


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
