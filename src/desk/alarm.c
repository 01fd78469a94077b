#include "desk/alarm.h"

#include <string.h>

#include "store/samples.h"

/* Of the mailboxes that a word names; the pages have all. */
#define NAMES_MAX 5u

static const struct roster_actor actor = { "alarm", NULL, NULL };

/* What is wrong with a migration, or with the service (0). */
struct finding {
    int64_t migration_id; /* first: the key */
    enum stall_kind kind;
    int64_t since_us, p90_us;
    uint64_t mailboxes;
    bool due; /* to be told, unless it was */
    GString *names;
    char *reason, *remedy; /* of STALL_DISK: a job's; or NULL */
};

static void free_finding(void *p)
{
    struct finding *f = p;

    g_string_free(f->names, TRUE);
    g_free(f->reason);
    g_free(f->remedy);
    g_free(f);
}

bool alarm_is_late(int64_t said_us, int64_t p90_us, int64_t now_us,
                   int64_t stall_us)
{
    return now_us - p90_us > MAX((p90_us - said_us) / 2, stall_us);
}

/* ---- looking ------------------------------------------------------------- */

static struct finding *finding_of(GHashTable *all, int64_t migration_id)
{
    struct finding *f = g_hash_table_lookup(all, &migration_id);

    if (f != NULL)
        return f;
    f = g_new0(struct finding, 1);
    f->migration_id = migration_id;
    f->names = g_string_new(NULL);
    g_hash_table_insert(all, &f->migration_id, f);
    return f;
}

static void add_still(GHashTable *all, const struct stall_seen *s)
{
    struct finding *f = finding_of(all, s->migration_id);

    f->kind = STALL_STILL;
    f->since_us =
        f->mailboxes == 0 ? s->since_us : MIN(f->since_us, s->since_us);
    f->due |= s->held;
    if (f->mailboxes++ < NAMES_MAX)
        g_string_append_printf(f->names, "%s%s", f->names->len > 0 ? ", " : "",
                               s->address);
}

/* What stands still is told as that: it is nearer to the cause. */
static void add_late(GHashTable *all, const struct stall_seen *s)
{
    struct finding *f = g_hash_table_lookup(all, &s->migration_id);

    if (f != NULL)
        return;
    f = finding_of(all, s->migration_id);
    f->kind = STALL_LATE;
    f->since_us = s->since_us;
    f->p90_us = s->p90_us;
    f->due = s->held;
}

/* A person has to make room: sooner is better, and it goes on by itself. */
static int look_for_room(struct alarm *a, int64_t now_us, GHashTable *all,
                         struct err *err)
{
    g_autoptr(GPtrArray) waiting = NULL;

    if (stalls_disk(a->migrations, &waiting, err) < 0)
        return -1;
    for (guint i = 0; i < waiting->len; i++) {
        struct stall_waiting *w = waiting->pdata[i];
        struct finding *f = finding_of(all, w->migration_id);

        f->kind = STALL_DISK;
        f->since_us = now_us;
        f->mailboxes = w->mailboxes;
        f->due = true;
        f->reason = g_steal_pointer(&w->reason);
        f->remedy = g_steal_pointer(&w->remedy);
    }
    return 0;
}

static int look_for_workers(struct alarm *a, int64_t now_us, GHashTable *all,
                            struct err *err)
{
    struct finding *f;
    uint64_t waiting;

    if (jobs_unattended(a->jobs, now_us, &waiting, err) < 0)
        return -1;
    if (waiting == 0) {
        a->nobody_since_us = 0;
        return 0;
    }
    if (a->nobody_since_us == 0)
        a->nobody_since_us = now_us;
    f = finding_of(all, 0);
    f->kind = STALL_NOBODY;
    f->since_us = a->nobody_since_us;
    f->mailboxes = waiting;
    f->due = now_us - f->since_us >= a->stall_us;
    return 0;
}

static int look(struct alarm *a, int64_t now_us, GHashTable *all,
                struct err *err)
{
    g_autoptr(GPtrArray) still = NULL, late = NULL;

    if (stalls_still(a->migrations, now_us, now_us - a->stall_us, &still, err) <
            0 ||
        stalls_late(a->migrations, now_us, &late, err) < 0)
        return -1;
    for (guint i = 0; i < still->len; i++)
        add_still(all, still->pdata[i]);
    for (guint i = 0; i < late->len; i++) {
        const struct stall_seen *s = late->pdata[i];

        if (alarm_is_late(s->since_us, s->p90_us, now_us, a->stall_us))
            add_late(all, s);
    }
    /* the cause of what stands still and is late, where that is known */
    if (look_for_room(a, now_us, all, err) < 0)
        return -1;
    return look_for_workers(a, now_us, all, err);
}

/* ---- what may hold it up ------------------------------------------------- */

enum cause {
    CAUSE_UNKNOWN,
    CAUSE_PARKED,
    CAUSE_SILENT,
    CAUSE_LATE,
    CAUSE_NOBODY,
    CAUSE_DISK,
    CAUSE_N
};

