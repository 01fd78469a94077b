#include "fleet/import.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "fleet/import_testing.h"

/* ---- what is taken ---------------------------------------------------- */

static void test_forms(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "administrative accounts",
          IMPORT_HEADER "user1@domain.com,,,user1@domain.com,,,0\n",
          "user1@domain.com/-/-|user1@domain.com/-/-|0" },
        { "passwords",
          IMPORT_HEADER
          "user1@domain.com,user1@domain.com,pw1,user1@domain.com,"
          "D\\u,pw2,32768\n",
          "user1@domain.com/user1@domain.com/pw1|"
          "user1@domain.com/D\\u/pw2|32768" },
        { "credentials on one side", IMPORT_HEADER "a@b.c,u,p,d@e.f,,,\n",
          "a@b.c/u/p|d@e.f/-/-|0" },
        { "only the two addresses",
          "Source Email,Destination Email\na@b.c,d@e.f\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "the other dialect",
          "Source Email,Source Login Name,Source Password,Destination Email,"
          "Destination Login Name,Destination Password\na@b.c,u,p,d@e.f,v,q\n",
          "a@b.c/u/p|d@e.f/v/q|0" },
        { "any order",
          "Flags,Destination Email,Source Password,Source Email,Source "
          "UserName\n1,d@e.f,p,a@b.c,u\n",
          "a@b.c/u/p|d@e.f/-/-|1" },
        { "header in capitals", "SOURCE EMAIL,DESTINATION EMAIL\na@b.c,d@e.f\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "header run together",
          "sourceemail, destination_email \na@b.c,d@e.f\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "quoted header",
          "\"Source Email\",\"Destination Email\"\na@b.c,d@e.f\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "quoted values",
          IMPORT_HEADER
          "\"a@b.c\",\"u\",\"p,\"\"w\",\"d@e.f\",\"v\",\" q \",\"0\"\n",
          "a@b.c/u/p,\"w|d@e.f/v/ q |0" },
        { "quote inside a password", IMPORT_HEADER "a@b.c,u,p\"w,d@e.f,,,\n",
          "a@b.c/u/p\"w|d@e.f/-/-|0" },
        { "no line end at the end", IMPORT_HEADER "a@b.c,,,d@e.f,,,0",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "blank rows and empty columns",
          "Source Email,Destination Email,,\n,,,\n\na@b.c,d@e.f,,\n,,\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "blanks of any kind around an address",
          IMPORT_HEADER " a@b.c ,,,\xc2\xa0"
                        "d@e.f\xe2\x80\x8b,,, 0 \n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "Excel's separator line",
          "sep=;\r\nSource Email;Destination Email\r\na@b.c;d@e.f\r\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "names of flags",
          IMPORT_HEADER "a@b.c,,,d@e.f,,,DoNotMigrateMail|DoNotRetryErrors\n",
          "a@b.c/-/-|d@e.f/-/-|32769" },
        { "angle brackets that are no placeholder",
          IMPORT_HEADER "a@b.c,u,<pass>,d@e.f,v,<<password>>,\n",
          "a@b.c/u/<pass>|d@e.f/v/<<password>>|0" },
        { "a password in other scripts",
          IMPORT_HEADER "a@b.c,u,p\xc3\xa4\xe2\x82\xac,d@e.f,,,\n",
          "a@b.c/u/p\xc3\xa4\xe2\x82\xac|d@e.f/-/-|0" },
        { "other scripts in the domain",
          IMPORT_HEADER "a@m\xc3\xbcnchen.example,,,d@e.f,,,\n",
          "a@xn--mnchen-3ya.example/-/-|d@e.f/-/-|0" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(import_t) m =
            import_testing_read(rows[i].text, &import_testing_nothing);

        import_testing_row(rows[i].name, m, 0, rows[i].want);
        CHECK_ROW(rows[i].name, m->rows->len == 1);
        CHECK_ROW(rows[i].name, m->n_rows == 1);
        CHECK_ROW(rows[i].name, m->faults->len == 0);
    }
}

