#include "cmd/descriptors.h"

#include <errno.h>
#include <sys/resource.h>

#include "cmd/opt_common.h"

/* The state, the import file, the wire log, standard streams and some air. */
#define COMMON 64
/*
 * Of a connection: its socket, libcurl's pair to be woken by and, while a name
 * is looked up, another pair.
 */
#define A_CONNECTION 5
/* Of a side: what it keeps, and the most that is in flight. */
#define CONNECTIONS_MAX ((size_t)256 + OPT_HOST_REQUESTS_MAX)
/* The governor's bell; payloads that memory has no room for, a file each. */
#define A_LANE ((size_t)1 + 10)

/* A mailbox's own requests beside its lanes' take the room of one more. */
size_t descriptors_need(size_t mailboxes, size_t lanes)
{
    size_t n = mailboxes * (lanes + 1);

    return COMMON + 2 * A_CONNECTION * MIN(n, CONNECTIONS_MAX) + A_LANE * n;
}

static size_t that_fit(size_t limit, size_t mailboxes, size_t lanes)
{
    while (mailboxes > 0 && descriptors_need(mailboxes, lanes) > limit)
        mailboxes--;
    return mailboxes;
}

static int refuse(size_t mailboxes, size_t lanes, rlim_t most, struct err *err)
{
    size_t fit = that_fit((size_t)most, mailboxes, lanes);

    if (fit > 0)
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, EMFILE,
                "%zu mailboxes at once with %zu lanes each may need %zu open "
                "files, and this system allows %zu: %zu at once would fit",
                mailboxes, lanes, descriptors_need(mailboxes, lanes),
                (size_t)most, fit);
    else
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, EMFILE,
                "a mailbox with %zu lanes may need %zu open files, and this "
                "system allows %zu",
                lanes, descriptors_need(1, lanes), (size_t)most);
    return err_remedy(err, "ask for fewer with --mailboxes or --lanes, or "
                           "raise the hard limit (ulimit -Hn, LimitNOFILE= of "
                           "a systemd unit)");
}

int descriptors_raise(size_t mailboxes, size_t lanes, struct err *err)
{
    size_t need = descriptors_need(mailboxes, lanes);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return err_errno(err, ERR_RUN, errno, "limit on open files");
    if (limit.rlim_cur >= need)
        return 0;
    if (limit.rlim_max < need)
        return refuse(mailboxes, lanes, limit.rlim_max, err);
    limit.rlim_cur = need;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return err_errno(err, ERR_RUN, errno, "limit on open files");
    return 0;
}
