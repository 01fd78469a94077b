/*
 * mem - a mailbox in memory: an endpoint for tests, and their oracle.
 *
 * It behaves as Exchange does where that matters: ids differ in case only,
 * an item that moves gets another id, every edit gives another change key and
 * a read mark does not, deleted items go to a dumpster, lists are drained page
 * by page with tokens that grow stale.  It never fails by itself: see fault.h
 * for that.
 *
 * The mailbox is shared by all handles on it, under one lock; every function
 * here may be called from any thread, beside the handles' own calls.  Strings
 * that are returned as const live as long as the mailbox.
 */
#ifndef ENDPOINT_MEM_H
#define ENDPOINT_MEM_H

#include "endpoint/endpoint.h"

struct mem;
typedef struct mem mem;

/* What a server draws out of a payload.  Borrowed strings, each or NULL. */
struct mem_columns {
    const char *item_class; /* NULL: "IPM.Note" */
    const char *search_key; /* as endpoint_change has it */
    const char *subject, *sender;
    int64_t received_us; /* 0 stands for TIMESTAMP_NONE */
    bool read;
    bool associated; /* a hidden item */
};

/*
 * What the mailbox does to an uploaded item before it keeps it: return the
 * payload to be stored (a reference of one's own; NULL: as it came) and fill
 * columns, whose strings need live only until the next call.  Called under
 * the mailbox's lock.
 */
typedef GBytes *mem_intake(void *data, const void *payload, size_t len,
                           struct mem_columns *columns);

/*
 * How the mailbox shows a payload that is asked for as PAYLOAD_PORTABLE: a
 * sealed item, the caller's.  An item that came so is kept and shown as it is.
 * The mailbox draws its columns out of texts and flags with these keys.
 */
typedef struct portable *mem_show(void *data, const void *payload, size_t len);
#define MEM_SUBJECT    "subject"
#define MEM_SENDER     "sender"
#define MEM_SEARCH_KEY "search key"
#define MEM_RECEIVED   "received"
#define MEM_READ       "read"

/* In front of the stamp of an item that is not whole yet. */
#define MEM_UNFINISHED "unfinished:"

struct mem_options {
    const char *address;        /* NULL: "user@example.com" */
    unsigned int missing_caps;  /* enum endpoint_cap bits that it lacks */
    uint64_t request_max_bytes; /* larger uploads are refused whole; 0: none */
    uint64_t quota_bytes;       /* told, not enforced; 0: none */
    mem_intake *intake;         /* or NULL: kept as it comes */
    void *intake_data;
    mem_show *show; /* or NULL: no ENDPOINT_CAP_PORTABLE */
    void *show_data;
    bool no_settings; /* it offers none of what endpoint/settings.h has */
};

/* An empty mailbox: only a root.  options: NULL for the defaults. */
struct mem *mem_new(const struct mem_options *options);
/* After every handle on it. */
void mem_free(struct mem *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mem, mem_free)

/* A first handle; not opened yet. */
struct endpoint *mem_endpoint(struct mem *m);

/* ---- the user, the assistants and the administrator ------------------ */

const char *mem_root(struct mem *m);
/* The mailbox has that tree from here on; its root. */
const char *mem_add_root(struct mem *m, enum endpoint_root root);
/* And from here on it says that it has none; mem_add_root() makes a new one. */
void mem_lose_root(struct mem *m, enum endpoint_root root);

struct mem_folder_init {
    const char *parent_id; /* NULL: the root */
    const char *name;
    const char *well_known, *folder_class; /* or NULL */
    bool search;
};
const char *mem_add_folder(struct mem *m, const struct mem_folder_init *init);
/*
 * Inbox, calendar, contacts and so on, with their distinguished ids; names in
 * English, or in German, since real mailboxes are localised.
 */
void mem_add_usual_folders(struct mem *m, bool german);
/* The id of a well-known folder; NULL when there is none. */
const char *mem_well_known(struct mem *m, const char *well_known);
void mem_rename_folder(struct mem *m, const char *folder_id, const char *name);
/* With everything in it; its items are gone without a trace. */
void mem_delete_folder(struct mem *m, const char *folder_id);

/* columns may be NULL.  The intake hook is not asked. Returns the id. */
const char *mem_add_item(struct mem *m, const char *folder_id,
                         const void *payload, size_t len,
                         const struct mem_columns *columns);
/* The same id; another payload, another change key.  columns NULL: stay. */
void mem_edit_item(struct mem *m, const char *id, const void *payload,
                   size_t len, const struct mem_columns *columns);
/* An assistant was here: another change key and nothing else. */
void mem_touch_item(struct mem *m, const char *id);
/* Listed as a read flag; the change key stays. */
void mem_set_read(struct mem *m, const char *id, bool read);
/* Returns the new id; the old one is listed as deleted in its folder. */
const char *mem_move_item(struct mem *m, const char *id, const char *folder_id);
void mem_delete_item(struct mem *m, const char *id);

/* Every token given out so far becomes stale. */
void mem_forget_tokens(struct mem *m);

/* Its server has been left alone for so much longer, by quiet hours. */
void mem_be_quiet(struct mem *m, int64_t us);

/* Each fetch and put is said to take the server so long; it takes none. */
void mem_be_slow(struct mem *m, int64_t us);
/* And that it is an account of its time that holds us up. */
void mem_keep_account(struct mem *m);

