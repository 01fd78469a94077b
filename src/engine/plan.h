/*
 * plan - which destination folder each source folder's items go to.
 *
 * Pure: two trees and what is mapped already in, steps out.  The mapping is
 * one to one: no two source folders share a destination folder, since the
 * ledger tells its own items from others' folder by folder.
 *
 * A folder that is mapped stays where it is while that folder exists.
 * Well-known folders go to well-known folders by distinguished id, never by
 * name: names are localised.  Others go by path.  What the destination keeps
 * for something else (a search folder, another class, a well-known folder
 * that the source has elsewhere) is not taken: the folder gets another name
 * and a note says so.  Planning again after the plan was carried out gives
 * no step that creates.
 *
 * Each tree of a mailbox is planned for itself; plan_add() makes one plan of
 * them.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "base/err.h"
#include "endpoint/endpoint.h"
#include "engine/order.h"

/* Exchange's own limit on how deep folders nest. */
#define PLAN_DEPTH_MAX 300

enum plan_action {
    PLAN_SKIP,   /* neither the folder nor its items */
    PLAN_MAP,    /* to destination_id */
    PLAN_CREATE, /* under the parent step's folder, as name */
    PLAN_ABSENT, /* the destination has no such tree */
};

#define PLAN_ROOT SIZE_MAX

struct plan_step {
    const struct endpoint_folder *source; /* borrowed from the tree */
    size_t parent;                        /* a step before it; or PLAN_ROOT */
    enum plan_action action;
    enum endpoint_root root;
    char *destination_id; /* of PLAN_MAP */
    char *name;           /* of PLAN_CREATE */
    char *path;           /* at the source, as the ledger has it */
    char *note;           /* what a person should know; or NULL */
    enum order_rank rank; /* when its items are processed */
};

struct plan {
    struct plan_step *steps; /* as the source tree: parents first */
    size_t n;
};
void plan_clear(struct plan *p);
typedef struct plan plan;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(plan, plan_clear)

struct plan_side {
    const struct endpoint_tree *tree;
    const char *root_id; /* NULL: that side has no such tree */
    enum endpoint_root root;
};

/*
 * mapped: source folder id to destination folder id (strings), of earlier
 * passes; or NULL.  The source tree must outlive the plan.  -1 (ERR_MAILBOX)
 * when the source's tree is none that Exchange can hold.
 */
int plan_folders(const struct plan_side *source,
                 const struct plan_side *destination, GHashTable *mapped,
                 struct plan *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The steps of another tree, behind those that are there; more is empty then.
 */
void plan_add(struct plan *to, struct plan *more);

#endif
