#include "ews/portable_field.h"

#include <string.h>

#include "xml/node.h"

#define APPT  KIND(APPOINTMENT)
#define CONT  KIND(CONTACT)
#define LIST  KIND(LIST)
#define TASK  KIND(TASK)
#define NOTE  KIND(NOTE)
#define JRNL  KIND(JOURNAL)
#define MEET  KIND(MEETING)
#define REPT  KIND(REPORT)
#define PLAIN (KINDS_ALL & ~KINDS_MIME)

#define ENV PORTABLE_ENVELOPE
#define BOD PORTABLE_BODY
#define REC PORTABLE_RECIPIENTS
#define ATT PORTABLE_ATTACHMENTS
#define NAM PORTABLE_NAMED

#define OLD EWS_2007_SP1

#define ZONED                                                                  \
    "servers up to 2007 know no names of time zones: start, end and "          \
    "recurrence are compared"
#define MEMBERS "the members are compared as people"
#define STATE   "follows from the meeting's state, which is compared"
#define STORED  "what is not delivered has the time of its storing"
#define OWNERS  "who sent it is compared; a server names its own owner here"

static const char *const emails[] = { "EmailAddress1", "EmailAddress2",
                                      "EmailAddress3", NULL };
static const char *const ims[] = { "ImAddress1", "ImAddress2", "ImAddress3",
                                   NULL };
static const char *const places[] = { "Business", "Home", "Other", NULL };
static const char *const phones[] = { "AssistantPhone",
                                      "BusinessFax",
                                      "BusinessPhone",
                                      "BusinessPhone2",
                                      "Callback",
                                      "CarPhone",
                                      "CompanyMainPhone",
                                      "HomeFax",
                                      "HomePhone",
                                      "HomePhone2",
                                      "Isdn",
                                      "MobilePhone",
                                      "OtherFax",
                                      "OtherTelephone",
                                      "Pager",
                                      "PrimaryPhone",
                                      "RadioPhone",
                                      "Telex",
                                      "TtyTddPhone",
                                      NULL };

