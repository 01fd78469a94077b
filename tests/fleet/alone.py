#!/usr/bin/env python3
"""One service with its embedded database: killed in the middle and started
again, paused, cancelled, told other options; and no password anywhere."""
import contextlib
import pathlib
import signal
import sqlite3
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from fleet import Fleet  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import Stream  # noqa: E402

OPTIONS = '{"doubt-wait":1,"verify":"full","lanes":1}'
# So far that a mailbox takes long, however busy this machine is meanwhile.
FAR = ("--latency", "120")


def serve(fleet, name, *more):
    return fleet.start(name, "--listen", "127.0.0.1:0", *more,
                       command="serve")


def metrics(fleet, name):
    fleet.wait("ready", lambda: "ready: " in fleet.text(name))
    line = [line for line in fleet.text(name).splitlines()
            if "ready: " in line][-1]
    url = f"http://127.0.0.1:{line.rsplit(' ', 1)[1]}/metrics"
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def copying(fleet, number):
    return any(state == "copying"
               for state, _ in fleet.mailboxes(number).values())


@case
def killed_in_the_middle_and_started_again():
    with Pair(mailboxes=4, items=16, options=FAR) as pair, \
            Fleet(pair) as fleet:
        number = fleet.add(OPTIONS)
        fleet.migration("start", number)
        serve(fleet, "first", "--at-once", 4)
        fleet.wait("copying", lambda: copying(fleet, number))
        fleet.kill("first")
        check(any(job == "running" for _, job in
                  fleet.mailboxes(number).values()), "nothing was under way")
        serve(fleet, "second", "--at-once", 4)
        fleet.wait_done(number)
        pair.assert_moved()
        for state in fleet.mailboxes(number).values():
            equal(state, ("verified", "done"), "state")
        text = metrics(fleet, "second")
        contains(text, 'mailferry_jobs{state="done"} 4', "metrics")
        contains(text, "mailferry_worker_late_writes_refused_total", "metrics")
        fleet.stop("second")


@case
def paused_and_resumed():
    with Pair(mailboxes=2, items=16, options=FAR) as pair, \
            Fleet(pair) as fleet:
        number = fleet.add(OPTIONS)
        fleet.migration("start", number)
        fleet.start("worker", "--at-once", 1)
        fleet.wait("copying", lambda: copying(fleet, number))
        fleet.migration("pause", number)
        fleet.wait("paused", lambda: all(
            job in ("paused", "done") for _, job in
            fleet.mailboxes(number).values()))
        check(any(job == "paused" for _, job in
                  fleet.mailboxes(number).values()), "nothing was paused")
        fleet.migration("resume", number)
        fleet.wait_done(number)
        pair.assert_moved()


@case
def cancelled_and_removed():
    with Pair(mailboxes=2, items=10) as pair, Fleet(pair) as fleet:
        number = fleet.add()
        fleet.migration("start", number)
        equal(fleet.migration("cancel", number), "2 jobs\n", "cancel")
        fleet.start("worker")
        time.sleep(1)
        equal(pair.digest("destination"), [], "destination")
        fleet.migration("remove", number)
        equal(fleet.command("migration", "list").out, "", "migrations")


@case
def the_services_own_worker_is_drained_and_goes_on():
    with Pair(mailboxes=2, items=8, options=FAR) as pair, \
            Fleet(pair) as fleet, fleet.served("--at-once", 1) as service:
        fleet.own_worker_is_drained_and_goes_on(service, fleet.add(OPTIONS))
        pair.assert_moved()


@case
def new_options_reach_what_runs():
    """Items that the first options left out come with the second."""
    with Pair(mailboxes=1, items=24, options=FAR) as pair, \
            Fleet(pair) as fleet:
        number = fleet.add('{"doubt-wait":1,"not-folder":["Inbox"],"lanes":1}')
        fleet.migration("start", number)
        fleet.start("worker")
        fleet.wait("copying", lambda: copying(fleet, number))
        fleet.migration("change", number, "--options", '{"doubt-wait":1}')
        check("done" not in str(fleet.mailboxes(number)), "it was too late")
        fleet.wait_done(number)
        pair.assert_moved()


@case
def a_mailbox_that_kills_its_workers_is_parked():
    with Pair(mailboxes=2, items=5) as pair, Fleet(pair) as fleet:
        number = fleet.add()
        fleet.migration("start", number)
        with contextlib.closing(sqlite3.connect(
                fleet.data / "mailferry.db")) as database:
            database.execute("UPDATE jobs SET losses = 5 WHERE id = 1")
            database.commit()
        fleet.start("worker")
        fleet.wait("both ended", lambda: sorted(
            fleet.mailboxes(number).values()) ==
            [("failed", "failed"), ("verified", "done")])
        contains(fleet.text("worker"),
                 "5 workers in a row died or fell silent", "log")
        equal(fleet.migration("retry", number), "1 job\n", "retry")
        fleet.wait_done(number)
        pair.assert_moved()


