/*
 * Random sequences of operations, applied to the store in memory and to
 * SQLite (run by tests/lib/postgres.py: to PostgreSQL): both must answer alike
 * and show the same after each.  The program prints its seed; --seed=SEED
 * repeats a run.
 */
#include "store/store.h"

#include "base/check.h"
#include "base/timestamp.h"
#include "store/store_dump.h"
#include "store/store_tmp.h"

#define RUNS          40
#define RUNS_POSTGRES 10 /* each statement is a round trip */
#define LENGTH        80 /* operations a run */

#define N_MAILBOXES 2

struct model {
    struct store *s[2]; /* memory, the database */
    struct err err[2];
    struct store_tmp *tmp;
    GArray *leases; /* of struct store_lease: all that were ever given */
    GArray *items;  /* of int64_t: all item ids */
    GArray *folders;
    GPtrArray *log; /* names of the operations, for the failure's message */
};

static char long_a[200], long_b[200], long_c[200];

/* Short ones, long ones with a common head, one with another. */
static const char *const ids[] = { "a", "b",    "c",    "d",
                                   "e", long_a, long_b, long_c };
static const char *const texts[] = { NULL, "one", "two", "three words here" };
static const char *const classes[] = { NULL, "IPM.Note", "IPM.Contact",
                                       "IPM.Task", "odd" };

static void make_long_ids(void)
{
    memset(long_a, 'x', sizeof(long_a) - 1);
    memcpy(long_b, long_a, sizeof(long_b));
    memcpy(long_c, long_a, sizeof(long_c));
    long_b[sizeof(long_b) - 2] = 'y';
    long_c[3] = 'z';
}

/* ---- drawing ------------------------------------------------------------ */

static int below(int n)
{
    return g_test_rand_int_range(0, n);
}

#define PICK(table) (table)[below((int)G_N_ELEMENTS(table))]

/* Mostly the newest lease of a mailbox, at times an old one or nonsense. */
static struct store_lease draw_lease(const struct model *m)
{
    guint n = m->leases->len;

    if (below(20) == 0)
        return (struct store_lease){ 1 + below(4), 1 + below(3) };
    if (below(10) == 0)
        return g_array_index(m->leases, struct store_lease, below((int)n));
    return g_array_index(m->leases, struct store_lease,
                         n - 1 - (guint)below(MIN(N_MAILBOXES, (int)n)));
}

static int64_t draw(const GArray *known)
{
    if (known->len == 0 || below(30) == 0)
        return below(1 << 26);
    return g_array_index(known, int64_t, below((int)known->len));
}

/* ---- comparing ----------------------------------------------------------- */

static char *history(const struct model *m)
{
    g_ptr_array_add(m->log, NULL);
    return g_strjoinv(" ", (char **)m->log->pdata);
}

static void same_answer(struct model *m, int a, int b)
{
    if (a == b && (a >= 0 || (g_strcmp0(m->err[0].name, m->err[1].name) == 0 &&
                              g_str_equal(m->err[0].msg, m->err[1].msg) &&
                              m->err[0].scope == m->err[1].scope)))
        return;

    g_autofree char *after = history(m);

    g_error("after %s: memory answers %d %s, SQLite %d %s", after, a,
            a < 0 ? m->err[0].msg : "", b, b < 0 ? m->err[1].msg : "");
}

static void same_state(struct model *m)
{
    const struct dump_scope scope = { 50, ids, G_N_ELEMENTS(ids) };
    g_autofree char *a = store_dump(m->s[0], &scope);
    g_autofree char *b = store_dump(m->s[1], &scope);

    g_auto(GStrv) in_a = g_strsplit(a, "\n", -1);
    g_auto(GStrv) in_b = g_strsplit(b, "\n", -1);
    size_t i = 0;

    if (g_str_equal(a, b))
        return;
    while (g_strcmp0(in_a[i], in_b[i]) == 0)
        i++;

    g_autofree char *after = history(m);

    g_error("after %s:\nmemory: %s\nSQLite: %s", after, in_a[i], in_b[i]);
}

