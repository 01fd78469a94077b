#include "fleet/address.h"

#include <string.h>

#include "base/check.h"

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10

static void test_good(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "plain", "user1@domain.com", "user1@domain.com" },
        { "case", "User.One@Domain.COM", "User.One@domain.com" },
        { "every special character", "a!#$%&'*+-/=?^_`{|}~z@b.c",
          "a!#$%&'*+-/=?^_`{|}~z@b.c" },
        { "subdomain", "a@b.c.d.example", "a@b.c.d.example" },
        { "digits and hyphens", "1@2-3.4x", "1@2-3.4x" },
        { "ASCII form", "a@xn--mnchen-3ya.example",
          "a@xn--mnchen-3ya.example" },
        { "umlaut in the domain", "a@m\xc3\xbcnchen.example",
          "a@xn--mnchen-3ya.example" },
        { "capital umlaut", "a@M\xc3\x9cNCHEN.example",
          "a@xn--mnchen-3ya.example" },
        { "other script", "a@\xe4\xbe\x8b\xe3\x81\x88.example",
          "a@xn--r8jz45g.example" },
        { "longest local part", X60 "xxxx@b.c", X60 "xxxx@b.c" },
        { "longest label", "a@" X60 "xxx.c", "a@" X60 "xxx.c" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *why = NULL;
        g_autofree char *got = address_parse(rows[i].text, &why);
        g_autofree char *again = NULL;

        if (g_strcmp0(got, rows[i].want) != 0)
            g_error("row \"%s\": %s (%s)", rows[i].name, got, why);
        again = address_parse(got, &why);
        CHECK_ROW(rows[i].name, g_strcmp0(again, got) == 0);
    }
}

static void test_bad(void)
{
    static const struct {
        const char *name, *text, *why;
    } rows[] = {
        { "nothing", "", "there is no \"@\"" },
        { "no at", "user1.domain.com", "there is no \"@\"" },
        { "two ats", "a@b@c.d", "there is more than one \"@\"" },
        { "nothing before", "@b.c", "there is nothing before the \"@\"" },
        { "nothing after", "a@", "the domain is missing" },
        { "blank", "a b@c.d", "there is a blank in it" },
        { "display name", "Ann <a@b.c>", "there is a blank in it" },
        { "brackets", "<a@b.c>",
          "a character that is not allowed stands before the \"@\"" },
        { "quoted local part", "\"a\"@b.c",
          "a character that is not allowed stands before the \"@\"" },
        { "comma", "a,b@c.d",
          "a character that is not allowed stands before the \"@\"" },
        { "umlaut before", "j\xc3\xbcrgen@b.c",
          "only plain letters can stand before the \"@\"" },
        { "leading dot", ".a@b.c",
          "a dot stands at the beginning, at the end or beside a dot" },
        { "trailing dot", "a.@b.c",
          "a dot stands at the beginning, at the end or beside a dot" },
        { "two dots", "a..b@c.d",
          "a dot stands at the beginning, at the end or beside a dot" },
        { "local part too long", X60 "xxxxx@b.c",
          "the part before the \"@\" is over 64 characters" },
        { "no dot", "a@localhost", "the domain has no dot" },
        { "dot at the end", "a@b.c.", "the domain has an empty part" },
        { "dot in front", "a@.b.c", "the domain has an empty part" },
        { "two dots after", "a@b..c", "the domain has an empty part" },
        { "hyphen in front", "a@-b.c",
          "a part of the domain begins or ends with a hyphen" },
        { "hyphen at the end", "a@b-.c",
          "a part of the domain begins or ends with a hyphen" },
        { "underscore", "a@b_c.d",
          "the domain has a character that is not allowed" },
        { "blank after", "a@b c.d",
          "the domain has a character that is not allowed" },
        { "semicolon list", "a@b.c;x",
          "the domain has a character that is not allowed" },
        { "IP address", "a@192.0.2.1", "the domain ends in a number" },
        { "address literal", "a@[192.0.2.1]",
          "the domain has a character that is not allowed" },
        { "label too long", "a@" X60 "xxxx.c",
          "a part of the domain is over 63 characters" },
        { "domain too long", "a@" X60 "." X60 "." X60 "." X60 ".x" X10 ".c",
          "the domain is over 253 characters" },
        { "both together too long", X10 "@" X60 "." X60 "." X60 "." X60 ".c",
          "it is over 254 characters" },
        { "full-width slash",
          "a@b\xef\xbc\x8f"
          "c.d",
          "the domain has a character that is not allowed" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *why = "";
        g_autofree char *got = address_parse(rows[i].text, &why);

        CHECK_ROW(rows[i].name, got == NULL);
        if (strcmp(why, rows[i].why) != 0)
            g_error("row \"%s\": %s", rows[i].name, why);
    }
}

static void test_domain(void)
{
    const char *why = NULL;
    g_autofree char *good = address_domain_parse("DOMAIN.com", &why);
    g_autofree char *key = address_key("A.b@domain.com");

    g_assert_cmpstr(good, ==, "domain.com");
    g_assert_cmpstr(address_domain("a@domain.com"), ==, "domain.com");
    g_assert_cmpstr(key, ==, "a.b@domain.com");
    g_assert_null(address_domain_parse("a@b.c", &why));
    g_assert_nonnull(why);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/good", test_good);
    g_test_add_func("/address/bad", test_bad);
    g_test_add_func("/address/domain", test_domain);
    return g_test_run();
}
