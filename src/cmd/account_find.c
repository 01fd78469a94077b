#include "cmd/account_find.h"

int account_find(struct roster *p, const char *partner,
                 struct roster_account **ret, struct err *err)
{
    const struct account_filter filter = { .partner = partner };
    g_autoptr(GPtrArray) found = NULL;

    if (roster_accounts(p, &filter, &(struct roster_page){ 0, 1 }, &found,
                        err) < 0)
        return -1;
    if (found->len > 0) {
        *ret = g_ptr_array_steal_index(found, 0);
        return 0;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "there is no account of Partner ID \"%s\"", partner);
    return err_remedy(err, "mailferry account list names all");
}

int operator_find(struct roster *p, const char *name,
                  struct roster_operator **ret, struct err *err)
{
    int found = roster_operator_by_name(p, name, ret, err);

    if (found != 0)
        return found;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "there is no operator \"%s\"",
            name);
    return err_remedy(err, "mailferry operator list names all");
}
