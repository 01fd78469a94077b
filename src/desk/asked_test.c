#include "desk/asked.h"

#include <string.h>

#include "base/check.h"
#include "desk/asked_priv.h"

static void test_labels(void)
{
    static const struct {
        const char *label;
        enum asked_field want;
    } rows[] = {
        { "Partner ID", ASKED_PARTNER },
        { "Your Partner-ID", ASKED_PARTNER },
        { "PartnerID", ASKED_PARTNER },
        { "Domain name of the customer to be migrated", ASKED_DOMAIN },
        { "Customer's domain", ASKED_DOMAIN },
        { "OWA URL of the customer's current Exchange provider",
          ASKED_OWA_URL },
        { "Outlook Web App", ASKED_OWA_URL },
        { "Administrative credentials of the customer's current Exchange "
          "account (if the individual mailbox passwords are not included in "
          "the import file)",
          ASKED_CREDENTIALS },
        { "Admin", ASKED_USER },
        { "Domain administrator", ASKED_USER },
        { "User name", ASKED_USER },
        { "Domain admin password", ASKED_PASSWORD },
        { "Cutover date", ASKED_CUTOVER },
        { "Preferred start", ASKED_START },
        { "Go-live", ASKED_CUTOVER },
        { "Number of users", ASKED_N_FIELDS },
        { "Regards", ASKED_N_FIELDS },
        { "", ASKED_N_FIELDS },
        { "we would be very happy if you could take this domain over in the "
          "coming days",
          ASKED_N_FIELDS },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].label, asked_label(rows[i].label) == rows[i].want);
}

typedef char *value_of(const char *text);

static void check_value(value_of *value, const char *text, const char *want)
{
    g_autofree char *got = value(text);

    g_test_message("%s", text);
    g_assert_cmpstr(got, ==, want);
}

static void test_values(void)
{
    static const struct {
        value_of *value;
        const char *text, *want;
    } rows[] = {
        { asked_partner_value, "P-1001", "P-1001" },
        { asked_partner_value, " #12345 (Acme)", "12345" },
        { asked_partner_value, "*4711*.", "4711" },
        { asked_partner_value, "see below", NULL },
        { asked_partner_value, "<script>1", NULL },
        { asked_domain_value, "contoso.example.", "contoso.example" },
        { asked_domain_value, "@Contoso.Example", "contoso.example" },
        { asked_domain_value, "https://www.contoso.example/about",
          "contoso.example" },
        { asked_domain_value, "contoso.example <http://contoso.example>",
          "contoso.example" },
        { asked_domain_value, "localhost", NULL },
        { asked_domain_value, "will be told", NULL },
        { asked_url_value, "mail.contoso.example/owa",
          "https://mail.contoso.example/owa" },
        { asked_url_value, "http://192.0.2.1/owa", "http://192.0.2.1/owa" },
        { asked_url_value, "here <https://a.example/owa>",
          "https://a.example/owa" },
        { asked_url_value, "https://u:p@a.example/owa", NULL },
        { asked_url_value, "ftp://a.example/owa", NULL },
        { asked_url_value, "unknown", NULL },
        { asked_user_value, "CONTOSO\\admin", "CONTOSO\\admin" },
        { asked_user_value, "admin@a.example <mailto:admin@a.example>",
          "admin@a.example" },
        { asked_user_value, "n/a", NULL },
        { asked_user_value, "please ask me", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        check_value(rows[i].value, rows[i].text, rows[i].want);
}

static void test_dates(void)
{
    static const struct {
        const char *text;
        enum asked_date want;
        const char *date;
    } rows[] = {
        { "2026-12-01", ASKED_DATE, "2026-12-01" },
        { "1 December 2026", ASKED_DATE, "2026-12-01" },
        { "Tuesday, December 1st, 2026 at 9", ASKED_DATE, "2026-12-01" },
        { "1.12.2026", ASKED_DATE, "2026-12-01" },
        { "24/12/2026", ASKED_DATE, "2026-12-24" },
        { "12/24/2026", ASKED_DATE, "2026-12-24" },
        { "05/05/2026", ASKED_DATE, "2026-05-05" },
        { "03/04/2026", ASKED_DATE_UNCLEAR, NULL },
        { "2026-02-30", ASKED_NO_DATE, NULL },
        { "30.2.2026", ASKED_NO_DATE, NULL },
        { "as soon as possible", ASKED_NO_DATE, NULL },
        { "99999999999999999999 1 1", ASKED_NO_DATE, NULL },
        { "", ASKED_NO_DATE, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *date = NULL;

        CHECK_ROW(rows[i].text,
                  asked_date_value(rows[i].text, &date) == rows[i].want);
        g_assert_cmpstr(date, ==, rows[i].date);
    }
}

static const char *peek(const struct asked *a)
{
    return a->password != NULL ? secret_peek(a->password) : NULL;
}

static void test_texts(void)
{
    static const struct {
        const char *name, *text;
        const char *partner, *domain, *owa_url, *user, *password;
        unsigned int unclear;
    } rows[] = {
        { "nothing", "Hello,\n10:30 is fine. See https://a.example/x",
          .unclear = 0 },
        { "labels above their values",
          "Partner ID:\n\n  P-1\nDomain:\nOWA URL:\nhttps://a.example/owa\n",
          .partner = "P-1", .owa_url = "https://a.example/owa" },
        { "numbered",
          "1. Partner ID: P-1\n2) Domain - a.example\n* **OWA:** "
          "mail.a.example/owa\n\xe2\x80\xa2 User = admin\n",
          .partner = "P-1", .domain = "a.example",
          .owa_url = "https://mail.a.example/owa", .user = "admin" },
        { "a sentence",
          "our Partner ID is P-1 and our customer's domain is a.example, the "
          "webmail is at https://webmail.a.example.",
          .partner = "P-1", .domain = "a.example",
          .owa_url = "https://webmail.a.example" },
        { "twice the same", "Domain: a.example\nDomain: A.Example\n",
          .domain = "a.example" },
        { "twice", "Domain: a.example\nDomain: b.example\n",
          .domain = "a.example", .unclear = 1 << ASKED_DOMAIN },
        { "a date of two meanings", "Start date: 3/4/2026\n",
          .unclear = 1 << ASKED_START },
        { "both on one line", "Credentials: admin@a.example Secret: 1\n",
          .unclear = 0 },
        { "credentials", "Admin credentials: a\\admin / p:=1/2\n",
          .user = "a\\admin", .password = "p:=1/2" },
        { "credentials in words", "Credentials: by phone, please\n",
          .unclear = 0 },
        { "placeholder", "Password: <password>\n", .unclear = 0 },
        { "two passwords", "Password: one\nPassword: two\n", .password = "one",
          .unclear = 1 << ASKED_PASSWORD },
        { "a password with blanks", "Password:  cor rect \n",
          .password = "cor rect" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(asked) a;

        asked_of_text(rows[i].text, &a);
        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(a.partner, ==, rows[i].partner);
        g_assert_cmpstr(a.domain, ==, rows[i].domain);
        g_assert_cmpstr(a.owa_url, ==, rows[i].owa_url);
        g_assert_cmpstr(a.user, ==, rows[i].user);
        g_assert_cmpstr(peek(&a), ==, rows[i].password);
        g_assert_cmphex(a.unclear, ==, rows[i].unclear);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/asked/labels", test_labels);
    g_test_add_func("/asked/values", test_values);
    g_test_add_func("/asked/dates", test_dates);
    g_test_add_func("/asked/texts", test_texts);
    return g_test_run();
}
