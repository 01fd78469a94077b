#include "desk/intake.h"

#include <string.h>

#include "base/timestamp.h"
#include "desk/intake_priv.h"
#include "desk/tag.h"

#define HOUR_US (3600 * TIMESTAMP_SECOND)
/* Answers to strangers, whose addresses may all be forged: times per_hour. */
#define STRANGERS 10

static const struct roster_actor actor = { "mail", NULL };

struct intake intake_of(struct desk *d, const struct config *c)
{
    return (struct intake){
        .desk = d,
        .authserv_id = config_text(c, CONFIG_INTAKE_AUTHSERV),
        .per_hour = (unsigned int)config_number(c, CONFIG_INTAKE_PER_HOUR),
    };
}

const char *taking_said(const struct taking *t, enum asked_field field)
{
    const char *const texts[ASKED_N_FIELDS] = {
        [ASKED_USER] = t->asked.user,       [ASKED_OWA_URL] = t->asked.owa_url,
        [ASKED_DOMAIN] = t->asked.domain,   [ASKED_PARTNER] = t->asked.partner,
        [ASKED_CUTOVER] = t->asked.cutover, [ASKED_START] = t->asked.start,
    };

    return (t->asked.unclear & (1u << field)) != 0 ? NULL : texts[field];
}

/* ---- passwords ----------------------------------------------------------- */

static bool has_password(const struct import *import)
{
    for (guint i = 0; i < import->rows->len; i++) {
        const struct import_row *row = import->rows->pdata[i];

        if (row->sides[IMPORT_SOURCE].password != NULL ||
            row->sides[IMPORT_DESTINATION].password != NULL)
            return true;
    }
    for (guint i = 0; i < import->faults->len; i++) {
        const struct import_fault *f = import->faults->pdata[i];

        if (f->kind == IMPORT_PASSWORD_WITHOUT_USER ||
            f->kind == IMPORT_PADDED_PASSWORD)
            return true;
    }
    return false;
}

/*
 * Is one there for certain?  Whatever may hold one is not kept, but a sender is
 * told of what was seen.
 */
static bool saw_password(const struct taking *t)
{
    static const struct import_context nothing = { 0 };

    if (t->asked.secrets->len > 0)
        return true;
    for (guint i = 0; i < t->mail->files->len; i++) {
        const struct mail_file *f = t->mail->files->pdata[i];
        g_autoptr(import_t) read =
            f->bytes != NULL ? import_read(f->bytes, f->size, &nothing) : NULL;

        if (read != NULL && has_password(read))
            return true;
    }
    return false;
}

/* ---- the mail as it is kept ---------------------------------------------- */

/* What is kept must hold no password, and fit. */
static void keep(struct taking *t, const void *bytes, size_t n)
{
    struct mail *m = t->mail;
    bool may_hold = asked_has_secrets(&t->asked, m);
    bool short_form = may_hold || (m->faults & MAIL_TOO_LARGE) != 0;

    t->kept = (struct request_mail){
        .message_id = m->message_id != NULL ? m->message_id : m->sha256,
        .sender = m->from != NULL ? m->from : (char *)(uintptr_t) "",
        .subject = m->subject,
        .digest = m->sha256,
        .redacted = may_hold,
        .received_us = t->now_us,
        .raw = short_form ? mail_redacted(bytes, n, m, t->asked.secrets)
                          : g_bytes_new(bytes, n),
    };
}

void taking_release(struct taking *t)
{
    request_free(t->request);
    g_clear_pointer(&t->contacts, g_ptr_array_unref);
    g_clear_pointer(&t->accounts, g_ptr_array_unref);
    g_free(t->places);
    g_clear_pointer(&t->kept.raw, g_bytes_unref);
    asked_clear(&t->asked);
    mail_free(t->mail);
}

void taking_forget(struct taking *t)
{
    g_clear_pointer(&t->request, request_free);
    g_clear_pointer(&t->contacts, g_ptr_array_unref);
    g_clear_pointer(&t->accounts, g_ptr_array_unref);
    g_clear_pointer(&t->places, g_free);
}

/* ---- floods -------------------------------------------------------------- */

static int count(struct taking *t, const char *sender, int64_t *ret,
                 struct err *err)
{
    return requests_mails_count(t->in->desk->requests, sender,
                                t->now_us - HOUR_US, ret, err);
}

