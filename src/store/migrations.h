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
 * Errors as in store.h and seal.h, and "not-found", "busy" (a job is running),
 * "bad-access" (an application beside accounts).
 * Any thread.
 */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include "base/seal.h"
#include "base/secret.h"
#include "store/jobs.h"
#include "store/paces.h"
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

/*
 * How a side is reached beside the administrative account, or in its place.
 * The user is that of an account or of a proxy, or an application's client id.
 */
enum migration_way {
    MIGRATION_ACCOUNT, /* one more of them; there may be several */
    MIGRATION_OAUTH,   /* an application; url: its token endpoint */
    MIGRATION_PROXY,   /* url; user, or NULL */
    MIGRATION_N_WAYS
};
struct migration_access {
    enum migration_way way;
    char *user, *url, *scope; /* each, as the next, or NULL */
    struct secret *secret;
};
void migration_access_free(struct migration_access *a);
#define MIGRATION_ACCOUNTS_MAX 64

/* A mailbox to be moved.  All borrowed. */
struct migration_row {
    uint32_t line; /* of the import file */
    uint32_t flags;
    struct {
        const char *address;
        struct migration_login login; /* of its own; user NULL: the address */
        bool asks; /* its owner is to give the password: store/owners.h */
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
        const GPtrArray *access; /* of struct migration_access *; or NULL */
    } sides[MIGRATION_N_SIDES];
    const struct migration_row *rows;
    size_t n_rows;
};
/* All or nothing; nothing is queued yet. */
int migrations_add(struct migrations *p, const struct roster_actor *who,
                   const struct migration_wish *wish, int64_t *ret_id,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* All borrowed. */
struct migration_rows {
    const struct migration_row *all;
    size_t n;
};
/*
 * Rows whose pair of addresses it does not have become mailboxes of it, all or
 * none; those that it has stay as they are.  *ret_n: how many are new.
 */
int migrations_extend(struct migrations *p, const struct roster_actor *who,
                      int64_t id, const struct migration_rows *rows,
                      size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned. */
struct migration {
    int64_t id, account_id;
    char *name, *host, *options;
    char *urls[MIGRATION_N_SIDES];
    char *admins[MIGRATION_N_SIDES]; /* user names; or NULL */
    /* of struct migration_access *, in the order of ways; without secrets */
    GPtrArray *access[MIGRATION_N_SIDES];
    int64_t created_us;
    int64_t version;   /* grows with each change of it */
    unsigned int most; /* mailboxes at once; 0: any number */
    char *hours;       /* when, as base/hours.h has it; NULL: always */
    /* counted by migrations_list() and migrations_count() */
    uint64_t n_mailboxes;
    uint64_t by_state[MAILBOX_N_STATES]; /* mailboxes */
    uint64_t jobs[JOB_N_STATES];
    struct store_forecast forecast; /* the latest; at_us 0: there is none */
};
void migration_free(struct migration *m);
typedef struct migration migration;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(migration, migration_free)

/* Those to which each that is not 0 or NULL applies. */
struct migration_filter {
    int64_t account_id;               /* of migrations */
    int64_t migration_id, mailbox_id; /* of mailboxes */
    /*
     * Bits 1 << enum mailbox_state; 1 << enum job_state, of the last job.  Of
     * a migration: those with such a mailbox, or with such a job.
     */
    unsigned int states, job_states;
    const char *text; /* in address, name or URL, whatever the case */
};
extern const struct roster_order migration_orders[];
/* Array of struct migration *. */
int migrations_list(struct migrations *p, const struct migration_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, with nothing counted; 0: there is none; -1. */
int migrations_get(struct migrations *p, int64_t id, struct migration **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Counts what it has: a look at each of its mailboxes. */
int migrations_count(struct migrations *p, struct migration *m,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be different; NULL: as it is. */
struct migration_change {
    int64_t version; /* that it is made of, else "changed"; 0: any */
    const char *name, *options;
    const struct migration_login *admins[MIGRATION_N_SIDES]; /* NULL: none */
    struct {
        unsigned int ways;       /* bits 1 << enum migration_way: of these, */
        const GPtrArray *access; /* those are all that there are; or NULL */
    } sides[MIGRATION_N_SIDES];
    const unsigned int *most; /* see jobs_limit_migration() */
    const char *hours;        /* "": always */
};
/*
 * All or nothing.  New options and credentials reach what is running with its
 * next renewal.
 */
int migrations_change(struct migrations *p, const struct roster_actor *who,
                      int64_t id, const struct migration_change *change,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * All of it goes, with its ledger and its secrets: it can never be carried on.
 * "busy" while a job of it runs; version: as above.  What is at the destination
 * stays there.
 */
int migrations_remove(struct migrations *p, const struct roster_actor *who,
                      int64_t id, int64_t version,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

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
    int64_t not_before_us; /* of the job, while it is queued; else 0 */
    char *options;         /* JSON, over the migration's; or NULL */
    int64_t version; /* grows with each change of these and its credentials */
    struct store_forecast forecast; /* the latest; at_us 0: there is none */
    struct pace pace; /* while a job of it runs, the latest stretch in which it
                         copied, of any pass; took_us 0: there is none */
};
void migration_mailbox_free(struct migration_mailbox *m);
typedef struct migration_mailbox migration_mailbox;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(migration_mailbox, migration_mailbox_free)

extern const struct roster_order migration_mailbox_orders[];
/* Array of struct migration_mailbox *. */
int migrations_mailboxes(struct migrations *p,
                         const struct migration_filter *filter,
                         const struct roster_page *page, GPtrArray **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int migrations_mailbox(struct migrations *p, int64_t mailbox_id,
                       struct migration_mailbox **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be different; NULL: as it is. */
struct migration_mailbox_change {
    int64_t version; /* that it is made of, else "changed"; 0: any */
    const uint32_t *flags;
    const char *options; /* JSON; "": as the migration has it */
    /* its own; a password NULL: it has none, and an account opens it */
    const struct migration_login *logins[MIGRATION_N_SIDES];
};
/* What is running of it goes on so with its next renewal. */
int migrations_change_mailbox(struct migrations *p,
                              const struct roster_actor *who,
                              int64_t mailbox_id,
                              const struct migration_mailbox_change *change,
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

/* An item that failed: where it is; strings owned. */
struct migration_failed {
    int64_t item_id, mailbox_id;
    char *source; /* the mailbox's address */
    char *path;   /* of its folder */
};
/* Those to which each that is not 0 or NULL applies. */
struct failed_filter {
    int64_t migration_id; /* always */
    int64_t mailbox_id;
    const char *reason; /* as struct migration_cause has it */
};
/* Array of struct migration_failed *, by item. */
int migrations_failed(struct migrations *p, const struct failed_filter *filter,
                      const struct roster_page *page, GPtrArray **ret,
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
/*
 * How a side is reached beside that account: array of struct migration_access
 * *, without those whose secret was purged.
 */
int migrations_access(struct migrations *p, int64_t migration_id,
                      enum migration_side side, GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All secrets of a migration go; it can be carried on with new ones. */
int migrations_purge(struct migrations *p, const struct roster_actor *who,
                     int64_t id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Can the ring (NULL: there is none) open what is sealed in the database?
 * -1, name "seal-key": with some key that it lacks.
 */
int database_check_keys(struct database *d, const struct keyring *keys,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
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
    int64_t mailbox_id;       /* 0: each of the migration */
    const int64_t *mailboxes; /* in its place where n_mailboxes is not 0; */
    size_t n_mailboxes;       /* those of another migration are passed over */
    const char *kind;         /* "full", "verify", ... */
    const char *options;      /* JSON, beside the migration's; or NULL */
    int priority;
    int64_t not_before_us;
};
/*
 * A job for each mailbox that has no other of that kind queued, running or
 * paused; paused for those that wait for credentials, which are not checked
 * before.  *ret_n: how many.
 */
int migrations_start(struct migrations *p, const struct roster_actor *who,
                     const struct migration_start *start, size_t *ret_n,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* See jobs_do(). */
int migrations_do(struct migrations *p, const struct roster_actor *who,
                  enum jobs_verb verb, const struct jobs_which *which,
                  size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Some mailboxes of a migration; those of another one are passed over. */
struct migration_some {
    int64_t migration_id;
    const int64_t *mailboxes; /* borrowed */
    size_t n;
};
/* The same of their jobs, of all or of none. */
int migrations_do_some(struct migrations *p, const struct roster_actor *who,
                       enum jobs_verb verb, const struct migration_some *some,
                       size_t *ret_n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int migrations_set_priority(struct migrations *p,
                            const struct roster_actor *who,
                            const struct jobs_which *which, int priority,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- hosts --------------------------------------------------------------- */

/* What is to be different; NULL: as it is. */
struct migration_host_change {
    const unsigned int *most; /* see jobs_limit_host() */
    const char *quiet;        /* "": never */
    int64_t version;          /* that it is made of, else "changed"; 0: any */
};
int migrations_limit_host(struct migrations *p, const struct roster_actor *who,
                          const char *host,
                          const struct migration_host_change *change,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What a worker finds at a host: sums over what the host charges apart. */
struct migration_load {
    char *worker;                /* owned in results, not read in arguments */
    char *host;                  /* as struct migration.host has it */
    uint64_t in_flight, waiting; /* requests, now */
    uint64_t places;             /* that it would have in flight at most, now */
    uint64_t requests, busy;     /* since the worker began; refused as busy */
    int64_t throttled_us;        /* that requests waited for a back-off */
    int64_t working_us;          /* sum over requests; not on record */
    int64_t parked_until_us;     /* of a back-off under way; 0: none */
    int64_t quiet_until_us;      /* of quiet hours that hold; 0: none do */
};
void migration_load_free(struct migration_load *l);
/* In place of what that worker found before: array of those. */
int migrations_set_loads(struct migrations *p, const char *worker,
                         const GPtrArray *loads,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned. */
struct migration_host {
    char *name;
    unsigned int most;   /* 0: any number */
    char *quiet;         /* NULL: never */
    int64_t version;     /* another one where these two are others */
    uint64_t migrations; /* of which it is the source */
    uint64_t running;    /* jobs of these */
    GPtrArray *loads;    /* of struct migration_load *, by worker */
};
void migration_host_free(struct migration_host *h);
/*
 * Array of struct migration_host *, by name: those that are limited, sources,
 * and hosts that a worker has asked.  name NULL: all of them.
 */
int migrations_hosts(struct migrations *p, const char *name, GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
