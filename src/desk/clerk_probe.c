/*
 * An address is tried as soon as it is known, and once more with the login of a
 * row when there is one, since Autodiscover tells it of servers elsewhere.
 * Administrative credentials are tried after it, once (clerk_sign_in.c).
 */
#include "desk/clerk_priv.h"
#include "desk/known.h"

/* Whoever signs in there, if anybody is known; owned. */
struct somebody {
    char *address, *user;
    struct secret *password;
};

static void somebody_clear(struct somebody *s)
{
    g_free(s->address);
    g_free(s->user);
    secret_free(s->password);
}
typedef struct somebody somebody;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(somebody, somebody_clear)

/* The first row, and its password if it has one. */
static void take_row(const struct import *file, struct somebody *s)
{
    const struct import_row *row =
        file->rows->len > 0 ? file->rows->pdata[0] : NULL;
    const struct import_mailbox *source;

    if (row == NULL)
        return;
    source = &row->sides[IMPORT_SOURCE];
    g_free(s->address);
    s->address = g_strdup(source->address);
    if (source->password == NULL)
        return;
    s->user = g_strdup(source->user);
    s->password = secret_ref(source->password);
}

static int find_somebody(const struct errand *e, struct somebody *s,
                         struct err *err)
{
    const struct request *r = e->r;
    const struct complete_known known = { .domain = r->domain,
                                          .owa_url = r->owa_url };
    struct import *file = NULL;

    s->address =
        r->domain != NULL ? g_strconcat("postmaster@", r->domain, NULL) : NULL;
    if (known_old_import(e->c->desk, r, &known, &file, err) < 0)
        return -1;
    if (file != NULL)
        take_row(file, s);
    import_free(file);
    return 0;
}

static int begin(const struct errand *e, struct err *err)
{
    g_auto(somebody) s = { 0 };
    struct reach_wish wish = { .url = e->r->owa_url };

    if (find_somebody(e, &s, err) < 0)
        return -1;
    wish.address = s.address;
    wish.user = s.user;
    wish.password = s.password;
    prober_begin(e->prober, e->r->id, e->r->pieces_us, &wish);
    return 0;
}

/* Without a login nobody can tell whether EWS is at another host. */
static bool may_be_elsewhere(const struct probe_found *found)
{
    return !found->with_login &&
           (g_strcmp0(found->why.name, "NoEws") == 0 ||
            g_strcmp0(found->why.name, "NoAutodiscover") == 0);
}

static int lacks(const struct errand *e, const char *name, const char *reason,
                 struct err *err)
{
    const struct err why = { .name = name };
    const struct clerk_lack lack = { .piece = COMPLETE_OWA_UNREACHABLE,
                                     .reason = reason,
                                     .remedy = reach_remedy(&why) };

    return MIN(clerk_lacks(e, &lack, err), 0);
}

/* Who signs in asks Autodiscover, too: EWS is nowhere. */
static bool is_nowhere(const struct request_try *t)
{
    return t->outcome == REQUEST_TRY_UNKNOWN &&
           (g_strcmp0(t->cause, "NoEws") == 0 ||
            g_strcmp0(t->cause, "NoAutodiscover") == 0);
}

/* A refused password says that there is a server; the check tells the rest. */
static int judge(const struct errand *e, const struct probe_found *found,
                 struct err *err)
{
    const struct request_try *t = &e->r->tried;
    int good;

    if (!may_be_elsewhere(found) && !reach_is_refusal(found->why.name))
        return lacks(e, found->why.name, found->why.msg, err);
    good = clerk_sign_in(e, err);
    return good > 0 && is_nowhere(t) ? lacks(e, t->cause, t->why, err) : good;
}

int clerk_probe(const struct errand *e, struct err *err)
{
    struct probe_found found;

    if (e->r->owa_url == NULL ||
        known_was_missing(e->r, COMPLETE_OWA_UNREACHABLE) ||
        known_was_missing(e->r, COMPLETE_OWA_URL))
        return 1;
    switch (prober_look(e->prober, e->r->id, e->r->pieces_us, &found)) {
    case PROBE_UNTRIED:
        return begin(e, err);
    case PROBE_UNDER_WAY:
        return 0;
    case PROBE_BAD:
        return judge(e, &found, err);
    case PROBE_GOOD:
        break;
    }
    return clerk_sign_in(e, err);
}
