/*
 * Any bytes at all: the reader takes or refuses them, and what it takes the
 * editor must keep.  A server's copy of a copy has the digest of the first.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/digest.h"
#include "lab/fts_edit.h"
#include "lab/fts_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static GBytes *edited(const uint8_t *data, size_t size, uint64_t seed,
                      char digest[LAB_DIGEST_TEXT])
{
    struct lab_profile p;
    struct lab_edit edit = { .profile = &p,
                             .mid = seed,
                             .change = seed + 1,
                             .created_us = TIMESTAMP_NONE };
    g_autoptr(mapi_item) item = NULL;
    GBytes *out = NULL;
    struct err err;

    lab_profile_init(&p, seed);
    if (lab_fts_edit(data, size, &edit, &out, &item, &err) < 0)
        return NULL;
    lab_digest_item(item, digest);
    return out;
}

static void check_fragment(const uint8_t *data, size_t size, bool whole)
{
    struct err why;
    size_t at = size + 1;

    mapi_item_free(lab_fts_read_fragment(data, size, &at, &why));
    if (at > size || (whole && at != size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(mapi_item) item = NULL;
    g_autoptr(GBytes) once = NULL, twice = NULL;
    char before[LAB_DIGEST_TEXT], first[LAB_DIGEST_TEXT],
        second[LAB_DIGEST_TEXT];
    struct err err;
    gsize n;
    const uint8_t *stored;
    int status = lab_fts_read(data, size, &item, &err);

    check_fragment(data, size, status == 0);
    if (status < 0 || item->partial)
        return 0;
    lab_digest_item(item, before);
    once = edited(data, size, 1, first);
    if (once == NULL || strcmp(before, first) != 0)
        abort();
    stored = g_bytes_get_data(once, &n);
    twice = edited(stored, n, 2, second);
    if (twice == NULL || strcmp(first, second) != 0)
        abort();
    return 0;
}
