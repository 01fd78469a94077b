#include "cmd/doors.h"

#include <pthread.h>
#include <string.h>

#include "base/hours.h"
#include "ews/ews.h"

G_STATIC_ASSERT(MIGRATION_N_SIDES == 2);

static const char *const side_names[MIGRATION_N_SIDES] = { "source",
                                                           "destination" };

struct doors {
    struct migrations *migrations;
    struct net *net;
    struct governor *governor;
    pthread_mutex_t lock; /* over houses, and what is in them */
    GHashTable *houses;   /* migration id: struct house * */
    GPtrArray *gates;     /* struct gate *, of source hosts */
    GPtrArray *hours;     /* struct hours *: the governor may have them */
};

/* A source host as migrations name it, and as the governor does. */
struct gate {
    char *host;         /* "mail.example:443" */
    GPtrArray *servers; /* char *: those behind it; owned */
    char *quiet;        /* text; NULL: never */
    const struct hours *hours;
};

/* What is known of a migration's servers. */
struct house {
    int64_t id, version;
    bool known[MIGRATION_N_SIDES];
    ews_discovery found[MIGRATION_N_SIDES];
    bool refused[MIGRATION_N_SIDES]; /* the administrative account was */
};

/* One side, opened for one pass. */
struct visit_side {
    char *user; /* of the mailbox's own login, or of the account */
    struct secret *password;
    bool own;
    struct ews_site *site;
};

struct visit {
    struct doors *doors;
    int64_t migration_id, version;
    char *addresses[MIGRATION_N_SIDES];
    struct visit_side sides[MIGRATION_N_SIDES];
};

/* ---- what is known ---------------------------------------------------- */

static void house_free(void *p)
{
    struct house *h = p;

    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        ews_discovery_clear(&h->found[i]);
    g_free(h);
}

/* Under the lock.  What was known of an older version is forgotten. */
static struct house *house_of(struct doors *d, int64_t id, int64_t version)
{
    struct house *h = g_hash_table_lookup(d->houses, &id);

    if (h != NULL && h->version >= version)
        return h;
    h = g_new0(struct house, 1);
    h->id = id;
    h->version = version;
    g_hash_table_replace(d->houses, &h->id, h);
    return h;
}

static bool recall(struct visit *v, int side, char **ret_url,
                   unsigned int *ret_schemes, bool *ret_refused)
{
    struct doors *d = v->doors;
    const struct house *h;
    bool known;

    pthread_mutex_lock(&d->lock);
    h = house_of(d, v->migration_id, v->version);
    known = h->known[side];
    *ret_refused = h->refused[side];
    if (known) {
        *ret_url = g_strdup(h->found[side].ews_url);
        *ret_schemes = h->found[side].schemes;
    }
    pthread_mutex_unlock(&d->lock);
    return known;
}

static void remember(struct visit *v, int side, ews_discovery *found)
{
    struct doors *d = v->doors;
    struct house *h;

    pthread_mutex_lock(&d->lock);
    h = house_of(d, v->migration_id, v->version);
    if (!h->known[side]) {
        h->known[side] = true;
        h->found[side] = *found;
        *found = (ews_discovery){ 0 };
    }
    pthread_mutex_unlock(&d->lock);
}

/* ---- quiet hours ------------------------------------------------------- */

static void gate_free(void *p)
{
    struct gate *g = p;

    g_ptr_array_unref(g->servers);
    g_free(g->quiet);
    g_free(g->host);
    g_free(g);
}

/* Under the lock. */
static struct gate *gate_of(struct doors *d, const char *host)
{
    struct gate *g;

    for (guint i = 0; i < d->gates->len; i++) {
        g = d->gates->pdata[i];
        if (strcmp(g->host, host) == 0)
            return g;
    }
    g = g_new0(struct gate, 1);
    g->host = g_strdup(host);
    g->servers = g_ptr_array_new_with_free_func(g_free);
    /* what finds the server is a request, too: to the host as it was given */
    g_ptr_array_add(g->servers, g_str_has_suffix(host, ":443")
                                    ? g_strndup(host, strlen(host) - 4)
                                    : g_strdup(host));
    g_ptr_array_add(d->gates, g);
    return g;
}

static void keep_quiet(struct doors *d, struct gate *g, const char *text)
{
    struct hours *h = NULL;
    struct err ignored;

    if (g_strcmp0(g->quiet, text) == 0)
        return;
    if (text != NULL && hours_parse(text, &h, &ignored) < 0)
        return; /* claims heed it: see jobs_group_may() */
    g_free(g->quiet);
    g->quiet = g_strdup(text);
    g->hours = h;
    if (h != NULL)
        g_ptr_array_add(d->hours, h);
    for (guint i = 0; i < g->servers->len; i++)
        governor_set_quiet(d->governor, g->servers->pdata[i], h);
}

