/*
 * progress - what a running migration looks like while it runs.
 *
 * On a terminal: an overall bar with rate, time left and throttled share, and
 * a line a running mailbox, repainted in place.  Elsewhere: a plain line when
 * a mailbox ends, and one now and then.  Notes and failures of items are told
 * together at the end, by their causes.  With --json: one object a line, for
 * each of them too.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fleet/run.h"

enum progress_style {
    PROGRESS_TERMINAL,
    PROGRESS_PLAIN,
    PROGRESS_JSON,
    PROGRESS_NONE,
};

/* TERMINAL when out is one that can move its cursor, else PLAIN. */
enum progress_style progress_style_for(FILE *out, bool json);

/* Sums over all requests so far, for the throttled share. */
struct progress_load {
    int64_t working_us, throttled_us;
};

struct progress_config {
    enum progress_style style;
    FILE *out;                             /* borrowed */
    const struct fleet_mailbox *mailboxes; /* borrowed */
    size_t n;
    enum fleet_task task;
    bool verbose; /* tell each note as it comes; else together at the end */
    void (*load)(void *data, struct progress_load *ret); /* or NULL */
    void *load_data;
};

struct progress;

/* Starts the painter's thread. */
struct progress *progress_new(const struct progress_config *config);

/* To be handed to fleet_run(); valid until progress_free(). */
const struct fleet_listener *progress_listener(struct progress *p);

/* Paint a last time, tell what was kept for the end, stop the painter, free. */
void progress_free(struct progress *p);

#endif
