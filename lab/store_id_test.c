#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/store_fixture.h"
#include "lab/store_priv.h"

static void test_ids_look_real(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL, *other_case = NULL;
    g_auto(lab_item) item = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    a = upload(&f, f.inbox.id, NULL, "a");
    b = upload(&f, f.inbox.id, NULL, "a");
    get_item(&f, a, &item);
    g_assert_cmpuint(strlen(a), ==, 152);
    g_assert_true(g_str_has_prefix(a, "AAMkA"));
    g_assert_cmpuint(strlen(f.inbox.id), ==, 120);
    g_assert_cmpstr(a, !=, b);
    g_assert_cmpstr(item.folder_id, ==, f.inbox.id);

    other_case = g_ascii_strdown(a, -1);
    g_assert_cmpint(lab_store_item(f.store, f.mailbox, other_case, &none, &err),
                    ==, -1);
    tear_down(&f);
}

static void test_wrong_ids(void)
{
    struct fix f;
    g_autoptr(lab_store) elsewhere = open_store(NULL, 4);
    int64_t there = add_mailbox(elsewhere, "ann@corp.example", 0);
    int64_t ben;
    g_auto(lab_folder) foreign = { 0 };
    g_autofree char *id = NULL;
    struct err err;

    set_up(&f);
    ben = add_mailbox(f.store, "ben@corp.example", 0);
    id = upload(&f, f.inbox.id, NULL, "a");
    CHECK_OK(lab_store_distinguished(elsewhere, there, "inbox", &foreign, &err),
             &err);
    {
        const struct {
            const char *name, *id;
            int64_t mailbox;
            bool folder;
            const char *code;
        } rows[] = {
            { "not base64", "!!!", f.mailbox, false,
              "ErrorInvalidIdMalformed" },
            { "empty", "", f.mailbox, false, "ErrorInvalidIdMalformed" },
            { "cut", "AAMkADAA", f.mailbox, false, "ErrorInvalidIdMalformed" },
            { "folder for item", f.inbox.id, f.mailbox, false,
              "ErrorCannotUseFolderIdForItemId" },
            { "item for folder", id, f.mailbox, true,
              "ErrorCannotUseItemIdForFolderId" },
            { "of another mailbox", id, ben, false, "ErrorItemNotFound" },
            { "of another mailbox", f.inbox.id, ben, true,
              "ErrorFolderNotFound" },
            { "of another server", foreign.id, f.mailbox, true,
              "ErrorFolderNotFound" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_auto(lab_item) item = { 0 };
            g_auto(lab_folder) folder = { 0 };
            int status = rows[i].folder
                             ? lab_store_folder(f.store, rows[i].mailbox,
                                                rows[i].id, &folder, &err)
                             : lab_store_item(f.store, rows[i].mailbox,
                                              rows[i].id, &item, &err);

            CHECK_ROW(rows[i].name, status == -1);
            CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
            CHECK_ROW(rows[i].name, err.scope == ERR_ITEM);
        }
    }
    tear_down(&f);
}

static void test_mailbox_of_an_id(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    int64_t mailbox = 0;
    struct err err;

    set_up(&f);
    add_mailbox(f.store, "ben@corp.example", 0);
    id = upload(&f, f.inbox.id, NULL, "a");
    g_assert_cmpint(lab_store_id_mailbox(f.store, id, &mailbox, &err), ==, 1);
    g_assert_cmpint(mailbox, ==, f.mailbox);
    g_assert_cmpint(lab_store_id_mailbox(f.store, f.inbox.id, &mailbox, &err),
                    ==, 1);
    g_assert_cmpint(lab_store_id_mailbox(f.store, "junk", &mailbox, &err), ==,
                    0);
    tear_down(&f);
}

/* ---- the form of ids ------------------------------------------------- */

static const struct lab_id some_item = {
    .item = true,
    .mailbox = "01234567-89ab-4cde-8f01-23456789abcd",
    .replica = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
    .folder = 0x0102030405,
    .key = 0xFFFFFFFFFFFF,
};

static void test_form(void)
{
    g_autofree char *text = lab_id_format(&some_item);
    struct lab_id back;
    gsize n;
    g_autofree uint8_t *raw = g_base64_decode(text, &n);

    g_assert_cmpint(lab_id_parse(text, &back), ==, 0);
    g_assert_true(back.item);
    g_assert_cmpstr(back.mailbox, ==, some_item.mailbox);
    g_assert_true(memcmp(back.replica, some_item.replica, 16) == 0);
    g_assert_cmpint(back.folder, ==, some_item.folder);
    g_assert_cmpint(back.key, ==, some_item.key);
    /* as Exchange lays it out: GUID as text, then a counted entry id */
    g_assert_cmpuint(n, ==, 113);
    g_assert_true(memcmp(raw, "\0\3\x24\0", 4) == 0);
    g_assert_true(memcmp(raw + 4, some_item.mailbox, 36) == 0);
    g_assert_true(memcmp(raw + 40, "\0\x46\0", 3) == 0);
}

static void test_folder_form(void)
{
    struct lab_id id = some_item, back;
    g_autofree char *text = NULL;

    id.item = false;
    id.key = 0;
    text = lab_id_format(&id);
    g_assert_cmpint(lab_id_parse(text, &back), ==, 0);
    g_assert_false(back.item);
    g_assert_cmpint(back.folder, ==, id.folder);
    g_assert_cmpint(back.key, ==, 0);
}

/* One character changed anywhere: another id, or none, but never this one. */
static void test_every_character_counts(void)
{
    g_autofree char *text = lab_id_format(&some_item);
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *bent = g_strdup(text);
        struct lab_id back;

        bent[i] = bent[i] == 'A' ? 'a' : 'A';
        if (lab_id_parse(bent, &back) == 0) {
            g_autofree char *again = lab_id_format(&back);

            g_assert_cmpstr(again, !=, text);
        }
    }
    for (size_t i = 0; i < n; i++) {
        g_autofree char *cut = g_strndup(text, i);
        struct lab_id back;

        g_assert_cmpint(lab_id_parse(cut, &back), ==, -1);
    }
}

