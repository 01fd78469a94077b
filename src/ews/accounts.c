#include "ews/accounts.h"

#include <pthread.h>

/* One of them, and what it has to do. */
struct seat {
    struct credential *credential;
    unsigned int n_open, n_taken;
};

struct accounts {
    pthread_mutex_t lock; /* guards all below */
    GPtrArray *seats;     /* of struct seat *, owned */
    GHashTable *of;       /* address -> its seat */
    GHashTable *denied;   /* set of "USER ADDRESS": has no right to it */
};

static void free_seat(void *data)
{
    struct seat *s = data;

    credential_unref(s->credential);
    g_free(s);
}

struct accounts *accounts_new(void)
{
    struct accounts *a = g_new0(struct accounts, 1);

    pthread_mutex_init(&a->lock, NULL);
    a->seats = g_ptr_array_new_with_free_func(free_seat);
    a->of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    a->denied = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return a;
}

void accounts_free(struct accounts *a)
{
    if (a == NULL)
        return;
    g_hash_table_unref(a->of);
    g_hash_table_unref(a->denied);
    g_ptr_array_unref(a->seats);
    pthread_mutex_destroy(&a->lock);
    g_free(a);
}

void accounts_add(struct accounts *a, struct credential *c)
{
    struct seat *s = g_new0(struct seat, 1);

    s->credential = c;
    g_ptr_array_add(a->seats, s);
}

static bool is_refused(const struct seat *s)
{
    return credential_is_refused(s->credential);
}

static char *denial_of(const struct credential *c, const char *address)
{
    return g_strconcat(credential_user(c), " ", address, NULL);
}

static bool may_open(const struct accounts *a, const struct seat *s,
                     const char *address)
{
    g_autofree char *denial = denial_of(s->credential, address);

    return !is_refused(s) && !g_hash_table_contains(a->denied, denial);
}

static bool is_freer(const struct seat *s, const struct seat *than)
{
    if (than == NULL || s->n_open != than->n_open)
        return than == NULL || s->n_open < than->n_open;
    return s->n_taken < than->n_taken;
}

/* Of those that were refused neither whole nor there; NULL: all were. */
static struct seat *freest(const struct accounts *a, const char *address)
{
    struct seat *found = NULL;

    for (guint i = 0; i < a->seats->len; i++) {
        struct seat *s = g_ptr_array_index(a->seats, i);

        if (may_open(a, s, address) && is_freer(s, found))
            found = s;
    }
    return found;
}

/* The mailbox's own where that is good still, else another. */
static struct seat *choose(struct accounts *a, const char *address)
{
    struct seat *mine = g_hash_table_lookup(a->of, address), *other;

    if (mine != NULL && may_open(a, mine, address))
        return mine;
    other = freest(a, address);
    if (other != NULL)
        return other;
    return mine != NULL ? mine : g_ptr_array_index(a->seats, 0);
}

struct credential *accounts_take(struct accounts *a, const char *address)
{
    struct credential *c = NULL;

    pthread_mutex_lock(&a->lock);
    if (a->seats->len > 0) {
        struct seat *s = choose(a, address);

        s->n_open++;
        s->n_taken++;
        g_hash_table_insert(a->of, g_strdup(address), s);
        c = credential_ref(s->credential);
    }
    pthread_mutex_unlock(&a->lock);
    return c;
}

void accounts_leave(struct accounts *a, struct credential *c)
{
    pthread_mutex_lock(&a->lock);
    for (guint i = 0; i < a->seats->len; i++) {
        struct seat *s = g_ptr_array_index(a->seats, i);

        if (s->credential == c)
            s->n_open--;
    }
    pthread_mutex_unlock(&a->lock);
    credential_unref(c);
}

bool accounts_deny(struct accounts *a, const char *address,
                   const struct credential *c)
{
    bool others;

    pthread_mutex_lock(&a->lock);
    g_hash_table_add(a->denied, denial_of(c, address));
    others = freest(a, address) != NULL;
    pthread_mutex_unlock(&a->lock);
    return others;
}

unsigned int accounts_n(struct accounts *a)
{
    return a->seats->len;
}

void accounts_refused(struct accounts *a, GHashTable *to)
{
    pthread_mutex_lock(&a->lock);
    for (guint i = 0; i < a->seats->len; i++) {
        const struct seat *s = g_ptr_array_index(a->seats, i);

        if (is_refused(s))
            g_hash_table_add(to, g_strdup(credential_user(s->credential)));
    }
    pthread_mutex_unlock(&a->lock);
}

enum ews_account accounts_state(struct accounts *a, const char *address)
{
    enum ews_account state = EWS_ACCOUNT_GOOD;
    const struct seat *mine;

    pthread_mutex_lock(&a->lock);
    mine = g_hash_table_lookup(a->of, address);
    if (mine != NULL && is_refused(mine))
        state = freest(a, address) != NULL ? EWS_ACCOUNT_REPLACED
                                           : EWS_ACCOUNT_REFUSED;
    pthread_mutex_unlock(&a->lock);
    return state;
}
