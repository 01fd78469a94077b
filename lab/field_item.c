#include "lab/field.h"

#include <string.h>

#include "lab/attachment.h"
#include "lab/field_priv.h"
#include "lab/shape.h"

/* ---- ids ----------------------------------------------------------- */

static void write_id(struct field_view *v, const struct field *f)
{
    (void)f;
    if (v->item->id != NULL)
        op_write_id(v->call, "t:ItemId", v->item->id, v->item->change_key);
}

static void write_parent(struct field_view *v, const struct field *f)
{
    (void)f;
    if (v->item->folder_id != NULL)
        op_write_id(v->call, "t:ParentFolderId", v->item->folder_id,
                    "AQAAAA==");
}

static void write_class(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_text(v->x, "t:ItemClass", v->item->item_class);
}

/* ---- subject ------------------------------------------------------- */

static void write_subject(struct field_view *v, const struct field *f)
{
    (void)f;
    if (v->item->subject != NULL)
        xml_text(v->x, "t:Subject", v->item->subject);
}

/* [MS-OXCMSG] 2.2.1.9: up to three characters, a colon and a space. */
static size_t prefix_length(const char *subject)
{
    const char *colon = strchr(subject, ':');
    glong n = colon != NULL ? g_utf8_strlen(subject, colon - subject) : 0;

    if (colon == NULL || n < 1 || n > 3 || colon[1] != ' ')
        return 0;
    for (const char *p = subject; p < colon; p = g_utf8_next_char(p))
        if (!g_unichar_isalpha(g_utf8_get_char(p)))
            return 0;
    return (size_t)(colon - subject) + 2;
}

const char *field_plain_subject(const char *subject)
{
    return subject + prefix_length(subject);
}

void field_put_subject(struct field_edit *e, const char *subject)
{
    size_t n = prefix_length(subject);
    g_autofree char *prefix = g_strndup(subject, n);

    mapi_set_text(e->item, e->props, PR_SUBJECT, subject);
    mapi_set_text(e->item, e->props, PR_SUBJECT_PREFIX, prefix);
    mapi_set_text(e->item, e->props, PR_NORMALIZED_SUBJECT, subject + n);
    /* a conversation keeps its topic, whatever its messages are called */
    if (mapi_find(e->props, PROP_ID(PR_CONVERSATION_TOPIC)) == NULL)
        mapi_set_text(e->item, e->props, PR_CONVERSATION_TOPIC, subject + n);
}

/* What is longer is cut, and says so at its end. */
#define SUBJECT_MAX  255
#define SUBJECT_ENDS "..."

static int set_subject(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);
    g_autofree char *cut = NULL;

    (void)f;
    (void)p;
    if (text != NULL && g_utf8_strlen(text, -1) > SUBJECT_MAX) {
        g_autofree char *start = g_utf8_substring(
            text, 0, SUBJECT_MAX - (glong)strlen(SUBJECT_ENDS));

        cut = g_strconcat(start, SUBJECT_ENDS, NULL);
    }
    field_put_subject(e, cut != NULL ? cut : text != NULL ? text : "");
    return 0;
}

static int clear_subject(struct field_edit *e, const struct field *f,
                         const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    mapi_remove(e->props, PROP_ID(PR_SUBJECT));
    mapi_remove(e->props, PROP_ID(PR_SUBJECT_PREFIX));
    mapi_remove(e->props, PROP_ID(PR_NORMALIZED_SUBJECT));
    return 0;
}

/* ---- times and sizes ----------------------------------------------- */

static void write_received(struct field_view *v, const struct field *f)
{
    int64_t us = v->item->received_us;

    (void)f;
    /* what was never received came when it was made */
    xml_time(v->x, "t:DateTimeReceived",
             us != TIMESTAMP_NONE ? us : v->item->created_us);
}

static void write_sent(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_time(v->x, "t:DateTimeSent", v->item->sent_us);
}

static void write_created(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_time(v->x, "t:DateTimeCreated", v->item->created_us);
}

static void write_modified(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_time(v->x, "t:LastModifiedTime", v->item->modified_us);
}

static void write_size(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_uint(v->x, "t:Size", MIN(v->item->size_bytes, INT32_MAX));
}

/* ---- flags --------------------------------------------------------- */

static void write_has_attachments(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_bool(v->x, "t:HasAttachments", v->item->has_attachments);
}

static void write_associated(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_bool(v->x, "t:IsAssociated", v->item->associated);
}

