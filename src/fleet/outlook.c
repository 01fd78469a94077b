#include "fleet/outlook.h"

#include <string.h>

#include "base/timestamp.h"
#include "fleet/migration.h"

/* One migration on its way into the queue. */
struct part {
    const struct outlook_migration *m;
    char *hosts[MIGRATION_N_SIDES]; /* NULL: not known */
    /* The first one between the same hosts; what was learnt of them is its. */
    size_t pair;
    struct cost *cost;
    struct cost_fit fit;
    GArray *amounts;     /* struct store_amount, by mailbox */
    uint64_t mean_items; /* of those that were looked at */
    uint64_t mean_bytes;
    uint64_t done, all; /* items */
    size_t n_unknown, n_looked_at, n_later;
};

struct making {
    const struct outlook_how *how;
    struct part *parts;
    size_t n;
    GArray *mailboxes; /* struct forecast_mailbox, of all parts */
    GArray *places;    /* struct place: where each of those came from */
};
struct place {
    size_t part, mailbox;
};

void outlook_clear(struct outlook *o)
{
    g_free(o->mailboxes);
    g_free(o->basis);
    *o = (struct outlook){ 0 };
}

int outlook_before(struct store *s, int64_t mailbox_id, uint64_t *ret,
                   struct err *err)
{
    g_autoptr(GPtrArray) passes = NULL;
    uint64_t n = 0;

    if (store_passes(s, mailbox_id, &passes, err) < 0)
        return -1;
    for (guint i = 0; i < passes->len; i++) {
        const struct store_pass *p = passes->pdata[i];

        if (p->ended_us != 0)
            n += p->items_copied + p->adopted + p->already_there;
    }
    *ret = n;
    return 0;
}

/* ---- what is in a store ------------------------------------------------- */

static int read_hosts(struct part *p, struct err *err)
{
    struct store_migration m = { 0 };
    struct err ignored;
    int found = store_migration_get(p->m->store, &m, err);

    if (found > 0 &&
        fleet_host(m.source_url, &p->hosts[MIGRATION_SOURCE], &ignored) == 0 &&
        fleet_host(m.destination_url, &p->hosts[MIGRATION_DESTINATION],
                   &ignored) < 0)
        p->hosts[MIGRATION_DESTINATION] = NULL;
    store_migration_clear(&m);
    return found < 0 ? -1 : 0;
}

static int read_paces(struct part *p, struct err *err)
{
    const struct pace_hosts between = { p->hosts[MIGRATION_SOURCE],
                                        p->hosts[MIGRATION_DESTINATION] };
    g_autoptr(GArray) paces = NULL;

    p->cost = cost_new();
    if (between.source == NULL || between.destination == NULL)
        return 0;
    if (store_paces(p->m->store, &between, &paces, err) < 0)
        return -1;
    for (guint i = 0; i < paces->len; i++)
        cost_add(p->cost, &g_array_index(paces, struct pace, i));
    return 0;
}

