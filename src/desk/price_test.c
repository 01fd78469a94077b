#include "desk/price.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/check.h"

#define DAY (INT64_C(86400) * 1000000)
#define NOW (INT64_C(1795430400) * 1000000) /* 2026-11-23T10:40:00Z */

#define HEAD  "[price-list]\ncurrency = EUR\ndigits = 2\nvalid-days = 30\n"
#define TIERS "[tiers]\n1-10 = 25.00\n11-50 = 20\n51- = 15.5\n"
/* Lines 1 to 7, tiers from line 9 on. */
static const char usual[] = HEAD "minimum = 150.00\nallowance = 5G\n"
                                 "per-gb = 1.50\ntax = plus 19 % VAT\n" TIERS;

static struct price_list *list(const char *text)
{
    g_autoptr(GPtrArray) faults = NULL;
    struct price_list *p = price_list_read(text, strlen(text), &faults);

    if (faults->len > 0)
        g_error("%s", ((struct price_fault *)faults->pdata[0])->text);
    return p;
}

static void test_list(void)
{
    g_autoptr(price_list) p = list(usual);

    g_assert_cmpstr(p->currency, ==, "EUR");
    g_assert_cmpint(p->minimum, ==, 15000);
    g_assert_cmpint(p->per_gb, ==, 150);
    g_assert_cmpuint(p->allowance_bytes, ==, 5000000000u);
    g_assert_cmpuint(p->valid_days, ==, 30);
    g_assert_cmpstr(p->tax, ==, "plus 19 % VAT");
    g_assert_cmpuint(p->n_tiers, ==, 3);
    g_assert_cmpint(p->tiers[1].each, ==, 2000);
    g_assert_cmpint(p->tiers[2].each, ==, 1550);
}

static void test_faults(void)
{
    /* One fault each: its line, a piece of what is said and of the remedy. */
    static const struct {
        const char *name, *text;
        uint32_t line;
        const char *says, *remedy;
    } rows[] = {
        { "a gap", HEAD "[tiers]\n1-10 = 1\n12- = 1\n", 7,
          "no tier has mailbox 11", "begin where the one before ends" },
        { "an overlap", HEAD "[tiers]\n1-10 = 1\n10- = 1\n", 7,
          "mailbox 10 is in the tier of line 6 already", "begin where" },
        { "not from 1 on", HEAD "[tiers]\n2- = 1\n", 6, "no tier has mailbox 1",
          "begin with 1" },
        { "an end", HEAD "[tiers]\n1-10 = 1\n", 6, "no tier has mailbox 11",
          "no end" },
        { "something after the last", HEAD "[tiers]\n1- = 1\n11- = 1\n", 7,
          "line 6, has no end", "only the last" },
        { "backwards", HEAD "[tiers]\n10-1 = 1\n1- = 1\n", 6,
          "\"10-1\" is not a range", "11-50" },
        { "words", HEAD "[tiers]\nall = 1\n1- = 1\n", 6, "\"all\"", "11-50" },
        { "no tiers", HEAD, 0, "there is no tier", "[tiers]" },
        { "no currency",
          "[price-list]\ndigits = 2\nvalid-days = 1\n[tiers]\n1- = 1\n", 0,
          "\"currency\" is missing", "example" },
        { "a wrong currency",
          "[price-list]\ncurrency = euro\ndigits = 2\nvalid-days = 1\n"
          "[tiers]\n1- = 1\n",
          2, "\"euro\" is not a currency", "EUR" },
        { "too many digits", HEAD "[tiers]\n1- = 1.005\n", 6,
          "\"1.005\" is not an amount", "digits" },
        { "a comma", HEAD "[tiers]\n1- = 1,50\n", 6, "\"1,50\"", "12.50" },
        { "negative", HEAD "[tiers]\n1- = -1\n", 6, "\"-1\"", "12.50" },
        { "far too dear", HEAD "[tiers]\n1- = 99999999999999999999\n", 6,
          "is not an amount", "12.50" },
        { "a key twice", HEAD "digits = 2\n" TIERS, 5,
          "stands in line 3 already", "leave one" },
        { "an unknown key", HEAD "discount = 5\n" TIERS, 5, "\"discount\"",
          "example" },
        { "an unknown section", HEAD TIERS "[other]\n", 9, "[other]",
          "[tiers]" },
        { "no line of an ini file", HEAD "what\n" TIERS, 5, "neither", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) faults = NULL;
        g_autoptr(price_list) p =
            price_list_read(rows[i].text, strlen(rows[i].text), &faults);
        const struct price_fault *f;

        g_test_message("%s", rows[i].name);
        g_assert_null(p);
        g_assert_cmpuint(faults->len, ==, 1);
        f = faults->pdata[0];
        g_assert_cmpuint(f->line, ==, rows[i].line);
        CHECK_ROW(f->text, strstr(f->text, rows[i].says) != NULL);
        CHECK_ROW(f->remedy, strstr(f->remedy, rows[i].remedy) != NULL);
    }
}

