#include "fleet/left_out.h"

#include <string.h>

#include "base/check.h"
#include "endpoint/mem.h"
#include "fleet/flags.h"

/* What a row with that flag is said to leave behind; "": nothing. */
static const struct {
    const char *name;
    uint32_t flags;
    uint64_t seen, copied, there; /* tasks, of 1,000 bytes each */
    bool rules_known;
    uint64_t n_rules;
    const char *want;
} rows[] = {
    /* clang-format off */
    { "no flag", 0, 5, 0, 0, true, 5, "" },
    { "nothing there", FLAG_NO_TASK, 0, 0, 0, true, 5, "" },
    { "many", FLAG_NO_TASK, 5, 0, 0, true, 5,
      "flag DoNotMigrateTask leaves 5 task items behind, 5 KB" },
    { "one", FLAG_NO_TASK, 1, 0, 0, true, 5,
      "flag DoNotMigrateTask leaves 1 task item behind, 1 KB" },
    { "some copied before", FLAG_NO_TASK, 5, 2, 1, true, 5,
      "flag DoNotMigrateTask leaves 2 task items behind, 2 KB" },
    { "all copied before", FLAG_NO_TASK, 5, 5, 0, true, 5, "" },
    { "more copied than there are", FLAG_NO_TASK, 5, 4, 4, true, 5, "" },
    { "another kind", FLAG_NO_MAIL, 5, 0, 0, true, 5, "" },
    { "rules", FLAG_NO_RULE, 5, 0, 0, true, 5,
      "flag DoNotMigrateRule leaves 5 inbox rules behind" },
    { "no rules", FLAG_NO_RULE, 5, 0, 0, true, 0, "" },
    { "rules untold", FLAG_NO_RULE, 5, 0, 0, false, 0,
      "flag DoNotMigrateRule leaves all inbox rules behind; the source does "
      "not tell how many there are" },
    { "both", FLAG_NO_TASK | FLAG_NO_RULE, 5, 0, 0, true, 1,
      "flag DoNotMigrateTask leaves 5 task items behind, 5 KB|"
      "flag DoNotMigrateRule leaves 1 inbox rule behind" },
    /* clang-format on */
};

static char *texts_of(const struct left_outs *l)
{
    GString *all = g_string_new(NULL);

    for (size_t i = 0; i < l->n; i++) {
        g_autofree char *text = left_out_text(&l->all[i]);

        g_string_append_printf(all, "%s%s", i > 0 ? "|" : "", text);
    }
    return g_string_free(all, FALSE);
}

static struct fleet_mailbox row_of(uint32_t flags)
{
    return (struct fleet_mailbox){
        .skip_kinds = flags_skip_kinds(flags),
        .skip_settings = (flags & FLAG_NO_RULE) != 0 ? SETTINGS_RULES : 0,
    };
}

static void test_of_check(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct fleet_mailbox m = row_of(rows[i].flags);
        struct engine_check check = { .rules_known = rows[i].rules_known,
                                      .n_rules = rows[i].n_rules };
        struct store_counts counts = { 0 };
        struct left_outs l;
        g_autofree char *text = NULL;

        check.by_kind[KIND_TASK] =
            (struct engine_amount){ rows[i].seen, rows[i].seen * 1000 };
        counts.by[KIND_TASK][ITEM_COPIED].items = rows[i].copied;
        counts.by[KIND_TASK][ITEM_COPIED].bytes = rows[i].copied * 1000;
        counts.by[KIND_TASK][ITEM_ALREADY_THERE].items = rows[i].there;
        counts.by[KIND_TASK][ITEM_ALREADY_THERE].bytes = rows[i].there * 1000;
        left_out_of_check(&m, &check, &counts, &l);
        text = texts_of(&l);
        CHECK_ROW(rows[i].name, strcmp(text, rows[i].want) == 0);
    }
}

/*
 * Of the ledger only what a filter left out counts; nobody asks a source that
 * is not open.
 */
static void test_of_ledger(void)
{
    const struct fleet_mailbox m = row_of(FLAG_NO_TASK | FLAG_NO_RULE);
    struct mem *side = mem_new(&(struct mem_options){ .address = "a@old" });
    struct endpoint *source = mem_endpoint(side);
    struct store_counts counts = { 0 };
    struct left_outs l;

    counts.by[KIND_TASK][ITEM_FILTERED].items = 3;
    counts.by[KIND_TASK][ITEM_COPIED].items = 9;
    counts.by[KIND_MAIL][ITEM_FILTERED].items = 7;
    left_out_of_ledger(&m, &counts, source, &l);
    g_assert_cmpuint(l.n, ==, 2);
    g_assert_cmpuint(l.all[0].n, ==, 3);
    g_assert_false(l.all[1].counted);
    endpoint_free(source);
    mem_free(side);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/left-out/of-check", test_of_check);
    g_test_add_func("/left-out/of-ledger", test_of_ledger);
    return g_test_run();
}
