#!/usr/bin/env python3
"""What is at the destination already is not copied again: after a lost state
file, where another tool began, where users have items of their own."""
import base64
import collections
import csv
import json
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from by_hand import ews, mailbox_of  # noqa: E402 pylint: disable=all

ITEMS = size(120, 60)
OLD = ["source:--version=Exchange2007_SP1",
       "destination:--version=Exchange2007_SP1"]


def total(done, name):
    return sum(e[name] for e in events(done) if e["event"] == "end")


def first_run(pair, *more):
    done = pair.migrate("--json", *more)
    equal(done.status, 0, f"the first run: {done.out[-2000:]}{done.err}")
    return copied(done)


def lose_the_state(pair):
    for path in pair.path.glob("*.mailferry*"):
        path.unlink()


def nothing_was_sent(pair):
    for side in ("source", "destination"):
        sent = {k: v for k, v in pair.counters(side).items()
                if k.startswith("sent.") and v > 0}
        equal(sent, {}, f"sent by the {side}")


def writes(pair):
    counts = pair.counters("destination")
    return {name: counts[f"requests.{name}"]
            for name in ("UploadItems", "CreateItem", "CreateAttachment",
                         "UpdateItem", "MoveItem", "DeleteItem")}


def lost_state(options, *more):
    """0 items are copied, and both sides hold what they held."""
    with Pair(1, ITEMS, options=options) as pair:
        n = first_run(pair)
        check(n > 0, "nothing was copied")
        before = pair.digest("destination")
        asked = writes(pair)
        lose_the_state(pair)
        done = pair.migrate("--json", "--verify", "full", *more)
        equal(done.status, 0, f"status: {done.out[-2000:]}{done.err}")
        equal(set(ends(done).values()), {"verified"}, "states")
        equal(copied(done), 0, "items copied")
        equal(total(done, "already_there"), n, "items already there")
        equal(pair.digest("destination"), before, "the destination")
        equal(writes(pair), asked, "requests that write")
        nothing_was_sent(pair)
        again = pair.migrate("--json", *more)
        equal((again.status, copied(again)), (0, 0), "run again")
        equal(writes(pair), asked, "requests that write, run again")


@case
def a_lost_state_file():
    lost_state([])


@case
def a_lost_state_file_adopted():
    lost_state([], "--adopt")


@case
def a_lost_state_file_of_the_portable_path():
    lost_state(OLD)


@case
def what_is_adopted_follows():
    """By consent it is ours: edits, moves and deletions are carried over."""
    with Pair(1, ITEMS) as pair:
        first_run(pair)
        lose_the_state(pair)
        done = pair.migrate("--json", "--adopt")
        equal((done.status, copied(done)), (0, 0), f"adopting: {done.err}")
        pair.control("source", "/lab/change?edit=5&read=5&move=5&delete=3")
        pair.add(10)
        done = pair.migrate("--json", "--propagate-deletes")
        equal(done.status, 0, f"changes: {done.out[-2000:]}{done.err}")
        pair.assert_moved()
        nothing_was_sent(pair)


@case
def what_was_only_found_stays():
    """Without consent it is somebody else's: edits are conflicts."""
    with Pair(1, ITEMS) as pair:
        first_run(pair)
        lose_the_state(pair)
        first_run(pair)
        before = pair.digest("destination")
        asked = writes(pair)
        pair.control("source", "/lab/change?edit=5&delete=3&touch=5")
        done = pair.migrate("--json", "--propagate-deletes")
        equal(done.status, 1, f"changes: {done.out[-2000:]}{done.err}")
        equal(total(done, "conflicts"), 5, "conflicts")
        equal(pair.digest("destination"), before, "the destination")
        equal(writes(pair), asked, "requests that write")


