#include "net/governor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "net/governor_priv.h"

#define CEILING_DEFAULT  64
#define HOST_CAP_DEFAULT 64
#define BACKOFF_FLOOR_MS 500
#define BACKOFF_MAX_MS   (5u * 60 * 1000)
/* A waiter without a descriptor of its own looks so often. */
#define BLIND_LOOK_US (TIMESTAMP_SECOND / 20)

/* One who waits. */
struct waiter {
    struct turn turn; /* in the host's line, until it is admitted */
    struct budget *budget;
    struct governor_tally *tally;
    int bell;         /* eventfd, rung when there is something new; -1: none */
    int64_t wakes_us; /* monotonic; INT64_MAX: when the bell rings */
    bool paced;       /* kept back by the pace alone */
    bool admitted;
    unsigned int beside; /* in flight then */
    int64_t entered_us;
};

static void host_free(void *data)
{
    struct host *h = data;

    turns_release(&h->turns);
    g_free(h);
}

struct governor *governor_new(const struct governor_config *config)
{
    struct governor *g = g_new0(struct governor, 1);

    g->config = (struct governor_config){
        .ceiling = config->ceiling ? config->ceiling : CEILING_DEFAULT,
        .start = config->start,
        .host_cap = config->host_cap ? config->host_cap : HOST_CAP_DEFAULT,
        .backoff_floor_ms = config->backoff_floor_ms ? config->backoff_floor_ms
                                                     : BACKOFF_FLOOR_MS,
        .backoff_max_ms =
            config->backoff_max_ms ? config->backoff_max_ms : BACKOFF_MAX_MS,
    };
    g->hosts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, host_free);
    g->budgets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&g->lock, NULL);
    return g;
}

void governor_free(struct governor *g)
{
    if (g == NULL)
        return;
    g_hash_table_unref(g->budgets);
    g_hash_table_unref(g->hosts);
    pthread_mutex_destroy(&g->lock);
    g_free(g);
}

static struct host *host_of(struct governor *g, const char *name)
{
    struct host *h = g_hash_table_lookup(g->hosts, name);

    if (h == NULL) {
        h = g_new0(struct host, 1);
        turns_init(&h->turns);
        g_hash_table_insert(g->hosts, g_strdup(name), h);
    }
    return h;
}

void governor_set_quiet(struct governor *g, const char *host,
                        const struct hours *quiet)
{
    pthread_mutex_lock(&g->lock);
    governor_quiet_set(&host_of(g, host)->quiet, quiet);
    pthread_mutex_unlock(&g->lock);
}

void governor_set_start(struct governor *g, const char *host,
                        unsigned int start)
{
    pthread_mutex_lock(&g->lock);
    host_of(g, host)->start = start;
    pthread_mutex_unlock(&g->lock);
}

static void begin(const struct governor *g, struct budget *b, int64_t now_us)
{
    struct governor_config config = g->config;

    if (b->host->start != 0)
        config.start = b->host->start;
    governor_budget_init(&b->bounds, &config, now_us);
}

static struct budget *budget_of(struct governor *g, const char *host,
                                const char *name, int64_t now_us)
{
    g_autofree char *key = g_strconcat(host, "\n", name, NULL);
    struct budget *b = g_hash_table_lookup(g->budgets, key);

    if (b == NULL) {
        b = g_new0(struct budget, 1);
        b->host = host_of(g, host);
        begin(g, b, now_us);
        g_hash_table_insert(g->budgets, g_steal_pointer(&key), b);
    }
    return b;
}

/* ---- giving places --------------------------------------------------- */

static void ring(const struct waiter *w)
{
    const uint64_t one = 1;

    /* Fails only where the bell is full of rings, which will be heard. */
    if (w->bell >= 0 && write(w->bell, &one, sizeof(one)) < 0)
        return;
}