/* clang-format off */
static const struct field fields[] = {
    /* [MS-OXWSCORE] ItemType */
    { "item:ItemClass", "t:ItemClass", FIELD_CLASS, ENV, KINDS_ALL, .name = "class" },
    { "item:Subject", "t:Subject", FIELD_TEXT, ENV, PLAIN & ~NOTE },
    { "item:Subject", "t:Subject", FIELD_TEXT, ENV, NOTE, .out = "the beginning of its text" },
    { "item:Sensitivity", "t:Sensitivity", FIELD_TEXT, ENV, KINDS_ALL },
    { "item:Body", "t:Body", FIELD_BODY, BOD, PLAIN },
    { "item:Attachments", NULL, FIELD_ATTACHMENTS, ATT, KINDS_ALL & ~REPT },
    { "item:Categories", "t:Categories", FIELD_STRINGS, NAM, KINDS_ALL },
    { "item:Importance", "t:Importance", FIELD_TEXT, ENV, KINDS_ALL },
    { "item:IsDraft", NULL, FIELD_BOOL, ENV, KINDS_MIME, .name = "draft state" },
    { "item:ReminderDueBy", "t:ReminderDueBy", FIELD_TIME, NAM, TASK },
    { "item:ReminderIsSet", "t:ReminderIsSet", FIELD_BOOL, NAM, APPT | TASK },
    { "item:ReminderMinutesBeforeStart", "t:ReminderMinutesBeforeStart", FIELD_INTEGER, NAM, APPT },
    { NULL, NULL, FIELD_EXTRAS, NAM, KINDS_ALL },
    /* [MS-OXWSMSG] MessageType */
    { "message:BccRecipients", "t:BccRecipients", FIELD_PEOPLE, REC, KIND(MAIL), .more = PORTABLE_BCC },
    { "message:IsRead", "t:IsRead", FIELD_BOOL, ENV, KINDS_MIME, .out = "a mark, no content: carried over apart" },
    /* [MS-OXWSMTGS] CalendarItemType */
    { "calendar:Start", "t:Start", FIELD_TIME, ENV, APPT },
    { "calendar:End", "t:End", FIELD_TIME, ENV, APPT },
    { "calendar:OriginalStart", NULL, FIELD_ORIGINAL, ENV, APPT },
    { "calendar:IsAllDayEvent", "t:IsAllDayEvent", FIELD_BOOL, ENV, APPT },
    { "calendar:LegacyFreeBusyStatus", "t:LegacyFreeBusyStatus", FIELD_TEXT, NAM, APPT },
    { "calendar:Location", "t:Location", FIELD_TEXT, ENV, APPT },
    { "calendar:IsResponseRequested", "t:IsResponseRequested", FIELD_BOOL, NAM, APPT },
    { "calendar:Organizer", NULL, FIELD_PEOPLE, REC, APPT, .more = PORTABLE_ORGANISER },
    { "calendar:RequiredAttendees", "t:RequiredAttendees", FIELD_PEOPLE, REC, APPT, .more = PORTABLE_REQUIRED },
    { "calendar:OptionalAttendees", "t:OptionalAttendees", FIELD_PEOPLE, REC, APPT, .more = PORTABLE_OPTIONAL },
    { "calendar:Resources", "t:Resources", FIELD_PEOPLE, REC, APPT, .more = PORTABLE_RESOURCE },
    { "calendar:Recurrence", "t:Recurrence", FIELD_RECURRENCE, NAM, APPT },
    { "calendar:ModifiedOccurrences", NULL, FIELD_OCCURRENCES, NAM, APPT },
    { "calendar:DeletedOccurrences", NULL, FIELD_OCCURRENCES, NAM, APPT, .more = 1 },
    { NULL, "t:MeetingTimeZone", FIELD_OLD_ZONE, NAM, APPT, .until = EWS_2007_SP1 + 1 },
    { "calendar:StartTimeZone", "t:StartTimeZone", FIELD_ZONE, NAM, APPT, EWS_2010, .out = ZONED },
    { "calendar:EndTimeZone", "t:EndTimeZone", FIELD_ZONE, NAM, APPT, EWS_2010, .more = 1, .out = ZONED },
    { "calendar:ConferenceType", "t:ConferenceType", FIELD_INTEGER, NAM, APPT },
    { "calendar:AllowNewTimeProposal", "t:AllowNewTimeProposal", FIELD_BOOL, NAM, APPT },
    { "calendar:IsOnlineMeeting", "t:IsOnlineMeeting", FIELD_BOOL, NAM, APPT },
    { "calendar:MeetingWorkspaceUrl", "t:MeetingWorkspaceUrl", FIELD_TEXT, NAM, APPT },
    { "calendar:NetShowUrl", "t:NetShowUrl", FIELD_TEXT, NAM, APPT },
    /* [MS-OXWSCONT] ContactItemType */
    { "contacts:FileAs", "t:FileAs", FIELD_TEXT, NAM, CONT },
    { "contacts:FileAsMapping", "t:FileAsMapping", FIELD_TEXT, NAM, CONT, .out = "how FileAs was made; FileAs itself is compared" },
    { "contacts:DisplayName", "t:DisplayName", FIELD_TEXT, ENV, CONT | LIST },
    { "contacts:GivenName", "t:GivenName", FIELD_TEXT, ENV, CONT },
    { "contacts:Initials", "t:Initials", FIELD_TEXT, ENV, CONT },
    { "contacts:MiddleName", "t:MiddleName", FIELD_TEXT, ENV, CONT },
    { "contacts:Nickname", "t:Nickname", FIELD_TEXT, ENV, CONT },
    { "contacts:CompanyName", "t:CompanyName", FIELD_TEXT, ENV, CONT },
    { "contacts:EmailAddress", "t:EmailAddresses", FIELD_ENTRIES, NAM, CONT, .indices = emails },
    { "contacts:PhysicalAddress", "t:PhysicalAddresses", FIELD_ADDRESSES, NAM, CONT, .indices = places },
    { "contacts:PhoneNumber", "t:PhoneNumbers", FIELD_ENTRIES, NAM, CONT, .indices = phones },
    { "contacts:AssistantName", "t:AssistantName", FIELD_TEXT, ENV, CONT },
    { "contacts:Birthday", "t:Birthday", FIELD_TIME, ENV, CONT },
    { "contacts:BusinessHomePage", "t:BusinessHomePage", FIELD_TEXT, ENV, CONT },
    { "contacts:Children", "t:Children", FIELD_STRINGS, ENV, CONT },
    { "contacts:Companies", "t:Companies", FIELD_STRINGS, NAM, CONT },
    { "contacts:Department", "t:Department", FIELD_TEXT, ENV, CONT },
    { "contacts:Generation", "t:Generation", FIELD_TEXT, ENV, CONT },
    { "contacts:ImAddress", "t:ImAddresses", FIELD_ENTRIES, NAM, CONT, .indices = ims },
    { "contacts:JobTitle", "t:JobTitle", FIELD_TEXT, ENV, CONT },
    { "contacts:Manager", "t:Manager", FIELD_TEXT, ENV, CONT },
    { "contacts:Mileage", "t:Mileage", FIELD_TEXT, NAM, CONT },
    { "contacts:OfficeLocation", "t:OfficeLocation", FIELD_TEXT, ENV, CONT },
    { "contacts:PostalAddressIndex", "t:PostalAddressIndex", FIELD_TEXT, NAM, CONT },
    { "contacts:Profession", "t:Profession", FIELD_TEXT, ENV, CONT },
    { "contacts:SpouseName", "t:SpouseName", FIELD_TEXT, ENV, CONT },
    { "contacts:Surname", "t:Surname", FIELD_TEXT, ENV, CONT },
    { "contacts:WeddingAnniversary", "t:WeddingAnniversary", FIELD_TIME, ENV, CONT },
    /* [MS-OXWSCONT] DistributionListType */
    { "distributionlist:Members", "t:Members", FIELD_PEOPLE, REC, LIST, EWS_2010, .more = PORTABLE_MEMBER },
    /* [MS-OXWSTASK] TaskType */
    { "task:ActualWork", "t:ActualWork", FIELD_INTEGER, NAM, TASK },
    { "task:BillingInformation", "t:BillingInformation", FIELD_TEXT, NAM, TASK },
    { "task:Companies", "t:Companies", FIELD_STRINGS, NAM, TASK },
    { "task:CompleteDate", "t:CompleteDate", FIELD_TIME, NAM, TASK },
    { "task:Contacts", "t:Contacts", FIELD_STRINGS, NAM, TASK },
    { "task:DueDate", "t:DueDate", FIELD_TIME, NAM, TASK },
    { "task:Mileage", "t:Mileage", FIELD_TEXT, NAM, TASK },
    { "task:PercentComplete", "t:PercentComplete", FIELD_DOUBLE, NAM, TASK },
    { "task:Recurrence", "t:Recurrence", FIELD_RECURRENCE, NAM, TASK },
    { "task:StartDate", "t:StartDate", FIELD_TIME, NAM, TASK },
    { "task:Status", "t:Status", FIELD_TEXT, NAM, TASK },
    { "task:TotalWork", "t:TotalWork", FIELD_INTEGER, NAM, TASK },
};

