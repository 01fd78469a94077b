#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "store/requests_testing.h"

#define NOW  REQUESTS_NOW
#define HOUR (INT64_C(3600) * 1000000)

#define URL  "https://mail.acme.example/owa"
#define USER "ACME\\admin"

struct scene {
    struct roster_fixture *store;
    struct requests_scene held;
    int64_t id; /* of a request */
};

static void run(struct scene *s, int64_t now_us,
                const struct request_change *change)
{
    const struct request_step step = { .now_us = now_us,
                                       .request_id = s->id,
                                       .change = change,
                                       .action = "request.x" };

    g_assert_cmpint(requests_scene_run(&s->held, &step, NULL), ==, 1);
}

/* The request has that password from then on. */
static void give(struct scene *s, int64_t now_us, const char *text)
{
    g_autoptr(secret) password = secret_new(text, strlen(text));

    run(s, now_us,
        &(struct request_change){
            .state = -1, .owa_url = URL, .admin = USER, .password = password });
}

static void begin(struct scene *s, struct roster_fixture *f)
{
    *s = (struct scene){ .store = f, .held = requests_scene_begin(f) };
    s->id = requests_scene_open(&s->held);
}

static void end(struct scene *s)
{
    requests_scene_end(&s->held);
}

static void is_tried(struct scene *s, enum request_try_outcome outcome,
                     const char *why)
{
    g_autoptr(request) r = requests_scene_get(&s->held, s->id);

    g_assert_cmpstr(request_try_name(r->tried.outcome), ==,
                    request_try_name(outcome));
    g_assert_cmpstr(r->tried.why, ==, why);
}

struct ask {
    const char *password, *user, *url; /* NULL: as above */
    bool not_yet, again, anew;         /* not_yet: not the request's */
    int64_t now_us;
};

static int take(struct scene *s, const struct ask *a, int64_t *ret_id)
{
    g_autoptr(request) r = requests_scene_get(&s->held, s->id);
    g_autoptr(secret) password = secret_new(a->password, strlen(a->password));
    const struct request_credentials c = {
        .request_id = s->id,
        .pieces_us = a->not_yet ? 0 : r->pieces_us,
        .url = a->url != NULL ? a->url : URL,
        .user = a->user != NULL ? a->user : USER,
        .password = password,
        .anew = a->anew,
    };
    struct err err;
    int taken =
        requests_take_try(s->held.requests, &c, a->again,
                          a->now_us != 0 ? a->now_us : NOW, ret_id, &err);

    if (taken < 0)
        g_error("%s", err.msg);
    return taken;
}

static int take_now(struct scene *s, const char *password, int64_t *ret_id)
{
    return take(s, &(struct ask){ .password = password }, ret_id);
}

static void tell(struct scene *s, int64_t id, enum request_try_outcome outcome,
                 const char *why)
{
    char cause[] = "Cause";
    g_autofree char *text = g_strdup(why);
    const struct request_try t = { .id = id,
                                   .outcome = outcome,
                                   .cause = why != NULL ? cause : NULL,
                                   .why = text };
    struct err err;

    CHECK_OK(requests_end_try(s->held.requests, &roster_alice, &t, &err), &err);
}

/* ---- each set, once ----------------------------------------------------- */

static void test_once(struct roster_fixture *f, gconstpointer data)
{
    struct scene s;
    int64_t id = 0, other = 0;
    g_autofree char *trail = NULL;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "wrong");
    is_tried(&s, REQUEST_TRY_NONE, NULL);
    g_assert_cmpint(take_now(&s, "wrong", &id), ==, 1);
    is_tried(&s, REQUEST_TRY_BEGUN, NULL);
    /* while it is under way, and after whoever tried it has died */
    g_assert_cmpint(take_now(&s, "wrong", &other), ==, 0);
    tell(&s, id, REQUEST_TRY_REFUSED, "not you");
    is_tried(&s, REQUEST_TRY_REFUSED, "not you");
    g_assert_cmpint(take_now(&s, "wrong", &other), ==, 0);
    /* what is known stays known */
    tell(&s, id, REQUEST_TRY_ACCEPTED, NULL);
    is_tried(&s, REQUEST_TRY_REFUSED, "not you");
    trail = roster_fixture_trail(f);
    g_assert_true(g_str_has_suffix(trail,
                                   "request.sign-in request 1001 refused: not "
                                   "you\n"));
    end(&s);
}

