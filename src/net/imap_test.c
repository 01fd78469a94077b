/*
 * imap.h against a server that says what it is told.  A server that others
 * wrote: tests/desk/imap.py.
 */
#include "net/imap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/check.h"
#include "net/identity_testing.h"

#define PASSWORD    "s3cret-of-the-box"
#define TOKEN       "eyJ0eXAi.b3.of-the_box"
#define COMMAND_MAX ((size_t)4096)

/* ---- the server ---------------------------------------------------------- */

/*
 * What is answered to a command that begins so; "$" stands for its tag.  NULL:
 * the connection ends without a word.  flood: then so many bytes of a literal.
 */
struct reply {
    const char *command, *answer;
    size_t flood;
};

/* The first row that fits is taken; what no row names is well. */
struct server {
    const struct reply *replies; /* ends with command NULL */
    const char *greeting;
    struct identity id;
    SSL_CTX *tls;
    int listening;
    char *url;
    GString *heard; /* commands without their tags, a line each */
    unsigned int connections;
    pthread_t thread;
};

static bool say(SSL *ssl, const char *text, size_t n)
{
    return n == 0 || SSL_write(ssl, text, (int)n) == (int)n;
}

static bool flood(SSL *ssl, size_t n)
{
    g_autofree char *block = g_strnfill(16384, 'x');

    for (; n > 0; n -= MIN(n, 16384))
        if (!say(ssl, block, MIN(n, 16384)))
            return false;
    return true;
}

static bool answer(SSL *ssl, const struct reply *r, const char *tag)
{
    g_auto(GStrv) parts = g_strsplit(r->answer, "$", -1);
    g_autofree char *text = g_strjoinv(tag, parts);
    const char *at = r->flood > 0 ? strstr(text, "~") : NULL;

    if (at == NULL)
        return say(ssl, text, strlen(text));
    return say(ssl, text, (size_t)(at - text)) && flood(ssl, r->flood) &&
           say(ssl, at + 1, strlen(at + 1));
}

static bool obey(struct server *s, SSL *ssl, char *line)
{
    static const struct reply well = { "", "$ OK done\r\n", 0 };
    char *command = strchr(line, ' ');
    const struct reply *r = s->replies;

    if (command == NULL)
        return false;
    *command++ = '\0';
    g_string_append_printf(s->heard, "%s\n", command);
    while (r->command != NULL && !g_str_has_prefix(command, r->command))
        r++;
    if (r->command == NULL)
        r = &well;
    return r->answer != NULL && answer(ssl, r, line);
}

/* False: the client is gone. */
static bool read_line(SSL *ssl, char *line)
{
    size_t n = 0;

    while (n + 1 < COMMAND_MAX && SSL_read(ssl, line + n, 1) == 1)
        if (line[n++] == '\n') {
            line[n] = '\0';
            g_strchomp(line);
            return true;
        }
    return false;
}

static void converse(struct server *s, int fd)
{
    SSL *ssl = SSL_new(s->tls);
    char line[COMMAND_MAX];

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && say(ssl, s->greeting, strlen(s->greeting)))
        while (read_line(ssl, line) && obey(s, ssl, line))
            ;
    SSL_free(ssl);
    close(fd);
}

/* One connection after the other: libcurl has one at a time. */
static void *serve(void *data)
{
    struct server *s = data;
    sigset_t pipes;
    int fd;

    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipes, NULL);
    while ((fd = accept(s->listening, NULL, NULL)) >= 0) {
        s->connections++;
        converse(s, fd);
    }
    return NULL;
}

static void server_start(struct server *s, const struct reply *replies)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);

    *s = (struct server){ .replies = replies,
                          .greeting = "* OK [CAPABILITY IMAP4rev1 MOVE "
                                      "AUTH=PLAIN SASL-IR] here\r\n",
                          .heard = g_string_new(NULL) };
    identity_make(&s->id, "IP:127.0.0.1", false);
    s->tls = identity_context(&s->id);
    s->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(s->listening, (void *)&at, size), ==, 0);
    g_assert_cmpint(listen(s->listening, 4), ==, 0);
    g_assert_cmpint(getsockname(s->listening, (void *)&at, &size), ==, 0);
    s->url = g_strdup_printf("imaps://127.0.0.1:%u", ntohs(at.sin_port));
    g_assert_cmpint(pthread_create(&s->thread, NULL, serve, s), ==, 0);
}

static void server_end(struct server *s)
{
    shutdown(s->listening, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listening);
    SSL_CTX_free(s->tls);
    identity_clear(&s->id);
    g_string_free(s->heard, TRUE);
    g_free(s->url);
}

