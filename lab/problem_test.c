#include "lab/problem.h"

#include "base/check.h"

static void test_texts(void)
{
    struct problem p = { 0 };

    g_assert_false(problem_is(&p, "ErrorItemNotFound"));
    g_assert_cmpint(problem_set(&p, "ErrorItemNotFound"), ==, -1);
    g_assert_true(problem_is(&p, "ErrorItemNotFound"));
    g_assert_false(problem_is(&p, "ErrorItem"));
    g_assert_cmpstr(p.text, ==,
                    "The specified object was not found in the store.");
    g_assert_false(p.fault);
    /* a code without a text of its own still says something */
    problem_set(&p, "ErrorNobodyKnows");
    g_assert_cmpstr(p.text, !=, "");
}

static void test_fault_and_value(void)
{
    g_autofree char *long_value = g_strnfill(1000, 'x');
    struct problem p;

    problem_fault(&p, "ErrorServerBusy");
    g_assert_true(p.fault);
    g_assert_null(p.value_name);
    g_assert_cmpint(problem_value(&p, "BackOffMilliseconds", "5"), ==, -1);
    g_assert_cmpstr(p.value, ==, "5");
    problem_value(&p, "SmtpAddress", long_value);
    g_assert_cmpuint(strlen(p.value), ==, sizeof(p.value) - 1);
    /* set anew: nothing of the old one is left */
    problem_set(&p, "ErrorItemNotFound");
    g_assert_cmpstr(p.value, ==, "");
    g_assert_null(p.value_name);
    g_assert_false(p.fault);
}

static void test_schema(void)
{
    struct problem p;

    g_assert_cmpint(problem_schema(&p, 3, 7, "%s is wrong", "it"), ==, -1);
    g_assert_true(p.fault);
    g_assert_cmpint(p.line, ==, 3);
    g_assert_cmpint(p.position, ==, 7);
    g_assert_cmpstr(p.value, ==, "it is wrong");
}

static void test_of_the_store(void)
{
    struct problem p;
    struct err err;

    err_set(&err, ERR_ITEM, ERR_RETRY_NEVER, 0, "x");
    problem_from_err(&p, &err);
    g_assert_true(problem_is(&p, "ErrorInternalServerError"));
    err.name = "ErrorQuotaExceeded";
    problem_from_err(&p, &err);
    g_assert_true(problem_is(&p, "ErrorQuotaExceeded"));
}

static void test_interned(void)
{
    char code[] = "ErrorX";
    const char *kept = problem_intern(code);

    code[5] = 'Y';
    g_assert_cmpstr(kept, ==, "ErrorX");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/problem/texts", test_texts);
    g_test_add_func("/problem/fault-and-value", test_fault_and_value);
    g_test_add_func("/problem/schema", test_schema);
    g_test_add_func("/problem/of-the-store", test_of_the_store);
    g_test_add_func("/problem/interned", test_interned);
    return g_test_run();
}
