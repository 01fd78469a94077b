/*
 * What the files of map_folders() share: map.c has the way through and the
 * record, map_make.c the folders that are missing, map_moved.c those that moved
 * at the source, map_folder.c what a pass knows of each.
 */
#ifndef ENGINE_MAP_PRIV_H
#define ENGINE_MAP_PRIV_H

#include "engine/copy_priv.h"
#include "engine/survey.h"

/* The plan being carried out. */
struct mapper {
    struct copy *copy;
    const struct survey *survey;
    const struct plan *plan; /* the survey's */
    char **ids;              /* of each step's destination folder; NULL: none */
    bool *is_new;            /* of each step: that folder was made just now */
    bool *is_tried;          /* of each step: together with its siblings */
    GHashTable *claimed;     /* destination ids */
    GHashTable *names;       /* filter_names() of the rows, in the end */
    /* Why folders of a tree, some or all of them, have no destination. */
    struct err why[ENDPOINT_N_ROOTS];
    bool is_refused[ENDPOINT_N_ROOTS];
};

/* One folder's, which has its own. */
void map_note(struct copy *c, const char *about, const struct plan_step *step,
              const char *text);
/* Where the step's folder belongs at the destination; NULL: nowhere yet. */
const char *map_parent_of(const struct mapper *m, const struct plan_step *step);

/* Fills ids and is_new: what is missing is made, but in a dry run. */
int map_carry_out(struct mapper *m, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What moved at the source moves at the destination. */
int map_follow(struct mapper *m, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Fills copy->folders.  steps: by their source's id. */
void map_open_folders(struct mapper *m, GHashTable *steps);

#endif
