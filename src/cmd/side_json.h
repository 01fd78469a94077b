/*
 * side_json - how a side of a migration is reached, as the body of a request
 * to a service says it.
 */
#ifndef CMD_SIDE_JSON_H
#define CMD_SIDE_JSON_H

#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/opt_common.h"

/* All borrowed. */
struct side_options {
    const struct opt_side *side;
    const char *password_file; /* of its administrative account; or NULL */
    const struct opt_proxy *proxy;
};

/*
 * Asks for what is secret; what is not given is not in it.  *ret is the
 * caller's, also after -1.
 */
int side_json_read(const struct cmd_context *ctx, bool source,
                   const struct side_options *options, json_t **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
