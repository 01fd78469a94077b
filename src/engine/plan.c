#include "engine/plan.h"

#include <string.h>

#include "engine/names.h"
#include "engine/scratch.h"
#include "engine/trees.h"

/* Enough children to be told apart by one more number in their name. */
#define ATTEMPTS_MAX 32

struct planner {
    const struct plan_side *source, *destination;
    GHashTable *mapped;        /* source id to destination id; or NULL */
    GHashTable *steps;         /* source id to index + 1 */
    GHashTable *by_id;         /* destination id to endpoint_folder */
    GHashTable *by_well_known; /* distinguished id to endpoint_folder */
    GHashTable *children;      /* destination id to GPtrArray of folders */
    GHashTable *claimed;       /* destination ids that are taken */
    GHashTable *made;          /* "parent step/folded name" of new folders */
    GHashTable *source_names;  /* distinguished ids that the source has */
    struct plan *plan;
    size_t *depth; /* of each step */
};

/*
 * Distinguished ids of folders that hold nothing of the user's: links, what
 * is on its way out, and a client's log of its own troubles.
 */
static const char *const skipped_ids[] = {
    "outbox",        "searchfolders", "syncissues",
    "localfailures", "conflicts",     "serverfailures",
};

static bool is_skipped_id(const char *well_known)
{
    for (size_t i = 0; well_known != NULL && i < G_N_ELEMENTS(skipped_ids); i++)
        if (strcmp(well_known, skipped_ids[i]) == 0)
            return true;
    return false;
}

/* No pass copies it: a search folder, the outbox, sync issues. */
static bool is_skipped(const struct endpoint_folder *folder)
{
    return folder->search || is_skipped_id(folder->well_known) ||
           scratch_is(folder);
}

void plan_clear(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        g_free(p->steps[i].destination_id);
        g_free(p->steps[i].name);
        g_free(p->steps[i].path);
        g_free(p->steps[i].note);
    }
    g_free(p->steps);
    *p = (struct plan){ 0 };
}

/* ---- what there is ----------------------------------------------- */

static GHashTable *table(GDestroyNotify free_key)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, free_key, NULL);
}

static void planner_release(struct planner *p)
{
    g_hash_table_unref(p->steps);
    g_hash_table_unref(p->by_id);
    g_hash_table_unref(p->by_well_known);
    g_hash_table_unref(p->children);
    g_hash_table_unref(p->claimed);
    g_hash_table_unref(p->made);
    g_hash_table_unref(p->source_names);
    g_free(p->depth);
}
typedef struct planner planner;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(planner, planner_release)

static GPtrArray *children_of(struct planner *p, const char *id)
{
    GPtrArray *list = g_hash_table_lookup(p->children, id);

    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(p->children, (gpointer)(uintptr_t)id, list);
    }
    return list;
}

static void index_destination(struct planner *p)
{
    const GPtrArray *folders;

    if (p->destination->root_id == NULL)
        return;
    folders = p->destination->tree->folders;
    for (guint i = 0; i < folders->len; i++) {
        struct endpoint_folder *f = g_ptr_array_index(folders, i);

        g_hash_table_insert(p->by_id, f->id, f);
        if (f->well_known != NULL)
            g_hash_table_insert(p->by_well_known, f->well_known, f);
        g_ptr_array_add(children_of(p, f->parent_id), f);
    }
}

static void planner_init(struct planner *p)
{
    p->steps = table(NULL);
    p->by_id = table(NULL);
    p->by_well_known = table(NULL);
    p->children = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                        (GDestroyNotify)g_ptr_array_unref);
    p->claimed = table(NULL);
    p->made = table(g_free);
    p->source_names = table(NULL);
    p->depth = g_new0(size_t, p->source->tree->folders->len + 1);
    index_destination(p);
}

/* ---- the source tree, as steps ----------------------------------- */

/*
 * A folder whose parent was not named before it becomes a top folder: so a
 * circle cannot arise, and nothing is lost.
 */
static size_t parent_step(const struct planner *p,
                          const struct endpoint_folder *f)
{
    size_t i =
        f->parent_id == NULL
            ? 0
            : GPOINTER_TO_SIZE(g_hash_table_lookup(p->steps, f->parent_id));

    return i == 0 ? PLAN_ROOT : i - 1;
}

static int refuse_tree(struct err *err, const struct plan_step *step,
                       const char *what)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "source folder \"%.200s\" %s",
            step->source->name, what);
    err->name = "odd-folder-tree";
    return -1;
}

/* Users look at their mailbox first, then at what lies beside it. */
static enum order_rank rank_of(enum endpoint_root root,
                               const struct endpoint_folder *f)
{
    enum order_rank rank = order_rank_of(f->well_known, f->folder_class);

    if (tree_is_recoverable(root))
        return ORDER_LAST;
    return root == ENDPOINT_ROOT_MAIN ? rank : MAX(rank, ORDER_OTHER);
}

