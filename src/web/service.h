/*
 * service - what stands behind the routes.
 */
#ifndef WEB_SERVICE_H
#define WEB_SERVICE_H

#include <stdatomic.h>

#include "base/config.h"
#include "base/log.h"
#include "base/passhash.h"
#include "base/seal.h"
#include "store/roster.h"
#include "web/bucket.h"
#include "web/events.h"
#include "web/metrics.h"
#include "web/route.h"
#include "web/server.h"

struct service {
    struct roster *roster; /* borrowed, as the next */
    const struct keyring *keys;
    struct log *log;
    struct metrics *metrics;
    struct metrics_family *listeners, *sign_in_results;
    struct events *events;
    struct buckets *sign_ins;
    struct passhash_cost cost; /* of new passwords */
    atomic_uint sign_in_limit; /* within 15 minutes */
    atomic_bool stopping;
};

/* Every route, ended by a NULL path. */
extern const struct web_route service_routes[];
extern const struct web_service_ops service_ops;

/* One line a route: method, path, roles, scope, name, summary, by tabs. */
void service_print_routes(FILE *out);

/*
 * Handlers, by subject: service_health.c, service_sign_in.c,
 * service_operators.c, service_tokens.c, service_audit.c.
 */
web_handler service_healthz, service_readyz, service_metrics, service_events;
web_handler service_sign_in, service_sign_out, service_session;
web_handler service_operators, service_operator_add, service_operator_change;
web_handler service_tokens, service_token_add, service_token_revoke;
web_handler service_audit;

/* ---- what they share (service.c) -------------------------------------- */

/* Of the session's cookie. */
const char *service_cookie_name(bool secure);

/* Who asks, for the trail; its name is written into room. */
struct roster_actor service_actor(const struct web_request *r, char *room,
                                  size_t size);

/*
 * Tell those who watch what was done: an event "audit" with the action, the
 * subject and who.
 */
void service_tell(const struct service *s, const struct web_request *r,
                  const char *action, const char *subject);

/* 413 and the like are the server's; this logs a failure once and answers. */
void service_fail(const struct service *s, const struct web_request *r,
                  struct web_reply *reply, const struct err *err);

/*
 * A text of the body: NULL with the problem in the reply when it is missing
 * or no text, or longer than `most` bytes.  Borrowed.
 */
const char *service_text(const struct web_request *r, const char *name,
                         size_t most, struct web_reply *reply);

/* -1 with the problem in the reply: a member of the body that is not listed. */
int service_only(const struct web_request *r, const char *const *names,
                 struct web_reply *reply);

/* The page that was asked for; -1 with the problem in the reply. */
int service_page(const struct web_request *r, struct roster_page *ret,
                 struct web_reply *reply);

/* "2026-01-02T03:04:05Z", or null for 0. */
json_t *service_time(int64_t us);

#endif
