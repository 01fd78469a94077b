/*
 * status_print - where many mailboxes stand, for a person: the whole first,
 * then what is in the way, cause by cause, then the mailboxes; of many only
 * those that somebody has to look at, or that are under way.
 */
#ifndef CMD_STATUS_PRINT_H
#define CMD_STATUS_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fleet/outlook.h"
#include "fleet/standing.h"

struct status_line {
    const struct store_mailbox *mailbox; /* borrowed */
    struct standing at;                  /* owned */
};

struct status_lines {
    struct status_line *all; /* owned */
    size_t n;
    bool verbose;                    /* each mailbox, however many there are */
    struct store_forecast *forecast; /* of them all, owned; or NULL */
};

/* All mailboxes together. */
struct status_sum {
    struct standing counts; /* no passes, no settings */
    size_t by_state[MAILBOX_N_STATES];
    /* Something failed, is missing, or has a reason to wait for somebody. */
    size_t n_need_a_person;
};
struct status_sum status_sum(const struct status_lines *lines);

void status_print(FILE *out, const struct status_lines *lines);

/* For programs: an object for each mailbox, and one for the whole. */
void status_print_json(FILE *out, const struct status_lines *lines);

/*
 * That the source's quiet hours hold, and until when; nothing where they do
 * not.  text: as the configuration has them; NULL: there are none.
 */
int status_print_quiet(FILE *out, const char *text, bool json,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The lines go, with what they own. */
void status_lines_clear(struct status_lines *lines);

#endif
