/*
 * endpoint - one mailbox on one side of a migration, as the engine sees it.
 *
 * Implementations: ews/ (an Exchange), mem.c (a mailbox in memory, for
 * tests), fault.c (a decorator that loses calls).  What differs between them
 * is said by capability bits, never by a test for a name.
 *
 * A handle is used by one thread at a time and owns at most one connection;
 * endpoint_clone() gives another lane its own.  Ids and tokens are opaque,
 * case-sensitive strings.  A call answers an item at a time where Exchange
 * does: the call's own return says whether there was an answer, each result
 * whether that item went well.
 */
#ifndef ENDPOINT_ENDPOINT_H
#define ENDPOINT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/cancel.h"
#include "base/err.h"

struct portable; /* portable/portable.h */

/* endpoint/settings.h */
struct endpoint_person;
struct endpoint_permissions;
struct endpoint_delegate;
struct endpoint_delegates;

/* endpoint/rules.h, endpoint/auto_reply.h, endpoint/options.h */
struct endpoint_rule;
struct endpoint_rules;
struct endpoint_auto_reply;
struct endpoint_options;
struct endpoint_categories;

struct endpoint;
typedef struct endpoint endpoint;

enum endpoint_cap {
    ENDPOINT_CAP_EXPORT = 1 << 0,   /* fetch() gives FastTransfer payloads */
    ENDPOINT_CAP_UPLOAD = 1 << 1,   /* put() takes them */
    ENDPOINT_CAP_UPDATE = 1 << 2,   /* put() can replace an item by id */
    ENDPOINT_CAP_PORTABLE = 1 << 3, /* fetch() and put() do PAYLOAD_PORTABLE */
};

/*
 * The trees of a mailbox.  Only the first is there for certain: an archive
 * where the user has one, recoverable items from Exchange 2010 SP1.
 */
enum endpoint_root {
    ENDPOINT_ROOT_MAIN,
    ENDPOINT_ROOT_ARCHIVE,
    ENDPOINT_ROOT_RECOVERABLE,
    ENDPOINT_ROOT_ARCHIVE_RECOVERABLE,
    ENDPOINT_N_ROOTS
};
/* "mailbox", "archive", "recoverable items", ...; static. */
const char *endpoint_root_name(enum endpoint_root root);

/* Whose rights open the mailbox. */
enum endpoint_rights {
    ENDPOINT_RIGHTS_UNKNOWN,
    ENDPOINT_RIGHTS_OWN,           /* the mailbox's own password */
    ENDPOINT_RIGHTS_IMPERSONATION, /* ExchangeImpersonation */
    ENDPOINT_RIGHTS_FULL_ACCESS,   /* a mailbox permission */
};
/* "own password", "impersonation", "full access", "unknown"; static. */
const char *endpoint_rights_name(enum endpoint_rights rights);

/* What open() found out.  All strings owned by the struct. */
struct endpoint_facts {
    enum endpoint_rights rights;
    char *scheme;           /* "NTLM", "Basic"; "none" */
    char *server_version;   /* "14.3.123 (Exchange2010_SP2)" */
    char *primary_address;  /* as the server names the mailbox; may be NULL */
    char *root_id;          /* msgfolderroot */
    char *mailbox_identity; /* equal on both sides: the same mailbox */
    uint64_t request_max_bytes; /* of one request's body; 0: not known */
};
void endpoint_facts_clear(struct endpoint_facts *facts);
typedef struct endpoint_facts endpoint_facts;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_facts, endpoint_facts_clear)

