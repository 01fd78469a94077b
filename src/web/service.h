/*
 * service - what stands behind the routes.
 */
#ifndef WEB_SERVICE_H
#define WEB_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/blob.h"
#include "base/config.h"
#include "base/log.h"
#include "base/passhash.h"
#include "base/seal.h"
#include "desk/reach.h"
#include "store/migrations.h"
#include "store/roster_accounts.h"
#include "web/bucket.h"
#include "web/events.h"
#include "web/metrics.h"
#include "web/relay.h"
#include "web/route.h"
#include "web/server.h"

struct requests;
struct desk; /* desk/desk.h */

struct service {
    struct roster *roster; /* borrowed, as the next */
    struct database *database;
    struct jobs *jobs;
    struct migrations *migrations;
    struct requests *requests;
    struct desk *desk;     /* NULL: there is none */
    struct reach reach;    /* of servers that people name */
    struct buckets *tries; /* how often each may have one tried */
    atomic_uint trying;    /* by people, at this moment */
    const struct keyring *keys;
    struct log *log;
    struct metrics *metrics;
    struct metrics_family *listeners, *sign_in_results, *writable;
    struct fleet_metrics *fleet;
    struct events *events;
    struct relay *relay; /* what is told goes to the events by it */
    struct buckets *sign_ins;
    struct blob_pool *pool; /* of long answers */
    pthread_mutex_t owners_lock;
    GHashTable *owners;        /* account by migration, both int64_t * */
    GThreadPool *errands;      /* mails with links to be written */
    char *public_url;          /* NULL: none */
    char *mail_address;        /* where mails come from */
    char *mail_name;           /* beside it */
    struct passhash_cost cost; /* of new passwords */
    atomic_uint sign_in_limit; /* within 15 minutes */
    atomic_bool stopping;
    pthread_mutex_t settings_lock;
    const struct config *started, *latest; /* see service_settings_set() */
};

/*
 * What was read when it started, and what was read last: both are borrowed
 * until the next call.
 */
void service_settings_set(struct service *s, const struct config *started,
                          const struct config *latest);

/* What /metrics says of jobs and workers; see service_worker_metrics.c. */
struct fleet_metrics *fleet_metrics_new(struct metrics *m);
void fleet_metrics_free(struct fleet_metrics *f);
/* As the database has it now. */
void fleet_metrics_read(struct fleet_metrics *f, struct jobs *j,
                        struct log *log);

/* Every route, ended by a NULL path. */
extern const struct web_route service_routes[];
extern const struct web_service_ops service_ops;

/*
 * One line a route: method, path, roles, scope, name, summary, query,
 * "If-Match" where it is heeded, by tabs; "-": none.
 */
void service_print_routes(FILE *out);

/*
 * Handlers, by subject: service_health.c, service_sign_in.c,
 * service_operators.c, service_tokens.c, service_audit.c,
 * service_accounts.c, service_contacts.c, service_migrations.c,
 * service_migration_add.c, service_reports.c, service_mailboxes.c,
 * service_mailbox_change.c, service_mailbox_ledger.c, service_fleet.c,
 * service_hosts.c,
 * service_requests.c, service_request_do.c, service_request_supply.c,
 * service_probe.c,
 * service_imports.c, service_tray.c, service_outbox.c, service_desk_links.c,
 * service_supply.c, service_owner.c, service_people.c, service_app.c,
 * service_history.c.
 */
web_handler service_healthz, service_readyz, service_health, service_metrics,
    service_events;
web_handler service_sign_in, service_sign_out, service_session;
web_handler service_operators, service_operator_add, service_operator_change;
web_handler service_tokens, service_token_add, service_token_revoke;
web_handler service_audit, service_audit_verify;
web_handler service_own_password, service_own_offer, service_own_authenticator;
web_handler service_settings, service_prices;
web_handler service_operator;
web_handler service_link_request, service_link, service_link_use,
    service_link_page, service_link_page_use;
web_handler service_accounts, service_account, service_account_add,
    service_account_change, service_account_remove;
web_handler service_people_import;
web_handler service_contacts, service_contact, service_contact_add,
    service_contact_change, service_contact_remove;
web_handler service_migrations, service_migration, service_migration_add,
    service_migration_change, service_migration_remove, service_migration_do,
    service_migration_failures;
web_handler service_migration_extend;
web_handler service_stalls;
web_handler service_reports, service_report;
web_handler service_trials;
web_handler service_checks, service_mailbox_check, service_migration_outlook;
web_handler service_mailboxes, service_standing, service_mailbox,
    service_mailbox_do, service_mailbox_passes, service_mailbox_failures;
web_handler service_workers, service_worker_do;
web_handler service_mailbox_change;
web_handler service_mailbox_folders, service_mailbox_failed;
web_handler service_migration_failed;
web_handler service_requests, service_request, service_request_mails,
    service_request_files, service_request_timeline, service_request_invoice;
web_handler service_request_do;
web_handler service_request_add, service_request_change,
    service_request_file_add, service_request_import, service_request_days;
web_handler service_probe, service_request_credentials;
web_handler service_request_certificate;
web_handler service_import_check, service_import_template;
web_handler service_supply_page, service_supply_page_use;
web_handler service_owner_page, service_owner_page_use;
web_handler service_request_owners, service_request_ask_owners;
web_handler service_certificate_page, service_certificate_file,
    service_certificate_keys;
web_handler service_approve_page, service_approve_page_use,
    service_cutover_page, service_cutover_page_use;
