/*
 * gates - hosts as migrations name them, and the servers that the governor
 * knows behind each: quiet hours go one way, what was learnt the other.
 *
 * Any thread.
 */
#ifndef CMD_GATES_H
#define CMD_GATES_H

#include "net/governor.h"
#include "store/migrations.h"

struct gates;
typedef struct gates gates;

/* Borrowed; the governor is freed before the gates, whose hours it may have. */
struct gates *gates_new(struct governor *g);
void gates_free(struct gates *all);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(gates, gates_free)

/* What is said of hosts now: array of struct jobs_host *. */
void gates_heed(struct gates *all, const GPtrArray *hosts);

/* That server is behind that host, whose quiet hours are its, too. */
void gates_stand_behind(struct gates *all, const char *host,
                        const char *server);

/*
 * Adds a struct migration_load * for each host that was asked anything; their
 * parked_until_us is of the monotonic clock.
 */
void gates_loads(struct gates *all, GPtrArray *to);

#endif
