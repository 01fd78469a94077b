#include "lab/find.h"

#include <string.h>

/* What the store has drawn out of items, by its names. */
static const struct {
    const char *uri;
    uint32_t tag; /* 0: not by tag */
    enum lab_column column;
    enum value_kind kind;
} columns[] = {
    { "item:ItemClass", PR_MESSAGE_CLASS, LAB_COLUMN_CLASS, VALUE_TEXT },
    { "item:Subject", PR_SUBJECT, LAB_COLUMN_SUBJECT, VALUE_TEXT },
    { "message:InternetMessageId", PR_INTERNET_MESSAGE_ID,
      LAB_COLUMN_MESSAGE_ID, VALUE_TEXT },
    { "item:DateTimeReceived", 0, LAB_COLUMN_RECEIVED, VALUE_TIME },
    { NULL, PR_MESSAGE_DELIVERY_TIME, LAB_COLUMN_DELIVERED, VALUE_TIME },
    { "item:DateTimeSent", PR_CLIENT_SUBMIT_TIME, LAB_COLUMN_SENT, VALUE_TIME },
    { "item:DateTimeCreated", PR_CREATION_TIME, LAB_COLUMN_CREATED,
      VALUE_TIME },
    { "item:LastModifiedTime", PR_LAST_MODIFICATION_TIME, LAB_COLUMN_MODIFIED,
      VALUE_TIME },
    { "item:Size", PR_MESSAGE_SIZE, LAB_COLUMN_SIZE, VALUE_NUMBER },
    { "message:IsRead", 0, LAB_COLUMN_READ, VALUE_BOOL },
    { "item:HasAttachments", 0, LAB_COLUMN_ATTACHMENTS, VALUE_BOOL },
    { "item:IsAssociated", 0, LAB_COLUMN_ASSOCIATED, VALUE_BOOL },
};

/* Computed for whoever looks at an item, and for nobody who searches. */
static const char *const computed[] = {
    "item:ItemId",
    "item:ParentFolderId",
    "item:MimeContent",
    "item:UniqueBody",
    "item:EffectiveRights",
    "item:ResponseObjects",
    "item:StoreEntryId",
    "item:NormalizedBody",
    "item:ConversationId",
    "ExtendedProperty",
    "item:WebClientReadFormQueryString",
    "item:WebClientEditFormQueryString",
};

/* People: found by their names and by their addresses. */
static const char *const people[] = {
    "message:From",       "message:Sender",
    "message:ReceivedBy", "message:ReceivedRepresenting",
    "calendar:Organizer",
};

static bool is_written(const struct field *f)
{
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++)
        if (strcmp(people[i], f->uri) == 0)
            return true;
    return f->tag == 0;
}

void find_path_free(void *data)
{
    struct find_path *path = data;

    if (path == NULL)
        return;
    field_path_clear(&path->path);
    g_free(path);
}

static bool is_computed(const struct field *f)
{
    for (size_t i = 0; i < G_N_ELEMENTS(computed); i++)
        if (strcmp(computed[i], f->uri) == 0)
            return true;
    return f->write == NULL;
}

static int column_of(const struct field_path *path)
{
    const struct extended *e = path->extended;

    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        if (e != NULL && e->tag != 0 &&
            columns[i].tag == PROP_TAG(e->tag, e->type))
            return (int)i;
        if (e == NULL && columns[i].uri != NULL &&
            strcmp(columns[i].uri, path->field->uri) == 0)
            return (int)i;
    }
    return -1;
}

/* A bit of the message flags has no property of its own. */
static bool is_bit(const struct field *f)
{
    return f->write == field_write_bit;
}

static enum value_kind kind_of(const struct field_path *path)
{
    const struct field *f = path->field;
    enum value_kind kind;

    if (path->extended != NULL)
        return value_kind_of(path->extended->type);
    g_assert(f != NULL); /* a path has the one or the other */
    if (is_bit(f))
        return VALUE_BOOL;
    kind = is_written(f) ? VALUE_NONE : value_kind_of(PROP_TYPE(f->tag));
    /* the rest is compared as it is shown */
    return kind != VALUE_NONE ? kind : VALUE_TEXTS;
}

static int settle(struct find_context *context, struct field_path *path,
                  struct restriction_path *ret, struct problem *p)
{
    struct find_path *data;
    int at;

