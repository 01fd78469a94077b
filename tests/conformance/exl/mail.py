"""Messages and their attachments: written, read back, changed, moved."""
import email
import email.policy

import exchangelib
from exchangelib import (FileAttachment, HTMLBody, ItemAttachment, Mailbox,
                         Message, errors)
from exchangelib.folders import Messages
from exchangelib.items import PostItem

from client import USER1, USER2, USER3, check, equal, same
from exl.signin import refused

BINARY = bytes(range(256)) * 40
HTML = ("<html><head></head><body><p>Grüße, <b>łódź</b> \U0001f40c &amp; "
        '<img src="cid:snail@contoso.example"></p></body></html>')
MIME = b"""From: "Zoe =?utf-8?Q?=C3=86r=C3=B8?=" <zoe@fabrikam.example>\r
To: user1@contoso.example, "Second, The" <second@fabrikam.example>\r
Cc: third@fabrikam.example\r
Subject: =?utf-8?B?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?=\r
Date: Tue, 05 Mar 2019 08:09:10 +0100\r
Message-ID: <conformance-1@fabrikam.example>\r
In-Reply-To: <earlier@fabrikam.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="b1"\r
\r
--b1\r
Content-Type: text/plain; charset=iso-8859-1\r
Content-Transfer-Encoding: quoted-printable\r
\r
Sch=F6ne Gr=FC=DFe\r
--b1\r
Content-Type: application/pdf; name="report.pdf"\r
Content-Disposition: attachment; filename="report.pdf"\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0xLjQK\r
--b1--\r
"""


class Tagged(exchangelib.ExtendedProperty):
    """PR_LAST_VERB_EXECUTED, by tag."""
    property_tag = 0x1081
    property_type = "Integer"


class Named(exchangelib.ExtendedProperty):
    """A text by its name."""
    distinguished_property_set_id = "PublicStrings"
    property_name = "Conformance"
    property_type = "String"


class Numbered(exchangelib.ExtendedProperty):
    """Several texts by a number in a set of one's own."""
    property_set_id = "0dd01f3e-7a2b-4a56-9c6a-6d1f5d6d7e10"
    property_id = 0x8765
    property_type = "StringArray"


class Headed(exchangelib.ExtendedProperty):
    """A header that a message came with."""
    distinguished_property_set_id = "InternetHeaders"
    property_name = "X-Conformance"
    property_type = "String"


EXTENDED = {"tagged": Tagged, "named": Named, "numbered": Numbered,
            "headed": Headed}


def addresses(mailboxes):
    return [m.email_address for m in mailboxes or []]


def message(account, folder, **more):
    return Message(account=account, folder=folder, **more)


def plain(report, desk, account, folder):
    want = {"subject": "Grüße \U0001f4e8 & <all>", "importance": "High",
            "sensitivity": "Private", "categories": ["Red", "Grün & Co"],
            "is_read": True, "is_read_receipt_requested": True,
            "is_delivery_receipt_requested": True, "reminder_is_set": False}
    with report("CreateItem", "a message with all its properties"):
        made = message(
            account, folder, body="line one\r\nline two",
            to_recipients=[Mailbox(name="Two, User", email_address=USER2),
                           Mailbox(email_address="out@fabrikam.example")],
            cc_recipients=[Mailbox(email_address=USER3)],
            bcc_recipients=[Mailbox(email_address="hid@fabrikam.example")],
            reply_to=[Mailbox(email_address="back@fabrikam.example")],
            in_reply_to="<x@fabrikam.example>",
            references="<x@fabrikam.example>", **want).save()
        got = folder.get(subject=want["subject"])
        same(got, want)
        same(got, {"id": made.id, "body": "line one\r\nline two",
                   "item_class": "IPM.Note", "is_draft": True,
                   "in_reply_to": "<x@fabrikam.example>",
                   "references": "<x@fabrikam.example>",
                   "has_attachments": False})
        equal(addresses(got.to_recipients), [USER2, "out@fabrikam.example"],
              "to")
        equal(got.to_recipients[0].name, "Two, User", "a name")
        equal(addresses(got.cc_recipients), [USER3], "cc")
        equal(addresses(got.bcc_recipients), ["hid@fabrikam.example"], "bcc")
        equal(addresses(got.reply_to), ["back@fabrikam.example"], "reply to")
        check(got.size > 0 and got.datetime_created, "size and creation")
        equal(desk.office.classes("Mail here"), {"IPM.Note": 1}, "digest")
    with report("CreateItem", "a message in HTML"):
        made = message(account, folder, subject="html",
                       body=HTMLBody(HTML)).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        check(isinstance(got.body, HTMLBody), f"{type(got.body)}")
        for part in ("Grüße", "<b>łódź</b>", "\U0001f40c", "&amp;"):
            check(part in got.body, f"{part} is not in {got.body}")
    return made


