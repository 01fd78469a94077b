/* Appointments and series as clients make, change and look at them. */
#include "base/check.h"
#include "lab/calendar.h"
#include "lab/item_fixture.h"

/* clang-format off */
#define CREATE(inside)                                                         \
    "<m:CreateItem SendMeetingInvitations='SendToNone'><m:Items>"              \
    "<t:CalendarItem>" inside "</t:CalendarItem></m:Items></m:CreateItem>"
#define SPAN(start, end)                                                       \
    "<t:Start>" start "</t:Start><t:End>" end "</t:End>"
#define NINE SPAN("2024-03-04T09:00:00", "2024-03-04T10:00:00")
#define DAILY(n)                                                               \
    "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval>"              \
    "</t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2024-03-04"        \
    "</t:StartDate><t:NumberOfOccurrences>" n "</t:NumberOfOccurrences>"       \
    "</t:NumberedRecurrence></t:Recurrence>"
#define ZONE(id) "<t:StartTimeZone Id='" id "'/>"
/* clang-format on */

static char *create(struct fixture *f, const char *operation)
{
    g_autofree char *answer = item_run(f, operation);
    char *id = item_id(answer, 0);

    if (id == NULL)
        g_error("%s", answer);
    return id;
}

/* Properties of an item, as "<t:Start>...": those asked for. */
static char *get(struct fixture *f, const char *id, const char *uris)
{
    g_auto(GStrv) names = g_strsplit(uris, " ", -1);
    GString *fields = g_string_new(NULL);
    char *answer;

    for (size_t i = 0; names[i] != NULL; i++)
        g_string_append_printf(fields, "<t:FieldURI FieldURI='%s'/>", names[i]);
    answer = item_runf(f,
                       "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly"
                       "</t:BaseShape><t:AdditionalProperties>%s"
                       "</t:AdditionalProperties></m:ItemShape><m:ItemIds>"
                       "<t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
                       fields->str, id);
    g_string_free(fields, TRUE);
    return answer;
}

/* Where an element of the answer is that text, or there is none (NULL). */
static void check(const char *row, const char *answer, const char *name,
                  const char *want)
{
    g_autofree char *open = g_strdup_printf("<t:%s>", name);
    g_autofree char *whole = g_strdup_printf("<t:%s>%s</t:%s>", name,
                                             want != NULL ? want : "", name);

    if (want == NULL ? strstr(answer, open) != NULL
                     : strstr(answer, whole) == NULL)
        g_error("row \"%s\": no %s %s in %s", row, name, want, answer);
}

/* ---- time zones ------------------------------------------------------ */

