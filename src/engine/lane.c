/*
 * A lane: claim a batch, read it, send it, record it.
 *
 *            claim            read             intend
 *   LISTED ---------> claimed -----> payload ---------> INTENDED
 *      ^                 |              |                  |
 *      |  passing        | refused      | too large        | put()
 *      +-----------------+--------------+                  |
 *      |                 +--> FAILED <--+                  |
 *      |                        ^                          |
 *      |                        | refused for good         |
 *      +------------------------+--------------------------+--> COPIED
 *         refused for a time, or                           |
 *         surely never stored                              +--> in doubt
 *                                          no answer that counts (doubt.c)
 *
 *   1  An item is INTENDED in the ledger before any byte of it is sent, and
 *      stays so until we know what became of it.
 *   2  A payload that is cut short or partial is never sent.
 *   3  Nothing is sent to a folder whose baseline has not been taken.
 *   4  Nothing is sent after the deadline that its intent carries.
 *   5  An item fails for good by its own fault only: what befell a batch as a
 *      whole is held against an item once it went alone.
 */
#include "engine/lane_priv.h"

int lane_record(struct lane *l, struct cargo *const *set, size_t n,
                struct err *err)
{
    struct endpoint *source =
        pass_is_halted(&l->copy->pass) ? NULL : l->at[SOURCE];

    return cargo_record(l->copy, l->folder, set, n, source, err);
}

int64_t lane_asked_us(const struct lane *l, enum side side)
{
    struct endpoint_stats stats;

    endpoint_stats(l->at[side], &stats);
    return stats.own_us;
}

/* ---- what does not fit ------------------------------------------- */

static void too_large(struct lane *l, struct cargo *c)
{
    struct err why;

    batch_refuse(&l->copy->batch, c->bytes, &why);
    cargo_failed(c, &why);
}

/* What lies at the destination already needs no request to get there. */
static bool may_be_there(const struct lane *l, const struct cargo *c)
{
    return l->folder->searched && c->item->old_destination_id == NULL;
}

void lane_refuse_oversize(struct lane *l, struct cargo *c)
{
    uint64_t bytes = c->state == CARGO_READ ? c->bytes : c->bytes / 5 * 4;

    if (!may_be_there(l, c) && !batch_fits(&l->copy->batch, bytes))
        too_large(l, c);
}

/* It was looked for, and is not there. */
static void refuse_unsendable(struct lane *l, struct cargo *const *set,
                              size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!batch_fits(&l->copy->batch, set[i]->bytes))
            too_large(l, set[i]);
}

/* ---- a batch from claim to record -------------------------------- */

static size_t select_state(struct cargo *all, size_t n, enum cargo_state state,
                           struct cargo **ret)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (all[i].state == state)
            ret[k++] = &all[i];
    return k;
}

static size_t select_format(struct cargo **set, size_t n,
                            enum payload_format format)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (set[i]->format == format)
            set[k++] = set[i];
    return k;
}

/* Those that are claimed and go that way, from reading to record. */
static int carry_claimed(struct lane *l, struct cargo *all, size_t n,
                         enum payload_format format, struct err *err)
{
    g_autofree struct cargo **set = g_new(struct cargo *, n + 1);
    size_t k;

    k = select_state(all, n, CARGO_CLAIMED, set);
    k = select_format(set, k, format);
    if (k > 0)
        lane_read(l, set, k);
    k = select_state(all, n, CARGO_SETTLED, set);
    if (lane_record(l, set, k, err) < 0)
        return -1;
    k = select_state(all, n, CARGO_READ, set);
    if (k > 0 && lane_adopt(l, set, k, err) < 0)
        return -1;
    k = select_state(all, n, CARGO_READ, set);
    refuse_unsendable(l, set, k);
    k = select_state(all, n, CARGO_SETTLED, set);
    if (lane_record(l, set, k, err) < 0)
        return -1;
    k = select_state(all, n, CARGO_READ, set);
    return lane_send(l, set, k, err);
}

/* Those that fell back are as if claimed anew. */
static void claim_again(struct cargo *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!all[i].fell_back || all[i].state != CARGO_RECORDED ||
            all[i].to != ITEM_LISTED)
            continue;
        all[i].fell_back = false;
        all[i].state = CARGO_CLAIMED;
        cargo_unload(&all[i]);
    }
}

