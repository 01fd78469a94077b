#include "fleet/schedule.h"

#include <math.h>
#include <string.h>

#include "base/timestamp.h"
#include "fleet/timeline.h"

/* When hours begin or end to hold, from now on. */
struct calendar {
    GArray *changes_s; /* double; NULL: they never hold */
    bool held;         /* before the first */
    size_t at;         /* how many changes have passed */
};

/* Mailboxes that are alike to who claims. */
struct group {
    size_t migration, host;
    int priority;
    GArray *queue; /* size_t: of mailboxes, in the order of their turns */
    size_t next;
};

/*
 * Mailboxes that go between the same two hosts hold one another up, all of
 * them alike: how much each of them gets done is one clock that runs the
 * slower the more they are, and on it the end of each stands when it begins.
 */
struct running {
    double end_s; /* on that clock */
    size_t mailbox;
};
struct lane {
    const struct cost_fit *fit;
    struct timeline *times;
    struct running *heap; /* room for all that go there */
    size_t n_all, n_running;
    size_t at;              /* in the timeline */
    double clock_s, work_s; /* by the timeline, then */
    double next_end_s;      /* of now; negative: to be reckoned */
};

/* Passes of one migration that begin when those of the round before are over.
 */
struct round {
    size_t n, left; /* passes; that have not ended, while it is played */
    double delay_s; /* since the round before was over */
};

struct schedule {
    const struct forecast_input *in;
    GArray *groups;           /* struct group */
    struct lane *lanes;       /* of each pair */
    struct calendar *quiet;   /* of each host */
    struct calendar *windows; /* of each migration */
    struct round *rounds;     /* of each migration: n_rounds */
    unsigned int n_rounds;    /* of the one with the most */
    /* while it is played: */
    unsigned int *at_round; /* of each migration */
    double *round_s;        /* of each migration: when that may begin */
    unsigned int *migration_running, *host_running;
    uint64_t *last_turn, turn;
    struct running *heaps; /* of all lanes */
    size_t n_running, n_waiting;
    double now_s;
    const double *work_s;
    float *end_s;
};

/* ---- hours -------------------------------------------------------------- */

static struct calendar calendar_of(const struct hours *h, int64_t now_us)
{
    int64_t end = now_us + TIMELINE_DAYS * 86400 * TIMESTAMP_SECOND;
    struct calendar c = { 0 };

    if (h == NULL)
        return c;
    c.held = hours_hold(h, now_us);
    c.changes_s = g_array_new(FALSE, FALSE, sizeof(double));
    for (int64_t at = hours_change(h, now_us); at < end;
         at = hours_change(h, at)) {
        double s = (double)(at - now_us) / (double)TIMESTAMP_SECOND;

        g_array_append_val(c.changes_s, s);
    }
    return c;
}

static void calendar_clear(struct calendar *c)
{
    if (c->changes_s != NULL)
        g_array_unref(c->changes_s);
}

static void calendar_move(struct calendar *c, double now_s)
{
    while (c->at < c->changes_s->len &&
           g_array_index(c->changes_s, double, c->at) <= now_s)
        c->at++;
}

/* Beyond the horizon nothing is in the way. */
static bool calendar_is(struct calendar *c, bool held, double now_s)
{
    if (c->changes_s == NULL)
        return true;
    calendar_move(c, now_s);
    return c->at == c->changes_s->len || held == (c->held != (c->at % 2 == 1));
}

/* After now; INFINITY: nothing changes any more. */
static double calendar_next(struct calendar *c, double now_s)
{
    if (c->changes_s == NULL)
        return INFINITY;
    calendar_move(c, now_s);
    return c->at < c->changes_s->len
               ? g_array_index(c->changes_s, double, c->at)
               : INFINITY;
}

/* ---- the queue ---------------------------------------------------------- */

static struct group *group_for(struct schedule *s,
                               const struct forecast_mailbox *m)
{
    size_t host = s->in->pairs[m->pair].host;
    struct group new = { m->migration, host, m->priority, NULL, 0 };
    struct group *last;

    /* mailboxes of one migration stand together in the queue */
    for (guint i = s->groups->len; i > 0; i--) {
        struct group *g = &g_array_index(s->groups, struct group, i - 1);

        if (g->migration == new.migration && g->host == new.host &&
            g->priority == new.priority)
            return g;
    }
    g_array_append_val(s->groups, new);
    last = &g_array_index(s->groups, struct group, s->groups->len - 1);
    last->queue = g_array_new(FALSE, FALSE, sizeof(size_t));
    return last;
}

