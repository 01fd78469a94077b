#!/usr/bin/env python3
"""Each operation that a run calls, answered with each ResponseCode: once, for
one item, always; inside of an answer, and as a fault.  Either all arrives and
nobody hears of anything, or what is missing is named and the run says so."""
import collections
import csv
import itertools
import json
import pathlib
import re
import sqlite3
import ssl
import http.client
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import Client  # noqa: E402
from odd import user  # noqa: E402

# All rows of the table, which takes long; else each kind of code, by turns.
ALL = os.environ.get("CODES") == "all"
# Items in a mailbox, and a seed that makes them of many kinds.
ITEMS, SEED = 5, 199
FOLDER = "Projects"
# What a mailbox needs is a tenth of it.
REQUESTS_MAX = 600
# What a lab takes.
RULES_MAX = 1000

Code = collections.namedtuple("Code", "name scope again remedy")
Row = collections.namedtuple("Row", "side op code mode")


# ---- the codes -------------------------------------------------------------

def table():
    """docs/errors.md, and codes that are in no table."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]]
            for line in text.splitlines() if line.startswith("| `Error")]
    check(len(rows) > 150, "docs/errors.md is not what it was")
    known = [Code(row[0], row[3], row[4], row[2]) for row in rows]
    unknown = [Code(name, "the item", "unknown", "report it") for name in
               ("ErrorNobodyHasHeardOf", "ErrorNewInTheNextVersion")]
    return known + unknown


TABLE = table()


def named_for(op):
    """Codes that the program knows by name: its policy, and the files that
    ask for this."""
    sources = [ROOT / "src" / "engine" / "policy.c"]
    sources += [path for path in sorted((ROOT / "src" / "ews").glob("*.c"))
                if not re.search("_test|_fuzz", path.name)
                and f'"m:{op}"' in path.read_text(encoding="utf-8")]
    names = {name for path in sources for name in re.findall(
        r'(?:EWS_|")(Error[A-Z]\w+)', path.read_text(encoding="utf-8"))}
    return [code for code in TABLE if code.name in names]


def kinds():
    """Codes of one kind differ in what a person reads alone."""
    found = collections.defaultdict(list)
    for code in TABLE:
        found[code.scope, code.again].append(code)
    return list(found.values())


# ---- what is tried ---------------------------------------------------------

# Of what a request names, one by its subject; of lists, one folder's.
BY_ITEM = {"ExportItems", "GetItem", "UploadItems", "CreateItem",
           "UpdateItem", "DeleteItem"}
BY_FOLDER = {"SyncFolderItems", "FindItem"}
MODES = {
    "once": "inside:times=1",
    "once, as a fault": "soap:times=1",
    "for one item": None,
    "always": "inside:times=100000",
    "always, as a fault": "soap:times=100000",
}


# A fault, or an answer of which each part says so: of one and the same code
# only one of the two, by turns.
MODES_BY_TURNS = [["once", "once, as a fault"], ["for one item"],
                  ["always", "always, as a fault"]]


def rule(row, address, subject):
    how = MODES[row.mode]
    if how is None:
        how = (f"item:match={subject}" if row.op in BY_ITEM
               else f"inside:match={FOLDER}")
    return f"{how},op={row.op},code={row.code.name},ms=1,mailbox={address}"


def fits(op, mode):
    return MODES[mode] is not None or op in BY_ITEM | BY_FOLDER


def rows_of(side, ops):
    """Every one; or of each kind another one each time, and those that have a
    name in the program."""
    rows = [Row(side, op, code, mode) for op in sorted(ops)
            for code in TABLE for mode in MODES if fits(op, mode)]
    if ALL:
        return rows
    chosen, turn = set(), itertools.count()
    for op in sorted(ops):
        for modes in MODES_BY_TURNS:
            modes = [mode for mode in modes if fits(op, mode)]
            codes = named_for(op) + [
                codes[next(turn) % len(codes)] for codes in kinds()]
            chosen |= {(op, code, modes[next(turn) % len(modes)])
                       for code in codes if modes}
    left_out = [row for row in rows
                if (row.op, row.code, row.mode) not in chosen]
    print(f"# {side}: {len(rows) - len(left_out)} of {len(rows)} rows; the "
          "rest differ from one of these in what a person reads (all of them: "
          "CODES=all)", file=sys.stderr)
    rows = [row for row in rows if (row.op, row.code, row.mode) in chosen]
    return rows[::4] if SMALL else rows


# ---- a pair full of small mailboxes ----------------------------------------

class Door:
    """What a lab.Client signs in at."""

    def __init__(self, pair, side):
        self.url = urllib.parse.urlsplit(pair.env[f"{side.upper()}_URL"])
        self.ca = pair.env["CA_FILE"]
        lines = (pair.path / f"{side}.accounts").read_text().split()
        self.passwords = {login: password for _, login, password in
                          (line.split(",") for line in lines)}

    def connect(self):
        return http.client.HTTPSConnection(
            self.url.netloc, context=ssl.create_default_context(
                cafile=self.ca))


MAIL = """<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>
<t:FolderId Id="{}"/></m:SavedItemFolderId><m:Items><t:Message>
<t:Subject>Kickoff</t:Subject><t:Body BodyType="Text">As agreed.</t:Body>
</t:Message></m:Items></m:CreateItem>"""


def fill(pair, count):
    """The same in all of them: a folder, and items of several kinds."""
    door = Door(pair, "source")
    client, control = Client(door), door.connect()
    for number in range(1, count + 1):
        client.acting_as = user(number)
        answer = client.create_folder("msgfolderroot", FOLDER)
        answer = client(MAIL.format(answer.ids("t:FolderId")[0]))
        equal(answer.codes(), ["NoError"], "a mail")
        control.request("POST", f"/lab/add?mailbox={user(number)}"
                        f"&items={ITEMS}&seed={SEED}")
        answer = control.getresponse()
        equal(answer.status, 200, answer.read().decode())


ITEMS_OF = """
WITH RECURSIVE below(key, path) AS (
  SELECT key, '' FROM folder WHERE distinguished = 'msgfolderroot'
  UNION ALL SELECT folder.key, path || '/' || folder.name FROM below
  JOIN folder ON folder.parent = below.key)
