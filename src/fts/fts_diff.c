#include "fts/fts_collect.h"

/* More lines than that help nobody. */
#define LINES_MAX 200

/* Above this many pairs to try, children are not matched by likeness. */
#define PAIRS_MAX 4096

static const char *const child_names[FTS_N_CHILDREN] = {
    [FTS_CHILD_RECIPIENT] = "recipient",
    [FTS_CHILD_ATTACHMENT] = "attachment",
};

static void add_line(GPtrArray *lines, const char *prefix, const char *what,
                     const char *how)
{
    if (lines->len < LINES_MAX)
        g_ptr_array_add(lines, g_strdup_printf("%s%s: %s", prefix, what, how));
    else if (lines->len == LINES_MAX)
        g_ptr_array_add(lines, g_strdup("and more"));
}

bool fts_diff_adds(const GPtrArray *lines)
{
    for (guint i = 0; i < lines->len; i++)
        if (g_str_has_suffix(lines->pdata[i], ": added"))
            return true;
    return false;
}

/* ---- properties ------------------------------------------------------ */

static const struct fts_entry *entry_at(const struct fts_node *node, guint i)
{
    return i < node->entries->len
               ? &g_array_index(node->entries, struct fts_entry, i)
               : NULL;
}

static bool same_value(const struct fts_node *a, const struct fts_entry *x,
                       const struct fts_node *b, const struct fts_entry *y)
{
    return x->len == y->len &&
           memcmp(a->bytes->data + x->at, b->bytes->data + y->at, x->len) == 0;
}

static void add_property(GPtrArray *lines, const char *prefix,
                         const struct fts_node *node, const struct fts_entry *e,
                         const char *how)
{
    g_autofree char *what = fts_rule_describe(&e->key, node->place);

    add_line(lines, prefix, what, how);
}

/* Both sides are in the canonical order: one walk over the two. */
static void diff_entries(GPtrArray *lines, const char *prefix,
                         const struct fts_node *a, const struct fts_node *b)
{
    guint i = 0, k = 0;

    for (;;) {
        const struct fts_entry *x = entry_at(a, i), *y = entry_at(b, k);
        int c;

        if (x == NULL && y == NULL)
            return;
        c = x == NULL ? 1 : y == NULL ? -1 : fts_key_compare(&x->key, &y->key);
        if (c < 0)
            add_property(lines, prefix, a, x, "missing");
        else if (c > 0)
            add_property(lines, prefix, b, y, "added");
        else if (!same_value(a, x, b, y))
            add_property(lines, prefix, a, x, "changed");
        i += c <= 0 ? 1 : 0;
        k += c >= 0 ? 1 : 0;
    }
}

/* ---- recipients and attachments -------------------------------------- */

/* A child of one side, and where it stands there. */
struct child {
    const struct fts_node *node;
    guint number; /* from 1 */
    bool matched;
};

static GArray *children_of(const struct fts_node *node, int which)
{
    const GPtrArray *kept = node->kept[which];
    GArray *children = g_array_new(FALSE, FALSE, sizeof(struct child));

    for (guint i = 0; i < kept->len; i++) {
        struct child c = { g_ptr_array_index(kept, i), i + 1, false };

        g_array_append_val(children, c);
    }
    return children;
}

static struct child *child_at(GArray *children, guint i)
{
    return &g_array_index(children, struct child, i);
}

static int by_digest(const void *pa, const void *pb)
{
    const struct child *a = pa, *b = pb;
    int c = memcmp(a->node->digest, b->node->digest, FTS_PART_BYTES);

    return c != 0 ? c : (a->number > b->number) - (a->number < b->number);
}

static int by_number(const void *pa, const void *pb)
{
    const struct child *a = pa, *b = pb;

    return (a->number > b->number) - (a->number < b->number);
}

/* Take off what is equal on both sides, as multisets. */
static void match_equal(GArray *a, GArray *b)
{
    guint i = 0, k = 0;

    g_array_sort(a, by_digest);
    g_array_sort(b, by_digest);
    while (i < a->len && k < b->len) {
        struct child *x = child_at(a, i), *y = child_at(b, k);
        int c = memcmp(x->node->digest, y->node->digest, FTS_PART_BYTES);

        x->matched = x->matched || c == 0;
        y->matched = y->matched || c == 0;
        i += c <= 0 ? 1 : 0;
        k += c >= 0 ? 1 : 0;
    }
    g_array_sort(a, by_number);
    g_array_sort(b, by_number);
}

static void drop_matched(GArray *children)
{
    for (guint i = children->len; i-- > 0;)
        if (child_at(children, i)->matched)
            g_array_remove_index(children, i);
}

