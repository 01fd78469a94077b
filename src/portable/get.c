#include "portable/portable_priv.h"

#include <string.h>

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
        return property_find(p, key);
    if (p->properties->len == 0)
        return NULL;
    return bsearch(&wanted, p->properties->data, p->properties->len,
                   sizeof(struct property), property_by_key);
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
    for (size_t i = 0; p->mime == NULL && i < p->attachments->len; i++) {
        const struct portable_attachment *a = portable_attachment_at(p, i);

        bytes += a->content != NULL ? blob_size(a->content) : 0;
        bytes += a->item != NULL ? portable_bytes(a->item) : 0;
    }
    for (size_t i = 0; i < p->exceptions->len; i++)
        bytes += portable_bytes(portable_exception_at(p, i, NULL));
    return bytes;
}
