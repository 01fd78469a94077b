/*
 * Any bytes at all are a mail.  What it carries comes through being written
 * and read again, and once written it is written the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/ical.h"
#include "lab/mapi_tags.h"
#include "lab/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void free_sum(void *sum)
{
    g_free(sum);
}

/* Files of all levels, by what is in them. */
static void files_of(const struct mapi_message *m, GPtrArray *to)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        const struct mapi_prop *p =
            mapi_find(&a->props, PROP_ID(PR_ATTACH_DATA_BIN));

        if (a->embedded != NULL)
            files_of(a->embedded, to);
        else if (p != NULL)
            g_ptr_array_add(to, g_compute_checksum_for_data(G_CHECKSUM_SHA1,
                                                            p->data, p->size));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool same_files(const struct mapi_item *x, const struct mapi_item *y)
{
    g_autoptr(GPtrArray) had = g_ptr_array_new_with_free_func(free_sum);
    g_autoptr(GPtrArray) has = g_ptr_array_new_with_free_func(free_sum);

    files_of(&x->message, had);
    files_of(&y->message, has);
    if (had->len != has->len)
        return false;
    g_ptr_array_sort(had, by_text);
    g_ptr_array_sort(has, by_text);
    for (guint i = 0; i < had->len; i++)
        if (strcmp(had->pdata[i], has->pdata[i]) != 0)
            return false;
    return true;
}

static bool same_text(const struct mapi_item *x, const struct mapi_item *y,
                      uint32_t tag)
{
    g_autofree char *a =
        mapi_dup_text(mapi_find(&x->message.props, PROP_ID(tag)));
    g_autofree char *b =
        mapi_dup_text(mapi_find(&y->message.props, PROP_ID(tag)));

    return g_strcmp0(a, b) == 0;
}

static struct mapi_item *again(const struct mapi_item *item)
{
    g_autoptr(GBytes) mime = mime_render(&item->message);
    struct mapi_item *back = NULL;
    struct err err;
    gsize n = 0;
    const void *data;

    if (mime == NULL)
        abort();
    data = g_bytes_get_data(mime, &n);
    if (mime_parse(data, n, &back, &err) < 0)
        abort();
    return back;
}

static void check_calendar(const uint8_t *data, size_t size)
{
    struct mapi_item *item = NULL;
    enum ical_method method;
    g_autofree char *text = NULL;

    if (ical_parse((const char *)data, size, &item, &method) < 0)
        return;
    text = ical_render(&item->message);
    mapi_item_free(item);
    item = NULL;
    if (ical_parse(text, strlen(text), &item, &method) < 0)
        abort();
    mapi_item_free(item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(mapi_item) first = NULL, second = NULL, third = NULL;
    struct err err;

    check_calendar(data, size);
    if (mime_parse(data, size, &first, &err) < 0)
        return 0;
    second = again(first);
    if (!same_files(first, second))
        abort();
    third = again(second);
    if (!same_files(second, third) || !same_text(second, third, PR_BODY) ||
        !same_text(second, third, PR_SUBJECT) ||
        !same_text(second, third, PR_MESSAGE_CLASS))
        abort();
    return 0;
}
