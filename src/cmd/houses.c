#include "cmd/houses.h"

#include <pthread.h>

#include "fleet/migration.h"

G_STATIC_ASSERT(MIGRATION_N_SIDES == 2);

static const char *const side_names[MIGRATION_N_SIDES] = { "source",
                                                           "destination" };

static const enum err_side err_sides[MIGRATION_N_SIDES] = { ERR_SOURCE,
                                                            ERR_DESTINATION };

static int at_side(enum migration_side side, struct err *err)
{
    return err_at(err, err_sides[side]);
}

/* One side of a migration; under the lock. */
struct entrance {
    bool known;
    ews_discovery found;
    GHashTable *refused; /* set of user names and client ids, by now */
    /* while anybody is inside: */
    struct ews_site *site;
    struct net *net;    /* through the side's proxy; NULL: none */
    bool given, usable; /* somebody of the migration's; not refused */
};

struct house {
    struct houses *all;
    int64_t id, version;
    unsigned int visits;
    bool replaced; /* by one of a later version: goes with the last visit */
    struct entrance sides[MIGRATION_N_SIDES];
};

struct houses {
    struct houses_config c;
    pthread_mutex_t lock; /* over the houses, and what is in them */
    GHashTable *of;       /* migration id: struct house * */
};

/* ---- coming and going ---------------------------------------------------- */

static void house_free(struct house *h)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        ews_discovery_clear(&h->sides[i].found);
        g_hash_table_unref(h->sides[i].refused);
    }
    g_free(h);
}

static void replace(void *data)
{
    struct house *h = data;

    h->replaced = true;
    if (h->visits == 0)
        house_free(h);
}

struct houses *houses_new(const struct houses_config *config)
{
    struct houses *all = g_new0(struct houses, 1);

    all->c = *config;
    pthread_mutex_init(&all->lock, NULL);
    all->of = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, replace);
    return all;
}

void houses_free(struct houses *all)
{
    if (all == NULL)
        return;
    g_hash_table_unref(all->of);
    pthread_mutex_destroy(&all->lock);
    g_free(all);
}

static struct house *house_new(struct houses *all, const struct migration *m)
{
    struct house *h = g_new0(struct house, 1);

    h->all = all;
    h->id = m->id;
    h->version = m->version;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        h->sides[i].refused =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return h;
}

/* What was known of an older version is forgotten. */
struct house *house_enter(struct houses *all, const struct migration *m)
{
    struct house *h;

    pthread_mutex_lock(&all->lock);
    h = g_hash_table_lookup(all->of, &m->id);
    if (h == NULL || h->version < m->version) {
        h = house_new(all, m);
        g_hash_table_replace(all->of, &h->id, h);
    }
    h->visits++;
    pthread_mutex_unlock(&all->lock);
    return h;
}

/* Takes out what is only there for those inside; whom it refused stays. */
static void vacate(struct entrance *e, struct entrance *out)
{
    if (e->site != NULL)
        ews_site_refused(e->site, e->refused);
    out->site = g_steal_pointer(&e->site);
    out->net = g_steal_pointer(&e->net);
}

static void close_entrance(struct entrance *e)
{
    ews_site_free(e->site);
    net_free(e->net);
}

void house_leave(struct house *h)
{
    struct houses *all = h->all;
    struct entrance out[MIGRATION_N_SIDES] = { 0 };
    bool last;

    pthread_mutex_lock(&all->lock);
    last = --h->visits == 0;
    for (int i = 0; last && i < MIGRATION_N_SIDES; i++)
        vacate(&h->sides[i], &out[i]);
    last = last && h->replaced;
    pthread_mutex_unlock(&all->lock);
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        close_entrance(&out[i]);
    if (last)
        house_free(h);
}

/* ---- whom the migration gives -------------------------------------------- */

struct party {
    char *admin_user;
    struct secret *admin_password;
    GPtrArray *access; /* of struct migration_access * */
    GArray *logins;    /* struct ews_login: those not refused; borrow */
    struct ews_oauth oauth;
    const struct migration_access *proxy;
    bool given;
};

static void party_clear(struct party *p)
{
    g_free(p->admin_user);
    secret_free(p->admin_password);
    g_clear_pointer(&p->access, g_ptr_array_unref);
    g_clear_pointer(&p->logins, g_array_unref);
}
typedef struct party party;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(party, party_clear)