/* ---- a client of it ------------------------------------------------------ */

struct stage {
    struct server server;
    struct secret *password, *token;
    struct imap_server how;
    struct imap *imap;
};

static void stage_open(struct stage *st, const struct reply *replies)
{
    *st = (struct stage){ 0 };
    server_start(&st->server, replies);
    st->password = secret_new(PASSWORD, strlen(PASSWORD));
    st->how = (struct imap_server){ .url = st->server.url,
                                    .folder = "INBOX",
                                    .user = "desk",
                                    .password = st->password,
                                    .ca_file = st->server.id.path,
                                    .deadline_ms = 20000 };
    st->imap = imap_new(&st->how);
}

/* The same, signing in with a token. */
static void stage_open_token(struct stage *st, const struct reply *replies)
{
    stage_open(st, replies);
    imap_free(st->imap);
    st->token = secret_new(TOKEN, strlen(TOKEN));
    st->how.password = NULL;
    st->how.token = st->token;
    st->imap = imap_new(&st->how);
}

static void stage_close(struct stage *st)
{
    imap_free(st->imap);
    secret_free(st->token);
    server_end(&st->server);
    secret_free(st->password);
}

#define CAPABLE                                                                \
    {                                                                          \
        "CAPABILITY",                                                          \
            "* CAPABILITY IMAP4rev1 MOVE AUTH=PLAIN SASL-IR\r\n$ OK done\r\n", \
            0                                                                  \
    }
#define SELECTED                                                               \
    {                                                                          \
        "SELECT",                                                              \
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 42] valid\r\n$ OK done\r\n", 0    \
    }
#define FOUND_2_3                                                              \
    {                                                                          \
        "UID SEARCH", "* SEARCH 2 3\r\n$ OK done\r\n", 0                       \
    }
#define END                                                                    \
    {                                                                          \
        NULL, NULL, 0                                                          \
    }

/* "2 3"; fails the test on an error. */
static char *listed(struct stage *st, size_t max)
{
    g_autoptr(GArray) uids = NULL;
    GString *text = g_string_new(NULL);
    struct err err;

    CHECK_OK(imap_list(st->imap, max, &uids, &err), &err);
    for (guint i = 0; i < uids->len; i++)
        g_string_append_printf(text, "%s%u", i > 0 ? " " : "",
                               g_array_index(uids, uint32_t, i));
    return g_string_free(text, FALSE);
}

/* ---- the list ------------------------------------------------------------ */

/* Whatever else the server has to tell meanwhile. */
static void test_list(void)
{
    static const struct {
        const char *name, *answer, *want;
        size_t max;
    } rows[] = {
        { "plain", "* SEARCH 2 3 6\r\n", "2 3 6", 9 },
        { "none", "* SEARCH\r\n", "", 9 },
        { "no word of it", "", "", 9 },
        { "in another order, in two lines", "* SEARCH 6 2\r\n* SEARCH 3\r\n",
          "2 3 6", 9 },
        { "the oldest", "* SEARCH 6 2 3\r\n", "2 3", 2 },
        { "small letters", "* search 2\r\n", "2", 9 },
        { "among other things",
          "* 4 EXISTS\r\n* 1 RECENT\r\n* SEARCH 2\r\n* 9 EXPUNGE\r\n"
          "* OK [ALERT] SEARCH 7 is not it\r\n",
          "2", 9 },
        { "no numbers", "* SEARCH 2 x -1 0 99999999999 3.5 4\r\n", "2 4", 9 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(rows[i].answer, "$ OK\r\n", NULL);
        const struct reply replies[] = {
            CAPABLE, SELECTED, { "UID SEARCH", text, 0 }, END
        };
        g_autofree char *got = NULL;
        struct stage st;

        g_test_message("%s", rows[i].name);
        stage_open(&st, replies);
        got = listed(&st, rows[i].max);
        g_assert_cmpstr(got, ==, rows[i].want);
        stage_close(&st);
    }
}

/* A folder that does not say which one it is cannot be asked for its mails. */
static void test_no_validity(void)
{
    static const struct reply replies[] = {
        CAPABLE, { "SELECT", "* 3 EXISTS\r\n$ OK done\r\n", 0 }, FOUND_2_3, END
    };
    g_autoptr(GArray) uids = NULL;
    struct stage st;
    struct err err;

    stage_open(&st, replies);
    g_assert_cmpint(imap_list(st.imap, 9, &uids, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "UIDVALIDITY"));
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_null(uids);
    stage_close(&st);
}

/* ---- refusals, and worse ------------------------------------------------- */

/* What a look ends with when the server has another mind, and when to retry. */
static void test_refused(void)
{
    static const struct {
        const char *name;
        struct reply reply;
        enum err_retry retry;
    } rows[] = {
        /* clang-format off */
        { "the password", { "AUTHENTICATE", "$ NO wrong\r\n", 0 },
          ERR_RETRY_REAUTH },
        { "the folder", { "SELECT", "$ NO no such folder\r\n", 0 },
          ERR_RETRY_WAIT },
        { "the search", { "UID SEARCH", "$ BAD what?\r\n", 0 },
          ERR_RETRY_WAIT },
        { "gone at the search", { "UID SEARCH", NULL, 0 }, ERR_RETRY_NOW },
        { "gone at sign-in", { "AUTHENTICATE", NULL, 0 }, ERR_RETRY_NOW },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct reply replies[] = { rows[i].reply, CAPABLE, SELECTED,
                                         FOUND_2_3, END };
        g_autoptr(GArray) uids = NULL;
        struct stage st;
        struct err err;

        g_test_message("%s", rows[i].name);
        stage_open(&st, replies);
        g_assert_cmpint(imap_list(st.imap, 9, &uids, &err), ==, -1);
        g_test_message("%d %s", (int)err.retry, err.msg);
        CHECK_ROW(rows[i].name, err.retry == rows[i].retry);
        CHECK_ROW(rows[i].name, err.scope == ERR_RUN);
        CHECK_ROW(rows[i].name, strstr(err.msg, st.server.url) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, PASSWORD) == NULL);
        g_assert_null(uids);
        stage_close(&st);
    }
}

