#include "engine/drain.h"

#include <string.h>

#include "base/timestamp.h"
#include "engine/hidden.h"

/* A server that promises more and brings nothing is not believed for long. */
#define EMPTY_PAGES_MAX 100

struct drainer {
    const struct drain *d;
    char *token;
    bool began_anew;
    unsigned int failures, empty;
};

/* 1: drop the token and go on; 0: the failure stands. */
static int drop_token(struct drainer *r, const struct err *why)
{
    if (!policy_is_stale_token(why) || r->began_anew || *r->token == '\0')
        return 0;
    r->began_anew = true;
    g_free(r->token);
    r->token = g_strdup("");
    if (r->d->again != NULL)
        r->d->again(r->d->data);
    return 1;
}

/* Hidden items have no token: each list is a whole one. */
static int list_hidden(struct drainer *r, struct endpoint_page *ret,
                       struct err *err)
{
    if (endpoint_hidden(r->d->ep, hidden_base(r->d->folder_id), ret, err) < 0)
        return -1;
    g_free(r->token);
    r->token = hidden_token(ret->n, TIMESTAMP_NONE);
    return 0;
}

static int list(struct drainer *r, struct endpoint_page *ret, struct err *err)
{
    if (hidden_is(r->d->folder_id))
        return list_hidden(r, ret, err);
    return endpoint_changes(r->d->ep, r->d->folder_id, DRAIN_PAGE, &r->token,
                            ret, err);
}

static int ask(struct pass *p, struct drainer *r, struct endpoint_page *ret,
               struct err *err)
{
    struct err why;

    for (;;) {
        int more = list(r, ret, &why);

        if (more >= 0) {
            r->failures = 0;
            return more;
        }
        endpoint_page_clear(ret);
        if (drop_token(r, &why) == 0 &&
            !pass_endure(p, r->d->side, &r->failures, &why))
            break;
    }
    *err = why;
    return -1;
}

static int refuse_endless(const struct drainer *r, struct err *err)
{
    err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "the %s's list of a folder does not end", side_name(r->d->side));
    err->name = "endless-list";
    return -1;
}

static int one_page(struct pass *p, struct drainer *r, struct err *err)
{
    g_auto(endpoint_page) page = { 0 };
    int more = ask(p, r, &page, err);

    if (more < 0)
        return -1;
    r->empty = page.n > 0 ? 0 : r->empty + 1;
    if (more > 0 && r->empty >= EMPTY_PAGES_MAX)
        return refuse_endless(r, err);
    if (r->d->page(r->d->data, &page, r->token, more == 0, err) < 0)
        return -1;
    pass_progress(p);
    return more;
}

int drain_run(struct pass *p, const struct drain *d, const char *token,
              struct err *err)
{
    struct drainer r = { .d = d, .token = g_strdup(token) };
    int more;

    do
        more =
            pass_is_over(p) ? pass_interrupted(p, err) : one_page(p, &r, err);
    while (more > 0);
    g_free(r.token);
    return more;
}
