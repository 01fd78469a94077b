#include "endpoint/fault.h"

#include <pthread.h>

#include "endpoint/endpoint_priv.h"
#include "endpoint/fault_priv.h"
#include "portable/portable.h"

/* ---- which call fails ------------------------------------------------ */

struct rule {
    struct fault fault;
    unsigned int seen;
};

struct faults {
    pthread_mutex_t lock; /* guards everything below */
    GPtrArray *rules;     /* of struct rule *, owned */
    GPtrArray *pending;   /* of struct later *, owned */
    unsigned int fired;
};

struct faults *faults_new(void)
{
    struct faults *f = g_new0(struct faults, 1);

    pthread_mutex_init(&f->lock, NULL);
    f->rules = g_ptr_array_new_with_free_func(g_free);
    f->pending = g_ptr_array_new_with_free_func(later_free);
    return f;
}

void faults_free(struct faults *f)
{
    g_ptr_array_unref(f->rules);
    g_ptr_array_unref(f->pending);
    pthread_mutex_destroy(&f->lock);
    g_free(f);
}

static bool writes_batches(enum fault_op op)
{
    return op == FAULT_PUT || op == FAULT_REMOVE || op == FAULT_MARK_READ ||
           op == FAULT_MOVE;
}

void faults_add(struct faults *f, const struct fault *fault)
{
    struct rule *rule = g_new0(struct rule, 1);

    g_assert((fault->when != FAULT_LATER && fault->when != FAULT_CUT) ||
             fault->op == FAULT_PUT);
    g_assert(fault->when != FAULT_HALF || writes_batches(fault->op));
    g_assert(fault->when != FAULT_ITEM || fault->op == FAULT_FETCH ||
             writes_batches(fault->op));
    rule->fault = *fault;
    pthread_mutex_lock(&f->lock);
    g_ptr_array_add(f->rules, rule);
    pthread_mutex_unlock(&f->lock);
}

void faults_clear(struct faults *f)
{
    pthread_mutex_lock(&f->lock);
    g_ptr_array_set_size(f->rules, 0);
    pthread_mutex_unlock(&f->lock);
}

unsigned int faults_fired(struct faults *f)
{
    unsigned int n;

    pthread_mutex_lock(&f->lock);
    n = f->fired;
    pthread_mutex_unlock(&f->lock);
    return n;
}

static bool rule_strikes(struct faults *f, struct rule *rule)
{
    unsigned int first = MAX(rule->fault.first, 1u);
    unsigned int seen = ++rule->seen;
    bool due = seen == first || (seen > first && rule->fault.every != 0 &&
                                 (seen - first) % rule->fault.every == 0);

    f->fired += due ? 1 : 0;
    return due;
}

static bool picks(const struct rule *rule, const struct fault_subject *s)
{
    return rule->fault.pick == NULL ||
           rule->fault.pick(rule->fault.pick_data, s);
}

static bool picks_any(const struct rule *rule,
                      const struct fault_subject *subjects, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (picks(rule, &subjects[i]))
            return true;
    return false;
}

static void fill_err(const struct fault *fault, struct err *err)
{
    *err = fault->err;
    if (err->msg[0] != '\0')
        return;
    if (fault->when == FAULT_ITEM) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "the item is corrupt");
        err->name = "ErrorItemCorrupt";
        return;
    }
    err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0, "connection lost");
    err->name = "connection-lost";
}

static void strike_items(struct faults *f, struct rule *rule,
                         const struct fault_subject *subjects, size_t n,
                         struct strike *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (!picks(rule, &subjects[i]) || !rule_strikes(f, rule))
            continue;
        if (ret->items == NULL)
            ret->items = g_new0(struct strike_item, n);
        ret->items[i].hit = true;
        fill_err(&rule->fault, &ret->items[i].err);
    }
}

