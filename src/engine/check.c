#include <string.h>

#include "engine/filter.h"
#include "engine/hidden.h"
#include "engine/pass.h"
#include "engine/survey.h"
#include "engine/trees.h"

static void check_folder_free(struct engine_check_folder *f)
{
    g_free(f->path);
    g_free(f->well_known);
    g_free(f->folder_class);
    g_free(f);
}

void engine_check_clear(struct engine_check *check)
{
    endpoint_facts_clear(&check->source);
    endpoint_facts_clear(&check->destination);
    for (guint i = 0; check->folders != NULL && i < check->folders->len; i++)
        check_folder_free(check->folders->pdata[i]);
    for (guint i = 0; check->notes != NULL && i < check->notes->len; i++)
        g_free(check->notes->pdata[i]);
    g_clear_pointer(&check->folders, g_ptr_array_unref);
    g_clear_pointer(&check->notes, g_ptr_array_unref);
    *check = (struct engine_check){ 0 };
}

static void add_note(struct engine_check *check, char *text)
{
    g_ptr_array_add(check->notes, text);
}

static void add_folder(const struct pass *p, struct engine_check *check,
                       const struct plan_step *step)
{
    struct engine_check_folder *f = g_new0(struct engine_check_folder, 1);

    f->path = g_strdup(step->path);
    f->well_known = g_strdup(step->source->well_known);
    f->folder_class = g_strdup(step->source->folder_class);
    f->n_items = step->source->n_items;
    f->size_bytes = step->source->size_bytes;
    f->skipped = step->action == PLAN_SKIP;
    f->root = step->root;
    f->left_out = step->action == PLAN_ABSENT ||
                  (p->options.filter.skip_trees & 1u << step->root) != 0;
    g_ptr_array_add(check->folders, f);
    if (step->note != NULL)
        add_note(check, g_strdup(step->note));
}

static void note_skipped(struct engine_check *check)
{
    guint n = 0;

    for (guint i = 0; i < check->folders->len; i++)
        n += ((struct engine_check_folder *)check->folders->pdata[i])->skipped;
    if (n > 0)
        add_note(check, g_strdup_printf("%u folder%s not copied: search "
                                        "folders, outbox, sync issues, the "
                                        "server's own records",
                                        n, n == 1 ? " is" : "s are"));
}

/* Which way items will travel; false when there is none. */
static bool note_caps(struct engine_check *check, const struct engine_job *job)
{
    static const struct {
        enum side side;
        enum endpoint_cap cap;
        const char *what;
    } rows[] = {
        { SOURCE, ENDPOINT_CAP_EXPORT, "export" },
        { DESTINATION, ENDPOINT_CAP_EXPORT, "export" },
        { DESTINATION, ENDPOINT_CAP_UPLOAD, "upload" },
    };
    struct hands h = { { job->source, job->destination } };
    bool portable = (job->source->caps & job->destination->caps &
                     ENDPOINT_CAP_PORTABLE) != 0;
    bool whole = true;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((h.at[rows[i].side]->caps & (unsigned int)rows[i].cap) != 0)
            continue;
        whole = false;
        add_note(check, g_strdup_printf(
                            "the %s does not offer the %s of whole items%s",
                            side_name(rows[i].side), rows[i].what,
                            portable ? ": they will travel as MIME and "
                                       "properties"
                                     : ""));
    }
    return whole || portable;
}

static void note_limit(struct engine_check *check)
{
    uint64_t max = check->destination.request_max_bytes;

    if (max != 0)
        add_note(check,
                 g_strdup_printf("the destination takes requests of %.0f MB: "
                                 "items over about %.0f MB will fail",
                                 (double)max / 1e6, (double)max / 1e6 * 0.75));
}

static void note_lack(struct engine_check *check, const struct err *why,
                      const struct survey_sum *sum)
{
    add_note(check,
             g_strdup_printf("%s, for %" G_GUINT64_FORMAT " items, %.1f MB: %s",
                             why->msg, sum->items, (double)sum->bytes / 1e6,
                             why->remedy));
}

