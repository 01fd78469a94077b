/*
 * smtp - one mail to one recipient, handed to a mail server with libcurl, and
 * an exact account of whether that server has it.
 *
 * A server answers for a mail after its last line ("end of data", RFC 5321
 * 4.1.1.4).  What is broken off before that was not taken; what is broken off
 * between that and the answer may have been.  So the caller is asked before
 * the last bytes leave: what it has recorded until then says which of the two
 * it is, whatever becomes of this process.  Nothing here is ever sent twice.
 *
 * TLS is always verified, and a password never goes without it.  Redirects,
 * proxies and .netrc play no part: the server is the operator's.
 */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"

/* Longest address of a path: RFC 5321 4.5.3.1.3, without its brackets. */
#define SMTP_ADDRESS_MAX 254
/* A mail of ours has two texts and no attachment. */
#define SMTP_MAIL_MAX ((size_t)16 * 1024 * 1024)

enum smtp_tls {
    SMTP_TLS_REQUIRED,      /* no mail without */
    SMTP_TLS_OPPORTUNISTIC, /* where the server offers it */
};

/* All borrowed. */
struct smtp_server {
    const char *url; /* "smtp://host[:port]", "smtps://host[:port]" */
    enum smtp_tls tls;
    const char *user;              /* or NULL */
    const struct secret *password; /* with it */
    const char *ca_file;           /* PEM, instead of the system's; or NULL */
    uint32_t deadline_ms;          /* of the whole conversation */
};

/*
 * Whether mails can be sent that way: a URL of such a form, a password only
 * where TLS is required.  -1 (ERR_RUN, never) names what is wrong.
 */
int smtp_check(const struct smtp_server *server,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * An address that may stand between < and > of a command: one "@", no space,
 * bracket or control character, ASCII, SMTP_ADDRESS_MAX at most.
 */
bool smtp_is_address(const char *text);

struct smtp_mail {
    const char *from, *to; /* of the envelope */
    const char *text;      /* RFC 5322; line ends of any kind */
    size_t size_bytes;
    /*
     * Called once, before the last bytes of the mail leave.  -1 with err:
     * they do not, and the server does not have it.
     */
    int (*on_end)(void *data, struct err *err);
    void *data;
    /*
     * CANCEL_DRAIN ends what on_end() was not called for yet, CANCEL_NOW all;
     * or NULL.
     */
    struct cancel *cancel;
};

enum smtp_result {
    SMTP_SENT,    /* the server has taken it */
    SMTP_REFUSED, /* for ever: this mail, in the server's words */
    SMTP_LATER,   /* not taken; another time perhaps */
    SMTP_UNSURE,  /* the answer never came: it may have been taken */
};

/*
 * err is filled for everything but SMTP_SENT: the server's own words where it
 * said any.  What would be the same for each mail (no connection, TLS, the
 * password) is SMTP_LATER with scope ERR_RUN.
 */
enum smtp_result smtp_send(const struct smtp_server *server,
                           const struct smtp_mail *mail, struct err *err);

#endif
