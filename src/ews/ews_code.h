/*
 * ews_code - the ResponseCodes that our operations can meet, and what each
 * means for a migration.
 *
 * One table: the protocol's name, how much is broken, when the same call may
 * succeed, what a person should know and do.  docs/errors.md is printed from
 * it.  Sources: [MS-OXWSCDATA] 2.2.5.24 ResponseCodeType, the pages of our
 * operations in the EWS reference, and what servers were seen to answer
 * (docs/EWS-QUIRKS.md).  A code that is not listed is EWS_OTHER.
 */
#ifndef EWS_EWS_CODE_H
#define EWS_EWS_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* clang-format off */
#define EWS_CODES(X)                    \
    X(ErrorAccessDenied)                \
    X(ErrorAccountDisabled)             \
    X(ErrorADOperation)                 \
    X(ErrorADUnavailable)               \
    X(ErrorAffectedTaskOccurrencesRequired) \
    X(ErrorArchiveMailboxNotEnabled)    \
    X(ErrorAttachmentSizeLimitExceeded) \
    X(ErrorBatchProcessingStopped)      \
    X(ErrorCalendarCannotMoveOrCopyOccurrence) \
    X(ErrorCalendarCannotUseIdForOccurrenceId) \
    X(ErrorCalendarCannotUseIdForRecurringMasterId) \
    X(ErrorCalendarDurationIsTooLong)   \
    X(ErrorCalendarEndDateIsEarlierThanStartDate) \
    X(ErrorCalendarInvalidDayForTimeChangePattern) \
    X(ErrorCalendarInvalidDayForWeeklyRecurrence) \
    X(ErrorCalendarInvalidPropertyState) \
    X(ErrorCalendarInvalidPropertyValue) \
    X(ErrorCalendarInvalidRecurrence)   \
    X(ErrorCalendarInvalidTimeZone)     \
    X(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange) \
    X(ErrorCalendarOccurrenceIsDeletedFromRecurrence) \
    X(ErrorCalendarOutOfRange)          \
    X(ErrorCallerIsInvalidADAccount)    \
    X(ErrorCannotCreateCalendarItemInNonCalendarFolder) \
    X(ErrorCannotCreateContactInNonContactFolder) \
    X(ErrorCannotCreatePostItemInNonMailFolder) \
    X(ErrorCannotCreateTaskInNonTaskFolder) \
    X(ErrorCannotDeleteObject)          \
    X(ErrorCannotOpenFileAttachment)    \
    X(ErrorCannotSetCalendarPermissionOnNonCalendarFolder) \
    X(ErrorCannotSetNonCalendarPermissionOnCalendarFolder) \
    X(ErrorCannotSetPermissionUnknownEntries) \
    X(ErrorCannotUseFolderIdForItemId)  \
    X(ErrorCannotUseItemIdForFolderId)  \
    X(ErrorChangeKeyRequired)           \
    X(ErrorChangeKeyRequiredForWriteOperations) \
    X(ErrorClientDisconnected)          \
    X(ErrorConnectionFailed)            \
    X(ErrorContentConversionFailed)     \
    X(ErrorCorruptData)                 \
    X(ErrorCreateItemAccessDenied)      \
    X(ErrorCreateSubfolderAccessDenied) \
    X(ErrorCrossSiteRequest)            \
    X(ErrorDataSizeLimitExceeded)       \
    X(ErrorDataSourceOperation)         \
    X(ErrorDelegateAlreadyExists)       \
    X(ErrorDelegateCannotAddOwner)      \
    X(ErrorDelegateMissingConfiguration) \
    X(ErrorDelegateNoUser)              \
    X(ErrorDelegateValidationFailed)    \
    X(ErrorDuplicateUserIdsSpecified)   \
    X(ErrorExceededConnectionCount)     \
    X(ErrorExceededFindCountLimit)      \
    X(ErrorFolderCorrupt)               \
    X(ErrorFolderExists)                \
    X(ErrorFolderNotFound)              \
    X(ErrorFolderPropertRequestFailed)  \
    X(ErrorFolderSave)                  \
    X(ErrorFolderSaveFailed)            \
    X(ErrorFolderSavePropertyError)     \
    X(ErrorImpersonateUserDenied)       \
    X(ErrorImpersonationDenied)         \
    X(ErrorImpersonationFailed)         \
    X(ErrorInboxRulesValidationError)   \
    X(ErrorIncorrectSchemaVersion)      \
    X(ErrorInsufficientResources)       \
    X(ErrorInternalServerError)         \
    X(ErrorInternalServerTransientError) \
    X(ErrorInvalidAttachmentId)         \
    X(ErrorInvalidAttachmentSubfilter)  \
    X(ErrorInvalidAuthorizationContext) \
    X(ErrorInvalidChangeKey)            \
    X(ErrorInvalidClientSecurityContext) \
    X(ErrorInvalidDelegatePermission)   \
    X(ErrorInvalidDelegateUserId)       \
    X(ErrorInvalidExchangeImpersonationHeaderData) \
    X(ErrorInvalidExtendedProperty)     \
    X(ErrorInvalidExtendedPropertyValue) \
    X(ErrorInvalidFolderId)             \
    X(ErrorInvalidFolderTypeForOperation) \
    X(ErrorInvalidId)                   \
    X(ErrorInvalidIdEmpty)              \
    X(ErrorInvalidIdMalformed)          \
    X(ErrorInvalidIdMalformedEwsLegacyIdFormat) \
    X(ErrorInvalidIdMonikerTooLong)     \
    X(ErrorInvalidIdStoreObjectIdTooLong) \
    X(ErrorInvalidItemForOperationCreateItem) \
    X(ErrorInvalidItemForOperationCreateItemAttachment) \
    X(ErrorInvalidLicense)              \
    X(ErrorInvalidOperation)            \
    X(ErrorInvalidParentFolder)         \
    X(ErrorInvalidPermissionSettings)   \
    X(ErrorInvalidPhotoSize)            \
    X(ErrorInvalidPropertyAppend)       \
    X(ErrorInvalidPropertyDelete)       \
    X(ErrorInvalidPropertyRequest)      \
    X(ErrorInvalidPropertySet)          \
    X(ErrorInvalidPropertyUpdateSentMessage) \
    X(ErrorInvalidRecipients)           \
    X(ErrorInvalidRequest)              \
    X(ErrorInvalidScheduledOofDuration) \
    X(ErrorInvalidSchemaVersionForMailboxVersion) \
    X(ErrorInvalidServerVersion)        \
    X(ErrorInvalidSmtpAddress)          \
    X(ErrorInvalidSyncStateData)        \
    X(ErrorInvalidUserInfo)             \
    X(ErrorInvalidUserPrincipalName)    \
    X(ErrorInvalidUserSid)              \
    X(ErrorIrresolvableConflict)        \
    X(ErrorItemCorrupt)                 \
    X(ErrorItemNotFound)                \
    X(ErrorItemPropertyRequestFailed)   \
    X(ErrorItemSave)                    \
    X(ErrorItemSavePropertyError)       \
    X(ErrorMailboxConfiguration)        \
    X(ErrorMailboxFailover)             \
    X(ErrorMailboxLogonFailed)          \
    X(ErrorMailboxMoveInProgress)       \
    X(ErrorMailboxStoreUnavailable)     \
    X(ErrorMessageDispositionRequired)  \
    X(ErrorMessagePerFolderCountReceiveQuotaExceeded) \
    X(ErrorMessageSizeExceeded)         \
    X(ErrorMimeContentInvalid)          \
    X(ErrorMimeContentInvalidBase64String) \
    X(ErrorMissingEmailAddress)         \
    X(ErrorMissingUserIdInformation)    \
    X(ErrorMultiLegacyMailboxAccess)    \
    X(ErrorNameResolutionMultipleResults) \
    X(ErrorNameResolutionNoResults)     \
    X(ErrorNoApplicableProxyCASServersAvailable) \
    X(ErrorNoDestinationCASDueToKerberosRequirements) \
    X(ErrorNoDestinationCASDueToSSLRequirements) \
    X(ErrorNoDestinationCASDueToVersionMismatch) \
    X(ErrorNoFolderClassOverride)       \
    X(ErrorNonExistentMailbox)          \
    X(ErrorNonPrimarySmtpAddress)       \
    X(ErrorNoRespondingCASInDestinationSite) \
    X(ErrorNotDelegate)                 \
    X(ErrorNotEnoughMemory)             \
    X(ErrorObjectTypeChanged)           \
    X(ErrorOccurrenceCrossingBoundary)  \
    X(ErrorOccurrenceTimeSpanTooBig)    \
    X(ErrorOrganizationAccessBlocked)   \
    X(ErrorOutlookRuleBlobExists)       \
    X(ErrorParentFolderNotFound)        \
    X(ErrorPasswordChangeRequired)      \
    X(ErrorPasswordExpired)             \
    X(ErrorPropertyUpdate)              \
    X(ErrorPropertyValidationFailure)   \
    X(ErrorProxyCallFailed)             \
    X(ErrorProxyGroupSidLimitExceeded)  \
    X(ErrorProxyServiceDiscoveryFailed) \
    X(ErrorQuotaExceeded)               \
    X(ErrorRecurrenceEndDateTooBig)     \
    X(ErrorRecurrenceHasNoOccurrence)   \
    X(ErrorRequestStreamTooBig)         \
    X(ErrorRulesOverQuota)              \
    X(ErrorSchemaValidation)            \
    X(ErrorSendMeetingCancellationsRequired) \
    X(ErrorSendMeetingInvitationsOrCancellationsRequired) \
    X(ErrorSendMeetingInvitationsRequired) \
    X(ErrorServerBusy)                  \
    X(ErrorStaleObject)                 \
    X(ErrorSyncFolderNotFound)          \
    X(ErrorTimeoutExpired)              \
    X(ErrorTimeZone)                    \
    X(ErrorTooManyObjectsOpened)        \
    X(ErrorUnsupportedCulture)          \
    X(ErrorUnsupportedMimeConversion)   \
    X(ErrorUnsupportedRecurrence)       \
    X(ErrorUnsupportedTypeForConversion) \
    X(ErrorVirusDetected)               \
    X(ErrorVirusMessageDeleted)         \
    X(ErrorWrongServerVersion)          \
    X(ErrorWrongServerVersionDelegate)
