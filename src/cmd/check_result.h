/*
 * check_result - what a check found out about the mailboxes of a file, and how
 * it is shown.
 */
#ifndef CMD_CHECK_RESULT_H
#define CMD_CHECK_RESULT_H

#include <stdio.h>

#include "fleet/outlook.h"
#include "fleet/run.h"

struct check_result {
    const struct fleet_mailbox *mailbox; /* borrowed */
    enum fleet_end end;
    struct engine_check check; /* of FLEET_DONE; owned */
    struct err why;            /* of FLEET_FAILED */
};

struct check_results {
    struct check_result *all; /* in the order of the file */
    size_t n;
    unsigned int at_once; /* mailboxes, when they will be copied */
    int64_t took_us;      /* to find all this out */
    bool folders;         /* show each folder and each large item */
    bool verbose;         /* tell of each mailbox, however many */
    bool ways_known;      /* how the servers are reached from here: */
    const char *source_proxy, *destination_proxy; /* borrowed; NULL: directly */
    bool passes_http_proxy; /* the environment has one that is not for https */
    struct outlook outlook; /* when they would be done, begun now; owned */
    int64_t at_us;          /* of that now */
};

/*
 * Fills the outlook of those that can be migrated.  quiet: of the source, or
 * NULL.
 */
int check_foresee(struct check_results *r, struct store *s,
                  const struct hours *quiet,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* How long the copying of all that can be migrated takes. */
struct expectation check_expected(const struct check_results *r);
/* What these come to. */
struct engine_amount check_total(const struct check_results *r);

/* For people: the whole first, then causes, then each mailbox. */
void check_print(FILE *out, const struct check_results *r);

/* For programs: an object for a mailbox, and one for the whole. */
void check_print_json(FILE *out, const struct check_result *one);
void check_print_json_summary(FILE *out, const struct check_results *r);

#endif
