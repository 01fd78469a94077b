"""What may be lost, and why: all that may.  A property that is lost and does
not stand here fails the test, and so does a row for what is kept."""
import collections

WAYS = ("fts", "portable", "from2007", "to2007")
PORTABLE = ("portable", "from2007", "to2007")
OLD = ("from2007", "to2007")
NEW = ("to2007",)

# kinds: None is any; ways: where it happens
Loss = collections.namedtuple("Loss", "kinds properties ways why")

# Kinds that nobody sends.
STORED = {"draft", "appointment", "series", "contact", "distribution list",
          "task", "note", "journal entry"}
MEETINGS = {"meeting request", "meeting response", "meeting cancellation"}

LOSSES = [
    Loss(None, {"item:DateTimeCreated", "item:LastModifiedTime"}, WAYS,
         "stamps of the item at its present place; no server lets them be "
         "set"),
    Loss(STORED, {"item:DateTimeReceived"}, WAYS,
         "what never came has no date of its coming: servers show the date of "
         "its storing"),
    Loss({"mail", "appointment", "contact"}, {"an add-in's property"},
         PORTABLE,
         "named properties of add-ins and forms: EWS cannot list what an item "
         "has, only answer for names that are asked for"),
    Loss({"draft", "mail", "post"} | MEETINGS,
         {"header as it came"}, PORTABLE,
         "what never had an Internet header gets the one of the MIME that it "
         "travels as"),
    Loss(MEETINGS, {"conversation index", "message:ConversationIndex"},
         PORTABLE, "a server makes one where there is none"),
    Loss({"mail"}, {"message:Sender"}, PORTABLE,
         "who had no sender apart from the author has the author"),
    Loss({"appointment", "series"}, {"icon"}, PORTABLE,
         "a server works it out of what the appointment is"),
    Loss({"mail", "appointment"}, {"read state and header of attached mails"},
         PORTABLE,
         "mails that are attached are read ones, with the header of the MIME "
         "that they travelled as"),
    Loss({"mail"}, {"item:MimeContent"}, PORTABLE,
         "contacts, appointments, tasks and the like that are attached to a "
         "mail come after its other attachments: MIME has no room for them, "
         "so that they are attached once more"),
    Loss({"series"}, {"calendar:Recurrence"}, OLD,
         "Exchange 2007 has no first day of the week: its weeks begin on "
         "Sunday"),
    Loss({"task"}, {"task:Recurrence"}, OLD,
         "Exchange 2007 has no first day of the week: its weeks begin on "
         "Sunday"),
    Loss({"appointment"}, {"calendar:EndTimeZone"}, NEW,
         "Exchange 2007 has one time zone an appointment: that of the start"),
    Loss({"contact"}, {"contacts:HasPicture", "contacts:Photo",
                       "item:Attachments"}, NEW,
         "Exchange 2007 knows a photo by its file's name alone; the picture "
         "itself is there"),
]


VIRUS = ('ErrorVirusDetected: the server found a virus in the item (the '
         'server says "The operation failed.")')

# What the program knows of these while it writes, by subject; the rest it
# cannot know, or it concerns every item.  "weekly" is not among them: on
# Mondays and Thursdays every other week is the same whatever a week begins on.
SAID = {
    "fts": {}, "portable": {}, "from2007": {},
    "to2007": {
        "a flight": "time zone of the end (this server has one for both)",
    },
}


# The same where the destination refuses what a mail has attached.
REFUSED = {
    "a card is refused":
        'class of attachment "refused card" (' + VIRUS + ")",
    "one in a mail is refused":
        'class of attachment "refused card" in attachment "around it" (' +
        VIRUS + ")",
}


def find(kind, name, way):
    """The row that allows this loss, or None."""
    return next((loss for loss in LOSSES if way in loss.ways and
                 name in loss.properties and
                 (loss.kinds is None or kind in loss.kinds)), None)


def reasons():
    """Each once, in order: its number in the guide is its place, from 1."""
    return list(dict.fromkeys(loss.why for loss in LOSSES))
