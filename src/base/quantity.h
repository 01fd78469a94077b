/*
 * quantity - numbers, sizes and durations as people write them.
 */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum quantity_kind {
    QUANTITY_NUMBER,  /* "12" */
    QUANTITY_BYTES,   /* "8M" is 8 * 10^6, "8Mi" 2^20 */
    QUANTITY_SECONDS, /* "90", "0.5", "2m", "3d"; read as microseconds */
};

/* What it has to satisfy, in its own unit: numbers, bytes, seconds. */
struct quantity_range {
    uint64_t min, max; /* max 0: none but the kind's own */
};

/* -1 with "<text> is not ..." and *ret as it was. */
int quantity_parse(enum quantity_kind kind, const struct quantity_range *range,
                   const char *text, uint64_t *ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "yes", "true", "on", "1" and their opposites; -1 likewise. */
int quantity_flag(const char *text, bool *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
