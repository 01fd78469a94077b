/* discover - ews_discover() over another transport, for the tests. */
#ifndef EWS_DISCOVER_H
#define EWS_DISCOVER_H

#include "ews/ews.h"
#include "ews/transport.h"

int discover_over(const struct ews_transport *transport,
                  const struct ews_discover_config *config,
                  struct ews_discovery *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