/* The call for both stores: s and err stand for each one's own. */
#define BOTH(call)                                                             \
    do {                                                                       \
        int answer[2];                                                         \
        for (int which = 0; which < 2; which++) {                              \
            struct store *s = m->s[which];                                     \
            struct err *err = &m->err[which];                                  \
            answer[which] = (call);                                            \
        }                                                                      \
        same_answer(m, answer[0], answer[1]);                                  \
    } while (0)

/* ---- operations ---------------------------------------------------------- */

static void do_mailbox(struct model *m)
{
    static const char *const names[] = { "a@x", "A@x", "b@x" };
    const char *name = PICK(names);
    uint32_t line = (uint32_t)below(3);
    int64_t id[2] = { 0, 0 };

    BOTH(store_mailbox_add(s, name, "to@y", line, &id[which], err));
    g_assert_cmpint(id[0], ==, id[1]);
}

static void do_lease(struct model *m)
{
    int64_t id = 1 + below(N_MAILBOXES);
    struct store_lease lease[2] = { { 0 } };

    BOTH(store_mailbox_lease(s, id, &lease[which], err));
    g_assert_cmpint(lease[0].number, ==, lease[1].number);
    if (lease[0].number != 0)
        g_array_append_val(m->leases, lease[0]);
}

static void do_state(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    enum mailbox_state state = (enum mailbox_state)below(MAILBOX_N_STATES);
    const char *a = PICK(texts), *b = PICK(texts);

    BOTH(store_mailbox_set_state(s, &lease, state, a, b, err));
}

static void do_facts(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    const char *a = PICK(texts), *b = PICK(texts), *c = PICK(texts),
               *d = PICK(texts);

    BOTH(store_mailbox_set_facts(s, &lease, a, b, c, d, err));
}

static char *dup_text(void)
{
    return g_strdup(PICK(texts));
}

static void do_folders(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_folder f[3] = { 0 };
    size_t n = (size_t)below(4);

    for (size_t i = 0; i < n; i++) {
        f[i].source_id = g_strdup_printf("folder-%d", below(3));
        f[i].path = g_strdup_printf("Path %d", below(5));
        f[i].source_parent_id = dup_text();
        f[i].well_known = dup_text();
        f[i].folder_class = dup_text();
    }
    BOTH(store_folders_set(s, &lease, f, n, err));
    for (size_t i = 0; i < n; i++) {
        g_free(f[i].source_id);
        g_free(f[i].path);
        g_free(f[i].source_parent_id);
        g_free(f[i].well_known);
        g_free(f[i].folder_class);
    }
}

static void do_map(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_mapping maps[2];
    size_t n = below(2) == 0 ? 1 : 2;

    for (size_t i = 0; i < n; i++)
        maps[i] = (struct store_mapping){ .folder_id = draw(m->folders),
                                          .destination_id = PICK(texts),
                                          .made = below(2) == 0,
                                          .is_new = below(4) == 0 };
    BOTH(store_folders_map(s, &lease, maps, n, err));
}

static void do_place(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    int64_t folder_id = draw(m->folders);

    BOTH(store_folder_placed(s, &lease, folder_id, err));
}

static void do_list(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    int64_t folder_id = draw(m->folders);
    const char *token = PICK(texts);
    struct store_change c[6];
    size_t n = (size_t)below(7), listed[2] = { 0, 0 };

    for (size_t i = 0; i < n; i++)
        c[i] = (struct store_change){
            .kind = (enum store_change_kind)MAX(below(7) - 3, 0),
            .source_id = PICK(ids),
            .change_key = below(3) == 0 ? PICK(ids) : PICK(texts),
            .item_class = PICK(classes),
            .search_key = PICK(texts),
            .received_us = below(4) == 0 ? TIMESTAMP_NONE : below(4),
            .size_bytes = (uint64_t)below(3),
            .read = below(2) == 0,
            .filtered = below(6) == 0,
        };
    BOTH(store_items_list(s, &lease, folder_id, c, n, token, &listed[which],
                          err));
    g_assert_cmpuint(listed[0], ==, listed[1]);
}

