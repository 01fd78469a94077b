#include "endpoint/endpoint_conformance.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "endpoint/auto_reply.h"
#include "endpoint/options.h"
#include "endpoint/rules.h"
#include "endpoint/settings.h"

struct user_room {
    const struct endpoint_subject *subject;
    struct endpoint *ep;
    const char *inbox; /* interned */
    struct err err;
};

/* Some servers do not offer it: nothing to hold them to. */
static bool is_offered(struct user_room *r, int rc)
{
    if (rc >= 0)
        return true;
    if (!endpoint_is_not_offered(&r->err))
        g_error("%s", r->err.msg);
    g_test_skip("not offered");
    return false;
}

/* ---- rules ------------------------------------------------------------- */

static void add_text(struct endpoint_rule *rule, enum rule_part part,
                     enum rule_value value, const char *name, const char *text)
{
    struct rule_clause *c = rule_clause_new(part, value, name);

    g_ptr_array_add(c->texts, g_strdup(text));
    g_ptr_array_add(rule->clauses, c);
}

static struct endpoint_rule *rule_of(struct user_room *r, const char *name,
                                     unsigned int priority)
{
    struct endpoint_rule *rule = endpoint_rule_new(name);
    struct rule_clause *from =
        rule_clause_new(RULE_CONDITION, RULE_PEOPLE, "FromAddresses");

    rule->priority = priority;
    rule->enabled = true;
    add_text(rule, RULE_CONDITION, RULE_TEXTS, "ContainsSubjectStrings",
             "a <b> & \"c\"");
    rule_clause_add_person(from, "Eve", "eve@else.example", NULL);
    g_ptr_array_add(rule->clauses, from);
    add_text(rule, RULE_ACTION, RULE_FOLDER, "MoveToFolder", r->inbox);
    add_text(rule, RULE_ACTION, RULE_TEXTS, "StopProcessingRules", "true");
    return rule;
}

static void put_rule(struct user_room *r, const struct endpoint_rule *rule)
{
    bool maybe = true;

    CHECK_OK(endpoint_put_rule(r->ep, rule, true, &maybe, &r->err), &r->err);
    g_assert_false(maybe);
}

static const struct endpoint_rule *rule_at(const struct endpoint_rules *all,
                                           guint i)
{
    g_assert_cmpuint(i, <, all->rules->len);
    return all->rules->pdata[i];
}

static void test_rule_comes_back(struct user_room *r)
{
    g_autoptr(endpoint_rule) first = rule_of(r, "first", 1);
    g_autoptr(endpoint_rule) second = rule_of(r, "second", 1);
    g_autoptr(endpoint_rule) changed = NULL;
    g_auto(endpoint_rules) none = { 0 };
    g_auto(endpoint_rules) two = { 0 };
    g_auto(endpoint_rules) after = { 0 };
    g_auto(endpoint_rules) left = { 0 };

    if (!is_offered(r, endpoint_get_rules(r->ep, &none, &r->err)))
        return;
    put_rule(r, first);
    /* It takes the other's place, which moves on. */
    put_rule(r, second);
    CHECK_OK(endpoint_get_rules(r->ep, &two, &r->err), &r->err);
    g_assert_cmpuint(two.rules->len, ==, none.rules->len + 2);
    g_assert_true(endpoint_rule_same(rule_at(&two, 0), second));
    g_assert_true(endpoint_rule_same(rule_at(&two, 1), first));
    g_assert_cmpuint(rule_at(&two, 0)->priority, <, rule_at(&two, 1)->priority);
    g_assert_nonnull(rule_at(&two, 0)->id);
    g_assert_true(rule_at(&two, 0)->enabled);
    /* One is changed: it stays one, and where it was. */
    changed = endpoint_rule_copy(rule_at(&two, 1));
    changed->enabled = false;
    put_rule(r, changed);
    CHECK_OK(endpoint_get_rules(r->ep, &after, &r->err), &r->err);
    g_assert_cmpuint(after.rules->len, ==, two.rules->len);
    g_assert_cmpstr(rule_at(&after, 1)->id, ==, changed->id);
    g_assert_false(rule_at(&after, 1)->enabled);
    g_assert_true(endpoint_rule_same(rule_at(&after, 1), first));
    /* One goes, once. */
    CHECK_OK(endpoint_remove_rule(r->ep, changed->id, true, &r->err), &r->err);
    g_assert_cmpint(endpoint_remove_rule(r->ep, changed->id, true, &r->err), ==,
                    -1);
    g_assert_cmpint(r->err.scope, ==, ERR_ITEM);
    g_assert_cmpint(r->err.retry, ==, ERR_RETRY_NEVER);
    CHECK_OK(endpoint_get_rules(r->ep, &left, &r->err), &r->err);
    g_assert_cmpuint(left.rules->len, ==, none.rules->len + 1);
    g_assert_true(endpoint_rule_same(rule_at(&left, 0), second));
}

