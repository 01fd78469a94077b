#include "lab/mapi.h"

#include <string.h>

/* Chunks grow with the item: most have 20 KB of properties, few have MB. */
#define CHUNK_MIN 4096u
#define CHUNK_MAX (256u * 1024)
#define ALIGNMENT 16u

/* clang-format off */
#define COM_TAIL 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46
const uint8_t PSETID_APPOINTMENT[16] = { 0x02, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_TASK[16] =        { 0x03, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_ADDRESS[16] =     { 0x04, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_COMMON[16] =      { 0x08, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_LOG[16] =         { 0x0A, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_NOTE[16] =        { 0x0E, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PS_INTERNET_HEADERS[16] = { 0x86, 0x03, 0x02, 0, 0, 0, COM_TAIL };
const uint8_t PS_PUBLIC_STRINGS[16] =  { 0x29, 0x03, 0x02, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_MEETING[16] = {
    0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10,
    0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05,
};
const uint8_t PSETID_SHARING[16] =     { 0x40, 0x20, 0x06, 0, 0, 0, COM_TAIL };
const uint8_t PSETID_CALENDAR_ASSISTANT[16] = {
    0x07, 0x0E, 0x00, 0x11, 0x1B, 0xB5, 0xD6, 0x40,
    0xAF, 0x21, 0xCA, 0xA8, 0x5E, 0xDA, 0xB1, 0xD0,
};
const uint8_t PSETID_UNIFIED_MESSAGING[16] = {
    0x8E, 0x85, 0x42, 0x44, 0xE3, 0xA9, 0x80, 0x4E,
    0xB9, 0x00, 0x31, 0x7A, 0x21, 0x0C, 0xC1, 0x5B,
};
/* clang-format on */

struct chunk {
    struct chunk *next;
    size_t used, room;
    /* the bytes follow, aligned */
};

struct mapi_arena {
    struct chunk *head;
    size_t next_room;
};

static size_t aligned(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct chunk *chunk_new(size_t room)
{
    struct chunk *c = g_malloc(aligned(sizeof(*c)) + room);

    *c = (struct chunk){ .room = room };
    return c;
}

static void *arena_alloc(struct mapi_arena *a, size_t n)
{
    struct chunk *c = a->head;
    uint8_t *at;

    n = aligned(MAX(n, 1));
    if (c == NULL || c->room - c->used < n) {
        c = chunk_new(MAX(n, a->next_room));
        /* A value larger than a chunk stands alone, behind the open one. */
        if (n > a->next_room && a->head != NULL) {
            c->next = a->head->next;
            a->head->next = c;
        } else {
            c->next = a->head;
            a->head = c;
            a->next_room = MIN(a->next_room * 2, CHUNK_MAX);
        }
    }
    at = (uint8_t *)c + aligned(sizeof(*c)) + c->used;
    c->used += n;
    return at;
}

static unsigned int name_hash(gconstpointer key)
{
    const struct mapi_name *name = key;
    unsigned int h = name->id * 2654435761u;

    for (size_t i = 0; i < sizeof(name->set); i++)
        h = h * 31 + name->set[i];
    for (uint32_t i = 0; i < name->text_bytes; i++)
        h = h * 31 + name->text[i];
    return h;
}

int mapi_name_compare(const struct mapi_name *a, const struct mapi_name *b)
{
    uint32_t shorter = MIN(a->text_bytes, b->text_bytes);
    int c = memcmp(a->set, b->set, sizeof(a->set));

    if (c != 0)
        return c;
    if ((a->text == NULL) != (b->text == NULL))
        return a->text == NULL ? -1 : 1;
    if (a->text == NULL)
        return a->id == b->id ? 0 : a->id < b->id ? -1 : 1;
    c = shorter > 0 ? memcmp(a->text, b->text, shorter) : 0;
    if (c != 0)
        return c;
    return a->text_bytes == b->text_bytes  ? 0
           : a->text_bytes < b->text_bytes ? -1
                                           : 1;
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
    return mapi_name_compare(a, b) == 0;
}

struct mapi_item *mapi_item_new(void)
{
    struct mapi_item *item = g_new0(struct mapi_item, 1);

    item->arena = g_new0(struct mapi_arena, 1);
    item->arena->next_room = CHUNK_MIN;
    item->names = g_ptr_array_new();
    item->name_ids = g_hash_table_new(name_hash, name_equal);
    return item;
}

void mapi_item_free(struct mapi_item *item)
{
    if (item == NULL)
        return;
    for (struct chunk *c = item->arena->head, *next; c != NULL; c = next) {
        next = c->next;
        g_free(c);
    }
    g_free(item->arena);
    g_ptr_array_unref(item->names);
    g_hash_table_unref(item->name_ids);
    g_free(item);
}

void *mapi_alloc(struct mapi_item *item, size_t n)
{
    void *at = arena_alloc(item->arena, n);

    memset(at, 0, n);
    return at;
}

void *mapi_copy(struct mapi_item *item, const void *data, size_t n)
{
    void *at = arena_alloc(item->arena, n);

    if (n > 0)
        memcpy(at, data, n);
    return at;
}

/*
 * Room for one more in an array of the arena.  What is outgrown stays behind:
 * doubling bounds it by the size of what is used.
 */
static void *grown(struct mapi_item *item, void *v, size_t n, size_t *room,
                   size_t size)
{
    void *larger;

    if (n < *room)
        return v;
    *room = MAX(*room * 2, 8);
    larger = mapi_alloc(item, *room * size);
    if (n > 0)
        memcpy(larger, v, n * size);
    return larger;
}

struct mapi_props *mapi_add_recipient(struct mapi_item *item,
                                      struct mapi_message *m)
{
    m->recipients = grown(item, m->recipients, m->n_recipients,
                          &m->room_recipients, sizeof(*m->recipients));
    m->recipients[m->n_recipients] = (struct mapi_props){ 0 };
    return &m->recipients[m->n_recipients++];
}

struct mapi_attachment *mapi_add_attachment(struct mapi_item *item,
                                            struct mapi_message *m)
{
    m->attachments = grown(item, m->attachments, m->n_attachments,
                           &m->room_attachments, sizeof(*m->attachments));
    /* the place of one that was removed has its properties still */
    m->attachments[m->n_attachments] = (struct mapi_attachment){ 0 };
    return &m->attachments[m->n_attachments++];
}

struct mapi_message *mapi_embed(struct mapi_item *item,
                                struct mapi_attachment *a)
{
    a->embedded = mapi_alloc(item, sizeof(*a->embedded));
    return a->embedded;
}

struct mapi_prop *mapi_append(struct mapi_item *item, struct mapi_props *props,
                              uint32_t tag)
{
    struct mapi_prop *p;

    props->v = grown(item, props->v, props->n, &props->room, sizeof(*props->v));
    p = &props->v[props->n++];
    *p = (struct mapi_prop){ .tag = tag, .count = 1 };
    if (PROP_ID(tag) >= PROP_ID_NAMED)
        p->name = mapi_name_of(item, PROP_ID(tag));
    return p;
}

const struct mapi_name *mapi_name_of(const struct mapi_item *item, uint16_t id)
{
    unsigned int index = id - (unsigned int)PROP_ID_NAMED;

    if (id < PROP_ID_NAMED || index >= item->names->len)
        return NULL;
    return g_ptr_array_index(item->names, index);
}

uint32_t mapi_named(struct mapi_item *item, const struct mapi_name *name,
                    uint16_t type)
{
    gpointer known;
    struct mapi_name *mine;
    unsigned int id;

    if (g_hash_table_lookup_extended(item->name_ids, name, NULL, &known))
        return PROP_TAG(GPOINTER_TO_UINT(known), type);
    if (item->names->len >= MAPI_NAMES_MAX)
        return 0;
    mine = mapi_copy(item, name, sizeof(*name));
    if (name->text != NULL)
        mine->text = mapi_copy(item, name->text, name->text_bytes);
    id = PROP_ID_NAMED + item->names->len;
    g_ptr_array_add(item->names, mine);
    g_hash_table_insert(item->name_ids, mine, GUINT_TO_POINTER(id));
    return PROP_TAG(id, type);
}

uint32_t mapi_named_id(struct mapi_item *item, const uint8_t set[16],
                       uint32_t id, uint16_t type)
{
    struct mapi_name name = { .id = id };

    memcpy(name.set, set, sizeof(name.set));
    return mapi_named(item, &name, type);
}

struct mapi_prop *mapi_find(const struct mapi_props *props, uint16_t id)
{
    for (size_t i = 0; i < props->n; i++)
        if (PROP_ID(props->v[i].tag) == id)
            return &props->v[i];
    return NULL;
}

struct mapi_prop *mapi_find_name(const struct mapi_props *props,
                                 const struct mapi_name *name)
{
    for (size_t i = 0; i < props->n; i++)
        if (props->v[i].name != NULL &&
            mapi_name_compare(props->v[i].name, name) == 0)
            return &props->v[i];
    return NULL;
}

struct mapi_prop *mapi_find_id(const struct mapi_props *props,
                               const uint8_t set[16], uint32_t id)
{
    struct mapi_name name = { .id = id };

    memcpy(name.set, set, sizeof(name.set));
    return mapi_find_name(props, &name);
}

void mapi_remove(struct mapi_props *props, uint16_t id)
{
    struct mapi_prop *p = mapi_find(props, id);

    if (p == NULL)
        return;
    props->n--;
    memmove(p, p + 1, (size_t)(&props->v[props->n] - p) * sizeof(*p));
}
