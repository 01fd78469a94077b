"""Every kind of item is copied, moved and deleted; the digest says that it
stayed what it was."""
import exchangelib
from exchangelib import (Contact, DistributionList, FileAttachment, Mailbox,
                         Message, Task, errors)
from exchangelib.folders import Calendar, Contacts, Messages, Tasks
from exchangelib.items import PostItem
from exchangelib.properties import Member
from exchangelib.recurrence import DailyPattern, NumberedPattern, Recurrence

from client import USER2, equal
from exl import day, minutes
from exl.signin import refused

HERE, THERE = "Kinds here", "Kinds there"


def appointment(desk, **more):
    start = desk.when(2024, 3, 4, 10)
    return exchangelib.CalendarItem(subject="kind", start=start,
                                    end=start + minutes(30), **more)


def kinds(desk):
    """What it is: a maker of one, and the kind of folder for it."""
    series = Recurrence(pattern=DailyPattern(interval=1),
                        boundary=NumberedPattern(start=day(2024, 3, 4),
                                                 number=3))
    member = Member(mailbox=Mailbox(email_address="m@fabrikam.example",
                                    name="M", mailbox_type="OneOff"))
    return {
        "a message": (Messages, lambda: Message(
            subject="kind", body="b", to_recipients=[Mailbox(
                email_address=USER2)])),
        "a post": (Messages, lambda: PostItem(subject="kind", body="b")),
        "a contact": (Contacts, lambda: Contact(
            given_name="Kind", surname="Ærø", display_name="Kind Ærø")),
        "a distribution list": (Contacts, lambda: DistributionList(
            display_name="Kind", members=[member])),
        "a task": (Tasks, lambda: Task(subject="kind",
                                       due_date=day(2024, 5, 6))),
        "an appointment": (Calendar, lambda: appointment(desk)),
        "a series": (Calendar, lambda: appointment(desk, recurrence=series)),
    }


def digests(desk, folder):
    return sorted(d for p, _, d in desk.office.digest() if p == folder)


def one_kind(report, desk, account, what, kind):
    folder_kind, make = kind
    here = folder_kind(parent=account.msg_folder_root, name=HERE).save()
    there = folder_kind(parent=account.msg_folder_root, name=THERE).save()
    with report("CopyItem", f"{what}, and its copy is equal"):
        item = make()
        item.account, item.folder = account, here
        item.save()
        item.attach(FileAttachment(name="a.bin", content=b"\0\1\2" * 100))
        item.refresh()
        item.copy(there)
        equal(len(digests(desk, HERE)), 1, "here")
        equal(digests(desk, THERE), digests(desk, HERE), "digests")
        copy = list(there.all())[0]
        equal(type(copy), type(item), "kind")
        equal(copy.attachments[0].content, b"\0\1\2" * 100, "attachment")
    with report("MoveItem", f"{what}, and it stays what it was"):
        before = digests(desk, HERE)
        item.move(there)
        equal(digests(desk, HERE), [], "here")
        equal(digests(desk, THERE), before * 2, "there")
    with report("DeleteItem", f"{what}, in two ways"):
        item.move_to_trash()
        equal(len(digests(desk, THERE)), 1, "there")
        identity = (copy.id, copy.changekey)
        equal(fetched(account, identity).id, copy.id, "still there")
        copy.delete()
        equal(digests(desk, THERE), [], "there")
        refused(errors.ErrorItemNotFound, lambda: fetched(account, identity))
    here.delete()
    there.delete()


def fetched(account, identity):
    """The item of that id, or what the server says of it."""
    found = list(account.fetch([identity]))[0]
    if isinstance(found, Exception):
        raise found
    return found


def run(report, desk):
    account = desk.account()
    for what, kind in kinds(desk).items():
        with report.part(what):
            one_kind(report, desk, account, what, kind)