#define NOTES   "0006200E-0000-0000-C000-000000000046"
#define LOG     "0006200A-0000-0000-C000-000000000046"
#define TASKS   "00062003-0000-0000-C000-000000000046"
#define MESSAGE (KINDS_MIME | NOTE | JRNL)

/* [MS-OXPROPS] */
static const struct extra extras[] = {
    { NULL, 0x0E06, "SystemTime", ENV, KINDS_MIME, NULL, "received date" },
    { NULL, 0x0039, "SystemTime", ENV, KINDS_MIME, NULL, "sent date" },
    { NULL, 0x0E06, "SystemTime", ENV, PLAIN, STORED, "received date" },
    { NULL, 0x0039, "SystemTime", ENV, PLAIN, STORED, "sent date" },
    { NULL, 0x0E07, "Integer", ENV, MESSAGE, "read and draft state are compared; other bits are computed", "message flags" },
    { NULL, 0x1035, "String", ENV, KINDS_MIME, NULL, "message id" },
    { NULL, 0x1080, "Integer", ENV, KINDS_MIME | NOTE | JRNL, NULL, "icon (replied, forwarded)" },
    { NULL, 0x1080, "Integer", ENV, PLAIN & ~(NOTE | JRNL), "follows from what the item is", "icon" },
    { NULL, 0x1081, "Integer", ENV, KINDS_MIME, NULL, "last verb (replied, forwarded)" },
    { NULL, 0x1082, "SystemTime", ENV, KINDS_MIME, NULL, "time of reply or forward" },
    { NULL, 0x1090, "Integer", ENV, KINDS_MIME | CONT, NULL, "follow-up flag" },
    { NULL, 0x1091, "SystemTime", ENV, KINDS_MIME | CONT, NULL, "follow-up completed" },
    { NULL, 0x1095, "Integer", ENV, KINDS_MIME | CONT, NULL, "follow-up colour" },
    { NULL, 0x0E2B, "Integer", ENV, KINDS_MIME | CONT, NULL, "to-do flags" },
    { NULL, 0x007D, "String", ENV, KINDS_MIME, "a server makes one of MIME; its fields are compared", "header as it came" },
    { NULL, 0x0071, "Binary", ENV, KINDS_MIME, "made anew where the message has none", "conversation index" },
    { NULL, 0x6801, "Integer", ENV, KIND(MAIL), NULL, "voice message's duration" },
    { NULL, 0x6802, "String", ENV, KIND(MAIL), NULL, "caller's number" },
    { NULL, 0x6803, "String", ENV, KIND(MAIL), NULL, "caller's name" },
    { NULL, 0x6804, "Integer", ENV, KIND(MAIL), NULL, "pages of the fax" },
    { NULL, 0x6805, "String", ENV, KIND(MAIL), NULL, "voice message's attachments" },
    { NULL, 0x6806, "String", ENV, KIND(MAIL), NULL, "call id" },
    { NULL, 0x0042, "String", ENV, APPT, OWNERS, "organiser's name" },
    { NULL, 0x0064, "String", ENV, APPT, OWNERS, "organiser's address type" },
    { NULL, 0x0065, "String", ENV, APPT, OWNERS, "organiser's address" },
    { NULL, 0x0C1A, "String", ENV, APPT, OWNERS, "sender's name" },
    { NULL, 0x0C1E, "String", ENV, APPT, OWNERS, "sender's address type" },
    { NULL, 0x0C1F, "String", ENV, APPT, OWNERS, "sender's address" },
    { NULL, 0x0062, "Integer", ENV, APPT | MEET, NULL, "appointment id" },
    { NULL, 0x0063, "Boolean", ENV, MEET, NULL, "response requested" },
    { NULL, 0x0060, "SystemTime", ENV, MEET, STATE, "start" },
    { NULL, 0x0061, "SystemTime", ENV, MEET, STATE, "end" },
    { NULL, 0x0031, "Binary", ENV, REPT, NULL, "report tag" },
    { NULL, 0x0032, "SystemTime", ENV, REPT, NULL, "report time" },
    { NULL, 0x0049, "String", ENV, REPT, NULL, "original subject" },
    { NULL, 0x004E, "SystemTime", ENV, REPT, NULL, "original sent date" },
    { NULL, 0x1046, "String", ENV, REPT, NULL, "original message id" },
    { NULL, 0x1001, "String", BOD, REPT, NULL, "report text" },
    { NULL, 0x3A45, "String", ENV, CONT, NULL, "title" },
    { NULL, 0x3A4D, "Short", ENV, CONT, NULL, "gender" },
    { NULL, 0x3A50, "String", ENV, CONT, NULL, "personal home page" },
    { NULL, 0x3A43, "String", ENV, CONT, NULL, "hobbies" },
    { NULL, 0x3A00, "String", ENV, CONT, NULL, "account" },
    { NULL, 0x3A4A, "String", ENV, CONT, NULL, "customer id" },
    { NULL, 0x3A07, "String", ENV, CONT, NULL, "government id" },
    { NULL, 0x3A49, "String", ENV, CONT, NULL, "computer network name" },
    { NULL, 0x3A4C, "String", ENV, CONT, NULL, "FTP site" },
    { NULL, 0x3A47, "String", ENV, CONT, NULL, "referred by" },
    { NULL, 0x3A0C, "String", ENV, CONT, NULL, "language" },
    { NULL, 0x3A70, "BinaryArray", ENV, CONT, NULL, "certificates" },
    { "Common", 0x8501, "Integer", NAM, KINDS_MIME, NULL, "reminder minutes" },
    { "Common", 0x8502, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "reminder time" },
    { "Common", 0x8503, "Boolean", NAM, KINDS_MIME | CONT, NULL, "reminder" },
    { "Common", 0x8560, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "reminder signal time" },
    { "Common", 0x8506, "Boolean", NAM, KINDS_ALL, "follows from the sensitivity", "private" },
    { "Common", 0x8516, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "follow-up start" },
    { "Common", 0x8517, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "follow-up end" },
    { "Common", 0x851C, "Boolean", NAM, PLAIN, NULL, "reminder sound overridden" },
    { "Common", 0x851E, "Boolean", NAM, PLAIN, NULL, "reminder plays a sound" },
    { "Common", 0x851F, "String", NAM, PLAIN, NULL, "reminder sound file" },
    { "Common", 0x8520, "Binary", NAM, KINDS_MIME, NULL, "voting buttons" },
    { "Common", 0x8524, "String", NAM, KINDS_MIME, NULL, "voting response" },
    { "Common", 0x8530, "String", NAM, KINDS_MIME | CONT, NULL, "follow-up text" },
    { "Common", 0x8534, "String", NAM, APPT | JRNL, NULL, "mileage" },
    { "Common", 0x8535, "String", NAM, KINDS_ALL & ~TASK, NULL, "billing information" },
    { "Common", 0x8539, "StringArray", NAM, KINDS_ALL & ~(TASK | CONT), NULL, "companies" },
    { "Common", 0x853A, "StringArray", NAM, KINDS_ALL & ~TASK, NULL, "contacts" },
    { "Common", 0x85A4, "String", NAM, KINDS_MIME, NULL, "to-do title" },
    { TASKS, 0x8101, "Integer", NAM, KINDS_MIME | CONT, NULL, "follow-up status" },
    { TASKS, 0x8102, "Double", NAM, KINDS_MIME | CONT, NULL, "follow-up share done" },
    { TASKS, 0x810F, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "follow-up done on" },
    { TASKS, 0x811C, "Boolean", NAM, KINDS_MIME | CONT, NULL, "follow-up done" },
    { TASKS, 0x8104, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "follow-up start date" },
    { TASKS, 0x8105, "SystemTime", NAM, KINDS_MIME | CONT, NULL, "follow-up due date" },
    { TASKS, 0x8113, "Integer", NAM, TASK, "follows from who assigned it", "task state" },
    { TASKS, 0x8119, "Boolean", NAM, TASK, NULL, "team task" },
    { TASKS, 0x811F, "String", NAM, TASK, NULL, "owner" },
    { "Meeting", 0x0003, "Binary", NAM, APPT | MEET, NULL, "meeting id" },
    { "Meeting", 0x0023, "Binary", NAM, APPT | MEET, NULL, "clean meeting id" },
    { "Meeting", 0x0001, "SystemTime", NAM, MEET, NULL, "attendee's critical change" },
    { "Meeting", 0x001A, "SystemTime", NAM, APPT | MEET, "filled in by a server that finds none", "organiser's critical change" },
    { "Meeting", 0x0026, "Integer", NAM, MEET, NULL, "meeting type" },
    { "Appointment", 0x8201, "Integer", NAM, APPT | MEET, NULL, "meeting sequence" },
    { "Appointment", 0x8217, "Integer", NAM, APPT, NULL, "meeting state" },
    { "Appointment", 0x8217, "Integer", NAM, MEET, "follows from the class, which is compared", "meeting state" },
    { "Appointment", 0x8218, "Integer", NAM, APPT, NULL, "own response" },
    { "Appointment", 0x8218, "Integer", NAM, MEET, "follows from the class, which is compared", "own response" },
    { "Appointment", 0x8229, "Boolean", NAM, APPT | MEET, NULL, "invitations sent" },
    { "Appointment", 0x8214, "Integer", NAM, APPT, NULL, "colour" },
    { "Appointment", 0x8220, "SystemTime", NAM, APPT, NULL, "reply time" },
    { "Appointment", 0x8224, "Integer", NAM, APPT | MEET, NULL, "intended free/busy" },
    { "Appointment", 0x8233, "Binary", NAM, APPT | MEET, ZONED, "time zone of the series" },
    { "Appointment", 0x8234, "String", NAM, APPT | MEET, ZONED, "time zone's description" },
    { "Appointment", 0x825E, "Binary", NAM, APPT | MEET, ZONED, "time zone of the start" },
    { "Appointment", 0x825F, "Binary", NAM, APPT | MEET, ZONED, "time zone of the end" },
    { "Appointment", 0x8260, "Binary", NAM, APPT | MEET, ZONED, "time zone of the recurrence" },
    { "Appointment", 0x8205, "Integer", NAM, MEET, NULL, "free/busy" },
    { "Appointment", 0x8208, "String", NAM, MEET, NULL, "location" },
    { "Appointment", 0x820D, "SystemTime", NAM, MEET, NULL, "start" },
    { "Appointment", 0x820E, "SystemTime", NAM, MEET, NULL, "end" },
    { "Appointment", 0x8215, "Boolean", NAM, MEET, NULL, "all day" },
    { "Appointment", 0x8216, "Binary", NAM, MEET, NULL, "recurrence" },
    { "Appointment", 0x8223, "Boolean", NAM, MEET, NULL, "recurring" },
    { "Appointment", 0x8232, "String", NAM, MEET, NULL, "recurrence in words" },
    { "Appointment", 0x8250, "SystemTime", NAM, MEET, NULL, "proposed start" },
    { "Appointment", 0x8251, "SystemTime", NAM, MEET, NULL, "proposed end" },
    { "Appointment", 0x8257, "Boolean", NAM, MEET, NULL, "new time proposed" },
    { "Address", 0x8015, "Boolean", NAM, CONT, "follows from the photo, but 2007 wants to be told", "has a photo" },
    { "Address", 0x8054, "BinaryArray", REC, LIST, MEMBERS, "members" },
    { "Address", 0x8055, "BinaryArray", REC, LIST, MEMBERS, "members" },
    { "Address", 0x8080, "String", NAM, CONT, NULL, "display name of address 1" },
    { "Address", 0x8090, "String", NAM, CONT, NULL, "display name of address 2" },
    { "Address", 0x80A0, "String", NAM, CONT, NULL, "display name of address 3" },
    { "Address", 0x804F, "String", NAM, CONT, NULL, "user field 1" },
    { "Address", 0x8050, "String", NAM, CONT, NULL, "user field 2" },
    { "Address", 0x8051, "String", NAM, CONT, NULL, "user field 3" },
    { "Address", 0x8052, "String", NAM, CONT, NULL, "user field 4" },
    { "Address", 0x802B, "String", NAM, CONT, NULL, "web page" },
    { "Address", 0x802C, "String", NAM, CONT, NULL, "phonetic first name" },
    { "Address", 0x802D, "String", NAM, CONT, NULL, "phonetic last name" },
    { "Address", 0x802E, "String", NAM, CONT, NULL, "phonetic company name" },
    { "Address", 0x80D8, "String", NAM, CONT, NULL, "free/busy address" },
    { "Address", 0x8040, "Binary", NAM, CONT, NULL, "business card" },
    { NOTES, 0x8B00, "Integer", NAM, NOTE, NULL, "colour" },
    { NOTES, 0x8B02, "Integer", NAM, NOTE, NULL, "width" },
    { NOTES, 0x8B03, "Integer", NAM, NOTE, NULL, "height" },
    { NOTES, 0x8B04, "Integer", NAM, NOTE, NULL, "left edge" },
    { NOTES, 0x8B05, "Integer", NAM, NOTE, NULL, "top edge" },
    { LOG, 0x8700, "String", NAM, JRNL, NULL, "entry type" },
    { LOG, 0x8706, "SystemTime", NAM, JRNL, NULL, "start" },
    { LOG, 0x8707, "Integer", NAM, JRNL, NULL, "duration" },
    { LOG, 0x8708, "SystemTime", NAM, JRNL, NULL, "end" },
    { LOG, 0x870C, "Integer", NAM, JRNL, NULL, "flags" },
    { LOG, 0x870E, "Boolean", NAM, JRNL, NULL, "document printed" },
    { LOG, 0x870F, "Boolean", NAM, JRNL, NULL, "document saved" },
    { LOG, 0x8710, "Boolean", NAM, JRNL, NULL, "document routed" },
    { LOG, 0x8711, "Boolean", NAM, JRNL, NULL, "document posted" },
    { LOG, 0x8712, "String", NAM, JRNL, NULL, "entry type in words" },
};
/* clang-format on */

