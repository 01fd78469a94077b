#include "net/governor_quiet.h"

#include "base/timestamp.h"

/* So long a wall clock that was set goes unnoticed. */
#define LOOK_EVERY_US (10 * TIMESTAMP_SECOND)

void governor_quiet_set(struct governor_quiet *q, const struct hours *quiet)
{
    q->hours = quiet;
    q->holds = false;
    q->looked_us = q->again_us = 0;
}

bool governor_quiet_is_due(const struct governor_quiet *q, int64_t now_us)
{
    return q->hours != NULL && now_us >= q->again_us;
}

void governor_quiet_look(struct governor_quiet *q, int64_t now_us,
                         int64_t wall_us)
{
    int64_t change_us = hours_change(q->hours, wall_us);

    /* The past as this clock shows it: what it showed then is not known. */
    if (q->looked_us != 0)
        q->sum_us +=
            hours_between(q->hours, wall_us - (now_us - q->looked_us), wall_us);
    q->holds = hours_hold(q->hours, wall_us);
    q->ends_us = change_us;
    q->looked_us = now_us;
    q->again_us = now_us + MIN(change_us - wall_us, LOOK_EVERY_US);
}

int64_t governor_quiet_opens_us(const struct governor_quiet *q, int64_t now_us)
{
    return q->holds ? MAX(q->again_us, now_us + 1) : now_us;
}

int64_t governor_quiet_sum_us(const struct governor_quiet *q, int64_t now_us)
{
    return q->sum_us + (q->holds ? now_us - q->looked_us : 0);
}