static void test_strangers(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text;
    } rows[] = {
        { "spaces", " " },
        { "line end", "\n" },
        { "very long", "AAMkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        { "right length, nothing in it",
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    };
    /* clang-format on */
    struct lab_id back;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, lab_id_parse(rows[i].text, &back) == -1);
}

static void test_change_keys(void)
{
    /* clang-format off */
    static const struct {
        const char *item_class, *begins; /* as Exchange's change keys begin */
    } rows[] = {
        { "IPM.Note", "CQAAABYAAA" },
        { "IPM.Note.Invoice", "CQAAABYAAA" },
        { "IPM.Appointment", "DwAAABYAAA" },
        { "IPM.Contact", "EQAAABYAAA" },
        { "IPM.Task", "EwAAABYAAA" },
        { NULL, "CQAAABYAAA" },
    };
    /* clang-format on */
    g_autoptr(lab_store) store = open_store(NULL, 1);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = rows[i].item_class ? rows[i].item_class : "none";
        g_autofree char *a =
            lab_change_key(store, lab_object_type(rows[i].item_class), 77);
        g_autofree char *b =
            lab_change_key(store, lab_object_type(rows[i].item_class), 78);

        CHECK_ROW(name, g_str_has_prefix(a, rows[i].begins));
        CHECK_ROW(name, strlen(a) == 40);
        CHECK_ROW(name, strcmp(a, b) != 0);
    }
}

static void test_sync_state_form(void)
{
    g_autoptr(lab_store) store = open_store(NULL, 1);
    g_autoptr(lab_store) other = open_store(NULL, 2);
    struct lab_sync_state state = { .folder = 3,
                                    .epoch = 1,
                                    .base = 10,
                                    .position = 12,
                                    .high = 20,
                                    .associated = true };
    struct lab_sync_state back;
    g_autofree char *text = lab_sync_format(store, &state);

    g_assert_cmpint(lab_sync_parse(store, text, &back), ==, 0);
    g_assert_cmpint(back.folder, ==, 3);
    g_assert_cmpint(back.epoch, ==, 1);
    g_assert_cmpint(back.base, ==, 10);
    g_assert_cmpint(back.position, ==, 12);
    g_assert_cmpint(back.high, ==, 20);
    g_assert_true(back.associated);
    g_assert_cmpint(lab_sync_parse(other, text, &back), ==, -1);
    for (size_t i = 0; i < strlen(text) - 2; i++) {
        g_autofree char *bent = g_strdup(text);

        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        g_assert_cmpint(lab_sync_parse(store, bent, &back), ==, -1);
    }
}

/* Two servers, and two mailboxes of one, never give the same id. */
static void test_ids_are_the_servers_own(void)
{
    struct fix a, b;
    int64_t ben;
    g_auto(lab_folder) theirs = { 0 };
    g_autofree char *x = NULL, *y = NULL;
    struct lab_store_options options = { .organisation = "Other", .seed = 3 };
    g_autoptr(lab_store) other = NULL;
    int64_t ann;
    struct err err;

    set_up(&a);
    set_up(&b);
    x = upload(&a, a.inbox.id, NULL, "x");
    y = upload(&b, b.inbox.id, NULL, "x");
    /* the same in all: seed, organisation, address, deeds */
    g_assert_cmpstr(x, ==, y);
    ben = add_mailbox(a.store, "ben@corp.example", 0);
    CHECK_OK(lab_store_distinguished(a.store, ben, "inbox", &theirs, &err),
             &err);
    g_assert_cmpstr(theirs.id, !=, a.inbox.id);
    lab_folder_clear(&theirs);
    CHECK_OK(lab_store_open(&options, &other, &err), &err);
    ann = add_mailbox(other, "ann@corp.example", 0);
    CHECK_OK(lab_store_distinguished(other, ann, "inbox", &theirs, &err), &err);
    g_assert_cmpstr(theirs.id, !=, a.inbox.id);
    tear_down(&a);
    tear_down(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-id/look-real", test_ids_look_real);
    g_test_add_func("/store-id/wrong", test_wrong_ids);
    g_test_add_func("/store-id/mailbox", test_mailbox_of_an_id);
    g_test_add_func("/store-id/form", test_form);
    g_test_add_func("/store-id/folder-form", test_folder_form);
    g_test_add_func("/store-id/every-character", test_every_character_counts);
    g_test_add_func("/store-id/strangers", test_strangers);
    g_test_add_func("/store-id/change-keys", test_change_keys);
    g_test_add_func("/store-id/sync-state", test_sync_state_form);
    g_test_add_func("/store-id/own", test_ids_are_the_servers_own);
    return g_test_run();
}
