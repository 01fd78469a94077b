#include "fleet/import.h"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "fleet/flags.h"

#define HEADER                                                                 \
    "Source Email,Source UserName,Source Password,Destination Email,"          \
    "Destination UserName,Destination Password,Flags\n"
#define X10  "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

static const struct import_context nothing_known = { 0 };

static import_t *read_text(const char *text, const struct import_context *c)
{
    return import_read(text, strlen(text), c);
}

/* "line:column word" of each fault, "?" before warnings; then kept lines. */
static char *shape(const struct import *m)
{
    GString *s = g_string_new(NULL);

    for (guint i = 0; i < m->faults->len; i++) {
        const struct import_fault *f = g_ptr_array_index(m->faults, i);

        g_string_append_printf(s, "%s%u:%u %s; ", f->warning ? "?" : "",
                               f->line, f->column, import_fault_word(f->kind));
        g_assert_nonnull(f->remedy);
        g_assert_true(g_utf8_validate(f->text, -1, NULL));
    }
    g_string_append(s, "kept");
    for (guint i = 0; i < m->rows->len; i++) {
        const struct import_row *row = g_ptr_array_index(m->rows, i);

        g_string_append_printf(s, " %u", row->line);
    }
    return g_string_free(s, FALSE);
}

static void check_shape(const char *name, const struct import *m,
                        const char *want)
{
    g_autofree char *got = shape(m);

    if (strcmp(got, want) != 0)
        g_error("row \"%s\":\n got  %s\n want %s", name, got, want);
}

/* "address/user/password|address/user/password|flags", "-" for NULL. */
static char *content(const struct import_row *row)
{
    GString *s = g_string_new(NULL);

    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        const struct import_mailbox *m = &row->sides[side];

        g_string_append_printf(
            s, "%s/%s/%s|", m->address, m->user != NULL ? m->user : "-",
            m->password != NULL ? secret_peek(m->password) : "-");
    }
    g_string_append_printf(s, "%u", row->flags);
    return g_string_free(s, FALSE);
}

static void check_content(const char *name, const struct import *m, guint i,
                          const char *want)
{
    g_autofree char *got = NULL;

    if (i >= m->rows->len) {
        g_autofree char *found = shape(m);

        g_error("row \"%s\": not kept: %s", name, found);
    }
    got = content(g_ptr_array_index(m->rows, i));
    if (strcmp(got, want) != 0)
        g_error("row \"%s\":\n got  %s\n want %s", name, got, want);
}

/* ---- what is taken ---------------------------------------------------- */

static void test_forms(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "administrative accounts",
          HEADER "user1@domain.com,,,user1@domain.com,,,0\n",
          "user1@domain.com/-/-|user1@domain.com/-/-|0" },
        { "passwords",
          HEADER "user1@domain.com,user1@domain.com,pw1,user1@domain.com,"
                 "D\\u,pw2,32768\n",
          "user1@domain.com/user1@domain.com/pw1|"
          "user1@domain.com/D\\u/pw2|32768" },
        { "credentials on one side", HEADER "a@b.c,u,p,d@e.f,,,\n",
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
          HEADER "\"a@b.c\",\"u\",\"p,\"\"w\",\"d@e.f\",\"v\",\" q \",\"0\"\n",
          "a@b.c/u/p,\"w|d@e.f/v/ q |0" },
        { "quote inside a password", HEADER "a@b.c,u,p\"w,d@e.f,,,\n",
          "a@b.c/u/p\"w|d@e.f/-/-|0" },
        { "no line end at the end", HEADER "a@b.c,,,d@e.f,,,0",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "blank rows and empty columns",
          "Source Email,Destination Email,,\n,,,\n\na@b.c,d@e.f,,\n,,\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "blanks of any kind around an address",
          HEADER " a@b.c ,,,\xc2\xa0"
                 "d@e.f\xe2\x80\x8b,,, 0 \n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "Excel's separator line",
          "sep=;\r\nSource Email;Destination Email\r\na@b.c;d@e.f\r\n",
          "a@b.c/-/-|d@e.f/-/-|0" },
        { "names of flags",
          HEADER "a@b.c,,,d@e.f,,,DoNotMigrateMail|DoNotRetryErrors\n",
          "a@b.c/-/-|d@e.f/-/-|32769" },
        { "angle brackets that are no placeholder",
          HEADER "a@b.c,u,<pass>,d@e.f,v,<<password>>,\n",
          "a@b.c/u/<pass>|d@e.f/v/<<password>>|0" },
        { "a password in other scripts",
          HEADER "a@b.c,u,p\xc3\xa4\xe2\x82\xac,d@e.f,,,\n",
          "a@b.c/u/p\xc3\xa4\xe2\x82\xac|d@e.f/-/-|0" },
        { "other scripts in the domain",
          HEADER "a@m\xc3\xbcnchen.example,,,d@e.f,,,\n",
          "a@xn--mnchen-3ya.example/-/-|d@e.f/-/-|0" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(import_t) m = read_text(rows[i].text, &nothing_known);

        check_content(rows[i].name, m, 0, rows[i].want);
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
    g_autoptr(import_t) m = import_read(bytes, n, &nothing_known);

    check_shape(name, m, "kept 2 3");
    check_content(name, m, 0,
                  "a@b.c/J\xc3\xb6rg/p\xc3\xa4ss\xe2\x82\xac|d@e.f/-/-|0");
    check_content(name, m, 1, "g@h.i/-/-|j@k.l/-/-|0");
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
 * content(); nothing for a row that was spoilt.
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
    m = import_read(bytes, size, &nothing_known);
    g_assert_cmpuint(m->n_rows, ==, (guint)n);
    g_assert_cmpuint(m->rows->len, ==, want->len);
    g_assert_cmpuint(m->n_errors, ==, (guint)n - want->len);
    for (guint i = 0; i < want->len; i++)
        check_content(text->str, m, i, g_ptr_array_index(want, i));
}

