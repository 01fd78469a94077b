#!/usr/bin/env python3
"""The lines in which a user reads when it will be done, word by word: of what
the lab holds, by a record that the test makes up or by none, reckoned apart
from the program (tests/lib/foretell.py)."""
import math
import pathlib
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import foretell  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import OPERATOR, serving, until  # noqa: E402
from terminal import Terminal  # noqa: E402

ON_RECORD = 24
# Long enough for a test that went wrong, on a busy machine.
WAIT_S = 150
# What a mailbox is held by: nothing of it is exported for an hour.
HELD = "busy:op=ExportItems,ms=3600000"


def has_one(text, wanted):
    """A whole line, or several that are one."""
    check(any(f"\n{line}\n" in f"\n{text}" for line in wanted),
          "none of\n" + "\n".join(sorted(wanted)) + f"\nin\n{text}")


def expected(ends, basis):
    """What "check" prints."""
    return {foretell.laid_out(f"{said}, 1 mailbox at once ({basis})",
                              "  expected time ", " " * 16)
            for said in foretell.all_said(*ends)}


# ---- check -----------------------------------------------------------------

@case
def check_by_mailboxes_on_record():
    with Pair(2, 60) as pair:
        equal(pair.mailferry("check").status, 0, "the state file")
        foretell.record(pair, ON_RECORD, 3)
        ends = foretell.foretold(
            [foretell.by_default(m.items, m.bytes, 3)
             for m in foretell.held(pair)], *foretell.spread_of(ON_RECORD))
        has_one(pair.mailferry("check", "--mailboxes", "1").out,
                expected(ends, f"{ON_RECORD} mailboxes of this provider"))


def by_round_trips(boxes, trip_s):
    """At best and at worst, as the table of the guide has it; one mailbox
    after the other."""
    best = worst = 0
    for m in boxes:
        best += max((4 * m.folders + m.items // 50) / 8 * trip_s,
                    m.bytes / 12.5e6)
        worst += (6 * m.folders + m.items / 4) * trip_s + m.bytes / 1.25e6
    return best, worst


def lines_by_round_trips(boxes, least_s):
    """Of any round trips from so long on: what else they take is the
    machine's affair, and the dice are known to a few percent."""
    works = [foretell.by_default(m.items, m.bytes) for m in boxes]
    median, _ = foretell.foretold(works, foretell.DEFAULT_MOVES,
                                  foretell.DIFFER)
    for trip_s in (least_s * 1.05 ** n for n in range(60)):
        best, worst = by_round_trips(boxes, trip_s)
        by = math.sqrt(best * worst) / median
        moves = math.log(worst / best) / 2 / foretell.NINE_IN_TEN
        p50, p90 = foretell.foretold(
            [w._replace(copying=w.copying * by, rest=w.rest * by)
             for w in works], moves, foretell.DIFFER, draws=4000)
        yield from expected((p50, p90), "no data yet: by this check's round "
                            "trips; a --trial measures copying")


@case
def check_by_its_round_trips():
    latency_s = 0.1
    with Pair(2, 60, options=("--latency", int(latency_s * 1000))) as pair:
        out = pair.mailferry("check", "--mailboxes", "1").out
        has_one(out, set(lines_by_round_trips(foretell.held(pair),
                                              2 * latency_s)))


# ---- through a service -----------------------------------------------------

@case
def check_through_a_service_by_the_default_rate():
    with Pair(2, 60) as pair, serving(pair, "--at-once", 1) as service:
        token = service.dir / "token"
        token.write_text(service.token(
            ["migrations:read", "migrations:write"],
            service.cookie(OPERATOR)) + "\n")
        token.chmod(0o600)
        done = run(MAILFERRY, "check", pair.passwords_csv, "--source",
                   pair.env["SOURCE_URL"], "--destination",
                   pair.env["DESTINATION_URL"], "--server",
                   f"http://127.0.0.1:{service.port}", "--token-file", token)
        equal(done.status, 0, f"{done.out}{done.err}")
        ends = foretell.foretold(
            [foretell.by_default(m.items, m.bytes)
             for m in foretell.held(pair)],
            foretell.DEFAULT_MOVES, foretell.DIFFER)
        has_one(done.out, expected(ends, "no data yet: default rate"))


# ---- live ------------------------------------------------------------------

def migrating(pair, *more):
    return Terminal(MAILFERRY, "migrate", pair.admin_csv, *pair.options(),
                    "--mailboxes", "1", *more)


def painted(line):
    """Each line of the picture is wiped before it is written."""
    return "".join(f"\x1b[2K{part}\r\n" for part in line.split("\n"))


def painted_lines(ends, basis):
    return [painted(foretell.laid_out(f"forecast: {said} ({basis})", "  ",
                                      "    "))
            for said in foretell.all_said(*ends)]


def stopped(terminal):
    terminal.interrupt()
    equal(terminal.end(), 130, f"exit status: {terminal.shown[-2000:]}")


@case
def live_by_the_default_rate():
    """The first one is held, the second not looked at."""
    with Pair(2, 400) as pair:
        pair.faults("source", HELD)
        first, _ = foretell.held(pair)
        ends = foretell.foretold(
            [foretell.by_default(first.items, first.bytes, running=True),
             foretell.by_default(first.items, first.bytes)],
            foretell.DEFAULT_MOVES, foretell.DIFFER)
        terminal = migrating(pair)
        terminal.expect(*painted_lines(
            ends, "no data yet: default rate; 1 mailbox not looked at yet, "
            "taken for average"), seconds=WAIT_S)
        stopped(terminal)


def on_record(pair):
    """The latest forecast of the whole, as the state file has it."""
    with contextlib.closing(sqlite3.connect(
            f"file:{pair.admin_csv}.mailferry?mode=ro", uri=True)) as state:
        return state.execute(
            "SELECT at_us, p50_us, p90_us, basis FROM forecasts"
            " WHERE mailbox = 0 AND tenth = 10 AND ended_us = 0").fetchone()


class Stood:
    """A forecast on record, and what is to be said of it."""

    def __init__(self, row):
        self.at, self.p50, self.p90, self.basis = row

    @staticmethod
    def when(us):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // 10 ** 6))

    def said(self, now):
        return foretell.said(self.p50 / 1e6 - now, self.p90 / 1e6 - now)

    def status(self, now):
        return foretell.laid_out(f"forecast: {self.said(now)} ({self.basis}), "
                                 f"of {self.when(self.at)}", "", "  ")

    def report(self, now):
        return (f"<p>Forecast of {self.when(self.at)}: {self.said(now)} "
                f"({self.basis}); that is {self.when(self.p50)}, and "
                f"{self.when(self.p90)}.</p>")


def as_it_stood(pair, look, line):
    """look() has a line of the forecast that stood, as of some moment in which
    it looked; asked again where another one has been given meanwhile."""
    while True:
        until("it is on record", lambda: on_record(pair), WAIT_S)
        row, began = on_record(pair), time.time()
        shown = look()
        if on_record(pair) == row:
            break
    wanted = {line(Stood(row), began + s / 10)
              for s in range(int((time.time() - began) * 10) + 2)}
    has_one(shown, wanted)


def report_of(pair):
    out = pair.dir / "reports"
    equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
          "report")
    return (out / "report.html").read_text()


