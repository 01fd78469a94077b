#include "lab/store.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "lab/digest.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"

/* ---- a store in memory with one mailbox ------------------------------ */

struct fix {
    struct lab_store *store;
    int64_t mailbox;
    struct lab_folder inbox;
    char *root; /* id of msgfolderroot */
};

static struct lab_store *open_store(const char *path, uint64_t seed)
{
    struct lab_store_options options = { .path = path, .seed = seed };
    struct lab_store *store = NULL;
    struct err err;

    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    return store;
}

static int64_t add_mailbox(struct lab_store *store, const char *address,
                           uint64_t quota_bytes)
{
    int64_t key = 0;
    struct err err;

    CHECK_OK(
        lab_store_add_mailbox(store, address, NULL, quota_bytes, &key, &err),
        &err);
    return key;
}

static void set_up(struct fix *f)
{
    g_auto(lab_folder) root = { 0 };
    struct err err;

    *f = (struct fix){ .store = open_store(NULL, 3) };
    f->mailbox = add_mailbox(f->store, "ann@corp.example", 0);
    CHECK_OK(
        lab_store_distinguished(f->store, f->mailbox, "inbox", &f->inbox, &err),
        &err);
    CHECK_OK(lab_store_distinguished(f->store, f->mailbox, "msgfolderroot",
                                     &root, &err),
             &err);
    f->root = g_strdup(root.id);
}

static void tear_down(struct fix *f)
{
    lab_folder_clear(&f->inbox);
    g_free(f->root);
    lab_store_close(f->store);
}

static char *folder_id(struct fix *f, const char *distinguished)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(lab_store_distinguished(f->store, f->mailbox, distinguished,
                                     &folder, &err),
             &err);
    return g_steal_pointer(&folder.id);
}

static GBytes *payload_of(const char *subject)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject, "body");
    struct lab_profile p;

    lab_profile_init(&p, 42);
    return lab_fts_write(item, &p);
}

/* Upload; returns the id.  item_id NULL: a new one. */
static char *upload(struct fix *f, const char *folder, const char *item_id,
                    const char *subject)
{
    g_autoptr(GBytes) payload = payload_of(subject);
    struct lab_upload u = { .action = item_id ? LAB_UPDATE : LAB_CREATE_NEW,
                            .folder_id = folder,
                            .item_id = item_id };
    g_auto(lab_item) stored = { 0 };
    struct err err;

    u.data = g_bytes_get_data(payload, &u.len);
    CHECK_OK(lab_store_upload(f->store, f->mailbox, &u, &stored, &err), &err);
    return g_steal_pointer(&stored.id);
}

static void get(struct fix *f, const char *id, struct lab_item *ret)
{
    struct err err;

    CHECK_OK(lab_store_item(f->store, f->mailbox, id, ret, &err), &err);
}

static void count(struct fix *f, const char *id, struct lab_folder *ret)
{
    struct err err;

    lab_folder_clear(ret);
    CHECK_OK(lab_store_folder(f->store, f->mailbox, id, ret, &err), &err);
}

/* ---- opening --------------------------------------------------------- */

