#include "store/requests.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "store/requests_testing.h"

static void test_changes(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);
    const struct request_change first = { .state = REQUEST_QUOTED,
                                          .domain = "acme.example",
                                          .owa_url = "https://a.example/owa",
                                          .start = "2026-12-01",
                                          .cutover = "2026-12-24",
                                          .admin = "acme\\admin",
                                          .missing = "x",
                                          .quote = "{}",
                                          .quote_until_us =
                                              REQUESTS_NOW + 9 * REQUESTS_DAY,
                                          .migration_id = 7 },
                                second = { .state = -1, .missing = "" };
    struct request_step step = { .now_us = REQUESTS_NOW + REQUESTS_DAY,
                                 .request_id = id,
                                 .version = 1,
                                 .change = &first,
                                 .action = "request.quote" };
    g_autoptr(request) r = NULL, then = NULL;
    struct err err;

    (void)data;
    g_assert_cmpint(requests_scene_run(&s, &step, NULL), ==, 1);
    r = requests_scene_get(&s, id);
    g_assert_cmpint(r->version, ==, 2);
    g_assert_cmpint(r->state, ==, REQUEST_QUOTED);
    g_assert_cmpstr(r->domain, ==, "acme.example");
    g_assert_cmpstr(r->owa_url, ==, "https://a.example/owa");
    g_assert_cmpstr(r->start, ==, "2026-12-01");
    g_assert_cmpstr(r->cutover, ==, "2026-12-24");
    g_assert_cmpstr(r->admin, ==, "acme\\admin");
    g_assert_cmpint(r->migration_id, ==, 7);
    g_assert_cmpstr(r->quote, ==, "{}");
    g_assert_cmpint(r->quote_until_us, ==, REQUESTS_NOW + 9 * REQUESTS_DAY);
    g_assert_cmpint(r->changed_us, ==, REQUESTS_NOW + REQUESTS_DAY);
    /* somebody saw the version before */
    g_assert_cmpint(requests_step(s.requests, &roster_alice, &step, NULL, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "changed");
    step.version = 2;
    step.change = &second;
    g_assert_cmpint(requests_scene_run(&s, &step, NULL), ==, 1);
    then = requests_scene_get(&s, id);
    g_assert_null(then->missing);
    g_assert_cmpint(then->quote_until_us, ==, REQUESTS_NOW + 9 * REQUESTS_DAY);
    g_assert_cmpint(then->state, ==, REQUEST_QUOTED);
    g_assert_cmpstr(then->domain, ==, "acme.example");
    step.request_id = 4711;
    g_assert_cmpint(requests_step(s.requests, &roster_alice, &step, NULL, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
    requests_scene_end(&s);
}

static void test_refusals(struct roster_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        struct request_change change;
        const char *error;
    } rows[] = {
        { "a line end in a URL",
          { .state = -1, .owa_url = "https://a\n/" },
          "invalid" },
        { "no UTF-8", { .state = -1, .partner = "\xff" }, "invalid" },
        { "a date of eleven letters",
          { .state = -1, .start = "2026-12-011" },
          "too-long" },
        { "nothing", { .state = -1, .domain = "" }, "missing" },
    };
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct request_step step = { .request_id = id,
                                           .change = &rows[i].change,
                                           .action = "request.change" };
        struct err err;

        CHECK_ROW(rows[i].name, requests_step(s.requests, &roster_alice, &step,
                                              NULL, &err) == -1);
        g_assert_cmpstr(err.name, ==, rows[i].error);
    }
    requests_scene_end(&s);
}

static guint count(struct requests_scene *s,
                   const struct request_filter *filter)
{
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    CHECK_OK(requests_list(s->requests, filter, &roster_all, &found, &err),
             &err);
    return found->len;
}

