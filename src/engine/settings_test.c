#include "engine/settings.h"

#include <string.h>

#include "endpoint/settings.h"
#include "engine/rig.h"

#define REVIEWER 0x401u
#define AUTHOR   0x41bu
#define EDITOR   0x47bu
#define CUSTOM   0x403u /* sees, reads, creates */
#define TIME     0x800u /* free and busy, of calendars */

/* People of the old organisation, at the new one: bob moves by a pair. */
static const struct engine_person pairs[] = {
    { "Bob@old.example", "robert@new.example" },
};

struct setting_test {
    struct rig r;
    struct engine_settings_options options;
    struct engine_settings_report report;
};

static void test_init(struct setting_test *t, unsigned int parts)
{
    *t = (struct setting_test){
        .options = { .parts = parts,
                     .people = pairs,
                     .n_people = G_N_ELEMENTS(pairs) },
    };
    rig_init(&t->r, NULL);
    mem_add_person(t->r.mem[RIG_SOURCE], "bob@old.example", NULL);
    mem_add_person(t->r.mem[RIG_SOURCE], "carol@shared.example", NULL);
    mem_add_person(t->r.mem[RIG_SOURCE], "eve@old.example", NULL);
    mem_add_person(t->r.mem[RIG_DESTINATION], "robert@new.example", NULL);
    mem_add_person(t->r.mem[RIG_DESTINATION], "carol@new.example",
                   "carol@shared.example");
    mem_add_person(t->r.mem[RIG_DESTINATION], "dave@new.example", NULL);
}

static void run(struct setting_test *t)
{
    CHECK_OK(rig_try_settings(&t->r, &t->options, &t->report), &t->r.err);
    g_assert_false(t->report.interrupted);
}

static void grant(struct setting_test *t, int side, const char *well_known,
                  const char *address, unsigned int rights)
{
    mem_grant(t->r.mem[side], rig_folder(&t->r, side, well_known), address,
              rights);
}

static void check_permissions(struct setting_test *t, const char *well_known,
                              const char *want)
{
    g_autofree char *is =
        mem_permissions(t->r.mem[RIG_DESTINATION],
                        rig_folder(&t->r, RIG_DESTINATION, well_known));

    g_assert_cmpstr(is, ==, want);
}

/* "subject outcome;" of the lines about a part. */
static void check_lines(struct setting_test *t, const char *part,
                        const char *want)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    CHECK_OK(store_settings(t->r.store, t->r.mailbox_id, &lines, &t->r.err),
             &t->r.err);
    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *l = lines->pdata[i];

        if (strcmp(l->part, part) == 0)
            g_string_append_printf(text, "%s %s;",
                                   l->subject != NULL ? l->subject : l->key,
                                   setting_outcome_name(l->outcome));
        g_assert_true(l->cause != NULL || l->outcome <= SETTING_REMOVED);
    }
    g_assert_cmpstr(text->str, ==, want);
}

static uint64_t writes(struct setting_test *t)
{
    return rig_calls(&t->r, RIG_DESTINATION, MEM_SET_PERMISSIONS) +
           rig_calls(&t->r, RIG_DESTINATION, MEM_ADD_DELEGATE) +
           rig_calls(&t->r, RIG_DESTINATION, MEM_UPDATE_DELEGATE) +
           rig_calls(&t->r, RIG_DESTINATION, MEM_SET_DELIVERY);
}

/* ---- the pass ---------------------------------------------------------- */

static void check_last_pass(struct setting_test *t, const char *outcome)
{
    g_autoptr(GPtrArray) passes = NULL;
    const struct store_pass *last;

    CHECK_OK(store_passes(t->r.store, t->r.mailbox_id, &passes, &t->r.err),
             &t->r.err);
    last = passes->pdata[passes->len - 1];
    g_assert_cmpstr(last->kind, ==, "settings");
    g_assert_true(g_str_has_prefix(last->outcome, outcome));
    g_assert_cmpint(rig_state(&t->r), ==, MAILBOX_SYNCED);
}

/* The pass is on record as one, and the mailbox's state is what it was. */
static void test_pass_on_record(void)
{
    struct setting_test t;

    test_init(&t, 0);
    rig_copy(&t.r);
    run(&t);
    check_last_pass(&t, "done");
    rig_release(&t.r);
}

static void test_unreachable(void)
{
    struct setting_test t;

    test_init(&t, 0);
    rig_copy(&t.r);
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_OPEN, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_NEVER);
    g_assert_cmpint(rig_try_settings(&t.r, &t.options, &t.report), ==, -1);
    check_last_pass(&t, "failed: destination");
    rig_release(&t.r);
}

