#include "fts/fts_rule.h"

#include "base/check.h"

static void test_table_is_in_order(void)
{
    size_t n;
    const struct fts_rule *rules = fts_rule_table(&n);

    g_assert_cmpuint(n, >, 100);
    for (size_t i = 0; i < n; i++) {
        CHECK_ROW(rules[i].name, i == 0 || rules[i - 1].id < rules[i].id);
        CHECK_ROW(rules[i].name, rules[i].places != 0);
        CHECK_ROW(rules[i].name, rules[i].part < FTS_N_PARTS);
        /* Named properties are told by their names, not by an id. */
        CHECK_ROW(rules[i].name, rules[i].id < 0x8000);
    }
}

/* What servers were seen to change; a row that is lost is a false alarm. */
static void test_what_is_left_out(void)
{
    static const struct {
        const char *name;
        uint16_t id;
        enum fts_place place;
        bool want;
    } rows[] = {
        { "entry id", 0x0FFF, FTS_IN_MESSAGE, true },
        { "recipient's entry id", 0x0FFF, FTS_IN_RECIPIENT, true },
        { "record key", 0x0FF9, FTS_IN_ATTACHMENT, true },
        { "search key", 0x300B, FTS_IN_MESSAGE, true },
        { "change key", 0x65E2, FTS_IN_MESSAGE, true },
        { "source key", 0x65E0, FTS_IN_MESSAGE, true },
        { "predecessors", 0x65E3, FTS_IN_MESSAGE, true },
        { "created", 0x3007, FTS_IN_MESSAGE, true },
        { "modified", 0x3008, FTS_IN_ATTACHMENT, true },
        { "size", 0x0E08, FTS_IN_MESSAGE, true },
        { "creator", 0x3FF8, FTS_IN_MESSAGE, true },
        { "modifier's entry id", 0x3FFB, FTS_IN_MESSAGE, true },
        { "article number", 0x0E23, FTS_IN_MESSAGE, true },
        { "message id", 0x674A, FTS_IN_MESSAGE, true },
        { "attachment size", 0x0E20, FTS_IN_ATTACHMENT, true },
        { "attachment number", 0x0E21, FTS_IN_ATTACHMENT, true },
        { "access level", 0x0FF7, FTS_IN_ATTACHMENT, true },
        { "DN prefix", 0x4008, FTS_IN_MESSAGE, true },
        { "conversation id", 0x3013, FTS_IN_MESSAGE, true },
        { "retention date", 0x301C, FTS_IN_MESSAGE, true },
        { "policy tag", 0x3019, FTS_IN_MESSAGE, true },
        { "subject", 0x0037, FTS_IN_MESSAGE, false },
        { "body", 0x1000, FTS_IN_MESSAGE, false },
        { "content", 0x3701, FTS_IN_ATTACHMENT, false },
        { "address", 0x3003, FTS_IN_RECIPIENT, false },
        { "flags", 0x0E07, FTS_IN_MESSAGE, false },
        { "delivery time", 0x0E06, FTS_IN_MESSAGE, false },
        { "a recipient's number", 0x0E21, FTS_IN_RECIPIENT, false },
        { "nobody knows", 0x6123, FTS_IN_MESSAGE, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_key key = { .id = rows[i].id };

        CHECK_ROW(rows[i].name,
                  fts_rule_out(&key, rows[i].place) == rows[i].want);
    }
}

static void test_parts(void)
{
    static const struct {
        const char *name;
        struct fts_key key;
        enum fts_place place;
        enum fts_part want;
    } rows[] = {
        { "subject", { .id = 0x0037 }, FTS_IN_MESSAGE, FTS_ENVELOPE },
        { "HTML", { .id = 0x1013 }, FTS_IN_MESSAGE, FTS_BODY },
        { "named", { .named = true }, FTS_IN_MESSAGE, FTS_NAMED },
        { "unknown", { .id = 0x6123 }, FTS_IN_MESSAGE, FTS_OTHER },
        { "address", { .id = 0x3003 }, FTS_IN_RECIPIENT, FTS_RECIPIENTS },
        { "named of a recipient",
          { .named = true },
          FTS_IN_RECIPIENT,
          FTS_RECIPIENTS },
        { "file name", { .id = 0x3707 }, FTS_IN_ATTACHMENT, FTS_ATTACHMENTS },
        { "named of an attachment",
          { .named = true },
          FTS_IN_ATTACHMENT,
          FTS_ATTACHMENTS },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  fts_rule_part(&rows[i].key, rows[i].place) == rows[i].want);
}

static void test_descriptions(void)
{
    static char keywords[] = "Keywords";
    static const struct {
        struct fts_key key;
        enum fts_place place;
        const char *want;
    } rows[] = {
        { { .id = 0x0037, .type = 0x001F },
          FTS_IN_MESSAGE,
          "0x0037001F subject" },
        { { .id = 0x3701, .type = 0x0102 },
          FTS_IN_ATTACHMENT,
          "0x37010102 content" },
        { { .id = 0x6123, .type = 0x0003 }, FTS_IN_MESSAGE, "0x61230003" },
        { { .named = true,
            .lid = 0x8502,
            .set = { 0x08, 0x20, 0x06, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
                     0x46 } },
          FTS_IN_MESSAGE,
          "{00062008-0000-0000-C000-000000000046} 0x8502" },
        { { .named = true,
            .kind = FTS_KIND_NAME,
            .name = keywords,
            .set = { 0x29, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
                     0x46 } },
          FTS_IN_MESSAGE,
          "{00020329-0000-0000-C000-000000000046} \"Keywords\"" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = fts_rule_describe(&rows[i].key, rows[i].place);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/rule/in-order", test_table_is_in_order);
    g_test_add_func("/fts/rule/left-out", test_what_is_left_out);
    g_test_add_func("/fts/rule/parts", test_parts);
    g_test_add_func("/fts/rule/descriptions", test_descriptions);
    return g_test_run();
}
