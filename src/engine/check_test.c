#include "endpoint/rules.h"
#include "endpoint/settings.h"
#include "engine/rig.h"

#include <string.h>

static const struct engine_check_folder *find(const struct engine_check *c,
                                              const char *path)
{
    for (guint i = 0; i < c->folders->len; i++) {
        const struct engine_check_folder *f = c->folders->pdata[i];

        if (strcmp(f->path, path) == 0)
            return f;
    }
    g_error("folder \"%s\" was not seen", path);
}

static bool has(const struct engine_check *c, enum finding_kind kind,
                const char *text)
{
    for (guint i = 0; i < c->findings->len; i++) {
        const struct finding *f = c->findings->pdata[i];

        if (f->kind == kind && strstr(f->text, text) != NULL)
            return true;
    }
    return false;
}

static guint count(const struct engine_check *c, enum finding_kind kind)
{
    guint n = 0;

    for (guint i = 0; i < c->findings->len; i++)
        n += ((const struct finding *)c->findings->pdata[i])->kind == kind;
    return n;
}

static void add_sending(struct mem *m, const char *name, const char *to,
                        bool enabled)
{
    g_autoptr(endpoint_rule) rule = endpoint_rule_new(name);
    struct rule_clause *c =
        rule_clause_new(RULE_ACTION, RULE_PEOPLE, "RedirectToRecipients");

    c->sends = true;
    rule_clause_add_person(c, NULL, to, NULL);
    g_ptr_array_add(rule->clauses, c);
    rule->enabled = enabled;
    mem_add_rule(m, rule);
}

/* To the same mailbox at the other side, and to nobody else. */
static void test_forwarded(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    add_sending(r.mem[RIG_SOURCE], "Over", "A@new.example", true);
    add_sending(r.mem[RIG_SOURCE], "Was over", "a@new.example", false);
    add_sending(r.mem[RIG_SOURCE], "Away", "eve@new.example", true);
    add_sending(r.mem[RIG_SOURCE], "To me", "a@old.example", true);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(count(&c, FINDING_FORWARDED), ==, 1);
    g_assert_true(has(&c, FINDING_FORWARDED,
                      "the source's rule \"Over\" sends mail on to "
                      "A@new.example"));
    g_assert_true(finding_is_warning(FINDING_FORWARDED));
    engine_check_clear(&c);
    add_sending(r.mem[RIG_DESTINATION], "Back", "a@old.example", true);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(count(&c, FINDING_FORWARDED), ==, 2);
    g_assert_true(
        has(&c, FINDING_FORWARDED, "the destination's rule \"Back\""));
    engine_check_clear(&c);
    /* A server that shows no rules is no reason to fail. */
    mem_set_settings_offered(r.mem[RIG_SOURCE], false);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(count(&c, FINDING_FORWARDED), ==, 1);
    engine_check_clear(&c);
    rig_release(&r);
}

/* What the settings pass would leave out is known before it runs. */
static void test_what_does_not_map(void)
{
    static const struct engine_person pairs[] = {
        { "Bob@old.example", "robert@new.example" },
    };
    g_auto(endpoint_delegates) acting = { 0 };
    struct endpoint_delegate eve = {
        .person = { .address = (char *)(uintptr_t) "eve@old.example" },
    };
    g_autoptr(endpoint_rule) rule = endpoint_rule_new("Chime");
    struct engine_check c;
    const char *inbox;
    struct rig r;

    rig_init(&r, NULL);
    r.check_options.people = pairs;
    r.check_options.n_people = 1;
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    mem_add_person(r.mem[RIG_SOURCE], "bob@old.example", NULL);
    mem_add_person(r.mem[RIG_SOURCE], "carol@shared.example", NULL);
    mem_add_person(r.mem[RIG_SOURCE], "eve@old.example", NULL);
    mem_add_person(r.mem[RIG_SOURCE], "nobody@old.example", NULL);
    mem_add_person(r.mem[RIG_DESTINATION], "carol@shared.example", NULL);
    mem_grant(r.mem[RIG_SOURCE], inbox, "bob@old.example", 0x401);
    mem_grant(r.mem[RIG_SOURCE], inbox, "carol@shared.example", 0x401);
    mem_grant(r.mem[RIG_SOURCE], inbox, "EVE@old.example", 0x401);
    mem_grant(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "calendar"),
              "eve@old.example", 0x401);
    mem_grant_unknown(r.mem[RIG_SOURCE], inbox, "S-1-5-21-1");
    endpoint_delegates_init(&acting);
    endpoint_delegates_add(&acting, &eve);
    mem_set_delegates(r.mem[RIG_SOURCE], &acting);
    rule->client_only = true;
    mem_add_rule(r.mem[RIG_SOURCE], rule);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(count(&c, FINDING_PEOPLE), ==, 1);
    g_assert_true(has(&c, FINDING_PEOPLE, "is a delegate and has rights in "));
    g_assert_true(has(&c, FINDING_PEOPLE, " and 1 more folder"));
    g_assert_cmpuint(count(&c, FINDING_RULE), ==, 1);
    g_assert_true(has(&c, FINDING_RULE, "\"Chime\" is run by Outlook alone"));
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_SET_PERMISSIONS), ==,
                     0);
    engine_check_clear(&c);
    rig_release(&r);
}

