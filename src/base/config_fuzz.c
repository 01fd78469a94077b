/*
 * Whatever a file holds: each fault has a place and a clean text, and what is
 * left is a configuration that, printed and read again, is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"

#define REQUIRE(condition)                                                     \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

static struct config *load(const char *text, size_t n, GPtrArray *faults)
{
    static char path[64];
    const struct config_sources sources = { .file = path };
    struct config *c = NULL;
    struct err err;

    if (*path == '\0')
        g_snprintf(path, sizeof(path), "/tmp/mailferry-config-fuzz.%d",
                   (int)getpid());
    REQUIRE(g_file_set_contents_full(path, text, (gssize)n,
                                     G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    REQUIRE(config_load(&sources, &c, faults, &err) == 0);
    unlink(path);
    return c;
}

static void check_again(const struct config *c)
{
    g_autoptr(GPtrArray) faults = config_faults_new();
    bool differs[CONFIG_N];
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    struct config *again;

    config_print(c, out);
    fclose(out);
    again = load(text, n, faults);
    REQUIRE(faults->len == 0);
    config_compare(c, again, differs);
    for (int i = 0; i < CONFIG_N; i++)
        REQUIRE(!differs[i] || config_rows[i].secret);
    config_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) faults = config_faults_new();
    g_autoptr(config) c = load((const char *)data, size, faults);

    for (guint i = 0; i < faults->len; i++) {
        const struct config_fault *f = faults->pdata[i];

        REQUIRE(f->where != NULL && *f->where != '\0');
        REQUIRE(g_utf8_validate(f->why.msg, -1, NULL));
        REQUIRE(strpbrk(f->why.msg, "\r\n\x1b") == NULL);
    }
    /* what clashes only together is still what was written */
    if (faults->len == 0)
        check_again(c);
    return 0;
}
