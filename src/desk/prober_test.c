#include "desk/prober.h"

#include <pthread.h>
#include <stdatomic.h>

/* A server that says what it is told to, and how often it was asked. */
struct server {
    atomic_uint asked;
    unsigned int passing; /* so often it does not answer yet */
    bool none;            /* and then that there is no Exchange */
};

static int find(void *data, const struct reach_wish *w, struct reach_found *ret,
                struct err *err)
{
    (void)ret;
    struct server *s = data;

    g_assert_cmpstr(w->url, ==, "https://owa.old.example/owa");
    if (atomic_fetch_add(&s->asked, 1) < s->passing) {
        err_set(err, ERR_RUN, ERR_RETRY_NOW, 0, "it says nothing");
        err->name = "timeout";
        return -1;
    }
    if (!s->none)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 404, "no EWS there");
    err->name = "NoEws";
    return -1;
}

static const struct reach_wish wish = { "https://owa.old.example/owa",
                                        "anna@old.example", NULL, NULL };

/* As the clerk does: look, begin, look again. */
static enum probe_word ask(struct prober *p, int64_t version,
                           struct probe_found *ret)
{
    enum probe_word word;

    while ((word = prober_look(p, 7, version, ret)) <= PROBE_UNDER_WAY) {
        if (word == PROBE_UNTRIED)
            prober_begin(p, 7, version, &wish);
        g_usleep(1000);
    }
    return word;
}

static void test_words(void)
{
    struct server s = { .passing = 0 };
    const struct reach reach = { find, NULL, &s };
    g_autoptr(prober) p = prober_new(&reach, NULL);
    struct probe_found found;

    g_assert_cmpint(prober_look(p, 7, 1, &found), ==, PROBE_UNTRIED);
    g_assert_cmpint(ask(p, 1, &found), ==, PROBE_GOOD);
    g_assert_false(found.with_login);
    /* it is not asked again, but for another version */
    g_assert_cmpint(ask(p, 1, &found), ==, PROBE_GOOD);
    g_assert_cmpuint(atomic_load(&s.asked), ==, 1);
    s.none = true;
    g_assert_cmpint(ask(p, 2, &found), ==, PROBE_BAD);
    g_assert_cmpstr(found.why.name, ==, "NoEws");
    g_assert_cmpuint(atomic_load(&s.asked), ==, 2);
}

/* Whoever stops has found out nothing of the server. */
static void test_stopped(void)
{
    struct server s = { .passing = 100 };
    const struct reach reach = { find, NULL, &s };
    g_autoptr(cancel) stop = cancel_new();
    struct prober *p = prober_new(&reach, stop);
    struct probe_found found;

    prober_begin(p, 7, 1, &wish);
    while (atomic_load(&s.asked) == 0)
        g_usleep(1000);
    cancel_request(stop);
    g_assert_cmpint(prober_look(p, 7, 1, &found), ==, PROBE_UNDER_WAY);
    prober_free(p);
    g_assert_cmpuint(atomic_load(&s.asked), <=, 2);
}

static void test_remedies(void)
{
    static const struct {
        const char *name;
        bool remedy, refusal;
        enum reach_about about;
    } rows[] = {
        { "cannot-resolve", true, false, REACH_SERVER },
        { "NoEws", true, false, REACH_SERVER },
        { "HttpStatus", true, false, REACH_SERVER },
        { "Unauthorized", true, true, REACH_PASSWORD },
        { "ErrorImpersonateUserDenied", true, true, REACH_RIGHTS },
        { "ErrorNonExistentMailbox", true, false, REACH_MAILBOX },
        { "UnlistedCode", false, false, REACH_SERVER },
        { NULL, false, false, REACH_SERVER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct err err = { .name = rows[i].name };

        g_assert_cmpint(reach_remedy(&err) != NULL, ==, rows[i].remedy);
        g_assert_cmpint(reach_is_refusal(rows[i].name), ==, rows[i].refusal);
        g_assert_cmpint(reach_about(rows[i].name), ==, rows[i].about);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/prober/words", test_words);
    g_test_add_func("/prober/stopped", test_stopped);
    g_test_add_func("/prober/remedies", test_remedies);
    return g_test_run();
}
