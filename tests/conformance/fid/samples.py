"""Rich items of each kind, made by exchangelib and by EWS as it is written."""
import datetime
from decimal import Decimal

import exchangelib
from exchangelib import (Attendee, CalendarItem, Contact, DistributionList,
                         EWSTimeZone, FileAttachment, HTMLBody,
                         ItemAttachment, Mailbox, Message, Task)
from exchangelib.indexed_properties import (EmailAddress, PhoneNumber,
                                            PhysicalAddress)
from exchangelib.items import PostItem, SEND_ONLY_TO_ALL
from exchangelib.items import SEND_TO_ALL_AND_SAVE_COPY
from exchangelib.properties import Member
from exchangelib.recurrence import (AbsoluteMonthlyPattern,
                                    AbsoluteYearlyPattern, DailyPattern,
                                    EndDatePattern, NoEndPattern,
                                    NumberedPattern, Recurrence,
                                    RelativeMonthlyPattern, TaskRecurrence,
                                    WeeklyPattern)

from client import USER1, USER2, Failure, equal
from exl.people import PHONES, PHOTO, TEXTS
from fid.props import ADDRESS, LOG, NOTE, x
from lab import Client

OUT = "out@fabrikam.example"
UTC = exchangelib.UTC
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
HTML = HTMLBody("<html><head></head><body><p>Grüße, <b>łódź</b> &amp; "
                '<img src="cid:snail@fidelity"></p></body></html>')
READ, UNREAD = 0x1, 0x0
DEEP = bytes(range(256))
BETWEEN = HTMLBody("<html><body><p>between <i>ü</i></p></body></html>")
DEEPEST = "three levels deep"
# Of each level: its subject, what its body says, its files.
LEVELS = [(DEEPEST, "text of " + DEEPEST, {}),
          ("second level", "between ü", {"between.txt": b"between"}),
          ("third level", "inmost ł", {"deep.bin": DEEP})]
SIGNED = b"""From: "Zoe" <zoe@fabrikam.example>\r
To: user1@contoso.example\r
Subject: signed\r
Date: Tue, 05 Mar 2019 08:09:10 +0100\r
Message-ID: <signed-1@fabrikam.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r
 micalg=sha-256; boundary="s1"\r
\r
--s1\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
Signed  text, as it  stands: \xc3\xa6\r
--s1\r
Content-Type: application/pkcs7-signature; name="smime.p7s"\r
Content-Transfer-Encoding: base64\r
Content-Disposition: attachment; filename="smime.p7s"\r
\r
MIIGsignature0123456789\r
--s1--\r
"""
OPAQUE = b"""From: "Zoe" <zoe@fabrikam.example>\r
To: user1@contoso.example\r
Subject: opaque\r
Date: Wed, 06 Mar 2019 08:09:10 +0100\r
Message-ID: <opaque-1@fabrikam.example>\r
MIME-Version: 1.0\r
Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r
 name="smime.p7m"\r
Content-Transfer-Encoding: base64\r
Content-Disposition: attachment; filename="smime.p7m"\r
\r
MIIGenveloped0123456789ABCDEFGH\r
"""
BOUNCE = b"""From: postmaster@fabrikam.example\r
To: user1@contoso.example\r
Subject: Undeliverable: offer\r
Date: Thu, 07 Mar 2019 08:09:10 +0100\r
Message-ID: <ndr-1@fabrikam.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="r1"\r
\r
--r1\r
Content-Type: text/plain; charset=us-ascii\r
\r
Nobody of that name.\r
--r1\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.fabrikam.example\r
\r
Final-Recipient: rfc822; nobody@fabrikam.example\r
Action: failed\r
Status: 5.1.1\r
\r
--r1--\r
"""
RECEIPT = BOUNCE.replace(b"Undeliverable: offer", b"Read: offer").replace(
    b"ndr-1", b"mdn-1").replace(b"delivery-status", b"disposition-notification"
                                ).replace(
    b"Reporting-MTA: dns; mail.fabrikam.example\r\n\r\nFinal-Recipient: rfc822;"
    b" nobody@fabrikam.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    b"Final-Recipient: rfc822; zoe@fabrikam.example\r\nDisposition: "
    b"manual-action/MDN-sent-manually; displayed\r\n")
ZONES = ["Europe/Copenhagen", "America/New_York", "Asia/Kolkata",
         "America/Sao_Paulo", "UTC"]
FIRST = exchangelib.EWSDate(2024, 3, 4)


