/*
 * sender - takes mails out of the outbox (store/outbox.h) to the mail server
 * (net/smtp.h), one after the other.
 *
 * What the server does not take now is tried again after a delay that doubles,
 * until the mail is too old.  What would be the same for every mail (nobody
 * there, TLS, the password) holds all of them for a while.  Whatever ends
 * otherwise than sent is told in the log and on the trail; an operator finds it
 * with "mailferry outbox list".
 *
 * As many senders as there are processes of the service may run at a time.
 */
#ifndef DESK_SENDER_H
#define DESK_SENDER_H

#include "base/cancel.h"
#include "base/log.h"
#include "base/seal.h"
#include "net/smtp.h"
#include "store/outbox.h"

/* All borrowed, and outlive it. */
struct sender_config {
    struct roster *roster;
    const struct keyring *keys;
    const struct smtp_server *server;
    const char *from;    /* of the envelope: where bounces go */
    int64_t give_up_us;  /* how old a mail may become */
    bool embedded;       /* no other process sends out of this outbox */
    struct log *log;     /* or NULL */
    struct cancel *stop; /* or NULL */
};

struct sender;
typedef struct sender sender;

struct sender *sender_new(const struct sender_config *config);
void sender_free(struct sender *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sender, sender_free)

/* Until it is stopped.  One thread. */
void sender_run(struct sender *s);

/* How long to wait after that many tries: from one minute to four hours. */
int64_t sender_delay_us(int64_t tries);

#endif
