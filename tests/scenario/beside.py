#!/usr/bin/env python3
"""What lies beside the mailbox: its archive, what can be recovered, and what
its folders do not show."""
import csv
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from by_hand import ews, mailbox_of  # noqa: E402 pylint: disable=all

ITEMS = size(120, 80)
BOTH = ["--archive", "both", "--recoverable", "15"]
ALL = ["--archive", "--recoverable"]


def moved(pair, *more):
    done = pair.migrate("--json", "--verify", "full", *more)
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states")
    return done


def nothing_was_sent(pair):
    for side in ("source", "destination"):
        sent = {k: v for k, v in pair.counters(side).items()
                if k.startswith("sent.") and v > 0}
        equal(sent, {}, f"sent by the {side}")


def trees(pair, side):
    """How many items lie in each tree: "" is the mailbox itself."""
    paths = [line.split("\t")[1] for line in pair.digest(side, *ALL)]
    return collections.Counter(
        path.split("/")[0] if path.startswith("%") else "" for path in paths)


def report(pair, name):
    done = run(MAILFERRY, "report", pair.admin_csv, "--out",
               pair.dir / "reports")
    equal(done.status, 0, f"report: {done.err}")
    with open(pair.dir / "reports" / name, newline="",
              encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@case
def all_trees():
    with Pair(2, ITEMS, beside=BOTH) as pair:
        moved(pair, "--recoverable-items")
        pair.assert_moved(*ALL)
        equal(trees(pair, "destination")["%recoverable"], 2 * 15, "recoverable")
        again = pair.migrate("--json", "--recoverable-items")
        equal((again.status, copied(again)), (0, 0), "run again")
        nothing_was_sent(pair)


@case
def recoverable_items_only_when_asked():
    with Pair(1, ITEMS, beside=BOTH) as pair:
        checked = pair.mailferry("check")
        contains(checked.out, "recoverable items are left behind")
        contains(checked.out, "--recoverable-items")
        moved(pair)
        pair.assert_moved("--archive")
        got = trees(pair, "destination")
        equal((got["%recoverable"], got["%archive-recoverable"]), (0, 0),
              "recoverable items")
        checked = pair.mailferry("check", "--recoverable-items")
        contains(checked.out, "RecoverableItemsQuota")
        moved(pair, "--recoverable-items")
        pair.assert_moved(*ALL)


@case
def no_archive_at_the_destination():
    with Pair(1, ITEMS, beside=["--archive", "source"]) as pair:
        checked = pair.mailferry("check")
        equal(checked.status, 0, f"check: {checked.err}")
        contains(checked.out, "has an archive, the destination has none")
        contains(checked.out, "Enable-Mailbox")
        done = pair.migrate("--json")
        equal(done.status, 1, f"exit status: {done.out[-2000:]}{done.err}")
        contains(done.out, "Enable-Mailbox")
        pair.assert_moved()
        failures = report(pair, "failures.csv")
        equal(len(failures), trees(pair, "source")["%archive"], "failures")
        for row in failures:
            contains(str(row), "Enable-Mailbox", "a failure")
            contains(str(row), "%archive/", "a failure's folder")
        done = pair.migrate("--json", "--no-archive", "--verify", "full")
        equal((done.status, set(ends(done).values())), (0, {"verified"}),
              f"without the archive: {done.out[-1000:]}")


FOR_GOOD = "times=1000000"


def denied(side, pair, code):
    """The archive is refused, and so is its dumpster."""
    pair.faults(side, *(f"inside:op=GetFolder,match={name},code={code},"
                        + FOR_GOOD
                        for name in ("archivemsgfolderroot",
                                     "archiverecoverableitemsroot")))


@case
def archive_that_the_source_refuses():
    """That is no archive that is not there: who may read the mailbox and not
    what is beside it hears so, by check and by each run."""
    for code in ("ErrorAccessDenied", "ErrorGetRemoteArchiveFolderFailed"):
        with Pair(1, ITEMS, beside=["--archive", "both"]) as pair:
            denied("source", pair, code)
            says = "the source's archive cannot be looked at"
            checked = pair.mailferry("check")
            contains(checked.out, says, "check")
            contains(checked.out, code, "check")
            for _ in range(2):
                done = pair.migrate("--json")
                equal(done.status, 1, f"{done.out[-2000:]}{done.err}")
                equal(set(ends(done).values()), {"completed with failures"},
                      "states")
                contains(done.out, says)
                contains(done.out, code)
            pair.assert_moved()
            done = pair.migrate("--json", "--no-archive")
            equal((done.status, set(ends(done).values())), (0, {"verified"}),
                  f"without the archive: {done.out[-1000:]}")
            pair.faults("source")
            moved(pair)
            pair.assert_moved("--archive")


@case
def archive_that_the_destination_refuses():
    with Pair(1, ITEMS, beside=["--archive", "both"]) as pair:
        denied("destination", pair, "ErrorAccessDenied")
        says = "the destination's archive cannot be looked at"
        checked = pair.mailferry("check")
        contains(checked.out, says, "check")
        check("destination has none" not in checked.out, checked.out)
        done = pair.migrate("--json")
        equal(done.status, 1, f"{done.out[-2000:]}{done.err}")
        failures = report(pair, "failures.csv")
        equal(len(failures), trees(pair, "source")["%archive"], "failures")
        for row in failures:
            contains(row["Cause"], says, "a failure")
            equal(row["Error"], "ErrorAccessDenied", "a failure's code")
        pair.assert_moved()
        pair.faults("destination")
        moved(pair)
        pair.assert_moved("--archive")


@case
def changes_in_the_archive():
    with Pair(1, ITEMS, beside=BOTH) as pair:
        moved(pair)
        for what in ("edit=4", "read=5", "move=3", "touch=6", "delete=2",
                     "edit=2&read=2&move=2&delete=2"):
            pair.control("source", f"/lab/change?{what}&archive=1")
            uploads = pair.counters("destination")["requests.UploadItems"]
            done = moved(pair, "--propagate-deletes")
            pair.assert_moved("--archive")
            equal(copied(done), 0, f"items sent anew after {what}")
            if what.startswith(("read", "touch")):
                equal(pair.counters("destination")["requests.UploadItems"],
                      uploads, f"uploads after {what}")
        nothing_was_sent(pair)


@case
def deleted_and_recovered():
    """What is deleted at the source is deleted at the destination, and lies
    among the recoverable items of both, once."""
    with Pair(1, ITEMS, beside=BOTH) as pair:
        moved(pair, "--recoverable-items")
        pair.control("source", "/lab/change?delete=6")
        pair.control("source", "/lab/change?delete=3&archive=1")
        done = moved(pair, "--recoverable-items", "--propagate-deletes")
        equal(copied(done), 0, "items sent anew")
        pair.assert_moved(*ALL)
        nothing_was_sent(pair)


@case
def left_out_later():
    with Pair(1, ITEMS, beside=BOTH) as pair:
        moved(pair, "--recoverable-items")
        before = pair.digest("destination", *ALL)
        pair.control("source", "/lab/change?delete=3&edit=3&archive=1")
        moved(pair, "--no-archive", "--propagate-deletes", "--verify", "counts")
        equal(pair.digest("destination", *ALL), before,
              "the destination of a run that leaves out the archive")
        moved(pair, "--recoverable-items", "--propagate-deletes")
        pair.assert_moved(*ALL)


@case
def answers_lost_and_state_expired():
    with Pair(1, ITEMS, beside=BOTH) as pair:
        pair.faults("destination",
                    "drop-after:op=UploadItems,every=3,times=4",
                    "drop-after:op=GetFolder,every=2,times=4",
                    "busy:op=SyncFolderHierarchy,every=3,times=3,ms=100")
        moved(pair, "--recoverable-items")
        pair.faults("destination")
        pair.control("source", "/lab/expire-sync")
        pair.control("destination", "/lab/expire-sync")
        done = moved(pair, "--recoverable-items")
        equal(copied(done), 0, "items copied again")
        pair.assert_moved(*ALL)


@case
def servers_without_archive_roots():
    """They refuse the whole request, and do not say so in advance."""
    with Pair(1, ITEMS, options=["source:--lacks=archive",
                                 "destination:--lacks=archive"]) as pair:
        moved(pair, "--recoverable-items")
        pair.assert_moved()
    with Pair(1, ITEMS, options=["source:--version=Exchange2010_SP1",
                                 "destination:--version=Exchange2013"],
              beside=BOTH) as pair:
        moved(pair, "--recoverable-items")
        pair.assert_moved(*ALL)


@case
def hidden_items():
    with Pair(1, ITEMS) as pair:
        before = pair.hidden("source")
        checked = pair.mailferry("check")
        contains(checked.out, "1 hidden item of class \"IPM.Configuration.MRM\"")
        done = moved(pair)
        equal(copied(done), ITEMS, "visible items copied")
        contains(done.out, "3 hidden items (views) copied")
        contains(done.out, "IPM.Rule.Version2.Message")
        pair.assert_moved()
        pair.assert_views_moved()
        report(pair, "failures.csv")
        with open(pair.dir / "reports" / "verification.json",
                  encoding="utf-8") as file:
            mailbox = json.load(file)["mailboxes"][0]
        left = {entry["class"]: entry["items"]
                for entry in mailbox["hidden_left_behind"]}
        want = collections.Counter(
            line.split("\t")[2] for line in before.elements()
            if ".NamedView\t" not in line)
        equal(left, dict(want), "hidden items left behind, in the report")
        check(all(entry["reason"] for entry in mailbox["hidden_left_behind"]),
              "each class has its reason")
        equal(mailbox["kinds"]["hidden"]["copied"], 3, "hidden items copied")
        # Nothing has changed: once the second of the last change is over,
        # one more list is enough for good; nothing is sent again.
        time.sleep(2.1)
        again = pair.migrate("--json")
        equal((again.status, copied(again)), (0, 0), "second run")
        asked = pair.counters("source")["requests.FindItem"]
        again = pair.migrate("--json")
        equal((again.status, copied(again)), (0, 0), "run again")
        equal(pair.counters("source")["requests.FindItem"], asked, "FindItem")
        pair.assert_views_moved()
        nothing_was_sent(pair)


FIND_HIDDEN = """<m:FindItem Traversal="Associated"><m:ItemShape>
<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>
<t:FieldURI FieldURI="item:ItemClass"/></t:AdditionalProperties>
</m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/>
</m:ParentFolderIds></m:FindItem>"""
EDIT = """<m:UpdateItem MessageDisposition="SaveOnly"
 ConflictResolution="AlwaysOverwrite"><m:ItemChanges><t:ItemChange>
<t:ItemId Id="{id}"/><t:Updates><t:SetItemField><t:ExtendedFieldURI
 PropertyTag="0x7003" PropertyType="Integer"/><t:Message><t:ExtendedProperty>
<t:ExtendedFieldURI PropertyTag="0x7003" PropertyType="Integer"/>
<t:Value>4</t:Value></t:ExtendedProperty></t:Message></t:SetItemField>
</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"""


def edit_view(pair, side):
    """The inbox's view is sorted otherwise; its number and name stay."""
    mailbox = mailbox_of(pair)
    found = ews(pair, side, mailbox, FIND_HIDDEN).split("<t:Message>")
    (view,) = [one for one in found if ".NamedView<" in one]
    ews(pair, side, mailbox,
        EDIT.format(id=view.split(' Id="')[1].split('"')[0]))


@case
def view_edited_in_place():
    with Pair(1, ITEMS) as pair:
        moved(pair)
        edit_view(pair, "source")
        check(pair.hidden("source") != pair.hidden("destination"),
              "the edit is not in the digest: the test would prove nothing")
        done = moved(pair)
        equal(copied(done), 0, "items copied")
        pair.assert_views_moved()
        nothing_was_sent(pair)


@case
def views_are_there_already():
    """After a lost state file each view is there once; one that its user has
    sorted otherwise since is kept, and told."""
    with Pair(1, ITEMS) as pair:
        moved(pair)
        for edited in (False, True):
            for path in pair.path.glob("*.mailferry*"):
                path.unlink()
            if edited:
                edit_view(pair, "destination")
            before = pair.hidden("destination")
            done = pair.migrate("--json", "--verify", "full")
            equal((done.status, copied(done)), (int(edited), 0),
                  f"run {edited}: {done.out[-2000:]}{done.err}")
            equal(pair.hidden("destination"), before, "the destination's")
            rows = report(pair, "failures.csv")
            equal(len(rows), int(edited), "failures.csv")
        contains(rows[0]["Cause"], "there already in another shape")
        contains(rows[0]["Folder"], "%hidden")


@case
def hidden_items_whose_answers_are_lost():
    with Pair(1, ITEMS, beside=BOTH) as pair:
        pair.faults("destination", "drop-after:op=UploadItems,every=2,times=6")
        moved(pair, "--recoverable-items")
        moved(pair, "--recoverable-items")
        pair.assert_moved(*ALL)
        pair.assert_views_moved(*ALL)


@case
def hidden_items_stay_where_items_are_taken_apart():
    with Pair(1, ITEMS,
              options=["destination:--version=Exchange2007_SP1"]) as pair:
        done = pair.migrate("--json")
        equal(done.status, 0, f"exit status: {done.out[-1000:]}{done.err}")
        contains(done.out, "hidden items (views and the like) are left behind")
        equal(sum(pair.hidden("destination").values()), 0, "hidden items")


if __name__ == "__main__":
    main()
