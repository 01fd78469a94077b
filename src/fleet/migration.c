#include "fleet/migration.h"

#include <string.h>

#include "fleet/options.h"

#define AUTODISCOVER "autodiscover:"

static int refuse_url(const char *url, const char *why, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "address \"%.200s\" %s", url,
            why);
    err->name = "bad-url";
    return err_remedy(err, "the address of OWA or EWS (https://HOST/owa), or "
                           "autodiscover:DOMAIN");
}

int fleet_host(const char *url, char **ret, struct err *err)
{
    g_autofree char *full = strstr(url, "://") != NULL
                                ? g_strdup(url)
                                : g_strconcat("https://", url, NULL);
    g_autoptr(GUri) uri = NULL;
    g_autofree char *host = NULL;

    if (g_ascii_strncasecmp(url, AUTODISCOVER, strlen(AUTODISCOVER)) == 0) {
        if (url[strlen(AUTODISCOVER)] == '\0')
            return refuse_url(url, "names no domain", err);
        *ret = g_ascii_strdown(url, -1);
        return 0;
    }
    uri = g_uri_parse(full, G_URI_FLAGS_HAS_PASSWORD, NULL);
    if (uri == NULL || g_uri_get_host(uri) == NULL ||
        *g_uri_get_host(uri) == '\0')
        return refuse_url(url, "is none", err);
    if (strcmp(g_uri_get_scheme(uri), "https") != 0)
        return refuse_url(url, "is not https", err);
    if (g_uri_get_userinfo(uri) != NULL)
        /* it is not repeated: there may be a password in it */
        return refuse_url(g_uri_get_host(uri), "has a user in it", err);
    host = g_ascii_strdown(g_uri_get_host(uri), -1);
    *ret = g_strdup_printf("%s:%d", host,
                           g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : 443);
    return 0;
}

/* ---- the import file ----------------------------------------------------- */

/* An account, or an application. */
static bool opens(const GPtrArray *access)
{
    for (guint i = 0; access != NULL && i < access->len; i++)
        if (((const struct migration_access *)access->pdata[i])->way !=
            MIGRATION_PROXY)
            return true;
    return false;
}

/* Whether rows without credentials of their own have somebody to open them. */
static bool has_admin(const struct fleet_request *r, int side)
{
    return opens(r->sides[side].access) ||
           r->sides[side].admin.password != NULL;
}

/* A side of which rows are read. */
struct side {
    char *host;
    bool admin; /* somebody opens mailboxes that say nothing of it */
};

static int read_rows(const struct fleet_request *r, const struct side *sides,
                     struct import **ret, struct err *err)
{
    struct import_context context = { .domain = r->domain,
                                      .ask_owners = r->ask_owners };
    struct import *import;

    for (int i = 0; i < IMPORT_N_SIDES; i++) {
        context.sides[i].host = sides[i].host;
        context.sides[i].admin =
            sides[i].admin ? IMPORT_ADMIN_GIVEN : IMPORT_ADMIN_NONE;
    }
    import = import_read(r->csv, r->csv_bytes, &context);
    *ret = import;
    if (import->rows->len > 0 && (import->n_errors == 0 || r->skip_bad_rows))
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "the import file has %zu fault%s in %zu row%s", import->n_errors,
            import->n_errors == 1 ? "" : "s", import->n_rows,
            import->n_rows == 1 ? "" : "s");
    err->name = "import-faults";
    return err_remedy(err, import->rows->len > 0
                               ? "mend the rows, or have the bad ones skipped"
                               : "mend the rows: none of them can be used");
}

G_STATIC_ASSERT((int)IMPORT_SOURCE == (int)MIGRATION_SOURCE);
G_STATIC_ASSERT((int)IMPORT_DESTINATION == (int)MIGRATION_DESTINATION);

static struct migration_row *rows_of(const struct import *import, bool ask)
{
    struct migration_row *rows =
        g_new0(struct migration_row, import->rows->len);

