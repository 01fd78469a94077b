"""When mailboxes will be done, one after the other, and in which words: as the
guide and src/fleet/cost.h say it, reckoned apart from the program, by dice of
its own: so it is known within a few percent."""
import collections
import contextlib
import math
import random
import sqlite3
import statistics
import textwrap
import urllib.parse

DRAWS = 20000
ABOUT = (0.95, 1, 1.05)
MB = 1e6

# How mailboxes differ from one another before any have shown it, as a
# logarithm; that weighs as so many of them.
DIFFER, DIFFER_OF = 0.35, 4
# How far the level of two servers moves from one time to the next.
MOVES = 0.215
# In one of five migrations somebody makes a throttle up to twice as tight; of
# fifty passes one begins again.
TIGHTER, TIGHTER_MOST = 0.2, 2
AGAIN, AGAIN_S = 1 / 50, 30

# The default: between two rates, half of the time for items, half for bytes;
# and what a mailbox takes whatever is to be copied.
ITEM_S = 3600 / math.sqrt(10_000 * 60_000) / 2
MB_S = 3600 / math.sqrt(300 * 1800) / 2
REST_S, REST_ITEM_S, REST_MB_S = 20, 0.005, 0.2
# One of ten is slower than the slow rate.
NINE_IN_TEN = statistics.NormalDist().inv_cdf(0.9)
DEFAULT_MOVES = math.log(6) / 2 / NINE_IN_TEN

Held = collections.namedtuple("Held", "address items bytes folders")
Work = collections.namedtuple("Work", "copying rest running")


def held(pair, side="source"):
    """What is in each mailbox, by the lab's own state."""
    with contextlib.closing(sqlite3.connect(
            f"file:{pair.path}/{side}.db?mode=ro", uri=True)) as state:
        return [Held(*row) for row in state.execute(
            "SELECT m.address, count(*), sum(i.size), count(DISTINCT i.folder)"
            " FROM item i JOIN mailbox m ON m.key = i.mailbox"
            " WHERE NOT i.associated AND i.key NOT IN (SELECT item FROM lost)"
            " GROUP BY m.key ORDER BY m.key")]


# ---- a record --------------------------------------------------------------

def record(pair, mailboxes, slower):
    """As if so many had gone between the two servers, all alike: so many times
    as long as by the default."""
    hosts = [urllib.parse.urlparse(pair.env[f"{side}_URL"]).netloc
             for side in ("SOURCE", "DESTINATION")]
    with contextlib.closing(sqlite3.connect(
            f"{pair.admin_csv}.mailferry")) as state, state:
        for n in range(mailboxes):
            items = 5000 + 100 * n
            work = by_default(items, items * 70_000, slower)
            state.executemany(
                "INSERT INTO paces (source, destination, mailbox, begun_us,"
                " took_us, throttled_us, items, bytes, requests, beside, rest)"
                " VALUES (?, ?, ?, 0, ?, 0, ?, ?, 0, 1, ?)",
                [(*hosts, -1 - n, int(took * 1e6), items, items * 70_000, rest)
                 for took, rest in ((work.copying, 0), (work.rest, 1))])


def by_default(items, size, slower=1, running=False):
    mb = size / MB
    return Work(slower * (items * ITEM_S + mb * MB_S),
                slower * (REST_S + items * REST_ITEM_S + mb * REST_MB_S),
                running)


def spread_of(mailboxes):
    """Of so many on record that all went alike."""
    differ = DIFFER * math.sqrt(DIFFER_OF / (DIFFER_OF + mailboxes - 1))
    return math.hypot(differ / math.sqrt(mailboxes), MOVES), differ


# ---- the end ---------------------------------------------------------------

def tightened(dice, whole):
    """After how much of the work, and by how much."""
    if dice.random() >= TIGHTER:
        return math.inf, 1
    return dice.random() * whole, TIGHTER_MOST ** dice.random()


def end_of(dice, works, moves, differ):
    level = math.exp(dice.gauss(0, moves))
    # of a pass that runs, half of the rest is over
    plain = [w.copying + w.rest * (0.5 if w.running else 1) for w in works]
    after, by = tightened(dice, sum(plain))
    end = 0
    for w, s in zip(works, plain):
        after -= s
        if dice.random() < AGAIN:
            s += w.rest + AGAIN_S
        end += s * (by if after < 0 else 1) * math.exp(dice.gauss(0, differ))
    return end * level


def foretold(works, moves, differ, draws=DRAWS):
    """Seconds, by P50 and by P90, until all of them are done."""
    dice = random.Random(1)
    ends = sorted(end_of(dice, works, moves, differ) for _ in range(draws))
    return ends[draws // 2], ends[draws * 9 // 10]


# ---- in words --------------------------------------------------------------

def length(seconds):
    """No finer than it is known: steps of ten seconds, up to an hour and a
    half of a minute, half a day of ten minutes, then of an hour."""
    step = next(step for below, step in ((90, 10), (90 * 60, 60),
                                         (12 * 3600, 600), (math.inf, 3600))
                if seconds < below)
    left = max(int(seconds / step + 0.5), 1) * step
    parts = []
    for name, unit in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= unit:
            parts.append(f"{left // unit} {name}")
        left %= unit
    return " ".join(parts)


def said(p50, p90):
    return f"about {length(p50)}; within {length(p90)} nine times in ten"


def all_said(p50, p90):
    """As far as it is known."""
    return {said(p50 * x, p90 * y) for x in ABOUT for y in ABOUT}


def laid_out(text, first="", following=""):
    """As on a terminal of 80 columns."""
    return textwrap.fill(text, 79, initial_indent=first,
                         subsequent_indent=following, break_long_words=False,
                         break_on_hyphens=False)