/* Nobody is asked for without end; nor passed over in silence. */
static void test_a_hundred_people(void)
{
    const char *const more = "more than 100 people have rights";

    for (unsigned int n = 100; n <= 101; n++) {
        struct engine_check c;
        struct rig r;

        rig_init(&r, NULL);
        for (unsigned int i = 0; i < n; i++) {
            g_autofree char *who = g_strdup_printf("p%u@old.example", i);

            mem_add_person(r.mem[RIG_SOURCE], who, NULL);
            mem_grant(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"),
                      who, 0x401);
        }
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_cmpuint(count(&c, FINDING_PEOPLE), ==, n);
        g_assert_true(has(&c, FINDING_PEOPLE, more) == (n > 100));
        engine_check_clear(&c);
        rig_release(&r);
    }
}

/* A side that tells neither rights nor delegates is no reason to fail. */
static void test_rights_that_are_not_told(void)
{
    static const enum fault_op ops[] = { FAULT_PERMISSIONS, FAULT_DELEGATES,
                                         FAULT_RESOLVE };
    struct engine_check c;

    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
        int side = ops[i] == FAULT_RESOLVE ? RIG_DESTINATION : RIG_SOURCE;
        struct rig r;

        rig_init(&r, NULL);
        mem_add_person(r.mem[RIG_SOURCE], "eve@old.example", NULL);
        mem_grant(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"),
                  "eve@old.example", 0x401);
        rig_fault_err(&r, side, ops[i], FAULT_BEFORE, 1, 0, ERR_FOLDER,
                      ERR_RETRY_NEVER);
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_cmpuint(count(&c, FINDING_PEOPLE), ==,
                         ops[i] == FAULT_DELEGATES);
        engine_check_clear(&c);
        rig_release(&r);
    }
}

static void test_sees_and_changes_nothing(void)
{
    struct mem_folder_init search = { .name = "Find me", .search = true };
    struct mem_folder_init taken = { .name = "Outbox" };
    struct engine_check c;
    struct store_mailbox *m = NULL;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .german_source = true,
                                        .request_max_bytes = 4000000 });
    rig_fill(&r);
    mem_add_folder(r.mem[RIG_SOURCE], &search);
    mem_add_folder(r.mem[RIG_SOURCE], &taken);
    CHECK_OK(rig_try_check(&r, &c), &r.err);

    g_assert_cmpuint(find(&c, "Posteingang")->n_items, ==, 30);
    g_assert_cmpstr(find(&c, "Posteingang")->well_known, ==, "inbox");
    g_assert_cmpuint(find(&c, "Posteingang")->size_bytes, >, 0);
    g_assert_false(find(&c, "Posteingang")->skipped);
    g_assert_true(find(&c, "Postausgang")->skipped);
    g_assert_true(find(&c, "Find me")->skipped);
    g_assert_cmpstr(find(&c, "Kalender")->folder_class, ==, "IPF.Appointment");
    g_assert_true(has(&c, FINDING_SKIPPED, "2 folders: "));
    g_assert_true(has(&c, FINDING_SKIPPED, "\"Find me\""));
    g_assert_true(has(&c, FINDING_RENAMED, "\"Outbox (2)\""));
    g_assert_cmpuint(c.item_max_bytes, ==, (4000000 - 8192) / 4 * 3);
    g_assert_cmpuint(count(&c, FINDING_OVERSIZE), ==, 0);
    g_assert_cmpuint(c.by_kind[KIND_CALENDAR].items, ==,
                     find(&c, "Kalender")->n_items);
    g_assert_cmpuint(engine_check_total(&c).items, ==,
                     rig_count(&r, RIG_SOURCE, NULL));
    g_assert_cmpint(c.expected.by, ==, EXPECT_BY_DEFAULT);
    g_assert_cmpint(c.source.rights, ==, ENDPOINT_RIGHTS_OWN);
    g_assert_nonnull(c.destination.server_version);
    engine_check_clear(&c);

    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    CHECK_OK(store_mailbox_get(r.store, r.mailbox_id, &m, &r.err), &r.err);
    g_assert_cmpstr(m->source_rights, ==, "own password");
    g_assert_nonnull(m->destination_version);
    store_mailbox_free(m);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_FETCH), ==, 0);
    /* and the copy that follows is a first one */
    rig_copy(&r);
    rig_release(&r);
}