/* ---- elements ------------------------------------------------------------ */

const struct field *field_table(size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS(fields);
    return fields;
}

bool field_fits(const struct field *f, enum portable_kind kind,
                enum ews_level level)
{
    return (f->kinds & 1u << kind) != 0 && level >= f->level &&
           (f->until == 0 || level < f->until);
}

const struct field *field_of(const char *key)
{
    size_t n = strcspn(key, "/");

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const char *uri = fields[i].uri;

        if (uri != NULL && strlen(uri) == n && strncmp(uri, key, n) == 0)
            return &fields[i];
    }
    return NULL;
}

char *field_key(const struct field *f, const char *index, const char *part)
{
    return g_strconcat(f->uri, "/", index, part != NULL ? "/" : NULL, part,
                       NULL);
}

const char *const *field_address_lines(void)
{
    static const char *const lines[] = { "Street",     "City",
                                         "State",      "CountryOrRegion",
                                         "PostalCode", NULL };

    return lines;
}

const char *field_item_element(enum portable_kind kind)
{
    static const char *const elements[PORTABLE_N_KINDS] = {
        [PORTABLE_MAIL] = "t:Message",
        [PORTABLE_POST] = "t:PostItem",
        [PORTABLE_MEETING] = "t:Message",
        [PORTABLE_REPORT] = "t:Message",
        [PORTABLE_APPOINTMENT] = "t:CalendarItem",
        [PORTABLE_CONTACT] = "t:Contact",
        [PORTABLE_LIST] = "t:DistributionList",
        [PORTABLE_TASK] = "t:Task",
        /* EWS knows neither: what it does not know is a message to it */
        [PORTABLE_NOTE] = "t:Message",
        [PORTABLE_JOURNAL] = "t:Message",
    };

    return elements[kind];
}

