/*
 * settings - what a mailbox has beside its items, as the settings pass reads
 * and writes it: who may do what in its folders, who acts for its owner.
 *
 * An implementation that does not have an operation leaves its row in struct
 * endpoint_ops NULL, or answers as endpoint_not_offered() does where the
 * server's version lacks it.  Nothing here sends anything to anybody.
 */
#ifndef ENDPOINT_SETTINGS_H
#define ENDPOINT_SETTINGS_H

#include "endpoint/endpoint.h"

/*
 * Fill *err with "the <server> does not offer <what>"; ERR_ITEM, never; name
 * "not-offered".  Returns -1.
 */
int endpoint_not_offered(struct err *err, const char *what);
/* Whether a call failed for that. */
bool endpoint_is_not_offered(const struct err *err);

/* ---- people ---------------------------------------------------------- */

/* Somebody in the organisation's directory.  Strings owned, each or NULL. */
struct endpoint_person {
    char *address;  /* primary SMTP address */
    char *name;     /* for people */
    char *sid;      /* of this organisation; means nothing at another */
    char *external; /* a person outside, as the server names one */
};
void endpoint_person_clear(struct endpoint_person *p);
struct endpoint_person endpoint_person_dup(const struct endpoint_person *p);
typedef struct endpoint_person endpoint_person;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_person, endpoint_person_clear)

/* ---- permissions ----------------------------------------------------- */

/* [MS-OXCPERM] 2.2.7 PidTagMemberRights */
enum endpoint_right {
    ENDPOINT_RIGHT_READ = 0x1,
    ENDPOINT_RIGHT_CREATE = 0x2,
    ENDPOINT_RIGHT_EDIT_OWN = 0x8,
    ENDPOINT_RIGHT_DELETE_OWN = 0x10,
    ENDPOINT_RIGHT_EDIT_ALL = 0x20,
    ENDPOINT_RIGHT_DELETE_ALL = 0x40,
    ENDPOINT_RIGHT_SUBFOLDERS = 0x80,
    ENDPOINT_RIGHT_OWNER = 0x100,
    ENDPOINT_RIGHT_CONTACT = 0x200,
    ENDPOINT_RIGHT_VISIBLE = 0x400,
    ENDPOINT_RIGHT_FREEBUSY = 0x800,          /* of calendars: time only */
    ENDPOINT_RIGHT_FREEBUSY_DETAILS = 0x1000, /* and subject and location */
};

/*
 * The level that rights amount to: "Editor", "Reviewer", "None"; "Custom" for
 * what has no name.  Static.
 */
const char *endpoint_level_name(unsigned int rights, bool calendar);
/* The rights of a level; false: it has none of its own ("Custom"). */
bool endpoint_level_rights(const char *level, bool calendar, unsigned int *ret);
/*
 * Without bits that say nothing of their own: free/busy bits where there is
 * the right to read, or no calendar.
 */
unsigned int endpoint_rights_plain(unsigned int rights, bool calendar);

enum endpoint_member {
    ENDPOINT_MEMBER_PERSON,
    ENDPOINT_MEMBER_DEFAULT,   /* everybody who signed in */
    ENDPOINT_MEMBER_ANONYMOUS, /* and who did not */
};

struct endpoint_permission {
    enum endpoint_member member;
    struct endpoint_person person; /* of MEMBER_PERSON */
    unsigned int rights;           /* enum endpoint_right */
};

/* Who may do what in one folder. */
struct endpoint_permissions {
    int status; /* 0, or -1 and why */
    struct err why;
    /* What such a folder is called in requests: the implementation's; static */
    const char *kind;
    bool calendar;      /* a calendar folder: it has rights of its own */
    GArray *entries;    /* of struct endpoint_permission, owned */
    GPtrArray *unknown; /* of char *: whom the server cannot name; owned */
};
void endpoint_permissions_init(struct endpoint_permissions *p, bool calendar);
void endpoint_permissions_clear(struct endpoint_permissions *p);
/* A copy of the entry is added. */
void endpoint_permissions_add(struct endpoint_permissions *p,
                              const struct endpoint_permission *entry);
/* The entry of a member, people by address without case; or NULL. */
struct endpoint_permission *
endpoint_permissions_find(const struct endpoint_permissions *p,
                          const struct endpoint_permission *like);
typedef struct endpoint_permissions endpoint_permissions;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_permissions,
                                 endpoint_permissions_clear)

/* ---- delegates ------------------------------------------------------- */

enum endpoint_delegate_level {
    ENDPOINT_DELEGATE_UNTOLD, /* to be written: stays as it is */
    ENDPOINT_DELEGATE_NONE,
    ENDPOINT_DELEGATE_REVIEWER,
    ENDPOINT_DELEGATE_AUTHOR,
    ENDPOINT_DELEGATE_EDITOR,
    ENDPOINT_DELEGATE_CUSTOM, /* read only: the folder's permissions have it */
    ENDPOINT_DELEGATE_N_LEVELS
};
enum endpoint_delegate_folder {
    ENDPOINT_DELEGATE_CALENDAR,
    ENDPOINT_DELEGATE_TASKS,
    ENDPOINT_DELEGATE_INBOX,
    ENDPOINT_DELEGATE_CONTACTS,
    ENDPOINT_DELEGATE_NOTES,
    ENDPOINT_DELEGATE_JOURNAL,
    ENDPOINT_DELEGATE_N_FOLDERS
};
/* "Editor", "Calendar", "DelegatesOnly": as Exchange names them. */
const char *endpoint_delegate_level_name(enum endpoint_delegate_level level);
const char *endpoint_delegate_folder_name(enum endpoint_delegate_folder folder);
const char *endpoint_delivery_name(enum endpoint_delivery delivery);

struct endpoint_delegate {
    struct endpoint_person person;
    enum endpoint_delegate_level levels[ENDPOINT_DELEGATE_N_FOLDERS];
    bool copies;        /* gets copies of meeting messages */
    bool private_items; /* sees what is marked as private */
};

struct endpoint_delegates {
    GArray *list; /* of struct endpoint_delegate, owned */
    enum endpoint_delivery delivery;
    unsigned int n_unknown; /* whom the server cannot name any more */
};
void endpoint_delegates_init(struct endpoint_delegates *d);
void endpoint_delegates_clear(struct endpoint_delegates *d);
/* A copy of one is added. */
void endpoint_delegates_add(struct endpoint_delegates *d,
                            const struct endpoint_delegate *one);
/* By address, without case; or NULL. */
struct endpoint_delegate *
endpoint_delegates_find(const struct endpoint_delegates *d,
                        const char *address);
typedef struct endpoint_delegates endpoint_delegates;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_delegates, endpoint_delegates_clear)

/* ---- checked wrappers: the contracts stand in struct endpoint_ops ---- */

int endpoint_resolve(struct endpoint *ep, const char *address,
                     struct endpoint_person *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_own_name(struct endpoint *ep, char **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_get_permissions(struct endpoint *ep, const char *const *folder_ids,
                             size_t n, struct endpoint_permissions *ret,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_set_permissions(struct endpoint *ep, const char *folder_id,
                             const struct endpoint_permissions *all,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_get_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_add_delegate(struct endpoint *ep,
                          const struct endpoint_delegate *one,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_update_delegate(struct endpoint *ep,
                             const struct endpoint_delegate *one,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
