#include <string.h>

#include "store/sql_ops.h"

/*
 * A walk over the items of one call.  They come folder by folder, mostly, so
 * a folder is checked on entering it and its numbers are written on leaving.
 */
struct walk {
    struct sq_conn *c;
    int64_t mailbox_id;
    int64_t folder_id; /* 0: not in one yet */
    int64_t n_listed;  /* by how much it has changed */
    bool dirty;
    GHashTable *ahead; /* id, to struct row *: read, and not yet changed */
};

/* A row, as far as is judged by it. */
struct row {
    int64_t id;
    struct ledger_item item;
    int64_t format, moved_from;
};

/* ---- reading rows ----------------------------------------------------- */

#define ROW_COLUMNS " id, state, pending, tries, format, moved_from "

/* A whole batch's rows are one question to the database, or two. */
#define AHEAD  64
#define EIGHT  "?, ?, ?, ?, ?, ?, ?, ?"
#define EIGHTS EIGHT ", " EIGHT

static int column_row(struct sq_conn *c, struct sq_rows *st, struct row *ret,
                      struct err *err)
{
    ret->id = sq_int64(st, 0);
    ret->format = sq_int64(st, 4);
    ret->moved_from = sq_int64(st, 5);
    return sq_column_ledger(c, st, 1, &ret->item, err);
}

static int read_some(struct walk *w, const struct sq_arg *ids, struct err *err)
{
    struct sq_rows *st =
        sq_query(w->c,
                 "SELECT" ROW_COLUMNS "FROM items WHERE id IN"
                 " (" EIGHTS ", " EIGHTS ", " EIGHTS ", " EIGHTS ")",
                 ids, err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(w->c, st, err)) > 0) {
        struct row row, *kept;

        if (column_row(w->c, st, &row, err) < 0) {
            sq_reset(st);
            return -1;
        }
        kept = g_memdup2(&row, sizeof(row));
        g_hash_table_replace(w->ahead, &kept->id, kept);
    }
    return more;
}

static int64_t id_at(const void *things, size_t offset)
{
    int64_t id;

    memcpy(&id, (const char *)things + offset, sizeof(id));
    return id;
}

/* The rows of n things that begin with a row's id.  None has the id 0. */
static int read_ahead(struct walk *w, const void *things, size_t n, size_t size,
                      struct err *err)
{
    struct sq_arg ids[AHEAD + 1];

    w->ahead = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    for (size_t first = 0; first < n; first += AHEAD) {
        for (size_t i = 0; i < AHEAD; i++)
            ids[i] = (struct sq_arg)INT(
                first + i < n ? id_at(things, (first + i) * size) : 0);
        ids[AHEAD] = (struct sq_arg){ .type = SQ_LAST };
        if (read_some(w, ids, err) < 0)
            return -1;
    }
    return 0;
}

/* What was read ahead is so until the row is changed; it is taken once. */
static bool take_ahead(struct walk *w, int64_t item_id, struct row *ret)
{
    const struct row *row =
        w->ahead != NULL ? g_hash_table_lookup(w->ahead, &item_id) : NULL;

    if (row == NULL)
        return false;
    *ret = *row;
    g_hash_table_remove(w->ahead, &item_id);
    return true;
}

static int leave_folder(struct walk *w, struct err *err)
{
    if (w->folder_id == 0 || (w->n_listed == 0 && !w->dirty))
        return 0;
    return sq_run(w->c,
                  "UPDATE folders SET n_listed = n_listed + ?,"
                  " dirty = dirty | ? WHERE id = ?",
                  ARGS(INT(w->n_listed), INT(w->dirty), INT(w->folder_id)),
                  err);
}