/* ---- tokens -------------------------------------------------------------- */

#define TAKES(mechanisms)                                                      \
    {                                                                          \
        "CAPABILITY",                                                          \
            "* CAPABILITY IMAP4rev1 MOVE " mechanisms "\r\n$ OK done\r\n", 0   \
    }

/* What was heard when the client signed in; the caller frees. */
static char *sign_in_of(const struct stage *st)
{
    const char *at = strstr(st->server.heard->str, "AUTHENTICATE ");
    const char *end = at != NULL ? strchr(at, '\n') : NULL;

    g_assert_nonnull(end);
    g_assert_null(strstr(st->server.heard->str, "LOGIN"));
    return g_strndup(at, (size_t)(end - at));
}

/* Written down from RFC 7628 3.1 and Microsoft's "SASL XOAUTH2". */
static char *first_words(const struct stage *st, const char *mechanism)
{
    const char *port = strrchr(st->server.url, ':') + 1;
    g_autofree char *text =
        strcmp(mechanism, "XOAUTH2") == 0
            ? g_strdup("user=desk\001auth=Bearer " TOKEN "\001\001")
            : g_strdup_printf(
                  "n,a=desk,\001host=127.0.0.1\001port=%s\001auth=Bearer "
                  "%s\001\001",
                  port, TOKEN);
    g_autofree char *coded = g_base64_encode((void *)text, strlen(text));

    return g_strdup_printf("AUTHENTICATE %s %s", mechanism, coded);
}

/* Never by another way, whatever else the server would take. */
static void test_token(void)
{
    static const struct {
        const char *name, *mechanism;
        struct reply capable;
    } rows[] = {
        { "Exchange Online", "XOAUTH2",
          TAKES("AUTH=PLAIN AUTH=XOAUTH2 SASL-IR") },
        { "both", "OAUTHBEARER",
          TAKES("AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR") },
        { "beside stronger ones for passwords", "XOAUTH2",
          TAKES("AUTH=CRAM-MD5 AUTH=DIGEST-MD5 AUTH=NTLM AUTH=XOAUTH2 "
                "AUTH=LOGIN SASL-IR") },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct reply replies[] = { rows[i].capable, SELECTED, FOUND_2_3,
                                         END };
        g_autofree char *got = NULL, *said = NULL, *want = NULL;
        struct stage st;

        g_test_message("%s", rows[i].name);
        stage_open_token(&st, replies);
        got = listed(&st, 9);
        g_assert_cmpstr(got, ==, "2 3");
        said = sign_in_of(&st);
        want = first_words(&st, rows[i].mechanism);
        g_assert_cmpstr(said, ==, want);
        stage_close(&st);
    }
}

/* base64 of {"status":"invalid_token"}, as RFC 7628 3.2.2 has it */
#define CHALLENGE "+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n"
/* {"status":"400","schemes":"Bearer"}; and a status that is the token */
#define REPEATS    "+ eyJzdGF0dXMiOiJleUowZVhBaS5iMy5vZi10aGVfYm94In0=\r\n"
#define MICROSOFTS "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\r\n"

