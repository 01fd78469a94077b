#include "lab/auth.h"

#include <pthread.h>
#include <sys/random.h>

#include <nettle/memops.h>

#include "base/timestamp.h"
#include "lab/ntlm.h"

/* A name of 256 characters and a password of 256, in base64. */
#define BASIC_MAX 4096

struct auth {
    struct auth_options options; /* two strings of it below */
    char *domain, *host, *dns_domain;
    uint8_t channel_hash[AUTH_CHANNEL_HASH_SIZE];
    pthread_mutex_t failures_lock;
    GHashTable *failures; /* login: struct failure */
};

struct failure {
    unsigned int n;
    int64_t locked_until; /* monotonic */
};

/* In the order in which IIS lists them. */
static const struct {
    enum auth_scheme scheme;
    const char *name, *option;
} schemes[] = {
    { AUTH_NEGOTIATE, "Negotiate", "negotiate" },
    { AUTH_NTLM, "NTLM", "ntlm" },
    { AUTH_BASIC, "Basic", "basic" },
    { AUTH_BEARER, "Bearer", "bearer" },
};

static unsigned int scheme_bit(const char *option)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strcasecmp(schemes[i].option, option) == 0)
            return schemes[i].scheme;
    return 0;
}

unsigned int auth_schemes_parse(const char *text)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    unsigned int bits = 0;

    for (size_t i = 0; names[i] != NULL; i++) {
        unsigned int bit = scheme_bit(names[i]);

        if (bit == 0)
            return 0;
        bits |= bit;
    }
    return bits;
}

struct auth *auth_new(const struct auth_options *options)
{
    struct auth *a = g_new0(struct auth, 1);
    const char *dot = strchr(options->host, '.');

    a->options = *options;
    a->options.domain = a->domain = g_strdup(options->domain);
    a->options.host = a->host = g_strdup(options->host);
    if (options->channel_hash != NULL) {
        memcpy(a->channel_hash, options->channel_hash, sizeof(a->channel_hash));
        a->options.channel_hash = a->channel_hash;
    }
    a->dns_domain = g_strdup(dot != NULL ? dot + 1 : options->host);
    pthread_mutex_init(&a->failures_lock, NULL);
    a->failures =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return a;
}

void auth_free(struct auth *a)
{
    if (a == NULL)
        return;
    g_hash_table_unref(a->failures);
    pthread_mutex_destroy(&a->failures_lock);
    g_free(a->dns_domain);
    g_free(a->domain);
    g_free(a->host);
    g_free(a);
}

void auth_conn_release(struct auth_conn *c)
{
    g_clear_pointer(&c->login, g_free);
    g_clear_pointer(&c->negotiate, g_byte_array_unref);
    g_clear_pointer(&c->challenge_message, g_byte_array_unref);
    c->challenged = false;
}

void auth_verdict_clear(struct auth_verdict *v)
{
    g_clear_pointer(&v->login, g_free);
    g_clear_pointer(&v->ask, g_ptr_array_unref);
    v->proven = false;
}

/* ---- lock-out ------------------------------------------------------ */

static bool is_locked(struct auth *a, const char *login)
{
    const struct failure *f;
    bool locked;

    pthread_mutex_lock(&a->failures_lock);
    f = g_hash_table_lookup(a->failures, login);
    locked = f != NULL && f->locked_until > timestamp_monotonic();
    pthread_mutex_unlock(&a->failures_lock);
    return locked;
}

static void note_failure(struct auth *a, const char *login)
{
    struct failure *f;

    if (a->options.lockout == 0)
        return;
    pthread_mutex_lock(&a->failures_lock);
    f = g_hash_table_lookup(a->failures, login);
    if (f == NULL) {
        f = g_new0(struct failure, 1);
        g_hash_table_insert(a->failures, g_strdup(login), f);
    }
    f->n++;
    if (f->n >= a->options.lockout) {
        f->n = 0;
        f->locked_until = timestamp_monotonic() + a->options.lockout_us;
    }
    pthread_mutex_unlock(&a->failures_lock);
}

static void note_success(struct auth *a, const char *login)
{
    pthread_mutex_lock(&a->failures_lock);
    g_hash_table_remove(a->failures, login);
    pthread_mutex_unlock(&a->failures_lock);
}

void auth_unlock(struct auth *a)
{
    pthread_mutex_lock(&a->failures_lock);
    g_hash_table_remove_all(a->failures);
    pthread_mutex_unlock(&a->failures_lock);
}

