#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/portable_field.h"
#include "ews/portable_samples.h"
#include "ews/script.h"
#include "portable/portable.h"

#define GOT(item)     SUCCESS("GetItem", "<m:Items>" item "</m:Items>")
#define GET(messages) ANSWER(RESPONSE("GetItem", messages))
#define MADE(element, id)                                                      \
    SUCCESS("CreateItem", "<m:Items><t:" element                               \
                          ">" SAMPLE_ID(id) "</t:" element "></m:Items>")
#define NOT_MADE(code)   FAILURE("CreateItem", code, "<m:Items/>")
#define CREATE(messages) ANSWER(RESPONSE("CreateItem", messages))
#define CHANGED(element, id)                                                   \
    ANSWER(RESPONSE(                                                           \
        "UpdateItem",                                                          \
        "<m:UpdateItemResponseMessage ResponseClass=\"Success\">"              \
        "<m:ResponseCode>NoError</m:ResponseCode><m:Items><t:" element         \
        ">" SAMPLE_ID(id) "</t:" element "></m:Items>"                         \
                          "</m:UpdateItemResponseMessage>"))
#define NOT_CHANGED(code)                                                      \
    ANSWER(RESPONSE("UpdateItem", FAILURE("UpdateItem", code, "<m:Items/>")))
#define ATTACHED(messages) ANSWER(RESPONSE("CreateAttachment", messages))
#define PIECE(id)                                                              \
    SUCCESS("CreateAttachment",                                                \
            "<m:Attachments><t:FileAttachment><t:AttachmentId Id=\"" id        \
            "\"/></t:FileAttachment></m:Attachments>")
#define NO_PIECE(code) FAILURE("CreateAttachment", code, "<m:Attachments/>")
#define DELETED        ANSWER(RESPONSE("DeleteItem", SUCCESS("DeleteItem", "")))

struct sent {
    struct stage st;
    struct portable *items[2];
    struct endpoint_put puts[2];
    struct endpoint_done done[2];
    bool maybe;
    struct err err;
};

static void begin(struct sent *s, const char *version)
{
    g_autofree char *root = g_strdup_printf(
        ANSWER_OF("%s", RESPONSE("GetFolder", GOT_FOLDER("ROOT"))), version);

    *s = (struct sent){ 0 };
    stage_init(&s->st);
    stage_open(&s->st, root);
}

/* EWS-QUIRKS 12: it refuses the version first, and is asked as what it is. */
static void begin_2007(struct sent *s)
{
    const struct script_line refusal = {
        .status = 500,
        .body = ANSWER_OF(V2007, FAULT("ErrorInvalidServerVersion", "")),
    };

    *s = (struct sent){ 0 };
    stage_init(&s->st);
    script_add(s->st.script, &refusal);
    stage_open(&s->st,
               ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("ROOT"))));
}

static void use(struct sent *s, size_t i, struct portable *p)
{
    portable_seal(p);
    s->items[i] = p;
    s->puts[i] = (struct endpoint_put){
        .folder_id = "F",
        .format = PAYLOAD_PORTABLE,
        .portable = p,
        .stamp = i == 0 ? "key-0" : "key-1",
    };
}

static int put(struct sent *s, size_t n)
{
    return endpoint_put(s->st.ep, s->puts, n, s->done, &s->maybe, &s->err);
}

static const char *asked(struct sent *s, size_t i)
{
    return script_request(s->st.script, i)->body;
}