struct endpoint_folder {
    char *id;
    char *parent_id;     /* of a top folder: the root's id */
    char *name;          /* display name, as stored */
    char *well_known;    /* distinguished id ("inbox"); NULL for others */
    char *folder_class;  /* "IPF.Note"; NULL when the folder has none */
    bool search;         /* a search folder: holds links, not items */
    uint32_t n_items;    /* visible ones, as the server counts them */
    uint32_t n_hidden;   /* or ENDPOINT_HIDDEN_UNKNOWN */
    int64_t changed_us;  /* of the last change of an item, hidden ones too;
                            TIMESTAMP_NONE where the server does not say */
    uint64_t size_bytes; /* 0 where the server does not say */
};
#define ENDPOINT_HIDDEN_UNKNOWN UINT32_MAX

/* Whole tree below the root, parents before children. */
struct endpoint_tree {
    GPtrArray *folders; /* of struct endpoint_folder *, owned */
};
void endpoint_tree_clear(struct endpoint_tree *tree);
typedef struct endpoint_tree endpoint_tree;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_tree, endpoint_tree_clear)

void endpoint_folder_free(struct endpoint_folder *f);

enum endpoint_change_kind {
    ENDPOINT_CREATED,
    ENDPOINT_UPDATED,
    ENDPOINT_DELETED,
    ENDPOINT_READ_FLAG,
};

struct endpoint_change {
    enum endpoint_change_kind kind;
    char *id;
    char *change_key;    /* NULL when deleted */
    char *item_class;    /* "IPM.Note"; NULL when not told */
    char *search_key;    /* base64 of PR_SEARCH_KEY; NULL when not told */
    char *stamp;         /* of the put() that made it; NULL: none, not told */
    bool unfinished;     /* that put() did not come to its end */
    int64_t received_us; /* TIMESTAMP_NONE when not told */
    uint64_t size_bytes; /* the server's, an estimate of the payload */
    bool read;
};

struct endpoint_page {
    struct endpoint_change *changes; /* in the server's order */
    size_t n;
};
void endpoint_page_clear(struct endpoint_page *page);
typedef struct endpoint_page endpoint_page;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_page, endpoint_page_clear)

enum payload_format {
    PAYLOAD_FTS,      /* base64 text of a FastTransfer stream */
    PAYLOAD_PORTABLE, /* a struct portable: MIME and properties */
};
/* "fts", "portable"; static. */
const char *payload_format_name(enum payload_format format);

/* Names an item to be read, moved or deleted.  Borrowed strings. */
struct endpoint_ref {
    const char *id;
    const char *change_key;     /* or NULL */
    enum payload_format format; /* fetch() only: all of one call alike */
    const char *item_class;     /* mark_read(), fetch() of PORTABLE; or NULL */
    bool associated;            /* remove() only: hidden; all of one call */
    bool to_compare; /* fetch() only: what its digest leaves out may be, too */
};

/* One item as it travels. */
struct endpoint_item {
    int status; /* 0, or -1 and why */
    struct err why;
    enum payload_format format;
    struct blob *payload;      /* of FTS: sealed, owned; else NULL */
    struct portable *portable; /* of PORTABLE: a reference, owned; else NULL */
    char *change_key;          /* as of this reading; may be NULL */
    bool untouched; /* of PORTABLE: nobody has changed it since it was made */
};
void endpoint_items_free(struct endpoint_item *items, size_t n);

/* One item to be written.  All borrowed. */
struct endpoint_put {
    const char *folder_id;
    const char *replace_id; /* NULL: create a new one */
    bool associated;        /* a hidden item */
    enum payload_format format;
    const struct blob *payload;      /* of FTS */
    const struct portable *portable; /* of PORTABLE */
    /*
     * Of PORTABLE: kept with the item and told by changes(), so that it is
     * known again; printable ASCII.
     */
    const char *stamp;
    /*
     * Monotonic, 0: none.  Past it somebody else may take the items for lost:
     * nothing more of the request leaves, even if this process was frozen
     * after it had decided to send it (name "too-late", and maybe as always).
     */
    int64_t over_by_us;
};

