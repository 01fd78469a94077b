#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"
#include "lab/store_priv.h"

static void test_sender(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        const char *behalf_smtp, *smtp, *behalf, *address, *behalf_name, *given;
        const char *want;
    } rows[] = {
        { "nobody", NULL, NULL, NULL, NULL, NULL, NULL, NULL },
        { "SMTP on behalf first", "a@x", "b@x", "c@x", "d@x", "E", "F", "a@x" },
        { "SMTP", NULL, "b@x", "c@x", "d@x", "E", "F", "b@x" },
        { "address on behalf", NULL, NULL, "c@x", "d@x", "E", "F", "c@x" },
        { "address", NULL, NULL, NULL, "d@x", "E", "F", "d@x" },
        { "Exchange's own is none", NULL, NULL, "/O=X/CN=Y", "d@x", "E", "F",
          "d@x" },
        { "names at last", NULL, NULL, "/O=X/CN=Y", "/O=X/CN=Z", "E", "F",
          "E" },
        { "the sender's name", NULL, NULL, NULL, NULL, NULL, "F", "F" },
        { "empty ones do not count", "", "", "", "", "", "F", "F" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct {
            uint32_t tag;
            const char *text;
        } values[] = {
            { PR_SENT_REPRESENTING_SMTP, rows[i].behalf_smtp },
            { PR_SENDER_SMTP_ADDRESS, rows[i].smtp },
            { PR_SENT_REPRESENTING_EMAIL, rows[i].behalf },
            { PR_SENDER_EMAIL_ADDRESS, rows[i].address },
            { PR_SENT_REPRESENTING_NAME, rows[i].behalf_name },
            { PR_SENDER_NAME, rows[i].given },
        };
        g_autoptr(mapi_item) item = mapi_item_new();
        g_auto(lab_item) columns = { 0 };

        for (size_t j = 0; j < G_N_ELEMENTS(values); j++)
            if (values[j].text != NULL)
                mapi_set_text(item, &item->message.props, values[j].tag,
                              values[j].text);
        lab_columns_draw(item, &columns);
        CHECK_ROW(rows[i].name, g_strcmp0(columns.sender, rows[i].want) == 0);
    }
}

static void test_attachments(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        unsigned int visible, hidden;
        bool want;
    } rows[] = {
        { "none", 0, 0, false },
        { "one", 1, 0, true },
        { "an inline image alone", 0, 1, false },
        { "a file behind images", 1, 2, true },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        g_auto(lab_item) columns = { 0 };

        for (unsigned int j = 0; j < rows[i].hidden; j++)
            mapi_set_bool(item,
                          &mapi_add_attachment(item, &item->message)->props,
                          PR_ATTACHMENT_HIDDEN, true);
        for (unsigned int j = 0; j < rows[i].visible; j++)
            mapi_add_attachment(item, &item->message);
        lab_columns_draw(item, &columns);
        CHECK_ROW(rows[i].name, columns.has_attachments == rows[i].want);
    }
}

static void test_an_empty_item(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    g_auto(lab_item) columns = { 0 };

    lab_columns_draw(item, &columns);
    g_assert_cmpstr(columns.item_class, ==, "IPM.Note");
    g_assert_null(columns.subject);
    g_assert_null(columns.message_id);
    g_assert_null(columns.search_key);
    g_assert_false(columns.read);
    g_assert_cmpuint(columns.size_bytes, ==, 0);
    g_assert_cmpint(columns.received_us, ==, TIMESTAMP_NONE);
    g_assert_cmpint(columns.sent_us, ==, TIMESTAMP_NONE);
}

static void test_a_full_item(void)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Post", "hi", "b");
    struct mapi_props *props = &item->message.props;
    g_auto(lab_item) columns = { 0 };

    mapi_set_i32(item, props, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    mapi_set_i32(item, props, PR_MESSAGE_SIZE, 4711);
    mapi_set_time(item, props, PR_CLIENT_SUBMIT_TIME, 5000000);
    mapi_set_text(item, props, PR_INTERNET_MESSAGE_ID, "<1@x>");
    lab_columns_draw(item, &columns);
    g_assert_cmpstr(columns.item_class, ==, "IPM.Post");
    g_assert_cmpstr(columns.subject, ==, "hi");
    g_assert_cmpstr(columns.message_id, ==, "<1@x>");
    g_assert_true(columns.read);
    g_assert_cmpuint(columns.size_bytes, ==, 4711);
    g_assert_cmpint(columns.sent_us, ==, 5000000);
    g_assert_true(memcmp(g_bytes_get_data(columns.search_key, NULL),
                         "0123456789abcdef", 16) == 0);
}

/* A size that would be negative is none. */
static void test_hostile_size(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    g_auto(lab_item) columns = { 0 };

    mapi_set_i32(item, &item->message.props, PR_MESSAGE_SIZE, -5);
    lab_columns_draw(item, &columns);
    g_assert_cmpuint(columns.size_bytes, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-columns/sender", test_sender);
    g_test_add_func("/store-columns/attachments", test_attachments);
    g_test_add_func("/store-columns/empty", test_an_empty_item);
    g_test_add_func("/store-columns/full", test_a_full_item);
    g_test_add_func("/store-columns/hostile-size", test_hostile_size);
    return g_test_run();
}