static void test_token_refused(void)
{
    static const struct {
        const char *name;
        struct reply capable, reply;
        enum err_retry retry;
        const char *says, *remedy;
    } rows[] = {
        { "at once",
          TAKES("AUTH=XOAUTH2 SASL-IR"),
          { "AUTHENTICATE", "$ NO AUTHENTICATE failed.\r\n", 0 },
          ERR_RETRY_REAUTH,
          "refuses the application's token for user \"desk\"",
          "IMAP.AccessAsApp" },
        { "by a challenge",
          TAKES("AUTH=XOAUTH2 SASL-IR"),
          { "AUTHENTICATE", MICROSOFTS, 0 },
          ERR_RETRY_REAUTH,
          "for user \"desk\": status 400, schemes Bearer",
          "intake.oauth-scope" },
        { "by one that repeats it",
          TAKES("AUTH=XOAUTH2 SASL-IR"),
          { "AUTHENTICATE", REPEATS, 0 },
          ERR_RETRY_REAUTH,
          "for user \"desk\"",
          "intake.oauth-scope" },
        { "by one that says nothing",
          TAKES("AUTH=XOAUTH2 SASL-IR"),
          { "AUTHENTICATE", "+ \r\n", 0 },
          ERR_RETRY_REAUTH,
          "for user \"desk\"",
          "intake.oauth-scope" },
        { "by a challenge, RFC 7628",
          TAKES("AUTH=OAUTHBEARER SASL-IR"),
          { "AUTHENTICATE", CHALLENGE "$ NO failed\r\n", 0 },
          ERR_RETRY_REAUTH,
          "for user \"desk\": status invalid_token",
          "intake.oauth-scope" },
        { "not known there",
          TAKES("AUTH=PLAIN AUTH=CRAM-MD5 SASL-IR"),
          { "AUTHENTICATE", "$ OK\r\n", 0 },
          ERR_RETRY_WAIT,
          "takes no tokens",
          "intake.password-file" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct reply replies[] = { rows[i].capable, rows[i].reply,
                                         SELECTED, FOUND_2_3, END };
        g_autoptr(GArray) uids = NULL;
        struct stage st;
        struct err err;

        g_test_message("%s", rows[i].name);
        stage_open_token(&st, replies);
        g_assert_cmpint(imap_list(st.imap, 9, &uids, &err), ==, -1);
        g_test_message("%d %s", (int)err.retry, err.msg);
        CHECK_ROW(rows[i].name, err.retry == rows[i].retry);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].says) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.remedy, rows[i].remedy) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, TOKEN) == NULL);
        stage_close(&st);
    }
}

/* ---- a mail -------------------------------------------------------------- */

#define MAIL    "From: a@x\r\n\r\n) * 1 FETCH\r\nA001 OK\r\n"
#define FETCHED "* 1 FETCH (UID 2 BODY[] {35}\r\n" MAIL ")\r\n$ OK done\r\n"

/* The first n bytes of it, and no more. */
static void check_mail(const GByteArray *got, size_t n)
{
    g_assert_cmpuint(got->len, ==, n);
    g_assert_true(memcmp(got->data, MAIL, n) == 0);
}

/* A literal is as long as it says, whatever its bytes look like. */
static void test_fetch(void)
{
    static const struct reply replies[] = {
        CAPABLE, SELECTED, FOUND_2_3, { "UID FETCH", FETCHED, 0 }, END
    };
    g_autofree char *found = NULL;
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_autoptr(GByteArray) part = g_byte_array_new();
    struct stage st;
    struct err err;

    G_STATIC_ASSERT(sizeof(MAIL) - 1 == 35);
    stage_open(&st, replies);
    found = listed(&st, 9);
    CHECK_OK(imap_fetch(st.imap, 2, 1000, whole, &err), &err);
    check_mail(whole, strlen(MAIL));
    CHECK_OK(imap_fetch(st.imap, 2, 10, part, &err), &err);
    check_mail(part, 10);
    /* one connection, and the mail stays unread there */
    g_assert_cmpuint(st.server.connections, ==, 1);
    g_assert_nonnull(strstr(st.server.heard->str, "UID FETCH 2 BODY"));
    stage_close(&st);
}

/*
 * What is past the limit is read and dropped; the next command is understood.
 */
