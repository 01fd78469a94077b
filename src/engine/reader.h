/*
 * reader - read items to compare them: patiently, one at fault apart from the
 * others.
 *
 * For the look at what is in doubt, the sweep and verify.  (A lane reads to
 * send, and gives its failures to the ledger instead.)
 */
#ifndef ENGINE_READER_H
#define ENGINE_READER_H

#include "engine/digest.h"
#include "engine/pass.h"

/* Items a request: what a server reads within its minute. */
#define READER_ITEMS 10

enum reading_end {
    READING_OPEN,   /* not tried yet */
    READING_DONE,   /* digest and bytes are set */
    READING_GONE,   /* there is no such item */
    READING_FAILED, /* it cannot be read: why */
};

struct reading {
    enum reading_end end;
    struct digest digest;
    uint64_t bytes;    /* decoded */
    char *change_key;  /* as of this reading; owned; or NULL */
    bool untouched;    /* as struct endpoint_item has it */
    GPtrArray *people; /* of struct fts_person *; or NULL */
    /* The item itself, when asked to keep it: see struct endpoint_item. */
    struct blob *payload;
    struct portable *portable;
    struct err why;
};

struct reader {
    struct endpoint *ep;
    enum side side; /* that ep is on */
    bool keep;      /* the items themselves */
    enum payload_format format;
    const enum payload_format *formats; /* one an id, instead; or NULL */
    bool may_lack_room; /* such an item is READING_FAILED, as others */
    /*
     * They have just been listed: one that is said not to be there is asked
     * for a second time before it counts as gone (EWS-QUIRKS 94).
     */
    bool listed;
};

/*
 * ret has room for n, all zero; clear each with reading_clear().  -1 only
 * when the side as a whole cannot be read, the pass is over, or there is no
 * room for an item here: who has not seen one for that must not conclude that
 * it is not there.
 */
int reader_read(struct pass *p, const struct reader *r, const char *const *ids,
                size_t n, struct reading *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void reading_clear(struct reading *reading);
/* to takes the place of what it was; from is empty then. */
void reading_move(struct reading *to, struct reading *from);

#endif
