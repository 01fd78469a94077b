#include "desk/sign_in.h"

#include <stdatomic.h>

#include "base/thread.h"
#include "base/timestamp.h"

/* Under way at a time: of a slow server there is one, of a flood a few. */
#define AT_ONCE_MAX 8u
/* After what had no answer, the first time: the hour of REQUESTS_TRIES_MAX. */
#define AGAIN_US (3600 * TIMESTAMP_SECOND)

/* ---- what came of it ----------------------------------------------------- */

enum request_try_outcome sign_in_outcome(const struct request_try *t,
                                         int64_t now_us)
{
    return t->outcome == REQUEST_TRY_BEGUN && now_us - t->at_us >= SIGN_IN_US
               ? REQUEST_TRY_UNKNOWN
               : t->outcome;
}

const char *sign_in_detail(const struct request_try *t, int64_t now_us)
{
    if (t->outcome == REQUEST_TRY_BEGUN &&
        sign_in_outcome(t, now_us) == REQUEST_TRY_UNKNOWN)
        return "it was broken off before the server's answer was on record, "
               "and is not done again";
    return t->why;
}

bool sign_in_is_held(const struct request_try *t)
{
    return t->outcome == REQUEST_TRY_UNKNOWN &&
           g_strcmp0(t->cause, REQUESTS_TOO_OFTEN) == 0;
}

/* As long as they have been known: so each wait is twice the one before. */
int64_t sign_in_again_us(const struct request *r)
{
    const struct request_try *t = &r->tried;

    if (sign_in_is_held(t))
        return t->at_us + AGAIN_US;
    if (t->outcome != REQUEST_TRY_UNKNOWN || !reach_may_pass(t->cause))
        return 0;
    return t->at_us + CLAMP(t->at_us - r->pieces_us, AGAIN_US, TIMESTAMP_DAY);
}

static enum request_try_outcome judge(const struct err *why)
{
    switch (reach_about(why->name)) {
    case REACH_PASSWORD:
        return REQUEST_TRY_REFUSED;
    case REACH_RIGHTS:
    case REACH_MAILBOX:
        return REQUEST_TRY_ACCEPTED;
    case REACH_SERVER:
        break;
    }
    return REQUEST_TRY_UNKNOWN;
}

int sign_in_try(struct requests *p, const struct reach *reach,
                const struct sign_in *what, struct err *why, struct err *err)
{
    struct request_try t = { .id = what->try_id,
                             .outcome = REQUEST_TRY_ACCEPTED };
    int opened = reach->sign_in(reach->data, &what->wish, why) == 0;
    int done;

    if (!opened) {
        t.outcome = judge(why);
        t.cause = g_strdup(why->name);
        t.why = g_strdup(why->msg);
    }
    done = requests_end_try(p, what->who, &t, err);
    g_free(t.cause);
    g_free(t.why);
    return done < 0 ? -1 : opened;
}

/* ---- beside -------------------------------------------------------------- */

struct one {
    const struct sign_ins_config *config;
    struct roster_actor who;
    char *name; /* the actor's */
    int64_t try_id;
    char *url, *address, *user;
    struct secret *password;
    struct thread thread;
    atomic_bool over;
};

struct sign_ins {
    struct sign_ins_config config;
    struct one *all[AT_ONCE_MAX]; /* NULL: free */
};

struct sign_ins *sign_ins_new(const struct sign_ins_config *how)
{
    struct sign_ins *s = g_new0(struct sign_ins, 1);

    s->config = *how;
    return s;
}

static void one_free(struct one *o)
{
    if (o == NULL)
        return;
    thread_join(&o->thread);
    g_free(o->name);
    g_free(o->url);
    g_free(o->address);
    g_free(o->user);
    secret_free(o->password);
    g_free(o);
}

void sign_ins_free(struct sign_ins *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < AT_ONCE_MAX; i++)
        one_free(s->all[i]);
    g_free(s);
}

/* NULL: all are under way. */
static struct one **place(struct sign_ins *s)
{
    for (size_t i = 0; i < AT_ONCE_MAX; i++) {
        if (s->all[i] != NULL && atomic_load(&s->all[i]->over))
            g_clear_pointer(&s->all[i], one_free);
        if (s->all[i] == NULL)
            return &s->all[i];
    }
    return NULL;
}

bool sign_ins_have_room(struct sign_ins *s)
{
    return place(s) != NULL;
}

static void *work(void *data)
{
    struct one *o = data;
    const struct sign_in what = {
        &o->who, o->try_id, { o->url, o->address, o->user, o->password }
    };
    struct err why, err;

    if (sign_in_try(o->config->requests, &o->config->reach, &what, &why, &err) <
        0)
        log_err(o->config->log, LOG_ERROR, "signing in at a source", &err);
    atomic_store(&o->over, true);
    return NULL;
}

int sign_ins_begin(struct sign_ins *s, const struct roster_actor *who,
                   const struct request_credentials *c, const char *address,
                   int64_t now_us, struct err *err)
{
    struct one **to = place(s), *o;
    int64_t id;
    int taken;

    g_assert(to != NULL);
    taken = requests_take_try(s->config.requests, c, false, now_us, &id, err);
    if (taken <= 0)
        return taken;
    o = *to = g_new0(struct one, 1);
    o->config = &s->config;
    o->name = g_strdup(who->name);
    o->who.name = o->name;
    o->try_id = id;
    o->url = g_strdup(c->url);
    o->address = g_strdup(address);
    o->user = g_strdup(c->user);
    o->password = secret_ref(c->password);
    if (thread_start(&o->thread, work, o, err) < 0)
        work(o); /* slower, and as good */
    return 0;
}