static int enter_folder(struct walk *w, int64_t item_id, struct err *err)
{
    int64_t folder_id = item_id_folder(item_id), mailbox_id = 0;
    int found;

    if (folder_id == w->folder_id)
        return 0;
    if (leave_folder(w, err) < 0)
        return -1;
    found = sq_number(w->c, "SELECT mailbox FROM folders WHERE id = ?",
                      ARGS(INT(folder_id)), &mailbox_id, err);
    if (found < 0)
        return -1;
    if (found == 0 || mailbox_id != w->mailbox_id)
        return store_refuse_missing(err, "item", item_id);
    w->folder_id = folder_id;
    w->n_listed = 0;
    w->dirty = false;
    return 0;
}

static int read_row(struct walk *w, int64_t item_id, struct row *ret,
                    struct err *err)
{
    struct sq_rows *st;
    int found;

    if (enter_folder(w, item_id, err) < 0)
        return -1;
    if (take_ahead(w, item_id, ret))
        return 0;
    st = sq_query(w->c, "SELECT" ROW_COLUMNS "FROM items WHERE id = ?",
                  ARGS(INT(item_id)), err);
    found = st == NULL ? -1 : sq_step(w->c, st, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "item", item_id);
    found = column_row(w->c, st, ret, err);
    sq_reset(st);
    return found;
}

static int read_item(struct walk *w, int64_t item_id, struct ledger_item *ret,
                     struct err *err)
{
    struct row row;

    if (read_row(w, item_id, &row, err) < 0)
        return -1;
    *ret = row.item;
    return 0;
}

/* End the walk's transaction. */
static int end_walk(struct walk *w, int result, struct err *err)
{
    g_clear_pointer(&w->ahead, g_hash_table_unref);
    return sq_end(w->c, result, err);
}

/* ---- a row's state ---------------------------------------------------- */

/* What was said before it failed is true again. */
int sq_reason_clear(struct sq_conn *c, int64_t item_id, struct err *err)
{
    return sq_run(
        c,
        "UPDATE item_texts SET reason = there, there = NULL, remedy = NULL,"
        " error_name = NULL,"
        " subject = CASE WHEN lost IS NOT NULL THEN subject END WHERE id = ?",
        ARGS(INT(item_id)), err);
}

/* A row whose item is at the destination no more, or never was. */
static int empty_row(struct sq_conn *c, int64_t item_id,
                     const struct ledger_item *next, struct err *err)
{
    return sq_run(c,
                  "UPDATE items SET state = ?, pending = ?, tries = ?,"
                  " destination = NULL, digest = NULL, moved_from = 0"
                  " WHERE id = ?",
                  ARGS(INT(next->state), INT(next->pending), INT(next->tries),
                       INT(item_id)),
                  err);
}

/* What an outcome tells beyond the state that the row enters. */
struct told {
    int64_t not_before_us;
    const struct sq_key *destination; /* NULL: what is there stays */
};

static int become(struct sq_conn *c, int64_t item_id,
                  const struct ledger_item *next, const struct told *told,
                  struct err *err)
{
    unsigned int facts = ledger_facts(next);
    const struct sq_key *to = told->destination;

    return sq_run_later(
        c,
        "UPDATE items SET state = ?, pending = ?, tries = ?,"
        " not_before = ?,"
        " destination = CASE WHEN ? <> 0 THEN coalesce(?, destination) END,"
        " deadline = CASE WHEN ? <> 0 THEN deadline ELSE 0 END,"
        " moved_from = CASE WHEN ? <> 0 THEN moved_from ELSE 0 END,"
        " digest = CASE WHEN ? <> 0 THEN digest END WHERE id = ?",
        ARGS(INT(next->state), INT(next->pending), INT(next->tries),
             INT(told->not_before_us), INT(facts & LEDGER_DESTINATION),
             BLOB(to != NULL ? to->bytes : NULL, to != NULL ? to->n : 0),
             INT(facts & LEDGER_DEADLINE), INT(facts & LEDGER_MOVED),
             INT(facts & LEDGER_DIGEST), INT(item_id)),
        err);
}

/* ---- intents ---------------------------------------------------------- */

/* Of one call. */
struct intending {
    int64_t pass_id, deadline_us;
};

