#include <string.h>

#include "base/check.h"
#include "base/spool.h"
#include "ews/portable_samples.h"
#include "ews/script.h"
#include "portable/portable.h"

#define GOT(item)     SUCCESS("GetItem", "<m:Items>" item "</m:Items>")
#define NOT_GOT(code) FAILURE("GetItem", code, "<m:Items/>")
#define GET(messages) ANSWER(RESPONSE("GetItem", messages))
#define GOT_PIECE(a)                                                           \
    SUCCESS("GetAttachment", "<m:Attachments>" a "</m:Attachments>")
#define GET_PIECES(messages) ANSWER(RESPONSE("GetAttachment", messages))
#define OF_CLASS(element, id, class)                                           \
    "<t:" element                                                              \
    ">" SAMPLE_ID(id) "<t:ItemClass>" class "</t:ItemClass></t:" element ">"

#define PIECE_ID(id) "<t:AttachmentId Id=\"" id "\"/>"
#define FILE_PIECE(id, name)                                                   \
    "<t:FileAttachment>" PIECE_ID(id) "<t:Name>" name                          \
                                      "</t:Name><t:ContentType>text/plain</"   \
                                      "t:ContentType></t:FileAttachment>"
#define FILE_CONTENT(id, content)                                              \
    "<t:FileAttachment>" PIECE_ID(id) "<t:Name>f</t:Name><t:Content>" content  \
                                      "</t:Content></t:FileAttachment>"
#define ITEM_PIECE(id, name, item)                                             \
    "<t:ItemAttachment>" PIECE_ID(id) "<t:Name>" name "</t:Name>" item         \
                                      "</t:ItemAttachment>"
#define WITH_PIECES(id, pieces)                                                \
    "<t:Task>" SAMPLE_ID(id) "<t:ItemClass>IPM.Task</t:ItemClass>"             \
                             "<t:Attachments>" pieces                          \
                             "</t:Attachments></t:Task>"

struct fetched {
    struct stage st;
    struct endpoint_ref refs[2];
    struct endpoint_item items[2];
    struct err err;
};

static void begin(struct fetched *f, const char *class0, const char *class1)
{
    *f = (struct fetched){ .refs = { { .id = "1",
                                       .format = PAYLOAD_PORTABLE,
                                       .item_class = class0 },
                                     { .id = "2",
                                       .format = PAYLOAD_PORTABLE,
                                       .item_class = class1 } } };
    stage_init(&f->st);
    stage_open_2016(&f->st);
}

static int fetch(struct fetched *f, size_t n)
{
    return endpoint_fetch(f->st.ep, f->refs, n, f->st.pool, f->items, &f->err);
}

static const char *asked(struct fetched *f, size_t i)
{
    return script_request(f->st.script, i)->body;
}

static void end(struct fetched *f)
{
    endpoint_items_free(f->items, 2);
    stage_release(&f->st);
}

/* Two mails whose class is known: one request. */
static void test_mails(void)
{
    struct fetched f;

    begin(&f, "IPM.Note", "IPM.Note");
    script_say(f.st.script, GET(GOT(SAMPLE_MAIL("2", "true", "1"))
                                    GOT(SAMPLE_MAIL("1", "false", "0"))));
    CHECK_OK(fetch(&f, 2), &f.err);
    g_assert_cmpint(f.items[0].format, ==, PAYLOAD_PORTABLE);
    g_assert_null(f.items[0].payload);
    g_assert_false(portable_flag(f.items[0].portable, "message:IsRead"));
    g_assert_true(portable_flag(f.items[1].portable, "message:IsRead"));
    g_assert_cmpstr(f.items[1].change_key, ==, "ck-2");
    g_assert_nonnull(
        strstr(asked(&f, 1), "IncludeMimeContent>true</t:IncludeMimeContent"));
    g_assert_null(strstr(asked(&f, 1), "calendar:"));
    g_assert_true(script_request(f.st.script, 1)->repeatable);
    end(&f);
}

static void test_class_is_asked_for(void)
{
    struct fetched f;

    begin(&f, NULL, "IPM.StickyNote");
    script_say(f.st.script, GET(GOT(OF_CLASS("Task", "1", "IPM.Task"))));
    script_say(f.st.script, GET(GOT(OF_CLASS("Task", "1", "IPM.Task"))));
    script_say(f.st.script,
               GET(GOT(OF_CLASS("Message", "2", "IPM.StickyNote"))));
    CHECK_OK(fetch(&f, 2), &f.err);
    g_assert_cmpint(portable_kind(f.items[0].portable), ==, PORTABLE_TASK);
    g_assert_cmpint(portable_kind(f.items[1].portable), ==, PORTABLE_NOTE);
    g_assert_nonnull(strstr(asked(&f, 1), "item:ItemClass"));
    g_assert_null(strstr(asked(&f, 1), "task:"));
    g_assert_nonnull(strstr(asked(&f, 2), "task:Status"));
    end(&f);
}

