/*
 * known - what a request knows already, as whoever takes something new for it
 * has to look at it: by mail (intake.h) and on its page (supply.h) alike.
 */
#ifndef DESK_KNOWN_H
#define DESK_KNOWN_H

#include "desk/complete.h"
#include "desk/desk.h"

/* Was that asked for last? */
bool known_was_missing(const struct request *r, enum complete_piece piece);

/* What was tried in vain is no better before there is another. */
enum complete_check known_check(const struct request *r,
                                enum complete_piece piece, bool is_new);

/* The file held to the domain and the source's host; import_free() it. */
struct import *known_import(const struct complete_known *known,
                            const char *bytes, size_t n);
/*
 * The same of the file that counted until now.  *ret stays as it is where there
 * is none.  -1 as requests_file_read().
 */
int known_old_import(const struct desk *d, const struct request *r,
                     const struct complete_known *known, struct import **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with a file, for a letter: adds texts, which `to` frees. */
void known_add_faults(const struct import *import, GPtrArray *to);

/* Until it runs: what is new is still taken for it. */
#define KNOWN_BEFORE_RUN                                                       \
    (1u << REQUEST_RECEIVED | 1u << REQUEST_AWAITING_INFORMATION |             \
     1u << REQUEST_QUOTED | 1u << REQUEST_APPROVED | 1u << REQUEST_SCHEDULED | \
     1u << REQUEST_EXPIRED)
#define KNOWN_IN_WAITING                                                       \
    (1u << REQUEST_RECEIVED | 1u << REQUEST_AWAITING_INFORMATION)
/*
 * The file may come before the request, and a request twice: what is about the
 * same domain of the same account is the same migration until that runs.
 * Without a domain the one that waits for something is meant, if it is one.
 * *ret stays as it is where there is none.
 */
int known_open_request(const struct desk *d, int64_t account_id,
                       const char *domain, struct request **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Is it one of the account's?  domain: in lower case, or NULL. */
bool known_has_domain(const struct roster_account *a, const char *domain);

#endif
