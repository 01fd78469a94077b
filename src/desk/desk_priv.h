/*
 * desk_priv - what the files of desk.h share:
 *
 *   desk.c         the desk, and who is written to
 *   desk_event.c   an event as one step
 *   desk_letters.c which letters go with it, and what they say
 */
#ifndef DESK_DESK_PRIV_H
#define DESK_DESK_PRIV_H

#include "desk/desk.h"

/* A token to approve, one to supply, one of a letter that is asked for. */
#define DESK_LINKS_MAX 8u

/* An event while it is made into a step. */
struct desk_plan {
    const struct desk_wish *wish;
    int64_t now_us;
    struct request *before; /* NULL: there is none yet */
    int64_t request_id;
    struct life_step to; /* and acts of all events on the way */
    struct request_change change;
    char *missing, *quote;          /* what `change` points to */
    struct roster_contact *contact; /* NULL: nobody */
    GPtrArray *out;                 /* of struct outbox_mail * */
    struct request_new_link links[DESK_LINKS_MAX];
    size_t n_links;
};

/* desk_contact(), of letters that answer that address (or NULL). */
int desk_contact_for(struct desk *d, const struct request *r,
                     const char *writer, struct roster_contact **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds letters and links to the plan: those of its acts, and those asked for.
 */
int desk_plan_letters(struct desk *d, struct desk_plan *p,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
