#include "lab/restriction.h"

#include <string.h>

struct reading {
    const struct restriction_paths *paths;
    struct problem *p;
    unsigned int nodes;
};

static void path_clear(struct restriction_path *path, void (*release)(void *))
{
    if (path->data != NULL && release != NULL)
        release(path->data);
    path->data = NULL;
}

void restriction_free(struct restriction *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n_children; i++)
        restriction_free(r->children[i]);
    g_free(r->children);
    path_clear(&r->path, r->release);
    path_clear(&r->other, r->release);
    value_clear(&r->constant);
    g_free(r);
}

struct restriction *restriction_new(enum restriction_op op)
{
    struct restriction *r = g_new0(struct restriction, 1);

    r->op = op;
    return r;
}

void restriction_add(struct restriction *r, struct restriction *child)
{
    r->children = g_renew(struct restriction *, r->children, r->n_children + 1);
    r->children[r->n_children++] = child;
}

/* ---- reading --------------------------------------------------------- */

static const struct {
    const char *element;
    enum restriction_op op;
} ops[] = {
    { "And", RESTRICT_AND },
    { "Or", RESTRICT_OR },
    { "Not", RESTRICT_NOT },
    { "Exists", RESTRICT_EXISTS },
    { "IsEqualTo", RESTRICT_EQUAL },
    { "IsNotEqualTo", RESTRICT_NOT_EQUAL },
    { "IsGreaterThan", RESTRICT_GREATER },
    { "IsGreaterThanOrEqualTo", RESTRICT_GREATER_EQUAL },
    { "IsLessThan", RESTRICT_LESS },
    { "IsLessThanOrEqualTo", RESTRICT_LESS_EQUAL },
    { "Contains", RESTRICT_CONTAINS },
    { "Excludes", RESTRICT_EXCLUDES },
};

/* An attribute's place in a list of names; -1: none of them. */
static int attr_index(const xmlNode *node, const char *attr,
                      const char *const *names, int fallback)
{
    g_autofree char *text = soap_attr_dup(node, attr);

    if (text == NULL)
        return fallback;
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

static int read_containment(struct reading *in, const xmlNode *node,
                            struct restriction *r)
{
    static const char *const modes[] = {
        "FullString",    "Prefixed",    "Substring",
        "PrefixOnWords", "ExactPhrase", NULL,
    };
    static const char *const comparisons[] = {
        "Exact",
        "IgnoreCase",
        "IgnoreNonSpacingCharacters",
        "IgnoreCaseAndNonSpacingCharacters",
        "Loose",
        "LooseAndIgnoreCase",
        "LooseAndIgnoreNonSpace",
        "LooseAndIgnoreCaseAndIgnoreNonSpace",
        NULL,
    };
    int mode = attr_index(node, "ContainmentMode", modes, 0);
    int comparison = attr_index(node, "ContainmentComparison", comparisons, 0);

    if (mode < 0 || comparison < 0)
        return soap_violation(in->p, node, "An attribute is invalid.");
    r->mode = (enum match_mode)mode;
    /* the first four are the two bits; loose ones ignore both */
    r->ignore = comparison < 4 ? (unsigned int)comparison
                               : MATCH_IGNORE_CASE | MATCH_IGNORE_MARKS;
    return 0;
}

/* Enumerations are written by name and kept as numbers. */
static int enumerated(const struct restriction_path *path, const char *text,
                      struct value *ret)
{
    for (int i = 0; path->values[i] != NULL; i++)
        if (strcmp(path->values[i], text) == 0) {
            value_set_number(ret, VALUE_NUMBER, i);
            return 0;
        }
    return -1;
}

static int read_constant(struct reading *in, const xmlNode *node,
                         struct restriction *r)
{
    g_autofree char *text = soap_attr_dup(node, "Value");
    int status;

    if (text == NULL)
        return soap_violation(in->p, node, "The 'Value' attribute is missing.");
    if (r->path.values != NULL)
        status = enumerated(&r->path, text, &r->constant);
    else
        status = value_parse(r->op == RESTRICT_CONTAINS &&
                                     r->path.kind != VALUE_BYTES
                                 ? VALUE_TEXT
                                 : r->path.kind,
                             text, &r->constant);
    return status == 0 ? 0
                       : problem_fault(in->p, "ErrorInvalidValueForProperty");
}

/* <t:FieldURIOrConstant>: one of both. */
static int read_operand(struct reading *in, const xmlNode *node,
                        struct restriction *r)
{
    const xmlNode *operand = soap_first(node);

    if (operand == NULL)
        return soap_violation(in->p, node, "Something is missing in it.");
    if (soap_is(operand, NS_TYPES, "Constant"))
        return read_constant(in, operand, r);
    r->has_other = true;
    return in->paths->read(in->paths->context, operand, &r->other, in->p);
}

/* "0x10" or "16" */
static int read_mask(struct reading *in, const xmlNode *node,
                     struct restriction *r)
{
    g_autofree char *text = soap_attr_dup(node, "Value");
    bool hex = text != NULL && g_ascii_strncasecmp(text, "0x", 2) == 0;
    gint64 mask = 0;

    if (text == NULL ||
        !g_ascii_string_to_signed(hex ? text + 2 : text, hex ? 16 : 10, 0,
                                  UINT32_MAX, &mask, NULL))
        return problem_fault(in->p, "ErrorInvalidExcludesRestriction");
    r->mask = mask;
    return 0;
}

static int read_leaf(struct reading *in, const xmlNode *node,
                     struct restriction *r)
{
    const xmlNode *path = soap_first(node);
    const xmlNode *operand = soap_next(path);

    if (path == NULL)
        return soap_violation(in->p, node, "The path is missing.");
    if (in->paths->read(in->paths->context, path, &r->path, in->p) < 0)
        return -1;
    if (r->op == RESTRICT_EXISTS)
        return r->path.flag
                   ? problem_fault(in->p, "ErrorInvalidPropertyForExists")
                   : 0;
    if (operand == NULL)
        return soap_violation(in->p, node, "The operand is missing.");
    if (r->op == RESTRICT_EXCLUDES)
        return read_mask(in, operand, r);
    if (r->op == RESTRICT_CONTAINS)
        return read_containment(in, node, r) < 0
                   ? -1
                   : read_constant(in, operand, r);
    return read_operand(in, operand, r);
}

static struct restriction *read_node(struct reading *in, const xmlNode *node);

static int read_children(struct reading *in, const xmlNode *node,
                         struct restriction *r)
{
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n)) {
        struct restriction *child = read_node(in, n);

        if (child == NULL)
            return -1;
        restriction_add(r, child);
    }
    if (r->n_children == 0 || (r->op == RESTRICT_NOT && r->n_children != 1))
        return soap_violation(in->p, node, "Its content is incomplete.");
    return 0;
}

