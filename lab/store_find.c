#include "lab/store_find.h"

#include <string.h>

#include "lab/store_priv.h"

/* ---- conditions ------------------------------------------------------ */

struct lab_condition *lab_condition_new(enum lab_test test)
{
    struct lab_condition *c = g_new0(struct lab_condition, 1);

    c->test = test;
    return c;
}

void lab_condition_add(struct lab_condition *c, struct lab_condition *child)
{
    c->children =
        g_renew(struct lab_condition *, c->children, c->n_children + 1);
    c->children[c->n_children++] = child;
}

void lab_condition_free(struct lab_condition *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_children; i++)
        lab_condition_free(c->children[i]);
    g_free(c->children);
    g_free(c->text);
    g_free(c);
}

/* ---- SQL ------------------------------------------------------------- */

/* lab_fold(text): equal for texts that differ in case alone. */
static void sql_fold(sqlite3_context *context, int n, sqlite3_value **v)
{
    const char *text = (const char *)sqlite3_value_text(v[0]);

    (void)n;
    if (text != NULL)
        sqlite3_result_text(context, match_fold(text, MATCH_IGNORE_CASE), -1,
                            g_free);
}

/* lab_match(text, needle, mode, ignore) */
static void sql_match(sqlite3_context *context, int n, sqlite3_value **v)
{
    const char *text = (const char *)sqlite3_value_text(v[0]);
    const char *needle = (const char *)sqlite3_value_text(v[1]);

    (void)n;
    sqlite3_result_int(context,
                       text != NULL && needle != NULL &&
                           match_text(text, needle,
                                      (enum match_mode)sqlite3_value_int(v[2]),
                                      (unsigned int)sqlite3_value_int(v[3])));
}

