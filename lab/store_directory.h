/*
 * store_directory - the organisation's address book, who may act for whom,
 * and what a mailbox has been told that is no item.
 *
 * Errors and threads as in store.h.
 */
#ifndef LAB_STORE_DIRECTORY_H
#define LAB_STORE_DIRECTORY_H

#include "lab/store.h"

enum lab_entry_kind {
    LAB_ENTRY_MAILBOX,
    LAB_ENTRY_LIST,      /* distribution list */
    LAB_ENTRY_ROOM,      /* a meeting room; its mailbox is not served here */
    LAB_ENTRY_ROOM_LIST, /* a distribution list of rooms */
};

struct lab_entry {
    enum lab_entry_kind kind;
    int64_t mailbox; /* 0 where there is none */
    char *address;
    char *display_name;
    char *legacy_dn;
    char *guid; /* of a mailbox; else NULL */
};
typedef struct lab_entry lab_entry;
void lab_entry_clear(struct lab_entry *e);
void lab_entry_free(struct lab_entry *e);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lab_entry, lab_entry_clear)

/* Anything but a mailbox.  "ErrorInvalidOperation": address taken. */
int lab_store_add_entry(struct lab_store *store, enum lab_entry_kind kind,
                        const char *address, const char *display_name,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* member: of the address book or from outside it.  Twice is once. */
int lab_store_add_member(struct lab_store *store, const char *list,
                         const char *member,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* By address or alias, whatever the case.  Returns 1, 0 when none. */
int lab_store_entry(struct lab_store *store, const char *address,
                    struct lab_entry *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What a person may have meant by text: the beginning of a display name, of a
 * word in it or of an address, "smtp:" and an address, or a legacy name.  An
 * array of struct lab_entry *, at most max, by name.
 */
int lab_store_resolve(struct lab_store *store, const char *text, uint32_t max,
                      GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The members of a list (one from outside has its address for a name and no
 * legacy name).  Returns 1; 0 when no list has that address.
 */
int lab_store_members(struct lab_store *store, const char *list,
                      GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All of a kind that is no mailbox. */
int lab_store_entries(struct lab_store *store, enum lab_entry_kind kind,
                      GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- rights -------------------------------------------------------- */

/* "S-1-5-21-...": of an account; always the same for it.  Free it. */
char *lab_store_sid(const struct lab_store *store, int64_t account);
/* Returns 1, 0 when no account has it. */
int lab_store_find_sid(struct lab_store *store, const char *sid,
                       struct lab_account *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether account may act as the owner of mailbox: 1 or 0. */
int lab_store_may_impersonate(struct lab_store *store, int64_t account,
                              int64_t mailbox,
                              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

enum lab_grant {
    LAB_GRANT_IMPERSONATE,
    LAB_GRANT_FULL_ACCESS,
};

/* Take it away, for every mailbox. */
int lab_store_revoke_all(struct lab_store *store, int64_t account,
                         enum lab_grant right,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Give it for one mailbox; mailbox 0: for all that there are. */
int lab_store_allow(struct lab_store *store, int64_t account,
                    enum lab_grant right, int64_t mailbox,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- settings ------------------------------------------------------ */

/*
 * What is kept of a mailbox under a name; NULL value: nothing any more.
 * Reading returns 1 and *ret, 0 when nothing is kept.
 */
int lab_store_set_setting(struct lab_store *store, int64_t mailbox,
                          const char *name, GBytes *value,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_setting(struct lab_store *store, int64_t mailbox,
                      const char *name, GBytes **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The next number that nothing of this store has had. */
int lab_store_number(struct lab_store *store, int64_t *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- hidden items -------------------------------------------------- */

/*
 * The hidden item of a folder that has this class, the oldest where there are
 * several.  Returns 1, 0 when none.
 */
int lab_store_hidden(struct lab_store *store, int64_t mailbox,
                     const char *folder_id, const char *item_class,
                     struct lab_item *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
