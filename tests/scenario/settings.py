#!/usr/bin/env python3
"""What operators look up and change of the service itself: the configuration
as in force, the prices, the trail, their own password and authenticator."""
import contextlib
import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import Desk, PUBLIC  # noqa: E402
from desk_play import PRICES  # noqa: E402

NEW = "another-long-password"
SECRET = "correct-battery-in-a-url"


def settings(service, cookie):
    got = service.ask("GET", "/api/v1/settings", cookie=cookie)
    equal(got.status, 200, got.text)
    check(SECRET not in got.text, "a password is shown")
    return {f"{one['section']}.{one['key']}": one
            for one in answer_json(got)["items"]}


@case
def each_setting_says_where_it_is_from():
    with Service("--limit-sign-in", 50, start=False, env={
            "MAILFERRY_LOG_LEVEL": "debug",
            "MAILFERRY_DESK_ADDRESS": "desk@provider.example",
            "MAILFERRY_HTTP_PUBLIC_URL": PUBLIC,
            "MAILFERRY_DESK_DESTINATION":
                f"https://user:{SECRET}@mail.example/owa"}) as service:
        file = service.dir / "mailferry.conf"
        file.write_text("[desk]\nname = Ferry Desk\n[http]\nthreads = 3\n")
        service.options += ["--config", str(file)]
        service.start()
        cookie = service.cookie(OPERATOR)
        now = settings(service, cookie)
        guide = run(MAILFERRY, "config", "document").out
        equal(len(now), guide.count("| `--"), "all keys")
        for key, value, origin in (
                ("limits.sign-in", "50", "option --limit-sign-in"),
                ("log.level", "debug",
                 "environment variable MAILFERRY_LOG_LEVEL"),
                ("http.threads", "3", f"{file}:4"),
                ("http.connections", "2048", "default"),
                ("desk.destination", "https://user:(not shown)@mail.example/owa",
                 "environment variable MAILFERRY_DESK_DESTINATION"),
                ("desk.price-list", None, "default")):
            equal((now[key]["value"], now[key]["origin"]), (value, origin),
                  key)
        equal((now["http.threads"]["default"], now["http.threads"]["option"],
               now["http.threads"]["variable"], now["http.threads"]["reload"]),
              ("4", "http-threads", "MAILFERRY_HTTP_THREADS", False), "row")
        check(all(one["waiting"] is None for one in now.values()), "waiting")

        # a key that is read at start waits for it, however often one reloads
        for threads in (5, 6):
            file.write_text(f"[http]\nthreads = {threads}\n"
                            f"drain-time = {threads}s\n")
            before = service.text().count("http.drain-time has changed")
            service.process.send_signal(signal.SIGHUP)
            until("reloaded", lambda: service.text().count(
                "http.drain-time has changed") > before)
            until("shown", lambda: settings(service, cookie)[
                "http.drain-time"]["value"] == f"{threads}s")
            one = settings(service, cookie)["http.threads"]
            equal((one["value"], one["origin"]), ("3", f"{file}:4"), "at start")
            equal(one["waiting"], {"value": str(threads),
                                   "origin": f"{file}:2"}, "since")


@case
def the_prices_are_told():
    with Service() as service:
        got = service.ask("GET", "/api/v1/price-list", cookie=service.cookie())
        equal(answer_json(got), {"list": None}, "none is configured")
    with Desk(start=False) as desk:
        file = desk.dir / "prices.ini"
        file.write_text(PRICES)
        desk.env["MAILFERRY_DESK_PRICE_LIST"] = str(file)
        desk.start()
        got = desk.ask("GET", "/api/v1/price-list", cookie=desk.cookie())
        equal(answer_json(got)["list"], {
            "currency": "EUR", "digits": 2, "minimum": 1000, "perGB": 150,
            "allowance": 5_000_000_000, "validDays": 30, "tax": None,
            "tiers": [{"from": 1, "to": None, "each": 2500}]}, "prices")


# ---- the trail -------------------------------------------------------------

def trail(service, cookie, query=""):
    got = service.ask("GET", f"/api/v1/audit{query}", cookie=cookie)
    equal(got.status, 200, got.text)
    return answer_json(got)["items"]


