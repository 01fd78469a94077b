/*
 * check - what the tests say beside GLib's own assertions.
 *
 * For test programs only.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <glib.h>

#include "base/err.h"

/* A row of a table: the failure names it. */
#define CHECK_ROW(name, condition)                                             \
    do {                                                                       \
        if (!(condition))                                                      \
            g_error("row \"%s\": %s", (name), #condition);                     \
    } while (0)

/* A call that must succeed: the failure prints its error. */
#define CHECK_OK(call, err)                                                    \
    do {                                                                       \
        if ((call) < 0)                                                        \
            g_error("%s: %s", #call, (err)->msg);                              \
    } while (0)

#endif
