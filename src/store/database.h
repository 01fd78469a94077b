/*
 * database - one database with any number of migrations in it: a file of the
 * embedded SQLite, or PostgreSQL, which any number of machines may use.
 *
 * A state file of the command line is one with the one migration 1.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "store/store.h"

struct database;
typedef struct database database;

/*
 * where: a path, or postgresql://user@host/database.  STORE_WRITE makes the
 * tables, or brings them up to date.  A password in the URL is in no error.
 * Beside the errors of store.h, of PostgreSQL: "store-url", "store-refused"
 * (user or password), "store-old-server"; passing ones, of which each is
 * ERR_RUN and ERR_RETRY_WAIT: "store-lost" (nothing was done), "store-unknown"
 * (the connection was lost while it recorded: it may have been done or not),
 * "store-busy".  The next call connects again.
 */
int database_open(const char *where, enum store_mode mode,
                  struct database **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* After its stores have been freed. */
void database_close(struct database *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(database, database_close)

/* How many writes under a lease that was lost have been refused. */
uint64_t database_late_writes(struct database *d);

/*
 * The clock that all who share the database go by, in us since 1970: the
 * server's, or the machine's own where it is embedded.  Whoever gives times to
 * store/jobs.h takes them from it, or a machine whose clock is ahead takes
 * leases that have not expired.
 */
int database_clock(struct database *d, int64_t *ret_us,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Can it be written?  What writes of this process have found: true with why and
 * since when (timestamp_now()) when one failed for a full disk, a database that
 * is read-only or damaged, or the like; until writes go well again, which
 * database_pulse() finds out.
 */
bool database_fault(struct database *d, int64_t *ret_since_us, struct err *ret);
/*
 * Is that what a write has failed for: "disk-full", "store-io"?  Whoever has
 * time tries again, since a person is to mend it.
 */
bool database_is_unwritable(const struct err *why);
/*
 * Write a few bytes, as who wants to know does now and then, and while
 * something is found see whether there is room for more.  -1 as of any write.
 * May wait for other writers.
 */
int database_pulse(struct database *d,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Is it a URL, and no path? */
bool database_is_url(const char *where);

/* The store of one migration; nothing is looked up.  The caller frees. */
struct store *database_store(struct database *d, int64_t migration_id);

/*
 * A new migration; account: whose, 0: nobody's.  Its URLs are set by
 * store_migration_set().
 */
int database_migration_add(struct database *d, int64_t account_id,
                           int64_t *ret_id,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct database_migration {
    int64_t id;
    int64_t account_id;           /* 0: nobody's */
    struct store_migration about; /* URLs NULL: not set yet */
};
/* Array of struct database_migration *, by id. */
int database_migrations(struct database *d, GPtrArray **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
