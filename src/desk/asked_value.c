#include <string.h>

#include "desk/asked_priv.h"
#include "fleet/address.h"

/* Around a value in a sentence or in Markdown. */
#define AROUND " \t\"'`*_,;.<>[]()"

/* Longer than any value: a word of a megabyte is not looked through. */
#define WORD_MAX 4096

/* The first word without what people put around it. */
static char *first_word(const char *text)
{
    size_t n = 0;
    char *word;

    text += strspn(text, AROUND);
    while (n < WORD_MAX && text[n] != '\0' && strchr(" \t\n", text[n]) == NULL)
        n++;
    word = g_strndup(text, n);
    while (n > 0 && strchr(AROUND, word[n - 1]) != NULL)
        word[--n] = '\0';
    return word;
}

/* ---- Partner ID ---------------------------------------------------------- */

char *asked_partner_value(const char *text)
{
    g_autofree char *word = NULL;
    bool digit = false;

    text += strspn(text, " \t#:");
    word = first_word(text);
    if (strlen(word) > ASKED_PARTNER_MAX)
        return NULL;
    for (const char *p = word; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("-_./", *p) == NULL)
            return NULL;
        digit |= g_ascii_isdigit(*p);
    }
    /* "unknown", "below", "see": no id that is given out lacks a digit */
    return digit ? g_steal_pointer(&word) : NULL;
}

/* ---- domain -------------------------------------------------------------- */

char *asked_domain_value(const char *text)
{
    g_autofree char *word = first_word(text);
    const char *name = word, *why;
    const char *scheme = strstr(word, "://");

    if (scheme != NULL)
        name = scheme + 3;
    if (strchr(name, '@') != NULL)
        name = strrchr(name, '@') + 1;
    if (g_ascii_strncasecmp(name, "www.", 4) == 0)
        name += 4;
    word[(size_t)(name - word) + strcspn(name, "/,;<>")] = '\0';
    return address_domain_parse(name, &why);
}

/* ---- OWA URL ------------------------------------------------------------- */

/* https://REGION.safelinks.protection.outlook.com/?url=ESCAPED&data=... */
static char *unwrapped(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NON_DNS, NULL);
    g_autoptr(GHashTable) params = NULL;
    const char *inner;

    if (uri == NULL || g_uri_get_host(uri) == NULL ||
        !g_str_has_suffix(g_uri_get_host(uri),
                          ".safelinks.protection.outlook.com"))
        return g_strdup(url);
    params = g_uri_parse_params(
        g_uri_get_query(uri) != NULL ? g_uri_get_query(uri) : "", -1, "&",
        G_URI_PARAMS_NONE, NULL);
    inner = params != NULL ? g_hash_table_lookup(params, "url") : NULL;
    return g_strdup(inner != NULL ? inner : url);
}

static char *checked(const char *url)
{
    g_autoptr(GUri) uri = NULL;
    g_autofree char *host = NULL;
    const char *why;

    if (strlen(url) > ASKED_URL_MAX)
        return NULL;
    uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    if (uri == NULL || g_uri_get_host(uri) == NULL ||
        g_uri_get_userinfo(uri) != NULL)
        return NULL;
    if (strcmp(g_uri_get_scheme(uri), "https") != 0 &&
        strcmp(g_uri_get_scheme(uri), "http") != 0)
        return NULL;
    if (!g_hostname_is_ip_address(g_uri_get_host(uri))) {
        host = address_domain_parse(g_uri_get_host(uri), &why);
        if (host == NULL)
            return NULL;
    }
    return g_strdup(url);
}

/* "text<https://...>" is how Outlook writes a link in plain text. */
static const char *linked(const char *text)
{
    const char *open = strstr(text, "<http");

    return open != NULL ? open : text;
}

char *asked_url_value(const char *text)
{
    g_autofree char *word = first_word(linked(text));
    g_autofree char *whole = NULL, *plain = NULL;

    word[strcspn(word, "<>\"")] = '\0';
    whole = strstr(word, "://") != NULL ? g_strdup(word)
                                        : g_strconcat("https://", word, NULL);
    plain = unwrapped(whole);
    return checked(plain);
}

/* ---- dates --------------------------------------------------------------- */

static const char *const months[] = {
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec"
};

static guint month_of(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(months); i++)
        if (g_ascii_strncasecmp(word, months[i], 3) == 0)
            return i + 1;
    return 0;
}

