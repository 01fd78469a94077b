/*
 * remote - a service elsewhere, asked over its HTTP API with a token.
 *
 * What is asked for may be repeated without harm: it reads, or sets, or has an
 * Idempotency-Key.  So a service that is away or busy is waited for, once it
 * has answered at all.
 */
#ifndef CMD_REMOTE_H
#define CMD_REMOTE_H

#include <jansson.h>

#include "cmd/cmd.h"
#include "fleet/standing.h"
#include "net/net.h"

/* --server --token-file --server-ca-file; each or NULL. */
struct opt_remote {
    const char *url, *token_file, *ca_file;
};
extern const struct opt opt_remote_rows[];

struct remote;
typedef struct remote remote;

/* Takes the token; no traffic yet. */
int remote_open(const struct opt_remote *o, const struct cmd_context *ctx,
                struct remote **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void remote_free(struct remote *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(remote, remote_free)

/* Its address in one form. */
const char *remote_url(const struct remote *r);
/* Wait so long for a service that does not answer; at first not at all. */
void remote_be_patient(struct remote *r, int64_t us);

/* All borrowed. */
struct remote_call {
    const char *method; /* NULL: GET */
    const char *path;   /* below /api/v1: "/migrations" */
    const json_t *body; /* NULL: none */
    const char *key;    /* Idempotency-Key; NULL: none */
    FILE *to;           /* the answer as it comes, in place of JSON; or NULL */
};
/*
 * *ret (NULL: not wanted) is the caller's.  -1: err->name is "cancelled",
 * "unauthorized", "forbidden", "not-found", "key-reused", or another.
 */
int remote_ask(struct remote *r, const struct remote_call *call, json_t **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* All items of a list in pages, as one array. */
int remote_list(struct remote *r, const char *path, json_t **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- mailboxes of a migration (remote_mailbox.c) ------------------------- */

/* Numbers as the API has them. */
struct remote_mailbox {
    struct store_mailbox m; /* its texts are owned */
    uint64_t items, waiting, copied, bytes, failed;
    int job; /* enum job_state of its last job; -1: there is none */
    char *job_reason, *job_remedy; /* or NULL */
    struct standing at; /* of remote_standing(), which fills no others; owned */
};
/* Array of struct remote_mailbox *, by id. */
int remote_mailboxes(struct remote *r, int64_t migration_id, GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same by their ledgers, which is more work for the service. */
int remote_standing(struct remote *r, int64_t migration_id, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- which migration (remote_record.c) ----------------------------------- */

/*
 * What is kept beside an import file of the migration that was made of it: a
 * key before the service is asked to make one, and its number afterwards.
 */
struct remote_record {
    char *path, *service, *key;
    int64_t id; /* 0: not known */
};
void remote_record_clear(struct remote_record *record);
typedef struct remote_record remote_record;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(remote_record, remote_record_clear)

/* state: of --state; NULL: FILE.mailferry-server.  One that is not is empty. */
int remote_record_read(const char *state, const char *import_file,
                       const struct remote *r, struct remote_record *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* On disk when it returns. */
int remote_record_write(const struct remote_record *record,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The migration that "status" and "report" are about: that number (0: not
 * given), else that of the import file's record (NULL: none is given), else
 * the only one of the service.
 */
int remote_find(struct remote *r, unsigned int number, const char *state,
                const char *import_file, int64_t *ret_id,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
