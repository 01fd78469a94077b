#!/usr/bin/env python3
"""The lab's operations: what each does, refuses and says, by version."""
import pathlib
import re
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

SEARCH_KEY = '<t:ExtendedFieldURI PropertyTag="0x300B" PropertyType="Binary"/>'
STRANGE = ("AAMkADQyYzVlYmU0LWNhNTUtNDNkYy04ZGYxLTk5ZTk5ZGY4NmJlMwAuAAAAAAB9G7"
           "pDgpwKQKc31aq6C3GTAQAi6qqMgDmPQrslhHoZnZkhAABOpnTeSTE=")


def all_folders(client):
    """Ids of every folder that holds visible items."""
    found = client("<m:FindFolder Traversal='Deep'><m:FolderShape><t:BaseShape>"
                   "Default</t:BaseShape></m:FolderShape><m:ParentFolderIds>"
                   + folder("msgfolderroot") +
                   "</m:ParentFolderIds></m:FindFolder>")
    return [f.find("t:FolderId", NS).get("Id")
            for f in found.all("t:Folders/*")
            if f.find("t:TotalCount", NS).text != "0"]


def drain(client, where, **more):
    """All ids that a folder's Sync tells, and the last state."""
    ids, state, last = [], "", "false"
    while last == "false":
        answer = client.sync(where, state, **more)
        equal(answer.codes(), ["NoError"], "sync")
        ids += answer.ids()
        state = answer.text("m:SyncState")[0]
        last = answer.text("m:IncludesLastItemInRange")[0]
    return ids, state


def payloads(client, ids):
    return client.export(*ids).text("m:Data")


# ---- who may ---------------------------------------------------------


@case
def impersonation():
    with Lab() as lab:
        for sid in ("PrimarySmtpAddress", "SmtpAddress", "PrincipalName"):
            client = Client(lab, sid=sid)
            equal(client.get_folder("inbox").codes(), ["NoError"], sid)
        client = Client(lab, user=USER1, acting_as=USER2)
        denied = client.get_folder("inbox")
        equal(denied.status, 500, "HTTP status")
        equal(denied.codes(), ["fault", "ErrorImpersonateUserDenied"], "denied")
        client.acting_as = USER1
        equal(client.get_folder("inbox").codes(),
              ["fault", "ErrorImpersonateUserDenied"], "oneself, by a right")
        client = Client(lab, acting_as="nobody@contoso.example")
        unknown = client.get_folder("inbox")
        equal(unknown.codes(), ["fault", "ErrorNonExistentMailbox"], "unknown")
        client = Client(lab, acting_as="BRUNO.user1@contoso.example")
        alias = client.get_folder("inbox")
        equal(alias.codes(), ["fault", "ErrorNonPrimarySmtpAddress"], "alias")
        equal(alias.value("Primary"), USER1, "its primary address")
        client.sid = "SmtpAddress"
        equal(client.get_folder("inbox").codes(), ["NoError"], "any address")
        client.sid, client.acting_as = "SID", "S-1-5-21-1-2-3-1000"
        equal(client.get_folder("inbox").codes(),
              ["fault", "ErrorNonExistentMailbox"], "a SID that is nobody's")
    with Lab("--version", "Exchange2007_SP1") as lab:
        client = Client(lab, user=USER1, acting_as=USER2,
                        version="Exchange2007_SP1")
        equal(client.get_folder("inbox").codes(),
              ["fault", "ErrorImpersonationDenied"], "denied by 2007")
    with Lab("--no-impersonation") as lab:
        equal(Client(lab).get_folder("inbox").codes(),
              ["fault", "ErrorImpersonateUserDenied"], "nobody may")


@case
def own_mailbox():
    with Lab() as lab:
        client = Client(lab, user=USER1, acting_as=None)
        equal(client.get_folder("inbox").codes(), ["NoError"], "own")
        equal(client.get_folder(("inbox", USER1)).codes(), ["NoError"],
              "own, by name")
        client = Client(lab, acting_as=None)
        equal(client.get_folder("inbox").codes(),
              ["ErrorMissingEmailAddress"], "an account without a mailbox")


