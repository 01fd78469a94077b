#include "engine/drain.h"

#include <string.h>

#include "engine/rig.h"

/* What a scripted server says to one call. */
struct line {
    const char *expect; /* the token that must come */
    enum { PAGE, LAST, FAIL } act;
    const char *token; /* the next one */
    size_t n;          /* changes on the page */
    enum err_scope scope;
    enum err_retry retry;
    const char *name;
};

#define LINES_MAX 16

struct script {
    struct endpoint base;
    const struct line *lines;
    size_t at;
    bool for_ever; /* the last line again and again */
};

static int say(struct endpoint *ep, const char *folder_id, size_t max,
               char **token, struct endpoint_page *ret, struct err *err)
{
    struct script *s = (struct script *)ep;
    const struct line *line = &s->lines[s->at];

    g_assert_cmpstr(folder_id, ==, "folder");
    g_assert_cmpuint(max, ==, DRAIN_PAGE);
    g_assert_nonnull(line->expect);
    g_assert_cmpstr(*token, ==, line->expect);
    if (!s->for_ever || s->lines[s->at + 1].expect != NULL)
        s->at++;
    if (line->act == FAIL) {
        err_set(err, line->scope, line->retry, 0, "as scripted");
        err->name = line->name;
        return -1;
    }
    ret->changes = g_new0(struct endpoint_change, line->n + 1);
    ret->n = line->n;
    g_free(*token);
    *token = g_strdup(line->token);
    return line->act == PAGE ? 1 : 0;
}

static const struct endpoint_ops script_ops = { .name = "script",
                                                .changes = say };

/* What the one who drains has seen. */
struct seen {
    GString *text; /* "n:token", "again", "." at the end */
    int fail_at;   /* the page to refuse; 0: none */
    int pages;
};

static int on_page(void *data, const struct endpoint_page *page,
                   const char *token, bool last, struct err *err)
{
    struct seen *s = data;

    if (++s->pages == s->fail_at)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "page refused");
    g_string_append_printf(s->text, "%zu:%s%s ", page->n, token,
                           last ? "." : "");
    return 0;
}

static void on_again(void *data)
{
    struct seen *s = data;

    g_string_append(s->text, "again ");
}

struct run {
    struct rig rig;
    struct engine_job job;
    struct pass pass;
    struct script script;
    struct seen seen;
};

static void run_init(struct run *r, const struct line *lines)
{
    rig_init(&r->rig, NULL);
    r->job = rig_job(&r->rig, true);
    pass_init(&r->pass, &r->job, MAILBOX_COPYING);
    r->script = (struct script){ .base.ops = &script_ops, .lines = lines };
    r->seen = (struct seen){ .text = g_string_new(NULL) };
}

static void run_release(struct run *r)
{
    pass_release(&r->pass);
    g_string_free(r->seen.text, TRUE);
    rig_release(&r->rig);
}

static int run_drain(struct run *r, const char *token, struct err *err)
{
    const struct drain d = {
        .ep = &r->script.base,
        .side = SOURCE,
        .folder_id = "folder",
        .page = on_page,
        .again = on_again,
        .data = &r->seen,
    };

    return drain_run(&r->pass, &d, token, err);
}

#define STALE ERR_FOLDER, ERR_RETRY_NOW, "ErrorInvalidSyncStateData"
#define BUSY  ERR_MAILBOX, ERR_RETRY_WAIT, "busy"
#define LOST  ERR_MAILBOX, ERR_RETRY_NOW, "lost"
#define SLOW  ERR_FOLDER, ERR_RETRY_WAIT, "slow"

