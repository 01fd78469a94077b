#include "store/migrations.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/migrations_priv.h"
#include "store/migrations_testing.h"
#include "store/roster_links.h"
#include "store/samples.h"
#include "store/store_fill.h"

static void test_add(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
    g_autoptr(migration) m = migrations_fixture_look(t, id);
    const struct migration_filter filter = { .migration_id = id };
    g_autoptr(GPtrArray) all = migrations_fixture_mailboxes(t, &filter);
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
    migrations_fixture_has_password(t, id, 0, MIGRATION_SOURCE,
                                    "X\\admin:" MIGRATIONS_PLANTED "-admin");
    migrations_fixture_has_password(t, id, 0, MIGRATION_DESTINATION, NULL);
    migrations_fixture_has_password(t, id, b->id, MIGRATION_SOURCE,
                                    "X\\b:" MIGRATIONS_PLANTED "-own");
    migrations_fixture_has_password(t, id, b->id, MIGRATION_DESTINATION, NULL);
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT count(*) FROM audit"
                                     " WHERE action = 'migration.add'"),
        ==, 1);
}

/* Moved to another row a sealed value opens nothing. */
static void test_bound(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
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
    g_assert_null(strstr(t->err.msg, MIGRATIONS_PLANTED));
}

static void test_filter(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t), other = migrations_fixture_add(t);
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
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
             &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) all =
            migrations_fixture_mailboxes(t, &rows[i].filter);

        CHECK_ROW(rows[i].name, all->len == rows[i].n);
    }
}

