#include <string.h>

#include "lab/find.h"

/* Exchange counts a restricted search four times as dear. */
#define RESTRICTED_SHARE 4

static int read_traversal(struct op_call *call, struct find *f,
                          struct problem *p)
{
    g_autofree char *name =
        soap_attr_dup(call->request->operation, "Traversal");
    bool old = call->lab->version->release == EXCHANGE2007_SP1;

    if (g_strcmp0(name, "Shallow") == 0)
        return 0;
    if (g_strcmp0(name, "Associated") == 0 && call->asked >= EXCHANGE2010) {
        f->scope = LAB_SCOPE_HIDDEN;
        return 0;
    }
    if (g_strcmp0(name, "SoftDeleted") != 0)
        return soap_violation(p, call->request->operation,
                              "The 'Traversal' attribute is invalid.");
    f->scope = LAB_SCOPE_LOST;
    /*
     * Up to 2007 each folder has a dumpster; later the mailbox has one for
     * all, with folders of its own that are listed as such.
     */
    f->nothing = !old;
    return 0;
}

static int read_order(struct find_context *context, const xmlNode *node,
                      struct find_order *ret, struct problem *p)
{
    const struct restriction_paths paths = find_paths(context);
    g_autofree char *way = soap_attr_dup(node, "Order");

    if (g_strcmp0(way, "Ascending") != 0 && g_strcmp0(way, "Descending") != 0)
        return soap_violation(p, node, "The 'Order' attribute is invalid.");
    ret->descending = strcmp(way, "Descending") == 0;
    if (soap_first(node) == NULL)
        return soap_violation(p, node, "The path is missing.");
    return paths.read(paths.context, soap_first(node), &ret->path, p);
}

static int read_orders(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *node = soap_first(op_child(call, "SortOrder"));

    for (; node != NULL; node = soap_next(node)) {
        if (f->n_orders == LAB_ORDERS_MAX)
            return problem_fault(p, "ErrorUnsupportedPathForSortGroup");
        if (read_order(&f->sorting, node, &f->orders[f->n_orders], p) < 0)
            return -1;
        f->n_orders++;
    }
    return 0;
}

static int read_aggregate(struct find *f, const xmlNode *group,
                          struct problem *p)
{
    const struct restriction_paths paths = find_paths(&f->sorting);
    const xmlNode *node = soap_child(group, NS_TYPES, "AggregateOn");
    g_autofree char *which = soap_attr_dup(node, "Aggregate");

    if (soap_first(node) == NULL ||
        (g_strcmp0(which, "Minimum") != 0 && g_strcmp0(which, "Maximum") != 0))
        return soap_violation(p, group, "'AggregateOn' is invalid.");
    f->maximum = strcmp(which, "Maximum") == 0;
    return paths.read(paths.context, soap_first(node), &f->aggregate, p);
}

/* Conversations, each with its newest item. */
static int read_standard_group(struct find *f, const xmlNode *node,
                               struct problem *p)
{
    const xmlNode *kind = soap_child(node, NS_TYPES, "StandardGroupBy");
    g_autofree char *name = soap_text_dup(kind);
    g_autofree char *way = soap_attr_dup(node, "Order");

    if (g_strcmp0(name, "ConversationTopic") != 0)
        return soap_violation(p, node, "'StandardGroupBy' is invalid.");
    f->group.descending = g_strcmp0(way, "Descending") == 0;
    f->maximum = true;
    if (find_path_of(&f->sorting, "message:ConversationTopic", &f->group.path,
                     p) < 0)
        return -1;
    return find_path_of(&f->sorting, "item:DateTimeReceived", &f->aggregate, p);
}

static int read_groups(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *own = op_child(call, "GroupBy");
    const xmlNode *standard = op_child(call, "DistinguishedGroupBy");

    f->grouped = own != NULL || standard != NULL;
    if (own != NULL)
        return read_order(&f->sorting, own, &f->group, p) < 0
                   ? -1
                   : read_aggregate(f, own, p);
    return standard != NULL ? read_standard_group(f, standard, p) : 0;
}

