#include "engine/reason.h"

#include <glib.h>
#include <string.h>

#define UNLIKE " at the destination already, in another shape or folder"

/* What follows the number: of one, of several. */
static const char *const failed[] = { " item failed", " items failed" };
static const char *const unlike[] = { " item is" UNLIKE, " items are" UNLIKE };

static char *say(uint64_t n, const char *const what[2])
{
    return g_strdup_printf("%" G_GUINT64_FORMAT "%s", n, what[n != 1]);
}

char *reason_failed(uint64_t n)
{
    return say(n, failed);
}

char *reason_unlike(uint64_t n)
{
    return say(n, unlike);
}

bool reason_is_number(const char *reason)
{
    const char *what = reason + strspn(reason, "0123456789");

    for (size_t i = 0; i < 2; i++)
        if (strcmp(what, failed[i]) == 0 || strcmp(what, unlike[i]) == 0)
            return true;
    return false;
}
