#!/usr/bin/env python3
"""The wall clock is set by an hour or a year, either way, while mailferry runs
or between its death and the next run: all arrives, once; nobody waits for a
time that will not come, and nobody asks again and again."""
import datetime
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

LIBRARY = os.environ.get("TEST_CLOCK_LIBRARY", str(
    pathlib.Path(MAILFERRY).resolve().parent / "tests" / "libtest_clock.so"))
ITEMS = 60
HOUR, YEAR = 3600, 365 * 86400
JUMPS = (HOUR, -HOUR, YEAR, -YEAR)
# Passing failures, so that items wait; lost answers, so that there is doubt.
TROUBLE = {
    "source": ["busy-inside:op=ExportItems,code=ErrorServerBusy,ms=700,every=7",
               "slow-item:op=ExportItems,ms=20"],
    "destination": ["drop-after:op=UploadItems,times=1,skip=1",
                    "busy:op=UploadItems,ms=700,every=6"],
}


class Clock:
    """A wall clock for programs that begin with it."""

    def __init__(self, directory):
        if not pathlib.Path(LIBRARY).exists():
            raise Skip(f"{LIBRARY} was not built")
        self.file = pathlib.Path(directory) / "clock"
        self.set(0)

    def set(self, seconds):
        self.now = seconds
        new = self.file.with_suffix(".new")
        new.write_text(str(seconds))
        new.rename(self.file)

    def env(self, **more):
        return {"LD_PRELOAD": LIBRARY, "TEST_CLOCK": str(self.file),
                # a sanitizer would rather be the first
                "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
                **more}


def begin_trouble(pair):
    for side, rules in TROUBLE.items():
        pair.faults(side, *rules)


def end_trouble(pair):
    for side in TROUBLE:
        pair.faults(side)


def all_is_well(pair, done, asked_most):
    equal(done.status, 0, f"{done.out[-3000:]}{done.err}")
    for side in TROUBLE:
        asked = pair.counters(side)["requests"]
        check(asked < asked_most, f"{asked} requests to the {side}")
    end_trouble(pair)
    pair.assert_moved()


def time_of(event):
    """By the clock of the run itself."""
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))


class Watched:
    """A migration whose events are seen as they come."""

    def __init__(self, pair, *more, env):
        self.seen, self.err = [], pair.path / "watched.err"
        self.process = subprocess.Popen(
            [str(w) for w in (MAILFERRY, "migrate", pair.admin_csv,
                              *pair.options(), "--doubt-wait", "1", "--json",
                              *more)],
            stdout=subprocess.PIPE, stderr=self.err.open("w"), text=True,
            env={**os.environ, **env})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.seen.append(json.loads(line))

    def running(self):
        return self.process.poll() is None

    def jumped(self, seconds):
        """Whether it has said something at a time that far off."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return any(abs((time_of(e) - now).total_seconds() - seconds) < 600
                   for e in list(self.seen))

    def end(self):
        try:
            status = self.process.wait(RUN_SECONDS)
        except BaseException:
            self.process.kill()
            raise
        self.reader.join()
        return Run(status, "\n".join(map(json.dumps, self.seen)),
                   self.err.read_text())


def set_in_mid_run(jump):
    """Once while it copies; and back again when it has said so."""
    with Pair(1, ITEMS) as pair:
        clock = Clock(pair.dir)
        begin_trouble(pair)
        watched = Watched(pair, "--patience", "120", env=clock.env())
        try:
            for items, seconds in ((15, jump), (40, 0)):
                while watched.running() and (
                        pair.counters("source")["fault.slow-item"] < items
                        or not watched.jumped(clock.now)):
                    time.sleep(0.05)
                clock.set(seconds)
        finally:
            finished = watched.end()
        check(watched.jumped(jump), "the clock was not set: "
              + str([e["time"] for e in watched.seen]))
        all_is_well(pair, finished, 1500)


def set_between_runs(jump):
    """It dies with items in doubt and others that wait; the next one is told
    another time."""
    with Pair(1, ITEMS) as pair:
        clock = Clock(pair.dir)
        begin_trouble(pair)
        for place in ("intend:3", "UploadItems:2", "record:4"):
            died = pair.migrate(env=clock.env(MAILFERRY_DIE_AT=place))
            check(died.status < 0 or died.status > 2,
                  f"it did not die at {place}: {died.status}")
            clock.set(jump)
        finished = pair.migrate("--json", env=clock.env())
        all_is_well(pair, finished, 1500)
        # and by the right time again, with nothing to do
        clock.set(0)
        again = pair.migrate("--json", env=clock.env())
        equal((again.status, copied(again)), (0, 0), "once more")


def word(jump):
    return ("on" if jump > 0 else "back") + \
        ("_a_year" if abs(jump) == YEAR else "_an_hour")


for one in JUMPS:
    for how in (set_in_mid_run, set_between_runs):
        def test(one=one, how=how):
            how(one)
        test.__name__ = f"{how.__name__}_{word(one)}"
        case(test)


if __name__ == "__main__":
    main()
