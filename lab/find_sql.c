#include "lab/find.h"

static struct lab_condition *column_test(enum lab_test test,
                                         const struct restriction *r)
{
    const struct find_path *path = r->path.data;
    struct lab_condition *c = lab_condition_new(test);

    c->column = (enum lab_column)path->column;
    c->number = r->constant.number;
    c->text = g_strdup(r->constant.text);
    c->mode = r->mode;
    c->ignore = r->ignore;
    return c;
}

static struct lab_condition *pair(enum lab_test test, struct lab_condition *a,
                                  struct lab_condition *b)
{
    struct lab_condition *c = lab_condition_new(test);

    lab_condition_add(c, a);
    if (b != NULL)
        lab_condition_add(c, b);
    return c;
}

/* NULL: not one for the columns. */
static struct lab_condition *leaf(const struct restriction *r)
{
    const struct find_path *path = r->path.data;

    if (path->column < 0 || r->has_other)
        return NULL;
    switch (r->op) {
    case RESTRICT_EXISTS:
        return column_test(LAB_TEST_THERE, r);
    case RESTRICT_EQUAL:
        return column_test(LAB_TEST_EQUAL, r);
    case RESTRICT_NOT_EQUAL:
        return pair(LAB_TEST_NOT, column_test(LAB_TEST_EQUAL, r), NULL);
    case RESTRICT_GREATER:
        return column_test(LAB_TEST_GREATER, r);
    case RESTRICT_GREATER_EQUAL:
        return pair(LAB_TEST_OR, column_test(LAB_TEST_GREATER, r),
                    column_test(LAB_TEST_EQUAL, r));
    case RESTRICT_LESS:
        return column_test(LAB_TEST_LESS, r);
    case RESTRICT_LESS_EQUAL:
        return pair(LAB_TEST_OR, column_test(LAB_TEST_LESS, r),
                    column_test(LAB_TEST_EQUAL, r));
    case RESTRICT_CONTAINS:
        return r->path.kind == VALUE_TEXT ? column_test(LAB_TEST_CONTAINS, r)
                                          : NULL;
    case RESTRICT_AND:
    case RESTRICT_OR:
    case RESTRICT_NOT:
    case RESTRICT_EXCLUDES:
    default:
        return NULL;
    }
}

/* An AND says what its parts can say; an OR only when all can say something. */
static struct lab_condition *several(const struct restriction *r,
                                     bool *ret_exact)
{
    bool any = r->op == RESTRICT_OR;
    g_autoptr(lab_condition) all =
        lab_condition_new(any ? LAB_TEST_OR : LAB_TEST_AND);
    bool exact = true;

    for (size_t i = 0; i < r->n_children; i++) {
        bool child_exact = false;
        struct lab_condition *c = find_condition(r->children[i], &child_exact);

        exact = exact && child_exact;
        if (c != NULL)
            lab_condition_add(all, c);
        else if (any)
            return NULL;
    }
    *ret_exact = exact;
    return g_steal_pointer(&all);
}

struct lab_condition *find_condition(const struct restriction *r,
                                     bool *ret_exact)
{
    struct lab_condition *c;

    *ret_exact = false;
    if (r->op == RESTRICT_AND || r->op == RESTRICT_OR)
        return several(r, ret_exact);
    if (r->op != RESTRICT_NOT) {
        c = leaf(r);
        *ret_exact = c != NULL;
        return c;
    }
    c = find_condition(r->children[0], ret_exact);
    if (c != NULL && *ret_exact)
        return pair(LAB_TEST_NOT, c, NULL);
    /* What holds at least there, turned round, holds at most elsewhere. */
    lab_condition_free(c);
    *ret_exact = false;
    return NULL;
}
