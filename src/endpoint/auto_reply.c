#include "endpoint/auto_reply.h"

#include "endpoint/settings.h"

const char *auto_reply_state_name(enum auto_reply_state state)
{
    static const char *const names[] = {
        [AUTO_REPLY_OFF] = "off",
        [AUTO_REPLY_ON] = "on",
        [AUTO_REPLY_SCHEDULED] = "scheduled",
    };

    return names[state];
}

void endpoint_auto_reply_clear(struct endpoint_auto_reply *r)
{
    g_clear_pointer(&r->internal, g_free);
    g_clear_pointer(&r->external, g_free);
    g_clear_pointer(&r->internal_language, g_free);
    g_clear_pointer(&r->external_language, g_free);
}

void endpoint_auto_reply_copy(const struct endpoint_auto_reply *r,
                              struct endpoint_auto_reply *ret)
{
    *ret = *r;
    ret->internal = g_strdup(r->internal);
    ret->external = g_strdup(r->external);
    ret->internal_language = g_strdup(r->internal_language);
    ret->external_language = g_strdup(r->external_language);
}

/* No letter in it: an editor that was emptied leaves markup behind. */
static bool is_blank(const char *text)
{
    bool in_tag = false;

    for (const char *p = text != NULL ? text : ""; *p != '\0'; p++) {
        if (*p == '<')
            in_tag = true;
        else if (*p == '>')
            in_tag = false;
        else if (!in_tag && !g_ascii_isspace(*p))
            return false;
    }
    return true;
}

bool endpoint_auto_reply_is_blank(const struct endpoint_auto_reply *r)
{
    return r->state == AUTO_REPLY_OFF && is_blank(r->internal) &&
           is_blank(r->external);
}

/* ---- checked wrappers ------------------------------------------------ */

int endpoint_get_auto_reply(struct endpoint *ep,
                            struct endpoint_auto_reply *ret, struct err *err)
{
    int found;

    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->auto_reply == NULL)
        return endpoint_not_offered(err, "automatic replies");
    found = ep->ops->auto_reply(ep, ret, err);
    if (found < 0)
        return err_in(err, "automatic replies");
    g_assert(ret->internal != NULL && ret->external != NULL);
    return found;
}

int endpoint_set_auto_reply(struct endpoint *ep,
                            const struct endpoint_auto_reply *reply,
                            struct err *err)
{
    g_assert(ep != NULL && reply != NULL && err != NULL);
    if (ep->ops->set_auto_reply == NULL)
        return endpoint_not_offered(err, "automatic replies");
    if (ep->ops->set_auto_reply(ep, reply, err) < 0)
        return err_in(err, "automatic replies");
    return 0;
}
