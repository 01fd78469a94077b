/*
 * fts_edit - what a server does to an item that is uploaded to it.
 *
 * The content stays exactly as it was.  New are: entry, record and change
 * keys, source keys, message id, creation and modification stamps, who
 * modified it, size, conversation id, computed message flags, numbers and
 * sizes of attachments, ids of named properties, order, buffers, the type of
 * strings, version, DN prefix.  The table in fts_edit.c names each with its
 * reason.
 */
#ifndef LAB_FTS_EDIT_H
#define LAB_FTS_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "lab/fts_write.h"
#include "lab/mapi.h"

/* What is new about the item as it is stored. */
struct lab_edit {
    const struct lab_profile *profile;
    uint64_t mid;          /* counter of the message in its store */
    uint64_t change;       /* counter of this change */
    int64_t now_us;        /* modification stamp */
    int64_t created_us;    /* TIMESTAMP_NONE: now_us */
    uint8_t replica[16];   /* GUID in the store's source and change keys */
    const char *actor;     /* display name of who does it; NULL: the system */
    bool associated;       /* a hidden item */
    bool keep_attachments; /* those with a number of this store's keep it */
    bool stored;           /* it was here before: what it has seen stays */
};

/* In place, on a tree. */
void lab_fts_edit_tree(struct mapi_item *item, const struct lab_edit *edit);

/*
 * Parse, edit and write anew.  *ret_item (may be NULL) is the edited tree,
 * the caller's.  -1 as lab_fts_read(), and also (ErrorCorruptData)
 * for a partial export: one with EcWarning or FXErrorInfo in it.
 */
int lab_fts_edit(const uint8_t *data, size_t len, const struct lab_edit *edit,
                 GBytes **ret, struct mapi_item **ret_item,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