static bool is_refused(struct house *h, enum migration_side side,
                       const char *user)
{
    bool refused;

    pthread_mutex_lock(&h->all->lock);
    refused = g_hash_table_contains(h->sides[side].refused, user);
    pthread_mutex_unlock(&h->all->lock);
    return refused;
}

static void invite(struct house *h, enum migration_side side, struct party *p,
                   const char *user, struct secret *password)
{
    const struct ews_login login = { user, password };

    p->given = true;
    if (!is_refused(h, side, user))
        g_array_append_val(p->logins, login);
}

static void take_access(struct house *h, enum migration_side side,
                        struct party *p, const struct migration_access *a)
{
    switch (a->way) {
    case MIGRATION_ACCOUNT:
        invite(h, side, p, a->user, a->secret);
        break;
    case MIGRATION_OAUTH:
        p->given = true;
        if (!is_refused(h, side, a->user))
            p->oauth =
                (struct ews_oauth){ a->url, a->user, a->secret, a->scope };
        break;
    case MIGRATION_PROXY:
        p->proxy = a;
        break;
    case MIGRATION_N_WAYS:
        break;
    }
}

static int gather(struct house *h, enum migration_side side, struct party *p,
                  struct err *err)
{
    struct migrations *m = h->all->c.migrations;
    int found = migrations_login(m, h->id, 0, side, &p->admin_user,
                                 &p->admin_password, err);

    if (found < 0 || migrations_access(m, h->id, side, &p->access, err) < 0)
        return -1;
    p->logins = g_array_new(FALSE, FALSE, sizeof(struct ews_login));
    if (found > 0)
        invite(h, side, p, p->admin_user, p->admin_password);
    for (guint i = 0; i < p->access->len; i++)
        take_access(h, side, p, p->access->pdata[i]);
    return 0;
}

static bool is_usable(const struct party *p)
{
    return p->logins->len > 0 || p->oauth.client_id != NULL;
}

/* ---- making a site ------------------------------------------------------- */

static int open_net(struct house *h, const struct migration_access *a,
                    struct net **ret, struct err *err)
{
    struct net_config how = h->all->c.net_config;
    g_auto(net_proxy) proxy = { 0 };

    if (net_proxy_parse(a->url, &proxy, err) < 0)
        return -1;
    g_free(proxy.user);
    proxy.user = g_strdup(a->user);
    secret_free(proxy.password);
    proxy.password = secret_ref(a->secret);
    how.proxy = &proxy;
    how.proxy_guarded = how.guarded;
    return net_new(&how, ret, err);
}

struct wish {
    struct house *house;
    const struct worker_task *task;
    enum migration_side side;
    const struct ews_login *own;
};

static int discover(const struct wish *w, const struct party *p,
                    struct net *through, ews_discovery *ret, struct err *err)
{
    const struct houses_config *c = &w->house->all->c;
    const struct ews_discover_config how = {
        .net = through,
        .governor = c->governor,
        .cancel = w->task->cancel,
        .owa_url = w->task->migration->urls[w->side],
        .allowed_hosts = (const char *const *)w->task->options->allow_hosts,
        .address = w->task->mailbox->addresses[w->side],
        .login = w->own != NULL ? w->own
                 : p->logins->len > 0
                     ? &g_array_index(p->logins, struct ews_login, 0)
                     : NULL,
    };

    return ews_discover(&how, ret, err);
}

/* Asked once for a version of the migration, unless two ask at a time. */
static int find(const struct wish *w, const struct party *p,
                struct ews_site_config *site, char **ret_url, struct err *err)
{
    struct houses *all = w->house->all;
    struct entrance *e = &w->house->sides[w->side];
    g_auto(ews_discovery) found = { 0 };
    bool known;

    pthread_mutex_lock(&all->lock);
    known = e->known;
    pthread_mutex_unlock(&all->lock);
    if (!known && discover(w, p, site->net, &found, err) < 0) {
        err->side = err_sides[w->side];
        return err_in(err, "%s \"%s\"", side_names[w->side],
                      w->task->migration->urls[w->side]);
    }
    pthread_mutex_lock(&all->lock);
    if (!e->known) {
        e->known = true;
        e->found = found;
        found = (ews_discovery){ 0 };
    }
    *ret_url = g_strdup(e->found.ews_url);
    site->schemes = e->found.schemes;
    pthread_mutex_unlock(&all->lock);
    return 0;
}

