#include "net/smtp.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/fail.h"
#include "net/smtp_priv.h"

#define CONNECT_TIMEOUT_MS 30000L
/* What is kept of an answer: some servers explain themselves at length. */
#define WORDS_MAX ((gsize)400)

/* A conversation with the server. */
struct talk {
    const struct smtp_server *server;
    const struct smtp_mail *mail;
    CURL *easy;
    GString *wire; /* the mail with its line ends */
    size_t given;  /* bytes of it that libcurl has */
    bool asked;    /* on_end() was called, and said yes */
    bool failed;   /* by ourselves: see why */
    struct err why;
    enum smtp_word word; /* the command that was sent last */
    GString *words;      /* the answer to it so far */
    bool over;           /* QUIT was sent */
    char detail[CURL_ERROR_SIZE];
};

/* ---- what can be sent, and where ----------------------------------------- */

bool smtp_is_address(const char *text)
{
    const char *at = strchr(text, '@');

    if (at == NULL || at == text || at[1] == '\0' ||
        strchr(at + 1, '@') != NULL || strlen(text) > SMTP_ADDRESS_MAX)
        return false;
    for (const char *p = text; *p != '\0'; p++)
        if (!g_ascii_isgraph(*p) || strchr("<>()[]\\,;:\"", *p) != NULL)
            return false;
    return true;
}

static int refuse(struct err *err, const char *name, const char *remedy,
                  const char *text)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "mail server: %s", text);
    err->name = name;
    return err_remedy(err, remedy);
}

int smtp_check(const struct smtp_server *server, struct err *err)
{
    g_autoptr(GUri) uri = g_uri_parse(server->url, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : "";

    if ((strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0) ||
        g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
        g_uri_get_userinfo(uri) != NULL || *g_uri_get_path(uri) != '\0' ||
        g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL)
        return refuse(err, "smtp-url",
                      "write smtp://HOST:587 or smtps://HOST:465, and the user "
                      "apart",
                      "its URL is not one of a mail server");
    if ((server->user != NULL) != (server->password != NULL))
        return refuse(err, "smtp-user", "give both, or neither",
                      "a user without a password, or the other way round");
    if (server->user != NULL && strcmp(scheme, "smtp") == 0 &&
        server->tls != SMTP_TLS_REQUIRED)
        return refuse(err, "smtp-user", "require TLS, or sign in without",
                      "a password is not sent where TLS is not required");
    return 0;
}

/* Every line ends with CR LF, and nothing else has either (RFC 5321 2.3.8). */
static GString *to_wire(const char *text, size_t n)
{
    GString *wire = g_string_sized_new(n + n / 32 + 2);

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' || text[i] == '\r') {
            g_string_append(wire, "\r\n");
            if (text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
                i++;
        } else {
            g_string_append_c(wire, text[i]);
        }
    }
    if (!g_str_has_suffix(wire->str, "\r\n"))
        g_string_append(wire, "\r\n");
    return wire;
}

static int check_mail(const struct smtp_mail *m, struct err *err)
{
    const char *bad = !smtp_is_address(m->from) ? m->from
                      : !smtp_is_address(m->to) ? m->to
                                                : NULL;

    if (bad != NULL) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "\"%s\" is no address that a mail can go to or come from", bad);
        err->name = "smtp-address";
        return -1;
    }
    if (m->size_bytes <= SMTP_MAIL_MAX &&
        memchr(m->text, '\0', m->size_bytes) == NULL)
        return 0;
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
            "the mail is too large, or has a NUL in it");
    err->name = "smtp-mail";
    return -1;
}

/* ---- libcurl's callbacks ------------------------------------------------ */

/* Yes from the caller before the last piece, and so before its end. */
static bool may_end(struct talk *t)
{
    if (t->asked)
        return true;
    if (t->mail->on_end(t->mail->data, &t->why) < 0) {
        t->failed = true;
        return false;
    }
    t->asked = true;
    return true;
}

static size_t give(char *buf, size_t size, size_t n, void *data)
{
    struct talk *t = data;
    size_t left = t->wire->len - t->given;
    size_t len = MIN(size * n, left);

    g_string_truncate(t->words, 0); /* what comes now answers the mail */
    if (len == left && !may_end(t))
        return CURL_READFUNC_ABORT;
    memcpy(buf, t->wire->str + t->given, len);
    t->given += len;
    return len;
}

/*
 * Nothing is sent a second time, whatever libcurl makes of a lost connection.
 */
