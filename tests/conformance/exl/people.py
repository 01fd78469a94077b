"""Contacts, lists of them, tasks, and the organisation's names."""
from decimal import Decimal

from exchangelib import (Contact, DistributionList, FileAttachment, Mailbox,
                         Task)
from exchangelib.folders import Contacts, Tasks
from exchangelib.indexed_properties import (EmailAddress, PhoneNumber,
                                            PhysicalAddress)
from exchangelib.properties import Member
from exchangelib.recurrence import (DailyRegeneration, MonthlyRegeneration,
                                    NoEndPattern, NumberedPattern,
                                    TaskRecurrence, WeeklyPattern)

from client import USER1, USER2, check, equal, same
from exl import day

PHOTO = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
PHONES = {label: f"+45 12 34 56 {number:02}" for number, label in enumerate([
    "AssistantPhone", "BusinessFax", "BusinessPhone", "BusinessPhone2",
    "Callback", "CarPhone", "CompanyMainPhone", "HomeFax", "HomePhone",
    "HomePhone2", "Isdn", "MobilePhone", "OtherFax", "OtherTelephone",
    "Pager", "PrimaryPhone", "RadioPhone", "Telex", "TtyTddPhone"])}
TEXTS = {
    "given_name": "Zoë", "middle_name": "Q.", "surname": "Ærø",
    "display_name": "Zoë Q. Ærø", "nickname": "Zo", "initials": "ZQÆ",
    "generation": "Jr.", "company_name": "Fabrikam & Co",
    "department": "Snails \U0001f40c", "job_title": "Keeper",
    "office": "12.B", "manager": "M. Boss", "assistant_name": "A. Help",
    "spouse_name": "S. Pouse", "profession": "Malacologist",
    "mileage": "123 km", "business_homepage": "https://fabrikam.example/",
}


def addresses():
    return [PhysicalAddress(label=label, street=f"{label} Straße 1",
                            city=f"{label}stad", state="ST", country="DK",
                            zipcode=f"10{n}0")
            for n, label in enumerate(("Business", "Home", "Other"))]


def by_label(found):
    return {e.label: e for e in found or []}


def contact(report, desk, account, folder):
    with report("CreateItem", "a contact with all its properties"):
        made = Contact(
            account=account, folder=folder, file_as="Ærø, Zoë",
            children=["Ann", "Bo & Co"], companies=["One", "Two"],
            birthday=day(1980, 2, 29), wedding_anniversary=day(2005, 6, 7),
            email_addresses=[
                EmailAddress(label=f"EmailAddress{n}",
                             email=f"zoe{n}@fabrikam.example")
                for n in (1, 2, 3)],
            phone_numbers=[PhoneNumber(label=label, phone_number=number)
                           for label, number in PHONES.items()],
            physical_addresses=addresses(), postal_address_index="Home",
            body="notes of hers", categories=["Friends"], **TEXTS).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        same(got, TEXTS)
        same(got, {"file_as": "Ærø, Zoë", "children": ["Ann", "Bo & Co"],
                   "companies": ["One", "Two"], "birthday": day(1980, 2, 29),
                   "wedding_anniversary": day(2005, 6, 7),
                   "postal_address_index": "Home", "body": "notes of hers",
                   "categories": ["Friends"], "item_class": "IPM.Contact"})
        equal(desk.office.classes("Contacts here"), {"IPM.Contact": 1},
              "digest")
    with report("GetItem", "three addresses, nineteen numbers"):
        equal({k: e.email for k, e in by_label(got.email_addresses).items()},
              {f"EmailAddress{n}": f"zoe{n}@fabrikam.example"
               for n in (1, 2, 3)}, "addresses")
        equal({k: e.phone_number for k, e in
               by_label(got.phone_numbers).items()}, PHONES, "numbers")
    with report("GetItem", "three postal addresses, and the full name"):
        found = by_label(got.physical_addresses)
        for want in addresses():
            equal(found[want.label], want, want.label)
        same(got.complete_name, {"first_name": "Zoë", "last_name": "Ærø",
                                 "middle_name": "Q.", "nickname": "Zo"})
    return got


