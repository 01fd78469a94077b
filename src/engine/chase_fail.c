#include "base/spool.h"
#include "engine/cargo.h"
#include "engine/chase_priv.h"
#include "engine/gone.h"

/*
 * Edits, read marks and deletions that cannot follow.  Each is told as a
 * failure of its item, whose copy stays as it is: FAILED with its pending bits,
 * until a later pass can.
 */

void quarry_fail(struct quarry *q, const struct err *why)
{
    q->why = *why;
    if (!q->settled) {
        quarry_settle(q, ITEM_FAILED, 0);
        q->end.change_key = NULL;
    }
    q->end.state = ITEM_FAILED;
    q->end.reason = q->why.msg;
    q->end.remedy = q->why.remedy;
    q->end.error_name = q->why.name;
}

void chase_describe(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!q->settled || q->end.state != ITEM_FAILED)
            continue;
        if (q->now.end != READING_GONE)
            cargo_describe(b->chase->at[SOURCE], q->item->source_id,
                           &q->subject);
        cargo_describe(b->chase->at[DESTINATION], q->item->destination_id,
                       &q->subject);
        q->end.subject = q->subject;
    }
}

static bool is_waited_for(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && quarry_is_edited(b, q);
}

/* ---- not found, and listed ---------------------------------------------- */

/*
 * "Not found" proves nothing (EWS-QUIRKS 94).  1: the folder's list says that
 * it is deleted, as the next pass will hear; 0: not; -1.
 */
static int is_deleted(struct batch_of *b, const struct quarry *q,
                      struct err *err)
{
    struct folder *f = copy_folder(b->chase->copy, q->item->folder_id);

    if (f == NULL || !f->wanted)
        return 1; /* with its folder; or nobody asks about that */
    return gone_item(b->chase->copy, b->chase->at[SOURCE], f,
                     q->item->source_id, err);
}

int chase_ask_again(struct batch_of *b, struct err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];
        struct err why;
        int gone;

        if (!is_waited_for(b, q) || q->now.end != READING_GONE)
            continue;
        gone = is_deleted(b, q, &why);
        if (gone < 0 && why.scope >= ERR_MAILBOX) {
            *err = why;
            return -1;
        }
        q->listed = gone <= 0;
        if (q->listed)
            reading_clear(&q->now);
    }
    return chase_read(b, SOURCE, chase_at_source, true, err);
}

static void fail_unfound(struct quarry *q)
{
    struct err why = q->now.why;

    gone_denied(&why);
    quarry_fail(q, &why);
}

/* ---- not to be read ----------------------------------------------------- */

/*
 * Not as FastTransfer, perhaps the other way: it replaces its copy then, which
 * has to be ours.  Our own disk is as full that way as this.
 */
static bool may_go_as_mime(const struct batch_of *b, const struct quarry *q)
{
    const struct copy *c = b->chase->copy;
    const struct folder *f = copy_folder(c, q->item->folder_id);
    const struct err *why = &q->now.why;

    return quarry_is_ours(q) && q->item->format == PAYLOAD_FTS &&
           c->may_fall_back && f != NULL && !f->hidden &&
           (why->scope == ERR_ITEM || policy_is_denied(why)) &&
           !spool_is_at_fault(why);
}

int chase_read_as_mime(struct batch_of *b, struct err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_waited_for(b, q) || q->now.end != READING_FAILED ||
            !may_go_as_mime(b, q))
            continue;
        q->as_mime = true;
        q->why = q->now.why;
        reading_clear(&q->now);
    }
    return chase_read(b, SOURCE, chase_at_source, true, err);
}

void chase_fail_unread(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_waited_for(b, q))
            continue;
        if (q->now.end == READING_FAILED)
            quarry_fail(q, &q->now.why);
        else if (q->now.end == READING_GONE && (q->listed || q->as_mime))
            fail_unfound(q);
    }
}

/* ---- not to be sent ----------------------------------------------------- */

void quarry_fail_there(struct quarry *q)
{
    struct err why = q->there.why;

    err_in(&why,
           "%s cannot be read, so that nobody knows whether it was edited too",
           quarry_is_ours(q) ? "its copy"
                             : "what is at the destination since before the "
                               "migration");
    quarry_fail(q, &why);
}

void quarry_fail_nowhere(struct quarry *q)
{
    struct err why;

    err_set(&why, ERR_ITEM, ERR_RETRY_NEVER, 0,
            "the destination folder that it was copied to is not known any "
            "more");
    why.name = "no-folder";
    quarry_fail(q, &why);
}

void quarry_fail_too_large(const struct batch_of *b, struct quarry *q)
{
    struct err why;

    batch_refuse(&b->chase->copy->batch, q->now.bytes, &why);
    quarry_fail(q, &why);
}