@case
def the_trail_is_filtered():
    with Service() as service:
        alice, bob = service.cookie(), service.cookie(OPERATOR)
        service.token(["audit:read"], bob, "Bob's own")
        every = trail(service, alice)

        def same(query, wanted):
            equal([one["id"] for one in trail(service, alice, query)],
                  [one["id"] for one in every if wanted(one)], query)
        same("?actor=BOB@", lambda one: "bob@" in one["actor"])
        same("?action=operator",
             lambda one: one["action"].startswith("operator."))
        same("?action=session.begin",
             lambda one: one["action"] == "session.begin")
        same("?action=sess", lambda one: False)
        same("?subject=alice", lambda one: "alice" in one["subject"])
        same("?subject=%25", lambda one: False)
        same("?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
             lambda one: True)
        same("?to=2020-01-01T00:00:00Z", lambda one: False)
        for query in ("from=yesterday", "to=1"):
            problem(service.ask("GET", f"/api/v1/audit?{query}", cookie=alice),
                    400, "query")


@case
def the_trail_is_verified_while_others_write():
    with Service() as service:
        cookie = service.cookie()
        path = "/api/v1/audit/verification"

        def verify(query=""):
            got = service.ask("GET", path + query, cookie=cookie)
            equal(got.status, 200, got.text)
            return answer_json(got)
        lines = trail(service, cookie)
        last = lines[-1]
        equal(verify(), {"lines": len(lines), "last": last["id"],
                         "hash": last["hash"], "bad": None, "more": False},
              "all of it")
        noted = f"?after={last['id']}&hash={last['hash']}"
        equal(verify(noted)["lines"], 0, "nothing since")
        service.token(["audit:read"], cookie)
        equal((verify(noted)["lines"], verify(noted)["bad"]), (1, None),
              "one line since")
        other = f"?after={last['id']}&hash={'0' * 64}"
        equal(verify(other)["bad"], last["id"] + 1, "another hash was noted")
        for query in ("?after=1", f"?hash={'0' * 64}", "?after=x",
                      "?after=1&hash=xyz", f"?after=1&hash={'0' * 62}"):
            problem(service.ask("GET", path + query, cookie=cookie), 400,
                    "query")
        with contextlib.closing(sqlite3.connect(
                service.data / "mailferry.db", timeout=30)) as db:
            db.execute("UPDATE audit SET actor = 'x' WHERE id = 2")
            db.commit()
        equal((verify()["bad"], verify()["last"]), (2, 1), "altered")
        equal(verify(noted)["bad"], None, "after it they hold together")


