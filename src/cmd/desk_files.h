/*
 * desk_files - the files that the configuration of the desk names.
 */
#ifndef CMD_DESK_FILES_H
#define CMD_DESK_FILES_H

#include "base/config.h"

/*
 * Read the price list and the folder of templates, where they are configured.
 * What is wrong with them is appended to faults (config_faults_new()), each
 * with its file and line; a file that cannot be read, with the key's origin.
 */
void desk_files_check(const struct config *c, GPtrArray *faults);

#endif
