#include "store/owners.h"

#include "base/step.h"
#include "store/migrations_priv.h"
#include "store/owners_priv.h"

#define HASH(h) BLOB(h, TOKEN_HASH_BYTES)

G_STATIC_ASSERT(MIGRATION_SOURCE == 0); /* in SQL */

void owner_free(struct owner *o)
{
    if (o == NULL)
        return;
    g_free(o->address);
    g_free(o->url);
    g_free(o);
}

static void free_owner(void *p)
{
    owner_free(p);
}

/* ---- reading ------------------------------------------------------------- */

#define SELECT                                                                 \
    "SELECT o.id, m.migration, o.mailbox, o.side,"                             \
    " CASE o.side WHEN 0 THEN m.source ELSE m.destination END,"                \
    " CASE o.side WHEN 0 THEN p.source ELSE p.destination END,"                \
    " coalesce(g.account, 0), o.asked_us, o.reminded_us, o.expires_us,"        \
    " o.tries, o.given_us FROM owners o"                                       \
    " JOIN mailboxes m ON m.id = o.mailbox"                                    \
    " JOIN plans p ON p.migration = m.migration"                               \
    " JOIN migration g ON g.id = m.migration"

static int read_owner(struct sq_conn *c, struct sq_rows *rows,
                      struct owner **ret, struct err *err)
{
    unsigned int side;

    if (sq_column_enum(c, rows, 3, &side, MIGRATION_N_SIDES, err) < 0)
        return -1;
    *ret = g_new(struct owner, 1);
    **ret = (struct owner){
        .id = sq_int64(rows, 0),
        .migration_id = sq_int64(rows, 1),
        .mailbox_id = sq_int64(rows, 2),
        .side = (enum migration_side)side,
        .address = sq_column_dup(rows, 4),
        .url = sq_column_dup(rows, 5),
        .account_id = sq_int64(rows, 6),
        .asked_us = sq_int64(rows, 7),
        .reminded_us = sq_int64(rows, 8),
        .expires_us = sq_int64(rows, 9),
        .tries = (unsigned int)sq_int64(rows, 10),
        .given_us = sq_int64(rows, 11),
    };
    return 0;
}

static int read_all(struct sq_conn *c, int64_t migration_id,
                    const struct roster_page *page, GPtrArray *to,
                    struct err *err)
{
    struct sq_rows *rows = sq_query(
        c,
        SELECT " WHERE m.migration = ? AND o.given_us = 0 AND o.id > ?"
               " ORDER BY o.id LIMIT ?",
        ARGS(INT(migration_id), INT(page->after), INT(page->limit)), err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        struct owner *o;

        if (read_owner(c, rows, &o, err) < 0) {
            sq_reset(rows);
            return -1;
        }
        g_ptr_array_add(to, o);
    }
    return more;
}

