#include "engine/filter.h"
#include "engine/reader.h"
#include "engine/reason.h"
#include "engine/rows.h"
#include "engine/verify_priv.h"

/* As in the copying pass: Exchange allows 5 concurrent syncs. */
#define LISTERS_MAX 4

int verify_record(struct verify *v, const struct store_verdict *verdicts,
                  size_t n, struct err *err)
{
    const struct engine_job *job = v->pass.job;
    uint64_t n_told = 0;

    if (n == 0)
        return 0;
    if (store_items_verify(job->store, &job->lease, verdicts, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        n_told += verdicts[i].verify != VERIFY_NONE;
    if (n_told > 0)
        pass_event(&v->pass, &(struct engine_event){ .kind = ENGINE_VERIFIED,
                                                     .n = n_told });
    return 0;
}

bool verify_is_new(const struct verify *v, const struct store_item *row)
{
    return v->only_pass_id == 0 || row->pass_id == v->only_pass_id ||
           row->verify == VERIFY_NONE;
}

/* ---- where to look ----------------------------------------------- */

static void touch(struct verify *v, int64_t folder_id)
{
    for (guint i = 0; i < v->rows->len; i++)
        if (((struct store_folder *)v->rows->pdata[i])->id == folder_id)
            v->touched[i] = true;
}

static int touch_page(void *data, GPtrArray *page, struct err *err)
{
    struct verify *v = data;
    int64_t last = 0;

    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++) {
        const struct store_item *row = page->pdata[i];

        if (row->folder_id == last || row->state == ITEM_GONE ||
            !verify_is_new(v, row))
            continue;
        last = row->folder_id;
        touch(v, last);
    }
    return 0;
}

static int count(const struct verify *v, struct store_counts *ret,
                 uint64_t *ret_classless, struct err *err)
{
    const struct engine_job *job = v->pass.job;
    uint64_t gone = 0;

    if (store_counts(job->store, job->lease.mailbox_id, ret, err) < 0)
        return -1;
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++)
        gone += ret->by[kind][ITEM_GONE].items;
    *ret_classless =
        ret->verify[VERIFY_NONE] - MIN(gone, ret->verify[VERIFY_NONE]);
    return 0;
}

/* Folders with something that this verification is about. */
static int find_touched(struct verify *v, struct err *err)
{
    const struct engine_job *job = v->pass.job;
    struct store_item_query q = { .mailbox_id = job->lease.mailbox_id };
    struct store_counts counts;
    uint64_t classless;

    v->touched = g_new0(bool, v->rows->len + 1);
    if (v->only_pass_id == 0) {
        for (guint i = 0; i < v->rows->len; i++)
            v->touched[i] = true;
        return 0;
    }
    if (count(v, &counts, &classless, err) < 0)
        return -1;
    /* Where everything has its class, only the pass's own items matter. */
    if (classless == 0)
        q.pass_id = v->only_pass_id;
    return rows_each(job->store, &q, touch_page, v, err);
}

static bool is_anything_touched(const struct verify *v)
{
    for (guint i = 0; i < v->rows->len; i++)
        if (v->touched[i])
            return true;
    return false;
}

/* ---- the two parts ----------------------------------------------- */

static int go_on(struct verify *v, struct err *err)
{
    return pass_is_over(&v->pass) ? pass_interrupted(&v->pass, err) : 0;
}

static int look(struct verify *v, struct err *err)
{
    unsigned int lanes = v->pass.options.lanes;
    uint64_t batches;

    crew_run(&v->pass, v, MIN(lanes, LISTERS_MAX), verify_folders_main);
    if (go_on(v, err) < 0)
        return -1;
    batches = (v->n_to_read + READER_ITEMS - 1) / READER_ITEMS;
    crew_run(&v->pass, v, (unsigned int)MIN(lanes, batches),
             verify_content_main);
    return go_on(v, err);
}

static int open_sides(struct verify *v, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { 0 };

    /* The pass before this one may have opened them. */
    if (v->pass.job->source->caps != 0)
        return 0;
    if (pass_open(&v->pass, facts, err) < 0)
        return -1;
    endpoint_facts_clear(&facts[SOURCE]);
    endpoint_facts_clear(&facts[DESTINATION]);
    return 0;
}

static int run(struct verify *v, struct err *err)
{
    const struct engine_job *job = v->pass.job;

    if (pass_begin(&v->pass, "verify", err) < 0 ||
        pass_set_state(&v->pass, MAILBOX_VERIFYING, NULL, NULL, err) < 0 ||
        open_sides(v, err) < 0)
        return -1;
    if (v->only_pass_id == 0 &&
        store_items_verify_reset(job->store, &job->lease, err) < 0)
        return -1;
    return look(v, err);
}

/* ---- the end ----------------------------------------------------- */

static int fill_report(struct verify *v, struct engine_verify_report *ret,
                       uint64_t *ret_classless, struct err *err)
{
    struct engine_verify_report r = {
        .mode = v->mode,
        .read_items = v->read_items,
        .read_bytes = v->read_bytes,
    };
    struct store_counts counts;

    if (count(v, &counts, ret_classless, err) < 0)
        return -1;
    memcpy(r.by_class, counts.verify, sizeof(r.by_class));
    r.by_class[VERIFY_EXTRA] = v->n_extra;
    *ret = r;
    return 0;
}

/*
 * A remark and no difference: users read their mail at either side.  Of what
 * this run alone has copied there is nothing to say yet.
 */
