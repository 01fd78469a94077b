#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "store/roster_accounts.h"
#include "store/roster_priv.h"

#define COLUMNS                                                                \
    "id, version, account, address, name, roles, created_us, disabled_us"

static const char *const role_names[CONTACT_ROLE_N] = {
    [CONTACT_PRIMARY] = "primary",
    [CONTACT_BILLING] = "billing",
    [CONTACT_TECHNICAL] = "technical",
};

const char *contact_role_name(enum contact_role role)
{
    return role_names[role];
}

enum contact_role contact_role_parse(const char *name)
{
    int i = 0;

    while (i < CONTACT_ROLE_N && strcmp(role_names[i], name) != 0)
        i++;
    return (enum contact_role)i;
}

void roster_contact_free(struct roster_contact *c)
{
    if (c == NULL)
        return;
    g_free(c->address);
    g_free(c->name);
    g_free(c);
}

static void free_contact(void *p)
{
    roster_contact_free(p);
}

/* ---- reading ------------------------------------------------------------- */

static int read_contact(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                        struct err *err)
{
    struct roster_contact *k = g_new(struct roster_contact, 1);

    (void)c;
    (void)err;
    *k = (struct roster_contact){
        .id = sq_int64(rows, 0),
        .version = sq_int64(rows, 1),
        .account_id = sq_int64(rows, 2),
        .address = sq_column_dup(rows, 3),
        .name = sq_column_dup(rows, 4),
        .roles = (unsigned)sq_int64(rows, 5),
        .created_us = sq_int64(rows, 6),
        .disabled_us = sq_int64(rows, 7),
    };
    g_ptr_array_add(to, k);
    return 0;
}

const struct roster_order roster_contact_orders[] = {
    { "address", "lower(address)", true },
    { "name", "lower(coalesce(name, ''))", true },
    { "account", "account", false },
    { "created", "created_us", false },
    { NULL },
};

static int read_all(struct sq_conn *c, const struct contact_filter *filter,
                    const struct roster_page *page, GPtrArray *to,
                    struct err *err)
{
    static const char sql[] =
        "SELECT " COLUMNS " FROM contacts WHERE {after}"
        " AND (?4 = 0 OR account = ?4)"
        " AND (?5 IS NULL OR lower(address) = lower(?5))"
        " AND (lower(address) LIKE ?6 ESCAPE '!'"
        "  OR lower(coalesce(name, '')) LIKE ?6 ESCAPE '!')"
        " ORDER BY {order} LIMIT ?3";
    g_autofree char *pattern = roster_pattern(filter->text);

    if (roster_read(c, roster_page_sql(page, "id", sql),
                    ARGS(ROSTER_PAGE_ARGS(page), INT(filter->account_id),
                         TEXT(filter->address), TEXT(pattern)),
                    read_contact, to, err) < 0)
        return -1;
    return roster_page_key(
        c, page, &(struct roster_page_end){ "contacts", "id", to }, err);
}