/* ---- MAPI properties ----------------------------------------------------- */

const struct extra *extra_table(size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS(extras);
    return extras;
}

bool extra_fits(const struct extra *x, enum portable_kind kind)
{
    return (x->kinds & 1u << kind) != 0;
}

char *extra_key(const struct extra *x)
{
    if (x->set == NULL)
        return g_strdup_printf("0x%04X", x->id);
    return g_strdup_printf("%s/0x%04X", x->set, x->id);
}

const struct extra *extra_of(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(extras); i++) {
        g_autofree char *mine = extra_key(&extras[i]);

        if (strcmp(mine, key) == 0)
            return &extras[i];
    }
    return NULL;
}

static bool is_guid(const char *set)
{
    return strlen(set) == 36;
}

/* EWS-QUIRKS 9: numbers in any form; a GUID in any case. */
bool extra_is(const struct extra *x, const struct xml_node *path)
{
    const char *set = xml_attr(path, "DistinguishedPropertySetId");
    const char *number;

    if (x->set == NULL) {
        number = xml_attr(path, "PropertyTag");
        return number != NULL && g_ascii_strtoull(number, NULL, 0) == x->id;
    }
    if (set == NULL)
        set = xml_attr(path, "PropertySetId");
    number = xml_attr(path, "PropertyId");
    return set != NULL && number != NULL &&
           g_ascii_strcasecmp(set, x->set) == 0 &&
           g_ascii_strtoull(number, NULL, 0) == x->id;
}

