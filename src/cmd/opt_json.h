/*
 * opt_json - a command line for the service: what was asked for by options of
 * "mailferry migrate", as fleet/options.h has it.
 */
#ifndef CMD_OPT_JSON_H
#define CMD_OPT_JSON_H

#include <jansson.h>

#include "cmd/opt.h"

/*
 * Those that differ from their defaults; *ret is the caller's.  `ours` (ended
 * by NULL) are not the migration's.  -1: one is neither, and is named.
 */
int opt_json(const struct opt_spec *spec, const void *options,
             const char *const *ours, json_t **ret,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What an option of these words says; the caller's. */
json_t *opt_words_json(const struct opt_word *words, unsigned int all);

#endif
