/*
 * settings_categories - the master list of categories: names with a colour.
 *
 * Items carry the names alone, so a list without them leaves every mark on
 * them colourless.  Merged by name; the destination's word counts.
 */
#include <string.h>

#include "endpoint/options.h"
#include "engine/settings_priv.h"

static int read_side(struct settings *s, enum side side,
                     struct endpoint_categories *ret, struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;
    int found;

    while ((found = endpoint_get_categories(ep, ret, &why)) < 0)
        if (!settings_endure(s, side, &failures, &why)) {
            *err = why;
            return -1;
        }
    return found;
}

static guint count(const struct endpoint_categories *all)
{
    return all->categories != NULL ? all->categories->len : 0;
}

static const struct endpoint_category *
category_at(const struct endpoint_categories *all, guint i)
{
    return all->categories->pdata[i];
}

/* Outlook takes "Work" and "work" for one. */
static bool is_name(const struct endpoint_category *c, const char *name)
{
    g_autofree char *a = g_utf8_casefold(c->name, -1);
    g_autofree char *b = g_utf8_casefold(name, -1);

    return strcmp(a, b) == 0;
}

static const struct endpoint_category *
find_name(const struct endpoint_categories *all, const char *name)
{
    for (guint i = 0; i < count(all); i++)
        if (is_name(category_at(all, i), name))
            return category_at(all, i);
    return NULL;
}

static bool has_guid(const struct endpoint_categories *all, const char *guid)
{
    for (guint i = 0; i < count(all); i++)
        if (category_at(all, i)->guid != NULL &&
            g_ascii_strcasecmp(category_at(all, i)->guid, guid) == 0)
            return true;
    return false;
}

static bool has_shortcut(const struct endpoint_categories *all,
                         unsigned int shortcut)
{
    for (guint i = 0; i < count(all); i++)
        if (category_at(all, i)->shortcut == shortcut)
            return true;
    return false;
}

/*
 * A guid that the destination knows by another name is not given twice, nor
 * is a key.
 */
static void add(const struct endpoint_category *c,
                const struct endpoint_categories *there,
                struct endpoint_categories *to)
{
    bool known = c->guid == NULL || has_guid(there, c->guid);
    g_autofree char *random = g_uuid_string_random();
    g_autofree char *upper = g_ascii_strup(random, -1);
    g_autofree char *fresh = g_strdup_printf("{%s}", upper);

    endpoint_categories_add(to, c->name, c->color,
                            has_shortcut(there, c->shortcut) ? 0 : c->shortcut,
                            known ? fresh : c->guid);
}

static void find_missing(const struct endpoint_categories *from,
                         const struct endpoint_categories *there,
                         struct endpoint_categories *ret)
{
    ret->quick = g_strdup(from->quick);
    for (guint i = 0; i < count(from); i++) {
        const struct endpoint_category *c = category_at(from, i);

        if (find_name(there, c->name) == NULL &&
            find_name(ret, c->name) == NULL)
            add(c, there, ret);
    }
}

/* 0, and in ret_added what was missing and is there now. */
static int add_missing(struct settings *s,
                       const struct endpoint_categories *from,
                       struct endpoint_categories *ret_there,
                       struct endpoint_categories *ret_added,
                       struct err *ret_why)
{
    unsigned int failures = 0;

    for (;;) {
        endpoint_categories_clear(ret_there);
        /* A lost answer may have added them: look before each try. */
        if (read_side(s, DESTINATION, ret_there, ret_why) < 0)
            return -1;
        if (failures == 0) {
            endpoint_categories_clear(ret_added);
            find_missing(from, ret_there, ret_added);
        }
        if (count(ret_added) == 0 ||
            find_name(ret_there, category_at(ret_added, 0)->name) != NULL)
            return 0;
        if (endpoint_add_categories(s->pass.job->destination, ret_added,
                                    ret_why) == 0)
            return 0;
        if (!settings_endure(s, DESTINATION, &failures, ret_why))
            return -1;
    }
}

static int say(struct settings *s, const struct endpoint_category *c,
               const struct endpoint_category *there, bool added,
               const struct err *failed, struct err *err)
{
    g_autofree char *color = c->color == CATEGORY_NO_COLOR
                                 ? g_strdup("no colour")
                                 : g_strdup_printf("colour %d", c->color);
    struct store_setting line = {
        .key = c->name,
        .subject = c->name,
        .counterpart = c->name,
        .value = color,
        .outcome = added ? SETTING_SET : SETTING_ALREADY,
    };

    if (added && failed != NULL)
        return settings_line_failed(s, line, failed, err);
    if (!added && there != NULL && there->color != c->color)
        line.cause = (char *)(uintptr_t) "the destination's has another "
                                         "colour, which stays";
    return settings_line(s, line, err);
}

static int say_all(struct settings *s, const struct endpoint_categories *from,
                   const struct endpoint_categories *there,
                   const struct endpoint_categories *added,
                   const struct err *failed, struct err *err)
{
    for (guint i = 0; i < count(from); i++) {
        const struct endpoint_category *c = category_at(from, i);

        if (say(s, c, find_name(there, c->name),
                find_name(added, c->name) != NULL, failed, err) < 0)
            return -1;
    }
    return 0;
}

int settings_categories(struct settings *s, struct err *err)
{
    g_auto(endpoint_categories) from = { 0 };
    g_auto(endpoint_categories) there = { 0 };
    g_auto(endpoint_categories) added = { 0 };
    struct err why;
    int found = read_side(s, SOURCE, &from, err);

    if (found <= 0)
        return found;
    if (add_missing(s, &from, &there, &added, &why) == 0)
        return say_all(s, &from, &there, &added, NULL, err);
    if (settings_is_local(s, &why) && !endpoint_is_not_offered(&why) &&
        count(&added) > 0)
        return say_all(s, &from, &there, &added, &why, err);
    *err = why;
    return -1;
}
