#include "lab/field_priv.h"

#include "lab/person.h"
#include "lab/recurrence_xml.h"

/* PidLidTaskStatus, [MS-OXOTASK] 2.2.2.2.2 */
enum { STATUS_NOT_STARTED, STATUS_IN_PROGRESS, STATUS_COMPLETED };

static const char *const statuses[] = { "NotStarted", "InProgress",
                                        "Completed",  "WaitingOnOthers",
                                        "Deferred",   NULL };
static const char *const status_texts[] = {
    "Not Started", "In Progress", "Completed", "Waiting on someone else",
    "Deferred",    NULL
};

/* PidLidTaskAcceptanceState, 2.2.2.2.26 */
static const char *const delegations[] = { "NoMatch", "OwnNew", "Accepted",
                                           "Declined", NULL };

static uint32_t tag(struct field_edit *e, uint32_t id, uint16_t type)
{
    return mapi_named_id(e->item, PSETID_TASK, id, type);
}

static const struct mapi_prop *find(const struct field_edit *e, uint32_t id)
{
    return mapi_find_id(e->props, PSETID_TASK, id);
}

/* ---- status, percent and date of completion are one thing ---------- */

static void put_status(struct field_edit *e, int32_t status, double part)
{
    mapi_set_i32(e->item, e->props, tag(e, LID_TASK_STATUS, PT_LONG), status);
    mapi_set_double(e->item, e->props, tag(e, LID_TASK_PERCENT, PT_DOUBLE),
                    part);
    mapi_set_bool(e->item, e->props, tag(e, LID_TASK_COMPLETE, PT_BOOLEAN),
                  status == STATUS_COMPLETED);
}

static void complete(struct field_edit *e, int64_t us)
{
    put_status(e, STATUS_COMPLETED, 1.0);
    mapi_set_time(e->item, e->props, tag(e, LID_TASK_COMPLETED, PT_SYSTIME),
                  us);
}

static void reopen(struct field_edit *e, int32_t status, double part)
{
    put_status(e, status, part);
    mapi_remove(e->props, PROP_ID(tag(e, LID_TASK_COMPLETED, PT_SYSTIME)));
}

/* The day it was done, unless that is known. */
static int64_t done_at(const struct field_edit *e)
{
    int64_t us = mapi_get_time(find(e, LID_TASK_COMPLETED));
    int64_t now = timestamp_now(), day = INT64_C(86400) * TIMESTAMP_SECOND;

    return us != TIMESTAMP_NONE ? us : now - now % day;
}

static int set_status(struct field_edit *e, const struct field *f,
                      const xmlNode *node, struct problem *p)
{
    double part = mapi_get_double(find(e, LID_TASK_PERCENT), 0);
    int32_t status;

    if (field_set_enum(e, f, node, p) < 0)
        return -1;
    status = mapi_get_i32(find(e, LID_TASK_STATUS), STATUS_NOT_STARTED);
    if (status == STATUS_COMPLETED)
        complete(e, done_at(e));
    else
        reopen(e, status,
               status == STATUS_NOT_STARTED || part >= 1.0 ? 0 : part);
    return 0;
}

static int set_percent(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p)
{
    int32_t status = mapi_get_i32(find(e, LID_TASK_STATUS), STATUS_NOT_STARTED);
    double percent;

    if (field_parse_double(node, &percent, p) < 0)
        return -1;
    if (!(percent >= 0 && percent <= 100))
        return field_refuse(p, "ErrorInvalidPercentCompleteValue", f);
    if (percent >= 100)
        complete(e, done_at(e));
    else if (percent > 0)
        reopen(e,
               status == STATUS_NOT_STARTED || status == STATUS_COMPLETED
                   ? STATUS_IN_PROGRESS
                   : status,
               percent / 100);
    else
        reopen(e,
               status == STATUS_COMPLETED || status == STATUS_IN_PROGRESS
                   ? STATUS_NOT_STARTED
                   : status,
               0);
    return 0;
}

static void write_percent(struct field_view *v, const struct field *f)
{
    double part = mapi_get_double(view_find_id(v, f->pset, f->id), 0);
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    /* kept as a part of one: what was written in percent must come back */
    part = CLAMP(part, 0, 1);
    g_ascii_dtostr(text, sizeof(text),
                   (double)(int64_t)(part * 1e8 + 0.5) / 1e6);
    xml_text(v->x, "t:PercentComplete", text);
}

static int set_completed(struct field_edit *e, const struct field *f,
                         const xmlNode *node, struct problem *p)
{
    int64_t us;

    if (field_parse_time(node, &us, p) < 0)
        return -1;
    if (us > timestamp_now())
        return field_refuse(p, "ErrorInvalidCompleteDate", f);
    complete(e, us);
    return 0;
}

