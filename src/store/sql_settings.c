#include "store/sql_ops.h"

static int record(struct sq_conn *c, int64_t mailbox_id, int64_t pass_id,
                  const struct store_setting *line, struct err *err)
{
    g_autofree char *subject = store_text_dup(line->subject);
    g_autofree char *counterpart = store_text_dup(line->counterpart);
    g_autofree char *value = store_text_dup(line->value);
    g_autofree char *cause = store_text_dup(line->cause);
    g_autofree char *remedy = store_text_dup(line->remedy);

    return sq_run(c,
                  "INSERT INTO settings (mailbox, part, key,"
                  " outcome, pass, place, subject, counterpart, value, cause,"
                  " remedy, memo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT (mailbox, part, key) DO UPDATE SET"
                  " outcome = excluded.outcome, pass = excluded.pass,"
                  " place = excluded.place, subject = excluded.subject,"
                  " counterpart = excluded.counterpart,"
                  " value = excluded.value, cause = excluded.cause,"
                  " remedy = excluded.remedy, memo = excluded.memo",
                  ARGS(INT(mailbox_id), TEXT(line->part), TEXT(line->key),
                       INT(line->outcome), INT(pass_id), TEXT(line->place),
                       TEXT(subject), TEXT(counterpart), TEXT(value),
                       TEXT(cause), TEXT(remedy), TEXT(line->memo)),
                  err);
}

static int record_all(struct sq_conn *c, int64_t mailbox_id, int64_t pass_id,
                      const struct store_setting *lines, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (record(c, mailbox_id, pass_id, &lines[i], err) < 0)
            return -1;
    return 0;
}

int sq_settings_record(struct store *base, const struct store_lease *lease,
                       int64_t pass_id, const struct store_setting *lines,
                       size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, record_all(c, lease->mailbox_id, pass_id, lines, n, err),
                  err);
}

int sq_settings_done(struct store *base, const struct store_lease *lease,
                     int64_t pass_id, const char *part, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c,
                  sq_run(c,
                         "DELETE FROM settings WHERE mailbox = ? AND part = ?"
                         " AND pass <> ?",
                         ARGS(INT(lease->mailbox_id), TEXT(part), INT(pass_id)),
                         err),
                  err);
}

static int read_one(struct sq_conn *c, struct sq_rows *st, GPtrArray *to,
                    struct err *err)
{
    struct store_setting *line;
    unsigned int outcome;

    if (sq_column_enum(c, st, 2, &outcome, SETTING_N, err) < 0)
        return -1;
    line = g_new(struct store_setting, 1);
    *line = (struct store_setting){
        .part = sq_column_dup(st, 0),
        .key = sq_column_dup(st, 1),
        .outcome = (enum setting_outcome)outcome,
        .pass_id = sq_int64(st, 3),
        .place = sq_column_dup(st, 4),
        .subject = sq_column_dup(st, 5),
        .counterpart = sq_column_dup(st, 6),
        .value = sq_column_dup(st, 7),
        .cause = sq_column_dup(st, 8),
        .remedy = sq_column_dup(st, 9),
        .memo = sq_column_dup(st, 10),
    };
    g_ptr_array_add(to, line);
    return 0;
}

static int read_all(struct sq_conn *c, int64_t mailbox_id, GPtrArray *to,
                    struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT part, key, outcome, pass, place, subject,"
                 " counterpart, value, cause, remedy, memo FROM settings"
                 " WHERE mailbox = ? ORDER BY part,"
                 " place NULLS FIRST, key",
                 ARGS(INT(mailbox_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        if (read_one(c, st, to, err) == 0)
            continue;
        sq_reset(st);
        return -1;
    }
    return more;
}

int sq_settings(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_setting_free);

    if (c == NULL || sq_end(c, read_all(c, mailbox_id, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
