/*
 * migrations - what the service is to move, with whose credentials, and what
 * an operator has done about it.
 *
 * A migration of the service is one of store/database.h with a plan: a name,
 * the two servers as a person wrote them, options (JSON, which this module
 * does not read), a row of the import file for each mailbox, and secrets.
 * Those are sealed (base/seal.h) for the table, their owner and their name,
 * and leave the database when nobody needs them any more.
 *
 * Every change and its line of the trail (store/roster.h) are one transaction;
 * what is to be worked on are jobs (store/jobs.h).
 *
 * Errors as in store.h and seal.h, and "not-found", "busy" (a job is running).
 * Any thread.
 */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include "base/seal.h"
#include "base/secret.h"
#include "store/jobs.h"
#include "store/roster.h"

#define MIGRATION_NAME_MAX    200
#define MIGRATION_OPTIONS_MAX ((size_t)64 * 1024)

struct migrations;
typedef struct migrations migrations;

/* All borrowed, and outlive it; j is woken by what is queued here. */
struct migrations *migrations_new(struct database *d, struct jobs *j,
                                  const struct keyring *keys);
void migrations_free(struct migrations *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(migrations, migrations_free)

enum migration_side {
    MIGRATION_SOURCE,
    MIGRATION_DESTINATION,
    MIGRATION_N_SIDES
};

/* Who opens mailboxes; both NULL: nobody is given.  Borrowed. */
struct migration_login {
    const char *user;
    struct secret *password;
};

/* A mailbox to be moved.  All borrowed. */
struct migration_row {
    uint32_t line; /* of the import file */
    uint32_t flags;
    struct {
        const char *address;
        struct migration_login login; /* of its own; user NULL: the address */
    } sides[MIGRATION_N_SIDES];
};

/* All borrowed. */
struct migration_wish {
    int64_t account_id; /* 0: nobody's */
    const char *name;
    const char *host;    /* of the source: what its limits count by */
    const char *options; /* JSON */
    struct {
        const char *url;
        struct migration_login admin;
    } sides[MIGRATION_N_SIDES];
    const struct migration_row *rows;
    size_t n_rows;
};
/* All or nothing; nothing is queued yet. */
int migrations_add(struct migrations *p, const struct roster_actor *who,
                   const struct migration_wish *wish, int64_t *ret_id,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned. */
struct migration {
    int64_t id, account_id;
    char *name, *host, *options;
    char *urls[MIGRATION_N_SIDES];
    char *admins[MIGRATION_N_SIDES]; /* user names; or NULL */
    int64_t created_us;
    int64_t version;   /* grows with each change of it */
    unsigned int most; /* mailboxes at once; 0: any number */
    char *hours;       /* when, as base/hours.h has it; NULL: always */
    uint64_t n_mailboxes;
    uint64_t by_state[MAILBOX_N_STATES]; /* mailboxes */
    uint64_t jobs[JOB_N_STATES];
};
void migration_free(struct migration *m);
typedef struct migration migration;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(migration, migration_free)

/* Array of struct migration *, by id; account_id 0: of all. */
int migrations_list(struct migrations *p, int64_t account_id,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int migrations_get(struct migrations *p, int64_t id, struct migration **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be different; NULL: as it is. */
struct migration_change {
    const char *name, *options;
    const struct migration_login *admins[MIGRATION_N_SIDES];
    const unsigned int *most; /* see jobs_limit_migration() */
    const char *hours;        /* "": always */
};
/* All or nothing.  New options and credentials reach what is running with its
 * next renewal. */
int migrations_change(struct migrations *p, const struct roster_actor *who,
                      int64_t id, const struct migration_change *change,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * All of it goes, with its ledger and its secrets: it can never be carried on.
 * "busy" while a job of it runs.  What is at the destination stays there.
 */
int migrations_remove(struct migrations *p, const struct roster_actor *who,
                      int64_t id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- mailboxes ---------------------------------------------------------- */

/* Strings owned. */
struct migration_mailbox {
    int64_t id, migration_id;
    uint32_t line, flags;
    char *addresses[MIGRATION_N_SIDES];
    char *users[MIGRATION_N_SIDES]; /* of credentials of its own; or NULL */
    enum mailbox_state state;
    char *reason, *remedy;    /* or NULL */
    uint64_t items, waiting;  /* known by now; of those, not looked at yet */
    uint64_t copied, bytes;   /* by passes that have ended */
    uint64_t failed;          /* likewise */
    int64_t job_id;           /* the last one; 0: none yet */
    enum job_state job_state; /* of it, as the rest */
    char *job_kind, *job_reason, *job_remedy; /* or NULL */
    int priority;
};
void migration_mailbox_free(struct migration_mailbox *m);
typedef struct migration_mailbox migration_mailbox;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(migration_mailbox, migration_mailbox_free)

/* Those to which each that is not 0 or NULL applies. */
struct migration_filter {
    int64_t migration_id, mailbox_id;
    unsigned int states;     /* bits 1 << enum mailbox_state */
    unsigned int job_states; /* bits 1 << enum job_state, of the last job */
    const char *text;        /* in either address, whatever the case */
};
/* Array of struct migration_mailbox *, by id. */
int migrations_mailboxes(struct migrations *p,
                         const struct migration_filter *filter,
                         const struct roster_page *page, GPtrArray **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int migrations_mailbox(struct migrations *p, int64_t mailbox_id,
                       struct migration_mailbox **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Items that failed for the same reason. */
struct migration_cause {
    char *reason, *remedy, *name; /* remedy and name or NULL */
    uint64_t items;
    char *example;      /* a subject; or NULL */
    int64_t mailbox_id; /* of the example */
};
/* Array of struct migration_cause *, the most frequent first, at most 200. */
int migrations_causes(struct migrations *p, const struct jobs_which *which,
                      GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- credentials --------------------------------------------------------- */

/*
 * Of a mailbox's own (mailbox_id not 0), else the migration's administrative
 * account.  1 and both, which are the caller's; 0: there is none; -1.
 */
int migrations_login(struct migrations *p, int64_t migration_id,
                     int64_t mailbox_id, enum migration_side side,
                     char **ret_user, struct secret **ret_password,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All secrets of a migration go; it can be carried on with new ones. */
int migrations_purge(struct migrations *p, const struct roster_actor *who,
                     int64_t id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Seal anew with the ring's first key what another of its keys has sealed: all
 * secrets of the database, also those of store/roster.h.  *ret_n: how many.
 */
int migrations_reseal(struct migrations *p, const struct roster_actor *who,
                      uint64_t *ret_n,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what an operator may do, at any time -------------------------------- */

/* A pass to be queued. */
struct migration_start {
    int64_t migration_id;
    int64_t mailbox_id;  /* 0: each of the migration */
    const char *kind;    /* "full", "verify", ... */
    const char *options; /* JSON, beside the migration's; or NULL */
    int priority;
    int64_t not_before_us;
};
/*
 * A job for each mailbox that has no other of that kind queued, running or
 * paused.  *ret_n: how many.
 */
int migrations_start(struct migrations *p, const struct roster_actor *who,
                     const struct migration_start *start, size_t *ret_n,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* See jobs_do(). */
int migrations_do(struct migrations *p, const struct roster_actor *who,
                  enum jobs_verb verb, const struct jobs_which *which,
                  size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int migrations_set_priority(struct migrations *p,
                            const struct roster_actor *who,
                            const struct jobs_which *which, int priority,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* See jobs_limit_host(). */
int migrations_limit_host(struct migrations *p, const struct roster_actor *who,
                          const char *host, unsigned int most,
                          const char *quiet,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
