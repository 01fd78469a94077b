#include "cmd/remote_follow.h"

#include "base/timestamp.h"
#include "store/jobs.h"

/*
 * Between two looks; each page of mailboxes more makes it as much longer, so
 * that a large migration costs its service no more requests than a small one.
 */
#define LOOK_US    TIMESTAMP_SECOND
#define PAGE_BOXES 500

/* What has been told of a mailbox. */
struct told {
    uint64_t listed, copied, bytes;
    enum mailbox_state state;
    bool begun, ended;
};

struct following {
    const struct remote_pass *pass;
    struct told *told;
    size_t n_ended;
    struct fleet_summary *sum;
    GPtrArray *stand; /* by their ledgers, where that is asked for; or NULL */
};

static void tell(const struct following *f, size_t i,
                 const struct engine_event *event)
{
    f->pass->listener->event(f->pass->listener->data, i, event);
}

/* One number has grown; when a pass was recorded it may also shrink. */
static void tell_growth(const struct following *f, size_t i,
                        enum engine_event_kind kind, uint64_t items,
                        uint64_t bytes)
{
    if (items != 0 || bytes != 0)
        tell(
            f, i,
            &(struct engine_event){ .kind = kind, .n = items, .bytes = bytes });
}

static bool is_over(const struct remote_mailbox *b)
{
    return b->job == JOB_DONE || b->job == JOB_FAILED ||
           b->job == JOB_CANCELLED;
}

/*
 * Of a pass under way the service knows what it has looked at; how much of
 * that was copied is recorded at its end.
 */
static void tell_numbers(const struct following *f, size_t i,
                         const struct remote_mailbox *b)
{
    const struct remote_mailbox *first = f->pass->before->pdata[i];
    struct told *told = &f->told[i];
    struct told now = { .listed = b->items - first->items,
                        .copied = b->copied - first->copied,
                        .bytes = b->bytes - first->bytes };

    if (!is_over(b))
        now.copied += b->items - b->waiting - (first->items - first->waiting);
    tell_growth(f, i, ENGINE_LISTED, now.listed - told->listed, 0);
    tell_growth(f, i, ENGINE_COPIED, now.copied - told->copied,
                now.bytes - told->bytes);
    told->listed = now.listed;
    told->copied = now.copied;
    told->bytes = now.bytes;
}

static void tell_state(const struct following *f, size_t i,
                       const struct remote_mailbox *b)
{
    struct told *told = &f->told[i];

    if (told->begun && told->state == b->m.state)
        return;
    told->state = b->m.state;
    tell(f, i,
         &(struct engine_event){
             .kind = ENGINE_STATE, .state = b->m.state, .text = b->m.reason });
}

/* Remedies of an error outlive it; these come from outside. */
static void why_of(const struct remote_mailbox *b, struct err *ret)
{
    const char *remedy = b->job_remedy != NULL ? b->job_remedy : b->m.remedy;

    err_set(ret, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s",
            b->job == JOB_CANCELLED ? "it was cancelled at the service"
            : b->job_reason != NULL ? b->job_reason
            : b->m.reason != NULL   ? b->m.reason
                                    : "the service does not say why");
    if (remedy != NULL)
        (void)err_remedy(ret, g_intern_string(remedy));
}

/* settings: all of them together, as they stand now. */
static enum fleet_end end_of(enum fleet_task task,
                             const struct remote_mailbox *b,
                             const struct tally *settings)
{
    bool items = task == FLEET_MIGRATE || task == FLEET_VERIFY;

    if (b->job != JOB_DONE)
        return FLEET_FAILED;
    return (items && b->m.state == MAILBOX_COMPLETED_WITH_FAILURES) ||
                   tally_wants_a_person(settings)
               ? FLEET_DIFFERENCES
               : FLEET_DONE;
}

/* What its ledger says of its settings; nothing where the pass has none. */
static void read_settings(const struct following *f, size_t i,
                          const struct remote_mailbox *b, struct tally *ret)
{
    const struct remote_mailbox *stands =
        f->stand != NULL ? g_ptr_array_index(f->stand, i) : NULL;
    uint64_t n = 0;

    *ret = (struct tally){ 0 };
    if (stands == NULL || stands->m.id != b->m.id || stands->at.tallies == NULL)
        return;
    *ret = tally_sum(stands->at.tallies);
    for (int k = 0; k < SETTING_N; k++)
        n += ret->by_outcome[k];
    tell_growth(f, i, ENGINE_SETTING, n, 0);
}

