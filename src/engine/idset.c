#include "engine/idset.h"

#include <string.h>

struct entry {
    uint8_t key[16];
    uint32_t marks;
    uint32_t tag;
};

struct idset {
    GArray *entries; /* of struct entry; sorted by key once sealed */
    GChecksum *sum;  /* kept, since making one costs more than using it */
    bool sealed;
};

struct idset *idset_new(void)
{
    struct idset *s = g_new0(struct idset, 1);

    s->entries = g_array_new(FALSE, TRUE, sizeof(struct entry));
    s->sum = g_checksum_new(G_CHECKSUM_SHA256);
    return s;
}

void idset_free(struct idset *s)
{
    if (s == NULL)
        return;
    g_array_unref(s->entries);
    g_checksum_free(s->sum);
    g_free(s);
}

static void key_of(const struct idset *s, const char *id, struct entry *ret)
{
    guint8 digest[32];
    gsize n = sizeof(digest);

    g_checksum_reset(s->sum);
    g_checksum_update(s->sum, (const guchar *)id, (gssize)strlen(id));
    g_checksum_get_digest(s->sum, digest, &n);
    memcpy(ret->key, digest, sizeof(ret->key));
    ret->marks = 0;
    ret->tag = 0;
}

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return memcmp(x->key, y->key, sizeof(x->key));
}

void idset_add(struct idset *s, const char *id, uint32_t tag)
{
    struct entry e;

    g_assert(!s->sealed);
    key_of(s, id, &e);
    e.tag = tag;
    g_array_append_val(s->entries, e);
}

static struct entry *at(const struct idset *s, size_t i)
{
    return &g_array_index(s->entries, struct entry, i);
}

void idset_seal(struct idset *s)
{
    guint n = 0;

    g_array_sort(s->entries, by_key);
    for (guint i = 0; i < s->entries->len; i++)
        if (n == 0 || by_key(at(s, n - 1), at(s, i)) != 0)
            *at(s, n++) = *at(s, i);
    g_array_set_size(s->entries, n);
    s->sealed = true;
}

size_t idset_size(const struct idset *s)
{
    g_assert(s->sealed);
    return s->entries->len;
}

static struct entry *find(const struct idset *s, const char *id)
{
    struct entry e;

    g_assert(s->sealed);
    if (s->entries->len == 0)
        return NULL;
    key_of(s, id, &e);
    return bsearch(&e, s->entries->data, s->entries->len, sizeof(e), by_key);
}

bool idset_has(const struct idset *s, const char *id)
{
    return find(s, id) != NULL;
}

bool idset_mark(struct idset *s, const char *id, unsigned int mark)
{
    struct entry *e = find(s, id);

    if (e == NULL)
        return false;
    e->marks |= mark;
    return true;
}

unsigned int idset_marks(const struct idset *s, const char *id)
{
    const struct entry *e = find(s, id);

    return e == NULL ? 0 : e->marks;
}

uint32_t idset_tag(const struct idset *s, const char *id)
{
    const struct entry *e = find(s, id);

    return e == NULL ? 0 : e->tag;
}