static int read_query(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *node = op_child(call, "QueryString");
    g_autofree char *query = soap_text_dup(node);

    if (node == NULL || query == NULL || *query == '\0')
        return 0;
    /* "The QueryString element excludes the use of EWS restrictions." */
    if (f->where != NULL)
        return problem_fault(p, "ErrorInvalidOperation");
    if (soap_attr_bool(node, "ReturnHighlightTerms"))
        f->terms = find_terms_new();
    f->where = aqs_read(&f->searching, query, g_get_real_time(), f->terms, p);
    return f->where != NULL ? 0 : -1;
}

/* ContactsView: those whose display names are in a part of the alphabet. */
static int read_contacts_view(struct op_call *call, struct find *f,
                              struct problem *p)
{
    static const struct {
        const char *attr;
        enum restriction_op op;
    } ends[] = { { "InitialName", RESTRICT_GREATER_EQUAL },
                 { "FinalName", RESTRICT_LESS_EQUAL } };
    const xmlNode *view = op_child(call, "ContactsView");

    if (view == NULL)
        return 0;
    f->where = restriction_new(RESTRICT_AND);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = soap_attr_dup(view, ends[i].attr);
        struct restriction *end;

        if (name == NULL)
            continue;
        end = restriction_new(ends[i].op);
        end->release = find_path_free;
        restriction_add(f->where, end);
        value_set_text(&end->constant, name);
        if (find_path_of(&f->searching, "contacts:DisplayName", &end->path, p) <
            0)
            return -1;
    }
    f->n_orders = 1;
    return find_path_of(&f->sorting, "contacts:DisplayName", &f->orders[0].path,
                        p);
}

static int read_seek(struct op_call *call, struct find *f, uint64_t limit,
                     struct problem *p)
{
    const xmlNode *view = op_child(call, "SeekToConditionPageItemView");
    const struct restriction_paths paths = find_paths(&f->searching);
    const xmlNode *condition = soap_child(view, NS_TYPES, "Condition");
    g_autofree char *max = soap_attr_dup(view, "MaxEntriesReturned");
    guint64 n = limit;

    if (view == NULL)
        return 0;
    if (max != NULL &&
        !g_ascii_string_to_unsigned(max, 10, 1, INT32_MAX, &n, NULL))
        return problem_fault(p, "ErrorInvalidPagingMaxRows");
    f->page = (struct page){ .kind = PAGE_INDEXED, .max = MIN(n, limit) };
    if (condition == NULL)
        return soap_violation(p, view, "The condition is missing.");
    f->seek = restriction_read(condition, &paths, p);
    return f->seek != NULL ? 0 : -1;
}

static int read_conditions(struct op_call *call, struct find *f,
                           struct problem *p)
{
    const struct restriction_paths paths = find_paths(&f->searching);
    const xmlNode *where = op_child(call, "Restriction");

    if (read_contacts_view(call, f, p) < 0)
        return -1;
    if (where != NULL) {
        restriction_free(f->where);
        f->where = restriction_read(where, &paths, p);
        if (f->where == NULL)
            return -1;
    }
    return read_query(call, f, p);
}

int find_read(struct op_call *call, struct find *f, struct problem *p)
{
    uint64_t limit = op_find_limit(call);

    if (read_traversal(call, f, p) < 0 || read_conditions(call, f, p) < 0)
        return -1;
    if (f->where != NULL && limit < INT32_MAX)
        limit = MAX(limit / RESTRICTED_SHARE, 1);
    if (page_read(call, true, limit, &f->page, p) < 0 ||
        read_seek(call, f, limit, p) < 0 || read_orders(call, f, p) < 0 ||
        read_groups(call, f, p) < 0)
        return -1;
    return shape_read_item(call, op_child(call, "ItemShape"), &f->shape, p);
}

void find_clear(struct find *f)
{
    shape_clear(&f->shape);
    restriction_free(f->where);
    restriction_free(f->seek);
    for (size_t i = 0; i < LAB_ORDERS_MAX; i++)
        find_path_free(f->orders[i].path.data);
    find_path_free(f->group.path.data);
    find_path_free(f->aggregate.data);
    g_clear_pointer(&f->terms, g_ptr_array_unref);
}