static void test_random(void)
{
    for (int i = 0; i < RANDOM_FILES; i++)
        check_random_file();
}

/* ---- what is refused --------------------------------------------------- */

static void test_files(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "empty", "", "0:0 empty-file; kept" },
        { "blank", "\n\n  \n", "0:0 empty-file; kept" },
        { "only a mark", "\xef\xbb\xbf", "0:0 empty-file; kept" },
        { "no header", "a@b.c,,,d@e.f,,,0\n", "1:0 no-header; kept" },
        { "no header, blank line first", "\na@b.c,d@e.f\n",
          "2:0 no-header; kept" },
        { "something else", "hello\nworld\n", "1:0 bad-header; kept" },
        { "header with an open quote", "Source Email,\"Destination\n",
          "1:0 bad-header; kept" },
        { "no destination", "Source Email,Flags\na@b.c,0\n",
          "1:0 missing-column; kept" },
        { "neither address", "Flags,Source Password\n0,x\n",
          "1:0 missing-column; 1:0 missing-column; kept" },
        { "a column twice",
          "Source Email,Destination Email,source email\na@b.c,d@e.f,x\n",
          "1:3 repeated-column; kept" },
        { "a column in both dialects",
          "Source Email,Destination Email,Source UserName,Source Login Name\n"
          "a@b.c,d@e.f,,\n",
          "1:4 repeated-column; kept" },
        { "no rows", HEADER "\n,,,,,,\n", "0:0 no-rows; kept" },
        { "unknown columns",
          "Source Email,Comment,Destination Email,Flag\na@b.c,x,d@e.f,1\n",
          "?1:2 unknown-column; ?1:4 unknown-column; kept 2" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(import_t) m = read_text(rows[i].text, &nothing_known);

        check_shape(rows[i].name, m, rows[i].want);
    }
}

/* Excel's separator line is a line of the file like any other. */
static void test_separator_line(void)
{
    g_autoptr(import_t) m = read_text(
        "sep=;\nSource Email;Destination Email\na@x.y;x\nb@x.y;b@x.y\n",
        &nothing_known);

    check_shape("separator", m, "3:2 bad-address; kept 4");
    g_assert_true(m->delimiter == ';');
}

/* Nothing but NUL bytes is no UTF-16: nothing of it is ASCII. */
static void test_only_nul(void)
{
    static const char zeros[64];
    g_autoptr(import_t) m = import_read(zeros, sizeof(zeros), &nothing_known);

    check_shape("zeros", m, "1:0 bad-header; kept");
    g_assert_cmpstr(m->encoding, ==, "UTF-8");
}

