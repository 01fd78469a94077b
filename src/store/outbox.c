#include "store/outbox.h"

#include "base/step.h"
#include "store/requests.h"
#include "store/roster_priv.h"

#define COLUMNS                                                                \
    "id, ref, recipient, subject, body, state, created_us, request, tries,"    \
    " since_us, due_us, why"

/* The literals below. */
G_STATIC_ASSERT(OUTBOX_WAITING == 0 && OUTBOX_SENT == 1 && OUTBOX_FAILED == 2);
G_STATIC_ASSERT(OUTBOX_SENDING == 3 && OUTBOX_HANDING_OVER == 4 &&
                OUTBOX_UNSURE == 5 && OUTBOX_DROPPED == 6);

static const char *const state_names[OUTBOX_N_STATES] = {
    [OUTBOX_WAITING] = "waiting",
    [OUTBOX_SENT] = "sent",
    [OUTBOX_FAILED] = "failed",
    [OUTBOX_SENDING] = "sending",
    [OUTBOX_HANDING_OVER] = "handing over",
    [OUTBOX_UNSURE] = "unsure",
    [OUTBOX_DROPPED] = "dropped",
};

const char *outbox_state_name(enum outbox_state state)
{
    return state_names[state];
}

void outbox_mail_free(struct outbox_mail *m)
{
    if (m == NULL)
        return;
    g_free(m->ref);
    g_free(m->recipient);
    g_free(m->subject);
    g_bytes_unref(m->body);
    g_free(m->why);
    g_free(m);
}

static void free_mail(void *p)
{
    outbox_mail_free(p);
}

/* ---- reading and writing ------------------------------------------------ */

static int read_mail(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct outbox_mail *m;
    unsigned int state;

    if (sq_column_enum(c, rows, 5, &state, OUTBOX_N_STATES, err) < 0)
        return -1;
    m = g_new(struct outbox_mail, 1);
    *m = (struct outbox_mail){
        .id = sq_int64(rows, 0),
        .ref = sq_column_dup(rows, 1),
        .recipient = sq_column_dup(rows, 2),
        .subject = sq_column_dup(rows, 3),
        .body = roster_bytes(rows, 4),
        .state = (enum outbox_state)state,
        .created_us = sq_int64(rows, 6),
        .request_id = sq_int64(rows, 7),
        .tries = sq_int64(rows, 8),
        .since_us = sq_int64(rows, 9),
        .due_us = sq_int64(rows, 10),
        .why = sq_column_dup(rows, 11),
    };
    g_ptr_array_add(to, m);
    return 0;
}

int outbox_list(struct roster *p, unsigned int states,
                const struct roster_page *page, GPtrArray **ret,
                struct err *err)
{
    static const char sql[] =
        "SELECT " COLUMNS " FROM outbox WHERE {after}"
        " AND (?4 IS NULL OR ?4 LIKE '%,' || state || ',%')"
        " ORDER BY {order} LIMIT ?3";
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_mail);
    g_autofree char *text = roster_states_text(states);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c, roster_page_sql(page, "id", sql),
                           ARGS(ROSTER_PAGE_ARGS(page), TEXT(text)), read_mail,
                           all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int roster_outbox(struct roster *p, const struct roster_page *page,
                  GPtrArray **ret, struct err *err)
{
    return outbox_list(p, 0, page, ret, err);
}

int outbox_get(struct roster *p, int64_t id, struct outbox_mail **ret,
               struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_mail);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c, "SELECT " COLUMNS " FROM outbox WHERE id = ?",
                           ARGS(INT(id)), read_mail, found, err),
               err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

