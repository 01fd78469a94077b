#include "ews/oauth.h"

#include <pthread.h>
#include <string.h>

#include "base/timestamp.h"
#include "ews/moment.h"
#include "ews/oauth_answer.h"

#define DEADLINE_MS 60000
/*
 * A token is renewed so long before its end: a write may wait for its turn
 * for EWS_PUT_WAIT_MS with the token that it began with.
 */
#define MARGIN_US (300 * TIMESTAMP_SECOND)
/* Of a short life no more than this part. */
#define MARGIN_PART 5

struct oauth {
    struct governed over;
    char *url, *host, *client, *scope;
    struct secret *secret;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool asking;
    struct secret *token; /* or NULL */
    bool accepted;        /* the server has taken it */
    int64_t renew_us;     /* monotonic */
    bool dead;            /* the endpoint refuses the client: */
    struct err why;
};

static int read_url(const char *url, char **ret_host, struct err *err)
{
    g_auto(net_url) parts = { 0 };

    if (net_url_parse(url, &parts, err) < 0)
        return err_in(err, "token endpoint");
    if (!parts.https) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "the address of the token endpoint, \"%s\", is not https", url);
        return err_remedy(err, "a client secret is not sent in the clear");
    }
    *ret_host = g_strdup(parts.host);
    return 0;
}

int oauth_new(const struct governed *over, const struct ews_oauth *how,
              struct oauth **ret, struct err *err)
{
    struct oauth *o;
    char *host = NULL;

    if (read_url(how->token_url, &host, err) < 0)
        return -1;
    o = g_new0(struct oauth, 1);
    o->over = *over;
    o->host = host;
    o->url = g_strdup(how->token_url);
    o->client = g_strdup(how->client_id);
    o->scope = g_strdup(how->scope);
    o->secret = secret_ref(how->secret);
    pthread_mutex_init(&o->lock, NULL);
    moment_init(&o->changed);
    *ret = o;
    return 0;
}

void oauth_free(struct oauth *o)
{
    if (o == NULL)
        return;
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->lock);
    secret_free(o->token);
    secret_free(o->secret);
    g_free(o->scope);
    g_free(o->client);
    g_free(o->host);
    g_free(o->url);
    g_free(o);
}

const char *oauth_client(const struct oauth *o)
{
    return o->client;
}

/* ---- asking ------------------------------------------------------------ */

/* Grows by copying, which would leave secrets behind: room for all at once. */
#define FORM_ROOM (8 * (size_t)SECRET_MAX)

static void append_field(GString *form, const char *name, const char *value)
{
    g_autofree char *text = g_uri_escape_string(value, NULL, FALSE);

    g_string_append_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
    g_string_append(form, text);
    secret_wipe(text, strlen(text));
}

/*
 * The secret goes in the body: that is how Microsoft documents it (v2.0,
 * "client credentials flow"), and RFC 6749 2.3.1 allows it.
 */
static GString *form_new(const struct oauth *o)
{
    GString *form = g_string_sized_new(FORM_ROOM);

    append_field(form, "grant_type", "client_credentials");
    append_field(form, "client_id", o->client);
    append_field(form, "client_secret", secret_peek(o->secret));
    append_field(form, "scope", o->scope);
    return form;
}

static void wipe(GString *text)
{
    secret_wipe(text->str, text->allocated_len);
    g_string_free(text, TRUE);
}

/* Tokens have some 2 KiB; whoever sends more sends something else. */
static int take_answer(void *data, const char *bytes, size_t n, struct err *err)
{
    GString *text = data;

    if (text->len + n > OAUTH_ANSWER_MAX)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "the answer is larger than any token");
    g_string_append_len(text, bytes, (gssize)n);
    return 0;
}

