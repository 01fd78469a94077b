/*
 * Whether a person wrote it.  To answer what a program sent is how loops
 * begin: RFC 3834 for automatic answers, RFC 3464 for bounces, RFC 2369 for
 * lists; the rest is what mail systems have been seen to write.
 */
#include <string.h>

#include "desk/mail_priv.h"

/* RFC 5321, 6.3 counts a hundred; no honest way is half as long. */
#define RECEIVED_MAX 50

static const char *const names[MAIL_N_NATURES] = {
    [MAIL_PERSONAL] = "personal",   [MAIL_BOUNCE] = "bounce",
    [MAIL_AUTOMATIC] = "automatic", [MAIL_LIST] = "list",
    [MAIL_LOOP] = "loop",
};

const char *mail_nature_name(enum mail_nature nature)
{
    return names[nature];
}

enum match {
    ANY,      /* whatever it says */
    ANY_BUT,  /* anything that does not begin with the word */
    BEGINS,   /* begins with the word, without case */
    HAS_WORD, /* has the word among others */
};

/* The first that fits decides. */
static const struct sign {
    const char *field;
    enum match match;
    const char *word;
    enum mail_nature nature;
} signs[] = {
    { "X-Mailferry-Request", ANY, NULL, MAIL_LOOP },
    { "Return-Path", BEGINS, "<>", MAIL_BOUNCE },
    { "X-Failed-Recipients", ANY, NULL, MAIL_BOUNCE },
    { "From", HAS_WORD, "mailer-daemon", MAIL_BOUNCE },
    { "From", HAS_WORD, "postmaster", MAIL_BOUNCE },
    { "Auto-Submitted", ANY_BUT, "no", MAIL_AUTOMATIC },
    { "X-Auto-Response-Suppress", HAS_WORD, "all", MAIL_AUTOMATIC },
    { "X-Auto-Response-Suppress", HAS_WORD, "autoreply", MAIL_AUTOMATIC },
    { "X-Autoreply", ANY, NULL, MAIL_AUTOMATIC },
    { "X-Autorespond", ANY, NULL, MAIL_AUTOMATIC },
    { "X-Autoresponder", ANY, NULL, MAIL_AUTOMATIC },
    { "Precedence", BEGINS, "auto_reply", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "automatic reply:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "out of office:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "autoreply:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "auto-reply:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "automatische antwort:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "abwesenheitsnotiz:", MAIL_AUTOMATIC },
    { "Subject", BEGINS, "r\xc3\xa9ponse automatique", MAIL_AUTOMATIC },
    { "List-Id", ANY, NULL, MAIL_LIST },
    { "List-Unsubscribe", ANY, NULL, MAIL_LIST },
    { "Precedence", BEGINS, "bulk", MAIL_LIST },
    { "Precedence", BEGINS, "junk", MAIL_LIST },
    { "Precedence", BEGINS, "list", MAIL_LIST },
};

static bool is_of_word(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_';
}

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; *at != '\0'; at++)
        if (g_ascii_strncasecmp(at, word, n) == 0 &&
            (at == text || !is_of_word(at[-1])) && !is_of_word(at[n]))
            return true;
    return false;
}

static bool begins(const char *text, const char *word)
{
    return g_ascii_strncasecmp(text, word, strlen(word)) == 0;
}

static bool fits(const struct sign *s, const char *value)
{
    while (g_ascii_isspace(*value))
        value++;
    switch (s->match) {
    case ANY:
        return true;
    case ANY_BUT:
        return !begins(value, s->word);
    case BEGINS:
        return begins(value, s->word);
    case HAS_WORD:
        break;
    }
    return has_word(value, s->word);
}

/* Reports of any sort, and answers to invitations. */
static bool judge_type(struct mail *m, GMimeMessage *message)
{
    GMimeObject *top = g_mime_message_get_mime_part(message);
    GMimeContentType *type =
        top != NULL ? g_mime_object_get_content_type(top) : NULL;
    const char *what = NULL, *method = NULL;

    if (type == NULL)
        return false;
    if (g_mime_content_type_is_type(type, "multipart", "report"))
        what = g_mime_content_type_get_parameter(type, "report-type");
    else if (g_mime_content_type_is_type(type, "text", "calendar"))
        method = g_mime_content_type_get_parameter(type, "method");
    else
        return false;
    m->nature_why = "Content-Type";
    m->nature = what != NULL && begins(what, "delivery-status")
                    ? MAIL_BOUNCE
                    : MAIL_AUTOMATIC;
    /* an invitation that a person sent: REQUEST */
    return method == NULL || !begins(method, "request");
}

static bool judge(struct mail *m, enum mail_nature nature, const char *why)
{
    m->nature = nature;
    m->nature_why = why;
    return true;
}

void mail_judge_nature(struct mail *m, GMimeMessage *message,
                       const char *own_address)
{
    if (m->from != NULL && own_address != NULL &&
        g_ascii_strcasecmp(m->from, own_address) == 0) {
        judge(m, MAIL_LOOP, "From");
        return;
    }
    if (mail_count_fields(message, "Received") > RECEIVED_MAX) {
        judge(m, MAIL_LOOP, "Received");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        const char *value = mail_field(message, signs[i].field);

        if (value != NULL && fits(&signs[i], value)) {
            judge(m, signs[i].nature, signs[i].field);
            return;
        }
    }
    if (!judge_type(m, message)) {
        m->nature = MAIL_PERSONAL;
        m->nature_why = NULL;
    }
}
