#include "web/route.h"

#include <stdbool.h>
#include <string.h>

static const char *const methods[WEB_METHOD_N] = {
    [WEB_GET] = "GET",
    [WEB_POST] = "POST",
    [WEB_PATCH] = "PATCH",
    [WEB_DELETE] = "DELETE",
};

enum web_method web_method_parse(const char *name)
{
    int i = 0;

    if (strcmp(name, "HEAD") == 0)
        return WEB_GET;
    while (i < WEB_METHOD_N && strcmp(methods[i], name) != 0)
        i++;
    return (enum web_method)i;
}

const char *web_method_name(enum web_method method)
{
    return methods[method];
}

/* Length of the part that begins at p, to the next slash. */
static size_t part(const char *p)
{
    return strcspn(p, "/");
}

static bool matches(const char *template, const char *path,
                    struct web_params *params)
{
    params->n = 0;
    for (;;) {
        size_t want = part(template), have = part(path);

        if (template[0] == '{') {
            if (have == 0 || params->n == WEB_PARAMS_MAX)
                return false;
            params->v[params->n].text = path;
            params->v[params->n++].len = have;
        } else if (want != have || memcmp(template, path, want) != 0)
            return false;
        template += want;
        path += have;
        if (*template == '\0' || *path == '\0')
            return *template == *path;
        template ++;
        path++;
    }
}

const struct web_route *web_route_find(const struct web_route *table,
                                       enum web_method method, const char *path,
                                       struct web_params *ret_params,
                                       unsigned *ret_allowed)
{
    unsigned allowed = 0;

    for (; table->path != NULL; table++) {
        struct web_params params;

        if (!matches(table->path, path, &params))
            continue;
        if (table->method == method) {
            *ret_params = params;
            return table;
        }
        allowed |= 1u << table->method;
    }
    *ret_allowed = allowed;
    return NULL;
}