static void tell_end(struct following *f, size_t i,
                     const struct remote_mailbox *b)
{
    const struct remote_mailbox *first = f->pass->before->pdata[i];
    const struct fleet_listener *l = f->pass->listener;
    uint64_t failed = b->failed - first->failed;
    enum fleet_end end;
    struct tally settings;
    struct err why;

    read_settings(f, i, b, &settings);
    end = end_of(f->pass->task, b, &settings);

    if (failed > 0)
        tell(f, i,
             &(struct engine_event){ .kind = ENGINE_FAILED,
                                     .n = failed,
                                     .text = "failures.csv of the report "
                                             "says why" });
    f->told[i].ended = true;
    f->n_ended++;
    f->sum->ends[end]++;
    f->sum->ends[FLEET_NOT_STARTED]--;
    f->sum->items_copied += b->copied - first->copied;
    f->sum->bytes_copied += b->bytes - first->bytes;
    f->sum->items_failed += failed;
    if (end == FLEET_FAILED)
        why_of(b, &why);
    l->ended(l->data, i, end, NULL, end == FLEET_FAILED ? &why : NULL);
}

static void look_at(struct following *f, size_t i,
                    const struct remote_mailbox *b)
{
    struct told *told = &f->told[i];

    if (told->ended || b->job < 0 ||
        (!told->begun && b->job != JOB_RUNNING && !is_over(b)))
        return;
    if (!told->begun)
        f->pass->listener->begun(f->pass->listener->data, i);
    tell_state(f, i, b);
    told->begun = true;
    tell_numbers(f, i, b);
    if (is_over(b))
        tell_end(f, i, b);
}

/* Ledgers are looked at when somebody comes to an end, and not each time. */
static int look_at_ledgers(struct following *f, const GPtrArray *now,
                           struct err *err)
{
    bool due = false;

    g_clear_pointer(&f->stand, g_ptr_array_unref);
    for (guint i = 0; i < MIN(now->len, f->pass->before->len); i++)
        due = due || (!f->told[i].ended && is_over(now->pdata[i]));
    return due && f->pass->settings
               ? remote_standing(f->pass->remote, f->pass->migration_id,
                                 &f->stand, err)
               : 0;
}

/* Both are in the order of their ids. */
static int look(struct following *f, struct err *err)
{
    const GPtrArray *before = f->pass->before;
    g_autoptr(GPtrArray) now = NULL;
    guint at = 0;

    if (remote_mailboxes(f->pass->remote, f->pass->migration_id, &now, err) <
            0 ||
        look_at_ledgers(f, now, err) < 0)
        return -1;
    for (guint i = 0; i < before->len; i++) {
        const struct remote_mailbox *old = before->pdata[i];
        const struct remote_mailbox *b = NULL;

        while (at < now->len && ((b = now->pdata[at])->m.id < old->m.id))
            at++;
        if (b == NULL || b->m.id != old->m.id)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "mailbox \"%s\" was removed from the service",
                           old->m.source_address);
        look_at(f, i, b);
    }
    return 0;
}

static int look_on(struct following *f, struct err *err)
{
    const guint n = f->pass->before->len;
    int64_t pause_us = LOOK_US * (1 + n / PAGE_BOXES);

    while (look(f, err) == 0) {
        if (f->n_ended == n ||
            cancel_sleep(f->pass->cancel, pause_us, CANCEL_DRAIN))
            return 0;
    }
    return cancel_level(f->pass->cancel) != CANCEL_NONE ? 0 : -1;
}

int remote_follow(const struct remote_pass *pass, struct fleet_summary *ret,
                  struct err *err)
{
    const guint n = pass->before->len;
    g_autofree struct told *told = g_new0(struct told, n + 1);
    struct following f = { .pass = pass, .told = told, .sum = ret };
    int result;

    *ret = (struct fleet_summary){ 0 };
    ret->ends[FLEET_NOT_STARTED] = n;
    result = look_on(&f, err);
    g_clear_pointer(&f.stand, g_ptr_array_unref);
    return result;
}
