#include "net/turns.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

#define S  TIMESTAMP_SECOND
#define MS (S / 1000)

/* Mailboxes are called by a letter each. */
struct one {
    struct turn turn; /* first */
    char mailbox;
};

static const struct one *as_one(const struct turn *turn)
{
    return (const struct one *)turn;
}

static void join(struct turns *t, struct one *one, char mailbox)
{
    const char name[] = { mailbox, '\0' };

    one->mailbox = mailbox;
    turns_join(t, &one->turn, name, S);
}

/* data: the letters for which there is room; NULL: for all. */
static bool is_among(const struct turn *turn, void *data)
{
    return data == NULL || strchr(data, as_one(turn)->mailbox) != NULL;
}

static struct turn *next_of(const struct turns *t, char *letters)
{
    return turns_next(t, is_among, letters, S);
}

static void take(struct turns *t, struct turn *one)
{
    turns_take(t, one, S);
}

/* ---- the order -------------------------------------------------------- */

enum { MOST = 16 };

static void test_order(void)
{
    static const struct {
        const char *name, *come, *go;
    } rows[] = {
        { "one by one", "abc", "abc" },
        { "a crowd lets the others in between", "aaabc", "abcaa" },
        { "whoever comes last waits for one turn of each", "aabbc", "abcab" },
        { "alone", "aaaa", "aaaa" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct one ones[MOST];
        struct turns t;
        struct turn *next;
        char went[MOST + 1] = "";

        turns_init(&t);
        for (size_t k = 0; rows[i].come[k] != '\0'; k++)
            join(&t, &ones[k], rows[i].come[k]);
        for (size_t k = 0; (next = next_of(&t, NULL)); k++) {
            went[k] = as_one(next)->mailbox;
            take(&t, next);
        }
        CHECK_ROW(rows[i].name, strcmp(went, rows[i].go) == 0);
        turns_release(&t);
    }
}

static void test_first_of_a_mailbox_goes_first(void)
{
    struct one ones[3];
    struct turns t;

    turns_init(&t);
    for (size_t i = 0; i < G_N_ELEMENTS(ones); i++)
        join(&t, &ones[i], 'a');
    turns_leave(&t, &ones[0].turn); /* gave up */
    for (size_t i = 1; i < G_N_ELEMENTS(ones); i++) {
        g_assert_true(next_of(&t, NULL) == &ones[i].turn);
        take(&t, &ones[i].turn);
    }
    turns_release(&t);
}

static void test_who_may_not_holds_up_nobody(void)
{
    char b[] = "b", none[] = "";
    struct one ones[3];
    struct turns t;

    turns_init(&t);
    join(&t, &ones[0], 'a');
    join(&t, &ones[1], 'b');
    join(&t, &ones[2], 'b');
    g_assert_null(next_of(&t, none));
    for (size_t i = 1; i < G_N_ELEMENTS(ones); i++) {
        g_assert_true(next_of(&t, b) == &ones[i].turn);
        take(&t, &ones[i].turn);
    }
    /* Nor does it lose its turn by that. */
    join(&t, &ones[1], 'b');
    g_assert_true(next_of(&t, NULL) == &ones[0].turn);
    take(&t, &ones[0].turn);
    take(&t, &ones[1].turn);
    turns_release(&t);
}

/* Always another mailbox that is new: who waited before it goes before it. */
static void test_newcomers_starve_nobody(void)
{
    struct one old[2], new[2];
    struct turns t;

    turns_init(&t);
    join(&t, &old[0], 'a');
    take(&t, &old[0].turn);
    join(&t, &old[0], 'a');
    join(&t, &new[0], 'b');
    join(&t, &new[1], 'c');
    g_assert_true(next_of(&t, NULL) == &old[0].turn);
    take(&t, &old[0].turn);
    take(&t, &new[0].turn);
    take(&t, &new[1].turn);
    turns_release(&t);
}

/* What was had long ago counts for little. */
static void test_fades(void)
{
    struct one a, b;
    struct turns t;

    turns_init(&t);
    join(&t, &a, 'a');
    join(&t, &b, 'b');
    take(&t, &a.turn);
    take(&t, &b.turn);
    turns_end(&a.turn, 20 * S, 21 * S);
    turns_end(&b.turn, 5 * S, 51 * S); /* three times ten seconds later */
    turns_join(&t, &b.turn, "b", 51 * S);
    turns_join(&t, &a.turn, "a", 51 * S);
    g_assert_true(turns_next(&t, is_among, NULL, 51 * S) == &a.turn);
    turns_leave(&t, &a.turn);
    turns_leave(&t, &b.turn);
    turns_release(&t);
}

/* ---- a room for a few, on a clock of its own --------------------------- */

/* A mailbox whose lanes ask, are inside, think, and ask again. */
struct model {
    unsigned int lanes;
    int64_t inside_us, thinks_us;
    unsigned int requests; /* of a lane; 0: no end */
    bool followed;         /* by another mailbox of the kind, when it is done */
};

enum { LANES_MOST = 24, MODELS_MOST = 8 };

struct lane {
    struct turn turn; /* first */
    const struct model *model;
    bool waits, inside;
    int64_t next_us; /* when it goes in or out; 0: it has no more to do */
    int64_t came_us;
    unsigned int left, follower;
};

struct world {
    struct turns turns;
    unsigned int places, inside;
    const struct model *models;
    struct lane lanes[LANES_MOST];
    unsigned int n_lanes;
    int64_t now_us;
    GRand *dice;
    int64_t had_us[MODELS_MOST], waited_us[MODELS_MOST]; /* the longest */
};

static int64_t about(const struct world *w, int64_t us)
{
    return (int64_t)((double)us * g_rand_double_range(w->dice, 0.6, 1.4)) + 1;
}

static void world_init(struct world *w, const struct model *models, size_t n,
                       unsigned int places)
{
    *w = (struct world){ .places = places, .models = models, .now_us = S };
    w->dice = g_rand_new_with_seed(7);
    turns_init(&w->turns);
    for (size_t i = 0; i < n; i++) {
        for (unsigned int k = 0; k < models[i].lanes; k++) {
            w->lanes[w->n_lanes++] = (struct lane){
                .model = &models[i],
                .next_us = S + k,
                .left = models[i].requests,
            };
        }
    }
}

static void world_release(struct world *w)
{
    for (unsigned int i = 0; i < w->n_lanes; i++)
        if (w->lanes[i].waits)
            turns_leave(&w->turns, &w->lanes[i].turn);
    turns_release(&w->turns);
    g_rand_free(w->dice);
}

static void ask(struct world *w, struct lane *l)
{
    g_autofree char *name =
        g_strdup_printf("%zu.%u", (size_t)(l->model - w->models), l->follower);

    l->waits = true;
    l->came_us = w->now_us;
    turns_join(&w->turns, &l->turn, name, w->now_us);
}

static void go_out(struct world *w, struct lane *l)
{
    const struct model *m = l->model;

    w->inside--;
    l->inside = false;
    w->had_us[m - w->models] += w->now_us - l->came_us;
    turns_end(&l->turn, w->now_us - l->came_us, w->now_us);
    l->next_us = w->now_us + about(w, m->thinks_us);
    if (m->requests == 0 || --l->left > 0)
        return;
    l->left = m->requests;
    l->follower++;
    if (!m->followed)
        l->next_us = 0;
}

static bool anybody(const struct turn *one, void *data)
{
    (void)one;
    (void)data;
    return true;
}

static void let_in(struct world *w)
{
    struct turn *next;

    while (w->inside < w->places &&
           (next = turns_next(&w->turns, anybody, NULL, w->now_us)) != NULL) {
        struct lane *l = (struct lane *)next;
        int64_t *most = &w->waited_us[l->model - w->models];

        turns_take(&w->turns, next, w->now_us);
        *most = MAX(*most, w->now_us - l->came_us);
        w->inside++;
        l->waits = false;
        l->inside = true;
        l->came_us = w->now_us;
        l->next_us = w->now_us + about(w, l->model->inside_us);
    }
}

static struct lane *next_to_act(struct world *w)
{
    struct lane *next = NULL;

    for (unsigned int i = 0; i < w->n_lanes; i++) {
        struct lane *l = &w->lanes[i];

        if (!l->waits && l->next_us > 0 &&
            (next == NULL || l->next_us < next->next_us))
            next = l;
    }
    return next;
}

/* Whether a mailbox has still something to do that comes to an end. */
static bool is_at_it(const struct world *w)
{
    for (unsigned int i = 0; i < w->n_lanes; i++) {
        const struct lane *l = &w->lanes[i];

        if (l->model->requests > 0 && (l->waits || l->next_us > 0))
            return true;
    }
    return false;
}

static void step_on(struct world *w)
{
    struct lane *l = next_to_act(w);

    g_assert_nonnull(l);
    w->now_us = l->next_us;
    if (l->inside)
        go_out(w, l);
    else
        ask(w, l);
    let_in(w);
}

/* Large requests or small ones: each mailbox has as much of the time. */
static void test_equal_shares(void)
{
    static const struct model models[] = {
        { .lanes = 8, .inside_us = 4 * S, .thinks_us = 50 * MS },
        { .lanes = 8, .inside_us = 300 * MS, .thinks_us = 50 * MS },
        { .lanes = 8, .inside_us = 50 * MS, .thinks_us = 50 * MS },
    };
    int64_t all_us = 0;
    struct world w;

    world_init(&w, models, G_N_ELEMENTS(models), 4);
    while (w.now_us < 1000 * S)
        step_on(&w);
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
        all_us += w.had_us[i];
    /* None of the four places was free for long. */
    g_assert_cmpint(all_us, >, 3950 * S);
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        g_test_message("%d of 1333 s, waited for %d ms at most",
                       (int)(w.had_us[i] / S), (int)(w.waited_us[i] / MS));
        g_assert_cmpint(ABS(w.had_us[i] - 1333 * S), <, 133 * S);
    }
    world_release(&w);
}

