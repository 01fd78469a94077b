#!/usr/bin/env python3
"""Which properties of which kinds of items arrive, by the way that they
travel: read by python3-exchangelib, against the table of what may be lost.

    tests/conformance/fidelity.py            compare, with the guide too
    tests/conformance/fidelity.py --write    and write the guide anew"""
import collections
import contextlib
import csv
import os
import pathlib
import sys

import client
from client import ADMIN, LAB, ROOT, Office, check, equal, run
from client_exchangelib import MISSING, go_on_elsewhere

MAILFERRY = os.environ.get("MAILFERRY", str(ROOT / "build" / "mailferry"))
GUIDE = ROOT / "docs" / "guide" / "fidelity.md"
LATEST = "2016"
LACKS = ["--lacks", "ExportItems,UploadItems,GetInboxRules,"
         "GetServerTimeZones,archivemsgfolderroot"]
# way: version and options of the source, those of the destination
WAYS = {
    "fts": ([LATEST], [LATEST]),
    "portable": ([LATEST, *LACKS], [LATEST, *LACKS]),
    "from2007": (["2007_SP1"], [LATEST]),
    "to2007": ([LATEST], ["2007_SP1"]),
}


def import_file(folder):
    """One mailbox, by the administrators' rights."""
    file = folder / "users.csv"
    with open(file, "w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["Source Email", "Source UserName", "Source Password",
                       "Destination Email", "Destination UserName",
                       "Destination Password", "Flags"])
        rows.writerow([client.USER1, "", "", client.USER1, "", "", 0])
    return file


def side(name, office):
    secret = office.dir / "admin"
    secret.write_text(office.passwords[ADMIN] + "\n", encoding="utf-8")
    secret.chmod(0o600)
    return [f"--{name}", office.url + "/owa", f"--{name}-admin", ADMIN,
            f"--{name}-password-file", secret]


def migrate(source, destination, status):
    """Both certificates count as authorities; what it said."""
    authorities = destination.dir / "ca.pem"
    authorities.write_text(source.ca.read_text(encoding="ascii") +
                           destination.ca.read_text(encoding="ascii"),
                           encoding="ascii")
    done = run(MAILFERRY, "migrate", import_file(destination.dir),
               *side("source", source), *side("destination", destination),
               "--ca-file", authorities, "--json", "--verify", "full")
    equal(done.status, status, f"exit status: {done.out[-3000:]}{done.err}")
    return done.out


@contextlib.contextmanager
def copied(source, way, faults=(), status=0):
    """A destination that holds the copy, served as the latest version."""
    before, after = WAYS[way]
    with Office(version=after[0], mailboxes=3, fill=[
            "--seed", "2", "--organisation", "Second Organization"]
                ) as destination:
        destination.restart(*after)
        destination.faults(*faults)
        source.restart(*before)
        said = migrate(source, destination, status)
        equal(destination.tray(), [], "sent by the destination")
        equal(source.tray(), [], "sent by the source")
        destination.restart(LATEST)
        yield destination, said


def said_to_be_lost(destination):
    """{subject: what} of the report's losses.csv."""
    out = destination.dir / "reports"
    done = run(MAILFERRY, "report", destination.dir / "users.csv", "--out",
               out)
    equal(done.status, 0, f"report: {done.err}")
    with open(out / "losses.csv", encoding="utf-8", newline="") as file:
        return {row["Subject"]: row["Not Kept"] for row in csv.DictReader(file)}


def unlike(want, got, where=""):
    """The first place at which two values differ, in words."""
    if isinstance(want, dict) and isinstance(got, dict):
        pairs = [(want.get(k), got.get(k), f"{where}/{k}")
                 for k in sorted({*want, *got})]
    elif isinstance(want, list) and isinstance(got, list) and \
            len(want) == len(got):
        pairs = [(*both, f"{where}[{at}]")
                 for at, both in enumerate(zip(want, got))]
    else:
        return f"{where}: {want!r} became {got!r}" if want != got else ""
    return next((found for found in
                 (unlike(*pair) for pair in pairs) if found), "")


