#include "fts/fts_collect.h"

#define ALL_PARTS ((1u << FTS_N_PARTS) - 1)

const char *fts_part_name(enum fts_part part)
{
    static const char *const names[FTS_N_PARTS] = {
        [FTS_ENVELOPE] = "envelope",      [FTS_BODY] = "body",
        [FTS_RECIPIENTS] = "recipients",  [FTS_ATTACHMENTS] = "attachments",
        [FTS_NAMED] = "named properties", [FTS_OTHER] = "other properties",
    };

    g_assert((unsigned int)part < FTS_N_PARTS);
    return names[part];
}

enum fts_compare fts_digest_compare(const struct fts_digest *a,
                                    const struct fts_digest *b,
                                    unsigned int *ret_parts)
{
    unsigned int both = a->available & b->available & ALL_PARTS;
    unsigned int differ = 0;

    for (unsigned int part = 0; part < FTS_N_PARTS; part++)
        if ((both & 1u << part) != 0 &&
            memcmp(a->part[part], b->part[part], FTS_PART_BYTES) != 0)
            differ |= 1u << part;
    if (ret_parts != NULL)
        *ret_parts = differ;
    if (differ != 0)
        return FTS_DIFFERENT;
    return both == ALL_PARTS ? FTS_EQUAL : FTS_UNKNOWN;
}

/* The two high bits of the first byte are the packed form's version: 0. */
void fts_digest_pack(const struct fts_digest *digest,
                     uint8_t ret[FTS_DIGEST_PACKED])
{
    ret[0] = digest->available & ALL_PARTS;
    memcpy(ret + 1, digest->part, sizeof(digest->part));
}

bool fts_digest_unpack(const uint8_t *packed, size_t len,
                       struct fts_digest *ret)
{
    if (len != FTS_DIGEST_PACKED || (packed[0] & ~ALL_PARTS) != 0)
        return false;
    ret->available = packed[0];
    memcpy(ret->part, packed + 1, sizeof(ret->part));
    return true;
}

int fts_digest_read(const struct blob *base64, struct fts_digest *ret,
                    struct fts_summary *ret_summary, struct err *err)
{
    g_auto(fts_collected) c = { 0 };

    if (fts_collect(base64, false, &c, err) < 0)
        return -1;
    *ret = c.digest;
    if (ret_summary != NULL) {
        *ret_summary = c.summary;
        c.summary = (struct fts_summary){ 0 };
    }
    return 0;
}
