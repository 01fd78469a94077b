#include "endpoint/auto_reply.h"
#include "endpoint/fault_priv.h"
#include "endpoint/options.h"
#include "endpoint/rules.h"

/* Reading has no effect at the server: lost after is lost before. */
static int strike_read(struct endpoint *ep, enum fault_op op, struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = op }, &s, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_rules(struct endpoint *ep, struct endpoint_rules *ret,
                struct err *err)
{
    if (strike_read(ep, FAULT_RULES, err) < 0)
        return -1;
    return endpoint_get_rules(fault_real(ep), ret, err);
}

int fault_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                   bool drop_outlook, bool *ret_maybe, struct err *err)
{
    struct strike s;

    if (fault_begin(
            ep,
            (struct fault_subject){ .op = FAULT_PUT_RULE, .name = rule->name },
            &s, err) < 0) {
        *ret_maybe = s.fault.unsure;
        return -1;
    }
    if (endpoint_put_rule(fault_real(ep), rule, drop_outlook, ret_maybe, err) <
        0)
        return -1;
    if (fault_end(&s, err) == 0)
        return 0;
    *ret_maybe = true;
    return -1;
}

int fault_remove_rule(struct endpoint *ep, const char *rule_id,
                      bool drop_outlook, struct err *err)
{
    struct strike s;

    if (fault_begin(
            ep,
            (struct fault_subject){ .op = FAULT_REMOVE_RULE, .id = rule_id },
            &s, err) < 0 ||
        endpoint_remove_rule(fault_real(ep), rule_id, drop_outlook, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_auto_reply(struct endpoint *ep, struct endpoint_auto_reply *ret,
                     struct err *err)
{
    if (strike_read(ep, FAULT_AUTO_REPLY, err) < 0)
        return -1;
    return endpoint_get_auto_reply(fault_real(ep), ret, err);
}

int fault_set_auto_reply(struct endpoint *ep,
                         const struct endpoint_auto_reply *reply,
                         struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_SET_AUTO_REPLY },
                    &s, err) < 0 ||
        endpoint_set_auto_reply(fault_real(ep), reply, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_options(struct endpoint *ep, struct endpoint_options *ret,
                  struct err *err)
{
    if (strike_read(ep, FAULT_OPTIONS, err) < 0)
        return -1;
    return endpoint_get_options(fault_real(ep), ret, err);
}

int fault_put_options(struct endpoint *ep,
                      const struct endpoint_options *options, bool exist,
                      struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_PUT_OPTIONS }, &s,
                    err) < 0 ||
        endpoint_put_options(fault_real(ep), options, exist, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_categories(struct endpoint *ep, struct endpoint_categories *ret,
                     struct err *err)
{
    if (strike_read(ep, FAULT_CATEGORIES, err) < 0)
        return -1;
    return endpoint_get_categories(fault_real(ep), ret, err);
}

int fault_add_categories(struct endpoint *ep,
                         const struct endpoint_categories *added,
                         struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_ADD_CATEGORIES },
                    &s, err) < 0 ||
        endpoint_add_categories(fault_real(ep), added, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_photo(struct endpoint *ep, GBytes **ret, struct err *err)
{
    if (strike_read(ep, FAULT_PHOTO, err) < 0)
        return -1;
    return endpoint_get_photo(fault_real(ep), ret, err);
}

int fault_set_photo(struct endpoint *ep, GBytes *picture, struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_SET_PHOTO }, &s,
                    err) < 0 ||
        endpoint_set_photo(fault_real(ep), picture, err) < 0)
        return -1;
    return fault_end(&s, err);
}
