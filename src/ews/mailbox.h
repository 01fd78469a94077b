/*
 * mailbox - one mailbox as the operations of this room see it.
 *
 * A struct mailbox is one handle; handles to the same mailbox share a struct
 * core, and all mailboxes of a side its connections (conns.h).  What login()
 * finds out is written to the core before there are clones, and only read
 * afterwards.
 */
#ifndef EWS_MAILBOX_H
#define EWS_MAILBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "endpoint/endpoint.h"
#include "ews/site.h"
#include "ews/version.h"

struct endpoint_auto_reply; /* endpoint/auto_reply.h */
struct endpoint_categories; /* endpoint/options.h */
struct endpoint_options;
struct endpoint_rule; /* endpoint/rules.h */
struct endpoint_rules;

struct core {
    atomic_uint refs;
    struct ews_site *site;
    struct cancel *cancel; /* or NULL */
    struct credential *credential;
    bool own_login; /* the row's, not the side's */

    char *address;       /* the primary one, once the server has named it */
    char *named_address; /* as the server named it; or NULL */
    enum endpoint_rights rights;
    struct ews_version version;
    enum ews_level probe_level;  /* works for certain */
    atomic_int level;            /* enum ews_level: of requests */
    atomic_bool answered;        /* EWS has been where it should be */
    struct net_cookies *cookies; /* of all handles */
    char *budget;                /* what the server charges requests to */
    char *root_id;               /* msgfolderroot */
    char *identity;              /* its entry id; or NULL */

    struct governor_tally tally; /* of all handles */
    pthread_mutex_t stats_lock;  /* guards stats */
    struct endpoint_stats stats; /* without what the governor counts */
};

struct mailbox {
    struct endpoint base;
    struct core *core;
    _Atomic int64_t own_us; /* as endpoint_stats has it */
};

static inline struct mailbox *mailbox_of(struct endpoint *ep)
{
    return (struct mailbox *)ep;
}

/* From here on requests are made with these rights. */
void core_set_rights(struct core *core, enum endpoint_rights rights);

/* How requests sign in: Bearer, or the best scheme on offer. */
int core_scheme(const struct core *core, enum net_scheme *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether operations introduced with that level may be used. */
bool core_has(const struct core *core, enum ews_level level);

/* The operations, each in a file named after it. */
int login_open(struct endpoint *ep, struct endpoint_facts *ret,
               struct err *err);
int folders_list(struct endpoint *ep, struct endpoint_tree *ret,
                 struct err *err);
int folder_make_some(struct endpoint *ep, const char *parent_id,
                     const struct endpoint_new_folder *folders, size_t n,
                     char **ids, struct err *err);
int folder_make(struct endpoint *ep, const char *parent_id, const char *name,
                const char *folder_class, char **ret_id, struct err *err);
int changes_list(struct endpoint *ep, const char *folder_id, size_t max,
                 char **token, struct endpoint_page *ret, struct err *err);
int fetch_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                struct blob_pool *pool, struct endpoint_item *ret,
                struct err *err);
int put_items(struct endpoint *ep, const struct endpoint_put *puts, size_t n,
              struct endpoint_done *ret, bool *ret_maybe, struct err *err);
int remove_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                 struct endpoint_done *ret, struct err *err);
int describe_item(struct endpoint *ep, const char *id,
                  struct endpoint_description *ret, struct err *err);
int mark_items_read(struct endpoint *ep, const struct endpoint_ref *refs,
                    size_t n, bool read, struct endpoint_done *ret,
                    struct err *err);
int move_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
               const char *to_folder_id, struct endpoint_done *ret,
               bool *ret_maybe, struct err *err);
int folder_change(struct endpoint *ep, const char *folder_id,
                  const char *parent_id, const char *name, struct err *err);
int folder_remove(struct endpoint *ep, const char *folder_id, struct err *err);
int folder_purge(struct endpoint *ep, const char *folder_id, struct err *err);
/* Delete items for good; as remove_items() else. */
int remove_for_good(struct mailbox *mb, const struct endpoint_ref *refs,
                    size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int folders_tree(struct endpoint *ep, enum endpoint_root root,
                 char **ret_root_id, struct endpoint_tree *ret,
                 struct err *err);
int hidden_list(struct endpoint *ep, const char *folder_id,
                struct endpoint_page *ret, struct err *err);
int large_find(struct endpoint *ep, const char *folder_id, uint64_t over_bytes,
               size_t max, struct endpoint_findings *ret, struct err *err);
int quota_get(struct endpoint *ep, uint64_t *ret_bytes, struct err *err);
int keys_get(struct endpoint *ep, const char *const *ids, size_t n,
             struct endpoint_key *ret, struct err *err);
int resolve_address(struct endpoint *ep, const char *address,
                    struct endpoint_person *ret, struct err *err);
int own_name_get(struct endpoint *ep, char **ret, struct err *err);
int permissions_get(struct endpoint *ep, const char *const *folder_ids,
                    size_t n, struct endpoint_permissions *ret,
                    struct err *err);
int permissions_set(struct endpoint *ep, const char *folder_id,
                    const struct endpoint_permissions *all, struct err *err);
int delegates_get(struct endpoint *ep, struct endpoint_delegates *ret,
                  struct err *err);
int delegates_add(struct endpoint *ep, const struct endpoint_delegate *one,
                  struct err *err);
int delegates_update(struct endpoint *ep, const struct endpoint_delegate *one,
                     struct err *err);
int delegates_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                           struct err *err);
int rules_get(struct endpoint *ep, struct endpoint_rules *ret, struct err *err);
int rule_put(struct endpoint *ep, const struct endpoint_rule *rule,
             bool drop_blob, bool *ret_maybe, struct err *err);
int rule_remove(struct endpoint *ep, const char *rule_id, bool drop_blob,
                struct err *err);
int auto_reply_get(struct endpoint *ep, struct endpoint_auto_reply *ret,
                   struct err *err);
int auto_reply_set(struct endpoint *ep, const struct endpoint_auto_reply *r,
                   struct err *err);
int options_get(struct endpoint *ep, struct endpoint_options *ret,
                struct err *err);
int options_put(struct endpoint *ep, const struct endpoint_options *options,
                bool exist, struct err *err);
int categories_get(struct endpoint *ep, struct endpoint_categories *ret,
                   struct err *err);
int categories_add(struct endpoint *ep, const struct endpoint_categories *added,
                   struct err *err);
int photo_get(struct endpoint *ep, GBytes **ret, struct err *err);
int photo_set(struct endpoint *ep, GBytes *picture, struct err *err);

#endif
