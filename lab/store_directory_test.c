#include "lab/store_directory.h"

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/store_fixture.h"

#define LIST "team@corp.example"

/* ann is the fixture's mailbox; bob has an alias. */
struct book {
    struct fix fix;
    int64_t bob;
};

static void book_init(struct book *b)
{
    struct err err;

    set_up(&b->fix);
    CHECK_OK(lab_store_add_mailbox(b->fix.store, "bob@corp.example",
                                   "Bob O'Neill", 0, &b->bob, &err),
             &err);
    CHECK_OK(
        lab_store_add_alias(b->fix.store, b->bob, "robert@corp.example", &err),
        &err);
    CHECK_OK(lab_store_add_entry(b->fix.store, LAB_ENTRY_LIST, LIST,
                                 "The 100% Team", &err),
             &err);
    CHECK_OK(lab_store_add_entry(b->fix.store, LAB_ENTRY_ROOM,
                                 "room@corp.example", "Blue Room", &err),
             &err);
}

/* Names of what is found, with a bar between; to be freed. */
static char *found(struct book *b, const char *text, uint32_t max)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *names = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_resolve(b->fix.store, text, max, &all, &err), &err);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_entry *e = all->pdata[i];

        g_string_append_printf(names, "%s%s", i > 0 ? "|" : "", e->address);
    }
    return g_string_free(names, FALSE);
}

static void test_resolve(void)
{
    static const char dn[] =
        "/o=First Organization/ou=Exchange Administrative Group "
        "(FYDIBOHF23SPDLT)/cn=Recipients/cn=bob";
    const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "beginning of a name", "bob o", "bob@corp.example" },
        { "of its second word", "o'n", "bob@corp.example" },
        { "of an address", "ann@", "ann@corp.example" },
        { "of an alias", "robert", "bob@corp.example" },
        { "an address alone", "smtp:BOB@corp.example", "bob@corp.example" },
        { "no name by address", "smtp:Neill", "" },
        { "legacy name", dn, "bob@corp.example" },
        { "legacy name, marked", "EX:/o=x", "" },
        { "a list", "the 100%", LIST },
        { "a wildcard is none", "%", "" },
        { "another", "_ob", "" },
        { "a backslash", "\\", "" },
        { "a quote", "'", "" },
        { "the inside of a word", "eill", "" },
    };
    struct book b;

    book_init(&b);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = found(&b, rows[i].text, 10);

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": got \"%s\"", rows[i].name, got);
    }
    tear_down(&b.fix);
}

static void test_resolve_limit(void)
{
    struct book b;
    g_autofree char *all = NULL, *two = NULL;

    book_init(&b);
    all = found(&b, "smtp:", 10);
    two = found(&b, "smtp:", 2);
    g_assert_cmpuint(strlen(all), >, strlen(two));
    g_assert_true(g_str_has_prefix(all, two));
    tear_down(&b.fix);
}

static void test_members(void)
{
    static const char *const members[] = { "BOB@corp.example",
                                           "far@away.example",
                                           "bob@corp.example" };
    g_autoptr(GPtrArray) all = NULL, none = NULL;
    struct book b;
    struct err err;

    book_init(&b);
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        CHECK_OK(lab_store_add_member(b.fix.store, LIST, members[i], &err),
                 &err);
    g_assert_cmpint(
        lab_store_members(b.fix.store, "TEAM@corp.example", &all, &err), ==, 1);
    g_assert_cmpuint(all->len, ==, 2);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_entry *e = all->pdata[i];
        bool inside = strcmp(e->address, "bob@corp.example") == 0;

        g_assert_true(inside == (e->legacy_dn != NULL));
        g_assert_cmpstr(e->display_name, ==,
                        inside ? "Bob O'Neill" : "far@away.example");
    }
    /* people and rooms have no members */
    g_assert_cmpint(
        lab_store_members(b.fix.store, "bob@corp.example", &none, &err), ==, 0);
    g_assert_cmpint(
        lab_store_members(b.fix.store, "room@corp.example", &none, &err), ==,
        0);
    tear_down(&b.fix);
}

