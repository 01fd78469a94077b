#include "store/ledger.h"

#include "base/check.h"
#include "store/store_priv.h"

#define EDIT ITEM_PENDING_EDIT
#define READ ITEM_PENDING_READ
#define DEL  ITEM_PENDING_DELETE

static bool same(const struct ledger_item *a, const struct ledger_item *b)
{
    return a->state == b->state && a->pending == b->pending &&
           a->tries == b->tries;
}

/* The rows are the text of store_items_list(), sentence by sentence. */
static void test_list(void)
{
    static const struct {
        const char *name;
        struct ledger_item is;
        enum store_change_kind kind;
        bool filtered, same_key;
        struct ledger_item want;
        bool takes;
        bool other_read;
    } rows[] = {
        /* clang-format off */
        { "listed, created again", { ITEM_LISTED, 0, 2 }, STORE_CREATED,
          false, true, { ITEM_LISTED, 0, 2 }, true },
        { "listed, edited", { ITEM_LISTED, 0, 2 }, STORE_UPDATED,
          false, false, { ITEM_LISTED, 0, 2 }, true },
        { "listed, now filtered", { ITEM_LISTED, 0, 0 }, STORE_UPDATED,
          true, false, { ITEM_FILTERED, 0, 0 }, true },
        { "listed, read", { ITEM_LISTED, 0, 1 }, STORE_READ_FLAG,
          false, false, { ITEM_LISTED, 0, 1 }, true },
        { "listed, deleted", { ITEM_LISTED, 0, 1 }, STORE_DELETED,
          false, false, { ITEM_GONE, 0, 1 }, false },
        { "filtered, no longer", { ITEM_FILTERED, 0, 0 }, STORE_UPDATED,
          false, false, { ITEM_LISTED, 0, 0 }, true },
        { "filtered, still", { ITEM_FILTERED, 0, 0 }, STORE_UPDATED,
          true, false, { ITEM_FILTERED, 0, 0 }, true },
        { "filtered, read", { ITEM_FILTERED, 0, 0 }, STORE_READ_FLAG,
          false, false, { ITEM_FILTERED, 0, 0 }, true },
        { "filtered, deleted", { ITEM_FILTERED, 0, 0 }, STORE_DELETED,
          false, false, { ITEM_GONE, 0, 0 }, false },
        { "failed, edited", { ITEM_FAILED, 0, 5 }, STORE_UPDATED,
          false, false, { ITEM_LISTED, 0, 0 }, true },
        { "failed, read: no edit", { ITEM_FAILED, 0, 5 }, STORE_READ_FLAG,
          false, false, { ITEM_FAILED, 0, 5 }, true },
        { "failed, deleted", { ITEM_FAILED, 0, 5 }, STORE_DELETED,
          false, false, { ITEM_GONE, 0, 5 }, false },
        { "failed edit, edited again", { ITEM_FAILED, EDIT, 5 }, STORE_UPDATED,
          false, false, { ITEM_COPIED, EDIT, 0 }, false },
        { "failed edit, as it was copied", { ITEM_FAILED, EDIT, 0 },
          STORE_UPDATED, false, true, { ITEM_COPIED, EDIT, 0 }, false },
        { "failed edit, read", { ITEM_FAILED, EDIT, 0 }, STORE_READ_FLAG,
          false, true, { ITEM_COPIED, EDIT | READ, 0 }, false },
        { "failed edit, deleted", { ITEM_FAILED, EDIT, 0 }, STORE_DELETED,
          false, false, { ITEM_COPIED, EDIT | DEL, 0 }, false },
        { "gone, back", { ITEM_GONE, 0, 5 }, STORE_CREATED,
          false, true, { ITEM_LISTED, 0, 0 }, true },
        { "gone, read: not gone", { ITEM_GONE, 0, 5 }, STORE_READ_FLAG,
          false, false, { ITEM_LISTED, 0, 0 }, true },
        { "gone, deleted", { ITEM_GONE, 0, 0 }, STORE_DELETED,
          false, false, { ITEM_GONE, 0, 0 }, false },
        { "copied, listed again", { ITEM_COPIED, 0, 1 }, STORE_CREATED,
          false, true, { ITEM_COPIED, 0, 1 }, false },
        { "copied, edited", { ITEM_COPIED, 0, 0 }, STORE_UPDATED,
          false, false, { ITEM_COPIED, EDIT, 0 }, false },
        { "copied, edited and read", { ITEM_COPIED, EDIT, 0 },
          STORE_READ_FLAG, false, false, { ITEM_COPIED, EDIT | READ, 0 },
          false },
        { "copied, read, told as an update", { ITEM_COPIED, 0, 0 },
          STORE_UPDATED, false, true, { ITEM_COPIED, READ, 0 }, false,
          .other_read = true },
        { "copied, edited and read at once", { ITEM_COPIED, 0, 0 },
          STORE_UPDATED, false, false, { ITEM_COPIED, EDIT | READ, 0 }, false,
          .other_read = true },
        { "copied, read, and listed again", { ITEM_COPIED, 0, 0 },
          STORE_CREATED, false, true, { ITEM_COPIED, READ, 0 }, false,
          .other_read = true },
        { "copied, deleted", { ITEM_COPIED, EDIT, 0 }, STORE_DELETED,
          false, false, { ITEM_COPIED, EDIT | DEL, 0 }, false },
        { "copied, deleted, back", { ITEM_COPIED, DEL, 0 }, STORE_CREATED,
          false, true, { ITEM_COPIED, 0, 0 }, false },
        { "copied, filter of now", { ITEM_COPIED, 0, 0 }, STORE_UPDATED,
          true, true, { ITEM_COPIED, 0, 0 }, false },
        { "already there, edited", { ITEM_ALREADY_THERE, 0, 0 },
          STORE_UPDATED, false, false, { ITEM_ALREADY_THERE, EDIT, 0 },
          false },
        { "conflict, edited", { ITEM_CONFLICT, 0, 0 }, STORE_UPDATED,
          false, false, { ITEM_CONFLICT, EDIT, 0 }, false },
        { "in doubt, edited", { ITEM_INTENDED, 0, 1 }, STORE_UPDATED,
          false, false, { ITEM_INTENDED, EDIT, 1 }, false },
        { "in doubt, deleted", { ITEM_INTENDED, 0, 0 }, STORE_DELETED,
          false, false, { ITEM_INTENDED, DEL, 0 }, false },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_change c = { .filtered = rows[i].filtered };
        struct ledger_item is = rows[i].is;

        c.kind = rows[i].kind;
        CHECK_ROW(rows[i].name,
                  ledger_list(&is, &c, rows[i].same_key, !rows[i].other_read) ==
                      rows[i].takes);
        CHECK_ROW(rows[i].name, same(&is, &rows[i].want));
    }
}

