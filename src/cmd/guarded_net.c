#include "cmd/guarded_net.h"

static int read_ranges(const struct config *c, GArray *ranges, struct err *err)
{
    const char *list = config_text(c, CONFIG_ENGINE_PRIVATE);
    g_auto(GStrv) parts = g_strsplit(list != NULL ? list : "", ",", -1);

    for (char **part = parts; *part != NULL; part++) {
        struct inet_range range;

        if (inet_range_parse(g_strstrip(*part), &range, err) < 0)
            return -1;
        g_array_append_val(ranges, range);
    }
    return 0;
}

int guarded_net_open(struct guarded_net *g, const struct config *c,
                     uint32_t exchange_max_ms, struct err *err)
{
    g->ca_file = config_path(c, CONFIG_ENGINE_CA_FILE);
    g->ranges = g_array_new(FALSE, FALSE, sizeof(struct inet_range));
    if (read_ranges(c, g->ranges, err) < 0)
        return -1;
    g->config = (struct net_config){
        .ca_file = g->ca_file,
        .untrusted_remedy =
            "if that server is to be trusted, have the certificate of the "
            "authority that signed it put into the service's engine.ca-file",
        .exchange_max_ms = exchange_max_ms,
        .guarded = true,
        .private_networks = (const struct inet_range *)g->ranges->data,
        .n_private_networks = g->ranges->len,
    };
    return net_new(&g->config, &g->net, err);
}

void guarded_net_close(struct guarded_net *g)
{
    net_free(g->net);
    if (g->ranges != NULL)
        g_array_unref(g->ranges);
    g_free(g->ca_file);
    *g = (struct guarded_net){ 0 };
}
