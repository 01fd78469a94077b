/*
 * What the query of a list says, and paths against the route table: a cursor
 * that is taken is one that we write, and a route that is found matches.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/client.h"
#include "web/page.h"
#include "web/service.h"

#define REQUIRE(condition)                                                     \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

static void try_cursor(const char *text, const char *sort)
{
    struct web_page_query q = { NULL, text, sort };
    struct web_page page, same;
    g_autofree char *again = NULL;
    struct err err;

    if (web_page_read(&q, &page, &err) < 0)
        return;
    q.after = again = web_cursor(sort, page.after, page.key);
    REQUIRE(web_page_read(&q, &same, &err) == 0);
    REQUIRE(same.after == page.after && page.after > 0);
    REQUIRE(g_strcmp0(same.key, page.key) == 0);
    g_free(page.key);
    g_free(same.key);
}

static void try_limit(const char *text)
{
    const struct web_page_query q = { text, NULL, NULL };
    struct web_page page;
    struct err err;

    if (web_page_read(&q, &page, &err) == 0)
        REQUIRE(page.limit >= 1 && page.limit <= WEB_PAGE_MOST);
}

static void try_route(const char *text)
{
    struct web_params params = { 0 };
    unsigned allowed = 0;
    const struct web_route *r =
        web_route_find(service_routes, WEB_GET, text, &params, &allowed);

    if (r == NULL)
        return;
    for (size_t i = 0; i < params.n; i++)
        REQUIRE(params.v[i].len > 0 &&
                memchr(params.v[i].text, '/', params.v[i].len) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct inet_address here = {
        { [10] = 0xff, 0xff, 127, 0, 0, 1 }
    };
    g_autofree char *text = g_strndup((const char *)data, size);
    struct inet_endpoint listen;
    struct inet_address client;
    struct err err;

    REQUIRE(inet_endpoint_parse("127.0.0.1:80", &listen, &err) == 0);
    try_cursor(text, NULL);
    try_cursor(text, "-name");
    try_limit(text);
    try_route(text);
    web_client_address(&here, text, NULL, 0, &client);
    (void)web_host_is_ours(text, "https://m.example", &listen);
    return 0;
}
