"""Folders: walking, making, changing, permissions, what is in all of them."""
import collections

import exchangelib
from exchangelib import errors
from exchangelib.folders import Calendar, Contacts, Messages, Tasks

from client import check, equal
from exl.signin import refused

# As the digest writes a name: a path's own slash, and the escape's sign.
ESCAPES = {"%": "%25", "/": "%2F"}
NAMES = ["Plain", "With / slash", "Emoji \U0001f4e8\U0001f40c", "50 % off",
         "Ærø & <co>", "trailing ", "x" * 255]


def escaped(name):
    return "".join(ESCAPES.get(c, c) for c in name)


def path_of(account, folder):
    """The path below the visible root, as the digest writes it."""
    parts = []
    while folder is not None and folder.id != account.msg_folder_root.id:
        parts.append(escaped(folder.name))
        folder = folder.parent
    return "/".join(reversed(parts))


def visible(account):
    """Folders below the visible root, however deep."""
    return [f for f in account.msg_folder_root.walk()
            if not isinstance(f, exchangelib.folders.SearchFolders)]


def walk(report, desk, account):
    with report("FindFolder", "the whole tree, from the root"):
        names = {f.name for f in account.root.walk()}
        check({"Inbox", "Drafts", "Sent Items", "Calendar", "Contacts",
               "Tasks"} <= names, f"{names}")
    with report("GetFolder", "well-known folders by their ids"):
        for name, folder in (("Inbox", account.inbox),
                             ("Drafts", account.drafts),
                             ("Sent Items", account.sent),
                             ("Deleted Items", account.trash),
                             ("Calendar", account.calendar),
                             ("Contacts", account.contacts),
                             ("Tasks", account.tasks)):
            equal(folder.name, name, "name")
            check(folder.id, f"{name} has no id")
        equal([type(f) for f in (account.calendar, account.contacts,
                                 account.tasks)],
              [Calendar, Contacts, Tasks], "kinds")
    with report("FindItem", "every folder has what the digest says"):
        got = collections.Counter()
        for folder in visible(account):
            count = folder.all().count()
            equal(folder.total_count, count, f"count of {folder.name}")
            if count:
                got[path_of(account, folder)] += count
        want = collections.Counter(p for p, _, _ in desk.office.digest())
        equal(dict(got), dict(want), "items by folder")
    with report("GetItem", "every item with every property, by class"):
        got = collections.Counter()
        for folder in visible(account):
            for item in folder.all():
                check(not isinstance(item, Exception), f"{item!r}")
                got[item.item_class] += 1
        want = collections.Counter(c for _, c, _ in desk.office.digest())
        equal(dict(got), dict(want), "items by class")


def create(report, desk, account):
    top = Messages(parent=account.msg_folder_root, name="Folders here")
    with report("CreateFolder", "awkward names come back as they were"):
        top.save()
        made = [Messages(parent=top, name=name).save() for name in NAMES]
        account.root.clear_cache()
        found = {f.name for f in (account.msg_folder_root /
                                  "Folders here").children}
        equal(found, set(NAMES), "names")
        for folder in made:
            exchangelib.Message(account=account, folder=folder,
                                subject="here").save()
        paths = {p for p, _, _ in desk.office.digest()}
        for name in NAMES:
            path = "Folders here/" + escaped(name)
            check(path in paths, f"digest lacks {path}")
    with report("CreateFolder", "each kind keeps its class"):
        for kind, container in ((Calendar, "IPF.Appointment"),
                                (Contacts, "IPF.Contact"),
                                (Tasks, "IPF.Task"), (Messages, "IPF.Note")):
            folder = kind(parent=top, name=container).save()
            folder.refresh()
            equal(folder.folder_class, container, "class")
    with report("CreateFolder", "a name that is there is refused"):
        refused(errors.ErrorFolderExists,
                lambda: Messages(parent=top, name="plain").save())
    return top


def change(report, account, top):
    folder = Messages(parent=top, name="To be changed").save()
    with report("UpdateFolder", "a new name"):
        folder.name = "Renamed \U0001f98a"
        folder.save()
        folder.refresh()
        equal(folder.name, "Renamed \U0001f98a", "name")
        folder.name = "Renamed"
        folder.save(update_fields=["name"])
    with report("MoveFolder", "into another folder and back"):
        other = Messages(parent=top, name="Other").save()
        folder.move(to_folder=other)
        account.root.clear_cache()
        moved = account.msg_folder_root / "Folders here" / "Other" / "Renamed"
        equal(moved.name, "Renamed", "name")
        moved.move(to_folder=top)
        account.root.clear_cache()
        folder = account.msg_folder_root / "Folders here" / "Renamed"
    with report("EmptyFolder", "items go, and folders when asked"):
        Messages(parent=folder, name="Below").save()
        exchangelib.Message(account=account, folder=folder, subject="1").save()
        folder.empty()
        equal(folder.all().count(), 0, "items")
        folder.empty(delete_sub_folders=True)
        account.root.clear_cache()
        folder = account.msg_folder_root / "Folders here" / "Renamed"
        equal(list(folder.children), [], "folders")
    with report("DeleteFolder", "it is gone"):
        folder.delete()
        account.root.clear_cache()
        names = {f.name for f in (account.msg_folder_root /
                                  "Folders here").children}
        check("Renamed" not in names, f"{names}")
    with report("DeleteFolder", "a well-known one is refused"):
        refused(errors.EWSError, account.inbox.delete)


def permissions(report, account, top):
    """Only reading: as packaged, exchangelib writes them as no schema has it
    (Permission with CalendarPermissionLevel, a calendar's in t:Folder)."""
    with report("GetFolder", "the permissions that a folder begins with"):
        folder = Messages(parent=top, name="Letters").save()
        folder.refresh()
        users = [p.user_id.distinguished_user for p in
                 folder.permission_set.permissions]
        equal(sorted(users), ["Anonymous", "Default"], "users")
    with report("GetFolder", "the permissions of the Calendar"):
        account.calendar.refresh()
        found = account.calendar.permission_set.calendar_permissions
        users = {p.user_id.distinguished_user for p in found}
        check({"Default", "Anonymous"} <= users, f"{users}")
        check(all(p.calendar_permission_level for p in found), f"{found}")
        check(account.calendar.effective_rights.read, "one's own rights")


def run(report, desk):
    account = desk.account()
    with report.part("walking"):
        walk(report, desk, account)
    with report.part("making folders"):
        top = create(report, desk, account)
        with report.part("changing folders"):
            change(report, account, top)
        with report.part("permissions"):
            permissions(report, account, top)
        with report("DeleteFolder", "a tree of them, by wiping"):
            account.root.clear_cache()
            top = account.msg_folder_root / "Folders here"
            top.wipe()
            top.delete()
            check(not any(p.startswith("Folders here")
                          for p, _, _ in desk.office.digest()),
                  "still in the digest")