SELECT address, ltrim(path, '/'), class, ifnull(subject, ''), read,
  attachments > 0 FROM item
  JOIN below ON item.folder = below.key
  JOIN mailbox ON item.mailbox = mailbox.key WHERE NOT associated"""


def items(pair, side):
    """By mailbox, what lies in it, as the lab has stored it."""
    found = collections.defaultdict(collections.Counter)
    db = sqlite3.connect(f"file:{pair.path / side}.db?mode=ro", uri=True)
    for address, *item in db.execute(ITEMS_OF):
        found[address][tuple(item)] += 1
    db.close()
    return found


def report(pair, name):
    """Rows of a report, by mailbox."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.passwords_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    found = collections.defaultdict(list)
    with open(out / name, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["Source Email"]].append(row)
    return found


def migrate(pair, numbers, *more):
    """These mailboxes, many at a time: most of them only wait."""
    lines = pair.passwords_csv.read_text().splitlines()
    some = pair.dir / "some.csv"
    some.write_text("\n".join([lines[0], *(lines[n] for n in numbers)]) + "\n")
    some.chmod(0o600)
    return pair.migrate(
        "--json", "--mailboxes", 100, "--lanes", 2, "--patience", 2,
        "--host-requests", 256, "--state", f"{pair.passwords_csv}.mailferry",
        *more, file=some)


def asked_for(pair, side, before):
    """Operations since then."""
    asked = {name.removeprefix("requests.") for name, n in
             pair.counters(side).items()
             if name.startswith("requests.") and n > before[name]}
    return asked - {"autodiscover", "other"}


# ---- what must hold --------------------------------------------------------

GOOD = {"verified", "synced"}


class Found:
    """What is to be seen after a run, of all mailboxes."""

    def __init__(self, pair, done):
        self.ends = {e["mailbox"]: e for e in events(done)
                     if e["event"] == "end"}
        self.source = items(pair, "source")
        self.destination = items(pair, "destination")
        self.failures = report(pair, "failures.csv")
        self.losses = report(pair, "losses.csv")
        self.statistics = report(pair, "statistics.csv")

    def state(self, address):
        return self.ends[address]["state"] if address in self.ends else "none"


def named(rows):
    return collections.Counter((row["Folder"], row["Class"], row["Subject"])
                               for row in rows)


def unnamed(lost, rows):
    """What is missing and in no row.  Of what could not even be opened there
    is no subject: its folder and its class tell."""
    rest = lost - named(rows)
    blind = collections.Counter(item[:2] for item in named(rows).elements()
                                if item[2] == "")
    return collections.Counter(item[:2] for item in rest.elements()) - blind


def faults_of(found, address, code):
    """What is wrong with how this mailbox ended; or nothing."""
    state = found.state(address)
    source, there = found.source[address], found.destination[address]
    missing, extra = source - there, there - source
    lost = collections.Counter(item[:3] for item in missing.elements())
    more = collections.Counter(item[:3] for item in extra.elements())
    said = named(found.failures[address]) + named(found.losses[address])
    reason = found.statistics[address][0]["Reason"]
    # A mailbox that stops has what was half made swept away by its next run,
    # and so has one that could not look at it and says so of the item, or of
    # what is there twice.
    if more - lost - said and state != "failed" and "there twice" not in reason:
        return f"{state}, and twice there: {dict(more - lost)}"
    if (lost & more) - said:
        return f"{state}, and altered: {dict(extra)}"
    lost -= more
    if state in GOOD:
        return f"{state}, and not there: {dict(lost)}" if lost else None
    end = found.ends[address]
    why = " ".join([reason, end.get("error", ""), end.get("code", "")])
    away = "connection was lost" in why  # which a test wanted beside
    # What it does not know, and what it never found out (items in doubt).
    why = re.sub("UnlistedCode|unread-arrival|connection was lost|cannot be "
                 "read", code.name, why)
    if state == "failed":
        told = code.remedy == "nothing" or end.get("remedy") or away
        return None if code.name in why and told \
            else f"failed, and no word of why or what to do: {end}"
    if unnamed(lost, found.failures[address]) and code.name not in why:
        return f"{state}, and nowhere named: {dict(lost)}; {why}"
    named_at_all = lost or said or more or code.name in why
    return None if named_at_all else f"{state} without a cause"


