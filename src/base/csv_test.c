#include "base/csv.h"

#include <string.h>

#include "base/check.h"

/*
 * What a text holds, as one string: fields as [text], "q" after a quoted one,
 * "p" after a padded one; a fault as !number; rows as "line:fields".
 */
static char *shape(const char *text, size_t n, char delimiter)
{
    GString *s = g_string_new(NULL);
    g_autoptr(csv_reader) r = csv_reader_new(text, n, delimiter, 1);
    struct csv_row row;

    while (csv_reader_next(r, &row)) {
        g_string_append_printf(s, "%u:", row.line);
        for (size_t i = 0; i < row.n; i++)
            g_string_append_printf(s, "[%s]%s%s", row.fields[i].text,
                                   row.fields[i].quoted ? "q" : "",
                                   row.fields[i].padded ? "p" : "");
        if (row.fault != CSV_FINE)
            g_string_append_printf(s, "!%d", row.fault);
        g_string_append_c(s, ' ');
    }
    return g_string_free(s, FALSE);
}

static void test_read(void)
{
    static const struct {
        const char *name, *text;
        char delimiter;
        const char *want;
    } rows[] = {
        { "nothing", "", ',', "" },
        { "blank lines", "\n \r\n\t\n\r", ',', "" },
        { "one row", "a,b", ',', "1:[a][b] " },
        { "LF", "a,b\nc,d\n", ',', "1:[a][b] 2:[c][d] " },
        { "CRLF", "a,b\r\nc,d\r\n", ',', "1:[a][b] 2:[c][d] " },
        { "CR", "a,b\rc,d\r", ',', "1:[a][b] 2:[c][d] " },
        { "blank lines count", "\n\na\r\n\r\nb\r\rc", ',',
          "3:[a] 5:[b] 7:[c] " },
        { "a line of blanks", "a\n  \nb", ',', "1:[a] 3:[b] " },
        { "semicolon", "a;b,c", ';', "1:[a][b,c] " },
        { "tab", "a\tb c\t", '\t', "1:[a][b c][] " },
        { "tab keeps its empty fields", "\t\tx", '\t', "1:[][][x] " },
        { "empty fields", ",,\n", ',', "1:[][][] " },
        { "quoted", "\"a\",\"b,\"\"c\"\"\"", ',', "1:[a]q[b,\"c\"]q " },
        { "quoted and empty", "\"\",x", ',', "1:[]q[x] " },
        { "line ends in quotes", "\"a\r\nb\",c\nd", ',',
          "1:[a\r\nb]q[c] 3:[d] " },
        { "quote in the middle", "pa\"ss\"word,x", ',',
          "1:[pa\"ss\"word][x] " },
        { "quote at the end", "pass\",x", ',', "1:[pass\"][x] " },
        { "blanks around", " a , b\t,c", ',', "1:[a]p[b]p[c] " },
        { "blanks inside", "a b,c", ',', "1:[a b][c] " },
        { "blanks around quotes", " \" a \" ,b", ',', "1:[ a ]q[b] " },
        { "only blanks", "  ,x", ',', "1:[]p[x] " },
        { "UTF-8", "j\xc3\xbcrgen,\xe2\x82\xac", ',',
          "1:[j\xc3\xbcrgen][\xe2\x82\xac] " },
        { "text after a quote", "a,\"b\"c,d\ne,f", ',', "1:[a]!1 2:[e][f] " },
        { "never closed", "a,\"b\nc,d\ne,f\n", ',',
          "1:[a]!1 2:[c][d] 3:[e][f] " },
        { "never closed at the end", "a\nb,\"c", ',', "1:[a] 2:[b]!1 " },
        { "closed in a later row", "a,\"b\nc,\"d\"\ne", ',',
          "1:[a]!1 2:[c][d]q 3:[e] " },
        { "nothing but a quote", "\"", ',', "1:!1 " },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got =
            shape(rows[i].text, strlen(rows[i].text), rows[i].delimiter);

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": got %s", rows[i].name, got);
    }
}

static void test_nul_is_a_byte(void)
{
    g_autoptr(csv_reader) r = csv_reader_new("a\0b,c", 5, ',', 1);
    struct csv_row row;

    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.n, ==, 2);
    g_assert_cmpuint(row.fields[0].len, ==, 3);
    g_assert_true(memcmp(row.fields[0].text, "a\0b", 4) == 0);
    g_assert_cmpstr(row.fields[1].text, ==, "c");
}

static void test_first_line(void)
{
    g_autoptr(csv_reader) r = csv_reader_new("a\nb", 3, ',', 7);
    struct csv_row row;

    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.line, ==, 7);
    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.line, ==, 8);
    g_assert_false(csv_reader_next(r, &row));
    g_assert_false(csv_reader_next(r, &row));
}

/* A caller who knows better takes back a field that swallowed rows. */
static void test_rewind(void)
{
    static const char text[] = "\"a\r\nb,c\r\nd\",e\r\nf";
    g_autoptr(csv_reader) r = csv_reader_new(text, strlen(text), ',', 1);
    struct csv_row row;

    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpstr(row.fields[0].text, ==, "a\r\nb,c\r\nd");
    csv_reader_rewind(r);
    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.line, ==, 2);
    g_assert_cmpstr(row.fields[1].text, ==, "c");
    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.line, ==, 3);
    g_assert_cmpstr(row.fields[0].text, ==, "d\"");
}