static const struct store_amount *amount_of(const struct part *p,
                                            int64_t mailbox)
{
    guint lo = 0, hi = p->amounts->len;

    while (lo < hi) {
        guint mid = lo + (hi - lo) / 2;
        const struct store_amount *a =
            &g_array_index(p->amounts, struct store_amount, mid);

        if (a->mailbox_id == mailbox)
            return a;
        if (a->mailbox_id < mailbox)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static void take_means(struct part *p)
{
    double items = 0, bytes = 0;
    guint n = p->amounts->len;

    for (guint i = 0; i < n; i++) {
        items +=
            (double)g_array_index(p->amounts, struct store_amount, i).items;
        bytes +=
            (double)g_array_index(p->amounts, struct store_amount, i).bytes;
    }
    p->mean_items = n > 0 ? (uint64_t)(items / n) : 0;
    p->mean_bytes = n > 0 ? (uint64_t)(bytes / n) : 0;
}

static size_t pair_of(const struct making *k, size_t part)
{
    char *const *hosts = k->parts[part].hosts;
    size_t i = 0;

    if (hosts[MIGRATION_SOURCE] == NULL || hosts[MIGRATION_DESTINATION] == NULL)
        return part;
    while (g_strcmp0(k->parts[i].hosts[MIGRATION_SOURCE],
                     hosts[MIGRATION_SOURCE]) != 0 ||
           g_strcmp0(k->parts[i].hosts[MIGRATION_DESTINATION],
                     hosts[MIGRATION_DESTINATION]) != 0)
        i++;
    return i;
}

static int read_part(struct making *k, size_t part, struct err *err)
{
    struct part *p = &k->parts[part];

    if (read_hosts(p, err) < 0 ||
        store_amounts(p->m->store, &p->amounts, err) < 0)
        return -1;
    take_means(p);
    p->pair = pair_of(k, part);
    if (p->pair != part)
        return 0;
    if (read_paces(p, err) < 0)
        return -1;
    cost_learn(p->cost, k->how->prior, &p->fit);
    return 0;
}

/* Of its pair of hosts. */
static const struct part *learnt(const struct making *k, const struct part *p)
{
    return &k->parts[p->pair];
}

static void part_clear(struct part *p)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        g_free(p->hosts[i]);
    cost_free(p->cost);
    if (p->amounts != NULL)
        g_array_unref(p->amounts);
}

/* ---- the queue ---------------------------------------------------------- */

static uint64_t share_of(uint64_t bytes, uint64_t items, uint64_t of)
{
    return of > 0 ? (uint64_t)((double)bytes * ((double)items / (double)of))
                  : 0;
}

/* new: with what is to be done. */
static void append(struct making *k, size_t part, size_t index,
                   struct forecast_mailbox *new)
{
    const struct part *p = &k->parts[part];
    const struct outlook_mailbox *m = &p->m->mailboxes[index];
    const struct place place = { part, index };

    new->migration = part;
    new->pair = p->pair;
    new->priority = m->priority;
    new->running = m->stand == OUTLOOK_RUNS;
    new->not_before_us = m->not_before_us;
    new->round = m->round;
    new->delay_us = m->delay_us;
    new->verifies = m->verifies;
    (void)cost_of_mailbox(learnt(k, p)->cost, &learnt(k, p)->fit, m->id,
                          &new->own_log, &new->own_sd);
    g_array_append_val(k->mailboxes, *new);
    g_array_append_val(k->places, place);
}

static void add_mailbox(struct making *k, size_t part, size_t index)
{
    struct part *p = &k->parts[part];
    const struct outlook_mailbox *m = &p->m->mailboxes[index];
    const struct store_amount *known = amount_of(p, m->id);
    uint64_t done = m->copied + m->failed;
    uint64_t now = m->copied - MIN(m->before, m->copied);
    uint64_t items = known != NULL ? known->items : p->mean_items;
    uint64_t bytes = known != NULL ? known->bytes : p->mean_bytes;
    uint64_t all = MAX(MAX(items, m->known), done);
    struct forecast_mailbox new = {
        .items = all - done,
        .done_items = now,
        .bytes = share_of(bytes, all - done, MAX(items, 1)),
        .done_bytes = share_of(bytes, now, MAX(items, 1)),
    };

    p->done += done;
    p->all += all;
    if (m->stand == OUTLOOK_OVER)
        return;
    p->n_looked_at += known != NULL;
    p->n_unknown += known == NULL;
    append(k, part, index, &new);
}

/*
 * All of it is to be compared, or next to nothing is new: what a copying pass
 * takes then is what it takes whatever there is to copy.
 */
static void add_later(struct making *k, size_t part, size_t index)
{
    struct part *p = &k->parts[part];
    const struct outlook_mailbox *m = &p->m->mailboxes[index];
    const struct store_amount *known = amount_of(p, m->id);
    struct forecast_mailbox new = { 0 };

    if (m->stand == OUTLOOK_OVER)
        return;
    if (m->verifies) {
        new.items = known != NULL ? known->items : p->mean_items;
        new.bytes = known != NULL ? known->bytes : p->mean_bytes;
    }
    p->n_later++;
    append(k, part, index, &new);
}

static int fill(struct making *k, struct err *err)
{
    for (size_t i = 0; i < k->n; i++) {
        if (read_part(k, i, err) < 0)
            return -1;
        for (size_t j = 0; j < k->parts[i].m->n; j++) {
            const struct outlook_mailbox *m = &k->parts[i].m->mailboxes[j];

            (m->round > 0 || m->verifies ? add_later : add_mailbox)(k, i, j);
        }
    }
    return 0;
}

/* The same host of two migrations is one. */
static size_t host_of(const struct making *k, size_t part)
{
    const char *host = k->parts[part].hosts[MIGRATION_SOURCE];
    size_t i = 0;

    while (i < part &&
           (host == NULL ||
            g_strcmp0(host, k->parts[i].hosts[MIGRATION_SOURCE]) != 0))
        i++;
    return i;
}

/* ---- the answer --------------------------------------------------------- */

static char *basis_of(const struct part *p, const struct cost_fit *fit)
{
    g_autofree char *basis = cost_basis_text(fit);

    if (p->n_unknown == 0)
        return g_steal_pointer(&basis);
    return g_strdup_printf("%s; %zu mailbox%s not looked at yet, taken for "
                           "average",
                           basis, p->n_unknown, p->n_unknown == 1 ? "" : "es");
}

static unsigned int at_once_of(const struct outlook_migration *m,
                               unsigned int places)
{
    const unsigned int most = m->most != 0 ? MIN(m->most, places) : places;

    return m->host_most != 0 ? MIN(m->host_most, most) : most;
}

static void answer(const struct making *k, const struct forecast *f,
                   struct outlook *ret)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct part *p = &k->parts[i];

        ret[i].known = p->amounts->len > 0 &&
                       p->n_looked_at + p->n_unknown + p->n_later > 0;
        ret[i].span = f->migrations[i];
        ret[i].by = learnt(k, p)->fit.basis;
        ret[i].basis = basis_of(p, &learnt(k, p)->fit);
        ret[i].at_once = at_once_of(p->m, k->how->at_once);
        ret[i].tenth =
            p->all > 0
                ? (unsigned int)MIN((double)p->done / (double)p->all * 10, 9)
                : 0;
        ret[i].mailboxes = g_new(struct forecast_span, p->m->n + 1);
        for (size_t j = 0; j < p->m->n; j++)
            ret[i].mailboxes[j] =
                (struct forecast_span){ k->how->now_us, k->how->now_us };
    }
    for (guint i = 0; i < k->places->len; i++) {
        const struct place *p = &g_array_index(k->places, struct place, i);

        ret[p->part].mailboxes[p->mailbox] = f->mailboxes[i];
    }
}

