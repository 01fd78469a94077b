/*
 * What is over is kept for a while, and then goes: the request with its mails,
 * files and links.  That it was there, and what was decided, stays on the
 * trail.
 */
#include "base/step.h"
#include "store/requests_priv.h"

/* At a time: who looks again finds the next. */
#define SOME 100

/* In an order in which nothing refers to what is gone. */
static int remove_all(struct sq_conn *c, int64_t id, struct err *err)
{
    static const char *const sql[] = {
        ("DELETE FROM file_pieces WHERE file IN"
         " (SELECT id FROM request_files WHERE request = ?)"),
        "DELETE FROM request_files WHERE request = ?",
        "DELETE FROM request_secrets WHERE request = ?",
        "DELETE FROM request_tries WHERE request = ?",
        "DELETE FROM request_links WHERE request = ?",
        "DELETE FROM request_mails WHERE request = ?",
        "DELETE FROM outbox WHERE request = ?",
        "DELETE FROM requests WHERE id = ?",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(sql); i++)
        if (sq_run(c, sql[i], ARGS(INT(id)), err) < 0)
            return -1;
    return 0;
}

/* Somebody may have opened it again, or removed it, since it was listed. */
static int forget(struct sq_conn *c, const struct roster_actor *who,
                  const struct request *r, struct err *err)
{
    g_autofree char *subject = request_subject(r->id);
    int64_t version;
    int found =
        sq_number(c, "SELECT version FROM requests WHERE id = ?" DB_FOR_UPDATE,
                  ARGS(INT(r->id)), &version, err);

    if (found <= 0 || version != r->version)
        return MIN(found, 0);
    if (remove_all(c, r->id, err) < 0)
        return -1;
    return roster_audit_line(
        c,
        &(struct audit_line){ who, "request.forget", subject,
                              request_state_name(r->state), r->id },
        err);
}

int requests_forget(struct requests *p, const struct roster_actor *who,
                    int64_t before_us, struct err *err)
{
    const struct request_filter over = {
        .states = 1u << REQUEST_COMPLETED | 1u << REQUEST_REFUSED |
                  1u << REQUEST_CANCELLED | 1u << REQUEST_EXPIRED,
        .changed_before_us = before_us,
    };
    g_autoptr(GPtrArray) found = NULL;

    if (requests_list(p, &over, &(struct roster_page){ .limit = SOME }, &found,
                      err) < 0)
        return -1;
    for (guint i = 0; i < found->len; i++) {
        struct sq_conn *c = requests_begin(p, DB_WRITE, err);

        if (c == NULL ||
            sq_end(c, forget(c, who, found->pdata[i], err), err) < 0)
            return -1;
        step("forget");
    }
    return (int)found->len;
}
