/* Invitations, answers and cancellations, between user1 and user2. */
#include "base/check.h"
#include "lab/calendar.h"
#include "lab/counters.h"
#include "lab/item_fixture.h"
#include "lab/tray.h"

/* clang-format off */
#define ATTENDEE(address)                                                      \
    "<t:Attendee><t:Mailbox><t:EmailAddress>" address                          \
    "</t:EmailAddress></t:Mailbox></t:Attendee>"
#define MEETING(attendees)                                                     \
    "<t:CalendarItem><t:Subject>plan</t:Subject>"                              \
    "<t:Start>2024-03-04T09:00:00Z</t:Start>"                                  \
    "<t:End>2024-03-04T10:00:00Z</t:End><t:Location>here</t:Location>"         \
    "<t:RequiredAttendees>" attendees "</t:RequiredAttendees></t:CalendarItem>"
/* clang-format on */

static char *create(struct fixture *f, const char *send, const char *element)
{
    g_autofree char *answer =
        item_runf(f,
                  "<m:CreateItem SendMeetingInvitations='%s'><m:Items>%s"
                  "</m:Items></m:CreateItem>",
                  send, element);
    char *id = item_id(answer, 0);

    if (id == NULL)
        g_error("%s", answer);
    return id;
}

/* "invitation a@b; c@d plan\n...", of user1 alone. */
static char *tray_of(struct fixture *f)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_tray(f->lab.store, &all, &err), &err);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_sending *s = all->pdata[i];

        g_string_append_printf(out, "%s%s %s %s", i > 0 ? "\n" : "",
                               lab_sent_name(s->kind), s->recipients,
                               s->subject);
    }
    return g_string_free(out, FALSE);
}

static void check_tray(struct fixture *f, const char *want)
{
    g_autofree char *tray = tray_of(f);

    g_assert_cmpstr(tray, ==, want);
}

/* The only item of that class in a folder of a mailbox; NULL: none. */
static struct lab_item *only(struct fixture *f, int64_t mailbox,
                             const char *name, const char *item_class)
{
    g_auto(lab_folder) folder = { 0 };
    struct lab_list list = { .max = 100 };
    g_autoptr(GPtrArray) items = NULL;
    struct lab_item *found = NULL;
    uint64_t total = 0;
    struct err err;

    CHECK_OK(
        lab_store_distinguished(f->lab.store, mailbox, name, &folder, &err),
        &err);
    list.folder_id = folder.id;
    CHECK_OK(lab_store_list(f->lab.store, mailbox, &list, &items, &total, &err),
             &err);
    for (guint i = 0; i < items->len; i++) {
        struct lab_item *item = items->pdata[i];

        if (strcmp(item->item_class, item_class) != 0)
            continue;
        g_assert_null(found);
        found = item;
        items->pdata[i] = NULL;
    }
    return found;
}

static void check_only(struct fixture *f, int64_t mailbox, const char *folder,
                       const char *item_class, bool there)
{
    struct lab_item *item = only(f, mailbox, folder, item_class);

    if ((item != NULL) != there)
        g_error("%s in %s: %s", item_class, folder, there ? "no" : "there");
    lab_item_free(item);
}

/* ---- invitations ----------------------------------------------------- */

static void test_to_none(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, "SendToNone", MEETING(ATTENDEE(USER2)));
    g_autofree char *seen = item_get(f, id, "");

    check_tray(f, "");
    check_only(f, f->user2, "inbox", "IPM.Schedule.Meeting.Request", false);
    g_assert_nonnull(strstr(seen, "<t:IsMeeting>true<"));
    g_assert_nonnull(strstr(seen, "<t:MeetingRequestWasSent>false<"));
    g_assert_nonnull(strstr(seen, "<t:MyResponseType>Organizer<"));
}

