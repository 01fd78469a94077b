#include "ews/owa.h"

#include <string.h>

/* No page that we look at needs more, and nothing of it is kept. */
#define PAGE_MAX_BYTES   ((uint64_t)4 << 20)
#define PAGE_DEADLINE_MS 30000u

/* A host name has 253 characters at most; a logon page's query has many. */
#define ADDRESS_MAX 4096

static int not_an_address(const char *text, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is no OWA address", text);
    return err_remedy(err, "give the address that users open in their browser, "
                           "such as https://mail.example.com/owa");
}

/* Without what people and mail programs put around an address. */
static char *unwrap(const char *text)
{
    char *copy = g_strdup(text);
    char *s = copy;
    char *inner;
    size_t len;

    while (*s != '\0' && strchr(" \t\r\n\"'<(", *s) != NULL)
        s++;
    len = strlen(s);
    while (len > 0 && strchr(" \t\r\n\"'>).,;", s[len - 1]) != NULL)
        len--;
    inner = g_strndup(s, len);
    g_free(copy);
    return inner;
}

static bool is_host(const char *host)
{
    for (const char *p = host; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr(".-_:[]", *p) == NULL)
            return false;
    }
    return host[0] != '\0';
}

/* Written out and read again it is the same: no second meaning. */
static bool is_stable(const struct net_url *url)
{
    g_autofree char *text = owa_url_text(url);
    struct net_url again;
    struct err err;
    bool same;

    if (net_url_parse(text, &again, &err) < 0)
        return false;
    same = owa_same_host(url, &again) && strcmp(url->path, again.path) == 0;
    net_url_clear(&again);
    return same;
}

int owa_plain_url(const char *text, struct net_url *ret, struct err *err)
{
    struct net_url url;

    if (net_url_parse(text, &url, err) < 0)
        return -1;
    if (!url.https || !is_host(url.host) || !is_stable(&url)) {
        net_url_clear(&url);
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%s\" is not https, or has no plain host name", text);
    }
    *ret = url;
    return 0;
}

/* The text as an https URL: "//" and scheme put before it where missing. */
static char *as_https(const char *text)
{
    if (g_ascii_strncasecmp(text, "https://", strlen("https://")) == 0)
        return g_strdup(text);
    if (g_ascii_strncasecmp(text, "http://", strlen("http://")) == 0) {
        const char *rest = text + strlen("http://");
        size_t host_len = strcspn(rest, "/?#");

        /* Port 80 goes with http, not with what we make of it. */
        if (host_len > 3 && strncmp(rest + host_len - 3, ":80", 3) == 0)
            return g_strdup_printf("https://%.*s%s", (int)host_len - 3, rest,
                                   rest + host_len);
        return g_strconcat("https://", rest, NULL);
    }
    if (strncmp(text, "//", 2) == 0)
        return g_strconcat("https:", text, NULL);
    if (strstr(text, "://") != NULL)
        return NULL;
    return g_strconcat("https://", text, NULL);
}

int owa_parse(const char *text, struct net_url *ret, struct err *err)
{
    g_autofree char *inner = unwrap(text);
    g_autofree char *url = NULL;
    struct err why;

    if (inner[0] == '\0' || strlen(inner) > ADDRESS_MAX)
        return not_an_address(text, err);
    url = as_https(inner);
    /* "user@host" would be taken for a user name before the host. */
    if (url == NULL || strcspn(inner, "@") < strcspn(inner, "/?#") ||
        owa_plain_url(url, ret, &why) < 0)
        return not_an_address(text, err);
    return 0;
}

char *owa_url_text(const struct net_url *url)
{
    return net_url_with_path(url, url->path);
}

char *owa_host_text(const struct net_url *url)
{
    return url->port == 443 ? g_strdup(url->host)
                            : g_strdup_printf("%s:%u", url->host, url->port);
}

bool owa_same_host(const struct net_url *a, const struct net_url *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port;
}

/* location as an absolute URL ([RFC 3986] 5.2, without "." and ".."). */
static char *resolve(const struct net_url *from, const char *location)
{
    g_autofree char *dir = NULL;
    g_autofree char *path = NULL;

    if (strncmp(location, "//", 2) == 0)
        return g_strconcat("https:", location, NULL);
    if (strcspn(location, ":") < strcspn(location, "/?#"))
        return g_strdup(location);
    if (location[0] == '/')
        return net_url_with_path(from, location);
    dir = g_strndup(from->path,
                    (size_t)(strrchr(from->path, '/') - from->path) + 1);
    path = location[0] == '?' || location[0] == '#'
               ? g_strconcat(from->path, location, NULL)
               : g_strconcat(dir, location, NULL);
    return net_url_with_path(from, path);
}

int owa_follow(const struct net_url *from, const char *location,
               struct net_url *ret, struct err *err)
{
    g_autofree char *url = NULL;

    if (strlen(location) > ADDRESS_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "it redirects to an address that is too long");
    url = resolve(from, location);
    return owa_plain_url(url, ret, err);
}

void owa_visit_clear(struct owa_visit *v)
{
    net_url_clear(&v->end);
    g_clear_pointer(&v->version, g_free);
}

static int drop_page(void *data, const char *bytes, size_t n, struct err *err)
{
    (void)data;
    (void)bytes;
    (void)n;
    (void)err;
    return 0;
}

static int get(const struct ews_transport *t, const struct net_url *url,
               struct cancel *stop, struct net_response *ret, struct err *err)
{
    g_autofree char *text = owa_url_text(url);
    const struct net_request request = {
        .method = "GET",
        .url = text,
        .deadline_ms = PAGE_DEADLINE_MS,
        .answer_max_bytes = PAGE_MAX_BYTES,
        .repeatable = true,
        .sink = drop_page,
        .cancel = stop,
    };
    void *conn = t->ops->connect(t, NULL);
    int rc = t->ops->perform(conn, &request, ret, err);

    t->ops->disconnect(conn);
    return rc;
}

/* Look at one page.  1: v->end is where it leads; 0: it leads nowhere; -1. */
static int visit_page(const struct ews_transport *t, struct cancel *stop,
                      struct owa_visit *v, struct err *err)
{
    g_auto(net_response) r = { 0 };
    struct net_url next;
    struct err why;

    if (get(t, &v->end, stop, &r, err) < 0)
        return -1;
    v->status = r.status;
    if (r.server_owa_version != NULL) {
        g_free(v->version);
        v->version = g_strdup(r.server_owa_version);
    }
    if (r.status < 300 || r.status >= 400 || r.location == NULL ||
        owa_follow(&v->end, r.location, &next, &why) < 0)
        return 0;
    net_url_clear(&v->end);
    v->end = next;
    return 1;
}

int owa_look(const struct ews_transport *t, const struct net_url *url,
             struct cancel *stop, struct owa_visit *ret, struct err *err)
{
    g_auto(owa_visit) v = {
        .end = { url->https, g_strdup(url->host), url->port,
                 g_strdup(url->path) },
    };
    struct err why;
    int more;

    more = visit_page(t, stop, &v, err);
    if (more < 0)
        return -1;
    for (int i = 0; i < OWA_REDIRECTS_MAX && more > 0; i++)
        more = visit_page(t, stop, &v, &why);
    v.moved = !owa_same_host(&v.end, url);
    *ret = v;
    v = (struct owa_visit){ 0 };
    return 0;
}