/* Nearly all rows never have any: those are not looked for. */
static int keep_why_format(struct walk *w, const struct store_intent *intent,
                           int64_t format, struct err *err)
{
    g_autofree char *why = store_text_dup(intent->why_format);

    if (why != NULL)
        return sq_run(w->c,
                      "INSERT INTO item_texts (id, why_format) VALUES (?, ?)"
                      " ON CONFLICT (id) DO UPDATE SET"
                      " why_format = excluded.why_format, lost = NULL,"
                      " subject = NULL",
                      ARGS(INT(intent->item_id), TEXT(why)), err);
    if (format == 0)
        return 0;
    return sq_run(w->c,
                  "UPDATE item_texts SET why_format = NULL, lost = NULL,"
                  " subject = NULL WHERE id = ?",
                  ARGS(INT(intent->item_id)), err);
}

/* The row that an item leaves by a move. */
static int check_moved(struct walk *w, const struct store_intent *intent,
                       struct err *err)
{
    int64_t folder_id = item_id_folder(intent->moved_from), state = 0;
    int found;

    if (intent->moved_from == 0)
        return 0;
    if (sq_folder_check(w->c, w->mailbox_id, folder_id, err) < 0)
        return store_refuse_missing(err, "item", intent->moved_from);
    found = sq_number(w->c, "SELECT state FROM items WHERE id = ?",
                      ARGS(INT(intent->moved_from)), &state, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "item", intent->moved_from);
    if (state != ITEM_COPIED)
        return store_refuse_state(err, intent->moved_from,
                                  (enum item_state)state, ITEM_GONE);
    return 0;
}

static int intend(struct walk *w, const struct intending *call,
                  const struct store_intent *intent, struct err *err)
{
    struct row row;
    struct sq_key key;
    const uint8_t *digest = intent->digest_len > 0 ? intent->digest : NULL;
    bool has_key = intent->change_key != NULL;

    if (read_row(w, intent->item_id, &row, err) < 0 ||
        ledger_intend(&row.item, intent->item_id, err) < 0 ||
        check_moved(w, intent, err) < 0 ||
        keep_why_format(w, intent, row.format, err) < 0 ||
        sq_names_add(w->c, intent->names, intent->n_names, err) < 0)
        return -1;
    if (has_key &&
        sq_key_make(w->c, w->mailbox_id, intent->change_key, &key, err) < 0)
        return -1;
    w->n_listed--;
    w->dirty = true;
    return sq_run_later(
        w->c,
        "UPDATE items SET state = ?, pass = ?, deadline = ?, size = ?,"
        " not_before = 0, change_key = coalesce(?, change_key), digest = ?,"
        " format = ?, moved_from = ? WHERE id = ?",
        ARGS(INT(row.item.state), INT(call->pass_id), INT(call->deadline_us),
             INT((int64_t)store_size(intent->size_bytes)),
             BLOB(has_key ? key.bytes : NULL, key.n),
             BLOB(digest, intent->digest_len), INT(intent->format),
             INT(intent->moved_from), INT(intent->item_id)),
        err);
}

