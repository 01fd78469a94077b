#include "desk/sender.h"

#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"

#define MINUTE_US (60 * TIMESTAMP_SECOND)
/* What the doubling begins with, and where it ends. */
#define DELAY_LEAST_US MINUTE_US
#define DELAY_MOST_US  (240 * MINUTE_US)
/* The same of all mails together, while the server is not to be had. */
#define HOLD_LEAST_US (5 * TIMESTAMP_SECOND)
#define HOLD_MOST_US  (5 * MINUTE_US)
/* How often the outbox is looked at; how often claims of others. */
#define LOOK_US    TIMESTAMP_SECOND
#define RECOVER_US MINUTE_US
/* A claim outlives the conversation. */
#define CLAIM_SPARE_US MINUTE_US

struct sender {
    const struct sender_config *c;
    struct sender_config config;
    char *owner;
    int64_t hold_us, held_until_us; /* monotonic; 0: not held */
    int64_t recovered_us;           /* monotonic; 0: not yet */
};

static const struct roster_actor actor = { "sender", NULL };

struct sender *sender_new(const struct sender_config *config)
{
    struct sender *s = g_new0(struct sender, 1);

    s->config = *config;
    s->c = &s->config;
    s->owner = g_uuid_string_random();
    return s;
}

void sender_free(struct sender *s)
{
    if (s == NULL)
        return;
    g_free(s->owner);
    g_free(s);
}

static int64_t doubled(int64_t least, int64_t most, int64_t n)
{
    int64_t us = least;

    while (--n > 0 && us < most)
        us *= 2;
    return MIN(us, most);
}

int64_t sender_delay_us(int64_t tries)
{
    return doubled(DELAY_LEAST_US, DELAY_MOST_US, tries);
}

/* ---- one mail ----------------------------------------------------------- */

struct sending {
    struct sender *s;
    const struct outbox_mail *mail;
};

/* net/smtp.h: before the last bytes leave. */
static int hand_over(void *data, struct err *err)
{
    const struct sending *x = data;
    int done = outbox_hand_over(x->s->c->roster, x->mail->id, x->s->owner, err);

    if (done > 0)
        return 0;
    if (done == 0)
        err_set(err, ERR_ITEM, ERR_RETRY_NOW, 0,
                "another process has taken it over");
    return -1;
}

static enum smtp_result send_mail(struct sender *s, const struct outbox_mail *m,
                                  struct err *err)
{
    const struct seal_place place = { "outbox", "body", m->ref };
    struct sending x = { s, m };
    struct smtp_mail mail = {
        .from = s->c->from,
        .to = m->recipient,
        .on_end = hand_over,
        .data = &x,
        .cancel = s->c->stop,
    };
    g_autoptr(secret) text = NULL;
    gsize n;
    const void *sealed = g_bytes_get_data(m->body, &n);

    /* The key may come back: a file that was not copied yet. */
    if (seal_open(s->c->keys, &place, sealed, n, &text, err) < 0)
        return SMTP_LATER;
    mail.text = secret_peek(text);
    mail.size_bytes = strlen(mail.text);
    return smtp_send(s->c->server, &mail, err);
}

static struct outbox_outcome outcome_of(const struct sender *s,
                                        const struct outbox_mail *m,
                                        enum smtp_result result, int64_t now_us)
{
    static const enum outbox_state states[] = {
        [SMTP_SENT] = OUTBOX_SENT,
        [SMTP_REFUSED] = OUTBOX_FAILED,
        [SMTP_LATER] = OUTBOX_WAITING,
        [SMTP_UNSURE] = OUTBOX_UNSURE,
    };
    struct outbox_outcome o = { .id = m->id,
                                .owner = s->owner,
                                .state = states[result] };

    o.due_us = now_us + sender_delay_us(m->tries);
    return o;
}

static void tell(const struct sender *s, const struct outbox_mail *m,
                 const struct outbox_outcome *o, const struct err *why)
{
    static const enum log_level levels[OUTBOX_N_STATES] = {
        [OUTBOX_WAITING] = LOG_WARNING,
        [OUTBOX_SENT] = LOG_INFO,
        [OUTBOX_FAILED] = LOG_ERROR,
        [OUTBOX_UNSURE] = LOG_ERROR,
    };
    g_autofree char *subject = g_strdup_printf("mail %" G_GINT64_FORMAT, m->id);

    if (o->state == OUTBOX_SENT)
        log_line(s->c->log, LOG_INFO, subject, "sent");
    else if (o->state == OUTBOX_UNSURE)
        log_line(s->c->log, LOG_ERROR, subject,
                 "nobody knows whether it was sent: %s; find out and say "
                 "\"mailferry outbox arrived\" or \"send-again\"",
                 o->why);
    else
        log_err(s->c->log, levels[o->state], subject, why);
}

