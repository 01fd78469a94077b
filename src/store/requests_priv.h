/*
 * requests_priv - what the files of requests share: see sql_priv.h.
 */
#ifndef STORE_REQUESTS_PRIV_H
#define STORE_REQUESTS_PRIV_H

#include "store/requests.h"
#include "store/roster_priv.h"

struct requests {
    struct db *db;
    const struct keyring *keys;
};

static inline struct sq_conn *requests_begin(struct requests *p,
                                             enum db_use use, struct err *err)
{
    return p->db->ops->begin(p->db, use, err);
}

/* ---- requests_mails.c: 1: written, 0: it was taken before, -1 ----------- */

int requests_put_mail(struct sq_conn *c, const struct request_step *step,
                      int64_t *ret_id,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* One of the tray; "wrong-state" when it is there no more. */
int requests_place_mail(struct sq_conn *c, int64_t mail_id, int64_t request_id,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int requests_check_mail(const struct request_mail *m,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- requests_files.c --------------------------------------------------- */

int requests_put_file(const struct requests *p, struct sq_conn *c,
                      const struct request_step *step,
                      struct request_done *done,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int requests_put_password(const struct requests *p, struct sq_conn *c,
                          int64_t id, const struct secret *password,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int requests_destroy(struct sq_conn *c, int64_t id,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- requests_links.c: 1: used up now, 0: it is of no use, -1 ----------- */

int requests_use_link(struct sq_conn *c, const struct request_step *step,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int requests_put_links(struct sq_conn *c, const struct request_step *step,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
