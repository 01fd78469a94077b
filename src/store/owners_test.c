#include "store/owners.h"

#include <string.h>

#include "base/check.h"
#include "store/migrations_testing.h"
#include "store/notices.h"

static GPtrArray *open_owners(struct migrations_fixture *t, int64_t id)
{
    const struct roster_page page = { .limit = 10 };
    GPtrArray *all = NULL;

    CHECK_OK(owners_list(t->m, id, &page, &all, &t->err), &t->err);
    return all;
}

static int ask_owner_at(struct migrations_fixture *t, int64_t id,
                        const uint8_t *hash, enum owner_turn turn,
                        int64_t seen_us, int64_t now_us)
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
    done = owners_ask(t->m, &roster_alice, &ask, &t->err);
    g_assert_cmpint(done, >=, 0);
    return done;
}

static int ask_owner(struct migrations_fixture *t, int64_t id,
                     const uint8_t *hash, enum owner_turn turn)
{
    return ask_owner_at(t, id, hash, turn, turn == OWNER_FIRST ? 0 : 10, 10);
}

static enum owner_fate fate_of(struct migrations_fixture *t,
                               const uint8_t *hash, int64_t now_us, owner **ret)
{
    enum owner_fate fate;

    CHECK_OK(owners_find(t->m, hash, now_us, ret, &fate, &t->err), &t->err);
    return fate;
}

static enum job_state job_of(struct migrations_fixture *t, int64_t mailbox_id)
{
    const struct jobs_which which = { .mailbox_id = mailbox_id };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(jobs_list(t->j, &which, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    return ((const struct job *)all->pdata[0])->state;
}

static void test_owners(struct migrations_fixture *t, gconstpointer data)
{
    static const uint8_t first[TOKEN_HASH_BYTES] = { 1 },
                         second[TOKEN_HASH_BYTES] = { 2 },
                         other[TOKEN_HASH_BYTES] = { 3 };
    g_autoptr(secret) password = secret_new(MIGRATIONS_PLANTED "-given", 13);
    const struct migration_login login = { NULL, password };
    int64_t id = migrations_fixture_add_asking(t);
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
    CHECK_OK(migrations_start(t->m, &roster_alice, &check, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 1);
    CHECK_OK(migrations_start(t->m, &roster_alice, &full, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_PAUSED);
    /* nor does an operator's word help */
    CHECK_OK(migrations_do(t->m, &roster_alice, JOBS_RESUME, &all_of_it, &n,
                           &t->err),
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
    CHECK_OK(owners_end_try(t->m, &roster_alice, found, true, &t->err),
             &t->err);
    CHECK_OK(owners_end_try(t->m, &roster_alice, found, false, &t->err),
             &t->err);
    g_assert_cmpint(owners_take_try(t->m, second, 20, &t->err), ==, 1);

    /* it goes on with the last one that was missing */
    g_assert_cmpint(
        owners_give(t->m, &roster_alice, found, &login, 30, &t->err), ==, 1);
    g_assert_cmpint(
        owners_give(t->m, &roster_alice, found, &login, 31, &t->err), ==, 0);
    g_assert_cmpint(migrations_login(t->m, id, source->mailbox_id,
                                     MIGRATION_SOURCE, &user, &kept, &t->err),
                    ==, 1);
    g_assert_null(user);
    g_assert_cmpstr(secret_peek(kept), ==, MIGRATIONS_PLANTED "-given");
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_PAUSED);
    g_assert_cmpint(ask_owner(t, destination->id, other, OWNER_FIRST), ==, 1);
    g_assert_cmpint(
        owners_give(t->m, &roster_alice, destination, &login, 40, &t->err), ==,
        1);
    g_assert_cmpint(job_of(t, source->mailbox_id), ==, JOB_QUEUED);
    g_clear_pointer(&all, g_ptr_array_unref);
    all = open_owners(t, id);
    g_assert_cmpuint(all->len, ==, 0);
}

/* A link that is used up, or too old, has a successor; one of two at a time. */
static void test_owners_anew(struct migrations_fixture *t, gconstpointer data)
{
    static const uint8_t first[TOKEN_HASH_BYTES] = { 1 },
                         second[TOKEN_HASH_BYTES] = { 2 },
                         third[TOKEN_HASH_BYTES] = { 3 };
    g_autoptr(GPtrArray) all = open_owners(t, migrations_fixture_add_asking(t));
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

/* What an operator enters is asked of nobody any more. */
static void test_owners_entered(struct migrations_fixture *t,
                                gconstpointer data)
{
    g_autoptr(secret) password = secret_new(MIGRATIONS_PLANTED "-given", 13);
    const struct migration_login login = { NULL, password };
    const struct migration_mailbox_change change = { .logins = { &login,
                                                                 &login } };
    int64_t id = migrations_fixture_add_asking(t);
    g_autoptr(GPtrArray) all = open_owners(t, id), after = NULL;
    const struct owner *one = all->pdata[0];
    g_autoptr(migration_mailbox) m = NULL;

    (void)data;
    CHECK_OK(migrations_change_mailbox(t->m, &roster_alice, one->mailbox_id,
                                       &change, &t->err),
             &t->err);
    after = open_owners(t, id);
    g_assert_cmpuint(after->len, ==, 0);
    g_assert_cmpint(migrations_mailbox(t->m, one->mailbox_id, &m, &t->err), ==,
                    1);
    g_assert_cmpint(m->state, ==, MAILBOX_NEW);
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
}

/* Each thing once at each side, with its mail and the trail's line or not. */
static void test_notices(struct migrations_fixture *t, gconstpointer data)
{
    int64_t id = migrations_fixture_add_asking(t);
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
        g_assert_cmpint(notices_send(t->m, &roster_alice, &n, &t->err), ==,
                        rows[i].done);
    }
    CHECK_OK(notices_list(t->m, id, &told, &t->err), &t->err);
    g_assert_cmpuint(told->len, ==, 3);
    CHECK_OK(roster_outbox(r, &page, &mails, &t->err), &t->err);
    g_assert_cmpuint(mails->len, ==, 3);
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
        { "owners", test_owners },
        { "owners-anew", test_owners_anew },
        { "notices", test_notices },
        { "owners-entered", test_owners_entered },
    };

    return migrations_fixture_run(&argc, &argv, "owners", rows,
                                  G_N_ELEMENTS(rows));
}
