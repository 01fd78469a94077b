#include "cmd/opt.h"

#include <string.h>

#include "base/check.h"
#include "cmd/cmd.h"
#include "cmd/opt_common.h"

enum colour { RED, GREEN = 7 };

struct shared {
    const char *name;
    bool given;
};

struct options {
    bool all, brief;
    const char *text, *file;
    unsigned int count;
    uint64_t size;
    int64_t wait_us;
    enum colour colour;
    struct shared shared;
    const char *first, *second;
    bool warm;
    enum colour third;
};

/* clang-format off */
static const struct opt_word colours[] = {
    { "red", RED, NULL },
    { "green", GREEN, "the default" },
    { .word = NULL },
};

#define O(field) offsetof(struct options, field)
static const struct opt rows[] = {
    { .short_name = 'a', .long_name = "all", .type = OPT_FLAG, .offset = O(all), .env = "OPT_TEST_ALL" },
    { .short_name = 'b', .long_name = "brief", .type = OPT_FLAG, .offset = O(brief) },
    { .short_name = 't', .long_name = "text", .type = OPT_STR, .offset = O(text), .arg = "TEXT", .env = "OPT_TEST_TEXT", .initial = "usual" },
    { .long_name = "file", .type = OPT_FILE, .offset = O(file), .arg = "FILE" },
    { .short_name = 'n', .long_name = "count", .type = OPT_UINT, .offset = O(count), .arg = "N", .env = "OPT_TEST_COUNT", .initial = "4", .min = 1, .max = 64 },
    { .long_name = "size", .type = OPT_SIZE, .offset = O(size), .arg = "SIZE", .min = 10 },
    { .long_name = "wait", .type = OPT_SECONDS, .offset = O(wait_us), .arg = "SECONDS", .max = 86400 },
    { .long_name = "warm", .type = OPT_FLAG, .offset = O(warm), .with = 1u << RED },
    { .long_name = "colour", .type = OPT_WORD, .offset = O(colour), .arg = "COLOUR", .initial = "green", .words = colours },
    { .long_name = NULL },
};
static const struct opt shared_rows[] = {
    { .long_name = "name", .type = OPT_STR, .offset = offsetof(struct shared, name), .arg = "NAME", .env = "OPT_TEST_NAME", .initial = "nobody", .given = offsetof(struct shared, given) },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Options", rows, 0 },
    { "Shared", shared_rows, O(shared) },
    { .title = NULL },
};
static const struct opt_arg args[] = {
    { .name = "FIRST", .type = OPT_FILE, .offset = O(first), .required = true },
    { .name = "SECOND", .type = OPT_STR, .offset = O(second) },
    { .name = "THIRD", .type = OPT_WORD, .offset = O(third), .words = colours },
    { .name = NULL },
};
#undef O
/* clang-format on */

static const struct opt_spec spec = { groups, args };
static const struct opt_spec bare = { groups, NULL };

/* Parse a line of words parted by blanks; '' is an empty one. */
static int parse_with(const struct opt_spec *s, const char *line,
                      struct options *o, struct err *err)
{
    g_auto(GStrv) split = g_strsplit(line, " ", -1);
    const char *argv[16] = { "command" };
    int argc = 1;

    memset(o, 0, sizeof(*o));
    for (char **w = split; *w != NULL; w++) {
        const char *word = g_intern_string(strcmp(*w, "''") == 0 ? "" : *w);

        if (**w != '\0')
            argv[argc++] = word;
    }
    return opt_parse(s, argc, argv, o, err);
}

static int parse(const char *line, struct options *o, struct err *err)
{
    return parse_with(&spec, line, o, err);
}

/* What stands in the fields, where it is not zero. */
static char *shape(const struct options *o)
{
    GString *s = g_string_new(NULL);

    if (o->all)
        g_string_append(s, "all ");
    if (o->brief)
        g_string_append(s, "brief ");
    if (o->warm)
        g_string_append(s, "warm ");
    if (o->file != NULL)
        g_string_append_printf(s, "file=%s ", o->file);
    if (o->size != 0)
        g_string_append_printf(s, "size=%" G_GUINT64_FORMAT " ", o->size);
    if (o->wait_us != 0)
        g_string_append_printf(s, "wait=%" G_GINT64_FORMAT " ", o->wait_us);
    if (o->second != NULL)
        g_string_append_printf(s, "second=%s ", o->second);
    g_string_append_printf(s, "text=%s count=%u colour=%u name=%s%s first=%s",
                           o->text, o->count, (unsigned int)o->colour,
                           o->shared.name, o->shared.given ? "!" : "",
                           o->first);
    return g_string_free(s, FALSE);
}