/* What became of it. */
struct endpoint_done {
    int status; /* 0, or -1 and why: nothing was stored for this one */
    struct err why;
    char *id; /* of the stored item; owned */
    char *change_key;
    char *lost; /* what the server did not keep, for people; NULL: nothing */
};
void endpoint_done_free(struct endpoint_done *done, size_t n);

/* For a person who must find the item again.  Owned strings, each or NULL. */
struct endpoint_description {
    char *subject;
    char *sender;
    int64_t received_us;
};
void endpoint_description_clear(struct endpoint_description *d);

/* An item that was searched for, as a person finds it again.  Owned. */
struct endpoint_found {
    char *id;
    char *item_class, *subject; /* each NULL when not told */
    int64_t received_us;        /* TIMESTAMP_NONE when not told */
    uint64_t size_bytes;        /* as endpoint_change has it */
};
struct endpoint_findings {
    struct endpoint_found *items; /* largest first */
    size_t n;
    uint64_t total; /* in the folder: more than n where there are too many */
};
void endpoint_findings_clear(struct endpoint_findings *f);
typedef struct endpoint_findings endpoint_findings;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_findings, endpoint_findings_clear)

/* What an item is known by among its copies, whoever made them. */
struct endpoint_key {
    char *key;  /* opaque, the same on all servers; NULL: nothing, or gone */
    bool exact; /* only copies of one item share it; else it is a hint */
};
void endpoint_keys_clear(struct endpoint_key *keys, size_t n);

/* What this handle and its clones have asked for; any thread may read. */
struct endpoint_stats {
    uint64_t requests, busy;
    uint64_t bytes_up, bytes_down;
    int64_t working_us;   /* sum over requests: waiting for the server */
    int64_t own_us;       /* of these, the requests of this handle alone */
    int64_t throttled_us; /* parked by a back-off */
    int64_t waiting_us;   /* for a place under the governor's ceiling */
    int64_t quiet_us;     /* of the server's quiet hours so far; not a sum */
    bool paced;           /* an account of its time holds us up, of late */
};

/* Who gets the owner's meeting requests. */
enum endpoint_delivery {
    ENDPOINT_DELIVER_UNTOLD,
    ENDPOINT_DELIVER_DELEGATES,     /* delegates only */
    ENDPOINT_DELIVER_BOTH,          /* delegates and the owner */
    ENDPOINT_DELIVER_BOTH_INFORMED, /* the owner gets them to know of them */
    ENDPOINT_DELIVER_OWNER,         /* nothing is forwarded */
    ENDPOINT_DELIVER_N
};

/* A folder to be made. */
struct endpoint_new_folder {
    const char *name;
    const char *folder_class; /* or NULL */
};
/* In one call: what a server does well within its minute. */
#define ENDPOINT_NEW_FOLDERS_MAX 50

struct endpoint_ops {
    const char *name; /* for messages: "ews", "mem" */

    /*
     * Reach the mailbox and prove the credential: which rights work, which
     * version it is.  Sets ep->caps.  Once, before anything else and before
     * cloning.
     */
    int (*open)(struct endpoint *ep, struct endpoint_facts *ret,
                struct err *err);

    /* Another handle to the same opened mailbox, for another thread. */
    struct endpoint *(*clone)(struct endpoint *ep);

    int (*folders)(struct endpoint *ep, struct endpoint_tree *ret,
                   struct err *err);

    /*
     * Create a folder; one of that name under that parent already there is
     * not an error: its id is returned.  ERR_FOLDER when the name is
     * refused.
     */
    int (*make_folder)(struct endpoint *ep, const char *parent_id,
                       const char *name, const char *folder_class,
                       char **ret_id, struct err *err);

    /*
     * Create folders under one parent.  ids[i], NULL before, is that of one
     * that came into being by this call, with nothing in it; and stays NULL
     * where one was not made, or is not known to have been: make_folder() says
     * why, or finds the one that is there.  -1: as all of them, and some may
     * have been made.
     */
    int (*make_folders)(struct endpoint *ep, const char *parent_id,
                        const struct endpoint_new_folder *folders, size_t n,
                        char **ids, struct err *err);

