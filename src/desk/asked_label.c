#include <string.h>

#include "desk/asked_priv.h"

/* "Administrative credentials of the customer's current Exchange account". */
#define WORDS_MAX 12

static const char *const names[ASKED_N_FIELDS] = {
    [ASKED_PASSWORD] = "password",
    [ASKED_CREDENTIALS] = "credentials",
    [ASKED_USER] = "user",
    [ASKED_OWA_URL] = "OWA URL",
    [ASKED_DOMAIN] = "domain",
    [ASKED_PARTNER] = "Partner ID",
    [ASKED_CUTOVER] = "cutover date",
    [ASKED_START] = "start date",
};

const char *asked_field_name(enum asked_field field)
{
    return names[field];
}

/*
 * A word that tells what a label means; the first of the table that is in it
 * decides, so "domain admin" is a user and "OWA password" a password.
 */
static const struct {
    const char *word;
    enum asked_field field;
} words[] = {
    { "password", ASKED_PASSWORD },
    { "passwort", ASKED_PASSWORD },
    { "passwd", ASKED_PASSWORD },
    { "pwd", ASKED_PASSWORD },
    { "pass", ASKED_PASSWORD },
    { "credentials", ASKED_CREDENTIALS },
    { "credential", ASKED_CREDENTIALS },
    { "user", ASKED_USER },
    { "username", ASKED_USER },
    { "login", ASKED_USER },
    { "logon", ASKED_USER },
    { "admin", ASKED_USER },
    { "administrator", ASKED_USER },
    { "administrative", ASKED_USER },
    { "owa", ASKED_OWA_URL },
    { "webmail", ASKED_OWA_URL },
    { "ews", ASKED_OWA_URL },
    { "outlook", ASKED_OWA_URL }, /* Outlook on the web, Web Access, Web App */
    { "url", ASKED_OWA_URL },
    { "domain", ASKED_DOMAIN },
    { "domainname", ASKED_DOMAIN },
    { "partner", ASKED_PARTNER },
    { "partnerid", ASKED_PARTNER },
    { "cutover", ASKED_CUTOVER },
    { "mx", ASKED_CUTOVER },
    { "live", ASKED_CUTOVER }, /* go live, go-live */
    { "start", ASKED_START },
    { "date", ASKED_START },
    { "schedule", ASKED_START },
};

/* In lower case, letters alone, without what stands in parentheses. */
static char **words_of(const char *label)
{
    g_autofree char *lower = g_ascii_strdown(label, -1);
    guint depth = 0;

    for (char *p = lower; *p != '\0'; p++) {
        depth += *p == '(';
        if (depth > 0 && *p == ')') {
            depth--;
            *p = ' ';
        }
        if (*p == '\'' || (unsigned char)*p >= 0x80)
            continue;
        if (depth > 0 || !g_ascii_isalnum(*p))
            *p = ' ';
    }
    return g_strsplit(g_strstrip(lower), " ", 64);
}

static bool has(char **all, const char *word)
{
    for (size_t i = 0; all[i] != NULL; i++)
        if (strcmp(all[i], word) == 0)
            return true;
    return false;
}

static guint count(char **all)
{
    guint n = 0;

    for (size_t i = 0; all[i] != NULL; i++)
        n += all[i][0] != '\0';
    return n;
}

enum asked_field asked_label(const char *label)
{
    g_auto(GStrv) all = words_of(label);

    if (count(all) == 0 || count(all) > WORDS_MAX)
        return ASKED_N_FIELDS;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (has(all, words[i].word))
            return words[i].field;
    return ASKED_N_FIELDS;
}
