/*
 * scratch - a folder at the destination for what a trial writes, reads again
 * and removes.
 *
 * It lies in Deleted Items: nothing there shows up in a calendar or reminds
 * anybody, no assistant looks at it, and what a program that died has left is
 * emptied with the rest.  It is known by its name and its class together; one
 * that was left behind is removed by the next pass over the mailbox, and it is
 * never copied from a source.
 */
#ifndef ENGINE_SCRATCH_H
#define ENGINE_SCRATCH_H

#include "engine/pass.h"

#define SCRATCH_NAME  "Mailferry trial (may be deleted)"
#define SCRATCH_CLASS "IPF.Note.MailferryTrial"

bool scratch_is(const struct endpoint_folder *folder);

/* All zero: nothing has been made. */
struct scratch {
    char *id;
    char *by_kind[KIND_N]; /* below it, of the class that the kind needs */
};
void scratch_clear(struct scratch *s);
typedef struct scratch scratch;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(scratch, scratch_clear)

/*
 * The folder for items of that kind, made where missing below parent_id; the
 * id lives as long as s.  -1 when it cannot be made.
 */
int scratch_get(struct pass *p, struct scratch *s, const char *parent_id,
                enum item_kind kind, const char **ret_id,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* For good, with all that is in it; nobody is told. */
int scratch_remove(struct pass *p, struct scratch *s,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What an earlier trial that died has left in the destination's tree.  -1 when
 * the mailbox cannot go on; what cannot be removed is said, and stays.
 */
int scratch_clean(struct pass *p, const struct endpoint_tree *tree,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
