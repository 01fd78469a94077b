#include "lab/capture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/check.h"

/* A folder that is gone again at the end, with what is in it. */
struct folder {
    char *path;
};

static void folder_remove(struct folder *f)
{
    g_autoptr(GDir) dir = g_dir_open(f->path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(f->path, name, NULL);

        g_unlink(path);
    }
    g_rmdir(f->path);
    g_free(f->path);
}

static struct folder folder_make(void)
{
    return (struct folder){ g_dir_make_tmp("mailferry-capture-XXXXXX", NULL) };
}

static char *content(const struct folder *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->path, name, NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void write_one(struct capture *c, const char *operation,
                      const char *answer, bool injected)
{
    g_autoptr(GString) asked = g_string_new("<ask/>");
    g_autoptr(GString) answered = g_string_new(answer);

    capture_write(c, operation, asked, answer != NULL ? answered : NULL,
                  injected);
}

static void test_files(void)
{
    struct folder f = folder_make();
    g_autoptr(capture) c = NULL;
    g_autofree char *ask = NULL, *answer = NULL, *injected = NULL;
    g_autofree char *none = NULL, *path = NULL;
    struct stat st;
    struct err err;

    CHECK_OK(capture_new(f.path, &c, &err), &err);
    write_one(c, "GetFolder", "<one/>", false);
    write_one(c, "UploadItems", "<two/>", true);
    write_one(c, "UploadItems", NULL, true);
    ask = content(&f, "000001-GetFolder-request.xml");
    answer = content(&f, "000001-GetFolder-answer.xml");
    injected = content(&f, "000002-UploadItems-injected.xml");
    none = content(&f, "000003-UploadItems-injected.xml");
    g_assert_cmpstr(ask, ==, "<ask/>");
    g_assert_cmpstr(answer, ==, "<one/>");
    g_assert_cmpstr(injected, ==, "<two/>");
    g_assert_null(none);
    path = g_build_filename(f.path, "000003-UploadItems-request.xml", NULL);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 077, ==, 0);
    folder_remove(&f);
}

/* A server that is started again goes on counting. */
static void test_goes_on(void)
{
    struct folder f = folder_make();
    g_autofree char *third = NULL;
    struct err err;

    for (int i = 0; i < 3; i++) {
        g_autoptr(capture) c = NULL;

        CHECK_OK(capture_new(f.path, &c, &err), &err);
        write_one(c, "GetItem", "<a/>", false);
    }
    third = content(&f, "000003-GetItem-answer.xml");
    g_assert_cmpstr(third, ==, "<a/>");
    folder_remove(&f);
}

/* An operation's name comes from the client. */
static void test_names_stay_in_the_folder(void)
{
    static const struct {
        const char *operation, *file;
    } rows[] = {
        { "../../etc/passwd", "000001-etcpasswd-request.xml" },
        { "a b\n\"c", "000001-abc-request.xml" },
        { "", "000001--request.xml" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct folder f = folder_make();
        g_autoptr(capture) c = NULL;
        g_autofree char *text = NULL;
        struct err err;

        CHECK_OK(capture_new(f.path, &c, &err), &err);
        write_one(c, rows[i].operation, NULL, false);
        text = content(&f, rows[i].file);
        CHECK_ROW(rows[i].operation, text != NULL);
        folder_remove(&f);
    }
}

static void test_no_folder(void)
{
    g_autoptr(capture) c = NULL;
    struct err err;

    g_assert_cmpint(capture_new("/dev/null/x", &c, &err), <, 0);
    g_assert_nonnull(strstr(err.msg, "/dev/null/x"));
    /* nothing is written, nothing happens */
    write_one(NULL, "GetItem", "<a/>", false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/files", test_files);
    g_test_add_func("/capture/goes-on", test_goes_on);
    g_test_add_func("/capture/names-stay-in-the-folder",
                    test_names_stay_in_the_folder);
    g_test_add_func("/capture/no-folder", test_no_folder);
    return g_test_run();
}
