#!/usr/bin/env python3
"""Servers that are busy, slow or away: nothing is sent to them before it is
time, whoever runs it is told what is waited for, and then it goes on."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from odd import *  # noqa: E402,F403

BUSY = ["ErrorServerBusy", "ErrorExceededConnectionCount",
        "ErrorTimeoutExpired", "ErrorTooManyObjectsOpened",
        "ErrorInsufficientResources", "ErrorInternalServerTransientError"]


def busy_mailboxes(side, rules):
    """A mailbox for each; all is there in the end, and none was asked for
    anything while it was to be left alone."""
    with one_each(side, *rules) as pair:
        done = pair.migrate("--json", "--lanes", 1, "--mailboxes", len(rules))
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        all_fired(pair, side, len(rules))
        counters = pair.counters(side)
        equal(counters["backoff.early"], 0, "requests that came too early")
        check(counters["busy"] >= len(rules), "hardly anybody was told")
        ends = [e for e in events(done) if e["event"] == "end"]
        equal(len(ends), len(rules), "mailboxes")
        pair.faults(side)
        pair.assert_moved()
        equal(failures(pair), [], "failures.csv")
        status = run(MAILFERRY, "report", pair.admin_csv, "--out",
                     pair.dir / "reports")
        equal(status.status, 0, status.err)


@case
def busy_inside_of_success_with_a_back_off():
    busy_mailboxes("destination",
                   [f"busy-inside:op=UploadItems,code={code},ms=700,times=2"
                    for code in BUSY])


@case
def busy_inside_of_success_with_none():
    """BackOffMilliseconds is 0 or missing: we have a floor of our own."""
    busy_mailboxes("destination",
                   [f"busy-inside:op=UploadItems,code={code},n=400,times=2"
                    for code in BUSY])


@case
def busy_as_a_fault():
    """HTTP 500, the wait in its detail; or 200; or 503 without a word."""
    busy_mailboxes("destination", [
        "busy:op=UploadItems,ms=700,times=2",
        "busy:op=UploadItems,n=400,times=2",
        "soap:op=UploadItems,status=200,code=ErrorServerBusy,ms=700,times=2",
        "soap:op=UploadItems,code=ErrorExceededConnectionCount,ms=700,times=2",
        "soap:op=UploadItems,status=200,bare=1,code=ErrorServerBusy,n=400,"
        "times=2",
        "busy-inside:op=UploadItems,bare=1,ms=700,times=2"])


@case
def slow_without_a_word():
    """Over budget some servers only slow down; batches shrink, all arrives,
    and nobody is told of a failure."""
    with Pair(1, 2 * ITEMS) as pair:
        pair.faults("destination", "slow-item:every=3,ms=150",
                    "slow:op=UploadItems,skip=1,every=2,ms=400")
        done = pair.migrate("--json")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        all_fired(pair, "destination", 2)
        pair.faults("destination")
        pair.assert_moved()
        equal(failures(pair), [], "failures.csv")


AWAY = ["ErrorMailboxStoreUnavailable", "ErrorMailboxMoveInProgress",
        "ErrorMailboxFailover"]


@case
def a_mailbox_that_is_away_for_a_time():
    """Each code once inside of success, once as a fault; both are waited out,
    and whoever runs it is told for what and since when."""
    rules = [f"{how},code={code}" for code in AWAY for how in (
        "inside:op=UploadItems,times=1", "soap:op=UploadItems,times=1")]
    with one_each("destination", *rules) as pair:
        done = pair.migrate("--json", "--mailboxes", len(rules))
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        all_fired(pair, "destination", len(rules))
        for number, rule in enumerate(rules, 1):
            said = [e["text"] for e in events(done) if e["event"] == "note"
                    and e["mailbox"] == user(number)
                    and e["text"].startswith("waiting for the destination")]
            check(len(said) == 1, f"{rule}: said {said}")
            check(re.search(r"since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ: ",
                            said[0]), f"not since when: {said[0]}")
            contains(said[0], rule.split("code=")[1])
        contains(done.out, "goes on after a wait of")
        pair.faults("destination")
        pair.assert_moved()
        equal(failures(pair), [], "failures.csv")


@case
def a_mailbox_that_stays_away():
    """Patience ends, the mailbox fails with the cause, others are not held
    up, and the next run goes on."""
    with Pair(2, ITEMS) as pair:
        pair.faults("source", "inside:op=ExportItems|SyncFolderItems,"
                    f"code=ErrorMailboxMoveInProgress,mailbox={user(1)},skip=3")
        done = pair.migrate("--json", "--patience", "1.5")
        equal(done.status, 2, f"exit status: {done.out[-3000:]}{done.err}")
        equal(ends(done)[user(2)], "verified", "the other mailbox")
        check(ends(done)[user(1)] != "verified", "it was away")
        contains(done.out, "being moved to another database")
        pair.faults("source")
        done = pair.migrate("--json")
        equal(done.status, 0, f"the next run: {done.err}")
        pair.assert_moved()


if __name__ == "__main__":
    main()
