#include "web/route.h"

#include <string.h>

#include "base/check.h"

static void nothing(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    (void)service;
    (void)r;
    (void)reply;
}

static const struct web_route table[] = {
    { WEB_GET, "/", 0, 0, 0, nothing, "root", "" },
    { WEB_GET, "/api/v1/a", 0, 0, 0, nothing, "listA", "" },
    { WEB_POST, "/api/v1/a", 0, 0, 0, nothing, "addA", "" },
    { WEB_GET, "/api/v1/a/{id}", 0, 0, 0, nothing, "getA", "" },
    { WEB_GET, "/api/v1/a/{id}/b/{n}", 0, 0, 0, nothing, "getB", "" },
    { .path = NULL },
};

static void test_find(void)
{
    static const struct {
        const char *method, *path, *want; /* name, or NULL */
        unsigned allowed;
        const char *first;
    } rows[] = {
        { "GET", "/", "root", 0, NULL },
        { "GET", "/api/v1/a", "listA", 0, NULL },
        { "HEAD", "/api/v1/a", "listA", 0, NULL },
        { "POST", "/api/v1/a", "addA", 0, NULL },
        { "GET", "/api/v1/a/7", "getA", 0, "7" },
        { "GET", "/api/v1/a/7/b/x", "getB", 0, "7" },
        { "DELETE", "/api/v1/a", NULL, 1u << WEB_GET | 1u << WEB_POST, NULL },
        { "BREW", "/api/v1/a", NULL, 1u << WEB_GET | 1u << WEB_POST, NULL },
        { "GET", "/api/v1/a/", NULL, 0, NULL },
        { "GET", "/api/v1/a/7/", NULL, 0, NULL },
        { "GET", "/api/v1/a/7/b", NULL, 0, NULL },
        { "GET", "/api/v1/a/7/b/x/y", NULL, 0, NULL },
        { "GET", "//api/v1/a", NULL, 0, NULL },
        { "GET", "/api/v1/A", NULL, 0, NULL },
        { "GET", "/api/v1", NULL, 0, NULL },
        { "GET", "", NULL, 0, NULL },
        { "get", "/api/v1/a", NULL, 1u << WEB_GET | 1u << WEB_POST, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct web_params params = { 0 };
        unsigned allowed = 0;
        const struct web_route *found =
            web_route_find(table, web_method_parse(rows[i].method),
                           rows[i].path, &params, &allowed);

        CHECK_ROW(rows[i].path, g_strcmp0(found != NULL ? found->name : NULL,
                                          rows[i].want) == 0);
        CHECK_ROW(rows[i].path, allowed == rows[i].allowed);
        if (rows[i].first != NULL)
            CHECK_ROW(rows[i].path, params.v[0].len == strlen(rows[i].first) &&
                                        memcmp(params.v[0].text, rows[i].first,
                                               params.v[0].len) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/route/find", test_find);
    return g_test_run();
}
