/*
 * store_priv - what the store's files share.
 *
 * Invariants of the database:
 *   - one counter numbers folders, items, changes and the log's sequence; it
 *     only grows, and stands in `meta` at every commit;
 *   - created_seq <= changed_seq; an item that has only been marked read or
 *     unread since has read_seq above both;
 *   - what leaves a folder leaves a row in `gone`, so a folder's log is
 *     complete: its items and its gone rows;
 *   - a folder's counts equal what is in it (kept by triggers).
 */
#ifndef LAB_STORE_PRIV_H
#define LAB_STORE_PRIV_H

#include <pthread.h>
#include <sqlite3.h>

#include "lab/mapi.h"
#include "lab/store.h"

struct lab_calendar;

struct lab_store {
    pthread_mutex_t lock; /* recursive; guards everything below */
    unsigned int depth;   /* of nested transactions */
    bool failed;          /* one of them did: the outermost rolls back */
    sqlite3 *db;
    GHashTable *statements; /* SQL text to sqlite3_stmt * */
    int64_t counter;
    struct lab_calendar *calendar; /* store_calendar.c; NULL: not yet */
    /* fixed after opening */
    char *organisation, *language;
    uint64_t seed;
    uint8_t replica[16];
    struct lab_profile profile;
    /* set before the first request */
    int64_t clock_skew_us;
    uint64_t item_bytes_max; /* 0: any */
};

/* The store's own clock. */
int64_t lab_now(const struct lab_store *store);

/* ---- database ------------------------------------------------------- */

/*
 * Every public function runs between these two.  A writing one is a
 * transaction (nested ones are part of the outermost); leave() commits when
 * status is not negative, else rolls back, and returns status, or -1 when
 * the commit failed.
 */
int lab_enter(struct lab_store *store, struct err *err);
int lab_leave(struct lab_store *store, int status, struct err *err);
/* The same for reading alone. */
void lab_lock(struct lab_store *store);
void lab_unlock(struct lab_store *store);

int64_t lab_next(struct lab_store *store);

/* The tables of store_directory.c. */
extern const char lab_directory_schema[];

/*
 * Prepare (once for each literal), bind.  types, one letter a parameter:
 *   i int64_t   s const char * (NULL: null)   b const void *, size_t
 * NULL and *err when it cannot be prepared.
 * End with lab_done(); a statement must not be in use twice at a time.
 */
sqlite3_stmt *lab_query(struct lab_store *store, struct err *err,
                        const char *sql, const char *types, ...);
/* 1: a row; 0: no more; -1. */
int lab_step(struct lab_store *store, sqlite3_stmt *q, struct err *err);
void lab_done(sqlite3_stmt *q);
/* What the database says of its last failure.  Returns -1. */
int lab_broken(struct lab_store *store, struct err *err);
/* The SQL functions of store_find.c. */
int lab_find_functions(sqlite3 *db);
/* A statement without rows. */
int lab_exec(struct lab_store *store, struct err *err, const char *sql,
             const char *types, ...) G_GNUC_WARN_UNUSED_RESULT;
/* One number; fallback when there is no row or it is null. */
int lab_number(struct lab_store *store, struct err *err, int64_t *ret,
               const char *sql, const char *types,
               ...) G_GNUC_WARN_UNUSED_RESULT;

/* One text, to be freed; *ret is left alone when there is no row: 0, else 1. */
int lab_word(struct lab_store *store, struct err *err, char **ret,
             const char *sql, const char *types, ...) G_GNUC_WARN_UNUSED_RESULT;

/* NULL for null. */
char *lab_column_dup(sqlite3_stmt *q, int column);

/* ERR_ITEM with that ResponseCode (static).  Returns -1. */
int lab_refuse(struct err *err, const char *code, const char *fmt, ...)
    PRINTF(3, 4);

/*
 * An item that has just been made out of another, by moving or copying it:
 * for those who are told of events (store_event.c).
 */
int lab_event_was(struct lab_store *store, int64_t key, int64_t old_key,
                  bool moved, struct err *err);

/* ---- ids ------------------------------------------------------------ */

struct lab_id {
    bool item;
    char mailbox[37]; /* GUID as text */
    uint8_t replica[16];
    int64_t folder, key; /* key: 0 in a folder's id */
    uint32_t occurrence; /* its date, of one of a series; 0: none */
};

char *lab_id_format(const struct lab_id *id);
/* -1 when the text is no id of this form. */
int lab_id_parse(const char *text, struct lab_id *ret);

/* Change keys: of which type of object, which change. */
char *lab_change_key(const struct lab_store *store, unsigned int type,
                     int64_t change);
unsigned int lab_object_type(const char *item_class);

/* Where a folder's reader is: see store_sync.c. */
struct lab_sync_state {
    int64_t folder, epoch;
    int64_t base, position, high;
    bool associated;
};
char *lab_sync_format(const struct lab_store *store,
                      const struct lab_sync_state *state);
int lab_sync_parse(const struct lab_store *store, const char *text,
                   struct lab_sync_state *ret);

/* ---- mailboxes and folders ------------------------------------------ */

/* Languages of their names: en, de, fr, es, ja. */
#define LAB_LANGUAGES 5

/*
 * Well-known folders: distinguished id, names, class, place.  Those of an
 * archive mailbox have ids that begin with "archive".
 */
struct lab_well_known {
    const char *id;
    const char *parent; /* NULL for the root */
    /* In each language; one that is NULL is as in English. */
    const char *names[LAB_LANGUAGES];
    const char *folder_class; /* or NULL */
    enum lab_folder_kind kind;
    bool dumpster;
};
extern const struct lab_well_known lab_well_known[];
extern const size_t lab_n_well_known;
/* NULL when there is none of that id. */
const struct lab_well_known *lab_well_known_find(const char *id);