/* Ids of all, one a page, in that order; each begins where the last ended. */
static char *walk(struct migrations_fixture *t, int64_t migration_id,
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
static void test_numbers(struct migrations_fixture *t, gconstpointer data)
{
    int64_t first = migrations_fixture_add(t);

    (void)data;
    g_assert_cmpint(first, ==, 1);
    CHECK_OK(migrations_remove(t->m, &roster_alice, first, 0, &t->err),
             &t->err);
    g_assert_cmpint(migrations_fixture_add(t), ==, 2);
    CHECK_OK(migrations_remove(t->m, &roster_alice, 2, 0, &t->err), &t->err);
    g_assert_cmpint(migrations_fixture_add(t), ==, 3);
}

/* What a state file has is nobody else's. */
static void test_numbers_of_a_state_file(struct migrations_fixture *t,
                                         gconstpointer data)
{
    g_autoptr(store) s = database_store(t->d, 1);
    int64_t mailbox = 0;

    (void)data;
    if (store_tmp_server() != NULL)
        return;
    CHECK_OK(store_mailbox_add(s, "a@x", "a@y", 2, &mailbox, &t->err), &t->err);
    g_assert_cmpint(migrations_fixture_add(t), ==, 2);
}

/* A row comes once, whatever its case and whoever asks. */
static void test_extend(struct migrations_fixture *t, gconstpointer data)
{
    g_autoptr(secret) own = secret_new(MIGRATIONS_PLANTED "-new", 11);
    const struct migration_row rows[] = {
        { .line = 2, .sides = { { "A@X", { 0 } }, { "a@Y", { 0 } } } },
        { .line = 3, .sides = { { "c@x", { "c", own } }, { "c@y", { 0 } } } },
        { .line = 4, .sides = { { "a@x", { 0 } }, { "d@y", { 0 } } } },
    };
    const struct migration_rows more = { rows, G_N_ELEMENTS(rows) };
    int64_t id = migrations_fixture_add(t), other = migrations_fixture_add(t);
    g_autoptr(migration) m = NULL;
    size_t n = 0;

    (void)data;
    CHECK_OK(migrations_extend(t->m, &roster_alice, id, &more, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 2);
    CHECK_OK(migrations_extend(t->m, &roster_alice, id, &more, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 0);
    m = migrations_fixture_look(t, id);
    g_assert_cmpuint(m->n_mailboxes, ==, 4);
    migrations_fixture_has_password(t, id, 5, MIGRATION_SOURCE,
                                    "c:" MIGRATIONS_PLANTED "-new");
    g_assert_cmpint(other, ==, 2);
    g_assert_cmpint(
        migrations_extend(t->m, &roster_alice, 99, &more, &n, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
}

/* Whatever the order, each comes once, and from the other end in reverse. */
static void test_orders(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t), ids[] = { 0, id };
    const struct roster_order *orders[] = { migration_orders,
                                            migration_mailbox_orders };

    (void)data;
    migrations_fixture_add(t);
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
static void test_pace(struct migrations_fixture *t, gconstpointer data)
{
    static const struct pace_hosts between = { "x:443", "y:443" };
    int64_t id = migrations_fixture_add(t);
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    const struct migration_filter filter = { .migration_id = id };
    const struct roster_page page = { 0, 9 };
    g_autoptr(GPtrArray) all = NULL, then = NULL;
    struct store *s = database_store(t->d, id);
    struct job *job = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
             &t->err);
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

static void test_start(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
    struct migration_start start = { .migration_id = id,
                                     .kind = "full",
                                     .options = "{\"a\":1}",
                                     .priority = 3 };
    const struct jobs_which which = { .migration_id = id };
    uint64_t news = jobs_news(t->j);
    struct job *job = NULL;
    size_t n = 9;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(jobs_news(t->j), !=, news);
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 0); /* they have one */
    g_assert_cmpint(jobs_claim(t->j, "w", timestamp_now(), &job, &t->err), ==,
                    1);
    g_assert_cmpstr(job->host, ==, "x:443");
    g_assert_cmpstr(job->kind, ==, "full");
    g_assert_cmpstr(job->options, ==, "{\"a\":1}");
    g_assert_cmpint(job->priority, ==, 3);
    g_assert_cmpint(migrations_remove(t->m, &roster_alice, id, 0, &t->err), ==,
                    -1);
    g_assert_cmpstr(t->err.name, ==, "busy");
    CHECK_OK(
        migrations_do(t->m, &roster_alice, JOBS_CANCEL, &which, &n, &t->err),
        &t->err);
    g_assert_cmpuint(n, ==, 2);
    start.migration_id = 99;
    g_assert_cmpint(migrations_start(t->m, &roster_alice, &start, &n, &t->err),
                    ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
    g_assert_cmpint(
        migrations_fixture_number(
            t, "SELECT count(*) FROM audit WHERE action <> 'migration.add'"),
        ==, 3);
    job_free(job);
}

/* Of some alone; of another migration's nothing, and all of it once. */
static void test_some(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t), other = migrations_fixture_add(t);
    const int64_t first = migrations_fixture_number(
        t, "SELECT min(id) FROM mailboxes WHERE migration = 1");
    const int64_t foreign = migrations_fixture_number(
        t, "SELECT min(id) FROM mailboxes WHERE migration = 2");
    const int64_t ids[] = { first, foreign, 99999, first };
    const struct migration_start start = {
        .migration_id = id, .kind = "full", .mailboxes = ids, .n_mailboxes = 4
    };
    const struct migration_some some = { id, ids, 4 }, none = { other, ids, 1 };
    size_t n = 9;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(migrations_fixture_number(t, "SELECT mailbox FROM jobs"),
                    ==, first);
    CHECK_OK(
        migrations_do_some(t->m, &roster_alice, JOBS_PAUSE, &none, &n, &t->err),
        &t->err);
    g_assert_cmpuint(n, ==, 0);
    CHECK_OK(
        migrations_do_some(t->m, &roster_alice, JOBS_PAUSE, &some, &n, &t->err),
        &t->err);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(migrations_fixture_number(
                        t, "SELECT count(*) FROM audit"
                           " WHERE action IN ('pass.start', 'job.pause')"
                           " AND subject LIKE 'migration %'"),
                    ==, 3);
}

static int64_t claim_id(struct migrations_fixture *t)
{
    struct job *job = NULL;
    int found = jobs_claim(t->j, "w", 1, &job, &t->err);
    int64_t id = job != NULL ? job->id : 0;

    CHECK_OK(MIN(found, 0), &t->err);
    job_free(job);
    return id;
}

/* Who is given more is next, whoever came first. */
static void test_priority(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    const struct jobs_which all = { .migration_id = id };
    g_autoptr(GPtrArray) found = NULL;
    struct jobs_which last = { 0 };

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
             &t->err);
    CHECK_OK(jobs_list(t->j, &all, &found, &t->err), &t->err);
    last.job_id = ((const struct job *)found->pdata[found->len - 1])->id;
    g_assert_cmpuint(found->len, >, 1);
    CHECK_OK(migrations_set_priority(t->m, &roster_alice, &last, 2, &t->err),
             &t->err);
    g_assert_cmpint(claim_id(t), ==, last.job_id);
    g_assert_cmpint(claim_id(t), ==, ((const struct job *)found->pdata[0])->id);
    g_assert_cmpint(migrations_fixture_number(t,
                                              "SELECT count(*) FROM audit WHERE"
                                              " action = 'job.priority'"
                                              " AND detail = '2'"),
                    ==, 1);
}

static void test_change(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
    g_autoptr(secret) password = secret_new("new", 3);
    const struct migration_login nobody = { 0 }, other = { "Y\\z", password };
    const struct migration_change change = {
        .options = "{\"adopt\":true}",
        .admins = { [MIGRATION_SOURCE] = &nobody,
                    [MIGRATION_DESTINATION] = &other },
    };
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    g_autoptr(migration) m = NULL;
    struct jobs_renewed renewed;
    struct job *job = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
             &t->err);
    g_assert_cmpint(jobs_claim(t->j, "w", 1, &job, &t->err), ==, 1);
    CHECK_OK(migrations_change(t->m, &roster_alice, id, &change, &t->err),
             &t->err);
    m = migrations_fixture_look(t, id);
    g_assert_cmpstr(m->name, ==, "Spring");
    g_assert_cmpstr(m->options, ==, "{\"adopt\":true}");
    g_assert_cmpstr(m->admins[MIGRATION_DESTINATION], ==, "Y\\z");
    g_assert_null(m->admins[MIGRATION_SOURCE]);
    migrations_fixture_has_password(t, id, 0, MIGRATION_SOURCE, NULL);
    migrations_fixture_has_password(t, id, 0, MIGRATION_DESTINATION,
                                    "Y\\z:new");
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT min(version) FROM jobs"), ==, 1);
    /* its worker hears of it */
    CHECK_OK(jobs_renew(t->j, job, 2, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.version, !=, job->version);
    job_free(job);
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM audit"
                                                 " WHERE detail LIKE '%new%'"),
                    ==, 0);
}

/* Of a change that cannot be made whole nothing stays. */
static void test_change_whole(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
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
    CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
             &t->err);
    g_assert_cmpint(
        migrations_change(t->m, &roster_alice, id, &change, &t->err), ==, -1);
    before = migrations_fixture_look(t, id);
    g_assert_cmpstr(before->name, ==, "Spring");
    g_assert_cmpuint(before->most, ==, 0);
    change.name = NULL;
    change.admins[0] = NULL;
    CHECK_OK(migrations_change(t->m, &roster_alice, id, &change, &t->err),
             &t->err);
    after = migrations_fixture_look(t, id);
    g_assert_cmpuint(after->most, ==, 3);
    g_assert_cmpstr(after->hours, ==, weekend);
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT max(version) FROM jobs"), ==, 0);
    /* each by itself */
    change = (struct migration_change){ .hours = "" };
    CHECK_OK(migrations_change(t->m, &roster_alice, id, &change, &t->err),
             &t->err);
    change = (struct migration_change){ .most = &none };
    still = migrations_fixture_look(t, id);
    g_assert_cmpuint(still->most, ==, 3);
    g_assert_null(still->hours);
    CHECK_OK(migrations_change(t->m, &roster_alice, id, &change, &t->err),
             &t->err);
}

