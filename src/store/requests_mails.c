#include "store/requests_priv.h"

#define COLUMNS                                                                \
    "id, request, message_id, sender, subject, digest, verdict, place,"        \
    " redacted, received_us"

static const char *const place_names[REQUEST_MAIL_N_PLACES] = {
    [REQUEST_MAIL_PLACED] = "placed",
    [REQUEST_MAIL_TRAY] = "tray",
    [REQUEST_MAIL_DONE] = "done",
};

const char *request_mail_place_name(enum request_mail_place place)
{
    return place_names[place];
}

void request_mail_free(struct request_mail *m)
{
    if (m == NULL)
        return;
    g_free(m->message_id);
    g_free(m->sender);
    g_free(m->subject);
    g_free(m->digest);
    g_free(m->verdict);
    g_bytes_unref(m->raw);
    g_free(m);
}

static void free_mail(void *p)
{
    request_mail_free(p);
}

/* ---- reading ------------------------------------------------------------- */

static struct request_mail *mail_of(struct sq_rows *rows)
{
    struct request_mail *m = g_new(struct request_mail, 1);

    *m = (struct request_mail){
        .id = sq_int64(rows, 0),
        .request_id = sq_int64(rows, 1),
        .message_id = sq_column_dup(rows, 2),
        .sender = sq_column_dup(rows, 3),
        .subject = sq_column_dup(rows, 4),
        .digest = sq_column_dup(rows, 5),
        .verdict = sq_column_dup(rows, 6),
        .redacted = sq_int64(rows, 8) != 0,
        .received_us = sq_int64(rows, 9),
    };
    return m;
}

static int read_mail(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct request_mail *m;
    unsigned int place;

    if (sq_column_enum(c, rows, 7, &place, REQUEST_MAIL_N_PLACES, err) < 0)
        return -1;
    m = mail_of(rows);
    m->place = (enum request_mail_place)place;
    g_ptr_array_add(to, m);
    return 0;
}

static int read_whole(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err)
{
    if (read_mail(c, rows, to, err) < 0)
        return -1;
    ((struct request_mail *)to->pdata[to->len - 1])->raw =
        roster_bytes(rows, 10);
    return 0;
}

int requests_mails(struct requests *p, const struct request_mail_filter *filter,
                   const struct roster_page *page, GPtrArray **ret,
                   struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_mail);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c,
                           roster_page_sql(page, "id",
                                           "SELECT " COLUMNS
                                           " FROM request_mails WHERE {after}"
                                           " AND (?4 = 0 OR request = ?4)"
                                           " AND (?5 < 0 OR place = ?5)"
                                           " ORDER BY {order} LIMIT ?3"),
                           ARGS(ROSTER_PAGE_ARGS(page), INT(filter->request_id),
                                INT(filter->place)),
                           read_mail, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int requests_mail_get(struct requests *p, int64_t id, struct request_mail **ret,
                      struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_mail);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c,
                           "SELECT " COLUMNS ", raw FROM request_mails"
                           " WHERE id = ?",
                           ARGS(INT(id)), read_whole, found, err),
               err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

int requests_mail_seen(struct requests *p, const char *message_id,
                       const char *sender, struct err *err)
{
    struct sq_conn *c = requests_begin(p, DB_READ, err);
    int64_t id;

    if (c == NULL)
        return -1;
    return sq_end(c,
                  sq_number(c,
                            "SELECT id FROM request_mails"
                            " WHERE message_id = ?"
                            " AND lower(sender) = lower(?)",
                            ARGS(TEXT(message_id), TEXT(sender)), &id, err),
                  err);
}

/* ---- out of the tray ----------------------------------------------------- */

static int refuse_move(const struct request_mail_move *m, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "mail %" G_GINT64_FORMAT " is not in the tray", m->mail_id);
    err->name = "wrong-state";
    return err_remedy(err, "somebody has seen to it already");
}

/* 1: there are both, and the mail is in the tray; -1. */
static int check_move(struct sq_conn *c, const struct request_mail_move *m,
                      struct err *err)
{
    int64_t place;
    int found = sq_number(
        c, "SELECT place FROM request_mails WHERE id = ?" DB_FOR_UPDATE,
        ARGS(INT(m->mail_id)), &place, err);

    if (found == 0)
        return store_refuse_missing(err, "mail", m->mail_id);
    if (found > 0 && place != REQUEST_MAIL_TRAY)
        return refuse_move(m, err);
    if (found < 0 || m->request_id == 0)
        return found;
    found = sq_number(c, "SELECT id FROM requests WHERE id = ?",
                      ARGS(INT(m->request_id)), &place, err);
    return found != 0 ? found
                      : store_refuse_missing(err, "request", m->request_id);
}