/* Every encoding x delimiter x line end x quoting says the same. */
struct variant {
    const char *encoding, *mark, *told;
    size_t mark_len;
};

static const struct variant variants[] = {
    { "UTF-8", "", "UTF-8", 0 },
    { "UTF-8", "\xef\xbb\xbf", "UTF-8", 3 },
    { "UTF-16LE", "\xff\xfe", "UTF-16LE", 2 },
    { "UTF-16BE", "\xfe\xff", "UTF-16BE", 2 },
    { "UTF-16LE", "", "UTF-16LE", 0 },
    { "UTF-16BE", "", "UTF-16BE", 0 },
    { "WINDOWS-1252", "", "Windows-1252", 0 },
};
static const char delimiters[] = { ',', ';', '\t' };
static const char *const line_ends[] = { "\n", "\r\n", "\r" };

static char *encode(const struct variant *v, const char *utf8, gsize *ret_n)
{
    gsize n;
    g_autofree char *bytes =
        g_convert(utf8, -1, v->encoding, "UTF-8", NULL, &n, NULL);
    char *all;

    g_assert_nonnull(bytes);
    all = g_malloc(v->mark_len + n + 1);
    memcpy(all, v->mark, v->mark_len);
    memcpy(all + v->mark_len, bytes, n);
    *ret_n = v->mark_len + n;
    return all;
}

static char *render(char delimiter, const char *line_end, bool quoted)
{
    static const char *const cells[][4] = {
        { "Source Email", "Source UserName", "Source Password",
          "Destination Email" },
        { "a@b.c", "J\xc3\xb6rg", "p\xc3\xa4ss\xe2\x82\xac", "d@e.f" },
        { "g@h.i", "", "", "j@k.l" },
    };
    GString *s = g_string_new(NULL);

    for (size_t r = 0; r < G_N_ELEMENTS(cells); r++) {
        for (size_t c = 0; c < G_N_ELEMENTS(cells[r]); c++) {
            if (c > 0)
                g_string_append_c(s, delimiter);
            g_string_append_printf(s, quoted ? "\"%s\"" : "%s", cells[r][c]);
        }
        g_string_append(s, line_end);
    }
    return g_string_free(s, FALSE);
}

static void check_variant(const struct variant *v, char delimiter,
                          const char *line_end, bool quoted)
{
    g_autofree char *text = render(delimiter, line_end, quoted);
    g_autofree char *name = g_strdup_printf("%s (mark of %zu), %c, %s, %s",
                                            v->encoding, v->mark_len, delimiter,
                                            line_end[0] == '\n'   ? "LF"
                                            : line_end[1] == '\n' ? "CRLF"
                                                                  : "CR",
                                            quoted ? "quoted" : "bare");
    gsize n;
    g_autofree char *bytes = encode(v, text, &n);
    g_autoptr(import_t) m = import_read(bytes, n, &import_testing_nothing);

    import_testing_shape(name, m, "kept 2 3");
    import_testing_row(name, m, 0,
                       "a@b.c/J\xc3\xb6rg/p\xc3\xa4ss\xe2\x82\xac|d@e.f/-/-|0");
    import_testing_row(name, m, 1, "g@h.i/-/-|j@k.l/-/-|0");
    CHECK_ROW(name, strcmp(m->encoding, v->told) == 0);
    CHECK_ROW(name, m->delimiter == delimiter);
}

static void test_matrix(void)
{
    for (size_t v = 0; v < G_N_ELEMENTS(variants); v++)
        for (size_t d = 0; d < G_N_ELEMENTS(delimiters); d++)
            for (size_t l = 0; l < G_N_ELEMENTS(line_ends); l++)
                for (int q = 0; q <= 1; q++)
                    check_variant(&variants[v], delimiters[d], line_ends[l],
                                  q == 1);
}

/* ---- any table, written in any way -------------------------------------- */

#define RANDOM_FILES 300
#define RANDOM_ROWS  12

/* How one file is written. */
struct style {
    const struct variant *variant;
    char delimiter;
    const char *line_end;
    int order[7]; /* the template's column that stands at each place */
};

