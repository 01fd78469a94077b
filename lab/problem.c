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
    { "ErrorAccessDenied",
      "Access is denied. Check credentials and try again." },
    { "ErrorAffectedTaskOccurrencesRequired",
      "AffectedTaskOccurrences attribute is required for Task items." },
    { "ErrorBatchProcessingStopped",
      "The batch was not processed after an earlier failure." },
    { "ErrorCannotDeleteObject", "Cannot delete object." },
    { "ErrorCannotEmptyFolder", "Cannot empty folder." },
    { "ErrorCannotSetCalendarPermissionOnNonCalendarFolder",
      "Calendar permissions cannot be set on a folder that is no "
      "calendar." },
    { "ErrorCannotSetNonCalendarPermissionOnCalendarFolder",
      "Permissions other than calendar permissions cannot be set on a "
      "calendar folder." },
    { "ErrorCannotSetPermissionUnknownEntries",
      "Unknown entries cannot be set in a permission set." },
    { "ErrorChangeKeyRequiredForWriteOperations",
      "The change key is required for this operation." },
    { "ErrorCorruptData", "Data is corrupt." },
    { "ErrorCreateItemAccessDenied",
      "Cannot save changes made to an item to store." },
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
    { "ErrorDuplicateUserIdsSpecified",
      "A user id stands more than once in the permission set." },
    { "ErrorEventNotFound",
      "The event was not found." },
    { "ErrorExceededConnectionCount",
      "You have exceeded the available concurrent connections for your "
      "account.  Try again once your other requests have completed." },
    { "ErrorExceededFindCountLimit",
      "The number of items found exceeds the limit of the policy; page "
      "through them." },
    { "ErrorExceededSubscriptionCount",
      "You have exceeded the available subscriptions for your account." },
    { "ErrorFolderExists",
      "A folder with the specified name already exists." },
    { "ErrorFolderNotFound",
      "The specified folder could not be found in the store." },
    { "ErrorFolderSavePropertyError",
      "The folder save operation failed due to invalid property values." },
    { "ErrorImpersonateUserDenied",
      "The account does not have permission to impersonate the requested "
      "user." },
    { "ErrorImpersonationDenied",
      "The account does not have permission to impersonate through this "
      "server." },
    { "ErrorImpersonationRequired",
      "ExchangeImpersonation SOAP header must be present for this type of "
      "OAuth token." },
    { "ErrorInboxRulesValidationError",
      "A validation error occurred while executing the rule operation." },
    { "ErrorIncorrectSchemaVersion",
      "The request is valid but does not specify the correct server version "
      "in the RequestServerVersion SOAP header.  Ensure that the "
      "RequestServerVersion SOAP header is set with the correct "
      "RequestServerVersionValue." },
    { "ErrorIncorrectUpdatePropertyCount",
      "Each change description must list exactly one property." },
    { "ErrorInsufficientResources",
      "There are insufficient resources to complete the request." },
    { "ErrorInternalServerError",
      "An internal server error occurred. The operation failed." },
    { "ErrorInternalServerTransientError",
      "An internal server error occurred. Try again later." },
    { "ErrorInvalidChangeKey", "The change key is invalid." },
    { "ErrorInvalidDelegatePermission",
      "The delegate permission is invalid." },
    { "ErrorInvalidDelegateUserId",
      "The delegate user id is invalid." },
    { "ErrorInvalidExcludesRestriction",
      "The bitmask of an Excludes restriction is invalid." },
    { "ErrorInvalidExtendedProperty",
      "Extended property attributes are not valid." },
    { "ErrorInvalidFolderTypeForOperation",
      "The folder type is invalid for this operation." },
    { "ErrorInvalidFractionalPagingParameters",
      "The numerator and denominator are invalid." },
    { "ErrorInvalidIdEmpty", "Id must be non-empty." },
    { "ErrorInvalidIdMalformed", "Id is malformed." },
    { "ErrorInvalidIndexedPagingParameters",
      "The offset must not be negative." },
    { "ErrorInvalidOperation", "The requested operation is invalid." },
    { "ErrorInvalidPagingMaxRows",
      "The maximum number of rows must be greater than zero." },
    { "ErrorInvalidPermissionSettings",
      "The permission level is inconsistent with the permission "
      "settings." },
    { "ErrorInvalidPropertyAppend",
      "The property does not support appending." },
    { "ErrorInvalidPropertyDelete",
      "The property does not support deletion." },
    { "ErrorInvalidPropertyForExists",
      "The property cannot be used in an Exists restriction." },
    { "ErrorInvalidPropertyRequest",
      "Property is not valid for this object type." },
    { "ErrorInvalidPropertySet", "Set action is invalid for property." },
    { "ErrorInvalidPushSubscriptionUrl",
      "The push subscription URL is invalid." },
    { "ErrorInvalidRequest", "The request is invalid." },
    { "ErrorInvalidScheduledOofDuration",
      "The specified OOF duration is invalid." },
    { "ErrorInvalidServerVersion",
      "The specified server version is invalid." },
    { "ErrorInvalidSmtpAddress", "The SMTP address format is invalid." },
    { "ErrorInvalidSyncStateData",
      "Synchronization state data is corrupt or otherwise invalid." },
    { "ErrorInvalidUserInfo", "The user id is inconsistent." },
    { "ErrorInvalidUserOofSettings",
      "The OOF settings are invalid." },
    { "ErrorInvalidUserSid", "The SID is invalid." },
    { "ErrorInvalidValueForProperty",
      "The specified value is invalid for property." },
    { "ErrorInvalidSubscription", "The subscription is not valid." },
    { "ErrorInvalidSubscriptionRequest",
      "The subscription request is invalid." },
    { "ErrorInvalidWatermark",
      "The watermark is invalid." },
    { "ErrorItemCorrupt", "The item is corrupt." },
    { "ErrorItemNotFound",
      "The specified object was not found in the store." },
    { "ErrorItemSave",
      "The save operation failed." },
    { "ErrorMailboxFailover",
      "The mailbox has failed over to another server." },
    { "ErrorMailboxMoveInProgress",
      "The mailbox you are trying to access is currently being moved." },
    { "ErrorMailboxStoreUnavailable",
      "The mailbox database is temporarily unavailable." },
    { "ErrorMessageSizeExceeded",
      "The message exceeds the maximum supported size." },
    { "ErrorMissingEmailAddress",
      "When making a request as an account that does not have a mailbox, you "
      "must specify the mailbox primary SMTP address for any distinguished "
      "folder Ids." },
    { "ErrorMissingUserIdInformation", "The user id is not fully specified." },
    { "ErrorMoveCopyFailed", "The move or copy operation failed." },
    { "ErrorMoveDistinguishedFolder", "Cannot move distinguished folder." },
    { "ErrorNameResolutionMultipleResults", "Multiple results were found." },
    { "ErrorNameResolutionNoResults", "No results were found." },
    { "ErrorNoFolderClassOverride",
      "Folder class cannot be specified for this folder type." },
    { "ErrorNonExistentMailbox",
      "The SMTP address has no mailbox associated with it." },
    { "ErrorNonPrimarySmtpAddress",
      "The primary SMTP address must be specified when referencing a "
      "mailbox." },
    { "ErrorNotDelegate",
      "The user is not a delegate for the mailbox." },
    { "ErrorObjectTypeChanged", "The object type changed." },
    { "ErrorOutlookRuleBlobExists",
      "Server rules cannot be changed while rules of Outlook exist." },
    { "ErrorParentFolderNotFound",
      "The specified parent folder could not be found." },
    { "ErrorQuotaExceeded",
      "The message store has reached its maximum size." },
    { "ErrorRestrictionTooLong", "The restriction has more than 255 nodes." },
    { "ErrorRulesOverQuota",
      "The rules quota of the mailbox is exceeded." },
    { "ErrorSchemaValidation", "The request failed schema validation." },
    { "ErrorSendMeetingCancellationsRequired",
      "SendMeetingCancellations attribute is required for Calendar items." },
    { "ErrorServerBusy",
      "The server cannot service this request right now. Try again later." },
    { "ErrorSubscriptionNotFound",
      "The specified subscription was not found." },
    { "ErrorSubscriptionAccessDenied",
      "Access to the subscription is denied." },
    { "ErrorSubscriptionDelegateAccessNotSupported",
      "Subscriptions for delegates are not supported." },
    { "ErrorSubscriptionNotFound",
      "The specified subscription was not found." },
    { "ErrorSyncFolderNotFound",
      "The folder to be synchronized could not be found." },
    { "ErrorTimeoutExpired",
      "The operation has timed out." },
    { "ErrorToFolderNotFound",
      "The destination folder could not be found." },
    { "ErrorTooManyObjectsOpened",
      "Too many objects have been opened." },
    { "ErrorUnsupportedPathForQuery",
      "Restrictions and search paths of this kind are not supported." },
    { "ErrorUnsupportedPathForSortGroup",
      "The path cannot be used to sort or group." },
    { "ErrorUpdatePropertyMismatch",
      "The property that is set is not the one that the change names." },
    { "ErrorCalendarCannotMoveOrCopyOccurrence",
      "Cannot move or copy an occurrence." },
    { "ErrorCalendarCannotUseIdForOccurrenceId",
      "The Id is not for an occurrence." },
    { "ErrorCalendarCannotUseIdForRecurringMasterId",
      "The Id is not for a recurring master." },
    { "ErrorCalendarDurationIsTooLong",
      "Duration is too long." },
    { "ErrorCalendarEndDateIsEarlierThanStartDate",
      "EndDate is earlier than StartDate" },
    { "ErrorCalendarFolderIsInvalidForCalendarView",
      "Calendar view can only be used with a calendar folder." },
    { "ErrorCalendarInvalidRecurrence",
      "The recurrence pattern is invalid." },
    { "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
      "Occurrence with this index is out of recurrence range." },
    { "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
      "Occurrence with this index was previously deleted from the recurrence." },
    { "ErrorCalendarViewRangeTooBig",
      "The specified view range exceeds the maximum range of two years." },
    { "ErrorInvalidTimeZone",
      "The time zone is invalid." },
    { "ErrorMailRecipientNotFound",
      "Mail recipient is not found in Active Directory." },
    { "ErrorOccurrenceCrossingBoundary",
      "Cannot move this occurrence: it would cross or overlap an adjacent one." },
    { "ErrorOccurrenceTimeSpanTooBig",
      "The duration of each occurrence must be shorter than how frequently it occurs." },
    { "ErrorRecurrenceHasNoOccurrence",
      "The recurrence has no occurrences." },
    { "ErrorSendMeetingInvitationsRequired",
      "SendMeetingInvitations attribute is required for calendar items." },
    { "ErrorSendMeetingInvitationsOrCancellationsRequired",
      "SendMeetingInvitationsOrCancellations attribute is required for calendar items." },
    { "ErrorTimeIntervalTooBig",
      "The requested time duration is too long." },
    { "ErrorTimeZone",
      "The time zone is invalid." },
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