static int add_step(struct planner *p, const struct endpoint_folder *f,
                    struct err *err)
{
    size_t i = p->plan->n, parent = parent_step(p, f);
    struct plan_step *step = &p->plan->steps[i];
    const struct plan_step *above =
        parent == PLAN_ROOT ? NULL : &p->plan->steps[parent];

    *step = (struct plan_step){
        .source = f,
        .parent = parent,
        .root = p->source->root,
        .path = name_path(above != NULL ? above->path
                                        : tree_prefix(p->source->root),
                          f->name),
        .rank = rank_of(p->source->root, f),
    };
    p->plan->n++;
    p->depth[i] = above == NULL ? 0 : p->depth[parent] + 1;
    if (p->depth[i] >= PLAN_DEPTH_MAX)
        return refuse_tree(err, step, "is nested too deep");
    if (strlen(step->path) > NAMES_PATH_MAX)
        return refuse_tree(err, step, "has too long a path");
    if (!g_hash_table_insert(p->steps, f->id, GSIZE_TO_POINTER(i + 1)))
        return refuse_tree(err, step, "is named twice by the server");
    if (f->well_known != NULL)
        g_hash_table_add(p->source_names, f->well_known);
    return 0;
}

static int add_steps(struct planner *p, struct err *err)
{
    const GPtrArray *folders = p->source->tree->folders;

    p->plan->steps = g_new0(struct plan_step, folders->len + 1);
    for (guint i = 0; i < folders->len; i++)
        if (add_step(p, g_ptr_array_index(folders, i), err) < 0)
            return -1;
    return 0;
}

static bool is_decided(const struct plan_step *step)
{
    return step->destination_id != NULL || step->name != NULL;
}

/* ---- the rules, in the order in which they claim ----------------- */

/*
 * Below a search folder or the sync issues nothing is the user's.  Below the
 * outbox a user may have made folders: those are copied, it is not.
 */
static bool skips_below(const struct endpoint_folder *f)
{
    return is_skipped(f) && g_strcmp0(f->well_known, "outbox") != 0;
}

/*
 * Of what was deleted, Deletions, Versions and Purges hold the user's items.
 * What else there is (Audits, Calendar Logging, holds) the server writes for
 * itself.
 */
static bool is_servers_own(const struct plan_step *step)
{
    return tree_is_recoverable(step->root) && step->parent == PLAN_ROOT &&
           step->source->well_known == NULL;
}

static void mark_skipped(struct planner *p, bool *below)
{
    for (size_t i = 0; i < p->plan->n; i++) {
        struct plan_step *step = &p->plan->steps[i];
        bool inherited = step->parent != PLAN_ROOT && below[step->parent];

        below[i] =
            inherited || skips_below(step->source) || is_servers_own(step);
        step->action =
            below[i] || is_skipped(step->source) ? PLAN_SKIP : PLAN_MAP;
    }
}

static bool claim(struct planner *p, struct plan_step *step,
                  const struct endpoint_folder *to)
{
    if (to == NULL || g_hash_table_contains(p->claimed, to->id))
        return false;
    g_hash_table_add(p->claimed, to->id);
    step->destination_id = g_strdup(to->id);
    return true;
}

static void claim_remembered(struct planner *p, struct plan_step *step)
{
    const char *id = p->mapped == NULL
                         ? NULL
                         : g_hash_table_lookup(p->mapped, step->source->id);

    if (id != NULL && step->action != PLAN_SKIP)
        claim(p, step, g_hash_table_lookup(p->by_id, id));
}

/* Skipped ones too: what is below the outbox needs to know where it is. */
static void claim_well_known(struct planner *p, struct plan_step *step)
{
    const char *well_known = step->source->well_known;

    if (well_known != NULL && !step->source->search && !is_decided(step))
        claim(p, step, g_hash_table_lookup(p->by_well_known, well_known));
}

static bool same_class(const char *a, const char *b)
{
    size_t n;

    if (a == NULL || b == NULL || *a == '\0' || *b == '\0')
        return true;
    n = MIN(strlen(a), strlen(b));
    return g_ascii_strncasecmp(a, b, n) == 0 && (a[n] == '\0' || a[n] == '.') &&
           (b[n] == '\0' || b[n] == '.');
}

static bool is_free_for(const struct planner *p, const struct plan_step *step,
                        const struct endpoint_folder *to)
{
    return !is_skipped(to) && !g_hash_table_contains(p->claimed, to->id) &&
           (to->well_known == NULL ||
            !g_hash_table_contains(p->source_names, to->well_known)) &&
           same_class(step->source->folder_class, to->folder_class);
}

/* Where its parent is or will be: an id, or NULL for a folder to be made. */
static const char *parent_id(const struct planner *p,
                             const struct plan_step *step)
{
    if (step->parent == PLAN_ROOT)
        return p->destination->root_id;
    return p->plan->steps[step->parent].destination_id;
}