static void test_rows(void)
{
    static const struct {
        const char *name, *token;
        struct line lines[LINES_MAX];
        int want;
        const char *seen, *error_name;
    } rows[] = {
        /* clang-format off */
        { "nothing", "", { { "", LAST, "a" } }, 0, "0:a. ", NULL },
        { "from a token", "t", { { "t", LAST, "u", 3 } }, 0, "3:u. ", NULL },
        { "three pages", "",
          { { "", PAGE, "a", 512 }, { "a", PAGE, "b", 512 },
            { "b", LAST, "c", 1 } }, 0, "512:a 512:b 1:c. ", NULL },
        { "short and empty pages", "",
          { { "", PAGE, "a", 1 }, { "a", PAGE, "b", 0 }, { "b", PAGE, "b", 0 },
            { "b", LAST, "c", 2 } }, 0, "1:a 0:b 0:b 2:c. ", NULL },
        { "a stale token is dropped", "old",
          { { "old", FAIL, .scope = STALE }, { "", LAST, "a", 9 } },
          0, "again 9:a. ", NULL },
        { "it grows stale on the way", "old",
          { { "old", PAGE, "b", 5 }, { "b", FAIL, .scope = STALE },
            { "", LAST, "a", 9 } }, 0, "5:b again 9:a. ", NULL },
        { "but only once", "old",
          { { "old", FAIL, .scope = STALE }, { "", PAGE, "a", 5 },
            { "a", FAIL, .scope = STALE }, { "a", FAIL, .scope = STALE },
            { "a", FAIL, .scope = STALE }, { "a", FAIL, .scope = STALE },
            { "a", FAIL, .scope = STALE }, { "a", FAIL, .scope = STALE },
            { "a", FAIL, .scope = STALE }, { "a", FAIL, .scope = STALE } },
          -1, "again 5:a ", "ErrorInvalidSyncStateData" },
        { "busy, lost, and there", "",
          { { "", FAIL, .scope = BUSY }, { "", FAIL, .scope = LOST },
            { "", PAGE, "a", 1 }, { "a", FAIL, .scope = LOST },
            { "a", LAST, "b", 1 } }, 0, "1:a 1:b. ", NULL },
        { "a folder that stays slow", "",
          { { "", FAIL, .scope = SLOW }, { "", FAIL, .scope = SLOW },
            { "", FAIL, .scope = SLOW }, { "", FAIL, .scope = SLOW },
            { "", FAIL, .scope = SLOW }, { "", FAIL, .scope = SLOW },
            { "", FAIL, .scope = SLOW }, { "", FAIL, .scope = SLOW } },
          -1, "", "slow" },
        { "no such folder", "",
          { { "", FAIL, .scope = ERR_FOLDER, ERR_RETRY_NEVER, "gone" } },
          -1, "", "gone" },
        { "no rights", "",
          { { "", PAGE, "a", 1 },
            { "a", FAIL, .scope = ERR_MAILBOX, ERR_RETRY_REAUTH, "401" } },
          -1, "1:a ", "401" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct run r;
        struct err err = { 0 };

        run_init(&r, rows[i].lines);
        CHECK_ROW(rows[i].name,
                  run_drain(&r, rows[i].token, &err) == rows[i].want);
        if (strcmp(r.seen.text->str, rows[i].seen) != 0)
            g_error("row \"%s\": %s", rows[i].name, r.seen.text->str);
        CHECK_ROW(rows[i].name, g_strcmp0(err.name, rows[i].error_name) == 0);
        /* all that was scripted was said */
        CHECK_ROW(rows[i].name, rows[i].lines[r.script.at].expect == NULL);
        run_release(&r);
    }
}

static void test_list_without_end(void)
{
    static const struct line lines[] = { { "", PAGE, "a", 1 },
                                         { "a", PAGE, "a", 0 },
                                         { NULL } };
    struct run r;
    struct err err;

    run_init(&r, lines);
    r.script.for_ever = true;
    g_assert_cmpint(run_drain(&r, "", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "endless-list");
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_nonnull(strstr(err.msg, "source"));
    run_release(&r);
}

static void test_patience(void)
{
    static const struct line lines[] = { { "", FAIL, .scope = LOST },
                                         { NULL } };
    struct run r;
    struct err err;

    run_init(&r, lines);
    r.script.for_ever = true;
    r.pass.options.patience_us = 20000;
    g_assert_cmpint(run_drain(&r, "", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "lost");
    run_release(&r);
}

static void test_interrupted(void)
{
    static const struct line lines[] = { { "", PAGE, "a", 1 }, { NULL } };
    struct run r;
    struct err err;

    run_init(&r, lines);
    cancel_request(r.rig.cancel);
    g_assert_cmpint(run_drain(&r, "", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "interrupted");
    g_assert_cmpuint(r.script.at, ==, 0);
    run_release(&r);
}

/* Another thread has found out that the mailbox cannot go on. */
static void test_stopped(void)
{
    static const struct line lines[] = { { "", PAGE, "a", 1 }, { NULL } };
    struct run r;
    struct err err;

    run_init(&r, lines);
    err_set(&err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "no space for it");
    err.name = "full";
    pass_stop(&r.pass, &err);
    err_set(&err, ERR_ITEM, ERR_RETRY_NEVER, 0, "not this");
    g_assert_cmpint(run_drain(&r, "", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "full");
    g_assert_cmpstr(err.msg, ==, "no space for it");
    g_assert_cmpuint(r.script.at, ==, 0);
    run_release(&r);
}

static void test_page_that_is_refused(void)
{
    static const struct line lines[] = { { "", PAGE, "a", 1 },
                                         { "a", PAGE, "b", 1 },
                                         { NULL } };
    struct run r;
    struct err err;

    run_init(&r, lines);
    r.seen.fail_at = 2;
    g_assert_cmpint(run_drain(&r, "", &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "page refused");
    g_assert_cmpstr(r.seen.text->str, ==, "1:a ");
    run_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/drain/rows", test_rows);
    g_test_add_func("/drain/list-without-end", test_list_without_end);
    g_test_add_func("/drain/patience", test_patience);
    g_test_add_func("/drain/interrupted", test_interrupted);
    g_test_add_func("/drain/stopped", test_stopped);
    g_test_add_func("/drain/page-that-is-refused", test_page_that_is_refused);
    return g_test_run();
}
