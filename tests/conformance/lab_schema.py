#!/usr/bin/env python3
"""Every answer of the lab is valid by Microsoft's schema, whatever is asked,
in every version; and with --schema it refuses what is not.

EWS_SCHEMA_DIR names the folder with envelope.xsd; else it is looked for
beside the checkout; without one the test is skipped."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403
from schema import *  # noqa: E402,F403

VERSIONS = ["Exchange2007_SP1", "Exchange2010", "Exchange2010_SP1",
            "Exchange2010_SP2", "Exchange2013", "Exchange2013_SP1",
            "Exchange2016"]


def everything(lab, version):
    """Ask for all there is, in shape and in error."""
    client = Client(lab, version=version)
    modern = version not in ("Exchange2007_SP1", "Exchange2010")
    for where in ("msgfolderroot", "inbox", "calendar", "contacts", "tasks",
                  "notes", "journal", "searchfolders", "outbox"):
        for shape in ("IdOnly", "Default", "AllProperties"):
            client.get_folder(where, shape=shape)
    for shape in ("IdOnly", "Default", "AllProperties"):
        client("<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>" + shape +
               "</t:BaseShape></m:FolderShape></m:SyncFolderHierarchy>")
    deep = client("<m:FindFolder Traversal='Deep'><m:FolderShape><t:BaseShape>"
                  "AllProperties</t:BaseShape></m:FolderShape>"
                  "<m:IndexedPageFolderView MaxEntriesReturned='500' "
                  "Offset='0' BasePoint='Beginning'/><m:ParentFolderIds>" +
                  folder("msgfolderroot") + "</m:ParentFolderIds>"
                  "</m:FindFolder>")
    ids = []
    for where in deep.ids("t:FolderId"):
        ids += client.sync(where, shape="AllProperties").ids()
        client("<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>"
               "Default</t:BaseShape></m:ItemShape><m:IndexedPageItemView "
               "MaxEntriesReturned='5' Offset='0' BasePoint='Beginning'/>"
               f"<m:ParentFolderIds>{folder(where)}</m:ParentFolderIds>"
               "</m:FindItem>")
    check(len(ids) > 100, f"{len(ids)} items")
    for shape in ("IdOnly", "Default", "AllProperties"):
        client.get_item(*ids, "nonsense", shape=shape,
                        extra='<t:ExtendedFieldURI PropertyTag="0x300B" '
                        'PropertyType="Binary"/><t:ExtendedFieldURI '
                        'DistinguishedPropertySetId="PublicStrings" '
                        'PropertyName="Keywords" PropertyType="StringArray"/>')
    made = client.create_folder("inbox", "x", "x", "").ids("t:FolderId")
    client("<m:MoveItem><m:ToFolderId>" + folder(made[0]) + "</m:ToFolderId>"
           "<m:ItemIds>" + items(ids[:2]) + items(["x"]) + "</m:ItemIds>"
           "</m:MoveItem>")
    client("<m:MoveFolder><m:ToFolderId>" + folder("drafts") +
           "</m:ToFolderId><m:FolderIds>" + folder(made[0]) + folder("inbox") +
           "</m:FolderIds></m:MoveFolder>")
    if modern:
        data = client.export(*ids[2:30], "x").text("m:Data")
        client.upload(client.folder_id("drafts"), *data, "AAAA")
        client.upload("x", *data[:2])
    plain = "" if version < "Exchange2013" else ' SuppressReadReceipts="true"'
    client.delete(*ids[2:10], "x", more='SendMeetingCancellations="SendToNone"'
                  ' AffectedTaskOccurrences="AllOccurrences"' + plain)
    client.delete(*ids[10:14], more="")
    client("<m:DeleteFolder DeleteType='SoftDelete'><m:FolderIds>" +
           folder(made[0]) + folder("inbox") + "</m:FolderIds>"
           "</m:DeleteFolder>")
    for where in ("x", "inbox"):
        client.sync(where, "bm9uZQ==")
    for body in ("<m:GetFolder/>", "<m:Nonsense/>", ""):
        client(body)
    Client(lab, acting_as="nobody@x.example", version=version) \
        .get_folder("inbox")
    Client(lab, acting_as=None, version=version).get_folder("inbox", "x")
    lab.faults("busy:times=1,ms=1", "busy-inside:times=1,skip=1,ms=1")
    client.get_folder("inbox", "outbox")
    client.get_folder("inbox", "outbox")


@case
def answers():
    for version in VERSIONS:
        with tempfile.TemporaryDirectory() as folder_:
            with Lab("--version", version, "--capture", folder_, mailboxes=1,
                     items=320) as lab:
                everything(lab, version)
            found = pathlib.Path(folder_)
            # busy answers are made on purpose, and as Exchange makes them
            files = sorted([*found.glob("*-answer.xml"),
                            *found.glob("*-injected.xml")])
            check(len(files) > 60, f"{len(files)} answers captured")
            lines = refused(files)
            check(not lines, f"{version}: " + "\n".join(lines[:20]))


@case
def requests_that_do_not_validate():
    with Lab("--schema", schema_dir(), mailboxes=1, items=5) as lab:
        client = Client(lab)
        equal(client.get_folder("inbox").codes(), ["NoError"], "valid")
        for body in ("<m:GetFolder><m:FolderIds>" + folder("inbox") +
                     "</m:FolderIds><m:FolderShape><t:BaseShape>IdOnly"
                     "</t:BaseShape></m:FolderShape></m:GetFolder>",
                     "<m:DeleteItem><m:ItemIds>" + items(["x"]) +
                     "</m:ItemIds></m:DeleteItem>",
                     "<m:ExportItems><m:ItemIds/></m:ExportItems>"):
            answer = client(body)
            equal(answer.codes(), ["fault", "ErrorSchemaValidation"], body)
            check(answer.text("t:Violation")[0], "what is wrong is not said")
    bad = run(LAB, "serve", "--state", "memory", "--plain-http", "--schema",
              "/nonexistent")
    equal(bad.status, 1, "no schema there")
    contains(bad.err, "/nonexistent")


if __name__ == "__main__":
    if schema_missing():
        sys.exit(0)
    main()