@case
def full_access():
    with Lab() as lab:
        admin = Client(lab, acting_as=None)
        equal(admin.get_folder(("inbox", USER2)).codes(), ["NoError"], "admin")
        unknown = admin.get_folder(("inbox", "nobody@contoso.example"))
        equal(unknown.codes(), ["ErrorNonExistentMailbox"], "unknown")
        equal(unknown.value("SmtpAddress"), "nobody@contoso.example", "named")
        alias = admin.get_folder(("inbox", "chiara.user2@contoso.example"))
        equal(alias.codes(), ["ErrorNonPrimarySmtpAddress"], "alias")
        equal(alias.value("Primary"), USER2, "its primary address")
        other = Client(lab, user=USER1, acting_as=None)
        equal(other.get_folder(("inbox", USER2)).codes(),
              ["ErrorItemNotFound"], "no right")
        # Ids reach a mailbox by themselves, and only with rights.
        theirs = admin.get_folder(("inbox", USER2)).ids("t:FolderId")[0]
        equal(admin.get_folder(theirs).codes(), ["NoError"], "by id")
        equal(other.get_folder(theirs).codes(), ["ErrorAccessDenied"],
              "by id, no right")
        item = admin.sync(theirs, most=1).ids()[0]
        equal(other.export(item).codes(), ["ErrorAccessDenied"], "an item")
        equal(other.upload(theirs, "AAAA").codes(), ["ErrorAccessDenied"],
              "an upload")
    with Lab("--no-full-access") as lab:
        equal(Client(lab, acting_as=None).get_folder(("inbox", USER2)).codes(),
              ["ErrorItemNotFound"], "nobody may")


# ---- versions --------------------------------------------------------


@case
def each_version_says_what_it_is():
    want = {"Exchange2007_SP1": "8.1", "2010": "14.0", "2010_SP1": "14.1",
            "2010_SP2": "14.2", "2013": "15.0", "2013_SP1": "15.0",
            "2016": "15.1"}
    for version, number in want.items():
        with Lab("--version", version, mailboxes=1, items=0) as lab:
            client = Client(lab, version="Exchange2007_SP1")
            info = client.get_folder("inbox").all("t:ServerVersionInfo")[0]
            equal(info.get("MajorVersion") + "." + info.get("MinorVersion"),
                  number, version)
            client.version = None
            equal(client.get_folder("inbox").codes(), ["NoError"],
                  f"{version}, nothing asked for")


@case
def a_version_refuses_what_it_lacked():
    newer = {"Exchange2007_SP1": "Exchange2010", "2010": "Exchange2010_SP1",
             "2010_SP2": "Exchange2013", "2013": "Exchange2013_SP1"}
    for version, asked in newer.items():
        with Lab("--version", version, mailboxes=1, items=0) as lab:
            client = Client(lab, version=asked)
            equal(client.get_folder("inbox").codes(),
                  ["fault", "ErrorInvalidServerVersion"], f"{asked} {version}")
    for version in ("Exchange2007_SP1", "Exchange2010"):
        with Lab("--version", version, mailboxes=1, items=5) as lab:
            client = Client(lab, version=version)
            equal(client.export("x").codes(), ["fault", "ErrorInvalidRequest"],
                  f"ExportItems at {version}")
            equal(client.upload("x", "AAAA").codes(),
                  ["fault", "ErrorInvalidRequest"], f"UploadItems {version}")
    with Lab("--version", "Exchange2007_SP1", mailboxes=1, items=5) as lab:
        client = Client(lab, version="Exchange2007_SP1")
        equal(client.sync("inbox", scope="NormalItems").codes(),
              ["fault", "ErrorSchemaValidation"], "SyncScope")
        equal(client.get_folder("recoverableitemsroot").codes(),
              ["fault", "ErrorSchemaValidation"], "a folder of later days")
        equal(client.get_folder("inbox", "recoverableitemsroot").codes(),
              ["fault", "ErrorSchemaValidation"], "the whole request fails")
    with Lab(mailboxes=1, items=5) as lab:
        client = Client(lab, version="Exchange2007_SP1")
        equal(client.export("x").codes(),
              ["fault", "ErrorIncorrectSchemaVersion"], "asked as 2007")
        equal(client.sync("inbox", scope="NormalItems").codes(),
              ["fault", "ErrorIncorrectSchemaVersion"], "SyncScope as 2007")


