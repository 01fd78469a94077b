#include "desk/siren.h"

#include "base/timestamp.h"
#include "desk/sender.h"

/* How often it is asked: of memory, not of the database. */
#define LOOK_US TIMESTAMP_SECOND
/* From one mail to the next: a disk may be full every other minute. */
#define PAUSE_US (3600 * TIMESTAMP_SECOND)

bool siren_is_due(const struct siren_past *p, int64_t since_us, int64_t now_us)
{
    return since_us != p->told_since_us && now_us >= p->next_us;
}

void siren_note(struct siren_past *p, int64_t since_us, enum smtp_result result,
                int64_t now_us)
{
    if (result == SMTP_LATER) {
        p->next_us = now_us + sender_delay_us(++p->tries);
        return;
    }
    *p = (struct siren_past){ .told_since_us = since_us,
                              .next_us = now_us + PAUSE_US };
}

/* ---- the mail ------------------------------------------------------------ */

static GBytes *write_mail(const struct desk *d, const struct err *fault)
{
    g_autoptr(letter_values) v = letter_values_new();
    g_autofree char *url = g_strconcat(d->public_url, "/app", NULL);
    const struct desk_letter l = { .kind = "cannot-be-written",
                                   .to = d->alerts,
                                   .values = v,
                                   .now_us = timestamp_now() };

    letter_set(v, "reason", fault->msg);
    letter_set(v, "remedy", fault->remedy);
    letter_set(v, "link", url);
    return desk_mail(d, &l);
}

/* There is no record that it would have to be in before. */
static int send_all(void *data, struct err *err)
{
    (void)data;
    (void)err;
    return 0;
}

static enum smtp_result send_mail(const struct siren *s,
                                  const struct err *fault, struct err *err)
{
    g_autoptr(GBytes) text = write_mail(s->desk, fault);
    const struct smtp_mail mail = {
        .from = s->desk->address,
        .to = s->desk->alerts,
        .text = g_bytes_get_data(text, NULL),
        .size_bytes = g_bytes_get_size(text),
        .on_end = send_all,
        .cancel = s->stop,
    };

    return smtp_send(s->server, &mail, err);
}

/* ---- again and again ----------------------------------------------------- */

static void tell(const struct siren *s, enum smtp_result result,
                 const struct err *why)
{
    if (result == SMTP_SENT)
        log_line(s->log, LOG_INFO, NULL,
                 "told by mail that the database cannot be written");
    else
        log_err(s->log, LOG_WARNING, "telling of the database by mail", why);
}

static void look(struct siren *s)
{
    enum smtp_result result;
    struct err fault, why;
    int64_t since_us;

    if (!database_fault(s->database, &since_us, &fault) ||
        !siren_is_due(&s->past, since_us, timestamp_monotonic()))
        return;
    result = send_mail(s, &fault, &why);
    siren_note(&s->past, since_us, result, timestamp_monotonic());
    tell(s, result, &why);
}

void siren_run(struct siren *s)
{
    do
        look(s);
    while (!cancel_sleep(s->stop, LOOK_US, CANCEL_DRAIN));
}
