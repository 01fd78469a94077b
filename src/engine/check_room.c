/* The mailbox's other trees, and whether there is room for everything. */
#include "base/size.h"
#include "engine/check_priv.h"
#include "engine/trees.h"

/* ---- beside the mailbox -------------------------------------------------- */

static enum finding_kind kind_of_lack(const struct looking *l,
                                      enum endpoint_root root)
{
    if (l->survey->trees[root][DESTINATION].refused)
        return FINDING_UNSEEN;
    return tree_is_recoverable(root) ? FINDING_RECOVERABLE : FINDING_ARCHIVE;
}

static void find_lack(struct looking *l, enum endpoint_root root)
{
    const struct survey_sum sum = survey_sum(l->survey, root);
    g_autofree char *bytes = size_text(sum.bytes);
    struct err why;

    if ((l->check->skip_trees & 1u << root) != 0)
        return;
    if (survey_refused(l->survey, root, &why))
        check_find(l->check, FINDING_UNSEEN, "%s", why.msg);
    else if (sum.items > 0 && survey_lacks(l->survey, root, &why))
        check_find(l->check, kind_of_lack(l, root),
                   "%s: %" G_GUINT64_FORMAT " item%s, %s", why.msg, sum.items,
                   sum.items == 1 ? "" : "s", bytes);
}

static void find_deleted(struct looking *l, const struct survey_sum *sum)
{
    bool asked = (l->check->skip_trees & 1u << ENDPOINT_ROOT_RECOVERABLE) == 0;
    g_autofree char *bytes = size_text(sum->bytes);

    if (sum->items > 0)
        check_find(l->check,
                   asked ? FINDING_RECOVERABLE_ROOM : FINDING_LEFT_BEHIND,
                   "%" G_GUINT64_FORMAT " item%s, %s", sum->items,
                   sum->items == 1 ? "" : "s", bytes);
}

static void look_at_trees(struct looking *l)
{
    struct survey_sum deleted = { 0 };

    for (enum endpoint_root root = ENDPOINT_ROOT_MAIN; root < ENDPOINT_N_ROOTS;
         root++) {
        const struct survey_tree *trees = l->survey->trees[root];
        const struct survey_sum sum = survey_sum(l->survey, root);

        l->check->source_roots[root] =
            (struct engine_check_root){ trees[SOURCE].root_id != NULL,
                                        sum.items, sum.bytes };
        l->check->destination_roots[root].there =
            trees[DESTINATION].root_id != NULL;
        if (tree_is_recoverable(root)) {
            deleted.items += sum.items;
            deleted.bytes += sum.bytes;
        }
        if (root != ENDPOINT_ROOT_MAIN)
            find_lack(l, root);
    }
    find_deleted(l, &deleted);
}

/* ---- room ---------------------------------------------------------------- */

/* What earlier passes brought is there already. */
static int count_done(struct looking *l, struct engine_amount *ret,
                      struct err *err)
{
    const struct engine_job *job = l->pass->job;
    struct store_counts counts;

    if (store_counts(job->store, job->lease.mailbox_id, &counts, err) < 0)
        return -1;
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        const enum item_state done[] = { ITEM_COPIED, ITEM_ALREADY_THERE };

        if ((l->check->skip_kinds & (1u << kind)) != 0)
            continue;
        for (size_t i = 0; i < G_N_ELEMENTS(done); i++) {
            ret->items += counts.by[kind][done[i]].items;
            ret->bytes += counts.by[kind][done[i]].bytes;
        }
    }
    return 0;
}

static uint64_t left(uint64_t all, uint64_t done)
{
    return all > done ? all - done : 0;
}

static int ask_quota(struct looking *l, struct err *err)
{
    struct engine_check *check = l->check;
    unsigned int failures = 0;
    struct err why;
    int told;

    while ((told = endpoint_quota(l->pass->job->destination,
                                  &check->quota_bytes, &why)) < 0) {
        if (pass_endure(l->pass, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "destination");
    }
    check->quota_known = told > 0;
    return 0;
}

static uint64_t size_of_tree(const struct endpoint_tree *tree)
{
    uint64_t bytes = 0;

    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = tree->folders->pdata[i];

        bytes += f->search ? 0 : f->size_bytes;
    }
    return bytes;
}

static void compare_room(struct engine_check *check)
{
    uint64_t room_bytes = left(check->quota_bytes, check->used_bytes);
    g_autofree char *need = size_text(check->to_come_bytes);
    g_autofree char *room = size_text(room_bytes);

    if (check->quota_known && check->to_come_bytes > room_bytes)
        check_find(check, FINDING_QUOTA, "needs %s, %s are free", need, room);
}

/* Other trees count against quotas of their own. */
static uint64_t main_bytes(const struct engine_check *check)
{
    uint64_t bytes = 0;

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f = check->folders->pdata[i];

        if (f->root == ENDPOINT_ROOT_MAIN && !f->skipped && !f->left_out &&
            (check->skip_kinds & 1u << f->kind) == 0)
            bytes += f->size_bytes;
    }
    return bytes;
}

static struct expectation expect_rest(const struct looking *l, uint64_t items,
                                      uint64_t bytes)
{
    const struct engine_check *check = l->check;
    const struct expect_round_trip trip = {
        pass_round_trip_us(l->pass, SOURCE),
        pass_round_trip_us(l->pass, DESTINATION),
    };
    struct expect_work work = { .items = items, .bytes = bytes };

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f = check->folders->pdata[i];

        work.folders += !f->skipped && !f->left_out && f->n_items > 0 &&
                        (check->skip_kinds & 1u << f->kind) == 0;
    }
    return expect(&l->options->measured, &trip, &work);
}

int check_room(struct looking *l, struct err *err)
{
    struct engine_check *check = l->check;
    struct engine_amount total = engine_check_total(check), done = { 0 };
    const struct survey_tree *there =
        &l->survey->trees[ENDPOINT_ROOT_MAIN][DESTINATION];

    look_at_trees(l);
    if (ask_quota(l, err) < 0 || count_done(l, &done, err) < 0)
        return -1;
    check->used_bytes = size_of_tree(&there->tree);
    check->to_come_bytes =
        MIN(main_bytes(check), left(total.bytes, done.bytes));
    check->expected = expect_rest(l, left(total.items, done.items),
                                  left(total.bytes, done.bytes));
    compare_room(check);
    return 0;
}
