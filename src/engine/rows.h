/*
 * rows - go through the ledger a page at a time.
 */
#ifndef ENGINE_ROWS_H
#define ENGINE_ROWS_H

#include "store/store.h"

/* Rows a page: some hundred kilobytes. */
#define ROWS_PAGE 500

/*
 * A page of rows (struct store_item *), in order of id.  It may change their
 * state and may steal from the array.  -1 ends it with that error.
 */
typedef int rows_page(void *data, GPtrArray *page, struct err *err);

/* after_id and max of q are not read. */
int rows_each(struct store *s, const struct store_item_query *q,
              rows_page *page, void *data,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A folder's row as it is now; it lives in *ret_all, which the caller unrefs.
 * The folder must be the mailbox's.
 */
int rows_folder(struct store *s, int64_t mailbox_id, int64_t folder_id,
                GPtrArray **ret_all, const struct store_folder **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
