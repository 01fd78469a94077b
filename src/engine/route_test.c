/* Which way items travel, and what becomes of those that went the second. */
#include <string.h>

#include "engine/rig.h"

static const char *inbox(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

static uint64_t rows_of_format(struct rig *r, unsigned int format)
{
    struct store_item_query q = { .mailbox_id = r->mailbox_id, .max = 1000 };
    g_autoptr(GPtrArray) rows = NULL;
    uint64_t n = 0;

    CHECK_OK(store_items(r->store, &q, &rows, &r->err), &r->err);
    for (guint i = 0; i < rows->len; i++) {
        const struct store_item *row = rows->pdata[i];

        n += row->state == ITEM_COPIED && row->format == format;
        /* The reason is on record, for these and for no others. */
        if (row->state == ITEM_COPIED)
            g_assert_true((row->why_format != NULL) ==
                          (row->format == PAYLOAD_PORTABLE));
    }
    return n;
}

static bool is_fts(void *data, const struct fault_subject *subject)
{
    (void)data;
    return !subject->portable;
}

/* Each capability that one side may lack; and nothing lacks. */
static void test_choice(void)
{
    static const struct {
        const char *name;
        unsigned int missing[2];
        unsigned int format;
        const char *told;
    } rows[] = {
        { "both have all", { 0, 0 }, PAYLOAD_FTS, NULL },
        { "no export",
          { ENDPOINT_CAP_EXPORT, 0 },
          PAYLOAD_PORTABLE,
          "the source does not offer the export" },
        { "no upload",
          { 0, ENDPOINT_CAP_UPLOAD },
          PAYLOAD_PORTABLE,
          "the destination does not offer the upload" },
        { "no export there",
          { 0, ENDPOINT_CAP_EXPORT },
          PAYLOAD_PORTABLE,
          "the destination does not offer the export" },
        { "neither has any",
          { ENDPOINT_CAP_EXPORT | ENDPOINT_CAP_UPLOAD | ENDPOINT_CAP_UPDATE,
            ENDPOINT_CAP_EXPORT | ENDPOINT_CAP_UPLOAD | ENDPOINT_CAP_UPDATE },
          PAYLOAD_PORTABLE,
          "the source" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, &(struct rig_options){
                         .portable = true,
                         .missing_caps = { rows[i].missing[0],
                                           rows[i].missing[1] } });
        rig_fill(&r);
        rig_copy(&r);
        rig_check_equal(&r);
        CHECK_ROW(rows[i].name, rows_of_format(&r, rows[i].format) ==
                                    rig_rows(&r, ITEM_COPIED));
        if (rows[i].told != NULL)
            CHECK_ROW(rows[i].name, rig_was_told(&r, rows[i].told));
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        CHECK_ROW(rows[i].name, r.report.by_class[VERIFY_VERIFIED] ==
                                    rig_rows(&r, ITEM_COPIED));
        rig_release(&r);
    }
}

/* No way in common is said, and nothing is touched. */
static void test_no_way(void)
{
    struct rig r;

    rig_init(&r, &(struct rig_options){
                     .missing_caps = { ENDPOINT_CAP_EXPORT, 0 } });
    rig_fill(&r);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "missing-capability");
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    rig_release(&r);
}

/* One item that FastTransfer refuses, at either side, goes the other way. */
static void test_one_item_falls_back(void)
{
    static const struct {
        int side;
        enum fault_op op;
    } rows[] = { { RIG_SOURCE, FAULT_FETCH }, { RIG_DESTINATION, FAULT_PUT } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, &(struct rig_options){ .portable = true });
        rig_fill(&r);
        rig_fault(&r, rows[i].side, rows[i].op, FAULT_ITEM, 20, 0);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(rows_of_format(&r, PAYLOAD_PORTABLE), ==, 1);
        g_assert_cmpuint(r.result.pass.items_failed, ==, 0);
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==,
                         rig_rows(&r, ITEM_COPIED));
        rig_release(&r);
    }
}

/* Without another way it has failed, as before. */
static void test_one_item_fails(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_fault(&r, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM, 20, 0);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_failed, ==, 1);
    rig_release(&r);
}

