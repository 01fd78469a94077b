/*
 * Mails go in; what is asserted is what a partner and an operator would see:
 * state, letters, trail, tray.
 */
#include "desk/intake.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "desk/desk_testing.h"

#define NOW DESK_TESTING_NOW

#define PRE      "[MF-1001] "
#define ASKS     PRE "What is missing for your managed migration\n"
#define THANKS   PRE "We have your managed migration request\n"
#define PASSWORD PRE "Please send no passwords by mail\n"
#define ANNA     "anna@contoso.example: "
#define CARL     "carl@globex.example: "

#define HEADER                                                                 \
    "Source Email,Source UserName,Source Password,"                            \
    "Destination Email,Destination UserName,Destination Password,"             \
    "Flags\n"
#define ROWS                                                                   \
    "user1@contoso.example,,,user1@contoso.example,,,0\n"                      \
    "user2@contoso.example,,,user2@contoso.example,,,0\n"
#define OWN_ROWS                                                               \
    "user1@contoso.example,user1@contoso.example,c0rrect-horse,"               \
    "user1@contoso.example,user1@contoso.example,b4ttery-staple,0\n"
#define BAD_ROWS                                                               \
    "user1@contoso.example,,,user1@contoso.example,,,0\n"                      \
    "user2@contoso,,,user2@contoso.example,,,0\n"

#define WHO   "Partner ID: P-1001\n"
#define WHAT  WHO "Domain: contoso.example\n"
#define OWA   "OWA URL: https://mail.contoso.example/owa\n"
#define CREDS "Username: admin@contoso.example\nPassword: Tr0ub4dor&3\n"

/* All literals; NULL: without. */
struct letter_in {
    const char *from, *id, *subject, *fields, *text, *csv;
};

static char *write_mail(const struct letter_in *l)
{
    g_autofree char *file =
        l->csv != NULL
            ? g_strdup_printf("--b\nContent-Type: text/csv; name=m.csv\n"
                              "Content-Disposition: attachment; "
                              "filename=m.csv\n\n%s\n",
                              l->csv)
            : g_strdup("");

    return g_strdup_printf(
        "From: %s\nTo: support@provider.example\nMessage-ID: <%s>\n"
        "Subject: %s\n%sMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\n%s\n%s--b--\n",
        l->from != NULL ? l->from : "anna@contoso.example", l->id,
        l->subject != NULL ? l->subject : "Managed Migration Request",
        l->fields != NULL ? l->fields : "", l->text != NULL ? l->text : "",
        file);
}

static struct intake intake_for(struct desk_fixture *f)
{
    return intake_of(f->desk, f->config);
}

static struct intake_done take_bytes(struct desk_fixture *f, const char *bytes,
                                     size_t n)
{
    const struct intake in = intake_for(f);
    struct intake_done done;
    struct err err;

    CHECK_OK(intake_take(&in, bytes, n, NOW, &done, &err), &err);
    return done;
}

static struct intake_done take(struct desk_fixture *f,
                               const struct letter_in *l)
{
    g_autofree char *text = write_mail(l);

    return take_bytes(f, text, strlen(text));
}

static struct intake_done take_file(struct desk_fixture *f, const char *name)
{
    g_autofree char *file = g_strconcat(name, ".eml", NULL);
    g_autofree char *path = g_build_filename(g_getenv("G_TEST_SRCDIR"), "tests",
                                             "desk", "mails", file, NULL);
    g_autofree char *text = NULL;
    gsize n;

    g_assert_true(g_file_get_contents(path, &text, &n, NULL));
    return take_bytes(f, text, n);
}

static void check_outbox(struct desk_fixture *f, const char *name,
                         const char *want)
{
    g_autofree char *got = desk_fixture_outbox(f);

    g_test_message("%s", name);
    g_assert_cmpstr(got, ==, want);
}

static void check_trail(struct desk_fixture *f, const char *want)
{
    g_autofree char *got = desk_fixture_trail(f);

    g_assert_cmpstr(got, ==, want);
}

