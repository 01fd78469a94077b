#include <string.h>

#include "lab/find.h"

/* The items that have one value; rows are borrowed, in the request's order. */
struct group {
    const struct value *index;
    const struct value *aggregate;
    GPtrArray *rows;
};

static void group_free(void *data)
{
    struct group *g = data;

    g_ptr_array_unref(g->rows);
    g_free(g);
}

static const struct value *group_value(const struct find *f,
                                       const struct find_row *row)
{
    return &row->values[f->n_orders];
}

static const struct value *aggregate_value(const struct find *f,
                                           const struct find_row *row)
{
    return &row->values[f->n_orders + 1];
}

static void add_row(const struct find *f, struct group *g, struct find_row *row)
{
    const struct value *v = aggregate_value(f, row);
    int c = g->aggregate != NULL ? value_compare(v, g->aggregate) : 0;

    g_ptr_array_add(g->rows, row);
    if (g->aggregate == NULL || (f->maximum ? c > 0 : c < 0))
        g->aggregate = v;
}

/* Values that are equal to Exchange make one group: folded, as text. */
static GPtrArray *make_groups(const struct find *f, GPtrArray *rows)
{
    g_autoptr(GHashTable) by_text =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);

    for (guint i = 0; i < rows->len; i++) {
        struct find_row *row = g_ptr_array_index(rows, i);
        g_autofree char *text = value_to_text(group_value(f, row));
        char *folded = match_fold(text, MATCH_IGNORE_CASE);
        struct group *g = g_hash_table_lookup(by_text, folded);

        if (g == NULL) {
            g = g_new0(struct group, 1);
            g->index = group_value(f, row);
            g->rows = g_ptr_array_new();
            g_ptr_array_add(groups, g);
            g_hash_table_insert(by_text, folded, g);
        } else {
            g_free(folded);
        }
        add_row(f, g, row);
    }
    return groups;
}

static int by_aggregate(const void *a, const void *b, void *data)
{
    const struct group *x = *(const struct group *const *)a;
    const struct group *y = *(const struct group *const *)b;
    const struct find *f = data;
    int c = value_compare(x->aggregate, y->aggregate);

    return f->group.descending ? -c : c;
}

static int write_group(struct op_call *call, const struct find *f,
                       const struct place *folder, const struct group *g,
                       const struct page_range *part, struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_autofree char *index = value_to_text(g->index);

    xml_open(x, "t:GroupedItems");
    xml_text(x, "t:GroupIndex", index);
    xml_open(x, "t:Items");
    for (uint64_t i = part->start; i < part->start + part->count; i++)
        if (find_write_row(call, f, folder, g_ptr_array_index(g->rows, i), p) <
            0)
            return -1;
    xml_close(x, "t:Items");
    xml_close(x, "t:GroupedItems");
    return 0;
}

int find_write_groups(struct op_call *call, const struct find *f,
                      const struct place *folder, GPtrArray *rows,
                      struct problem *p)
{
    g_autoptr(GPtrArray) groups = make_groups(f, rows);
    struct page_range page = page_range(&f->page, rows->len);
    uint64_t before = 0, end = page.start + page.count;
    struct page with_headers = f->page;

    g_ptr_array_sort_with_data(groups, by_aggregate, (void *)(uintptr_t)f);
    /* "the total number of items in the view plus the number of groups" */
    with_headers.headers = groups->len;
    find_begin(call, f, &with_headers, &page, rows->len);
    for (guint i = 0; i < groups->len; i++) {
        const struct group *g = g_ptr_array_index(groups, i);
        uint64_t after = before + g->rows->len;
        struct page_range part = { MAX(page.start, before) - before, 0 };

        if (after > page.start && before < end) {
            part.count = MIN(after, end) - before - part.start;
            if (write_group(call, f, folder, g, &part, p) < 0)
                return -1;
        }
        before = after;
    }
    find_end(call, f);
    return 0;
}
