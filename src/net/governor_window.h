/*
 * governor_window - how many requests of one budget may be in flight: the
 * decision alone, without clock or lock.
 *
 * It climbs by one while that brings more throughput and somebody waits for a
 * place, remembers the size at which it stopped growing and stays there,
 * tries one more from time to time, and halves when the server is busy.
 *
 * Invariant: 1 <= limit <= ceiling.
 */
#ifndef NET_GOVERNOR_WINDOW_H
#define NET_GOVERNOR_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct governor_window {
    unsigned int ceiling;
    unsigned int limit;
    /* the epoch under way */
    int64_t epoch_began_us;
    unsigned int done;
    uint64_t volume; /* bytes, and a price for each request */
    bool wanted;     /* somebody had to wait for a place */
    /* what was learnt */
    double rate_below; /* volume a second with limit - 1; 0: not known */
    unsigned int hold; /* epochs to stay as it is */
};

void governor_window_init(struct governor_window *w, unsigned int ceiling,
                          int64_t now_us);

/* Somebody waits for a place: more would be used. */
void governor_window_wanted(struct governor_window *w);

/* A request has ended well, having moved so many bytes. */
void governor_window_ok(struct governor_window *w, uint64_t bytes,
                        int64_t now_us);

/* The server asked for fewer. */
void governor_window_busy(struct governor_window *w, int64_t now_us);

#endif
