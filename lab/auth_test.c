#include "lab/auth.h"

#include "base/check.h"

/* One account: anna@contoso.example, also CONTOSO\anna, password "Rosebud". */
static char *find(void *data, const char *domain, const char *user,
                  char **ret_login)
{
    unsigned int *calls = data;

    (*calls)++;
    if (g_ascii_strcasecmp(user, "anna@contoso.example") != 0 &&
        g_ascii_strcasecmp(user, "CONTOSO\\anna") != 0 &&
        (domain == NULL || g_ascii_strcasecmp(user, "anna") != 0))
        return NULL;
    *ret_login = g_strdup("anna@contoso.example");
    return g_strdup("Rosebud");
}

static struct auth *make(unsigned int schemes, unsigned int lockout,
                         unsigned int *calls)
{
    const struct auth_options options = {
        .schemes = schemes,
        .domain = "CONTOSO",
        .host = "exchange.contoso.example",
        .lockout = lockout,
        .lockout_us = INT64_C(3600) * 1000000,
        .directory = { find, calls },
    };

    return auth_new(&options);
}

static char *basic(const char *user, const char *password)
{
    g_autofree char *pair = g_strconcat(user, ":", password, NULL);
    g_autofree char *token =
        g_base64_encode((const guchar *)pair, strlen(pair));

    return g_strconcat("Basic ", token, NULL);
}

static void test_schemes(void)
{
    g_assert_cmpuint(auth_schemes_parse("ntlm,basic"), ==,
                     AUTH_NTLM | AUTH_BASIC);
    g_assert_cmpuint(auth_schemes_parse("Negotiate"), ==, AUTH_NEGOTIATE);
    g_assert_cmpuint(auth_schemes_parse(""), ==, 0);
    g_assert_cmpuint(auth_schemes_parse("basic,digest"), ==, 0);
}

/* The values of WWW-Authenticate, one a line. */
static char *asked(struct auth *a, struct auth_conn *c, const char *header)
{
    g_auto(auth_verdict) v = { 0 };

    auth_check(a, c, header, &v);
    g_assert_null(v.login);
    g_ptr_array_add(v.ask, NULL);
    return g_strjoinv("\n", (char **)v.ask->pdata);
}

/* ---- Bearer -------------------------------------------------------- */

static struct auth *make_bearer(const struct tokens *t, unsigned int *calls)
{
    const struct auth_options options = {
        .schemes = AUTH_BASIC | AUTH_BEARER,
        .domain = "CONTOSO",
        .host = "exchange.contoso.example",
        .directory = { find, calls },
        .tokens = t,
    };

    return auth_new(&options);
}

static char *login_by(struct auth *a, const char *token, const char **ret_why)
{
    g_autofree char *header = g_strconcat("Bearer ", token, NULL);
    struct auth_conn c = { 0 };
    g_auto(auth_verdict) v = { 0 };

    auth_check(a, &c, header, &v);
    *ret_why = v.why;
    if (v.login == NULL) {
        g_assert_cmpuint(v.ask->len, ==, 1);
        g_assert_nonnull(strstr(v.ask->pdata[0], "error=\"invalid_token\""));
    }
    return g_steal_pointer(&v.login);
}

static void test_bearer(void)
{
    unsigned int calls = 0;
    g_autoptr(tokens) ours = tokens_new(INT64_C(3600) * G_USEC_PER_SEC, 0);
    g_autoptr(tokens) others = tokens_new(INT64_C(3600) * G_USEC_PER_SEC, 0);
    g_autoptr(auth) a = make_bearer(ours, &calls);
    const struct {
        const char *name;
        char *token;
        const char *login, *why;
    } rows[] = {
        { "a user's", tokens_issue(ours, "app", "anna@contoso.example"),
          "anna@contoso.example", NULL },
        { "who is gone", tokens_issue(ours, "app", "bob@contoso.example"), NULL,
          "2000001" },
        { "another server's",
          tokens_issue(others, "app", "anna@contoso.example"), NULL,
          "2000001" },
        { "none", g_strdup("x.y.z"), NULL, "2000001" },
        { "empty", g_strdup(""), NULL, "2000001" },
        { "endless", g_strnfill(3 * TOKEN_MAX, 'a'), NULL, "2000001" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *why = NULL;
        g_autofree char *login = login_by(a, rows[i].token, &why);

        g_assert_cmpstr(login, ==, rows[i].login);
        CHECK_ROW(rows[i].name,
                  (why != NULL) == (rows[i].why != NULL) &&
                      (why == NULL || g_str_has_prefix(why, rows[i].why)));
        g_free(rows[i].token);
    }
}

static void test_bearer_not_offered(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_BASIC, 0, &calls);
    struct auth_conn c = { 0 };
    g_auto(auth_verdict) v = { 0 };

    auth_check(a, &c, "Bearer x.y.z", &v);
    g_assert_null(v.login);
    g_assert_cmpuint(v.ask->len, ==, 1);
    g_assert_true(g_str_has_prefix(v.ask->pdata[0], "Basic "));
}

