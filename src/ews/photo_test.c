#include <string.h>

#include "base/check.h"
#include "ews/mailbox.h"
#include "ews/script.h"

#define PHOTO(more)                                                            \
    ANSWER("<m:GetUserPhotoResponse xmlns:m=\"" M_NS                           \
           "\" ResponseClass=\"Success\"><m:ResponseCode>NoError"              \
           "</m:ResponseCode>" more "</m:GetUserPhotoResponse>")
#define PICTURE                                                                \
    PHOTO("<m:HasChanged>true</m:HasChanged>"                                  \
          "<m:PictureData>SlBFRw==</m:PictureData>")
/* The schema has it otherwise: EWS-QUIRKS 28. */
#define SET                                                                    \
    ANSWER("<m:SetUserPhotoResponse xmlns:m=\"" M_NS                           \
           "\" ResponseClass=\"Success\"><m:ResponseCode>NoError"              \
           "</m:ResponseCode></m:SetUserPhotoResponse>")

static void test_get_and_set(void)
{
    g_autoptr(GBytes) picture = NULL;
    const struct script_request *r;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, PICTURE);
    g_assert_cmpint(photo_get(st.ep, &picture, &err), ==, 1);
    g_assert_cmpuint(g_bytes_get_size(picture), ==, 4);
    g_assert_true(memcmp(g_bytes_get_data(picture, NULL), "JPEG", 4) == 0);
    script_lie(st.script, SET);
    CHECK_OK(photo_set(st.ep, picture, &err), &err);
    r = script_request(st.script, 2);
    g_assert_nonnull(strstr(r->body, "<m:Email>ann@old.example</m:Email>"
                                     "<m:Content>SlBFRw==</m:Content>"));
    g_assert_false(r->repeatable);
    stage_release(&st);
}

/* In all the ways in which servers say it: EWS-QUIRKS 29. */
static void test_none(void)
{
    static const struct {
        const char *name;
        struct script_line line;
    } rows[] = {
        { "a fault",
          { .status = 500, .body = ANSWER(FAULT("ErrorItemNotFound", "")) } },
        { "a message without a picture",
          { .status = 200,
            .body = PHOTO("<m:HasChanged>false</m:HasChanged>") } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) picture = NULL;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_add(st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, photo_get(st.ep, &picture, &err) == 0);
        CHECK_ROW(rows[i].name, picture == NULL);
        stage_release(&st);
    }
}

/* Nothing but a status: it is asked again, and then it is none. */
static void test_bare_status(void)
{
    const struct script_line line = { .status = 500,
                                      .body = "oops",
                                      .content_type = "text/plain" };
    g_autoptr(GBytes) picture = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    for (int i = 0; i < 4; i++)
        script_add(st.script, &line);
    g_assert_cmpint(photo_get(st.ep, &picture, &err), ==, 0);
    stage_release(&st);
}

static void test_not_offered(void)
{
    g_autoptr(GBytes) picture = g_bytes_new_static("x", 1);
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    g_assert_cmpint(photo_get(st.ep, &picture, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-offered");
    g_assert_cmpint(photo_set(st.ep, picture, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-offered");
    g_assert_true(script_is_over(st.script));
    stage_release(&st);
}

/* A server of 2013 shows pictures and does not take them. */
static void test_not_taken(void)
{
    g_autoptr(GBytes) picture = g_bytes_new_static("x", 1);
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, ANSWER_OF(V2013, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(st.script, ANSWER_OF(V2013, FAULT("ErrorInvalidRequest", "")));
    g_assert_cmpint(photo_set(st.ep, picture, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-offered");
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/photo/get-and-set", test_get_and_set);
    g_test_add_func("/photo/none", test_none);
    g_test_add_func("/photo/bare-status", test_bare_status);
    g_test_add_func("/photo/not-offered", test_not_offered);
    g_test_add_func("/photo/not-taken", test_not_taken);
    return g_test_run();
}
