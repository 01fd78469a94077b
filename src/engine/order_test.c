#include "engine/order.h"

#include <glib.h>

#include "base/check.h"

#define FOLDERS 50

static void test_rank(void)
{
    static const struct {
        const char *well_known, *folder_class;
        enum order_rank want;
    } rows[] = {
        { "calendar", "IPF.Appointment", ORDER_CALENDAR },
        { NULL, "IPF.Appointment", ORDER_CALENDAR },
        { NULL, "ipf.appointment.birthday", ORDER_CALENDAR },
        { "inbox", "IPF.Note", ORDER_INBOX },
        { "sentitems", NULL, ORDER_SENT },
        { "junkemail", "IPF.Note", ORDER_LAST },
        { "contacts", "IPF.Contact", ORDER_OTHER },
        { NULL, NULL, ORDER_OTHER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(order_rank_of(rows[i].well_known, rows[i].folder_class),
                        ==, rows[i].want);
}

struct schedule {
    struct order_turn turns[FOLDERS], *ptrs[FOLDERS];
    bool ready[FOLDERS];
    uint64_t now;
    size_t had[FOLDERS];
};

static void schedule_init(struct schedule *s)
{
    *s = (struct schedule){ 0 };
    for (size_t i = 0; i < FOLDERS; i++) {
        s->turns[i].rank = ORDER_OTHER;
        s->ptrs[i] = &s->turns[i];
        s->ready[i] = true;
    }
    s->turns[30].rank = ORDER_INBOX;
    s->turns[40].rank = ORDER_CALENDAR;
    s->turns[10].rank = ORDER_LAST;
}

static size_t next(struct schedule *s)
{
    size_t i = order_next(s->ptrs, s->ready, FOLDERS, &s->now);

    if (i != ORDER_NOBODY)
        s->had[i]++;
    return i;
}

static void test_begins_by_rank(void)
{
    struct schedule s;

    schedule_init(&s);
    g_assert_cmpuint(next(&s), ==, 40);
    g_assert_cmpuint(next(&s), ==, 30);
    g_assert_cmpuint(next(&s), ==, 0);
}

static void test_nobody_starves(void)
{
    struct schedule s;

    schedule_init(&s);
    for (int i = 0; i < 10000; i++)
        next(&s);
    for (size_t i = 0; i < FOLDERS; i++)
        g_assert_cmpuint(s.had[i], >, 50);
    /* by weight: the inbox four times an ordinary folder's share */
    g_assert_cmpuint(s.had[30], >, s.had[0] * 7 / 2);
    g_assert_cmpuint(s.had[30], <, s.had[0] * 9 / 2);
    g_assert_cmpuint(s.had[10], <, s.had[0]);
}

/* Who was away for long neither is owed anything nor has to pay. */
static void test_joins_late(void)
{
    struct schedule s;

    schedule_init(&s);
    s.ready[5] = false;
    for (int i = 0; i < 5000; i++)
        next(&s);
    g_assert_cmpuint(s.had[5], ==, 0);
    s.ready[5] = true;
    for (size_t i = 0; i < FOLDERS; i++)
        s.had[i] = 0;
    for (int i = 0; i < 1000; i++)
        next(&s);
    g_assert_cmpuint(s.had[5], >=, s.had[6] - 1);
    g_assert_cmpuint(s.had[5], <=, s.had[6] + 1);
}

static void test_nobody_is_ready(void)
{
    struct schedule s;

    schedule_init(&s);
    for (size_t i = 0; i < FOLDERS; i++)
        s.ready[i] = false;
    g_assert_cmpuint(next(&s), ==, ORDER_NOBODY);
    s.ready[7] = true;
    g_assert_cmpuint(next(&s), ==, 7);
    g_assert_cmpuint(next(&s), ==, 7);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/order/rank", test_rank);
    g_test_add_func("/order/begins-by-rank", test_begins_by_rank);
    g_test_add_func("/order/nobody-starves", test_nobody_starves);
    g_test_add_func("/order/joins-late", test_joins_late);
    g_test_add_func("/order/nobody-is-ready", test_nobody_is_ready);
    return g_test_run();
}
