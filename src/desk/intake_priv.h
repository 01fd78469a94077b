/*
 * intake_priv - what the files of intake.h share:
 *
 *   intake.c          a mail, and where it goes
 *   intake_sender.c   who wrote it, and who that is on file
 *   intake_place.c    one of the tray, by an operator's word
 *   intake_request.c  which request it is about, and what it changes there
 */
#ifndef DESK_INTAKE_PRIV_H
#define DESK_INTAKE_PRIV_H

#include "desk/asked.h"
#include "desk/intake.h"
#include "desk/mail.h"

/* A mail while it is taken; strings borrowed from mail where not said. */
struct taking {
    const struct intake *in;
    const struct roster_actor *who;
    const struct intake_placing *placing; /* NULL: it comes in just now */
    int64_t now_us;
    struct mail *mail;
    struct asked asked;
    bool saw_password;
    bool flood;
    struct request_mail kept; /* raw is owned */

    struct request *request; /* owned; NULL: none is meant */
    GPtrArray *contacts;     /* of struct roster_contact *: with that address */
    GPtrArray *accounts;     /* of struct roster_account *: theirs */
    struct authorise_place *places; /* owned; as many */
    struct authorise_result may;
};

/* All that it owns; not the intake, nor the placing. */
void taking_release(struct taking *t);
/* For another try, when the request changed meanwhile. */
void taking_forget(struct taking *t);
/* Changes by others that one mail waits for. */
#define TAKING_TRIES_MAX 5

/* NULL when it was not said, or in two ways. */
const char *taking_said(const struct taking *t, enum asked_field field);

/* intake_sender.c: fills contacts, accounts, places. */
int taking_find_sender(struct taking *t,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Fills may. */
void taking_authorise(struct taking *t);

/* intake_request.c */

/* The request that it names or answers; fills request. */
int taking_find_request(struct taking *t,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* One that the same account has for the same domain; fills request. */
int taking_find_open(struct taking *t,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* From somebody who may: 1, 0 (it was taken before), -1. */
int taking_apply(struct taking *t, struct intake_done *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* intake_place.c: out of the tray, and change nothing else. */
int taking_move(struct taking *t, struct intake_done *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Keep it with its request, and change nothing else. */
int taking_link(struct taking *t, struct intake_done *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
