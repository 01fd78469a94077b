#include "lab/store_priv.h"

#include <string.h>

#include "lab/hash.h"

#define ACCOUNT_COLUMNS                                                        \
    "key, domain, user, address, display, password, impersonate, mailbox "

void lab_account_clear(struct lab_account *a)
{
    g_free(a->domain);
    g_free(a->user);
    g_free(a->address);
    g_free(a->display_name);
    g_free(a->password);
    *a = (struct lab_account){ 0 };
}

void lab_mailbox_clear(struct lab_mailbox *m)
{
    g_free(m->address);
    g_free(m->display_name);
    g_free(m->legacy_dn);
    g_free(m->guid);
    *m = (struct lab_mailbox){ 0 };
}

static void mailbox_free(gpointer m)
{
    lab_mailbox_clear(m);
    g_free(m);
}

/* ---- accounts -------------------------------------------------------- */

static int add_account(struct lab_store *store, const struct lab_account *a,
                       int64_t *ret, struct err *err)
{
    int64_t taken = 0;

    if (lab_number(store, err, &taken,
                   "SELECT count(*) FROM account WHERE"
                   " (domain IS ?1 AND user = ?2) OR address = ?3",
                   "sss", a->domain, a->user, a->address) < 0)
        return -1;
    if (taken > 0)
        return lab_refuse(err, "ErrorInvalidOperation",
                          "login \"%s\\%s\" is taken", a->domain, a->user);
    if (lab_exec(store, err,
                 "INSERT INTO account(domain, user, address, display,"
                 " password, impersonate, mailbox)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 "sssssii", a->domain, a->user, a->address, a->display_name,
                 a->password, (int64_t)a->may_impersonate, a->mailbox) < 0)
        return -1;
    if (ret != NULL)
        *ret = sqlite3_last_insert_rowid(store->db);
    return 0;
}

int lab_store_add_account(struct lab_store *store, const struct lab_account *a,
                          int64_t *ret_key, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, add_account(store, a, ret_key, err), err);
}

static void account_from_row(sqlite3_stmt *q, struct lab_account *ret)
{
    *ret = (struct lab_account){
        .key = sqlite3_column_int64(q, 0),
        .domain = lab_column_dup(q, 1),
        .user = lab_column_dup(q, 2),
        .address = lab_column_dup(q, 3),
        .display_name = lab_column_dup(q, 4),
        .password = lab_column_dup(q, 5),
        .may_impersonate = sqlite3_column_int(q, 6) != 0,
        .mailbox = sqlite3_column_int64(q, 7),
    };
}

static int find_account(struct lab_store *store, const char *domain,
                        const char *user, struct lab_account *ret,
                        struct err *err)
{
    sqlite3_stmt *q;
    int rc;

    if (strchr(user, '@') != NULL)
        q = lab_query(store, err,
                      "SELECT " ACCOUNT_COLUMNS
                      "FROM account WHERE address = ?1",
                      "s", user);
    else
        /* A user name alone is enough where no two domains share it. */
        q = lab_query(store, err,
                      "SELECT " ACCOUNT_COLUMNS "FROM account"
                      " WHERE user = ?1 AND (?2 = '' OR domain = ?2)"
                      " AND (SELECT count(*) FROM account WHERE user = ?1"
                      "  AND (?2 = '' OR domain = ?2)) = 1",
                      "ss", user, domain);
    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        account_from_row(q, ret);
    lab_done(q);
    return rc;
}

int lab_store_find_account(struct lab_store *store, const char *domain,
                           const char *user, struct lab_account *ret,
                           struct err *err)
{
    const char *backslash = strchr(user, '\\');
    g_autofree char *before = NULL;
    int rc;

    if (backslash != NULL) {
        before = g_strndup(user, (gsize)(backslash - user));
        domain = before;
        user = backslash + 1;
    }
    lab_lock(store);
    rc = find_account(store, domain != NULL ? domain : "", user, ret, err);
    lab_unlock(store);
    return rc;
}

