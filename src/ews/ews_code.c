#include "ews/ews_code.h"

#include <string.h>

#include "ews/ews.h"

/* What several rows say. */
#define GRANT                                                                  \
    "give the account the right to impersonate the mailbox or full access to " \
    "it (docs/exchange-permissions.md)"
#define BY_ITSELF "nothing: it is tried again after a pause"
#define OUR_FAULT "report it to Mailferry's developers, with --trace"
#define ADMIN_SIDE                                                             \
    "ask the administrator of that Exchange; its event log says more"
#define LOOK_AT_IT "open the item in Outlook; repair, export or delete it there"
#define BY_HAND                                                                \
    "set it by hand: permissions.csv of \"mailferry report\" has the command"
#define NEW_PASSWORD                                                           \
    "set a new password (in OWA, say) and put it where it is read from: the "  \
    "import file, or the side's password or accounts file"
#define ADDRESS_IN_FILE                                                        \
    "correct the address in the import file; it must be the mailbox's own"

/*
 * The wait where the server names none: short, or long.  A move or a failover
 * may be over in seconds or take hours: asked for soon, and then as seldom as
 * the engine's back-off makes it; longer than a lane itself waits (reply.c).
 */
#define SOON    5000u
#define LATER   30000u
#define REPAIRS 6000u
/* There is a place when another request has ended: the governor sees when. */
#define PLACE 100u

