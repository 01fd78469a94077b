/*
 * On SQLite in a new folder; and on PostgreSQL, run by tests/lib/postgres.py.
 * What lies in the database is read by SQL of the test's own.
 */
#include "store/migrations.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/migrations_priv.h"
#include "store/notices.h"
#include "store/owners.h"
#include "store/roster_links.h"
#include "store/samples.h"
#include "store/stalls.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

#define PLANTED "pl4nted"

static const struct roster_actor alice = { "operator alice@example.com", "7" };

struct desk {
    struct store_tmp *tmp;
    struct database *d;
    struct jobs *j;
    struct keyring *keys;
    struct migrations *m;
    struct err err;
};

static void set_up(struct desk *t, gconstpointer data)
{
    (void)data;
    t->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &t->d, &t->err), &t->err);
    t->j = database_jobs(t->d);
    t->keys = keyring_new();
    t->m = migrations_new(t->d, t->j, t->keys);
}

static void tear_down(struct desk *t, gconstpointer data)
{
    (void)data;
    migrations_free(t->m);
    keyring_free(t->keys);
    jobs_free(t->j);
    database_close(t->d);
    store_tmp_free(t->tmp);
}

/* Two mailboxes; the second row has credentials of its own at the source. */
static int add_as(struct desk *t, const struct roster_actor *who,
                  int64_t *ret_id, struct err *err)
{
    g_autoptr(secret) admin = secret_new(PLANTED "-admin", 13);
    g_autoptr(secret) own = secret_new(PLANTED "-own", 11);
    const struct migration_row rows[] = {
        { .line = 2, .sides = { { "a@x", { 0 } }, { "a@y", { 0 } } } },
        { .line = 3,
          .flags = 16,
          .sides = { { "B_b@x", { "X\\b", own } }, { "b@y", { 0 } } } },
    };
    const struct migration_wish wish = {
        .name = "Spring",
        .host = "x:443",
        .options = "{}",
        .sides = { { "https://x", { "X\\admin", admin } },
                   { "https://y", { 0 } } },
        .rows = rows,
        .n_rows = 2,
    };

    return migrations_add(t->m, who, &wish, ret_id, err);
}

static int64_t add(struct desk *t)
{
    int64_t id = 0;

    CHECK_OK(add_as(t, &alice, &id, &t->err), &t->err);
    return id;
}

static struct migration *look(struct desk *t, int64_t id)
{
    struct migration *m = NULL;

    g_assert_cmpint(migrations_get(t->m, id, &m, &t->err), ==, 1);
    CHECK_OK(migrations_count(t->m, m, &t->err), &t->err);
    return m;
}

static GPtrArray *mailboxes(struct desk *t, const struct migration_filter *f)
{
    const struct roster_page page = { 0, 100 };
    GPtrArray *all = NULL;

    CHECK_OK(migrations_mailboxes(t->m, f, &page, &all, &t->err), &t->err);
    return all;
}

static int64_t number(struct desk *t, const char *sql)
{
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c = db->ops->begin(db, DB_READ, &t->err);
    int64_t n = -1;

    g_assert_nonnull(c);
    g_assert_cmpint(sq_end(c, sq_number(c, sql, NO_ARGS, &n, &t->err), &t->err),
                    >=, 0);
    return n;
}

/* Whose password is it?  NULL: there is none. */
static char *password(struct desk *t, int64_t id, int64_t mailbox_id,
                      enum migration_side side)
{
    g_autofree char *user = NULL;
    g_autoptr(secret) s = NULL;
    int found =
        migrations_login(t->m, id, mailbox_id, side, &user, &s, &t->err);

    CHECK_OK(MIN(found, 0), &t->err);
    return found == 0 ? NULL
                      : g_strdup_printf("%s:%s", user != NULL ? user : "-",
                                        secret_peek(s));
}

static void has_password(struct desk *t, int64_t id, int64_t mailbox_id,
                         enum migration_side side, const char *want)
{
    g_autofree char *got = password(t, id, mailbox_id, side);

    g_assert_cmpstr(got, ==, want);
}

static void test_add(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    g_autoptr(migration) m = look(t, id);
    const struct migration_filter filter = { .migration_id = id };
    g_autoptr(GPtrArray) all = mailboxes(t, &filter);
    const struct migration_mailbox *b = all->pdata[1];

    (void)data;
    g_assert_cmpstr(m->name, ==, "Spring");
    g_assert_cmpstr(m->urls[MIGRATION_DESTINATION], ==, "https://y");
    g_assert_cmpstr(m->admins[MIGRATION_SOURCE], ==, "X\\admin");
    g_assert_null(m->admins[MIGRATION_DESTINATION]);
    g_assert_cmpuint(m->n_mailboxes, ==, 2);
    g_assert_cmpuint(m->by_state[MAILBOX_NEW], ==, 2);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpstr(b->addresses[MIGRATION_SOURCE], ==, "B_b@x");
    g_assert_cmpstr(b->users[MIGRATION_SOURCE], ==, "X\\b");
    g_assert_cmpuint(b->flags, ==, 16);
    g_assert_cmpint(b->job_id, ==, 0);
    has_password(t, id, 0, MIGRATION_SOURCE, "X\\admin:" PLANTED "-admin");
    has_password(t, id, 0, MIGRATION_DESTINATION, NULL);
    has_password(t, id, b->id, MIGRATION_SOURCE, "X\\b:" PLANTED "-own");
    has_password(t, id, b->id, MIGRATION_DESTINATION, NULL);
    g_assert_cmpint(number(t, "SELECT count(*) FROM audit"
                              " WHERE action = 'migration.add'"),
                    ==, 1);
}

/* Moved to another row a sealed value opens nothing. */
static void test_bound(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c = db->ops->begin(db, DB_WRITE, &t->err);
    g_autofree char *user = NULL;
    g_autoptr(secret) s = NULL;
    int result;

    (void)data;
    g_assert_nonnull(c);
    result = sq_run(c,
                    "UPDATE secrets SET value = (SELECT value FROM secrets"
                    " WHERE owner LIKE 'mailbox%') WHERE owner LIKE 'migr%'",
                    NO_ARGS, &t->err);
    CHECK_OK(sq_end(c, result, &t->err), &t->err);
    g_assert_cmpint(
        migrations_login(t->m, id, 0, MIGRATION_SOURCE, &user, &s, &t->err), ==,
        -1);
    g_assert_cmpstr(t->err.name, ==, "seal-broken");
    g_assert_null(strstr(t->err.msg, PLANTED));
}

static void test_filter(struct desk *t, gconstpointer data)
{
    int64_t id = add(t), other = add(t);
    const struct {
        const char *name;
        struct migration_filter filter;
        guint n;
    } rows[] = {
        { "all", { 0 }, 4 },
        { "of one", { .migration_id = other }, 2 },
        { "by text", { .migration_id = id, .text = "b_B@" }, 1 },
        { "no pattern", { .migration_id = id, .text = "b%" }, 0 },
        { "at the other side", { .migration_id = id, .text = "@Y" }, 2 },
        { "by state", { .states = 1 << MAILBOX_NEW }, 4 },
        { "by another state", { .states = 1 << MAILBOX_FAILED }, 0 },
        { "by job", { .job_states = 1 << JOB_QUEUED }, 2 },
        { "by another job", { .job_states = 1 << JOB_DONE }, 0 },
    };
    const struct migration_start start = { .migration_id = id, .kind = "full" };

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, NULL, &t->err), &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) all = mailboxes(t, &rows[i].filter);

        CHECK_ROW(rows[i].name, all->len == rows[i].n);
    }
}

