#!/usr/bin/env python3
"""Folders, finding, permissions and archives through a running lab: what is
written is what is read, refusals have the codes of the documentation, and
every answer is valid by Microsoft's schema where EWS_SCHEMA_DIR (or the
folder beside the checkout) has it."""
import os
import pathlib
import re
import sqlite3
import sys
import tempfile
import unicodedata
from xml.sax.saxutils import escape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

SHAPE = "<m:FolderShape><t:BaseShape>{}</t:BaseShape>{}</m:FolderShape>"


def schema_dir():
    named = os.environ.get("EWS_SCHEMA_DIR")
    return pathlib.Path(named) if named else ROOT.parent / "shared/ews-schema"


def validated(test):
    """Run a case with a capture, and hold each answer to the schema."""
    def run_it():
        with tempfile.TemporaryDirectory() as folder_:
            test(["--capture", folder_])
            files = sorted(pathlib.Path(folder_).glob("*-answer.xml"))
            check(files, "nothing was captured")
            if not (schema_dir() / "envelope.xsd").exists():
                return
            done = run("xmllint", "--huge", "--noout", "--schema",
                       schema_dir() / "envelope.xsd", *files)
            bad = [line for line in done.err.splitlines()
                   if not line.endswith(" validates")]
            check(not bad, "\n".join(bad[:10]))
    run_it.__name__ = test.__name__
    return case(run_it)


def uri(name):
    return f'<t:FieldURI FieldURI="{name}"/>'


def tag(number, kind):
    return (f'<t:ExtendedFieldURI PropertyTag="{number}" '
            f'PropertyType="{kind}"/>')


def compare(op, path, value):
    return (f"<t:{op}>{path}<t:FieldURIOrConstant><t:Constant Value="
            f'"{escape(value)}"/></t:FieldURIOrConstant></t:{op}>')


def contains_(path, value, mode="Substring", how="IgnoreCase"):
    return (f'<t:Contains ContainmentMode="{mode}" ContainmentComparison='
            f'"{how}">{path}<t:Constant Value="{escape(value)}"/>'
            "</t:Contains>")


def find_folders(client, parent, where="", view="", traversal="Shallow",
                 shape="Default", extra=""):
    where = where and f"<m:Restriction>{where}</m:Restriction>"
    extra = extra and ("<t:AdditionalProperties>" + extra +
                       "</t:AdditionalProperties>")
    return client(f'<m:FindFolder Traversal="{traversal}">' +
                  SHAPE.format(shape, extra) + view + where +
                  f"<m:ParentFolderIds>{folder(parent)}</m:ParentFolderIds>"
                  "</m:FindFolder>")


def find_items(client, parent, where="", view="", order="", group="",
               query="", traversal="Shallow", shape="Default", extra=""):
    where = where and f"<m:Restriction>{where}</m:Restriction>"
    order = order and f"<m:SortOrder>{order}</m:SortOrder>"
    extra = extra and ("<t:AdditionalProperties>" + extra +
                       "</t:AdditionalProperties>")
    return client(f'<m:FindItem Traversal="{traversal}"><m:ItemShape>'
                  f"<t:BaseShape>{shape}</t:BaseShape>{extra}</m:ItemShape>" +
                  view + group + where + order +
                  f"<m:ParentFolderIds>{folder(parent)}</m:ParentFolderIds>" +
                  (query and f"<m:QueryString>{query}</m:QueryString>") +
                  "</m:FindItem>")


def update(client, which, *changes):
    """changes: (path, markup of the property) or (path,): delete."""
    inner = "".join(
        f"<t:SetFolderField>{c[0]}<t:{c[2] if len(c) > 2 else 'Folder'}>{c[1]}"
        f"</t:{c[2] if len(c) > 2 else 'Folder'}></t:SetFolderField>"
        if len(c) > 1 else
        f"<t:DeleteFolderField>{c[0]}</t:DeleteFolderField>" for c in changes)
    return client("<m:UpdateFolder><m:FolderChanges><t:FolderChange>" + which +
                  f"<t:Updates>{inner}</t:Updates></t:FolderChange>"
                  "</m:FolderChanges></m:UpdateFolder>")