/* Each change makes another version; one of an older one changes nothing. */
static void test_versions(struct migrations_fixture *t, gconstpointer data)
{
    const unsigned int three = 3;
    int64_t id = migrations_fixture_add(t);
    g_autoptr(migration) first = migrations_fixture_look(t, id), second = NULL;
    struct migration_change change = { .version = first->version,
                                       .most = &three };

    (void)data;
    CHECK_OK(migrations_change(t->m, &roster_alice, id, &change, &t->err),
             &t->err);
    change = (struct migration_change){ .version = first->version,
                                        .name = "Autumn" };
    g_assert_cmpint(
        migrations_change(t->m, &roster_alice, id, &change, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    g_assert_cmpint(
        migrations_remove(t->m, &roster_alice, id, first->version, &t->err), ==,
        -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    second = migrations_fixture_look(t, id);
    g_assert_cmpint(second->version, >, first->version);
    g_assert_cmpstr(second->name, ==, "Spring");
    CHECK_OK(
        migrations_remove(t->m, &roster_alice, id, second->version, &t->err),
        &t->err);
}

static void test_purge(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t), other = migrations_fixture_add(t);

    (void)data;
    CHECK_OK(migrations_purge(t->m, &roster_alice, id, &t->err), &t->err);
    migrations_fixture_has_password(t, id, 0, MIGRATION_SOURCE, NULL);
    migrations_fixture_has_password(t, other, 0, MIGRATION_SOURCE,
                                    "X\\admin:" MIGRATIONS_PLANTED "-admin");
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT count(*) FROM secrets"), ==, 2);
}

/* All of it, and nothing of the other one. */
static void test_remove(struct migrations_fixture *t, gconstpointer data)
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

        id = migrations_fixture_add(t);
        start.migration_id = id;
        s = database_store(t->d, id);
        f = store_fill_begin(s, "a@x");
        CHECK_OK(store_fill_list(s, &f, 0, 30, &t->err), &t->err);
        CHECK_OK(store_pass_begin(s, &f.lease, "full", &pass, &t->err),
                 &t->err);
        CHECK_OK(store_samples_add(s, NULL, &went, 1, &t->err), &t->err);
        CHECK_OK(migrations_start(t->m, &roster_alice, &start, NULL, &t->err),
                 &t->err);
        store_free(s);
        for (size_t k = 0; i == 0 && k < G_N_ELEMENTS(tables); k++)
            before[k] = migrations_fixture_number(t, tables[k]);
    }
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
    for (size_t k = 0; k < G_N_ELEMENTS(tables); k++)
        CHECK_ROW(tables[k],
                  migrations_fixture_number(t, tables[k]) == before[k]);
    g_assert_cmpint(migrations_get(t->m, id, &none, &t->err), ==, 0);
    again = migrations_fixture_add(t);
    g_assert_cmpint(again, >, id); /* its number is nobody else's */
}

