#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/generate.h"
#include "lab/store_find.h"
#include "lab/store_fixture.h"

static int64_t add_archive(struct fix *f, uint64_t quota)
{
    int64_t key = 0;
    struct err err;

    CHECK_OK(lab_store_add_archive(f->store, f->mailbox, quota, &key, &err),
             &err);
    return key;
}

static char *archive_folder(struct fix *f, int64_t archive, const char *name)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(lab_store_distinguished(f->store, archive, name, &folder, &err),
             &err);
    return g_steal_pointer(&folder.id);
}

static void test_a_mailbox_of_its_own(void)
{
    g_auto(lab_mailbox) owner = { 0 }, archive = { 0 }, found = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    int64_t key, again = 0;
    struct fix f;
    struct err err;

    set_up(&f);
    g_assert_cmpint(lab_store_archive(f.store, f.mailbox, &again, &err), ==, 0);
    key = add_archive(&f, 1000);
    g_assert_cmpint(lab_store_archive(f.store, f.mailbox, &again, &err), ==, 1);
    g_assert_cmpint(again, ==, key);
    CHECK_OK(lab_store_get_mailbox(f.store, f.mailbox, &owner, &err), &err);
    CHECK_OK(lab_store_get_mailbox(f.store, key, &archive, &err), &err);
    g_assert_cmpstr(archive.address, ==, owner.address);
    g_assert_cmpstr(archive.guid, !=, owner.guid);
    g_assert_cmpuint(archive.quota_bytes, ==, 1000);
    g_assert_cmpint(archive.archive_of, ==, f.mailbox);
    /* nobody comes upon it by the owner's address, or in a list of all */
    g_assert_cmpint(
        lab_store_find_mailbox(f.store, owner.address, &found, &err), ==, 1);
    g_assert_cmpint(found.key, ==, f.mailbox);
    CHECK_OK(lab_store_mailboxes(f.store, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 1);
    g_assert_cmpint(lab_store_add_archive(f.store, f.mailbox, 0, &again, &err),
                    <, 0);
    g_assert_cmpint(lab_store_add_archive(f.store, key, 0, &again, &err), <, 0);
    tear_down(&f);
}

static void test_names(void)
{
    static const struct {
        const char *name;
        bool there;
    } rows[] = {
        { "archiveroot", true },
        { "archivemsgfolderroot", true },
        { "archivedeleteditems", true },
        { "archiveinbox", true },
        { "archiverecoverableitemsroot", true },
        { "archiverecoverableitemsdeletions", true },
        { "archiverecoverableitemsversions", true },
        { "archiverecoverableitemspurges", true },
        { "deleteditems", true },
        { "calendar", false },
        { "sentitems", false },
    };
    int64_t archive;
    struct fix f;

    set_up(&f);
    archive = add_archive(&f, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(lab_folder) folder = { 0 };
        struct err err;
        int status = lab_store_distinguished(f.store, archive, rows[i].name,
                                             &folder, &err);

        CHECK_ROW(rows[i].name, (status == 0) == rows[i].there);
    }
    tear_down(&f);
}

static void test_quotas_are_apart(void)
{
    g_autoptr(GBytes) payload = payload_of("large");
    struct lab_upload upload_ = { .action = LAB_CREATE_NEW };
    g_autofree char *deleted = NULL, *lost = NULL, *owners = NULL;
    g_auto(lab_item) item = { 0 };
    gsize n = 0;
    int64_t archive;
    struct fix f;
    struct err err;

    set_up(&f);
    archive = add_archive(&f, 1);
    upload_.data = g_bytes_get_data(payload, &n);
    upload_.len = n;
    deleted = archive_folder(&f, archive, "archivedeleteditems");
    upload_.folder_id = deleted;
    g_assert_cmpint(lab_store_upload(f.store, archive, &upload_, &item, &err),
                    <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    /* its Recoverable Items have a quota of their own */
    lost = archive_folder(&f, archive, "archiverecoverableitemsdeletions");
    upload_.folder_id = lost;
    CHECK_OK(lab_store_upload(f.store, archive, &upload_, &item, &err), &err);
    lab_item_clear(&item);
    CHECK_OK(lab_store_set_dumpster_quota(f.store, archive, 1, &err), &err);
    g_assert_cmpint(lab_store_upload(f.store, archive, &upload_, &item, &err),
                    <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    /* and the owner's mailbox has room */
    owners = upload(&f, f.inbox.id, NULL, "one");
    /* a dumpster that is full takes nothing more */
    CHECK_OK(lab_store_set_dumpster_quota(f.store, f.mailbox, 1, &err), &err);
    g_assert_cmpint(lab_store_delete_item(f.store, f.mailbox, owners,
                                          LAB_DELETE_SOFT, &err),
                    <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    tear_down(&f);
}

/* What opens a mailbox opens its archive; nobody else does. */
static void test_who_may_open(void)
{
    static char domain[] = "X", name[] = "owner", at[] = "owner@x.example";
    static char other[] = "other", other_at[] = "other@x.example";
    static char password[] = "p";
    struct lab_account a = {
        .domain = domain, .user = name, .address = at, .password = password
    };
    int64_t owner = 0, stranger = 0, archive;
    struct fix f;
    struct err err;

    set_up(&f);
    archive = add_archive(&f, 0);
    a.mailbox = f.mailbox;
    CHECK_OK(lab_store_add_account(f.store, &a, &owner, &err), &err);
    a.mailbox = 0;
    a.user = other;
    a.address = other_at;
    CHECK_OK(lab_store_add_account(f.store, &a, &stranger, &err), &err);
    g_assert_cmpint(lab_store_may_open(f.store, owner, archive, &err), ==, 1);
    g_assert_cmpint(lab_store_may_open(f.store, stranger, archive, &err), ==,
                    0);
    CHECK_OK(lab_store_grant(f.store, stranger, f.mailbox, &err), &err);
    g_assert_cmpint(lab_store_may_open(f.store, stranger, archive, &err), ==,
                    1);
    tear_down(&f);
}

static uint64_t lost_from(struct fix *f, const char *id)
{
    g_autoptr(GPtrArray) found = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct lab_find find = { .scope = LAB_SCOPE_LOST, .max = 10 };
    uint64_t total = 0;
    struct err err;

    get_folder(f, id, &folder);
    find.folder = folder.key;
    CHECK_OK(lab_store_find(f->store, f->mailbox, &find, &found, &total, &err),
             &err);
    g_assert_cmpuint(found->len, ==, total);
    return total;
}

/* The dumpster remembers where each item was. */
static void test_lost(void)
{
    g_autofree char *one = NULL, *two = NULL, *drafts = NULL;
    struct fix f;
    struct err err;

    set_up(&f);
    drafts = folder_id(&f, "drafts");
    one = upload(&f, f.inbox.id, NULL, "one");
    two = upload(&f, drafts, NULL, "two");
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, one, LAB_DELETE_SOFT, &err),
        &err);
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, two, LAB_DELETE_SOFT, &err),
        &err);
    g_assert_cmpuint(lost_from(&f, f.inbox.id), ==, 1);
    g_assert_cmpuint(lost_from(&f, drafts), ==, 1);
    g_assert_cmpuint(lost_from(&f, f.root), ==, 0);
    tear_down(&f);
}

