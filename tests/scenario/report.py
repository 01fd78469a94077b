#!/usr/bin/env python3
"""What an operator sees: of a migration in which nothing is wrong, nothing
that alarms; of one in which something is, each thing once, with its remedy.

The oracle is what both servers tell a client that shares no code with
mailferry, and the lab's state."""
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import client_of, nothing_was_sent, people  # noqa: E402


def rows(pair, name):
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", pair.dir / "out")
    equal(done.status, 0, f"report: {done.err}")
    with open(pair.dir / "out" / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


@case
def nothing_fails_in_a_healthy_pair():
    """Accounts that are gone at the source (each calendar of the lab names
    one) are said, and are nobody's business."""
    with Pair(3, 40, beside=["--archive", "both"]) as pair:
        done = pair.migrate("--settings", "all", "--verify", "full")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        for word in ("fail", "not mapped", "error"):
            check(word not in done.out.replace("0 failed", "")
                  .replace("0 with failures", "").lower(),
                  f"{word!r} in {done.out}")
        found = rows(pair, "permissions.csv")
        equal({row["Outcome"] for row in found}, {"set", "left out"},
              "outcomes")
        gone = [row for row in found if row["Outcome"] == "left out"]
        equal({row["Folder"] for row in gone}, {"Calendar"}, "whose account")
        pair.assert_moved("--archive")
        nothing_was_sent(pair)


if __name__ == "__main__":
    sys.exit(main())