def keyed(client, name):
    """<t:FolderId> with its change key."""
    e = client.get_folder(name).all("t:FolderId")[0]
    return (f'<t:FolderId Id="{e.get("Id")}" '
            f'ChangeKey="{e.get("ChangeKey")}"/>')


def names(answer):
    return answer.text("t:DisplayName")


@validated
def create_all_kinds(options):
    with Lab(*options, "--version", "2016", mailboxes=1, items=0) as lab:
        c = Client(lab, version="Exchange2016")
        made = c("<m:CreateFolder><m:ParentFolderId>" + folder("inbox") +
                 "</m:ParentFolderId><m:Folders>"
                 "<t:Folder><t:FolderClass>IPF.Note</t:FolderClass>"
                 "<t:DisplayName>mail</t:DisplayName><t:ExtendedProperty>" +
                 tag("0x10F4", "Boolean") + "<t:Value>true</t:Value>"
                 "</t:ExtendedProperty></t:Folder>"
                 "<t:CalendarFolder><t:DisplayName>calendar</t:DisplayName>"
                 "</t:CalendarFolder><t:ContactsFolder><t:DisplayName>contacts"
                 "</t:DisplayName></t:ContactsFolder><t:TasksFolder>"
                 "<t:DisplayName>tasks</t:DisplayName></t:TasksFolder>"
                 "<t:Folder><t:FolderClass>IPF.Appointment.Own"
                 "</t:FolderClass><t:DisplayName>own</t:DisplayName></t:Folder>"
                 "<t:CalendarFolder><t:FolderClass>IPF.Note</t:FolderClass>"
                 "<t:DisplayName>x</t:DisplayName></t:CalendarFolder>"
                 "<t:Folder><t:DisplayName>MAIL</t:DisplayName></t:Folder>"
                 "<t:Folder><t:DisplayName>tab&#9;tab</t:DisplayName>"
                 "</t:Folder><t:Folder><t:DisplayName>" + "x" * 256 +
                 "</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>")
        equal(made.codes(), ["NoError"] * 5 +
              ["ErrorNoFolderClassOverride", "ErrorFolderExists",
               "ErrorFolderSavePropertyError", "ErrorFolderSavePropertyError"],
              "codes")
        ids = made.ids("t:FolderId")
        read = find_folders(c, "inbox", shape="AllProperties",
                            extra=tag("0x10F4", "Boolean") +
                            tag("0x3613", "String") + tag("0x36E5", "String") +
                            tag("0x0E08", "Integer") + tag("0x0E08", "Long") +
                            tag("0x3601", "Integer") +
                            tag("0x670A", "SystemTime"))
        equal([e.tag.split("}")[1] for e in read.all("t:Folders")[0]],
              ["Folder", "CalendarFolder", "ContactsFolder", "TasksFolder",
               "CalendarFolder"], "elements")
        first = read.all("t:Folders")[0][0]
        values = [e.text for e in first.findall(".//t:Value", NS)]
        equal(values[:3], ["true", "IPF.Note", "IPM.Note"], "properties")
        equal(values[3:6], ["0", "0", "1"], "sizes and type")
        path = c("<m:CreateFolderPath><m:ParentFolderId>" + folder(ids[0]) +
                 "</m:ParentFolderId><m:RelativeFolderPath>" + "".join(
                     f"<t:Folder><t:DisplayName>{n}</t:DisplayName></t:Folder>"
                     for n in ("a", "b", "c")) + "</m:RelativeFolderPath>"
                 "</m:CreateFolderPath>")
        equal(path.codes(), ["NoError"] * 3, "path")
        again = c("<m:CreateFolderPath><m:ParentFolderId>" + folder(ids[0]) +
                  "</m:ParentFolderId><m:RelativeFolderPath><t:Folder>"
                  "<t:DisplayName>A</t:DisplayName></t:Folder>"
                  "</m:RelativeFolderPath></m:CreateFolderPath>")
        equal(again.ids("t:FolderId"), path.ids("t:FolderId")[:1],
              "what is there is used")