static gint by_turn(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct schedule *s = data;
    const struct forecast_mailbox *all = s->in->mailboxes;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int64_t when_x = all[x].not_before_us, when_y = all[y].not_before_us;

    if (all[x].round != all[y].round)
        return all[x].round < all[y].round ? -1 : 1;
    if (when_x != when_y)
        return when_x < when_y ? -1 : 1;
    return (x > y) - (x < y);
}

/* What may be claimed already stands in the order of the queue. */
static void fill_groups(struct schedule *s)
{
    const struct forecast_input *in = s->in;

    for (size_t i = 0; i < in->n_mailboxes; i++)
        if (!in->mailboxes[i].running)
            g_array_append_val(group_for(s, &in->mailboxes[i])->queue, i);
    for (guint i = 0; i < s->groups->len; i++)
        g_array_sort_with_data(g_array_index(s->groups, struct group, i).queue,
                               by_turn, s); /* only read */
}

static void group_clear(void *p)
{
    struct group *g = p;

    g_array_unref(g->queue);
}

static void add_lanes(struct schedule *s)
{
    const struct forecast_input *in = s->in;
    size_t at = 0;

    s->lanes = g_new0(struct lane, in->n_pairs + 1);
    s->heaps = g_new(struct running, in->n_mailboxes + 1);
    for (size_t i = 0; i < in->n_mailboxes; i++)
        s->lanes[in->mailboxes[i].pair].n_all++;
    for (size_t i = 0; i < in->n_pairs; i++) {
        struct lane *l = &s->lanes[i];

        l->fit = in->pairs[i].fit;
        l->times = timeline_new(in->now_us, l->fit->share,
                                in->hosts[in->pairs[i].host].quiet);
        l->heap = s->heaps + at;
        at += l->n_all;
    }
}

static struct round *round_of(const struct schedule *s,
                              const struct forecast_mailbox *m)
{
    return &s->rounds[m->migration * s->n_rounds + m->round];
}

static void add_rounds(struct schedule *s)
{
    const struct forecast_input *in = s->in;

    s->n_rounds = 1;
    for (size_t i = 0; i < in->n_mailboxes; i++)
        s->n_rounds = MAX(s->n_rounds, in->mailboxes[i].round + 1);
    s->rounds = g_new0(struct round, in->n_migrations * s->n_rounds + 1);
    for (size_t i = 0; i < in->n_mailboxes; i++) {
        const struct forecast_mailbox *m = &in->mailboxes[i];
        struct round *round = round_of(s, m);

        round->n++;
        round->delay_s = (double)m->delay_us / (double)TIMESTAMP_SECOND;
    }
    s->at_round = g_new(unsigned int, in->n_migrations + 1);
    s->round_s = g_new(double, in->n_migrations + 1);
}

struct schedule *schedule_new(const struct forecast_input *in)
{
    struct schedule *s = g_new0(struct schedule, 1);

    s->in = in;
    s->groups = g_array_new(FALSE, FALSE, sizeof(struct group));
    g_array_set_clear_func(s->groups, group_clear);
    fill_groups(s);
    add_lanes(s);
    add_rounds(s);
    s->quiet = g_new0(struct calendar, in->n_hosts + 1);
    for (size_t i = 0; i < in->n_hosts; i++)
        s->quiet[i] = calendar_of(in->hosts[i].quiet, in->now_us);
    s->windows = g_new0(struct calendar, in->n_migrations + 1);
    for (size_t i = 0; i < in->n_migrations; i++)
        s->windows[i] = calendar_of(in->migrations[i].only, in->now_us);
    s->migration_running = g_new(unsigned int, in->n_migrations + 1);
    s->host_running = g_new(unsigned int, in->n_hosts + 1);
    s->last_turn = g_new(uint64_t, in->n_migrations + 1);
    return s;
}

void schedule_free(struct schedule *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->in->n_pairs; i++)
        timeline_free(s->lanes[i].times);
    for (size_t i = 0; i < s->in->n_hosts; i++)
        calendar_clear(&s->quiet[i]);
    for (size_t i = 0; i < s->in->n_migrations; i++)
        calendar_clear(&s->windows[i]);
    g_array_unref(s->groups);
    g_free(s->lanes);
    g_free(s->heaps);
    g_free(s->rounds);
    g_free(s->at_round);
    g_free(s->round_s);
    g_free(s->quiet);
    g_free(s->windows);
    g_free(s->migration_running);
    g_free(s->host_running);
    g_free(s->last_turn);
    g_free(s);
}

/* ---- rounds ------------------------------------------------------------- */