@case
def requests_that_are_none():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        for body, codes in (
                ("", ["fault", "ErrorInvalidRequest"]),
                ("<m:Nonsense/>", ["fault", "ErrorInvalidRequest"]),
                ("<t:GetFolder/>", ["fault", "ErrorInvalidRequest"]),
                ("<m:GetFolder/>", ["fault", "ErrorSchemaValidation"]),
                ("<m:GetFolder>", ["fault", "ErrorSchemaValidation"])):
            answer = client(body)
            equal(answer.status, 500, body)
            equal(answer.codes(), codes, body)
        equal(client.post("").codes(), ["fault", "ErrorSchemaValidation"],
              "an empty body")
        equal(client.post("<!DOCTYPE a []><a/>").codes(),
              ["fault", "ErrorSchemaValidation"], "a document type")
        equal(client.get_folder("inbox").codes(), ["NoError"], "and goes on")


# ---- folders ---------------------------------------------------------


@case
def folders_come_and_go():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        made = client.create_folder("inbox", "One &amp; &lt;two&gt;", "Three")
        equal(made.codes(), ["NoError", "NoError"], "created")
        one, three = made.ids("t:FolderId")
        named = client.get_folder(one, shape="Default")
        equal(named.text("t:DisplayName"), ["One & <two>"], "name")
        equal(client.create_folder("inbox", "tHREE").codes(),
              ["ErrorFolderExists"], "the same name in another case")
        for name in ("", "   ", "x" * 256):
            equal(client.create_folder("inbox", name).codes(),
                  ["ErrorFolderSavePropertyError"], f"name {name[:5]!r}")
        equal(client.create_folder("inbox", "x" * 255).codes(), ["NoError"],
              "the longest name")
        blanks = client.create_folder("inbox", " between blanks ")
        equal(client.get_folder(blanks.ids("t:FolderId")[0], shape="Default")
              .text("t:DisplayName"), [" between blanks "], "blanks stay")
        equal(client.create_folder(three, "Below").codes(), ["NoError"],
              "deeper")
        gone = client("<m:DeleteFolder DeleteType='HardDelete'><m:FolderIds>"
                      f"{folder(three)}{folder('inbox')}{folder(STRANGE)}"
                      "</m:FolderIds></m:DeleteFolder>")
        equal(gone.codes(), ["NoError", "ErrorDeleteDistinguishedFolder",
                             "ErrorNonExistentMailbox"], "deleted")
        equal(client.get_folder(three).codes(), ["ErrorItemNotFound"], "gone")
        equal(client.create_folder(three, "x").codes(),
              ["ErrorParentFolderNotFound"], "below one that is gone")


@case
def kinds_of_folders():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        for element, folder_class in (("CalendarFolder", "IPF.Appointment"),
                                      ("ContactsFolder", "IPF.Contact"),
                                      ("TasksFolder", "IPF.Task")):
            made = client.create_folder("msgfolderroot", element,
                                        element=element)
            equal(made.codes(), ["NoError"], element)
            back = client.get_folder(made.ids("t:FolderId")[0],
                                     shape="AllProperties")
            equal(len(back.all(f"t:{element}")), 1, element)
            equal(back.text("t:FolderClass"), [folder_class], element)
        made = client.create_folder(
            "msgfolderroot", "Own", inside="<t:FolderClass>IPF.Note.Own"
            "</t:FolderClass>")
        back = client.get_folder(made.ids("t:FolderId")[0],
                                 shape="AllProperties")
        equal(back.text("t:FolderClass"), ["IPF.Note.Own"], "own class")


@case
def the_folder_tree_in_pages():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        names = [f"f{i}" for i in range(7)]
        parent = client.create_folder("inbox", "Top").ids("t:FolderId")[0]
        client.create_folder(parent, *names)

        def page(offset, most):
            found = client(
                "<m:FindFolder Traversal='Shallow'><m:FolderShape><t:BaseShape>"
                "Default</t:BaseShape></m:FolderShape><m:IndexedPageFolderView "
                f"MaxEntriesReturned='{most}' Offset='{offset}' BasePoint="
                f"'Beginning'/><m:ParentFolderIds>{folder(parent)}"
                "</m:ParentFolderIds></m:FindFolder>")
            root = found.all("m:RootFolder")[0].attrib
            return found.text("t:DisplayName"), root

        first, root = page(0, 5)
        equal(len(first), 5, "first page")
        equal(root, {"IndexedPagingOffset": "5", "TotalItemsInView": "7",
                     "IncludesLastItemInRange": "false"}, "where it goes on")
        rest, root = page(5, 5)
        equal(sorted(first + rest), names, "both pages")
        equal(root["IncludesLastItemInRange"], "true", "the end")
        equal(page(99, 5)[0], [], "past the end")


