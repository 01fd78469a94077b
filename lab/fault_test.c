#include "lab/fault.h"

#include "base/check.h"
#include "lab/fault_priv.h"

/* Which of the first n events a rule hits, as "..x..x". */
static char *pattern(const char *rule, size_t n)
{
    const struct fault_event event = { "UploadItems", "a@x", NULL };
    g_autoptr(faults) f = faults_new();
    GString *out = g_string_new(NULL);
    struct fault_hit hit;
    struct err err;

    CHECK_OK(faults_add(f, rule, &err), &err);
    for (size_t i = 0; i < n; i++)
        g_string_append_c(
            out, faults_due(f, FAULT_DROP_AFTER, &event, &hit) ? 'x' : '.');
    return g_string_free(out, FALSE);
}

static void test_when(void)
{
    static const struct {
        const char *rule, *want;
    } rows[] = {
        { "drop-after", "xxxxxxxx" },
        { "drop-after:every=3", "..x..x.." },
        { "drop-after:every=3,skip=1", "...x..x." },
        { "drop-after:times=2", "xx......" },
        { "drop-after:every=2,times=2", ".x.x...." },
        { "drop-after:every=0", "xxxxxxxx" },
        { "drop-after:op=UploadItems,times=1", "x......." },
        { "drop-after:op=GetItem", "........" },
        { "drop-after:mailbox=A@X,every=4", "...x...x" },
        { "drop-after:mailbox=b@x", "........" },
        { "drop-after:match=x", "........" },
        { "drop-after:class=x", "........" },
        { "drop-after:op=GetItem|UploadItems,times=1", "x......." },
        { "drop-after:op=UploadItems|GetItem,times=1", "x......." },
        { "drop-after:op=Upload|UploadItemsToo", "........" },
        { "drop-before", "........" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = pattern(rows[i].rule, 8);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s, not %s", rows[i].rule, got, rows[i].want);
    }
}

static void test_how(void)
{
    static const struct {
        const char *rule;
        enum fault_kind kind;
        struct fault_hit want;
    } rows[] = {
        { "busy:ms=250", FAULT_BUSY, { "ErrorServerBusy", 500, 250, false } },
        { "http", FAULT_HTTP, { "", 503, 0, false } },
        { "http:status=502", FAULT_HTTP, { "", 502, 0, false } },
        { "soap:code=ErrorImpersonateUserDenied,status=200,bare=1",
          FAULT_SOAP,
          { "ErrorImpersonateUserDenied", 200, 0, true } },
        { "upload", FAULT_UPLOAD, { "ErrorCorruptData", 0, 0, false } },
    };
    const struct fault_event event = { "UploadItems", NULL, NULL };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(faults) f = faults_new();
        struct fault_hit hit = { "" };
        struct err err;

        CHECK_OK(faults_add(f, rows[i].rule, &err), &err);
        CHECK_ROW(rows[i].rule, faults_due(f, rows[i].kind, &event, &hit));
        CHECK_ROW(rows[i].rule, strcmp(hit.code, rows[i].want.code) == 0);
        CHECK_ROW(rows[i].rule, hit.status == rows[i].want.status);
        CHECK_ROW(rows[i].rule, hit.ms == rows[i].want.ms);
        CHECK_ROW(rows[i].rule, hit.bare == rows[i].want.bare);
    }
}

static void test_subject(void)
{
    g_autoptr(faults) f = faults_new();
    struct fault_event event = { "ExportItems", "a@x", "a poison pill" };
    struct fault_hit hit;
    struct err err;

    g_assert_false(faults_want_item(f, FAULT_EXPORT));
    CHECK_OK(faults_add(f, "export:match=poison", &err), &err);
    g_assert_true(faults_want_item(f, FAULT_EXPORT));
    g_assert_false(faults_want_item(f, FAULT_UPLOAD));
    g_assert_true(faults_due(f, FAULT_EXPORT, &event, &hit));
    event.subject = "a harmless one";
    g_assert_false(faults_due(f, FAULT_EXPORT, &event, &hit));
}