/* One part cannot go on: the other does, and a line says so. */
static void test_parts_fail_alone(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS | SETTINGS_DELEGATES);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", REVIEWER);
    rig_fault_err(&t.r, RIG_SOURCE, FAULT_DELEGATES, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_NEVER);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;"
                      "robert@new.example Reviewer;");
    check_lines(&t, "delegates", "* failed;");
    g_assert_true(engine_settings_wanting(&t.report));
    /* Another time it goes well, and the line of the failure is gone. */
    run(&t);
    check_lines(&t, "delegates", "");
    g_assert_false(engine_settings_wanting(&t.report));
    rig_release(&t.r);
}

static void test_nothing_copied(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    run(&t);
    check_lines(&t, "permissions", "* left out;");
    g_assert_cmpuint(writes(&t), ==, 0);
    rig_release(&t.r);
}

/* ---- permissions ------------------------------------------------------- */

static void test_people_are_mapped(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", EDITOR);
    grant(&t, RIG_SOURCE, "inbox", "carol@shared.example", CUSTOM);
    grant(&t, RIG_SOURCE, "inbox", "eve@old.example", REVIEWER);
    grant(&t, RIG_SOURCE, "inbox", "a@old.example", EDITOR);
    grant(&t, RIG_SOURCE, "calendar", "Default", REVIEWER);
    mem_grant_unknown(t.r.mem[RIG_SOURCE],
                      rig_folder(&t.r, RIG_SOURCE, "inbox"), "S-1-5-21-9");
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;robert@new.example Editor;"
                      "carol@new.example Custom(403);");
    check_permissions(&t, "calendar", "Default Reviewer;Anonymous None;");
    check_lines(&t, "permissions",
                "Default set;a@old.example left out;"
                "bob@old.example set;carol@shared.example set;"
                "eve@old.example not mapped;S-1-5-21-9 left out;");
    rig_release(&t.r);
}

/* Outlook shows nobody a folder of somebody whose root they cannot see. */
static void test_root(void)
{
    struct setting_test t;
    struct mem *from, *to;
    g_autofree char *is = NULL;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    from = t.r.mem[RIG_SOURCE];
    to = t.r.mem[RIG_DESTINATION];
    mem_grant(from, mem_root(from), "bob@old.example", REVIEWER);
    mem_grant(to, mem_root(to), "dave@new.example", AUTHOR);
    run(&t);
    is = mem_permissions(to, mem_root(to));
    g_assert_cmpstr(is, ==,
                    "Default None;Anonymous None;dave@new.example Author;"
                    "robert@new.example Reviewer;");
    check_lines(&t, "permissions", "bob@old.example set;");
    rig_release(&t.r);
}

/* A second pass reads and writes nothing, and knows what is there. */
static void test_again_is_nothing(void)
{
    uint64_t before;
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS | SETTINGS_DELEGATES);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", EDITOR);
    run(&t);
    before = writes(&t);
    g_assert_cmpuint(before, ==, 1);
    run(&t);
    g_assert_cmpuint(writes(&t), ==, before);
    check_lines(&t, "permissions", "bob@old.example already there;");
    rig_release(&t.r);
}

/* What somebody else granted at the destination stays, whatever happens. */
static void test_others_are_left_alone(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    grant(&t, RIG_DESTINATION, "inbox", "dave@new.example", AUTHOR);
    grant(&t, RIG_DESTINATION, "inbox", "robert@new.example", REVIEWER);
    grant(&t, RIG_DESTINATION, "calendar", "Default", TIME);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", AUTHOR);
    grant(&t, RIG_SOURCE, "inbox", "carol@shared.example", EDITOR);
    grant(&t, RIG_SOURCE, "calendar", "Default", REVIEWER);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;dave@new.example Author;"
                      "robert@new.example Author;carol@new.example Editor;");
    /* Taken back at the source: back to what was there before us. */
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", 0);
    grant(&t, RIG_SOURCE, "inbox", "carol@shared.example", 0);
    grant(&t, RIG_SOURCE, "calendar", "Default", 0);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;dave@new.example Author;"
                      "robert@new.example Reviewer;");
    check_permissions(&t, "calendar",
                      "Default FreeBusyTimeOnly;Anonymous None;");
    rig_release(&t.r);
}

/* Changed at the destination since: it is theirs. */
static void test_changed_since(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", REVIEWER);
    run(&t);
    grant(&t, RIG_DESTINATION, "inbox", "robert@new.example", EDITOR);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", 0);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;robert@new.example Editor;");
    rig_release(&t.r);
}

/* The server refuses the list for one entry: the others are set all the same,
 * and that one is named. */
