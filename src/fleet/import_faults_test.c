#include "fleet/import.h"

#include <string.h>

#include "base/check.h"
#include "fleet/import_testing.h"

#define X10  "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

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
        { "no rows", IMPORT_HEADER "\n,,,,,,\n", "0:0 no-rows; kept" },
        { "unknown columns",
          "Source Email,Comment,Destination Email,Flag\na@b.c,x,d@e.f,1\n",
          "?1:2 unknown-column; ?1:4 unknown-column; kept 2" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(import_t) m =
            import_testing_read(rows[i].text, &import_testing_nothing);

        import_testing_shape(rows[i].name, m, rows[i].want);
    }
}

/* Excel's separator line is a line of the file like any other. */
static void test_separator_line(void)
{
    g_autoptr(import_t) m = import_testing_read(
        "sep=;\nSource Email;Destination Email\na@x.y;x\nb@x.y;b@x.y\n",
        &import_testing_nothing);

    import_testing_shape("separator", m, "3:2 bad-address; kept 4");
    g_assert_true(m->delimiter == ';');
}

/* Nothing but NUL bytes is no UTF-16: nothing of it is ASCII. */
static void test_only_nul(void)
{
    static const char zeros[64];
    g_autoptr(import_t) m =
        import_read(zeros, sizeof(zeros), &import_testing_nothing);

    import_testing_shape("zeros", m, "1:0 bad-header; kept");
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
        g_autofree char *text =
            g_strconcat(IMPORT_HEADER, rows[i].row, "\n", NULL);
        g_autoptr(import_t) m =
            import_testing_read(text, &import_testing_nothing);

        import_testing_shape(rows[i].name, m, rows[i].want);
    }
}

static void test_nul_bytes(void)
{
    static const char text[] = IMPORT_HEADER "a@b.c,u,p\0w,d@e.f,,,\n"
                                             "g@h.i,,,j@k.l,,,\n";
    g_autoptr(import_t) m =
        import_read(text, sizeof(text) - 1, &import_testing_nothing);

    import_testing_shape("NUL", m, "2:3 nul-byte; kept 3");
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
            import_read(rows[i].bytes, rows[i].n, &import_testing_nothing);

        import_testing_shape(rows[i].name, m, rows[i].want);
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
        g_autofree char *text = g_strconcat(IMPORT_HEADER, rows[i].rows, NULL);
        g_autoptr(import_t) m =
            import_testing_read(text, &import_testing_nothing);

        import_testing_shape(rows[i].name, m, rows[i].want);
    }
}

/* An open quote costs its own row, not those after it. */
static void test_recovery(void)
{
    g_autoptr(import_t) m =
        import_testing_read(IMPORT_HEADER "a@x.y,u,\"pw,a@x.y,,,\n"
                                          "b@x.y,,,b@x.y,,,\n"
                                          "c@x.y,u,\"p\"\"w\",c@x.y,,,\n"
                                          "d@x.y,u,\"pw,d@x.y,,,\n",
                            &import_testing_nothing);

    import_testing_shape("recovery", m,
                         "2:3 broken-quote; 5:3 broken-quote; kept 3 4");
    g_assert_cmpuint(m->n_rows, ==, 4);
}

/* Line ends in a column that is not read are somebody's notes. */
static void test_notes(void)
{
    g_autoptr(import_t) m = import_testing_read(
        "Source Email,Notes,Destination Email\n"
        "a@x.y,\"first\nsecond, third\",a@x.y\nb@x.y,,b@x.y\n",
        &import_testing_nothing);

    import_testing_shape("notes", m, "?1:2 unknown-column; kept 2 4");
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
        g_autofree char *text =
            g_strconcat(IMPORT_HEADER, rows[i].row, "\n", NULL);
        g_autoptr(import_t) m = import_testing_read(text, &rows[i].context);

        import_testing_shape(rows[i].name, m, rows[i].want);
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
    g_autoptr(import_t) m = import_testing_read(
        "Source Email,Destination Email\na@x.y,a@x.y\n", &context);

    import_testing_shape("no columns", m, "2:0 no-credentials; kept");
}

/* ---- what is said ------------------------------------------------------ */

static void check_text(const char *row, guint i, const char *want)
{
    const struct import_context context = {
        .domain = "x.y",
        .sides = { { "mail.x.y", IMPORT_ADMIN_NONE },
                   { "mail.x.y", IMPORT_ADMIN_GIVEN } },
    };
    g_autofree char *text = g_strconcat(IMPORT_HEADER, row, NULL);
    g_autoptr(import_t) m = import_testing_read(text, &context);
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
    g_autoptr(import_t) m = import_testing_read(
        "Source Email,Destination Email,Sorce UserName,x\na@x.y,a@x.y,,\n",
        &import_testing_nothing);
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
        g_autofree char *text = g_strconcat(IMPORT_HEADER, rows[i], "\n", NULL);
        g_autoptr(import_t) m =
            import_testing_read(text, &import_testing_nothing);

        CHECK_ROW(rows[i], m->n_errors > 0);
        for (guint f = 0; f < m->faults->len; f++) {
            const struct import_fault *fault = g_ptr_array_index(m->faults, f);

            CHECK_ROW(rows[i], strstr(fault->text, "hunter2") == NULL);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
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
    return g_test_run();
}