static const struct {
    const char *also;    /* of the reason */
    const char *remedy;  /* an operator's */
    const char *partner; /* theirs; NULL: there is nothing that they can do */
} causes[CAUSE_N] = {
    [CAUSE_UNKNOWN] = { "",
                        "pause it and let it go on; the log of its worker "
                        "says what it was at",
                        NULL },
    [CAUSE_PARKED] = { "; the old server asks us to wait",
                       "its throttling can be lifted for the account that we "
                       "use (docs/exchange-permissions.md)",
                       "Ask your current provider to lift throttling for the "
                       "account that we use." },
    [CAUSE_SILENT] = { "; the old server does not answer",
                       "see whether it is up and lets this address in",
                       "Ask your current provider whether the server is up, "
                       "and whether it lets us in." },
    [CAUSE_LATE] = { "",
                     "its page says what takes the time: throttling, quiet "
                     "hours, failures",
                     NULL },
    [CAUSE_NOBODY] = { "",
                       "start a worker (mailferry worker, or worker.at-once "
                       "over 0 for mailferry serve), or let one go on that is "
                       "drained",
                       NULL },
    [CAUSE_DISK] = { "", "make room there; it goes on by itself", NULL },
};

/*
 * Has the host refused anybody since?  A look seldom falls into a back-off
 * itself: between two of them requests are tried.
 */
static int was_busy(const struct alarm *a, const struct migration *m,
                    int64_t since_us, bool *ret, struct err *err)
{
    g_autoptr(store) s = database_store(a->database, m->id);
    g_autoptr(GArray) samples = NULL;

    *ret = false;
    if (store_samples(s, m->host, since_us, &samples, err) < 0)
        return -1;
    for (guint i = 0; i < samples->len; i++)
        if (g_array_index(samples, struct sample, i).sums[SAMPLE_BUSY] > 0)
            *ret = true;
    return 0;
}

/* By what workers find, and have found since then, at the source's host.  m
 * NULL: of the service as a whole. */
static int find_cause(const struct alarm *a, const struct finding *f,
                      const struct migration *m, int64_t now_us,
                      enum cause *ret, struct err *err)
{
    g_autoptr(GPtrArray) hosts = NULL;
    bool busy;

    *ret = m == NULL               ? CAUSE_NOBODY
           : f->kind == STALL_LATE ? CAUSE_LATE
           : f->kind == STALL_DISK ? CAUSE_DISK
                                   : CAUSE_UNKNOWN;
    if (*ret != CAUSE_UNKNOWN)
        return 0;
    if (was_busy(a, m, f->since_us, &busy, err) < 0 ||
        migrations_hosts(a->migrations, m->host, &hosts, err) < 0)
        return -1;
    if (busy)
        *ret = CAUSE_PARKED;
    for (guint i = 0; i < hosts->len; i++) {
        const struct migration_host *h = hosts->pdata[i];

        for (guint k = 0; k < h->loads->len; k++) {
            const struct migration_load *l = h->loads->pdata[k];

            if (l->parked_until_us > now_us)
                *ret = CAUSE_PARKED;
            else if (l->in_flight > 0 && *ret == CAUSE_UNKNOWN)
                *ret = CAUSE_SILENT;
        }
    }
    return 0;
}

static char *reason_of(const struct finding *f, enum cause cause)
{
    g_autofree char *since =
        desk_time(f->kind == STALL_LATE ? f->p90_us : f->since_us);

    if (f->kind == STALL_LATE)
        return g_strdup_printf("it was to be done by %s in nine of ten cases, "
                               "and is not",
                               since);
    if (f->kind == STALL_NOBODY)
        return g_strdup_printf(
            "%" G_GUINT64_FORMAT
            " %s queued, and nobody works: no worker lives "
            "that takes a mailbox, since %s",
            f->mailboxes, f->mailboxes == 1 ? "mailbox" : "mailboxes", since);
    if (f->kind == STALL_DISK)
        return g_strdup_printf(
            "%" G_GUINT64_FORMAT " of its mailboxes %s for a disk of ours: %s",
            f->mailboxes, f->mailboxes == 1 ? "waits" : "wait",
            f->reason != NULL ? f->reason : "there is no room");
    return g_strdup_printf(
        "%" G_GUINT64_FORMAT " of its mailboxes under way: nothing since %s "
        "(%s%s)%s",
        f->mailboxes, since, f->names->str,
        f->mailboxes > NAMES_MAX ? ", ..." : "", causes[cause].also);
}

/* ---- telling ------------------------------------------------------------- */

/* Of which it is; NULL: of none that goes on. */
static int find_request(const struct alarm *a, int64_t migration_id,
                        struct request **ret, struct err *err)
{
    const struct request_filter filter = {
        .states = 1u << REQUEST_RUNNING | 1u << REQUEST_CUT_OVER,
        .migration_id = migration_id,
    };
    const struct roster_page page = { .limit = 1 };
    g_autoptr(GPtrArray) all = NULL;

    *ret = NULL;
    if (requests_list(a->desk->requests, &filter, &page, &all, err) < 0)
        return -1;
    if (all->len > 0)
        *ret = g_ptr_array_steal_index(all, 0);
    return 0;
}

