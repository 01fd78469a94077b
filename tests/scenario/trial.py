#!/usr/bin/env python3
"""A trial takes an item of each class there and back, and finds out what an
update does with what is gone; edits follow as it found."""
import json
import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from by_hand import ews, mailbox_of  # noqa: E402 pylint: disable=all

ITEMS = size(120, 60)
OLD = ["source:--version=Exchange2007_SP1",
       "destination:--version=Exchange2007_SP1"]

FIND_FOLDERS = """<m:FindFolder Traversal="Deep"><m:FolderShape>
<t:BaseShape>Default</t:BaseShape></m:FolderShape><m:ParentFolderIds>
<t:DistinguishedFolderId Id="msgfolderroot"/></m:ParentFolderIds>
</m:FindFolder>"""
FIND = """<m:FindItem Traversal="{traversal}"><m:ItemShape><t:BaseShape>IdOnly\
</t:BaseShape><t:AdditionalProperties>
<t:FieldURI FieldURI="item:HasAttachments"/></t:AdditionalProperties>
</m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="{folder}"/>
</m:ParentFolderIds></m:FindItem>"""
GET = """<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>
<t:AdditionalProperties><t:FieldURI FieldURI="item:Attachments"/>
</t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="{id}"/>
</m:ItemIds></m:GetItem>"""
DELETE = """<m:DeleteAttachment><m:AttachmentIds><t:AttachmentId Id="{id}"/>
</m:AttachmentIds></m:DeleteAttachment>"""


def trial(pair, *more, status=0):
    done = pair.migrate("--json", "--trial", *more)
    equal(done.status, status, f"trial: {done.out[-3000:]}{done.err}")
    found = [e for e in events(done) if e["event"] == "trial"]
    return ({e["class"]: e for e in found if "class" in e},
            next((e for e in found if "edits" in e), None))


def no_trace(pair):
    """Neither a folder nor anything in the dumpster is left of a trial."""
    mailbox = mailbox_of(pair)
    folders = ews(pair, "destination", mailbox, FIND_FOLDERS)
    check("Mailferry" not in folders, f"a folder is left: {folders}")
    left = ews(pair, "destination", mailbox,
               FIND.format(traversal="Shallow",
                           folder="recoverableitemsdeletions"))
    check("<t:ItemId" not in left, f"the dumpster holds {left}")


def drop_attachments(pair, most=2):
    """Edits that only take something away; how many."""
    mailbox = mailbox_of(pair)
    found = ews(pair, "source", mailbox,
                FIND.format(traversal="Shallow", folder="inbox"))
    done = 0
    for message in found.split("<t:Message>")[1:]:
        if "<t:HasAttachments>true" not in message or done == most:
            continue
        item = re.search(r'<t:ItemId Id="([^"]+)"', message)[1]
        shown = ews(pair, "source", mailbox, GET.format(id=item))
        attachment = re.search(r'<t:AttachmentId Id="([^"]+)"', shown)
        if attachment:
            ews(pair, "source", mailbox, DELETE.format(id=attachment[1]))
            done += 1
    check(done > 0, "nothing has an attachment: the test would prove nothing")
    return done


@case
def everything_comes_back():
    with Pair(1, ITEMS) as pair:
        classes, edits = trial(pair)
        check(len(classes) >= 5, f"classes: {sorted(classes)}")
        for name, one in classes.items():
            equal(one["outcome"], "whole", f"{name}: {one}")
        equal(classes["IPM.Task"]["kind"], "task", "kind")
        equal(edits["edits"], "in place", f"edits: {edits}")
        no_trace(pair)
        check(set(pair.digest("destination", "--all")) <=
              set(pair.digest("source", "--all")), "something is of no source")
        done = pair.migrate("--trial")
        contains(done.out, "mail (IPM.Note): comes back whole\n")
        contains(done.out, "  edits: in place\n")
        contains(done.out, "tags unknown to the digest's table: none")
        equal(pair.migrate("--verify", "full").status, 0, "the rest")
        pair.assert_moved()
        no_trace(pair)


@case
def what_comes_back_otherwise_is_named():
    with Pair(1, ITEMS) as pair:
        pair.faults("destination", "property-lost:class=IPM.Task,n=55",
                    "unknown-tag:class=IPM.Contact",
                    "upload:class=IPM.Appointment")
        done = pair.migrate("--json", "--trial")
        found = {e["class"]: e for e in events(done)
                 if e["event"] == "trial" and "class" in e}
        equal(found["IPM.Task"]["outcome"], "altered", "IPM.Task")
        contains(found["IPM.Task"]["what"], "0x0037001F subject: missing")
        equal(found["IPM.Contact"]["outcome"], "altered", "IPM.Contact")
        contains(found["IPM.Contact"]["what"], "0x6FFE0003: added")
        contains(found["IPM.Contact"]["unknown_tags"], "0x6FFE0003")
        equal(found["IPM.Note"]["outcome"], "whole", "IPM.Note")
        equal(found["IPM.Appointment"]["outcome"], "failed", "refused")
        no_trace(pair)

        out = pair.dir / "reports"
        equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
              "report")
        page = (out / "report.html").read_text()
        contains(page, "contact (IPM.Contact)")
        contains(page, "comes back altered: 0x6FFE0003: added")
        told = json.loads((out / "verification.json").read_text())["trials"]
        equal({t["class"]: t["outcome"] for t in told},
              {c: e["outcome"] for c, e in found.items()}, "verification.json")
        pair.faults("destination", "unknown-tag:class=IPM.Contact")
        contains(pair.migrate("--trial").out,
                 "tags unknown to the digest's table: 0x6FFE0003")


