#include "lab/find.h"

#include "base/check.h"
#include "lab/fixture.h"
#include "lab/hash.h"

/* ---- a folder of items that differ ----------------------------------- */

#define N_ITEMS 40

static const char *const subjects[] = { "Budget", "budget 2024", "Übersicht",
                                        "café", NULL };
static const char *const classes[] = { "IPM.Note", "IPM.Task", "IPM.Contact" };

/* Everything about the i-th follows from i. */
static void add_item(struct fixture *f, const char *folder_id, uint64_t i)
{
    static const char *const words[] = { "red", "blue", NULL };
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    uint64_t h = lab_hash_u64(i, 7);
    const char *subject = subjects[h % G_N_ELEMENTS(subjects)];
    g_autofree char *body = g_strnfill(h / 65536 % 50 * 20, 'x');
    struct err err;

    mapi_set_text(item, props, PR_MESSAGE_CLASS, classes[h / 8 % 3]);
    mapi_set_text(item, props, PR_BODY, body);
    if (subject != NULL)
        mapi_set_text(item, props, PR_SUBJECT, subject);
    if (h / 32 % 3 > 0)
        mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME,
                      INT64_C(1700000000000000) +
                          (int64_t)(h / 128 % 10) * INT64_C(86400000000));
    mapi_set_i32(item, props, PR_MESSAGE_FLAGS, (int32_t)(h / 2048 % 4));
    mapi_set_i32(item, props, PR_IMPORTANCE, (int32_t)(h / 8192 % 3));
    if (h / 32768 % 2 == 0)
        mapi_set_texts(item, props,
                       mapi_named_text(item, PS_PUBLIC_STRINGS, "Keywords",
                                       PT_UNICODE | MV_FLAG),
                       words);
    CHECK_OK(lab_store_put(f->lab.store, f->user1, folder_id, false, item, NULL,
                           &err),
             &err);
}

static struct fixture *filled(void)
{
    struct fixture *f = fixture_new(EXCHANGE2016);
    g_autofree char *inbox = fixture_folder(f, f->user1, "inbox");

    for (uint64_t i = 0; i < N_ITEMS; i++)
        add_item(f, inbox, i);
    return f;
}

/* ---- what a request finds -------------------------------------------- */

/* Run it; the answer, or the code of a fault. */
static char *run(struct fixture *f, const char *operation)
{
    struct fixture_call c;
    struct problem p;
    char *out;

    fixture_call_init(&c, f, operation);
    out =
        op_find_item(&c.call, &p) < 0 ? g_strdup(p.code) : g_strdup(c.out->str);
    fixture_call_release(&c);
    return out;
}

static char *find_request(const char *before, const char *after)
{
    return g_strdup_printf(
        "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>IdOnly"
        "</t:BaseShape></m:ItemShape>%s<m:ParentFolderIds>"
        "<t:DistinguishedFolderId Id='inbox'/></m:ParentFolderIds>%s"
        "</m:FindItem>",
        before, after);
}

static int count_of(const char *text, const char *what)
{
    int n = 0;

    while ((text = strstr(text, what)) != NULL) {
        n++;
        text += strlen(what);
    }
    return n;
}

#define URI(name) "<t:FieldURI FieldURI='" name "'/>"
#define OP(op, name, text)                                                     \
    "<t:" op ">" URI(name) "<t:FieldURIOrConstant><t:Constant Value='" text    \
                           "'/></t:FieldURIOrConstant></t:" op ">"
#define HAS(name, text)                                                        \
    "<t:Contains ContainmentMode='Substring' ContainmentComparison="           \
    "'IgnoreCase'>" URI(name) "<t:Constant Value='" text "'/></t:Contains>"

/*
 * The database and the items themselves say the same.  What makes it be asked
 * of the items is a condition that all meet and no column holds.
 */
#define ALL_MEET OP("IsNotEqualTo", "message:ConversationTopic", "none such")

