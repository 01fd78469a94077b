#include "web/page.h"

#include <string.h>

#include <sodium.h>

#include "base/quantity.h"

#define MARK "i1:" /* a cursor by id; another order has another mark */
/* Mark, 19 digits and NUL. */
#define PLAIN_SIZE 24
#define VARIANT    sodium_base64_VARIANT_URLSAFE_NO_PADDING

static int refuse(struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"after\" is not a cursor: take it from \"next\" of the "
                   "page before");
}

static int read_cursor(const char *text, int64_t *ret, struct err *err)
{
    char plain[PLAIN_SIZE];
    size_t n;
    guint64 id;

    if (sodium_base642bin((unsigned char *)plain, sizeof(plain) - 1, text,
                          strlen(text), NULL, &n, NULL, VARIANT) != 0)
        return refuse(err);
    plain[n] = '\0';
    if (strlen(plain) != n || !g_str_has_prefix(plain, MARK) ||
        !g_ascii_string_to_unsigned(plain + strlen(MARK), 10, 1, INT64_MAX, &id,
                                    NULL))
        return refuse(err);
    *ret = (int64_t)id;
    return 0;
}

int web_page_read(const char *limit, const char *after, struct web_page *ret,
                  struct err *err)
{
    static const struct quantity_range range = { 1, WEB_PAGE_MOST };
    struct web_page page = { .limit = WEB_PAGE_USUAL };
    uint64_t n;

    if (limit != NULL) {
        if (quantity_parse(QUANTITY_NUMBER, &range, limit, &n, err) < 0)
            return err_in(err, "\"limit\"");
        page.limit = (unsigned)n;
    }
    if (after != NULL && read_cursor(after, &page.after, err) < 0)
        return -1;
    *ret = page;
    return 0;
}

char *web_cursor(int64_t id)
{
    g_autofree char *plain = g_strdup_printf(MARK "%" G_GINT64_FORMAT, id);
    size_t size = sodium_base64_encoded_len(strlen(plain), VARIANT);
    char *text = g_malloc(size);

    return sodium_bin2base64(text, size, (const unsigned char *)plain,
                             strlen(plain), VARIANT);
}

json_t *web_page_json(json_t *items, int64_t last_id)
{
    g_autofree char *next = last_id > 0 ? web_cursor(last_id) : NULL;

    return json_pack("{s:o, s:s?}", "items", items, "next", next);
}