def at(*numbers, zone=UTC):
    return exchangelib.EWSDateTime(*numbers, tzinfo=zone)


def hours(count):
    return datetime.timedelta(hours=count)


def day(*numbers):
    return exchangelib.EWSDate(*numbers)


def mail(account, subject, flags=READ, **more):
    """In the Inbox as if it had come."""
    for name, default in (("sender", Mailbox(name="Zoë Ærø", email_address=OUT)),
                          ("author", Mailbox(name="Zoë Ærø", email_address=OUT)),
                          ("to_recipients", [Mailbox(name="One",
                                                     email_address=USER1)]),
                          ("body", "text of " + subject)):
        more.setdefault(name, default)
    return Message(account=account, folder=account.inbox, subject=subject,
                   **x(message_flags=flags,
                       received_date=at(2019, 3, 5, 7, 9, 12),
                       sent_date=at(2019, 3, 5, 7, 9, 10)), **more)


def mails(account):
    mail(account, "plain, everything", flags=UNREAD, is_read=False,
         importance="High", sensitivity="Private",
         categories=["Red", "Grün & Co"], in_reply_to="<x@fabrikam.example>",
         references="<w@fabrikam.example> <x@fabrikam.example>",
         cc_recipients=[Mailbox(name="Two, User", email_address=USER2)],
         bcc_recipients=[Mailbox(email_address="hid@fabrikam.example")],
         reply_to=[Mailbox(email_address="back@fabrikam.example")],
         message_id="<plain-1@fabrikam.example>",
         is_read_receipt_requested=True, is_delivery_receipt_requested=True,
         **x(a_header_of_one_s_own="its value",
             an_add_in_s_property="C-4711")).save()
    mail(account, "html with a picture", body=HTML, is_read=True, attachments=[
        FileAttachment(name="snail.png", content=PNG, is_inline=True,
                       content_id="snail@fidelity", content_type="image/png"),
        FileAttachment(name="Größe \U0001f40c.pdf", content=b"%PDF-1.4" * 90,
                       content_type="application/pdf")]).save()
    mail(account, "replied", is_read=True, **x(
        icon=0x105, last_verb__replied__forwarded_=102,
        time_of_the_last_verb=at(2019, 3, 6, 9, 0, 1))).save()
    mail(account, "forwarded", is_read=True, **x(
        icon=0x106, last_verb__replied__forwarded_=104,
        time_of_the_last_verb=at(2019, 3, 6, 9, 0, 2))).save()
    mail(account, "to be followed up", is_read=True, reminder_is_set=True,
         **x(follow_up_flag=2, follow_up_colour=6, to_do_flags=8,
             follow_up_start=at(2019, 3, 7), follow_up_end=at(2019, 3, 9),
             task_start=at(2019, 3, 7), task_due=at(2019, 3, 9),
             follow_up_text="Call back", to_do_title="Call Zoë",
             task_status=0, reminder_time=at(2019, 3, 8, 8),
             reminder_signal_time=at(2019, 3, 8, 8), reminder=True)).save()
    mail(account, "followed up", is_read=True, **x(
        follow_up_flag=1, follow_up_completed=at(2019, 3, 9, 12),
        task_status=2, task_completed=True)).save()
    mail(account, "to be voted on", is_read=True, **x(
        billing_information="by the hour", companies=["One", "Two"],
        linked_contacts=["Zoë"])).save()
    Message(account=account, folder=account.drafts, subject="a draft",
            body="not yet", to_recipients=[Mailbox(email_address=OUT)],
            bcc_recipients=[Mailbox(email_address=USER2)],
            importance="Low", categories=["Later"]).save()
    mail(account, DEEPEST, is_read=True, attachments=[
        two_levels(),
        ItemAttachment(name="a contact", item=Contact(
            given_name="Zoë", surname="Ærø", display_name="Zoë Ærø")),
        ItemAttachment(name="an event", item=CalendarItem(
            subject="an event", start=at(2024, 2, 3, 4),
            end=at(2024, 2, 3, 5), location="Room"))]).save()
    cards(account)
    for data in (SIGNED, OPAQUE, BOUNCE, RECEIPT):
        Message(account=account, folder=account.inbox, mime_content=data,
                **x(message_flags=READ,
                    received_date=at(2019, 3, 8, 7))).save()
    PostItem(account=account, folder=account.inbox, subject="a post",
             body=HTML, categories=["Blue"],
             **x(message_flags=READ, received_date=at(2019, 3, 8, 7),
                 sent_date=at(2019, 3, 8, 7))).save()


