#include "lab/item_fixture.h"

#include "base/check.h"
#include "lab/fts_read.h"

char *item_run(struct fixture *f, const char *operation)
{
    struct fixture_call c;
    struct problem p = { 0 };
    char *out;

    fixture_call_init(&c, f, operation);
    if (c.call.op == NULL)
        g_error("no operation: %s", operation);
    out = c.call.op->run(&c.call, &p) < 0 ? g_strdup_printf("fault %s", p.code)
                                          : g_strdup(c.out->str);
    fixture_call_release(&c);
    return out;
}

char *item_runf(struct fixture *f, const char *format, ...)
{
    g_autofree char *operation = NULL;
    va_list ap;

    va_start(ap, format);
    operation = g_strdup_vprintf(format, ap);
    va_end(ap);
    return item_run(f, operation);
}

char *item_codes(const char *answer)
{
    g_auto(GStrv) parts = g_strsplit(answer, "<m:ResponseCode>", -1);
    GString *codes = g_string_new(NULL);

    if (g_str_has_prefix(answer, "fault "))
        g_string_append(codes, answer);
    for (size_t i = 1; parts[0] != NULL && parts[i] != NULL; i++)
        g_string_append_printf(codes, "%s%.*s", i > 1 ? " " : "",
                               (int)strcspn(parts[i], "<"), parts[i]);
    return g_string_free(codes, FALSE);
}

static char *id_attribute(const char *answer, const char *name, unsigned int n)
{
    const char *at = answer;

    for (unsigned int i = 0; at != NULL && i <= n; i++) {
        at = strstr(at, "<t:ItemId ");
        at = at != NULL ? at + 1 : NULL;
    }
    at = at != NULL ? strstr(at, name) : NULL;
    if (at == NULL)
        return NULL;
    at += strlen(name) + 2;
    return g_strndup(at, strcspn(at, "\""));
}

char *item_id(const char *answer, unsigned int n)
{
    return id_attribute(answer, " Id", n);
}

char *item_change_key(const char *answer, unsigned int n)
{
    return id_attribute(answer, " ChangeKey", n);
}

struct mapi_item *item_tree(struct fixture *f, const char *id)
{
    g_autoptr(GBytes) payload = NULL;
    struct mapi_item *tree = NULL;
    gsize n = 0;
    const void *data;
    struct err err;

    CHECK_OK(lab_store_export(f->lab.store, f->user1, id, &payload, NULL, &err),
             &err);
    data = g_bytes_get_data(payload, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    return tree;
}

char *item_text(const struct mapi_item *item, uint32_t tag)
{
    char *text = mapi_dup_text(mapi_find(&item->message.props, PROP_ID(tag)));

    return text != NULL ? text : g_strdup("");
}

int32_t item_int(const struct mapi_item *item, uint32_t tag)
{
    return mapi_get_i32(mapi_find(&item->message.props, PROP_ID(tag)), 0);
}

char *item_element(const char *answer, const char *name, unsigned int n)
{
    g_autofree char *open = g_strconcat("<", name, NULL);
    g_autofree char *close = g_strdup_printf("</%s>", name);
    const char *at = answer, *end;

    for (unsigned int i = 0; at != NULL; i++, at++) {
        at = strstr(at, open);
        while (at != NULL && strchr(" />", at[strlen(open)]) == NULL)
            at = strstr(at + 1, open);
        if (at == NULL || i == n)
            break;
    }
    if (at == NULL)
        return NULL;
    end = strchr(at, '>');
    if (end[-1] == '/')
        return g_strndup(at, (gsize)(end + 1 - at));
    end = strstr(at, close);
    g_assert_nonnull(end);
    return g_strndup(at, (gsize)(end - at) + strlen(close));
}

char *item_create(struct fixture *f, const char *element)
{
    g_autofree char *answer =
        item_runf(f,
                  "<m:CreateItem MessageDisposition='SaveOnly' "
                  "SendMeetingInvitations='SendToNone'><m:Items>%s</m:Items>"
                  "</m:CreateItem>",
                  element);
    char *id = item_id(answer, 0);

    if (id == NULL)
        g_error("%s: %s", element, answer);
    return id;
}

char *item_get(struct fixture *f, const char *id, const char *more)
{
    return item_runf(f,
                     "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties"
                     "</t:BaseShape>%s</m:ItemShape><m:ItemIds>"
                     "<t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
                     more, id);
}
