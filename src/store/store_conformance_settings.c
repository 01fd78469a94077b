#include "store/store_conformance_priv.h"

#define S(text) ((char[]){ text })

static int64_t begin(struct conform *t, const struct store_lease *lease)
{
    int64_t id = 0;

    CHECK_OK(store_pass_begin(t->s, lease, "settings", &id, &t->err), &t->err);
    return id;
}

static void record(struct conform *t, int64_t pass_id,
                   struct store_setting line)
{
    CHECK_OK(store_settings_record(t->s, &t->lease, pass_id, &line, 1, &t->err),
             &t->err);
}

/* "part place key outcome;" of every line. */
static char *lines(struct conform *t, const struct store_lease *lease)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *text = g_string_new(NULL);

    CHECK_OK(store_settings(t->s, lease->mailbox_id, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_setting *l = all->pdata[i];

        g_string_append_printf(text, "%s %s %s %s;", l->part,
                               l->place != NULL ? l->place : "-", l->key,
                               setting_outcome_name(l->outcome));
    }
    return g_string_free(text, FALSE);
}

static void check_lines(struct conform *t, const char *want)
{
    g_autofree char *is = lines(t, &t->lease);

    g_assert_cmpstr(is, ==, want);
}

static void test_all_fields(struct conform *t)
{
    int64_t pass = begin(t, &t->lease);
    g_autoptr(GPtrArray) all = NULL;
    const struct store_setting *l;

    record(t, pass,
           (struct store_setting){ .part = S("permissions"),
                                   .key = S("1:bob@old.example"),
                                   .place = S("Inbox"),
                                   .subject = S("bob@old.example"),
                                   .counterpart = S("bob@new.example"),
                                   .value = S("Editor"),
                                   .outcome = SETTING_UNMAPPED,
                                   .cause = S("nobody of that address"),
                                   .remedy = S("add him"),
                                   .memo = S("1123") });
    CHECK_OK(store_settings(t->s, t->lease.mailbox_id, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    l = all->pdata[0];
    g_assert_cmpstr(l->part, ==, "permissions");
    g_assert_cmpstr(l->key, ==, "1:bob@old.example");
    g_assert_cmpstr(l->place, ==, "Inbox");
    g_assert_cmpstr(l->subject, ==, "bob@old.example");
    g_assert_cmpstr(l->counterpart, ==, "bob@new.example");
    g_assert_cmpstr(l->value, ==, "Editor");
    g_assert_cmpint(l->outcome, ==, SETTING_UNMAPPED);
    g_assert_cmpstr(l->cause, ==, "nobody of that address");
    g_assert_cmpstr(l->remedy, ==, "add him");
    g_assert_cmpstr(l->memo, ==, "1123");
    g_assert_cmpint(l->pass_id, ==, pass);
}

static void test_order_and_replacement(struct conform *t)
{
    int64_t pass = begin(t, &t->lease);

    record(t, pass,
           (struct store_setting){ .part = S("rules"), .key = S("1") });
    record(t, pass,
           (struct store_setting){
               .part = S("permissions"), .key = S("b"), .place = S("Sent") });
    record(t, pass,
           (struct store_setting){
               .part = S("permissions"), .key = S("c"), .place = S("Inbox") });
    record(t, pass,
           (struct store_setting){
               .part = S("permissions"), .key = S("a"), .place = S("Inbox") });
    record(t, pass,
           (struct store_setting){ .part = S("permissions"), .key = S("z") });
    check_lines(t, "permissions - z set;permissions Inbox a set;"
                   "permissions Inbox c set;permissions Sent b set;"
                   "rules - 1 set;");
    /* Keys are told apart by case; a line of a known one replaces it whole. */
    record(t, pass,
           (struct store_setting){ .part = S("permissions"),
                                   .key = S("A"),
                                   .place = S("Inbox"),
                                   .outcome = SETTING_FAILED });
    record(t, pass,
           (struct store_setting){ .part = S("permissions"),
                                   .key = S("c"),
                                   .outcome = SETTING_ALREADY });
    check_lines(t, "permissions - c already there;permissions - z set;"
                   "permissions Inbox A failed;permissions Inbox a set;"
                   "permissions Sent b set;rules - 1 set;");
}

static void test_done(struct conform *t)
{
    int64_t first = begin(t, &t->lease), second = begin(t, &t->lease);
    int64_t other = begin(t, &t->other_lease);
    const struct store_setting theirs = { .part = S("permissions"),
                                          .key = S("x") };
    g_autofree char *after = NULL;

    CHECK_OK(store_settings_record(t->s, &t->other_lease, other, &theirs, 1,
                                   &t->err),
             &t->err);
    record(t, first,
           (struct store_setting){ .part = S("permissions"), .key = S("old") });
    record(
        t, first,
        (struct store_setting){ .part = S("permissions"), .key = S("both") });
    record(t, first,
           (struct store_setting){ .part = S("rules"), .key = S("old") });
    record(t, second,
           (struct store_setting){ .part = S("permissions"),
                                   .key = S("both"),
                                   .outcome = SETTING_ALREADY });
    CHECK_OK(
        store_settings_done(t->s, &t->lease, second, "permissions", &t->err),
        &t->err);
    check_lines(t, "permissions - both already there;rules - old set;");
    after = lines(t, &t->other_lease);
    g_assert_cmpstr(after, ==, "permissions - x set;");
}

static void test_all_or_none(struct conform *t)
{
    int64_t pass = begin(t, &t->lease);
    g_autofree char *before = conform_dump(t);
    g_autofree char *huge = g_strnfill(STORE_NAME_MAX + 1, 'k');
    const struct store_setting two[] = {
        { .part = S("permissions"), .key = S("a") },
        { .part = S("permissions"), .key = huge },
    };
    const struct store_setting none = { .part = S("permissions"),
                                        .key = S("") };

    conform_refused(
        t, store_settings_record(t->s, &t->lease, pass, two, 2, &t->err),
        "too-long", before);
    conform_refused(
        t, store_settings_record(t->s, &t->lease, pass, &none, 1, &t->err),
        "missing", before);
}

static void test_stale_lease(struct conform *t)
{
    const struct store_setting line = { .part = S("permissions"),
                                        .key = S("a") };
    struct store_lease stale = t->lease;
    int64_t pass = begin(t, &t->lease);
    g_autofree char *before = NULL;

    CHECK_OK(store_mailbox_lease(t->s, stale.mailbox_id, &t->lease, &t->err),
             &t->err);
    before = conform_dump(t);
    conform_refused(
        t, store_settings_record(t->s, &stale, pass, &line, 1, &t->err),
        "lease-lost", before);
    conform_refused(
        t, store_settings_done(t->s, &stale, pass, "permissions", &t->err),
        "lease-lost", before);
}

const struct conform_test conform_settings[] = {
    { "settings/all-fields", test_all_fields },
    { "settings/order-and-replacement", test_order_and_replacement },
    { "settings/done", test_done },
    { "settings/all-or-none", test_all_or_none },
    { "settings/stale-lease", test_stale_lease },
    { NULL, NULL },
};
