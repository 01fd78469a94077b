"""The app in Debian's Chromium, headless, over TLS. *First page*: all that a
browser fetches that has nothing yet, as it comes over the wire, and how long
after the navigation began its content stood there, nothing being read any more.
*Scrolling*: a migration of 10,000 mailboxes, 600 px further with each frame,
from top to bottom; a frame is the time between two of them, of which the screen
asks for one every 16.7 ms. *An hour of events*: eight mailboxes of that
migration make progress twice a second, one after the other begins and ends, an
hour of it as fast as the page takes it, a second a frame. Ten minutes of them
go before it; from then on, every ten minutes, the page is left alone until
nothing is asked or drawn any more, and collected until two readings agree: how
much more JavaScript's heap holds at the end of the hour, by least squares.
"""
import os
import pathlib

from browser import browse, over_tls
from figures import Figure
from fixture import NO_LIMITS
from mover import Operator
from service import Service

MAILBOXES = int(os.environ.get("PAGES_MAILBOXES", "10000"))
SECONDS = int(os.environ.get("PAGES_SECONDS", "3600"))
SCRIPT = pathlib.Path(__file__).with_suffix("")
WEIGHT_KB, START_MS, FRAME_MS, GROWTH_MIB = 100, 1000, 33.4, 1
LONGEST_SECONDS = 900


def made(service):
    """One migration of so many mailboxes, of which nothing moves."""
    operator = Operator(service)
    side = {"url": "https://mail.old.example/owa", "user": "admin",
            "password": "planted-Secret1"}
    operator.ask(201, "POST", "/migrations", {
        "name": "many", "source": side, "destination": side,
        "import": "Source Email,Destination Email\n" + "".join(
            f"u{n:05d}@old.example,u{n:05d}@new.example\n"
            for n in range(MAILBOXES))})
    return operator


def measure(rounds):
    found = {"start": [], "table": [], "hour": []}
    with over_tls(Service, env=NO_LIMITS) as service:
        cookies = {"operator": made(service).cookie}
        for _ in range(rounds):
            for case, values in found.items():
                values.append(browse(
                    service, SCRIPT, case, cookies, seconds=LONGEST_SECONDS,
                    rows=MAILBOXES, hour=SECONDS))

    def figure(case, name, what, unit, goal=None):
        return Figure(what, [one[name] for one in found[case]], unit, goal=goal)

    return [
        figure("start", "kb", "first page, compressed", "kB", WEIGHT_KB),
        figure("start", "ms", "first page, from a cold start", "ms", START_MS),
        figure("table", "ready", f"{MAILBOXES:,} rows, until all are there",
               "ms"),
        figure("table", "p50", "scrolling, a frame, p50", "ms"),
        figure("table", "p99", "scrolling, a frame, p99", "ms", FRAME_MS),
        figure("table", "late", "scrolling, frames that took two or more",
               "%"),
        figure("table", "nodes", "most elements of the table at a time", ""),
        figure("hour", "mib", "an hour of events, growth of the heap", "MiB",
               GROWTH_MIB),
        figure("hour", "held", "held by the heap at its end", "MiB"),
    ]