static void test_refuses(void)
{
    static const struct {
        const char *name;
        struct rig_options options;
        const char *error_name;
    } rows[] = {
        { "the same mailbox twice", { .same_mailbox = true }, "same-mailbox" },
        { "no export",
          { .missing_caps = { ENDPOINT_CAP_EXPORT, 0 } },
          "missing-capability" },
        { "no upload",
          { .missing_caps = { 0, ENDPOINT_CAP_UPLOAD } },
          "missing-capability" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct engine_check c;
        struct rig r;

        rig_init(&r, &rows[i].options);
        CHECK_ROW(rows[i].name, rig_try_check(&r, &c) < 0);
        CHECK_ROW(rows[i].name, g_strcmp0(r.err.name, rows[i].error_name) == 0);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_FAILED);
        rig_release(&r);
    }
}

static void test_no_rights(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_OPEN, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_REAUTH);
    g_assert_cmpint(rig_try_check(&r, &c), ==, -1);
    g_assert_nonnull(strstr(r.err.msg, "destination: "));
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    /* mended, it goes on */
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    engine_check_clear(&c);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    rig_release(&r);
}

static void test_passing_failures(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    for (int side = 0; side < 2; side++) {
        rig_fault(&r, side, FAULT_OPEN, FAULT_BEFORE, 1, 0);
        rig_fault(&r, side, FAULT_FOLDERS, FAULT_BEFORE, 1, 0);
    }
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(c.folders->len, ==, 11);
    engine_check_clear(&c);
    rig_release(&r);
}

/* A look at a mailbox that is done leaves it done. */
static void test_state_is_kept(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    engine_check_clear(&c);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* ---- what is found ------------------------------------------------------ */

#define MAIL 60000u

static void test_oversize(void)
{
    static const bool by_item[] = { false, true };

    for (size_t i = 0; i < G_N_ELEMENTS(by_item); i++) {
        const char *inbox;
        struct engine_check c;
        struct rig r;

        rig_init(&r, &(struct rig_options){ .request_max_bytes = 40000 });
        r.check_options.by_item = by_item[i];
        inbox = rig_folder(&r, RIG_SOURCE, "inbox");
        rig_fill(&r);
        rig_add_large(&r, RIG_SOURCE, inbox, "plans", MAIL);
        rig_add_large(&r, RIG_SOURCE, inbox, "drawings", 2 * MAIL);
        rig_add_large(&r, RIG_SOURCE, inbox, "small", 1000);
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_cmpuint(c.n_large, ==, 2);
        g_assert_cmpuint(c.large->len, ==, 2);
        g_assert_cmpstr(
            ((struct engine_check_item *)c.large->pdata[0])->subject, ==,
            "drawings");
        g_assert_cmpstr(((struct engine_check_item *)c.large->pdata[1])->path,
                        ==, "Inbox");
        g_assert_true(has(&c, FINDING_OVERSIZE, "2 items over 24 KB"));
        /* Folders that cannot hold one are not searched. */
        g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_LARGE), ==,
                         by_item[i] ? 0 : 1);
        engine_check_clear(&c);
        /* A limit that was raised there lets them pass. */
        r.options.request_max_bytes = 4000000;
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_cmpuint(c.n_large, ==, 0);
        engine_check_clear(&c);
        rig_release(&r);
    }
}