/*
 * Quotas as installed: Set-Mailbox -RecoverableItemsQuota, 30 GB; the
 * retention that empties them: RetainDeletedItemsFor, 14 days.
 */
static void note_recoverable(struct engine_check *check, bool asked,
                             const struct survey_sum *sum)
{
    if (sum->items == 0)
        return;
    add_note(check,
             g_strdup_printf(
                 asked ? "%" G_GUINT64_FORMAT
                         " recoverable items, %.1f MB, count against the "
                         "destination's quota for them (RecoverableItemsQuota, "
                         "30 GB as installed), and its retention removes them "
                         "unless it is held (Set-Mailbox -RetentionHoldEnabled "
                         "$true, or a longer -RetainDeletedItemsFor)"
                       : "%" G_GUINT64_FORMAT
                         " recoverable items, %.1f MB, are left behind unless "
                         "--recoverable-items is given",
                 sum->items, (double)sum->bytes / 1e6));
}

static void note_trees(const struct pass *p, struct engine_check *check,
                       const struct survey *s)
{
    unsigned int skip = p->options.filter.skip_trees;
    struct survey_sum deleted = { 0 };

    for (enum endpoint_root r = ENDPOINT_ROOT_ARCHIVE; r < ENDPOINT_N_ROOTS;
         r++) {
        struct survey_sum sum = survey_sum(s, r);
        struct err why;

        if (tree_is_recoverable(r)) {
            deleted.items += sum.items;
            deleted.bytes += sum.bytes;
        }
        if ((skip & 1u << r) == 0 && survey_lacks(s, r, &why))
            note_lack(check, &why, &sum);
    }
    note_recoverable(check, (skip & 1u << ENDPOINT_ROOT_RECOVERABLE) == 0,
                     &deleted);
}

/* ---- hidden items ------------------------------------------------ */

static bool has_hidden(const struct pass *p, const struct plan_step *step)
{
    return (step->action == PLAN_MAP || step->action == PLAN_CREATE) &&
           step->source->n_hidden > 0 && !tree_is_recoverable(step->root) &&
           !filter_skips_folder(&p->options.filter, step->path,
                                step->source->well_known);
}

static int list_hidden(struct pass *p, const char *folder_id,
                       struct endpoint_page *ret, struct err *err)
{
    unsigned int failures = 0;
    struct err why;

    while (endpoint_hidden(p->job->source, folder_id, ret, &why) < 0) {
        if (policy_is_gone(&why))
            return 0;
        if (pass_endure(p, SOURCE, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "source");
    }
    return 0;
}

static int count_hidden(struct pass *p, const struct plan_step *step,
                        GHashTable *by_class, struct err *err)
{
    g_auto(endpoint_page) page = { 0 };

    if (list_hidden(p, step->source->id, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.n; i++) {
        const char *class = page.changes[i].item_class;
        char *key = g_strdup(class != NULL ? class : "no class");
        size_t n = GPOINTER_TO_SIZE(g_hash_table_lookup(by_class, key));

        g_hash_table_insert(by_class, key, GSIZE_TO_POINTER(n + 1));
    }
    return 0;
}

static int note_hidden(struct pass *p, struct engine_check *check,
                       const struct survey *s, struct err *err)
{
    g_autoptr(GHashTable) by_class =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GList) classes = NULL;

    for (size_t i = 0; i < s->plan.n; i++)
        if (has_hidden(p, &s->plan.steps[i]) &&
            count_hidden(p, &s->plan.steps[i], by_class, err) < 0)
            return -1;
    classes =
        g_list_sort(g_hash_table_get_keys(by_class), (GCompareFunc)strcmp);
    for (const GList *l = classes; l != NULL; l = l->next)
        if (!hidden_is_copied(l->data))
            add_note(check,
                     hidden_text(l->data, GPOINTER_TO_SIZE(g_hash_table_lookup(
                                              by_class, l->data))));
    return 0;
}

static int fill(struct pass *p, struct engine_check *check, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { check->source,
                                             check->destination };
    g_auto(survey) s = { 0 };

    if (!note_caps(check, p->job)) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s",
                (const char *)check->notes->pdata[0]);
        err->name = "missing-capability";
        return err_remedy(err, "it takes Exchange 2010 SP1 or later");
    }
    if (survey_take(p, facts, 0, &s, err) < 0)
        return -1;
    for (size_t i = 0; i < s.plan.n; i++)
        add_folder(p, check, &s.plan.steps[i]);
    note_skipped(check);
    note_trees(p, check, &s);
    if (note_hidden(p, check, &s, err) < 0)
        return -1;
    note_limit(check);
    return 0;
}

