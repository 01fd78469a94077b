#!/usr/bin/env python3
"""What `check` says of mailboxes is so, costs little, and writes nothing."""
import base64
import json
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from both import client_of, people  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from owned import add_rule, folder_id, grant, subject  # noqa: E402

KINDS = ("mail", "calendar", "contact", "task", "note", "journal", "other")


def looked(pair, *more, status=0, **kwargs):
    """The objects of the mailboxes, and the summary."""
    done = pair.mailferry("check", "--json", *more, **kwargs)
    equal(done.status, status, f"exit status: {done.out[-2000:]}{done.err}")
    objects = [json.loads(line) for line in done.out.splitlines()]
    return objects[:-1], objects[-1]["summary"]


def cost(pair, side, action):
    """What that action asks of a side, by operation."""
    before = pair.counters(side)
    result = action()
    asked = pair.counters(side) - before
    return result, {name.split(".")[1]: n for name, n in asked.items()
                    if name.startswith("requests.")}


PREFIXES = {"IPM.Appointment": "calendar", "IPM.Contact": "contact",
            "IPM.DistList": "contact", "IPM.Task": "task",
            "IPM.StickyNote": "note", "IPM.Activity": "journal"}


def kind_of(item_class):
    return next((kind for prefix, kind in PREFIXES.items()
                 if (item_class + ".").startswith(prefix + ".")), "mail")


def kinds_by_digest(pair, mailbox):
    """Items by kind, as the lab counts their classes."""
    return collections.Counter(kind_of(line.split("\t")[2])
                               for line in pair.digest("source", mailbox))


def bytes_by_kind(pair):
    """Of all mailboxes of the source, by the lab's own state."""
    found = collections.Counter()
    with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                         uri=True) as state:
        for item_class, size_bytes in state.execute(
                "SELECT class, size FROM item WHERE NOT associated AND key "
                "NOT IN (SELECT item FROM lost)"):
            found[kind_of(item_class)] += size_bytes
    return found


@case
def kinds_are_counted():
    with Pair(2, size(200, 60)) as pair:
        (found, summary), by_folder = cost(pair, "source",
                                           lambda: looked(pair))
        equal(len(found), 2, "mailboxes")
        for one in found:
            total = len(pair.digest("source", one["mailbox"]))
            equal(one["to_copy"]["items"], total, "items to copy")
            equal(sum(k["items"] for k in one["kinds"].values()), total,
                  "items by kind")
            equal(one["kinds_by"], "folder", "counted by")
        equal(by_folder["SyncFolderItems"] if "SyncFolderItems" in by_folder
              else 0, 0, "listings")
        # Hidden items are searched for folder by folder; rights are asked
        # for twenty folders at a time.
        check(sum(by_folder.values()) - by_folder.get("FindItem", 0) <= 2 * 14,
              f"requests: {by_folder}")
        (found, _), by_item = cost(pair, "source",
                                   lambda: looked(pair, "--by-item"))
        for one in found:
            want = kinds_by_digest(pair, one["mailbox"])
            got = {kind: one["kinds"][kind]["items"] for kind in KINDS}
            equal(got, {kind: want[kind] for kind in KINDS},
                  "items by their own class")
            full = [f for f in one["folders"]
                    if f["items"] > 0 and not f["skipped"]]
            check(all(f["items"] <= 512 for f in full), "a page is too few")
        equal({kind: sum(one["kinds"][kind]["bytes"] for one in found)
               for kind in KINDS}, {**dict.fromkeys(KINDS, 0),
                                    **bytes_by_kind(pair)}, "bytes by kind")
        # A page for each folder that holds anything, and not one more.
        equal(by_item["SyncFolderItems"],
              sum(len([f for f in one["folders"]
                       if f["items"] > 0 and not f["skipped"]])
                  for one in found), "listings")
        equal(summary["to_copy"]["items"], len(pair.digest("source")), "sum")
        equal(summary["expected"]["by"], "round trips", "founded on")


