#include "engine/rows.h"

int rows_each(struct store *s, const struct store_item_query *q,
              rows_page *page, void *data, struct err *err)
{
    struct store_item_query next = *q;
    guint n;

    next.after_id = 0;
    next.max = ROWS_PAGE;
    do {
        g_autoptr(GPtrArray) rows = NULL;

        if (store_items(s, &next, &rows, err) < 0)
            return -1;
        n = rows->len;
        if (n == 0)
            break;
        next.after_id = ((struct store_item *)rows->pdata[n - 1])->id;
        if (page(data, rows, err) < 0)
            return -1;
    } while (n == next.max);
    return 0;
}

int rows_folder(struct store *s, int64_t mailbox_id, int64_t folder_id,
                GPtrArray **ret_all, const struct store_folder **ret,
                struct err *err)
{
    if (store_folders(s, mailbox_id, ret_all, err) < 0)
        return -1;
    for (guint i = 0; i < (*ret_all)->len; i++) {
        const struct store_folder *row = (*ret_all)->pdata[i];

        if (row->id != folder_id)
            continue;
        *ret = row;
        return 0;
    }
    /* None is ever taken out of the ledger. */
    g_assert_not_reached();
}
