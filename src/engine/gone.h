/*
 * gone - whether what the source says is not there has gone for certain.
 *
 * "Not found" in answer to a question about an item or a folder proves nothing
 * (EWS-QUIRKS 94): what the server cannot open at the moment, or at all, it
 * calls so too, and nothing would ever list it again.  Only the list tells: an
 * item that it has named is deleted once it says so ([MS-OXWSSYNC] Delete).
 */
#ifndef ENGINE_GONE_H
#define ENGINE_GONE_H

#include "engine/copy_priv.h"

/* What a folder's list has told since the lister read it. */
struct gone;
void gone_free(struct gone *g);

/* The listers have read all lists to their ends: before, none can be asked. */
bool gone_can_tell(struct copy *c);

/*
 * Asks the folder's list, from where the lister left it; its token on record
 * stays.  1: it is deleted; 0: it is not; -1: the list cannot be read.
 */
int gone_item(struct copy *c, struct endpoint *source, struct folder *f,
              const char *source_id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Into "not found", of an item that the list names: that, and the remedy. */
void gone_denied(struct err *why);

/* The source's tree has the folder no more; false too where nobody knows. */
bool gone_folder(struct endpoint *source, const struct folder *f);

#endif
