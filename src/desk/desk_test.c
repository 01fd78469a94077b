#include "desk/desk_testing.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

#define NOW DESK_TESTING_NOW
#define DAY TIMESTAMP_DAY
#define URL "https://desk.provider.example/"

static const struct complete_list nothing = { 0 };
static const struct complete_list two = { 1u << COMPLETE_OWA_URL |
                                          1u << COMPLETE_CREDENTIALS };

static struct quote *quote_new(int64_t until_us)
{
    static const char list[] = "[price-list]\ncurrency = EUR\ndigits = 2\n"
                               "minimum = 0\nallowance = 5G\nper-gb = 1.50\n"
                               "valid-days = 30\ntax = plus 19 % VAT\n"
                               "[tiers]\n1- = 25.00\n";
    const struct price_measure of = { 3, 0 };
    g_autoptr(GPtrArray) faults = NULL;
    g_autoptr(price_list) p = price_list_read(list, strlen(list), &faults);
    struct quote *q = NULL;
    struct err err;

    g_assert_nonnull(p);
    CHECK_OK(quote_make(p, &of, NOW, &q, &err), &err);
    q->until_us = until_us;
    q->time = (struct quote_time){ 7200, 10800, g_strdup("a check") };
    return q;
}

static struct request_change of_anna(const struct desk_fixture *f)
{
    return (struct request_change){ .opened_by = "anna@contoso.example",
                                    .account_id = f->acme,
                                    .partner = "P-1001",
                                    .domain = "contoso.example" };
}

/* 1, 0; fails the test on an error. */
static int apply(struct desk_fixture *f, struct desk_wish *w,
                 struct desk_done *done)
{
    struct err err;
    int result;

    w->now_us = NOW;
    result = desk_event(f->desk, &roster_alice, w, done, &err);
    if (result < 0)
        g_error("%s", err.msg);
    return result;
}

static int64_t open_one(struct desk_fixture *f,
                        const struct complete_list *missing)
{
    const struct request_change change = of_anna(f);
    struct desk_wish w = { .event = DESK_NO_EVENT,
                           .change = &change,
                           .missing = missing };
    struct desk_done done;

    g_assert_cmpint(apply(f, &w, &done), ==, 1);
    return done.request_id;
}

static enum request_state event(struct desk_fixture *f, int64_t id,
                                enum life_event event)
{
    struct desk_wish w = { .request_id = id, .event = event };
    struct desk_done done;

    g_assert_cmpint(apply(f, &w, &done), ==, 1);
    return done.state;
}

static void quoted(struct desk_fixture *f, int64_t id)
{
    g_autoptr(quote) q = quote_new(NOW + 30 * DAY);
    struct desk_wish w = { .request_id = id,
                           .event = LIFE_COMPLETE,
                           .quote = q };

    g_assert_cmpint(apply(f, &w, NULL), ==, 1);
}

static void check_trail(struct desk_fixture *f, const char *want)
{
    g_autofree char *got = desk_fixture_trail(f);

    g_assert_cmpstr(got, ==, want);
}

static void check_outbox(struct desk_fixture *f, const char *want)
{
    g_autofree char *got = desk_fixture_outbox(f);

    g_assert_cmpstr(got, ==, want);
}

static enum request_link_fate fate_of(struct desk_fixture *f,
                                      const uint8_t *hash, int64_t now_us,
                                      struct request_link *ret)
{
    enum request_link_fate fate = REQUEST_LINK_N_FATES;
    struct err err;

    CHECK_OK(
        requests_link_fate(f->desk->requests, hash, now_us, ret, &fate, &err),
        &err);
    return fate;
}

/* ---- opening ------------------------------------------------------------- */

