/*
 * smtp.h against a server that says what it is told.  TLS and a server that
 * others wrote: tests/desk/send.py.
 */
#include "net/smtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/smtp_priv.h"

#define FROM "desk@provider.example"
#define TO   "anna@acme.example"

/* ---- the server --------------------------------------------------------- */

/* What is said to each; NULL: as usual, "": the connection ends. */
struct script {
    const char *greeting, *ehlo, *auth, *mail, *rcpt, *data, *end;
};

struct server {
    const struct script *script;
    int listening;
    char *url;
    GString *heard;   /* commands */
    GString *mail;    /* lines between DATA and its end */
    atomic_uint ends; /* read while it serves */
    pthread_t thread;
    bool joined;
};

static bool answer(FILE *f, const char *text, const char *usual)
{
    if (text == NULL)
        text = usual;
    if (*text == '\0')
        return false;
    fprintf(f, "%s\r\n", text);
    fflush(f);
    return true;
}

static bool take_mail(struct server *s, FILE *f)
{
    char line[2048];

    if (!answer(f, s->script->data, "354 go on"))
        return false;
    if (s->script->data != NULL)
        return true;
    while (fgets(line, sizeof(line), f) != NULL) {
        if (strcmp(line, ".\r\n") == 0) {
            s->ends++;
            return answer(f, s->script->end, "250 taken");
        }
        g_string_append(s->mail, line);
    }
    return false;
}

static bool obey(struct server *s, FILE *f, const char *line)
{
    const struct script *k = s->script;

    g_string_append(s->heard, line);
    if (g_str_has_prefix(line, "EHLO"))
        return answer(f, k->ehlo, "250-here\r\n250 SIZE 100000");
    if (g_str_has_prefix(line, "AUTH"))
        return answer(f, k->auth, "235 welcome");
    if (g_str_has_prefix(line, "MAIL"))
        return answer(f, k->mail, "250 good");
    if (g_str_has_prefix(line, "RCPT"))
        return answer(f, k->rcpt, "250 good");
    if (g_str_has_prefix(line, "DATA"))
        return take_mail(s, f);
    return answer(f, NULL, "221 bye") && !g_str_has_prefix(line, "QUIT");
}

static void *serve(void *data)
{
    struct server *s = data;
    int fd = accept(s->listening, NULL, NULL);
    char line[2048];
    FILE *f;

    if (fd < 0)
        return NULL;
    f = fdopen(fd, "r+e");
    g_assert_nonnull(f);
    setvbuf(f, NULL, _IONBF, 0);
    if (answer(f, s->script->greeting, "220 here"))
        while (fgets(line, sizeof(line), f) != NULL && obey(s, f, line))
            ;
    fclose(f);
    return NULL;
}

static void server_start(struct server *s, const struct script *script)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);

    *s = (struct server){ .script = script,
                          .heard = g_string_new(NULL),
                          .mail = g_string_new(NULL) };
    s->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(s->listening, (void *)&at, size), ==, 0);
    g_assert_cmpint(listen(s->listening, 4), ==, 0);
    g_assert_cmpint(getsockname(s->listening, (void *)&at, &size), ==, 0);
    s->url = g_strdup_printf("smtp://127.0.0.1:%u", ntohs(at.sin_port));
    g_assert_cmpint(pthread_create(&s->thread, NULL, serve, s), ==, 0);
}

/* What it has heard is whole then. */
static void server_wait(struct server *s)
{
    shutdown(s->listening, SHUT_RDWR);
    if (!s->joined)
        pthread_join(s->thread, NULL);
    s->joined = true;
}

static void server_end(struct server *s)
{
    server_wait(s);
    close(s->listening);
    g_string_free(s->heard, TRUE);
    g_string_free(s->mail, TRUE);
    g_free(s->url);
}

/* ---- sending ------------------------------------------------------------ */

struct sending {
    const char *from, *to, *text;
    bool no_end; /* on_end() says no */
    unsigned int asked;
    unsigned int ends_when_asked;
    struct server *server;
};

static int on_end(void *data, struct err *err)
{
    struct sending *s = data;

    s->asked++;
    s->ends_when_asked = s->server->ends;
    return s->no_end ? err_set(err, ERR_RUN, ERR_RETRY_NOW, 0, "not now") : 0;
}