def first_watched(pair):
    """What "status --watch" shows first."""
    with subprocess.Popen([MAILFERRY, "status", pair.admin_csv, "--watch"],
                          stdout=subprocess.PIPE, text=True) as process:
        shown = ""
        for line in process.stdout:
            shown += line
            if line.startswith("user2@"):
                break
        process.terminate()
        process.communicate(timeout=RUN_SECONDS)
    return shown


@case
def live_in_mid_run_and_whoever_looks_on():
    """The first has gone by and is one more of this provider; the second has
    all of it before it."""
    with Pair(2, 60) as pair:
        equal(pair.mailferry("check").status, 0, "the state file")
        foretell.record(pair, ON_RECORD, 9)
        _, second = foretell.held(pair)
        pair.faults("source", f"{HELD},mailbox={second.address}")
        ends = foretell.foretold(
            [foretell.by_default(second.items, second.bytes, 9,
                                 running=True)],
            *foretell.spread_of(ON_RECORD + 1))
        terminal = migrating(pair)
        terminal.expect(*painted_lines(
            ends, f"{ON_RECORD + 1} mailboxes of this provider"),
                        seconds=WAIT_S)
        as_it_stood(pair, lambda: run(MAILFERRY, "status",
                                      pair.admin_csv).out, Stood.status)
        as_it_stood(pair, lambda: first_watched(pair), Stood.status)
        as_it_stood(pair, lambda: report_of(pair), Stood.report)
        stopped(terminal)
        # nobody will know: nothing more is said of it
        for shown in (run(MAILFERRY, "status", pair.admin_csv).out,
                      report_of(pair)):
            check("orecast" not in shown, f"still told:\n{shown}")


if __name__ == "__main__":
    main()
