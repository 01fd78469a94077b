/*
 * poll_imap - poll.h over IMAP: each mail of the folder is taken, and then
 * moved to one of its own.  The same holds: whatever dies in between, the mail
 * is there the next time, and is then moved without being taken twice.
 */
#ifndef DESK_POLL_IMAP_H
#define DESK_POLL_IMAP_H

#include "desk/poll.h"
#include "net/imap.h"

/* -1: the server, or our database, fails. */
int poll_imap(const struct intake *in, struct imap *m, struct poll_done *ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