static int set_associated(struct field_edit *e, const struct field *f,
                          const xmlNode *node, struct problem *p)
{
    (void)f;
    return field_parse_bool(node, &e->associated, p);
}

/* ---- reminders ----------------------------------------------------- */

static void write_minutes(struct field_view *v, const struct field *f)
{
    (void)f;
    field_write_int(v, f);
}

/* The reminder's time is due minus minutes, [MS-OXORMDR] 2.2.1.2. */
static int set_due(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    int32_t minutes = mapi_get_i32(
        mapi_find_id(e->props, PSETID_COMMON, LID_REMINDER_DELTA), 0);
    int64_t us;

    (void)f;
    if (field_parse_time(node, &us, p) < 0)
        return -1;
    mapi_set_time(
        e->item, e->props,
        mapi_named_id(e->item, PSETID_COMMON, LID_REMINDER_TIME, PT_SYSTIME),
        us);
    mapi_set_time(
        e->item, e->props,
        mapi_named_id(e->item, PSETID_COMMON, LID_REMINDER_SIGNAL, PT_SYSTIME),
        us - minutes * 60 * TIMESTAMP_SECOND);
    return 0;
}

/* ---- rights -------------------------------------------------------- */

static void write_rights(struct field_view *v, const struct field *f)
{
    static const struct {
        const char *name;
        bool value;
        enum release since;
    } rights[] = {
        { "t:CreateAssociated", false, 0 },
        { "t:CreateContents", false, 0 },
        { "t:CreateHierarchy", false, 0 },
        { "t:Delete", true, 0 },
        { "t:Modify", true, 0 },
        { "t:Read", true, 0 },
        { "t:ViewPrivateItems", true, EXCHANGE2010_SP1 },
    };

    (void)f;
    xml_open(v->x, "t:EffectiveRights");
    for (size_t i = 0; i < G_N_ELEMENTS(rights); i++)
        if (v->call->asked >= rights[i].since)
            xml_bool(v->x, rights[i].name, rights[i].value);
    xml_close(v->x, "t:EffectiveRights");
}

/* ---- the rows ------------------------------------------------------ */

static const char *const sensitivities[] = { "Normal", "Personal", "Private",
                                             "Confidential", NULL };
static const char *const header_parts[] = { "item:InternetMessageHeader",
                                            NULL };
static const char *const importances[] = { "Low", "Normal", "High", NULL };

/* clang-format off */
#define COMMON(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_COMMON, .id = (lid)