static int clear_completed(struct field_edit *e, const struct field *f,
                           const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    reopen(e, STATUS_NOT_STARTED, 0);
    return 0;
}

static void write_status_text(struct field_view *v, const struct field *f)
{
    int32_t status = mapi_get_i32(view_find_id(v, f->pset, f->id), 0);

    if (status < 0 || status >= (int32_t)G_N_ELEMENTS(status_texts) - 1)
        status = STATUS_NOT_STARTED;
    xml_text(v->x, "t:StatusDescription", status_texts[status]);
}

/* ---- dates --------------------------------------------------------- */

/* Both are also the dates of a flag: PidLidCommonStart and -End. */
static int set_date(struct field_edit *e, const struct field *f,
                    const xmlNode *node, struct problem *p)
{
    uint32_t common =
        f->id == LID_TASK_START ? LID_COMMON_START : LID_COMMON_END;
    int64_t us;

    if (field_parse_time(node, &us, p) < 0)
        return -1;
    mapi_set_time(e->item, e->props, field_tag(e, f), us);
    mapi_set_time(e->item, e->props,
                  mapi_named_id(e->item, PSETID_COMMON, common, PT_SYSTIME),
                  us);
    return 0;
}

static int clear_date(struct field_edit *e, const struct field *f,
                      const struct field_path *path, struct problem *p)
{
    uint32_t common =
        f->id == LID_TASK_START ? LID_COMMON_START : LID_COMMON_END;

    mapi_remove(e->props, PROP_ID(mapi_named_id(e->item, PSETID_COMMON, common,
                                                PT_SYSTIME)));
    return field_clear(e, f, path, p);
}

/* ---- series -------------------------------------------------------- */

static void write_recurrence(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *blob = view_find_id(v, f->pset, f->id);
    g_auto(recurrence) r = { 0 };

    if (blob != NULL && recurrence_read(blob->data, blob->size, &r) == 0)
        recurrence_write_xml(v->x, &r, v->call->asked);
}

static int set_recurrence(struct field_edit *e, const struct field *f,
                          const xmlNode *node, struct problem *p)
{
    g_auto(recurrence) r = { 0 };
    g_autoptr(GByteArray) blob = NULL;

    if (recurrence_read_xml(node, &r, p) < 0)
        return -1;
    recurrence_anchor(&r);
    blob = recurrence_write(&r);
    mapi_set(e->item, e->props, field_tag(e, f), blob->data, blob->len);
    mapi_set_bool(e->item, e->props, tag(e, LID_TASK_RECURRING, PT_BOOLEAN),
                  true);
    return 0;
}

static int clear_recurrence(struct field_edit *e, const struct field *f,
                            const struct field_path *path, struct problem *p)
{
    mapi_set_bool(e->item, e->props, tag(e, LID_TASK_RECURRING, PT_BOOLEAN),
                  false);
    return field_clear(e, f, path, p);
}

/* ---- what a new one has -------------------------------------------- */

static int set_owner(struct field_edit *e, struct problem *p)
{
    g_auto(person) owner = { 0 };

    if (find(e, LID_TASK_OWNER) != NULL)
        return 0;
    if (person_owner(e->call, e->mailbox, &owner, p) < 0)
        return -1;
    mapi_set_text(e->item, e->props, tag(e, LID_TASK_OWNER, PT_UNICODE),
                  owner.name);
    return 0;
}

static int finish(struct field_edit *e, struct problem *p)
{
    /* [MS-OXOTASK] 2.2.2.2: its value in a task that is nobody else's */
    static const struct {
        uint32_t id;
        int32_t value;
    } numbers[] = {
        { LID_TASK_STATUS, STATUS_NOT_STARTED },
        { LID_TASK_VERSION, 1 },
        { LID_TASK_STATE, 1 },
        { LID_TASK_OWNERSHIP, 0 },
        { LID_TASK_ACCEPTANCE, 0 },
    };
    static const uint32_t flags[] = { LID_TASK_COMPLETE, LID_TEAM_TASK,
                                      LID_TASK_RECURRING };

    if (e->was != NULL)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (find(e, numbers[i].id) == NULL)
            mapi_set_i32(e->item, e->props, tag(e, numbers[i].id, PT_LONG),
                         numbers[i].value);
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (find(e, flags[i]) == NULL)
            mapi_set_bool(e->item, e->props, tag(e, flags[i], PT_BOOLEAN),
                          false);
    if (find(e, LID_TASK_PERCENT) == NULL)
        mapi_set_double(e->item, e->props, tag(e, LID_TASK_PERCENT, PT_DOUBLE),
                        0);
    return set_owner(e, p);
}

