#include "web/relay.h"

#include <string.h>

#include "base/check.h"

/* What a sink was told, one a line. */
static void post(void *data, const struct relay_note *note)
{
    g_string_append_printf(data, "%s %s %" G_GINT64_FORMAT " %s\n", note->kind,
                           note->subject, note->migration_id, note->data);
}

static void missed(void *data)
{
    g_string_append(data, "missed\n");
}

static char *hear(const char *self, char **texts)
{
    GString *told = g_string_new(NULL);
    const struct relay_sink sink = { post, missed, told };

    for (char **text = texts; *text != NULL; text++) {
        g_assert_cmpuint(strlen(*text), <=, NEWS_BYTES_MAX);
        relay_unpack(self, *text, &sink);
    }
    return g_string_free(told, FALSE);
}

static void test_others_hear_it(void)
{
    const struct relay_note a = { "job", "12", 3, "{\"state\":\"done\"}" },
                            b = { "audit", "account.add \xc3\xa9\n\"x\"", 0,
                                  "{\"n\":\"\xc3\xa9\"}" };
    const struct relay_note *const notes[] = { &a, &b };
    g_auto(GStrv) texts = relay_pack("me", notes, 2, true);
    g_autofree char *others = hear("them", texts), *mine = hear("me", texts);

    g_assert_cmpuint(g_strv_length(texts), ==, 1);
    g_assert_cmpstr(others, ==,
                    "missed\njob 12 3 {\"state\":\"done\"}\n"
                    "audit account.add \xc3\xa9\n\"x\" 0 "
                    "{\"n\":\"\xc3\xa9\"}\n");
    g_assert_cmpstr(mine, ==, "");
}

/* As many texts as it takes; what fits into none is told as missed. */
static void test_pieces(void)
{
    g_autofree char *half = g_strnfill(NEWS_BYTES_MAX / 2, 'x'),
                    *huge = g_strnfill(NEWS_BYTES_MAX, 'x');
    const struct relay_note small = { "job", "1", 1, half },
                            large = { "job", "2", 1, huge };
    const struct relay_note *const notes[] = { &small, &small, &large, &small };
    g_auto(GStrv) texts = relay_pack("me", notes, 4, false);
    g_autofree char *told = hear("them", texts);
    g_auto(GStrv) lines = g_strsplit(told, "\n", -1);

    g_assert_cmpuint(g_strv_length(texts), ==, 3);
    g_assert_cmpuint(g_strv_length(lines), ==, 5);
    g_assert_true(g_str_has_prefix(lines[0], "job 1 1 xxx"));
    g_assert_true(g_str_has_prefix(lines[1], "job 1 1 xxx"));
    g_assert_cmpstr(lines[2], ==, "missed");
    g_assert_true(g_str_has_prefix(lines[3], "job 1 1 xxx"));
}

/* Another program may tell anything on that channel. */
static void test_hostile(void)
{
    static const char unknown[] =
        "x\n{\"kind\":\"king\",\"subject\":\"1\",\"migration\":1,"
        "\"data\":\"{}\"}";
    static const char *const texts[] = {
        "",
        "x",
        "x\n",
        "x\n{",
        "x\n[1]",
        "x\n{\"kind\":\"job\"}",
        unknown,
        "x\n{\"kind\":\"job\",\"subject\":1,\"migration\":1,\"data\":\"{}\"}",
        "x\n{\"kind\":\"job\",\"subject\":\"1\",\"migration\":1,\"data\":{}}",
        NULL,
    };
    g_autofree char *told = hear("me", (char **)(uintptr_t)texts);

    g_assert_cmpstr(told, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/relay/others-hear-it", test_others_hear_it);
    g_test_add_func("/relay/pieces", test_pieces);
    g_test_add_func("/relay/hostile", test_hostile);
    return g_test_run();
}
