#include "desk/sign_in.h"

#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "desk/desk_testing.h"

#define URL "https://owa.old.example/owa"

/* A source that answers what it is told to, and looks at what is on record. */
struct source {
    struct requests *requests;
    int64_t request_id;
    const char *error; /* NULL: it lets them in */
    atomic_uint asked;
    enum request_try_outcome on_record; /* while it was asked */
};

static int sign_in(void *data, const struct reach_wish *w, struct err *err)
{
    struct source *s = data;
    g_autoptr(request) r = NULL;
    struct err none;

    g_assert_cmpstr(w->url, ==, URL);
    g_assert_cmpstr(w->address, ==, "anna@old.example");
    g_assert_cmpstr(w->user, ==, "OLD\\admin");
    g_assert_cmpstr(secret_peek(w->password), ==, "s3cret");
    g_assert_cmpint(requests_get(s->requests, s->request_id, &r, &none), ==, 1);
    s->on_record = r->tried.outcome;
    atomic_fetch_add(&s->asked, 1);
    if (s->error == NULL)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "it says no");
    err->name = s->error;
    return -1;
}

struct scene {
    struct source source;
    struct secret *password;
    struct request_credentials what;
};

static struct request *get(struct scene *s)
{
    struct request *r = NULL;
    struct err err;

    g_assert_cmpint(
        requests_get(s->source.requests, s->what.request_id, &r, &err), ==, 1);
    return r;
}

/* A request with credentials. */
static void begin(struct scene *s, struct desk_fixture *f, const char *error)
{
    struct requests *p = f->desk->requests;
    g_autoptr(secret) password = secret_new("s3cret", 6);
    const struct request_change change = {
        .state = -1,
        .opened_by = "anna@contoso.example",
        .account_id = f->acme,
        .owa_url = URL,
        .admin = "OLD\\admin",
        .password = password,
    };
    struct request_step step = { .now_us = DESK_TESTING_NOW,
                                 .open = true,
                                 .change = &change,
                                 .action = "request.open" };
    struct err err;

    CHECK_OK(requests_number(p, &step.request_id, &err), &err);
    g_assert_cmpint(requests_step(p, &roster_alice, &step, NULL, &err), ==, 1);
    *s = (struct scene){ .password = secret_ref(password) };
    s->what = (struct request_credentials){ .request_id = step.request_id,
                                            .pieces_us = DESK_TESTING_NOW,
                                            .url = URL,
                                            .user = "OLD\\admin",
                                            .password = s->password };
    s->source.requests = p;
    s->source.request_id = step.request_id;
    s->source.error = error;
}

static struct sign_ins *open_all(struct scene *s)
{
    const struct sign_ins_config how = {
        .requests = s->source.requests,
        .reach = { NULL, sign_in, &s->source },
    };

    return sign_ins_new(&how);
}

static void go(struct scene *s, struct sign_ins *all)
{
    struct err err;

    g_assert_true(sign_ins_have_room(all));
    CHECK_OK(sign_ins_begin(all, &roster_alice, &s->what, "anna@old.example",
                            DESK_TESTING_NOW, &err),
             &err);
}

/* ---- what is said of them ----------------------------------------------- */

static void test_outcomes(struct desk_fixture *f, gconstpointer data)
{
    static const struct {
        const char *error;
        enum request_try_outcome outcome;
    } rows[] = {
        { NULL, REQUEST_TRY_ACCEPTED },
        { "Unauthorized", REQUEST_TRY_REFUSED },
        { "TokenRefused", REQUEST_TRY_REFUSED },
        { "ErrorImpersonateUserDenied", REQUEST_TRY_ACCEPTED },
        { "ErrorNonExistentMailbox", REQUEST_TRY_ACCEPTED },
        { "HttpStatus", REQUEST_TRY_UNKNOWN }, /* 403 and 5xx, too */
        { "FormsLogin", REQUEST_TRY_UNKNOWN }, /* it sends us elsewhere */
        { "ErrorServerBusy", REQUEST_TRY_UNKNOWN },
        { "timeout", REQUEST_TRY_UNKNOWN },
        { "cannot-connect", REQUEST_TRY_UNKNOWN },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct scene s;
        g_autoptr(request) r = NULL;

        begin(&s, f, rows[i].error);
        {
            g_autoptr(sign_ins) all = open_all(&s);

            go(&s, all);
        }
        r = get(&s);
        CHECK_ROW(rows[i].error, r->tried.outcome == rows[i].outcome);
        CHECK_ROW(rows[i].error, g_strcmp0(r->tried.cause, rows[i].error) == 0);
        g_assert_cmpstr(r->tried.why, ==,
                        rows[i].error != NULL ? "it says no" : NULL);
        secret_free(s.password);
    }
}