def contact_changes(report, account, folder):
    item = Contact(account=account, folder=folder, display_name="Changes",
                   given_name="A", surname="B", email_addresses=[
                       EmailAddress(label="EmailAddress1",
                                    email="a@fabrikam.example"),
                       EmailAddress(label="EmailAddress2",
                                    email="b@fabrikam.example")],
                   phone_numbers=[PhoneNumber(label="MobilePhone",
                                              phone_number="1")],
                   physical_addresses=addresses()).save()
    with report("UpdateItem", "a contact: names, and one taken away"):
        item.given_name, item.surname = "C ü", None
        item.company_name = "New & Co"
        item.save(update_fields=["given_name", "surname", "company_name"])
        item.refresh()
        same(item, {"given_name": "C ü", "surname": None,
                    "company_name": "New & Co"})
    with report("UpdateItem", "one address changes, another one goes"):
        item.email_addresses = [EmailAddress(label="EmailAddress1",
                                             email="new@fabrikam.example")]
        item.phone_numbers = [PhoneNumber(label="HomePhone",
                                          phone_number="2")]
        item.save(update_fields=["email_addresses", "phone_numbers"])
        item.refresh()
        equal([(e.label, e.email) for e in item.email_addresses],
              [("EmailAddress1", "new@fabrikam.example")], "addresses")
        equal([(e.label, e.phone_number) for e in item.phone_numbers],
              [("HomePhone", "2")], "numbers")
        equal(len(item.physical_addresses), 3, "postal addresses")
    with report("UpdateItem", "one part of a postal address"):
        item.physical_addresses = [PhysicalAddress(
            label="Home", street="only street", city="only city")]
        item.save(update_fields=["physical_addresses"])
        item.refresh()
        found = by_label(item.physical_addresses)
        equal(sorted(found), ["Home"], "labels")
        same(found["Home"], {"street": "only street", "city": "only city",
                             "country": None})
    with report("CreateAttachment", "a contact's photo"):
        item.attach(FileAttachment(name="ContactPicture.jpg", content=PHOTO,
                                   is_contact_photo=True,
                                   content_type="image/jpeg"))
        got = folder.get(id=item.id)
        check(got.has_picture, "HasPicture")
        equal([(a.is_contact_photo, a.content) for a in got.attachments],
              [(True, PHOTO)], "photo")


def lists(report, desk, account, folder):
    one = Contact(account=account, folder=folder, display_name="In a list",
                  email_addresses=[EmailAddress(
                      label="EmailAddress1", email="inlist@fabrikam.example")])
    one.save()
    with report("CreateItem", "a distribution list"):
        made = DistributionList(
            account=account, folder=folder, display_name="Everybody ü",
            members=[Member(mailbox=Mailbox(
                email_address=f"m{n}@fabrikam.example", name=f"Member {n}",
                mailbox_type="OneOff")) for n in range(3)]).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        equal((type(got), got.display_name, got.item_class),
              (DistributionList, "Everybody ü", "IPM.DistList"), "list")
        equal(sorted((m.mailbox.email_address, m.mailbox.name)
                     for m in got.members),
              [(f"m{n}@fabrikam.example", f"Member {n}") for n in range(3)],
              "members")
        equal(desk.office.classes("Contacts here")["IPM.DistList"], 1,
              "digest")
    with report("UpdateItem", "its members change"):
        got.members = [Member(mailbox=Mailbox(
            email_address="only@fabrikam.example", name="Only",
            mailbox_type="OneOff"))]
        got.save(update_fields=["members"])
        got.refresh()
        equal([m.mailbox.email_address for m in got.members],
              ["only@fabrikam.example"], "members")