/* Returns the login when it may come in, else NULL; takes over login. */
static char *admit(struct auth *a, char *login, bool right)
{
    if (login == NULL)
        return NULL;
    if (right && !is_locked(a, login)) {
        note_success(a, login);
        return login;
    }
    if (!right)
        note_failure(a, login);
    g_free(login);
    return NULL;
}

/* ---- Basic --------------------------------------------------------- */

char *auth_check_password(struct auth *a, const char *user,
                          const char *password)
{
    const struct auth_directory *directory = &a->options.directory;
    g_autofree char *right = NULL;
    char *login = NULL;

    right = directory->find(directory->data, NULL, user, &login);
    return admit(a, login, right != NULL && token_same(right, password));
}

/* Windows reads the pair as Latin-1 or UTF-8: take what is valid UTF-8. */
static char *check_basic(struct auth *a, const char *token)
{
    g_autofree char *pair = NULL;
    gsize n = 0;
    char *colon;

    if (strlen(token) > BASIC_MAX)
        return NULL;
    pair = (char *)g_base64_decode(token, &n);
    pair = g_realloc(pair, n + 1);
    pair[n] = '\0';
    colon = strchr(pair, ':');
    if (colon == NULL || !g_utf8_validate(pair, (gssize)n, NULL))
        return NULL;
    *colon = '\0';
    return auth_check_password(a, pair, colon + 1);
}

/* ---- Bearer -------------------------------------------------------- */

/* As Exchange 2013 and later word it; the first id is Exchange's own. */
static char *bearer_challenge(const struct auth *a, const char *error)
{
    return g_strdup_printf(
        "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", "
        "trusted_issuers=\"00000001-0000-0000-c000-000000000000@*\", "
        "token_types=\"app_asserted_user_v1 service_asserted_app_v1\", "
        "authorization_uri=\"https://%s/oauth2/authorize\"%s%s%s",
        a->options.host, error != NULL ? ", error=\"" : "",
        error != NULL ? error : "", error != NULL ? "\"" : "");
}

/* Whose the token is: a user's login, or the account of an application. */
static void check_bearer(struct auth *a, const char *token,
                         struct auth_verdict *v)
{
    const struct auth_directory *directory = &a->options.directory;
    g_autofree char *client = NULL, *user = NULL, *name = NULL;
    enum token_state state =
        tokens_check(a->options.tokens, token, &client, &user);

    if (state == TOKEN_GOOD) {
        name =
            user != NULL ? g_strdup(user) : g_strconcat("app:", client, NULL);
        /* the password is not asked for: the token has been */
        g_free(directory->find(directory->data, NULL, name, &v->login));
    }
    if (v->login != NULL)
        return;
    g_ptr_array_add(v->ask, bearer_challenge(a, "invalid_token"));
    v->why = state == TOKEN_EXPIRED
                 ? "2000003;reason=\"The token has expired.\";"
                   "error_category=\"invalid_lifetime\""
                 : "2000001;reason=\"The token has an invalid signature.\";"
                   "error_category=\"invalid_signature\"";
}

/* ---- NTLM ---------------------------------------------------------- */

static uint64_t filetime_now(const struct auth *a)
{
    return (uint64_t)(timestamp_now() + a->options.clock_skew_us +
                      INT64_C(11644473600000000)) *
           10;
}

/* The challenge as the value of a header, or NULL when negotiate is none. */
static char *challenge_dup(struct auth *a, struct auth_conn *c,
                           const char *scheme, const uint8_t *message,
                           size_t len)
{
    const struct ntlm_names names = {
        .netbios_domain = a->options.domain,
        .netbios_computer = "EXCHANGE",
        .dns_domain = a->dns_domain,
        .dns_computer = a->options.host,
    };
    g_autoptr(GByteArray) out = NULL;
    g_autofree char *text = NULL;

    if (getrandom(c->challenge, sizeof(c->challenge), 0) !=
        (ssize_t)sizeof(c->challenge))
        g_error("no random bytes");
    out = ntlm_challenge_new(&names, c->challenge,
                             a->options.challenge_clock ? filetime_now(a) : 0,
                             message, len);
    if (out == NULL)
        return NULL;
    c->challenged = true;
    g_clear_pointer(&c->negotiate, g_byte_array_unref);
    g_clear_pointer(&c->challenge_message, g_byte_array_unref);
    c->negotiate = g_byte_array_new();
    g_byte_array_append(c->negotiate, message, (guint)len);
    c->challenge_message = g_byte_array_ref(out);
    text = g_base64_encode(out->data, out->len);
    return g_strdup_printf("%s %s", scheme, text);
}

