/*
 * roster - who may sign in, what they hold, and what they did.
 *
 * Operators with their passwords, sessions, API tokens and links that work
 * once; and the trail of what was decided.  Tokens are stored hashed
 * (base/token.h), passwords too (base/passhash.h), and what must be read again
 * is sealed (base/seal.h) by the caller.
 *
 * Every change and its line of the trail are one transaction.  Each line
 * carries the hash of the one before it, so that none can be altered, left out
 * or put in later without all that follow telling.
 *
 * Errors as in store.h, and "not-found", "taken".  Any thread.
 */
#ifndef STORE_ROSTER_H
#define STORE_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "base/token.h"
#include "store/database.h"

#define ROSTER_NAME_MAX 254 /* of an address: RFC 5321 */
#define ROSTER_TEXT_MAX 1000

struct roster;
typedef struct roster roster;

/* Over a database that is open for writing, and outlives it. */
struct roster *roster_new(struct database *d);
void roster_free(struct roster *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(roster, roster_free)

/* -1: the database does not answer. */
int roster_ping(struct roster *p, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A request that may come twice because its answer was lost, as known by a key
 * of its own.  What it does and the row that says so are one transaction: it
 * is done once, whatever dies when.
 */
#define ROSTER_ONCE_BYTES 32
struct roster_once {
    uint8_t key[ROSTER_ONCE_BYTES];  /* hash of the key and of whose it is */
    uint8_t body[ROSTER_ONCE_BYTES]; /* hash of what is asked for */
    int64_t now_us, expires_us;
    bool again; /* set where it was done before: nothing is done now */
};

/*
 * Was it done before?  1 with once->again and *ret_made, 0, -1.  Nothing is
 * written: what does it has the last word.
 */
int roster_once_look(struct roster *p, struct roster_once *once,
                     int64_t *ret_made,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Who does something, for the trail. */
struct roster_actor {
    const char *name;    /* "operator alice@example.com", "command line" */
    const char *request; /* id of the request; NULL: none */
    /*
     * NULL: none.  Heeded by what adds something or queues jobs: the id or the
     * number that they return is the first time's, whose end is waited for.
     * They also fail by "key-reused" (the key stands for another body) and
     * "key-in-use" (the key expires at this moment; ask again).
     */
    struct roster_once *once;
};

/* What a list may be in the order of; all static. */
struct roster_order {
    const char *name; /* NULL ends a table */
    const char *sql;
    bool text; /* else a number */
};

/* A piece of a list: after that id, at most so many. */
struct roster_page {
    int64_t after;
    unsigned int limit;
    bool down;                        /* the last one first */
    const struct roster_order *order; /* of the list's table; NULL: by id */
    const char *after_key;            /* of the one that it begins after */
    char **ret_key; /* of the last one found, the caller's; or NULL */
};

/* ---- operators ------------------------------------------------------- */

enum roster_role { ROSTER_ADMIN, ROSTER_OPERATOR, ROSTER_ROLE_N };

struct roster_operator {
    int64_t id, version;
    char *name; /* their address; told apart without case */
    enum roster_role role;
    char *password;                  /* hash */
    GBytes *totp;                    /* sealed; NULL: none */
    int64_t totp_step;               /* the last one used */
    int64_t created_us, disabled_us; /* 0: not disabled */
};
void roster_operator_free(struct roster_operator *o);
typedef struct roster_operator roster_operator;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(roster_operator, roster_operator_free)

/* name, role, password and totp are read; "taken" when there is one. */
int roster_operator_add(struct roster *p, const struct roster_actor *who,
                        const struct roster_operator *o, int64_t *ret_id,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int roster_operator_by_name(struct roster *p, const char *name,
                            struct roster_operator **ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_operator_by_id(struct roster *p, int64_t id,
                          struct roster_operator **ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
extern const struct roster_order roster_operator_orders[];
/* Array of struct roster_operator *. */
int roster_operators(struct roster *p, const struct roster_page *page,
                     GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What is to be different; NULL and -1: as it is. */
struct operator_change {
    int role;             /* enum roster_role, or -1 */
    int disabled;         /* 1, 0, or -1 */
    const char *password; /* hash */
    GBytes *totp;         /* sealed */
    bool forget_totp;     /* the authenticator was lost; without totp */
};
/*
 * Their sessions and tokens end with it.
 * version 0: whichever it is; else "changed" when it is not that one.
 */
int roster_operator_change(struct roster *p, const struct roster_actor *who,
                           int64_t id, int64_t version,
                           const struct operator_change *change,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Use up a step of an authenticator.  1; 0: it, or a later one, was used
 * already, perhaps at this very moment by somebody else; -1.
 */
int roster_totp_use(struct roster *p, int64_t operator_id, int64_t totp_step,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A password's hash made anew, which is no change of the password. */
int roster_password_rehash(struct roster *p, int64_t operator_id,
                           const char *from, const char *to,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sessions and tokens ----------------------------------------------- */

/* Who holds a session or token: an operator, or a contact. */
struct holder {
    int64_t operator_id; /* 0: a contact */
    enum roster_role role;
    int64_t contact_id, account_id;
    unsigned contact_roles; /* see roster_accounts.h */
    uint32_t scopes;        /* of a token */
    char name[ROSTER_NAME_MAX + 1];
};

struct session_wish {
    const uint8_t *hash; /* TOKEN_HASH_BYTES */
    int64_t operator_id; /* 0: a contact's */
    int64_t contact_id;
    int64_t now_us, expires_us;
};
int roster_session_add(struct roster *p, const struct roster_actor *who,
                       const struct session_wish *wish,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret: it is valid at that time, and so is its operator; 0; -1. */
int roster_session_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                        int64_t now_us, struct holder *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_session_end(struct roster *p, const struct roster_actor *who,
                       const uint8_t hash[TOKEN_HASH_BYTES],
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Those that have expired go, and links and keys of requests. */
int roster_sessions_sweep(struct roster *p, int64_t now_us,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct api_token {
    int64_t id, operator_id;
    char *label;
    uint32_t scopes;
    int64_t created_us, expires_us; /* 0: never */
    int64_t revoked_us;             /* 0: it is not */
};
void api_token_free(struct api_token *t);

/* operator_id, label, scopes, created_us and expires_us are read. */
int roster_token_add(struct roster *p, const struct roster_actor *who,
                     const struct api_token *t,
                     const uint8_t hash[TOKEN_HASH_BYTES], int64_t *ret_id,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_token_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                      int64_t now_us, struct holder *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Of one operator.  Array of struct api_token *. */
int roster_tokens(struct roster *p, int64_t operator_id,
                  const struct roster_page *page, GPtrArray **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* "not-found" when it is not that operator's. */
int roster_token_revoke(struct roster *p, const struct roster_actor *who,
                        int64_t operator_id, int64_t id,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- the trail --------------------------------------------------------- */

#define AUDIT_HASH_BYTES 32

struct audit_entry {
    int64_t id, at_us;
    char *actor, *request; /* request NULL: none */
    char *action;          /* "operator.add" */
    char *subject;         /* whom or what: "operator 3" */
    char *detail;          /* NULL: none; never a secret */
    uint8_t hash[AUDIT_HASH_BYTES];
};
void audit_entry_free(struct audit_entry *e);

/* For what is not a change of this file's; one line of its own. */
int roster_audit_add(struct roster *p, const struct roster_actor *who,
                     const char *action, const char *subject,
                     const char *detail,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* NULL and 0: any. */
struct audit_filter {
    const char *actor, *subject; /* what is in them, in either case */
    const char *action;          /* "operator.add"; "operator": all of these */
    int64_t from_us, to_us;      /* to: not included */
};
/* Array of struct audit_entry *, by id. */
int roster_audit(struct roster *p, const struct audit_filter *filter,
                 const struct roster_page *page, GPtrArray **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Of those about one subject alone: "request 1001". */
int roster_audit_about(struct roster *p, const char *subject,
                       const struct roster_page *page, GPtrArray **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct audit_verdict {
    int64_t n;                      /* lines that hold together */
    int64_t last_id;                /* of the last of them */
    int64_t bad_id;                 /* of the first that does not; 0: all do */
    uint8_t head[AUDIT_HASH_BYTES]; /* hash of the last good one */
};
/*
 * Go on from *v, zeroed for the first line, over at most so many lines, and
 * compute each hash anew.  A last_id and head that were noted tell too whether
 * that line is still the same.  1: there are more; 0; -1 with *v untouched.
 */
int roster_audit_verify_some(struct roster *p, unsigned int most,
                             struct audit_verdict *v,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same of all of the trail. */
int roster_audit_verify(struct roster *p, struct audit_verdict *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