static void remark_marks(struct verify *v)
{
    g_autofree char *text = g_strdup_printf(
        "%" G_GUINT64_FORMAT " item%s read at one side and unread at the "
        "other; the content is compared apart from that",
        v->n_marks, v->n_marks == 1 ? " is" : "s are");

    if (v->n_marks == 0 || v->only_pass_id != 0)
        return;
    pass_event(&v->pass, &(struct engine_event){
                             .kind = ENGINE_NOTE,
                             .n = v->n_marks,
                             .text = text,
                             .about = "items are read at one side and unread "
                                      "at the other",
                         });
}

static char *differences(const struct engine_verify_report *r)
{
    static const enum verify_class bad[] = { VERIFY_MISSING, VERIFY_DIFFERENT,
                                             VERIFY_FAILED, VERIFY_CONFLICT };
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (r->by_class[bad[i]] > 0)
            g_string_append_printf(
                text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? ", " : "",
                r->by_class[bad[i]], verify_class_name(bad[i]));
    return g_string_free(text, FALSE);
}

static bool was_faulty(const struct verify *v)
{
    return v->before != NULL &&
           v->before->state == MAILBOX_COMPLETED_WITH_FAILURES;
}

/*
 * What the copying did not come to, a folder that could not be listed or swept,
 * is nothing that this looks at: that is as true as before.  Numbers of items
 * are counted here, too.
 */
static const char *reason_before(const struct verify *v, bool is_counted)
{
    const char *reason = was_faulty(v) ? v->before->reason : NULL;

    if (reason == NULL || (is_counted && reason_is_number(reason)))
        return NULL;
    if (v->pass.unlisted && strcmp(reason, v->pass.unlisted_why.msg) == 0)
        return NULL;
    return reason;
}

static void add_reason(GString *text, const char **remedy, const char *more,
                       const char *more_remedy)
{
    g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", more);
    if (*remedy == NULL)
        *remedy = more_remedy;
}

/* All that is wrong, each with its own words: none says another. */
static int set_faulty(struct verify *v, const char *different, struct err *err)
{
    g_autoptr(GString) text = g_string_new(different);
    const struct err *unlisted = &v->pass.unlisted_why;
    const char *before = reason_before(v, *different != '\0');
    const char *remedy = NULL;

    if (v->pass.unlisted)
        add_reason(text, &remedy, unlisted->msg, unlisted->remedy);
    if (before != NULL)
        add_reason(text, &remedy, before, v->before->remedy);
    return pass_set_state(&v->pass, MAILBOX_COMPLETED_WITH_FAILURES,
                          text->len > 0 ? text->str : NULL, remedy, err);
}

static int set_end_state(struct verify *v, const struct engine_verify_report *r,
                         uint64_t classless, struct err *err)
{
    g_autofree char *different = differences(r);

    if (v->pass.unlisted || *different != '\0' || was_faulty(v))
        return set_faulty(v, different, err);
    if (v->pass.options.pass == ENGINE_PASS_TRIAL)
        return pass_set_state(&v->pass, MAILBOX_QUEUED,
                              "the trial went well; the rest waits",
                              "run it without --trial to copy everything", err);
    return pass_set_state(&v->pass,
                          classless == 0 ? MAILBOX_VERIFIED : MAILBOX_SYNCED,
                          NULL, NULL, err);
}

static int end(struct verify *v, int r, struct engine_verify_report *ret,
               struct err *err)
{
    bool interrupted = r < 0 && pass_is_cancelled(&v->pass) && !v->pass.stopped;
    struct engine_verify_report report = { 0 };
    uint64_t classless;

    if (r == 0 && (fill_report(v, &report, &classless, err) < 0 ||
                   set_end_state(v, &report, classless, err) < 0))
        r = -1;
    if (r == 0) {
        remark_marks(v);
        if (pass_end(&v->pass, false, NULL, err) < 0)
            return -1;
        *ret = report;
        return 0;
    }
    if (interrupted)
        pass_show_state(&v->pass, MAILBOX_SYNCED,
                        "its verification was interrupted",
                        "run again to verify it");
    else
        pass_show_state(&v->pass, MAILBOX_FAILED, err->msg, err->remedy);
    pass_end_badly(&v->pass, interrupted, interrupted ? NULL : err);
    return -1;
}

static int verify(struct verify *v, struct engine_verify_report *ret,
                  struct err *err)
{
    const struct engine_job *job = v->pass.job;
    int r = 0;

    if ((v->only_pass_id != 0 &&
         store_mailbox_get(job->store, job->lease.mailbox_id, &v->before, err) <
             0) ||
        store_folders(job->store, job->lease.mailbox_id, &v->rows, err) < 0 ||
        find_touched(v, err) < 0)
        return -1;
    v->names = filter_names(v->rows);
    /* Nothing was copied: what was verified stands, nobody is asked. */
    if (v->only_pass_id == 0 || is_anything_touched(v))
        r = run(v, err);
    return end(v, r, ret, err);
}

int engine_verify(const struct engine_job *job, enum verify_mode mode,
                  int64_t only_pass_id, struct engine_verify_report *ret,
                  struct err *err)
{
    struct verify v = { .mode = mode, .only_pass_id = only_pass_id };
    int r;

    if (mode == VERIFY_MODE_NOTHING) {
        *ret = (struct engine_verify_report){ .mode = mode };
        return 0;
    }
    pass_init(&v.pass, job, MAILBOX_VERIFYING);
    v.joined = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_queue_init(&v.unread);
    verify_fresh_init(&v);
    r = verify(&v, ret, err);
    g_queue_clear_full(&v.unread, (GDestroyNotify)store_item_free);
    g_hash_table_unref(v.joined);
    verify_fresh_release(&v);
    g_clear_pointer(&v.names, g_hash_table_unref);
    g_clear_pointer(&v.rows, g_ptr_array_unref);
    g_free(v.touched);
    store_mailbox_free(v.before);
    pass_release(&v.pass);
    return r;
}
