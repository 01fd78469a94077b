/*
 * supply_priv - what the files of supply.h share:
 *
 *   supply.c       the file, what is missing then, and what is done
 *   supply_text.c  all that is typed
 */
#ifndef DESK_SUPPLY_PRIV_H
#define DESK_SUPPLY_PRIV_H

#include "desk/mail.h"
#include "desk/supply.h"

/* What is being supplied, beside what is known. */
struct supplying {
    struct desk *desk;
    const struct supply_from *from;
    const struct supply *given;
    const struct request *request; /* borrowed */
    struct request_change change;
    struct complete_known known;
    struct supplied done;
    struct mail_file *file; /* owned; NULL: none, or of another sort */
    char *url, *domain;     /* owned: as they are kept */
    struct request_file kept;
    GString *told; /* owned: for the trail */
};

/* One more piece that was taken over, for the trail. */
void supply_tell(struct supplying *t, const char *what);
/* NULL: not given. */
const char *supply_text_of(const struct supplying *t, enum supply_field field);
/* Every text, and the password: into change, url, domain and done.wrong. */
void supply_take_texts(struct supplying *t);

#endif
