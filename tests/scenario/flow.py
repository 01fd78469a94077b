#!/usr/bin/env python3
"""What goes through: small mailboxes beside a huge one have their turns; an item
of any size goes by a spool file, in bounded memory."""
import contextlib
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import client_of, people  # noqa: E402
from large import add_large  # noqa: E402
from peak import peak_memory  # noqa: E402

LARGE = size(150_000_000, 20_000_000)
# The goal of `bench/run memory`, above a run without such an item.
MEMORY_BYTES = 32 << 20
# Items of a small mailbox, and those that the huge one has beside as many. Of
# both the inbox is moved: where there are many folders to ask for, how soon the
# small ones ask again counts, and so how busy the machine is.
FEW, HUGE = 60, size(800, 400)
INBOX = ("--folder", "Inbox")
# Server time of an item, and how many requests at a time: a huge mailbox's
# lanes alone are four times as many.
SLOW = "slow-item:op=ExportItems,ms=40"
PLACES = 2


def arrivals(pair):
    """Whose items came to the destination, in that order: its lab numbers
    them as they come."""
    with contextlib.closing(sqlite3.connect(pair.path / "destination.db")) as db:
        return [address for address, in db.execute(
            "SELECT m.address FROM item i JOIN mailbox m ON m.key = i.mailbox "
            "WHERE i.associated = 0 ORDER BY i.key")]


def inboxes(pair, side):
    return sorted(line for line in pair.digest(side)
                  if line.split("\t")[1].split("/")[0] == "Inbox")


def of_the_huge_one(pair, *more):
    """How many of its items were there when the last of the small ones' came:
    of how many."""
    huge = pair.admin_csv.read_text().splitlines()[1].split(",")[0]
    pair.control("source", f"/lab/add?items={HUGE}&mailbox={huge}")
    pair.faults("source", SLOW)
    finished = pair.migrate("--mailboxes", "4", "--verify", "nothing", *INBOX,
                            *more)
    equal(finished.status, 0, f"{finished.out}{finished.err}")
    equal(inboxes(pair, "destination"), inboxes(pair, "source"), "inboxes")
    came = arrivals(pair)
    small = [n for n, address in enumerate(came) if address != huge]
    check(small, "the small mailboxes are empty")
    before = small[-1] + 1 - len(small)
    print(f"{before} of {came.count(huge)} before the last of {len(small)}")
    return before, came.count(huge)


@case
def small_mailboxes_beside_a_huge_one():
    """One account's budget. In the order of their coming each request of a
    small one would wait for all of the huge one's lanes, and they would be
    through with it. A busy machine lets it have what they are slow to ask for:
    so the bound is far from what a quiet one shows."""
    with Pair(4, FEW, options=["source:--no-impersonation",
                                 f"source:--max-concurrency={PLACES}"]) as pair:
        before, all_of_it = of_the_huge_one(pair)
        check(before < 0.85 * all_of_it,
              f"the small ones were through after {before} of {all_of_it}")


@case
def below_the_cap_of_a_host():
    """A budget for each of them, and too few places for all."""
    with Pair(4, FEW) as pair:
        before, all_of_it = of_the_huge_one(pair, "--host-requests", PLACES)
        check(before < 0.7 * all_of_it,
              f"the small ones were through after {before} of {all_of_it}")


def peak_of(pair, *more):
    return peak_memory(MAILFERRY, "migrate", pair.admin_csv, *pair.options(),
                       "--doubt-wait", "1", "--verify", "nothing", *more)[0]


@case
def a_large_item_by_spool_file():
    """It is at both sides as it was; and no more of it was ever in memory
    than what is on its way."""
    limit = ("--request-limit", LARGE * 4 // 3 + 1_000_000)
    with Pair(1, 10, options=limit) as pair:
        idle = peak_of(pair, *limit)
        client = client_of(pair, "source", people(pair)[0][0])
        equal(add_large(client, client.folder_id("inbox"), LARGE).codes(),
              ["NoError"], "the large item")
        above = peak_of(pair, *limit) - idle
        pair.assert_moved()
        equal(len(pair.digest("destination")), 11, "items")
        print(f"{above / (1 << 20):.1f} MiB above a run without it")
        # A sanitized program's memory is not its own.
        check(SMALL or above <= MEMORY_BYTES,
              f"{above} bytes above a run without it")


if __name__ == "__main__":
    main()
