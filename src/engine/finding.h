/*
 * finding - what a check found that a person should know of, by its cause.
 *
 * One table says of each cause what it is called, whether it is a warning, and
 * what to do about it; the finding itself says what it is in this mailbox.
 */
#ifndef ENGINE_FINDING_H
#define ENGINE_FINDING_H

#include <stdbool.h>
#include <stdint.h>

enum finding_kind {
    /* warnings: something will be missing, or fail, as things stand */
    FINDING_OVERSIZE,    /* items that fit into no request */
    FINDING_QUOTA,       /* the destination has not the room */
    FINDING_ARCHIVE,     /* an archive here and none there */
    FINDING_RECOVERABLE, /* the same of recoverable items */
    FINDING_UNSEEN,      /* a folder could not be looked at */
    FINDING_FORWARDED,   /* a rule sends its mail to the other side */
    FINDING_FLAG,        /* a flag of the import file leaves something out */
    FINDING_PEOPLE,      /* who has rights here is nobody there */
    FINDING_RULE,        /* a rule that no pass can carry over */
    /* notes: all goes well, but not as one might expect */
    FINDING_ALIAS,            /* the import file has an alias of the mailbox */
    FINDING_PORTABLE,         /* items travel as MIME and properties */
    FINDING_COMPARED,         /* verified items cannot be read whole */
    FINDING_RENAMED,          /* a folder has another name at the destination */
    FINDING_SKIPPED,          /* folders that no pass copies */
    FINDING_LEFT_BEHIND,      /* recoverable items that nobody asked for */
    FINDING_RECOVERABLE_ROOM, /* those that somebody did */
    FINDING_HIDDEN,           /* hidden items of a class that is not copied */
    FINDING_OWN_NAME,         /* its legacyExchangeDN could not be had */
    FINDING_N
};

struct finding {
    enum finding_kind kind;
    char *text; /* of this mailbox; owned */
    /*
     * Where many mailboxes have the same: what it is, whichever the mailbox,
     * and how many this one has.  Else NULL.
     */
    char *alike; /* owned */
    uint64_t n;
};
void finding_free(struct finding *f);

/* "oversize", "quota": for programs; static. */
const char *finding_name(enum finding_kind kind);
/* "items are larger than the destination takes": a heading; static. */
const char *finding_heading(enum finding_kind kind);
/* What to do; static; NULL: nothing need be done. */
const char *finding_remedy(enum finding_kind kind);
bool finding_is_warning(enum finding_kind kind);

#endif
