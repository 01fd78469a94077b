/*
 * alternate - ids of items and folders in the six forms of ConvertId.
 *
 * An id of EWS holds the store's entry id and says whose mailbox it is; the
 * other forms are the entry id alone, so converting asks nobody and says
 * nothing about whether the object is still there.
 */
#ifndef LAB_ALTERNATE_H
#define LAB_ALTERNATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

enum alternate_format {
    ALTERNATE_EWS_LEGACY, /* Exchange 2007 without SP1: mailbox by address */
    ALTERNATE_EWS,        /* mailbox by GUID */
    ALTERNATE_ENTRY,      /* entry id, base64 */
    ALTERNATE_HEX_ENTRY,  /* entry id, hexadecimal */
    ALTERNATE_STORE,      /* entry id as Exchange's store writes it */
    ALTERNATE_OWA,        /* with length and type of object, for an URL */
    N_ALTERNATE,
};

/* "HexEntryId"; the value of a Format attribute. */
const char *alternate_format_name(enum alternate_format format);
/* -1 for a name that is none. */
int alternate_format_find(const char *name, enum alternate_format *ret);

/* [MS-OXCDATA] 2.2.4.3 the longest entry id of a store's object. */
#define ALTERNATE_ENTRY_MAX 70
/* Longest monikers that Exchange takes: an address or a GUID. */
#define ALTERNATE_MAILBOX_MAX 320

struct alternate {
    uint8_t entry[ALTERNATE_ENTRY_MAX];
    size_t entry_len;
    bool public_folder; /* of the public folder tree: names no mailbox */
    /* of the forms of EWS: address (legacy) or GUID; else "" */
    char mailbox[ALTERNATE_MAILBOX_MAX + 1];
};

/* -1 when text is no id of that form. */
int alternate_parse(enum alternate_format format, const char *text,
                    struct alternate *ret);

/*
 * Write it; mailbox: its GUID for ALTERNATE_EWS, its address for
 * ALTERNATE_EWS_LEGACY, else not looked at.  To be freed.
 */
char *alternate_format(enum alternate_format format, const struct alternate *id,
                       const char *mailbox);

#endif