static void test_list(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    const struct request_change quoted = { .state = REQUEST_QUOTED,
                                           .domain = "acme.example" };
    const struct {
        struct request_filter filter;
        guint want;
    } rows[] = {
        { { 0 }, 3 },
        { { .states = 1 << REQUEST_QUOTED }, 1 },
        { { .states = 1 << REQUEST_RECEIVED }, 2 },
        { { .states = 1 << REQUEST_RECEIVED | 1 << REQUEST_QUOTED }, 3 },
        { { .states = 1 << REQUEST_EXPIRED }, 0 },
        { { .account_id = s.account }, 3 },
        { { .account_id = s.account + 1 }, 0 },
        { { .domain = "ACME.example" }, 1 },
        { { .migration_id = 5 }, 0 },
        { { .text = "CME.ex" }, 3 }, /* all by who opened them */
        { { .text = "p-1001" }, 3 },
        { { .text = "100%" }, 0 },
    };
    int64_t id = requests_scene_open(&s);

    (void)data;
    requests_scene_open(&s);
    requests_scene_open(&s);
    requests_scene_run(&s,
                       &(struct request_step){ .now_us = REQUESTS_NOW,
                                               .request_id = id,
                                               .change = &quoted,
                                               .action = "request.quote" },
                       NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(count(&s, &rows[i].filter), ==, rows[i].want);
    requests_scene_end(&s);
}

/* Pages of two in that order, as ids. */
static char *in_pages(struct requests_scene *s,
                      const struct roster_order *order, bool down)
{
    const struct request_filter any = { 0 };
    g_autofree char *key = NULL;
    GString *ids = g_string_new(NULL);
    int64_t after = 0;
    guint n;

    do {
        g_autoptr(GPtrArray) some = NULL;
        g_autofree char *next = NULL;
        const struct roster_page page = { after, 2, down, order, key, &next };
        struct err err;

        CHECK_OK(requests_list(s->requests, &any, &page, &some, &err), &err);
        n = some->len;
        for (guint i = 0; i < n; i++) {
            after = ((struct request *)some->pdata[i])->id;
            g_string_append_printf(ids, "%" G_GINT64_FORMAT " ", after - 1000);
        }
        g_free(key);
        key = g_steal_pointer(&next);
    } while (n == 2);
    return g_string_free(ids, FALSE);
}

static void test_orders(struct roster_fixture *f, gconstpointer data)
{
    static const char *const domains[] = { "b.example", "c.example",
                                           "a.example" };
    static const struct {
        int order; /* of request_orders, or -1 */
        bool down;
        const char *want;
    } rows[] = {
        { -1, false, "1 2 3 " }, { -1, true, "3 2 1 " }, { 1, false, "3 1 2 " },
        { 1, true, "2 1 3 " },   { 0, false, "1 3 2 " }, { 3, true, "1 2 3 " },
    };
    struct requests_scene s = requests_scene_begin(f);

    (void)data;
    for (int i = 0; i < 3; i++) {
        const struct request_change change = { .state =
                                                   i == 1 ? REQUEST_QUOTED : -1,
                                               .domain = domains[i] };

        requests_scene_run(
            &s,
            &(struct request_step){ .now_us = REQUESTS_NOW +
                                              (i == 0 ? REQUESTS_DAY : -i),
                                    .request_id = requests_scene_open(&s),
                                    .change = &change,
                                    .action = "request.change" },
            NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = in_pages(
            &s, rows[i].order < 0 ? NULL : &request_orders[rows[i].order],
            rows[i].down);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
    requests_scene_end(&s);
}

/* Asked again after a lost answer, nothing is done twice. */
static void test_once(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    struct roster_once once = { .key = { 1 },
                                .now_us = REQUESTS_NOW,
                                .expires_us = REQUESTS_NOW + REQUESTS_DAY };
    const struct roster_actor who = { "admin alice", NULL, &once };
    const struct request_step note = { .now_us = REQUESTS_NOW,
                                       .request_id = requests_scene_open(&s),
                                       .action = "request.note",
                                       .detail = "called them" };
    g_autoptr(GPtrArray) lines = NULL;
    int64_t made = 0;
    struct err err;

    (void)data;
    g_assert_cmpint(roster_once_look(f->roster, &once, &made, &err), ==, 0);
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(requests_step(s.requests, &who, &note, NULL, &err), ==,
                        1);
    g_assert_true(once.again);
    once.again = false;
    g_assert_cmpint(roster_once_look(f->roster, &once, &made, &err), ==, 1);
    g_assert_true(once.again);
    g_assert_cmpint(made, ==, note.request_id);
    once.body[0] = 1;
    g_assert_cmpint(requests_step(s.requests, &who, &note, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "key-reused");
    CHECK_OK(roster_audit_about(f->roster, "request 1001", &roster_all, &lines,
                                &err),
             &err);
    g_assert_cmpuint(lines->len, ==, 2);
    g_assert_cmpstr(((struct audit_entry *)lines->pdata[1])->detail, ==,
                    "called them");
    requests_scene_end(&s);
}

/* An account with requests stays. */
static void test_account_in_use(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    struct err err;

    (void)data;
    requests_scene_open(&s);
    g_assert_cmpint(
        roster_account_remove(f->roster, &roster_alice, s.account, 0, &err), ==,
        -1);
    g_assert_cmpstr(err.name, ==, "in-use");
    requests_scene_end(&s);
}

static void test_trail(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    struct audit_verdict v;
    g_autofree char *trail = NULL;
    struct err err;

    (void)data;
    requests_scene_open(&s);
    trail = roster_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "request.open request 1001 -\n"));
    CHECK_OK(roster_audit_verify(f->roster, &v, &err), &err);
    g_assert_cmpint(v.bad_id, ==, 0);
    requests_scene_end(&s);
}

/* ---- two at a time ------------------------------------------------------- */

#define BEFORE_RUN (1u << REQUEST_RECEIVED | 1u << REQUEST_QUOTED)

struct first_mail {
    struct requests_scene *s;
    pthread_t thread;
    int64_t id;
    const char *domain;
    struct err err;
    int result;
};

static void *open_first(void *data)
{
    struct first_mail *m = data;
    struct request_change change = requests_scene_change(m->s);
    const struct request_step step = { .now_us = REQUESTS_NOW,
                                       .request_id = m->id,
                                       .open = true,
                                       .unless = BEFORE_RUN,
                                       .change = &change,
                                       .action = "request.open" };

    change.domain = m->domain;
    m->result =
        requests_step(m->s->requests, &roster_alice, &step, NULL, &m->err);
    return NULL;
}

static size_t open_at_once(struct requests_scene *s, struct first_mail *mails,
                           size_t n, const char *domain)
{
    size_t opened = 0;

    for (size_t i = 0; i < n; i++)
        mails[i] = (struct first_mail){ .s = s,
                                        .id = requests_scene_number(s),
                                        .domain = domain };
    for (size_t i = 0; i < n; i++)
        g_assert_cmpint(
            pthread_create(&mails[i].thread, NULL, open_first, &mails[i]), ==,
            0);
    for (size_t i = 0; i < n; i++) {
        pthread_join(mails[i].thread, NULL);
        opened += mails[i].result == 1;
        if (mails[i].result != 1)
            g_assert_cmpstr(mails[i].err.name, ==, "changed");
    }
    return opened;
}

static int run_change(struct requests_scene *s, int64_t id,
                      const struct request_change *change)
{
    return requests_scene_run(
        s,
        &(struct request_step){ .now_us = REQUESTS_NOW,
                                .request_id = id,
                                .change = change,
                                .action = "request.change" },
        NULL);
}

static void test_first_mails(struct roster_fixture *f, gconstpointer data)
{
    struct first_mail mails[6];
    struct requests_scene s = requests_scene_begin(f);
    struct request_change run = { .state = REQUEST_RUNNING };
    int64_t first = 0;

    (void)data;
    g_assert_cmpuint(open_at_once(&s, mails, 6, "acme.example"), ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++)
        if (mails[i].result == 1)
            first = mails[i].id;
    /* of another domain, and where the first one runs already, it is another */
    g_assert_cmpuint(open_at_once(&s, mails, 1, "other.example"), ==, 1);
    g_assert_cmpuint(open_at_once(&s, mails, 1, "acme.example"), ==, 0);
    g_assert_cmpint(run_change(&s, first, &run), ==, 1);
    g_assert_cmpuint(open_at_once(&s, mails, 2, "acme.example"), ==, 1);
    requests_scene_end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct roster_fixture *f, gconstpointer data);
    } tests[] = {
        { "/requests/changes", test_changes },
        { "/requests/refusals", test_refusals },
        { "/requests/list", test_list },
        { "/requests/orders", test_orders },
        { "/requests/once", test_once },
        { "/requests/first-mails", test_first_mails },
        { "/requests/account-in-use", test_account_in_use },
        { "/requests/trail", test_trail },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    return g_test_run();
}
