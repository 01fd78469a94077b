#include "desk/order.h"

#include <string.h>

#include "base/check.h"
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
        { "/desk/order/nothing", test_nothing },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct desk_fixture, NULL,
                   desk_fixture_set_up, tests[i].test, desk_fixture_tear_down);
    g_test_add_func("/desk/order/days", test_days);
    return g_test_run();
}