/* What is missing is asked for in the transaction that opens the request. */
static void test_lacks(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &two);
    g_autoptr(request) r = desk_fixture_request(f, id);
    g_autofree char *text = desk_fixture_letter(f, 0);
    uint8_t hash[TOKEN_HASH_BYTES];
    struct request_link link = { 0 };

    (void)data;
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(r->missing, ==, "owa-url\ncredentials");
    check_outbox(f, "anna@contoso.example: [MF-1001] What is missing for your "
                    "managed migration\n");
    check_trail(f, "request.open request 1001 awaiting information; missing: "
                   "owa-url credentials\n");
    g_assert_nonnull(strstr(text, "OWA URL"));
    g_assert_nonnull(strstr(text, "until 2027-02-14 08:00 UTC"));
    /* its link opens, for her, as long as the desk waits */
    g_assert_true(desk_fixture_token(f, 0, REQUEST_TO_SUPPLY, hash));
    g_assert_cmpint(fate_of(f, hash, NOW + 30 * DAY - 1, &link), ==,
                    REQUEST_LINK_GOOD);
    g_assert_cmpint(link.request_id, ==, id);
    g_assert_cmpint(link.contact_id, ==, f->anna);
    g_assert_cmpint(fate_of(f, hash, NOW + 30 * DAY, &link), ==,
                    REQUEST_LINK_EXPIRED);
}

/*
 * While somebody is at it nothing is asked for, where there is who asks later;
 * that is told once.
 */
static void test_at_work(struct desk_fixture *f, gconstpointer data)
{
    const struct request_change change = of_anna(f);
    struct desk_wish w = { .event = DESK_NO_EVENT,
                           .change = &change,
                           .missing = &two,
                           .at_work = true };
    struct desk_wish later = { .event = LIFE_LACKS, .missing = &two };
    uint8_t hash[TOKEN_HASH_BYTES];
    struct request_link link = { 0 };
    struct desk_done done;
    g_autoptr(request) r = NULL, asked = NULL;

    (void)data;
    f->desk->minded = true;
    g_assert_cmpint(apply(f, &w, &done), ==, 1);
    r = desk_fixture_request(f, done.request_id);
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(r->missing, ==, "owa-url\ncredentials");
    g_assert_cmpint(r->told_us, <, r->state_us);
    check_outbox(f, "");
    later.request_id = r->id;
    g_assert_cmpint(apply(f, &later, NULL), ==, 1);
    asked = desk_fixture_request(f, r->id);
    g_assert_cmpint(asked->told_us, >=, asked->state_us);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 1);
    /* what is asked late ends no link that was sent in between */
    g_assert_true(desk_fixture_token(f, 0, REQUEST_TO_SUPPLY, hash));
    later.late = true;
    g_assert_cmpint(apply(f, &later, NULL), ==, 1);
    g_assert_cmpint(fate_of(f, hash, NOW, &link), ==, REQUEST_LINK_GOOD);
    later.late = false;
    g_assert_cmpint(apply(f, &later, NULL), ==, 1);
    g_assert_cmpint(fate_of(f, hash, NOW, &link), ==, REQUEST_LINK_NONE);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 3);
    /* and where nobody asks later, at once */
    f->desk->minded = false;
    g_assert_cmpint(apply(f, &w, NULL), ==, 1);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 4);
}

static void test_whole(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    g_autoptr(request) r = desk_fixture_request(f, id);

    (void)data;
    g_assert_cmpint(r->state, ==, REQUEST_RECEIVED);
    g_assert_null(r->missing);
    check_outbox(f, "");
    check_trail(f, "request.open request 1001 received\n");
}

/* ---- the quote ----------------------------------------------------------- */

