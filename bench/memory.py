"""Peak resident memory of our process: for one item of 150 MB, above that of
the same run without it; and with 256 mailboxes at work at once, four lanes
each: with eight, as they come, the run asks for 28,288 open files.
"""
from figures import Figure
from fixture import Sides, add_large, events
from peak import peak_memory

MIB = 2**20
LARGE = 150_000_000
MAILBOXES = 256
LANES = 4


def rss(sides, *options):
    sides.anew()
    peak, out = peak_memory(*sides.command("--verify", "nothing", *options))
    return peak / MIB, events(out, "end")


def large(rounds):
    # the item's base64 text and an envelope around it
    limit = ("--request-limit", str(LARGE * 4 // 3 + 1_000_000))
    with Sides(1, 20, *limit) as sides:
        idle = [rss(sides, *limit)[0] for _ in range(rounds)]
        add_large(sides.source, 1, LARGE)
        found = []
        for _ in range(rounds):
            peak, ends = rss(sides, *limit)
            if ends[0]["failed"] or ends[0]["bytes"] < LARGE:
                raise SystemExit("the large item was not moved")
            found.append(peak - sorted(idle)[len(idle) // 2])
    return Figure("an item of 150 MB, above a run without it", found, "MiB",
                  goal=32)


def many(rounds):
    with Sides(MAILBOXES, 10) as sides:
        found = [rss(sides, "--mailboxes", MAILBOXES, "--lanes", LANES)[0]
                 for _ in range(rounds)]
    return Figure(f"{MAILBOXES} mailboxes at once", found, "MiB", goal=384)


def measure(rounds):
    return [large(rounds), many(rounds)]