static guint likeness(const struct fts_node *a, const struct fts_node *b)
{
    guint i = 0, k = 0, same = 0;
    const struct fts_entry *x, *y;

    while ((x = entry_at(a, i)) != NULL && (y = entry_at(b, k)) != NULL) {
        int c = fts_key_compare(&x->key, &y->key);

        same += c == 0 && same_value(a, x, b, y) ? 1 : 0;
        i += c <= 0 ? 1 : 0;
        k += c >= 0 ? 1 : 0;
    }
    return same;
}

/* The unmatched child of b that has most in common with node; or NULL. */
static struct child *most_alike(const struct fts_node *node, GArray *b)
{
    struct child *best = NULL;
    guint most = 0;

    for (guint k = 0; k < b->len; k++) {
        struct child *y = child_at(b, k);
        guint same = y->matched ? 0 : likeness(node, y->node);

        if (same > most) {
            most = same;
            best = y;
        }
    }
    return best;
}

static void diff_nodes(GPtrArray *lines, const char *prefix,
                       const struct fts_node *a, const struct fts_node *b);

static void diff_child(GPtrArray *lines, const char *prefix, const char *name,
                       const struct child *x, const struct child *y)
{
    g_autofree char *what = g_strdup_printf("%s %u", name, x->number);
    g_autofree char *inner = g_strdup_printf("%s%s: ", prefix, what);

    if (y == NULL)
        add_line(lines, prefix, what, "missing");
    else
        diff_nodes(lines, inner, x->node, y->node);
}

static void diff_children(GPtrArray *lines, const char *prefix, int which,
                          const struct fts_node *a, const struct fts_node *b)
{
    g_autoptr(GArray) left = children_of(a, which);
    g_autoptr(GArray) right = children_of(b, which);
    const char *name = child_names[which];
    bool pair;

    match_equal(left, right);
    drop_matched(left);
    drop_matched(right);
    pair = (uint64_t)left->len * right->len <= PAIRS_MAX;
    for (guint i = 0; i < left->len; i++) {
        const struct child *x = child_at(left, i);
        struct child *y = pair ? most_alike(x->node, right) : NULL;

        diff_child(lines, prefix, name, x, y);
        if (y != NULL)
            y->matched = true;
    }
    for (guint k = 0; k < right->len; k++) {
        const struct child *y = child_at(right, k);
        g_autofree char *what = g_strdup_printf("%s %u", name, y->number);

        if (!y->matched)
            add_line(lines, prefix, what, "added");
    }
}

/* ---- objects --------------------------------------------------------- */

static void diff_embedded(GPtrArray *lines, const char *prefix,
                          const struct fts_node *a, const struct fts_node *b)
{
    g_autofree char *inner = g_strdup_printf("%sembedded message: ", prefix);

    if (a->embedded != NULL && b->embedded != NULL)
        diff_nodes(lines, inner, a->embedded, b->embedded);
    else if (a->embedded != NULL)
        add_line(lines, prefix, "embedded message", "missing");
    else if (b->embedded != NULL)
        add_line(lines, prefix, "embedded message", "added");
}

/* As deep as FTS_DEPTH_MAX lets a stream be. */
static void diff_nodes(GPtrArray *lines, const char *prefix,
                       const struct fts_node *a, const struct fts_node *b)
{
    diff_entries(lines, prefix, a, b);
    for (int which = 0; a->place == FTS_IN_MESSAGE && which < FTS_N_CHILDREN;
         which++)
        diff_children(lines, prefix, which, a, b);
    diff_embedded(lines, prefix, a, b);
}

static void add_unknown(GPtrArray *lines, const struct fts_digest *a,
                        const struct fts_digest *b)
{
    for (unsigned int part = 0; part < FTS_N_PARTS; part++)
        if ((a->available & b->available & 1u << part) == 0)
            add_line(lines, "", fts_part_name(part),
                     "of a shape that is not known");
}

int fts_diff(const struct blob *a, const struct blob *b, GPtrArray **ret,
             struct err *err)
{
    g_auto(fts_collected) x = { 0 }, y = { 0 };
    GPtrArray *lines;

    if (fts_collect(a, true, &x, err) < 0)
        return err_in(err, "first payload");
    if (fts_collect(b, true, &y, err) < 0)
        return err_in(err, "second payload");
    lines = g_ptr_array_new_with_free_func(g_free);
    diff_nodes(lines, "", x.tree, y.tree);
    add_unknown(lines, &x.digest, &y.digest);
    *ret = lines;
    return 0;
}