    if (path->field != NULL && is_computed(path->field)) {
        problem_fault(p, context->unsupported);
        problem_value(p, "FieldURI", path->field->uri);
        field_path_clear(path);
        return -1;
    }
    at = column_of(path);
    data = g_new0(struct find_path, 1);
    data->path = *path;
    data->column = at >= 0 ? (int)columns[at].column : -1;
    *ret = (struct restriction_path){
        .kind = at >= 0 ? columns[at].kind : kind_of(path),
        .flag = data->column == LAB_COLUMN_READ ||
                (path->field != NULL && is_bit(path->field)),
        .values = path->field != NULL ? path->field->values : NULL,
        .data = data,
    };
    if (ret->kind != VALUE_NONE)
        return 0;
    find_path_free(data);
    ret->data = NULL;
    return problem_fault(p, context->unsupported);
}

static int read_path(void *data, const xmlNode *node,
                     struct restriction_path *ret, struct problem *p)
{
    struct find_context *context = data;
    struct field_path path = { 0 };

    if (field_path_read(context->call, node, KINDS_ALL, &path, p) < 0)
        return -1;
    return settle(context, &path, ret, p);
}

struct restriction_paths find_paths(struct find_context *context)
{
    return (struct restriction_paths){ .read = read_path,
                                       .release = find_path_free,
                                       .context = context };
}

int find_path_of(struct find_context *context, const char *uri,
                 struct restriction_path *ret, struct problem *p)
{
    struct field_path path = { .field = field_find(uri, KINDS_ALL) };

    if (path.field == NULL)
        return problem_fault(p, context->unsupported);
    return settle(context, &path, ret, p);
}

/* ---- values ---------------------------------------------------------- */

void find_object_init(struct find_object *o, struct op_call *call,
                      int64_t mailbox, const struct lab_item *item)
{
    *o = (struct find_object){
        .view = { .call = call,
                  .shape = &o->whole,
                  .mailbox = mailbox,
                  .item = item,
                  .kind = item_kind(item->item_class) },
        .whole = { .base = SHAPE_ALL },
    };
    memset(o->whole.wanted, WANT_ALL, sizeof(o->whole.wanted));
}

void find_object_clear(struct find_object *o)
{
    g_clear_pointer(&o->view.tree, mapi_item_free);
    g_clear_pointer(&o->view.payload, g_bytes_unref);
    o->view.message = NULL;
}

static void set_time(struct value *v, int64_t us)
{
    if (us != TIMESTAMP_NONE)
        value_set_number(v, VALUE_TIME, us);
}

static void column_value(const struct lab_item *item, enum lab_column column,
                         struct value *ret)
{
    switch (column) {
    case LAB_COLUMN_CLASS:
        value_set_text(ret, item->item_class);
        break;
    case LAB_COLUMN_SUBJECT:
        value_set_text(ret, item->subject);
        break;
    case LAB_COLUMN_MESSAGE_ID:
        value_set_text(ret, item->message_id);
        break;
    case LAB_COLUMN_RECEIVED:
        set_time(ret, item->received_us != TIMESTAMP_NONE ? item->received_us
                                                          : item->created_us);
        break;
    case LAB_COLUMN_DELIVERED:
        set_time(ret, item->received_us);
        break;
    case LAB_COLUMN_SENT:
        set_time(ret, item->sent_us);
        break;
    case LAB_COLUMN_CREATED:
        set_time(ret, item->created_us);
        break;
    case LAB_COLUMN_MODIFIED:
        set_time(ret, item->modified_us);
        break;
    case LAB_COLUMN_SIZE:
        value_set_number(ret, VALUE_NUMBER, (int64_t)item->size_bytes);
        break;
    case LAB_COLUMN_READ:
        value_set_number(ret, VALUE_BOOL, item->read);
        break;
    case LAB_COLUMN_ATTACHMENTS:
        value_set_number(ret, VALUE_BOOL, item->has_attachments);
        break;
    case LAB_COLUMN_ASSOCIATED:
        value_set_number(ret, VALUE_BOOL, item->associated);
        break;
    case LAB_N_COLUMNS:
    default:
        break;
    }
}

