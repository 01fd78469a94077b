#include "xml/lexer.h"

#include <string.h>

#include <glib.h>

#include "xml/base64.h"

/* Handles bytes of one state; how many it took (0: another state's), -1. */
typedef ssize_t handler(struct lexer *lx, const char *p, size_t n,
                        struct err *err);

static int refuse(struct err *err, const char *what)
{
    return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s", what);
}

/* Pass n bytes on to the parser and say that they are taken. */
static ssize_t pass(struct lexer *lx, const char *p, size_t n, struct err *err)
{
    /* A NUL is how UTF-16 and UTF-32 would begin; XML has none. */
    if (memchr(p, '\0', n) != NULL)
        return refuse(err, "the text is not UTF-8: it has a NUL byte");
    if (n > 0 && lx->ops->text(lx->data, p, n, err) < 0)
        return -1;
    return (ssize_t)n;
}

static int count_nodes(struct lexer *lx, size_t n, struct err *err)
{
    lx->nodes += n;
    if (lx->nodes > lx->nodes_max)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the document has more than %zu nodes", lx->nodes_max);
    return 0;
}

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

bool lexer_is_payload(const char *const *payloads, const char *name)
{
    const char *local = local_name(name);

    for (; payloads != NULL && *payloads != NULL; payloads++) {
        if (strcmp(*payloads, local) == 0)
            return true;
    }
    return false;
}

static ssize_t in_bom(struct lexer *lx, const char *p, size_t n,
                      struct err *err)
{
    static const char bom[] = "\xef\xbb\xbf";

    (void)n;
    if (*p == bom[lx->matched]) {
        if (++lx->matched == strlen(bom))
            lx->state = LEXER_TEXT;
        return 1;
    }
    if (lx->matched > 0)
        return refuse(err, "the document begins with half a byte order mark");
    lx->state = LEXER_TEXT;
    return 0;
}

static ssize_t in_text(struct lexer *lx, const char *p, size_t n,
                       struct err *err)
{
    const char *open = memchr(p, '<', n);
    size_t len = open != NULL ? (size_t)(open - p) : n;
    const char *amp = memchr(p, '&', len);

    if (amp != NULL) {
        lx->state = LEXER_REF;
        lx->after_ref = LEXER_TEXT;
        lx->ref_len = 0;
        return pass(lx, p, (size_t)(amp - p), err);
    }
    if (open == NULL)
        return pass(lx, p, n, err);
    /* What opens is passed on once it is known not to be a section. */
    lx->state = LEXER_OPEN;
    return pass(lx, p, len, err) < 0 ? -1 : (ssize_t)len + 1;
}

/* [XML] 2.2 Char. */
static bool is_xml_char(guint64 c)
{
    return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* lx->ref is "&...;": a number of a character that must not be named? */
static bool names_a_forbidden_char(const char *ref)
{
    const char *digits = ref + strlen("&#");
    guint base = 10;
    char *end;
    guint64 c;

    if (ref[1] != '#')
        return false;
    if (*digits == 'x') {
        digits++;
        base = 16;
    }
    if (!g_ascii_isxdigit(*digits))
        return false;
    c = g_ascii_strtoull(digits, &end, base);
    return *end == ';' && !is_xml_char(c);
}

/*
 * Exchange writes control characters of subjects and folder names as
 * references that XML forbids (EWS-QUIRKS 2), and a strict parser would
 * refuse the whole answer for the sake of one name.
 */
static ssize_t in_ref(struct lexer *lx, const char *p, size_t n,
                      struct err *err)
{
    static const char replacement[] = "&#xFFFD;";
    bool goes_on = lx->ref_len == 0 || *p == '#' || g_ascii_isalnum(*p);
    const char *text = lx->ref;
    size_t took = 0;

    (void)n;
    if ((goes_on || *p == ';') && lx->ref_len < LEXER_REF_MAX) {
        lx->ref[lx->ref_len++] = *p;
        lx->ref[lx->ref_len] = '\0';
        if (*p != ';')
            return 1;
        took = 1;
    }
    /* Ended, broken off or too long: on with it, for the parser to judge. */
    if (took > 0 && names_a_forbidden_char(lx->ref))
        text = replacement;
    lx->state = lx->after_ref;
    if (pass(lx, text, strlen(text), err) < 0)
        return -1;
    return (ssize_t)took;
}

static ssize_t in_open(struct lexer *lx, const char *p, size_t n,
                       struct err *err)
{
    (void)n;
    if (count_nodes(lx, 1, err) < 0)
        return -1;
    lx->matched = 0;
    lx->last = '\0';
    if (*p == '!') {
        lx->state = LEXER_BANG;
        return 1;
    }
    if (pass(lx, "<", 1, err) < 0)
        return -1;
    lx->state = *p == '?' ? LEXER_PI : *p == '/' ? LEXER_END : LEXER_START;
    lx->name_len = 0;
    lx->name_done = false;
    lx->quote = '\0';
    return lx->state == LEXER_START ? 0 : pass(lx, p, 1, err);
}

/* The '>' of a start tag has come. */
static int start_tag_ends(struct lexer *lx, struct err *err)
{
    bool empty = lx->last == '/';
    bool payload;

    lx->name[lx->name_len] = '\0';
    payload = lexer_is_payload(lx->payloads, lx->name);
    lx->state = LEXER_TEXT;
    if (!empty && ++lx->depth > lx->depth_max)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "elements nest more than %u deep", lx->depth_max);
    if (!payload)
        return 0;
    if (lx->ops->payload_begin(lx->data, err) < 0)
        return -1;
    if (empty)
        return lx->ops->payload_end(lx->data, err);
    lx->state = LEXER_PAYLOAD;
    return 0;
}

