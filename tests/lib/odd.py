"""Runs against servers that misbehave: a mailbox for each fault, so that one
run shows many."""
import csv

from harness import (MAILFERRY, Pair, check, equal, run, size)

# Of each mailbox; with a fault of its own in each, one run shows many.
ITEMS = size(16, 12)


def user(number):
    return f"user{number}@contoso.example"


def failures(pair):
    """The rows of failures.csv."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def for_each(rules, first=1):
    """The rules, for one mailbox after another."""
    return [f"{rule}{',' if ':' in rule else ':'}mailbox={user(n)}"
            for n, rule in enumerate(rules, first)]


def one_each(side, *rules):
    """A pair with a mailbox for each fault, which holds for that alone."""
    pair = Pair(len(rules), ITEMS)
    pair.faults(side, *for_each(rules))
    return pair


def all_fired(pair, side, n):
    """Each of the rules that were given has."""
    lines = pair.control(side, "/lab/faults", method="GET").splitlines()
    equal(len(lines), n, "rules")
    silent = [line for line in lines if line.endswith("fired=0")]
    check(not silent, f"never fired: {silent}")


def moved_in_spite_of_each(side, *rules, options=()):
    """One run of a mailbox for each: all is there, nothing twice, and who
    runs it hears of no failure."""
    with one_each(side, *rules) as pair:
        done = pair.migrate("--json", "--mailboxes", len(rules), *options)
        equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
        all_fired(pair, side, len(rules))
        pair.faults(side)
        pair.assert_moved()
        equal(failures(pair), [], "failures.csv")
        return done
