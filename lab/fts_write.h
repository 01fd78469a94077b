/*
 * fts_write - write an item as the FastTransfer stream that a server exports.
 *
 * Envelope as Exchange 2010 and later write it: configuration, interface id,
 * partner version, then transfer buffers cut between two atoms or inside a
 * variable value ([MS-OXCFXICS] 2.2.4.1).
 */
#ifndef LAB_FTS_WRITE_H
#define LAB_FTS_WRITE_H

#include <stdint.h>

#include <glib.h>

#include "lab/mapi.h"

/* Opcodes of the envelope's records. */
enum lab_fts_record {
    LAB_FTS_CONFIGURE = 1,
    LAB_FTS_BUFFER = 2,
    LAB_FTS_INTERFACE = 3,
    LAB_FTS_PARTNER_VERSION = 4,
};

/*
 * How one server writes: two servers' streams of one item differ in all of
 * this and mean the same.
 */
struct lab_profile {
    uint64_t seed;         /* property order, ids of named properties, keys */
    uint16_t version[3];   /* 14.1 is 0x0E01; build with its high bit; minor */
    uint32_t buffer_bytes; /* data in a transfer buffer, at most */
    bool codepage_text;    /* Unicode strings as 0x84B0; else as 0x001F */
    bool keep_8bit;        /* strings of 8 bits stay; else become Unicode */
    bool retention_stamps; /* adds 0x301C and 0x301D to what comes in */
    char dn_prefix[128];   /* MetaTagDnPrefix */
};

/*
 * A plausible server, fixed by its seed.  Its lowest bit is codepage_text, the
 * next retention_stamps and the contrary of keep_8bit: so 1 and 2 differ in
 * all three, and what 1 wrote in eight bits becomes Unicode at 2.
 */
void lab_profile_init(struct lab_profile *profile, uint64_t seed);

/*
 * The stream of item, in profile's order, cut at its sizes.  Types of strings
 * are written as they are in the tree; named properties get profile's ids.
 */
GBytes *lab_fts_write(const struct mapi_item *item,
                      const struct lab_profile *profile);

#endif
