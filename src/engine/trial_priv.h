/*
 * trial_priv - what the parts of the round trip share.
 *
 *   trial.c       class after class: there, back, compared, on record
 *   trial_pick.c  which items: of each class one with much and one with little
 *   trial_edit.c  what an update does with what is gone
 */
#ifndef ENGINE_TRIAL_PRIV_H
#define ENGINE_TRIAL_PRIV_H

#include "engine/copy_priv.h"
#include "engine/reader.h"
#include "engine/scratch.h"

/* Classes that are tried; a mailbox has a dozen. */
#define TRIAL_CLASSES_MAX 16
/* Items of a class that are read to choose from. */
#define TRIAL_CANDIDATES 8
/* None larger: a trial is to be short. */
#define TRIAL_ITEM_BYTES_MAX (UINT64_C(512) << 10)

/* The items of a class to choose from, by size. */
struct trial_class {
    char *item_class;
    GPtrArray *rows; /* of struct store_item *, owned */
};
void trial_class_free(struct trial_class *class);

/* Of all visible items that are to be copied. */
int trial_classes(struct copy *c, GPtrArray **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* One of the chosen items, as the source gives it. */
struct trial_item {
    struct reading now;
    struct fts_makeup makeup; /* of FTS */
};

/* What the class has to offer. */
struct trial_pair {
    struct trial_item items[TRIAL_CANDIDATES];
    size_t n;
    const struct trial_item *rich; /* NULL: none can be read */
    const struct trial_item *poor; /* it lacks what rich has; or NULL */
};
int trial_pick(struct pass *p, struct endpoint *source,
               enum payload_format format, const struct trial_class *class,
               struct trial_pair *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void trial_pair_release(struct trial_pair *pair);

/* What updates were seen to do. */
struct trial_edits {
    bool properties, attachments; /* they were tried, and went */
    char *against; /* why not in place: left or refused; or NULL */
};

struct trial {
    struct copy *copy;
    struct endpoint *at[N_SIDES];
    struct scratch scratch;
    struct trial_edits edits;
    GArray *lines; /* of struct store_trial, strings owned */
};

/*
 * Write one item to the scratch folder, patiently: what is there twice goes
 * with the folder.  1 and its id; 0: it is refused, *ret_why tells; -1.
 */
int trial_put(struct trial *t, const struct endpoint_put *put, char **ret_id,
              struct err *ret_why) G_GNUC_WARN_UNUSED_RESULT;
/* And read it back, whole. */
int trial_read(struct trial *t, const char *id, enum payload_format format,
               struct reading *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The copy of pair->rich (which came back as back) becomes one of
 * pair->poor.
 */
int trial_edit(struct trial *t, const struct trial_class *class,
               const struct trial_pair *pair, const char *folder_id,
               const char *copy_id, const struct reading *back,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Lines of a difference as one text, the first few; the caller frees. */
char *trial_text(const GPtrArray *lines);

#endif