int roster_contacts(struct roster *p, const struct contact_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_contact);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL || sq_end(c, read_all(c, filter, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static int find(struct sq_conn *c, int64_t id, struct roster_contact **ret,
                struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_contact);

    if (roster_read(
            c, "SELECT " COLUMNS " FROM contacts WHERE id = ?" DB_FOR_UPDATE,
            ARGS(INT(id)), read_contact, found, err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

int roster_contact_get(struct roster *p, int64_t id,
                       struct roster_contact **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_contact);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c, "SELECT " COLUMNS " FROM contacts WHERE id = ?",
                           ARGS(INT(id)), read_contact, found, err),
               err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

/* ---- writing ------------------------------------------------------------- */

static int check_change(const struct contact_change *change, struct err *err)
{
    if (change->address != NULL &&
        roster_check_address(change->address, err) < 0)
        return -1;
    if (change->name != NULL && change->name[0] != '\0' &&
        roster_check_text("name", change->name, ROSTER_TITLE_MAX, err) < 0)
        return -1;
    return 0;
}

static int taken(const char *address, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "the account has a contact \"%s\" already", address);
    err->name = "taken";
    return -1;
}

static void add_word(GString *text, const char *word, const char *more)
{
    g_string_append_printf(text, "%s%s%s", text->len > 0 ? ", " : "", word,
                           more);
}

static char *describe(const struct contact_change *change)
{
    GString *text = g_string_new(NULL);

    if (change->address != NULL)
        add_word(text, "address ", change->address);
    if (change->name != NULL)
        add_word(text, "name ", change->name);
    for (int i = 0; i < CONTACT_ROLE_N; i++)
        if ((change->roles & (1u << i)) != 0)
            add_word(text, role_names[i], "");
    if (change->disabled >= 0)
        add_word(text, change->disabled > 0 ? "disabled" : "enabled", "");
    return g_string_free(text, FALSE);
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      const char *action, const struct roster_contact *k,
                      const char *detail, struct err *err)
{
    g_autofree char *subject = g_strdup_printf(
        "contact %s of account %" G_GINT64_FORMAT, k->address, k->account_id);

    return roster_audit_line(
        c, &(struct audit_line){ who, action, subject, detail, k->id }, err);
}

static int check_account(struct sq_conn *c, int64_t id, struct err *err)
{
    int64_t n;
    /* it must not go before this transaction is over */
    int found =
        sq_number(c, "SELECT id FROM accounts WHERE id = ?" DB_FOR_UPDATE,
                  ARGS(INT(id)), &n, err);

    return found == 0 ? store_refuse_missing(err, "account", id)
                      : MIN(found, 0);
}

static int add(struct sq_conn *c, const struct roster_actor *who,
               int64_t account_id, const struct contact_change *wish,
               int64_t *ret_id, struct err *err)
{
    struct roster_contact k = { .account_id = account_id,
                                .address = (char *)(uintptr_t)wish->address };
    g_autofree char *detail = describe(wish);
    int made = roster_once_done(c, who->once, ret_id, err);

    if (made != 0)
        return MIN(made, 0);
    if (check_account(c, account_id, err) < 0)
        return -1;
    made = sq_number(c,
                     "INSERT INTO contacts (account, address, name, roles,"
                     " created_us, disabled_us) VALUES (?1, ?2,"
                     " CASE WHEN ?3 = '' THEN NULL ELSE ?3 END, ?4, ?5,"
                     " CASE WHEN ?6 > 0 THEN ?5 ELSE 0 END)"
                     " ON CONFLICT (account, lower(address)) DO NOTHING"
                     " RETURNING id",
                     ARGS(INT(account_id), TEXT(wish->address),
                          TEXT(wish->name), INT(wish->roles),
                          INT(timestamp_now()), INT(wish->disabled)),
                     ret_id, err);
    if (made == 0)
        return taken(wish->address, err);
    k.id = *ret_id;
    return made < 0 ? -1 : write_line(c, who, "contact.add", &k, detail, err);
}

int roster_contact_add(struct roster *p, const struct roster_actor *who,
                       int64_t account_id, const struct contact_change *wish,
                       int64_t *ret_id, struct err *err)
{
    struct sq_conn *c;
    int64_t id = 0;

    if (store_check(err, "address", wish->address, ROSTER_NAME_MAX) < 0 ||
        check_change(wish, err) < 0)
        return -1;
    if (wish->roles == 0) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "a role is missing");
        err->name = "missing";
        return err_remedy(err, "primary, billing or technical");
    }
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL ||
        sq_end(c, add(c, who, account_id, wish, &id, err), err) < 0)
        return -1;
    step("contact");
    *ret_id = id;
    return 0;
}

static int end_all(struct sq_conn *c, int64_t id, struct err *err)
{
    if (sq_run(c, "DELETE FROM sessions WHERE contact = ?", ARGS(INT(id)),
               err) < 0)
        return -1;
    return sq_run(c, "DELETE FROM links WHERE contact = ?", ARGS(INT(id)), err);
}

