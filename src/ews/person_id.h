/*
 * person_id - <UserId>: who somebody is in permissions and among delegates.
 */
#ifndef EWS_PERSON_ID_H
#define EWS_PERSON_ID_H

#include "endpoint/settings.h"
#include "xml/node.h"
#include "xml/writer.h"

/* Owned by *ret; what the server does not tell is NULL. */
void person_id_read(const struct xml_node *user, struct endpoint_person *ret);

/*
 * By the surest of what is known: the SID where the server gave it, else the
 * address, else the identity of somebody outside.  One is enough, and two
 * that do not agree are refused (ErrorInvalidUserInfo).
 */
void person_id_write(struct xml_writer *w, const struct endpoint_person *p);

#endif