static guint n_mails(struct desk_fixture *f, int place)
{
    const struct request_mail_filter filter = { .place = place };
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    CHECK_OK(
        requests_mails(f->desk->requests, &filter, &roster_all, &all, &err),
        &err);
    return all->len;
}

static guint n_requests(struct desk_fixture *f)
{
    const struct request_filter filter = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    CHECK_OK(requests_list(f->desk->requests, &filter, &roster_all, &all, &err),
             &err);
    return all->len;
}

/* Everything the database keeps of a mail, as it is kept. */
static char *kept(struct desk_fixture *f, int64_t mail_id)
{
    struct request_mail *m = NULL;
    struct err err;
    gsize n;
    const char *raw;
    char *text;

    g_assert_cmpint(requests_mail_get(f->desk->requests, mail_id, &m, &err), ==,
                    1);
    raw = g_bytes_get_data(m->raw, &n);
    text = g_strndup(raw, n);
    request_mail_free(m);
    return text;
}

/* ---- one mail, and what comes of it -------------------------------------- */

struct row {
    const char *name;
    const char *file; /* of tests/desk/mails; NULL: the letter */
    struct letter_in mail;
    int state; /* enum request_state, or -1: no request */
    enum request_mail_place place;
    const char *missing, *outbox, *trail;
};

