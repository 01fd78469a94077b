/*
 * store - what a migration has done, so that nothing is done twice and
 * nothing is forgotten.
 *
 * Domain operations over a database; no caller sees SQL.  Implementations:
 * a database (sql_*.c, over a driver of db.h) and memory (mem*.c, the model
 * that the conformance suite holds the others to).  A struct store may be used
 * by any thread; each operation is one transaction, durable when it returns.
 *
 * The ledger's item states:
 *
 *   LISTED --intend--> INTENDED --record--> COPIED
 *     ^ |                 |
 *     | |                 +--settle: not arrived, or the server refused it
 *     | |                 |          for a time--> LISTED
 *     | |                 +--refused for good--> FAILED
 *     | +--read fails for good--> FAILED --edited, or retried--> LISTED
 *     | +--deleted at the source before it was copied--> GONE
 *     | +--left out by a filter--> FILTERED
 *     | +--was at the destination before us--> ALREADY_THERE
 *     | +--the same, and it is to count as ours--> COPIED
 *     +--to be replaced by what it is now-- COPIED
 *     +--to be copied all the same-- ALREADY_THERE
 *
 *   COPIED --an edit cannot follow--> FAILED --retried, or changed--> COPIED
 *   COPIED --edited there too--> CONFLICT
 *   COPIED --deleted, or moved away--> GONE
 *   ALREADY_THERE --edited at the source--> CONFLICT
 *   ALREADY_THERE --it is to count as ours--> COPIED
 *   ALREADY_THERE --moved: another row has it now--> GONE
 *
 * Invariants, checked by the conformance suite:
 *   - an item is in the ledger from the same transaction in which its
 *     folder's token moves past it: none can fall between;
 *   - only INTENDED items are ever in doubt; they carry the digest and the
 *     time of the intent;
 *   - COPIED has a destination id; FAILED has a reason; ALREADY_THERE has
 *     one when what is there is not equal to the source's item;
 *   - FAILED has a destination id, and what was written there, if and only if
 *     it has pending bits: it was copied once, and an edit could not follow;
 *   - a row holds only what its state has: another's facts are cleared;
 *   - a write by a lease that is no longer the mailbox's is refused
 *     (ERR_MAILBOX, never; name "lease-lost") and changes nothing.
 *
 * Other refusals, each of which changes nothing: "not-found" (an id that is
 * not in the ledger, or another mailbox's), "wrong-state" (a transition that
 * the diagram does not have), "taken" (a destination id that another row
 * has), "missing" and "too-long" (a string from outside); of SQLite:
 * "store-locked" (another process writes), "store-newer", "store-older",
 * "store-foreign" (no state file of ours), "store-missing", "store-damaged",
 * "disk-full", "store-io"; all of those are ERR_RUN.
 *
 * After each durable effect step() names it: schema, migration, mailbox,
 * folders, map, place, list, names, intend, record, adopt, follow, retry,
 * verify, baseline, dest, sweep, pass, setting, trial.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

/* Names of errors above that somebody acts on: a person is to make room. */
#define STORE_DISK_FULL "disk-full"
#define STORE_IO        "store-io"

struct store;
typedef struct store store;

enum store_mode {
    STORE_WRITE, /* created where missing; one writer at a time */
    STORE_READ,  /* must exist; any number, also beside a writer */
    /*
     * For short work on the roster, never on a ledger: written beside the one
     * writer, who is not asked.  As STORE_WRITE where the file is not there or
     * not up to date.
     */
    STORE_BESIDE,
};

/*
 * Open a state file.  -1: it cannot be opened, is no state file of ours, is
 * of a newer version than this program, is damaged, or (STORE_WRITE) another
 * process writes it: that one's id is named.
 */
int store_open_sqlite(const char *path, enum store_mode mode,
                      struct store **ret, struct err *err);
struct store *store_open_mem(void);
void store_free(struct store *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store, store_free)

/* ---- the migration ------------------------------------------------- */

/* Strings owned by the struct in results, borrowed in arguments. */
struct store_migration {
    char *source_url;
    char *destination_url;
    int64_t created_us;
};
void store_migration_clear(struct store_migration *m);

