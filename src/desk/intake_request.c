/*
 * Which request a mail is about, and what it changes there.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/intake_priv.h"
#include "desk/known.h"
#include "desk/tag.h"

/* ---- which --------------------------------------------------------------- */

int taking_find_request(struct taking *t, struct err *err)
{
    struct requests *p = t->in->desk->requests;
    int64_t id = t->mail->request;
    int found = id != 0 ? requests_get(p, id, &t->request, err) : 0;

    if (found != 0)
        return MIN(found, 0);
    found = requests_thread(p, t->mail->references, &id, err);
    return found <= 0 ? found : MIN(requests_get(p, id, &t->request, err), 0);
}

int taking_find_open(struct taking *t, struct err *err)
{
    return known_open_request(t->in->desk, t->may.place->account_id,
                              taking_said(t, ASKED_DOMAIN), &t->request, err);
}

/* ---- what it brings ------------------------------------------------------ */

/* What the mail says, beside what is known. */
struct news {
    struct request_change change;
    struct complete_known known;
    struct complete_list missing;
    const struct mail_file *file; /* NULL: none, or the same as before */
    struct import *import;        /* owned: of the file that counts */
    GPtrArray *faults;            /* owned, of char * */
    struct request_file kept;
    bool too_large; /* the file, of which nothing is kept */
    bool any;       /* something is new */
    bool matter;    /* and the quote rests on it */
    GString *told;  /* owned: for the trail */
};

static void news_release(struct news *n)
{
    if (n->import != NULL)
        import_free(n->import);
    g_ptr_array_unref(n->faults);
    g_string_free(n->told, TRUE);
}

static void tell(struct news *n, const char *what, bool matters)
{
    g_string_append_printf(n->told, "%s%s", n->told->len > 0 ? ", " : "", what);
    n->any = true;
    n->matter = n->matter || matters;
}

/* *ret is the new value where it is another than the old one. */
static const char *take_text(struct taking *t, struct news *n,
                             enum asked_field field, const char *old,
                             const char **ret)
{
    const char *said = taking_said(t, field);

    if (said == NULL || g_strcmp0(said, old) == 0)
        return old;
    *ret = said;
    tell(n, asked_field_name(field),
         field == ASKED_OWA_URL || field == ASKED_DOMAIN);
    return said;
}

static void take_texts(struct taking *t, const struct request *r,
                       struct news *n)
{
    struct request_change *c = &n->change;
    const char *user;
    /* whose account it is, we know as well as they do */
    const char *partner =
        r->partner != NULL ? r->partner : t->may.place->partner;

    if (r->partner == NULL)
        c->partner = partner;
    n->known.partner = partner;
    n->known.domain = take_text(t, n, ASKED_DOMAIN, r->domain, &c->domain);
    n->known.owa_url = take_text(t, n, ASKED_OWA_URL, r->owa_url, &c->owa_url);
    (void)take_text(t, n, ASKED_START, r->start, &c->start);
    (void)take_text(t, n, ASKED_CUTOVER, r->cutover, &c->cutover);
    user = take_text(t, n, ASKED_USER, r->admin, &c->admin);
    if (t->asked.password != NULL &&
        (t->asked.unclear & (1u << ASKED_PASSWORD)) == 0) {
        c->password = t->asked.password;
        tell(n, "a password", false);
    }
    n->known.has_credentials =
        user != NULL && (c->password != NULL || r->has_password);
    n->known.unclear = t->asked.unclear;
    if (known_was_missing(r, COMPLETE_DATE) && t->asked.start == NULL &&
        t->asked.cutover == NULL)
        n->known.unclear |= 1u << ASKED_START;
    n->known.owa_check =
        known_check(r, COMPLETE_OWA_UNREACHABLE, c->owa_url != NULL);
    n->known.credentials_check =
        known_check(r, COMPLETE_CREDENTIALS_REFUSED,
                    c->admin != NULL || c->password != NULL);
}

/* ---- the file ------------------------------------------------------------ */

static void set_import(struct news *n, struct import *import)
{
    n->import = import;
    n->known.file = import;
    known_add_faults(import, n->faults);
}

/*
 * Of several the first that has a mailbox in it; what is said twice counts
 * once.
 */
static void choose_file(struct taking *t, struct news *n)
{
    const struct mail_file *first = NULL;

    for (guint i = 0; i < t->mail->files->len; i++) {
        const struct mail_file *f = t->mail->files->pdata[i];
        g_autoptr(import_t) read = NULL;

        if (f->kind != MAIL_FILE_IMPORT) {
            n->known.wrong_files |= 1u << f->kind;
            continue;
        }
        first = first != NULL ? first : f;
        if (f->bytes == NULL)
            continue;
        read = known_import(&n->known, f->bytes, f->size);
        if (read->rows->len == 0)
            continue;
        n->file = f;
        set_import(n, g_steal_pointer(&read));
        return;
    }
    n->file = first;
    if (first == NULL)
        return;
    set_import(n,
               known_import(&n->known, first->bytes != NULL ? first->bytes : "",
                            first->bytes != NULL ? first->size : 0));
    n->too_large = first->bytes == NULL;
    if (n->too_large) {
        g_ptr_array_set_size(n->faults, 0);
        g_ptr_array_add(n->faults,
                        g_strdup("the file is larger than 10 MB; split it"));
    }
}

