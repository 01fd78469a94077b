#include "store/requests.h"

#include <string.h>

#include "base/step.h"
#include "store/requests_priv.h"

#define COLUMNS                                                                \
    "r.id, r.version, r.state, r.account, r.opened_by, r.partner, r.domain,"   \
    " r.owa_url, r.start_day, r.cutover_day, r.admin,"                         \
    " (SELECT count(*) FROM request_secrets s WHERE s.request = r.id),"        \
    " r.file, r.migration, r.missing, r.created_us, r.changed_us, r.quote,"    \
    " r.quote_until_us, r.state_us, r.pieces_us, r.told_us,"                   \
    " coalesce(t.id, 0), coalesce(t.outcome, 0), coalesce(t.at_us, 0),"        \
    " t.cause, t.why"
/* With the try of the credentials that it has now. */
#define REQUESTS                                                               \
    " FROM requests r LEFT JOIN request_tries t ON t.id ="                     \
    " (SELECT max(id) FROM request_tries WHERE request = r.id"                 \
    " AND pieces_us = r.pieces_us)"

static const char *const state_names[REQUEST_N_STATES] = {
    [REQUEST_RECEIVED] = "received",
    [REQUEST_AWAITING_INFORMATION] = "awaiting information",
    [REQUEST_QUOTED] = "quoted",
    [REQUEST_APPROVED] = "approved",
    [REQUEST_SCHEDULED] = "scheduled",
    [REQUEST_RUNNING] = "running",
    [REQUEST_READY_FOR_CUTOVER] = "ready for cutover",
    [REQUEST_CUT_OVER] = "cut over",
    [REQUEST_COMPLETED] = "completed",
    [REQUEST_REFUSED] = "refused",
    [REQUEST_CANCELLED] = "cancelled",
    [REQUEST_EXPIRED] = "expired",
};

char *request_subject(int64_t id)
{
    return g_strdup_printf("request %" G_GINT64_FORMAT, id);
}

const char *request_state_name(enum request_state state)
{
    return state_names[state];
}

struct requests *requests_new(struct database *d, const struct keyring *keys)
{
    struct requests *p = g_new(struct requests, 1);

    *p = (struct requests){ sq_database_db(d), keys };
    return p;
}

void requests_free(struct requests *p)
{
    g_free(p);
}

void request_free(struct request *r)
{
    if (r == NULL)
        return;
    g_free(r->opened_by);
    g_free(r->partner);
    g_free(r->domain);
    g_free(r->owa_url);
    g_free(r->start);
    g_free(r->cutover);
    g_free(r->admin);
    g_free(r->tried.cause);
    g_free(r->tried.why);
    g_free(r->missing);
    g_free(r->quote);
    g_free(r);
}

static void free_request(void *p)
{
    request_free(p);
}

/* ---- reading ------------------------------------------------------------- */

static int read_request(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                        struct err *err)
{
    struct request *r;
    unsigned int state, tried;

    if (sq_column_enum(c, rows, 2, &state, REQUEST_N_STATES, err) < 0 ||
        sq_column_enum(c, rows, 23, &tried, REQUEST_TRY_N_OUTCOMES, err) < 0)
        return -1;
    r = g_new(struct request, 1);
    *r = (struct request){
        .id = sq_int64(rows, 0),
        .version = sq_int64(rows, 1),
        .state = (enum request_state)state,
        .account_id = sq_int64(rows, 3),
        .opened_by = sq_column_dup(rows, 4),
        .partner = sq_column_dup(rows, 5),
        .domain = sq_column_dup(rows, 6),
        .owa_url = sq_column_dup(rows, 7),
        .start = sq_column_dup(rows, 8),
        .cutover = sq_column_dup(rows, 9),
        .admin = sq_column_dup(rows, 10),
        .has_password = sq_int64(rows, 11) > 0,
        .file_id = sq_int64(rows, 12),
        .migration_id = sq_int64(rows, 13),
        .missing = sq_column_dup(rows, 14),
        .created_us = sq_int64(rows, 15),
        .changed_us = sq_int64(rows, 16),
        .quote = sq_column_dup(rows, 17),
        .quote_until_us = sq_int64(rows, 18),
        .state_us = sq_int64(rows, 19),
        .pieces_us = sq_int64(rows, 20),
        .told_us = sq_int64(rows, 21),
        .tried = { sq_int64(rows, 22), (enum request_try_outcome)tried,
                   sq_int64(rows, 24), sq_column_dup(rows, 25),
                   sq_column_dup(rows, 26) },
    };
    g_ptr_array_add(to, r);
    return 0;
}

