#include "engine/copy_priv.h"
#include "engine/hidden.h"
#include "engine/own_name.h"
#include "engine/reason.h"
#include "engine/rows.h"

struct failing {
    struct copy *copy;
    struct folder *folder;
};

static int fail_page(void *data, GPtrArray *page, struct err *err)
{
    const struct failing *x = data;
    const struct err *why = &x->folder->why;
    g_autofree struct store_outcome *outcomes =
        g_new0(struct store_outcome, page->len + 1);
    g_autofree uint64_t *bytes = g_new0(uint64_t, page->len + 1);

    for (guint i = 0; i < page->len; i++)
        outcomes[i] = (struct store_outcome){
            .item_id = ((struct store_item *)page->pdata[i])->id,
            .state = ITEM_FAILED,
            .reason = why->msg,
            .remedy = why->remedy,
            .error_name = why->name,
        };
    return record_outcomes(x->copy, x->folder, outcomes, bytes, page->len, err);
}

/* What waits in a folder that was given up fails with the folder's cause. */
static int fail_rest(struct copy *c, struct folder *f, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .folder_id = f->row->id,
        .states = 1u << ITEM_LISTED,
    };
    struct failing x = { c, f };

    return rows_each(job->store, &q, fail_page, &x, err);
}

int copy_finish(struct copy *c, struct err *err)
{
    if (pass_is_over(&c->pass))
        return pass_interrupted(&c->pass, err);
    if (c->pass.options.dry_run && c->pass.unlisted) {
        *err = c->pass.unlisted_why;
        return -1;
    }
    for (size_t i = 0; i < c->n_folders && !c->pass.options.dry_run; i++)
        if (c->folders[i].gate == GATE_CLOSED &&
            fail_rest(c, &c->folders[i], err) < 0)
            return -1;
    if (c->pass.options.pass == ENGINE_PASS_TRIAL && !c->pass.options.dry_run &&
        trial_round(c, err) < 0)
        return -1;
    /* Edits of what this very pass, or one that died, has copied. */
    if (!c->pass.options.dry_run &&
        (follow_all(c, false, err) < 0 || sweep_all(c, err) < 0))
        return -1;
    if (!c->pass.options.dry_run &&
        (people_ask(c, err) < 0 || own_name_or_note(&c->pass, err) < 0))
        return -1;
    /* More failures than allowed, found at the very end. */
    return c->pass.stopped ? pass_interrupted(&c->pass, err) : 0;
}

static int count_failed(const struct engine_job *job, uint64_t *ret,
                        struct err *err)
{
    struct store_counts counts;

    if (store_counts(job->store, job->lease.mailbox_id, &counts, err) < 0)
        return -1;
    *ret = 0;
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++)
        *ret += counts.by[kind][ITEM_FAILED].items;
    return 0;
}

static int count_page(void *data, GPtrArray *page, struct err *err)
{
    uint64_t *n = data;

    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++)
        *n += ((const struct store_item *)page->pdata[i])->reason != NULL;
    return 0;
}

/* What is at the destination in another shape or folder, and was left so. */
static int count_unlike(const struct engine_job *job, uint64_t *ret,
                        struct err *err)
{
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_ALREADY_THERE,
    };

    *ret = 0;
    return rows_each(job->store, &q, count_page, ret, err);
}

/* It has no place at the destination, and nothing to put there. */
static bool is_nobodys_loss(const struct folder *f)
{
    return f->barred && (f->n_items == 0 || f->skipped);
}

/* Folders whose items nobody could look at: the copy is not whole. */
static const struct err *unfinished_why(const struct copy *c)
{
    if (c->pass.unlisted)
        return &c->pass.unlisted_why;
    for (size_t i = 0; i < c->n_folders; i++)
        if (c->folders[i].gate == GATE_CLOSED &&
            !is_nobodys_loss(&c->folders[i]))
            return &c->folders[i].why;
    return NULL;
}

static int set_unlike(struct copy *c, uint64_t n, struct err *err)
{
    g_autofree char *text = reason_unlike(n);

    return pass_set_state(&c->pass, MAILBOX_COMPLETED_WITH_FAILURES, text,
                          "see the report; --unlike copy copies the source's "
                          "beside them",
                          err);
}

static int set_end_state(struct copy *c, struct err *err)
{
    const struct err *why = unfinished_why(c);
    g_autofree char *text = NULL;
    uint64_t n_failed, n_unlike;

    if (why != NULL)
        return pass_set_state(&c->pass, MAILBOX_COMPLETED_WITH_FAILURES,
                              why->msg, why->remedy, err);
    if (count_failed(c->pass.job, &n_failed, err) < 0 ||
        count_unlike(c->pass.job, &n_unlike, err) < 0)
        return -1;
    if (n_failed == 0 && n_unlike > 0)
        return set_unlike(c, n_unlike, err);
    if (n_failed == 0 && c->pass.options.pass == ENGINE_PASS_TRIAL)
        return pass_set_state(&c->pass, MAILBOX_QUEUED,
                              "the trial went well; the rest waits",
                              "run it without --trial to copy everything", err);
    if (n_failed == 0)
        return pass_set_state(&c->pass, MAILBOX_SYNCED, NULL, NULL, err);
    text = reason_failed(n_failed);
    return pass_set_state(&c->pass, MAILBOX_COMPLETED_WITH_FAILURES, text, NULL,
                          err);
}

int copy_end(struct copy *c, int r, bool *ret_interrupted, struct err *err)
{
    bool dry = c->pass.options.dry_run;

    *ret_interrupted = r < 0 && pass_is_cancelled(&c->pass) && !c->pass.stopped;
    if (*ret_interrupted) {
        if (!dry)
            pass_show_state(&c->pass, MAILBOX_PAUSED, "interrupted",
                            "run again to go on");
        return pass_end(&c->pass, true, NULL, err);
    }
    /* A request that it cut short says no more than that. */
    if (r < 0 && c->pass.stopped)
        pass_interrupted(&c->pass, err);
    if (r == 0 && !dry)
        r = set_end_state(c, err);
    if (r == 0)
        return pass_end(&c->pass, false, NULL, err);
    if (!dry)
        pass_show_state(&c->pass, MAILBOX_FAILED, err->msg, err->remedy);
    pass_end_badly(&c->pass, false, err);
    return -1;
}

/* The ledger has what is hidden, and the report has it from there. */
static void tell_some(struct copy *c, const char *about, const char *text,
                      uint64_t n)
{
    pass_event(&c->pass,
               &(struct engine_event){
                   .kind = ENGINE_NOTE, .n = n, .text = text, .about = about });
}

static void tell_number(struct copy *c, uint64_t n, const char *about,
                        const char *what)
{
    g_autofree char *text =
        g_strdup_printf("%" G_GUINT64_FORMAT " hidden item%s (views) %s", n,
                        n == 1 ? "" : "s", what);

    if (n > 0)
        tell_some(c, about, text, n);
}

void copy_tell_hidden(struct copy *c)
{
    GHashTableIter iter;
    void *class, *n;

    const char *left = finding_heading(FINDING_HIDDEN);

    tell_number(c, c->n_hidden_copied, "hidden items (views) are copied",
                "copied");
    tell_number(c, c->n_hidden_left_out, left,
                "left behind: there is no way for them but FastTransfer");
    g_hash_table_iter_init(&iter, c->left_behind);
    while (g_hash_table_iter_next(&iter, &class, &n)) {
        g_autofree char *text = hidden_text(class, GPOINTER_TO_SIZE(n));

        tell_some(c, left, text, GPOINTER_TO_SIZE(n));
    }
}
