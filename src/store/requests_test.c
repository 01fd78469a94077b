#include "store/requests.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "store/migrations.h"
#include "store/roster_testing.h"

#define DAY (INT64_C(86400) * 1000000)
#define NOW (INT64_C(1800000000) * 1000000)
/* Of a struct whose strings are only owned in results. */
#define LITERAL(s) ((char *)(uintptr_t)(s))

struct scene {
    struct keyring *keys;
    struct requests *requests;
    int64_t account, anna, tom; /* Primary and Technical */
};

static int64_t add_contact(struct roster_fixture *f, int64_t account,
                           const char *address, unsigned int roles)
{
    const struct contact_change wish = { .address = address, .roles = roles };
    int64_t id = 0;
    struct err err;

    CHECK_OK(
        roster_contact_add(f->roster, &roster_alice, account, &wish, &id, &err),
        &err);
    return id;
}

static struct scene scene_begin(struct roster_fixture *f)
{
    const struct account_change wish = { .partner = "P-1001", .name = "Acme" };
    struct scene s = { .keys = keyring_new() };
    struct err err;

    CHECK_OK(
        roster_account_add(f->roster, &roster_alice, &wish, &s.account, &err),
        &err);
    s.anna =
        add_contact(f, s.account, "anna@acme.example", 1 << CONTACT_PRIMARY);
    s.tom =
        add_contact(f, s.account, "tom@acme.example", 1 << CONTACT_TECHNICAL);
    s.requests = requests_new(f->database, s.keys);
    return s;
}

static void scene_end(struct scene *s)
{
    requests_free(s->requests);
    keyring_free(s->keys);
}

static int run(struct scene *s, const struct request_step *step,
               struct request_done *done)
{
    struct err err;
    int result = requests_step(s->requests, &roster_alice, step, done, &err);

    if (result < 0)
        g_error("%s", err.msg);
    return result;
}

static struct request *get(struct scene *s, int64_t id)
{
    struct request *r = NULL;
    struct err err;

    g_assert_cmpint(requests_get(s->requests, id, &r, &err), ==, 1);
    return r;
}

static int64_t number(struct scene *s)
{
    int64_t n = 0;
    struct err err;

    CHECK_OK(requests_number(s->requests, &n, &err), &err);
    return n;
}

static struct request_change of_anna(const struct scene *s)
{
    return (struct request_change){ .state = -1,
                                    .opened_by = "anna@acme.example",
                                    .account_id = s->account,
                                    .partner = "P-1001" };
}

/* A new request without anything else. */
static int64_t open_one(struct scene *s)
{
    const struct request_change change = of_anna(s);
    int64_t id = number(s);

    g_assert_cmpint(run(s,
                        &(struct request_step){ .now_us = NOW,
                                                .request_id = id,
                                                .open = true,
                                                .change = &change,
                                                .action = "request.open" },
                        NULL),
                    ==, 1);
    return id;
}

static int run_change(struct scene *s, int64_t id,
                      const struct request_change *change)
{
    return run(s,
               &(struct request_step){ .now_us = NOW,
                                       .request_id = id,
                                       .change = change,
                                       .action = "request.change" },
               NULL);
}

