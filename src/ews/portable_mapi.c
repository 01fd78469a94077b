#include "ews/portable_field_priv.h"

#include <string.h>

#include "xml/node.h"

#define NOTES   "0006200E-0000-0000-C000-000000000046"
#define LOG     "0006200A-0000-0000-C000-000000000046"
#define TASKS   "00062003-0000-0000-C000-000000000046"
#define MESSAGE (KINDS_MIME | NOTE | JRNL)

/* clang-format off */
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