def update(report, account, folder):
    item = message(account, folder, subject="before", body="old",
                   categories=["A"], importance="Low").save()
    with report("UpdateItem", "each property by itself"):
        for name, value in (("subject", "after ÆØ"), ("body", "new\r\nbody"),
                            ("categories", ["B", "C"]),
                            ("importance", "High"), ("is_read", True),
                            ("sensitivity", "Confidential")):
            setattr(item, name, value)
            item.save(update_fields=[name])
            fresh = folder.get(id=item.id, changekey=item.changekey)
            equal(getattr(fresh, name), value, name)
    with report("UpdateItem", "recipients"):
        item.to_recipients = [Mailbox(email_address=USER2)]
        item.cc_recipients = [Mailbox(email_address=USER3)]
        item.save(update_fields=["to_recipients", "cc_recipients"])
        item.refresh()
        equal(addresses(item.to_recipients), [USER2], "to")
        equal(addresses(item.cc_recipients), [USER3], "cc")
    with report("UpdateItem", "properties are taken away"):
        item.categories, item.cc_recipients = None, None
        item.save(update_fields=["categories", "cc_recipients"])
        item.refresh()
        equal(item.categories, None, "categories")
        equal(item.cc_recipients, None, "cc")
        equal(addresses(item.to_recipients), [USER2], "to is still there")
    with report("UpdateItem", "a change key that is old is refused"):
        refused(errors.ErrorIrresolvableConflict, lambda: stale(item, folder))


def stale(item, folder):
    first = folder.get(id=item.id, changekey=item.changekey)
    second = folder.get(id=item.id, changekey=item.changekey)
    first.subject = "first"
    first.save(update_fields=["subject"])
    second.subject = "second"
    second.save(update_fields=["subject"], conflict_resolution="NeverOverwrite")
    return second


def extended(report, account, folder):
    for name, kind in EXTENDED.items():
        Message.register(name, kind)
    want = {"tagged": 103, "named": "värde", "numbered": ["a", "b", "ü"],
            "headed": "one"}
    try:
        with report("CreateItem", "extended properties: tag, name, id"):
            made = message(account, folder, subject="extended", **want).save()
            got = folder.get(id=made.id, changekey=made.changekey)
            same(got, want)
        with report("UpdateItem", "extended properties change and go"):
            got.tagged, got.named, got.numbered = 102, None, ["z"]
            got.save(update_fields=["tagged", "named", "numbered"])
            got.refresh()
            same(got, {"tagged": 102, "named": None, "numbered": ["z"],
                       "headed": "one"})
        with report("FindItem", "by an extended property"):
            equal([i.subject for i in folder.filter(tagged=102)],
                  ["extended"], "found")
            equal([i.subject for i in folder.filter(headed="one")],
                  ["extended"], "found")
    finally:
        for name in EXTENDED:
            Message.deregister(name)


