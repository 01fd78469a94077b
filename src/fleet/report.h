/*
 * report - what a person takes away from a migration.
 *
 * Everything comes from the state file; no server is asked.  Into a folder:
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
 *   verification.json  how every item was reconciled, by mailbox and folder
 *   report.html        the same for reading, complete in one file
 */
#ifndef FLEET_REPORT_H
#define FLEET_REPORT_H

#include "base/err.h"
#include "store/store.h"

/*
 * Write the files into dir, which is made where missing; files of an
 * earlier report are replaced whole or not at all.
 */
int fleet_report_write(struct store *s, const char *dir,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