@case
def what_was_only_found_and_is_moved():
    """It is nobody's to move, and a copy beside it would be a double."""
    with Pair(1, ITEMS) as pair:
        first_run(pair)
        lose_the_state(pair)
        first_run(pair)
        before = pair.digest("destination")
        asked = writes(pair)
        pair.control("source", "/lab/change?move=5&delete=3")
        done = pair.migrate("--propagate-deletes")
        equal(done.status, 1, f"moved: {done.out[-2000:]}{done.err}")
        contains(done.out, "5 items are there already in another shape or "
                 "folder")
        equal(pair.digest("destination"), before, "the destination")
        equal(writes(pair), asked, "requests that write")
        out = pair.dir / "reports"
        equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
              "report")
        rows = list(csv.DictReader((out / "failures.csv").open()))
        equal([row["State"] for row in rows], ["different"] * 5, "failures")
        for row in rows:
            contains(row["Cause"], "moved at the source; what is at the "
                     "destination was there before the migration and stays "
                     "in \"")
            contains(row["Remedy"], "move it at the destination")
        done = pair.migrate("--json", "--verify", "full")
        equal((done.status, copied(done)), (1, 0), f"run again: {done.err}")
        equal(writes(pair), asked, "requests that write, run again")
        # Consent comes too late for these: that is said, and no more done.
        done = pair.migrate("--adopt")
        equal(done.status, 1, f"adopted later: {done.out}{done.err}")
        contains(done.err, "1 5 items that were moved at the source "
                 "since they were found are not adopted")
        equal(pair.digest("destination"), before, "the destination")
        equal(writes(pair), asked, "requests that write, with --adopt")
        done = pair.migrate("--json", "--unlike", "copy", "--verify", "full")
        equal((done.status, copied(done)), (0, 5), f"beside: {done.err}")
        missing = (collections.Counter(pair.digest("source"))
                   - collections.Counter(pair.digest("destination")))
        equal(missing, {}, "not at the destination")
        nothing_was_sent(pair)


# ---- another tool ----------------------------------------------------------

MAIL = """From: Ann <ann@elsewhere.example>
To: Bob <bob@elsewhere.example>
Subject: number {n}
Date: Fri, 01 Mar 2024 08:{n:02d}:00 +0000
Message-ID: <number-{n}@elsewhere.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

{body}
"""

CREATE = """<m:CreateItem MessageDisposition="SaveOnly">
<m:SavedItemFolderId><t:DistinguishedFolderId Id="inbox"/>\
</m:SavedItemFolderId><m:Items><t:Message>
<t:MimeContent CharacterSet="UTF-8">{mime}</t:MimeContent>
<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x0E07"
 PropertyType="Integer"/><t:Value>1</t:Value></t:ExtendedProperty>
<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x0E06"
 PropertyType="SystemTime"/><t:Value>2024-03-01T09:{n:02d}:00Z</t:Value>\
</t:ExtendedProperty></t:Message></m:Items></m:CreateItem>"""


def put_mail(pair, side, mailbox, n, body="A few words."):
    text = MAIL.format(n=n, body=body).replace("\n", "\r\n")
    mime = base64.b64encode(text.encode()).decode()
    ews(pair, side, mailbox, CREATE.format(mime=mime, n=n))


def subjects(pair, side):
    """How often each of the mails above is there."""
    body = """<m:FindItem Traversal="Shallow"><m:ItemShape>
<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>
<t:FieldURI FieldURI="item:Subject"/></t:AdditionalProperties></m:ItemShape>
<m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds>
</m:FindItem>"""
    answer = ews(pair, side, mailbox_of(pair), body)
    found = answer.split("<t:Subject>")[1:]
    return collections.Counter(
        text.split("</t:Subject>")[0] for text in found
        if text.startswith("number "))


def with_mails(pair, there, unlike=(), twice=()):
    """Ten mails at the source; some of them at the destination, by another
    tool."""
    mailbox = mailbox_of(pair)
    for n in [*range(10), *twice]:
        put_mail(pair, "source", mailbox, n)
    for n in there:
        put_mail(pair, "destination", mailbox, n,
                 "Shorter." if n in unlike else "A few words.")


@case
def half_is_there_by_another_tool():
    """Copied from MIME: not the same stream, the same mail for a reader."""
    with Pair(1, 20) as pair:
        with_mails(pair, range(5))
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"status: {done.out[-2000:]}{done.err}")
        equal(total(done, "already_there"), 5, "already there")
        equal(subjects(pair, "destination"), subjects(pair, "source"), "mails")
        equal(len(pair.digest("destination")), len(pair.digest("source")),
              "items")
        nothing_was_sent(pair)


@case
def another_shape_is_left_and_told():
    with Pair(1, 20) as pair:
        with_mails(pair, range(5), unlike=(0, 1))
        done = pair.migrate()
        equal(done.status, 1, f"status: {done.out}{done.err}")
        contains(done.out, "2 items are there already in another shape")
        contains(done.out, "5 items were at the destination already")
        equal(subjects(pair, "destination"), subjects(pair, "source"), "mails")
        out = pair.dir / "reports"
        equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
              "report")
        rows = list(csv.DictReader((out / "failures.csv").open()))
        equal([row["State"] for row in rows], ["different"] * 2, "failures")
        contains(rows[0]["Cause"], "there already in another shape: body")
        contains(rows[0]["Remedy"], "--unlike copy")
        (one,) = csv.DictReader((out / "statistics.csv").open())
        equal(int(one["Items Already There"]), 5, "statistics.csv")

        done = pair.migrate("--json", "--unlike", "copy", "--verify", "full")
        equal(done.status, 0, f"status: {done.out[-2000:]}{done.err}")
        equal(copied(done), 2, "copied beside")
        want = subjects(pair, "source") + collections.Counter(
            {"number 0": 1, "number 1": 1})
        equal(subjects(pair, "destination"), want, "mails")