static int perform(struct oauth *o, const GString *form, GString *body,
                   struct net_response *ret, struct err *err)
{
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded",
        "Accept: application/json", NULL
    };
    const struct net_part part = { .text = form->str, .len = form->len };
    const struct net_request request = {
        .method = "POST",
        .url = o->url,
        .headers = headers,
        .parts = &part,
        .n_parts = 1,
        .deadline_ms = DEADLINE_MS,
        .repeatable = true,
        .confidential = true,
        .sink = take_answer,
        .sink_data = body,
        .cancel = o->over.cancel,
    };
    struct ews_transport t = transport_governed(&o->over);
    void *conn = t.ops->connect(&t, NULL);
    int rc = t.ops->perform(conn, &request, ret, err);

    t.ops->disconnect(conn);
    return rc;
}

static int ask(struct oauth *o, struct oauth_answer *ret, struct err *err)
{
    GString *form = form_new(o), *body = g_string_sized_new(OAUTH_ANSWER_MAX);
    g_auto(net_response) response = { 0 };
    int rc = perform(o, form, body, &response, err);

    if (rc < 0) {
        err_in(err, "token of application \"%s\"", o->client);
    } else {
        const struct oauth_question q = {
            .status = response.status,
            .retry_after_ms = response.retry_after_ms,
            .body = body->str,
            .len = body->len,
            .secret = o->secret,
        };

        rc = oauth_answer_read(&q, ret, err);
        if (rc < 0)
            err_in(err, "token endpoint \"%s\": application \"%s\"", o->host,
                   o->client);
    }
    wipe(form);
    wipe(body);
    return rc;
}

/* ---- keeping ----------------------------------------------------------- */

static void keep(struct oauth *o, const struct oauth_answer *a, int64_t asked)
{
    int64_t life = (int64_t)a->seconds * TIMESTAMP_SECOND;

    secret_free(o->token);
    o->token = a->token;
    o->accepted = false;
    /* From when it was asked for: the answer was under way for a while. */
    o->renew_us = asked + life - MIN(MARGIN_US, life / MARGIN_PART);
}

/* With the lock, which is given up meanwhile. */
static int renew(struct oauth *o, struct err *err)
{
    struct oauth_answer answer = { 0 };
    int64_t asked = timestamp_monotonic();
    int rc;

    o->asking = true;
    pthread_mutex_unlock(&o->lock);
    rc = ask(o, &answer, err);
    pthread_mutex_lock(&o->lock);
    o->asking = false;
    if (rc == 0)
        keep(o, &answer, asked);
    if (rc < 0 && err->retry == ERR_RETRY_REAUTH) {
        o->dead = true;
        o->why = *err;
    }
    pthread_cond_broadcast(&o->changed);
    return rc;
}

static bool is_good(const struct oauth *o)
{
    return o->token != NULL && timestamp_monotonic() < o->renew_us;
}

/* With the lock: until there is a token or a reason why not. */
static int provide(struct oauth *o, struct err *err)
{
    while (!is_good(o)) {
        if (o->dead) {
            *err = o->why;
            return -1;
        }
        if (!o->asking)
            return renew(o, err);
        if (cancel_level(o->over.cancel) >= CANCEL_NOW)
            return moment_cancelled(err);
        moment_wait(&o->changed, &o->lock);
    }
    return 0;
}

int oauth_token(struct oauth *o, struct secret **ret, struct err *err)
{
    int rc;

    pthread_mutex_lock(&o->lock);
    rc = provide(o, err);
    if (rc == 0)
        *ret = secret_ref(o->token);
    pthread_mutex_unlock(&o->lock);
    return rc;
}

void oauth_accepted(struct oauth *o, const struct secret *token)
{
    pthread_mutex_lock(&o->lock);
    o->accepted = o->accepted || o->token == token;
    pthread_mutex_unlock(&o->lock);
}

bool oauth_refused(struct oauth *o, const struct secret *token)
{
    bool another = true;

    pthread_mutex_lock(&o->lock);
    if (o->token == token) {
        another = o->accepted;
        g_clear_pointer(&o->token, secret_free);
    }
    pthread_mutex_unlock(&o->lock);
    return another;
}

bool oauth_is_dead(struct oauth *o)
{
    bool dead;

    pthread_mutex_lock(&o->lock);
    dead = o->dead;
    pthread_mutex_unlock(&o->lock);
    return dead;
}