static const struct row rows[] = {
    /* clang-format off */
    /* article: what a request has to carry, and who may ask */
    { "all of it, passwords in the mail", "plain", { 0 },
      REQUEST_RECEIVED, REQUEST_MAIL_PLACED, NULL,
      ANNA THANKS ANNA PASSWORD,
      "request.open request 1001 received; from Anna@contoso.example: domain, "
      "OWA URL, start date, user, a password, import file (2 mailboxes, "
      "0 faults)\n" },
    { "mailboxes' own passwords", NULL,
      { .id = "1", .text = WHAT OWA, .csv = HEADER OWN_ROWS },
      REQUEST_RECEIVED, REQUEST_MAIL_PLACED, NULL,
      ANNA THANKS ANNA PASSWORD,
      "request.open request 1001 received; from anna@contoso.example: domain, "
      "OWA URL, import file (1 mailboxes, 0 faults)\n" },
    { "no OWA URL, no credentials", NULL,
      { .id = "1", .text = WHAT, .csv = HEADER ROWS },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "owa-url\ncredentials", ANNA ASKS,
      "request.open request 1001 awaiting information; missing: owa-url "
      "credentials; from anna@contoso.example: domain, import file (2 "
      "mailboxes, 0 faults)\n" },
    { "nothing but the subject", NULL,
      { .id = "1", .text = "Please help." },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "domain\nowa-url\nimport-file\ncredentials", ANNA ASKS,
      "request.open request 1001 awaiting information; missing: domain owa-url "
      "import-file credentials; from anna@contoso.example\n" },
    { "a file with faults", NULL,
      { .id = "1", .text = WHAT OWA CREDS, .csv = HEADER BAD_ROWS },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "import-file-faults", ANNA ASKS ANNA PASSWORD,
      "request.open request 1001 awaiting information; missing: "
      "import-file-faults; from anna@contoso.example: domain, OWA URL, user, a "
      "password, import file (1 mailboxes, 1 faults)\n" },
    { "the template's placeholders", NULL,
      { .id = "1", .text = WHAT OWA,
        .csv = HEADER "user1@contoso.example,user1@contoso.example,<password>,"
               "user1@contoso.example,user1@contoso.example,<passwrod>,0\n" },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "import-file-faults\ncredentials", ANNA ASKS,
      "request.open request 1001 awaiting information; missing: "
      "import-file-faults credentials; from anna@contoso.example: domain, OWA "
      "URL, import file (0 mailboxes, 2 faults)\n" },
    { "Technical Contact", NULL,
      { .from = "tom@contoso.example", .id = "1", .text = WHAT OWA },
      -1, REQUEST_MAIL_DONE, NULL,
      "tom@contoso.example: A managed migration needs your Primary or Primary "
      "Billing Contact\n",
      "mail.technical mail 1 tom@contoso.example\n" },
    { "Primary Billing Contact", NULL,
      { .from = "berta@contoso.example", .id = "1", .text = WHAT OWA },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "import-file\ncredentials", "berta@contoso.example: " ASKS,
      "request.open request 1001 awaiting information; missing: import-file "
      "credentials; from berta@contoso.example: domain, OWA URL\n" },
    { "unknown sender", NULL,
      { .from = "eve@nowhere.example", .id = "1", .text = WHAT OWA },
      -1, REQUEST_MAIL_DONE, NULL,
      "eve@nowhere.example: Your mail about a managed migration\n",
      "mail.unknown mail 1 eve@nowhere.example\n" },
    { "unknown sender with a password", NULL,
      { .from = "eve@nowhere.example", .id = "1", .text = WHAT CREDS },
      -1, REQUEST_MAIL_DONE, NULL,
      "eve@nowhere.example: Your mail about a managed migration\n"
      "eve@nowhere.example: Please send no passwords by mail\n",
      "mail.unknown mail 1 eve@nowhere.example\n" },
    { "wrong Partner ID", NULL,
      { .id = "1", .text = "Partner ID: P-2002\nDomain: contoso.example\n" },
      -1, REQUEST_MAIL_DONE, NULL,
      ANNA "Partner ID and domain, once more\n",
      "mail.wrong-pair mail 1 anna@contoso.example\n" },
    { "a domain of somebody else", NULL,
      { .id = "1", .text = WHO "Domain: globex.example\n" },
      -1, REQUEST_MAIL_DONE, NULL,
      ANNA "Partner ID and domain, once more\n",
      "mail.wrong-pair mail 1 anna@contoso.example\n" },
    { "one of two accounts", NULL,
      { .from = "multi@partner.example", .id = "1", .text = OWA },
      -1, REQUEST_MAIL_DONE, NULL,
      "multi@partner.example: For which account?\n",
      "mail.which-account mail 1 multi@partner.example\n" },
    { "which of two, by the domain", NULL,
      { .from = "multi@partner.example", .id = "1",
        .text = "Domain: initech.example\n" },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED,
      "owa-url\nimport-file\ncredentials", "multi@partner.example: " ASKS,
      "request.open request 1001 awaiting information; missing: owa-url "
      "import-file credentials; from multi@partner.example: domain\n" },
    { "spoofed", "spoofed", { 0 }, -1, REQUEST_MAIL_TRAY, NULL,
      ANNA "A mail in your name about a managed migration\n",
      "mail.forged mail 1 anna@contoso.example\n" },
    { "spoofed, of nobody on file", NULL,
      { .from = "eve@nowhere.example", .id = "1", .text = WHAT,
        .fields = "Authentication-Results: mx.provider.example; dmarc=fail "
                  "header.from=nowhere.example\n" },
      -1, REQUEST_MAIL_TRAY, NULL, "",
      "mail.forged mail 1 eve@nowhere.example\n" },
    /* what no person wrote */
    { "bounce", "bounce", { 0 }, -1, REQUEST_MAIL_DONE, NULL, "",
      "mail.bounce mail 1 MAILER-DAEMON@mx.contoso.example\n" },
    { "out of office", "out_of_office", { 0 }, -1, REQUEST_MAIL_DONE, NULL, "",
      "mail.automatic mail 1 anna@contoso.example\n" },
    { "calendar reply", "calendar", { 0 }, -1, REQUEST_MAIL_DONE, NULL, "",
      "mail.automatic mail 1 anna@contoso.example\n" },
    { "newsletter", "newsletter", { 0 }, -1, REQUEST_MAIL_DONE, NULL, "",
      "mail.list mail 1 news@vendor.example\n" },
    { "our own", NULL,
      { .from = "support@provider.example", .id = "1", .text = WHAT },
      -1, REQUEST_MAIL_DONE, NULL, "",
      "mail.loop mail 1 support@provider.example\n" },
    /* what cannot be placed, or read */
    { "about something else", NULL,
      { .id = "1", .subject = "Opening hours?", .text = "When are you there?" },
      -1, REQUEST_MAIL_TRAY, NULL, "",
      "mail.no-request mail 1 anna@contoso.example\n" },
    { "two senders", "two_senders", { 0 }, -1, REQUEST_MAIL_TRAY, NULL, "",
      "mail.no-sender mail 1 -\n" },
    { "encrypted", "encrypted", { 0 }, -1, REQUEST_MAIL_TRAY, NULL,
      ANNA "We could not read your mail\n",
      "mail.encrypted mail 1 anna@contoso.example\n" },
    { "two dates", NULL,
      { .id = "1", .text = WHAT OWA CREDS "Start date: 2026-12-01\nStart date: "
                           "2026-12-02\n",
        .csv = HEADER ROWS },
      REQUEST_AWAITING_INFORMATION, REQUEST_MAIL_PLACED, "date",
      ANNA ASKS ANNA PASSWORD,
      "request.open request 1001 awaiting information; missing: date; from "
      "anna@contoso.example: domain, OWA URL, user, a password, import file (2 "
      "mailboxes, 0 faults)\n" },
    /* clang-format on */
};