static int look_for_flood(struct taking *t, struct err *err)
{
    int64_t of_sender = 0, of_all = 0;
    bool stranger = t->may.verdict == AUTHORISE_UNKNOWN;

    if (count(t, t->kept.sender, &of_sender, err) < 0 ||
        (stranger && count(t, NULL, &of_all, err) < 0))
        return -1;
    t->flood = of_sender >= t->in->per_hour ||
               of_all >= (int64_t)t->in->per_hour * STRANGERS;
    return 0;
}

/* ---- what is about no request -------------------------------------------- */

static const char *recipient_of(const struct taking *t)
{
    switch (authorise_rule(t->may.verdict)->to) {
    case AUTHORISE_TO_SENDER:
        return t->mail->from;
    case AUTHORISE_TO_CONTACT:
        return t->may.place != NULL ? t->mail->from : NULL;
    case AUTHORISE_TO_NOBODY:
        break;
    }
    return NULL;
}

static void set_values(const struct taking *t, const char *reason,
                       const char *remedy, struct letter_values *v)
{
    letter_set(v, "contact",
               t->mail->from_name != NULL ? t->mail->from_name : t->mail->from);
    letter_set(v, "sender", t->mail->from);
    letter_set(v, "partner", t->asked.partner);
    letter_set(v, "domain", t->asked.domain);
    letter_set(v, "reason", reason);
    letter_set(v, "remedy", remedy);
}

static int add_letter(const struct taking *t, const char *kind,
                      const struct letter_values *v, GPtrArray *out,
                      struct err *err)
{
    const struct desk_letter l = { .kind = kind,
                                   .to = recipient_of(t),
                                   .in_reply_to = t->mail->message_id,
                                   .values = v,
                                   .now_us = t->now_us };
    struct outbox_mail *mail = NULL;

    if (kind == NULL || l.to == NULL || t->flood)
        return 0;
    if (desk_write(t->in->desk, &l, &mail, err) < 0)
        return -1;
    g_ptr_array_add(out, mail);
    return 0;
}

static void free_mail(void *p)
{
    outbox_mail_free(p);
}

/* Why it goes where it goes; all static. */
struct aside {
    const char *word;
    bool tray;
    const char *mail; /* kind of letter, or NULL */
    const char *reason, *remedy;
};

static int step_aside(struct taking *t, const struct aside *a,
                      const GPtrArray *out, struct intake_done *ret,
                      struct err *err)
{
    g_autofree struct outbox_mail *all =
        g_new(struct outbox_mail, out->len + 1);
    g_autofree char *action = g_strconcat("mail.", a->word, NULL);
    struct request_done done = { 0 };
    const struct request_step step = {
        .now_us = t->now_us,
        .mail = &t->kept,
        .out = all,
        .n_out = out->len,
        .action = action,
        .detail = *t->kept.sender != '\0' ? t->kept.sender : NULL,
    };
    int result;

    for (guint i = 0; i < out->len; i++)
        all[i] = *(const struct outbox_mail *)out->pdata[i];
    result = requests_step(t->in->desk->requests, t->who, &step, &done, err);
    ret->mail_id = done.mail_id;
    ret->place = t->kept.place;
    return result;
}

static int set_aside(struct taking *t, const struct aside *a,
                     struct intake_done *ret, struct err *err)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(free_mail);
    g_autoptr(letter_values) v = letter_values_new();

    t->kept.verdict = (char *)(uintptr_t)(t->flood ? "flood" : a->word);
    t->kept.place = a->tray || t->flood ? REQUEST_MAIL_TRAY : REQUEST_MAIL_DONE;
    set_values(t, a->reason, a->remedy, v);
    if (add_letter(t, a->mail, v, out, err) < 0 ||
        (t->saw_password && a->mail != NULL &&
         add_letter(t, "password-by-mail", v, out, err) < 0))
        return -1;
    return step_aside(t, a, out, ret, err);
}

/*
 * A program's answer to one of our mails is kept with its request; one that
 * could not be delivered is for an operator.
 */
static int take_of_program(struct taking *t, struct intake_done *ret,
                           struct err *err)
{
    const struct aside aside = { .word = mail_nature_name(t->mail->nature) };

    if (t->request == NULL)
        return set_aside(t, &aside, ret, err);
    t->kept.verdict = (char *)(uintptr_t)aside.word;
    t->kept.place = t->mail->nature == MAIL_BOUNCE ? REQUEST_MAIL_TRAY
                                                   : REQUEST_MAIL_PLACED;
    return taking_link(t, ret, err);
}

static int refuse(struct taking *t, struct intake_done *ret, struct err *err)
{
    const struct authorise_rule *rule = authorise_rule(t->may.verdict);

    return set_aside(t,
                     &(struct aside){ .word = rule->word,
                                      .tray = rule->tray,
                                      .mail = rule->mail,
                                      .reason = rule->reason,
                                      .remedy = rule->remedy },
                     ret, err);
}

