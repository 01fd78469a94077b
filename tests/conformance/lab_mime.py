#!/usr/bin/env python3
"""MIME and attachments over EWS, judged by Python's email package: what goes
in comes out, what the generator made can be read, what was signed is given
back byte for byte. Every answer validates against Microsoft's schema."""
import base64
import email
import email.policy
import email.utils
import pathlib
import sys
from email.message import EmailMessage

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from checked import checked_lab  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

POLICY = email.policy.default.clone(linesep="\r\n")
MIME = "<t:IncludeMimeContent>true</t:IncludeMimeContent>"


def owner(lab, version="Exchange2016"):
    return Client(lab, user=USER1, acting_as=None, version=version)


def create(client, item, folder_="inbox", more=""):
    return client(
        f'<m:CreateItem MessageDisposition="SaveOnly" {more}>'
        f'<m:SavedItemFolderId><t:DistinguishedFolderId Id="{folder_}"/>'
        f"</m:SavedItemFolderId><m:Items>{item}</m:Items></m:CreateItem>")


def mime_element(data):
    text = base64.b64encode(data).decode()
    return f'<t:MimeContent CharacterSet="UTF-8">{text}</t:MimeContent>'


def create_mail(client, data, more=""):
    answer = create(client, f"<t:Message>{mime_element(data)}{more}"
                            "</t:Message>")
    equal(answer.codes(), ["NoError"], "CreateItem")
    return answer.ids()[0]


def shape(inside="", base="IdOnly"):
    return (f"<m:ItemShape><t:BaseShape>{base}</t:BaseShape>{inside}"
            "</m:ItemShape>")


def get(client, id_, inside="", base="IdOnly"):
    return client(f"<m:GetItem>{shape(inside, base)}<m:ItemIds>"
                  f'<t:ItemId Id="{id_}"/></m:ItemIds></m:GetItem>')


def mime_of(client, id_):
    answer = get(client, id_, MIME)
    equal(answer.codes(), ["NoError"], "GetItem")
    return base64.b64decode(answer.text("t:MimeContent")[0])


def read(data):
    return email.message_from_bytes(data, policy=POLICY)


def get_attachment(client, id_, inside=""):
    return client(f"<m:GetAttachment><m:AttachmentShape>{inside}"
                  "</m:AttachmentShape><m:AttachmentIds>"
                  f'<t:AttachmentId Id="{id_}"/></m:AttachmentIds>'
                  "</m:GetAttachment>")


def attachment_ids(answer):
    return [one.get("Id") for one in answer.all("t:AttachmentId")]


def delete_attachment(client, id_):
    return client("<m:DeleteAttachment><m:AttachmentIds>"
                  f'<t:AttachmentId Id="{id_}"/></m:AttachmentIds>'
                  "</m:DeleteAttachment>")


def all_ids(client, folder_):
    answer = client('<m:FindItem Traversal="Shallow">' + shape() +
                    "<m:ParentFolderIds><t:DistinguishedFolderId "
                    f'Id="{folder_}"/></m:ParentFolderIds></m:FindItem>')
    return answer.ids()


# ---- what goes in comes out ------------------------------------------

def written():
    """A mail with all that a mail client puts in one."""
    m = EmailMessage()
    m["From"] = "Ännchen Müller <a@x.example>"
    m["To"] = '"Bo, C." <b@x.example>, d@x.example'
    m["Cc"] = "Dörte <e@x.example>"
    m["Subject"] = "RE: Größe über alles, und noch viel länger als eine Zeile"
    m["Date"] = "Thu, 29 Feb 2024 12:00:00 +0200"
    m["Message-ID"] = "<one@x.example>"
    m["In-Reply-To"] = "<zero@x.example>"
    m["References"] = "<zero@x.example>"
    m["Importance"] = "high"
    m["Sensitivity"] = "private"
    m["Disposition-Notification-To"] = "a@x.example"
    m["X-Own"] = "yes"
    m.set_content("Grüße\r\n-- \r\nÄ.\r\n")
    m.add_alternative('<p>Gr&uuml;&szlig;e <img src="cid:p@x"></p>\r\n',
                      subtype="html")
    m.get_payload()[1].add_related(b"\x89PNG\r\n", "image", "png", cid="<p@x>",
                                   filename="p.png")
    m.add_attachment(bytes(range(256)), maintype="application",
                     subtype="pdf", filename="Übersicht \"1\".pdf")
    inner = EmailMessage()
    inner["Subject"] = "inside"
    inner.set_content("text inside\n")
    m.add_attachment(inner)
    return m


