/*
 * outbox - mails that go out: written in the transaction of what they tell,
 * sent afterwards by whoever claims them first.
 *
 *             claim            end               settle
 *   waiting ---------> sending -----> handing over -----> sent
 *      ^                  |                |      \-----> failed, waiting
 *      |   the claim ends |                | the claim ends
 *      +------------------+                v
 *      +------------------------------- unsure ----------> sent
 *                     an operator's word
 *
 * An operator may also drop what waits, failed or is unsure, and take that
 * back.
 *
 * Never twice, never lost:
 *
 *   1. "sending" is committed before anything is said to a server, "handing
 *      over" before the last bytes of the mail leave (net/smtp.h).
 *   2. What is found "sending" when its claim is over was not sent: it waits
 *      again.  What is found "handing over" may have been: nobody but a person
 *      can tell, so it is unsure, and stays so until an operator has said
 *      whether it arrived or is to be sent again.
 *   3. Whoever has lost a claim learns it at the next of these steps, before
 *      the last bytes leave.
 *   4. Its Message-ID is made of its ref, which never changes.
 *
 * The body is the whole mail (RFC 5322: desk/letter.h), sealed by whoever
 * writes it for the table "outbox", the column "body" and the mail's ref, since
 * links stand in it.  Message-ID: <REF@HOST>.
 *
 * Errors as in store.h.  Any thread.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/roster.h"

enum outbox_state {
    OUTBOX_WAITING,
    OUTBOX_SENT,
    OUTBOX_FAILED, /* refused for ever, or tried for too long */
    OUTBOX_SENDING,
    OUTBOX_HANDING_OVER,
    OUTBOX_UNSURE,
    OUTBOX_DROPPED, /* an operator has given it up */
    OUTBOX_N_STATES
};
/* "waiting", "sent", "failed", "sending", ...; static. */
const char *outbox_state_name(enum outbox_state state);

/* Strings owned in results, borrowed in arguments. */
struct outbox_mail {
    int64_t id;
    char *ref; /* of the caller's making; no other's */
    char *recipient, *subject;
    GBytes *body; /* sealed */
    enum outbox_state state;
    int64_t created_us;
    /* Of results alone. */
    int64_t request_id; /* 0: about none */
    int64_t tries;      /* to send it, since since_us */
    int64_t since_us;
    int64_t due_us; /* not before */
    char *why;      /* it was not sent, or may not have been; NULL */
};
void outbox_mail_free(struct outbox_mail *m);
typedef struct outbox_mail outbox_mail;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(outbox_mail, outbox_mail_free)

/* Array of struct outbox_mail *, by id. */
int roster_outbox(struct roster *p, const struct roster_page *page,
                  GPtrArray **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Of those in these states (1 << enum outbox_state, or'ed) alone; 0: any. */
int outbox_list(struct roster *p, unsigned int states,
                const struct roster_page *page, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret, 0: there is none, -1. */
int outbox_get(struct roster *p, int64_t id, struct outbox_mail **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sending ------------------------------------------------------------ */

struct outbox_claim {
    const char *owner; /* no other's in the world */
    int64_t now_us, until_us;
};
/* The mail that has been due for longest: 1 and *ret, 0: none is, -1. */
int outbox_claim(struct roster *p, const struct outbox_claim *claim,
                 struct outbox_mail **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Its last bytes are about to leave.  1: recorded; 0: the claim is lost, they
 * must not; -1: they must not either.
 */
int outbox_hand_over(struct roster *p, int64_t id, const char *owner,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct outbox_outcome {
    int64_t id;
    const char *owner;
    enum outbox_state state; /* waiting, sent, failed or unsure */
    int64_t due_us;          /* of waiting */
    const char *why;         /* of all but sent */
};
/*
 * What has come of it, with a line of the trail; of what waits again just the
 * first time ("mail.delayed"), for a server that is away is tried often.
 * Whoever has handed it over may tell so even when the claim is over meanwhile.
 * 1; 0: the claim is lost; -1.
 */
int outbox_settle(struct roster *p, const struct roster_actor *who,
                  const struct outbox_outcome *outcome,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Claims that are over at that time end as in rule 2; all of them where nobody
 * else can be at work (all).  *ret_unsure mails are unsure now.
 */
int outbox_recover(struct roster *p, const struct roster_actor *who,
                   int64_t now_us, bool all, size_t *ret_unsure,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- an operator's word ------------------------------------------------- */

enum outbox_word {
    OUTBOX_SEND_AGAIN, /* unsure, failed or dropped: as if it were new */
    OUTBOX_ARRIVED,    /* what is unsure is sent */
    OUTBOX_DROP,       /* what waits, failed or is unsure is never sent */
    OUTBOX_N_WORDS
};
/* "send-again", "arrived", "drop"; static. */
const char *outbox_word_name(enum outbox_word word);

/*
 * "not-found"; "wrong-state" with the remedy, and nothing has changed.  Heeds
 * who->once.
 */
int outbox_decide(struct roster *p, const struct roster_actor *who, int64_t id,
                  enum outbox_word word, int64_t now_us,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
