#include "cmd/doors.h"

#include "cmd/gates.h"
#include "cmd/guarded_net.h"
#include "cmd/houses.h"

struct doors {
    struct migrations *migrations;
    struct guarded_net net;
    struct governor *governor;
    struct gates *gates;
    struct houses *houses;
};

/* One side, opened for one pass. */
struct visit_side {
    char *user; /* with the password: the mailbox's own; NULL: its address */
    struct secret *password; /* NULL: an account of the migration's */
    struct ews_site *site;   /* the house's */
};

struct visit {
    struct house *house;
    struct cancel *cancel;
    char *addresses[MIGRATION_N_SIDES];
    struct visit_side sides[MIGRATION_N_SIDES];
};

/* ---- a pass ------------------------------------------------------------- */

static void visit_close(void *opened)
{
    struct visit *v = opened;

    house_leave(v->house);
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        secret_free(v->sides[i].password);
        g_free(v->sides[i].user);
        g_free(v->addresses[i]);
    }
    g_free(v);
}

static struct ews_login own_login(const struct visit *v, int side)
{
    const struct visit_side *s = &v->sides[side];

    return (struct ews_login){ s->user != NULL ? s->user : v->addresses[side],
                               s->password };
}

static int open_site(struct visit *v, struct migrations *m,
                     const struct worker_task *task, int side, struct err *err)
{
    struct visit_side *s = &v->sides[side];
    struct ews_login own;

    if (migrations_login(m, task->migration->id, task->mailbox->id,
                         (enum migration_side)side, &s->user, &s->password,
                         err) < 0)
        return -1;
    own = own_login(v, side);
    return house_site(v->house, task, (enum migration_side)side,
                      s->password != NULL ? &own : NULL, &s->site, err);
}

static int open_both(struct visit *v, struct migrations *m,
                     const struct worker_task *task, struct err *err)
{
    g_autofree char *source = NULL, *destination = NULL;
    struct store_migration about = { 0 };

    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (open_site(v, m, task, i, err) < 0)
            return -1;
    source = house_url(v->house, MIGRATION_SOURCE);
    destination = house_url(v->house, MIGRATION_DESTINATION);
    about.source_url = source;
    about.destination_url = destination;
    about.created_us = task->migration->created_us;
    return store_migration_set(task->store, &about, err);
}

static int visit_open(void *data, const struct worker_task *task, void **ret,
                      struct err *err)
{
    struct doors *d = data;
    struct visit *v = g_new0(struct visit, 1);

    v->house = house_enter(d->houses, task->migration);
    v->cancel = task->cancel;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        v->addresses[i] = g_strdup(task->mailbox->addresses[i]);
    if (open_both(v, d->migrations, task, err) < 0) {
        visit_close(v);
        return -1;
    }
    *ret = v;
    return 0;
}

static int open_end(struct visit *v, int side, struct endpoint **ret,
                    struct err *err)
{
    const struct ews_login login = own_login(v, side);
    const struct ews_mailbox_config how = {
        .address = v->addresses[side],
        .login = login.password != NULL ? &login : NULL,
        .cancel = v->cancel,
    };

    return ews_mailbox_new(v->sides[side].site, &how, ret, err);
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

/* A mailbox with a password of its own has no account to be replaced. */
static enum ews_account account_of(const struct visit *v, int side)
{
    const struct visit_side *s = &v->sides[side];

    return s->password != NULL ? EWS_ACCOUNT_GOOD
                               : ews_site_account(s->site, v->addresses[side]);
}

static bool visit_another(void *data, size_t index)
{
    const struct visit *v = data;
    enum ews_account source = account_of(v, MIGRATION_SOURCE);
    enum ews_account destination = account_of(v, MIGRATION_DESTINATION);

    (void)index;
    return source != EWS_ACCOUNT_REFUSED &&
           destination != EWS_ACCOUNT_REFUSED &&
           (source == EWS_ACCOUNT_REPLACED ||
            destination == EWS_ACCOUNT_REPLACED);
}

static void heed_hosts(void *data, const GPtrArray *hosts)
{
    gates_heed(((struct doors *)data)->gates, hosts);
}

static void tell_loads(void *data, GPtrArray *to)
{
    gates_loads(((struct doors *)data)->gates, to);
}

/* ---- all of them --------------------------------------------------------- */

static int set_up(struct doors *d, const struct config *c, struct cancel *stop,
                  struct err *err)
{
    const struct governor_config limits = {
        .host_cap = (unsigned int)config_number(c, CONFIG_ENGINE_REQUESTS),
    };
    struct houses_config how = { .migrations = d->migrations, .cancel = stop };

    if (guarded_net_open(&d->net, c, 0, err) < 0)
        return -1;
    how.net_config = d->net.config;
    d->governor = governor_new(&limits);
    d->gates = gates_new(d->governor);
    how.net = d->net.net;
    how.governor = d->governor;
    how.gates = d->gates;
    d->houses = houses_new(&how);
    return 0;
}

int doors_new(const struct config *c, struct migrations *m, struct cancel *stop,
              struct doors **ret, struct err *err)
{
    g_autoptr(doors) d = g_new0(struct doors, 1);

    d->migrations = m;
    if (set_up(d, c, stop, err) < 0)
        return -1;
    *ret = g_steal_pointer(&d);
    return 0;
}

void doors_free(struct doors *d)
{
    if (d == NULL)
        return;
    houses_free(d->houses);
    governor_free(d->governor);
    gates_free(d->gates);
    guarded_net_close(&d->net);
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
        .loads = tell_loads,
        .data = d,
    };
}
