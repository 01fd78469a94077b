#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

/* Until some of what other items have in there is likely to be gone. */
#define WAIT_MS 2000

const char *spool_dir(void)
{
    const char *dir = g_getenv("TMPDIR");

    return dir != NULL && dir[0] != '\0' ? dir : "/var/tmp";
}

static bool is_full(int errnum)
{
    return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}

int spool_failed(const char *dir, int errnum, struct err *err)
{
    err_errno(err, ERR_ITEM, errnum, "spool file in \"%s\"", dir);
    err->name = SPOOL_FAULT;
    err->retry = ERR_RETRY_WAIT;
    err->wait_ms = WAIT_MS;
    return err_remedy(err,
                      is_full(errnum)
                          ? "make room there, or name another directory in "
                            "TMPDIR"
                          : "name a directory in TMPDIR that can be written");
}

bool spool_is_at_fault(const struct err *err)
{
    return g_strcmp0(err->name, SPOOL_FAULT) == 0;
}

int spool_open(const char *dir, struct err *err)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    g_autofree char *name = NULL;

    if (fd >= 0)
        return fd;
    /* Not every file system can make a file without a name. */
    name = g_build_filename(dir, "mailferry-spool-XXXXXX", NULL);
    fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return spool_failed(dir, errno, err);
    (void)unlink(name);
    return fd;
}
