#include "net/net_priv.h"

/* Browsers and servers stop at about half of this. */
#define URL_MAX 4096

static int not_a_url(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "address \"%.200s\" cannot be used: %s", text, why);
}

static int check_text(const char *text, struct err *err)
{
    size_t len = strlen(text);

    if (len > URL_MAX)
        return not_a_url(text, "it is too long", err);
    if (!g_utf8_validate(text, (gssize)len, NULL))
        return not_a_url(text, "it is not UTF-8", err);
    return 0;
}

/* libcurl takes "https:/h" and "https:///h" for "https://h"; we do not. */
static int take_scheme(const char *text, bool *ret, struct err *err)
{
    static const char *const schemes[] = { "http://", "https://" };

    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        size_t len = strlen(schemes[i]);

        if (g_ascii_strncasecmp(text, schemes[i], len) != 0)
            continue;
        if (text[len] == '/' || text[len] == '\\')
            return not_a_url(text, "it has no host name", err);
        *ret = i == 1;
        return 0;
    }
    return not_a_url(text, "it does not begin with https://", err);
}

static int set_text(CURLU *u, const char *text, struct err *err)
{
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, text, CURLU_DISALLOW_USER);

    /* The address itself is not repeated: it may hold a password. */
    if (rc == CURLUE_USER_NOT_ALLOWED)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "an address with a user name or password in it");
    if (rc != CURLUE_OK)
        return not_a_url(text, curl_url_strerror(rc), err);
    return 0;
}

char *net_url_part_dup(CURLU *u, CURLUPart part, unsigned int flags)
{
    char *theirs = NULL, *ours;

    if (curl_url_get(u, part, &theirs, flags) != CURLUE_OK)
        return NULL;
    ours = g_strdup(theirs);
    curl_free(theirs);
    return ours;
}

/* libcurl takes more for a name than any server's name is made of. */
static bool is_host(const char *text)
{
    const char *more = text[0] == '[' ? "[]:." : "-_.";

    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && strchr(more, *text) == NULL)
            return false;
    }
    return true;
}

/*
 * In ASCII, so that one name has one spelling when hosts are compared.  By
 * GLib: what CURLU_PUNYCODE makes of a name depends on the locale.
 */
static int take_host(CURLU *u, const char *text, char **ret, struct err *err)
{
    g_autofree char *host = net_url_part_dup(u, CURLUPART_HOST, 0);
    g_autofree char *zone = net_url_part_dup(u, CURLUPART_ZONEID, 0);
    g_autofree char *ascii = NULL;

    if (host == NULL || host[0] == '\0')
        return not_a_url(text, "it has no host name", err);
    if (zone != NULL)
        return not_a_url(text, "it names a network interface", err);
    if (g_utf8_validate(host, -1, NULL)) /* it may have been escaped */
        ascii = g_hostname_to_ascii(host);
    if (ascii == NULL || !is_host(ascii))
        return not_a_url(text, "its host name is not valid", err);
    *ret = g_ascii_strdown(ascii, -1);
    return 0;
}

static int take_port(CURLU *u, const char *text, uint16_t *ret, struct err *err)
{
    g_autofree char *port =
        net_url_part_dup(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    guint64 n;

    if (port == NULL ||
        !g_ascii_string_to_unsigned(port, 10, 1, UINT16_MAX, &n, NULL))
        return not_a_url(text, "its port is not a number from 1 to 65535", err);
    *ret = (uint16_t)n;
    return 0;
}

static int take_parts(CURLU *u, const char *text, struct net_url *ret,
                      struct err *err)
{
    g_auto(net_url) url = { 0 };

    if (take_scheme(text, &url.https, err) < 0 || set_text(u, text, err) < 0 ||
        take_host(u, text, &url.host, err) < 0 ||
        take_port(u, text, &url.port, err) < 0)
        return -1;
    url.path = net_url_part_dup(u, CURLUPART_PATH, 0);
    if (url.path == NULL || url.path[0] != '/')
        return not_a_url(text, "its path does not begin with /", err);
    *ret = (struct net_url){ url.https, g_steal_pointer(&url.host), url.port,
                             g_steal_pointer(&url.path) };
    return 0;
}

static int parse_once(const char *text, struct net_url *ret, struct err *err)
{
    CURLU *u;
    int rc;

    if (check_text(text, err) < 0)
        return -1;
    u = curl_url();
    if (u == NULL)
        abort();
    rc = take_parts(u, text, ret, err);
    curl_url_cleanup(u);
    return rc;
}

int net_url_parse(const char *text, struct net_url *ret, struct err *err)
{
    g_auto(net_url) url = { 0 };
    g_autofree char *ascii = NULL;

    if (parse_once(text, &url, err) < 0)
        return -1;
    /* In ASCII a foreign name may be an address: a full-width 3 is 0.0.0.3. */
    ascii = net_url_with_path(&url, url.path);
    return parse_once(ascii, ret, err);
}

void net_url_clear(struct net_url *url)
{
    g_free(url->host);
    g_free(url->path);
    *url = (struct net_url){ 0 };
}

char *net_url_with_path(const struct net_url *url, const char *path)
{
    unsigned int usual = url->https ? 443 : 80;
    const char *scheme = url->https ? "https" : "http";

    if (url->port == usual)
        return g_strdup_printf("%s://%s%s", scheme, url->host, path);
    return g_strdup_printf("%s://%s:%u%s", scheme, url->host, url->port, path);
}
