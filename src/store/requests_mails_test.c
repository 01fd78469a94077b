#include "store/requests.h"

#include <string.h>

#include "base/check.h"
#include "store/requests_testing.h"

/* Strings are literals: nobody frees it. */
static struct request_mail mail_of(const char *message_id, const char *sender,
                                   GBytes *raw)
{
    return (struct request_mail){
        .message_id = REQUESTS_LITERAL(message_id),
        .sender = REQUESTS_LITERAL(sender),
        .subject = REQUESTS_LITERAL("Managed Migration Request"),
        .digest = REQUESTS_LITERAL("00ff"),
        .verdict = REQUESTS_LITERAL("opens a request"),
        .raw = raw,
    };
}

static guint outbox_of(struct roster_fixture *f)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    CHECK_OK(roster_outbox(f->roster, &roster_all, &all, &err), &err);
    return all->len;
}

/* ---- a mail opens a request --------------------------------------------- */

struct opening {
    struct request_mail mail;
    struct request_change change;
    struct outbox_mail out;
    GBytes *bytes;
};

static void opening_init(struct opening *o, const struct requests_scene *s,
                         const char *ref)
{
    o->bytes = g_bytes_new_static("Subject: x\n\nhello\0you", 21);
    o->mail = mail_of("a@acme.example", "anna@acme.example", o->bytes);
    o->change = requests_scene_change(s);
    o->change.state = REQUEST_AWAITING_INFORMATION;
    o->change.missing = "owa-url\nimport-file";
    o->out =
        (struct outbox_mail){ .ref = REQUESTS_LITERAL(ref),
                              .recipient =
                                  REQUESTS_LITERAL("anna@acme.example"),
                              .subject = REQUESTS_LITERAL("[MF-1001] missing"),
                              .body = o->bytes };
}

static struct request_step opening_step(const struct opening *o, int64_t id)
{
    return (struct request_step){
        .now_us = REQUESTS_NOW,
        .request_id = id,
        .open = true,
        .change = &o->change,
        .mail = &o->mail,
        .out = &o->out,
        .n_out = 1,
        .action = "request.open",
        .detail = "by mail",
    };
}

static void test_open_by_mail(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t first = requests_scene_number(&s),
            second = requests_scene_number(&s);
    struct opening o, again;
    struct request_step step;
    struct request_done done = { 0 };
    g_autoptr(request) r = NULL, none = NULL;
    g_autoptr(request_mail) m = NULL;
    struct err err;

    (void)data;
    g_assert_cmpint(first, ==, 1001);
    g_assert_cmpint(second, ==, 1002);
    opening_init(&o, &s, "out-1");
    step = opening_step(&o, first);
    g_assert_cmpint(requests_scene_run(&s, &step, &done), ==, 1);
    r = requests_scene_get(&s, first);
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(r->missing, ==, "owa-url\nimport-file");
    g_assert_cmpstr(r->partner, ==, "P-1001");
    g_assert_null(r->domain);
    g_assert_cmpint(r->created_us, ==, REQUESTS_NOW);
    g_assert_cmpint(requests_mail_get(s.requests, done.mail_id, &m, &err), ==,
                    1);
    g_assert_true(g_bytes_equal(m->raw, o.bytes));
    g_assert_cmpint(m->request_id, ==, first);
    g_assert_cmpuint(outbox_of(f), ==, 1);

    /* the mail again: nothing of it happens a second time */
    opening_init(&again, &s, "out-2");
    again.mail.sender = REQUESTS_LITERAL("ANNA@acme.example");
    step = opening_step(&again, second);
    g_assert_cmpint(requests_scene_run(&s, &step, &done), ==, 0);
    g_assert_cmpint(requests_get(s.requests, second, &none, &err), ==, 0);
    g_assert_cmpuint(outbox_of(f), ==, 1);
    g_assert_cmpint(requests_mail_seen(s.requests, "a@acme.example",
                                       "Anna@acme.example", &err),
                    ==, 1);
    /* somebody else who says the same Message-ID does not hide theirs */
    g_assert_cmpint(requests_mail_seen(s.requests, "a@acme.example",
                                       "eve@evil.example", &err),
                    ==, 0);
    g_bytes_unref(o.bytes);
    g_bytes_unref(again.bytes);
    requests_scene_end(&s);
}

/* A step that fails half-way leaves nothing behind. */
static void test_all_or_nothing(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_number(&s);
    struct opening o;
    struct request_step step;
    struct outbox_mail twice[2];
    g_autoptr(request) none = NULL;
    struct err err;

    (void)data;
    opening_init(&o, &s, "out-1");
    twice[0] = twice[1] = o.out; /* a ref is one mail's */
    step = opening_step(&o, id);
    step.out = twice;
    step.n_out = 2;
    g_assert_cmpint(requests_step(s.requests, &roster_alice, &step, NULL, &err),
                    ==, -1);
    g_assert_cmpint(requests_get(s.requests, id, &none, &err), ==, 0);
    g_assert_cmpuint(outbox_of(f), ==, 0);
    g_assert_cmpint(requests_mail_seen(s.requests, "a@acme.example",
                                       "anna@acme.example", &err),
                    ==, 0);
    g_bytes_unref(o.bytes);
    requests_scene_end(&s);
}

