#include "desk/waits.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

/* 2027-01-15 08:00 UTC, a Friday */
#define NOW       (INT64_C(1800000000) * TIMESTAMP_SECOND)
#define DAY       TIMESTAMP_DAY
#define LIT(text) ((char *)(uintptr_t)(text))

static const struct waits_rules rules = { .answer_us = 30 * DAY,
                                          .sweep_us = 3 * DAY };

static const struct row {
    const char *name;
    enum request_state state;
    const char *missing, *quote, *start, *cutover;
    int64_t ago_us; /* since all of its times */
    int64_t quote_in_us;
    enum waits_who who;
    const char *text;
    bool late;
} rows[] = {
    /* clang-format off */
    { "just come in", REQUEST_RECEIVED, NULL, NULL, NULL, NULL, 0, 0,
      WAITS_US, "servers, credentials and mailboxes are checked", false },
    { "a check that hangs", REQUEST_AWAITING_INFORMATION, NULL, NULL, NULL,
      NULL, DAY, 0, WAITS_US, "servers, credentials and mailboxes are checked",
      true },
    { "asked yesterday", REQUEST_AWAITING_INFORMATION, "owa-url", NULL, NULL,
      NULL, DAY, 0, WAITS_CONTACT, "what is missing", false },
    { "asked a month ago", REQUEST_AWAITING_INFORMATION, "owa-url", NULL, NULL,
      NULL, 30 * DAY, 0, WAITS_CONTACT, "what is missing", true },
    { "quoted", REQUEST_QUOTED, NULL, "{}", NULL, NULL, 20 * DAY, 1,
      WAITS_CONTACT, "approval of the quote", false },
    { "a quote that ran out", REQUEST_QUOTED, NULL, "{}", NULL, NULL, DAY, 0,
      WAITS_CONTACT, "approval of the quote", true },
    { "to be quoted anew", REQUEST_QUOTED, NULL, "", NULL, NULL, 1, 0,
      WAITS_US, "servers, credentials and mailboxes are checked", false },
    { "approved", REQUEST_APPROVED, NULL, "{}", NULL, NULL, DAY - 1, 0,
      WAITS_US, "a day with room", false },
    { "no day with room", REQUEST_APPROVED, NULL, "{}", NULL, NULL, DAY, 0,
      WAITS_US, "a day with room", true },
    { "begins today", REQUEST_SCHEDULED, NULL, "{}", "2027-01-15", NULL,
      9 * DAY, 0, WAITS_US, "its day", false },
    { "was to begin", REQUEST_SCHEDULED, NULL, "{}", "2027-01-14", NULL,
      9 * DAY, 0, WAITS_US, "its day", true },
    { "approved, and its credentials are wrong", REQUEST_APPROVED,
      "credentials-refused", "{}", NULL, NULL, 9 * DAY, 0, WAITS_CONTACT,
      "other administrative credentials", false },
    { "wrong until its day", REQUEST_SCHEDULED, "credentials-refused", "{}",
      "2027-01-16", NULL, 9 * DAY, 0, WAITS_CONTACT,
      "other administrative credentials", false },
    { "wrong on its day", REQUEST_SCHEDULED, "credentials-refused", "{}",
      "2027-01-15", NULL, 9 * DAY, 0, WAITS_CONTACT,
      "other administrative credentials", true },
    { "running, whenever", REQUEST_RUNNING, NULL, "{}", NULL, NULL, 90 * DAY, 0,
      WAITS_US, "mailboxes are copied", false },
    { "running on the day of cutover", REQUEST_RUNNING, NULL, "{}", NULL,
      "2027-01-15", DAY, 0, WAITS_US, "mailboxes are copied", true },
    { "cutover today", REQUEST_READY_FOR_CUTOVER, NULL, "{}", NULL,
      "2027-01-15", DAY, 0, WAITS_CONTACT, "word that users have moved",
      false },
    { "cutover was yesterday", REQUEST_READY_FOR_CUTOVER, NULL, "{}", NULL,
      "2027-01-14", DAY, 0, WAITS_CONTACT, "word that users have moved", true },
    { "sweeping", REQUEST_CUT_OVER, NULL, "{}", NULL, NULL, 4 * DAY - 1, 0,
      WAITS_US, "last changes are copied, and all is verified", false },
    { "swept for too long", REQUEST_CUT_OVER, NULL, "{}", NULL, NULL, 4 * DAY,
      0, WAITS_US, "last changes are copied, and all is verified", true },
    { "expired", REQUEST_EXPIRED, NULL, "{}", NULL, NULL, 90 * DAY, 0,
      WAITS_CONTACT, "any answer, to be quoted again", false },
    { "over", REQUEST_COMPLETED, NULL, "{}", NULL, "2027-01-01", 90 * DAY, 0,
      WAITS_NOBODY, "", false },
    /* clang-format on */
};

