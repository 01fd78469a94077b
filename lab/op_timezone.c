#include "lab/op_calendar.h"
#include "lab/timezone_xml.h"

/* Ids that one request may name: there are not so many zones. */
#define IDS_MAX 1000

static void write_zone(struct op_call *call, const char *id, bool full)
{
    g_auto(timezone_info) tz = { 0 };

    if (timezone_find(id, &tz))
        timezone_write_definition(&call->reply.x, "t:TimeZoneDefinition", &tz,
                                  full);
}

/* Unknown ids are passed over: so says [MS-OXWSGTZ] 3.1.4.1. */
static int write_named(struct op_call *call, const xmlNode *ids, bool full,
                       struct problem *p)
{
    size_t n = 0;

    for (const xmlNode *node = soap_first(ids); node != NULL;
         node = soap_next(node)) {
        g_autofree char *id = soap_text_dup(node);

        if (++n > IDS_MAX)
            return problem_set(p, "ErrorInvalidRequest");
        if (id != NULL)
            write_zone(call, g_strstrip(id), full);
    }
    return 0;
}

static int get_once(struct op_call *call, struct problem *p)
{
    const xmlNode *ids = op_child(call, "Ids");
    g_autofree char *said =
        soap_attr_dup(call->request->operation, "ReturnFullTimeZoneData");
    /* all of it unless asked for less */
    bool full = said == NULL || strcmp(said, "true") == 0 ||
                strcmp(said, "True") == 0 || strcmp(said, "1") == 0;

    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:TimeZoneDefinitions");
    if (ids != NULL && write_named(call, ids, full, p) < 0)
        return -1;
    for (size_t i = 0; ids == NULL && i < timezone_count(); i++)
        write_zone(call, timezone_id_at(i), full);
    xml_close(&call->reply.x, "m:TimeZoneDefinitions");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_server_time_zones(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}
