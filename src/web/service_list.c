/*
 * What every list, and everything that is changed, has in common.
 */
#include <string.h>

#include "web/page.h"
#include "web/service.h"

static int read_page(const struct web_request *r, struct roster_page *ret,
                     struct web_reply *reply)
{
    struct web_page page;
    struct err err;

    if (web_page_read(web_query(r, "limit"), web_query(r, "after"), &page,
                      &err) < 0) {
        web_problem(reply, 400, "page", "%s", err.msg);
        return -1;
    }
    *ret = (struct roster_page){ page.after, page.limit };
    return 0;
}

void service_list(const struct service *s, const struct web_request *r,
                  const struct service_list *list, struct web_reply *reply)
{
    g_autoptr(GPtrArray) all = NULL;
    struct roster_page page;
    json_t *items;
    int64_t last = 0;
    struct err err = { .msg = "" };

    if (read_page(r, &page, reply) < 0)
        return;
    if (!list->read(s, r, &page, &all, reply, &err)) {
        if (err.msg[0] != '\0')
            service_fail(s, r, reply, &err);
        return;
    }
    items = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(items, list->json(r, all->pdata[i]));
    if (all->len == page.limit)
        last = *(const int64_t *)all->pdata[all->len - 1];
    web_reply_json(reply, 200, web_page_json(items, last));
}

bool service_query_id(const struct web_request *r, const char *name,
                      int64_t *ret, struct web_reply *reply)
{
    const char *text = web_query(r, name);
    guint64 id = 0;

    if (text != NULL &&
        !g_ascii_string_to_unsigned(text, 10, 1, INT64_MAX, &id, NULL)) {
        web_problem(reply, 400, "query", "\"%s\" is a number over 0", name);
        return false;
    }
    *ret = (int64_t)id;
    return true;
}

void service_not_found(struct web_reply *reply, const char *what)
{
    web_problem(reply, 404, "not-found", "there is no such %s", what);
}

void service_created(struct web_reply *reply, const char *path, int64_t id)
{
    web_reply_json(reply, 201, json_pack("{s:I}", "id", (json_int_t)id));
    web_reply_header(reply, "Location", "%s/%" G_GINT64_FORMAT, path, id);
}

/* ---- whose --------------------------------------------------------------- */

/* It never changes, so that it is asked for once. */
int64_t service_migration_account(struct service *s, int64_t migration_id)
{
    g_autoptr(migration) m = NULL;
    const int64_t *known;
    int64_t account = 0;
    struct err err;

    pthread_mutex_lock(&s->owners_lock);
    known = g_hash_table_lookup(s->owners, &migration_id);
    if (known != NULL)
        account = *known;
    else if (migrations_get(s->migrations, migration_id, &m, &err) > 0) {
        account = m->account_id;
        g_hash_table_insert(s->owners,
                            g_memdup2(&migration_id, sizeof(migration_id)),
                            g_memdup2(&account, sizeof(account)));
    }
    pthread_mutex_unlock(&s->owners_lock);
    return account;
}

/* ---- versions ------------------------------------------------------------ */

void service_etag(struct web_reply *reply, int64_t version)
{
    web_reply_header(reply, "ETag", "\"v%" G_GINT64_FORMAT "\"", version);
}

/* RFC 9110, 13.1.1: a weak tag never matches, and of several one must. */
int64_t service_if_match(const struct web_request *r, struct web_reply *reply)
{
    const char *text = web_header(r, "If-Match");
    guint64 version = 0;
    g_autofree char *digits = NULL;
    size_t n;

    if (text == NULL || strcmp(text, "*") == 0)
        return 0;
    n = strlen(text);
    if (n > 3 && g_str_has_prefix(text, "\"v") && text[n - 1] == '"') {
        digits = g_strndup(text + 2, n - 3);
        if (g_ascii_string_to_unsigned(digits, 10, 1, INT64_MAX, &version,
                                       NULL))
            return (int64_t)version;
    }
    web_problem(reply, 412, "changed",
                "If-Match is not the ETag of the present version");
    return -1;
}

/* ---- texts --------------------------------------------------------------- */

bool service_text_opt(const struct web_request *r, const char *name,
                      size_t most, bool empty, const char **ret,
                      struct web_reply *reply)
{
    const json_t *member = json_object_get(r->json, name);
    const char *text;

    if (member == NULL)
        return true;
    if (empty && json_is_string(member) && json_string_length(member) == 0) {
        *ret = "";
        return true;
    }
    text = service_text(r, name, most, reply);
    if (text != NULL)
        *ret = text;
    return text != NULL;
}