web_handler service_root, service_app, service_asset;
web_handler service_tray, service_mail, service_mail_text, service_mail_do;
web_handler service_request_conversation;
web_handler service_outbox, service_outbox_mail, service_outbox_do;
web_handler service_hosts, service_host, service_host_limit;
web_handler service_migration_history, service_host_history;

/* ---- what they share (service.c) -------------------------------------- */

/* Of the session's cookie. */
const char *service_cookie_name(bool secure);

/* Who asks, for the trail; its name is written into room. */
struct roster_actor service_actor(const struct web_request *r, char *room,
                                  size_t size);

/*
 * The same of what may be asked for again by its Idempotency-Key, which goes
 * into *once and, where there is one, into *actor.  False: see the reply.
 */
bool service_once(const struct web_request *r, struct roster_once *once,
                  struct roster_actor *actor, struct web_reply *reply);

/*
 * Tell those who watch what was done: an event "audit" with the action, the
 * subject and who.
 */
void service_tell(const struct service *s, const struct web_request *r,
                  const char *action, const char *subject);
/*
 * The same to whoever may see the migration: an event "migration" with the
 * action.  Its mailboxes and jobs may be others than before.
 */
void service_tell_migration(const struct service *s, int64_t migration_id,
                            const char *action);

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

/* ---- signing in (service_sign_in.c, service_links.c) --------------------- */

#define SERVICE_BUCKET_SIZE 320
/*
 * Both the name and the address pay for an attempt, whether it goes well or
 * not; by_name is the name's bucket.  -1: too often, and the reply says so.
 */
int service_pay(struct service *s, const struct web_request *r,
                const char *name, char by_name[SERVICE_BUCKET_SIZE],
                struct web_reply *reply);
/* Of a session that lasts so long. */
void service_set_cookie(const struct web_request *r, struct web_reply *reply,
                        const char *token, int64_t us);

/* 201, and the cookie of a new session of theirs. */
void service_begin_session(const struct service *s, const struct web_request *r,
                           const struct roster_operator *o,
                           struct web_reply *reply);
/*
 * 1: the code is their authenticator's, and is used up now, or they have none;
 * 0; -1.
 */
int service_check_code(const struct service *s, const struct roster_operator *o,
                       const char *code, struct err *err);
/* "password" of the body, hashed; -1 with the problem in the reply. */
int service_read_password(const struct service *s, const struct web_request *r,
                          char hash[PASSHASH_SIZE], struct web_reply *reply);

/* Before the first request, and after the last one. */
void service_links_start(struct service *s);
void service_links_stop(struct service *s);

/* ---- lists, whose (service_list.c) ---------------------------- */

/* What differs between lists in pages. */
struct service_list {
    /*
     * An array of structs that begin with their int64_t id, in its order.
     * False: the problem is in the reply, or in *err where that has a text.
     */
    bool (*read)(const struct service *s, const struct web_request *r,
                 const struct roster_page *page, GPtrArray **ret,
                 struct web_reply *reply, struct err *err);
    json_t *(*json)(const struct web_request *r, const void *item);
    const struct roster_order *orders; /* beside by id; or NULL */
    /* In place of json, of what depends on the configuration; or NULL. */
    json_t *(*show)(const struct service *s, const void *item);
};
void service_list(const struct service *s, const struct web_request *r,
                  const struct service_list *list, struct web_reply *reply);

/* A list that is short enough to come whole; takes over the array. */
void service_reply_items(struct web_reply *reply, json_t *items);
/* The same of each item of all. */
void service_reply_all(struct web_reply *reply, const GPtrArray *all,
                       json_t *(*json)(const void *item));

/* "state", "job" and "text" of the query; false: see the reply. */
bool service_query_filter(const struct web_request *r,
                          struct migration_filter *ret,
                          struct web_reply *reply);

/*
 * "a,b" of that name in the query as 1 << each of n states, or'ed; false: see
 * the reply.
 */
typedef const char *service_state_namer(int state);
bool service_query_states(const struct web_request *r, const char *name,
                          service_state_namer *namer, int n, unsigned *ret,
                          struct web_reply *reply);

/* "state" of the query, of requests: 1 << enum request_state, or'ed. */
bool service_query_request_states(const struct web_request *r, unsigned *ret,
                                  struct web_reply *reply);

/* A number over 0 of the query, 0 without it; false: see the reply. */
bool service_query_id(const struct web_request *r, const char *name,
                      int64_t *ret, struct web_reply *reply);

/* Of whose account alone somebody may know: 0 for operators. */
static inline int64_t service_account_of(const struct web_request *r)
{
    return r->who.account;
}
/* Whose a migration is; 0: nobody's, or it is not known. */
int64_t service_migration_account(struct service *s, int64_t migration_id);
/* What is not theirs is not there. */
static inline bool service_may_see(const struct web_request *r,
                                   int64_t account_id)
{
    return r->who.account == 0 || r->who.account == account_id;
}
void service_not_found(struct web_reply *reply, const char *what);

/* 201 with the id and where it is: path and the id. */
void service_created(struct web_reply *reply, const char *path, int64_t id);
/*
 * 204 to a change that makes one version more of what it is about: where it
 * said by If-Match what it had seen, with the next one, to take it back by.
 */
void service_changed(const struct web_request *r, struct web_reply *reply);

/*
 * As service_text(), but it may be missing (*ret stays) or, where empty is
 * true, empty.  False: the problem is in the reply.
 */
bool service_text_opt(const struct web_request *r, const char *name,
                      size_t most, bool empty, const char **ret,
                      struct web_reply *reply);

#endif