static void test_a_file_keeps_its_options(void)
{
    g_autofree char *dir = g_dir_make_tmp("lab-store-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s.db", NULL);
    struct lab_store_options options = { .path = path,
                                         .organisation = "Fabrikam",
                                         .seed = 11 };
    struct lab_store *store = NULL;
    g_auto(lab_mailbox) before = { 0 }, after = { 0 };
    struct lab_profile p;
    struct err err;

    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    add_mailbox(store, "ann@corp.example", 7);
    g_assert_cmpint(
        lab_store_find_mailbox(store, "ann@corp.example", &before, &err), ==,
        1);
    lab_store_close(store);
    options.organisation = "Other";
    options.seed = 12;
    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    g_assert_cmpstr(lab_store_organisation(store), ==, "Fabrikam");
    lab_profile_init(&p, 11);
    g_assert_cmpstr(lab_store_profile(store)->dn_prefix, ==, p.dn_prefix);
    g_assert_cmpint(
        lab_store_find_mailbox(store, "ann@corp.example", &after, &err), ==, 1);
    g_assert_cmpstr(before.guid, ==, after.guid);
    g_assert_cmpuint(after.quota_bytes, ==, 7);
    lab_store_close(store);
    (void)g_unlink(path);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_cannot_open(void)
{
    struct lab_store_options options = { .path = "/nonexistent/s.db" };
    struct lab_store *store = NULL;
    struct err err;

    g_assert_cmpint(lab_store_open(&options, &store, &err), ==, -1);
    g_assert_null(store);
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_nonnull(strstr(err.msg, "/nonexistent/s.db"));
}

/* ---- accounts -------------------------------------------------------- */

/* The user is what stands before the '@'.  Returns its key, -1 if refused. */
static int64_t add_account(struct lab_store *store, const char *domain,
                           const char *address, int64_t mailbox)
{
    g_auto(lab_account) a = { .domain = g_strdup(domain),
                              .user = g_strndup(address, strcspn(address, "@")),
                              .address = g_strdup(address),
                              .password = g_strdup("secret"),
                              .mailbox = mailbox };
    int64_t key = 0;
    struct err err;

    if (lab_store_add_account(store, &a, &key, &err) == 0)
        return key;
    g_assert_cmpstr(err.name, ==, "ErrorInvalidOperation");
    return -1;
}

static void test_logins(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *domain, *user, *want; /* its address, or NULL */
    } rows[] = {
        { "domain\\user", NULL, "FIRST\\ann", "ann@corp.example" },
        { "whatever case", NULL, "first\\ANN", "ann@corp.example" },
        { "principal name", NULL, "Ann@Corp.example", "ann@corp.example" },
        { "user alone", NULL, "ann", "ann@corp.example" },
        { "NTLM's two parts", "FIRST", "ann", "ann@corp.example" },
        { "NTLM without domain", "", "ann", "ann@corp.example" },
        { "NTLM with a principal name", "", "ann@corp.example", "ann@corp.example" },
        { "another domain", "SECOND", "ann", NULL },
        { "user of two domains", NULL, "ben", NULL },
        { "the one of them", NULL, "SECOND\\ben", "ben@two.example" },
        { "nobody", NULL, "cleo", NULL },
        { "empty", NULL, "", NULL },
        { "a wildcard is none", NULL, "an%", NULL },
    };
    /* clang-format on */
    g_autoptr(lab_store) store = open_store(NULL, 1);
    struct err err;

    add_account(store, "FIRST", "ann@corp.example", 0);
    add_account(store, "FIRST", "ben@corp.example", 0);
    add_account(store, "SECOND", "ben@two.example", 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(lab_account) a = { 0 };
        int found = lab_store_find_account(store, rows[i].domain, rows[i].user,
                                           &a, &err);

        CHECK_ROW(rows[i].name, found == (rows[i].want != NULL));
        CHECK_ROW(rows[i].name, g_strcmp0(a.address, rows[i].want) == 0);
    }
    g_assert_cmpint(add_account(store, "FIRST", "ann@other.example", 0), ==,
                    -1);
    g_assert_cmpint(add_account(store, "THIRD", "ANN@corp.example", 0), ==, -1);
}

static void test_rights(void)
{
    g_autoptr(lab_store) store = open_store(NULL, 1);
    int64_t ann = add_mailbox(store, "ann@corp.example", 0);
    int64_t ben = add_mailbox(store, "ben@corp.example", 0);
    int64_t key = 0;
    g_auto(lab_account) found = { 0 };
    struct err err;

    key = add_account(store, "D", "ann@corp.example", ann);
    g_assert_cmpint(lab_store_may_open(store, key, ann, &err), ==, 1);
    g_assert_cmpint(lab_store_may_open(store, key, ben, &err), ==, 0);
    CHECK_OK(lab_store_grant(store, key, ben, &err), &err);
    CHECK_OK(lab_store_grant(store, key, ben, &err), &err);
    g_assert_cmpint(lab_store_may_open(store, key, ben, &err), ==, 1);
    CHECK_OK(lab_store_set_account(store, key, "new", true, &err), &err);
    g_assert_cmpint(lab_store_find_account(store, "D", "ann", &found, &err), ==,
                    1);
    g_assert_cmpstr(found.password, ==, "new");
    g_assert_true(found.may_impersonate);
    g_assert_cmpint(found.mailbox, ==, ann);
}

