#include "cmd/status_print.h"

#include <string.h>

#include "base/check.h"

#define MANY 100

/* A hundred mailboxes; addresses and lines are the caller's to release. */
struct scene {
    struct store_mailbox mailboxes[MANY];
    struct status_line all[MANY];
    struct status_lines lines;
};

static void scene_init(struct scene *s, size_t n)
{
    *s = (struct scene){ .lines = { s->all, n, false } };
    for (size_t i = 0; i < n; i++) {
        s->mailboxes[i].source_address =
            g_strdup_printf("user%zu@old.example", i + 1);
        s->mailboxes[i].state = MAILBOX_VERIFIED;
        s->all[i] = (struct status_line){ .mailbox = &s->mailboxes[i],
                                          .at.known = 10,
                                          .at.copied = 10,
                                          .at.bytes = 123000,
                                          .at.verified = 10 };
    }
}

static void scene_release(struct scene *s)
{
    for (size_t i = 0; i < s->lines.n; i++) {
        g_free(s->mailboxes[i].source_address);
        standing_clear(&s->all[i].at);
    }
}

static void fail(struct scene *s, size_t i, const char *reason)
{
    s->mailboxes[i].state = MAILBOX_FAILED;
    s->mailboxes[i].reason = (char *)(uintptr_t)reason;
    s->mailboxes[i].remedy = (char *)(uintptr_t) "see to it";
    s->all[i].at.known = s->all[i].at.copied = s->all[i].at.bytes = 0;
}

static char *shown(const struct scene *s)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    status_print(out, &s->lines);
    fclose(out);
    return text;
}

static size_t widest(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    size_t max = 0;

    for (size_t i = 0; lines[i] != NULL; i++)
        max = MAX(max, (size_t)g_utf8_strlen(lines[i], -1));
    return max;
}

/* A run that found no row to work on leaves such a state file. */
static void test_none(void)
{
    struct scene s;
    g_autofree char *text = NULL;

    scene_init(&s, 0);
    text = shown(&s);
    g_assert_cmpstr(
        text, ==,
        "no mailbox yet: no run with this state file has begun one\n");
    scene_release(&s);
}

static void test_sum(void)
{
    struct status_sum sum;
    struct scene s;

    scene_init(&s, 10);
    fail(&s, 3, "no such mailbox");
    s.all[5].at.failed = 2;
    s.all[5].at.wrong = 1;
    s.all[6].at.there = 4;
    s.all[6].at.waiting = 7;
    standing_add_part(&s.all[7].at, "rules")->by_outcome[SETTING_FAILED] = 1;
    standing_add_part(&s.all[9].at, "rules")->by_outcome[SETTING_SET] = 1;
    s.mailboxes[8].state = MAILBOX_COPYING;
    sum = status_sum(&s.lines);
    g_assert_cmpuint(sum.by_state[MAILBOX_VERIFIED], ==, 8);
    g_assert_cmpuint(sum.by_state[MAILBOX_FAILED], ==, 1);
    g_assert_cmpuint(sum.by_state[MAILBOX_COPYING], ==, 1);
    g_assert_cmpuint(sum.n_need_a_person, ==, 3);
    g_assert_cmpuint(sum.counts.known, ==, 90);
    g_assert_cmpuint(sum.counts.copied, ==, 90);
    g_assert_cmpuint(sum.counts.there, ==, 4);
    g_assert_cmpuint(sum.counts.waiting, ==, 7);
    g_assert_cmpuint(sum.counts.verified, ==, 100);
    g_assert_cmpuint(sum.counts.failed + sum.counts.wrong, ==, 3);
    scene_release(&s);
}

