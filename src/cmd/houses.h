/*
 * houses - what is known of both servers of a service's migrations, and who
 * may open their mailboxes.
 *
 * All passes over a migration share one site a side while any is under way,
 * so that mailboxes are spread over its accounts and a token serves all of
 * them.  A server that was found is remembered as long as the migration is not
 * changed, and so is each account that it refused: nothing is sent with that
 * one again, for no mailbox, so that no account is locked.
 *
 * Any thread.
 */
#ifndef CMD_HOUSES_H
#define CMD_HOUSES_H

#include "cmd/gates.h"
#include "ews/ews.h"
#include "fleet/worker.h"

/* All borrowed, and outlive it. */
struct houses_config {
    struct migrations *migrations;
    struct governor *governor;
    struct gates *gates;
    struct net *net;
    struct net_config net_config; /* of net: a side's proxy is added to it */
    struct cancel *cancel;        /* of the process */
};

struct houses;
typedef struct houses houses;
struct houses *houses_new(const struct houses_config *config);
/* After everybody has left. */
void houses_free(struct houses *all);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(houses, houses_free)

struct house;
/* That of a version of a migration; left by house_leave(). */
struct house *house_enter(struct houses *all, const struct migration *m);
void house_leave(struct house *h);

/*
 * The site of a side, found and made where there is none yet; it stays until
 * the caller leaves.  own: whom the mailbox brings; NULL: nobody, and then -1
 * (ERR_MAILBOX) when the migration has nobody either, or they were refused.
 */
int house_site(struct house *h, const struct worker_task *task,
               enum migration_side side, const struct ews_login *own,
               struct ews_site **ret, struct err *err);
/* After house_site(): the EWS address.  The caller frees. */
char *house_url(struct house *h, enum migration_side side);

#endif
