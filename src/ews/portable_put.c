/*
 * portable_put - store items by their MIME and their properties.
 *
 * Plain items of one folder go in one request.  One that needs several (a
 * series with changes, attachments) is created with a stamp that says so:
 *
 *     CreateItem "unfinished:S" -> attachments, occurrences -> look
 *         -> UpdateItem: corrections and the stamp "S"
 *
 * so that what a crash leaves behind is known for what it is.  What was stored
 * is always looked at once more, since servers do not store all they accept.
 * One that has attachments twice then is deleted and made anew.
 */
#include "ews/portable_fetch.h"

#include <string.h>

#include "base/timestamp.h"
#include "ews/portable_attached.h"
#include "ews/portable_check.h"
#include "ews/portable_field.h"
#include "ews/portable_recur.h"

struct putting {
    struct mailbox *mb;
    struct making *items; /* one a put */
    size_t n;
    bool stored; /* something is there already */
};

/* Items that are attached to a mail: whether they came whole is seen later. */
static bool needs_more(const struct portable *p)
{
    return (portable_mime(p) == NULL && portable_n_attachments(p) > 0) ||
           attached_holds_items(p) || portable_n_exceptions(p) > 0 ||
           portable_n_deletions(p) > 0;
}

/* ---- occurrences ----------------------------------------------------- */

/* Counted as the server counts them. */
static uint32_t number_of(const struct making *m, int64_t original_us)
{
    const struct portable *series = m->put->portable;
    struct portable_recurrence r;
    int64_t first_us;

    if (portable_recurrence(series) == NULL ||
        !portable_time(series, "calendar:Start", &first_us))
        return 0;
    r = recur_at(portable_recurrence(series), m->how.level);
    return portable_occurrence(&r, first_us, original_us);
}

static void lose_occurrence(struct making *m, const char *what, int64_t us,
                            const struct err *why)
{
    g_autofree char *when = timestamp_format(us);
    g_autofree char *words = g_strdup_printf("%s of %s", what, when);

    making_lose(m, words, why);
}

static bool same_body(const struct portable *a, const struct portable *b)
{
    return g_strcmp0(portable_body(a, NULL), portable_body(b, NULL)) == 0;
}

static void add_key(GPtrArray *keys, const char *key)
{
    if (!g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL))
        g_ptr_array_add(keys, g_strdup(key));
}

/*
 * What of the occurrence is not the series'.  MAPI properties are left to the
 * server: an occurrence's ids and states are made of the series' own.
 */
static GPtrArray *changed_keys(const struct making *m,
                               const struct portable *changed)
{
    const struct portable *series = m->put->portable;
    g_autoptr(GPtrArray) names = portable_missing(changed, series);
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

    /* Together, since the end must not be before the start. */
    add_key(keys, "calendar:Start");
    add_key(keys, "calendar:End");
    if (!same_body(changed, series))
        add_key(keys, "item:Body");
    for (guint i = 0; i < names->len; i++) {
        const char *key = g_ptr_array_index(names, i);

        if (field_of(key) != NULL &&
            item_can_change(changed, key, m->how.level))
            add_key(keys, key);
    }
    return keys;
}

/* What is false or empty in it and is not so in the series. */
static void add_cleared(const struct portable *series,
                        const struct portable *changed, GPtrArray *keys)
{
    static const char *const flags[] = { "calendar:IsAllDayEvent",
                                         "item:ReminderIsSet" };

    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
        struct portable_value v;

        if (portable_flag(series, flags[i]) &&
            portable_get(changed, flags[i], PORTABLE_BOOL, &v) && !v.boolean)
            add_key(keys, flags[i]);
    }
}

static int put_exception(struct mailbox *mb, struct making *m, size_t i,
                         struct err *err)
{
    int64_t us;
    const struct portable *changed =
        portable_exception_at(m->put->portable, i, &us);
    uint32_t number = number_of(m, us);
    g_autoptr(GPtrArray) keys = changed_keys(m, changed);
    const struct change change = {
        .target = { m->id, number }, .p = changed, .keys = keys, .how = &m->how
    };
    struct making occurrence = { .put = m->put, .how = m->how };
    int rc = 1;

