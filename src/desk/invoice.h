/*
 * invoice - what is billed for a request: the lines of its approved quote.
 */
#ifndef DESK_INVOICE_H
#define DESK_INVOICE_H

#include "store/requests.h"
#include "store/roster.h"

enum invoice_form { INVOICE_CSV, INVOICE_JSON };

/*
 * The lines as a file of that form (price.h); free() it.  They are of what was
 * approved, and of a cancelled request when its migration had begun; -1, name
 * "wrong-state": nothing of it is billed (yet); any other failure to read.
 */
int invoice_make(struct roster *p, const struct request *r,
                 enum invoice_form form, char **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