int lab_store_set_account(struct lab_store *store, int64_t account,
                          const char *password, bool may_impersonate,
                          struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_exec(store, err,
                      "UPDATE account SET password = ?1, impersonate = ?2"
                      " WHERE key = ?3",
                      "sii", password, (int64_t)may_impersonate, account);
    return lab_leave(store, status, err);
}

/* ---- rights ---------------------------------------------------------- */

int lab_store_grant(struct lab_store *store, int64_t account, int64_t mailbox,
                    struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status =
        lab_exec(store, err, "INSERT OR IGNORE INTO full_access VALUES(?1, ?2)",
                 "ii", account, mailbox);
    return lab_leave(store, status, err);
}

int lab_store_may_open(struct lab_store *store, int64_t account,
                       int64_t mailbox, struct err *err)
{
    int64_t n = 0;
    int rc;

    lab_lock(store);
    /* What opens a mailbox opens its archive. */
    rc = lab_number(store, err, &n,
                    "WITH owner(key) AS (SELECT ifnull(nullif(archive_of, 0),"
                    "  key) FROM mailbox WHERE key = ?2)"
                    " SELECT (SELECT count(*) FROM account, owner"
                    "  WHERE account.key = ?1 AND mailbox = owner.key) +"
                    " (SELECT count(*) FROM full_access, owner"
                    "  WHERE account = ?1 AND mailbox = owner.key)",
                    "ii", account, mailbox);
    lab_unlock(store);
    return rc < 0 ? -1 : n > 0;
}

/* ---- mailboxes ------------------------------------------------------- */

static char *make_guid(const struct lab_store *store, const char *address)
{
    g_autofree char *folded = g_ascii_strdown(address, -1);
    uint64_t h = lab_hash_bytes(store->seed, store->organisation,
                                strlen(store->organisation));
    uint8_t b[16];

    lab_hash_fill(lab_hash_bytes(h, folded, strlen(folded)), b, sizeof(b));
    return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-4%x%02x-a%x%02x-"
                           "%02x%02x%02x%02x%02x%02x",
                           b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15u, b[7],
                           b[8] & 15u, b[9], b[10], b[11], b[12], b[13], b[14],
                           b[15]);
}

static char *make_legacy_dn(const struct lab_store *store, const char *address)
{
    const char *at = strchr(address, '@');
    size_t n = at != NULL ? (size_t)(at - address) : strlen(address);

    return g_strdup_printf("/o=%s/ou=Exchange Administrative Group "
                           "(FYDIBOHF23SPDLT)/cn=Recipients/cn=%.*s",
                           store->organisation, (int)n, address);
}

static int address_is_free(struct lab_store *store, const char *address,
                           struct err *err)
{
    int64_t taken = 0;

    if (lab_number(store, err, &taken,
                   "SELECT (SELECT count(*) FROM mailbox WHERE address = ?1) +"
                   " (SELECT count(*) FROM alias WHERE address = ?1)",
                   "s", address) < 0)
        return -1;
    if (taken > 0)
        return lab_refuse(err, "ErrorInvalidOperation",
                          "address \"%s\" is taken", address);
    return 0;
}

static int add_mailbox(struct lab_store *store, const char *address,
                       const char *display_name, uint64_t quota_bytes,
                       struct err *err)
{
    g_autofree char *guid = make_guid(store, address);
    g_autofree char *dn = make_legacy_dn(store, address);

    if (address_is_free(store, address, err) < 0)
        return -1;
    if (lab_exec(store, err,
                 "INSERT INTO mailbox(key, address, display, guid, legacy_dn,"
                 " quota) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                 "issssi", lab_next(store), address,
                 display_name != NULL ? display_name : address, guid, dn,
                 (int64_t)quota_bytes) < 0)
        return -1;
    return lab_make_well_known(store, sqlite3_last_insert_rowid(store->db),
                               false, err);
}

