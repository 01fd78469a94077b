/*
 * A forecaster for bench/forecast.py: it is told what happened, line by line,
 * and asked when the rest will be done.  One pair of hosts.
 *
 *   pace MAILBOX BEGUN_US TOOK_US THROTTLED_US ITEMS BYTES BESIDE REST
 *   mailbox ID RUNNING ITEMS BYTES DONE_ITEMS DONE_BYTES
 *   go NOW_US PLACES QUIET   QUIET: a text of base/hours.h without blanks; -
 *
 * Each "go" answers with P50_US P90_US CPU_US MAILBOXES, the last what it was
 * learnt from, and forgets the mailboxes; "forget" forgets the paces too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet/forecast.h"

#define WORDS_MAX 10

struct bench {
    struct cost *cost;
    GArray *mailboxes; /* struct forecast_mailbox */
    GArray *ids;       /* int64_t */
};

static int64_t number(char *const *words, int i)
{
    return g_ascii_strtoll(words[i], NULL, 10);
}

static void add_pace(struct bench *b, char *const *w)
{
    const struct pace p = {
        .mailbox = number(w, 1),
        .begun_us = number(w, 2),
        .took_us = number(w, 3),
        .throttled_us = number(w, 4),
        .items = (uint64_t)number(w, 5),
        .bytes = (uint64_t)number(w, 6),
        .beside = (unsigned int)number(w, 7),
        .rest = number(w, 8) != 0,
    };

    cost_add(b->cost, &p);
}

static void add_mailbox(struct bench *b, char *const *w)
{
    const struct forecast_mailbox m = {
        .running = number(w, 2) != 0,
        .items = (uint64_t)number(w, 3),
        .bytes = (uint64_t)number(w, 4),
        .done_items = (uint64_t)number(w, 5),
        .done_bytes = (uint64_t)number(w, 6),
    };
    int64_t id = number(w, 1);

    g_array_append_val(b->mailboxes, m);
    g_array_append_val(b->ids, id);
}

static struct hours *quiet_of(const char *text)
{
    struct hours *h = NULL;
    struct err err;
    g_autofree char *utc = g_strconcat(text, " UTC", NULL);

    if (strcmp(text, "-") == 0)
        return NULL;
    if (hours_parse(utc, &h, &err) < 0)
        g_error("%s", err.msg);
    return h;
}

static int64_t cpu_us(void)
{
    return (int64_t)clock() * 1000000 / CLOCKS_PER_SEC;
}

static void answer(struct bench *b, char *const *w)
{
    static const struct forecast_migration migration = { 0 };
    g_autoptr(hours) quiet = quiet_of(w[3]);
    const struct forecast_host host = { .quiet = quiet };
    int64_t began = cpu_us();
    struct cost_fit fit;
    const struct forecast_pair pair = { 0, &fit };
    struct forecast_mailbox *all =
        (struct forecast_mailbox *)b->mailboxes->data;
    const struct forecast_input in = {
        .now_us = number(w, 1),
        .hosts = &host,
        .pairs = &pair,
        .migrations = &migration,
        .mailboxes = all,
        .n_hosts = 1,
        .n_pairs = 1,
        .n_migrations = 1,
        .n_mailboxes = b->mailboxes->len,
        .at_once = (unsigned int)number(w, 2),
    };
    g_auto(forecast) f = { 0 };

    cost_learn(b->cost, NULL, &fit);
    for (guint i = 0; i < b->ids->len; i++)
        if (all[i].running)
            (void)cost_of_mailbox(b->cost, &fit,
                                  g_array_index(b->ids, int64_t, i),
                                  &all[i].own_log, &all[i].own_sd);
    forecast_make(&in, &f);
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %u\n", f.all.p50_us,
           f.all.p90_us, cpu_us() - began, fit.mailboxes);
    fflush(stdout);
    g_array_set_size(b->mailboxes, 0);
    g_array_set_size(b->ids, 0);
}

static void line(struct bench *b, char *const *w, guint n)
{
    if (n == 9 && strcmp(w[0], "pace") == 0) {
        add_pace(b, w);
    } else if (n == 7 && strcmp(w[0], "mailbox") == 0) {
        add_mailbox(b, w);
    } else if (n == 4 && strcmp(w[0], "go") == 0) {
        answer(b, w);
    } else if (n == 1 && strcmp(w[0], "forget") == 0) {
        cost_free(b->cost);
        b->cost = cost_new();
    } else {
        g_error("not understood: %s", w[0]);
    }
}

int main(void)
{
    struct bench b = {
        .cost = cost_new(),
        .mailboxes = g_array_new(FALSE, FALSE, sizeof(struct forecast_mailbox)),
        .ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
    };
    char text[512];

    while (fgets(text, sizeof(text), stdin) != NULL) {
        g_auto(GStrv) words = g_strsplit(g_strchomp(text), " ", WORDS_MAX);

        line(&b, words, g_strv_length(words));
    }
    cost_free(b.cost);
    g_array_unref(b.mailboxes);
    g_array_unref(b.ids);
    return 0;
}