int roster_outbox_put(struct sq_conn *c, const struct outbox_mail *m,
                      int64_t request_id, int64_t now_us, struct err *err)
{
    gsize n;
    const void *body = g_bytes_get_data(m->body, &n);

    return sq_run(c,
                  "INSERT INTO outbox (ref, recipient, subject, body, state,"
                  " created_us, since_us, request)"
                  " VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5, ?6)",
                  ARGS(TEXT(m->ref), TEXT(m->recipient), TEXT(m->subject),
                       BLOB(body, n), INT(now_us),
                       OPT_INT(request_id != 0, request_id)),
                  err);
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      const char *action, const struct outbox_mail *m,
                      struct err *err)
{
    g_autofree char *subject =
        m->request_id != 0 ? request_subject(m->request_id)
                           : g_strdup_printf("mail %" G_GINT64_FORMAT, m->id);
    g_autofree char *detail = g_strdup_printf(
        "mail %" G_GINT64_FORMAT " to %s%s%s", m->id, m->recipient,
        m->why != NULL ? ": " : "", m->why != NULL ? m->why : "");

    return roster_audit_line(
        c, &(struct audit_line){ who, action, subject, detail, m->id }, err);
}

/* ---- sending ------------------------------------------------------------ */

/* Two at once take different ones: what the other holds is passed over. */
static int take(struct sq_conn *c, const struct outbox_claim *claim,
                GPtrArray *found, struct err *err)
{
    int64_t id;
    int due = sq_number(c,
                        "SELECT id FROM outbox WHERE state = 0 AND due_us <= ?"
                        " ORDER BY due_us, id LIMIT 1" DB_SKIP_LOCKED,
                        ARGS(INT(claim->now_us)), &id, err);

    if (due <= 0)
        return due;
    return roster_read(c,
                       "UPDATE outbox SET state = 3, owner = ?, until_us = ?,"
                       " tries = tries + 1 WHERE id = ? RETURNING " COLUMNS,
                       ARGS(TEXT(claim->owner), INT(claim->until_us), INT(id)),
                       read_mail, found, err);
}

int outbox_claim(struct roster *p, const struct outbox_claim *claim,
                 struct outbox_mail **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_mail);
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, take(c, claim, found, err), err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    step("mail-claim");
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

int outbox_hand_over(struct roster *p, int64_t id, const char *owner,
                     struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);
    int64_t n = 0;
    int result;

    if (c == NULL)
        return -1;
    result = sq_run(c,
                    "UPDATE outbox SET state = 4"
                    " WHERE id = ? AND owner = ? AND state = 3",
                    ARGS(INT(id), TEXT(owner)), err);
    if (result == 0)
        n = sq_changes(c);
    if (sq_end(c, result, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    step("mail-hand-over");
    return 1;
}

static const char *const actions[OUTBOX_N_STATES] = {
    [OUTBOX_WAITING] = "mail.delayed",
    [OUTBOX_SENT] = "mail.sent",
    [OUTBOX_FAILED] = "mail.failed",
    [OUTBOX_UNSURE] = "mail.unsure",
};

static int settle(struct sq_conn *c, const struct roster_actor *who,
                  const struct outbox_outcome *o, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_mail);
    const struct outbox_mail *m;

    if (roster_read(c,
                    "UPDATE outbox SET state = ?1, due_us = ?2, why = ?3"
                    " WHERE id = ?4 AND owner = ?5 AND state IN (3, 4, 5)"
                    " RETURNING " COLUMNS,
                    ARGS(INT(o->state), INT(o->due_us), TEXT(o->why),
                         INT(o->id), TEXT(o->owner)),
                    read_mail, found, err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    m = found->pdata[0];
    if ((o->state != OUTBOX_WAITING || m->tries == 1) &&
        write_line(c, who, actions[o->state], m, err) < 0)
        return -1;
    return 1;
}

int outbox_settle(struct roster *p, const struct roster_actor *who,
                  const struct outbox_outcome *outcome, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);
    int done;

    if (c == NULL)
        return -1;
    done = sq_end(c, settle(c, who, outcome, err), err);
    if (done > 0)
        step("mail-settle");
    return done;
}

#define DIED "the service ended while the server was about to answer"

static int recover(struct sq_conn *c, const struct roster_actor *who,
                   int64_t over_us, GPtrArray *unsure, struct err *err)
{
    if (sq_run(c,
               "UPDATE outbox SET state = 0 WHERE state = 3 AND until_us <= ?",
               ARGS(INT(over_us)), err) < 0 ||
        roster_read(c,
                    "UPDATE outbox SET state = 5, why = ?2"
                    " WHERE state = 4 AND until_us <= ?1 RETURNING " COLUMNS,
                    ARGS(INT(over_us), TEXT(DIED)), read_mail, unsure, err) < 0)
        return -1;
    for (guint i = 0; i < unsure->len; i++)
        if (write_line(c, who, "mail.unsure", unsure->pdata[i], err) < 0)
            return -1;
    return 0;
}

int outbox_recover(struct roster *p, const struct roster_actor *who,
                   int64_t now_us, bool all, size_t *ret_unsure,
                   struct err *err)
{
    g_autoptr(GPtrArray) unsure = g_ptr_array_new_with_free_func(free_mail);
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL ||
        sq_end(c, recover(c, who, all ? INT64_MAX : now_us, unsure, err), err) <
            0)
        return -1;
    *ret_unsure = unsure->len;
    return 0;
}

