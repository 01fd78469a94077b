/*
 * Hosts: what an operator says of them, and what workers have found there.
 */
#include <string.h>

#include "base/step.h"
#include "store/migrations_priv.h"

/* ---- limits -------------------------------------------------------------- */

static int read_limit(struct sq_conn *c, const char *host, unsigned int *most,
                      char **quiet, struct err *err)
{
    struct sq_rows *rows = sq_query(
        c, "SELECT most, quiet FROM job_hosts WHERE host = ?" DB_FOR_UPDATE,
        ARGS(TEXT(host)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    *most = (unsigned int)sq_int64(rows, 0);
    *quiet = sq_column_dup(rows, 1);
    sq_reset(rows);
    return 1;
}

/* Of what is said of a host that nobody has said anything of, too. */
static int64_t version_of(unsigned int most, const char *quiet)
{
    g_autofree char *text =
        g_strdup_printf("%u %s", most, quiet != NULL ? quiet : "");
    g_autofree char *digest =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    digest[15] = '\0'; /* 60 bits */
    return (int64_t)g_ascii_strtoull(digest, NULL, 16) + 1;
}

static int refuse_changed(const char *host, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "the limits of host \"%s\" have been changed meanwhile", host);
    err->name = "changed";
    return err_remedy(err, "look at it again, then change it");
}

static int limit(struct sq_conn *c, const struct roster_actor *who,
                 const char *host, const struct migration_host_change *ch,
                 struct err *err)
{
    g_autofree char *subject = g_strdup_printf("host %s", host), *quiet = NULL,
                    *detail = NULL;
    unsigned int most = 0;

    if (read_limit(c, host, &most, &quiet, err) < 0)
        return -1;
    if (ch->version != 0 && ch->version != version_of(most, quiet))
        return refuse_changed(host, err);
    if (ch->most != NULL)
        most = *ch->most;
    if (ch->quiet != NULL) {
        g_free(quiet);
        quiet = *ch->quiet != '\0' ? g_strdup(ch->quiet) : NULL;
    }
    detail = migration_limit_text(most, "quiet", quiet);
    if (sq_jobs_limit_host(c, host, most, quiet, err) < 0)
        return -1;
    if (roster_audit_line(
            c, &(struct audit_line){ who, "host.limit", subject, detail },
            err) < 0)
        return -1;
    return sq_jobs_tell(c, err);
}

int migrations_limit_host(struct migrations *p, const struct roster_actor *who,
                          const char *host,
                          const struct migration_host_change *ch,
                          struct err *err)
{
    struct sq_conn *c;

    if (store_check(err, "host", host, STORE_EXCHANGE_NAME_MAX) < 0 ||
        (ch->quiet != NULL && *ch->quiet != '\0' &&
         jobs_check_hours(ch->quiet, err) < 0))
        return -1;
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    if (c == NULL || sq_end(c, limit(c, who, host, ch, err), err) < 0)
        return -1;
    step("job");
    jobs_wake(p->jobs);
    return 0;
}

/* ---- what workers find --------------------------------------------------- */

static int put_load(struct sq_conn *c, const char *worker,
                    const struct migration_load *l, struct err *err)
{
    return sq_run(c,
                  "INSERT INTO worker_hosts (worker, host, in_flight, waiting,"
                  " places, requests, busy, throttled_us, parked_until_us,"
                  " quiet_until_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  ARGS(TEXT(worker), TEXT(l->host), INT((int64_t)l->in_flight),
                       INT((int64_t)l->waiting), INT((int64_t)l->places),
                       INT((int64_t)l->requests), INT((int64_t)l->busy),
                       INT(l->throttled_us), INT(l->parked_until_us),
                       INT(l->quiet_until_us)),
                  err);
}

static int put_loads(struct sq_conn *c, const char *worker,
                     const GPtrArray *loads, struct err *err)
{
    if (sq_run(c,
               "DELETE FROM worker_hosts WHERE worker = ?"
               " OR worker NOT IN (SELECT name FROM workers)",
               ARGS(TEXT(worker)), err) < 0)
        return -1;
    for (guint i = 0; i < loads->len; i++)
        if (put_load(c, worker, loads->pdata[i], err) < 0)
            return -1;
    return 0;
}

