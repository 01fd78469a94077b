/*
 * siren - operators hear by mail of a database that cannot be written.
 *
 * Whatever else they are told of waits in the outbox, which is in that very
 * database, as do the rows that keep others from telling the same.  So this one
 * mail goes to the mail server (net/smtp.h) itself, and what was told is known
 * to this process alone: a fault is told once, and the next one no sooner than
 * an hour later.  Of services that share a database each tells what it finds.
 *
 * A mail that the server may have taken is not sent again; one that it did not
 * take is tried again, later each time, as long as the fault lasts.
 */
#ifndef DESK_SIREN_H
#define DESK_SIREN_H

#include "base/log.h"
#include "desk/desk.h"
#include "net/smtp.h"
#include "store/database.h"

/* What was told, and when the next mail may be; zero at first. */
struct siren_past {
    int64_t told_since_us; /* of the fault: database_fault() */
    int64_t next_us;       /* monotonic */
    int64_t tries;         /* in vain, one after the other */
};
/* Is the fault that is there since then to be told now? */
bool siren_is_due(const struct siren_past *p, int64_t since_us, int64_t now_us);
/* What came of it. */
void siren_note(struct siren_past *p, int64_t since_us, enum smtp_result result,
                int64_t now_us);

/* All borrowed; desk->alerts is not NULL. */
struct siren {
    struct database *database;
    const struct desk *desk;
    const struct smtp_server *server;
    struct log *log;
    struct cancel *stop;
    struct siren_past past; /* its own */
};

/* Until it is stopped.  One thread. */
void siren_run(struct siren *s);

#endif
