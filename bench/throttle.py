"""A source 40 ms away that takes 50 ms of its time for each item that it
exports, under three kinds of policy, and a destination 40 ms away without one.
*Concurrency*: 4 requests at a time; *time*: its account of a budget grows by 2 s
each second, and what is over it is refused; *delay*: it grows by 1 s each second,
and each item of a budget in debt is delayed by half a second without a word: whoever
has places enough gets more than it permits, by its debt.
*Achieved* is the server's time that went into exports from the first item until
nine of ten were out, as a share of what the policy permits in that time: places,
or account at the beginning + growth. The lab counts it as it charges budgets, for an
item takes more than 50 ms of it: the lab works for it, and on a busy machine
sleeps too long. What other requests took of the server, and places held for a
round trip, count as not achieved. *Busy answers* are shares of all requests, of
a run that has some hundred; *later* leaves out those until a third of the items
was out, by which the policy is found out. *From N*: `--first-requests N`. *Four
mailboxes* are opened by one account with full access, and share its budget.
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
        """Seconds of the server's time, from a full account on."""
        most = [self.settings["max-concurrency"] * seconds]
        if "recharge" in self.settings:
            ahead = self.settings["burst"] + self.settings.get("cutoff", 0) \
                if "delay" not in self.settings else self.settings["burst"]
            most.append(ahead / 1000 + self.settings["recharge"] / 1000 *
                        seconds)
        return min(most)


POLICIES = {
    "concurrency": Policy({"max-concurrency": 4}),
    "time": Policy({"max-concurrency": 27, "burst": 5000, "recharge": 2000}),
    "delay": Policy({"max-concurrency": 27, "burst": 5000, "recharge": 1000,
                     "cutoff": 3000000, "delay": 500}),
}


@dataclasses.dataclass
class Look:
    """What a lab has counted by then."""
    at: float
    items: int
    server: float  # seconds of its time in exports
    requests: int
    busy: int


class Watch:
    """A lab's counters over the time of a run."""

    def __init__(self, source):
        self.source, self.seen = source, []
        source.control("POST", "/lab/reset-counters")

    def look(self):
        found = self.source.counters()
        self.seen.append(Look(time.monotonic(),
                              found.get("fault.slow-item", 0),
                              found.get("server-us.ExportItems", 0) / 1e6,
                              found.get("requests", 0), found.get("busy", 0)))

    def share(self, policy):
        """Of what was permitted, by the time that nine of ten were out."""
        inside = [s for s in self.seen
                  if 1 <= s.items <= 0.9 * self.seen[-1].items]
        first, last = inside[0], inside[-1]
        return ((last.server - first.server) /
                policy.permits(last.at - first.at))

    def busy(self, after=0):
        """Of a hundred requests, once that share of the items was out."""
        last = self.seen[-1]
        if after == 0:
            return 100 * last.busy / last.requests
        first = next(s for s in self.seen if s.items >= after * last.items)
        return (100 * (last.busy - first.busy) /
                (last.requests - first.requests))


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
                each(watch.seen[-1].items)
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


def figures_of(name, policy, watches):
    return [Figure(f"{name}: achieved / permitted",
                   [w.share(policy) for w in watches], "", goal=ACHIEVED,
                   at_least=True),
            Figure(f"{name}: busy answers", [w.busy() for w in watches], "%"),
            Figure(f"{name}: busy answers later",
                   [w.busy(1 / 3) for w in watches], "%", goal=BUSY)]


def from_starts(name, policy, rounds):
    found = []
    with sides_of(policy, 1) as sides:
        for start in STARTS:
            watches = [run(sides, policy, "--first-requests", start)
                       for _ in range(rounds)]
            found += figures_of(f"{name}, from {start}", policy, watches)
    return found


def shared(name, policy, rounds):
    """One account with full access for four mailboxes."""
    with sides_of(policy, 4, ("--no-impersonation",)) as sides:
        watches = [run(sides, policy) for _ in range(rounds)]
    return figures_of(f"{name}, four mailboxes", policy, watches)


def measure(rounds):
    found = []
    for name, policy in POLICIES.items():
        found += from_starts(name, policy, rounds)
        found += shared(name, policy, rounds)
    return found