/* ---- the rows ------------------------------------------------------ */

/* clang-format off */
#define TASK(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_TASK, .id = (lid)
#define COMMON(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_COMMON, .id = (lid)
#define TEXT .write = field_write_text, .set = field_set_text, \
    .clear = field_clear
#define TEXTS .write = field_write_texts, .set = field_set_texts, \
    .clear = field_clear
#define INT .write = field_write_int_if, .set = field_set_int, \
    .clear = field_clear

static const struct field rows[] = {
    { .uri = "task:ActualWork", .base = IN_ALL,
      TASK(LID_TASK_ACTUAL, PT_LONG), INT },
    { .uri = "task:AssignedTime", .base = IN_ALL,
      TASK(LID_TASK_ASSIGNED_AT, PT_SYSTIME), .write = field_write_time },
    { .uri = "task:BillingInformation", .base = IN_ALL,
      COMMON(LID_BILLING, PT_UNICODE), TEXT },
    { .uri = "task:ChangeCount", .base = IN_ALL,
      TASK(LID_TASK_VERSION, PT_LONG), .fallback = 1,
      .write = field_write_int },
    { .uri = "task:Companies", .base = IN_ALL,
      COMMON(LID_COMPANIES, PT_UNICODE | MV_FLAG), TEXTS },
    { .uri = "task:CompleteDate", .base = IN_ALL,
      TASK(LID_TASK_COMPLETED, PT_SYSTIME), .write = field_write_time,
      .set = set_completed, .clear = clear_completed },
    { .uri = "task:Contacts", .base = IN_ALL,
      COMMON(LID_CONTACTS, PT_UNICODE | MV_FLAG), TEXTS },
    { .uri = "task:DelegationState", .base = IN_ALL,
      TASK(LID_TASK_ACCEPTANCE, PT_LONG), .values = delegations,
      .write = field_write_enum },
    { .uri = "task:Delegator", .base = IN_ALL,
      TASK(LID_TASK_ASSIGNER, PT_UNICODE), .write = field_write_text },
    { .uri = "task:DueDate", .base = IN_DEFAULT,
      TASK(LID_TASK_DUE, PT_SYSTIME), .write = field_write_time,
      .set = set_date, .clear = clear_date },
    /* of assigned tasks, which the lab does not hand on */
    { .uri = "task:IsAssignmentEditable" },
    { .uri = "task:IsComplete", .base = IN_ALL,
      TASK(LID_TASK_COMPLETE, PT_BOOLEAN), .write = field_write_bool },
    { .uri = "task:IsRecurring", .base = IN_ALL,
      TASK(LID_TASK_RECURRING, PT_BOOLEAN), .write = field_write_bool },
    { .uri = "task:IsTeamTask", .base = IN_ALL,
      TASK(LID_TEAM_TASK, PT_BOOLEAN), .write = field_write_bool },
    { .uri = "task:Mileage", .base = IN_ALL,
      COMMON(LID_MILEAGE, PT_UNICODE), TEXT },
    { .uri = "task:Owner", .base = IN_ALL,
      TASK(LID_TASK_OWNER, PT_UNICODE), .write = field_write_text },
    { .uri = "task:PercentComplete", .base = IN_DEFAULT,
      TASK(LID_TASK_PERCENT, PT_DOUBLE), .write = write_percent,
      .set = set_percent },
    { .uri = "task:Recurrence", .base = IN_ALL,
      TASK(LID_TASK_RECURRENCE, PT_BINARY), .write = write_recurrence,
      .set = set_recurrence, .clear = clear_recurrence },
    { .uri = "task:StartDate", .base = IN_DEFAULT,
      TASK(LID_TASK_START, PT_SYSTIME), .write = field_write_time,
      .set = set_date, .clear = clear_date },
    { .uri = "task:Status", .base = IN_DEFAULT,
      TASK(LID_TASK_STATUS, PT_LONG), .values = statuses,
      .write = field_write_enum, .set = set_status },
    { .uri = "task:StatusDescription", .base = IN_ALL,
      TASK(LID_TASK_STATUS, PT_LONG), .write = write_status_text },
    { .uri = "task:TotalWork", .base = IN_ALL,
      TASK(LID_TASK_ESTIMATED, PT_LONG), INT },
};
/* clang-format on */

const struct field_section field_section_task = {
    .kinds = KIND_TASK,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
    .finish = finish,
};