static void do_intend(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_intent intents[3];
    size_t n = 1 + (size_t)below(3);
    int64_t pass_id = below(3), deadline_us = below(100);

    for (size_t i = 0; i < n; i++)
        intents[i] = (struct store_intent){
            .item_id = draw(m->items),
            .change_key = below(2) == 0 ? PICK(ids) : NULL,
            .size_bytes = (uint64_t)below(9),
            .digest = (const uint8_t *)"0123456789",
            .digest_len = (size_t)below(5),
            .format = (unsigned int)below(2),
            .why_format = PICK(texts),
            .moved_from = below(4) == 0 ? draw(m->items) : 0,
        };
    for (size_t i = 0; i < n; i++)
        if (intents[i].moved_from == intents[i].item_id)
            intents[i].moved_from = 0;
    BOTH(store_items_intend(s, &lease, pass_id, intents, n, deadline_us, err));
}

static struct store_outcome draw_outcome(const struct model *m)
{
    static const enum item_state states[] = { ITEM_COPIED,   ITEM_COPIED,
                                              ITEM_COPIED,   ITEM_LISTED,
                                              ITEM_FAILED,   ITEM_GONE,
                                              ITEM_FILTERED, ITEM_ALREADY_THERE,
                                              ITEM_CONFLICT };

    return (struct store_outcome){
        .item_id = draw(m->items),
        .state = PICK(states),
        .destination_id = below(20) == 0 ? NULL : PICK(ids),
        .not_before_us = below(2) == 0 ? 0 : below(100),
        .count_try = below(2) == 0,
        .reason = below(20) == 0 ? NULL : "why",
        .remedy = PICK(texts),
        .error_name = PICK(texts),
        .subject = PICK(texts),
        .lost = PICK(texts),
    };
}

static void do_record(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_outcome outcomes[3];
    size_t n = 1 + (size_t)below(3);

    for (size_t i = 0; i < n; i++)
        outcomes[i] = draw_outcome(m);
    BOTH(store_items_record(s, &lease, outcomes, n, err));
}

static struct store_follow draw_follow(const struct model *m)
{
    static const enum item_state states[] = { ITEM_COPIED,   ITEM_COPIED,
                                              ITEM_CONFLICT, ITEM_GONE,
                                              ITEM_LISTED,   ITEM_ALREADY_THERE,
                                              ITEM_FAILED };

    return (struct store_follow){
        .item_id = draw(m->items),
        .state = PICK(states),
        .done = (unsigned int)below(8),
        .change_key = below(2) == 0 ? PICK(ids) : NULL,
        .digest = (const uint8_t *)"abcdefghij",
        .digest_len = (size_t)below(4),
        .format = (unsigned int)below(2),
        .size_bytes = (uint64_t)below(9),
        .pass_id = below(3),
        .old_gone = below(2) == 0,
        .reason = PICK(texts),
        .remedy = PICK(texts),
        .subject = PICK(texts),
    };
}

static void do_follow(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_follow follows[2];
    size_t n = 1 + (size_t)below(2);

    for (size_t i = 0; i < n; i++)
        follows[i] = draw_follow(m);
    BOTH(store_items_follow(s, &lease, follows, n, err));
}

static void do_adopt(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_adoption a[2];
    size_t n = 1 + (size_t)below(2);

    for (size_t i = 0; i < n; i++)
        a[i] = (struct store_adoption){
            .item_id = draw(m->items),
            .state = below(2) == 0 ? ITEM_COPIED : ITEM_ALREADY_THERE,
            .destination_id = below(20) == 0 ? NULL : PICK(ids),
            .change_key = below(2) == 0 ? PICK(ids) : NULL,
            .size_bytes = (uint64_t)below(9),
            .digest = (const uint8_t *)"zyxwvut",
            .digest_len = (size_t)below(4),
            .format = (unsigned int)below(2),
            .verify = (enum verify_class)below(VERIFY_N),
            .reason = PICK(texts),
            .left = below(2) == 0 ? draw(m->items) : 0,
            .lies_with = below(2) == 0 ? draw(m->items) : 0,
        };
    for (size_t i = 0; i < n; i++) {
        if (a[i].state == ITEM_COPIED) {
            a[i].reason = NULL;
            a[i].left = a[i].lies_with = 0;
        }
        if (a[i].left == a[i].item_id)
            a[i].left = 0;
    }
    BOTH(store_items_adopt(s, &lease, a, n, err));
}

static void do_retry(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    size_t n[2] = { 0, 0 };

    BOTH(store_items_retry_failed(s, &lease, &n[which], err));
    g_assert_cmpuint(n[0], ==, n[1]);
}

