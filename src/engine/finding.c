#include "engine/finding.h"

#include <glib.h>

static const struct {
    const char *name, *heading, *remedy;
    bool warning;
} rows[FINDING_N] = {
    [FINDING_OVERSIZE] = {
        "oversize",
        "items are larger than the destination takes in one request",
        "raise the limits of EWS in the destination's web.config "
        "(docs/exchange-permissions.md, \"Large items\") and name the new one "
        "with --request-limit; or let these items stay behind: they "
        "are reported, and all others are copied",
        true,
    },
    [FINDING_QUOTA] = {
        "quota",
        "the destination's mailbox is too small",
        "Set-Mailbox USER -UseDatabaseQuotaDefaults $false -ProhibitSendQuota "
        "SIZE -ProhibitSendReceiveQuota SIZE -IssueWarningQuota SIZE",
        true,
    },
    [FINDING_ARCHIVE] = {
        "archive",
        "the source has an archive, the destination has none",
        "Enable-Mailbox USER -Archive, at the destination",
        true,
    },
    [FINDING_RECOVERABLE] = {
        "recoverable-items",
        "the source has recoverable items, the destination has no place for "
        "them",
        "recoverable items exist from Exchange 2010 SP1 on; users who may "
        "still want what they deleted should recover it first",
        true,
    },
    [FINDING_UNSEEN] = {
        "unseen",
        "a folder could not be looked at",
        "check again; where it stays so, its items may fail",
        true,
    },
    [FINDING_FORWARDED] = {
        "forwarded",
        "mail is sent on to the same mailbox at the other side: it will be "
        "there twice, or go in a circle",
        "disable the rule before mail is copied (Outlook, or "
        "Disable-InboxRule RULE -Mailbox USER), and at the destination for "
        "good",
        true,
    },
    [FINDING_FLAG] = {
        "flag",
        "flags of the import file leave behind what is there",
        "take the flag out of the row's Flags and run the same command again: "
        "the items it left out are copied then, and inbox rules come by "
        "\"mailferry settings\"",
        true,
    },
    [FINDING_PEOPLE] = {
        "people",
        "people have rights in the mailbox and no counterpart at the "
        "destination: \"mailferry settings\" will leave these rights out",
        "make the person's mailbox or contact at the destination, or give "
        "both addresses of the person in a row of the import file",
        true,
    },
    [FINDING_RULE] = {
        "rule",
        "rules of the inbox cannot be carried over: Outlook alone runs them, "
        "or the server calls them broken",
        "the user makes them anew in Outlook, once it is connected to the new "
        "mailbox",
        true,
    },
    [FINDING_ALIAS] = {
        "alias",
        "the import file has an alias of the mailbox",
        NULL,
        false,
    },
    [FINDING_PORTABLE] = {
        "portable",
        "items travel as MIME and properties",
        NULL,
        false,
    },
    [FINDING_COMPARED] = {
        "compared",
        "items are compared by MIME and properties, for a server does not give "
        "them whole",
        NULL,
        false,
    },
    [FINDING_RENAMED] = {
        "renamed",
        "a folder has another name at the destination",
        NULL,
        false,
    },
    [FINDING_SKIPPED] = {
        "skipped",
        "folders are not copied: search folders, outbox, sync issues, the "
        "server's own records",
        NULL,
        false,
    },
    [FINDING_HIDDEN] = {
        "hidden",
        "hidden items are left behind, each class for its reason",
        NULL,
        false,
    },
    [FINDING_OWN_NAME] = {
        "own-name",
        "the source does not tell what its directory calls the mailbox",
        "where x500.csv says \"no old name seen\", replies to old mail bounce: "
        "at the source, Get-Mailbox USER | Format-List LegacyExchangeDN; add "
        "it to the new mailbox as an X500 address "
        "(docs/exchange-permissions.md, \"The old names\")",
        false,
    },
    [FINDING_LEFT_BEHIND] = {
        "left-behind",
        "recoverable items are left behind unless --recoverable-items is given",
        NULL,
        false,
    },
    /*
     * Set-Mailbox: RecoverableItemsQuota is 30 GB as installed,
     * RetainDeletedItemsFor 14 days.
     */
    [FINDING_RECOVERABLE_ROOM] = {
        "recoverable-quota",
        "recoverable items count against a quota of their own, and the "
        "destination's retention removes them unless it is held",
        "Set-Mailbox USER -RecoverableItemsQuota SIZE (30 GB as installed), "
        "and -RetentionHoldEnabled $true or a longer -RetainDeletedItemsFor",
        false,
    },
};

void finding_free(struct finding *f)
{
    g_free(f->text);
    g_free(f->alike);
    g_free(f);
}

const char *finding_name(enum finding_kind kind)
{
    return rows[kind].name;
}

const char *finding_heading(enum finding_kind kind)
{
    return rows[kind].heading;
}

const char *finding_remedy(enum finding_kind kind)
{
    return rows[kind].remedy;
}

bool finding_is_warning(enum finding_kind kind)
{
    return rows[kind].warning;
}
