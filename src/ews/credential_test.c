#include "ews/credential.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/check.h"

static struct credential *make(void)
{
    g_autoptr(secret) password = secret_new("secret", 6);

    return credential_new("user", password);
}

static const struct err refusal = { .scope = ERR_MAILBOX,
                                    .retry = ERR_RETRY_REAUTH,
                                    .name = "Unauthorized",
                                    .msg = "no" };

static void test_one_proves(void)
{
    g_autoptr(credential) c = make();
    struct err err;

    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, true, CREDENTIAL_GOOD, NULL);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 0);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 0);
}

static void test_no_answer_proves_nothing(void)
{
    g_autoptr(credential) c = make();
    struct err err;

    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, true, CREDENTIAL_UNKNOWN, NULL);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, true, CREDENTIAL_GOOD, NULL);
}

static void test_refused_stays_refused(void)
{
    g_autoptr(credential) c = make();
    struct err err = { 0 };

    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, true, CREDENTIAL_REFUSED, &refusal);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(credential_enter(c, NULL, &err), ==, -1);
        g_assert_cmpstr(err.name, ==, "Unauthorized");
        g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    }
}

/* People change passwords: a proven credential may be refused later. */
static void test_refused_later(void)
{
    g_autoptr(credential) c = make();
    struct err err = { 0 };

    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, true, CREDENTIAL_GOOD, NULL);
    credential_settle(c, false, CREDENTIAL_REFUSED, &refusal);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, -1);
    /* An answer that was under way then does not bring it back. */
    credential_settle(c, false, CREDENTIAL_GOOD, NULL);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, -1);
}

/* A refusal that comes while another proves it outranks the proof. */
static void test_refused_while_proving(void)
{
    g_autoptr(credential) c = make();
    struct err err = { 0 };

    g_assert_cmpint(credential_enter(c, NULL, &err), ==, 1);
    credential_settle(c, false, CREDENTIAL_REFUSED, &refusal);
    credential_settle(c, true, CREDENTIAL_GOOD, NULL);
    g_assert_cmpint(credential_enter(c, NULL, &err), ==, -1);
}

struct race {
    struct credential *credential;
    atomic_int proving, at_once, refused, entered;
    enum credential_finding finding;
};

static void *racer(void *data)
{
    struct race *r = data;
    struct err err;
    int rc = credential_enter(r->credential, NULL, &err);

    if (rc < 0) {
        atomic_fetch_add(&r->refused, 1);
        return NULL;
    }
    atomic_fetch_add(&r->entered, 1);
    if (rc == 1 && atomic_fetch_add(&r->proving, 1) > 0)
        atomic_store(&r->at_once, 1);
    g_usleep(2000);
    if (rc == 1)
        atomic_fetch_sub(&r->proving, 1);
    credential_settle(r->credential, rc == 1, r->finding, &refusal);
    return NULL;
}

static void run_race(struct race *r)
{
    pthread_t threads[8];

    r->credential = make();
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, racer, r), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    credential_unref(r->credential);
}

/* Eight lanes with a wrong password: one failed logon. */
static void test_race_refused(void)
{
    struct race r = { .finding = CREDENTIAL_REFUSED };

    run_race(&r);
    g_assert_cmpint(atomic_load(&r.entered), ==, 1);
    g_assert_cmpint(atomic_load(&r.refused), ==, 7);
}

/* Where nothing is learnt, one after the other tries; never two at once. */
static void test_race_unknown(void)
{
    struct race r = { .finding = CREDENTIAL_UNKNOWN };

    run_race(&r);
    g_assert_cmpint(atomic_load(&r.entered), ==, 8);
    g_assert_cmpint(atomic_load(&r.at_once), ==, 0);
}

static void test_waiting_ends_with_cancel(void)
{
    g_autoptr(credential) c = make();
    g_autoptr(cancel) stop = cancel_new();
    struct err err = { 0 };

    g_assert_cmpint(credential_enter(c, stop, &err), ==, 1);
    cancel_request(stop);
    g_assert_cmpint(credential_enter(c, stop, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
}

static void test_is(void)
{
    g_autoptr(credential) c = make();
    g_autoptr(secret) same = secret_new("secret", 6);
    g_autoptr(secret) other = secret_new("Secret", 6);

    g_assert_true(credential_is(c, "user", same));
    g_assert_false(credential_is(c, "User", same));
    g_assert_false(credential_is(c, "user", other));
    g_assert_cmpstr(credential_user(c), ==, "user");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/credential/one-proves", test_one_proves);
    g_test_add_func("/credential/no-answer", test_no_answer_proves_nothing);
    g_test_add_func("/credential/refused", test_refused_stays_refused);
    g_test_add_func("/credential/refused-later", test_refused_later);
    g_test_add_func("/credential/refused-proving", test_refused_while_proving);
    g_test_add_func("/credential/race-refused", test_race_refused);
    g_test_add_func("/credential/race-unknown", test_race_unknown);
    g_test_add_func("/credential/cancel", test_waiting_ends_with_cancel);
    g_test_add_func("/credential/is", test_is);
    return g_test_run();
}