/* clang-format off */
#define ROW(name, scope, retry, wait, traits, cause, remedy) \
    [EWS_##name] = { #name, ERR_##scope, ERR_RETRY_##retry, traits, wait, cause, remedy }

static const struct ews_code_row rows[EWS_N_CODES] = {
    [EWS_OTHER] = { "UnlistedCode", ERR_ITEM, ERR_RETRY_NEVER, 0, 0,
        "the server gave a code that our operations are not documented to give",
        OUR_FAULT },

    /* who may do what */
    ROW(ErrorAccessDenied, FOLDER, NEVER, 0, 0,
        "the account has no right to do this", GRANT),
    ROW(ErrorCreateItemAccessDenied, FOLDER, NEVER, 0, 0,
        "the account may not create items in this folder", GRANT),
    ROW(ErrorCreateSubfolderAccessDenied, FOLDER, NEVER, 0, 0,
        "the account may not create folders here", GRANT),
    ROW(ErrorImpersonateUserDenied, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account may not impersonate this mailbox", GRANT),
    ROW(ErrorImpersonationDenied, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account may not impersonate anybody through this server", GRANT),
    ROW(ErrorImpersonationFailed, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server could not carry out the impersonation", ADMIN_SIDE),
    ROW(ErrorInvalidExchangeImpersonationHeaderData, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server does not take the address as one to impersonate", ADDRESS_IN_FILE),
    ROW(ErrorInvalidUserPrincipalName, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server knows no account of that name", ADDRESS_IN_FILE),
    ROW(ErrorInvalidUserSid, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server knows no account of that identity", ADDRESS_IN_FILE),
    ROW(ErrorInvalidAuthorizationContext, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server could not establish what the account may do", ADMIN_SIDE),
    ROW(ErrorInvalidClientSecurityContext, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server could not establish who the account is", ADMIN_SIDE),
    ROW(ErrorCallerIsInvalidADAccount, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account is not one of the server's directory",
        "sign in with an account of that Exchange organisation"),
    ROW(ErrorAccountDisabled, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account that signs in, or the mailbox's own, is disabled",
        "enable it in the directory; to sign in, another account will do"),
    ROW(ErrorPasswordExpired, MAILBOX, REAUTH, 0, EWS_UNDONE,
        "the account's password has expired",
        NEW_PASSWORD),
    ROW(ErrorPasswordChangeRequired, MAILBOX, REAUTH, 0, EWS_UNDONE,
        "the account must change its password at its first logon",
        NEW_PASSWORD),
    ROW(ErrorInvalidLicense, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox's owner has no valid licence", "assign a licence"),
    ROW(ErrorOrganizationAccessBlocked, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the organisation is blocked or marked for removal", ADMIN_SIDE),

    /* which mailbox */
    ROW(ErrorNonExistentMailbox, MAILBOX, NEVER, 0, EWS_UNDONE,
        "there is no mailbox with this address", ADDRESS_IN_FILE),
    ROW(ErrorNonPrimarySmtpAddress, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the address is an alias, not the mailbox's primary address", ADDRESS_IN_FILE),
    ROW(ErrorInvalidSmtpAddress, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server does not take this for a mail address", ADDRESS_IN_FILE),
    ROW(ErrorMissingEmailAddress, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account has no mailbox of its own", GRANT),
    ROW(ErrorMailboxConfiguration, MAILBOX, NEVER, 0, 0,
        "the directory's entry of the mailbox is faulty", ADMIN_SIDE),
    ROW(ErrorMultiLegacyMailboxAccess, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the request would have touched mailboxes on several old servers", OUR_FAULT),

    /* throttled, overloaded, away */
    ROW(ErrorServerBusy, MAILBOX, WAIT, SOON, EWS_BUSY | EWS_UNDONE,
        "the server is busy, or the account is over its throttling budget", BY_ITSELF),
    ROW(ErrorExceededConnectionCount, MAILBOX, WAIT, PLACE, EWS_BUSY | EWS_UNDONE,
        "more requests at a time than the throttling policy allows", BY_ITSELF),
    ROW(ErrorExceededFindCountLimit, MAILBOX, WAIT, SOON, EWS_BUSY,
        "a listing went over the throttling policy's limit", BY_ITSELF),
    ROW(ErrorInternalServerTransientError, MAILBOX, WAIT, SOON, EWS_BUSY,
        "the server had a passing failure", BY_ITSELF),
    ROW(ErrorTimeoutExpired, MAILBOX, WAIT, SOON, EWS_BUSY,
        "the server did not finish in the time that it allows itself", BY_ITSELF),
    ROW(ErrorTooManyObjectsOpened, MAILBOX, WAIT, LATER, EWS_BUSY,
        "the mailbox has too many objects open at the server", BY_ITSELF),
    ROW(ErrorInsufficientResources, MAILBOX, WAIT, LATER, EWS_BUSY,
        "the mailbox server is overloaded", BY_ITSELF),
    ROW(ErrorNotEnoughMemory, MAILBOX, WAIT, LATER, EWS_BUSY,
        "the server ran out of memory", BY_ITSELF),
    ROW(ErrorMailboxStoreUnavailable, MAILBOX, WAIT, REPAIRS, 0,
        "the mailbox's database is not available", BY_ITSELF),
    ROW(ErrorMailboxMoveInProgress, MAILBOX, WAIT, REPAIRS, 0,
        "the mailbox is being moved to another database", BY_ITSELF),
    ROW(ErrorMailboxFailover, MAILBOX, WAIT, REPAIRS, 0,
        "the mailbox's database is failing over to another server", BY_ITSELF),
    ROW(ErrorMailboxLogonFailed, MAILBOX, WAIT, LATER, 0,
        "the server could not open the mailbox", BY_ITSELF),
    ROW(ErrorConnectionFailed, MAILBOX, WAIT, LATER, 0,
        "the server could not reach the mailbox", BY_ITSELF),
    ROW(ErrorDataSourceOperation, MAILBOX, WAIT, LATER, 0,
        "the mailbox's database failed to complete the operation", BY_ITSELF),
    ROW(ErrorADUnavailable, MAILBOX, WAIT, LATER, EWS_UNDONE,
        "the server's directory is not available", BY_ITSELF),
    ROW(ErrorADOperation, MAILBOX, WAIT, LATER, EWS_UNDONE,
        "the server's directory did not answer", BY_ITSELF),
    ROW(ErrorProxyCallFailed, MAILBOX, WAIT, LATER, 0,
        "the server could not pass the request on to the mailbox's server", BY_ITSELF),
    ROW(ErrorProxyServiceDiscoveryFailed, MAILBOX, WAIT, LATER, EWS_UNDONE,
        "the server could not find the mailbox's server", BY_ITSELF),
    ROW(ErrorNoRespondingCASInDestinationSite, MAILBOX, WAIT, REPAIRS, EWS_UNDONE,
        "no server of the mailbox's site answers", BY_ITSELF),
    ROW(ErrorClientDisconnected, MAILBOX, NOW, 0, 0,
        "the server took the connection for closed", BY_ITSELF),
    ROW(ErrorInternalServerError, ITEM, WAIT, SOON, 0,
        "the server failed without saying why; often over one item", LOOK_AT_IT),

    /* organisations whose servers do not reach each other */
    ROW(ErrorCrossSiteRequest, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox is served by another site", ADMIN_SIDE),
    ROW(ErrorNoApplicableProxyCASServersAvailable, MAILBOX, NEVER, 0, EWS_UNDONE,
        "no server can take the request to the mailbox", ADMIN_SIDE),
    ROW(ErrorNoDestinationCASDueToKerberosRequirements, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox's site has no server with Windows authentication", ADMIN_SIDE),
    ROW(ErrorNoDestinationCASDueToSSLRequirements, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox's site has no server with TLS", ADMIN_SIDE),
    ROW(ErrorNoDestinationCASDueToVersionMismatch, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox's site has no server of a fitting version", ADMIN_SIDE),
    ROW(ErrorProxyGroupSidLimitExceeded, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account is in more than 3000 groups", "use an account in fewer groups"),
    ROW(ErrorWrongServerVersion, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox lives on a server of another version",
        "give the OWA address that the mailbox's own users have"),
    ROW(ErrorWrongServerVersionDelegate, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the account and the mailbox live on servers of different versions",
        "use an account whose mailbox is on the same version, or impersonation"),

    /* what is full */
    ROW(ErrorQuotaExceeded, MAILBOX, NEVER, 0, 0,
        "the mailbox is full", "raise the mailbox's quota, then run again"),
    ROW(ErrorMessagePerFolderCountReceiveQuotaExceeded, FOLDER, NEVER, 0, 0,
        "the folder holds as many items as it may",
        "raise the folder's item limit, or leave the folder out"),
    ROW(ErrorMessageSizeExceeded, ITEM, NEVER, 0, 0,
        "the item is larger than the server accepts",
        "raise the server's limit on requests and messages, then run again"),
    ROW(ErrorDataSizeLimitExceeded, ITEM, NEVER, 0, 0,
        "a property of the item is larger than the server accepts",
        "raise the server's limit on requests and messages, then run again"),
    ROW(ErrorRequestStreamTooBig, ITEM, NEVER, 0, EWS_UNDONE,
        "the request is larger than the server accepts",
        "raise the server's limit on requests and messages, then run again"),

    /* folders */
    ROW(ErrorFolderNotFound, FOLDER, NEVER, 0, 0,
        "the folder is gone, or the account may not see it",
        "nothing when it was deleted meanwhile; else check the rights"),
    ROW(ErrorArchiveMailboxNotEnabled, FOLDER, NEVER, 0, 0,
        "the mailbox has no archive",
        "nothing; or Enable-Mailbox -Identity USER -Archive"),
    ROW(ErrorParentFolderNotFound, FOLDER, NEVER, 0, 0,
        "the folder that this one should stand in is gone", "run again"),
    ROW(ErrorSyncFolderNotFound, FOLDER, NEVER, 0, 0,
        "the folder is gone, or the account may not see it",
        "nothing when it was deleted meanwhile; else check the rights"),
    ROW(ErrorFolderExists, FOLDER, NEVER, 0, 0,
        "there is a folder of that name already", NULL),
    ROW(ErrorFolderCorrupt, FOLDER, NEVER, 0, 0,
        "the folder is damaged", "repair the mailbox (New-MailboxRepairRequest)"),
    ROW(ErrorFolderSave, FOLDER, NEVER, 0, 0,
        "the server could not store the folder",
        "rename the folder at the source, then run again"),
    ROW(ErrorFolderSaveFailed, FOLDER, NEVER, 0, 0,
        "the server could not store the folder",
        "rename the folder at the source, then run again"),
    ROW(ErrorFolderSavePropertyError, FOLDER, NEVER, 0, 0,
        "the server refuses the folder's name or class",
        "rename the folder at the source, then run again"),
    ROW(ErrorFolderPropertRequestFailed, FOLDER, NEVER, 0, 0,
        "a property of the folder cannot be read",
        "repair the mailbox (New-MailboxRepairRequest)"),
    ROW(ErrorNoFolderClassOverride, FOLDER, NEVER, 0, 0,
        "the server does not give a folder of this kind that class", NULL),
    ROW(ErrorInvalidFolderId, FOLDER, NEVER, 0, 0,
        "the server does not know the folder's id as one of its own", "run again"),
    ROW(ErrorInvalidFolderTypeForOperation, FOLDER, NEVER, 0, 0,
        "this cannot be done to a folder of that kind", NULL),
    ROW(ErrorInvalidParentFolder, FOLDER, NEVER, 0, 0,
        "no folder can be created in this one", NULL),
    ROW(ErrorCannotUseItemIdForFolderId, FOLDER, NEVER, 0, 0,
        "an item's id stands where a folder's should", OUR_FAULT),
    ROW(ErrorInvalidSyncStateData, FOLDER, NOW, 0, 0,
        "the server does not know its own bookmark any more",
        "nothing: the folder is listed anew and compared"),

    /* items */
    ROW(ErrorItemNotFound, ITEM, NEVER, 0, 0,
        "the item is gone", "nothing when it was deleted or moved meanwhile"),
    ROW(ErrorCorruptData, ITEM, NEVER, 0, 0, "the item's data is damaged", LOOK_AT_IT),
    ROW(ErrorItemCorrupt, ITEM, NEVER, 0, 0, "the item is damaged", LOOK_AT_IT),
    ROW(ErrorItemSave, ITEM, NEVER, 0, 0, "the server could not store the item", LOOK_AT_IT),
    ROW(ErrorItemSavePropertyError, ITEM, NEVER, 0, 0,
        "the server refuses a property of the item", LOOK_AT_IT),
    ROW(ErrorItemPropertyRequestFailed, ITEM, NEVER, 0, 0,
        "a property of the item cannot be read", LOOK_AT_IT),
    ROW(ErrorContentConversionFailed, ITEM, NEVER, 0, 0,
        "the server could not convert the item", LOOK_AT_IT),
    ROW(ErrorUnsupportedTypeForConversion, ITEM, NEVER, 0, 0,
        "the item has a property of a type that the server cannot convert", LOOK_AT_IT),
    ROW(ErrorObjectTypeChanged, ITEM, NEVER, 0, 0,
        "the item is of another kind than it says", LOOK_AT_IT),
    ROW(ErrorVirusDetected, ITEM, NEVER, 0, 0,
        "the server found a virus in the item", "delete the item"),
    ROW(ErrorVirusMessageDeleted, ITEM, NEVER, 0, 0,
        "the server found a virus in the item and deleted it", NULL),
    ROW(ErrorCannotDeleteObject, ITEM, NEVER, 0, 0, "the item cannot be deleted", LOOK_AT_IT),
    ROW(ErrorBatchProcessingStopped, ITEM, NOW, 0, 0,
        "an earlier item of the batch stopped the server; this one was not looked at",
        BY_ITSELF),
    ROW(ErrorIrresolvableConflict, ITEM, NOW, 0, 0,
        "the item was changed by someone else at the same moment", BY_ITSELF),
    ROW(ErrorStaleObject, ITEM, NOW, 0, 0,
        "the item was changed by someone else at the same moment", BY_ITSELF),
    ROW(ErrorInvalidId, ITEM, NEVER, 0, 0,
        "the server does not know the id as one of its own", "run again"),
    ROW(ErrorInvalidIdEmpty, ITEM, NEVER, 0, 0, "the id is empty", OUR_FAULT),
    ROW(ErrorInvalidIdMalformed, ITEM, NEVER, 0, 0,
        "the server does not know the id as one of its own", "run again"),
    ROW(ErrorInvalidIdMalformedEwsLegacyIdFormat, ITEM, NEVER, 0, 0,
        "the id was made by another version of Exchange",
        "the server was upgraded since: run again with --adopt and a new state file"),
    ROW(ErrorInvalidIdMonikerTooLong, ITEM, NEVER, 0, 0, "the id is too long", "run again"),
    ROW(ErrorInvalidIdStoreObjectIdTooLong, ITEM, NEVER, 0, 0, "the id is too long", "run again"),
    ROW(ErrorInvalidChangeKey, ITEM, NEVER, 0, 0,
        "the server does not know the change key as one of its own", OUR_FAULT),
    ROW(ErrorChangeKeyRequired, ITEM, NEVER, 0, 0,
        "the server wants a change key for this", OUR_FAULT),
    ROW(ErrorCannotUseFolderIdForItemId, ITEM, NEVER, 0, 0,
        "a folder's id stands where an item's should", OUR_FAULT),
    ROW(ErrorAffectedTaskOccurrencesRequired, ITEM, NEVER, 0, EWS_UNDONE,
        "the request does not say what to do with a task's occurrences", OUR_FAULT),
    ROW(ErrorSendMeetingCancellationsRequired, ITEM, NEVER, 0, EWS_UNDONE,
        "the request does not say whether to send cancellations", OUR_FAULT),

    /* requests that the server does not understand */
    ROW(ErrorSchemaValidation, ITEM, NEVER, 0, EWS_UNDONE,
        "the server does not understand the request", OUR_FAULT),
    ROW(ErrorInvalidRequest, ITEM, NEVER, 0, EWS_UNDONE,
        "the server does not know the operation, or does not offer it",
        "some providers switch operations off: ask for EWS without restrictions"),
    ROW(ErrorInvalidOperation, ITEM, NEVER, 0, 0,
        "the server does not allow the operation on this object", NULL),
    ROW(ErrorInvalidPropertyRequest, ITEM, NEVER, 0, 0,
        "a property was asked for that this kind of object has not", OUR_FAULT),
    ROW(ErrorInvalidExtendedProperty, ITEM, NEVER, 0, 0,
        "a property was asked for that the server does not give", OUR_FAULT),
    ROW(ErrorInvalidServerVersion, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the server does not speak the version of EWS that was asked for", OUR_FAULT),
    ROW(ErrorIncorrectSchemaVersion, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the request needs a newer version of EWS than was asked for", OUR_FAULT),
    ROW(ErrorInvalidSchemaVersionForMailboxVersion, MAILBOX, NEVER, 0, EWS_UNDONE,
        "the mailbox lives on a server of another version",
        "give the OWA address that the mailbox's own users have"),

    /* what an item holds, on the portable path */
    ROW(ErrorAttachmentSizeLimitExceeded, ITEM, NEVER, 0, 0,
        "an attachment is larger than the server accepts", "raise the server's limit on attachments, or migrate the item by hand"),
    ROW(ErrorCalendarCannotMoveOrCopyOccurrence, ITEM, NEVER, 0, 0,
        "one occurrence of a series cannot be moved or copied by itself", OUR_FAULT),
    ROW(ErrorCalendarCannotUseIdForOccurrenceId, ITEM, NEVER, 0, 0,
        "the id names no occurrence of a series", OUR_FAULT),
    ROW(ErrorCalendarCannotUseIdForRecurringMasterId, ITEM, NEVER, 0, 0,
        "the id names no series", OUR_FAULT),
    ROW(ErrorCalendarDurationIsTooLong, ITEM, NEVER, 0, 0,
        "the appointment lasts longer than the server allows", LOOK_AT_IT),
    ROW(ErrorCalendarEndDateIsEarlierThanStartDate, ITEM, NEVER, 0, 0,
        "the appointment ends before it starts", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidDayForTimeChangePattern, ITEM, NEVER, 0, 0,
        "the server does not take the day on which the time zone changes", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidDayForWeeklyRecurrence, ITEM, NEVER, 0, 0,
        "the server does not take the days of the series", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidPropertyState, ITEM, NEVER, 0, 0,
        "the appointment's properties contradict one another", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidPropertyValue, ITEM, NEVER, 0, 0,
        "the server does not take a value of the appointment", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidRecurrence, ITEM, NEVER, 0, 0,
        "the server does not take the pattern of the series", LOOK_AT_IT),
    ROW(ErrorCalendarInvalidTimeZone, ITEM, NEVER, 0, 0,
        "the server does not take the time zone", LOOK_AT_IT),
    ROW(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange, ITEM, NEVER, 0, 0,
        "the series has no such occurrence", LOOK_AT_IT),
    ROW(ErrorCalendarOccurrenceIsDeletedFromRecurrence, ITEM, NEVER, 0, 0,
        "the occurrence has been deleted from the series", LOOK_AT_IT),
    ROW(ErrorCalendarOutOfRange, ITEM, NEVER, 0, 0,
        "the appointment lies outside of what the server's calendar covers", LOOK_AT_IT),
    ROW(ErrorCannotCreateCalendarItemInNonCalendarFolder, ITEM, NEVER, 0, 0,
        "an appointment can only be created in a calendar", "check what the folder is at the destination"),
    ROW(ErrorCannotCreateContactInNonContactFolder, ITEM, NEVER, 0, 0,
        "a contact can only be created in a contacts folder", "check what the folder is at the destination"),
    ROW(ErrorCannotCreateTaskInNonTaskFolder, ITEM, NEVER, 0, 0,
        "a task can only be created in a tasks folder", "check what the folder is at the destination"),
    ROW(ErrorCannotCreatePostItemInNonMailFolder, ITEM, NEVER, 0, 0,
        "a post can only be created in a mail folder", "check what the folder is at the destination"),
    ROW(ErrorCannotOpenFileAttachment, ITEM, NEVER, 0, 0,
        "the server cannot open an attachment", LOOK_AT_IT),
    ROW(ErrorInvalidAttachmentId, ITEM, NEVER, 0, 0,
        "the server does not know an attachment's id any more", "nothing: the next run reads the item anew"),
    ROW(ErrorInvalidAttachmentSubfilter, ITEM, NEVER, 0, 0,
        "the server does not take the question about an attachment", OUR_FAULT),
    ROW(ErrorInvalidExtendedPropertyValue, ITEM, NEVER, 0, 0,
        "the server does not take the value of a MAPI property", OUR_FAULT),
    ROW(ErrorInvalidItemForOperationCreateItem, ITEM, NEVER, 0, 0,
        "the server does not create items of this kind", LOOK_AT_IT),
    ROW(ErrorInvalidItemForOperationCreateItemAttachment, ITEM, NEVER, 0, 0,
        "the server does not attach items of this kind", LOOK_AT_IT),
    ROW(ErrorInvalidPropertyAppend, ITEM, NEVER, 0, 0,
        "the property cannot be added to", OUR_FAULT),
    ROW(ErrorInvalidPropertyDelete, ITEM, NEVER, 0, 0,
        "the property cannot be deleted", OUR_FAULT),
    ROW(ErrorInvalidPropertySet, ITEM, NEVER, 0, 0,
        "the property cannot be set", OUR_FAULT),
    ROW(ErrorInvalidPropertyUpdateSentMessage, ITEM, NEVER, 0, 0,
        "the property of a message that has been sent cannot be changed", OUR_FAULT),
    ROW(ErrorInvalidRecipients, ITEM, NEVER, 0, 0,
        "the server does not take an address", LOOK_AT_IT),
    ROW(ErrorMessageDispositionRequired, ITEM, NEVER, 0, 0,
        "the request does not say what becomes of the message", OUR_FAULT),
    ROW(ErrorMimeContentInvalid, ITEM, NEVER, 0, 0,
        "the server does not take the message's MIME", LOOK_AT_IT),
    ROW(ErrorMimeContentInvalidBase64String, ITEM, NEVER, 0, 0,
        "the message's MIME is not base64", OUR_FAULT),
    ROW(ErrorNameResolutionMultipleResults, ITEM, NEVER, 0, 0,
        "the server finds several people for an address", LOOK_AT_IT),
    ROW(ErrorNameResolutionNoResults, ITEM, NEVER, 0, 0,
        "the server finds nobody for an address", LOOK_AT_IT),
    ROW(ErrorOccurrenceCrossingBoundary, ITEM, NEVER, 0, 0,
        "a changed occurrence would come before or after its neighbours", LOOK_AT_IT),
    ROW(ErrorOccurrenceTimeSpanTooBig, ITEM, NEVER, 0, 0,
        "an occurrence lasts longer than the time to the next one", LOOK_AT_IT),
    ROW(ErrorPropertyUpdate, ITEM, NEVER, 0, 0,
        "the server could not change a property", LOOK_AT_IT),
    ROW(ErrorRecurrenceEndDateTooBig, ITEM, NEVER, 0, 0,
        "the series ends later than the server allows", LOOK_AT_IT),
    ROW(ErrorRecurrenceHasNoOccurrence, ITEM, NEVER, 0, 0,
        "the series has no occurrence at all", LOOK_AT_IT),
    ROW(ErrorSendMeetingInvitationsOrCancellationsRequired, ITEM, NEVER, 0, 0,
        "the request does not say whether invitations are to be sent", OUR_FAULT),
    ROW(ErrorSendMeetingInvitationsRequired, ITEM, NEVER, 0, 0,
        "the request does not say whether invitations are to be sent", OUR_FAULT),
    ROW(ErrorTimeZone, ITEM, NEVER, 0, 0,
        "the server does not take the time zone", LOOK_AT_IT),
    ROW(ErrorUnsupportedCulture, ITEM, NEVER, 0, 0,
        "the server does not know the item's language", OUR_FAULT),
    ROW(ErrorUnsupportedMimeConversion, ITEM, NEVER, 0, 0,
        "the server cannot make MIME of the item, or an item of the MIME", LOOK_AT_IT),
    ROW(ErrorUnsupportedRecurrence, ITEM, NEVER, 0, 0,
        "the server does not offer this kind of series", LOOK_AT_IT),
    ROW(ErrorPropertyValidationFailure, ITEM, NEVER, 0, 0,
        "the server does not take the value of a property", LOOK_AT_IT),

    /* settings: who may do what */
    ROW(ErrorCannotSetCalendarPermissionOnNonCalendarFolder, FOLDER, NEVER, 0, 0,
        "the rights are a calendar's and the folder is none", OUR_FAULT),
    ROW(ErrorCannotSetNonCalendarPermissionOnCalendarFolder, FOLDER, NEVER, 0, 0,
        "the folder is a calendar and the rights are not a calendar's", OUR_FAULT),
    ROW(ErrorCannotSetPermissionUnknownEntries, FOLDER, NEVER, 0, 0,
        "an entry without a name cannot be given rights", OUR_FAULT),
    ROW(ErrorChangeKeyRequiredForWriteOperations, FOLDER, NEVER, 0, 0,
        "the folder's rights are written without its change key", OUR_FAULT),
    ROW(ErrorDuplicateUserIdsSpecified, FOLDER, NEVER, 0, 0,
        "two addresses in the folder's rights are one person's",
        "set the rights by hand, once for the person"),
    ROW(ErrorInvalidPermissionSettings, FOLDER, NEVER, 0, 0,
        "the server does not take these rights together", BY_HAND),
    ROW(ErrorInvalidUserInfo, FOLDER, NEVER, 0, 0,
        "the server cannot make out who is to have the rights", BY_HAND),
    ROW(ErrorMissingUserIdInformation, FOLDER, NEVER, 0, 0,
        "it is not said who is to have the rights", BY_HAND),
    ROW(ErrorDelegateAlreadyExists, ITEM, NEVER, 0, 0,
        "the person is a delegate already", "run it again"),
    ROW(ErrorDelegateCannotAddOwner, ITEM, NEVER, 0, 0,
        "nobody can be the delegate of their own mailbox",
        "nothing: the owner has all rights"),
    ROW(ErrorDelegateMissingConfiguration, ITEM, NEVER, 0, 0,
        "the server knows of no delegates of this mailbox",
        "nothing, unless there are some: then open the mailbox in Outlook once"),
    ROW(ErrorDelegateNoUser, ITEM, NEVER, 0, 0,
        "the server's directory has nobody of that address",
        "make the person's mailbox or contact at the destination, or name the address in the import file"),
    ROW(ErrorDelegateValidationFailed, ITEM, NEVER, 0, 0,
        "the server does not take the person as a delegate",
        "a delegate must be a mailbox or a mail-enabled security group of that organisation"),
    ROW(ErrorInvalidDelegatePermission, ITEM, NEVER, 0, 0,
        "the server does not take the delegate's rights", BY_HAND),
    ROW(ErrorInvalidDelegateUserId, ITEM, NEVER, 0, 0,
        "the server cannot make out who is to be the delegate", BY_HAND),
    ROW(ErrorNotDelegate, ITEM, NEVER, 0, 0,
        "the person is no delegate any more", "run it again"),

    /* settings */
    ROW(ErrorInboxRulesValidationError, ITEM, NEVER, 0, 0,
        "the server does not take the rule as it is",
        "make the rule by hand at the destination, or mend it at the source and "
        "run again"),
    ROW(ErrorOutlookRuleBlobExists, ITEM, NEVER, 0, 0,
        "Outlook keeps rules of its own in the mailbox, which writing others would destroy",
        "let it be done (--replace-outlook-rules), or make the rules by hand in Outlook"),
    ROW(ErrorRulesOverQuota, ITEM, NEVER, 0, 0,
        "the mailbox's rules take more room than the server gives them",
        "raise the limit (Set-Mailbox -RulesQuota 256KB), then run again"),
    ROW(ErrorInvalidScheduledOofDuration, ITEM, NEVER, 0, 0,
        "the time of the automatic replies is over, or ends before it begins",
        "set the time in Outlook or OWA"),
    ROW(ErrorInvalidPhotoSize, ITEM, NEVER, 0, 0,
        "the server does not take a picture of this size",
        "upload a smaller picture by hand"),
};
/* clang-format on */

const struct ews_code_row *ews_code_row(enum ews_code code)
{
    g_assert(code != EWS_NO_ERROR && code < EWS_N_CODES);
    return &rows[code];
}

enum ews_code ews_code_parse(const char *name)
{
    if (name == NULL)
        return EWS_OTHER;
    if (strcmp(name, "NoError") == 0)
        return EWS_NO_ERROR;
    for (enum ews_code c = EWS_NO_ERROR + 1; c < EWS_N_CODES; c++) {
        if (strcmp(rows[c].name, name) == 0)
            return c;
    }
    return EWS_OTHER;
}

int ews_code_err(struct err *err, enum ews_code code, const char *name,
                 const char *message, uint32_t wait_ms)
{
    const struct ews_code_row *row = ews_code_row(code);
    bool quote = message != NULL && message[0] != '\0';

    err_set(err, row->scope, row->retry, (int)code, "%s: %s%s%s%s",
            name != NULL ? name : row->name, row->cause,
            quote ? " (the server says \"" : "", quote ? message : "",
            quote ? "\")" : "");
    err->name = row->name;
    err->remedy = row->remedy;
    if (row->retry == ERR_RETRY_WAIT)
        err->wait_ms = wait_ms > 0 ? wait_ms : row->wait_ms;
    return -1;
}

static const char *retry_text(const struct ews_code_row *row)
{
    static const char *const texts[] = {
        [ERR_RETRY_NEVER] = "no",
        [ERR_RETRY_NOW] = "at once",
        [ERR_RETRY_WAIT] = "after a pause",
        [ERR_RETRY_REAUTH] = "with another password",
    };

    return texts[row->retry];
}

void ews_code_markdown(FILE *out)
{
    fputs("| Code | What it means | What to do | Fails | Tried again |\n"
          "| --- | --- | --- | --- | --- |\n",
          out);
    for (enum ews_code c = EWS_OTHER; c < EWS_N_CODES; c++) {
        const struct ews_code_row *row = &rows[c];

        if (c == EWS_NO_ERROR)
            continue;
        fprintf(out, "| `%s` | %s | %s | the %s | %s |\n", row->name,
                row->cause, row->remedy != NULL ? row->remedy : "nothing",
                err_scope_name(row->scope), retry_text(row));
    }
}