static void test_list_new(void)
{
    static const struct {
        const char *name;
        enum store_change_kind kind;
        bool filtered, added;
        enum item_state want;
    } rows[] = {
        { "created", STORE_CREATED, false, true, ITEM_LISTED },
        { "updated", STORE_UPDATED, false, true, ITEM_LISTED },
        { "filtered", STORE_CREATED, true, true, ITEM_FILTERED },
        { "read, so it is there", STORE_READ_FLAG, false, true, ITEM_LISTED },
        { "deleted", STORE_DELETED, false, false, ITEM_LISTED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_change c = { .filtered = rows[i].filtered };
        struct ledger_item item = { ITEM_LISTED, 0, 0 };

        c.kind = rows[i].kind;
        CHECK_ROW(rows[i].name, ledger_list_new(&item, &c) == rows[i].added);
        CHECK_ROW(rows[i].name, item.state == rows[i].want);
    }
}

/* The diagram of store.h as a matrix; everything else is refused. */
static void test_transitions(void)
{
    static const char *const may[ITEM_N_STATES] = {
        /* clang-format off */
        /*      to:               LICFGTAX */
        [ITEM_LISTED]        = "X..XXXX.",
        [ITEM_INTENDED]      = "X.XXX...",
        [ITEM_COPIED]        = ".......X",
        [ITEM_FAILED]        = "X.......",
        [ITEM_GONE]          = "........",
        [ITEM_FILTERED]      = "X.......",
        [ITEM_ALREADY_THERE] = "X.X.....",
        [ITEM_CONFLICT]      = "........",
        /* clang-format on */
    };

    for (int from = 0; from < ITEM_N_STATES; from++) {
        for (int to = 0; to < ITEM_N_STATES; to++) {
            struct ledger_item item = { .state = (enum item_state)from };
            struct store_outcome o = { .item_id = 7,
                                       .state = (enum item_state)to };
            g_autofree char *name =
                g_strdup_printf("%s to %s", item_state_name(item.state),
                                item_state_name(o.state));
            struct err err;
            int result = ledger_record(&item, &o, &err);

            CHECK_ROW(name, (result == 0) == (may[from][to] == 'X'));
            CHECK_ROW(name, (int)item.state == (result == 0 ? to : from));
            if (result < 0)
                g_assert_cmpstr(err.name, ==, "wrong-state");
        }
    }
}

static void test_record(void)
{
    static const struct {
        const char *name;
        struct ledger_item is;
        enum item_state to;
        bool count_try;
        struct ledger_item want;
    } rows[] = {
        /* clang-format off */
        { "a try that counts", { ITEM_INTENDED, 0, 1 }, ITEM_LISTED, true,
          { ITEM_LISTED, 0, 2 } },
        { "a try that does not", { ITEM_INTENDED, 0, 1 }, ITEM_LISTED, false,
          { ITEM_LISTED, 0, 1 } },
        { "copied keeps its tries", { ITEM_INTENDED, 0, 1 }, ITEM_COPIED, true,
          { ITEM_COPIED, 0, 1 } },
        { "one failed item again", { ITEM_FAILED, 0, 5 }, ITEM_LISTED, false,
          { ITEM_LISTED, 0, 0 } },
        { "copied, edited meanwhile", { ITEM_INTENDED, EDIT | READ, 0 },
          ITEM_COPIED, false, { ITEM_COPIED, EDIT | READ, 0 } },
        { "copied, deleted meanwhile", { ITEM_INTENDED, DEL, 0 }, ITEM_COPIED,
          false, { ITEM_COPIED, DEL, 0 } },
        { "not arrived, edited meanwhile", { ITEM_INTENDED, EDIT, 0 },
          ITEM_LISTED, false, { ITEM_LISTED, 0, 0 } },
        { "not arrived, deleted meanwhile", { ITEM_INTENDED, EDIT | DEL, 0 },
          ITEM_LISTED, true, { ITEM_GONE, 0, 1 } },
        { "refused, edited meanwhile", { ITEM_INTENDED, EDIT, 3 },
          ITEM_FAILED, false, { ITEM_LISTED, 0, 0 } },
        { "refused, read meanwhile", { ITEM_INTENDED, READ, 3 }, ITEM_FAILED,
          false, { ITEM_FAILED, 0, 3 } },
        { "refused, deleted meanwhile", { ITEM_INTENDED, DEL, 3 },
          ITEM_FAILED, false, { ITEM_GONE, 0, 3 } },
        { "gone, edited meanwhile", { ITEM_INTENDED, EDIT, 0 }, ITEM_GONE,
          false, { ITEM_GONE, 0, 0 } },
        { "conflict keeps what is pending", { ITEM_COPIED, EDIT, 0 },
          ITEM_CONFLICT, false, { ITEM_CONFLICT, EDIT, 0 } },
        { "was there, deleted since", { ITEM_ALREADY_THERE, DEL, 1 },
          ITEM_LISTED, false, { ITEM_GONE, 0, 1 } },
        { "was there, edited since", { ITEM_ALREADY_THERE, EDIT, 0 },
          ITEM_COPIED, false, { ITEM_COPIED, EDIT, 0 } },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_outcome o = { .state = rows[i].to,
                                   .count_try = rows[i].count_try };
        struct ledger_item is = rows[i].is;
        struct err err;

        CHECK_OK(ledger_record(&is, &o, &err), &err);
        CHECK_ROW(rows[i].name, same(&is, &rows[i].want));
    }
}

static void test_intend_and_retry(void)
{
    for (int from = 0; from < ITEM_N_STATES; from++) {
        struct ledger_item item = { (enum item_state)from, 0, 4 };
        struct err err = { .name = "" };
        int result = ledger_intend(&item, 9, &err);

        CHECK_ROW(item_state_name((enum item_state)from),
                  (result == 0) == (from == ITEM_LISTED));
        CHECK_ROW(item_state_name((enum item_state)from),
                  result == 0 ? item.state == ITEM_INTENDED
                              : g_str_equal(err.name, "wrong-state"));
    }

    struct ledger_item failed = { ITEM_FAILED, 0, 4 };

    ledger_retry(&failed);
    g_assert_true(same(&failed, &(struct ledger_item){ ITEM_LISTED, 0, 0 }));
    failed = (struct ledger_item){ ITEM_FAILED, EDIT | READ, 4 };
    ledger_retry(&failed);
    g_assert_true(
        same(&failed, &(struct ledger_item){ ITEM_COPIED, EDIT | READ, 0 }));
    failed = (struct ledger_item){ ITEM_FAILED, EDIT | ITEM_PENDING_THERE, 4 };
    ledger_retry(&failed);
    g_assert_true(
        same(&failed, &(struct ledger_item){ ITEM_ALREADY_THERE, EDIT, 0 }));
}

/* The invariants that name what a row holds. */
static void test_facts(void)
{
    for (int i = 0; i < ITEM_N_STATES; i++) {
        const struct ledger_item item = { (enum item_state)i, 0, 0 };
        unsigned int facts = ledger_facts(&item);
        const char *name = item_state_name((enum item_state)i);

        CHECK_ROW(name,
                  ((facts & LEDGER_DEADLINE) != 0) == (i == ITEM_INTENDED));
        CHECK_ROW(name, ((facts & LEDGER_REASON) != 0) ==
                            (i == ITEM_FAILED || i == ITEM_CONFLICT ||
                             i == ITEM_ALREADY_THERE));
        CHECK_ROW(name, ((facts & LEDGER_WAIT) != 0) == (i == ITEM_LISTED));
        CHECK_ROW(name, ((facts & LEDGER_DESTINATION) != 0) ==
                            (i == ITEM_COPIED || i == ITEM_ALREADY_THERE ||
                             i == ITEM_CONFLICT));
        CHECK_ROW(name, ((facts & LEDGER_DIGEST) != 0) ==
                            (i == ITEM_INTENDED || i == ITEM_COPIED ||
                             i == ITEM_ALREADY_THERE || i == ITEM_CONFLICT));
    }
    g_assert_cmpuint(
        ledger_facts(&(struct ledger_item){ ITEM_FAILED, EDIT, 0 }), ==,
        LEDGER_REASON | LEDGER_DESTINATION | LEDGER_DIGEST);
    g_assert_cmpuint(
        ledger_facts(
            &(struct ledger_item){ ITEM_FAILED, EDIT | ITEM_PENDING_THERE, 0 }),
        ==, LEDGER_REASON | LEDGER_DESTINATION | LEDGER_DIGEST | LEDGER_MOVED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/list", test_list);
    g_test_add_func("/ledger/list-new", test_list_new);
    g_test_add_func("/ledger/transitions", test_transitions);
    g_test_add_func("/ledger/record", test_record);
    g_test_add_func("/ledger/intend-and-retry", test_intend_and_retry);
    g_test_add_func("/ledger/facts", test_facts);
    return g_test_run();
}
