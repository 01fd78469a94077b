#include "lab/store_columns.h"

#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/store_priv.h"

void lab_item_clear(struct lab_item *item)
{
    g_free(item->id);
    g_free(item->change_key);
    g_free(item->folder_id);
    g_free(item->item_class);
    g_free(item->subject);
    g_free(item->sender);
    g_free(item->message_id);
    g_clear_pointer(&item->search_key, g_bytes_unref);
    *item = (struct lab_item){ 0 };
}

void lab_item_free(struct lab_item *item)
{
    if (item == NULL)
        return;
    lab_item_clear(item);
    g_free(item);
}

/* ---- out of a tree --------------------------------------------------- */

static char *text_of(const struct mapi_props *props, uint32_t tag)
{
    return mapi_dup_text(mapi_find(props, PROP_ID(tag)));
}

/*
 * The best there is: an SMTP address; an address of another kind that is not
 * an Exchange name; a display name.
 */
static char *sender_of(const struct mapi_props *props)
{
    static const uint32_t tags[] = {
        PR_SENT_REPRESENTING_SMTP,  PR_SENDER_SMTP_ADDRESS,
        PR_SENT_REPRESENTING_EMAIL, PR_SENDER_EMAIL_ADDRESS,
        PR_SENT_REPRESENTING_NAME,  PR_SENDER_NAME,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        char *text = text_of(props, tags[i]);

        if (text != NULL && *text != '\0' && *text != '/')
            return text;
        g_free(text);
    }
    return NULL;
}

static bool has_visible_attachment(const struct mapi_message *m)
{
    for (size_t i = 0; i < m->n_attachments; i++)
        if (!mapi_get_bool(mapi_find(&m->attachments[i].props,
                                     PROP_ID(PR_ATTACHMENT_HIDDEN)),
                           false))
            return true;
    return false;
}

static int64_t time_of(const struct mapi_props *props, uint32_t tag)
{
    return mapi_get_time(mapi_find(props, PROP_ID(tag)));
}

void lab_columns_draw(const struct mapi_item *item, struct lab_item *ret)
{
    lab_columns_draw_message(&item->message, ret);
}

void lab_columns_draw_message(const struct mapi_message *m,
                              struct lab_item *ret)
{
    const struct mapi_props *props = &m->props;
    const struct mapi_prop *key = mapi_find(props, PROP_ID(PR_SEARCH_KEY));
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);
    int32_t size = mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_SIZE)), 0);

    *ret = (struct lab_item){
        .item_class = text_of(props, PR_MESSAGE_CLASS),
        .subject = text_of(props, PR_SUBJECT),
        .sender = sender_of(props),
        .message_id = text_of(props, PR_INTERNET_MESSAGE_ID),
        .search_key = key != NULL ? g_bytes_new(key->data, key->size) : NULL,
        .received_us = time_of(props, PR_MESSAGE_DELIVERY_TIME),
        .sent_us = time_of(props, PR_CLIENT_SUBMIT_TIME),
        .created_us = time_of(props, PR_CREATION_TIME),
        .modified_us = time_of(props, PR_LAST_MODIFICATION_TIME),
        .size_bytes = (uint64_t)MAX(size, 0),
        .read = (flags & MSGFLAG_READ) != 0,
        .has_attachments = has_visible_attachment(m),
    };
    /* A message without a class is a plain one to Exchange. */
    if (ret->item_class == NULL)
        ret->item_class = g_strdup("IPM.Note");
}

/* ---- out of a row ---------------------------------------------------- */

static int64_t time_column(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL
               ? TIMESTAMP_NONE
               : sqlite3_column_int64(q, column);
}

static void set_ids(struct lab_store *store, const char *guid, sqlite3_stmt *q,
                    struct lab_item *item)
{
    struct lab_id id = { .item = true,
                         .key = item->key,
                         .folder = sqlite3_column_int64(q, 1) };

    g_strlcpy(id.mailbox, guid, sizeof(id.mailbox));
    memcpy(id.replica, store->replica, sizeof(id.replica));
    item->id = lab_id_format(&id);
    id.item = false;
    item->folder_id = lab_id_format(&id);
    item->change_key = lab_change_key(store, lab_object_type(item->item_class),
                                      sqlite3_column_int64(q, 2));
}

struct lab_item *lab_item_from_row(struct lab_store *store,
                                   const char *mailbox_guid, sqlite3_stmt *q)
{
    struct lab_item *item = g_new(struct lab_item, 1);
    const void *key = sqlite3_column_blob(q, 7);

    *item = (struct lab_item){
        .key = sqlite3_column_int64(q, 0),
        .item_class = lab_column_dup(q, 3),
        .subject = lab_column_dup(q, 4),
        .sender = lab_column_dup(q, 5),
        .message_id = lab_column_dup(q, 6),
        .search_key = key != NULL
                          ? g_bytes_new(key, (gsize)sqlite3_column_bytes(q, 7))
                          : NULL,
        .received_us = time_column(q, 8),
        .sent_us = time_column(q, 9),
        .created_us = time_column(q, 10),
        .modified_us = time_column(q, 11),
        .size_bytes = (uint64_t)sqlite3_column_int64(q, 12),
        .read = sqlite3_column_int(q, 13) != 0,
        .associated = sqlite3_column_int(q, 14) != 0,
        .has_attachments = sqlite3_column_int(q, 15) != 0,
    };
    set_ids(store, mailbox_guid, q, item);
    return item;
}
