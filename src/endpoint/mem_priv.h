/*
 * mem_priv - the mailbox behind mem.h, shared by its parts: mem.c (what
 * happens in it) and mem_endpoint.c with mem_changes.c (what a client sees).
 *
 * Everything that happens has a position in one sequence.  Functions here
 * need the lock unless they say otherwise.
 */
#ifndef ENDPOINT_MEM_PRIV_H
#define ENDPOINT_MEM_PRIV_H

#include <pthread.h>

#include "endpoint/auto_reply.h"
#include "endpoint/mem.h"
#include "endpoint/options.h"
#include "endpoint/rules.h"
#include "endpoint/settings.h"

/* A first handle and its clones: they count together. */
struct mem_family {
    unsigned int n_handles;
    struct endpoint_stats stats;
};

struct mem_handle {
    struct endpoint base;
    struct mem *mem;
    struct mem_family *family; /* guarded by the mailbox's lock */
    int64_t own_us;            /* the same */
    bool opened;
};

struct mem_folder {
    enum endpoint_root root; /* whose tree it is in */
    const char *id, *parent_id, *well_known, *folder_class;
    const char *name;
    bool search;
    GPtrArray *entries; /* of struct mem_entry *, owned, oldest first */
    GArray *gone;       /* of struct mem_gone */
    struct endpoint_permissions permissions;
};

struct mem_entry {
    const char *id, *folder_id;
    struct mem_folder *folder; /* NULL in the dumpster */
    GBytes *payload;
    struct portable *portable; /* or NULL */
    char *stamp;               /* or NULL */
    bool unfinished;
    char *item_class, *search_key, *subject, *sender;
    int64_t received_us;
    bool read, associated;
    uint64_t created, edited, marked; /* positions; 0: never */
};

/* A visible item that was in a folder. */
struct mem_gone {
    const char *id;
    uint64_t created, deleted;
};

struct mem {
    pthread_mutex_t lock; /* guards everything below */
    char *address;
    char *own_name; /* or NULL */
    unsigned int caps;
    uint64_t request_max_bytes, quota_bytes;
    int64_t quiet_us;
    int64_t takes_us;   /* each fetch and put, as it says */
    bool paced;         /* as it says */
    int64_t changed_us; /* told of every folder; 0: positions */
    mem_intake *intake;
    void *intake_data;
    mem_show *show;
    void *show_data;
    GStringChunk *strings; /* ids and names, as long as the mailbox */
    const char *root_id;
    const char *roots[ENDPOINT_N_ROOTS]; /* NULL: it has no such tree */
    struct mem_folder top; /* the main root: its permissions alone */
    GPtrArray *folders;    /* of struct mem_folder *, owned, parents first */
    GHashTable *by_id;     /* item id to struct mem_entry */
    GPtrArray *dumpster;   /* of struct mem_entry *, owned */
    uint64_t position;     /* of what happened last */
    uint64_t n_ids;        /* given out so far */
    unsigned int epoch;    /* of the tokens that are good */
    uint64_t calls[MEM_N_OPS], asked[MEM_N_OPS];
    bool no_settings;
    GPtrArray *people; /* of struct mem_person *, owned */
    struct endpoint_delegates delegates;
    struct endpoint_rules rules;
    struct endpoint_auto_reply auto_reply;
    struct endpoint_options options;       /* options NULL: none yet */
    struct endpoint_categories categories; /* categories NULL: no list yet */
    GBytes *photo;                         /* or NULL */
};

void mem_lock(struct mem *m);   /* takes the lock */
void mem_unlock(struct mem *m); /* gives it back */

struct mem_folder *mem_find_folder(struct mem *m, const char *id);
struct mem_entry *mem_find(struct mem *m, const char *id);

struct mem_folder *mem_folder_new(struct mem *m,
                                  const struct mem_folder_init *init);
/* Takes payload. */
struct mem_entry *mem_store(struct mem *m, struct mem_folder *folder,
                            GBytes *payload, const struct mem_columns *columns);
/* Takes payload; columns NULL: as they were. */
void mem_replace(struct mem *m, struct mem_entry *e, GBytes *payload,
                 const struct mem_columns *columns);
/* To the dumpster, or away for good. */
void mem_take_out(struct mem *m, struct mem_entry *e, bool to_dumpster);
/* As endpoint_ops.changes has it. */
int mem_changes(struct mem *m, const struct mem_folder *f, size_t max,
                char **token, struct endpoint_page *ret, struct err *err);
/* As lists tell it: what the payload's text stands for. */
static inline uint64_t mem_size(const struct mem_entry *e)
{
    return g_bytes_get_size(e->payload) / 4 * 3;
}
/* The caller frees. */
char *mem_change_key(const struct mem_entry *e);

/* ---- mem_endpoint.c, for the files beside it --------------------------- */

/* Take the lock and count the call. */
struct mem *mem_begin(struct endpoint *ep, enum mem_op op, size_t n);
/* These need no lock. */
int mem_refuse(struct err *err, enum err_scope scope, const char *name,
               const char *what);
