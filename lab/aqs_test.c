#include "base/check.h"
#include "lab/find.h"
#include "lab/fixture.h"

/* 2024-05-15T13:00:00Z, a Wednesday */
#define NOW INT64_C(1715778000000000)

/* Sent by Dean Halstead to Anna, on the day given, about `subject`. */
static struct mapi_item *mail(const char *subject, int64_t at_us)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    mapi_set_text(item, props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(item, props, PR_SUBJECT, subject);
    mapi_set_text(item, props, PR_SENT_REPRESENTING_NAME, "Dean Halstead");
    mapi_set_text(item, props, PR_SENT_REPRESENTING_ADDRTYPE, "SMTP");
    mapi_set_text(item, props, PR_SENT_REPRESENTING_EMAIL, "dean@x.example");
    mapi_set_text(item, props, PR_DISPLAY_TO, "Anna User1");
    mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME, at_us);
    mapi_set_time(item, props, PR_CLIENT_SUBMIT_TIME, at_us);
    return item;
}

struct asking {
    struct fixture *f;
    struct fixture_call c;
    struct lab_item item;
};

static void ask_init(struct asking *a, const char *subject, int64_t at_us)
{
    g_autofree char *inbox = NULL;
    g_autoptr(mapi_item) item = mail(subject, at_us);
    struct err err;

    *a = (struct asking){ .f = fixture_new(EXCHANGE2016) };
    inbox = fixture_folder(a->f, a->f->user1, "inbox");
    CHECK_OK(lab_store_put(a->f->lab.store, a->f->user1, inbox, false, item,
                           &a->item, &err),
             &err);
    fixture_call_init(&a->c, a->f, "<m:FindItem/>");
}

static void ask_clear(struct asking *a)
{
    fixture_call_release(&a->c);
    lab_item_clear(&a->item);
    fixture_free(a->f);
}

/* 1: it is found; 0: it is not; -1: the query is refused. */
static int ask(struct asking *a, const char *query)
{
    struct find_context context = { &a->c.call, "ErrorUnsupported" };
    struct find_object o;
    struct problem p = { .code = NULL };
    g_autoptr(restriction) r = aqs_read(&context, query, NOW, NULL, &p);
    int found;

    if (r == NULL) {
        g_assert_cmpstr(p.code, ==, "ErrorInvalidArgument");
        return -1;
    }
    find_object_init(&o, &a->c.call, a->f->user1, &a->item);
    found = restriction_match(r, &o, find_value);
    find_object_clear(&o);
    return found;
}

static void test_words(void)
{
    /* clang-format off */
    static const struct {
        const char *query;
        int want;
    } rows[] = {
        { "subject:product", 1 },
        { "Subject:PROD", 1 },
        { "subject:duct", 0 },
        { "subject:\"product\"", 1 },
        { "subject:\"produc\"", 0 },
        { "subject:\"product development\"", 1 },
        { "subject:\"development product\"", 0 },
        { "subject:(development product)", 1 },
        { "subject:(development other)", 0 },
        { "from:Dean", 1 },
        { "from:\"Dean Halstead\"", 1 },
        { "from:dean@x.example", 1 },
        { "from:Anna", 0 },
        { "to:Anna", 1 },
        { "participants:Anna", 1 },
        { "product halst", 1 },
        { "product nobody", 0 },
        { "product AND halst", 1 },
        { "nobody OR product", 1 },
        { "nobody OR noone", 0 },
        { "NOT nobody", 1 },
        { "NOT product", 0 },
        { "(nobody OR product) from:dean", 1 },
        { "subject:product NOT from:dean", 0 },
        { "kind:email", 1 },
        { "kind:tasks", 0 },
        { "hasattachment:false", 1 },
        { "hasattachment:yes", 0 },
        { "isread:false", 1 },
        /* refused */
        { "", -1 }, { "   ", -1 }, { "colour:red", -1 },
        { "subject:\"open", -1 }, { "(product", -1 }, { "product)", -1 },
        { "subject:", -1 }, { "kind:birds", -1 }, { "isread:perhaps", -1 },
        { "subject:(a (b))", -1 }, { "()", -1 }, { "NOT", -1 },
    };
    /* clang-format on */
    struct asking a;

    ask_init(&a, "A new product development plan", NOW);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].query, ask(&a, rows[i].query) == rows[i].want);
    ask_clear(&a);
}

