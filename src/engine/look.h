/*
 * look - what has turned up in a destination folder since we know it, and is
 * neither ours nor was there before us.
 *
 * By the thread that runs the pass only.
 */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "engine/copy_priv.h"
#include "engine/match.h"

/* Something that nobody owns, as its folder lists it. */
struct candidate {
    char *id;
    char *search_key;    /* or NULL */
    char *item_class;    /* or NULL */
    char *stamp;         /* of a portable one; or NULL */
    bool unfinished;     /* it was cut short while it was made */
    int64_t received_us; /* TIMESTAMP_NONE: not told */
};

struct look {
    GPtrArray *found;         /* of struct candidate *, as the server listed */
    struct match_item *items; /* one a candidate; search keys borrowed */
    char *token;              /* the list's end */
};
/* The i-th candidate. */
const struct candidate *look_at(const struct look *l, size_t i);
void look_clear(struct look *l);
typedef struct look look;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(look, look_clear)

/*
 * List the folder's destination from token on, and read what is not known.
 * The folder's token on record stays where it is.
 */
int look_take(struct copy *c, struct folder *f, const char *token,
              struct look *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What the folder's destination lists now, from the start: ids, owned by the
 * set.  The caller unrefs.
 */
int look_listed(struct copy *c, const struct folder *f, GHashTable **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Read items of one side; items[i].readable says which could be.  formats: one
 * an id; NULL: all as FastTransfer.
 */
struct look_ids {
    enum side side;
    const char *const *ids;
    const enum payload_format *formats;
    size_t n;
};
int look_read(struct copy *c, const struct look_ids *what,
              struct match_item *items,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
