/*
 * connect - both sides of a migration, made ready from the command line.
 *
 * The one file of cmd/ that names concrete endpoints: everything else works
 * with endpoint/.  Passwords are asked for before any thread starts.
 */
#ifndef CMD_CONNECT_H
#define CMD_CONNECT_H

#include "base/cancel.h"
#include "base/err.h"
#include "base/hours.h"
#include "cmd/opt_common.h"
#include "cmd/progress.h"
#include "fleet/import.h"
#include "fleet/run.h"

struct connect;
typedef struct connect connect_t;

struct connect_config {
    const struct opt_sides *sides;
    const struct opt_access *access;
    const struct opt_load *load;
    const struct import *import; /* whose rows need what; borrowed, kept */
    struct cancel *cancel;
    const struct hours *quiet; /* of the source; or NULL; borrowed, kept */
};

/*
 * Find both servers and take the administrative passwords, where a row needs
 * one.  -1 (ERR_RUN) names the side.  Sends no password yet.
 */
int connect_open(const struct connect_config *config, struct connect **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void connect_free(struct connect *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(connect_t, connect_free)

/* The EWS addresses that were found: names of this migration's two sides. */
const char *connect_url(const struct connect *c, enum import_side side);

/*
 * The proxy through which that side is reached, borrowed; NULL: directly.  And
 * whether the environment has one, http_proxy, which is not for https.
 */
const char *connect_proxy(const struct connect *c, enum import_side side);
bool connect_passes_http_proxy(const struct connect *c);

/* A fleet_opener: data is the struct connect, index a row of the import. */
int connect_mailbox(void *data, size_t index, struct endpoint **ret_source,
                    struct endpoint **ret_destination, struct err *err);

/* A fleet_another. */
bool connect_another(void *data, size_t index);

/* For struct progress_config: sums over both servers. */
void connect_load(void *data, struct progress_load *ret);

#endif
