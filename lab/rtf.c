#include "lab/rtf.h"

#include <stdbool.h>
#include <string.h>

#include "lab/bytes.h"

/* ---- compression ----------------------------------------------------- */

/* [MS-OXRTFCP] 2.1.2.1: what the dictionary begins with. */
static const char preload[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0"
    "\\fs20\\b\\i\\u\\tab\\tx";

enum { DICTIONARY = 4096, HEADER = 16 };

struct unpack {
    uint8_t dictionary[DICTIONARY];
    unsigned int at; /* write position in it */
    GByteArray *out;
    size_t max;
};

static void put(struct unpack *u, uint8_t c)
{
    u->dictionary[u->at] = c;
    u->at = (u->at + 1) % DICTIONARY;
    if (u->out->len < u->max)
        g_byte_array_append(u->out, &c, 1);
}

/* One reference of two bytes; false at the end mark. */
static bool put_reference(struct unpack *u, const uint8_t *p)
{
    unsigned int from = (unsigned int)(p[0] << 4 | p[1] >> 4);
    unsigned int n = (p[1] & 0x0Fu) + 2;

    if (from == u->at)
        return false;
    for (; n > 0; n--) {
        put(u, u->dictionary[from]);
        from = (from + 1) % DICTIONARY;
    }
    return true;
}

static void unpack(struct unpack *u, const uint8_t *p, const uint8_t *end)
{
    while (p < end && u->out->len < u->max) {
        unsigned int control = *p++;

        for (int bit = 0; bit < 8 && p < end; bit++, control >>= 1) {
            if ((control & 1) == 0) {
                put(u, *p++);
                continue;
            }
            if (end - p < 2 || !put_reference(u, p))
                return;
            p += 2;
        }
    }
}

GByteArray *rtf_decompress(const uint8_t *data, size_t len)
{
    struct unpack u = { .at = sizeof(preload) - 1 };
    size_t raw;

    if (len < HEADER)
        return NULL;
    raw = MIN(bytes_u32_at(data + 4), RTF_BYTES_MAX);
    if (memcmp(data + 8, "MELA", 4) == 0) {
        u.out = g_byte_array_new();
        return g_byte_array_append(u.out, data + HEADER,
                                   (guint)MIN(raw, len - HEADER));
    }
    if (memcmp(data + 8, "LZFu", 4) != 0)
        return NULL;
    u.out = g_byte_array_new();
    u.max = raw;
    memcpy(u.dictionary, preload, sizeof(preload) - 1);
    unpack(&u, data + HEADER, data + len);
    return u.out;
}

/* ---- reading --------------------------------------------------------- */

/* Groups within groups: Word itself stays below a hundred. */
enum { GROUPS_MAX = 200 };

/* What holds inside of a group, and ends with it. */
struct group {
    bool skip;   /* a destination that is no text: fonts, pictures */
    bool tag;    /* \*\htmltag: HTML as it stands */
    bool hidden; /* \htmlrtf: only for readers of RTF */
    int uc;      /* bytes that stand for a \u */
};

struct reader {
    const char *at, *end;
    struct group stack[GROUPS_MAX];
    unsigned int depth, beyond; /* groups open; those past the stack */
    bool html;                  /* wanted: HTML that was put into the RTF */
    bool star;                  /* \* has just been read */
    int skip_bytes;             /* after a \u */
    gunichar high;              /* first half of a pair, by \u */
    unsigned int page;          /* \ansicpg */
    GByteArray *bytes;          /* of that page, not yet characters */
    GString *out;
};

static struct group *now(struct reader *r)
{
    return &r->stack[r->depth];
}

static bool is_shown(struct reader *r)
{
    const struct group *g = now(r);

    if (r->beyond > 0 || g->skip)
        return false;
    return g->tag || !(r->html && g->hidden);
}

static void flush(struct reader *r)
{
    g_autofree char *charset = NULL, *text = NULL;

    if (r->bytes->len == 0)
        return;
    charset = g_strdup_printf("CP%u", r->page);
    text = g_convert_with_fallback((const char *)r->bytes->data, r->bytes->len,
                                   "UTF-8", charset, "?", NULL, NULL, NULL);
    if (text != NULL)
        g_string_append(r->out, text);
    g_byte_array_set_size(r->bytes, 0);
}

static void show(struct reader *r, const char *text)
{
    if (!is_shown(r))
        return;
    flush(r);
    g_string_append(r->out, text);
}

static void show_byte(struct reader *r, uint8_t c)
{
    if (r->skip_bytes > 0)
        r->skip_bytes--;
    else if (is_shown(r))
        g_byte_array_append(r->bytes, &c, 1);
}

static void show_unicode(struct reader *r, int value)
{
    gunichar c = (gunichar)(value < 0 ? value + 65536 : value) & 0xFFFF;

    r->skip_bytes = now(r)->uc;
    if (!is_shown(r))
        return;
    flush(r);
    if (c >= 0xD800 && c < 0xDC00) {
        r->high = c;
        return;
    }
    if (c >= 0xDC00 && c < 0xE000) {
        c = r->high != 0 ? 0x10000 + ((r->high - 0xD800) << 10) + (c - 0xDC00)
                         : 0xFFFD;
        r->high = 0;
    }
    if (c != 0)
        g_string_append_unichar(r->out, c);
}

/* Control words that stand for a character. */
static const struct {
    const char *word, *text;
} characters[] = {
    { "par", "\r\n" },
    { "line", "\r\n" },
    { "sect", "\r\n" },
    { "page", "\r\n" },
    { "tab", "\t" },
    { "cell", "\t" },
    { "row", "\r\n" },
    { "lquote", "\xE2\x80\x98" },
    { "rquote", "\xE2\x80\x99" },
    { "ldblquote", "\xE2\x80\x9C" },
    { "rdblquote", "\xE2\x80\x9D" },
    { "bullet", "\xE2\x80\xA2" },
    { "endash", "\xE2\x80\x93" },
    { "emdash", "\xE2\x80\x94" },
};

/* Groups whose text is none of the body's. */
static const char *const destinations[] = {
    "fonttbl", "colortbl", "stylesheet", "info",      "pict",
    "object",  "header",   "footer",     "headerl",   "headerr",
    "footerl", "footerr",  "fldinst",    "themedata",
};

static bool is_destination(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(destinations); i++)
        if (strcmp(destinations[i], word) == 0)
            return true;
    return false;
}

