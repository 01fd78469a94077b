/*
 * import_testing - what tests of import files share: a file from a text, and
 * what is kept of it, as texts.
 */
#ifndef FLEET_IMPORT_TESTING_H
#define FLEET_IMPORT_TESTING_H

#include "fleet/import.h"

#define IMPORT_HEADER                                                          \
    "Source Email,Source UserName,Source Password,Destination Email,"          \
    "Destination UserName,Destination Password,Flags\n"

/* Neither domain, nor hosts, nor administrators. */
extern const struct import_context import_testing_nothing;

import_t *import_testing_read(const char *text, const struct import_context *c);

/*
 * "LINE:COLUMN WORD; " of each fault, "?" before warnings; then "kept" and the
 * lines.  Another ends the test, which names the row.
 */
void import_testing_shape(const char *name, const struct import *m,
                          const char *want);

/*
 * "address/user/password|address/user/password|flags", "-" for NULL; the
 * caller frees.
 */
char *import_testing_content(const struct import_row *row);
/* Its i-th row that is kept; another content ends the test. */
void import_testing_row(const char *name, const struct import *m, guint i,
                        const char *want);

#endif