@case
def a_refused_password_is_not_tried_again():
    with Pair(mailboxes=3, items=5) as pair, Fleet(pair) as fleet:
        wrong = fleet.dir / "wrong"
        wrong.write_text("not-the-password\n")
        wrong.chmod(0o600)
        done = fleet.command(
            "migration", "add", pair.admin_csv, "--source",
            pair.env["SOURCE_URL"], "--destination",
            pair.env["DESTINATION_URL"], "--source-admin",
            pair.env["SOURCE_ADMIN"], "--source-password-file", wrong,
            "--destination-admin", pair.env["DESTINATION_ADMIN"],
            "--destination-password-file",
            pair.env["DESTINATION_PASSWORD_FILE"])
        number = done.out.split()[1]
        fleet.migration("start", number)
        fleet.start("worker", "--at-once", 1)
        fleet.wait("all failed", lambda: all(
            job == "failed" for _, job in fleet.mailboxes(number).values()))
        contains(fleet.text("worker"), "is not tried again", "log")
        fleet.migration(
            "change", number, "--source-admin", pair.env["SOURCE_ADMIN"],
            "--source-password-file", pair.env["SOURCE_PASSWORD_FILE"])
        fleet.migration("retry", number)
        fleet.wait_done(number)
        pair.assert_moved()


@case
def private_networks_are_out_of_reach():
    with Pair(mailboxes=1, items=5) as pair, \
            Fleet(pair, ENGINE_PRIVATE_NETWORKS="10.0.0.0/8") as fleet:
        number = fleet.add()
        fleet.migration("start", number)
        fleet.start("worker")
        fleet.wait("failed", lambda: all(
            job == "failed" for _, job in fleet.mailboxes(number).values()))
        contains(fleet.text("worker"), "engine.private-networks", "log")
        equal(pair.counters("source")["bytes.in"], 0, "bytes that came in")


@case
def a_new_key_for_what_the_old_one_sealed():
    with Pair(mailboxes=1, items=5) as pair, Fleet(pair) as fleet:
        number = fleet.add()
        old = fleet.command("key", "show-id").out.split()[0]
        fleet.command("key", "rotate")
        contains(fleet.command("key", "reseal").out, "2 secrets")
        contains(fleet.command("key", "retire").out, f"{old} is gone")
        check(old not in fleet.command("key", "show-id").out, "it is there")
        fleet.migration("start", number)
        fleet.start("worker")
        fleet.wait_done(number)
        pair.assert_moved()


def passwords(path):
    """The third and sixth column, which are what is to be found nowhere."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    split = [line.split(",") for line in lines]
    columns = [i for i, name in enumerate(split[0]) if "Password" in name]
    return {row[i] for row in split[1:] for i in columns if row[i]}


def sealed(fleet):
    """How many secrets the database has."""
    with contextlib.closing(sqlite3.connect(
            fleet.data / "mailferry.db")) as db:
        return db.execute("SELECT count(*) FROM secrets").fetchone()[0]


@case
def what_is_purged_is_gone():
    """Of one migration; the other one's stays, and works."""
    with Pair(mailboxes=1, items=5) as pair, Fleet(pair) as fleet:
        purged, other = fleet.add(), fleet.add()
        equal(sealed(fleet), 4, "secrets at first")
        fleet.migration("purge", purged)
        equal(sealed(fleet), 2, "secrets that stay")
        for number in (purged, other):
            fleet.migration("start", number)
        fleet.start("worker")
        fleet.wait_done(other)
        fleet.wait("the other one's end", lambda: all(
            job == "failed" for _, job in fleet.mailboxes(purged).values()))
        contains(fleet.text("worker"), "password")
        pair.assert_moved()
        fleet.command("audit", "verify")


def by_hand_as_well(pair, fleet):
    """What a run at the command line leaves: its files lie in the folder
    that is searched."""
    state, reports = fleet.dir / "state", fleet.dir / "reports"
    ran = pair.migrate("--state", state, "--trace", fleet.dir / "trace",
                       "--json", "--settings", "all",
                       file=pair.passwords_csv)
    told = fleet.command("report", pair.passwords_csv, "--state", state,
                         "--out", reports)
    check(len(list(reports.iterdir())) > 1, "no reports")
    return {"output": (ran.out + ran.err + told.out).encode()}


@case
def passwords_are_found_nowhere():
    with Pair(mailboxes=2, items=5) as pair, \
            Fleet(pair, LOG_LEVEL="debug") as fleet:
        secrets = passwords(pair.passwords_csv)
        check(secrets, "no passwords: the test would prove nothing")
        number = fleet.add('{"settings":["all"]}')
        reports = by_hand_as_well(pair, fleet)
        service = fleet.served()
        events = Stream(service, service.cookie())
        fleet.migration("start", number)
        fleet.wait("ended", lambda: all(
            job in ("done", "failed") for _, job in
            fleet.mailboxes(number).values()))
        heard = events.until('"state":"done"')
        check(heard, "no events")
        texts = {"metrics": metrics(fleet, "service").encode(),
                 "events": "\n".join(heard).encode(), **reports,
                 "list": fleet.migration("mailboxes", number).encode(),
                 "trail": fleet.command("audit", "verify").out.encode(),
                 "arguments": pathlib.Path(
                     f"/proc/{service.process.pid}/cmdline").read_bytes()}
        events.close()
        equal(service.stop(), 0, "service")
        for path in fleet.dir.rglob("*"):
            if path.is_file():
                texts[str(path)] = path.read_bytes()
        check(any("mailferry.db" in name for name in texts), "no database")
        for name, text in texts.items():
            for secret in secrets:
                check(secret.encode() not in text, f"{secret} is in {name}")


if __name__ == "__main__":
    main()