static void test_class(void)
{
    static const struct {
        const char *rule, *item_class;
        bool hits;
    } rows[] = {
        { "item:class=IPM.Note", "IPM.Note", true },
        { "item:class=IPM.Note", "ipm.note.SMIME", true },
        { "item:class=IPM.Note", "IPM.NoteBook", false },
        { "item:class=IPM.Note.SMIME", "IPM.Note", false },
        { "item:class=IPM.Note", NULL, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct fault_event event = { .operation = "GetItem",
                                           .item_class = rows[i].item_class };
        g_autoptr(faults) f = faults_new();
        struct fault_hit hit;
        struct err err;

        CHECK_OK(faults_add(f, rows[i].rule, &err), &err);
        g_assert_true(faults_want_item(f, FAULT_ITEM));
        CHECK_ROW(rows[i].rule,
                  faults_due(f, FAULT_ITEM, &event, &hit) == rows[i].hits);
    }
}

static void test_bytes(void)
{
    struct fault_event event = { .operation = "UploadItems", .bytes = 99 };
    g_autoptr(faults) f = faults_new();
    struct fault_hit hit;
    struct err err;

    CHECK_OK(faults_add(f, "too-large:bytes=100,status=405", &err), &err);
    g_assert_true(faults_any(f, FAULT_TOO_LARGE));
    g_assert_false(faults_any(f, FAULT_ITEM));
    g_assert_false(faults_want_item(f, FAULT_TOO_LARGE));
    g_assert_false(faults_due(f, FAULT_TOO_LARGE, &event, &hit));
    event.bytes = 100;
    g_assert_true(faults_due(f, FAULT_TOO_LARGE, &event, &hit));
    g_assert_cmpuint(hit.status, ==, 405);
}

/* By chance, but the same chance each time; about as often as asked. */
static void test_rate(void)
{
    g_autofree char *one = pattern("drop-after:rate=0.25,seed=7", 2000);
    g_autofree char *same = pattern("drop-after:rate=0.25,seed=7", 2000);
    g_autofree char *other = pattern("drop-after:rate=0.25,seed=8", 2000);
    g_autofree char *never = pattern("drop-after:rate=0", 50);
    g_autofree char *always = pattern("drop-after:rate=1", 50);
    size_t n = 0;

    g_assert_cmpstr(one, ==, same);
    g_assert_cmpstr(one, !=, other);
    for (const char *c = one; *c != '\0'; c++)
        n += *c == 'x';
    g_assert_cmpuint(n, >, 400);
    g_assert_cmpuint(n, <, 600);
    g_assert_null(strchr(never, 'x'));
    g_assert_null(strchr(always, '.'));
}

static int64_t read_now(void *data)
{
    return *(int64_t *)data;
}

/* One event a second: which of them a rule hits. */
static void test_time(void)
{
    static const struct {
        const char *rule, *want;
    } rows[] = {
        { "slow:after=3s", "...xxxxxxx" },
        { "slow:until=3s", "xxx......." },
        { "slow:after=2s,for=3s", "..xxx....." },
        { "slow:after=2s,until=4s", "..xx......" },
        { "slow:period=4s", "x...x...x." },
        { "slow:period=4s,for=2s", "xx..xx..xx" },
        { "slow:period=4s,for=2s,after=1s,until=7s", ".xx..xx..." },
        { "slow:after=2000ms,times=2", "..xx......" },
        { "slow:after=1m", ".........." },
    };
    const struct fault_event event = { .operation = "GetItem" };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) got = g_string_new(NULL);
        g_autoptr(faults) f = faults_new();
        int64_t now = 5000000;
        struct fault_hit hit;
        struct err err;

        faults_set_clock(f, read_now, &now);
        CHECK_OK(faults_add(f, rows[i].rule, &err), &err);
        for (int k = 0; k < 10; k++, now += 1000000)
            g_string_append_c(
                got, faults_due(f, FAULT_SLOW, &event, &hit) ? 'x' : '.');
        if (strcmp(got->str, rows[i].want) != 0)
            g_error("%s: %s, not %s", rows[i].rule, got->str, rows[i].want);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *rule, *says;
    } rows[] = {
        { "", "fault: there is no kind \"\"" },
        { "drop", "fault: there is no kind \"drop\"" },
        { "busy:", NULL },
        { "busy:every", "fault: \"every\" is no condition" },
        { "busy:=1", "fault: \"=1\" is no condition" },
        { "busy:each=1", "fault: \"each=1\" is no condition" },
        { "busy:every=-1", "fault: \"-1\" is no value for every" },
        { "busy:every=", "fault: \"\" is no value for every" },
        { "busy:every=1x", "fault: \"1x\" is no value for every" },
        { "http:status=99", "fault: \"99\" is no value for status" },
        { "soap:code=", "fault: \"\" is no value for code" },
        { "slow:rate=1.5", "fault: \"1.5\" is no value for rate" },
        { "slow:rate=x", "fault: \"x\" is no value for rate" },
        { "slow:after=5d", "fault: \"5d\" is no value for after" },
        { "slow:until=-1s", "fault: \"-1s\" is no value for until" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(faults) f = faults_new();
        struct err err = { .msg = "" };
        bool ok = faults_add(f, rows[i].rule, &err) == 0;

        CHECK_ROW(rows[i].rule, ok == (rows[i].says == NULL));
        if (!ok)
            g_assert_cmpstr(err.msg, ==, rows[i].says);
    }
}

