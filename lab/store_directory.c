#include "lab/store_directory.h"

#include <string.h>

#include "lab/store_priv.h"

/* clang-format off */
const char lab_directory_schema[] =
    "CREATE TABLE IF NOT EXISTS directory("
    " address TEXT PRIMARY KEY COLLATE NOCASE, display TEXT, legacy_dn TEXT,"
    " kind INT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS member("
    " list TEXT COLLATE NOCASE, member TEXT COLLATE NOCASE,"
    " PRIMARY KEY(list, member)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS impersonate("
    " account INT, mailbox INT, PRIMARY KEY(account, mailbox)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS setting("
    " mailbox INT, name TEXT, value BLOB, PRIMARY KEY(mailbox, name));";

/* One shape for both tables; 0 is LAB_ENTRY_MAILBOX. */
#define BOOK                                                                   \
    "(SELECT 0 AS kind, key, address, display, legacy_dn, guid FROM mailbox"   \
    "  WHERE archive_of = 0"                                                   \
    " UNION ALL SELECT kind, 0, address, display, legacy_dn, NULL"             \
    "  FROM directory) "
/* clang-format on */

void lab_entry_clear(struct lab_entry *e)
{
    g_free(e->address);
    g_free(e->display_name);
    g_free(e->legacy_dn);
    g_free(e->guid);
    *e = (struct lab_entry){ 0 };
}

void lab_entry_free(struct lab_entry *e)
{
    lab_entry_clear(e);
    g_free(e);
}

static void free_entry(gpointer e)
{
    lab_entry_free(e);
}

static void entry_from_row(sqlite3_stmt *q, struct lab_entry *ret)
{
    *ret = (struct lab_entry){
        .kind = (enum lab_entry_kind)sqlite3_column_int(q, 0),
        .mailbox = sqlite3_column_int64(q, 1),
        .address = lab_column_dup(q, 2),
        .display_name = lab_column_dup(q, 3),
        .legacy_dn = lab_column_dup(q, 4),
        .guid = lab_column_dup(q, 5),
    };
}

/* Ends q. */
static int collect(struct lab_store *store, sqlite3_stmt *q, GPtrArray **ret,
                   struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_entry);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        struct lab_entry *e = g_new(struct lab_entry, 1);

        entry_from_row(q, e);
        g_ptr_array_add(all, e);
    }
    lab_done(q);
    if (rc == 0)
        *ret = g_steal_pointer(&all);
    return rc;
}

/* ---- writing ------------------------------------------------------- */

static int add_entry(struct lab_store *store, enum lab_entry_kind kind,
                     const char *address, const char *display_name,
                     struct err *err)
{
    const char *at = strchr(address, '@');
    g_autofree char *dn = g_strdup_printf(
        "/o=%s/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
        "/cn=Recipients/cn=%.*s",
        store->organisation,
        at != NULL ? (int)(at - address) : (int)strlen(address), address);
    int64_t taken = 0;

    if (lab_number(store, err, &taken,
                   "SELECT (SELECT count(*) FROM mailbox WHERE address = ?1) +"
                   " (SELECT count(*) FROM alias WHERE address = ?1) +"
                   " (SELECT count(*) FROM directory WHERE address = ?1)",
                   "s", address) < 0)
        return -1;
    if (taken > 0)
        return lab_refuse(err, "ErrorInvalidOperation",
                          "address \"%s\" is taken", address);
    return lab_exec(store, err, "INSERT INTO directory VALUES(?1, ?2, ?3, ?4)",
                    "sssi", address, display_name, dn, (int64_t)kind);
}

int lab_store_add_entry(struct lab_store *store, enum lab_entry_kind kind,
                        const char *address, const char *display_name,
                        struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, add_entry(store, kind, address, display_name, err),
                     err);
}

int lab_store_add_member(struct lab_store *store, const char *list,
                         const char *member, struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_exec(store, err, "INSERT OR IGNORE INTO member VALUES(?1, ?2)",
                      "ss", list, member);
    return lab_leave(store, status, err);
}

