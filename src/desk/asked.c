#include "desk/asked.h"

#include <string.h>

#include "desk/asked_priv.h"
#include "desk/mail_priv.h"

#define LINES_MAX 5000
/* Longest label, in bytes. */
#define LABEL_MAX 160
/* Looked at, of a text without a labelled one. */
#define URLS_MAX 200

void asked_clear(struct asked *a)
{
    g_clear_pointer(&a->partner, g_free);
    g_clear_pointer(&a->domain, g_free);
    g_clear_pointer(&a->owa_url, g_free);
    g_clear_pointer(&a->start, g_free);
    g_clear_pointer(&a->cutover, g_free);
    g_clear_pointer(&a->user, g_free);
    g_clear_pointer(&a->password, secret_free);
    g_clear_pointer(&a->secrets, g_ptr_array_unref);
}

static void free_secret(void *p)
{
    secret_free(p);
}

/* ---- one value ----------------------------------------------------------- */

/* The first one stands; another beside it makes the field unclear. */
static void put(struct asked *a, enum asked_field field, char **to, char *value)
{
    if (value == NULL)
        return;
    if (*to == NULL) {
        *to = value;
        return;
    }
    if (g_ascii_strcasecmp(*to, value) != 0)
        a->unclear |= 1u << field;
    g_free(value);
}

static void put_secret(struct asked *a, const char *text)
{
    struct secret *s = asked_secret_value(text);

    if (s == NULL)
        return;
    g_ptr_array_add(a->secrets, s);
    if (a->password == NULL)
        a->password = secret_ref(s);
    else if (strcmp(secret_peek(a->password), secret_peek(s)) != 0)
        a->unclear |= 1u << ASKED_PASSWORD;
}

static void put_date(struct asked *a, enum asked_field field, const char *text)
{
    char *date = NULL;

    switch (asked_date_value(text, &date)) {
    case ASKED_DATE:
        put(a, field, field == ASKED_START ? &a->start : &a->cutover, date);
        break;
    case ASKED_DATE_UNCLEAR:
        a->unclear |= 1u << field;
        break;
    case ASKED_NO_DATE:
        break;
    }
}

/* "admin@example.com / secret", "admin@example.com secret". */
static void put_credentials(struct asked *a, const char *text)
{
    g_autofree char *plain = g_strstrip(g_strdup(text));
    size_t n = strcspn(plain, " \t/|,");
    char *rest = plain + n + strspn(plain + n, " \t/|,");
    g_autofree char *user = NULL;

    /* prose has more words, and no user that looks like one */
    if (plain[n] == '\0' || *rest == '\0' || strpbrk(rest, " \t") != NULL ||
        (memchr(plain, '@', n) == NULL && memchr(plain, '\\', n) == NULL)) {
        secret_wipe(plain, strlen(plain));
        return;
    }
    put_secret(a, rest);
    secret_wipe(rest, strlen(rest));
    plain[n] = '\0';
    user = asked_user_value(plain);
    put(a, ASKED_USER, &a->user, g_steal_pointer(&user));
}

static void put_field(struct asked *a, enum asked_field field, const char *text)
{
    switch (field) {
    case ASKED_PASSWORD:
        put_secret(a, text);
        break;
    case ASKED_CREDENTIALS:
        put_credentials(a, text);
        break;
    case ASKED_USER:
        put(a, field, &a->user, asked_user_value(text));
        break;
    case ASKED_OWA_URL:
        put(a, field, &a->owa_url, asked_url_value(text));
        break;
    case ASKED_DOMAIN:
        put(a, field, &a->domain, asked_domain_value(text));
        break;
    case ASKED_PARTNER:
        put(a, field, &a->partner, asked_partner_value(text));
        break;
    case ASKED_CUTOVER:
    case ASKED_START:
        put_date(a, field, text);
        break;
    case ASKED_N_FIELDS:
        break;
    }
}

/* ---- labelled lines ------------------------------------------------------ */

/* Past a list's bullet or number, and what stands for bold. */
static const char *skip_bullet(const char *line)
{
    const char *at = line + strspn(line, " \t*_#>");
    const char *after = at + strspn(at, "0123456789");

    if (after > at && after - at <= 2 && strchr(".)", *after) != NULL &&
        *after != '\0')
        at = after + 1;
    at += strspn(at, " \t*_");
    if (*at == '-' || g_str_has_prefix(at, "\xe2\x80\xa2") ||
        g_str_has_prefix(at, "\xc2\xb7"))
        at += *at == '-' ? 1 : strcspn(at + 1, " \t") + 1;
    return at + strspn(at, " \t*_");
}

/* What may stand between a label and its value; the earliest one counts. */
static const char *const separators[] = {
    ":", "=", "\t", " - ", " \xe2\x80\x93 ", " is ", "?",
};

/* Of a line "LABEL: VALUE" the value; NULL: it is none. */
static const char *split(const char *line, enum asked_field *ret)
{
    const char *found = NULL, *value = NULL;
    g_autofree char *label = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(separators); i++) {
        const char *at = strstr(line, separators[i]);

        if (at != NULL && (found == NULL || at < found)) {
            found = at;
            value = at + strlen(separators[i]);
        }
    }
    if (found == NULL || found == line || found - line > LABEL_MAX)
        return NULL;
    /* "https://..." and "10:30" are no labels */
    if (*found == ':' && value[0] == '/' && value[1] == '/')
        return NULL;
    label = g_strndup(line, (gsize)(found - line));
    *ret = asked_label(label);
    /* "Domain:*" and a cell's tab behind the colon */
    value += strspn(value, " \t");
    if (g_str_has_prefix(value, "* ") || g_str_has_prefix(value, "** "))
        value += strspn(value, "* ");
    return *ret < ASKED_N_FIELDS ? value : NULL;
}