static void test_invited(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id =
        create(f, "SendToAllAndSaveCopy",
               MEETING(ATTENDEE(USER2) ATTENDEE("ann@elsewhere.example")));
    g_autofree char *seen = item_get(f, id, "");
    struct lab_item *tentative;

    check_tray(f, "invitation " USER2 "; ann@elsewhere.example plan");
    check_only(f, f->user2, "inbox", "IPM.Schedule.Meeting.Request", true);
    check_only(f, f->user1, "sentitems", "IPM.Schedule.Meeting.Request", true);
    g_assert_nonnull(strstr(seen, "<t:MeetingRequestWasSent>true<"));
    tentative = only(f, f->user2, "calendar", "IPM.Appointment");
    g_assert_nonnull(tentative);
    g_assert_cmpstr(tentative->subject, ==, "plan");
    lab_item_free(tentative);
}

static void test_only_to_all(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *id =
        create(f, "SendOnlyToAll", MEETING(ATTENDEE(USER2)));

    check_only(f, f->user1, "sentitems", "IPM.Schedule.Meeting.Request", false);
    check_only(f, f->user2, "inbox", "IPM.Schedule.Meeting.Request", true);
}

/* Attendees changed to others: one is told that it is off, one is invited. */
static void test_changed(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id =
        create(f, "SendOnlyToAll", MEETING(ATTENDEE("ann@elsewhere.example")));
    g_autofree char *answer = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "SendMeetingInvitationsOrCancellations='SendOnlyToChanged'>"
        "<m:ItemChanges><t:ItemChange><t:ItemId Id='%s'/><t:Updates>"
        "<t:SetItemField><t:FieldURI FieldURI='calendar:RequiredAttendees'/>"
        "<t:CalendarItem><t:RequiredAttendees>" ATTENDEE(
            USER2) "</t:RequiredAttendees></t:CalendarItem></t:SetItemField>"
                   "</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>",
        id);
    g_autofree char *codes = item_codes(answer);

    g_assert_cmpstr(codes, ==, "NoError");
    check_tray(f, "invitation ann@elsewhere.example plan\n"
                  "cancellation ann@elsewhere.example Canceled: plan\n"
                  "invitation " USER2 " plan");
    check_only(f, f->user2, "inbox", "IPM.Schedule.Meeting.Request", true);
}

/* An update takes the place of what was there before. */
static void test_update(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, "SendOnlyToAll", MEETING(ATTENDEE(USER2)));
    g_autofree char *answer = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "SendMeetingInvitationsOrCancellations='SendOnlyToAll'>"
        "<m:ItemChanges><t:ItemChange><t:ItemId Id='%s'/><t:Updates>"
        "<t:SetItemField><t:FieldURI FieldURI='item:Subject'/>"
        "<t:CalendarItem><t:Subject>new plan</t:Subject></t:CalendarItem>"
        "</t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges>"
        "</m:UpdateItem>",
        id);
    g_autofree char *seen = item_get(f, id, "");
    struct lab_item *tentative;

    g_assert_nonnull(strstr(answer, "NoError"));
    g_assert_nonnull(strstr(seen, "<t:AppointmentSequenceNumber>1<"));
    tentative = only(f, f->user2, "calendar", "IPM.Appointment");
    g_assert_nonnull(tentative);
    g_assert_cmpstr(tentative->subject, ==, "new plan");
    lab_item_free(tentative);
}

/* ---- cancellations --------------------------------------------------- */