/* "Time zones and EWS", table 2: what a time without a zone means. */
static void test_zones(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum release asked;
        const char *item, *start, *end, *zone;
    } rows[] = {
        { "nothing said", EXCHANGE2010, NINE, "2024-03-04T09:00:00Z",
          "2024-03-04T10:00:00Z", "UTC" },
        { "a zone of its own", EXCHANGE2010, NINE ZONE("Tokyo Standard Time"),
          "2024-03-04T00:00:00Z", "2024-03-04T10:00:00Z",
          "Tokyo Standard Time" },
        { "two zones", EXCHANGE2010, NINE ZONE("Tokyo Standard Time")
          "<t:EndTimeZone Id='W. Europe Standard Time'/>",
          "2024-03-04T00:00:00Z", "2024-03-04T09:00:00Z",
          "Tokyo Standard Time" },
        { "times with offsets", EXCHANGE2010,
          SPAN("2024-03-04T09:00:00+09:00", "2024-03-04T10:00:00+09:00")
          ZONE("Pacific Standard Time"), "2024-03-04T00:00:00Z",
          "2024-03-04T01:00:00Z", "Pacific Standard Time" },
        { "by id, 2013", EXCHANGE2013, NINE
          "<t:StartTimeZoneId>India Standard Time</t:StartTimeZoneId>"
          "<t:EndTimeZoneId>India Standard Time</t:EndTimeZoneId>",
          "2024-03-04T03:30:00Z", "2024-03-04T04:30:00Z",
          "India Standard Time" },
        { "MeetingTimeZone, 2007", EXCHANGE2007_SP1, NINE
          "<t:MeetingTimeZone TimeZoneName='Eastern Standard Time'/>",
          "2024-03-04T14:00:00Z", "2024-03-04T15:00:00Z",
          "Eastern Standard Time" },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(rows[i].asked);
        g_autofree char *made = item_runf(f, CREATE("%s"), rows[i].item);
        g_autofree char *id = item_id(made, 0);
        g_autofree char *seen = NULL;
        g_autoptr(mapi_item) tree = NULL;
        g_auto(timezone_info) tz = { 0 };

        if (id == NULL)
            g_error("row \"%s\": %s", rows[i].name, made);
        seen = get(f, id, "calendar:Start calendar:End");
        check(rows[i].name, seen, "Start", rows[i].start);
        check(rows[i].name, seen, "End", rows[i].end);
        tree = item_tree(f, id);
        calendar_zone(&tree->message.props, &tz);
        CHECK_ROW(rows[i].name, strcmp(tz.id, rows[i].zone) == 0);
    }
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *item, *code;
    } rows[] = {
        { "an end before the start",
          SPAN("2024-03-04T09:00:00Z", "2024-03-04T08:00:00Z"),
          "ErrorCalendarEndDateIsEarlierThanStartDate" },
        { "six years", SPAN("2024-03-04T09:00:00Z", "2030-03-04T08:00:00Z"),
          "ErrorCalendarDurationIsTooLong" },
        { "no such zone", NINE ZONE("Mars Standard Time"), "ErrorTimeZone" },
        { "a day that is longer than a day",
          SPAN("2024-03-04T09:00:00Z", "2024-03-05T10:00:00Z") DAILY("3"),
          "ErrorOccurrenceTimeSpanTooBig" },
        { "a pattern without an interval", NINE
          "<t:Recurrence><t:DailyRecurrence/><t:NoEndRecurrence>"
          "<t:StartDate>2024-03-04</t:StartDate></t:NoEndRecurrence>"
          "</t:Recurrence>", "ErrorCalendarInvalidRecurrence" },
        { "an end before the first occurrence", NINE
          "<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval>"
          "<t:DaysOfWeek>Sunday</t:DaysOfWeek></t:WeeklyRecurrence>"
          "<t:EndDateRecurrence><t:StartDate>2024-03-04</t:StartDate>"
          "<t:EndDate>2024-03-06</t:EndDate></t:EndDateRecurrence>"
          "</t:Recurrence>", "ErrorRecurrenceHasNoOccurrence" },
        { "what is computed", NINE "<t:IsRecurring>true</t:IsRecurring>",
          "ErrorInvalidPropertySet" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = item_runf(f, CREATE("%s"), rows[i].item);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, rows[i].code) != 0)
            g_error("row \"%s\": %s", rows[i].name, codes);
    }
}

/* "How to create all-day events": snapped to midnights of their zone. */
static void test_all_day(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id =
        create(f, CREATE("<t:Start>2024-03-30T09:00:00</t:Start>"
                         "<t:End>2024-03-31T11:00:00</t:End>"
                         "<t:IsAllDayEvent>true</t:IsAllDayEvent>"
                         "<t:StartTimeZone Id='W. Europe Standard Time'/>"
                         "<t:EndTimeZone Id='W. Europe Standard Time'/>"));
    g_autofree char *seen =
        get(f, id, "calendar:Start calendar:End calendar:Duration");

    check("all day", seen, "Start", "2024-03-29T23:00:00Z");
    /* clocks go forward on the 31st */
    check("all day", seen, "End", "2024-03-31T22:00:00Z");
    check("all day", seen, "Duration", "PT47H");
}

/* ---- what a new one has ---------------------------------------------- */

