#!/usr/bin/env python3
"""What a mailbox's ledger has, piece by piece, against what the labs have: its
folders and their counts, and the items that failed, by pages and by cause."""
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from mover import Operator  # noqa: E402

VIEW = "IPM.Microsoft.FolderDesign.NamedView"


def pages(operator, path, limit):
    found, after = [], ""
    while after is not None:
        page = operator.get(f"{path}limit={limit}{after}")
        check(len(page["items"]) <= limit, f"{path}: limit")
        found += page["items"]
        after = page["next"] and f"&after={page['next']}"
    return found


@case
def folders_and_what_failed():
    with Pair(1, 60) as pair, serving(pair) as service:
        pair.faults("source", f"export:class={VIEW},code=ErrorItemCorrupt")
        operator = Operator(service)
        operator.move(pair)
        views = sum(f"{VIEW}\t" in line
                    for line in pair.digest("source", "--all"))
        check(views > 1, "too few views: it proves nothing of pages")
        path = "/mailboxes/1/failed-items?"
        failed = pages(operator, path, 1)
        equal(len(failed), views, "failed")
        equal([one["id"] for one in failed],
              sorted({one["id"] for one in failed}), "each once, in order")
        equal(pages(operator, path, 50), failed, "in one page")
        causes = operator.get("/mailboxes/1/failures")["items"]
        equal({one["reason"] for one in failed},
              {one["reason"] for one in causes}, "causes")
        for cause in causes:
            reason = urllib.parse.quote(cause["reason"], safe="")
            equal(len(pages(operator, f"{path}reason={reason}&", 1)),
                  cause["items"], cause["reason"])
        equal(pages(operator, f"{path}reason=other&", 50), [], "no such cause")
        of_the_migration(operator, failed)
        folders = operator.get("/mailboxes/1/folders")["items"]
        equal(sum(one["states"].get("copied", 0) for one in folders),
              len(pair.digest("destination", "--all")), "copied")
        equal(sum(one["states"].get("failed", 0) for one in folders), views,
              "failed by folder")
        for one in folders:
            equal(sum(n for state, n in one["states"].items()
                      if state != "gone"), one["items"], one["path"])
        check({one["folder"] for one in failed} <=
              {one["id"] for one in folders}, "whose folders they are")
        operator.ask(404, "GET", "/mailboxes/99/folders")
        operator.ask(404, "GET", "/mailboxes/99/failed-items")
        operator.ask(400, "GET", path + "sort=-id")


def of_the_migration(operator, failed):
    """The same items by the migration, which has no other mailbox."""
    path = "/migrations/1/failed-items?"
    found = pages(operator, path, 1)
    equal([{k: one[k] for k in failed[0]} for one in found], failed, "items")
    equal({one["mailbox"] for one in found}, {1}, "mailboxes")
    paths = {one["id"]: one["path"]
             for one in operator.get("/mailboxes/1/folders")["items"]}
    equal([one["path"] for one in found],
          [paths[one["folder"]] for one in found], "folders")
    equal(pages(operator, path + "mailbox=1&", 50), found, "of its mailbox")
    equal(pages(operator, path + "mailbox=2&", 50), [], "of another one")
    reason = urllib.parse.quote(found[0]["reason"], safe="")
    equal(len(pages(operator, f"{path}reason={reason}&", 1)),
          sum(one["reason"] == found[0]["reason"] for one in found), "cause")
    operator.ask(400, "GET", path + "mailbox=x")
    operator.ask(404, "GET", "/migrations/99/failed-items")


if __name__ == "__main__":
    main()
