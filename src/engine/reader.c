#include "engine/reader.h"

#include "base/spool.h"

/* Lost answers before a batch is suspected rather than the line. */
#define SUSPECT_AFTER 3

void reading_clear(struct reading *reading)
{
    if (reading->payload != NULL)
        blob_free(reading->payload);
    portable_unref(reading->portable);
    g_clear_pointer(&reading->people, g_ptr_array_unref);
    g_free(reading->change_key);
    *reading = (struct reading){ 0 };
}

void reading_move(struct reading *to, struct reading *from)
{
    reading_clear(to);
    *to = *from;
    *from = (struct reading){ 0 };
}

static void set_failed(struct reading *reading, const struct err *why)
{
    reading->end = policy_is_gone(why) ? READING_GONE : READING_FAILED;
    reading->why = *why;
}

/* One item's answer; passing failures leave it open. */
static int take(struct pass *p, const struct reader *r,
                struct endpoint_item *item, struct reading *ret,
                struct err *err)
{
    g_auto(digest_summary) summary = { 0 };
    struct err why = item->why;

    if (item->status == 0 &&
        digest_take(item, &ret->digest, &summary, &why) == 0) {
        ret->end = READING_DONE;
        ret->bytes = summary.bytes;
        ret->untouched = item->untouched;
        ret->change_key = g_steal_pointer(&item->change_key);
        if (r->keep) {
            ret->people = g_steal_pointer(&summary.people);
            ret->payload = g_steal_pointer(&item->payload);
            ret->portable = g_steal_pointer(&item->portable);
        }
        return 0;
    }
    switch (policy_of(&why)) {
    case POLICY_STOP:
        *err = why;
        return -1;
    case POLICY_PAUSE:
        (void)pass_park(p, r->side, &why); /* who reads again waits */
        ret->why = why;
        return 0;
    case POLICY_LATER:
        ret->why = why;
        return 0;
    case POLICY_FOLDER:
    case POLICY_FAIL:
        break;
    }
    ret->why = why;
    if (!r->listed || !policy_is_gone(&why))
        set_failed(ret, &why);
    return 0;
}

/* Items side by side. */
struct range {
    const char *const *ids;
    size_t n;
    struct reading *ret;
    enum payload_format format;
};

static int fetch_range(struct pass *p, const struct reader *r,
                       const struct range *range, struct err *err);

static int halves(struct pass *p, const struct reader *r,
                  const struct range *range, struct err *err)
{
    size_t half = range->n / 2;
    struct range first = *range, second = *range;

    first.n = half;
    second.ids += half;
    second.ret += half;
    second.n -= half;
    if (fetch_range(p, r, &first, err) < 0)
        return -1;
    return fetch_range(p, r, &second, err);
}

/* Is it the item or the line?  Something harmless tells. */
static bool is_well(const struct reader *r)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct err why;

    return endpoint_folders(r->ep, &tree, &why) == 0;
}

static bool is_of_items(const struct reader *r, const struct err *why,
                        unsigned int failures)
{
    if (policy_of(why) == POLICY_STOP)
        return false;
    if (policy_of(why) != POLICY_PAUSE)
        return true;
    return why->retry == ERR_RETRY_NOW && failures >= SUSPECT_AFTER &&
           is_well(r);
}

/*
 * The request as a whole failed.  1: ask again; 0: it is dealt with; -1, and
 * *why stands.
 */
static int lost(struct pass *p, const struct reader *r,
                const struct range *range, unsigned int *failures,
                struct err *why)
{
    bool of_items = is_of_items(r, why, *failures);

    if (of_items && range->n > 1)
        return halves(p, r, range, why);
    if (pass_endure(p, r->side, failures, why) &&
        (!of_items || *failures < p->options.item_tries))
        return 1;
    if (!of_items || pass_is_over(p))
        return -1;
    range->ret->why = *why;
    if (!r->listed || !policy_is_gone(why))
        set_failed(range->ret, why);
    return 0;
}

