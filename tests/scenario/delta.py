#!/usr/bin/env python3
"""Changes at the source follow what was copied, each kind, and only those."""
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = size(300, 120)


def change(pair, **what):
    """What users and assistants do at the source: how many of each."""
    words = "&".join(f"{name}={n}" for name, n in what.items())
    lines = pair.control("source", f"/lab/change?{words}").splitlines()
    equal(len(lines), sum(what.values()), f"changes made: {lines}")


def counts_of(pair, operations):
    counters = {side: pair.counters(side)
                for side in ("source", "destination")}
    return {side: {op: counters[side][f"requests.{op}"] for op in operations}
            for side in counters}


def delta(pair, *more):
    done = pair.migrate("--json", *more)
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states")
    return done


@case
def what_folders_cost():
    """A request a folder at the source, and less than that at the
    destination: those that are new there hold nothing yet, siblings are made
    together, and a folder with as many items as it should have is not listed
    at the end.  And nearly nothing when there is nothing to do."""
    of_folders = ("SyncFolderItems", "SyncFolderHierarchy", "GetFolder",
                  "CreateFolder")
    with Pair(1, ITEMS) as pair:
        done = pair.migrate("--verify", "nothing")
        equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
        first = counts_of(pair, of_folders)
        folders = first["source"]["SyncFolderItems"]
        check(folders > 30, f"only {folders} folders")
        asked = sum(first["destination"].values())
        check(asked < folders,
              f"{asked} requests for {folders} folders: {first}")
        done = pair.migrate("--verify", "nothing")
        equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
        again = counts_of(pair, of_folders)
        equal(again["source"]["SyncFolderItems"], 2 * folders, "lists")
        for side, most in (("source", folders + 10), ("destination", 10)):
            more = sum(again[side].values()) - sum(first[side].values())
            check(more <= most, f"{more} requests of the {side} for nothing")


@case
def each_kind_of_change():
    with Pair(1, ITEMS) as pair:
        delta(pair)
        for what in ({"edit": 7}, {"read": 9}, {"move": 5}, {"touch": 20},
                     {"delete": 4}):
            change(pair, **what)
            delta(pair, "--propagate-deletes")
            pair.assert_moved()


@case
def all_at_once():
    with Pair(2, ITEMS) as pair:
        delta(pair)
        change(pair, edit=10, read=10, move=10, touch=30, delete=10)
        pair.add(20)
        delta(pair, "--propagate-deletes", "--verify", "full")
        pair.assert_moved()
        # And now there is nothing to do.
        before = counts_of(pair, ("ExportItems", "UploadItems", "MoveItem",
                                  "UpdateItem", "DeleteItem"))
        delta(pair, "--propagate-deletes")
        after = counts_of(pair, before["source"])
        equal(after, before, "requests of a run with nothing to do")


WRITES = ("CreateItem", "UploadItems", "MoveItem", "UpdateItem", "DeleteItem")


def failures(pair):
    """(class, state) of each row of failures.csv."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        return [(row["Class"], row["State"]) for row in csv.DictReader(file)]


def assistants_at_work(*options):
    """A tenth is touched between two runs, and more while the second one
    reads: no conflict, and nothing is copied or written again."""
    with Pair(1, ITEMS, options=options) as pair:
        delta(pair)
        before = counts_of(pair, WRITES)["destination"]
        change(pair, touch=ITEMS // 10)
        pair.faults("source", "touch:op=ExportItems|GetItem,every=2,n=2")
        done = delta(pair, "--propagate-deletes")
        equal(copied(done), 0, "items copied again")
        pair.faults("source")
        done = delta(pair, "--propagate-deletes")
        equal(copied(done), 0, "items copied again")
        equal(counts_of(pair, WRITES)["destination"], before, "writes")
        equal(len(pair.digest("destination")), ITEMS, "items")
        equal(failures(pair), [], "failures and conflicts")


@case
def assistants_touch_a_tenth():
    assistants_at_work()


@case
def assistants_touch_a_tenth_of_a_portable_mailbox():
    assistants_at_work("--lacks=ExportItems,UploadItems")


@case
def deletions_stay_unless_asked_for():
    with Pair(1, ITEMS) as pair:
        delta(pair)
        change(pair, delete=6)
        delta(pair)
        equal(len(pair.digest("destination")), ITEMS, "items at the destination")
        delta(pair, "--propagate-deletes")
        pair.assert_moved()


@case
def expired_sync_state():
    with Pair(1, ITEMS) as pair:
        delta(pair)
        change(pair, delete=3, edit=3)
        pair.control("source", "/lab/expire-sync")
        done = delta(pair, "--propagate-deletes")
        equal(copied(done), 0, "items copied again")
        pair.assert_moved()


@case
def answers_lost_while_changes_follow():
    with Pair(1, ITEMS) as pair:
        delta(pair)
        change(pair, edit=12, read=12, move=12, delete=6)
        pair.faults("destination",
                    "drop-after:op=UploadItems,every=2,times=3",
                    "drop-after:op=MoveItem,every=1,times=1",
                    "drop-after:op=UpdateItem,every=1,times=1",
                    "drop-after:op=DeleteItem,every=1,times=1")
        delta(pair, "--propagate-deletes", "--doubt-wait", "2")
        delta(pair, "--propagate-deletes", "--doubt-wait", "2")
        pair.assert_moved()


@case
def trial_and_pre_stage():
    with Pair(1, ITEMS) as pair:
        done = pair.migrate("--json", "--trial")
        equal(done.status, 0, f"exit status: {done.err}")
        check(0 < copied(done) < ITEMS, f"{copied(done)} items in a trial")
        done = pair.migrate("--json", "--pre-stage", "365d")
        equal(done.status, 0, f"exit status: {done.err}")
        check(len(pair.digest("destination")) < ITEMS, "not all of it yet")
        delta(pair, "--verify", "full")
        pair.assert_moved()


@case
def read_marks_are_remarked():
    """No difference: users read their mail at either side."""
    with Pair(1, 60) as pair:
        equal(pair.migrate().status, 0, "migrate")
        done = pair.mailferry("verify", "--json")
        check("read at one side" not in done.out, "nothing differs yet")
        pair.control("source", "/lab/change?read=4")
        done = pair.mailferry("verify", "--json")
        equal(done.status, 0, f"verify: {done.err}")
        contains(done.out, "4 items are read at one side and unread at the "
                 "other")
        equal(pair.migrate().status, 0, "the marks follow")
        done = pair.mailferry("verify", "--json")
        check("read at one side" not in done.out, "nothing differs any more")


# ---- what cannot follow ------------------------------------------------------

NEVER = "times=1000000"
FAILED = "completed with failures"


def rows_of(pair):
    """failures.csv, and what the HTML for people says."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    html = (out / "report.html").read_text()
    for row in rows:
        contains(html, row["Cause"].split(":")[0], "report.html")
    return rows


