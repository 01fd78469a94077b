#!/usr/bin/env python3
"""Servers and networks fail in the middle of a migration: everything arrives,
once."""
import csv
import json
import pathlib
import sys
import time

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


VIEW = "IPM.Microsoft.FolderDesign.NamedView"


def left_behind(pair):
    """The rows of failures.csv."""
    out = pair.dir / "reports"
    equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
          "report")
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
        # of mail: a hidden item has no other way to go, see the next one
        pair.faults("source", "export:every=20,times=1000000,"
                    "class=IPM.Note,code=ErrorItemCorrupt")
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        check(pair.counters("destination")["requests.CreateItem"] > 0,
              "nothing went the other way")


@case
def no_right_to_whole_items():
    """The account may read and write, and not by ExportItems or UploadItems:
    all of it travels as MIME and properties."""
    for side, rule in (
            ("source", "inside:op=ExportItems,code=ErrorAccessDenied"),
            ("source", "soap:op=ExportItems,code=ErrorAccessDenied"),
            ("destination", "inside:op=UploadItems,code=ErrorAccessDenied")):
        with Pair(1, ITEMS) as pair:
            pair.faults(side, f"{rule},times=1000000")
            done = pair.migrate("--json", "--verify", "full")
            check(done.status in (0, 1), f"{rule}: {done.err}")
            equal({row["Class"] for row in left_behind(pair)} - {VIEW}, set(),
                  f"{rule}: what failed")
            equal(len(pair.digest("destination")), len(pair.digest("source")),
                  f"{rule}: items")


@case
def items_that_are_said_to_be_gone_and_are_not():
    """For a moment, and for good: what is listed arrives all the same."""
    with Pair(1, ITEMS) as pair:
        pair.faults("source",
                    "export:every=7,times=4,class=IPM.Note,"
                    "code=ErrorItemNotFound",
                    "export:class=IPM.Task,times=1000000,"
                    "code=ErrorItemNotFound")
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        check(pair.counters("source")["fault.export"] > 4, "never fired")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        tasks = sum("\tIPM.Task\t" in line for line in pair.digest("source"))
        equal(pair.counters("destination")["requests.CreateItem"] > 0,
              tasks > 0, "tasks went the other way, and only they")
        pair.faults("source")
        done = pair.migrate("--json")
        equal((done.status, copied(done)), (0, 0), "run again")


