#include "net/header.h"

/* A longer value is not one that we could use; the line is passed over. */
#define VALUE_MAX 4096
/* A server that says to come back later than this has no say in that. */
#define RETRY_AFTER_MAX_S (24 * 60 * 60)

static void take_status(struct net_response *r, const char *line)
{
    /* "HTTP/1.1 401 Unauthorized"; libcurl lets no other form through. */
    const char *space = strchr(line, ' ');

    g_clear_pointer(&r->content_type, g_free);
    g_clear_pointer(&r->location, g_free);
    g_clear_pointer(&r->server_owa_version, g_free);
    r->retry_after_ms = 0;
    r->status = space != NULL ? (long)g_ascii_strtoll(space + 1, NULL, 10) : 0;
}

static void keep(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static void take_content_type(struct net_response *r, const char *value)
{
    keep(&r->content_type, value);
}

static void take_location(struct net_response *r, const char *value)
{
    keep(&r->location, value);
}

static void take_owa_version(struct net_response *r, const char *value)
{
    keep(&r->server_owa_version, value);
}

/* The form with a date is not worth trusting a server's clock for. */
static void take_retry_after(struct net_response *r, const char *value)
{
    guint64 seconds;

    if (g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &seconds, NULL))
        r->retry_after_ms = (uint32_t)MIN(seconds, RETRY_AFTER_MAX_S) * 1000;
}

static unsigned int scheme_bit(const char *name, size_t len)
{
    static const struct {
        const char *name;
        enum net_scheme scheme;
    } schemes[] = {
        { "Basic", NET_AUTH_BASIC },
        { "NTLM", NET_AUTH_NTLM },
        { "Negotiate", NET_AUTH_NEGOTIATE },
        { "Bearer", NET_AUTH_BEARER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (strlen(schemes[i].name) == len &&
            g_ascii_strncasecmp(name, schemes[i].name, len) == 0)
            return schemes[i].scheme;
    }
    return NET_AUTH_NONE;
}

/* To the comma that ends this element: not one inside of quotes. */
static const char *end_of_element(const char *p)
{
    bool quoted = false;

    for (; *p != '\0' && (quoted || *p != ','); p++) {
        if (quoted && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    return p;
}

/*
 * RFC 9110, 11.6.1: one line may hold several challenges, and a comma also
 * stands between the parameters of one.  A parameter is never a bare word, so
 * its first word is no scheme's name.
 */
static void take_challenges(struct net_response *r, const char *value)
{
    while (*value != '\0') {
        const char *end = end_of_element(value);

        value += strspn(value, " \t,");
        r->offered |= scheme_bit(value, strcspn(value, " \t,"));
        value = MAX(end, value);
        if (*value == ',')
            value++;
    }
}

static const struct {
    const char *name;
    void (*take)(struct net_response *r, const char *value);
} headers[] = {
    { "Content-Type", take_content_type },
    { "Location", take_location },
    { "X-OWA-Version", take_owa_version },
    { "Retry-After", take_retry_after },
    { "WWW-Authenticate", take_challenges },
};

static void take_field(struct net_response *r, char *line, char *colon)
{
    char *value = g_strstrip(colon + 1);

    *colon = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        if (g_ascii_strcasecmp(line, headers[i].name) == 0)
            headers[i].take(r, value);
    }
}

void header_take(struct net_response *r, const char *line, size_t len)
{
    g_autofree char *copy = NULL;
    char *colon;

    if (len > VALUE_MAX)
        return;
    copy = g_strndup(line, len);
    if (g_str_has_prefix(copy, "HTTP/")) {
        take_status(r, copy);
        return;
    }
    colon = strchr(copy, ':');
    if (colon != NULL)
        take_field(r, copy, colon);
}
