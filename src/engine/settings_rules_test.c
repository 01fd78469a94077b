#include "endpoint/rules.h"

#include <string.h>

#include "endpoint/fault.h"
#include "engine/rig.h"

struct rules_test {
    struct rig r;
    struct engine_settings_options options;
    struct engine_settings_report report;
    const char *folder; /* at the source, copied */
};

static void test_init(struct rules_test *t)
{
    struct mem_folder_init work = { .name = "Work",
                                    .folder_class = "IPF.Note" };

    *t = (struct rules_test){ .options.parts = SETTINGS_RULES };
    rig_init(&t->r, NULL);
    work.parent_id = rig_folder(&t->r, RIG_SOURCE, "inbox");
    t->folder = mem_add_folder(t->r.mem[RIG_SOURCE], &work);
    rig_add(&t->r, RIG_SOURCE, t->folder, "one");
    rig_copy(&t->r);
}

static void run(struct rules_test *t)
{
    CHECK_OK(rig_try_settings(&t->r, &t->options, &t->report), &t->r.err);
}

static struct rule_clause *add_clause(struct endpoint_rule *rule,
                                      enum rule_part part,
                                      enum rule_value value, const char *name,
                                      const char *text)
{
    struct rule_clause *c = rule_clause_new(part, value, name);

    if (text != NULL && value == RULE_PEOPLE)
        rule_clause_add_person(c, NULL, text, NULL);
    else if (text != NULL)
        g_ptr_array_add(c->texts, g_strdup(text));
    g_ptr_array_add(rule->clauses, c);
    return c;
}

static struct endpoint_rule *subject_rule(const char *name, const char *subject)
{
    struct endpoint_rule *rule = endpoint_rule_new(name);

    rule->enabled = true;
    add_clause(rule, RULE_CONDITION, RULE_TEXTS, "Subject", subject);
    return rule;
}

/* A rule that marks what has that subject. */
static void add_plain(struct rules_test *t, int side, const char *name,
                      const char *subject)
{
    g_autoptr(endpoint_rule) rule = subject_rule(name, subject);

    add_clause(rule, RULE_ACTION, RULE_TEXTS, "Mark", "true");
    mem_add_rule(t->r.mem[side], rule);
}

static void add_forward(struct rules_test *t, const char *name, const char *to)
{
    g_autoptr(endpoint_rule) rule = subject_rule(name, "s");

    add_clause(rule, RULE_ACTION, RULE_PEOPLE, "Forward", to)->sends = true;
    mem_add_rule(t->r.mem[RIG_SOURCE], rule);
}

static void add_move(struct rules_test *t, const char *name, const char *folder)
{
    g_autoptr(endpoint_rule) rule = subject_rule(name, "s");

    add_clause(rule, RULE_ACTION, RULE_FOLDER, "Move", folder);
    mem_add_rule(t->r.mem[RIG_SOURCE], rule);
}

#define CHECK_RULES(t, want)                                                   \
    do {                                                                       \
        g_autofree char *got_ = mem_rules((t)->r.mem[RIG_DESTINATION]);        \
        g_assert_cmpstr(got_, ==, (want));                                     \
    } while (0)

/* There is one line of a rule of that name, and it says this. */
static void check_line(struct rules_test *t, const char *name,
                       enum setting_outcome outcome, const char *cause)
{
    g_autoptr(GPtrArray) lines = NULL;
    unsigned int n = 0;

    CHECK_OK(store_settings(t->r.store, t->r.mailbox_id, &lines, &t->r.err),
             &t->r.err);
    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *line = lines->pdata[i];

        if (g_strcmp0(line->subject, name) != 0)
            continue;
        n++;
        CHECK_ROW(name, line->outcome == outcome);
        CHECK_ROW(name, cause == NULL || (line->cause != NULL &&
                                          strstr(line->cause, cause) != NULL));
    }
    CHECK_ROW(name, n == 1);
}

/* ---- making ------------------------------------------------------------ */