int lab_make_well_known(struct lab_store *store, int64_t mailbox, bool archive,
                        struct err *err);

/* The mailbox's GUID as text. */
int lab_mailbox_guid(struct lab_store *store, int64_t mailbox, char ret[37],
                     struct err *err);

/* A folder's key by its id; "ErrorFolderNotFound". */
int lab_folder_key(struct lab_store *store, int64_t mailbox, const char *id,
                   int64_t *ret, struct err *err);
int lab_distinguished_key(struct lab_store *store, int64_t mailbox,
                          const char *name, int64_t *ret, struct err *err);
/*
 * A move or a copy: what `deed` does with the keys of the folder and of its new
 * parent, as one change; *made is the folder there, which *ret tells of.
 */
typedef int (*lab_folder_deed)(struct lab_store *store, int64_t mailbox,
                               int64_t key, int64_t to, int64_t *made,
                               struct err *err);
int lab_folder_transfer(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_parent_id,
                        lab_folder_deed deed, struct lab_folder *ret,
                        struct err *err);
/* "ErrorInvalidFolderTypeForOperation" for one that holds no items. */
int lab_folder_takes_items(struct lab_store *store, int64_t folder,
                           struct err *err);
int lab_folder_read(struct lab_store *store, int64_t folder,
                    struct lab_folder *ret, struct err *err);

/* A folder as it goes into the table; texts are borrowed. */
struct lab_new_folder {
    int64_t mailbox, parent;
    const char *name, *folder_class, *distinguished;
    enum lab_folder_kind kind;
    bool dumpster;
};
/* As it is, with no check of its name. */
int lab_folder_insert(struct lab_store *store, const struct lab_new_folder *f,
                      int64_t *ret, struct err *err);
/*
 * The same with all checks; class (NULL: the parent's), kind and permissions
 * follow from the parent.
 */
int lab_folder_create(struct lab_store *store, struct lab_new_folder *f,
                      int64_t *ret, struct err *err);
/* Whether that name may stand in the parent; except: a key to leave out. */
int lab_folder_check_name(struct lab_store *store, int64_t parent,
                          const char *name, int64_t except, struct err *err);
/* What two names share that are one to Exchange. */
char *lab_folder_fold(const char *name);
enum lab_folder_kind lab_folder_kind_of(const char *folder_class);

/* Keys and depths below ?1, all levels if ?2: for SELECT. */
#define LAB_BELOW                                                              \
    "WITH RECURSIVE below(key, depth) AS (SELECT key, 1 FROM folder"           \
    " WHERE parent = ?1 UNION ALL SELECT folder.key, depth + 1"                \
    " FROM below JOIN folder ON folder.parent = below.key WHERE ?2) "
/* struct lab_folder * to be freed by the array; parents first. */
int lab_folder_list(struct lab_store *store, int64_t parent, bool deep,
                    GPtrArray *all, struct err *err);
GPtrArray *lab_folder_array(void);
/* 1: the folder is the other, or below it. */
int lab_folder_is_below(struct lab_store *store, int64_t folder,
                        int64_t ancestor, struct err *err);
/* Keys of its items; hidden: of those too. */
int lab_folder_items(struct lab_store *store, int64_t folder, bool hidden,
                     GArray *keys, struct err *err);

/* A new folder has its parent's permissions. */
int lab_permission_inherit(struct lab_store *store, int64_t parent,
                           int64_t folder, struct err *err);

/* ---- items ---------------------------------------------------------- */

/* The columns before they have ids: what a tree says of itself. */
void lab_columns_draw(const struct mapi_item *item, struct lab_item *ret);

/* The columns of lab_item_from_row(), for SELECT. */
#define LAB_ITEM_COLUMNS                                                       \
    "item.key, item.folder, item.change, item.class, item.subject, "           \
    "item.sender, item.message_id, item.search_key, item.received, "           \
    "item.sent, item.created, item.modified, item.size, item.read, "           \
    "item.associated, item.attachments "
struct lab_item *lab_item_from_row(struct lab_store *store,
                                   const char *mailbox_guid, sqlite3_stmt *q);

/* "ErrorItemNotFound" when there is none of that key. */
int lab_item_read(struct lab_store *store, int64_t key, struct lab_item *ret,
                  struct err *err);
/* The bytes as they are exported: shorter where a fault damaged them. */
int lab_payload_read(struct lab_store *store, int64_t key, GBytes **ret,
                     struct err *err);
/* Instead of what was there. */
int lab_payload_put(struct lab_store *store, int64_t key, GBytes *payload,
                    struct err *err);
/* "ErrorQuotaExceeded" */
int lab_check_quota(struct lab_store *store, int64_t folder,
                    uint64_t more_bytes, struct err *err);
/* A time of the tree; now when it has none. */
int64_t lab_stamp(const struct lab_store *store, const struct mapi_item *item,
                  uint32_t tag);

/* An item's key and folder by its id; "ErrorItemNotFound". */
int lab_item_key(struct lab_store *store, int64_t mailbox, const char *id,
                 int64_t *ret_key, struct err *err);
/* Move to the folder under a new id; *ret may be NULL: the new key. */
int lab_item_move(struct lab_store *store, int64_t key, int64_t to_folder,
                  int64_t *ret, struct err *err);
/* A copy in the folder; *ret may be NULL: its key. */
int lab_item_copy(struct lab_store *store, int64_t key, int64_t to_folder,
                  int64_t *ret, struct err *err);
/* Remove for good, leaving a line in the folder's log. */
int lab_item_remove(struct lab_store *store, int64_t key, struct err *err);

#endif
