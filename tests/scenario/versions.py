#!/usr/bin/env python3
"""From each version of Exchange to each other, whichever way items travel."""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = size(100, 80)
FEW = 40
PORTABLE = "items travel as MIME and properties"


def kinds(pair, side):
    """How many items of each class a folder holds: digest lines without the
    digest, since MIME is made anew on the way."""
    return collections.Counter(
        tuple(line.split("\t")[:3]) for line in pair.digest(side))


def moved(pair, portable):
    done = pair.migrate("--json", "--verify", "full")
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states")
    equal(PORTABLE in done.out, portable, "the portable path was said")
    equal(kinds(pair, "destination"), kinds(pair, "source"), "what is there")
    if not portable:
        pair.assert_moved()


def changes_follow(pair):
    """The same in both ways but for the content's digest."""
    pair.control("source", "/lab/change?edit=5&read=5&move=5&touch=8&delete=3")
    pair.add(10)
    done = pair.migrate("--json", "--propagate-deletes", "--verify", "full")
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states after changes")
    equal(kinds(pair, "destination"), kinds(pair, "source"), "what is there")


def nothing_to_do(pair):
    done = pair.migrate("--json", "--propagate-deletes")
    equal((done.status, copied(done)), (0, 0), f"again: {done.err}")
    equal(kinds(pair, "destination"), kinds(pair, "source"), "what is there")


def between(source, destination, *options, portable, items=ITEMS):
    with Pair(1, items, options=[f"source:--version=Exchange{source}",
                                 f"destination:--version=Exchange{destination}",
                                 *options]) as pair:
        moved(pair, portable)
        nothing_to_do(pair)
        changes_follow(pair)
        nothing_to_do(pair)


VERSIONS = ["2007_SP1", "2010", "2010_SP1", "2010_SP2", "2013", "2013_SP1",
            "2016"]
# They have neither ExportItems nor UploadItems.
WITHOUT = {"2007_SP1", "2010"}
# Each version once as a source and once as a destination, and each class of
# pairs: whole items, from old to new, from new to old, from old to old.
PAIRS = [
    ("2007_SP1", "2016", True),
    ("2016", "2007_SP1", True),
    ("2007_SP1", "2007_SP1", True),
    ("2010", "2010_SP1", True),
    ("2013_SP1", "2010", True),
    ("2010_SP1", "2013", False),
    ("2010_SP2", "2013_SP1", False),
    ("2013", "2010_SP2", False),
    ("2016", "2010_SP1", False),
    ("2016", "2016", False),
]


def pair_case(source, destination, portable):
    def test():
        between(source, destination, portable=portable)
    test.__name__ = f"from_{source.lower()}_to_{destination.lower()}"
    case(test)


for row in PAIRS:
    pair_case(*row)


def all_others_case(source):
    """The same with fewer items, so that no pair of versions is left out."""
    def test():
        for destination in VERSIONS:
            portable = bool({source, destination} & WITHOUT)
            if (source, destination, portable) not in PAIRS:
                between(source, destination, portable=portable, items=FEW)
    test.__name__ = f"from_{source.lower()}_to_all_others"
    case(test)


for version in VERSIONS:
    all_others_case(version)


@case
def servers_that_lack_what_they_promise():
    lacks = ("--lacks=ExportItems,UploadItems,GetInboxRules,"
             "GetServerTimeZones,archivemsgfolderroot,"
             "archiverecoverableitemsroot")
    between("2016", "2016", f"source:{lacks}", f"destination:{lacks}",
            portable=True)


@case
def a_destination_without_uploads():
    between("2013", "2016", "destination:--lacks=UploadItems", portable=True)


if __name__ == "__main__":
    main()
