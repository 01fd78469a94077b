#include "engine/stamp.h"

#include <string.h>

#include <glib.h>

/* The version of how stamps are made. */
#define PREFIX "mf1-"

G_STATIC_ASSERT(sizeof(PREFIX) - 1 + 40 == STAMP_LEN);

void stamp_make(const char *source_id, char ret[STAMP_LEN + 1])
{
    g_autofree char *sum =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, source_id, -1);

    g_snprintf(ret, STAMP_LEN + 1, PREFIX "%.40s", sum);
}