static void test_addresses(void)
{
    g_autoptr(lab_store) store = open_store(NULL, 1);
    int64_t ann = add_mailbox(store, "ann@corp.example", 0);
    g_auto(lab_mailbox) m = { 0 }, missing = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    add_mailbox(store, "aaron@corp.example", 0);
    CHECK_OK(lab_store_add_alias(store, ann, "a.b@corp.example", &err), &err);
    g_assert_cmpint(lab_store_find_mailbox(store, "A.B@corp.example", &m, &err),
                    ==, 1);
    g_assert_cmpstr(m.address, ==, "ann@corp.example");
    g_assert_cmpstr(m.legacy_dn, ==,
                    "/o=First Organization/ou=Exchange Administrative Group "
                    "(FYDIBOHF23SPDLT)/cn=Recipients/cn=ann");
    g_assert_cmpint(
        lab_store_find_mailbox(store, "x@corp.example", &missing, &err), ==, 0);
    g_assert_cmpint(
        lab_store_add_mailbox(store, "a.b@CORP.example", NULL, 0, NULL, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidOperation");
    g_assert_cmpint(lab_store_get_mailbox(store, 999, &missing, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorNonExistentMailbox");
    CHECK_OK(lab_store_mailboxes(store, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpstr(((struct lab_mailbox *)all->pdata[0])->address, ==,
                    "aaron@corp.example");
}

/* ---- ids ------------------------------------------------------------- */

static void test_ids_look_real(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL, *other_case = NULL;
    g_auto(lab_item) item = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    a = upload(&f, f.inbox.id, NULL, "a");
    b = upload(&f, f.inbox.id, NULL, "a");
    get(&f, a, &item);
    g_assert_cmpuint(strlen(a), ==, 152);
    g_assert_true(g_str_has_prefix(a, "AAMkA"));
    g_assert_cmpuint(strlen(f.inbox.id), ==, 120);
    g_assert_cmpstr(a, !=, b);
    g_assert_true(g_str_has_prefix(item.change_key, "CQAAABYAAAD") ||
                  g_str_has_prefix(item.change_key, "CQAAABYAAAA") ||
                  g_str_has_prefix(item.change_key, "CQAAABYAAAB") ||
                  g_str_has_prefix(item.change_key, "CQAAABYAAAC"));
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

/* ---- items ----------------------------------------------------------- */

static void test_upload_and_export(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_autoptr(GBytes) sent = payload_of("hello"), got = NULL;
    g_autoptr(mapi_item) tree = NULL, original = NULL;
    g_auto(lab_item) item = { 0 };
    char before[LAB_DIGEST_TEXT], after[LAB_DIGEST_TEXT];
    const uint8_t *data;
    gsize n;
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "hello");
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &got, &item, &err), &err);
    g_assert_false(g_bytes_equal(sent, got));
    data = g_bytes_get_data(got, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    data = g_bytes_get_data(sent, &n);
    CHECK_OK(lab_fts_read(data, n, &original, &err), &err);
    lab_digest_item(tree, after);
    lab_digest_item(original, before);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpstr(item.subject, ==, "hello");
    g_assert_cmpstr(item.item_class, ==, "IPM.Note");
    g_assert_cmpint(item.received_us, ==, INT64_C(1614834367000000));
    g_assert_cmpint(item.sent_us, ==, TIMESTAMP_NONE);
    g_assert_cmpuint(g_bytes_get_size(item.search_key), ==, 16);
    g_assert_cmpuint(item.size_bytes, >, 100);
    g_assert_false(item.read);
    tear_down(&f);
}

static void test_update_keeps_the_id(void)
{
    struct fix f;
    g_autofree char *id = NULL, *again = NULL;
    g_auto(lab_item) before = { 0 }, after = { 0 };
    g_auto(lab_folder) inbox = { 0 };

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "one");
    get(&f, id, &before);
    again = upload(&f, f.inbox.id, id, "a longer subject than before");
    get(&f, id, &after);
    g_assert_cmpstr(id, ==, again);
    g_assert_cmpstr(before.change_key, !=, after.change_key);
    g_assert_cmpstr(after.subject, ==, "a longer subject than before");
    g_assert_cmpint(before.created_us, ==, after.created_us);
    count(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 1);
    g_assert_cmpuint(inbox.size_bytes, ==, after.size_bytes);
    tear_down(&f);
}

static void test_refused_uploads(void)
{
    struct fix f;
    g_autoptr(GBytes) good = payload_of("x");
    gsize n;
    const uint8_t *data = g_bytes_get_data(good, &n);
    g_autofree char *gone = NULL, *search = NULL;
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    set_up(&f);
    gone = upload(&f, f.inbox.id, NULL, "x");
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, gone, LAB_DELETE_HARD, &err),
        &err);
    CHECK_OK(
        lab_store_create_search(f.store, f.mailbox, f.root, "Search", &err),
        &err);
    CHECK_OK(
        lab_store_folders(f.store, f.mailbox, f.root, false, &folders, &err),
        &err);
    search =
        g_strdup(((struct lab_folder *)folders->pdata[folders->len - 1])->id);
    {
        const struct {
            const char *name;
            struct lab_upload u;
            const char *code;
        } rows[] = {
            { "corrupt",
              { .folder_id = f.inbox.id, .data = data, .len = n - 1 },
              "ErrorCorruptData" },
            { "no such folder",
              { .folder_id = gone, .data = data, .len = n },
              "ErrorCannotUseItemIdForFolderId" },
            { "search folder",
              { .folder_id = search, .data = data, .len = n },
              "ErrorInvalidFolderTypeForOperation" },
            { "update of what is gone",
              { LAB_UPDATE, f.inbox.id, gone, false, data, n, NULL },
              "ErrorItemNotFound" },
            { "update of nothing",
              { LAB_UPDATE, f.inbox.id, NULL, false, data, n, NULL },
              "ErrorInvalidIdEmpty" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_auto(lab_item) item = { 0 };

            CHECK_ROW(rows[i].name,
                      lab_store_upload(f.store, f.mailbox, &rows[i].u, &item,
                                       &err) == -1);
            CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
            CHECK_ROW(rows[i].name, item.id == NULL);
        }
    }
    {
        g_auto(lab_folder) inbox = { 0 };

        count(&f, f.inbox.id, &inbox);
        g_assert_cmpuint(inbox.n_items, ==, 0);
    }
    tear_down(&f);
}

static void test_update_or_create(void)
{
    struct fix f;
    g_autoptr(GBytes) payload = payload_of("x");
    g_autofree char *id = NULL;
    struct lab_upload u = { .action = LAB_UPDATE_OR_CREATE };
    g_auto(lab_item) first = { 0 }, second = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "old");
    u.folder_id = f.inbox.id;
    u.item_id = id;
    u.data = g_bytes_get_data(payload, &u.len);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &first, &err), &err);
    g_assert_cmpstr(first.id, ==, id);
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, id, LAB_DELETE_HARD, &err),
        &err);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &second, &err), &err);
    g_assert_cmpstr(second.id, !=, id);
    tear_down(&f);
}