/* Up to three parts, of digits or of letters. */
struct parts {
    guint64 number[3];
    guint month[3]; /* 0: a number */
    char between;   /* after the first one */
    size_t n;
};

static const char *read_part(const char *at, struct parts *p)
{
    char *end;

    if (g_ascii_isdigit(*at)) {
        p->number[p->n] = g_ascii_strtoull(at, &end, 10);
        p->month[p->n++] = 0;
        for (size_t i = 0; i < 2; i++) /* 1st, 2nd, 3rd, 4th */
            if (g_ascii_isalpha(*end) && g_ascii_isalpha(end[1]))
                end += 2;
        return end;
    }
    p->month[p->n] = month_of(at);
    if (p->month[p->n] > 0)
        p->n++;
    while (g_ascii_isalpha(*at))
        at++;
    return at;
}

/* Weekdays and what else is no part are passed over. */
static void split(const char *text, struct parts *p)
{
    const char *at = text;

    while (*at != '\0' && p->n < 3 && at - text < 60) {
        if (!g_ascii_isalnum(*at)) {
            at++;
            continue;
        }
        at = read_part(at, p);
        if (p->n == 1 && p->between == '\0')
            p->between = *at;
    }
}

static enum asked_date made(guint64 y, guint64 m, guint64 d, char **ret)
{
    if (y < 2000 || y > 2999 || m > 12 || d > 31 ||
        !g_date_valid_dmy((GDateDay)d, (GDateMonth)m, (GDateYear)y))
        return ASKED_NO_DATE;
    *ret = g_strdup_printf("%04u-%02u-%02u", (guint)y, (guint)m, (guint)d);
    return ASKED_DATE;
}

enum asked_date asked_date_value(const char *text, char **ret)
{
    struct parts p = { 0 };
    const guint64 *n = p.number;

    split(text, &p);
    if (p.n < 3)
        return ASKED_NO_DATE;
    if (p.month[0] > 0) /* December 1, 2026 */
        return made(n[2], p.month[0], n[1], ret);
    if (p.month[1] > 0) /* 1 December 2026 */
        return made(n[2], p.month[1], n[0], ret);
    if (n[0] > 31) /* 2026-12-01 */
        return made(n[0], n[1], n[2], ret);
    if (p.between == '.') /* 1.12.2026 is never month first */
        return made(n[2], n[1], n[0], ret);
    if (n[0] <= 12 && n[1] <= 12 && n[0] != n[1])
        return ASKED_DATE_UNCLEAR;
    return n[0] > 12 ? made(n[2], n[1], n[0], ret)
                     : made(n[2], n[0], n[1], ret);
}

/* ---- credentials --------------------------------------------------------- */

/* Instead of a value, in lower case. */
static const char *const no_value[] = {
    "-",
    "--",
    "n/a",
    "na",
    "none",
    "not applicable",
    "see csv",
    "in csv",
    "in the csv",
    "see attached",
    "see attachment",
    "attached",
    "will follow",
    "to follow",
    "tbd",
    "included",
    "in the import file",
    "see import file",
    "included in the import file",
    "see below",
    "below",
    "by phone",
};

static bool is_no_value(const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    for (size_t i = 0; i < G_N_ELEMENTS(no_value); i++)
        if (strcmp(lower, no_value[i]) == 0)
            return true;
    /* the template's: <password> */
    return *text == '\0' || (*text == '<' && g_str_has_suffix(text, ">"));
}

char *asked_user_value(const char *text)
{
    g_autofree char *word = g_strstrip(g_strdup(text));
    const char *link = strstr(word, " <mailto:");

    /* HTML's link behind an address says it a second time */
    if (link != NULL)
        word[link - word] = '\0';
    if (strstr(word, "<mailto:") != NULL)
        word[strcspn(word, "<")] = '\0';
    if (is_no_value(word) || strlen(word) > ASKED_USER_MAX ||
        strpbrk(word, " \t") != NULL || strstr(word, "://") != NULL)
        return NULL;
    return g_steal_pointer(&word);
}

struct secret *asked_secret_value(const char *text)
{
    const char *end;

    text += strspn(text, " \t");
    end = text + strlen(text);
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (end - text > ASKED_SECRET_MAX)
        return NULL;
    if (end - text <= 40) {
        g_autofree char *word = g_strndup(text, (gsize)(end - text));
        bool none = is_no_value(word);

        secret_wipe(word, strlen(word));
        if (none)
            return NULL;
    }
    return secret_new(text, (size_t)(end - text));
}
