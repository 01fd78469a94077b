#!/usr/bin/env python3
"""Many workers on PostgreSQL: one is killed, one is frozen for longer than its
lease and goes on, the database goes down and comes back; in the end everything
is there, once."""
import contextlib
import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from disk import sql  # noqa: E402
from fleet import WAIT_SECONDS, Fleet, Listed  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import Stream, database_of_its_own  # noqa: E402

POSTGRES = pathlib.Path(__file__).resolve().parents[1] / "lib/postgres.py"
# Workers that die leave requests behind them: no longer than a lease.
OPTIONS = '{"doubt-wait":1,"verify":"new"}'


# So far that a mailbox takes long, however busy this machine is meanwhile.
FAR = ("--latency", "120")


def restart():
    done = subprocess.run([sys.executable, POSTGRES, "--restart", "immediate"],
                          check=False)
    equal(done.returncode, 0, "restart of the database")


def running(fleet, name):
    """Mailboxes that this worker has under way, by its log."""
    begun = re.findall(r"mailbox (\d+): job \d+ \(\w+\) is running",
                       fleet.text(name))
    ended = re.findall(r"mailbox (\d+): job \d+ \(\w+\) is (?:done|failed|qu)",
                       fleet.text(name))
    return len(begun) - len(ended)


def lost(fleet, name):
    return fleet.text(name).count("is another worker's by now")


@case
def four_workers_and_all_that_may_happen():
    where = os.environ["MAILFERRY_TEST_POSTGRES"]
    n = size(40, 12)
    with Pair(mailboxes=n, items=10, options=("--latency", "40")) as pair, \
            Fleet(pair, where) as fleet:
        number = fleet.add(OPTIONS)
        equal(fleet.migration("start", number), f"{n} queued\n", "start")
        for name in ("frozen", "killed", "third", "fourth"):
            fleet.start(name, "--at-once", 2)
        fleet.wait("both at work", lambda: running(fleet, "frozen") > 0 and
                   running(fleet, "killed") > 0)
        fleet.signal("frozen", signal.SIGSTOP)
        fleet.kill("killed")
        restart()
        fleet.start("fifth", "--at-once", 2)
        # what the frozen one had is another's, and is done
        fleet.wait_done(number)
        fleet.signal("frozen", signal.SIGCONT)
        fleet.wait("the frozen one hears of it", lambda: lost(
            fleet, "frozen") >= running(fleet, "frozen"))
        pair.assert_moved()
        fleet.migration("start", number, "--pass", "delta")
        fleet.wait_done(number)
        pair.assert_moved()
        for name in list(fleet.workers):
            fleet.stop(name)


@case
def what_a_frozen_worker_still_writes_is_refused():
    """It stands still with mailboxes in hand; others take them over."""
    where = os.environ["MAILFERRY_TEST_POSTGRES"]
    with Pair(mailboxes=2, items=20, options=FAR) as pair, \
            Fleet(pair, where) as fleet:
        number = fleet.add('{"doubt-wait":1,"lanes":1}')
        fleet.migration("start", number)
        fleet.start("frozen", "--at-once", 2)
        fleet.wait("both are being copied", lambda: all(
            state == "copying" for state, _ in
            fleet.mailboxes(number).values()))
        fleet.signal("frozen", signal.SIGSTOP)
        fleet.start("other", "--at-once", 2)
        fleet.wait_done(number)
        pair.assert_moved()
        fleet.signal("frozen", signal.SIGCONT)
        fleet.wait("the frozen one hears of it",
                   lambda: lost(fleet, "frozen") == 2)
        fleet.wait("late writes refused", lambda: re.search(
            r"late writes refused: [1-9]", fleet.text("frozen")))
        pair.assert_moved()
        for state in fleet.mailboxes(number).values():
            equal(state, ("verified", "done"), "state")


def heard(stream):
    """Events as they come: kind and data."""
    kind = ""
    while True:
        line = stream.until(": ")[-1]
        name, text = line.split(": ", 1)
        if name == "event":
            kind = text
        elif name == "data":
            yield kind, json.loads(text)


def follow(stream, number, what):
    """Until both jobs of that pass are done, and all that they copied has been
    told; each mailbox's numbers."""
    done, copied = set(), {}
    for kind, data in heard(stream):
        if kind == "job" and (data["pass"], data["state"]) == (what, "done"):
            equal(data["migration"], number, "migration")
            done.add(data["mailbox"])
        elif kind == "progress":
            copied.setdefault(data["mailbox"], []).append(
                (data["copied"], data["bytes"]))
        yield len(done), copied