static void test_quota(void)
{
    struct fix f;
    g_autofree char *one = NULL, *dumpster = NULL;
    g_autoptr(GBytes) payload = payload_of("two");
    struct lab_upload u = { 0 };
    g_auto(lab_item) item = { 0 }, refused = { 0 };
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    set_up(&f);
    one = upload(&f, f.inbox.id, NULL, "one");
    get(&f, one, &item);
    CHECK_OK(lab_store_get_mailbox(f.store, f.mailbox, &m, &err), &err);
    g_assert_cmpuint(m.used_bytes, ==, item.size_bytes);
    CHECK_OK(
        lab_store_set_quota(f.store, f.mailbox, item.size_bytes + 10, &err),
        &err);
    u.folder_id = f.inbox.id;
    u.data = g_bytes_get_data(payload, &u.len);
    g_assert_cmpint(lab_store_upload(f.store, f.mailbox, &u, &refused, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    /* the same item, changed in place, still fits */
    g_free(upload(&f, f.inbox.id, one, "two"));
    /* and what goes to the dumpster makes room */
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, one, LAB_DELETE_SOFT, &err),
        &err);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &refused, &err), &err);
    tear_down(&f);
}

static void test_deletions(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum lab_delete how;
        const char *where; /* NULL: gone for good */
    } rows[] = {
        { "hard", LAB_DELETE_HARD, NULL },
        { "soft", LAB_DELETE_SOFT, "recoverableitemsdeletions" },
        { "moved", LAB_DELETE_MOVE, "deleteditems" },
    };
    /* clang-format on */
    struct fix f;
    struct err err;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = upload(&f, f.inbox.id, NULL, "x");
        g_auto(lab_item) none = { 0 };
        g_auto(lab_folder) inbox = { 0 }, to = { 0 };

        CHECK_OK(
            lab_store_delete_item(f.store, f.mailbox, id, rows[i].how, &err),
            &err);
        CHECK_ROW(rows[i].name,
                  lab_store_item(f.store, f.mailbox, id, &none, &err) == -1);
        CHECK_ROW(rows[i].name, lab_store_delete_item(f.store, f.mailbox, id,
                                                      rows[i].how, &err) == -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, "ErrorItemNotFound") == 0);
        count(&f, f.inbox.id, &inbox);
        CHECK_ROW(rows[i].name, inbox.n_items == 0 && inbox.size_bytes == 0);
        if (rows[i].where == NULL)
            continue;
        CHECK_OK(lab_store_distinguished(f.store, f.mailbox, rows[i].where, &to,
                                         &err),
                 &err);
        CHECK_ROW(rows[i].name, to.n_items == 1);
    }
    tear_down(&f);
}

