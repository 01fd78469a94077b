/*
 * stalls - migrations that do not get on, from the moment at which operators
 * were told until they move again: one row a migration, and one of the service
 * as a whole while what is queued has nobody who works.
 *
 * A pass gets on whenever it lists, copies, compares or settles something; its
 * worker says so as it renews the job (struct job.moved_us).  In the source's
 * quiet hours nothing is expected of it.
 *
 * Errors as in store.h.  Any thread.
 */
#ifndef STORE_STALLS_H
#define STORE_STALLS_H

#include "store/migrations.h"
#include "store/outbox.h"

enum stall_kind {
    STALL_STILL,  /* nothing of a mailbox got on for too long */
    STALL_LATE,   /* it was to be done long ago */
    STALL_NOBODY, /* of the service: jobs_unattended() */
    STALL_DISK,   /* passes wait for room on a disk of ours */
    STALL_N_KINDS
};
/* "still", "late", "nobody", "disk"; static. */
const char *stall_kind_name(enum stall_kind kind);

/*
 * A mailbox under way that does not get on, or a migration (mailbox_id 0) that
 * was to be done by then.  Strings owned.
 */
struct stall_seen {
    int64_t migration_id, mailbox_id;
    char *address;    /* of the mailbox at the source; or NULL */
    int64_t since_us; /* it got on last; or when the forecast was given */
    int64_t p90_us;   /* of that forecast; else 0 */
    bool held;        /* by a worker: the lease of it, or of one, goes on */
};
/*
 * Arrays of struct stall_seen *, by migration: mailboxes under way that have
 * not got on since before_us; and migrations under way whose first forecast
 * is over by now.
 */
int stalls_still(struct migrations *p, int64_t now_us, int64_t before_us,
                 GPtrArray **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int stalls_late(struct migrations *p, int64_t now_us, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned. */
struct stall_waiting {
    int64_t migration_id;
    uint64_t mailboxes;
    char *reason, *remedy; /* of one of their jobs; each or NULL */
};
/*
 * Array of struct stall_waiting *, by migration: those with jobs that were
 * given back for want of room on a disk of ours, or because the database could
 * not be written, and have not ended well since.
 */
int stalls_disk(struct migrations *p, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned in results, borrowed in arguments. */
struct stall {
    int64_t migration_id; /* 0: of the service */
    char *name;           /* the migration's, or NULL; not read in arguments */
    enum stall_kind kind;
    int64_t since_us, told_us;
    uint64_t mailboxes; /* that do not get on */
    char *reason, *remedy;
};
void stall_free(struct stall *s);

/* Array of struct stall *, the oldest first. */
int stalls_list(struct migrations *p, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Who is told of one; all borrowed. */
struct stall_mails {
    struct outbox_mail *operators; /* or NULL */
    struct outbox_mail *partner;   /* or NULL */
    int64_t request_id;            /* that the migration is of; 0: of none */
};
/*
 * The row, the mails and the trail's lines in one.  1; 0: it is known already,
 * and nobody is told again; -1.
 */
int stalls_open(struct migrations *p, const struct roster_actor *who,
                const struct stall *s, const struct stall_mails *mails,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * It moves again, or nothing of it is under way (migration_id 0: somebody
 * works, or nothing waits): 1; 0: it was not known; -1.
 */
int stalls_close(struct migrations *p, const struct roster_actor *who,
                 int64_t migration_id,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