static int name_byte(struct lexer *lx, char c, struct err *err)
{
    if (lx->name_done)
        return 0;
    if (c == '/' || c == '>' || blank_span(&c, 1) == 1) {
        lx->name_done = true;
        return 0;
    }
    if (lx->name_len == LEXER_NAME_MAX)
        return refuse(err, "an element's name is too long");
    lx->name[lx->name_len++] = c;
    return 0;
}

/* Inside a start tag and outside of quotes: up to its end or a quote. */
static ssize_t start_tag_run(struct lexer *lx, const char *p, size_t n,
                             struct err *err)
{
    size_t i = 0;
    bool over = false;

    while (i < n && !over) {
        char c = p[i++];

        if (name_byte(lx, c, err) < 0)
            return -1;
        if (c == '=' && count_nodes(lx, 1, err) < 0)
            return -1;
        if (c == '"' || c == '\'')
            lx->quote = c;
        over = c == '>' || lx->quote != '\0';
        if (c != '>')
            lx->last = c;
    }
    if (pass(lx, p, i, err) < 0)
        return -1;
    if (p[i - 1] == '>' && start_tag_ends(lx, err) < 0)
        return -1;
    return (ssize_t)i;
}

static ssize_t in_start(struct lexer *lx, const char *p, size_t n,
                        struct err *err)
{
    const char *quote, *amp;
    size_t len;

    if (lx->quote == '\0')
        return start_tag_run(lx, p, n, err);
    quote = memchr(p, lx->quote, n);
    len = quote != NULL ? (size_t)(quote - p) : n;
    amp = memchr(p, '&', len);
    if (amp != NULL) {
        lx->state = LEXER_REF;
        lx->after_ref = LEXER_START;
        lx->ref_len = 0;
        return pass(lx, p, (size_t)(amp - p), err);
    }
    if (quote == NULL)
        return pass(lx, p, n, err);
    lx->last = lx->quote;
    lx->quote = '\0';
    return pass(lx, p, len + 1, err);
}

static ssize_t in_end(struct lexer *lx, const char *p, size_t n,
                      struct err *err)
{
    const char *close = memchr(p, '>', n);

    if (close == NULL)
        return pass(lx, p, n, err);
    lx->state = LEXER_TEXT;
    if (lx->depth > 0)
        lx->depth--;
    return pass(lx, p, (size_t)(close - p) + 1, err);
}

static ssize_t in_bang(struct lexer *lx, const char *p, size_t n,
                       struct err *err)
{
    static const char comment[] = "--", section[] = "[CDATA[";
    const char *want;

    (void)n;
    if (lx->matched == 0)
        lx->last = *p;
    want = lx->last == '[' ? section : comment;
    if (*p != want[lx->matched])
        return refuse(err, "a document type or other declaration stands in "
                           "the document");
    if (want[++lx->matched] != '\0')
        return 1;
    lx->matched = 0;
    lx->state = want == section ? LEXER_CDATA : LEXER_COMMENT;
    if (want == comment && pass(lx, "<!--", strlen("<!--"), err) < 0)
        return -1;
    return 1;
}

/*
 * Look for end, whose last byte is '>' and whose others are all one and the
 * same: "-->" by two of them, "?>" by one.
 */