static void test_defaults(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, CREATE(NINE));
    g_autofree char *seen =
        get(f, id,
            "item:ReminderIsSet item:ReminderMinutesBeforeStart "
            "item:ReminderDueBy calendar:LegacyFreeBusyStatus "
            "calendar:CalendarItemType calendar:MyResponseType "
            "calendar:IsMeeting calendar:IsRecurring calendar:Recurrence");
    g_autoptr(mapi_item) tree = item_tree(f, id);

    check("defaults", seen, "ReminderIsSet", "true");
    check("defaults", seen, "ReminderMinutesBeforeStart", "15");
    check("defaults", seen, "ReminderDueBy", "2024-03-04T09:00:00Z");
    check("defaults", seen, "LegacyFreeBusyStatus", "Busy");
    check("defaults", seen, "CalendarItemType", "Single");
    check("defaults", seen, "MyResponseType", "Organizer");
    check("defaults", seen, "IsMeeting", "false");
    check("defaults", seen, "IsRecurring", "false");
    check("defaults", seen, "Recurrence", NULL);
    g_assert_cmpuint(
        mapi_find_id(&tree->message.props, PSETID_MEETING, LID_GLOBAL_ID)->size,
        ==, 56);
    g_assert_cmpint(item_int(tree, PR_ICON_INDEX), ==, 0x400);
}

/* ---- changing -------------------------------------------------------- */

/* The answer to an update of one property of an item. */
static char *update(struct fixture *f, const char *id, const char *uri,
                    const char *element)
{
    return item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "SendMeetingInvitationsOrCancellations='SendToNone'><m:ItemChanges>"
        "<t:ItemChange><t:ItemId Id='%s'/><t:Updates><t:SetItemField>"
        "<t:FieldURI FieldURI='%s'/><t:CalendarItem>%s</t:CalendarItem>"
        "</t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges>"
        "</m:UpdateItem>",
        id, uri, element);
}

static void check_update(struct fixture *f, const char *id, const char *uri,
                         const char *element, const char *code)
{
    g_autofree char *answer = update(f, id, uri, element);
    g_autofree char *codes = item_codes(answer);

    if (strcmp(codes, code) != 0)
        g_error("update of %s: %s", uri, answer);
}

/* A start that goes past the end takes it along; a zone keeps the clock. */
static void test_move(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, CREATE(NINE));
    g_autofree char *moved = NULL, *rezoned = NULL;

    check_update(f, id, "calendar:Start",
                 "<t:Start>2024-03-05T15:00:00Z</t:Start>", "NoError");
    moved = get(f, id, "calendar:Start calendar:End item:ReminderDueBy");
    check("moved", moved, "Start", "2024-03-05T15:00:00Z");
    check("moved", moved, "End", "2024-03-05T16:00:00Z");
    check("moved", moved, "ReminderDueBy", "2024-03-05T15:00:00Z");
    check_update(f, id, "calendar:StartTimeZone",
                 "<t:StartTimeZone Id='Tokyo Standard Time'/>", "NoError");
    rezoned = get(f, id, "calendar:Start");
    check("rezoned", rezoned, "Start", "2024-03-05T06:00:00Z");
    check_update(f, id, "calendar:End", "<t:End>2020-01-01T00:00:00Z</t:End>",
                 "ErrorCalendarEndDateIsEarlierThanStartDate");
}

/* ---- series ---------------------------------------------------------- */

static char *create_daily(struct fixture *f)
{
    return create(f, CREATE("<t:Subject>daily</t:Subject>" NINE DAILY("6")
                                ZONE("W. Europe Standard Time")));
}

/* An OccurrenceItemId of it; the answer to a GetItem of its default shape. */
static char *nth(struct fixture *f, const char *master, int n)
{
    return item_runf(f,
                     "<m:GetItem><m:ItemShape><t:BaseShape>Default"
                     "</t:BaseShape></m:ItemShape><m:ItemIds>"
                     "<t:OccurrenceItemId RecurringMasterId='%s' "
                     "InstanceIndex='%d'/></m:ItemIds></m:GetItem>",
                     master, n);
}