static void test_replace(void)
{
    const struct fault_event event = { "GetItem", NULL, NULL };
    g_autoptr(faults) f = faults_new();
    g_autofree char *text = NULL;
    struct fault_hit hit;
    struct err err;

    CHECK_OK(faults_add(f, "busy", &err), &err);
    g_assert_cmpint(faults_replace(f, "slow\nnonsense\n", &err), <, 0);
    g_assert_true(faults_due(f, FAULT_BUSY, &event, &hit));
    CHECK_OK(faults_replace(f, "# a comment\n\n slow:ms=5 \n", &err), &err);
    g_assert_false(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_true(faults_due(f, FAULT_SLOW, &event, &hit));
    text = faults_text(f);
    g_assert_cmpstr(text, ==, "slow:ms=5 met=1 fired=1\n");
    CHECK_OK(faults_replace(f, "", &err), &err);
    g_assert_false(faults_due(f, FAULT_SLOW, &event, &hit));
}

/* A rule that does not fire leaves the event to the next one. */
static void test_two_rules(void)
{
    const struct fault_event event = { "GetItem", NULL, NULL };
    g_autoptr(faults) f = faults_new();
    struct fault_hit hit;
    struct err err;

    CHECK_OK(faults_replace(f, "busy:every=2,ms=1\nbusy:every=3,ms=2", &err),
             &err);
    g_assert_false(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_true(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_cmpuint(hit.ms, ==, 1);
    g_assert_false(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_true(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_true(faults_due(f, FAULT_BUSY, &event, &hit));
    g_assert_cmpuint(hit.ms, ==, 2);
}

/* Every kind that it lists is taken, and all are listed. */
static void test_help(void)
{
    g_autofree char *help = faults_help();
    g_auto(GStrv) lines = g_strsplit(help, "\n", -1);
    int n = 0;

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autoptr(faults) f = faults_new();
        struct err err;
        char *name = lines[i];

        if (!g_str_has_prefix(name, "  "))
            continue;
        name = g_strchug(name);
        name[strcspn(name, " ")] = '\0';
        CHECK_OK(faults_add(f, name, &err), &err);
        n++;
    }
    g_assert_cmpint(n, ==, N_FAULT_KINDS);
}

/* Every kind is whole, and its example a rule of that kind. */
static void test_table(void)
{
    g_autofree char *help = faults_help();
    g_autofree char *page = faults_markdown();

    for (int i = 0; i < N_FAULT_KINDS; i++) {
        const struct fault_row *row = &fault_rows[i];
        g_autofree char *counter = g_strconcat("fault.", row->name, NULL);
        g_autofree char *heading = g_strdup_printf("| `%s` |", row->name);
        struct err err = { .msg = "" };
        struct fault_rule *rule = fault_rule_new(row->example, &err);

        if (rule == NULL)
            g_error("%s: %s", row->example, err.msg);
        CHECK_ROW(row->name, (int)rule->kind == i);
        CHECK_ROW(row->name, strcmp(counter, row->counter) == 0);
        CHECK_ROW(row->name,
                  strcmp(fault_counter((enum fault_kind)i), row->counter) == 0);
        CHECK_ROW(row->name, strstr(help, row->help) != NULL);
        CHECK_ROW(row->name, strstr(page, heading) != NULL);
        fault_rule_free(rule);
    }
    g_assert_nonnull(fault_rows[0].group);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault/class", test_class);
    g_test_add_func("/fault/bytes", test_bytes);
    g_test_add_func("/fault/rate", test_rate);
    g_test_add_func("/fault/time", test_time);
    g_test_add_func("/fault/table", test_table);
    g_test_add_func("/fault/when", test_when);
    g_test_add_func("/fault/how", test_how);
    g_test_add_func("/fault/subject", test_subject);
    g_test_add_func("/fault/refused", test_refused);
    g_test_add_func("/fault/replace", test_replace);
    g_test_add_func("/fault/two-rules", test_two_rules);
    g_test_add_func("/fault/help", test_help);
    return g_test_run();
}