int migrations_set_loads(struct migrations *p, const char *worker,
                         const GPtrArray *loads, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);

    return c == NULL ? -1 : sq_end(c, put_loads(c, worker, loads, err), err);
}

/* ---- looking ------------------------------------------------------------- */

void migration_load_free(struct migration_load *l)
{
    if (l == NULL)
        return;
    g_free(l->worker);
    g_free(l->host);
    g_free(l);
}

void migration_host_free(struct migration_host *h)
{
    if (h == NULL)
        return;
    g_free(h->name);
    g_free(h->quiet);
    g_ptr_array_unref(h->loads);
    g_free(h);
}

static int read_host(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct migration_host *h = g_new(struct migration_host, 1);

    (void)c;
    (void)err;
    *h = (struct migration_host){
        .name = sq_column_dup(rows, 0),
        .most = (unsigned int)sq_int64(rows, 1),
        .quiet = sq_column_dup(rows, 2),
        .migrations = (uint64_t)sq_int64(rows, 3),
        .running = (uint64_t)sq_int64(rows, 4),
        .loads =
            g_ptr_array_new_with_free_func((GDestroyNotify)migration_load_free),
    };
    h->version = version_of(h->most, h->quiet);
    g_ptr_array_add(to, h);
    return 0;
}

static int read_load(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct migration_load *l = g_new(struct migration_load, 1);

    (void)c;
    (void)err;
    *l = (struct migration_load){
        .host = sq_column_dup(rows, 0),
        .worker = sq_column_dup(rows, 1),
        .in_flight = (uint64_t)sq_int64(rows, 2),
        .waiting = (uint64_t)sq_int64(rows, 3),
        .places = (uint64_t)sq_int64(rows, 4),
        .requests = (uint64_t)sq_int64(rows, 5),
        .busy = (uint64_t)sq_int64(rows, 6),
        .throttled_us = sq_int64(rows, 7),
        .parked_until_us = sq_int64(rows, 8),
        .quiet_until_us = sq_int64(rows, 9),
    };
    g_ptr_array_add(to, l);
    return 0;
}

/* Both in the order of their hosts. */
static void deal_out(GPtrArray *hosts, GPtrArray *loads)
{
    guint next = 0;

    for (guint i = 0; i < hosts->len; i++) {
        struct migration_host *h = hosts->pdata[i];

        while (next < loads->len &&
               strcmp(((struct migration_load *)loads->pdata[next])->host,
                      h->name) == 0)
            g_ptr_array_add(h->loads, g_steal_pointer(&loads->pdata[next++]));
    }
}

#define OF_WORKERS "worker_hosts w JOIN workers k ON k.name = w.worker"

static int read_hosts(struct sq_conn *c, const char *name, GPtrArray *to,
                      struct err *err)
{
    g_autoptr(GPtrArray) loads =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_load_free);

    if (roster_read(c,
                    "SELECT h.host, coalesce(l.most, 0), l.quiet,"
                    " (SELECT count(*) FROM plans p WHERE p.host = h.host),"
                    " (SELECT count(*) FROM jobs j"
                    "  WHERE j.host = h.host AND j.state = 1)"
                    " FROM (SELECT host FROM job_hosts"
                    "  UNION SELECT host FROM plans"
                    "  UNION SELECT w.host FROM " OF_WORKERS ") h"
                    " LEFT JOIN job_hosts l ON l.host = h.host"
                    " WHERE ?1 IN ('', h.host) ORDER BY h.host",
                    ARGS(TEXT(name)), read_host, to, err) < 0 ||
        roster_read(c,
                    "SELECT w.host, w.worker, w.in_flight, w.waiting,"
                    " w.places, w.requests, w.busy, w.throttled_us,"
                    " w.parked_until_us, w.quiet_until_us FROM " OF_WORKERS
                    " WHERE ?1 IN ('', w.host) ORDER BY w.host, w.worker",
                    ARGS(TEXT(name)), read_load, loads, err) < 0)
        return -1;
    deal_out(to, loads);
    return 0;
}
G_STATIC_ASSERT(JOB_RUNNING == 1);

int migrations_hosts(struct migrations *p, const char *name, GPtrArray **ret,
                     struct err *err)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_host_free);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL ||
        sq_end(c, read_hosts(c, name != NULL ? name : "", all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
