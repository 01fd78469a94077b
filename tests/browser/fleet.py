#!/usr/bin/env python3
"""The pages of the fleet in a browser: workers that are drained, servers whose
limits are changed, and what went on with them over time."""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all

MINUTE = 60_000_000
HOST = "mail.old.example:443"
SIDE = {"url": "https://mail.old.example/owa", "user": "u", "password": "p"}


def migration(desk):
    cookie = desk.cookie()
    got = desk.ask("POST", "/api/v1/migrations", {
        "account": 1, "name": "Contoso", "source": SIDE, "destination":
        {**SIDE, "url": "https://mail.new.example/owa"},
        "import": "Source Email,Destination Email\n"
                  "u@a.example,u@acme.example\n"}, cookie=cookie)
    equal(got.status, 201, got.text)


def sample(desk, at, n, **of):
    """A minute of a wave with a back-off in each of its troughs."""
    wave = 1 + math.sin(n / 15)
    busy = 3 if n % 94 == 70 else 0
    desk.insert("samples", **{
        "migration": 0, "host": "", "span_us": MINUTE, "at_us": at,
        "items": int(40 * wave) + 5, "bytes": int(9e6 * wave) + 10 ** 6,
        "failed": 4 if n % 50 == 20 else 0, "requests": int(100 * wave),
        "busy": busy, "in_flight_us": int(6 * MINUTE * wave),
        "throttled_us": 4 * MINUTE if busy else 0,
        "mailboxes_us": 3 * MINUTE, "places_us": 0, **of})


def history(desk):
    """Four hours, with half an hour in which nothing went on."""
    first = now_us() // MINUTE * MINUTE - 240 * MINUTE
    for n in range(240):
        if 150 <= n < 180:
            continue
        at = first + n * MINUTE
        sample(desk, at, n, migration=1)
        sample(desk, at, n, host=HOST, places_us=(16 if n < 70 else 12)
               * MINUTE)
    for tenth, spread in ((0, 120), (2, 80), (4, 50), (6, 30), (8, 12)):
        desk.insert("forecasts", migration=1, mailbox=0, tenth=tenth,
                    at_us=first + tenth * 30 * MINUTE,
                    p50_us=first + (290 - tenth * 3) * MINUTE,
                    p90_us=first + (290 - tenth * 3 + spread) * MINUTE,
                    basis="12 mailboxes of this provider")


def workers(desk):
    now = now_us()
    for name, more in (
            ("mover-1:4711:0a1b", {"running": 6, "items": 48_211,
                                   "bytes": 9_120_000_000, "ended": 17}),
            ("mover-2:902:77fe", {"running": 2, "items": 9_377,
                                  "bytes": 1_400_000_000, "ended": 3,
                                  "leases_lost": 1, "late_writes": 2}),
            ("mover-3:12:c001", {"seen_us": now - 20 * 60_000_000})):
        desk.insert("workers", **{
            "name": name, "begun_us": now - DAY, "seen_us": now + DAY,
            "draining": 0, "at_once": 8, **more})
    for name, more in (("mover-1:4711:0a1b", {"in_flight": 9, "waiting": 4,
                                             "busy": 31}),
                       ("mover-2:902:77fe", {"parked_until_us": now + DAY})):
        desk.insert("worker_hosts", **{
            "worker": name, "host": HOST, "in_flight": 3, "waiting": 0,
            "places": 12, "requests": 5120, "busy": 0,
            "throttled_us": 184_000_000, "parked_until_us": 0,
            "quiet_until_us": 0, **more})


@case
def the_fleet():
    with over_tls(Desk) as desk:
        migration(desk)
        workers(desk)
        history(desk)
        cookies = {"operator": desk.cookie(OPERATOR)}
        browse(desk, "fleet", "drain", cookies=cookies)
        with desk.database() as db:
            equal(db.execute("SELECT draining FROM workers"
                             " ORDER BY name").fetchall(),
                  [(1,), (0,), (0,)], "who is drained")
        browse(desk, "fleet", "limits", cookies=cookies)
        host = answer_json(desk.ask("GET", f"/api/v1/hosts/{HOST}",
                                    cookie=desk.cookie()))
        equal((host["most"], host["quiet"]), (4, None), "after all changes")
        browse(desk, "fleet", "plots", cookies=cookies)
        browse(desk, "fleet", "migration", cookies=cookies)


@case
def nobody_works():
    with over_tls(Desk) as desk:
        browse(desk, "fleet", "nobody",
               cookies={"admin": desk.cookie(),
                        "tom": desk.contact("tom@acme.example")})


if __name__ == "__main__":
    main()
