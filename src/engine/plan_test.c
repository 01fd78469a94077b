#include "engine/plan.h"

#include <string.h>

#include "base/check.h"
#include "endpoint/mem.h"
#include "engine/names.h"

/* ---- trees by hand ----------------------------------------------- */

#define FOLDERS_MAX 12

/* id, parent ("" is the root), name, distinguished id, class, search */
struct made {
    const char *id, *parent, *name, *well_known, *folder_class;
    bool search;
};

static void tree_of(const struct made *made, const char *root,
                    struct endpoint_tree *ret)
{
    ret->folders = g_ptr_array_new();
    for (size_t i = 0; i < FOLDERS_MAX && made[i].id != NULL; i++) {
        struct endpoint_folder *f = g_new0(struct endpoint_folder, 1);

        f->id = g_strdup(made[i].id);
        f->parent_id = g_strdup(*made[i].parent ? made[i].parent : root);
        f->name = g_strdup(made[i].name);
        f->well_known = g_strdup(made[i].well_known);
        f->folder_class = g_strdup(made[i].folder_class);
        f->search = made[i].search;
        g_ptr_array_add(ret->folders, f);
    }
}

/*
 * "a>x" mapped, "a+Name" made under its parent, "a-" skipped, "a?"
 * has no tree there; "!" noted.
 */
static char *plan_text(const struct plan *p)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < p->n; i++) {
        const struct plan_step *s = &p->steps[i];

        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", s->source->id);
        if (s->action == PLAN_SKIP)
            g_string_append_c(text, '-');
        else if (s->action == PLAN_ABSENT)
            g_string_append_c(text, '?');
        else if (s->action == PLAN_MAP)
            g_string_append_printf(text, ">%s", s->destination_id);
        else
            g_string_append_printf(text, "+%s", s->name);
        if (s->note != NULL)
            g_string_append_c(text, '!');
    }
    return g_string_free(text, FALSE);
}

static char *plan_of(const struct made *source, const struct made *destination,
                     GHashTable *mapped)
{
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    g_auto(plan) p = { 0 };
    struct plan_side sides[] = { { &from, "SR" }, { &to, "DR" } };
    struct err err;

    tree_of(source, "SR", &from);
    tree_of(destination, "DR", &to);
    CHECK_OK(plan_folders(&sides[0], &sides[1], mapped, &p, &err), &err);
    return plan_text(&p);
}

/* A tree beside the mailbox; destination NULL: it has none. */
static void test_other_trees(void)
{
    static const struct made deleted[FOLDERS_MAX] = {
        { "a", "", "Deletions", "recoverableitemsdeletions" },
        { "b", "a", "a folder" },
        { "c", "", "Audits" },
        { "d", "c", "below" },
    };
    static const struct made empty[FOLDERS_MAX] = {
        { "x", "", "Gelöscht", "recoverableitemsdeletions" },
        { "y", "", "Audits" },
    };
    static const struct made archive[FOLDERS_MAX] = {
        { "e", "", "Calendar", NULL, "IPF.Appointment" }
    };
    struct endpoint_tree trees[3] = { 0 };
    struct plan_side from = { &trees[0], "SR", ENDPOINT_ROOT_RECOVERABLE };
    struct plan_side to = { &trees[1], "DR", ENDPOINT_ROOT_RECOVERABLE };
    struct plan_side more = { &trees[2], "AR", ENDPOINT_ROOT_ARCHIVE };
    struct plan_side none = { NULL, NULL, ENDPOINT_ROOT_ARCHIVE };
    g_auto(plan) p = { 0 }, q = { 0 };
    g_autofree char *text = NULL;
    struct err err;

    tree_of(deleted, "SR", &trees[0]);
    tree_of(empty, "DR", &trees[1]);
    tree_of(archive, "AR", &trees[2]);
    CHECK_OK(plan_folders(&more, &none, NULL, &p, &err), &err);
    CHECK_OK(plan_folders(&from, &to, NULL, &q, &err), &err);
    plan_add(&p, &q);
    g_assert_cmpuint(q.n, ==, 0);
    text = plan_text(&p);
    g_assert_cmpstr(text, ==, "e? a>x b+a folder c- d-");
    g_assert_cmpstr(p.steps[0].path, ==, "%archive/Calendar");
    g_assert_cmpstr(p.steps[2].path, ==, "%recoverable/Deletions/a folder");
    g_assert_cmpuint(p.steps[2].parent, ==, 1);
    /* Not before the mailbox's own, whatever it is. */
    g_assert_cmpint(p.steps[0].rank, ==, ORDER_OTHER);
    g_assert_cmpint(p.steps[1].rank, ==, ORDER_LAST);
    for (int i = 0; i < 3; i++)
        endpoint_tree_clear(&trees[i]);
}

