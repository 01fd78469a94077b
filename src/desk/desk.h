/*
 * desk - what happens to a request, in one transaction: desk_event().
 *
 * An event goes through life_next(); the acts that are letters, links and the
 * request's own row are carried out with the new state in one
 * requests_step().  What takes time or the network is not done here: whoever
 * minds the requests does it afterwards, by the state alone:
 *
 *   received or awaiting information, nothing missing   to be checked: probe,
 *           credentials, check pass; then LACKS or COMPLETE
 *   quoted, without a quote        something changed: check again, then
 *           CHANGED with the new one
 *   approved                       pick a slot: SCHEDULE
 *   scheduled, running, ...        migration, passes, certificate
 *
 * What is missing is kept in the request (struct request.missing, the words of
 * complete.h), and tells also what was tried in vain.  It was asked for by
 * letter when struct request.told_us is not before state_us; of pieces that
 * came by mail, when it is not before pieces_us.
 *
 * Letters go to the contact who wrote or supplied what they answer, of their
 * own accord to the one who opened the request, else to another one of its
 * account who may approve; with nobody on file the event happens all the same,
 * and the trail says that nobody was told.  Letters wait in the outbox as
 * whole mails (letter_mime()), sealed for "outbox", "body", ref; their
 * Message-ID is REF@HOST of our address, so that answers find their request
 * (requests_thread()).
 *
 * Errors as in store/requests.h and life.h.  Any thread.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "base/config.h"
#include "desk/complete.h"
#include "desk/letter.h"
#include "desk/life.h"
#include "desk/price.h"
#include "store/migrations.h"
#include "store/requests.h"

/* ---- the desk ------------------------------------------------------------ */

/*
 * What it works with; all borrowed, and outlive it.  jobs, migrations: NULL
 * where it only writes to requests.
 */
struct desk_stores {
    struct database *database;
    struct roster *roster;
    struct jobs *jobs;
    struct migrations *migrations;
    const struct keyring *keys;
};

/* Open, it never changes: to be read by anybody. */
struct desk {
    struct desk_stores stores;
    struct requests *requests;
    struct letters *letters;
    struct price_list *prices; /* NULL: nothing can be quoted */
    char *address, *name;      /* where mails come from */
    char *alerts;              /* where an operator is told; NULL: nowhere */
    char *public_url;          /* without a slash at its end */
    bool minded;               /* somebody looks at requests (clerk.h) */
    int64_t wait_us;           /* for what is missing */
    int64_t owner_us;          /* for passwords of mailboxes' owners */
    int64_t sweep_us;          /* after cutover */
    int64_t every_us;          /* between two sweeps */
    uint64_t a_day; /* mailboxes that begin on a day; 0: any number */
};
typedef struct desk desk;

/* Is there one in this configuration: has it an address (desk.address)? */
bool desk_is_configured(const struct config *c);
/*
 * -1, with its remedy: there is none, it lacks the public URL, a template or
 * the price list has a fault.
 */
int desk_open(const struct config *c, const struct desk_stores *stores,
              struct desk **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void desk_close(struct desk *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(desk, desk_close)

/*
 * What a link of that purpose is: "https://.../approve/TOKEN",
 * ".../supply/...". A page there shows at GET, and does it at POST.
 * secret_wipe() and free it.
 */
char *desk_link(const struct desk *d, enum request_purpose purpose,
                const char *token) G_GNUC_MALLOC;

/* ---- events -------------------------------------------------------------- */

/* In place of an enum life_event: the state stays. */
#define DESK_NO_EVENT ((int)LIFE_N_EVENTS)

/* All borrowed; what is 0 or NULL is not there, or stays as it is. */
struct desk_wish {
    /* 0: a new one; `change` then has opened_by and account_id. */
    int64_t request_id;
    /* As it was when this was decided; else "changed".  0: whichever it is. */
    int64_t version;
    unsigned int unless; /* of a new one: as in struct request_step */
    int event;           /* enum life_event, or DESK_NO_EVENT */

    /*
     * What is known from now on; its state, missing, quote, end_links and
     * destroy are the event's, and not read.
     */
    const struct request_change *change;
    /*
     * All that is missing now.  Where the request is (again, or newly) in
     * "received" and there is any, LACKS follows at once.  NULL: not looked at.
     */
    const struct complete_list *missing;
    const struct request_mail *mail; /* as in struct request_step */
    int64_t tray_mail;               /* likewise */
    const struct request_file *file;
    const char *file_bytes;
    const uint8_t *used_link;

    /*
     * Of MAKE_QUOTE; without one the old one goes, and is to be made anew.  It
     * is kept, as quote_json() has it, and its end is the link's.
     */
    const struct quote *quote;
    /* Of the letters: */
    const GPtrArray *faults;     /* of char *: of the import file */
    const GPtrArray *progress;   /* of char *: of "done" and "progress" */
    const char *reason, *remedy; /* of "refused" and "trouble" */
    const char *forecast; /* how long it takes, in words; NULL: as quoted */
    const char *approved_by;
    const char *link; /* a page of those letters that need no token */
    /*
     * Whoever supplies is still at it, or an address is to be tried first: what
     * is missing is asked for later, by who minds the request (clerk.h).
     * Heeded where there is somebody.
     */
    bool at_work;
    bool late; /* that is now: links sent in between stay */
    /* Kinds of letters beside those of the event; ends with NULL. */
    const char *const *letters;
    const char *in_reply_to; /* Message-ID of what they answer */
    /* Address of the contact whom they answer; heeded when they may ask. */
    const char *writer;

    /* Of the trail; action NULL: "request.open", or the event's name. */
    const char *action, *detail;
    int64_t now_us; /* 0: now */
};

struct desk_done {
    int64_t request_id, mail_id, file_id;
    enum request_state state;
};

/*
 * 1 and *ret (which may be NULL); 0: nothing was done, because the mail was
 * taken before or the link is used up; -1.  Without a version, a request that
 * changed meanwhile is read and planned again.
 */
int desk_event(struct desk *d, const struct roster_actor *who,
               const struct desk_wish *wish, struct desk_done *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * To whom its letters go: 1 and *ret, 0: nobody on file may have them, -1.
 */
int desk_contact(struct desk *d, const struct request *r,
                 struct roster_contact **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- letters ------------------------------------------------------------- */

/* All borrowed. */
struct desk_letter {
    const char *kind; /* of letters_kinds() */
    const char *to;
    const char *in_reply_to; /* or NULL */
    int64_t request;         /* 0: about none */
    const struct letter_values *values;
    int64_t now_us;
};
/* For requests_step() and roster_links_add(); outbox_mail_free() it. */
int desk_write(const struct desk *d, const struct desk_letter *l,
               struct outbox_mail **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same as a server takes it, for what cannot wait in the outbox. */
GBytes *desk_mail(const struct desk *d, const struct desk_letter *l);

/* "2026-12-31 14:05 UTC", as letters say it.  The caller frees. */
char *desk_time(int64_t us) G_GNUC_MALLOC;

#endif
