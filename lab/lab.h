/*
 * lab - the running server: what its parts share.
 *
 * Everything is set up before the first request and lives until after the
 * last; each part looks after its own threads.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <stdbool.h>

#include "base/cancel.h"
#include "lab/auth.h"
#include "lab/capture.h"
#include "lab/counters.h"
#include "lab/fault.h"
#include "lab/schema.h"
#include "lab/script.h"
#include "lab/store.h"
#include "lab/subscription.h"
#include "lab/throttle.h"
#include "lab/version.h"

struct lab {
    const struct version *version;
    struct lab_store *store;
    struct auth *auth;
    struct tokens *tokens; /* of OAuth clients, and those */
    struct faults *faults;
    struct script *script; /* faults and changes over time */
    struct throttle *throttle;
    struct subscriptions *subscriptions;
    struct counters *counters;
    struct capture *capture;       /* NULL: nothing is written down */
    struct schema *schema;         /* NULL: requests are not validated */
    const char *schema_dir;        /* its files are served; NULL: none */
    struct cancel *stop;           /* ends every wait */
    GThreadPool *late;             /* work that goes on without its client */
    const char *ews_path;          /* "/EWS/Exchange.asmx" */
    const char *host;              /* the server's own, internal name */
    unsigned int too_large_status; /* 0: the connection is dropped */
    char **lacks;                  /* operations and folders; NULL: none */
    const char *affinity_cookie;   /* its name; NULL: there is none */
    uint32_t affinity_delay_ms;    /* of what comes without it */
    int64_t clock_skew_us;         /* how far its clock is ahead */
    char **redirect_address, **redirect_url; /* Autodiscover's; NULL */
    bool autodiscover;                       /* served at all */
    bool forms_login;    /* a box in front puts a logon page over EWS */
    bool refuse_chunked; /* bodies need a Content-Length */
    bool impersonation;  /* rights that the store may grant count: */
    bool full_access;
};

#endif
