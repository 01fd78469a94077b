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


@case
def a_line_a_mailbox():
    """However much there is to say, a mailbox is one line and a cause is one;
    --verbose, --json and the report have each of them."""
    with Pair(6, 40, beside=["--archive", "source"]) as pair:
        done = pair.migrate("--settings", "all")
        equal(done.status, 1, f"exit status: {done.out}{done.err}")
        lines = done.err.splitlines()
        for source, _ in people(pair):
            mine = [line for line in lines if source in line]
            equal(len(mine), 1, f"lines about {source}: {mine}")
            contains(mine[0], "20 failed")
        for cause, mailboxes, items in (
                ("the source has an archive, the destination has none", 6,
                 120),
                ("hidden items are left behind", 6, 60)):
            found = [line.split()[:2] for line in lines if cause in line]
            equal(found[-1:], [[str(mailboxes), str(items)]], cause)
        check(len(lines) < 20, f"{len(lines)} lines:\n{done.err}")

        run(MAILFERRY, "report", pair.admin_csv, "--out", pair.dir / "out")
        found = json.loads(
            (pair.dir / "out" / "verification.json").read_text())
        for mailbox in found["mailboxes"]:
            contains(mailbox["notes"][0]["text"], "Enable-Mailbox")
            equal(sum(h["items"] for h in mailbox["hidden_left_behind"]), 10,
                  "hidden items in the report")
        equal(len(rows(pair, "failures.csv")), 120, "failures in the report")

        again = pair.migrate("--json")
        told = [e for e in events(again) if e["event"] == "note"]
        equal(sum(e["items"] for e in told if e["what"] == "item failed"), 120,
              "failed items, as --json tells them")
        check(all(e["about"] for e in told if e["what"] == "note"), told)
        equal(len([e for e in told if "archive" in e.get("about", "")]), 6,
              "notes about archives")
        contains(pair.migrate("--verbose").err,
                 "item failed: the source has an archive")


@case
def a_check_of_many():
    """What many mailboxes have alike is told once; --verbose tells of each."""
    with Pair(12, 10) as pair:
        told = pair.mailferry("check").out
        lines = [line for line in told.splitlines() if "IPM.Rule.V" in line]
        equal([line.split()[:3] for line in lines], [["24", "in", "12:"]],
              "lines about rules")
        verbose = pair.mailferry("check", "--verbose").out
        for source, _ in people(pair):
            contains(verbose, f"{source}: 2 hidden items of class")
        found = [json.loads(line) for line in
                 pair.mailferry("check", "--json").out.splitlines()]
        equal(len([f for m in found for f in m.get("findings", [])
                   if "IPM.Rule.V" in f["text"]]), 12, "findings in --json")


@case
def where_it_stands():
    """status: one line for all, and one a mailbox where nothing is
    wrong."""
    with Pair(4, 20) as pair:
        equal(pair.migrate("--settings", "all", "--verify", "full").status, 0,
              "exit status")
        shown = run(MAILFERRY, "status", pair.admin_csv)
        lines = shown.out.splitlines()
        equal(len(lines), 7, f"lines:\n{shown.out}")
        equal(lines[0], "4 mailboxes: 4 verified; 80 of 80 items copied",
              "the first line")
        contains(lines[3], "20/20")
        told = [json.loads(line) for line in
                run(MAILFERRY, "status", pair.admin_csv,
                    "--json").out.splitlines()]
        total = told.pop()["summary"]
        equal(len(told), 4, "mailboxes")
        check(all(m["settings"]["permissions"]["set"] > 0 for m in told), told)
        equal((total["mailboxes"], total["states"], total["copied"],
               total["need_a_person"]), (4, {"verified": 4}, 80, 0), "summary")
        equal(total["bytes"], sum(m["bytes"] for m in told), "bytes")
        kept = rows(pair, "settings.csv")
        equal({row["Part"] for row in kept} & {"permissions", "categories"},
              {"permissions", "categories"}, "parts in settings.csv")
        table = rows(pair, "statistics.csv")
        equal(sum(int(row["Settings Set"]) for row in table),
              len([row for row in kept if row["Outcome"] == "set"]),
              "settings in statistics.csv")


if __name__ == "__main__":
    sys.exit(main())