static int fetch_range(struct pass *p, const struct reader *r,
                       const struct range *range, struct err *err)
{
    size_t n = range->n;
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_item *items = g_new0(struct endpoint_item, n);
    unsigned int failures = 0;
    struct err why;
    int end = 0;

    for (size_t i = 0; i < n; i++)
        refs[i] = (struct endpoint_ref){ .id = range->ids[i],
                                         .format = range->format,
                                         .to_compare = true };
    while (endpoint_fetch(r->ep, refs, n, p->job->pool, items, &why) < 0) {
        int again = lost(p, r, range, &failures, &why);

        if (again < 0)
            *err = why;
        if (again <= 0)
            return again;
    }
    for (size_t i = 0; i < n && end == 0; i++)
        end = take(p, r, &items[i], &range->ret[i], err);
    endpoint_items_free(items, n);
    return end;
}

/* Those that are open still, side by side. */
static size_t gather(const char *const *ids, const struct reading *all,
                     size_t n, const char **ret_ids, size_t *ret_at)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (all[i].end != READING_OPEN)
            continue;
        ret_ids[k] = ids[i];
        ret_at[k++] = i;
    }
    return k;
}

static enum payload_format format_of(const struct reader *r, size_t i)
{
    return r->formats != NULL ? r->formats[i] : r->format;
}

/* Of those that are open, in one format, as many as one request takes. */
static size_t range_of(const struct reader *r, const size_t *at, size_t n)
{
    size_t k = 1;

    while (k < n && k < READER_ITEMS &&
           format_of(r, at[k]) == format_of(r, at[0]))
        k++;
    return k;
}

/* at: where each of the n stands among what the caller asked for. */
static int round_of(struct pass *p, const struct reader *r,
                    const char *const *ids, const size_t *at, size_t n,
                    struct reading *ret, struct err *err)
{
    for (size_t i = 0; i < n;) {
        const struct range range = { ids + i, range_of(r, at + i, n - i),
                                     ret + i, format_of(r, at[i]) };

        if (pass_is_over(p))
            return pass_interrupted(p, err);
        if (fetch_range(p, r, &range, err) < 0)
            return -1;
        pass_progress(p);
        i += range.n;
    }
    return 0;
}

/* Our own disk is at fault, so nothing follows for the item. */
static int check_room(const struct reader *r, const struct reading *all,
                      size_t n, struct err *err)
{
    for (size_t i = 0; i < n && !r->may_lack_room; i++) {
        if (all[i].end != READING_FAILED || !spool_is_at_fault(&all[i].why))
            continue;
        *err = all[i].why;
        err->scope = ERR_RUN;
        err->retry = ERR_RETRY_NEVER;
        return -1;
    }
    return 0;
}

int reader_read(struct pass *p, const struct reader *r, const char *const *ids,
                size_t n, struct reading *ret, struct err *err)
{
    g_autofree const char **open = g_new0(const char *, n + 1);
    g_autofree size_t *at = g_new0(size_t, n + 1);
    g_autofree struct reading *got = g_new0(struct reading, n + 1);
    size_t k;

    for (unsigned int tries = 1; (k = gather(ids, ret, n, open, at)) > 0;
         tries++) {
        struct reader now = *r;
        int end;

        now.listed = r->listed && tries == 1;
        end = round_of(p, &now, open, at, k, got, err);

        for (size_t i = 0; i < k; i++) {
            ret[at[i]] = got[i];
            got[i] = (struct reading){ 0 };
            if (ret[at[i]].end == READING_OPEN &&
                tries >= p->options.item_tries)
                set_failed(&ret[at[i]], &ret[at[i]].why);
        }
        if (end < 0)
            return -1;
        if (gather(ids, ret, n, open, at) > 0 &&
            !pass_sleep(p, pass_backoff(p, tries, &ret[at[0]].why)))
            return pass_interrupted(p, err);
    }
    return check_room(r, ret, n, err);
}