static ssize_t until(struct lexer *lx, const char *end, const char *p, size_t n,
                     struct err *err)
{
    size_t need = strlen(end) - 1;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '>' && lx->matched >= need) {
            lx->state = LEXER_TEXT;
            return pass(lx, p, i + 1, err);
        }
        lx->matched = p[i] == end[0] ? lx->matched + 1 : 0;
    }
    return pass(lx, p, n, err);
}

static ssize_t in_comment(struct lexer *lx, const char *p, size_t n,
                          struct err *err)
{
    return until(lx, "-->", p, n, err);
}

/* Brackets that were held back because they might have been an end. */
static int pass_brackets(struct lexer *lx, size_t keep, struct err *err)
{
    for (; lx->matched > keep; lx->matched--) {
        if (pass(lx, "]", 1, err) < 0)
            return -1;
    }
    lx->matched = 0;
    return 0;
}

/*
 * A section is passed on as ordinary text: libxml2's push parser checks
 * neither the encoding nor the line ends of a section (2.9.14).
 */
static ssize_t in_cdata(struct lexer *lx, const char *p, size_t n,
                        struct err *err)
{
    const char *as = *p == '&'   ? "&amp;"
                     : *p == '<' ? "&lt;"
                     : *p == '>' ? "&gt;"
                                 : NULL;
    size_t run = 0;

    if (*p == ']') {
        lx->matched++;
        return 1;
    }
    if (*p == '>' && lx->matched >= 2) {
        lx->state = LEXER_TEXT;
        return pass_brackets(lx, 2, err) < 0 ? -1 : 1;
    }
    if (pass_brackets(lx, 0, err) < 0)
        return -1;
    if (as != NULL)
        return pass(lx, as, strlen(as), err) < 0 ? -1 : 1;
    while (run < n && strchr("]&<>", p[run]) == NULL)
        run++;
    /* Of a NUL, which strchr() finds: to be refused. */
    return pass(lx, p, MAX(run, 1), err);
}

static ssize_t in_pi(struct lexer *lx, const char *p, size_t n, struct err *err)
{
    return until(lx, "?>", p, n, err);
}

/* White space is left out, so that whoever reads the blob finds none. */
static ssize_t in_payload(struct lexer *lx, const char *p, size_t n,
                          struct err *err)
{
    size_t len = blank_span(p, n);

    if (len > 0)
        return (ssize_t)len;
    len = base64_span(p, n);
    if (len > 0) {
        if (lx->ops->payload(lx->data, p, len, err) < 0)
            return -1;
        return (ssize_t)len;
    }
    if (*p != '<')
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "element \"%s\" holds a byte 0x%02x that is not base64",
                       lx->name, (unsigned char)*p);
    lx->state = LEXER_PAYLOAD_END;
    lx->matched = 0;
    return pass(lx, p, 1, err);
}

/* "/", the name, white space, ">": nothing else may follow a payload. */
static ssize_t in_payload_end(struct lexer *lx, const char *p, size_t n,
                              struct err *err)
{
    bool name_over = lx->matched == lx->name_len + 1;
    char want = lx->matched == 0 ? '/' : lx->name[lx->matched - 1];

    (void)n;
    if (!name_over && *p == want) {
        lx->matched++;
        return pass(lx, p, 1, err);
    }
    if (name_over && blank_span(p, 1) == 1)
        return pass(lx, p, 1, err);
    if (!name_over || *p != '>')
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "markup stands inside of element \"%s\"", lx->name);
    lx->depth--;
    lx->state = LEXER_TEXT;
    if (pass(lx, p, 1, err) < 0)
        return -1;
    return lx->ops->payload_end(lx->data, err) < 0 ? -1 : 1;
}

int lexer_feed(struct lexer *lx, const char *bytes, size_t n, struct err *err)
{
    static handler *const handlers[LEXER_N_STATES] = {
        [LEXER_BOM] = in_bom,         [LEXER_TEXT] = in_text,
        [LEXER_REF] = in_ref,         [LEXER_OPEN] = in_open,
        [LEXER_START] = in_start,     [LEXER_END] = in_end,
        [LEXER_PI] = in_pi,           [LEXER_BANG] = in_bang,
        [LEXER_COMMENT] = in_comment, [LEXER_CDATA] = in_cdata,
        [LEXER_PAYLOAD] = in_payload, [LEXER_PAYLOAD_END] = in_payload_end,
    };

    while (n > 0) {
        ssize_t took = handlers[lx->state](lx, bytes, n, err);

        if (took < 0)
            return -1;
        bytes += took;
        n -= (size_t)took;
    }
    return 0;
}

bool lexer_at_rest(const struct lexer *lx)
{
    return lx->state == LEXER_TEXT && lx->depth == 0;
}