/* A value that stands under its label. */
static const char *value_below(char **lines, size_t i)
{
    enum asked_field other;
    const char *line;

    for (i++; lines[i] != NULL; i++) {
        line = skip_bullet(lines[i]);
        if (*line != '\0')
            return split(line, &other) == NULL &&
                           asked_label(line) == ASKED_N_FIELDS
                       ? line
                       : NULL;
    }
    return NULL;
}

static void read_line(struct asked *a, char **lines, size_t i)
{
    const char *line = skip_bullet(lines[i]);
    enum asked_field field;
    const char *value = split(line, &field);

    if (value == NULL)
        return;
    if (*value == '\0')
        value = value_below(lines, i);
    if (value != NULL)
        put_field(a, field, value);
}

/* ---- sentences ----------------------------------------------------------- */

/* Between what something is called and what it is. */
static const char *skip_filler(const char *at)
{
    static const char *const filler[] = { "number", "name", "id", "is", "no" };
    const char *before;

    do {
        before = at;
        at += strspn(at, " \t:=#.,-\"'");
        for (size_t i = 0; i < G_N_ELEMENTS(filler); i++) {
            size_t n = strlen(filler[i]);

            if (g_ascii_strncasecmp(at, filler[i], n) == 0 &&
                !g_ascii_isalnum(at[n]))
                at += n;
        }
    } while (at != before);
    return at;
}

static const struct {
    const char *words;
    enum asked_field field;
} phrases[] = {
    { "partner id", ASKED_PARTNER },
    { "partner number", ASKED_PARTNER },
    { "partnerid", ASKED_PARTNER },
    { "domain", ASKED_DOMAIN },
};

static bool is_known(const struct asked *a, enum asked_field field)
{
    return field == ASKED_PARTNER ? a->partner != NULL : a->domain != NULL;
}

static void read_phrases(struct asked *a, const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++) {
        const char *at = lower;

        while (!is_known(a, phrases[i].field) &&
               (at = strstr(at, phrases[i].words)) != NULL) {
            at += strlen(phrases[i].words);
            put_field(a, phrases[i].field, skip_filler(text + (at - lower)));
        }
    }
}

/* An address that can only be Outlook on the web. */
static bool is_owa(const char *url)
{
    g_autofree char *lower = g_ascii_strdown(url, -1);
    const char *host = strstr(lower, "://") + 3;

    return strstr(host, "/owa") != NULL || strstr(host, "/ews") != NULL ||
           strstr(host, "/exchange") != NULL ||
           g_str_has_prefix(host, "owa.") || g_str_has_prefix(host, "webmail.");
}

static void read_urls(struct asked *a, const char *text)
{
    guint n = 0;

    for (const char *at = text;
         n < URLS_MAX && (at = strstr(at, "http")) != NULL; at += 4) {
        /* what stands around it is not looked through again and again */
        g_autofree char *near = g_strndup(at, ASKED_URL_MAX + 1);
        g_autofree char *url = NULL;

        if (!g_str_has_prefix(near, "http://") &&
            !g_str_has_prefix(near, "https://"))
            continue;
        n++;
        url = asked_url_value(near);
        if (url != NULL && is_owa(url))
            put(a, ASKED_OWA_URL, &a->owa_url, g_steal_pointer(&url));
    }
}

/* ---- the whole ----------------------------------------------------------- */

void asked_of_text(const char *text, struct asked *ret)
{
    char **lines = g_strsplit(text, "\n", LINES_MAX);

    *ret = (struct asked){ 0 };
    ret->secrets = g_ptr_array_new_with_free_func(free_secret);
    for (size_t i = 0; lines[i] != NULL; i++)
        read_line(ret, lines, i);
    for (size_t i = 0; lines[i] != NULL; i++)
        mail_wipe(lines[i]);
    g_free(lines);
    read_phrases(ret, text);
    if (ret->owa_url == NULL)
        read_urls(ret, text);
}

/* What another text of the same mail says and this one does not. */
static void fill(struct asked *a, const char *text)
{
    g_auto(asked) more = { 0 };

    if (text == NULL)
        return;
    asked_of_text(text, &more);
    if (a->partner == NULL)
        a->partner = g_steal_pointer(&more.partner);
    if (a->domain == NULL)
        a->domain = g_steal_pointer(&more.domain);
    if (a->owa_url == NULL)
        a->owa_url = g_steal_pointer(&more.owa_url);
    if (a->start == NULL)
        a->start = g_steal_pointer(&more.start);
    if (a->cutover == NULL)
        a->cutover = g_steal_pointer(&more.cutover);
    if (a->password == NULL) {
        a->password = g_steal_pointer(&more.password);
        g_free(a->user);
        a->user = g_steal_pointer(&more.user);
    }
    for (guint i = 0; i < more.secrets->len; i++)
        g_ptr_array_add(a->secrets, secret_ref(more.secrets->pdata[i]));
    a->unclear |= more.unclear;
}

void asked_of_mail(const struct mail *m, struct asked *ret)
{
    asked_of_text(m->text, ret);
    fill(ret, m->html_text);
    fill(ret, m->forwarded);
}

bool asked_has_secrets(const struct asked *a, const struct mail *m)
{
    if (a->secrets->len > 0)
        return true;
    for (guint i = 0; i < m->files->len; i++)
        if (((struct mail_file *)m->files->pdata[i])->kind == MAIL_FILE_IMPORT)
            return true;
    return false;
}