static void test_taken(void)
{
    static const char *const rows[] = { "bob@corp.example",
                                        "ROBERT@corp.example", LIST };
    struct book b;

    book_init(&b);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        CHECK_ROW(rows[i], lab_store_add_entry(b.fix.store, LAB_ENTRY_LIST,
                                               rows[i], "x", &err) < 0);
        g_assert_cmpstr(err.name, ==, "ErrorInvalidOperation");
    }
    tear_down(&b.fix);
}

static void test_kinds(void)
{
    g_autoptr(GPtrArray) rooms = NULL, lists = NULL;
    g_auto(lab_entry) e = { 0 };
    struct book b;
    struct err err;

    book_init(&b);
    CHECK_OK(lab_store_entries(b.fix.store, LAB_ENTRY_ROOM, &rooms, &err),
             &err);
    CHECK_OK(lab_store_entries(b.fix.store, LAB_ENTRY_ROOM_LIST, &lists, &err),
             &err);
    g_assert_cmpuint(rooms->len, ==, 1);
    g_assert_cmpuint(lists->len, ==, 0);
    g_assert_cmpint(
        lab_store_entry(b.fix.store, "robert@corp.example", &e, &err), ==, 1);
    g_assert_cmpint(e.mailbox, ==, b.bob);
    g_assert_cmpint(e.kind, ==, LAB_ENTRY_MAILBOX);
    tear_down(&b.fix);
}

/* ---- rights -------------------------------------------------------- */

static int64_t add_account(struct book *b, const char *user, bool impersonate)
{
    g_autofree char *address = g_strconcat(user, "@corp.example", NULL);
    const struct lab_account account = {
        .domain = (char *)(uintptr_t) "CORP",
        .user = (char *)(uintptr_t)user,
        .address = address,
        .password = (char *)(uintptr_t) "x",
        .may_impersonate = impersonate,
    };
    int64_t key = 0;
    struct err err;

    CHECK_OK(lab_store_add_account(b->fix.store, &account, &key, &err), &err);
    return key;
}

static bool may(struct book *b, enum lab_grant right, int64_t account,
                int64_t mailbox)
{
    struct err err;
    int is =
        right == LAB_GRANT_IMPERSONATE
            ? lab_store_may_impersonate(b->fix.store, account, mailbox, &err)
            : lab_store_may_open(b->fix.store, account, mailbox, &err);

    CHECK_OK(is, &err);
    return is != 0;
}

static void test_rights(void)
{
    static const enum lab_grant rights[] = { LAB_GRANT_IMPERSONATE,
                                             LAB_GRANT_FULL_ACCESS };

    for (size_t i = 0; i < G_N_ELEMENTS(rights); i++) {
        struct book b;
        struct err err;
        int64_t account, other;

        book_init(&b);
        account = add_account(&b, "svc", false);
        other = add_account(&b, "other", false);
        CHECK_OK(lab_store_allow(b.fix.store, account, rights[i], b.bob, &err),
                 &err);
        g_assert_true(may(&b, rights[i], account, b.bob));
        g_assert_false(may(&b, rights[i], account, b.fix.mailbox));
        g_assert_false(may(&b, rights[i], other, b.bob));
        g_assert_false(may(&b, rights[1 - i], account, b.bob));
        CHECK_OK(lab_store_allow(b.fix.store, account, rights[i], 0, &err),
                 &err);
        g_assert_true(may(&b, rights[i], account, b.fix.mailbox));
        CHECK_OK(lab_store_revoke_all(b.fix.store, account, rights[i], &err),
                 &err);
        g_assert_false(may(&b, rights[i], account, b.bob));
        g_assert_false(may(&b, rights[i], account, b.fix.mailbox));
        tear_down(&b.fix);
    }
}

static void test_sids(void)
{
    static const char *const none[] = { "", "S-1-5-18", "S-1-5-21-1-2-3-1001",
                                        "svc" };
    g_auto(lab_account) back = { 0 };
    g_autofree char *sid = NULL, *again = NULL, *longer = NULL;
    struct book b;
    struct err err;
    int64_t account;

    book_init(&b);
    account = add_account(&b, "svc", false);
    sid = lab_store_sid(b.fix.store, account);
    again = lab_store_sid(b.fix.store, account);
    longer = g_strconcat(sid, "7", NULL);
    g_assert_cmpstr(sid, ==, again);
    g_assert_true(g_str_has_prefix(sid, "S-1-5-21-"));
    g_assert_cmpint(lab_store_find_sid(b.fix.store, sid, &back, &err), ==, 1);
    g_assert_cmpint(back.key, ==, account);
    g_assert_cmpint(lab_store_find_sid(b.fix.store, longer, &back, &err), ==,
                    0);
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        CHECK_ROW(none[i],
                  lab_store_find_sid(b.fix.store, none[i], &back, &err) == 0);
    tear_down(&b.fix);
}