/* On record before the server hears of them, and never asked again. */
static void test_once(struct desk_fixture *f, gconstpointer data)
{
    struct scene s;

    (void)data;
    begin(&s, f, "timeout");
    for (int i = 0; i < 3; i++) {
        g_autoptr(sign_ins) all = open_all(&s);

        go(&s, all);
        go(&s, all);
    }
    g_assert_cmpuint(atomic_load(&s.source.asked), ==, 1);
    g_assert_cmpint(s.source.on_record, ==, REQUEST_TRY_BEGUN);
    secret_free(s.password);
}

/* Whoever took the try has died: it is not another one's to take. */
static void test_died(struct desk_fixture *f, gconstpointer data)
{
    struct scene s;
    g_autoptr(request) r = NULL;
    int64_t id, later_us = DESK_TESTING_NOW + SIGN_IN_US;
    struct err err;

    (void)data;
    begin(&s, f, NULL);
    g_assert_cmpint(requests_take_try(s.source.requests, &s.what, false,
                                      DESK_TESTING_NOW, &id, &err),
                    ==, 1);
    {
        g_autoptr(sign_ins) all = open_all(&s);

        go(&s, all);
    }
    g_assert_cmpuint(atomic_load(&s.source.asked), ==, 0);
    r = get(&s);
    g_assert_cmpint(sign_in_outcome(&r->tried, later_us - 1), ==,
                    REQUEST_TRY_BEGUN);
    g_assert_null(sign_in_detail(&r->tried, later_us - 1));
    g_assert_cmpint(sign_in_outcome(&r->tried, later_us), ==,
                    REQUEST_TRY_UNKNOWN);
    g_assert_nonnull(strstr(sign_in_detail(&r->tried, later_us), "broken off"));
    secret_free(s.password);
}

/* ---- when it is tried again --------------------------------------------- */

#define HOUR (INT64_C(3600) * 1000000)

static void test_again(struct desk_fixture *f, gconstpointer data)
{
    static char too_often[] = REQUESTS_TOO_OFTEN, busy[] = "ErrorServerBusy",
                forbids[] = "HttpStatus", no_ews[] = "NoEws";
    static const struct {
        const char *name;
        enum request_try_outcome outcome;
        char *cause;
        int64_t after_us; /* that long after they came they were tried */
        int64_t wait_us;  /* until they are again; 0: they are not */
        bool held;
    } rows[] = {
        /* clang-format off */
        { "accepted", REQUEST_TRY_ACCEPTED, NULL, 0, 0, false },
        { "refused", REQUEST_TRY_REFUSED, NULL, 0, 0, false },
        { "broken off", REQUEST_TRY_BEGUN, NULL, 0, 0, false },
        { "no Exchange", REQUEST_TRY_UNKNOWN, no_ews, 0, 0, false },
        { "too often", REQUEST_TRY_UNKNOWN, too_often, 0, HOUR, true },
        { "still", REQUEST_TRY_UNKNOWN, too_often, 9 * HOUR, HOUR, true },
        { "busy", REQUEST_TRY_UNKNOWN, busy, 1, HOUR, false },
        { "a page", REQUEST_TRY_UNKNOWN, forbids, 0, HOUR, false },
        { "busy, later", REQUEST_TRY_UNKNOWN, busy, 5 * HOUR, 5 * HOUR, false },
        { "busy for days", REQUEST_TRY_UNKNOWN, busy, 80 * HOUR, 24 * HOUR,
          false },
        /* clang-format on */
    };

    (void)f;
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const int64_t at_us = DESK_TESTING_NOW + rows[i].after_us;
        const struct request r = { .pieces_us = DESK_TESTING_NOW,
                                   .tried = { .outcome = rows[i].outcome,
                                              .cause = rows[i].cause,
                                              .at_us = at_us } };

        CHECK_ROW(rows[i].name,
                  sign_in_again_us(&r) ==
                      (rows[i].wait_us != 0 ? at_us + rows[i].wait_us : 0));
        CHECK_ROW(rows[i].name, sign_in_is_held(&r.tried) == rows[i].held);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct desk_fixture *f, gconstpointer data);
    } tests[] = {
        { "/desk/sign-in/outcomes", test_outcomes },
        { "/desk/sign-in/once", test_once },
        { "/desk/sign-in/died", test_died },
        { "/desk/sign-in/again", test_again },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct desk_fixture, NULL,
                   desk_fixture_set_up, tests[i].test, desk_fixture_tear_down);
    return g_test_run();
}