static void do_verify(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    struct store_verdict v[2];

    for (size_t i = 0; i < 2; i++)
        v[i] = (struct store_verdict){
            .item_id = draw(m->items),
            .verify = (enum verify_class)below(VERIFY_N),
            .note = PICK(texts),
        };
    BOTH(store_items_verify(s, &lease, v, 2, err));
}

static void do_verify_reset(struct model *m)
{
    struct store_lease lease = draw_lease(m);

    BOTH(store_items_verify_reset(s, &lease, err));
}

static void do_dest(struct model *m)
{
    static const enum dest_kind kinds[] = { DEST_BASELINE, DEST_FOREIGN,
                                            DEST_DOUBLE };
    struct store_lease lease = draw_lease(m);
    int64_t folder_id = draw(m->folders);
    const char *some[2] = { PICK(ids), PICK(ids) };
    const struct store_dest_hint hints[2] = { { PICK(ids), "h1" },
                                              { PICK(ids), "h2" } };
    const struct store_dest_seen seen = { PICK(kinds),      some,
                                          (size_t)below(3), PICK(texts),
                                          below(2) == 0,    hints,
                                          (size_t)below(3) };

    BOTH(store_dest_record(s, &lease, folder_id, &seen, err));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In no order within a hint. */
static char *found_as_text(const GPtrArray *found)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new(NULL);

    for (guint i = 0; found != NULL && i < found->len; i++) {
        const struct store_dest_found *f = found->pdata[i];

        /* Who of several owns an id is the implementation's choice. */
        g_ptr_array_add(
            lines, g_strdup_printf("%zu %s %d", f->hint, f->id, f->owner != 0));
    }
    g_ptr_array_sort(lines, by_text);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s\n", (char *)lines->pdata[i]);
    return g_string_free(text, FALSE);
}

static void do_find(struct model *m)
{
    static const char *const hints[] = { "h1", "h2", "h3" };
    int64_t folder_id = draw(m->folders);
    GPtrArray *found[2] = { NULL, NULL };
    g_autofree char *one = NULL, *two = NULL;

    BOTH(store_dest_find(s, folder_id, hints, 3, &found[which], err));
    one = found_as_text(found[0]);
    two = found_as_text(found[1]);
    g_assert_cmpstr(one, ==, two);
    for (int i = 0; i < 2; i++)
        g_clear_pointer(&found[i], g_ptr_array_unref);
}

static void do_expected(struct model *m)
{
    int64_t folder_id = draw(m->folders);
    struct store_expected e[2] = { 0 };

    BOTH(store_dest_expected(s, folder_id, &e[which], err));
    g_assert_cmpuint(e[0].n, ==, e[1].n);
    g_assert_true(e[0].sure == e[1].sure);
}

static void do_swept(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    int64_t folder_id = draw(m->folders);
    const char *token = PICK(texts);

    BOTH(store_dest_swept(s, &lease, folder_id, token, err));
}

static void do_pass(struct model *m)
{
    struct store_lease lease = draw_lease(m);
    int64_t id[2] = { 0, 0 };
    struct store_pass end = { .ended_us = 1 + below(9),
                              .items_copied = (uint64_t)below(9) };

    if (below(2) == 0)
        BOTH(store_pass_begin(s, &lease, "full", &id[which], err));
    else
        BOTH(store_pass_end(s, &lease, 1 + end.ended_us % 4, &end, err));
    g_assert_cmpint(id[0], ==, id[1]);
}

static void do_next(struct model *m)
{
    int64_t folder_id = draw(m->folders), now_us = below(100);
    int64_t busy[2] = { draw(m->items), draw(m->items) };
    size_t max = (size_t)below(6);
    GPtrArray *found[2] = { NULL, NULL };

    BOTH(store_items_next(s, folder_id, now_us, busy, 2, max, &found[which],
                          err));
    if (found[0] == NULL)
        return;
    g_assert_cmpuint(found[0]->len, ==, found[1]->len);
    for (guint i = 0; i < found[0]->len; i++)
        g_assert_cmpint(((struct store_item *)found[0]->pdata[i])->id, ==,
                        ((struct store_item *)found[1]->pdata[i])->id);
    g_ptr_array_unref(found[0]);
    g_ptr_array_unref(found[1]);
}

