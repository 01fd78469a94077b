#include "lab/fault.h"

#include <pthread.h>

#include "base/timestamp.h"
#include "lab/fault_priv.h"

/* Nobody needs more; a rule costs at every event. */
#define RULES_MAX 1000

struct faults {
    pthread_mutex_t lock;
    GPtrArray *rules; /* of struct fault_rule */
    int64_t (*now)(void *data);
    void *now_data;
};

static int64_t monotonic(void *data)
{
    (void)data;
    return timestamp_monotonic();
}

struct faults *faults_new(void)
{
    struct faults *f = g_new0(struct faults, 1);

    pthread_mutex_init(&f->lock, NULL);
    f->rules = g_ptr_array_new_with_free_func(fault_rule_free);
    f->now = monotonic;
    return f;
}

void faults_free(struct faults *f)
{
    if (f == NULL)
        return;
    g_ptr_array_unref(f->rules);
    pthread_mutex_destroy(&f->lock);
    g_free(f);
}

void faults_set_clock(struct faults *f, int64_t (*now)(void *data), void *data)
{
    f->now = now;
    f->now_data = data;
}

/* ---- giving rules -------------------------------------------------- */

int faults_add(struct faults *f, const char *rule, struct err *err)
{
    struct fault_rule *r = fault_rule_new(rule, err);

    if (r == NULL)
        return -1;
    r->epoch_us = f->now(f->now_data);
    pthread_mutex_lock(&f->lock);
    g_ptr_array_add(f->rules, r);
    pthread_mutex_unlock(&f->lock);
    return 0;
}

int faults_replace(struct faults *f, const char *rules, struct err *err)
{
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(fault_rule_free);
    GPtrArray *old;

    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);
        struct fault_rule *r;

        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (made->len >= RULES_MAX)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "fault: more than %d rules", RULES_MAX);
        r = fault_rule_new(line, err);
        if (r == NULL)
            return -1;
        r->epoch_us = f->now(f->now_data);
        g_ptr_array_add(made, r);
    }
    pthread_mutex_lock(&f->lock);
    old = f->rules;
    f->rules = g_steal_pointer(&made);
    pthread_mutex_unlock(&f->lock);
    g_ptr_array_unref(old);
    return 0;
}

/* ---- firing -------------------------------------------------------- */

/* "A|B" names both. */
static bool names(const char *list, const char *operation)
{
    size_t n = strlen(operation);

    for (const char *at = list; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (strncmp(at, operation, n) == 0 && (at[n] == '\0' || at[n] == '|'))
            return true;
    }
    return false;
}

/* An item of that class, or of one derived from it. */
static bool is_class(const char *item_class, const char *wanted)
{
    size_t n = strlen(wanted);

    return item_class != NULL &&
           g_ascii_strncasecmp(item_class, wanted, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

static bool applies(const struct fault_rule *r, const struct fault_event *event)
{
    if (r->op != NULL && !names(r->op, event->operation))
        return false;
    if (r->mailbox != NULL &&
        (event->mailbox == NULL ||
         g_ascii_strcasecmp(r->mailbox, event->mailbox) != 0))
        return false;
    if (event->bytes < r->bytes)
        return false;
    if (r->item_class != NULL && !is_class(event->item_class, r->item_class))
        return false;
    return r->match == NULL ||
           (event->subject != NULL && strstr(event->subject, r->match) != NULL);
}

static bool is_time(struct fault_rule *r, int64_t now)
{
    int64_t since = now - r->epoch_us - r->after_us, period;

    if (since < 0 || now - r->epoch_us >= r->until_us)
        return false;
    if (r->period_us == 0)
        return true;
    if (r->for_us > 0)
        return since % r->period_us < r->for_us;
    period = since / r->period_us;
    if (period == r->last_period)
        return false;
    r->last_period = period;
    return true;
}

static bool fires(struct fault_rule *r)
{
    r->met++;
    if (r->met <= r->skip || (r->met - r->skip) % r->every != 0 ||
        r->fired >= r->times)
        return false;
    if (r->rate < 1 && g_rand_double(r->rand) >= r->rate)
        return false;
    r->fired++;
    return true;
}

bool faults_due(struct faults *f, enum fault_kind kind,
                const struct fault_event *event, struct fault_hit *ret)
{
    bool due = false;

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len && !due; i++) {
        struct fault_rule *r = f->rules->pdata[i];

        if (r->kind != kind || !applies(r, event) ||
            !is_time(r, f->now(f->now_data)) || !fires(r))
            continue;
        *ret = r->hit;
        due = true;
    }
    pthread_mutex_unlock(&f->lock);
    return due;
}

/* Whether a rule of that kind is there; of those, one that wants items. */
static bool has_rule(struct faults *f, enum fault_kind kind, bool items)
{
    bool has = false;

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len && !has; i++) {
        const struct fault_rule *r = f->rules->pdata[i];

        has = r->kind == kind &&
              (!items || r->match != NULL || r->item_class != NULL);
    }
    pthread_mutex_unlock(&f->lock);
    return has;
}

bool faults_want_item(struct faults *f, enum fault_kind kind)
{
    return has_rule(f, kind, true);
}

bool faults_any(struct faults *f, enum fault_kind kind)
{
    return has_rule(f, kind, false);
}

const char *fault_counter(enum fault_kind kind)
{
    return fault_rows[kind].counter;
}

char *faults_text(struct faults *f)
{
    GString *out = g_string_new(NULL);

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len; i++) {
        const struct fault_rule *r = f->rules->pdata[i];

        g_string_append_printf(
            out, "%s met=%" G_GUINT64_FORMAT " fired=%" G_GUINT64_FORMAT "\n",
            r->text, r->met, r->fired);
    }
    pthread_mutex_unlock(&f->lock);
    return g_string_free(out, FALSE);
}
