#include "fleet/standing.h"

#include <string.h>

#include "base/check.h"

static void add_all(struct standing *s, const struct standing_number *n,
                    uint64_t from)
{
    for (; n->name != NULL; n++)
        standing_add(s, n, from++);
}

/* What one program says another one understands, whatever the field. */
static void test_there_and_back(void)
{
    g_auto(standing) s = { 0 }, back = { 0 };
    json_t *json, *again;

    add_all(&s, standing_numbers, 1);
    add_all(&s, standing_passes, 100);
    s.verify[VERIFY_MISSING] = 3;
    s.verify[VERIFY_VERIFIED] = 4;
    standing_add_part(&s, "rules")->by_outcome[SETTING_FAILED] = 7;
    standing_add_part(&s, "photo")->by_outcome[SETTING_SET] = 1;
    g_assert_cmpuint(s.known, ==, 1);
    g_assert_cmpuint(s.bytes, ==, 4);
    g_assert_cmpuint(s.passes.items_copied, ==, 100);
    g_assert_cmpuint(s.passes.settled, ==, 112);
    json = standing_json(&s);
    standing_parse(json, &back);
    again = standing_json(&back);
    g_assert_true(json_equal(json, again));
    g_assert_cmpuint(back.verify[VERIFY_MISSING], ==, 3);
    g_assert_cmpuint(tally_sum(back.tallies).by_outcome[SETTING_FAILED], ==, 7);
    json_decref(json);
    json_decref(again);
}

/* From outside anything may come. */
static void test_odd(void)
{
    static const char *const texts[] = {
        "[]",
        "{\"items\": 3, \"passes\": [1], \"settings\": \"x\"}",
        "{\"items\": {\"known\": -5, \"copied\": \"7\", \"bytes\": null}}",
        "{\"settings\": {\"rules\": 4, \"\": {\"set\": -1}}}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_t *json = json_loads(texts[i], 0, NULL);
        g_auto(standing) s = { 0 };

        CHECK_ROW(texts[i], json != NULL);
        standing_parse(json, &s);
        CHECK_ROW(texts[i], s.known + s.copied + s.bytes == 0);
        CHECK_ROW(texts[i],
                  s.tallies == NULL ||
                      tally_sum(s.tallies).by_outcome[SETTING_SET] == 0);
        json_decref(json);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/standing/there-and-back", test_there_and_back);
    g_test_add_func("/standing/odd", test_odd);
    return g_test_run();
}
