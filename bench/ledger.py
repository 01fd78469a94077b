"""The ledger alone, SQLite with full synchronisation (`build/src/store/store_bench`):
rows a second through *intended* and *copied* in batches of 50, the size of a
row with its indexes, and how long a lane waits for its next batch, also among 10,000 mailboxes with 10,000,000 items (filled once)."""
import os
import pathlib
import re
import tempfile

from figures import Figure
from fixture import MAILFERRY, cost_of

ITEMS = 200_000
MANY_ITEMS, MANY_MAILBOXES = 10_000_000, 10_000
LINES = {
    "intend + record": ("rows/s", 20_000, True),
    "a row, all indexes": ("bytes", 400, False),
    "next, a call": ("ms", 10, False),
}


def bench(items, *more):
    program = pathlib.Path(MAILFERRY).parent / "src" / "store" / "store_bench"
    # beside the results: a folder in memory would flatter
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        return cost_of(program, items, 50, folder, *more).out


def value(out, name):
    return float(re.search(rf"^{re.escape(name)} +([0-9.]+)", out,
                           re.M).group(1))


def measure(rounds):
    found = {name: [] for name in LINES}
    for _ in range(rounds):
        out = bench(ITEMS)
        for name, values in found.items():
            values.append(value(out, name))
    many = bench(MANY_ITEMS, MANY_MAILBOXES)
    return [*(Figure(name, found[name], unit, goal=goal, at_least=at_least)
              for name, (unit, goal, at_least) in LINES.items()),
            Figure("next among 10,000 mailboxes, p99",
                   [value(many, "next, p99")], "ms", goal=10)]
