/*
 * Wake-ups from other machines: a connection that listens
 * (https://www.postgresql.org/docs/15/libpq-notify.html).  What is said while
 * there is none is missed, so a new one is a reason to look.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/postgres_priv.h"

#define RETRY_MS 1000

struct db_listener {
    struct pg_db *db; /* borrowed */
    struct db_hearing hearing;
    int end_fd; /* readable: it is over */
    pthread_t thread;
};

/* Wait for the server or the end; false: the end. */
static bool wait_for(struct db_listener *l, int fd, int timeout_ms)
{
    struct pollfd fds[] = { { l->end_fd, POLLIN, 0 }, { fd, POLLIN, 0 } };

    while (poll(fds, fd >= 0 ? 2 : 1, timeout_ms) < 0)
        if (errno != EINTR)
            return false;
    return fds[0].revents == 0;
}

/* Until the connection ends; false: it is over. */
static bool hear(struct db_listener *l, PGconn *pg)
{
    while (wait_for(l, PQsocket(pg), -1)) {
        PGnotify *n;

        if (PQconsumeInput(pg) == 0)
            return true;
        while ((n = PQnotifies(pg)) != NULL) {
            l->hearing.heard(l->hearing.data, n->extra);
            PQfreemem(n);
        }
    }
    return false;
}

static bool listen_once(struct db_listener *l)
{
    PGconn *pg =
        PQconnectdbParams((const char *const *)l->db->url.keywords->pdata,
                          (const char *const *)l->db->url.values->pdata, 0);
    g_autofree char *listen = g_strconcat("LISTEN ", l->hearing.channel, NULL);
    bool more = true;

    PQclear(PQexec(pg, listen));
    if (PQstatus(pg) == CONNECTION_OK) {
        l->hearing.heard(l->hearing.data, NULL);
        more = hear(l, pg);
    }
    PQfinish(pg);
    return more && wait_for(l, -1, RETRY_MS);
}

static void *run(void *data)
{
    while (listen_once(data))
        ;
    return NULL;
}

struct db_listener *pg_listen(struct db *db, const struct db_hearing *hearing)
{
    struct db_listener *l = g_new0(struct db_listener, 1);

    l->db = (struct pg_db *)db;
    l->hearing = *hearing;
    l->end_fd = eventfd(0, EFD_CLOEXEC);
    if (l->end_fd < 0 || pthread_create(&l->thread, NULL, run, l) != 0)
        g_error("no thread can be started");
    return l;
}

void pg_unlisten(struct db_listener *l)
{
    const uint64_t one = 1;

    if (write(l->end_fd, &one, sizeof(one)) < 0)
        g_error("eventfd: %s", g_strerror(errno));
    pthread_join(l->thread, NULL);
    close(l->end_fd);
    g_free(l);
}
