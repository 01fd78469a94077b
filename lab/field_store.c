#include "lab/field_priv.h"

#include <string.h>

/*
 * What a server says of an item beside its content: what can be done with it,
 * under which names it knows it.
 */

/* ---- response objects ---------------------------------------------- */

static bool flag_of(struct field_view *v, int32_t bit)
{
    return (mapi_get_i32(view_find(v, PR_MESSAGE_FLAGS), 0) & bit) != 0;
}

bool field_receipt_pending(const struct mapi_props *props)
{
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    /* read once, or told not to send any: none is owed any more */
    return mapi_get_bool(mapi_find(props, PROP_ID(PR_READ_RECEIPT_REQUESTED)),
                         false) &&
           (flags & (MSGFLAG_READ | MSGFLAG_EVERREAD | MSGFLAG_UNSENT)) == 0;
}

enum {
    CAN_ACCEPT = 1 << 0, /* and decline */
    CAN_REPLY = 1 << 1,
    CAN_FORWARD = 1 << 2,
    CAN_CANCEL = 1 << 3,
    CAN_REMOVE = 1 << 4,
    CAN_SUPPRESS = 1 << 5,
    CAN_POST = 1 << 6,
};

static const struct {
    unsigned int can;
    const char *element;
} objects[] = {
    { CAN_ACCEPT, "t:AcceptItem" },   { CAN_ACCEPT, "t:TentativelyAcceptItem" },
    { CAN_ACCEPT, "t:DeclineItem" },  { CAN_CANCEL, "t:CancelCalendarItem" },
    { CAN_REMOVE, "t:RemoveItem" },   { CAN_POST, "t:PostReplyItem" },
    { CAN_REPLY, "t:ReplyToItem" },   { CAN_REPLY, "t:ReplyAllToItem" },
    { CAN_FORWARD, "t:ForwardItem" }, { CAN_SUPPRESS, "t:SuppressReadReceipt" },
};

/* PidLidAppointmentStateFlags, [MS-OXOCAL] 2.2.1.10 */
enum { IS_MEETING = 1, IS_RECEIVED = 2, IS_CANCELLED = 4 };

static unsigned int calendar_can(struct field_view *v)
{
    int32_t state =
        mapi_get_i32(view_find_id(v, PSETID_APPOINTMENT, 0x8217), 0);

    if ((state & IS_MEETING) == 0)
        return CAN_FORWARD;
    if ((state & IS_RECEIVED) == 0)
        return CAN_CANCEL | CAN_FORWARD;
    if ((state & IS_CANCELLED) != 0)
        return CAN_REMOVE | CAN_REPLY | CAN_FORWARD;
    return CAN_ACCEPT | CAN_REPLY | CAN_FORWARD;
}

static unsigned int message_can(struct field_view *v)
{
    const struct mapi_props *props = view_props(v);
    unsigned int can = CAN_REPLY | CAN_FORWARD;

    if (flag_of(v, MSGFLAG_UNSENT))
        return CAN_FORWARD;
    if (v->kind == KIND_REQUEST)
        can |= CAN_ACCEPT;
    if (v->kind == KIND_CANCELLATION)
        can |= CAN_REMOVE;
    if (props != NULL && field_receipt_pending(props))
        can |= CAN_SUPPRESS;
    return can;
}

static unsigned int what_can(struct field_view *v)
{
    if (v->kind == KIND_CALENDAR)
        return calendar_can(v);
    if (v->kind == KIND_POST)
        return CAN_POST | CAN_REPLY | CAN_FORWARD;
    if (((uint32_t)v->kind & KINDS_MESSAGE) != 0)
        return message_can(v);
    return CAN_FORWARD;
}

void field_write_response_objects(struct field_view *v, const struct field *f)
{
    unsigned int can = what_can(v);

    (void)f;
    xml_open(v->x, "t:ResponseObjects");
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
        if ((can & objects[i].can) != 0)
            xml_empty(v->x, objects[i].element);
    xml_close(v->x, "t:ResponseObjects");
}

/* ---- language ------------------------------------------------------ */

/* [MS-LCID] 2.2 */
static const struct {
    int32_t lcid;
    const char *name;
} cultures[] = {
    { 1033, "en-US" }, { 2057, "en-GB" }, { 1031, "de-DE" }, { 1036, "fr-FR" },
    { 3082, "es-ES" }, { 1034, "es-ES" }, { 1040, "it-IT" }, { 1043, "nl-NL" },
    { 1046, "pt-BR" }, { 2070, "pt-PT" }, { 1045, "pl-PL" }, { 1049, "ru-RU" },
    { 1041, "ja-JP" }, { 1042, "ko-KR" }, { 2052, "zh-CN" }, { 1028, "zh-TW" },
    { 1053, "sv-SE" }, { 1044, "nb-NO" }, { 1030, "da-DK" }, { 1035, "fi-FI" },
    { 1029, "cs-CZ" }, { 1055, "tr-TR" }, { 1037, "he-IL" }, { 1025, "ar-SA" },
    { 2055, "de-CH" }, { 3079, "de-AT" }, { 1038, "hu-HU" }, { 1032, "el-GR" },
};

