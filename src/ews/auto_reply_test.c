#include "endpoint/auto_reply.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/mailbox.h"
#include "ews/script.h"

#define SETTINGS                                                               \
    "<t:OofState>Scheduled</t:OofState>"                                       \
    "<t:ExternalAudience>Known</t:ExternalAudience>"                           \
    "<t:Duration><t:StartTime>2026-01-02T03:00:00Z</t:StartTime>"              \
    "<t:EndTime>2026-01-09T03:00:00Z</t:EndTime></t:Duration>"                 \
    "<t:InternalReply xml:lang=\"de-CH\"><t:Message>&lt;b&gt;away&lt;/b&gt;"   \
    "</t:Message></t:InternalReply>"                                           \
    "<t:ExternalReply><t:Message>gone</t:Message></t:ExternalReply>"

#define GOT(settings)                                                          \
    ANSWER(                                                                    \
        "<m:GetUserOofSettingsResponse xmlns:m=\"" M_NS "\" xmlns:t=\"" T_NS   \
        "\"><m:ResponseMessage ResponseClass=\"Success\"><m:ResponseCode>"     \
        "NoError</m:ResponseCode></m:ResponseMessage><t:OofSettings>" settings \
        "</t:OofSettings><m:AllowExternalOof>All"                              \
        "</m:AllowExternalOof></m:GetUserOofSettingsResponse>")
#define SET(class, code)                                                       \
    ANSWER("<m:SetUserOofSettingsResponse xmlns:m=\"" M_NS                     \
           "\"><m:ResponseMessage ResponseClass=\"" class                      \
           "\"><m:ResponseCode>" code "</m:ResponseCode></m:ResponseMessage>"  \
           "</m:SetUserOofSettingsResponse>")

/* What was read is written as it was. */
static void test_round_trip(void)
{
    g_auto(endpoint_auto_reply) r = { 0 };
    const struct script_request *request;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, GOT(SETTINGS));
    CHECK_OK(auto_reply_get(st.ep, &r, &err), &err);
    g_assert_nonnull(
        strstr(script_request(st.script, 1)->body,
               "<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>"
               "ann@old.example</t:Address></t:Mailbox>"));
    g_assert_cmpint(r.state, ==, AUTO_REPLY_SCHEDULED);
    g_assert_cmpint(r.audience, ==, AUTO_REPLY_CONTACTS);
    g_assert_cmpint(r.end_us - r.start_us, ==,
                    7 * INT64_C(86400) * TIMESTAMP_SECOND);
    g_assert_cmpstr(r.internal, ==, "<b>away</b>");
    g_assert_cmpstr(r.internal_language, ==, "de-CH");
    g_assert_cmpstr(r.external, ==, "gone");
    script_say(st.script, SET("Success", "NoError"));
    CHECK_OK(auto_reply_set(st.ep, &r, &err), &err);
    request = script_request(st.script, 2);
    g_assert_nonnull(strstr(request->body, SETTINGS));
    g_assert_false(request->repeatable);
    stage_release(&st);
}

static void test_refused(void)
{
    struct endpoint_auto_reply r = { .start_us = TIMESTAMP_NONE,
                                     .end_us = TIMESTAMP_NONE };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, SET("Error", "ErrorInvalidScheduledOofDuration"));
    g_assert_cmpint(auto_reply_set(st.ep, &r, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidScheduledOofDuration");
    g_assert_nonnull(err.remedy);
    /* Without a time there is none. */
    g_assert_null(strstr(script_request(st.script, 1)->body, "t:Duration"));
    stage_release(&st);
}

/* A state that nobody knows is not taken for "off". */
static void test_odd(void)
{
    g_auto(endpoint_auto_reply) r = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_lie(st.script, GOT("<t:OofState>Perhaps</t:OofState>"
                              "<t:ExternalAudience>All</t:ExternalAudience>"));
    g_assert_cmpint(auto_reply_get(st.ep, &r, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "\"Perhaps\""));
    stage_release(&st);
}

static void test_blank(void)
{
    static const struct {
        const char *name;
        enum auto_reply_state state;
        const char *internal;
        bool blank;
    } rows[] = {
        { "nothing", AUTO_REPLY_OFF, "", true },
        { "an emptied editor", AUTO_REPLY_OFF,
          "<html><body>\r\n<div></div></body></html>", true },
        { "a text for the next time", AUTO_REPLY_OFF, "<p>away</p>", false },
        { "on without a text", AUTO_REPLY_ON, "", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(endpoint_auto_reply) r = { 0 };

        r.state = rows[i].state;
        r.internal = g_strdup(rows[i].internal);
        CHECK_ROW(rows[i].name,
                  endpoint_auto_reply_is_blank(&r) == rows[i].blank);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/auto-reply/round-trip", test_round_trip);
    g_test_add_func("/auto-reply/refused", test_refused);
    g_test_add_func("/auto-reply/odd", test_odd);
    g_test_add_func("/auto-reply/blank", test_blank);
    return g_test_run();
}