static bool is_any_claimed(const struct cargo *all, size_t n,
                           enum payload_format format)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].state == CARGO_CLAIMED && all[i].format == format)
            return true;
    return false;
}

static int carry_all(struct lane *l, struct cargo *all, size_t n,
                     enum payload_format format, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].state == CARGO_CLAIMED)
            lane_refuse_oversize(l, &all[i]);
    if (carry_claimed(l, all, n, format, err) < 0)
        return -1;
    claim_again(all, n);
    if (format == PAYLOAD_PORTABLE || pass_is_over(&l->copy->pass) ||
        !is_any_claimed(all, n, PAYLOAD_PORTABLE))
        return 0;
    return carry_claimed(l, all, n, PAYLOAD_PORTABLE, err);
}

static bool is_over(const struct cargo *c)
{
    return c->state == CARGO_IN_DOUBT ||
           (c->state == CARGO_RECORDED && c->to != ITEM_LISTED &&
            c->to != ITEM_FAILED);
}

/* FastTransfer was found out to be missing since they were listed. */
static bool has_no_way(struct lane *l)
{
    bool none;

    if (!l->folder->hidden)
        return false;
    pthread_mutex_lock(&l->copy->pass.lock);
    none = l->folder->no_way || l->copy->format != PAYLOAD_FTS;
    pthread_mutex_unlock(&l->copy->pass.lock);
    return none;
}

static void leave_out(struct cargo *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cargo_left_out(&all[i]);
}

/* As the mailbox's items go, or as earlier tries have shown for this one. */
static void choose_format(struct lane *l, struct cargo *c,
                          enum payload_format format)
{
    c->format = format;
    if (format != PAYLOAD_FTS)
        c->why_format = g_strdup(l->copy->why_format.msg);
    else
        c->why_format = route_kept_off(l->copy, c->item->id);
    if (c->why_format != NULL)
        c->format = PAYLOAD_PORTABLE;
}

/* How many of them the store may list still. */
static unsigned int carry(struct lane *l, const struct claim *claim)
{
    size_t n = claim->items->len;
    g_autofree struct cargo *all = g_new0(struct cargo, n + 1);
    enum payload_format format =
        l->folder->hidden ? PAYLOAD_FTS : route_format(l->copy);
    unsigned int left = 0;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        all[i].item = g_ptr_array_index(claim->items, i);
        all[i].bytes = all[i].item->size_bytes;
        choose_format(l, &all[i], format);
    }
    if (has_no_way(l))
        leave_out(all, n);
    if (carry_all(l, all, n, format, &err) < 0)
        pass_failed(&l->copy->pass, &err);
    for (size_t i = 0; i < n; i++) {
        left += !is_over(&all[i]);
        cargo_release(&all[i]);
    }
    return left;
}

/* 0: its baseline is on record. */
static int open_folder(struct lane *l)
{
    struct copy *c = l->copy;
    struct err why;

    if (baseline_take(c, l->at[DESTINATION], l->folder, &why) == 0) {
        feed_set_gate(c, l->folder, GATE_OPEN);
        return 0;
    }
    if (why.scope >= ERR_MAILBOX || pass_is_over(&c->pass)) {
        feed_set_gate(c, l->folder, GATE_SHUT);
        pass_failed(&c->pass, &why);
    } else {
        feed_close(c, l->folder, &why);
    }
    return -1;
}

void *lane_main(void *data)
{
    struct worker *w = data;
    struct lane l = {
        .copy = w->owner,
        .at = { w->hands.at[SOURCE], w->hands.at[DESTINATION] },
    };
    struct claim claim;
    struct err err;
    int r;

    while ((r = feed_claim(l.copy, &claim, &err)) > 0) {
        unsigned int left = claim.items->len;

        l.folder = claim.folder;
        if (!claim.open_first || open_folder(&l) == 0)
            left = carry(&l, &claim);
        feed_release(l.copy, &claim, left);
    }
    if (r < 0)
        pass_failed(&l.copy->pass, &err);
    return NULL;
}
