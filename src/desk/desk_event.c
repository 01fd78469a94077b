#include <string.h>

#include "base/timestamp.h"
#include "desk/desk_priv.h"

/* Changes by others that one event waits for; more is no coincidence. */
#define TRIES_MAX 5

#define CHANGED "changed"

static void plan_release(struct desk_plan *p)
{
    request_free(p->before);
    roster_contact_free(p->contact);
    g_free(p->missing);
    g_free(p->quote);
    g_clear_pointer(&p->out, g_ptr_array_unref);
}

static void free_mail(void *p)
{
    outbox_mail_free(p);
}

/* ---- what it was, and what it becomes ------------------------------------ */

static int refuse(int64_t id, const char *name, const char *why,
                  struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " %s", id, why);
    err->name = name;
    return -1;
}

static int read_before(struct desk *d, struct desk_plan *p, struct err *err)
{
    const struct desk_wish *w = p->wish;
    int found;

    if (w->request_id == 0)
        return requests_number(d->requests, &p->request_id, err);
    p->request_id = w->request_id;
    found = requests_get(d->requests, w->request_id, &p->before, err);
    if (found == 0)
        return refuse(w->request_id, "not-found", "is not there", err);
    if (found > 0 && w->version != 0 && w->version != p->before->version)
        return refuse(w->request_id, CHANGED, "has changed meanwhile", err);
    return MIN(found, 0);
}

static int take_event(struct desk_plan *p, enum life_event event,
                      struct err *err)
{
    struct life_step to;

    if (life_next(p->to.to, event, &to, err) < 0)
        return -1;
    p->to.to = to.to;
    p->to.acts |= to.acts;
    return 0;
}

static int plan_state(struct desk_plan *p, struct err *err)
{
    const struct desk_wish *w = p->wish;

    p->to.to = p->before != NULL ? p->before->state : REQUEST_RECEIVED;
    if (w->event != DESK_NO_EVENT &&
        take_event(p, (enum life_event)w->event, err) < 0)
        return err_in(err, "request %" G_GINT64_FORMAT, p->request_id);
    if (p->to.to == REQUEST_RECEIVED && w->missing != NULL &&
        w->missing->missing != 0)
        return take_event(p, LIFE_LACKS, err);
    return 0;
}

/* "" for none: what was there goes. */
static void plan_quote(struct desk_plan *p)
{
    const struct quote *q = p->wish->quote;
    char *json;

    if ((p->to.acts & LIFE_MAKE_QUOTE) == 0)
        return;
    json = q != NULL ? quote_json(q) : NULL;
    p->quote = g_strdup(json != NULL ? json : "");
    free(json); /* Jansson's */
    p->change.quote = p->quote;
    p->change.quote_until_us = q != NULL ? q->until_us : 0;
}

/* What is asked for later is none of this event's acts. */
static void plan_ask(const struct desk *d, struct desk_plan *p)
{
    if (p->wish->at_work && d->minded)
        p->to.acts &= ~(unsigned int)LIFE_ASK_MISSING;
    if (p->wish->late)
        p->to.acts &= ~(unsigned int)LIFE_END_LINKS;
}

static unsigned int ended_links(unsigned int acts)
{
    if ((acts & LIFE_END_LINKS) != 0)
        return REQUEST_EVERY_PURPOSE;
    return (acts & LIFE_END_APPROVALS) != 0 ? 1u << REQUEST_TO_APPROVE : 0;
}

static void plan_change(struct desk_plan *p)
{
    const struct desk_wish *w = p->wish;
    struct request_change *c = &p->change;

    *c = w->change != NULL ? *w->change : (struct request_change){ 0 };
    c->state = (int)p->to.to;
    c->missing = NULL;
    c->quote = NULL;
    c->end_links = ended_links(p->to.acts);
    c->destroy = (p->to.acts & LIFE_DESTROY_SECRETS) != 0;
    c->told = c->told || (p->to.acts & LIFE_ASK_MISSING) != 0;
    if (w->missing != NULL || (p->to.acts & LIFE_MAKE_QUOTE) != 0) {
        const struct complete_list none = { 0 };

        p->missing = complete_words(w->missing != NULL ? w->missing : &none);
        c->missing = p->missing;
    }
    plan_quote(p);
}

/* ---- the step ------------------------------------------------------------ */

