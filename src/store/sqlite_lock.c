/*
 * One process writes a state file at a time.
 *
 * The lock is on a file of its own: SQLite keeps POSIX locks on the database,
 * and those are lost when any other descriptor of it is closed in the process
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).  It is held by flock(), so
 * it ends with the process, however that ends; the file is never removed,
 * because then two processes could hold locks on two files of one name.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/sqlite_priv.h"

/* What a lock file may tell: a process id and the name of its machine. */
#define HOLDER_MAX 320

/* Whoever can write to the folder can write anything into the file. */
static bool is_host_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("-._", *c) == NULL)
            return false;
    return text[0] != '\0';
}

static char *holder_dup(int fd)
{
    char text[HOLDER_MAX] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    g_auto(GStrv) lines = NULL;
    guint64 pid;

    if (n <= 0)
        return g_strdup("another process");
    lines = g_strsplit(text, "\n", 3);
    if (!g_ascii_string_to_unsigned(lines[0], 10, 1, G_MAXINT32, &pid, NULL))
        return g_strdup("another process");
    if (lines[1] == NULL || !is_host_name(lines[1]))
        return g_strdup_printf("process %" G_GUINT64_FORMAT, pid);
    return g_strdup_printf("process %" G_GUINT64_FORMAT " on %s", pid,
                           lines[1]);
}

static int refuse_locked(int fd, const char *path, struct err *err)
{
    g_autofree char *holder = holder_dup(fd);

    err_set(err, ERR_RUN, ERR_RETRY_NEVER, EWOULDBLOCK,
            "state file \"%s\" is being written by %s", path, holder);
    err->name = "store-locked";
    return err_remedy(err, "wait for it to end, or stop it; commands that only "
                           "read work meanwhile");
}

static int write_holder(int fd)
{
    char text[HOLDER_MAX];
    int n = g_snprintf(text, sizeof(text), "%d\n%s\n", (int)getpid(),
                       g_get_host_name());

    if (n >= (int)sizeof(text) || ftruncate(fd, 0) < 0)
        return -1;
    return pwrite(fd, text, (size_t)n, 0) == n ? 0 : -1;
}

int sq_lock(const char *path, int *ret_fd, struct err *err)
{
    g_autofree char *name = g_strconcat(path, "-lock", NULL);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "lock file \"%s\"", name);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            refuse_locked(fd, path, err);
        else
            err_errno(err, ERR_RUN, errno, "lock file \"%s\"", name);
        close(fd);
        return -1;
    }
    if (write_holder(fd) < 0) {
        err_errno(err, ERR_RUN, errno, "lock file \"%s\"", name);
        close(fd);
        return -1;
    }
    *ret_fd = fd;
    return 0;
}

void sq_unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}
