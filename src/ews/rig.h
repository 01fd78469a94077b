/*
 * rig - lab servers for tests: processes that share no code with us.
 */
#ifndef EWS_RIG_H
#define EWS_RIG_H

#include <stdbool.h>

#include <glib.h>

#include "ews/ews.h"

#define RIG_ADMIN "administrator@contoso.example"

struct rig {
    GPid pid;
    char *dir, *ca_file, *port_file, *accounts_file, *port;
    struct net *net;
    struct governor *governor;
    struct ews_site *site;
    struct blob_pool *pool;
};

/*
 * Start a lab of that version (NULL: the newest) in memory, its content from
 * --seed=1; more: other options, NULL-terminated, or NULL.  Whatever fails
 * ends the test.
 */
void rig_start(struct rig *r, const char *program, const char *version,
               const char *const *more);
void rig_stop(struct rig *r);

/* A mailbox by the administrative account, opened. */
struct endpoint *rig_open(struct rig *r, const char *address);

/* The user's own; the caller frees. */
char *rig_password(const struct rig *r, const char *user);

/* How much the lab would have sent to somebody. */
unsigned int rig_tray(struct rig *r);

#endif
