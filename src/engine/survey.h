/*
 * survey - the folder trees of both sides, and the plan that follows.
 */
#ifndef ENGINE_SURVEY_H
#define ENGINE_SURVEY_H

#include "engine/pass.h"
#include "engine/plan.h"

/* One tree of one side. */
struct survey_tree {
    struct endpoint_tree tree;
    char *root_id; /* NULL: that side has none, or refuses it, or see below */
    bool refused;  /* for good: whether there is one, nobody knows; why */
    struct err why;
};

struct survey {
    struct survey_tree trees[ENDPOINT_N_ROOTS][N_SIDES];
    struct plan plan; /* of all trees that the source has */
};
void survey_clear(struct survey *s);
typedef struct survey survey;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(survey, survey_clear)

/*
 * facts: of both sides.  skip_trees: bits 1 << enum endpoint_root of those that
 * are not even asked for.  Changes nothing anywhere.
 */
int survey_take(struct pass *p, const struct endpoint_facts *facts,
                unsigned int skip_trees, struct survey *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Items and bytes of the source's tree, as its folders count them. */
struct survey_sum {
    uint64_t items, bytes;
};
struct survey_sum survey_sum(const struct survey *s, enum endpoint_root root);

/* The source refuses the tree, so that it is left out: why. */
bool survey_refused(const struct survey *s, enum endpoint_root root,
                    struct err *ret_why);

/*
 * The source has the tree and the destination none, or none that it lets us
 * see: why, and what to do.
 */
bool survey_lacks(const struct survey *s, enum endpoint_root root,
                  struct err *ret_why);

#endif
