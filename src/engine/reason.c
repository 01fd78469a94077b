#include "engine/reason.h"

#include <glib.h>
#include <string.h>

#include "store/store.h"

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

static bool is_either(const char *what, const char *const words[2])
{
    return strcmp(what, words[0]) == 0 || strcmp(what, words[1]) == 0;
}

bool reason_is_number(const char *reason)
{
    const char *what = reason + strspn(reason, "0123456789");

    return is_either(what, failed) || is_either(what, unlike);
}

static bool is_verdict(const char *what)
{
    for (int i = 0; i < VERIFY_N; i++)
        if (strcmp(what, verify_class_name((enum verify_class)i)) == 0)
            return true;
    return false;
}

/* "2 items failed", "3 missing". */
static bool is_count(const char *part)
{
    size_t digits = strspn(part, "0123456789");
    const char *what = part + digits;

    return digits > 0 &&
           (is_either(what, failed) || (*what == ' ' && is_verdict(what + 1)));
}

bool reason_says_more(const char *reason)
{
    g_auto(GStrv) parts = NULL;

    if (reason == NULL)
        return false;
    parts = g_strsplit(reason, ", ", -1);
    for (char **part = parts; *part != NULL; part++)
        if (!is_count(*part))
            return true;
    return false;
}