    add_cleared(m->put->portable, changed, keys);
    if (number == 0)
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "the series has none on that day");
    else
        rc = make_change(mb, &change, &occurrence.id, err);
    if (rc > 0)
        lose_occurrence(m, "changed occurrence", us, err);
    if (rc == 0 && occurrence.id != NULL && portable_n_attachments(changed) > 0)
        rc = make_attachments(mb, &occurrence, changed, err);
    if (occurrence.lost != NULL)
        making_lose(m, occurrence.lost->str, NULL);
    making_clear(&occurrence);
    return MIN(rc, 0);
}

static int put_deletions(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct portable *p = m->put->portable;
    g_autofree uint32_t *numbers = g_new(uint32_t, portable_n_deletions(p));
    size_t n = 0;
    int rc;

    for (size_t i = 0; i < portable_n_deletions(p); i++) {
        int64_t us = portable_deletion_at(p, i);

        numbers[n] = number_of(m, us);
        if (numbers[n] != 0)
            n++;
        else
            lose_occurrence(m, "deletion", us, NULL);
    }
    if (n == 0)
        return 0;
    rc = make_deletions(mb, m->id, numbers, n, err);
    /* Which are still there is seen when it is looked at. */
    return MIN(rc, 0);
}

/* ---- one item -------------------------------------------------------- */

static int put_rest(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct portable *p = m->put->portable;

    if (portable_mime(p) == NULL && portable_n_attachments(p) > 0 &&
        make_attachments(mb, m, p, err) < 0)
        return -1;
    for (size_t i = 0; i < portable_n_exceptions(p); i++) {
        if (put_exception(mb, m, i, err) < 0)
            return -1;
    }
    return put_deletions(mb, m, err);
}

/* It is there and will not be whole: away with it. */
static int take_back(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct endpoint_ref ref = { .id = m->id };
    struct endpoint_done done = { 0 };
    struct err gone;

    if (remove_items(&mb->base, &ref, 1, &done, &gone) < 0)
        return -1;
    if (done.status < 0)
        return -1;
    m->status = -1;
    m->why = *err;
    g_clear_pointer(&m->id, g_free);
    return 0;
}

/* The new one is whole: the one that it replaces goes. */
static int replace_old(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct endpoint_ref ref = { .id = m->put->replace_id };
    struct endpoint_done done = { 0 };

    if (m->put->replace_id == NULL)
        return 0;
    if (remove_items(&mb->base, &ref, 1, &done, err) < 0)
        return -1;
    if (done.status < 0)
        making_lose(m, "the old version could not be removed", &done.why);
    return 0;
}

/* Refused for its MAPI properties or its time zone: there is another way. */
static bool try_otherwise(struct making *m)
{
    static const char *const codes[] = { "ErrorInvalidExtendedProperty",
                                         "ErrorInvalidExtendedPropertyValue",
                                         "ErrorInvalidPropertySet",
                                         "ErrorInvalidPropertyRequest",
                                         "ErrorInvalidPropertyAppend" };

    if (strstr(m->why.msg, "TimeZone") != NULL && m->how.zones_by_rule) {
        m->how.zones_by_rule = false;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(codes) && !m->how.bare; i++) {
        if (strstr(m->why.msg, codes[i]) == NULL)
            continue;
        m->how.bare = true;
        return true;
    }
    return false;
}

