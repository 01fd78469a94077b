/*
 * sketch_fixture - one generated item at a time, without a store: for the
 * generator's tests.
 */
#ifndef LAB_SKETCH_FIXTURE_H
#define LAB_SKETCH_FIXTURE_H

#include "lab/generate_priv.h"

/* 2024-02-29T10:00:00Z: a leap day. */
#define SKETCH_AT INT64_C(1709200800000000)

/* A mailbox of "Ann Adams" <ann@corp.example>, with nobody's store behind. */
void scene_init(struct lab_scene *scene, uint64_t seed);
void scene_clear(struct lab_scene *scene);

/* An item of a kind, from a seed; the caller frees the item. */
struct mapi_item *sketched(const struct lab_scene *scene, lab_kind_fn make,
                           uint64_t seed);
/* The same, as the owner's own. */
struct mapi_item *sketched_outgoing(const struct lab_scene *scene,
                                    lab_kind_fn make, uint64_t seed);

/* As mail (lab/mime.h), up to its first NUL; the caller frees. */
char *rendered(const struct mapi_item *item);

/* Reading a blob from its beginning; asks for no more than there is. */
struct cursor {
    const uint8_t *at, *end;
};
struct cursor cursor_of(const struct mapi_prop *p);
uint32_t take(struct cursor *c, size_t bytes); /* little-endian */
void skip(struct cursor *c, size_t bytes);

#endif
