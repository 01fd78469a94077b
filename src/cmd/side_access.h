/*
 * side_access - how a side of a service's migration is reached, as its options
 * say it: an administrative account, more of them, an application, a proxy.
 */
#ifndef CMD_SIDE_ACCESS_H
#define CMD_SIDE_ACCESS_H

#include "cmd/side_json.h"
#include "store/migrations.h"

struct side_access {
    bool told; /* who opens mailboxes: these, and no others */
    struct migration_login login; /* user borrowed; both NULL: none */
    unsigned int ways;            /* bits 1 << enum migration_way: are told */
    GPtrArray *access;            /* of struct migration_access *, owned */
};

/*
 * Asks for what is secret; what is not given is not told.  *ret is to be
 * cleared, also after -1.
 */
int side_access_read(const struct cmd_context *ctx, enum migration_side side,
                     const struct side_options *options,
                     struct side_access *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void side_access_clear(struct side_access *a);

#endif