/* The account may read and write items, and not as FastTransfer. */
static void test_no_right_to_it(void)
{
    static const struct {
        int side;
        enum fault_op op;
        enum fault_when when;
    } rows[] = {
        { RIG_SOURCE, FAULT_FETCH, FAULT_ITEM },
        { RIG_DESTINATION, FAULT_PUT, FAULT_ITEM },
        { RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE },
        { RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fault denied = { .op = rows[i].op,
                                .when = rows[i].when,
                                .first = 1 };
        struct rig r;

        rig_init(&r, &(struct rig_options){ .portable = true });
        rig_fill(&r);
        err_set(&denied.err, ERR_FOLDER, ERR_RETRY_NEVER, 0, "access denied");
        denied.err.name = "ErrorAccessDenied";
        faults_add(r.faults[rows[i].side], &denied);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
        g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 0);
        g_assert_cmpuint(rows_of_format(&r, PAYLOAD_PORTABLE), >, 0);
        rig_release(&r);
    }
}

/* An operation that the version promises and the server refuses. */
static void test_operation_is_missing(void)
{
    static const struct {
        int side;
        enum fault_op op;
    } rows[] = { { RIG_SOURCE, FAULT_FETCH }, { RIG_DESTINATION, FAULT_PUT } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, &(struct rig_options){ .portable = true });
        rig_fill(&r);
        rig_fault_err(&r, rows[i].side, rows[i].op, FAULT_BEFORE, 1, 0,
                      ERR_MAILBOX, ERR_RETRY_NEVER);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
        g_assert_cmpuint(rows_of_format(&r, PAYLOAD_PORTABLE), >, 0);
        g_assert_true(rig_was_told(&r, "items travel as MIME and properties"));
        rig_release(&r);
    }
}

/* The same said of each request as if its items were to blame. */
static void test_operation_blames_items(void)
{
    static const struct {
        int side;
        enum fault_op op;
    } rows[] = { { RIG_SOURCE, FAULT_FETCH }, { RIG_DESTINATION, FAULT_PUT } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, &(struct rig_options){ .portable = true });
        rig_fill(&r);
        faults_add(r.faults[rows[i].side],
                   &(struct fault){ .op = rows[i].op,
                                    .when = FAULT_BEFORE,
                                    .first = 1,
                                    .every = 1,
                                    .pick = is_fts,
                                    .err = { .scope = ERR_ITEM,
                                             .retry = ERR_RETRY_NEVER,
                                             .msg = "no such operation" } });
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_true(rig_was_told(&r, "items travel as MIME and properties"));
        /* It was not asked for each item, however many lanes were at it. */
        g_assert_cmpuint(faults_fired(r.faults[rows[i].side]), <,
                         rows_of_format(&r, PAYLOAD_PORTABLE));
        rig_release(&r);
    }
}

struct picked {
    const char *id;
    bool portable;
};

static bool is_that_way(void *data, const struct fault_subject *subject)
{
    const struct picked *p = data;

    return g_strcmp0(subject->id, p->id) == 0 &&
           subject->portable == p->portable;
}

/* What FastTransfer is denied for is not asked for so again, however often the
 * other way has to be tried. */
static void test_denied_once(void)
{
    struct picked way[] = { { .portable = false }, { .portable = true } };
    struct fault denied = { .op = FAULT_FETCH,
                            .when = FAULT_ITEM,
                            .first = 1,
                            .every = 1,
                            .pick = is_that_way,
                            .pick_data = &way[0] };
    struct fault busy = { .op = FAULT_FETCH,
                          .when = FAULT_ITEM,
                          .first = 1,
                          .pick = is_that_way,
                          .pick_data = &way[1] };
    struct rig r;

    rig_init(&r, &(struct rig_options){ .portable = true });
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail", 4);
    way[0].id = way[1].id =
        rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "not to be exported");
    err_set(&denied.err, ERR_FOLDER, ERR_RETRY_NEVER, 0, "access denied");
    denied.err.name = "ErrorAccessDenied";
    faults_add(r.faults[RIG_SOURCE], &denied);
    err_set(&busy.err, ERR_ITEM, ERR_RETRY_WAIT, 0, "not now");
    faults_add(r.faults[RIG_SOURCE], &busy);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rows_of_format(&r, PAYLOAD_PORTABLE), ==, 1);
    g_assert_cmpuint(faults_fired(r.faults[RIG_SOURCE]), ==, 2);
    rig_release(&r);
}