static void test_move(void)
{
    struct fix f;
    g_autofree char *id = NULL, *drafts = NULL;
    g_auto(lab_item) before = { 0 }, moved = { 0 }, none = { 0 };
    g_autoptr(GBytes) payload = NULL;
    g_auto(lab_folder) inbox = { 0 }, to = { 0 };
    struct err err;

    set_up(&f);
    drafts = folder_id(&f, "drafts");
    id = upload(&f, f.inbox.id, NULL, "x");
    get(&f, id, &before);
    CHECK_OK(lab_store_move_item(f.store, f.mailbox, id, drafts, &moved, &err),
             &err);
    g_assert_cmpstr(moved.id, !=, id);
    g_assert_cmpstr(moved.folder_id, ==, drafts);
    g_assert_true(g_bytes_equal(moved.search_key, before.search_key));
    g_assert_cmpint(moved.created_us, ==, before.created_us);
    g_assert_cmpint(lab_store_item(f.store, f.mailbox, id, &none, &err), ==,
                    -1);
    CHECK_OK(
        lab_store_export(f.store, f.mailbox, moved.id, &payload, NULL, &err),
        &err);
    count(&f, f.inbox.id, &inbox);
    count(&f, drafts, &to);
    g_assert_cmpuint(inbox.n_items, ==, 0);
    g_assert_cmpuint(to.n_items, ==, 1);
    g_assert_cmpuint(to.n_unread, ==, 1);
    tear_down(&f);
}

static bool exported_read(struct fix *f, const char *id)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) tree = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    CHECK_OK(lab_store_export(f->store, f->mailbox, id, &payload, NULL, &err),
             &err);
    data = g_bytes_get_data(payload, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    return (mapi_get_i32(mapi_find(&tree->message.props, 0x0E07), 0) &
            MSGFLAG_READ) != 0;
}

static void test_read_flag(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_auto(lab_folder) inbox = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    for (int read = 1; read >= 0; read--) {
        g_auto(lab_item) before = { 0 }, after = { 0 };

        get(&f, id, &before);
        CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, read, &err), &err);
        get(&f, id, &after);
        g_assert_cmpint(after.read, ==, read);
        g_assert_cmpstr(before.change_key, ==, after.change_key);
        g_assert_cmpint(exported_read(&f, id), ==, read);
        count(&f, f.inbox.id, &inbox);
        g_assert_cmpuint(inbox.n_unread, ==, read ? 0 : 1);
    }
    tear_down(&f);
}

static char *digest_of(struct fix *f, const char *id)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) tree = NULL;
    char *digest = g_malloc(LAB_DIGEST_TEXT);
    struct err err;
    gsize n;
    const uint8_t *data;

    CHECK_OK(lab_store_export(f->store, f->mailbox, id, &payload, NULL, &err),
             &err);
    data = g_bytes_get_data(payload, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    lab_digest_item(tree, digest);
    return digest;
}

static void test_touch(void)
{
    struct fix f;
    g_autofree char *id = NULL, *before = NULL, *after = NULL;
    g_auto(lab_item) old = { 0 }, new = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    get(&f, id, &old);
    before = digest_of(&f, id);
    CHECK_OK(lab_store_touch(f.store, f.mailbox, id, &err), &err);
    get(&f, id, &new);
    after = digest_of(&f, id);
    g_assert_cmpstr(old.change_key, !=, new.change_key);
    g_assert_cmpstr(before, ==, after);
    tear_down(&f);
}

static void test_damage(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_autoptr(GBytes) whole = NULL, cut = NULL;
    struct mapi_item *none = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &whole, NULL, &err),
             &err);
    CHECK_OK(lab_store_damage(f.store, f.mailbox, id, 5, &err), &err);
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &cut, NULL, &err), &err);
    data = g_bytes_get_data(cut, &n);
    g_assert_cmpuint(n, ==, g_bytes_get_size(whole) - 5);
    g_assert_cmpint(lab_fts_read(data, n, &none, &err), ==, -1);
    /* it can still be marked and moved */
    CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, true, &err), &err);
    tear_down(&f);
}