/* ---- looking up ---------------------------------------------------- */

static int one_entry(struct lab_store *store, const char *address,
                     struct lab_entry *ret, struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  "SELECT * FROM " BOOK "WHERE address = ?1 COLLATE NOCASE"
                  " OR (kind = 0 AND key = (SELECT mailbox FROM alias"
                  "  WHERE address = ?1))",
                  "s", address);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        entry_from_row(q, ret);
    lab_done(q);
    return rc;
}

int lab_store_entry(struct lab_store *store, const char *address,
                    struct lab_entry *ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = one_entry(store, address, ret, err);
    lab_unlock(store);
    return rc;
}

/* A pattern for LIKE that means what stands in text, then anything. */
static char *pattern_new(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (strchr("%_\\", *text) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '%');
    return g_string_free(out, FALSE);
}

static sqlite3_stmt *by_legacy_dn(struct lab_store *store, const char *dn,
                                  struct err *err)
{
    return lab_query(
        store, err, "SELECT * FROM " BOOK "WHERE legacy_dn = ?1 COLLATE NOCASE",
        "s", dn);
}

static sqlite3_stmt *by_address(struct lab_store *store, const char *pattern,
                                uint32_t max, struct err *err)
{
    return lab_query(store, err,
                     "SELECT * FROM " BOOK "WHERE address LIKE ?1 ESCAPE '\\'"
                     " OR (kind = 0 AND key IN (SELECT mailbox FROM alias"
                     "  WHERE address LIKE ?1 ESCAPE '\\'))"
                     " ORDER BY display LIMIT ?2",
                     "si", pattern, (int64_t)max);
}

/* [MS-OXOABK] ambiguous name resolution, in the attributes that we have. */
static sqlite3_stmt *by_any(struct lab_store *store, const char *pattern,
                            uint32_t max, struct err *err)
{
    return lab_query(store, err,
                     "SELECT * FROM " BOOK "WHERE address LIKE ?1 ESCAPE '\\'"
                     " OR display LIKE ?1 ESCAPE '\\'"
                     " OR display LIKE '% ' || ?1 ESCAPE '\\'"
                     " OR (kind = 0 AND key IN (SELECT mailbox FROM alias"
                     "  WHERE address LIKE ?1 ESCAPE '\\'))"
                     " ORDER BY display LIMIT ?2",
                     "si", pattern, (int64_t)max);
}

static int resolve(struct lab_store *store, const char *text, uint32_t max,
                   GPtrArray **ret, struct err *err)
{
    bool smtp = g_ascii_strncasecmp(text, "smtp:", strlen("smtp:")) == 0;
    g_autofree char *pattern = NULL;

    if (g_ascii_strncasecmp(text, "ex:/", strlen("ex:/")) == 0)
        text += strlen("ex:");
    if (text[0] == '/')
        return collect(store, by_legacy_dn(store, text, err), ret, err);
    if (smtp)
        text += strlen("smtp:");
    pattern = pattern_new(text);
    return collect(store,
                   smtp ? by_address(store, pattern, max, err)
                        : by_any(store, pattern, max, err),
                   ret, err);
}

int lab_store_resolve(struct lab_store *store, const char *text, uint32_t max,
                      GPtrArray **ret, struct err *err)
{
    int status;

    lab_lock(store);
    status = resolve(store, text, max, ret, err);
    lab_unlock(store);
    return status;
}

static int members(struct lab_store *store, const char *list, GPtrArray **ret,
                   struct err *err)
{
    g_auto(lab_entry) entry = { 0 };
    int found = one_entry(store, list, &entry, err);