def leaves(message):
    """Decoded content of all parts but containers, by type."""
    found = []
    for part in message.walk():
        if part.get_content_maintype() in ("multipart", "message"):
            continue
        body = part.get_payload(decode=True)
        if part.get_content_maintype() == "text":
            body = body.decode(part.get_content_charset("utf-8"))
            body = body.replace("\r\n", "\n").rstrip("\n").encode()
        found.append((part.get_content_type(), body))
    return sorted(found)


@case
def a_mail_comes_back():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        original = written()
        id_ = create_mail(client, original.as_bytes(policy=POLICY))
        back = read(mime_of(client, id_))
        for name in ("Subject", "Message-ID", "In-Reply-To", "References",
                     "Importance", "Sensitivity", "X-Own"):
            equal(back[name], original[name], name)
        for name in ("From", "To", "Cc"):
            equal([(a.display_name, a.addr_spec)
                   for a in back[name].addresses],
                  [(a.display_name, a.addr_spec)
                   for a in original[name].addresses], name)
        equal(back["Date"].datetime, original["Date"].datetime, "Date")
        equal(leaves(back), leaves(original), "parts")
        check(back["Disposition-Notification-To"], "receipt wanted")
        equal([defect for part in back.walk() for defect in part.defects], [],
              "defects")
        # and once more: nothing changes any more
        again = create_mail(client, back.as_bytes(policy=POLICY))
        equal(leaves(read(mime_of(client, again))), leaves(back), "again")


@case
def a_mail_has_properties():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, written().as_bytes(policy=POLICY))
        answer = get(client, id_, base="AllProperties")
        for element, want in (
                ("t:InternetMessageId", "<one@x.example>"),
                ("t:InReplyTo", "<zero@x.example>"),
                ("t:References", "<zero@x.example>"),
                ("t:Importance", "High"),
                ("t:Sensitivity", "Private"),
                ("t:DateTimeSent", "2024-02-29T10:00:00Z"),
                ("t:IsReadReceiptRequested", "true"),
                ("t:HasAttachments", "true"),
                ("t:ItemClass", "IPM.Note")):
            equal(answer.text(element)[0], want, element)
        equal(answer.text("t:Subject"), [written()["Subject"]], "subject")
        equal(len(answer.all("t:FileAttachment")), 2, "files")
        equal(len(answer.all("t:ItemAttachment")), 1, "items")
        equal(sorted(answer.text("t:IsInline")), ["false", "false", "true"],
              "inline")
        equal(len(answer.all("t:ToRecipients/t:Mailbox")), 2, "to")


BROKEN = {
    "no header at all": b"just text\n",
    "empty header": b"\nbody",
    "Latin-1 that says UTF-8":
        b"Content-Type: text/plain; charset=utf-8\n\nGr\xfcn",
    "unknown character set":
        b"Content-Type: text/plain; charset=x-nobody\n\ntext",
    "never closed": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
                    b"text\n--b\nContent-Type: image/png\n\nPNG",
    "no boundary": b"Content-Type: multipart/mixed\n\n--b\n\ntext",
    "rubbish for a type": b"Content-Type: ;;;=\n\ntext",
    "bad base64": b"Content-Transfer-Encoding: base64\n\n!!!!aGVsbG8",
    "torn word": b"Subject: =?utf-8?B?w7w\n\ntext",
    "NUL": b"Subject: a\0b\n\nte\0xt",
    "bad date": b"Date: 99 Foo 2024\n\ntext",
    "torn addresses": b"To: <<<a@b, \"c\nFrom: \n\ntext",
    "deep": b"Content-Type: message/rfc822\n\n" * 60 + b"\nbottom",
}


@case
def nothing_broken_fails():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        for name, data in BROKEN.items():
            id_ = create_mail(client, data)
            read(mime_of(client, id_))
            answer = get(client, id_, base="AllProperties")
            equal(answer.codes(), ["NoError"], name)


