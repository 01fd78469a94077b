/*
 * migration - a migration of the service, made of an import file's text.
 */
#ifndef FLEET_MIGRATION_H
#define FLEET_MIGRATION_H

#include "fleet/import.h"
#include "store/migrations.h"

/* All borrowed; the file's text is the caller's to wipe. */
struct fleet_request {
    int64_t account_id; /* 0: nobody's */
    const char *name;
    const char *csv;
    size_t csv_bytes;
    const char *domain; /* see struct import_context; or NULL */
    bool skip_bad_rows;
    bool ask_owners;     /* see struct import_context */
    const char *options; /* see fleet/options.h; or NULL */
    struct {
        const char *url; /* of OWA or EWS, or autodiscover:DOMAIN */
        struct migration_login admin;
        const GPtrArray *access; /* see struct migration_wish; or NULL */
    } sides[MIGRATION_N_SIDES];
};

/*
 * All or nothing.  -1: name "import-faults" when rows are faulty and are not
 * to be skipped, "bad-option", "bad-url", or as migrations_add().  *ret_import
 * is set, for its faults, whenever the text was read, also on failure; the
 * caller frees.
 */
int fleet_migration_add(struct migrations *m, const struct roster_actor *who,
                        const struct fleet_request *request,
                        struct import **ret_import, int64_t *ret_id,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Rows of the request's text that the migration does not have become mailboxes
 * of it; those that it has stay as they are.  Of the request its text, domain
 * and skip_bad_rows are read.  *ret_n: how many are new.  Errors and
 * *ret_import as above, and "not-found".
 */
int fleet_migration_extend(struct migrations *m, const struct roster_actor *who,
                           int64_t id, const struct fleet_request *request,
                           struct import **ret_import, size_t *ret_n,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * "host:port" that a server's address leads to, or "autodiscover:domain": what
 * limits count by.  https, or no scheme; no user in it.  The caller frees.
 */
int fleet_host(const char *url, char **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Where an application of that tenant of Microsoft's asks for its tokens. */
char *fleet_token_url(const char *tenant);

#endif