def two_levels():
    """A mail with a mail in it, to be attached."""
    deep = Message(subject="third level", body="inmost ł", importance="High",
                   attachments=[FileAttachment(name="deep.bin",
                                               content=DEEP)])
    return ItemAttachment(name="second level", item=Message(
        subject="second level", body=BETWEEN, attachments=[
            FileAttachment(name="between.txt", content=b"between"),
            ItemAttachment(name="third level", item=deep)]))


def card(name):
    return ItemAttachment(name=name, item=Contact(
        given_name="Zoë", surname="Ærø", display_name=name, file_as="Ærø, Zoë",
        company_name="Fabrikam", job_title="Captain", categories=["Red"],
        body="met in Aarhus", phone_numbers=[PhoneNumber(
            label="MobilePhone", phone_number="+45 1 2 3")],
        **x(user_field_1="one", hobbies="sailing")))


def cards(account):
    """Items in mails: beside a file of the same name, and in an attached
    mail."""
    mail(account, "cards in it", is_read=True, attachments=[
        card("Zoë"), FileAttachment(name="Zoë.vcf", content=b"no card"),
        ItemAttachment(name="to do", item=Task(
            subject="to do", percent_complete=Decimal(20), due_date=day(
                2024, 5, 6), status="InProgress", categories=["Blue"])),
        ItemAttachment(name="a posting", item=PostItem(
            subject="a posting", body="posted", categories=["Blue"]))]).save()
    mail(account, "cards in a mail in it", is_read=True, attachments=[
        FileAttachment(name="a.txt", content=b"a"),
        ItemAttachment(name="in the middle", item=Message(
            subject="in the middle", body="between", categories=["Red"],
            attachments=[card("Bo"), FileAttachment(name="b.txt",
                                                    content=b"b")],
            **x(message_flags=READ, follow_up_flag=2,
                received_date=at(2019, 3, 4, 5))))]).save()


def refused_cards(account):
    """What a destination with REFUSALS does not take as what it is."""
    mail(account, "a card is refused", is_read=True, attachments=[
        FileAttachment(name="a.txt", content=b"a"), card("refused card")]
         ).save()
    mail(account, "one in a mail is refused", is_read=True, attachments=[
        ItemAttachment(name="around it", item=Message(
            subject="around it", body="around", attachments=[
                card("refused card")]))]).save()
    return account


REFUSALS = ["item:op=CreateAttachment,match=refused card,"
            "code=ErrorVirusDetected"]


def event(account, subject, start, end, **more):
    return CalendarItem(account=account, folder=account.calendar,
                        subject=subject, start=start, end=end, **more)


def appointments(account):
    event(account, "everything", at(2024, 7, 1, 9), at(2024, 7, 1, 11),
          body=HTML, location="Raum \U0001f40c", categories=["Blue"],
          legacy_free_busy_status="Tentative", sensitivity="Private",
          importance="High", reminder_is_set=True,
          reminder_minutes_before_start=45, is_response_requested=True,
          allow_new_time_proposal=True, is_online_meeting=True,
          conference_type=1, net_show_url="https://show.example/",
          meeting_workspace_url="https://space.example/",
          uid="fidelity-uid-1", attachments=[
              FileAttachment(name="agenda.txt", content=b"1. one")],
          **x(colour_label=3, an_add_in_s_property="C-4712",
              billing_information="by the hour")).save()
    event(account, DEEPEST, at(2024, 8, 1, 9), at(2024, 8, 1, 10),
          body="text of " + DEEPEST, attachments=[two_levels()]).save()
    event(account, "all day", day(2024, 4, 10), day(2024, 4, 12),
          is_all_day=True, legacy_free_busy_status="OOF").save()
    for name in ZONES:
        start = at(2024, 10, 27, 8, 15, zone=EWSTimeZone(name))
        event(account, "in " + name, start, start + hours(1)).save()
    event(account, "a flight", at(2024, 6, 1, 10, zone=EWSTimeZone(
        "Asia/Tokyo")), at(2024, 6, 1, 12, zone=EWSTimeZone(
            "Europe/London"))).save()
    event(account, "with others", at(2024, 9, 2, 9), at(2024, 9, 2, 10),
          required_attendees=[
              Attendee(mailbox=Mailbox(email_address=USER2, name="Two"),
                       response_type="Accept"),
              Attendee(mailbox=Mailbox(email_address=OUT, name="Out"),
                       response_type="Decline")],
          optional_attendees=[Attendee(mailbox=Mailbox(
              email_address="maybe@fabrikam.example"),
              response_type="Tentative")],
          resources=["room@fabrikam.example"]).save()


