/*
 * sampler - looks on while a worker's passes run, and puts on record what went
 * on in which minute: of each migration, and with each host (store/samples.h).
 *
 * One look now and then costs a transaction for each migration and host that
 * something went on with.  What lies between two looks is spread evenly over
 * the minutes in between.  What cannot be recorded waits for the next look.
 *
 * Times are those of the database's clock.  Any thread, but sampler_record(),
 * which is one thread's.
 */
#ifndef FLEET_SAMPLER_H
#define FLEET_SAMPLER_H

#include "engine/engine.h"
#include "store/migrations.h"

struct sampler;
typedef struct sampler sampler;
struct sampler *sampler_new(void);
/* After its passes. */
void sampler_free(struct sampler *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sampler, sampler_free)

/* One pass over a mailbox. */
struct sampled;
/* Begins now.  hosts: as struct migration.host; NULL: not known.  Copied. */
struct sampled_of {
    int64_t migration_id;
    const char *hosts[MIGRATION_N_SIDES];
};
struct sampled *sampled_new(struct sampler *s, const struct sampled_of *of,
                            int64_t now_us);
/* Both ends are there, without a request yet; borrowed until closing. */
void sampled_opened(struct sampled *p, struct endpoint *source,
                    struct endpoint *destination);
void sampled_closing(struct sampled *p);
void sampled_event(struct sampled *p, const struct engine_event *event);
/* The pass is over.  Frees. */
void sampled_end(struct sampled *p, int64_t now_us);

/*
 * Look, and put on record what there is.  loads: what the worker's governor
 * has counted since it began, array of struct migration_load *; or NULL.
 */
void sampler_record(struct sampler *s, struct database *d,
                    const GPtrArray *loads, int64_t now_us);

#endif