def compare(before, after):
    """(kind, property) to "kept", or to examples of what is not."""
    found = collections.defaultdict(list)
    for key, (kind, want) in before.items():
        check(key in after, f"{key} has not arrived")
        got = after[key][1]
        for name in {*want, *got}:
            example = unlike(want.get(name), got.get(name))
            if example:
                example = f"{key[2]!r}{example}"
            found[kind, name].append(example)
    return {where: next((e for e in examples if e), "")
            for where, examples in found.items()}


# ---- the guide -----------------------------------------------------------

HEAD = """# What arrives of an item

Written by `tests/conformance/fidelity.py --write`, which makes rich items of each kind, copies them each way, and reads both sides with
python3-exchangelib, property by property; `make test` compares. A property counts as kept when every item of the kind has at the
destination what it had at the source.

| way | when |
| --- | --- |
| FTS | both servers know ExportItems and UploadItems: Exchange 2010 SP1 and later |
| portable | one of them does not, or refuses an item: as MIME and properties |
| from 2007 | portable, from Exchange 2007 SP1 |
| to 2007 | portable, to Exchange 2007 SP1 |

Ids, sizes and rights belong to the place where an item lies and are left out. What did not arrive on the portable path is also
named item by item where it can be told: `lost` in `mailferry report`.
"""
TITLES = {"fts": "FTS", "portable": "portable", "from2007": "from 2007",
          "to2007": "to 2007"}


def cell(loss, reasons):
    return f"({reasons.index(loss.why) + 1})" if loss else "kept"


def guide(names, losses):
    """names: (kind, property) of all that was compared."""
    reasons = losses.reasons()
    lines = [HEAD]
    for kind in sorted({kind for kind, _ in names}):
        mine = sorted({name for at, name in names if at == kind}, key=str.lower)
        rows = [(name, [losses.find(kind, name, way) for way in WAYS])
                for name in mine]
        kept = [f"`{name}`" if ":" in name else name
                for name, found in rows if not any(found)]
        lines += [f"## {kind[0].upper()}{kind[1:]}", "",
                  "Kept each way: " + ", ".join(kept) + ".", "",
                  "| property | " + " | ".join(TITLES[w] for w in WAYS) + " |",
                  "| --- " * (len(WAYS) + 1) + "|"]
        lines += [f"| {f'`{name}`' if ':' in name else name} | " +
                  " | ".join(cell(one, reasons) for one in found) + " |"
                  for name, found in rows if any(found)]
        lines.append("")
    lines += ["## Why", ""]
    lines += [f"{at}. {why[0].upper()}{why[1:]}."
              for at, why in enumerate(reasons, 1)]
    return "\n".join(lines) + "\n"


# ---- the checks ----------------------------------------------------------

def whole(report, at, account, seals):
    """What must be whole as it stands, whatever else is compared."""
    # pylint: disable=import-outside-toplevel
    from fid import reading, samples, sealed
    for one in sealed.MAILS:
        with report(at, f"{one.subject!r}: openssl opens it"):
            seals.check(one, account.inbox.get(subject=one.subject))
    with report(at, "and a signed mail that is attached to a mail"):
        seals.check_attached(account)
    for name, folder in (("a mail", account.inbox),
                         ("an appointment", account.calendar)):
        with report(at, f"a mail in a mail in {name}, each whole"):
            equal(reading.levels(folder.get(subject=samples.DEEPEST)),
                  samples.LEVELS, "levels")


