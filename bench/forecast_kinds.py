#!/usr/bin/env python3
"""Would the kinds of items better the forecast?  No benchmark: an experiment
that decides whether counting them apart is worth its rows.

  bench/forecast_kinds.py [PROVIDERS]

The worlds of bench/forecast.py, but that an appointment costs 0.5 to 4 times,
a contact 0.3 to 2 times what a mail does, by provider; of a mailbox's items
7 % and 2 % are of these in the mean.  Once items are counted as they are, once
each by what its kind really costs here, which is the most that a model by
kinds could ever learn.
"""
import random
import statistics
import sys

import forecast
from forecast_world import MB, Migration, Provider

SEED = 77000


class OfKinds(Provider):
    def __init__(self, dice):
        super().__init__(dice)
        self.appointment = dice.uniform(0.5, 4.0)
        self.contact = dice.uniform(0.3, 2.0)


class Plain(Migration):
    def mailbox(self, number):
        box, dice, p = super().mailbox(number), self.dice, self.provider
        appointments, contacts = (dice.betavariate(1.5, 20),
                                  dice.betavariate(1, 40))
        by = (1 + appointments * (p.appointment - 1)
              + contacts * (p.contact - 1))
        box.whole_s = box.left_s = box.factor * (
            box.items * by * p.item_s + box.bytes / MB * p.mb_s)
        return self.counted(box, by)

    def counted(self, box, by):
        return box


class Known(Plain):
    def counted(self, box, by):
        box.items = round(box.items * by)
        return box


def show(name, providers):
    seen = {}
    for k in range(providers):
        forecast.of_provider(random.Random(SEED + k), 1 + forecast.MIGRATIONS,
                             seen, lambda n, m: False)
    for (new, stage), rows in sorted(seen.items()):
        held, width, error = ([r[i] for r in rows] for i in range(3))
        print(f"{name:6} {'first' if new else 'later'} {stage:2} % done, "
              f"{len(rows)} migrations: "
              f"held {100 * statistics.mean(held):.1f} %, "
              f"width {statistics.median(width):.2f}, "
              f"error {100 * statistics.median(error):.1f} %")


def main():
    providers = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    forecast.Provider = OfKinds
    for name, world in (("plain", Plain), ("known", Known)):
        forecast.Migration = world
        show(name, providers)


if __name__ == "__main__":
    main()