/* ---- from somebody who may ----------------------------------------------- */

#define UNREADABLE (MAIL_TOO_LARGE | MAIL_ENCRYPTED)

static int take_unreadable(struct taking *t, struct intake_done *ret,
                           struct err *err)
{
    static const struct aside large = {
        .word = "too-large",
        .tray = true,
        .mail = "unreadable",
        .reason = "it is larger than 32 MB",
        .remedy = "send the import file alone; pictures and other files are "
                  "not needed",
    };
    static const struct aside encrypted = {
        .word = "encrypted",
        .tray = true,
        .mail = "unreadable",
        .reason = "it is encrypted",
        .remedy = "send it once more without encryption, and without any "
                  "password: for these you get a link",
    };

    return set_aside(
        t, (t->mail->faults & MAIL_TOO_LARGE) != 0 ? &large : &encrypted, ret,
        err);
}

/* Does it ask for a migration, or bring a piece of one? */
static bool is_request(const struct taking *t)
{
    g_autofree char *bare = tag_strip(t->mail->subject);
    g_autofree char *subject = g_ascii_strdown(bare, -1);

    for (guint i = 0; i < t->mail->files->len; i++)
        if (((struct mail_file *)t->mail->files->pdata[i])->kind ==
            MAIL_FILE_IMPORT)
            return true;
    return strstr(subject, "managed migration") != NULL ||
           t->asked.domain != NULL || t->asked.owa_url != NULL ||
           t->asked.partner != NULL;
}

static int take_asked(struct taking *t, struct intake_done *ret,
                      struct err *err)
{
    static const struct aside unplaced = { .word = "no-request", .tray = true };

    if (t->flood && t->request == NULL)
        return set_aside(t, &unplaced, ret, err);
    if (t->flood) {
        t->kept.verdict = (char *)(uintptr_t) "flood";
        t->kept.place = REQUEST_MAIL_TRAY;
        return taking_link(t, ret, err);
    }
    if ((t->mail->faults & UNREADABLE) != 0)
        return take_unreadable(t, ret, err);
    if (t->request == NULL && is_request(t) && taking_find_open(t, err) < 0)
        return -1;
    if (t->request == NULL && !is_request(t))
        return set_aside(t, &unplaced, ret, err);
    t->kept.verdict = (char *)(uintptr_t)authorise_rule(t->may.verdict)->word;
    return taking_apply(t, ret, err);
}

/* ---- all ----------------------------------------------------------------- */

static int attempt(struct taking *t, struct intake_done *ret, struct err *err)
{
    if (taking_find_request(t, err) < 0 || taking_find_sender(t, err) < 0)
        return -1;
    taking_authorise(t);
    ret->verdict = t->may.verdict;
    if (look_for_flood(t, err) < 0)
        return -1;
    if (t->may.verdict == AUTHORISE_NOT_ANSWERED)
        return take_of_program(t, ret, err);
    return t->may.verdict == AUTHORISE_MAY ? take_asked(t, ret, err)
                                           : refuse(t, ret, err);
}

/* 1: taken; 0: it was before; -1. */
static int take(struct taking *t, struct intake_done *ret, struct err *err)
{
    int result = requests_mail_seen(t->in->desk->requests, t->kept.message_id,
                                    t->kept.sender, err);

    if (result != 0)
        return result < 0 ? -1 : 0;
    for (int i = 0; i < TAKING_TRIES_MAX; i++) {
        result = attempt(t, ret, err);
        if (result >= 0 || g_strcmp0(err->name, "changed") != 0)
            break;
        taking_forget(t);
    }
    return result;
}

int intake_take(const struct intake *in, const void *bytes, size_t n,
                int64_t now_us, struct intake_done *ret, struct err *err)
{
    const struct mail_context context = { in->authserv_id, in->desk->address };
    struct taking t = {
        .in = in,
        .who = &actor,
        .now_us = now_us != 0 ? now_us : timestamp_now(),
        .mail = mail_read(bytes, n, &context),
    };
    struct intake_done done = { 0 };
    int result;

    asked_of_mail(t.mail, &t.asked);
    t.saw_password = saw_password(&t);
    keep(&t, bytes, n);
    result = take(&t, &done, err);
    taking_release(&t);
    if (result < 0)
        return err_in(err, "mail");
    done.before = result == 0;
    *ret = done;
    return 0;
}
