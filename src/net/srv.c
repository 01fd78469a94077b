#include "net/srv.h"

#include <gio/gio.h>

void net_srv_free(struct net_srv *srv)
{
    if (srv == NULL)
        return;
    g_free(srv->host);
    g_free(srv);
}

static void free_srv(void *srv)
{
    net_srv_free(srv);
}

/* "." says that there is decidedly no such service (RFC 2782). */
static void take(GPtrArray *all, GSrvTarget *target)
{
    const char *host = g_srv_target_get_hostname(target);
    size_t len = strlen(host);
    struct net_srv *srv;

    while (len > 0 && host[len - 1] == '.')
        len--;
    if (len == 0 || g_srv_target_get_port(target) == 0 ||
        all->len == NET_SRV_MAX)
        return;
    srv = g_new0(struct net_srv, 1);
    srv->host = g_strndup(host, len);
    srv->port = g_srv_target_get_port(target);
    g_ptr_array_add(all, srv);
}

static int refused(const GError *why, const char *service, const char *domain,
                   struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_WAIT, 0, "SRV record \"_%s._tcp.%s\": %s",
            service, domain, why->message);
    err->name = "cannot-resolve";
    return err_remedy(err, "check the domain's spelling and that this "
                           "machine's DNS answers");
}

int net_srv_lookup(const char *service, const char *domain, GPtrArray **ret,
                   struct err *err)
{
    GResolver *resolver = g_resolver_get_default();
    g_autoptr(GError) why = NULL;
    GList *targets =
        g_resolver_lookup_service(resolver, service, "tcp", domain, NULL, &why);
    GPtrArray *all;

    g_object_unref(resolver);
    if (why != NULL &&
        !g_error_matches(why, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
        return refused(why, service, domain, err);
    all = g_ptr_array_new_with_free_func(free_srv);
    for (GList *at = targets; at != NULL; at = at->next)
        take(all, at->data);
    g_resolver_free_targets(targets);
    *ret = all;
    return 0;
}