static const struct jobs_host *find_host(const GPtrArray *hosts,
                                         const char *name)
{
    for (guint i = 0; i < hosts->len; i++) {
        const struct jobs_host *h = hosts->pdata[i];

        if (strcmp(h->name, name) == 0)
            return h;
    }
    return NULL;
}

static void heed_hosts(void *data, const GPtrArray *hosts)
{
    struct doors *d = data;

    pthread_mutex_lock(&d->lock);
    for (guint i = 0; i < hosts->len; i++)
        gate_of(d, ((const struct jobs_host *)hosts->pdata[i])->name);
    for (guint i = 0; i < d->gates->len; i++) {
        struct gate *g = d->gates->pdata[i];
        const struct jobs_host *h = find_host(hosts, g->host);

        keep_quiet(d, g, h != NULL ? h->quiet : NULL);
    }
    pthread_mutex_unlock(&d->lock);
}

/* The server behind a source's address has that one's quiet hours. */
static void stand_behind(struct doors *d, const char *host, const char *server)
{
    struct gate *g;

    pthread_mutex_lock(&d->lock);
    g = gate_of(d, host);
    if (!g_ptr_array_find_with_equal_func(g->servers, server, g_str_equal,
                                          NULL)) {
        g_ptr_array_add(g->servers, g_strdup(server));
        if (g->hours != NULL)
            governor_set_quiet(d->governor, server, g->hours);
    }
    pthread_mutex_unlock(&d->lock);
}

/* ---- a pass ------------------------------------------------------------- */

static void visit_close(void *opened)
{
    struct visit *v = opened;

    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        ews_site_free(v->sides[i].site);
        secret_free(v->sides[i].password);
        g_free(v->sides[i].user);
        g_free(v->addresses[i]);
    }
    g_free(v);
}

static int take_login(struct visit *v, const struct worker_task *task, int side,
                      struct err *err)
{
    struct migrations *m = v->doors->migrations;
    struct visit_side *s = &v->sides[side];
    int found = migrations_login(m, task->migration->id, task->mailbox->id,
                                 (enum migration_side)side, &s->user,
                                 &s->password, err);

    s->own = found > 0;
    if (found == 0)
        found = migrations_login(m, task->migration->id, 0,
                                 (enum migration_side)side, &s->user,
                                 &s->password, err);
    if (found < 0)
        return -1;
    if (found > 0)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s: there is neither a password of the mailbox nor an "
            "administrative account",
            side_names[side]);
    return err_remedy(err, "give the migration an account, or import the row "
                           "with its password");
}

static int refuse_account(int side, const struct visit_side *s, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_REAUTH, 0,
            "%s: the account \"%s\" was refused before, and is not tried again",
            side_names[side], s->user);
    err->name = "Unauthorized";
    return err_remedy(err, "give the migration its right password, then retry "
                           "what has failed");
}

static int discover(struct visit *v, const struct worker_task *task, int side,
                    ews_discovery *ret, struct err *err)
{
    const struct visit_side *s = &v->sides[side];
    const struct ews_login login = { s->user != NULL ? s->user
                                                     : v->addresses[side],
                                     s->password };
    const struct ews_discover_config how = {
        .net = v->doors->net,
        .governor = v->doors->governor,
        .cancel = task->cancel,
        .owa_url = task->migration->urls[side],
        .allowed_hosts = (const char *const *)task->options->allow_hosts,
        .address = v->addresses[side],
        .login = &login,
    };

    if (ews_discover(&how, ret, err) < 0)
        return err_in(err, "%s \"%s\"", side_names[side],
                      task->migration->urls[side]);
    return 0;
}

static int open_site(struct visit *v, const struct worker_task *task, int side,
                     char **ret_url, struct err *err)
{
    struct visit_side *s = &v->sides[side];
    struct ews_login admin;
    struct ews_site_config site = {
        .net = v->doors->net,
        .governor = v->doors->governor,
        .cancel = task->cancel,
    };
    bool refused = false;

    if (take_login(v, task, side, err) < 0)
        return -1;
    admin = (struct ews_login){ s->user, s->password };
    site.admin = s->own ? NULL : &admin;
    if (!recall(v, side, ret_url, &site.schemes, &refused)) {
        g_auto(ews_discovery) found = { 0 };

        if (discover(v, task, side, &found, err) < 0)
            return -1;
        *ret_url = g_strdup(found.ews_url);
        site.schemes = found.schemes;
        remember(v, side, &found);
    }
    if (refused && !s->own)
        return refuse_account(side, s, err);
    site.ews_url = *ret_url;
    if (ews_site_new(&site, &s->site, err) < 0)
        return err_in(err, "%s", side_names[side]);
    if (side == MIGRATION_SOURCE)
        stand_behind(v->doors, task->migration->host, ews_site_host(s->site));
    return 0;
}

