#include "web/assets.h"

#include <string.h>

#include <gio/gio.h>

#include "web/web_pages.h" /* made by the build */
#ifdef WITH_APP
#include "web/web_app.h" /* made by the build */
#endif

#define PREFIX "/mailferry/web/"

static struct asset all[] = {
    { .name = "pages.css", .type = "text/css; charset=utf-8" },
    { .name = "icon.svg", .type = "image/svg+xml" },
    { .name = "app.css", .type = "text/css; charset=utf-8" },
    { .name = "app.js", .type = "text/javascript; charset=utf-8" },
    { .name = "plot.js", .type = "text/javascript; charset=utf-8" },
};

static GBytes *look(const char *name, const char *suffix)
{
    g_autofree char *path = g_strconcat(PREFIX, name, suffix, NULL);
    GBytes *bytes = g_resource_lookup_data(web_pages_get_resource(), path,
                                           G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

#ifdef WITH_APP
    if (bytes == NULL)
        bytes = g_resource_lookup_data(web_app_get_resource(), path,
                                       G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
#endif
    return bytes;
}

/* They stay for as long as the program runs. */
static gpointer load(gpointer nothing)
{
    (void)nothing;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        struct asset *a = &all[i];
        g_autofree char *sum = NULL;

        a->bytes = look(a->name, "");
        if (a->bytes == NULL)
            continue;
        a->gzip = look(a->name, ".gz");
        sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, a->bytes);
        g_strlcpy(a->tag, sum, sizeof(a->tag));
    }
    return all;
}

const struct asset *asset_find(const char *name, size_t len)
{
    static GOnce once = G_ONCE_INIT;

    g_once(&once, load, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i].bytes != NULL && strlen(all[i].name) == len &&
            memcmp(all[i].name, name, len) == 0)
            return &all[i];
    return NULL;
}

bool asset_has_app(void)
{
    return asset_find("app.js", strlen("app.js")) != NULL;
}
