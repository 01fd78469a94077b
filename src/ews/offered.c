#include "ews/offered.h"

#include <string.h>

int offered_not(const struct core *core, const struct call *call,
                struct err *err)
{
    const char *operation = call->operation != NULL
                                ? call->operation
                                : call->element + strlen("m:");

    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s does not offer %s",
            ews_level_name(ews_version_level(&core->version)), operation);
    err->name = "not-offered";
    return -1;
}

/* The codes for a request that means nothing to the server. */
int offered_judge(const struct core *core, const struct call *call,
                  const struct call_answer *answer, struct err *err)
{
    static const enum ews_code codes[] = {
        EWS_ErrorInvalidRequest,
        EWS_ErrorInvalidOperation,
        EWS_ErrorIncorrectSchemaVersion,
        EWS_ErrorSchemaValidation,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (answer->code == codes[i])
            return offered_not(core, call, err);
    return -1;
}
