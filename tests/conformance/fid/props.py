"""MAPI properties that EWS has no element for, by what people call them."""
import exchangelib
from exchangelib.items import (CalendarItem, Contact, DistributionList,
                               MeetingCancellation, MeetingRequest,
                               MeetingResponse, Message, PostItem, Task)

CLASSES = (CalendarItem, Contact, DistributionList, MeetingCancellation,
           MeetingRequest, MeetingResponse, Message, PostItem, Task)
# The kinds that exchangelib has no class of its own for are messages to it.
MAIL = (Message, PostItem, MeetingCancellation, MeetingRequest,
        MeetingResponse)
COMMON = "00062008-0000-0000-c000-000000000046"
TASKS = "00062003-0000-0000-c000-000000000046"
APPOINTMENT = "00062002-0000-0000-c000-000000000046"
MEETING = "6ed8da90-450b-101b-98da-00aa003f1305"
ADDRESS = "00062004-0000-0000-c000-000000000046"
NOTE = "0006200e-0000-0000-c000-000000000046"
LOG = "0006200a-0000-0000-c000-000000000046"
OURS = "5d9c1c40-6a1f-4a55-8a3d-0d9f0a6f7c11"

# [MS-OXPROPS]: name, property set (None: a tag), tag, id or name, type
# pylint: disable=line-too-long
PROPERTIES = [
    ("received date", None, 0x0E06, "SystemTime", CLASSES),
    ("sent date", None, 0x0039, "SystemTime", CLASSES),
    ("message flags", None, 0x0E07, "Integer", MAIL),
    ("message id", None, 0x1035, "String", MAIL),
    ("icon", None, 0x1080, "Integer", CLASSES),
    ("last verb (replied, forwarded)", None, 0x1081, "Integer", MAIL),
    ("time of the last verb", None, 0x1082, "SystemTime", MAIL),
    ("follow-up flag", None, 0x1090, "Integer", CLASSES),
    ("follow-up completed", None, 0x1091, "SystemTime", CLASSES),
    ("follow-up colour", None, 0x1095, "Integer", CLASSES),
    ("to-do flags", None, 0x0E2B, "Integer", CLASSES),
    ("follow-up start", COMMON, 0x8516, "SystemTime", CLASSES),
    ("follow-up end", COMMON, 0x8517, "SystemTime", CLASSES),
    ("follow-up text", COMMON, 0x8530, "String", CLASSES),
    ("to-do title", COMMON, 0x85A4, "String", CLASSES),
    ("task start", TASKS, 0x8104, "SystemTime", CLASSES),
    ("task due", TASKS, 0x8105, "SystemTime", CLASSES),
    ("task status", TASKS, 0x8101, "Integer", CLASSES),
    ("task completed", TASKS, 0x811C, "Boolean", CLASSES),
    ("reminder", COMMON, 0x8503, "Boolean", CLASSES),
    ("reminder time", COMMON, 0x8502, "SystemTime", CLASSES),
    ("reminder signal time", COMMON, 0x8560, "SystemTime", CLASSES),
    ("private", COMMON, 0x8506, "Boolean", CLASSES),
    ("voting buttons", COMMON, 0x8520, "Binary", MAIL),
    ("billing information", COMMON, 0x8535, "String", CLASSES),
    ("companies", COMMON, 0x8539, "StringArray", CLASSES),
    ("linked contacts", COMMON, 0x853A, "StringArray", CLASSES),
    ("conversation index", None, 0x0071, "Binary", CLASSES),
    ("header as it came", None, 0x007D, "String", MAIL),
    ("report text", None, 0x1001, "String", MAIL),
    ("original subject", None, 0x0049, "String", MAIL),
    ("original sent date", None, 0x004E, "SystemTime", MAIL),
    ("original message id", None, 0x1046, "String", MAIL),
    ("meeting id", MEETING, 0x0003, "Binary", CLASSES),
    ("clean meeting id", MEETING, 0x0023, "Binary", CLASSES),
    ("meeting sequence", APPOINTMENT, 0x8201, "Integer", CLASSES),
    ("meeting state", APPOINTMENT, 0x8217, "Integer", CLASSES),
    ("own response", APPOINTMENT, 0x8218, "Integer", CLASSES),
    ("invitations sent", APPOINTMENT, 0x8229, "Boolean", CLASSES),
    ("colour label", APPOINTMENT, 0x8214, "Integer", CLASSES),
    ("time zone in words", APPOINTMENT, 0x8234, "String", CLASSES),
    ("title", None, 0x3A45, "String", (Contact,)),
    ("gender", None, 0x3A4D, "Short", (Contact,)),
    ("personal home page", None, 0x3A50, "String", (Contact,)),
    ("hobbies", None, 0x3A43, "String", (Contact,)),
    ("customer id", None, 0x3A4A, "String", (Contact,)),
    ("government id", None, 0x3A07, "String", (Contact,)),
    ("FTP site", None, 0x3A4C, "String", (Contact,)),
    ("referred by", None, 0x3A47, "String", (Contact,)),
    ("language", None, 0x3A0C, "String", (Contact,)),
    ("name of address 1", ADDRESS, 0x8080, "String", (Contact,)),
    ("name of address 2", ADDRESS, 0x8090, "String", (Contact,)),
    ("name of address 3", ADDRESS, 0x80A0, "String", (Contact,)),
    ("user field 1", ADDRESS, 0x804F, "String", (Contact,)),
    ("user field 2", ADDRESS, 0x8050, "String", (Contact,)),
    ("user field 3", ADDRESS, 0x8051, "String", (Contact,)),
    ("user field 4", ADDRESS, 0x8052, "String", (Contact,)),
    ("web page", ADDRESS, 0x802B, "String", (Contact,)),
    ("free/busy address", ADDRESS, 0x80D8, "String", (Contact,)),
    ("note's colour", NOTE, 0x8B00, "Integer", (Message,)),
    ("note's width", NOTE, 0x8B02, "Integer", (Message,)),
    ("note's height", NOTE, 0x8B03, "Integer", (Message,)),
    ("note's left edge", NOTE, 0x8B04, "Integer", (Message,)),
    ("note's top edge", NOTE, 0x8B05, "Integer", (Message,)),
    ("entry type", LOG, 0x8700, "String", (Message,)),
    ("entry's start", LOG, 0x8706, "SystemTime", (Message,)),
    ("entry's duration", LOG, 0x8707, "Integer", (Message,)),
    ("entry's end", LOG, 0x8708, "SystemTime", (Message,)),
    ("entry type in words", LOG, 0x8712, "String", (Message,)),
    ("an add-in's property", OURS, "Customer number", "String", CLASSES),
    ("a header of one's own", "InternetHeaders", "x-fidelity", "String", MAIL),
]
# pylint: enable=line-too-long


def _kind(where, which, kind):
    body = {"property_type": kind}
    if where is None:
        body["property_tag"] = which
    elif where == "InternetHeaders":
        body["distinguished_property_set_id"] = where
    else:
        body["property_set_id"] = where
    if where is not None:
        name = "property_name" if isinstance(which, str) else "property_id"
        body[name] = which
    return type("Extended", (exchangelib.ExtendedProperty,), body)


def attribute(name):
    """What it is called in Python: "x_follow_up_flag"."""
    return "x_" + "".join(c if c.isalnum() else "_" for c in name.lower())


def register():
    """Teach exchangelib all of them."""
    for name, where, which, kind, classes in PROPERTIES:
        for item in classes:
            item.register(attribute(name), _kind(where, which, kind))


def people_call(name):
    """The words of a row for an attribute that register() made, or None."""
    return next((row[0] for row in PROPERTIES if attribute(row[0]) == name),
                None)


def x(**values):
    """Attributes by their names after "x_"."""
    return {"x_" + name: value for name, value in values.items()}
