/*
 * waits - what a request waits for, on whom that is, since when, and whether it
 * is late.  A pure function of the request, for whoever looks at many.
 */
#ifndef DESK_WAITS_H
#define DESK_WAITS_H

#include "base/config.h"
#include "store/requests.h"

enum waits_who {
    WAITS_NOBODY,   /* it is over */
    WAITS_CONTACT,  /* of its account */
    WAITS_US,       /* it goes on by itself; late, an operator has to look */
    WAITS_OPERATOR, /* it does not go on before one has done something */
    WAITS_N_WHO
};
/* "nobody", "contact", "us", "operator"; static. */
const char *waits_who_name(enum waits_who who);

/* As configured; 0: not known, then nothing of the sort is late. */
struct waits_rules {
    int64_t answer_us; /* for what is missing; then it expires */
    int64_t sweep_us;  /* after cutover */
    /* Without these nothing is checked, and nothing is quoted. */
    bool no_destination, no_prices;
};
struct waits_rules waits_rules_of(const struct config *c);

struct waits {
    enum waits_who who;
    const char *text;   /* a few words, static; "" when it is over */
    const char *remedy; /* what an operator has to do; NULL: nothing.  Static */
    int64_t since_us;
    int64_t until_us; /* when it ends by itself or is late; 0: whenever */
    bool late;
};
struct waits waits_of(const struct request *r, const struct waits_rules *rules,
                      int64_t now_us);

#endif
