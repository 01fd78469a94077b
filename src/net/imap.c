#include "net/imap.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/challenge.h"
#include "net/fail.h"

#define CONNECT_TIMEOUT_MS 20000L
/* Of an answer that is a list of numbers: a hundred thousand of them. */
#define LIST_BYTES_MAX ((size_t)1024 * 1024)

struct imap {
    const struct imap_server *server;
    CURL *easy;
    char detail[CURL_ERROR_SIZE];
    char *validity;  /* of the folder, as imap_list() found it; or NULL */
    bool tokens;     /* the server says that it takes them */
    char *challenge; /* why it refuses one; or NULL: it does not say */
    /* Of the command under way: */
    GByteArray *to;
    size_t max;
};

/* ---- the server ---------------------------------------------------------- */

int imap_check(const char *url, struct err *err)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri != NULL ? g_uri_get_scheme(uri) : "";

    if (uri != NULL &&
        (strcmp(scheme, "imap") == 0 || strcmp(scheme, "imaps") == 0) &&
        g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0' &&
        g_uri_get_userinfo(uri) == NULL && *g_uri_get_path(uri) == '\0' &&
        g_uri_get_query(uri) == NULL && g_uri_get_fragment(uri) == NULL)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "its URL is not one of an IMAP server");
    err->name = "imap-url";
    return err_remedy(err, "write imaps://HOST or imap://HOST:143, and the "
                           "user apart");
}

/* What is past the limit is read, and dropped. */
static size_t take(char *bytes, size_t size, size_t n, void *data)
{
    struct imap *m = data;
    size_t room = m->max - MIN(m->to->len, m->max);

    g_byte_array_append(m->to, (const guint8 *)bytes,
                        (guint)MIN(size * n, room));
    return size * n;
}

/* RFC 3501 7.2.1: "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR". */
static bool offers_tokens(const char *line)
{
    g_autofree char *upper = g_ascii_strup(line, -1);

    return strstr(upper, " AUTH=XOAUTH2") != NULL ||
           strstr(upper, " AUTH=OAUTHBEARER") != NULL;
}

/* RFC 3501 7.5: "+ eyJzdGF0dXMi...". */
static void hear_challenge(struct imap *m, const char *line)
{
    if (m->server->token != NULL && m->challenge == NULL && *line == '+')
        m->challenge =
            challenge_text(line + 1, strlen(line + 1), m->server->token);
}

/* RFC 3501 7.1: "* OK [UIDVALIDITY 3857529045] UIDs valid". */
static size_t hear(char *line, size_t size, size_t n, void *data)
{
    static const char mark[] = "[UIDVALIDITY ";
    struct imap *m = data;
    g_autofree char *text = g_strndup(line, size * n);
    const char *at = strstr(text, mark);
    const char *digits = at != NULL ? at + strlen(mark) : "";
    size_t len = strspn(digits, "0123456789");

    if (len > 0 && len <= 10 && digits[len] == ']' && m->validity == NULL)
        m->validity = g_strndup(digits, len);
    m->tokens = m->tokens || offers_tokens(text);
    hear_challenge(m, text);
    return size * n;
}

static int watch(void *data, curl_off_t down_total, curl_off_t down,
                 curl_off_t up_total, curl_off_t up)
{
    const struct imap *m = data;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return cancel_level(m->server->cancel) >= CANCEL_DRAIN;
}

static void set_login(CURL *easy, const struct imap_server *s)
{
    curl_easy_setopt(easy, CURLOPT_USERNAME, s->user);
    if (s->token == NULL) {
        curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_peek(s->password));
        return;
    }
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, secret_peek(s->token));
    /* else libcurl prefers CRAM-MD5 and its like, with an empty password */
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS,
                     "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
}

static void set_server(struct imap *m)
{
    const struct imap_server *s = m->server;
    CURL *easy = m->easy;

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)s->deadline_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     MIN(CONNECT_TIMEOUT_MS, (long)s->deadline_ms));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, m->detail);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (s->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, s->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    set_login(easy, s);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, m);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, m);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, m);
}

struct imap *imap_new(const struct imap_server *server)
{
    struct imap *m = g_new0(struct imap, 1);