static void test_quote(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    uint8_t hash[TOKEN_HASH_BYTES];
    struct desk_wish approve = { .request_id = id,
                                 .event = LIFE_APPROVE,
                                 .used_link = hash,
                                 .approved_by = "anna@contoso.example" };
    g_autofree char *offer = NULL, *approved = NULL;

    (void)data;
    quoted(f, id);
    offer = desk_fixture_letter(f, 0);
    g_assert_nonnull(strstr(offer, "Total: 75.00 EUR\nplus 19 % VAT\n"));
    g_assert_nonnull(strstr(offer, "3 x 25.00 = 75.00 EUR"));
    g_assert_nonnull(strstr(offer, "From its beginning until it is ready "
                                   "for cutover: about 2 h; within "
                                   "3 h nine times in ten (a check)\n"));
    g_assert_true(desk_fixture_token(f, 0, REQUEST_TO_APPROVE, hash));
    g_assert_cmpint(apply(f, &approve, NULL), ==, 1);
    approved = desk_fixture_letter(f, 1);
    g_assert_nonnull(strstr(approved, "75.00 EUR"));
    g_assert_nonnull(strstr(approved, "by anna@contoso.example"));
    check_trail(f, "request.open request 1001 received\n"
                   "request.complete request 1001 quoted\n"
                   "request.approve request 1001 approved\n");
}

/* As quoted, until somebody knows better. */
static void test_forecast(struct desk_fixture *f, gconstpointer data)
{
    const struct request_change change = { .start = "2027-01-20" };
    int64_t id = open_one(f, &nothing);
    struct desk_wish approve = { .request_id = id, .event = LIFE_APPROVE },
                     schedule = { .request_id = id,
                                  .event = LIFE_SCHEDULE,
                                  .change = &change },
                     begin = { .request_id = id,
                               .event = LIFE_START,
                               .forecast = "2 to 3 days" };
    g_autofree char *dates = NULL, *begun = NULL;

    (void)data;
    quoted(f, id);
    g_assert_cmpint(apply(f, &approve, NULL), ==, 1);
    g_assert_cmpint(apply(f, &schedule, NULL), ==, 1);
    dates = desk_fixture_letter(f, 2);
    g_assert_nonnull(strstr(dates, "2027-01-20"));
    g_assert_nonnull(strstr(dates, "From its beginning until it is ready "
                                   "for cutover: about 2 h; within "
                                   "3 h nine times in ten (a check)\n"));
    g_assert_cmpint(apply(f, &begin, NULL), ==, 1);
    begun = desk_fixture_letter(f, 3);
    g_assert_nonnull(strstr(begun, "Until it is ready for cutover: 2 to "
                                   "3 days\n"));
}

/* The letter of a day: what is not known then is not what the quote said. */
static void test_daily(struct desk_fixture *f, gconstpointer data)
{
    static const char *const kinds[] = { "progress", NULL };
    const struct request_change told = { .state = -1, .told = true };
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    struct desk_wish day = { .event = DESK_NO_EVENT,
                             .change = &told,
                             .progress = lines,
                             .letters = kinds,
                             .action = "request.progress",
                             .forecast =
                                 "about 4 h; within 6 h nine times in "
                                 "ten (12 mailboxes of this provider)" };
    g_autofree char *known = NULL, *unknown = NULL;

    (void)data;
    day.request_id = open_one(f, &nothing);
    quoted(f, day.request_id);
    g_ptr_array_add(lines, (gpointer)(uintptr_t) "3 of 9 mailboxes are copied");
    g_assert_cmpint(apply(f, &day, NULL), ==, 1);
    known = desk_fixture_letter(f, 1);
    g_assert_nonnull(strstr(known, "- 3 of 9 mailboxes are copied\n"));
    g_assert_nonnull(strstr(known, "From now until it is ready for cutover: "
                                   "about 4 h; "
                                   "within 6 h nine times in ten (12 mailboxes "
                                   "of this provider)\n"));
    day.forecast = NULL;
    g_assert_cmpint(apply(f, &day, NULL), ==, 1);
    unknown = desk_fixture_letter(f, 2);
    g_assert_nonnull(strstr(unknown, "- 3 of 9 mailboxes are copied\n"));
    g_assert_null(strstr(unknown, "ready for cutover"));
}

