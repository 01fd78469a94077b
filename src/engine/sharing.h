/*
 * sharing - one folder's permissions on both sides, and what is wished for
 * each of its members; for settings_permissions.c.
 *
 * sharing_memo.c has what a line remembers and says, sharing_wish.c what is
 * wished, sharing_write.c how that gets to the destination.
 */
#ifndef ENGINE_SHARING_H
#define ENGINE_SHARING_H

#include "engine/settings_priv.h"

#define ABSENT (-1) /* no entry at all */

/* What is wished for one member of a folder. */
struct wish {
    struct endpoint_permission entry; /* at the destination; rights: target */
    int64_t base, have;               /* there before us; now.  Or ABSENT */
    bool drop;                        /* the entry is to go */
    bool to_write;                    /* else the line is all */
    bool told;                        /* its line is of interest */
    struct store_setting line;        /* strings owned */
};

/* One folder on both sides. */
struct sharing {
    struct settings *s;
    const struct store_folder *folder;
    const struct endpoint_permissions *source;
    struct endpoint_permissions destination; /* as it is now; owned */
    GPtrArray *wishes;                       /* of struct wish *, owned */
};

void wish_free(void *p);
/* Of its line; the texts are copied. */
void wish_leave_out(struct wish *wish, enum setting_outcome outcome,
                    const char *cause, const char *remedy);
/* Takes it; NULL: none. */
void wish_set_memo(struct wish *wish, char *memo);

/* ---- sharing_memo.c ---------------------------------------------------- */

/* The level, or the single rights as Exchange's cmdlets call them. */
char *sharing_rights_text(unsigned int rights, bool calendar);
const char *sharing_member_text(const struct endpoint_permission *entry);
char *sharing_line_key(const struct sharing *sh, const char *subject);
/* The line is of that folder and of this part. */
bool sharing_is_about(const struct settings *s,
                      const struct store_setting *before,
                      const struct store_folder *folder);
char *sharing_memo(int64_t target, int64_t base);
/* Of what is about to be written. */
char *sharing_memo_in_doubt(const struct wish *wish);
/*
 * What somebody has now came from us, by the line that an earlier pass left
 * (or NULL): then *ret_base is what they had before.
 */
bool sharing_is_ours(const struct store_setting *before, int64_t have,
                     int64_t *ret_base);

/* ---- sharing_wish.c, sharing_write.c ----------------------------------- */

/* Fill sh->wishes from the source's list and from what we set earlier. */
int sharing_wish_all(struct sharing *sh,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Write those that are to be; each line then says what became of it. */
int sharing_write_all(struct sharing *sh,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