/* On to the first one of which something is left. */
static void enter_round(struct schedule *s, size_t migration)
{
    const struct round *all = s->rounds + migration * s->n_rounds;
    unsigned int *at = &s->at_round[migration];

    while (*at + 1 < s->n_rounds && all[*at].left == 0) {
        (*at)++;
        s->round_s[migration] = s->now_s + all[*at].delay_s;
    }
}

static void leave_round(struct schedule *s, const struct forecast_mailbox *m)
{
    if (--round_of(s, m)->left == 0)
        enter_round(s, m->migration);
}

/* ---- who is running ----------------------------------------------------- */

static void heap_add(struct lane *l, struct running r)
{
    size_t i = l->n_running++;

    while (i > 0 && l->heap[(i - 1) / 2].end_s > r.end_s) {
        l->heap[i] = l->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    l->heap[i] = r;
}

static struct running heap_take(struct lane *l)
{
    struct running first = l->heap[0], last = l->heap[--l->n_running];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < l->n_running) {
        if (child + 1 < l->n_running &&
            l->heap[child + 1].end_s < l->heap[child].end_s)
            child++;
        if (l->heap[child].end_s >= last.end_s)
            break;
        l->heap[i] = l->heap[child];
        i = child;
    }
    l->heap[i] = last;
    return first;
}

/* Up to now; before somebody comes or goes. */
static void lane_move(struct lane *l, double now_s)
{
    double work_s = timeline_work(l->times, now_s, &l->at);

    if (l->n_running > 0)
        l->clock_s += (work_s - l->work_s) / cost_crowded(l->fit, l->n_running);
    l->work_s = work_s;
    l->next_end_s = -1;
}

static double lane_end(struct lane *l, double now_s)
{
    if (l->n_running == 0)
        return INFINITY;
    if (l->next_end_s < 0) {
        double left_s = MAX(l->heap[0].end_s - l->clock_s, 0);

        l->next_end_s =
            timeline_end(l->times, now_s,
                         left_s * cost_crowded(l->fit, l->n_running), &l->at);
    }
    return l->next_end_s;
}

static void begin(struct schedule *s, size_t mailbox)
{
    const struct forecast_mailbox *m = &s->in->mailboxes[mailbox];
    struct lane *l = &s->lanes[m->pair];

    lane_move(l, s->now_s);
    heap_add(l, (struct running){ l->clock_s + s->work_s[mailbox], mailbox });
    s->migration_running[m->migration]++;
    s->host_running[s->in->pairs[m->pair].host]++;
    s->n_running++;
}

/* Where somebody ends first, if anybody runs. */
static struct lane *first_lane(struct schedule *s, double *ret_end_s)
{
    struct lane *first = NULL;

    *ret_end_s = INFINITY;
    for (size_t i = 0; i < s->in->n_pairs; i++) {
        double end_s = lane_end(&s->lanes[i], s->now_s);

        if (s->lanes[i].n_running > 0 &&
            (first == NULL || end_s < *ret_end_s)) {
            first = &s->lanes[i];
            *ret_end_s = end_s;
        }
    }
    return first;
}

static void end_first(struct schedule *s, struct lane *l, double end_s)
{
    const struct forecast_mailbox *m;
    struct running r;

    s->now_s = MAX(s->now_s, end_s);
    lane_move(l, s->now_s);
    r = heap_take(l);
    l->clock_s = MAX(l->clock_s, r.end_s); /* but for rounding, it is that */
    m = &s->in->mailboxes[r.mailbox];
    s->end_s[r.mailbox] = (float)s->now_s;
    s->migration_running[m->migration]--;
    s->host_running[s->in->pairs[m->pair].host]--;
    s->n_running--;
    leave_round(s, m);
}

/* ---- claiming ----------------------------------------------------------- */

static const struct forecast_mailbox *head_of(const struct schedule *s,
                                              const struct group *g)
{
    return &s->in->mailboxes[g_array_index(g->queue, size_t, g->next)];
}

static double head_s(const struct schedule *s, const struct group *g)
{
    int64_t when = head_of(s, g)->not_before_us;
    double s_of_it = when <= s->in->now_us ? 0
                                           : (double)(when - s->in->now_us) /
                                                 (double)TIMESTAMP_SECOND;

    return MAX(s_of_it, s->round_s[g->migration]);
}

/* Somebody of it waits, and for no other round. */
static bool has_head(const struct schedule *s, const struct group *g)
{
    return g->next < g->queue->len &&
           head_of(s, g)->round == s->at_round[g->migration];
}

