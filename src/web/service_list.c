/*
 * What every list, and everything that is changed, has in common.
 */
#include <string.h>

#include "store/requests.h"
#include "web/page.h"
#include "web/service.h"

/* "id" and the list's own, as a sentence has them. */
static void refuse_sort(const struct service_list *list, const char *sort,
                        struct web_reply *reply)
{
    g_autoptr(GString) names = g_string_new("id");

    for (const struct roster_order *o = list->orders;
         o != NULL && o->name != NULL; o++)
        g_string_append_printf(names, ", %s", o->name);
    web_problem(reply, 400, "query",
                "\"sort\": there is no column \"%.60s\"; there is %s, with "
                "\"-\" before it the other way round",
                sort, names->str);
}

static bool read_sort(const struct service_list *list, const char *sort,
                      struct roster_page *ret, struct web_reply *reply)
{
    const char *name = sort;

    if (sort == NULL)
        return true;
    ret->down = *name == '-';
    name += ret->down;
    if (strcmp(name, "id") == 0)
        return true;
    for (const struct roster_order *o = list->orders;
         o != NULL && o->name != NULL; o++)
        if (strcmp(o->name, name) == 0) {
            ret->order = o;
            return true;
        }
    refuse_sort(list, sort, reply);
    return false;
}

/* key is the caller's: the page refers to it. */
static bool read_page(const struct web_request *r,
                      const struct service_list *list, struct roster_page *ret,
                      char **key, struct web_reply *reply)
{
    const struct web_page_query q = { web_query(r, "limit"),
                                      web_query(r, "after"),
                                      web_query(r, "sort") };
    struct web_page page;
    struct err err;

    if (!read_sort(list, q.sort, ret, reply))
        return false;
    if (web_page_read(&q, &page, &err) < 0) {
        web_problem(reply, 400, "page", "%s", err.msg);
        return false;
    }
    ret->after = page.after;
    ret->limit = page.limit;
    /* by id there is none */
    *key = page.key;
    ret->after_key = ret->order != NULL ? page.key : NULL;
    return true;
}

void service_list(const struct service *s, const struct web_request *r,
                  const struct service_list *list, struct web_reply *reply)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autofree char *key = NULL, *last_key = NULL, *next = NULL;
    struct roster_page page = { .ret_key = &last_key };
    json_t *items;
    struct err err = { .msg = "" };

    if (!read_page(r, list, &page, &key, reply))
        return;
    if (!list->read(s, r, &page, &all, reply, &err)) {
        if (err.msg[0] != '\0')
            service_fail(s, r, reply, &err);
        return;
    }
    items = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(items, list->show != NULL
                                         ? list->show(s, all->pdata[i])
                                         : list->json(r, all->pdata[i]));
    if (all->len == page.limit)
        next = web_cursor(web_query(r, "sort"),
                          *(const int64_t *)all->pdata[all->len - 1],
                          last_key != NULL ? last_key : "");
    web_reply_json(reply, 200, web_page_json(items, next));
}

void service_reply_items(struct web_reply *reply, json_t *items)
{
    web_reply_json(reply, 200, json_pack("{s:o}", "items", items));
}

void service_reply_all(struct web_reply *reply, const GPtrArray *all,
                       json_t *(*json)(const void *item))
{
    json_t *items = json_array();

    for (guint i = 0; i < all->len; i++)
        json_array_append_new(items, json(all->pdata[i]));
    service_reply_items(reply, items);
}

/* ---- filters ------------------------------------------------------------- */

static const char *mailbox_name(int state)
{
    return mailbox_state_name((enum mailbox_state)state);
}

static const char *job_name(int state)
{
    return job_state_name((enum job_state)state);
}

static void refuse_state(const char *name, const char *word,
                         service_state_namer *namer, int n,
                         struct web_reply *reply)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (int i = 0; i < n; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", namer(i));
    web_problem(reply, 400, "query",
                "\"%s\": there is no state \"%.60s\"; there is %s", name, word,
                names->str);
}

bool service_query_states(const struct web_request *r, const char *name,
                          service_state_namer *namer, int n, unsigned *ret,
                          struct web_reply *reply)
{
    const char *text = web_query(r, name);
    g_auto(GStrv) words = text != NULL ? g_strsplit(text, ",", n) : NULL;

    for (char **word = words; word != NULL && *word != NULL; word++) {
        int i = 0;

        while (i < n && strcmp(namer(i), *word) != 0)
            i++;
        if (i == n) {
            refuse_state(name, *word, namer, n, reply);
            return false;
        }
        *ret |= 1u << i;
    }
    return true;
}

bool service_query_filter(const struct web_request *r,
                          struct migration_filter *ret, struct web_reply *reply)
{
    ret->text = web_query(r, "text");
    return service_query_states(r, "state", mailbox_name, MAILBOX_N_STATES,
                                &ret->states, reply) &&
           service_query_states(r, "job", job_name, JOB_N_STATES,
                                &ret->job_states, reply);
}

static const char *request_name(int state)
{
    return request_state_name((enum request_state)state);
}

bool service_query_request_states(const struct web_request *r, unsigned *ret,
                                  struct web_reply *reply)
{
    return service_query_states(r, "state", request_name, REQUEST_N_STATES, ret,
                                reply);
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

void service_changed(const struct web_request *r, struct web_reply *reply)
{
    web_reply_empty(reply, 204);
    if (r->version != 0)
        reply->version = r->version + 1;
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
