/*
 * Accounts and contacts from a table: for whoever keeps them elsewhere.
 */
#include "desk/people.h"
#include "web/service.h"

/* As of an import file, without a kind. */
static json_t *faults_json(const GPtrArray *faults)
{
    json_t *list = json_array();

    for (guint i = 0; i < faults->len; i++) {
        const struct people_fault *f = faults->pdata[i];

        json_array_append_new(
            list,
            json_pack("{s:s, s:b, s:i, s:i, s:s?, s:s, s:s?}", "kind", "people",
                      "warning", 0, "line", (int)f->line, "column", 0, "name",
                      f->column, "text", f->text, "remedy", f->remedy));
    }
    return list;
}

void service_people_import(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    static const char *const names[] = { "csv", NULL };
    const struct service *s = service;
    char room[320];
    const struct roster_actor actor = service_actor(r, room, sizeof(room));
    g_autoptr(GPtrArray) faults = NULL;
    struct people_done done;
    const char *csv;
    struct err err;
    int result;

    if (service_only(r, names, reply) < 0)
        return;
    csv = service_text(r, "csv", PEOPLE_BYTES_MAX, reply);
    if (csv == NULL)
        return;
    result = people_import(s->roster, &actor, csv,
                           json_string_length(json_object_get(r->json, "csv")),
                           &done, &faults, &err);
    if (result < 0)
        service_fail(s, r, reply, &err);
    else if (result == 0)
        web_problem_with(reply, "people", "faults", faults_json(faults),
                         "nothing was written: the table has %u faults",
                         faults->len);
    else
        web_reply_json(
            reply, 200,
            json_pack("{s:I, s:I, s:I, s:I}", "accountsAdded",
                      (json_int_t)done.accounts_added, "accountsChanged",
                      (json_int_t)done.accounts_changed, "contactsAdded",
                      (json_int_t)done.contacts_added, "contactsChanged",
                      (json_int_t)done.contacts_changed));
}