/* ---- settings ------------------------------------------------------ */

static void test_settings(void)
{
    g_autoptr(GBytes) value = g_bytes_new_static("a\0b", 3);
    g_autoptr(GBytes) back = NULL;
    struct book b;
    struct err err;

    book_init(&b);
    g_assert_cmpint(lab_store_setting(b.fix.store, b.bob, "x", &back, &err), ==,
                    0);
    CHECK_OK(lab_store_set_setting(b.fix.store, b.bob, "x", value, &err), &err);
    g_assert_cmpint(lab_store_setting(b.fix.store, b.bob, "x", &back, &err), ==,
                    1);
    g_assert_true(g_bytes_equal(value, back));
    g_clear_pointer(&back, g_bytes_unref);
    g_assert_cmpint(
        lab_store_setting(b.fix.store, b.fix.mailbox, "x", &back, &err), ==, 0);
    CHECK_OK(lab_store_set_setting(b.fix.store, b.bob, "x", NULL, &err), &err);
    g_assert_cmpint(lab_store_setting(b.fix.store, b.bob, "x", &back, &err), ==,
                    0);
    tear_down(&b.fix);
}

static void test_numbers(void)
{
    int64_t one = 0, two = 0;
    struct book b;
    struct err err;

    book_init(&b);
    CHECK_OK(lab_store_number(b.fix.store, &one, &err), &err);
    CHECK_OK(lab_store_number(b.fix.store, &two, &err), &err);
    g_assert_cmpint(two, >, one);
    tear_down(&b.fix);
}

static void put_hidden(struct book *b, const char *item_class, bool hidden)
{
    g_autoptr(mapi_item) tree = mapi_item_new();
    struct err err;

    mapi_set_text(tree, &tree->message.props, PR_MESSAGE_CLASS, item_class);
    CHECK_OK(lab_store_put(b->fix.store, b->fix.mailbox, b->fix.inbox.id,
                           hidden, tree, NULL, &err),
             &err);
}

static void test_hidden(void)
{
    g_auto(lab_item) item = { 0 }, none = { 0 };
    struct book b;
    struct err err;

    book_init(&b);
    put_hidden(&b, "IPM.Configuration.One", true);
    put_hidden(&b, "IPM.Configuration.Seen", false);
    g_assert_cmpint(lab_store_hidden(b.fix.store, b.fix.mailbox, b.fix.inbox.id,
                                     "ipm.configuration.ONE", &item, &err),
                    ==, 1);
    g_assert_true(item.associated);
    /* one that is to be seen is not meant, nor one of a longer name */
    g_assert_cmpint(lab_store_hidden(b.fix.store, b.fix.mailbox, b.fix.inbox.id,
                                     "IPM.Configuration.Seen", &none, &err),
                    ==, 0);
    g_assert_cmpint(lab_store_hidden(b.fix.store, b.fix.mailbox, b.fix.inbox.id,
                                     "IPM.Configuration", &none, &err),
                    ==, 0);
    tear_down(&b.fix);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-directory/resolve", test_resolve);
    g_test_add_func("/store-directory/resolve-limit", test_resolve_limit);
    g_test_add_func("/store-directory/members", test_members);
    g_test_add_func("/store-directory/taken", test_taken);
    g_test_add_func("/store-directory/kinds", test_kinds);
    g_test_add_func("/store-directory/rights", test_rights);
    g_test_add_func("/store-directory/sids", test_sids);
    g_test_add_func("/store-directory/settings", test_settings);
    g_test_add_func("/store-directory/numbers", test_numbers);
    g_test_add_func("/store-directory/hidden", test_hidden);
    return g_test_run();
}