/* What cannot be placed waits for an operator. */
static void test_tray(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    g_autoptr(GBytes) raw = g_bytes_new_static("x", 1);
    struct request_mail mail = mail_of("t@x", "", raw);
    const struct request_mail_filter tray = { 0, REQUEST_MAIL_TRAY },
                                     placed = { 0, REQUEST_MAIL_PLACED };
    g_autoptr(GPtrArray) found = NULL, none = NULL;
    g_autofree char *trail = NULL;
    struct err err;

    (void)data;
    mail.place = REQUEST_MAIL_TRAY;
    g_assert_cmpint(
        requests_scene_run(&s,
                           &(struct request_step){ .now_us = REQUESTS_NOW,
                                                   .mail = &mail,
                                                   .action = "mail.tray",
                                                   .detail = "no sender" },
                           NULL),
        ==, 1);
    CHECK_OK(requests_mails(s.requests, &tray, &roster_all, &found, &err),
             &err);
    CHECK_OK(requests_mails(s.requests, &placed, &roster_all, &none, &err),
             &err);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_null(((struct request_mail *)found->pdata[0])->raw);
    trail = roster_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "mail.tray mail 1 no sender\n"));
    requests_scene_end(&s);
}

static int64_t put_in_tray(struct requests_scene *s, const char *message_id)
{
    g_autoptr(GBytes) raw = g_bytes_new_static("x", 1);
    struct request_mail mail = mail_of(message_id, "", raw);
    struct request_done done;

    mail.place = REQUEST_MAIL_TRAY;
    g_assert_cmpint(
        requests_scene_run(s,
                           &(struct request_step){ .now_us = REQUESTS_NOW,
                                                   .mail = &mail,
                                                   .action = "mail.tray" },
                           &done),
        ==, 1);
    return done.mail_id;
}

static const char *move(struct requests_scene *s,
                        const struct request_mail_move *m)
{
    struct err err;

    return requests_mail_move(s->requests, &roster_alice, m, &err) == 0
               ? "done"
               : err.name;
}

/* An operator sees to each mail of the tray once. */
static void test_out_of_tray(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t owner = requests_scene_open(&s), a = put_in_tray(&s, "a@x"),
            b = put_in_tray(&s, "b@x");
    const struct request_mail_filter of_request = { owner, -1 },
                                     tray = { 0, REQUEST_MAIL_TRAY };
    g_autoptr(GPtrArray) placed = NULL, left = NULL;
    g_autofree char *trail = NULL;
    struct err err;

    (void)data;
    g_assert_cmpstr(move(&s, &(struct request_mail_move){ 99, owner, NULL }),
                    ==, "not-found");
    g_assert_cmpstr(move(&s, &(struct request_mail_move){ a, 99, NULL }), ==,
                    "not-found");
    g_assert_cmpstr(move(&s, &(struct request_mail_move){ a, owner, "theirs" }),
                    ==, "done");
    g_assert_cmpstr(
        move(&s, &(struct request_mail_move){ b, 0, "a newsletter" }), ==,
        "done");
    g_assert_cmpstr(move(&s, &(struct request_mail_move){ a, 0, NULL }), ==,
                    "wrong-state");
    CHECK_OK(
        requests_mails(s.requests, &of_request, &roster_all, &placed, &err),
        &err);
    CHECK_OK(requests_mails(s.requests, &tray, &roster_all, &left, &err), &err);
    g_assert_cmpuint(placed->len, ==, 1);
    g_assert_cmpint(((struct request_mail *)placed->pdata[0])->id, ==, a);
    g_assert_cmpuint(left->len, ==, 0);
    trail = roster_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "mail.place request 1001 mail 1: theirs\n"));
    g_assert_nonnull(strstr(trail, "mail.done mail 2 a newsletter\n"));
    requests_scene_end(&s);
}

static void test_thread(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    static const struct {
        const char *name, *ids[3];
        bool found;
    } rows[] = {
        { "theirs", { "a@acme.example" }, true },
        { "ours", { "out-1@provider.example" }, true },
        { "a far one", { "x@y", "z", "out-1@other" }, true },
        { "nobody's", { "x@y" }, false },
        { "none", { NULL }, false },
    };
    int64_t id = requests_scene_number(&s);
    struct opening o;
    struct request_step step;

    (void)data;
    opening_init(&o, &s, "out-1");
    step = opening_step(&o, id);
    g_assert_cmpint(requests_scene_run(&s, &step, NULL), ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) ids = g_ptr_array_new();
        int64_t got = 0;
        struct err err;

        for (size_t k = 0; k < 3 && rows[i].ids[k] != NULL; k++)
            g_ptr_array_add(ids, REQUESTS_LITERAL(rows[i].ids[k]));
        CHECK_ROW(rows[i].name, requests_thread(s.requests, ids, &got, &err) ==
                                    rows[i].found);
        CHECK_ROW(rows[i].name, got == (rows[i].found ? id : 0));
    }
    g_bytes_unref(o.bytes);
    requests_scene_end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct roster_fixture *f, gconstpointer data);
    } tests[] = {
        { "/requests/open-by-mail", test_open_by_mail },
        { "/requests/all-or-nothing", test_all_or_nothing },
        { "/requests/tray", test_tray },
        { "/requests/out-of-tray", test_out_of_tray },
        { "/requests/thread", test_thread },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    return g_test_run();
}
