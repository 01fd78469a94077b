#include "net/turns.h"

#include <math.h>

#include "base/timestamp.h"

#define HALF_LIFE_US (10 * TIMESTAMP_SECOND)
/* Next to nothing is left of what somebody had. */
#define FORGOTTEN_US (6 * HALF_LIFE_US)
/* What a turn takes of whom nothing is known. */
#define USUAL_US (TIMESTAMP_SECOND / 10)
/* Weight of the last turn in what is usual. */
#define LAST 0.25

void turns_init(struct turns *t)
{
    g_queue_init(&t->line);
    t->mailboxes =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void turns_release(struct turns *t)
{
    g_assert(g_queue_is_empty(&t->line));
    g_clear_pointer(&t->mailboxes, g_hash_table_unref);
}

static double had(const struct turns_mailbox *m, int64_t now_us)
{
    return m->had_us * exp2(-(double)(now_us - m->at_us) / HALF_LIFE_US);
}

static void charge(struct turns_mailbox *m, double us, int64_t now_us)
{
    m->had_us = MAX(had(m, now_us) + us, 0);
    m->at_us = now_us;
}

static struct turns_mailbox *mailbox_of(struct turns *t, const char *name)
{
    struct turns_mailbox *m = g_hash_table_lookup(t->mailboxes, name);

    if (m == NULL) {
        m = g_new0(struct turns_mailbox, 1);
        m->usual_us = USUAL_US;
        m->at_us = INT64_MIN / 2; /* long ago */
        g_hash_table_insert(t->mailboxes, g_strdup(name), m);
    }
    return m;
}

/* The most that one of those who wait had. */
static double most_of_all(const struct turns *t, int64_t now_us)
{
    double most = 0;

    for (const GList *l = t->line.head; l != NULL; l = l->next) {
        const struct turn *one = l->data;

        most = MAX(most, had(one->mailbox, now_us));
    }
    return most;
}

void turns_join(struct turns *t, struct turn *one, const char *mailbox,
                int64_t now_us)
{
    struct turns_mailbox *m = mailbox_of(t, mailbox);

    /*
     * Ever more new ones, each with a little to do, would otherwise leave
     * nothing to those who have been here for long.
     */
    if (m->present++ == 0 && now_us - m->at_us > FORGOTTEN_US) {
        m->had_us = most_of_all(t, now_us);
        m->at_us = now_us;
    }
    *one = (struct turn){ .mailbox = m };
    one->link.data = one;
    g_queue_push_tail_link(&t->line, &one->link);
}

void turns_leave(struct turns *t, struct turn *one)
{
    g_queue_unlink(&t->line, &one->link);
    one->mailbox->present--;
}

void turns_take(struct turns *t, struct turn *one, int64_t now_us)
{
    g_queue_unlink(&t->line, &one->link);
    one->charged_us = one->mailbox->usual_us;
    charge(one->mailbox, one->charged_us, now_us);
}

void turns_end(const struct turn *one, int64_t took_us, int64_t now_us)
{
    struct turns_mailbox *m = one->mailbox;

    m->present--;
    charge(m, (double)took_us - one->charged_us, now_us);
    m->usual_us += LAST * ((double)took_us - m->usual_us);
}

struct turn *turns_next(const struct turns *t,
                        bool (*may)(const struct turn *one, void *data),
                        void *data, int64_t now_us)
{
    struct turn *next = NULL;
    double least = 0;

    for (const GList *l = t->line.head; l != NULL; l = l->next) {
        struct turn *one = l->data;
        double us = had(one->mailbox, now_us);

        /* Of one mailbox the first stays. */
        if ((next == NULL || us < least) && may(one, data)) {
            next = one;
            least = us;
        }
    }
    return next;
}
