/*
 * prober - tries the addresses that requests bring, each in a thread of its
 * own, so that whoever minds requests waits for no server.
 *
 * What does not answer is tried a few times more, within about two minutes;
 * what was found out is remembered until something else is asked for, and not
 * across a restart.
 */
#ifndef DESK_PROBER_H
#define DESK_PROBER_H

#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "desk/reach.h"

struct prober;
typedef struct prober prober;

/* Borrowed; stop (or NULL) ends the pauses between tries. */
struct prober *prober_new(const struct reach *reach, struct cancel *stop);
/* Waits for what is under way. */
void prober_free(struct prober *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(prober, prober_free)

enum probe_word {
    PROBE_UNTRIED,
    PROBE_UNDER_WAY,
    PROBE_GOOD,
    PROBE_BAD,
};
/* What came of it. */
struct probe_found {
    bool with_login;
    struct err why; /* of BAD */
};
/*
 * How that address of that request is; version: of what is asked for, another
 * one is tried anew.  *ret is filled with GOOD and BAD.  One thread.
 */
enum probe_word prober_look(struct prober *p, int64_t request, int64_t version,
                            struct probe_found *ret);
/* Of what is untried; where there is no room for it now, it stays so. */
void prober_begin(struct prober *p, int64_t request, int64_t version,
                  const struct reach_wish *w);

#endif