@case
def hierarchy_sync():
    ask = ("<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default"
           "</t:BaseShape></m:FolderShape>{}</m:SyncFolderHierarchy>")
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        whole = client(ask.format(""))
        equal(whole.codes(), ["NoError"], "whole")
        check("Inbox" in whole.text("t:DisplayName"), "no Inbox")
        state = whole.text("m:SyncState")[0]
        next_ask = ask.format(f"<m:SyncState>{state}</m:SyncState>")
        equal(client(next_ask).ids("t:FolderId"), [], "nothing new")
        made = client.create_folder("inbox", "New").ids("t:FolderId")[0]
        later = client(next_ask)
        equal([e.tag.split("}")[1] for e in later.all("m:Changes/*")],
              ["Create"], "one new")
        equal(later.text("t:DisplayName"), ["New"], "which")
        client("<m:DeleteFolder DeleteType='HardDelete'><m:FolderIds>" +
               folder(made) + "</m:FolderIds></m:DeleteFolder>")
        state = later.text("m:SyncState")[0]
        gone = client(ask.format(f"<m:SyncState>{state}</m:SyncState>"))
        equal(gone.ids("t:Delete/t:FolderId"), [made], "gone")
        bad = client(ask.format("<m:SyncState>AAAA</m:SyncState>"))
        equal(bad.codes(), ["ErrorInvalidSyncStateData"], "a state that is none")


# ---- items -----------------------------------------------------------


@case
def listing_and_sync_agree():
    with Lab(mailboxes=1, items=120) as lab:
        client, total = Client(lab), 0
        for where in all_folders(client):
            synced = drain(client, where, most=7)[0]
            listed, offset = [], 0
            while True:
                found = client(
                    "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>"
                    "IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView "
                    f"MaxEntriesReturned='9' Offset='{offset}' "
                    f"BasePoint='Beginning'/><m:ParentFolderIds>{folder(where)}"
                    "</m:ParentFolderIds></m:FindItem>")
                listed += found.ids()
                root = found.all("m:RootFolder")[0]
                offset = int(root.get("IndexedPagingOffset"))
                if root.get("IncludesLastItemInRange") == "true":
                    break
            equal(len(set(listed)), len(listed), "items listed twice")
            equal(sorted(synced), sorted(listed), "Sync and FindItem")
            equal(str(len(listed)), root.get("TotalItemsInView"), "count")
            total += len(listed)
        equal(total, 120, "items in all")


@case
def changes_are_told_once():
    with Lab(mailboxes=1, items=60) as lab:
        client = Client(lab)
        state = {w: drain(client, w)[1] for w in all_folders(client)}
        told = lab.control("POST", "/lab/change?delete=2&edit=1&read=1&touch=1")
        verbs = [line.split("\t")[0] for line in told.splitlines()]
        equal(sorted(verbs), ["delete", "delete", "edit", "read", "touch"],
              "what the lab did")
        done = {line.split("\t")[2]: line.split("\t")[0]
                for line in told.splitlines()}
        seen = {}
        for where, at in state.items():
            answer = client.sync(where, at)
            for change in answer.all("m:Changes/*"):
                kind = change.tag.split("}")[1]
                seen[change.find(".//t:ItemId", NS).get("Id")] = kind
        kinds = {"delete": "Delete", "edit": "Update", "touch": "Update",
                 "read": "ReadFlagChange"}
        equal(seen, {i: kinds[verb] for i, verb in done.items()}, "changes")


@case
def sync_limits():
    with Lab(mailboxes=1, items=30) as lab:
        client = Client(lab)
        for most in (0, 513, "x", ""):
            equal(client.sync("inbox", most=most).codes(),
                  ["fault", "ErrorSchemaValidation"], f"at most {most}")
        equal(client.sync("inbox", most=512).codes(), ["NoError"], "512")
        equal(client.sync("inbox", "bm90IGEgc3RhdGU=").codes(),
              ["ErrorInvalidSyncStateData"], "a state that is none")
        other = drain(client, "sentitems")[1]
        equal(client.sync("inbox", other).codes(),
              ["ErrorInvalidSyncStateData"], "of another folder")
        equal(client.sync(STRANGE).codes(), ["ErrorNonExistentMailbox"],
              "a strange id")
        ids, state = drain(client, "inbox")
        lab.control("POST", "/lab/expire-sync")
        equal(client.sync("inbox", state).codes(),
              ["ErrorInvalidSyncStateData"], "expired")
        equal(drain(client, "inbox")[0], ids, "started again")


