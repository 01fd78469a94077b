#include "fts/fts_priv.h"

/*
 * [MS-OXCDATA] 2.11.1; a Boolean has two bytes here ([MS-OXCFXICS] 2.2.4.1.3)
 */
static const struct {
    uint16_t type;
    uint16_t size; /* 0: the value says */
    bool multi;    /* has a multi-valued form */
} plain[] = {
    { 0x0002, 2, true },  /* Integer16 */
    { 0x0003, 4, true },  /* Integer32 */
    { 0x0004, 4, true },  /* Floating32 */
    { 0x0005, 8, true },  /* Floating64 */
    { 0x0006, 8, true },  /* Currency */
    { 0x0007, 8, true },  /* FloatingTime */
    { 0x000A, 4, false }, /* ErrorCode */
    { 0x000B, 2, false }, /* Boolean */
    { 0x000D, 0, false }, /* Object */
    { 0x0014, 8, true },  /* Integer64 */
    { 0x001E, 0, true },  /* String8 */
    { 0x001F, 0, true },  /* String */
    { 0x0040, 8, true },  /* Time */
    { 0x0048, 16, true }, /* Guid */
    { 0x00FB, 0, false }, /* ServerId */
    { 0x0102, 0, true },  /* Binary */
};

/*
 * String types made of a code page: 0x8000 and its number ([MS-OXCFXICS]
 * 2.2.4.1.1.1).  The names are iconv's.
 */
static const struct {
    uint16_t number;
    const char *encoding;
} code_pages[] = {
    /* clang-format off */
    { 437, "CP437" },          { 850, "CP850" },         { 852, "CP852" },
    { 866, "CP866" },          { 874, "CP874" },         { 932, "CP932" },
    { 936, "GBK" },            { 949, "CP949" },         { 950, "CP950" },
    { 1200, FTS_ENCODING_UTF16 },
    { 1250, "CP1250" },        { 1251, "CP1251" },       { 1252, "CP1252" },
    { 1253, "CP1253" },        { 1254, "CP1254" },       { 1255, "CP1255" },
    { 1256, "CP1256" },        { 1257, "CP1257" },       { 1258, "CP1258" },
    { 20127, "CP1252" }, /* US-ASCII; bytes above it are somebody's 1252 */
    { 20866, "KOI8-R" },       { 21866, "KOI8-U" },
    { 28591, "ISO-8859-1" },   { 28592, "ISO-8859-2" },
    { 28593, "ISO-8859-3" },   { 28594, "ISO-8859-4" },
    { 28595, "ISO-8859-5" },   { 28596, "ISO-8859-6" },
    { 28597, "ISO-8859-7" },   { 28598, "ISO-8859-8" },
    { 28599, "ISO-8859-9" },   { 28603, "ISO-8859-13" },
    { 28605, "ISO-8859-15" },
    { 50220, "ISO-2022-JP" },  { 51932, "EUC-JP" },      { 51949, "EUC-KR" },
    { 54936, "GB18030" },      { 65001, "UTF-8" },
    /* clang-format on */
};

static const char *code_page_encoding(uint16_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(code_pages); i++)
        if ((code_pages[i].number | 0x8000) == type)
            return code_pages[i].encoding;
    return NULL;
}

static bool find_code_page(uint16_t type, struct fts_type *ret)
{
    const char *encoding = code_page_encoding(type);

    *ret = (struct fts_type){ .canonical = FTS_TYPE_STRING };
    if (encoding == NULL && (type & FTS_TYPE_MULTI) != 0) {
        encoding = code_page_encoding(type & (uint16_t)~FTS_TYPE_MULTI);
        ret->multi = encoding != NULL;
    }
    if (ret->multi)
        ret->canonical |= FTS_TYPE_MULTI;
    ret->encoding = encoding != NULL ? encoding : FTS_ENCODING_UNKNOWN;
    return true;
}

bool fts_type_find(uint16_t type, struct fts_type *ret)
{
    uint16_t base = type & (uint16_t)~FTS_TYPE_MULTI;

    if ((type & 0x8000) != 0)
        return find_code_page(type, ret);
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (plain[i].type != base || (type != base && !plain[i].multi))
            continue;
        *ret = (struct fts_type){ .multi = type != base,
                                  .size = plain[i].size,
                                  .canonical = type };
        /* PtypString8 does not say its code page: Windows' western one. */
        if (base == FTS_TYPE_STRING8)
            ret->encoding = "CP1252";
        if (base == FTS_TYPE_STRING)
            ret->encoding = FTS_ENCODING_UTF16;
        if (ret->encoding != NULL)
            ret->canonical =
                (uint16_t)(FTS_TYPE_STRING | (type & FTS_TYPE_MULTI));
        return true;
    }
    return false;
}
