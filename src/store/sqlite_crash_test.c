/*
 * A writer that dies at any place leaves what it was told is done, and no
 * half of anything.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/step.h"
#include "store/store_dump.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

#define PAGE  25 /* items a listing */
#define BATCH 10

/* A short migration; a pass over it has some 40 steps. */
static void work(struct store *s)
{
    struct store_fill f = store_fill_begin(s, "a@b");
    struct store_pass end = { .items_copied = 3 * PAGE };
    int64_t pass_id = 0;
    const struct store_mapping map = { f.folder_id, "dst-inbox", false, false };
    struct err err;

    CHECK_OK(store_pass_begin(s, &f.lease, "full", &pass_id, &err), &err);
    CHECK_OK(store_folders_map(s, &f.lease, &map, 1, &err), &err);
    for (uint64_t page = 0; page < 3; page++) {
        CHECK_OK(store_fill_list(s, &f, page * PAGE, PAGE, &err), &err);
        for (int batch = 0; batch < 3; batch++) {
            g_autoptr(GPtrArray) items = NULL;

            CHECK_OK(store_fill_intend(s, &f, BATCH, &items, &err), &err);
            CHECK_OK(store_fill_record(s, &f, items, &err), &err);
        }
    }
    CHECK_OK(store_dest_swept(s, &f.lease, f.folder_id, "swept", &err), &err);
    CHECK_OK(store_pass_end(s, &f.lease, pass_id, &end, &err), &err);
}