/* Used once, a link does nothing more, and tells nobody anything. */
static void test_link_once(struct desk_fixture *f, gconstpointer data)
{
    int64_t one = open_one(f, &nothing), other = open_one(f, &nothing);
    uint8_t hash[TOKEN_HASH_BYTES];
    struct desk_wish approve = { .event = LIFE_APPROVE, .used_link = hash };
    g_autoptr(request) r = NULL;

    (void)data;
    quoted(f, one);
    quoted(f, other);
    g_assert_true(desk_fixture_token(f, 0, REQUEST_TO_APPROVE, hash));
    approve.request_id = other;
    g_assert_cmpint(apply(f, &approve, NULL), ==, 0);
    r = desk_fixture_request(f, other);
    g_assert_cmpint(r->state, ==, REQUEST_QUOTED);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 2);
}

/* The quote goes, with its link, until there is another. */
static void test_changed(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    g_autoptr(quote) q = quote_new(NOW + 5 * DAY);
    struct desk_wish again = { .request_id = id,
                               .event = LIFE_CHANGED,
                               .quote = q };
    uint8_t hash[TOKEN_HASH_BYTES];
    struct request_link link;
    g_autoptr(request) without = NULL, with = NULL;

    (void)data;
    quoted(f, id);
    g_assert_true(desk_fixture_token(f, 0, REQUEST_TO_APPROVE, hash));
    g_assert_cmpint(event(f, id, LIFE_CHANGED), ==, REQUEST_QUOTED);
    without = desk_fixture_request(f, id);
    g_assert_null(without->quote);
    g_assert_cmpint(without->quote_until_us, ==, 0);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 1);
    g_assert_cmpint(fate_of(f, hash, NOW, &link), ==, REQUEST_LINK_NONE);
    g_assert_cmpint(apply(f, &again, NULL), ==, 1);
    with = desk_fixture_request(f, id);
    g_assert_cmpint(with->quote_until_us, ==, NOW + 5 * DAY);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 2);
    /* its link lives as long as the quote, not as long as the desk waits */
    g_assert_true(desk_fixture_token(f, 1, REQUEST_TO_APPROVE, hash));
    g_assert_cmpint(fate_of(f, hash, NOW + 5 * DAY - 1, &link), ==,
                    REQUEST_LINK_GOOD);
    g_assert_cmpint(fate_of(f, hash, NOW + 5 * DAY, &link), ==,
                    REQUEST_LINK_EXPIRED);
}

/* ---- on the way ---------------------------------------------------------- */

