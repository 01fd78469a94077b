#include <string.h>

#include "base/check.h"
#include "portable/rule.h"

static void test_find(void)
{
    static const struct {
        const char *name;
        bool known, compared;
    } rows[] = {
        { "Subject", true, true },
        { "TO", true, true },
        { "to", true, true },
        { "Toward", false, false },
        { "Message-ID", true, false },
        { "X-Mailer", true, false },
        { "Content-Type", true, false },
        { "Received", true, false },
        { "Comments", false, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct rule *r = rule_find(rows[i].name);

        CHECK_ROW(rows[i].name, (r != NULL) == rows[i].known);
        CHECK_ROW(rows[i].name,
                  (r != NULL && r->out == NULL) == rows[i].compared);
    }
}

/* A row after one that covers it would never count. */
static void test_order(void)
{
    size_t n;
    const struct rule *rules = rule_table(&n);

    for (size_t i = 0; i < n; i++) {
        CHECK_ROW(rules[i].name, rule_find(rules[i].name) == &rules[i]);
        CHECK_ROW(rules[i].name,
                  rules[i].out == NULL || strlen(rules[i].out) > 10);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rule/find", test_find);
    g_test_add_func("/rule/order", test_order);
    return g_test_run();
}