def names(report, account):
    with report("ResolveNames", "an address, and the part of a name"):
        found = account.protocol.resolve_names([USER2])
        equal([m.email_address for m in found], [USER2], "by address")
        found = account.protocol.resolve_names(["user1"])
        check(USER1 in [m.email_address for m in found], f"{found}")
    with report("ResolveNames", "with the whole contact"):
        found = account.protocol.resolve_names(
            [USER1], return_full_contact_data=True)
        mailbox, card = found[0]
        equal(mailbox.email_address, USER1, "mailbox")
        check(card.display_name, "no display name")
    with report("ExpandDL", "a list of the organisation"):
        found = account.protocol.resolve_names(["everybody"])
        lists = [m for m in found if m.mailbox_type == "PublicDL"]
        equal(len(lists), 1, "lists")
        members = [m.email_address for m in
                   account.protocol.expand_dl(lists[0].email_address)]
        check({USER1, USER2} <= set(members), f"{members}")
    with report("ResolveNames", "nobody"):
        found = account.protocol.resolve_names(["zzzz-nobody"])
        equal([m for m in found if not isinstance(m, Exception)], [],
              "found")


def tasks(report, desk, account, folder):
    want = {"subject": "Aufgabe ü", "status": "InProgress",
            "percent_complete": Decimal("40"), "start_date": day(2024, 3, 4),
            "due_date": day(2024, 3, 9), "total_work": 120,
            "actual_work": 30, "mileage": "5 km",
            "billing_information": "bill", "companies": ["One", "Two"],
            "importance": "High", "body": "do it", "categories": ["Work"]}
    with report("CreateItem", "a task with all its properties"):
        made = Task(account=account, folder=folder, **want).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        same(got, want)
        same(got, {"is_complete": False, "is_recurring": False,
                   "complete_date": None, "item_class": "IPM.Task"})
        equal(desk.office.classes("Tasks here"), {"IPM.Task": 1}, "digest")
    with report("UpdateItem", "a task is completed"):
        got.complete()
        got.refresh()
        same(got, {"status": "Completed", "is_complete": True,
                   "percent_complete": Decimal("100")})
        check(got.complete_date, "no date of completion")
    with report("UpdateItem", "a task gets other dates"):
        item = Task(account=account, folder=folder, subject="dates",
                    due_date=day(2024, 1, 1)).save()
        item.start_date, item.due_date = day(2024, 5, 1), day(2024, 5, 2)
        item.save(update_fields=["start_date", "due_date"])
        item.refresh()
        same(item, {"start_date": day(2024, 5, 1),
                    "due_date": day(2024, 5, 2)})
        item.due_date, item.start_date = None, None
        item.save(update_fields=["start_date", "due_date"])
        item.refresh()
        same(item, {"start_date": None, "due_date": None})


def task_series(report, account, folder):
    start = day(2024, 3, 4)
    rows = {
        "weekly": (WeeklyPattern(interval=1, weekdays=["Monday"],
                                 first_day_of_week="Monday"),
                   NumberedPattern(start=start, number=5)),
        "every so many days after it is done": (
            DailyRegeneration(interval=10), NoEndPattern(start=start)),
        "every so many months after it is done": (
            MonthlyRegeneration(interval=2),
            NumberedPattern(start=start, number=3)),
    }
    for name, (pattern, boundary) in rows.items():
        with report("CreateItem", f"a recurring task: {name}"):
            made = Task(account=account, folder=folder, subject=name,
                        start_date=start, due_date=start,
                        recurrence=TaskRecurrence(
                            pattern=pattern, boundary=boundary)).save()
            got = folder.get(id=made.id, changekey=made.changekey)
            check(got.is_recurring, "IsRecurring")
            same(got.recurrence, {"pattern": pattern, "boundary": boundary})


def run(report, desk):
    account = desk.account()
    cards = Contacts(parent=account.msg_folder_root,
                     name="Contacts here").save()
    work = Tasks(parent=account.msg_folder_root, name="Tasks here").save()
    steps = {
        "contact": lambda: contact(report, desk, account, cards),
        "changes": lambda: contact_changes(report, account, cards),
        "lists": lambda: lists(report, desk, account, cards),
        "names": lambda: names(report, account),
        "tasks": lambda: tasks(report, desk, account, work),
        "task series": lambda: task_series(report, account, work),
    }
    for name, step in steps.items():
        with report.part(name):
            step()
