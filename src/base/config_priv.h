/*
 * config_priv - what the reader and the printer of a configuration share.
 */
#ifndef BASE_CONFIG_PRIV_H
#define BASE_CONFIG_PRIV_H

#include "base/config.h"

struct config_value {
    char *text;      /* as it was written; NULL: none */
    char *origin;    /* "default", "mailferry.conf:12", ... */
    uint64_t number; /* of numbers, bytes, seconds (in us), words (index) */
};

struct config {
    struct config_value values[CONFIG_N];
};

/*
 * Read text as a value of that row; *ret's origin is left alone.  -1 with
 * "<text> is not ...".
 */
int config_value_read(const struct config_row *row, const char *text,
                      struct config_value *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
