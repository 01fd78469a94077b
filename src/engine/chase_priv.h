/*
 * What the files of chase.h share: chase.c has the batch and its record,
 * chase_edit.c what was edited, chase_remove.c what was deleted or replaced,
 * chase_mark.c read marks, chase_do.c the destination's refusals, chase_fail.c
 * what cannot follow.
 */
#ifndef ENGINE_CHASE_PRIV_H
#define ENGINE_CHASE_PRIV_H

#include "engine/chase.h"

/* One row and what is found out about it. */
struct quarry {
    const struct store_item *item;
    struct reading now;   /* at the source */
    struct reading there; /* its copy */
    struct store_follow end;
    uint8_t digest[DIGEST_PACKED]; /* of end */
    bool settled;                  /* end is to be recorded */
    bool updated;                  /* in place, by this chase */
    bool listed;  /* not found, and not deleted: it was asked for again */
    bool as_mime; /* not to be had as FastTransfer (why): read the other way */
    bool refused; /* for a time perhaps: why */
    struct err why;
    char *subject; /* of what failed */
};

struct batch_of {
    struct chase *chase;
    struct quarry *all;
    size_t n;
};

/* What was there before us is nothing that we change. */
bool quarry_is_ours(const struct quarry *q);
bool quarry_is_hidden(const struct batch_of *b, const struct quarry *q);
/* Its digest is the one on record of what we wrote. */
bool quarry_is_copy(const struct quarry *q, const struct digest *digest);
/* What is pending, and to be carried over. */
bool quarry_is_edited(const struct batch_of *b, const struct quarry *q);
bool quarry_is_deleted(const struct batch_of *b, const struct quarry *q);

/* That state and these pending bits done are to be recorded. */
void quarry_settle(struct quarry *q, enum item_state state, unsigned int done);
/* reason: static. */
void quarry_conflict(struct quarry *q, unsigned int done, const char *reason);

/*
 * This is why what is pending cannot follow; its copy stays.  What has followed
 * already has.
 */
void quarry_fail(struct quarry *q, const struct err *why);
void quarry_fail_there(struct quarry *q); /* its copy cannot be read */
void quarry_fail_nowhere(struct quarry *q);
void quarry_fail_too_large(const struct batch_of *b, struct quarry *q);

/* Read those that are wanted, at one side. */
typedef bool wanted_fn(const struct batch_of *b, const struct quarry *q);
int chase_read(struct batch_of *b, enum side side, wanted_fn *wanted, bool keep,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* To be read at the source still. */
bool chase_at_source(const struct batch_of *b, const struct quarry *q);
/* For what was not found: is it gone?  Else it is read once more. */
int chase_ask_again(struct batch_of *b,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What is refused as FastTransfer is read as MIME and properties. */
int chase_read_as_mime(struct batch_of *b,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What could not be read by all that fails. */
void chase_fail_unread(struct batch_of *b);
/* What failed is something that a person has to find: asks for its subject. */
void chase_describe(struct batch_of *b);

/* What the destination is asked to do to items. */
struct deed {
    /* 1: not now, or never, as *ret_why tells; else it judges each, and 0; -1
     */
    int (*ask)(struct batch_of *b, struct quarry **set, size_t n,
               struct err *ret_why);
    /* A request with nothing but this fails: for good, or too often. */
    void (*give_up)(struct batch_of *b, struct quarry *q,
                    const struct err *why);
};
/*
 * Until each of the n is judged or has failed, by its own fault.  -1 when the
 * pass cannot go on.
 */
int chase_do(struct batch_of *b, const struct deed *deed, struct quarry **set,
             size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* In ask(): this one was refused; what for_good says, or it is tried again. */
typedef void refused_fn(struct batch_of *b, struct quarry *q,
                        const struct err *why);
void chase_refused(struct batch_of *b, struct quarry *q, const struct err *why,
                   refused_fn *for_good);
/* Before that: among others that went well, it is about the item. */
void chase_narrow(struct endpoint_done *done, size_t n);
/* A refused_fn, and a give_up: it has failed. */
void chase_fail_refused(struct batch_of *b, struct quarry *q,
                        const struct err *why);

int chase_edits(struct batch_of *b, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int chase_deletions(struct batch_of *b,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Those that are read at the source now; or those that are not. */
int chase_marks(struct batch_of *b, bool read,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it is read there is none of our business, or not any more. */
void chase_drop_marks(struct batch_of *b);

#endif