static void test_row(struct desk_fixture *f, gconstpointer data)
{
    const struct row *r = data;
    struct intake_done done =
        r->file != NULL ? take_file(f, r->file) : take(f, &r->mail);

    g_assert_false(done.before);
    check_outbox(f, r->name, r->outbox);
    check_trail(f, r->trail);
    g_assert_cmpstr(request_mail_place_name(done.place), ==,
                    request_mail_place_name(r->place));
    g_assert_cmpuint(n_mails(f, -1), ==, 1);
    g_assert_cmpuint(n_mails(f, (int)r->place), ==, 1);
    if (r->state < 0) {
        g_assert_cmpint(done.request_id, ==, 0);
        g_assert_cmpuint(n_requests(f), ==, 0);
    } else {
        g_autoptr(request) q = desk_fixture_request(f, done.request_id);

        g_assert_cmpint(q->state, ==, r->state);
        g_assert_cmpstr(q->missing, ==, r->missing);
    }
}

/* ---- again --------------------------------------------------------------- */

static void test_twice(struct desk_fixture *f, gconstpointer data)
{
    const struct letter_in l = { .id = "1", .text = WHAT };
    struct intake_done done;

    (void)data;
    (void)take(f, &l);
    done = take(f, &l);
    g_assert_true(done.before);
    g_assert_cmpuint(n_mails(f, -1), ==, 1);
    g_assert_cmpuint(n_requests(f), ==, 1);
    check_outbox(f, "twice", ANNA ASKS);
}

/*
 * Where an address is tried, a mail that gives one is not answered before;
 * without one, or with nothing to be tried anew, it is answered at once.
 */
static void test_tried_first(struct desk_fixture *f, gconstpointer data)
{
    static const struct letter_in mails[] = {
        { .id = "1", .text = WHAT OWA },
        { .id = "2", .text = "OWA URL: https://owa.contoso.example/owa\n" },
        { .id = "3", .text = "Cutover: 03/04/2027\n" },
        { .id = "4",
          .text = "OWA URL: https://a.contoso.example/owa\n"
                  "OWA URL: https://b.contoso.example/owa\n",
          .csv = HEADER ROWS },
    };
    static const char *const want[] = { "", "", ANNA ASKS,
                                        ANNA ASKS ANNA ASKS };
    struct letter_in l;

    (void)data;
    f->desk->minded = true;
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autoptr(request) r = NULL;

        l = mails[i];
        l.subject = i > 0 ? "Re: [MF-1001] it" : NULL;
        (void)take(f, &l);
        r = desk_fixture_request(f, 1001);
        g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
        g_assert_true((r->told_us < r->pieces_us) == (*want[i] == '\0'));
        check_outbox(f, l.id, want[i]);
    }
}