@case
def large_items_are_named():
    with Pair(1, 40) as pair:
        limit = 1200000
        big = base64.b64encode(
            b"Subject: the plans\r\nFrom: a@b.example\r\n\r\n"
            + (b"x" * 76 + b"\r\n") * 13000).decode()
        pair_ews(pair, "source", "<m:CreateItem MessageDisposition="
                 '"SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId '
                 'Id="drafts"/></m:SavedItemFolderId><m:Items><t:Message>'
                 f"<t:MimeContent>{big}</t:MimeContent></t:Message></m:Items>"
                 "</m:CreateItem>")
        more = ("--request-limit", str(limit))
        _, usual = cost(pair, "source", lambda: looked(pair))
        (found, _), asked = cost(pair, "source",
                                 lambda: looked(pair, *more))
        large = found[0]["large"]
        equal(large["count"], 1, "large items")
        equal(large["items"][0]["subject"], "the plans", "subject")
        equal(large["items"][0]["folder"], "Drafts", "folder")
        check(large["items"][0]["bytes"] > large["limit_bytes"], "size")
        equal(asked.get("FindItem", 0) - usual.get("FindItem", 0), 1,
              "searches more: one folder is large")
        equal([f["cause"] for f in found[0]["findings"] if f["warning"]],
              ["oversize"], "warnings")
        out = pair.mailferry("check", *more).out
        contains(out, "Drafts: the plans")
        contains(out, "--request-limit")
        # Nothing of it by the limit that the version comes with.
        found, _ = looked(pair)
        equal(found[0]["large"]["count"], 0, "large items by default")
        # What was said comes true: that item fails, and all others arrive.
        done = pair.migrate(*more)
        equal(done.status, 1, f"exit status: {done.out[-1000:]}")
        contains(done.out + done.err, "1 failed")
        equal(len(pair.digest("source")) - len(pair.digest("destination")), 1,
              "left behind")


def pair_ews(pair, side, body):
    """A request as the mailbox's own user."""
    import csv
    row = list(csv.reader(pair.passwords_csv.open()))[1]
    user, password = (row[1], row[2]) if side == "source" else (row[4], row[5])
    url = pair.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0]
    soap = ('<?xml version="1.0"?><s:Envelope xmlns:s='
            '"http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://'
            'schemas.microsoft.com/exchange/services/2006/types" xmlns:m='
            '"http://schemas.microsoft.com/exchange/services/2006/messages">'
            '<s:Header><t:RequestServerVersion Version="Exchange2010_SP1"/>'
            f"</s:Header><s:Body>{body}</s:Body></s:Envelope>").encode()
    request = urllib.request.Request(
        url + "/EWS/Exchange.asmx", data=soap, method="POST", headers={
            "Content-Type": "text/xml; charset=utf-8",
            "Authorization": "Basic " + base64.b64encode(
                f"{user}:{password}".encode()).decode()})
    context = ssl.create_default_context(cafile=pair.env["CA_FILE"])
    with urllib.request.urlopen(request, context=context) as answer:
        text = answer.read().decode()
    contains(text, "NoError", "EWS answer")
    return text


