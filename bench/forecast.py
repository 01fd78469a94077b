"""How often the promised time held: migrations of a simulated world
(bench/forecast_world.py, which shares nothing with the forecast: other laws of
noise, ceilings, stalls, passes that begin again, a throttle that one in four
tightens half-way), one after the other of the same providers. The forecast is
taken before each begins, and when a tenth, half and three quarters of its bytes
have been copied; *held* is the share of migrations that ended by its P90,
*width* the median of P90 to P50, both counted from the moment of the forecast,
*error* the median of how far the P50 was off. The constants of the forecast
were chosen on other worlds (seeds 101 to 104 and 11 to 15) than those that are
measured here (from 21 on).

Before the first migration of a new provider there is no goal: it has nothing
but default rates to go by, which need not be those of its servers. A throttle
is tightened in the moment in which the forecast at 50 % has been given, by 1.3
to 2 times, and nothing tells of it before: these migrations stand apart. At
75 % what was tightened has been seen. *CPU* is that of one forecast of a queue
of 10,000 mailboxes. The picture is one of these migrations, of which somebody
tightened the throttle: [forecast.svg](forecast.svg).
"""
import os
import pathlib
import random
import statistics
import subprocess

from figures import Figure
from forecast_plot import plot
from forecast_world import Migration, Provider

PROVIDERS = int(os.environ.get("FORECAST_PROVIDERS", "40"))
MIGRATIONS = 6  # of each, after its first one
NEWCOMERS = 2 * PROVIDERS  # more providers, with their first migration alone
STAGES = (0, 10, 50, 75)
FIRST_SEED = 21
HELD, WIDTH = (85, 95), 1.5
QUEUE = 10000
ROOT = pathlib.Path(__file__).resolve().parents[1]
EPOCH_S = 1767571200  # a Monday


def us(seconds):
    return round((EPOCH_S + seconds) * 1e6)


class Forecaster:
    """build/src/fleet/forecast_bench, told of one provider."""

    def __init__(self):
        program = pathlib.Path(
            os.environ.get("MAILFERRY", ROOT / "build/mailferry")
        ).parent / "src/fleet/forecast_bench"
        self.pipe = subprocess.Popen([program], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True,
                                     bufsize=1 << 20)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.pipe.stdin.close()
        self.pipe.wait()

    def tell(self, mailbox, begun, took, throttled, *rest):
        if took > 0:
            self.say("pace", mailbox, us(begun), round(took * 1e6),
                     round(throttled * 1e6), *rest)

    def say(self, *words):
        print(*words, file=self.pipe.stdin)

    def ask(self, now, places, quiet="-"):
        """Seconds to P50 and to P90, CPU seconds, mailboxes learnt from."""
        self.say("go", us(now), places, quiet)
        self.pipe.stdin.flush()
        p50, p90, cpu, learnt = map(int, self.pipe.stdout.readline().split())
        return ((p50 - us(now)) / 1e6, (p90 - us(now)) / 1e6, cpu / 1e6,
                learnt)

    def about(self, m):
        for box in [*m.running, *reversed(m.waiting)]:
            done = box.done()
            self.say("mailbox", box.id, int(box.begun is not None),
                     round(box.items * (1 - done)),
                     round(box.bytes * (1 - done)),
                     round(box.items * done), round(box.bytes * done))
        quiet = "%02d:00-%02d:00" % m.quiet if m.quiet else "-"
        return self.ask(m.now, m.places, quiet)


def carry_out(m, forecaster, every=None):
    """{stage: (now, p50, p90)}, the end, and the same at each percent."""
    given, course = {}, []
    while not m.over():
        done = 100 * m.share_done()
        for stage in STAGES:
            if done >= stage and stage not in given:
                given[stage] = (m.now, *forecaster.about(m)[:2])
        if every and len(course) <= done / every:
            course.append((done, m.now, *forecaster.about(m)[:2]))
        m.step(forecaster.tell)
    return given, max(b.ended for b in m.mailboxes), course


def judge(found, end, tightened):
    now, p50, p90 = found
    truth = end - now
    return (truth <= p90, p90 / p50, abs(truth - p50) / truth, tightened)


def of_provider(dice, n_migrations, seen, shown):
    """One after the other; the course of the first that is to be shown."""
    provider = Provider(dice)
    now = dice.uniform(0, 7) * 86400
    course = None
    with Forecaster() as forecaster:
        for n in range(n_migrations):
            m = Migration(provider, dice, n, now)
            draw = course is None and shown(n, m)
            given, end, path = carry_out(m, forecaster, 2 if draw else None)
            if draw:
                course = (path, end, m)
            for stage, what in given.items():
                seen.setdefault((n == 0, stage), []).append(
                    judge(what, end, bool(m.tightens)))
            now = end + dice.uniform(0.2, 5) * 86400
    return course


def run(seed):
    """{(new, stage): [(held, width, error, tightened)]}, and a course for the
    plot: of a provider that is known, with a throttle that is tightened."""
    seen, course = {}, None
    for k in range(PROVIDERS + NEWCOMERS):
        found = of_provider(
            random.Random(seed * 1000 + k),
            1 + MIGRATIONS if k < PROVIDERS else 1, seen,
            lambda n, m: course is None and n > 0 and m.tightens)
        course = course or found
    return seen, course


def queue_cpu():
    """CPU seconds of one forecast of a long queue."""
    dice = random.Random(1)
    with Forecaster() as forecaster:
        for i in range(QUEUE):
            items = round(dice.lognormvariate(8.7, 1.2)) + 1
            forecaster.say("mailbox", i, 0, items, items * 70000, 0, 0)
        return forecaster.ask(0, 32)[2]


def figures_of(rounds, new, stage):
    rows = [r[new, stage] for r in rounds]
    where = f"{stage} % done" + (", a new provider" if new else "")
    n = sum(len(r) for r in rows)

    def each(column, how=statistics.median, by=1):
        return [by * how([x[column] for x in r]) for r in rows]

    held = each(0, statistics.mean, 100)
    # of a new provider nothing is known before its first migration runs
    blind = new and stage == 0
    no_goal = blind or stage == 75  # which nobody has asked for
    goals = [None, None] if no_goal else HELD
    yield Figure(f"held, {where} ({n} migrations)", held, "%", goal=goals[0],
                 at_least=True)
    if not no_goal:
        yield Figure(f"held, {where}: no wider than need be", held, "%",
                     goal=goals[1])
    yield Figure(f"width, {where}", each(1), "P90/P50",
                 goal=None if no_goal else WIDTH)
    yield Figure(f"error, {where}", each(2, by=100), "%")
    if not blind:
        yield from by_fate(rows, where)


def by_fate(rounds, where):
    """Apart: those of which somebody made the throttle tighter half-way."""
    for tightened, name in ((False, "throttle as it was"),
                            (True, "throttle tightened")):
        rows = [[x[0] for x in r if x[3] == tightened] for r in rounds]
        n = sum(len(r) for r in rows)
        yield Figure(f"held, {where}, {name} ({n} migrations)",
                     [100 * statistics.mean(r) for r in rows], "%")


def measure(rounds):
    # each round has hundreds of migrations: more rounds are other worlds
    runs = [run(FIRST_SEED + i) for i in range(rounds)]
    plot(ROOT / "docs" / "forecast.svg", *runs[0][1])
    found = []
    for new in (False, True):
        for stage in STAGES:
            found += figures_of([seen for seen, _ in runs], new, stage)
    found.append(Figure(f"CPU of a forecast, {QUEUE:,} mailboxes",
                        [1000 * queue_cpu() for _ in range(5)], "ms"))
    return found