/* Ids of all, one a page, in that order; each begins where the last ended. */
static char *walk(struct desk *t, int64_t migration_id,
                  const struct roster_order *order, bool down)
{
    const struct migration_filter filter = { .migration_id = migration_id };
    GString *ids = g_string_new(NULL);
    g_autofree char *key = NULL;
    struct roster_page page = { .limit = 1, .order = order, .down = down };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        char *next = NULL;

        page.ret_key = &next;
        CHECK_OK(
            migration_id != 0
                ? migrations_mailboxes(t->m, &filter, &page, &some, &t->err)
                : migrations_list(t->m, &filter, &page, &some, &t->err),
            &t->err);
        if (some->len == 0)
            return g_string_free(ids, FALSE);
        page.after = *(const int64_t *)some->pdata[0];
        g_string_append_printf(ids, "%" G_GINT64_FORMAT " ", page.after);
        g_free(key);
        page.after_key = key = next;
    }
}

static unsigned int n_words(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    return g_strv_length(words) - 1;
}

/*
 * The same in either database, and never twice.  On SQLite a state file's one
 * migration was there before.
 */
static void test_numbers(struct desk *t, gconstpointer data)
{
    int64_t first = add(t);

    (void)data;
    g_assert_cmpint(first, ==, 1);
    CHECK_OK(migrations_remove(t->m, &alice, first, 0, &t->err), &t->err);
    g_assert_cmpint(add(t), ==, 2);
    CHECK_OK(migrations_remove(t->m, &alice, 2, 0, &t->err), &t->err);
    g_assert_cmpint(add(t), ==, 3);
}

/* What a state file has is nobody else's. */
static void test_numbers_of_a_state_file(struct desk *t, gconstpointer data)
{
    g_autoptr(store) s = database_store(t->d, 1);
    int64_t mailbox = 0;

    (void)data;
    if (store_tmp_server() != NULL)
        return;
    CHECK_OK(store_mailbox_add(s, "a@x", "a@y", 2, &mailbox, &t->err), &t->err);
    g_assert_cmpint(add(t), ==, 2);
}

/* A row comes once, whatever its case and whoever asks. */
static void test_extend(struct desk *t, gconstpointer data)
{
    g_autoptr(secret) own = secret_new(PLANTED "-new", 11);
    const struct migration_row rows[] = {
        { .line = 2, .sides = { { "A@X", { 0 } }, { "a@Y", { 0 } } } },
        { .line = 3, .sides = { { "c@x", { "c", own } }, { "c@y", { 0 } } } },
        { .line = 4, .sides = { { "a@x", { 0 } }, { "d@y", { 0 } } } },
    };
    const struct migration_rows more = { rows, G_N_ELEMENTS(rows) };
    int64_t id = add(t), other = add(t);
    g_autoptr(migration) m = NULL;
    size_t n = 0;

    (void)data;
    CHECK_OK(migrations_extend(t->m, &alice, id, &more, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 2);
    CHECK_OK(migrations_extend(t->m, &alice, id, &more, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 0);
    m = look(t, id);
    g_assert_cmpuint(m->n_mailboxes, ==, 4);
    has_password(t, id, 5, MIGRATION_SOURCE, "c:" PLANTED "-new");
    g_assert_cmpint(other, ==, 2);
    g_assert_cmpint(migrations_extend(t->m, &alice, 99, &more, &n, &t->err), ==,
                    -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
}

/* Whatever the order, each comes once, and from the other end in reverse. */
static void test_orders(struct desk *t, gconstpointer data)
{
    int64_t id = add(t), ids[] = { 0, id };
    const struct roster_order *orders[] = { migration_orders,
                                            migration_mailbox_orders };

    (void)data;
    add(t);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        for (const struct roster_order *o = orders[i]; o->name != NULL; o++) {
            g_autofree char *up = walk(t, ids[i], o, false),
                            *down = walk(t, ids[i], o, true);

            CHECK_ROW(o->name, n_words(up) == 2 && n_words(down) == 2);
            CHECK_ROW(o->name, strcmp(up, down) != 0);
        }
        g_free(walk(t, ids[i], NULL, true));
    }
}

/* The latest stretch of what runs; not what a pass takes beside copying. */
static void test_pace(struct desk *t, gconstpointer data)
{
    static const struct pace_hosts between = { "x:443", "y:443" };
    int64_t id = add(t);
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    const struct migration_filter filter = { .migration_id = id };
    const struct roster_page page = { 0, 9 };
    g_autoptr(GPtrArray) all = NULL, then = NULL;
    struct store *s = database_store(t->d, id);
    struct job *job = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, NULL, &t->err), &t->err);
    g_assert_cmpint(jobs_claim(t->j, "w", timestamp_now(), &job, &t->err), ==,
                    1);
    CHECK_OK(migrations_mailboxes(t->m, &filter, &page, &all, &t->err),
             &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_mailbox *m = all->pdata[i];
        const struct pace paces[] = {
            { .mailbox = m->id, .took_us = 10, .bytes = 1 },
            { .mailbox = m->id, .took_us = 20, .throttled_us = 5, .bytes = 2 },
            { .mailbox = m->id, .took_us = 30, .rest = true },
        };

        g_assert_cmpint(m->pace.took_us, ==, 0);
        CHECK_OK(
            store_paces_add(s, &between, paces, G_N_ELEMENTS(paces), &t->err),
            &t->err);
    }
    CHECK_OK(migrations_mailboxes(t->m, &filter, &page, &then, &t->err),
             &t->err);
    for (guint i = 0; i < then->len; i++) {
        const struct migration_mailbox *m = then->pdata[i];
        bool runs = m->job_state == JOB_RUNNING;

        g_assert_cmpint(m->pace.took_us, ==, runs ? 20 : 0);
        g_assert_cmpint(m->pace.throttled_us, ==, runs ? 5 : 0);
        g_assert_cmpuint(m->pace.bytes, ==, runs ? 2 : 0);
    }
    g_assert_cmpuint(then->len, ==, 2);
    job_free(job);
    store_free(s);
}

