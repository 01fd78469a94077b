#include "desk/order.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "desk/desk_testing.h"

static const struct roster_actor alice = { "operator alice@example.com", NULL };

/* A request of Anna's in that state. */
static int64_t request_in(struct desk_fixture *f, enum request_state state)
{
    const struct request_change change = {
        .state = (int)state,
        .opened_by = "anna@contoso.example",
        .account_id = f->acme,
        .partner = "P-1001",
        .domain = "contoso.example",
    };
    struct request_step step = { .now_us = DESK_TESTING_NOW,
                                 .open = true,
                                 .change = &change,
                                 .action = "request.open" };
    struct err err;

    CHECK_OK(requests_number(f->desk->requests, &step.request_id, &err), &err);
    if (requests_step(f->desk->requests, &alice, &step, NULL, &err) != 1)
        g_error("%s", err.msg);
    return step.request_id;
}

/* DESK_TESTING_NOW is 2027-01-15. */
static void test_orders(struct desk_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        enum request_state in;
        struct order order;
        const char *error; /* NULL: it is carried out */
        enum request_state then;
    } rows[] = {
        { "refused",
          REQUEST_RECEIVED,
          { .verb = ORDER_REFUSE, .reason = "no such domain" },
          NULL,
          REQUEST_REFUSED },
        { "refused without a reason",
          REQUEST_RECEIVED,
          { .verb = ORDER_REFUSE },
          "missing",
          REQUEST_RECEIVED },
        { "refused too late",
          REQUEST_APPROVED,
          { .verb = ORDER_REFUSE, .reason = "x" },
          "wrong-state",
          REQUEST_APPROVED },
        { "cancelled",
          REQUEST_SCHEDULED,
          { .verb = ORDER_CANCEL },
          NULL,
          REQUEST_CANCELLED },
        { "cancelled after cutover",
          REQUEST_CUT_OVER,
          { .verb = ORDER_CANCEL },
          "wrong-state",
          REQUEST_CUT_OVER },
        { "approved by hand",
          REQUEST_QUOTED,
          { .verb = ORDER_APPROVE, .reason = "signed on paper" },
          NULL,
          REQUEST_APPROVED },
        { "approved by hand, nobody knows why",
          REQUEST_QUOTED,
          { .verb = ORDER_APPROVE },
          "missing",
          REQUEST_QUOTED },
        { "approved before there is a quote",
          REQUEST_RECEIVED,
          { .verb = ORDER_APPROVE, .reason = "x" },
          "wrong-state",
          REQUEST_RECEIVED },
        { "a contact approves what has no price",
          REQUEST_QUOTED,
          { .verb = ORDER_APPROVE, .contact = "anna@contoso.example" },
          "wrong-state",
          REQUEST_QUOTED },
        { "scheduled",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE, .start = "2027-01-15" },
          NULL,
          REQUEST_SCHEDULED },
        { "scheduled anew",
          REQUEST_SCHEDULED,
          { .verb = ORDER_SCHEDULE,
            .start = "2027-02-01",
            .cutover = "2027-02-03",
            .contact = "anna@contoso.example" },
          NULL,
          REQUEST_SCHEDULED },
        { "a contact takes the first slot",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE,
            .start = "2027-02-01",
            .contact = "anna@contoso.example" },
          "wrong-state",
          REQUEST_APPROVED },
        { "scheduled for yesterday",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE, .start = "2027-01-14" },
          "invalid",
          REQUEST_APPROVED },
        { "cutover before the start",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE,
            .start = "2027-02-03",
            .cutover = "2027-02-01" },
          "invalid",
          REQUEST_APPROVED },
        { "on no day",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE, .start = "2027-02-30" },
          "invalid",
          REQUEST_APPROVED },
        { "some time",
          REQUEST_APPROVED,
          { .verb = ORDER_SCHEDULE },
          "missing",
          REQUEST_APPROVED },
        { "before approval",
          REQUEST_QUOTED,
          { .verb = ORDER_SCHEDULE, .start = "2027-02-01" },
          "wrong-state",
          REQUEST_QUOTED },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct order o = rows[i].order;
        g_autoptr(request) r = NULL;
        struct err err;
        int result;

        o.request_id = request_in(f, rows[i].in);
        o.now_us = DESK_TESTING_NOW;
        result = order_carry_out(f->desk, &alice, &o, &err);
        CHECK_ROW(rows[i].name, (result == 0) == (rows[i].error == NULL));
        if (result < 0)
            g_assert_cmpstr(err.name, ==, rows[i].error);
        r = desk_fixture_request(f, o.request_id);
        CHECK_ROW(rows[i].name, r->state == rows[i].then);
        if (o.verb == ORDER_SCHEDULE && result == 0)
            g_assert_cmpstr(r->start, ==, o.start);
    }
}

