#!/usr/bin/env python3
"""What many mailboxes share: small ones beside a huge one have their turns."""
import contextlib
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

SMALL, HUGE = 20, size(400, 200)
# Server time of an item, so long that little of a mailbox's time is spent in
# our own program however busy the machine; and how many requests at a time: a
# huge mailbox's lanes alone are four times as many.
SLOW = "slow-item:op=ExportItems,ms=40"
PLACES = 2


def arrivals(pair):
    """Whose items came to the destination, in that order: its lab numbers
    them as they come."""
    with contextlib.closing(sqlite3.connect(pair.path / "destination.db")) as db:
        return [address for address, in db.execute(
            "SELECT m.address FROM item i JOIN mailbox m ON m.key = i.mailbox "
            "WHERE i.associated = 0 ORDER BY i.key")]


def of_the_huge_one(pair, *more):
    """How many of its items were there when the last of the small ones' came:
    of how many."""
    huge = pair.admin_csv.read_text().splitlines()[1].split(",")[0]
    pair.control("source", f"/lab/add?items={HUGE}&mailbox={huge}")
    pair.faults("source", SLOW)
    finished = pair.migrate("--mailboxes", "4", "--verify", "nothing", *more)
    equal(finished.status, 0, f"{finished.out}{finished.err}")
    pair.assert_moved()
    came = arrivals(pair)
    small = [n for n, address in enumerate(came) if address != huge]
    equal(len(small), 3 * SMALL, "items of the small mailboxes")
    before = small[-1] + 1 - len(small)
    print(f"{before} of {came.count(huge)} before the last of {len(small)}")
    return before, came.count(huge)


@case
def small_mailboxes_beside_a_huge_one():
    """One account's budget. In the order of their coming each request of a
    small one would wait for all of the huge one's lanes."""
    with Pair(4, SMALL, options=["source:--no-impersonation",
                                 f"source:--max-concurrency={PLACES}"]) as pair:
        before, all_of_it = of_the_huge_one(pair)
        check(before < all_of_it / 2,
              f"the small ones were through after {before} of {all_of_it}")


@case
def below_the_cap_of_a_host():
    """A budget for each of them, and too few places for all."""
    with Pair(4, SMALL) as pair:
        before, all_of_it = of_the_huge_one(pair, "--host-requests", PLACES)
        check(before < all_of_it / 2,
              f"the small ones were through after {before} of {all_of_it}")


if __name__ == "__main__":
    main()
