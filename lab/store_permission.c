#include "lab/store_priv.h"

/* Members of one folder; Exchange keeps the list in one property. */
#define MEMBERS_MAX 1000

void lab_permission_free(struct lab_permission *p)
{
    if (p == NULL)
        return;
    g_free(p->name);
    g_free(p->address);
    g_free(p);
}

static void permission_free(gpointer p)
{
    lab_permission_free(p);
}

static struct lab_permission *permission_new(int64_t member, uint32_t rights)
{
    struct lab_permission *p = g_new0(struct lab_permission, 1);

    p->member = member;
    p->rights = rights;
    return p;
}

static int read_rows(struct lab_store *store, int64_t folder, GPtrArray *all,
                     struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  "SELECT member, rights, address, ifnull(display, name)"
                  " FROM permission LEFT JOIN mailbox"
                  "  ON mailbox.key = member AND member > 0"
                  " WHERE folder = ?1"
                  " ORDER BY member < 0, member = 0 DESC, member, name",
                  "i", folder);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        struct lab_permission *p = permission_new(
            sqlite3_column_int64(q, 0), (uint32_t)sqlite3_column_int64(q, 1));

        p->address = lab_column_dup(q, 2);
        p->name = lab_column_dup(q, 3);
        g_ptr_array_add(all, p);
    }
    lab_done(q);
    return rc;
}

static struct lab_permission *find_member(GPtrArray *all, int64_t member)
{
    for (guint i = 0; i < all->len; i++) {
        struct lab_permission *p = g_ptr_array_index(all, i);

        if (p->member == member)
            return p;
    }
    return NULL;
}

/* The two that every folder has, with what they have when nothing is said. */
static void add_missing(GPtrArray *all)
{
    if (find_member(all, LAB_MEMBER_DEFAULT) == NULL)
        g_ptr_array_insert(all, 0, permission_new(LAB_MEMBER_DEFAULT, 0));
    if (find_member(all, LAB_MEMBER_ANONYMOUS) == NULL)
        g_ptr_array_insert(all, 1, permission_new(LAB_MEMBER_ANONYMOUS, 0));
}

/* Default, Anonymous, people, unknown ones. */
static int by_place(const void *a, const void *b)
{
    const struct lab_permission *x = *(const struct lab_permission *const *)a;
    const struct lab_permission *y = *(const struct lab_permission *const *)b;
    const int64_t m[] = { x->member, y->member };
    int place[2];

    for (int i = 0; i < 2; i++)
        place[i] = m[i] == LAB_MEMBER_DEFAULT     ? 0
                   : m[i] == LAB_MEMBER_ANONYMOUS ? 1
                   : m[i] > 0                     ? 2
                                                  : 3;
    if (place[0] != place[1])
        return place[0] - place[1];
    return m[0] != m[1] ? (m[0] < m[1] ? -1 : 1) : g_strcmp0(x->name, y->name);
}

int lab_store_permissions(struct lab_store *store, int64_t mailbox,
                          const char *folder_id, GPtrArray **ret,
                          struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(permission_free);
    int64_t folder = 0;
    int status;

    lab_lock(store);
    status = lab_folder_key(store, mailbox, folder_id, &folder, err);
    if (status == 0)
        status = read_rows(store, folder, all, err);
    lab_unlock(store);
    if (status < 0)
        return -1;
    add_missing(all);
    g_ptr_array_sort(all, by_place);
    *ret = g_steal_pointer(&all);
    return 0;
}

static int set_rows(struct lab_store *store, int64_t folder,
                    const GPtrArray *all, struct err *err)
{
    if (all->len > MEMBERS_MAX)
        return lab_refuse(err, "ErrorInvalidPermissionSettings",
                          "a folder has at most %d members", MEMBERS_MAX);
    if (lab_exec(store, err, "DELETE FROM permission WHERE folder = ?1", "i",
                 folder) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct lab_permission *p = g_ptr_array_index(all, i);
        const char *name = p->member == LAB_MEMBER_UNKNOWN ? p->name : "";

        if (lab_exec(store, err,
                     "INSERT OR REPLACE INTO permission"
                     " VALUES(?1, ?2, ifnull(?3, ''), ?4)",
                     "iisi", folder, p->member, name, (int64_t)p->rights) < 0)
            return -1;
    }
    return lab_exec(store, err,
                    "UPDATE folder SET change = ?1, changed_seq = ?1,"
                    " modified = ?2 WHERE key = ?3",
                    "iii", lab_next(store), lab_now(store), folder);
}

int lab_store_set_permissions(struct lab_store *store, int64_t mailbox,
                              const char *folder_id, const GPtrArray *all,
                              struct err *err)
{
    int64_t folder = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, folder_id, &folder, err);
    if (status == 0)
        status = set_rows(store, folder, all, err);
    return lab_leave(store, status, err);
}

int lab_store_rights(struct lab_store *store, int64_t member, int64_t folder,
                     uint32_t *ret, struct err *err)
{
    int64_t rights = 0;
    int rc;

    lab_lock(store);
    /* One's own entry counts alone, even when it gives less. */
    rc = lab_number(store, err, &rights,
                    "SELECT rights FROM permission WHERE folder = ?1"
                    " AND member IN (?2, 0) ORDER BY member DESC LIMIT 1",
                    "ii", folder, MAX(member, 0));
    lab_unlock(store);
    if (rc < 0)
        return -1;
    *ret = (uint32_t)rights;
    return 0;
}

int lab_permission_inherit(struct lab_store *store, int64_t parent,
                           int64_t folder, struct err *err)
{
    return lab_exec(store, err,
                    "INSERT INTO permission SELECT ?2, member, name, rights"
                    " FROM permission WHERE folder = ?1",
                    "ii", parent, folder);
}