/*
 * Six that ask for little, forty times each and one after the other, beside one
 * that asks for much with eight lanes.  In the order of their coming each
 * request would wait for four of the huge one's at either place: six minutes.
 */
static void test_small_ones_beside_a_huge_one(void)
{
    static const struct model models[] = {
        { .lanes = 8, .inside_us = 2 * S, .thinks_us = 50 * MS },
        { .lanes = 6,
          .inside_us = 20 * MS,
          .thinks_us = 100 * MS,
          .requests = 40 },
    };
    struct world w;

    world_init(&w, models, G_N_ELEMENTS(models), 2);
    while (is_at_it(&w))
        step_on(&w);
    g_test_message("through after %d s", (int)(w.now_us / S));
    g_assert_cmpint(w.now_us, <, 60 * S);
    world_release(&w);
}

/* Ever more mailboxes with a little to do: neither starves the other. */
static void test_a_huge_one_beside_ever_new_ones(void)
{
    static const struct model models[] = {
        { .lanes = 8, .inside_us = 2 * S, .thinks_us = 50 * MS },
        { .lanes = 1,
          .inside_us = 100 * MS,
          .thinks_us = 1,
          .requests = 10,
          .followed = true },
        { .lanes = 1,
          .inside_us = 100 * MS,
          .thinks_us = 1,
          .requests = 10,
          .followed = true },
    };
    struct world w;

    world_init(&w, models, G_N_ELEMENTS(models), 1);
    while (w.now_us < 1000 * S)
        step_on(&w);
    g_test_message("%d of 1000 s", (int)(w.had_us[0] / S));
    g_assert_cmpint(w.had_us[0], >, 250 * S);
    g_assert_cmpint(w.had_us[0], <, 750 * S);
    world_release(&w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/turns/order", test_order);
    g_test_add_func("/turns/of-a-mailbox", test_first_of_a_mailbox_goes_first);
    g_test_add_func("/turns/may-not", test_who_may_not_holds_up_nobody);
    g_test_add_func("/turns/newcomers", test_newcomers_starve_nobody);
    g_test_add_func("/turns/fades", test_fades);
    g_test_add_func("/turns/equal-shares", test_equal_shares);
    g_test_add_func("/turns/beside-a-huge-one",
                    test_small_ones_beside_a_huge_one);
    g_test_add_func("/turns/ever-new-ones",
                    test_a_huge_one_beside_ever_new_ones);
    return g_test_run();
}