static enum smtp_result send_to(struct server *server, struct sending *s,
                                struct err *err)
{
    const struct smtp_server how = { .url = server->url,
                                     .tls = SMTP_TLS_OPPORTUNISTIC,
                                     .deadline_ms = 20000 };
    const struct smtp_mail mail = {
        .from = s->from != NULL ? s->from : FROM,
        .to = s->to != NULL ? s->to : TO,
        .text = s->text,
        .size_bytes = strlen(s->text),
        .on_end = on_end,
        .data = s,
    };

    s->server = server;
    return smtp_send(&how, &mail, err);
}

/* A mail arrives line by line as it was, whatever its lines end with. */
static void test_arrives(void)
{
    static const struct script usual = { 0 };
    struct server server;
    struct sending s = { .text = "Subject: x\r\n\none\n.\n..two\rthree" };
    struct err err;

    server_start(&server, &usual);
    g_assert_cmpint(send_to(&server, &s, &err), ==, SMTP_SENT);
    server_wait(&server);
    g_assert_cmpstr(server.mail->str, ==,
                    "Subject: x\r\n\r\none\r\n..\r\n...two\r\nthree\r\n");
    g_assert_nonnull(strstr(server.heard->str, "MAIL FROM:<" FROM ">"));
    g_assert_nonnull(strstr(server.heard->str, "RCPT TO:<" TO ">\r\n"));
    g_assert_cmpuint(s.asked, ==, 1);
    g_assert_cmpuint(s.ends_when_asked, ==, 0);
    server_end(&server);
}

/* What each answer means, and whether the caller was asked before it. */
static const struct {
    const char *name;
    struct script script;
    enum smtp_result want;
    enum err_scope scope;
    unsigned int asked;
    const char *words; /* in the message */
} answers[] = {
    /* clang-format off */
    { "busy greeting", { .greeting = "421 too busy" },
      SMTP_LATER, ERR_RUN, 0, "421 too busy" },
    { "no greeting", { .greeting = "" }, SMTP_LATER, ERR_RUN, 0, "server" },
    { "banned", { .greeting = "554 go away" },
      SMTP_LATER, ERR_RUN, 0, "554 go away" },
    { "sender may not", { .mail = "550 5.7.1 not you" },
      SMTP_LATER, ERR_RUN, 0, "5.7.1 not you" },
    { "too large", { .mail = "552 5.3.4 too large" },
      SMTP_REFUSED, ERR_ITEM, 0, "too large" },
    { "no such user", { .rcpt = "550-5.1.1 no such\r\n550 5.1.1 user here" },
      SMTP_REFUSED, ERR_ITEM, 0, "550 5.1.1 no such 5.1.1 user here" },
    { "grey", { .rcpt = "451 4.7.1 come back" },
      SMTP_LATER, ERR_ITEM, 0, "4.7.1 come back" },
    { "lost at rcpt", { .rcpt = "" }, SMTP_LATER, ERR_RUN, 0, "server" },
    { "no data", { .data = "554 no" }, SMTP_REFUSED, ERR_ITEM, 0, "554 no" },
    { "spam", { .end = "554 5.7.1 looks like spam" },
      SMTP_REFUSED, ERR_ITEM, 1, "554 5.7.1 looks like spam" },
    { "disk full", { .end = "452 4.3.1 no room" },
      SMTP_LATER, ERR_ITEM, 1, "452 4.3.1 no room" },
    { "lost at the end", { .end = "" }, SMTP_UNSURE, ERR_ITEM, 1, "server" },
    /* clang-format on */
};

static void test_answers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        struct server server;
        struct sending s = { .text = "Subject: x\n\nhello\n" };
        struct err err = { 0 };

        server_start(&server, &answers[i].script);
        CHECK_ROW(answers[i].name,
                  send_to(&server, &s, &err) == answers[i].want);
        CHECK_ROW(answers[i].name, err.scope == answers[i].scope);
        CHECK_ROW(answers[i].name, s.asked == answers[i].asked);
        if (strstr(err.msg, answers[i].words) == NULL)
            g_error("%s: %s", answers[i].name, err.msg);
        server_end(&server);
    }
}

