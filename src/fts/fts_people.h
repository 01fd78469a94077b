/*
 * fts_people - who an item names by Exchange's own names, and their mail
 * addresses where those stand beside.
 */
#ifndef FTS_FTS_PEOPLE_H
#define FTS_FTS_PEOPLE_H

#include "fts/fts_rule.h"
#include "fts/fts_value.h"

/* The people of a message, each with an address of its own. */
enum {
    FTS_ROLE_SENDER, /* and of a recipient the one there is */
    FTS_ROLE_REPRESENTED,
    FTS_ROLE_RECEIVER,
    FTS_ROLE_RECEIVER_FOR,
    FTS_ROLE_CONTACT_1, /* the addresses of a contact */
    FTS_ROLE_CONTACT_2,
    FTS_ROLE_CONTACT_3,
    FTS_N_ROLES
};

struct fts_role {
    char *dn, *address; /* each or NULL */
};

/* People in the making. */
struct fts_people {
    struct fts_role message[FTS_N_ROLES];
    struct fts_role recipient; /* the present one */
    GPtrArray *found;          /* of struct fts_person *; NULL: none yet */
};

void fts_people_clear(struct fts_people *p);

/* A property of the top message, or of one of its recipients. */
void fts_people_take(struct fts_people *p, enum fts_place place,
                     const struct fts_key *key, const struct fts_value *value);
/* The end of a recipient of the top message. */
void fts_people_end_recipient(struct fts_people *p);
/* The end of the item: array of struct fts_person *, or NULL for nobody. */
GPtrArray *fts_people_end(struct fts_people *p);

#endif