void extra_write_path(struct xml_writer *w, const struct extra *x)
{
    g_autofree char *number =
        g_strdup_printf(x->set == NULL ? "0x%04X" : "%u", x->id);

    xml_open(w, "t:ExtendedFieldURI");
    if (x->set == NULL) {
        xml_attribute(w, "PropertyTag", number);
    } else {
        xml_attribute(
            w, is_guid(x->set) ? "PropertySetId" : "DistinguishedPropertySetId",
            x->set);
        xml_attribute(w, "PropertyId", number);
    }
    xml_attribute(w, "PropertyType", x->type);
    xml_close(w);
}

bool extra_is_array(const struct extra *x)
{
    return g_str_has_suffix(x->type, "Array");
}

/* ---- for people ---------------------------------------------------------- */

/* "GivenName" to "given name". */
static char *as_words(const char *camel)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (; *camel != '\0'; camel++) {
        if (g_ascii_isupper(*camel) && s->len > 0 && s->str[s->len - 1] != ' ')
            g_string_append_c(s, ' ');
        g_string_append_c(s, *camel == '/' ? ' ' : g_ascii_tolower(*camel));
    }
    return g_string_free(g_steal_pointer(&s), FALSE);
}

char *field_words(const char *key)
{
    const struct extra *x = extra_of(key);
    const char *colon = strchr(key, ':');

    if (x != NULL)
        return g_strdup(x->name);
    return colon != NULL && field_of(key) != NULL ? as_words(colon + 1)
                                                  : g_strdup(key);
}

/* ---- the stamp ----------------------------------------------------------- */

void stamp_write_path(struct xml_writer *w)
{
    xml_open(w, "t:ExtendedFieldURI");
    xml_attribute(w, "DistinguishedPropertySetId", "PublicStrings");
    xml_attribute(w, "PropertyName", STAMP_NAME);
    xml_attribute(w, "PropertyType", "String");
    xml_close(w);
}

const char *stamp_read(const struct xml_node *item, bool *ret_unfinished)
{
    const struct xml_node *p = xml_child(item, "ExtendedProperty");
    const char *stamp = NULL;
    bool unfinished;

    for (; p != NULL && stamp == NULL;
         p = xml_next_named(p, "ExtendedProperty")) {
        const char *name =
            xml_attr(xml_child(p, "ExtendedFieldURI"), "PropertyName");

        if (name != NULL && g_ascii_strcasecmp(name, STAMP_NAME) == 0)
            stamp = xml_child_text(p, "Value");
    }
    unfinished = stamp != NULL && g_str_has_prefix(stamp, STAMP_UNFINISHED);
    if (ret_unfinished != NULL)
        *ret_unfinished = unfinished;
    return unfinished ? stamp + strlen(STAMP_UNFINISHED) : stamp;
}