def one_way(report, desk, before, way, seals):
    """What is lost this way; the names of all that was compared."""
    from exl import Desk, forget  # pylint: disable=import-outside-toplevel
    from fid import losses, reading  # pylint: disable=import-outside-toplevel
    with copied(desk.office, way) as (destination, said):
        with report(way, "travels as it should"):
            equal("as MIME and properties" in said, way != "fts", "the way")
        with report(way, "the report names what is known to be lost"):
            equal(said_to_be_lost(destination), losses.SAID[way], "losses.csv")
        account = Desk(destination).account()
        after = reading.mailbox(account)
        whole(report, way, account, seals)
        forget()
    found = compare(before, after)
    with report(way, "nothing is lost that need not be"):
        bad = [f"{kind}: {name}: {example}"
               for (kind, name), example in sorted(found.items())
               if example and not losses.find(kind, name, way)]
        check(not bad, "\n".join(bad))
    with report(way, "what is said to be lost is lost"):
        bad = [f"{kind}: {name}" for (kind, name), example in
               sorted(found.items())
               if not example and losses.find(kind, name, way)]
        check(not bad, "\n".join(bad))
    return found


def refused(report):
    """What cannot be attached as what it is stays as MIME has it, and is on
    record; nothing else of the mail suffers."""
    # pylint: disable=import-outside-toplevel
    from exl import Desk, desk, forget
    from fid import losses, reading, samples
    with desk(LATEST, items=0) as at:
        before = reading.mailbox(samples.refused_cards(at.account()))
        forget()
        with copied(at.office, "portable", samples.REFUSALS,
                    status=1) as (destination, _):
            with report("refused", "the report names the attachment"):
                equal(said_to_be_lost(destination), losses.REFUSED,
                      "losses.csv")
            after = reading.mailbox(Desk(destination).account())
            forget()
    with report("refused", "nothing else is lost"):
        bad = {where: example for where, example in
               compare(before, after).items()
               if example and not losses.find(*where, "portable")}
        # The cards themselves, which are what was refused.
        equal(set(bad), {("mail", "item:Attachments")}, f"{bad}")
    with report("refused", "each is there once"):
        for key, (_, want) in before.items():
            equal(len(after[key][1]["item:Attachments"]),
                  len(want["item:Attachments"]), f"attachments of {key}")


def all_ways(report, write):
    """Fill, copy each way, compare; then the guide."""
    from exl import desk, forget  # pylint: disable=import-outside-toplevel
    # pylint: disable=import-outside-toplevel
    from fid import losses, props, reading, samples, sealed
    props.register()
    found = {}
    with desk(LATEST, items=0) as at:
        seals = sealed.Seals(at.office.dir)
        account = samples.all_of_them(at)
        seals.save(account)
        whole(report, "source", account, seals)
        before = reading.mailbox(account)
        check(len(before) >= 50, f"only {len(before)} items")
        at.office.control("POST", "/lab/empty-tray")
        forget()
        for way in WAYS:
            with report.part(way):
                found[way] = one_way(report, at, before, way, seals)
    with report.part("refused"):
        refused(report)
    names = {where for way in found.values() for where in way}
    with report("table", "each row is of something that there is"):
        stale = [f"{kind or 'any'}: {name}" for loss in losses.LOSSES
                 for name in loss.properties for kind in loss.kinds or [None]
                 if not any(name == n and kind in (None, k)
                            for k, n in names)]
        check(not stale, "\n".join(stale))
    text = guide(names, losses)
    if write:
        GUIDE.write_text(text, encoding="utf-8")
    with report("table", "the guide is fresh"):
        equal(GUIDE.read_text(encoding="utf-8"), text,
              "docs/guide/fidelity.md (make it anew: fidelity.py --write)")


def main():
    missing = None
    try:
        import exl  # pylint: disable=import-outside-toplevel,unused-import
    except ImportError as why:
        if "EXCHANGELIB_PYTHON" not in os.environ:
            go_on_elsewhere()
        missing = f"{MISSING}\n{why}"
    # Not before: a report begins with a line that must not be there twice.
    report = client.Report("fidelity", tabled=False)
    if missing:
        report.bail(missing)
    with report.part("fidelity"):
        all_ways(report, "--write" in sys.argv[1:])
    report.end()


if __name__ == "__main__":
    main()
