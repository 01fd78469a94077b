#!/usr/bin/env python3
"""Who may use whose folders, and who acts for whom, is carried over: people
are mapped, what the destination's own people set stays, nobody is mailed.

The oracle is what both servers tell a client that shares no code with
mailferry."""
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import client_of, nothing_was_sent, people  # noqa: E402
from owned import *  # noqa: E402,F403

WRITES = ("UpdateFolder", "AddDelegate", "UpdateDelegate", "RemoveDelegate")


def without_row(pair, address):
    """The import file without somebody: they are not known elsewhere."""
    lines = pair.admin_csv.read_text().splitlines()
    pair.admin_csv.write_text("\n".join(
        line for line in lines if not line.startswith(address)) + "\n")


def written(pair, before):
    asked = pair.counters("destination") - before
    return {w: asked[f"requests.{w}"] for w in WRITES
            if asked[f"requests.{w}"]}


def set_up(pair, version="Exchange2010_SP1"):
    """Ann shares with Bob, and with Dan, who is in no import file."""
    (ann, _), (bob, _), (dan, _) = people(pair)
    source = client_of(pair, "source", ann, version)
    grant(source, "inbox", ("Default", "None"), ("Anonymous", "None"),
          (bob, "Custom", CUSTOM), (dan, "Reviewer"))
    grant(source, "calendar", ("Default", "Reviewer"), ("Anonymous", "None"),
          (bob, "FreeBusyTimeAndSubjectAndLocation"))
    add_delegate(source, ann, bob, (("Tasks", "Editor"),
                                    ("Contacts", "Reviewer")),
                 "<t:ReceiveCopiesOfMeetingMessages>true"
                 "</t:ReceiveCopiesOfMeetingMessages>"
                 "<t:ViewPrivateItems>true</t:ViewPrivateItems>")
    without_row(pair, dan)
    return source


@case
def carried_over_once():
    with Pair(3, 20) as pair:
        (_, new_ann), (bob, new_bob), (_, new_dan) = people(pair)
        source = set_up(pair)
        there = client_of(pair, "destination", new_ann)
        # What the destination's own people have set already.
        grant(there, "inbox", ("Default", "None"), ("Anonymous", "None"),
              (new_dan, "Author"))
        done = pair.migrate("--settings", "permissions,delegates")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        # Accounts that are gone: the lab's mailboxes have some.
        contains(done.out, "left out")

        rights = granted(source, "inbox")[bob]
        check(isinstance(rights, dict), f"the test's custom rights: {rights}")
        equal(granted(there, "inbox"),
              {"Default": "None", "Anonymous": "None", new_dan: "Author",
               new_bob: rights}, "rights on the inbox")
        equal(granted(there, "calendar"),
              {"Default": "Reviewer", "Anonymous": "None",
               new_bob: "FreeBusyTimeAndSubjectAndLocation"},
              "rights on the calendar")
        who, deliver = delegates(there, new_ann)
        # Custom: what the inbox's and the calendar's rights amount to.
        levels = {"Tasks": "Editor", "Contacts": "Reviewer"}
        equal([(w, {k: v for k, v in f.items() if v != "Custom"}, c, p)
               for w, f, c, p in who], [(new_bob, levels, "true", "true")],
              "delegates")
        equal(deliver, ["DelegatesAndMe"], "delivery of meeting requests")
        nothing_was_sent(pair)

        before = pair.counters("destination")
        done = pair.mailferry("settings")
        contains(done.out, "already there")
        equal(written(pair, before), {}, "writes of a second run")


def permissions_csv(pair, mailbox):
    """{(folder, person at the source): (at the destination, rights, outcome,
    command)} of a mailbox."""
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    with open(out / "permissions.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file)
                if row["Source Email"] == mailbox]
    found = {(row["Folder"], row["Person at Source"]): (
        row["Person at Destination"], row["Rights"], row["Outcome"],
        row["Command"]) for row in rows}
    equal(len(found), len(rows), "a row an entry, and each once")
    return found


