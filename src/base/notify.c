#include "base/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib.h>

#include "base/timestamp.h"

void notify(const char *text)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t n;
    int fd;

    if (path == NULL || (path[0] != '/' && path[0] != '@'))
        return;
    n = strlen(path);
    if (n >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, n);
    /* sd_notify(3): an abstract name is written with @ for its NUL */
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
                 (const struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
}

void notify_reloading(void)
{
    g_autofree char *text = g_strdup_printf(
        "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, timestamp_monotonic());

    notify(text);
}

int64_t notify_watchdog_us(void)
{
    const char *text = g_getenv("WATCHDOG_USEC");
    const char *pid = g_getenv("WATCHDOG_PID");
    guint64 us, whose;

    if (text == NULL ||
        !g_ascii_string_to_unsigned(text, 10, 2, INT64_MAX, &us, NULL))
        return 0;
    if (pid != NULL &&
        (!g_ascii_string_to_unsigned(pid, 10, 1, INT64_MAX, &whose, NULL) ||
         whose != (guint64)getpid()))
        return 0;
    return (int64_t)(us / 2);
}
