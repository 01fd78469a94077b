/*
 * schema - hold SOAP documents against Exchange's own schema.  For tests.
 *
 * The schema is found by EWS_SCHEMA_DIR, else in ../shared/ews-schema beside
 * the source; where there is none, nothing is checked.
 */
#ifndef EWS_SCHEMA_H
#define EWS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct schema;

/* NULL, after a word on the test's output, when there is no schema. */
struct schema *schema_new(void);
void schema_free(struct schema *s);

/* What is wrong with the document, in a line; NULL: nothing.  Caller frees. */
char *schema_check(const struct schema *s, const char *xml, size_t len);

/* A folder of test data: by the variable, else ../shared/NAME; or NULL. */
char *shared_dir(const char *variable, const char *name);

#endif