/* As governor_budget_opens_us(), with the host's cap and its quiet hours. */
static int64_t opens_us(const struct governor *g, const struct budget *b,
                        int64_t now_us)
{
    int64_t us;

    governor_look_at_the_clock(b->host, now_us);
    us = governor_quiet_opens_us(&b->host->quiet, now_us);
    if (us > now_us)
        return us;
    us = governor_budget_opens_us(&b->bounds, now_us);
    if (us <= now_us && b->host->in_flight >= g->config.host_cap)
        return INT64_MAX;
    return us;
}

static void give_place(struct waiter *w, int64_t now_us)
{
    struct host *h = w->budget->host;

    governor_wait_ends(w->tally, now_us);
    turns_take(&h->turns, &w->turn, now_us);
    w->admitted = true;
    w->entered_us = now_us;
    w->beside = governor_budget_enter(&w->budget->bounds, w->paced, now_us);
    h->in_flight++;
    h->stats.in_flight_max = MAX(h->stats.in_flight_max, h->in_flight);
    ring(w);
}

struct moment {
    const struct governor *governor;
    int64_t now_us;
};

static bool may_enter(const struct turn *one, void *data)
{
    const struct waiter *w = (const struct waiter *)one;
    const struct moment *m = data;

    return opens_us(m->governor, w->budget, m->now_us) <= m->now_us;
}

/*
 * Free places go to those who wait, in turns; one whose budget is full does not
 * hold up the others.  Who sleeps past the time that its budget opens must set
 * its clock.
 */
static void admit(const struct governor *g, struct host *h, int64_t now_us)
{
    struct moment m = { g, now_us };

    for (;;) {
        struct turn *one = turns_next(&h->turns, may_enter, &m, now_us);

        if (one == NULL)
            break;
        give_place((struct waiter *)one, now_us);
    }
    for (const GList *l = h->turns.line.head; l != NULL; l = l->next) {
        const struct waiter *w = l->data;

        if (w->wakes_us > opens_us(g, w->budget, now_us))
            ring(w);
    }
}

/* ---- waiting --------------------------------------------------------- */

/* For poll(): until the waiter's time; -1: without end. */
static int sleep_ms(const struct waiter *w, int64_t now_us)
{
    int64_t us = w->wakes_us != INT64_MAX ? w->wakes_us - now_us : INT64_MAX;

    if (w->bell < 0)
        us = MIN(us, BLIND_LOOK_US);
    return us == INT64_MAX ? -1 : (int)MIN(us / 1000 + 1, INT32_MAX);
}

/* When to look again; and whether it is the pace alone that keeps it back. */
static void set_clock(const struct governor *g, struct waiter *w,
                      int64_t now_us)
{
    w->wakes_us = opens_us(g, w->budget, now_us);
    w->paced = w->wakes_us != INT64_MAX && !w->budget->host->quiet.holds &&
               !governor_backoff_is_parked(&w->budget->bounds.backoff, now_us);
}

/* Without the lock: until the bell, the end of the park or a cancel. */
static void sleep_unlocked(struct governor *g, const struct waiter *w,
                           int cancel_bell, int timeout_ms)
{
    struct pollfd fds[] = { { .fd = w->bell, .events = POLLIN },
                            { .fd = cancel_bell, .events = POLLIN } };
    uint64_t rings;

    pthread_mutex_unlock(&g->lock);
    (void)poll(fds, G_N_ELEMENTS(fds), timeout_ms); /* EINTR: look again */
    if (fds[0].revents != 0 && read(w->bell, &rings, sizeof(rings)) < 0)
        g_assert(errno == EAGAIN);
    pthread_mutex_lock(&g->lock);
}

/* With the lock; whether a place was given. */
static bool wait_for_place(struct governor *g, struct waiter *w,
                           struct cancel *c, enum cancel_level until)
{
    for (;;) {
        int64_t now_us = timestamp_monotonic();

        if (!w->admitted)
            admit(g, w->budget->host, now_us);
        if (w->admitted)
            return true;
        if (cancel_level(c) >= until)
            return false;
        if (w->bell < 0)
            w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        set_clock(g, w, now_us);
        sleep_unlocked(g, w, cancel_fd(c, until), sleep_ms(w, now_us));
    }
}

