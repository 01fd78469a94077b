#include "desk/authorise.h"

#include <string.h>

#include "base/check.h"
#include "store/roster_accounts.h"

#define P          (1u << CONTACT_PRIMARY)
#define B          (1u << CONTACT_BILLING)
#define T          (1u << CONTACT_TECHNICAL)
#define PLACES_MAX 3

/* Accounts 1 (P-1), 2 (P-2); the contact's id is ten times the account's. */
#define AT(account, partner, roles, domain)                                    \
    {                                                                          \
        account, account * 10, partner, roles, false, domain                   \
    }

struct row {
    const char *name;
    struct authorise_facts facts;
    struct authorise_place places[PLACES_MAX];
    enum authorise_verdict want;
    int64_t account_id; /* of the place; 0: none */
};

/*
 * Article, "To request a managed migration", 1: Primary or Primary Billing;
 * "Technical Contacts are no longer allowed"; unknown ones ask Billing.
 * Article, 3: Partner ID and the customer's domain.
 */
static const struct row rows[] = {
    { "Primary",
      { .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_MAY,
      1 },
    { "Primary Billing",
      { .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", B, true) },
      AUTHORISE_MAY,
      1 },
    { "Technical",
      { .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", T, true) },
      AUTHORISE_TECHNICAL,
      1 },
    { "Primary and Technical in one",
      { .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", P | T, true) },
      AUTHORISE_MAY,
      1 },
    { "nobody on file",
      { .partner = "P-1", .domain = "a" },
      { { 0 } },
      AUTHORISE_UNKNOWN,
      0 },
    { "a disabled Primary is nobody",
      { .partner = "P-1", .domain = "a" },
      { { 1, 10, "P-1", P, true, true } },
      AUTHORISE_UNKNOWN,
      0 },
    { "Partner ID in another case",
      { .partner = "p-1", .domain = "a" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_MAY,
      1 },
    { "somebody else's Partner ID",
      { .partner = "P-9", .domain = "a" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_WRONG_PAIR,
      0 },
    { "a domain that is not the account's",
      { .partner = "P-1", .domain = "b" },
      { AT(1, "P-1", P, false) },
      AUTHORISE_WRONG_PAIR,
      0 },
    { "the other account's domain",
      { .partner = "P-1", .domain = "b" },
      { AT(1, "P-1", P, false), AT(2, "P-2", P, true) },
      AUTHORISE_WRONG_PAIR,
      0 },
    { "a Technical Contact learns nothing about the pair",
      { .partner = "P-9", .domain = "b" },
      { AT(1, "P-1", T, false) },
      AUTHORISE_TECHNICAL,
      1 },
    { "Technical there, Primary elsewhere",
      { .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", T, true), AT(2, "P-2", P, false) },
      AUTHORISE_TECHNICAL,
      1 },
    { "neither Partner ID nor domain, one account",
      { .partner = NULL },
      { AT(1, "P-1", P, false) },
      AUTHORISE_MAY,
      1 },
    { "no Partner ID, several accounts",
      { .partner = NULL },
      { AT(1, "P-1", P, false), AT(2, "P-2", B, false) },
      AUTHORISE_WHICH_ACCOUNT,
      0 },
    { "no Partner ID, several accounts, the domain tells",
      { .domain = "a" },
      { AT(1, "P-1", P, false), AT(2, "P-2", B, true) },
      AUTHORISE_MAY,
      2 },
    { "no Partner ID, two accounts with the domain",
      { .domain = "a" },
      { AT(1, "P-1", P, true), AT(2, "P-2", B, true) },
      AUTHORISE_WHICH_ACCOUNT,
      0 },
    { "no Partner ID, a domain of nobody's",
      { .domain = "x" },
      { AT(1, "P-1", P, false) },
      AUTHORISE_WRONG_PAIR,
      0 },
    { "forged",
      { .proof = MAIL_FORGED, .partner = "P-1" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_FORGED,
      1 },
    { "forged, in nobody's name",
      { .proof = MAIL_FORGED },
      { { 0 } },
      AUTHORISE_FORGED,
      0 },
    { "proven, and still unknown",
      { .proof = MAIL_PROVEN, .partner = "P-1", .domain = "a" },
      { { 0 } },
      AUTHORISE_UNKNOWN,
      0 },
    { "out of office",
      { .nature = MAIL_AUTOMATIC, .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_NOT_ANSWERED,
      0 },
    { "a bounce",
      { .nature = MAIL_BOUNCE },
      { { 0 } },
      AUTHORISE_NOT_ANSWERED,
      0 },
    { "a forged loop is not answered either",
      { .nature = MAIL_LOOP, .proof = MAIL_FORGED },
      { AT(1, "P-1", P, true) },
      AUTHORISE_NOT_ANSWERED,
      0 },
    { "an answer to a request",
      { .request_account_id = 2 },
      { AT(1, "P-1", P, false), AT(2, "P-2", P, false) },
      AUTHORISE_MAY,
      2 },
    { "an answer to somebody else's request",
      { .request_account_id = 3, .partner = "P-1", .domain = "a" },
      { AT(1, "P-1", P, true) },
      AUTHORISE_NOT_THEIRS,
      0 },
    { "an answer by a Technical Contact",
      { .request_account_id = 1 },
      { AT(1, "P-1", T, false) },
      AUTHORISE_TECHNICAL,
      1 },
    { "an answer that names another Partner ID",
      { .request_account_id = 1, .partner = "P-2" },
      { AT(1, "P-1", P, true), AT(2, "P-2", P, true) },
      AUTHORISE_WRONG_PAIR,
      0 },
};

static void test_rules(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct authorise_facts facts = rows[i].facts;
        struct authorise_result got;

        facts.has_sender = true;
        facts.places = rows[i].places;
        while (facts.n_places < PLACES_MAX &&
               rows[i].places[facts.n_places].account_id != 0)
            facts.n_places++;
        got = authorise(&facts);
        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(authorise_rule(got.verdict)->word, ==,
                        authorise_rule(rows[i].want)->word);
        g_assert_cmpint(got.place != NULL ? got.place->account_id : 0, ==,
                        rows[i].account_id);
    }
}

static void test_no_sender(void)
{
    const struct authorise_facts facts = { .partner = "P-1" };

    g_assert_cmpint(authorise(&facts).verdict, ==, AUTHORISE_NO_SENDER);
}

/*
 * Over all combinations: without the role on that very account nobody may, and
 * what a program sent is never answered.
 */
static void test_nobody_slips_through(void)
{
    for (unsigned int bits = 0; bits < 1u << 13; bits++) {
        const struct authorise_place places[] = {
            { 1, 10, "P-1", bits & 7, (bits & 8) != 0, (bits & 16) != 0 },
            { 2, 20, "P-2", bits >> 5 & 7, false, (bits & 256) != 0 },
        };
        const struct authorise_facts facts = {
            .nature = (bits & 512) != 0 ? MAIL_BOUNCE : MAIL_PERSONAL,
            .proof = (bits & 1024) != 0 ? MAIL_FORGED : MAIL_UNPROVEN,
            .has_sender = true,
            .partner = (bits & 2048) != 0 ? "P-1" : NULL,
            .domain = (bits & 4096) != 0 ? "a" : NULL,
            .places = places,
            .n_places = 2,
        };
        const struct authorise_result r = authorise(&facts);

        if (r.verdict == AUTHORISE_MAY) {
            g_assert_cmphex(r.place->roles & (P | B), !=, 0);
            g_assert_false(r.place->disabled);
            g_assert_cmpint(facts.nature, ==, MAIL_PERSONAL);
            g_assert_cmpint(facts.proof, !=, MAIL_FORGED);
            g_assert_true(facts.domain == NULL || r.place->has_domain);
            g_assert_true(facts.partner == NULL ||
                          strcmp(r.place->partner, facts.partner) == 0);
        }
        if (facts.nature != MAIL_PERSONAL)
            g_assert_cmpint(authorise_rule(r.verdict)->to, ==,
                            AUTHORISE_TO_NOBODY);
    }
}

/* Every refusal that somebody gets says why, and what to do instead. */
static void test_texts(void)
{
    for (int i = 0; i < AUTHORISE_N_VERDICTS; i++) {
        const struct authorise_rule *r =
            authorise_rule((enum authorise_verdict)i);

        g_assert_cmpuint(strlen(r->reason), >, 10);
        CHECK_ROW(r->word, r->mail == NULL || r->remedy != NULL);
        CHECK_ROW(r->word, r->to != AUTHORISE_TO_NOBODY || r->mail == NULL);
        CHECK_ROW(r->word, i == AUTHORISE_MAY || r->mail != NULL || r->tray ||
                               i == AUTHORISE_NOT_ANSWERED);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/authorise/rules", test_rules);
    g_test_add_func("/authorise/no-sender", test_no_sender);
    g_test_add_func("/authorise/nobody-slips-through",
                    test_nobody_slips_through);
    g_test_add_func("/authorise/texts", test_texts);
    return g_test_run();
}