/* The one that counted until now, held to what is known by now. */
static int read_old_file(struct taking *t, const struct request *r,
                         struct news *n, struct err *err)
{
    struct import *old = NULL;

    if (known_old_import(t->in->desk, r, &n->known, &old, err) < 0)
        return -1;
    if (old != NULL)
        set_import(n, old);
    return 0;
}

static bool is_same_file(struct taking *t, const struct request *r,
                         const struct mail_file *f, int *ret, struct err *err)
{
    const struct roster_page page = { .after = r->file_id - 1, .limit = 1 };
    g_autoptr(GPtrArray) found = NULL;

    *ret = 0;
    if (r->file_id == 0)
        return false;
    if (requests_files(t->in->desk->requests, r->id, &page, &found, err) < 0) {
        *ret = -1;
        return false;
    }
    return found->len > 0 &&
           strcmp(((struct request_file *)found->pdata[0])->digest,
                  f->sha256) == 0;
}

static int take_file(struct taking *t, const struct request *r, struct news *n,
                     struct err *err)
{
    g_autofree char *said = NULL;
    int result = 0;

    choose_file(t, n);
    if (n->file == NULL) {
        if (known_was_missing(r, COMPLETE_FILE_SORT))
            n->known.wrong_files |= 1u << MAIL_FILE_ARCHIVE;
        return read_old_file(t, r, n, err);
    }
    if (n->file->bytes == NULL || is_same_file(t, r, n->file, &result, err)) {
        n->any = true; /* sent again, it is to be answered again */
        n->file = NULL;
        return result;
    }
    if (result < 0)
        return -1;
    n->kept =
        (struct request_file){ .name = n->file->name,
                               .digest = (char *)(uintptr_t)n->file->sha256,
                               .size = n->file->size };
    n->change.file = true;
    said = g_strdup_printf("import file (%u mailboxes, %zu faults)",
                           n->import->rows->len, n->import->n_errors);
    tell(n, said, true);
    return 0;
}

static int take_news(struct taking *t, const struct request *r, struct news *n,
                     struct err *err)
{
    n->faults = g_ptr_array_new_with_free_func(g_free);
    n->told = g_string_new(NULL);
    take_texts(t, r, n);
    if (take_file(t, r, n, err) < 0)
        return -1;
    n->missing = complete(&n->known);
    return 0;
}

/* ---- what is done -------------------------------------------------------- */

/* What comes of it, by the state. */
struct outcome {
    int event;
    bool change; /* what is new is taken over */
    bool look;   /* and what is missing then, is known from now on */
    bool tray;
    const char *letter; /* or NULL */
};

static struct outcome on_new(const struct news *n)
{
    return (struct outcome){
        .event = DESK_NO_EVENT,
        .change = true,
        .look = true,
        .letter = n->missing.missing == 0 ? "received" : NULL,
    };
}

/* Words alone are for a person to read; asking again would only annoy. */
static struct outcome in_waiting(const struct news *n)
{
    if (!n->any && n->known.wrong_files == 0 && n->known.unclear == 0)
        return (struct outcome){ .event = DESK_NO_EVENT, .tray = true };
    if (n->missing.missing != 0)
        return (struct outcome){ .event = LIFE_LACKS,
                                 .change = true,
                                 .look = true };
    return (struct outcome){ .event = DESK_NO_EVENT,
                             .change = true,
                             .look = true,
                             .letter = "received" };
}

/* A price was said, or even agreed on. */
static struct outcome on_quote(const struct news *n)
{
    if (n->matter)
        return (struct outcome){ .event = n->missing.missing != 0
                                              ? (int)LIFE_LACKS
                                              : (int)LIFE_CHANGED,
                                 .change = true,
                                 .look = true };
    return (struct outcome){ .event = DESK_NO_EVENT,
                             .change = n->any,
                             .look = n->change.admin != NULL ||
                                     n->change.password != NULL,
                             .tray = true };
}

/* Any answer means: go on. */
static struct outcome on_expired(const struct news *n)
{
    struct outcome o = on_new(n);

    o.event = LIFE_QUOTE_AGAIN;
    return o;
}

static struct outcome outcome_of(const struct request *r, const struct news *n)
{
    if (r == NULL)
        return on_new(n);
    if ((1u << r->state & KNOWN_IN_WAITING) != 0)
        return in_waiting(n);
    if (r->state == REQUEST_EXPIRED)
        return on_expired(n);
    if ((1u << r->state & KNOWN_BEFORE_RUN) != 0)
        return on_quote(n);
    return (struct outcome){ .event = DESK_NO_EVENT,
                             .tray = true,
                             .letter = life_is_over(r->state) ? "over" : NULL };
}