static int put_away(struct sq_conn *c, const struct request_mail_move *m,
                    struct err *err)
{
    if (check_move(c, m, err) < 0)
        return -1;
    return sq_run(
        c,
        "UPDATE request_mails SET place = ?, request = coalesce(?, request)"
        " WHERE id = ?",
        ARGS(INT(m->request_id != 0 ? REQUEST_MAIL_PLACED : REQUEST_MAIL_DONE),
             OPT_INT(m->request_id != 0, m->request_id), INT(m->mail_id)),
        err);
}

int requests_place_mail(struct sq_conn *c, int64_t mail_id, int64_t request_id,
                        struct err *err)
{
    const struct request_mail_move m = { mail_id, request_id, NULL };

    return put_away(c, &m, err);
}

/* In the request's own history, where there is one; else in the mail's. */
static int write_move(struct sq_conn *c, const struct roster_actor *who,
                      const struct request_mail_move *m, struct err *err)
{
    g_autofree char *mail =
        g_strdup_printf("mail %" G_GINT64_FORMAT, m->mail_id);
    g_autofree char *owner = request_subject(m->request_id);
    g_autofree char *detail = m->request_id == 0 ? g_strdup(m->reason)
                              : m->reason == NULL
                                  ? g_strdup(mail)
                                  : g_strdup_printf("%s: %s", mail, m->reason);

    return roster_audit_line(
        c,
        &(struct audit_line){
            who, m->request_id != 0 ? "mail.place" : "mail.done",
            m->request_id != 0 ? owner : mail, detail, m->mail_id },
        err);
}

static int move_mail(struct sq_conn *c, const struct roster_actor *who,
                     const struct request_mail_move *m, struct err *err)
{
    int64_t made;
    int done = roster_once_done(c, who->once, &made, err);

    if (done != 0)
        return MIN(done, 0);
    return put_away(c, m, err) < 0 ? -1 : write_move(c, who, m, err);
}

int requests_mail_move(struct requests *p, const struct roster_actor *who,
                       const struct request_mail_move *move, struct err *err)
{
    struct sq_conn *c;

    if (move->reason != NULL &&
        roster_check_text("reason", move->reason, ROSTER_TEXT_MAX, err) < 0)
        return -1;
    c = requests_begin(p, DB_WRITE, err);
    return c == NULL ? -1 : sq_end(c, move_mail(c, who, move, err), err);
}

int requests_mails_count(struct requests *p, const char *sender,
                         int64_t since_us, int64_t *ret, struct err *err)
{
    struct sq_conn *c = requests_begin(p, DB_READ, err);
    int64_t n = 0;

    if (c == NULL ||
        sq_end(c,
               sq_number(c,
                         "SELECT count(*) FROM request_mails"
                         " WHERE received_us > ?1"
                         " AND (?2 IS NULL OR lower(sender) = lower(?2))",
                         ARGS(INT(since_us), TEXT(sender)), &n, err),
               err) < 0)
        return -1;
    *ret = n;
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

int requests_check_mail(const struct request_mail *m, struct err *err)
{
    if (roster_check_text("Message-ID", m->message_id, REQUESTS_LINE_MAX, err) <
            0 ||
        roster_check_text("digest", m->digest, 64, err) < 0 ||
        roster_check_text("verdict", m->verdict, ROSTER_TEXT_MAX, err) < 0)
        return -1;
    if ((*m->sender != '\0' &&
         roster_check_text("sender", m->sender, REQUESTS_LINE_MAX, err) < 0) ||
        (*m->subject != '\0' &&
         roster_check_text("subject", m->subject, REQUESTS_LINE_MAX, err) < 0))
        return -1;
    if (g_bytes_get_size(m->raw) <= REQUESTS_RAW_MAX)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "a mail of %zu bytes is too large", g_bytes_get_size(m->raw));
    err->name = "too-long";
    return -1;
}

int requests_put_mail(struct sq_conn *c, const struct request_step *step,
                      int64_t *ret_id, struct err *err)
{
    const struct request_mail *m = step->mail;
    gsize n;
    const void *raw = g_bytes_get_data(m->raw, &n);

    /* one delivered twice at once: the index decides */
    return sq_number(
        c,
        "INSERT INTO request_mails (request, message_id, sender, subject,"
        " digest, verdict, place, redacted, received_us, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (message_id, lower(sender)) DO NOTHING RETURNING id",
        ARGS(OPT_INT(step->request_id != 0, step->request_id),
             TEXT(m->message_id), TEXT(m->sender), TEXT(m->subject),
             TEXT(m->digest), TEXT(m->verdict), INT(m->place), INT(m->redacted),
             INT(step->now_us), BLOB(raw, n)),
        ret_id, err);
}
