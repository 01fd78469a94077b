#include "ews/credential.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "ews/moment.h"

enum credential_state {
    CREDENTIAL_UNPROVEN,
    CREDENTIAL_PROVING,
    CREDENTIAL_PROVEN,
    CREDENTIAL_DEAD,
};

struct credential {
    atomic_uint refs;
    char *user;
    struct secret *password; /* NULL: of an application */
    struct oauth *oauth;     /* or NULL */

    pthread_mutex_t state_lock; /* guards the two below */
    enum credential_state state;
    struct err refused; /* of DEAD */
    pthread_cond_t state_changed;
};

struct credential *credential_new(const char *user, struct secret *password)
{
    struct credential *c = g_new0(struct credential, 1);

    atomic_init(&c->refs, 1);
    c->user = g_strdup(user);
    c->password = secret_ref(password);
    pthread_mutex_init(&c->state_lock, NULL);
    moment_init(&c->state_changed);
    return c;
}

struct credential *credential_new_oauth(struct oauth *o)
{
    struct credential *c = credential_new(oauth_client(o), NULL);

    c->oauth = o;
    return c;
}

struct credential *credential_ref(struct credential *c)
{
    atomic_fetch_add(&c->refs, 1);
    return c;
}

void credential_unref(struct credential *c)
{
    if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
        return;
    pthread_cond_destroy(&c->state_changed);
    pthread_mutex_destroy(&c->state_lock);
    secret_free(c->password);
    oauth_free(c->oauth);
    g_free(c->user);
    g_free(c);
}

bool credential_is(const struct credential *c, const char *user,
                   const struct secret *password)
{
    return c->oauth == NULL && strcmp(c->user, user) == 0 &&
           strcmp(secret_peek(c->password), secret_peek(password)) == 0;
}

const char *credential_user(const struct credential *c)
{
    return c->user;
}

const char *credential_kind(const struct credential *c)
{
    return c->oauth != NULL ? "application" : "account";
}

struct oauth *credential_oauth(const struct credential *c)
{
    return c->oauth;
}

struct net_auth credential_auth(const struct credential *c,
                                enum net_scheme scheme)
{
    return (struct net_auth){
        .scheme = scheme,
        .user = c->user,
        .password = c->password,
    };
}

int credential_enter(struct credential *c, struct cancel *stop, struct err *err)
{
    int rc = 0;

    pthread_mutex_lock(&c->state_lock);
    while (c->state == CREDENTIAL_PROVING && rc == 0) {
        if (cancel_level(stop) >= CANCEL_DRAIN)
            rc = moment_cancelled(err);
        else
            moment_wait(&c->state_changed, &c->state_lock);
    }
    if (rc == 0 && c->state == CREDENTIAL_DEAD) {
        *err = c->refused;
        rc = -1;
    } else if (rc == 0 && c->state == CREDENTIAL_UNPROVEN) {
        c->state = CREDENTIAL_PROVING;
        rc = 1;
    }
    pthread_mutex_unlock(&c->state_lock);
    return rc;
}

bool credential_is_refused(struct credential *c)
{
    bool refused;

    pthread_mutex_lock(&c->state_lock);
    refused = c->state == CREDENTIAL_DEAD;
    pthread_mutex_unlock(&c->state_lock);
    return refused || (c->oauth != NULL && oauth_is_dead(c->oauth));
}

void credential_settle(struct credential *c, bool proving,
                       enum credential_finding finding, const struct err *why)
{
    pthread_mutex_lock(&c->state_lock);
    if (finding == CREDENTIAL_REFUSED) {
        c->state = CREDENTIAL_DEAD;
        c->refused = *why;
    } else if (proving && c->state == CREDENTIAL_PROVING) {
        c->state = finding == CREDENTIAL_GOOD ? CREDENTIAL_PROVEN
                                              : CREDENTIAL_UNPROVEN;
    }
    pthread_cond_broadcast(&c->state_changed);
    pthread_mutex_unlock(&c->state_lock);
}
