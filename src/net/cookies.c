#include "net/net_priv.h"

static void lock(CURL *easy, curl_lock_data what, curl_lock_access how,
                 void *data)
{
    struct net_cookies *c = data;

    (void)easy;
    (void)how;
    pthread_mutex_lock(&c->locks[what]);
}

static void unlock(CURL *easy, curl_lock_data what, void *data)
{
    struct net_cookies *c = data;

    (void)easy;
    pthread_mutex_unlock(&c->locks[what]);
}

struct net_cookies *net_cookies_new(void)
{
    struct net_cookies *c = g_new0(struct net_cookies, 1);

    atomic_init(&c->refs, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(c->locks); i++)
        pthread_mutex_init(&c->locks[i], NULL);
    c->share = curl_share_init();
    if (c->share == NULL)
        abort(); /* out of memory */
    curl_share_setopt(c->share, CURLSHOPT_LOCKFUNC, lock);
    curl_share_setopt(c->share, CURLSHOPT_UNLOCKFUNC, unlock);
    curl_share_setopt(c->share, CURLSHOPT_USERDATA, c);
    curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    return c;
}

struct net_cookies *net_cookies_ref(struct net_cookies *c)
{
    atomic_fetch_add(&c->refs, 1);
    return c;
}

void net_cookies_unref(struct net_cookies *c)
{
    if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
        return;
    curl_share_cleanup(c->share);
    for (size_t i = 0; i < G_N_ELEMENTS(c->locks); i++)
        pthread_mutex_destroy(&c->locks[i]);
    g_free(c);
}
