/*
 * digest - what is in a mailbox, for people and for diff: the tests' oracle.
 *
 * Reads a store's file by itself, also while a server works on it, and takes
 * the digest apart from the client's: own reader, own list of what a server
 * may change (in digest.c, with the reason beside each).
 */
#ifndef LAB_DIGEST_H
#define LAB_DIGEST_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "lab/mapi.h"

/* SHA-256, as hexadecimal text with its terminator. */
#define LAB_DIGEST_TEXT 65

/* Equal for two servers' copies of one item; else different. */
void lab_digest_item(const struct mapi_item *item, char ret[LAB_DIGEST_TEXT]);

struct lab_digest_options {
    const char *mailbox; /* primary address; NULL: all */
    bool all;            /* hidden (associated) items too */
    bool archive;        /* of archive mailboxes too */
    bool recoverable;    /* of Recoverable Items too */
};

/*
 * Print a line an item, sorted as bytes:
 *
 *   mailbox TAB folder path TAB class TAB digest
 *
 * The path is from below the mailbox's visible root; well-known folders go
 * by their English names, whatever their language; '/', '%' and control
 * characters in a name are written as %XX.  The dumpster is left out.  An item
 * that lab_store_damage() has cut has the word "unreadable" for a digest.
 */
int lab_digest_print(const char *store_path,
                     const struct lab_digest_options *options, FILE *out,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