static void test_rule_is_refused(struct user_room *r)
{
    g_autoptr(endpoint_rule) rule = endpoint_rule_new("nowhere");
    g_auto(endpoint_rules) before = { 0 };
    g_auto(endpoint_rules) after = { 0 };
    bool maybe = true;

    if (!is_offered(r, endpoint_get_rules(r->ep, &before, &r->err)))
        return;
    rule->priority = 1;
    add_text(rule, RULE_ACTION, RULE_FOLDER, "MoveToFolder", "AAAA");
    g_assert_cmpint(endpoint_put_rule(r->ep, rule, true, &maybe, &r->err), ==,
                    -1);
    g_assert_false(maybe);
    g_assert_cmpstr(r->err.name, ==, "ErrorInboxRulesValidationError");
    g_assert_cmpint(r->err.scope, ==, ERR_ITEM);
    CHECK_OK(endpoint_get_rules(r->ep, &after, &r->err), &r->err);
    g_assert_cmpuint(after.rules->len, ==, before.rules->len);
}

/* ---- automatic replies ------------------------------------------------- */

static void test_reply_comes_back(struct user_room *r)
{
    int64_t hour = 3600 * TIMESTAMP_SECOND;
    int64_t start = timestamp_now() / hour * hour + hour;
    const struct endpoint_auto_reply rows[] = {
        { .state = AUTO_REPLY_SCHEDULED,
          .audience = AUTO_REPLY_CONTACTS,
          .start_us = start,
          .end_us = start + 48 * hour,
          .internal = (char *)(uintptr_t) "<b>a & b</b>",
          .external = (char *)(uintptr_t) "c" },
        { .state = AUTO_REPLY_OFF,
          .audience = AUTO_REPLY_NOBODY,
          .start_us = TIMESTAMP_NONE,
          .end_us = TIMESTAMP_NONE,
          .internal = (char *)(uintptr_t) "",
          .external = (char *)(uintptr_t) "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(endpoint_auto_reply) got = { 0 };

        if (!is_offered(r, endpoint_set_auto_reply(r->ep, &rows[i], &r->err)))
            return;
        CHECK_OK(endpoint_get_auto_reply(r->ep, &got, &r->err), &r->err);
        g_assert_cmpint(got.state, ==, rows[i].state);
        g_assert_cmpint(got.audience, ==, rows[i].audience);
        g_assert_cmpstr(got.internal, ==, rows[i].internal);
        g_assert_cmpstr(got.external, ==, rows[i].external);
        if (rows[i].state == AUTO_REPLY_SCHEDULED) {
            g_assert_cmpint(got.start_us, ==, rows[i].start_us);
            g_assert_cmpint(got.end_us, ==, rows[i].end_us);
        }
    }
}

/* ---- options, categories, photo ---------------------------------------- */

static void test_options_come_back(struct user_room *r)
{
    g_auto(endpoint_options) before = { 0 };
    g_auto(endpoint_options) after = { 0 };
    const struct endpoint_option *o;
    int found = endpoint_get_options(r->ep, &before, &r->err);

    if (!is_offered(r, found))
        return;
    if (found == 0)
        before.options = g_ptr_array_new();
    g_ptr_array_add(before.options,
                    endpoint_option_new("signaturetext", "String", "a & b"));
    g_ptr_array_add(before.options,
                    endpoint_option_new("autoaddsignature", "Boolean", "True"));
    CHECK_OK(endpoint_put_options(r->ep, &before, found > 0, &r->err), &r->err);
    g_assert_cmpint(endpoint_get_options(r->ep, &after, &r->err), ==, 1);
    g_assert_cmpuint(after.options->len, ==, before.options->len);
    o = endpoint_options_find(&after, "signaturetext");
    g_assert_nonnull(o);
    g_assert_cmpstr(o->type, ==, "String");
    g_assert_cmpstr(o->values->pdata[0], ==, "a & b");
    /* They replace what was there. */
    g_ptr_array_remove_index(after.options, 0);
    CHECK_OK(endpoint_put_options(r->ep, &after, true, &r->err), &r->err);
    endpoint_options_clear(&after);
    g_assert_cmpint(endpoint_get_options(r->ep, &after, &r->err), ==, 1);
    g_assert_cmpuint(after.options->len, ==, before.options->len - 1);
    if (found == 0)
        for (guint i = 0; i < before.options->len; i++)
            endpoint_option_free(before.options->pdata[i]);
}

static void test_categories_are_added(struct user_room *r)
{
    g_auto(endpoint_categories) before = { 0 };
    g_auto(endpoint_categories) one = { 0 };
    g_auto(endpoint_categories) other = { 0 };
    g_auto(endpoint_categories) after = { 0 };
    const struct endpoint_category *c;
    guint n;

    if (!is_offered(r, endpoint_get_categories(r->ep, &before, &r->err)))
        return;
    n = before.categories != NULL ? before.categories->len : 0;
    endpoint_categories_add(&one, "a & <b>", 3, 2,
                            "{2B7FC69C-7046-44A2-8FF3-007D7467DC82}");
    endpoint_categories_add(&other, "other", CATEGORY_NO_COLOR, 0, NULL);
    CHECK_OK(endpoint_add_categories(r->ep, &one, &r->err), &r->err);
    CHECK_OK(endpoint_add_categories(r->ep, &other, &r->err), &r->err);
    g_assert_cmpint(endpoint_get_categories(r->ep, &after, &r->err), ==, 1);
    g_assert_cmpuint(after.categories->len, ==, n + 2);
    c = after.categories->pdata[n];
    g_assert_cmpstr(c->name, ==, "a & <b>");
    g_assert_cmpint(c->color, ==, 3);
    g_assert_cmpuint(c->shortcut, ==, 2);
    g_assert_cmpstr(c->guid, ==, "{2B7FC69C-7046-44A2-8FF3-007D7467DC82}");
    c = after.categories->pdata[n + 1];
    g_assert_cmpint(c->color, ==, CATEGORY_NO_COLOR);
}

static void test_photo_comes_back(struct user_room *r)
{
    g_autoptr(GBytes) none = NULL;
    g_autoptr(GBytes) picture = g_bytes_new_static("a picture", 9);
    g_autoptr(GBytes) got = NULL;

    if (!is_offered(r, endpoint_get_photo(r->ep, &none, &r->err)) ||
        !is_offered(r, endpoint_set_photo(r->ep, picture, &r->err)))
        return;
    g_assert_cmpint(endpoint_get_photo(r->ep, &got, &r->err), ==, 1);
    g_assert_true(g_bytes_equal(got, picture));
}

/* ---- the suite --------------------------------------------------------- */

/* clang-format off */
static const struct endpoint_user_test {
    const char *name;
    void (*run)(struct user_room *r);
} tests[] = {
    { "rule-comes-back", test_rule_comes_back },
    { "rule-is-refused", test_rule_is_refused },
    { "reply-comes-back", test_reply_comes_back },
    { "options-come-back", test_options_come_back },
    { "categories-are-added", test_categories_are_added },
    { "photo-comes-back", test_photo_comes_back },
};
/* clang-format on */

struct planned {
    const struct endpoint_subject *subject;
    const struct endpoint_user_test *test;
};

static void open_room(struct user_room *r)
{
    g_auto(endpoint_facts) facts = { 0 };
    g_auto(endpoint_tree) tree = { 0 };

    r->ep = r->subject->make(r->subject->data);
    CHECK_OK(endpoint_open(r->ep, &facts, &r->err), &r->err);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = tree.folders->pdata[i];

        if (g_strcmp0(f->well_known, "inbox") == 0)
            r->inbox = g_intern_string(f->id);
    }
    if (r->inbox == NULL)
        r->inbox = g_intern_string(facts.root_id);
}

static void run_planned(gconstpointer data)
{
    const struct planned *p = data;
    struct user_room r = { .subject = p->subject };

    open_room(&r);
    p->test->run(&r);
    endpoint_free(r.ep);
    if (p->subject->end != NULL)
        p->subject->end(p->subject->data);
}

void endpoint_conformance_user_add(const struct endpoint_subject *subject)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/conformance-user/%s/%s",
                                                subject->name, tests[i].name);
        struct planned *p = g_new(struct planned, 1);

        *p = (struct planned){ subject, &tests[i] };
        g_test_add_data_func_full(path, p, run_planned, g_free);
    }
}
