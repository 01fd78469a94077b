#include "net/net.h"

#include "base/check.h"
#include "net/scene.h"

/*
 * A negotiable challenge: [MS-NLMP] 2.2.1.2, with the server's name as target
 * info.
 */
#define NTLM_CHALLENGE                                                         \
    "TlRMTVNTUAACAAAAAAAAADAAAAABgogAASNFZ4mrze8AAAAAAAAAABAAEAAwAAAA"         \
    "AQAIAEwAQQBCADEAAAAAAA=="
#define WANT_NTLM                                                              \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"             \
    "WWW-Authenticate: NTLM\r\nContent-Length: 4\r\n\r\nnope"
#define CHALLENGE                                                              \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM " NTLM_CHALLENGE      \
    "\r\nContent-Length: 4\r\n\r\nnope"

/* ---- nothing is sent twice ------------------------------------------- */

static const struct script_line acts_then_closes[] = { { SCRIPT_ANSWER, YES },
                                                       { SCRIPT_CLOSE },
                                                       { SCRIPT_END } };
static const struct script_line acts_then_resets[] = { { SCRIPT_ANSWER, YES },
                                                       { SCRIPT_VANISH },
                                                       { SCRIPT_END } };

/*
 * exchange.md, "Writing": the server takes a write on a kept connection, acts,
 * and closes without an answer.  libcurl would send it again by itself.
 */
static void check_written_once(const struct script_line *first)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, first, scene_answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_NOW);
    g_assert_true(o.response.body_sent);
    g_assert_cmpint(o.response.status, ==, 0);
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 1);

    /* The connection recovers, and still nothing comes a second time. */
    post(s.conn, s.url, "<Next/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 1);
    g_assert_cmpuint(script_server_requests(s.server), ==, 3);
    scene_close(&s);
}

static void test_a_write_is_not_repeated(void)
{
    check_written_once(acts_then_closes);
    check_written_once(acts_then_resets);
}

static void test_a_large_write_is_not_repeated(void)
{
    g_autofree char *large = g_strnfill(5000000, 'x');
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, scene_answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, large, false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_true(o.response.body_sent);
    g_assert_cmpuint(scene_effects(&s, large), ==, 1);
    scene_close(&s);
}

/* A write without a body has nothing that could refuse to be rewound. */
static void test_a_write_without_body_is_not_repeated(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;
    static const struct script_line closes[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, closes, scene_answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_false(o.response.body_sent);
    g_assert_cmpuint(scene_effects(&s, ""), ==, 1);
    scene_close(&s);
}

static void test_what_is_repeatable_is_repeated(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, scene_answers);
    post(s.conn, s.url, "<Hello/>", true, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpstr(o.body->str, ==, "yes");
    g_assert_cmpuint(scene_effects(&s, "<GetItem/>"), ==, 2);
    scene_close(&s);
}

static void test_but_only_once(void)
{
    static const struct script_line closes[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, closes);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpuint(scene_effects(&s, "<GetItem/>"), ==, 2);
    scene_close(&s);
}

/* The sink has had the beginning: a second answer would follow upon it. */
static void test_half_an_answer_is_not_repeated(void)
{
    static const struct script_line script[] = {
        { SCRIPT_EARLY, OK_ANSWER("half", "100") }, { SCRIPT_END }
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script, scene_answers);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpstr(o.body->str, ==, "half");
    g_assert_cmpint(o.response.status, ==, 200);
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    scene_close(&s);
}

/* The server had closed before: the write has not begun, so it may go. */
static void test_a_connection_closed_while_idle(void)
{
    static const struct script_line one[] = { { SCRIPT_ANSWER, YES },
                                              { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, one);
    for (unsigned int i = 0; i < 5; i++) {
        post(s.conn, s.url, "<UploadItems/>", false, &o);
        /* Or the race was lost, which is no reason to send it twice. */
        if (o.rc < 0)
            g_assert_cmpstr(o.err.name, ==, "connection-lost");
        g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), <=, i + 1);
    }
    scene_close(&s);
}

