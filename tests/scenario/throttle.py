#!/usr/bin/env python3
"""Servers that throttle, under policies that change in mid-run: everything
arrives, few requests are refused, and the number of them at a time is what
the policy takes."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = 150
# Server time of an item: long enough that a run meets its policy.
SLOW = "slow-item:op=ExportItems,ms=10"


def set_policy(pair, side, **settings):
    words = "&".join(f"{name.replace('_', '-')}={value}"
                     for name, value in settings.items())
    pair.control(side, f"/lab/throttle?{words}")


def watched(pair, changes, *more, file=None):
    """A migration; each change is made once so many items were exported."""
    done = threading.Event()

    def watch():
        left = list(changes)
        while left and not done.is_set():
            if pair.counters("source")["fault.slow-item"] >= left[0][0]:
                set_policy(pair, "source", **left.pop(0)[1])
            time.sleep(0.05)
    watcher = threading.Thread(target=watch)
    watcher.start()
    finished = run(MAILFERRY, "migrate", file or pair.admin_csv,
                   *pair.options(), "--doubt-wait", "1", "--json", *more)
    done.set()
    watcher.join()
    equal(finished.status, 0, f"{finished.out[-3000:]}{finished.err}")
    return pair.counters("source")


def few_were_refused(counters):
    """What it takes to find out, whatever the machine's load."""
    busy, requests = counters["busy"], counters["requests"]
    check(busy <= requests / 5, f"{busy} of {requests} refused")


@case
def fewer_at_a_time_than_lanes():
    with Pair(1, ITEMS) as pair:
        pair.faults("source", SLOW)
        set_policy(pair, "source", max_concurrency=2)
        counters = watched(pair, [], "--first-requests", "8")
        check(counters["busy"] > 0, "the policy was never met")
        few_were_refused(counters)
        pair.assert_moved()


@case
def changed_in_mid_run():
    with Pair(1, ITEMS) as pair:
        pair.faults("source", SLOW)
        set_policy(pair, "source", max_concurrency=8)
        counters = watched(pair, [(30, {"max_concurrency": 1}),
                                  (80, {"max_concurrency": 8})])
        check(counters["fault.slow-item"] >= 80, "the policy did not change")
        few_were_refused(counters)
        pair.assert_moved()


@case
def an_account_that_is_spent():
    """The pace is learnt: refusals do not come back again and again."""
    with Pair(1, ITEMS) as pair:
        pair.faults("source", SLOW)
        set_policy(pair, "source", burst=100, recharge=300)
        counters = watched(pair, [])
        check(counters["busy"] > 0, "the policy was never met")
        few_were_refused(counters)
        pair.assert_moved()


@case
def mailboxes_that_share_a_budget():
    """By full access all of them are one account's."""
    with Pair(3, ITEMS, options=["source:--no-impersonation"]) as pair:
        pair.faults("source", SLOW)
        set_policy(pair, "source", max_concurrency=3)
        counters = watched(pair, [], "--mailboxes", "3", "--first-requests",
                           "16")
        few_were_refused(counters)
        pair.assert_moved()


@case
def a_cap_for_each_host():
    with Pair(2, ITEMS) as pair:
        pair.faults("source", SLOW)
        counters = watched(pair, [], "--host-requests", "2",
                           "--first-requests", "16")
        equal(counters["in-flight.most"], 2, "at a time")
        equal(counters["busy"], 0, "busy")
        pair.assert_moved()


def under(policy, *more, **settings):
    """Moved under one of the lab's named policies, with nothing saved up for
    any budget so that a small mailbox meets its limits; the source's counters.
    A batch's second item is in debt, however slow the machine."""
    with Pair(1, 60) as pair:
        pair.faults("source", "slow-item:op=ExportItems,ms=30")
        set_policy(pair, "source", policy=policy, burst=1, **settings)
        counters = watched(pair, [], *more)
        few_were_refused(counters)
        pair.assert_moved()
        return counters


@case
def as_exchange_2010():
    """Its account is spent: it says so, and for how long."""
    for start in 1, 64:
        counters = under("2010", "--lanes", 4, "--first-requests", start)
        check(counters["busy"] > 0, f"from {start}: the policy was never met")


@case
def as_exchange_2013():
    """In debt it only slows down, and never says a word."""
    for start in 1, 64:
        counters = under("2013", "--lanes", 16, "--first-requests", start,
                         delay=50)
        check(counters["delayed-us"] > 0,
              f"from {start}: the policy was never met")
        equal(counters["busy"], 0, f"from {start}: busy")


@case
def as_a_strict_host():
    """Four at a time, two of them Sync calls; slow in debt, and refused past
    the cut-off."""
    for start in 1, 64:
        counters = under("hosted-strict", "--first-requests", start,
                         delay=50, cutoff=200)
        check(counters["delayed-us"] > 0,
              f"from {start}: the policy was never met")


@case
def nothing_before_it_is_time():
    """One lane, so that whatever comes was sent after the answer was heard."""
    with Pair(1, 60) as pair:
        pair.faults("destination", "slow-item:op=UploadItems,ms=10")
        set_policy(pair, "destination", burst=1, recharge=60)
        watched(pair, [], "--lanes", "1")
        counters = pair.counters("destination")
        check(counters["busy"] > 0, "the policy was never met")
        equal(counters["backoff.early"], 0, "requests that came too early")
        pair.assert_moved()


@case
def what_was_read_is_sent_when_it_may_be():
    """The destination is busy, as a whole and for single items: nothing is
    asked of the source twice."""
    with Pair(1, 60) as pair:
        pair.faults("source", "slow-item:op=ExportItems,ms=1")
        pair.faults("destination", "busy:op=UploadItems,every=2,ms=10,times=5",
                    "busy-inside:op=UploadItems,every=3,ms=10,times=5")
        exported = watched(pair, [])["fault.slow-item"]
        counters = pair.counters("destination")
        check(counters["fault.busy"] > 0 and counters["fault.busy-inside"] > 0,
              "nothing was refused")
        pair.faults("destination")
        pair.assert_moved()
        views = sum(1 for line in pair.hidden("source").elements()
                    if ".NamedView\t" in line)
        equal(exported, len(pair.digest("source")) + views, "items exported")


@case
def connections_are_kept():
    """As many as were in use at a time, however many requests and mailboxes;
    beside them, those that find the server and sign in."""
    with Pair(3, 60) as pair:
        watched(pair, [], "--mailboxes", "3", "--lanes", "2")
        for side in "source", "destination":
            counters = pair.counters(side)
            check(counters["requests"] > 5 * counters["connections"],
                  f"{side}: {counters['connections']} connections for "
                  f"{counters['requests']} requests")
        pair.assert_moved()


if __name__ == "__main__":
    main()
