/*
 * token - 256 random bits that open something: sessions, API tokens, links
 * that work once.
 *
 * The holder gets the text, we keep its hash: who reads the database opens
 * nothing with it.  A hash needs no salt, since no two tokens are alike and
 * none can be guessed.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

/* "mfs_" and 43 letters of base64url, with the NUL. */
#define TOKEN_SIZE       48
#define TOKEN_HASH_BYTES 32

enum token_kind { TOKEN_SESSION, TOKEN_API, TOKEN_LINK };

/* The caller wipes the text after use; hash: what is kept, or NULL. */
void token_new(enum token_kind kind, char ret[TOKEN_SIZE],
               uint8_t hash[TOKEN_HASH_BYTES]);

/* False when it cannot be a token of that kind. */
bool token_hash(enum token_kind kind, const char *text,
                uint8_t ret[TOKEN_HASH_BYTES]);

/*
 * Each token in the text, of whatever kind, becomes "***": for whoever may read
 * the rest of it.
 */
void token_strike(char *text);

#endif
