#include "ews/conns.h"

#include <pthread.h>
#include <string.h>

/* Beyond that the one that has been idle for longest is closed. */
#define IDLE_MAX 256

struct conns {
    const struct ews_transport *transport;
    pthread_mutex_t lock; /* guards all below */
    GPtrArray *idle;      /* of struct conn *, owned; the last given last */
    size_t n_taken;
};

struct conns *conns_new(const struct ews_transport *t)
{
    struct conns *c = g_new0(struct conns, 1);

    c->transport = t;
    pthread_mutex_init(&c->lock, NULL);
    c->idle = g_ptr_array_new();
    return c;
}

static void conn_free(const struct conns *c, struct conn *conn)
{
    c->transport->ops->disconnect(conn->wire);
    secret_free(conn->token);
    g_free(conn->mailbox);
    g_free(conn);
}

void conns_free(struct conns *c)
{
    if (c == NULL)
        return;
    g_assert(c->n_taken == 0);
    for (guint i = 0; i < c->idle->len; i++)
        conn_free(c, c->idle->pdata[i]);
    g_ptr_array_unref(c->idle);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

/* The one used last is the surest to be alive.  NULL: there is none. */
static struct conn *find(const struct conns *c, const struct credential *who,
                         const char *mailbox)
{
    struct conn *found = NULL;

    for (guint i = c->idle->len; i-- > 0;) {
        struct conn *conn = c->idle->pdata[i];

        if (conn->who != who)
            continue;
        if (strcmp(conn->mailbox, mailbox) == 0)
            return conn;
        if (found == NULL)
            found = conn;
    }
    return found;
}

static struct secret *token_of(const struct net_auth *auth)
{
    return auth->scheme == NET_AUTH_BEARER ? secret_ref(auth->password) : NULL;
}

static struct conn *connect_new(const struct conns *c,
                                const struct credential *who,
                                const struct net_auth *auth,
                                const char *mailbox)
{
    struct conn *conn = g_new0(struct conn, 1);

    conn->wire = c->transport->ops->connect(c->transport, auth);
    conn->who = who;
    conn->token = token_of(auth);
    conn->mailbox = g_strdup(mailbox);
    return conn;
}

static void use_again(const struct conns *c, struct conn *conn,
                      const struct net_auth *auth, const char *mailbox)
{
    if (conn->token != NULL && conn->token != auth->password) {
        c->transport->ops->sign_in(conn->wire, auth);
        secret_free(conn->token);
        conn->token = token_of(auth);
    }
    if (strcmp(conn->mailbox, mailbox) == 0)
        return;
    /* By cookies load balancers lead a mailbox to the server that has it. */
    c->transport->ops->forget(conn->wire);
    g_free(conn->mailbox);
    conn->mailbox = g_strdup(mailbox);
}

struct conn *conns_take(struct conns *c, const struct credential *who,
                        const struct net_auth *auth, const char *mailbox)
{
    struct conn *conn;

    pthread_mutex_lock(&c->lock);
    conn = find(c, who, mailbox);
    if (conn != NULL)
        g_ptr_array_remove(c->idle, conn);
    c->n_taken++;
    pthread_mutex_unlock(&c->lock);
    if (conn == NULL)
        return connect_new(c, who, auth, mailbox);
    use_again(c, conn, auth, mailbox);
    return conn;
}

void conns_give(struct conns *c, struct conn *conn)
{
    struct conn *oldest = NULL;

    pthread_mutex_lock(&c->lock);
    c->n_taken--;
    g_ptr_array_add(c->idle, conn);
    if (c->idle->len > IDLE_MAX)
        oldest = g_ptr_array_steal_index(c->idle, 0);
    pthread_mutex_unlock(&c->lock);
    if (oldest != NULL)
        conn_free(c, oldest);
}

void conns_close(struct conns *c, const struct credential *who)
{
    g_autoptr(GPtrArray) closed = g_ptr_array_new();

    pthread_mutex_lock(&c->lock);
    for (guint i = c->idle->len; i-- > 0;) {
        const struct conn *conn = c->idle->pdata[i];

        if (conn->who == who)
            g_ptr_array_add(closed, g_ptr_array_steal_index(c->idle, i));
    }
    pthread_mutex_unlock(&c->lock);
    for (guint i = 0; i < closed->len; i++)
        conn_free(c, closed->pdata[i]);
}
