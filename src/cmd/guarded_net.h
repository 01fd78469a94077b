/*
 * guarded_net - the network as a service uses it for the servers that requests
 * name: private networks are refused but for those that the configuration
 * lists, and certificates are those of engine.ca-file.
 */
#ifndef CMD_GUARDED_NET_H
#define CMD_GUARDED_NET_H

#include "base/config.h"
#include "net/net.h"

struct guarded_net {
    char *ca_file;
    GArray *ranges;           /* struct inet_range: private, and meant */
    struct net_config config; /* borrows both: for further ones like it */
    struct net *net;
};

/*
 * exchange_max_ms as in struct net_config; 0: none.  -1 with what is wrong in
 * the configuration; guarded_net_close() in any case.
 */
int guarded_net_open(struct guarded_net *g, const struct config *c,
                     uint32_t exchange_max_ms,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void guarded_net_close(struct guarded_net *g);

#endif
