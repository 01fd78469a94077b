/*
 * migrations_priv - what the files of migrations share: see sql_priv.h.
 */
#ifndef STORE_MIGRATIONS_PRIV_H
#define STORE_MIGRATIONS_PRIV_H

#include "store/jobs_priv.h"
#include "store/migrations.h"
#include "store/roster_priv.h"

struct migrations {
    struct db *db;
    struct jobs *jobs;
    const struct keyring *keys;
};

/* "source", "destination". */
extern const char *const migration_side_names[MIGRATION_N_SIDES];

/* "migration 12"; the caller frees. */
char *migration_subject(int64_t id);
/* For the trail; the caller frees. */
char *migration_limit_text(unsigned int most, const char *word,
                           const char *hours);

/* Is there such a migration?  -1 "not-found". */
int migrations_must_have(struct sq_conn *c, int64_t id,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whose secret it is: a mailbox's, or with mailbox_id 0 the migration's. */
struct secret_owner {
    int64_t migration_id, mailbox_id;
};
/* In the place of the one that is there; password NULL: it goes. */
int migrations_seal(const struct migrations *p, struct sq_conn *c,
                    const struct secret_owner *owner, enum migration_side side,
                    const struct secret *password,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