/* 0: another contact of the account has that address. */
static int address_is_free(struct sq_conn *c, const struct roster_contact *k,
                           const char *address, struct err *err)
{
    int64_t other;
    int found = sq_number(c,
                          "SELECT id FROM contacts WHERE account = ?"
                          " AND lower(address) = lower(?) AND id <> ?",
                          ARGS(INT(k->account_id), TEXT(address), INT(k->id)),
                          &other, err);

    return found < 0 ? -1 : found == 0;
}

static int write_change(struct sq_conn *c, const struct roster_contact *k,
                        const struct contact_change *change, struct err *err)
{
    int found = change->address == NULL
                    ? 1
                    : address_is_free(c, k, change->address, err);

    if (found == 0)
        return taken(change->address, err);
    if (found < 0 ||
        sq_run(c,
               "UPDATE contacts SET version = version + 1,"
               " address = coalesce(?1, address),"
               " name = CASE WHEN ?2 IS NULL THEN name WHEN ?2 = '' THEN NULL"
               " ELSE ?2 END,"
               " roles = CASE WHEN ?3 = 0 THEN roles ELSE ?3 END,"
               " disabled_us = CASE WHEN ?4 < 0 THEN disabled_us"
               " WHEN ?4 = 0 THEN 0 ELSE ?5 END WHERE id = ?6",
               ARGS(TEXT(change->address), TEXT(change->name),
                    INT(change->roles), INT(change->disabled),
                    INT(timestamp_now()), INT(k->id)),
               err) < 0)
        return -1;
    if (change->address == NULL && change->disabled < 0 &&
        (change->roles == 0 || change->roles == k->roles))
        return 0;
    return end_all(c, k->id, err);
}

/* The contact, of the version that was asked for. */
static int take(struct sq_conn *c, int64_t id, int64_t version,
                struct roster_contact **ret, struct err *err)
{
    int found = find(c, id, ret, err);

    if (found == 0)
        return store_refuse_missing(err, "contact", id);
    if (found < 0)
        return -1;
    return version != 0 && version != (*ret)->version
               ? roster_refuse_changed(err, "contact", id)
               : 0;
}

static int change_one(struct sq_conn *c, const struct roster_actor *who,
                      const struct roster_version *v,
                      const struct contact_change *change, struct err *err)
{
    g_autofree char *detail = describe(change);
    g_autoptr(roster_contact) k = NULL;

    if (take(c, v->id, v->version, &k, err) < 0 || k == NULL ||
        write_change(c, k, change, err) < 0)
        return -1;
    return write_line(c, who, "contact.change", k, detail, err);
}

int roster_contact_change(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          const struct contact_change *change, struct err *err)
{
    const struct roster_version v = { id, version };
    struct sq_conn *c;

    if (check_change(change, err) < 0)
        return -1;
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL || sq_end(c, change_one(c, who, &v, change, err), err) < 0)
        return -1;
    step("contact");
    return 0;
}

int roster_contacts_forget(struct sq_conn *c, int64_t account_id,
                           struct err *err)
{
    if (sq_run(c,
               "DELETE FROM sessions WHERE contact IN"
               " (SELECT id FROM contacts WHERE account = ?)",
               ARGS(INT(account_id)), err) < 0 ||
        sq_run(c,
               "DELETE FROM links WHERE contact IN"
               " (SELECT id FROM contacts WHERE account = ?)",
               ARGS(INT(account_id)), err) < 0)
        return -1;
    return sq_run(c, "DELETE FROM contacts WHERE account = ?",
                  ARGS(INT(account_id)), err);
}

static int remove_one(struct sq_conn *c, const struct roster_actor *who,
                      const struct roster_version *v, struct err *err)
{
    g_autoptr(roster_contact) k = NULL;

    if (take(c, v->id, v->version, &k, err) < 0 || k == NULL ||
        end_all(c, k->id, err) < 0 ||
        sq_run(c, "DELETE FROM contacts WHERE id = ?", ARGS(INT(k->id)), err) <
            0)
        return -1;
    return write_line(c, who, "contact.remove", k, NULL, err);
}

int roster_contact_remove(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version, struct err *err)
{
    const struct roster_version v = { id, version };
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, remove_one(c, who, &v, err), err) < 0)
        return -1;
    step("contact");
    return 0;
}
