#include "lab/problem.h"

/*
 * What Exchange writes into MessageText.  From recorded conversations where
 * there are any, else from the documentation of the operations and of
 * ResponseCode.
 */
/* clang-format off */
static const struct {
    const char *code, *text;
} texts[] = {
    { "ErrorAffectedTaskOccurrencesRequired",
      "AffectedTaskOccurrences attribute is required for Task items." },
    { "ErrorAccessDenied",
      "Access is denied. Check credentials and try again." },
    { "ErrorBatchProcessingStopped",
      "The batch was not processed after an earlier failure." },
    { "ErrorCorruptData", "Data is corrupt." },
    { "ErrorCreateSubfolderAccessDenied",
      "Access is denied. Check credentials and try again." },
    { "ErrorCrossMailboxMoveCopy",
      "Items can only be moved or copied within one mailbox." },
    { "ErrorDelegateAlreadyExists",
      "The user is already a delegate for the mailbox." },
    { "ErrorDelegateCannotAddOwner",
      "The owner of the mailbox cannot be its delegate." },
    { "ErrorDelegateNoUser",
      "The specified user could not be found." },
    { "ErrorDeleteDistinguishedFolder",
      "Distinguished folders cannot be deleted." },
    { "ErrorExceededConnectionCount",
      "You have exceeded the available concurrent connections for your "
      "account.  Try again once your other requests have completed." },
    { "ErrorFolderExists",
      "A folder with the specified name already exists." },
    { "ErrorFolderNotFound",
      "The specified folder could not be found in the store." },
    { "ErrorFolderSavePropertyError",
      "The folder save operation failed due to invalid property values." },
    { "ErrorImpersonationDenied",
      "The account does not have permission to impersonate through this "
      "server." },
    { "ErrorImpersonateUserDenied",
      "The account does not have permission to impersonate the requested "
      "user." },
    { "ErrorInboxRulesValidationError",
      "A validation error occurred while executing the rule operation." },
    { "ErrorIncorrectSchemaVersion",
      "The request is valid but does not specify the correct server version "
      "in the RequestServerVersion SOAP header.  Ensure that the "
      "RequestServerVersion SOAP header is set with the correct "
      "RequestServerVersionValue." },
    { "ErrorInternalServerError",
      "An internal server error occurred. The operation failed." },
    { "ErrorInternalServerTransientError",
      "An internal server error occurred. Try again later." },
    { "ErrorInvalidDelegatePermission",
      "The delegate permission is invalid." },
    { "ErrorInvalidDelegateUserId",
      "The delegate user id is invalid." },
    { "ErrorInvalidExtendedProperty",
    { "ErrorImpersonationDenied",
      "The account does not have permission to impersonate through this "
      "server." },
    { "ErrorImpersonationRequired",
      "ExchangeImpersonation SOAP header must be present for this type of "
      "OAuth token." },
      "Extended property attributes are not valid." },
    { "ErrorInvalidChangeKey", "The change key is invalid." },
    { "ErrorInvalidIdMalformed", "Id is malformed." },
    { "ErrorInvalidIdEmpty", "Id must be non-empty." },
    { "ErrorInvalidOperation", "The requested operation is invalid." },
    { "ErrorInvalidPagingMaxRows",
      "The maximum number of rows must be greater than zero." },
    { "ErrorInvalidPropertyRequest",
      "Property is not valid for this object type." },
    { "ErrorInvalidRequest", "The request is invalid." },
    { "ErrorInvalidScheduledOofDuration",
      "The specified OOF duration is invalid." },
    { "ErrorInvalidServerVersion",
      "The specified server version is invalid." },
    { "ErrorInvalidSmtpAddress", "The SMTP address format is invalid." },
    { "ErrorInvalidSyncStateData",
      "Synchronization state data is corrupt or otherwise invalid." },
    { "ErrorInvalidUserOofSettings",
      "The OOF settings are invalid." },
    { "ErrorItemCorrupt", "The item is corrupt." },
    { "ErrorItemNotFound",
      "The specified object was not found in the store." },
    { "ErrorMissingEmailAddress",
      "When making a request as an account that does not have a mailbox, you "
      "must specify the mailbox primary SMTP address for any distinguished "
      "folder Ids." },
    { "ErrorMoveCopyFailed", "The move or copy operation failed." },
    { "ErrorMoveDistinguishedFolder", "Cannot move distinguished folder." },
    { "ErrorNameResolutionMultipleResults", "Multiple results were found." },
    { "ErrorNameResolutionNoResults", "No results were found." },
    { "ErrorNonExistentMailbox",
      "The SMTP address has no mailbox associated with it." },
    { "ErrorNonPrimarySmtpAddress",
      "The primary SMTP address must be specified when referencing a "
      "mailbox." },
    { "ErrorNotDelegate",
      "The user is not a delegate for the mailbox." },
    { "ErrorParentFolderNotFound",
      "The specified parent folder could not be found." },
    { "ErrorQuotaExceeded",
      "The message store has reached its maximum size." },
    { "ErrorRulesOverQuota",
      "The rules quota of the mailbox is exceeded." },
    { "ErrorSchemaValidation", "The request failed schema validation." },
    { "ErrorSendMeetingCancellationsRequired",
      "SendMeetingCancellations attribute is required for Calendar items." },
    { "ErrorServerBusy",
      "The server cannot service this request right now. Try again later." },
    { "ErrorSyncFolderNotFound",
      "The folder to be synchronized could not be found." },
    { "ErrorToFolderNotFound",
      "The destination folder could not be found." },
    { "ErrorUnsupportedPathForSortGroup",
      "The path cannot be used to sort or group." },
    { "ErrorUnsupportedPathForQuery",
      "Restrictions and search paths of this kind are not supported." },
    { "ErrorMessageSizeExceeded",
      "The message exceeds the maximum supported size." },
    { "ErrorTimeoutExpired",
      "The operation has timed out." },
    { "ErrorSubscriptionNotFound",
      "The specified subscription was not found." },
    { "ErrorItemSave",
      "The save operation failed." },
    { "ErrorMailboxStoreUnavailable",
      "The mailbox database is temporarily unavailable." },
    { "ErrorMailboxMoveInProgress",
      "The mailbox you are trying to access is currently being moved." },
    { "ErrorMailboxFailover",
      "The mailbox has failed over to another server." },
    { "ErrorTooManyObjectsOpened",
      "Too many objects have been opened." },
    { "ErrorInsufficientResources",
      "There are insufficient resources to complete the request." },
};
/* clang-format on */

