#include <string.h>

#include "web/service_imports.h"
#include "web/service_migrations.h"

/* ---- what is asked for --------------------------------------------------- */

static bool read_side(const struct web_request *r, enum migration_side side,
                      struct service_side *room, struct fleet_request *ret,
                      struct web_reply *reply)
{
    const char *name = service_side_name(side);
    json_t *json = json_object_get(r->json, name);

    ret->sides[side].url = json_string_value(json_object_get(json, "url"));
    if (ret->sides[side].url == NULL) {
        web_problem_field(reply, name,
                          "\"%s\" has a \"url\": of OWA, of EWS, or "
                          "autodiscover:DOMAIN",
                          name);
        return false;
    }
    if (!service_read_side(r, side, true, room, reply))
        return false;
    ret->sides[side].admin = room->login;
    ret->sides[side].access = room->access;
    return true;
}

static bool read_account(const struct web_request *r, int64_t *ret,
                         struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "account");

    *ret = json_integer_value(json);
    if (json == NULL || json_is_null(json) || *ret > 0)
        return true;
    web_problem_field(reply, "account", "\"account\" is an account's id");
    return false;
}

/* "import", "domain", "skipBadRows" */
static bool read_file(const struct web_request *r, struct fleet_request *ret,
                      struct web_reply *reply)
{
    const json_t *skip = json_object_get(r->json, "skipBadRows");

    ret->csv = service_text(r, "import", IMPORT_MAX_BYTES, reply);
    if (ret->csv == NULL || !service_text_opt(r, "domain", ROSTER_DOMAIN_MAX,
                                              false, &ret->domain, reply))
        return false;
    if (skip != NULL && !json_is_boolean(skip)) {
        web_problem_field(reply, "skipBadRows",
                          "\"skipBadRows\" is true or false");
        return false;
    }
    ret->csv_bytes = strlen(ret->csv);
    ret->skip_bad_rows = json_is_true(skip);
    return true;
}

static bool read_request(const struct web_request *r,
                         struct service_side *sides, struct fleet_request *ret,
                         char **ret_options, struct web_reply *reply)
{
    static const char *const names[] = { "account",     "name",        "import",
                                         "domain",      "skipBadRows", "source",
                                         "destination", "options",     NULL };

    if (service_only(r, names, reply) < 0 ||
        !read_account(r, &ret->account_id, reply))
        return false;
    ret->name = service_text(r, "name", MIGRATION_NAME_MAX, reply);
    if (ret->name == NULL || !read_file(r, ret, reply) ||
        !service_read_options(r, ret_options, reply))
        return false;
    ret->options = *ret_options;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (!read_side(r, (enum migration_side)i, &sides[i], ret, reply))
            return false;
    return true;
}

/* ---- into whose domains -------------------------------------------------- */

static bool is_verified(const struct roster_account *a, const char *address)
{
    const char *at = strrchr(address, '@');

    for (guint i = 0; at != NULL && i < a->domains->len; i++) {
        const struct account_domain *d = a->domains->pdata[i];

        if (d->verified_us != 0 && g_ascii_strcasecmp(d->name, at + 1) == 0)
            return true;
    }
    return false;
}

/* False with the problem in the reply: a row goes into somebody else's. */
static bool check_domains(const struct roster_account *a,
                          const struct fleet_request *request,
                          struct web_reply *reply)
{
    const struct import_context nothing = { 0 };
    g_autoptr(import_t) import =
        import_read(request->csv, request->csv_bytes, &nothing);

    for (guint i = 0; i < import->rows->len; i++) {
        const struct import_row *row = import->rows->pdata[i];
        const char *address = row->sides[IMPORT_DESTINATION].address;

        if (is_verified(a, address))
            continue;
        web_problem_field(reply, "import",
                          "line %u: \"%s\" is not in a domain that is verified "
                          "for account %s",
                          row->line, address, a->partner);
        return false;
    }
    return true;
}

/* request->account_id: whose rows they are; 0: nobody's. */
static bool check_account(const struct service *s, const struct web_request *r,
                          const struct fleet_request *request,
                          struct web_reply *reply)
{
    g_autoptr(roster_account) a = NULL;
    struct err err;
    int found;

    if (request->account_id == 0)
        return true;
    found = roster_account_get(s->roster, request->account_id, &a, &err);
    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0)
        web_problem_field(reply, "account", "there is no such account");
    else
        return check_domains(a, request, reply);
    return false;
}

/* ---- making it ----------------------------------------------------------- */

static void refuse(const struct service *s, const struct web_request *r,
                   const struct import *import, const struct err *err,
                   struct web_reply *reply)
{
    if (g_strcmp0(err->name, "import-faults") == 0)
        web_problem_with(reply, "import-faults", "faults",
                         service_faults_json(import), "%s", err->msg);
    else
        service_fail(s, r, reply, err);
}

static void add(const struct service *s, const struct web_request *r,
                const struct fleet_request *request, struct web_reply *reply)
{
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    g_autoptr(import_t) import = NULL;
    struct roster_once once;
    int64_t id = 0;
    struct err err;

    if (!service_once(r, &once, &actor, reply))
        return;
    if (fleet_migration_add(s->migrations, &actor, request, &import, &id,
                            &err) == 0) {
        if (!once.again) {
            service_tell(s, r, "migration.add", request->name);
            service_tell_migration(s, id, "add");
        }
        service_created(reply, "/api/v1/migrations", id);
        web_reply_json(reply, 201,
                       json_pack("{s:I, s:I, s:o}", "id", (json_int_t)id,
                                 "mailboxes", (json_int_t)import->rows->len,
                                 "faults", service_faults_json(import)));
    } else {
        refuse(s, r, import, &err, reply);
    }
}

void service_migration_add(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    struct service_side sides[MIGRATION_N_SIDES] = { 0 };
    struct fleet_request request = { 0 };
    g_autofree char *options = NULL;

    if (read_request(r, sides, &request, &options, reply) &&
        check_account(service, r, &request, reply))
        add(service, r, &request, reply);
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        service_side_clear(&sides[i]);
}

/* ---- more mailboxes ------------------------------------------------------ */

static void extend(const struct service *s, const struct web_request *r,
                   int64_t id, const struct fleet_request *request,
                   struct web_reply *reply)
{
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    g_autoptr(import_t) import = NULL;
    struct roster_once once;
    size_t n = 0;
    struct err err;

    if (!service_once(r, &once, &actor, reply))
        return;
    if (fleet_migration_extend(s->migrations, &actor, id, request, &import, &n,
                               &err) < 0) {
        refuse(s, r, import, &err, reply);
        return;
    }
    if (!once.again && n > 0)
        service_tell_migration(s, id, "extend");
    web_reply_json(reply, 200,
                   json_pack("{s:I, s:o}", "mailboxes", (json_int_t)n, "faults",
                             service_faults_json(import)));
}

void service_migration_extend(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    static const char *const names[] = { "import", "domain", "skipBadRows",
                                         NULL };
    g_autoptr(migration) m = service_migration_get(service, r, reply);
    struct fleet_request request = { 0 };

    if (m == NULL || service_only(r, names, reply) < 0 ||
        !read_file(r, &request, reply))
        return;
    request.account_id = m->account_id;
    if (check_account(service, r, &request, reply))
        extend(service, r, m->id, &request, reply);
}
