#!/usr/bin/env python3
"""lab/pair: two servers from one command, as its help says."""
import csv
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403


def running(pair, side):
    """Whether the process of that side is there."""
    file = pair.path / f"{side}.pid"
    if not file.exists():
        return False
    return pathlib.Path("/proc", file.read_text().strip()).exists()


@case
def files():
    with Pair(2, 30, seed=5) as pair:
        for name in ("SOURCE_URL", "DESTINATION_URL"):
            check(pair.env[name].startswith("https://127.0.0.1:"), name)
        check(pair.env["SOURCE_URL"] != pair.env["DESTINATION_URL"], "URLs")
        header = ("Source Email,Source UserName,Source Password,Destination "
                  "Email,Destination UserName,Destination Password,Flags")
        for file in (pair.admin_csv, pair.passwords_csv):
            equal(file.read_text().splitlines()[0], header, file.name)
        for row in csv.DictReader(pair.admin_csv.open()):
            equal(row["Source UserName"] + row["Source Password"], "", "row")
            equal(row["Flags"], "0", "flags")
        rows = list(csv.DictReader(pair.passwords_csv.open()))
        equal(len(rows), 2, "mailboxes")
        for row in rows:
            for side in ("Source", "Destination"):
                equal(row[f"{side} UserName"], row[f"{side} Email"], side)
                check(len(row[f"{side} Password"]) >= 16, "password")
        for path in pair.path.rglob("*"):
            equal(path.stat().st_mode & 0o077, 0, f"mode of {path.name}")
        words = pair.options()
        for option in ("--source", "--destination", "--source-admin",
                       "--destination-admin", "--source-password-file",
                       "--destination-password-file", "--ca-file"):
            check(option in words, f"no {option} in {words}")
        for option in ("--ca-file", "--source-password-file"):
            check(os.path.isabs(words[words.index(option) + 1]), option)


@case
def filled_and_empty():
    with Pair(3, 40) as pair:
        lines = pair.digest("source")
        equal(len(lines), 120, "items at the source")
        equal(lines, sorted(lines, key=str.encode), "in order")
        for line in lines:
            equal(len(line.split("\t")), 4, "columns")
        equal(pair.digest("destination"), [], "items at the destination")
        one = pair.digest("source", USER2)
        equal(one, [l for l in lines if l.startswith(USER2)], "one mailbox")
        check(len(pair.digest("source", "--all")) > 120, "hidden items")


@case
def beside_the_mailboxes():
    all_of_it = ["--archive", "--recoverable"]
    with Pair(1, 40, beside=["--archive", "both", "--recoverable", "6"]) as pair:
        source = collections.Counter(
            line.split("\t")[1].split("/")[0]
            for line in pair.digest("source", *all_of_it))
        equal([source[name] for name in ("%archive", "%recoverable",
                                         "%archive-recoverable")],
              [20, 6, 6], "items beside the source's mailbox")
        equal(pair.digest("destination", *all_of_it), [], "the destination")
        before = pair.digest("source"), pair.digest("source", *all_of_it)
        pair.control("source", "/lab/change?edit=2&archive=1")
        equal(pair.digest("source"), before[0], "the mailbox itself")
        edited = collections.Counter(pair.digest("source", *all_of_it))
        equal(sum((edited - collections.Counter(before[1])).values()), 2,
              "the archive's items")
    with Pair(1, 4, beside=["--archive", "source"]) as pair:
        check(any("%archive" in line
                  for line in pair.digest("source", "--archive")), "an archive")


@case
def equal_by_their_seed():
    digests = []
    for seed in (3, 3, 4):
        with Pair(1, 50, seed=seed) as pair:
            digests.append(pair.digest("source"))
    equal(digests[0], digests[1], "the same seed")
    check(digests[0] != digests[2], "another seed gives the same items")