/* "request.pre-staged" */
static char *action_of(const struct desk_plan *p)
{
    const struct desk_wish *w = p->wish;
    char *text;

    if (w->action != NULL)
        return g_strdup(w->action);
    if (p->before == NULL)
        return g_strdup("request.open");
    if (w->event == DESK_NO_EVENT)
        return g_strdup("request.change");
    text = g_strconcat("request.", life_event_name((enum life_event)w->event),
                       NULL);
    return g_strdelimit(text, " ", '-');
}

/* What it is now; what is missing; whom nobody could tell; what was said. */
static char *detail_of(const struct desk_plan *p)
{
    const struct desk_wish *w = p->wish;
    GString *text = g_string_new(NULL);

    if (p->before == NULL || p->before->state != p->to.to)
        g_string_append(text, request_state_name(p->to.to));
    if (p->missing != NULL && *p->missing != '\0') {
        g_autofree char *words = g_strdelimit(g_strdup(p->missing), "\n", ' ');

        g_string_append_printf(text, "%smissing: %s", text->len > 0 ? "; " : "",
                               words);
    }
    if (p->contact == NULL)
        g_string_append_printf(text, "%snobody on file to write to",
                               text->len > 0 ? "; " : "");
    if (w->detail != NULL)
        g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "",
                               w->detail);
    g_string_truncate(text, MIN(text->len, ROSTER_TEXT_MAX));
    while (!g_utf8_validate(text->str, (gssize)text->len, NULL))
        g_string_truncate(text, text->len - 1);
    if (text->len > 0)
        return g_string_free(text, FALSE);
    g_string_free(text, TRUE);
    return NULL;
}

static int carry_out(struct desk *d, const struct roster_actor *who,
                     const struct desk_plan *p, struct desk_done *ret,
                     struct err *err)
{
    const struct desk_wish *w = p->wish;
    g_autofree struct outbox_mail *out =
        g_new(struct outbox_mail, p->out->len + 1);
    g_autofree char *action = action_of(p), *detail = detail_of(p);
    struct request_step step = {
        .now_us = p->now_us,
        .request_id = p->request_id,
        .open = p->before == NULL,
        .unless = w->unless,
        .version = p->before != NULL ? p->before->version : 0,
        .change = &p->change,
        .mail = w->mail,
        .tray_mail = w->tray_mail,
        .file = w->file,
        .file_bytes = w->file_bytes,
        .out = out,
        .n_out = p->out->len,
        .links = p->links,
        .n_links = p->n_links,
        .used_link = w->used_link,
        .action = action,
        .detail = detail,
    };
    struct request_done done = { 0 };
    int result;

    for (guint i = 0; i < p->out->len; i++)
        out[i] = *(const struct outbox_mail *)p->out->pdata[i];
    result = requests_step(d->requests, who, &step, &done, err);
    if (result > 0)
        *ret = (struct desk_done){ p->request_id, done.mail_id, done.file_id,
                                   p->to.to };
    return result;
}

/* As it is after the change: whose contacts are asked for. */
static int find_contact(struct desk *d, struct desk_plan *p, struct err *err)
{
    const struct request new = {
        .account_id = p->change.account_id,
        .opened_by = (char *)(uintptr_t)p->change.opened_by,
    };

    return MIN(desk_contact_for(d, p->before != NULL ? p->before : &new,
                                p->wish->writer, &p->contact, err),
               0);
}

static int attempt(struct desk *d, const struct roster_actor *who,
                   struct desk_plan *p, struct desk_done *ret, struct err *err)
{
    if (read_before(d, p, err) < 0 || plan_state(p, err) < 0)
        return -1;
    plan_ask(d, p);
    plan_change(p);
    p->out = g_ptr_array_new_with_free_func(free_mail);
    if (find_contact(d, p, err) < 0 || desk_plan_letters(d, p, err) < 0)
        return -1;
    return carry_out(d, who, p, ret, err);
}

int desk_event(struct desk *d, const struct roster_actor *who,
               const struct desk_wish *wish, struct desk_done *ret,
               struct err *err)
{
    struct desk_done done;
    int result;

    for (int i = 0; i < TRIES_MAX; i++) {
        struct desk_plan p = {
            .wish = wish,
            .now_us = wish->now_us != 0 ? wish->now_us : timestamp_now(),
        };

        result = attempt(d, who, &p, &done, err);
        plan_release(&p);
        if (result >= 0 || wish->version != 0 || wish->unless != 0 ||
            g_strcmp0(err->name, CHANGED) != 0)
            break;
    }
    if (result > 0 && ret != NULL)
        *ret = done;
    return result;
}
