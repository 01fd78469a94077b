/*
 * On SQLite in a new folder; and on PostgreSQL, run by tests/lib/postgres.py.
 */
#include "store/roster.h"

#include <pthread.h>
#include <string.h>

#include <sqlite3.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/roster_testing.h"

#define S TIMESTAMP_SECOND

static int64_t add(struct roster_fixture *f, const char *name,
                   enum roster_role role)
{
    g_autofree char *copy = g_strdup(name), *hash = g_strdup("$argon2id$x");
    const struct roster_operator o = { .name = copy,
                                       .role = role,
                                       .password = hash };
    int64_t id = 0;
    struct err err;

    CHECK_OK(roster_operator_add(f->roster, &roster_alice, &o, &id, &err),
             &err);
    g_assert_cmpint(id, >, 0);
    return id;
}

static void test_operators(struct roster_fixture *f, gconstpointer data)
{
    g_autoptr(roster_operator) by_name = NULL, by_id = NULL, none = NULL;
    g_autoptr(GPtrArray) list = NULL, rest = NULL;
    struct roster_operator again = { .name = (char[]){ "BOB@example.com" },
                                     .password = (char[]){ "x" } };
    int64_t a, b, other = 77;
    g_autofree char *told = NULL;
    struct err err;

    (void)data;
    a = add(f, "alice@example.com", ROSTER_ADMIN);
    b = add(f, "bob@example.com", ROSTER_OPERATOR);
    g_assert_cmpint(
        roster_operator_add(f->roster, &roster_alice, &again, &other, &err), ==,
        -1);
    g_assert_cmpstr(err.name, ==, "taken");
    g_assert_cmpint(other, ==, 77);
    roster_fixture_open(f);
    g_assert_cmpint(
        roster_operator_by_name(f->roster, "Alice@Example.com", &by_name, &err),
        ==, 1);
    g_assert_cmpint(by_name->id, ==, a);
    g_assert_cmpint(by_name->role, ==, ROSTER_ADMIN);
    g_assert_cmpstr(by_name->password, ==, "$argon2id$x");
    g_assert_null(by_name->totp);
    g_assert_cmpint(roster_operator_by_id(f->roster, b, &by_id, &err), ==, 1);
    g_assert_cmpstr(by_id->name, ==, "bob@example.com");
    g_assert_cmpint(
        roster_operator_by_name(f->roster, "carol@example.com", &none, &err),
        ==, 0);
    CHECK_OK(roster_operators(f->roster, &roster_all, &list, &err), &err);
    g_assert_cmpuint(list->len, ==, 2);
    CHECK_OK(
        roster_operators(f->roster, &(struct roster_page){ a, 5 }, &rest, &err),
        &err);
    g_assert_cmpuint(rest->len, ==, 1);
    told = roster_fixture_trail(f);
    g_assert_cmpstr(told, ==,
                    "operator.add operator alice@example.com role admin\n"
                    "operator.add operator bob@example.com role operator\n");
}

static void session(struct roster_fixture *f, int64_t id, const uint8_t *hash,
                    int64_t expires_us)
{
    const struct session_wish wish = { hash, id, 0, 1 * S, expires_us };
    struct err err;

    CHECK_OK(roster_session_add(f->roster, &roster_alice, &wish, &err), &err);
}