/*
 * Whatever happens: it is told as the time of each folder's last change, as if
 * all were within one second of a server that tells whole ones.  0: no more.
 */
void mem_tell_changed(struct mem *m, int64_t us);

/*
 * Somebody in the directory of its organisation; alias is another address, or
 * NULL.  Only who is there can be given rights.
 */
void mem_add_person(struct mem *m, const char *address, const char *alias);
/* What its directory calls the mailbox; NULL, as at first: it has no names. */
void mem_set_own_name(struct mem *m, const char *dn);
/*
 * What somebody may do in a folder; 0: the entry goes.  address: a person's,
 * or "Default" or "Anonymous".
 */
void mem_grant(struct mem *m, const char *folder_id, const char *address,
               unsigned int rights);
/* An entry that the server cannot name any more. */
void mem_grant_unknown(struct mem *m, const char *folder_id, const char *sid);
/* Copies are kept. */
void mem_set_delegates(struct mem *m, const struct endpoint_delegates *all);

/*
 * What a mailbox has of its user's (mem_user.c); copies are kept.  A rule is
 * added as the last one; outlook: Outlook keeps rules of its own.
 */
void mem_set_settings_offered(struct mem *m, bool offered);
void mem_add_rule(struct mem *m, const struct endpoint_rule *rule);
void mem_remove_rules(struct mem *m);
void mem_set_outlook_rules(struct mem *m, bool outlook);
void mem_set_auto_reply(struct mem *m, const struct endpoint_auto_reply *reply);
void mem_set_option(struct mem *m, const char *key, const char *type,
                    const char *value);
void mem_add_category(struct mem *m, const char *name, int color,
                      unsigned int shortcut, const char *guid);
void mem_set_photo(struct mem *m, const char *text);

/* ---- the oracle ------------------------------------------------------ */

/*
 * "name on clause=values clause=values;" of every rule, by priority, and
 * " +outlook" where Outlook has some.  The caller frees this and the others.
 */
char *mem_rules(struct mem *m);
/* "state audience internal|external" */
char *mem_auto_reply(struct mem *m);
/* "key=values;" in their order; NULL: there are none */
char *mem_options(struct mem *m);
/* "name color shortcut guid;" in their order; NULL: there is no list */
char *mem_categories(struct mem *m);
char *mem_photo(struct mem *m);

/*
 * "address rights;" of every entry of a folder, in its order, levels by name
 * and what has none as Custom(hex).  The caller frees.
 */
char *mem_permissions(struct mem *m, const char *folder_id);
/*
 * "address calendar/tasks/inbox/contacts/notes/journal [copies] [private];"
 * of every delegate, and the delivery.  The caller frees.
 */
char *mem_delegates(struct mem *m);

/* All strings and bytes owned by the struct. */
struct mem_item {
    char *id, *change_key, *folder_id;
    char *item_class, *search_key, *subject, *sender; /* each or NULL */
    int64_t received_us;
    bool read, associated, unfinished;
    GBytes *payload;           /* empty when it came portable */
    struct portable *portable; /* or NULL */
    char *stamp;               /* or NULL */
};
void mem_item_free(struct mem_item *item);

/*
 * Copies of a folder's items in order of their creation (NULL: of all
 * folders), hidden ones too: an array that owns its struct mem_item *.
 */
GPtrArray *mem_items(struct mem *m, const char *folder_id);
/* The same of what was soft-deleted through a handle. */
GPtrArray *mem_dumpster(struct mem *m);
/* A copy, or NULL when there is no such item. */
struct mem_item *mem_item(struct mem *m, const char *id);

enum mem_op {
    MEM_OPEN,
    MEM_CLONE,
    MEM_FOLDERS,
    MEM_MAKE_FOLDER,
    MEM_CHANGES,
    MEM_FETCH,
    MEM_PUT,
    MEM_REMOVE,
    MEM_DESCRIBE,
    MEM_MARK_READ,
    MEM_MOVE,
    MEM_CHANGE_FOLDER,
    MEM_REMOVE_FOLDER,
    MEM_PURGE_FOLDER,
    MEM_TREE,
    MEM_HIDDEN,
    MEM_LARGE,
    MEM_QUOTA,
    MEM_KEYS,
    MEM_RESOLVE,
    MEM_OWN_NAME,
    MEM_PERMISSIONS,
    MEM_SET_PERMISSIONS,
    MEM_DELEGATES,
    MEM_ADD_DELEGATE,
    MEM_UPDATE_DELEGATE,
    MEM_SET_DELIVERY,
    MEM_RULES,
    MEM_PUT_RULE,
    MEM_REMOVE_RULE,
    MEM_AUTO_REPLY,
    MEM_SET_AUTO_REPLY,
    MEM_OPTIONS,
    MEM_PUT_OPTIONS,
    MEM_CATEGORIES,
    MEM_ADD_CATEGORIES,
    MEM_PHOTO,
    MEM_SET_PHOTO,
    MEM_N_OPS
};
/* How often a handle has called, and over how many items in all. */
uint64_t mem_calls(struct mem *m, enum mem_op op);
uint64_t mem_items_asked(struct mem *m, enum mem_op op);

#endif
