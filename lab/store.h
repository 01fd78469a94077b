/*
 * store - what the stand-in Exchange keeps: organisation, accounts,
 * mailboxes, folders, items and the log of their changes.
 *
 * SQLite in memory or in a file; a file may be read by another process while
 * this one writes (write-ahead log).  Every function may be called from any
 * thread.  One process writes.
 *
 * Errors are of scope ERR_ITEM for what the caller asked wrong; err->name is
 * then the EWS ResponseCode to answer with ("ErrorItemNotFound", static).
 * A failing database is ERR_RUN with the name "ErrorInternalServerError".
 *
 * `mailbox`, `account` and `key` are the store's own numbers.  Ids of items
 * and folders are opaque base64 text as EWS clients see them, case-sensitive,
 * bound to one mailbox and one folder: a moved item has another.
 */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "lab/fts_write.h"
#include "lab/mapi.h"

struct lab_store;
typedef struct lab_store lab_store;

struct lab_store_options {
    const char *path;         /* NULL: in memory */
    const char *organisation; /* "First Organization"; kept by the file */
    const char *language;     /* of well-known folders: en, de, fr, es or ja */
    uint64_t seed;            /* of ids and of lab_profile; kept by the file */
};

/* Whether there are names of well-known folders in that language. */
bool lab_language_known(const char *code);

/* Open or create; a file keeps what it was created with. */
int lab_store_open(const struct lab_store_options *options,
                   struct lab_store **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void lab_store_close(struct lab_store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lab_store, lab_store_close)

const char *lab_store_organisation(const struct lab_store *store);
/* How this server writes streams; lives as long as the store. */
const struct lab_profile *lab_store_profile(const struct lab_store *store);

/*
 * How far ahead its clock is, and the largest item that it takes (0: any);
 * before the first request.  A larger one is "ErrorMessageSizeExceeded".
 */
void lab_store_set_limits(struct lab_store *store, int64_t clock_skew_us,
                          uint64_t item_bytes_max);

/* ---- accounts and mailboxes ---------------------------------------- */

struct lab_account {
    int64_t key;
    char *domain;  /* "FIRST" in FIRST\user */
    char *user;    /* "user1" in FIRST\user1 */
    char *address; /* user principal name; also a login */
    char *display_name;
    char *password; /* plain: NTLM's proof needs it, and it is a lab */
    bool may_impersonate;
    int64_t mailbox; /* its own; 0: none */
};
typedef struct lab_account lab_account;
void lab_account_clear(struct lab_account *a);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_account, lab_account_clear)

/*
 * ret_key may be NULL.  key is ignored; mailbox 0 gives it none.
 * "ErrorInvalidOperation" when a login is taken.
 */