static void test_sessions(struct roster_fixture *f, gconstpointer data)
{
    static const uint8_t one[TOKEN_HASH_BYTES] = { 1 };
    static const uint8_t two[TOKEN_HASH_BYTES] = { 2 };
    int64_t id = add(f, "bob@example.com", ROSTER_OPERATOR);
    struct holder h = { 0 };
    struct err err;

    (void)data;
    session(f, id, one, 100 * S);
    session(f, id, two, 200 * S);
    g_assert_cmpint(roster_session_find(f->roster, one, 99 * S, &h, &err), ==,
                    1);
    g_assert_cmpint(h.operator_id, ==, id);
    g_assert_cmpint(h.role, ==, ROSTER_OPERATOR);
    g_assert_cmpstr(h.name, ==, "bob@example.com");
    g_assert_cmpint(roster_session_find(f->roster, one, 100 * S, &h, &err), ==,
                    0);
    CHECK_OK(roster_session_end(f->roster, &roster_alice, two, &err), &err);
    g_assert_cmpint(roster_session_find(f->roster, two, 2 * S, &h, &err), ==,
                    0);
    CHECK_OK(roster_sessions_sweep(f->roster, 50 * S, &err), &err);
    g_assert_cmpint(roster_session_find(f->roster, one, 2 * S, &h, &err), ==,
                    1);
    CHECK_OK(roster_sessions_sweep(f->roster, 100 * S, &err), &err);
    g_assert_cmpint(roster_session_find(f->roster, one, 2 * S, &h, &err), ==,
                    0);
}

static int64_t token(struct roster_fixture *f, int64_t id, const uint8_t *hash,
                     int64_t expires_us)
{
    struct api_token t = { .operator_id = id,
                           .label = (char[]){ "backup" },
                           .scopes = 6,
                           .created_us = 1 * S,
                           .expires_us = expires_us };
    int64_t made = 0;
    struct err err;

    CHECK_OK(roster_token_add(f->roster, &roster_alice, &t, hash, &made, &err),
             &err);
    return made;
}

static void test_tokens(struct roster_fixture *f, gconstpointer data)
{
    static const uint8_t forever[TOKEN_HASH_BYTES] = { 1 };
    static const uint8_t brief[TOKEN_HASH_BYTES] = { 2 };
    int64_t bob = add(f, "bob@example.com", ROSTER_OPERATOR);
    int64_t carol = add(f, "carol@example.com", ROSTER_OPERATOR);
    g_autoptr(GPtrArray) list = NULL, hers = NULL;
    struct holder h = { 0 };
    int64_t id;
    struct err err;

    (void)data;
    id = token(f, bob, forever, 0);
    token(f, bob, brief, 50 * S);
    g_assert_cmpint(roster_token_find(f->roster, forever, 1000 * S, &h, &err),
                    ==, 1);
    g_assert_cmpuint(h.scopes, ==, 6);
    g_assert_cmpint(roster_token_find(f->roster, brief, 50 * S, &h, &err), ==,
                    0);
    CHECK_OK(roster_tokens(f->roster, bob, &roster_all, &list, &err), &err);
    g_assert_cmpuint(list->len, ==, 2);
    CHECK_OK(roster_tokens(f->roster, carol, &roster_all, &hers, &err), &err);
    g_assert_cmpuint(hers->len, ==, 0);
    g_assert_cmpint(
        roster_token_revoke(f->roster, &roster_alice, carol, id, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
    CHECK_OK(roster_token_revoke(f->roster, &roster_alice, bob, id, &err),
             &err);
    g_assert_cmpint(roster_token_find(f->roster, forever, 2 * S, &h, &err), ==,
                    0);
    g_assert_cmpint(
        roster_token_revoke(f->roster, &roster_alice, bob, id, &err), ==, -1);
}

/* Whoever is disabled, or gets another role or password, is out. */
static void test_change_ends_all(struct roster_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        struct operator_change change;
    } rows[] = {
        { "disabled", { -1, 1, NULL, NULL, false } },
        { "enabled", { -1, 0, NULL, NULL, false } },
        { "role", { ROSTER_ADMIN, -1, NULL, NULL, false } },
        { "password", { -1, -1, "$argon2id$y", NULL, false } },
        { "lost authenticator", { -1, -1, NULL, NULL, true } },
    };
    int64_t id = add(f, "bob@example.com", ROSTER_OPERATOR);
    g_autoptr(roster_operator) bob = NULL;
    struct err err;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const uint8_t s[TOKEN_HASH_BYTES] = { 1, (uint8_t)i };
        const uint8_t t[TOKEN_HASH_BYTES] = { 2, (uint8_t)i };
        struct holder h;

        session(f, id, s, 100 * S);
        token(f, id, t, 0);
        CHECK_OK(roster_operator_change(f->roster, &roster_alice, id, 0,
                                        &rows[i].change, &err),
                 &err);
        CHECK_ROW(rows[i].name,
                  roster_session_find(f->roster, s, 2 * S, &h, &err) == 0);
        CHECK_ROW(rows[i].name,
                  roster_token_find(f->roster, t, 2 * S, &h, &err) == 0);
    }
    g_assert_cmpint(roster_operator_by_id(f->roster, id, &bob, &err), ==, 1);
    g_assert_cmpint(bob->role, ==, ROSTER_ADMIN);
    g_assert_cmpstr(bob->password, ==, "$argon2id$y");
    g_assert_cmpint(bob->disabled_us, ==, 0);
    g_assert_cmpint(roster_operator_change(f->roster, &roster_alice, id + 9, 0,
                                           &rows[0].change, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "not-found");
}

static void test_totp(struct roster_fixture *f, gconstpointer data)
{
    int64_t id = add(f, "bob@example.com", ROSTER_OPERATOR);
    struct err err;

    (void)data;
    g_assert_cmpint(roster_totp_use(f->roster, id, 10, &err), ==, 1);
    g_assert_cmpint(roster_totp_use(f->roster, id, 10, &err), ==, 0);
    g_assert_cmpint(roster_totp_use(f->roster, id, 9, &err), ==, 0);
    g_assert_cmpint(roster_totp_use(f->roster, id, 11, &err), ==, 1);
}

/* Who has lost their authenticator signs in without one, and is told of. */
static void test_totp_lost(struct roster_fixture *f, gconstpointer data)
{
    int64_t id = add(f, "bob@example.com", ROSTER_OPERATOR);
    g_autoptr(GBytes) totp = g_bytes_new_static("sealed", strlen("sealed"));
    const struct operator_change changes[] = {
        { -1, -1, NULL, totp, false },
        { -1, -1, NULL, NULL, true },
    };
    struct err err;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autoptr(roster_operator) bob = NULL;

        CHECK_OK(roster_operator_change(f->roster, &roster_alice, id, 0,
                                        &changes[i], &err),
                 &err);
        g_assert_cmpint(roster_operator_by_id(f->roster, id, &bob, &err), ==,
                        1);
        g_assert_true((bob->totp != NULL) == !changes[i].forget_totp);
    }
}