static void test_rules(void)
{
    static const struct {
        const char *name;
        struct made source[FOLDERS_MAX], destination[FOLDERS_MAX];
        const char *want;
    } rows[] = {
        /* clang-format off */
        { "well-known by id, not by name",
          { { "a", "", "Posteingang", "inbox" }, { "b", "", "Inbox" } },
          { { "x", "", "Inbox", "inbox" } },
          "a>x b+Inbox (2)!" },
        { "names crosswise",
          { { "a", "", "Sent", "inbox" }, { "b", "", "Inbox", "sentitems" } },
          { { "x", "", "Inbox", "inbox" }, { "y", "", "Sent", "sentitems" } },
          "a>x b>y" },
        { "others by path",
          { { "a", "", "One" }, { "b", "a", "Two" }, { "c", "", "Two" } },
          { { "x", "", "Two" }, { "y", "", "One" }, { "z", "y", "Two" } },
          "a>y b>z c>x" },
        { "what is missing is made, and below it too",
          { { "a", "", "One" }, { "b", "a", "Two" }, { "c", "b", "Three" } },
          { { NULL } },
          "a+One b+Two c+Three" },
        { "a name in other case is the same name",
          { { "a", "", "ONE" } }, { { "x", "", "One" } }, "a>x" },
        { "the very name before one in other case",
          { { "a", "", "ONE" } }, { { "x", "", "One" }, { "y", "", "ONE" } },
          "a>y" },
        { "two that differ in case only",
          { { "a", "", "one" }, { "b", "", "One" } }, { { NULL } },
          "a+one b+One (2)!" },
        { "skipped: search folder, outbox, sync issues and below",
          { { "a", "", "Find", NULL, NULL, true }, { "b", "", "Out", "outbox" },
            { "c", "", "Sync", "syncissues" }, { "d", "c", "Con", "conflicts" },
            { "e", "c", "mine" } },
          { { "x", "", "Outbox", "outbox" } },
          "a- b- c- d- e-" },
        { "a folder in the outbox stays in the outbox",
          { { "a", "", "Out", "outbox" }, { "b", "a", "mine" } },
          { { "x", "", "Outbox", "outbox" }, { "y", "x", "mine" } },
          "a- b>y" },
        { "or goes to the top where there is none",
          { { "a", "", "Out", "outbox" }, { "b", "a", "mine" } },
          { { "y", "", "mine" } },
          "a- b>y" },
        { "not into a search folder of that name",
          { { "a", "", "Big mail" } },
          { { "x", "", "Big mail", NULL, NULL, true } },
          "a+Big mail (2)!" },
        { "not into the outbox",
          { { "a", "", "Outbox" } }, { { "x", "", "Outbox", "outbox" } },
          "a+Outbox (2)!" },
        { "not into another class",
          { { "a", "", "People", NULL, "IPF.Contact" } },
          { { "x", "", "People", NULL, "IPF.Note" } },
          "a+People (2)!" },
        { "into a class of the same kind",
          { { "a", "", "Mail", NULL, "IPF.Note" } },
          { { "x", "", "Mail", NULL, "IPF.Note.OutlookHomepage" } },
          "a>x" },
        { "an unknown distinguished id goes by path",
          { { "a", "", "Clutter", "clutter" } }, { { "x", "", "Clutter" } },
          "a>x" },
        { "and so does one that only the destination has",
          { { "a", "", "Chats" } }, { { "x", "", "Chats", "conversationhistory" } },
          "a>x" },
        { "not into what the source has elsewhere",
          { { "a", "", "Sent" }, { "b", "a", "deep", "sentitems" } },
          { { "x", "", "Sent", "sentitems" } },
          "a+Sent (2)! b>x" },
        { "who has his own name there is served first",
          { { "a", "", "X", NULL, "IPF.Contact" },
            { "b", "", "X (2)", NULL, "IPF.Contact" } },
          { { "x", "", "X", NULL, "IPF.Note" },
            { "y", "", "X (2)", NULL, "IPF.Contact" } },
          "a+X (3)! b>y" },
        { "two that claim to be the inbox",
          { { "a", "", "Inbox", "inbox" }, { "b", "", "Mail", "inbox" } },
          { { "x", "", "Inbox", "inbox" } },
          "a>x b+Mail" },
        { "a parent that was never named: to the top",
          { { "a", "nowhere", "lost" }, { "b", "b", "own parent" } },
          { { NULL } },
          "a+lost b+own parent" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got =
            plan_of(rows[i].source, rows[i].destination, NULL);

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": %s, not %s", rows[i].name, got, rows[i].want);
    }
}

