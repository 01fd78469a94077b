#include "desk/owner.h"

/* NULL: the mailbox's address, which stands in the form already. */
static const char *user_of(const struct owner_attempt *a, const struct owner *o)
{
    return a->user == NULL || *a->user == '\0' ||
                   g_ascii_strcasecmp(a->user, o->address) == 0
               ? NULL
               : a->user;
}

static int settle(struct desk *d, const struct owner_attempt *a,
                  const struct owner *o, enum owner_outcome *ret,
                  struct err *err)
{
    const struct migration_login login = { user_of(a, o), a->password };
    int done =
        owners_give(d->stores.migrations, a->who, o, &login, a->now_us, err);

    if (done >= 0)
        *ret = done > 0 ? OWNER_TAKEN : OWNER_TOO_LATE;
    return MIN(done, 0);
}

/* A server that is away costs nobody a try. */
static int end_try(struct desk *d, const struct owner_attempt *a,
                   const struct owner *o, const struct err *why,
                   enum owner_outcome *ret, struct err *err)
{
    bool refused = reach_is_refusal(why->name);

    if (owners_end_try(d->stores.migrations, a->who, o, refused, err) < 0)
        return -1;
    *ret = refused ? OWNER_REFUSED : OWNER_NOT_TRIED;
    if (!refused)
        *err = *why;
    return 0;
}

int owner_try(struct desk *d, const struct reach *reach,
              const struct owner_attempt *a, enum owner_outcome *ret,
              unsigned int *ret_left, struct err *err)
{
    struct migrations *m = d->stores.migrations;
    g_autoptr(owner) o = NULL;
    enum owner_fate fate;
    struct reach_wish wish = { .password = a->password };
    struct err why;
    int taken = owners_take_try(m, a->hash, a->now_us, err);

    if (taken < 0 ||
        (taken > 0 && owners_find(m, a->hash, a->now_us, &o, &fate, err) < 0))
        return -1;
    if (o == NULL) {
        *ret = OWNER_TOO_LATE;
        return 0;
    }
    *ret_left = o->tries;
    wish.url = o->url;
    wish.address = o->address;
    wish.user = user_of(a, o);
    if (reach->sign_in(reach->data, &wish, &why) < 0)
        return end_try(d, a, o, &why, ret, err);
    return settle(d, a, o, ret, err);
}
