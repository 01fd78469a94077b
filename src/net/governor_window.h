/*
 * governor_window - how many requests of one budget may be in flight: the
 * decision alone, without clock or lock.
 *
 * It doubles while that brings more throughput and somebody waits for a place;
 * then it tries a quarter more or fewer from time to time, and keeps what pays:
 * more where throughput grows with it, fewer where it hardly falls.  A server
 * over its budget may slow down without a word: answers that take over twice as
 * long as they used to are a reason to try fewer at once.  Whoever is refused
 * has learnt how many are too many, and asks again later, and later each time.
 *
 *              SEARCHING --- no more throughput ---> STEADY <--+
 *                  ^   |                            |      |   |
 *                  |   +-------- refused -----------|--+   |   |
 *                  |                              more   fewer |
 *                  |                                |      |   |
 *                  +--- what was refused is not ----+      +---+
 *
 * Places open one by one, with each answer: at first, and again after a
 * back-off, so that a server that is over its limit has no volley to refuse.
 *
 * Invariant: 1 <= limit <= ceiling.
 */
#ifndef NET_GOVERNOR_WINDOW_H
#define NET_GOVERNOR_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Requests are compared with others of about their size, by powers of four. */
#define GOVERNOR_SIZES 12

struct governor_like {
    double latency_us; /* moving average */
    double floor_us;   /* the least that it has been; grows with time */
    unsigned int n;
};

enum governor_phase {
    GOVERNOR_SEARCHING,
    GOVERNOR_STEADY,
    GOVERNOR_TRYING_MORE,
    GOVERNOR_TRYING_FEWER,
};

struct governor_window {
    unsigned int ceiling;
    unsigned int limit;
    unsigned int open; /* of these places */
    enum governor_phase phase;
    unsigned int from; /* limit before it was doubled, or the trial */
    double rate_from;  /* volume a second with it; 0: not known */
    /* the epoch under way */
    int64_t epoch_began_us;
    unsigned int skip; /* answers that belong to the one before */
    unsigned int done;
    unsigned int crowded; /* of these, while somebody waited for a place */
    uint64_t volume;      /* bytes, and a price for each request */
    double slowness;      /* sum over requests: how slow against the floor */
    /* between trials */
    unsigned int hold; /* epochs to stay as it is */
    unsigned int hold_next;
    unsigned int proven; /* fewer than these are known to bring less */
    /* refusals */
    unsigned int refused_at; /* so many were too many; 0: not known */
    unsigned int patience;   /* how often it was refused of late */
    bool counted;            /* as in governor_refusal */
    unsigned int answers;    /* since */
    int64_t refused_us;
    unsigned int survived;     /* answers since the first refusal of a volley */
    unsigned int least_beside; /* of that volley */
    struct governor_like likes[GOVERNOR_SIZES];
};

/* start: the limit to begin with; 0: four. */
void governor_window_init(struct governor_window *w, unsigned int ceiling,
                          unsigned int start, int64_t now_us);

/* How many may be in flight now. */
unsigned int governor_window_places(const struct governor_window *w);

/* A request has ended well. */
struct governor_answer {
    uint64_t bytes, items;
    int64_t latency_us; /* the server thought about it for; 0: not known */
    bool crowded;       /* somebody waits for a place */
    bool old;           /* it was let in before the last back-off was over */
};
void governor_window_ok(struct governor_window *w,
                        const struct governor_answer *answer, int64_t now_us);

/* The server asked for fewer at a time. */
struct governor_refusal {
    unsigned int beside;    /* in flight when the request was let in */
    unsigned int in_flight; /* now: those that it has still to answer */
    unsigned int since;     /* let in since the first of the volley was heard */
    bool news;              /* the first of those refused together */
    bool counted;           /* it takes as many as it took, whatever they ask */
};
void governor_window_refused(struct governor_window *w,
                             const struct governor_refusal *refusal,
                             int64_t now_us);

/* It asked for a pause: the number is not at fault.  open: places after it. */
void governor_window_paused(struct governor_window *w, unsigned int open,
                            int64_t now_us);

#endif
