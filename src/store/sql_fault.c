/*
 * Whether the database can be written: what failed writes have said of it, and
 * what comes of a small one that is tried now and then.
 */
#include "base/timestamp.h"
#include "store/database.h"
#include "store/sql_priv.h"

bool database_is_unwritable(const struct err *why)
{
    return g_strcmp0(why->name, STORE_DISK_FULL) == 0 ||
           g_strcmp0(why->name, STORE_IO) == 0;
}

/* Of all that keeps a write from being done, what only a person mends. */
static bool is_of_the_database(const struct err *why)
{
    return database_is_unwritable(why) ||
           g_strcmp0(why->name, "store-damaged") == 0;
}

void db_fault_init(struct db_fault *f)
{
    *f = (struct db_fault){ 0 };
    pthread_mutex_init(&f->lock, NULL);
}

void db_fault_release(struct db_fault *f)
{
    pthread_mutex_destroy(&f->lock);
}

void db_fault_note(struct db_fault *f, const struct err *why)
{
    if (!is_of_the_database(why))
        return;
    pthread_mutex_lock(&f->lock);
    if (!f->found)
        f->since_us = timestamp_now();
    f->found = f->lately = true;
    f->why = *why;
    pthread_mutex_unlock(&f->lock);
}

/*
 * A small write may find room between two larger ones that did not: it is over
 * when one of those has gone well and none has failed since the one before.
 */
static void note_written(struct db_fault *f)
{
    pthread_mutex_lock(&f->lock);
    f->found = f->lately;
    f->lately = false;
    pthread_mutex_unlock(&f->lock);
}

static int write_pulse(struct db *db, struct err *err)
{
    struct sq_conn *c = db->ops->begin(db, DB_WRITE, err);

    return c == NULL
               ? -1
               : sq_end(c,
                        sq_run(c,
                               "INSERT INTO pulse (one, at_us) VALUES (1, ?)"
                               " ON CONFLICT (one) DO UPDATE SET"
                               " at_us = excluded.at_us",
                               ARGS(INT(timestamp_now())), err),
                        err);
}

static int take_room(struct db *db, struct err *err)
{
    const char *const *sql = db->ops->room_sql;
    struct sq_conn *c = db->ops->begin(db, DB_READ, err);
    int rc = 0;

    if (c == NULL)
        return -1;
    for (; rc == 0 && *sql != NULL; sql++)
        rc = sq_run(c, *sql, NO_ARGS, err);
    return sq_end(c, rc, err);
}

/*
 * The pulse itself is written over where it was, if need be.  Only asked for
 * to tell when it is over: an administrator may log whatever takes such room.
 */
static bool is_still_full(struct db *db, struct err *ret)
{
    struct db_fault *f = &db->fault;
    struct err why;
    bool found;

    pthread_mutex_lock(&f->lock);
    found = f->found;
    pthread_mutex_unlock(&f->lock);
    if (!found || db->ops->room_sql == NULL || take_room(db, &why) == 0 ||
        !database_is_unwritable(&why))
        return false;
    *ret = why;
    return true;
}

int database_pulse(struct database *d, struct err *err)
{
    struct db *db = sq_database_db(d);

    if (write_pulse(db, err) < 0 || is_still_full(db, err)) {
        db_fault_note(&db->fault, err);
        return -1;
    }
    note_written(&db->fault);
    return 0;
}

bool database_fault(struct database *d, int64_t *ret_since_us, struct err *ret)
{
    struct db_fault *f = &sq_database_db(d)->fault;
    bool found;

    pthread_mutex_lock(&f->lock);
    found = f->found;
    if (found) {
        *ret_since_us = f->since_us;
        *ret = f->why;
    }
    pthread_mutex_unlock(&f->lock);
    return found;
}
