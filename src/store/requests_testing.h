/*
 * requests_testing - what tests of requests share: an account with two
 * contacts, beside a fixture of the roster.  What fails ends the test.
 */
#ifndef STORE_REQUESTS_TESTING_H
#define STORE_REQUESTS_TESTING_H

#include "store/requests.h"
#include "store/roster_testing.h"

#define REQUESTS_DAY (INT64_C(86400) * 1000000)
#define REQUESTS_NOW (INT64_C(1800000000) * 1000000)
/* Of a struct whose strings are only owned in results. */
#define REQUESTS_LITERAL(s) ((char *)(uintptr_t)(s))

struct requests_scene {
    struct keyring *keys;
    struct requests *requests;
    int64_t account, anna, tom; /* Primary and Technical */
};

struct requests_scene requests_scene_begin(struct roster_fixture *f);
void requests_scene_end(struct requests_scene *s);

/* As requests_step(), by the operator. */
int requests_scene_run(struct requests_scene *s,
                       const struct request_step *step,
                       struct request_done *done);
/* The caller frees. */
struct request *requests_scene_get(struct requests_scene *s, int64_t id);
/* The next free one. */
int64_t requests_scene_number(struct requests_scene *s);
/* What a request of the account's Primary Contact begins with. */
struct request_change requests_scene_change(const struct requests_scene *s);
/* A new request without anything else; its number. */
int64_t requests_scene_open(struct requests_scene *s);

#endif
