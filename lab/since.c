#include "lab/since.h"

#include <string.h>

/* ---- operations ---------------------------------------------------- */

/* clang-format off */
/* One text a release: the names of its new operations. */
static const char *const operations[N_RELEASES] = {
    [EXCHANGE2007_SP1] =
        " AddDelegate ConvertId CopyFolder CopyItem CreateAttachment"
        " CreateFolder CreateItem CreateManagedFolder DeleteAttachment"
        " DeleteFolder DeleteItem ExpandDL FindFolder FindItem GetAttachment"
        " GetDelegate GetEvents GetFolder GetItem GetUserAvailabilityRequest"
        " GetUserOofSettingsRequest MoveFolder MoveItem RemoveDelegate"
        " ResolveNames SendItem SetUserOofSettingsRequest Subscribe"
        " SyncFolderHierarchy SyncFolderItems Unsubscribe UpdateDelegate"
        " UpdateFolder UpdateItem ",
    [EXCHANGE2010] =
        " CreateUserConfiguration DeleteUserConfiguration"
        " DisconnectPhoneCall FindMessageTrackingReport GetMailTips"
        " GetMessageTrackingReport GetPhoneCallInformation GetRoomLists"
        " GetRooms GetServerTimeZones GetServiceConfiguration"
        " GetSharingFolder GetSharingMetadata GetUserConfiguration PlayOnPhone"
        " RefreshSharingFolder UpdateUserConfiguration ",
    [EXCHANGE2010_SP1] =
        " ApplyConversationAction EmptyFolder ExportItems FindConversation"
        " FindMailboxStatisticsByKeywords GetInboxRules"
        " GetPasswordExpirationDate GetStreamingEvents UpdateInboxRules"
        " UploadItems ",
    [EXCHANGE2010_SP2] = "",
    [EXCHANGE2013] =
        " AddDistributionGroupToImList AddImContactToGroup AddImGroup"
        " AddNewImContactToGroup AddNewTelUriContactToGroup ArchiveItem"
        " CreateFolderPath DisableApp FindPeople GetAppManifests"
        " GetAppMarketplaceUrl GetClientAccessToken GetConversationItems"
        " GetDiscoverySearchConfiguration GetHoldOnMailboxes GetImItemList"
        " GetImItems GetNonIndexableItemDetails"
        " GetNonIndexableItemStatistics GetPersona GetReminders"
        " GetSearchableMailboxes GetUserPhoto GetUserRetentionPolicyTags"
        " InstallApp MarkAllItemsAsRead MarkAsJunk PerformReminderAction"
        " RemoveContactFromImList RemoveDistributionGroupFromImList"
        " RemoveImContactFromGroup RemoveImGroup SearchMailboxes"
        " SetHoldOnMailboxes SetImGroup SetTeamMailbox UninstallApp"
        " UnpinTeamMailbox UpdateItemInRecoverableItems ",
    [EXCHANGE2013_SP1] =
        (" GetClientExtension GetEncryptionConfiguration SetClientExtension"
         " SetEncryptionConfiguration "),
    [EXCHANGE2016] =
        " FindAvailableMeetingTimes FindMeetingTimes SetUserPhoto ",
};
/* clang-format on */

enum release since_operation(const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);

    for (int i = 0; i < N_RELEASES; i++)
        if (strstr(operations[i], word) != NULL)
            return (enum release)i;
    return N_RELEASES;
}

/* ---- elements and attributes --------------------------------------- */

/* "*" is any; an attribute's element or, with no attribute, the element. */
struct later {
    const char *operation, *element, *attribute;
    enum release since;
};

