#include "lab/vcard.h"

#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"

/* A contact with one property of its own; by tag, or in PSETID_ADDRESS. */
static char *card_with(uint16_t tag, uint32_t lid, const char *text)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    mapi_set_text(item, props, PR_MESSAGE_CLASS, "IPM.Contact");
    mapi_set_text(item, props,
                  tag != 0
                      ? PROP_TAG(tag, PT_UNICODE)
                      : mapi_named_id(item, PSETID_ADDRESS, lid, PT_UNICODE),
                  text);
    return vcard_render(&item->message);
}

static void test_lines(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint16_t tag;
        uint32_t lid;
        const char *text, *line;
    } rows[] = {
        { "name", 0x3001, 0, "Ann; \"A\", B\\", "FN:Ann\\; \"A\"\\, B\\\\" },
        { "surname", 0x3A11, 0, "Adams", "N:Adams;;;;" },
        { "given name", 0x3A06, 0, "Ann", "N:;Ann;;;" },
        { "company", 0x3A16, 0, "Contoso", "ORG:Contoso;" },
        { "department", 0x3A18, 0, "IT", "ORG:;IT" },
        { "mobile", 0x3A1C, 0, "+49 1", "TEL;TYPE=CELL:+49 1" },
        { "mail", 0, 0x8084, "a@x.example",
          "EMAIL;TYPE=INTERNET:a@x.example" },
        { "third mail", 0, 0x80A4, "c@x.example",
          "EMAIL;TYPE=INTERNET:c@x.example" },
        { "work street", 0, 0x8045, "Way 1", "ADR;TYPE=WORK:;;Way 1;;;;" },
        { "home city", 0x3A59, 0, "K\xC3\xB6ln",
          "ADR;TYPE=HOME:;;;K\xC3\xB6ln;;;" },
        { "note", 0x1000, 0, "one\r\ntwo", "NOTE:one\\ntwo" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *card =
            card_with(rows[i].tag, rows[i].lid, rows[i].text);
        g_autofree char *line = g_strconcat("\r\n", rows[i].line, "\r\n", NULL);

        if (strstr(card, line) == NULL)
            g_test_message("%s: %s", rows[i].name, card);
        CHECK_ROW(rows[i].name, strstr(card, line) != NULL);
        CHECK_ROW(rows[i].name, g_str_has_prefix(card, "BEGIN:VCARD\r\n"));
        CHECK_ROW(rows[i].name, g_str_has_suffix(card, "END:VCARD\r\n"));
    }
}

/* What is not there has no line; a name always has one. */
static void test_empty(void)
{
    g_autofree char *card = card_with(0x3A17, 0, "");

    g_assert_nonnull(strstr(card, "\r\nN:;;;;\r\n"));
    g_assert_null(strstr(card, "TITLE"));
    g_assert_null(strstr(card, "ADR"));
    g_assert_null(strstr(card, "PHOTO"));
}

static void test_birthday_and_photo(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_attachment *a = mapi_add_attachment(item, &item->message);
    g_autofree char *card = NULL;

    mapi_set_time(item, &item->message.props, PR_BIRTHDAY,
                  INT64_C(951782400000000));
    mapi_set(item, &a->props, PR_ATTACH_DATA_BIN, "JPG", 3);
    mapi_set_bool(item, &a->props, PR_ATTACHMENT_CONTACTPHOTO, true);
    card = vcard_render(&item->message);
    g_assert_nonnull(strstr(card, "\r\nBDAY;VALUE=DATE:2000-02-29\r\n"));
    g_assert_nonnull(strstr(card, "\r\nPHOTO;ENCODING=B;TYPE=JPEG:SlBH\r\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vcard/lines", test_lines);
    g_test_add_func("/vcard/empty", test_empty);
    g_test_add_func("/vcard/birthday-and-photo", test_birthday_and_photo);
    return g_test_run();
}
