#include "store/requests.h"

#include <string.h>

#include "base/check.h"
#include "store/requests_testing.h"

static void give_link_to(struct requests_scene *s, int64_t id,
                         enum request_purpose purpose, int64_t contact,
                         const uint8_t *hash)
{
    struct request_new_link link = { .purpose = purpose,
                                     .contact_id = contact,
                                     .expires_us =
                                         REQUESTS_NOW + REQUESTS_DAY };

    memcpy(link.hash, hash, TOKEN_HASH_BYTES);
    requests_scene_run(s,
                       &(struct request_step){ .now_us = REQUESTS_NOW,
                                               .request_id = id,
                                               .links = &link,
                                               .n_links = 1,
                                               .action = "request.link" },
                       NULL);
}

static void give_link(struct requests_scene *s, int64_t id, int64_t contact,
                      const uint8_t *hash)
{
    give_link_to(s, id, REQUEST_TO_APPROVE, contact, hash);
}

static int approve(struct requests_scene *s, int64_t id, const uint8_t *hash,
                   int64_t now_us)
{
    const struct request_change change = { .state = REQUEST_APPROVED };

    return requests_scene_run(
        s,
        &(struct request_step){ .now_us = now_us,
                                .request_id = id,
                                .change = &change,
                                .used_link = hash,
                                .action = "request.approve" },
        NULL);
}

static enum request_link_fate
fate_of(struct requests_scene *s, const uint8_t *hash, struct request_link *ret)
{
    enum request_link_fate fate = REQUEST_LINK_N_FATES;
    struct err err;

    CHECK_OK(
        requests_link_fate(s->requests, hash, REQUESTS_NOW, ret, &fate, &err),
        &err);
    return fate;
}

static void test_links(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s), other = requests_scene_open(&s);
    const uint8_t hash[TOKEN_HASH_BYTES] = { 1 }, toms[32] = { 2 };
    struct request_link seen;
    g_autoptr(request) r = NULL, untouched = NULL;

    (void)data;
    give_link(&s, id, s.anna, hash);
    give_link(&s, id, s.tom, toms);
    g_assert_cmpint(fate_of(&s, hash, &seen), ==, REQUEST_LINK_GOOD);
    g_assert_cmpint(seen.request_id, ==, id);
    g_assert_cmpint(seen.contact_id, ==, s.anna);
    /* too late; a Technical Contact's; for another request */
    g_assert_cmpint(approve(&s, id, hash, REQUESTS_NOW + REQUESTS_DAY), ==, 0);
    g_assert_cmpint(approve(&s, id, toms, REQUESTS_NOW), ==, 0);
    g_assert_cmpint(approve(&s, other, hash, REQUESTS_NOW), ==, 0);
    untouched = requests_scene_get(&s, other);
    g_assert_cmpint(untouched->state, ==, REQUEST_RECEIVED);
    g_assert_cmpint(approve(&s, id, hash, REQUESTS_NOW + 1), ==, 1);
    r = requests_scene_get(&s, id);
    g_assert_cmpint(r->state, ==, REQUEST_APPROVED);
    /* once */
    g_assert_cmpint(approve(&s, id, hash, REQUESTS_NOW + 1), ==, 0);
    g_assert_cmpint(fate_of(&s, hash, &seen), ==, REQUEST_LINK_USED);
    requests_scene_end(&s);
}

/* Who is no Primary any more, or disabled, approves nothing. */
static void test_link_of_a_former(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);
    const uint8_t hash[TOKEN_HASH_BYTES] = { 3 };
    const struct contact_change technical = { .roles = 1 << CONTACT_TECHNICAL,
                                              .disabled = -1 },
                                disabled = { .roles = 1 << CONTACT_BILLING,
                                             .disabled = 1 };
    struct request_link seen;
    struct err err;

    (void)data;
    give_link(&s, id, s.anna, hash);
    CHECK_OK(roster_contact_change(f->roster, &roster_alice, s.anna, 0,
                                   &technical, &err),
             &err);
    g_assert_cmpint(approve(&s, id, hash, REQUESTS_NOW), ==, 0);
    g_assert_cmpint(fate_of(&s, hash, &seen), ==, REQUEST_LINK_FORMER);
    CHECK_OK(roster_contact_change(f->roster, &roster_alice, s.anna, 0,
                                   &disabled, &err),
             &err);
    g_assert_cmpint(approve(&s, id, hash, REQUESTS_NOW), ==, 0);
    g_assert_cmpint(fate_of(&s, hash, &seen), ==, REQUEST_LINK_FORMER);
    requests_scene_end(&s);
}

/* A new quote ends what opened the old one, not its own nor other pages. */
static void test_links_end(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);
    const uint8_t old[TOKEN_HASH_BYTES] = { 4 };
    const uint8_t other[TOKEN_HASH_BYTES] = { 6 };
    const struct request_change change = { .state = -1,
                                           .end_links = 1u
                                                        << REQUEST_TO_APPROVE };
    const struct request_new_link fresh = { .contact_id = s.anna,
                                            .hash = { 5 },
                                            .expires_us =
                                                REQUESTS_NOW + REQUESTS_DAY };
    struct request_link seen;

    (void)data;
    give_link(&s, id, s.anna, old);
    give_link_to(&s, id, REQUEST_TO_SUPPLY, s.anna, other);
    requests_scene_run(&s,
                       &(struct request_step){ .now_us = REQUESTS_NOW,
                                               .request_id = id,
                                               .change = &change,
                                               .links = &fresh,
                                               .n_links = 1,
                                               .action = "request.quote" },
                       NULL);
    g_assert_cmpint(approve(&s, id, old, REQUESTS_NOW), ==, 0);
    g_assert_cmpint(fate_of(&s, other, &seen), ==, REQUEST_LINK_GOOD);
    g_assert_cmpint(approve(&s, id, fresh.hash, REQUESTS_NOW), ==, 1);
    requests_scene_end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct roster_fixture *f, gconstpointer data);
    } tests[] = {
        { "/requests/links", test_links },
        { "/requests/link-of-a-former", test_link_of_a_former },
        { "/requests/links-end", test_links_end },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    return g_test_run();
}
