#include "lab/store_occurrence.h"

#include <string.h>

#include "lab/fts_edit.h"
#include "lab/fts_read.h"
#include "lab/fts_write.h"
#include "lab/occurrence.h"

/* ---- ids ------------------------------------------------------------- */

bool lab_id_is_occurrence(const char *id)
{
    struct lab_id parsed;

    return id != NULL && lab_id_parse(id, &parsed) == 0 &&
           parsed.occurrence != 0;
}

char *lab_occurrence_id(const char *master_id, uint32_t date)
{
    struct lab_id id;

    if (lab_id_parse(master_id, &id) < 0 || !id.item)
        return NULL;
    id.occurrence = date - date % RECUR_DAY;
    return lab_id_format(&id);
}

char *lab_occurrence_master(const char *id)
{
    struct lab_id parsed;

    if (lab_id_parse(id, &parsed) < 0 || parsed.occurrence == 0)
        return NULL;
    parsed.occurrence = 0;
    return lab_id_format(&parsed);
}

static uint32_t date_of_id(const char *id)
{
    struct lab_id parsed;

    return lab_id_parse(id, &parsed) == 0 ? parsed.occurrence : 0;
}

/* ---- reading --------------------------------------------------------- */

int lab_occurrence_tree(struct lab_store *store, int64_t mailbox,
                        const char *id, struct mapi_item **ret,
                        struct lab_item *ret_item, struct err *err)
{
    g_autoptr(GBytes) payload = NULL;
    gsize n = 0;
    const void *data;

    if (lab_store_export(store, mailbox, id, &payload, ret_item, err) < 0)
        return -1;
    data = g_bytes_get_data(payload, &n);
    if (lab_fts_read(data, n, ret, err) == 0)
        return 0;
    if (ret_item != NULL)
        lab_item_clear(ret_item);
    return lab_refuse(err, "ErrorItemCorrupt", "the item cannot be read");
}

static int find_instance(const struct series *s, uint32_t date,
                         struct occurrence *ret, struct err *err)
{
    bool deleted = false;

    if (!recurrence_by_date(&s->recur, date, ret, &deleted) || deleted)
        return lab_refuse(err, "ErrorItemNotFound",
                          "the series has no such occurrence");
    return 0;
}

int lab_occurrence_by_index(struct lab_store *store, int64_t mailbox,
                            const char *master_id, uint32_t index, char **ret,
                            struct err *err)
{
    g_autoptr(mapi_item) tree = NULL;
    g_auto(series) s = { 0 };
    struct occurrence o;
    bool deleted = false;

    if (lab_id_is_occurrence(master_id))
        return lab_refuse(err, "ErrorCalendarCannotUseIdForRecurringMasterId",
                          "the id is an occurrence's");
    if (lab_occurrence_tree(store, mailbox, master_id, &tree, NULL, err) < 0)
        return -1;
    if (!series_read(&tree->message.props, &s))
        return lab_refuse(err, "ErrorCalendarCannotUseIdForRecurringMasterId",
                          "the item is no series");
    if (!recurrence_by_index(&s.recur, index, &o, &deleted))
        return lab_refuse(err,
                          "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
                          "the series has no %u-th occurrence", index);
    if (deleted)
        return lab_refuse(err, "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
                          "the %u-th occurrence is deleted", index);
    *ret = lab_occurrence_id(master_id, o.original);
    return 0;
}

/* The columns that a composed tree says of itself; the rest is its master's. */
static void take_columns(struct lab_item *item, const struct mapi_item *tree,
                         const char *id)
{
    struct lab_item drawn;

    lab_columns_draw(tree, &drawn);
    g_free(item->id);
    item->id = g_strdup(id);
    g_free(item->subject);
    item->subject = g_steal_pointer(&drawn.subject);
    item->has_attachments = drawn.has_attachments;
    lab_item_clear(&drawn);
}

static int compose(struct lab_store *store, int64_t mailbox, const char *id,
                   struct mapi_item **ret, struct lab_item *ret_item,
                   struct err *err)
{
    g_autofree char *master = lab_occurrence_master(id);
    g_autoptr(mapi_item) tree = NULL;
    g_auto(lab_item) item = { 0 };
    g_auto(series) s = { 0 };
    struct occurrence o;