/* The one migration of a state file; 0 none yet, 1 found, -1. */
int store_migration_get(struct store *s, struct store_migration *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Set once; -1 when it is set to other URLs (both are named). */
int store_migration_set(struct store *s, const struct store_migration *m,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The source's quiet hours (base/hours.h), of the run that writes or of the
 * last one; NULL: it has none.
 */
int store_migration_set_quiet(struct store *s, const char *quiet,
                              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int store_migration_quiet(struct store *s, char **ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- mailboxes ------------------------------------------------------ */

enum mailbox_state {
    MAILBOX_NEW,
    MAILBOX_WAITING_FOR_CREDENTIALS,
    MAILBOX_QUEUED,
    MAILBOX_CHECKING,
    MAILBOX_COPYING,
    MAILBOX_THROTTLED,
    MAILBOX_PAUSED,
    MAILBOX_SYNCED,
    MAILBOX_VERIFYING,
    MAILBOX_VERIFIED,
    MAILBOX_COMPLETED_WITH_FAILURES,
    MAILBOX_FAILED,
    MAILBOX_N_STATES
};
/* "completed with failures", ...: the words of the screen; static. */
const char *mailbox_state_name(enum mailbox_state state);

struct store_mailbox {
    int64_t id;
    uint32_t line; /* of the import file; 0: not from one */
    char *source_address, *destination_address;
    enum mailbox_state state;
    char *reason, *remedy; /* of FAILED and the like; or NULL */
    /* found by the check pass; or NULL */
    char *source_rights, *destination_rights;
    char *source_version, *destination_version;
    char *legacy_dn; /* what the source's directory calls it; or NULL */
    int64_t lease;   /* number of the last one given out */
};
void store_mailbox_free(struct store_mailbox *m);

/*
 * The mailbox of that pair of addresses (compared without case), made where
 * missing; its line is brought up to date, unless line is 0.
 */
int store_mailbox_add(struct store *s, const char *source_address,
                      const char *destination_address, uint32_t line,
                      int64_t *ret_id,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct store_mailbox *, by id, which is the order of adding. */
int store_mailboxes(struct store *s, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int store_mailbox_get(struct store *s, int64_t id, struct store_mailbox **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A worker's right to write to one mailbox: its id and a lease number. */
struct store_lease {
    int64_t mailbox_id;
    int64_t number;
};
/* Take the mailbox; every earlier lease of it is stale from here on. */
int store_mailbox_lease(struct store *s, int64_t mailbox_id,
                        struct store_lease *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* reason and remedy may be NULL: none. */
int store_mailbox_set_state(struct store *s, const struct store_lease *lease,
                            enum mailbox_state state, const char *reason,
                            const char *remedy,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What the check pass found; NULL: what is on record stays. */
int store_mailbox_set_facts(struct store *s, const struct store_lease *lease,
                            const char *source_rights,
                            const char *source_version,
                            const char *destination_rights,
                            const char *destination_version,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- folders -------------------------------------------------------- */

struct store_folder {
    int64_t id; /* ours */
    char *source_id, *source_parent_id;
    char *path; /* names joined by "/"; "/" and "%" in a name as %2F, %25 */
    char *well_known;        /* or NULL */
    char *folder_class;      /* or NULL */
    char *destination_id;    /* NULL: not mapped yet */
    char *source_token;      /* "" at first */
    char *destination_token; /* NULL: from the beginning */
    bool baseline_done;      /* the first drain has reached its end */
    bool dirty;              /* an intent was made since the last sweep */
    bool gone;               /* no longer at the source */
    bool made;               /* the destination folder was made for it */
    bool moved; /* renamed or moved at the source, not yet at the destination */
};
void store_folder_free(struct store_folder *f);

/*
 * Make the source's folder tree known: new ones are added, known ones (by
 * source id) get path, parent and class; those not named any more become
 * gone (and are no longer when they are named again).  A mapped one whose
 * parent or own name is another than before is moved.  Tokens and the mapping
 * stay.  Only the source_*, path, well_known and folder_class fields are read,
 * source_token not.
 */
int store_folders_set(struct store *s, const struct store_lease *lease,
                      const struct store_folder *folders, size_t n,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct store_folder *, by path; gone ones too. */
int store_folders(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Folders are these at the destination, made for them or found there; all of
 * it or none.  Where it was another before, the token and the baseline are that
 * one's and are dropped.  They are not moved any more.
 */
struct store_mapping {
    int64_t folder_id;
    const char *destination_id;
    bool made;
    /* It came into being just now, with nothing in it: that is its baseline. */
    bool is_new;
};
int store_folders_map(struct store *s, const struct store_lease *lease,
                      const struct store_mapping *maps, size_t n,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The destination folder has followed: it is not moved any more. */
int store_folder_placed(struct store *s, const struct store_lease *lease,
                        int64_t folder_id,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- the ledger ----------------------------------------------------- */

enum item_state {
    ITEM_LISTED,
    ITEM_INTENDED,
    ITEM_COPIED,
    ITEM_FAILED,
    ITEM_GONE,
    ITEM_FILTERED,
    ITEM_ALREADY_THERE,
    ITEM_CONFLICT,
    ITEM_N_STATES
};
const char *item_state_name(enum item_state state);

/* What a person counts by; drawn from the item class. */
enum item_kind {
    KIND_MAIL,
    KIND_CALENDAR,
    KIND_CONTACT,
    KIND_TASK,
    KIND_NOTE,
    KIND_JOURNAL,
    KIND_OTHER,
    KIND_HIDDEN, /* views, rules, settings: beside what a folder shows */
    KIND_N
};
/* "mail", "calendar", ... */
const char *item_kind_name(enum item_kind kind);
/* Is the class the prefix itself, or one derived from it by a dot? */
bool item_class_is(const char *item_class, const char *prefix);
/* By prefix of the class: IPM.Appointment is calendar, ...; NULL is other. */
enum item_kind item_kind_of_class(const char *item_class);

/* What has happened at the source since the item was copied: bits. */
enum item_pending {
    ITEM_PENDING_EDIT = 1 << 0,
    ITEM_PENDING_READ = 1 << 1,
    ITEM_PENDING_DELETE = 1 << 2,
    /* Beside others, of FAILED: it was ALREADY_THERE, and will be again. */
    ITEM_PENDING_THERE = 1 << 3,
};

/* The class that verify put an item in. */
enum verify_class {
    VERIFY_NONE, /* not looked at */
    VERIFY_VERIFIED,
    VERIFY_PRESENT, /* there; its content was not read */
    VERIFY_MISSING,
    VERIFY_DIFFERENT,
    VERIFY_FAILED, /* known not to have been copied */
    VERIFY_FILTERED,
    VERIFY_EXTRA, /* at the destination only */
    VERIFY_CONFLICT,
    VERIFY_N
};
const char *verify_class_name(enum verify_class c);

#define STORE_DIGEST_MAX 128

struct store_item {
    int64_t id; /* ours */
    int64_t folder_id;
    char *source_id;
    char *change_key; /* as listed; once copied: of the Export answer */
    char *item_class; /* or NULL */
    char *search_key; /* or NULL */
    /* of COPIED, ALREADY_THERE, CONFLICT, an edit that FAILED; else NULL */
    char *destination_id;
    /* Of an item that is being replaced: the former one, to be removed. */
    char *old_destination_id;
    /*
     * Of INTENDED by a move: the row it leaves.  Of ALREADY_THERE, and of
     * FAILED that was: the row, gone by now, in whose folder it lies, where
     * that is not its own.  Else 0.
     */
    int64_t moved_from;
    enum item_state state;
    unsigned int pending; /* enum item_pending */
    bool read;            /* as listed last */
    unsigned int format;  /* of the last intent: the engine's numbers */
    int64_t received_us;  /* TIMESTAMP_NONE: not told */
    uint64_t size_bytes;  /* as listed; once copied: payload, decoded */
    uint8_t digest[STORE_DIGEST_MAX];
    size_t digest_len; /* 0: none */
    int64_t pass_id;   /* that made the last intent; 0: none */
    unsigned int tries;
    int64_t not_before_us; /* of LISTED after a passing failure; else 0 */
    int64_t deadline_us; /* of INTENDED: when its request is over for certain */
    /* of FAILED; reason also of CONFLICT and ALREADY_THERE; else NULL */
    char *reason, *remedy, *error_name;
    char *reason_there; /* of FAILED that was ALREADY_THERE: its; else NULL */
    char *subject;      /* kept for FAILED, and beside lost */
    char *why_format;   /* why not FastTransfer; or NULL */
    char *lost;         /* what the destination did not keep; or NULL */
    enum verify_class verify;
    char *verify_note; /* what differs; or NULL */
};
void store_item_free(struct store_item *item);
typedef struct store_item store_item;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_item, store_item_free)

enum store_change_kind {
    STORE_CREATED,
    STORE_UPDATED,
    STORE_DELETED,
    STORE_READ_FLAG,
};

/* One change of a source folder's listing. Borrowed strings. */
struct store_change {
    enum store_change_kind kind;
    const char *source_id;
    const char *change_key, *item_class, *search_key; /* or NULL */
    int64_t received_us;
    uint64_t size_bytes;
    bool read;     /* of all but STORE_DELETED */
    bool filtered; /* left out by a filter: FILTERED instead of LISTED */
};

/*
 * Apply a page of a source folder's changes and move its token (NULL: stays),
 * in one transaction.
 *
 * Unknown ids become LISTED, or FILTERED; a deletion of one is passed over.
 * Known ones that are not at the destination (LISTED, FILTERED, FAILED, GONE)
 * take over what the change tells; they become LISTED (FILTERED), FAILED and
 * GONE with tries 0; a read flag alone brings back only GONE; deleted: GONE.
 * An edit that FAILED becomes COPIED, or ALREADY_THERE, by any change.
 * Known ones that are there, or may be (COPIED, ALREADY_THERE, CONFLICT,
 * INTENDED), keep their state and their change key and get ITEM_PENDING_EDIT
 * when the change key differs from it, ITEM_PENDING_READ on a read flag,
 * ITEM_PENDING_DELETE when deleted, which any other change takes back.
 *
 * *ret_listed (may be NULL): how many rows were added, filtered ones too.
 */
int store_items_list(struct store *s, const struct store_lease *lease,
                     int64_t folder_id, const struct store_change *changes,
                     size_t n, const char *token, size_t *ret_listed,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * At most max LISTED items of a folder that may be tried now (not_before_us
 * <= now_us), newest received first, leaving out the n_busy ids in busy.
 * Array of struct store_item *.
 */
int store_items_next(struct store *s, int64_t folder_id, int64_t now_us,
                     const int64_t *busy, size_t n_busy, size_t max,
                     GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* How many wait, an entry a folder, and the earliest not_before_us. */
struct store_waiting {
    int64_t folder_id;
    uint64_t n_ready;
    uint64_t n_later;
    int64_t earliest_us; /* of n_later; TIMESTAMP_NONE when 0 */
};
/* GArray of struct store_waiting by folder id, only folders that have some. */
int store_items_waiting(struct store *s, int64_t mailbox_id, int64_t now_us,
                        GArray **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Somebody whom items name by the old Exchange organisation's own name, and
 * the mail address of that person where it is known.
 */
struct store_exchange_name {
    char *dn;         /* legacyExchangeDN; compared without case */
    char *address;    /* or NULL */
    int64_t asked_us; /* when the directory knew nobody of it; 0: not yet */
};
void store_exchange_name_free(struct store_exchange_name *name);

/*
 * What is remembered of them: a large organisation's whole address book.  The
 * names that come after are not kept.
 */
#define STORE_EXCHANGE_NAMES_MAX 50000

/*
 * Remember them, each name once in the migration; an address is filled in
 * when it becomes known, and stays.  What is longer than 1 KiB is passed over.
 */
int store_exchange_names_add(struct store *s, const struct store_lease *lease,
                             const struct store_exchange_name *names, size_t n,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct store_exchange_name *, in order of their coming. */
int store_exchange_names(struct store *s, GPtrArray **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The source's directory was asked for the name, and it is nobody's. */
int store_exchange_name_asked(struct store *s, const struct store_lease *lease,
                              const char *dn, int64_t at_us,
                              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * What the source's directory calls the mailbox itself: a fact of it, and one
 * of the names, with its source address.  What is longer than 1 KiB is passed
 * over.
 */
int store_mailbox_set_dn(struct store *s, const struct store_lease *lease,
                         const char *dn,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is about to be sent. */
struct store_intent {
    int64_t item_id;
    const char *change_key; /* of the Export answer; NULL keeps the listed */
    uint64_t size_bytes;    /* payload, decoded */
    const uint8_t *digest;
    size_t digest_len;
    unsigned int format;
    const char *why_format; /* of a format other than 0; or NULL */
    /*
     * The COPIED row whose item is moved here instead of being sent: when this
     * one becomes COPIED, that one becomes GONE.  0: it is sent.
     */
    int64_t moved_from;
    /* Whom it names: remembered in the same transaction, as above. */
    const struct store_exchange_name *names;
    size_t n_names;
};
/*
 * LISTED to INTENDED, all n or none; marks their folders dirty.  -1 when one
 * of them is in another state.  deadline_us: until when their request may be
 * carried out.
 */
int store_items_intend(struct store *s, const struct store_lease *lease,
                       int64_t pass_id, const struct store_intent *intents,
                       size_t n, int64_t deadline_us,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What became of an item. */
struct store_outcome {
    int64_t item_id;
    enum item_state state;      /* COPIED, FAILED, GONE, LISTED (again), ... */
    const char *destination_id; /* of COPIED, ALREADY_THERE */
    int64_t not_before_us;      /* of LISTED: when to try again */
    bool count_try; /* of LISTED: this try counts against the item */
    const char *reason, *remedy, *error_name; /* of FAILED */
    const char *subject; /* of FAILED, and of what has lost something */
    const char *lost;    /* of COPIED in a format other than 0; or NULL */
};
/*
 * All n or none.  What may become what:
 *   LISTED:   LISTED (try later), FAILED, GONE, FILTERED, ALREADY_THERE
 *   INTENDED: COPIED, LISTED, FAILED, GONE
 *   FAILED:   LISTED, with tries 0; not where there is a copy
 *   FILTERED: LISTED (another filter)
 *   COPIED:   CONFLICT, which keeps the destination id
 *   ALREADY_THERE: LISTED (it is to be copied after all); COPIED (it is to
 *             count as ours)
 * What came from the source while an item was INTENDED takes effect when it
 * leaves: to COPIED, its pending bits stay; to LISTED or FAILED, a deletion
 * makes it GONE, an edit makes FAILED LISTED again.  Texts are cut at 1 KiB.
 */
int store_items_record(struct store *s, const struct store_lease *lease,
                       const struct store_outcome *outcomes, size_t n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What was found at the destination in the place of an item. */
struct store_adoption {
    int64_t item_id;
    enum item_state state; /* ALREADY_THERE; COPIED: it counts as ours */
    const char *destination_id;
    const char *change_key; /* of the source's item, as read; NULL: as listed */
    uint64_t size_bytes;    /* of the source's item, as are the three below */
    const uint8_t *digest;
    size_t digest_len;
    unsigned int format;
    enum verify_class verify;
    const char *reason; /* of ALREADY_THERE: how they differ; NULL: not */
    /*
     * Of ALREADY_THERE, when the item was moved at the source: the
     * ALREADY_THERE row that has the destination id until now and becomes GONE;
     * else 0.
     */
    int64_t left;
    int64_t lies_with; /* what moved_from is to be */
};
/*
 * LISTED to ALREADY_THERE or COPIED, all n or none.  The rows have no pass:
 * nothing was sent.  -1 also when another row than left has the destination id
 * already: name "taken".
 */
int store_items_adopt(struct store *s, const struct store_lease *lease,
                      const struct store_adoption *adoptions, size_t n,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* How an item followed what happened to it at the source. */
struct store_follow {
    int64_t item_id;
    enum item_state state;
    unsigned int done;      /* pending bits that are settled */
    const char *change_key; /* NULL: stays */
    const uint8_t *digest;  /* with the three below; NULL: all stay */
    size_t digest_len;
    unsigned int format;
    uint64_t size_bytes;
    int64_t pass_id;    /* that made it so; with digest */
    bool old_gone;      /* what it replaced has been removed */
    const char *reason; /* of CONFLICT, FAILED */
    const char *remedy, *error_name, *subject; /* of FAILED */
};
/*
 * All n or none.  What may become what:
 *   COPIED:        COPIED, CONFLICT, GONE (with its destination item),
 *                  LISTED (to be replaced: its destination id becomes the old
 *                  one, which stays until old_gone), FAILED (what is pending
 *                  cannot follow: the copy stays, and so do the pending bits)
 *   CONFLICT:      CONFLICT, GONE
 *   ALREADY_THERE: ALREADY_THERE, CONFLICT, FAILED (as of COPIED; its reason is
 *                  kept, and it is ALREADY_THERE again when it is tried again)
 *   GONE:          GONE
 */
int store_items_follow(struct store *s, const struct store_lease *lease,
                       const struct store_follow *follows, size_t n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * LISTED items need wait no more: not_before_us becomes 0.  For a new pass,
 * whose clock may be another than the one by which they were to wait.
 */
int store_items_wake(struct store *s, const struct store_lease *lease,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * FAILED items to LISTED, those with a copy to COPIED, with tries 0, for a new
 * run; *ret_n how many.
 */
int store_items_retry_failed(struct store *s, const struct store_lease *lease,
                             size_t *ret_n,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Page through a mailbox's items in order of id: those with id > after_id,
 * of folder_id (0: all folders), in states (bits 1 << enum item_state; 0: any),
 * of pass_id (0: any), with one of the pending bits (0: any), with an old
 * destination id (replaced).  The last two in time of what they find.
 * Array of struct store_item *; empty at the end.
 */
struct store_item_query {
    int64_t mailbox_id;
    int64_t folder_id;
    unsigned int states;
    int64_t pass_id;
    unsigned int pending; /* not together with pass_id or replaced */
    bool replaced;
    int64_t after_id;
    size_t max;
};
int store_items(struct store *s, const struct store_item_query *query,
                GPtrArray **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, which the caller frees; 0: the mailbox has no such item. */
int store_item_find(struct store *s, int64_t mailbox_id, int64_t item_id,
                    struct store_item **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What verify found out about an item. */
struct store_verdict {
    int64_t item_id;
    enum verify_class verify;
    const char *note; /* or NULL */
};
int store_items_verify(struct store *s, const struct store_lease *lease,
                       const struct store_verdict *verdicts, size_t n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Before a new verification: all items back to VERIFY_NONE. */
int store_items_verify_reset(struct store *s, const struct store_lease *lease,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- the destination's own items ------------------------------------ */

/* An id seen in a destination folder that the ledger does not own. */
enum dest_kind {
    DEST_UNKNOWN,  /* never recorded */
    DEST_OURS,     /* the destination id of a ledger item */
    DEST_BASELINE, /* was there before us */
    DEST_FOREIGN,  /* came while we worked, and not from us */
    DEST_DOUBLE,   /* a double that was removed */
};

/*
 * Record ids of a destination folder and move its token, in one transaction;
 * kind is BASELINE, FOREIGN or DOUBLE.  Ids that the mailbox's ledger owns, in
 * whatever folder, are passed over; BASELINE stays BASELINE, else the last kind
 * counts.  token may be NULL: stays.  baseline_done: the first drain is over.
 */
/* By what an item may be found again; several a hint, and several an item. */
struct store_dest_hint {
    const char *id;
    const char *hint; /* short text of the caller's making */
};
struct store_dest_seen {
    enum dest_kind kind;
    const char *const *ids;
    size_t n;
    const char *token;
    bool baseline_done;
    const struct store_dest_hint *hints; /* kept beside the ids */
    size_t n_hints;
};
int store_dest_record(struct store *s, const struct store_lease *lease,
                      int64_t folder_id, const struct store_dest_seen *seen,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* ret_kinds has room for n. */
int store_dest_lookup(struct store *s, int64_t folder_id,
                      const char *const *ids, size_t n,
                      enum dest_kind *ret_kinds,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* An id that was recorded with a hint. */
struct store_dest_found {
    size_t hint; /* which of those asked for */
    char *id;
    int64_t owner; /* the item whose destination, or former one, it is; or 0 */
};
/* Array of struct store_dest_found *, by hint. */
int store_dest_find(struct store *s, int64_t folder_id,
                    const char *const *hints, size_t n, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * How many items the folder's destination holds, if nobody has removed any: of
 * the baseline, foreign ones and ours.  sure: each of ours was sent once, and
 * stands where it was put.
 */
struct store_expected {
    uint64_t n;
    bool sure;
};
int store_dest_expected(struct store *s, int64_t folder_id,
                        struct store_expected *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Move the token (NULL: stays) past what was looked at and clear dirty: the
 * sweep is done.
 */
int store_dest_swept(struct store *s, const struct store_lease *lease,
                     int64_t folder_id, const char *token,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- settings ------------------------------------------------------- */

/* What became of one setting: a person's rights on a folder, a rule. */
enum setting_outcome {
    SETTING_SET,      /* written to the destination */
    SETTING_ALREADY,  /* the destination has it so, by us or by somebody */
    SETTING_REMOVED,  /* we had set it, and the source has it no longer */
    SETTING_SKIPPED,  /* left out on purpose: the cause says why */
    SETTING_UNMAPPED, /* the destination has no counterpart of it */
    SETTING_FAILED,
    SETTING_N
};
/* "set", "already there", ...: the words of the screen; static. */
const char *setting_outcome_name(enum setting_outcome outcome);

/*
 * A part of its own: what the copying passes had to say.  subject is what it is
 * about, cause the words.
 */
#define STORE_NOTES "notes"
/*
 * Another: what a flag of the import file leaves behind.  key is the flag,
 * subject what it leaves, value how many (NULL: nobody knows), cause the words.
 */
#define STORE_LEFT_OUT "left out by flags"

struct store_setting {
    char *part;    /* of the settings pass: "permissions" */
    char *key;     /* tells the lines of a part apart */
    char *place;   /* a folder's path; or NULL */
    char *subject; /* at the source, for people: a person, a rule; or NULL */
    char *counterpart; /* the same at the destination; NULL: there is none */
    char *value;       /* what it is to be: "Editor"; or NULL */
    enum setting_outcome outcome;
    char *cause, *remedy; /* or NULL */
    char *memo;           /* for the part's own next run; or NULL */
    int64_t pass_id;      /* that found it so */
};
void store_setting_free(struct store_setting *setting);
/* What became of a setting; false: a line of the two other parts. */
bool store_setting_is_one(const struct store_setting *line);

/*
 * Each line takes the place of the one of its part and key; their pass_id is
 * not read, strings are borrowed.  All n or none.
 */
int store_settings_record(struct store *s, const struct store_lease *lease,
                          int64_t pass_id, const struct store_setting *lines,
                          size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The pass has been through that part: lines of earlier passes go. */
int store_settings_done(struct store *s, const struct store_lease *lease,
                        int64_t pass_id, const char *part,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct store_setting *, by part, place (NULL first) and key. */
int store_settings(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- trials ---------------------------------------------------------- */

/*
 * Of one migration: what another's servers do, of the same version, is no
 * proof, and no business of its report.
 */

/* How edits follow between two servers. */
enum edits_way {
    EDITS_UNTRIED,  /* in place, and each copy is read again */
    EDITS_IN_PLACE, /* an update was seen to remove what is gone */
    EDITS_REPLACE,  /* an update leaves it, or is refused */
    EDITS_N
};
/* "untried", "in place", "by replacement"; static. */
const char *edits_way_name(enum edits_way way);

/* Strings owned by the struct in results, borrowed in arguments. */
struct store_edits {
    char *source, *destination; /* the servers, as they name their version */
    enum edits_way way;
    char *why; /* for people; or NULL */
};
void store_edits_free(struct store_edits *edits);

/* How an item of a class came back from the destination, read again. */
enum trial_outcome {
    TRIAL_WHOLE,
    TRIAL_ALTERED,
    TRIAL_FAILED, /* it could not be written, or not read again */
    TRIAL_N
};
/* "whole", "altered", "failed"; static. */
const char *trial_outcome_name(enum trial_outcome outcome);

struct store_trial {
    char *source, *destination; /* as above */
    char *item_class;
    unsigned int format; /* the engine's numbers */
    enum trial_outcome outcome;
    char *what;      /* of ALTERED: what differs; of FAILED: why; else NULL */
    char *unknown;   /* tags that the digest's table does not know; or NULL */
    int64_t pass_id; /* that tried it */
};
void store_trial_free(struct store_trial *trial);

/*
 * Remember what was found out; each line takes the place of the one of its
 * servers and class.  A way that is untried never takes the place of another,
 * and once it is EDITS_REPLACE it stays so: a server that kept what was gone
 * is not believed again.  edits may be NULL.  All or nothing.
 */
int store_trial_record(struct store *s, const struct store_lease *lease,
                       const struct store_edits *edits,
                       const struct store_trial *lines, size_t n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Arrays of struct store_trial *, struct store_edits *, by their keys. */
int store_trials(struct store *s, GPtrArray **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int store_edits(struct store *s, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- passes and counts ---------------------------------------------- */

struct store_pass {
    int64_t id;
    int64_t mailbox_id;
    char *kind; /* "check", "full", "delta", "verify", "settings" */
    int64_t begun_us, ended_us; /* ended: 0 while it runs, or died */
    uint64_t items_copied, bytes_copied, items_failed;
    uint64_t updated, marked, moved, removed; /* followed the source */
    uint64_t conflicts;
    uint64_t adopted;       /* found at the destination; they count as ours */
    uint64_t already_there; /* found there, and not ours */
    uint64_t unlike;        /* of both: found there with other content */
    uint64_t doubles;       /* found by the sweep and removed */
    uint64_t settled;       /* in doubt and found to have arrived */
    uint64_t source_requests, destination_requests;
    uint64_t source_busy, destination_busy;
    int64_t source_working_us, source_throttled_us, source_waiting_us;
    int64_t destination_working_us, destination_throttled_us,
        destination_waiting_us;
    char *outcome; /* "done", "interrupted", "failed: ..."; NULL: unfinished */
};
void store_pass_free(struct store_pass *p);
int store_pass_begin(struct store *s, const struct store_lease *lease,
                     const char *kind, int64_t *ret_id,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All fields but id, mailbox_id, kind and begun_us are taken from p. */
int store_pass_end(struct store *s, const struct store_lease *lease,
                   int64_t pass_id, const struct store_pass *p,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct store_pass *, oldest first. */
int store_passes(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Items and bytes of a mailbox, by kind and state, and by verify class. */
struct store_counts {
    struct {
        uint64_t items, bytes;
    } by[KIND_N][ITEM_N_STATES];
    uint64_t verify[VERIFY_N];
    uint64_t verify_hidden[VERIFY_N];    /* of those, the ones of KIND_HIDDEN */
    uint64_t baseline, foreign, doubles; /* of the destination */
    uint64_t pending_edit, pending_read, pending_delete;
};
int store_counts(struct store *s, int64_t mailbox_id, struct store_counts *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The same, an entry a folder, for verify's comparison. */
struct store_folder_counts {
    int64_t folder_id;
    uint64_t items[ITEM_N_STATES];
    uint64_t bytes_copied;
    uint64_t baseline, foreign;
};
/* GArray of struct store_folder_counts, by folder id. */
int store_folder_counts(struct store *s, int64_t mailbox_id, GArray **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
