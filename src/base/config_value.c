#include <string.h>

#include "base/config_priv.h"
#include "base/inet.h"
#include "base/nearest.h"
#include "base/quantity.h"

/* Longer than any path or list of networks that a person would write. */
#define TEXT_MAX 4096

static int refuse(struct err *err, const char *text, const char *wanted)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is not %s", text,
                   wanted);
}

static int read_text(const struct config_row *row, const char *text,
                     uint64_t *ret, struct err *err)
{
    (void)row;
    (void)ret;
    if (*text == '\0')
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "the value is empty");
    return 0;
}

static int read_number(const struct config_row *row, const char *text,
                       uint64_t *ret, struct err *err)
{
    const struct quantity_range range = { row->min, row->max };
    static const enum quantity_kind kinds[] = {
        [CONFIG_NUMBER] = QUANTITY_NUMBER,
        [CONFIG_BYTES] = QUANTITY_BYTES,
        [CONFIG_SECONDS] = QUANTITY_SECONDS,
    };

    return quantity_parse(kinds[row->type], &range, text, ret, err);
}

static int read_word(const struct config_row *row, const char *text,
                     uint64_t *ret, struct err *err)
{
    g_auto(GStrv) words = g_strsplit(row->words, " ", -1);

    for (uint64_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return nearest_refuse(err, text, (const char *const *)words);
}

static int read_endpoint(const struct config_row *row, const char *text,
                         uint64_t *ret, struct err *err)
{
    struct inet_endpoint e;

    (void)row;
    (void)ret;
    return inet_endpoint_parse(text, &e, err);
}

static int read_ranges(const struct config_row *row, const char *text,
                       uint64_t *ret, struct err *err)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    struct inet_range range;

    (void)row;
    (void)ret;
    for (char **part = parts; *part != NULL; part++)
        if (inet_range_parse(g_strstrip(*part), &range, err) < 0)
            return -1;
    return 0;
}

static int read_url(const struct config_row *row, const char *text,
                    uint64_t *ret, struct err *err)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    const char *scheme, *path;

    (void)row;
    (void)ret;
    if (uri == NULL)
        return refuse(err, text, "an address such as https://mail.example");
    scheme = g_uri_get_scheme(uri);
    path = g_uri_get_path(uri);
    if ((strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0) ||
        g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
        g_uri_get_userinfo(uri) != NULL || g_uri_get_query(uri) != NULL ||
        g_uri_get_fragment(uri) != NULL ||
        (*path != '\0' && strcmp(path, "/") != 0))
        return refuse(err, text,
                      "http:// or https:// with a host and nothing behind it");
    return 0;
}

int config_value_read(const struct config_row *row, const char *text,
                      struct config_value *ret, struct err *err)
{
    static int (*const readers[])(const struct config_row *row,
                                  const char *text, uint64_t *ret,
                                  struct err *err) = {
        [CONFIG_TEXT] = read_text,         [CONFIG_PATH] = read_text,
        [CONFIG_NUMBER] = read_number,     [CONFIG_BYTES] = read_number,
        [CONFIG_SECONDS] = read_number,    [CONFIG_WORD] = read_word,
        [CONFIG_ENDPOINT] = read_endpoint, [CONFIG_RANGES] = read_ranges,
        [CONFIG_URL] = read_url,
    };
    bool none = row->optional && strcmp(text, "none") == 0;
    uint64_t number = 0;

    if (strlen(text) > TEXT_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the value is longer than %d bytes", TEXT_MAX);
    if (!none && readers[row->type](row, text, &number, err) < 0)
        return -1;
    g_free(ret->text);
    ret->text = none ? NULL : g_strdup(text);
    ret->number = number;
    return 0;
}