/* The work, by a process that dies at that step; its wait status. */
static int run(const struct store_tmp *tmp, const char *die_at)
{
    pid_t pid = fork();
    int status = 0;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        g_setenv("MAILFERRY_DIE_AT", die_at, TRUE);
        step_init();
        work(store_tmp_open(tmp, STORE_WRITE));
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

struct seen {
    uint64_t items, copied, intended, listed;
    uint64_t token; /* how many items the token has moved past */
    bool dirty;
    bool ended; /* the pass */
};

static struct seen look(struct store *s)
{
    struct seen seen = { 0 };
    struct store_counts c;
    g_autoptr(GPtrArray) folders = NULL, passes = NULL;
    struct err err;

    CHECK_OK(store_counts(s, 1, &c, &err), &err);
    seen.copied = c.by[KIND_MAIL][ITEM_COPIED].items;
    seen.intended = c.by[KIND_MAIL][ITEM_INTENDED].items;
    seen.listed = c.by[KIND_MAIL][ITEM_LISTED].items;
    seen.items = seen.copied + seen.intended + seen.listed;
    CHECK_OK(store_folders(s, 1, &folders, &err), &err);
    if (folders->len > 0) {
        const struct store_folder *f = folders->pdata[0];

        seen.token = g_ascii_strtoull(f->source_token, NULL, 10);
        seen.dirty = f->dirty;
    }
    CHECK_OK(store_passes(s, 1, &passes, &err), &err);
    seen.ended =
        passes->len > 0 &&
        ((const struct store_pass *)passes->pdata[0])->items_copied > 0;
    return seen;
}

/* What must hold wherever the writer died. */
static void check_consistent(const char *where, const struct seen *seen)
{
    CHECK_ROW(where, seen->items == seen->token);
    CHECK_ROW(where, seen->items % PAGE == 0);
    CHECK_ROW(where, seen->intended == 0 || seen->dirty);
    CHECK_ROW(where, seen->intended <= BATCH);
    CHECK_ROW(where, !seen->ended || seen->copied == seen->items);
}

static struct seen look_again(const struct store_tmp *tmp, enum store_mode mode)
{
    struct store *s = store_tmp_open(tmp, mode);
    struct seen seen = look(s);

    store_free(s);
    return seen;
}

static bool equal(const struct seen *a, const struct seen *b)
{
    return a->items == b->items && a->copied == b->copied &&
           a->intended == b->intended && a->listed == b->listed &&
           a->token == b->token && a->dirty == b->dirty && a->ended == b->ended;
}

/* As a reader and then a writer find it; a file that is not there is empty. */
static struct seen look_twice(const struct store_tmp *tmp, const char *where)
{
    bool there = g_file_test(tmp->path, G_FILE_TEST_EXISTS);
    struct seen reader = { 0 }, writer;

    if (there)
        reader = look_again(tmp, STORE_READ);
    check_consistent(where, &reader);
    writer = look_again(tmp, STORE_WRITE);
    CHECK_ROW(where, equal(&reader, &writer));
    return reader;
}

static void test_every_step(void)
{
    uint64_t done = 0;
    int n = 0, status;

    do {
        g_autoptr(store_tmp) tmp = store_tmp_new();
        g_autofree char *where = g_strdup_printf("%d", ++n);
        struct seen reader;

        status = run(tmp, where);
        CHECK_ROW(where, WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        reader = look_twice(tmp, where);
        /* A step later, never less is on record. */
        CHECK_ROW(where,
                  reader.items * 2 + reader.intended + reader.copied * 2 >=
                      done);
        done = reader.items * 2 + reader.intended + reader.copied * 2;
    } while (WIFSIGNALED(status));
    g_assert_cmpint(n, >, 25);
    g_assert_cmpuint(done, ==, (uint64_t)3 * PAGE * 4);
}

/* A step is named after its effect is durable: it is there. */
static void test_named_steps(void)
{
    static const struct {
        const char *die_at;
        struct seen want;
    } rows[] = {
        /* clang-format off */
        { "list", { .items = 25, .listed = 25, .token = 25 } },
        { "intend", { .items = 25, .listed = 15, .intended = 10, .token = 25,
                      .dirty = true } },
        { "record", { .items = 25, .listed = 15, .copied = 10, .token = 25,
                      .dirty = true } },
        { "intend:3", { .items = 25, .intended = 5, .copied = 20, .token = 25,
                        .dirty = true } },
        { "list:2", { .items = 50, .listed = 25, .copied = 25, .token = 50,
                      .dirty = true } },
        { "sweep", { .items = 75, .copied = 75, .token = 75 } },
        { "pass:2", { .items = 75, .copied = 75, .token = 75,
                      .ended = true } },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(store_tmp) tmp = store_tmp_new();
        struct seen seen;

        CHECK_ROW(rows[i].die_at, WIFSIGNALED(run(tmp, rows[i].die_at)));
        seen = look_again(tmp, STORE_READ);
        CHECK_ROW(rows[i].die_at, equal(&seen, &rows[i].want));
    }
}

/* ---- the names ----------------------------------------------------------- */

/* What work() leaves out of the operations that store.h names a step for. */
static void work_on_the_rest(struct store *s)
{
    static char url[] = "https://x";
    const struct store_migration m = { url, url, 1 };
    const struct store_dest_seen base = { .kind = DEST_BASELINE };
    const struct store_dest_seen foreign = { .kind = DEST_FOREIGN };
    static char dn[] = "/o=x/cn=y";
    const struct store_exchange_name name = { .dn = dn };
    struct store_fill f = store_fill_begin(s, "a@b");
    struct err err;

    CHECK_OK(store_migration_set(s, &m, &err), &err);
    CHECK_OK(store_dest_record(s, &f.lease, f.folder_id, &base, &err), &err);
    CHECK_OK(store_dest_record(s, &f.lease, f.folder_id, &foreign, &err), &err);
    CHECK_OK(store_items_verify_reset(s, &f.lease, &err), &err);
    CHECK_OK(store_items_adopt(s, &f.lease, NULL, 0, &err), &err);
    CHECK_OK(store_items_retry_failed(s, &f.lease, NULL, &err), &err);
    CHECK_OK(store_items_follow(s, &f.lease, NULL, 0, &err), &err);
    CHECK_OK(store_folder_placed(s, &f.lease, f.folder_id, &err), &err);
    CHECK_OK(store_exchange_names_add(s, &f.lease, &name, 1, &err), &err);
    CHECK_OK(store_settings_done(s, &f.lease, 1, "rules", &err), &err);
}

/* A crash test that names a step which is never made would test nothing. */
static void test_every_name(void)
{
    static const char *const names[] = {
        "schema",   "create", "migration", "mailbox", "folders",
        "map",      "place",  "list",      "names",   "intend",
        "record",   "adopt",  "follow",    "retry",   "verify",
        "baseline", "dest",   "sweep",     "pass",    "setting",
    };
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autofree char *log = g_build_filename(tmp->folder, "steps", NULL);
    g_autofree char *text = NULL;
    pid_t pid = fork();
    int status = 0;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        struct store *s;

        g_setenv("MAILFERRY_STEP_LOG", log, TRUE);
        step_init();
        s = store_tmp_open(tmp, STORE_WRITE);
        work(s);
        work_on_the_rest(s);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *line = g_strdup_printf(" %s\n", names[i]);

        CHECK_ROW(names[i], strstr(text, line) != NULL);
    }
}

/* ---- killed from outside, at any instruction ----------------------------- */

/* Writes without end; tells how often an operation has returned. */
static G_GNUC_NORETURN void write_on(const struct store_tmp *tmp, int out)
{
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    struct err err;

    for (uint64_t n = 0;; n += PAGE) {
        g_autoptr(GPtrArray) items = NULL;

        CHECK_OK(store_fill_list(s, &f, n, PAGE, &err), &err);
        if (write(out, "l", 1) != 1)
            _exit(1);
        CHECK_OK(store_fill_intend(s, &f, BATCH, &items, &err), &err);
        if (write(out, "i", 1) != 1)
            _exit(1);
        CHECK_OK(store_fill_record(s, &f, items, &err), &err);
        if (write(out, "r", 1) != 1)
            _exit(1);
    }
}

/* Kill the child once it has told of n operations; *told: how many in all. */
static void kill_after(const struct store_tmp *tmp, int n, uint64_t told[128])
{
    int pipe_of[2], status;
    char c;
    pid_t pid;

    g_assert_cmpint(pipe(pipe_of), ==, 0);
    pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        close(pipe_of[0]);
        write_on(tmp, pipe_of[1]);
    }
    close(pipe_of[1]);
    while (read(pipe_of[0], &c, 1) == 1) {
        told[(unsigned char)c & 0x7f]++;
        if (n-- == 0)
            g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    }
    close(pipe_of[0]);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
}

