#include "lab/page.h"

#include "base/check.h"
#include "lab/fixture.h"

#define LIMIT 100

static int read_view(struct fixture *f, const char *view, struct page *ret,
                     struct problem *p)
{
    g_autofree char *operation =
        g_strdup_printf("<m:FindItem>%s</m:FindItem>", view);
    struct fixture_call c;
    int status;

    fixture_call_init(&c, f, operation);
    status = page_read(&c.call, true, LIMIT, ret, p);
    fixture_call_release(&c);
    return status;
}

#define INDEXED(base, offset, max)                                             \
    "<m:IndexedPageItemView BasePoint='" base "' Offset='" offset              \
    "' MaxEntriesReturned='" max "'/>"
#define FRACTION(numerator, denominator)                                       \
    "<m:FractionalPageItemView Numerator='" numerator                          \
    "' Denominator='" denominator "' MaxEntriesReturned='50'/>"

static void test_ranges(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *view;
        uint64_t total, start, count;
        const char *attrs;
    } rows[] = {
        { "no view", "", 30, 0, 30,
          " TotalItemsInView=\"30\" IncludesLastItemInRange=\"true\"" },
        { "more than the limit", "", 130, 0, 100,
          " TotalItemsInView=\"130\" IncludesLastItemInRange=\"false\"" },
        { "first page", INDEXED("Beginning", "0", "10"), 30, 0, 10,
          " IndexedPagingOffset=\"10\" TotalItemsInView=\"30\""
          " IncludesLastItemInRange=\"false\"" },
        { "last page", INDEXED("Beginning", "20", "10"), 30, 20, 10,
          " IndexedPagingOffset=\"30\" TotalItemsInView=\"30\""
          " IncludesLastItemInRange=\"true\"" },
        { "behind the end", INDEXED("Beginning", "40", "10"), 30, 30, 0,
          " IndexedPagingOffset=\"40\" TotalItemsInView=\"30\""
          " IncludesLastItemInRange=\"true\"" },
        /* the example of indexedpageitemview.md */
        { "from the end", INDEXED("End", "25", "10"), 100, 65, 10,
          " IndexedPagingOffset=\"35\" TotalItemsInView=\"100\""
          " IncludesLastItemInRange=\"false\"" },
        { "to the beginning", INDEXED("End", "25", "10"), 30, 0, 5,
          " IndexedPagingOffset=\"30\" TotalItemsInView=\"30\""
          " IncludesLastItemInRange=\"true\"" },
        { "no more than the limit", INDEXED("Beginning", "0", "1000"), 300,
          0, 100, " IndexedPagingOffset=\"100\" TotalItemsInView=\"300\""
          " IncludesLastItemInRange=\"false\"" },
        /* the example of fractionalpageitemview.md: the seventh of nine */
        { "two thirds", FRACTION("2", "3"), 9, 6, 3,
          " NumeratorOffset=\"9\" AbsoluteDenominator=\"9\""
          " TotalItemsInView=\"9\" IncludesLastItemInRange=\"true\"" },
        { "nothing of nothing", FRACTION("0", "1"), 0, 0, 0,
          " NumeratorOffset=\"0\" AbsoluteDenominator=\"1\""
          " TotalItemsInView=\"0\" IncludesLastItemInRange=\"true\"" },
        { "the end itself", FRACTION("3", "3"), 9, 9, 0,
          " NumeratorOffset=\"9\" AbsoluteDenominator=\"9\""
          " TotalItemsInView=\"9\" IncludesLastItemInRange=\"true\"" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        struct xmlout x = { out, false };
        struct page_range range;
        struct page page;
        struct problem p;

        CHECK_ROW(rows[i].name, read_view(f, rows[i].view, &page, &p) == 0);
        range = page_range(&page, rows[i].total);
        CHECK_ROW(rows[i].name, range.start == rows[i].start);
        CHECK_ROW(rows[i].name, range.count == rows[i].count);
        page_write(&x, &page, &range, rows[i].total);
        g_assert_cmpstr(out->str, ==, rows[i].attrs);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *view, *want;
    } rows[] = {
        { INDEXED("Middle", "0", "1"), "ErrorSchemaValidation" },
        { INDEXED("Beginning", "x", "1"), "ErrorSchemaValidation" },
        { INDEXED("Beginning", "-1", "1"),
          "ErrorInvalidIndexedPagingParameters" },
        { INDEXED("Beginning", "0", "0"), "ErrorInvalidPagingMaxRows" },
        { INDEXED("Beginning", "0", "-5"), "ErrorInvalidPagingMaxRows" },
        { FRACTION("2", "1"), "ErrorInvalidFractionalPagingParameters" },
        { FRACTION("-1", "1"), "ErrorInvalidFractionalPagingParameters" },
        { FRACTION("0", "0"), "ErrorInvalidFractionalPagingParameters" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct problem p = { .code = NULL };
        struct page page;

        CHECK_ROW(rows[i].view, read_view(f, rows[i].view, &page, &p) < 0);
        CHECK_ROW(rows[i].view, p.fault);
        g_assert_cmpstr(p.code, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/page/ranges", test_ranges);
    g_test_add_func("/page/refusals", test_refusals);
    return g_test_run();
}
