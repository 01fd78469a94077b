"""What more workers bring where the servers are far away: 40 mailboxes of 20
items on one PostgreSQL, both servers a tenth of a second away, each worker a
process that moves one mailbox at a time by one lane, so that it waits nearly
always. *Speed-up* is the time from the start of the migration, with all
workers idle before, to the last mailbox's end, of one worker against that of so
many in the same round; the goal is nine tenths of their number. Mailboxes take
5 to 7 seconds each, and at the end all workers but one wait for the last one:
the fewer there are, the more of the time is that. *CPU* is what all workers
together used of a processor meanwhile. Both sides' digests are equal at the end
of each run.
"""
import os
import time

from figures import Figure
from fixture import postgres, spent_by
from fleet import Fleet
from harness import Pair

MAILBOXES = int(os.environ.get("FLEET_MAILBOXES", "40"))
WORKERS = (1, 2, 4, 8)
OPTIONS = '{"lanes":1,"verify":"nothing"}'
FAR = ("--policy", "none", "--latency", "100")
LINEAR = 0.9


def ended(fleet):
    return sum(fleet.text(name).count(") is done") for name in fleet.workers)


def run(where, workers):
    """Seconds, and those of a processor."""
    with Pair(mailboxes=MAILBOXES, items=20, options=FAR) as pair, \
            Fleet(pair, where, WORKER_LEASE="60s") as fleet:
        number = fleet.add(OPTIONS)
        for n in range(workers):
            fleet.start(f"worker{n}", "--at-once", 1)
        before = sum(spent_by(w.pid) for w in fleet.workers.values())
        began = time.monotonic()
        fleet.migration("start", number)
        while ended(fleet) < MAILBOXES:
            time.sleep(0.05)
        took = time.monotonic() - began
        spent = sum(spent_by(w.pid) for w in fleet.workers.values()) - before
        pair.assert_moved()
        for name in list(fleet.workers):
            fleet.stop(name)
    return took, spent


def measure(rounds):
    found = {n: [] for n in WORKERS}
    for _ in range(rounds):
        with postgres() as where:
            for n in WORKERS:
                found[n].append(run(where, n))
    alone = [took for took, _ in found[1]]
    figures = [Figure("1 worker", alone, "s")]
    for n in WORKERS[1:]:
        figures.append(Figure(
            f"{n} workers, speed-up",
            [one / took for one, (took, _) in zip(alone, found[n])], "",
            goal=LINEAR * n, at_least=True))
    return [*figures, *(Figure(
        f"CPU, {n} worker" + "s" * (n > 1),
        [100 * spent / took for took, spent in found[n]], "% of a processor")
        for n in WORKERS)]