static void test_remembers(void)
{
    static const struct made source[FOLDERS_MAX] = { { "a", "", "One" },
                                                     { "b", "", "Two" },
                                                     { "c", "", "Three" } };
    static const struct made destination[FOLDERS_MAX] = {
        { "x", "", "renamed by its user" }, { "y", "", "One" }
    };
    g_autoptr(GHashTable) mapped = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *got = NULL;

    g_hash_table_insert(mapped, (gpointer)(uintptr_t) "a",
                        (gpointer)(uintptr_t) "x");
    g_hash_table_insert(mapped, (gpointer)(uintptr_t) "b",
                        (gpointer)(uintptr_t) "deleted since");
    got = plan_of(source, destination, mapped);
    g_assert_cmpstr(got, ==, "a>x b+Two c+Three");
}

static void test_order_of_processing(void)
{
    static const struct made source[FOLDERS_MAX] = {
        { "a", "", "Inbox", "inbox" },
        { "b", "", "Old" },
        { "c", "", "Calendar", "calendar" },
    };
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    g_auto(plan) p = { 0 };
    struct plan_side sides[] = { { &from, "SR" }, { &to, "DR" } };
    struct err err;

    tree_of(source, "SR", &from);
    to.folders = g_ptr_array_new();
    CHECK_OK(plan_folders(&sides[0], &sides[1], NULL, &p, &err), &err);
    g_assert_cmpint(p.steps[2].rank, <, p.steps[0].rank);
    g_assert_cmpint(p.steps[0].rank, <, p.steps[1].rank);
    g_assert_cmpstr(p.steps[1].path, ==, "Old");
}

static void test_refuses(void)
{
    struct plan_side sides[2];
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    struct plan p = { 0 };
    struct err err;

    from.folders = g_ptr_array_new();
    to.folders = g_ptr_array_new();
    for (int i = 0; i <= PLAN_DEPTH_MAX; i++) {
        struct endpoint_folder *f = g_new0(struct endpoint_folder, 1);

        f->id = g_strdup_printf("%d", i);
        f->parent_id = g_strdup_printf("%d", i - 1);
        f->name = g_strdup("x");
        g_ptr_array_add(from.folders, f);
    }
    sides[0] = (struct plan_side){ &from, "SR" };
    sides[1] = (struct plan_side){ &to, "DR" };
    g_assert_cmpint(plan_folders(&sides[0], &sides[1], NULL, &p, &err), ==, -1);
    g_assert_cmpint(err.scope, ==, ERR_MAILBOX);
    g_assert_nonnull(strstr(err.msg, "nested too deep"));
    /* twice the same id */
    g_ptr_array_set_free_func(from.folders,
                              (GDestroyNotify)endpoint_folder_free);
    g_ptr_array_set_size(from.folders, 1);
    {
        struct endpoint_folder *f = g_new0(struct endpoint_folder, 1);

        f->id = g_strdup("0");
        f->name = g_strdup("y");
        g_ptr_array_add(from.folders, f);
    }
    g_assert_cmpint(plan_folders(&sides[0], &sides[1], NULL, &p, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "twice"));
}