/* The second mail brings the rest, by number, by thread or by domain. */
static void test_rest(struct desk_fixture *f, gconstpointer data)
{
    static const struct letter_in rests[] = {
        { .id = "2", .subject = "Re: [MF-1001] missing", .text = OWA CREDS },
        { .id = "2",
          .subject = "our move",
          .text = OWA CREDS,
          .fields = "In-Reply-To: <1>\n" },
        { .id = "2", .text = WHAT OWA CREDS },
    };
    g_autoptr(request) r = NULL;
    g_autoptr(secret) password = NULL;
    struct err err;

    (void)take(
        f, &(struct letter_in){ .id = "1", .text = WHAT, .csv = HEADER ROWS });
    (void)take(f, &rests[GPOINTER_TO_UINT(data)]);
    r = desk_fixture_request(f, 1001);
    g_assert_cmpuint(n_requests(f), ==, 1);
    g_assert_cmpint(r->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_null(r->missing);
    g_assert_cmpstr(r->owa_url, ==, "https://mail.contoso.example/owa");
    g_assert_cmpstr(r->admin, ==, "admin@contoso.example");
    g_assert_cmpint(requests_password(f->desk->requests, 1001, &password, &err),
                    ==, 1);
    g_assert_cmpstr(secret_peek(password), ==, "Tr0ub4dor&3");
    check_outbox(f, "rest", ANNA ASKS ANNA THANKS ANNA PASSWORD);
}

static void test_corrected(struct desk_fixture *f, gconstpointer data)
{
    const struct letter_in first = { .id = "1",
                                     .text = WHAT OWA CREDS,
                                     .csv = HEADER BAD_ROWS };
    const struct letter_in second = { .id = "2",
                                      .subject = "Re: [MF-1001] x",
                                      .csv = HEADER ROWS };
    g_autofree char *asked = NULL;
    g_autoptr(request) before = NULL, after = NULL;

    (void)data;
    (void)take(f, &first);
    asked = desk_fixture_letter(f, 0);
    g_assert_nonnull(strstr(asked, "line 3, column 1 (Source Email): "));
    before = desk_fixture_request(f, 1001);
    (void)take(f, &second);
    after = desk_fixture_request(f, 1001);
    g_assert_cmpint(after->file_id, >, before->file_id);
    g_assert_null(after->missing);
}

/* Two requests for one domain are one; for two domains, two. */
static void test_two(struct desk_fixture *f, gconstpointer data)
{
    (void)data;
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT });
    (void)take(f, &(struct letter_in){ .from = "berta@contoso.example",
                                       .id = "2",
                                       .text = WHAT OWA });
    g_assert_cmpuint(n_requests(f), ==, 1);
    (void)take(f, &(struct letter_in){
                      .id = "3", .text = WHO "Domain: fabrikam.example\n" });
    g_assert_cmpuint(n_requests(f), ==, 2);
}

/* Words that hold nothing to enter are for a person. */
static void test_words(struct desk_fixture *f, gconstpointer data)
{
    struct intake_done done;

    (void)data;
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT });
    done = take(f, &(struct letter_in){ .id = "2",
                                        .subject = "Re: [MF-1001] x",
                                        .text = "Thank you, tomorrow." });
    g_assert_cmpint(done.place, ==, REQUEST_MAIL_TRAY);
    g_assert_cmpint(done.request_id, ==, 1001);
    check_outbox(f, "words", ANNA ASKS);
}

/* ---- whose it is --------------------------------------------------------- */