static void test_entry_at_fault(void)
{
    static const struct engine_person more[] = {
        { "bob@old.example", "robert@new.example" },
        { "eve@old.example", "nobody@new.example" },
    };
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    t.options.people = more;
    t.options.n_people = G_N_ELEMENTS(more);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "carol@shared.example", REVIEWER);
    grant(&t, RIG_SOURCE, "inbox", "eve@old.example", REVIEWER);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", EDITOR);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;carol@new.example Reviewer;"
                      "robert@new.example Editor;");
    check_lines(&t, "permissions",
                "bob@old.example set;carol@shared.example set;"
                "eve@old.example failed;");
    rig_release(&t.r);
}

/* A list that names the dead cannot be written back whole: it is not. */
static void test_dead_at_destination(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    mem_grant_unknown(t.r.mem[RIG_DESTINATION],
                      rig_folder(&t.r, RIG_DESTINATION, "inbox"), "S-1-5-21-9");
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", REVIEWER);
    run(&t);
    g_assert_cmpuint(writes(&t), ==, 0);
    check_lines(&t, "permissions", "bob@old.example failed;");
    rig_release(&t.r);
}

/*
 * The list was written and the pass died before it knew: it is ours all the
 * same, and what the source takes back goes.
 */
static void test_died_in_writing(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", EDITOR);
    grant(&t, RIG_DESTINATION, "inbox", "robert@new.example", REVIEWER);
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_SET_PERMISSIONS, FAULT_AFTER, 1,
                  0, ERR_MAILBOX, ERR_RETRY_NEVER);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;"
                      "robert@new.example Editor;");
    check_lines(&t, "permissions", "* failed;bob@old.example failed;");
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", 0);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;"
                      "robert@new.example Reviewer;");
    rig_release(&t.r);
}

struct moment {
    const char *name;
    enum fault_op op;
    enum fault_when when;
    enum err_scope scope;
};

/* Rights go up, down and away at the source; the pass of that change dies. */
static void follow_rights(const struct moment *m, unsigned int dying,
                          bool again)
{
    static const struct {
        unsigned int rights;
        const char *want;
    } changes[] = {
        { EDITOR, "carol@new.example Editor;" },
        { REVIEWER, "carol@new.example Reviewer;" },
        { 0, "" },
    };
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    for (unsigned int i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *want =
            g_strconcat("Default None;Anonymous None;", changes[i].want, NULL);

        g_test_message("%s, at %u, again %d: %u", m->name, dying, again, i);
        grant(&t, RIG_SOURCE, "inbox", "carol@shared.example",
              changes[i].rights);
        if (i == dying)
            rig_fault_err(&t.r, RIG_DESTINATION, m->op, m->when, 1, 0, m->scope,
                          ERR_RETRY_NEVER);
        run(&t);
        if (i == dying && again)
            run(&t);
        if (i != dying || again)
            check_permissions(&t, "inbox", want);
    }
    run(&t);
    check_permissions(&t, "inbox", "Default None;Anonymous None;");
    rig_release(&t.r);
}

/* Whichever pass fails, and on which side of its effect: ours stays ours. */
static void test_follows_whatever_fails(void)
{
    static const struct moment moments[] = {
        { "died before", FAULT_SET_PERMISSIONS, FAULT_BEFORE, ERR_MAILBOX },
        { "died after", FAULT_SET_PERMISSIONS, FAULT_AFTER, ERR_MAILBOX },
        { "refused", FAULT_SET_PERMISSIONS, FAULT_BEFORE, ERR_ITEM },
        { "set, and refused", FAULT_SET_PERMISSIONS, FAULT_AFTER, ERR_ITEM },
        { "unread", FAULT_PERMISSIONS, FAULT_BEFORE, ERR_MAILBOX },
        { "unknown", FAULT_RESOLVE, FAULT_BEFORE, ERR_ITEM },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(moments); i++)
        for (unsigned int dying = 0; dying < 3; dying++) {
            follow_rights(&moments[i], dying, false);
            follow_rights(&moments[i], dying, true);
        }
}

/* A folder that cannot be read now: what is ours in it is not forgotten. */
static void test_unread_folder(void)
{
    struct setting_test t;
    const char *folder;

    test_init(&t, SETTINGS_PERMISSIONS);
    folder = mem_add_folder(t.r.mem[RIG_SOURCE],
                            &(struct mem_folder_init){ .name = "Shared" });
    mem_grant(t.r.mem[RIG_SOURCE], folder, "bob@old.example", EDITOR);
    rig_copy(&t.r);
    run(&t);
    mem_delete_folder(t.r.mem[RIG_SOURCE], folder);
    run(&t);
    check_lines(&t, "permissions", "11:* failed;bob@old.example set;");
    rig_release(&t.r);
}

