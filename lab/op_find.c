#include "lab/find.h"

#include <string.h>

#include "lab/op_calendar.h"

/* Exchange counts a restricted search four times as dear. */
#define RESTRICTED_SHARE 4

/* ---- writing --------------------------------------------------------- */

void find_begin(struct op_call *call, const struct find *f,
                const struct page *page, const struct page_range *range,
                uint64_t total)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_begin(x, "m:RootFolder");
    page_write(x, page, range, total);
    xml_end(x);
    xml_open(x, f->grouped ? "t:Groups" : "t:Items");
}

static void write_terms(struct xmlout *x, const GPtrArray *terms)
{
    if (terms == NULL || terms->len == 0)
        return;
    xml_open(x, "m:HighlightTerms");
    for (guint i = 0; i < terms->len; i++) {
        const struct find_term *t = g_ptr_array_index(terms, i);

        xml_open(x, "t:Term");
        xml_text(x, "t:Scope", t->scope);
        xml_text(x, "t:Value", t->word);
        xml_close(x, "t:Term");
    }
    xml_close(x, "m:HighlightTerms");
}

void find_end(struct op_call *call, const struct find *f)
{
    struct xmlout *x = &call->reply.x;

    xml_close(x, f->grouped ? "t:Groups" : "t:Items");
    xml_close(x, "m:RootFolder");
    write_terms(x, f->terms);
    reply_message_end(&call->reply);
}

int find_write_row(struct op_call *call, const struct find *f,
                   const struct place *folder, const struct find_row *row,
                   struct problem *p)
{
    g_auto(lab_item) item = { 0 };
    struct err err;

    if (lab_store_item_by_key(call->lab->store, row->key, &item, &err) < 0)
        return err.scope == ERR_ITEM ? 0 : problem_from_err(p, &err);
    return shape_write_item(call, &f->shape, folder->mailbox, &item, p);
}

/* ---- what the database does by itself -------------------------------- */

/* 0: some order is by what is no column. */
static bool column_orders(const struct find *f, struct lab_find *q)
{
    for (size_t i = 0; i < f->n_orders; i++) {
        const struct find_path *path = f->orders[i].path.data;

        if (path->column < 0)
            return false;
        q->orders[i].column = (enum lab_column)path->column;
        q->orders[i].descending = f->orders[i].descending;
    }
    q->n_orders = f->n_orders;
    return true;
}

/* Pages from the end, and by fractions, need the total before they begin. */
static int total_first(struct op_call *call, const struct find *f,
                       int64_t mailbox, struct lab_find *q, struct problem *p)
{
    g_autoptr(GPtrArray) none = NULL;
    struct page_range range;
    uint64_t total = 0;
    struct err err;

    q->offset = f->page.offset;
    q->max = f->page.max;
    if (f->page.kind == PAGE_NONE || f->page.kind == PAGE_INDEXED)
        return 0;
    q->max = 0;
    if (lab_store_find(call->lab->store, mailbox, q, &none, &total, &err) < 0)
        return problem_from_err(p, &err);
    range = page_range(&f->page, total);
    q->offset = range.start;
    q->max = range.count;
    return 0;
}

/* ErrorExceededFindCountLimit: who speaks 2007 cannot be told of more. */
static int check_count(const struct op_call *call, const struct find *f,
                       uint64_t total, struct problem *p)
{
    if (f->page.kind == PAGE_NONE && total > f->page.max &&
        call->asked < EXCHANGE2010)
        return problem_set(p, "ErrorExceededFindCountLimit");
    return 0;
}

static int find_plain(struct op_call *call, const struct find *f,
                      const struct place *folder, struct lab_find *q,
                      struct problem *p)
{
    g_autoptr(GPtrArray) items = NULL;
    struct page_range range;
    uint64_t total = 0;
    struct err err;

    if (total_first(call, f, folder->mailbox, q, p) < 0)
        return -1;
    if (lab_store_find(call->lab->store, folder->mailbox, q, &items, &total,
                       &err) < 0)
        return problem_from_err(p, &err);
    if (check_count(call, f, total, p) < 0)
        return -1;
    range = (struct page_range){ MIN(q->offset, total), items->len };
    find_begin(call, f, &f->page, &range, total);
    for (guint i = 0; i < items->len; i++)
        if (shape_write_item(call, &f->shape, folder->mailbox,
                             g_ptr_array_index(items, i), p) < 0)
            return -1;
    find_end(call, f);
    return 0;
}

/* ---- row by row ------------------------------------------------------ */

static size_t n_values(const struct find *f)
{
    return f->n_orders + (f->grouped ? 2 : 0);
}

static const struct restriction_path *path_at(const struct find *f, size_t i)
{
    if (i < f->n_orders)
        return &f->orders[i].path;
    return i == f->n_orders ? &f->group.path : &f->aggregate;
}

static struct find_row *row_new(const struct find *f, int64_t key,
                                struct find_object *o)
{
    struct find_row *row = g_new0(struct find_row, 1);

    row->key = key;
    row->values = g_new0(struct value, n_values(f) + 1);
    for (size_t i = 0; i < n_values(f); i++)
        find_value(o, path_at(f, i), &row->values[i]);
    /* the last one ends the list */
    row->values[n_values(f)].kind = VALUE_NONE;
    return row;
}

struct rows {
    struct op_call *call;
    const struct find *f;
    const struct place *folder;
    bool exact; /* the keys are of items that meet the condition */
    GPtrArray *found;
};

