"""An item as exchangelib shows it: property name to a plain value."""
import datetime
import email
import email.policy
import hashlib
import re

import exchangelib
from exchangelib.attachments import FileAttachment, ItemAttachment
from exchangelib.fields import MimeContentField
from exchangelib.items import CalendarItem, Message
from exchangelib.properties import EWSElement

from fid import props

# What stands for the item at its place and is no part of it: these must
# differ, or follow from it where it is.
NEVER = {
    "_id", "parent_folder_id", "size", "effective_rights", "response_objects",
    "web_client_read_form_query_string", "web_client_edit_form_query_string",
    "associated_calendar_item_id", "conflicting_meetings",
    "adjacent_meetings", "conflicting_meeting_count",
    "adjacent_meeting_count", "is_unmodified", "conversation_id",
    "unique_body", "text_body", "headers", "reminder_message_data",
    "last_modified_name",
}
NESTED_NEVER = NEVER | {"datetime_created", "last_modified_time",
                        "datetime_received", props.attribute("icon")}
# Lines of iCalendar and vCard that tell when they were made.
MADE = re.compile(r"^(DTSTAMP|CREATED|LAST-MODIFIED|REV)[:;].*$", re.M)
# Parts of values that are ids of the server that tells them.
IDS = {"item_id", "attachment_id", "_id", "id", "changekey", "mailbox_type",
       "last_modified_time", "size", "has_attachments"}
PLAIN = (str, int, bool, float)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def mime(data):
    """What a reader gets: fields, texts and files, not their encoding."""
    read = email.message_from_bytes(data, policy=email.policy.default)
    if read.get_content_type() == "multipart/signed":
        # A signature holds for bytes.
        return digest(data.split(b"\r\n\r\n", 1)[1].strip())
    found = [[name, str(read[name])] for name in
             ("subject", "from", "to", "cc", "reply-to", "date")
             if read[name]]
    for part in read.walk():
        if part.is_multipart():
            continue
        body = part.get_payload(decode=True) or b""
        if part.get_content_maintype() == "text":
            text = MADE.sub("", body.decode("utf-8", "replace"))
            body = " ".join(text.split()).encode()
        found.append([part.get_content_type(), part.get_filename(),
                      part["content-id"], digest(body)])
    return found


def attachment(account, one, never):
    if isinstance(one, FileAttachment):
        return {"name": one.name, "type": one.content_type,
                "content id": one.content_id, "inline": bool(one.is_inline),
                "location": one.content_location,
                "photo": bool(one.is_contact_photo),
                "bytes": digest(one.content)}
    assert isinstance(one, ItemAttachment)
    inside = item(account, one.item, never)
    if isinstance(inside.get("item:MimeContent"), list):
        # Which of them comes first is seen in the mail's own.
        inside["item:MimeContent"].sort(key=str)
    return {"name": one.name, "item": inside}


# What mails in mails have of it, taken out of them: it is not of the mail, but
# of how it came.
MARKS = "read state and header of attached mails"


def marks(files):
    """What the attached mails among them had of that, and those in them."""
    found = []
    for one in (one["item"] for one in files if "item" in one):
        had = {name: one.pop(name) for name in
               ("message:IsRead", "message flags", "header as it came", MARKS)
               if name in one}
        if had:
            found.append([one.get("item:Subject"), had])
    return sorted(found, key=str)


def value(account, what):
    """Of nothing but lists, dictionaries, texts and numbers."""
    if what is None or what == "":
        return None
    if isinstance(what, exchangelib.EWSDateTime):
        return what.astimezone(exchangelib.UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ")
    if isinstance(what, datetime.tzinfo):
        return getattr(what, "ms_id", None) or str(what)
    if isinstance(what, bytes):
        return digest(what)
    if isinstance(what, (list, tuple, set)):
        return [value(account, one) for one in what] or None
    if isinstance(what, EWSElement):
        return {name: value(account, getattr(what, name))
                for name in (f.name for f in what.FIELDS)
                if name not in IDS} | {"": type(what).__name__}
    return what if type(what) in PLAIN else str(what).strip()


def item(account, one, never=None):
    """Every property that it has a value of."""
    never = never or NEVER
    found = {}
    for field in one.FIELDS:
        if field.name in never:
            continue
        got = getattr(one, field.name, None)
        if field.name == "attachments":
            got = [attachment(account, a, NESTED_NEVER) for a in got or []]
            found[MARKS] = marks(got)
            got = sorted(got, key=str) or None
        elif isinstance(field, MimeContentField):
            got = mime(got) if got else None
        elif field.name == "body":
            got = got and [type(got).__name__, " ".join(got.split())]
        else:
            got = value(account, got)
        if got not in (None, False):
            found[words(field)] = got
    if not found.get(MARKS):
        found.pop(MARKS, None)
    if isinstance(one, CalendarItem) and one.modified_occurrences and one.id:
        found["exceptions, whole"] = exceptions(account, one)
    return found


def levels(one):
    """Subject, text and files of a mail, and of each mail in the one before."""
    text = re.sub(r"<[^>]*>", "", str(one.body or ""))
    found = [(one.subject, " ".join(text.split()),
              {a.name: a.content for a in one.attachments
               if isinstance(a, FileAttachment)})]
    for inside in one.attachments:
        if isinstance(inside, ItemAttachment) and \
                isinstance(inside.item, Message):
            found += levels(inside.item)
    return found


def exceptions(account, master):
    ids = [(o.id, o.changekey) for o in master.modified_occurrences]
    return [item(account, one, NESTED_NEVER | {"uid"})
            for one in account.fetch(ids)]


def words(field):
    """What people call it: the URI of EWS, or the name of our own row."""
    return props.people_call(field.name) or getattr(
        field, "field_uri", None) or field.name


def kind_of(one):
    """By the class of the item: what the table's section is called."""
    table = [("IPM.Schedule.Meeting.Request", "meeting request"),
             ("IPM.Schedule.Meeting.Resp", "meeting response"),
             ("IPM.Schedule.Meeting.Canceled", "meeting cancellation"),
             ("IPM.Note.SMIME", "signed or encrypted mail"),
             ("IPM.Post", "post"), ("REPORT", "report"),
             ("IPM.Contact", "contact"), ("IPM.DistList", "distribution list"),
             ("IPM.Task", "task"), ("IPM.StickyNote", "note"),
             ("IPM.Activity", "journal entry")]
    name = one.item_class or "IPM.Note"
    if name == "IPM.Note" and one.is_draft:
        return "draft"
    if name.startswith("IPM.Appointment"):
        return "series" if one.recurrence else "appointment"
    return next((kind for start, kind in table if name.startswith(start)),
                "mail")


def mailbox(account):
    """(path, class, subject) to (kind, properties); what has no such key of
    its own is left out."""
    found, twice = {}, set()
    for folder in account.msg_folder_root.walk():
        ids = [(i.id, i.changekey) for i in folder.all().only("id")]
        for one in account.fetch(ids) if ids else []:
            if isinstance(one, Exception):
                raise one
            key = (folder.absolute, one.item_class, one.subject)
            if key in found:
                twice.add(key)
            found[key] = (kind_of(one), item(account, one))
    return {key: what for key, what in found.items() if key not in twice}
