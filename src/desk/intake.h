/*
 * intake - a mail that comes in becomes what it asks for.
 *
 * Each is kept, with what was decided about it, once however often it is
 * delivered: linked to its request, or in the tray for an operator, or as of no
 * consequence.  What it says and what it has attached go to the request that
 * it answers (by the number in its subject, by the mails that it refers to, or
 * by account and domain), or open a new one.
 *
 * Answered is only what a person wrote, at the address that it came from, and
 * where that may be forged only an address on file.  Of one sender so many are
 * answered within an hour, of strangers together ten times as many; what is
 * beyond is kept in the tray.
 *
 * Passwords that came in a mail are sealed with the request, or go; the mail is
 * kept without them (mail_redacted()), and its sender is told.
 */
#ifndef DESK_INTAKE_H
#define DESK_INTAKE_H

#include "desk/authorise.h"
#include "desk/desk.h"

struct intake {
    struct desk *desk;       /* borrowed */
    const char *authserv_id; /* see mail.h; NULL: nobody's; borrowed */
    unsigned int per_hour;   /* mails of one sender that are answered */
};
/* As it is configured; borrows from both. */
struct intake intake_of(struct desk *d, const struct config *c);

struct intake_done {
    bool before; /* it was taken already: nothing was done */
    enum authorise_verdict verdict;
    enum request_mail_place place;
    int64_t request_id; /* 0: none */
    int64_t mail_id;
};
/*
 * Take a mail.  now_us 0: now.  -1: it is not taken, and to be delivered again;
 * nothing of it was done.  Any thread.
 */
int intake_take(const struct intake *in, const void *bytes, size_t n,
                int64_t now_us, struct intake_done *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * An operator's word on a mail of the tray: it belongs to that request, or
 * opens a new one for that contact (Primary or Primary Billing).  All borrowed.
 */
struct intake_placing {
    int64_t mail_id;
    int64_t request_id; /* 0: a new one */
    int64_t contact_id; /* of a new one */
    const char *reason; /* for the trail; or NULL */
};
/*
 * What a person wrote is read as if it had come from that account: what is new
 * in it goes to the request, with the letters that this brings.  That word
 * stands for who wrote it; of a domain that is not the account's nothing is
 * taken over.  What a program wrote, or cannot be read, is placed as it is.  Of
 * one that had passwords the rest is read, and these are asked for by link.
 *
 * Heeds who->once.  -1, beside desk_event()'s: "not-found", "wrong-state" (it
 * is not in the tray any more), "may-not-ask" (that contact).  Any thread.
 */
int intake_place(struct desk *d, const struct roster_actor *who,
                 const struct intake_placing *p, struct intake_done *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