    /*
     * Add to *ret at most max of the folder's changes since *token ("" for
     * everything), visible items only, in the server's order.
     *
     * Returns 1 and a new *token if there may be more, 0 and a new *token if
     * this was the last page, -1 on error with *token untouched.
     * ERR_FOLDER with err->name "ErrorInvalidSyncStateData": start again
     * from "".
     */
    int (*changes)(struct endpoint *ep, const char *folder_id, size_t max,
                   char **token, struct endpoint_page *ret, struct err *err);

    /*
     * Read n items whole.  ret has room for n, all zero; on -1 nothing in it
     * needs freeing.  No effect on the server.
     */
    int (*fetch)(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                 struct blob_pool *pool, struct endpoint_item *ret,
                 struct err *err);

    /*
     * Store n items of one format.  ret has room for n, all zero.  0: there
     * was an answer for every item.  -1: there was none that counts; then
     * *ret_maybe says whether the server may have stored some, or all, or
     * may be about to.  Never repeated below this call.
     */
    int (*put)(struct endpoint *ep, const struct endpoint_put *puts, size_t n,
               struct endpoint_done *ret, bool *ret_maybe, struct err *err);

    /*
     * Soft-delete n items (they go to the dumpster; nobody is told); what is
     * hidden is deleted for good, for no dumpster takes it.  An
     * item that is gone already counts as deleted.  ret[i].status an item.
     */
    int (*remove)(struct endpoint *ep, const struct endpoint_ref *refs,
                  size_t n, struct endpoint_done *ret, struct err *err);

    int (*describe)(struct endpoint *ep, const char *id,
                    struct endpoint_description *ret, struct err *err);

    /*
     * Set the read mark of n items and nothing else; nobody is told (no read
     * receipt).  Repeatable.  ret[i].status an item; ids stay.
     */
    int (*mark_read)(struct endpoint *ep, const struct endpoint_ref *refs,
                     size_t n, bool read, struct endpoint_done *ret,
                     struct err *err);

    /*
     * Move n items to a folder of the same mailbox.  Each has another id
     * then: ret[i].id.  -1 as of put(): *ret_maybe.  Never repeated below
     * this call.
     */
    int (*move)(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                const char *to_folder_id, struct endpoint_done *ret,
                bool *ret_maybe, struct err *err);

    /*
     * A folder under another parent or name (NULL: as it is); its id and what
     * is in it stay.  Repeatable.  ERR_FOLDER when the name is refused or
     * taken, or the folder is gone.
     */
    int (*change_folder)(struct endpoint *ep, const char *folder_id,
                         const char *parent_id, const char *name,
                         struct err *err);

    /* Soft-delete a folder with all below it; one that is gone is deleted. */
    int (*remove_folder)(struct endpoint *ep, const char *folder_id,
                         struct err *err);

    /*
     * Delete a folder and the visible items in it for good; nobody is told.
     * Only for what we made ourselves.  One that is gone is deleted.
     */
    int (*purge_folder)(struct endpoint *ep, const char *folder_id,
                        struct err *err);

    /*
     * The tree below another root than the main one, parents before children;
     * top folders' parent is *ret_root_id (owned by the caller).  Returns 0
     * when the mailbox has no such tree, 1 when it has.
     */
    int (*tree)(struct endpoint *ep, enum endpoint_root root,
                char **ret_root_id, struct endpoint_tree *ret, struct err *err);

    /*
     * All hidden (associated) items of a folder, each as CREATED, with neither
     * search key nor received time.
     */
    int (*hidden)(struct endpoint *ep, const char *folder_id,
                  struct endpoint_page *ret, struct err *err);

    /*
     * Visible items of a folder that are larger than over_bytes; at most max.
     */
    int (*large)(struct endpoint *ep, const char *folder_id,
                 uint64_t over_bytes, size_t max, struct endpoint_findings *ret,
                 struct err *err);

