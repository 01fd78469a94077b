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


if __name__ == "__main__":
    main()