def attach(report, account, folder):
    files = {"empty.txt": b"", "Größe \U0001f40c.bin": BINARY,
             "a" * 100 + ".dat": BINARY * 30}
    with report("CreateAttachment", "files, and the item that has them"):
        item = message(account, folder, subject="attached", body="x")
        for name, content in files.items():
            item.attach(FileAttachment(name=name, content=content))
        item.save()
        got = folder.get(id=item.id, changekey=item.changekey)
        check(got.has_attachments, "HasAttachments")
        equal({a.name: a.content for a in got.attachments}, files, "files")
    with report("GetAttachment", "what a file says of itself"):
        item = message(account, folder, subject="types", body=HTMLBody(HTML))
        item.attach(FileAttachment(
            name="snail.png", content=b"\x89PNG", is_inline=True,
            content_id="snail@contoso.example", content_type="image/png"))
        item.attach(FileAttachment(name="a.pdf", content=b"%PDF",
                                   content_type="application/pdf"))
        item.save()
        got = folder.get(id=item.id, changekey=item.changekey)
        by_name = {a.name: a for a in got.attachments}
        same(by_name["snail.png"], {"is_inline": True, "content": b"\x89PNG",
                                    "content_id": "snail@contoso.example",
                                    "content_type": "image/png"})
        same(by_name["a.pdf"], {"is_inline": False, "content": b"%PDF",
                                "content_type": "application/pdf"})
    with report("GetAttachment", "streamed"):
        name = [a for a in got.attachments if a.name == "a.pdf"][0]
        with name.fp as stream:
            equal(stream.read(), b"%PDF", "content")
    with report("CreateAttachment", "to an item that is there already"):
        got.attach(FileAttachment(name="later.txt", content=b"later"))
        got.refresh()
        equal(sorted(a.name for a in got.attachments),
              ["a.pdf", "later.txt", "snail.png"], "names")
    with report("DeleteAttachment", "one of several"):
        got.detach([a for a in got.attachments if a.name == "a.pdf"])
        got = folder.get(id=got.id)
        equal(sorted(a.name for a in got.attachments),
              ["later.txt", "snail.png"], "names")
    with report("DeleteAttachment", "the last one"):
        got.detach(list(got.attachments))
        got = folder.get(id=got.id)
        equal(list(got.attachments), [], "attachments")
        equal(got.has_attachments, False, "HasAttachments")


def attach_items(report, account, folder):
    inner = Message(subject="inner ü", body="inside", importance="High",
                    to_recipients=[Mailbox(email_address=USER2)])
    with report("CreateAttachment", "a message inside a message"):
        item = message(account, folder, subject="outer", body="x")
        item.attach(ItemAttachment(name="inner", item=inner))
        item.save()
        got = folder.get(id=item.id, changekey=item.changekey)
        equal([type(a) for a in got.attachments], [ItemAttachment], "kinds")
        found = got.attachments[0].item
        same(found, {"subject": "inner ü", "importance": "High"})
        equal(found.body.strip(), "inside", "body")
        equal(addresses(found.to_recipients), [USER2], "to")
    with report("CreateAttachment", "a contact, a task, an appointment"):
        item = message(account, folder, subject="three kinds", body="x")
        zone = account.default_timezone
        start = exchangelib.EWSDateTime(2024, 2, 3, 4, 5, tzinfo=zone)
        item.attach([
            ItemAttachment(name="contact", item=exchangelib.Contact(
                given_name="Zoë", surname="Ærø", display_name="Zoë Ærø")),
            ItemAttachment(name="task", item=exchangelib.Task(
                subject="to do", due_date=exchangelib.EWSDate(2024, 2, 3))),
            ItemAttachment(name="event", item=exchangelib.CalendarItem(
                subject="event", start=start,
                end=start.replace(hour=6), location="Room"))])
        item.save()
        got = folder.get(id=item.id, changekey=item.changekey)
        by_name = {a.name: a.item for a in got.attachments}
        same(by_name["contact"], {"given_name": "Zoë", "surname": "Ærø"})
        same(by_name["task"], {"subject": "to do",
                               "due_date": exchangelib.EWSDate(2024, 2, 3)})
        same(by_name["event"], {"subject": "event", "start": start,
                                "location": "Room"})


