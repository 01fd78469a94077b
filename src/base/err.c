#include "base/err.h"

#include <string.h>

#include <glib.h>

/*
 * Text from outside may hold line ends (a forged log line) and may have been
 * cut in the middle of a character: make it one clean line of UTF-8.
 */
static void tidy(char *text)
{
    const char *bad;

    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    while (!g_utf8_validate(text, -1, &bad)) {
        char *at = text + (bad - text);

        /* Nothing whole follows a cut: drop it; else mark the spot. */
        if (strlen(at) < 4)
            *at = '\0';
        else
            *at = '?';
    }
}

static void PRINTF(2, 0) fill(struct err *err, const char *fmt, va_list ap)
{
    g_vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    tidy(err->msg);
}

int err_set(struct err *err, enum err_scope scope, enum err_retry retry,
            int code, const char *fmt, ...)
{
    va_list ap;

    *err = (struct err){ .scope = scope, .retry = retry, .code = code };
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    return -1;
}

int err_in(struct err *err, const char *fmt, ...)
{
    char where[160];
    size_t n, have = strlen(err->msg);
    va_list ap;

    va_start(ap, fmt);
    g_vsnprintf(where, sizeof(where), fmt, ap);
    va_end(ap);
    tidy(where);

    /* The cause is worth more than the context: when full, keep it. */
    n = strlen(where);
    if (n + strlen(": ") + have >= sizeof(err->msg))
        return -1;
    memmove(err->msg + n + 2, err->msg, have + 1);
    memcpy(err->msg, where, n);
    memcpy(err->msg + n, ": ", 2);
    return -1;
}

int err_at(struct err *err, enum err_side side)
{
    static const char *const names[ERR_N_SIDES] = {
        [ERR_SOURCE] = "source",
        [ERR_DESTINATION] = "destination",
    };

    err->side = side;
    return side == ERR_NO_SIDE ? -1 : err_in(err, "%s", names[side]);
}

int err_remedy(struct err *err, const char *remedy)
{
    err->remedy = remedy;
    return -1;
}

int err_errno(struct err *err, enum err_scope scope, int errnum,
              const char *fmt, ...)
{
    size_t have;
    va_list ap;

    *err = (struct err){ .scope = scope, .code = errnum };
    va_start(ap, fmt);
    fill(err, fmt, ap);
    va_end(ap);
    have = strlen(err->msg);
    g_snprintf(err->msg + have, sizeof(err->msg) - have, ": %s",
               g_strerror(errnum));
    return -1;
}

const char *err_scope_name(enum err_scope scope)
{
    static const char *const names[] = {
        [ERR_ITEM] = "item",
        [ERR_FOLDER] = "folder",
        [ERR_MAILBOX] = "mailbox",
        [ERR_RUN] = "run",
    };

    return names[scope];
}
