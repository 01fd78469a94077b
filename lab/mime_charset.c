#include "lab/mime_charset.h"

#include <stdbool.h>
#include <string.h>

#include "lab/bytes.h"

/* The first of a code page is the name that we write. */
static const struct {
    int32_t cpid;
    const char *name;
} charsets[] = {
    { CPID_UTF8, "utf-8" },
    { CPID_UTF8, "utf8" },
    { CPID_UTF8, "unicode-1-1-utf-8" },
    { CPID_ASCII, "us-ascii" },
    { CPID_ASCII, "ascii" },
    { CPID_1252, "Windows-1252" },
    { CPID_1252, "cp1252" },
    { 28591, "iso-8859-1" },
    { 28591, "latin1" },
    { 28592, "iso-8859-2" },
    { 28593, "iso-8859-3" },
    { 28594, "iso-8859-4" },
    { 28595, "iso-8859-5" },
    { 28596, "iso-8859-6" },
    { 28597, "iso-8859-7" },
    { 28598, "iso-8859-8" },
    { 28599, "iso-8859-9" },
    { 28603, "iso-8859-13" },
    { 28605, "iso-8859-15" },
    { 874, "windows-874" },
    { 1250, "windows-1250" },
    { 1251, "windows-1251" },
    { 1253, "windows-1253" },
    { 1254, "windows-1254" },
    { 1255, "windows-1255" },
    { 1256, "windows-1256" },
    { 1257, "windows-1257" },
    { 1258, "windows-1258" },
    { 932, "shift_jis" },
    { 936, "gb2312" },
    { 936, "gbk" },
    { 949, "ks_c_5601-1987" },
    { 950, "big5" },
    { 20866, "koi8-r" },
    { 21866, "koi8-u" },
    { 50220, "iso-2022-jp" },
    { 51932, "euc-jp" },
    { 51949, "euc-kr" },
    { 54936, "gb18030" },
};

/* Where iconv knows a character set by another name. */
static const struct {
    int32_t cpid;
    const char *name;
} converters[] = {
    { 936, "GBK" },
    { 949, "CP949" },
    { 932, "CP932" },
    { 874, "CP874" },
};

const char *mime_charset_name(int32_t cpid)
{
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (charsets[i].cpid == cpid)
            return charsets[i].name;
    return NULL;
}

int32_t mime_charset_cpid(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(charsets); i++)
        if (g_ascii_strcasecmp(charsets[i].name, name) == 0)
            return charsets[i].cpid;
    return 0;
}

static const char *converter(int32_t cpid)
{
    for (size_t i = 0; i < G_N_ELEMENTS(converters); i++)
        if (converters[i].cpid == cpid)
            return converters[i].name;
    return mime_charset_name(cpid);
}

/* Valid UTF-8 with NULs taken for what cannot be read. */
static char *without_nul(const char *text, size_t n)
{
    GString *s = g_string_sized_new(n + 1);

    for (size_t i = 0; i < n; i++)
        if (text[i] == '\0')
            g_string_append(s, "\xEF\xBF\xBD");
        else
            g_string_append_c(s, text[i]);
    return g_string_free(s, FALSE);
}

static bool is_ascii(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (data[i] >= 0x80)
            return false;
    return true;
}

static char *convert(const uint8_t *data, size_t n, const char *charset)
{
    gsize got = 0;
    g_autofree char *text = g_convert((const char *)data, (gssize)n, "UTF-8",
                                      charset, NULL, &got, NULL);

    return text != NULL ? without_nul(text, got) : NULL;
}

/* What every byte is a character of. */
static char *from_1252(const uint8_t *data, size_t n)
{
    g_autofree uint8_t *copy = g_memdup2(data, n);

    for (size_t i = 0; i < n; i++)
        if (copy[i] == 0)
            copy[i] = '?';
    return bytes_1252_to_utf8(copy, n);
}

/* UTF-16 is told by its name alone; it has no code page in a mail. */
static bool is_wide(const char *claim)
{
    return g_ascii_strncasecmp(claim, "utf-16", 6) == 0 ||
           g_ascii_strncasecmp(claim, "utf-32", 6) == 0;
}

char *mime_charset_decode(const uint8_t *data, size_t n, const char *claim,
                          int32_t *ret_cpid)
{
    int32_t cpid = mime_charset_cpid(claim);
    char *text = NULL;

    *ret_cpid = CPID_UTF8;
    if (n == 0) {
        *ret_cpid = cpid != 0 ? cpid : CPID_ASCII;
        return g_strdup("");
    }
    if (claim != NULL && is_wide(claim)) {
        text = convert(data, n, claim);
        if (text != NULL)
            return text;
    }
    if (cpid != 0 && (cpid != CPID_ASCII || is_ascii(data, n)))
        text = convert(data, n, converter(cpid));
    if (text != NULL) {
        *ret_cpid = cpid;
        return text;
    }
    text = without_nul((const char *)data, n);
    if (g_utf8_validate(text, -1, NULL)) {
        *ret_cpid = cpid == 0 && is_ascii(data, n) ? CPID_ASCII : CPID_UTF8;
        return text;
    }
    g_free(text);
    *ret_cpid = CPID_1252;
    return from_1252(data, n);
}

char *mime_charset_encode(const char *utf8, int32_t cpid, size_t *ret_n)
{
    const char *charset = converter(cpid);
    gsize n = 0;
    char *text;

    if (charset == NULL)
        return NULL;
    text = g_convert(utf8, -1, charset, "UTF-8", NULL, &n, NULL);
    if (text != NULL)
        *ret_n = n;
    return text;
}
