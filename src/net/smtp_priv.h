/*
 * smtp_priv - what the files of smtp.h share:
 *
 *   smtp.c         the conversation
 *   smtp_answer.c  what an answer means
 */
#ifndef NET_SMTP_PRIV_H
#define NET_SMTP_PRIV_H

#include "net/smtp.h"

/* What the server was last told: its answer is to that. */
enum smtp_word {
    SMTP_WORD_NONE,  /* it is about to greet */
    SMTP_WORD_OTHER, /* EHLO, STARTTLS */
    SMTP_WORD_AUTH,  /* and what follows it */
    SMTP_WORD_MAIL,
    SMTP_WORD_RCPT,
    SMTP_WORD_DATA, /* and the mail itself, whose answer follows */
    SMTP_WORD_QUIT,
};
/* line: what was just sent, not ended by a NUL.  After AUTH come its tokens. */
enum smtp_word smtp_word_after(enum smtp_word before, const char *line,
                               size_t n);

/* All borrowed. */
struct smtp_answer {
    const struct smtp_server *server;
    const char *to;
    enum smtp_word word;
    const char *words; /* lines as they came */
};
/*
 * What a status of 4xx or 5xx means for the mail.  Never SMTP_SENT, and not
 * SMTP_UNSURE: whoever says no has not taken it.
 */
enum smtp_result smtp_answer_judge(const struct smtp_answer *a, long status,
                                   struct err *err);

#endif
