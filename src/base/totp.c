#include "base/totp.h"

#include <string.h>

#include <glib.h>
#include <sodium.h>

#include "base/secret.h"
#include "base/timestamp.h"

#define STEP_US (30 * TIMESTAMP_SECOND)
#define MODULUS 1000000u

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void totp_code(const uint8_t *key, size_t n, uint64_t step,
               char ret[TOTP_DIGITS + 1])
{
    uint64_t big = GUINT64_TO_BE(step);
    uint8_t hash[20];
    gsize len = sizeof(hash);
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, key, n);
    uint32_t value;
    unsigned int at;

    g_hmac_update(hmac, (const guchar *)&big, sizeof(big));
    g_hmac_get_digest(hmac, hash, &len);
    /* RFC 4226 section 5.3: dynamic truncation */
    at = hash[19] & 0xf;
    value = (uint32_t)(hash[at] & 0x7f) << 24 | (uint32_t)hash[at + 1] << 16 |
            (uint32_t)hash[at + 2] << 8 | hash[at + 3];
    g_snprintf(ret, TOTP_DIGITS + 1, "%06u", value % MODULUS);
}

bool totp_check(const uint8_t *key, size_t n, const char *code, int64_t now_us,
                uint64_t last_step, uint64_t *ret_step)
{
    uint64_t now = (uint64_t)(now_us / STEP_US), found = 0;

    if (strlen(code) != TOTP_DIGITS)
        return false;
    /* all three, so that time does not tell which */
    for (uint64_t step = now - 1; step <= now + 1; step++) {
        char want[TOTP_DIGITS + 1];

        totp_code(key, n, step, want);
        if (sodium_memcmp(want, code, TOTP_DIGITS) == 0 && step > last_step)
            found = step;
        secret_wipe(want, sizeof(want));
    }
    if (found == 0)
        return false;
    *ret_step = found;
    return true;
}

char *totp_secret_new(void)
{
    uint8_t bytes[TOTP_SECRET_BYTES];
    GString *text = g_string_new(NULL);

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    randombytes_buf(bytes, sizeof(bytes));
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit += 5) {
        unsigned int two = (unsigned int)bytes[bit / 8] << 8;

        if (bit / 8 + 1 < sizeof(bytes))
            two |= bytes[bit / 8 + 1];
        g_string_append_c(text, base32[two >> (11 - bit % 8) & 31]);
    }
    secret_wipe(bytes, sizeof(bytes));
    return g_string_free(text, FALSE);
}

size_t totp_secret_read(const char *text, uint8_t *ret, size_t room)
{
    size_t n = 0;
    unsigned int bits = 0;
    uint32_t held = 0;

    for (; *text != '\0' && *text != '='; text++) {
        const char *at = strchr(base32, g_ascii_toupper(*text));

        if (at == NULL)
            return 0;
        held = held << 5 | (uint32_t)(at - base32);
        bits += 5;
        if (bits < 8)
            continue;
        if (n == room)
            return 0;
        bits -= 8;
        ret[n++] = (uint8_t)(held >> bits);
    }
    return n;
}

char *totp_uri(const char *text, const char *name)
{
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);

    return g_strdup_printf("otpauth://totp/Mailferry:%s?secret=%s"
                           "&issuer=Mailferry",
                           escaped, text);
}
