/*
 * What the row of the import file said of a mailbox, said anew.
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "store/owners_priv.h"

static int find_migration(struct sq_conn *c, int64_t mailbox_id, int64_t *ret,
                          struct err *err)
{
    int found = sq_number(c, "SELECT migration FROM mailboxes WHERE id = ?",
                          ARGS(INT(mailbox_id)), ret, err);

    if (found == 0)
        return store_refuse_missing(err, "mailbox", mailbox_id);
    return found < 0 ? -1 : migrations_must_have(c, *ret, err);
}

/* The next version; -1 "changed" when it is not that one (0: any). */
static int take_version(struct sq_conn *c, int64_t id, int64_t version,
                        struct err *err)
{
    if (roster_take_version(
            c,
            "SELECT version FROM mailbox_plans WHERE mailbox = ?" DB_FOR_UPDATE,
            "mailbox", &(struct roster_version){ id, version }, err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE mailbox_plans SET version = version + 1"
                  " WHERE mailbox = ?",
                  ARGS(INT(id)), err);
}

static int change_login(const struct migrations *p, struct sq_conn *c,
                        const struct secret_owner *owner,
                        enum migration_side side,
                        const struct migration_login *login, struct err *err)
{
    static const char *const sql[MIGRATION_N_SIDES] = {
        "UPDATE mailbox_plans SET source_user = ? WHERE mailbox = ?",
        "UPDATE mailbox_plans SET destination_user = ? WHERE mailbox = ?",
    };

    if (login == NULL)
        return 0;
    if (sq_run(c, sql[side], ARGS(TEXT(login->user), INT(owner->mailbox_id)),
               err) < 0)
        return -1;
    if (migrations_seal(p, c, owner, migration_side_names[side],
                        login->password, err) < 0)
        return -1;
    /* nobody is asked for it any more */
    return login->password == NULL
               ? 0
               : MIN(owners_settle(c, owner->mailbox_id, side, timestamp_now(),
                                   err),
                     0);
}

static int audit(struct sq_conn *c, const struct roster_actor *who,
                 int64_t mailbox_id, const struct migration_mailbox_change *ch,
                 struct err *err)
{
    g_autofree char *subject = migration_mailbox_subject(mailbox_id);
    g_autofree char *flags = ch->flags != NULL
                                 ? g_strdup_printf("flags %u", *ch->flags)
                                 : g_strdup("");
    g_autofree char *options = ch->options != NULL
                                   ? g_strdup_printf(" options %s", ch->options)
                                   : g_strdup("");
    g_autofree char *detail = g_strdup_printf(
        "%s%s%s%s", flags, options,
        ch->logins[MIGRATION_SOURCE] != NULL ? " source-login" : "",
        ch->logins[MIGRATION_DESTINATION] != NULL ? " destination-login" : "");

    return roster_audit_line(c,
                             &(struct audit_line){ who, "mailbox.change",
                                                   subject,
                                                   g_strstrip(detail) },
                             err);
}

static int change_plan(struct sq_conn *c, int64_t mailbox_id,
                       const struct migration_mailbox_change *ch,
                       struct err *err)
{
    if (ch->flags != NULL &&
        sq_run(c, "UPDATE mailbox_plans SET flags = ? WHERE mailbox = ?",
               ARGS(INT(*ch->flags), INT(mailbox_id)), err) < 0)
        return -1;
    return ch->options == NULL
               ? 0
               : sq_run(c,
                        "UPDATE mailbox_plans SET options = nullif(?, '')"
                        " WHERE mailbox = ?",
                        ARGS(TEXT(ch->options), INT(mailbox_id)), err);
}

static int change(const struct migrations *p, struct sq_conn *c,
                  const struct roster_actor *who, int64_t mailbox_id,
                  const struct migration_mailbox_change *ch, struct err *err)
{
    struct secret_owner owner = { .mailbox_id = mailbox_id };

    if (find_migration(c, mailbox_id, &owner.migration_id, err) < 0 ||
        take_version(c, mailbox_id, ch->version, err) < 0 ||
        change_plan(c, mailbox_id, ch, err) < 0)
        return -1;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (change_login(p, c, &owner, (enum migration_side)i, ch->logins[i],
                         err) < 0)
            return -1;
    /* whoever is at work reads them again */
    if (sq_run(c, "UPDATE jobs SET version = version + 1 WHERE mailbox = ?",
               ARGS(INT(mailbox_id)), err) < 0 ||
        owners_release(c, mailbox_id, err) < 0 ||
        audit(c, who, mailbox_id, ch, err) < 0)
        return -1;
    return sq_jobs_tell(c, err);
}

int migrations_change_mailbox(struct migrations *p,
                              const struct roster_actor *who,
                              int64_t mailbox_id,
                              const struct migration_mailbox_change *ch,
                              struct err *err)
{
    struct sq_conn *c;

    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (ch->logins[i] != NULL &&
            store_check_opt(err, "user name", ch->logins[i]->user,
                            STORE_EXCHANGE_NAME_MAX) < 0)
            return err_in(err, "%s", migration_side_names[i]);
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    if (c == NULL || sq_end(c, change(p, c, who, mailbox_id, ch, err), err) < 0)
        return -1;
    step("migration");
    jobs_wake(p->jobs);
    return 0;
}
