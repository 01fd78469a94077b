/*
 * standing - where a mailbox stands by its ledger, in numbers.
 *
 * What "mailferry status" shows, and what the service tells of one that it
 * moves: the same numbers, counted in one place.
 */
#ifndef FLEET_STANDING_H
#define FLEET_STANDING_H

#include <jansson.h>

#include "fleet/tally.h"

struct standing {
    /* items; hidden ones, which nobody looks for, are in the last alone */
    uint64_t known, copied, there, failed, waiting, verified, wrong, hidden;
    uint64_t bytes;            /* of those copied */
    uint64_t verify[VERIFY_N]; /* the last verification's, hidden ones too */
    struct store_pass passes;  /* sums over those on record; the rest is 0 */
    GArray *tallies;           /* of struct tally, by part; owned */
    GPtrArray *parts;          /* what their names are borrowed from; owned */
};
void standing_clear(struct standing *s);
typedef struct standing standing;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(standing, standing_clear)

/* Looks at each of its items. */
int standing_read(struct store *s, int64_t mailbox_id, struct standing *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* One more part of the settings; its outcomes are the caller's to fill. */
struct tally *standing_add_part(struct standing *s, const char *name);

/* Its numbers under their names, ended by NULL. */
struct standing_number {
    const char *name;   /* on the command line: "already_there" */
    const char *member; /* in the API: "alreadyThere" */
    size_t offset;      /* of a uint64_t in struct standing */
};
extern const struct standing_number standing_numbers[], standing_passes[];
uint64_t standing_get(const struct standing *s,
                      const struct standing_number *n);
void standing_add(struct standing *s, const struct standing_number *n,
                  uint64_t value);

/* {"rules": {"set": 3, "failed": 1}}; the caller's. */
json_t *standing_settings_json(const struct standing *s);
/*
 * What the API says of a mailbox: {"items": {...}, "passes": {...},
 * "verdicts": {"missing": 2}, "settings": {...}}; the caller's.
 */
json_t *standing_json(const struct standing *s);
/* The other way round; what it does not know of is left out. */
void standing_parse(const json_t *json, struct standing *ret);

#endif
