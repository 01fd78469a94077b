/*
 * report - what a person takes away from a migration.
 *
 * Everything comes from the store; no server is asked.  The files:
 *
 *   statistics.csv     a row a mailbox: items and bytes copied and failed by
 *                      kind; requests, working, throttled and waiting time
 *                      and MB/h on each side
 *   failures.csv       a row an item that was not copied or that verify found
 *                      different, with cause and remedy
 *   losses.csv         a row an item that was copied and of which the
 *                      destination did not keep all, with what is gone
 *   permissions.csv    a row an entry of a folder's permissions and a row a
 *                      delegate, as the settings pass left it, with the cmdlet
 *                      for those that are left to a person
 *   settings.csv       a row a setting of any part, with what became of it
 *   x500.csv           the old organisation's names that replies to old mail go
 *                      to, with the cmdlets that give them to the mailboxes
 *   verification.json  how every item was reconciled, by mailbox and folder
 *   report.html        the same for reading, complete in one file
 */
#ifndef FLEET_REPORT_H
#define FLEET_REPORT_H

#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

/* One of them.  All static. */
struct fleet_report_file {
    const char *name, *type; /* "failures.csv", its media type */
    const char *what;        /* is in it, in a few words */
};
/* The i-th; NULL after the last. */
const struct fleet_report_file *fleet_report_file(size_t i);

/* The text of the i-th, as the store has it now; the caller frees. */
int fleet_report_make(struct store *s, size_t i, char **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Write the files into dir, which is made where missing; files of an
 * earlier report are replaced whole or not at all.
 */
int fleet_report_write(struct store *s, const char *dir,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