static void test_generated(void)
{
    g_auto(lab_mailbox) m = { 0 }, a = { 0 };
    g_autoptr(GPtrArray) folders = NULL;
    int64_t archive;
    uint64_t items = 0;
    g_autofree char *top = NULL;
    struct fix f;
    struct err err;

    set_up(&f);
    archive = add_archive(&f, 0);
    CHECK_OK(lab_generate_archive(f.store, f.mailbox, archive, 30, 1, &err),
             &err);
    CHECK_OK(lab_generate_recoverable(f.store, f.mailbox, 7, 1, &err), &err);
    CHECK_OK(lab_generate_big(f.store, f.mailbox, 25, 1, &err), &err);
    CHECK_OK(lab_generate_permissions(f.store, &err), &err);
    top = archive_folder(&f, archive, "archivemsgfolderroot");
    CHECK_OK(lab_store_folders(f.store, archive, top, true, &folders, &err),
             &err);
    for (guint i = 0; i < folders->len; i++)
        items += ((struct lab_folder *)folders->pdata[i])->n_items;
    g_assert_cmpuint(items, ==, 30);
    CHECK_OK(lab_store_get_mailbox(f.store, f.mailbox, &m, &err), &err);
    CHECK_OK(lab_store_get_mailbox(f.store, archive, &a, &err), &err);
    g_assert_cmpuint(m.dumpster_used_bytes, >, 0);
    g_assert_cmpuint(a.used_bytes, >, 0);
    g_assert_cmpuint(a.dumpster_used_bytes, ==, 0);
    tear_down(&f);
}

static void test_languages(void)
{
    static const struct {
        const char *language, *inbox;
    } rows[] = {
        { "en", "Inbox" },
        { "de", "Posteingang" },
        { "fr", "Boîte de réception" },
        { "es", "Bandeja de entrada" },
        { "ja", "受信トレイ" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct lab_store_options options = { .language = rows[i].language,
                                                   .seed = 1 };
        g_autoptr(lab_store) store = NULL;
        g_auto(lab_folder) inbox = { 0 };
        int64_t mailbox;
        struct err err;

        CHECK_ROW(rows[i].language, lab_language_known(rows[i].language));
        CHECK_OK(lab_store_open(&options, &store, &err), &err);
        mailbox = add_mailbox(store, "a@x.example", 0);
        CHECK_OK(lab_store_distinguished(store, mailbox, "inbox", &inbox, &err),
                 &err);
        g_assert_cmpstr(inbox.name, ==, rows[i].inbox);
    }
    g_assert_false(lab_language_known("xx"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-archive/a-mailbox-of-its-own",
                    test_a_mailbox_of_its_own);
    g_test_add_func("/store-archive/names", test_names);
    g_test_add_func("/store-archive/quotas-are-apart", test_quotas_are_apart);
    g_test_add_func("/store-archive/who-may-open", test_who_may_open);
    g_test_add_func("/store-archive/lost", test_lost);
    g_test_add_func("/store-archive/generated", test_generated);
    g_test_add_func("/store-archive/languages", test_languages);
    return g_test_run();
}