def series(account):
    weekly = WeeklyPattern(interval=2, weekdays=["Monday", "Thursday"],
                           first_day_of_week="Monday")
    patterns = {
        "daily": (DailyPattern(interval=3),
                  NumberedPattern(start=FIRST, number=5)),
        "weekly": (weekly, EndDatePattern(start=FIRST, end=day(2024, 5, 30))),
        "monthly": (AbsoluteMonthlyPattern(interval=2, day_of_month=4),
                    NoEndPattern(start=FIRST)),
        "monthly, by weekday": (
            RelativeMonthlyPattern(interval=1, weekday="Monday",
                                   week_number="First"),
            NumberedPattern(start=FIRST, number=6)),
        "yearly": (AbsoluteYearlyPattern(day_of_month=4, month="March"),
                   NoEndPattern(start=FIRST))}
    zone = EWSTimeZone("Europe/Copenhagen")
    start = at(2024, 3, 4, 10, zone=zone)
    for name, (pattern, boundary) in patterns.items():
        event(account, name, start, start + hours(1), recurrence=Recurrence(
            pattern=pattern, boundary=boundary)).save()
    master = event(account, "with exceptions", start, start + hours(1),
                   location="Room 1", body="the master's",
                   reminder_is_set=True, reminder_minutes_before_start=15,
                   recurrence=Recurrence(
                       pattern=DailyPattern(interval=1),
                       boundary=NumberedPattern(start=FIRST,
                                                number=8))).save()
    moved = master.occurrence(index=3).refresh()
    moved.subject, moved.location = "moved ü", "Room 9"
    moved.start = at(2024, 3, 6, 15, zone=zone)
    moved.end = at(2024, 3, 6, 16, 30, zone=zone)
    moved.save(update_fields=["subject", "location", "start", "end"])
    edited = master.occurrence(index=4).refresh()
    edited.body, edited.categories = "its own text", ["Red"]
    edited.legacy_free_busy_status = "Free"
    edited.reminder_minutes_before_start = 60
    edited.save(update_fields=["body", "categories",
                               "legacy_free_busy_status",
                               "reminder_minutes_before_start"])
    filed = master.occurrence(index=7).refresh()
    filed.attach(FileAttachment(name="only here.txt", content=b"once"))
    for index in (5, 6):
        master.occurrence(index=index).refresh().delete()


def meetings(account, other):
    """Requests, a response and a cancellation in the Inbox."""
    def invite(who, whom, subject, **more):
        start = at(2024, 9, 3, 9)
        return CalendarItem(
            account=who, folder=who.calendar, subject=subject, start=start,
            end=start + hours(1), location="Room", body="please come",
            required_attendees=[Attendee(mailbox=Mailbox(
                email_address=whom), response_type="Unknown")],
            **more).save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)

    invite(other, USER1, "an invitation")
    invite(other, USER1, "an invited series", recurrence=Recurrence(
        pattern=DailyPattern(interval=1),
        boundary=NumberedPattern(start=day(2024, 9, 3), number=4)))
    invite(other, USER1, "called off").delete(
        send_meeting_cancellations=SEND_ONLY_TO_ALL)
    invite(other, USER1, "accepted")
    account.inbox.get(subject="accepted").accept(body="with pleasure")
    invite(account, USER2, "mine, answered")
    other.inbox.get(subject="mine, answered").accept(body="gladly")


