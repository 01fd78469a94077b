/*
 * totp - the six digits of an authenticator (RFC 6238: SHA-1, 30 seconds).
 */
#ifndef BASE_TOTP_H
#define BASE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET_BYTES 20
#define TOTP_DIGITS       6

/* Of one step (time / 30 s): "012345". */
void totp_code(const uint8_t *key, size_t n, uint64_t step,
               char ret[TOTP_DIGITS + 1]);

/*
 * Is it the code of now, of the step before or of the one after?  Steps up to
 * last_step were used already (RFC 6238 section 5.2: a code is good once).
 * True with the step to remember.
 */
bool totp_check(const uint8_t *key, size_t n, const char *code, int64_t now_us,
                uint64_t last_step, uint64_t *ret_step);

/* A new secret in base32, as people type it.  The caller wipes and frees. */
char *totp_secret_new(void);

/* Bytes of it into a buffer of room; 0 when it is not one. */
size_t totp_secret_read(const char *text, uint8_t *ret, size_t room);

/* "otpauth://totp/..." for an authenticator's picture.  As above. */
char *totp_uri(const char *text, const char *name);

#endif
