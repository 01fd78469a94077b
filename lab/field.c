#include "lab/field.h"

#include <string.h>

#include "lab/field_calendar.h"

/* The sections of a kind stand in the order of its extensions in types.xsd. */
const struct field_section *const field_sections[] = {
    &field_section_item,
    &field_section_message,
    &field_section_calendar_head,
    &field_section_meeting,
    &field_section_request,
    &field_section_calendar,
    &field_section_calendar_tail,
    &field_section_response,
    &field_section_post,
    &field_section_contact,
    &field_section_contact_never,
    &field_section_list,
    &field_section_task,
    &field_section_never,
    NULL,
};

/* ---- kinds --------------------------------------------------------- */

static const struct {
    enum item_kind kind;
    const char *element;
    const char *item_class; /* of a new one */
} kinds[] = {
    { KIND_ITEM, "t:Item", "IPM.Note" },
    { KIND_MESSAGE, "t:Message", "IPM.Note" },
    { KIND_POST, "t:PostItem", "IPM.Post" },
    { KIND_CALENDAR, "t:CalendarItem", "IPM.Appointment" },
    { KIND_CONTACT, "t:Contact", "IPM.Contact" },
    { KIND_LIST, "t:DistributionList", "IPM.DistList" },
    { KIND_TASK, "t:Task", "IPM.Task" },
    { KIND_MEETING, "t:MeetingMessage", "IPM.Schedule.Meeting" },
    { KIND_REQUEST, "t:MeetingRequest", "IPM.Schedule.Meeting.Request" },
    { KIND_RESPONSE, "t:MeetingResponse", "IPM.Schedule.Meeting.Resp.Pos" },
    { KIND_CANCELLATION, "t:MeetingCancellation",
      "IPM.Schedule.Meeting.Canceled" },
};

/* The longest prefix first: [MS-OXWSCORE] names an element for each class. */
static const struct {
    const char *prefix;
    enum item_kind kind;
} classes[] = {
    { "IPM.Schedule.Meeting.Request", KIND_REQUEST },
    { "IPM.Schedule.Meeting.Resp", KIND_RESPONSE },
    { "IPM.Schedule.Meeting.Canceled", KIND_CANCELLATION },
    { "IPM.Schedule.Meeting", KIND_MEETING },
    { "IPM.Appointment", KIND_CALENDAR },
    /* an exception of a series, inside its attachment */
    { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", KIND_CALENDAR },
    { "IPM.Contact", KIND_CONTACT },
    { "IPM.DistList", KIND_LIST },
    { "IPM.Task", KIND_TASK },
    { "IPM.Post", KIND_POST },
    { "IPM.Note", KIND_MESSAGE },
    { "REPORT", KIND_MESSAGE },
};

/* "IPM.Task" is a prefix of "IPM.Task.Own", and none of "IPM.TaskRequest". */
static bool has_class(const char *item_class, const char *prefix)
{
    size_t n = strlen(prefix);

    return g_ascii_strncasecmp(item_class, prefix, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

enum item_kind item_kind(const char *item_class)
{
    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(classes); i++)
        if (has_class(item_class, classes[i].prefix))
            return classes[i].kind;
    return KIND_ITEM;
}

const char *item_kind_element(enum item_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].element;
    return "t:Item";
}

enum item_kind item_kind_of_element(const xmlNode *node)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (soap_is(node, NS_TYPES, kinds[i].element + 2))
            return kinds[i].kind;
    return 0;
}

const char *item_kind_class(enum item_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].item_class;
    return "IPM.Note";
}

/* ---- rows ---------------------------------------------------------- */

size_t field_count(void)
{
    size_t n = 0;

    for (size_t s = 0; field_sections[s] != NULL; s++)
        n += field_sections[s]->n;
    return n;
}

const struct field *field_at(size_t i, uint32_t *ret_kinds)
{
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        if (i < field_sections[s]->n) {
            *ret_kinds = field_sections[s]->kinds;
            return &field_sections[s]->rows[i];
        }
        i -= field_sections[s]->n;
    }
    return NULL;
}

/* Which of the row's dictionary URIs that is; NULL: none. */
static const char *part_of(const struct field *f, const char *uri)
{
    for (size_t i = 0; f->parts != NULL && f->parts[i] != NULL; i++)
        if (strcmp(f->parts[i], uri) == 0)
            return f->parts[i];
    return NULL;
}

const struct field *field_find(const char *uri, uint32_t wanted)
{
    /* what stands without a ':' is an element without a FieldURI */
    if (strchr(uri, ':') == NULL)
        return NULL;
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        const struct field_section *section = field_sections[s];

        if ((section->kinds & wanted) == 0)
            continue;
        for (size_t i = 0; i < section->n; i++)
            if (strcmp(section->rows[i].uri, uri) == 0 ||
                part_of(&section->rows[i], uri) != NULL)
                return &section->rows[i];
    }
    return NULL;
}

static const char *local_name(const struct field *f)
{
    const char *colon = strrchr(f->uri, ':');

    if (f->element != NULL)
        return f->element;
    return colon != NULL ? colon + 1 : f->uri;
}

char *field_element(const struct field *f)
{
    return g_strconcat("t:", local_name(f), NULL);
}