@case
def items_ignored_and_hidden():
    with Lab(mailboxes=1, items=30) as lab:
        client = Client(lab)
        inbox = client.folder_id("inbox")
        ids = drain(client, "inbox")[0]
        before = drain(client, "inbox", scope="NormalAndAssociatedItems")[0]
        check(set(ids) < set(before), "no hidden item was made")
        data = payloads(client, ids[:1])
        hidden = client.upload(inbox, data[0], associated=True)
        equal(hidden.codes(), ["NoError"], "a hidden item")
        hidden = hidden.ids("m:ItemId")[0]
        equal(sorted(drain(client, "inbox")[0]), sorted(ids), "visible only")
        both = drain(client, "inbox", scope="NormalAndAssociatedItems")[0]
        equal(set(both) - set(before), {hidden}, "both")
        found = client(
            "<m:FindItem Traversal='Associated'><m:ItemShape><t:BaseShape>"
            "IdOnly</t:BaseShape></m:ItemShape><m:ParentFolderIds>" +
            folder("inbox") + "</m:ParentFolderIds></m:FindItem>")
        check(hidden in found.ids(), "not among the hidden ones")
        equal(client.delete(hidden).codes(), ["ErrorInvalidOperation"],
              "hidden ones are deleted hard or not at all")
        equal(client.delete(hidden, how="HardDelete").codes(), ["NoError"],
              "hard")


@case
def shapes():
    with Lab(mailboxes=1, items=40) as lab:
        client = Client(lab)
        item = drain(client, "inbox")[0][0]
        bare = client.get_item(item, shape="IdOnly")
        equal([e.tag.split("}")[1] for e in bare.all("m:Items/*/*")],
              ["ItemId"], "IdOnly")
        full = client.get_item(item)
        for wanted in ("Subject", "ItemClass", "Size", "DateTimeReceived",
                       "IsRead", "DateTimeCreated"):
            equal(len(full.all(f"t:{wanted}")), 1, wanted)
        extended = client.get_item(
            item, shape="IdOnly", extra=SEARCH_KEY +
            '<t:ExtendedFieldURI PropertyTag="0x0E06" '
            'PropertyType="SystemTime"/>'
            '<t:ExtendedFieldURI PropertyTag="0x0037" PropertyType="String"/>'
            '<t:ExtendedFieldURI PropertyTag="0x1234" PropertyType="String"/>'
            '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" '
            'PropertyName="nothing" PropertyType="String"/>')
        tags = [e.get("PropertyTag")
                for e in extended.all("t:ExtendedFieldURI")]
        equal(tags, ["0x300b", "0xe06", "0x37"], "those that there are")
        equal(extended.all("t:Value")[2].text, full.text("t:Subject")[0],
              "the subject by its tag")
        for extra, code in (
                ('<t:FieldURI FieldURI="item:Nonsense"/>',
                 "ErrorInvalidPropertyRequest"),
                ('<t:FieldURI FieldURI="folder:DisplayName"/>',
                 "ErrorInvalidPropertyRequest"),
                ('<t:ExtendedFieldURI PropertyTag="0x8001" '
                 'PropertyType="String"/>', "ErrorInvalidExtendedProperty"),
                ('<t:ExtendedFieldURI PropertyTag="0x37" PropertyType="x"/>',
                 "ErrorInvalidExtendedProperty")):
            equal(client.get_item(item, extra=extra).codes(), ["fault", code],
                  extra)