@case
def room_is_compared():
    with Pair(1, 60, options=["destination:--quota=200000"]) as pair:
        found, _ = looked(pair)
        room = found[0]["destination"]["room"]
        equal(room["quota_bytes"], 200000 // 1024 * 1024, "quota")
        equal(room["used_bytes"], 0, "used")
        check(room["needed_bytes"] > 200000, f"needed: {room}")
        done = pair.mailferry("check")
        equal(done.status, 0, "a warning is no failure")
        contains(done.out, "are free")
        contains(done.out, "-ProhibitSendReceiveQuota SIZE")
    with Pair(1, 20) as pair:
        found, _ = looked(pair)
        equal(found[0]["destination"]["room"]["quota_bytes"], None,
              "no quota is told")


@case
def archives_are_told():
    with Pair(1, 30, beside=["--archive", "source",
                             "--recoverable", "5"]) as pair:
        found, _ = looked(pair)
        archive = found[0]["source"]["roots"]["archive"]
        check(archive["items"] > 0, f"nothing in the archive: {found[0]}")
        contains(pair.mailferry("check").out, "Enable-Mailbox USER -Archive")


@case
def versions_have_their_cmdlets():
    with Pair(1, 20, options=["source:--version=Exchange2007_SP1",
                              "destination:--version=Exchange2010_SP2"]
              ) as pair:
        out = pair.mailferry("check").out
        contains(out, "at the destination, Exchange 2010:")
        contains(out, "at the source, Exchange 2007:")
        contains(out, "Set-CalendarProcessing USER")
        contains(out, "travel as MIME and properties: 1 mailbox")
        check("CalendarRepairDisabled" not in out, "2007 repairs no calendars")


@case
def many_rows_stay_readable():
    with Pair(1, 20) as pair:
        text = pair.admin_csv.read_text().rstrip("\n").splitlines()
        domain = text[1].split(",")[0].split("@")[1]
        text += [f"nobody{i}@{domain},,,nobody{i}@{domain},,,0"
                 for i in range(40)]
        pair.admin_csv.write_text("\n".join(text) + "\n")
        done = pair.mailferry("check")
        equal(done.status, 2, f"exit status: {done.out}")
        lines = done.out.splitlines()
        contains(lines[0], "1 of 41 mailboxes can be migrated (looked at in ")
        check(max(map(len, lines)) <= 80, f"too wide: {max(lines, key=len)}")
        # one cause, told once with its remedy, and ten names
        equal(done.out.count("remedy:"), 1, "remedies")
        contains(done.out, "and 30 more")
        # and a line a mailbox only where somebody asks for it
        contains(done.out, "  and 40 more; --verbose lists all")
        check(len(lines) < 80, f"{len(lines)} lines")
        done = pair.mailferry("check", "--verbose")
        equal(len([line for line in done.out.splitlines()
                   if "cannot be migrated " in line]), 40,
              "lines of mailboxes")
        text = pair.admin_csv.read_text().splitlines()
        pair.admin_csv.write_text("\n".join([text[0], *text[2:]]) + "\n")
        equal(pair.mailferry("check").status, 3, "none can be migrated")


@case
def time_is_measured_after_a_trial():
    with Pair(1, 120) as pair:
        out = pair.mailferry("check").out
        contains(out, "by this check's round trips")
        equal(pair.migrate("--trial").status, 0, "trial")
        found, summary = looked(pair)
        equal(found[0]["expected"]["by"], "measured", "founded on")
        equal(summary["expected"]["by"], "measured", "sum founded on")
        contains(pair.mailferry("check").out, "1 mailbox of this provider")


def set_flags(pair, *flags):
    """A flag a row, in place of the pair's own."""
    rows = pair.admin_csv.read_text().rstrip("\n").splitlines()
    equal(len(rows), len(flags) + 1, "rows of the import file")
    rows[1:] = [row.rsplit(",", 1)[0] + "," + flag
                for row, flag in zip(rows[1:], flags)]
    pair.admin_csv.write_text("\n".join(rows) + "\n")


def reported(pair, name):
    out = pair.dir / "reports"
    equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
          "report")
    return (out / name).read_text()


def told_by_report(pair):
    """{mailbox: {flag: count}}"""
    return {m["source"]: {line["flag"]: line["count"]
                          for line in m["left_out_by_flags"]}
            for m in json.loads(
                reported(pair, "verification.json"))["mailboxes"]}


