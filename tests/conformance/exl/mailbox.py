"""What a mailbox has beside its items; subscriptions; moving items whole."""
import collections

import exchangelib
from exchangelib import Message, OofSettings, errors
from exchangelib.folders import Messages
from exchangelib.properties import AlternateId

from client import USER1, USER2, check, equal, same
from exl.signin import refused


def replies(report, account):
    with report("SetUserOofSettings", "enabled, for whom, both texts"):
        account.oof_settings = OofSettings(
            state="Enabled", external_audience="Known",
            internal_reply="Zurück am Montag ü", external_reply="Away & out")
        got = account.oof_settings
        same(got, {"state": "Enabled", "external_audience": "Known"})
        check("Zurück am Montag ü" in got.internal_reply, got.internal_reply)
        check("Away & out" in got.external_reply, got.external_reply)
    with report("SetUserOofSettings", "scheduled"):
        zone = account.default_timezone
        start = exchangelib.EWSDateTime(2031, 7, 1, 8, tzinfo=zone)
        end = exchangelib.EWSDateTime(2031, 7, 15, 18, tzinfo=zone)
        account.oof_settings = OofSettings(
            state="Scheduled", external_audience="None", start=start, end=end,
            internal_reply="in", external_reply="out")
        same(account.oof_settings, {"state": "Scheduled", "start": start,
                                    "end": end, "external_audience": "None"})
    with report("SetUserOofSettings", "disabled"):
        account.oof_settings = OofSettings(state="Disabled",
                                           internal_reply="",
                                           external_reply="")
        equal(account.oof_settings.state, "Disabled", "state")


def configuration(report, account):
    inbox = account.inbox
    with report("CreateUserConfiguration", "dictionary, XML and bytes"):
        inbox.create_user_configuration(
            name="Conformance", dictionary={"ä key": "värde", "number": 7,
                                            "truth": True},
            xml_data=b"<x>\xc3\xbc</x>", binary_data=bytes(range(256)))
        got = inbox.get_user_configuration(name="Conformance")
        same(got, {"dictionary": {"ä key": "värde", "number": 7,
                                  "truth": True},
                   "xml_data": b"<x>\xc3\xbc</x>",
                   "binary_data": bytes(range(256))})
    with report("UpdateUserConfiguration", "each part"):
        inbox.update_user_configuration(
            name="Conformance", dictionary={"b": "c"}, xml_data=b"<y/>",
            binary_data=b"\x00")
        got = inbox.get_user_configuration(name="Conformance")
        same(got, {"dictionary": {"b": "c"}, "xml_data": b"<y/>",
                   "binary_data": b"\x00"})
    with report("DeleteUserConfiguration", "it is gone"):
        inbox.delete_user_configuration(name="Conformance")
        refused(errors.ErrorItemNotFound,
                lambda: inbox.get_user_configuration(name="Conformance"))


def delegates(report, account):
    with report("GetDelegate", "nobody at first"):
        equal(account.delegates, [], "delegates")


def subscribe(report, account):
    folder = Messages(parent=account.msg_folder_root, name="Watched").save()
    with report("Subscribe", "pull: what happens is told, once"):
        with folder.pull_subscription() as (subscription, watermark):
            item = Message(account=account, folder=folder,
                           subject="seen").save()
            notices = list(folder.get_events(subscription, watermark))
            events = [e for n in notices for e in n.events]
            kinds = [type(e).__name__ for e in events]
            check("CreatedEvent" in kinds, f"{kinds}")
            made = [e for e in events
                    if type(e).__name__ == "CreatedEvent"][0]
            equal(made.item_id.id, item.id, "the item")
            item.delete()
            later = [e for n in folder.get_events(
                subscription, events[-1].watermark) for e in n.events]
            kinds = {type(e).__name__ for e in later}
            check("DeletedEvent" in kinds, f"{kinds}")
    with report("GetEvents", "after the subscription has ended"):
        refused(errors.EWSError,
                lambda: list(folder.get_events(subscription, watermark)))
    folder.delete()


