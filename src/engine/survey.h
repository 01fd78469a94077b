/*
 * survey - the folder trees of both sides, and the plan that follows.
 */
#ifndef ENGINE_SURVEY_H
#define ENGINE_SURVEY_H

#include "engine/pass.h"
#include "engine/plan.h"

struct survey {
    struct endpoint_tree trees[N_SIDES];
    struct plan plan;
};
void survey_clear(struct survey *s);
typedef struct survey survey;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(survey, survey_clear)

/* facts: of both sides.  Changes nothing anywhere. */
int survey_take(struct pass *p, const struct endpoint_facts *facts,
                struct survey *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
