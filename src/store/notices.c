#include "store/notices.h"

#include "base/step.h"
#include "store/migrations_priv.h"

int notices_wanted(struct migrations *p, int64_t migration_id, uint32_t flags,
                   struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    int64_t one;

    return c == NULL
               ? -1
               : sq_end(
                     c,
                     sq_number(c,
                               "SELECT 1 FROM mailboxes m"
                               " JOIN mailbox_plans p ON p.mailbox = m.id"
                               " WHERE m.migration = ? AND (p.flags & ?) <> 0"
                               " LIMIT 1",
                               ARGS(INT(migration_id), INT(flags)), &one, err),
                     err);
}

static int read_all(struct sq_conn *c, int64_t migration_id, GArray *to,
                    struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT n.mailbox, n.side, n.kind, n.told_us FROM notices n"
                 " JOIN mailboxes m ON m.id = n.mailbox WHERE m.migration = ?",
                 ARGS(INT(migration_id)), err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        unsigned int side = 0, kind = 0;
        struct notice n;

        if (sq_column_enum(c, rows, 1, &side, MIGRATION_N_SIDES, err) < 0 ||
            sq_column_enum(c, rows, 2, &kind, NOTICE_N_KINDS, err) < 0) {
            sq_reset(rows);
            return -1;
        }
        n = (struct notice){ .mailbox_id = sq_int64(rows, 0),
                             .side = (enum migration_side)side,
                             .kind = (enum notice_kind)kind,
                             .now_us = sq_int64(rows, 3) };
        g_array_append_val(to, n);
    }
    return more;
}

int notices_list(struct migrations *p, int64_t migration_id, GArray **ret,
                 struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct notice));

    if (c == NULL || sq_end(c, read_all(c, migration_id, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      const struct notice *n, struct err *err)
{
    static const char *const actions[NOTICE_N_KINDS] = {
        [NOTICE_BEFORE] = "owner.tell-before",
        [NOTICE_DONE] = "owner.tell-done",
        [NOTICE_FAILED] = "owner.tell-failed",
    };
    g_autofree char *subject = migration_mailbox_subject(n->mailbox_id);

    return roster_audit_line(c,
                             &(struct audit_line){ who, actions[n->kind],
                                                   subject,
                                                   n->mail->recipient },
                             err);
}

static int put(struct sq_conn *c, const struct roster_actor *who,
               const struct notice *n, struct err *err)
{
    if (sq_run(c,
               "INSERT INTO notices (mailbox, side, kind, told_us)"
               " VALUES (?, ?, ?, ?) ON CONFLICT (mailbox, side, kind)"
               " DO NOTHING",
               ARGS(INT(n->mailbox_id), INT(n->side), INT(n->kind),
                    INT(n->now_us)),
               err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    if (roster_outbox_put(c, n->mail, n->request_id, n->now_us, err) < 0 ||
        write_line(c, who, n, err) < 0)
        return -1;
    return 1;
}

int notices_send(struct migrations *p, const struct roster_actor *who,
                 const struct notice *n, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int done = c == NULL ? -1 : sq_end(c, put(c, who, n, err), err);

    if (done > 0)
        step("notice");
    return done;
}