/* A contact among the mail is a contact once somebody looks. */
static void test_by_item(void)
{
    static const struct mem_columns contact = { .item_class = "IPM.Contact",
                                                .subject = "Ann" };
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "m", 5);
    mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"), "AAAA",
                 4, &contact);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(c.by_kind[KIND_MAIL].items, ==, 6);
    g_assert_false(c.by_item);
    engine_check_clear(&c);
    r.check_options.by_item = true;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(c.by_item);
    g_assert_cmpuint(c.by_kind[KIND_MAIL].items, ==, 5);
    g_assert_cmpuint(c.by_kind[KIND_CONTACT].items, ==, 1);
    g_assert_cmpuint(c.by_kind[KIND_CONTACT].bytes, ==, 3);
    /* one folder that is not empty: one page */
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_CHANGES), ==, 1);
    engine_check_clear(&c);
    rig_release(&r);
}

/* A folder out of reach is said, and counted by its class. */
static void test_unseen_folder(void)
{
    static const bool by_item[] = { false, true };

    for (size_t i = 0; i < G_N_ELEMENTS(by_item); i++) {
        struct engine_check c;
        struct rig r;

        rig_init(&r, &(struct rig_options){ .request_max_bytes = 40000 });
        r.check_options.by_item = by_item[i];
        rig_add_large(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                      "plans", MAIL);
        rig_fault_err(&r, RIG_SOURCE, by_item[i] ? FAULT_CHANGES : FAULT_LARGE,
                      FAULT_BEFORE, 1, 1, ERR_FOLDER, ERR_RETRY_NEVER);
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_true(has(&c, FINDING_UNSEEN, "\"Inbox\""));
        g_assert_cmpuint(c.by_kind[KIND_MAIL].items, ==, 1);
        g_assert_cmpuint(c.n_large, ==, 0);
        engine_check_clear(&c);
        rig_release(&r);
    }
}

static void test_quota(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .quota_bytes = 50000 });
    rig_add_large(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "plans",
                  MAIL);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(c.quota_known);
    g_assert_cmpuint(c.quota_bytes, ==, 50000);
    g_assert_true(has(&c, FINDING_QUOTA, "needs "));
    g_assert_true(has(&c, FINDING_QUOTA, " 50 KB are free"));
    engine_check_clear(&c);
    /* What has been copied needs no room any more, whatever was left. */
    rig_copy(&r);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(c.to_come_bytes, <, 1000);
    g_assert_cmpuint(c.used_bytes, >, 50000);
    engine_check_clear(&c);
    rig_release(&r);
}

/* What lies beside the mailbox is seen, whether it is asked for or not. */
static void test_sees_other_trees(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_tree(&r, RIG_SOURCE, ENDPOINT_ROOT_ARCHIVE);
    for (int side = 0; side < 2; side++)
        rig_add_tree(&r, side, ENDPOINT_ROOT_RECOVERABLE);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "archivedeleteditems"),
            "archived");
    rig_add_many(&r, RIG_SOURCE,
                 rig_folder(&r, RIG_SOURCE, "recoverableitemspurges"), "purged",
                 3);
    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_RECOVERABLE;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(find(&c, "%archive/Deleted Items")->left_out);
    g_assert_cmpint(find(&c, "%archive/Deleted Items")->root, ==,
                    ENDPOINT_ROOT_ARCHIVE);
    g_assert_true(find(&c, "%recoverable/Purges")->left_out);
    g_assert_true(find(&c, "%recoverable/Audits")->skipped);
    g_assert_true(has(&c, FINDING_ARCHIVE,
                      "has an archive, the destination has none: 1 item, "));
    g_assert_true(has(&c, FINDING_LEFT_BEHIND, "3 items, "));
    g_assert_cmpuint(engine_check_total(&c).items, ==, 0);
    g_assert_true(c.source_roots[ENDPOINT_ROOT_ARCHIVE].there);
    g_assert_false(c.destination_roots[ENDPOINT_ROOT_ARCHIVE].there);
    g_assert_cmpuint(c.source_roots[ENDPOINT_ROOT_ARCHIVE].items, ==, 1);
    engine_check_clear(&c);

    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_ARCHIVE;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_false(find(&c, "%recoverable/Purges")->left_out);
    g_assert_true(has(&c, FINDING_RECOVERABLE_ROOM, "3 items, "));
    g_assert_cmpuint(count(&c, FINDING_ARCHIVE), ==, 0);
    g_assert_cmpuint(engine_check_total(&c).items, ==, 3);
    /* They count against a quota of their own. */
    g_assert_cmpuint(c.to_come_bytes, ==, 0);
    engine_check_clear(&c);
    rig_release(&r);
}