/* With the lock; whether a place was given. */
static bool stand_in_line(struct governor *g, struct waiter *w,
                          const struct governor_request *request,
                          int64_t now_us)
{
    struct budget *b = w->budget;
    bool given;

    b->host->stats.waiting++;
    b->waiting++;
    governor_wait_begins(w->tally, b, now_us);
    turns_join(&b->host->turns, &w->turn, request->mailbox, now_us);
    given = wait_for_place(g, w, request->cancel, request->until);
    if (!given) {
        governor_wait_ends(w->tally, timestamp_monotonic());
        turns_leave(&b->host->turns, &w->turn);
    }
    b->host->stats.waiting--;
    b->waiting--;
    return given;
}

int governor_enter(struct governor *g, const struct governor_request *request,
                   struct governor_ticket *ret, struct err *err)
{
    struct governor_ticket ticket = { .governor = g };
    struct waiter w = { .bell = -1 };
    int64_t came_us;
    bool given;

    pthread_mutex_lock(&g->lock);
    came_us = timestamp_monotonic();
    w.budget = budget_of(g, request->host, request->budget, came_us);
    w.tally = request->tally != NULL ? request->tally : &w.budget->others;
    given = stand_in_line(g, &w, request, came_us);
    pthread_mutex_unlock(&g->lock);
    if (w.bell >= 0)
        close(w.bell);
    if (!given) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, ECANCELED,
                "stopped while waiting for a turn");
        err->name = "cancelled";
        return -1;
    }
    ticket.budget = w.budget;
    ticket.tally = w.tally;
    ticket.waited_us = timestamp_monotonic() - came_us;
    ticket.turn = w.turn;
    ticket.beside = w.beside;
    ticket.entered_us = w.entered_us;
    *ret = ticket;
    return 0;
}

/* ---- learning from how it went --------------------------------------- */

static void learn(const struct governor_ticket *ticket,
                  const struct governor_report *report, int64_t now_us)
{
    struct budget *b = ticket->budget;
    struct governor_stats *stats = &b->host->stats;
    const struct governor_end end = {
        .report = report,
        .entered_us = ticket->entered_us,
        .beside = ticket->beside,
        .crowded =
            b->waiting > 0 &&
            b->bounds.in_flight >= governor_window_places(&b->bounds.window),
        .chance = g_random_double(),
    };

    governor_wait_count(ticket->tally, b, now_us);
    governor_budget_leave(&b->bounds, &end, now_us);
    if (report->outcome != GOVERNOR_BUSY)
        return;
    stats->busy++;
    governor_wait_refused(ticket->tally, b, now_us);
    stats->parked_until_us =
        MAX(stats->parked_until_us, b->bounds.backoff.until_us);
}

void governor_leave(struct governor_ticket *ticket,
                    const struct governor_report *report)
{
    struct governor *g = ticket->governor;
    struct budget *b = ticket->budget;
    int64_t now_us;

    pthread_mutex_lock(&g->lock);
    /*
     * Not before the lock: at an instant that lies before what waiters have
     * seen meanwhile, a park that is over would still hold the place back,
     * and nobody would look again.
     */
    now_us = timestamp_monotonic();
    g_assert(b->bounds.in_flight > 0 && b->host->in_flight > 0);
    b->host->in_flight--;
    b->host->stats.requests++;
    b->host->stats.working_us += now_us - ticket->entered_us;
    turns_end(&ticket->turn, now_us - ticket->entered_us, now_us);
    learn(ticket, report, now_us);
    admit(g, b->host, now_us);
    pthread_mutex_unlock(&g->lock);
    ticket->governor = NULL;
}
