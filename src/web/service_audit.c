#include <sodium.h>

#include "web/page.h"
#include "web/service.h"

static json_t *entry_json(const struct audit_entry *e)
{
    char hash[2 * AUDIT_HASH_BYTES + 1];

    sodium_bin2hex(hash, sizeof(hash), e->hash, sizeof(e->hash));
    return json_pack("{s:I, s:o, s:s, s:s?, s:s, s:s, s:s?, s:s}", "id",
                     (json_int_t)e->id, "at", service_time(e->at_us), "actor",
                     e->actor, "request", e->request, "action", e->action,
                     "subject", e->subject, "detail", e->detail, "hash", hash);
}

void service_audit(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GPtrArray) all = NULL;
    struct roster_page page;
    json_t *items;
    int64_t last = 0;
    struct err err;

    if (service_page(r, &page, reply) < 0)
        return;
    if (roster_audit(s->roster, &page, &all, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    items = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(items, entry_json(all->pdata[i]));
    if (all->len == page.limit)
        last = ((struct audit_entry *)all->pdata[all->len - 1])->id;
    web_reply_json(reply, 200, web_page_json(items, last));
}