/* What was listed as a mail has become something else meanwhile. */
static void test_class_is_another(void)
{
    struct fetched f;

    begin(&f, "IPM.Note", NULL);
    script_say(f.st.script, GET(GOT(OF_CLASS("Task", "1", "IPM.Task"))));
    script_say(f.st.script, GET(GOT(OF_CLASS("Task", "1", "IPM.Task"))));
    CHECK_OK(fetch(&f, 1), &f.err);
    g_assert_cmpint(portable_kind(f.items[0].portable), ==, PORTABLE_TASK);
    end(&f);
}

static void test_one_fails(void)
{
    static const struct {
        const char *name, *message, *err_name;
    } rows[] = {
        { "gone", NOT_GOT("ErrorItemNotFound"), "ErrorItemNotFound" },
        { "damaged", NOT_GOT("ErrorItemCorrupt"), "ErrorItemCorrupt" },
        { "busy", NOT_GOT("ErrorServerBusy"), "ErrorServerBusy" },
        { "no item", SUCCESS("GetItem", "<m:Items/>"), "OddAnswer" },
        { "no MIME", GOT(OF_CLASS("Message", "2", "IPM.Note")), "OddAnswer" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = g_strdup_printf(
            GET("%s%s"), GOT(SAMPLE_MAIL("1", "true", "1")), rows[i].message);
        struct fetched f;

        begin(&f, "IPM.Note", "IPM.Note");
        script_lie(f.st.script, body);
        CHECK_OK(fetch(&f, 2), &f.err);
        CHECK_ROW(rows[i].name, f.items[0].status == 0);
        CHECK_ROW(rows[i].name, f.items[1].status == -1);
        CHECK_ROW(rows[i].name,
                  strcmp(f.items[1].why.name, rows[i].err_name) == 0);
        CHECK_ROW(rows[i].name, f.items[1].portable == NULL);
        end(&f);
    }
}

static void test_answer_about_something_else(void)
{
    struct fetched f;

    begin(&f, "IPM.Note", NULL);
    script_say(f.st.script, GET(GOT(SAMPLE_MAIL("9", "true", "1"))));
    g_assert_cmpint(fetch(&f, 1), ==, -1);
    g_assert_cmpstr(f.err.name, ==, "OddAnswer");
    end(&f);
}

static const char *content_of(const struct portable_attachment *a, char *ret,
                              size_t size)
{
    struct err err;
    ssize_t n = blob_read_at(a->content, 0, ret, size - 1, &err);

    g_assert_cmpint(n, >=, 0);
    ret[n] = '\0';
    return ret;
}

/* Files go together; items one by one, each as what it is. */
static void test_attachments(void)
{
    const struct portable_attachment *a;
    struct fetched f;
    char text[20];

    begin(&f, "IPM.Task", NULL);
    script_say(
        f.st.script,
        GET(GOT(WITH_PIECES("1", FILE_PIECE("A1", "one") FILE_PIECE("A2", "two")
                                     ITEM_PIECE("A3", "in", "")))));
    script_say(f.st.script, GET_PIECES(GOT_PIECE(FILE_CONTENT("A1", "QUFB"))
                                           GOT_PIECE(FILE_CONTENT("A2", ""))));
    script_say(f.st.script,
               GET_PIECES(GOT_PIECE(ITEM_PIECE(
                   "A3", "in", OF_CLASS("Contact", "C", "IPM.Contact")))));
    script_say(f.st.script,
               GET_PIECES(GOT_PIECE(ITEM_PIECE("A3", "in", SAMPLE_CONTACT))));
    CHECK_OK(fetch(&f, 1), &f.err);
    CHECK_OK(f.items[0].status, &f.items[0].why);
    g_assert_cmpuint(portable_n_attachments(f.items[0].portable), ==, 3);
    a = portable_attachment_at(f.items[0].portable, 0);
    g_assert_cmpstr(content_of(a, text, sizeof(text)), ==, "QUFB");
    g_assert_cmpstr(a->name, ==, "one");
    g_assert_cmpstr(a->content_type, ==, "text/plain");
    a = portable_attachment_at(f.items[0].portable, 2);
    g_assert_cmpstr(portable_text(a->item, "contacts:GivenName"), ==, "Ann");
    g_assert_nonnull(strstr(asked(&f, 2), "Id=\"A1\"/><t:AttachmentId "
                                          "Id=\"A2\"/>"));
    g_assert_null(strstr(asked(&f, 2), "AttachmentShape"));
    g_assert_null(strstr(asked(&f, 3), "IncludeMimeContent>true"));
    g_assert_nonnull(strstr(asked(&f, 4), "contacts:GivenName"));
    end(&f);
}

#define MAIL_WITH(pieces)                                                      \
    "<t:Message><t:MimeContent CharacterSet=\"UTF-8\">" SAMPLE_MIME            \
    "</t:MimeContent>" SAMPLE_ID(                                              \
        "1") "<t:ItemClass>IPM.Note</t:ItemClass><t:Attachments>" pieces       \
             "</t:Attachments></t:Message>"
#define CONTACT_PIECE                                                          \
    GET_PIECES(GOT_PIECE(ITEM_PIECE("A3", "in", SAMPLE_CONTACT)))

/* What is in the MIME is not asked for: items alone are, and not to compare. */
static void test_attached_to_mail(void)
{
    static const char mixed[] =
        MAIL_WITH(FILE_PIECE("A1", "one") ITEM_PIECE("A3", "in", ""));
    static const char unreadable[] = GET_PIECES(
        FAILURE("GetAttachment", "ErrorItemCorrupt", "<m:Attachments/>"));
    static const struct {
        const char *name, *mail;
        const char *pieces[3];
        bool to_compare;
        size_t requests, attachments, items;
    } rows[] = {
        /* clang-format off */
        { "files", MAIL_WITH(FILE_PIECE("A1", "one")), { NULL }, false, 2, 0, 0 },
        { "an item", mixed, { CONTACT_PIECE, CONTACT_PIECE }, false, 4, 2, 1 },
        { "to compare", mixed, { NULL }, true, 2, 0, 0 },
        { "unreadable", mixed, { unreadable }, false, 3, 2, 0 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf(GET(GOT("%s")), rows[i].mail);
        struct fetched f;
        const struct portable *p;
        size_t items = 0;

        begin(&f, "IPM.Note", NULL);
        f.refs[0].to_compare = rows[i].to_compare;
        script_say(f.st.script, mail);
        for (size_t k = 0; rows[i].pieces[k] != NULL; k++)
            script_say(f.st.script, rows[i].pieces[k]);
        CHECK_OK(fetch(&f, 1), &f.err);
        CHECK_OK(f.items[0].status, &f.items[0].why);
        p = f.items[0].portable;
        CHECK_ROW(rows[i].name, script_n(f.st.script) == rows[i].requests);
        CHECK_ROW(rows[i].name,
                  portable_n_attachments(p) == rows[i].attachments);
        for (size_t k = 0; k < portable_n_attachments(p); k++)
            items += portable_attachment_at(p, k)->item != NULL;
        CHECK_ROW(rows[i].name, items == rows[i].items);
        CHECK_ROW(rows[i].name, portable_bytes(p) < 2 * strlen(SAMPLE_MIME));
        end(&f);
    }
}

/* A mail in a mail, and so on: the fourth is left to the MIME. */
static void test_mails_in_mails(void)
{
    static const char mail[] = GET_PIECES(
        GOT_PIECE(ITEM_PIECE("A", "a", MAIL_WITH(ITEM_PIECE("A", "a", "")))));
    const struct portable *p;
    struct fetched f;

    begin(&f, "IPM.Note", NULL);
    script_say(f.st.script, GET(GOT(MAIL_WITH(ITEM_PIECE("A", "a", "")))));
    for (int i = 0; i < 6; i++)
        script_say(f.st.script, mail);
    CHECK_OK(fetch(&f, 1), &f.err);
    CHECK_OK(f.items[0].status, &f.items[0].why);
    g_assert_true(script_is_over(f.st.script));
    p = f.items[0].portable;
    for (int i = 0; i < 3; i++)
        p = portable_attachment_at(p, 0)->item;
    g_assert_cmpuint(portable_n_attachments(p), ==, 0);
    end(&f);
}

/* A task in a task in a task, with a mail at the bottom. */
static void test_three_deep(void)
{
    const struct portable *p;
    struct fetched f;

    begin(&f, "IPM.Task", NULL);
    script_say(f.st.script,
               GET(GOT(WITH_PIECES("1", ITEM_PIECE("A", "a", "")))));
    for (int i = 0; i < 2; i++) {
        script_say(f.st.script,
                   GET_PIECES(GOT_PIECE(ITEM_PIECE(
                       "A", "a", OF_CLASS("Task", "T", "IPM.Task")))));
        script_say(f.st.script,
                   GET_PIECES(GOT_PIECE(ITEM_PIECE(
                       "A", "a", WITH_PIECES("T", ITEM_PIECE("B", "b", ""))))));
    }
    for (int i = 0; i < 2; i++)
        script_say(f.st.script, GET_PIECES(GOT_PIECE(ITEM_PIECE(
                                    "B", "b", SAMPLE_MAIL("M", "true", "1")))));
    CHECK_OK(fetch(&f, 1), &f.err);
    p = f.items[0].portable;
    for (int i = 0; i < 3; i++)
        p = portable_attachment_at(p, 0)->item;
    g_assert_nonnull(portable_mime(p));
    end(&f);
}

/* An item that holds itself, and so on. */
static void test_endless(void)
{
    struct fetched f;

    begin(&f, "IPM.Task", NULL);
    script_say(f.st.script,
               GET(GOT(WITH_PIECES("1", ITEM_PIECE("A", "a", "")))));
    for (unsigned int i = 0; i < 2 * PORTABLE_DEPTH_MAX; i++)
        script_say(f.st.script,
                   GET_PIECES(GOT_PIECE(ITEM_PIECE(
                       "A", "a", WITH_PIECES("T", ITEM_PIECE("A", "a", ""))))));
    CHECK_OK(fetch(&f, 1), &f.err);
    g_assert_cmpint(f.items[0].status, ==, -1);
    g_assert_cmpint(f.items[0].why.scope, ==, ERR_ITEM);
    end(&f);
}

static void test_series(void)
{
    const struct portable *p, *x;
    struct fetched f;
    int64_t us;

    begin(&f, "IPM.Appointment", NULL);
    f.refs[0].id = "S";
    script_say(f.st.script, GET(GOT(SAMPLE_SERIES)));
    script_say(f.st.script, GET(GOT(SAMPLE_EXCEPTION)));
    CHECK_OK(fetch(&f, 1), &f.err);
    CHECK_OK(f.items[0].status, &f.items[0].why);
    p = f.items[0].portable;
    g_assert_cmpint(portable_recurrence(p)->pattern, ==, PORTABLE_WEEKLY);
    g_assert_cmpuint(portable_recurrence(p)->days, ==, 0x22);
    g_assert_cmpuint(portable_recurrence(p)->start, ==, 20240304);
    g_assert_cmpuint(portable_recurrence(p)->count, ==, 10);
    g_assert_cmpuint(portable_n_deletions(p), ==, 1);
    g_assert_cmpuint(portable_n_exceptions(p), ==, 1);
    x = portable_exception_at(p, 0, &us);
    g_assert_cmpint(us, ==, INT64_C(1709888400000000));
    g_assert_cmpstr(portable_text(x, "calendar:Location"), ==, "Room 2");
    g_assert_cmpstr(portable_zone(p, false)->id, ==, "W. Europe Standard Time");
    g_assert_cmpint(portable_zone(p, false)->bias, ==, -60);
    end(&f);
}

/* A photo is one by its name where the server does not say so. */
static void test_photo(void)
{
    struct fetched f;

    begin(&f, "IPM.Contact", NULL);
    script_say(
        f.st.script,
        GET(GOT("<t:Contact>" SAMPLE_ID(
            "1") "<t:ItemClass>IPM.Contact</t:ItemClass>"
                 "<t:Attachments>" FILE_PIECE(
                     "P",
                     "ContactPicture.jpg") "</t:Attachments></t:Contact>")));
    script_say(f.st.script, GET_PIECES(GOT_PIECE(FILE_CONTENT("P", "QUFB"))));
    CHECK_OK(fetch(&f, 1), &f.err);
    g_assert_true(portable_attachment_at(f.items[0].portable, 0)->photo);
    end(&f);
}

static void test_disk_full(void)
{
    g_autoptr(blob_pool) none = blob_pool_new(0, "/nonexistent/folder");
    struct fetched f;

    begin(&f, "IPM.Note", NULL);
    script_say(f.st.script, GET(GOT(SAMPLE_MAIL("1", "true", "1"))));
    g_assert_cmpint(endpoint_fetch(f.st.ep, f.refs, 1, none, f.items, &f.err),
                    ==, -1);
    g_assert_cmpint(f.err.scope, ==, ERR_ITEM);
    g_assert_cmpint(f.err.retry, ==, ERR_RETRY_WAIT);
    g_assert_true(spool_is_at_fault(&f.err));
    end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/portable-fetch/mails", test_mails);
    g_test_add_func("/portable-fetch/class-asked", test_class_is_asked_for);
    g_test_add_func("/portable-fetch/class-another", test_class_is_another);
    g_test_add_func("/portable-fetch/one-fails", test_one_fails);
    g_test_add_func("/portable-fetch/something-else",
                    test_answer_about_something_else);
    g_test_add_func("/portable-fetch/attachments", test_attachments);
    g_test_add_func("/portable-fetch/attached-to-mail", test_attached_to_mail);
    g_test_add_func("/portable-fetch/mails-in-mails", test_mails_in_mails);
    g_test_add_func("/portable-fetch/three-deep", test_three_deep);
    g_test_add_func("/portable-fetch/endless", test_endless);
    g_test_add_func("/portable-fetch/series", test_series);
    g_test_add_func("/portable-fetch/photo", test_photo);
    g_test_add_func("/portable-fetch/disk-full", test_disk_full);
    return g_test_run();
}