    m->server = server;
    m->easy = curl_easy_init();
    if (m->easy == NULL)
        abort(); /* out of memory */
    set_server(m);
    return m;
}

void imap_free(struct imap *m)
{
    if (m == NULL)
        return;
    curl_easy_cleanup(m->easy);
    g_free(m->validity);
    g_free(m->challenge);
    g_free(m);
}

/* ---- a command ----------------------------------------------------------- */

static int no_folder(const struct imap *m, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_WAIT, (int)CURLE_LOGIN_DENIED,
            "server \"%s\": it does not open folder \"%s\" for user \"%s\"",
            m->server->url, m->server->folder, m->server->user);
    err->name = "imap-folder";
    return err_remedy(err, "check that this user has a mailbox there, and may "
                           "read it");
}

static int no_token(const struct imap *m, struct err *err)
{
    const struct imap_server *s = m->server;

    if (!m->tokens) {
        err_set(err, ERR_RUN, ERR_RETRY_WAIT, (int)CURLE_LOGIN_DENIED,
                "server \"%s\": it takes no tokens (XOAUTH2 or OAUTHBEARER)",
                s->url);
        err->name = "NoScheme";
        return err_remedy(err, "have OAuth switched on there, or sign in by "
                               "intake.password-file");
    }
    err_set(err, ERR_RUN, ERR_RETRY_REAUTH, (int)CURLE_LOGIN_DENIED,
            "server \"%s\": it refuses the application's token for user "
            "\"%s\"%s%s",
            s->url, s->user, m->challenge != NULL ? ": " : "",
            m->challenge != NULL ? m->challenge : "");
    err->name = "Unauthorized";
    return err_remedy(err, "check that the application may use IMAP "
                           "(Microsoft: IMAP.AccessAsApp, consented to), that "
                           "it has full access to this mailbox, and "
                           "intake.oauth-scope");
}

static int no_login(const struct imap *m, struct err *err)
{
    if (m->server->token != NULL)
        return no_token(m, err);
    err_set(err, ERR_RUN, ERR_RETRY_REAUTH, (int)CURLE_LOGIN_DENIED,
            "server \"%s\": it refuses user \"%s\" or the password",
            m->server->url, m->server->user);
    err->name = "Unauthorized";
    return err_remedy(err, "check intake.user and intake.password-file");
}

static int explain(struct imap *m, CURLcode code, struct err *err)
{
    const struct fail f = { .code = code,
                            .easy = m->easy,
                            .server = m->server->url,
                            .detail = m->detail };

    /* libcurl has one code for a password and a folder that are refused */
    if (code == CURLE_LOGIN_DENIED && strstr(m->detail, "Select") != NULL)
        return no_folder(m, err);
    switch ((int)code) {
    case CURLE_LOGIN_DENIED:
        return no_login(m, err);
    case CURLE_QUOTE_ERROR:
    case CURLE_REMOTE_FILE_NOT_FOUND:
        err_set(err, ERR_ITEM, ERR_RETRY_WAIT, (int)code,
                "server \"%s\": it refuses a command%s%s", m->server->url,
                *m->detail != '\0' ? ": " : "", m->detail);
        err->name = "imap-refused";
        return -1;
    case CURLE_USE_SSL_FAILED:
        err_set(err, ERR_RUN, ERR_RETRY_WAIT, (int)code,
                "server \"%s\": it offers no TLS", m->server->url);
        err->name = "tls";
        return err_remedy(err, "have the server offer STARTTLS, or take its "
                               "port for imaps://");
    default:
        fail_set(&f, err);
        err->scope = ERR_RUN;
        return -1;
    }
}

