#!/usr/bin/env python3
"""Servers and networks fail in the middle of a migration: everything arrives,
once."""
import pathlib
import json
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = size(80, 40)


def doubles(pair):
    """What the sweep found, by the report."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    report = json.loads((out / "verification.json").read_text())
    return sum(m["doubles_removed"] for m in report["mailboxes"])


def moved_in_spite_of(*rules, side="destination", fired=True):
    """One run under these faults; all is there and nothing twice."""
    with Pair(1, ITEMS) as pair:
        pair.faults(side, *rules)
        done = pair.migrate("--json")
        equal(done.status, 0, f"{rules}: {done.out[-3000:]}{done.err}")
        if fired:
            hits = sum(n for name, n in pair.counters(side).items()
                       if name.startswith("fault."))
            check(hits > 0, f"{rules} never fired: the test proves nothing")
        pair.faults(side)
        pair.assert_moved()
        equal(doubles(pair), 0, "doubles")
        again = pair.migrate("--json")
        equal((again.status, copied(again)), (0, 0), "run again")
        pair.assert_moved()


@case
def answer_lost_after_every_third_upload():
    moved_in_spite_of("drop-after:op=UploadItems,every=3")


@case
def connection_lost_before_every_third_upload():
    # An end to it: one item that never gets through is a failed one.
    moved_in_spite_of("drop-before:op=UploadItems,every=3,times=8")


@case
def kept_connection_closed_after_the_effect():
    moved_in_spite_of("close-kept:op=UploadItems,every=2")


@case
def answer_broken_off_in_the_middle():
    moved_in_spite_of("break:op=UploadItems,every=3,times=12")


@case
def upload_carried_out_after_the_client_gave_up():
    moved_in_spite_of("late:op=UploadItems,every=4,ms=300")


@case
def busy_answers_with_back_off():
    moved_in_spite_of("busy:op=UploadItems,every=3,ms=50,times=5",
                      "busy-inside:op=UploadItems,every=5,ms=50,times=4")


@case
def busy_source():
    moved_in_spite_of("busy:every=4,ms=50,times=5",
                      "busy-inside:op=ExportItems,every=3,ms=20,times=4",
                      side="source")


@case
def reads_lost():
    moved_in_spite_of("drop-after:op=ExportItems,every=3,times=8",
                      "drop-before:op=SyncFolderItems,every=3,times=8",
                      side="source")


@case
def export_truncated_for_a_time():
    moved_in_spite_of("truncated-data:every=7,times=5", side="source")


@case
def service_unavailable_for_a_time():
    moved_in_spite_of("http:op=UploadItems,every=4,status=503,times=8")


@case
def provoked_doubles_are_found_and_removed():
    with Pair(1, ITEMS) as pair:
        pair.faults("destination", "twice:op=UploadItems,every=3")
        done = pair.migrate("--json")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        check(pair.counters("destination")["fault.twice"] > 0, "never fired")
        pair.faults("destination")
        pair.assert_moved()
        check(doubles(pair) > 0, "the doubles are not in the report")


@case
def items_that_cannot_be_exported():
    """They travel as MIME and properties, and that is on record."""
    with Pair(1, ITEMS) as pair:
        pair.faults("source", "export:every=20,times=1000000,"
                    "code=ErrorItemCorrupt")
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        check(pair.counters("destination")["requests.CreateItem"] > 0,
              "nothing went the other way")


@case
def items_that_cannot_be_read_at_all():
    with Pair(1, ITEMS) as pair:
        pair.faults("source", "export:every=20,times=1000000,"
                    "code=ErrorItemCorrupt",
                    "inside:op=GetItem,code=ErrorItemCorrupt")
        done = pair.migrate("--json")
        equal(done.status, 1, f"exit status: {done.err}")
        lost = len(pair.digest("source")) - len(pair.digest("destination"))
        check(lost > 0, "nothing failed")
        out = pair.dir / "reports"
        run(MAILFERRY, "report", pair.admin_csv, "--out", out)
        failures = (out / "failures.csv").read_text()
        contains(failures, "ErrorItemCorrupt", "failures.csv")
        # The next run is another chance.
        pair.faults("source")
        done = pair.migrate("--json")
        equal((done.status, copied(done)), (0, lost), "after the mend")
        pair.assert_moved()


@case
def stale_sync_state():
    with Pair(1, ITEMS) as pair:
        equal(pair.migrate("--json").status, 0, "first run")
        pair.add(10)
        pair.faults("source", "expire-sync:every=1,times=3")
        done = pair.migrate("--json")
        equal((done.status, copied(done)), (0, 10), f"{done.err}")
        pair.assert_moved()


if __name__ == "__main__":
    main()
