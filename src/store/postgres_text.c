/*
 * Text that is not UTF-8.  The server takes none, and a server's ids and
 * people's subjects may be anything: SQLite keeps whatever came.
 *
 * A byte that is out of place is stored as a character of its own, U+10FE80 to
 * U+10FEFF (private, and used by nobody): F4 8F BA or BB, and the rest.  Where
 * such a character came in, its bytes are stored so; thus all come back as they
 * were.
 */
#include "store/postgres_priv.h"

static bool is_mark(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return b[0] == 0xf4 && b[1] == 0x8f && (b[2] & 0xfe) == 0xba;
}

static const char *find_mark(const char *text)
{
    while ((text = strchr(text, 0xf4)) != NULL && !is_mark(text))
        text++;
    return text;
}

static void put(GString *out, char byte)
{
    unsigned char b = (unsigned char)byte;
    const unsigned char mark[] = { 0xf4, 0x8f, (unsigned char)(0xb8 | b >> 6),
                                   (unsigned char)(0x80 | (b & 0x3f)) };

    g_string_append_len(out, (const char *)mark, sizeof(mark));
}

char *pg_text_escape(const char *text)
{
    const char *end, *p = text;
    GString *out;

    if (g_utf8_validate(text, -1, NULL) && find_mark(text) == NULL)
        return NULL;
    out = g_string_new(NULL);
    while (*p != '\0') {
        g_utf8_validate(p, -1, &end);
        for (; p < end; p++) {
            if (!is_mark(p)) {
                g_string_append_c(out, *p);
                continue;
            }
            for (int i = 0; i < 4; i++)
                put(out, p[i]);
            p += 3;
        }
        if (*p != '\0')
            put(out, *p++);
    }
    return g_string_free(out, FALSE);
}

char *pg_text_unescape(const char *text)
{
    GString *out;

    if (find_mark(text) == NULL)
        return NULL;
    out = g_string_new(NULL);
    for (const char *p = text; *p != '\0'; p++) {
        if (!is_mark(p)) {
            g_string_append_c(out, *p);
            continue;
        }
        g_string_append_c(out, (char)((p[2] & 0x03) << 6 | (p[3] & 0x3f)));
        p += 3;
    }
    return g_string_free(out, FALSE);
}
