#include "cmd/descriptors.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

/*
 * What descriptors_raise() does under such limits: in a child, for they stay.
 */
struct trial {
    const char *name;
    rlim_t soft, hard;
    size_t mailboxes, lanes;
    bool fits;
    const char *text; /* in the refusal */
};

static void try(const struct trial *t)
{
    struct rlimit limit = { t->soft, t->hard };
    struct err err = { 0 };

    CHECK_ROW(t->name, setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_ROW(t->name, (descriptors_raise(t->mailboxes, t->lanes, &err) == 0) ==
                           t->fits);
    CHECK_ROW(t->name, t->text == NULL || strstr(err.msg, t->text) != NULL);
    CHECK_ROW(t->name, t->fits || strstr(err.remedy, "--mailboxes") != NULL);
    CHECK_ROW(t->name, getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_ROW(t->name,
              limit.rlim_cur ==
                  (t->fits
                       ? MAX(t->soft, descriptors_need(t->mailboxes, t->lanes))
                       : t->soft));
}

static void test_raise(void)
{
    static const struct trial rows[] = {
        { "enough", 1024, 4096, 4, 8, true, NULL },
        { "raised", 64, 4096, 4, 8, true, NULL },
        { "too many", 64, 1024, 256, 8, false, "5 at once would fit" },
        { "one too many", 1024, 1024, 6, 8, false, "5 at once would fit" },
        { "not even one", 64, 100, 4, 8, false, "a mailbox with 8 lanes" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        pid_t child = fork();
        int status;

        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
            try(&rows[i]);
            _exit(0);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        CHECK_ROW(rows[i].name, status == 0);
    }
}

/* The number that is named as fitting does fit, and one more does not. */
static void test_need(void)
{
    for (size_t lanes = 1; lanes <= 64; lanes++)
        g_assert_cmpuint(descriptors_need(2, lanes), >,
                         descriptors_need(1, lanes));
    g_assert_cmpuint(descriptors_need(5, 8), <=, 1024);
    g_assert_cmpuint(descriptors_need(6, 8), >, 1024);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/descriptors/raise", test_raise);
    g_test_add_func("/descriptors/need", test_need);
    return g_test_run();
}