static void test_not_theirs(struct desk_fixture *f, gconstpointer data)
{
    struct intake_done done;

    (void)data;
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT });
    done = take(f, &(struct letter_in){ .from = "carl@globex.example",
                                        .id = "2",
                                        .subject = "Re: [MF-1001] x",
                                        .text = "OWA URL: https://evil\n" });
    g_assert_cmpint(done.verdict, ==, AUTHORISE_NOT_THEIRS);
    g_assert_cmpint(done.place, ==, REQUEST_MAIL_TRAY);
    g_assert_cmpint(done.request_id, ==, 0);
    check_outbox(f, "not theirs", ANNA ASKS CARL "About your mail\n");
}

/*
 * Another contact who supplies what is missing is answered, not who opened it.
 */
static void test_second_contact(struct desk_fixture *f, gconstpointer data)
{
    g_autofree char *out = NULL;

    (void)data;
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT OWA });
    (void)take(f, &(struct letter_in){ .from = "berta@contoso.example",
                                       .id = "2",
                                       .subject = "Re: [MF-1001] x",
                                       .csv = HEADER OWN_ROWS });
    out = desk_fixture_outbox(f);
    g_assert_nonnull(strstr(out, "berta@contoso.example: [MF-1001] We have "
                                 "your managed migration request\n"));
    g_assert_null(strstr(out, ANNA "We have"));
}

/* A bounce of one of our letters is the operator's, and is never answered. */
static void test_bounced(struct desk_fixture *f, gconstpointer data)
{
    struct intake_done done;

    (void)data;
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT });
    done = take(f, &(struct letter_in){
                       .from = "MAILER-DAEMON@mx.contoso.example",
                       .id = "2",
                       .subject = "Undelivered: [MF-1001] What is missing",
                       .fields = "Return-Path: <>\n" });
    g_assert_cmpint(done.place, ==, REQUEST_MAIL_TRAY);
    g_assert_cmpint(done.request_id, ==, 1001);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 1);
}

/* ---- later states -------------------------------------------------------- */

static void event(struct desk_fixture *f, enum life_event event)
{
    const struct desk_wish w = { .request_id = 1001,
                                 .event = event,
                                 .now_us = NOW };
    struct err err;

    CHECK_OK(desk_event(f->desk, &roster_alice, &w, NULL, &err), &err);
}

static void open_whole(struct desk_fixture *f)
{
    (void)take(f, &(struct letter_in){
                      .id = "1", .text = WHAT OWA CREDS, .csv = HEADER ROWS });
}

static void answer(struct desk_fixture *f, const char *text, const char *csv)
{
    (void)take(f, &(struct letter_in){ .id = "2",
                                       .subject = "Re: [MF-1001] x",
                                       .text = text,
                                       .csv = csv });
}

static void test_over(struct desk_fixture *f, gconstpointer data)
{
    g_autoptr(request) r = NULL;
    g_autofree char *outbox = NULL, *text = NULL;

    (void)data;
    open_whole(f);
    event(f, LIFE_CANCEL);
    answer(f, "OWA URL: https://other.contoso.example/owa\n", NULL);
    r = desk_fixture_request(f, 1001);
    g_assert_cmpint(r->state, ==, REQUEST_CANCELLED);
    g_assert_cmpstr(r->owa_url, ==, "https://mail.contoso.example/owa");
    g_assert_cmpuint(n_mails(f, REQUEST_MAIL_TRAY), ==, 1);
    outbox = desk_fixture_outbox(f);
    g_assert_true(
        g_str_has_suffix(outbox, ANNA PRE "About your managed migration\n"));
    text = desk_fixture_letter(f, desk_fixture_n_out(f) - 1);
    g_assert_nonnull(strstr(text, "request 1001 is over: it is cancelled."));
    /* and for the same domain another may begin */
    (void)take(f, &(struct letter_in){ .id = "3", .text = WHAT OWA });
    g_assert_cmpuint(n_requests(f), ==, 2);
}