static void test_occurrences(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *master = create_daily(f);
    g_autofree char *third = nth(f, master, 3);
    g_autofree char *id = item_id(third, 0);
    g_autofree char *seventh = nth(f, master, 7), *back = NULL;
    g_autofree char *codes = item_codes(seventh), *again = NULL;

    check("the third", third, "Subject", "daily");
    check("the third", third, "Start", "2024-03-06T08:00:00Z");
    check("the third", third, "CalendarItemType", "Occurrence");
    g_assert_cmpstr(codes, ==,
                    "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange");
    back = item_runf(f,
                     "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly"
                     "</t:BaseShape></m:ItemShape><m:ItemIds>"
                     "<t:RecurringMasterItemId OccurrenceId='%s'/>"
                     "</m:ItemIds></m:GetItem>",
                     id);
    again = item_id(back, 0);
    g_assert_cmpstr(again, ==, master);
}

static void test_wrong_ids(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *single = create(f, CREATE(NINE));
    g_autofree char *first = nth(f, single, 1);
    g_autofree char *codes = item_codes(first);
    g_autofree char *back = item_runf(
        f,
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
        "</m:ItemShape><m:ItemIds><t:RecurringMasterItemId OccurrenceId='%s'/>"
        "</m:ItemIds></m:GetItem>",
        single);
    g_autofree char *back_codes = item_codes(back);

    g_assert_cmpstr(codes, ==, "ErrorCalendarCannotUseIdForRecurringMasterId");
    g_assert_cmpstr(back_codes, ==, "ErrorCalendarCannotUseIdForOccurrenceId");
}

static void test_move_occurrence(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *master = create_daily(f);
    g_autofree char *third = nth(f, master, 3);
    g_autofree char *id = item_id(third, 0);
    g_autofree char *answer = item_runf(
        f,
        "<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id='inbox'/>"
        "</m:ToFolderId><m:ItemIds><t:ItemId Id='%s'/></m:ItemIds>"
        "</m:MoveItem>",
        id);
    g_autofree char *codes = item_codes(answer);

    g_assert_cmpstr(codes, ==, "ErrorCalendarCannotMoveOrCopyOccurrence");
    check_update(f, id, "calendar:Recurrence", DAILY("2"),
                 "ErrorInvalidPropertySet");
    check_update(f, id, "calendar:Start",
                 "<t:Start>2024-03-08T07:00:00Z</t:Start>",
                 "ErrorOccurrenceCrossingBoundary");
}

static void test_exception(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *master = create_daily(f);
    g_autofree char *third = nth(f, master, 3), *after = NULL, *seen = NULL;
    g_autofree char *id = item_id(third, 0), *same = NULL;
    g_autoptr(mapi_item) tree = NULL;

    check_update(f, id, "item:Subject", "<t:Subject>special</t:Subject>",
                 "NoError");
    after = nth(f, master, 3);
    same = item_id(after, 0);
    g_assert_cmpstr(same, ==, id);
    check("exception", after, "Subject", "special");
    check("exception", after, "CalendarItemType", "Exception");
    seen = get(f, master, "item:Subject calendar:ModifiedOccurrences");
    check("master", seen, "Subject", "daily");
    check("master", seen, "OriginalStart", "2024-03-06T08:00:00Z");
    /* what other clients find: the message inside, [MS-OXOCAL] 2.2.10 */
    tree = item_tree(f, master);
    g_assert_cmpuint(tree->message.n_attachments, ==, 1);
    g_assert_nonnull(tree->message.attachments[0].embedded);
}

static void test_deleted_occurrence(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *master = create_daily(f);
    g_autofree char *third = nth(f, master, 3);
    g_autofree char *id = item_id(third, 0);
    g_autofree char *gone = item_runf(
        f,
        "<m:DeleteItem DeleteType='HardDelete' "
        "SendMeetingCancellations='SendToNone'><m:ItemIds><t:ItemId Id='%s'/>"
        "</m:ItemIds></m:DeleteItem>",
        id);
    g_autofree char *codes = item_codes(gone);
    g_autofree char *after = nth(f, master, 3), *seen = NULL;
    g_autofree char *after_codes = item_codes(after);

    g_assert_cmpstr(codes, ==, "NoError");
    g_assert_cmpstr(after_codes, ==,
                    "ErrorCalendarOccurrenceIsDeletedFromRecurrence");
    seen = get(f, master, "calendar:DeletedOccurrences calendar:Recurrence");
    g_assert_nonnull(strstr(seen, "<t:DeletedOccurrence><t:Start>"
                                  "2024-03-06T08:00:00Z<"));
    check("numbered", seen, "NumberOfOccurrences", "6");
}