static void test_cancelled(void)
{
    static const struct {
        const char *send, *tray;
        bool told;
    } rows[] = {
        { "SendToNone", "invitation " USER2 " plan", false },
        { "SendOnlyToAll",
          "invitation " USER2 " plan\ncancellation " USER2 " Canceled: plan",
          true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *id =
            create(f, "SendOnlyToAll", MEETING(ATTENDEE(USER2)));
        g_autofree char *answer = item_runf(
            f,
            "<m:DeleteItem DeleteType='MoveToDeletedItems' "
            "SendMeetingCancellations='%s'><m:ItemIds><t:ItemId Id='%s'/>"
            "</m:ItemIds></m:DeleteItem>",
            rows[i].send, id);

        CHECK_ROW(rows[i].send, strstr(answer, "NoError") != NULL);
        check_tray(f, rows[i].tray);
        check_only(f, f->user2, "inbox", "IPM.Schedule.Meeting.Canceled",
                   rows[i].told);
    }
}

static void test_cancel_object(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, "SendOnlyToAll", MEETING(ATTENDEE(USER2)));
    g_autofree char *answer =
        item_runf(f,
                  "<m:CreateItem MessageDisposition='SendAndSaveCopy'><m:Items>"
                  "<t:CancelCalendarItem><t:ReferenceItemId Id='%s'/>"
                  "</t:CancelCalendarItem></m:Items></m:CreateItem>",
                  id);

    g_assert_nonnull(strstr(answer, "NoError"));
    check_tray(f, "invitation " USER2 " plan\n"
                  "cancellation " USER2 " Canceled: plan");
    check_only(f, f->user1, "calendar", "IPM.Appointment", false);
}

/* ---- answers --------------------------------------------------------- */

/* A meeting of user2's, to which user1 is invited; the request's id. */
static char *invitation(struct fixture *f)
{
    g_autofree char *id = create(f, "SendToNone", MEETING(ATTENDEE(USER1)));
    g_autoptr(mapi_item) tree = item_tree(f, id);
    g_auto(lab_folder) inbox = { 0 }, calendar = { 0 };
    g_auto(lab_item) request = { 0 };
    struct mapi_props *props = &tree->message.props;
    struct err err;

    /* what user2's server would have sent */
    mapi_set_text(tree, props, PR_SENT_REPRESENTING_NAME, "User 2");
    mapi_set_text(tree, props, PR_SENT_REPRESENTING_ADDRTYPE, "SMTP");
    mapi_set_text(tree, props, PR_SENT_REPRESENTING_EMAIL, USER2);
    mapi_set_text(tree, props, PR_SENT_REPRESENTING_SMTP, USER2);
    calendar_set_i32(tree, props, LID_STATE_FLAGS,
                     STATE_MEETING | STATE_RECEIVED);
    calendar_set_i32(tree, props, LID_RESPONSE_STATUS, RESPONSE_NOT_RESPONDED);
    calendar_set_i32(tree, props, LID_INTENDED_BUSY, 3);
    CHECK_OK(lab_store_delete_item(f->lab.store, f->user1, id, LAB_DELETE_HARD,
                                   &err),
             &err);
    CHECK_OK(lab_store_distinguished(f->lab.store, f->user1, "calendar",
                                     &calendar, &err),
             &err);
    CHECK_OK(lab_store_put(f->lab.store, f->user1, calendar.id, false, tree,
                           NULL, &err),
             &err);
    mapi_set_text(tree, props, PR_MESSAGE_CLASS,
                  "IPM.Schedule.Meeting.Request");
    CHECK_OK(
        lab_store_distinguished(f->lab.store, f->user1, "inbox", &inbox, &err),
        &err);
    CHECK_OK(lab_store_put(f->lab.store, f->user1, inbox.id, false, tree,
                           &request, &err),
             &err);
    return g_steal_pointer(&request.id);
}

static void test_request(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = invitation(f);
    g_autofree char *seen = item_get(f, id, "");
    struct lab_item *appointment =
        only(f, f->user1, "calendar", "IPM.Appointment");

    g_assert_nonnull(strstr(seen, "<t:MeetingRequest>"));
    g_assert_nonnull(strstr(seen, "<t:IntendedFreeBusyStatus>OOF<"));
    g_assert_nonnull(strstr(seen, "<t:HasBeenProcessed>false<"));
    g_assert_nonnull(strstr(seen, "<t:IsOutOfDate>false<"));
    g_assert_nonnull(strstr(seen, "<t:Start>2024-03-04T09:00:00Z<"));
    g_assert_nonnull(strstr(seen, "<t:AssociatedCalendarItemId Id="));
    g_assert_nonnull(strstr(seen, appointment->change_key));
    lab_item_free(appointment);
}