static void test_password(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_BASIC, 2, &calls);
    g_autofree char *right = auth_check_password(a, "CONTOSO\\anna", "Rosebud");

    g_assert_cmpstr(right, ==, "anna@contoso.example");
    for (int i = 0; i < 2; i++)
        g_assert_null(auth_check_password(a, "anna@contoso.example", "x"));
    /* the lock holds for tokens as for Basic */
    g_assert_null(auth_check_password(a, "anna@contoso.example", "Rosebud"));
    g_assert_null(auth_check_password(a, "nobody", "Rosebud"));
}

static void test_offer(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) all =
        make(AUTH_NTLM | AUTH_BASIC | AUTH_NEGOTIATE, 0, &calls);
    g_autoptr(auth) one = make(AUTH_NTLM, 0, &calls);
    struct auth_conn c = { 0 };
    g_autofree char *every = asked(all, &c, NULL);
    g_autofree char *ntlm = asked(one, &c, NULL);

    g_assert_cmpstr(
        every, ==, "Negotiate\nNTLM\nBasic realm=\"exchange.contoso.example\"");
    g_assert_cmpstr(ntlm, ==, "NTLM");
}

static void test_basic(void)
{
    static const struct {
        const char *name, *user, *password;
        bool want;
    } rows[] = {
        { "address", "anna@contoso.example", "Rosebud", true },
        { "other case", "ANNA@Contoso.Example", "Rosebud", true },
        { "with its domain", "CONTOSO\\anna", "Rosebud", true },
        { "wrong password", "anna@contoso.example", "rosebud", false },
        { "longer password", "anna@contoso.example", "Rosebud1", false },
        { "no password", "anna@contoso.example", "", false },
        { "nobody", "bert@contoso.example", "Rosebud", false },
    };
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_BASIC, 0, &calls);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *header = basic(rows[i].user, rows[i].password);
        g_auto(auth_verdict) v = { 0 };
        struct auth_conn c = { 0 };

        auth_check(a, &c, header, &v);
        CHECK_ROW(rows[i].name, (v.login != NULL) == rows[i].want);
        if (rows[i].want)
            g_assert_cmpstr(v.login, ==, "anna@contoso.example");
        /* Basic proves a request, not the connection */
        CHECK_ROW(rows[i].name, c.login == NULL && !v.proven);
    }
}

static void test_headers_that_are_none(void)
{
    static const char *const headers[] = {
        "",
        "Basic",
        "Basic ",
        "Basic ====",
        "Basic YW5uYQ==", /* "anna", no colon */
        "Basic /////w==",
        "Basic OjpcMP8=",
        "Bearer abc",
        "NTLM",
        "NTLM ",
        "NTLM abc",
        "NTLM TlRMTVNTUAABAAAA",                 /* cut off */
        "NTLM TlRMTVNTUAADAAAAAAAAAAAAAAAAAAAA", /* no challenge was given */
        "Negotiate YIGCBgYrBgEFBQKgeDB2oDA=",    /* Kerberos */
    };
    unsigned int calls = 0;
    g_autoptr(auth) a =
        make(AUTH_NTLM | AUTH_BASIC | AUTH_NEGOTIATE, 0, &calls);

    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_auto(auth_verdict) v = { 0 };
        struct auth_conn c = { 0 };

        auth_check(a, &c, headers[i], &v);
        CHECK_ROW(headers[i], v.login == NULL);
        CHECK_ROW(headers[i], v.ask->len == 3);
    }
    g_assert_cmpuint(calls, ==, 0);
}

static void test_too_long(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_NTLM | AUTH_BASIC, 0, &calls);
    static const char *const schemes[] = { "Basic ", "NTLM " };

    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        g_autofree char *token = g_strnfill(100000, 'A');
        g_autofree char *header = g_strconcat(schemes[i], token, NULL);
        g_auto(auth_verdict) v = { 0 };
        struct auth_conn c = { 0 };

        auth_check(a, &c, header, &v);
        CHECK_ROW(schemes[i], v.login == NULL);
    }
    g_assert_cmpuint(calls, ==, 0);
}

