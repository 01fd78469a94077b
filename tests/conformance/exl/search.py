"""Finding: restrictions, order, pages; and following what changes."""
import exchangelib
from exchangelib import Message, Q
from exchangelib.folders import Messages

from client import USER2, check, equal
from exl import minutes

COUNT = 60
WORDS = ["alpha", "Beta", "gamma ü"]


def fill(account, folder):
    """COUNT messages whose properties tell which one is which."""
    account.bulk_create(folder=folder, items=[
        Message(account=account, folder=folder,
                subject=f"{WORDS[n % 3]} {n:02}",
                body=f"body {n} " + ("needle" if n == 7 else "hay"),
                importance=["Low", "Normal", "High"][n % 3],
                is_read=n % 2 == 0,
                categories=["Red"] if n % 5 == 0 else None,
                to_recipients=[exchangelib.Mailbox(email_address=USER2)]
                if n < 4 else None) for n in range(COUNT)])


def numbers(found):
    return sorted(int(item.subject[-2:]) for item in found)


def those(test):
    return [n for n in range(COUNT) if test(n)]


# what it is: how exchangelib says it, and which of the numbers it is
FILTERS = {
    "equal to": (Q(subject="Beta 01"), lambda n: n == 1),
    "not equal to": (~Q(importance="High"), lambda n: n % 3 != 2),
    "contains, whatever the case": (Q(subject__icontains="BETA"),
                                    lambda n: n % 3 == 1),
    "contains, exactly": (Q(subject__contains="beta"), lambda n: False),
    "begins with": (Q(subject__startswith="gamma ü"), lambda n: n % 3 == 2),
    "greater, lesser": (Q(subject__gte="Beta 31") & Q(subject__lt="Beta 50"),
                        lambda n: n % 3 == 1 and 31 <= n < 50),
    "or": (Q(subject="Beta 01") | Q(subject="alpha 03"), lambda n: n in (1, 3)),
    "and, not": (Q(is_read=True) & ~Q(importance="Low"),
                 lambda n: n % 2 == 0 and n % 3 != 0),
    "a truth": (Q(is_read=False), lambda n: n % 2 == 1),
    "one of a list": (Q(subject__in=["alpha 00", "gamma ü 02", "none"]),
                      lambda n: n in (0, 2)),
    "exists": (Q(categories__exists=True), lambda n: n % 5 == 0),
    "exists not": (Q(categories__exists=False), lambda n: n % 5 != 0),
    "a value among several": (Q(categories__contains=["Red"]),
                              lambda n: n % 5 == 0),
    "a size": (Q(size__gt=0), lambda n: True),
}


def filters(report, account, folder):
    for what, (query, test) in FILTERS.items():
        with report("FindItem", f"restriction: {what}"):
            equal(numbers(folder.filter(query)), those(test), what)
    with report("FindItem", "restriction: a time"):
        now = exchangelib.EWSDateTime.now(tz=exchangelib.UTC)
        equal(folder.filter(datetime_created__gt=now - minutes(60)).count(),
              COUNT, "younger than an hour")
        equal(folder.filter(datetime_created__gt=now + minutes(60)).count(),
              0, "from the future")
    with report("FindItem", "restriction: excluded"):
        equal(numbers(folder.exclude(importance="Low")),
              those(lambda n: n % 3 != 0), "excluded")


def order(report, folder):
    with report("FindItem", "order: by one property, both ways"):
        got = [i.subject for i in folder.all().order_by("subject")]
        equal(got, sorted(got, key=str.lower), "rising")
        back = [i.subject for i in folder.all().order_by("-subject")]
        equal(back, got[::-1], "falling")
    with report("FindItem", "order: by two properties"):
        got = [(i.importance, i.subject) for i in
               folder.all().order_by("importance", "-subject")
               .only("importance", "subject")]
        equal(len(got), COUNT, "items")
        rank = {"Low": 0, "Normal": 1, "High": 2}
        want = sorted(got, key=lambda row: row[1].lower(), reverse=True)
        want.sort(key=lambda row: rank[row[0]])
        equal(got, want, "order")