static void test_answers(void)
{
    /* clang-format off */
    static const struct {
        const char *element, *disposition, *tray, *response, *busy, *copy;
    } rows[] = {
        { "AcceptItem", "SendAndSaveCopy", "response " USER2 " Accepted: plan",
          "Accept", "OOF", "IPM.Schedule.Meeting.Resp.Pos" },
        { "TentativelyAcceptItem", "SendOnly",
          "response " USER2 " Tentative: plan", "Tentative", "Tentative",
          NULL },
        { "AcceptItem", "SaveOnly", "", "Accept", "OOF", NULL },
        { "DeclineItem", "SendOnly", "response " USER2 " Declined: plan", NULL,
          NULL, NULL },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *request = invitation(f);
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='%s'><m:Items><t:%s>"
            "<t:ReferenceItemId Id='%s'/></t:%s></m:Items></m:CreateItem>",
            rows[i].disposition, rows[i].element, request, rows[i].element);
        g_autofree char *id = item_id(answer, 0);
        g_autofree char *seen = NULL, *response = NULL, *busy = NULL;

        CHECK_ROW(rows[i].element, strstr(answer, "NoError") != NULL);
        check_tray(f, rows[i].tray);
        /* an answered request is done with */
        check_only(f, f->user1, "inbox", "IPM.Schedule.Meeting.Request", false);
        check_only(f, f->user1, "calendar", "IPM.Appointment",
                   rows[i].response != NULL);
        if (rows[i].copy != NULL)
            check_only(f, f->user1, "sentitems", rows[i].copy, true);
        if (rows[i].response == NULL)
            continue;
        seen = item_get(f, id, "");
        response = g_strdup_printf("<t:MyResponseType>%s<", rows[i].response);
        busy = g_strdup_printf("<t:LegacyFreeBusyStatus>%s<", rows[i].busy);
        CHECK_ROW(rows[i].element, strstr(seen, response) != NULL);
        CHECK_ROW(rows[i].element, strstr(seen, busy) != NULL);
    }
}

/* Nobody answers a call of their own. */
static void test_own(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = create(f, "SendOnlyToAll", MEETING(ATTENDEE(USER1)));
    g_autofree char *refused = item_runf(
        f,
        "<m:CreateItem MessageDisposition='SendOnly'><m:Items><t:AcceptItem>"
        "<t:ReferenceItemId Id='%s'/></t:AcceptItem></m:Items></m:CreateItem>",
        id);
    g_autofree char *codes = item_codes(refused);

    g_assert_cmpstr(codes, ==, "ErrorCalendarIsOrganizerForAccept");
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *element, *code;
    } rows[] = {
        { "a mail is accepted", "AcceptItem", "ErrorInvalidReferenceItem" },
        { "a mail is cancelled", "CancelCalendarItem",
          "ErrorInvalidReferenceItem" },
        { "a mail is removed", "RemoveItem", "ErrorInvalidReferenceItem" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *mail = fixture_add_mail(f, f->user1, "inbox", "mail");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='SendOnly'><m:Items><t:%s>"
            "<t:ReferenceItemId Id='%s'/></t:%s></m:Items></m:CreateItem>",
            rows[i].element, mail, rows[i].element);
        g_autofree char *codes = item_codes(answer);

        CHECK_ROW(rows[i].name, strcmp(codes, rows[i].code) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-meeting/to-none", test_to_none);
    g_test_add_func("/op-meeting/invited", test_invited);
    g_test_add_func("/op-meeting/only-to-all", test_only_to_all);
    g_test_add_func("/op-meeting/changed", test_changed);
    g_test_add_func("/op-meeting/update", test_update);
    g_test_add_func("/op-meeting/cancelled", test_cancelled);
    g_test_add_func("/op-meeting/cancel-object", test_cancel_object);
    g_test_add_func("/op-meeting/request", test_request);
    g_test_add_func("/op-meeting/answers", test_answers);
    g_test_add_func("/op-meeting/own", test_own);
    g_test_add_func("/op-meeting/refused", test_refused);
    return g_test_run();
}
