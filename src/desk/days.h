/*
 * days - on which days a request may begin: slot.h, with what the stores know
 * of the others, of its size, and of its source's quiet hours.
 */
#ifndef DESK_DAYS_H
#define DESK_DAYS_H

#include "desk/desk.h"
#include "desk/slot.h"

struct days;
typedef struct days days;

/*
 * As things stand now: room that is found may be taken a moment later.  The
 * request's own day counts as free.
 */
int days_read(const struct desk *of, const struct request *r, struct days **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void days_free(struct days *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(days, days_free)

/*
 * The first day with room that is not over, nor before that one (NULL: any).
 * False: there is none within SLOT_DAYS_MAX.
 */
bool days_first(const struct days *d, const char *not_before, int64_t now_us,
                char ret[SLOT_DAY_SIZE]);

#endif