def pages(report, folder):
    with report("FindItem", "pages of many sizes are the same items"):
        whole = [i.subject for i in folder.all().order_by("subject")]
        for size in (1, 7, 59, 60, 61):
            query = folder.all().order_by("subject").only("subject")
            query.page_size = size
            equal([i.subject for i in query], whole, f"pages of {size}")
    with report("FindItem", "a slice, an offset, the first one"):
        query = folder.all().order_by("subject").only("subject")
        equal([i.subject for i in query[10:15]], whole[10:15], "slice")
        equal(query[3].subject, whole[3], "index")
    with report("FindItem", "count, existence, values"):
        equal(folder.all().count(), COUNT, "count")
        equal(folder.filter(subject="alpha 00").exists(), True, "exists")
        equal(folder.filter(subject="none").exists(), False, "exists not")
        values = folder.filter(subject="alpha 03").values_list(
            "subject", "importance")
        equal(list(values), [("alpha 03", "Low")], "values")
    with report("FindItem", "in several folders at once"):
        found = exchangelib.folders.FolderCollection(
            account=folder.account,
            folders=[folder, folder.account.inbox]).all()
        equal(found.count(), COUNT + folder.account.inbox.all().count(),
              "count")


def text(report, folder):
    with report("FindItem", "a query of words"):
        equal(numbers(folder.filter("subject:Beta")),
              those(lambda n: n % 3 == 1), "subject")
        equal(numbers(folder.filter("needle")), [7], "body")


def sync(report, account):
    folder = Messages(parent=account.msg_folder_root, name="Synced").save()

    def changes(where=folder):
        return [(kind, getattr(item, "id", item))
                for kind, item in where.sync_items()]

    with report("SyncFolderItems", "all that is there, then nothing"):
        made = [Message(account=account, folder=folder,
                        subject=f"s{n}").save() for n in range(5)]
        got = changes()
        equal({k for k, _ in got}, {"create"}, "kinds")
        equal({i for _, i in got}, {m.id for m in made}, "ids")
        equal(changes(), [], "the second time")
    with report("SyncFolderItems", "created, changed, read, deleted"):
        made[0].subject = "s0 changed"
        made[0].save(update_fields=["subject"])
        gone = made[2].id
        made[2].delete()
        new = Message(account=account, folder=folder, subject="new").save()
        got = dict((i if isinstance(i, str) else i.id, kind)
                   for kind, i in changes())
        equal(got, {made[0].id: "update", gone: "delete", new.id: "create"},
              "changes")
    with report("SyncFolderItems", "a read flag"):
        made[1].is_read = not made[1].is_read
        made[1].save(update_fields=["is_read"])
        got = list(folder.sync_items())
        equal(len(got), 1, "changes")
        check(got[0][0] in ("read_flag_change", "update"), f"{got}")
    with report("SyncFolderItems", "pages of two"):
        state, seen = None, 0
        fresh = Messages(root=account.root, id=folder.id,
                         changekey=folder.changekey)
        for kind, _ in fresh.sync_items(max_changes_returned=2):
            equal(kind, "create", "kind")
            seen += 1
        equal(seen, 5, "items")
        assert state is None
    with report("SyncFolderHierarchy", "created, renamed, deleted"):
        root = account.msg_folder_root
        first = {f.name for _, f in root.sync_hierarchy()}
        check({"Inbox", "Synced"} <= first, f"{first}")
        equal(list(root.sync_hierarchy()), [], "the second time")
        made = Messages(parent=folder, name="brand new").save()
        folder.name = "Synced again"
        folder.save(update_fields=["name"])
        got = {f.name: kind for kind, f in root.sync_hierarchy()}
        equal(got.get("brand new"), "create", "made")
        equal(got.get("Synced again"), "update", "renamed")
        gone = made.id
        made.delete()
        got = [(kind, getattr(f, "id", f)) for kind, f in
               root.sync_hierarchy()]
        check(("delete", gone) in got, f"{got}")
    folder.delete()


def run(report, desk):
    account = desk.account()
    folder = Messages(parent=account.msg_folder_root, name="Searched").save()
    fill(account, folder)
    steps = {
        "filters": lambda: filters(report, account, folder),
        "order": lambda: order(report, folder),
        "pages": lambda: pages(report, folder),
        "text": lambda: text(report, folder),
        "sync": lambda: sync(report, account),
    }
    for name, step in steps.items():
        with report.part(name):
            step()