/* The address in memory is "user@example.com"; the file's is another. */
static void test_alias(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(has(&c, FINDING_ALIAS,
                      "source: a@old.example is an alias of "
                      "user@example.com"));
    g_assert_cmpuint(count(&c, FINDING_ALIAS), ==, 2);
    engine_check_clear(&c);
    rig_release(&r);
}

static void test_portable(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(
        &r, &(struct rig_options){
                .portable = true, .missing_caps = { ENDPOINT_CAP_EXPORT, 0 } });
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(has(&c, FINDING_PORTABLE, "the source does not offer"));
    engine_check_clear(&c);
    rig_release(&r);
}

static void test_left_out_kinds(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.filter.skip_kinds = 1u << KIND_CALENDAR;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(c.by_kind[KIND_CALENDAR].items, >, 0);
    g_assert_cmpuint(engine_check_total(&c).items, ==,
                     rig_count(&r, RIG_SOURCE, NULL) -
                         c.by_kind[KIND_CALENDAR].items);
    engine_check_clear(&c);
    rig_release(&r);
}

/* Each call that fails in passing is made again; none is made for ever. */
static void test_every_call_is_patient(void)
{
    static const struct {
        int side;
        enum fault_op op;
    } rows[] = {
        { RIG_SOURCE, FAULT_LARGE },     { RIG_SOURCE, FAULT_TREE },
        { RIG_DESTINATION, FAULT_TREE }, { RIG_DESTINATION, FAULT_QUOTA },
        { RIG_SOURCE, FAULT_CHANGES },   { RIG_SOURCE, FAULT_PERMISSIONS },
        { RIG_SOURCE, FAULT_DELEGATES }, { RIG_DESTINATION, FAULT_RESOLVE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct engine_check c;
        struct rig r;

        rig_init(&r, &(struct rig_options){ .request_max_bytes = 40000,
                                            .quota_bytes = 1000 });
        r.check_options.by_item = rows[i].op == FAULT_CHANGES;
        rig_add_tree(&r, RIG_SOURCE, ENDPOINT_ROOT_ARCHIVE);
        rig_add(&r, RIG_SOURCE,
                rig_folder(&r, RIG_SOURCE, "archivedeleteditems"), "old");
        rig_add_large(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                      "plans", MAIL);
        mem_add_person(r.mem[RIG_SOURCE], "eve@old.example", NULL);
        mem_grant(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"),
                  "eve@old.example", 0x401);
        rig_fault(&r, rows[i].side, rows[i].op, FAULT_BEFORE, 1, 0);
        CHECK_OK(rig_try_check(&r, &c), &r.err);
        g_assert_cmpuint(c.n_large, ==, 1);
        g_assert_true(c.quota_known);
        g_assert_cmpuint(count(&c, FINDING_ARCHIVE), ==, 1);
        g_assert_cmpuint(count(&c, FINDING_UNSEEN), ==, 0);
        g_assert_cmpuint(count(&c, FINDING_PEOPLE), ==, 1);
        engine_check_clear(&c);
        rig_release(&r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/forwarded", test_forwarded);
    g_test_add_func("/check/what-does-not-map", test_what_does_not_map);
    g_test_add_func("/check/a-hundred-people", test_a_hundred_people);
    g_test_add_func("/check/rights-not-told", test_rights_that_are_not_told);
    g_test_add_func("/check/sees-and-changes-nothing",
                    test_sees_and_changes_nothing);
    g_test_add_func("/check/refuses", test_refuses);
    g_test_add_func("/check/no-rights", test_no_rights);
    g_test_add_func("/check/passing-failures", test_passing_failures);
    g_test_add_func("/check/state-is-kept", test_state_is_kept);
    g_test_add_func("/check/oversize", test_oversize);
    g_test_add_func("/check/by-item", test_by_item);
    g_test_add_func("/check/unseen-folder", test_unseen_folder);
    g_test_add_func("/check/quota", test_quota);
    g_test_add_func("/check/sees-other-trees", test_sees_other_trees);
    g_test_add_func("/check/alias", test_alias);
    g_test_add_func("/check/portable", test_portable);
    g_test_add_func("/check/left-out-kinds", test_left_out_kinds);
    g_test_add_func("/check/every-call-is-patient", test_every_call_is_patient);
    return g_test_run();
}
