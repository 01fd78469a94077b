/*
 * hint - by what an item that was at the destination before us is found.
 *
 * A checksum, since keys are of any length; equal hints are a reason to look
 * and prove nothing.
 */
#ifndef ENGINE_HINT_H
#define ENGINE_HINT_H

#define HINT_LEN 32

enum hint_of {
    HINT_OF_KEY,        /* what the endpoints know items by */
    HINT_OF_STAMP,      /* of an item that we have made, in whatever run */
    HINT_OF_UNFINISHED, /* the same, cut short while it was made */
};
#define HINT_N 3

/* Letters and digits, with their terminator. */
void hint_make(enum hint_of of, const char *text, char ret[HINT_LEN + 1]);

#endif