/* m NULL: of the service as a whole. */
static int write_operators(const struct alarm *a, const struct stall *s,
                           const struct migration *m, struct outbox_mail **ret,
                           struct err *err)
{
    g_autoptr(letter_values) v = letter_values_new();
    g_autofree char *number =
        g_strdup_printf("%" G_GINT64_FORMAT, s->migration_id);
    g_autofree char *url =
        m != NULL ? g_strdup_printf("%s/app/migrations/%" G_GINT64_FORMAT,
                                    a->desk->public_url, s->migration_id)
                  : g_strconcat(a->desk->public_url, "/app/fleet", NULL);
    const struct desk_letter l = { .kind =
                                       m != NULL ? "stalled" : "nobody-works",
                                   .to = a->desk->alerts,
                                   .values = v,
                                   .now_us = s->told_us };

    if (a->desk->alerts == NULL)
        return 0;
    letter_set(v, "number", number);
    letter_set(v, "migration", m != NULL ? m->name : "");
    letter_set(v, "reason", s->reason);
    letter_set(v, "remedy", s->remedy);
    letter_set(v, "link", url);
    return desk_write(a->desk, &l, ret, err);
}

static int write_partner(const struct alarm *a, const struct stall *s,
                         const struct request *r, const char *remedy,
                         struct outbox_mail **ret, struct err *err)
{
    g_autoptr(letter_values) v = letter_values_new();
    g_autoptr(roster_contact) k = NULL;
    struct desk_letter l = {
        .kind = "trouble", .request = r->id, .values = v, .now_us = s->told_us
    };
    int found = desk_contact(a->desk, r, &k, err);

    if (found <= 0)
        return found;
    l.to = k->address;
    letter_set(v, "contact", k->name != NULL ? k->name : k->address);
    letter_set(v, "domain", r->domain);
    letter_set(v, "reason", s->reason);
    letter_set(v, "remedy", remedy);
    letter_set(v, "link", "");
    return desk_write(a->desk, &l, ret, err);
}

static int write_mails(const struct alarm *a, const struct stall *s,
                       const struct migration *m, enum cause cause,
                       struct stall_mails *ret, struct err *err)
{
    g_autoptr(request) r = NULL;

    if (a->desk == NULL)
        return 0;
    if ((m != NULL && find_request(a, s->migration_id, &r, err) < 0) ||
        write_operators(a, s, m, &ret->operators, err) < 0)
        return -1;
    if (r == NULL)
        return 0;
    ret->request_id = r->id;
    return causes[cause].partner == NULL
               ? 0
               : write_partner(a, s, r, causes[cause].partner, &ret->partner,
                               err);
}

static void tell(const struct alarm *a, int64_t migration_id,
                 const char *action)
{
    if (a->told != NULL)
        a->told(a->data, migration_id, action);
}

static int raise_one(const struct alarm *a, const struct finding *f,
                     int64_t now_us, struct err *err)
{
    g_autoptr(migration) m = NULL;
    g_autofree char *reason = NULL;
    struct stall_mails mails = { 0 };
    struct stall s = { .migration_id = f->migration_id,
                       .kind = f->kind,
                       .since_us = f->since_us,
                       .told_us = now_us,
                       .mailboxes = f->mailboxes };
    enum cause cause;
    int done = f->migration_id == 0
                   ? 1
                   : migrations_get(a->migrations, f->migration_id, &m, err);

    if (done <= 0)
        return done;
    if (find_cause(a, f, m, now_us, &cause, err) < 0)
        return -1;
    s.reason = reason = reason_of(f, cause);
    s.remedy =
        f->remedy != NULL ? f->remedy : (char *)(uintptr_t)causes[cause].remedy;
    done = write_mails(a, &s, m, cause, &mails, err);
    if (done >= 0)
        done = stalls_open(a->migrations, &actor, &s, &mails, err);
    if (done > 0)
        tell(a, f->migration_id, "stall");
    outbox_mail_free(mails.operators);
    outbox_mail_free(mails.partner);
    return MIN(done, 0);
}

/* ---- the look ------------------------------------------------------------ */

static int raise_new(const struct alarm *a, GHashTable *found,
                     GHashTable *known, int64_t now_us, struct err *err)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct finding *f = value;

        if (f->due && !g_hash_table_contains(known, &f->migration_id) &&
            raise_one(a, f, now_us, err) < 0)
            return -1;
    }
    return 0;
}

int alarm_look(struct alarm *a, int64_t now_us, struct err *err)
{
    g_autoptr(GHashTable) found =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_finding);
    g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(GPtrArray) told = NULL;

    if (look(a, now_us, found, err) < 0 ||
        stalls_list(a->migrations, &told, err) < 0)
        return -1;
    for (guint i = 0; i < told->len; i++) {
        struct stall *s = told->pdata[i];
        int over;

        g_hash_table_add(known, &s->migration_id);
        if (g_hash_table_contains(found, &s->migration_id))
            continue;
        over = stalls_close(a->migrations, &actor, s->migration_id, err);
        if (over < 0)
            return -1;
        if (over > 0)
            tell(a, s->migration_id, "stall-over");
    }
    return raise_new(a, found, known, now_us, err);
}
