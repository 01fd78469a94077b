#include "lab/find.h"

#include <string.h>

#include "lab/op_calendar.h"

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
    if (page_check_count(call, &f->page, total, p) < 0)
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

    if (page_check_count(call, &f->page, rows->len, p) < 0)
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
    status = find_read(call, &f, p);
    if (status == 0)
        status =
            op_each(call, op_child(call, "ParentFolderIds"), find_in, &f, p);
    find_clear(&f);
    return status;
}