@case
def a_long_trail_is_verified_in_pieces():
    with Service() as service:
        cookie = service.cookie()
        # appended as the store does, with the hashes of its definition
        with contextlib.closing(sqlite3.connect(
                service.data / "mailferry.db", timeout=30)) as db:
            last, head = db.execute(
                "SELECT last_id, hash FROM audit_head").fetchone()
            for i in range(last + 1, last + 10_501):
                fields = ["someone", None, "test", f"x {i}", None]
                head = line_hash(head, i, 1_000_000 + i, fields)
                db.execute("INSERT INTO audit (id, at_us, actor, request,"
                           " action, subject, detail, hash)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                           (i, 1_000_000 + i, *fields, head))
            db.execute("UPDATE audit_head SET last_id = ?, hash = ?",
                       (last + 10_500, head))
            db.commit()
        first = answer_json(service.ask("GET", "/api/v1/audit/verification",
                                        cookie=cookie))
        equal((first["lines"], first["bad"], first["more"]),
              (10_000, None, True), "a piece")
        then = answer_json(service.ask(
            "GET", f"/api/v1/audit/verification?after={first['last']}"
            f"&hash={first['hash']}", cookie=cookie))
        equal((then["last"], then["bad"], then["more"]),
              (last + 10_500, None, False), "the rest")


def line_hash(before, number, at_us, fields):
    def field(value):
        if value is None:
            return (2**64 - 1).to_bytes(8, "big")
        return len(value).to_bytes(8, "big") + value
    numbers = [n.to_bytes(8, "big") for n in (number, at_us)]
    return hashlib.sha256(b"".join(
        field(one) for one in [before, *numbers] + [
            f.encode() if f is not None else None for f in fields])).digest()


# ---- one's own -------------------------------------------------------------

@case
def a_password_is_changed_by_whoever_knows_the_old_one():
    with Service() as service:
        here, there = service.cookie(), service.cookie()
        token = service.token(["audit:read"], here)

        def change(old, new, cookie):
            return service.ask("POST", "/api/v1/session/password",
                               {"old": old, "password": new}, cookie=cookie)
        for old, new, field in (("wrong-password-1", NEW, "old"),
                                (PASSWORD, "short", "password"),
                                (PASSWORD, PASSWORD, "password")):
            equal(problem(change(old, new, here), 422, "invalid")["field"],
                  field, "field")
        equal(service.ask("GET", "/api/v1/session", cookie=there).status, 200,
              "nothing has changed")
        done = change(PASSWORD, NEW, here)
        equal(done.status, 201, done.text)
        mine = done.headers["Set-Cookie"].split(";")[0]
        for cookie in (here, there):
            problem(service.ask("GET", "/api/v1/session", cookie=cookie), 401,
                    "signed-out")
        problem(service.ask("GET", "/api/v1/audit", token=token), 401,
                "signed-out")
        equal(service.ask("GET", "/api/v1/session", cookie=mine).status, 200,
              "the new session")
        problem(service.sign_in(), 401, "sign-in")
        equal(service.sign_in(password=NEW).status, 201, "the new one")
        equal([(one["actor"], one["subject"], one["detail"]) for one in
               trail(service, mine, "?action=operator.change")],
              [(f"admin {ADMIN}", f"operator {ADMIN}", "password")], "trail")


@case
def nobody_tries_passwords_at_an_open_browser():
    with Service("--limit-sign-in", 3) as service:
        cookie = service.cookie()
        said = [service.ask("POST", "/api/v1/session/password",
                            {"old": f"wrong-{n}", "password": NEW},
                            cookie=cookie) for n in range(3)]
        equal([one.status for one in said], [422, 422, 429], "answers")
        told = problem(said[2], 429, "too-often")
        contains(told["detail"], "the next is heard in ")
        check(int(said[2].headers["Retry-After"]) > 0, "Retry-After")


@case
def an_authenticator_of_ones_own():
    with Service("--limit-sign-in", 100) as service:
        cookie = service.cookie()

        def offer(cookie, password=PASSWORD, **more):
            return service.ask("POST", "/api/v1/session/authenticator",
                               {"password": password, **more}, cookie=cookie)

        def use(cookie, offer, code):
            return service.ask("POST", "/api/v1/session/authenticator/use",
                               {"offer": offer, "code": code}, cookie=cookie)
        problem(offer(cookie, "wrong-password-1"), 422, "invalid")
        first = answer_json(offer(cookie))
        contains(first["uri"], f"secret={first['secret']}")
        a_picture(first["picture"])
        equal(service.sign_in().status, 201, "an offer changes nothing")
        told = problem(use(cookie, first["offer"], "000000"), 422, "invalid")
        equal(told["field"], "code", "field")
        # another's offer, or one that was altered
        bobs = answer_json(offer(service.cookie(OPERATOR)))
        for bad in (bobs["offer"], first["offer"][:-8], "x", "!"):
            told = problem(use(cookie, bad, totp(bobs["secret"])), 422,
                           "invalid")
            equal(told["field"], "offer", bad)
        done = use(cookie, first["offer"], totp(first["secret"]))
        equal(done.status, 201, done.text)
        mine = done.headers["Set-Cookie"].split(";")[0]
        problem(service.ask("GET", "/api/v1/session", cookie=cookie), 401,
                "signed-out")
        problem(service.sign_in(), 401, "sign-in")
        told = problem(use(mine, first["offer"], totp(first["secret"])), 422,
                       "invalid")
        equal(told["field"], "offer", "it is good once")
        # who has one shows it before another takes its place
        problem(offer(mine), 422, "invalid")
        ahead = totp(first["secret"], time.time() + 30)
        second = answer_json(offer(mine, code=ahead))
        check(second["secret"] != first["secret"], "the same secret again")
        done = use(mine, second["offer"], totp(second["secret"]))
        equal(done.status, 201, done.text)
        problem(service.sign_in(code=totp(first["secret"],
                                          time.time() + 30)), 401, "sign-in")
        equal(service.sign_in(code=totp(second["secret"],
                                        time.time() + 30)).status, 201,
              "the new one")
        for one in (first["secret"], second["secret"], first["offer"]):
            check(one not in service.text(), "a secret is in the log")
            check(one.encode() not in
                  (service.data / "mailferry.db").read_bytes(),
                  "a secret is in the database")


def a_picture(rows):
    """A square whose corners are those of a QR code (ISO/IEC 18004, 6.3.3)."""
    n = len(rows)
    check(n >= 21 and (n - 17) % 4 == 0, f"{n} rows")
    check(all(len(row) == n and set(row) <= {"0", "1"} for row in rows),
          "no square")
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101",
              "1000001", "1111111"]
    for top, left in ((0, 0), (0, n - 7), (n - 7, 0)):
        equal([row[left:left + 7] for row in rows[top:top + 7]], finder,
              "corner")
    # between them stand dark and light by turns
    equal(rows[6][8:n - 8], "10" * ((n - 16) // 2) + "1", "timing")


if __name__ == "__main__":
    main()