/* An answer is lost after the list was written, the server is busy: again. */
static void test_lost_answer(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", REVIEWER);
    rig_fault(&t.r, RIG_DESTINATION, FAULT_SET_PERMISSIONS, FAULT_AFTER, 1, 0);
    rig_fault_err(&t.r, RIG_SOURCE, FAULT_PERMISSIONS, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_WAIT);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;"
                      "robert@new.example Reviewer;");
    check_lines(&t, "permissions", "bob@old.example set;");
    rig_release(&t.r);
}

/* Two people of the source are one at the destination: both rights count. */
static void test_twins(void)
{
    static const struct engine_person twins[] = {
        { "bob@old.example", "robert@new.example" },
        { "eve@old.example", "robert@new.example" },
    };
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS);
    t.options.people = twins;
    t.options.n_people = G_N_ELEMENTS(twins);
    rig_copy(&t.r);
    grant(&t, RIG_SOURCE, "inbox", "bob@old.example", EDITOR);
    grant(&t, RIG_SOURCE, "inbox", "eve@old.example", REVIEWER);
    run(&t);
    check_permissions(&t, "inbox",
                      "Default None;Anonymous None;robert@new.example Editor;");
    rig_release(&t.r);
}

/* ---- delegates --------------------------------------------------------- */

static void set_delegate(struct setting_test *t, int side, const char *address,
                         enum endpoint_delegate_level calendar, bool private)
{
    const struct endpoint_delegate one = {
        .person.address = (char *)(uintptr_t)address,
        .levels = { [ENDPOINT_DELEGATE_CALENDAR] = calendar,
                    [ENDPOINT_DELEGATE_INBOX] = ENDPOINT_DELEGATE_REVIEWER },
        .copies = true,
        .private_items = private,
    };
    struct endpoint_delegates all;

    endpoint_delegates_init(&all);
    all.delivery = ENDPOINT_DELIVER_BOTH;
    endpoint_delegates_add(&all, &one);
    mem_set_delegates(t->r.mem[side], &all);
    endpoint_delegates_clear(&all);
}

static void check_delegates(struct setting_test *t, const char *want)
{
    g_autofree char *is = mem_delegates(t->r.mem[RIG_DESTINATION]);

    g_assert_cmpstr(is, ==, want);
}

static void test_delegates(void)
{
    uint64_t before;
    struct setting_test t;

    test_init(&t, SETTINGS_PERMISSIONS | SETTINGS_DELEGATES);
    rig_copy(&t.r);
    set_delegate(&t, RIG_SOURCE, "bob@old.example", ENDPOINT_DELEGATE_EDITOR,
                 true);
    run(&t);
    check_delegates(&t, "robert@new.example Editor/None/Reviewer/None/None/None"
                        " copies private; DelegatesAndMe");
    check_lines(&t, "delegates", "bob@old.example set;meeting requests set;");
    before = writes(&t);
    run(&t);
    g_assert_cmpuint(writes(&t), ==, before);
    check_lines(&t, "delegates",
                "bob@old.example already there;"
                "meeting requests already there;");
    rig_release(&t.r);
}

/* Rights only grow; somebody who is no delegate any more is told of. */
static void test_delegates_only_grow(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_DELEGATES);
    rig_copy(&t.r);
    set_delegate(&t, RIG_SOURCE, "bob@old.example", ENDPOINT_DELEGATE_AUTHOR,
                 true);
    set_delegate(&t, RIG_DESTINATION, "robert@new.example",
                 ENDPOINT_DELEGATE_EDITOR, false);
    run(&t);
    check_delegates(&t, "robert@new.example Editor/None/Reviewer/None/None/None"
                        " copies private; DelegatesAndMe");
    rig_release(&t.r);
}

static void test_former_delegate(void)
{
    struct endpoint_delegates none;
    struct setting_test t;

    test_init(&t, SETTINGS_DELEGATES);
    rig_copy(&t.r);
    set_delegate(&t, RIG_SOURCE, "bob@old.example", ENDPOINT_DELEGATE_EDITOR,
                 false);
    run(&t);
    endpoint_delegates_init(&none);
    mem_set_delegates(t.r.mem[RIG_SOURCE], &none);
    run(&t);
    check_lines(&t, "delegates", "bob@old.example left out;");
    /* And again: it is not forgotten. */
    run(&t);
    check_lines(&t, "delegates", "bob@old.example left out;");
    endpoint_delegates_clear(&none);
    rig_release(&t.r);
}