static int look_at(struct rows *r, int64_t key, struct problem *p)
{
    g_auto(lab_item) item = { 0 };
    struct find_object o;
    struct err err;

    if (lab_store_item_by_key(r->call->lab->store, key, &item, &err) < 0)
        return err.scope == ERR_ITEM ? 0 : problem_from_err(p, &err);
    find_object_init(&o, r->call, r->folder->mailbox, &item);
    if (r->exact || r->f->where == NULL ||
        restriction_match(r->f->where, &o, find_value))
        g_ptr_array_add(r->found, row_new(r->f, key, &o));
    find_object_clear(&o);
    return 0;
}

static int by_orders(const void *a, const void *b, void *data)
{
    const struct find_row *x = *(const struct find_row *const *)a;
    const struct find_row *y = *(const struct find_row *const *)b;
    const struct find *f = data;

    for (size_t i = 0; i < f->n_orders; i++) {
        int c = value_compare(&x->values[i], &y->values[i]);

        if (c != 0)
            return f->orders[i].descending ? -c : c;
    }
    return 0;
}

/* How many values a row has is the request's to know, and it is gone then. */
static void row_free(void *data)
{
    struct find_row *row = data;

    g_free(row->values);
    g_free(row);
}

static void rows_clear(const struct find *f, GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        struct find_row *row = g_ptr_array_index(rows, i);

        for (size_t k = 0; k < n_values(f); k++)
            value_clear(&row->values[k]);
    }
    g_ptr_array_unref(rows);
}

GPtrArray *find_rows(struct op_call *call, const struct find *f,
                     const struct place *folder, struct problem *p)
{
    struct lab_find q = { .folder = folder->folder.key,
                          .scope = f->scope,
                          .max = G_MAXINT64 };
    g_autoptr(lab_condition) where = NULL;
    g_autoptr(GArray) keys = NULL;
    struct rows r = { .call = call, .f = f, .folder = folder, .exact = true };
    bool sorted = column_orders(f, &q);
    struct err err;

    if (f->where != NULL)
        q.where = where = find_condition(f->where, &r.exact);
    if (!sorted)
        q.n_orders = 0;
    if (lab_store_find_keys(call->lab->store, &q, &keys, &err) < 0) {
        problem_from_err(p, &err);
        return NULL;
    }
    r.found = g_ptr_array_new_with_free_func(row_free);
    for (guint i = 0; i < keys->len; i++)
        if (look_at(&r, g_array_index(keys, int64_t, i), p) < 0) {
            rows_clear(f, r.found);
            return NULL;
        }
    if (!sorted)
        g_ptr_array_sort_with_data(r.found, by_orders, (void *)(uintptr_t)f);
    return r.found;
}

/* SeekToConditionPageItemView: from the first that meets it. */
static int seek(struct op_call *call, const struct find *f,
                const struct place *folder, GPtrArray *rows,
                struct page_range *range, struct problem *p)
{
    guint at = 0;
    bool met = false;

    for (; at < rows->len && !met; at += !met) {
        const struct find_row *row = g_ptr_array_index(rows, at);
        g_auto(lab_item) item = { 0 };
        struct find_object o;
        struct err err;

        if (lab_store_item_by_key(call->lab->store, row->key, &item, &err) < 0)
            return problem_from_err(p, &err);
        find_object_init(&o, call, folder->mailbox, &item);
        met = restriction_match(f->seek, &o, find_value);
        find_object_clear(&o);
    }
    range->start = at;
    range->count = MIN(f->page.max, rows->len - at);
    return 0;
}

static int write_rows(struct op_call *call, const struct find *f,
                      const struct place *folder, GPtrArray *rows,
                      struct problem *p)
{
    struct page_range range = page_range(&f->page, rows->len);

    if (check_count(call, f, rows->len, p) < 0)
        return -1;
    if (f->grouped)
        return find_write_groups(call, f, folder, rows, p);
    if (f->seek != NULL && seek(call, f, folder, rows, &range, p) < 0)
        return -1;
    find_begin(call, f, &f->page, &range, rows->len);
    for (uint64_t i = range.start; i < range.start + range.count; i++)
        if (find_write_row(call, f, folder, g_ptr_array_index(rows, i), p) < 0)
            return -1;
    find_end(call, f);
    return 0;
}

static int find_slowly(struct op_call *call, const struct find *f,
                       const struct place *folder, struct problem *p)
{
    GPtrArray *rows = find_rows(call, f, folder, p);
    int status;

    if (rows == NULL)
        return -1;
    status = write_rows(call, f, folder, rows, p);
    rows_clear(f, rows);
    return status;
}

static int find_in(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    const struct find *f = data;
    g_autoptr(lab_condition) where = NULL;
    g_auto(place) folder = { 0 };
    struct lab_find q = { .scope = f->scope };
    bool exact = true;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &folder, p) < 0)
        return -1;
    q.folder = folder.folder.key;
    if (f->nothing)
        q.where = where = lab_condition_new(LAB_TEST_OR);
    else if (f->where != NULL)
        q.where = where = find_condition(f->where, &exact);
    if (exact && !f->grouped && f->seek == NULL && column_orders(f, &q))
        return find_plain(call, f, &folder, &q, p);
    return find_slowly(call, f, &folder, p);
}

/* ---- reading --------------------------------------------------------- */

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

static int read_find(struct op_call *call, struct find *f, struct problem *p)
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

static void find_clear(struct find *f)
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

int op_find_item(struct op_call *call, struct problem *p)
{
    struct find f = {
        .sorting = { call, "ErrorUnsupportedPathForSortGroup" },
        .searching = { call, "ErrorUnsupportedPathForQuery" },
        .scope = LAB_SCOPE_VISIBLE,
    };
    int status;

    if (op_child(call, "CalendarView") != NULL)
        return op_calendar_view(call, p);
    status = read_find(call, &f, p);
    if (status == 0)
        status =
            op_each(call, op_child(call, "ParentFolderIds"), find_in, &f, p);
    find_clear(&f);
    return status;
}
