#include "endpoint/fault_priv.h"
#include "endpoint/settings.h"

/* Reading has no effect at the server: lost after is lost before. */

int fault_resolve(struct endpoint *ep, const char *address,
                  struct endpoint_person *ret, struct err *err)
{
    struct strike s;

    if (fault_begin(
            ep, (struct fault_subject){ .op = FAULT_RESOLVE, .name = address },
            &s, err) < 0 ||
        fault_end(&s, err) < 0)
        return -1;
    return endpoint_resolve(fault_real(ep), address, ret, err);
}

int fault_own_name(struct endpoint *ep, char **ret, struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_OWN_NAME }, &s,
                    err) < 0 ||
        fault_end(&s, err) < 0)
        return -1;
    return endpoint_own_name(fault_real(ep), ret, err);
}

int fault_permissions(struct endpoint *ep, const char *const *folder_ids,
                      size_t n, struct endpoint_permissions *ret,
                      struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_PERMISSIONS }, &s,
                    err) < 0 ||
        fault_end(&s, err) < 0)
        return -1;
    return endpoint_get_permissions(fault_real(ep), folder_ids, n, ret, err);
}

int fault_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                    struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_DELEGATES }, &s,
                    err) < 0 ||
        fault_end(&s, err) < 0)
        return -1;
    return endpoint_get_delegates(fault_real(ep), ret, err);
}

int fault_set_permissions(struct endpoint *ep, const char *folder_id,
                          const struct endpoint_permissions *all,
                          struct err *err)
{
    struct strike s;

    if (fault_begin(ep,
                    (struct fault_subject){ .op = FAULT_SET_PERMISSIONS,
                                            .folder_id = folder_id },
                    &s, err) < 0 ||
        endpoint_set_permissions(fault_real(ep), folder_id, all, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_add_delegate(struct endpoint *ep, const struct endpoint_delegate *one,
                       struct err *err)
{
    struct strike s;

    if (fault_begin(ep,
                    (struct fault_subject){ .op = FAULT_ADD_DELEGATE,
                                            .name = one->person.address },
                    &s, err) < 0 ||
        endpoint_add_delegate(fault_real(ep), one, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_update_delegate(struct endpoint *ep,
                          const struct endpoint_delegate *one, struct err *err)
{
    struct strike s;

    if (fault_begin(ep,
                    (struct fault_subject){ .op = FAULT_UPDATE_DELEGATE,
                                            .name = one->person.address },
                    &s, err) < 0 ||
        endpoint_update_delegate(fault_real(ep), one, err) < 0)
        return -1;
    return fault_end(&s, err);
}

int fault_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                       struct err *err)
{
    struct strike s;

    if (fault_begin(ep, (struct fault_subject){ .op = FAULT_SET_DELIVERY }, &s,
                    err) < 0 ||
        endpoint_set_delivery(fault_real(ep), delivery, err) < 0)
        return -1;
    return fault_end(&s, err);
}