#define DAY INT64_C(86400000000)

static void test_dates(void)
{
    /* clang-format off */
    static const struct {
        const char *query;
        int64_t days; /* from now that the item was received */
        int want;
    } rows[] = {
        { "received:today", 0, 1 },
        { "received:today", -1, 0 },
        { "received:yesterday", -1, 1 },
        { "received:tomorrow", 1, 1 },
        { "received:05/15/2024", 0, 1 },
        { "received:2024-05-15", 0, 1 },
        { "received:2024-05-14", 0, 0 },
        { "sent:05/14/2024..05/15/2024", 0, 1 },
        { "sent:05/14/2024..05/15/2024", 1, 0 },
        { "received:..2024-05-15", -400, 1 },
        { "received:2024-05-16..", 0, 0 },
        { "received:>2024-05-14", 0, 1 },
        { "received:>2024-05-15", 0, 0 },
        { "received:>=2024-05-15", 0, 1 },
        { "received:<2024-05-15", 0, 0 },
        { "received:<=2024-05-15", 0, 1 },
        { "received:this week", -2, 1 },
        { "received:this week", -3, 0 },
        { "received:last week", -3, 1 },
        { "received:last week", -9, 1 },
        { "received:last week", -10, 0 },
        { "received:next week", 5, 1 },
        { "received:this month", -14, 1 },
        { "received:last month", -15, 1 },
        { "received:last year", -200, 1 },
        { "received:this year", -200, 0 },
        { "received:monday", -2, 1 },
        { "received:april", -15, 1 },
        { "received:last week product", -3, 1 },
        { "received:someday", 0, -1 },
        { "received:2024-13-01", 0, -1 },
        { "received:..", 0, -1 },
        { "received:last century", 0, -1 },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct asking a;

        ask_init(&a, "product", NOW + rows[i].days * DAY);
        CHECK_ROW(rows[i].query, ask(&a, rows[i].query) == rows[i].want);
        ask_clear(&a);
    }
}

static void test_terms(void)
{
    struct find_context context = { NULL, "ErrorUnsupported" };
    g_autoptr(GPtrArray) terms = find_terms_new();
    g_autoptr(restriction) r = NULL;
    struct asking a;
    struct problem p;
    const struct find_term *t;

    ask_init(&a, "x", NOW);
    context.call = &a.c.call;
    r = aqs_read(&context, "subject:plan budget", NOW, terms, &p);
    g_assert_nonnull(r);
    g_assert_cmpuint(terms->len, ==, 2);
    t = g_ptr_array_index(terms, 0);
    g_assert_cmpstr(t->scope, ==, "Subject");
    g_assert_cmpstr(t->word, ==, "plan");
    ask_clear(&a);
}

static void test_limits(void)
{
    g_autoptr(GString) many = g_string_new(NULL);
    g_autoptr(GString) deep = g_string_new(NULL);
    struct asking a;

    for (int i = 0; i < 101; i++)
        g_string_append(many, "word ");
    for (int i = 0; i < 5000; i++)
        g_string_append_c(deep, '(');
    ask_init(&a, "x", NOW);
    g_assert_cmpint(ask(&a, many->str), ==, -1);
    g_assert_cmpint(ask(&a, deep->str), ==, -1);
    ask_clear(&a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aqs/words", test_words);
    g_test_add_func("/aqs/dates", test_dates);
    g_test_add_func("/aqs/terms", test_terms);
    g_test_add_func("/aqs/limits", test_limits);
    return g_test_run();
}