/* Names, order and content; the destination's own come first and stay. */
static void test_carried(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_SOURCE, "B", "b");
    add_plain(&t, RIG_SOURCE, "C", "c");
    add_plain(&t, RIG_DESTINATION, "Own", "o");
    run(&t);
    CHECK_RULES(&t, "Own on Subject=o Mark=true;A on Subject=a Mark=true;"
                    "B on Subject=b Mark=true;C on Subject=c Mark=true;");
    g_assert_cmpuint(t.report.by_outcome[SETTING_SET], ==, 3);
    /* Again: nothing is written. */
    run(&t);
    g_assert_cmpuint(t.report.by_outcome[SETTING_SET], ==, 0);
    g_assert_cmpuint(t.report.by_outcome[SETTING_ALREADY], ==, 3);
    g_assert_cmpuint(rig_calls(&t.r, RIG_DESTINATION, MEM_PUT_RULE), ==, 3);
    rig_release(&t.r);
}

/* A new one between two that are there comes between them. */
static void test_in_between(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_SOURCE, "C", "c");
    run(&t);
    mem_remove_rules(t.r.mem[RIG_SOURCE]);
    add_plain(&t, RIG_SOURCE, "First", "f");
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_SOURCE, "B", "b");
    add_plain(&t, RIG_SOURCE, "C", "c");
    run(&t);
    CHECK_RULES(&t, "First on Subject=f Mark=true;A on Subject=a Mark=true;"
                    "B on Subject=b Mark=true;C on Subject=c Mark=true;");
    rig_release(&t.r);
}

/* Two that are equal are two. */
static void test_twins(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_SOURCE, "A", "a");
    for (int i = 0; i < 2; i++) {
        run(&t);
        CHECK_RULES(&t, "A on Subject=a Mark=true;A on Subject=a Mark=true;");
    }
    rig_release(&t.r);
}

static const char *counterpart(struct rules_test *t, const char *source_id)
{
    g_autoptr(GPtrArray) folders = NULL;

    CHECK_OK(store_folders(t->r.store, t->r.mailbox_id, &folders, &t->r.err),
             &t->r.err);
    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        if (strcmp(f->source_id, source_id) == 0)
            return g_intern_string(f->destination_id);
    }
    g_assert_not_reached();
}

static void test_folders_and_people(void)
{
    static const struct engine_person people[] = {
        { "bob@old.example", "robert@new.example" },
    };
    g_autofree char *want = NULL;
    struct rules_test t;

    test_init(&t);
    t.options.people = people;
    t.options.n_people = G_N_ELEMENTS(people);
    t.options.enable_forwarding = true;
    add_move(&t, "Moves", t.folder);
    add_forward(&t, "Ours", "Bob@old.example");
    add_forward(&t, "Strangers", "eve@else.example");
    run(&t);
    want = g_strdup_printf("Moves on Subject=s Move=%s;"
                           "Ours on Subject=s Forward=robert@new.example;"
                           "Strangers on Subject=s Forward=eve@else.example;",
                           counterpart(&t, t.folder));
    CHECK_RULES(&t, want);
    rig_release(&t.r);
}

/* To itself at the destination: made there it would send in a circle. */
static void test_circle(void)
{
    struct rules_test t;

    test_init(&t);
    t.options.enable_forwarding = true;
    add_forward(&t, "Over", "A@new.example");
    add_forward(&t, "Away", "eve@else.example");
    {
        g_autoptr(endpoint_rule) back = subject_rule("Back", "b");

        add_clause(back, RULE_ACTION, RULE_PEOPLE, "Forward", "a@old.example")
            ->sends = true;
        mem_add_rule(t.r.mem[RIG_DESTINATION], back);
    }
    run(&t);
    CHECK_RULES(&t, "Back on Subject=b Forward=a@old.example;"
                    "Away on Subject=s Forward=eve@else.example;");
    check_line(&t, "Over", SETTING_UNMAPPED, "in a circle");
    check_line(&t, "Back", SETTING_UNMAPPED, "back to the source");
    rig_release(&t.r);
}

