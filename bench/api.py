"""What those see who look on: a migration of 10,000 mailboxes, page by page
and by filters, as many times over a kept connection as make a percentile, and
1,000 listeners to the events, of which four a second come, each of a subject of
its own. *Lag* is from the beginning of the request that causes an event to its
line at a listener; the service lets events out 20 times a second. *CPU* and
memory are the service's own. SQLite; the service moves nothing meanwhile. The
floor of a page is `/healthz` over the same connection, that of the lag one
listener alone.
"""
import csv
import io
import json
import os
import pathlib
import re
import time
import urllib.parse

from crowd import Crowd
from figures import Figure
from fixture import NO_LIMITS, spent_by
from service import OPERATOR, Service

MAILBOXES = int(os.environ.get("API_MAILBOXES", "10000"))
LISTENERS = int(os.environ.get("API_LISTENERS", "1000"))
PAGES = 1000  # requests of a kind in a round: ten are beyond the 99th percentile
EVENTS, APART_S = 60, 0.25
PAGE_MS, LAG_MS = 20, 1000
COLUMNS = ["Source Email", "Source UserName", "Source Password",
           "Destination Email", "Destination UserName", "Destination Password",
           "Flags"]


def import_text():
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    table.writerows([f"user{n}@old.example", f"OLD\\user{n}", f"secret-{n}",
                     f"user{n}@new.example", f"user{n}@new.example",
                     f"secret-{n}", 0] for n in range(MAILBOXES))
    return out.getvalue()


def percentile(values, of_hundred):
    return sorted(values)[(len(values) - 1) * of_hundred // 100]


class Asking:
    """A signed-in person's kept connection."""

    def __init__(self, service):
        self.cookie = service.cookie(OPERATOR)
        self.connection = service.connection()

    def __call__(self, method, path, body=None):
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin",
                   "Content-Type": "application/json"}
        self.connection.request(method, path,
                                json.dumps(body) if body else None, headers)
        got = self.connection.getresponse()
        text = got.read()
        if got.status >= 300:
            raise SystemExit(f"{method} {path}: {got.status} {text.decode()}")
        return json.loads(text) if text.startswith(b"{") else None

    def timed(self, path):
        """Milliseconds, and the answer."""
        began = time.monotonic()
        answer = self("GET", path)
        return (time.monotonic() - began) * 1000, answer


def fill(ask):
    """A migration with so many mailboxes, all queued."""
    made = ask("POST", "/api/v1/migrations", {
        "name": "many", "import": import_text(),
        "source": {"url": "https://mail.old.example/owa"},
        "destination": {"url": "https://mail.new.example/owa"}})
    where = f"/api/v1/migrations/{made['id']}"
    ask("POST", f"{where}/actions", {"action": "start", "pass": "full"})
    return where


def pages(ask, path):
    """Through the whole list again and again."""
    spent, after = [], None
    while len(spent) < PAGES:
        at = path + (f"&after={urllib.parse.quote(after)}" if after else "")
        ms, page = ask.timed(at)
        spent.append(ms)
        after = page["next"]
    return percentile(spent, 99)


def page_figures(ask, where, rounds):
    floor = Figure("/healthz, p99", [
        percentile([ask.timed("/healthz")[0] for _ in range(PAGES)], 99)
        for _ in range(rounds)], "ms")
    kinds = {"100 mailboxes": "limit=100", "500 mailboxes": "limit=500",
             "100 that are queued": "limit=100&job=queued",
             "100 by part of an address": "limit=100&text=user77"}
    return [floor, *(Figure(f"a page of {name}, p99",
                            [pages(ask, f"{where}/mailboxes?{query}")
                             for _ in range(rounds)], "ms", goal=PAGE_MS)
                     for name, query in kinds.items())]


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)) / 1024


def cause(ask, name):
    ask("POST", "/api/v1/accounts", {"partner": name, "name": name})


def lags(ask, crowd, tag):
    """Milliseconds, of each event at each listener."""
    caused = {}
    for listener in crowd.all:
        listener.heard.clear()
    for n in range(EVENTS):
        name, until = f"{tag}-{n}", time.monotonic() + APART_S
        caused[name] = time.monotonic()
        cause(ask, name)
        while time.monotonic() < until:
            crowd.look(max(until - time.monotonic(), 0))
    crowd.until(lambda l: len(l.heard) >= EVENTS, "events")
    return [(at - caused[json.loads(text)["subject"]]) * 1000
            for listener in crowd.all for text, at in listener.heard]


def listen(service, ask, n, rounds):
    """Figures of n listeners."""
    pid, spent, lag, memory = service.process.pid, [], [], []
    idle = resident_mib(pid)
    with Crowd(service, ask.cookie) as crowd:
        crowd.grow(n)
        for tag in range(rounds):
            began, before = time.monotonic(), spent_by(pid)
            lag.append(percentile(lags(ask, crowd, f"of-{n}-{tag}"), 99))
            spent.append(100 * (spent_by(pid) - before) /
                         (time.monotonic() - began))
            memory.append(resident_mib(pid) - idle)
    who = f"{n:,} listener" + "s" * (n > 1)
    return [Figure(f"{who}, lag p99", lag, "ms", goal=LAG_MS),
            Figure(f"{who}, CPU", spent, "% of a processor"),
            Figure(f"{who}, memory", memory, "MiB")]


def measure(rounds):
    with Service("--at-once", "0", "--event-listeners", LISTENERS + 1,
                 env=NO_LIMITS) as service:
        ask = Asking(service)
        where = fill(ask)
        found = page_figures(ask, where, rounds)
        for listeners in 1, LISTENERS:
            found += listen(service, ask, listeners, rounds)
    return found
