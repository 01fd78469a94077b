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

int database_pulse(struct database *d, struct err *err)
{
    struct db *db = sq_database_db(d);

    if (write_pulse(db, err) < 0) {
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