    if (lab_occurrence_tree(store, mailbox, master, &tree, &item, err) < 0)
        return -1;
    if (!series_read(&tree->message.props, &s))
        return lab_refuse(err, "ErrorItemNotFound", "the item is no series");
    if (find_instance(&s, date_of_id(id), &o, err) < 0)
        return -1;
    occurrence_compose(tree, &s, &o);
    take_columns(&item, tree, id);
    if (ret != NULL)
        *ret = g_steal_pointer(&tree);
    if (ret_item != NULL) {
        *ret_item = item;
        item = (struct lab_item){ 0 };
    }
    return 0;
}

int lab_occurrence_item(struct lab_store *store, int64_t mailbox,
                        const char *id, struct lab_item *ret, struct err *err)
{
    return compose(store, mailbox, id, NULL, ret, err);
}

int lab_occurrence_export(struct lab_store *store, int64_t mailbox,
                          const char *id, GBytes **ret,
                          struct lab_item *ret_item, struct err *err)
{
    g_autoptr(mapi_item) tree = NULL;

    if (compose(store, mailbox, id, &tree, ret_item, err) < 0)
        return -1;
    *ret = lab_fts_write(tree, &store->profile);
    return 0;
}

/* ---- writing --------------------------------------------------------- */

static int put_master(struct lab_store *store, int64_t mailbox,
                      const char *master, const struct lab_upload *upload,
                      struct mapi_item *tree, struct err *err)
{
    g_auto(lab_item) item = { 0 };
    const struct lab_upload whole = {
        .action = LAB_UPDATE,
        .folder_id = upload->folder_id,
        .item_id = master,
        .actor = upload->actor,
        .change_key = upload->change_key,
        .tree = tree,
    };

    return lab_store_upload(store, mailbox, &whole, &item, err);
}

/* The edited occurrence: a tree, or a stream of one. */
static int edited_tree(const struct lab_upload *upload,
                       struct mapi_item **ret_own, struct mapi_item **ret,
                       struct err *err)
{
    *ret = upload->tree;
    if (*ret != NULL)
        return 0;
    if (lab_fts_read(upload->data, upload->len, ret_own, err) < 0)
        return lab_refuse(err, "ErrorCorruptData", "the item cannot be read");
    *ret = *ret_own;
    return 0;
}

static int store_changed(struct lab_store *store, int64_t mailbox,
                         const struct lab_upload *upload, struct err *err)
{
    g_autofree char *master = lab_occurrence_master(upload->item_id);
    g_autoptr(mapi_item) tree = NULL, own = NULL;
    struct mapi_item *edited = NULL;
    const char *code;

    if (lab_occurrence_tree(store, mailbox, master, &tree, NULL, err) < 0 ||
        edited_tree(upload, &own, &edited, err) < 0)
        return -1;
    code = occurrence_store(tree, date_of_id(upload->item_id), edited);
    if (code != NULL)
        return lab_refuse(err, code, "the occurrence cannot be so");
    return put_master(store, mailbox, master, upload, tree, err);
}

int lab_occurrence_upload(struct lab_store *store, int64_t mailbox,
                          const struct lab_upload *upload, struct lab_item *ret,
                          struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = store_changed(store, mailbox, upload, err);
    if (status == 0)
        status = lab_occurrence_item(store, mailbox, upload->item_id, ret, err);
    return lab_leave(store, status, err);
}

static int delete_one(struct lab_store *store, int64_t mailbox, const char *id,
                      struct err *err)
{
    g_autofree char *master = lab_occurrence_master(id);
    g_autoptr(mapi_item) tree = NULL;
    g_auto(lab_item) item = { 0 };
    struct lab_upload upload = { 0 };
    const char *code;

    if (lab_occurrence_tree(store, mailbox, master, &tree, &item, err) < 0)
        return -1;
    code = occurrence_delete(tree, date_of_id(id));
    if (code != NULL)
        return lab_refuse(err, code, "the series has no such occurrence");
    upload.folder_id = item.folder_id;
    return put_master(store, mailbox, master, &upload, tree, err);
}

int lab_occurrence_delete(struct lab_store *store, int64_t mailbox,
                          const char *id, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, delete_one(store, mailbox, id, err), err);
}