/* clang-format off */
static const struct later later[] = {
    /* shapes */
    { "*", "FilterHtmlContent", NULL, EXCHANGE2010 },
    { "*", "ConvertHtmlCodePageToUTF8", NULL, EXCHANGE2010_SP1 },
    { "*", "InlineImageUrlTemplate", NULL, EXCHANGE2013 },
    { "*", "BlockExternalImages", NULL, EXCHANGE2013 },
    { "*", "AddBlankTargetToLinks", NULL, EXCHANGE2013 },
    { "*", "MaximumBodySize", NULL, EXCHANGE2013 },
    { "*", "UniqueBodyType", NULL, EXCHANGE2013_SP1 },
    { "*", "NormalizedBodyType", NULL, EXCHANGE2013_SP1 },
    /* folders and their items */
    { "SyncFolderItems", "SyncScope", NULL, EXCHANGE2010 },
    { "MoveItem", "ReturnNewItemIds", NULL, EXCHANGE2010_SP1 },
    { "CopyItem", "ReturnNewItemIds", NULL, EXCHANGE2010_SP1 },
    { "FindItem", "QueryString", NULL, EXCHANGE2010 },
    { "FindItem", "SeekToConditionPageItemView", NULL, EXCHANGE2013 },
    { "DeleteItem", NULL, "SuppressReadReceipts", EXCHANGE2013 },
    { "UpdateItem", NULL, "SuppressReadReceipts", EXCHANGE2013 },
    { "*", "RecurringMasterItemIdRanges", NULL, EXCHANGE2013 },
    { "*", "ReferenceAttachment", NULL, EXCHANGE2013 },
    { "*", "IsInline", NULL, EXCHANGE2010 },
    { "*", "IsContactPhoto", NULL, EXCHANGE2010 },
    /* people */
    { "ResolveNames", NULL, "SearchScope", EXCHANGE2010 },
    { "ResolveNames", NULL, "ContactDataShape", EXCHANGE2010_SP2 },
    /* items as they are written */
    { "*", "Flag", NULL, EXCHANGE2013 },
    { "*", "PolicyTag", NULL, EXCHANGE2013 },
    { "*", "ArchiveTag", NULL, EXCHANGE2013 },
    { "*", "RetentionDate", NULL, EXCHANGE2013 },
    { "*", "StartTimeZone", NULL, EXCHANGE2010 },
    { "*", "EndTimeZone", NULL, EXCHANGE2010 },
    { "*", "StartTimeZoneId", NULL, EXCHANGE2013 },
    { "*", "EndTimeZoneId", NULL, EXCHANGE2013 },
    { "*", "EnhancedLocation", NULL, EXCHANGE2013 },
    { "*", "OnlineMeetingSettings", NULL, EXCHANGE2013 },
    { "*", "ReminderNextTime", NULL, EXCHANGE2013 },
    { "*", "DirectoryId", NULL, EXCHANGE2010_SP2 },
    { "*", "DirectReports", NULL, EXCHANGE2010_SP2 },
    { "*", "ManagerMailbox", NULL, EXCHANGE2010_SP2 },
    { "*", "MSExchangeCertificate", NULL, EXCHANGE2010_SP2 },
    { "*", "UserSMIMECertificate", NULL, EXCHANGE2010_SP2 },
    { "*", "PhoneticFullName", NULL, EXCHANGE2010_SP2 },
    { "*", "PhoneticFirstName", NULL, EXCHANGE2010_SP2 },
    { "*", "PhoneticLastName", NULL, EXCHANGE2010_SP2 },
    { "*", "IsClutter", NULL, EXCHANGE2013_SP1 },
    { "*", "VotingInformation", NULL, EXCHANGE2013_SP1 },
    { "*", "MimeContentUTF8", NULL, EXCHANGE2016 },
    /* notifications */
    { "Subscribe", "StreamingSubscriptionRequest", NULL, EXCHANGE2010_SP1 },
    { "Subscribe", "CallerData", NULL, EXCHANGE2013 },
    { "Subscribe", "PullSubscriptionRequest", "SubscribeToAllFolders",
      EXCHANGE2010 },
    { "Subscribe", "PushSubscriptionRequest", "SubscribeToAllFolders",
      EXCHANGE2010 },
};
/* clang-format on */

static bool is_any(const char *pattern, const char *name)
{
    return strcmp(pattern, "*") == 0 || strcmp(pattern, name) == 0;
}

enum release since_element(const char *operation, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(later); i++)
        if (later[i].attribute == NULL &&
            is_any(later[i].operation, operation) &&
            strcmp(later[i].element, name) == 0)
            return later[i].since;
    return EXCHANGE2007_SP1;
}

/* A NULL element of a row is the operation's own. */
enum release since_attribute(const char *operation, const char *element,
                             const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(later); i++) {
        const struct later *row = &later[i];

        if (row->attribute != NULL && strcmp(row->attribute, name) == 0 &&
            is_any(row->operation, operation) &&
            strcmp(row->element != NULL ? row->element : operation, element) ==
                0)
            return row->since;
    }
    return EXCHANGE2007_SP1;
}

/* ---- a request ----------------------------------------------------- */

static int too_early(const struct version *server, const xmlNode *node,
                     enum release since, const char *what, struct problem *p)
{
    if (server->release >= since)
        return problem_fault(p, "ErrorIncorrectSchemaVersion");
    return soap_violation(
        p, node,
        "The element '%s' has invalid child element or attribute '%s'.",
        (const char *)node->name, what);
}

struct check {
    const struct version *server;
    const char *operation;
    enum release asked;
};

static int check_node(const struct check *c, const xmlNode *node,
                      struct problem *p)
{
    const char *name = (const char *)node->name;
    enum release since = since_element(c->operation, name);

    if (since > c->asked)
        return too_early(c->server, node->parent, since, name, p);
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        since = since_attribute(c->operation, name, (const char *)a->name);
        if (since > c->asked)
            return too_early(c->server, node, since, (const char *)a->name, p);
    }
    return 0;
}

/*
 * Deeper lies only what is no longer the request's own: the items of an
 * attached item and of theirs.
 */
#define CHECK_DEPTH 8

static int check_below(const struct check *c, const xmlNode *node, int depth,
                       struct problem *p)
{
    if (check_node(c, node, p) < 0)
        return -1;
    if (depth >= CHECK_DEPTH)
        return 0;
    for (node = soap_first(node); node != NULL; node = soap_next(node))
        if (check_below(c, node, depth + 1, p) < 0)
            return -1;
    return 0;
}

int since_check(const struct version *server,
                const struct soap_request *request, enum release asked,
                struct problem *p)
{
    const struct check c = { server, request->name, asked };

    /* nothing is later than the newest */
    if (asked == N_RELEASES - 1)
        return 0;
    return check_below(&c, request->operation, 0, p);
}