static void test_hidden_items_are_apart(void)
{
    struct fix f;
    g_autoptr(mapi_item) rule = specimen_plain("IPM.Rule", "r", "");
    struct lab_list list = { .max = 10 };
    g_autoptr(GPtrArray) visible = NULL, hidden = NULL;
    g_auto(lab_folder) inbox = { 0 };
    uint64_t total;
    struct err err;

    set_up(&f);
    CHECK_OK(
        lab_store_put(f.store, f.mailbox, f.inbox.id, true, rule, NULL, &err),
        &err);
    list.folder_id = f.inbox.id;
    CHECK_OK(lab_store_list(f.store, f.mailbox, &list, &visible, &total, &err),
             &err);
    g_assert_cmpuint(total, ==, 0);
    list.associated = true;
    CHECK_OK(lab_store_list(f.store, f.mailbox, &list, &hidden, &total, &err),
             &err);
    g_assert_cmpuint(total, ==, 1);
    g_assert_cmpuint(hidden->len, ==, 1);
    count(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 0);
    g_assert_cmpuint(inbox.n_unread, ==, 0);
    g_assert_cmpuint(inbox.n_hidden, ==, 1);
    tear_down(&f);
}

static void put_at(struct fix *f, const char *subject, int64_t received_us)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject, "");
    struct err err;

    mapi_set_time(item, &item->message.props, PR_MESSAGE_DELIVERY_TIME,
                  received_us);
    CHECK_OK(lab_store_put(f->store, f->mailbox, f->inbox.id, false, item, NULL,
                           &err),
             &err);
}

static void test_pages(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint64_t offset;
        uint32_t max;
        bool oldest_first;
        const char *want;
    } rows[] = {
        { "all", 0, 10, false, "cba" },
        { "oldest first", 0, 10, true, "abc" },
        { "first page", 0, 2, false, "cb" },
        { "second page", 2, 2, false, "a" },
        { "past the end", 3, 2, false, "" },
        { "far past the end", UINT64_MAX, 2, false, "" },
        { "none", 0, 0, false, "" },
    };
    /* clang-format on */
    struct fix f;
    struct err err;

    set_up(&f);
    put_at(&f, "b", 2000000);
    put_at(&f, "a", 1000000);
    put_at(&f, "c", 3000000);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct lab_list list = { .folder_id = f.inbox.id,
                                 .offset = rows[i].offset,
                                 .max = rows[i].max,
                                 .oldest_first = rows[i].oldest_first };
        g_autoptr(GPtrArray) items = NULL;
        g_autoptr(GString) got = g_string_new(NULL);
        uint64_t total;

        CHECK_OK(
            lab_store_list(f.store, f.mailbox, &list, &items, &total, &err),
            &err);
        for (guint j = 0; j < items->len; j++)
            g_string_append(got, ((struct lab_item *)items->pdata[j])->subject);
        CHECK_ROW(rows[i].name, strcmp(got->str, rows[i].want) == 0);
        CHECK_ROW(rows[i].name, total == 3);
    }
    tear_down(&f);
}

/* ---- folders --------------------------------------------------------- */

static int create(struct fix *f, const char *parent, const char *name,
                  const char *folder_class, char **ret, struct err *err)
{
    g_auto(lab_folder) folder = { 0 };

    if (lab_store_create_folder(f->store, f->mailbox, parent, name,
                                folder_class, &folder, err) < 0)
        return -1;
    if (ret != NULL)
        *ret = g_strdup(folder.id);
    return 0;
}