/* One row each, after the header; nothing else is known. */
static void test_rows(void)
{
    static const struct {
        const char *name, *row, *want;
    } rows[] = {
        { "no source address", ",,,d@e.f,,,", "2:1 missing-address; kept" },
        { "no destination address", "a@b.c,,,  ,,,",
          "2:4 missing-address; kept" },
        { "bad addresses", "a.b.c,,,d@e,,,",
          "2:1 bad-address; 2:4 bad-address; kept" },
        { "user without password", "a@b.c,u,,d@e.f,,,",
          "2:2 user-without-password; kept" },
        { "password without user", "a@b.c,,,d@e.f,,p,",
          "2:6 password-without-user; kept" },
        { "placeholder", "a@b.c,u,<password>,d@e.f,,,",
          "2:3 placeholder; kept" },
        { "placeholder as the article has it",
          "a@b.c,u,<Password>,d@e.f,v,<PASSWROD>,",
          "2:3 placeholder; 2:6 placeholder; kept" },
        { "placeholder among blanks", "a@b.c,u,\" <password> \",d@e.f,,,",
          "2:3 placeholder; kept" },
        { "placeholder without user", "a@b.c,,<password>,d@e.f,,,",
          "2:3 placeholder; kept" },
        { "blank before a password", "a@b.c,u, p,d@e.f,,,",
          "2:3 padded-password; kept" },
        { "blank after a password", "a@b.c,u,p ,d@e.f,,,",
          "2:3 padded-password; kept" },
        { "blank instead of a password", "a@b.c,u, ,d@e.f,,,",
          "2:2 user-without-password; kept" },
        { "unknown bits", "a@b.c,,,d@e.f,,,128", "2:7 unknown-flag; kept" },
        { "unknown name", "a@b.c,,,d@e.f,,,DoNotMove",
          "2:7 unknown-flag; kept" },
        { "too few fields", "a@b.c,,,d@e.f,,", "2:0 too-few-fields; kept" },
        { "too many fields", "a@b.c,,,d@e.f,,,0,x",
          "2:0 too-many-fields; kept" },
        { "too many fields, the last ones empty", "a@b.c,,,d@e.f,,,,",
          "2:0 too-many-fields; kept" },
        { "the wrong delimiter", "a@b.c;;;d@e.f;;;0",
          "2:0 too-few-fields; kept" },
        { "open quote", "a@b.c,u,\"p,d@e.f,,,", "2:3 broken-quote; kept" },
        { "text after a quote", "a@b.c,u,\"p\"w,d@e.f,,,",
          "2:3 broken-quote; kept" },
        { "line end in a password", "a@b.c,u,\"p\nq\",d@e.f,,,",
          "2:3 broken-quote; 3:0 too-few-fields; kept" },
        { "address too long", "a@" X100 X100 X100 ".c,,,d@e.f,,,",
          "2:1 field-too-long; kept" },
        { "password too long", "a@b.c,u," X100 X100 X100 ",d@e.f,,,",
          "2:3 field-too-long; kept" },
        { "control character", "a@b.c,u\x01,p,d@e.f,,,",
          "2:2 bad-character; kept" },
        { "lost in an earlier conversion", "a@b.c,u,p\xef\xbf\xbd,d@e.f,,,",
          "2:3 bad-character; kept" },
        { "everything at once", "a.b,u,<passwrod>,@c.d,,p,99999",
          "2:1 bad-address; 2:3 placeholder; 2:4 bad-address; "
          "2:6 password-without-user; 2:7 unknown-flag; kept" },
        { "flags for the service", "a@b.c,,,d@e.f,,,256",
          "?2:7 flag-without-effect; kept 2" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(HEADER, rows[i].row, "\n", NULL);
        g_autoptr(import_t) m = read_text(text, &nothing_known);

        check_shape(rows[i].name, m, rows[i].want);
    }
}

static void test_nul_bytes(void)
{
    static const char text[] = HEADER "a@b.c,u,p\0w,d@e.f,,,\n"
                                      "g@h.i,,,j@k.l,,,\n";
    g_autoptr(import_t) m = import_read(text, sizeof(text) - 1, &nothing_known);

    check_shape("NUL", m, "2:3 nul-byte; kept 3");
}

/* Bytes that are not what the mark says do not pass for characters. */
static void test_broken_encodings(void)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
        const char *want;
    } rows[] = {
#define S(text) text, sizeof(text) - 1
        { "marked UTF-8, stray byte",
          S("\xef\xbb\xbfSource Email,Destination Email\na\xe4@b.c,d@e.f\n"),
          "2:1 bad-character; kept" },
        { "Windows-1252, byte without a character",
          S("Source Email,Destination Email\na\x81@b.c,d@e.f\n"),
          "2:1 bad-character; kept" },
        { "UTF-16, half a pair",
          S("\xff\xfes\0o\0u\0r\0c\0e\0e\0m\0a\0i\0l\0,\0d\0e\0s\0t\0i\0n\0a\0"
            "t\0i\0o\0n\0e\0m\0a\0i\0l\0\n\0a\0\x00\xd8@\0b\0.\0c\0,\0d\0@\0e\0"
            ".\0f\0\n\0"),
          "2:1 bad-character; kept" },
        { "UTF-16, odd length",
          S("\xff\xfes\0o\0u\0r\0c\0e\0e\0m\0a\0i\0l\0,\0d\0e\0s\0t\0i\0n\0a\0"
            "t\0i\0o\0n\0e\0m\0a\0i\0l\0\n\0a\0@\0b\0.\0c\0,\0d\0@\0e\0.\0f\0"
            "x"),
          "2:2 bad-character; kept" },
#undef S
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(import_t) m =
            import_read(rows[i].bytes, rows[i].n, &nothing_known);

        check_shape(rows[i].name, m, rows[i].want);
    }
}

