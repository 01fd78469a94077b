#include "lab/directory.h"

static int room_lists_once(struct op_call *call, struct problem *p)
{
    g_autoptr(GPtrArray) lists = NULL;
    struct err err;

    if (lab_store_entries(call->lab->store, LAB_ENTRY_ROOM_LIST, &lists, &err) <
        0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:RoomLists");
    for (guint i = 0; i < lists->len; i++)
        directory_write_entry(call, "t:Address", lists->pdata[i]);
    xml_close(&call->reply.x, "m:RoomLists");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_room_lists(struct op_call *call, struct problem *p)
{
    return op_one(call, room_lists_once, p);
}

static int rooms_once(struct op_call *call, struct problem *p)
{
    g_autofree char *address = soap_text_dup(
        soap_child(op_child(call, "RoomList"), NS_TYPES, "EmailAddress"));
    g_autoptr(GPtrArray) rooms = NULL;
    struct xmlout *x = &call->reply.x;
    struct err err;
    int found = lab_store_members(call->lab->store,
                                  address != NULL ? address : "", &rooms, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return problem_set(p, "ErrorNameResolutionNoResults");
    reply_message_begin(&call->reply, NULL);
    xml_open(x, "m:Rooms");
    for (guint i = 0; i < rooms->len; i++) {
        xml_open(x, "t:Room");
        directory_write_entry(call, "t:Id", rooms->pdata[i]);
        xml_close(x, "t:Room");
    }
    xml_close(x, "m:Rooms");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_rooms(struct op_call *call, struct problem *p)
{
    return op_one(call, rooms_once, p);
}