static void test_sets(struct roster_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        struct ask ask;
        int taken;
    } rows[] = {
        { "first", { .password = "a" }, 1 },
        { "the same", { .password = "a" }, 0 },
        { "another password", { .password = "b", .not_yet = true }, 1 },
        { "another user",
          { .password = "a", .user = "x", .not_yet = true },
          1 },
        { "another address",
          { .password = "a", .url = URL "/", .not_yet = true },
          1 },
        { "cut elsewhere",
          { .password = "a", .user = URL, .url = USER, .not_yet = true },
          1 },
        { "the first again", { .password = "a", .not_yet = true }, 0 },
        { "by somebody's wish",
          { .password = "a", .not_yet = true, .again = true },
          1 },
    };
    struct scene s;
    int64_t id = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "a");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, take(&s, &rows[i].ask, &id) == rows[i].taken);
    end(&s);
}

/* What the request says is of the set that it has. */
static void test_whose(struct roster_fixture *f, gconstpointer data)
{
    struct scene s;
    int64_t id = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW + 1, "a");
    g_assert_cmpint(take_now(&s, "a", &id), ==, 1);
    tell(&s, id, REQUEST_TRY_REFUSED, "a is wrong");
    give(&s, NOW + 2, "b");
    is_tried(&s, REQUEST_TRY_NONE, NULL);
    g_assert_cmpint(take_now(&s, "b", &id), ==, 1);
    tell(&s, id, REQUEST_TRY_ACCEPTED, NULL);
    is_tried(&s, REQUEST_TRY_ACCEPTED, NULL);
    /* the first ones again: they are no better, and are not tried */
    give(&s, NOW + 3, "a");
    is_tried(&s, REQUEST_TRY_NONE, NULL);
    g_assert_cmpint(take_now(&s, "a", &id), ==, 0);
    is_tried(&s, REQUEST_TRY_REFUSED, "a is wrong");
    /* on a page, before they are kept */
    g_assert_cmpint(
        take(&s, &(struct ask){ .password = "c", .not_yet = true }, &id), ==,
        1);
    tell(&s, id, REQUEST_TRY_ACCEPTED, NULL);
    is_tried(&s, REQUEST_TRY_REFUSED, "a is wrong");
    give(&s, NOW + 4, "c");
    g_assert_cmpint(take_now(&s, "c", &id), ==, 0);
    is_tried(&s, REQUEST_TRY_ACCEPTED, NULL);
    end(&s);
}

/* A flood of guesses ends early; those that were right do not count. */
static void test_too_often(struct roster_fixture *f, gconstpointer data)
{
    struct scene s;
    int64_t id = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "right");
    g_assert_cmpint(take_now(&s, "right", &id), ==, 1);
    tell(&s, id, REQUEST_TRY_ACCEPTED, NULL);
    for (int i = 0; i < REQUESTS_TRIES_MAX; i++) {
        const char guess[] = { (char)('a' + i), '\0' };

        give(&s, NOW + 1 + i, guess);
        g_assert_cmpint(take_now(&s, guess, &id), ==, 1);
        tell(&s, id, REQUEST_TRY_REFUSED, "no");
    }
    give(&s, NOW + 20, "z");
    g_assert_cmpint(take_now(&s, "z", &id), ==, 0);
    is_tried(&s, REQUEST_TRY_UNKNOWN,
             "they were not tried yet: enough others were within an hour; an "
             "hour later they are, by themselves");
    give(&s, NOW + 21, "y");
    g_assert_cmpint(
        take(&s, &(struct ask){ .password = "y", .now_us = NOW + HOUR + 1 },
             &id),
        ==, 1);
    end(&s);
}

/* What had no answer, and nothing else; within the same limit. */
static void test_anew(struct roster_fixture *f, gconstpointer data)
{
    struct ask anew = { .password = "a", .anew = true, .now_us = NOW + HOUR };
    struct scene s;
    int64_t id = 0, first;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "a");
    g_assert_cmpint(take_now(&s, "a", &id), ==, 1);
    first = id;
    /* it is under way, or whoever tried it has died */
    g_assert_cmpint(take(&s, &anew, &id), ==, 0);
    tell(&s, id, REQUEST_TRY_UNKNOWN, "busy");
    g_assert_cmpint(take_now(&s, "a", &id), ==, 0);
    g_assert_cmpint(take(&s, &anew, &id), ==, 1);
    g_assert_cmpint(id, ==, first);
    is_tried(&s, REQUEST_TRY_BEGUN, NULL);
    tell(&s, id, REQUEST_TRY_REFUSED, "no");
    anew.now_us += HOUR;
    g_assert_cmpint(take(&s, &anew, &id), ==, 0);
    is_tried(&s, REQUEST_TRY_REFUSED, "no");
    end(&s);
}