/* ---- random trees: plan, carry out, compare ---------------------- */

struct world {
    struct mem *source, *destination;
    struct endpoint *at[2]; /* opened */
    GHashTable *mapped;
};

static struct endpoint *opened(struct mem *m)
{
    struct endpoint *ep = mem_endpoint(m);
    g_auto(endpoint_facts) facts = { 0 };
    struct err err;

    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
    return ep;
}

static void grow(struct mem *m, GRand *dice, int n)
{
    static const char *const names[] = {
        "Alpha", "alpha", "Inbox",    "Sent",   "a/b", "100%",
        "Über",  "über",  "Kontakte", "Kunden", " x ", "2020"
    };
    static const char *const classes[] = { NULL, "IPF.Note", "IPF.Contact",
                                           "IPF.Appointment" };
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (int i = 0; i < n; i++) {
        guint parent = (guint)g_rand_int_range(dice, -1, (gint32)ids->len);
        struct mem_folder_init init = {
            .parent_id = parent >= ids->len ? NULL : ids->pdata[parent],
            .name = names[g_rand_int_range(dice, 0, G_N_ELEMENTS(names))],
            .folder_class =
                classes[g_rand_int_range(dice, 0, G_N_ELEMENTS(classes))],
            .search = g_rand_int_range(dice, 0, 12) == 0,
        };

        g_ptr_array_add(ids, (gpointer)(uintptr_t)mem_add_folder(m, &init));
    }
}

static void world_init(struct world *w, GRand *dice)
{
    w->source = mem_new(NULL);
    w->destination = mem_new(NULL);
    mem_add_usual_folders(w->source, g_rand_boolean(dice));
    mem_add_usual_folders(w->destination, g_rand_boolean(dice));
    grow(w->source, dice, g_rand_int_range(dice, 0, 30));
    grow(w->destination, dice, g_rand_int_range(dice, 0, 10));
    w->at[0] = opened(w->source);
    w->at[1] = opened(w->destination);
    w->mapped = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void world_release(struct world *w)
{
    endpoint_free(w->at[0]);
    endpoint_free(w->at[1]);
    mem_free(w->source);
    mem_free(w->destination);
    g_hash_table_unref(w->mapped);
}

/* Carry a fresh plan out; returns how many folders it made. */
static size_t plan_and_apply(struct world *w, GHashTable *mapped)
{
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    g_auto(plan) p = { 0 };
    struct plan_side sides[] = { { &from, mem_root(w->source) },
                                 { &to, mem_root(w->destination) } };
    g_autofree const char **ids = NULL;
    size_t n_made = 0;
    struct err err;

    CHECK_OK(endpoint_folders(w->at[0], &from, &err), &err);
    CHECK_OK(endpoint_folders(w->at[1], &to, &err), &err);
    CHECK_OK(plan_folders(&sides[0], &sides[1], mapped, &p, &err), &err);
    ids = g_new0(const char *, p.n + 1);
    g_hash_table_remove_all(w->mapped);
    for (size_t i = 0; i < p.n; i++) {
        const struct plan_step *s = &p.steps[i];
        char *id = g_strdup(s->destination_id);

        if (s->action == PLAN_CREATE) {
            const char *parent =
                s->parent == PLAN_ROOT ? sides[1].root_id : ids[s->parent];

            n_made++;
            CHECK_OK(endpoint_make_folder(w->at[1], parent, s->name,
                                          s->source->folder_class, &id, &err),
                     &err);
        }
        ids[i] = id;
        if (s->action == PLAN_SKIP)
            g_hash_table_insert(w->mapped, g_strdup_printf("-%zu", i), id);
        else
            g_hash_table_insert(w->mapped, g_strdup(s->source->id), id);
    }
    return n_made;
}

static const struct endpoint_folder *find(const struct endpoint_tree *tree,
                                          const char *id)
{
    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = tree->folders->pdata[i];

        if (g_strcmp0(f->id, id) == 0)
            return f;
    }
    return NULL;
}