@validated
def change_and_remove(options):
    with Lab(*options, "--version", "2016", mailboxes=1, items=60) as lab:
        c = Client(lab, version="Exchange2016")
        own = c.create_folder("inbox", "one", "two").ids("t:FolderId")
        prop = tag("0x6801", "String")
        done = update(c, keyed(c, own[0]),
                      (uri("folder:DisplayName"),
                       "<t:DisplayName>renamed</t:DisplayName>"),
                      (prop, f"<t:ExtendedProperty>{prop}<t:Value>kept"
                       "</t:Value></t:ExtendedProperty>"))
        equal(done.codes(), ["NoError"], "update")
        read = find_folders(c, "inbox", compare(
            "IsEqualTo", uri("folder:DisplayName"), "RENAMED"), extra=prop)
        equal((names(read), read.text("t:Value")), (["renamed"], ["kept"]),
              "as updated")
        for what, which, changes, code in (
                ("no change key", folder(own[0]),
                 [(uri("folder:DisplayName"),
                   "<t:DisplayName>x</t:DisplayName>")],
                 "ErrorChangeKeyRequiredForWriteOperations"),
                ("name taken", keyed(c, own[0]),
                 [(uri("folder:DisplayName"),
                   "<t:DisplayName>TWO</t:DisplayName>")], "ErrorFolderExists"),
                ("well-known", keyed(c, "inbox"),
                 [(uri("folder:DisplayName"),
                   "<t:DisplayName>x</t:DisplayName>")],
                 "ErrorFolderSavePropertyError"),
                ("read-only", keyed(c, own[0]),
                 [(uri("folder:TotalCount"), "<t:TotalCount>1</t:TotalCount>")],
                 "ErrorInvalidPropertySet"),
                ("mismatch", keyed(c, own[0]),
                 [(uri("folder:FolderClass"),
                   "<t:DisplayName>x</t:DisplayName>")],
                 "ErrorUpdatePropertyMismatch"),
                ("two at once", keyed(c, own[0]),
                 [(uri("folder:DisplayName"),
                   "<t:FolderClass>IPF.Note</t:FolderClass>"
                   "<t:DisplayName>x</t:DisplayName>")],
                 "ErrorIncorrectUpdatePropertyCount"),
                ("delete a name", keyed(c, own[0]),
                 [(uri("folder:DisplayName"),)], "ErrorInvalidPropertyDelete"),
                ("another kind", keyed(c, own[0]),
                 [(uri("folder:FolderClass"),
                   "<t:FolderClass>IPF.Contact</t:FolderClass>")],
                 "ErrorObjectTypeChanged"),
                ("delete a property", keyed(c, own[0]), [(prop,)], "NoError")):
            equal(update(c, which, *changes).codes(), [code], what)
        read = find_folders(c, "inbox", "<t:Exists>" + prop + "</t:Exists>")
        equal(names(read), [], "property is gone")
        before = len(find_items(c, "inbox").ids())
        copied = c("<m:CopyFolder><m:ToFolderId>" + folder("drafts") +
                   "</m:ToFolderId><m:FolderIds>" + folder("inbox") +
                   "</m:FolderIds></m:CopyFolder>")
        equal(copied.codes(), ["NoError"], "copy")
        copy = copied.ids("t:FolderId")[0]
        equal(len(find_items(c, copy).ids()), before, "items of the copy")
        equal(len(find_folders(c, copy, traversal="Deep").ids("t:FolderId")),
              len(find_folders(c, "inbox", traversal="Deep").ids("t:FolderId")),
              "folders of the copy")
        for how, folders, where, code in (
                ("SoftDelete", "false", copy, "NoError"),
                ("HardDelete", "true", copy, "NoError"),
                ("MoveToDeletedItems", "false", "deleteditems",
                 "ErrorCannotEmptyFolder"),
                ("HardDelete", "true", "msgfolderroot",
                 "ErrorCannotEmptyFolder")):
            done = c(f'<m:EmptyFolder DeleteType="{how}" DeleteSubFolders='
                     f'"{folders}"><m:FolderIds>{folder(where)}</m:FolderIds>'
                     "</m:EmptyFolder>")
            equal(done.codes(), [code], f"empty {where} {how}")
        equal(find_folders(c, copy).ids("t:FolderId"), [], "emptied")
        lost = find_items(c, "recoverableitemsdeletions").ids()
        equal(len(lost), before, "what was softly deleted is recoverable")


