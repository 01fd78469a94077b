/*
 * Mailboxes that a migration has not had so far.
 */
#include "base/step.h"
#include "store/migrations_priv.h"

/* 1: there is such a mailbox, 0, -1. */
static int is_there(struct sq_conn *c, int64_t id,
                    const struct migration_row *row, struct err *err)
{
    int64_t one;

    return sq_number(
        c,
        "SELECT 1 FROM mailboxes WHERE migration = ?"
        " AND lower(source) = lower(?) AND lower(destination) = lower(?)",
        ARGS(INT(id), TEXT(row->sides[MIGRATION_SOURCE].address),
             TEXT(row->sides[MIGRATION_DESTINATION].address)),
        &one, err);
}

static int add_new(const struct migrations *p, struct sq_conn *c, int64_t id,
                   const struct migration_rows *rows, size_t *ret_n,
                   struct err *err)
{
    *ret_n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        int found = is_there(c, id, &rows->all[i], err);

        if (found < 0 || (found == 0 && migrations_add_mailbox(
                                            p, c, id, &rows->all[i], err) < 0))
            return err_in(err, "line %u", rows->all[i].line);
        *ret_n += found == 0;
    }
    return 0;
}

static int audit(struct sq_conn *c, const struct roster_actor *who, int64_t id,
                 size_t n, struct err *err)
{
    g_autofree char *subject = migration_subject(id);
    g_autofree char *detail = g_strdup_printf("%zu mailboxes more", n);

    return roster_audit_line(c,
                             &(struct audit_line){ who, "migration.extend",
                                                   subject, detail,
                                                   (int64_t)n },
                             err);
}

static int extend(const struct migrations *p, struct sq_conn *c,
                  const struct roster_actor *who, int64_t id,
                  const struct migration_rows *rows, size_t *ret_n,
                  struct err *err)
{
    int64_t before = 0;
    int done = roster_once_done(c, who->once, &before, err);

    *ret_n = (size_t)before;
    if (done != 0)
        return MIN(done, 0);
    /* its row is locked: two who add the same row come one after the other */
    if (migrations_must_have(c, id, err) < 0 ||
        add_new(p, c, id, rows, ret_n, err) < 0)
        return -1;
    return audit(c, who, id, *ret_n, err);
}

int migrations_extend(struct migrations *p, const struct roster_actor *who,
                      int64_t id, const struct migration_rows *rows,
                      size_t *ret_n, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    size_t n = 0;

    if (c == NULL || sq_end(c, extend(p, c, who, id, rows, &n, err), err) < 0)
        return -1;
    step("migration");
    *ret_n = n;
    return 0;
}
