/*
 * version - the releases of Exchange that the lab can be, and in what they
 * differ on the wire.
 */
#ifndef LAB_VERSION_H
#define LAB_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* In order: a later one has what an earlier one has. */
enum release {
    EXCHANGE2007_SP1,
    EXCHANGE2010,
    EXCHANGE2010_SP1,
    EXCHANGE2010_SP2,
    EXCHANGE2013,
    EXCHANGE2013_SP1,
    EXCHANGE2016,
    N_RELEASES,
};

/* What one release is, all static. */
struct version {
    const char *name;     /* as in RequestServerVersion, and our option */
    const char *reported; /* ServerVersionInfo@Version */
    const char *iis;      /* Server header */
    const char *aspnet;   /* X-AspNet-Version header */
    /* Largest request body, and the HTTP status for one over it. */
    uint64_t request_bytes_max;
    unsigned int too_large_status;
    enum release release;
    unsigned int major, minor, build, revision;
    /* Requests at a time that the default throttling policy allows. */
    unsigned int concurrency;
    bool budget_per_target; /* an impersonated mailbox has its own budget */
};

/* Of the server; NULL for a name that is none. */
const struct version *version_find(const char *name);
const struct version *version_of(enum release release);

/*
 * What a client asks for in RequestServerVersion of this server.  False when
 * the server does not know it.  NULL (no such header) is the oldest.
 */
bool version_requested(const struct version *server, const char *asked,
                       enum release *ret);

#endif
