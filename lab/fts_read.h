/*
 * fts_read - the lab's own reader of FastTransfer streams.
 *
 * Written from [MS-OXCFXICS] 2.2.4 and from what Exchange exports, apart from
 * the client's: a mistake that both made would pass every test.
 */
#ifndef LAB_FTS_READ_H
#define LAB_FTS_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "lab/mapi.h"

/* One item's decoded payload: Exchange itself ends at 150 MB a message. */
#define LAB_FTS_BYTES_MAX (256u * 1024 * 1024)
/* Messages within messages: Exchange refuses more than 30 levels on save. */
#define LAB_FTS_DEPTH_MAX 32
/* Objects (properties, recipients, attachments) of one item. */
#define LAB_FTS_OBJECTS_MAX 1000000u

/*
 * Read a whole decoded payload into a tree, which owns its bytes.
 *
 * -1 (ERR_ITEM, name "ErrorCorruptData") when it is not whole and well
 * formed: an unknown record or marker, a marker out of place, a value past
 * the end, a limit above.  *ret is untouched then.
 */
int lab_fts_read(const uint8_t *data, size_t len, struct mapi_item **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Read as far as it goes, for fragments: the tree of what was whole, and in
 * *ret_offset where in data it broke off (len when it did not; *why is then
 * untouched).  Never NULL.
 */
struct mapi_item *lab_fts_read_fragment(const uint8_t *data, size_t len,
                                        size_t *ret_offset, struct err *why);

#endif