/* Whatever else it does, no request lets anything be sent to anybody. */
static void check_silent(struct sent *s)
{
    static const struct {
        const char *operation, *attribute;
    } rows[] = {
        { "<m:CreateItem", "MessageDisposition=\"SaveOnly\"" },
        { "<m:CreateItem", "SendMeetingInvitations=\"SendToNone\"" },
        { "<m:UpdateItem", "MessageDisposition=\"SaveOnly\"" },
        { "<m:UpdateItem",
          "SendMeetingInvitationsOrCancellations=\"SendToNone\"" },
        { "<m:DeleteItem", "SendMeetingCancellations=\"SendToNone\"" },
    };

    for (size_t i = 0; i < script_n(s->st.script); i++) {
        const char *body = asked(s, i);
        bool newer = strstr(body, "Version=\"Exchange2016\"") != NULL;

        for (size_t k = 0; k < G_N_ELEMENTS(rows); k++)
            CHECK_ROW(rows[k].attribute,
                      strstr(body, rows[k].operation) == NULL ||
                          strstr(body, rows[k].attribute) != NULL);
        if (newer && (strstr(body, "<m:UpdateItem") != NULL ||
                      strstr(body, "<m:DeleteItem") != NULL))
            g_assert_nonnull(strstr(body, "SuppressReadReceipts=\"true\""));
    }
}

static void end(struct sent *s)
{
    check_silent(s);
    endpoint_done_free(s->done, 2);
    for (size_t i = 0; i < 2; i++)
        portable_unref(s->items[i]);
    stage_release(&s->st);
}

/* ---- items --------------------------------------------------------------- */

static void set(struct portable *p, const char *key,
                struct portable_value value)
{
    const struct field *f = field_of(key);
    const struct extra *x = extra_of(key);
    const struct portable_label label = { key, f != NULL ? f->part : x->part,
                                          f != NULL ? f->out : x->out };

    portable_set(p, &label, &value);
}

#define TEXT(s) ((struct portable_value){ PORTABLE_TEXT, { .text = (s) } })
#define FLAG(b) ((struct portable_value){ PORTABLE_BOOL, { .boolean = (b) } })
#define NUMBER(n)                                                              \
    ((struct portable_value){ PORTABLE_INTEGER, { .integer = (n) } })

static struct portable_value at(const char *text)
{
    struct portable_value v = { .type = PORTABLE_TIME };

    g_assert_true(timestamp_parse(text, &v.integer));
    return v;
}

static struct portable *mail(bool read)
{
    struct portable *p = portable_new(PORTABLE_MAIL, "IPM.Note");

    portable_take_mime(p, blob_from_bytes(SAMPLE_MIME, strlen(SAMPLE_MIME)));
    set(p, "message:IsRead", FLAG(read));
    set(p, "item:Importance", TEXT("High"));
    set(p, "0x0E06", at("2024-03-01T09:00:00Z"));
    return p;
}

#define MAIL_BACK(id, read, more)                                              \
    "<t:Message>" SAMPLE_ID(                                                   \
        id) "<t:ItemClass>IPM.Note</t:ItemClass>"                              \
            "<t:Importance>High</t:Importance>" SAMPLE_TAG(                    \
                "0xe06", "SystemTime", "2024-03-01T09:00:00Z") more            \
        "<t:IsRead>" read "</t:IsRead></t:Message>"

static struct portable *task(void)
{
    struct portable *p = portable_new(PORTABLE_TASK, "IPM.Task");

    set(p, "item:Subject", TEXT("Tidy"));
    set(p, "task:Status", TEXT("InProgress"));
    return p;
}

#define TASK_BACK(more)                                                        \
    "<t:Task>" SAMPLE_ID("N1") "<t:ItemClass>IPM.Task</t:ItemClass>"           \
                               "<t:Subject>Tidy</t:Subject>" more              \
                               "<t:Status>InProgress</t:Status>"               \
                               "</t:Task>"
#define FILE_BACK(name)                                                        \
    "<t:Attachments><t:FileAttachment><t:AttachmentId Id=\"P\"/><t:Name>" name \
    "</t:Name></t:FileAttachment></t:Attachments>"

static void add_file(struct portable *p, const char *name)
{
    const struct portable_attachment a = { .name = name,
                                           .content =
                                               blob_from_bytes("QUFB", 4) };

    portable_add_attachment(p, &a);
}

/* ---- mails ----------------------------------------------------------- */