static void test_huge(void)
{
    static const struct reply replies[] = {
        CAPABLE,
        SELECTED,
        FOUND_2_3,
        { "UID FETCH 2",
          "* 1 FETCH (UID 2 BODY[] {50000000}\r\n~)\r\n$ OK done\r\n",
          50000000 },
        { "UID FETCH", FETCHED, 0 },
        END
    };
    g_autofree char *found = NULL;
    g_autoptr(GByteArray) huge = g_byte_array_new();
    g_autoptr(GByteArray) next = g_byte_array_new();
    struct stage st;
    struct err err;

    stage_open(&st, replies);
    found = listed(&st, 9);
    CHECK_OK(imap_fetch(st.imap, 2, 4096, huge, &err), &err);
    g_assert_cmpuint(huge->len, ==, 4096);
    CHECK_OK(imap_fetch(st.imap, 3, 1000, next, &err), &err);
    check_mail(next, strlen(MAIL));
    stage_close(&st);
}

/* One that is not given costs itself alone; a server that goes, the look. */
static void test_no_mail(void)
{
    static const struct {
        const char *name;
        struct reply reply;
        enum err_scope scope;
    } rows[] = {
        /* clang-format off */
        { "refused", { "UID FETCH", "$ NO\r\n", 0 }, ERR_ITEM },
        { "gone meanwhile", { "UID FETCH", "$ OK done\r\n", 0 }, ERR_ITEM },
        { "empty",
          { "UID FETCH", "* 1 FETCH (UID 2 BODY[] {0}\r\n)\r\n$ OK\r\n", 0 },
          ERR_ITEM },
        { "lost before", { "UID FETCH", NULL, 0 }, ERR_RUN },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct reply replies[] = { CAPABLE, SELECTED, FOUND_2_3,
                                         rows[i].reply, END };
        g_autoptr(GByteArray) mail = g_byte_array_new();
        g_autofree char *found = NULL;
        struct stage st;
        struct err err;

        stage_open(&st, replies);
        found = listed(&st, 9);
        CHECK_ROW(rows[i].name, imap_fetch(st.imap, 2, 99, mail, &err) == -1);
        g_test_message("%s: %s", rows[i].name, err.msg);
        CHECK_ROW(rows[i].name, err.scope == rows[i].scope);
        stage_close(&st);
    }
}

/* ---- away ---------------------------------------------------------------- */

/* Of what was heard: a refusal may cost the connection, and another sign-in. */
static char *moves_of(const struct stage *st)
{
    g_auto(GStrv) lines = g_strsplit(st->server.heard->str, "\n", -1);
    GString *text = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++)
        if (strstr(*line, "Mailferry") != NULL)
            g_string_append_printf(text, "%s\n", *line);
    return g_string_free(text, FALSE);
}

static void test_move(void)
{
    static const struct {
        const char *name, *move, *create;
        const char *want; /* of what was heard */
        int result;
    } rows[] = {
        { "at once", "$ OK done\r\n", NULL, "UID MOVE 2 \"Mailferry\"\n", 0 },
        { "refused for good", "$ NO read only\r\n", "$ NO no\r\n",
          "UID MOVE 2 \"Mailferry\"\nCREATE \"Mailferry\"\n"
          "UID MOVE 2 \"Mailferry\"\n",
          -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct reply replies[] = { CAPABLE,
                                         SELECTED,
                                         FOUND_2_3,
                                         { "UID MOVE", rows[i].move, 0 },
                                         { "CREATE", rows[i].create, 0 },
                                         END };
        g_autofree char *found = NULL, *heard = NULL;
        struct stage st;
        struct err err;

        stage_open(&st, replies);
        found = listed(&st, 9);
        CHECK_ROW(rows[i].name,
                  imap_move(st.imap, 2, "Mailferry", &err) == rows[i].result);
        heard = moves_of(&st);
        g_assert_cmpstr(heard, ==, rows[i].want);
        if (rows[i].result < 0) {
            CHECK_ROW(rows[i].name, err.scope == ERR_ITEM);
            g_assert_nonnull(strstr(err.remedy, "RFC 6851"));
        }
        stage_close(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/imap/list", test_list);
    g_test_add_func("/imap/no-validity", test_no_validity);
    g_test_add_func("/imap/refused", test_refused);
    g_test_add_func("/imap/token", test_token);
    g_test_add_func("/imap/token-refused", test_token_refused);
    g_test_add_func("/imap/fetch", test_fetch);
    g_test_add_func("/imap/huge", test_huge);
    g_test_add_func("/imap/no-mail", test_no_mail);
    g_test_add_func("/imap/move", test_move);
    return g_test_run();
}
