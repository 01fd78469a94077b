#include "portable/portable_priv.h"

#include <string.h>

/* ---- kinds ------------------------------------------------------------- */

static const char *const kind_names[PORTABLE_N_KINDS] = {
    [PORTABLE_MAIL] = "mail",
    [PORTABLE_POST] = "post",
    [PORTABLE_MEETING] = "meeting message",
    [PORTABLE_REPORT] = "report",
    [PORTABLE_APPOINTMENT] = "appointment",
    [PORTABLE_CONTACT] = "contact",
    [PORTABLE_LIST] = "distribution list",
    [PORTABLE_TASK] = "task",
    [PORTABLE_NOTE] = "note",
    [PORTABLE_JOURNAL] = "journal entry",
};

const char *portable_kind_name(enum portable_kind kind)
{
    g_assert((unsigned int)kind < PORTABLE_N_KINDS);
    return kind_names[kind];
}

/* [MS-OXCMSG] 2.2.1.3: a class, or one derived from it behind a dot. */
static bool is_class(const char *item_class, const char *base)
{
    size_t n = strlen(base);

    return g_ascii_strncasecmp(item_class, base, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

enum portable_kind portable_kind_of(const char *item_class)
{
    static const struct {
        const char *base;
        enum portable_kind kind;
    } rows[] = {
        { "IPM.Post", PORTABLE_POST },
        { "IPM.Schedule.Meeting", PORTABLE_MEETING },
        { "REPORT", PORTABLE_REPORT },
        { "IPM.Appointment", PORTABLE_APPOINTMENT },
        { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
          PORTABLE_APPOINTMENT }, /* an exception, by itself */
        { "IPM.Contact", PORTABLE_CONTACT },
        { "IPM.DistList", PORTABLE_LIST },
        { "IPM.Task", PORTABLE_TASK },
        { "IPM.StickyNote", PORTABLE_NOTE },
        { "IPM.Activity", PORTABLE_JOURNAL },
    };

    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(rows); i++) {
        if (is_class(item_class, rows[i].base))
            return rows[i].kind;
    }
    return PORTABLE_MAIL;
}

const char *portable_role_name(enum portable_role role)
{
    static const char *const names[PORTABLE_N_ROLES] = {
        [PORTABLE_TO] = "to",
        [PORTABLE_CC] = "cc",
        [PORTABLE_BCC] = "bcc",
        [PORTABLE_ORGANISER] = "organiser",
        [PORTABLE_REQUIRED] = "attendee",
        [PORTABLE_OPTIONAL] = "optional attendee",
        [PORTABLE_RESOURCE] = "resource",
        [PORTABLE_MEMBER] = "member",
    };

    g_assert((unsigned int)role < PORTABLE_N_ROLES);
    return names[role];
}

/* ---- life ---------------------------------------------------------------- */

/* They are owned; the public structs show them as borrowed. */
static void free_text(const char *text)
{
    g_free(GSIZE_TO_POINTER(GPOINTER_TO_SIZE(text)));
}

static void value_clear(struct portable_value *v)
{
    if (v->type == PORTABLE_TEXT)
        free_text(v->text);
    else if (v->type == PORTABLE_TEXTS)
        g_strfreev(GSIZE_TO_POINTER(GPOINTER_TO_SIZE(v->texts)));
    else if (v->type == PORTABLE_BINARY)
        g_bytes_unref(v->binary);
}

static void property_clear(void *data)
{
    struct property *p = data;

    free_text(p->label.key);
    value_clear(&p->value);
}

static void person_clear(void *data)
{
    struct portable_person *p = data;

    free_text(p->name);
    free_text(p->address);
    free_text(p->routing);
    free_text(p->kind);
    free_text(p->response);
}

static void attachment_clear(void *data)
{
    struct portable_attachment *a = data;

    free_text(a->name);
    free_text(a->content_type);
    free_text(a->content_id);
    free_text(a->location);
    g_clear_pointer(&a->content, blob_free);
    portable_unref(a->item);
}

static void exception_clear(void *data)
{
    struct exception *e = data;

    portable_unref(e->item);
}

static GArray *array_of(size_t size, GDestroyNotify clear)
{
    GArray *a = g_array_new(FALSE, FALSE, (guint)size);

    if (clear != NULL)
        g_array_set_clear_func(a, clear);
    return a;
}

struct portable *portable_new(enum portable_kind kind, const char *item_class)
{
    struct portable *p = g_new0(struct portable, 1);

    g_assert((unsigned int)kind < PORTABLE_N_KINDS);
    atomic_init(&p->refs, 1);
    p->kind = kind;
    p->item_class = g_strdup(item_class != NULL ? item_class : "IPM.Note");
    p->properties = array_of(sizeof(struct property), property_clear);
    p->people = array_of(sizeof(struct portable_person), person_clear);
    p->attachments =
        array_of(sizeof(struct portable_attachment), attachment_clear);
    p->exceptions = array_of(sizeof(struct exception), exception_clear);
    p->deletions = array_of(sizeof(int64_t), NULL);
    return p;
}

struct portable *portable_ref(const struct portable *p)
{
    struct portable *mine = GSIZE_TO_POINTER(GPOINTER_TO_SIZE(p));

    g_assert(mine->sealed);
    atomic_fetch_add(&mine->refs, 1);
    return mine;
}

void portable_unref(struct portable *p)
{
    if (p == NULL || atomic_fetch_sub(&p->refs, 1) > 1)
        return;
    g_free(p->item_class);
    g_array_unref(p->properties);
    g_clear_pointer(&p->mime, blob_free);
    g_free(p->body);
    g_array_unref(p->people);
    g_array_unref(p->attachments);
    free_text(p->zone[0].id);
    free_text(p->zone[1].id);
    g_array_unref(p->exceptions);
    g_array_unref(p->deletions);
    g_free(p);
}

static int by_key(const void *a, const void *b)
{
    const struct property *x = a, *y = b;

    return strcmp(x->label.key, y->label.key);
}

static int by_original(const void *a, const void *b)
{
    const struct exception *x = a, *y = b;

    return (x->original_us > y->original_us) -
           (x->original_us < y->original_us);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void portable_seal(struct portable *p)
{
    g_array_sort(p->properties, by_key);
    g_array_sort(p->exceptions, by_original);
    g_array_sort(p->deletions, by_time);
    p->sealed = true;
}

/* ---- making ---------------------------------------------------------- */

static struct portable_value value_copy(const struct portable_value *v)
{
    struct portable_value copy = *v;

    if (v->type == PORTABLE_TEXT)
        copy.text = g_strdup(v->text);
    else if (v->type == PORTABLE_TEXTS)
        copy.texts = (const char *const *)g_strdupv(
            GSIZE_TO_POINTER(GPOINTER_TO_SIZE(v->texts)));
    else if (v->type == PORTABLE_BINARY)
        copy.binary = g_bytes_ref(v->binary);
    return copy;
}

static struct property *find_any(const struct portable *p, const char *key)
{
    for (guint i = 0; i < p->properties->len; i++) {
        struct property *at = &g_array_index(p->properties, struct property, i);

        if (strcmp(at->label.key, key) == 0)
            return at;
    }
    return NULL;
}

void portable_set(struct portable *p, const struct portable_label *label,
                  const struct portable_value *value)
{
    const struct property mine = {
        .label = { .key = g_strdup(label->key),
                   .part = label->part,
                   .out = label->out },
        .value = value_copy(value),
    };
    struct property *old = find_any(p, label->key);

    g_assert(!p->sealed);
    if (old == NULL) {
        g_array_append_val(p->properties, mine);
        return;
    }
    property_clear(old);
    *old = mine;
}

void portable_take_mime(struct portable *p, struct blob *base64)
{
    g_assert(!p->sealed && p->mime == NULL);
    p->mime = base64;
}

void portable_set_draft(struct portable *p)
{
    g_assert(!p->sealed);
    p->draft = true;
}

void portable_set_body(struct portable *p, const char *text, bool html)
{
    g_assert(!p->sealed && p->body == NULL);
    p->body = g_strdup(text);
    p->body_html = html;
}

void portable_add_person(struct portable *p, const struct portable_person *one)
{
    const struct portable_person mine = {
        .role = one->role,
        .name = g_strdup(one->name),
        .address = g_strdup(one->address),
        .routing = g_strdup(one->routing),
        .kind = g_strdup(one->kind),
        .response = g_strdup(one->response),
    };

    g_assert(!p->sealed && (unsigned int)one->role < PORTABLE_N_ROLES);
    g_array_append_val(p->people, mine);
}

void portable_add_attachment(struct portable *p,
                             const struct portable_attachment *one)
{
    const struct portable_attachment mine = {
        .name = g_strdup(one->name),
        .content_type = g_strdup(one->content_type),
        .content_id = g_strdup(one->content_id),
        .location = g_strdup(one->location),
        .is_inline = one->is_inline,
        .photo = one->photo,
        .content = one->content,
        .item = one->item,
    };

    g_assert(!p->sealed && (one->content == NULL || one->item == NULL));
    g_assert(one->item == NULL || one->item->sealed);
    g_array_append_val(p->attachments, mine);
}

void portable_set_recurrence(struct portable *p,
                             const struct portable_recurrence *r)
{
    g_assert(!p->sealed && (unsigned int)r->pattern < PORTABLE_N_PATTERNS);
    p->recurs = true;
    p->recurrence = *r;
}

void portable_set_zone(struct portable *p, bool end,
                       const struct portable_zone *zone)
{
    struct portable_zone *mine = &p->zone[end ? 1 : 0];

    g_assert(!p->sealed);
    free_text(mine->id);
    *mine = *zone;
    mine->id = g_strdup(zone->id);
    p->has_zone[end ? 1 : 0] = true;
}

void portable_add_exception(struct portable *p, int64_t original_us,
                            struct portable *changed)
{
    const struct exception mine = { original_us, changed };

    g_assert(!p->sealed && changed->sealed);
    g_array_append_val(p->exceptions, mine);
}

void portable_add_deletion(struct portable *p, int64_t original_us)
{
    g_assert(!p->sealed);
    g_array_append_val(p->deletions, original_us);
}

/* ---- reading ----------------------------------------------------------- */

enum portable_kind portable_kind(const struct portable *p)
{
    return p->kind;
}

const char *portable_class(const struct portable *p)
{
    return p->item_class;
}

size_t portable_n(const struct portable *p)
{
    return p->properties->len;
}

void portable_at(const struct portable *p, size_t i,
                 struct portable_label *label, struct portable_value *value)
{
    const struct property *at;

    g_assert(i < p->properties->len);
    at = &g_array_index(p->properties, struct property, i);
    if (label != NULL)
        *label = at->label;
    if (value != NULL)
        *value = at->value;
}

static const struct property *find(const struct portable *p, const char *key)
{
    const struct property wanted = { .label = { .key = key } };

    if (!p->sealed)
        return find_any(p, key);
    if (p->properties->len == 0)
        return NULL;
    return bsearch(&wanted, p->properties->data, p->properties->len,
                   sizeof(struct property), by_key);
}

bool portable_get(const struct portable *p, const char *key,
                  enum portable_type type, struct portable_value *ret)
{
    const struct property *at = find(p, key);

    if (at == NULL || at->value.type != type)
        return false;
    *ret = at->value;
    return true;
}

const char *portable_text(const struct portable *p, const char *key)
{
    struct portable_value v;

    return portable_get(p, key, PORTABLE_TEXT, &v) ? v.text : NULL;
}

bool portable_flag(const struct portable *p, const char *key)
{
    struct portable_value v;

    return portable_get(p, key, PORTABLE_BOOL, &v) && v.boolean;
}

bool portable_integer(const struct portable *p, const char *key, int64_t *ret)
{
    struct portable_value v;

    if (!portable_get(p, key, PORTABLE_INTEGER, &v))
        return false;
    *ret = v.integer;
    return true;
}

bool portable_time(const struct portable *p, const char *key, int64_t *ret_us)
{
    struct portable_value v;

    if (!portable_get(p, key, PORTABLE_TIME, &v))
        return false;
    *ret_us = v.integer;
    return true;
}

const struct blob *portable_mime(const struct portable *p)
{
    return p->mime;
}

bool portable_draft(const struct portable *p)
{
    return p->draft;
}

const char *portable_body(const struct portable *p, bool *ret_html)
{
    if (p->body != NULL && ret_html != NULL)
        *ret_html = p->body_html;
    return p->body;
}

size_t portable_n_people(const struct portable *p)
{
    return p->people->len;
}

const struct portable_person *portable_person_at(const struct portable *p,
                                                 size_t i)
{
    g_assert(i < p->people->len);
    return &g_array_index(p->people, struct portable_person, i);
}

size_t portable_count(const struct portable *p, enum portable_role role)
{
    size_t n = 0;

    for (size_t i = 0; i < p->people->len; i++)
        n += portable_person_at(p, i)->role == role ? 1 : 0;
    return n;
}

size_t portable_n_attachments(const struct portable *p)
{
    return p->attachments->len;
}

const struct portable_attachment *
portable_attachment_at(const struct portable *p, size_t i)
{
    g_assert(i < p->attachments->len);
    return &g_array_index(p->attachments, struct portable_attachment, i);
}

const struct portable_recurrence *portable_recurrence(const struct portable *p)
{
    return p->recurs ? &p->recurrence : NULL;
}

const struct portable_zone *portable_zone(const struct portable *p, bool end)
{
    return p->has_zone[end ? 1 : 0] ? &p->zone[end ? 1 : 0] : NULL;
}

size_t portable_n_exceptions(const struct portable *p)
{
    return p->exceptions->len;
}

const struct portable *portable_exception_at(const struct portable *p, size_t i,
                                             int64_t *ret_original_us)
{
    const struct exception *e;

    g_assert(i < p->exceptions->len);
    e = &g_array_index(p->exceptions, struct exception, i);
    if (ret_original_us != NULL)
        *ret_original_us = e->original_us;
    return e->item;
}

size_t portable_n_deletions(const struct portable *p)
{
    return p->deletions->len;
}

int64_t portable_deletion_at(const struct portable *p, size_t i)
{
    g_assert(i < p->deletions->len);
    return g_array_index(p->deletions, int64_t, i);
}

/* ---- size ---------------------------------------------------------------- */

static uint64_t text_bytes(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

static uint64_t value_bytes(const struct portable_value *v)
{
    uint64_t bytes = sizeof(int64_t);

    if (v->type == PORTABLE_TEXT)
        return text_bytes(v->text);
    if (v->type == PORTABLE_BINARY)
        return g_bytes_get_size(v->binary);
    if (v->type == PORTABLE_TEXTS) {
        for (size_t i = 0; v->texts[i] != NULL; i++)
            bytes += text_bytes(v->texts[i]);
    }
    return bytes;
}

uint64_t portable_bytes(const struct portable *p)
{
    uint64_t bytes = text_bytes(p->body);

    if (p->mime != NULL)
        bytes += blob_size(p->mime);
    for (guint i = 0; i < p->properties->len; i++)
        bytes += value_bytes(
            &g_array_index(p->properties, struct property, i).value);
    for (size_t i = 0; i < p->people->len; i++)
        bytes += text_bytes(portable_person_at(p, i)->address) +
                 text_bytes(portable_person_at(p, i)->name);
    for (size_t i = 0; i < p->attachments->len; i++) {
        const struct portable_attachment *a = portable_attachment_at(p, i);

        bytes += a->content != NULL ? blob_size(a->content) : 0;
        bytes += a->item != NULL ? portable_bytes(a->item) : 0;
    }
    for (size_t i = 0; i < p->exceptions->len; i++)
        bytes += portable_bytes(portable_exception_at(p, i, NULL));
    return bytes;
}
