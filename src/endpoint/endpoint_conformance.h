/*
 * endpoint_conformance - the contract of endpoint.h, as tests.
 *
 * For test programs: every implementation is held to the same suite.  It
 * works through the interface alone, so it needs no more than a fresh
 * mailbox and payloads that the server takes.
 */
#ifndef ENDPOINT_ENDPOINT_CONFORMANCE_H
#define ENDPOINT_ENDPOINT_CONFORMANCE_H

#include "endpoint/endpoint.h"

/* How many different payloads the suite asks for. */
#define ENDPOINT_CONFORMANCE_PAYLOADS 64

struct endpoint_subject {
    const char *name; /* tests are called "/conformance/<name>/..." */
    void *data;       /* for the functions below */

    /*
     * The first handle, not opened yet, on a mailbox that the suite may do
     * with as it likes; folders of earlier tests may be there.
     */
    struct endpoint *(*make)(void *data);
    /* After the last handle has been freed; may be NULL. */
    void (*end)(void *data);

    /* Payload n, sealed, the caller frees; no two are alike. */
    struct blob *(*payload)(void *data, unsigned int n);
    /* Whether got is payload n as this server keeps it. */
    bool (*is_payload)(void *data, const struct blob *got, unsigned int n);
};

/* Add the suite to GLib's tests.  subject must outlive g_test_run(). */
void endpoint_conformance_add(const struct endpoint_subject *subject);

/* Rules, automatic replies, options, categories, photo; needs no payloads. */
void endpoint_conformance_user_add(const struct endpoint_subject *subject);

#endif