static void test_rehash(struct roster_fixture *f, gconstpointer data)
{
    int64_t id = add(f, "bob@example.com", ROSTER_OPERATOR);
    g_autoptr(roster_operator) bob = NULL;
    struct err err;

    (void)data;
    /* another password was set meanwhile: it stays */
    CHECK_OK(roster_password_rehash(f->roster, id, "$old", "$z", &err), &err);
    CHECK_OK(roster_password_rehash(f->roster, id, "$argon2id$x", "$new", &err),
             &err);
    g_assert_cmpint(roster_operator_by_id(f->roster, id, &bob, &err), ==, 1);
    g_assert_cmpstr(bob->password, ==, "$new");
}

static struct audit_verdict verify(struct roster_fixture *f)
{
    struct audit_verdict v;
    struct err err;

    CHECK_OK(roster_audit_verify(f->roster, &v, &err), &err);
    return v;
}

static void fill_trail(struct roster_fixture *f, int n)
{
    struct err err;

    for (int i = 0; i < n; i++)
        CHECK_OK(roster_audit_add(f->roster, &roster_alice, "test", "x",
                                  i % 2 == 0 ? NULL : "odd", &err),
                 &err);
}

/* Behind the store's back; nobody has it open. */
static void tamper(const struct store_tmp *tmp, const char *sql)
{
    sqlite3 *db;

    if (tmp->schema != NULL) {
        store_tmp_sql(tmp, sql);
        return;
    }
    g_assert_cmpint(sqlite3_open(tmp->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
}

static void test_audit_tampering(struct roster_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *sql;
        int64_t bad_id;
    } rows[] = {
        { "a word", "UPDATE audit SET subject = 'y' WHERE id = 3", 3 },
        { "an absent detail made empty",
          "UPDATE audit SET detail = '' WHERE id = 3", 3 },
        { "words moved to the next field",
          "UPDATE audit SET action = 'tes', subject = 'tx' WHERE id = 4", 4 },
        { "the time", "UPDATE audit SET at_us = at_us + 1 WHERE id = 1", 1 },
        { "a line left out", "DELETE FROM audit WHERE id = 3", 4 },
        { "the first left out", "DELETE FROM audit WHERE id = 1", 2 },
        { "the last left out", "DELETE FROM audit WHERE id = 6", 6 },
        { "another's hash",
          "UPDATE audit SET hash = (SELECT hash FROM audit WHERE id = 2)"
          " WHERE id = 5",
          5 },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct roster_fixture own = { 0 };
        struct audit_verdict v;

        roster_fixture_set_up(&own, NULL);
        fill_trail(&own, 6);
        v = verify(&own);
        CHECK_ROW(rows[i].name, v.bad_id == 0 && v.n == 6);
        g_clear_pointer(&own.roster, roster_free);
        g_clear_pointer(&own.database, database_close);
        tamper(own.tmp, rows[i].sql);
        roster_fixture_open(&own);
        v = verify(&own);
        if (v.bad_id != rows[i].bad_id)
            g_error("row \"%s\": line %d", rows[i].name, (int)v.bad_id);
        roster_fixture_tear_down(&own, NULL);
    }
    g_assert_cmpint(verify(f).n, ==, 0);
    g_assert_cmpint(verify(f).bad_id, ==, 0);
}

/* "1 2 5": of those lines that a filter leaves. */
static char *found(struct roster_fixture *f, const struct audit_filter *filter)
{
    const struct roster_page page = { 0, 3 };
    struct roster_page at = page;
    GString *ids = g_string_new(NULL);
    struct err err;

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        CHECK_OK(roster_audit(f->roster, filter, &at, &some, &err), &err);
        for (guint i = 0; i < some->len; i++) {
            const struct audit_entry *e = some->pdata[i];

            at.after = e->id;
            g_string_append_printf(ids, "%s%d", ids->len > 0 ? " " : "",
                                   (int)e->id);
        }
        if (some->len < page.limit)
            return g_string_free(ids, FALSE);
    }
}

