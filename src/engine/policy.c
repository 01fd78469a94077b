#include "engine/policy.h"

#include <string.h>

enum policy policy_of(const struct err *err)
{
    /* clang-format off */
    static const enum policy table[][4] = {
        /*                NEVER          NOW           WAIT          REAUTH */
        [ERR_ITEM]    = { POLICY_FAIL,   POLICY_LATER, POLICY_LATER, POLICY_STOP },
        [ERR_FOLDER]  = { POLICY_FOLDER, POLICY_LATER, POLICY_LATER, POLICY_STOP },
        [ERR_MAILBOX] = { POLICY_STOP,   POLICY_PAUSE, POLICY_PAUSE, POLICY_STOP },
        [ERR_RUN]     = { POLICY_STOP,   POLICY_PAUSE, POLICY_PAUSE, POLICY_STOP },
    };
    /* clang-format on */

    return table[err->scope][err->retry];
}

static bool is_named(const struct err *err, const char *name)
{
    return err->name != NULL && strcmp(err->name, name) == 0;
}

bool policy_is_stale_token(const struct err *err)
{
    return is_named(err, "ErrorInvalidSyncStateData");
}

bool policy_is_gone(const struct err *err)
{
    /* SyncFolderItems has a code of its own for the folder. */
    return is_named(err, "ErrorItemNotFound") ||
           is_named(err, "ErrorFolderNotFound") ||
           is_named(err, "ErrorSyncFolderNotFound");
}

bool policy_is_denied(const struct err *err)
{
    return is_named(err, "ErrorAccessDenied") ||
           is_named(err, "ErrorCreateItemAccessDenied");
}

bool policy_is_too_large(const struct err *err)
{
    return is_named(err, "RequestTooLarge");
}

static bool is_full(const struct err *err)
{
    return is_named(err, "ErrorQuotaExceeded") ||
           is_named(err, "ErrorMessagePerFolderCountReceiveQuotaExceeded");
}

void policy_narrow(struct err *err, size_t n_well, size_t n)
{
    if (n_well * 2 >= n && err->retry == ERR_RETRY_NEVER &&
        err->scope < ERR_RUN && !is_full(err))
        err->scope = ERR_ITEM;
}

bool policy_is_wrong_state(const struct err *err)
{
    return is_named(err, "wrong-state");
}

bool policy_is_taken(const struct err *err)
{
    return is_named(err, "taken");
}
