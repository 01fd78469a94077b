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

static char *holder_dup(int fd)
{
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    guint64 pid;

    if (n <= 0)
        return g_strdup("another process");
    text[strcspn(text, "\n")] = '\0';
    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &pid, NULL))
        return g_strdup("another process");
    return g_strdup_printf("process %" G_GUINT64_FORMAT, pid);
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

static int write_pid(int fd)
{
    char text[24];
    int n = g_snprintf(text, sizeof(text), "%d\n", (int)getpid());

    if (ftruncate(fd, 0) < 0)
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
    if (write_pid(fd) < 0) {
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
