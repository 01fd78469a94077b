/*
 * canon - an item as lines of text that are equal for equal items.
 *
 * Each line is a name, which a person understands, and a value; long values
 * are their SHA-256.  The digest hashes the lines, the comparison for people
 * lists them.
 *
 * Values: texts with line ends and trailing blanks folded; times to the
 * second; what is false, 0 or empty counts as not there (servers differ in
 * what they give a default); lists as sets.
 */
#ifndef PORTABLE_CANON_H
#define PORTABLE_CANON_H

#include "portable/portable.h"

/* Lines of one item; what is above it is not its own. */
#define CANON_LINES_MAX 20000u

struct canon {
    GPtrArray *lines[PORTABLE_N_PARTS]; /* "name\tvalue", owned */
    unsigned int broken;                /* bits of parts not to be had */
    bool draft;
    bool outline;       /* no MIME, no body, no contents */
    unsigned int depth; /* of the item among those it lies in */
};
void canon_init(struct canon *c);
void canon_release(struct canon *c);

/* value NULL or "": no line. */
void canon_add(struct canon *c, enum portable_part part, const char *name,
               const char *value);
/* Nothing when the same line is there already. */
void canon_add_once(struct canon *c, enum portable_part part, const char *name,
                    const char *value);

/* All lines of an item, sorted. */
int canon_take(const struct portable *p, struct canon *c,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void canon_sort(struct canon *c);

/* SHA-256 over the lines of a part, of all parts; hex, the caller frees. */
GBytes *canon_hash(const struct canon *c, enum portable_part part);
char *canon_hash_all(const struct canon *c);

/*
 * mime.c: the lines of a message.  One that cannot be read marks parts
 * broken; -1 only when the blob, or our own disk, cannot be.
 */
int mime_canon(const struct blob *base64, struct canon *c,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 of the decoded bytes, in hex; the caller frees. */
int mime_hash(const struct blob *base64, char **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * An address as it is compared: in lower case; one of Exchange's own wrapped
 * for SMTP without the domain that wraps it.  The caller frees.
 */
char *canon_address(const char *address);

#endif