static void test_well_known_folders(void)
{
    /* clang-format off */
    static const struct {
        const char *id, *name, *folder_class;
        enum lab_folder_kind kind;
    } rows[] = {
        { "inbox", "Inbox", "IPF.Note", LAB_FOLDER_PLAIN },
        { "outbox", "Outbox", "IPF.Note", LAB_FOLDER_PLAIN },
        { "sentitems", "Sent Items", "IPF.Note", LAB_FOLDER_PLAIN },
        { "deleteditems", "Deleted Items", "IPF.Note", LAB_FOLDER_PLAIN },
        { "drafts", "Drafts", "IPF.Note", LAB_FOLDER_PLAIN },
        { "junkemail", "Junk E-Mail", "IPF.Note", LAB_FOLDER_PLAIN },
        { "calendar", "Calendar", "IPF.Appointment", LAB_FOLDER_CALENDAR },
        { "contacts", "Contacts", "IPF.Contact", LAB_FOLDER_CONTACTS },
        { "tasks", "Tasks", "IPF.Task", LAB_FOLDER_TASKS },
        { "notes", "Notes", "IPF.StickyNote", LAB_FOLDER_PLAIN },
        { "journal", "Journal", "IPF.Journal", LAB_FOLDER_PLAIN },
    };
    /* clang-format on */
    struct fix f;
    g_auto(lab_folder) root = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(lab_folder) folder = { 0 };

        CHECK_OK(lab_store_distinguished(f.store, f.mailbox, rows[i].id,
                                         &folder, &err),
                 &err);
        CHECK_ROW(rows[i].id, strcmp(folder.name, rows[i].name) == 0);
        CHECK_ROW(rows[i].id,
                  strcmp(folder.folder_class, rows[i].folder_class) == 0);
        CHECK_ROW(rows[i].id, folder.kind == rows[i].kind);
        CHECK_ROW(rows[i].id, strcmp(folder.parent_id, f.root) == 0);
    }
    CHECK_OK(lab_store_distinguished(f.store, f.mailbox, "root", &root, &err),
             &err);
    g_assert_null(root.parent_id);
    g_assert_cmpuint(root.n_children, ==, 3);
    g_assert_cmpint(
        lab_store_distinguished(f.store, f.mailbox, "voicemail", &none, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorFolderNotFound");
    tear_down(&f);
}

static void test_names(void)
{
    struct fix f;
    g_autofree char *long_name = g_strnfill(256, 'x');
    struct err err;

    set_up(&f);
    {
        const struct {
            const char *name, *code; /* NULL: taken */
        } rows[] = {
            { "Projects/2024", NULL },
            { "projects/2024", "ErrorFolderExists" },
            { "Größe", NULL },
            { "GRÖSSE", "ErrorFolderExists" },
            { "trailing ", NULL },
            { "trailing", NULL },
            { "INBOX", "ErrorFolderExists" },
            { "", "ErrorFolderSavePropertyError" },
            { long_name, "ErrorFolderSavePropertyError" },
            { long_name + 1, NULL },
            { "🚀", NULL },
            { "%_'\"\\", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_autofree char *id = NULL;
            int status = create(&f, f.root, rows[i].name, NULL, &id, &err);
            g_auto(lab_folder) folder = { 0 };

            CHECK_ROW(rows[i].name, (status < 0) == (rows[i].code != NULL));
            if (status < 0) {
                CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
                continue;
            }
            count(&f, id, &folder);
            CHECK_ROW(rows[i].name, strcmp(folder.name, rows[i].name) == 0);
        }
    }
    tear_down(&f);
}

static void test_class_is_inherited(void)
{
    struct fix f;
    g_autofree char *calendar = NULL, *a = NULL, *b = NULL, *c = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    set_up(&f);
    calendar = folder_id(&f, "calendar");
    CHECK_OK(create(&f, calendar, "Team", NULL, &a, &err), &err);
    count(&f, a, &folder);
    g_assert_cmpstr(folder.folder_class, ==, "IPF.Appointment");
    g_assert_cmpint(folder.kind, ==, LAB_FOLDER_CALENDAR);
    CHECK_OK(create(&f, f.root, "Plain", NULL, &b, &err), &err);
    count(&f, b, &folder);
    g_assert_cmpstr(folder.folder_class, ==, "IPF.Note");
    CHECK_OK(create(&f, calendar, "People", "IPF.Contact.Special", &c, &err),
             &err);
    count(&f, c, &folder);
    g_assert_cmpint(folder.kind, ==, LAB_FOLDER_CONTACTS);
    tear_down(&f);
}

static void test_tree(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL, *c = NULL;
    g_autoptr(GPtrArray) flat = NULL, deep = NULL;
    struct err err;

    set_up(&f);
    CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
    CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
    CHECK_OK(create(&f, b, "c", NULL, &c, &err), &err);
    CHECK_OK(lab_store_folders(f.store, f.mailbox, a, false, &flat, &err),
             &err);
    CHECK_OK(lab_store_folders(f.store, f.mailbox, f.root, true, &deep, &err),
             &err);
    g_assert_cmpuint(flat->len, ==, 1);
    g_assert_cmpuint(deep->len, ==, 11 + 3);
    g_assert_cmpstr(((struct lab_folder *)deep->pdata[13])->id, ==, c);
    g_assert_cmpstr(((struct lab_folder *)deep->pdata[12])->id, ==, b);
    tear_down(&f);
}

static void test_moving_folders(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL;
    g_auto(lab_folder) moved = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
    CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
    g_assert_cmpint(
        lab_store_move_folder(f.store, f.mailbox, a, b, &none, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorMoveCopyFailed");
    g_assert_cmpint(
        lab_store_move_folder(f.store, f.mailbox, f.inbox.id, b, &none, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorMoveDistinguishedFolder");
    CHECK_OK(
        lab_store_move_folder(f.store, f.mailbox, b, f.inbox.id, &moved, &err),
        &err);
    g_assert_cmpstr(moved.id, ==, b);
    g_assert_cmpstr(moved.parent_id, ==, f.inbox.id);
    CHECK_OK(lab_store_rename_folder(f.store, f.mailbox, b, "B", &err), &err);
    CHECK_OK(lab_store_rename_folder(f.store, f.mailbox, f.inbox.id,
                                     "Posteingang", &err),
             &err);
    g_assert_cmpint(
        lab_store_rename_folder(f.store, f.mailbox, a, "posteingang", &err), ==,
        -1);
    g_assert_cmpstr(err.name, ==, "ErrorFolderExists");
    tear_down(&f);
}

static void test_deleting_folders(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum lab_delete how;
        uint32_t in_dumpster, in_deleted; /* items; folders */
    } rows[] = {
        { "hard", LAB_DELETE_HARD, 0, 0 },
        { "soft", LAB_DELETE_SOFT, 2, 0 },
        { "moved", LAB_DELETE_MOVE, 0, 1 },
    };
    /* clang-format on */
    struct err err;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fix f;
        g_autofree char *a = NULL, *b = NULL;
        g_autofree char *dumpster = NULL, *deleted = NULL;
        g_auto(lab_folder) folder = { 0 };

        set_up(&f);
        dumpster = folder_id(&f, "recoverableitemsdeletions");
        deleted = folder_id(&f, "deleteditems");
        CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
        CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
        g_free(upload(&f, a, NULL, "x"));
        g_free(upload(&f, b, NULL, "y"));
        CHECK_OK(
            lab_store_delete_folder(f.store, f.mailbox, a, rows[i].how, &err),
            &err);
        count(&f, dumpster, &folder);
        CHECK_ROW(rows[i].name, folder.n_items == rows[i].in_dumpster);
        count(&f, deleted, &folder);
        CHECK_ROW(rows[i].name, folder.n_children == rows[i].in_deleted);
        lab_folder_clear(&folder);
        CHECK_ROW(rows[i].name,
                  (lab_store_folder(f.store, f.mailbox, b, &folder, &err) <
                   0) == (rows[i].how != LAB_DELETE_MOVE));
        g_assert_cmpint(lab_store_delete_folder(f.store, f.mailbox, f.inbox.id,
                                                rows[i].how, &err),
                        ==, -1);
        g_assert_cmpstr(err.name, ==, "ErrorDeleteDistinguishedFolder");
        tear_down(&f);
    }
}

static void test_second_folder_of_a_name_is_deleted(void)
{
    struct fix f;
    g_autofree char *deleted = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    set_up(&f);
    deleted = folder_id(&f, "deleteditems");
    for (int i = 0; i < 3; i++) {
        g_autofree char *a = NULL;

        CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
        CHECK_OK(lab_store_delete_folder(f.store, f.mailbox, a, LAB_DELETE_MOVE,
                                         &err),
                 &err);
    }
    count(&f, deleted, &folder);
    g_assert_cmpuint(folder.n_children, ==, 3);
    tear_down(&f);
}

/* ---- threads --------------------------------------------------------- */

static gpointer uploads(gpointer data)
{
    struct fix *f = data;

    for (int i = 0; i < 50; i++)
        g_free(upload(f, f->inbox.id, NULL, "x"));
    return NULL;
}

static void test_threads(void)
{
    struct fix f;
    GThread *threads[4];
    g_auto(lab_folder) inbox = { 0 };

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("upload", uploads, &f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    count(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 200);
    tear_down(&f);
}

#define ADD(path, f) g_test_add_func("/store/" path, f)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("file-keeps-options", test_a_file_keeps_its_options);
    ADD("cannot-open", test_cannot_open);
    ADD("logins", test_logins);
    ADD("rights", test_rights);
    ADD("addresses", test_addresses);
    ADD("ids", test_ids_look_real);
    ADD("wrong-ids", test_wrong_ids);
    ADD("mailbox-of-an-id", test_mailbox_of_an_id);
    ADD("upload-export", test_upload_and_export);
    ADD("update", test_update_keeps_the_id);
    ADD("refused-uploads", test_refused_uploads);
    ADD("update-or-create", test_update_or_create);
    ADD("quota", test_quota);
    ADD("deletions", test_deletions);
    ADD("move", test_move);
    ADD("read-flag", test_read_flag);
    ADD("touch", test_touch);
    ADD("damage", test_damage);
    ADD("hidden", test_hidden_items_are_apart);
    ADD("pages", test_pages);
    ADD("well-known", test_well_known_folders);
    ADD("names", test_names);
    ADD("class-inherited", test_class_is_inherited);
    ADD("tree", test_tree);
    ADD("move-folder", test_moving_folders);
    ADD("delete-folder", test_deleting_folders);
    ADD("delete-same-name", test_second_folder_of_a_name_is_deleted);
    ADD("threads", test_threads);
    return g_test_run();
}