@case
def events_come_from_workers_elsewhere():
    """The service moves nothing itself; then it loses sight of the others,
    and says so."""
    where = os.environ["MAILFERRY_TEST_POSTGRES"]
    with Pair(mailboxes=2, items=20) as pair, Fleet(pair, where) as fleet, \
            fleet.served("--at-once", 0) as service:
        number = int(fleet.add(OPTIONS))
        stream = Stream(service, service.cookie())
        fleet.migration("start", number)
        fleet.start("worker")
        for done, copied in follow(stream, number, "full"):
            told = sum(numbers[-1][0] for numbers in copied.values())
            if done == 2 and told >= len(pair.digest("destination")):
                break
        equal(told, len(pair.digest("destination")), "items told")
        for numbers in copied.values():
            equal(numbers, sorted(numbers), "numbers only grow")
        restart()
        stream.until("event: reset")
        fleet.migration("start", number, "--pass", "delta")
        for done, _ in follow(stream, number, "delta"):
            if done == 2:
                break
        stream.close()


@case
def a_drained_worker_gives_back():
    where = os.environ["MAILFERRY_TEST_POSTGRES"]
    with Pair(mailboxes=3, items=20, options=FAR) as pair, \
            Fleet(pair, where) as fleet:
        number = fleet.add('{"doubt-wait":1,"lanes":1}')
        fleet.migration("start", number)
        fleet.start("first", "--at-once", 3)
        fleet.wait("copying", lambda: any(
            state == "copying" for state, _ in
            fleet.mailboxes(number).values()))
        fleet.stop("first")
        states = [job for _, job in fleet.mailboxes(number).values()]
        check("running" not in states, f"left behind: {states}")
        check("queued" in states, "all was done: the test proves nothing")
        fleet.start("second", "--at-once", 3)
        fleet.wait_done(number)
        pair.assert_moved()


def texts_of(fleet, where):
    """All that a fleet and its server have written, one by one: logs, the
    server's files with what it has still to write, and a dump."""
    sql(where, "CHECKPOINT")
    dump = run(pathlib.Path(os.environ["PG_TEST_BIN"]) / "pg_dump", where)
    equal(dump.status, 0, dump.err)
    contains(dump.out, "COPY public.secrets", "the dump")
    yield "dump", dump.out.encode()
    for folder in (fleet.dir, pathlib.Path(os.environ["PG_TEST_DATA"])):
        for path in folder.rglob("*"):
            # the server removes some of its own meanwhile
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    yield str(path), path.read_bytes()


@case
def passwords_are_found_nowhere_in_a_shared_database():
    where = database_of_its_own()["MAILFERRY_STORE_DATABASE"]
    with Pair(mailboxes=2, items=5) as pair, \
            Fleet(pair, where, LOG_LEVEL="debug") as fleet:
        with open(pair.passwords_csv, encoding="utf-8-sig") as file:
            secrets = {row[name] for row in csv.DictReader(file)
                       for name in row if "Password" in name and row[name]}
        check(secrets, "no passwords: the test would prove nothing")
        number = fleet.add(OPTIONS)
        fleet.migration("start", number)
        fleet.start("worker")
        fleet.wait_done(number)
        fleet.stop("worker")
        address = next(iter(fleet.mailboxes(number))).encode()
        forms = [form for one in secrets
                 for form in (one.encode(), one.encode().hex().encode())]
        told = set()
        for name, text in texts_of(fleet, where):
            for form in forms:
                check(form not in text, f"{form} is in {name}")
            if address in text:
                told.add("log ahead" if "pg_wal" in name else
                         "table" if "/base/" in name else name)
        check({"dump", "log ahead", "table"} <= told,
              f"what is not secret is not found everywhere either: {told}")


@case
def the_services_own_worker_is_drained_and_goes_on():
    where = database_of_its_own()["MAILFERRY_STORE_DATABASE"]
    with Pair(mailboxes=2, items=8, options=FAR) as pair, \
            Fleet(pair, where) as fleet, \
            fleet.served("--at-once", 1) as service:
        fleet.own_worker_is_drained_and_goes_on(service, fleet.add(OPTIONS))
        pair.assert_moved()


@case
def a_worker_that_is_drained_over_the_api_ends():
    """But not if it is let go on while its last mailbox is under way."""
    where = database_of_its_own()["MAILFERRY_STORE_DATABASE"]
    with Pair(mailboxes=2, items=8, options=FAR) as pair, \
            Fleet(pair, where) as fleet, \
            fleet.served("--at-once", 0) as service:
        number = fleet.add('{"doubt-wait":1,"lanes":1}')
        fleet.migration("start", number)
        process = fleet.start("worker", "--at-once", 1)
        worker = Listed(service)
        fleet.wait("one is begun", lambda: running(fleet, "worker") == 1)
        worker.drain(True)
        fleet.wait("it knows", lambda: "draining" in fleet.text("worker"))
        worker.drain(False)
        fleet.wait_done(number)
        pair.assert_moved()
        worker.drain(True)
        equal(process.wait(timeout=WAIT_SECONDS), 0, fleet.text("worker"))
        equal(worker.all(), [], "workers")


if __name__ == "__main__":
    if "MAILFERRY_TEST_POSTGRES" not in os.environ:
        os.execv(sys.executable, [sys.executable, str(POSTGRES),
                                  sys.executable, *sys.argv])
    main()