/* While there is no room it is put off, and says since when. */
static void test_anew_too_often(struct roster_fixture *f, gconstpointer data)
{
    struct ask guess = { .not_yet = true }, anew = { "z", .anew = true };
    struct scene s;
    int64_t id = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "z");
    for (int i = 0; i < REQUESTS_TRIES_MAX; i++) {
        const char text[] = { (char)('a' + i), '\0' };

        guess.password = text;
        guess.now_us = NOW + (i == 0 ? 0 : HOUR / 2);
        g_assert_cmpint(take(&s, &guess, &id), ==, 1);
        tell(&s, id, REQUEST_TRY_REFUSED, "no");
    }
    g_assert_cmpint(take_now(&s, "z", &id), ==, 0);
    anew.now_us = NOW + HOUR - 1;
    g_assert_cmpint(take(&s, &anew, &id), ==, 0);
    {
        g_autoptr(request) r = requests_scene_get(&s.held, s.id);

        g_assert_cmpint(r->tried.at_us, ==, anew.now_us);
        g_assert_cmpstr(r->tried.cause, ==, REQUESTS_TOO_OFTEN);
    }
    anew.now_us = NOW + HOUR + 1;
    g_assert_cmpint(take(&s, &anew, &id), ==, 1);
    is_tried(&s, REQUEST_TRY_BEGUN, NULL);
    end(&s);
}

/* ---- the key ------------------------------------------------------------ */

static void change_key(struct scene *s, struct keyring *to)
{
    requests_free(s->held.requests);
    keyring_free(s->held.keys);
    s->held.keys = to;
    s->held.requests = requests_new(s->store->database, s->held.keys);
}

static void test_keys(struct roster_fixture *f, gconstpointer data)
{
    struct scene s;
    int64_t id = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW + 1, "a");
    g_assert_cmpint(take_now(&s, "a", &id), ==, 1);
    tell(&s, id, REQUEST_TRY_REFUSED, "no");
    change_key(&s, keyring_rotated(s.held.keys));
    /* by the key before, whichever way it comes */
    g_assert_cmpint(
        take(&s, &(struct ask){ .password = "a", .not_yet = true }, &id), ==,
        0);
    change_key(&s, keyring_retired(s.held.keys));
    /* that key is gone: nothing else was given since */
    g_assert_cmpint(take_now(&s, "a", &id), ==, 0);
    is_tried(&s, REQUEST_TRY_REFUSED, "no");
    end(&s);
}

/* ---- the end ------------------------------------------------------------- */

static void test_goes_with_passwords(struct roster_fixture *f,
                                     gconstpointer data)
{
    const struct request_change destroy = { .state = REQUEST_COMPLETED,
                                            .destroy = true };
    struct scene s;
    int64_t id = 0;
    struct err err;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "a");
    g_assert_cmpint(take_now(&s, "a", &id), ==, 1);
    run(&s, NOW, &destroy);
    is_tried(&s, REQUEST_TRY_NONE, NULL);
    /* whoever was trying comes too late, and writes nothing */
    tell(&s, id, REQUEST_TRY_ACCEPTED, NULL);
    is_tried(&s, REQUEST_TRY_NONE, NULL);
    g_assert_cmpint(take_now(&s, "a", &id), ==, 1);
    g_assert_cmpint(
        requests_forget(s.held.requests, &roster_alice, NOW + HOUR, &err), ==,
        1);
    end(&s);
}

/* ---- at once ------------------------------------------------------------- */

struct taker {
    struct scene *s;
    pthread_t thread;
    int taken;
};

static void *take_one(void *data)
{
    struct taker *t = data;
    int64_t id = 0;

    t->taken = take_now(t->s, "a", &id);
    return NULL;
}

static void test_at_once(struct roster_fixture *f, gconstpointer data)
{
    struct taker all[6];
    struct scene s;
    int n = 0;

    (void)data;
    begin(&s, f);
    give(&s, NOW, "a");
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        all[i] = (struct taker){ .s = &s };
        g_assert_cmpint(pthread_create(&all[i].thread, NULL, take_one, &all[i]),
                        ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        pthread_join(all[i].thread, NULL);
        n += all[i].taken;
    }
    g_assert_cmpint(n, ==, 1);
    end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct roster_fixture *f, gconstpointer data);
    } tests[] = {
        { "/requests/tries/once", test_once },
        { "/requests/tries/sets", test_sets },
        { "/requests/tries/whose", test_whose },
        { "/requests/tries/too-often", test_too_often },
        { "/requests/tries/anew", test_anew },
        { "/requests/tries/anew/too-often", test_anew_too_often },
        { "/requests/tries/keys", test_keys },
        { "/requests/tries/goes-with-passwords", test_goes_with_passwords },
        { "/requests/tries/at-once", test_at_once },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    return g_test_run();
}