@case
def flags_that_leave_something_are_told():
    with Pair(3, 90) as pair:
        who = [source for source, _ in people(pair)]
        counts = [kinds_by_digest(pair, one) for one in who]
        check(all(c["contact"] and c["task"] for c in counts), counts)
        client = client_of(pair, "source", who[0])
        for n in range(3):
            add_rule(client, f"rule {n}", n + 1, subject("x"),
                     '<t:MoveToFolder><t:FolderId Id="'
                     + folder_id(client, "drafts") + '"/></t:MoveToFolder>')
        set_flags(pair, "DoNotMigrateContact|DoNotMigrateRule",
                  "DoNotMigrateRule", "DoNotMigrateTask")
        want = {who[0]: {"DoNotMigrateContact": counts[0]["contact"],
                         "DoNotMigrateRule": 3},
                who[1]: {},  # it has no rules
                who[2]: {"DoNotMigrateTask": counts[2]["task"]}}

        found, _ = looked(pair)
        for one in found:
            said = [f for f in one["findings"] if f["cause"] == "flag"]
            equal(sorted(f["count"] for f in said),
                  sorted(want[one["mailbox"]].values()), "left behind")
            for flag, n in want[one["mailbox"]].items():
                check(any(f"{flag} leaves {n} " in f["text"]
                          and f["warning"] and "Flags" in f["remedy"]
                          for f in said), f"{flag} in {said}")
        equal(told_by_report(pair), want, "the report after check")
        out = pair.mailferry("check").out
        contains(out, "flag DoNotMigrateRule leaves inbox rules behind")
        contains(out, "remedy: take the flag out of the row's Flags")

        done = pair.migrate("--settings", "rules")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        contains(done.err, "flag DoNotMigrateTask leaves task items behind")
        equal(told_by_report(pair), want, "the report after migrate")
        contains(reported(pair, "statistics.csv"),
                 f"DoNotMigrateContact: {counts[0]['contact']} contact items; "
                 "DoNotMigrateRule: 3 inbox rules")
        page = reported(pair, "report.html")
        contains(page, "Left behind by flags of the import file")
        contains(page, f"{who[2]}: {counts[2]['task']}")
        equal(len(pair.digest("source")) - len(pair.digest("destination")),
              counts[0]["contact"] + counts[2]["task"], "left behind")

        # The remedy does it, and then there is nothing more to say.
        set_flags(pair, "0", "0", "0")
        done = pair.migrate("--settings", "rules")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        equal(told_by_report(pair), dict.fromkeys(who, {}), "left behind")
        check("Left behind" not in reported(pair, "report.html"), "told still")
        pair.assert_moved()


@case
def people_whom_the_destination_does_not_know():
    with Pair(3, 20) as pair:
        (ann, _), (bob, _), (dan, _) = people(pair)
        grant(client_of(pair, "source", ann), "inbox", ("Default", "None"),
              ("Anonymous", "None"), (bob, "Reviewer"), (dan, "Editor"))
        rows = pair.admin_csv.read_text().splitlines()
        pair.admin_csv.write_text("\n".join(
            row for row in rows if not row.startswith(dan)) + "\n")

        def unmapped():
            found, _ = looked(pair)
            return {one["mailbox"]: [f["text"] for f in one["findings"]
                                     if f["cause"] == "people"]
                    for one in found}

        equal(unmapped(), {ann: [], bob: []}, "its directory knows all")
        pair.faults("destination", "inside:op=ResolveNames,"
                    "code=ErrorNameResolutionNoResults")
        # The lab's calendars are shared among colleagues too.
        equal(unmapped(), {
            ann: [f'{dan} has rights in "Inbox" and 2 more folders'],
            bob: [f'{dan} has rights in "Calendar" and 2 more folders'],
        }, "nobody there has that address, and no row")
        out = pair.mailferry("check").out
        contains(out, "people have rights in the mailbox and no counterpart")
        contains(out, "make the person's mailbox or contact")


@case
def nothing_is_written():
    with Pair(1, 40) as pair:
        looked(pair, "--by-item")
        for side in ("source", "destination"):
            counts = pair.counters(side)
            wrote = [name for name in counts if re.search(
                r"requests\.(Create|Upload|Update|Delete|Move|Mark)", name)]
            equal(wrote, [], f"writes at the {side}")
            equal(counts["sent"], 0, f"sent at the {side}")


if __name__ == "__main__":
    main()
