/*
 * requests - managed migration requests: what is known of each, the mails
 * about it, the files and passwords that came with them, and the links by
 * which contacts approve.
 *
 * Whatever happens to a request is one struct request_step, and one
 * transaction: the mail that came in, what it changes, the mails that go out
 * (roster_links.h), links, and the line of the trail.  So a mail that is
 * delivered again finds all of it or nothing.
 *
 * Passwords and files are sealed by this module for their table, row and
 * column; mails that had passwords are to be redacted by the caller.
 *
 * Errors as in store.h and seal.h, and "not-found", "changed" (somebody was
 * faster: look again).  Any thread.
 */
#ifndef STORE_REQUESTS_H
#define STORE_REQUESTS_H

#include "base/seal.h"
#include "base/secret.h"
#include "store/outbox.h"
#include "store/roster_links.h"

/* Longest texts, in bytes: a mail's line; a URL as browsers take it. */
#define REQUESTS_LINE_MAX    998
#define REQUESTS_URL_MAX     2048
#define REQUESTS_MISSING_MAX 4000
#define REQUESTS_QUOTE_MAX   65536
/* A mail as it is kept, a file: what desk/mail.h and fleet/import.h read. */
#define REQUESTS_RAW_MAX  ((size_t)32 * 1024 * 1024)
#define REQUESTS_FILE_MAX ((size_t)10 * 1024 * 1024)

struct requests;
typedef struct requests requests;