@case
def each_entry_is_in_permissions_csv():
    """Each that the source tells, with what became of it; for whom nobody
    there knows, the cmdlet by which a person does it."""
    with Pair(3, 20) as pair:
        (ann, new_ann), (bob, new_bob), (dan, _) = people(pair)
        source = set_up(pair)
        pair.faults("destination", "inside:op=ResolveNames,"
                    "code=ErrorNameResolutionNoResults")
        done = pair.migrate("--settings", "permissions,delegates")
        equal(done.status, 1, f"exit status: {done.out}{done.err}")
        found = permissions_csv(pair, ann)
        nobodies = {"Default", "Anonymous"}
        for folder, kind in (("Inbox", "inbox"), ("Calendar", "calendar"),
                             ("Tasks", "tasks"), ("Contacts", "contacts")):
            named = {who for at, who in found if at == folder}
            equal(named - nobodies, set(granted(source, kind)) - nobodies,
                  f"who is in {folder}")
        equal(found["Inbox", bob], (
            new_bob, "CreateItems,DeleteAllItems,EditOwnedItems,FolderContact,"
            "FolderVisible,ReadItems", "set", ""), "rights one by one")
        equal(found["Calendar", bob], (
            new_bob, "FreeBusyTimeAndSubjectAndLocation", "set", ""),
            "a calendar's level")
        who, rights, outcome, command = found["(delegates)", bob]
        equal((who, outcome, command), (new_bob, "set", ""), "the delegate")
        contains(rights, "Tasks Editor")
        equal(found["Inbox", dan], (
            "", "Reviewer", "not mapped",
            f"Add-MailboxFolderPermission -Identity '{new_ann}:\\Inbox' -User "
            "'(person at the destination)' -AccessRights Reviewer"),
            "nobody's counterpart")
        # With a row for him it is done by us.
        text = pair.admin_csv.read_text().rstrip("\n")
        pair.admin_csv.write_text(f"{text}\n{dan},,,{dan},,,0\n")
        done = pair.mailferry("settings", "--settings", "permissions")
        found = permissions_csv(pair, ann)
        equal(found["Inbox", dan], (dan, "Reviewer", "set", ""), "and then")
        there = client_of(pair, "destination", new_ann)
        equal(granted(there, "inbox")[dan], "Reviewer", "rights on the inbox")


@case
def taken_back_at_the_source():
    with Pair(3, 20) as pair:
        (_, new_ann), (_, new_bob), _ = people(pair)
        source = set_up(pair)
        there = client_of(pair, "destination", new_ann)
        equal(pair.migrate("--settings", "all").status, 0, "exit status")
        check(new_bob in granted(there, "inbox"), "Bob has no rights")
        grant(source, "inbox", ("Default", "None"), ("Anonymous", "None"))
        done = pair.mailferry("settings", "--settings", "permissions")
        contains(done.out, "2 removed")
        equal(granted(there, "inbox"), {"Default": "None", "Anonymous": "None"},
              "rights on the inbox")


@case
def of_the_root():
    """Others see a mailbox's folders only where its root lets them."""
    with Pair(3, 10) as pair:
        (ann, new_ann), (bob, new_bob), (_, new_dan) = people(pair)
        source = client_of(pair, "source", ann)
        there = client_of(pair, "destination", new_ann)
        grant(source, "msgfolderroot", ("Default", "None"),
              ("Anonymous", "None"), (bob, "Reviewer"))
        grant(there, "msgfolderroot", ("Default", "None"),
              ("Anonymous", "None"), (new_dan, "Contributor"))
        done = pair.migrate("--settings", "permissions")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        equal(granted(there, "msgfolderroot"),
              {"Default": "None", "Anonymous": "None", new_bob: "Reviewer",
               new_dan: "Contributor"}, "rights on the root")
        before = pair.counters("destination")
        equal(pair.mailferry("settings").status, 0, "exit status")
        equal(written(pair, before), {}, "writes of a second run")
        # The source takes it back, and so do we.
        grant(source, "msgfolderroot", ("Default", "None"),
              ("Anonymous", "None"))
        equal(pair.mailferry("settings").status, 0, "exit status")
        equal(granted(there, "msgfolderroot"),
              {"Default": "None", "Anonymous": "None",
               new_dan: "Contributor"}, "rights on the root")
        nothing_was_sent(pair)


@case
def not_asked_for():
    """Without a word about settings none is touched."""
    with Pair(3, 20) as pair:
        set_up(pair)
        before = pair.counters("destination")
        equal(pair.migrate().status, 0, "exit status")
        equal(written(pair, before), {}, "writes")


@case
def an_old_server():
    """Exchange 2007 SP1 has all of it."""
    with Pair(3, 10, options=["--version", "2007_SP1"]) as pair:
        (_, new_ann), (_, new_bob), _ = people(pair)
        set_up(pair, "Exchange2007_SP1")
        done = pair.migrate("--settings", "all")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        there = client_of(pair, "destination", new_ann, "Exchange2007_SP1")
        check(new_bob in granted(there, "inbox"), "Bob has no rights")
        equal(delegates(there, new_ann)[0][0][0], new_bob, "delegate")


if __name__ == "__main__":
    sys.exit(main())