@case
def items_come_back_as_they_went():
    """What is exported and uploaded has other ids and another form, and the
    digest is the same."""
    with Pair(1, size(150, 60)) as pair:
        with_labs = {side: RemoteLab(pair, side)
                     for side in ("source", "destination")}
        source = Client(with_labs["source"], version="Exchange2016")
        target = Client(with_labs["destination"], version="Exchange2016")
        for where in all_folders(source):
            facts = source.get_folder(where, shape="AllProperties")
            known = facts.text("t:DistinguishedFolderId")
            if known:
                there = target.folder_id(known[0])
            else:
                continue
            ids = drain(source, where)[0]
            data = payloads(source, ids)
            equal(len(data), len(ids), "exported")
            done = target.upload(there, *data)
            equal(done.codes(), ["NoError"] * len(ids), "uploaded")
            again = payloads(target, done.ids("m:ItemId"))
            for before, after in zip(data, again):
                check(before != after, "the server must write it in its way")
        got = pair.digest("destination")
        check(len(got) > 10, "nothing was moved")
        check(not set(got) - set(pair.digest("source")), "altered")


class RemoteLab:
    """A lab of a pair, with what Client wants of it."""

    def __init__(self, pair, side):
        self.url = pair.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0]
        self.ca = pair.env["CA_FILE"]
        secret = pathlib.Path(pair.env[f"{side.upper()}_PASSWORD_FILE"])
        self.passwords = {ADMIN: secret.read_text().strip()}

    connect = Lab.connect


@case
def uploads():
    with Lab(mailboxes=2, items=30) as lab:
        client = Client(lab)
        inbox, drafts = client.folder_id("inbox"), client.folder_id("drafts")
        first = drain(client, "inbox")[0][:2]
        one, two = payloads(client, first)
        before = drain(client, "drafts")[0]
        made = client.upload(drafts, one, two)
        equal(made.codes(), ["NoError"] * 2, "new")
        a, b = made.ids("m:ItemId")
        equal(set(drain(client, "drafts")[0]) - set(before), {a, b},
              "are there")
        # White space may stand in base64.
        spaced = "\n  ".join(one[i:i + 60] for i in range(0, len(one), 60))
        equal(client.upload(drafts, spaced).codes(), ["NoError"], "in lines")

        def subjects(*ids):
            return client.get_item(*ids).text("t:Subject")

        before = subjects(a)
        done = client.upload(drafts, two, action="Update", ids=[a])
        equal(done.codes(), ["NoError"], "updated")
        equal(done.ids("m:ItemId"), [a], "keeps its id")
        check(subjects(a) == subjects(b) != before, "and has the new content")
        equal(client.delete(a, how="HardDelete").codes(), ["NoError"], "gone")
        equal(client.upload(drafts, one, action="Update", ids=[a]).codes(),
              ["ErrorItemNotFound"], "updated though gone")
        equal(client.upload(drafts, one, action="UpdateOrCreate",
                            ids=[a]).codes(), ["NoError"], "or created")
        mixed = client.upload(drafts, one, "AAAA", two)
        equal(mixed.codes(), ["NoError", "ErrorCorruptData", "NoError"],
              "one bad item fails alone")
        for bad in ("A", "A=AA", "AAA*", "AB=="[:3]):
            equal(client.upload(drafts, one, bad).codes(),
                  ["fault", "ErrorSchemaValidation"], f"base64 {bad!r}")
        n = len(drain(client, "drafts")[0])
        equal(client.upload(STRANGE, one).codes(),
              ["ErrorNonExistentMailbox"], "a strange folder")
        equal(client.upload("nonsense", one).codes(),
              ["ErrorInvalidIdMalformed"], "no folder")
        equal(client.upload(drafts, one, action="Nonsense").codes(),
              ["fault", "ErrorSchemaValidation"], "no action")
        equal(len(drain(client, "drafts")[0]), n, "nothing was stored by those")
        other = Client(lab, acting_as=USER2)
        theirs = drain(other, "inbox")[0][0]
        equal(client.upload(inbox, one, action="Update",
                            ids=[theirs]).codes(), ["ErrorAccessDenied"],
              "an item of another mailbox")


@case
def exports():
    with Lab(mailboxes=1, items=30) as lab:
        client = Client(lab)
        item = drain(client, "inbox")[0][0]
        equal(client.export(item, "nonsense", STRANGE, item[:-8] + "AAAAAAA=")
              .codes()[:3], ["NoError", "ErrorInvalidIdMalformed",
                             "ErrorNonExistentMailbox"], "each by itself")
        wrong = client("<m:ExportItems><m:ItemIds>"
                       f"<t:ItemId Id='{item}' ChangeKey='*'/>"
                       f"<t:ItemId Id='{item}' ChangeKey=''/>"
                       "</m:ItemIds></m:ExportItems>")
        equal(wrong.codes(), ["ErrorInvalidChangeKey"] * 2, "change keys")
        client.delete(item, how="HardDelete")
        equal(client.export(item).codes(), ["ErrorItemNotFound"], "gone")