int problem_set(struct problem *p, const char *code)
{
    *p = (struct problem){ .code = code, .text = "The operation failed." };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(texts[i].code, code) == 0)
            p->text = texts[i].text;
    return -1;
}

int problem_fault(struct problem *p, const char *code)
{
    problem_set(p, code);
    p->fault = true;
    return -1;
}
    { "ErrorObjectTypeChanged", "The object type changed." },
    { "ErrorOutlookRuleBlobExists",
      "Server rules cannot be changed while rules of Outlook exist." },

int problem_value(struct problem *p, const char *name, const char *value)
{
    p->value_name = name;
    g_strlcpy(p->value, value, sizeof(p->value));
    return -1;
}

int problem_schema(struct problem *p, int line, int position, const char *fmt,
                   ...)
{
    va_list ap;

    problem_fault(p, "ErrorSchemaValidation");
    p->line = line;
    p->position = position;
    va_start(ap, fmt);
    g_vsnprintf(p->value, sizeof(p->value), fmt, ap);
    va_end(ap);
    return -1;
}

int problem_from_err(struct problem *p, const struct err *err)
{
    return problem_set(p, err->name != NULL ? err->name
                                            : "ErrorInternalServerError");
}

const char *problem_intern(const char *code)
{
    return g_intern_string(code);
}

bool problem_is(const struct problem *p, const char *code)
{
    return p->code != NULL && strcmp(p->code, code) == 0;
}