static struct style random_style(void)
{
    struct style s = {
        .variant = &variants[g_test_rand_int_range(0, 7)],
        .delimiter = delimiters[g_test_rand_int_range(0, 3)],
        .line_end = line_ends[g_test_rand_int_range(0, 3)],
    };

    for (int i = 0; i < 7; i++) {
        int j = g_test_rand_int_range(0, i + 1);

        s.order[i] = s.order[j];
        s.order[j] = i;
    }
    return s;
}

/* In quotes where RFC 4180 wants them, and now and then elsewhere. */
static void put_cell(GString *out, const struct style *s, const char *text)
{
    size_t len = strlen(text);
    bool needed = strchr(text, s->delimiter) != NULL ||
                  strpbrk(text, "\"\r\n") != NULL ||
                  (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));

    if (!needed && g_test_rand_int_range(0, 3) > 0) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

static void put_row(GString *out, const struct style *s,
                    const char *const *cells)
{
    for (int i = 0; i < 7; i++) {
        if (i > 0)
            g_string_append_c(out, s->delimiter);
        put_cell(out, s, cells[s->order[i]]);
    }
    g_string_append(out, s->line_end);
}

/*
 * Letters that every one of the encodings has.  None is a byte from 0x80 to
 * 0xbf in Windows-1252: such a one after another could pass for UTF-8.
 */
static char *random_text(int most)
{
    static const char *const letters[] = {
        "a", "Z", "7", ",",  ";", "\"",       "'",        "=",        "+", "-",
        "|", "<", ">", "\\", " ", "\xc3\xa4", "\xc3\xb6", "\xc3\x9f", "@", "%",
    };
    GString *s = g_string_new("x");
    int n = g_test_rand_int_range(0, most);

    for (int i = 0; i < n; i++)
        g_string_append(
            s, letters[g_test_rand_int_range(0, (int)G_N_ELEMENTS(letters))]);
    return g_string_free(s, FALSE);
}

/*
 * Add a row.  What must come out of it goes to `want`, in the form of
 * import_testing_content(); nothing for a row that was spoilt.
 */
static void random_row(GString *out, const struct style *s, int number,
                       GPtrArray *want)
{
    static const uint32_t known[] = { 0, 1, 9, 65407 };
    bool own = g_test_rand_bit() != 0;
    bool spoilt = g_test_rand_int_range(0, 5) == 0;
    uint32_t flags = known[g_test_rand_int_range(0, 4)];
    g_autofree char *from =
        g_strdup_printf(spoilt ? "s%d.x.y" : "s%d@x.y", number);
    g_autofree char *to = g_strdup_printf("d%d@x.y", number);
    g_autofree char *user = own ? random_text(12) : g_strdup("");
    g_autofree char *password = own ? random_text(30) : g_strdup("");
    g_autofree char *bits = g_strdup_printf("%u", flags);
    const char *cells[] = {
        from, g_strchomp(user), password, to, "", "", bits
    };

    put_row(out, s, cells);
    if (!spoilt)
        g_ptr_array_add(want, g_strdup_printf("%s/%s/%s|%s/-/-|%u", from,
                                              own ? user : "-",
                                              own ? password : "-", to, flags));
}

static void check_random_file(void)
{
    static const char *const header[] = {
        "Source Email",
        "Source UserName",
        "Source Password",
        "Destination Email",
        "Destination UserName",
        "Destination Password",
        "Flags",
    };
    g_autoptr(GPtrArray) want = g_ptr_array_new_with_free_func(g_free);
    struct style s = random_style();
    g_autoptr(GString) text = g_string_new(NULL);
    int n = g_test_rand_int_range(1, RANDOM_ROWS);
    g_autofree char *bytes = NULL;
    g_autoptr(import_t) m = NULL;
    gsize size;

    put_row(text, &s, header);
    for (int i = 0; i < n; i++)
        random_row(text, &s, i, want);
    bytes = encode(s.variant, text->str, &size);
    m = import_read(bytes, size, &import_testing_nothing);
    g_assert_cmpuint(m->n_rows, ==, (guint)n);
    g_assert_cmpuint(m->rows->len, ==, want->len);
    g_assert_cmpuint(m->n_errors, ==, (guint)n - want->len);
    for (guint i = 0; i < want->len; i++)
        import_testing_row(text->str, m, i, g_ptr_array_index(want, i));
}

