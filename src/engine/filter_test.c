#include "engine/filter.h"

#include "base/check.h"
#include "base/timestamp.h"

#define DAY (86400 * TIMESTAMP_SECOND)

static void test_items(void)
{
    static const struct {
        const char *name;
        struct engine_filter filter;
        struct filter_item item;
        bool skips;
    } rows[] = {
        /* clang-format off */
        { "no filter", { 0 }, { "IPM.Note", 5 * DAY, 100 }, false },
        { "kind", { .skip_kinds = 1u << KIND_MAIL },
          { "IPM.Note.SMIME", 5 * DAY, 100 }, true },
        { "other kind", { .skip_kinds = 1u << KIND_TASK },
          { "IPM.Note", 5 * DAY, 100 }, false },
        { "on the day", { .since_us = 5 * DAY },
          { "IPM.Note", 5 * DAY, 100 }, false },
        { "too old", { .since_us = 5 * DAY },
          { "IPM.Note", 5 * DAY - 1, 100 }, true },
        { "too new", { .before_us = 5 * DAY },
          { "IPM.Note", 5 * DAY, 100 }, true },
        { "old enough", { .before_us = 5 * DAY },
          { "IPM.Note", 5 * DAY - 1, 100 }, false },
        { "no date is no reason", { .since_us = 5 * DAY, .before_us = 6 * DAY },
          { "IPM.Contact", TIMESTAMP_NONE, 100 }, false },
        { "small enough", { .max_item_bytes = 100 },
          { "IPM.Note", 5 * DAY, 100 }, false },
        { "too large", { .max_item_bytes = 100 },
          { "IPM.Note", 5 * DAY, 101 }, true },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  filter_skips_item(&rows[i].filter, &rows[i].item) ==
                      rows[i].skips);
}

static void test_folders(void)
{
    static const struct {
        const char *name;
        const char *in[3], *out[3];
        const char *path, *well_known;
        bool skips;
    } rows[] = {
        /* clang-format off */
        { "no patterns", { NULL }, { NULL }, "Inbox", "inbox", false },
        { "the folder", { "Inbox" }, { NULL }, "Inbox", NULL, false },
        { "another", { "Inbox" }, { NULL }, "Sent Items", NULL, true },
        { "below it", { "Inbox" }, { NULL }, "Inbox/Old/2019", NULL, false },
        { "only its name", { "2019" }, { NULL }, "Inbox/Old/2019", NULL, true },
        { "any case", { "INBOX" }, { NULL }, "Inbox", NULL, false },
        { "a pattern", { "Projects/20*" }, { NULL }, "Projects/2019/a", NULL, false },
        { "one of two", { "x", "Inbox" }, { NULL }, "Inbox", NULL, false },
        { "localised, by its own name", { "inbox" }, { NULL }, "Posteingang", "inbox", false },
        { "below a localised one", { "inbox" }, { NULL }, "Posteingang/Alt/2019", NULL, false },
        { "below one left out", { NULL }, { "inbox" }, "Posteingang/Alt", NULL, true },
        { "below another", { "drafts" }, { NULL }, "Posteingang/Alt", NULL, true },
        { "left out", { NULL }, { "Junk*" }, "Junk Email", "junkemail", true },
        { "left out, by its own name", { NULL }, { "deleteditems" }, "Papierkorb", "deleteditems", true },
        { "in, and out again", { "Inbox" }, { "Inbox/Old" }, "Inbox/Old/a", NULL, true },
        { "in, and another out", { "Inbox" }, { "Inbox/Old" }, "Inbox/New", NULL, false },
        { "a slash in a name", { "a%2Fb" }, { NULL }, "a%2Fb", NULL, false },
        { "a name that begins alike", { "Inbox" }, { NULL }, "Inbox 2", NULL, true },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct engine_filter f = { .folders = rows[i].in,
                                         .not_folders = rows[i].out };
        g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

        filter_names_add(names, "Posteingang", "inbox");
        filter_names_add(names, rows[i].path, rows[i].well_known);
        CHECK_ROW(rows[i].name, filter_skips_folder(&f, rows[i].path, names) ==
                                    rows[i].skips);
    }
}

static void test_open(void)
{
    static const char *const none[] = { NULL };
    static const char *const one[] = { "a", NULL };

    g_assert_true(filter_is_open(&(struct engine_filter){ 0 }));
    g_assert_true(filter_is_open(
        &(struct engine_filter){ .folders = none, .not_folders = none }));
    g_assert_false(filter_is_open(&(struct engine_filter){ .folders = one }));
    g_assert_false(
        filter_is_open(&(struct engine_filter){ .not_folders = one }));
    g_assert_false(filter_is_open(&(struct engine_filter){ .before_us = 1 }));
    g_assert_false(
        filter_is_open(&(struct engine_filter){ .max_item_bytes = 1 }));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/filter/items", test_items);
    g_test_add_func("/filter/folders", test_folders);
    g_test_add_func("/filter/open", test_open);
    return g_test_run();
}