/* ---- what is in doubt ---------------------------------------------------- */

static void begin_portable(struct rig *r, unsigned int n)
{
    rig_init(r,
             &(struct rig_options){ .portable = true,
                                    .missing_caps = { ENDPOINT_CAP_EXPORT,
                                                      ENDPOINT_CAP_EXPORT } });
    rig_add_many(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "mail", n);
    rig_add_many(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "twin", n / 2);
    rig_add_many(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "twin", n / 2);
}

/* Found by its stamp: nothing is there twice, and nothing is missing. */
static void test_lost_answers(void)
{
    static const struct {
        const char *name;
        enum fault_when when;
        unsigned int first, every;
    } rows[] = {
        { "before", FAULT_BEFORE, 1, 0 },
        { "after", FAULT_AFTER, 1, 0 },
        { "each third", FAULT_AFTER, 1, 3 },
        { "in the middle", FAULT_HALF, 1, 0 },
        { "cut", FAULT_CUT, 1, 0 },
        { "cut again", FAULT_CUT, 1, 5 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        begin_portable(&r, 24);
        rig_fault(&r, RIG_DESTINATION, FAULT_PUT, rows[i].when, rows[i].first,
                  rows[i].every);
        rig_copy(&r);
        rig_check_equal(&r);
        CHECK_ROW(rows[i].name, rig_rows(&r, ITEM_COPIED) == 48);
        /* Nothing was read to find that out but what was to be verified. */
        rig_copy(&r);
        rig_check_equal(&r);
        rig_release(&r);
    }
}

/* What was cut short is removed, softly, and only that. */
static void test_rest_is_removed(void)
{
    struct rig r;
    GPtrArray *dumpster;

    begin_portable(&r, 4);
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_CUT, 1, 0);
    rig_copy(&r);
    rig_check_equal(&r);
    dumpster = mem_dumpster(r.mem[RIG_DESTINATION]);
    g_assert_cmpuint(dumpster->len, ==, 1);
    g_assert_true(((struct mem_item *)dumpster->pdata[0])->unfinished);
    g_ptr_array_unref(dumpster);
    /* and called what it is: of a double people are told to write to us */
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    rig_release(&r);
}

/* A server that is still at work when it is given up. */
static void test_late_puts(void)
{
    struct rig r;

    begin_portable(&r, 8);
    faults_add(r.faults[RIG_DESTINATION], &(struct fault){ .op = FAULT_PUT,
                                                           .when = FAULT_LATER,
                                                           .first = 1,
                                                           .later_calls = 3 });
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* ---- and what follows ---------------------------------------------------- */

static void test_edits_replace(void)
{
    struct rig r;
    const char *id;

    begin_portable(&r, 4);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "as it was");
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, id, "as it is");
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    mem_touch_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    rig_release(&r);
}

static void test_lost_moves(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER,
                                             FAULT_HALF };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        const char *ids[6];
        struct rig r;

        begin_portable(&r, 2);
        for (int k = 0; k < 6; k++) {
            g_autofree char *text = g_strdup_printf("to be filed %d", k);

            ids[k] = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), text);
        }
        rig_copy(&r);
        for (int k = 0; k < 6; k++)
            mem_move_item(r.mem[RIG_SOURCE], ids[k],
                          rig_folder(&r, RIG_SOURCE, "sentitems"));
        rig_fault(&r, RIG_DESTINATION, FAULT_MOVE, whens[i], 1, 0);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 0);
        rig_release(&r);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        { "/route/choice", test_choice },
        { "/route/no-way", test_no_way },
        { "/route/one-item-falls-back", test_one_item_falls_back },
        { "/route/one-item-fails", test_one_item_fails },
        { "/route/no-right-to-it", test_no_right_to_it },
        { "/route/operation-is-missing", test_operation_is_missing },
        { "/route/operation-blames-items", test_operation_blames_items },
        { "/route/denied-once", test_denied_once },
        { "/route/lost-answers", test_lost_answers },
        { "/route/rest-is-removed", test_rest_is_removed },
        { "/route/late-puts", test_late_puts },
        { "/route/edits-replace", test_edits_replace },
        { "/route/lost-moves", test_lost_moves },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].test);
    return g_test_run();
}