/* ---- signing in ------------------------------------------------------ */

static const struct script_line ntlm_twice[] = {
    { SCRIPT_ANSWER, CHALLENGE },
    { SCRIPT_ANSWER, YES },
    { SCRIPT_ANSWER, YES },
    { SCRIPT_END },
};

static bool signs_in(const struct script_request *r)
{
    return strstr(r->head, "\r\nAuthorization: NTLM TlRMTVNTUA") != NULL;
}

static void test_ntlm(void)
{
    g_auto(outcome) o = { 0 };
    const struct script_request *r;
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, ntlm_twice);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpstr(o.body->str, ==, "yes");
    /* The first message carries no body, the second all of it. */
    r = script_server_request(s.server, 0);
    g_assert_true(signs_in(r));
    g_assert_nonnull(strstr(r->head, "\r\nContent-Length: 0\r\n"));
    g_assert_true(signs_in(script_server_request(s.server, 1)));
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 1);

    /* From then on the connection is signed in. */
    post(s.conn, s.url, "<Second/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_false(signs_in(script_server_request(s.server, 2)));
    g_assert_cmpuint(scene_effects(&s, "<Second/>"), ==, 1);
    g_assert_cmpuint(script_server_requests(s.server), ==, 3);
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);
    scene_close(&s);
}

/* No body to rewind, so a new connection; but one for the whole handshake. */
static void test_ntlm_without_body(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, ntlm_twice);
    post(s.conn, s.url, "", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 200);
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);
    post(s.conn, s.url, "", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(script_server_connections(s.server), ==, 2);
    scene_close(&s);
}

static void test_ntlm_refused(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, CHALLENGE },
                                                 { SCRIPT_ANSWER, WANT_NTLM },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 401);
    g_assert_cmpuint(o.response.offered, ==,
                     NET_AUTH_NTLM | NET_AUTH_NEGOTIATE);
    /* It had left, but a 401 says that nothing was done with it. */
    g_assert_false(o.response.body_sent);
    g_assert_cmpstr(o.body->str, ==, "nope");
    g_assert_cmpuint(script_server_requests(s.server), ==, 2);
    scene_close(&s);
}

/* A kept connection that forgot us says 401 to a body: it may go again. */
static void test_ntlm_forgotten(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, CHALLENGE }, { SCRIPT_ANSWER, YES },
        { SCRIPT_ANSWER, WANT_NTLM }, { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_ANSWER, YES },       { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 200);
    g_assert_true(o.response.body_sent);
    g_assert_cmpstr(o.body->str, ==, "yes");
    /* Read twice, but the first time it was answered with 401. */
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 2);
    scene_close(&s);
}

/* The same, and the connection dies when the body has gone again. */
static void test_ntlm_forgotten_then_lost(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_ANSWER, YES },
        { SCRIPT_ANSWER, WANT_NTLM },
        { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_CLOSE },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_true(o.response.body_sent);
    g_assert_cmpint(o.response.status, ==, 0);
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 2);
    scene_close(&s);
}

