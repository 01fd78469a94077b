#include "desk/days.h"

#include <string.h>

/* With a day, at a time; more are not planned for. */
#define OTHERS_MAX 10000

struct days {
    GPtrArray *others; /* of struct request *: `taken` borrows their days */
    GArray *taken;     /* of struct slot_taken */
    struct hours *quiet;
    uint64_t mailboxes, a_day;
};

void days_free(struct days *d)
{
    if (d == NULL)
        return;
    g_clear_pointer(&d->taken, g_array_unref);
    g_clear_pointer(&d->others, g_ptr_array_unref);
    hours_free(d->quiet);
    g_free(d);
}

/* As it was quoted; 0: approved by hand, without a quote. */
static int read_mailboxes(const struct request *r, uint64_t *ret,
                          struct err *err)
{
    g_autoptr(quote) q = NULL;

    *ret = 0;
    if (r->quote == NULL || *r->quote == '\0')
        return 0;
    if (quote_parse(r->quote, &q, err) < 0)
        return -1;
    *ret = q->of.mailboxes;
    return 0;
}

/* Those that have a day and have not cut over. */
static int read_taken(struct days *d, const struct request *own,
                      struct err *err)
{
    for (guint i = 0; i < d->others->len; i++) {
        const struct request *r = d->others->pdata[i];
        struct slot_taken t = { .day = r->start };

        if (r->start == NULL || r->id == own->id)
            continue;
        if (read_mailboxes(r, &t.mailboxes, err) < 0)
            return -1;
        g_array_append_val(d->taken, t);
    }
    return 0;
}

static int read_quiet(struct migrations *p, const struct request *r,
                      struct hours **ret, struct err *err)
{
    g_autoptr(migration) m = NULL;
    g_autoptr(GPtrArray) hosts = NULL;
    const struct migration_host *host;
    int found = p != NULL && r->migration_id != 0
                    ? migrations_get(p, r->migration_id, &m, err)
                    : 0;

    if (found <= 0)
        return found;
    if (migrations_hosts(p, m->host, &hosts, err) < 0)
        return -1;
    host = hosts->len > 0 ? hosts->pdata[0] : NULL;
    return host == NULL || host->quiet == NULL
               ? 0
               : hours_parse(host->quiet, ret, err);
}

int days_read(const struct desk *of, const struct request *r, struct days **ret,
              struct err *err)
{
    const struct request_filter filter = { .states = 1u << REQUEST_SCHEDULED |
                                                     1u << REQUEST_RUNNING };
    const struct roster_page page = { .limit = OTHERS_MAX };
    g_autoptr(days) d = g_new0(struct days, 1);

    d->taken = g_array_new(FALSE, FALSE, sizeof(struct slot_taken));
    d->a_day = of->a_day;
    if (requests_list(of->requests, &filter, &page, &d->others, err) < 0 ||
        read_taken(d, r, err) < 0 ||
        read_quiet(of->stores.migrations, r, &d->quiet, err) < 0 ||
        read_mailboxes(r, &d->mailboxes, err) < 0)
        return -1;
    *ret = g_steal_pointer(&d);
    return 0;
}

bool days_first(const struct days *d, const char *not_before, int64_t now_us,
                char ret[SLOT_DAY_SIZE])
{
    const struct slot_wish wish = {
        .now_us = now_us,
        .not_before = not_before,
        .mailboxes = d->mailboxes,
        .a_day = d->a_day,
        .quiet = d->quiet,
        .taken = (const struct slot_taken *)(const void *)d->taken->data,
        .n_taken = d->taken->len,
    };

    return slot_pick(&wish, ret);
}