/* n fields of one letter, and what the reader says of them. */
static enum csv_fault fault_of_fields(size_t n)
{
    GString *text = g_string_new("x");
    struct csv_row row;
    csv_reader *r;

    for (size_t i = 1; i < n; i++)
        g_string_append(text, ",x");
    g_string_append(text, "\ny\n");
    r = csv_reader_new(text->str, text->len, ',', 1);
    g_assert_true(csv_reader_next(r, &row));
    if (row.fault == CSV_FINE)
        g_assert_cmpuint(row.n, ==, n);
    else
        g_assert_cmpuint(row.n, ==, CSV_MAX_FIELDS);
    g_assert_true(csv_reader_next(r, &(struct csv_row){ 0 }));
    csv_reader_free(r);
    g_string_free(text, TRUE);
    return row.fault;
}

static enum csv_fault fault_of_bytes(size_t n, const char *quote)
{
    g_autofree char *filler = g_strnfill(n - 2 * strlen(quote), 'x');
    g_autofree char *text = g_strconcat(quote, filler, quote, "\ny\n", NULL);
    g_autoptr(csv_reader) r = csv_reader_new(text, strlen(text), ',', 1);
    struct csv_row row;
    enum csv_fault fault;

    g_assert_true(csv_reader_next(r, &row));
    fault = row.fault;
    if (fault == CSV_FINE)
        g_assert_cmpuint(row.fields[0].len, ==, n - 2 * strlen(quote));
    g_assert_true(csv_reader_next(r, &row));
    g_assert_cmpuint(row.line, ==, 2);
    g_assert_cmpstr(row.fields[0].text, ==, "y");
    return fault;
}

static void test_limits(void)
{
    g_assert_cmpint(fault_of_fields(CSV_MAX_FIELDS), ==, CSV_FINE);
    g_assert_cmpint(fault_of_fields(CSV_MAX_FIELDS + 1), ==,
                    CSV_TOO_MANY_FIELDS);
    g_assert_cmpint(fault_of_bytes(CSV_MAX_ROW_BYTES, ""), ==, CSV_FINE);
    g_assert_cmpint(fault_of_bytes(CSV_MAX_ROW_BYTES, "\""), ==, CSV_FINE);
    g_assert_cmpint(fault_of_bytes(CSV_MAX_ROW_BYTES + 1, ""), ==,
                    CSV_ROW_TOO_LONG);
}

static void test_write(void)
{
    static const struct {
        const char *name, *text, *want, *want_exact;
    } rows[] = {
        { "plain", "a b", "a b", "a b" },
        { "nothing", "", "", "" },
        { "NULL", NULL, "", "" },
        { "comma", "a,b", "\"a,b\"", "\"a,b\"" },
        { "quote", "a\"b", "\"a\"\"b\"", "\"a\"\"b\"" },
        { "line end", "a\nb", "\"a\nb\"", "\"a\nb\"" },
        { "blank at an end", "a ", "\"a \"", "\"a \"" },
        { "formula", "=1+1", "\"'=1+1\"", "=1+1" },
        { "plus", "+1", "\"'+1\"", "+1" },
        { "minus", "-1", "\"'-1\"", "-1" },
        { "at", "@SUM(A1)", "\"'@SUM(A1)\"", "@SUM(A1)" },
        { "tab in front", "\t=1", "\"'\t=1\"", "\"\t=1\"" },
        { "line end in front", "\n=1", "\"'\n=1\"", "\"\n=1\"" },
        { "sign inside", "a=1", "a=1", "a=1" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) guarded = g_string_new(NULL);
        g_autoptr(GString) exact = g_string_new(NULL);
        struct csv_writer w = { .out = guarded }, e = { .out = exact };

        csv_put(&w, rows[i].text);
        csv_put_exact(&e, rows[i].text);
        CHECK_ROW(rows[i].name, strcmp(guarded->str, rows[i].want) == 0);
        CHECK_ROW(rows[i].name, strcmp(exact->str, rows[i].want_exact) == 0);
    }
}

static void test_write_rows(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct csv_writer w = { .out = out };

    csv_put(&w, "");
    csv_put(&w, "");
    csv_put_number(&w, -5);
    csv_end_row(&w);
    csv_put(&w, "x");
    csv_put_number(&w, INT64_MAX);
    csv_end_row(&w);
    g_assert_cmpstr(out->str, ==, ",,-5\nx,9223372036854775807\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/csv/read", test_read);
    g_test_add_func("/csv/nul", test_nul_is_a_byte);
    g_test_add_func("/csv/first-line", test_first_line);
    g_test_add_func("/csv/rewind", test_rewind);
    g_test_add_func("/csv/limits", test_limits);
    g_test_add_func("/csv/write", test_write);
    g_test_add_func("/csv/write-rows", test_write_rows);
    return g_test_run();
}