void field_write_culture(struct field_view *v, const struct field *f)
{
    int32_t lcid = mapi_get_i32(view_find(v, f->tag), 1033);

    for (size_t i = 0; i < G_N_ELEMENTS(cultures); i++)
        if (cultures[i].lcid == lcid) {
            xml_text(v->x, "t:Culture", cultures[i].name);
            return;
        }
}

int field_set_culture(struct field_edit *e, const struct field *f,
                      const xmlNode *node, struct problem *p)
{
    g_autofree char *name = soap_text_dup(node);

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(cultures); i++)
        if (g_ascii_strcasecmp(cultures[i].name, name) == 0) {
            mapi_set_i32(e->item, e->props, f->tag, cultures[i].lcid);
            return 0;
        }
    return field_refuse(p, "ErrorUnsupportedCulture", f);
}

/* ---- names of its own ---------------------------------------------- */

static void write_form(struct field_view *v, const char *element,
                       const char *action)
{
    g_autofree char *id = NULL;
    g_autofree char *text = NULL;

    if (v->item->id == NULL)
        return;
    id = g_uri_escape_string(v->item->id, NULL, FALSE);
    if (v->call->lab->version->release >= EXCHANGE2013)
        text = g_strdup_printf("https://%s/owa/?ItemID=%s&exvsurl=1&viewmodel="
                               "ReadMessageItem",
                               v->call->lab->host, id);
    else
        text = g_strdup_printf("?ae=Item&a=%s&t=%s&id=%s&exvsurl=1", action,
                               v->item->item_class, id);
    xml_text(v->x, element, text);
}

void field_write_read_form(struct field_view *v, const struct field *f)
{
    (void)f;
    write_form(v, "t:WebClientReadFormQueryString", "Open");
}

/* Of what has a form to edit it: drafts, and all that is no mail. */
void field_write_edit_form(struct field_view *v, const struct field *f)
{
    (void)f;
    if (((uint32_t)v->kind & KINDS_MESSAGE) == 0 || flag_of(v, MSGFLAG_UNSENT))
        write_form(v, "t:WebClientEditFormQueryString", "Open");
}

void field_write_conversation(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *id = view_find(v, f->tag);
    g_autofree char *text = NULL;

    if (id == NULL || id->size == 0)
        return;
    text = g_base64_encode(id->data, id->size);
    op_write_id(v->call, "t:ConversationId", text, NULL);
}

void field_write_instance(struct field_view *v, const struct field *f)
{
    int64_t key = GINT64_TO_BE(v->item->key);

    (void)f;
    if (v->item->id != NULL)
        xml_base64(v->x, "t:InstanceKey", &key, sizeof(key));
}

/* <t:PolicyTag IsExplicit="...">GUID</t:PolicyTag>, [MS-OXWSCDATA] */
void field_write_tag_guid(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *tag = view_find(v, f->tag);
    g_autofree char *element = field_element(f);
    g_autofree char *guid = NULL;

    if (tag == NULL || tag->size != 16)
        return;
    guid = extended_guid_format(tag->data);
    xml_begin(v->x, element);
    xml_attr(v->x, "IsExplicit", "true");
    xml_end(v->x);
    xml_chars(v->x, guid);
    xml_close(v->x, element);
}

/* IconIndexType; [MS-OXOMSG] 2.2.1.10 PidTagIconIndex */
static const struct {
    int32_t index;
    const char *name;
} icons[] = {
    { 0x001, "PostItem" },        { 0x100, "MailRead" },
    { 0x101, "MailUnread" },      { 0x105, "MailReplied" },
    { 0x106, "MailForwarded" },   { 0x200, "OutlookDefaultForContacts" },
    { 0x400, "AppointmentItem" }, { 0x401, "AppointmentRecur" },
    { 0x402, "AppointmentMeet" }, { 0x403, "AppointmentMeetRecur" },
    { 0x500, "TaskItem" },        { 0x501, "TaskRecur" },
};

void field_write_icon(struct field_view *v, const struct field *f)
{
    int32_t index = mapi_get_i32(view_find(v, f->tag), -1);
    const char *name = "Default";

    for (size_t i = 0; i < G_N_ELEMENTS(icons); i++)
        if (icons[i].index == index)
            name = icons[i].name;
    xml_text(v->x, "t:IconIndex", name);
}

void field_write_false(struct field_view *v, const struct field *f)
{
    g_autofree char *element = field_element(f);

    xml_bool(v->x, element, false);
}