static void act(struct reader *r, const char *word, bool given, int value)
{
    struct group *g = now(r);
    bool star = r->star;

    r->star = false;
    for (size_t i = 0; i < G_N_ELEMENTS(characters); i++)
        if (strcmp(characters[i].word, word) == 0) {
            show(r, characters[i].text);
            return;
        }
    if (strcmp(word, "u") == 0) {
        show_unicode(r, value);
    } else if (strcmp(word, "uc") == 0) {
        g->uc = CLAMP(value, 0, 8);
    } else if (strcmp(word, "ansicpg") == 0) {
        r->page = value > 0 ? (unsigned int)value : 1252;
    } else if (strcmp(word, "htmlrtf") == 0) {
        flush(r);
        g->hidden = !given || value != 0;
    } else if (strcmp(word, "htmltag") == 0 && star && r->html) {
        flush(r);
        g->tag = true;
    } else if (star || is_destination(word)) {
        flush(r);
        g->skip = true;
    }
}

/* A letter, then more, a number, one blank. */
static void read_word(struct reader *r)
{
    char word[32];
    size_t n = 0;
    bool given = false, negative = false;
    int value = 0;

    for (; r->at < r->end && g_ascii_isalpha(*r->at); r->at++)
        if (n < sizeof(word) - 1)
            word[n++] = *r->at;
    word[n] = '\0';
    if (r->at + 1 < r->end && *r->at == '-' && g_ascii_isdigit(r->at[1])) {
        negative = true;
        r->at++;
    }
    for (; r->at < r->end && g_ascii_isdigit(*r->at); r->at++) {
        given = true;
        value = MIN(value * 10 + (*r->at - '0'), 1000000);
    }
    if (r->at < r->end && *r->at == ' ')
        r->at++;
    act(r, word, given, negative ? -value : value);
}