def transfer(report, desk, account):
    folder = Messages(parent=account.msg_folder_root, name="Exported").save()
    with report("ExportItems", "and uploaded again they are the same"):
        source = list(account.inbox.all()[:8])
        equal(len(source), 8, "items to export")
        data = list(account.export(source))
        check(all(isinstance(d, str) and d for d in data), "data")
        made = list(account.upload((folder, d) for d in data))
        equal(len(set(made)), 8, "ids")
        got = collections.Counter(d for p, _, d in desk.office.digest()
                                  if p == "Exported")
        inbox = collections.Counter(d for p, _, d in desk.office.digest()
                                    if p == "Inbox")
        check(not got - inbox, "other digests")
        subjects = sorted(i.subject or "" for i in folder.all())
        equal(subjects, sorted(i.subject or "" for i in source), "subjects")
    with report("ExportItems", "an appointment with its attachments"):
        event = exchangelib.CalendarItem(
            account=account, folder=account.calendar, subject="moved whole",
            start=desk.when(2024, 8, 1, 9), end=desk.when(2024, 8, 1, 10))
        event.save()
        event.attach(exchangelib.FileAttachment(name="a", content=b"abc"))
        got = list(account.upload(
            [(account.calendar, d) for d in account.export([event])]))
        equal(len(got), 1, "items")
        both = list(account.calendar.filter(subject="moved whole"))
        equal([a.content for i in both for a in i.attachments],
              [b"abc", b"abc"], "attachments")
        for item in both:
            item.delete()
    with report("ExportItems", "what is gone is refused by itself"):
        item = Message(account=account, folder=folder, subject="x").save()
        other = Message(account=account, folder=folder, subject="y").save()
        gone = (item.id, item.changekey)
        item.delete()
        got = list(account.export([gone, other]))
        check(isinstance(got[0], errors.ErrorItemNotFound), f"{got[0]!r}")
        check(isinstance(got[1], str), f"{got[1]!r}")
    folder.wipe()
    folder.delete()


def convert(report, account):
    with report("ConvertId", "between all formats and back"):
        item = account.inbox.all().only("id", "changekey")[0]
        first = AlternateId(id=item.id, format="EwsId", mailbox=USER1)
        for kind in ("EwsLegacyId", "EntryId", "HexEntryId", "StoreId",
                     "OwaId"):
            there = list(account.protocol.convert_ids([first], kind))
            equal(there[0].format, kind, "format")
            check(there[0].id != item.id, f"{kind}: the same id")
            back = list(account.protocol.convert_ids(there, "EwsId"))
            equal(back[0].id, item.id, kind)


def roots(report, account):
    with report("GetFolder", "recoverable items"):
        check(account.recoverable_items_root.id, "no root")
        check(account.recoverable_items_deletions.id, "no deletions")


def archive(report, desk, account):
    # exchangelib asks a 2013 SP1 for archiveinbox, which came with build
    # 15.00.0913.09: not to be had from the release itself.
    if desk.office.version == "2013_SP1":
        return
    with report("CreateItem", "in the archive mailbox"):
        root = account.archive_msg_folder_root
        check(root.id and root.id != account.msg_folder_root.id, "no archive")
        folder = Messages(parent=root, name="Kept for long").save()
        item = Message(account=account, folder=folder,
                       subject="archived ü").save()
        equal(folder.get(id=item.id).subject, "archived ü", "subject")
        item.delete()
        folder.wipe()
        folder.delete()


def rooms(report, account):
    with report("GetRoomLists", "lists of rooms, and the rooms in one"):
        lists = list(account.protocol.get_roomlists())
        check(lists, "there is none")
        found = list(account.protocol.get_rooms(
            lists[0].email_address))
        check(found and all(r.email_address for r in found), f"{found}")


def others(report, desk, account):
    theirs = desk.account(USER2)
    with report("FindItem", "two mailboxes are apart"):
        a = {i.id for i in account.inbox.all().only("id")}
        b = {i.id for i in theirs.inbox.all().only("id")}
        check(a and b and not a & b, "items in common")


def run(report, desk):
    account = desk.account()
    steps = {
        "replies": lambda: replies(report, account),
        "configuration": lambda: configuration(report, account),
        "delegates": lambda: delegates(report, account),
        "subscribe": lambda: subscribe(report, account),
        "transfer": lambda: transfer(report, desk, account),
        "convert": lambda: convert(report, account),
        "roots": lambda: roots(report, account),
        "archive": lambda: archive(report, desk, account),
        "rooms": lambda: rooms(report, account),
        "others": lambda: others(report, desk, account),
    }
    for name, step in steps.items():
        with report.part(name):
            step()
