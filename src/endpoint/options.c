#include "endpoint/options.h"

#include <string.h>

#include "endpoint/settings.h"

struct endpoint_option *endpoint_option_new(const char *key, const char *type,
                                            const char *value)
{
    struct endpoint_option *o = g_new0(struct endpoint_option, 1);

    o->key = g_strdup(key);
    o->type = g_strdup(type);
    o->values = g_ptr_array_new_with_free_func(g_free);
    if (value != NULL)
        g_ptr_array_add(o->values, g_strdup(value));
    return o;
}

struct endpoint_option *
endpoint_option_copy(const struct endpoint_option *option)
{
    struct endpoint_option *o =
        endpoint_option_new(option->key, option->type, NULL);

    for (guint i = 0; i < option->values->len; i++)
        g_ptr_array_add(o->values, g_strdup(option->values->pdata[i]));
    return o;
}

void endpoint_option_free(struct endpoint_option *option)
{
    g_free(option->key);
    g_free(option->type);
    g_ptr_array_unref(option->values);
    g_free(option);
}

bool endpoint_option_same(const struct endpoint_option *a,
                          const struct endpoint_option *b)
{
    if (strcmp(a->type, b->type) != 0 || a->values->len != b->values->len)
        return false;
    for (guint i = 0; i < a->values->len; i++)
        if (g_strcmp0(a->values->pdata[i], b->values->pdata[i]) != 0)
            return false;
    return true;
}

void endpoint_options_clear(struct endpoint_options *options)
{
    g_clear_pointer(&options->options, g_ptr_array_unref);
}

struct endpoint_option *endpoint_options_find(const struct endpoint_options *o,
                                              const char *key)
{
    for (guint i = 0; i < o->options->len; i++) {
        struct endpoint_option *option = o->options->pdata[i];

        if (g_ascii_strcasecmp(option->key, key) == 0)
            return option;
    }
    return NULL;
}

void endpoint_category_free(struct endpoint_category *category)
{
    g_free(category->name);
    g_free(category->guid);
    g_free(category);
}

static void free_category(void *category)
{
    endpoint_category_free(category);
}

void endpoint_categories_clear(struct endpoint_categories *c)
{
    g_clear_pointer(&c->categories, g_ptr_array_unref);
    g_clear_pointer(&c->quick, g_free);
}

void endpoint_categories_add(struct endpoint_categories *c, const char *name,
                             int color, unsigned int shortcut, const char *guid)
{
    struct endpoint_category *category = g_new0(struct endpoint_category, 1);

    category->name = g_strdup(name);
    category->color = color;
    category->shortcut = shortcut;
    category->guid = g_strdup(guid);
    if (c->categories == NULL)
        c->categories = g_ptr_array_new_with_free_func(free_category);
    g_ptr_array_add(c->categories, category);
}

/* ---- checked wrappers ------------------------------------------------ */

int endpoint_get_options(struct endpoint *ep, struct endpoint_options *ret,
                         struct err *err)
{
    int found;

    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->options == NULL)
        return endpoint_not_offered(err, "options of Outlook on the web");
    found = ep->ops->options(ep, ret, err);
    if (found < 0)
        return err_in(err, "options of Outlook on the web");
    g_assert((found > 0) == (ret->options != NULL));
    return found;
}

int endpoint_put_options(struct endpoint *ep,
                         const struct endpoint_options *options, bool exist,
                         struct err *err)
{
    g_assert(ep != NULL && options != NULL && err != NULL);
    if (ep->ops->put_options == NULL)
        return endpoint_not_offered(err, "options of Outlook on the web");
    if (ep->ops->put_options(ep, options, exist, err) < 0)
        return err_in(err, "options of Outlook on the web");
    return 0;
}

int endpoint_get_categories(struct endpoint *ep,
                            struct endpoint_categories *ret, struct err *err)
{
    int found;

    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->categories == NULL)
        return endpoint_not_offered(err, "the list of categories");
    found = ep->ops->categories(ep, ret, err);
    if (found < 0)
        return err_in(err, "list of categories");
    g_assert(found > 0 || ret->categories == NULL);
    return found;
}

int endpoint_add_categories(struct endpoint *ep,
                            const struct endpoint_categories *added,
                            struct err *err)
{
    g_assert(ep != NULL && added != NULL && err != NULL);
    if (ep->ops->add_categories == NULL)
        return endpoint_not_offered(err, "the list of categories");
    if (ep->ops->add_categories(ep, added, err) < 0)
        return err_in(err, "list of categories");
    return 0;
}

int endpoint_get_photo(struct endpoint *ep, GBytes **ret, struct err *err)
{
    int found;

    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->photo == NULL)
        return endpoint_not_offered(err, "users' pictures");
    found = ep->ops->photo(ep, ret, err);
    if (found < 0)
        return err_in(err, "user's picture");
    g_assert((found > 0) == (*ret != NULL));
    return found;
}

int endpoint_set_photo(struct endpoint *ep, GBytes *picture, struct err *err)
{
    g_assert(ep != NULL && picture != NULL && err != NULL);
    if (ep->ops->set_photo == NULL)
        return endpoint_not_offered(err, "users' pictures");
    if (ep->ops->set_photo(ep, picture, err) < 0)
        return err_in(err, "user's picture");
    return 0;
}
