"""mailferry dies at a step, is started again, and what is at the destination
then is held against what a run that nothing disturbed has left there.

A Scene says how to get to where the run begins, and how it is run.  Its steps
are counted once; every round makes it anew, kills it at one place, and lets it
finish.  The oracle is the lab's digest, or what the scene's own look() tells.
"""
import collections
import concurrent.futures
import os
import random
import signal
import threading
import time

from harness import MAILFERRY, Failure, check, copied, equal, events

# How many random rounds; more than the usual: also every single step.
USUAL = 25
ROUNDS = int(os.environ.get("ROUNDS") or USUAL)
EVERY = ROUNDS > USUAL
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
# One alone, as it was printed: ROUND=delta:record:3, with SEED=... for others.
ROUND = os.environ.get("ROUND")
# A round mostly waits, for servers that may still be at work.
AT_ONCE = int(os.environ.get("AT_ONCE") or (os.cpu_count() or 1) + 1)


def destination(*more):
    """A look(): all that the destination holds, hidden items too."""
    return lambda pair: collections.Counter(
        pair.digest("destination", "--all", *more))


class Scene:
    """make() gives the Pair where the run begins; words are the run's, ends
    the exit statuses of one that got through, then: the words of the run after it.
    against() tells of a pair what look() is to see, where no two are alike."""

    def __init__(self, name, make, words=(), command="migrate",
                 look=destination(), ends=(0,), against=None, then=None):
        self.name, self.make, self.words = name, make, list(words)
        self.command, self.look, self.ends = command, look, ends
        self.against = against
        self.then = self.words if then is None else list(then)
        self.want, self.steps, self.seconds = None, [], 0
        self.lock = threading.Lock()

    def all_words(self, words):
        usual = [] if self.command == "verify" else ["--doubt-wait", "1"]
        return [*words, *usual]

    def command_line(self, pair):
        return [MAILFERRY, self.command, pair.admin_csv, *pair.options(),
                *self.all_words(self.words)]

    def run(self, pair, *more, env=None):
        return pair.mailferry(self.command, *self.all_words(self.words), *more,
                              env=env)

    def run_after(self, pair, *more):
        return pair.mailferry(self.command, *self.all_words(self.then), *more)

    def rehearse(self):
        """Count the steps of a run that nothing disturbs."""
        with self.make() as pair:
            log = pair.dir / "steps"
            begun = time.monotonic()
            done = self.run(pair, env={"MAILFERRY_STEP_LOG": str(log)})
            self.seconds = time.monotonic() - begun
            check(done.status in self.ends, f"{self.name}: counting run: "
                  f"{done.status}: {done.out[-2000:]}{done.err}")
            self.steps = [line.split()[1]
                          for line in log.read_text().splitlines()]
            self.want = self.look(pair)
        check(self.want, f"{self.name}: nothing to see: it would prove nothing")

    def rehearse_once(self):
        with self.lock:
            if self.want is None:
                self.rehearse()

    def places(self):
        """Every step, or the first, the middle and the last of each name."""
        if EVERY:
            return [str(n) for n in range(1, len(self.steps) + 1)]
        counts = collections.Counter(self.steps)
        return [f"{name}:{at}" for name, n in sorted(counts.items())
                for at in sorted({1, (n + 1) // 2, n})]

    def finish(self, pair, what):
        """The run that follows gets to its end, and then nothing is left."""
        more = ["--json"]
        if self.command == "migrate":
            more += ["--verify", "full"]
        done = self.run_after(pair, *more)
        check(done.status in self.ends,
              f"{what}: the run after: {done.status}: "
              f"{done.out[-2000:]}{done.err}")
        found = [e for e in events(done) if e.get("what") == "double removed"]
        want = self.want if self.against is None else self.against(pair)
        TALLY.compare(what, want, self.look(pair), len(found))
        again = self.run_after(pair, "--json")
        check(again.status in self.ends, f"{what}: run again: {again.err}")
        if self.command == "migrate":
            equal(copied(again), 0, f"{what}: copied by a run with nothing "
                  "to do")

    def die(self, pair, at):
        """None, or the last such step of a run that had fewer of them: lanes
        take what is there when they come, so how many batches there are, and
        with them steps, depends on the machine. Nothing else is an excuse."""
        log = pair.dir / "steps"
        died = self.run(pair, env={"MAILFERRY_DIE_AT": at,
                                   "MAILFERRY_STEP_LOG": str(log)})
        reached = died.status == -signal.SIGKILL
        check(reached or died.status in self.ends,
              f"{self.name}:{at}: status {died.status}: {died.err}")
        self.died(reached)
        if reached:
            return None
        name, _, wanted = at.rpartition(":")
        had = sum(name in ("", line.split()[1])
                  for line in log.read_text().splitlines())
        check(had < int(wanted), f"{self.name}:{at}: it went on, with {had}")
        return f"{name}:{had}".lstrip(":") if had > 0 else None

    @staticmethod
    def died(reached):
        TALLY.reached(reached)

    def round(self, at):
        with self.make() as pair:
            last = self.die(pair, at)
            self.finish(pair, f"{self.name}:{at}")
        if last is not None:
            self.round(last)


class Tally:
    """What has come of all rounds; told at the end."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = collections.Counter()

    def reached(self, died):
        with self.lock:
            self.count["rounds"] += 1
            self.count["not reached"] += not died

    def compare(self, what, want, got, doubles=0):
        lost, more = want - got, got - want
        twice = sum(n for line, n in more.items() if line in want)
        rest = sum(more.values()) - twice
        altered = min(rest, sum(lost.values()))
        found = {"missing": sum(lost.values()) - altered,
                 "twice": twice + rest - altered, "altered": altered,
                 "doubles removed": doubles}
        with self.lock:
            self.count.update(found)
        if any(found.values()):
            raise Failure("\n".join(
                [f"{what}: {found}", *(f"- {line}" for line in list(lost)[:5]),
                 *(f"+ {line}" for line in list(more)[:5])]))

    def __str__(self):
        return ", ".join(f"{self.count[name]} {name}" for name in (
            "rounds", "not reached", "missing", "twice", "altered",
            "doubles removed"))


TALLY = Tally()


def at_once(rounds):
    """Rounds are (name, function); all are made, then the failures told."""
    rounds = [(name, function) for name, function in rounds
              if ROUND in (None, name)]
    failures = []

    def one(name, function):
        try:
            function()
        except Exception as why:  # the next round has its turn
            failures.append(f"ROUND={name}: {why}")
            print(failures[-1], flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(one, *pair) for pair in rounds]:
            done.result()
    print(f"{len(rounds)} rounds; so far: {TALLY}")
    check(not failures, f"{len(failures)} of {len(rounds)} rounds:\n"
          + "\n".join(failures[:20]))


def every_place(scene):
    """Die at the scene's places, each in a round of its own."""
    if ROUND is not None and not ROUND.startswith(f"{scene.name}:"):
        return
    scene.rehearse_once()
    at_once([(f"{scene.name}:{at}", lambda at=at: scene.round(at))
             for at in scene.places()])
