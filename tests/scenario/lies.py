#!/usr/bin/env python3
"""Answers that lie, one after the other: what each makes of a migration, and
what a person sees of it (docs/guide/odd-servers.md)."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from odd import *  # noqa: E402,F403

# ---- too large a request ---------------------------------------------------

LIMIT = 60000


@case
def a_request_too_large_is_halved():
    """Said by 405, 413, 404 or 400: what fits arrives, by the same way."""
    ways = [f"too-large:op=UploadItems,bytes={LIMIT},status={status}"
            for status in (405, 413, 404, 400)]
    with one_each("destination", *ways) as pair:
        done = pair.migrate("--json", "--mailboxes", 4)
        all_fired(pair, "destination", 4)
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        check("items travel as MIME" not in done.out,
              "a mailbox was given another way for one large request")
        same = set(pair.digest("source")) & set(pair.digest("destination"))
        # What is too large by itself goes as MIME and properties.
        others = len(pair.digest("source")) - len(same)
        created = pair.counters("destination")["requests.CreateItem"]
        check(0 < created <= others, f"{created} created, {others} otherwise")
        check(others < len(same) / 2, f"{others} of {len(same)} went that way")


@case
def an_item_too_large_by_itself():
    """Its size and the remedy are on record; all others arrive."""
    ways = [f"too-large:bytes={LIMIT},{how}"
            for how in ("status=413", "status=405", "status=500", "bare=1")]
    with one_each("destination", *ways) as pair:
        done = pair.migrate("--json", "--mailboxes", 4)
        equal(done.status, 1, f"{done.out[-3000:]}{done.err}")
        rows = failures(pair)
        equal({row["Source Email"] for row in rows}, {user(n) for n in
              (1, 2, 3, 4)}, "mailboxes with a failure")
        for row in rows:
            check(int(row["Bytes"]) * 4 / 3 + 3000 > LIMIT,
                  f"this one fits: {row}")
            contains(row["Remedy"], "maxAllowedContentLength")
            if row["Source Email"] in (user(1), user(2)):
                equal(row["Error"], "RequestTooLarge", "its name")
                check(re.search(r"of [0-9.]+ MB was answered with HTTP "
                                r"status 4\d\d", row["Cause"]), row["Cause"])
        equal(len(pair.digest("source")) - len(pair.digest("destination")),
              len(rows), "all others are there")


@case
def a_server_that_is_away_for_a_while():
    """What a request that is too large is told by too, and is not: no item
    fails for it, and no mailbox."""
    with one_each("destination",
                  "http:op=UploadItems,status=404,every=2,times=2",
                  "http:status=404,skip=25,times=6",
                  "http:status=405,skip=20,times=6") as pair:
        done = pair.migrate("--json", "--mailboxes", 3, "--verify", "full")
        all_fired(pair, "destination", 3)
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        equal(set(ends(done).values()), {"verified"}, "states")
        pair.assert_moved()
    with one_each("source", "http:status=404,skip=20,times=6") as pair:
        done = pair.migrate("--json", "--verify", "full")
        all_fired(pair, "source", 1)
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        pair.assert_moved()


# ---- a page of HTML --------------------------------------------------------

@case
def a_page_in_answer_to_a_write():
    """Done or not done: the destination is looked at, nothing is twice."""
    done = moved_in_spite_of_each(
        "destination",
        "html:op=UploadItems,every=2,times=2",
        "html-after:op=UploadItems,every=2,times=2",
        "html-after:op=UploadItems,status=504,times=1",
        "html-after:op=CreateFolder,skip=2,times=1")
    contains(done.out, "items in doubt")
    contains(done.out, "page of HTML")


# ---- answers that are none -------------------------------------------------

@case
def exports_that_do_not_count():
    """Asked again until they do; nothing partial is ever sent."""
    moved_in_spite_of_each(
        "source",
        "empty:op=ExportItems,times=1",
        "fewer:op=ExportItems,times=1",
        "more:op=ExportItems,times=1",
        "wrong-operation:op=ExportItems,times=1",
        "second-answer:op=ExportItems,times=1",
        "html:op=ExportItems,times=1",
        "truncated-data:times=1",
        "damaged-data:times=1",
        "warned-data:times=1",
        "warned-data:bare=1,times=1",
        "soap:op=ExportItems,status=200,bare=1,code=ErrorServerBusy,times=1",
        "break:op=ExportItems,times=1")


@case
def uploads_that_do_not_count():
    """The destination is looked at before anything is sent again."""
    done = moved_in_spite_of_each(
        "destination",
        "empty:op=UploadItems,times=1",
        "fewer:op=UploadItems,times=1",
        "more:op=UploadItems,times=1",
        "wrong-operation:op=UploadItems,times=1",
        "second-answer:op=UploadItems,times=1",
        "poisoned:op=UploadItems,bytes=20000,times=1",
        "soap:op=UploadItems,times=1",
        "http:op=UploadItems,status=502,times=1",
        "drop-after:op=UploadItems,times=1",
        "late:op=UploadItems,ms=200,times=1")
    contains(done.out, "items in doubt")


# ---- what is read ----------------------------------------------------------

@case
def answers_in_an_odd_dress():
    """Order, tags, dates, pages: each the same to us."""
    done = moved_in_spite_of_each(
        "source",
        "shuffled:op=ExportItems|GetItem",
        "short-tags",
        "properties-reversed",
        "fractions:n=0", "fractions:n=3", "fractions:n=6", "fractions:n=9",
        "received-is-created",
        "hollow-page:op=SyncFolderItems,every=2",
        "short-page:op=SyncFolderItems|FindItem,n=2",
        "chunked")
    check("in doubt" not in done.out, "something was in doubt")


@case
def the_same_as_mime_and_properties():
    """Read in those dresses, or stored otherwise than written; all is there,
    verified, and the next run finds nothing to do."""
    read = ["shuffled:op=GetItem", "short-tags", "properties-reversed",
            "fractions:n=0", "fractions:n=3", "fractions:n=9",
            "received-is-created", "mime-anew"]
    stored = ["unread-lost", "contact-mime-dropped",
              "appointment-mime-refused", "stale-key-taken:op=UpdateItem"]
    n = len(read) + len(stored)
    with Pair(n, ITEMS, options=["--lacks=ExportItems,UploadItems"]) as pair:
        pair.faults("source", *for_each(read))
        pair.faults("destination", *for_each(stored, len(read) + 1))
        done = pair.migrate("--json", "--mailboxes", n, "--verify", "full")
        equal([(r["Source Email"], r["Subject"], r["Cause"])
               for r in failures(pair)], [], "failures.csv")
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        equal(set(ends(done).values()), {"verified"}, "states")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        equal(failures(pair), [], "failures.csv")
        again = pair.migrate("--json", "--mailboxes", n)
        equal((again.status, copied(again)), (0, 0), "run again")


# ---- lists -----------------------------------------------------------------

LISTS = ["sync-restarts", "expire-sync:times=1", "stray-deletes",
         "empty-listing:op=SyncFolderHierarchy,times=1",
         "empty-listing:op=SyncFolderItems,times=1",
         "http:op=SyncFolderItems,status=500,times=3",
         "inside:op=SyncFolderHierarchy,code=ErrorFolderNotFound,times=1"]


@case
def a_list_that_lies_deletes_nothing():
    """Begun anew, empty, refused, or full of deletions of what never was."""
    with Pair(len(LISTS), ITEMS) as pair:
        equal(pair.migrate("--json", "--mailboxes", 7).status, 0, "first run")
        there = pair.digest("destination")
        pair.control("source", "/lab/expire-sync")
        pair.faults("source", *for_each(LISTS))
        pair.migrate("--json", "--mailboxes", 7, "--propagate-deletes")
        all_fired(pair, "source", len(LISTS))
        equal(pair.digest("destination"), there, "what is there")
        pair.faults("source")
        done = pair.migrate("--json", "--propagate-deletes")
        equal((done.status, copied(done)), (0, 0), f"then: {done.err}")
        equal(pair.digest("destination"), there, "what is there at the end")


@case
def a_read_mark_that_comes_as_an_update():
    """The mark follows; the content, which is the same, is not sent again."""
    with Pair(2, ITEMS) as pair:
        equal(pair.migrate("--json").status, 0, "first run")
        pair.faults("source", f"read-as-update:mailbox={user(1)}")
        for n in (1, 2):
            pair.control("source", f"/lab/change?read=5&mailbox={user(n)}")
        before = pair.counters("destination")["requests.UploadItems"]
        done = pair.migrate("--json")
        equal((done.status, copied(done)), (0, 0), f"{done.err}")
        equal(pair.counters("destination")["requests.UploadItems"], before,
              "uploads")
        all_fired(pair, "source", 1)
        pair.assert_moved()


@case
def a_change_key_that_is_not_enforced():
    """What somebody edited at the destination is left alone and reported."""
    with Pair(1, ITEMS) as pair:
        equal(pair.migrate("--json").status, 0, "first run")
        # Twice there, so that the two are not edited alike.
        for side in ("source", "destination", "destination"):
            pair.control(side, "/lab/change?edit=6")
        theirs = pair.digest("destination")
        pair.faults("destination", "stale-key-taken")
        done = pair.migrate("--json")
        contains(done.out, '"conflict"')
        equal(pair.digest("destination"), theirs, "what was edited there")
        contains((" ".join(row["Error"] + row["Cause"] + row["State"]
                           for row in failures(pair))), "conflict",
                 "failures.csv")


if __name__ == "__main__":
    main()