static void test_wrong_state(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    const struct desk_wish w = { .request_id = id, .event = LIFE_APPROVE };
    const struct desk_wish none = { .request_id = 7, .event = LIFE_APPROVE };
    struct err err;

    (void)data;
    g_assert_cmpint(desk_event(f->desk, &roster_alice, &w, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "wrong-state");
    g_assert_nonnull(err.remedy);
    g_assert_cmpint(desk_event(f->desk, &roster_alice, &none, NULL, &err), ==,
                    -1);
    g_assert_cmpstr(err.name, ==, "not-found");
    check_trail(f, "request.open request 1001 received\n");
}

/* Who has decided on what is no more must look again. */
static void test_version(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    g_autoptr(request) r = desk_fixture_request(f, id);
    const struct desk_wish w = { .request_id = id,
                                 .version = r->version,
                                 .event = LIFE_CANCEL };
    struct err err;

    (void)data;
    quoted(f, id);
    g_assert_cmpint(desk_event(f->desk, &roster_alice, &w, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "changed");
}

/* Back to the beginning, and on from there as far as it goes. */
static void test_again(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &two);
    struct desk_wish again = { .request_id = id,
                               .event = LIFE_QUOTE_AGAIN,
                               .missing = &two };
    struct desk_done done;

    (void)data;
    g_assert_cmpint(event(f, id, LIFE_RUN_OUT), ==, REQUEST_EXPIRED);
    g_assert_cmpint(apply(f, &again, &done), ==, 1);
    g_assert_cmpint(done.state, ==, REQUEST_AWAITING_INFORMATION);
    check_trail(f, "request.open request 1001 awaiting information; missing: "
                   "owa-url credentials\n"
                   "request.run-out request 1001 expired\n"
                   "request.quote-again request 1001 awaiting information; "
                   "missing: owa-url credentials\n");
}

/* What was not said about stays as it is. */
static void test_note(struct desk_fixture *f, gconstpointer data)
{
    static const char *const more[] = { "password-by-mail", NULL };
    int64_t id = open_one(f, &two);
    struct desk_wish w = { .request_id = id,
                           .event = DESK_NO_EVENT,
                           .letters = more,
                           .action = "request.note",
                           .detail = "called by telephone" };
    uint8_t hash[TOKEN_HASH_BYTES];
    g_autoptr(request) r = NULL;

    (void)data;
    g_assert_cmpint(apply(f, &w, NULL), ==, 1);
    r = desk_fixture_request(f, id);
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(r->missing, ==, "owa-url\ncredentials");
    g_assert_true(desk_fixture_token(f, 1, REQUEST_TO_SUPPLY, hash));
    check_trail(f, "request.open request 1001 awaiting information; missing: "
                   "owa-url credentials\n"
                   "request.note request 1001 called by telephone\n");
}

/* ---- who is told --------------------------------------------------------- */

static void disable(struct desk_fixture *f, int64_t contact)
{
    const struct contact_change change = { .disabled = 1 };
    struct err err;

    CHECK_OK(roster_contact_change(f->store.roster, &roster_alice, contact, 0,
                                   &change, &err),
             &err);
}

static void test_contacts(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &two);
    struct desk_wish refuse = { .request_id = id,
                                .event = LIFE_REFUSE,
                                .reason = "The provider is closed.",
                                .remedy = "Export the mailboxes." };
    g_autofree char *trail = NULL;

    (void)data;
    disable(f, f->anna);
    g_assert_cmpint(event(f, id, LIFE_LACKS), ==, REQUEST_AWAITING_INFORMATION);
    disable(f, f->berta);
    g_assert_cmpint(apply(f, &refuse, NULL), ==, 1);
    /* never the Technical Contact, nor another account's */
    check_outbox(f, "anna@contoso.example: [MF-1001] What is missing for your "
                    "managed migration\n"
                    "berta@contoso.example: [MF-1001] What is missing for your "
                    "managed migration\n");
    trail = desk_fixture_trail(f);
    g_assert_nonnull(strstr(trail, "request.refuse request 1001 refused; "
                                   "nobody on file to write to\n"));
}

/* Who wrote is answered, and who opened it hears the rest. */
static void test_writer(struct desk_fixture *f, gconstpointer data)
{
    static const char *const received[] = { "received", NULL };
    static const struct {
        const char *writer, *to;
    } rows[] = {
        { "Berta@contoso.example", "berta@contoso.example" },
        { NULL, "anna@contoso.example" },
        /* neither may ask, or is another's */
        { "tom@contoso.example", "anna@contoso.example" },
        { "carl@globex.example", "anna@contoso.example" },
    };
    int64_t id = open_one(f, &nothing);
    g_autoptr(GString) want = g_string_new(NULL);

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct desk_wish w = { .request_id = id,
                               .event = DESK_NO_EVENT,
                               .letters = received,
                               .writer = rows[i].writer };

        g_assert_cmpint(apply(f, &w, NULL), ==, 1);
        g_string_append_printf(want,
                               "%s: [MF-1001] We have your managed migration "
                               "request\n",
                               rows[i].to);
    }
    check_outbox(f, want->str);
}