@case
def a_full_mailbox():
    with Lab(mailboxes=1, items=30) as lab:
        client = Client(lab)
        data = payloads(client, drain(client, "inbox")[0][:3])
    # A quota smaller than what is there already.
    with Lab("--quota", "1", mailboxes=1, items=30) as lab:
        client = Client(lab)
        drafts = client.folder_id("drafts")
        before = drain(client, "drafts")[0]
        full = client.upload(drafts, *data)
        equal(full.codes(), ["ErrorQuotaExceeded",
                             "ErrorBatchProcessingStopped",
                             "ErrorBatchProcessingStopped"], "over quota")
        equal(drain(client, "drafts")[0], before, "nothing is new")


@case
def deleting():
    with Lab(mailboxes=1, items=60) as lab:
        client = Client(lab)
        ids = drain(client, "inbox")[0]
        soft, hard, moved = ids[:3]
        equal(client.delete(soft).codes(), ["NoError"], "softly")
        equal(client.delete(hard, how="HardDelete").codes(), ["NoError"],
              "hard")
        equal(client.delete(moved, how="MoveToDeletedItems").codes(),
              ["NoError"], "to Deleted Items")
        equal(sorted(drain(client, "inbox")[0]), sorted(ids[3:]), "what is left")
        equal(len(drain(client, "recoverableitemsdeletions")[0]), 1,
              "in the dumpster")
        equal(client.delete(soft).codes(), ["ErrorItemNotFound"], "twice")
        equal(client.delete(ids[4], how="Nonsense").codes(),
              ["fault", "ErrorSchemaValidation"], "no way to delete")
        event = drain(client, "calendar")[0][0]
        equal(client.delete(event, more="").codes(),
              ["ErrorSendMeetingCancellationsRequired"], "an appointment")
        task = drain(client, "tasks")[0][0]
        equal(client.delete(task, more="").codes(),
              ["ErrorAffectedTaskOccurrencesRequired"], "a task")
        equal(lab.counters().get("sent.cancellations", 0), 0, "sent so far")
        meeting = client(
            '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items>'
            "<t:CalendarItem><t:Start>2031-05-05T10:00:00Z</t:Start>"
            "<t:End>2031-05-05T11:00:00Z</t:End><t:RequiredAttendees>"
            "<t:Attendee><t:Mailbox><t:EmailAddress>ann@elsewhere.example"
            "</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>"
            "</t:CalendarItem></m:Items></m:CreateItem>").ids()[0]
        client.delete(meeting, more='SendMeetingCancellations="SendToAllAnd'
                      'SaveCopy"')
        equal(lab.counters()["sent.cancellations"], 1, "sent to people")


@case
def moving():
    with Lab(mailboxes=2, items=30) as lab:
        client = Client(lab)
        item = drain(client, "inbox")[0][0]

        def move(item, to, more=""):
            return client("<m:MoveItem><m:ToFolderId>" + folder(to) +
                          "</m:ToFolderId><m:ItemIds>" + items([item]) +
                          "</m:ItemIds>" + more + "</m:MoveItem>")

        done = move(item, "junkemail")
        equal(done.codes(), ["NoError"], "moved")
        new = done.ids()[0]
        check(new != item, "its id must change")
        equal(client.get_item(item).codes(), ["ErrorItemNotFound"], "old id")
        equal(client.get_item(new).codes(), ["NoError"], "new id")
        silent = move(new, "inbox", "<m:ReturnNewItemIds>false"
                      "</m:ReturnNewItemIds>")
        equal((silent.codes(), silent.ids()), (["NoError"], []), "not told")
        item = drain(client, "inbox")[0][0]
        equal(move(item, STRANGE).codes(), ["ErrorNonExistentMailbox"],
              "to a strange folder")
        other = Client(lab, acting_as=None)
        there = other.get_folder(("inbox", USER2)).ids("t:FolderId")[0]
        client.acting_as = None
        equal(move(item, there).codes(), ["ErrorCrossMailboxMoveCopy"],
              "to another mailbox")


# ---- size and numbers ------------------------------------------------


