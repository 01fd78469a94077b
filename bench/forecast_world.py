"""Migrations as they might go, for bench/forecast.py: a world that shares no
line with the forecast, and that obeys other laws than the forecast assumes.

A provider's servers have a speed of their own, and a load that wanders by the
hour (AR(1)) and by the day; a throttle by the hour of the day; a ceiling that
the mailboxes at work share.  A mailbox takes a gamma-distributed multiple of
what its items and bytes say; requests stall for minutes (Pareto); passes begin
again; in one migration of four somebody tightens the throttle half-way.
"""
import dataclasses
import math

STEP_S = 30.0
DAY_S = 86400
MB = 1e6
# as fleet/meter.h cuts what it measures
STRETCH_FIRST_S, STRETCH_MOST_S = 10.0, 900.0
STALL_EVERY_S = 4 * 3600.0
AGAIN = 0.03
TIGHTENED, TIGHTENED_AT = 0.25, 0.5


@dataclasses.dataclass
class Mailbox:
    id: int
    items: int
    bytes: int
    factor: float
    left_s: float = 0.0      # of copying, at full speed
    whole_s: float = 0.0
    before_s: float = 0.0    # of the rest: to come before, and after
    after_s: float = 0.0
    stalled_until: float = -1.0
    begun: float = None
    ended: float = None
    again: bool = False
    # since the last stretch was cut
    took: float = 0.0
    throttled: float = 0.0
    cut_items: float = 0.0
    next_s: float = STRETCH_FIRST_S
    rest_took: float = 0.0

    def done(self):
        return 1 - self.left_s / self.whole_s if self.whole_s else 1.0


class Provider:
    """Servers of one kind, and the day's and the hour's mood."""

    def __init__(self, dice):
        self.dice = dice
        self.item_s = math.exp(dice.gauss(math.log(0.06), 0.6))
        self.mb_s = math.exp(dice.gauss(math.log(0.9), 0.6))
        self.rest_s = dice.uniform(8, 60)
        self.rest_item_s = dice.uniform(0.0002, 0.002)
        self.ceiling = dice.choice([3, 6, 12, 1000])
        self.day_sd = dice.uniform(0.05, 0.2)
        self.hour_sd = dice.uniform(0.1, 0.3)
        busy = dice.choice([0, 0, 0.2, 0.5])
        first = dice.randrange(24)
        self.share = [busy if (h - first) % 24 < 10 else busy / 5
                      for h in range(24)]
        self.hour = 0.0
        self.days = {}

    def wander(self):
        """The load's next step: half is forgotten in an hour and a half."""
        keep = 0.5 ** (STEP_S / 5400)
        self.hour = (keep * self.hour + math.sqrt(1 - keep * keep)
                     * self.dice.gauss(0, self.hour_sd))

    def speed(self, now):
        day = int(now // DAY_S)
        if day not in self.days:
            self.days[day] = self.dice.gauss(0, self.day_sd)
        return math.exp(self.hour + self.days[day])

    def throttled(self, now):
        return self.share[int(now // 3600) % 24]


class Migration:
    """Mailboxes of one customer, so many at a time."""

    def __init__(self, provider, dice, number, now):
        self.provider, self.dice, self.now = provider, dice, now
        self.places = dice.choice([4, 4, 8])
        self.quiet = dice.choice([None, None, None, (8, 18)])
        self.tightens = (dice.uniform(1.3, 2.0)
                         if dice.random() < TIGHTENED else None)
        self.tight, self.tightened_at = 1.0, None
        n = round(math.exp(dice.gauss(math.log(60), 0.6)))
        self.mailboxes = [self.mailbox(number * 10000 + i)
                          for i in range(max(12, min(n, 250)))]
        self.waiting = list(reversed(self.mailboxes))
        self.running = []
        self.all_bytes = sum(m.bytes for m in self.mailboxes)

    def mailbox(self, number):
        dice, p = self.dice, self.provider
        items = max(20, round(math.exp(dice.gauss(math.log(6000), 1.2))))
        items = min(items, 150000)
        size = math.exp(dice.gauss(math.log(70000), 0.5))
        m = Mailbox(number, items, round(items * size),
                    dice.gammavariate(9, 1 / 9))
        m.whole_s = m.left_s = m.factor * (
            items * p.item_s + m.bytes / MB * p.mb_s)
        rest = m.factor * (p.rest_s + items * p.rest_item_s)
        m.before_s, m.after_s = rest * 0.4, rest * 0.6
        return m

    def share_done(self):
        return sum(m.bytes * m.done() for m in self.mailboxes) / self.all_bytes

    def is_quiet(self):
        if self.quiet is None:
            return False
        return self.quiet[0] <= self.now / 3600 % 24 < self.quiet[1]

    def over(self):
        return not self.waiting and not self.running

    def step(self, tell):
        """Half a minute more.  tell: what is measured."""
        self.provider.wander()
        if self.is_quiet():
            self.now += STEP_S
            return
        while self.waiting and len(self.running) < self.places:
            m = self.waiting.pop()
            m.begun = self.now
            self.running.append(m)
        if (self.tightens and self.tight == 1.0
                and self.share_done() > TIGHTENED_AT):
            self.tight, self.tightened_at = self.tightens, self.now
        share = self.provider.throttled(self.now)
        speed = (self.provider.speed(self.now) * (1 - share) / self.tight
                 * min(1, self.provider.ceiling / len(self.running)))
        for m in list(self.running):
            self.work(m, speed, share, tell)
        self.now += STEP_S

    def work(self, m, speed, share, tell):
        if m.stalled_until > self.now:
            m.took += STEP_S
            return
        if self.dice.random() < STEP_S / STALL_EVERY_S:
            m.stalled_until = self.now + min(
                3600, 60 * self.dice.paretovariate(1.5))
        room = STEP_S * speed
        used = 0.0
        for part in ("before_s", "left_s", "after_s"):
            took = min(getattr(m, part), room)
            setattr(m, part, getattr(m, part) - took)
            room -= took
            used += took
            seconds = took / speed
            if part == "left_s" and took > 0:
                m.took += seconds
                m.throttled += seconds * share
                m.cut_items += took / m.whole_s
            else:
                m.rest_took += seconds
        self.cut(m, tell)
        if not m.again and m.done() > 0.5 and self.dice.random() < AGAIN:
            m.before_s += m.factor * self.provider.rest_s
            m.stalled_until = self.now + self.dice.uniform(20, 160)
        m.again = m.done() > 0.5
        if m.before_s + m.left_s + m.after_s <= 0:
            self.end(m, self.now + used / speed, tell)

    def cut(self, m, tell):
        if m.cut_items <= 0 or (m.took < m.next_s and m.left_s > 0):
            return
        tell(m.id, self.now - m.took, m.took, m.throttled,
             round(m.cut_items * m.items), round(m.cut_items * m.bytes),
             len(self.running), 0)
        m.next_s = min(2 * m.next_s, STRETCH_MOST_S)
        m.took = m.throttled = m.cut_items = 0.0

    def end(self, m, when, tell):
        self.running.remove(m)
        m.ended = when
        tell(m.id, self.now, m.rest_took + m.took, 0, m.items, m.bytes,
             len(self.running) + 1, 1)