def mime(report, account, folder):
    with report("CreateItem", "from MIME"):
        made = message(account, folder, mime_content=MIME).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        same(got, {"subject": "Grüße aus München",
                   "message_id": "<conformance-1@fabrikam.example>",
                   "in_reply_to": "<earlier@fabrikam.example>"})
        equal(got.sender.email_address, "zoe@fabrikam.example", "sender")
        equal(got.sender.name, "Zoe Ærø", "sender's name")
        equal(addresses(got.to_recipients),
              [USER1, "second@fabrikam.example"], "to")
        equal(addresses(got.cc_recipients), ["third@fabrikam.example"], "cc")
        equal(got.body.strip(), "Schöne Grüße", "body")
        equal({a.name: a.content for a in got.attachments},
              {"report.pdf": b"%PDF-1.4\n"}, "attachments")
        equal(got.datetime_sent,
              exchangelib.EWSDateTime(2019, 3, 5, 7, 9, 10,
                                      tzinfo=exchangelib.UTC), "sent")
    with report("GetItem", "MIME of what was written as properties"):
        item = message(account, folder, subject="as MIME ü", body="text ö",
                       to_recipients=[Mailbox(name="Zwei", email_address=USER2)])
        item.attach(FileAttachment(name="a ü.bin", content=BINARY))
        item.save()
        got = folder.get(id=item.id, changekey=item.changekey)
        read = email.message_from_bytes(got.mime_content,
                                        policy=email.policy.default)
        equal(read["subject"], "as MIME ü", "subject")
        equal(read["to"].addresses[0].addr_spec, USER2, "to")
        equal(read.get_body().get_content().strip(), "text ö", "body")
        files = {p.get_filename(): p.get_content()
                 for p in read.iter_attachments()}
        equal(files, {"a ü.bin": BINARY}, "attachments")
    with report("GetItem", "the headers of a message"):
        got = [i for i in folder.filter(subject="Grüße aus München")][0]
        headers = {h.name.lower(): h.value for h in got.headers}
        equal(headers["message-id"], "<conformance-1@fabrikam.example>",
              "Message-ID")


def move(report, desk, account, folder):
    office = desk.office
    other = Messages(parent=account.msg_folder_root, name="Mail there").save()
    item = message(account, folder, subject="wanders", body="w").save()
    with report("CopyItem", "the copy is equal and has an id of its own"):
        before = dict(office.classes("Mail here"))
        new = item.copy(other)
        copy = other.get(subject="wanders")
        check(copy.id != item.id and new[0] == copy.id, "ids")
        equal(office.classes("Mail here"), before, "the folder it came from")
        equal(office.classes("Mail there"), {"IPM.Note": 1}, "digest")
    with report("MoveItem", "gone here, there with a new id"):
        old = item.id
        item.move(other)
        check(item.id != old, "the id")
        equal([i.subject for i in other.all()], ["wanders"] * 2, "there")
        equal(folder.filter(subject="wanders").count(), 0, "here")
        equal(office.classes("Mail there"), {"IPM.Note": 2}, "digest")
    with report("DeleteItem", "to Deleted Items"):
        trash = account.trash.all().count()
        item.move_to_trash()
        equal(account.trash.all().count(), trash + 1, "Deleted Items")
        account.trash.get(subject="wanders").delete()
    with report("DeleteItem", "softly: to the recoverable items"):
        copy.soft_delete()
        equal(other.all().count(), 0, "the folder")
        found = account.recoverable_items_deletions.filter(subject="wanders")
        equal(found.count(), 1, "recoverable")
    with report("DeleteItem", "for good"):
        item = message(account, other, subject="for good").save()
        item.delete()
        equal(other.all().count(), 0, "the folder")
        equal(account.recoverable_items_deletions.filter(
            subject="for good").count(), 0, "recoverable")
        equal(office.classes("Mail there"), {}, "digest")
    other.delete()


def bulk(report, desk, account, folder):
    count = 30
    many = Messages(parent=account.msg_folder_root, name="Many").save()
    with report("CreateItem", "many in one request"):
        ids = account.bulk_create(folder=many, items=[
            message(account, many, subject=f"number {n:03}")
            for n in range(count)])
        equal(len(set(i.id for i in ids)), count, "ids")
        equal(desk.office.classes("Many"), {"IPM.Note": count}, "digest")
    with report("GetItem", "many, in the order asked for"):
        got = [i.subject for i in account.fetch(ids, only_fields=["subject"])]
        equal(got, [f"number {n:03}" for n in range(count)], "order")
    with report("UpdateItem", "many in one request"):
        items = list(account.fetch(ids))
        for item in items:
            item.subject += " changed"
        account.bulk_update([(i, ["subject"]) for i in items])
        equal(many.filter(subject__contains=" changed").count(), count,
              "changed")
    with report("GetItem", "one that is gone among others"):
        items[3].delete()
        got = list(account.fetch(ids[:5], only_fields=["subject"]))
        equal([isinstance(i, errors.ErrorItemNotFound) for i in got],
              [False, False, False, True, False], "errors")
    with report("MoveItem", "many, and copied back"):
        rest = [i for n, i in enumerate(ids) if n != 3]
        moved = account.bulk_move(rest, folder)
        equal(many.all().count(), 0, "left")
        account.bulk_copy([(m[0], m[1]) for m in moved], many)
        equal(many.all().count(), count - 1, "copied")
        account.bulk_delete([(m[0], m[1]) for m in moved])
    with report("DeleteItem", "many, by a query"):
        many.all().delete()
        equal(many.all().count(), 0, "left")
    many.delete()