static const struct seal_place mail_place = { "outbox", "body", "r1" };

static void add_mail(struct migrations_fixture *t)
{
    static char ref[] = "r1", to[] = "a@x", subject[] = "Your link";
    g_autoptr(roster) r = roster_new(t->d);
    struct outbox_mail mail = { .ref = ref,
                                .recipient = to,
                                .subject = subject };
    const struct links_wish wish = { .mail = &mail };

    CHECK_OK(seal_close(t->keys, &mail_place, MIGRATIONS_PLANTED,
                        strlen(MIGRATIONS_PLANTED), &mail.body, &t->err),
             &t->err);
    CHECK_OK(roster_links_add(r, &roster_alice, &wish, &t->err), &t->err);
    g_bytes_unref(mail.body);
}

static void mail_opens(struct migrations_fixture *t, const struct keyring *keys)
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
    g_assert_cmpstr(secret_peek(body), ==, MIGRATIONS_PLANTED);
}

/* Sealed anew, everything opens with the new key alone. */
static void test_reseal(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
    struct keyring *both = keyring_rotated(t->keys), *one;
    uint64_t n = 0;

    (void)data;
    add_mail(t);
    migrations_free(t->m);
    t->m = migrations_new(t->d, t->j, both);
    CHECK_OK(database_check_keys(t->d, t->keys, &t->err), &t->err);
    CHECK_OK(migrations_reseal(t->m, &roster_alice, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 3);
    CHECK_OK(migrations_reseal(t->m, &roster_alice, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 0);
    one = keyring_retired(both);
    CHECK_OK(database_check_keys(t->d, one, &t->err), &t->err);
    g_assert_cmpint(database_check_keys(t->d, t->keys, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "seal-key");
    g_assert_cmpint(database_check_keys(t->d, NULL, &t->err), ==, -1);
    migrations_free(t->m);
    t->m = migrations_new(t->d, t->j, one);
    migrations_fixture_has_password(t, id, 0, MIGRATION_SOURCE,
                                    "X\\admin:" MIGRATIONS_PLANTED "-admin");
    mail_opens(t, one);
    keyring_free(both);
    keyring_free(t->keys);
    t->keys = one;
}

/* A frozen worker's write is refused, and counted. */
static void test_late_writes(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add(t);
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

static void has_options(struct migrations_fixture *t, int64_t mailbox_id,
                        const char *want)
{
    g_autoptr(migration_mailbox) m = NULL;

    g_assert_cmpint(migrations_mailbox(t->m, mailbox_id, &m, &t->err), ==, 1);
    g_assert_cmpstr(m->options, ==, want);
}

/* What is to be otherwise with one of them, until that is taken back. */
static void test_mailbox_options(struct migrations_fixture *t,
                                 gconstpointer data)
{
    struct migration_mailbox_change ch = { .options = "{\"lanes\":2}" };
    g_autoptr(GPtrArray) all = migrations_fixture_mailboxes(
        t, &(struct migration_filter){ .migration_id =
                                           migrations_fixture_add(t) });
    const struct migration_mailbox *first = all->pdata[0],
                                   *second = all->pdata[1];
    const uint32_t flags = 1;

    (void)data;
    has_options(t, first->id, NULL);
    CHECK_OK(
        migrations_change_mailbox(t->m, &roster_alice, first->id, &ch, &t->err),
        &t->err);
    has_options(t, second->id, NULL);
    ch = (struct migration_mailbox_change){ .flags = &flags };
    CHECK_OK(
        migrations_change_mailbox(t->m, &roster_alice, first->id, &ch, &t->err),
        &t->err);
    has_options(t, first->id, "{\"lanes\":2}");
    ch = (struct migration_mailbox_change){ .options = "" };
    CHECK_OK(
        migrations_change_mailbox(t->m, &roster_alice, first->id, &ch, &t->err),
        &t->err);
    has_options(t, first->id, NULL);
}

static void test_change_mailbox(struct migrations_fixture *t,
                                gconstpointer data)
{
    g_autoptr(secret) s = secret_new("new", 3);
    const struct migration_login login = { NULL, s }, nobody = { 0 };
    const uint32_t flags = 6;
    struct migration_mailbox_change ch = { .flags = &flags };
    int64_t id = migrations_fixture_add(t), box;
    g_autoptr(GPtrArray) all = migrations_fixture_mailboxes(
        t, &(struct migration_filter){ .migration_id = id });
    struct migration_mailbox *m = NULL;

    (void)data;
    box = ((const struct migration_mailbox *)all->pdata[1])->id;
    ch.logins[MIGRATION_DESTINATION] = &login;
    CHECK_OK(migrations_change_mailbox(t->m, &roster_alice, box, &ch, &t->err),
             &t->err);
    migrations_fixture_has_password(t, id, box, MIGRATION_DESTINATION, "-:new");
    migrations_fixture_has_password(t, id, box, MIGRATION_SOURCE,
                                    "X\\b:" MIGRATIONS_PLANTED "-own");
    ch = (struct migration_mailbox_change){ .logins = { &nobody } };
    CHECK_OK(migrations_change_mailbox(t->m, &roster_alice, box, &ch, &t->err),
             &t->err);
    migrations_fixture_has_password(t, id, box, MIGRATION_SOURCE, NULL);
    g_assert_cmpint(migrations_mailbox(t->m, box, &m, &t->err), ==, 1);
    g_assert_cmpuint(m->flags, ==, 6); /* as it was */
    g_assert_cmpint(m->version, ==, 3);
    g_assert_null(m->options);
    ch.version = 2;
    g_assert_cmpint(
        migrations_change_mailbox(t->m, &roster_alice, box, &ch, &t->err), ==,
        -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    ch.version = m->version;
    CHECK_OK(migrations_change_mailbox(t->m, &roster_alice, box, &ch, &t->err),
             &t->err);
    migration_mailbox_free(m);
    g_assert_cmpint(
        migrations_change_mailbox(t->m, &roster_alice, 99, &ch, &t->err), ==,
        -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
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
        { "priority", test_priority },
        { "change", test_change },
        { "change-whole", test_change_whole },
        { "versions", test_versions },
        { "change-mailbox", test_change_mailbox },
        { "mailbox-options", test_mailbox_options },
        { "purge", test_purge },
        { "remove", test_remove },
        { "reseal", test_reseal },
        { "late-writes", test_late_writes },
    };

    return migrations_fixture_run(&argc, &argv, "migrations", rows,
                                  G_N_ELEMENTS(rows));
}
