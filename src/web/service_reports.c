/*
 * What "mailferry report" writes, for download: the same files, by the same
 * code.  An answer is a blob, so that a slow reader costs no memory.
 */
#include <string.h>

#include "fleet/report.h"
#include "web/service_migrations.h"

void service_reports(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    g_autoptr(migration) m = service_migration_get(service, r, reply);
    const struct fleet_report_file *file;
    json_t *items;

    if (m == NULL)
        return;
    items = json_array();
    for (size_t i = 0; (file = fleet_report_file(i)) != NULL; i++)
        json_array_append_new(items, json_pack("{s:s, s:s, s:s}", "name",
                                               file->name, "type", file->type,
                                               "what", file->what));
    service_reply_items(reply, items);
}

/* NULL: there is none of that name. */
static const struct fleet_report_file *find(const struct web_request *r,
                                            size_t *ret_i)
{
    const struct fleet_report_file *file;

    for (size_t i = 0; (file = fleet_report_file(i)) != NULL; i++) {
        if (strlen(file->name) != r->params.v[1].len ||
            memcmp(file->name, r->params.v[1].text, r->params.v[1].len) != 0)
            continue;
        *ret_i = i;
        return file;
    }
    return NULL;
}

static int make(const struct service *s, const struct migration *m, size_t i,
                struct blob **ret, struct err *err)
{
    g_autoptr(store) ledger = database_store(s->database, m->id);
    g_autoptr(blob) b = blob_new(s->pool);
    g_autofree char *text = NULL;

    if (fleet_report_make(ledger, i, &text, err) < 0 ||
        blob_append(b, text, strlen(text), err) < 0)
        return err_in(err, "report of migration %" G_GINT64_FORMAT, m->id);
    blob_seal(b);
    *ret = g_steal_pointer(&b);
    return 0;
}

void service_report(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    const struct fleet_report_file *file;
    struct blob *b = NULL;
    struct err err;
    size_t i = 0;

    if (m == NULL)
        return;
    file = find(r, &i);
    if (file == NULL) {
        service_not_found(reply, "report");
        return;
    }
    if (make(s, m, i, &b, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    web_reply_blob(reply, file->type, b);
    /* people's subjects are in it: never shown as a page of the service */
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"%s\"", file->name);
}
