/*
 * desk_testing - what tests of the desk share: one on SQLite in a new folder,
 * with accounts and contacts on file.
 *
 *     P-1001  Acme     contoso.example, fabrikam.example
 *             anna@contoso.example   Primary
 *             berta@contoso.example  Primary Billing
 *             tom@contoso.example    Technical
 *     P-2002  Globex   globex.example, tailspin.example
 *             carl@globex.example    Primary
 *             multi@partner.example  Primary, also of P-3003
 *     P-3003  Initech  initech.example
 *             multi@partner.example  Primary Billing
 */
#ifndef DESK_DESK_TESTING_H
#define DESK_DESK_TESTING_H

#include "desk/desk.h"
#include "store/roster_testing.h"

#define DESK_TESTING_NOW (INT64_C(1800000000) * 1000000)

struct desk_fixture {
    struct roster_fixture store;
    struct keyring *keys;
    struct config *config;
    struct desk *desk;
    int64_t acme, globex, initech; /* accounts */
    int64_t anna, berta, tom;      /* contacts of Acme */
};

/* For g_test_add(). */
void desk_fixture_set_up(struct desk_fixture *f, gconstpointer data);
void desk_fixture_tear_down(struct desk_fixture *f, gconstpointer data);

/* All mails as "RECIPIENT: SUBJECT", a line each.  The caller frees. */
char *desk_fixture_outbox(struct desk_fixture *f);
guint desk_fixture_n_out(struct desk_fixture *f);
/* The text of the one with that number from 0, decoded.  The caller frees. */
char *desk_fixture_letter(struct desk_fixture *f, guint number);
/*
 * The token of the first link of that purpose in it, as its hash; false: there
 * is none.
 */
bool desk_fixture_token(struct desk_fixture *f, guint number,
                        enum request_purpose purpose,
                        uint8_t hash[TOKEN_HASH_BYTES]);
/* The trail from the fixture's end on, as roster_fixture_trail(). */
char *desk_fixture_trail(struct desk_fixture *f);
struct request *desk_fixture_request(struct desk_fixture *f, int64_t id);

#endif