static void test_killed_at_random(void)
{
    for (int round = 0; round < 12; round++) {
        g_autoptr(store_tmp) tmp = store_tmp_new();
        g_autofree char *where = g_strdup_printf("round %d", round);
        uint64_t told[128] = { 0 };
        struct seen seen;

        kill_after(tmp, g_test_rand_int_range(0, 60), told);
        seen = look_again(tmp, STORE_READ);
        check_consistent(where, &seen);
        CHECK_ROW(where, seen.items >= told['l'] * PAGE);
        CHECK_ROW(where, seen.copied + seen.intended >= told['i'] * BATCH);
        CHECK_ROW(where, seen.copied >= told['r'] * BATCH);
        /* At most the one operation that was under way is on top of it. */
        CHECK_ROW(where, seen.items <= (told['l'] + 1) * PAGE);
        CHECK_ROW(where, seen.copied <= (told['r'] + 1) * BATCH);
    }
}

/* SQLite makes a new file in several steps; none may be the last for ever. */
static void test_killed_while_made(void)
{
    for (unsigned int round = 0; round < 60; round++) {
        g_autoptr(store_tmp) tmp = store_tmp_new();
        pid_t pid = fork();
        int status = 0;

        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
            store_free(store_tmp_open(tmp, STORE_WRITE));
            _exit(0);
        }
        g_usleep(round * 400);
        kill(pid, SIGKILL);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        store_free(store_tmp_open(tmp, STORE_WRITE));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sqlite/crash/every-step", test_every_step);
    g_test_add_func("/sqlite/crash/named-steps", test_named_steps);
    g_test_add_func("/sqlite/crash/every-name", test_every_name);
    g_test_add_func("/sqlite/crash/killed-at-random", test_killed_at_random);
    g_test_add_func("/sqlite/crash/killed-while-made", test_killed_while_made);
    return g_test_run();
}
