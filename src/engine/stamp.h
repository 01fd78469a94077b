/*
 * stamp - how an item that travelled as MIME and properties is known again.
 *
 * Its digest cannot be compared before it has been read, and a copy that was
 * cut short has none: so the destination keeps a stamp with it, made from the
 * source item's id, which no two items share.
 */
#ifndef ENGINE_STAMP_H
#define ENGINE_STAMP_H

#define STAMP_LEN 44

/* Printable ASCII, with its terminator. */
void stamp_make(const char *source_id, char ret[STAMP_LEN + 1]);

#endif