/* What is on record does not hang on a connection or its caches. */
static void do_reopen(struct model *m)
{
    store_free(m->s[1]);
    m->s[1] = store_tmp_open(m->tmp, STORE_WRITE);
}

static const struct {
    const char *name;
    void (*fn)(struct model *m);
    int weight;
} operations[] = {
    { "mailbox", do_mailbox, 1 },   { "lease", do_lease, 2 },
    { "state", do_state, 1 },       { "facts", do_facts, 1 },
    { "folders", do_folders, 3 },   { "map", do_map, 2 },
    { "list", do_list, 16 },        { "intend", do_intend, 16 },
    { "record", do_record, 20 },    { "retry", do_retry, 2 },
    { "follow", do_follow, 12 },    { "place", do_place, 2 },
    { "adopt", do_adopt, 6 },       { "find", do_find, 4 },
    { "verify", do_verify, 4 },     { "verify-reset", do_verify_reset, 1 },
    { "dest", do_dest, 5 },         { "swept", do_swept, 2 },
    { "expected", do_expected, 3 }, { "pass", do_pass, 2 },
    { "next", do_next, 6 },         { "reopen", do_reopen, 1 },
};

static size_t draw_operation(void)
{
    int total = 0, at;

    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
        total += operations[i].weight;
    at = below(total);
    for (size_t i = 0;; i++) {
        at -= operations[i].weight;
        if (at < 0)
            return i;
    }
}

/* ---- runs ---------------------------------------------------------------- */

/* The ids that later draws aim at. */
static void look_around(struct model *m)
{
    g_array_set_size(m->items, 0);
    g_array_set_size(m->folders, 0);
    for (int64_t id = 1; id <= N_MAILBOXES; id++) {
        const struct store_item_query q = { .mailbox_id = id, .max = 1000 };
        g_autoptr(GPtrArray) items = NULL, folders = NULL;

        CHECK_OK(store_items(m->s[0], &q, &items, &m->err[0]), &m->err[0]);
        for (guint i = 0; i < items->len; i++)
            g_array_append_val(m->items,
                               ((struct store_item *)items->pdata[i])->id);
        CHECK_OK(store_folders(m->s[0], id, &folders, &m->err[0]), &m->err[0]);
        for (guint i = 0; i < folders->len; i++)
            g_array_append_val(m->folders,
                               ((struct store_folder *)folders->pdata[i])->id);
    }
}

static void begin(struct model *m)
{
    *m = (struct model){ .tmp = store_tmp_server() != NULL
                                    ? store_tmp_new_postgres()
                                    : store_tmp_new() };
    m->s[0] = store_open_mem();
    m->s[1] = store_tmp_open(m->tmp, STORE_WRITE);
    m->leases = g_array_new(FALSE, FALSE, sizeof(struct store_lease));
    m->items = g_array_new(FALSE, FALSE, sizeof(int64_t));
    m->folders = g_array_new(FALSE, FALSE, sizeof(int64_t));
    m->log = g_ptr_array_new();
    for (int64_t i = 1; i <= N_MAILBOXES; i++) {
        int64_t id[2] = { 0, 0 };
        struct store_lease lease;

        BOTH(store_mailbox_add(s, i == 1 ? "a@x" : "b@x", "to@y", 1, &id[which],
                               err));
        BOTH(store_mailbox_lease(s, id[which], &lease, err));
        g_array_append_val(m->leases, lease);
    }
}

static void end(struct model *m)
{
    store_free(m->s[0]);
    store_free(m->s[1]);
    store_tmp_free(m->tmp);
    g_array_unref(m->leases);
    g_array_unref(m->items);
    g_array_unref(m->folders);
    g_ptr_array_unref(m->log);
}

static void test_random(void)
{
    int runs = store_tmp_server() != NULL ? RUNS_POSTGRES : RUNS;

    make_long_ids();
    for (int run = 0; run < runs; run++) {
        struct model m;

        begin(&m);
        for (int i = 0; i < LENGTH; i++) {
            size_t op = draw_operation();

            g_ptr_array_add(m.log, (void *)(uintptr_t)operations[op].name);
            operations[op].fn(&m);
            same_state(&m);
            look_around(&m);
        }
        end(&m);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/model/random", test_random);
    return g_test_run();
}