static const struct field rows[] = {
    { .uri = "item:MimeContent", .flags = FIELD_NOT_LISTED,
      .write = field_write_mime, .set = field_set_mime },
    { .uri = "item:ItemId", .base = ALWAYS, .write = write_id },
    { .uri = "item:ParentFolderId", .base = IN_ALL, .write = write_parent },
    { .uri = "item:ItemClass", .base = IN_ALL, .tag = PR_MESSAGE_CLASS,
      .write = write_class, .set = field_set_text },
    { .uri = "item:Subject", .base = IN_DEFAULT, .tag = PR_SUBJECT,
      .default_kinds = KINDS_ALL & ~(uint32_t)KIND_CONTACT,
      .write = write_subject, .set = set_subject, .clear = clear_subject },
    { .uri = "item:Sensitivity", .base = IN_DEFAULT, .tag = PR_SENSITIVITY,
      .default_kinds = KINDS_MESSAGE, .values = sensitivities,
      .write = field_write_enum, .set = field_set_enum, .clear = field_clear },
    { .uri = "item:Body", .base = IN_DEFAULT, .default_kinds = KINDS_MESSAGE,
      .tag = PR_BODY, .flags = FIELD_NOT_LISTED | FIELD_APPENDS,
      .write = field_write_body, .set = field_set_body,
      .clear = field_clear_body },
    { .uri = "item:Attachments", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED | FIELD_ONCE, .write = field_write_attachments,
      .set = field_set_attachments },
    { .uri = "item:DateTimeReceived", .base = IN_ALL,
      .tag = PR_MESSAGE_DELIVERY_TIME, .write = write_received },
    { .uri = "item:Size", .base = IN_DEFAULT, .tag = PR_MESSAGE_SIZE,
      .default_kinds = KINDS_MESSAGE, .write = write_size },
    { .uri = "item:Categories", .base = IN_ALL,
      .tag = PROP_TAG(0, PT_UNICODE | MV_FLAG), .pset = PS_PUBLIC_STRINGS,
      .name = "Keywords", .write = field_write_texts, .set = field_set_texts,
      .clear = field_clear },
    { .uri = "item:Importance", .base = IN_ALL, .tag = PR_IMPORTANCE,
      .values = importances, .fallback = 1, .write = field_write_enum,
      .set = field_set_enum, .clear = field_clear },
    { .uri = "item:InReplyTo", .base = IN_ALL, .tag = PR_IN_REPLY_TO,
      .write = field_write_text, .set = field_set_text, .clear = field_clear },
    { .uri = "item:IsSubmitted", .base = IN_ALL, .tag = PR_MESSAGE_FLAGS,
      .fallback = MSGFLAG_SUBMITTED, .write = field_write_bit },
    { .uri = "item:IsDraft", .base = IN_ALL, .tag = PR_MESSAGE_FLAGS,
      .fallback = MSGFLAG_UNSENT, .write = field_write_bit },
    { .uri = "item:IsFromMe", .base = IN_ALL, .tag = PR_MESSAGE_FLAGS,
      .fallback = MSGFLAG_FROMME, .write = field_write_bit },
    { .uri = "item:IsResend", .base = IN_ALL, .tag = PR_MESSAGE_FLAGS,
      .fallback = 0x80, .write = field_write_bit },
    { .uri = "item:IsUnmodified", .base = IN_ALL, .tag = PR_MESSAGE_FLAGS,
      .fallback = MSGFLAG_UNMODIFIED, .write = field_write_bit },
    { .uri = "item:InternetMessageHeaders", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .tag = PR_TRANSPORT_MESSAGE_HEADERS,
      .parts = header_parts, .write = field_write_headers },
    { .uri = "item:DateTimeSent", .base = IN_DEFAULT,
      .default_kinds = KINDS_MESSAGE, .tag = PR_CLIENT_SUBMIT_TIME,
      .write = write_sent },
    { .uri = "item:DateTimeCreated", .base = IN_DEFAULT,
      .default_kinds = KINDS_MESSAGE, .tag = PR_CREATION_TIME,
      .write = write_created },
    { .uri = "item:ResponseObjects", .base = IN_DEFAULT,
      .default_kinds = KINDS_MESSAGE | KIND_CALENDAR,
      .flags = FIELD_NOT_LISTED, .write = field_write_response_objects },
    { .uri = "item:ReminderDueBy", .base = IN_ALL,
      COMMON(LID_REMINDER_TIME, PT_SYSTIME), .write = field_write_time,
      .set = set_due, .clear = field_clear },
    { .uri = "item:ReminderIsSet", .base = IN_ALL,
      COMMON(LID_REMINDER_SET, PT_BOOLEAN), .write = field_write_bool,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "item:ReminderNextTime", .base = IN_ALL, .since = EXCHANGE2013,
      COMMON(LID_REMINDER_SIGNAL, PT_SYSTIME), .write = field_write_time,
      .set = field_set_time, .clear = field_clear },
    { .uri = "item:ReminderMinutesBeforeStart", .base = IN_ALL,
      COMMON(LID_REMINDER_DELTA, PT_LONG), .write = write_minutes,
      .set = field_set_int, .clear = field_clear },
    { .uri = "item:DisplayCc", .base = IN_ALL, .tag = PR_DISPLAY_CC,
      .write = field_write_text },
    { .uri = "item:DisplayTo", .base = IN_ALL, .tag = PR_DISPLAY_TO,
      .write = field_write_text },
    { .uri = "item:DisplayBcc", .since = EXCHANGE2016, .tag = PR_DISPLAY_BCC,
      .write = field_write_text },
    { .uri = "item:HasAttachments", .base = IN_DEFAULT,
      .write = write_has_attachments },
    { .uri = "ExtendedProperty", .base = ALWAYS, .write = field_write_extended,
      .set = field_set_extended_row },
    { .uri = "item:Culture", .base = IN_ALL, .tag = PR_MESSAGE_LOCALE_ID,
      .write = field_write_culture, .set = field_set_culture,
      .clear = field_clear },
    { .uri = "item:EffectiveRights", .base = IN_ALL, .write = write_rights },
    { .uri = "item:LastModifiedName", .base = IN_ALL,
      .tag = PR_LAST_MODIFIER_NAME, .write = field_write_text },
    { .uri = "item:LastModifiedTime", .base = IN_ALL,
      .tag = PR_LAST_MODIFICATION_TIME, .write = write_modified },
    { .uri = "item:IsAssociated", .base = IN_DEFAULT, .since = EXCHANGE2010,
      .default_kinds = KINDS_MESSAGE | KIND_CALENDAR,
      .flags = FIELD_ONCE, .write = write_associated,
      .set = set_associated },
    { .uri = "item:WebClientReadFormQueryString", .base = IN_ALL,
      .since = EXCHANGE2010, .flags = FIELD_NOT_LISTED,
      .write = field_write_read_form },
    { .uri = "item:WebClientEditFormQueryString", .base = IN_ALL,
      .since = EXCHANGE2010, .flags = FIELD_NOT_LISTED,
      .write = field_write_edit_form },
    { .uri = "item:ConversationId", .base = IN_ALL, .since = EXCHANGE2010,
      .tag = PR_CONVERSATION_ID, .write = field_write_conversation },
    { .uri = "item:UniqueBody", .since = EXCHANGE2010,
      .flags = FIELD_NOT_LISTED, .write = field_write_unique_body },
    { .uri = "item:Flag", .base = IN_ALL, .since = EXCHANGE2013,
      .tag = PR_FLAG_STATUS, .write = field_write_flag,
      .set = field_set_flag, .clear = field_clear_flag },
    { .uri = "item:StoreEntryId", .since = EXCHANGE2010_SP2,
      .tag = PR_ENTRYID, .write = field_write_binary },
    { .uri = "item:InstanceKey", .base = IN_ALL, .since = EXCHANGE2013,
      .write = field_write_instance },
    { .uri = "item:NormalizedBody", .since = EXCHANGE2013,
      .flags = FIELD_NOT_LISTED, .write = field_write_normalized_body },
    { .uri = "item:EntityExtractionResult", .since = EXCHANGE2013 },
    { .uri = "item:PolicyTag", .since = EXCHANGE2013, .tag = PR_POLICY_TAG,
      .write = field_write_tag_guid },
    { .uri = "item:ArchiveTag", .since = EXCHANGE2013,
      .tag = PROP_TAG(0x3018, PT_BINARY), .write = field_write_tag_guid },
    { .uri = "item:RetentionDate", .since = EXCHANGE2013,
      .tag = PR_RETENTION_DATE, .write = field_write_time },
    { .uri = "item:Preview", .since = EXCHANGE2013,
      .write = field_write_preview },
    { .uri = "item:RightsManagementLicenseData", .since = EXCHANGE2013 },
    { .uri = "item:PredictedActionReasons", .since = EXCHANGE2013_SP1 },
    { .uri = "item:IsClutter", .since = EXCHANGE2013_SP1,
      .write = field_write_false },
    { .uri = "item:BlockStatus", .since = EXCHANGE2013,
      .write = field_write_false },
    { .uri = "item:HasBlockedImages", .since = EXCHANGE2013,
      .write = field_write_false },
    { .uri = "item:TextBody", .since = EXCHANGE2013, .tag = PR_BODY,
      .flags = FIELD_NOT_LISTED, .write = field_write_text_body,
      .set = field_set_text_body, .clear = field_clear_body },
    { .uri = "item:IconIndex", .since = EXCHANGE2013, .tag = PR_ICON_INDEX,
      .write = field_write_icon },
    /* of the service in the cloud, in the schema of 2016: never there */
    { .uri = "item:Hashtags", .since = EXCHANGE2016 },
    { .uri = "item:Mentions", .since = EXCHANGE2016 },
    { .uri = "item:MentionedMe", .since = EXCHANGE2016 },
    { .uri = "item:MentionsPreview", .since = EXCHANGE2016 },
    { .uri = "item:MentionsEx", .since = EXCHANGE2016 },
    { .uri = "item:AppliedHashtags", .since = EXCHANGE2016 },
    { .uri = "item:AppliedHashtagsPreview", .since = EXCHANGE2016 },
    { .uri = "item:Likes", .since = EXCHANGE2016 },
    { .uri = "item:LikesPreview", .since = EXCHANGE2016 },
    { .uri = "item:PendingSocialActivityTagIds", .since = EXCHANGE2016 },
    { .uri = "item:AtAllMention", .since = EXCHANGE2016 },
    { .uri = "item:CanDelete", .since = EXCHANGE2016 },
    { .uri = "item:InferenceClassification", .since = EXCHANGE2016 },
    { .uri = "item:MimeContentUTF8", .since = EXCHANGE2016,
      .flags = FIELD_NOT_LISTED, .write = field_write_mime },
    { .uri = "item:FirstBody", .since = EXCHANGE2016 },
};
/* clang-format on */

const struct field_section field_section_item = {
    .kinds = KINDS_ALL,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
};