/* All at once, by line. */
static void test_many_faults(void)
{
    static const char text[] = "[price-list]\ncurrency = x\ndigits = 9\n"
                               "[tiers]\n2-3 = a\n3- = b\n";
    static const uint32_t lines[] = { 0, 2, 3, 5, 5, 6, 6 };
    g_autoptr(GPtrArray) faults = NULL;

    g_assert_null(price_list_read(text, strlen(text), &faults));
    g_assert_cmpuint(faults->len, ==, G_N_ELEMENTS(lines));
    for (guint i = 0; i < faults->len; i++)
        g_assert_cmpuint(((struct price_fault *)faults->pdata[i])->line, ==,
                         lines[i]);
}

/* By hand: 10 x 25.00, then 40 x 20.00, then 15.50 each. */
static void test_quotes(void)
{
    static const struct {
        const char *name;
        struct price_measure of;
        const char *lines;
        int64_t total;
    } rows[] = {
        { "the minimum",
          { 1, 0 },
          "Mailbox 1: 1 x 2500 = 2500\n"
          "Up to the minimum of one migration: 1 x 12500 = 12500\n",
          15000 },
        { "just the minimum",
          { 6, 0 },
          "Mailboxes 1 to 6: 6 x 2500 = 15000\n",
          15000 },
        { "the first tier to its end",
          { 10, 50000000000 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n",
          25000 },
        { "one of the second",
          { 11, 0 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n"
          "Mailbox 11: 1 x 2000 = 2000\n",
          27000 },
        { "all three",
          { 60, 0 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n"
          "Mailboxes 11 to 50: 40 x 2000 = 80000\n"
          "Mailboxes 51 to 60: 10 x 1550 = 15500\n",
          120500 },
        { "one byte above the allowance",
          { 10, 50000000001 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n"
          "GB above the 50.00 GB included: 1 x 150 = 150\n",
          25150 },
        { "two GB above it",
          { 10, 52000000000 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n"
          "GB above the 50.00 GB included: 2 x 150 = 300\n",
          25300 },
        { "as many as there can be",
          { 50000, 0 },
          "Mailboxes 1 to 10: 10 x 2500 = 25000\n"
          "Mailboxes 11 to 50: 40 x 2000 = 80000\n"
          "Mailboxes 51 to 50000: 49950 x 1550 = 77422500\n",
          77527500 },
    };
    g_autoptr(price_list) p = list(usual);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(quote) q = NULL;
        g_autoptr(GString) got = g_string_new(NULL);
        struct err err;

        CHECK_OK(quote_make(p, &rows[i].of, NOW, &q, &err), &err);
        for (guint k = 0; k < q->lines->len; k++) {
            const struct price_line *l = q->lines->pdata[k];

            g_string_append_printf(got,
                                   "%s: %" G_GUINT64_FORMAT
                                   " x %" G_GINT64_FORMAT " = %" G_GINT64_FORMAT
                                   "\n",
                                   l->text, l->count, l->each, l->amount);
        }
        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(got->str, ==, rows[i].lines);
        g_assert_cmpint(q->total, ==, rows[i].total);
        g_assert_cmpint(q->until_us, ==, NOW + 30 * DAY);
    }
}

/* One mailbox or byte more never makes it cheaper. */
static void test_monotone(void)
{
    g_autoptr(price_list) p = list(usual);
    int64_t before = 0;
    struct err err;

    for (uint64_t n = 1; n <= 200; n++) {
        const struct price_measure of = { n, n * 7000000000 };
        g_autoptr(quote) q = NULL;

        CHECK_OK(quote_make(p, &of, NOW, &q, &err), &err);
        g_assert_cmpint(q->total, >=, before);
        before = q->total;
    }
}

static void test_refused(void)
{
    static const struct {
        const char *name, *text;
        struct price_measure of;
    } rows[] = {
        { "no mailbox", usual, { 0, 5 } },
        { "more than an import file has", usual, { 50001, 0 } },
        { "more than a number holds",
          HEAD "per-gb = 10000000000.00\n" TIERS,
          { 1, UINT64_MAX } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(price_list) p = list(rows[i].text);
        struct quote *q = NULL;
        struct err err;

        CHECK_ROW(rows[i].name,
                  quote_make(p, &rows[i].of, NOW, &q, &err) == -1);
        g_assert_null(q);
    }
}

static void test_amounts(void)
{
    static const struct {
        int64_t amount;
        unsigned int digits;
        const char *want;
    } rows[] = {
        { 0, 2, "0.00" },           { 5, 2, "0.05" },
        { 1234567, 2, "12345.67" }, { 1234, 0, "1234" },
        { 1234, 3, "1.234" },       { -5, 2, "-0.05" },
        { -1250, 2, "-12.50" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = price_amount(rows[i].amount, rows[i].digits);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static struct quote *sixty(void)
{
    g_autoptr(price_list) p = list(usual);
    const struct price_measure of = { 60, 301000000000 };
    struct quote *q = NULL;
    struct err err;

    CHECK_OK(quote_make(p, &of, NOW, &q, &err), &err);
    return q;
}

/* What was quoted stands, whatever becomes of the list. */
static void test_kept(void)
{
    g_autoptr(quote) q = sixty(), again = NULL;
    char *json = quote_json(q), *twice;
    g_autofree char *forged = NULL;
    struct quote *none = NULL;
    struct err err;

    CHECK_OK(quote_parse(json, &again, &err), &err);
    twice = quote_json(again);
    g_assert_cmpstr(twice, ==, json);
    g_assert_cmpint(again->total, ==, q->total);
    g_assert_cmpint(again->until_us, ==, q->until_us);
    forged = g_strdup(json);
    *strstr(forged, "2500") = '1';
    g_assert_cmpint(quote_parse(forged, &none, &err), ==, -1);
    g_assert_cmpint(quote_parse("[]", &none, &err), ==, -1);
    g_assert_cmpint(quote_parse("{", &none, &err), ==, -1);
    g_assert_null(none);
    free(twice);
    free(json);
}

/* How long it takes is kept with it; an older quote says nothing of that. */
static void test_time(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *forecast, *text; /* NULL: it makes no sense */
    } rows[] = {
        { "a time", "{\"p50\":7200,\"p90\":10800,\"basis\":\"a check\"}",
          "about 2 h; within 3 h nine times in ten (a check)" },
        { "nothing known", "null", "" },
        { "backwards", "{\"p50\":2,\"p90\":1,\"basis\":\"x\"}", NULL },
        { "before it began", "{\"p50\":-1,\"p90\":1,\"basis\":\"x\"}", NULL },
        { "for ever", "{\"p50\":1,\"p90\":9223372036854775807,"
                      "\"basis\":\"x\"}", NULL },
        { "no basis", "{\"p50\":1,\"p90\":2}", NULL },
        { "a word", "\"soon\"", NULL },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(quote) q = sixty(), again = NULL;
        char *json = quote_json(q);
        json_t *object = json_loads(json, 0, NULL);
        g_autofree char *text = NULL;
        struct err err;
        int r;

        g_test_message("%s", rows[i].name);
        free(json);
        json_object_set_new(
            object, "forecast",
            json_loads(rows[i].forecast, JSON_DECODE_ANY, NULL));
        json = json_dumps(object, JSON_COMPACT);
        r = quote_parse(json, &again, &err);
        CHECK_ROW(rows[i].name, (r == 0) == (rows[i].text != NULL));
        if (r == 0) {
            char *kept = quote_json(again);

            text = quote_time_text(&again->time);
            g_assert_cmpstr(text != NULL ? text : "", ==, rows[i].text);
            g_assert_cmpstr(kept, ==, json);
            free(kept);
        }
        json_decref(object);
        free(json);
    }
}

static const struct invoice_of of_acme = { 1001, "P-1001", "=Acme, Ltd",
                                           "acme.example", NOW };

static void test_invoice_csv(void)
{
    g_autoptr(quote) q = sixty();
    g_autofree char *csv = invoice_csv(q, &of_acme);
#define FRONT "1001,2026-11-23,P-1001,\"'=Acme, Ltd\",acme.example,"
#define BACK  ",EUR,plus 19 % VAT\n"

    g_assert_cmpstr(
        csv, ==,
        "Request,Date,Partner ID,Account,Domain,Line,Text,Count,Each,Amount,"
        "Currency,Tax\n" FRONT "1,Mailboxes 1 to 10,10,25.00,250.00" BACK FRONT
        "2,Mailboxes 11 to 50,40,20.00,800.00" BACK FRONT
        "3,Mailboxes 51 to 60,10,15.50,155.00" BACK FRONT
        "4,GB above the 300.00 GB included,1,1.50,1.50" BACK);
#undef FRONT
#undef BACK
}

static void test_invoice_json(void)
{
    g_autoptr(quote) q = sixty();
    char *text = invoice_json(q, &of_acme);
    json_t *object = json_loads(text, 0, NULL);
    const char *partner, *currency;
    json_int_t total, sum = 0;
    json_t *lines, *line;
    size_t i;

    g_assert_cmpint(json_unpack(object, "{s:s, s:s, s:I, s:o}", "partner",
                                &partner, "currency", &currency, "total",
                                &total, "lines", &lines),
                    ==, 0);
    g_assert_cmpstr(partner, ==, "P-1001");
    g_assert_cmpstr(currency, ==, "EUR");
    json_array_foreach(lines, i, line) sum +=
        json_integer_value(json_object_get(line, "amount"));
    g_assert_cmpint(total, ==, 120650);
    g_assert_cmpint(sum, ==, total);
    json_decref(object);
    free(text);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/price/list", test_list);
    g_test_add_func("/price/faults", test_faults);
    g_test_add_func("/price/many-faults", test_many_faults);
    g_test_add_func("/price/quotes", test_quotes);
    g_test_add_func("/price/monotone", test_monotone);
    g_test_add_func("/price/refused", test_refused);
    g_test_add_func("/price/amounts", test_amounts);
    g_test_add_func("/price/kept", test_kept);
    g_test_add_func("/price/time", test_time);
    g_test_add_func("/price/invoice-csv", test_invoice_csv);
    g_test_add_func("/price/invoice-json", test_invoice_json);
    return g_test_run();
}