static void test_duplicates(void)
{
    static const struct {
        const char *name, *rows, *want;
    } rows[] = {
        { "the same line again",
          "a@x.y,,,a@x.y,,,\nb@x.y,,,b@x.y,,,\nA@X.Y,,,a@x.y,,,\n",
          "4:1 duplicate; 4:4 duplicate; kept 2 3" },
        { "one source, two destinations",
          "a@x.y,,,b@x.y,,,\nd@x.y,,,d@x.y,,,\na@x.y,,,c@x.y,,,\n",
          "2:1 duplicate; 4:1 duplicate; kept 3" },
        { "two sources, one destination",
          "a@x.y,,,c@x.y,,,\nb@x.y,,,C@x.y,,,\n",
          "2:4 duplicate; 3:4 duplicate; kept" },
        { "three of them",
          "a@x.y,,,c@x.y,,,\nb@x.y,,,c@x.y,,,\n"
          "d@x.y,,,c@x.y,,,\n",
          "2:4 duplicate; 3:4 duplicate; 4:4 duplicate; kept" },
        { "repeated in a row with a fault",
          "a@x.y,,,a@x.y,,,\na@x.y,u,,a@x.y,,,\n",
          "3:1 duplicate; 3:2 user-without-password; 3:4 duplicate; kept 2" },
        { "source of one is destination of another",
          "a@x.y,,,b@x.y,,,\nb@x.y,,,c@x.y,,,\n", "kept 2 3" },
        { "one domain in two scripts",
          "a@m\xc3\xbcnchen.example,,,a@x.y,,,\n"
          "a@xn--mnchen-3ya.example,,,a@x.y,,,\n",
          "3:1 duplicate; 3:4 duplicate; kept 2" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(HEADER, rows[i].rows, NULL);
        g_autoptr(import_t) m = read_text(text, &nothing_known);

        check_shape(rows[i].name, m, rows[i].want);
    }
}

/* An open quote costs its own row, not those after it. */
static void test_recovery(void)
{
    g_autoptr(import_t) m = read_text(HEADER "a@x.y,u,\"pw,a@x.y,,,\n"
                                             "b@x.y,,,b@x.y,,,\n"
                                             "c@x.y,u,\"p\"\"w\",c@x.y,,,\n"
                                             "d@x.y,u,\"pw,d@x.y,,,\n",
                                      &nothing_known);

    check_shape("recovery", m, "2:3 broken-quote; 5:3 broken-quote; kept 3 4");
    g_assert_cmpuint(m->n_rows, ==, 4);
}

/* Line ends in a column that is not read are somebody's notes. */
static void test_notes(void)
{
    g_autoptr(import_t) m =
        read_text("Source Email,Notes,Destination Email\n"
                  "a@x.y,\"first\nsecond, third\",a@x.y\nb@x.y,,b@x.y\n",
                  &nothing_known);

    check_shape("notes", m, "?1:2 unknown-column; kept 2 4");
}

/* ---- checks that need to know more ------------------------------------- */

static void test_context(void)
{
    enum {
        D = IMPORT_CHECK_DOMAIN,
        M = IMPORT_CHECK_SAME_MAILBOX,
        SA = IMPORT_CHECK_SOURCE_ADMIN,
        DA = IMPORT_CHECK_DESTINATION_ADMIN,
    };
    const enum import_admin given = IMPORT_ADMIN_GIVEN;
    const enum import_admin none = IMPORT_ADMIN_NONE;
    const struct {
        const char *name, *row;
        struct import_context context;
        const char *want;
        unsigned int left_out;
    } rows[] = {
        { "nothing known",
          "a@x.y,,,a@x.y,,,",
          { 0 },
          "kept 2",
          D | M | SA | DA },
        { "nothing needed", "a@x.y,u,p,b@x.y,v,q,", { 0 }, "kept 2", D },
        { "domain", "a@x.y,u,p,b@x.y,v,q,", { .domain = "X.Y" }, "kept 2", 0 },
        { "other domain",
          "a@z.x.y,u,p,b@y.x,v,q,",
          { .domain = "x.y" },
          "2:1 other-domain; 2:4 other-domain; kept",
          0 },
        { "domain in another script",
          "a@xn--mnchen-3ya.x,u,p,b@x.y,v,q,",
          { .domain = "m\xc3\xbcnchen.x" },
          "2:4 other-domain; kept",
          0 },
        { "same mailbox",
          "a@x.y,u,p,A@X.y,v,q,",
          { .sides = { { .host = "mail.x.y" }, { .host = "MAIL.x.y" } } },
          "2:4 same-mailbox; kept",
          D },
        { "same address, other host",
          "a@x.y,u,p,a@x.y,v,q,",
          { .sides = { { .host = "old.x.y" }, { .host = "new.x.y" } } },
          "kept 2",
          D },
        { "one host not known",
          "a@x.y,u,p,a@x.y,v,q,",
          { .sides = { { .host = "old.x.y" }, { 0 } } },
          "kept 2",
          D | M },
        { "no administrators",
          "a@x.y,,,b@x.y,,,",
          { .sides = { { .admin = none }, { .admin = none } } },
          "2:2 no-credentials; 2:5 no-credentials; kept",
          D },
        { "administrators",
          "a@x.y,,,b@x.y,,,",
          { .sides = { { .admin = given }, { .admin = given } } },
          "kept 2",
          D },
        { "administrator of one side",
          "a@x.y,,,b@x.y,,,",
          { .sides = { { .admin = given }, { .admin = none } } },
          "2:5 no-credentials; kept",
          D },
        { "one not known",
          "a@x.y,,,b@x.y,,,",
          { .sides = { { .admin = given }, { 0 } } },
          "kept 2",
          D | DA },
        { "credentials of its own",
          "a@x.y,u,p,b@x.y,v,q,",
          { .sides = { { .admin = none }, { .admin = none } } },
          "kept 2",
          D },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(HEADER, rows[i].row, "\n", NULL);
        g_autoptr(import_t) m = read_text(text, &rows[i].context);

        check_shape(rows[i].name, m, rows[i].want);
        if (m->left_out != rows[i].left_out)
            g_error("row \"%s\": left out %#x", rows[i].name, m->left_out);
    }
}

/* A file without columns for credentials: the row is at fault, no column. */
static void test_no_credential_columns(void)
{
    const struct import_context context = {
        .sides = { { .admin = IMPORT_ADMIN_NONE },
                   { .admin = IMPORT_ADMIN_GIVEN } },
    };
    g_autoptr(import_t) m =
        read_text("Source Email,Destination Email\na@x.y,a@x.y\n", &context);

    check_shape("no columns", m, "2:0 no-credentials; kept");
}

/* ---- what is said ------------------------------------------------------ */

static void check_text(const char *row, guint i, const char *want)
{
    const struct import_context context = {
        .domain = "x.y",
        .sides = { { "mail.x.y", IMPORT_ADMIN_NONE },
                   { "mail.x.y", IMPORT_ADMIN_GIVEN } },
    };
    g_autofree char *text = g_strconcat(HEADER, row, NULL);
    g_autoptr(import_t) m = read_text(text, &context);
    const struct import_fault *f = g_ptr_array_index(m->faults, i);

    g_assert_cmpuint(m->faults->len, >, i);
    g_assert_cmpstr(f->text, ==, want);
}

static void test_texts(void)
{
    check_text("ax.y,u,p,b@x.y,,,", 0,
               "\"ax.y\" is not a mail address: there is no \"@\"");
    check_text("a\tb\xe2\x80\xae@@x.y,u,p,b@x.y,,,", 0,
               "there is a character in it that cannot be read");
    check_text("a\xe2\x80\xae@@x.y,u,p,b@x.y,,,", 0,
               "\"a @@x.y\" is not a mail address: there is more than one "
               "\"@\"");
    check_text(X100 "@@x.y,u,p,b@x.y,,,", 0,
               "\"" X10 X10 X10 X10 X10 X10 X10 X10
               "...\" is not a mail address: there is more than one \"@\"");
    check_text("a@x.y,u,p,b@z.y,,,", 0,
               "\"b@z.y\" is not in the domain \"x.y\"");
    check_text("a@x.y,u,p,a@x.y,,,", 0,
               "\"a@x.y\" is the source too, on the same server \"mail.x.y\"");
    check_text("a@x.y,,,b@x.y,,,", 0,
               "there are no credentials, and the source has no "
               "administrative account");
    check_text("a@x.y,u,p,b@x.y,,,\nc@x.y,u,p,b@x.y,,,\n", 0,
               "\"b@x.y\" is on line 3 again");
    check_text("a@x.y,u,p,b@x.y,,,\nc@x.y,u,p,b@x.y,,,\n", 1,
               "\"b@x.y\" is on line 2 already");
    check_text("a@x.y,u,p,b@x.y,,,AskSourceOwner|X", 0,
               "no flag is called \"X\"");
    check_text("a@x.y,u,p,b@x.y,,,AskSourceOwnr", 0,
               "no flag is called \"AskSourceOwnr\"; \"AskSourceOwner\" is");
    check_text("a@x.y,u,p,b@x.y,,,129", 0, "no flag has the bits 128");
    check_text("a@x.y,u,p,b@x.y,,,4096\nc@x.y,u,p,d@x.y,,,4096", 0,
               "\"AskSourceOwner\" does nothing without the managed service "
               "(2 rows)");
    check_text("a@x.y,u,p,b@x.y", 0, "there are 4 fields; the header has 7");
    check_text("a@x.y,u," X100 X100 X100 ",b@x.y,,,", 0,
               "it is 300 characters long; at most 256 are taken");
}

static void test_unknown_column_text(void)
{
    g_autoptr(import_t) m = read_text(
        "Source Email,Destination Email,Sorce UserName,x\na@x.y,a@x.y,,\n",
        &nothing_known);
    const struct import_fault *near = g_ptr_array_index(m->faults, 0);
    const struct import_fault *far = g_ptr_array_index(m->faults, 1);

    g_assert_cmpstr(near->text, ==,
                    "no column \"Sorce UserName\" is known; \"Source "
                    "UserName\" is");
    g_assert_cmpstr(near->name, ==, "Sorce UserName");
    g_assert_cmpstr(far->text, ==, "no column \"x\" is known");
}

/* However a row is broken, no fault tells its password. */
static void test_no_password_is_told(void)
{
    static const char *const rows[] = {
        "a@x.y,u,hunter2 ,b@x.y,,,",
        "a@x.y,,hunter2,b@x.y,,,",
        "a@x.y,u,hunter2\x01,b@x.y,,,",
        "a@x.y,u,\"hunter2,b@x.y,,,",
        "a@x.y,u,\"hunter2\"x,b@x.y,,,",
        "a@x.y,u,hun,hunter2,b@x.y,,,",
        "u,hunter2,b@x.y,,,",
        "a@x.y,u,\"hunter2\nx\",b@x.y,,,",
        "a@x.y,u,hunter2" X100 X100 X100 ",b@x.y,,,",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(HEADER, rows[i], "\n", NULL);
        g_autoptr(import_t) m = read_text(text, &nothing_known);

        CHECK_ROW(rows[i], m->n_errors > 0);
        for (guint f = 0; f < m->faults->len; f++) {
            const struct import_fault *fault = g_ptr_array_index(m->faults, f);

            CHECK_ROW(rows[i], strstr(fault->text, "hunter2") == NULL);
        }
    }
}

/* ---- what stays in memory ---------------------------------------------- */

/* The password, in a form that a search for it does not find. */
static const char hidden[] =
    "VW5taXN0YWthYmxlLUhvcnNlNy9vZi1hLWxlbmd0aC90aGF0LW5vLWFsbG9jYXRvci93cml0ZX"
    "MtaXRzLW93bi9wb2ludGVycy1vdmVyL3RoZS13aG9sZS1vZi1pdA==";

/* Where the heap begins. */
static const char *heap_start(void)
{
    g_autofree char *maps = NULL;
    char *line;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    line = strstr(maps, "[heap]");
    g_assert_nonnull(line);
    while (line > maps && line[-1] != '\n')
        line--;
    return (const char *)(uintptr_t)g_ascii_strtoull(line, NULL, 16);
}

/*
 * How often the bytes stand in the heap, beside where they are given.  Takes
 * no memory itself: that could write over what it looks for.
 */
static size_t count_in_heap(const char *from, const char *what, size_t len)
{
    const char *end = sbrk(0), *at = from;
    size_t n = 0;

    while ((at = memmem(at, (size_t)(end - at), what, len)) != NULL)
        n += at++ != what;
    return n;
}

/* A row that is kept, one that is not, and one that is broken. */
static char *text_with(const char *password)
{
    GString *s = g_string_sized_new(4096); /* growing would leave copies */

    g_string_append(s, HEADER "a@x.y,u,");
    g_string_append(s, password);
    g_string_append(s, ",b@x.y,,,0\nc@x.y,,\"");
    g_string_append(s, password);
    g_string_append(s, "\",d@x.y,,,0\ne@x.y,u,");
    g_string_append(s, password);
    g_string_append(s, ",,f@x.y,,,0\ng@x.y,u,\"");
    g_string_append(s, password);
    g_string_append(s, ",h@x.y,,,0\n");
    return g_string_free(s, FALSE);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER true
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER false
#endif

/* An allocator writes over the ends of what is freed: look at the middle. */
#define MIDDLE 40
#define PIECE  16

static void test_memory(void)
{
    gsize n;
    g_autofree guchar *password = g_base64_decode(hidden, &n);
    const char *piece = (const char *)password + MIDDLE;
    const char *heap;
    char *text, *written;
    import_t *m;

    /* A sanitizer has a heap of its own. */
    if (UNDER_SANITIZER) {
        g_test_skip("the heap is not searched under a sanitizer");
        return;
    }
    /* Meson has what is freed overwritten, which is our task here. */
    mallopt(M_PERTURB, 0);
    heap = heap_start();
    text = text_with((const char *)password);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4);
    m = read_text(text, &nothing_known);
    g_assert_cmpuint(m->rows->len, ==, 1);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1);
    written = import_write(m);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1 + 1);
    import_free(m);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1);
    secret_wipe(written, strlen(written));
    g_free(written);
    secret_wipe(text, strlen(text));
    g_free(text);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 0);
}