static void test_scheme_not_offered(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_NTLM, 0, &calls);
    g_autofree char *header = basic("anna@contoso.example", "Rosebud");
    struct auth_conn c = { 0 };
    g_autofree char *ask = asked(a, &c, header);

    g_assert_cmpstr(ask, ==, "NTLM");
    g_assert_cmpuint(calls, ==, 0);
}

#define HELLO "TlRMTVNTUAABAAAABzIAAAAAAAAAAAAAAAAAAAAAAAA="

static void test_challenge(void)
{
    static const char *const schemes[] = { "NTLM ", "Negotiate " };
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_NTLM | AUTH_NEGOTIATE, 0, &calls);
    g_autofree char *last = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        g_autofree char *header = g_strconcat(schemes[i], HELLO, NULL);
        struct auth_conn c = { 0 };
        g_autofree char *ask = asked(a, &c, header);

        /* in the client's own scheme, and nothing beside it */
        g_assert_true(g_str_has_prefix(ask, schemes[i]));
        g_assert_null(strchr(ask, '\n'));
        g_assert_true(c.challenged);
        g_assert_cmpstr(strchr(ask, ' '), !=, last);
        g_free(last);
        last = g_strdup(strchr(ask, ' '));
        auth_conn_release(&c);
    }
}

/* A connection that was proven must prove itself anew when it says hello. */
static void test_hello_forgets(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_NTLM, 0, &calls);
    struct auth_conn c = { .login = g_strdup("anna@contoso.example") };
    g_auto(auth_verdict) before = { 0 };
    g_autofree char *ask = NULL;

    auth_check(a, &c, NULL, &before);
    g_assert_cmpstr(before.login, ==, "anna@contoso.example");
    ask = asked(a, &c, "NTLM " HELLO);
    g_assert_null(c.login);
    g_free(ask);
    ask = asked(a, &c, NULL);
    g_assert_cmpstr(ask, ==, "NTLM");
    auth_conn_release(&c);
}

/* What a request says counts more than what its connection has proven. */
static void test_header_wins(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_NTLM | AUTH_BASIC, 0, &calls);
    struct auth_conn c = { .login = g_strdup("anna@contoso.example") };
    g_autofree char *header = basic("anna@contoso.example", "wrong");
    g_auto(auth_verdict) v = { 0 };

    auth_check(a, &c, header, &v);
    g_assert_null(v.login);
    auth_conn_release(&c);
}

static bool sign_in(struct auth *a, const char *password)
{
    g_autofree char *header = basic("anna@contoso.example", password);
    g_auto(auth_verdict) v = { 0 };
    struct auth_conn c = { 0 };

    auth_check(a, &c, header, &v);
    return v.login != NULL;
}

static void test_lockout(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_BASIC, 3, &calls);

    /* success starts the count anew */
    g_assert_false(sign_in(a, "wrong"));
    g_assert_false(sign_in(a, "wrong"));
    g_assert_true(sign_in(a, "Rosebud"));
    g_assert_false(sign_in(a, "wrong"));
    g_assert_false(sign_in(a, "wrong"));
    g_assert_false(sign_in(a, "wrong"));
    g_assert_false(sign_in(a, "Rosebud"));
    auth_unlock(a);
    g_assert_true(sign_in(a, "Rosebud"));
}

static void test_never_locks(void)
{
    unsigned int calls = 0;
    g_autoptr(auth) a = make(AUTH_BASIC, 0, &calls);

    for (int i = 0; i < 100; i++)
        g_assert_false(sign_in(a, "wrong"));
    g_assert_true(sign_in(a, "Rosebud"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/auth/schemes", test_schemes);
    g_test_add_func("/auth/offer", test_offer);
    g_test_add_func("/auth/bearer", test_bearer);
    g_test_add_func("/auth/bearer-not-offered", test_bearer_not_offered);
    g_test_add_func("/auth/password", test_password);
    g_test_add_func("/auth/basic", test_basic);
    g_test_add_func("/auth/headers-that-are-none", test_headers_that_are_none);
    g_test_add_func("/auth/too-long", test_too_long);
    g_test_add_func("/auth/scheme-not-offered", test_scheme_not_offered);
    g_test_add_func("/auth/challenge", test_challenge);
    g_test_add_func("/auth/hello-forgets", test_hello_forgets);
    g_test_add_func("/auth/header-wins", test_header_wins);
    g_test_add_func("/auth/lockout", test_lockout);
    g_test_add_func("/auth/never-locks", test_never_locks);
    return g_test_run();
}