/* Bound to the connection that it came on, as far as that is wanted. */
static bool is_bound(const struct auth *a, const struct ntlm_answer *answer)
{
    const uint8_t *ours = a->options.channel_hash;

    if (a->options.protection == AUTH_PROTECTION_OFF)
        return true;
    if (!answer->has_channel)
        return a->options.protection == AUTH_PROTECTION_ALLOW;
    return ours != NULL &&
           memeql_sec(ours, answer->channel, NTLM_CHANNEL_SIZE) != 0;
}

/* A challenge is good for one answer. */
static char *check_answer(struct auth *a, struct auth_conn *c,
                          const uint8_t *message, size_t len)
{
    const struct auth_directory *directory = &a->options.directory;
    const struct ntlm_messages messages = { c->negotiate, c->challenge_message,
                                            message, len };
    g_auto(ntlm_answer) answer = { 0 };
    g_autofree char *password = NULL;
    char *login = NULL;

    if (!c->challenged)
        return NULL;
    c->challenged = false;
    if (!ntlm_answer_parse(message, len, &answer) || !is_bound(a, &answer))
        return NULL;
    password =
        directory->find(directory->data, answer.domain, answer.user, &login);
    return admit(a, login,
                 password != NULL &&
                     ntlm_answer_verify(&answer, c->challenge, password) &&
                     ntlm_answer_intact(&answer, &messages, password));
}

static void check_ntlm(struct auth *a, struct auth_conn *c, const char *scheme,
                       const char *token, struct auth_verdict *v)
{
    g_autofree uint8_t *message = NULL;
    gsize len = 0;

    g_clear_pointer(&c->login, g_free);
    if (strlen(token) > NTLM_MESSAGE_MAX * 4 / 3)
        return;
    message = g_base64_decode(token, &len);
    if (ntlm_type(message, len) == NTLM_NEGOTIATE) {
        char *ask = challenge_dup(a, c, scheme, message, len);

        if (ask != NULL)
            g_ptr_array_add(v->ask, ask);
        return;
    }
    c->login = check_answer(a, c, message, len);
    v->login = g_strdup(c->login);
    v->proven = v->login != NULL;
}

/* ---- the whole ----------------------------------------------------- */

static void ask_all(const struct auth *a, GPtrArray *ask)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if ((a->options.schemes & schemes[i].scheme) == 0)
            continue;
        if (schemes[i].scheme == AUTH_BASIC)
            g_ptr_array_add(
                ask, g_strdup_printf("Basic realm=\"%s\"", a->options.host));
        else if (schemes[i].scheme == AUTH_BEARER)
            g_ptr_array_add(ask, bearer_challenge(a, NULL));
        else
            g_ptr_array_add(ask, g_strdup(schemes[i].name));
    }
}

/* The part after "Scheme "; *ret_bit 0 for a scheme that is not offered. */
static const char *split_header(const struct auth *a, const char *header,
                                unsigned int *ret_bit, const char **ret_name)
{
    *ret_bit = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        size_t n = strlen(schemes[i].name);

        if (g_ascii_strncasecmp(header, schemes[i].name, n) != 0 ||
            header[n] != ' ')
            continue;
        *ret_bit = a->options.schemes & schemes[i].scheme;
        *ret_name = schemes[i].name;
        return header + n + 1;
    }
    return NULL;
}

void auth_check(struct auth *a, struct auth_conn *c, const char *header,
                struct auth_verdict *ret)
{
    const char *name = NULL, *token = NULL;
    unsigned int bit = 0;

    *ret = (struct auth_verdict){
        .ask = g_ptr_array_new_with_free_func(g_free),
    };
    if (header == NULL)
        ret->login = g_strdup(c->login);
    else
        token = split_header(a, header, &bit, &name);
    if (bit == AUTH_BASIC)
        ret->login = check_basic(a, token);
    else if (bit == AUTH_BEARER && a->options.tokens != NULL)
        check_bearer(a, token, ret);
    else if (bit == AUTH_NTLM || bit == AUTH_NEGOTIATE)
        check_ntlm(a, c, name, token, ret);
    if (ret->login == NULL && ret->ask->len == 0)
        ask_all(a, ret->ask);
}