/* A name of its own or the same with a number. */
static bool is_called_after(const char *name, const char *source_name)
{
    for (unsigned int i = 0; i < 32; i++) {
        g_autofree char *candidate = name_candidate(source_name, i);

        if (candidate != NULL && name_equal(candidate, name))
            return true;
    }
    return false;
}

static void check_folder(const struct world *w, const struct endpoint_folder *f,
                         const struct endpoint_folder *t)
{
    const char *parent = g_hash_table_lookup(w->mapped, f->parent_id);

    if (t == NULL)
        g_error("folder \"%s\" is mapped to nothing", f->name);
    g_assert_false(t->search);
    g_assert_cmpstr(t->well_known, !=, "outbox");
    if (f->well_known != NULL) {
        g_assert_cmpstr(f->well_known, ==, t->well_known);
        return;
    }
    g_assert_null(t->well_known);
    g_assert_true(is_called_after(t->name, f->name));
    if (strcmp(f->parent_id, mem_root(w->source)) == 0)
        g_assert_cmpstr(t->parent_id, ==, mem_root(w->destination));
    else if (parent != NULL)
        g_assert_cmpstr(t->parent_id, ==, parent);
}

/* The oracle: not a line of it is the planner's. */
static void check_world(const struct world *w)
{
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    g_autoptr(GHashTable) below_search =
        g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) used = g_hash_table_new(g_str_hash, g_str_equal);
    struct err err;

    CHECK_OK(endpoint_folders(w->at[0], &from, &err), &err);
    CHECK_OK(endpoint_folders(w->at[1], &to, &err), &err);
    for (guint i = 0; i < from.folders->len; i++) {
        const struct endpoint_folder *f = from.folders->pdata[i];
        const char *id = g_hash_table_lookup(w->mapped, f->id);

        if (f->search || g_hash_table_contains(below_search, f->parent_id)) {
            g_hash_table_add(below_search, f->id);
            g_assert_null(id);
            continue;
        }
        if (g_strcmp0(f->well_known, "outbox") == 0) {
            g_assert_null(id);
            continue;
        }
        check_folder(w, f, find(&to, id));
        if (!g_hash_table_add(used, (gpointer)(uintptr_t)id))
            g_error("two source folders share a destination folder");
    }
}

static void test_random_trees(void)
{
    for (guint32 seed = 1; seed <= 300; seed++) {
        g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
        struct world w;
        size_t n_folders;

        world_init(&w, dice);
        plan_and_apply(&w, NULL);
        check_world(&w);
        n_folders = mem_calls(w.destination, MEM_MAKE_FOLDER);
        /* twice: nothing, neither by memory nor by what is there */
        {
            g_autoptr(GHashTable) mapped = g_steal_pointer(&w.mapped);

            w.mapped =
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
            g_assert_cmpuint(plan_and_apply(&w, mapped), ==, 0);
            check_world(&w);
        }
        g_assert_cmpuint(plan_and_apply(&w, NULL), ==, 0);
        check_world(&w);
        g_assert_cmpuint(mem_calls(w.destination, MEM_MAKE_FOLDER), ==,
                         n_folders);
        /* the source grows: only what is new is made */
        grow(w.source, dice, 3);
        g_assert_cmpuint(plan_and_apply(&w, NULL), <=, 3);
        check_world(&w);
        world_release(&w);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan/rules", test_rules);
    g_test_add_func("/plan/other-trees", test_other_trees);
    g_test_add_func("/plan/remembers", test_remembers);
    g_test_add_func("/plan/order-of-processing", test_order_of_processing);
    g_test_add_func("/plan/refuses", test_refuses);
    g_test_add_func("/plan/random-trees", test_random_trees);
    return g_test_run();
}
