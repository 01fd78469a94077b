"""CPU seconds of our process per GB (10^9 bytes of decoded payload) moved,
TLS on both sides, whole items; against curl that downloads and uploads the
same bytes over TLS. *Mail* is a mailbox of 10,000 items as the lab makes them,
of all kinds and sizes (480 MB); *large* has items of 1 MB. With the digest in
passing, and without. *Small* is what a mailbox of 300 items in 43 folders
costs, nearly all of it discovery, folders, their lists and the sweep: a cost a
mailbox, which the others have in them once.
"""
from figures import Figure
from fixture import Floor, Sides, add_large, events

LOADS = {"mail": (10_000, 0, 0), "large": (20, 150, 1_000_000)}
SMALL = 300
GOALS = {"no digest": 1.25, "digest": 1.6}
OPTIONS = {"no digest": ["--no-digest"], "digest": []}


def per_gb(sides, options):
    sides.anew()
    cost = sides.migrate("--verify", "nothing", *options)
    moved = sum(end["bytes"] for end in events(cost.out, "end"))
    return cost.cpu / moved * 1e9


def load(name, rounds):
    items, count, size = LOADS[name]
    found = {how: [] for how in OPTIONS}
    floor = []
    with Sides(1, items) as sides:
        if count:
            add_large(sides.source, count, size)
        with Floor(sides.source) as curl:
            for _ in range(rounds):
                floor.append(curl.cpu())
                for how, options in OPTIONS.items():
                    found[how].append(per_gb(sides, options))
    return [Figure(f"{name}, {how}", values, "CPU s/GB", "curl", floor,
                   GOALS[how]) for how, values in found.items()]


def small(rounds):
    found = []
    with Sides(1, SMALL) as sides:
        for _ in range(rounds):
            sides.anew()
            found.append(sides.migrate("--verify", "nothing").cpu)
    return Figure(f"small: {SMALL} items, digest", found, "CPU s a mailbox")


def measure(rounds):
    return [figure for name in LOADS
            for figure in load(name, rounds)] + [small(rounds)]
