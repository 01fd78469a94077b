/*
 * Which letters an event sends, and what stands in them.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/desk_priv.h"

#define NO_LINK (-1)

/* Its letters go out in this order.  A link is a token of that purpose. */
static const struct act {
    unsigned int act;
    const char *kind;
} acts[] = {
    /* clang-format off */
    { LIFE_ASK_MISSING,    "missing" },
    { LIFE_MAKE_QUOTE,     "quote" },
    { LIFE_MAIL_APPROVED,  "approved" },
    { LIFE_MAIL_SCHEDULED, "scheduled" },
    { LIFE_MAIL_STARTED,   "started" },
    { LIFE_MAIL_TROUBLE,   "trouble" },
    { LIFE_MAIL_CHECKLIST, "ready-for-cutover" },
    { LIFE_MAIL_DONE,      "done" },
    { LIFE_MAIL_REFUSED,   "refused" },
    { LIFE_MAIL_CANCELLED, "cancelled" },
    { LIFE_MAIL_EXPIRED,   "expired" },
    /* clang-format on */
};

static const struct with_token {
    const char *kind;
    enum request_purpose purpose;
} with_tokens[] = {
    { "missing", REQUEST_TO_SUPPLY },
    { "password-by-mail", REQUEST_TO_SUPPLY },
    { "credentials-refused", REQUEST_TO_SUPPLY },
    { "quote", REQUEST_TO_APPROVE },
    { "ready-for-cutover", REQUEST_TO_CUT_OVER },
    { "done", REQUEST_TO_READ },
};

char *desk_time(int64_t us)
{
    g_autofree char *text = timestamp_format(us);

    /* 2026-12-31T14:05:00Z */
    text[10] = ' ';
    text[16] = '\0';
    return g_strconcat(text, " UTC", NULL);
}

/* ---- one letter ---------------------------------------------------------- */

static GBytes *make_mail(const struct desk *d, const struct desk_letter *l,
                         const char *ref, struct letter *ret_said)
{
    g_autofree char *id = g_strconcat(ref, strrchr(d->address, '@'), NULL);
    const struct letter_head head = { .from_name = d->name,
                                      .from = d->address,
                                      .to = l->to,
                                      .message_id = id,
                                      .in_reply_to = l->in_reply_to,
                                      .request = l->request,
                                      .at_us = l->now_us };

    letter_make(d->letters, l->kind, l->request, l->values, ret_said);
    return letter_mime(ret_said, &head);
}

int desk_write(const struct desk *d, const struct desk_letter *l,
               struct outbox_mail **ret, struct err *err)
{
    g_autofree char *ref = g_uuid_string_random();
    const struct seal_place place = { "outbox", "body", ref };
    g_auto(letter) said = { 0 };
    g_autoptr(GBytes) mime = make_mail(d, l, ref, &said);
    g_autoptr(GBytes) sealed = NULL;
    gsize n = g_bytes_get_size(mime);

    if (seal_close(d->stores.keys, &place, g_bytes_get_data(mime, NULL), n,
                   &sealed, err) < 0)
        return err_in(err, "letter \"%s\"", l->kind);
    *ret = g_new0(struct outbox_mail, 1);
    **ret = (struct outbox_mail){
        .ref = g_steal_pointer(&ref),
        .recipient = g_strdup(l->to),
        .subject = g_steal_pointer(&said.subject),
        .body = g_steal_pointer(&sealed),
    };
    return 0;
}

GBytes *desk_mail(const struct desk *d, const struct desk_letter *l)
{
    g_autofree char *ref = g_uuid_string_random();
    g_auto(letter) said = { 0 };

    return make_mail(d, l, ref, &said);
}

/* ---- what they say ------------------------------------------------------- */

/* What is known of the request after the event. */
static const char *either(const char *new, const char *old)
{
    return new != NULL ? new : old;
}

static void set_request(const struct desk_plan *p, struct letter_values *v)
{
    static const struct request nothing = { 0 };
    const struct request_change *c = &p->change;
    const struct request *r = p->before != NULL ? p->before : &nothing;
    g_autofree char *number =
        g_strdup_printf("%" G_GINT64_FORMAT, p->request_id);

    letter_set(v, "number", number);
    letter_set(v, "state", request_state_name(p->to.to));
    letter_set(v, "domain", either(c->domain, r->domain));
    letter_set(v, "partner", either(c->partner, r->partner));
    letter_set(v, "start", either(c->start, r->start));
    letter_set(v, "cutover", either(c->cutover, r->cutover));
    if (p->contact != NULL)
        letter_set(v, "contact", either(p->contact->name, p->contact->address));
}

static void add_list(struct letter_values *v, const char *name,
                     const GPtrArray *list)
{
    for (guint i = 0; list != NULL && i < list->len; i++)
        letter_add(v, name, list->pdata[i]);
}

static void set_missing(const struct complete_list *list,
                        struct letter_values *v)
{
    for (int i = 0; list != NULL && i < COMPLETE_N_PIECES; i++)
        if ((list->missing & (1u << i)) != 0)
            letter_add(v, "missing",
                       complete_rule((enum complete_piece)i)->text);
}

static void set_quote(const struct quote *q, struct letter_values *v)
{
    g_autofree char *total = NULL, *said = NULL, *takes = NULL;

    if (q == NULL)
        return;
    total = price_amount(q->total, q->digits);
    said = g_strconcat(total, " ", q->currency, NULL);
    letter_set(v, "total", said);
    letter_set(v, "tax", q->tax);
    takes = quote_time_text(&q->time);
    letter_set(v, "forecast", takes);
    for (guint i = 0; i < q->lines->len; i++) {
        const struct price_line *l = q->lines->pdata[i];
        g_autofree char *each = price_amount(l->each, q->digits);
        g_autofree char *amount = price_amount(l->amount, q->digits);
        g_autofree char *line =
            g_strdup_printf("%s: %" G_GUINT64_FORMAT " x %s = %s %s", l->text,
                            l->count, each, amount, q->currency);

        letter_add(v, "lines", line);
    }
}

