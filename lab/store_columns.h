/*
 * store_columns - what a message says of itself, as the store's columns.
 */
#ifndef LAB_STORE_COLUMNS_H
#define LAB_STORE_COLUMNS_H

#include "lab/mapi.h"
#include "lab/store.h"

/* Without ids: of one that is not stored, too.  lab_item_clear() it. */
void lab_columns_draw_message(const struct mapi_message *m,
                              struct lab_item *ret);

#endif
