#include "web/page.h"

#include <string.h>

#include <sodium.h>

#include "base/quantity.h"

/* A cursor by id, and one in another order: "s1:ORDER:ID:KEY". */
#define BY_ID  "i1:"
#define BY_KEY "s1:"
/* A key is an address, or a name that a person gave. */
#define PLAIN_MAX 2048
#define VARIANT   sodium_base64_VARIANT_URLSAFE_NO_PADDING

static int refuse(struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"after\" is not a cursor of this list in this order: take "
                   "it from \"next\" of the page before");
}

static bool read_id(const char *text, int64_t *ret)
{
    guint64 id;

    if (!g_ascii_string_to_unsigned(text, 10, 1, INT64_MAX, &id, NULL))
        return false;
    *ret = (int64_t)id;
    return true;
}

static bool read_plain(const char *plain, const char *sort,
                       struct web_page *ret)
{
    g_auto(GStrv) parts = NULL;

    if (sort == NULL)
        return g_str_has_prefix(plain, BY_ID) &&
               read_id(plain + strlen(BY_ID), &ret->after);
    parts = g_strsplit(plain, ":", 4);
    if (g_strv_length(parts) != 4 || strcmp(parts[0], "s1") != 0 ||
        strcmp(parts[1], sort) != 0 || !read_id(parts[2], &ret->after))
        return false;
    ret->key = g_strdup(parts[3]);
    return true;
}

static int read_cursor(const struct web_page_query *q, struct web_page *ret,
                       struct err *err)
{
    char plain[PLAIN_MAX];
    size_t n;

    if (sodium_base642bin((unsigned char *)plain, sizeof(plain) - 1, q->after,
                          strlen(q->after), NULL, &n, NULL, VARIANT) != 0)
        return refuse(err);
    plain[n] = '\0';
    if (strlen(plain) != n || !g_utf8_validate(plain, -1, NULL) ||
        !read_plain(plain, q->sort, ret))
        return refuse(err);
    return 0;
}

int web_page_read(const struct web_page_query *q, struct web_page *ret,
                  struct err *err)
{
    static const struct quantity_range range = { 1, WEB_PAGE_MOST };
    struct web_page page = { .limit = WEB_PAGE_USUAL };
    uint64_t n;

    if (q->limit != NULL) {
        if (quantity_parse(QUANTITY_NUMBER, &range, q->limit, &n, err) < 0)
            return err_in(err, "\"limit\"");
        page.limit = (unsigned)n;
    }
    if (q->after != NULL && read_cursor(q, &page, err) < 0)
        return -1;
    *ret = page;
    return 0;
}

char *web_cursor(const char *sort, int64_t id, const char *key)
{
    g_autofree char *plain =
        sort == NULL ? g_strdup_printf(BY_ID "%" G_GINT64_FORMAT, id)
                     : g_strdup_printf(BY_KEY "%s:%" G_GINT64_FORMAT ":%s",
                                       sort, id, key);
    size_t size = sodium_base64_encoded_len(strlen(plain), VARIANT);
    char *text = g_malloc(size);

    return sodium_bin2base64(text, size, (const unsigned char *)plain,
                             strlen(plain), VARIANT);
}

json_t *web_page_json(json_t *items, const char *next)
{
    return json_pack("{s:o, s:s?}", "items", items, "next", next);
}
