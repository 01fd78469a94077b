"""The ledger alone, synchronised to the disk (`build/src/store/store_bench`):
rows a second through *intended* and *copied* in batches of 50, the size of a
row with its indexes, and how long a lane waits for its next batch, also among
10,000 mailboxes, of whose items half are copied (filled once). SQLite, and a
PostgreSQL on the same machine by its socket, as it comes: by one connection,
where many work at once, and its rows with what a vacuum makes room for.
"""
import contextlib
import os
import pathlib
import re
import tempfile

from figures import Figure
from fixture import MAILFERRY, cost_of, postgres

ITEMS = int(os.environ.get("LEDGER_ITEMS", "200000"))
# One connection fills a PostgreSQL with 7,000 rows a second: 24 minutes for all.
MANY_ITEMS = {"SQLite": 10_000_000,
              "PostgreSQL": int(os.environ.get("LEDGER_MANY_ITEMS", "2000000"))}
MANY_MAILBOXES = 10_000
LINES = {
    "intend + record": ("rows/s", 20_000, True),
    "a row, all indexes": ("bytes", 400, False),
    "next, a call": ("ms", 10, False),
}
# What has a goal on PostgreSQL: it is many machines' together.
BOTH = ("next, a call",)


@contextlib.contextmanager
def folder():
    # beside the results: a folder in memory would flatter
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as made:
        yield made


DATABASES = {"SQLite": folder, "PostgreSQL": postgres}


def bench(database, items, *more):
    program = pathlib.Path(MAILFERRY).parent / "src" / "store" / "store_bench"
    with database() as where:
        return cost_of(program, items, 50, where, *more).out


def value(out, name):
    return float(re.search(rf"^{re.escape(name)} +([0-9.]+)", out,
                           re.M).group(1))


def figures_of(name, database, rounds):
    outs = [bench(database, ITEMS) for _ in range(rounds)]
    found = [Figure(f"{name}: {line}", [value(out, line) for out in outs],
                    unit, at_least=at_least,
                    goal=goal if name == "SQLite" or line in BOTH else None)
             for line, (unit, goal, at_least) in LINES.items()]
    many = bench(database, MANY_ITEMS[name], MANY_MAILBOXES)
    return [*found, Figure(
        f"{name}: next among {MANY_MAILBOXES:,} mailboxes with "
        f"{MANY_ITEMS[name]:,} items, p99",
        [value(many, "next, p99")], "ms", goal=10)]


def measure(rounds):
    return [figure for name, database in DATABASES.items()
            for figure in figures_of(name, database, rounds)]