/* What is handed to a person has no password, and is no formula. */
static void test_bare(void)
{
    static const char text[] =
        "Source Email,Source UserName,Source Password,Destination Email,"
        "Destination UserName,Destination Password,Flags\n"
        "a@x.example,=a,s3cret-a,a@y.example,b,s3cret-b,3\n";
    g_autoptr(import_t) m = read_text(text, &nothing_known);
    g_autofree char *got = import_write_bare(m);

    g_assert_cmpstr(strchr(got, '\n') + 1, ==,
                    "a@x.example,\"'=a\",,a@y.example,b,,3\n");
}

/* ---- limits ------------------------------------------------------------ */

static import_t *read_many(size_t n, const char *format)
{
    GString *s = g_string_new(HEADER);
    import_t *m;

    for (size_t i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        g_string_append_printf(s, format, i, i);
#pragma GCC diagnostic pop
    }
    m = import_read(s->str, s->len, &nothing_known);
    g_string_free(s, TRUE);
    return m;
}

static void test_row_limit(void)
{
    static const char row[] = "a%zu@x.y,,,a%zu@x.y,,,0\n";
    g_autoptr(import_t) most = read_many(IMPORT_MAX_ROWS, row);
    g_autoptr(import_t) more = read_many(IMPORT_MAX_ROWS + 2, row);
    const struct import_fault *f;

    g_assert_cmpuint(most->rows->len, ==, IMPORT_MAX_ROWS);
    g_assert_cmpuint(most->faults->len, ==, 0);
    g_assert_cmpuint(more->rows->len, ==, IMPORT_MAX_ROWS);
    g_assert_cmpuint(more->faults->len, ==, 1);
    f = g_ptr_array_index(more->faults, 0);
    g_assert_cmpstr(import_fault_word(f->kind), ==, "too-many-rows");
    g_assert_cmpuint(f->line, ==, IMPORT_MAX_ROWS + 2);
}