/* ---- what cannot be carried -------------------------------------------- */

static void test_reported(void)
{
    g_autoptr(endpoint_rule) client = subject_rule("Client", "c");
    g_autoptr(endpoint_rule) broken = subject_rule("Broken", "b");
    g_autoptr(endpoint_rule) answer = subject_rule("Answer", "a");
    g_autoptr(endpoint_rule) ghost = subject_rule("Ghost", "g");
    struct rules_test t;

    test_init(&t);
    client->client_only = true;
    broken->broken = true;
    add_clause(answer, RULE_ACTION, RULE_ITEM, "Answer", "template")->sends =
        true;
    add_clause(ghost, RULE_CONDITION, RULE_PEOPLE, "From", "/o=Old/cn=gone");
    mem_add_rule(t.r.mem[RIG_SOURCE], client);
    mem_add_rule(t.r.mem[RIG_SOURCE], broken);
    mem_add_rule(t.r.mem[RIG_SOURCE], answer);
    mem_add_rule(t.r.mem[RIG_SOURCE], ghost);
    add_move(&t, "Nowhere", "no-such-folder");
    add_plain(&t, RIG_SOURCE, "Good", "g");
    run(&t);
    CHECK_RULES(&t, "Good on Subject=g Mark=true;");
    check_line(&t, "Client", SETTING_UNMAPPED, "only Outlook");
    check_line(&t, "Broken", SETTING_UNMAPPED, "in error");
    check_line(&t, "Answer", SETTING_UNMAPPED, "template");
    check_line(&t, "Ghost", SETTING_UNMAPPED, "no directory knows");
    check_line(&t, "Nowhere", SETTING_UNMAPPED, "Move");
    check_line(&t, "Good", SETTING_SET, NULL);
    rig_release(&t.r);
}

/* One that the server refuses does not keep the others from it. */
static void test_refused(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_SOURCE, "B", "b");
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_PUT_RULE, FAULT_BEFORE, 1, 0,
                  ERR_ITEM, ERR_RETRY_NEVER);
    run(&t);
    CHECK_RULES(&t, "B on Subject=b Mark=true;");
    check_line(&t, "A", SETTING_FAILED, NULL);
    check_line(&t, "B", SETTING_SET, NULL);
    /* The next run has it where it belongs. */
    run(&t);
    CHECK_RULES(&t, "A on Subject=a Mark=true;B on Subject=b Mark=true;");
    rig_release(&t.r);
}

/* A rule of that name that does something else is somebody's. */
static void test_namesake(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    add_plain(&t, RIG_DESTINATION, "A", "other");
    run(&t);
    CHECK_RULES(&t, "A on Subject=other Mark=true;");
    check_line(&t, "A", SETTING_FAILED, "left alone");
    g_assert_true(engine_settings_wanting(&t.report));
    rig_release(&t.r);
}

static void test_not_offered(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    mem_set_settings_offered(t.r.mem[RIG_DESTINATION], false);
    run(&t);
    g_assert_cmpuint(t.report.by_outcome[SETTING_SKIPPED], ==, 1);
    g_assert_cmpuint(t.report.by_outcome[SETTING_FAILED], ==, 0);
    rig_release(&t.r);
}

/* ---- Outlook's own ----------------------------------------------------- */