/* clang-format off */
static const char *const conditions[] = {
    OP("IsEqualTo", "item:Subject", "BUDGET"),
    OP("IsNotEqualTo", "item:Subject", "budget"),
    OP("IsGreaterThan", "item:Subject", "c"),
    OP("IsLessThanOrEqualTo", "item:Subject", "budget 2024"),
    HAS("item:Subject", "dget"),
    HAS("item:Subject", "ÜBER"),
    "<t:Exists>" URI("item:Subject") "</t:Exists>",
    OP("IsEqualTo", "item:ItemClass", "ipm.task"),
    HAS("item:ItemClass", "ipm"),
    OP("IsEqualTo", "message:IsRead", "true"),
    OP("IsEqualTo", "item:HasAttachments", "false"),
    OP("IsGreaterThanOrEqualTo", "item:DateTimeReceived",
       "2023-11-17T22:13:20Z"),
    OP("IsLessThan", "item:DateTimeReceived", "2023-11-17T22:13:20Z"),
    "<t:Exists><t:ExtendedFieldURI PropertyTag='0x0E06' "
        "PropertyType='SystemTime'/></t:Exists>",
    OP("IsGreaterThan", "item:Size", "1500"),
    "<t:Not>" OP("IsGreaterThan", "item:Size", "1500") "</t:Not>",
    "<t:Not>" HAS("item:Subject", "budget") "</t:Not>",
    "<t:Or>" OP("IsEqualTo", "message:IsRead", "true")
        HAS("item:Subject", "budget") "</t:Or>",
    "<t:And>" OP("IsEqualTo", "message:IsRead", "true")
        "<t:Not>" HAS("item:Subject", "budget") "</t:Not></t:And>",
    "<t:Not><t:And>" OP("IsEqualTo", "message:IsRead", "true")
        HAS("item:Subject", "budget") "</t:And></t:Not>",
    "<t:Not><t:Not><t:Or>" OP("IsEqualTo", "item:Subject", "café")
        "<t:Not><t:Exists>" URI("item:Subject") "</t:Exists></t:Not>"
        "</t:Or></t:Not></t:Not>",
};
/* clang-format on */

static void test_database_and_items_agree(void)
{
    g_autoptr(fixture) f = filled();

    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        g_autofree char *quick =
            g_strdup_printf("<m:Restriction>%s</m:Restriction>", conditions[i]);
        g_autofree char *slow = g_strdup_printf(
            "<m:Restriction><t:And>%s" ALL_MEET "</t:And></m:Restriction>",
            conditions[i]);
        g_autofree char *a_request = find_request(quick, "");
        g_autofree char *b_request = find_request(slow, "");
        g_autofree char *a = run(f, a_request);
        g_autofree char *b = run(f, b_request);
        int n = count_of(a, "<t:ItemId");

        CHECK_ROW(conditions[i], strstr(a, "NoError") != NULL);
        g_assert_cmpstr(a, ==, b);
        CHECK_ROW(conditions[i], n > 0 && n <= N_ITEMS);
    }
}

/* How much of a restriction the columns can say. */
static void test_what_columns_say(void)
{
    /* clang-format off */
    static const struct {
        const char *restriction;
        bool something, exact;
    } rows[] = {
        { OP("IsEqualTo", "item:Subject", "x"), true, true },
        /* the restriction itself is an AND, which says nothing wrong */
        { OP("IsEqualTo", "item:Importance", "High"), true, false },
        { "<t:And>" OP("IsEqualTo", "item:Subject", "x")
          OP("IsEqualTo", "item:Importance", "High") "</t:And>", true, false },
        { "<t:Or>" OP("IsEqualTo", "item:Subject", "x")
          OP("IsEqualTo", "item:Importance", "High") "</t:Or>", true, false },
        { "<t:Not>" OP("IsEqualTo", "item:Importance", "High") "</t:Not>",
          true, false },
        { "<t:Not>" OP("IsEqualTo", "item:Subject", "x") "</t:Not>", true,
          true },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *before = g_strdup_printf(
            "<m:Restriction>%s</m:Restriction>", rows[i].restriction);
        g_autofree char *request = find_request(before, "");
        g_autoptr(lab_condition) condition = NULL;
        g_autoptr(restriction) r = NULL;
        struct find_context context = { .unsupported = "ErrorX" };
        struct restriction_paths paths;
        struct fixture_call c;
        struct problem p;
        bool exact = false;

        fixture_call_init(&c, f, request);
        context.call = &c.call;
        paths = find_paths(&context);
        r = restriction_read(op_child(&c.call, "Restriction"), &paths, &p);
        CHECK_ROW(rows[i].restriction, r != NULL);
        condition = find_condition(r, &exact);
        CHECK_ROW(rows[i].restriction,
                  (condition != NULL) == rows[i].something);
        CHECK_ROW(rows[i].restriction, exact == rows[i].exact);
        fixture_call_release(&c);
    }
}