@validated
def find_by_everything(options):
    with Lab(*options, "--version", "2016", mailboxes=1, items=330) as lab:
        c = Client(lab, version="Exchange2016")
        everything = find_items(c, "inbox")
        all_ids = everything.ids()
        subjects = {e.find("t:ItemId", NS).get("Id"):
                    e.findtext("t:Subject", None, NS)
                    for e in everything.all("t:Items")[0]}
        check(len(all_ids) > 60, f"{len(all_ids)} items")
        some = next(s for s in subjects.values() if s and len(s) > 8)
        sizes = dict(zip(all_ids, map(int, find_items(
            c, "inbox", shape="IdOnly",
            extra=uri("item:Size")).text("t:Size"))))

        def ask(where, **more):
            got = find_items(c, "inbox", where, **more)
            equal(got.codes(), ["NoError"], where)
            return set(got.ids())

        middle = sorted(sizes.values())[len(sizes) // 2]
        equal(ask(compare("IsGreaterThan", uri("item:Size"), str(middle))),
              {i for i, s in sizes.items() if s > middle}, "by size")
        equal(ask(compare("IsLessThanOrEqualTo", tag("0x0E08", "Integer"),
                          str(middle))),
              {i for i, s in sizes.items() if s <= middle}, "by its tag")
        equal(ask(compare("IsEqualTo", uri("item:Subject"), some.upper())),
              {i for i, s in subjects.items()
               if s and s.lower() == some.lower()}, "by subject")
        equal(ask("<t:Not>" + compare("IsEqualTo", uri("item:Subject"), some) +
                  "</t:Not>"),
              {i for i, s in subjects.items()
               if not s or s.lower() != some.lower()}, "not")
        equal(ask("<t:Exists>" + uri("item:Subject") + "</t:Exists>"),
              {i for i, s in subjects.items() if s}, "exists")
        word = some.split()[-1][:4]
        equal(ask(contains_(uri("item:Subject"), word)),
              {i for i, s in subjects.items() if s and
               word.lower() in s.lower()}, "contains")
        # what no column holds: the items are read
        important = {i for i, t in zip(all_ids, find_items(
            c, "inbox", shape="IdOnly", extra=uri("item:Importance"))
            .text("t:Importance")) if t == "High"}
        equal(ask(compare("IsEqualTo", uri("item:Importance"), "High")),
              important, "by importance")
        equal(ask("<t:Or>" + compare("IsEqualTo", uri("item:Importance"),
                                     "High") +
                  compare("IsGreaterThan", uri("item:Size"), str(middle)) +
                  "</t:Or>"),
              important | {i for i, s in sizes.items() if s > middle}, "or")
        equal(ask("<t:And>" + compare("IsEqualTo", uri("item:Importance"),
                                      "High") +
                  compare("IsGreaterThan", uri("item:Size"), str(middle)) +
                  "</t:And>"),
              important & {i for i, s in sizes.items() if s > middle}, "and")
        equal(ask("<t:Excludes>" + tag("0x0E07", "Integer") +
                  '<t:Bitmask Value="0x1"/></t:Excludes>'),
              ask(compare("IsEqualTo", uri("message:IsRead"), "false")),
              "bits")
        equal(ask("<t:IsEqualTo>" + uri("item:DateTimeSent") +
                  "<t:FieldURIOrConstant>" + uri("item:DateTimeSent") +
                  "</t:FieldURIOrConstant></t:IsEqualTo>"),
              ask("<t:Exists>" + uri("item:DateTimeSent") + "</t:Exists>"),
              "two fields")
        for where, code in (
                (compare("IsEqualTo", uri("item:Size"), "many"),
                 "ErrorInvalidValueForProperty"),
                ("<t:Exists>" + uri("message:IsRead") + "</t:Exists>",
                 "ErrorInvalidPropertyForExists"),
                (compare("IsEqualTo", uri("item:ItemId"), "x"),
                 "ErrorUnsupportedPathForQuery"),
                ("<t:Excludes>" + tag("0x0E07", "Integer") +
                 '<t:Bitmask Value="0"/></t:Excludes>', None),
                ("<t:And>" + compare("IsEqualTo", uri("item:Subject"), "x") *
                 300 + "</t:And>", "ErrorRestrictionTooLong")):
            want = ["NoError"] if code is None else ["fault", code]
            equal(find_items(c, "inbox", where).codes(), want, where[:60])


def order(name, way="Ascending"):
    return f'<t:FieldOrder Order="{way}">{uri(name)}</t:FieldOrder>'


@validated
def orders_pages_and_groups(options):
    with Lab(*options, "--version", "2016", mailboxes=1, items=330) as lab:
        c = Client(lab, version="Exchange2016")
        by_subject = [unicodedata.normalize("NFD", s.casefold())
                      for s in find_items(
                          c, "inbox", "<t:Exists>" + uri("item:Subject") +
                          "</t:Exists>", order=order("item:Subject"))
                      .text("t:Subject")]
        equal(by_subject, sorted(by_subject), "by subject")
        both = find_items(c, "inbox", shape="IdOnly",
                          extra=uri("item:Importance") + uri("item:Size"),
                          order=order("item:Importance", "Descending") +
                          order("item:Size"))
        rank = {"Low": 0, "Normal": 1, "High": 2}
        pairs = [(-rank[i], int(s)) for i, s in
                 zip(both.text("t:Importance"), both.text("t:Size"))]
        equal(pairs, sorted(pairs), "by importance, then size")
        ids = find_items(c, "inbox", order=order("item:Size")).ids()
        for view, want, attrs in (
                ('<m:IndexedPageItemView MaxEntriesReturned="10" Offset="5" '
                 'BasePoint="Beginning"/>', ids[5:15],
                 {"IndexedPagingOffset": "15",
                  "IncludesLastItemInRange": "false"}),
                ('<m:IndexedPageItemView MaxEntriesReturned="10" Offset="25" '
                 'BasePoint="End"/>', ids[-35:-25],
                 {"IndexedPagingOffset": "35",
                  "IncludesLastItemInRange": "false"}),
                ('<m:FractionalPageItemView MaxEntriesReturned="1000" '
                 'Numerator="2" Denominator="3"/>', ids[len(ids) * 2 // 3:],
                 {"AbsoluteDenominator": str(len(ids)),
                  "NumeratorOffset": str(len(ids)),
                  "IncludesLastItemInRange": "true"})):
            page = find_items(c, "inbox", view=view, order=order("item:Size"))
            equal(page.ids(), want, view)
            root = page.all("m:RootFolder")[0]
            for name, value in attrs.items():
                equal(root.get(name), value, name)
            equal(root.get("TotalItemsInView"), str(len(ids)), "total")
        seek = find_items(
            c, "inbox", order=order("item:Size"),
            view='<m:SeekToConditionPageItemView MaxEntriesReturned="3" '
            'BasePoint="Beginning"><t:Condition>' +
            compare("IsGreaterThan", uri("item:Size"), "20000") +
            "</t:Condition></m:SeekToConditionPageItemView>",
            shape="IdOnly", extra=uri("item:Size"))
        found = [int(s) for s in seek.text("t:Size")]
        check(len(found) == 3 and found[0] > 20000, f"seek: {found}")
        group = ('<m:GroupBy Order="Descending">' + uri("item:Importance") +
                 '<t:AggregateOn Aggregate="Maximum">' + uri("item:Size") +
                 "</t:AggregateOn></m:GroupBy>")
        grouped = find_items(c, "inbox", group=group, shape="IdOnly",
                             extra=uri("item:Importance") + uri("item:Size"))
        tops = []
        for g in grouped.all("t:GroupedItems"):
            kinds = {e.text for e in g.iterfind(".//t:Importance", NS)}
            equal(len(kinds), 1, "one value in a group")
            tops.append(max(int(e.text) for e in g.iterfind(".//t:Size", NS)))
        check(len(tops) > 1, f"groups: {tops}")
        equal(tops, sorted(tops, reverse=True), "groups in order")
        equal(set(grouped.ids()), set(ids), "all are in groups")
        topics = find_items(c, "inbox", group='<m:DistinguishedGroupBy Order='
                            '"Descending"><t:StandardGroupBy>ConversationTopic'
                            "</t:StandardGroupBy></m:DistinguishedGroupBy>")
        equal(topics.codes(), ["NoError"], "conversations")
        hidden = find_items(c, "inbox", traversal="Associated")
        check(len(hidden.ids()) > 3, "hidden items")
        check(not set(hidden.ids()) & set(ids), "hidden ones are apart")


@validated
def query_strings(options):
    with Lab(*options, "--version", "2016", mailboxes=1, items=330) as lab:
        c = Client(lab, version="Exchange2016")
        listed = find_items(c, "inbox", shape="IdOnly",
                            extra=uri("item:Subject") +
                            uri("item:DateTimeReceived"))
        subjects = [e.findtext("t:Subject", "", NS)
                    for e in listed.all("t:Items")[0]]
        dates = [e.findtext("t:DateTimeReceived", "", NS)[:10]
                 for e in listed.all("t:Items")[0]]
        word = next(w for s in subjects for w in re.findall("[A-Za-z]{5,}", s))

        def ask(query):
            got = find_items(c, "inbox", query=escape(query), shape="IdOnly")
            equal(got.codes(), ["NoError"], query)
            return set(got.ids())

        ids = listed.ids()
        starts = re.compile(r"\b" + word, re.I)
        equal(ask("subject:" + word.upper()),
              {i for i, s in zip(ids, subjects) if starts.search(s)}, word)
        equal(ask(f'subject:"{word}"'),
              {i for i, s in zip(ids, subjects)
               if re.search(rf"\b{word}\b", s, re.I)}, "phrase")
        day = dates[len(dates) // 2]
        year, month, dom = day.split("-")
        equal(ask(f"received:{month}/{dom}/{year}"),
              {i for i, d in zip(ids, dates) if d == day}, "a day")
        equal(ask(f"received:01/01/2022..12/31/2023"),
              {i for i, d in zip(ids, dates)
               if "2022-01-01" <= d <= "2023-12-31"}, "a range")
        check(ask(word) >= ask("subject:" + word), "a word anywhere")
        equal(ask(f"NOT subject:{word}") | ask(f"subject:{word}"), set(ids),
              "not")
        equal(ask(f"subject:{word} AND received:>2099-01-01"), set(), "and")
        check(ask("kind:meetings") and ask("kind:email"), "kinds")
        for query in ("colour:red", "received:someday", 'subject:"open',
                      "(subject:x", "kind:birds"):
            equal(find_items(c, "inbox", query=escape(query)).codes(),
                  ["fault", "ErrorInvalidArgument"], query)


def permission(user, level, calendar=False):
    kind = "CalendarPermission" if calendar else "Permission"
    return (f"<t:{kind}><t:UserId>{user}</t:UserId>"
            f"<t:{kind}Level>{level}</t:{kind}Level></t:{kind}>")


def permission_set(*inner, calendar=False):
    kind = "CalendarPermissions" if calendar else "Permissions"
    return (f"<t:PermissionSet><t:{kind}>{''.join(inner)}</t:{kind}>"
            "</t:PermissionSet>")


def smtp(address):
    return f"<t:PrimarySmtpAddress>{address}</t:PrimarySmtpAddress>"


DEFAULT = "<t:DistinguishedUser>Default</t:DistinguishedUser>"


@validated
def permissions(options):
    with Lab(*options, "--version", "2016", mailboxes=3, items=60) as lab:
        owner = Client(lab, version="Exchange2016")
        other = Client(lab, acting_as=USER2, version="Exchange2016")
        path = uri("folder:PermissionSet")
        theirs = ("contacts", USER1)

        def share(*inner, where="contacts", calendar=False):
            return update(owner, keyed(owner, where),
                          (path, permission_set(*inner, calendar=calendar),
                           "CalendarFolder" if calendar else "ContactsFolder")
                          ).codes()[0]

        equal(share(permission(DEFAULT, "None")), "NoError", "nobody")
        equal(other.get_folder(theirs).codes(), ["ErrorItemNotFound"], "unseen")
        equal(share(permission(DEFAULT, "None"),
                    permission(smtp(USER2), "Reviewer")), "NoError", "reviewer")
        equal(other.get_folder(theirs).codes(), ["NoError"], "seen")
        rights = other.get_folder(theirs, shape="AllProperties")
        equal((rights.text("t:Read"), rights.text("t:CreateContents"),
               rights.text("t:Modify")), (["true"], ["false"], ["false"]),
              "effective")
        equal(len(rights.all("t:PermissionSet")), 0, "whose they are")
        ids = find_items(other, theirs).ids()
        check(ids, "a reviewer finds items")
        equal(other.get_item(ids[0]).codes(), ["NoError"], "and reads them")
        equal(other.delete(ids[0]).codes(), ["ErrorAccessDenied"],
              "and deletes none")
        equal(other.create_folder(theirs, "x").codes(),
              ["ErrorCreateSubfolderAccessDenied"], "nor makes folders")
        equal(share(permission(DEFAULT, "None"),
                    permission(smtp(USER2), "Editor")), "NoError", "editor")
        equal(other.delete(ids[0]).codes(), ["NoError"], "an editor deletes")
        read = owner.get_folder("contacts", shape="AllProperties")
        equal(read.text("t:PermissionLevel"), ["None", "None", "Editor"],
              "as written")
        equal(read.text("t:PrimarySmtpAddress"), [USER2], "who")
        check(read.text("t:SID")[0].startswith("S-1-5-21-"), "SID")
        custom = ("<t:Permission><t:UserId>" + smtp(USER2) + "</t:UserId>"
                  "<t:CanCreateItems>true</t:CanCreateItems><t:IsFolderVisible>"
                  "true</t:IsFolderVisible><t:EditItems>All</t:EditItems>"
                  "<t:PermissionLevel>Custom</t:PermissionLevel>"
                  "</t:Permission>")
        equal(share(custom), "NoError", "custom")
        read = owner.get_folder("contacts", shape="AllProperties")
        equal(read.text("t:PermissionLevel"), ["None", "None", "Custom"],
              "custom level")
        equal(read.text("t:EditItems")[2], "All", "custom rights")
        for what, inner, code in (
                ("twice", permission(DEFAULT, "None") * 2,
                 "ErrorDuplicateUserIdsSpecified"),
                ("nobody", permission(smtp("x@y.example"), "Owner"),
                 "ErrorDelegateNoUser"),
                ("no SID", permission("<t:SID>S-1-5-21-1</t:SID>", "Owner"),
                 "ErrorInvalidUserSid"),
                ("no user", permission("<t:DisplayName>x</t:DisplayName>",
                                       "Owner"),
                 "ErrorMissingUserIdInformation"),
                ("two users", permission("<t:DisplayName>x</t:DisplayName>" +
                                         DEFAULT, "Owner"),
                 "ErrorInvalidUserInfo"),
                ("inconsistent", permission(DEFAULT, "Reviewer").replace(
                    "<t:PermissionLevel>", "<t:CanCreateItems>true"
                    "</t:CanCreateItems><t:PermissionLevel>"),
                 "ErrorInvalidPermissionSettings")):
            equal(share(inner), code, what)
        equal(share(permission(DEFAULT, "Owner", True), calendar=True),
              "ErrorCannotSetCalendarPermissionOnNonCalendarFolder", "calendar")
        equal(update(owner, keyed(owner, "calendar"),
                     (path, permission_set(permission(DEFAULT, "None")))
                     ).codes(),
              ["ErrorCannotSetNonCalendarPermissionOnCalendarFolder"], "mail")
        equal(share(permission(DEFAULT, "FreeBusyTimeAndSubjectAndLocation",
                               True), where="calendar", calendar=True),
              "NoError", "free and busy")
        read = owner.get_folder("calendar", shape="AllProperties")
        equal(read.text("t:ReadItems")[0], "TimeAndSubjectAndLocation", "read")
        made = owner("<m:CreateFolder><m:ParentFolderId>" + folder("inbox") +
                     "</m:ParentFolderId><m:Folders><t:Folder><t:DisplayName>"
                     "shared</t:DisplayName>" +
                     permission_set(permission(smtp(USER2), "Author")) +
                     "</t:Folder></m:Folders></m:CreateFolder>")
        equal(made.codes(), ["NoError"], "shared from the start")
        shared = made.ids("t:FolderId")[0]
        equal(other.get_folder(shared).codes(), ["NoError"], "by its id")
        equal(find_folders(other, shared).codes(), ["NoError"], "below it")
        equal(update(other, folder(shared).replace(
            "/>", ' ChangeKey="AQAAAA=="/>'),
            (uri("folder:DisplayName"), "<t:DisplayName>y</t:DisplayName>")
        ).codes(), ["ErrorAccessDenied"], "an author renames nothing")


@validated
def archives(options):
    with Lab(*options, "--version", "2016", "--archive", "--recoverable", "9",
             mailboxes=1, items=40) as lab:
        c = Client(lab, version="Exchange2016")
        top = c.get_folder("archivemsgfolderroot", "archivedeleteditems",
                           "archiveroot", "archiverecoverableitemsroot",
                           ("archivemsgfolderroot", USER1),
                           shape="AllProperties")
        equal(top.codes(), ["NoError"] * 5, "archive folders")
        equal(top.text("t:DistinguishedFolderId")[0], "archivemsgfolderroot",
              "its name")
        below = find_folders(c, "archivemsgfolderroot", traversal="Deep")
        found = {}
        for where in below.ids("t:FolderId"):
            for item in find_items(c, where, shape="IdOnly").ids():
                found[item] = where
        equal(len(found), 20, "items in the archive")
        some = list(found)
        data = c.export(*some[:3]).text("m:Data")
        put = c.upload(c.folder_id("archivedeleteditems"), *data)
        equal(put.codes(), ["NoError"] * 3, "uploaded into the archive")
        equal(c.delete(some[0]).codes(), ["NoError"], "softly deleted")
        lost = find_items(c, "archiverecoverableitemsdeletions",
                          shape="IdOnly").ids()
        equal(len(lost), 7, "it lies in the archive's own dumpster")
        data = c.export(*lost[:1]).text("m:Data")
        put = c.upload(c.folder_id("recoverableitemspurges"), *data)
        equal(put.codes(), ["NoError"], "uploaded into Recoverable Items")
        moved = c("<m:MoveItem><m:ToFolderId>" + folder("inbox") +
                  "</m:ToFolderId><m:ItemIds>" + items(some[1:2]) +
                  "</m:ItemIds></m:MoveItem>")
        equal(moved.codes(), ["ErrorCrossMailboxMoveCopy"], "another mailbox")
        state = c.sync("archivedeleteditems")
        equal(len(state.all("t:Create")), 3, "sync of an archive folder")
    with Lab(*options, "--version", "2016", mailboxes=1, items=0) as lab:
        c = Client(lab, version="Exchange2016")
        equal(c.get_folder("archivemsgfolderroot").codes(),
              ["ErrorFolderNotFound"], "no archive")
        equal(Client(lab, acting_as=USER1, version="Exchange2010")
              .get_folder("inbox").codes(), ["NoError"], "and no harm")


@case
def languages():
    for code, inbox in (("fr", "Boîte de réception"), ("ja", "受信トレイ"),
                        ("es", "Bandeja de entrada")):
        with tempfile.TemporaryDirectory() as folder_:
            state = pathlib.Path(folder_) / "x.db"
            done = run(LAB, "fill", state, "--mailboxes", "1", "--language",
                       code)
            equal(done.status, 0, done.err)
            store = sqlite3.connect(state)
            found = store.execute("SELECT name FROM folder WHERE "
                                  "distinguished = 'inbox'").fetchall()
            store.close()
            equal(found, [(inbox,)], code)
    equal(run(LAB, "fill", "/nonexistent/x", "--language", "xx").status, 1,
          "no such language")


if __name__ == "__main__":
    main()