@case
def two_here_and_one_there():
    with Pair(1, 20) as pair:
        with_mails(pair, (3,), twice=(3,))
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"status: {done.out[-2000:]}{done.err}")
        equal(total(done, "already_there"), 1, "already there")
        equal(subjects(pair, "destination"), subjects(pair, "source"), "mails")
        equal(subjects(pair, "destination")["number 3"], 2, "of the two")


@case
def what_users_have_stays():
    with Pair(1, 20) as pair:
        mailbox = mailbox_of(pair)
        for n in range(40, 45):
            put_mail(pair, "destination", mailbox, n)
        before = pair.digest("destination")
        done = pair.migrate("--json", "--propagate-deletes")
        equal(done.status, 0, f"status: {done.err}")
        equal(total(done, "already_there"), 0, "already there")
        left = collections.Counter(pair.digest("destination"))
        left.subtract(pair.digest("source"))
        equal(+left, collections.Counter(before), "the users' own")


@case
def the_flag_says_not_to_look():
    with Pair(1, 20) as pair:
        with_mails(pair, range(5))
        rows = list(csv.reader(pair.admin_csv.open()))
        for row in rows[1:]:
            row[-1] = "DoNotSearchDestinationForDuplicates"
        file = pair.dir / "flags.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(rows)
        done = pair.migrate("--json", file=file)
        equal(done.status, 0, f"status: {done.err}")
        equal(copied(done), len(pair.digest("source")), "copied")
        equal(subjects(pair, "destination")["number 2"], 2, "of one mail")


@case
def an_empty_destination_costs_nothing():
    """No request more than a run that does not look."""
    asked = []
    for flag in ("0", "DoNotSearchDestinationForDuplicates"):
        with Pair(1, 40) as pair:
            rows = list(csv.reader(pair.admin_csv.open()))
            for row in rows[1:]:
                row[-1] = flag
            file = pair.dir / "flags.csv"
            with file.open("w", newline="") as out:
                csv.writer(out).writerows(rows)
            done = pair.migrate("--json", "--lanes", "1", "--verify",
                                "nothing", file=file)
            equal(done.status, 0, f"status: {done.err}")
            pair.assert_moved()
            asked.append({side: {
                name: n for name, n in pair.counters(side).items()
                if name in ("requests.GetItem", "requests.SyncFolderItems",
                            "requests.FindItem")}
                for side in ("source", "destination")})
    equal(asked[0], asked[1], "requests")


# ---- dying -----------------------------------------------------------------

def half_done(options):
    """A mailbox of which a run that nobody remembers has moved a part."""
    pair = Pair(1, 40, options=options)
    died = pair.migrate(env={"MAILFERRY_DIE_AT": "record:4"})
    equal(died.status, -signal.SIGKILL, f"the forgotten run: {died.err}")
    lose_the_state(pair)
    return pair


def content(pair, side, exact):
    return sorted(pair.digest(side) if exact else
                  ("\t".join(line.split("\t")[:3])
                   for line in pair.digest(side)))


def dies_everywhere(options, exact, *more):
    with half_done(options) as pair:
        path = pair.dir / "steps"
        done = pair.migrate(*more, env={"MAILFERRY_STEP_LOG": str(path)})
        equal(done.status, 0, f"counting run: {done.out}{done.err}")
        names = collections.Counter(
            line.split()[1] for line in path.read_text().splitlines())
    for name in ("baseline", "adopt", "record"):
        check(names[name] > 0, f"there is no step {name}: {names}")
    for name in ("baseline", "adopt", "ruin", "intend", "send", "record"):
        for at in sorted({1, (names[name] + 1) // 2, names[name]} - {0}):
            with half_done(options) as pair:
                died = pair.migrate(
                    *more, env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                check(died.status in (-signal.SIGKILL, 0),
                      f"{name}:{at}: {died.status}: {died.err}")
                done = pair.migrate("--json", "--verify", "full", *more)
                equal(done.status, 0,
                      f"{name}:{at}: {done.out[-2000:]}{done.err}")
                equal(content(pair, "destination", exact),
                      content(pair, "source", exact), f"after {name}:{at}")


@case
def dies_at_every_step_while_adopting():
    dies_everywhere([], True, "--adopt")


@case
def dies_at_every_step_of_the_portable_path():
    dies_everywhere(OLD, False)


if __name__ == "__main__":
    main()