static char *quoted(uint64_t mailboxes)
{
    struct quote q = { .lines = g_ptr_array_new(),
                       .currency = "EUR",
                       .digits = 2,
                       .tax = (char[]){ "" },
                       .of = { mailboxes, 1 },
                       .made_us = DESK_TESTING_NOW,
                       .until_us = DESK_TESTING_NOW + TIMESTAMP_DAY };
    char *json = quote_json(&q);

    g_ptr_array_unref(q.lines);
    return json;
}

/* Scheduled for that day, so large. */
static int64_t with_day(struct desk_fixture *f, const char *day,
                        uint64_t mailboxes)
{
    int64_t id = request_in(f, REQUEST_SCHEDULED);
    g_autofree char *json = quoted(mailboxes);
    const struct request_change change = { .state = -1,
                                           .start = day,
                                           .quote = json };
    const struct request_step step = { .now_us = DESK_TESTING_NOW,
                                       .request_id = id,
                                       .change = &change,
                                       .action = "request.change" };
    struct err err;

    if (requests_step(f->desk->requests, &alice, &step, NULL, &err) != 1)
        g_error("%s", err.msg);
    return id;
}

/* Ten mailboxes a day: the 1st and the 3rd of February have no room for six. */
static void test_room(struct desk_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *contact, *start, *error;
    } rows[] = {
        { "a day with room", "anna@contoso.example", "2027-02-02", NULL },
        { "the day that it has", "anna@contoso.example", "2027-02-02", NULL },
        { "a full day", "anna@contoso.example", "2027-02-01",
          "there is no room on 2027-02-01; the next day with room is "
          "2027-02-02" },
        { "another full day", "anna@contoso.example", "2027-02-03",
          "there is no room on 2027-02-03; the next day with room is "
          "2027-02-04" },
        { "an operator knows better", NULL, "2027-02-01", NULL },
        { "what they gave is kept", "anna@contoso.example", "2027-02-01",
          NULL },
    };
    int64_t own;

    (void)data;
    f->desk->a_day = 10;
    with_day(f, "2027-02-01", 5);
    with_day(f, "2027-02-03", 10);
    own = with_day(f, "2027-01-20", 6);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct order o = { .verb = ORDER_SCHEDULE,
                                 .request_id = own,
                                 .contact = rows[i].contact,
                                 .start = rows[i].start,
                                 .now_us = DESK_TESTING_NOW };
        g_autoptr(request) r = NULL;
        struct err err;
        int result = order_carry_out(f->desk, &alice, &o, &err);

        CHECK_ROW(rows[i].name, (result == 0) == (rows[i].error == NULL));
        r = desk_fixture_request(f, own);
        if (result == 0) {
            g_assert_cmpstr(r->start, ==, rows[i].start);
            continue;
        }
        g_assert_cmpstr(err.msg, ==, rows[i].error);
        g_assert_cmpstr(err.name, ==, "no-room");
        g_assert_cmpstr(r->start, ==, "2027-02-02");
    }
}

static void test_told(struct desk_fixture *f, gconstpointer data)
{
    const struct order o = { .verb = ORDER_REFUSE,
                             .request_id = request_in(f, REQUEST_RECEIVED),
                             .reason = "the domain is not yours",
                             .remedy = "prove it by a TXT record" };
    g_autofree char *said = NULL, *trail = NULL;
    struct err err;

    (void)data;
    CHECK_OK(order_carry_out(f->desk, &alice, &o, &err), &err);
    said = desk_fixture_letter(f, desk_fixture_n_out(f) - 1);
    g_assert_nonnull(strstr(said, "the domain is not yours"));
    g_assert_nonnull(strstr(said, "prove it by a TXT record"));
    trail = desk_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "the domain is not yours"));
}

static void test_nothing(struct desk_fixture *f, gconstpointer data)
{
    const struct order o = { .verb = ORDER_CANCEL, .request_id = 99 };
    struct err err;

    (void)data;
    g_assert_cmpint(order_carry_out(f->desk, &alice, &o, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
}

static void test_days(void)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "2026-12-01", true },  { "2028-02-29", true },
        { "2027-02-29", false }, { "2026-13-01", false },
        { "2026-00-01", false }, { "26-12-01", false },
        { "2026-12-1", false },  { "2026-12-01 ", false },
        { "2026-1--01", false }, { "+026-12-01", false },
        { "", false },           { "tomorrow", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].text, order_is_day(rows[i].text) == rows[i].good);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct desk_fixture *f, gconstpointer data);
    } tests[] = {
        { "/desk/order/orders", test_orders },
        { "/desk/order/told", test_told },
        { "/desk/order/room", test_room },
        { "/desk/order/nothing", test_nothing },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct desk_fixture, NULL,
                   desk_fixture_set_up, tests[i].test, desk_fixture_tear_down);
    g_test_add_func("/desk/order/days", test_days);
    return g_test_run();
}
