#include "ews/portable_field_priv.h"

#include <string.h>

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