static int open_both(struct visit *v, const struct worker_task *task,
                     struct err *err)
{
    g_autofree char *source = NULL, *destination = NULL;
    struct store_migration about = { 0 };

    if (open_site(v, task, MIGRATION_SOURCE, &source, err) < 0 ||
        open_site(v, task, MIGRATION_DESTINATION, &destination, err) < 0)
        return -1;
    about.source_url = source;
    about.destination_url = destination;
    return store_migration_set(task->store, &about, err);
}

static int visit_open(void *data, const struct worker_task *task, void **ret,
                      struct err *err)
{
    struct visit *v = g_new0(struct visit, 1);

    v->doors = data;
    v->migration_id = task->migration->id;
    v->version = task->migration->version;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        v->addresses[i] = g_strdup(task->mailbox->addresses[i]);
    if (open_both(v, task, err) < 0) {
        visit_close(v);
        return -1;
    }
    *ret = v;
    return 0;
}

static int open_end(struct visit *v, int side, struct endpoint **ret,
                    struct err *err)
{
    const struct visit_side *s = &v->sides[side];
    const struct ews_login login = { s->user, s->password };
    const struct ews_mailbox_config how = {
        .address = v->addresses[side],
        .login = s->own ? &login : NULL,
    };

    return ews_mailbox_new(s->site, &how, ret, err);
}

static int visit_mailbox(void *data, size_t index, struct endpoint **ret_source,
                         struct endpoint **ret_destination, struct err *err)
{
    g_autoptr(endpoint) source = NULL, destination = NULL;

    (void)index;
    if (open_end(data, MIGRATION_SOURCE, &source, err) < 0 ||
        open_end(data, MIGRATION_DESTINATION, &destination, err) < 0)
        return -1;
    *ret_source = g_steal_pointer(&source);
    *ret_destination = g_steal_pointer(&destination);
    return 0;
}

/* There is no other account; that this one was refused is remembered. */
static bool visit_another(void *data, size_t index)
{
    struct visit *v = data;
    struct doors *d = v->doors;

    (void)index;
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        if (v->sides[i].own ||
            ews_site_account(v->sides[i].site, v->addresses[i]) !=
                EWS_ACCOUNT_REFUSED)
            continue;
        pthread_mutex_lock(&d->lock);
        house_of(d, v->migration_id, v->version)->refused[i] = true;
        pthread_mutex_unlock(&d->lock);
    }
    return false;
}

/* ---- all of them --------------------------------------------------------- */

static int open_net(const struct config *c, struct net **ret, struct err *err)
{
    const char *list = config_text(c, CONFIG_ENGINE_PRIVATE);
    g_auto(GStrv) parts = g_strsplit(list != NULL ? list : "", ",", -1);
    g_autoptr(GArray) ranges =
        g_array_new(FALSE, FALSE, sizeof(struct inet_range));
    g_autofree char *ca_file = config_path(c, CONFIG_ENGINE_CA_FILE);
    struct net_config how = { .ca_file = ca_file, .guarded = true };

    for (char **part = parts; *part != NULL; part++) {
        struct inet_range range;

        if (inet_range_parse(g_strstrip(*part), &range, err) < 0)
            return -1;
        g_array_append_val(ranges, range);
    }
    how.private_networks = (const struct inet_range *)ranges->data;
    how.n_private_networks = ranges->len;
    return net_new(&how, ret, err);
}

int doors_new(const struct config *c, struct migrations *m, struct doors **ret,
              struct err *err)
{
    const struct governor_config limits = {
        .host_cap = (unsigned int)config_number(c, CONFIG_ENGINE_REQUESTS),
    };
    struct net *n = NULL;
    struct doors *d;

    if (open_net(c, &n, err) < 0)
        return -1;
    d = g_new0(struct doors, 1);
    d->net = n;
    d->migrations = m;
    d->governor = governor_new(&limits);
    pthread_mutex_init(&d->lock, NULL);
    d->houses =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, house_free);
    d->gates = g_ptr_array_new_with_free_func(gate_free);
    d->hours = g_ptr_array_new_with_free_func((GDestroyNotify)hours_free);
    *ret = d;
    return 0;
}

void doors_free(struct doors *d)
{
    if (d == NULL)
        return;
    g_hash_table_unref(d->houses);
    governor_free(d->governor);
    g_ptr_array_unref(d->gates);
    g_ptr_array_unref(d->hours);
    net_free(d->net);
    pthread_mutex_destroy(&d->lock);
    g_free(d);
}

struct worker_doors doors_of(struct doors *d)
{
    return (struct worker_doors){
        .open = visit_open,
        .mailbox = visit_mailbox,
        .another = visit_another,
        .close = visit_close,
        .hosts = heed_hosts,
        .data = d,
    };
}
