#include "desk/slot.h"

#include <string.h>

#include "base/timestamp.h"

bool slot_begins(const char *day, int64_t *ret_us)
{
    g_autofree char *text = g_strconcat(day, "T00:00:00Z", NULL);

    return strlen(day) == SLOT_DAY_SIZE - 1 && timestamp_parse(text, ret_us);
}

static void day_of(int64_t us, char ret[SLOT_DAY_SIZE])
{
    g_autofree char *text = timestamp_format(us);

    g_strlcpy(ret, text, SLOT_DAY_SIZE);
}

/* One that is larger than a day takes one on which nothing else begins. */
static bool has_room(const struct slot_wish *w, const char *day)
{
    uint64_t taken = 0;

    for (size_t i = 0; i < w->n_taken; i++)
        if (strcmp(w->taken[i].day, day) == 0)
            taken += w->taken[i].mailboxes;
    return w->a_day == 0 || taken == 0 || taken + w->mailboxes <= w->a_day;
}

static bool is_open(const struct slot_wish *w, int64_t from_us, int64_t to_us)
{
    return w->quiet == NULL ||
           hours_between(w->quiet, from_us, to_us) < to_us - from_us;
}

bool slot_pick(const struct slot_wish *w, char ret[SLOT_DAY_SIZE])
{
    int64_t begin_us = w->now_us, asked_us;

    if (w->not_before != NULL && slot_begins(w->not_before, &asked_us))
        begin_us = MAX(begin_us, asked_us);
    for (int i = 0; i < SLOT_DAYS_MAX; i++) {
        int64_t end_us = begin_us - begin_us % TIMESTAMP_DAY + TIMESTAMP_DAY;
        char day[SLOT_DAY_SIZE];

        day_of(begin_us, day);
        if (has_room(w, day) && is_open(w, begin_us, end_us)) {
            g_strlcpy(ret, day, SLOT_DAY_SIZE);
            return true;
        }
        begin_us = end_us;
    }
    return false;
}