static void test_size_limit(void)
{
    g_autofree char *filler = g_strnfill(IMPORT_MAX_BYTES, '\n');
    GString *s = g_string_new(HEADER "a@x.y,,,a@x.y,,,\n");
    import_t *m;

    g_string_append_len(s, filler, IMPORT_MAX_BYTES - (gssize)s->len);
    m = import_read(s->str, s->len, &nothing_known);
    check_shape("most", m, "kept 2");
    import_free(m);
    g_string_append_c(s, '\n');
    m = import_read(s->str, s->len, &nothing_known);
    check_shape("more", m, "0:0 file-too-big; kept");
    import_free(m);
    g_string_free(s, TRUE);
}

static void test_quote_limit(void)
{
    g_autoptr(import_t) m = read_many(200, "\"a%zu@x.y,,,a%zu@x.y,,,0\n");
    const struct import_fault *last =
        g_ptr_array_index(m->faults, m->faults->len - 1);

    g_assert_cmpuint(m->faults->len, ==, 101);
    g_assert_cmpstr(import_fault_word(last->kind), ==,
                    "too-many-broken-quotes");
    g_assert_cmpuint(last->line, ==, 102);
    g_assert_cmpuint(m->rows->len, ==, 0);
}

/* ---- template, file, writing ------------------------------------------- */

