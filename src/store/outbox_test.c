/*
 * The rules of outbox.h, on SQLite; and on PostgreSQL, run by
 * tests/lib/postgres.py.
 */
#include "store/outbox.h"

#include <string.h>

#include "base/check.h"
#include "store/roster_links.h"
#include "store/roster_testing.h"

#define SECOND  INT64_C(1000000)
#define NOW     (INT64_C(1800000000) * SECOND)
#define HOUR    (3600 * SECOND)
#define FIXTURE struct roster_fixture *f, gconstpointer data
/* Of a struct whose strings are only owned in results. */
#define LITERAL(s) ((char *)(uintptr_t)(s))

static const struct roster_actor sender = { "sender", NULL };

/* A mail as sign-in writes it; about no request. */
static void put(struct roster_fixture *f, const char *ref)
{
    g_autoptr(GBytes) body = g_bytes_new_static("sealed", 6);
    const struct outbox_mail mail = { .ref = LITERAL(ref),
                                      .recipient = LITERAL("a@acme.example"),
                                      .subject = LITERAL("Hello"),
                                      .body = body };
    const struct links_wish wish = { .now_us = NOW, .mail = &mail };
    struct err err;

    CHECK_OK(roster_links_add(f->roster, &sender, &wish, &err), &err);
}

static struct outbox_mail *get(struct roster_fixture *f, guint i)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    CHECK_OK(roster_outbox(f->roster, &roster_all, &all, &err), &err);
    g_assert_cmpuint(i, <, all->len);
    return g_ptr_array_steal_index(all, i);
}

static void check_state(struct roster_fixture *f, enum outbox_state want)
{
    g_autoptr(outbox_mail) m = get(f, 0);

    g_assert_cmpstr(outbox_state_name(m->state), ==, outbox_state_name(want));
}

static int claim_at(struct roster_fixture *f, const char *owner, int64_t now_us,
                    struct outbox_mail **ret)
{
    const struct outbox_claim claim = { owner, now_us, now_us + HOUR };
    struct err err;
    int found = outbox_claim(f->roster, &claim, ret, &err);

    if (found < 0)
        g_error("%s", err.msg);
    return found;
}

/* The id of the mail that was there to claim. */
static int64_t claim(struct roster_fixture *f, const char *owner)
{
    g_autoptr(outbox_mail) m = NULL;

    g_assert_cmpint(claim_at(f, owner, NOW, &m), ==, 1);
    return m->id;
}

static int hand_over(struct roster_fixture *f, int64_t id, const char *owner)
{
    struct err err;
    int done = outbox_hand_over(f->roster, id, owner, &err);

    if (done < 0)
        g_error("%s", err.msg);
    return done;
}

static int settle(struct roster_fixture *f, int64_t id, const char *owner,
                  enum outbox_state state, const char *why)
{
    const struct outbox_outcome o = { id, owner, state, NOW + HOUR, why };
    struct err err;
    int done = outbox_settle(f->roster, &sender, &o, &err);

    if (done < 0)
        g_error("%s", err.msg);
    return done;
}

static size_t recover_at(struct roster_fixture *f, int64_t now_us, bool all)
{
    size_t unsure = 0;
    struct err err;

    CHECK_OK(outbox_recover(f->roster, &sender, now_us, all, &unsure, &err),
             &err);
    return unsure;
}

/* ---- rows --------------------------------------------------------------- */

static void test_sent(FIXTURE)
{
    g_autoptr(outbox_mail) none = NULL;
    g_autofree char *trail = NULL;
    int64_t id;

    (void)data;
    put(f, "r1");
    id = claim(f, "one");
    check_state(f, OUTBOX_SENDING);
    g_assert_cmpint(claim_at(f, "two", NOW, &none), ==, 0);
    g_assert_cmpint(hand_over(f, id, "one"), ==, 1);
    check_state(f, OUTBOX_HANDING_OVER);
    g_assert_cmpint(settle(f, id, "one", OUTBOX_SENT, NULL), ==, 1);
    check_state(f, OUTBOX_SENT);
    g_assert_cmpint(claim_at(f, "two", NOW + 9 * HOUR, &none), ==, 0);
    trail = roster_fixture_trail(f);
    g_assert_cmpstr(trail, ==,
                    "link.send contact a@acme.example -\n"
                    "mail.sent mail 1 mail 1 to a@acme.example\n");
}