/*
 * What is known must not be lost because the database is away for a moment: a
 * mail that was sent would be unsure.
 */
static int record(struct sender *s, const struct outbox_outcome *o,
                  struct err *err)
{
    int done;

    while ((done = outbox_settle(s->c->roster, &actor, o, err)) < 0 &&
           err->retry != ERR_RETRY_NEVER &&
           !cancel_sleep(s->c->stop, LOOK_US, CANCEL_DRAIN))
        ;
    return done;
}

/* All mails wait: the next one would fare no better. */
static void hold(struct sender *s, bool held)
{
    s->hold_us =
        held ? MIN(MAX(s->hold_us * 2, HOLD_LEAST_US), HOLD_MOST_US) : 0;
    s->held_until_us = held ? timestamp_monotonic() + s->hold_us : 0;
}

static int try_mail(struct sender *s, const struct outbox_mail *m,
                    int64_t now_us, struct err *err)
{
    bool old = now_us - m->since_us >= s->c->give_up_us;
    enum smtp_result result = SMTP_REFUSED;
    struct outbox_outcome o;
    struct err why = { 0 };
    int done;

    if (old)
        err_set(&why, ERR_ITEM, ERR_RETRY_NEVER, 0, "given up: %s",
                m->why != NULL ? m->why : "it is too old to be sent");
    else
        result = send_mail(s, m, &why);
    if (result == SMTP_SENT)
        step("mail-answer");
    hold(s, result == SMTP_LATER && why.scope == ERR_RUN);
    o = outcome_of(s, m, result, now_us);
    o.why = result != SMTP_SENT ? why.msg : NULL;
    done = record(s, &o, err);
    if (done < 0)
        return -1;
    tell(s, m, &o, &why);
    return 1;
}

/* ---- the outbox --------------------------------------------------------- */

/* What others have left behind; first, what this machine has. */
static int recover(struct sender *s, int64_t now_us, struct err *err)
{
    int64_t at_us = timestamp_monotonic();
    bool first = s->recovered_us == 0;
    size_t unsure = 0;

    if (!first && at_us - s->recovered_us < RECOVER_US)
        return 0;
    if (outbox_recover(s->c->roster, &actor, now_us, first && s->c->embedded,
                       &unsure, err) < 0)
        return -1;
    s->recovered_us = at_us;
    if (unsure > 0)
        log_line(s->c->log, LOG_ERROR, "outbox",
                 "%zu mails were about to be taken when their sender ended: "
                 "nobody knows whether they were; see \"mailferry outbox "
                 "list\"",
                 unsure);
    return 0;
}

/*
 * One mail that is due at that time.  1: one was tried; 0: none is due, or all
 * are held; -1: the database failed, and a mail that was sent meanwhile is
 * on record as such all the same, or is found unsure later.
 */
static int send_one(struct sender *s, int64_t now_us, struct err *err)
{
    const struct outbox_claim claim = {
        .owner = s->owner,
        .now_us = now_us,
        .until_us =
            now_us + (int64_t)s->c->server->deadline_ms * 1000 + CLAIM_SPARE_US,
    };
    g_autoptr(outbox_mail) m = NULL;
    int due;

    if (recover(s, now_us, err) < 0)
        return -1;
    if (timestamp_monotonic() < s->held_until_us)
        return 0;
    due = outbox_claim(s->c->roster, &claim, &m, err);
    return due <= 0 ? due : try_mail(s, m, now_us, err);
}

void sender_run(struct sender *s)
{
    struct err err, told = { 0 };

    while (cancel_level(s->c->stop) == CANCEL_NONE) {
        int done = send_one(s, timestamp_now(), &err);

        if (done < 0 && strcmp(err.msg, told.msg) != 0)
            log_err(s->c->log, LOG_ERROR, "outbox", &err);
        if (done < 0)
            told = err;
        else
            told.msg[0] = '\0';
        if (done <= 0)
            cancel_sleep(s->c->stop, LOOK_US, CANCEL_DRAIN);
    }
}