static void test_batch(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, mail(true));
    use(&s, 1, mail(false));
    s.maybe = true;
    script_say(s.st.script,
               CREATE(MADE("Message", "N1") MADE("Message", "N2")));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N1", "true", ""))
                                    GOT(MAIL_BACK("N2", "false", ""))));
    CHECK_OK(put(&s, 2), &s.err);
    g_assert_false(s.maybe);
    g_assert_cmpstr(s.done[0].id, ==, "N1");
    g_assert_cmpstr(s.done[1].id, ==, "N2");
    g_assert_cmpstr(s.done[1].change_key, ==, "ck-N2");
    g_assert_null(s.done[0].lost);
    g_assert_null(s.done[1].lost);
    g_assert_nonnull(strstr(asked(&s, 1), "<t:Value>key-0</t:Value>"));
    g_assert_nonnull(strstr(asked(&s, 1), "<t:Value>key-1</t:Value>"));
    g_assert_nonnull(strstr(asked(&s, 1), SAMPLE_MIME));
    g_assert_false(script_request(s.st.script, 1)->repeatable);
    g_assert_null(strstr(asked(&s, 2), "IncludeMimeContent>true"));
    end(&s);
}

/* Accepted, and marked as read: set right by one more write. */
static void test_unread_is_restored(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, mail(false));
    script_say(s.st.script, CREATE(MADE("Message", "N1")));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N1", "true", ""))));
    script_say(s.st.script, CHANGED("Message", "N1"));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N1", "false", ""))));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_null(s.done[0].lost);
    g_assert_nonnull(strstr(asked(&s, 3), "FieldURI=\"message:IsRead\"/>"
                                          "<t:Message><t:IsRead>false<"));
    g_assert_null(strstr(asked(&s, 3), "MailferrySource"));
    end(&s);
}

static void test_lost_is_said(void)
{
    static const struct {
        const char *name, *again, *want;
    } rows[] = {
        { "kept now", MAIL_BACK("N1", "true", ""), NULL },
        { "unread is lost", MAIL_BACK("N1", "true", ""), NULL },
        { "still without importance",
          "<t:Message>" SAMPLE_ID("N1") "<t:ItemClass>IPM.Note</"
                                        "t:ItemClass>" SAMPLE_TAG(
                                            "0xe06", "SystemTime",
                                            "2024-03-01T09:00:00Z") "<t:IsRead>"
                                                                    "true</"
                                                                    "t:IsRead><"
                                                                    "/t:"
                                                                    "Message>",
          "importance" },
        { "nothing at all",
          "<t:Message>" SAMPLE_ID("N1") "<t:ItemClass>IPM.Note</t:ItemClass>"
                                        "</t:Message>",
          "received date, importance, is read" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *again = g_strdup_printf(GET(GOT("%s")), rows[i].again);
        struct sent s;

        begin(&s, V2013);
        use(&s, 0, mail(true));
        script_say(s.st.script, CREATE(MADE("Message", "N1")));
        script_say(s.st.script, GET(GOT("<t:Message>" SAMPLE_ID(
                                    "N1") "<t:ItemClass>IPM.Note</t:ItemClass>"
                                          "</t:Message>")));
        script_say(s.st.script, CHANGED("Message", "N1"));
        script_say(s.st.script, again);
        CHECK_OK(put(&s, 1), &s.err);
        CHECK_ROW(rows[i].name, s.done[0].status == 0);
        if (g_strcmp0(s.done[0].lost, rows[i].want) != 0)
            g_error("row \"%s\": lost \"%s\"", rows[i].name, s.done[0].lost);
        end(&s);
    }
}

static void test_one_fails(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, mail(true));
    use(&s, 1, mail(true));
    script_say(s.st.script,
               CREATE(NOT_MADE("ErrorItemCorrupt") MADE("Message", "N2")));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N2", "true", ""))));
    CHECK_OK(put(&s, 2), &s.err);
    g_assert_cmpint(s.done[0].status, ==, -1);
    g_assert_cmpstr(s.done[0].why.name, ==, "ErrorItemCorrupt");
    g_assert_cmpstr(s.done[1].id, ==, "N2");
    end(&s);
}

