#include <sodium.h>
#include <string.h>

#include "base/timestamp.h"
#include "fleet/member.h"
#include "web/service.h"

/* Lines verified by one request; whoever asks goes on with the next. */
#define VERIFY_MOST 10000

static json_t *entry_json(const struct web_request *r, const void *item)
{
    const struct audit_entry *e = item;
    char hash[2 * AUDIT_HASH_BYTES + 1];

    (void)r;
    sodium_bin2hex(hash, sizeof(hash), e->hash, sizeof(e->hash));
    return json_pack("{s:I, s:o, s:s, s:s?, s:s, s:s, s:s?, s:s}", "id",
                     (json_int_t)e->id, "at", member_time(e->at_us), "actor",
                     e->actor, "request", e->request, "action", e->action,
                     "subject", e->subject, "detail", e->detail, "hash", hash);
}

/* A time of the query; false: see the reply. */
static bool query_time(const struct web_request *r, const char *name,
                       int64_t *ret, struct web_reply *reply)
{
    const char *text = web_query(r, name);

    if (text == NULL || timestamp_parse(text, ret))
        return true;
    web_problem(reply, 400, "query",
                "\"%s\" is a time like 2026-01-02T03:04:05Z", name);
    return false;
}

static bool read_entries(const struct service *s, const struct web_request *r,
                         const struct roster_page *page, GPtrArray **ret,
                         struct web_reply *reply, struct err *err)
{
    struct audit_filter filter = { .actor = web_query(r, "actor"),
                                   .subject = web_query(r, "subject"),
                                   .action = web_query(r, "action") };

    return query_time(r, "from", &filter.from_us, reply) &&
           query_time(r, "to", &filter.to_us, reply) &&
           roster_audit(s->roster, &filter, page, ret, err) == 0;
}

void service_audit(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    static const struct service_list list = { read_entries, entry_json };

    service_list(service, r, &list, reply);
}

/* ---- does it hold together? ---------------------------------------------- */

/* Where to begin: at the first line, or after one whose hash is known. */
static bool query_begin(const struct web_request *r, struct audit_verdict *v,
                        struct web_reply *reply)
{
    const char *hash = web_query(r, "hash");
    size_t n = 0;

    if (!service_query_id(r, "after", &v->last_id, reply))
        return false;
    if ((v->last_id > 0) != (hash != NULL)) {
        web_problem(reply, 400, "query",
                    "\"after\" and \"hash\" are of one line: both or none");
        return false;
    }
    if (hash == NULL || (sodium_hex2bin(v->head, sizeof(v->head), hash,
                                        strlen(hash), NULL, &n, NULL) == 0 &&
                         n == sizeof(v->head)))
        return true;
    web_problem(reply, 400, "query", "\"hash\" is %d hexadecimal digits",
                2 * AUDIT_HASH_BYTES);
    return false;
}

void service_audit_verify(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    const struct service *s = service;
    struct audit_verdict v = { 0 };
    char hash[2 * AUDIT_HASH_BYTES + 1];
    struct err err;
    int more;

    if (!query_begin(r, &v, reply))
        return;
    more = roster_audit_verify_some(s->roster, VERIFY_MOST, &v, &err);
    if (more < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    sodium_bin2hex(hash, sizeof(hash), v.head, sizeof(v.head));
    web_reply_json(
        reply, 200,
        json_pack(
            "{s:I, s:I, s:s?, s:o, s:b}", "lines", (json_int_t)v.n, "last",
            (json_int_t)v.last_id, "hash", v.last_id > 0 ? hash : NULL, "bad",
            v.bad_id > 0 ? json_integer(v.bad_id) : json_null(), "more", more));
}