/* Where a walk over what was written is. */
struct shown {
    const char *key;  /* entries of this Key alone; NULL: all */
    const char *leaf; /* elements of this name alone; NULL: all */
    bool in_key, in_leaf;
    GPtrArray *texts;
};

static bool attr_is(const char *tag, size_t n, const char *name,
                    const char *text)
{
    g_autofree char *want = g_strdup_printf(" %s=\"%s\"", name, text);
    g_autofree char *have = g_strndup(tag, n);

    return strstr(have, want) != NULL;
}

static void take_tag(struct shown *s, const char *tag, size_t n)
{
    bool closing = tag[0] == '/';
    const char *name = tag + closing;
    const char *colon = memchr(name, ':', n - closing);
    size_t len;

    if (colon != NULL)
        name = colon + 1;
    len = strcspn(name, " />");
    if (len == 5 && strncmp(name, "Entry", 5) == 0)
        s->in_key =
            !closing && (s->key == NULL || attr_is(tag, n, "Key", s->key));
    if (s->leaf != NULL)
        s->in_leaf = !closing && strlen(s->leaf) == len &&
                     strncmp(name, s->leaf, len) == 0;
}

static char *unescape(const char *text, size_t n)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {
        { "&lt;", '<' },
        { "&gt;", '>' },
        { "&amp;", '&' },
        { "&quot;", '"' },
    };
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < n;) {
        size_t e = 0;

        while (e < G_N_ELEMENTS(entities) &&
               !g_str_has_prefix(text + i, entities[e].entity))
            e++;
        if (e < G_N_ELEMENTS(entities)) {
            g_string_append_c(out, entities[e].c);
            i += strlen(entities[e].entity);
        } else {
            g_string_append_c(out, text[i++]);
        }
    }
    return g_string_free(out, FALSE);
}

/* The texts in elements that our own writers have written. */
static char **shown_texts(const char *xml, const struct field_path *path)
{
    const char *leaf = path->part != NULL ? strchr(path->part, ':') : NULL;
    struct shown s = { .key = path->index, .texts = g_ptr_array_new() };

    leaf = leaf != NULL ? strchr(leaf + 1, ':') : NULL;
    /* "contacts:PhysicalAddress:City": an entry has elements */
    if (leaf != NULL && path->index != NULL)
        s.leaf = leaf + 1;
    s.in_key = s.key == NULL;
    s.in_leaf = s.leaf == NULL;
    while (*xml != '\0') {
        size_t n = strcspn(xml, "<");

        if (n > 0 && s.in_key && s.in_leaf)
            g_ptr_array_add(s.texts, unescape(xml, n));
        xml += n;
        if (*xml != '<')
            break;
        n = strcspn(xml, ">");
        take_tag(&s, xml + 1, n - 1);
        xml += n + (xml[n] == '>');
    }
    g_ptr_array_add(s.texts, NULL);
    return (char **)g_ptr_array_free(s.texts, FALSE);
}

static void written_value(struct field_view *v, const struct field_path *path,
                          struct value *ret)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct xmlout x = { text, false };

    v->x = &x;
    path->field->write(v, path->field);
    v->x = NULL;
    if (text->len == 0)
        return;
    ret->kind = VALUE_TEXTS;
    ret->texts = shown_texts(text->str, path);
    if (ret->texts[0] == NULL)
        value_clear(ret);
}

void find_value(void *object, const struct restriction_path *path,
                struct value *ret)
{
    struct field_view *v = &((struct find_object *)object)->view;
    const struct find_path *to = path->data;
    const struct field *f = to->path.field;

    *ret = (struct value){ .kind = VALUE_NONE };
    if (to->column >= 0) {
        column_value(v->item, (enum lab_column)to->column, ret);
        return;
    }
    if (f != NULL && is_written(f)) {
        written_value(v, &to->path, ret);
        return;
    }
    value_from_prop(field_path_find(v, &to->path), ret);
    if (f != NULL && is_bit(f))
        value_set_number(ret, VALUE_BOOL, (ret->number & f->fallback) != 0);
    else if (f != NULL && f->values != NULL && ret->kind == VALUE_NONE)
        value_set_number(ret, VALUE_NUMBER, f->fallback);
    else if (path->kind == VALUE_BOOL && ret->kind == VALUE_NONE && f != NULL)
        value_set_number(ret, VALUE_BOOL, f->fallback != 0);
}
