#include "store/store_conformance_priv.h"

static char *text(const char *s)
{
    return g_strdup(s);
}

static void test_migration(struct conform *t)
{
    struct store_migration m = { text("https://a"), text("https://b"), 5 };
    struct store_migration other = { text("https://c"), text("https://b"), 6 };
    struct store_migration got;

    g_assert_cmpint(store_migration_get(t->s, &got, &t->err), ==, 0);
    CHECK_OK(store_migration_set(t->s, &m, &t->err), &t->err);
    g_assert_cmpint(store_migration_get(t->s, &got, &t->err), ==, 1);
    g_assert_cmpstr(got.source_url, ==, "https://a");
    g_assert_cmpstr(got.destination_url, ==, "https://b");
    g_assert_cmpint(got.created_us, ==, 5);
    store_migration_clear(&got);

    g_autofree char *before = conform_dump(t);

    m.created_us = 9; /* the same URLs again: nothing new */
    CHECK_OK(store_migration_set(t->s, &m, &t->err), &t->err);
    conform_refused(t, store_migration_set(t->s, &other, &t->err),
                    "other-migration", before);
    g_assert_nonnull(strstr(t->err.msg, "https://a"));
    g_assert_nonnull(strstr(t->err.msg, "https://c"));
    store_migration_clear(&m);
    store_migration_clear(&other);
}

/* Also before it is known between which servers. */
static void test_quiet(struct conform *t)
{
    g_autofree char *long_text = g_strnfill(100000, 'x');
    char *got = text("?");

    g_clear_pointer(&got, g_free);
    CHECK_OK(store_migration_quiet(t->s, &got, &t->err), &t->err);
    g_assert_null(got);
    CHECK_OK(store_migration_set_quiet(t->s, "08:00-18:00", &t->err), &t->err);
    CHECK_OK(store_migration_quiet(t->s, &got, &t->err), &t->err);
    g_assert_cmpstr(got, ==, "08:00-18:00");
    g_clear_pointer(&got, g_free);
    g_assert_cmpint(store_migration_set_quiet(t->s, long_text, &t->err), <, 0);
    CHECK_OK(store_migration_set_quiet(t->s, NULL, &t->err), &t->err);
    CHECK_OK(store_migration_quiet(t->s, &got, &t->err), &t->err);
    g_assert_null(got);
}

static void test_mailbox_add(struct conform *t)
{
    struct store_mailbox *m = NULL;
    int64_t id = 0, again = 0, other = 0;

    CHECK_OK(store_mailbox_add(t->s, "a@x", "b@y", 3, &id, &t->err), &t->err);
    CHECK_OK(store_mailbox_add(t->s, "A@X", "B@y", 4, &again, &t->err),
             &t->err);
    g_assert_cmpint(again, ==, id);
    CHECK_OK(store_mailbox_add(t->s, "a@x", "b@y", 0, &again, &t->err),
             &t->err);
    CHECK_OK(store_mailbox_add(t->s, "a@x", "c@y", 5, &other, &t->err),
             &t->err);
    g_assert_cmpint(other, !=, id);

    CHECK_OK(store_mailbox_get(t->s, id, &m, &t->err), &t->err);
    g_assert_cmpstr(m->source_address, ==, "a@x");
    g_assert_cmpstr(m->destination_address, ==, "b@y");
    g_assert_cmpuint(m->line, ==, 4);
    g_assert_cmpint(m->state, ==, MAILBOX_NEW);
    g_assert_cmpint(m->lease, ==, 0);
    g_assert_null(m->reason);
    store_mailbox_free(m);
}

