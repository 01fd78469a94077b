/*
 * rig - two mailboxes in memory, a ledger, and an engine between them.  For
 * tests only.
 *
 * The destination does to an uploaded item what a server does: new ids and
 * keys, its own stamps, order and encodings.  What is compared is content,
 * drawn from both mailboxes without a line of the engine's.
 */
#ifndef ENGINE_RIG_H
#define ENGINE_RIG_H

#include <pthread.h>

#include "base/check.h"
#include "endpoint/fault.h"
#include "endpoint/mem.h"
#include "engine/engine.h"
#include "engine/settings.h"

enum { RIG_SOURCE, RIG_DESTINATION };

struct rig_options {
    bool german_source;
    uint64_t request_max_bytes;   /* of the destination; 0: none */
    uint64_t quota_bytes;         /* the same */
    unsigned int missing_caps[2]; /* of each side */
    bool same_mailbox;            /* both sides are the source's */
    bool portable;                /* both sides have ENDPOINT_CAP_PORTABLE */
};

struct rig {
    struct mem *mem[2];
    struct faults *faults[2];
    struct store *store;
    struct blob_pool *pool;
    struct cancel *cancel;
    struct engine_options options;
    struct engine_check_options check_options;
    int64_t mailbox_id;
    struct store_lease lease; /* of the last pass */
    struct endpoint *ep[2];   /* of the last pass; owned */
    struct engine_result result;
    struct engine_verify_report report;
    struct err err;
    uint32_t intake_seed;
    struct fts_build_columns *columns; /* of the last intake */
    bool same_mailbox, portable;
    GIConv held[2]; /* so that glibc neither loads nor unloads it meanwhile */

    pthread_mutex_t lock;
    uint64_t told[ENGINE_N_EVENTS]; /* sums of n, by kind of event */
    GPtrArray *texts;               /* of char *: all that was said */
    /* Called at each event, under no lock; or NULL. */
    void (*hook)(struct rig *r, const struct engine_event *event);
};

void rig_init(struct rig *r, const struct rig_options *options);
void rig_release(struct rig *r);

/* ---- passes ---------------------------------------------------------- */

/*
 * A job with a fresh lease and, if asked for or where there are none, fresh
 * handles that nobody has opened.
 */
struct engine_job rig_job(struct rig *r, bool fresh);
/* Fresh handles and a fresh lease; the pass's own return. */
int rig_try_copy(struct rig *r);
/* The pass must succeed. */
void rig_copy(struct rig *r);
/* The same handles if the last pass left some, as fleet/ does. */
int rig_try_verify(struct rig *r, enum verify_mode mode, int64_t only_pass_id);
void rig_verify(struct rig *r, enum verify_mode mode, int64_t only_pass_id);
int rig_try_check(struct rig *r, struct engine_check *ret);
/* engine/settings.h, with fresh handles and a fresh lease. */
int rig_try_settings(struct rig *r,
                     const struct engine_settings_options *options,
                     struct engine_settings_report *ret);
/* The state file is lost: a new ledger, which knows nothing. */
void rig_forget(struct rig *r);
/* Give back the handles of the last pass. */
void rig_close(struct rig *r);

/* ---- the source ------------------------------------------------------ */

const char *rig_folder(struct rig *r, int side, const char *well_known);
/*
 * The mailbox has that tree from here on: an archive with Deleted Items, or
 * recoverable items with Deletions, Versions, Purges and the server's own
 * Audits.  Returns the root.
 */
const char *rig_add_tree(struct rig *r, int side, enum endpoint_root root);
/* Adds an item whose content is text and nothing else; returns its id. */
const char *rig_add(struct rig *r, int side, const char *folder_id,
                    const char *text);
/* A hidden item of that class. */
const char *rig_add_hidden(struct rig *r, int side, const char *folder_id,
                           const char *item_class, const char *text);
/* The same with a body of so many bytes. */
const char *rig_add_large(struct rig *r, int side, const char *folder_id,
                          const char *text, size_t body_bytes);
/* n items "prefix 0" ... */
void rig_add_many(struct rig *r, int side, const char *folder_id,
                  const char *prefix, unsigned int n);
/* Some 170 items in a dozen folders, some of them equal. */
void rig_fill(struct rig *r);
void rig_edit(struct rig *r, int side, const char *id, const char *text);

/* ---- the oracle ------------------------------------------------------ */

/*
 * Sorted lines "folder path: content" of a side's visible items in all trees,
 * well-known folders by their id.  The caller frees.
 */
char *rig_digest(struct rig *r, int side);
/* Both sides hold the same: else the test fails with what differs. */
void rig_check_equal(struct rig *r);
/* How many items a folder (or, with NULL, the mailbox) holds. */
guint rig_count(struct rig *r, int side, const char *folder_id);
/* Rows of the ledger in a state; no row may be in doubt when a pass is over */
uint64_t rig_rows(struct rig *r, enum item_state state);
struct store_item *rig_row(struct rig *r, const char *source_id);
enum mailbox_state rig_state(struct rig *r);
bool rig_was_told(struct rig *r, const char *text);
uint64_t rig_calls(struct rig *r, int side, enum mem_op op);
/* Calls to both sides in all. */
uint64_t rig_all_calls(struct rig *r, int side);

/* faults_add(), with the usual fields. */
void rig_fault(struct rig *r, int side, enum fault_op op, enum fault_when when,
               unsigned int first, unsigned int every);
/* The same with an error of that scope and retry in place of a lost line. */
void rig_fault_err(struct rig *r, int side, enum fault_op op,
                   enum fault_when when, unsigned int first, unsigned int every,
                   enum err_scope scope, enum err_retry retry);
/*
 * For a struct fault's pick and pick_data: a put of the item of that text, or
 * a fetch of the item of that id.
 */
bool rig_pick(void *text_or_id, const struct fault_subject *subject);

#endif