/* Each mail is one sender's, those due for longest first. */
static void test_turns(FIXTURE)
{
    g_autoptr(outbox_mail) late = NULL;
    int64_t first, second;

    (void)data;
    put(f, "r1");
    put(f, "r2");
    first = claim(f, "one");
    second = claim(f, "two");
    g_assert_cmpint(first, <, second);
    g_assert_cmpint(settle(f, first, "one", OUTBOX_WAITING, "451 later"), ==,
                    1);
    g_assert_cmpint(claim_at(f, "one", NOW, &late), ==, 0);
    g_assert_cmpint(claim_at(f, "one", NOW + HOUR, &late), ==, 1);
    g_assert_cmpint(late->id, ==, first);
    g_assert_cmpint(late->tries, ==, 2);
    g_assert_cmpstr(late->why, ==, "451 later");
    g_assert_cmpint(late->since_us, ==, NOW);
}

/* Who died before the end has not sent it; who died after it may have. */
static void test_death(FIXTURE)
{
    g_autoptr(outbox_mail) m = NULL;

    (void)data;
    put(f, "r1");
    claim(f, "one");
    g_assert_cmpuint(recover_at(f, NOW + HOUR - 1, false), ==, 0);
    check_state(f, OUTBOX_SENDING);
    g_assert_cmpuint(recover_at(f, NOW + HOUR, false), ==, 0);
    check_state(f, OUTBOX_WAITING);
    g_assert_cmpint(hand_over(f, claim(f, "two"), "two"), ==, 1);
    g_assert_cmpuint(recover_at(f, NOW + HOUR - 1, false), ==, 0);
    check_state(f, OUTBOX_HANDING_OVER);
    g_assert_cmpuint(recover_at(f, NOW, true), ==, 1);
    check_state(f, OUTBOX_UNSURE);
    g_assert_cmpint(claim_at(f, "three", NOW + 9 * HOUR, &m), ==, 0);
    g_assert_cmpuint(recover_at(f, NOW + 9 * HOUR, true), ==, 0);
    m = get(f, 0);
    g_assert_nonnull(m->why);
}

/* One that was frozen past its claim. */
static void test_late(FIXTURE)
{
    int64_t id;

    (void)data;
    put(f, "r1");
    id = claim(f, "frozen");
    recover_at(f, NOW + HOUR, false);
    g_assert_cmpint(hand_over(f, id, "frozen"), ==, 0);
    g_assert_cmpint(claim(f, "next"), ==, id);
    g_assert_cmpint(hand_over(f, id, "frozen"), ==, 0);
    g_assert_cmpint(settle(f, id, "frozen", OUTBOX_SENT, NULL), ==, 0);
    /* the answer came after all, to the one who knows */
    g_assert_cmpint(hand_over(f, id, "next"), ==, 1);
    g_assert_cmpint(hand_over(f, id, "next"), ==, 0);
    recover_at(f, NOW + 2 * HOUR, false);
    check_state(f, OUTBOX_UNSURE);
    g_assert_cmpint(settle(f, id, "next", OUTBOX_SENT, NULL), ==, 1);
    check_state(f, OUTBOX_SENT);
    g_assert_cmpint(settle(f, id, "next", OUTBOX_FAILED, "no"), ==, 0);
}

/* ---- an operator's word ------------------------------------------------- */

/* A mail in that state. */
static int64_t bring(struct roster_fixture *f, enum outbox_state state)
{
    struct err err;
    int64_t id;

    put(f, outbox_state_name(state));
    if (state == OUTBOX_WAITING)
        return 1;
    if (state == OUTBOX_DROPPED) {
        CHECK_OK(
            outbox_decide(f->roster, &roster_alice, 1, OUTBOX_DROP, NOW, &err),
            &err);
        return 1;
    }
    id = claim(f, "one");
    if (state != OUTBOX_SENDING)
        g_assert_cmpint(hand_over(f, id, "one"), ==, 1);
    if (state != OUTBOX_SENDING && state != OUTBOX_HANDING_OVER)
        g_assert_cmpint(settle(f, id, "one", state, "why"), ==, 1);
    return id;
}