const struct field *field_of_element(const xmlNode *node, enum item_kind kind)
{
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        const struct field_section *section = field_sections[s];

        if ((section->kinds & (uint32_t)kind) == 0)
            continue;
        for (size_t i = 0; i < section->n; i++)
            if (soap_is(node, NS_TYPES, local_name(&section->rows[i])))
                return &section->rows[i];
    }
    return NULL;
}

/* ---- paths --------------------------------------------------------- */

void field_path_clear(struct field_path *path)
{
    g_clear_pointer(&path->index, g_free);
    g_clear_pointer(&path->extended, extended_free);
}

/* What no kind has can be asked for among properties of all kinds. */
static bool is_for(const struct field_section *section, uint32_t wanted)
{
    return (section->kinds & wanted) != 0 ||
           (section->kinds == 0 && wanted == KINDS_ALL);
}

/* Some row of that URI that the release has; -1 when all came later. */
static const struct field *find_in_time(const struct op_call *call,
                                        const char *uri, uint32_t wanted,
                                        bool *ret_later)
{
    *ret_later = false;
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        const struct field_section *section = field_sections[s];

        for (size_t i = 0; i < section->n; i++) {
            const struct field *f = &section->rows[i];

            if (!is_for(section, wanted) || strchr(uri, ':') == NULL ||
                (strcmp(f->uri, uri) != 0 && part_of(f, uri) == NULL))
                continue;
            if (call->asked >= f->since)
                return f;
            *ret_later = true;
        }
    }
    return NULL;
}

static int read_uri(const struct op_call *call, const xmlNode *node,
                    uint32_t wanted, struct field_path *ret, struct problem *p)
{
    g_autofree char *uri = soap_attr_dup(node, "FieldURI");
    bool later = false, indexed = soap_is(node, NS_TYPES, "IndexedFieldURI");

    ret->field = uri != NULL ? find_in_time(call, uri, wanted, &later) : NULL;
    if (ret->field == NULL && later)
        return problem_fault(p, "ErrorIncorrectSchemaVersion");
    if (ret->field != NULL) {
        ret->part = part_of(ret->field, uri);
        ret->index = indexed ? soap_attr_dup(node, "FieldIndex") : NULL;
    }
    if (ret->field == NULL || indexed != (ret->part != NULL) ||
        indexed != (ret->index != NULL)) {
        problem_fault(p, "ErrorInvalidPropertyRequest");
        return problem_value(p, "FieldURI", uri != NULL ? uri : "");
    }
    return 0;
}

int field_path_read(const struct op_call *call, const xmlNode *node,
                    uint32_t wanted, struct field_path *ret, struct problem *p)
{
    g_auto(field_path) path = { .node = node };

    if (soap_is(node, NS_TYPES, "ExtendedFieldURI")) {
        path.extended = extended_read(node, p);
        if (path.extended == NULL)
            return -1;
    } else if (read_uri(call, node, wanted, &path, p) < 0) {
        return -1;
    }
    *ret = path;
    path = (struct field_path){ 0 };
    return 0;
}

const struct mapi_prop *field_path_find(struct field_view *v,
                                        const struct field_path *path)
{
    const struct mapi_props *props = view_props(v);
    const struct field *f = path->field;

    if (props == NULL)
        return NULL;
    if (path->extended != NULL)
        return extended_find(props, path->extended);
    if (f->pset == NULL)
        return f->tag != 0 ? mapi_find(props, PROP_ID(f->tag)) : NULL;
    return f->name != NULL ? mapi_find_text(props, f->pset, f->name)
                           : mapi_find_id(props, f->pset, f->id);
}

/* ---- setting a whole item ------------------------------------------ */

void field_edit_clear(struct field_edit *e)
{
    if (e->scratch != NULL && e->scratch_free != NULL)
        e->scratch_free(e->scratch);
    e->scratch = NULL;
}

int field_refuse(struct problem *p, const char *code, const struct field *f)
{
    problem_set(p, code);
    return problem_value(p, "FieldURI", f->uri);
}

int field_set(struct field_edit *e, const struct field *f, const xmlNode *node,
              struct problem *p)
{
    if (e->call->asked < f->since)
        return problem_fault(p, "ErrorIncorrectSchemaVersion");
    if (f->set == NULL || (e->was != NULL && (f->flags & FIELD_ONCE) != 0))
        return field_refuse(p, "ErrorInvalidPropertySet", f);
    if (e->appending && (f->flags & FIELD_APPENDS) == 0)
        return field_refuse(p, "ErrorInvalidPropertyAppend", f);
    return f->set(e, f, node, p);
}

int field_set_all(struct field_edit *e, const xmlNode *node, struct problem *p)
{
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n)) {
        const struct field *f = field_of_element(n, e->kind);

        if (f == NULL)
            return soap_violation(
                p, n, "The element '%.40s' has invalid child element '%.40s'.",
                (const char *)node->name, (const char *)n->name);
        if (field_set(e, f, n, p) < 0)
            return -1;
    }
    return field_finish(e, p);
}

int field_finish(struct field_edit *e, struct problem *p)
{
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        const struct field_section *section = field_sections[s];

        if ((section->kinds & (uint32_t)e->kind) != 0 &&
            section->finish != NULL && section->finish(e, p) < 0)
            return -1;
    }
    return 0;
}