/* Letters that repeat something of the quote which stands in the request. */
#define OF_OLD_QUOTE                                                           \
    (LIFE_MAIL_APPROVED | LIFE_MAIL_SCHEDULED | LIFE_MAIL_STARTED)

static int set_old_quote(const struct desk_plan *p, struct letter_values *v,
                         struct err *err)
{
    const char *json = p->before != NULL ? p->before->quote : NULL;
    g_autoptr(quote) q = NULL;

    if (p->wish->quote != NULL || json == NULL || *json == '\0' ||
        (p->to.acts & OF_OLD_QUOTE) == 0)
        return 0;
    if (quote_parse(json, &q, err) < 0)
        return err_in(err, "request %" G_GINT64_FORMAT, p->request_id);
    set_quote(q, v);
    return 0;
}

static int set_values(const struct desk_plan *p, struct letter_values *v,
                      struct err *err)
{
    const struct desk_wish *w = p->wish;

    set_request(p, v);
    set_missing(w->missing, v);
    add_list(v, "faults", w->faults);
    add_list(v, "progress", w->progress);
    set_quote(w->quote, v);
    letter_set(v, "reason", w->reason);
    letter_set(v, "remedy", w->remedy);
    letter_set(v, "approved-by", w->approved_by);
    if (set_old_quote(p, v, err) < 0)
        return -1;
    /* newer than what was quoted */
    if (w->forecast != NULL)
        letter_set(v, "forecast", w->forecast);
    return 0;
}

/* ---- links --------------------------------------------------------------- */

static int purpose_of(const char *kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(with_tokens); i++)
        if (strcmp(with_tokens[i].kind, kind) == 0)
            return (int)with_tokens[i].purpose;
    return NO_LINK;
}

static void set_token(const struct desk *d, struct desk_plan *p,
                      enum request_purpose purpose, struct letter_values *v)
{
    struct request_new_link *link = &p->links[p->n_links++];
    int64_t until_us = p->now_us + d->wait_us;
    g_autofree char *until = NULL;
    char token[TOKEN_SIZE];
    char *url;

    g_assert(p->n_links <= DESK_LINKS_MAX);
    if (purpose == REQUEST_TO_APPROVE)
        until_us = p->wish->quote->until_us;
    until = desk_time(until_us);
    *link = (struct request_new_link){ .purpose = purpose,
                                       .contact_id = p->contact->id,
                                       .expires_us = until_us };
    token_new(TOKEN_LINK, token, link->hash);
    url = desk_link(d, purpose, token);
    letter_set(v, "link", url);
    letter_set(v, "until", until);
    secret_wipe(url, strlen(url));
    g_free(url);
    secret_wipe(token, sizeof(token));
}

/* "has waited until": what ran out, or now. */
static void set_plain(const struct desk_plan *p, struct letter_values *v)
{
    int64_t until_us = p->before != NULL && p->before->quote_until_us != 0
                           ? p->before->quote_until_us
                           : p->now_us;
    g_autofree char *until = desk_time(until_us);

    letter_set(v, "link", p->wish->link != NULL ? p->wish->link : "");
    letter_set(v, "until", until);
}

/* ---- all of them --------------------------------------------------------- */

static int put(struct desk *d, struct desk_plan *p, const char *kind,
               const char *to, struct letter_values *v, struct err *err)
{
    const struct desk_letter l = { .kind = kind,
                                   .to = to,
                                   .in_reply_to = p->wish->in_reply_to,
                                   .request = p->request_id,
                                   .values = v,
                                   .now_us = p->now_us };
    struct outbox_mail *mail = NULL;

    if (desk_write(d, &l, &mail, err) < 0)
        return err_in(err, "request %" G_GINT64_FORMAT, p->request_id);
    g_ptr_array_add(p->out, mail);
    return 0;
}

static int put_to_contact(struct desk *d, struct desk_plan *p, const char *kind,
                          struct letter_values *v, struct err *err)
{
    int purpose = purpose_of(kind);

    if (p->contact == NULL)
        return 0;
    if (purpose == NO_LINK)
        set_plain(p, v);
    else
        set_token(d, p, (enum request_purpose)purpose, v);
    return put(d, p, kind, p->contact->address, v, err);
}

/* A quote that is still to be made is no letter yet. */
static bool is_due(const struct desk_plan *p, unsigned int act)
{
    return (p->to.acts & act) != 0 &&
           (act != LIFE_MAKE_QUOTE || p->wish->quote != NULL);
}

int desk_plan_letters(struct desk *d, struct desk_plan *p, struct err *err)
{
    g_autoptr(letter_values) v = letter_values_new();
    const char *const *more = p->wish->letters;

    if (set_values(p, v, err) < 0)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(acts); i++)
        if (is_due(p, acts[i].act) &&
            put_to_contact(d, p, acts[i].kind, v, err) < 0)
            return -1;
    for (; more != NULL && *more != NULL; more++)
        if (put_to_contact(d, p, *more, v, err) < 0)
            return -1;
    if ((p->to.acts & LIFE_TELL_OPERATOR) == 0 || d->alerts == NULL)
        return 0;
    set_plain(p, v);
    return put(d, p, "operator", d->alerts, v, err);
}
