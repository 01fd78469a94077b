#include "lab/command.h"

#include "base/check.h"
#include "lab/fixture.h"

struct options {
    gboolean flag;
    int number;
    const char *text;
};

static const struct command_option table[] = {
    { "flag", G_OPTION_ARG_NONE, offsetof(struct options, flag), NULL, "f" },
    { "number", G_OPTION_ARG_INT, offsetof(struct options, number), "N", "n" },
    { "text", G_OPTION_ARG_STRING, offsetof(struct options, text), "T", "t" },
    { NULL },
};

static const struct command_usage usage = {
    .options = table,
    .usage = "Usage: x",
    .description = "It does.",
    .arguments_min = 1,
    .arguments_max = 2,
};

static void test_options(void)
{
    static const struct {
        const char *line;
        int want, number;
        const char *text;
        bool flag;
        int left; /* arguments */
    } rows[] = {
        { "x a", 0, 7, "default", false, 1 },
        { "x a b", 0, 7, "default", false, 2 },
        { "x a --flag --number 3 --text=t", 0, 3, "t", true, 1 },
        { "x --text --flag a", 0, 7, "--flag", false, 1 },
        { "x a --text t --text u", 0, 7, "u", false, 1 },
        { "x", EXIT_USAGE, 7, "default", false, 0 },
        { "x a b c", EXIT_USAGE, 7, "default", false, 3 },
        { "x a --nothing", EXIT_USAGE, 7, "default", false, -1 },
        { "x a --number x", EXIT_USAGE, 7, "default", false, -1 },
        { "x a --text", EXIT_USAGE, 7, "default", false, -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) words = g_strsplit(rows[i].line, " ", -1);
        g_autofree char **argv =
            g_memdup2(words, (g_strv_length(words) + 1) * sizeof(words[0]));
        struct options o = { .number = 7, .text = "default" };
        int argc = (int)g_strv_length(words);
        char **rest = argv;
        int status;

        /* what is said about mistakes goes to standard error */
        if (rows[i].want != 0)
            g_test_message("a complaint follows: %s", rows[i].line);
        status = command_options(&usage, &o, &argc, &rest);
        CHECK_ROW(rows[i].line, status == rows[i].want);
        CHECK_ROW(rows[i].line, o.number == rows[i].number);
        CHECK_ROW(rows[i].line, strcmp(o.text, rows[i].text) == 0);
        CHECK_ROW(rows[i].line, o.flag == rows[i].flag);
        CHECK_ROW(rows[i].line, rows[i].left < 0 || argc - 1 == rows[i].left);
    }
}

static int64_t find_account(struct lab_store *store, const char *login)
{
    g_auto(lab_account) account = { 0 };
    struct err err;

    if (lab_store_find_account(store, NULL, login, &account, &err) <= 0)
        return 0;
    g_assert_cmpuint(strlen(account.password), >=, 16);
    return account.key;
}

static void test_fill(void)
{
    const struct fill_options options = { .mailboxes = 3,
                                          .items = 5,
                                          .seed = 1,
                                          .quota_bytes = 1000000,
                                          .domain = "a.example" };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_auto(lab_mailbox) mailbox = { 0 };
    g_auto(lab_folder) root = { 0 };
    g_autoptr(GPtrArray) folders = NULL;
    uint32_t items = 0;
    int64_t admin;
    struct err err;

    CHECK_OK(fill_store(f->lab.store, &options, &err), &err);
    admin = find_account(f->lab.store, "administrator@a.example");
    g_assert_cmpint(admin, !=, 0);
    g_assert_cmpint(find_account(f->lab.store, "A\\user3"), !=, 0);
    g_assert_cmpint(find_account(f->lab.store, "A\\user4"), ==, 0);
    g_assert_cmpint(
        lab_store_find_mailbox(f->lab.store, "USER2@a.example", &mailbox, &err),
        ==, 1);
    g_assert_cmpuint(mailbox.quota_bytes, ==, 1000000);
    g_assert_cmpint(lab_store_may_open(f->lab.store, admin, mailbox.key, &err),
                    ==, 1);

    CHECK_OK(lab_store_distinguished(f->lab.store, mailbox.key, "msgfolderroot",
                                     &root, &err),
             &err);
    CHECK_OK(lab_store_folders(f->lab.store, mailbox.key, root.id, true,
                               &folders, &err),
             &err);
    for (guint i = 0; i < folders->len; i++)
        items += ((const struct lab_folder *)folders->pdata[i])->n_items;
    g_assert_cmpuint(items, ==, 5);
}

static void test_fill_refused(void)
{
    static const struct {
        const char *name;
        struct fill_options options;
    } rows[] = {
        { "no domain", { .mailboxes = 1, .domain = "a" } },
        { "an address", { .mailboxes = 1, .domain = "a@b.example" } },
        { "fewer than none", { .mailboxes = -1, .domain = "a.example" } },
        { "too many", { .mailboxes = 1000000, .domain = "a.example" } },
        { "items", { .mailboxes = 1, .items = -1, .domain = "a.example" } },
        { "seed", { .mailboxes = 1, .seed = -1, .domain = "a.example" } },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        CHECK_ROW(rows[i].name,
                  fill_store(f->lab.store, &rows[i].options, &err) < 0);
        g_assert_cmpint(find_account(f->lab.store, "administrator@a.example"),
                        ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command/options", test_options);
    g_test_add_func("/command/fill", test_fill);
    g_test_add_func("/command/fill-refused", test_fill_refused);
    return g_test_run();
}
