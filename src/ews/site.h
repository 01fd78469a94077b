/* site - what the mailboxes of one side share.  The public part is ews.h. */
#ifndef EWS_SITE_H
#define EWS_SITE_H

#include <pthread.h>
#include <stdbool.h>

#include "ews/accounts.h"
#include "ews/conns.h"
#include "ews/credential.h"
#include "ews/ews.h"
#include "ews/sync_gate.h"
#include "ews/transport.h"
#include "ews/version.h"

struct ews_site {
    struct ews_transport transport;
    struct conns *conns;
    struct governor *governor;
    struct cancel *cancel;
    char *url;
    char *host; /* and port, where it is not the usual one */
    struct sync_gate *syncs;
    struct accounts *accounts; /* administrative ones, or the application */
    uint32_t read_pause_ms;    /* before a read is repeated; doubles */
    uint32_t put_wait_ms;      /* EWS_PUT_WAIT_MS; the tests' is shorter */

    pthread_mutex_t known_lock; /* guards what follows */
    GPtrArray *credentials;     /* of struct credential *, owned */
    unsigned int schemes;       /* 0: not asked yet */
    bool old;                   /* refuses EWS_PROBE_LEVEL */

    /* Held while its Autodiscover is asked, and guards what follows. */
    pthread_mutex_t autodiscover_lock;
    enum net_scheme autodiscover_scheme; /* NET_AUTH_NONE: not asked yet */
    bool autodiscover_soap;              /* it has no POX, or not for us */
    bool autodiscover_off; /* it is not there, or refuses: not asked again */
    struct err autodiscover_why;
};

/* ews_site_new() over another transport, which is copied. */
int site_new_over(const struct ews_transport *transport,
                  const struct ews_site_config *config, struct ews_site **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The side's one credential of that name and password; a reference. */
struct credential *site_credential(struct ews_site *site, const char *user,
                                   struct secret *password);

/* How to sign in: the best scheme on offer; the server is asked once. */
int site_scheme(struct ews_site *site, enum net_scheme *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The level that a mailbox's first request is made at. */
enum ews_level site_probe_level(struct ews_site *site);
void site_is_old(struct ews_site *site);

#endif