static void test_waits(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct row *row = &rows[i];
        const int64_t at_us = NOW - row->ago_us;
        const struct request r = { .state = row->state,
                                   .missing = LIT(row->missing),
                                   .quote = LIT(row->quote),
                                   .start = LIT(row->start),
                                   .cutover = LIT(row->cutover),
                                   .quote_until_us = NOW + row->quote_in_us,
                                   .state_us = at_us,
                                   .pieces_us = at_us,
                                   .changed_us = at_us };
        const struct waits w = waits_of(&r, &rules, NOW);

        g_test_message("%s", row->name);
        g_assert_cmpint(w.who, ==, row->who);
        g_assert_cmpstr(w.text, ==, row->text);
        g_assert_cmpint(w.since_us, ==, at_us);
        CHECK_ROW(row->name, w.late == row->late);
    }
}

/* Nothing is done with what was not tried, until it is. */
static void test_held(void)
{
    static const struct {
        const char *name;
        enum request_state state;
        const char *missing, *quote;
        bool held;
    } cases[] = {
        { "received", REQUEST_RECEIVED, "", NULL, true },
        { "complete", REQUEST_AWAITING_INFORMATION, NULL, NULL, true },
        { "something is missing", REQUEST_AWAITING_INFORMATION, "owa-url", NULL,
          false },
        { "to be quoted anew", REQUEST_QUOTED, NULL, "", true },
        { "quoted", REQUEST_QUOTED, NULL, "{}", false },
        { "approved", REQUEST_APPROVED, NULL, "{}", true },
        { "scheduled", REQUEST_SCHEDULED, NULL, "{}", true },
        { "wrong", REQUEST_SCHEDULED, "credentials-refused", "{}", false },
        { "running", REQUEST_RUNNING, NULL, "{}", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct request r = { .state = cases[i].state,
                                   .missing = LIT(cases[i].missing),
                                   .quote = LIT(cases[i].quote),
                                   .tried = { .outcome = REQUEST_TRY_UNKNOWN,
                                              .cause = LIT("too-often"),
                                              .at_us = NOW } };
        const struct waits w = waits_of(&r, &rules, NOW);

        g_test_message("%s: %s", cases[i].name, w.text);
        CHECK_ROW(cases[i].name,
                  (strcmp(w.text, "the next try of the administrative "
                                  "credentials") == 0) == cases[i].held);
        if (!cases[i].held)
            continue;
        g_assert_cmpint(w.who, ==, WAITS_US);
        g_assert_cmpint(w.since_us, ==, NOW);
        g_assert_false(waits_of(&r, &rules, NOW + DAY / 24).late);
        g_assert_true(waits_of(&r, &rules, NOW + DAY / 12).late);
    }
}

/* What nobody configured is never late. */
static void test_no_rules(void)
{
    static const struct waits_rules none = { 0 };
    const struct request asked = { .state = REQUEST_AWAITING_INFORMATION,
                                   .missing = LIT("domain") };
    const struct request sweeping = { .state = REQUEST_CUT_OVER };

    g_assert_false(waits_of(&asked, &none, NOW).late);
    g_assert_false(waits_of(&sweeping, &none, NOW).late);
}

/* What only an operator can give is asked of one, and of nobody else. */
static void test_operator(void)
{
    static const struct {
        const char *name;
        struct waits_rules rules;
        enum request_state state;
        const char *missing, *quote;
        enum waits_who who;
        const char *text, *remedy;
    } cases[] = {
        /* clang-format off */
        { "no price list", { .no_prices = true }, REQUEST_RECEIVED, "", NULL,
          WAITS_OPERATOR, "a price list, to quote it by", "desk.price-list" },
        { "neither", { .no_prices = true, .no_destination = true },
          REQUEST_AWAITING_INFORMATION, "", NULL, WAITS_OPERATOR,
          "our own Exchange, to check it against", "desk.destination" },
        { "to be quoted anew", { .no_prices = true }, REQUEST_QUOTED, NULL, "",
          WAITS_OPERATOR, "a price list, to quote it by", "desk.price-list" },
        { "pieces first", { .no_prices = true }, REQUEST_RECEIVED, "domain",
          NULL, WAITS_CONTACT, "what is missing", NULL },
        { "quoted before", { .no_prices = true }, REQUEST_QUOTED, NULL, "{}",
          WAITS_CONTACT, "approval of the quote", NULL },
        { "both there", { 0 }, REQUEST_RECEIVED, "", NULL, WAITS_US,
          "servers, credentials and mailboxes are checked", NULL },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct request r = { .state = cases[i].state,
                                   .missing = LIT(cases[i].missing),
                                   .quote = LIT(cases[i].quote) };
        const struct waits w = waits_of(&r, &cases[i].rules, NOW);

        CHECK_ROW(cases[i].name, w.who == cases[i].who);
        g_assert_cmpstr(w.text, ==, cases[i].text);
        CHECK_ROW(cases[i].name,
                  cases[i].remedy == NULL
                      ? w.remedy == NULL
                      : strstr(w.remedy, cases[i].remedy) != NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk/waits", test_waits);
    g_test_add_func("/desk/waits/held", test_held);
    g_test_add_func("/desk/waits/no_rules", test_no_rules);
    g_test_add_func("/desk/waits/operator", test_operator);
    return g_test_run();
}