def follows(pair, updates):
    """What was taken away goes at the destination too, in the right way."""
    asked = pair.counters("destination")
    n = drop_attachments(pair)
    done = pair.migrate("--json", "--verify", "full")
    equal(done.status, 0, f"edits: {done.out[-3000:]}{done.err}")
    pair.assert_moved()
    now = pair.counters("destination")
    removed = now["requests.DeleteItem"] > asked["requests.DeleteItem"]
    equal(removed, not updates, "the old ones were removed")
    again = pair.migrate("--json")
    equal((again.status, copied(again)), (0, 0), "run again")
    return n


@case
def updates_that_take_away():
    with Pair(1, ITEMS) as pair:
        equal(trial(pair)[1]["edits"], "in place", "edits")
        equal(pair.migrate("--json").status, 0, "all")
        exports = pair.counters("destination")["requests.ExportItems"]
        pair.control("source", "/lab/change?edit=3")
        equal(pair.migrate("--json", "--verify", "nothing").status, 0, "edits")
        # to see whether they were edited there too, and not once more
        equal(pair.counters("destination")["requests.ExportItems"] - exports,
              1, "looks at the destination")
        follows(pair, updates=True)


@case
def updates_that_leave_are_found_out_by_the_trial():
    with Pair(1, ITEMS) as pair:
        pair.faults("destination", "update-merges")
        classes, edits = trial(pair)
        equal({e["outcome"] for e in classes.values()}, {"whole"}, "outcomes")
        equal(edits["edits"], "by replacement", f"edits: {edits}")
        contains(edits["why"], "an update left what is gone")
        contains(pair.migrate("--trial").out,
                 "edits: by replacement, since an update left what is gone (")
        equal(pair.migrate("--json").status, 0, "all")
        merged = pair.counters("destination")["fault.update-merges"]
        follows(pair, updates=False)
        equal(pair.counters("destination")["fault.update-merges"], merged,
              "updates after the trial")


@case
def updates_that_are_refused():
    with Pair(1, ITEMS) as pair:
        pair.faults("destination", "update-refused")
        edits = trial(pair)[1]
        equal(edits["edits"], "by replacement", f"edits: {edits}")
        contains(edits["why"], "an update was refused")
        equal(pair.migrate("--json").status, 0, "all")
        follows(pair, updates=False)


@case
def updates_that_leave_are_found_out_without_a_trial():
    """The first edit is read again, and from there on edits are replaced."""
    with Pair(1, ITEMS) as pair:
        equal(pair.migrate("--json").status, 0, "all")
        pair.faults("destination", "update-merges")
        asked = pair.counters("destination")["requests.DeleteItem"]
        drop_attachments(pair)
        done = pair.migrate("--json", "--verify", "full")
        equal(done.status, 0, f"edits: {done.out[-3000:]}{done.err}")
        contains(done.out, "edits follow by replacement from here on")
        pair.assert_moved()
        check(pair.counters("destination")["requests.DeleteItem"] > asked,
              "the old ones were not removed")
        merged = pair.counters("destination")["fault.update-merges"]
        follows(pair, updates=False)
        equal(pair.counters("destination")["fault.update-merges"], merged,
              "updates after the first")


@case
def portable_items_tell_what_is_lost():
    with Pair(1, ITEMS, options=OLD) as pair:
        classes, edits = trial(pair)
        equal(edits, None, "edits are replaced always")
        check(len(classes) >= 5, f"classes: {sorted(classes)}")
        equal(classes["IPM.Note"]["outcome"], "whole", "IPM.Note")
        contains(pair.migrate("--trial").out, "edits: by replacement, as "
                 "always where items travel as MIME and properties")
        folders = ews(pair, "destination", mailbox_of(pair), FIND_FOLDERS,
                      version="Exchange2007_SP1")
        check("Mailferry" not in folders, f"a folder is left: {folders}")


@case
def dies_at_every_step():
    """Whatever a dead trial leaves the next run removes, and nothing of it is
    taken for a copy."""
    with Pair(1, 40) as pair:
        path = pair.dir / "steps"
        equal(pair.migrate("--trial", env={"MAILFERRY_STEP_LOG": str(path)}
                           ).status, 0, "counting run")
        names = collections.Counter(
            line.split()[1] for line in path.read_text().splitlines())
    for name in ("scratch", "scratch-put", "scratch-updated", "trial",
                 "scratch-removed"):
        check(names[name] > 0, f"there is no step {name}: {names}")
        for at in sorted({1, names[name]}):
            with Pair(1, 40) as pair:
                died = pair.migrate(
                    "--trial", env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                equal(died.status, -signal.SIGKILL, f"{name}:{at}: {died.err}")
                done = pair.migrate("--json", "--verify", "full")
                equal(done.status, 0,
                      f"{name}:{at}: {done.out[-2000:]}{done.err}")
                equal(set(ends(done).values()), {"verified"}, "states")
                pair.assert_moved()
                no_trace(pair)


@case
def a_scratch_folder_is_not_copied():
    """One that a dead trial has left where the source is now."""
    with Pair(1, 40) as pair:
        mailbox = mailbox_of(pair)
        ews(pair, "source", mailbox, """<m:CreateFolder><m:ParentFolderId>
<t:DistinguishedFolderId Id="deleteditems"/></m:ParentFolderId><m:Folders>
<t:Folder><t:FolderClass>IPF.Note.MailferryTrial</t:FolderClass>
<t:DisplayName>Mailferry trial (may be deleted)</t:DisplayName></t:Folder>
</m:Folders></m:CreateFolder>""")
        equal(pair.migrate("--json").status, 0, "all")
        pair.assert_moved()
        no_trace(pair)


if __name__ == "__main__":
    main()