static int look(struct pass *p, struct engine_check *check, struct err *err)
{
    const struct engine_job *job = p->job;
    struct endpoint_facts facts[N_SIDES];

    if (pass_open(p, facts, err) < 0)
        return -1;
    check->source = facts[SOURCE];
    check->destination = facts[DESTINATION];
    if (store_mailbox_set_facts(job->store, &job->lease,
                                endpoint_rights_name(check->source.rights),
                                check->source.server_version,
                                endpoint_rights_name(check->destination.rights),
                                check->destination.server_version, err) < 0)
        return -1;
    return fill(p, check, err);
}

/* A check changes nothing about a mailbox that has been copied. */
static enum mailbox_state state_after(enum mailbox_state before)
{
    switch (before) {
    case MAILBOX_PAUSED:
    case MAILBOX_SYNCED:
    case MAILBOX_VERIFIED:
    case MAILBOX_COMPLETED_WITH_FAILURES:
        return before;
    case MAILBOX_NEW:
    case MAILBOX_WAITING_FOR_CREDENTIALS:
    case MAILBOX_QUEUED:
    case MAILBOX_CHECKING:
    case MAILBOX_COPYING:
    case MAILBOX_THROTTLED:
    case MAILBOX_VERIFYING:
    case MAILBOX_FAILED:
    case MAILBOX_N_STATES:
        break;
    }
    return MAILBOX_QUEUED;
}

static int check_mailbox(struct pass *p, const struct store_mailbox *before,
                         struct engine_check *check, struct err *err)
{
    bool interrupted;

    if (pass_begin(p, "check", err) < 0 ||
        pass_set_state(p, MAILBOX_CHECKING, NULL, NULL, err) < 0)
        return -1;
    if (look(p, check, err) == 0) {
        if (pass_set_state(p, state_after(before->state), before->reason,
                           before->remedy, err) < 0)
            return -1;
        return pass_end(p, false, NULL, err);
    }
    interrupted = pass_is_cancelled(p);
    if (interrupted)
        pass_show_state(p, state_after(before->state), before->reason,
                        before->remedy);
    else
        pass_show_state(p, MAILBOX_FAILED, err->msg, err->remedy);
    pass_end_badly(p, interrupted, interrupted ? NULL : err);
    return -1;
}

int engine_check(const struct engine_job *job, struct engine_check *ret,
                 struct err *err)
{
    struct engine_check check = {
        .folders = g_ptr_array_new(),
        .notes = g_ptr_array_new(),
    };
    struct store_mailbox *before = NULL;
    struct pass p;
    int r;

    if (store_mailbox_get(job->store, job->lease.mailbox_id, &before, err) <
        0) {
        engine_check_clear(&check);
        return -1;
    }
    pass_init(&p, job, MAILBOX_CHECKING);
    r = check_mailbox(&p, before, &check, err);
    pass_release(&p);
    store_mailbox_free(before);
    if (r < 0) {
        engine_check_clear(&check);
        return -1;
    }
    *ret = check;
    return 0;
}