/* clang-format on */

enum ews_code {
    EWS_OTHER, /* any that is not listed */
    EWS_NO_ERROR,
#define X(name) EWS_##name,
    EWS_CODES(X)
#undef X
        EWS_N_CODES
};

enum ews_trait {
    EWS_BUSY = 1 << 0, /* the server asks for fewer: the governor is told */
    /* As a fault: raised before the operation ran, so nothing was done. */
    EWS_UNDONE = 1 << 1,
};

struct ews_code_row {
    const char *name;
    enum err_scope scope;
    enum err_retry retry;
    unsigned int traits; /* enum ews_trait */
    uint32_t wait_ms;    /* of ERR_RETRY_WAIT, when the server names none */
    const char *cause;   /* for people */
    const char *remedy;  /* or NULL: nothing to do */
};

/* The row of a code; EWS_OTHER has one too, EWS_NO_ERROR has not. */
const struct ews_code_row *ews_code_row(enum ews_code code);

/* By its exact name; "NoError" is EWS_NO_ERROR; NULL is EWS_OTHER. */
enum ews_code ews_code_parse(const char *name);

/*
 * Fill *err from the table: err->name is the code's, the text begins with the
 * name as the server gave it and quotes its message, if any.  wait_ms 0: the
 * table's.  Returns -1.
 */
int ews_code_err(struct err *err, enum ews_code code, const char *name,
                 const char *message, uint32_t wait_ms);

#endif
