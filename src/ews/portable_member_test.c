#include <string.h>

#include "base/check.h"
#include "ews/portable_member.h"

/* Laid out by hand after [MS-OXCDATA] 2.2.5.1. */
static const guint8 ann[] = { 0,    0,    0,    0,    0x81, 0x2B, 0x1F, 0xA4,
                              0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD,
                              0x01, 0x0F, 0x54, 0x02, 0,    0,    0x01, 0x90,
                              'A',  0,    'n',  0,    'n',  0,    0,    0,
                              'S',  0,    'M',  0,    'T',  0,    'P',  0,
                              0,    0,    'a',  0,    '@',  0,    'x',  0,
                              0,    0 };

static void test_read(void)
{
    g_autofree char *text = g_base64_encode(ann, sizeof(ann));
    struct portable_person one;

    g_assert_true(member_read(text, &one));
    g_assert_cmpint(one.role, ==, PORTABLE_MEMBER);
    g_assert_cmpstr(one.name, ==, "Ann");
    g_assert_cmpstr(one.routing, ==, "SMTP");
    g_assert_cmpstr(one.address, ==, "a@x");
    member_clear(&one);
}

static void test_write(void)
{
    const struct portable_person one = { PORTABLE_MEMBER, "Ann", "a@x" };
    g_autofree char *want = g_base64_encode(ann, sizeof(ann));
    g_autofree char *got = member_write(&one);

    g_assert_cmpstr(got, ==, want);
}

static void test_names(void)
{
    static const char *const names[] = { "Grüße", "李明", "🙂", "", NULL };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct portable_person one = { PORTABLE_MEMBER, names[i], "a@x" };
        g_autofree char *text = member_write(&one);
        struct portable_person back;

        g_assert_true(member_read(text, &back));
        g_assert_cmpstr(back.name, ==, names[i] != NULL ? names[i] : "a@x");
        member_clear(&back);
    }
}

/* Cut or bent anywhere: refused, or at least whole texts. */
static void test_broken(void)
{
    for (gsize n = 0; n < sizeof(ann); n++) {
        g_autofree char *text = g_base64_encode(ann, n);
        struct portable_person one;

        g_assert_false(member_read(text, &one));
    }
    for (gsize i = 0; i < 20; i++) {
        g_autofree guint8 *bent = g_memdup2(ann, sizeof(ann));
        g_autofree char *text = NULL;
        struct portable_person one;

        bent[i] ^= 0xff;
        text = g_base64_encode(bent, sizeof(ann));
        g_assert_false(member_read(text, &one));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/member/read", test_read);
    g_test_add_func("/member/write", test_write);
    g_test_add_func("/member/names", test_names);
    g_test_add_func("/member/broken", test_broken);
    return g_test_run();
}
