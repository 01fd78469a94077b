/*
 * turns - whose turn it is among mailboxes that wait for room which they share:
 * the decision alone, without clock or lock.
 *
 * Whoever waits stands in a line.  Of those who may be let in, it is the turn
 * of the mailbox that has had the least time inside of late; of a mailbox's
 * own, of the one that came first.  Time is counted and not requests: a large
 * mailbox asks for much at once, a small one for little and often, and would be
 * through no sooner than the large one if it had to wait for as many of its
 * requests. What somebody had fades (half of it in ten seconds), so nobody has
 * to make good for longer than some of these what they had while the others
 * were away. Who is new goes behind those who wait already.  So there is always
 * room for whoever is alone, and nobody waits for ever.
 */
#ifndef NET_TURNS_H
#define NET_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

struct turns {
    GQueue line;           /* of struct turn, in the order of their coming */
    GHashTable *mailboxes; /* name -> struct turns_mailbox; kept for good */
};

struct turns_mailbox {
    double had_us; /* time inside, faded, as of at_us */
    int64_t at_us;
    double usual_us;      /* of one turn, moving average */
    unsigned int present; /* that wait or are inside */
};

/* One who waits, and then is inside.  Caller's storage. */
struct turn {
    GList link; /* while it waits */
    struct turns_mailbox *mailbox;
    double charged_us; /* when it was let in, for what it would take */
};

void turns_init(struct turns *t);
/* Nobody may be in the line. */
void turns_release(struct turns *t);

void turns_join(struct turns *t, struct turn *one, const char *mailbox,
                int64_t now_us);
/* It waits no longer, and had no turn. */
void turns_leave(struct turns *t, struct turn *one);
/* It is let in, and waits no longer.  It counts as having had what is usual. */
void turns_take(struct turns *t, struct turn *one, int64_t now_us);
/* It was inside for that long. */
void turns_end(const struct turn *one, int64_t took_us, int64_t now_us);

/*
 * Whose turn it is, of those that may says there is room for; NULL: nobody's.
 * It stays in the line.
 */
struct turn *turns_next(const struct turns *t,
                        bool (*may)(const struct turn *one, void *data),
                        void *data, int64_t now_us);

#endif