    if (found < 0)
        return -1;
    if (found == 0 ||
        (entry.kind != LAB_ENTRY_LIST && entry.kind != LAB_ENTRY_ROOM_LIST))
        return 0;
    return collect(store,
                   lab_query(store, err,
                             "SELECT ifnull(kind, 0), ifnull(key, 0),"
                             " ifnull(address, member),"
                             " ifnull(display, member), legacy_dn, guid"
                             " FROM member LEFT JOIN " BOOK
                             "ON address = member WHERE list = ?1"
                             " ORDER BY 4",
                             "s", entry.address),
                   ret, err) < 0
               ? -1
               : 1;
}

int lab_store_members(struct lab_store *store, const char *list,
                      GPtrArray **ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = members(store, list, ret, err);
    lab_unlock(store);
    return rc;
}

int lab_store_entries(struct lab_store *store, enum lab_entry_kind kind,
                      GPtrArray **ret, struct err *err)
{
    int status;

    lab_lock(store);
    status = collect(store,
                     lab_query(store, err,
                               "SELECT * FROM " BOOK
                               "WHERE kind = ?1 ORDER BY display",
                               "i", (int64_t)kind),
                     ret, err);
    lab_unlock(store);
    return status;
}

/* ---- settings ------------------------------------------------------ */

static int set_setting(struct lab_store *store, int64_t mailbox,
                       const char *name, GBytes *value, struct err *err)
{
    gsize n = 0;
    const void *data;

    if (value == NULL)
        return lab_exec(store, err,
                        "DELETE FROM setting WHERE mailbox = ?1 AND name = ?2",
                        "is", mailbox, name);
    data = g_bytes_get_data(value, &n);
    return lab_exec(store, err,
                    "INSERT OR REPLACE INTO setting VALUES(?1, ?2, ?3)", "isb",
                    mailbox, name, data, n);
}

int lab_store_set_setting(struct lab_store *store, int64_t mailbox,
                          const char *name, GBytes *value, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, set_setting(store, mailbox, name, value, err), err);
}

static int setting(struct lab_store *store, int64_t mailbox, const char *name,
                   GBytes **ret, struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  "SELECT value FROM setting WHERE mailbox = ?1 AND name = ?2",
                  "is", mailbox, name);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        *ret = g_bytes_new(sqlite3_column_blob(q, 0),
                           (gsize)sqlite3_column_bytes(q, 0));
    lab_done(q);
    return rc;
}

int lab_store_setting(struct lab_store *store, int64_t mailbox,
                      const char *name, GBytes **ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = setting(store, mailbox, name, ret, err);
    lab_unlock(store);
    return rc;
}

int lab_store_number(struct lab_store *store, int64_t *ret, struct err *err)
{
    int64_t number;

    if (lab_enter(store, err) < 0)
        return -1;
    number = lab_next(store);
    if (lab_leave(store, 0, err) < 0)
        return -1;
    *ret = number;
    return 0;
}

/* ---- hidden items -------------------------------------------------- */

static int hidden(struct lab_store *store, int64_t mailbox,
                  const char *folder_id, const char *item_class,
                  struct lab_item *ret, struct err *err)
{
    int64_t folder = 0;
    char guid[37];
    sqlite3_stmt *q;
    int rc;

    if (lab_folder_key(store, mailbox, folder_id, &folder, err) < 0 ||
        lab_mailbox_guid(store, mailbox, guid, err) < 0)
        return -1;
    q = lab_query(store, err,
                  "SELECT " LAB_ITEM_COLUMNS "FROM item WHERE folder = ?1"
                  " AND associated AND class = ?2 COLLATE NOCASE"
                  " ORDER BY created_seq LIMIT 1",
                  "is", folder, item_class);
    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0) {
        struct lab_item *item = lab_item_from_row(store, guid, q);

        *ret = *item;
        g_free(item);
    }
    lab_done(q);
    return rc;
}

int lab_store_hidden(struct lab_store *store, int64_t mailbox,
                     const char *folder_id, const char *item_class,
                     struct lab_item *ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = hidden(store, mailbox, folder_id, item_class, ret, err);
    lab_unlock(store);
    return rc;
}