static int no_rewind(void *data, curl_off_t offset, int origin)
{
    (void)data;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

/* The server's lines, of the last command alone. */
static size_t take_line(char *line, size_t size, size_t n, void *data)
{
    struct talk *t = data;

    if (!t->over && t->words->len < WORDS_MAX)
        g_string_append_len(t->words, line,
                            (gssize)MIN(size * n, WORDS_MAX - t->words->len));
    return size * n;
}

static size_t drop(char *bytes, size_t size, size_t n, void *data)
{
    (void)bytes;
    (void)data;
    return size * n;
}

/* Only the command's word is looked at: what follows AUTH is a secret. */
static int hear(CURL *easy, curl_infotype type, char *bytes, size_t n,
                void *data)
{
    struct talk *t = data;
    enum smtp_word word;

    (void)easy;
    if (type != CURLINFO_HEADER_OUT || t->over)
        return 0;
    word = smtp_word_after(t->word, bytes, n);
    t->over =
        word == SMTP_WORD_QUIT; /* what was said before it is what counts */
    if (t->over)
        return 0;
    t->word = word;
    g_string_truncate(t->words, 0);
    return 0;
}

static int watch(void *data, curl_off_t down_total, curl_off_t down,
                 curl_off_t up_total, curl_off_t up)
{
    const struct talk *t = data;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return cancel_level(t->mail->cancel) >=
           (t->asked ? CANCEL_NOW : CANCEL_DRAIN);
}

/* ---- the conversation --------------------------------------------------- */

static void set_server(struct talk *t)
{
    const struct smtp_server *s = t->server;
    CURL *easy = t->easy;

    curl_easy_setopt(easy, CURLOPT_URL, s->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)s->deadline_ms);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                     (long)MAX(s->deadline_ms / 1000, 1));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     MIN(CONNECT_TIMEOUT_MS, (long)s->deadline_ms));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->detail);
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     s->tls == SMTP_TLS_REQUIRED ? (long)CURLUSESSL_ALL
                                                 : (long)CURLUSESSL_TRY);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (s->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, s->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (s->user != NULL) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, s->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_peek(s->password));
    }
}

static void set_callbacks(struct talk *t)
{
    CURL *easy = t->easy;

    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->wire->len);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, t);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, no_rewind);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, hear);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, t);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t);
}

static CURLcode converse(struct talk *t)
{
    g_autofree char *from = g_strdup_printf("<%s>", t->mail->from);
    g_autofree char *to = g_strdup_printf("<%s>", t->mail->to);
    struct curl_slist *rcpt = curl_slist_append(NULL, to);
    CURLcode code;

    set_server(t);
    set_callbacks(t);
    curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, rcpt);
    code = curl_easy_perform(t->easy);
    curl_slist_free_all(rcpt);
    return code;
}

/* ---- what has come of it ------------------------------------------------ */

/* No answer that the server has given; network and TLS are told by fail.h. */
static enum smtp_result no_answer(const struct talk *t, CURLcode code,
                                  struct err *err)
{
    const struct fail f = {
        .code = code,
        .easy = t->easy,
        .server = t->server->url,
        .detail = t->detail,
    };

    if (code == CURLE_USE_SSL_FAILED) {
        err_set(err, ERR_RUN, ERR_RETRY_WAIT, (int)code,
                "server \"%s\": it offers no TLS", t->server->url);
        err->name = "tls";
        err_remedy(err, "have the server offer STARTTLS, or take its port for "
                        "smtps://");
    } else {
        fail_set(&f, err);
        if (err->remedy != NULL && strstr(err->remedy, "--ca-file") != NULL)
            err_remedy(err, "if that server is to be trusted, give the "
                            "certificate of the authority that signed it in "
                            "mail.ca-file");
    }
    err->scope = t->asked ? ERR_ITEM : ERR_RUN;
    return t->asked ? SMTP_UNSURE : SMTP_LATER;
}

static enum smtp_result conclude(struct talk *t, CURLcode code, struct err *err)
{
    const struct smtp_answer answer = {
        .server = t->server,
        .to = t->mail->to,
        .word = t->word,
        .words = t->words->str,
    };
    long status = strtol(t->words->str, NULL, 10);

    /* Taken is taken, whatever became of the connection after that. */
    if (code == CURLE_OK || (t->asked && status >= 200 && status < 300))
        return SMTP_SENT;
    if (t->failed) {
        *err = t->why;
        return SMTP_LATER;
    }
    if (status < 400 || status > 599)
        return no_answer(t, code, err);
    return smtp_answer_judge(&answer, status, err);
}

enum smtp_result smtp_send(const struct smtp_server *server,
                           const struct smtp_mail *mail, struct err *err)
{
    struct talk t = { .server = server, .mail = mail };
    enum smtp_result result;
    CURLcode code;

    if (smtp_check(server, err) < 0)
        return SMTP_LATER;
    if (check_mail(mail, err) < 0)
        return SMTP_REFUSED;
    t.easy = curl_easy_init();
    if (t.easy == NULL)
        abort(); /* out of memory */
    t.wire = to_wire(mail->text, mail->size_bytes);
    t.words = g_string_new(NULL);
    code = converse(&t);
    result = conclude(&t, code, err);
    curl_easy_cleanup(t.easy);
    g_string_free(t.words, TRUE);
    secret_wipe(t.wire->str, t.wire->allocated_len);
    g_string_free(t.wire, TRUE);
    return result;
}