int lab_store_add_mailbox(struct lab_store *store, const char *address,
                          const char *display_name, uint64_t quota_bytes,
                          int64_t *ret_key, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = add_mailbox(store, address, display_name, quota_bytes, err);
    if (status == 0 && lab_number(store, err, &key,
                                  "SELECT key FROM mailbox WHERE address = ?1",
                                  "s", address) < 0)
        status = -1;
    if (lab_leave(store, status, err) < 0)
        return -1;
    if (ret_key != NULL)
        *ret_key = key;
    return 0;
}

int lab_store_add_alias(struct lab_store *store, int64_t mailbox,
                        const char *address, struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = address_is_free(store, address, err);
    if (status == 0)
        status = lab_exec(store, err, "INSERT INTO alias VALUES(?1, ?2)", "si",
                          address, mailbox);
    return lab_leave(store, status, err);
}

int lab_store_set_quota(struct lab_store *store, int64_t mailbox,
                        uint64_t quota_bytes, struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status =
        lab_exec(store, err, "UPDATE mailbox SET quota = ?1 WHERE key = ?2",
                 "ii", (int64_t)quota_bytes, mailbox);
    return lab_leave(store, status, err);
}

int lab_store_set_dumpster_quota(struct lab_store *store, int64_t mailbox,
                                 uint64_t quota_bytes, struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_exec(store, err,
                      "UPDATE mailbox SET dumpster_quota = ?1 WHERE key = ?2",
                      "ii", (int64_t)quota_bytes, mailbox);
    return lab_leave(store, status, err);
}

/* An archive has its owner's address. */
#define MAILBOX_COLUMNS                                                        \
    "mailbox.key, ifnull((SELECT owner.address FROM mailbox AS owner"          \
    "  WHERE owner.key = mailbox.archive_of), address),"                       \
    " display, legacy_dn, guid, quota,"                                        \
    " (SELECT sum(bytes) FROM folder"                                          \
    "  WHERE mailbox = mailbox.key AND NOT dumpster), dumpster_quota,"         \
    " (SELECT sum(bytes) FROM folder"                                          \
    "  WHERE mailbox = mailbox.key AND dumpster), archive_of "

static void mailbox_from_row(sqlite3_stmt *q, struct lab_mailbox *ret)
{
    *ret = (struct lab_mailbox){
        .key = sqlite3_column_int64(q, 0),
        .address = lab_column_dup(q, 1),
        .display_name = lab_column_dup(q, 2),
        .legacy_dn = lab_column_dup(q, 3),
        .guid = lab_column_dup(q, 4),
        .quota_bytes = (uint64_t)sqlite3_column_int64(q, 5),
        .used_bytes = (uint64_t)sqlite3_column_int64(q, 6),
        .dumpster_quota_bytes = (uint64_t)sqlite3_column_int64(q, 7),
        .dumpster_used_bytes = (uint64_t)sqlite3_column_int64(q, 8),
        .archive_of = sqlite3_column_int64(q, 9),
    };
}

/* Ends q. */
static int one_mailbox(struct lab_store *store, sqlite3_stmt *q,
                       struct lab_mailbox *ret, struct err *err)
{
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        mailbox_from_row(q, ret);
    lab_done(q);
    return rc;
}

int lab_store_find_mailbox(struct lab_store *store, const char *address,
                           struct lab_mailbox *ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = one_mailbox(store,
                     lab_query(store, err,
                               "SELECT " MAILBOX_COLUMNS "FROM mailbox"
                               " WHERE archive_of = 0 AND (address = ?1"
                               "  OR key = (SELECT mailbox FROM alias"
                               "   WHERE address = ?1))",
                               "s", address),
                     ret, err);
    lab_unlock(store);
    return rc;
}

