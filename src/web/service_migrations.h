/*
 * service_migrations - what the handlers of migrations share.
 */
#ifndef WEB_SERVICE_MIGRATIONS_H
#define WEB_SERVICE_MIGRATIONS_H

#include "fleet/migration.h"
#include "fleet/outlook.h"
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

/*
 * A page of the mailboxes of the path's migration, by the filter of the query:
 * an array of struct migration_mailbox *; a list's read (struct service_list).
 */
bool service_read_mailboxes(const struct service *s,
                            const struct web_request *r,
                            const struct roster_page *page, GPtrArray **ret,
                            struct web_reply *reply, struct err *err);

/*
 * The host of the path as migrations name it, however it is written there; the
 * caller frees.  NULL: the problem is in the reply.
 */
char *service_host_of(const struct service *s, const struct web_request *r,
                      struct web_reply *reply);

/* Items that failed, by cause. */
void service_causes(const struct service *s, const struct web_request *r,
                    const struct jobs_which *which, struct web_reply *reply);

/* ---- members of a body; false: the problem is in the reply --------------- */

/* Of names and addresses by which a side is reached. */
#define SERVICE_USER_MAX 1024

/* What a body says of how a side is reached (service_access.c). */
struct service_side {
    bool has_login;
    struct migration_login login; /* user borrowed; both NULL: none */
    unsigned int ways;            /* bits 1 << enum migration_way: is told */
    GPtrArray *access;            /* of struct migration_access * */
};
/* whole: of a new migration, with its "url".  Cleared also after a failure. */
bool service_read_side(const struct web_request *r, enum migration_side side,
                       bool whole, struct service_side *ret,
                       struct web_reply *reply);
void service_side_clear(struct service_side *s);
/* As it is shown: without secrets. */
json_t *service_side_json(const struct migration *m, enum migration_side side);
/* A text of base/hours.h, or null, which is ""; *ret stays without it. */
bool service_read_hours(const struct web_request *r, const char *name,
                        const char **ret, struct web_reply *reply);
/* "most", null is 0; *ret stays where it is missing. */
bool service_read_most(const struct web_request *r, unsigned *ret,
                       struct web_reply *reply);
/* "options" as text, the caller's; *ret stays where it is missing. */
bool service_read_options(const struct web_request *r, char **ret,
                          struct web_reply *reply);

#endif
