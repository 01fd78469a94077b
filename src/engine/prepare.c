#include "engine/prepare.h"

#include <string.h>

#include <glib.h>

enum release release_of(const char *server_version)
{
    static const struct {
        const char *prefix;
        enum release release;
    } rows[] = {
        { "8.", RELEASE_2007 },
        { "14.", RELEASE_2010 },
        { "15.0.", RELEASE_2013 },
        { "15.", RELEASE_2016 },
    };

    for (size_t i = 0; server_version != NULL && i < G_N_ELEMENTS(rows); i++)
        if (g_str_has_prefix(server_version, rows[i].prefix))
            return rows[i].release;
    return RELEASE_UNKNOWN;
}

const char *release_name(enum release release)
{
    static const char *const names[RELEASE_N] = {
        [RELEASE_UNKNOWN] = "an unknown version",
        [RELEASE_2007] = "Exchange 2007",
        [RELEASE_2010] = "Exchange 2010",
        [RELEASE_2013] = "Exchange 2013",
        [RELEASE_2016] = "Exchange 2016 or 2019",
    };

    return names[release];
}

/* An unknown version is taken for a new one. */
#define SINCE(release) ~((1u << (release)) - 1u) | 1u << RELEASE_UNKNOWN
#define ONLY(release)  1u << (release)
#define ANY            ~0u

/*
 * Sources: Set-Mailbox, Set-CalendarProcessing, Get-Mailbox (Exchange
 * PowerShell reference); "Mailbox retention hold" (Exchange Server); of 2007
 * Set-MailboxCalendarSettings.
 */
static const struct {
    unsigned int releases; /* bits 1 << enum release */
    struct prepare_step step;
} table[] = {
    { ANY,
      { "retention-hold", false, "put the mailboxes on retention hold",
        "else policies delete or archive old mail as it arrives",
        "Set-Mailbox USER -RetentionHoldEnabled $true" } },
    { SINCE(RELEASE_2010),
      { "calendar-processing", false,
        "rooms and equipment only: stop the resource booking attendant",
        "else it answers, moves or deletes the meetings that arrive",
        "Set-CalendarProcessing USER -AutomateProcessing None" } },
    { ONLY(RELEASE_2007),
      { "calendar-processing", false,
        "rooms and equipment only: stop the resource booking attendant",
        "else it answers, moves or deletes the meetings that arrive",
        "Set-MailboxCalendarSettings USER -AutomateProcessing None" } },
    { ANY,
      { "quotas", false, "see that quotas are large enough", NULL,
        "Get-Mailbox USER | Format-List *Quota*" } },
    { SINCE(RELEASE_2010),
      { "calendar-repair", true, "switch the Calendar Repair Assistant off",
        "else it changes meetings while they are being copied",
        "Set-Mailbox USER -CalendarRepairDisabled $true" } },
    { ANY,
      { "forwarding", true, "see that nothing is forwarded to the destination",
        "else mail is there twice, once from each way",
        "Get-Mailbox USER | Format-List "
        "Forwarding*,DeliverToMailboxAndForward" } },
};

size_t prepare_steps(bool source, enum release release,
                     const struct prepare_step **ret, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (table[i].step.source == source && n < max &&
            (table[i].releases & (1u << release)) != 0)
            ret[n++] = &table[i].step;
    return n;
}
