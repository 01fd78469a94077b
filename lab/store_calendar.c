#include "lab/store_calendar.h"

#include <string.h>

#include "lab/store_occurrence.h"

/*
 * Appointments that are remembered, of all mailboxes; then all are forgotten.
 */
#define REMEMBERED_MAX 50000u

struct lab_calendar {
    GHashTable *by_key;  /* item's key to struct lab_appointment * */
    GHashTable *folders; /* folder's key to struct listing * */
};

/* A whole folder as it was at a point of its log. */
struct listing {
    int64_t n, changed, read;
    GPtrArray *appointments;
};

static void listing_free(void *data)
{
    struct listing *l = data;

    g_ptr_array_unref(l->appointments);
    g_free(l);
}

void lab_calendar_free(struct lab_calendar *c)
{
    if (c == NULL)
        return;
    g_hash_table_unref(c->folders);
    g_hash_table_unref(c->by_key);
    g_free(c);
}

static void appointment_clear(void *data)
{
    struct lab_appointment *a = data;

    lab_item_clear(&a->item);
    g_free(a->location);
    g_clear_pointer(&a->uid, g_bytes_unref);
    if (a->has_series)
        series_clear(&a->series);
}

void lab_appointment_release(struct lab_appointment *a)
{
    g_atomic_rc_box_release_full(a, appointment_clear);
}

static void release(void *data)
{
    lab_appointment_release(data);
}

static struct lab_calendar *calendar_of(struct lab_store *store)
{
    struct lab_calendar *c = store->calendar;

    if (c == NULL) {
        c = g_new0(struct lab_calendar, 1);
        c->by_key =
            g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, release);
        c->folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                           listing_free);
        store->calendar = c;
    }
    return c;
}

void lab_item_copy_columns(struct lab_item *to, const struct lab_item *from)
{
    *to = *from;
    to->id = g_strdup(from->id);
    to->change_key = g_strdup(from->change_key);
    to->folder_id = g_strdup(from->folder_id);
    to->item_class = g_strdup(from->item_class);
    to->subject = g_strdup(from->subject);
    to->sender = g_strdup(from->sender);
    to->message_id = g_strdup(from->message_id);
    if (from->search_key != NULL)
        to->search_key = g_bytes_ref(from->search_key);
}

/* ---- one appointment ------------------------------------------------- */

static void sum_up(const struct mapi_props *props, struct lab_appointment *a)
{
    const struct mapi_prop *uid =
        mapi_find_id(props, PSETID_MEETING, LID_CLEAN_GLOBAL_ID);

    a->start_us = calendar_start(props);
    a->end_us = calendar_end(props);
    if (a->end_us == TIMESTAMP_NONE)
        a->end_us = a->start_us;
    a->busy = mapi_get_i32(calendar_find(props, LID_BUSY_STATUS), 2);
    a->state = mapi_get_i32(calendar_find(props, LID_STATE_FLAGS), 0);
    a->sequence = mapi_get_i32(calendar_find(props, LID_SEQUENCE), 0);
    a->all_day = mapi_get_bool(calendar_find(props, LID_ALL_DAY), false);
    a->reminder =
        mapi_get_bool(mapi_find_id(props, PSETID_COMMON, 0x8503), false);
    a->private =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_SENSITIVITY)), 0) >= 2;
    a->location = mapi_dup_text(calendar_find(props, LID_LOCATION));
    if (uid != NULL && PROP_TYPE(uid->tag) == PT_BINARY)
        a->uid = g_bytes_new(uid->data, uid->size);
    a->has_series = series_read(props, &a->series);
}

/* NULL when it cannot be read: a damaged item is not in the calendar. */
static struct lab_appointment *
read_one(struct lab_store *store, int64_t mailbox, const struct lab_item *item)
{
    g_autoptr(mapi_item) tree = NULL;
    struct lab_appointment *a;
    struct err err;

    if (lab_occurrence_tree(store, mailbox, item->id, &tree, NULL, &err) < 0)
        return NULL;
    a = g_atomic_rc_box_new0(struct lab_appointment);
    sum_up(&tree->message.props, a);
    lab_item_copy_columns(&a->item, item);
    return a;
}

static bool is_current(const struct lab_appointment *a,
                       const struct lab_item *item)
{
    return a != NULL && strcmp(a->item.id, item->id) == 0 &&
           strcmp(a->item.change_key, item->change_key) == 0 &&
           a->item.read == item->read;
}

