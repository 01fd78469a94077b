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

/* Of a line of the trail: "migration 12"; the caller frees. */
char *migration_subject(int64_t id);
/* "mailbox 7". */
char *migration_mailbox_subject(int64_t id);
/* For the trail; the caller frees. */
char *migration_limit_text(unsigned int most, const char *word,
                           const char *hours);

/* Is there such a migration?  -1 "not-found". */
int migrations_must_have(struct sq_conn *c, int64_t id,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A mailbox with its secrets. */
int migrations_add_mailbox(const struct migrations *p, struct sq_conn *c,
                           int64_t migration_id,
                           const struct migration_row *row,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whose secret it is: a mailbox's, or with mailbox_id 0 the migration's. */
struct secret_owner {
    int64_t migration_id, mailbox_id;
};
/* "mailbox 7", "migration 12"; the caller frees. */
char *migrations_owner_text(const struct secret_owner *owner);
/*
 * In the place of the one of that name that is there (a side's is its login's
 * password); password NULL: it goes.
 */
int migrations_seal(const struct migrations *p, struct sq_conn *c,
                    const struct secret_owner *owner, const char *name,
                    const struct secret *password,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- access (migrations_access.c) ---------------------------------------- */

/* What can be seen of them without the database; access may be NULL. */
int migrations_check_access(const GPtrArray *access,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Of these ways (bits) there are now those alone. */
int migrations_put_access(const struct migrations *p, struct sq_conn *c,
                          int64_t migration_id, enum migration_side side,
                          unsigned int ways, const GPtrArray *access,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* After all changes: -1 "bad-access" when the parts do not go together. */
int migrations_judge_access(struct sq_conn *c, int64_t migration_id,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Fills struct migration.access. */
int migrations_read_access(struct sq_conn *c, struct migration *m,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