static void test_delegate_unmapped(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_DELEGATES);
    rig_copy(&t.r);
    set_delegate(&t, RIG_SOURCE, "eve@old.example", ENDPOINT_DELEGATE_EDITOR,
                 false);
    run(&t);
    check_lines(&t, "delegates", "eve@old.example not mapped;");
    g_assert_cmpuint(writes(&t), ==, 0);
    rig_release(&t.r);
}

static void set_delivery(struct setting_test *t, int side, const char *address,
                         enum endpoint_delivery how)
{
    const struct endpoint_delegate one = {
        .person.address = (char *)(uintptr_t)address,
        .levels = { [ENDPOINT_DELEGATE_INBOX] = ENDPOINT_DELEGATE_REVIEWER },
    };
    struct endpoint_delegates all;

    endpoint_delegates_init(&all);
    all.delivery = how;
    endpoint_delegates_add(&all, &one);
    mem_set_delegates(t->r.mem[side], &all);
    endpoint_delegates_clear(&all);
}

/* The pass that writes it dies: it is ours, and follows the source further. */
static void follow_delivery(enum fault_when when, unsigned int dying)
{
    static const enum endpoint_delivery changes[] = {
        ENDPOINT_DELIVER_BOTH, ENDPOINT_DELIVER_DELEGATES,
        ENDPOINT_DELIVER_BOTH_INFORMED
    };
    g_autofree char *is = NULL;
    struct setting_test t;

    test_init(&t, SETTINGS_DELEGATES);
    rig_copy(&t.r);
    /* Not all delegates there are ours. */
    set_delivery(&t, RIG_DESTINATION, "dave@new.example",
                 ENDPOINT_DELIVER_UNTOLD);
    for (unsigned int i = 0; i < G_N_ELEMENTS(changes); i++) {
        set_delivery(&t, RIG_SOURCE, "bob@old.example", changes[i]);
        if (i == dying)
            rig_fault_err(&t.r, RIG_DESTINATION, FAULT_SET_DELIVERY, when, 1, 0,
                          ERR_MAILBOX, ERR_RETRY_NEVER);
        run(&t);
    }
    run(&t);
    is = mem_delegates(t.r.mem[RIG_DESTINATION]);
    g_assert_true(g_str_has_suffix(is, "; DelegatesAndSendInformationToMe"));
    rig_release(&t.r);
}

static void test_delivery_follows(void)
{
    for (unsigned int dying = 0; dying < 3; dying++) {
        follow_delivery(FAULT_BEFORE, dying);
        follow_delivery(FAULT_AFTER, dying);
    }
}

/* Added, and the answer lost: the second try finds it so. */
static void test_delegate_lost_answer(void)
{
    struct setting_test t;

    test_init(&t, SETTINGS_DELEGATES);
    rig_copy(&t.r);
    set_delegate(&t, RIG_SOURCE, "bob@old.example", ENDPOINT_DELEGATE_EDITOR,
                 false);
    rig_fault(&t.r, RIG_DESTINATION, FAULT_ADD_DELEGATE, FAULT_AFTER, 1, 0);
    run(&t);
    check_lines(&t, "delegates", "bob@old.example set;meeting requests set;");
    check_delegates(&t, "robert@new.example Editor/None/Reviewer/None/None/None"
                        " copies; DelegatesAndMe");
    rig_release(&t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add_func("/settings/" name, fn)
    ADD("pass-on-record", test_pass_on_record);
    ADD("unreachable", test_unreachable);
    ADD("parts-fail-alone", test_parts_fail_alone);
    ADD("nothing-copied", test_nothing_copied);
    ADD("people-are-mapped", test_people_are_mapped);
    ADD("root", test_root);
    ADD("again-is-nothing", test_again_is_nothing);
    ADD("others-are-left-alone", test_others_are_left_alone);
    ADD("changed-since", test_changed_since);
    ADD("entry-at-fault", test_entry_at_fault);
    ADD("dead-at-destination", test_dead_at_destination);
    ADD("lost-answer", test_lost_answer);
    ADD("died-in-writing", test_died_in_writing);
    ADD("follows-whatever-fails", test_follows_whatever_fails);
    ADD("unread-folder", test_unread_folder);
    ADD("twins", test_twins);
    ADD("delegates", test_delegates);
    ADD("delegates-only-grow", test_delegates_only_grow);
    ADD("former-delegate", test_former_delegate);
    ADD("delegate-unmapped", test_delegate_unmapped);
    ADD("delivery-follows", test_delivery_follows);
    ADD("delegate-lost-answer", test_delegate_lost_answer);
#undef ADD
    return g_test_run();
}