int owners_list(struct migrations *p, int64_t migration_id,
                const struct roster_page *page, GPtrArray **ret,
                struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_owner);

    if (c == NULL ||
        sq_end(c, read_all(c, migration_id, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static enum owner_fate fate_of(const struct owner *o, int64_t now_us)
{
    if (o->given_us != 0)
        return OWNER_GIVEN;
    if (o->expires_us <= now_us)
        return OWNER_EXPIRED;
    return o->tries == 0 ? OWNER_SPENT : OWNER_GOOD;
}

static int find(struct sq_conn *c, const uint8_t *hash, struct owner **ret,
                struct err *err)
{
    struct sq_rows *rows =
        sq_query(c, SELECT " WHERE o.hash = ?", ARGS(HASH(hash)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    found = read_owner(c, rows, ret, err);
    sq_reset(rows);
    return found;
}

int owners_find(struct migrations *p, const uint8_t hash[TOKEN_HASH_BYTES],
                int64_t now_us, struct owner **ret, enum owner_fate *ret_fate,
                struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(owner) o = NULL;

    if (c == NULL || sq_end(c, find(c, hash, &o, err), err) < 0)
        return -1;
    *ret_fate = o != NULL ? fate_of(o, now_us) : OWNER_NONE;
    *ret = g_steal_pointer(&o);
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

int owners_expect(struct sq_conn *c, int64_t mailbox_id,
                  enum migration_side side, struct err *err)
{
    return sq_run(c, "INSERT INTO owners (mailbox, side) VALUES (?, ?)",
                  ARGS(INT(mailbox_id), INT(side)), err);
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      int64_t mailbox_id, const char *action,
                      const char *detail, struct err *err)
{
    g_autofree char *subject = migration_mailbox_subject(mailbox_id);

    return roster_audit_line(
        c, &(struct audit_line){ who, action, subject, detail }, err);
}

static const struct turn {
    const char *sql, *action;
} turns[OWNER_N_TURNS] = {
    [OWNER_FIRST] = { "UPDATE owners SET hash = ?1, asked_us = ?2,"
                      " expires_us = ?3, tries = ?4 WHERE id = ?5"
                      " AND asked_us = ?6 AND asked_us = 0 AND given_us = 0"
                      " RETURNING mailbox",
                      "owner.ask" },
    [OWNER_REMINDER] = { "UPDATE owners SET hash = ?1, reminded_us = ?2"
                         " WHERE id = ?5 AND asked_us = ?6 AND asked_us > 0"
                         " AND reminded_us = 0"
                         " AND given_us = 0 RETURNING mailbox",
                         "owner.remind" },
    [OWNER_ANEW] = { "UPDATE owners SET hash = ?1, asked_us = ?2,"
                     " reminded_us = 0, expires_us = ?3, tries = ?4"
                     " WHERE id = ?5 AND asked_us = ?6 AND asked_us > 0"
                     " AND given_us = 0 RETURNING mailbox",
                     "owner.ask-anew" },
};

static int ask(struct sq_conn *c, const struct roster_actor *who,
               const struct owner_ask *a, struct err *err)
{
    const struct turn *turn = &turns[a->turn];
    int64_t mailbox_id;
    int done = sq_number(c, turn->sql,
                         ARGS(HASH(a->hash), INT(a->now_us), INT(a->expires_us),
                              INT(a->tries), INT(a->id), INT(a->seen_us)),
                         &mailbox_id, err);

    if (done <= 0)
        return done;
    if (roster_outbox_put(c, a->mail, a->request_id, a->now_us, err) < 0 ||
        write_line(c, who, mailbox_id, turn->action, a->mail->recipient, err) <
            0)
        return -1;
    return 1;
}

int owners_ask(struct migrations *p, const struct roster_actor *who,
               const struct owner_ask *a, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int done = c == NULL ? -1 : sq_end(c, ask(c, who, a, err), err);

    if (done > 0)
        step("owner");
    return done;
}

int owners_take_try(struct migrations *p, const uint8_t hash[TOKEN_HASH_BYTES],
                    int64_t now_us, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int done;

    if (c == NULL)
        return -1;
    done = sq_run(c,
                  "UPDATE owners SET tries = tries - 1 WHERE hash = ?"
                  " AND given_us = 0 AND tries > 0 AND expires_us > ?",
                  ARGS(HASH(hash), INT(now_us)), err);
    if (done == 0)
        done = sq_changes(c) > 0;
    return sq_end(c, done, err);
}

int owners_end_try(struct migrations *p, const struct roster_actor *who,
                   const struct owner *o, bool counts, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int done;

    if (c == NULL)
        return -1;
    done = counts
               ? write_line(c, who, o->mailbox_id, "owner.refused",
                            migration_side_names[o->side], err)
               : sq_run(c, "UPDATE owners SET tries = tries + 1 WHERE id = ?",
                        ARGS(INT(o->id)), err);
    return sq_end(c, done, err);
}

int owners_release(struct sq_conn *c, int64_t mailbox_id, struct err *err)
{
    int64_t open;

    if (sq_number(c,
                  "SELECT count(*) FROM owners WHERE mailbox = ?"
                  " AND given_us = 0",
                  ARGS(INT(mailbox_id)), &open, err) < 0)
        return -1;
    if (open > 0)
        return 0;
    if (sq_run(c, "UPDATE mailboxes SET state = 0 WHERE id = ? AND state = 1",
               ARGS(INT(mailbox_id)), err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    return sq_run(c,
                  "UPDATE jobs SET state = 0 WHERE mailbox = ? AND state = 2",
                  ARGS(INT(mailbox_id)), err);
}
G_STATIC_ASSERT(MAILBOX_NEW == 0 && MAILBOX_WAITING_FOR_CREDENTIALS == 1);
G_STATIC_ASSERT(JOB_QUEUED == 0 && JOB_PAUSED == 2);

int owners_settle(struct sq_conn *c, int64_t mailbox_id,
                  enum migration_side side, int64_t now_us, struct err *err)
{
    if (sq_run(c,
               "UPDATE owners SET given_us = ? WHERE mailbox = ? AND side = ?"
               " AND given_us = 0",
               ARGS(INT(now_us), INT(mailbox_id), INT(side)), err) < 0)
        return -1;
    return sq_changes(c) > 0;
}

static int give(const struct migrations *p, struct sq_conn *c,
                const struct roster_actor *who, const struct owner *o,
                const struct migration_login *login, int64_t now_us,
                struct err *err)
{
    static const char *const sql[MIGRATION_N_SIDES] = {
        "UPDATE mailbox_plans SET source_user = ? WHERE mailbox = ?",
        "UPDATE mailbox_plans SET destination_user = ? WHERE mailbox = ?",
    };
    const struct secret_owner whose = { o->migration_id, o->mailbox_id };
    int done = owners_settle(c, o->mailbox_id, o->side, now_us, err);

    if (done <= 0)
        return done;
    if (sq_run(c, sql[o->side], ARGS(TEXT(login->user), INT(o->mailbox_id)),
               err) < 0 ||
        migrations_seal(p, c, &whose, migration_side_names[o->side],
                        login->password, err) < 0 ||
        owners_release(c, o->mailbox_id, err) < 0 ||
        write_line(c, who, o->mailbox_id, "owner.give",
                   migration_side_names[o->side], err) < 0 ||
        sq_jobs_tell(c, err) < 0)
        return -1;
    return 1;
}

int owners_give(struct migrations *p, const struct roster_actor *who,
                const struct owner *o, const struct migration_login *login,
                int64_t now_us, struct err *err)
{
    struct sq_conn *c;
    int done;

    if (store_check_opt(err, "user name", login->user,
                        STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    done =
        c == NULL ? -1 : sq_end(c, give(p, c, who, o, login, now_us, err), err);
    if (done > 0) {
        step("owner");
        jobs_wake(p->jobs);
    }
    return done;
}