static void test_ntlm_write_is_not_repeated(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, CHALLENGE },
                                                 { SCRIPT_ANSWER, YES },
                                                 { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_true(o.response.body_sent);
    g_assert_cmpuint(scene_effects(&s, "<UploadItems/>"), ==, 1);
    /* And the next one signs in anew. */
    post(s.conn, s.url, "<Next/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(scene_effects(&s, "<Next/>"), ==, 1);
    scene_close(&s);
}

/* Lost within the handshake: nothing of the body had left. */
static void test_ntlm_lost_before_the_body(void)
{
    static const struct script_line script[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_false(o.response.body_sent);
    g_assert_cmpuint(o.response.bytes_up, ==, 0);
    scene_close(&s);
}

/* The wire log of a handshake: all of it, and nothing that opens a door. */
static void test_ntlm_traced(void)
{
    const struct script_line *const scripts[] = { ntlm_twice };
    g_autofree char *dir = g_dir_make_tmp("once-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "trace", NULL);
    g_autofree char *text = NULL;
    struct net_trace *trace = NULL;
    g_auto(outcome) o = { 0 };
    struct scene s;
    struct err err;

    CHECK_OK(net_trace_open(path, 100, &trace, &err), &err);
    scene_open(&s, scripts, 1, NET_AUTH_NTLM, trace);
    post(s.conn, s.url, "<UploadItems>hunter2</UploadItems>", false, &o);
    CHECK_OK(o.rc, &o.err);
    scene_close(&s);
    net_trace_close(trace);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "\n> POST /EWS/Exchange.asmx HTTP/1.1\n"));
    g_assert_nonnull(strstr(text, "\n> Authorization: NTLM <redacted>\n"));
    g_assert_nonnull(strstr(text, "\n< HTTP/1.1 401 Unauthorized\n"));
    g_assert_nonnull(strstr(text, "\n<UploadItems><redacted></UploadItems>\n"));
    g_assert_nonnull(strstr(text, "\nyes\n=== status 200, "));
    g_assert_null(strstr(text, "TlRMTVNTUAAB"));
    g_assert_null(strstr(text, "TlRMTVNTUAAD"));
    g_assert_null(strstr(text, "hunter2"));
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(dir), ==, 0);
}

static void test_offers_without_a_credential(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, WANT_NTLM },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    post(s.conn, s.url, "", true, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 401);
    g_assert_cmpuint(o.response.offered, ==,
                     NET_AUTH_NTLM | NET_AUTH_NEGOTIATE);
    g_assert_null(
        strstr(script_server_request(s.server, 0)->head, "Authorization"));
    scene_close(&s);
}

static void test_passwords_stay_off_plain_http(gconstpointer data)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, (enum net_scheme)GPOINTER_TO_INT(data), scene_answers);
    post(s.conn, s.url, "x", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "other");
    g_assert_cmpint(o.err.scope, ==, ERR_RUN);
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_NEVER);
    g_assert_cmpuint(script_server_connections(s.server), ==, 0);
    scene_close(&s);
}

int main(int argc, char **argv)
{
    /* What a proxy of the machine's would make of loopback is no matter. */
    g_unsetenv("http_proxy");
    g_unsetenv("ALL_PROXY");
    g_unsetenv("all_proxy");
    g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/once/" name, function)
    TEST("write", test_a_write_is_not_repeated);
    TEST("large-write", test_a_large_write_is_not_repeated);
    TEST("no-body", test_a_write_without_body_is_not_repeated);
    TEST("repeatable", test_what_is_repeatable_is_repeated);
    TEST("repeatable-once", test_but_only_once);
    TEST("half-an-answer", test_half_an_answer_is_not_repeated);
    TEST("closed-while-idle", test_a_connection_closed_while_idle);
    TEST("ntlm", test_ntlm);
    TEST("ntlm-no-body", test_ntlm_without_body);
    TEST("ntlm-refused", test_ntlm_refused);
    TEST("ntlm-forgotten", test_ntlm_forgotten);
    TEST("ntlm-forgotten-lost", test_ntlm_forgotten_then_lost);
    TEST("ntlm-write", test_ntlm_write_is_not_repeated);
    TEST("ntlm-lost-early", test_ntlm_lost_before_the_body);
    TEST("ntlm-traced", test_ntlm_traced);
    TEST("offers", test_offers_without_a_credential);
    g_test_add_data_func("/once/plain-basic", GINT_TO_POINTER(NET_AUTH_BASIC),
                         test_passwords_stay_off_plain_http);
    g_test_add_data_func("/once/plain-bearer", GINT_TO_POINTER(NET_AUTH_BEARER),
                         test_passwords_stay_off_plain_http);
    g_test_add_data_func("/once/negotiate", GINT_TO_POINTER(NET_AUTH_NEGOTIATE),
                         test_passwords_stay_off_plain_http);
#undef TEST
    return g_test_run();
}
