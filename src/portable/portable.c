#include "portable/portable_priv.h"

#include <string.h>

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

int property_by_key(const void *a, const void *b)
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
    g_array_sort(p->properties, property_by_key);
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

struct property *property_find(const struct portable *p, const char *key)
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
    struct property *old = property_find(p, label->key);

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
        .responded_us = one->responded_us,
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
        .in_mime = one->in_mime,
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