/* Who says no before the end has not sent it. */
static void test_no_end(void)
{
    static const struct script usual = { 0 };
    struct server server;
    g_autofree char *large = g_strnfill(300000, 'x');
    struct sending s = { .text = "Subject: x\n\nhello\n", .no_end = true };
    struct err err;

    for (size_t i = 0; i < 2; i++) {
        server_start(&server, &usual);
        g_assert_cmpint(send_to(&server, &s, &err), ==, SMTP_LATER);
        g_assert_cmpstr(err.msg, ==, "not now");
        server_end(&server);
        s.text = large;
    }
    g_assert_cmpuint(s.asked, ==, 2);
    g_assert_cmpuint(s.ends_when_asked, ==, 0);
}

/* No address reaches the wire that could be more than one. */
static void test_addresses(void)
{
    static const char *const bad[] = {
        "",        "anna",          "@x",       "a@",    "a@b@c", "a@b\r\nDATA",
        "a@b\n",   "a@b> SIZE=1",   "a b@c",    "<a@b>", "a@b,c", "\xc3\xa4@x",
        "a@b;c@d", "\"a\"@example", "a@b\177c",
    };
    static const char *const good[] = { FROM, "o'hara+x=y@[", "a@b" };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        static const struct script usual = { 0 };
        struct server server;
        struct sending s = { .text = "x\n", .to = bad[i] };
        struct err err;

        CHECK_ROW(bad[i], !smtp_is_address(bad[i]));
        server_start(&server, &usual);
        CHECK_ROW(bad[i], send_to(&server, &s, &err) == SMTP_REFUSED);
        s = (struct sending){ .text = "x\n", .from = bad[i] };
        CHECK_ROW(bad[i], send_to(&server, &s, &err) == SMTP_REFUSED);
        server_end(&server);
    }
    CHECK_ROW(good[0], smtp_is_address(good[0]));
    CHECK_ROW(good[1], !smtp_is_address(good[1]));
    CHECK_ROW(good[2], smtp_is_address(good[2]));
}

/* ---- where to ----------------------------------------------------------- */

static void test_servers(void)
{
    g_autoptr(secret) password = secret_new("swordfish", 9);
    const struct {
        const char *name;
        struct smtp_server server;
        bool good;
    } rows[] = {
        { "plain", { .url = "smtp://mail.example:587" }, true },
        { "implied", { .url = "smtps://mail.example" }, true },
        { "http", { .url = "http://mail.example" }, false },
        { "user in it", { .url = "smtp://u:p@mail.example" }, false },
        { "path", { .url = "smtp://mail.example/x" }, false },
        { "no host", { .url = "smtp://" }, false },
        { "half", { .url = "smtp://mail.example", .user = "u" }, false },
        { "both",
          { .url = "smtp://m.example", .user = "u", .password = password },
          true },
        { "in the clear",
          { .url = "smtp://mail.example",
            .tls = SMTP_TLS_OPPORTUNISTIC,
            .user = "u",
            .password = password },
          false },
        { "implied is TLS",
          { .url = "smtps://mail.example",
            .tls = SMTP_TLS_OPPORTUNISTIC,
            .user = "u",
            .password = password },
          true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        CHECK_ROW(rows[i].name,
                  (smtp_check(&rows[i].server, &err) == 0) == rows[i].good);
    }
}

/* A server may say what it likes; a password is never repeated. */
static void test_password(void)
{
    static const char *const echoes[] = { "535 swordfish is wrong",
                                          "535 c3dvcmRmaXNo is wrong",
                                          "535 AHUAc3dvcmRmaXNo is wrong" };
    g_autoptr(secret) password = secret_new("swordfish", 9);
    const struct smtp_server server = { .url = "smtp://mail.example",
                                        .user = "u",
                                        .password = password };

    for (size_t i = 0; i < G_N_ELEMENTS(echoes); i++) {
        const struct smtp_answer a = { .server = &server,
                                       .to = TO,
                                       .word = SMTP_WORD_AUTH,
                                       .words = echoes[i] };
        struct err err;

        CHECK_ROW(echoes[i], smtp_answer_judge(&a, 535, &err) == SMTP_LATER);
        CHECK_ROW(echoes[i], strstr(err.msg, "is wrong") == NULL);
        CHECK_ROW(echoes[i], err.scope == ERR_RUN);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp/arrives", test_arrives);
    g_test_add_func("/smtp/answers", test_answers);
    g_test_add_func("/smtp/no-end", test_no_end);
    g_test_add_func("/smtp/addresses", test_addresses);
    g_test_add_func("/smtp/servers", test_servers);
    g_test_add_func("/smtp/password", test_password);
    return g_test_run();
}