static void test_template(void)
{
    g_autofree char *filled = NULL;
    g_auto(GStrv) parts = g_strsplit(import_template(true), "<password>", -1);
    g_autoptr(import_t) admin =
        read_text(import_template(false), &nothing_known);
    g_autoptr(import_t) raw = read_text(import_template(true), &nothing_known);
    g_autoptr(import_t) full = NULL;

    check_shape("administrative accounts", admin, "kept 2 3");
    check_shape("placeholders left", raw,
                "2:3 placeholder; 2:6 placeholder; 3:3 placeholder; "
                "3:6 placeholder; kept");
    filled = g_strjoinv("s3cret", parts);
    full = read_text(filled, &nothing_known);
    check_shape("filled in", full, "kept 2 3");
}

static void test_write(void)
{
    static const char text[] = HEADER "a@x.y,u,\" p\"\"w, \",a@x.y,,,4097\n"
                                      "b@x.y,=cmd,=pw,b@x.y,\"x;y\",\"-p\",0\n"
                                      "c@x.y,,,c@x.y,,,\n";
    g_autoptr(import_t) m = read_text(text, &nothing_known);
    g_autofree char *written = import_write(m);
    g_autoptr(import_t) again = read_text(written, &nothing_known);

    g_assert_cmpuint(m->rows->len, ==, 3);
    g_assert_cmpuint(again->rows->len, ==, 3);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *want = content(g_ptr_array_index(m->rows, i));

        check_content("written", again, i, want);
    }
    check_content("written", again, 0, "a@x.y/u/ p\"w, |a@x.y/-/-|4097");
}