static void test_audit_filter(struct roster_fixture *f, gconstpointer data)
{
    static const struct roster_actor actors[] = {
        { "admin Alice@example.com", "1", NULL },
        { "operator bob@example.com", "2", NULL },
        { "100%", NULL, NULL },
    };
    static const char *const actions[] = { "request.note", "request",
                                           "requests.x", "operator.add" };
    static const struct {
        const char *name;
        struct audit_filter filter;
        const char *ids;
    } rows[] = {
        { "all", { 0 }, "1 2 3 4 5 6 7 8" },
        { "an actor in any case", { .actor = "ALICE@" }, "1 4 7" },
        { "no pattern", { .actor = "%" }, "3 6" },
        { "one action", { .action = "request.note" }, "1 5" },
        { "actions of a kind", { .action = "request" }, "1 2 5 6" },
        { "a subject", { .subject = "Request 7" }, "7" },
        { "both", { .actor = "bob", .action = "request" }, "2 5" },
        { "before all", { .to_us = 1 }, "" },
        { "from then", { .from_us = INT64_MAX }, "" },
        { "in between",
          { .from_us = 1, .to_us = INT64_MAX },
          "1 2 3 4 5 6 7 8" },
    };
    struct err err;

    (void)data;
    for (int i = 0; i < 8; i++) {
        g_autofree char *subject = g_strdup_printf("request %d", i + 1);

        CHECK_OK(roster_audit_add(f->roster, &actors[i % 3], actions[i % 4],
                                  subject, NULL, &err),
                 &err);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *ids = found(f, &rows[i].filter);

        if (strcmp(ids, rows[i].ids) != 0)
            g_error("row \"%s\": %s", rows[i].name, ids);
    }
}

