#!/usr/bin/env python3
"""mailferry dies, anywhere, and is started again: nothing is missing, nothing
is there twice, nothing is altered.

ROUNDS (25) says how many times the random test kills."""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

ROUNDS = int(os.environ.get("ROUNDS") or 25)
# The steps by which items travel; their order is what the promise rests on.
COPYING = ("list", "baseline", "intend", "send", "record", "sweep")
# A kill may hit so often before one run gets through.
RESTARTS = 40


# And those by which changes follow.
FOLLOWING = ("move", "update", "mark", "remove", "follow", "intend", "record")


# What the digest shows beside the mailbox, where that was copied too.
BESIDE = {"--recoverable-items": ["--archive", "--recoverable"]}


def finish(pair, what, *more):
    """Start again until a run gets to its end."""
    for _ in range(RESTARTS):
        done = pair.migrate("--json", "--verify", "full", *more)
        if done.status == 0:
            break
    equal(done.status, 0, f"{what}: the last run: {done.out[-2000:]}{done.err}")
    pair.assert_moved(*(word for name in more for word in BESIDE.get(name, [])))
    pair.assert_views_moved()
    found = [e for e in events(done) if e.get("what") == "double removed"]
    check(not found, f"{what}: doubles had to be removed: {found}")
    again = pair.migrate("--json", *more)
    equal((again.status, copied(again)), (0, 0), f"{what}: run again")


def steps_of(pair, *more):
    """The names of the steps of a whole run, in order."""
    log = pair.dir / "steps"
    done = pair.migrate(*more, env={"MAILFERRY_STEP_LOG": str(log)})
    equal(done.status, 0, f"counting run: {done.err}")
    return [line.split()[1] for line in log.read_text().splitlines()]


@case
def every_named_step():
    """Die at the first step of each name; on the copying path also in the
    middle and at the last one."""
    with Pair(1, 40) as pair:
        names = steps_of(pair)
    counts = collections.Counter(names)
    for name in ("list", "intend", "send", "record", "baseline"):
        check(counts[name] > 0, f"there is no step {name}: {counts}")
    for name, n in sorted(counts.items()):
        places = {1, (n + 1) // 2, n} if name in COPYING else {1}
        for at in sorted(places):
            with Pair(1, 40) as pair:
                died = pair.migrate(
                    env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                # Threads: a late step may not be reached in another order.
                check(died.status in (-signal.SIGKILL, 0),
                      f"{name}:{at}: status {died.status}: {died.err}")
                finish(pair, f"killed at {name}:{at}")


def changed_pair():
    """A mailbox that was moved, and in which all kinds of things happened."""
    pair = Pair(1, 60)
    done = pair.migrate("--json")
    equal(done.status, 0, f"the first run: {done.err}")
    pair.control("source", "/lab/change?edit=6&read=6&move=6&delete=4&touch=6")
    pair.add(5)
    return pair


@case
def every_step_of_what_follows():
    with changed_pair() as pair:
        counts = collections.Counter(steps_of(pair, "--propagate-deletes"))
    for name in FOLLOWING:
        check(counts[name] > 0, f"there is no step {name}: {counts}")
    for name in FOLLOWING:
        for at in sorted({1, counts[name]}):
            with changed_pair() as pair:
                died = pair.migrate(
                    "--propagate-deletes",
                    env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                check(died.status in (-signal.SIGKILL, 0),
                      f"{name}:{at}: status {died.status}: {died.err}")
                finish(pair, f"killed at {name}:{at}", "--propagate-deletes")


@case
def every_named_step_beside_the_mailbox():
    """The same over an archive and recoverable items."""
    beside = ["--archive", "both", "--recoverable", "10"]
    option = "--recoverable-items"
    with Pair(1, 20, beside=beside) as pair:
        counts = collections.Counter(steps_of(pair, option))
    for name in COPYING:
        n = counts[name]
        for at in sorted({max(1, n // 2), n}):
            with Pair(1, 20, beside=beside) as pair:
                died = pair.migrate(
                    option, env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                check(died.status in (-signal.SIGKILL, 0),
                      f"{name}:{at}: status {died.status}: {died.err}")
                finish(pair, f"killed at {name}:{at}", option)


@case
def random_kills():
    """SIGKILL at random moments of a run, a new pair every five rounds."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
    print(f"SEED={seed}")
    rng = random.Random(seed)
    done = 0
    while done < ROUNDS:
        with Pair(1, 150, seed=rng.randrange(1000),
                  options=["--latency=5"]) as pair:
            for _ in range(min(5, ROUNDS - done)):
                kill_once(pair, rng)
                done += 1
            finish(pair, f"SEED={seed}, round {done}")


def kill_once(pair, rng):
    process = subprocess.Popen(
        [MAILFERRY, "migrate", pair.admin_csv, *pair.options(),
         "--doubt-wait", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(0.05, 1.2))
    process.send_signal(signal.SIGKILL)
    process.wait()


@case
def killed_while_answers_are_lost():
    with Pair(1, 80) as pair:
        pair.faults("destination", "drop-after:op=UploadItems,every=3",
                    "late:op=UploadItems,every=5,ms=200")
        for at in (3, 6, 9):
            pair.migrate(env={"MAILFERRY_DIE_AT": f"intend:{at}"})
        pair.faults("destination")
        finish(pair, "killed under faults")


if __name__ == "__main__":
    main()