int mem_no_item(struct err *err);
int mem_no_folder(struct err *err);
struct endpoint_folder *mem_folder_copy(const struct mem *m,
                                        const struct mem_folder *f);
struct mem_folder *mem_child_called(struct mem *m, const char *parent_id,
                                    const char *name);
/* Whether folders can be made below that id. */
bool mem_is_parent(struct mem *m, const char *id);

/* ---- mem_portable.c ------------------------------------------------------ */

/* As a portable item: an own reference. */
struct portable *mem_shown(struct mem *m, const struct mem_entry *e);
/* Store one, or put it in the place of e. */
int mem_put_portable(struct mem *m, const struct endpoint_put *put,
                     struct endpoint_done *ret);

/* ---- mem_delta.c: what follows a copy ---------------------------------- */

int mem_op_mark_read(struct endpoint *ep, const struct endpoint_ref *refs,
                     size_t n, bool read, struct endpoint_done *ret,
                     struct err *err);
int mem_op_move(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                const char *to_folder_id, struct endpoint_done *ret,
                bool *ret_maybe, struct err *err);
int mem_op_change_folder(struct endpoint *ep, const char *folder_id,
                         const char *parent_id, const char *name,
                         struct err *err);
int mem_op_purge_folder(struct endpoint *ep, const char *folder_id,
                        struct err *err);
int mem_op_remove_folder(struct endpoint *ep, const char *folder_id,
                         struct err *err);
int mem_op_tree(struct endpoint *ep, enum endpoint_root root,
                char **ret_root_id, struct endpoint_tree *ret, struct err *err);
int mem_op_hidden(struct endpoint *ep, const char *folder_id,
                  struct endpoint_page *ret, struct err *err);

/* ---- mem_look.c: what a check asks --------------------------------------- */

int mem_op_large(struct endpoint *ep, const char *folder_id,
                 uint64_t over_bytes, size_t max, struct endpoint_findings *ret,
                 struct err *err);
int mem_op_quota(struct endpoint *ep, uint64_t *ret_bytes, struct err *err);

int mem_op_keys(struct endpoint *ep, const char *const *ids, size_t n,
                struct endpoint_key *ret, struct err *err);

/* ---- mem_settings.c ------------------------------------------------------ */

void mem_settings_init(struct mem *m);
void mem_settings_release(struct mem *m);
/* As a new folder of that class has them. */
void mem_folder_permit(struct mem_folder *f);
int mem_op_own_name(struct endpoint *ep, char **ret, struct err *err);
int mem_op_resolve(struct endpoint *ep, const char *address,
                   struct endpoint_person *ret, struct err *err);
int mem_op_permissions(struct endpoint *ep, const char *const *folder_ids,
                       size_t n, struct endpoint_permissions *ret,
                       struct err *err);
int mem_op_set_permissions(struct endpoint *ep, const char *folder_id,
                           const struct endpoint_permissions *all,
                           struct err *err);
int mem_op_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                     struct err *err);
int mem_op_add_delegate(struct endpoint *ep,
                        const struct endpoint_delegate *one, struct err *err);
int mem_op_update_delegate(struct endpoint *ep,
                           const struct endpoint_delegate *one,
                           struct err *err);
int mem_op_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                        struct err *err);

/* ---- mem_user.c ---------------------------------------------------------- */

void mem_user_init(struct mem *m);
void mem_user_release(struct mem *m);
int mem_op_rules(struct endpoint *ep, struct endpoint_rules *ret,
                 struct err *err);
int mem_op_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                    bool drop_outlook, bool *ret_maybe, struct err *err);
int mem_op_remove_rule(struct endpoint *ep, const char *rule_id,
                       bool drop_outlook, struct err *err);
int mem_op_auto_reply(struct endpoint *ep, struct endpoint_auto_reply *ret,
                      struct err *err);
int mem_op_set_auto_reply(struct endpoint *ep,
                          const struct endpoint_auto_reply *reply,
                          struct err *err);
int mem_op_options(struct endpoint *ep, struct endpoint_options *ret,
                   struct err *err);
int mem_op_put_options(struct endpoint *ep,
                       const struct endpoint_options *options, bool exist,
                       struct err *err);
int mem_op_categories(struct endpoint *ep, struct endpoint_categories *ret,
                      struct err *err);
int mem_op_add_categories(struct endpoint *ep,
                          const struct endpoint_categories *added,
                          struct err *err);
int mem_op_photo(struct endpoint *ep, GBytes **ret, struct err *err);
int mem_op_set_photo(struct endpoint *ep, GBytes *picture, struct err *err);

/* One item as a list shows it. */
void mem_change_fill(struct endpoint_change *c, const struct mem_entry *e);
/* Into another folder, under another id. */
void mem_relocate(struct mem *m, struct mem_entry *e, struct mem_folder *to);
/* With all below it; its items too. */
void mem_delete_tree(struct mem *m, struct mem_folder *f, bool to_dumpster);

#endif
