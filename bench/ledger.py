"""The ledger alone, SQLite with full synchronisation (`build/src/store/store_bench`):
rows a second through *intended* and *copied* in batches of 50, the size of a
row with its indexes, and how long a lane waits for its next batch."""
import os
import pathlib
import re
import tempfile

from figures import Figure
from fixture import MAILFERRY, cost_of

ITEMS = 200_000
LINES = {
    "intend + record": ("rows/s", 20_000, True),
    "a row, all indexes": ("bytes", 400, False),
    "next, a call": ("ms", 10, False),
}


def measure(rounds):
    program = pathlib.Path(MAILFERRY).parent / "src" / "store" / "store_bench"
    found = {name: [] for name in LINES}
    for _ in range(rounds):
        # beside the results: a folder in memory would flatter
        with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
            out = cost_of(program, ITEMS, 50, folder).out
        for name, values in found.items():
            values.append(float(re.search(
                rf"^{re.escape(name)} +([0-9.]+)", out, re.M).group(1)))
    return [Figure(name, found[name], unit, goal=goal, at_least=at_least)
            for name, (unit, goal, at_least) in LINES.items()]
