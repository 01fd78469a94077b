/*
 * checked - what a check found out about a mailbox, as JSON, and back: how a
 * program is told, and how a service keeps it.
 *
 * What is read back prints as what was written did: times in whole seconds,
 * and nothing of folders' trees nor of rules, which no text tells.
 */
#ifndef FLEET_CHECKED_H
#define FLEET_CHECKED_H

#include <jansson.h>

#include "engine/engine.h"

/* "can_be_migrated", "source", "destination", ...; the caller's. */
json_t *checked_json(const struct engine_check *check);

/*
 * *ret is cleared by engine_check_clear(), also after -1: the JSON is of
 * another program, or names something that this one does not know.
 */
int checked_parse(const json_t *json, struct engine_check *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* For JSON: text of a server's may be anything; NULL is null. */
json_t *checked_text(const char *s);
/* {"items", "bytes"} */
json_t *checked_amount(const struct engine_amount *a);
/* {"by", "least_seconds", "most_seconds"} */
json_t *checked_expected(const struct expectation *e);

#endif
