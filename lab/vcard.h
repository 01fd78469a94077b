/*
 * vcard - a contact as vCard 3.0 (RFC 2426), as Exchange exports it.
 */
#ifndef LAB_VCARD_H
#define LAB_VCARD_H

#include "lab/mapi.h"

/* UTF-8, the caller's. */
char *vcard_render(const struct mapi_message *m);

#endif
