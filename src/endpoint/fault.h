/*
 * fault - an endpoint that loses calls, around one that does not.
 *
 * A decorator for tests: which call fails, and on which side of its effect,
 * is told to a struct faults that all decorated handles of a mailbox share.
 * Without a rule it changes nothing.  Every function here may be called from
 * any thread.
 */
#ifndef ENDPOINT_FAULT_H
#define ENDPOINT_FAULT_H

#include "endpoint/endpoint.h"

struct faults;
typedef struct faults faults;

enum fault_op {
    FAULT_OPEN,
    FAULT_FOLDERS,
    FAULT_MAKE_FOLDER,
    FAULT_CHANGES,
    FAULT_FETCH,
    FAULT_PUT,
    FAULT_REMOVE,
    FAULT_DESCRIBE,
    FAULT_MARK_READ,
    FAULT_MOVE,
    FAULT_CHANGE_FOLDER,
    FAULT_REMOVE_FOLDER,
    FAULT_PURGE_FOLDER,
    FAULT_TREE,
    FAULT_HIDDEN,
    FAULT_LARGE,
    FAULT_QUOTA,
    FAULT_KEYS,
    FAULT_RESOLVE,
    FAULT_OWN_NAME,
    FAULT_PERMISSIONS,
    FAULT_SET_PERMISSIONS,
    FAULT_DELEGATES,
    FAULT_ADD_DELEGATE,
    FAULT_UPDATE_DELEGATE,
    FAULT_SET_DELIVERY,
    FAULT_RULES,
    FAULT_PUT_RULE,
    FAULT_REMOVE_RULE,
    FAULT_AUTO_REPLY,
    FAULT_SET_AUTO_REPLY,
    FAULT_OPTIONS,
    FAULT_PUT_OPTIONS,
    FAULT_CATEGORIES,
    FAULT_ADD_CATEGORIES,
    FAULT_PHOTO,
    FAULT_SET_PHOTO,
    FAULT_N_OPS
};

enum fault_when {
    FAULT_BEFORE, /* nothing happens at the server */
    FAULT_AFTER,  /* all of it happens, and the answer is lost */
    FAULT_HALF,   /* put, remove, mark_read, move: half of the batch happens */
    FAULT_LATER,  /* put: the server is at work still; see later_calls */
    FAULT_CUT,    /* put: the first item is left unfinished, and that is all */
    FAULT_ITEM,   /* of a batch: one item is refused, others pass */
};

/* What a call is about; what does not apply is NULL.  Borrowed. */
struct fault_subject {
    enum fault_op op;
    const char *id;        /* of an item; put: the one to be replaced */
    const char *folder_id; /* make_folder: the parent */
    const char *name;      /* make_folder; resolve, delegates: the address */
    const struct blob *payload;
    bool portable; /* fetch, put: the item is to travel so */
};
typedef bool fault_pick(void *data, const struct fault_subject *subject);

struct fault {
    enum fault_op op;
    enum fault_when when;
    unsigned int first; /* the call to fail, from now on: 1 or 0 the next */
    unsigned int every; /* then each every-th; 0: no other */
    /*
     * Count only calls with an item that it picks (FAULT_ITEM counts items).
     * Called under a lock: it must not call back.
     */
    fault_pick *pick;
    void *pick_data;
    struct err err; /* msg "": a lost connection; of FAULT_ITEM: a bad item */
    /* Of what tells ret_maybe and fails before: the caller cannot know it. */
    bool unsure;
    /*
     * Of FAULT_LATER: the put happens at the start of the later_calls-th
     * call after it, whichever that is; 0: when faults_release() says so.
     */
    unsigned int later_calls;
};

struct faults *faults_new(void);
/* After the handles, before the mailbox.  What is pending never happens. */
void faults_free(struct faults *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(faults, faults_free)

void faults_add(struct faults *f, const struct fault *fault);
/* Forget all rules.  What is pending stays. */
void faults_clear(struct faults *f);
/* How many calls and items have been failed. */
unsigned int faults_fired(struct faults *f);

/* Puts that the server is still at; and: let it finish them now. */
unsigned int faults_pending(struct faults *f);
void faults_release(struct faults *f);

/* Takes real, not opened yet; f is borrowed. */
struct endpoint *fault_endpoint(struct endpoint *real, struct faults *f);

#endif