def post(report, account, folder):
    with report("CreateItem", "a post"):
        made = PostItem(account=account, folder=folder, subject="posted ü",
                        body="p").save()
        got = folder.get(id=made.id, changekey=made.changekey)
        equal((type(got), got.subject, got.item_class),
              (PostItem, "posted ü", "IPM.Post"), "post")
        got.delete()


def tray_since(office, before):
    """Kind, sender, recipients and subject of what was sent since then."""
    return office.tray()[len(before):]


def send(report, desk, account):
    """What the lab's own mailboxes get arrives; the tray has it all."""
    office, before = desk.office, desk.office.tray()
    with report("SendItem", "it is in the tray, and a copy in Sent Items"):
        item = message(
            account, account.drafts, subject="sent ü", body="hello",
            to_recipients=[Mailbox(email_address=USER2)],
            cc_recipients=[Mailbox(email_address=USER3)])
        item.attach(FileAttachment(name="x.bin", content=BINARY))
        # Its send_and_save() saves nothing when files go to a 2010.
        item.save()
        item.send()
        equal([(row[1], row[3]) for row in tray_since(office, before)],
              [(USER1, "sent ü")], "tray")
        kept = account.sent.get(subject="sent ü")
        equal(addresses(kept.to_recipients), [USER2], "kept")
        equal(kept.attachments[0].content, BINARY, "attachment")
        equal((kept.is_draft, kept.sender.email_address), (False, USER1),
              "no draft any more")
        for mailbox in (USER2, USER3):
            came = desk.account(mailbox).inbox.get(subject="sent ü")
            same(came, {"is_read": False, "is_draft": False,
                        "message_id": kept.message_id})
            equal(came.sender.email_address, USER1, "sender")
            equal(came.attachments[0].content, BINARY, "attachment")
    with report("SendItem", "a draft of its own is sent"):
        before = office.tray()
        draft = message(account, account.drafts, subject="a draft",
                        to_recipients=[Mailbox(email_address=USER2)]).save()
        draft.send()
        equal([row[3] for row in tray_since(office, before)], ["a draft"],
              "tray")
        equal(account.drafts.filter(subject="a draft").count(), 0, "drafts")
        equal(account.sent.filter(subject="a draft").count(), 1, "sent")
    with report("CreateItem", "a reply, to all, and a forward"):
        before = office.tray()
        kept.reply(subject="Re: sent ü", body="answer", to_recipients=[USER2])
        kept.reply_all(subject="Re: all", body="everybody")
        kept.forward(subject="Fw: sent ü", body="look", to_recipients=[USER3])
        equal([row[3] for row in tray_since(office, before)],
              ["Re: sent ü", "Re: all", "Fw: sent ü"], "tray")
        answer = account.sent.get(subject="Re: sent ü")
        equal(answer.in_reply_to, kept.message_id, "in reply to")
        check("answer" in answer.body, "the text of the answer")
        forward = account.sent.get(subject="Fw: sent ü")
        equal([a.name for a in forward.attachments], ["x.bin"],
              "the attachments of a forward")
        equal(addresses(forward.to_recipients), [USER3], "to")


def run(report, desk):
    account = desk.account()
    folder = Messages(parent=account.msg_folder_root, name="Mail here").save()
    steps = {
        "plain": lambda: plain(report, desk, account, folder),
        "update": lambda: update(report, account, folder),
        "extended": lambda: extended(report, account, folder),
        "attachments": lambda: attach(report, account, folder),
        "item attachments": lambda: attach_items(report, account, folder),
        "mime": lambda: mime(report, account, folder),
        "posts": lambda: post(report, account, folder),
        "move": lambda: move(report, desk, account, folder),
        "many": lambda: bulk(report, desk, account, folder),
        "send": lambda: send(report, desk, account),
    }
    for name, step in steps.items():
        with report.part(name):
            step()