/* Another pattern forgets what was changed and deleted. */
static void test_new_pattern(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *master = create_daily(f);
    g_autofree char *third = nth(f, master, 3), *seen = NULL, *single = NULL;
    g_autofree char *id = item_id(third, 0);
    g_autoptr(mapi_item) tree = NULL;

    check_update(f, id, "item:Subject", "<t:Subject>special</t:Subject>",
                 "NoError");
    check_update(f, master, "calendar:Recurrence", DAILY("2"), "NoError");
    seen =
        get(f, master, "calendar:ModifiedOccurrences calendar:LastOccurrence");
    check("pattern", seen, "ModifiedOccurrences", NULL);
    check("pattern", seen, "Start", "2024-03-05T08:00:00Z");
    tree = item_tree(f, master);
    g_assert_cmpuint(tree->message.n_attachments, ==, 0);
    single = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "SendMeetingInvitationsOrCancellations='SendToNone'><m:ItemChanges>"
        "<t:ItemChange><t:ItemId Id='%s'/><t:Updates><t:DeleteItemField>"
        "<t:FieldURI FieldURI='calendar:Recurrence'/></t:DeleteItemField>"
        "</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>",
        master);
    g_clear_pointer(&seen, g_free);
    seen = get(f, master, "calendar:CalendarItemType calendar:Recurrence");
    check("once", seen, "CalendarItemType", "Single");
    check("once", seen, "Recurrence", NULL);
}

/* ---- views ----------------------------------------------------------- */

static char *view(struct fixture *f, const char *attributes, const char *folder)
{
    return item_runf(
        f,
        "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>IdOnly"
        "</t:BaseShape><t:AdditionalProperties><t:FieldURI "
        "FieldURI='item:Subject'/><t:FieldURI FieldURI='calendar:Start'/>"
        "</t:AdditionalProperties></m:ItemShape><m:CalendarView %s/>"
        "<m:ParentFolderIds><t:DistinguishedFolderId Id='%s'/>"
        "</m:ParentFolderIds></m:FindItem>",
        attributes, folder);
}

static unsigned int count(const char *answer)
{
    g_auto(GStrv) parts = g_strsplit(answer, "<t:CalendarItem>", -1);

    return g_strv_length(parts) - 1;
}

#define DATES(from, to)                                                        \
    "StartDate='" from "T00:00:00Z' EndDate='" to "T00:00:00Z'"

static void test_view(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *attributes, *folder;
        unsigned int n;
        const char *last, *codes;
    } rows[] = {
        { "all", DATES("2024-03-01", "2024-04-01"), "calendar", 7, "true",
          "NoError" },
        { "two days", DATES("2024-03-05", "2024-03-07"), "calendar", 2, "true",
          "NoError" },
        { "no more than", DATES("2024-03-01", "2024-04-01")
          " MaxEntriesReturned='3'", "calendar", 3, "false", "NoError" },
        { "nothing", DATES("2025-03-01", "2025-04-01"), "calendar", 0, "true",
          "NoError" },
        { "more than two years", DATES("2024-03-01", "2026-04-01"), "calendar",
          0, NULL, "ErrorCalendarViewRangeTooBig" },
        { "backwards", DATES("2024-03-01", "2023-04-01"), "calendar", 0, NULL,
          "ErrorCalendarEndDateIsEarlierThanStartDate" },
        { "of mails", DATES("2024-03-01", "2024-04-01"), "inbox", 0, NULL,
          "ErrorCalendarFolderIsInvalidForCalendarView" },
        { "none at a time", DATES("2024-03-01", "2024-04-01")
          " MaxEntriesReturned='0'", "calendar", 0, NULL,
          "fault ErrorInvalidPagingMaxRows" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *master = create_daily(f);
    g_autofree G_GNUC_UNUSED char *single = create(f, CREATE(NINE));

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = view(f, rows[i].attributes, rows[i].folder);
        g_autofree char *codes = item_codes(answer);
        g_autofree char *last =
            g_strdup_printf("IncludesLastItemInRange=\"%s\"", rows[i].last);

        if (strcmp(codes, rows[i].codes) != 0 || count(answer) != rows[i].n)
            g_error("row \"%s\": %s", rows[i].name, answer);
        CHECK_ROW(rows[i].name,
                  rows[i].last == NULL || strstr(answer, last) != NULL);
    }
}