static struct restriction *read_node(struct reading *in, const xmlNode *node)
{
    g_autoptr(restriction) r = NULL;
    size_t i = 0;

    if (++in->nodes > RESTRICTION_NODES_MAX) {
        problem_fault(in->p, "ErrorRestrictionTooLong");
        return NULL;
    }
    while (i < G_N_ELEMENTS(ops) && !soap_is(node, NS_TYPES, ops[i].element))
        i++;
    if (i == G_N_ELEMENTS(ops)) {
        soap_violation(in->p, node, "'%s' is no condition.",
                       (const char *)node->name);
        return NULL;
    }
    r = restriction_new(ops[i].op);
    r->release = in->paths->release;
    if ((r->op <= RESTRICT_NOT ? read_children(in, node, r)
                               : read_leaf(in, node, r)) < 0)
        return NULL;
    return g_steal_pointer(&r);
}

struct restriction *restriction_read(const xmlNode *node,
                                     const struct restriction_paths *paths,
                                     struct problem *p)
{
    struct reading in = { .paths = paths, .p = p };
    g_autoptr(restriction) all = restriction_new(RESTRICT_AND);

    if (read_children(&in, node, all) < 0)
        return NULL;
    return g_steal_pointer(&all);
}

/* ---- asking ---------------------------------------------------------- */

/* Of several texts, one that is equal is enough. */
static bool is_equal(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_TEXTS && b->kind == VALUE_TEXT)
        return value_contains(a, b, MATCH_FULL, MATCH_IGNORE_CASE);
    return a->kind != VALUE_NONE && b->kind != VALUE_NONE &&
           value_compare(a, b) == 0;
}

static bool holds(enum restriction_op op, const struct value *a,
                  const struct value *b)
{
    bool there = a->kind != VALUE_NONE && b->kind != VALUE_NONE;

    switch (op) {
    case RESTRICT_EQUAL:
        return is_equal(a, b);
    case RESTRICT_NOT_EQUAL:
        return !is_equal(a, b);
    case RESTRICT_GREATER:
        return there && value_compare(a, b) > 0;
    case RESTRICT_GREATER_EQUAL:
        return there && value_compare(a, b) >= 0;
    case RESTRICT_LESS:
        return there && value_compare(a, b) < 0;
    case RESTRICT_LESS_EQUAL:
        return there && value_compare(a, b) <= 0;
    case RESTRICT_AND:
    case RESTRICT_OR:
    case RESTRICT_NOT:
    case RESTRICT_EXISTS:
    case RESTRICT_CONTAINS:
    case RESTRICT_EXCLUDES:
    default:
        return false;
    }
}

static bool match_leaf(const struct restriction *r, void *object,
                       restriction_value_fn *value_of)
{
    g_auto(value) left = { .kind = VALUE_NONE };
    g_auto(value) right = { .kind = VALUE_NONE };

    value_of(object, &r->path, &left);
    switch (r->op) {
    case RESTRICT_EXISTS:
        return left.kind != VALUE_NONE;
    case RESTRICT_CONTAINS:
        return value_contains(&left, &r->constant, r->mode, r->ignore);
    case RESTRICT_EXCLUDES:
        return (left.number & r->mask) == 0;
    case RESTRICT_AND:
    case RESTRICT_OR:
    case RESTRICT_NOT:
    case RESTRICT_EQUAL:
    case RESTRICT_NOT_EQUAL:
    case RESTRICT_GREATER:
    case RESTRICT_GREATER_EQUAL:
    case RESTRICT_LESS:
    case RESTRICT_LESS_EQUAL:
    default:
        break;
    }
    if (!r->has_other)
        return holds(r->op, &left, &r->constant);
    value_of(object, &r->other, &right);
    return holds(r->op, &left, &right);
}

bool restriction_match(const struct restriction *r, void *object,
                       restriction_value_fn *value_of)
{
    /* AND ends at the first that fails, OR at the first that does not. */
    bool until = r->op == RESTRICT_OR;

    if (r->op > RESTRICT_NOT)
        return match_leaf(r, object, value_of);
    if (r->op == RESTRICT_NOT)
        return !restriction_match(r->children[0], object, value_of);
    for (size_t i = 0; i < r->n_children; i++)
        if (restriction_match(r->children[i], object, value_of) == until)
            return until;
    return !until;
}