int lab_store_add_account(struct lab_store *store, const struct lab_account *a,
                          int64_t *ret_key,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * By DOMAIN\user, user@domain or user alone, whatever the case.  For NTLM's
 * two parts pass domain and user; domain may be NULL or "".  Returns 1 and
 * *ret, 0 when there is none.
 */
int lab_store_find_account(struct lab_store *store, const char *domain,
                           const char *user, struct lab_account *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Change what may change: the password and the right to impersonate. */
int lab_store_set_account(struct lab_store *store, int64_t account,
                          const char *password, bool may_impersonate,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct lab_mailbox {
    int64_t key;
    char *address; /* primary SMTP address */
    char *display_name;
    char *legacy_dn; /* "/o=First Organization/ou=.../cn=Recipients/cn=user1" */
    char *guid;      /* text, lower case */
    uint64_t quota_bytes; /* 0: none */
    uint64_t used_bytes;  /* without the dumpster */
    uint64_t dumpster_quota_bytes, dumpster_used_bytes;
    int64_t archive_of; /* the mailbox whose archive it is; 0: no archive */
};
typedef struct lab_mailbox lab_mailbox;
void lab_mailbox_clear(struct lab_mailbox *m);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_mailbox, lab_mailbox_clear)

/* With its well-known folders.  "ErrorInvalidOperation": address taken. */
int lab_store_add_mailbox(struct lab_store *store, const char *address,
                          const char *display_name, uint64_t quota_bytes,
                          int64_t *ret_key,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_add_alias(struct lab_store *store, int64_t mailbox,
                        const char *address,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_set_quota(struct lab_store *store, int64_t mailbox,
                        uint64_t quota_bytes,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Of Recoverable Items; 0: none. */
int lab_store_set_dumpster_quota(struct lab_store *store, int64_t mailbox,
                                 uint64_t quota_bytes,
                                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Give the mailbox an archive: a mailbox of its own, with a GUID, quotas and
 * well-known folders ("archivemsgfolderroot", ...), which has the address of
 * its owner and is found by lab_store_archive() alone.
 * "ErrorInvalidOperation": it has one.
 */
int lab_store_add_archive(struct lab_store *store, int64_t mailbox,
                          uint64_t quota_bytes, int64_t *ret_key,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Returns 1 and its key, 0 when the mailbox has none. */
int lab_store_archive(struct lab_store *store, int64_t mailbox,
                      int64_t *ret_key,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * By primary address or alias, whatever the case; ret->address tells which
 * is the primary one.  Returns 1, 0 when there is none.
 */
int lab_store_find_mailbox(struct lab_store *store, const char *address,
                           struct lab_mailbox *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_get_mailbox(struct lab_store *store, int64_t mailbox,
                          struct lab_mailbox *ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All but archives, by address: an array of struct lab_mailbox *, owned. */
int lab_store_mailboxes(struct lab_store *store, GPtrArray **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Full access of an account on a mailbox that is not its own. */
int lab_store_grant(struct lab_store *store, int64_t account, int64_t mailbox,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1: own mailbox or full access; 0: neither. */
int lab_store_may_open(struct lab_store *store, int64_t account,
                       int64_t mailbox,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- folders ------------------------------------------------------- */

enum lab_folder_kind {
    LAB_FOLDER_PLAIN,
    LAB_FOLDER_SEARCH, /* holds links, not items */
    LAB_FOLDER_CALENDAR,
    LAB_FOLDER_CONTACTS,
    LAB_FOLDER_TASKS,
};

struct lab_folder {
    int64_t key;
    char *id;
    char *change_key;
    char *parent_id;     /* NULL for the mailbox's root */
    char *name;          /* may hold any character */
    char *folder_class;  /* "IPF.Note"; NULL: none */
    char *distinguished; /* "inbox"; NULL for user folders */
    enum lab_folder_kind kind;
    uint32_t n_items;  /* visible */
    uint32_t n_unread; /* of those */
    uint32_t n_hidden; /* associated */
    uint32_t n_children;
    uint64_t size_bytes;
    int64_t created_us, modified_us; /* of the folder itself */
    int64_t touched_us;              /* last change of what is in it */
    bool dumpster;                   /* below Recoverable Items */
};
typedef struct lab_folder lab_folder;
void lab_folder_clear(struct lab_folder *f);
void lab_folder_free(struct lab_folder *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_folder, lab_folder_clear)

/*
 * By id, or by distinguished id: root, msgfolderroot, inbox, sentitems,
 * drafts, deleteditems, outbox, junkemail, calendar, contacts, tasks, notes,
 * journal, searchfolders, recoverableitemsroot, recoverableitemsdeletions,
 * recoverableitemsversions, recoverableitemspurges.  "ErrorInvalidIdMalformed"
 * or "ErrorFolderNotFound" when there is none; an id of another mailbox is
 * not found.  In an archive mailbox "deleteditems" and "archivedeleteditems"
 * are the same.
 */
int lab_store_folder(struct lab_store *store, int64_t mailbox, const char *id,
                     struct lab_folder *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_distinguished(struct lab_store *store, int64_t mailbox,
                            const char *name, struct lab_folder *ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The mailbox that a folder's or item's id belongs to: full access reaches a
 * mailbox by its ids alone.  Returns 1, 0 when the id is none of this store.
 */
int lab_store_id_mailbox(struct lab_store *store, const char *id,
                         int64_t *ret_mailbox,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The folder that an item's id says it lies in, or a folder's own; 0: none. */
int lab_store_id_folder(struct lab_store *store, const char *id,
                        int64_t *ret_folder,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Folders below parent_id: its children, or all levels when deep, parents
 * before children.  An array of struct lab_folder *, owned.
 */
int lab_store_folders(struct lab_store *store, int64_t mailbox,
                      const char *parent_id, bool deep, GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * "ErrorFolderExists" when the parent has one of that name (compared as
 * Exchange does, whatever the case).  A NULL class takes the parent's.
 */
int lab_store_create_folder(struct lab_store *store, int64_t mailbox,
                            const char *parent_id, const char *name,
                            const char *folder_class, struct lab_folder *ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A search folder: listed like others, but nothing is stored in it. */
int lab_store_create_search(struct lab_store *store, int64_t mailbox,
                            const char *parent_id, const char *name,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What is to change about a folder; NULL: it stays as it is. */
struct lab_folder_edit {
    const char *name;
    const char *folder_class;
    const struct mapi_item *props; /* all of lab_store_folder_props() */
};
/*
 * Well-known folders too: their names are no more than names to the store.
 * A new change key.  "ErrorFolderExists", "ErrorFolderSavePropertyError".
 */
int lab_store_update_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, const struct lab_folder_edit *edit,
                            struct lab_folder *ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_rename_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, const char *name,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What clients have put on it: a tree with properties alone. */
int lab_store_folder_props(struct lab_store *store, int64_t mailbox,
                           const char *id, struct mapi_item **ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Both: "ErrorMoveCopyFailed" into itself, "ErrorFolderExists". */
int lab_store_move_folder(struct lab_store *store, int64_t mailbox,
                          const char *id, const char *to_parent_id,
                          struct lab_folder *ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* With all below it, hidden items too; "ErrorQuotaExceeded". */
int lab_store_copy_folder(struct lab_store *store, int64_t mailbox,
                          const char *id, const char *to_parent_id,
                          struct lab_folder *ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

enum lab_delete {
    LAB_DELETE_HARD, /* for good */
    LAB_DELETE_SOFT, /* to the dumpster */
    LAB_DELETE_MOVE, /* to Deleted Items */
};

/* With all below it; items of a soft-deleted one go to the dumpster. */
int lab_store_delete_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, enum lab_delete how,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * All visible items of it, and what is below it if `folders`.
 * "ErrorCannotEmptyFolder": a search folder, a root, Deleted Items into
 * itself, or well-known folders below it.
 */
int lab_store_empty_folder(struct lab_store *store, int64_t mailbox,
                           const char *id, enum lab_delete how, bool folders,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- permissions --------------------------------------------------- */

/* [MS-OXCPERM] 2.2.7: PidTagMemberRights. */
enum lab_right {
    LAB_RIGHT_READ = 0x1,
    LAB_RIGHT_CREATE = 0x2,
    LAB_RIGHT_EDIT_OWN = 0x8,
    LAB_RIGHT_DELETE_OWN = 0x10,
    LAB_RIGHT_EDIT_ALL = 0x20,
    LAB_RIGHT_DELETE_ALL = 0x40,
    LAB_RIGHT_SUBFOLDERS = 0x80,
    LAB_RIGHT_OWNER = 0x100,
    LAB_RIGHT_CONTACT = 0x200,
    LAB_RIGHT_VISIBLE = 0x400,
    LAB_RIGHT_FREEBUSY = 0x800,
    LAB_RIGHT_FREEBUSY_DETAILS = 0x1000,
    LAB_RIGHTS_ALL = 0x1FFB,
};

/* Who has a permission: the key of a mailbox, or one of these. */
enum lab_member {
    LAB_MEMBER_DEFAULT = 0,
    LAB_MEMBER_ANONYMOUS = -1,
    LAB_MEMBER_UNKNOWN = -2, /* someone who is no more: name alone */
};

struct lab_permission {
    int64_t member;
    char *name;      /* LAB_MEMBER_UNKNOWN: its text; a mailbox: its name */
    char *address;   /* of a mailbox; else NULL */
    uint32_t rights; /* LAB_RIGHT_ */
};
void lab_permission_free(struct lab_permission *p);

/*
 * Default, Anonymous, then people in the order in which they were stored.
 * An array of struct lab_permission *, owned.
 */
int lab_store_permissions(struct lab_store *store, int64_t mailbox,
                          const char *folder_id, GPtrArray **ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Replace them all by those in the array (addresses are ignored).  Default
 * and Anonymous that are not among them keep nothing.  The folder gets a new
 * change key.
 */
int lab_store_set_permissions(struct lab_store *store, int64_t mailbox,
                              const char *folder_id, const GPtrArray *all,
                              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * LAB_RIGHT_ bits that the owner of mailbox `member` (0: someone without one)
 * has on the folder with that key (struct lab_folder).  What owning the
 * mailbox or full access gives is not looked at.
 */
int lab_store_rights(struct lab_store *store, int64_t member, int64_t folder,
                     uint32_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- items --------------------------------------------------------- */

/* The columns that are drawn out of an item. */
struct lab_item {
    int64_t key;
    char *id;
    char *change_key;
    char *folder_id;
    char *item_class;    /* "IPM.Note" */
    char *subject;       /* NULL when the item has none */
    char *sender;        /* address, else name; NULL */
    char *message_id;    /* internet message id; NULL */
    GBytes *search_key;  /* 0x300B; NULL */
    int64_t received_us; /* TIMESTAMP_NONE when absent; as the next ones */
    int64_t sent_us;
    int64_t created_us;
    int64_t modified_us;
    uint64_t size_bytes; /* 0x0E08: not the payload's size */
    bool read;
    bool associated;
    bool has_attachments;
};
typedef struct lab_item lab_item;
void lab_item_clear(struct lab_item *item);
void lab_item_free(struct lab_item *item);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_item, lab_item_clear)

/* "ErrorInvalidIdMalformed" or "ErrorItemNotFound". */
int lab_store_item(struct lab_store *store, int64_t mailbox, const char *id,
                   struct lab_item *ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

enum lab_action {
    LAB_CREATE_NEW,
    LAB_UPDATE,           /* "ErrorItemNotFound" when it is gone */
    LAB_UPDATE_OR_CREATE, /* [MS-OXWSBTRF] CreateActionType */
};

struct lab_upload {
    enum lab_action action;
    const char *folder_id;
    const char *item_id; /* NULL for LAB_CREATE_NEW */
    bool associated;
    const uint8_t *data; /* decoded payload */
    size_t len;
    const char *actor; /* display name of the account; may be NULL */
    /*
     * Instead of data: the item as a client's CreateItem, UpdateItem or
     * CreateAttachment makes it.  It is changed as an upload is, but on
     * LAB_UPDATE attachments that were there keep their numbers.
     */
    struct mapi_item *tree;
    /* Of LAB_UPDATE; when it is not this: "ErrorIrresolvableConflict" */
    const char *change_key;
};

/*
 * Store an item as UploadItems does: parsed, changed as a real server
 * changes it (fts_edit.h), checked against the quota.  Only id and
 * change_key of *ret are certain to be of use; all is filled.  Each is one
 * transaction: an error means that nothing was stored.
 *
 * "ErrorCorruptData", "ErrorQuotaExceeded", "ErrorFolderNotFound",
 * "ErrorItemNotFound", "ErrorInvalidIdMalformed".
 */
int lab_store_upload(struct lab_store *store, int64_t mailbox,
                     const struct lab_upload *upload, struct lab_item *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Store an item that the server makes itself: generated mail, a receipt.
 * The tree gets its keys and computed properties (fts_edit.h), but keeps the
 * creation and modification stamps that stand in it.  No quota.  ret may be
 * NULL.
 */
int lab_store_put(struct lab_store *store, int64_t mailbox,
                  const char *folder_id, bool associated,
                  struct mapi_item *item, struct lab_item *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The payload as ExportItems gives it, decoded, and the item's columns
 * (ret_item may be NULL).
 */
int lab_store_export(struct lab_store *store, int64_t mailbox, const char *id,
                     GBytes **ret, struct lab_item *ret_item,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

int lab_store_delete_item(struct lab_store *store, int64_t mailbox,
                          const char *id, enum lab_delete how,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* *ret: the item under its new id, as in its new folder. */
int lab_store_move_item(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_folder_id,
                        struct lab_item *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A second one, within the mailbox; "ErrorQuotaExceeded". */
int lab_store_copy_item(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_folder_id,
                        struct lab_item *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The change key stays, as on a real server. */
int lab_store_set_read(struct lab_store *store, int64_t mailbox, const char *id,
                       bool read, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What an assistant does: new change key and stamp, the content as it was. */
int lab_store_touch(struct lab_store *store, int64_t mailbox, const char *id,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Damage the stored payload for a fault: it is exported with its last
 * `cut_bytes` missing.
 */
int lab_store_damage(struct lab_store *store, int64_t mailbox, const char *id,
                     size_t cut_bytes,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct lab_list {
    const char *folder_id;
    bool associated; /* the hidden ones instead of the visible */
    bool oldest_first;
    uint64_t offset;
    uint32_t max;
};

/*
 * One page by received date (else created), newest first.  *ret: an array of
 * struct lab_item *, owned; *ret_total: items in the folder, of this kind.
 */
int lab_store_list(struct lab_store *store, int64_t mailbox,
                   const struct lab_list *list, GPtrArray **ret,
                   uint64_t *ret_total,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- synchronisation ----------------------------------------------- */

enum lab_change_kind {
    LAB_CREATED,
    LAB_UPDATED,
    LAB_DELETED,
    LAB_READ_FLAG,
};

/*
 * One line for an item, whatever happened to it since: created and then
 * updated is created; created and deleted is nothing; updated and marked is
 * updated.
 */
struct lab_change {
    enum lab_change_kind kind;
    char *id;                  /* of the item or folder */
    struct lab_item *item;     /* NULL when deleted, and in a hierarchy */
    struct lab_folder *folder; /* in a hierarchy, not when deleted */
};

struct lab_sync {
    const char *folder_id;
    const char *state; /* NULL or "": from the beginning */
    uint32_t max;      /* changes in this page; 0 counts as 1 */
    bool associated;   /* hidden items too (SyncScope) */
};

struct lab_sync_page {
    GPtrArray *changes; /* of struct lab_change *, owned */
    char *state;        /* opaque: where the next call goes on */
    bool last;          /* IncludesLastItemInRange */
};
void lab_sync_page_clear(struct lab_sync_page *page);
typedef struct lab_sync_page lab_sync_page;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_sync_page, lab_sync_page_clear)

/*
 * "ErrorInvalidSyncStateData" for a state that is damaged, of another folder
 * or of before lab_store_expire_sync().
 */
int lab_store_sync_items(struct lab_store *store, int64_t mailbox,
                         const struct lab_sync *sync, struct lab_sync_page *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* All folders below sync->folder_id, in one page; max does not count. */
int lab_store_sync_folders(struct lab_store *store, int64_t mailbox,
                           const struct lab_sync *sync,
                           struct lab_sync_page *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* From now on every state handed out before is refused. */
int lab_store_expire_sync(struct lab_store *store, int64_t mailbox,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