void faults_strike(struct faults *f, const struct fault_subject *subjects,
                   size_t n, struct strike *ret)
{
    *ret = (struct strike){ 0 };
    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len; i++) {
        struct rule *rule = g_ptr_array_index(f->rules, i);

        if (n == 0 || rule->fault.op != subjects[0].op)
            continue;
        if (rule->fault.when == FAULT_ITEM) {
            strike_items(f, rule, subjects, n, ret);
        } else if (picks_any(rule, subjects, n) && rule_strikes(f, rule)) {
            ret->hit = true;
            ret->fault = rule->fault;
            fill_err(&rule->fault, &ret->fault.err);
        }
    }
    pthread_mutex_unlock(&f->lock);
}

void strike_clear(struct strike *s)
{
    g_free(s->items);
    *s = (struct strike){ 0 };
}

/* ---- a server that is still at work ---------------------------------- */

struct later {
    struct endpoint *real; /* a handle of its own */
    struct endpoint_put *puts;
    size_t n;
    unsigned int calls_left; /* 0: until told */
};

void later_free(void *p)
{
    struct later *later = p;

    for (size_t i = 0; i < later->n; i++) {
        g_free((void *)(uintptr_t)later->puts[i].folder_id);
        g_free((void *)(uintptr_t)later->puts[i].replace_id);
        g_free((void *)(uintptr_t)later->puts[i].stamp);
        if (later->puts[i].payload != NULL)
            blob_free((struct blob *)(uintptr_t)later->puts[i].payload);
        portable_unref((struct portable *)(uintptr_t)later->puts[i].portable);
    }
    g_free(later->puts);
    endpoint_free(later->real);
    g_free(later);
}

static struct blob *blob_copy(const struct blob *b)
{
    g_autoptr(GBytes) bytes = NULL;
    const void *data;
    struct err err;
    gsize len;

    if (endpoint_read_blob(b, &bytes, &err) < 0)
        g_error("payload of a test: %s", err.msg);
    data = g_bytes_get_data(bytes, &len);
    return blob_from_bytes(data, len);
}

void faults_put_later(struct faults *f, struct endpoint *real,
                      const struct endpoint_put *puts, size_t n,
                      unsigned int calls)
{
    struct later *later = g_new0(struct later, 1);

    later->real = endpoint_clone(real);
    later->calls_left = calls;
    later->n = n;
    later->puts = g_new0(struct endpoint_put, n);
    for (size_t i = 0; i < n; i++) {
        later->puts[i] = puts[i];
        later->puts[i].folder_id = g_strdup(puts[i].folder_id);
        later->puts[i].replace_id = g_strdup(puts[i].replace_id);
        later->puts[i].stamp = g_strdup(puts[i].stamp);
        if (puts[i].payload != NULL)
            later->puts[i].payload = blob_copy(puts[i].payload);
        else
            later->puts[i].portable = portable_ref(puts[i].portable);
    }
    pthread_mutex_lock(&f->lock);
    g_ptr_array_add(f->pending, later);
    pthread_mutex_unlock(&f->lock);
}

/* The client has given up long since: nobody hears what becomes of it. */
static void finish(struct later *later)
{
    g_autofree struct endpoint_done *done =
        g_new0(struct endpoint_done, later->n);
    bool maybe;
    struct err err;

    if (endpoint_put(later->real, later->puts, later->n, done, &maybe, &err) ==
        0)
        endpoint_done_free(done, later->n);
    later_free(later);
}

/* Take what is due off the list under the lock, and do it outside. */
static void finish_due(struct faults *f, bool all)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new();

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->pending->len;) {
        struct later *later = g_ptr_array_index(f->pending, i);

        if (all || (later->calls_left != 0 && --later->calls_left == 0))
            g_ptr_array_add(due, g_ptr_array_steal_index(f->pending, i));
        else
            i++;
    }
    pthread_mutex_unlock(&f->lock);
    for (guint i = 0; i < due->len; i++)
        finish(g_ptr_array_index(due, i));
}

void faults_tick(struct faults *f)
{
    finish_due(f, false);
}

void faults_release(struct faults *f)
{
    finish_due(f, true);
}

unsigned int faults_pending(struct faults *f)
{
    unsigned int n;

    pthread_mutex_lock(&f->lock);
    n = f->pending->len;
    pthread_mutex_unlock(&f->lock);
    return n;
}
