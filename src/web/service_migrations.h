/*
 * service_migrations - what the handlers of migrations share.
 */
#ifndef WEB_SERVICE_MIGRATIONS_H
#define WEB_SERVICE_MIGRATIONS_H

#include "web/service.h"

/* "source", "destination"; static. */
const char *service_side_name(enum migration_side side);

/*
 * The one of the path, where who asks may see it; the caller frees.  NULL: the
 * problem is in the reply.
 */
struct migration *service_migration_get(const struct service *s,
                                        const struct web_request *r,
                                        struct web_reply *reply);
/* The same of a mailbox. */
struct migration_mailbox *service_mailbox_get(const struct service *s,
                                              const struct web_request *r,
                                              struct web_reply *reply);

/* Items that failed, by cause. */
void service_causes(const struct service *s, const struct web_request *r,
                    const struct jobs_which *which, struct web_reply *reply);

/* ---- members of a body; false: the problem is in the reply --------------- */

/* user is borrowed, the password the caller's; both NULL without them. */
bool service_read_login(const struct web_request *r, enum migration_side side,
                        struct migration_login *ret, struct web_reply *reply);
/* A text of base/hours.h, or null, which is ""; *ret stays without it. */
bool service_read_hours(const struct web_request *r, const char *name,
                        const char **ret, struct web_reply *reply);
/* "most"; *ret stays where it is missing. */
bool service_read_most(const struct web_request *r, unsigned *ret,
                       struct web_reply *reply);
/* "options" as text, the caller's; *ret stays where it is missing. */
bool service_read_options(const struct web_request *r, char **ret,
                          struct web_reply *reply);

#endif