/* ---- an operator's word ------------------------------------------------- */

#define IN(state) (1u << OUTBOX_##state)

/* What may be said of which, and what becomes of it. */
static const struct rule {
    const char *name, *action;
    unsigned int from;
    enum outbox_state to;
    const char *remedy;
} rules[OUTBOX_N_WORDS] = {
    [OUTBOX_SEND_AGAIN] = { "send-again", "mail.send-again",
                            IN(UNSURE) | IN(FAILED) | IN(DROPPED),
                            OUTBOX_WAITING,
                            "only one that is unsure, failed or dropped can be "
                            "sent again" },
    [OUTBOX_ARRIVED] = { "arrived", "mail.arrived", IN(UNSURE), OUTBOX_SENT,
                         "only of one that is unsure can be said that it "
                         "arrived" },
    [OUTBOX_DROP] = { "drop", "mail.drop",
                      IN(WAITING) | IN(UNSURE) | IN(FAILED), OUTBOX_DROPPED,
                      "only one that waits, failed or is unsure can be "
                      "dropped" },
};

const char *outbox_word_name(enum outbox_word word)
{
    return rules[word].name;
}

static int refuse(const struct outbox_mail *m, const struct rule *rule,
                  struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "mail %" G_GINT64_FORMAT " is %s",
            m->id, outbox_state_name(m->state));
    err->name = "wrong-state";
    return err_remedy(err, rule->remedy);
}

static int decide(struct sq_conn *c, const struct roster_actor *who,
                  const struct outbox_mail *m, enum outbox_word word,
                  int64_t now_us, struct err *err)
{
    const struct rule *rule = &rules[word];

    if ((rule->from & (1u << m->state)) == 0)
        return refuse(m, rule, err);
    if (sq_run(c,
               "UPDATE outbox SET state = ?1, owner = NULL, why = NULL,"
               " tries = 0, due_us = 0, since_us = ?2 WHERE id = ?3",
               ARGS(INT(rule->to), INT(now_us), INT(m->id)), err) < 0)
        return -1;
    return write_line(c, who, rule->action, m, err);
}

static int find_and_decide(struct sq_conn *c, const struct roster_actor *who,
                           int64_t id, enum outbox_word word, int64_t now_us,
                           struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_mail);
    int64_t made;
    int done = roster_once_done(c, who->once, &made, err);

    if (done != 0)
        return MIN(done, 0);
    if (roster_read(c,
                    "SELECT " COLUMNS " FROM outbox WHERE id = ?" DB_FOR_UPDATE,
                    ARGS(INT(id)), read_mail, found, err) < 0)
        return -1;
    if (found->len > 0)
        return decide(c, who, found->pdata[0], word, now_us, err);
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "there is no mail %" G_GINT64_FORMAT, id);
    err->name = "not-found";
    return -1;
}

int outbox_decide(struct roster *p, const struct roster_actor *who, int64_t id,
                  enum outbox_word word, int64_t now_us, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL ||
        sq_end(c, find_and_decide(c, who, id, word, now_us, err), err) < 0)
        return -1;
    step("mail-word");
    return 0;
}