int lab_find_functions(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

    if (sqlite3_create_function_v2(db, "lab_fold", 1, flags, NULL, sql_fold,
                                   NULL, NULL, NULL) != SQLITE_OK)
        return -1;
    return sqlite3_create_function_v2(db, "lab_match", 4, flags, NULL,
                                      sql_match, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : -1;
}

static const struct {
    const char *sql;
    bool text;
} columns[LAB_N_COLUMNS] = {
    [LAB_COLUMN_CLASS] = { "item.class", true },
    [LAB_COLUMN_SUBJECT] = { "item.subject", true },
    [LAB_COLUMN_MESSAGE_ID] = { "item.message_id", true },
    [LAB_COLUMN_RECEIVED] = { "ifnull(received, item.created)", false },
    [LAB_COLUMN_DELIVERED] = { "item.received", false },
    [LAB_COLUMN_SENT] = { "item.sent", false },
    [LAB_COLUMN_CREATED] = { "item.created", false },
    [LAB_COLUMN_MODIFIED] = { "item.modified", false },
    [LAB_COLUMN_SIZE] = { "item.size", false },
    [LAB_COLUMN_READ] = { "item.read", false },
    [LAB_COLUMN_ATTACHMENTS] = { "item.attachments", false },
    [LAB_COLUMN_ASSOCIATED] = { "item.associated", false },
};

/* A statement in the making: its text, and what is bound to it. */
struct building {
    GString *sql;
    GPtrArray *texts; /* borrowed, bound from ?10 on; or folded, owned */
};

enum { FIRST_TEXT = 10 };

static void add_text(struct building *b, char *text)
{
    g_ptr_array_add(b->texts, text);
    g_string_append_printf(b->sql, "?%u", FIRST_TEXT + b->texts->len - 1);
}

static void add_comparison(struct building *b, const struct lab_condition *c)
{
    static const char *const signs[] = { [LAB_TEST_EQUAL] = " = ",
                                         [LAB_TEST_GREATER] = " > ",
                                         [LAB_TEST_LESS] = " < " };
    const char *column = columns[c->column].sql;

    if (!columns[c->column].text) {
        g_string_append_printf(b->sql, "ifnull(%s%s%" G_GINT64_FORMAT ", 0)",
                               column, signs[c->test], c->number);
        return;
    }
    g_string_append_printf(b->sql, "ifnull(lab_fold(%s)%s", column,
                           signs[c->test]);
    add_text(b, match_fold(c->text, MATCH_IGNORE_CASE));
    g_string_append(b->sql, ", 0)");
}

static void add_condition(struct building *b, const struct lab_condition *c)
{
    switch (c->test) {
    case LAB_TEST_AND:
    case LAB_TEST_OR:
        g_string_append(b->sql, c->test == LAB_TEST_AND ? "(1" : "(0");
        for (size_t i = 0; i < c->n_children; i++) {
            g_string_append(b->sql, c->test == LAB_TEST_AND ? " AND " : " OR ");
            add_condition(b, c->children[i]);
        }
        g_string_append_c(b->sql, ')');
        break;
    case LAB_TEST_NOT:
        g_string_append(b->sql, "NOT ");
        add_condition(b, c->children[0]);
        break;
    case LAB_TEST_THERE:
        g_string_append_printf(b->sql, "%s IS NOT NULL",
                               columns[c->column].sql);
        break;
    case LAB_TEST_CONTAINS:
        g_string_append_printf(b->sql, "lab_match(%s, ",
                               columns[c->column].sql);
        add_text(b, g_strdup(c->text));
        g_string_append_printf(b->sql, ", %d, %u)", (int)c->mode, c->ignore);
        break;
    case LAB_TEST_EQUAL:
    case LAB_TEST_GREATER:
    case LAB_TEST_LESS:
    default:
        add_comparison(b, c);
        break;
    }
}

/* The order of item_date, which then need not be sorted. */
static void add_orders(struct building *b, const struct lab_find *find)
{
    static const struct lab_order newest = { LAB_COLUMN_RECEIVED, true };
    const struct lab_order *orders =
        find->n_orders > 0 ? find->orders : &newest;
    size_t n = MAX(find->n_orders, 1);
    bool down = false;

    g_string_append(b->sql, " ORDER BY ");
    for (size_t i = 0; i < n; i++) {
        bool text = columns[orders[i].column].text;

        down = orders[i].descending;
        g_string_append_printf(b->sql, "%s%s%s%s, ", text ? "lab_fold(" : "",
                               columns[orders[i].column].sql, text ? ")" : "",
                               down ? " DESC" : "");
    }
    g_string_append_printf(b->sql, "item.key%s", down ? " DESC" : "");
}

static void add_from(struct building *b, const struct lab_find *find)
{
    if (find->scope == LAB_SCOPE_LOST)
        g_string_append(b->sql, " FROM lost JOIN item ON item.key = lost.item"
                                " WHERE lost.folder = ?1");
    else
        g_string_append_printf(b->sql,
                               " FROM item WHERE item.folder = ?1"
                               " AND item.associated = %d",
                               find->scope == LAB_SCOPE_HIDDEN);
    if (find->where == NULL)
        return;
    g_string_append(b->sql, " AND ");
    add_condition(b, find->where);
}

static void building_init(struct building *b, const char *select)
{
    b->sql = g_string_new(select);
    b->texts = g_ptr_array_new_with_free_func(g_free);
}

static void building_clear(struct building *b)
{
    g_string_free(b->sql, TRUE);
    g_ptr_array_unref(b->texts);
}

/*
 * Prepared for this once: what clients can ask has no end, so statements
 * like these are not kept.
 */
static sqlite3_stmt *prepare(struct lab_store *store, const struct building *b,
                             const struct lab_find *find, struct err *err)
{
    sqlite3_stmt *q = NULL;

    if (sqlite3_prepare_v2(store->db, b->sql->str, -1, &q, NULL) != SQLITE_OK) {
        lab_broken(store, err);
        return NULL;
    }
    sqlite3_bind_int64(q, 1, find->folder);
    for (guint i = 0; i < b->texts->len; i++)
        sqlite3_bind_text(q, FIRST_TEXT + (int)i,
                          g_ptr_array_index(b->texts, i), -1, SQLITE_STATIC);
    return q;
}

static void add_page(struct building *b, const struct lab_find *find)
{
    g_string_append_printf(
        b->sql, " LIMIT %" G_GUINT64_FORMAT " OFFSET %" G_GUINT64_FORMAT,
        MIN(find->max, (uint64_t)G_MAXINT64),
        MIN(find->offset, (uint64_t)G_MAXINT64));
}

/* ---- finding --------------------------------------------------------- */

static int count(struct lab_store *store, const struct lab_find *find,
                 uint64_t *ret, struct err *err)
{
    struct building b;
    sqlite3_stmt *q;
    int64_t n = 0;
    int rc = -1;

    /* Of all visible or hidden ones the folder keeps a count. */
    if (find->where == NULL && find->scope != LAB_SCOPE_LOST) {
        rc = lab_number(store, err, &n,
                        "SELECT iif(?2, n_hidden, n_items) FROM folder"
                        " WHERE key = ?1",
                        "ii", find->folder,
                        (int64_t)(find->scope == LAB_SCOPE_HIDDEN));
        *ret = (uint64_t)n;
        return rc < 0 ? -1 : 0;
    }
    building_init(&b, "SELECT count(*)");
    add_from(&b, find);
    q = prepare(store, &b, find, err);
    if (q != NULL)
        rc = lab_step(store, q, err);
    if (rc > 0)
        *ret = (uint64_t)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    building_clear(&b);
    return rc < 0 ? -1 : 0;
}

static void item_free(gpointer p)
{
    lab_item_free(p);
}

static int find_page(struct lab_store *store, int64_t mailbox,
                     const struct lab_find *find, GPtrArray *items,
                     struct err *err)
{
    char guid[37];
    struct building b;
    sqlite3_stmt *q;
    int rc = -1;

    if (lab_mailbox_guid(store, mailbox, guid, err) < 0)
        return -1;
    building_init(&b, "SELECT " LAB_ITEM_COLUMNS);
    add_from(&b, find);
    add_orders(&b, find);
    add_page(&b, find);
    q = prepare(store, &b, find, err);
    while (q != NULL && (rc = lab_step(store, q, err)) > 0)
        g_ptr_array_add(items, lab_item_from_row(store, guid, q));
    sqlite3_finalize(q);
    building_clear(&b);
    return rc;
}

int lab_store_find(struct lab_store *store, int64_t mailbox,
                   const struct lab_find *find, GPtrArray **ret,
                   uint64_t *ret_total, struct err *err)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
    uint64_t total = 0;
    int status;

    lab_lock(store);
    status = count(store, find, &total, err);
    if (status == 0)
        status = find_page(store, mailbox, find, items, err);
    lab_unlock(store);
    if (status < 0)
        return -1;
    *ret = g_steal_pointer(&items);
    *ret_total = total;
    return 0;
}

int lab_store_find_keys(struct lab_store *store, const struct lab_find *find,
                        GArray **ret, struct err *err)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
    struct building b;
    sqlite3_stmt *q;
    int rc = -1;

    building_init(&b, "SELECT item.key");
    add_from(&b, find);
    add_orders(&b, find);
    add_page(&b, find);
    lab_lock(store);
    q = prepare(store, &b, find, err);
    while (q != NULL && (rc = lab_step(store, q, err)) > 0) {
        int64_t key = sqlite3_column_int64(q, 0);

        g_array_append_val(keys, key);
    }
    sqlite3_finalize(q);
    lab_unlock(store);
    building_clear(&b);
    if (rc < 0)
        return -1;
    *ret = g_steal_pointer(&keys);
    return 0;
}

int lab_store_item_by_key(struct lab_store *store, int64_t key,
                          struct lab_item *ret, struct err *err)
{
    int status;

    lab_lock(store);
    status = lab_item_read(store, key, ret, err);
    lab_unlock(store);
    return status;
}
