/*
 * outlook - the forecast of migrations as their stores have them: what went
 * between their hosts before, what is in their mailboxes, and what of it has
 * been copied.
 *
 * A mailbox that nobody has looked at yet is taken for one like the others of
 * its migration, and the answer says so; of a migration of which none was
 * looked at nothing is said.
 */
#ifndef FLEET_OUTLOOK_H
#define FLEET_OUTLOOK_H

#include <jansson.h>

#include "fleet/forecast.h"
#include "store/paces.h"

enum outlook_stand {
    OUTLOOK_OVER,  /* no pass over it is to come */
    OUTLOOK_WAITS, /* for its turn */
    OUTLOOK_RUNS,
};
struct outlook_mailbox {
    int64_t id;
    enum outlook_stand stand;
    uint64_t known;  /* items in the ledger by now */
    uint64_t copied; /* of these, or there already */
    uint64_t before; /* of copied: by passes before the one at hand */
    uint64_t failed;
    int priority;
    int64_t not_before_us; /* 0: now */
    /*
     * Not 0: a pass of a later round (fleet/forecast.h) over what was copied
     * by then: it compares all of it, or copies what is new, which is taken
     * for nothing.  stand and what has become of it are of this pass.
     */
    unsigned int round;
    int64_t delay_us;
    bool verifies; /* also in round 0 */
};
/* All borrowed. */
struct outlook_migration {
    struct store *store;
    const struct outlook_mailbox *mailboxes; /* in the order of their turns;
                                              * of each as many as passes */
    size_t n;
    unsigned int most, host_most; /* at once; 0: any number */
    const struct hours *only;     /* its window; or NULL */
    const struct hours *quiet;    /* of its source; or NULL */
};
struct outlook_how {
    int64_t now_us;
    unsigned int at_once; /* places of all workers */
    /* Of hosts between which nothing has gone yet; NULL: the default. */
    const struct cost_prior *prior;
};

/* What the passes that have ended brought over, or found there. */
int outlook_before(struct store *s, int64_t mailbox_id, uint64_t *ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Of one migration. */
struct outlook {
    bool known; /* false: there is nothing to say yet, or nothing to come */
    struct forecast_span span;
    struct forecast_span *mailboxes; /* as in the input */
    char *basis;                     /* "12 mailboxes of this provider" */
    enum cost_basis by;
    unsigned int tenth;   /* of its items that are done; 0 to 9 */
    unsigned int at_once; /* mailboxes, as the span has it */
};
void outlook_clear(struct outlook *o);
typedef struct outlook outlook;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(outlook, outlook_clear)

/* All in one queue; ret: room for n, which are cleared by the caller. */
int outlook_make(const struct outlook_migration *all, size_t n,
                 const struct outlook_how *how, struct outlook *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * On record as given, for people and for the record of how often it was
 * right: of the migration, and of those of its mailboxes that are not over.
 */
int outlook_give(const struct outlook_migration *m, const struct outlook *o,
                 int64_t now_us, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The latest of the migration that is on record and still to come true; *ret
 * NULL: there is none.  Its caller's, to be freed by store_forecast_free().
 */
int outlook_read(struct store *s, struct store_forecast **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * "about 20 minutes; within 35 minutes nine times in ten (12 mailboxes of this
 * provider)".  The caller frees.
 */
char *outlook_text(const struct forecast_span *span, const char *basis,
                   int64_t now_us) G_GNUC_MALLOC;
/* {"p50": ..., "p90": ..., "basis": ..., "updated": ...}; f NULL: null. */
json_t *outlook_json(const struct store_forecast *f);
/* Of another process; NULL: it is none.  store_forecast_free() it. */
struct store_forecast *outlook_parse(const json_t *json);

#endif
