#include <sodium.h>

#include "web/service.h"

static json_t *entry_json(const struct web_request *r, const void *item)
{
    const struct audit_entry *e = item;
    char hash[2 * AUDIT_HASH_BYTES + 1];

    (void)r;
    sodium_bin2hex(hash, sizeof(hash), e->hash, sizeof(e->hash));
    return json_pack("{s:I, s:o, s:s, s:s?, s:s, s:s, s:s?, s:s}", "id",
                     (json_int_t)e->id, "at", service_time(e->at_us), "actor",
                     e->actor, "request", e->request, "action", e->action,
                     "subject", e->subject, "detail", e->detail, "hash", hash);
}

static bool read_entries(const struct service *s, const struct web_request *r,
                         const struct roster_page *page, GPtrArray **ret,
                         struct web_reply *reply, struct err *err)
{
    (void)r;
    (void)reply;
    return roster_audit(s->roster, page, ret, err) == 0;
}

void service_audit(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    static const struct service_list list = { read_entries, entry_json };

    service_list(service, r, &list, reply);
}