/* Whoever places it has read it, and does not ask for an answer. */
static struct outcome when_placed(struct outcome o)
{
    o.tray = false;
    if (g_strcmp0(o.letter, "over") == 0)
        o.letter = NULL;
    return o;
}

static bool is_nothing(const struct outcome *o)
{
    return o->event == DESK_NO_EVENT && !o->change && o->letter == NULL;
}

/* An address on file, as it stands there. */
static const char *address_of(const struct taking *t)
{
    const struct authorise_place *at = t->may.place;

    for (guint i = 0; at != NULL && i < t->contacts->len; i++) {
        const struct roster_contact *k = t->contacts->pdata[i];

        if (k->id == at->contact_id)
            return k->address;
    }
    return t->mail->from;
}

static int send_event(struct taking *t, const struct desk_wish *wish,
                      struct intake_done *ret, struct err *err)
{
    struct desk_done done;
    int result = desk_event(t->in->desk, t->who, wish, &done, err);

    if (result > 0) {
        ret->request_id = done.request_id;
        ret->mail_id = done.mail_id;
        ret->place = t->kept.place;
    }
    return result;
}

/*
 * "from anna@acme.example: OWA URL", behind the operator's word if it is one.
 */
static char *detail_of(const struct taking *t, const struct news *n)
{
    const struct intake_placing *p = t->placing;
    g_autofree char *from = g_strdup_printf(
        "from %s%s%s", t->mail->from != NULL ? t->mail->from : "nobody known",
        *n->told->str != '\0' ? ": " : "", n->told->str);

    if (p == NULL)
        return g_steal_pointer(&from);
    return g_strdup_printf("mail %" G_GINT64_FORMAT "%s%s; %s", p->mail_id,
                           p->reason != NULL ? ": " : "",
                           p->reason != NULL ? p->reason : "", from);
}

#define OWA (1u << COMPLETE_OWA_URL | 1u << COMPLETE_OWA_UNREACHABLE)

/*
 * With new pieces the address is tried (anew), and told of with all the rest.
 */
static bool is_probe_due(const struct taking *t, const struct news *n)
{
    return t->placing == NULL && !n->too_large &&
           (n->missing.missing & OWA) == 0 && request_has_pieces(&n->change);
}

static int carry_out(struct taking *t, const struct news *n,
                     const struct outcome *o, struct intake_done *ret,
                     struct err *err)
{
    const char *kinds[3] = { NULL };
    g_autofree char *detail = detail_of(t, n);
    struct request_change change = n->change;
    struct desk_wish wish = {
        .request_id = t->request != NULL ? t->request->id : 0,
        .version = t->request != NULL ? t->request->version : 0,
        .unless = t->request == NULL ? KNOWN_BEFORE_RUN : 0,
        .event = o->event,
        .change = o->change ? &change : NULL,
        .missing = o->look ? &n->missing : NULL,
        .mail = t->placing == NULL ? &t->kept : NULL,
        .tray_mail = t->placing != NULL ? t->placing->mail_id : 0,
        .file = o->change && n->file != NULL ? &n->kept : NULL,
        .file_bytes = n->file != NULL ? n->file->bytes : NULL,
        .faults = n->faults,
        .at_work = is_probe_due(t, n),
        .letters = kinds,
        .in_reply_to = t->mail->message_id,
        .writer = address_of(t),
        .action = t->request == NULL   ? NULL
                  : t->placing == NULL ? "request.mail"
                                       : "mail.place",
        .detail = detail,
        .now_us = t->now_us,
    };
    size_t n_kinds = 0;

    if (t->request == NULL) {
        change.account_id = t->may.place->account_id;
        change.opened_by = address_of(t);
    }
    if (o->letter != NULL)
        kinds[n_kinds++] = o->letter;
    if (t->saw_password)
        kinds[n_kinds] = "password-by-mail";
    t->kept.place = o->tray ? REQUEST_MAIL_TRAY : REQUEST_MAIL_PLACED;
    return send_event(t, &wish, ret, err);
}

int taking_apply(struct taking *t, struct intake_done *ret, struct err *err)
{
    static const struct request nothing = { 0 };
    struct news n = { 0 };
    struct outcome o;
    int result =
        take_news(t, t->request != NULL ? t->request : &nothing, &n, err);

    if (result == 0) {
        o = outcome_of(t->request, &n);
        if (t->placing != NULL)
            o = when_placed(o);
        result = t->placing != NULL && is_nothing(&o)
                     ? taking_move(t, ret, err)
                     : carry_out(t, &n, &o, ret, err);
    }
    news_release(&n);
    return result;
}

int taking_link(struct taking *t, struct intake_done *ret, struct err *err)
{
    g_autofree char *detail =
        g_strdup_printf("%s: from %s", t->kept.verdict, t->kept.sender);
    const struct desk_wish wish = {
        .request_id = t->request->id,
        .event = DESK_NO_EVENT,
        .mail = &t->kept,
        .in_reply_to = t->mail->message_id,
        .action = "request.mail",
        .detail = detail,
        .now_us = t->now_us,
    };

    return send_event(t, &wish, ret, err);
}
