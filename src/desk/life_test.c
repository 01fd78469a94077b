/*
 * The table of transitions, written a second time as a person reads it; what
 * is not in it must be refused.
 */
#include "desk/life.h"

#include <string.h>

#include "base/check.h"

/* One letter a state, in the order of enum request_state. */
#define STATES "raqpsxkcdfge"

/*
 * Of each event: for each state the one that follows, "." where it is refused.
 *
 *   r received, a awaiting information, q quoted, p approved, s scheduled,
 *   x running, k ready for cutover, c cut over, d completed, f refused,
 *   g cancelled, e expired
 */
/* clang-format off */
static const char *const table[LIFE_N_EVENTS] = {
    /*                     raqpsxkcdfge */
    [LIFE_LACKS]       = "aaaaa.......",
    [LIFE_COMPLETE]    = "qq..........",
    [LIFE_CHANGED]     = "..qqq.......",
    [LIFE_QUOTE_AGAIN] = "...........r",
    [LIFE_APPROVE]     = "..p.........",
    [LIFE_SCHEDULE]    = "...s........",
    [LIFE_RESCHEDULE]  = "....s.......",
    [LIFE_START]       = "....x.......",
    [LIFE_STALL]       = "raq.sxkc....",
    [LIFE_PRE_STAGED]  = ".....k......",
    [LIFE_CUT_OVER]    = "......c.....",
    [LIFE_SWEPT]       = ".......d....",
    [LIFE_REFUSE]      = "fff.........",
    [LIFE_CANCEL]      = "ggggggg....g",
    [LIFE_RUN_OUT]     = ".ee.........",
};
/* clang-format on */

static void test_every_transition(void)
{
    for (int event = 0; event < LIFE_N_EVENTS; event++)
        for (int from = 0; from < REQUEST_N_STATES; from++) {
            struct life_step step = { REQUEST_N_STATES, 77 };
            struct err err = { 0 };
            int result = life_next((enum request_state)from,
                                   (enum life_event)event, &step, &err);
            char want = table[event][from];

            g_test_message("%s in %s", life_event_name((enum life_event)event),
                           request_state_name((enum request_state)from));
            g_assert_cmpint(result, ==, want == '.' ? -1 : 0);
            if (want == '.') {
                g_assert_cmpstr(err.name, ==, "wrong-state");
                g_assert_nonnull(err.remedy);
                g_assert_cmpuint(step.acts, ==, 77);
            } else {
                g_assert_cmpint(STATES[step.to], ==, want);
            }
        }
}

static unsigned int acts_of(enum request_state from, enum life_event event)
{
    struct life_step step;
    struct err err;

    CHECK_OK(life_next(from, event, &step, &err), &err);
    return step.acts;
}

static bool happens(enum request_state from, enum life_event event,
                    struct life_step *ret)
{
    struct err err;

    return life_next(from, event, ret, &err) == 0;
}

/* What must hold whatever the table says. */
static void test_promises(void)
{
    for (int event = 0; event < LIFE_N_EVENTS; event++)
        for (int from = 0; from < REQUEST_N_STATES; from++) {
            struct life_step s;

            if (!happens((enum request_state)from, (enum life_event)event, &s))
                continue;
            g_assert_cmpuint(s.acts >> LIFE_N_ACTS, ==, 0);
            /* credentials do not outlive the request */
            g_assert_true(!life_is_over(s.to) ||
                          (s.acts & LIFE_DESTROY_SECRETS) != 0);
            /* what ended stays ended */
            g_assert_false(life_is_over((enum request_state)from));
            /* nothing is approved but by APPROVE, of what was quoted */
            g_assert_true(s.to != REQUEST_APPROVED ||
                          (event == LIFE_APPROVE && from == REQUEST_QUOTED));
            /* an old link never approves another quote */
            g_assert_true((s.acts & LIFE_MAKE_QUOTE) == 0 ||
                          from != REQUEST_QUOTED ||
                          (s.acts & LIFE_END_LINKS) != 0);
            /* nobody approves twice */
            g_assert_true(event != LIFE_APPROVE ||
                          (s.acts & LIFE_END_APPROVALS) != 0);
            /* jobs run from START until it is over */
            g_assert_true(s.to != REQUEST_CANCELLED ||
                          (from != REQUEST_RUNNING &&
                           from != REQUEST_READY_FOR_CUTOVER) ||
                          (s.acts & LIFE_STOP_JOBS) != 0);
        }
}

/* No way to running leads past approval. */
static void test_nothing_runs_unapproved(void)
{
    bool reached[REQUEST_N_STATES] = { [REQUEST_RECEIVED] = true };

    for (int round = 0; round < REQUEST_N_STATES; round++)
        for (int from = 0; from < REQUEST_N_STATES; from++)
            for (int event = 0; event < LIFE_N_EVENTS; event++) {
                struct life_step s;

                if (reached[from] && event != LIFE_APPROVE &&
                    happens((enum request_state)from, (enum life_event)event,
                            &s))
                    reached[s.to] = true;
            }
    g_assert_true(reached[REQUEST_QUOTED]);
    g_assert_true(reached[REQUEST_CANCELLED]);
    g_assert_false(reached[REQUEST_APPROVED]);
    g_assert_false(reached[REQUEST_SCHEDULED]);
    g_assert_false(reached[REQUEST_RUNNING]);
    g_assert_false(reached[REQUEST_COMPLETED]);
}

/* Each that the partner waits for says so in a mail. */
static void test_mails(void)
{
    static const struct {
        enum request_state from;
        enum life_event event;
        unsigned int act;
    } rows[] = {
        { REQUEST_RECEIVED, LIFE_LACKS, LIFE_ASK_MISSING },
        { REQUEST_RECEIVED, LIFE_COMPLETE, LIFE_MAKE_QUOTE },
        { REQUEST_QUOTED, LIFE_APPROVE, LIFE_MAIL_APPROVED },
        { REQUEST_APPROVED, LIFE_SCHEDULE, LIFE_MAIL_SCHEDULED },
        { REQUEST_SCHEDULED, LIFE_RESCHEDULE, LIFE_MAIL_SCHEDULED },
        { REQUEST_SCHEDULED, LIFE_START, LIFE_MAIL_STARTED },
        { REQUEST_RUNNING, LIFE_STALL, LIFE_MAIL_TROUBLE },
        { REQUEST_RUNNING, LIFE_STALL, LIFE_TELL_OPERATOR },
        { REQUEST_RUNNING, LIFE_PRE_STAGED, LIFE_MAIL_CHECKLIST },
        { REQUEST_READY_FOR_CUTOVER, LIFE_CUT_OVER, LIFE_FINAL_DELTA },
        { REQUEST_CUT_OVER, LIFE_SWEPT, LIFE_MAIL_DONE },
        { REQUEST_CUT_OVER, LIFE_SWEPT, LIFE_MAKE_CERTIFICATE },
        { REQUEST_QUOTED, LIFE_RUN_OUT, LIFE_MAIL_EXPIRED },
        { REQUEST_QUOTED, LIFE_REFUSE, LIFE_MAIL_REFUSED },
        { REQUEST_RUNNING, LIFE_CANCEL, LIFE_MAIL_CANCELLED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(life_event_name(rows[i].event),
                  (acts_of(rows[i].from, rows[i].event) & rows[i].act) != 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/life/every-transition", test_every_transition);
    g_test_add_func("/life/promises", test_promises);
    g_test_add_func("/life/nothing-runs-unapproved",
                    test_nothing_runs_unapproved);
    g_test_add_func("/life/mails", test_mails);
    return g_test_run();
}
