#!/usr/bin/env python3
"""Quiet hours: in them nothing is begun with the source, whoever runs it is
told until when, Ctrl-C ends at once, and afterwards all arrives."""
import datetime
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = 40


def hours(begin, seconds):
    """From so many seconds from now, for so many; and when they end."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    first = now + datetime.timedelta(seconds=begin)
    last = first + datetime.timedelta(seconds=seconds)
    return f"{first:%H:%M:%S}-{last:%H:%M:%S} UTC", last.timestamp()


def start(pair, *more):
    return subprocess.Popen(
        [str(w) for w in (MAILFERRY, "migrate", pair.admin_csv,
                          *pair.options(), "--doubt-wait", "1", *more)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def quiet_events(out):
    return [e for line in out.splitlines() if line.startswith("{")
            for e in [json.loads(line)] if e.get("event") == "quiet"]


def stamp(text):
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


def wait_for_line(stream, word):
    for line in stream:
        if word in line:
            return line
    raise Failure(f"no line with {word!r}")


@case
def a_run_that_begins_in_them():
    """Not even the server is looked for before they are over."""
    with Pair(1, ITEMS) as pair:
        before = pair.counters("source")["requests"]
        text, end = hours(-3600, 3604)
        process = start(pair, "--json", "--quiet-hours", text)
        first = json.loads(process.stdout.readline())
        asked = pair.counters("source")["requests"]
        if time.time() < end:
            equal(asked, before, "requests in quiet hours")
        status = run(MAILFERRY, "status", pair.admin_csv)
        if time.time() < end:
            contains(status.out, "source: quiet hours until", "status")
        out, err = process.communicate(timeout=RUN_SECONDS)
        equal(process.returncode, 0, f"{out[-2000:]}{err}")
        equal((first["event"], first["side"], first["hours"]),
              ("quiet", "source", text), "the first event")
        equal(stamp(first["until"]), end, "until when")
        equal([e.get("until") for e in quiet_events(out)], [None], "over")
        check(stamp(quiet_events(out)[0]["time"]) >= end, "over too early")
        pair.assert_moved()
        # status says nothing of hours that do not hold
        status = run(MAILFERRY, "status", pair.admin_csv, "--json")
        equal(quiet_events(status.out), [], "status after them")


@case
def that_begin_in_mid_run():
    """What is in flight ends; then nothing until they are over; patience is
    shorter than they are, and is not lost."""
    with Pair(1, ITEMS) as pair:
        # long enough that the run cannot have ended before
        pair.faults("source", "slow-item:op=ExportItems,ms=300")
        text, end = hours(4, 6)
        process = start(pair, "--json", "--quiet-hours", text, "--patience",
                        "2", "--lanes", "2")
        told = json.loads(wait_for_line(process.stdout, '"quiet"'))
        equal(stamp(told["until"]), end, "until when")
        # what was in flight has its time to end
        while pair.counters("source")["in-flight.now"] > 0 and time.time() < end:
            time.sleep(0.05)
        asked = pair.counters("source")["requests"]
        time.sleep(1)
        again = pair.counters("source")["requests"]
        if time.time() < end:
            equal(again, asked, "requests in quiet hours")
        pair.faults("source")
        out, err = process.communicate(timeout=RUN_SECONDS)
        equal(process.returncode, 0, f"{out[-2000:]}{err}")
        over = [e for e in quiet_events(out) if e["until"] is None]
        equal(len(over), 1, "told once that they are over")
        check(stamp(over[0]["time"]) >= end - 1, "over too early")
        pair.assert_moved()


def interrupted(pair, begin, wait_for):
    text, _ = hours(begin, 7200)
    process = start(pair, "--quiet-hours", text, "--lanes", "2")
    said = wait_for_line(process.stderr, wait_for)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    equal(process.returncode, 130, f"exit status: {out}{err}")
    contains(said, "quiet hours until")
    contains(said, " UTC: nothing is begun there before")


@case
def ctrl_c_ends_at_once_before_it_has_begun():
    with Pair(1, ITEMS) as pair:
        interrupted(pair, -60, "quiet hours until")
        equal(pair.counters("source")["requests"], 0, "requests")


@case
def ctrl_c_ends_at_once_in_mid_run():
    with Pair(1, ITEMS) as pair:
        pair.faults("source", "slow-item:op=ExportItems,ms=300")
        interrupted(pair, 4, "quiet hours until")
        pair.faults("source")
        finished = pair.migrate()
        equal(finished.status, 0, finished.err)
        pair.assert_moved()


@case
def hours_that_are_none():
    with Pair(1, 1) as pair:
        for text in ("8-18", "Mon-Fri", "08:00-18:00 Nowhere/Land",
                     "00:00-24:00"):
            done = pair.migrate("--quiet-hours", text)
            equal(done.status, 64, text)
            contains(done.err, "--quiet-hours")
            contains(done.err, "Mon-Fri 22:00-06:00")
        equal(pair.counters("source")["requests"], 0, "requests")


if __name__ == "__main__":
    main()
