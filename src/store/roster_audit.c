#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "store/roster_priv.h"

#define COLUMNS "id, at_us, actor, request, action, subject, detail, hash"
/* Lines read at a time to verify. */
#define VERIFY_PAGE 1000

/* A field with its length before it, so that none runs into the next. */
static void put(GChecksum *sum, const void *bytes, size_t n, bool known)
{
    uint64_t big = GUINT64_TO_BE(known ? (uint64_t)n : UINT64_MAX);

    g_checksum_update(sum, (const guchar *)&big, sizeof(big));
    if (known)
        g_checksum_update(sum, bytes, (gssize)n);
}

static void put_text(GChecksum *sum, const char *text)
{
    put(sum, text, text != NULL ? strlen(text) : 0, text != NULL);
}

/* SHA-256 over the hash of the line before (none: of the first) and this. */
static void hash_line(const struct audit_entry *e, const uint8_t *before,
                      uint8_t ret[AUDIT_HASH_BYTES])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint64_t id = GUINT64_TO_BE((uint64_t)e->id);
    uint64_t at = GUINT64_TO_BE((uint64_t)e->at_us);
    gsize n = AUDIT_HASH_BYTES;

    put(sum, before, AUDIT_HASH_BYTES, before != NULL);
    put(sum, &id, sizeof(id), true);
    put(sum, &at, sizeof(at), true);
    put_text(sum, e->actor);
    put_text(sum, e->request);
    put_text(sum, e->action);
    put_text(sum, e->subject);
    put_text(sum, e->detail);
    g_checksum_get_digest(sum, ret, &n);
}

/* ---- writing ------------------------------------------------------------- */

struct head {
    int64_t last_id;
    bool begun;
    uint8_t hash[AUDIT_HASH_BYTES];
};

static int read_hash(struct sq_conn *c, struct sq_rows *rows, int column,
                     uint8_t ret[AUDIT_HASH_BYTES], struct err *err)
{
    size_t n;
    const void *bytes = sq_blob(rows, column, &n);

    if (n != AUDIT_HASH_BYTES)
        return sq_damaged(c, "a line of the audit trail has no hash", err);
    memcpy(ret, bytes, n);
    return 0;
}

/* Nobody else adds a line before this transaction is over. */
int roster_audit_hold(struct sq_conn *c, struct err *err)
{
    int64_t last_id;

    return sq_number(
               c, "SELECT last_id FROM audit_head WHERE one = 1" DB_FOR_UPDATE,
               NO_ARGS, &last_id, err) < 0
               ? -1
               : 0;
}

static int take_head(struct sq_conn *c, struct head *ret, struct err *err)
{
    struct sq_rows *rows = sq_query(
        c, "SELECT last_id, hash FROM audit_head WHERE one = 1" DB_FOR_UPDATE,
        NO_ARGS, err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err), result = 0;

    if (found < 0)
        return -1;
    if (found == 0)
        return sq_damaged(c, "the audit trail has no head", err);
    ret->last_id = sq_int64(rows, 0);
    ret->begun = !sq_is_null(rows, 1);
    if (ret->begun)
        result = read_hash(c, rows, 1, ret->hash, err);
    sq_reset(rows);
    return result;
}

static int insert(struct sq_conn *c, const struct audit_entry *e,
                  struct err *err)
{
    if (sq_run(c,
               "INSERT INTO audit (" COLUMNS ")"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
               ARGS(INT(e->id), INT(e->at_us), TEXT(e->actor), TEXT(e->request),
                    TEXT(e->action), TEXT(e->subject), TEXT(e->detail),
                    BLOB(e->hash, AUDIT_HASH_BYTES)),
               err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE audit_head SET last_id = ?, hash = ? WHERE one = 1",
                  ARGS(INT(e->id), BLOB(e->hash, AUDIT_HASH_BYTES)), err);
}

int roster_audit_line(struct sq_conn *c, const struct audit_line *line,
                      struct err *err)
{
    g_autofree char *actor = store_text_dup(line->who->name);
    g_autofree char *subject = store_text_dup(line->subject);
    g_autofree char *detail = store_text_dup(line->detail);
    struct audit_entry e = {
        .at_us = timestamp_now(),
        .actor = actor,
        .request = (char *)(uintptr_t)line->who->request,
        .action = (char *)(uintptr_t)line->action,
        .subject = subject,
        .detail = detail,
    };
    struct head head = { 0 };

    if (take_head(c, &head, err) < 0)
        return -1;
    e.id = head.last_id + 1;
    hash_line(&e, head.begun ? head.hash : NULL, e.hash);
    if (insert(c, &e, err) < 0)
        return -1;
    return roster_once_write(c, line->who->once, line->made, err);
}

int roster_audit_add(struct roster *p, const struct roster_actor *who,
                     const char *action, const char *subject,
                     const char *detail, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);
    const struct audit_line line = { who, action, subject, detail, 0 };

    if (c == NULL || sq_end(c, roster_audit_line(c, &line, err), err) < 0)
        return -1;
    step("audit");
    return 0;
}

/* ---- reading ------------------------------------------------------------- */

void audit_entry_free(struct audit_entry *e)
{
    if (e == NULL)
        return;
    g_free(e->actor);
    g_free(e->request);
    g_free(e->action);
    g_free(e->subject);
    g_free(e->detail);
    g_free(e);
}

static void free_entry(void *p)
{
    audit_entry_free(p);
}

