#include "ews/match.h"

#include <string.h>

#include "base/check.h"

#define N_MAX 4

static void test_places(void)
{
    static const struct {
        const char *name;
        size_t n;
        const char *asked[N_MAX], *given[N_MAX];
        size_t want[N_MAX];
        bool odd;
    } rows[] = {
        { "in order", 2, { "a", "b" }, { "a", "b" }, { 0, 1 }, false },
        { "no ids", 2, { "a", "b" }, { NULL, NULL }, { 0, 1 }, false },
        { "turned round",
          3,
          { "a", "b", "c" },
          { "c", "b", "a" },
          { 2, 1, 0 },
          false },
        { "one without",
          3,
          { "a", "b", "c" },
          { "a", NULL, "c" },
          { 0, 1, 2 },
          false },
        { "asked twice", 2, { "a", "a" }, { "a", "a" }, { 0, 1 }, false },
        { "asked twice, moved",
          3,
          { "a", "b", "a" },
          { "a", "a", "b" },
          { 0, 2, 1 },
          false },
        { "case counts", 2, { "a", "A" }, { "A", "a" }, { 1, 0 }, false },
        { "foreign id", 2, { "a", "b" }, { "a", "x" }, { 0 }, true },
        { "same id twice", 2, { "a", "b" }, { "a", "a" }, { 0 }, true },
        { "only differs in case", 1, { "a" }, { "A" }, { 0 }, true },
        /* who has no id stands at a place that another's id has taken */
        { "ousted", 2, { "a", "b" }, { "b", NULL }, { 0 }, true },
        { "none", 0, { NULL }, { NULL }, { 0 }, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t place[N_MAX] = { 0 };
        struct err err;
        int rc =
            match_answers(rows[i].asked, rows[i].given, rows[i].n, place, &err);

        CHECK_ROW(rows[i].name, rc == (rows[i].odd ? -1 : 0));
        if (rows[i].odd) {
            CHECK_ROW(rows[i].name, strcmp(err.name, "OddAnswer") == 0);
            continue;
        }
        CHECK_ROW(rows[i].name, memcmp(place, rows[i].want,
                                       rows[i].n * sizeof(place[0])) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/match/places", test_places);
    return g_test_run();
}
