/*
 * import_print - the faults of an import file, as a compiler prints them.
 */
#ifndef CMD_IMPORT_PRINT_H
#define CMD_IMPORT_PRINT_H

#include <stdio.h>

#include "fleet/import.h"

/*
 * "users.csv:3:2: error: Source UserName: ..." and the remedy on a line of
 * its own, for every fault in the order of the file; warnings too.
 */
void import_print_faults(FILE *out, const char *file,
                         const struct import *import);

/* The same as JSON, an object a line with "event": "fault". */
void import_print_json(FILE *out, const char *file,
                       const struct import *import);

#endif