static bool has_room(const struct schedule *s, const struct group *g)
{
    unsigned int most = s->in->migrations[g->migration].most;
    unsigned int host_most = s->in->hosts[g->host].most;

    return (most == 0 || s->migration_running[g->migration] < most) &&
           (host_most == 0 || s->host_running[g->host] < host_most);
}

static bool may(struct schedule *s, const struct group *g)
{
    return has_head(s, g) && has_room(s, g) && head_s(s, g) <= s->now_s &&
           calendar_is(&s->windows[g->migration], true, s->now_s) &&
           calendar_is(&s->quiet[g->host], false, s->now_s);
}

static bool comes_before(const struct schedule *s, const struct group *a,
                         const struct group *b)
{
    unsigned int of_a = s->migration_running[a->migration];
    unsigned int of_b = s->migration_running[b->migration];

    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (of_a != of_b)
        return of_a < of_b;
    if (s->last_turn[a->migration] != s->last_turn[b->migration])
        return s->last_turn[a->migration] < s->last_turn[b->migration];
    return g_array_index(a->queue, size_t, a->next) <
           g_array_index(b->queue, size_t, b->next);
}

static bool claim(struct schedule *s)
{
    struct group *best = NULL;

    for (guint i = 0; i < s->groups->len; i++) {
        struct group *g = &g_array_index(s->groups, struct group, i);

        if (may(s, g) && (best == NULL || comes_before(s, g, best)))
            best = g;
    }
    if (best == NULL)
        return false;
    s->last_turn[best->migration] = ++s->turn;
    begin(s, g_array_index(best->queue, size_t, best->next++));
    s->n_waiting--;
    return true;
}

/* Nothing may be claimed now: when something may, if nobody ends before. */
static double next_chance(const struct schedule *s)
{
    double next = INFINITY;

    for (guint i = 0; i < s->groups->len; i++) {
        const struct group *g = &g_array_index(s->groups, struct group, i);

        if (!has_head(s, g) || !has_room(s, g))
            continue;
        if (head_s(s, g) > s->now_s)
            next = MIN(next, head_s(s, g));
        next = MIN(next, calendar_next(&s->windows[g->migration], s->now_s));
        next = MIN(next, calendar_next(&s->quiet[g->host], s->now_s));
    }
    return next;
}

/* ---- playing ------------------------------------------------------------ */

static void rewind_to_now(struct schedule *s)
{
    const struct forecast_input *in = s->in;

    memset(s->migration_running, 0,
           in->n_migrations * sizeof(s->migration_running[0]));
    memset(s->host_running, 0, in->n_hosts * sizeof(s->host_running[0]));
    memset(s->last_turn, 0, in->n_migrations * sizeof(s->last_turn[0]));
    for (size_t i = 0; i < in->n_pairs; i++) {
        struct lane *l = &s->lanes[i];

        l->n_running = l->at = 0;
        l->clock_s = l->work_s = 0;
    }
    for (size_t i = 0; i < in->n_hosts; i++)
        s->quiet[i].at = 0;
    for (size_t i = 0; i < in->n_migrations; i++)
        s->windows[i].at = 0;
    for (guint i = 0; i < s->groups->len; i++)
        g_array_index(s->groups, struct group, i).next = 0;
    s->turn = 0;
    s->n_running = s->n_waiting = 0;
    s->now_s = 0;
    for (size_t i = 0; i < in->n_migrations * s->n_rounds; i++)
        s->rounds[i].left = s->rounds[i].n;
    for (size_t i = 0; i < in->n_migrations; i++) {
        s->at_round[i] = 0;
        s->round_s[i] = 0;
        enter_round(s, i);
    }
}

void schedule_play(struct schedule *s, const double *work_s, float *ret_end_s)
{
    size_t places = MAX(s->in->at_once, 1);

    rewind_to_now(s);
    s->work_s = work_s;
    s->end_s = ret_end_s;
    for (size_t i = 0; i < s->in->n_mailboxes; i++) {
        s->n_waiting += !s->in->mailboxes[i].running;
        if (s->in->mailboxes[i].running)
            begin(s, i);
    }
    while (s->n_waiting > 0 || s->n_running > 0) {
        bool room = s->n_waiting > 0 && s->n_running < places;
        double chance, end_s;
        struct lane *l;

        if (room && claim(s))
            continue;
        chance = room ? next_chance(s) : INFINITY;
        l = first_lane(s, &end_s);
        if (l != NULL && end_s <= chance)
            end_first(s, l, end_s);
        else if (chance < INFINITY)
            s->now_s = MAX(chance, s->now_s);
        else
            break; /* cannot be: without hours somebody may be claimed */
    }
}