/* ---- may something have been stored? ------------------------------------- */

static void test_maybe(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        bool maybe;
    } rows[] = {
        { "refused before it began",
          { 500, ANSWER(FAULT("ErrorServerBusy", "")) },
          false },
        { "failed on the way",
          { 500, ANSWER(FAULT("ErrorInternalServerError", "")) },
          true },
        { "made, and no id",
          { 200, CREATE(SUCCESS("CreateItem", "<m:Items/>")) },
          true },
        { "lost",
          { .lost = "connection-lost",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_NOW,
            .body_sent = true },
          true },
        { "never sent",
          { .lost = "cannot-connect",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_WAIT },
          false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sent s;

        begin(&s, V2016);
        use(&s, 0, mail(true));
        script_add(s.st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, put(&s, 1) == -1);
        CHECK_ROW(rows[i].name, s.maybe == rows[i].maybe);
        CHECK_ROW(rows[i].name, script_n(s.st.script) == 2);
        end(&s);
    }
}

/* The first is there when the second fails: then all may be there. */
static void test_maybe_of_the_first(void)
{
    const struct script_line busy = { 500,
                                      ANSWER(FAULT("ErrorServerBusy", "")) };
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, task());
    use(&s, 1, task());
    s.puts[1].folder_id = "G";
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, GET(GOT(TASK_BACK(""))));
    script_add(s.st.script, &busy);
    g_assert_cmpint(put(&s, 2), ==, -1);
    g_assert_true(s.maybe);
    g_assert_null(s.done[0].id);
    end(&s);
}

/* ---- several requests ---------------------------------------------------- */

