#include <string.h>

#include "lab/hash.h"
#include "lab/store_directory.h"
#include "lab/store_priv.h"

/* [MS-DTYP] 2.4.2.4: relative ids below this are the system's. */
#define FIRST_RID 1000

/* The domain's part: "S-1-5-21-" and three numbers that the store fixes. */
static char *domain_sid(const struct lab_store *store)
{
    uint64_t h =
        lab_hash_bytes(store->seed, store->replica, sizeof(store->replica));

    return g_strdup_printf("S-1-5-21-%u-%u-%u-", (uint32_t)h,
                           (uint32_t)(h >> 32),
                           (uint32_t)lab_hash_u64(store->seed, h));
}

char *lab_store_sid(const struct lab_store *store, int64_t account)
{
    g_autofree char *domain = domain_sid(store);

    return g_strdup_printf("%s%" G_GINT64_FORMAT, domain, account + FIRST_RID);
}

/* The address of the account with that key; NULL when there is none. */
static int account_address(struct lab_store *store, int64_t key, char **ret,
                           struct err *err)
{
    return lab_word(store, err, ret,
                    "SELECT address FROM account WHERE key = ?1", "i", key);
}

int lab_store_find_sid(struct lab_store *store, const char *sid,
                       struct lab_account *ret, struct err *err)
{
    g_autofree char *domain = domain_sid(store);
    g_autofree char *address = NULL;
    guint64 rid = 0;
    int rc;

    if (!g_str_has_prefix(sid, domain) ||
        !g_ascii_string_to_unsigned(sid + strlen(domain), 10, FIRST_RID,
                                    G_MAXINT64, &rid, NULL))
        return 0;
    lab_lock(store);
    rc = account_address(store, (int64_t)rid - FIRST_RID, &address, err);
    lab_unlock(store);
    if (rc <= 0 || address == NULL)
        return rc < 0 ? -1 : 0;
    return lab_store_find_account(store, NULL, address, ret, err);
}

int lab_store_may_impersonate(struct lab_store *store, int64_t account,
                              int64_t mailbox, struct err *err)
{
    int64_t n = 0;
    int rc;

    lab_lock(store);
    rc = lab_number(store, err, &n,
                    "SELECT (SELECT count(*) FROM account"
                    "  WHERE key = ?1 AND impersonate <> 0) +"
                    " (SELECT count(*) FROM impersonate"
                    "  WHERE account = ?1 AND mailbox = ?2)",
                    "ii", account, mailbox);
    lab_unlock(store);
    return rc < 0 ? -1 : n > 0;
}

static int take_away(struct lab_store *store, int64_t account,
                     enum lab_grant right, struct err *err)
{
    if (right == LAB_GRANT_FULL_ACCESS)
        return lab_exec(store, err,
                        "DELETE FROM full_access WHERE account = ?1", "i",
                        account);
    if (lab_exec(store, err, "DELETE FROM impersonate WHERE account = ?1", "i",
                 account) < 0)
        return -1;
    return lab_exec(store, err,
                    "UPDATE account SET impersonate = 0 WHERE key = ?1", "i",
                    account);
}

int lab_store_revoke_all(struct lab_store *store, int64_t account,
                         enum lab_grant right, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, take_away(store, account, right, err), err);
}

static int allow(struct lab_store *store, int64_t account, enum lab_grant right,
                 int64_t mailbox, struct err *err)
{
    if (right == LAB_GRANT_FULL_ACCESS)
        return lab_exec(store, err,
                        "INSERT OR IGNORE INTO full_access"
                        " SELECT ?1, key FROM mailbox"
                        " WHERE ?2 = 0 OR key = ?2",
                        "ii", account, mailbox);
    if (mailbox == 0)
        return lab_exec(store, err,
                        "UPDATE account SET impersonate = 1 WHERE key = ?1",
                        "i", account);
    return lab_exec(store, err,
                    "INSERT OR IGNORE INTO impersonate VALUES(?1, ?2)", "ii",
                    account, mailbox);
}

int lab_store_allow(struct lab_store *store, int64_t account,
                    enum lab_grant right, int64_t mailbox, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, allow(store, account, right, mailbox, err), err);
}