static int intend_all(struct walk *w, const struct intending *call,
                      const struct store_intent *intents, size_t n,
                      struct err *err)
{
    if (read_ahead(w, intents, n, sizeof(*intents), err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (intend(w, call, &intents[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_intend(struct store *base, const struct store_lease *lease,
                    int64_t pass_id, const struct store_intent *intents,
                    size_t n, int64_t deadline_us, struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };
    struct intending call = { pass_id, deadline_us };

    if (w.c == NULL)
        return -1;
    return end_walk(&w, intend_all(&w, &call, intents, n, err), err);
}

/* ---- outcomes --------------------------------------------------------- */

static int keep_reason(struct sq_conn *c, const struct store_outcome *o,
                       struct err *err)
{
    g_autofree char *reason = store_text_dup(o->reason);
    g_autofree char *remedy = store_text_dup(o->remedy);
    g_autofree char *name = store_text_dup(o->error_name);
    g_autofree char *subject = store_text_dup(o->subject);

    return sq_run(
        c,
        "INSERT INTO item_texts (id, reason, remedy, error_name, subject)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " reason = excluded.reason, remedy = excluded.remedy,"
        " error_name = excluded.error_name,"
        " subject = CASE WHEN item_texts.lost IS NULL THEN excluded.subject"
        " ELSE coalesce(excluded.subject, item_texts.subject) END",
        ARGS(INT(o->item_id), TEXT(reason), TEXT(remedy), TEXT(name),
             TEXT(subject)),
        err);
}

static int record_row(struct walk *w, const struct store_outcome *o,
                      const struct ledger_item *next, struct err *err)
{
    struct told told = { 0 };
    struct sq_key key;

    /* Overtaken by what came from the source, it tells nothing. */
    if (next->state == o->state && next->state == ITEM_LISTED)
        told.not_before_us = o->not_before_us;
    if (next->state == ITEM_COPIED || next->state == ITEM_ALREADY_THERE) {
        if (sq_key_make(w->c, w->mailbox_id, o->destination_id, &key, err) < 0)
            return -1;
        told.destination = &key;
    }
    return become(w->c, o->item_id, next, &told, err);
}

static int keep_lost(struct sq_conn *c, const struct store_outcome *o,
                     struct err *err)
{
    g_autofree char *lost = store_text_dup(o->lost);
    g_autofree char *subject = store_text_dup(o->subject);

    if (lost == NULL)
        return 0;
    return sq_run(c,
                  "INSERT INTO item_texts (id, lost, subject) VALUES (?, ?, ?)"
                  " ON CONFLICT (id) DO UPDATE SET lost = excluded.lost,"
                  " subject = excluded.subject",
                  ARGS(INT(o->item_id), TEXT(lost), TEXT(subject)), err);
}

/* The row that the item has left by this move, while it says so still. */
static int leave_row(struct walk *w, const struct row *item, struct err *err)
{
    struct ledger_item left = { 0 };
    int64_t from = item->moved_from;
    struct sq_rows *st;

    /* Of what was there before us it says where that lies. */
    if (item->item.state != ITEM_INTENDED || from == 0)
        return 0;
    g_hash_table_remove(w->ahead, &from);
    st = sq_query(w->c, "SELECT state, pending, tries FROM items WHERE id = ?",
                  ARGS(INT(from)), err);
    if (st == NULL || sq_step(w->c, st, err) < 0)
        return -1;
    if (sq_column_ledger(w->c, st, 0, &left, err) < 0) {
        sq_reset(st);
        return -1;
    }
    sq_reset(st);
    return ledger_moved_away(&left) ? empty_row(w->c, from, &left, err) : 0;
}

static int record(struct walk *w, const struct store_outcome *o,
                  struct err *err)
{
    struct row row;
    enum item_state was;
    struct ledger_item next;

    if (read_row(w, o->item_id, &row, err) < 0)
        return -1;
    was = row.item.state;
    next = row.item;
    if (ledger_record(&next, o, err) < 0 ||
        (next.state == ITEM_COPIED && leave_row(w, &row, err) < 0) ||
        record_row(w, o, &next, err) < 0)
        return -1;
    w->n_listed += (next.state == ITEM_LISTED) - (was == ITEM_LISTED);
    if (next.state == ITEM_FAILED)
        return keep_reason(w->c, o, err);
    if ((was == ITEM_FAILED || was == ITEM_ALREADY_THERE) &&
        sq_reason_clear(w->c, o->item_id, err) < 0)
        return -1;
    return next.state == ITEM_COPIED ? keep_lost(w->c, o, err) : 0;
}

static int record_all(struct walk *w, const struct store_outcome *outcomes,
                      size_t n, struct err *err)
{
    if (read_ahead(w, outcomes, n, sizeof(*outcomes), err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (record(w, &outcomes[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_record(struct store *base, const struct store_lease *lease,
                    const struct store_outcome *outcomes, size_t n,
                    struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };

    if (w.c == NULL)
        return -1;
    return end_walk(&w, record_all(&w, outcomes, n, err), err);
}

/* ---- what was there already -------------------------------------------- */

static int check_free(struct walk *w, const struct store_adoption *a,
                      const struct sq_key *key, struct err *err)
{
    int64_t owner = 0;

    if (sq_owner(w->c, w->mailbox_id, key, &owner, err) < 0)
        return -1;
    return owner == 0 ? 0
                      : store_refuse_taken(err, a->item_id, a->destination_id);
}

static int adopt_row(struct walk *w, const struct store_adoption *a,
                     const struct ledger_item *next, struct err *err)
{
    const uint8_t *digest = a->digest_len > 0 ? a->digest : NULL;
    bool has_key = a->change_key != NULL;
    struct sq_key to, key = { 0 };

    if (sq_key_make(w->c, w->mailbox_id, a->destination_id, &to, err) < 0 ||
        check_free(w, a, &to, err) < 0 ||
        (has_key &&
         sq_key_make(w->c, w->mailbox_id, a->change_key, &key, err) < 0))
        return -1;
    return sq_run(w->c,
                  "UPDATE items SET state = ?, destination = ?,"
                  " change_key = coalesce(?, change_key), size = ?,"
                  " digest = ?, format = ?, verify = ?, pass = 0,"
                  " moved_from = ?, not_before = 0 WHERE id = ?",
                  ARGS(INT(next->state), BLOB(to.bytes, to.n),
                       BLOB(has_key ? key.bytes : NULL, key.n),
                       INT((int64_t)store_size(a->size_bytes)),
                       BLOB(digest, a->digest_len), INT(a->format),
                       INT(a->verify), INT(a->lies_with), INT(a->item_id)),
                  err);
}

/* The note of an earlier verdict is no longer so. */
static int adopt_texts(struct walk *w, const struct store_adoption *a,
                       struct err *err)
{
    g_autofree char *reason = store_text_dup(a->reason);

    if (reason == NULL)
        return sq_run(w->c,
                      "UPDATE item_texts SET reason = NULL, note = NULL"
                      " WHERE id = ?",
                      ARGS(INT(a->item_id)), err);
    return sq_run(
        w->c,
        "INSERT INTO item_texts (id, reason, note) VALUES (?1, ?2,"
        " ?2) ON CONFLICT (id) DO UPDATE SET reason = excluded.reason,"
        " note = excluded.note",
        ARGS(INT(a->item_id), TEXT(reason)), err);
}

/* The row that had it, in whatever folder. */
static int give_up(struct walk *w, int64_t left, struct err *err)
{
    struct ledger_item item = { 0 };

    if (left == 0)
        return 0;
    if (read_item(w, left, &item, err) < 0 ||
        ledger_give_up(&item, left, err) < 0 ||
        empty_row(w->c, left, &item, err) < 0)
        return -1;
    return sq_reason_clear(w->c, left, err);
}

static int adopt(struct walk *w, const struct store_adoption *a,
                 struct err *err)
{
    struct ledger_item item = { 0 };

    if (give_up(w, a->left, err) < 0 ||
        read_item(w, a->item_id, &item, err) < 0 ||
        ledger_adopt(&item, a->item_id, a->state, err) < 0 ||
        adopt_row(w, a, &item, err) < 0)
        return -1;
    w->n_listed--;
    return adopt_texts(w, a, err);
}

static int adopt_all(struct walk *w, const struct store_adoption *adoptions,
                     size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (adopt(w, &adoptions[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_adopt(struct store *base, const struct store_lease *lease,
                   const struct store_adoption *adoptions, size_t n,
                   struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };

    if (w.c == NULL)
        return -1;
    return sq_end(w.c, adopt_all(&w, adoptions, n, err), err);
}

/* ---- what follows ------------------------------------------------------ */

static int has_old(struct sq_conn *c, int64_t item_id, bool *ret,
                   struct err *err)
{
    int64_t one = 0;

    if (sq_number(c,
                  "SELECT count(old_destination) FROM items"
                  " WHERE id = ?",
                  ARGS(INT(item_id)), &one, err) < 0)
        return -1;
    *ret = one != 0;
    return 0;
}

static int follow_row(struct walk *w, const struct store_follow *f,
                      const struct ledger_item *next, struct err *err)
{
    unsigned int facts = ledger_facts(next);
    const uint8_t *digest = f->digest_len > 0 ? f->digest : NULL;
    bool has_key = f->change_key != NULL;
    struct sq_key key = { 0 };

    if (has_key &&
        sq_key_make(w->c, w->mailbox_id, f->change_key, &key, err) < 0)
        return -1;
    return sq_run(w->c,
                  "UPDATE items SET state = ?1, pending = ?2, tries = ?3,"
                  " change_key = coalesce(?4, change_key),"
                  " digest = CASE WHEN ?5 <> 0 THEN coalesce(?6, digest) END,"
                  " format = CASE WHEN ?6 IS NULL THEN format ELSE ?7 END,"
                  " size = CASE WHEN ?6 IS NULL THEN size ELSE ?8 END,"
                  " pass = CASE WHEN ?6 IS NULL THEN pass ELSE ?13 END,"
                  " old_destination = CASE WHEN ?9 <> 0 THEN destination"
                  "   WHEN ?10 = 0 THEN old_destination END,"
                  " destination = CASE WHEN ?11 <> 0 THEN destination END,"
                  " moved_from = CASE WHEN ?14 <> 0 THEN moved_from ELSE 0 END"
                  " WHERE id = ?12",
                  ARGS(INT(next->state), INT(next->pending), INT(next->tries),
                       BLOB(has_key ? key.bytes : NULL, key.n),
                       INT(facts & LEDGER_DIGEST), BLOB(digest, f->digest_len),
                       INT(f->format), INT((int64_t)store_size(f->size_bytes)),
                       INT(f->state == ITEM_LISTED), INT(f->old_gone),
                       INT(facts & LEDGER_DESTINATION), INT(f->item_id),
                       INT(f->pass_id), INT(facts & LEDGER_MOVED)),
                  err);
}

/* Of what was there already: that is not forgotten over its failure. */
static int keep_there(struct sq_conn *c, int64_t item_id, struct err *err)
{
    return sq_run(c, "UPDATE item_texts SET there = reason WHERE id = ?",
                  ARGS(INT(item_id)), err);
}

/* Of a conflict, or of an edit that failed. */
static int keep_cause(struct sq_conn *c, const struct store_follow *f,
                      struct err *err)
{
    const struct store_outcome o = {
        .item_id = f->item_id,
        .reason = f->reason,
        .remedy = f->remedy,
        .error_name = f->error_name,
        .subject = f->subject,
    };

    return f->reason != NULL ? keep_reason(c, &o, err) : 0;
}

static int follow(struct walk *w, const struct store_follow *f, struct err *err)
{
    struct ledger_item is = { 0 }, next;
    bool old = false;

    if (read_item(w, f->item_id, &is, err) < 0 ||
        has_old(w->c, f->item_id, &old, err) < 0)
        return -1;
    next = is;
    if (ledger_follow(&next, f, old, err) < 0 ||
        follow_row(w, f, &next, err) < 0)
        return -1;
    w->n_listed += next.state == ITEM_LISTED;
    if (next.state == ITEM_FAILED && is.state == ITEM_ALREADY_THERE &&
        keep_there(w->c, f->item_id, err) < 0)
        return -1;
    if (next.state == ITEM_CONFLICT || next.state == ITEM_FAILED)
        return keep_cause(w->c, f, err);
    return is.state == ITEM_CONFLICT ? sq_reason_clear(w->c, f->item_id, err)
                                     : 0;
}

static int follow_all(struct walk *w, const struct store_follow *follows,
                      size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (follow(w, &follows[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_follow(struct store *base, const struct store_lease *lease,
                    const struct store_follow *follows, size_t n,
                    struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };

    if (w.c == NULL)
        return -1;
    return sq_end(w.c, follow_all(&w, follows, n, err), err);
}

/* ---- failed items again ----------------------------------------------- */

/*
 * Those with nothing at the destination (pending: 0), those with the copy of an
 * earlier state, or those with what was there before us.
 */
static int retry_some(struct sq_conn *c, int64_t folder_id,
                      unsigned int pending, int64_t *ret_n, struct err *err)
{
    struct ledger_item item = { .state = ITEM_FAILED, .pending = pending };

    ledger_retry(&item);
    if (sq_run(c,
               "UPDATE items SET state = ?, tries = ?, pending = pending & ?"
               " WHERE id BETWEEN ? AND ? AND state = ?"
               " AND (pending <> 0) = (? <> 0) AND (pending & ?) = ?",
               ARGS(INT(item.state), INT(item.tries),
                    INT(ITEM_PENDING_THERE - 1),
                    INT(item_id_make(folder_id, 0)),
                    INT(item_id_make(folder_id, ITEM_NUMBER_MAX)),
                    INT(ITEM_FAILED), INT(pending), INT(ITEM_PENDING_THERE),
                    INT(pending & ITEM_PENDING_THERE)),
               err) < 0)
        return -1;
    *ret_n += sq_changes(c);
    return 0;
}

static int retry_folder(struct sq_conn *c, int64_t folder_id, size_t *n,
                        struct err *err)
{
    int64_t first = item_id_make(folder_id, 0);
    int64_t last = item_id_make(folder_id, ITEM_NUMBER_MAX);
    int64_t listed = 0, copied = 0;

    if (sq_run(
            c,
            "UPDATE item_texts SET reason = there, there = NULL,"
            " remedy = NULL, error_name = NULL,"
            " subject = CASE WHEN lost IS NOT NULL THEN subject END WHERE id IN"
            " (SELECT id FROM items WHERE id BETWEEN ? AND ?"
            " AND state = ?)",
            ARGS(INT(first), INT(last), INT(ITEM_FAILED)), err) < 0)
        return -1;
    if (retry_some(c, folder_id, ITEM_PENDING_EDIT, &copied, err) < 0 ||
        retry_some(c, folder_id, ITEM_PENDING_EDIT | ITEM_PENDING_THERE,
                   &copied, err) < 0 ||
        retry_some(c, folder_id, 0, &listed, err) < 0)
        return -1;
    *n += (size_t)(copied + listed);
    if (listed == 0)
        return 0;
    return sq_run(c, "UPDATE folders SET n_listed = n_listed + ? WHERE id = ?",
                  ARGS(INT(listed), INT(folder_id)), err);
}

static int retry_mailbox(struct sq_conn *c, int64_t mailbox_id, size_t *n,
                         struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, mailbox_id, 0, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++)
        if (retry_folder(c, g_array_index(ids, int64_t, i), n, err) < 0)
            return -1;
    return 0;
}

static int wake_mailbox(struct sq_conn *c, int64_t mailbox_id, struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, mailbox_id, 0, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++)
        if (sq_run(c,
                   "UPDATE items SET not_before = 0 WHERE id >> 24 = ?"
                   " AND state = 0 AND not_before > 0",
                   ARGS(INT(g_array_index(ids, int64_t, i))), err) < 0)
            return -1;
    return 0;
}

int sq_items_wake(struct store *base, const struct store_lease *lease,
                  struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    return c == NULL ? -1
                     : sq_end(c, wake_mailbox(c, lease->mailbox_id, err), err);
}

int sq_items_retry_failed(struct store *base, const struct store_lease *lease,
                          size_t *ret_n, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);
    size_t n = 0;

    if (c == NULL ||
        sq_end(c, retry_mailbox(c, lease->mailbox_id, &n, err), err) < 0)
        return -1;
    *ret_n = n;
    return 0;
}