static void test_outlook(void)
{
    static const struct {
        const char *name;
        bool own, consent;
        const char *want;
    } rows[] = {
        { "nothing else is there", false, false, "A on Subject=a Mark=true;" },
        { "beside others", true, false,
          "Own on Subject=o Mark=true; +outlook" },
        { "beside others, agreed to", true, true,
          "Own on Subject=o Mark=true;A on Subject=a Mark=true;" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = NULL;
        struct rules_test t;

        test_init(&t);
        t.options.replace_outlook_rules = rows[i].consent;
        add_plain(&t, RIG_SOURCE, "A", "a");
        if (rows[i].own)
            add_plain(&t, RIG_DESTINATION, "Own", "o");
        mem_set_outlook_rules(t.r.mem[RIG_DESTINATION], true);
        run(&t);
        got = mem_rules(t.r.mem[RIG_DESTINATION]);
        CHECK_ROW(rows[i].name, strcmp(got, rows[i].want) == 0);
        if (rows[i].own && !rows[i].consent)
            check_line(&t, "A", SETTING_FAILED, "Outlook keeps rules");
        rig_release(&t.r);
    }
}

/* ---- what sends mail --------------------------------------------------- */

static void disable_all(struct rules_test *t)
{
    g_autoptr(endpoint_rule) rule = subject_rule("F", "s");

    add_clause(rule, RULE_ACTION, RULE_PEOPLE, "Forward", "eve@else.example")
        ->sends = true;
    rule->enabled = false;
    mem_remove_rules(t->r.mem[RIG_DESTINATION]);
    mem_add_rule(t->r.mem[RIG_DESTINATION], rule);
}

#define FORWARD(state) "F " state " Subject=s Forward=eve@else.example;"

/* Off until somebody says so; on once; then the user has the last word. */
static void test_forwarding(void)
{
    struct rules_test t;

    test_init(&t);
    add_forward(&t, "F", "eve@else.example");
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    check_line(&t, "F", SETTING_SET, "stays disabled");
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    check_line(&t, "F", SETTING_ALREADY, "stays disabled");
    t.options.enable_forwarding = true;
    run(&t);
    CHECK_RULES(&t, FORWARD("on"));
    check_line(&t, "F", SETTING_SET, NULL);
    run(&t);
    CHECK_RULES(&t, FORWARD("on"));
    disable_all(&t);
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    t.options.enable_forwarding = false;
    run(&t);
    t.options.enable_forwarding = true;
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    rig_release(&t.r);
}

/* Disabled at the source: it stays so, whatever is said. */
static void test_disabled_at_source(void)
{
    g_autoptr(endpoint_rule) rule = subject_rule("F", "s");
    struct rules_test t;

    test_init(&t);
    rule->enabled = false;
    add_clause(rule, RULE_ACTION, RULE_PEOPLE, "Forward", "eve@else.example")
        ->sends = true;
    mem_add_rule(t.r.mem[RIG_SOURCE], rule);
    t.options.enable_forwarding = true;
    run(&t);
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    rig_release(&t.r);
}

/* ---- lost calls -------------------------------------------------------- */

/*
 * Whichever call is lost, before or after its effect, the rules are there
 * once in the end, without another run.
 */
static void test_lost_calls(void)
{
    static const enum fault_op ops[] = { FAULT_RULES, FAULT_PUT_RULE,
                                         FAULT_RESOLVE };

    for (unsigned int i = 0; i < 3 * G_N_ELEMENTS(ops) * 2; i++) {
        struct rules_test t;

        test_init(&t);
        add_plain(&t, RIG_SOURCE, "A", "a");
        add_forward(&t, "F", "eve@else.example");
        add_plain(&t, RIG_SOURCE, "C", "c");
        rig_fault(&t.r, RIG_DESTINATION, ops[i / 2 % G_N_ELEMENTS(ops)],
                  i % 2 == 0 ? FAULT_BEFORE : FAULT_AFTER,
                  i / (2 * G_N_ELEMENTS(ops)) + 1, 0);
        run(&t);
        CHECK_RULES(&t, "A on Subject=a Mark=true;" FORWARD(
                            "off") "C on Subject=c Mark=true;");
        rig_release(&t.r);
    }
}

/* The server makes it while it is waited for. */
static void make_it_late(struct rig *r, const struct engine_event *event)
{
    g_autoptr(endpoint_rule) rule = NULL;

    if (event->kind != ENGINE_NOTE || strstr(event->text, "\"A\"") == NULL)
        return;
    rule = subject_rule("A", "a");
    add_clause(rule, RULE_ACTION, RULE_TEXTS, "Mark", "true");
    mem_add_rule(r->mem[RIG_DESTINATION], rule);
    r->hook = NULL;
}

/* The answer is lost, and the work done when the next look is due. */
static void test_made_late(void)
{
    struct rules_test t;

    test_init(&t);
    add_plain(&t, RIG_SOURCE, "A", "a");
    faults_add(t.r.faults[RIG_DESTINATION],
               &(struct fault){ .op = FAULT_PUT_RULE,
                                .when = FAULT_BEFORE,
                                .unsure = true });
    t.r.hook = make_it_late;
    run(&t);
    CHECK_RULES(&t, "A on Subject=a Mark=true;");
    g_assert_cmpuint(rig_calls(&t.r, RIG_DESTINATION, MEM_PUT_RULE), ==, 0);
    rig_release(&t.r);
}

/*
 * The pass dies when it has sent a rule, which then comes never, at once, twice
 * or while it is waited for: it is there once, and those after it too.
 */
static void test_died_in_making(void)
{
    for (unsigned int copies = 0; copies <= 3; copies++) {
        struct rules_test t;

        test_init(&t);
        /* Two of them are meant. */
        add_plain(&t, RIG_SOURCE, "A", "a");
        add_plain(&t, RIG_SOURCE, "A", "a");
        add_plain(&t, RIG_SOURCE, "C", "c");
        rig_fault_err(&t.r, RIG_DESTINATION, FAULT_PUT_RULE, FAULT_BEFORE, 2, 0,
                      ERR_MAILBOX, ERR_RETRY_NEVER);
        run(&t);
        CHECK_RULES(&t, "A on Subject=a Mark=true;");
        if (copies == 3)
            t.r.hook = make_it_late;
        for (unsigned int i = 0; copies < 3 && i < copies; i++)
            add_plain(&t, RIG_DESTINATION, "A", "a");
        run(&t);
        CHECK_RULES(&t, "A on Subject=a Mark=true;A on Subject=a Mark=true;"
                        "C on Subject=c Mark=true;");
        rig_release(&t.r);
    }
}

/* What is known of a rule that was held back outlives what fails since. */
static void test_held_through_failures(void)
{
    struct rules_test t;

    test_init(&t);
    add_forward(&t, "F", "eve@else.example");
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_PUT_RULE, FAULT_AFTER, 1, 0,
                  ERR_ITEM, ERR_RETRY_NEVER);
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    t.options.enable_forwarding = true;
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_PUT_RULE, FAULT_BEFORE, 1, 0,
                  ERR_ITEM, ERR_RETRY_NEVER);
    run(&t);
    CHECK_RULES(&t, FORWARD("off"));
    run(&t);
    CHECK_RULES(&t, FORWARD("on"));
    rig_release(&t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings-rules/carried", test_carried);
    g_test_add_func("/settings-rules/in-between", test_in_between);
    g_test_add_func("/settings-rules/twins", test_twins);
    g_test_add_func("/settings-rules/folders-and-people",
                    test_folders_and_people);
    g_test_add_func("/settings-rules/reported", test_reported);
    g_test_add_func("/settings-rules/refused", test_refused);
    g_test_add_func("/settings-rules/namesake", test_namesake);
    g_test_add_func("/settings-rules/not-offered", test_not_offered);
    g_test_add_func("/settings-rules/outlook", test_outlook);
    g_test_add_func("/settings-rules/forwarding", test_forwarding);
    g_test_add_func("/settings-rules/circle", test_circle);
    g_test_add_func("/settings-rules/disabled-at-source",
                    test_disabled_at_source);
    g_test_add_func("/settings-rules/lost-calls", test_lost_calls);
    g_test_add_func("/settings-rules/made-late", test_made_late);
    g_test_add_func("/settings-rules/died-in-making", test_died_in_making);
    g_test_add_func("/settings-rules/held-through-failures",
                    test_held_through_failures);
    return g_test_run();
}
