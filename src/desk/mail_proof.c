/*
 * Authentication-Results (RFC 8601): what our border found out.
 *
 * Anybody can write such a field into a mail.  Our border takes away those
 * that bear its own id and puts one on top; so the topmost with that id is
 * genuine, and every other one is somebody's claim.
 *
 * DMARC's verdict is about the domain of From, so it is taken where there is
 * one.  Without, a valid signature or sending server counts only for From's
 * own domain or one above it.
 */
#include <string.h>

#include "desk/mail_priv.h"
#include "fleet/address.h"

/* Comments go (RFC 8601, 2.2); they nest, and hold anything. */
static char *without_comments(const char *text)
{
    GString *s = g_string_new(NULL);
    guint depth = 0;
    bool quoted = false;

    for (const char *p = text; *p != '\0' && s->len < MAIL_LINE_MAX * 4; p++) {
        if (depth == 0 && *p == '"')
            quoted = !quoted;
        if (!quoted && *p == '(')
            depth++;
        if (depth == 0)
            g_string_append_c(s, g_ascii_isspace(*p) ? ' ' : *p);
        if (depth > 0 && *p == '\\' && p[1] != '\0')
            p++;
        else if (depth > 0 && *p == ')')
            depth--;
    }
    return g_string_free(s, FALSE);
}

/* The field's parts between semicolons; NULL: it is not our border's. */
static char **parts_of(const char *value, const char *authserv_id)
{
    g_autofree char *plain = without_comments(value);
    g_auto(GStrv) parts = g_strsplit(plain, ";", 100);
    char *id = parts[0] != NULL ? g_strstrip(parts[0]) : NULL;

    if (id == NULL)
        return NULL;
    id[strcspn(id, " ")] = '\0'; /* a version may follow */
    return g_ascii_strcasecmp(id, authserv_id) == 0 ? g_steal_pointer(&parts)
                                                    : NULL;
}

/* The topmost that bears our border's id. */
static char **find_parts(GMimeMessage *message, const char *authserv_id)
{
    GMimeHeaderList *list =
        g_mime_object_get_header_list(GMIME_OBJECT(message));
    int n = MIN(g_mime_header_list_get_count(list), MAIL_FIELDS_MAX);

    for (int i = 0; i < n; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
        const char *value = g_mime_header_get_value(h);
        char **parts;

        if (value == NULL || g_ascii_strcasecmp(g_mime_header_get_name(h),
                                                "Authentication-Results") != 0)
            continue;
        parts = parts_of(value, authserv_id);
        if (parts != NULL)
            return parts;
    }
    return NULL;
}

/* The value of "name=value" in a part; NULL: there is none.  Free it. */
static char *value_of(const char *part, const char *name)
{
    g_auto(GStrv) words = g_strsplit(part, " ", 50);
    size_t n = strlen(name);

    for (size_t i = 0; words[i] != NULL; i++)
        if (g_ascii_strncasecmp(words[i], name, n) == 0 && words[i][n] == '=')
            return g_strdup(words[i] + n + 1);
    return NULL;
}

/* Is From's domain that one, or below it? */
static bool covers(const char *said, const char *from)
{
    const char *at = strrchr(said, '@');
    const char *domain = at != NULL ? at + 1 : said;
    const char *own = address_domain(from);
    size_t n = strlen(domain), m = strlen(own);

    if (strchr(domain, '.') == NULL || n > m ||
        g_ascii_strcasecmp(own + (m - n), domain) != 0)
        return false;
    return n == m || own[m - n - 1] == '.';
}

/* A method, and the property that names the domain it is about. */
static const struct method {
    const char *name, *domain;
} methods[] = {
    { "dkim", "header.d" },
    { "dkim", "header.i" },
    { "spf", "smtp.mailfrom" },
};

enum finding { SAYS_NOTHING, SAYS_PASS, SAYS_FAIL };

static enum finding word_of(const char *said)
{
    if (g_ascii_strcasecmp(said, "pass") == 0)
        return SAYS_PASS;
    return g_ascii_strcasecmp(said, "fail") == 0 ? SAYS_FAIL : SAYS_NOTHING;
}

static enum finding dmarc_of(char **parts)
{
    for (size_t i = 1; parts[i] != NULL; i++) {
        g_autofree char *said = value_of(g_strstrip(parts[i]), "dmarc");

        if (said != NULL)
            return word_of(said);
    }
    return SAYS_NOTHING;
}

static enum finding method_of(const char *part, const struct method *method,
                              const char *from)
{
    g_autofree char *said = value_of(part, method->name);
    g_autofree char *domain = value_of(part, method->domain);

    if (said == NULL || domain == NULL || !covers(domain, from))
        return SAYS_NOTHING;
    return word_of(said);
}

static enum mail_proof without_dmarc(char **parts, const char *from)
{
    enum mail_proof proof = MAIL_UNPROVEN;

    for (size_t i = 1; parts[i] != NULL; i++)
        for (size_t k = 0; k < G_N_ELEMENTS(methods); k++) {
            enum finding f = method_of(parts[i], &methods[k], from);

            if (f == SAYS_PASS)
                return MAIL_PROVEN;
            /* a broken signature: lists do that; a wrong server is worse */
            if (f == SAYS_FAIL && strcmp(methods[k].name, "spf") == 0)
                proof = MAIL_FORGED;
        }
    return proof;
}

void mail_judge_proof(struct mail *m, GMimeMessage *message,
                      const char *authserv_id)
{
    g_auto(GStrv) parts = NULL;

    m->proof = MAIL_UNPROVEN;
    if (authserv_id == NULL || m->from == NULL)
        return;
    parts = find_parts(message, authserv_id);
    if (parts == NULL)
        return;
    switch (dmarc_of(parts)) {
    case SAYS_PASS:
        m->proof = MAIL_PROVEN;
        return;
    case SAYS_FAIL:
        m->proof = MAIL_FORGED;
        return;
    case SAYS_NOTHING:
        break;
    }
    m->proof = without_dmarc(parts, m->from);
}