static void test_mailboxes_by_id(struct conform *t)
{
    g_autoptr(GPtrArray) all = NULL;
    int64_t id = 0, last = 0;

    CHECK_OK(store_mailbox_add(t->s, "0@x", "0@y", 1, &id, &t->err), &t->err);
    CHECK_OK(store_mailboxes(t->s, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 3);
    for (guint i = 0; i < all->len; i++) {
        const struct store_mailbox *m = all->pdata[i];

        g_assert_cmpint(m->id, >, last);
        last = m->id;
    }
    g_assert_cmpint(last, ==, id);
}

static void test_mailbox_refusals(struct conform *t)
{
    g_autofree char *before = conform_dump(t);
    g_autofree char *longest = g_strnfill(5000, 'x');
    struct store_mailbox *m = NULL;
    struct store_lease lease = { 0 };
    int64_t id = -5;

    conform_refused(t, store_mailbox_add(t->s, "", "b@y", 1, &id, &t->err),
                    "missing", before);
    conform_refused(t, store_mailbox_add(t->s, "a@x", NULL, 1, &id, &t->err),
                    "missing", before);
    conform_refused(t, store_mailbox_add(t->s, longest, "b", 1, &id, &t->err),
                    "too-long", before);
    g_assert_cmpint(id, ==, -5);
    conform_refused(t, store_mailbox_get(t->s, 99, &m, &t->err), "not-found",
                    before);
    g_assert_null(m);
    conform_refused(t, store_mailbox_lease(t->s, 99, &lease, &t->err),
                    "not-found", before);
    g_assert_cmpint(lease.number, ==, 0);
}

static struct store_mailbox *mailbox(struct conform *t)
{
    struct store_mailbox *m = NULL;

    CHECK_OK(store_mailbox_get(t->s, t->lease.mailbox_id, &m, &t->err),
             &t->err);
    return m;
}

static void test_mailbox_state(struct conform *t)
{
    g_autofree char *longest = g_strnfill(3000, 'x');
    struct store_mailbox *m;

    CHECK_OK(store_mailbox_set_state(t->s, &t->lease, MAILBOX_FAILED,
                                     "quota full", "raise it", &t->err),
             &t->err);
    m = mailbox(t);
    g_assert_cmpint(m->state, ==, MAILBOX_FAILED);
    g_assert_cmpstr(m->reason, ==, "quota full");
    g_assert_cmpstr(m->remedy, ==, "raise it");
    store_mailbox_free(m);

    CHECK_OK(store_mailbox_set_state(t->s, &t->lease, MAILBOX_COPYING, longest,
                                     NULL, &t->err),
             &t->err);
    m = mailbox(t);
    g_assert_cmpint(m->state, ==, MAILBOX_COPYING);
    g_assert_cmpuint(strlen(m->reason), ==, 1024);
    g_assert_null(m->remedy);
    store_mailbox_free(m);
}

static void test_mailbox_facts(struct conform *t)
{
    struct store_mailbox *m;

    CHECK_OK(store_mailbox_set_facts(t->s, &t->lease, "impersonation", "14.3",
                                     NULL, NULL, &t->err),
             &t->err);
    CHECK_OK(store_mailbox_set_facts(t->s, &t->lease, "full access", NULL,
                                     "own password", "15.1", &t->err),
             &t->err);
    m = mailbox(t);
    g_assert_cmpstr(m->source_rights, ==, "full access");
    g_assert_cmpstr(m->source_version, ==, "14.3");
    g_assert_cmpstr(m->destination_rights, ==, "own password");
    g_assert_cmpstr(m->destination_version, ==, "15.1");
    store_mailbox_free(m);
}

/* ---- leases ------------------------------------------------------------ */

/* Every operation that writes by a lease, with arguments that would do. */
typedef int write_fn(struct conform *t, const struct store_lease *lease);

static int set_state(struct conform *t, const struct store_lease *lease)
{
    return store_mailbox_set_state(t->s, lease, MAILBOX_FAILED, "r", NULL,
                                   &t->err);
}
static int set_facts(struct conform *t, const struct store_lease *lease)
{
    return store_mailbox_set_facts(t->s, lease, "r", "v", "r", "v", &t->err);
}
static int set_dn(struct conform *t, const struct store_lease *lease)
{
    return store_mailbox_set_dn(t->s, lease, "/o=Old/cn=a", &t->err);
}
static int name_asked(struct conform *t, const struct store_lease *lease)
{
    return store_exchange_name_asked(t->s, lease, "/o=Old/cn=a", 1, &t->err);
}
static int folders_set(struct conform *t, const struct store_lease *lease)
{
    return store_folders_set(t->s, lease, NULL, 0, &t->err);
}
static int folders_map(struct conform *t, const struct store_lease *lease)
{
    const struct store_mapping map = { t->inbox, "dst", false, false };

    return store_folders_map(t->s, lease, &map, 1, &t->err);
}
static int items_list(struct conform *t, const struct store_lease *lease)
{
    struct store_change c = { .kind = STORE_CREATED, .source_id = "new" };

    return store_items_list(t->s, lease, t->inbox, &c, 1, "moved", NULL,
                            &t->err);
}
static int items_intend(struct conform *t, const struct store_lease *lease)
{
    struct store_intent i = { .item_id = conform_item_id(t, "a") };

    return store_items_intend(t->s, lease, 1, &i, 1, 5, &t->err);
}
static int items_record(struct conform *t, const struct store_lease *lease)
{
    struct store_outcome o = { .item_id = conform_item_id(t, "a"),
                               .state = ITEM_GONE };

    return store_items_record(t->s, lease, &o, 1, &t->err);
}
static int items_verify(struct conform *t, const struct store_lease *lease)
{
    struct store_verdict v = { conform_item_id(t, "a"), VERIFY_MISSING, "n" };

    return store_items_verify(t->s, lease, &v, 1, &t->err);
}
static int wake(struct conform *t, const struct store_lease *lease)
{
    return store_items_wake(t->s, lease, &t->err);
}
static int retry_failed(struct conform *t, const struct store_lease *lease)
{
    return store_items_retry_failed(t->s, lease, NULL, &t->err);
}
static int verify_reset(struct conform *t, const struct store_lease *lease)
{
    return store_items_verify_reset(t->s, lease, &t->err);
}
static int dest_record(struct conform *t, const struct store_lease *lease)
{
    const char *const ids[] = { "x" };
    const struct store_dest_seen seen = { DEST_FOREIGN, ids, 1, "t", true };

    return store_dest_record(t->s, lease, t->inbox, &seen, &t->err);
}
static int dest_swept(struct conform *t, const struct store_lease *lease)
{
    return store_dest_swept(t->s, lease, t->inbox, "t", &t->err);
}
static int pass_begin(struct conform *t, const struct store_lease *lease)
{
    int64_t id;

    return store_pass_begin(t->s, lease, "full", &id, &t->err);
}
static int pass_end(struct conform *t, const struct store_lease *lease)
{
    const struct store_pass p = { .items_copied = 9 };

    return store_pass_end(t->s, lease, 1, &p, &t->err);
}

static const struct {
    const char *name;
    write_fn *fn;
    bool whole_mailbox; /* names no folder, item or pass */
} writes[] = {
    { "mailbox_set_state", set_state, true },
    { "mailbox_set_facts", set_facts, true },
    { "mailbox_set_dn", set_dn, true },
    { "exchange_name_asked", name_asked, true },
    { "items_wake", wake, true },
    { "folders_set", folders_set, true },
    { "folders_map", folders_map, false },
    { "items_list", items_list, false },
    { "items_intend", items_intend, false },
    { "items_record", items_record, false },
    { "items_verify", items_verify, false },
    { "items_retry_failed", retry_failed, true },
    { "items_verify_reset", verify_reset, true },
    { "dest_record", dest_record, false },
    { "dest_swept", dest_swept, false },
    { "pass_begin", pass_begin, true },
    { "pass_end", pass_end, false },
};

/* A mailbox in which each of the writes above would change something. */
static void fill(struct conform *t)
{
    int64_t pass_id = 0;
    struct store_verdict v;

    conform_list(t, t->inbox, 3);
    conform_intend(t, "b");
    conform_record(
        t, "a",
        (struct store_outcome){ .state = ITEM_LISTED, .not_before_us = 1000 });
    conform_record(
        t, "c", (struct store_outcome){ .state = ITEM_FAILED, .reason = "r" });
    v = (struct store_verdict){ conform_item_id(t, "c"), VERIFY_FAILED, "n" };
    CHECK_OK(store_items_verify(t->s, &t->lease, &v, 1, &t->err), &t->err);
    CHECK_OK(store_pass_begin(t->s, &t->lease, "full", &pass_id, &t->err),
             &t->err);
    g_assert_cmpint(pass_id, ==, 1);
}

static void test_stale_lease(struct conform *t)
{
    struct store_lease stale = t->lease;

    fill(t);
    CHECK_OK(store_mailbox_lease(t->s, stale.mailbox_id, &t->lease, &t->err),
             &t->err);
    g_assert_cmpint(t->lease.number, >, stale.number);
    g_assert_cmpint(t->lease.mailbox_id, ==, stale.mailbox_id);

    g_autofree char *before = conform_dump(t);

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        CHECK_ROW(writes[i].name, writes[i].fn(t, &stale) == -1);
        conform_refused(t, -1, "lease-lost", before);
        g_assert_cmpint(t->err.scope, ==, ERR_MAILBOX);
    }
    /* The table would prove nothing if a write did nothing at all. */
    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_autofree char *was = conform_dump(t), *is = NULL;

        CHECK_ROW(writes[i].name, writes[i].fn(t, &t->lease) == 0);
        is = conform_dump(t);
        CHECK_ROW(writes[i].name, !g_str_equal(was, is));
    }
}