static int make_site(const struct wish *w, const struct party *p,
                     struct entrance *ret, struct err *err)
{
    const struct houses_config *c = &w->house->all->c;
    struct ews_site_config site = {
        .net = ret->net != NULL ? ret->net : c->net,
        .governor = c->governor,
        .cancel = c->cancel,
        .more_admins = (const struct ews_login *)p->logins->data,
        .n_more_admins = p->logins->len,
        .oauth = p->oauth.client_id != NULL ? &p->oauth : NULL,
    };
    g_autofree char *url = NULL;

    if (find(w, p, &site, &url, err) < 0)
        return -1;
    site.ews_url = url;
    if (ews_site_new(&site, &ret->site, err) < 0)
        return at_side(w->side, err);
    return 0;
}

/* Whoever is first has made it; another's is not used. */
static void install(const struct wish *w, struct entrance *made)
{
    struct houses *all = w->house->all;
    struct entrance *e = &w->house->sides[w->side];

    pthread_mutex_lock(&all->lock);
    if (e->site == NULL) {
        e->site = g_steal_pointer(&made->site);
        e->net = g_steal_pointer(&made->net);
        e->given = made->given;
        e->usable = made->usable;
    }
    pthread_mutex_unlock(&all->lock);
}

static int all_refused(const struct wish *w, struct err *err)
{
    struct houses *all = w->house->all;
    GHashTableIter users;
    gpointer user = NULL;

    pthread_mutex_lock(&all->lock);
    g_hash_table_iter_init(&users, w->house->sides[w->side].refused);
    (void)g_hash_table_iter_next(&users, &user, NULL); /* one of them */
    err_set(err, ERR_MAILBOX, ERR_RETRY_REAUTH, 0,
            "\"%s\" was refused before, and is not tried again",
            (const char *)user);
    pthread_mutex_unlock(&all->lock);
    err->name = "Unauthorized";
    at_side(w->side, err);
    return err_remedy(err, "give the migration its right password or secret, "
                           "then retry what has failed");
}

static int nobody(const struct wish *w, bool given, struct err *err)
{
    if (given)
        return all_refused(w, err);
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "there is neither a password of the mailbox nor an "
            "administrative account");
    at_side(w->side, err);
    return err_remedy(err, "give the migration an account, or import the row "
                           "with its password");
}

static int make(const struct wish *w, struct err *err)
{
    struct entrance made = { 0 };
    g_auto(party) p = { 0 };
    int result = gather(w->house, w->side, &p, err);

    made.given = p.given;
    made.usable = result == 0 && is_usable(&p);
    if (result == 0 && w->own == NULL && !made.usable)
        result = nobody(w, made.given, err);
    if (result == 0 && p.proxy != NULL &&
        open_net(w->house, p.proxy, &made.net, err) < 0)
        result = at_side(w->side, err);
    if (result == 0)
        result = make_site(w, &p, &made, err);
    if (result == 0)
        install(w, &made);
    close_entrance(&made);
    return result;
}

/* The server behind an address, as people and limits name that. */
static void announce(const struct wish *w, const struct ews_site *site)
{
    const struct houses_config *c = &w->house->all->c;
    const char *server = ews_site_host(site);
    g_autofree char *host = NULL;
    struct err ignored;

    governor_set_start(c->governor, server,
                       (unsigned int)w->task->options->first_requests);
    if (fleet_host(w->task->migration->urls[w->side], &host, &ignored) == 0)
        gates_stand_behind(c->gates, host, server);
}

int house_site(struct house *h, const struct worker_task *task,
               enum migration_side side, const struct ews_login *own,
               struct ews_site **ret, struct err *err)
{
    const struct wish w = { h, task, side, own };
    const struct entrance *e = &h->sides[side];
    bool made, given, usable;

    pthread_mutex_lock(&h->all->lock);
    made = e->site != NULL;
    pthread_mutex_unlock(&h->all->lock);
    if (!made && make(&w, err) < 0)
        return -1;
    pthread_mutex_lock(&h->all->lock);
    *ret = e->site;
    given = e->given;
    usable = e->usable;
    pthread_mutex_unlock(&h->all->lock);
    if (own == NULL && !usable)
        return nobody(&w, given, err);
    announce(&w, *ret);
    return 0;
}

char *house_url(struct house *h, enum migration_side side)
{
    char *url;

    pthread_mutex_lock(&h->all->lock);
    url = g_strdup(h->sides[side].found.ews_url);
    pthread_mutex_unlock(&h->all->lock);
    return url;
}
