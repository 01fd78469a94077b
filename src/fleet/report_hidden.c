/* Hidden items that were left behind, class by class, and why. */
#include <string.h>

#include "engine/hidden.h"
#include "fleet/report_priv.h"

/* Rows read at a time; a folder has dozens. */
#define PAGE_ITEMS 1000

static void count(GArray *left, const struct store_item *item)
{
    const char *class = item->item_class != NULL ? item->item_class : "";
    struct report_hidden one = { g_strdup(class), 1 };

    for (guint i = 0; i < left->len; i++) {
        struct report_hidden *h = &g_array_index(left, struct report_hidden, i);

        if (strcmp(h->item_class, class) == 0) {
            h->n++;
            g_free(one.item_class);
            return;
        }
    }
    g_array_append_val(left, one);
}

static int count_folder(struct store *s, int64_t mailbox_id,
                        const struct store_folder *f, GArray *left,
                        struct err *err)
{
    struct store_item_query query = {
        .mailbox_id = mailbox_id,
        .folder_id = f->id,
        .states = 1u << ITEM_FILTERED,
        .max = PAGE_ITEMS,
    };

    for (;;) {
        g_autoptr(GPtrArray) page = NULL;

        if (store_items(s, &query, &page, err) < 0)
            return -1;
        if (page->len == 0)
            return 0;
        for (guint i = 0; i < page->len; i++) {
            const struct store_item *item = g_ptr_array_index(page, i);

            query.after_id = item->id;
            if (!hidden_is_copied(item->item_class))
                count(left, item);
        }
    }
}

static void clear_one(void *one)
{
    g_free(((struct report_hidden *)one)->item_class);
}

static int by_class(const void *a, const void *b)
{
    const struct report_hidden *x = a, *y = b;

    return strcmp(x->item_class, y->item_class);
}

int report_gather_hidden(struct store *s, struct report_mailbox *m,
                         struct err *err)
{
    m->left_behind = g_array_new(FALSE, FALSE, sizeof(struct report_hidden));
    g_array_set_clear_func(m->left_behind, clear_one);
    for (guint i = 0; i < m->folders->len; i++) {
        const struct store_folder *f = g_ptr_array_index(m->folders, i);

        if (hidden_is(f->source_id) &&
            count_folder(s, m->mailbox->id, f, m->left_behind, err) < 0)
            return -1;
    }
    g_array_sort(m->left_behind, by_class);
    return 0;
}