static int read_entry(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err)
{
    struct audit_entry *e = g_new0(struct audit_entry, 1);

    g_ptr_array_add(to, e);
    e->id = sq_int64(rows, 0);
    e->at_us = sq_int64(rows, 1);
    e->actor = sq_column_dup(rows, 2);
    e->request = sq_column_dup(rows, 3);
    e->action = sq_column_dup(rows, 4);
    e->subject = sq_column_dup(rows, 5);
    e->detail = sq_column_dup(rows, 6);
    return read_hash(c, rows, 7, e->hash, err);
}

static int read_audit(struct roster *p, const char *sql,
                      const struct sq_arg *args, GPtrArray **ret,
                      struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_entry);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c, roster_read(c, sql, args, read_entry, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int roster_audit(struct roster *p, const struct audit_filter *filter,
                 const struct roster_page *page, GPtrArray **ret,
                 struct err *err)
{
    static const char sql[] =
        "SELECT " COLUMNS " FROM audit WHERE {after}"
        " AND lower(actor) LIKE ?4 ESCAPE '!'"
        " AND (?5 IS NULL OR action = ?5"
        "  OR substr(action, 1, length(?5) + 1) = ?5 || '.')"
        " AND lower(subject) LIKE ?6 ESCAPE '!'"
        " AND at_us >= ?7 AND (?8 = 0 OR at_us < ?8)"
        " ORDER BY {order} LIMIT ?3";
    g_autofree char *actor = roster_pattern(filter->actor);
    g_autofree char *subject = roster_pattern(filter->subject);

    return read_audit(p, roster_page_sql(page, "id", sql),
                      ARGS(ROSTER_PAGE_ARGS(page), TEXT(actor),
                           TEXT(filter->action), TEXT(subject),
                           INT(filter->from_us), INT(filter->to_us)),
                      ret, err);
}

int roster_audit_about(struct roster *p, const char *subject,
                       const struct roster_page *page, GPtrArray **ret,
                       struct err *err)
{
    return read_audit(p,
                      roster_page_sql(page, "id",
                                      "SELECT " COLUMNS " FROM audit"
                                      " WHERE subject = ?4 AND {after}"
                                      " ORDER BY {order} LIMIT ?3"),
                      ARGS(ROSTER_PAGE_ARGS(page), TEXT(subject)), ret, err);
}

/* True while the lines hold together; they are numbered without a gap. */
static bool verify_lines(const GPtrArray *lines, struct audit_verdict *v)
{
    for (guint i = 0; i < lines->len; i++) {
        const struct audit_entry *e = lines->pdata[i];
        uint8_t want[AUDIT_HASH_BYTES];

        hash_line(e, v->last_id > 0 ? v->head : NULL, want);
        if (e->id != v->last_id + 1 ||
            memcmp(want, e->hash, sizeof(want)) != 0) {
            v->bad_id = e->id;
            return false;
        }
        v->n++;
        v->last_id = e->id;
        memcpy(v->head, e->hash, sizeof(v->head));
    }
    return true;
}

/*
 * Lines cut off at the end leave a head that is ahead of them.  Head and last
 * line are read by one statement, since others write meanwhile: 1 where there
 * are lines by now that were not read.
 */
static int verify_head(struct sq_conn *c, struct audit_verdict *v,
                       struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT last_id, hash, (SELECT max(id) FROM audit)"
                 " FROM audit_head WHERE one = 1",
                 NO_ARGS, err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err), result = 0;
    uint8_t hash[AUDIT_HASH_BYTES] = { 0 };
    int64_t head_id, last_id;

    if (found < 0)
        return -1;
    if (found == 0)
        return sq_damaged(c, "the audit trail has no head", err);
    head_id = sq_int64(rows, 0);
    last_id = sq_int64(rows, 2); /* of none: 0 */
    if (!sq_is_null(rows, 1))
        result = read_hash(c, rows, 1, hash, err);
    sq_reset(rows);
    if (result < 0)
        return -1;
    if (v->last_id < last_id)
        return 1;
    if (head_id != v->last_id || last_id != v->last_id ||
        memcmp(hash, v->head, sizeof(hash)) != 0)
        v->bad_id = MIN(v->last_id, last_id) + 1;
    return 0;
}

static int verify(struct sq_conn *c, unsigned int most, struct audit_verdict *v,
                  struct err *err)
{
    while (most > 0) {
        g_autoptr(GPtrArray) some = g_ptr_array_new_with_free_func(free_entry);
        unsigned int n = MIN(most, VERIFY_PAGE);

        if (roster_read(c,
                        "SELECT " COLUMNS " FROM audit WHERE id > ?"
                        " ORDER BY id LIMIT ?",
                        ARGS(INT(v->last_id), INT(n)), read_entry, some,
                        err) < 0)
            return -1;
        if (!verify_lines(some, v))
            return 0;
        if (some->len < n)
            break;
        most -= n;
    }
    return verify_head(c, v, err);
}

int roster_audit_verify_some(struct roster *p, unsigned int most,
                             struct audit_verdict *v, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_READ, err);
    struct audit_verdict now = *v;
    int more = c != NULL ? verify(c, most, &now, err) : -1;

    if (c == NULL || sq_end(c, more, err) < 0)
        return -1;
    *v = now;
    return more;
}

int roster_audit_verify(struct roster *p, struct audit_verdict *ret,
                        struct err *err)
{
    struct audit_verdict v = { 0 };
    int more;

    do {
        more = roster_audit_verify_some(p, VERIFY_PAGE, &v, err);
    } while (more > 0);
    if (more == 0)
        *ret = v;
    return more;
}