def people(account):
    folder = account.contacts
    card = Contact(
        account=account, folder=folder, file_as="Ærø, Zoë",
        children=["Ann", "Bo & Co"], companies=["One", "Two"],
        birthday=day(1980, 2, 29), wedding_anniversary=day(2005, 6, 7),
        email_addresses=[EmailAddress(label=f"EmailAddress{n}",
                                      email=f"zoe{n}@fabrikam.example")
                         for n in (1, 2, 3)],
        phone_numbers=[PhoneNumber(label=label, phone_number=number)
                       for label, number in PHONES.items()],
        physical_addresses=[PhysicalAddress(
            label=label, street=f"{label} Straße 1", city=f"{label}stad",
            state="ST", country="DK", zipcode=f"10{n}0")
            for n, label in enumerate(("Business", "Home", "Other"))],
        postal_address_index="Home", body="notes of hers",
        categories=["Friends"], sensitivity="Confidential",
        **x(title="Dr.", gender=1, personal_home_page="https://zoe.example/",
            hobbies="snails", customer_id="C1", government_id="G1",
            ftp_site="ftp.example", referred_by="Bo", language="da",
            user_field_1="one", user_field_2="two", user_field_3="three",
            user_field_4="four", web_page="https://web.example/",
            free_busy_address="https://fb.example/",
            follow_up_flag=2, follow_up_text="Call",
            an_add_in_s_property="C-4713"), **TEXTS).save()
    card.attach(FileAttachment(name="ContactPicture.jpg", content=PHOTO,
                               is_contact_photo=True,
                               content_type="image/jpeg"))
    DistributionList(
        account=account, folder=folder, display_name="Everybody ü",
        categories=["Lists"], body="who they are", members=[
            Member(mailbox=Mailbox(email_address=f"m{n}@fabrikam.example",
                                   name=f"Member {n}", mailbox_type="OneOff"))
            for n in range(3)]).save()


def tasks(account):
    folder = account.tasks
    Task(account=account, folder=folder, subject="under way",
         status="InProgress", percent_complete=Decimal("40"),
         start_date=day(2024, 3, 4), due_date=day(2024, 3, 9),
         total_work=120, actual_work=30, mileage="5 km",
         billing_information="bill", companies=["One", "Two"],
         contacts=["Zoë"], importance="High", body="do it",
         categories=["Work"], reminder_is_set=True, attachments=[
             FileAttachment(name="how.txt", content=b"so")]).save()
    Task(account=account, folder=folder, subject="done",
         due_date=day(2024, 3, 9)).save().complete()
    for name, pattern in (("each week", WeeklyPattern(
            interval=1, weekdays=["Friday"], first_day_of_week="Monday")),
                          ("each month", AbsoluteMonthlyPattern(
                              interval=1, day_of_month=15))):
        Task(account=account, folder=folder, subject=name,
             start_date=FIRST, due_date=FIRST, recurrence=TaskRecurrence(
                 pattern=pattern, boundary=NumberedPattern(
                     start=FIRST, number=7))).save()


def extended(where, which, kind, value):
    return (f'<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="{where}" '
            f'PropertyId="{which}" PropertyType="{kind}"/><t:Value>{value}'
            "</t:Value></t:ExtendedProperty>")


def by_class(client, folder, item_class, subject, inside):
    """exchangelib has no class of its own for these."""
    answer = client(
        '<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>'
        f'<t:DistinguishedFolderId Id="{folder}"/></m:SavedItemFolderId>'
        f"<m:Items><t:Message><t:ItemClass>{item_class}</t:ItemClass>"
        f"<t:Subject>{subject}</t:Subject>"
        f'<t:Body BodyType="Text">{subject}\r\nand more</t:Body>'
        "<t:Categories><t:String>Yellow</t:String></t:Categories>"
        '<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x0E07" '
        'PropertyType="Integer"/><t:Value>1</t:Value></t:ExtendedProperty>'
        f"{inside}</t:Message></m:Items></m:CreateItem>")
    equal(answer.codes(), ["NoError"], item_class)


def others(client):
    by_class(client, "notes", "IPM.StickyNote", "a note", "".join(
        extended(NOTE, which, "Integer", value) for which, value in
        ((0x8B00, 2), (0x8B02, 210), (0x8B03, 180), (0x8B04, 40),
         (0x8B05, 50))))
    by_class(client, "journal", "IPM.Activity", "a call", "".join((
        extended(LOG, 0x8700, "String", "Phone call"),
        extended(LOG, 0x8706, "SystemTime", "2024-03-04T09:00:00Z"),
        extended(LOG, 0x8707, "Integer", 25),
        extended(LOG, 0x8708, "SystemTime", "2024-03-04T09:25:00Z"),
        extended(LOG, 0x8712, "String", "Phone call"))))


def all_of_them(desk):
    """Into user1's mailbox; user2 sends what has to be sent."""
    account, other = desk.account(), desk.account(USER2)
    for make in (mails, appointments, series, people, tasks):
        make(account)
    meetings(account, other)
    others(Client(desk.office))
    return account


__all__ = ["all_of_them", "Failure", "ADDRESS"]