static void test_random(void)
{
    for (int i = 0; i < RANDOM_FILES; i++)
        check_random_file();
}

/* ---- template, file, writing ------------------------------------------- */

static void test_template(void)
{
    g_autofree char *filled = NULL;
    g_auto(GStrv) parts = g_strsplit(import_template(true), "<password>", -1);
    g_autoptr(import_t) admin =
        import_testing_read(import_template(false), &import_testing_nothing);
    g_autoptr(import_t) raw =
        import_testing_read(import_template(true), &import_testing_nothing);
    g_autoptr(import_t) full = NULL;

    import_testing_shape("administrative accounts", admin, "kept 2 3");
    import_testing_shape("placeholders left", raw,
                         "2:3 placeholder; 2:6 placeholder; 3:3 placeholder; "
                         "3:6 placeholder; kept");
    filled = g_strjoinv("s3cret", parts);
    full = import_testing_read(filled, &import_testing_nothing);
    import_testing_shape("filled in", full, "kept 2 3");
}

static void test_write(void)
{
    static const char text[] =
        IMPORT_HEADER "a@x.y,u,\" p\"\"w, \",a@x.y,,,4097\n"
                      "b@x.y,=cmd,=pw,b@x.y,\"x;y\",\"-p\",0\n"
                      "c@x.y,,,c@x.y,,,\n";
    g_autoptr(import_t) m = import_testing_read(text, &import_testing_nothing);
    g_autofree char *written = import_write(m);
    g_autoptr(import_t) again =
        import_testing_read(written, &import_testing_nothing);

    g_assert_cmpuint(m->rows->len, ==, 3);
    g_assert_cmpuint(again->rows->len, ==, 3);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *want =
            import_testing_content(g_ptr_array_index(m->rows, i));

        import_testing_row("written", again, i, want);
    }
    import_testing_row("written", again, 0, "a@x.y/u/ p\"w, |a@x.y/-/-|4097");
}

/* What is handed to a person has no password, and is no formula. */
static void test_bare(void)
{
    static const char text[] =
        "Source Email,Source UserName,Source Password,Destination Email,"
        "Destination UserName,Destination Password,Flags\n"
        "a@x.example,=a,s3cret-a,a@y.example,b,s3cret-b,3\n";
    g_autoptr(import_t) m = import_testing_read(text, &import_testing_nothing);
    g_autofree char *got = import_write_bare(m);

    g_assert_cmpstr(strchr(got, '\n') + 1, ==,
                    "a@x.example,\"'=a\",,a@y.example,b,,3\n");
}

static void test_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("import-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "users.csv", NULL);
    import_t *m = NULL;
    struct err err;

    g_assert_cmpint(import_read_file(path, &import_testing_nothing, &m, &err),
                    ==, -1);
    g_assert_null(m);
    g_assert_nonnull(strstr(err.msg, "users.csv\": No such file"));
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_cmpint(import_read_file(dir, &import_testing_nothing, &m, &err),
                    ==, -1);
    g_assert_nonnull(strstr(err.msg, "Is a directory"));

    g_assert_true(g_file_set_contents(path, import_template(false), -1, NULL));
    CHECK_OK(import_read_file(path, &import_testing_nothing, &m, &err), &err);
    import_testing_shape("file", m, "kept 2 3");
    import_free(m);
    g_unlink(path);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/import/forms", test_forms);
    g_test_add_func("/import/matrix", test_matrix);
    g_test_add_func("/import/random", test_random);
    g_test_add_func("/import/template", test_template);
    g_test_add_func("/import/write", test_write);
    g_test_add_func("/import/bare", test_bare);
    g_test_add_func("/import/file", test_file);
    return g_test_run();
}