int lab_store_get_mailbox(struct lab_store *store, int64_t mailbox,
                          struct lab_mailbox *ret, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = one_mailbox(store,
                     lab_query(store, err,
                               "SELECT " MAILBOX_COLUMNS
                               "FROM mailbox WHERE key = ?1",
                               "i", mailbox),
                     ret, err);
    lab_unlock(store);
    if (rc == 0)
        return lab_refuse(err, "ErrorNonExistentMailbox", "no such mailbox");
    return rc < 0 ? -1 : 0;
}

static int all_mailboxes(struct lab_store *store, GPtrArray *all,
                         struct err *err)
{
    sqlite3_stmt *q = lab_query(store, err,
                                "SELECT " MAILBOX_COLUMNS "FROM mailbox"
                                " WHERE archive_of = 0 ORDER BY address",
                                "");
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        struct lab_mailbox *m = g_new(struct lab_mailbox, 1);

        mailbox_from_row(q, m);
        g_ptr_array_add(all, m);
    }
    lab_done(q);
    return rc;
}

int lab_store_mailboxes(struct lab_store *store, GPtrArray **ret,
                        struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(mailbox_free);
    int status;

    lab_lock(store);
    status = all_mailboxes(store, all, err);
    lab_unlock(store);
    if (status == 0)
        *ret = g_steal_pointer(&all);
    return status;
}

int lab_mailbox_guid(struct lab_store *store, int64_t mailbox, char ret[37],
                     struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err, "SELECT guid FROM mailbox WHERE key = ?1", "i", mailbox);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        g_strlcpy(ret, (const char *)sqlite3_column_text(q, 0), 37);
    lab_done(q);
    if (rc == 0)
        return lab_refuse(err, "ErrorNonExistentMailbox", "no such mailbox");
    return rc < 0 ? -1 : 0;
}

/* ---- archives -------------------------------------------------------- */

static int find_archive(struct lab_store *store, int64_t mailbox, int64_t *ret,
                        struct err *err)
{
    return lab_number(store, err, ret,
                      "SELECT key FROM mailbox WHERE archive_of = ?1", "i",
                      mailbox);
}

int lab_store_archive(struct lab_store *store, int64_t mailbox,
                      int64_t *ret_key, struct err *err)
{
    int rc;

    lab_lock(store);
    rc = find_archive(store, mailbox, ret_key, err);
    lab_unlock(store);
    return rc;
}

/* Its address in the table is none that a client could write. */
static int add_archive(struct lab_store *store, const struct lab_mailbox *owner,
                       uint64_t quota_bytes, int64_t *ret, struct err *err)
{
    g_autofree char *own = g_strdup_printf("archive of %s", owner->address);
    g_autofree char *display =
        g_strdup_printf("Personal Archive - %s", owner->display_name);
    g_autofree char *guid = make_guid(store, own);
    int64_t key = 0;
    int rc = find_archive(store, owner->key, &key, err);

    if (rc < 0)
        return -1;
    if (rc > 0 || owner->archive_of != 0)
        return lab_refuse(err, "ErrorInvalidOperation",
                          "mailbox \"%s\" has an archive", owner->address);
    key = lab_next(store);
    if (lab_exec(store, err,
                 "INSERT INTO mailbox(key, address, display, guid, legacy_dn,"
                 " quota, archive_of) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 "issssii", key, own, display, guid, owner->legacy_dn,
                 (int64_t)quota_bytes, owner->key) < 0)
        return -1;
    *ret = key;
    return lab_make_well_known(store, key, true, err);
}

int lab_store_add_archive(struct lab_store *store, int64_t mailbox,
                          uint64_t quota_bytes, int64_t *ret_key,
                          struct err *err)
{
    g_auto(lab_mailbox) owner = { 0 };
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_store_get_mailbox(store, mailbox, &owner, err);
    if (status == 0)
        status = add_archive(store, &owner, quota_bytes, &key, err);
    if (lab_leave(store, status, err) < 0)
        return -1;
    *ret_key = key;
    return 0;
}