static void test_other_mailbox(struct conform *t)
{
    fill(t);

    g_autofree char *before = conform_dump(t);

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        if (writes[i].whole_mailbox)
            continue;
        CHECK_ROW(writes[i].name, writes[i].fn(t, &t->other_lease) == -1);
        conform_refused(t, -1, "not-found", before);
    }
}

static void test_unknown_mailbox(struct conform *t)
{
    struct store_lease nobody = { 99, 1 };

    fill(t);

    g_autofree char *before = conform_dump(t);

    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        CHECK_ROW(writes[i].name, writes[i].fn(t, &nobody) == -1);
        conform_refused(t, -1, "not-found", before);
    }
}

/* ---- passes ------------------------------------------------------------ */

static void test_passes(struct conform *t)
{
    const struct store_pass p = {
        .id = 77,
        .mailbox_id = 78,
        .begun_us = 79,
        .ended_us = 1,
        .items_copied = 2,
        .bytes_copied = 3,
        .items_failed = 4,
        .doubles = 5,
        .settled = 6,
        .source_requests = 7,
        .destination_requests = 8,
        .source_busy = 9,
        .destination_busy = 10,
        .source_working_us = 11,
        .source_throttled_us = 12,
        .source_waiting_us = 13,
        .destination_working_us = 14,
        .destination_throttled_us = 15,
        .destination_waiting_us = 16,
    };
    struct store_pass end = p;
    g_autofree char *outcome = g_strdup("interrupted");
    g_autoptr(GPtrArray) all = NULL;
    const struct store_pass *got;
    int64_t first = 0, second = 0, third = 0;

    CHECK_OK(store_pass_begin(t->s, &t->lease, "full", &first, &t->err),
             &t->err);
    CHECK_OK(store_pass_begin(t->s, &t->other_lease, "x", &third, &t->err),
             &t->err);
    CHECK_OK(store_pass_begin(t->s, &t->lease, "verify", &second, &t->err),
             &t->err);
    end.outcome = outcome;
    CHECK_OK(store_pass_end(t->s, &t->lease, first, &end, &t->err), &t->err);

    CHECK_OK(store_passes(t->s, t->lease.mailbox_id, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 2);
    got = all->pdata[0];
    g_assert_cmpint(got->id, ==, first);
    g_assert_cmpint(got->mailbox_id, ==, t->lease.mailbox_id);
    g_assert_cmpstr(got->kind, ==, "full");
    g_assert_cmpstr(got->outcome, ==, "interrupted");
    g_assert_cmpint(got->begun_us, >, 79);
    /* The numbers lie together from ended_us on: all were kept. */
    conform_bytes(&got->ended_us,
                  offsetof(struct store_pass, outcome) -
                      offsetof(struct store_pass, ended_us),
                  &p.ended_us,
                  offsetof(struct store_pass, outcome) -
                      offsetof(struct store_pass, ended_us));
    got = all->pdata[1];
    g_assert_cmpint(got->id, ==, second);
    g_assert_cmpstr(got->kind, ==, "verify");
    g_assert_cmpint(got->ended_us, ==, 0);
    g_assert_null(got->outcome);
}

const struct conform_test conform_mailboxes[] = {
    { "migration", test_migration },
    { "quiet", test_quiet },
    { "mailbox/add", test_mailbox_add },
    { "mailbox/by-id", test_mailboxes_by_id },
    { "mailbox/refusals", test_mailbox_refusals },
    { "mailbox/state", test_mailbox_state },
    { "mailbox/facts", test_mailbox_facts },
    { "lease/stale", test_stale_lease },
    { "lease/other-mailbox", test_other_mailbox },
    { "lease/unknown-mailbox", test_unknown_mailbox },
    { "passes", test_passes },
    { 0 },
};