@case
def adding():
    with Pair(3, 20) as pair:
        before = pair.digest("source")
        pair.add(10, seed=1)
        pair.add(7, seed=2)
        after = collections.Counter(pair.digest("source"))
        new = after - collections.Counter(before)
        equal(sum(new.values()), 17, "new items")
        equal(sum((collections.Counter(before) - after).values()), 0, "lost")
        equal(len({line.split("\t")[0] for line in new}), 3, "mailboxes")


@case
def options_for_one_or_both():
    with Pair(1, 0, options=["--version", "2013", "source:--latency", "1",
                             "destination:--version", "2010_SP2",
                             "source:--fault", "source:busy:every=100",
                             "--auth", "basic"]) as pair:
        said = {}
        for side in ("source", "destination"):
            lab = type("", (), {"url": pair.env[f"{side.upper()}_URL"][:-4],
                                "ca": pair.env["CA_FILE"],
                                "connect": Lab.connect,
                                "control": Lab.control})()
            said[side] = (lab.control("GET", "/lab/throttle"),
                          lab.control("GET", "/lab/faults"))
            done = run("curl", "--silent", "--include", "--cacert", lab.ca,
                       lab.url + "/EWS/Exchange.asmx")
            check("NTLM" not in done.out and "Basic" in done.out, done.out)
        contains(said["source"][0], "latency 1\n")
        contains(said["destination"][0], "latency 0\n")
        # the versions' own limits tell them apart
        contains(said["source"][0], "max-concurrency 27\n")
        contains(said["destination"][0], "max-concurrency 10\n")
        equal([s[1][:4] for s in said.values()], ["busy", ""], "faults")


@case
def stopping():
    with Pair(1, 0) as pair:
        check(running(pair, "source") and running(pair, "destination"), "runs")
        equal(run(PAIR, "stop", pair.path).status, 0, "stop")
        check(not running(pair, "source"), "the source still runs")
        check(not running(pair, "destination"), "the destination still runs")
        equal(run(PAIR, "stop", pair.path).status, 0, "again")
        # Somebody else's process with that number is left alone.
        other = subprocess.Popen(["sleep", "60"])
        (pair.path / "source.pid").write_text(f"{other.pid}\n")
        equal(run(PAIR, "stop", pair.path).status, 0, "with a stale number")
        equal(other.poll(), None, "the other process")
        other.kill()
        other.wait()
        # What was stored can be read without a server.
        equal(run(PAIR, "digest", pair.path, "destination").status, 0, "digest")


@case
def refusals():
    with Pair(1, 0) as pair:
        again = run(PAIR, "start", pair.path)
        equal(again.status, 1, "on a folder that is in use")
        contains(again.err, "is there already")
        check(running(pair, "source"), "and nothing was stopped")
    with tempfile.TemporaryDirectory() as folder:
        bad = run(PAIR, "start", f"{folder}/p", "--mailboxes", "1", "--items",
                  "1", "--", "--nonsense")
        equal(bad.status, 1, "an option that the lab does not have")
        contains(bad.err, "--nonsense")
        contains(bad.err, "does not start")
        equal(run(PAIR, "stop", f"{folder}/p").status, 0, "nothing to stop")
        equal(run(PAIR, "start", f"{folder}/a b").status, 1, "a blank")
        equal(run(PAIR, "digest", f"{folder}/none", "source").status, 1,
              "no such pair")
        equal(run(PAIR, "counters", f"{folder}/none", "source").status, 1,
              "no such pair")
        # A start that failed can be made again.
        again = run(PAIR, "start", f"{folder}/p", "--mailboxes", "1")
        equal(again.status, 0, f"after a failure: {again.err}")
        equal(run(PAIR, "stop", f"{folder}/p").status, 0, "stop")
    for words in ([], ["fly", "x"], ["start"], ["start", "x", "--items"],
                  ["start", "x", "--items", "many"], ["start", "x", "--fly"],
                  ["digest", "x"], ["digest", "x", "middle"],
                  ["add", "x", "--seed"], ["stop", "x", "y"]):
        equal(run(PAIR, *words).status, 64, f"{words}")
    equal(run(PAIR, "--help").status, 0, "help")


if __name__ == "__main__":
    main()
