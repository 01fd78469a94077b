/*
 * log - what the operator reads afterwards.
 *
 * One line an event to standard error, text or JSON.  The layer that decides
 * logs, once; libraries below it return errors.  Outside strings are escaped,
 * so nothing from a server can forge a line.  Never pass a secret.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log;

/* out is borrowed.  Lines below `level` in weight are dropped. */
struct log *log_new(FILE *out, enum log_level level, bool json);
void log_free(struct log *log);

/* From now on; any thread. */
void log_set_level(struct log *log, enum log_level level);

/*
 * Write a line.  subject names the object ("mailbox a@b"), or NULL.  Any
 * thread; a NULL log drops everything.
 */
void log_line(struct log *log, enum log_level level, const char *subject,
              const char *fmt, ...) PRINTF(4, 5);

/* The message, and the remedy on the same line. */
void log_err(struct log *log, enum log_level level, const char *subject,
             const struct err *err);

#endif