@case
def signed_bytes_come_back():
    entity = (b'Content-Type: multipart/signed; protocol="x"; boundary="s"'
              b"\r\n\r\n--s\r\nContent-Type:  text/plain\r\n\r\n a \t\r\n"
              b"--s\r\nContent-Type: application/pkcs7-signature\r\n"
              b"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqG\r\n--s--\r\n")
    opaque = (b"Subject: o\r\nContent-Type: application/pkcs7-mime; "
              b"smime-type=enveloped-data; name=smime.p7m\r\n"
              b"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3\r\n")
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, b"Subject: s\r\nMIME-Version: 1.0\r\n" +
                          entity)
        check(mime_of(client, id_).endswith(entity), "signed")
        answer = get(client, id_, base="AllProperties")
        equal(answer.text("t:ItemClass"), ["IPM.Note.SMIME.MultipartSigned"],
              "class")
        id_ = create_mail(client, opaque)
        back = read(mime_of(client, id_))
        equal(back.get_content_type(), "application/pkcs7-mime", "type")
        equal(back.get_param("smime-type"), "enveloped-data", "parameter")
        equal(back.get_payload(decode=True), base64.b64decode("MIAGCSqGSIb3"),
              "content")
        equal(get(client, id_, base="AllProperties").text("t:ItemClass"),
              ["IPM.Note.SMIME"], "class")


@case
def refusals():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        for element, content, want, folder_ in (
                ("Message", "*", "ErrorMimeContentInvalidBase64String",
                 "inbox"),
                ("Message", "", "ErrorMimeContentInvalid", "inbox"),
                ("CalendarItem", "aGVsbG8=",
                 "ErrorMimeContentConversionFailed", "calendar"),
                ("Task", "aGVsbG8=", "ErrorUnsupportedMimeConversion",
                 "tasks")):
            answer = create(client, f"<t:{element}><t:MimeContent>{content}"
                                    f"</t:MimeContent></t:{element}>", folder_,
                            'SendMeetingInvitations="SendToNone"')
            equal(answer.codes(), [want], f"{element} {content}")


# ---- other items -----------------------------------------------------

