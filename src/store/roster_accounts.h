/*
 * roster_accounts - whose migrations they are, and who speaks for them.
 *
 * An account has domains; a migration writes only to mailboxes in those that
 * are verified, and a domain is verified for one account alone.  Its contacts
 * sign in by a link that works once (roster_links.h).
 *
 * Each has a version, which grows with each change.  A change that names
 * another than the present one is refused: "changed".  Other refusals:
 * "not-found", "taken", "in-use", and "invalid", "missing", "too-long" of a
 * text.  Every change and its line of the trail are one transaction.
 */
#ifndef STORE_ROSTER_ACCOUNTS_H
#define STORE_ROSTER_ACCOUNTS_H

#include "store/roster.h"

/* Longest of an account's texts, in bytes; a domain's: RFC 1035. */
#define ROSTER_PARTNER_MAX 100
#define ROSTER_TITLE_MAX   254
#define ROSTER_NOTES_MAX   4000
#define ROSTER_DOMAIN_MAX  253
#define ROSTER_DOMAINS_MAX 1000

/* ---- accounts ---------------------------------------------------------- */

struct account_domain {
    char *name;          /* ASCII, lower case */
    int64_t verified_us; /* 0: it is not */
};

struct roster_account {
    int64_t id, version;
    char *partner; /* their Partner ID; told apart without case */
    char *name, *notes;
    int64_t created_us;
    GPtrArray *domains; /* of struct account_domain *, by name */
};
void roster_account_free(struct roster_account *a);
typedef struct roster_account roster_account;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(roster_account, roster_account_free)

struct domain_wish {
    const char *name;
    bool verified;
};

/* What is to be; NULL: as it is, or in a new one nothing. */
struct account_change {
    const char *partner, *name;        /* a new one needs both */
    const char *notes;                 /* "": none */
    const struct domain_wish *domains; /* all of them from now on */
    size_t n_domains;
};

int roster_account_add(struct roster *p, const struct roster_actor *who,
                       const struct account_change *wish, int64_t *ret_id,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int roster_account_get(struct roster *p, int64_t id,
                       struct roster_account **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
struct account_filter {
    int64_t id;          /* this one alone; 0: any */
    const char *partner; /* whose Partner ID that is, without case; or NULL */
    const char *domain;  /* that has it; or NULL */
    const char *text;    /* in Partner ID or name, whatever the case; or NULL */
};
extern const struct roster_order roster_account_orders[];
/* Array of struct roster_account *. */
int roster_accounts(struct roster *p, const struct account_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* version 0: whichever it is. */
int roster_account_change(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          const struct account_change *change,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* With its contacts; "in-use" while it has migrations. */
int roster_account_remove(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- contacts ---------------------------------------------------------- */

enum contact_role {
    CONTACT_PRIMARY,
    CONTACT_BILLING, /* Primary Billing */
    CONTACT_TECHNICAL,
    CONTACT_ROLE_N
};
/* "primary", "billing", "technical"; static. */
const char *contact_role_name(enum contact_role role);
/* Of roles, 1 << each: one of these asks for a migration, and approves it. */
#define CONTACT_MAY_ASK ((1u << CONTACT_PRIMARY) | (1u << CONTACT_BILLING))
/* CONTACT_ROLE_N when there is none. */
enum contact_role contact_role_parse(const char *name);

struct roster_contact {
    int64_t id, version, account_id;
    char *address;  /* of mail; told apart without case, in one account */
    char *name;     /* or NULL */
    unsigned roles; /* 1 << enum contact_role, or'ed */
    int64_t created_us, disabled_us;
};
void roster_contact_free(struct roster_contact *c);
typedef struct roster_contact roster_contact;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(roster_contact, roster_contact_free)

/* What is to be; NULL, 0 and -1: as it is. */
struct contact_change {
    const char *address; /* a new one needs it, and roles */
    const char *name;    /* "": none */
    unsigned roles;
    int disabled; /* 1, 0, or -1 */
};

int roster_contact_add(struct roster *p, const struct roster_actor *who,
                       int64_t account_id, const struct contact_change *wish,
                       int64_t *ret_id,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_contact_get(struct roster *p, int64_t id,
                       struct roster_contact **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
struct contact_filter {
    int64_t account_id;  /* 0: of any */
    const char *address; /* or NULL */
    const char *text;    /* in address or name, whatever the case; or NULL */
};
extern const struct roster_order roster_contact_orders[];
/* Array of struct roster_contact *. */
int roster_contacts(struct roster *p, const struct contact_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Their sessions and links end with another address or other roles, or when
 * disabled.
 */
int roster_contact_change(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          const struct contact_change *change,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_contact_remove(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- texts from outside ------------------------------------------------ */

/* An address of mail: one @, something on both sides, no space. */
int roster_check_address(const char *text,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A domain of mail: labels with dots between them, in ASCII. */
int roster_check_domain(const char *text,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