/* Exchange shows what ends as the view begins, not what begins as it ends. */
static void test_view_edges(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *single = create(f, CREATE(NINE));
    g_autofree char *after = view(
        f, "StartDate='2024-03-04T10:00:00Z' EndDate='2024-03-05T00:00:00Z'",
        "calendar");
    g_autofree char *before = view(
        f, "StartDate='2024-03-04T00:00:00Z' EndDate='2024-03-04T09:00:00Z'",
        "calendar");
    g_autofree char *later = view(
        f, "StartDate='2024-03-04T10:01:00Z' EndDate='2024-03-05T00:00:00Z'",
        "calendar");

    g_assert_cmpuint(count(after), ==, 1);
    g_assert_cmpuint(count(before), ==, 0);
    g_assert_cmpuint(count(later), ==, 0);
}

/* What is changed shows at once, where it is now. */
static void test_view_follows(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *master = create_daily(f);
    g_autofree char *before =
        view(f, DATES("2024-03-06", "2024-03-07"), "calendar");
    g_autofree char *id = item_id(before, 0), *after = NULL;

    g_assert_cmpuint(count(before), ==, 1);
    check_update(f, id, "item:Subject", "<t:Subject>special</t:Subject>",
                 "NoError");
    after = view(f, DATES("2024-03-06", "2024-03-07"), "calendar");
    check("after", after, "Subject", "special");
}

/* ---- neighbours ------------------------------------------------------ */

static void test_conflicts(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, CREATE(NINE));
    g_autofree G_GNUC_UNUSED char *over =
        create(f, CREATE("<t:Subject>over</t:Subject>" SPAN(
                      "2024-03-04T09:30:00", "2024-03-04T11:00:00")));
    g_autofree G_GNUC_UNUSED char *beside =
        create(f, CREATE("<t:Subject>beside</t:Subject>" SPAN(
                      "2024-03-04T10:00:00", "2024-03-04T11:00:00")));
    g_autofree G_GNUC_UNUSED char *idle =
        create(f, CREATE(NINE "<t:LegacyFreeBusyStatus>Free"
                              "</t:LegacyFreeBusyStatus>"));
    g_autofree char *seen =
        get(f, id,
            "calendar:ConflictingMeetingCount calendar:AdjacentMeetingCount "
            "calendar:ConflictingMeetings calendar:AdjacentMeetings");

    check("conflicts", seen, "ConflictingMeetingCount", "1");
    check("conflicts", seen, "AdjacentMeetingCount", "1");
    check("conflicts", seen, "Subject", "over");
    check("conflicts", seen, "Subject", "beside");
}

/* ---- GetServerTimeZones ---------------------------------------------- */

static void test_server_zones(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *two = item_run(
        f, "<m:GetServerTimeZones ReturnFullTimeZoneData='false'><m:Ids>"
           "<t:Id>Eastern Standard Time</t:Id><t:Id>No Such Time</t:Id>"
           "<t:Id>UTC</t:Id></m:Ids></m:GetServerTimeZones>");
    g_autofree char *all = item_run(f, "<m:GetServerTimeZones/>");
    g_auto(GStrv) zones = g_strsplit(all, "<t:TimeZoneDefinition ", -1);

    /* the documentation's example */
    g_assert_nonnull(strstr(two, "<t:TimeZoneDefinition Id=\"Eastern Standard "
                                 "Time\" Name=\"(UTC-05:00) Eastern Time (US "
                                 "&amp; Canada)\"/>"));
    g_assert_null(strstr(two, "No Such"));
    g_assert_null(strstr(two, "<t:Periods>"));
    g_assert_cmpuint(g_strv_length(zones) - 1, ==, timezone_count());
    g_assert_nonnull(strstr(all, "<t:Periods>"));
}

