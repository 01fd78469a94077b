#!/usr/bin/env python3
"""mailferry dies, anywhere, and is started again: nothing is missing, nothing
is there twice, nothing is altered.

Of each scene the first, the middle and the last step of each name are died
at, and ROUNDS (25) times it is killed at random; with more than 25 ROUNDS at
every single step.  A round is repeated by what its failure says:
SEED=1 ROUND=first:record:3 python3 tests/crash/crash.py."""
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from dying import ROUNDS, SEED, at_once, every_place  # noqa: E402
from scenes import PORTABLE, SCENES  # noqa: E402

# A mailbox must have been through these, or its rounds say nothing.
MUST = {
    "first": ("list", "baseline", "intend", "UploadItems", "record", "sweep",
              "CreateFolder", "map", "verify", "pass"),
    "portable": ("CreateItem", "CreateAttachment", "DeleteAttachment",
                 "UpdateItem", "record"),
    "trial": ("UploadItems", "DeleteFolder"),
    "delta": ("move", "update", "mark", "remove", "follow", "remove-folder",
              "MoveFolder", "UpdateFolder", "place", "intend", "record"),
    "portable-delta": ("CreateItem", "DeleteItem", "follow", "move"),
    "adopt": ("adopt", "intend", "record"),
    "beside": ("list", "baseline", "intend", "UploadItems", "record", "sweep"),
    "cancelled": ("intend", "UploadItems", "record"),
    "settings": ("setting", "UpdateFolder", "AddDelegate", "UpdateInboxRules",
                 "SetUserOofSettings", "SetUserPhoto"),
    "settings-again": ("UpdateDelegate",),
    "verify": ("verify",),
}
# A kill may hit so often before one run gets through.
KILLS = 3


def every_step_of(scene):
    def every_step():
        every_place(scene)
        for name in MUST[scene.name] if scene.steps else ():
            check(name in scene.steps, f"{scene.name}: no step {name}")
    every_step.__name__ = f"every_step_of_{scene.name.replace('-', '_')}"
    return case(every_step)


for one in SCENES:
    every_step_of(one)


def kill(scene, pair, seconds):
    """SIGKILL after so long, whatever it is doing."""
    process = subprocess.Popen(scene.command_line(pair),
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def kill_round(number):
    """Follows from SEED and its number, but for the machine's own moods."""
    rng = random.Random(f"{SEED}:{number}")
    scene = rng.choice(SCENES)
    times = [rng.uniform(0, 1.2) for _ in range(rng.randint(1, KILLS))]
    scene.rehearse_once()
    with scene.make() as pair:
        for share in times:
            kill(scene, pair, share * scene.seconds)
            scene.died(True)
        scene.finish(pair, f"SEED={SEED} ROUND=kill:{number} ({scene.name})")


@case
def random_kills():
    print(f"SEED={SEED}")
    at_once([(f"kill:{n}", lambda n=n: kill_round(n)) for n in range(ROUNDS)])


@case
def killed_while_answers_are_lost():
    for options, operation in (([], "UploadItems"), (PORTABLE, "CreateItem")):
        with Pair(1, 80, options=options) as pair:
            pair.faults("destination", f"drop-after:op={operation},every=3",
                        f"late:op={operation},every=5,ms=200")
            for at in (3, 6, 9):
                pair.migrate(env={"MAILFERRY_DIE_AT": f"intend:{at}"})
            pair.faults("destination")
            done = pair.migrate("--json", "--verify", "full")
            equal(done.status, 0, f"{done.out[-2000:]}{done.err}")
            equal(len(pair.digest("destination")), 80, "items")
            if not options:
                pair.assert_moved()


if __name__ == "__main__":
    main()