static void forecast_all(const struct making *k, struct outlook *ret)
{
    g_autofree struct forecast_host *hosts =
        g_new0(struct forecast_host, k->n + 1);
    g_autofree struct forecast_pair *pairs =
        g_new0(struct forecast_pair, k->n + 1);
    g_autofree struct forecast_migration *of =
        g_new0(struct forecast_migration, k->n + 1);
    struct forecast_input in = {
        .now_us = k->how->now_us,
        .hosts = hosts,
        .pairs = pairs,
        .migrations = of,
        .mailboxes = (const struct forecast_mailbox *)k->mailboxes->data,
        .n_hosts = k->n,
        .n_pairs = k->n,
        .n_migrations = k->n,
        .n_mailboxes = k->mailboxes->len,
        .at_once = k->how->at_once,
    };
    g_auto(forecast) f = { 0 };

    for (size_t i = 0; i < k->n; i++) {
        const struct outlook_migration *m = k->parts[i].m;

        hosts[i] = (struct forecast_host){ m->host_most, m->quiet };
        pairs[i] = (struct forecast_pair){ host_of(k, i),
                                           &learnt(k, &k->parts[i])->fit };
        of[i] = (struct forecast_migration){ m->most, m->only };
    }
    forecast_make(&in, &f);
    answer(k, &f, ret);
}