/* uid 0: none; command NULL: fetch it. */
static int ask(struct imap *m, uint32_t uid, const char *command, size_t max,
               GByteArray *to, struct err *err)
{
    g_autoptr(GString) url = g_string_new(m->server->url);
    g_autoptr(GByteArray) nowhere = g_byte_array_new();
    CURLcode code;

    g_string_append_printf(url, "/%s", m->server->folder);
    if (m->validity != NULL)
        g_string_append_printf(url, ";UIDVALIDITY=%s", m->validity);
    if (command == NULL)
        g_string_append_printf(url, "/;UID=%u", uid);
    m->to = to != NULL ? to : nowhere;
    m->max = max;
    *m->detail = '\0';
    g_clear_pointer(&m->challenge, g_free);
    curl_easy_setopt(m->easy, CURLOPT_URL, url->str);
    curl_easy_setopt(m->easy, CURLOPT_CUSTOMREQUEST, command);
    code = curl_easy_perform(m->easy);
    m->to = NULL;
    return code == CURLE_OK ? 0 : explain(m, code, err);
}

/* ---- what is asked for --------------------------------------------------- */

static gint by_number(gconstpointer a, gconstpointer b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* RFC 3501 7.2.5: "* SEARCH 2 3 6", in lines as many as the server likes. */
static GArray *read_list(const GByteArray *answer, size_t max)
{
    /* no data where nothing came */
    g_autofree char *text =
        answer->len > 0 ? g_strndup((const char *)answer->data, answer->len)
                        : g_strdup("");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit_set(g_strstrip(lines[i]), " ", -1);

        if (g_strv_length(words) < 3 ||
            g_ascii_strcasecmp(words[1], "SEARCH") != 0)
            continue;
        for (size_t k = 2; words[k] != NULL; k++) {
            guint64 number;
            uint32_t uid;

            if (!g_ascii_string_to_unsigned(words[k], 10, 1, UINT32_MAX,
                                            &number, NULL))
                continue;
            uid = (uint32_t)number;
            g_array_append_val(uids, uid);
        }
    }
    g_array_sort(uids, by_number);
    g_array_set_size(uids, (guint)MIN(uids->len, max));
    return uids;
}

int imap_list(struct imap *m, size_t max, GArray **ret, struct err *err)
{
    g_autoptr(GByteArray) answer = g_byte_array_new();

    g_clear_pointer(&m->validity, g_free);
    /* the folder is selected anew, and so says what it is */
    curl_easy_setopt(m->easy, CURLOPT_FRESH_CONNECT, 1L);
    if (ask(m, 0, "UID SEARCH UNDELETED", LIST_BYTES_MAX, answer, err) < 0) {
        err->scope = ERR_RUN;
        return -1;
    }
    curl_easy_setopt(m->easy, CURLOPT_FRESH_CONNECT, 0L);
    if (m->validity == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "server \"%s\": folder \"%s\" has no UIDVALIDITY",
                       m->server->url, m->server->folder);
    *ret = read_list(answer, max);
    return 0;
}

int imap_fetch(struct imap *m, uint32_t uid, size_t max, GByteArray *to,
               struct err *err)
{
    guint before = to->len;

    if (ask(m, uid, NULL, max, to, err) < 0)
        return -1;
    if (to->len > before)
        return 0;
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "server \"%s\": mail %u is gone, or empty", m->server->url, uid);
    err->name = "imap-refused";
    return -1;
}

static int command(struct imap *m, struct err *err, const char *fmt, ...)
    PRINTF(3, 4);
static int command(struct imap *m, struct err *err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return ask(m, 0, text, LIST_BYTES_MAX, NULL, err);
}

/* Refused, by a server that is there. */
static bool is_refused(const struct err *why)
{
    return g_strcmp0(why->name, "imap-refused") == 0;
}

int imap_move(struct imap *m, uint32_t uid, const char *folder, struct err *err)
{
    struct err ignored;

    if (command(m, err, "UID MOVE %u \"%s\"", uid, folder) == 0)
        return 0;
    if (!is_refused(err))
        return -1;
    /* refused again when it is there already, or is for another reason */
    if (command(m, &ignored, "CREATE \"%s\"", folder) < 0 &&
        !is_refused(&ignored)) {
        *err = ignored;
        return -1;
    }
    if (command(m, err, "UID MOVE %u \"%s\"", uid, folder) == 0)
        return 0;
    return is_refused(err)
               ? err_remedy(err, "the server has to know MOVE (RFC 6851), and "
                                 "let that user make folders")
               : -1;
}