def complain(what, wrong):
    check(not wrong, f"{len(wrong)} {what}:\n" + "\n".join(
        f"{row.side} {row.op}, {row.mode}: {row.code.name}: {text}"
        for row, text in wrong))


def look(pair, done, rows):
    found = Found(pair, done)
    bad = {a for a in found.ends if found.state(a) not in GOOD}
    equal(done.status == 0, not bad, f"exit status {done.status}: {done.err}")
    wrong = [(row, faults_of(found, user(n), row.code))
             for n, row in rows.items()]
    return found, [(row, text) for row, text in wrong if text]


def too_many(pair, rows):
    """Nobody asks for ever."""
    asked = {side: pair.counters(side) for side in ("source", "destination")}
    return [(row, f"{side}: {asked[side][name]} requests")
            for n, row in rows.items() for side in asked
            for name in [f"mailbox.{user(n)}.requests"]
            if asked[side][name] > REQUESTS_MAX]


def silent(pair, side, rows):
    lines = pair.control(side, "/lab/faults", method="GET").splitlines()
    return [(row, "never fired") for row, line in zip(rows.values(), lines)
            if line.endswith("fired=0")]


def heal(pair, found, rows):
    """What went wrong is made good by the next run, and nothing is twice; or
    by the one after it, of what has failed too often to be tried at once."""
    for _ in range(2):
        rest = {n: row for n, row in rows.items()
                if found.state(user(n)) not in GOOD}
        if not rest:
            return []
        # What was said to be missing stays so until it is looked for again.
        done = migrate(pair, rest, "--verify", "full")
        found = Found(pair, done)
    return [(row, f"then {text}") for n, row in rest.items()
            for text in [faults_of(found, user(n), row.code)
                         or found.state(user(n)) not in GOOD
                         and str(found.ends.get(user(n)))] if text]


def word_of(kept):
    """A word in the subject of one with an attachment and of no other."""
    for *_, subject, _, attached in kept:
        for word in re.findall("[A-Za-z]{5,}", subject):
            if attached and sum(word in other[2] for other in kept) == 1:
                return word
    raise Failure(f"no subject that is one item's alone: {kept}")


def try_all(side, options=(), also=(), about=None):
    """also: what goes wrong at the destination besides, in each mailbox;
    about: these operations alone."""
    # A first mailbox tells what a run asks for.
    with Pair(1, 0, options=options) as pair:
        fill(pair, 1)
        pair.faults("destination", *also)
        before = pair.counters(side)
        equal(migrate(pair, [1]).status, 0, "a run without lies")
        ops = asked_for(pair, side, before)
        kept = items(pair, "source")[user(1)]
    classes = {item[1] for item in kept}
    check(len(classes) > 2, f"kinds of items: {classes}")
    rows = rows_of(side, ops & about if about else ops)
    at_once = RULES_MAX // (1 + len(also))
    for at in range(0, len(rows), at_once):
        try_some(side, dict(enumerate(rows[at:at + at_once], 1)),
                 word_of(kept), options, also)


def try_some(side, rows, subject, options, also):
    lies = [rule(row, user(n), subject) for n, row in rows.items()]
    beside = [f"{fault},mailbox={user(n)}" for n in rows for fault in also]
    with Pair(len(rows), 0, options=options) as pair:
        fill(pair, len(rows))
        pair.faults(side, *lies, *(beside if side == "destination" else ()))
        if side != "destination":
            pair.faults("destination", *beside)
        done = migrate(pair, rows)
        found, wrong = look(pair, done, rows)
        wrong += too_many(pair, rows)
        if not also:  # else some come to an end before
            wrong += silent(pair, side, rows)
        for one in ("source", "destination"):
            pair.faults(one)
        wrong += heal(pair, found, rows)
        complain("answers were believed or not borne", wrong)


PORTABLE = ["--lacks=ExportItems,UploadItems"]
LOOKS = {"SyncFolderItems", "ExportItems"}


@case
def whole_items_and_the_source():
    try_all("source")


@case
def whole_items_and_the_destination():
    try_all("destination")


# Folders are listed and made alike, however items travel.
OF_ITEMS = BY_ITEM | {"GetAttachment", "CreateAttachment"}


@case
def mime_and_properties_and_the_source():
    try_all("source", PORTABLE, about=OF_ITEMS)


@case
def mime_and_properties_and_the_destination():
    try_all("destination", PORTABLE, about=OF_ITEMS)


@case
def items_in_doubt_are_looked_for():
    """What arrived is read by the answers that lie."""
    try_all("destination", also=["drop-after:op=UploadItems,times=1"],
            about=LOOKS)


@case
def doubles_are_swept():
    try_all("destination", also=["twice:op=UploadItems,times=1"],
            about=LOOKS | {"DeleteItem"})


if __name__ == "__main__":
    main()