/* Both borrowed, and outlive it. */
struct requests *requests_new(struct database *d, const struct keyring *keys);
void requests_free(struct requests *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(requests, requests_free)

enum request_state {
    REQUEST_RECEIVED,
    REQUEST_AWAITING_INFORMATION,
    REQUEST_QUOTED, /* waits for approval */
    REQUEST_APPROVED,
    REQUEST_SCHEDULED,
    REQUEST_RUNNING,
    REQUEST_READY_FOR_CUTOVER,
    REQUEST_CUT_OVER, /* sweeping */
    REQUEST_COMPLETED,
    REQUEST_REFUSED,
    REQUEST_CANCELLED,
    REQUEST_EXPIRED,
    REQUEST_N_STATES
};
/* "received", "awaiting information", ...; static. */
const char *request_state_name(enum request_state state);

/* How the audit trail names the request: "request 12"; the caller frees. */
char *request_subject(int64_t id);

/* ---- a request --------------------------------------------------------- */

/* What came of signing in once at the source; see requests_take_try(). */
enum request_try_outcome {
    REQUEST_TRY_NONE,     /* nobody has */
    REQUEST_TRY_BEGUN,    /* it is under way, or whoever did it has died */
    REQUEST_TRY_ACCEPTED, /* the server knows them */
    REQUEST_TRY_REFUSED,  /* and it does not */
    REQUEST_TRY_UNKNOWN,  /* nothing was learnt of them */
    REQUEST_TRY_N_OUTCOMES
};
struct request_try {
    int64_t id;
    enum request_try_outcome outcome;
    int64_t at_us;
    /* The server's answer where it was another than "come in"; or NULL. */
    char *cause; /* name of the error */
    char *why;   /* a clause for people */
};

struct request {
    int64_t id; /* its number, as in subjects */
    int64_t version;
    enum request_state state;
    int64_t account_id;
    char *opened_by; /* address of the contact */
    /* What is known; NULL and 0: not yet. */
    char *partner, *domain, *owa_url;
    char *start, *cutover; /* "2026-12-01" */
    char *admin;           /* of the source; its password: below */
    bool has_password;
    struct request_try tried; /* of these, at that address */
    int64_t file_id, migration_id;
    char *missing;          /* words, as asked for last; NULL: nothing is */
    char *quote;            /* as it was sent, in the desk's form; NULL: none */
    int64_t quote_until_us; /* not valid any more from then on */
    int64_t state_us;       /* since then it is in its state */
    int64_t pieces_us; /* of the last change of what a migration is made of */
    int64_t told_us;   /* see struct request_change; 0: not yet */
    int64_t created_us, changed_us;
};
void request_free(struct request *r);
typedef struct request request;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(request, request_free)

/* 1 and *ret, 0: there is none, -1. */
int requests_get(struct requests *p, int64_t id, struct request **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
struct request_filter {
    unsigned int states; /* 1 << enum request_state, or'ed; 0: any */
    int64_t account_id;  /* 0: of any */
    int64_t migration_id;
    const char *domain; /* or NULL */
    const char *text;   /* in domain, Partner ID or who opened it; or NULL */
    int64_t changed_before_us; /* 0: whenever */
};
extern const struct roster_order request_orders[];
/* Array of struct request *. */
int requests_list(struct requests *p, const struct request_filter *filter,
                  const struct roster_page *page, GPtrArray **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The request that one of these Message-IDs (the nearest first) belongs to:
 * they came in about it, or we sent them.  1 and *ret_id, 0, -1.
 */
int requests_thread(struct requests *p, const GPtrArray *message_ids,
                    int64_t *ret_id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what came with it ------------------------------------------------- */

enum request_mail_place {
    REQUEST_MAIL_PLACED, /* belongs to a request */
    REQUEST_MAIL_TRAY,   /* for an operator to look at */
    REQUEST_MAIL_DONE,   /* read, and of no consequence */
    REQUEST_MAIL_N_PLACES
};
/* "placed", "tray", "done"; static. */
const char *request_mail_place_name(enum request_mail_place place);

/* Strings owned in results, borrowed in arguments. */
struct request_mail {
    int64_t id, request_id; /* 0: of none */
    /* What tells it from others; its digest where it says nothing. */
    char *message_id;
    char *sender; /* "" when it does not say */
    char *subject;
    char *digest;  /* SHA-256 of the mail as it came in, in hex */
    char *verdict; /* what was decided about it, in a few words */
    enum request_mail_place place;
    bool redacted;
    int64_t received_us;
    GBytes *raw; /* of requests_mail_get() alone; else NULL */
};
void request_mail_free(struct request_mail *m);
typedef struct request_mail request_mail;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(request_mail, request_mail_free)

struct request_mail_filter {
    int64_t request_id; /* 0: of any */
    int place;          /* enum request_mail_place, or -1 */
};
/* Array of struct request_mail *, by id. */
int requests_mails(struct requests *p, const struct request_mail_filter *filter,
                   const struct roster_page *page, GPtrArray **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* 1 and *ret with its raw bytes, 0, -1. */
int requests_mail_get(struct requests *p, int64_t id, struct request_mail **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Was it taken already?  1, 0, -1.  requests_step() has the last word. */
int requests_mail_seen(struct requests *p, const char *message_id,
                       const char *sender,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* How many came since, of a sender (NULL: of anybody) in whatever case. */
int requests_mails_count(struct requests *p, const char *sender,
                         int64_t since_us, int64_t *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* All borrowed. */
struct request_mail_move {
    int64_t mail_id;
    int64_t request_id; /* that it belongs to; 0: of no consequence */
    const char *reason; /* or NULL */
};
/*
 * An operator's decision on a mail of the tray; "wrong-state" when it is there
 * no more.  It is only placed: desk/intake.h reads it.
 */
int requests_mail_move(struct requests *p, const struct roster_actor *who,
                       const struct request_mail_move *move,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A mail about a request, as the conversation has it: in or out. */
struct request_letter {
    int64_t place; /* in its order; no other's of that request */
    int64_t id;    /* of requests_mail_get(), or of the outbox */
    bool out;
    int64_t at_us; /* it came in, or was written */
    char *person;  /* who sent it, or gets it; "" when it does not say */
    char *subject;
    /* Of what came in. */
    enum request_mail_place where;
    char *verdict;
    bool redacted;
    /* Of what goes out. */
    enum outbox_state state;
    char *why; /* it was not sent, or may not have been; or NULL */
};
void request_letter_free(struct request_letter *l);
typedef struct request_letter request_letter;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(request_letter, request_letter_free)

struct request_letter_filter {
    int64_t request_id;
    /* Of what goes out only what went to a contact of its account. */
    bool for_contacts;
};
/* Array of struct request_letter *, in the order of time; page by place. */
int requests_letters(struct requests *p,
                     const struct request_letter_filter *filter,
                     const struct roster_page *page, GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Strings owned in results, borrowed in arguments. */
struct request_file {
    int64_t id, request_id, mail_id; /* mail 0: it came by another way */
    char *name;
    char *digest; /* SHA-256, in hex */
    uint64_t size;
    int64_t created_us;
};
void request_file_free(struct request_file *f);
typedef struct request_file request_file;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(request_file, request_file_free)

/* Array of struct request_file *, by id: of one request. */
int requests_files(struct requests *p, int64_t request_id,
                   const struct roster_page *page, GPtrArray **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Its bytes; the caller wipes and frees them.  1, 0: it is gone, -1. */
int requests_file_read(struct requests *p, int64_t file_id, char **ret_bytes,
                       size_t *ret_n,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The administrative account's: 1 and *ret, 0: there is none, -1. */
int requests_password(struct requests *p, int64_t id, struct secret **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- signing in, once ---------------------------------------------------- */

/* Of one request within an hour: others are not tried then. */
#define REQUESTS_TRIES_MAX 5

/* A set that signs in; all borrowed. */
struct request_credentials {
    int64_t request_id;
    int64_t pieces_us; /* the request's, which has them; 0: it does not yet */
    const char *url, *user;
    struct secret *password;
    bool anew; /* what ended as UNKNOWN is tried once more */
};
/* The cause of what was not tried, since others were too often. */
#define REQUESTS_TOO_OFTEN "too-often"
/*
 * Before a server is asked whether they are right: that is written down, by a
 * digest of them under the sealing key, for a server locks accounts after some
 * wrong ones.  1 and *ret_id: whoever asks may try, and tells what came of it;
 * 0: they were tried, by whomever, or others were too often, and the request
 * says so from now on as its own, with the time of this asking; -1.  again:
 * somebody wishes it in so many words, whatever was found before.
 *
 * They go with the request's passwords.
 */
int requests_take_try(struct requests *p, const struct request_credentials *c,
                      bool again, int64_t now_us, int64_t *ret_id,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* With a line of the trail; what has gone meanwhile is passed over. */
int requests_end_try(struct requests *p, const struct roster_actor *who,
                     const struct request_try *t,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* "under way", "accepted", "refused", "unknown"; static. */
const char *request_try_name(enum request_try_outcome outcome);

/* ---- links ------------------------------------------------------------- */

enum request_purpose {
    REQUEST_TO_APPROVE,  /* the quote */
    REQUEST_TO_SUPPLY,   /* what is missing */
    REQUEST_TO_CUT_OVER, /* to say that users have moved */
    REQUEST_TO_READ,     /* the certificate; works until its end */
    REQUEST_N_PURPOSES
};
#define REQUEST_EVERY_PURPOSE ((1u << REQUEST_N_PURPOSES) - 1)

struct request_link {
    enum request_purpose purpose;
    int64_t request_id, contact_id, expires_us;
};
/* Why a link works, or does not. */
enum request_link_fate {
    REQUEST_LINK_GOOD,
    REQUEST_LINK_USED,
    REQUEST_LINK_EXPIRED,
    REQUEST_LINK_FORMER, /* its contact is disabled, or has no role left that
                            may ask and approve (roster_accounts.h: not
                            Technical alone) */
    REQUEST_LINK_NONE,   /* ended by what came after it, or never one */
    REQUEST_LINK_N_FATES
};
/* *ret is filled where it is not NONE. */
int requests_link_fate(struct requests *p, const uint8_t hash[TOKEN_HASH_BYTES],
                       int64_t now_us, struct request_link *ret,
                       enum request_link_fate *ret_fate,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what happens ------------------------------------------------------ */

/* The number of a new request; one that is never used leaves a gap. */
int requests_number(struct requests *p, int64_t *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be; NULL, 0 and -1: as it is. */
struct request_change {
    int state;             /* enum request_state, or -1 */
    const char *opened_by; /* a new one needs it, and account_id */
    int64_t account_id;
    const char *partner, *domain, *owa_url, *start, *cutover, *admin;
    const struct secret *password;
    const char *missing; /* "": nothing */
    int64_t migration_id;
    const char *quote; /* with its end; "": none any more */
    int64_t quote_until_us;
    bool told; /* how it goes, or that it is closed: noted as told_us */
    /* Sent before (1 << enum request_purpose, or'ed); the step's are new. */
    unsigned int end_links;
    bool file;    /* the step's file is the one that counts from now on */
    bool destroy; /* password and files go, for ever */
};

struct request_new_link {
    enum request_purpose purpose;
    int64_t contact_id;
    uint8_t hash[TOKEN_HASH_BYTES];
    int64_t expires_us;
};

/* What a migration is made of; then its pieces_us is the step's time. */
bool request_has_pieces(const struct request_change *c);

/* All borrowed. */
struct request_step {
    int64_t now_us;
    int64_t request_id; /* 0: about none, a mail for the tray */
    bool open;          /* a new one with that number */
    /*
     * Of a new one: states (1 << enum request_state, or'ed) in which another
     * one of its account and domain must not be, else "changed": it came
     * meanwhile.  0: it may.
     */
    unsigned int unless;
    int64_t version; /* 0: whichever it is; else "changed" */
    const struct request_change *change; /* NULL: as it is */
    const struct request_mail *mail;     /* message_id to raw; NULL: none */
    int64_t tray_mail; /* one of the tray that belongs to it; 0: none */
    const struct request_file *file; /* name, digest, size; NULL: none */
    const char *file_bytes;
    const struct outbox_mail *out; /* ref, recipient, subject, body */
    size_t n_out;
    const struct request_new_link *links;
    size_t n_links;
    const uint8_t *used_link; /* used up by this; NULL: none */
    /* Of the trail: "request.open", and what it tells or NULL. */
    const char *action, *detail;
};
struct request_done {
    int64_t mail_id, file_id; /* 0: none */
};
/*
 * 1: done, now or (who->once->again) before; 0: nothing was, because the mail
 * was taken before or the link was used, perhaps at this very moment by
 * somebody else; -1.
 */
int requests_step(struct requests *p, const struct roster_actor *who,
                  const struct request_step *step, struct request_done *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Those that are over (completed, refused, cancelled, expired) and have not
 * changed since before_us go, with all that came with them; each with its line
 * of the trail.  How many there were, at most so many at a time that nobody
 * waits for long; -1.
 */
int requests_forget(struct requests *p, const struct roster_actor *who,
                    int64_t before_us,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
