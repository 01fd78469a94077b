/*
 * upkeep - what an operator does to a database as a whole.
 */
#ifndef STORE_UPKEEP_H
#define STORE_UPKEEP_H

#include "store/database.h"

/*
 * Is it whole?  Array of texts: what is wrong, empty when nothing is.  Reads
 * only, beside whoever writes.  -1: it cannot be read at all.
 */
int upkeep_check(const char *where, GPtrArray **ret_findings,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A copy of a state file as it is now, beside whoever writes, to a path where
 * nothing is; durable.  -1 leaves nothing there.  A PostgreSQL database is
 * refused: pg_dump does that.
 */
int upkeep_backup(const char *from, const char *to,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct upkeep_table {
    const char *name; /* static */
    uint64_t rows;
};
/*
 * Copy a state file that nobody writes into a PostgreSQL database that is not
 * in use yet ("store-not-empty").  All or nothing: it is one transaction,
 * committed after each table has been read back and has as many rows, with the
 * same content, as the file.  The file stays.  GArray of struct upkeep_table.
 */
int upkeep_move(const char *from, const char *to, GArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