int outlook_make(const struct outlook_migration *all, size_t n,
                 const struct outlook_how *how, struct outlook *ret,
                 struct err *err)
{
    struct making k = { .how = how, .n = n };
    int r;

    k.parts = g_new0(struct part, n + 1);
    k.mailboxes = g_array_new(FALSE, FALSE, sizeof(struct forecast_mailbox));
    k.places = g_array_new(FALSE, FALSE, sizeof(struct place));
    for (size_t i = 0; i < n; i++)
        k.parts[i].m = &all[i];
    r = fill(&k, err);
    if (r == 0)
        forecast_all(&k, ret);
    for (size_t i = 0; i < n; i++)
        part_clear(&k.parts[i]);
    g_free(k.parts);
    g_array_unref(k.mailboxes);
    g_array_unref(k.places);
    return r;
}

/* ---- on record ---------------------------------------------------------- */

static struct store_forecast given(int64_t mailbox_id, unsigned int tenth,
                                   const struct forecast_span *span,
                                   const struct outlook *o, int64_t now_us)
{
    return (struct store_forecast){
        .mailbox_id = mailbox_id,
        .tenth = tenth,
        .at_us = now_us,
        .p50_us = span->p50_us,
        .p90_us = span->p90_us,
        .basis = o->basis,
    };
}

int outlook_give(const struct outlook_migration *m, const struct outlook *o,
                 int64_t now_us, struct err *err)
{
    g_autoptr(GArray) all =
        g_array_new(FALSE, FALSE, sizeof(struct store_forecast));
    const struct store_forecast first = given(0, o->tenth, &o->span, o, now_us),
                                latest = given(0, FORECAST_LATEST, &o->span, o,
                                               now_us);

    if (!o->known)
        return 0;
    g_array_append_val(all, first);
    g_array_append_val(all, latest);
    for (size_t i = 0; i < m->n; i++) {
        const struct store_forecast one = given(
            m->mailboxes[i].id, FORECAST_LATEST, &o->mailboxes[i], o, now_us);

        if (m->mailboxes[i].stand != OUTLOOK_OVER)
            g_array_append_val(all, one);
    }
    return store_forecasts_give(
        m->store, (const struct store_forecast *)all->data, all->len, err);
}

int outlook_read(struct store *s, struct store_forecast **ret, struct err *err)
{
    g_autoptr(GPtrArray) open = NULL;

    if (store_forecasts(s, true, &open, err) < 0)
        return -1;
    *ret = NULL;
    for (guint i = 0; i < open->len && *ret == NULL; i++) {
        const struct store_forecast *f = open->pdata[i];

        if (f->mailbox_id == 0 && f->tenth == FORECAST_LATEST)
            *ret = g_ptr_array_steal_index(open, i);
    }
    return 0;
}

char *outlook_text(const struct forecast_span *span, const char *basis,
                   int64_t now_us)
{
    g_autofree char *text = forecast_text(span, now_us);

    return g_strdup_printf("%s (%s)", text, basis);
}

json_t *outlook_json(const struct store_forecast *f)
{
    g_autofree char *p50 = NULL, *p90 = NULL, *at = NULL;

    if (f == NULL)
        return json_null();
    p50 = timestamp_format(f->p50_us);
    p90 = timestamp_format(f->p90_us);
    at = timestamp_format(f->at_us);
    return json_pack("{s:s, s:s, s:s, s:s}", "p50", p50, "p90", p90, "basis",
                     f->basis, "updated", at);
}

struct store_forecast *outlook_parse(const json_t *json)
{
    const char *p50, *p90, *basis, *at;
    struct store_forecast f = { .tenth = FORECAST_LATEST };

    if (json_unpack((json_t *)(uintptr_t)json, "{s:s, s:s, s:s, s:s}", "p50",
                    &p50, "p90", &p90, "basis", &basis, "updated", &at) != 0 ||
        !timestamp_parse(p50, &f.p50_us) || !timestamp_parse(p90, &f.p90_us) ||
        !timestamp_parse(at, &f.at_us))
        return NULL;
    f.basis = g_strdup(basis);
    return g_memdup2(&f, sizeof(f));
}
