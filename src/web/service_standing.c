/*
 * Where each mailbox of a migration stands, by its ledger: what takes a look
 * at each item, which the list of mailboxes does not.
 */
#include "fleet/standing.h"
#include "web/service_migrations.h"

/* A mailbox, and its numbers. */
struct place {
    int64_t id; /* first: see struct service_list */
    migration_mailbox *mailbox;
    struct standing at;
};

static void free_place(void *p)
{
    struct place *place = p;

    migration_mailbox_free(place->mailbox);
    standing_clear(&place->at);
    g_free(place);
}

static json_t *place_json(const struct web_request *r, const void *item)
{
    const struct place *p = item;
    const struct migration_mailbox *m = p->mailbox;
    json_t *json = standing_json(&p->at);

    (void)r;
    json_object_update_new(
        json,
        json_pack("{s:I, s:s, s:s, s:s, s:s?, s:s?}", "id", (json_int_t)p->id,
                  "source", m->addresses[MIGRATION_SOURCE], "destination",
                  m->addresses[MIGRATION_DESTINATION], "state",
                  mailbox_state_name(m->state), "reason", m->reason, "remedy",
                  m->remedy));
    return json;
}

/* Mailboxes become places: whose they were they no longer are. */
static int count_all(const struct service *s, int64_t migration_id,
                     GPtrArray *boxes, GPtrArray *to, struct err *err)
{
    g_autoptr(store) ledger = database_store(s->database, migration_id);

    for (guint i = 0; i < boxes->len; i++) {
        struct place *p = g_new0(struct place, 1);

        p->mailbox = g_steal_pointer(&boxes->pdata[i]);
        p->id = p->mailbox->id;
        g_ptr_array_add(to, p);
        if (standing_read(ledger, p->id, &p->at, err) < 0)
            return -1;
    }
    return 0;
}

static bool read_places(const struct service *s, const struct web_request *r,
                        const struct roster_page *page, GPtrArray **ret,
                        struct web_reply *reply, struct err *err)
{
    g_autoptr(GPtrArray) boxes = NULL;
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(free_place);

    if (!service_read_mailboxes(s, r, page, &boxes, reply, err) ||
        count_all(s, web_param_id(r, 0), boxes, places, err) < 0)
        return false;
    *ret = g_steal_pointer(&places);
    return true;
}

void service_standing(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    static const struct service_list list = { read_places, place_json,
                                              migration_mailbox_orders };

    service_list(service, r, &list, reply);
}
