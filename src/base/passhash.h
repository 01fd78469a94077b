/*
 * passhash - passwords of people, kept so that they cannot be read.
 *
 * Argon2id (libsodium).  The text of a hash names its own parameters, so that
 * old ones go on working when ours change and can be told to be made anew.
 */
#ifndef BASE_PASSHASH_H
#define BASE_PASSHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

/* Shortest and longest password that may be chosen, in bytes. */
#define PASSHASH_SHORTEST 12
#define PASSHASH_LONGEST  1024
/* A hash as text, with its NUL. */
#define PASSHASH_SIZE 128

struct passhash_cost {
    uint64_t passes;
    uint64_t memory_bytes;
};

/* What is thought enough now: three passes over 64 MiB. */
extern const struct passhash_cost passhash_usual;

/* -1: too short, too long, or no memory for it. */
int passhash_make(const char *password, const struct passhash_cost *cost,
                  char ret[PASSHASH_SIZE],
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is it the password of that hash?  A NULL hash takes as long and is nobody's,
 * so that time does not tell which names there are.
 */
bool passhash_check(const char *hash, const char *password,
                    const struct passhash_cost *cost);

/* Was it made with other parameters? */
bool passhash_is_old(const char *hash, const struct passhash_cost *cost);

#endif
