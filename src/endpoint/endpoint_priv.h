/*
 * endpoint_priv - what the implementations in this room share.
 */
#ifndef ENDPOINT_ENDPOINT_PRIV_H
#define ENDPOINT_ENDPOINT_PRIV_H

#include "endpoint/endpoint.h"

/* All of a blob in memory: for tests' payloads only. */
int endpoint_read_blob(const struct blob *b, GBytes **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
