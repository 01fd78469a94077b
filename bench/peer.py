"""The same mailbox moved by a straightforward script on python3-exchangelib
(`bench/peers/exchangelib_copy.py`): its export and upload as packaged, the
same with answers read in blocks of 64 KiB, and its copying by MIME, which
takes the mails only. Processor and wall time, eight threads against eight
lanes, our digest off; every item arrives in each run but the MIME one.
"""
import pathlib
import subprocess

from figures import Figure
from fixture import Sides, cost_of, events
from lab import ADMIN, USER1

ROOT = pathlib.Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "bench" / "peers" / "exchangelib_copy.py"
ITEMS = 2500
THREADS = 8
PEERS = {
    "as packaged": ([], 30, 5),
    "patched": (["--patched"], 2, None),
    "by MIME": (["--mime"], None, None),
}


def python():
    """One that has the library: Debian's own, or whichever is first."""
    for path in ("/usr/bin/python3", "python3"):
        if subprocess.run([path, "-c", "import exchangelib"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0:
            return path
    raise SystemExit("python3-exchangelib is missing: "
                     "packaging/install-packages installs it")


def by_peer(sides, options):
    """Its cost, and how many items it moved."""
    sides.anew()
    words = [str(w) for w in sides.arguments()]

    def option(name):
        return words[words.index(name) + 1]
    cost = cost_of(python(), SCRIPT, sides.source.url,
                   option("--source-password-file"), sides.destination.url,
                   option("--destination-password-file"),
                   option("--ca-file"), ADMIN, USER1, "--threads", THREADS,
                   *options)
    return cost, int(cost.out.splitlines()[-1])


def by_us(sides):
    sides.anew()
    cost = sides.migrate("--verify", "nothing", "--no-digest", "--lanes",
                         THREADS)
    return cost, sum(end["copied"] for end in events(cost.out, "end"))


def measure(rounds):
    ours, peers, moved = [], {name: [] for name in PEERS}, {}
    with Sides(1, ITEMS) as sides:
        for _ in range(rounds):
            cost, n = by_us(sides)
            ours.append(cost)
            for name, (options, _, _) in PEERS.items():
                cost, moved[name] = by_peer(sides, options)
                peers[name].append(cost)
                if "--mime" not in options and moved[name] != n:
                    raise SystemExit(f"exchangelib moved {moved[name]} of {n}")
    found = []
    for what, unit, take in (("processor", "s", lambda c: c.cpu),
                             ("wall", "s", lambda c: c.wall)):
        for name, (_, cpu_goal, wall_goal) in PEERS.items():
            goal = cpu_goal if what == "processor" else wall_goal
            found.append(Figure(
                f"{what}, {moved[name]} items", [take(c) for c in ours], unit,
                f"exchangelib {name}", [take(c) for c in peers[name]], goal,
                at_least=True, more_is_better=True))
    return found
