#include "desk/complete.h"

#include <string.h>

#include "base/check.h"
#include "desk/asked.h"

#define HEADER                                                                 \
    "Source Email,Source UserName,Source Password,Destination Email,"          \
    "Destination UserName,Destination Password,Flags\n"
#define ADMIN_ROW "user1@domain.com,,,user1@domain.com,,,0\n"
#define OWN_ROW   "user1@domain.com,user1@domain.com,pw,user1@domain.com,,,0\n"
#define HIS_ROW   "user2@domain.com,user2@domain.com,pw,user2@domain.com,,,0\n"
#define PLACEHOLDER_ROW                                                        \
    "user1@domain.com,user1@domain.com,<password>,user1@domain.com,,,0\n"

#define M(piece) (1u << COMPLETE_##piece)
#define ALL_SAID                                                               \
    .partner = "P-1", .domain = "domain.com", .owa_url = "https://x"

/* The article's list, piece by piece; its two forms of the file. */
static const struct {
    const char *name, *csv;
    struct complete_known known;
    unsigned int want;
} rows[] = {
    { "nothing",
      NULL,
      { 0 },
      M(PARTNER) | M(DOMAIN) | M(OWA_URL) | M(FILE) | M(CREDENTIALS) },
    { "all, administrative account",
      HEADER ADMIN_ROW,
      { ALL_SAID, .has_credentials = true },
      0 },
    { "all, own passwords", HEADER OWN_ROW HIS_ROW, { ALL_SAID }, 0 },
    { "one row has no password",
      HEADER HIS_ROW ADMIN_ROW,
      { ALL_SAID },
      M(CREDENTIALS) },
    { "no credentials", HEADER ADMIN_ROW, { ALL_SAID }, M(CREDENTIALS) },
    { "no Partner ID",
      HEADER OWN_ROW,
      { .domain = "domain.com", .owa_url = "https://x" },
      M(PARTNER) },
    { "no domain",
      HEADER OWN_ROW,
      { .partner = "P-1", .owa_url = "https://x" },
      M(DOMAIN) },
    { "no OWA URL",
      HEADER OWN_ROW,
      { .partner = "P-1", .domain = "domain.com" },
      M(OWA_URL) },
    { "OWA URL that is no Exchange",
      HEADER OWN_ROW,
      { ALL_SAID, .owa_check = COMPLETE_BAD },
      M(OWA_UNREACHABLE) },
    { "no file", NULL, { ALL_SAID, .has_credentials = true }, M(FILE) },
    { "a zip",
      NULL,
      { ALL_SAID, .has_credentials = true,
        .wrong_files = 1 << MAIL_FILE_ARCHIVE },
      M(FILE_SORT) },
    { "a picture is no wrong file",
      NULL,
      { ALL_SAID, .has_credentials = true,
        .wrong_files = 1 << MAIL_FILE_OTHER },
      M(FILE) },
    { "a zip beside the file",
      HEADER OWN_ROW,
      { ALL_SAID, .wrong_files = 1 << MAIL_FILE_ARCHIVE },
      0 },
    { "placeholder left in",
      HEADER PLACEHOLDER_ROW,
      { ALL_SAID },
      M(FILE_FAULTS) | M(CREDENTIALS) },
    { "a fault beside a good row",
      HEADER HIS_ROW "x\n",
      { ALL_SAID },
      M(FILE_FAULTS) },
    { "a header alone",
      HEADER,
      { ALL_SAID, .has_credentials = true },
      M(FILE_FAULTS) },
    { "credentials refused",
      HEADER ADMIN_ROW,
      { ALL_SAID, .has_credentials = true, .credentials_check = COMPLETE_BAD },
      M(CREDENTIALS_REFUSED) },
    { "refused, and not needed",
      HEADER OWN_ROW,
      { ALL_SAID, .has_credentials = true, .credentials_check = COMPLETE_BAD },
      0 },
    { "two domains",
      HEADER OWN_ROW,
      { ALL_SAID, .unclear = 1 << ASKED_DOMAIN },
      M(DOMAIN) },
    { "two passwords",
      HEADER ADMIN_ROW,
      { ALL_SAID, .has_credentials = true, .unclear = 1 << ASKED_PASSWORD },
      M(CREDENTIALS) },
    { "a date of two meanings",
      HEADER OWN_ROW,
      { ALL_SAID, .unclear = 1 << ASKED_CUTOVER },
      M(DATE) },
};

static void test_pieces(void)
{
    static const struct import_context context = { .domain = "domain.com" };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct complete_known known = rows[i].known;
        g_autoptr(import_t) file =
            rows[i].csv != NULL
                ? import_read(rows[i].csv, strlen(rows[i].csv), &context)
                : NULL;
        struct complete_list got;
        g_autofree char *words = NULL, *want = NULL;

        known.file = file;
        got = complete(&known);
        words = complete_words(&got);
        want = complete_words(&(struct complete_list){ rows[i].want });
        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(words, ==, want);
        g_assert_cmphex(complete_parse(words).missing, ==, rows[i].want);
    }
}

static void test_words(void)
{
    g_assert_cmphex(complete_parse("").missing, ==, 0);
    g_assert_cmphex(complete_parse("domain\nsomething\nowa-url").missing, ==,
                    M(DOMAIN) | M(OWA_URL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/complete/pieces", test_pieces);
    g_test_add_func("/complete/words", test_words);
    return g_test_run();
}
