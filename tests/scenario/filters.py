#!/usr/bin/env python3
"""Filters: what is asked for is copied and nothing else, and the rest comes
when it is asked for."""
import datetime
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = size(160, 80)


def items(pair, side, where="1"):
    """Subject, class and date of the visible items, by the lab's own state."""
    with sqlite3.connect(f"file:{pair.path}/{side}.db?mode=ro",
                         uri=True) as state:
        return collections.Counter(state.execute(
            "SELECT subject, class, received FROM item WHERE NOT associated "
            f"AND key NOT IN (SELECT item FROM lost) AND ({where})"))


def paths(pair, side):
    """How many items there are, by folder."""
    return collections.Counter(line.split("\t")[1]
                               for line in pair.digest(side))


def filtered(done):
    ended, = [event for event in events(done) if event["event"] == "end"]
    return ended


def then_the_rest(pair):
    done = pair.migrate("--json", "--verify", "full")
    equal(done.status, 0, f"the rest: {done.out[-2000:]}{done.err}")
    pair.assert_moved()


def copies(where, *options):
    """Those items alone; full verification has nothing against it."""
    with Pair(1, ITEMS) as pair:
        want = items(pair, "source", where)
        all_of_them = items(pair, "source")
        check(want and want != all_of_them,
              f"{sum(want.values())} of {sum(all_of_them.values())} items: "
              "the test would prove nothing")
        done = pair.migrate("--json", "--verify", "full", *options)
        equal(done.status, 0, f"{options}: {done.out[-2000:]}{done.err}")
        got = items(pair, "destination")
        equal((got - want, want - got), (collections.Counter(),) * 2,
              "more than was asked for, and less")
        then_the_rest(pair)


APPOINTMENT = "class LIKE 'IPM.Appointment%'"
CONTACT = "class LIKE 'IPM.Contact%' OR class LIKE 'IPM.DistList%'"
TASK = "class = 'IPM.Task' OR class LIKE 'IPM.Task.%'"


@case
def some_kinds():
    copies(f"{APPOINTMENT} OR {CONTACT}", "--kinds", "calendar,contact")


@case
def mail_alone():
    """With all that lies among it: reports, posts, meeting requests."""
    copies(f"NOT ({APPOINTMENT} OR {CONTACT} OR {TASK} OR class LIKE "
           "'IPM.StickyNote%' OR class LIKE 'IPM.Activity%')",
           "--kinds", "mail,other")


@case
def kinds_that_a_row_leaves_out_too():
    """A row's flags and the run's kinds: what both let through."""
    with Pair(1, ITEMS) as pair:
        rows = pair.admin_csv.read_text().rstrip("\n").splitlines()
        rows[1] = rows[1].rsplit(",", 1)[0] + ",DoNotMigrateContact"
        pair.admin_csv.write_text("\n".join(rows) + "\n")
        done = pair.migrate("--kinds", "calendar,contact")
        equal(done.status, 0, f"{done.out}{done.err}")
        equal(items(pair, "destination"),
              items(pair, "source", APPOINTMENT), "items")


def middle(pair):
    """A day with mail before and after it, and what the lab counts by."""
    with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                         uri=True) as state:
        rows = state.execute("SELECT received FROM item WHERE NOT associated "
                             "AND received IS NOT NULL "
                             "ORDER BY received").fetchall()
    return rows[len(rows) // 2][0]


@case
def by_date():
    """Received since, and before: each item is one side's."""
    with Pair(1, ITEMS) as pair:
        instant = middle(pair)
        day = instant // 86400000000 * 86400000000
        text = datetime.datetime.fromtimestamp(
            day / 1e6, datetime.timezone.utc).strftime("%Y-%m-%d")
        want = items(pair, "source", f"received >= {day}")
        done = pair.migrate("--since", text)
        equal(done.status, 0, f"{done.out}{done.err}")
        got = items(pair, "destination", "received IS NOT NULL")
        equal((got - want, want - got), (collections.Counter(),) * 2,
              "received since")
        then_the_rest(pair)
    with Pair(1, ITEMS) as pair:
        want = items(pair, "source", f"received < {day}")
        check(want, "nothing is older")
        done = pair.migrate("--before", text)
        equal(done.status, 0, f"{done.out}{done.err}")
        got = items(pair, "destination", "received IS NOT NULL")
        equal((got - want, want - got), (collections.Counter(),) * 2,
              "received before")
        then_the_rest(pair)


@case
def by_size():
    copies("size <= 20000", "--max-item-size", "20000")


@case
def by_folder():
    """A folder and what is below it, by path, by pattern, by Exchange's own
    name; and not."""
    with Pair(1, ITEMS) as pair:
        there = paths(pair, "source")
        deep = next(path for path in sorted(there) if "/" in path)
        top = deep.split("/")[0]
        done = pair.migrate("--folder", "inb?x", "--folder", top,
                            "--not-folder", deep.replace("/", "/*"))
        equal(done.status, 0, f"{done.out}{done.err}")
        want = {path: n for path, n in there.items()
                if path.split("/")[0] in ("Inbox", top)
                and not path.startswith(deep)}
        equal(dict(paths(pair, "destination")), want, "folders")
        done = pair.migrate("--folder", "deleteditems")
        equal(done.status, 0, f"{done.out}{done.err}")
        want |= {path: n for path, n in there.items()
                 if path.split("/")[0] == "Deleted Items"}
        equal(dict(paths(pair, "destination")), want, "and deleted items")
        then_the_rest(pair)


if __name__ == "__main__":
    main()
