#include "base/size.h"

#include <glib.h>

char *size_text(uint64_t bytes)
{
    static const struct {
        uint64_t from; /* what would be shown as 1000 of the next smaller */
        double unit;
        int digits;
        const char *name;
    } rows[] = {
        { UINT64_C(999950000000), 1e12, 1, "TB" },
        { UINT64_C(999950000), 1e9, 1, "GB" },
        { UINT64_C(999500), 1e6, 1, "MB" },
        { UINT64_C(1000), 1e3, 0, "KB" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (bytes >= rows[i].from)
            return g_strdup_printf("%.*f %s", rows[i].digits,
                                   (double)bytes / rows[i].unit, rows[i].name);
    return g_strdup_printf("%" G_GUINT64_FORMAT " byte%s", bytes,
                           bytes == 1 ? "" : "s");
}