/* What an operator may say in each state, and what comes of it. */
static const struct {
    const char *name;
    enum outbox_state from;
    enum outbox_word word;
    enum outbox_state to; /* the same: refused */
} words[] = {
    /* clang-format off */
    { "waiting/again",   OUTBOX_WAITING, OUTBOX_SEND_AGAIN, OUTBOX_WAITING },
    { "sending/again",   OUTBOX_SENDING, OUTBOX_SEND_AGAIN, OUTBOX_SENDING },
    { "handing/again",   OUTBOX_HANDING_OVER, OUTBOX_SEND_AGAIN,
      OUTBOX_HANDING_OVER },
    { "sent/again",      OUTBOX_SENT, OUTBOX_SEND_AGAIN, OUTBOX_SENT },
    { "failed/again",    OUTBOX_FAILED, OUTBOX_SEND_AGAIN, OUTBOX_WAITING },
    { "unsure/again",    OUTBOX_UNSURE, OUTBOX_SEND_AGAIN, OUTBOX_WAITING },
    { "waiting/arrived", OUTBOX_WAITING, OUTBOX_ARRIVED, OUTBOX_WAITING },
    { "sending/arrived", OUTBOX_SENDING, OUTBOX_ARRIVED, OUTBOX_SENDING },
    { "sent/arrived",    OUTBOX_SENT, OUTBOX_ARRIVED, OUTBOX_SENT },
    { "failed/arrived",  OUTBOX_FAILED, OUTBOX_ARRIVED, OUTBOX_FAILED },
    { "unsure/arrived",  OUTBOX_UNSURE, OUTBOX_ARRIVED, OUTBOX_SENT },
    { "waiting/drop",    OUTBOX_WAITING, OUTBOX_DROP, OUTBOX_DROPPED },
    { "sending/drop",    OUTBOX_SENDING, OUTBOX_DROP, OUTBOX_SENDING },
    { "handing/drop",    OUTBOX_HANDING_OVER, OUTBOX_DROP,
      OUTBOX_HANDING_OVER },
    { "sent/drop",       OUTBOX_SENT, OUTBOX_DROP, OUTBOX_SENT },
    { "failed/drop",     OUTBOX_FAILED, OUTBOX_DROP, OUTBOX_DROPPED },
    { "unsure/drop",     OUTBOX_UNSURE, OUTBOX_DROP, OUTBOX_DROPPED },
    { "dropped/again",   OUTBOX_DROPPED, OUTBOX_SEND_AGAIN, OUTBOX_WAITING },
    { "dropped/arrived", OUTBOX_DROPPED, OUTBOX_ARRIVED, OUTBOX_DROPPED },
    /* clang-format on */
};

static void test_word(FIXTURE)
{
    const size_t i = GPOINTER_TO_SIZE(data);
    const bool refused = words[i].from == words[i].to;
    int64_t id = bring(f, words[i].from);
    g_autoptr(outbox_mail) m = NULL;
    struct err err = { 0 };
    int done = outbox_decide(f->roster, &roster_alice, id, words[i].word,
                             NOW + HOUR, &err);

    g_assert_cmpint(done, ==, refused ? -1 : 0);
    if (refused)
        g_assert_cmpstr(err.name, ==, "wrong-state");
    check_state(f, words[i].to);
    if (!refused && words[i].to == OUTBOX_WAITING)
        g_assert_cmpint(claim(f, "two"), ==, id);
    if (!refused && words[i].to == OUTBOX_DROPPED)
        g_assert_cmpint(claim_at(f, "two", NOW + 9 * HOUR, &m), ==, 0);
}

/* A server that is away is told of once, however often it is tried. */
static void test_delayed(FIXTURE)
{
    g_autofree char *trail = NULL;
    int64_t now_us = NOW;

    (void)data;
    put(f, "r1");
    for (int i = 0; i < 3; i++, now_us += HOUR) {
        g_autoptr(outbox_mail) m = NULL;

        g_assert_cmpint(claim_at(f, "one", now_us, &m), ==, 1);
        g_assert_cmpint(settle(f, m->id, "one", OUTBOX_WAITING, "away"), ==, 1);
    }
    trail = roster_fixture_trail(f);
    g_assert_cmpstr(trail, ==,
                    "link.send contact a@acme.example -\n"
                    "mail.delayed mail 1 mail 1 to a@acme.example: away\n");
}

static void test_no_mail(FIXTURE)
{
    struct err err;

    (void)data;
    g_assert_cmpint(outbox_decide(f->roster, &roster_alice, 7,
                                  OUTBOX_SEND_AGAIN, NOW, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
}

#define ADD(name, data, function)                                              \
    g_test_add("/outbox/" name, struct roster_fixture, data,                   \
               roster_fixture_set_up, function, roster_fixture_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("sent", NULL, test_sent);
    ADD("turns", NULL, test_turns);
    ADD("death", NULL, test_death);
    ADD("late", NULL, test_late);
    ADD("delayed", NULL, test_delayed);
    ADD("no-mail", NULL, test_no_mail);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *name =
            g_strconcat("/outbox/word/", words[i].name, NULL);

        g_test_add(name, struct roster_fixture, GSIZE_TO_POINTER(i),
                   roster_fixture_set_up, test_word, roster_fixture_tear_down);
    }
    return g_test_run();
}