/* Another file is another price; words alone are not. */
static void test_quoted(struct desk_fixture *f, gconstpointer data)
{
    g_autoptr(request) r = NULL, lacks = NULL;

    (void)data;
    open_whole(f);
    event(f, LIFE_COMPLETE);
    answer(f, "I approve!", NULL);
    r = desk_fixture_request(f, 1001);
    g_assert_cmpint(r->state, ==, REQUEST_QUOTED);
    g_assert_cmpuint(n_mails(f, REQUEST_MAIL_TRAY), ==, 1);
    (void)take(f, &(struct letter_in){ .id = "3",
                                       .subject = "[MF-1001]",
                                       .csv = HEADER BAD_ROWS });
    lacks = desk_fixture_request(f, 1001);
    g_assert_cmpint(lacks->state, ==, REQUEST_AWAITING_INFORMATION);
    g_assert_cmpstr(lacks->missing, ==, "import-file-faults");
}

static void test_expired(struct desk_fixture *f, gconstpointer data)
{
    g_autoptr(request) r = NULL;

    (void)data;
    open_whole(f);
    event(f, LIFE_COMPLETE);
    event(f, LIFE_RUN_OUT);
    answer(f, "Please go on.", NULL);
    r = desk_fixture_request(f, 1001);
    g_assert_cmpint(r->state, ==, REQUEST_RECEIVED);
    g_assert_null(r->missing);
}

/* What was tried in vain stays wanted until there is another. */
static void test_tried(struct desk_fixture *f, gconstpointer data)
{
    const struct complete_list tried = { 1u << COMPLETE_OWA_UNREACHABLE |
                                         1u << COMPLETE_CREDENTIALS_REFUSED };
    const struct desk_wish w = { .request_id = 1001,
                                 .event = LIFE_LACKS,
                                 .missing = &tried,
                                 .now_us = NOW };
    g_autoptr(request) still = NULL, then = NULL;
    struct err err;

    (void)data;
    open_whole(f);
    CHECK_OK(desk_event(f->desk, &roster_alice, &w, NULL, &err), &err);
    answer(f, "Password: an0ther-one\n", NULL);
    still = desk_fixture_request(f, 1001);
    g_assert_cmpstr(still->missing, ==, "owa-url-unreachable");
    (void)take(f, &(struct letter_in){
                      .id = "3",
                      .subject = "[MF-1001]",
                      .text = "OWA URL: https://owa.contoso.example/owa\n" });
    then = desk_fixture_request(f, 1001);
    g_assert_null(then->missing);
}

/* ---- floods -------------------------------------------------------------- */

/* Of one sender five are answered in an hour (desk_testing.c); all are kept. */
static void test_flood(struct desk_fixture *f, gconstpointer data)
{
    const bool stranger = GPOINTER_TO_INT(data) != 0;

    for (int i = 0; i < 8; i++) {
        g_autofree char *id = g_strdup_printf("%d", i);

        (void)take(f, &(struct letter_in){ .from = stranger
                                                       ? "eve@nowhere.example"
                                                       : "tom@contoso.example",
                                           .id = id,
                                           .text = WHAT });
    }
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 5);
    g_assert_cmpuint(n_mails(f, REQUEST_MAIL_TRAY), ==, 3);
    g_assert_cmpuint(n_mails(f, -1), ==, 8);
}

/*
 * Strangers' addresses cost nothing: together they are held to ten times that.
 */
static void test_strangers(struct desk_fixture *f, gconstpointer data)
{
    (void)data;
    for (int i = 0; i < 55; i++) {
        g_autofree char *from = g_strdup_printf("eve%d@nowhere.example", i);

        (void)take(
            f, &(struct letter_in){ .from = from, .id = from, .text = WHAT });
    }
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 50);
    /* who is on file is answered all the same */
    (void)take(f, &(struct letter_in){ .id = "1", .text = WHAT });
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 51);
}

/* ---- secrets ------------------------------------------------------------- */