/* ---- GetUserAvailability --------------------------------------------- */

/* clang-format off */
#define AVAILABILITY(view, step)                                               \
    "<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>480</t:Bias>"           \
    "<t:StandardTime><t:Bias>0</t:Bias><t:Time>02:00:00</t:Time>"              \
    "<t:DayOrder>1</t:DayOrder><t:Month>11</t:Month>"                          \
    "<t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime>"       \
    "<t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>2</t:DayOrder>"  \
    "<t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>"   \
    "</t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>"     \
    USER1 "</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType>"    \
    "</t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions>"             \
    "<t:TimeWindow><t:StartTime>2024-03-04T00:00:00</t:StartTime>"             \
    "<t:EndTime>2024-03-04T04:00:00</t:EndTime></t:TimeWindow>"                \
    "<t:MergedFreeBusyIntervalInMinutes>" step                                 \
    "</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>" view               \
    "</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>"
/* clang-format on */

/*
 * Four hours from midnight in Seattle, 08:00Z: out of office for an hour,
 * busy for 90 minutes, then nothing: "3220", says docs of MergedFreeBusy.
 */
static void test_availability(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *out = create(
        f, CREATE(SPAN("2024-03-04T08:00:00Z",
                       "2024-03-04T09:00:00Z") "<t:LegacyFreeBusyStatus>OOF</"
                                               "t:LegacyFreeBusyStatus>"));
    g_autofree G_GNUC_UNUSED char *busy =
        create(f, CREATE("<t:Subject>secret</t:Subject>"
                         "<t:Sensitivity>Private</t:Sensitivity>" SPAN(
                             "2024-03-04T09:00:00Z", "2024-03-04T10:30:00Z")));
    g_autofree char *answer = item_run(f, AVAILABILITY("DetailedMerged", "60"));
    g_autofree char *merged = item_run(f, AVAILABILITY("MergedOnly", "30"));

    check("detailed", answer, "MergedFreeBusy", "3220");
    check("detailed", answer, "StartTime", "2024-03-04T00:00:00");
    check("detailed", answer, "EndTime", "2024-03-04T02:30:00");
    check("detailed", answer, "BusyType", "OOF");
    check("detailed", answer, "IsPrivate", "true");
    g_assert_null(strstr(answer, "secret"));
    check("merged", merged, "MergedFreeBusy", "33222000");
    g_assert_null(strstr(merged, "<t:CalendarEventArray>"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-calendar/zones", test_zones);
    g_test_add_func("/op-calendar/refused", test_refused);
    g_test_add_func("/op-calendar/all-day", test_all_day);
    g_test_add_func("/op-calendar/defaults", test_defaults);
    g_test_add_func("/op-calendar/move", test_move);
    g_test_add_func("/op-calendar/occurrences", test_occurrences);
    g_test_add_func("/op-calendar/wrong-ids", test_wrong_ids);
    g_test_add_func("/op-calendar/move-occurrence", test_move_occurrence);
    g_test_add_func("/op-calendar/exception", test_exception);
    g_test_add_func("/op-calendar/deleted", test_deleted_occurrence);
    g_test_add_func("/op-calendar/new-pattern", test_new_pattern);
    g_test_add_func("/op-calendar/view", test_view);
    g_test_add_func("/op-calendar/view-edges", test_view_edges);
    g_test_add_func("/op-calendar/view-follows", test_view_follows);
    g_test_add_func("/op-calendar/conflicts", test_conflicts);
    g_test_add_func("/op-calendar/server-zones", test_server_zones);
    g_test_add_func("/op-calendar/availability", test_availability);
    return g_test_run();
}