static int read_all(struct requests *p, const char *sql,
                    const struct sq_arg *args, GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_request);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c, roster_read(c, sql, args, read_request, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int requests_get(struct requests *p, int64_t id, struct request **ret,
                 struct err *err)
{
    g_autoptr(GPtrArray) found = NULL;

    if (read_all(p, "SELECT " COLUMNS REQUESTS " WHERE r.id = ?", ARGS(INT(id)),
                 &found, err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

const struct roster_order request_orders[] = {
    { "state", "r.state", false },
    { "domain", "coalesce(r.domain, '')", true },
    { "created", "r.created_us", false },
    { "changed", "r.changed_us", false },
    { NULL },
};

static int read_list(struct sq_conn *c, const struct request_filter *filter,
                     const struct roster_page *page, GPtrArray *to,
                     struct err *err)
{
    static const char sql[] =
        "SELECT " COLUMNS REQUESTS " WHERE {after}"
        " AND (?4 IS NULL OR ?4 LIKE '%,' || r.state || ',%')"
        " AND (?5 = 0 OR r.account = ?5) AND (?6 = 0 OR r.migration = ?6)"
        " AND (?7 IS NULL OR r.domain = lower(?7))"
        " AND (lower(coalesce(r.domain, '')) LIKE ?8 ESCAPE '!'"
        "  OR lower(coalesce(r.partner, '')) LIKE ?8 ESCAPE '!'"
        "  OR lower(r.opened_by) LIKE ?8 ESCAPE '!')"
        " AND (?9 = 0 OR r.changed_us < ?9)"
        " ORDER BY {order} LIMIT ?3";
    const struct roster_page_end end = { "requests r", "r.id", to };
    g_autofree char *states = roster_states_text(filter->states);
    g_autofree char *pattern = roster_pattern(filter->text);

    if (roster_read(c, roster_page_sql(page, "r.id", sql),
                    ARGS(ROSTER_PAGE_ARGS(page), TEXT(states),
                         INT(filter->account_id), INT(filter->migration_id),
                         TEXT(filter->domain), TEXT(pattern),
                         INT(filter->changed_before_us)),
                    read_request, to, err) < 0)
        return -1;
    return roster_page_key(c, page, &end, err);
}

int requests_list(struct requests *p, const struct request_filter *filter,
                  const struct roster_page *page, GPtrArray **ret,
                  struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_request);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL || sq_end(c, read_list(c, filter, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* Ours are made of the mail's ref in the outbox: REF@HOST. */
static int find_thread(struct sq_conn *c, const char *message_id, int64_t *ret,
                       struct err *err)
{
    g_autofree char *ref = g_strndup(message_id, strcspn(message_id, "@"));
    int found = sq_number(c,
                          "SELECT request FROM request_mails"
                          " WHERE message_id = ? AND request IS NOT NULL"
                          " ORDER BY id LIMIT 1",
                          ARGS(TEXT(message_id)), ret, err);

    if (found != 0)
        return found;
    return sq_number(c,
                     "SELECT request FROM outbox WHERE ref = ?"
                     " AND request IS NOT NULL",
                     ARGS(TEXT(ref)), ret, err);
}

int requests_thread(struct requests *p, const GPtrArray *message_ids,
                    int64_t *ret_id, struct err *err)
{
    struct sq_conn *c = requests_begin(p, DB_READ, err);
    int64_t id = 0;
    int found = 0;

    if (c == NULL)
        return -1;
    for (guint i = 0; i < message_ids->len && found == 0; i++)
        found = find_thread(c, message_ids->pdata[i], &id, err);
    found = sq_end(c, found, err);
    if (found > 0)
        *ret_id = id;
    return found;
}

/* ---- a step -------------------------------------------------------------- */

static int count_up(struct sq_conn *c, int64_t *ret, struct err *err)
{
    int made = sq_number(c,
                         "UPDATE request_numbers SET last_id = last_id + 1"
                         " WHERE one = 1 RETURNING last_id",
                         NO_ARGS, ret, err);

    return made == 0 ? sq_damaged(c, "there is no number for a request", err)
                     : MIN(made, 0);
}

int requests_number(struct requests *p, int64_t *ret, struct err *err)
{
    struct sq_conn *c = requests_begin(p, DB_WRITE, err);
    int64_t number = 0;

    if (c == NULL || sq_end(c, count_up(c, &number, err), err) < 0)
        return -1;
    *ret = number;
    return 0;
}

static int check_change(const struct request_change *change, struct err *err)
{
    const struct {
        const char *what, *text;
        size_t most;
    } texts[] = {
        { "address", change->opened_by, ROSTER_NAME_MAX },
        { "Partner ID", change->partner, ROSTER_PARTNER_MAX },
        { "domain", change->domain, ROSTER_DOMAIN_MAX },
        { "OWA URL", change->owa_url, REQUESTS_URL_MAX },
        { "start date", change->start, 10 },
        { "cutover date", change->cutover, 10 },
        { "user", change->admin, ROSTER_NAME_MAX },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].text != NULL &&
            roster_check_text(texts[i].what, texts[i].text, texts[i].most,
                              err) < 0)
            return -1;
    if (change->quote != NULL && *change->quote != '\0' &&
        store_check(err, "quote", change->quote, REQUESTS_QUOTE_MAX) < 0)
        return -1;
    return change->missing == NULL || *change->missing == '\0'
               ? 0
               : store_check(err, "list of what is missing", change->missing,
                             REQUESTS_MISSING_MAX);
}

/* Its change, which follows, makes it version 1. */
static int open_request(struct sq_conn *c, const struct request_step *step,
                        struct err *err)
{
    const struct request_change *change = step->change;

    return sq_run(c,
                  "INSERT INTO requests (id, version, state, account,"
                  " opened_by, created_us, changed_us, state_us, pieces_us)"
                  " VALUES (?1, 0, 0, ?2, ?3, ?4, ?4, ?4, ?4)",
                  ARGS(INT(step->request_id), INT(change->account_id),
                       TEXT(change->opened_by), INT(step->now_us)),
                  err);
}

/*
 * Two mails that open one at the same time both find none: who comes second
 * waits for the account's row here, and sees what the first has made.
 */
static int refuse_second(struct sq_conn *c, const struct request_step *step,
                         struct err *err)
{
    const struct request_change *change = step->change;
    g_autofree char *states = roster_states_text(step->unless);
    int64_t version, id;
    int found;

    if (step->unless == 0 || change->domain == NULL)
        return 0;
    if (sq_number(c, "SELECT version FROM accounts WHERE id = ?" DB_FOR_UPDATE,
                  ARGS(INT(change->account_id)), &version, err) < 0)
        return -1;
    found = sq_number(
        c,
        "SELECT id FROM requests WHERE account = ?1"
        " AND domain = lower(?2)"
        " AND ?3 LIKE '%,' || state || ',%' LIMIT 1",
        ARGS(INT(change->account_id), TEXT(change->domain), TEXT(states)), &id,
        err);
    if (found <= 0)
        return found;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0,
            "request %" G_GINT64_FORMAT " of that domain came meanwhile", id);
    err->name = "changed";
    return -1;
}

bool request_has_pieces(const struct request_change *c)
{
    return c->domain != NULL || c->owa_url != NULL || c->admin != NULL ||
           c->password != NULL || c->file;
}

static int write_change(struct sq_conn *c, const struct request_step *step,
                        int64_t file_id, struct err *err)
{
    const struct request_change *change = step->change;

    return sq_run(
        c,
        "UPDATE requests SET version = version + 1, changed_us = ?1,"
        " state = CASE WHEN ?2 < 0 THEN state ELSE ?2 END,"
        " partner = coalesce(?3, partner), domain = coalesce(?4, domain),"
        " owa_url = coalesce(?5, owa_url),"
        " start_day = coalesce(?6, start_day),"
        " cutover_day = coalesce(?7, cutover_day),"
        " admin = coalesce(?8, admin),"
        " missing = CASE WHEN ?9 IS NULL THEN missing WHEN ?9 = '' THEN NULL"
        " ELSE ?9 END,"
        " migration = CASE WHEN ?10 = 0 THEN migration ELSE ?10 END,"
        " file = CASE WHEN ?11 = 0 THEN file ELSE ?11 END,"
        " quote = CASE WHEN ?12 IS NULL THEN quote WHEN ?12 = '' THEN NULL"
        " ELSE ?12 END,"
        " quote_until_us = CASE WHEN ?12 IS NULL THEN quote_until_us ELSE ?13"
        " END,"
        " state_us = CASE WHEN ?2 < 0 OR ?2 = state THEN state_us ELSE ?1 END,"
        " pieces_us = CASE WHEN ?15 = 0 THEN pieces_us ELSE ?1 END,"
        " told_us = CASE WHEN ?16 = 0 THEN told_us ELSE ?1 END"
        " WHERE id = ?14",
        ARGS(INT(step->now_us), INT(change->state), TEXT(change->partner),
             TEXT(change->domain), TEXT(change->owa_url), TEXT(change->start),
             TEXT(change->cutover), TEXT(change->admin), TEXT(change->missing),
             INT(change->migration_id), INT(change->file ? file_id : 0),
             TEXT(change->quote), INT(change->quote_until_us),
             INT(step->request_id), INT(request_has_pieces(change)),
             INT(change->told)),
        err);
}

/* The request is there, and as the caller has seen it. */
static int take(struct sq_conn *c, const struct request_step *step,
                struct err *err)
{
    const struct roster_version v = { step->request_id, step->version };

    if (step->open)
        return refuse_second(c, step, err) < 0 ? -1
                                               : open_request(c, step, err);
    return roster_take_version(
        c, "SELECT version FROM requests WHERE id = ?" DB_FOR_UPDATE, "request",
        &v, err);
}

static int end_links(struct sq_conn *c, const struct request_step *step,
                     struct err *err)
{
    for (int i = 0; i < REQUEST_N_PURPOSES; i++)
        if ((step->change->end_links & (1u << i)) != 0 &&
            sq_run(c,
                   "DELETE FROM request_links WHERE request = ?"
                   " AND purpose = ? AND used_us = 0",
                   ARGS(INT(step->request_id), INT(i)), err) < 0)
            return -1;
    return 0;
}

static int change_request(struct requests *p, struct sq_conn *c,
                          const struct request_step *step, int64_t file_id,
                          struct err *err)
{
    const struct request_change *change = step->change;

    if (change == NULL)
        return 0;
    if (write_change(c, step, file_id, err) < 0)
        return -1;
    if (change->password != NULL &&
        requests_put_password(p, c, step->request_id, change->password, err) <
            0)
        return -1;
    if (end_links(c, step, err) < 0)
        return -1;
    return change->destroy ? requests_destroy(c, step->request_id, err) : 0;
}

static int put_out(struct sq_conn *c, const struct request_step *step,
                   struct err *err)
{
    for (size_t i = 0; i < step->n_out; i++)
        if (roster_outbox_put(c, &step->out[i], step->request_id, step->now_us,
                              err) < 0)
            return -1;
    return 0;
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      const struct request_step *step, int64_t mail_id,
                      struct err *err)
{
    g_autofree char *subject =
        step->request_id != 0
            ? request_subject(step->request_id)
            : g_strdup_printf("mail %" G_GINT64_FORMAT, mail_id);

    return roster_audit_line(c,
                             &(struct audit_line){ who, step->action, subject,
                                                   step->detail,
                                                   step->request_id },
                             err);
}

static int run_step(struct requests *p, struct sq_conn *c,
                    const struct roster_actor *who,
                    const struct request_step *step, struct request_done *done,
                    struct err *err)
{
    int64_t made;
    int result = roster_once_done(c, who->once, &made, err);

    if (result != 0) /* who asks again hears the same */
        return result;
    result = 1;
    if (step->request_id != 0 && take(c, step, err) < 0)
        return -1;
    if (step->used_link != NULL)
        result = requests_use_link(c, step, err);
    if (result > 0 && step->mail != NULL)
        result = requests_put_mail(c, step, &done->mail_id, err);
    if (result > 0 && step->tray_mail != 0 &&
        requests_place_mail(c, step->tray_mail, step->request_id, err) < 0)
        return -1;
    if (step->tray_mail != 0)
        done->mail_id = step->tray_mail;
    if (result <= 0)
        return result;
    if ((step->file != NULL && requests_put_file(p, c, step, done, err) < 0) ||
        change_request(p, c, step, done->file_id, err) < 0 ||
        put_out(c, step, err) < 0 || requests_put_links(c, step, err) < 0 ||
        write_line(c, who, step, done->mail_id, err) < 0)
        return -1;
    return 1;
}

/*
 * What was written before it turned out that there is nothing to do must go
 * again: a new request, above all.
 */
static int end_step(struct sq_conn *c, int result, struct err *err)
{
    struct err none;

    if (result != 0)
        return sq_end(c, result, err);
    err_set(&none, ERR_RUN, ERR_RETRY_NEVER, 0, "nothing to do");
    (void)sq_end(c, -1, &none); /* rolled back: there is no news in that */
    return 0;
}

int requests_step(struct requests *p, const struct roster_actor *who,
                  const struct request_step *wish, struct request_done *ret,
                  struct err *err)
{
    struct request_done done = { 0 };
    struct sq_conn *c;
    int result;

    g_assert(!wish->open || wish->change != NULL);
    if ((wish->change != NULL && check_change(wish->change, err) < 0) ||
        (wish->mail != NULL && requests_check_mail(wish->mail, err) < 0) ||
        (wish->open && store_check(err, "contact", wish->change->opened_by,
                                   ROSTER_NAME_MAX) < 0))
        return -1;
    c = requests_begin(p, DB_WRITE, err);
    if (c == NULL)
        return -1;
    result = end_step(c, run_step(p, c, who, wish, &done, err), err);
    if (result <= 0)
        return result;
    step("request");
    if (ret != NULL)
        *ret = done;
    return 1;
}