/* A child of that name at the destination: the very name, else without case. */
static const struct endpoint_folder *
child_named(struct planner *p, const struct plan_step *step, const char *name)
{
    const char *parent = parent_id(p, step);
    const struct endpoint_folder *alike = NULL;
    const GPtrArray *list;

    if (parent == NULL)
        return NULL;
    list = children_of(p, parent);
    for (guint i = 0; i < list->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(list, i);

        if (strcmp(f->name, name) == 0)
            return f;
        if (alike == NULL && name_equal(f->name, name))
            alike = f;
    }
    return alike;
}

static void claim_by_path(struct planner *p, struct plan_step *step)
{
    const struct endpoint_folder *to = child_named(p, step, step->source->name);

    if (to != NULL && is_free_for(p, step, to))
        claim(p, step, to);
}

/* ---- what is left over gets a folder of its own ------------------ */

/* Two new folders of one parent must not have one name. */
static bool take_new_name(struct planner *p, const struct plan_step *step,
                          const char *name)
{
    g_autofree char *folded = name_fold(name);
    const char *parent = parent_id(p, step);
    char *key = parent != NULL
                    ? g_strdup_printf("i%s/%s", parent, folded)
                    : g_strdup_printf("s%zu/%s", step->parent, folded);

    return g_hash_table_add(p->made, key);
}

static bool place_as(struct planner *p, struct plan_step *step,
                     const char *name)
{
    const struct endpoint_folder *to = child_named(p, step, name);

    if (to != NULL)
        return is_free_for(p, step, to) && claim(p, step, to);
    if (!take_new_name(p, step, name))
        return false;
    step->action = PLAN_CREATE;
    step->name = g_strdup(name);
    return true;
}

static int place(struct planner *p, struct plan_step *step, struct err *err)
{
    for (unsigned int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        g_autofree char *name = name_candidate(step->source->name, attempt);

        if (name == NULL)
            break;
        if (!place_as(p, step, name))
            continue;
        if (strcmp(name, step->source->name) != 0)
            step->note = g_strdup_printf(
                "folder \"%s\" is called \"%s\" at the destination, where its "
                "own name is taken",
                step->path, name);
        return 0;
    }
    return refuse_tree(err, step, "finds no free name at the destination");
}

/*
 * What is below a skipped folder that has no counterpart goes to the top.
 */
static void lift(const struct planner *p, struct plan_step *step)
{
    while (step->parent != PLAN_ROOT) {
        const struct plan_step *above = &p->plan->steps[step->parent];

        if (above->action != PLAN_SKIP || above->destination_id != NULL)
            return;
        step->parent = above->parent;
    }
}

/*
 * Level by level, since a child needs to know its parent's folder; within a
 * level every folder that has its own name there is served before one that
 * must take another's.
 */
static int plan_level(struct planner *p, size_t depth, struct err *err)
{
    for (int own_name = 1; own_name >= 0; own_name--) {
        for (size_t i = 0; i < p->plan->n; i++) {
            struct plan_step *step = &p->plan->steps[i];

            if (p->depth[i] != depth || step->action == PLAN_SKIP ||
                is_decided(step))
                continue;
            lift(p, step);
            if (own_name)
                claim_by_path(p, step);
            else if (place(p, step, err) < 0)
                return -1;
        }
    }
    return 0;
}

static void mark_absent(struct planner *p)
{
    for (size_t i = 0; i < p->plan->n; i++)
        if (p->plan->steps[i].action != PLAN_SKIP)
            p->plan->steps[i].action = PLAN_ABSENT;
}

static int decide(struct planner *p, struct err *err)
{
    g_autofree bool *below = g_new0(bool, p->plan->n + 1);
    size_t deepest = 0;

    mark_skipped(p, below);
    if (p->destination->root_id == NULL) {
        mark_absent(p);
        return 0;
    }
    for (size_t i = 0; i < p->plan->n; i++)
        claim_remembered(p, &p->plan->steps[i]);
    for (size_t i = 0; i < p->plan->n; i++) {
        if (!below[i])
            claim_well_known(p, &p->plan->steps[i]);
        deepest = MAX(deepest, p->depth[i]);
    }
    for (size_t depth = 0; depth <= deepest; depth++)
        if (plan_level(p, depth, err) < 0)
            return -1;
    return 0;
}

int plan_folders(const struct plan_side *source,
                 const struct plan_side *destination, GHashTable *mapped,
                 struct plan *ret, struct err *err)
{
    g_auto(plan) made = { 0 };
    g_auto(planner) p = {
        .source = source,
        .destination = destination,
        .mapped = mapped,
        .plan = &made,
    };

    planner_init(&p);
    if (add_steps(&p, err) < 0 || decide(&p, err) < 0)
        return -1;
    *ret = made;
    made = (struct plan){ 0 };
    return 0;
}

void plan_add(struct plan *to, struct plan *more)
{
    to->steps = g_renew(struct plan_step, to->steps, to->n + more->n + 1);
    for (size_t i = 0; i < more->n; i++) {
        struct plan_step *step = &to->steps[to->n + i];

        *step = more->steps[i];
        if (step->parent != PLAN_ROOT)
            step->parent += to->n;
    }
    to->n += more->n;
    g_free(more->steps);
    *more = (struct plan){ 0 };
}
