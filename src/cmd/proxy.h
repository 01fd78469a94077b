/* proxy - what --proxy says, and where its password comes from. */
#ifndef CMD_PROXY_H
#define CMD_PROXY_H

#include "base/cancel.h"
#include "cmd/opt_common.h"
#include "net/net.h"

/*
 * 1 and the proxy; 0: none is given, the environment counts; -1: its address
 * is not understood, has a password in it (which every process of the machine
 * could read), or names a user whose password is not to be had.
 */
int proxy_take(const struct opt_proxy *options, struct cancel *stop,
               struct net_proxy *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
