/*
 * guard - which addresses may be connected to, where addresses come from
 * people whom one need not trust: a service must not be used to reach what
 * only its own machine or network can.
 *
 * Checked when the socket is made, after the name was resolved, on the very
 * address that is connected to: a name that resolves to something else a
 * moment later gains nothing.
 */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include "base/inet.h"

/* Loopback, private, link-local, shared, multicast and the like. */
bool guard_is_private(const struct inet_address *a);

/* Networks that are private and may be reached all the same. */
struct guard {
    bool on;
    bool proxies;            /* a proxy's own address is looked at, too */
    struct inet_range *open; /* owned */
    size_t n_open;
};
bool guard_allows(const struct guard *g, const struct inet_address *a);

/*
 * Where a proxy resolves names, nobody sees what is connected to: all
 * addresses that the name has here must be allowed.  -1 names the first that
 * is not, or that it has none.
 */
int guard_check_name(const struct guard *g, const char *host,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The refusal: name "address-refused".  Returns -1. */
int guard_refuse(const char *host, const struct inet_address *a,
                 struct err *err);

#endif
