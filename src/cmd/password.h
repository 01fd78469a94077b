/*
 * password - the password of a side's administrative account, or the client
 * secret of its application.
 *
 * Never from the command line, where every process of the machine could read
 * it.  In this order: the file of --SIDE-password-file, the environment
 * (MAILFERRY_SOURCE_PASSWORD, MAILFERRY_DESTINATION_PASSWORD; wiped and unset
 * when read), the systemd credential SIDE-password in $CREDENTIALS_DIRECTORY,
 * a question on the controlling terminal.  Of an application likewise, with
 * -oauth-secret and _OAUTH_SECRET for -password and _PASSWORD; of a proxy's
 * user, with "proxy" for the side.  A service's API token comes from
 * --token-file, MAILFERRY_TOKEN or the credential service-token.
 */
#ifndef CMD_PASSWORD_H
#define CMD_PASSWORD_H

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"

enum password_side {
    PASSWORD_SOURCE,
    PASSWORD_DESTINATION,
    PASSWORD_SOURCE_OAUTH,
    PASSWORD_DESTINATION_OAUTH,
    PASSWORD_PROXY,
    PASSWORD_OPERATOR, /* of the service */
    PASSWORD_TOKEN,    /* of the service's API */
};

struct password_request {
    enum password_side side;
    const char *file;      /* of --SIDE-password-file; NULL: not given */
    const char *user;      /* whose it is, for the question */
    struct cancel *cancel; /* ends the question; or NULL */
};

/*
 * -1: the file or credential cannot be used, the question was not answered
 * or was interrupted, or there is nobody to ask (the remedy lists the ways).
 * Echo is off while the question stands and is restored whatever happens,
 * also by a signal that ends or stops the process.  One thread at a time,
 * before others start: it changes the environment and signal handlers.
 */
int password_get(const struct password_request *request, struct secret **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