static void test_redacted(struct desk_fixture *f, gconstpointer data)
{
    static const char *const secrets[] = { "Tr0ub4dor&3", "c0rrect-horse",
                                           "b4ttery-staple" };
    struct intake_done done = take(
        f, &(struct letter_in){
               .id = "1", .text = WHAT OWA CREDS, .csv = HEADER OWN_ROWS });
    g_autofree char *raw = kept(f, done.mail_id);
    g_autofree char *trail = desk_fixture_trail(f);
    g_autoptr(GPtrArray) files = NULL;
    char *bytes = NULL;
    size_t n = 0;
    struct err err;

    (void)data;
    g_assert_nonnull(strstr(raw, "Partner ID: P-1001"));
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
        CHECK_ROW(secrets[i], strstr(raw, secrets[i]) == NULL);
        CHECK_ROW(secrets[i], strstr(trail, secrets[i]) == NULL);
        for (guint k = 0; k < desk_fixture_n_out(f); k++) {
            g_autofree char *text = desk_fixture_letter(f, k);

            CHECK_ROW(secrets[i], strstr(text, secrets[i]) == NULL);
        }
    }
    /* the file is there whole, sealed */
    CHECK_OK(requests_files(f->desk->requests, 1001, &roster_all, &files, &err),
             &err);
    g_assert_cmpuint(files->len, ==, 1);
    g_assert_cmpint(
        requests_file_read(f->desk->requests,
                           ((struct request_file *)files->pdata[0])->id, &bytes,
                           &n, &err),
        ==, 1);
    g_assert_true(g_str_has_prefix(bytes, HEADER OWN_ROWS));
    g_free(bytes);
}

/* Of a mail over the limit the header is kept, and its sender is told. */
static void test_too_large(struct desk_fixture *f, gconstpointer data)
{
    const size_t n = (size_t)33 * 1024 * 1024;
    g_autofree char *head =
        write_mail(&(struct letter_in){ .id = "1", .text = WHAT });
    g_autoptr(GString) text = g_string_new(head);
    size_t len = text->len;
    struct intake_done done;
    g_autofree char *raw = NULL;

    (void)data;
    g_string_set_size(text, n);
    memset(text->str + len, 'x', n - len);
    done = take_bytes(f, text->str, n);
    g_assert_cmpint(done.place, ==, REQUEST_MAIL_TRAY);
    raw = kept(f, done.mail_id);
    g_assert_cmpuint(strlen(raw), <, 10000);
    check_outbox(f, "too large", ANNA "We could not read your mail\n");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct desk_fixture *f, gconstpointer data);
        unsigned int data;
    } tests[] = {
        { "/desk/intake/twice", test_twice, 0 },
        { "/desk/intake/tried_first", test_tried_first, 0 },
        { "/desk/intake/rest/number", test_rest, 0 },
        { "/desk/intake/rest/thread", test_rest, 1 },
        { "/desk/intake/rest/domain", test_rest, 2 },
        { "/desk/intake/corrected", test_corrected, 0 },
        { "/desk/intake/two", test_two, 0 },
        { "/desk/intake/words", test_words, 0 },
        { "/desk/intake/not_theirs", test_not_theirs, 0 },
        { "/desk/intake/second_contact", test_second_contact, 0 },
        { "/desk/intake/bounced", test_bounced, 0 },
        { "/desk/intake/over", test_over, 0 },
        { "/desk/intake/quoted", test_quoted, 0 },
        { "/desk/intake/expired", test_expired, 0 },
        { "/desk/intake/tried", test_tried, 0 },
        { "/desk/intake/flood/technical", test_flood, 0 },
        { "/desk/intake/flood/stranger", test_flood, 1 },
        { "/desk/intake/strangers", test_strangers, 0 },
        { "/desk/intake/redacted", test_redacted, 0 },
        { "/desk/intake/too_large", test_too_large, 0 },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_strconcat("/desk/intake/mail/", rows[i].name, NULL);

        g_test_add(path, struct desk_fixture, &rows[i], desk_fixture_set_up,
                   test_row, desk_fixture_tear_down);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct desk_fixture,
                   GUINT_TO_POINTER(tests[i].data), desk_fixture_set_up,
                   tests[i].run, desk_fixture_tear_down);
    return g_test_run();
}
