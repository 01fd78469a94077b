#include "store/requests_testing.h"

#include "base/check.h"

static int64_t add_contact(struct roster_fixture *f, int64_t account,
                           const char *address, unsigned int roles)
{
    const struct contact_change wish = { .address = address, .roles = roles };
    int64_t id = 0;
    struct err err;

    CHECK_OK(
        roster_contact_add(f->roster, &roster_alice, account, &wish, &id, &err),
        &err);
    return id;
}

struct requests_scene requests_scene_begin(struct roster_fixture *f)
{
    const struct account_change wish = { .partner = "P-1001", .name = "Acme" };
    struct requests_scene s = { .keys = keyring_new() };
    struct err err;

    CHECK_OK(
        roster_account_add(f->roster, &roster_alice, &wish, &s.account, &err),
        &err);
    s.anna =
        add_contact(f, s.account, "anna@acme.example", 1 << CONTACT_PRIMARY);
    s.tom =
        add_contact(f, s.account, "tom@acme.example", 1 << CONTACT_TECHNICAL);
    s.requests = requests_new(f->database, s.keys);
    return s;
}

void requests_scene_end(struct requests_scene *s)
{
    requests_free(s->requests);
    keyring_free(s->keys);
}

int requests_scene_run(struct requests_scene *s,
                       const struct request_step *step,
                       struct request_done *done)
{
    struct err err;
    int result = requests_step(s->requests, &roster_alice, step, done, &err);

    if (result < 0)
        g_error("%s", err.msg);
    return result;
}

struct request *requests_scene_get(struct requests_scene *s, int64_t id)
{
    struct request *r = NULL;
    struct err err;

    g_assert_cmpint(requests_get(s->requests, id, &r, &err), ==, 1);
    return r;
}

int64_t requests_scene_number(struct requests_scene *s)
{
    int64_t n = 0;
    struct err err;

    CHECK_OK(requests_number(s->requests, &n, &err), &err);
    return n;
}

struct request_change requests_scene_change(const struct requests_scene *s)
{
    return (struct request_change){ .state = -1,
                                    .opened_by = "anna@acme.example",
                                    .account_id = s->account,
                                    .partner = "P-1001" };
}

int64_t requests_scene_open(struct requests_scene *s)
{
    const struct request_change change = requests_scene_change(s);
    int64_t id = requests_scene_number(s);

    g_assert_cmpint(
        requests_scene_run(s,
                           &(struct request_step){ .now_us = REQUESTS_NOW,
                                                   .request_id = id,
                                                   .open = true,
                                                   .change = &change,
                                                   .action = "request.open" },
                           NULL),
        ==, 1);
    return id;
}