static int again_otherwise(struct putting *p, struct making *m, bool *maybe,
                           struct err *err)
{
    while (m->status < 0 && try_otherwise(m)) {
        if (make_items(p->mb, m, 1, maybe, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- a batch --------------------------------------------------------- */

static bool goes_with(const struct endpoint_put *a,
                      const struct endpoint_put *b)
{
    return strcmp(a->folder_id, b->folder_id) == 0 &&
           portable_kind(a->portable) == portable_kind(b->portable);
}

/* How many from there go in one request. */
static size_t run_from(const struct putting *p, size_t first)
{
    const struct endpoint_put *put = p->items[first].put;
    size_t n = 1;

    if (needs_more(put->portable))
        return 1;
    while (first + n < p->n && !needs_more(p->items[first + n].put->portable) &&
           goes_with(put, p->items[first + n].put))
        n++;
    return n;
}

static int finish(struct putting *p, struct making *items, size_t n,
                  struct err *err)
{
    g_autofree struct making **there = g_new(struct making *, n);
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        struct making *m = &items[i];

        if (m->status < 0)
            continue;
        if (needs_more(m->put->portable) && put_rest(p->mb, m, err) < 0) {
            if (take_back(p->mb, m, err) < 0)
                return -1;
            continue;
        }
        there[k++] = m;
    }
    if (k == 0)
        return 0;
    if (check_items(p->mb, there, k, err) < 0)
        return -1;
    for (size_t i = 0; i < k; i++)
        if (!there[i]->doubled && replace_old(p->mb, there[i], err) < 0)
            return -1;
    return 0;
}

static int put_run(struct putting *p, size_t first, size_t n, bool *ret_maybe,
                   struct err *err)
{
    struct making *items = &p->items[first];
    bool maybe = false;

    if (make_items(p->mb, items, n, &maybe, err) < 0) {
        *ret_maybe = maybe || p->stored;
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (again_otherwise(p, &items[i], &maybe, err) < 0) {
            *ret_maybe = maybe || p->stored || n > 1;
            return -1;
        }
        p->stored = p->stored || items[i].status == 0;
    }
    if (finish(p, items, n, err) == 0)
        return 0;
    *ret_maybe = true;
    return -1;
}

/* ---- all ------------------------------------------------------------- */

static void begin(const struct putting *p, const struct endpoint_put *put,
                  struct making *ret)
{
    *ret = (struct making){
        .put = put,
        .how = { .level = (enum ews_level)atomic_load(&p->mb->core->level),
                 .stamp = put->stamp,
                 .unfinished = needs_more(put->portable),
                 .zones_by_rule = true },
    };
}

static void give_out(struct making *m, struct endpoint_done *ret)
{
    ret->status = m->status;
    ret->why = m->why;
    ret->id = g_steal_pointer(&m->id);
    ret->change_key = g_steal_pointer(&m->change_key);
    if (m->lost != NULL)
        ret->lost = g_strdup(m->lost->str);
}

/* [MS-OXWSCORE] IsAssociated cannot be set: no way for hidden items. */
static bool is_hidden(struct making *m)
{
    if (!m->put->associated)
        return false;
    m->status = err_set(&m->why, ERR_ITEM, ERR_RETRY_NEVER, 0,
                        "a hidden item travels by FastTransfer only");
    return true;
}

/* One alone: what takes more than a request does not go with others. */
static int remake(struct putting *p, size_t i, bool *ret_maybe, struct err *err)
{
    struct making *m = &p->items[i];
    const struct endpoint_put *put = m->put;
    const struct endpoint_ref ref = { .id = m->id };
    struct endpoint_done done = { 0 };

    if (remove_items(&p->mb->base, &ref, 1, &done, err) < 0 ||
        done.status < 0) {
        if (done.status < 0)
            *err = done.why;
        *ret_maybe = true;
        return -1;
    }
    making_clear(m);
    begin(p, put, m);
    m->remade = true;
    return put_run(p, i, 1, ret_maybe, err);
}

static int put_all(struct putting *p, bool *ret_maybe, struct err *err)
{
    size_t n;

    for (size_t i = 0; i < p->n; i += n) {
        n = 1;
        if (is_hidden(&p->items[i]))
            continue;
        n = run_from(p, i);
        if (put_run(p, i, n, ret_maybe, err) < 0 ||
            (p->items[i].doubled && remake(p, i, ret_maybe, err) < 0))
            return -1;
    }
    return 0;
}

int portable_put(struct mailbox *mb, const struct endpoint_put *puts, size_t n,
                 struct endpoint_done *ret, bool *ret_maybe, struct err *err)
{
    g_autofree struct making *items = g_new0(struct making, n);
    struct putting p = { .mb = mb, .items = items, .n = n };
    int rc;

    for (size_t i = 0; i < n; i++)
        begin(&p, &puts[i], &items[i]);
    rc = put_all(&p, ret_maybe, err);
    for (size_t i = 0; i < n; i++) {
        if (rc == 0)
            give_out(&items[i], &ret[i]);
        making_clear(&items[i]);
    }
    return rc;
}
