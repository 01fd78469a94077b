#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define TAG(tag, type, value)                                                  \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"" type "\"/><t:Value>" value                            \
    "</t:Value></t:ExtendedProperty>"
#define NAMED(set, id, type, value)                                            \
    "<t:ExtendedProperty><t:ExtendedFieldURI "                                 \
    "DistinguishedPropertySetId=\"" set "\" PropertyId=\"" id                  \
    "\" PropertyType=\"" type "\"/><t:Value>" value                            \
    "</t:Value></t:ExtendedProperty>"

#define ITEM(element, item_class, subject, properties)                         \
    SUCCESS("GetItem",                                                         \
            "<m:Items><t:" element                                             \
            "><t:ItemId Id=\"I\" ChangeKey=\"K\"/><t:ItemClass>" item_class    \
            "</t:ItemClass><t:Subject>" subject "</t:Subject>" properties      \
            "</t:" element "></m:Items>")
#define MAIL(subject, properties)                                              \
    ITEM("Message", "IPM.Note", subject, properties)
#define APPOINTMENT(subject, properties)                                       \
    ITEM("CalendarItem", "IPM.Appointment", subject, properties)

#define ID      TAG("0x1035", "String", "&lt;one@old.example&gt;")
#define SENT(t) TAG("0x39", "SystemTime", t)
#define MEETING NAMED("Meeting", "35", "Binary", "BAAA")
#define START                                                                  \
    NAMED("Appointment", "33293", "SystemTime", "2024-03-01T10:00:00Z")

static void get(struct stage *st, const char *answer, struct endpoint_key *ret,
                size_t n)
{
    static const char *const ids[] = { "A", "B", "C" };
    struct err err;

    script_say(st->script, answer);
    CHECK_OK(endpoint_keys(st->ep, ids, n, ret, &err), &err);
}

static void test_what_is_known_by_what(void)
{
    static const struct {
        const char *name, *answer, *want;
        bool exact;
    } rows[] = {
        { "a mail",
          ANSWER(RESPONSE("GetItem",
                          MAIL("Hello", ID SENT("2024-03-01T08:59:00Z")))),
          "mail 1709283540 <one@old.example>", true },
        { "whose time MIME has cut",
          ANSWER(RESPONSE("GetItem",
                          MAIL("Hello", ID SENT("2024-03-01T08:59:00.75Z")))),
          "mail 1709283540 <one@old.example>", true },
        { "one that was never sent",
          ANSWER(RESPONSE("GetItem", MAIL("Hello  you", ID))), "mail Hello you",
          false },
        { "one without an id",
          ANSWER(RESPONSE("GetItem",
                          MAIL(" Hello you ", SENT("2024-03-01T08:59:00Z")))),
          "mail Hello you", false },
        { "a meeting",
          ANSWER(RESPONSE("GetItem", APPOINTMENT("Talk", MEETING START))),
          "meeting 1709287200 BAAA", true },
        { "an appointment of one",
          ANSWER(RESPONSE("GetItem", APPOINTMENT("Dentist", START))),
          "appointment Dentist", false },
        { "a contact, whatever it has got",
          ANSWER(RESPONSE("GetItem", ITEM("Contact", "IPM.Contact", "Ann Other",
                                          ID SENT("2024-03-01T08:59:00Z")))),
          "contact Ann Other", false },
        { "a view",
          ANSWER(RESPONSE(
              "GetItem", ITEM("Message", "IPM.Microsoft.FolderDesign.NamedView",
                              "x", TAG("0x7006", "String", "By sender")))),
          "view By sender", true },
        { "a view without a name",
          ANSWER(RESPONSE(
              "GetItem", ITEM("Message", "IPM.Microsoft.FolderDesign.NamedView",
                              "x", ""))),
          "mail x", false },
        { "a mail that is called a view",
          ANSWER(RESPONSE("GetItem",
                          MAIL("Hello", TAG("0x7006", "String", "By sender")))),
          "mail Hello", false },
        { "a task",
          ANSWER(RESPONSE("GetItem", ITEM("Task", "IPM.Task", "Do it", ""))),
          "task Do it", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct endpoint_key key = { 0 };
        struct stage st;

        stage_init(&st);
        stage_open_2016(&st);
        get(&st, rows[i].answer, &key, 1);
        CHECK_ROW(rows[i].name, g_strcmp0(key.key, rows[i].want) == 0 &&
                                    key.exact == rows[i].exact);
        endpoint_keys_clear(&key, 1);
        stage_release(&st);
    }
}

/* One is gone, the others have their keys; all are asked for at once. */
static void test_batch(void)
{
    struct endpoint_key keys[3] = { 0 };
    struct stage st;

    stage_init(&st);
    stage_open_2016(&st);
    get(&st,
        ANSWER(RESPONSE("GetItem", MAIL("One", "") FAILURE(
                                       "GetItem", "ErrorItemNotFound",
                                       "<m:Items/>") MAIL("Three", ""))),
        keys, 3);
    g_assert_cmpstr(keys[0].key, ==, "mail One");
    g_assert_null(keys[1].key);
    g_assert_cmpstr(keys[2].key, ==, "mail Three");
    g_assert_cmpuint(script_n(st.script), ==, 2);
    endpoint_keys_clear(keys, 3);
    stage_release(&st);
}

/* A server that is busy with one of them: no key would look like none. */
static void test_busy(void)
{
    static const char *const ids[] = { "A", "B" };
    struct endpoint_key keys[2] = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script,
               ANSWER(RESPONSE("GetItem",
                               MAIL("One", "") FAILURE(
                                   "GetItem", "ErrorMailboxStoreUnavailable",
                                   "<m:Items/>"))));
    g_assert_cmpint(endpoint_keys(st.ep, ids, 2, keys, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    g_assert_null(keys[0].key);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys/what-is-known-by-what", test_what_is_known_by_what);
    g_test_add_func("/keys/batch", test_batch);
    g_test_add_func("/keys/busy", test_busy);
    return g_test_run();
}
