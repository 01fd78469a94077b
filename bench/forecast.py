"""How often the promised time held: migrations of a simulated world
(bench/forecast_world.py, which shares nothing with the forecast: other laws of
noise, ceilings, stalls, passes that begin again, a throttle that one in four
tightens half-way), one after the other of the same providers. The forecast is
taken before each begins, and when a tenth and half of its bytes have been
copied; *held* is the share of migrations that ended by its P90, *width* the
median of P90 to P50, both counted from the moment of the forecast, *error* the
median of how far the P50 was off. Before the first migration of a new provider
there is no goal: it has nothing but default rates to go by, which need not be
those of its servers. Later the goals count for it too, and what is missed is
missed by a throttle that is tightened half-way, which nothing has told of
before: those migrations stand apart. *CPU* is that of one forecast of a queue
of 10,000 mailboxes. The picture is one of these migrations:
[forecast.svg](forecast.svg).
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
STAGES = (0, 10, 50)
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


def run(seed):
    """{(new, stage): [(held, width, error, tightened)]}, and a course for the
    plot."""
    seen, course = {}, None
    for k in range(PROVIDERS):
        dice = random.Random(seed * 1000 + k)
        provider = Provider(dice)
        now = dice.uniform(0, 7) * 86400
        with Forecaster() as forecaster:
            for n in range(1 + MIGRATIONS):
                m = Migration(provider, dice, n, now)
                shown = k == 3 and n == 2
                given, end, path = carry_out(m, forecaster,
                                             2 if shown else None)
                if shown:
                    course = (path, end, m)
                for stage, what in given.items():
                    seen.setdefault((n == 0, stage), []).append(
                        judge(what, end, bool(m.tightens)))
                now = end + dice.uniform(0.2, 5) * 86400
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
    goals = [None, None] if blind else HELD
    yield Figure(f"held, {where} ({n} migrations)", held, "%", goal=goals[0],
                 at_least=True)
    if not blind:
        yield Figure(f"held, {where}: no wider than need be", held, "%",
                     goal=goals[1])
    yield Figure(f"width, {where}", each(1), "P90/P50",
                 goal=None if blind else WIDTH)
    yield Figure(f"error, {where}", each(2, by=100), "%")
    if new and not blind:
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
    runs = [run(seed) for seed in range(1, min(rounds, 3) + 1)]
    plot(ROOT / "docs" / "forecast.svg", *runs[0][1])
    found = []
    for new in (False, True):
        for stage in STAGES:
            found += figures_of([seen for seen, _ in runs], new, stage)
    found.append(Figure(f"CPU of a forecast, {QUEUE:,} mailboxes",
                        [1000 * queue_cpu() for _ in range(5)], "ms"))
    return found