CALENDAR = b"""BEGIN:VCALENDAR
PRODID:test
VERSION:2.0
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:series@test
SUMMARY:each week
LOCATION:here
DTSTART;TZID=Europe/Berlin:20240701T100000
DTEND;TZID=Europe/Berlin:20240701T113000
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6
EXDATE;TZID=Europe/Berlin:20240703T100000
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT20M
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace(b"\n", b"\r\n")


@case
def a_calendar_comes_back():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        answer = create(client, f"<t:CalendarItem>{mime_element(CALENDAR)}"
                                "</t:CalendarItem>", "calendar",
                        'SendMeetingInvitations="SendToNone"')
        equal(answer.codes(), ["NoError"], "CreateItem")
        id_ = answer.ids()[0]
        answer = get(client, id_, base="AllProperties")
        equal(answer.text("t:Subject"), ["each week"], "subject")
        equal(answer.text("t:Start")[0], "2024-07-01T08:00:00Z", "start")
        equal(answer.text("t:Location"), ["here"], "place")
        equal(answer.text("t:NumberOfOccurrences"), ["6"], "occurrences")
        back = mime_of(client, id_).decode().split("\r\n")
        for line in ("BEGIN:VCALENDAR", "UID:series@test",
                     "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE;WKST=MO;COUNT=6",
                     "DTSTART;TZID=W. Europe Standard Time:20240701T100000",
                     "EXDATE;TZID=W. Europe Standard Time:20240703T100000",
                     "TRIGGER;RELATED=START:-PT20M", "END:VCALENDAR"):
            check(line in back, f"{line} in {back}")


@case
def a_card_is_taken_and_dropped():
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Adams\r\nEND:VCARD\r\n"
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        answer = create(client, f"<t:Contact>{mime_element(card)}"
                                "</t:Contact>", "contacts")
        equal(answer.codes(), ["NoError"], "CreateItem")
        answer = get(client, answer.ids()[0], base="AllProperties")
        check("Ann Adams" not in answer.text("t:DisplayName"), "dropped")
        answer = create(client, "<t:Contact><t:DisplayName>Bo</t:DisplayName>"
                                "<t:GivenName>Bo</t:GivenName></t:Contact>",
                        "contacts")
        back = mime_of(client, answer.ids()[0]).decode()
        check("\r\nFN:Bo\r\n" in back, back)


@case
def a_meeting_request_comes_by_mail():
    request = CALENDAR.replace(b"PUBLISH", b"REQUEST")
    m = EmailMessage()
    m["From"] = "boss@x.example"
    m["To"] = USER1
    m["Subject"] = "each week"
    m.set_content("please come\n")
    m.add_alternative(request.decode(), subtype="calendar",
                      params={"method": "REQUEST"})
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, m.as_bytes(policy=POLICY))
        answer = get(client, id_, base="AllProperties")
        equal(answer.text("t:ItemClass"), ["IPM.Schedule.Meeting.Request"],
              "class")
        equal(len(answer.all("t:MeetingRequest")), 1, "element")
        equal(answer.text("t:Start")[0], "2024-07-01T08:00:00Z", "start")
        back = read(mime_of(client, id_))
        part = [p for p in back.walk()
                if p.get_content_type() == "text/calendar"]
        equal(len(part), 1, "calendar")
        equal(part[0].get_param("method"), "REQUEST", "method")


# ---- what the generator makes ----------------------------------------

def check_generated(client, id_):
    answer = get(client, id_, base="AllProperties")
    subject = (answer.text("t:Subject") or [""])[0]
    item_class = answer.text("t:ItemClass")[0]
    data = mime_of(client, id_)
    message = read(data)
    name = f"{item_class} {subject!r}"
    got = str(email.header.make_header(email.header.decode_header(
        message["Subject"] or "")))
    equal(" ".join(got.split()), " ".join(subject.split()), name)
    # the header and the parts that are ours have no defect
    if "SMIME" not in item_class:
        equal([defect for part in message.walk() for defect in part.defects],
              [], name)
    contents = [part.get_payload(decode=True) for part in message.walk()
                if not part.is_multipart()]
    if item_class.startswith("IPM.Note.SMIME.") or \
            item_class.startswith("REPORT"):
        return
    for attachment in attachment_ids(answer):
        one = get_attachment(client, attachment)
        equal(one.codes(), ["NoError"], name)
        if one.all("t:FileAttachment"):
            content = base64.b64decode(one.text("t:Content")[0] or "")
            check(content in contents, f"{name}: an attachment is lost")


@case
def generated_mail_can_be_read():
    for version in ("Exchange2007_SP1", "Exchange2010_SP2", "Exchange2016"):
        with checked_lab("--version", version, mailboxes=1, items=260) as lab:
            client = owner(lab, version)
            ids = all_ids(client, "inbox") + all_ids(client, "sentitems")
            check(len(ids) > 60, "mail")
            for id_ in ids:
                check_generated(client, id_)


@case
def three_levels_deep():
    with checked_lab(mailboxes=1, items=260) as lab:
        client = owner(lab)
        deepest = 0
        for folder_ in ("inbox", "sentitems", "deleteditems"):
            for id_ in all_ids(client, folder_):
                answer = get(client, id_, base="AllProperties")
                for attachment in attachment_ids(answer):
                    deepest = max(deepest, depth(client, attachment))
        check(deepest >= 3, f"{deepest} levels")


def depth(client, id_):
    answer = get_attachment(client, id_)
    equal(answer.codes(), ["NoError"], "GetAttachment")
    if not answer.all("t:ItemAttachment"):
        return 0
    inner = [one for one in attachment_ids(answer) if one != id_]
    return 1 + max([depth(client, one) for one in inner], default=0)


# ---- attachments -----------------------------------------------------

def attach(client, id_, inside):
    return client(f'<m:CreateAttachment><m:ParentItemId Id="{id_}"/>'
                  f"<m:Attachments>{inside}</m:Attachments>"
                  "</m:CreateAttachment>")


@case
def attachments_come_and_go():
    content = bytes(range(256)) * 40
    text = base64.b64encode(content).decode()
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, b"Subject: x\n\nbody")
        answer = attach(client, id_,
                        "<t:FileAttachment><t:Name>a.bin</t:Name>"
                        "<t:ContentType>application/x-own</t:ContentType>"
                        f"<t:Content>{text}</t:Content></t:FileAttachment>"
                        "<t:ItemAttachment><t:Name>n</t:Name><t:Message>"
                        "<t:Subject>inner</t:Subject><t:Body BodyType='Text'>"
                        "b</t:Body></t:Message></t:ItemAttachment>")
        equal(answer.codes(), ["NoError", "NoError"], "CreateAttachment")
        file_id, item_id = attachment_ids(answer)
        roots = {one.get("RootItemId") for one in answer.all("t:AttachmentId")}
        equal(roots, {id_}, "root")
        one = get_attachment(client, file_id)
        equal(base64.b64decode(one.text("t:Content")[0]), content, "content")
        equal(one.text("t:ContentType"), ["application/x-own"], "type")
        one = get_attachment(client, item_id, MIME)
        equal(one.text("t:Subject"), ["inner"], "subject")
        inner = read(base64.b64decode(one.text("t:MimeContent")[0]))
        equal(inner["Subject"], "inner", "its MIME")
        message = read(mime_of(client, id_))
        check(content in [part.get_payload(decode=True)
                          for part in message.walk()
                          if not part.is_multipart()], "in the mail's MIME")
        sizes = [int(n) for n in
                 get(client, id_, base="AllProperties").text(
                     "t:Attachments/t:FileAttachment/t:Size")]
        check(sizes and sizes[0] >= len(content), f"size {sizes}")
        gone = delete_attachment(client, file_id)
        equal(gone.codes(), ["NoError"], "DeleteAttachment")
        equal(gone.all("m:RootItemId")[0].get("RootItemId"), id_, "root")
        equal(delete_attachment(client, file_id).codes(),
              ["ErrorInvalidAttachmentId"], "twice")
        equal(get_attachment(client, item_id).codes(), ["NoError"],
              "the other keeps its id")
        equal(lab.counters().get("sent.mails", 0), 0, "nothing was sent")


@case
def attachments_come_with_their_item():
    """As the Managed API and exchangelib send them: ids are in the answer."""
    item = ("<t:Message><t:Subject>with</t:Subject><t:Attachments>"
            "<t:ItemAttachment><t:Name>n</t:Name><t:Message><t:Subject>in"
            "</t:Subject><t:Attachments><t:FileAttachment><t:Name>deep.txt"
            "</t:Name><t:Content>REVFUA==</t:Content></t:FileAttachment>"
            "</t:Attachments></t:Message></t:ItemAttachment>"
            "<t:FileAttachment><t:Name>a.txt</t:Name>"
            "<t:Content>QUFB</t:Content></t:FileAttachment>"
            "</t:Attachments></t:Message>")
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        answer = create(client, item)
        equal(answer.codes(), ["NoError"], "CreateItem")
        item_id, file_id = attachment_ids(answer)
        equal(get_attachment(client, file_id).text("t:Content"), ["QUFB"],
              "the file")
        inner = get_attachment(client, item_id)
        equal(inner.text("t:Subject"), ["in"], "the item")
        deep = [one for one in attachment_ids(inner) if one != item_id]
        equal(get_attachment(client, deep[0]).text("t:Content"),
              ["REVFUA=="], "the file inside of it")


@case
def mime_replaces_what_was_there():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, written().as_bytes(policy=POLICY))
        update = mime_element(b"Subject: new\nTo: z@x.example\n\nnew text")
        answer = client(
            '<m:UpdateItem ConflictResolution="AlwaysOverwrite" '
            'MessageDisposition="SaveOnly"><m:ItemChanges><t:ItemChange>'
            f'<t:ItemId Id="{id_}"/><t:Updates><t:SetItemField>'
            '<t:FieldURI FieldURI="item:MimeContent"/><t:Message>'
            f"{update}</t:Message></t:SetItemField></t:Updates>"
            "</t:ItemChange></m:ItemChanges></m:UpdateItem>")
        equal(answer.codes(), ["NoError"], "UpdateItem")
        answer = get(client, id_, base="AllProperties")
        equal(answer.text("t:Subject"), ["new"], "subject")
        equal(answer.text("t:HasAttachments"), ["false"], "attachments")
        equal(leaves(read(mime_of(client, id_))),
              [("text/plain", b"new text")], "parts")


@case
def old_servers():
    with checked_lab("--version", "Exchange2007_SP1", mailboxes=1,
                     items=0) as lab:
        client = owner(lab, "Exchange2007_SP1")
        id_ = create_mail(client, written().as_bytes(policy=POLICY))
        equal(leaves(read(mime_of(client, id_))), leaves(written()), "parts")
        answer = create(client, "<t:Contact><t:MimeContent>QQ=="
                                "</t:MimeContent></t:Contact>", "contacts")
        equal(answer.codes(), ["ErrorUnsupportedMimeConversion"], "card")


@case
def they_come_with_an_export():
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        id_ = create_mail(client, written().as_bytes(policy=POLICY))
        payload = client.export(id_).text("m:Data")[0]
        inbox = client.folder_id("inbox")
        copy = client.upload(inbox, payload).all("m:ItemId")[0].get("Id")
        equal(leaves(read(mime_of(client, copy))),
              leaves(read(mime_of(client, id_))), "parts")


if __name__ == "__main__":
    main()
