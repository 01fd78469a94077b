#include "engine/hint.h"

#include <glib.h>

void hint_make(enum hint_of of, const char *text, char ret[HINT_LEN + 1])
{
    g_autofree char *tagged = g_strdup_printf("%d %s", (int)of, text);
    g_autofree char *sum =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, tagged, -1);

    g_strlcpy(ret, sum, HINT_LEN + 1);
}