@case
def items_deleted_while_others_are_copied():
    """At the source, after the first was read: that is no failure, and they
    are nowhere when the run after has taken deletions over."""
    with Pair(1, ITEMS) as pair:
        # Far longer than it takes to delete: what is not read by then is gone.
        pair.faults("source", "slow-item:op=ExportItems,ms=500")
        process = subprocess.Popen(
            [MAILFERRY, "migrate", pair.admin_csv, *pair.options(),
             "--doubt-wait", "1", "--lanes", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while (pair.counters("source")["fault.slow-item"] == 0 and
               process.poll() is None):
            time.sleep(0.05)
        pair.control("source", f"/lab/change?delete={ITEMS // 2}")
        pair.faults("source")
        out, _ = process.communicate(timeout=RUN_SECONDS)
        equal(process.returncode, 0, f"exit status: {out}")
        check(len(pair.digest("destination")) < ITEMS,
              "all was read before anything was deleted: it proves nothing")
        equal(left_behind(pair), [], "failures.csv")
        done = pair.migrate("--propagate-deletes", "--verify", "full")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        pair.assert_moved()


@case
def hidden_items_that_cannot_be_exported():
    """A view is properties of Outlook's own: no MIME carries it, so it is
    named as failed, and nothing else is."""
    with Pair(1, ITEMS) as pair:
        pair.faults("source", f"export:class={VIEW},code=ErrorItemCorrupt")
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 1, f"exit status: {done.out[-3000:]}{done.err}")
        failures = left_behind(pair)
        check(failures, "nothing failed")
        equal({row["Class"] for row in failures}, {VIEW}, "what failed")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")


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
def more_failures_than_are_allowed():
    """That mailbox is given up and says so; it goes on with the next run."""
    with Pair(2, ITEMS) as pair:
        one = "mailbox=user1@contoso.example"
        pair.faults("source", "export:every=4,times=1000000,"
                    f"class=IPM.Note,code=ErrorItemCorrupt,{one}",
                    f"inside:op=GetItem,code=ErrorItemCorrupt,{one}")
        done = pair.migrate("--json", "--max-failures", "2")
        equal(done.status, 2, f"exit status: {done.out[-2000:]}{done.err}")
        contains(done.out, "items failed, more than the 2 allowed")
        contains(done.out, "raise the limit to go on")
        equal(ends(done), {"user1@contoso.example": "failed",
                           "user2@contoso.example": "verified"}, "states")
        pair.faults("source")
        done = pair.migrate("--json", "--max-failures", "2")
        equal(done.status, 0, "after the mend")
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


# ---- answers that lie ------------------------------------------------------

# Nothing of these is an answer; what was asked is asked again.
NO_ANSWERS = [
    "empty:op=ExportItems,times=2", "fewer:op=ExportItems,every=3,times=3",
    "wrong-operation:op=ExportItems,skip=2,times=2",
    "second-answer:op=ExportItems,skip=3,times=2",
    "html:op=ExportItems,skip=4,times=2", "damaged-data:skip=3,times=1",
    "warned-data:skip=9,times=1",
]
# These are answers, only not as anybody would write them.
ODD_ANSWERS = [
    "shuffled:op=ExportItems", "short-tags", "properties-reversed",
    "received-is-created", "fractions", "read-as-update",
    "hollow-page:op=SyncFolderItems,every=2",
    "short-page:op=SyncFolderItems,n=7", "chunked:every=3",
    "trickle:op=SyncFolderItems,every=5,n=400,ms=1",
    "stray-deletes:every=2", "slow-item:every=20,ms=50",
]
# The destination did the work, or not: only looking tells.
NO_RECEIPTS = [
    "second-answer:op=UploadItems,times=1",
    "empty:op=UploadItems,skip=1,times=1",
    "fewer:op=UploadItems,skip=2,times=1",
    "wrong-operation:op=UploadItems,skip=3,times=1",
]
# What is written is not what is stored.
OTHERWISE_STORED = [
    "unread-lost", "contact-mime-dropped", "appointment-mime-refused",
    "received-is-created", "stale-key-taken:op=UpdateItem",
]


@case
def answers_that_are_none():
    moved_in_spite_of(*NO_ANSWERS, side="source")


@case
def answers_as_nobody_would_write_them():
    moved_in_spite_of(*ODD_ANSWERS, side="source")


@case
def uploads_without_a_receipt():
    moved_in_spite_of(*NO_RECEIPTS)


@case
def connection_poisoned_by_a_large_body():
    moved_in_spite_of("poisoned:op=UploadItems,bytes=40000,times=3")


@case
def one_item_fails_its_whole_batch():
    """The rest of the batch arrives; the one is tried the other way."""
    with Pair(1, ITEMS) as pair:
        pair.faults("source", "batch:op=ExportItems,class=IPM.Task")
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        check(pair.counters("source")["fault.batch"] > 0, "never fired")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")


@case
def faults_with_their_code_in_odd_places():
    """Busy as a bare fault inside of HTTP 200, and as an inner error."""
    moved_in_spite_of(
        "soap:op=ExportItems,status=200,bare=1,code=ErrorServerBusy,times=1",
        "busy-inside:op=ExportItems,bare=1,ms=20,skip=2,times=2",
        "busy-inside:op=ExportItems,code=ErrorTooManyObjectsOpened,ms=20,"
        "skip=4,times=2",
        "inside:op=ExportItems,code=ErrorMailboxStoreUnavailable,skip=6,"
        "times=2", side="source")


@case
def lists_that_lie_delete_nothing():
    """A list that begins anew, is empty, or deletes what never was."""
    with Pair(1, ITEMS) as pair:
        equal(pair.migrate("--json").status, 0, "first run")
        for rule in ("sync-restarts", "stray-deletes",
                     "empty-listing:op=SyncFolderHierarchy,times=1",
                     "empty-listing:op=SyncFolderItems,times=1"):
            pair.faults("source", rule)
            pair.control("source", "/lab/expire-sync")
            pair.migrate("--json", "--propagate-deletes")
            pair.faults("source")
            pair.assert_moved()
        done = pair.migrate("--json", "--propagate-deletes")
        equal((done.status, copied(done)), (0, 0), f"at the end: {done.err}")
        pair.assert_moved()


@case
def updates_refused_or_merged():
    """What is gone at the source goes, whatever Update does with it."""
    for rule in ("update-refused", "update-merges"):
        with Pair(1, ITEMS) as pair:
            equal(pair.migrate("--json").status, 0, "first run")
            pair.control("source", "/lab/change?edit=6")
            pair.faults("destination", rule)
            done = pair.migrate("--json", "--verify", "full")
            equal(done.status, 0, f"{rule}: {done.out[-2000:]}{done.err}")
            check(pair.counters("destination")[f"fault.{rule}"] > 0,
                  f"{rule} never fired")
            equal(len(pair.digest("destination")), len(pair.digest("source")),
                  f"{rule}: items")


@case
def what_is_stored_is_not_what_was_written():
    with Pair(1, ITEMS, options=["--lacks=ExportItems,UploadItems"]) as pair:
        pair.faults("source", "mime-anew", "received-is-created", "fractions")
        pair.faults("destination", *OTHERWISE_STORED)
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        equal(set(ends(done).values()), {"verified"}, "states")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        again = pair.migrate("--json")
        equal((again.status, copied(again)), (0, 0), "run again")


@case
def credential_refused_later():
    """Said once, nothing is lost, and the next run goes on."""
    with Pair(1, ITEMS) as pair:
        pair.faults("destination", "refuse-login:skip=12")
        done = pair.migrate("--json")
        check(done.status != 0, "a refused credential is no success")
        contains(done.out + done.err, "refuses the user name")
        pair.faults("destination")
        equal(pair.migrate("--json").status, 0, "after the mend")
        pair.assert_moved()


if __name__ == "__main__":
    main()
