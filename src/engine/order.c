#include "engine/order.h"

#include <string.h>

#include <glib.h>

/* What a turn costs: the inbox gets four for one of an ordinary folder. */
static const uint64_t step_of[] = {
    [ORDER_CALENDAR] = 3, [ORDER_INBOX] = 3, [ORDER_SENT] = 6,
    [ORDER_OTHER] = 12,   [ORDER_LAST] = 24,
};

enum order_rank order_rank_of(const char *well_known, const char *folder_class)
{
    static const struct {
        const char *well_known;
        enum order_rank rank;
    } rows[] = {
        { "calendar", ORDER_CALENDAR }, { "inbox", ORDER_INBOX },
        { "sentitems", ORDER_SENT },    { "deleteditems", ORDER_LAST },
        { "junkemail", ORDER_LAST },
    };

    for (size_t i = 0; well_known != NULL && i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].well_known, well_known) == 0)
            return rows[i].rank;
    if (folder_class != NULL &&
        g_ascii_strncasecmp(folder_class, "IPF.Appointment",
                            strlen("IPF.Appointment")) == 0)
        return ORDER_CALENDAR;
    return ORDER_OTHER;
}

size_t order_next(struct order_turn *const *turns, const bool *ready, size_t n,
                  uint64_t *now)
{
    size_t best = ORDER_NOBODY;
    uint64_t least = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t spent = MAX(turns[i]->spent, *now);

        if (!ready[i] || (best != ORDER_NOBODY && spent > least))
            continue;
        if (best != ORDER_NOBODY && spent == least &&
            turns[i]->rank >= turns[best]->rank)
            continue;
        best = i;
        least = spent;
    }
    if (best == ORDER_NOBODY)
        return ORDER_NOBODY;
    *now = least;
    turns[best]->spent = least + step_of[turns[best]->rank];
    return best;
}
