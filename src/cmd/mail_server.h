/*
 * mail_server - the mail server of the configuration, by which the service
 * sends its mails.
 */
#ifndef CMD_MAIL_SERVER_H
#define CMD_MAIL_SERVER_H

#include "base/config.h"
#include "net/smtp.h"

/* Owns what `server` points to. */
struct mail_server {
    struct smtp_server server;
    char *ca_file;
    struct secret *password;
};
void mail_server_clear(struct mail_server *m);
typedef struct mail_server mail_server;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(mail_server, mail_server_clear)

/*
 * 1 and *ret, whose texts live as long as c; 0: there is none; -1, with the key
 * that is at fault.
 */
int mail_server_read(const struct config *c, struct mail_server *ret,
                     enum config_key *ret_key,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