    for (guint i = 0; i < import->rows->len; i++) {
        const struct import_row *from = import->rows->pdata[i];

        rows[i].line = from->line;
        rows[i].flags = from->flags;
        for (int side = 0; side < IMPORT_N_SIDES; side++) {
            rows[i].sides[side].address = from->sides[side].address;
            rows[i].sides[side].login =
                (struct migration_login){ from->sides[side].user,
                                          from->sides[side].password };
            rows[i].sides[side].asks =
                ask && import_asks_owner(from, (enum import_side)side);
        }
    }
    return rows;
}

static int add(struct migrations *m, const struct roster_actor *who,
               const struct fleet_request *r, const struct migration_wish *base,
               const struct import *import, int64_t *ret_id, struct err *err)
{
    g_autofree struct migration_row *rows = rows_of(import, r->ask_owners);
    struct migration_wish wish = *base;

    wish.account_id = r->account_id;
    wish.name = r->name;
    wish.rows = rows;
    wish.n_rows = import->rows->len;
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        wish.sides[i].url = r->sides[i].url;
        wish.sides[i].admin = r->sides[i].admin;
        wish.sides[i].access = r->sides[i].access;
    }
    return migrations_add(m, who, &wish, ret_id, err);
}

int fleet_migration_add(struct migrations *m, const struct roster_actor *who,
                        const struct fleet_request *r,
                        struct import **ret_import, int64_t *ret_id,
                        struct err *err)
{
    g_autofree char *source = NULL, *destination = NULL, *options = NULL;
    const char *text = r->options != NULL ? r->options : "{}";
    int result;

    *ret_import = NULL;
    if (fleet_host(r->sides[MIGRATION_SOURCE].url, &source, err) < 0)
        return err_in(err, "source");
    if (fleet_host(r->sides[MIGRATION_DESTINATION].url, &destination, err) < 0)
        return err_in(err, "destination");
    if (fleet_options_check(text, &options, err) < 0)
        return -1;
    result =
        read_rows(r,
                  (const struct side[]){
                      { source, has_admin(r, MIGRATION_SOURCE) },
                      { destination, has_admin(r, MIGRATION_DESTINATION) } },
                  ret_import, err);
    if (result == 0)
        result =
            add(m, who, r,
                &(struct migration_wish){ .host = source, .options = options },
                *ret_import, ret_id, err);
    return result;
}

/* ---- more of them -------------------------------------------------------- */

static int find(struct migrations *m, int64_t id, struct migration **ret,
                struct side *sides, struct err *err)
{
    int found = migrations_get(m, id, ret, err);

    if (found == 0) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there is no migration %" G_GINT64_FORMAT, id);
        err->name = "not-found";
    }
    if (found <= 0 || migrations_count(m, *ret, err) < 0)
        return -1;
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        if (fleet_host((*ret)->urls[i], &sides[i].host, err) < 0)
            return -1;
        sides[i].admin = (*ret)->admins[i] != NULL || opens((*ret)->access[i]);
    }
    return 0;
}

int fleet_migration_extend(struct migrations *m, const struct roster_actor *who,
                           int64_t id, const struct fleet_request *r,
                           struct import **ret_import, size_t *ret_n,
                           struct err *err)
{
    g_autoptr(migration) found = NULL;
    g_autofree struct migration_row *rows = NULL;
    struct side sides[MIGRATION_N_SIDES] = { 0 };
    int result;

    *ret_import = NULL;
    result = find(m, id, &found, sides, err);
    if (result == 0)
        result = read_rows(r, sides, ret_import, err);
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        g_free(sides[i].host);
    if (result < 0)
        return -1;
    rows = rows_of(*ret_import, false);
    return migrations_extend(
        m, who, id, &(struct migration_rows){ rows, (*ret_import)->rows->len },
        ret_n, err);
}

char *fleet_token_url(const char *tenant)
{
    g_autofree char *text = g_uri_escape_string(tenant, NULL, FALSE);

    return g_strdup_printf(
        "https://login.microsoftonline.com/%s/oauth2/v2.0/token", text);
}