def changes_fail(side, rules, code, *, what="edit", options=(), more=(), n=3):
    """Each run tells them, and leaves what is at the destination; once there
    is nothing in their way they follow, and nothing is told any more."""
    with Pair(1, ITEMS, options=options) as pair:
        delta(pair)
        before = sorted(pair.digest("destination"))
        change(pair, **{what: n})
        pair.faults(side, *rules)
        fired = 0
        for _ in range(2):
            done = pair.migrate("--json", *more)
            equal(done.status, 1, f"exit status: {done.out[-2000:]}{done.err}")
            equal(set(ends(done).values()), {FAILED}, "states")
            rows = rows_of(pair)
            equal([row["State"] for row in rows], ["failed"] * n, "failures")
            for row in rows:
                equal(row["Error"], code, "the failure's code")
            check(any(row["Subject"] for row in rows), f"which items? {rows}")
            equal(sorted(pair.digest("destination")), before,
                  "items at the destination")
            tried = sum(k for name, k in pair.counters(side).items()
                        if name.startswith("fault."))
            check(tried > fired, "it was not tried again")
            fired = tried
        pair.faults(side)
        delta(pair, "--verify", "full", *more)
        equal(rows_of(pair), [], "failures")
        if not options:  # what was made of MIME differs to the lab's digest
            pair.assert_moved()


@case
def edits_that_cannot_be_read():
    changes_fail("source",
                 [f"item:op=ExportItems|GetItem,code=ErrorCorruptData,{NEVER}"],
                 "ErrorCorruptData")


@case
def edits_that_the_source_does_not_find():
    """It lists them: they are not gone (EWS-QUIRKS 94)."""
    changes_fail("source",
                 [f"item:op=ExportItems|GetItem,code=ErrorItemNotFound,{NEVER}"],
                 "ErrorItemNotFound")


@case
def edits_whose_copies_cannot_be_read():
    changes_fail("destination",
                 [f"item:op=ExportItems|GetItem,code=ErrorItemCorrupt,{NEVER}"],
                 "ErrorItemCorrupt")


@case
def edits_of_a_portable_mailbox_that_cannot_be_read():
    changes_fail("source", [f"item:op=GetItem,code=ErrorCorruptData,{NEVER}"],
                 "ErrorCorruptData",
                 options=("--lacks=ExportItems,UploadItems",))


@case
def read_marks_that_are_refused():
    changes_fail("destination",
                 [f"item:op=UpdateItem,code=ErrorAccessDenied,{NEVER}"],
                 "ErrorAccessDenied", what="read")


DELETES = {"what": "delete", "more": ("--propagate-deletes",)}


@case
def deletions_that_are_refused():
    changes_fail("destination",
                 [f"item:op=DeleteItem,code=ErrorCannotDeleteObject,{NEVER}"],
                 "ErrorCannotDeleteObject", **DELETES)


@case
def deletions_of_what_cannot_be_read():
    """Whether users have edited it there nobody can tell."""
    changes_fail("destination",
                 [f"item:op=ExportItems,code=ErrorItemCorrupt,{NEVER}"],
                 "ErrorItemCorrupt", **DELETES)


@case
def edits_that_cannot_be_exported():
    """They travel as MIME and properties, and replace their copies."""
    with Pair(1, ITEMS) as pair:
        delta(pair)
        change(pair, edit=4)
        pair.faults("source", f"export:code=ErrorCorruptData,{NEVER}")
        done = delta(pair, "--verify", "full")
        check(pair.counters("source")["fault.export"] > 0, "never fired")
        equal(rows_of(pair), [], f"failures: {done.out[-2000:]}")
        equal(len(pair.digest("destination")), ITEMS, "items")


if __name__ == "__main__":
    main()
