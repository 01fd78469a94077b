/*
 * portable_make - the requests that store a portable item and what hangs on
 * it.  None of them sends anything to anybody.
 */
#ifndef EWS_PORTABLE_MAKE_H
#define EWS_PORTABLE_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ews/mailbox.h"
#include "ews/portable_item.h"

/* An item on its way into the mailbox. */
struct making {
    const struct endpoint_put *put;
    struct item_writing how;
    int status; /* 0, or -1 and why: it was not stored */
    struct err why;
    char *id, *change_key; /* once it is there; owned */
    GString *lost;         /* for people; NULL: nothing yet */
    bool remade;           /* it was doubled, and this is the second try */
    bool doubled;          /* has attachments twice: to be made anew */
};
void making_clear(struct making *m);
/* Note that something did not arrive, and why (or NULL). */
void making_lose(struct making *m, const char *what, const struct err *why);

/*
 * Create n items of one folder in one request.  0: each has its status.  -1:
 * there was no answer; *ret_maybe as in endpoint_ops.put.
 */
int make_items(struct mailbox *mb, struct making *items, size_t n,
               bool *ret_maybe, struct err *err);

/*
 * The rest is done to an item that is there.  Each is sent again only while it
 * is certain that it was not carried out.  0: done, 1: refused for good, as
 * *err says; -1: anything else, and the item is not complete.
 */
int make_attachments(struct mailbox *mb, struct making *m,
                     const struct portable *p, struct err *err);

/*
 * The same for one attachment: parent_id is an item's, or that of an item
 * attachment, which is then what it is attached to.
 */
int make_attachment(struct mailbox *mb, const struct making *m,
                    const char *parent_id, const struct portable_attachment *a,
                    struct err *err);

/* Take n attachments away; refused[i], false before: that one was refused. */
int drop_attachments(struct mailbox *mb, const char *const *ids, size_t n,
                     bool *refused, struct err *err);

/* 'attachment "name"', for people.  name: NULL is none.  The caller frees. */
char *attachment_words(const char *name);

/* Which item: by its id, or one of a series by its number. */
struct change_target {
    const char *id;
    uint32_t occurrence; /* 0: the item itself */
};

struct change {
    struct change_target target;
    const struct portable *p; /* whose values are set */
    const GPtrArray *keys;    /* of what, as item_write_change() has them */
    const struct item_writing *how;
    bool stamp;  /* ours too */
    bool detach; /* no meeting any more: an appointment without attendees */
};
/* *ret_id: the item's id after it (an occurrence gets one); may be NULL. */
int make_change(struct mailbox *mb, const struct change *change, char **ret_id,
                struct err *err);

/* Delete occurrences of a series by their numbers. */
int make_deletions(struct mailbox *mb, const char *id, const uint32_t *numbers,
                   size_t n, struct err *err);

#endif
