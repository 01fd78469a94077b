#!/usr/bin/env python3
"""Each class of verification, made to happen and counted, in each mode and
whichever way items travel.

The oracle is what the test did to either side, by the labs' own EWS, and what
lies in their state."""
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from both import client_of, people  # noqa: E402
from folders import NOTE, do  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = 80
LIMIT = 20000
FAILING = "IPM.Contact"
FAULT = (f"item:op=ExportItems|GetItem,class={FAILING},"
         "code=ErrorItemCorrupt,times=1000000")
OURS = ("fine", "lost there", "altered there", "altered at both")
FIND = """<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default\
</t:BaseShape></m:ItemShape><m:Restriction><t:IsEqualTo>\
<t:FieldURI FieldURI="item:Subject"/><t:FieldURIOrConstant><t:Constant \
Value="{}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>\
<m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds>\
</m:FindItem>"""
EDIT = """<m:UpdateItem MessageDisposition="SaveOnly" \
ConflictResolution="AlwaysOverwrite"><m:ItemChanges><t:ItemChange>\
<t:ItemId Id="{}"/><t:Updates><t:SetItemField><t:FieldURI \
FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">{}</t:Body>\
</t:Message></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges>\
</m:UpdateItem>"""


def one(client, subject):
    found, = do(client, FIND.format(subject)).ids()
    return found


def counted(pair, where):
    with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                         uri=True) as state:
        return state.execute(
            "SELECT count(*) FROM item WHERE NOT associated AND key NOT IN "
            f"(SELECT item FROM lost) AND ({where})").fetchone()[0]


def verdicts(pair, mode):
    """{class: how many}, as verify says and as the report does."""
    done = pair.mailferry("verify", "--verify", mode)
    equal(done.status, 1, f"verify {mode}: {done.out}{done.err}")
    said = {name: int(n) for name, n in
            re.findall(r"^(\w+) +(\d+)$", done.out, re.M)}
    out = pair.dir / "reports"
    equal(run(MAILFERRY, "report", pair.admin_csv, "--out", out).status, 0,
          "report")
    told, = json.loads((out / "verification.json").read_text())["mailboxes"]
    # What lies there besides is no item of this migration.
    equal(told["verdicts"], {name: n for name, n in said.items()
                             if name != "extra"}, f"{mode}: the report")
    return said


def each_class(*options, whole=True, unread=False):
    """whole: as they travel; unread: what is hidden cannot be read there."""
    with Pair(1, ITEMS, options=options) as pair:
        (source, destination), = people(pair)
        here = client_of(pair, "source", source)
        there = client_of(pair, "destination", destination)
        inbox = here.folder_id("inbox")
        for subject in OURS:
            do(here, NOTE.format(inbox, subject))
        do(there, NOTE.format(there.folder_id("inbox"), "was there before"))
        large = f"size > {LIMIT}"
        bad = f"class LIKE '{FAILING}%'"
        # Of what nobody sees the views alone come along, and only whole.
        hidden = pair.hidden("source")
        views = whole and sum(n for line, n in hidden.items()
                              if ".NamedView\t" in line)
        filtered = counted(pair, large) + sum(hidden.values()) - views
        failed = counted(pair, f"{bad} AND NOT {large}")
        check(filtered and failed, f"{filtered} left out, {failed} failing")
        rest = counted(pair, f"NOT {large} AND NOT {bad}") + views - 3

        pair.faults("source", FAULT)
        usual = ["--max-item-size", str(LIMIT), "--verify", "nothing"]
        done = pair.migrate(*usual)
        equal(done.status, 1, f"exit status: {done.out}{done.err}")
        equal(there.delete(one(there, "lost there")).codes(), ["NoError"],
              "deletion")
        do(there, EDIT.format(one(there, "altered there"), "other words"))
        do(there, EDIT.format(one(there, "altered at both"), "theirs"))
        do(here, EDIT.format(one(here, "altered at both"), "ours"))
        done = pair.migrate(*usual)
        equal(done.status, 1, f"exit status: {done.out}{done.err}")

        # Of what cannot be read nobody knows whether it was edited there.
        edited = {"failed": failed + 1} if unread else {
            "failed": failed, "conflict": 1}
        always = {"missing": 1, "extra": 1, "filtered": filtered, **edited}
        equal(verdicts(pair, "counts"), {"present": rest + 1, **always},
              "counts: no content was read")
        read = {"verified": rest - views, "present": views} if unread else {
            "verified": rest}
        equal(verdicts(pair, "full"), {**read, "different": 1, **always},
              "full")
        sampled = verdicts(pair, "sample")
        equal({name: n for name, n in sampled.items() if name in always},
              always, "sample")
        equal(sum(n for name, n in sampled.items() if name not in always),
              rest + 1, "sample: each in one class")
        check(sampled["verified"] > 0, f"sample: nothing was read: {sampled}")


@case
def of_whole_items():
    each_class()


@case
def of_mime_and_properties():
    each_class("--lacks=ExportItems,UploadItems", whole=False)


@case
def of_whole_items_that_nobody_gives_back():
    """By MIME and properties, then; views have next to none."""
    each_class("destination:--lacks=ExportItems", unread=True)


if __name__ == "__main__":
    main()