static void test_items_alone(void)
{
    /* counted by hand from add_item()'s rules */
    int high = 0, red = 0, unmodified = 0;
    g_autoptr(fixture) f = filled();
    const struct {
        const char *restriction;
        const int *want;
    } rows[] = {
        { OP("IsEqualTo", "item:Importance", "High"), &high },
        { OP("IsEqualTo", "item:Categories", "RED"), &red },
        { HAS("item:Categories", "blu"), &red },
        { "<t:Excludes><t:ExtendedFieldURI PropertyTag='0x0E07' "
          "PropertyType='Integer'/><t:Bitmask Value='1'/></t:Excludes>",
          &unmodified },
    };

    for (uint64_t i = 0; i < N_ITEMS; i++) {
        uint64_t h = lab_hash_u64(i, 7);

        high += h / 8192 % 3 == 2;
        red += h / 32768 % 2 == 0;
        unmodified += (h / 2048 % 4 & 1) == 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *before = g_strdup_printf(
            "<m:Restriction>%s</m:Restriction>", rows[i].restriction);
        g_autofree char *request = find_request(before, "");
        g_autofree char *got = run(f, request);

        CHECK_ROW(rows[i].restriction,
                  count_of(got, "<t:ItemId") == *rows[i].want);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *before, *want;
    } rows[] = {
        { "<m:Restriction>" OP("IsEqualTo", "item:ItemId",
                               "x") "</m:Restriction>",
          "ErrorUnsupportedPathForQuery" },
        { "<m:SortOrder><t:FieldOrder Order='Ascending'>" URI(
              "item:MimeContent") "</t:FieldOrder></m:SortOrder>",
          "ErrorUnsupportedPathForSortGroup" },
        { "<m:SortOrder><t:FieldOrder Order='Sideways'>" URI(
              "item:Subject") "</t:FieldOrder></m:SortOrder>",
          "ErrorSchemaValidation" },
        { "<m:GroupBy Order='Ascending'>" URI("item:Subject") "</m:GroupBy>",
          "ErrorSchemaValidation" },
        { "<m:DistinguishedGroupBy Order='Ascending'><t:StandardGroupBy>x"
          "</t:StandardGroupBy></m:DistinguishedGroupBy>",
          "ErrorSchemaValidation" },
        { "<m:SeekToConditionPageItemView BasePoint='Beginning' "
          "MaxEntriesReturned='0'/>",
          "ErrorInvalidPagingMaxRows" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *request = find_request(rows[i].before, "");
        g_autofree char *got = run(f, request);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].before, got);
    }
}

/* A group for each subject, whatever its case, and one for those without. */
static void test_groups(void)
{
    static const char group[] = "<m:GroupBy Order='Ascending'>" URI(
        "item:Subject") "<t:AggregateOn "
                        "Aggregate='"
                        "Minimum'>" URI("item:"
                                        "Subject") "<"
                                                   "/"
                                                   "t"
                                                   ":"
                                                   "A"
                                                   "g"
                                                   "g"
                                                   "r"
                                                   "e"
                                                   "g"
                                                   "a"
                                                   "t"
                                                   "e"
                                                   "O"
                                                   "n"
                                                   ">"
                                                   "<"
                                                   "/"
                                                   "m"
                                                   ":"
                                                   "G"
                                                   "r"
                                                   "o"
                                                   "u"
                                                   "p"
                                                   "B"
                                                   "y"
                                                   ">";
    g_autoptr(fixture) f = filled();
    g_autofree char *request = find_request(group, "");
    g_autofree char *got = run(f, request);
    g_autofree char *total =
        g_strdup_printf("TotalItemsInView=\"%d\"", N_ITEMS + 5);
    const char *at = got;

    g_assert_cmpint(count_of(got, "<t:GroupedItems>"), ==, 5);
    g_assert_cmpint(count_of(got, "<t:ItemId"), ==, N_ITEMS);
    g_assert_nonnull(strstr(got, total));
    /* those without come first, then in the order of the alphabet */
    for (size_t i = 0; i < 5; i++) {
        static const char *const order[] = { "", "Budget", "budget 2024",
                                             "café", "Übersicht" };
        g_autofree char *index =
            i == 0
                ? g_strdup("<t:GroupIndex")
                : g_strdup_printf("<t:GroupIndex>%s</t:GroupIndex>", order[i]);

        at = strstr(at, index);
        CHECK_ROW(order[i], at != NULL);
    }
}

static void test_count_limit(void)
{
    static const struct {
        const char *before;
        int want;
    } rows[] = { { "", 8 },
                 { "<m:Restriction>" OP("IsNotEqualTo", "item:Subject",
                                        "x") "</m:Restriction>",
                   2 } };
    struct throttle_options limits;
    g_autoptr(fixture) f = filled();

    throttle_get(f->lab.throttle, &limits);
    limits.find_count = 8;
    throttle_set(f->lab.throttle, &limits);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *request = find_request(rows[i].before, "");
        g_autofree char *got = run(f, request);

        g_assert_cmpint(count_of(got, "<t:ItemId"), ==, rows[i].want);
        g_assert_nonnull(strstr(got, "IncludesLastItemInRange=\"false\""));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/find/database-and-items-agree",
                    test_database_and_items_agree);
    g_test_add_func("/find/what-columns-say", test_what_columns_say);
    g_test_add_func("/find/items-alone", test_items_alone);
    g_test_add_func("/find/refusals", test_refusals);
    g_test_add_func("/find/groups", test_groups);
    g_test_add_func("/find/count-limit", test_count_limit);
    return g_test_run();
}
