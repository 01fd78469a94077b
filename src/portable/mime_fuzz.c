/*
 * Any bytes as a message: the digest is the same twice, however the line ends
 * of base64 fall, and an item never differs from itself.
 */
#include <stdlib.h>

#include "portable/portable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct portable *mail(const uint8_t *data, size_t size, bool cut)
{
    struct portable *p = portable_new(PORTABLE_MAIL, "IPM.Note");
    g_autofree char *b64 = g_base64_encode(data, size);
    g_autoptr(GString) s = g_string_new(NULL);

    for (const char *at = b64; *at != '\0'; at++) {
        g_string_append_c(s, *at);
        if (cut && s->len % 77 == 76)
            g_string_append_c(s, '\n');
    }
    portable_take_mime(p, blob_from_bytes(s->str, s->len));
    portable_seal(p);
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(portable) a = mail(data, size, false);
    g_autoptr(portable) b = mail(data, size, true);
    g_autoptr(GPtrArray) lines = NULL;
    struct portable_digest x, y;
    struct err err;

    if (portable_digest_take(a, &x, &err) < 0 ||
        portable_digest_take(b, &y, &err) < 0 ||
        portable_diff(a, b, &lines, &err) < 0)
        abort();
    if (portable_digest_compare(&x, &y, NULL) == PORTABLE_DIFFERENT ||
        x.available != y.available || lines->len != 0)
        abort();
    return 0;
}