static void read_hex(struct reader *r)
{
    int high, low;

    if (r->end - r->at < 2) {
        r->at = r->end;
        return;
    }
    high = g_ascii_xdigit_value(r->at[0]);
    low = g_ascii_xdigit_value(r->at[1]);
    r->at += 2;
    if (high >= 0 && low >= 0)
        show_byte(r, (uint8_t)(high << 4 | low));
}

static void read_symbol(struct reader *r)
{
    char c = *r->at++;

    switch (c) {
    case '\'':
        read_hex(r);
        break;
    case '*':
        r->star = true;
        break;
    case '~':
        show(r, "\xC2\xA0");
        break;
    case '_':
        show(r, "-");
        break;
    case '\r':
    case '\n':
        show(r, "\r\n");
        break;
    case '\\':
    case '{':
    case '}':
        show_byte(r, (uint8_t)c);
        break;
    default:
        break;
    }
}

static void open_group(struct reader *r)
{
    r->star = false;
    if (r->depth + 1 >= GROUPS_MAX) {
        r->beyond++;
        return;
    }
    r->stack[r->depth + 1] = r->stack[r->depth];
    r->depth++;
}

static void close_group(struct reader *r)
{
    flush(r);
    r->star = false;
    r->skip_bytes = 0;
    if (r->beyond > 0)
        r->beyond--;
    else if (r->depth > 0)
        r->depth--;
}

static void read_control(struct reader *r)
{
    r->at++;
    if (r->at >= r->end)
        return;
    if (g_ascii_isalpha(*r->at))
        read_word(r);
    else
        read_symbol(r);
}

static char *read_all(const char *rtf, size_t len, bool html)
{
    struct reader r = {
        .at = rtf, .end = rtf + len, .html = html, .page = 1252
    };

    r.stack[0].uc = 1;
    r.bytes = g_byte_array_new();
    r.out = g_string_sized_new(len / 2 + 1);
    while (r.at < r.end) {
        char c = *r.at;

        if (c == '{')
            open_group(&r);
        else if (c == '}')
            close_group(&r);
        else if (c == '\\') {
            read_control(&r);
            continue;
        } else if (c != '\r' && c != '\n' && c != '\0')
            show_byte(&r, (uint8_t)c);
        r.at++;
    }
    flush(&r);
    g_byte_array_unref(r.bytes);
    return g_string_free(r.out, FALSE);
}

/* ---- what it is ------------------------------------------------------ */

/* [MS-OXRTFEX] 2.1.3.1: within the first ten control words; bytes do too. */
enum { ORIGIN_BYTES = 512 };

enum rtf_origin rtf_origin(const char *rtf, size_t len)
{
    gssize n = (gssize)MIN(len, ORIGIN_BYTES);

    if (g_strstr_len(rtf, n, "\\fromhtml1") != NULL)
        return RTF_FROM_HTML;
    if (g_strstr_len(rtf, n, "\\fromtext") != NULL)
        return RTF_FROM_TEXT;
    return RTF_IS_RTF;
}

char *rtf_to_text(const char *rtf, size_t len)
{
    return read_all(rtf, len, false);
}

char *rtf_to_html(const char *rtf, size_t len)
{
    g_autofree char *text = NULL, *escaped = NULL;
    g_auto(GStrv) lines = NULL;
    GString *s;

    if (rtf_origin(rtf, len) == RTF_FROM_HTML)
        return read_all(rtf, len, true);
    text = read_all(rtf, len, false);
    escaped = g_markup_escape_text(text, -1);
    lines = g_strsplit(escaped, "\r\n", -1);
    s = g_string_new("<html>\r\n<body>\r\n");
    for (size_t i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0' || lines[i + 1] != NULL)
            g_string_append_printf(s, "<p>%s</p>\r\n",
                                   lines[i][0] != '\0' ? lines[i] : "&nbsp;");
    g_string_append(s, "</body>\r\n</html>\r\n");
    return g_string_free(s, FALSE);
}
