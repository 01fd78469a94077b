/*
 * header - what we read out of an answer's header lines.
 */
#ifndef NET_HEADER_H
#define NET_HEADER_H

#include "net/net.h"

/*
 * Take one line, with or without its line end, into *r.  A status line begins
 * a new answer: what belongs to the answer alone is forgotten, what the server
 * offers is kept, for NTLM's second 401 lists no other scheme.
 */
void header_take(struct net_response *r, const char *line, size_t len);

#endif