/* Strings are literals: nobody frees it. */
static struct request_mail mail_of(const char *message_id, const char *sender,
                                   GBytes *raw)
{
    return (struct request_mail){
        .message_id = LITERAL(message_id),
        .sender = LITERAL(sender),
        .subject = LITERAL("Managed Migration Request"),
        .digest = LITERAL("00ff"),
        .verdict = LITERAL("opens a request"),
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

static void opening_init(struct opening *o, const struct scene *s,
                         const char *ref)
{
    o->bytes = g_bytes_new_static("Subject: x\n\nhello\0you", 21);
    o->mail = mail_of("a@acme.example", "anna@acme.example", o->bytes);
    o->change = of_anna(s);
    o->change.state = REQUEST_AWAITING_INFORMATION;
    o->change.missing = "owa-url\nimport-file";
    o->out = (struct outbox_mail){ .ref = LITERAL(ref),
                                   .recipient = LITERAL("anna@acme.example"),
                                   .subject = LITERAL("[MF-1001] missing"),
                                   .body = o->bytes };
}

static struct request_step opening_step(const struct opening *o, int64_t id)
{
    return (struct request_step){
        .now_us = NOW,
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
    struct scene s = scene_begin(f);
    int64_t first = number(&s), second = number(&s);
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
    g_assert_cmpint(run(&s, &step, &done), ==, 1);
    r = get(&s, first);
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(r->missing, ==, "owa-url\nimport-file");
    g_assert_cmpstr(r->partner, ==, "P-1001");
    g_assert_null(r->domain);
    g_assert_cmpint(r->created_us, ==, NOW);
    g_assert_cmpint(requests_mail_get(s.requests, done.mail_id, &m, &err), ==,
                    1);
    g_assert_true(g_bytes_equal(m->raw, o.bytes));
    g_assert_cmpint(m->request_id, ==, first);
    g_assert_cmpuint(outbox_of(f), ==, 1);

    /* the mail again: nothing of it happens a second time */
    opening_init(&again, &s, "out-2");
    again.mail.sender = LITERAL("ANNA@acme.example");
    step = opening_step(&again, second);
    g_assert_cmpint(run(&s, &step, &done), ==, 0);
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
    scene_end(&s);
}

/* A step that fails half-way leaves nothing behind. */
static void test_all_or_nothing(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = number(&s);
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
    scene_end(&s);
}

/* What cannot be placed waits for an operator. */
static void test_tray(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    g_autoptr(GBytes) raw = g_bytes_new_static("x", 1);
    struct request_mail mail = mail_of("t@x", "", raw);
    const struct request_mail_filter tray = { 0, REQUEST_MAIL_TRAY },
                                     placed = { 0, REQUEST_MAIL_PLACED };
    g_autoptr(GPtrArray) found = NULL, none = NULL;
    g_autofree char *trail = NULL;
    struct err err;

    (void)data;
    mail.place = REQUEST_MAIL_TRAY;
    g_assert_cmpint(run(&s,
                        &(struct request_step){ .now_us = NOW,
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
    scene_end(&s);
}

static int64_t put_in_tray(struct scene *s, const char *message_id)
{
    g_autoptr(GBytes) raw = g_bytes_new_static("x", 1);
    struct request_mail mail = mail_of(message_id, "", raw);
    struct request_done done;

    mail.place = REQUEST_MAIL_TRAY;
    g_assert_cmpint(run(s,
                        &(struct request_step){ .now_us = NOW,
                                                .mail = &mail,
                                                .action = "mail.tray" },
                        &done),
                    ==, 1);
    return done.mail_id;
}

static const char *move(struct scene *s, const struct request_mail_move *m)
{
    struct err err;

    return requests_mail_move(s->requests, &roster_alice, m, &err) == 0
               ? "done"
               : err.name;
}

/* An operator sees to each mail of the tray once. */
static void test_out_of_tray(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t owner = open_one(&s), a = put_in_tray(&s, "a@x"),
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
    scene_end(&s);
}

/* ---- changes ------------------------------------------------------------- */

static void test_changes(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);
    const struct request_change first = { .state = REQUEST_QUOTED,
                                          .domain = "acme.example",
                                          .owa_url = "https://a.example/owa",
                                          .start = "2026-12-01",
                                          .cutover = "2026-12-24",
                                          .admin = "acme\\admin",
                                          .missing = "x",
                                          .quote = "{}",
                                          .quote_until_us = NOW + 9 * DAY,
                                          .migration_id = 7 },
                                second = { .state = -1, .missing = "" };
    struct request_step step = { .now_us = NOW + DAY,
                                 .request_id = id,
                                 .version = 1,
                                 .change = &first,
                                 .action = "request.quote" };
    g_autoptr(request) r = NULL, then = NULL;
    struct err err;

    (void)data;
    g_assert_cmpint(run(&s, &step, NULL), ==, 1);
    r = get(&s, id);
    g_assert_cmpint(r->version, ==, 2);
    g_assert_cmpint(r->state, ==, REQUEST_QUOTED);
    g_assert_cmpstr(r->domain, ==, "acme.example");
    g_assert_cmpstr(r->owa_url, ==, "https://a.example/owa");
    g_assert_cmpstr(r->start, ==, "2026-12-01");
    g_assert_cmpstr(r->cutover, ==, "2026-12-24");
    g_assert_cmpstr(r->admin, ==, "acme\\admin");
    g_assert_cmpint(r->migration_id, ==, 7);
    g_assert_cmpstr(r->quote, ==, "{}");
    g_assert_cmpint(r->quote_until_us, ==, NOW + 9 * DAY);
    g_assert_cmpint(r->changed_us, ==, NOW + DAY);
    /* somebody saw the version before */
    g_assert_cmpint(requests_step(s.requests, &roster_alice, &step, NULL, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "changed");
    step.version = 2;
    step.change = &second;
    g_assert_cmpint(run(&s, &step, NULL), ==, 1);
    then = get(&s, id);
    g_assert_null(then->missing);
    g_assert_cmpint(then->quote_until_us, ==, NOW + 9 * DAY);
    g_assert_cmpint(then->state, ==, REQUEST_QUOTED);
    g_assert_cmpstr(then->domain, ==, "acme.example");
    step.request_id = 4711;
    g_assert_cmpint(requests_step(s.requests, &roster_alice, &step, NULL, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
    scene_end(&s);
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
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);

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
    scene_end(&s);
}

static guint count(struct scene *s, const struct request_filter *filter)
{
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    CHECK_OK(requests_list(s->requests, filter, &roster_all, &found, &err),
             &err);
    return found->len;
}

static void test_list(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
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
    int64_t id = open_one(&s);

    (void)data;
    open_one(&s);
    open_one(&s);
    run(&s,
        &(struct request_step){ .now_us = NOW,
                                .request_id = id,
                                .change = &quoted,
                                .action = "request.quote" },
        NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(count(&s, &rows[i].filter), ==, rows[i].want);
    scene_end(&s);
}

/* Pages of two in that order, as ids. */
static char *in_pages(struct scene *s, const struct roster_order *order,
                      bool down)
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
    struct scene s = scene_begin(f);

    (void)data;
    for (int i = 0; i < 3; i++) {
        const struct request_change change = { .state =
                                                   i == 1 ? REQUEST_QUOTED : -1,
                                               .domain = domains[i] };

        run(&s,
            &(struct request_step){ .now_us = NOW + (i == 0 ? DAY : -i),
                                    .request_id = open_one(&s),
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
    scene_end(&s);
}

/* Asked again after a lost answer, nothing is done twice. */
static void test_once(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    struct roster_once once = { .key = { 1 },
                                .now_us = NOW,
                                .expires_us = NOW + DAY };
    const struct roster_actor who = { "admin alice", NULL, &once };
    const struct request_step note = { .now_us = NOW,
                                       .request_id = open_one(&s),
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
    scene_end(&s);
}

static void test_thread(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
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
    int64_t id = number(&s);
    struct opening o;
    struct request_step step;

    (void)data;
    opening_init(&o, &s, "out-1");
    step = opening_step(&o, id);
    g_assert_cmpint(run(&s, &step, NULL), ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) ids = g_ptr_array_new();
        int64_t got = 0;
        struct err err;

        for (size_t k = 0; k < 3 && rows[i].ids[k] != NULL; k++)
            g_ptr_array_add(ids, LITERAL(rows[i].ids[k]));
        CHECK_ROW(rows[i].name, requests_thread(s.requests, ids, &got, &err) ==
                                    rows[i].found);
        CHECK_ROW(rows[i].name, got == (rows[i].found ? id : 0));
    }
    g_bytes_unref(o.bytes);
    scene_end(&s);
}

/* ---- files and passwords ------------------------------------------------- */

/* Larger than two pieces, and of all bytes. */
#define FILE_BYTES ((size_t)100001)

static char *file_bytes(void)
{
    char *bytes = g_malloc(FILE_BYTES);

    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (char)((i * 7 + i / 256) % 256);
    return bytes;
}

static int64_t add_file(struct scene *s, int64_t id, const char *bytes,
                        size_t n)
{
    const struct request_file file = { .name = LITERAL("users.csv"),
                                       .digest = LITERAL("abcd"),
                                       .size = n };
    g_autoptr(secret) password = secret_new("s3cret", 6);
    const struct request_change change = { .state = -1,
                                           .password = password,
                                           .file = true };
    struct request_done done = { 0 };

    g_assert_cmpint(run(s,
                        &(struct request_step){ .now_us = NOW,
                                                .request_id = id,
                                                .change = &change,
                                                .file = &file,
                                                .file_bytes = bytes,
                                                .action = "request.file" },
                        &done),
                    ==, 1);
    return done.file_id;
}

static void check_held(struct scene *s, int64_t id, int64_t file_id,
                       const char *bytes)
{
    g_autoptr(secret) password = NULL;
    g_autofree char *got = NULL;
    size_t n = 0;
    struct err err;

    CHECK_OK(requests_file_read(s->requests, file_id, &got, &n, &err), &err);
    g_assert_cmpuint(n, ==, FILE_BYTES);
    g_assert_true(memcmp(got, bytes, n) == 0);
    g_assert_cmpint(requests_password(s->requests, id, &password, &err), ==, 1);
    g_assert_cmpstr(secret_peek(password), ==, "s3cret");
}

static void test_files(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);
    g_autofree char *bytes = file_bytes(), *got = NULL;
    const struct request_change destroy = { .state = -1, .destroy = true };
    int64_t first = add_file(&s, id, bytes, FILE_BYTES);
    int64_t second = add_file(&s, id, "", 0);
    g_autoptr(request) r = get(&s, id), then = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(secret) none = NULL;
    size_t n = 77;
    struct err err;

    (void)data;
    check_held(&s, id, first, bytes);
    g_assert_cmpint(r->file_id, ==, second);
    g_assert_true(r->has_password);
    CHECK_OK(requests_files(s.requests, id, &roster_all, &files, &err), &err);
    g_assert_cmpuint(files->len, ==, 2);
    g_assert_cmpint(requests_file_read(s.requests, second, &got, &n, &err), ==,
                    1);
    g_assert_cmpuint(n, ==, 0);
    run(&s,
        &(struct request_step){
            .request_id = id, .change = &destroy, .action = "request.destroy" },
        NULL);
    then = get(&s, id);
    g_assert_false(then->has_password);
    g_assert_cmpint(requests_password(s.requests, id, &none, &err), ==, 0);
    g_clear_pointer(&got, g_free);
    g_assert_cmpint(requests_file_read(s.requests, first, &got, &n, &err), ==,
                    0);
    scene_end(&s);
}

/* A key that is changed takes what requests hold with it. */
static void test_reseal(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);
    g_autofree char *bytes = file_bytes();
    int64_t file = add_file(&s, id, bytes, FILE_BYTES);
    g_autoptr(keyring) both = keyring_rotated(s.keys);
    g_autoptr(keyring) fresh = keyring_retired(both);
    struct migrations *m = migrations_new(f->database, NULL, both);
    uint64_t n = 0;
    struct err err;

    (void)data;
    CHECK_OK(migrations_reseal(m, &roster_alice, &n, &err), &err);
    g_assert_cmpuint(n, ==, 4); /* three pieces and a password */
    migrations_free(m);
    requests_free(s.requests);
    s.requests = requests_new(f->database, fresh);
    check_held(&s, id, file, bytes);
    scene_end(&s);
}

static int other_key(struct roster_fixture *f)
{
    g_autoptr(keyring) other = keyring_new();
    struct err err;

    return database_check_keys(f->database, other, &err);
}

/* Each sort by itself asks for the key that has sealed it. */
static void test_keys(struct roster_fixture *f, gconstpointer data)
{
    static const char *const rows[] = { "password", "file" };
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(secret) password = secret_new("s3cret", 6);
        const struct request_change change = { .state = -1,
                                               .password = password },
                                    gone = { .state = -1, .destroy = true };
        const struct request_file file = { .name = LITERAL("users.csv"),
                                           .digest = LITERAL("abcd"),
                                           .size = 3 };
        struct request_step step = { .request_id = id,
                                     .action = "request.supply" };
        struct err err;

        CHECK_ROW(rows[i], other_key(f) == 0);
        step.change = i == 0 ? &change : NULL;
        step.file = i == 0 ? NULL : &file;
        step.file_bytes = "a,b";
        run(&s, &step, NULL);
        CHECK_ROW(rows[i], other_key(f) == -1);
        CHECK_ROW(rows[i], database_check_keys(f->database, s.keys, &err) == 0);
        run(&s,
            &(struct request_step){ .request_id = step.request_id,
                                    .change = &gone,
                                    .action = "request.destroy" },
            NULL);
    }
    scene_end(&s);
}

/* ---- links --------------------------------------------------------------- */

static void give_link(struct scene *s, int64_t id, int64_t contact,
                      const uint8_t *hash)
{
    struct request_new_link link = { .contact_id = contact,
                                     .expires_us = NOW + DAY };

    memcpy(link.hash, hash, TOKEN_HASH_BYTES);
    run(s,
        &(struct request_step){ .now_us = NOW,
                                .request_id = id,
                                .links = &link,
                                .n_links = 1,
                                .action = "request.link" },
        NULL);
}

static int approve(struct scene *s, int64_t id, const uint8_t *hash,
                   int64_t now_us)
{
    const struct request_change change = { .state = REQUEST_APPROVED };

    return run(s,
               &(struct request_step){ .now_us = now_us,
                                       .request_id = id,
                                       .change = &change,
                                       .used_link = hash,
                                       .action = "request.approve" },
               NULL);
}

static void test_links(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s), other = open_one(&s);
    const uint8_t hash[TOKEN_HASH_BYTES] = { 1 }, toms[32] = { 2 };
    struct request_link seen;
    g_autoptr(request) r = NULL, untouched = NULL;
    struct err err;

    (void)data;
    give_link(&s, id, s.anna, hash);
    give_link(&s, id, s.tom, toms);
    g_assert_cmpint(requests_link_find(s.requests, hash, NOW, &seen, &err), ==,
                    1);
    g_assert_cmpint(seen.request_id, ==, id);
    g_assert_cmpint(seen.contact_id, ==, s.anna);
    /* too late; a Technical Contact's; for another request */
    g_assert_cmpint(approve(&s, id, hash, NOW + DAY), ==, 0);
    g_assert_cmpint(approve(&s, id, toms, NOW), ==, 0);
    g_assert_cmpint(approve(&s, other, hash, NOW), ==, 0);
    untouched = get(&s, other);
    g_assert_cmpint(untouched->state, ==, REQUEST_RECEIVED);
    g_assert_cmpint(approve(&s, id, hash, NOW + 1), ==, 1);
    r = get(&s, id);
    g_assert_cmpint(r->state, ==, REQUEST_APPROVED);
    /* once */
    g_assert_cmpint(approve(&s, id, hash, NOW + 1), ==, 0);
    g_assert_cmpint(requests_link_find(s.requests, hash, NOW, &seen, &err), ==,
                    0);
    scene_end(&s);
}

/* Who is no Primary any more, or disabled, approves nothing. */
static void test_link_of_a_former(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);
    const uint8_t hash[TOKEN_HASH_BYTES] = { 3 };
    const struct contact_change technical = { .roles = 1 << CONTACT_TECHNICAL,
                                              .disabled = -1 },
                                disabled = { .roles = 1 << CONTACT_BILLING,
                                             .disabled = 1 };
    struct err err;

    (void)data;
    give_link(&s, id, s.anna, hash);
    CHECK_OK(roster_contact_change(f->roster, &roster_alice, s.anna, 0,
                                   &technical, &err),
             &err);
    g_assert_cmpint(approve(&s, id, hash, NOW), ==, 0);
    CHECK_OK(roster_contact_change(f->roster, &roster_alice, s.anna, 0,
                                   &disabled, &err),
             &err);
    g_assert_cmpint(approve(&s, id, hash, NOW), ==, 0);
    scene_end(&s);
}

/* A new quote ends what opened the old one, and not its own. */
static void test_links_end(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    int64_t id = open_one(&s);
    const uint8_t old[TOKEN_HASH_BYTES] = { 4 };
    const struct request_change change = { .state = -1, .end_links = true };
    const struct request_new_link fresh = { .contact_id = s.anna,
                                            .hash = { 5 },
                                            .expires_us = NOW + DAY };

    (void)data;
    give_link(&s, id, s.anna, old);
    run(&s,
        &(struct request_step){ .now_us = NOW,
                                .request_id = id,
                                .change = &change,
                                .links = &fresh,
                                .n_links = 1,
                                .action = "request.quote" },
        NULL);
    g_assert_cmpint(approve(&s, id, old, NOW), ==, 0);
    g_assert_cmpint(approve(&s, id, fresh.hash, NOW), ==, 1);
    scene_end(&s);
}

/* An account with requests stays. */
static void test_account_in_use(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    struct err err;

    (void)data;
    open_one(&s);
    g_assert_cmpint(
        roster_account_remove(f->roster, &roster_alice, s.account, 0, &err), ==,
        -1);
    g_assert_cmpstr(err.name, ==, "in-use");
    scene_end(&s);
}

static void test_trail(struct roster_fixture *f, gconstpointer data)
{
    struct scene s = scene_begin(f);
    struct audit_verdict v;
    g_autofree char *trail = NULL;
    struct err err;

    (void)data;
    open_one(&s);
    trail = roster_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "request.open request 1001 -\n"));
    CHECK_OK(roster_audit_verify(f->roster, &v, &err), &err);
    g_assert_cmpint(v.bad_id, ==, 0);
    scene_end(&s);
}

static void test_names(void)
{
    for (int i = 0; i < REQUEST_N_STATES; i++)
        g_assert_cmpint(
            request_state_parse(request_state_name((enum request_state)i)), ==,
            i);
    g_assert_cmpint(request_state_parse("other"), ==, REQUEST_N_STATES);
}

/* ---- two at a time ------------------------------------------------------- */

#define BEFORE_RUN (1u << REQUEST_RECEIVED | 1u << REQUEST_QUOTED)

struct first_mail {
    struct scene *s;
    pthread_t thread;
    int64_t id;
    const char *domain;
    struct err err;
    int result;
};

static void *open_first(void *data)
{
    struct first_mail *m = data;
    struct request_change change = of_anna(m->s);
    const struct request_step step = { .now_us = NOW,
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

static size_t open_at_once(struct scene *s, struct first_mail *mails, size_t n,
                           const char *domain)
{
    size_t opened = 0;

    for (size_t i = 0; i < n; i++)
        mails[i] =
            (struct first_mail){ .s = s, .id = number(s), .domain = domain };
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

static void test_first_mails(struct roster_fixture *f, gconstpointer data)
{
    struct first_mail mails[6];
    struct scene s = scene_begin(f);
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
    scene_end(&s);
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
        { "/requests/changes", test_changes },
        { "/requests/refusals", test_refusals },
        { "/requests/list", test_list },
        { "/requests/orders", test_orders },
        { "/requests/once", test_once },
        { "/requests/thread", test_thread },
        { "/requests/first-mails", test_first_mails },
        { "/requests/files", test_files },
        { "/requests/reseal", test_reseal },
        { "/requests/keys", test_keys },
        { "/requests/links", test_links },
        { "/requests/link-of-a-former", test_link_of_a_former },
        { "/requests/links-end", test_links_end },
        { "/requests/account-in-use", test_account_in_use },
        { "/requests/trail", test_trail },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    g_test_add_func("/requests/names", test_names);
    return g_test_run();
}
