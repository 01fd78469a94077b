/*
 * check_priv - what the parts of the check pass share.
 *
 *   check.c       the pass from beginning to end
 *   check_look.c  folders, kinds, large items
 *   check_hidden.c  hidden items
 *   check_people.c  who has rights, and has nobody at the destination
 *   check_room.c  other trees of the mailbox, its quota, what is yet to come
 */
#ifndef ENGINE_CHECK_PRIV_H
#define ENGINE_CHECK_PRIV_H

#include "base/err.h"
#include "engine/pass.h"
#include "engine/survey.h"

struct looking {
    struct pass *pass;
    const struct engine_check_options *options;
    struct engine_check *check;
    const struct survey *survey;
};

/* Each begins with the facts known; adds what it finds out and findings. */
int check_folders(struct looking *l, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int check_hidden(struct looking *l, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int check_people(struct looking *l, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int check_room(struct looking *l, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

void check_find(struct engine_check *check, enum finding_kind kind,
                const char *fmt, ...) PRINTF(3, 4);

#endif
