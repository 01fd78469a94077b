/*
 * schema - hold requests against the EWS schema, as Exchange does.
 *
 * The schema is Microsoft's and no part of the lab: where a folder with it is
 * at hand, the lab refuses what does not validate.
 */
#ifndef LAB_SCHEMA_H
#define LAB_SCHEMA_H

#include <libxml/tree.h>

#include <glib.h>

#include "lab/problem.h"

struct schema;
typedef struct schema schema;

/* folder: with envelope.xsd in it.  -1 when it is not there or no schema. */
int schema_new(const char *folder, struct schema **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void schema_free(struct schema *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(schema, schema_free)

/* -1 and ErrorSchemaValidation for the first violation.  Any thread. */
int schema_check(struct schema *s, xmlDoc *doc, struct problem *p);

#endif