static void test_start(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    struct migration_start start = { .migration_id = id,
                                     .kind = "full",
                                     .options = "{\"a\":1}",
                                     .priority = 3 };
    const struct jobs_which which = { .migration_id = id };
    uint64_t news = jobs_news(t->j);
    struct job *job = NULL;
    size_t n = 9;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(jobs_news(t->j), !=, news);
    CHECK_OK(migrations_start(t->m, &alice, &start, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 0); /* they have one */
    g_assert_cmpint(jobs_claim(t->j, "w", timestamp_now(), &job, &t->err), ==,
                    1);
    g_assert_cmpstr(job->host, ==, "x:443");
    g_assert_cmpstr(job->kind, ==, "full");
    g_assert_cmpstr(job->options, ==, "{\"a\":1}");
    g_assert_cmpint(job->priority, ==, 3);
    g_assert_cmpint(migrations_remove(t->m, &alice, id, 0, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "busy");
    CHECK_OK(migrations_do(t->m, &alice, JOBS_CANCEL, &which, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 2);
    start.migration_id = 99;
    g_assert_cmpint(migrations_start(t->m, &alice, &start, &n, &t->err), ==,
                    -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
    g_assert_cmpint(
        number(t, "SELECT count(*) FROM audit WHERE action <> 'migration.add'"),
        ==, 3);
    job_free(job);
}

/* Of some alone; of another migration's nothing, and all of it once. */
static void test_some(struct desk *t, gconstpointer data)
{
    int64_t id = add(t), other = add(t);
    const int64_t first =
        number(t, "SELECT min(id) FROM mailboxes WHERE migration = 1");
    const int64_t foreign =
        number(t, "SELECT min(id) FROM mailboxes WHERE migration = 2");
    const int64_t ids[] = { first, foreign, 99999, first };
    const struct migration_start start = {
        .migration_id = id, .kind = "full", .mailboxes = ids, .n_mailboxes = 4
    };
    const struct migration_some some = { id, ids, 4 }, none = { other, ids, 1 };
    size_t n = 9;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(number(t, "SELECT mailbox FROM jobs"), ==, first);
    CHECK_OK(migrations_do_some(t->m, &alice, JOBS_PAUSE, &none, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 0);
    CHECK_OK(migrations_do_some(t->m, &alice, JOBS_PAUSE, &some, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(number(t, "SELECT count(*) FROM audit"
                              " WHERE action IN ('pass.start', 'job.pause')"
                              " AND subject LIKE 'migration %'"),
                    ==, 3);
}

static void test_change(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    g_autoptr(secret) password = secret_new("new", 3);
    const struct migration_login nobody = { 0 }, other = { "Y\\z", password };
    const struct migration_change change = {
        .options = "{\"adopt\":true}",
        .admins = { [MIGRATION_SOURCE] = &nobody,
                    [MIGRATION_DESTINATION] = &other },
    };
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    g_autoptr(migration) m = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, NULL, &t->err), &t->err);
    CHECK_OK(migrations_change(t->m, &alice, id, &change, &t->err), &t->err);
    m = look(t, id);
    g_assert_cmpstr(m->name, ==, "Spring");
    g_assert_cmpstr(m->options, ==, "{\"adopt\":true}");
    g_assert_cmpstr(m->admins[MIGRATION_DESTINATION], ==, "Y\\z");
    g_assert_null(m->admins[MIGRATION_SOURCE]);
    has_password(t, id, 0, MIGRATION_SOURCE, NULL);
    has_password(t, id, 0, MIGRATION_DESTINATION, "Y\\z:new");
    g_assert_cmpint(number(t, "SELECT min(version) FROM jobs"), ==, 1);
    g_assert_cmpint(number(t, "SELECT count(*) FROM audit"
                              " WHERE detail LIKE '%new%'"),
                    ==, 0);
}

/* Of a change that cannot be made whole nothing stays. */
static void test_change_whole(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    static const char weekend[] = "Sat-Sun 00:00-24:00 UTC";
    const unsigned int three = 3, none = 0;
    g_autofree char *endless = g_strnfill(STORE_EXCHANGE_NAME_MAX + 1, 'x');
    const struct migration_login bad = { endless, NULL };
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    struct migration_change change = {
        .name = "Autumn", .admins = { &bad }, .most = &three, .hours = weekend
    };
    g_autoptr(migration) before = NULL, after = NULL, still = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &start, NULL, &t->err), &t->err);
    g_assert_cmpint(migrations_change(t->m, &alice, id, &change, &t->err), ==,
                    -1);
    before = look(t, id);
    g_assert_cmpstr(before->name, ==, "Spring");
    g_assert_cmpuint(before->most, ==, 0);
    change.name = NULL;
    change.admins[0] = NULL;
    CHECK_OK(migrations_change(t->m, &alice, id, &change, &t->err), &t->err);
    after = look(t, id);
    g_assert_cmpuint(after->most, ==, 3);
    g_assert_cmpstr(after->hours, ==, weekend);
    g_assert_cmpint(number(t, "SELECT max(version) FROM jobs"), ==, 0);
    /* each by itself */
    change = (struct migration_change){ .hours = "" };
    CHECK_OK(migrations_change(t->m, &alice, id, &change, &t->err), &t->err);
    change = (struct migration_change){ .most = &none };
    still = look(t, id);
    g_assert_cmpuint(still->most, ==, 3);
    g_assert_null(still->hours);
    CHECK_OK(migrations_change(t->m, &alice, id, &change, &t->err), &t->err);
}

/* Each change makes another version; one of an older one changes nothing. */
static void test_versions(struct desk *t, gconstpointer data)
{
    const unsigned int three = 3;
    int64_t id = add(t);
    g_autoptr(migration) first = look(t, id), second = NULL;
    struct migration_change change = { .version = first->version,
                                       .most = &three };

    (void)data;
    CHECK_OK(migrations_change(t->m, &alice, id, &change, &t->err), &t->err);
    change = (struct migration_change){ .version = first->version,
                                        .name = "Autumn" };
    g_assert_cmpint(migrations_change(t->m, &alice, id, &change, &t->err), ==,
                    -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    g_assert_cmpint(
        migrations_remove(t->m, &alice, id, first->version, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    second = look(t, id);
    g_assert_cmpint(second->version, >, first->version);
    g_assert_cmpstr(second->name, ==, "Spring");
    CHECK_OK(migrations_remove(t->m, &alice, id, second->version, &t->err),
             &t->err);
}

static void test_purge(struct desk *t, gconstpointer data)
{
    int64_t id = add(t), other = add(t);

    (void)data;
    CHECK_OK(migrations_purge(t->m, &alice, id, &t->err), &t->err);
    has_password(t, id, 0, MIGRATION_SOURCE, NULL);
    has_password(t, other, 0, MIGRATION_SOURCE, "X\\admin:" PLANTED "-admin");
    g_assert_cmpint(number(t, "SELECT count(*) FROM secrets"), ==, 2);
}

/* All of it, and nothing of the other one. */
static void test_remove(struct desk *t, gconstpointer data)
{
    static const char *const tables[] = {
        "SELECT count(*) FROM secrets",   "SELECT count(*) FROM plans",
        "SELECT count(*) FROM mailboxes", "SELECT count(*) FROM mailbox_plans",
        "SELECT count(*) FROM folders",   "SELECT count(*) FROM items",
        "SELECT count(*) FROM passes",    "SELECT count(*) FROM jobs",
        "SELECT count(*) FROM dest",      "SELECT count(*) FROM tokens",
        "SELECT count(*) FROM samples",
    };
    static const struct sample went = { .span_us = SAMPLE_MINUTE_US };
    int64_t before[G_N_ELEMENTS(tables)], id, again;
    struct migration *none = NULL;

    (void)data;
    for (int i = 0; i < 2; i++) {
        struct store *s;
        struct store_fill f;
        int64_t pass = 0;
        struct migration_start start = { .kind = "full" };

        id = add(t);
        start.migration_id = id;
        s = database_store(t->d, id);
        f = store_fill_begin(s, "a@x");
        CHECK_OK(store_fill_list(s, &f, 0, 30, &t->err), &t->err);
        CHECK_OK(store_pass_begin(s, &f.lease, "full", &pass, &t->err),
                 &t->err);
        CHECK_OK(store_samples_add(s, NULL, &went, 1, &t->err), &t->err);
        CHECK_OK(migrations_start(t->m, &alice, &start, NULL, &t->err),
                 &t->err);
        store_free(s);
        for (size_t k = 0; i == 0 && k < G_N_ELEMENTS(tables); k++)
            before[k] = number(t, tables[k]);
    }
    CHECK_OK(migrations_remove(t->m, &alice, id, 0, &t->err), &t->err);
    for (size_t k = 0; k < G_N_ELEMENTS(tables); k++)
        CHECK_ROW(tables[k], number(t, tables[k]) == before[k]);
    g_assert_cmpint(migrations_get(t->m, id, &none, &t->err), ==, 0);
    again = add(t);
    g_assert_cmpint(again, >, id); /* its number is nobody else's */
}

static const struct seal_place mail_place = { "outbox", "body", "r1" };

static void add_mail(struct desk *t)
{
    static char ref[] = "r1", to[] = "a@x", subject[] = "Your link";
    g_autoptr(roster) r = roster_new(t->d);
    struct outbox_mail mail = { .ref = ref,
                                .recipient = to,
                                .subject = subject };
    const struct links_wish wish = { .mail = &mail };

    CHECK_OK(seal_close(t->keys, &mail_place, PLANTED, strlen(PLANTED),
                        &mail.body, &t->err),
             &t->err);
    CHECK_OK(roster_links_add(r, &alice, &wish, &t->err), &t->err);
    g_bytes_unref(mail.body);
}

static void mail_opens(struct desk *t, const struct keyring *keys)
{
    const struct roster_page page = { 0, 1 };
    g_autoptr(roster) r = roster_new(t->d);
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(secret) body = NULL;
    const struct outbox_mail *m;

    CHECK_OK(roster_outbox(r, &page, &found, &t->err), &t->err);
    m = found->pdata[0];
    CHECK_OK(seal_open(keys, &mail_place, g_bytes_get_data(m->body, NULL),
                       g_bytes_get_size(m->body), &body, &t->err),
             &t->err);
    g_assert_cmpstr(secret_peek(body), ==, PLANTED);
}

/* Sealed anew, everything opens with the new key alone. */
static void test_reseal(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    struct keyring *both = keyring_rotated(t->keys), *one;
    uint64_t n = 0;

    (void)data;
    add_mail(t);
    migrations_free(t->m);
    t->m = migrations_new(t->d, t->j, both);
    CHECK_OK(database_check_keys(t->d, t->keys, &t->err), &t->err);
    CHECK_OK(migrations_reseal(t->m, &alice, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 3);
    CHECK_OK(migrations_reseal(t->m, &alice, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 0);
    one = keyring_retired(both);
    CHECK_OK(database_check_keys(t->d, one, &t->err), &t->err);
    g_assert_cmpint(database_check_keys(t->d, t->keys, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "seal-key");
    g_assert_cmpint(database_check_keys(t->d, NULL, &t->err), ==, -1);
    migrations_free(t->m);
    t->m = migrations_new(t->d, t->j, one);
    has_password(t, id, 0, MIGRATION_SOURCE, "X\\admin:" PLANTED "-admin");
    mail_opens(t, one);
    keyring_free(both);
    keyring_free(t->keys);
    t->keys = one;
}

/* A frozen worker's write is refused, and counted. */
static void test_late_writes(struct desk *t, gconstpointer data)
{
    int64_t id = add(t);
    g_autoptr(store) s = database_store(t->d, id);
    struct store_fill f = store_fill_begin(s, "a@x");
    struct store_lease other;

    (void)data;
    g_assert_cmpuint(database_late_writes(t->d), ==, 0);
    CHECK_OK(store_mailbox_lease(s, f.lease.mailbox_id, &other, &t->err),
             &t->err);
    g_assert_cmpint(store_fill_list(s, &f, 0, 30, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "lease-lost");
    g_assert_cmpuint(database_late_writes(t->d), ==, 1);
}

/* ---- requests that come twice -------------------------------------------- */

#define S TIMESTAMP_SECOND

static struct roster_once once_of(uint8_t key, uint8_t body)
{
    return (struct roster_once){ .key = { key },
                                 .body = { body },
                                 .now_us = 100 * S,
                                 .expires_us = 200 * S };
}

static void test_once(struct desk *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    int64_t first = 0, id = 77;

    (void)data;
    CHECK_OK(add_as(t, &who, &first, &t->err), &t->err);
    g_assert_false(once.again);
    CHECK_OK(add_as(t, &who, &id, &t->err), &t->err);
    g_assert_true(once.again);
    g_assert_cmpint(id, ==, first);
    once = once_of(1, 2);
    g_assert_cmpint(add_as(t, &who, &id, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "key-reused");
    g_assert_cmpint(number(t, "SELECT count(*) FROM plans"), ==, 1);
    g_assert_cmpint(number(t, "SELECT count(*) FROM audit"), ==, 1);
    once = once_of(2, 1);
    CHECK_OK(add_as(t, &who, &id, &t->err), &t->err);
    g_assert_cmpint(id, !=, first);
    /* past its time it is as if it had never been, for any body */
    once = once_of(1, 2);
    once.now_us = 200 * S;
    once.expires_us = 300 * S;
    CHECK_OK(add_as(t, &who, &id, &t->err), &t->err);
    g_assert_false(once.again);
    g_assert_cmpint(number(t, "SELECT count(*) FROM plans"), ==, 3);
}

static void test_once_jobs(struct desk *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    int64_t id = add(t);
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    const struct jobs_which which = { .migration_id = id };
    size_t n = 9;

    (void)data;
    for (int i = 0; i < 2; i++) {
        CHECK_OK(migrations_start(t->m, &who, &start, &n, &t->err), &t->err);
        g_assert_cmpuint(n, ==, 2);
        /* without the key the second would queue two more */
        CHECK_OK(
            migrations_do(t->m, &alice, JOBS_CANCEL, &which, NULL, &t->err),
            &t->err);
    }
    g_assert_cmpint(number(t, "SELECT count(*) FROM jobs"), ==, 2);
    once = once_of(2, 1);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(migrations_do(t->m, &who, JOBS_AGAIN, &which, &n, &t->err),
                 &t->err);
        g_assert_cmpuint(n, ==, 2);
    }
}

/* What is refused, here for its name, leaves its key free. */
static void test_once_refused(struct desk *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    const struct migration_start start = { .migration_id = 99, .kind = "full" };
    size_t n;
    int64_t id;

    (void)data;
    g_assert_cmpint(migrations_start(t->m, &who, &start, &n, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
    once.body[0] = 2;
    CHECK_OK(add_as(t, &who, &id, &t->err), &t->err);
}

struct twin {
    struct desk *t;
    int64_t id;
    bool again;
};

static void *add_twin(void *data)
{
    struct twin *twin = data;
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    struct err err;

    CHECK_OK(add_as(twin->t, &who, &twin->id, &err), &err);
    twin->again = once.again;
    return NULL;
}

/* However they interleave there is one, and all hear of it. */
static void test_once_threads(struct desk *t, gconstpointer data)
{
    struct twin twins[6] = { 0 };
    pthread_t threads[G_N_ELEMENTS(twins)];
    unsigned int n_first = 0;
    int64_t id;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++) {
        twins[i].t = t;
        g_assert_cmpint(pthread_create(&threads[i], NULL, add_twin, &twins[i]),
                        ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(number(t, "SELECT count(*) FROM plans"), ==, 1);
    id = number(t, "SELECT migration FROM plans");
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++) {
        g_assert_cmpint(twins[i].id, ==, id);
        n_first += !twins[i].again;
    }
    g_assert_cmpuint(n_first, ==, 1);
}

/* ---- access -------------------------------------------------------------- */

static struct migration_access *access_of(enum migration_way way,
                                          const char *user, const char *url)
{
    struct migration_access *a = g_new0(struct migration_access, 1);

    a->way = way;
    a->user = g_strdup(user);
    a->url = g_strdup(url);
    a->secret = user != NULL ? secret_new(user, strlen(user)) : NULL;
    return a;
}

/* Accounts of these names, and a proxy without a user. */
static GPtrArray *party(const char *const *users)
{
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_access_free);

    for (; *users != NULL; users++)
        g_ptr_array_add(all, access_of(MIGRATION_ACCOUNT, *users, NULL));
    g_ptr_array_add(all, access_of(MIGRATION_PROXY, NULL, "http://p"));
    return all;
}

/* "a b | proxy http://p", each with its secret. */
static char *told(struct desk *t, int64_t id, enum migration_side side)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *text = g_string_new(NULL);

    CHECK_OK(migrations_access(t->m, id, side, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_access *a = all->pdata[i];

        if (a->user != NULL)
            g_assert_cmpstr(secret_peek(a->secret), ==, a->user);
        g_string_append_printf(text, "%d:%s ", a->way,
                               a->user != NULL ? a->user : a->url);
    }
    return g_string_free(text, FALSE);
}

static void is_told(struct desk *t, int64_t id, const char *want)
{
    g_autofree char *got = told(t, id, MIGRATION_SOURCE);

    g_assert_cmpstr(got, ==, want);
}

static int change_access(struct desk *t, int64_t id, unsigned int ways,
                         const GPtrArray *access)
{
    static const struct migration_login nobody = { 0 };
    struct migration_change ch = { .admins = { &nobody } };

    ch.sides[MIGRATION_SOURCE].ways = ways;
    ch.sides[MIGRATION_SOURCE].access = access;
    return migrations_change(t->m, &alice, id, &ch, &t->err);
}

static void test_access(struct desk *t, gconstpointer data)
{
    const unsigned int all = (1u << MIGRATION_N_WAYS) - 1;
    g_autoptr(GPtrArray) two = party((const char *const[]){ "a", "b", NULL });
    g_autoptr(GPtrArray) one = party((const char *const[]){ "c", NULL });
    g_autoptr(GPtrArray) app = party((const char *const[]){ NULL });
    g_autofree char *destination = NULL;
    int64_t id = add(t);
    migration *m = NULL;

    (void)data;
    g_ptr_array_add(app, access_of(MIGRATION_OAUTH, "client", "https://t"));
    CHECK_OK(change_access(t, id, all, two), &t->err);
    is_told(t, id, "0:a 0:b 2:http://p ");
    CHECK_OK(change_access(t, id, all, one), &t->err);
    is_told(t, id, "0:c 2:http://p ");
    destination = told(t, id, MIGRATION_DESTINATION);
    g_assert_cmpstr(destination, ==, "");
    /* what is not named stays, and then the two do not go together */
    g_ptr_array_remove_index(app, 0);
    g_assert_cmpint(change_access(t, id, 1u << MIGRATION_OAUTH, app), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "bad-access");
    is_told(t, id, "0:c 2:http://p ");
    CHECK_OK(change_access(t, id, all, app), &t->err);
    is_told(t, id, "1:client ");
    m = look(t, id);
    g_assert_cmpuint(m->access[MIGRATION_SOURCE]->len, ==, 1);
    g_assert_null(
        ((const struct migration_access *)m->access[MIGRATION_SOURCE]->pdata[0])
            ->secret);
    migration_free(m);
    CHECK_OK(migrations_purge(t->m, &alice, id, &t->err), &t->err);
    is_told(t, id, "");
    CHECK_OK(migrations_remove(t->m, &alice, id, 0, &t->err), &t->err);
    g_assert_cmpint(number(t, "SELECT count(*) FROM plan_access"), ==, 0);
}

/* A secret in another's place opens nothing. */
static void test_access_bound(struct desk *t, gconstpointer data)
{
    g_autoptr(GPtrArray) two = party((const char *const[]){ "a", "b", NULL });
    g_autoptr(GPtrArray) all = NULL;
    int64_t id = add(t);
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c;

    (void)data;
    CHECK_OK(change_access(t, id, 1u << MIGRATION_ACCOUNT, two), &t->err);
    c = db->ops->begin(db, DB_WRITE, &t->err);
    g_assert_cmpint(
        sq_end(c,
               sq_run(c,
                      "UPDATE secrets SET value = (SELECT value FROM secrets"
                      "  WHERE name = 'source-account-01')"
                      " WHERE name = 'source-account-00'",
                      NO_ARGS, &t->err),
               &t->err),
        ==, 0);
    g_assert_cmpint(
        migrations_access(t->m, id, MIGRATION_SOURCE, &all, &t->err), ==, -1);
}

static void has_options(struct desk *t, int64_t mailbox_id, const char *want)
{
    g_autoptr(migration_mailbox) m = NULL;

    g_assert_cmpint(migrations_mailbox(t->m, mailbox_id, &m, &t->err), ==, 1);
    g_assert_cmpstr(m->options, ==, want);
}

/* What is to be otherwise with one of them, until that is taken back. */
static void test_mailbox_options(struct desk *t, gconstpointer data)
{
    struct migration_mailbox_change ch = { .options = "{\"lanes\":2}" };
    g_autoptr(GPtrArray) all =
        mailboxes(t, &(struct migration_filter){ .migration_id = add(t) });
    const struct migration_mailbox *first = all->pdata[0],
                                   *second = all->pdata[1];
    const uint32_t flags = 1;

    (void)data;
    has_options(t, first->id, NULL);
    CHECK_OK(migrations_change_mailbox(t->m, &alice, first->id, &ch, &t->err),
             &t->err);
    has_options(t, second->id, NULL);
    ch = (struct migration_mailbox_change){ .flags = &flags };
    CHECK_OK(migrations_change_mailbox(t->m, &alice, first->id, &ch, &t->err),
             &t->err);
    has_options(t, first->id, "{\"lanes\":2}");
    ch = (struct migration_mailbox_change){ .options = "" };
    CHECK_OK(migrations_change_mailbox(t->m, &alice, first->id, &ch, &t->err),
             &t->err);
    has_options(t, first->id, NULL);
}

static void test_change_mailbox(struct desk *t, gconstpointer data)
{
    g_autoptr(secret) s = secret_new("new", 3);
    const struct migration_login login = { NULL, s }, nobody = { 0 };
    const uint32_t flags = 6;
    struct migration_mailbox_change ch = { .flags = &flags };
    int64_t id = add(t), box;
    g_autoptr(GPtrArray) all =
        mailboxes(t, &(struct migration_filter){ .migration_id = id });
    struct migration_mailbox *m = NULL;

    (void)data;
    box = ((const struct migration_mailbox *)all->pdata[1])->id;
    ch.logins[MIGRATION_DESTINATION] = &login;
    CHECK_OK(migrations_change_mailbox(t->m, &alice, box, &ch, &t->err),
             &t->err);
    has_password(t, id, box, MIGRATION_DESTINATION, "-:new");
    has_password(t, id, box, MIGRATION_SOURCE, "X\\b:" PLANTED "-own");
    ch = (struct migration_mailbox_change){ .logins = { &nobody } };
    CHECK_OK(migrations_change_mailbox(t->m, &alice, box, &ch, &t->err),
             &t->err);
    has_password(t, id, box, MIGRATION_SOURCE, NULL);
    g_assert_cmpint(migrations_mailbox(t->m, box, &m, &t->err), ==, 1);
    g_assert_cmpuint(m->flags, ==, 6); /* as it was */
    g_assert_cmpint(m->version, ==, 3);
    g_assert_null(m->options);
    ch.version = 2;
    g_assert_cmpint(migrations_change_mailbox(t->m, &alice, box, &ch, &t->err),
                    ==, -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    ch.version = m->version;
    CHECK_OK(migrations_change_mailbox(t->m, &alice, box, &ch, &t->err),
             &t->err);
    migration_mailbox_free(m);
    g_assert_cmpint(migrations_change_mailbox(t->m, &alice, 99, &ch, &t->err),
                    ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
}

/* ---- hosts --------------------------------------------------------------- */

static struct migration_load *load(const char *host, uint64_t requests)
{
    struct migration_load *l = g_new0(struct migration_load, 1);

    l->host = g_strdup(host);
    l->requests = requests;
    return l;
}

/* "x:443 2 - 1/w:5 " */
static void are_hosts(struct desk *t, const char *name, const char *want)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    CHECK_OK(migrations_hosts(t->m, name, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_host *h = all->pdata[i];

        g_string_append_printf(text, "%s %u %s %d", h->name, h->most,
                               h->quiet != NULL ? h->quiet : "-",
                               (int)h->migrations);
        for (guint k = 0; k < h->loads->len; k++) {
            const struct migration_load *l = h->loads->pdata[k];

            g_string_append_printf(text, "/%s:%d", l->worker, (int)l->requests);
        }
        g_string_append(text, "; ");
    }
    g_assert_cmpstr(text->str, ==, want);
}

static void limit(struct desk *t, const char *host, const unsigned int *most,
                  const char *quiet)
{
    const struct migration_host_change ch = { .most = most, .quiet = quiet };

    CHECK_OK(migrations_limit_host(t->m, &alice, host, &ch, &t->err), &t->err);
}

static int64_t version_of(struct desk *t, const char *host)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(migrations_hosts(t->m, host, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    return ((const struct migration_host *)all->pdata[0])->version;
}

/* Who has seen other limits than there are changes none. */
static void test_host_version(struct desk *t, gconstpointer data)
{
    const unsigned int four = 4, five = 5;
    struct migration_host_change ch = { .most = &five };
    int64_t first;

    (void)data;
    add(t);
    first = version_of(t, "x:443");
    g_assert_cmpint(first, !=, 0);
    limit(t, "x:443", &four, NULL);
    g_assert_cmpint(version_of(t, "x:443"), !=, first);
    ch.version = first;
    g_assert_cmpint(migrations_limit_host(t->m, &alice, "x:443", &ch, &t->err),
                    ==, -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    are_hosts(t, "x:443", "x:443 4 - 1; ");
    ch.version = version_of(t, "x:443");
    CHECK_OK(migrations_limit_host(t->m, &alice, "x:443", &ch, &t->err),
             &t->err);
    are_hosts(t, "x:443", "x:443 5 - 1; ");
}

static void test_hosts(struct desk *t, gconstpointer data)
{
    const struct jobs_tally tally = { 0 };
    g_autoptr(GPtrArray) loads =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_load_free);
    const unsigned int four = 4, none = 0;
    bool draining;

    (void)data;
    add(t);
    limit(t, "z:443", &four, NULL);
    limit(t, "z:443", NULL, "22:00-06:00");
    are_hosts(t, NULL, "x:443 0 - 1; z:443 4 22:00-06:00 0; ");
    limit(t, "z:443", &none, NULL);
    limit(t, "z:443", NULL, "");
    are_hosts(t, "z:443", "z:443 0 - 0; ");
    for (char w[] = "v"; *w <= 'w'; ++*w)
        CHECK_OK(jobs_beat(t->j, w, 5, &tally, &draining, &t->err), &t->err);
    g_ptr_array_add(loads, load("x:443", 5));
    g_ptr_array_add(loads, load("y:443", 6));
    CHECK_OK(migrations_set_loads(t->m, "w", loads, &t->err), &t->err);
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    g_ptr_array_remove_index(loads, 1);
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    are_hosts(t, NULL, "x:443 0 - 1/v:5/w:5; y:443 0 - 0/w:6; z:443 0 - 0; ");
    /* what a worker found is not known without it */
    CHECK_OK(jobs_leave(t->j, "w", 0, &t->err), &t->err);
    are_hosts(t, NULL, "x:443 0 - 1/v:5; z:443 0 - 0; ");
    are_hosts(t, "q", "");
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    g_assert_cmpint(number(t, "SELECT count(*) FROM worker_hosts"), ==, 1);
}

/* ---- owners -------------------------------------------------------------- */

/* One whose owners are asked on both sides, one that has all it needs. */
static int64_t add_asking(struct desk *t)
{
    const struct migration_row rows[] = {
        { .line = 2,
          .sides = { { "a@x", { 0 }, true }, { "a@y", { 0 }, true } } },
        { .line = 3, .sides = { { "b@x", { 0 } }, { "b@y", { 0 } } } },
    };
    const struct migration_wish wish = {
        .name = "Spring",
        .host = "x:443",
        .options = "{}",
        .sides = { { "https://x", { 0 } }, { "https://y", { 0 } } },
        .rows = rows,
        .n_rows = 2,
    };
    int64_t id = 0;

    CHECK_OK(migrations_add(t->m, &alice, &wish, &id, &t->err), &t->err);
    return id;
}

static GPtrArray *open_owners(struct desk *t, int64_t id)
{
    const struct roster_page page = { .limit = 10 };
    GPtrArray *all = NULL;

    CHECK_OK(owners_list(t->m, id, &page, &all, &t->err), &t->err);
    return all;
}

static int ask_owner_at(struct desk *t, int64_t id, const uint8_t *hash,
                        enum owner_turn turn, int64_t seen_us, int64_t now_us)
{
    g_autoptr(GBytes) body = g_bytes_new_static("sealed", 6);
    g_autofree char *ref = g_uuid_string_random();
    char recipient[] = "a@x", subject[] = "password";
    const struct outbox_mail mail = {
        .ref = ref, .recipient = recipient, .subject = subject, .body = body
    };
    struct owner_ask ask = { .id = id,
                             .turn = turn,
                             .seen_us = seen_us,
                             .expires_us = 1000,
                             .tries = 2,
                             .now_us = now_us,
                             .mail = &mail };
    int done;

    memcpy(ask.hash, hash, sizeof(ask.hash));
    done = owners_ask(t->m, &alice, &ask, &t->err);
    g_assert_cmpint(done, >=, 0);
    return done;
}

static int ask_owner(struct desk *t, int64_t id, const uint8_t *hash,
                     enum owner_turn turn)
{
    return ask_owner_at(t, id, hash, turn, turn == OWNER_FIRST ? 0 : 10, 10);
}

static enum owner_fate fate_of(struct desk *t, const uint8_t *hash,
                               int64_t now_us, owner **ret)
{
    enum owner_fate fate;

    CHECK_OK(owners_find(t->m, hash, now_us, ret, &fate, &t->err), &t->err);
    return fate;
}

static enum job_state job_of(struct desk *t, int64_t mailbox_id)
{
    const struct jobs_which which = { .mailbox_id = mailbox_id };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(jobs_list(t->j, &which, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    return ((const struct job *)all->pdata[0])->state;
}

static void test_owners(struct desk *t, gconstpointer data)
{
    static const uint8_t first[TOKEN_HASH_BYTES] = { 1 },
                         second[TOKEN_HASH_BYTES] = { 2 },
                         other[TOKEN_HASH_BYTES] = { 3 };
    g_autoptr(secret) password = secret_new(PLANTED "-given", 13);
    const struct migration_login login = { NULL, password };
    int64_t id = add_asking(t);
    const struct migration_start check = { id, .kind = "check" };
    const struct migration_start full = { id, .kind = "full" };
    const struct jobs_which all_of_it = { .migration_id = id };
    g_autoptr(GPtrArray) all = open_owners(t, id);
    const struct owner *source, *destination;
    g_autoptr(owner) found = NULL, gone = NULL;
    g_autoptr(secret) kept = NULL;
    char *user = NULL;
    size_t n;

    (void)data;
    g_assert_cmpuint(all->len, ==, 2);
    source = all->pdata[0];
    destination = all->pdata[1];
    g_assert_cmpstr(source->address, ==, "a@x");
    g_assert_cmpstr(destination->url, ==, "https://y");
    /* nobody checks what nobody can open; its passes wait for the password */
    CHECK_OK(migrations_start(t->m, &alice, &check, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 1);
    CHECK_OK(migrations_start(t->m, &alice, &full, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_PAUSED);
    /* nor does an operator's word help */
    CHECK_OK(migrations_do(t->m, &alice, JOBS_RESUME, &all_of_it, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 0);
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_PAUSED);

    /* asked once, reminded once; the reminder's link is the one that works */
    g_assert_cmpint(ask_owner(t, source->id, first, OWNER_REMINDER), ==, 0);
    g_assert_cmpint(ask_owner(t, source->id, first, OWNER_FIRST), ==, 1);
    g_assert_cmpint(ask_owner(t, source->id, second, OWNER_FIRST), ==, 0);
    g_assert_cmpint(ask_owner(t, source->id, second, OWNER_REMINDER), ==, 1);
    g_assert_cmpint(ask_owner(t, source->id, first, OWNER_REMINDER), ==, 0);
    g_assert_cmpint(fate_of(t, first, 20, &gone), ==, OWNER_NONE);
    g_assert_null(gone);
    g_assert_cmpint(fate_of(t, second, 1000, &gone), ==, OWNER_EXPIRED);
    g_assert_cmpint(fate_of(t, second, 20, &found), ==, OWNER_GOOD);
    g_assert_cmpint(found->id, ==, source->id);

    /* two tries, one of them given back, and no third at the same time */
    g_assert_cmpint(owners_take_try(t->m, second, 1000, &t->err), ==, 0);
    g_assert_cmpint(owners_take_try(t->m, second, 20, &t->err), ==, 1);
    g_assert_cmpint(owners_take_try(t->m, second, 20, &t->err), ==, 1);
    g_assert_cmpint(owners_take_try(t->m, second, 20, &t->err), ==, 0);
    g_clear_pointer(&gone, owner_free);
    g_assert_cmpint(fate_of(t, second, 20, &gone), ==, OWNER_SPENT);
    CHECK_OK(owners_end_try(t->m, &alice, found, true, &t->err), &t->err);
    CHECK_OK(owners_end_try(t->m, &alice, found, false, &t->err), &t->err);
    g_assert_cmpint(owners_take_try(t->m, second, 20, &t->err), ==, 1);

    /* it goes on with the last one that was missing */
    g_assert_cmpint(owners_give(t->m, &alice, found, &login, 30, &t->err), ==,
                    1);
    g_assert_cmpint(owners_give(t->m, &alice, found, &login, 31, &t->err), ==,
                    0);
    g_assert_cmpint(migrations_login(t->m, id, source->mailbox_id,
                                     MIGRATION_SOURCE, &user, &kept, &t->err),
                    ==, 1);
    g_assert_null(user);
    g_assert_cmpstr(secret_peek(kept), ==, PLANTED "-given");
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_PAUSED);
    g_assert_cmpint(ask_owner(t, destination->id, other, OWNER_FIRST), ==, 1);
    g_assert_cmpint(owners_give(t->m, &alice, destination, &login, 40, &t->err),
                    ==, 1);
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_QUEUED);
    g_clear_pointer(&all, g_ptr_array_unref);
    all = open_owners(t, id);
    g_assert_cmpuint(all->len, ==, 0);
}

/* A link that is used up, or too old, has a successor; one of two at a time. */
static void test_owners_anew(struct desk *t, gconstpointer data)
{
    static const uint8_t first[TOKEN_HASH_BYTES] = { 1 },
                         second[TOKEN_HASH_BYTES] = { 2 },
                         third[TOKEN_HASH_BYTES] = { 3 };
    g_autoptr(GPtrArray) all = open_owners(t, add_asking(t));
    const struct owner *o = all->pdata[0];
    g_autoptr(owner) gone = NULL, found = NULL;

    (void)data;
    /* who was never asked is not asked again */
    g_assert_cmpint(ask_owner(t, o->id, first, OWNER_ANEW), ==, 0);
    g_assert_cmpint(ask_owner(t, o->id, first, OWNER_FIRST), ==, 1);
    g_assert_cmpint(owners_take_try(t->m, first, 20, &t->err), ==, 1);
    g_assert_cmpint(owners_take_try(t->m, first, 20, &t->err), ==, 1);
    g_assert_cmpint(fate_of(t, first, 20, &gone), ==, OWNER_SPENT);
    g_assert_cmpint(ask_owner_at(t, o->id, second, OWNER_ANEW, 10, 500), ==, 1);
    g_assert_cmpint(ask_owner_at(t, o->id, third, OWNER_ANEW, 10, 501), ==, 0);
    g_clear_pointer(&gone, owner_free);
    g_assert_cmpint(fate_of(t, first, 510, &gone), ==, OWNER_NONE);
    g_assert_cmpint(fate_of(t, second, 510, &found), ==, OWNER_GOOD);
    g_assert_cmpuint(found->tries, ==, 2);
    g_assert_cmpint(found->asked_us, ==, 500);
    /* it has a reminder of its own */
    g_assert_cmpint(ask_owner_at(t, o->id, third, OWNER_REMINDER, 500, 510), ==,
                    1);
    g_clear_pointer(&found, owner_free);
    g_assert_cmpint(fate_of(t, third, 510, &found), ==, OWNER_GOOD);
}

/* Each thing once at each side, with its mail and the trail's line or not. */
static void test_notices(struct desk *t, gconstpointer data)
{
    int64_t id = add_asking(t);
    g_autoptr(GPtrArray) all = open_owners(t, id);
    g_autoptr(GBytes) body = g_bytes_new_static("sealed", 6);
    const struct owner *o = all->pdata[0];
    const struct roster_page page = { .limit = 10 };
    g_autoptr(roster) r = roster_new(t->d);
    g_autoptr(GPtrArray) mails = NULL;
    g_autoptr(GArray) told = NULL;
    struct notice n = { .mailbox_id = o->mailbox_id,
                        .kind = NOTICE_BEFORE,
                        .now_us = 10 };
    static const struct {
        enum migration_side side;
        enum notice_kind kind;
        int done;
    } rows[] = {
        { MIGRATION_SOURCE, NOTICE_BEFORE, 1 },
        { MIGRATION_SOURCE, NOTICE_BEFORE, 0 },
        { MIGRATION_DESTINATION, NOTICE_BEFORE, 1 },
        { MIGRATION_SOURCE, NOTICE_DONE, 1 },
        { MIGRATION_SOURCE, NOTICE_DONE, 0 },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *ref = g_uuid_string_random();
        char to[] = "a@x", subject[] = "moves";
        const struct outbox_mail mail = {
            .ref = ref, .recipient = to, .subject = subject, .body = body
        };

        n.side = rows[i].side;
        n.kind = rows[i].kind;
        n.mail = &mail;
        g_assert_cmpint(notices_send(t->m, &alice, &n, &t->err), ==,
                        rows[i].done);
    }
    CHECK_OK(notices_list(t->m, id, &told, &t->err), &t->err);
    g_assert_cmpuint(told->len, ==, 3);
    CHECK_OK(roster_outbox(r, &page, &mails, &t->err), &t->err);
    g_assert_cmpuint(mails->len, ==, 3);
    CHECK_OK(migrations_remove(t->m, &alice, id, 0, &t->err), &t->err);
}

static guint still_since(struct desk *t, int64_t now_us, int64_t before_us)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(stalls_still(t->m, now_us, before_us, &all, &t->err), &t->err);
    return all->len;
}

static void be_quiet(struct desk *t, int64_t until_us)
{
    char host[] = "x:443";
    struct migration_load load = { .host = host, .quiet_until_us = until_us };
    g_autoptr(GPtrArray) loads = g_ptr_array_new();

    g_ptr_array_add(loads, &load);
    CHECK_OK(migrations_set_loads(t->m, "w", loads, &t->err), &t->err);
}

static const struct db_ops *real_ops;
static guint writes;

static struct sq_conn *begin_counted(struct db *db, enum db_use use,
                                     struct err *err)
{
    writes += use == DB_WRITE;
    return real_ops->begin(db, use, err);
}

/* How many times such a look waits for its turn to write. */
static guint writes_of_still(struct desk *t, int64_t now_us, int64_t before_us)
{
    struct db *db = sq_database_db(t->d);
    struct db_ops counting = *db->ops;

    real_ops = db->ops;
    counting.begin = begin_counted;
    writes = 0;
    db->ops = &counting;
    (void)still_since(t, now_us, before_us);
    db->ops = real_ops;
    return writes;
}

/* A pass gets on by what its worker says as it renews, and by that alone. */
static void test_still(struct desk *t, gconstpointer data)
{
    const struct migration_start full = { add_asking(t), .kind = "full" };
    struct jobs_renewed renewed;
    struct job *job = NULL;
    size_t n;

    (void)data;
    CHECK_OK(migrations_start(t->m, &alice, &full, &n, &t->err), &t->err);
    g_assert_cmpint(jobs_claim(t->j, "w", 1000, &job, &t->err), ==, 1);
    g_assert_cmpuint(still_since(t, 2000, 999), ==, 0);
    g_assert_cmpuint(still_since(t, 2000, 1000), ==, 1);
    job->moved_us = 1500;
    CHECK_OK(jobs_renew(t->j, job, 2000, &renewed, &t->err), &t->err);
    g_assert_cmpuint(still_since(t, 2000, 1499), ==, 0);
    g_assert_cmpuint(still_since(t, 2000, 1500), ==, 1);
    g_assert_cmpuint(writes_of_still(t, 2000, 1500), ==, 0);
    /* quiet hours do not count, not even once they are over */
    be_quiet(t, 4000);
    g_assert_cmpuint(writes_of_still(t, 3000, 2000), ==, 1);
    g_assert_cmpuint(still_since(t, 3000, 2000), ==, 0);
    g_assert_cmpuint(writes_of_still(t, 3000, 2000), ==, 0);
    be_quiet(t, 0);
    CHECK_OK(jobs_renew(t->j, job, 3100, &renewed, &t->err), &t->err);
    g_assert_cmpuint(still_since(t, 3200, 2999), ==, 0);
    g_assert_cmpuint(still_since(t, 4100, 3000), ==, 1);
    job_free(job);
}

/* Told once until it is over, and then anew. */
static void test_stalls(struct desk *t, gconstpointer data)
{
    static const int done[] = { 1, 0 };
    char reason[] = "nothing since noon", remedy[] = "see";
    const int64_t id = add_asking(t);
    const struct stall s = { .migration_id = id,
                             .since_us = 5,
                             .told_us = 10,
                             .mailboxes = 2,
                             .reason = reason,
                             .remedy = remedy };
    g_autoptr(GBytes) body = g_bytes_new_static("sealed", 6);
    const struct roster_page page = { .limit = 10 };
    g_autoptr(roster) r = roster_new(t->d);
    g_autoptr(GPtrArray) mails = NULL, open = NULL;
    char to[] = "ops@x", subject[] = "stalled";

    (void)data;
    for (int i = 0; i < 2; i++) {
        g_autofree char *ref = g_uuid_string_random();
        struct outbox_mail mail = {
            .ref = ref, .recipient = to, .subject = subject, .body = body
        };
        const struct stall_mails all = { .operators = &mail };

        g_assert_cmpint(stalls_open(t->m, &alice, &s, &all, &t->err), ==,
                        done[i]);
    }
    CHECK_OK(roster_outbox(r, &page, &mails, &t->err), &t->err);
    g_assert_cmpuint(mails->len, ==, 1);
    CHECK_OK(stalls_list(t->m, &open, &t->err), &t->err);
    g_assert_cmpuint(open->len, ==, 1);
    g_assert_cmpstr(((struct stall *)open->pdata[0])->name, ==, "Spring");
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(stalls_close(t->m, &alice, id, &t->err), ==, done[i]);
    g_assert_cmpint(
        stalls_open(t->m, &alice, &s, &(struct stall_mails){ 0 }, &t->err), ==,
        1);
    CHECK_OK(migrations_remove(t->m, &alice, id, 0, &t->err), &t->err);
}

/* What an operator enters is asked of nobody any more. */
static void test_owners_entered(struct desk *t, gconstpointer data)
{
    g_autoptr(secret) password = secret_new(PLANTED "-given", 13);
    const struct migration_login login = { NULL, password };
    const struct migration_mailbox_change change = { .logins = { &login,
                                                                 &login } };
    int64_t id = add_asking(t);
    g_autoptr(GPtrArray) all = open_owners(t, id), after = NULL;
    const struct owner *one = all->pdata[0];
    g_autoptr(migration_mailbox) m = NULL;

    (void)data;
    CHECK_OK(migrations_change_mailbox(t->m, &alice, one->mailbox_id, &change,
                                       &t->err),
             &t->err);
    after = open_owners(t, id);
    g_assert_cmpuint(after->len, ==, 0);
    g_assert_cmpint(migrations_mailbox(t->m, one->mailbox_id, &m, &t->err), ==,
                    1);
    g_assert_cmpint(m->state, ==, MAILBOX_NEW);
    CHECK_OK(migrations_remove(t->m, &alice, id, 0, &t->err), &t->err);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(struct desk *t, gconstpointer data);
    } rows[] = {
        { "add", test_add },
        { "bound", test_bound },
        { "filter", test_filter },
        { "orders", test_orders },
        { "numbers", test_numbers },
        { "numbers-of-a-state-file", test_numbers_of_a_state_file },
        { "extend", test_extend },
        { "pace", test_pace },
        { "start", test_start },
        { "some", test_some },
        { "change", test_change },
        { "change-whole", test_change_whole },
        { "versions", test_versions },
        { "access", test_access },
        { "access-bound", test_access_bound },
        { "change-mailbox", test_change_mailbox },
        { "mailbox-options", test_mailbox_options },
        { "hosts", test_hosts },
        { "host-version", test_host_version },
        { "purge", test_purge },
        { "remove", test_remove },
        { "owners", test_owners },
        { "owners-anew", test_owners_anew },
        { "notices", test_notices },
        { "still", test_still },
        { "stalls", test_stalls },
        { "owners-entered", test_owners_entered },
        { "reseal", test_reseal },
        { "late-writes", test_late_writes },
        { "once", test_once },
        { "once-jobs", test_once_jobs },
        { "once-refused", test_once_refused },
        { "once-threads", test_once_threads },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/migrations/%s/%s",
            store_tmp_server() != NULL ? "postgres" : "sqlite", rows[i].name);

        g_test_add(path, struct desk, NULL, set_up, rows[i].fn, tear_down);
    }
    return g_test_run();
}