static void test_parse(void)
{
    static const struct {
        const char *name, *line, *want;
    } table[] = {
        { "defaults", "f", "text=usual count=4 colour=7 name=nobody first=f" },
        { "long options", "--all --text x --count 9 f",
          "all text=x count=9 colour=7 name=nobody first=f" },
        { "equals sign", "--text=x=y --count=9 f",
          "text=x=y count=9 colour=7 name=nobody first=f" },
        { "short options", "-a -t x -n 9 f",
          "all text=x count=9 colour=7 name=nobody first=f" },
        { "short ones run together", "-abn9 -tx f",
          "all brief text=x count=9 colour=7 name=nobody first=f" },
        { "options after arguments", "f s --all",
          "all second=s text=usual count=4 colour=7 name=nobody first=f" },
        { "the end of options", "--all -- --text",
          "all text=usual count=4 colour=7 name=nobody first=--text" },
        { "a dash alone", "- -",
          "second=- text=usual count=4 colour=7 name=nobody first=-" },
        { "a value that looks like an option", "--text --all f",
          "text=--all count=4 colour=7 name=nobody first=f" },
        { "the last one wins", "--count 1 --count 2 --text a --text b f",
          "text=b count=2 colour=7 name=nobody first=f" },
        { "a shared table", "--name x f",
          "text=usual count=4 colour=7 name=x! first=f" },
        { "words", "--colour red f",
          "text=usual count=4 colour=0 name=nobody first=f" },
        { "bytes", "--size 500 f",
          "size=500 text=usual count=4 colour=7 name=nobody first=f" },
        { "thousands", "--size 8M f",
          "size=8000000 text=usual count=4 colour=7 name=nobody first=f" },
        { "powers of two", "--size 2GiB f",
          "size=2147483648 text=usual count=4 colour=7 name=nobody first=f" },
        { "seconds", "--wait 90 f",
          "wait=90000000 text=usual count=4 colour=7 name=nobody first=f" },
        { "part of a second", "--wait 0.25 f",
          "wait=250000 text=usual count=4 colour=7 name=nobody first=f" },
        { "minutes", "--wait 2m f",
          "wait=120000000 text=usual count=4 colour=7 name=nobody first=f" },
        { "half an hour", "--wait 0.5h f",
          "wait=1800000000 text=usual count=4 colour=7 name=nobody first=f" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct options o;
        struct err err;
        g_autofree char *got = NULL;

        if (parse(table[i].line, &o, &err) < 0)
            g_error("row \"%s\": %s", table[i].name, err.msg);
        got = shape(&o);
        if (strcmp(got, table[i].want) != 0)
            g_error("row \"%s\": %s", table[i].name, got);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *line, *want;
    } table[] = {
        { "--al f", "unknown option \"--al\"; did you mean \"--all\"?" },
        { "--txet x f", "unknown option \"--txet\"; did you mean \"--text\"?" },
        { "--txet=x f", "unknown option \"--txet\"; did you mean \"--text\"?" },
        { "--nonsense f", "unknown option \"--nonsense\"" },
        { "--=x f", "unknown option \"--\"" },
        { "-x f", "unknown option \"-x\"" },
        { "-ax f", "unknown option \"-x\"" },
        { "f --text", "option \"--text\" needs a value: --text TEXT" },
        { "f -n", "option \"--count\" needs a value: --count N" },
        { "--text= f", "option \"--text\": the value is empty" },
        { "--file '' f", "option \"--file\": the value is empty" },
        { "--all=yes f", "option \"--all\" takes no value" },
        { "--count 0 f",
          "option \"--count\": \"0\" is not a whole number from 1 to 64" },
        { "--count 65 f",
          "option \"--count\": \"65\" is not a whole number from 1 to 64" },
        { "--count -1 f",
          "option \"--count\": \"-1\" is not a whole number from 1 to 64" },
        { "--count 1x f",
          "option \"--count\": \"1x\" is not a whole number from 1 to 64" },
        { "--count 0x10 f",
          "option \"--count\": \"0x10\" is not a whole number from 1 to 64" },
        { "--count 99999999999999999999 f",
          "option \"--count\": \"99999999999999999999\" is not a whole number "
          "from 1 to 64" },
        { "--size 9 f",
          "option \"--size\": \"9\" is not a number of bytes of at least 10" },
        { "--size big f",
          "option \"--size\": \"big\" is not a size such as 500k, 8M or 2Gi" },
        { "--size 8X f",
          "option \"--size\": \"8X\" is not a size such as 500k, 8M or 2Gi" },
        { "--size 99999999999G f",
          "option \"--size\": \"99999999999G\" is not a number of bytes of at "
          "least 10" },
        { "--wait 2d f",
          "option \"--wait\": \"2d\" is not a number of seconds from 0 to "
          "86400" },
        { "--wait 1. f",
          "option \"--wait\": \"1.\" is not a duration such as 90, 0.5, 2m or "
          "1h" },
        { "--wait 0.1234567 f",
          "option \"--wait\": \"0.1234567\" is not a duration such as 90, 0.5, "
          "2m or 1h" },
        { "--wait soon f", "option \"--wait\": \"soon\" is not a duration such "
                           "as 90, 0.5, 2m or "
                           "1h" },
        { "--colour gren f", "option \"--colour\": \"gren\" is none of red, "
                             "green; did you mean \"green\"?" },
        { "--colour blue f",
          "option \"--colour\": \"blue\" is none of red, green" },
        { "", "argument FIRST is missing" },
        { "f s red x", "unexpected argument \"x\"" },
        { "f s green --warm",
          "option \"--warm\" does not go with \"green\", but with: red" },
        { "f s rde", "argument THIRD: \"rde\" is none of red, green; did you "
                     "mean \"red\"?" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct options o;
        struct err err = { 0 };

        CHECK_ROW(table[i].line, parse(table[i].line, &o, &err) == -1);
        if (strcmp(err.msg, table[i].want) != 0)
            g_error("row \"%s\": %s", table[i].line, err.msg);
        CHECK_ROW(table[i].line, err.code == CMD_USAGE);
    }
}

static void test_no_arguments_wanted(void)
{
    struct options o;
    struct err err;

    CHECK_OK(parse_with(&bare, "--all", &o, &err), &err);
    g_assert_cmpint(parse_with(&bare, "f", &o, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "unexpected argument \"f\"");
}

/* Command line over environment over default. */
static void test_environment(void)
{
    static const struct {
        const char *name, *variable, *value, *line;
        const char *want; /* NULL: refused */
    } table[] = {
        { "set", "OPT_TEST_COUNT", "9", "f",
          "text=usual count=9 colour=7 name=nobody first=f" },
        { "empty is not set", "OPT_TEST_COUNT", "", "f",
          "text=usual count=4 colour=7 name=nobody first=f" },
        { "outranked", "OPT_TEST_COUNT", "9", "--count 2 f",
          "text=usual count=2 colour=7 name=nobody first=f" },
        { "wrong", "OPT_TEST_COUNT", "x", "f", NULL },
        { "wrong, but outranked", "OPT_TEST_COUNT", "x", "--count 2 f",
          "text=usual count=2 colour=7 name=nobody first=f" },
        { "a flag", "OPT_TEST_ALL", "yes", "f",
          "all text=usual count=4 colour=7 name=nobody first=f" },
        { "a flag that is off", "OPT_TEST_ALL", "0", "f",
          "text=usual count=4 colour=7 name=nobody first=f" },
        { "a flag that is neither", "OPT_TEST_ALL", "maybe", "f", NULL },
        { "somebody said it", "OPT_TEST_NAME", "x", "f",
          "text=usual count=4 colour=7 name=x! first=f" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct options o;
        struct err err = { 0 };
        int status;

        g_setenv(table[i].variable, table[i].value, TRUE);
        status = parse(table[i].line, &o, &err);
        if (status == 0) {
            g_autofree char *got = shape(&o);

            CHECK_ROW(table[i].name, g_strcmp0(got, table[i].want) == 0);
        } else {
            CHECK_ROW(table[i].name, table[i].want == NULL);
            CHECK_ROW(table[i].name,
                      strstr(err.msg, table[i].variable) != NULL);
        }
        g_unsetenv(table[i].variable);
    }
}

static void test_find(void)
{
    g_assert_true(opt_find(&spec, "count") == &rows[4]);
    g_assert_true(opt_find(&spec, "name") == &shared_rows[0]);
    g_assert_null(opt_find(&spec, "coun"));
    g_assert_null(opt_find(&spec, ""));
}

/* ---- the tables that commands share ----------------------------------- */

struct common {
    struct opt_sides sides;
    struct opt_access access;
    struct opt_state state;
    struct opt_rows rows;
    struct opt_output output;
    struct opt_load load;
    struct opt_copy copy;
    struct opt_verify verify;
};

static const struct opt_group common_groups[] = {
    { "a", opt_servers_rows, offsetof(struct common, sides) },
    { "a", opt_sides_rows, offsetof(struct common, sides) },
    { "b", opt_access_rows, offsetof(struct common, access) },
    { "c", opt_state_rows, offsetof(struct common, state) },
    { "d", opt_rows_rows, offsetof(struct common, rows) },
    { "e", opt_output_rows, offsetof(struct common, output) },
    { "f", opt_load_rows, offsetof(struct common, load) },
    { "g", opt_copy_rows, offsetof(struct common, copy) },
    { "h", opt_verify_rows, offsetof(struct common, verify) },
    { .title = NULL },
};
static const struct opt_spec common_spec = { common_groups, NULL };

static void test_common_defaults(void)
{
    static const char *const argv[] = { "command" };
    struct common c = { 0 };
    struct err err;

    CHECK_OK(opt_parse(&common_spec, 1, argv, &c, &err), &err);
    g_assert_null(c.sides.source.url);
    g_assert_null(c.state.file);
    g_assert_cmpuint(c.load.mailboxes, ==, 4);
    g_assert_cmpuint(c.load.lanes, ==, 8);
    g_assert_cmpint(c.copy.doubt_wait_us, ==, 120 * G_USEC_PER_SEC);
    g_assert_cmpint(c.copy.patience_us, ==, 3600 * (int64_t)G_USEC_PER_SEC);
    g_assert_cmpint(c.verify.mode, ==, VERIFY_MODE_SAMPLE);
    g_assert_false(c.verify.given);
}

static void test_common_fields(void)
{
    static const char *const argv[] = {
        "command",
        "--source=s",
        "--destination=d",
        "--source-admin=sa",
        "--destination-admin=da",
        "--source-password-file=sp",
        "--destination-password-file=dp",
        "--ca-file=ca",
        "--trace=t",
        "--state=st",
        "--skip-bad-rows",
        "--json",
        "--mailboxes=256",
        "--lanes=1",
        "--dry-run",
        "--doubt-wait=0.5",
        "--patience=7200",
        "--verify=full",
    };
    struct common c = { 0 };
    struct err err;

    CHECK_OK(opt_parse(&common_spec, G_N_ELEMENTS(argv), argv, &c, &err), &err);
    g_assert_cmpstr(c.sides.source.url, ==, "s");
    g_assert_cmpstr(c.sides.destination.url, ==, "d");
    g_assert_cmpstr(c.sides.source.admin, ==, "sa");
    g_assert_cmpstr(c.sides.destination.admin, ==, "da");
    g_assert_cmpstr(c.access.source_password_file, ==, "sp");
    g_assert_cmpstr(c.access.destination_password_file, ==, "dp");
    g_assert_cmpstr(c.access.ca_file, ==, "ca");
    g_assert_cmpstr(c.access.trace, ==, "t");
    g_assert_cmpstr(c.state.file, ==, "st");
    g_assert_true(c.rows.skip_bad);
    g_assert_true(c.output.json);
    g_assert_cmpuint(c.load.mailboxes, ==, 256);
    g_assert_cmpuint(c.load.lanes, ==, 1);
    g_assert_true(c.copy.dry_run);
    g_assert_cmpint(c.copy.doubt_wait_us, ==, G_USEC_PER_SEC / 2);
    g_assert_cmpint(c.copy.patience_us, ==, 7200 * (int64_t)G_USEC_PER_SEC);
    g_assert_cmpint(c.verify.mode, ==, VERIFY_MODE_FULL);
    g_assert_true(c.verify.given);
}

static void test_state_path(void)
{
    g_autofree char *usual =
        opt_state_path(&(struct opt_state){ NULL }, "d/users.csv");
    g_autofree char *said =
        opt_state_path(&(struct opt_state){ "elsewhere" }, "d/users.csv");

    g_assert_cmpstr(usual, ==, "d/users.csv.mailferry");
    g_assert_cmpstr(said, ==, "elsewhere");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/opt/parse", test_parse);
    g_test_add_func("/opt/refused", test_refused);
    g_test_add_func("/opt/no-arguments", test_no_arguments_wanted);
    g_test_add_func("/opt/environment", test_environment);
    g_test_add_func("/opt/find", test_find);
    g_test_add_func("/opt/common-defaults", test_common_defaults);
    g_test_add_func("/opt/common-fields", test_common_fields);
    g_test_add_func("/opt/state-path", test_state_path);
    return g_test_run();
}
