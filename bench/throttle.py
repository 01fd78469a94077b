"""A source 40 ms away that takes 50 ms of its time for each item that it
exports, under three kinds of policy, and a destination 40 ms away without one.
*Concurrency*: 4 requests at a time; *time*: its account of a budget grows by 2 s
each second, and what is over it is refused; *delay*: it grows by 1 s each second,
and each item of a budget in debt is delayed by half a second without a word.
*Achieved* is what was exported a second from the first item until nine of ten were,
as a share of what the policy permits in that time, reckoned from the policy
alone: places / time of an item, or (account at the beginning + growth) / time of
an item. *From N*: `--first-requests N`. *Four mailboxes* are opened by one
account with full access, and share its budget.
"""
import dataclasses
import os
import subprocess
import tempfile
import time

from figures import Figure
from fixture import Sides
from lab import Lab

ITEM_MS = 50
LATENCY = ("--latency", "40")
# Enough lanes to fill what the policy permits.
LANES = 8
STARTS = (1, 8, 32)
ITEMS = int(os.environ.get("THROTTLE_ITEMS", "6000"))
ACHIEVED, BUSY = 0.95, 1.0


@dataclasses.dataclass
class Policy:
    """By the names of the lab's settings; the rest of it is *none*."""
    settings: dict

    def options(self):
        return [w for name, n in self.settings.items()
                for w in (f"--{name}", str(n))]

    def wait_until_full(self):
        """The account of a budget that a run has left in debt."""
        if "recharge" in self.settings:
            time.sleep(2 * self.settings["burst"] / self.settings["recharge"])

    def permits(self, seconds):
        """Items in that time, from a full account on."""
        each = ITEM_MS / 1000
        most = []
        if "max-concurrency" in self.settings:
            most.append(self.settings["max-concurrency"] * seconds / each)
        if "recharge" in self.settings:
            ahead = self.settings["burst"] + self.settings.get("cutoff", 0) \
                if "delay" not in self.settings else self.settings["burst"]
            most.append((ahead / 1000 + self.settings["recharge"] / 1000 *
                         seconds) / each)
        return min(most)


POLICIES = {
    "concurrency": Policy({"max-concurrency": 4}),
    "time": Policy({"max-concurrency": 27, "burst": 5000, "recharge": 2000}),
    "delay": Policy({"max-concurrency": 27, "burst": 5000, "recharge": 1000,
                     "cutoff": 3000000, "delay": 500}),
}


class Watch:
    """A lab's counters over the time of a run."""

    def __init__(self, source):
        self.source, self.seen = source, []
        source.control("POST", "/lab/reset-counters")

    def look(self):
        found = self.source.counters()
        self.seen.append((time.monotonic(),
                          found.get("fault.slow-item", 0),
                          found.get("requests", 0), found.get("busy", 0)))

    def span(self, first, last):
        """Seconds and items from one number of items to another."""
        inside = [s for s in self.seen if first <= s[1] <= last]
        return inside[-1][0] - inside[0][0], inside[-1][1] - inside[0][1]

    def busy(self):
        """Of a hundred requests."""
        return 100 * self.seen[-1][3] / self.seen[-1][2]


def run(sides, policy, *options, each=None):
    """One migration, watched; each(items) is called as it goes on."""
    sides.anew()
    policy.wait_until_full()
    watch = Watch(sides.source)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [str(w) for w in sides.command("--verify", "nothing", "--lanes",
                                           LANES, *options)],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            watch.look()
            if each is not None:
                each(watch.seen[-1][1])
            time.sleep(0.2)
        watch.look()
        if process.returncode != 0:
            out.seek(0)
            raise SystemExit(f"migrate: status {process.returncode}\n"
                             f"{out.read().decode(errors='replace')[-2000:]}")
    return watch


def sides_of(policy, mailboxes, more=()):
    return Sides(mailboxes, ITEMS, *more, *LATENCY, source=[
        *policy.options(), "--fault",
        f"slow-item:op=ExportItems,ms={ITEM_MS}"])


def share(policy, watch):
    """Of what was permitted, by the time that nine of ten were out."""
    seconds, items = watch.span(1, watch.seen[-1][1] * 0.9)
    return items / policy.permits(seconds)


def figures_of(name, what, achieved, busy):
    return [Figure(f"{name}, {what}: achieved / permitted", achieved, "",
                   goal=ACHIEVED, at_least=True),
            Figure(f"{name}, {what}: busy answers", busy, "%", goal=BUSY)]


def from_starts(name, policy, rounds):
    found = []
    with sides_of(policy, 1) as sides:
        for start in STARTS:
            watches = [run(sides, policy, "--first-requests", start)
                       for _ in range(rounds)]
            found += figures_of(name, f"from {start}",
                                [share(policy, w) for w in watches],
                                [w.busy() for w in watches])
    return found


def shared(name, policy, rounds):
    """One account with full access for four mailboxes."""
    with sides_of(policy, 4, ("--no-impersonation",)) as sides:
        watches = [run(sides, policy) for _ in range(rounds)]
    return figures_of(name, "four mailboxes", [share(policy, w) for w in watches],
                      [w.busy() for w in watches])


def measure(rounds):
    found = []
    for name, policy in POLICIES.items():
        found += from_starts(name, policy, rounds)
        found += shared(name, policy, rounds)
    return found
