#include "lab/field_priv.h"

#include <string.h>

/*
 * The follow-up flag, [MS-OXOFLAG]: flag status, and the dates of a task on
 * the item itself.
 */

/* PidTagFlagStatus, 2.2.1.1 */
enum { FLAG_NONE, FLAG_COMPLETE, FLAG_FLAGGED };

static const char *const statuses[] = { "NotFlagged", "Complete", "Flagged" };

/* PidTagFollowupIcon, 2.2.1.2: red */
#define ICON_RED 6
/* PidTagToDoItemFlags, 2.2.1.6: todoRecipientFlagged is 8, this is "set" */
#define PR_TODO_ITEM_FLAGS 0x0E2B0003u

static uint32_t task(struct field_edit *e, uint32_t id, uint16_t type)
{
    return mapi_named_id(e->item, PSETID_TASK, id, type);
}

static uint32_t common(struct field_edit *e, uint32_t id, uint16_t type)
{
    return mapi_named_id(e->item, PSETID_COMMON, id, type);
}

/* ---- writing ------------------------------------------------------- */

static void write_date(struct field_view *v, const char *name, uint32_t id)
{
    xml_time(v->x, name, mapi_get_time(view_find_id(v, PSETID_TASK, id)));
}

void field_write_flag(struct field_view *v, const struct field *f)
{
    int32_t status = mapi_get_i32(view_find(v, PR_FLAG_STATUS), FLAG_NONE);

    (void)f;
    if (status < FLAG_NONE || status > FLAG_FLAGGED)
        status = FLAG_NONE;
    xml_open(v->x, "t:Flag");
    xml_text(v->x, "t:FlagStatus", statuses[status]);
    if (status == FLAG_FLAGGED) {
        write_date(v, "t:StartDate", LID_TASK_START);
        write_date(v, "t:DueDate", LID_TASK_DUE);
    } else if (status == FLAG_COMPLETE) {
        xml_time(v->x, "t:CompleteDate",
                 mapi_get_time(view_find(v, PR_FLAG_COMPLETE_TIME)));
    }
    xml_close(v->x, "t:Flag");
}

/* ---- setting ------------------------------------------------------- */

static void remove_named(struct field_edit *e, uint32_t tag)
{
    mapi_remove(e->props, PROP_ID(tag));
}

int field_clear_flag(struct field_edit *e, const struct field *f,
                     const struct field_path *path, struct problem *p)
{
    static const uint32_t tasks[] = { LID_TASK_START,     LID_TASK_DUE,
                                      LID_TASK_COMPLETED, LID_TASK_STATUS,
                                      LID_TASK_PERCENT,   LID_TASK_COMPLETE };

    (void)f;
    (void)path;
    (void)p;
    mapi_remove(e->props, PROP_ID(PR_FLAG_STATUS));
    mapi_remove(e->props, PROP_ID(PR_FLAG_COMPLETE_TIME));
    mapi_remove(e->props, PROP_ID(PR_FOLLOWUP_ICON));
    mapi_remove(e->props, PROP_ID(PR_TODO_ITEM_FLAGS));
    remove_named(e, common(e, LID_FLAG_REQUEST, PT_UNICODE));
    /* a task's own dates are no flag's */
    for (size_t i = 0; e->kind != KIND_TASK && i < G_N_ELEMENTS(tasks); i++)
        remove_named(e, task(e, tasks[i], PT_LONG));
    return 0;
}

static int set_date(struct field_edit *e, const xmlNode *flag, const char *name,
                    uint32_t id, uint32_t common_id, struct problem *p)
{
    const xmlNode *node = soap_child(flag, NS_TYPES, name);
    int64_t us;

    if (node == NULL)
        return 0;
    if (field_parse_time(node, &us, p) < 0)
        return -1;
    mapi_set_time(e->item, e->props, task(e, id, PT_SYSTIME), us);
    mapi_set_time(e->item, e->props, common(e, common_id, PT_SYSTIME), us);
    return 0;
}

static int set_flagged(struct field_edit *e, const xmlNode *node,
                       struct problem *p)
{
    const xmlNode *start = soap_child(node, NS_TYPES, "StartDate");
    const xmlNode *due = soap_child(node, NS_TYPES, "DueDate");

    /* [MS-OXWSCDATA] FlagType: both or neither */
    if ((start == NULL) != (due == NULL))
        return problem_set(p, "ErrorInvalidArgument");
    mapi_set_i32(e->item, e->props, PR_FLAG_STATUS, FLAG_FLAGGED);
    mapi_set_i32(e->item, e->props, PR_FOLLOWUP_ICON, ICON_RED);
    mapi_set_i32(e->item, e->props, PR_TODO_ITEM_FLAGS, 1);
    mapi_set_text(e->item, e->props, common(e, LID_FLAG_REQUEST, PT_UNICODE),
                  "Follow up");
    mapi_set_i32(e->item, e->props, task(e, LID_TASK_STATUS, PT_LONG), 0);
    mapi_set_bool(e->item, e->props, task(e, LID_TASK_COMPLETE, PT_BOOLEAN),
                  false);
    if (set_date(e, node, "StartDate", LID_TASK_START, LID_COMMON_START, p) < 0)
        return -1;
    return set_date(e, node, "DueDate", LID_TASK_DUE, LID_COMMON_END, p);
}

static int set_complete(struct field_edit *e, const xmlNode *node,
                        struct problem *p)
{
    const xmlNode *date = soap_child(node, NS_TYPES, "CompleteDate");
    int64_t us = timestamp_now();

    if (date != NULL && field_parse_time(date, &us, p) < 0)
        return -1;
    mapi_set_i32(e->item, e->props, PR_FLAG_STATUS, FLAG_COMPLETE);
    mapi_set_time(e->item, e->props, PR_FLAG_COMPLETE_TIME, us);
    mapi_set_i32(e->item, e->props, PR_TODO_ITEM_FLAGS, 1);
    mapi_set_i32(e->item, e->props, task(e, LID_TASK_STATUS, PT_LONG), 2);
    mapi_set_double(e->item, e->props, task(e, LID_TASK_PERCENT, PT_DOUBLE),
                    1.0);
    mapi_set_bool(e->item, e->props, task(e, LID_TASK_COMPLETE, PT_BOOLEAN),
                  true);
    mapi_set_time(e->item, e->props, task(e, LID_TASK_COMPLETED, PT_SYSTIME),
                  us);
    return 0;
}

int field_set_flag(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    g_autofree char *status =
        soap_text_dup(soap_child(node, NS_TYPES, "FlagStatus"));

    if (field_clear_flag(e, f, NULL, p) < 0)
        return -1;
    if (g_strcmp0(status, "Flagged") == 0)
        return set_flagged(e, node, p);
    if (g_strcmp0(status, "Complete") == 0)
        return set_complete(e, node, p);
    if (g_strcmp0(status, "NotFlagged") == 0)
        return 0;
    return soap_violation(p, node, "The 'FlagStatus' element is invalid.");
}
