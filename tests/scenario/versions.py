#!/usr/bin/env python3
"""From each version of Exchange to each other, whichever way items travel."""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = size(150, 100)
PORTABLE = "items travel as MIME and properties"


def kinds(pair, side):
    """How many items of each class a folder holds: digest lines without the
    digest, since MIME is made anew on the way."""
    return collections.Counter(
        tuple(line.split("\t")[:3]) for line in pair.digest(side))


def nothing_was_sent(pair):
    for side in ("source", "destination"):
        sent = {k: v for k, v in pair.counters(side).items()
                if k.startswith("sent.") and v > 0}
        equal(sent, {}, f"sent by the {side}")


def moved(pair, portable):
    done = pair.migrate("--json", "--verify", "full")
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states")
    equal(PORTABLE in done.out, portable, "the portable path was said")
    equal(kinds(pair, "destination"), kinds(pair, "source"), "what is there")
    if not portable:
        pair.assert_moved()
    nothing_was_sent(pair)


def changes_follow(pair):
    """The same in both ways but for the content's digest."""
    pair.control("source", "/lab/change?edit=5&read=5&move=5&touch=8&delete=3")
    pair.add(10)
    done = pair.migrate("--json", "--propagate-deletes", "--verify", "full")
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states after changes")
    equal(kinds(pair, "destination"), kinds(pair, "source"), "what is there")
    nothing_was_sent(pair)


def between(source, destination, *options, portable):
    with Pair(1, ITEMS, options=[f"source:--version=Exchange{source}",
                                 f"destination:--version=Exchange{destination}",
                                 *options]) as pair:
        moved(pair, portable)
        changes_follow(pair)


@case
def from_2007_to_2016():
    between("2007_SP1", "2016", portable=True)


@case
def from_2016_to_2007():
    between("2016", "2007_SP1", portable=True)


@case
def from_2010_to_2010_sp1():
    between("2010", "2010_SP1", portable=True)


@case
def from_2010_sp1_to_2013():
    between("2010_SP1", "2013", portable=False)


@case
def from_2013_sp1_to_2010_sp2():
    between("2013_SP1", "2010_SP2", portable=False)


@case
def servers_that_lack_what_they_promise():
    lacks = ("--lacks=ExportItems,UploadItems,GetInboxRules,"
             "GetServerTimeZones,archive")
    between("2016", "2016", f"source:{lacks}", f"destination:{lacks}",
            portable=True)


@case
def a_destination_without_uploads():
    between("2013", "2016", "destination:--lacks=UploadItems", portable=True)


if __name__ == "__main__":
    main()