@case
def the_largest_item():
    with Lab(mailboxes=1, items=400) as lab:
        client, sizes = Client(lab), {}
        for where in all_folders(client):
            found = client.sync(where, extra='<t:FieldURI FieldURI="item:Size"'
                                "/>")
            sizes.update(zip(found.ids(), map(int, found.text("t:Size"))))
        item = max(sizes, key=sizes.get)
        check(sizes[item] > 5_000_000, f"the largest has {sizes[item]} bytes")
        data = payloads(client, [item])[0]
        done = client.upload(client.folder_id("drafts"), data)
        equal(done.codes(), ["NoError"], f"{len(data)} bytes")
        again = payloads(client, done.ids("m:ItemId"))[0]
        check(abs(len(again) - len(data)) < 10_000, "not the whole came back")


@case
def many_at_once():
    """Eight writers and eight readers; nothing is lost, nothing is mixed up."""
    with Lab("--max-concurrency", "0", "--sync-calls", "0", mailboxes=2,
             items=30) as lab:
        first = Client(lab)
        data = payloads(first, drain(first, "inbox")[0][:3])
        before = len(drain(first, "drafts")[0])
        failures, made = [], []

        def work(n):
            client = Client(lab, acting_as=(USER1, USER2)[n % 2])
            drafts = client.folder_id("drafts")
            for _ in range(10):
                if n < 8:
                    done = client.upload(drafts, *data)
                    if done.codes() != ["NoError"] * 3:
                        failures.append(done.body)
                    made.extend(done.ids("m:ItemId"))
                elif client.sync("drafts").codes() != ["NoError"]:
                    failures.append("sync")

        threads = [threading.Thread(target=work, args=[n]) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(not failures, f"{len(failures)} failed: {failures[:1]}")
        equal((len(made), len(set(made))), (240, 240), "ids")
        equal(len(drain(first, "drafts")[0]) - before, 120, "in one mailbox")
        equal(lab.counters()["in-flight.now"], 0, "in flight afterwards")


# ---- throttle --------------------------------------------------------


@case
def concurrency():
    with Lab("--max-concurrency", "1", "--fault", "slow:ms=60000,times=1",
             mailboxes=2, items=0) as lab:
        slow = threading.Thread(target=quietly, args=[
            Client(lab).get_folder, "inbox"])
        slow.start()
        while lab.counters()["in-flight.now"] == 0:
            pass
        busy = Client(lab).get_folder("inbox")
        equal(busy.codes(), ["fault", "ErrorExceededConnectionCount"], "second")
        # Impersonation has a budget for each target mailbox.
        equal(Client(lab, acting_as=USER2).get_folder("inbox").codes(),
              ["NoError"], "another mailbox")
        equal(lab.counters()["in-flight.most"], 2, "in flight")
        equal(lab.counters()[f"mailbox.{USER2}.requests"], 1, "by mailbox")
        # stopping wakes whoever sleeps
    slow.join()


def quietly(call, *words):
    try:
        call(*words)
    except (OSError, http.client.HTTPException):
        pass


@case
def one_budget_for_all_before_2010_sp2():
    with Lab("--version", "Exchange2010_SP1", "--max-concurrency", "1",
             "--fault", "slow:ms=60000,times=1", mailboxes=2, items=0) as lab:
        slow = threading.Thread(target=quietly, args=[
            Client(lab).get_folder, "inbox"])
        slow.start()
        while lab.counters()["in-flight.now"] == 0:
            pass
        equal(Client(lab, acting_as=USER2).get_folder("inbox").codes(),
              ["fault", "ErrorExceededConnectionCount"], "another mailbox")
    slow.join()


@case
def budgets_run_out():
    """A millisecond of server time and a day to grow it back."""
    with Lab("--burst", "1", "--fault", "slow:ms=20", mailboxes=2,
             items=0) as lab:
        client = Client(lab)
        equal(client.get_folder("inbox").codes(), ["NoError"], "the first")
        busy = client.get_folder("inbox")
        equal(busy.codes(), ["fault", "ErrorServerBusy"], "the second")
        check(int(busy.value("BackOffMilliseconds")) >= 10, "the wait")
        equal(lab.counters()["busy"], 1, "counted")
        lab.control("POST", "/lab/throttle?burst=0")
        equal(client.get_folder("inbox").codes(), ["NoError"], "lifted")


if __name__ == "__main__":
    main()
