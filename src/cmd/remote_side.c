#include "cmd/remote_run.h"
#include "cmd/side_json.h"

int remote_side_read(const struct cmd_context *ctx,
                     const struct wave_options *o, enum import_side side,
                     json_t **ret, struct err *err)
{
    const bool source = side == IMPORT_SOURCE;
    const struct side_options options = {
        .side = source ? &o->sides.source : &o->sides.destination,
        .password_file = source ? o->access.source_password_file
                                : o->access.destination_password_file,
        .proxy = &o->access.proxy,
    };

    return side_json_read(ctx, source, &options, ret, err);
}