    /*
     * The size in bytes that the mailbox may not grow over: 1 and *ret_bytes;
     * 0 when there is none, or the server does not tell.
     */
    int (*quota)(struct endpoint *ep, uint64_t *ret_bytes, struct err *err);

    /*
     * What n items are known by: message id and time of sending, meeting id
     * and start, else a hint drawn from what they say.  ret has room for n,
     * all zero.
     */
    int (*keys)(struct endpoint *ep, const char *const *ids, size_t n,
                struct endpoint_key *ret, struct err *err);

    /*
     * Settings, whose values are in endpoint/settings.h.  NULL: not offered.
     */

    /*
     * Whose address that is in the directory of the mailbox's organisation,
     * other addresses of a person included, and the directory's own name of
     * them ("/o=Org/ou=.../cn=...").  1 and who it is, with the primary
     * address; 0: nobody's, or not of one alone.
     */
    int (*resolve)(struct endpoint *ep, const char *address,
                   struct endpoint_person *ret, struct err *err);

    /*
     * What the directory calls the mailbox itself ("/o=Org/ou=.../cn=...").
     * 1; 0: there are no such names here; -1 (ERR_MAILBOX): it could not be
     * had, which is no failure of the mailbox.
     */
    int (*own_name)(struct endpoint *ep, char **ret, struct err *err);

    /* Of n folders.  ret has room for n, all zero; ret[i].status a folder. */
    int (*permissions)(struct endpoint *ep, const char *const *folder_ids,
                       size_t n, struct endpoint_permissions *ret,
                       struct err *err);

    /*
     * A folder's permissions are these and no others.  Repeatable.  ERR_FOLDER
     * or ERR_ITEM, never: one of the entries is refused, and nothing was
     * changed.
     */
    int (*set_permissions)(struct endpoint *ep, const char *folder_id,
                           const struct endpoint_permissions *all,
                           struct err *err);

    int (*delegates)(struct endpoint *ep, struct endpoint_delegates *ret,
                     struct err *err);

    /*
     * Make somebody a delegate, or change one; levels that are UNTOLD or
     * CUSTOM are not written.  Nobody is told.  ERR_ITEM, never: refused;
     * "ErrorDelegateAlreadyExists" and "ErrorNotDelegate" say that it is the
     * other call's business.
     */
    int (*add_delegate)(struct endpoint *ep,
                        const struct endpoint_delegate *one, struct err *err);
    int (*update_delegate)(struct endpoint *ep,
                           const struct endpoint_delegate *one,
                           struct err *err);

    /* Repeatable. */
    int (*set_delivery)(struct endpoint *ep, enum endpoint_delivery delivery,
                        struct err *err);

    /* Those of the inbox, by priority. */
    int (*rules)(struct endpoint *ep, struct endpoint_rules *ret,
                 struct err *err);

    /*
     * Make a rule (it has no id), or change one; others make room for its
     * priority.  drop_outlook: what Outlook alone knows of rules may go, and
     * must where there is such.  ERR_ITEM, never: refused, the text says what
     * of it.  -1 as of put(): *ret_maybe.  Never repeated below this call.
     */
    int (*put_rule)(struct endpoint *ep, const struct endpoint_rule *rule,
                    bool drop_outlook, bool *ret_maybe, struct err *err);
    /* Take one away; ERR_ITEM, never: there is none of that id. */
    int (*remove_rule)(struct endpoint *ep, const char *rule_id,
                       bool drop_outlook, struct err *err);

    int (*auto_reply)(struct endpoint *ep, struct endpoint_auto_reply *ret,
                      struct err *err);
    /* Repeatable. */
    int (*set_auto_reply)(struct endpoint *ep,
                          const struct endpoint_auto_reply *reply,
                          struct err *err);