static void test_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("import-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "users.csv", NULL);
    import_t *m = NULL;
    struct err err;

    g_assert_cmpint(import_read_file(path, &nothing_known, &m, &err), ==, -1);
    g_assert_null(m);
    g_assert_nonnull(strstr(err.msg, "users.csv\": No such file"));
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_cmpint(import_read_file(dir, &nothing_known, &m, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "Is a directory"));

    g_assert_true(g_file_set_contents(path, import_template(false), -1, NULL));
    CHECK_OK(import_read_file(path, &nothing_known, &m, &err), &err);
    check_shape("file", m, "kept 2 3");
    import_free(m);
    g_unlink(path);
    g_rmdir(dir);
}

/* A file that is too big is refused without being taken into memory. */
static void test_big_file(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("import-XXXXXX", &path, NULL);
    import_t *m = NULL;
    struct err err;

    g_assert_cmpint(ftruncate(fd, 1 << 30), ==, 0);
    CHECK_OK(import_read_file(path, &nothing_known, &m, &err), &err);
    check_shape("1 GiB", m, "0:0 file-too-big; kept");
    import_free(m);
    close(fd);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/import/forms", test_forms);
    g_test_add_func("/import/matrix", test_matrix);
    g_test_add_func("/import/random", test_random);
    g_test_add_func("/import/files", test_files);
    g_test_add_func("/import/separator-line", test_separator_line);
    g_test_add_func("/import/only-nul", test_only_nul);
    g_test_add_func("/import/rows", test_rows);
    g_test_add_func("/import/nul", test_nul_bytes);
    g_test_add_func("/import/broken-encodings", test_broken_encodings);
    g_test_add_func("/import/duplicates", test_duplicates);
    g_test_add_func("/import/recovery", test_recovery);
    g_test_add_func("/import/notes", test_notes);
    g_test_add_func("/import/context", test_context);
    g_test_add_func("/import/no-columns", test_no_credential_columns);
    g_test_add_func("/import/texts", test_texts);
    g_test_add_func("/import/unknown-column", test_unknown_column_text);
    g_test_add_func("/import/no-password", test_no_password_is_told);
    g_test_add_func("/import/memory", test_memory);
    g_test_add_func("/import/row-limit", test_row_limit);
    g_test_add_func("/import/size-limit", test_size_limit);
    g_test_add_func("/import/quote-limit", test_quote_limit);
    g_test_add_func("/import/template", test_template);
    g_test_add_func("/import/write", test_write);
    g_test_add_func("/import/bare", test_bare);
    g_test_add_func("/import/file", test_file);
    g_test_add_func("/import/big-file", test_big_file);
    return g_test_run();
}
