#include "lab/sketch_fixture.h"

#include "lab/mime.h"

void scene_init(struct lab_scene *scene, uint64_t seed)
{
    *scene = (struct lab_scene){ .seed = seed,
                                 .attachment_max = 20000,
                                 .newest_us = SKETCH_AT };
    scene->owner = (struct lab_person){
        .name = g_strdup("Ann Adams"),
        .address = g_strdup("ann@corp.example"),
        .dn = g_strdup("/O=CORP/CN=RECIPIENTS/CN=ANN"),
    };
    lab_people_init(scene);
}

void scene_clear(struct lab_scene *scene)
{
    lab_people_clear(scene);
}

static struct mapi_item *sketch(const struct lab_scene *scene, lab_kind_fn make,
                                uint64_t seed, bool outgoing)
{
    struct mapi_item *item = mapi_item_new();
    struct lab_sketch s = { .scene = scene,
                            .random = { seed },
                            .item = item,
                            .props = &item->message.props,
                            .at_us = SKETCH_AT,
                            .outgoing = outgoing };

    make(&s);
    return item;
}

struct mapi_item *sketched(const struct lab_scene *scene, lab_kind_fn make,
                           uint64_t seed)
{
    return sketch(scene, make, seed, false);
}

struct mapi_item *sketched_outgoing(const struct lab_scene *scene,
                                    lab_kind_fn make, uint64_t seed)
{
    return sketch(scene, make, seed, true);
}

char *rendered(const struct mapi_item *item)
{
    g_autoptr(GBytes) mime = mime_render(&item->message);
    gsize n = 0;
    const char *p = g_bytes_get_data(mime, &n);

    return g_strndup(p, n);
}

struct cursor cursor_of(const struct mapi_prop *p)
{
    g_assert_nonnull(p);
    return (struct cursor){ p->data, p->data + p->size };
}

void skip(struct cursor *c, size_t bytes)
{
    g_assert_cmpuint((gsize)(c->end - c->at), >=, bytes);
    c->at += bytes;
}

uint32_t take(struct cursor *c, size_t bytes)
{
    const uint8_t *from = c->at;
    uint32_t v = 0;

    skip(c, bytes);
    for (size_t i = 0; i < bytes; i++)
        v |= (uint32_t)from[i] << (8 * i);
    return v;
}
