#include "desk/rounds.h"

#include "desk/slot.h"

/* The last sweep before the end, since cutover. */
static int64_t last_us(const struct rounds_rules *rules)
{
    return rules->every_us > 0
               ? rules->sweep_us / rules->every_us * rules->every_us
               : 0;
}

static void add(struct foresight_plan *to, struct foresight_round round)
{
    g_assert(to->n < FORESIGHT_ROUNDS_MAX);
    to->rounds[to->n++] = round;
}

/* Users will move then, or when all is copied where that is later. */
static void from_cutover(const struct rounds_rules *rules, int64_t at_us,
                         struct foresight_plan *ret)
{
    int64_t last = last_us(rules);

    add(ret, (struct foresight_round){ .due_us = at_us });
    if (last > 0)
        add(ret, (struct foresight_round){ .delay_us = last });
    add(ret, (struct foresight_round){ .verifies = true,
                                       .delay_us = rules->sweep_us - last });
}

/* They have moved. */
static void from_sweeps(const struct request *r,
                        const struct rounds_rules *rules, int64_t now_us,
                        struct foresight_plan *ret)
{
    int64_t last = last_us(rules);

    if (last > 0 && now_us < r->state_us + last)
        add(ret, (struct foresight_round){ .due_us = r->state_us + last });
    add(ret, (struct foresight_round){
                 .verifies = true, .due_us = r->state_us + rules->sweep_us });
}

bool rounds_of(const struct request *r, const struct rounds_rules *rules,
               int64_t now_us, struct foresight_plan *ret)
{
    struct foresight_plan plan = { .migration_id = r->migration_id };
    int64_t day_us = 0;
    bool named = r->cutover != NULL && slot_begins(r->cutover, &day_us);

    if (r->migration_id == 0)
        return false;
    if (r->state == REQUEST_CUT_OVER)
        from_sweeps(r, rules, now_us, &plan);
    else if (r->state == REQUEST_READY_FOR_CUTOVER ||
             (r->state == REQUEST_RUNNING && named))
        from_cutover(rules, MAX(day_us, now_us), &plan);
    else
        return false;
    *ret = plan;
    return true;
}