static void test_attachments(void)
{
    struct sent s;
    struct portable *p = task();

    add_file(p, "a.txt");
    begin(&s, V2013);
    use(&s, 0, p);
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, ATTACHED(PIECE("P")));
    script_say(s.st.script, GET(GOT(TASK_BACK(FILE_BACK("a.txt")))));
    script_say(s.st.script, CHANGED("Task", "N1"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_null(s.done[0].lost);
    g_assert_nonnull(
        strstr(asked(&s, 1), "<t:Value>unfinished:key-0</t:Value>"));
    g_assert_nonnull(strstr(asked(&s, 2), "<t:Content>QUFB</t:Content>"));
    g_assert_nonnull(strstr(asked(&s, 4), "<t:Value>key-0</t:Value>"));
    end(&s);
}

/* One that the server will not have does not cost the item. */
static void test_attachment_refused(void)
{
    struct sent s;
    struct portable *p = task();

    add_file(p, "virus.exe");
    begin(&s, V2013);
    use(&s, 0, p);
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, ATTACHED(NO_PIECE("ErrorVirusDetected")));
    script_say(s.st.script, GET(GOT(TASK_BACK(""))));
    script_say(s.st.script, CHANGED("Task", "N1"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpint(s.done[0].status, ==, 0);
    g_assert_nonnull(strstr(s.done[0].lost, "attachment \"virus.exe\" (Error"));
    g_assert_null(strstr(s.done[0].lost, "), attachment"));
    end(&s);
}

#define FILES_BACK(first, second)                                              \
    "<t:Attachments><t:FileAttachment><t:AttachmentId "                        \
    "Id=\"P\"/><t:Name>" first                                                 \
    "</t:Name></t:FileAttachment><t:FileAttachment><t:AttachmentId "           \
    "Id=\"Q\"/><t:Name>" second "</t:Name></t:FileAttachment></t:Attachments>"

static void make_and_look(struct sent *s, const char *back)
{
    script_say(s->st.script, CREATE(MADE("Task", "N1")));
    script_say(s->st.script, ATTACHED(PIECE("P")));
    script_say(s->st.script, back);
}

/* A request that was carried out twice: the item is made anew, once. */
static void test_attached_twice(void)
{
    static const char twice[] =
        GET(GOT(TASK_BACK(FILES_BACK("a.txt", "a.txt"))));
    static const struct {
        const char *name, *second, *lost;
    } rows[] = {
        { "once", GET(GOT(TASK_BACK(FILE_BACK("a.txt")))), NULL },
        { "always", twice, "stores them twice" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sent s;
        struct portable *p = task();

        add_file(p, "a.txt");
        begin(&s, V2013);
        use(&s, 0, p);
        s.puts[0].replace_id = "OLD";
        make_and_look(&s, twice);
        script_say(s.st.script, DELETED);
        make_and_look(&s, rows[i].second);
        script_say(s.st.script, CHANGED("Task", "N1"));
        script_say(s.st.script, DELETED);
        CHECK_OK(put(&s, 1), &s.err);
        CHECK_ROW(rows[i].name, s.done[0].status == 0);
        CHECK_ROW(rows[i].name,
                  rows[i].lost == NULL
                      ? s.done[0].lost == NULL
                      : strstr(s.done[0].lost, rows[i].lost) != NULL);
        CHECK_ROW(rows[i].name, strstr(asked(&s, 4), "Id=\"N1\"") != NULL);
        CHECK_ROW(rows[i].name, strstr(asked(&s, 9), "Id=\"OLD\"") != NULL);
        CHECK_ROW(rows[i].name, script_is_over(s.st.script));
        end(&s);
    }
}

/* One more that the server has added itself is no reason to. */
static void test_attached_by_the_server(void)
{
    struct sent s;
    struct portable *p = task();

    add_file(p, "a.txt");
    begin(&s, V2013);
    use(&s, 0, p);
    make_and_look(&s, GET(GOT(TASK_BACK(FILES_BACK("a.txt", "note.txt")))));
    script_say(s.st.script, CHANGED("Task", "N1"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpint(s.done[0].status, ==, 0);
    g_assert_null(s.done[0].lost);
    end(&s);
}

/* One that it will have later: the beginning is taken back. */
static void test_taken_back(void)
{
    struct sent s;
    struct portable *p = task();

    add_file(p, "a.txt");
    begin(&s, V2013);
    use(&s, 0, p);
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, ATTACHED(NO_PIECE("ErrorMailboxStoreUnavailable")));
    script_say(s.st.script, DELETED);
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpint(s.done[0].status, ==, -1);
    g_assert_cmpint(s.done[0].why.retry, ==, ERR_RETRY_WAIT);
    g_assert_null(s.done[0].id);
    g_assert_nonnull(strstr(asked(&s, 3), "Id=\"N1\""));
    end(&s);
}

/* The same when it cannot be: somebody must look. */
static void test_not_taken_back(void)
{
    const struct script_line lost = { .lost = "connection-lost",
                                      .lost_scope = ERR_MAILBOX,
                                      .lost_retry = ERR_RETRY_NOW,
                                      .body_sent = true };
    struct sent s;
    struct portable *p = task();

    add_file(p, "a.txt");
    begin(&s, V2013);
    use(&s, 0, p);
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_add(s.st.script, &lost);
    script_add(s.st.script, &lost);
    g_assert_cmpint(put(&s, 1), ==, -1);
    g_assert_true(s.maybe);
    end(&s);
}

static struct portable *series(void)
{
    const struct portable_recurrence r = { PORTABLE_WEEKLY,   .interval = 1,
                                           .days = 0x22,      .first_day = 1,
                                           .start = 20240304, .count = 10 };
    struct portable *p = portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");
    struct portable *x = portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");

    set(p, "item:Subject", TEXT("Weekly"));
    set(p, "calendar:Location", TEXT("Room 1"));
    set(p, "calendar:Start", at("2024-03-04T09:00:00Z"));
    set(p, "calendar:End", at("2024-03-04T10:00:00Z"));
    portable_set_recurrence(p, &r);
    set(x, "item:Subject", TEXT("Weekly"));
    set(x, "calendar:Location", TEXT("Room 2"));
    set(x, "calendar:Start", at("2024-03-08T10:00:00Z"));
    set(x, "calendar:End", at("2024-03-08T11:00:00Z"));
    portable_seal(x);
    portable_add_exception(p, at("2024-03-08T09:00:00Z").integer, x);
    portable_add_deletion(p, at("2024-03-11T09:00:00Z").integer);
    return p;
}

static void test_series(void)
{
    struct sent s;

    begin(&s, V2007);
    use(&s, 0, series());
    script_say(s.st.script, CREATE(MADE("CalendarItem", "S")));
    script_say(s.st.script, CHANGED("CalendarItem", "X"));
    script_say(s.st.script, DELETED);
    script_say(s.st.script, GET(GOT(SAMPLE_SERIES)));
    script_say(s.st.script, GET(GOT(SAMPLE_EXCEPTION)));
    script_say(s.st.script, CHANGED("CalendarItem", "S"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_null(s.done[0].lost);
    g_assert_nonnull(strstr(asked(&s, 2),
                            "<t:OccurrenceItemId RecurringMasterId=\"S\" "
                            "InstanceIndex=\"2\"/>"));
    g_assert_nonnull(strstr(asked(&s, 2), "<t:Location>Room 2</t:Location>"));
    g_assert_null(strstr(asked(&s, 2), "item:Subject"));
    g_assert_nonnull(strstr(asked(&s, 3), "InstanceIndex=\"3\"/>"));
    g_assert_nonnull(strstr(asked(&s, 3), "DeleteType=\"HardDelete\""));
    end(&s);
}

/* As a server of 2007 answers it: without a first day of the week. */
#define WEEKLY_OF_2007(days, interval)                                         \
    "<t:CalendarItem>" SAMPLE_ID(                                              \
        "S") "<t:ItemClass>IPM.Appointment</t:ItemClass>"                      \
             "<t:Recurrence><t:WeeklyRecurrence><t:Interval>" interval         \
             "</t:Interval><t:DaysOfWeek>" days "</t:DaysOfWeek>"              \
             "</t:WeeklyRecurrence><t:NoEndRecurrence><t:StartDate>"           \
             "2024-03-04</t:StartDate></t:NoEndRecurrence></t:Recurrence>"     \
             "</t:CalendarItem>"

#define WEEK_LOST "first day of the week (Sunday on this server)"

static void test_first_day_lost(void)
{
    static const struct {
        const char *name, *there;
        unsigned int interval, days, first_day;
        const char *lost;
    } rows[] = {
        { "Mondays", GET(GOT(WEEKLY_OF_2007("Monday", "2"))), 2, 0x02, 1,
          NULL },
        { "Mondays and Fridays", GET(GOT(WEEKLY_OF_2007("Monday Friday", "2"))),
          2, 0x22, 1, NULL },
        { "Sundays and Mondays", GET(GOT(WEEKLY_OF_2007("Sunday Monday", "2"))),
          2, 0x03, 1, WEEK_LOST },
        { "from Sunday on", GET(GOT(WEEKLY_OF_2007("Sunday Monday", "2"))), 2,
          0x03, 0, NULL },
        { "every week", GET(GOT(WEEKLY_OF_2007("Sunday Monday", "1"))), 1, 0x03,
          1, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct portable_recurrence r = {
            PORTABLE_WEEKLY, .interval = rows[i].interval, .days = rows[i].days,
            .first_day = rows[i].first_day, .start = 20240304
        };
        struct portable *p =
            portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");
        struct sent s;

        portable_set_recurrence(p, &r);
        begin_2007(&s);
        use(&s, 0, p);
        script_say(s.st.script, CREATE(MADE("CalendarItem", "S")));
        script_say(s.st.script, rows[i].there);
        CHECK_OK(put(&s, 1), &s.err);
        if (g_strcmp0(s.done[0].lost, rows[i].lost) != 0)
            g_error("row \"%s\": lost \"%s\"", rows[i].name, s.done[0].lost);
        end(&s);
    }
}

/* The server took the change and kept the old room. */
static void test_occurrence_lost(void)
{
    struct sent s;

    begin(&s, V2007);
    use(&s, 0, series());
    script_say(s.st.script, CREATE(MADE("CalendarItem", "S")));
    script_say(s.st.script, CHANGED("CalendarItem", "X"));
    script_say(s.st.script, DELETED);
    script_say(s.st.script, GET(GOT(SAMPLE_SERIES)));
    script_say(s.st.script,
               GET(GOT("<t:CalendarItem>" SAMPLE_ID(
                   "X") "<t:ItemClass>IPM.Appointment</t:ItemClass>"
                        "<t:Subject>Weekly</t:Subject>"
                        "<t:Start>2024-03-08T10:00:00Z</t:Start>"
                        "<t:End>2024-03-08T11:00:00Z</t:End>"
                        "<t:Location>Room 1</t:Location></t:CalendarItem>")));
    script_say(s.st.script, CHANGED("CalendarItem", "S"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpstr(s.done[0].lost, ==,
                    "location of the occurrence of 2024-03-08T09:00:00Z");
    end(&s);
}

/* ---- meetings -------------------------------------------------------- */

static struct portable *meeting(void)
{
    const struct portable_person boss = { PORTABLE_ORGANISER, "Boss",
                                          "boss@old.example" };
    const struct portable_person ann = {
        PORTABLE_REQUIRED, "Ann", "ann@old.example", NULL, NULL, "Accept"
    };
    struct portable *p = portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");

    set(p, "Appointment/0x8217", NUMBER(3));
    portable_add_person(p, &boss);
    portable_add_person(p, &ann);
    return p;
}

#define MEETING_BACK(boss)                                                     \
    "<t:CalendarItem>" SAMPLE_ID(                                              \
        "M") "<t:ItemClass>IPM.Appointment</"                                  \
             "t:ItemClass>" SAMPLE_NAMED(                                      \
                 "Appointment", "33303", "Integer",                            \
                 "3") "<t:"                                                    \
                      "Organizer"                                              \
                      ">" SAMPLE_BOX("x", boss) "</"                           \
                                                "t:Organizer><t:"              \
                                                "RequiredAttendees><t:"        \
                                                "Attendee>" SAMPLE_BOX(        \
                                                    "Ann",                     \
                                                    "ann@old.example") "<t:"   \
                                                                       "Respo" \
                                                                       "nseTy" \
                                                                       "pe>"   \
                                                                       "Accep" \
                                                                       "t"     \
                                                                       "</"    \
                                                                       "t:"    \
                                                                       "Respo" \
                                                                       "nseTy" \
                                                                       "pe></" \
                                                                       "t:"    \
                                                                       "Atten" \
                                                                       "dee><" \
                                                                       "/t:"   \
                                                                       "Requi" \
                                                                       "redAt" \
                                                                       "tende" \
                                                                       "es></" \
                                                                       "t:"    \
                                                                       "Calen" \
                                                                       "darIt" \
                                                                       "em>"

static void test_meeting(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, meeting());
    script_say(s.st.script, CREATE(MADE("CalendarItem", "M")));
    script_say(s.st.script, GET(GOT(MEETING_BACK("boss@old.example"))));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_null(s.done[0].lost);
    end(&s);
}

/* Left as this mailbox's own meeting, its deletion would tell everybody. */
static void test_wrong_organiser(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, meeting());
    script_say(s.st.script, CREATE(MADE("CalendarItem", "M")));
    script_say(s.st.script, GET(GOT(MEETING_BACK("me@new.example"))));
    script_say(s.st.script, CHANGED("CalendarItem", "M"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_nonnull(strstr(s.done[0].lost, "organiser (kept as an app"));
    g_assert_nonnull(strstr(asked(&s, 3), "DeleteItemField><t:FieldURI "
                                          "FieldURI=\"calendar:Required"));
    end(&s);
}

/* ---- other ways ---------------------------------------------------------- */

/* Rather without what the server will not have than not at all. */
static void test_properties_refused(void)
{
    struct sent s;
    struct portable *p = task();

    set(p, "Common/0x851F", TEXT("ding.wav"));
    begin(&s, V2016);
    use(&s, 0, p);
    script_say(s.st.script,
               CREATE(NOT_MADE("ErrorInvalidExtendedPropertyValue")));
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, GET(GOT(TASK_BACK(""))));
    script_say(s.st.script, NOT_CHANGED("ErrorInvalidExtendedPropertyValue"));
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_nonnull(strstr(asked(&s, 1), "ding.wav"));
    g_assert_null(strstr(asked(&s, 2), "ding.wav"));
    g_assert_cmpstr(s.done[0].lost, ==, "reminder sound file");
    end(&s);
}

static void test_replace(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, task());
    s.puts[0].replace_id = "OLD";
    script_say(s.st.script, CREATE(MADE("Task", "N1")));
    script_say(s.st.script, GET(GOT(TASK_BACK(""))));
    script_say(s.st.script, DELETED);
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpstr(s.done[0].id, ==, "N1");
    g_assert_nonnull(strstr(asked(&s, 3), "Id=\"OLD\""));
    g_assert_nonnull(strstr(asked(&s, 3), "SoftDelete"));
    end(&s);
}

static void test_hidden(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, mail(true));
    s.puts[0].associated = true;
    CHECK_OK(put(&s, 1), &s.err);
    g_assert_cmpint(s.done[0].status, ==, -1);
    g_assert_cmpuint(script_n(s.st.script), ==, 1);
    end(&s);
}

/* Two folders are two requests: one has one place to save in. */
static void test_two_folders(void)
{
    struct sent s;

    begin(&s, V2016);
    use(&s, 0, mail(true));
    use(&s, 1, mail(true));
    s.puts[1].folder_id = "G";
    script_say(s.st.script, CREATE(MADE("Message", "N1")));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N1", "true", ""))));
    script_say(s.st.script, CREATE(MADE("Message", "N2")));
    script_say(s.st.script, GET(GOT(MAIL_BACK("N2", "true", ""))));
    CHECK_OK(put(&s, 2), &s.err);
    g_assert_nonnull(strstr(asked(&s, 3), "<t:FolderId Id=\"G\"/>"));
    end(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/portable-put/batch", test_batch);
    g_test_add_func("/portable-put/unread", test_unread_is_restored);
    g_test_add_func("/portable-put/lost", test_lost_is_said);
    g_test_add_func("/portable-put/one-fails", test_one_fails);
    g_test_add_func("/portable-put/maybe", test_maybe);
    g_test_add_func("/portable-put/maybe-first", test_maybe_of_the_first);
    g_test_add_func("/portable-put/attachments", test_attachments);
    g_test_add_func("/portable-put/refused", test_attachment_refused);
    g_test_add_func("/portable-put/attached-twice", test_attached_twice);
    g_test_add_func("/portable-put/attached-by-server",
                    test_attached_by_the_server);
    g_test_add_func("/portable-put/taken-back", test_taken_back);
    g_test_add_func("/portable-put/not-taken-back", test_not_taken_back);
    g_test_add_func("/portable-put/series", test_series);
    g_test_add_func("/portable-put/first-day-lost", test_first_day_lost);
    g_test_add_func("/portable-put/occurrence-lost", test_occurrence_lost);
    g_test_add_func("/portable-put/meeting", test_meeting);
    g_test_add_func("/portable-put/wrong-organiser", test_wrong_organiser);
    g_test_add_func("/portable-put/properties", test_properties_refused);
    g_test_add_func("/portable-put/replace", test_replace);
    g_test_add_func("/portable-put/hidden", test_hidden);
    g_test_add_func("/portable-put/two-folders", test_two_folders);
    return g_test_run();
}