static struct lab_appointment *look_up(struct lab_store *store, int64_t mailbox,
                                       const struct lab_item *item)
{
    GHashTable *by_key = calendar_of(store)->by_key;
    struct lab_appointment *a = g_hash_table_lookup(by_key, &item->key);

    if (is_current(a, item))
        return g_atomic_rc_box_acquire(a);
    a = read_one(store, mailbox, item);
    if (a == NULL)
        return NULL;
    if (g_hash_table_size(by_key) >= REMEMBERED_MAX) {
        g_hash_table_remove_all(by_key);
        g_hash_table_remove_all(calendar_of(store)->folders);
    }
    g_hash_table_replace(by_key, g_memdup2(&item->key, sizeof(item->key)),
                         g_atomic_rc_box_acquire(a));
    return a;
}

/* ---- a folder -------------------------------------------------------- */

static int list_folder(struct lab_store *store, int64_t mailbox,
                       const char *folder_id, GPtrArray *all, struct err *err)
{
    const struct lab_list list = { .folder_id = folder_id, .max = UINT32_MAX };
    g_autoptr(GPtrArray) items = NULL;
    uint64_t total = 0;

    if (lab_store_list(store, mailbox, &list, &items, &total, err) < 0)
        return -1;
    for (guint i = 0; i < items->len; i++) {
        const struct lab_item *item = items->pdata[i];
        struct lab_appointment *a;

        if (g_ascii_strncasecmp(item->item_class, "IPM.Appointment", 15) != 0)
            continue;
        a = look_up(store, mailbox, item);
        if (a != NULL && a->start_us != TIMESTAMP_NONE)
            g_ptr_array_add(all, a);
        else if (a != NULL)
            lab_appointment_release(a);
    }
    return 0;
}

/* Where the folder's log is; equal numbers are an equal content. */
static int read_point(struct lab_store *store, int64_t folder,
                      struct listing *ret, struct err *err)
{
    if (lab_number(store, err, &ret->n,
                   "SELECT count(*) FROM item WHERE folder = ?1", "i",
                   folder) < 0 ||
        lab_number(store, err, &ret->changed,
                   "SELECT max(changed_seq) FROM item WHERE folder = ?1", "i",
                   folder) < 0)
        return -1;
    return lab_number(store, err, &ret->read,
                      "SELECT max(read_seq) FROM item WHERE folder = ?1", "i",
                      folder);
}

static int fill(struct lab_store *store, int64_t mailbox, const char *folder_id,
                int64_t folder, const struct listing *point, GPtrArray **ret,
                struct err *err)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(release);
    struct listing *l;

    if (list_folder(store, mailbox, folder_id, all, err) < 0) {
        g_ptr_array_unref(all);
        return -1;
    }
    l = g_memdup2(point, sizeof(*point));
    l->appointments = g_ptr_array_ref(all);
    g_hash_table_replace(calendar_of(store)->folders,
                         g_memdup2(&folder, sizeof(folder)), l);
    *ret = all;
    return 0;
}

static int list_locked(struct lab_store *store, int64_t mailbox,
                       const char *folder_id, GPtrArray **ret, struct err *err)
{
    struct listing point = { 0 };
    const struct listing *l;
    int64_t folder = 0;

    if (lab_folder_key(store, mailbox, folder_id, &folder, err) < 0 ||
        read_point(store, folder, &point, err) < 0)
        return -1;
    l = g_hash_table_lookup(calendar_of(store)->folders, &folder);
    if (l == NULL || l->n != point.n || l->changed != point.changed ||
        l->read != point.read)
        return fill(store, mailbox, folder_id, folder, &point, ret, err);
    *ret = g_ptr_array_ref(l->appointments);
    return 0;
}

int lab_calendar_list(struct lab_store *store, int64_t mailbox,
                      const char *folder_id, GPtrArray **ret, struct err *err)
{
    int status;

    lab_lock(store);
    status = list_locked(store, mailbox, folder_id, ret, err);
    lab_unlock(store);
    return status;
}

static bool same_uid(const struct lab_appointment *a,
                     const struct mapi_prop *uid)
{
    gsize n = 0;
    const void *data = a->uid != NULL ? g_bytes_get_data(a->uid, &n) : NULL;

    return data != NULL && n == uid->size && memcmp(data, uid->data, n) == 0;
}

bool lab_calendar_find(struct lab_store *store, int64_t mailbox,
                       const struct mapi_prop *uid, struct lab_item *ret,
                       int32_t *ret_sequence)
{
    g_auto(lab_folder) folder = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (uid == NULL || PROP_TYPE(uid->tag) != PT_BINARY ||
        lab_store_distinguished(store, mailbox, "calendar", &folder, &err) <
            0 ||
        lab_calendar_list(store, mailbox, folder.id, &all, &err) < 0)
        return false;
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const struct lab_appointment *a = all->pdata[i];

        if (!same_uid(a, uid))
            continue;
        lab_item_copy_columns(ret, &a->item);
        if (ret_sequence != NULL)
            *ret_sequence = a->sequence;
        return true;
    }
    return false;
}