    /* Those of Outlook on the web.  1; 0: nobody has chosen any yet. */
    int (*options)(struct endpoint *ep, struct endpoint_options *ret,
                   struct err *err);
    /*
     * All of them are these, in the place of what is there (exist), or as the
     * first ones.
     */
    int (*put_options)(struct endpoint *ep,
                       const struct endpoint_options *options, bool exist,
                       struct err *err);

    /* 1; 0: there is no list yet. */
    int (*categories)(struct endpoint *ep, struct endpoint_categories *ret,
                      struct err *err);
    /* To the list, made where missing; what it has stays as it is. */
    int (*add_categories)(struct endpoint *ep,
                          const struct endpoint_categories *added,
                          struct err *err);

    /* The user's picture, as the server has scaled it.  1; 0: none. */
    int (*photo)(struct endpoint *ep, GBytes **ret, struct err *err);
    /* Repeatable. */
    int (*set_photo)(struct endpoint *ep, GBytes *picture, struct err *err);

    void (*stats)(struct endpoint *ep, struct endpoint_stats *ret);

    void (*free)(struct endpoint *ep);
};

/* Embedded as the first member of each implementation's struct. */
struct endpoint {
    const struct endpoint_ops *ops;
    unsigned int caps; /* enum endpoint_cap, fixed after open() */
    char *root_id;     /* endpoint_open()'s business */
};

/* Checked wrappers: arguments asserted, the object added to the error. */
int endpoint_open(struct endpoint *ep, struct endpoint_facts *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
struct endpoint *endpoint_clone(struct endpoint *ep);
/* msgfolderroot, as endpoint_open() found it; NULL before, and of a clone. */
const char *endpoint_root_id(const struct endpoint *ep);
int endpoint_folders(struct endpoint *ep, struct endpoint_tree *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_make_folder(struct endpoint *ep, const char *parent_id,
                         const char *name, const char *folder_class,
                         char **ret_id,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_make_folders(struct endpoint *ep, const char *parent_id,
                          const struct endpoint_new_folder *folders, size_t n,
                          char **ids,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_changes(struct endpoint *ep, const char *folder_id, size_t max,
                     char **token, struct endpoint_page *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_fetch(struct endpoint *ep, const struct endpoint_ref *refs,
                   size_t n, struct blob_pool *pool, struct endpoint_item *ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_put(struct endpoint *ep, const struct endpoint_put *puts, size_t n,
                 struct endpoint_done *ret, bool *ret_maybe,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_remove(struct endpoint *ep, const struct endpoint_ref *refs,
                    size_t n, struct endpoint_done *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_describe(struct endpoint *ep, const char *id,
                      struct endpoint_description *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_mark_read(struct endpoint *ep, const struct endpoint_ref *refs,
                       size_t n, bool read, struct endpoint_done *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_move(struct endpoint *ep, const struct endpoint_ref *refs,
                  size_t n, const char *to_folder_id, struct endpoint_done *ret,
                  bool *ret_maybe, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_change_folder(struct endpoint *ep, const char *folder_id,
                           const char *parent_id, const char *name,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_remove_folder(struct endpoint *ep, const char *folder_id,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_purge_folder(struct endpoint *ep, const char *folder_id,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_get_tree(struct endpoint *ep, enum endpoint_root root,
                      char **ret_root_id, struct endpoint_tree *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_hidden(struct endpoint *ep, const char *folder_id,
                    struct endpoint_page *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_large(struct endpoint *ep, const char *folder_id,
                   uint64_t over_bytes, size_t max,
                   struct endpoint_findings *ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_quota(struct endpoint *ep, uint64_t *ret_bytes,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_keys(struct endpoint *ep, const char *const *ids, size_t n,
                  struct endpoint_key *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void endpoint_stats(struct endpoint *ep, struct endpoint_stats *ret);
void endpoint_free(struct endpoint *ep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(endpoint, endpoint_free)

#endif
