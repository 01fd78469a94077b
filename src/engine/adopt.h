/*
 * adopt - items that were at the destination before us: what the search for
 * them (adopt_find.c), the comparison (adopt.c), the choice among what was
 * found (adopt_choose.c) and the record of it (adopt_record.c) share.
 */
#ifndef ENGINE_ADOPT_H
#define ENGINE_ADOPT_H

#include "engine/lane_priv.h"
#include "engine/reader.h"

#define N_FORMATS 2 /* PAYLOAD_FTS, PAYLOAD_PORTABLE */

/* An item of the destination; guarded by the pass's lock. */
struct there {
    int64_t holder; /* the row that it was given to; 0: nobody */
    bool loosely;   /* by its key alone: who is equal to it may take it away */
    struct {
        enum reading_end end; /* READING_OPEN: not read so yet */
        struct digest digest;
        bool untouched; /* since it was made */
    } as[N_FORMATS];
};

/* It may be the one. */
struct lead {
    char *id;            /* owned */
    struct there *there; /* borrowed from the folder */
    bool stamped;        /* we have made it, from this very item */
};

enum grade {
    GRADE_NONE,
    GRADE_EQUAL,   /* in content */
    GRADE_LIKELY,  /* nothing differs, but not all can be compared */
    GRADE_SAME_KEY /* it is that item, and differs */
};

/* One item of the batch. */
struct search {
    struct cargo *cargo;
    bool exact;    /* its key is no mere hint */
    GArray *leads; /* of struct lead; stamped ones first */
    /* In what form it is compared, and what it is then. */
    enum payload_format format;
    bool readable;
    struct digest digest;
    uint64_t bytes;
    /* What was chosen. */
    enum grade grade;
    struct lead hit;    /* borrowed from leads */
    int64_t taken_from; /* the row that held it loosely; or 0 */
    unsigned int parts; /* that differ, of GRADE_SAME_KEY */
};

struct adopting {
    struct lane *lane;
    struct search *all;
    size_t n;
};

/* Fill leads; what was left unfinished is removed on the way. */
int adopt_find(struct adopting *a, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Softly, from the destination; those that are gone count as removed. */
int adopt_remove_ruins(struct adopting *a, const struct endpoint_ref *refs,
                       size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether any lead is left that nobody has. */
bool adopt_is_open(struct adopting *a, const struct search *s);
/* Give out what is of that grade, to those that have nothing yet. */
void adopt_choose(struct adopting *a, enum grade grade);
/*
 * With the lock held: of what nobody has, the one that we have made from this
 * item, that differs from it, and that nobody has touched since; or NULL.
 */
const struct lead *adopt_forsaken(const struct search *s);
/* It turned out not to be to be had. */
void adopt_give_back(struct adopting *a, struct search *s);
/* What a person is told of GRADE_SAME_KEY; the caller frees. */
char *adopt_reason(const struct search *s);
/* What was found for the batch goes into the ledger, and is told. */
int adopt_record(struct adopting *a, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