/* The whole first, each cause once, and of the good ones their number. */
static void test_many(void)
{
    static const char gone[] = "source: there is no mailbox with this address "
                               "(the server says \"nobody of that name\")";
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, MANY);
    fail(&s, 6, "destination: it is full");
    for (size_t i = 20; i < 33; i++)
        fail(&s, i, gone);
    s.mailboxes[40].state = MAILBOX_COMPLETED_WITH_FAILURES;
    s.mailboxes[40].reason = (char *)(uintptr_t) "2 items failed";
    s.all[40].at.failed = 2;
    text = shown(&s);
    g_assert_true(g_str_has_prefix(text, "100 mailboxes: 85 verified, 1 "
                                         "completed with failures, 14 failed"));
    g_assert_nonnull(strstr(text, "\n  1 mailbox: destination: it is full\n"
                                  "      user7@old.example\n"
                                  "    remedy: see to it\n"));
    g_assert_nonnull(strstr(text, "\n  13 mailboxes: source: there is no"));
    g_assert_nonnull(strstr(text, "      user30@old.example\n"
                                  "      and 3 more\n"));
    g_assert_null(strstr(text, "2 items failed"));
    g_assert_nonnull(strstr(text, "\n    2 failed\n"));
    g_assert_null(strstr(text, "user50@old.example"));
    g_assert_nonnull(strstr(text, "85 mailboxes are done and not listed; "
                                  "--verbose lists all\n"));
    g_assert_cmpuint(widest(text), <=, 80);
    scene_release(&s);
}

/* Complete but for a folder: nothing failed that could be counted. */
static void test_failures_without_number(void)
{
    static const char why[] = "source folder \"Inbox\": access is denied";
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, 2);
    fail(&s, 1, why);
    s.mailboxes[1].state = MAILBOX_COMPLETED_WITH_FAILURES;
    text = shown(&s);
    g_assert_nonnull(
        strstr(text, "What is in the way\n"
                     "  1 mailbox: source folder \"Inbox\": access is denied\n"
                     "      user2@old.example\n"
                     "    remedy: see to it\n"));
    scene_release(&s);
}

static void test_verbose(void)
{
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, MANY);
    s.lines.verbose = true;
    text = shown(&s);
    g_assert_nonnull(strstr(text, "user1@old.example"));
    g_assert_nonnull(strstr(text, "user100@old.example"));
    g_assert_null(strstr(text, "not listed"));
    scene_release(&s);
}

/* All of them well, and many: no table of nothing. */
static void test_all_done(void)
{
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, MANY);
    text = shown(&s);
    g_assert_cmpstr(text, ==,
                    "100 mailboxes: 100 verified; 1,000 of 1,000 items "
                    "copied\n\n100 mailboxes are done and not listed; "
                    "--verbose lists all\n");
    scene_release(&s);
}

/* A thousand wait: some of them, and how many there are. */
static void test_many_are_open(void)
{
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, MANY);
    for (size_t i = 0; i < MANY; i++)
        s.mailboxes[i].state = MAILBOX_NEW;
    text = shown(&s);
    g_assert_nonnull(strstr(text, "user30@old.example"));
    g_assert_null(strstr(text, "user31@old.example"));
    g_assert_nonnull(strstr(text, "and 70 more that are not done\n"));
    g_assert_nonnull(strstr(text, "\n0 mailboxes are done"));
    scene_release(&s);
}

static void test_few(void)
{
    g_autofree char *text = NULL;
    struct scene s;

    scene_init(&s, 1);
    g_free(s.mailboxes[0].source_address);
    s.mailboxes[0].source_address =
        g_strdup("a.very.long.name.indeed@department.contoso.example");
    text = shown(&s);
    g_assert_nonnull(strstr(text, "\na.very.long.name.indeed@department."
                                  "contoso.example\n"));
    g_assert_nonnull(strstr(text, "10/10"));
    g_assert_null(strstr(text, "1 mailboxes"));
    g_assert_cmpuint(widest(text), <=, 80);
    scene_release(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status-print/none", test_none);
    g_test_add_func("/status-print/sum", test_sum);
    g_test_add_func("/status-print/many", test_many);
    g_test_add_func("/status-print/failures-without-number",
                    test_failures_without_number);
    g_test_add_func("/status-print/verbose", test_verbose);
    g_test_add_func("/status-print/all-done", test_all_done);
    g_test_add_func("/status-print/many-are-open", test_many_are_open);
    g_test_add_func("/status-print/few", test_few);
    return g_test_run();
}