/* A piece at a time, from a line that was noted. */
static void test_audit_pieces(struct roster_fixture *f, gconstpointer data)
{
    struct audit_verdict v = { 0 }, noted;
    struct err err;

    (void)data;
    fill_trail(f, 5);
    g_assert_cmpint(roster_audit_verify_some(f->roster, 3, &v, &err), ==, 1);
    g_assert_cmpint(v.n, ==, 3);
    noted = v;
    g_assert_cmpint(roster_audit_verify_some(f->roster, 3, &v, &err), ==, 0);
    g_assert_cmpint(v.n, ==, 5);
    g_assert_cmpint(v.bad_id, ==, 0);
    /* nothing new is no fault */
    g_assert_cmpint(roster_audit_verify_some(f->roster, 3, &v, &err), ==, 0);
    g_assert_cmpint(v.bad_id, ==, 0);
    /* the noted line has another hash now, as if all had been made anew */
    noted.head[0] ^= 1;
    v = noted;
    g_assert_cmpint(roster_audit_verify_some(f->roster, 3, &v, &err), ==, 0);
    g_assert_cmpint(v.bad_id, ==, 4);
    /* or is not there any more */
    v.last_id = 9;
    v.bad_id = 0;
    g_assert_cmpint(roster_audit_verify_some(f->roster, 3, &v, &err), ==, 0);
    g_assert_cmpint(v.bad_id, ==, 6);
}

static void *write_lines(void *data)
{
    fill_trail(data, 40);
    return NULL;
}

static void test_audit_threads(struct roster_fixture *f, gconstpointer data)
{
    pthread_t threads[4];

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, write_lines, f), ==,
                        0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(verify(f).n, ==, 160);
    g_assert_cmpint(verify(f).bad_id, ==, 0);
}

static void test_once(struct roster_fixture *f, gconstpointer data)
{
    struct roster_once once = {
        .key = { 1 }, .body = { 1 }, .now_us = 1 * S, .expires_us = 9 * S
    };
    const struct roster_actor who = { "alice", "8", &once };
    const struct roster_operator o = { .name = (char[]){ "bob@example.com" },
                                       .password = (char[]){ "x" } };
    int64_t first = 0, id = 0;
    struct err err;

    (void)data;
    CHECK_OK(roster_operator_add(f->roster, &who, &o, &first, &err), &err);
    CHECK_OK(roster_operator_add(f->roster, &who, &o, &id, &err), &err);
    g_assert_cmpint(id, ==, first);
    CHECK_OK(roster_sessions_sweep(f->roster, 8 * S, &err), &err);
    CHECK_OK(roster_operator_add(f->roster, &who, &o, &id, &err), &err);
    CHECK_OK(roster_sessions_sweep(f->roster, 9 * S, &err), &err);
    g_assert_cmpint(roster_operator_add(f->roster, &who, &o, &id, &err), ==,
                    -1);
    g_assert_cmpstr(err.name, ==, "taken");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                        \
    g_test_add("/roster/" name, struct roster_fixture, NULL,                   \
               roster_fixture_set_up, test, roster_fixture_tear_down)
    ADD("operators", test_operators);
    ADD("sessions", test_sessions);
    ADD("tokens", test_tokens);
    ADD("change-ends-all", test_change_ends_all);
    ADD("totp", test_totp);
    ADD("totp-lost", test_totp_lost);
    ADD("rehash", test_rehash);
    ADD("once", test_once);
    ADD("audit-tampering", test_audit_tampering);
    ADD("audit-threads", test_audit_threads);
    ADD("audit-filter", test_audit_filter);
    ADD("audit-pieces", test_audit_pieces);
#undef ADD
    return g_test_run();
}