/* The operator is told where the act says so, and by what is the matter. */
static void test_operator(struct desk_fixture *f, gconstpointer data)
{
    int64_t id = open_one(f, &nothing);
    struct desk_wish stall = { .request_id = id,
                               .event = LIFE_STALL,
                               .reason = "The password was refused.",
                               .remedy = "Send another." };
    g_autofree char *theirs = NULL, *ours = NULL;

    (void)data;
    quoted(f, id);
    (void)event(f, id, LIFE_APPROVE);
    (void)event(f, id, LIFE_SCHEDULE);
    (void)event(f, id, LIFE_START);
    g_assert_cmpint(apply(f, &stall, NULL), ==, 1);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 6);
    theirs = desk_fixture_letter(f, 4);
    ours = desk_fixture_letter(f, 5);
    g_assert_nonnull(strstr(theirs, "The password was refused."));
    g_assert_nonnull(strstr(theirs, "What you can do: Send another."));
    g_assert_nonnull(strstr(ours, "mailferry request show 1001"));
}

/* However much is wrong with a file, the letter can be sealed. */
static void test_many_faults(struct desk_fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    const struct request_change change = of_anna(f);
    struct desk_wish w = { .event = DESK_NO_EVENT,
                           .change = &change,
                           .missing = &two,
                           .faults = faults };
    GString *wide = g_string_new(NULL);
    g_autofree char *text = NULL;

    (void)data;
    for (int i = 0; i < 500; i++)
        g_string_append(wide, "\xe6\x97\xa5");
    for (int i = 0; i < 5000; i++)
        g_ptr_array_add(faults, g_strdup(wide->str));
    g_string_free(wide, TRUE);
    g_assert_cmpint(apply(f, &w, NULL), ==, 1);
    text = desk_fixture_letter(f, 0);
    g_assert_nonnull(strstr(text, "... and 4957 more"));
    g_assert_nonnull(strstr(text, faults->pdata[0])); /* all of it */
}

/* ---- the configuration --------------------------------------------------- */

static void test_configuration(struct desk_fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *const environment[4];
    } rows[] = {
        { "no address", { "MAILFERRY_HTTP_PUBLIC_URL=https://a.example" } },
        { "no price list",
          { "MAILFERRY_HTTP_PUBLIC_URL=https://a.example",
            "MAILFERRY_DESK_ADDRESS=a@b.example",
            "MAILFERRY_DESK_PRICE_LIST=/nowhere/prices" } },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct config_sources sources = { .environment =
                                                    rows[i].environment };
        g_autoptr(GPtrArray) faults = config_faults_new();
        g_autoptr(config) c = NULL;
        struct desk *d = NULL;
        struct err err;

        CHECK_OK(config_load(&sources, &c, faults, &err), &err);
        CHECK_ROW(rows[i].name, desk_open(c, &f->desk->stores, &d, &err) == -1);
        g_assert_null(d);
    }
}

static void test_links(struct desk_fixture *f, gconstpointer data)
{
    g_autofree char *approve = desk_link(f->desk, REQUEST_TO_APPROVE, "t");
    g_autofree char *supply = desk_link(f->desk, REQUEST_TO_SUPPLY, "t");

    (void)data;
    g_assert_cmpstr(approve, ==, URL "approve/t");
    g_assert_cmpstr(supply, ==, URL "supply/t");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct desk_fixture *f, gconstpointer data);
    } tests[] = {
        { "/desk/desk/lacks", test_lacks },
        { "/desk/desk/at_work", test_at_work },
        { "/desk/desk/whole", test_whole },
        { "/desk/desk/quote", test_quote },
        { "/desk/desk/forecast", test_forecast },
        { "/desk/desk/daily", test_daily },
        { "/desk/desk/link_once", test_link_once },
        { "/desk/desk/changed", test_changed },
        { "/desk/desk/wrong_state", test_wrong_state },
        { "/desk/desk/version", test_version },
        { "/desk/desk/again", test_again },
        { "/desk/desk/note", test_note },
        { "/desk/desk/contacts", test_contacts },
        { "/desk/desk/writer", test_writer },
        { "/desk/desk/operator", test_operator },
        { "/desk/desk/many_faults", test_many_faults },
        { "/desk/desk/configuration", test_configuration },
        { "/desk/desk/links", test_links },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct desk_fixture, NULL,
                   desk_fixture_set_up, tests[i].run, desk_fixture_tear_down);
    return g_test_run();
}
