/*
 * governor_window - how many requests of one budget may be in flight: the
 * decision alone, without clock or lock.
 *
 * It climbs by one while that brings more throughput and somebody waits for a
 * place, remembers the size at which it stopped growing and stays there,
 * tries one more from time to time, and halves when the server is busy.  A
 * server over its budget may also slow down without a word: answers that take
 * over twice as long as they used to are a reason to go back, too.
 *
 * Invariant: 1 <= limit <= ceiling.
 */
#ifndef NET_GOVERNOR_WINDOW_H
#define NET_GOVERNOR_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Requests are compared with others of about their size, by powers of four. */
#define GOVERNOR_SIZES 12

struct governor_pace {
    double latency_us; /* moving average */
    double floor_us;   /* the least that it has been; grows with time */
    unsigned int n;
};

struct governor_window {
    unsigned int ceiling;
    unsigned int limit;
    /* the epoch under way */
    int64_t epoch_began_us;
    unsigned int done;
    uint64_t volume; /* bytes, and a price for each request */
    bool wanted;     /* somebody had to wait for a place */
    double slowness; /* sum over requests: how slow against the floor */
    /* what was learnt */
    double rate_below; /* volume a second with limit - 1; 0: not known */
    unsigned int hold; /* epochs to stay as it is */
    struct governor_pace paces[GOVERNOR_SIZES];
};

void governor_window_init(struct governor_window *w, unsigned int ceiling,
                          int64_t now_us);

/* Somebody waits for a place: more would be used. */
void governor_window_wanted(struct governor_window *w);

/*
 * A request has ended well, having moved so many bytes.  latency_us: how long
 * the server thought about it; 0: not known.
 */
void governor_window_ok(struct governor_window *w, uint64_t bytes,
                        int64_t latency_us, int64_t now_us);

/* The server asked for fewer. */
void governor_window_busy(struct governor_window *w, int64_t now_us);

#endif
